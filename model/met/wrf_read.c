#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/met/wrf.h"

enum { AXES_MAX = 3, PLACE_MAX = 256 };

typedef struct row {
    const char *name;
    bs_wrf_shape shape;
    const char *unit;
    double min, max;
} row;

static const row ROWS[BS_WRF_COUNT] = {
#define BS_WRF(id, name, shape, unit, min, max) {name, shape, unit, min, max},
#include "model/met/wrf.def"
#undef BS_WRF
};

/* Dimensions after Time; staggered ones have one value more. */
typedef struct axes {
    int n;
    const char *dim[AXES_MAX];
    int more[AXES_MAX];
} axes;

static const axes AXES[] = {
    [BS_WRF_LAYERS] = {3, {"bottom_top", "south_north", "west_east"}, {0, 0, 0}},
    [BS_WRF_HALVES] = {3, {"bottom_top_stag", "south_north", "west_east"}, {1, 0, 0}},
    [BS_WRF_WEST] = {3, {"bottom_top", "south_north", "west_east_stag"}, {0, 0, 1}},
    [BS_WRF_SOUTH] = {3, {"bottom_top", "south_north_stag", "west_east"}, {0, 1, 0}},
    [BS_WRF_GROUND] = {2, {"south_north", "west_east"}, {0, 0}},
};

const char *bs_wrf_name(bs_wrf_id id)
{
    return ROWS[id].name;
}

/* Numbers along each axis in a window. */
static void counts(bs_wrf_id id, bs_wrf_window w, int nz, size_t *count)
{
    const axes *a = &AXES[ROWS[id].shape];
    const int flat[] = {w.ny, w.nx}, deep[] = {nz, w.ny, w.nx};
    for (int d = 0; d < a->n; d++) count[d] = (size_t)((a->n == 3 ? deep[d] : flat[d]) + a->more[d]);
}

size_t bs_wrf_size(bs_wrf_id id, bs_wrf_window w, int nz)
{
    size_t count[AXES_MAX], n = 1;
    counts(id, w, nz, count);
    for (int d = 0; d < AXES[ROWS[id].shape].n; d++) n *= count[d];
    return n;
}

static void list_dims(int n, const char *const *dim, const size_t *length, char *text)
{
    int used = 0;
    text[0] = '\0';
    for (int d = 0; d < n && used >= 0 && used < PLACE_MAX; d++)
        used += snprintf(text + used, (size_t)(PLACE_MAX - used), "%s%s %zu", d ? ", " : "", dim[d], length[d]);
}

static bs_status check_dims(const bs_nc *nc, bs_wrf_id id, const bs_wrf_grid *g, const bs_nc_var *v, bool *timed,
                            bs_err *err)
{
    const axes *a = &AXES[ROWS[id].shape];
    size_t length[AXES_MAX];
    counts(id, (bs_wrf_window){0, 0, g->nx, g->ny}, g->nz, length);
    *timed = v->n_dims > 0 && strcmp(v->dim[0], "Time") == 0;
    const int first = *timed ? 1 : 0;
    bool fits = v->n_dims == first + a->n && v->is_number;
    for (int d = 0; d < a->n && fits; d++)
        fits = strcmp(v->dim[first + d], a->dim[d]) == 0 && v->length[first + d] == length[d];
    if (fits) return BS_OK;
    char found[PLACE_MAX], expected[PLACE_MAX];
    const char *dim[BS_NC_MAX_DIMS];
    for (int d = 0; d < v->n_dims; d++) dim[d] = v->dim[d];
    list_dims(v->n_dims, dim, v->length, found);
    list_dims(a->n, a->dim, length, expected);
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: variable '%s' has dimensions (%s), expected numbers with ([Time], %s), in this order",
                   bs_nc_file(nc), ROWS[id].name, found, expected);
}

bs_status bs_wrf_find(const bs_nc *nc, bs_wrf_id id, const bs_wrf_grid *g, bs_units *units, bs_wrf_field *out,
                      bs_err *err)
{
    const row *r = &ROWS[id];
    bs_nc_var v;
    char unit[64];
    *out = (bs_wrf_field){.scale = 1};
    BS_TRY(bs_nc_find(nc, r->name, &v, err));
    BS_TRY(check_dims(nc, id, g, &v, &out->timed, err));
    out->present = true;
    if (!*r->unit) return BS_OK;
    if (!bs_nc_text(nc, &v, "units", unit, sizeof unit) || !unit[0])
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s' has no units attribute, expected '%s'; put it back (ncatted)", bs_nc_file(nc),
                       r->name, r->unit);
    if (bs_units_convert(units, unit, r->unit, &out->scale, &out->offset, NULL) == BS_OK) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' has unit '%s', which cannot be converted to '%s'",
                   bs_nc_file(nc), r->name, unit, r->unit);
}

