/* wrf.h - output of the WRF model (ARW core): what is in its files, and native fields from it. Private to
 * model/met/wrf*.c and their tests; wrf_grid.h is for everybody.
 *
 * Source   Skamarock et al. 2019, A Description of the Advanced Research WRF Model Version 4, NCAR/TN-556+STR: eqs
 *          2.3-2.6 (vertical coordinate and layers' mass), 2.12-2.15 (equation of state), 3.15-3.18 (staggering on the
 *          C grid).
 *
 * Layers   The layers' borders lie at the dry hydrostatic pressures
 *              p_d = C3F mu_d + C4F + P_TOP,     mu_d = MU + MUB, dry air of the column, Pa
 *          (C3F = ZNW, C4F = 0 in files without the hybrid coordinate): a + b p_sd with b = C3F, a = (1 - C3F) P_TOP +
 *          C4F and the dry surface pressure p_sd = mu_d + P_TOP. A layer's dry air is (p_d below - p_d above) / g, so
 *          that layers that are merged add up, and all of them together are mu_d / g.
 * Pressure The model's layers have the same a and b, on the *full* surface pressure PSFC, water vapour included: p =
 *          a + b PSFC, the hydrostatic pressure if the vapour's weight were spread evenly over the column. It lies low,
 *          so layers' thickness R T_v / g ln(p below / p above) from these pressures alone is wrong by the layer's
 *          humidity against the column's, 2 % at most (BS_WRF_THICKNESS, tested). Of own air heights do better: derive
 *          adds up its weight with the vapour's (derive_air.c), within 0.3 % of (PH + PHB) / g over Tibet. Mass does
 *          not come from this pressure. Temperature does not either: theta = T + 300 K at the file's own P + PB.
 * Two uses own:   the case's mesh and layers are the file's (grid.from: wrf), or a window of its cells and some of its
 *                 half levels. Dry air, winds on faces, all else in cells as they are; merged layers are means weighted
 *                 by dry air.
 *          other: any mesh and layers within the file's. Winds are averaged to mass points and turned to east and
 *                 north; all is interpolated bilinearly in the file's own projection, then as on pressure levels in the
 *                 vertical (pressure_levels_column.h); dry air is the model's own, (p below - p above)(1 - qv) / g.
 * Ranks    Each reads what its part of the mesh needs. Where something is found that says how the rest is read (a check of one row,
 *          whether the rain's accumulation began anew) all look at the same: 2-D, or a row, of the whole mesh's window.
 * Time     Between two times of the files all native fields are linear, but for u_face and v_face: there the mass flux
 *          of the face (mean of the neighbours' dry air times the wind) is, so that with air that is linear, too,
 *          continuity between two times is as good as at them. Rain: see wrf_rain.h. */
#ifndef BS_MODEL_MET_WRF_H
#define BS_MODEL_MET_WRF_H

#include "model/io/nc.h"
#include "model/met/met.h"
#include "model/met/slots.h"
#include "model/met/wrf_grid.h"

/* Largest error of a layer's thickness against the file's PH + PHB, a share: a layer of 20 g/kg under a dry column. */
#define BS_WRF_THICKNESS 0.02

#define BS_WRF_THETA_0 300.0     /* K, added to T */
#define BS_WRF_KAPPA   (2.0 / 7) /* R_d / c_p as WRF has it */
#define BS_WRF_P_0     1e5       /* Pa */

/* Where values lie; dimensions in the file: [Time] (may be missing), then */
typedef enum bs_wrf_shape {
    BS_WRF_LAYERS, /* [bottom_top][south_north][west_east] */
    BS_WRF_HALVES, /* [bottom_top_stag][south_north][west_east] */
    BS_WRF_WEST,   /* [bottom_top][south_north][west_east_stag], on faces between i - 1 and i */
    BS_WRF_SOUTH,  /* [bottom_top][south_north_stag][west_east] */
    BS_WRF_GROUND  /* [south_north][west_east] */
} bs_wrf_shape;

typedef enum bs_wrf_id {
#define BS_WRF(id, name, shape, unit, min, max) id,
#include "model/met/wrf.def"
#undef BS_WRF
    BS_WRF_COUNT
} bs_wrf_id;

const char *bs_wrf_name(bs_wrf_id id);

/* Number of values of a variable in a window. */
size_t bs_wrf_size(bs_wrf_id id, bs_wrf_window w, int nz);

typedef struct bs_wrf_field {
    bool present, timed;
    double scale, offset; /* unit of wrf.def = scale * stored + offset */
} bs_wrf_field;

typedef struct bs_wrf_file {
    const char *name; /* belongs to the configuration */
    size_t n_times;
    bs_time *times;
    bs_time simulation_start; /* INT64_MIN: unknown */
    double bucket;            /* mm, BUCKET_MM; 0: none */
    bs_wrf_field field[BS_WRF_COUNT];
} bs_wrf_file;

/* The file that was read last, which stays open. */
typedef struct bs_wrf_handle {
    int piece;
    bs_nc *nc; /* NULL: none */
} bs_wrf_handle;

typedef struct bs_wrf_source {
    bs_wrf_handle *now;
    int n_files;
    bs_wrf_file *file;
    bs_wrf_grid grid; /* of the first file; all have it */
    bool has[BS_WRF_COUNT];
    char land_legend[64]; /* MMINLU; "": none */
    int n_slots;
    bs_slot *slot; /* by time; piece: the file */
    bool steady;
    bs_time held; /* steady: the time that is held */
} bs_wrf_source;

