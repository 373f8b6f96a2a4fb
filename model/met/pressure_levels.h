/* pressure_levels.h - analyses and forecasts on pressure levels or on the hybrid levels of a global model, on a
 * longitude-latitude grid. Private to model/met/pressure_levels*.c and model_levels*.c.
 *
 *   mapping    which variable of the source is which field: the case's words, or a named layout (layouts.def)
 *   catalogue  which file holds which field at which times, with its axes and unit; all checks that need no field values
 *   read       one field at one of the source's times: checked values, interpolated bilinearly to the mesh's cell centres
 *   now        a field at any time, from the two slots around it or as the mean of what was accumulated
 *   column     the vertical: surface pressure, interpolation to the model's layers (pressure_levels_column.h)
 *
 * A field consists of pieces (a variable in a file); each piece offers slots (times). Fields may lie in different files,
 * on different grids and levels, and at different times. The two providers differ in their levels alone: pressure at a
 * level is a + b ps, with b = 0 on pressure levels. */
#ifndef BS_MODEL_MET_PRESSURE_LEVELS_H
#define BS_MODEL_MET_PRESSURE_LEVELS_H

#include "grids/regrid/regrid.h"
#include "model/met/met.h"
#include "model/met/pressure_levels_axes.h"
#include "model/met/slots.h"

typedef enum bs_pl_id {
#define BS_FIELD(id, name, unit, dims, min, max, standard_name, long_name) id,
#include "model/core/fields.def"
#undef BS_FIELD
    BS_F_COUNT
} bs_pl_id;

typedef struct bs_pl_row {
    const char *name, *unit;
    int dims;
    double min, max;
    const char *long_name;
} bs_pl_row;
extern const bs_pl_row BS_PL_ROWS[BS_F_COUNT];

/* Pa: where levels that follow the ground are compared with others, or named in a message. */
#define BS_PL_REFERENCE 101325.0

/* The lowest model level of a file must lie below this share of BS_PL_REFERENCE, some 900 m above the ground. */
#define BS_PL_LOWEST 0.9

/* What a value with a stamp says: the moment, the mean over the period that ends there, or the sum over it. */
typedef enum bs_pl_kind { BS_PL_INSTANT, BS_PL_MEAN, BS_PL_SUM } bs_pl_kind;

/* How the source gives a field: a row of layouts.def or an entry of meteorology.variables. */
typedef struct bs_pl_given {
    const char *names; /* separated by '|', as in layouts.def; belongs to the configuration or to the table */
    const char *units; /* of the case: must agree with the file's; NULL: as the file says */
    const char *usual; /* of the layout: where the file states no unit; NULL: none */
    bs_pl_kind kind;
    bs_time period; /* s; of BS_PL_MEAN, BS_PL_SUM */
    double sign;    /* canonical = sign * stored */
} bs_pl_given;

/* A horizontal grid and the weights from the part of it that the mesh (with several ranks: of this rank) needs (rows j0 .. j0+nj-1, columns i0 .. i0+ni-1 of
 * the source; weights->column counts in that part). */
typedef struct bs_pl_grid {
    int nlon, nlat;
    double *lon, *lat;
    int i0, j0, ni, nj;
    bs_weights *weights;
} bs_pl_grid;

typedef struct bs_pl_piece {
    int file; /* of bs_pl_catalogue.file */
    bs_nc_var var;
    bs_pl_axes axes;
    int grid;
    int n_levels;         /* 3-D: of levels; else 0 */
    double *a, *b;        /* [n_levels] pressure a + b ps, Pa and 1, ground first */
    double *number;       /* [n_levels] of the model's levels, as `a`; NULL on pressure levels */
    bool upside_down;     /* the file's levels begin at the top */
    bs_nc_var *stack;     /* [n_levels] one variable for each level, ground first; NULL: `var` holds all */
    double scale, offset; /* canonical = scale * stored + offset */
    bool exponential;     /* and then exp of it: a surface pressure kept as its logarithm */
    size_t n_times;       /* 0: no time axis */
    bs_time *times;
} bs_pl_piece;

typedef bs_slot bs_pl_slot; /* index: along the piece's time axis */

