#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/met/prepared.h"
#include "model/met/prepared_layout.h"

enum { ASSUMED_TEXT_MAX = 8192, ASSUMED_MAX = 32, PLACE_TEXT_MAX = 256 };
static const double FILL_BEGINS = 9e36; /* netCDF fills floats with 9.97e36, and doubles too */

struct bs_prepared {
    bs_nc *nc;
    bs_tile tile;                   /* this rank's part of the mesh */
    char assumed[ASSUMED_TEXT_MAX]; /* lines, each ended by NUL */
    int n_assumed;
    const char *line[ASSUMED_MAX];
};

void bs_prepared_close(bs_prepared *p)
{
    if (!p) return;
    bs_nc_close(p->nc);
    bs_free(p);
}

const char *bs_prepared_assumed(const bs_prepared *p, int n)
{
    return n >= 0 && n < p->n_assumed ? p->line[n] : NULL;
}

const char *bs_prepared_file(const bs_prepared *p)
{
    return bs_nc_file(p->nc);
}

static void split_assumed(bs_prepared *p)
{
    bs_nc_text(p->nc, NULL, "assumed", p->assumed, sizeof p->assumed);
    for (char *at = p->assumed; *at && p->n_assumed < ASSUMED_MAX;) {
        char *end = strchr(at, '\n');
        p->line[p->n_assumed++] = at;
        if (!end) break;
        *end = '\0';
        at = end + 1;
    }
}

static bs_status check_length(const bs_nc *nc, const bs_nc_var *var, int d, bs_prepared_dim dim, size_t expected,
                              bs_err *err)
{
    if (d < var->n_dims && strcmp(var->dim[d], bs_prepared_dim_name(dim)) == 0 && var->length[d] == expected)
        return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: variable '%s': dimension %d is '%s' of length %zu, expected '%s' of length %zu; this file is not the "
        "prepared meteorology of this case: delete it and run bashu prepare",
        bs_nc_file(nc), var->name, d, d < var->n_dims ? var->dim[d] : "none",
        d < var->n_dims ? var->length[d] : (size_t)0, bs_prepared_dim_name(dim), expected);
}

static bs_status check_rank(const bs_nc *nc, const bs_nc_var *var, int expected, bs_err *err)
{
    if (var->n_dims == expected) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: variable '%s' has %d dimensions, expected %d; this file is not the prepared meteorology of this "
        "case: delete it and run bashu prepare",
        bs_nc_file(nc), var->name, var->n_dims, expected);
}

static bs_status check_shapes(const bs_prepared *p, const bs_met_context *context, const bs_tracers *tracers,
                              const bs_met_times *times, bs_err *err)
{
    size_t length[BS_PD_COUNT];
    bs_prepared_lengths(context, tracers, times, length);
    int n_arrays;
    const bs_prepared_array *arrays = bs_prepared_arrays(&n_arrays);
    bs_nc_var var;
    for (int a = 0; a < n_arrays; a++) {
        BS_TRY(bs_nc_find(p->nc, arrays[a].name, &var, err));
        BS_TRY(check_rank(p->nc, &var, arrays[a].n_dims + 1, err));
        BS_TRY(check_length(p->nc, &var, 0, BS_PD_TIME, length[BS_PD_TIME], err));
        for (int d = 0; d < arrays[a].n_dims; d++)
            BS_TRY(check_length(p->nc, &var, d + 1, arrays[a].dim[d], length[arrays[a].dim[d]], err));
    }
    for (int direction = 0; direction < 2; direction++) {
        BS_TRY(bs_nc_find(p->nc, bs_prepared_correction_name(direction), &var, err));
        const bs_prepared_dim dim[] = {BS_PD_INTERVAL, BS_PD_END, direction == 0 ? BS_PD_Y : BS_PD_Y_FACE,
                                       direction == 0 ? BS_PD_X_FACE : BS_PD_X};
        BS_TRY(check_rank(p->nc, &var, 4, err));
        for (int d = 0; d < 4; d++) BS_TRY(check_length(p->nc, &var, d, dim[d], length[dim[d]], err));
    }
    return BS_OK;
}

static bs_status check_times(const bs_prepared *p, const bs_met_times *times, bs_err *err)
{
    bs_nc_var var;
    double *seconds = NULL;
    BS_TRY(bs_nc_find(p->nc, "time", &var, err));
    BS_TRY(check_rank(p->nc, &var, 1, err));
    BS_TRY(check_length(p->nc, &var, 0, BS_PD_TIME, (size_t)times->count, err));
    BS_TRY(BS_NEW(&seconds, times->count, "times of prepared meteorology", err));
    bs_status st = bs_nc_read(p->nc, &var, NULL, NULL, seconds, err);
    for (int n = 0; n < times->count && st == BS_OK; n++) {
        const bs_time expected = times->first + n * times->interval;
        char text[BS_TIME_TEXT_MAX];
        if (seconds[n] != (double)expected)
            st = bs_fail(
                err, BS_ERR_INPUT,
                "%s: time %d is %.0f s since 1970, expected %lld (%s); this file does not cover the run: delete it "
                "and run bashu prepare",
                bs_nc_file(p->nc), n, seconds[n], (long long)expected, bs_time_format(expected, text));
    }
    bs_free(seconds);
    return st;
}

static bs_status check_key(const bs_prepared *p, const char *key, bs_err *err)
{
    char found[64];
    bs_nc_text(p->nc, NULL, "key", found, sizeof found);
    if (strcmp(found, key) == 0) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: attribute 'key' is '%s', expected '%s' as in the file's name: it was renamed or is another's; delete "
        "it and run bashu prepare",
        bs_nc_file(p->nc), found, key);
}

