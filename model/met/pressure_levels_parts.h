/* pressure_levels_parts.h - the provider of pressure_levels and era5_model_levels from within: what pressure_levels.c sets up and
 * pressure_levels_fill.c reads from. Private to these two. */
#ifndef BS_MODEL_MET_PRESSURE_LEVELS_PARTS_H
#define BS_MODEL_MET_PRESSURE_LEVELS_PARTS_H

#include "model/met/pressure_levels.h"

enum { BS_PL_ASSUMED_MAX = 8, BS_PL_ASSUMED_TEXT = 160 };

#define BS_PL_LATENT_HEAT 2.5008e6 /* J kg-1, of vaporisation at 0 degrees Celsius; the constant of IFS */

/* Where the surface pressure comes from. */
typedef enum bs_pl_ps_source { BS_PL_PS_FIELD, BS_PL_PS_TERRAIN, BS_PL_PS_FIXED } bs_pl_ps_source;

/* Pressure on the levels of a field in the column at hand; on pressure levels the same in all. */
typedef struct bs_pl_column_levels {
    double *p, *ln_p; /* [n_levels] */
    bs_pl_id as;      /* the first field on the same levels: that one's are used */
} bs_pl_column_levels;

typedef struct bs_pl_provider {
    bs_met_context x;
    bs_pl_catalogue c;
    bs_time interval;
    size_t cells;
    bs_pl_held held[BS_F_COUNT];
    bs_pl_column_levels levels[BS_F_COUNT];
    double *dz; /* [ny][nx] m, model's terrain minus the source's ground; NULL: not both known */
    bs_pl_ps_source ps_source;
    double fixed_ps; /* Pa */
    double rh;       /* 1, assumed */
    int n_assumed;
    char assumed[BS_PL_ASSUMED_MAX][BS_PL_ASSUMED_TEXT];
} bs_pl_provider;

/* Whether a field of the source is needed. */
bool bs_pl_uses(const bs_pl_provider *p, bs_pl_id id);

/* From the fields at the native time: what lies at the surface; surface pressure and 2 m temperature; a column. In this order.
 * Errors of the second: BS_ERR_INPUT for a surface pressure that cannot be. */
void bs_pl_fill_surface(const bs_pl_provider *p, bs_native *n);
bs_status bs_pl_fill_ground(bs_pl_provider *p, bs_native *n, bs_err *err);
void bs_pl_fill_column(bs_pl_provider *p, bs_native *n, size_t cell);

#endif