typedef struct bs_pl_field {
    bool mapped;
    bool by_layout;       /* may be left out */
    const char *variable; /* name in the files, the first found; NULL: not (yet) found */
    bs_pl_given given;    /* of a layout: of the row that was found */
    char where[256];      /* of the mapping in the case file */
    int n_pieces;
    bs_pl_piece *piece;
    int n_slots;
    bs_pl_slot *slot; /* by time */
    int open;         /* of bs_pl_catalogue.open, from 1: the file read last, kept open; 0: none */
    long below_zero; /* values a little below zero that became zero so far, in what this rank read: for the log alone */
    double lowest;   /* of these */
} bs_pl_field;

/* Hybrid coefficients of a model with n levels, level 1 at its top (model_levels.h). */
typedef struct bs_pl_hybrid {
    int n;
    double *a, *b;            /* [n] of the full levels, Pa and 1; NULL: levels of pressure */
    char dim[BS_NC_NAME_MAX]; /* name of the dimension of full levels in the file they are from; "": none */
    char source[160];         /* where they are from */
} bs_pl_hybrid;

/* A file that stays open while a field reads from it. One handle serves all: HDF5 shares a variable's unpacked chunks among handles, and
 * takes the size of their store from the first. */
typedef struct bs_pl_open {
    bs_nc *nc; /* NULL: free */
    int file, users;
} bs_pl_open;

typedef struct bs_pl_catalogue {
    int n_files;
    const char **file; /* names belong to the configuration */
    bs_log *log;       /* not owned; NULL: quiet */
    int layout;        /* choice of meteorology.layout, from 1; 0: none */
    bool model_levels; /* hybrid ones */
    bs_pl_hybrid hybrid;
    bool steady;
    bool has_valid_time;
    bs_time valid_time;
    bs_pl_axis_names names;
    bs_pl_field field[BS_F_COUNT];
    bs_pl_open open[BS_F_COUNT];
    int n_grids;
    bs_pl_grid *grid;
} bs_pl_catalogue;

/* Zero-initialise before, but for model_levels. On failure clear it too. */
bs_status bs_pl_catalogue_fill(const bs_met_context *context, bs_time start, bs_time end, bs_pl_catalogue *c,
                               bs_err *err);
void bs_pl_catalogue_clear(bs_pl_catalogue *c);

/* The part of it that looks into the files, for a caller that has filled file and n_files and mapped fields by bs_pl_map. */
bs_status bs_pl_catalogue_scan(const bs_met_context *context, bs_time start, bs_time end, bs_pl_catalogue *c,
                               bs_err *err);

/* Field `id` is the variable `name`; units as the case says, or NULL; both stay the caller's. where: in the case file. */
void bs_pl_map(bs_pl_catalogue *c, bs_pl_id id, const char *name, const char *units, const char *where);

/* ---- steps of bs_pl_catalogue_fill ---- */

/* Files, steadiness, names of axes. */
bs_status bs_pl_options(const bs_config *config, bs_pl_catalogue *c, bs_err *err);
/* Which fields are mapped by the case's words; with a layout, the rest by it. */
bs_status bs_pl_mapping(const bs_config *config, bs_pl_catalogue *c, bs_err *err);
/* What cannot be done without, and what cannot go together. */
bs_status bs_pl_mapping_check(const bs_config *config, const bs_pl_catalogue *c, bs_err *err);
/* After the files were looked through: fields of the layout that no file has are no longer mapped, and of two that say
 * the same one is kept (logged). */
void bs_pl_mapping_settle(bs_pl_catalogue *c);

/* The n-th way in which layout `layout` gives a field; false past the last. */
bool bs_pl_layout_row(int layout, bs_pl_id id, int n, bs_pl_given *given);
const char *bs_pl_layout_name(int layout);

/* The first of given->names that a file has, into name[BS_NC_NAME_MAX]; false: none. For a name with '*' that is the name
 * itself. */
bool bs_pl_name_in(const bs_nc *nc, const bs_pl_given *given, char *name);
/* Variables of a file whose names fit a name with '*', ground first, with the pressures (Pa) in their names. */
bs_status bs_pl_stack(const bs_nc *nc, const char *pattern, bs_pl_piece *piece, bs_err *err);

