/* groups.h - emission by region: whose it is, how much, and cuts of it.
 *
 * A region is an index of the case's polygons, 0 .. n-1; n is "elsewhere", what lies in no polygon. Region r of cell c has the share
 * f_rc of the cell's area that the polygons give it (regions.h), elsewhere the rest; the shares of a cell sum to 1. The emission that
 * an inventory gives to a cell is split by these shares; a point source belongs wholly to the region that holds it (the first, on a
 * border). For any cell and weights w of the regions (1 or 0 for those of a tag, a factor for those that are cut) what counts is
 *
 *     w_1 + sum over r of f_rc (w_r - w_1),    1: the first region of the cell
 *
 * so that weights that are alike act exactly, and what a tag gets depends on its own regions alone: neither another tag nor how
 * the others are split changes a bit of it, or of the total.
 *
 * Without polygons (bs_emission_resolve not called) there is one region, 0: everywhere. */
#ifndef BS_MODEL_EMIS_GROUPS_H
#define BS_MODEL_EMIS_GROUPS_H

#include "model/config/geojson.h"
#include "model/emis/emission.h"

/* Finds each cell's shares and each point's region. Done by bs_emission_create when a tag asks for regions; called once more it does
 * nothing, else it takes away the factors there were; rates are to be created after it. `regions` is not kept.
 * Errors: BS_ERR_INPUT when polygons overlap by more than rounding, naming both and the cell; no polygon can be measured. */
bs_status bs_emission_resolve(bs_emission *e, const bs_region_set *regions, bs_err *err);

/* Polygons known to the emission, without elsewhere: 0 before bs_emission_resolve. */
int bs_emission_regions(const bs_emission *e);

/* The sectors and species that carried inventories hold, each once, in the order in which they were read. */
int bs_emission_sector_count(const bs_emission *e);
const char *bs_emission_sector_at(const bs_emission *e, int n);
int bs_emission_species_count(const bs_emission *e);
const char *bs_emission_species_at(const bs_emission *e, int n);

/* Whether a carried inventory holds a sector and species; NULL: any. */
bool bs_emission_holds(const bs_emission *e, const char *sector, const char *species);

/* Annual-mean emission, kg s-1 on the mesh. region -1: all; sector, species NULL: all. No factors, no profiles. */
double bs_emission_annual(const bs_emission *e, int region, const char *sector, const char *species);

/* Whether a group of sources takes a sector (or what it is a part of, sectors.h) of a region (n_regions: elsewhere). Not for the rest. */
bool bs_emission_group_takes(const bs_source_group *group, const char *sector, int region);

/* A cut: rates of (member, region, sector, species) are multiplied in [from, to). */
typedef struct bs_emission_factor {
    int member; /* 0: the base */
    int region; /* 0 .. n-1; n: elsewhere */
    const char *sector, *species;
    bs_time from, to; /* whole hours */
    double factor;    /* >= 0 */
} bs_emission_factor;

/* Takes the place of all factors there were; copied. Errors: BS_ERR_INPUT with the index of the factor: a member, region, sector or
 * species that is not there; times that are no whole hours or not in order; a factor that is negative or not finite; two that
 * overlap in time for the same member, region, sector and species. On error there are none. */
bs_status bs_emission_set_factors(bs_emission *e, int n, const bs_emission_factor *factor, bs_err *err);

/* Mass emitted on the mesh from `from` to `to` (whole hours), profiles and factors included, hour by hour as a run emits it. region
 * -1: all; sector, species NULL: all. Errors: BS_ERR_INPUT for what is not there. */
bs_status bs_emission_total(const bs_emission *e, int member, int region, const char *sector, const char *species,
                            bs_time from, bs_time to, double *kg, bs_err *err);

/* The emission then fits `tracers`: several members (model/state/members.h) of the base that it was made for. They must outlive it; rates
 * are to be created after it, and factors set. */
void bs_emission_carry(bs_emission *e, const bs_tracers *tracers);

/* Takes tags out of `tracers` that would be fields of zeros: an optional group (tracers.h) that no emission of its species falls to,
 * whatever the factors. A tag that is not optional and gets nothing of any species is an error: BS_ERR_INPUT with `where`. The
 * emission then fits the tracers that are left; rates are to be created after it. Tells `log` what went. The group of the rest learns its
 * regions: those from which anything falls to it. */
bs_status bs_emission_drop_idle(bs_emission *e, bs_tracers *tracers, bs_log *log, bs_err *err);

#endif