/* Catalogue of the case's meteorology.files. `own`: of the use that needs the dry air of columns. Zero-initialise *s
 * before; on failure clear it, too. Errors: BS_ERR_INPUT for no file, one that is no WRF output, variables missing (all
 * of them named), of other dimensions or units or in some files only, files of different grids or levels, a nest that
 * moves, dates that are none or of another calendar, times that bs_slots refuses or that do not cover [start, end]. */
bs_status bs_wrf_open(const bs_met_context *context, bool own, bs_time start, bs_time end, bs_wrf_source *s,
                      bs_err *err);
void bs_wrf_close(bs_wrf_source *s);

/* A variable's values at a slot in a window of cells, with both borders of staggered dimensions: [levels][ny (+1)][nx
 * (+1)], in the unit of wrf.def. Errors: BS_ERR_INPUT for values missing, not a number or out of range, with variable
 * and index in the file. */
bs_status bs_wrf_read(const bs_wrf_source *s, bs_wrf_id id, const bs_slot *slot, bs_wrf_window w, double *out,
                      bs_err *err);

/* Whether an open file has all variables that cannot be done without. Errors: BS_ERR_INPUT naming all that are
 * missing. */
bs_status bs_wrf_check_needed(const bs_nc *nc, bool own, bs_err *err);

/* The two steps of it: a variable of an open file, its dimensions checked against the grid's and its unit; and its
 * values at a time. */
bs_status bs_wrf_find(const bs_nc *nc, bs_wrf_id id, const bs_wrf_grid *grid, bs_units *units, bs_wrf_field *out,
                      bs_err *err);
bs_status bs_wrf_read_open(const bs_nc *nc, bs_wrf_id id, const bs_wrf_field *field, size_t time, bs_wrf_window w,
                           int nz, double *out, bs_err *err);

/* Times of a file, from its variable Times: *times is [*n], bs_free'd by the caller. Errors: BS_ERR_INPUT for texts
 * that are no dates of the Gregorian calendar, or that contradict XTIME by the leap days since the simulation's
 * start. */
bs_status bs_wrf_read_times(const bs_nc *nc, bs_time simulation_start, size_t *n, bs_time **times, bs_err *err);
bs_status bs_wrf_parse_time(const char *text, bs_time *out); /* "2005-09-21_03:00:00"; BS_ERR_INPUT: no such date */

/* Share of each class of land in the cells of the window, [BS_LAND_COUNT][ny][nx]: 1 of the one class of LU_INDEX.
 * Errors: a number that the legend does not have. */
bs_status bs_wrf_read_land(const bs_wrf_source *s, bs_wrf_window w, double *land, bs_err *err);

/* Whether the legend is one that land.h knows, and LU_INDEX is there. */
bool bs_wrf_has_land(const bs_wrf_source *s);

/* Reads T, P and PB: temperature, K, and full pressure, Pa, both [nz][ny][nx] of the window. */
bs_status bs_wrf_read_temperature(const bs_wrf_source *s, const bs_slot *slot, bs_wrf_window w, double *t, double *p,
                                  bs_err *err);

/* Reads MU and MUB: dry surface pressure MU + MUB + P_TOP, Pa [ny][nx] of the window. */
bs_status bs_wrf_read_dry_pressure(const bs_wrf_source *s, const bs_slot *slot, bs_wrf_window w, double *psd,
                                   bs_err *err);

/* Dry air of layer k of the file as pressure, Pa. */
static inline double bs_wrf_dry(const bs_wrf_grid *g, int k, double psd)
{
    return g->a[k] - g->a[k + 1] + (g->b[k] - g->b[k + 1]) * psd;
}

/* Reads PSFC, or without it adds up P_TOP and the weight of the air above: Pa, [ny][nx] of the window. */
bs_status bs_wrf_read_pressure(const bs_wrf_source *s, const bs_slot *slot, bs_wrf_window w, double *ps, bs_err *err);

/* Checks the file's fields against each other at a slot, in a window: the equation of state (PH, PHB, MU, T, P, QVAPOR;
 * a share of 1 %), and PSFC against the weight of the air above (1 %). What a file lacks is not checked. Errors:
 * BS_ERR_INPUT with the cell and both values: variables that do not belong together. */
bs_status bs_wrf_check_state(const bs_wrf_source *s, const bs_slot *slot, bs_wrf_window w, bs_err *err);

/* A use: reads whole times into native fields. */
typedef struct bs_wrf_use {
    bool own; /* native fields have room for dry air and winds on faces */
    bs_status (*create)(const bs_met_context *context, const bs_wrf_source *s, void **self, bs_err *err);
    bs_wrf_window (*window)(const void *self); /* cells of the file that it needs */
    bs_wrf_window (*whole)(const void *self);  /* those that all ranks need, which the other lies in; the same in all */
    /* Volumes, surface pressure, t2, u10 and v10 of `native` at a slot. */
    bs_status (*read)(void *self, const bs_slot *slot, bs_native *native, bs_err *err);
    /* From the window to the mesh: ny x nx of the mesh from those of the window. */
    void (*to_mesh)(const void *self, const double *from, double *to);
    void (*destroy)(void *self);
} bs_wrf_use;

extern const bs_wrf_use BS_WRF_OWN;   /* wrf_own.c */
extern const bs_wrf_use BS_WRF_OTHER; /* wrf_other.c */

#endif
