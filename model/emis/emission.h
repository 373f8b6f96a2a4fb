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

/* Reads all inventories of the case. `regions`: the case's polygons, needed where a tag is of regions (groups.h); may be NULL else.
 * Errors: BS_ERR_INPUT with file, variable or line, and index. `mesh` and `tracers` must outlive
 * *out. */
bs_status bs_emission_create(const bs_config *config, const bs_mesh *mesh, const bs_region_set *regions,
                             const bs_tracers *tracers, bs_units *units, bs_log *log, bs_emission **out, bs_err *err);
void bs_emission_destroy(bs_emission *emission);

/* One line of the audit: annual-mean rates. */
typedef struct bs_emission_audit {
    char inventory[64], sector[64], species[32];
    double in_file_kg_s;   /* all that the file holds */
    double in_domain_kg_s; /* the part of it over the mesh, by the independent measure (domain fractions) */
    double on_grid_kg_s;   /* what the cells got */
    int carried;           /* whether some tracer takes it */
} bs_emission_audit;
int bs_emission_audit_count(const bs_emission *e);
const bs_emission_audit *bs_emission_audit_at(const bs_emission *e, int n);
void bs_emission_print_audit(const bs_emission *e,
                             FILE *out); /* table: sector, species, inventory, on the grid, ratio */

/* Rates of the hour that contains t, a time of the forcing's interval, for the half levels of its first end. *rates is created with
 * bs_emission_rates_create, which makes room for nz layers, and refilled hour by hour. Each fill sets n_layers to what the highest
 * emission needs with these half levels (nz before the first), and `rate` has the shape that goes with it: read n_layers anew after
 * each fill; layers above it emit nothing. Emission above the top is BS_ERR_INPUT.
 * A rate is the annual mean times the factors of local month, weekday and hour. A height profile is cut at the half
 * levels (uniform within a band); a point with a stack goes to the layers of its plume (kernels/column/plume_rise.h) in the weather
 * of the middle of the hour; one with a height alone to the layer that contains it; all else to the lowest. */
bs_status bs_emission_rates_create(const bs_emission *e, int nz, bs_emission_rates **out, bs_err *err);
void bs_emission_rates_destroy(bs_emission_rates *rates);
bs_status bs_emission_fill(const bs_emission *e, bs_time t, const bs_forcing *forcing, bs_emission_rates *rates,
                           bs_err *err);

#endif
