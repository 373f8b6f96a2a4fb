#include "model/run/nest_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/parallel/ranks.h"

enum { TEXT = 4096 };

static const double MOST_Q = 1e9;          /* ug kg-1: as much as there is air */
static const double MOST_TOP = 1e6;        /* m */
static const double NEGATIVE_SHARE = 1e-7; /* of the largest; the run that wrote the file stops beyond the same share */

static bs_status not_ours(const bs_nc *nc, const char *what, bs_err *err)
{
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: not the 3-D output of a Bashu run: %s; expected fields3d.nc of a run with "
                   "output.fields3d.interval given and output.fields3d.unrounded: true",
                   bs_nc_file(nc), what);
}

/* ---- opening ---- */

static bs_status check_source(const bs_nc *nc, bs_err *err)
{
    char source[TEXT];
    if (!bs_nc_text(nc, NULL, "source", source, sizeof source))
        return not_ours(nc, "it has no global attribute 'source'", err);
    if (strncmp(source, "bashu", 5) != 0) return not_ours(nc, "its attribute 'source' names another program", err);
    return bs_nc_has_var(nc, "layer_top_height") ? BS_OK : not_ours(nc, "it has no variable 'layer_top_height'", err);
}

static bs_status read_mesh(bs_nest_file *f, bs_err *err)
{
    char string[TEXT], what[96];
    bs_mesh_spec spec = {.projection = string};
    double nx = 0, ny = 0;
    const struct {
        const char *name;
        double *value;
    } number[] = {{"nx", &nx}, {"ny", &ny}, {"dx", &spec.dx}, {"dy", &spec.dy}, {"x0", &spec.x0}, {"y0", &spec.y0}};
    for (size_t n = 0; n < sizeof number / sizeof *number; n++) {
        if (bs_nc_number(f->nc, NULL, number[n].name, number[n].value)) continue;
        snprintf(what, sizeof what, "it has no number as global attribute '%s'", number[n].name);
        return not_ours(f->nc, what, err);
    }
    if (!bs_nc_text(f->nc, NULL, "proj4", string, sizeof string))
        return not_ours(f->nc, "it has no global attribute 'proj4'", err);
    if (!(nx >= 1 && nx <= 1e6 && ny >= 1 && ny <= 1e6))
        return not_ours(f->nc, "its global attributes 'nx' and 'ny' are no numbers of cells", err);
    spec.nx = (int)nx;
    spec.ny = (int)ny;
    bs_status st = bs_mesh_create(&spec, &f->mesh, err);
    if (st != BS_OK) bs_err_context(err, "%s: mesh of its global attributes", bs_nc_file(f->nc));
    return st;
}

static bs_status read_times(bs_nest_file *f, bs_units *units, bs_err *err)
{
    bs_nc_var var;
    char text[TEXT];
    double *value, scale, reference;
    BS_TRY(bs_nc_find(f->nc, "time", &var, err));
    if (var.n_dims != 1 || var.size == 0 || var.size > 1000000)
        return bs_fail(err, BS_ERR_INPUT, "%s: variable 'time' has %zu values; expected one axis of at least one",
                       bs_nc_file(f->nc), var.size);
    BS_TRY(bs_nc_check_calendar(f->nc, &var, err));
    bs_nc_text(f->nc, &var, "units", text, sizeof text);
    if (bs_units_time(units, text, &scale, &reference, err) != BS_OK) {
        bs_err_context(err, "%s: variable 'time'", bs_nc_file(f->nc));
        return BS_ERR_INPUT;
    }
    f->n_times = (int)var.size;
    BS_TRY(BS_NEW(&f->time, var.size, "times of the other run", err));
    BS_TRY(BS_NEW(&value, var.size, "times of the other run", err));
    bs_status st = bs_nc_read(f->nc, &var, NULL, NULL, value, err);
    for (int r = 0; st == BS_OK && r < f->n_times; r++) {
        if (!(fabs(value[r]) < 1e12)) {
            st = bs_fail(err, BS_ERR_INPUT, "%s: variable 'time': value %g at (time=%d) is no time", bs_nc_file(f->nc),
                         value[r], r);
            break;
        }
        f->time[r] = (bs_time)llround(reference + scale * value[r]);
        if (r > 0 && f->time[r] <= f->time[r - 1])
            st = bs_fail(err, BS_ERR_INPUT,
                         "%s: variable 'time': %g at (time=%d) is not later than the record before it (%g)",
                         bs_nc_file(f->nc), value[r], r, value[r - 1]);
    }
    bs_free(value);
    return st;
}

