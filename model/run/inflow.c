/* Uniform values, and the choice between them and a coarser run's (nest.h). */
#include "model/run/inflow.h"

#include <math.h>

#include "model/core/memory.h"
#include "model/parallel/ranks.h"
#include "model/run/nest.h"
#include "model/run/sides.h"

struct bs_inflow {
    const bs_case *c;
    double initial, boundary, scale_height; /* ug kg-1, ug kg-1, m (0: none) */
    bs_nest *initial_nest, *boundary_nest;  /* NULL: uniform */
};

/* A file beside `type: uniform`, which would be read by nobody. */
static bs_status check_unused(const bs_config *g, const char *type, const char *file, bs_err *err)
{
    if (bs_config_choice(g, type) == 1 || !bs_config_has(g, file)) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: error: %s is given, but %s is 'uniform': set it to 'file', or take %s away",
                   bs_config_where(g, file), file, type, file);
}

/* A value beside `type: file`. Its default is zero, which the resolved case of a run repeats. */
static bs_status check_value(const bs_config *g, const char *type, const char *value, bs_err *err)
{
    if (bs_config_choice(g, type) != 1 || bs_config_real(g, value) == 0) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: error: %s is given, but %s is 'file': set it to 'uniform', or take %s away",
                   bs_config_where(g, value), value, type, value);
}

/* Says so where tags cannot add up to their total. */
static void tell_untagged(const bs_inflow *f)
{
    const bs_config *g = f->c->config;
    const bool initial = (f->initial_nest || f->initial > 0) && !bs_config_bool(g, "tracers.tag_initial");
    const bool boundary = (f->boundary_nest || f->boundary > 0) && !bs_config_bool(g, "tracers.tag_boundary");
    bool tags = false;
    for (int t = 0; t < f->c->tracers->n; t++) tags = tags || f->c->tracers->row[t].role != BS_ROLE_TOTAL;
    if (!tags || (!initial && !boundary)) return;
    bs_log_info(f->c->log, "tags      do not add up to their total: no tag carries what %s%s%s (see %s%s%s)",
                initial ? "is there at the start" : "", initial && boundary ? " and what " : "",
                boundary ? "comes in through the sides" : "", initial ? "tracers.tag_initial" : "",
                initial && boundary ? ", " : "", boundary ? "tracers.tag_boundary" : "");
}

static bs_status create(const bs_case *c, bs_inflow **out, bs_err *err)
{
    const bs_config *g = c->config;
    BS_TRY(check_unused(g, "initial.type", "initial.file", err));
    BS_TRY(check_unused(g, "boundary.type", "boundary.file", err));
    BS_TRY(check_value(g, "initial.type", "initial.value", err));
    BS_TRY(check_value(g, "boundary.type", "boundary.value", err));
    BS_TRY(check_value(g, "boundary.type", "boundary.scale_height", err));
    bs_inflow *f = NULL;
    BS_TRY(BS_NEW(&f, 1, "initial and boundary values", err));
    f->c = c;
    f->initial = bs_config_real(g, "initial.value");
    f->boundary = bs_config_real(g, "boundary.value");
    f->scale_height = bs_config_real(g, "boundary.scale_height");
    bs_status st = BS_OK;
    if (bs_config_choice(g, "initial.type") == 1)
        st = bs_nest_open(c, "initial", c->start, c->start, &f->initial_nest, err);
    if (st == BS_OK && bs_config_choice(g, "boundary.type") == 1)
        st = bs_nest_open(c, "boundary", c->start, c->end, &f->boundary_nest, err);
    if (st != BS_OK) {
        bs_inflow_destroy(f);
        return st;
    }
    tell_untagged(f);
    *out = f;
    return BS_OK;
}

bs_status bs_inflow_create(const bs_case *c, bs_inflow **out, bs_err *err)
{
    *out = NULL;
    const bs_status st = bs_ranks_agree(create(c, out, err), err);
    if (st == BS_OK) return BS_OK;
    bs_inflow_destroy(*out);
    *out = NULL;
    return st;
}

void bs_inflow_destroy(bs_inflow *f)
{
    if (!f) return;
    bs_nest_close(f->initial_nest);
    bs_nest_close(f->boundary_nest);
    bs_free(f);
}

static bool takes(const bs_tracer *row, bs_role tag)
{
    return row->role == BS_ROLE_TOTAL || row->role == tag;
}

bs_status bs_inflow_initial(bs_inflow *f, const bs_met_state *met, bs_state *state, bs_err *err)
{
    if (f->initial_nest) return bs_nest_initial(f->initial_nest, met, state, err);
    const bs_box *b = &state->box;
    for (int t = 0; t < state->tracers->n; t++) {
        const real value = takes(&state->tracers->row[t], BS_ROLE_INITIAL) ? (real)f->initial : 0;
        real *q = bs_state_q(state, t);
        for (int k = 0; k < b->nz; k++)
            for (int j = 0; j < b->ny; j++)
                for (int i = 0; i < b->nx; i++) q[bs_at(b, k, j, i)] = value;
    }
    return BS_OK;
}

/* Cell of the mesh next to place n of a side. */
static ptrdiff_t cell_at(const bs_boundary *b, bs_side side, int n)
{
    switch (side) {
    case BS_WEST:
        return (ptrdiff_t)n * b->nx;
    case BS_EAST:
        return (ptrdiff_t)n * b->nx + b->nx - 1;
    case BS_SOUTH:
        return n;
    default:
        return (ptrdiff_t)(b->ny - 1) * b->nx + n;
    }
}

/* Mixing ratio of the air that comes in at a cell of the mesh, in layer k. */
static real value_at(const bs_inflow *f, const bs_met_state *met, ptrdiff_t cell, int k)
{
    const ptrdiff_t area = (ptrdiff_t)met->nx * met->ny;
    const double ground = f->c->terrain ? f->c->terrain[cell] : 0;
    const double z = ground + 0.5 * (double)(met->z_half[k * area + cell] + met->z_half[(k + 1) * area + cell]);
    const double share = f->scale_height > 0 ? exp(-z / f->scale_height) : 1;
    return (real)(f->boundary * share);
}

/* One layer of a side: the same values for all tracers that take them. */
static void fill_side(const bs_inflow *f, const bs_met_state *met, bs_side side, int k, bs_boundary *boundary)
{
    const int length = bs_boundary_length(boundary, side);
    const real *values = NULL;
    for (int tracer = 0; tracer < boundary->n_tracers; tracer++) {
        real *q = bs_boundary_at(boundary, side, tracer, k);
        const bool mine = takes(&f->c->tracers->row[tracer], BS_ROLE_BOUNDARY);
        for (int n = 0; n < length; n++)
            q[n] = !mine ? 0 : values ? values[n] : value_at(f, met, cell_at(boundary, side, n), k);
        if (mine) values = q;
    }
}

bs_status bs_inflow_fill(bs_inflow *f, bs_time t, const bs_met_state *met, bs_boundary *boundary, bs_err *err)
{
    if (f->boundary_nest) return bs_nest_boundary(f->boundary_nest, t, met, boundary, err);
    for (int side = 0; side < BS_SIDES; side++)
        for (int k = 0; k < boundary->nz && bs_side_of_domain(f->c, (bs_side)side); k++)
            fill_side(f, met, (bs_side)side, k, boundary);
    return BS_OK;
}
