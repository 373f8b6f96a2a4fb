/* pressure_levels.h - analyses and forecasts on pressure levels of a longitude-latitude grid. Private to
 * model/met/pressure_levels*.c.
 *
 *   catalogue  which file holds which field at which times, with its axes and unit; all checks that need no field values
 *   read       one field at one of the source's times: checked values, interpolated bilinearly to the mesh's cell centres
 *   column     the vertical: surface pressure, interpolation to the model's layers (pressure_levels_column.h)
 *
 * A field consists of pieces (a variable in a file); each piece offers slots (times). Fields may lie in different files,
 * on different grids and levels, and at different times. */
#ifndef BS_MODEL_MET_PRESSURE_LEVELS_H
#define BS_MODEL_MET_PRESSURE_LEVELS_H

#include "grids/regrid/regrid.h"
#include "model/met/met.h"
#include "model/met/pressure_levels_axes.h"

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

/* A horizontal grid and the weights from the part of it that the mesh needs (rows j0 .. j0+nj-1, columns i0 .. i0+ni-1 of
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
    int n_levels;         /* 3-D: of pressure; else 0 */
    double *pressure;     /* [n_levels] Pa, ground first */
    bool upside_down;     /* the file's levels begin at the top */
    double scale, offset; /* canonical = scale * stored + offset */
    size_t n_times;       /* 0: no time axis */
    bs_time *times;
} bs_pl_piece;

typedef struct bs_pl_slot {
    bs_time time;
    int piece;
    size_t index; /* along the piece's time axis */
} bs_pl_slot;

typedef struct bs_pl_field {
    const char *variable; /* name in the files; NULL: not mapped. Belongs to the configuration */
    const char *units;    /* as the case says; NULL: as the file says */
    char where[256];      /* of the mapping in the case file */
    int n_pieces;
    bs_pl_piece *piece;
    int n_slots;
    bs_pl_slot *slot; /* by time */
} bs_pl_field;

typedef struct bs_pl_catalogue {
    int n_files;
    const char **file; /* names belong to the configuration */
    bool steady;
    bool has_valid_time;
    bs_time valid_time;
    bs_pl_axis_names names;
    bs_pl_field field[BS_F_COUNT];
    int n_grids;
    bs_pl_grid *grid;
} bs_pl_catalogue;

/* Zero-initialise before. On failure clear it too. */
bs_status bs_pl_catalogue_fill(const bs_met_context *context, bs_time start, bs_time end, bs_pl_catalogue *c,
                               bs_err *err);
void bs_pl_catalogue_clear(bs_pl_catalogue *c);

/* The part of it that looks into the files, for a caller that has filled file and n_files and mapped fields by bs_pl_map. */
bs_status bs_pl_catalogue_scan(const bs_met_context *context, bs_time start, bs_time end, bs_pl_catalogue *c,
                               bs_err *err);

/* Field `id` is the variable `name`; units as the case says, or NULL; both stay the caller's. where: in the case file. */
void bs_pl_map(bs_pl_catalogue *c, bs_pl_id id, const char *name, const char *units, const char *where);

/* Steps of bs_pl_catalogue_fill. */
bs_status bs_pl_conversion(const bs_nc *nc, const bs_nc_var *var, const bs_pl_row *row, const char *stated,
                           const char *where, bs_units *units, double *scale, double *offset, bs_err *err);
bs_status bs_pl_grid_find(bs_pl_catalogue *c, const bs_nc *nc, const bs_pl_piece *piece, const bs_mesh *mesh,
                          int *index, bs_err *err);
bs_status bs_pl_times_check(bs_pl_catalogue *c, bs_pl_id id, bs_time start, bs_time end, bs_err *err);

static inline bool bs_pl_has(const bs_pl_catalogue *c, bs_pl_id id)
{
    return c->field[id].variable != NULL;
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

/* Reads one slot of a field and interpolates it to the mesh: out is [levels or 1][ny][nx], canonical unit, levels ground
 * first, wind components still eastward and northward. Errors: BS_ERR_INPUT for a missing value above the source's
 * ground, NaN, a value outside the limits of fields.def; the message has variable, index and value.
 * Missing values below the source's ground are filled from the lowest level above it: temperature with 6.5 K/km, the
 * rest unchanged. */
bs_status bs_pl_read_slot(const bs_pl_catalogue *c, bs_pl_id id, int slot, double *out, bs_err *err);

/* The two slots around t and the share of the second. */
void bs_pl_bracket(const bs_pl_catalogue *c, bs_pl_id id, bs_time t, int slot[2], double *share);

#endif