/* "T[Time=3][bottom_top=0][south_north=4][west_east=7]" */
static void place(bs_wrf_id id, const bs_wrf_field *f, size_t time, const size_t *start, const size_t *count, size_t n,
                  char *text)
{
    const axes *a = &AXES[ROWS[id].shape];
    size_t index[AXES_MAX];
    for (int d = a->n; d-- > 0; n /= count[d]) index[d] = start[d] + n % count[d];
    int used = snprintf(text, PLACE_MAX, "%s", ROWS[id].name);
    if (f->timed) used += snprintf(text + used, (size_t)(PLACE_MAX - used), "[Time=%zu]", time);
    for (int d = 0; d < a->n && used > 0 && used < PLACE_MAX; d++)
        used += snprintf(text + used, (size_t)(PLACE_MAX - used), "[%s=%zu]", a->dim[d], index[d]);
}

bs_status bs_wrf_read_open(const bs_nc *nc, bs_wrf_id id, const bs_wrf_field *f, size_t time, bs_wrf_window w, int nz,
                           double *out, bs_err *err)
{
    const row *r = &ROWS[id];
    const axes *a = &AXES[r->shape];
    bs_nc_var v;
    BS_TRY(bs_nc_find(nc, r->name, &v, err));
    size_t start[1 + AXES_MAX] = {f->timed ? time : 0}, count[1 + AXES_MAX] = {1};
    size_t *from = start + (f->timed ? 1 : 0), *number = count + (f->timed ? 1 : 0);
    counts(id, w, nz, number);
    for (int d = 0; d < a->n; d++) from[d] = 0;
    from[a->n - 2] = (size_t)w.j0;
    from[a->n - 1] = (size_t)w.i0;
    BS_TRY(bs_nc_read(nc, &v, start, count, out, err));
    const size_t size = bs_wrf_size(id, w, nz);
    for (size_t n = 0; n < size; n++) {
        out[n] = f->scale * out[n] + f->offset;
        if (out[n] >= r->min && out[n] <= r->max) continue;
        char text[PLACE_MAX];
        place(id, f, time, from, number, n, text);
        if (isnan(out[n]))
            return bs_fail(err, BS_ERR_INPUT, "%s: %s: the value is missing or not a number", bs_nc_file(nc), text);
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: %s: value %g %s lies outside the plausible range %g to %g; is the unit right?",
                       bs_nc_file(nc), text, out[n], r->unit, r->min, r->max);
    }
    return BS_OK;
}

bs_status bs_wrf_read(const bs_wrf_source *s, bs_wrf_id id, const bs_slot *slot, bs_wrf_window w, double *out,
                      bs_err *err)
{
    const bs_wrf_file *file = &s->file[slot->piece];
    if (!s->now->nc || s->now->piece != slot->piece) {
        bs_nc_close(s->now->nc);
        s->now->nc = NULL;
        BS_TRY(bs_nc_open(file->name, &s->now->nc, err));
        s->now->piece = slot->piece;
    }
    return bs_wrf_read_open(s->now->nc, id, &file->field[id], slot->index, w, s->grid.nz, out, err);
}

/* Numbers that WRF gives to towns for its models of streets, in every legend: three kinds of them from 31 on, local climate
 * zones from 31 or from 51 on. */
static bs_land land_of(const char *legend, int number)
{
    const bs_land land = bs_land_numbered(legend, number);
    const bool town = (number >= 31 && number <= 41) || (number >= 51 && number <= 61);
    return land == BS_LAND_COUNT && town ? BS_LAND_URBAN : land;
}

bool bs_wrf_has_land(const bs_wrf_source *s)
{
    return s->has[BS_WRF_LU_INDEX] && bs_land_numbered(s->land_legend, 1) != BS_LAND_COUNT;
}

bs_status bs_wrf_read_land(const bs_wrf_source *s, bs_wrf_window w, double *land, bs_err *err)
{
    const size_t cells = (size_t)w.nx * (size_t)w.ny;
    double *number = NULL;
    BS_TRY(BS_NEW(&number, cells, "land use", err));
    bs_status st = bs_wrf_read(s, BS_WRF_LU_INDEX, &s->slot[0], w, number, err);
    memset(land, 0, (size_t)BS_LAND_COUNT * cells * sizeof *land);
    for (size_t c = 0; c < cells && st == BS_OK; c++) {
        const bs_land class = land_of(s->land_legend, (int)number[c]);
        if (class < BS_LAND_COUNT && number[c] == floor(number[c])) {
            land[(size_t) class * cells + c] = 1;
        } else {
            st = bs_fail(
                err, BS_ERR_INPUT,
                "%s: LU_INDEX is %g at south_north %zu, west_east %zu, which is no class of the legend '%s' (MMINLU)",
                s->file[s->slot[0].piece].name, number[c], (size_t)w.j0 + c / (size_t)w.nx,
                (size_t)w.i0 + c % (size_t)w.nx, s->land_legend);
        }
    }
    bs_free(number);
    return st;
}