bs_status bs_prepared_open(const char *dir, const char *key, const bs_met_context *context, const bs_tracers *tracers,
                           const bs_met_times *times, bs_prepared **out, bs_err *err)
{
    char file[BS_MET_PATH_MAX];
    bs_prepared *p = NULL;
    BS_TRY(bs_prepared_path(dir, key, ".nc", file, err));
    BS_TRY(BS_NEW(&p, 1, "prepared meteorology", err));
    bs_status st = bs_nc_open(file, &p->nc, err);
    if (st == BS_OK) st = check_key(p, key, err);
    if (st == BS_OK) st = check_times(p, times, err);
    if (st == BS_OK) st = check_shapes(p, context, tracers, times, err);
    if (st != BS_OK) {
        bs_prepared_close(p);
        return st;
    }
    p->tile = context->tiling ? context->tile : (bs_tile){.nx = context->mesh->nx, .ny = context->mesh->ny};
    split_assumed(p);
    *out = p;
    return BS_OK;
}

static bs_status read_real(const bs_nc *nc, const bs_nc_var *var, const size_t *start, const size_t *count,
                           real *values, bs_err *err)
{
#if BS_DOUBLE
    return bs_nc_read(nc, var, start, count, values, err);
#else
    return bs_nc_read_float(nc, var, start, count, values, err);
#endif
}

/* A value that is none would only show where the run goes wrong. */
static bs_status check_whole(const bs_nc *nc, const bs_nc_var *var, const size_t *start, const size_t *count,
                             bool is_double, const void *values, bs_err *err)
{
    size_t n = 1;
    for (int d = 0; d < var->n_dims; d++) n *= count[d];
    for (size_t k = 0; k < n; k++) {
        const double value = is_double ? ((const double *)values)[k] : (double)((const real *)values)[k];
        if (isfinite(value) && fabs(value) < FILL_BEGINS) continue;
        size_t rest = k;
        char place[PLACE_TEXT_MAX] = "";
        for (int d = var->n_dims - 1; d >= 0; rest /= count[d--]) { /* from the last, each put before the others */
            char inner[PLACE_TEXT_MAX];
            memcpy(inner, place, sizeof inner);
            snprintf(place, sizeof place, "[%.24s=%zu]%.200s", var->dim[d], start[d] + rest % count[d], inner);
        }
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: %s%s is missing or not a number; the file is damaged: delete it and run bashu prepare",
                       bs_nc_file(nc), var->name, place);
    }
    return BS_OK;
}

/* The last two dimensions are those of a map: this rank's rows and columns of them, faces at both ends. */
static void place_part(const bs_prepared *p, const bs_nc_var *var, size_t *start, size_t *count)
{
    const int y = var->n_dims - 2, x = var->n_dims - 1;
    const bool more_y = strcmp(var->dim[y], bs_prepared_dim_name(BS_PD_Y_FACE)) == 0;
    const bool more_x = strcmp(var->dim[x], bs_prepared_dim_name(BS_PD_X_FACE)) == 0;
    start[y] = (size_t)p->tile.j0;
    start[x] = (size_t)p->tile.i0;
    count[y] = (size_t)(p->tile.ny + more_y);
    count[x] = (size_t)(p->tile.nx + more_x);
}

bs_status bs_prepared_read_state(bs_prepared *p, int n, bs_met_state *state, bs_err *err)
{
    int n_arrays;
    const bs_prepared_array *arrays = bs_prepared_arrays(&n_arrays);
    bs_nc_var var;
    for (int a = 0; a < n_arrays; a++) {
        BS_TRY(bs_nc_find(p->nc, arrays[a].name, &var, err));
        size_t start[BS_NC_MAX_DIMS] = {(size_t)n}, count[BS_NC_MAX_DIMS] = {1};
        for (int d = 1; d < var.n_dims; d++) count[d] = var.length[d];
        place_part(p, &var, start, count);
        void *values = bs_prepared_member(&arrays[a], state);
        BS_TRY(arrays[a].is_double ? bs_nc_read(p->nc, &var, start, count, values, err)
                                   : read_real(p->nc, &var, start, count, values, err));
        BS_TRY(check_whole(p->nc, &var, start, count, arrays[a].is_double, values, err));
    }
    double seconds;
    const size_t start = (size_t)n, count = 1;
    BS_TRY(bs_nc_find(p->nc, "time", &var, err));
    BS_TRY(bs_nc_read(p->nc, &var, &start, &count, &seconds, err));
    state->time = (bs_time)seconds;
    return BS_OK;
}

bs_status bs_prepared_read_correction(bs_prepared *p, int interval, bs_corrector *c, bs_err *err)
{
    for (int e = 0; e < 2; e++)
        for (int direction = 0; direction < 2; direction++) {
            bs_nc_var var;
            BS_TRY(bs_nc_find(p->nc, bs_prepared_correction_name(direction), &var, err));
            size_t start[] = {(size_t)interval, (size_t)e, 0, 0}, count[] = {1, 1, 0, 0};
            place_part(p, &var, start, count);
            double *g = direction == 0 ? c->gx[e] : c->gy[e];
            BS_TRY(bs_nc_read(p->nc, &var, start, count, g, err));
            BS_TRY(check_whole(p->nc, &var, start, count, true, g, err));
        }
    return BS_OK;
}