bs_status bs_pl_conversion(const bs_nc *nc, const bs_nc_var *var, const bs_pl_row *row, const bs_pl_given *given,
                           const char *where, bs_units *units, double *scale, double *offset, bs_err *err);
/* Levels of a 3-D field. */
bs_status bs_pl_levels_read(const bs_met_context *x, const bs_pl_catalogue *c, const bs_nc *nc, bs_pl_id id,
                            bs_pl_piece *piece, bs_err *err);
bs_status bs_pl_grid_find(bs_pl_catalogue *c, const bs_nc *nc, const bs_pl_piece *piece, const bs_met_context *x,
                          int *index, bs_err *err);
void bs_pl_grids_tell(const bs_pl_catalogue *c, bs_log *log); /* how the axes were understood: a line per grid */
bs_status bs_pl_times_check(bs_pl_catalogue *c, bs_pl_id id, bs_time start, bs_time end, bs_err *err);

static inline bool bs_pl_has(const bs_pl_catalogue *c, bs_pl_id id)
{
    return c->field[id].mapped;
}

static inline int bs_pl_levels(const bs_pl_catalogue *c, bs_pl_id id)
{
    return c->field[id].n_pieces ? c->field[id].piece[0].n_levels : 0;
}

/* Length of a field's values on the mesh: levels (or 1) times cells. */
static inline size_t bs_pl_size(const bs_pl_catalogue *c, bs_pl_id id, size_t cells)
{
    int n = bs_pl_levels(c, id);
    return cells * (size_t)(n ? n : 1);
}

/* Reads one slot of a field and interpolates it to the mesh, bilinearly; surface pressure by its logarithm where orography
 * leads it to the terrain. out is [levels or 1][ny][nx], canonical unit (rates for what was accumulated), levels ground
 * first, wind components still eastward and northward. Errors: BS_ERR_INPUT for a missing value above the source's ground,
 * NaN, a value outside the limits of fields.def; the message has variable, index and value. Missing values below the
 * source's ground are filled from the lowest level above it: temperature with 6.5 K/km, the rest unchanged. Rain and water
 * contents a little below zero (rounding of the packing, down to the limits of fields.def) become zero, are counted in the
 * field and logged once. */
bs_status bs_pl_read_slot(bs_pl_catalogue *c, bs_pl_id id, int slot, double *out, bs_err *err);

/* The two slots around t and the share of the second. */
void bs_pl_bracket(const bs_pl_catalogue *c, bs_pl_id id, bs_time t, int slot[2], double *share);

/* ---- a field on the mesh at a time ---- */

typedef struct bs_pl_held {
    double *at[2]; /* two of the source's times */
    int slot[2];   /* which; -1: none */
    double *now;   /* [levels or 1][ny][nx] */
} bs_pl_held;

bs_status bs_pl_held_create(const bs_pl_catalogue *c, bs_pl_id id, size_t cells, bs_pl_held *held, bs_err *err);
void bs_pl_held_clear(bs_pl_held *held);

/* Fills held->now. An instantaneous field is linear between its times. One that is a mean or a sum over the periods that
 * end at its stamps is constant over each of them, and `now` is its mean from t - interval/2 to t + interval/2, or over what
 * part of that the periods cover: weather that is linear between times `interval` apart then keeps what falls. It depends on
 * the source and on t alone, not on where the run begins and ends. */
bs_status bs_pl_held_refresh(bs_pl_catalogue *c, bs_pl_id id, size_t cells, bs_time t, bs_time interval,
                             bs_pl_held *held, bs_err *err);

/* ---- the provider ---- */

/* bs_provider.create for both kinds of levels, and the rest of the interface. */
bs_status bs_pl_create(const bs_met_context *context, bs_time start, bs_time end, bool model_levels, void **self,
                       bs_err *err);
bs_status bs_pl_read(void *self, bs_time t, bs_native *native, bs_err *err);
const char *bs_pl_assumed(const void *self, int n);
void bs_pl_destroy(void *self);

#endif
