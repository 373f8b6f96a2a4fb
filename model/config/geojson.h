/* geojson.h - region polygons with their names (RFC 7946 FeatureCollection of Polygon and MultiPolygon). Parsed with libfyaml
 * (JSON is YAML), so errors carry file:line:column. */
#ifndef BS_MODEL_CONFIG_GEOJSON_H
#define BS_MODEL_CONFIG_GEOJSON_H

#include <stdbool.h>

#include "grids/regions/regions.h"
#include "kernels/base/status.h"

typedef struct bs_region {
    char adcode[16];        /* administrative code, "510100"; "" when the feature has none */
    char name[64];          /* as in the file, UTF-8 */
    char name_en[64];       /* "" when absent */
    char province[16];      /* province_adcode */
    char province_name[64]; /* property province; "" when absent */
    char group[64];         /* named group of regions; "" when absent */
    double centre[2];       /* lon, lat; NaN when absent */
    bs_region_shape shape;
} bs_region;

typedef struct bs_region_set {
    int n;
    bs_region *region;
} bs_region_set;

/* Reads properties adcode (or id), name, name_en, province_adcode, province, group, centre. Errors: BS_ERR_INPUT (not a
 * FeatureCollection, a feature without name or polygon, ring not closed or with fewer than 4 points, coordinates outside +-360 and
 * +-90, NaN; duplicate adcode). */
bs_status bs_regions_read(const char *file, bs_region_set **out, bs_err *err);
void bs_regions_destroy(bs_region_set *set);

/* Index of a region by adcode, name or name_en; -1: none. */
int bs_regions_find(const bs_region_set *set, const char *key);

/* Sets chosen[r] for every region that `key` names; what is set already stays. chosen has n + 1 entries, the last for what lies in no
 * polygon. Keys, tried in this order:
 *   "all"                     every polygon (not what lies in none)
 *   "elsewhere"               what lies in no polygon
 *   an adcode, name, name_en  that region (name_en in any case of its letters)
 *   a family                  every region whose `group` it is, as 成都平原
 *   a province                by its adcode or name: every region in it
 *   an English alias          of a family or province, by region_alias.def: chengdu-plain, south-sichuan, ...
 * Errors: BS_ERR_INPUT that begins with `where` (as bs_config_where gives it) and tells the key, the nearest one and what there is. */
bs_status bs_regions_select(const bs_region_set *set, const char *key, const char *where, bool *chosen, bs_err *err);

/* The English alias of a family or province ("chengdu-plain" for 成都平原), or NULL. */
const char *bs_region_alias(const char *name);

/* The family or province behind an English alias, or NULL. */
const char *bs_region_unalias(const char *alias);

#endif
