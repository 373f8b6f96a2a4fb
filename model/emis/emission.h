/* emission.h - from inventories to rates on the grid.
 *
 *   reader:   file --> sheets: one species and sector, kg s-1 per cell of the mesh (annual mean), or points with a height
 *   profiles: month, weekday, hour (local time) and height, by sector
 *   stacks:   points that tell their stack's diameter and the gas's temperature and velocity x weather --> layers, by plume rise
 *   regions:  shares of cells and the places of points --> whose emission it is, and cuts of it (groups.h)
 *   rates:    sheets x profiles of an hour x regions --> bs_emission_rates by tracer
 *
 * Readers are rows of a table in emission.c (gridded, points, totals). Overlap weights are double and checked: the total on the mesh
 * equals the inventory's over the same area to 1e-10, or the read fails. */
#ifndef BS_MODEL_EMIS_EMISSION_H
#define BS_MODEL_EMIS_EMISSION_H

#include <stdio.h>

#include "grids/mesh/mesh.h"
#include "kernels/base/status.h"
#include "model/config/config.h"
#include "model/config/geojson.h"
#include "model/core/log.h"
#include "model/state/forcing.h"
#include "model/state/tracers.h"
#include "model/units/units.h"

typedef struct bs_emission bs_emission;

/* Reads all inventories of the case. `regions`: the case's polygons, needed where a tag or a rule is of regions (groups.h); may be NULL
 * else, and then nothing is told by region. Errors: BS_ERR_INPUT with file, variable or line, and index. `config`, `mesh`, `regions` and
 * `tracers` must outlive *out. */
bs_status bs_emission_create(const bs_config *config, const bs_mesh *mesh, const bs_region_set *regions,
                             const bs_tracers *tracers, bs_units *units, bs_log *log, bs_emission **out, bs_err *err);

/* The same of one of several ranks, which keeps of each field what its tile of the mesh sees: the whole of them, month by month, never
 * exists. All ranks make the same calls in the same order; create, bs_emission_resolve and bs_emission_drop_idle are collective, and sums
 * over cells are those of all. To be cut to the same tile (bs_emission_cut) before rates are made. tile NULL: as bs_emission_create. */
typedef struct bs_emission_of {
    const bs_config *config;
    const bs_mesh *mesh; /* the whole */
    const bs_tile *tile;
    const bs_region_set *regions;
    const bs_tracers *tracers;
    bs_units *units;
    bs_log *log;
} bs_emission_of;
bs_status bs_emission_create_tile(const bs_emission_of *of, bs_emission **out, bs_err *err);

void bs_emission_destroy(bs_emission *emission);

/* Keeps what one tile of the mesh needs, and gives the rest back: from then on rates have the shape of `mesh`, the tile's (bs_mesh_window,
 * must outlive the emission), and its own cells emit, those of the overlap do not. To be called once, after all that looks at every
 * cell: bs_emission_resolve, bs_emission_drop_idle; before bs_emission_rates_create. bs_emission_carry and bs_emission_set_factors may
 * come before or after. The audit, bs_emission_annual and bs_emission_total tell of the whole mesh as before. Does nothing where the tile
 * is the whole mesh. Error: BS_ERR_MEMORY, after which the emission can only be destroyed. */
bs_status bs_emission_cut(bs_emission *emission, const bs_mesh *mesh, const bs_tile *tile, bs_err *err);

/* Keeps names, sums by region and the audit, which is all that bs_emission_annual, bs_emission_total and groups.h's lists tell, and gives all
 * cells and points back: nothing can be filled or resolved after it. */
void bs_emission_keep_sums(bs_emission *emission);

/* Bytes held at most while the inventories were read and cut (sheets in double, by month where the inventory is, of the whole mesh or of
 * the tile), and bytes that stay. */
void bs_emission_bytes(const bs_emission *emission, double *peak, double *stays);

/* One line of the audit: a sector and species of an inventory. Rates are annual means, kg s-1. */
typedef struct bs_emission_audit {
    char inventory[64], sector[64], species[32];
    double in_file_kg_s; /* all that the file holds */
    double
        in_domain_kg_s; /* the part of it over the mesh, by the independent measure (domain fractions), that rules leave */
    double on_grid_kg_s;  /* what the cells got */
    double left_out_kg_s; /* over the mesh, taken away by only, except or another's replaces */
    double year_kg_s;     /* after profiles: the mean of the hours of the local calendar year in which the run begins */
    double run_kg;        /* emitted in the run's time, without cuts */
    int carried;          /* whether some tracer takes it */
    double share;         /* of the sector in the file: 1, but where the case splits it (emissions.split) */
    const char *basis;    /* of a part's share, as the case says it; NULL: no part. Of the configuration */
    /* By region of the case, [bs_emission_audit_regions], elsewhere last; NULL: no polygons, or polygons that overlap. */
    const double *source_kg_s; /* source cells times the share of each that lies in the region and over the mesh */
    const double *grid_kg_s;   /* what the cells got of it: held to source_kg_s within 1e-10 */
    const double *
        cells_kg_s; /* what tags, plans and budgets call the region's: rates of cells times the region's share of the cell */
    const double *region_year_kg_s; /* cells_kg_s after profiles */
    const double *region_run_kg;
    int sheet;
} bs_emission_audit;
int bs_emission_audit_count(const bs_emission *e);
const bs_emission_audit *bs_emission_audit_at(const bs_emission *e, int n);
int bs_emission_audit_regions(const bs_emission *e); /* polygons and elsewhere; 0: not by region */
const char *bs_emission_audit_region(const bs_emission *e, int r);

/* Tables for people: by inventory and sector, then by region, then what is given twice or by none. */
void bs_emission_print_audit(const bs_emission *e, FILE *out);

/* The same as DIR/emissions_audit.csv: a line for each inventory, sector, species and region ("all": the mesh). Errors: BS_ERR_IO. */
bs_status bs_emission_write_audit(const bs_emission *e, const char *dir, bs_err *err);

/* The lines without regions as an array of objects; emission: a bs_emission (bs_summary of model/io). */
struct bs_json;
void bs_emission_put_audit(struct bs_json *json, const char *key, const void *emission);

/* Rates of the hour that contains t, a time of the forcing's interval, for the half levels of its first end. *rates is created with
 * bs_emission_rates_create, which makes room for nz layers, and refilled hour by hour. Each fill sets n_layers to what the highest
 * emission needs with these half levels (nz before the first), and `rate` has the shape that goes with it: read n_layers anew after
 * each fill; layers above it emit nothing. Emission above the top is BS_ERR_INPUT.
 * Where there are several ranks the call is collective: n_layers is that of all of them, and an error of one is an error of all.
 * A rate is the annual mean times the factors of local month, weekday and hour. A height profile is cut at the half
 * levels (uniform within a band); a point with a stack goes to the layers of its plume (kernels/column/plume_rise.h) in the weather
 * of the middle of the hour; one with a height alone to the layer that contains it; all else to the lowest. */
bs_status bs_emission_rates_create(const bs_emission *e, int nz, bs_emission_rates **out, bs_err *err);
void bs_emission_rates_destroy(bs_emission_rates *rates);
bs_status bs_emission_fill(const bs_emission *e, bs_time t, const bs_forcing *forcing, bs_emission_rates *rates,
                           bs_err *err);

#endif