/* A variable [time][lev][ny][nx] in the unit that this program writes, with all its bits. */
static bs_status check_field(const bs_nest_file *f, const bs_nc_var *var, const char *unit, bs_err *err)
{
    char text[TEXT];
    const size_t ny = (size_t)f->mesh->ny, nx = (size_t)f->mesh->nx;
    if (var->n_dims != 4 || strcmp(var->dim[0], "time") != 0 || strcmp(var->dim[1], "lev") != 0)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s': expected the dimensions time, lev, y, x, found %d, '%s' first",
                       bs_nc_file(f->nc), var->name, var->n_dims, var->n_dims > 0 ? var->dim[0] : "");
    if (var->length[0] != (size_t)f->n_times || var->length[1] != (size_t)f->nz || var->length[2] != ny ||
        var->length[3] != nx)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s': shape %zu x %zu x %zu x %zu, expected %d times, %d layers and the %zu x %zu "
                       "cells of the global attributes ny, nx",
                       bs_nc_file(f->nc), var->name, var->length[0], var->length[1], var->length[2], var->length[3],
                       f->n_times, f->nz, ny, nx);
    bs_nc_text(f->nc, var, "units", text, sizeof text);
    if (strcmp(text, unit) != 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s': unit '%.100s', expected '%s'", bs_nc_file(f->nc),
                       var->name, text, unit);
    if (bs_nc_text(f->nc, var, "rounding", text, sizeof text))
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s' is rounded (%.200s), and nesting needs all bits; run the coarser case with "
                       "output.fields3d.unrounded: true",
                       bs_nc_file(f->nc), var->name, text);
    return BS_OK;
}

static bs_status find_fields(bs_nest_file *f, const bs_tracers *tracers, bs_err *err)
{
    BS_TRY(bs_nc_find(f->nc, "layer_top_height", &f->top, err));
    f->nz = f->top.n_dims == 4 && f->top.length[1] <= 10000 ? (int)f->top.length[1] : 0;
    BS_TRY(check_field(f, &f->top, "m", err));
    if (f->nz < 1) return not_ours(f->nc, "it has no layers", err);
    BS_TRY(BS_NEW(&f->q, tracers->n, "variables of the other run", err));
    for (int t = 0; t < tracers->n; t++) {
        char name[128];
        if (tracers->row[t].role != BS_ROLE_TOTAL) continue;
        snprintf(name, sizeof name, "q_%s", tracers->row[t].name);
        if (bs_nc_find(f->nc, name, &f->q[f->n_totals], err) != BS_OK) {
            bs_err_add(err,
                       "this run carries %s, and so must the run that wrote the file: add it to its tracers.species",
                       tracers->row[t].name);
            return BS_ERR_INPUT;
        }
        BS_TRY(check_field(f, &f->q[f->n_totals], "ug kg-1", err));
        f->n_totals++;
    }
    return BS_OK;
}

bs_status bs_nest_file_open(const char *path, bs_units *units, const bs_tracers *tracers, bs_nest_file **out,
                            bs_err *err)
{
    bs_nest_file *f;
    *out = NULL;
    BS_TRY(BS_NEW(&f, 1, "output of the other run", err));
    bs_status st = bs_nc_open(path, &f->nc, err);
    if (st == BS_OK) st = check_source(f->nc, err);
    if (st == BS_OK) st = read_mesh(f, err);
    if (st == BS_OK) st = read_times(f, units, err);
    if (st == BS_OK) st = find_fields(f, tracers, err);
    if (st != BS_OK) {
        bs_nest_file_close(f);
        return st;
    }
    *out = f;
    return BS_OK;
}

void bs_nest_file_close(bs_nest_file *f)
{
    if (!f) return;
    bs_nc_close(f->nc);
    bs_mesh_destroy(f->mesh);
    bs_free(f->time);
    bs_free(f->q);
    for (int n = 0; n < 2; n++) bs_free(f->rows[n]);
    bs_free(f->part);
    bs_free(f);
}

/* ---- reading ---- */

bs_status bs_nest_file_look(bs_nest_file *f, bs_window wanted, bs_err *err)
{
    const long long rank = bs_ranks_self(), ranks = bs_ranks_count();
    const int nx = f->mesh->nx, ny = f->mesh->ny;
    f->wanted = wanted;
    f->checks = (bs_window){.i1 = nx, .j0 = (int)(ny * rank / ranks), .j1 = (int)(ny * (rank + 1) / ranks)};
    const size_t checked = (size_t)nx * (size_t)(f->checks.j1 - f->checks.j0);
    for (int n = 0; n < 2; n++) BS_TRY(BS_NEW(&f->rows[n], checked, "layer of the other run", err));
    return BS_NEW(&f->part, (size_t)(wanted.i1 - wanted.i0) * (size_t)(wanted.j1 - wanted.j0), "layer of the other run",
                  err);
}

/* A field that is read. */
typedef struct scan {
    const bs_nest_file *f;
    const bs_nc_var *var;
    int record;
    bs_nest_take take;
    void *to;
    size_t n;            /* values of a layer that this rank checks */
    const double *layer; /* [n] the last one, and the one below it; NULL: none yet */
    const double *below;
} scan;

typedef struct place {
    int k, j, i;
} place;

static place place_of(const scan *s, int k, size_t n)
{
    const size_t nx = (size_t)s->f->mesh->nx;
    return (place){.k = k, .j = s->f->checks.j0 + (int)(n / nx), .i = (int)(n % nx)};
}

