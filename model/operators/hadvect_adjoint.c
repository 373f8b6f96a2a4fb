/* The transpose of hadvect.c: sweeps of kernels/advection/sweep_adjoint.h, the axis that was last first. A plane is done along both axes by
 * one thread, with the air found anew for each axis: what has been moved along the first is what the second finds. */
#include <string.h>

#include "kernels/advection/sweep_adjoint.h"
#include "model/operators/hadvect.h"
#include "model/parallel/threads.h"

/* One rank: all pencils. */
static bs_hadvect_range range_of(const bs_hadvect *a, int axis)
{
    return bs_hadvect_range_of(a, axis, 0, false);
}

static void move_plane(const bs_hadvect *a, bs_hadvect_bench *b, const bs_step *s, int axis, int k, double *m)
{
    const bs_hadvect_range range = range_of(a, axis);
    bs_sweep sweep;
    for (int n = 0; n < bs_hadvect_bundles(&range); n++) {
        const bs_hadvect_bundle p = bs_hadvect_bundle_number(a->c.box, &range, axis, k, n);
        bs_hadvect_set_up(a, b, s, &p, bs_hadvect_sides(&range), m, &sweep);
    }
}

void bs_hadvect_move_air(void *self, const bs_step *s)
{
    const bs_hadvect *a = self;
    const ptrdiff_t area = (ptrdiff_t)a->c.box->nx * a->c.box->ny;
#pragma omp parallel for schedule(dynamic) default(none) shared(a, s, area)
    for (int k = 0; k < a->c.box->nz; k++)
        for (int turn = 0; turn < 2; turn++)
            move_plane(a, a->benches[bs_threads_self()], s, bs_hadvect_axis(s, turn), k, s->state->m + k * area);
}

/* What the air that came in at the ends counts. */
static void keep_inflow(const bs_hadvect_bundle *p, const double *inflow, bs_sensitivity *out)
{
    const bs_side low = p->axis == 0 ? BS_WEST : BS_SOUTH, high = p->axis == 0 ? BS_EAST : BS_NORTH;
    const ptrdiff_t at = (ptrdiff_t)p->k * bs_sensitivity_length(out, low) + p->first;
    for (int l = 0; l < p->lanes; l++) {
        out->inflow[low][at + l] += inflow[l];
        out->inflow[high][at + l] += inflow[BS_LANES + l];
    }
}

static void sweep_bundle(const bs_hadvect *a, bs_hadvect_bench *b, const bs_step *s, int axis, int k, int number)
{
    const bs_box *box = a->c.box;
    const bs_hadvect_range range = range_of(a, axis);
    const bs_hadvect_bundle p = bs_hadvect_bundle_number(box, &range, axis, k, number);
    const ptrdiff_t at = axis == 0 ? bs_at(box, k, p.first, 0) : bs_at(box, k, 0, p.first);
    const bs_scheme scheme = (bs_scheme)a->c.options->scheme;
    real *field = bs_state_q(s->state, 0) + at;
    double inflow[2 * BS_LANES];
    bs_air_flux flux;
    bs_air_mass air;
    bs_sweep sweep;
    bs_hadvect_air(a, s, &p, b->plane, &flux, &air);
    bs_sweep_adjoint_air(p.n, p.lanes, &flux, &air, axis, b->flux, b->inverse);
    bs_hadvect_set_up(a, b, s, &p, bs_hadvect_sides(&range), b->plane, &sweep);
    if (axis == 0) {
        a->k->rows_in(p.n, p.lanes, field, box->row, b->cells);
        bs_sweep_adjoint(scheme, &sweep, b->flux, b->inverse, b->cells, BS_LANES, inflow, b->transpose);
        a->k->rows_out(p.n, p.lanes, b->cells, field, box->row);
    } else {
        bs_sweep_adjoint(scheme, &sweep, b->flux, b->inverse, field, box->row, inflow, b->transpose);
    }
    keep_inflow(&p, inflow, s->sensitivity);
}

static void sweep_plane(const bs_hadvect *a, bs_hadvect_bench *b, const bs_step *s, int k)
{
    const size_t area = (size_t)a->c.box->nx * (size_t)a->c.box->ny;
    for (int turn = 1; turn >= 0; turn--) {
        const int axis = bs_hadvect_axis(s, turn);
        memcpy(b->plane, s->state->m + (size_t)k * area, sizeof(double) * area);
        if (turn == 1) move_plane(a, b, s, 1 - axis, k, b->plane);
        const bs_hadvect_range range = range_of(a, axis);
        for (int n = 0; n < bs_hadvect_bundles(&range); n++) sweep_bundle(a, b, s, axis, k, n);
    }
}

void bs_hadvect_adjoint(void *self, const bs_step *s)
{
    const bs_hadvect *a = self;
    if (!(a->c.tracers->row[0].acts & BS_ACT_ADVECT)) return;
#pragma omp parallel for schedule(dynamic) default(none) shared(a, s)
    for (int k = 0; k < a->c.box->nz; k++) sweep_plane(a, a->benches[bs_threads_self()], s, k);
}
