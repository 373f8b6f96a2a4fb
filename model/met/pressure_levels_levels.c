#include <math.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/met/pressure_levels.h"

static void turn(double *values, int n)
{
    for (int low = 0, high = n - 1; values && low < high; low++, high--) {
        const double held = values[low];
        values[low] = values[high];
        values[high] = held;
    }
}

/* The ground first. */
static void flip(bs_pl_piece *p)
{
    p->upside_down = p->a[0] + p->b[0] * BS_PL_REFERENCE < p->a[1] + p->b[1] * BS_PL_REFERENCE;
    if (!p->upside_down) return;
    turn(p->a, p->n_levels);
    turn(p->b, p->n_levels);
    turn(p->number, p->n_levels);
}

/* Coefficients by the number of the level; by position where the file has them along the field's own dimension. */
static bs_status read_hybrid(const bs_met_context *x, const bs_pl_catalogue *c, const bs_nc *nc, int dim,
                             bs_pl_piece *p, bs_err *err)
{
    const bs_pl_hybrid *h = &c->hybrid;
    const bool by_place = strcmp(h->dim, p->var.dim[dim]) == 0 && h->n == p->n_levels;
    BS_TRY(bs_pl_axis_read_numbers(nc, &p->var, dim, by_place ? 0 : h->n, x->units, &p->number, err));
    BS_TRY(BS_NEW(&p->a, p->n_levels, "levels of the meteorology", err));
    for (int k = 0; k < p->n_levels; k++) {
        const int level = by_place ? k : (int)p->number[k] - 1;
        p->a[k] = h->a[level];
        p->b[k] = h->b[level];
    }
    return BS_OK;
}

/* Model levels follow the ground: a file whose lowest is far above it is cut, or counts its levels otherwise. */
static bs_status check_lowest(const bs_nc *nc, const bs_pl_piece *p, bs_err *err)
{
    const double lowest = p->a[0] + p->b[0] * BS_PL_REFERENCE;
    if (lowest >= BS_PL_LOWEST * BS_PL_REFERENCE) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: variable '%s': the lowest of its %d model levels, number %g, lies at %g Pa over a ground at %g "
        "Pa; expected levels down to %g Pa or lower; are levels missing, or are these not the numbers of the "
        "coefficients (meteorology.hybrid.table)?",
        bs_nc_file(nc), p->var.name, p->n_levels, p->number[0], lowest, BS_PL_REFERENCE,
        BS_PL_LOWEST * BS_PL_REFERENCE);
}

static bs_status same_levels(const bs_pl_catalogue *c, const bs_nc *nc, const bs_pl_field *f, const bs_pl_piece *p,
                             bs_err *err)
{
    const bs_pl_piece *first = &f->piece[0];
    const double ps = BS_PL_REFERENCE;
    const int top = p->n_levels - 1, first_top = first->n_levels - 1;
    bool same = p == first || p->n_levels == first->n_levels;
    for (int k = 0; k <= top && same; k++)
        same = fabs(p->a[k] - first->a[k]) <= 1e-6 * first->a[k] + 1e-6 && fabs(p->b[k] - first->b[k]) <= 1e-9;
    if (same) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: variable '%s' has other %s levels (%d from %g to %g Pa%s) than in %s (%d from %g "
                   "to %g Pa)",
                   bs_nc_file(nc), p->var.name, c->model_levels ? "model" : "pressure", p->n_levels,
                   p->a[0] + p->b[0] * ps, p->a[top] + p->b[top] * ps,
                   c->model_levels ? " above a ground at 101325 Pa" : "", c->file[first->file], first->n_levels,
                   first->a[0] + first->b[0] * ps, first->a[first_top] + first->b[first_top] * ps);
}

bs_status bs_pl_levels_read(const bs_met_context *x, const bs_pl_catalogue *c, const bs_nc *nc, bs_pl_id id,
                            bs_pl_piece *p, bs_err *err)
{
    const int dim = p->axes.dim[BS_PL_LEVEL];
    const char *file = bs_nc_file(nc);
    if (BS_PL_ROWS[id].dims == 2) {
        const size_t n = p->stack ? (size_t)p->n_levels : dim < 0 ? 1 : p->var.length[dim];
        if (n == 1) return BS_OK;
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' has %zu levels, but '%s' is a field at the surface", file,
                       p->var.name, n, BS_PL_ROWS[id].name);
    }
    if (p->stack) return same_levels(c, nc, &c->field[id], p, err);
    if (dim < 0 || p->var.length[dim] < 2) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s' (%s) has no %s axis with two or more levels; name it in "
                       "meteorology.dimensions.level",
                       file, p->var.name, BS_PL_ROWS[id].name, c->model_levels ? "level" : "pressure");
    }
    p->n_levels = (int)p->var.length[dim];
    BS_TRY(BS_NEW(&p->b, p->n_levels, "levels of the meteorology", err));
    if (c->model_levels) {
        BS_TRY(read_hybrid(x, c, nc, dim, p, err));
    } else {
        BS_TRY(bs_pl_axis_read_pressure(nc, &p->var, dim, &c->names, x->units, &p->a, err));
    }
    flip(p);
    if (c->model_levels) BS_TRY(check_lowest(nc, p, err));
    return same_levels(c, nc, &c->field[id], p, err);
}