static bs_status read_part(const scan *s, int k, const bs_window *w, double *out, bs_err *err)
{
    const size_t start[4] = {(size_t)s->record, (size_t)k, (size_t)w->j0, (size_t)w->i0};
    const size_t count[4] = {1, 1, (size_t)(w->j1 - w->j0), (size_t)(w->i1 - w->i0)};
    return count[2] == 0 || count[3] == 0 ? BS_OK : bs_nc_read(s->f->nc, s->var, start, count, out, err);
}

/* Gives the wanted part of layer k, out of the checked rows where it lies in them. */
static bs_status give_layer(const scan *s, int k, bs_err *err)
{
    const bs_window *w = &s->f->wanted, *c = &s->f->checks;
    bs_nest_layer part = {.value = s->layer, .row = (size_t)s->f->mesh->nx, .j0 = c->j0};
    if (w->j0 < c->j0 || w->j1 > c->j1) {
        BS_TRY(read_part(s, k, w, s->f->part, err));
        part = (bs_nest_layer){.value = s->f->part, .row = (size_t)(w->i1 - w->i0), .i0 = w->i0, .j0 = w->j0};
    }
    s->take(s->to, k, &part);
    return BS_OK;
}

static bs_status next_layer(scan *s, int k, bs_err *err)
{
    double *layer = s->f->rows[k % 2];
    s->below = s->layer;
    s->layer = layer;
    BS_TRY(read_part(s, k, &s->f->checks, layer, err));
    for (size_t n = 0; n < s->n; n++) {
        if (isfinite(layer[n])) continue;
        const place p = place_of(s, k, n);
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: variable '%s': missing or not a number at (time=%d, lev=%d, y=%d, x=%d); expected a value in "
            "every cell: the file is damaged or was changed",
            bs_nc_file(s->f->nc), s->var->name, s->record, p.k, p.j, p.i);
    }
    return give_layer(s, k, err);
}

static scan scan_of(const bs_nest_file *f, const bs_nc_var *var, int record, bs_nest_take take, void *to)
{
    return (scan){.f = f,
                  .var = var,
                  .record = record,
                  .take = take,
                  .to = to,
                  .n = (size_t)f->mesh->nx * (size_t)(f->checks.j1 - f->checks.j0)};
}

static bs_status check_tops(const scan *s, int k, bs_err *err)
{
    for (size_t n = 0; n < s->n; n++) {
        const double below = s->below ? s->below[n] : 0.0, top = s->layer[n];
        if (top > below && top <= MOST_TOP) continue;
        const place p = place_of(s, k, n);
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: variable '%s': %g m at (time=%d, lev=%d, y=%d, x=%d) is not above the layer below it (%g m) and "
            "below %g m",
            bs_nc_file(s->f->nc), s->var->name, top, s->record, p.k, p.j, p.i, below, MOST_TOP);
    }
    return BS_OK;
}

bs_status bs_nest_file_tops(const bs_nest_file *f, int record, bs_nest_take take, void *to, bs_err *err)
{
    scan s = scan_of(f, &f->top, record, take, to);
    bs_status st = BS_OK;
    for (int k = 0; k < f->nz && st == BS_OK; k++) {
        st = next_layer(&s, k, err);
        if (st == BS_OK) st = check_tops(&s, k, err);
    }
    return bs_ranks_agree(st, err);
}

/* The lowest value so far, and where. */
typedef struct lowest {
    double q;
    place at;
} lowest;

static bs_status check_q(const scan *s, int k, lowest *low, double *highest, bs_err *err)
{
    for (size_t n = 0; n < s->n; n++) {
        const double q = s->layer[n];
        if (q < low->q) *low = (lowest){q, place_of(s, k, n)};
        *highest = fmax(*highest, q);
        if (q <= MOST_Q) continue;
        const place p = place_of(s, k, n);
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s': %g ug kg-1 at (time=%d, lev=%d, y=%d, x=%d) is more than there is air; the "
                       "file is damaged or in another unit",
                       bs_nc_file(s->f->nc), s->var->name, q, s->record, p.k, p.j, p.i);
    }
    return BS_OK;
}

bs_status bs_nest_file_q(const bs_nest_file *f, int total, int record, bs_nest_take take, void *to, bs_err *err)
{
    scan s = scan_of(f, &f->q[total], record, take, to);
    lowest low = {.q = INFINITY};
    double highest = 0;
    bs_status st = BS_OK;
    for (int k = 0; k < f->nz && st == BS_OK; k++) {
        st = next_layer(&s, k, err);
        if (st == BS_OK) st = check_q(&s, k, &low, &highest, err);
    }
    BS_TRY(bs_ranks_agree(st, err));
    bs_ranks_max(1, &highest);
    bs_ranks_best(-low.q, ((long long)low.at.k * f->mesh->ny + low.at.j) * f->mesh->nx + low.at.i, &low, sizeof low);
    if (low.q >= -NEGATIVE_SHARE * highest) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: variable '%s': %g ug kg-1 at (time=%d, lev=%d, y=%d, x=%d) is negative (largest value %g); run the "
        "coarser case with a positive advection scheme, as operators.advection: ppm6_sel",
        bs_nc_file(f->nc), f->q[total].name, low.q, record, low.at.k, low.at.j, low.at.i, highest);
}
