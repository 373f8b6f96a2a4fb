/* Mass-flux, dimension-split transport along x and y: sweeps of bundles (kernels/advection/sweep.h), y before x in the second half of a
 * pair. Air mass is carried from sweep to sweep; zadvect.c brings it to the meteorology's.
 *
 * A plane is swept along both axes while it lies in the cache, by one thread; only the planes that are left when each thread has had as
 * many as the others are shared out bundle by bundle. Threads take what comes next: on a machine with other work nobody waits long. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/advection/sweep_adjoint.h"
#include "kernels/base/clones.h"
#include "model/core/memory.h"
#include "model/operators/hadvect.h"
#include "model/parallel/threads.h"

typedef bs_hadvect hadvect;
typedef bs_hadvect_bench bench;
typedef bs_hadvect_bundle bundle;

static bool wanted(const bs_operator_options *o)
{
    return o->scheme != BS_SCHEME_COUNT;
}

static void destroy(void *self)
{
    hadvect *a = self;
    if (!a) return;
    for (int t = 0; a->benches && t < a->n_benches; t++) {
        bench *b = a->benches[t];
        if (!b) continue;
        bs_free(b->cells);
        bs_free(b->phi);
        bs_free(b->scratch);
        bs_free(b->sides);
        bs_free(b->moved);
        bs_free(b->plane);
        bs_free(b->flux);
        bs_free(b->inverse);
        bs_free(b->transpose);
        bs_free(b);
    }
    bs_free(a->benches);
    bs_free(a->worst);
    bs_crossings_destroy(a->crossings);
    bs_free(a);
}

static bs_status make_bench(const bs_operator_context *context, bench **out, bs_err *err)
{
    const int n = context->box->nx > context->box->ny ? context->box->nx : context->box->ny;
    const size_t cells = ((size_t)n + 2 * BS_GHOST + 1) * BS_LANES;
    BS_TRY(BS_NEW(out, 1, "advection", err));
    BS_TRY(BS_NEW(&(*out)->cells, cells, "advection", err));
    BS_TRY(BS_NEW(&(*out)->phi, cells, "advection", err));
    BS_TRY(BS_NEW(&(*out)->scratch, bs_sweep_scratch_len(n), "advection", err));
    BS_TRY(BS_NEW(&(*out)->sides, (size_t)context->tracers->n * 2 * BS_LANES, "advection", err));
    BS_TRY(BS_NEW(&(*out)->moved, context->tracers->n * BS_L_COUNT, "advection", err));
    if (!context->options->transposed) return BS_OK;
    const int area = context->box->nx * context->box->ny;
    BS_TRY(BS_NEW(&(*out)->plane, area, "advection, transposed", err));
    BS_TRY(BS_NEW(&(*out)->flux, cells, "advection, transposed", err));
    BS_TRY(BS_NEW(&(*out)->inverse, cells, "advection, transposed", err));
    return BS_NEW(&(*out)->transpose, bs_sweep_adjoint_scratch_len(n), "advection, transposed", err);
}

static bs_status create(const bs_operator_context *context, void **self, bs_err *err)
{
    hadvect *a = NULL;
    BS_TRY(BS_NEW(&a, 1, "advection", err));
    a->c = *context;
    a->k = bs_sweep_kernels_for(context->options->isa);
    a->n_benches = bs_threads_count();
    bs_status st = BS_NEW(&a->benches, a->n_benches, "advection", err);
    for (int t = 0; t < a->n_benches && st == BS_OK; t++) st = make_bench(context, &a->benches[t], err);
    if (st == BS_OK) st = BS_NEW(&a->worst, 2 * context->box->nz, "advection", err);
    if (st == BS_OK) st = bs_crossings_create(context, &a->crossings, err);
    if (st != BS_OK) {
        destroy(a);
        return st;
    }
    *self = a;
    return BS_OK;
}

bundle bs_hadvect_bundle_number(const bs_box *box, const bs_hadvect_range *r, int axis, int k, int number)
{
    bundle b = {
        .axis = axis, .k = k, .first = r->pencils.begin + number * BS_LANES, .n = axis == 0 ? box->nx : box->ny};
    const int left = r->pencils.end - b.first;
    b.lanes = left < BS_LANES ? left : BS_LANES;
    return b;
}

/* Fluxes through faces at the middle of the step: linear in time, so this is the step's mean. */
void bs_hadvect_air(const hadvect *a, const bs_step *s, const bundle *p, double *m, bs_air_flux *flux, bs_air_mass *air)
{
    const bs_box *box = a->c.box;
    const bool x = p->axis == 0;
    const ptrdiff_t row = x ? box->nx + 1 : box->nx, rows = x ? box->ny : box->ny + 1;
    const ptrdiff_t side = x ? row : 1, m_side = x ? box->nx : 1;
    const ptrdiff_t face = p->k * rows * row + p->first * side;
    const double w = 0.5 * (s->w0 + s->w1), *const *f = x ? (const double *const *)s->forcing->fx
                                                          : (const double *const *)s->forcing->fy;
    *flux = (bs_air_flux){.f0 = f[0] + face, .f1 = f[1] + face, .w0 = (1 - w) * s->dt, .w1 = w * s->dt, .stride = row};
    *air = (bs_air_mass){.m = m + p->first * m_side, .stride = box->nx};
}

void bs_hadvect_set_up(const hadvect *a, bench *b, const bs_step *s, const bundle *p, int sides, double *m,
                       bs_sweep *sweep)
{
    bs_air_flux flux;
    bs_air_mass air;
    bs_hadvect_air(a, s, p, m, &flux, &air);
    if (p->axis == 0)
        a->k->setup_along((bs_scheme)a->c.options->scheme, p->n, p->lanes, &flux, &air, sides, b->scratch, sweep);
    else
        a->k->setup_across((bs_scheme)a->c.options->scheme, p->n, p->lanes, &flux, &air, sides, b->scratch, sweep);
}

static int next_advected(const bs_tracers *tracers, int t)
{
    for (t++; t < tracers->n; t++)
        if (tracers->row[t].acts & BS_ACT_ADVECT) return t;
    return -1;
}

static real *sides_of(const bench *b, int tracer)
{
    return b->sides + (ptrdiff_t)tracer * 2 * BS_LANES;
}

/* The boundary's air at both ends of a bundle, of all tracers at once: each lies in lines of its own far from the others, and one wait
 * serves all. Lanes that are not in use stay zero or what they were. */
static void load_sides(const bs_tracers *tracers, const bundle *p, const bs_boundary *boundary, bench *b)
{
    static const bs_side SIDE[2][2] = {{BS_WEST, BS_EAST}, {BS_SOUTH, BS_NORTH}};
    for (int t = next_advected(tracers, -1); t >= 0; t = next_advected(tracers, t))
        for (int high = 0; high < 2; high++) {
            const real *side = bs_boundary_at(boundary, SIDE[p->axis][high], t, p->k) + p->first;
            memcpy(sides_of(b, t) + high * BS_LANES, side, sizeof(real) * (size_t)p->lanes);
        }
}

/* Beyond a side lies the boundary's air where the wind enters; where it leaves, the profile goes on as a straight line. q: cell 0 of the
 * first lane. */
BS_CLONES static void fill_ghosts(const bundle *p, const real *sides, const bs_sweep *sweep, const bs_pencils *q,
                                  bench *b)
{
    const real *west = sides, *east = sides + BS_LANES;
    real low[BS_LANES], high[BS_LANES], low_rise[BS_LANES], high_rise[BS_LANES];
    const ptrdiff_t step = p->n > 1 ? q->stride : 0;
    const real *first = q->q, *second = first + step, *last = q->q + (p->n - 1) * q->stride, *before = last - step;
    for (int l = 0; l < BS_LANES; l++) {
        const bool in_low = sweep->low_flux[l] > 0, in_high = sweep->high_flux[l] < 0;
        low[l] = in_low ? west[l] : first[l], low_rise[l] = in_low ? 0 : first[l] - second[l];
        high[l] = in_high ? east[l] : last[l], high_rise[l] = in_high ? 0 : last[l] - before[l];
    }
    for (int g = 0; g < BS_GHOST; g++)
        for (int l = 0; l < BS_LANES; l++) {
            b->low[g * BS_LANES + l] = low[l] + (real)(BS_GHOST - g) * low_rise[l];
            b->high[g * BS_LANES + l] = high[l] + (real)(g + 1) * high_rise[l];
        }
}

/* Of the tile's own pencils, what went through the domain's sides. */
BS_CLONES static void account(const bs_hadvect_range *r, const bundle *p, bench *b, int tracer)
{
    static const bs_ledger_term TERM[2][2][2] = {/* axis, low or high end, out or in */
                                                 {{BS_L_OUT_WEST, BS_L_IN_WEST}, {BS_L_OUT_EAST, BS_L_IN_EAST}},
                                                 {{BS_L_OUT_SOUTH, BS_L_IN_SOUTH}, {BS_L_OUT_NORTH, BS_L_IN_NORTH}}};
    const int first = r->own.begin - p->first, to = r->own.end - p->first, after = to < p->lanes ? to : p->lanes;
    for (int end = 0; end < 2; end++) {
        double in[BS_LANES], inward = end ? -1 : 1;
        if (!r->is_side[end]) continue;
#pragma omp simd
        for (int l = 0; l < BS_LANES; l++) {
            const double moved = inward * b->through[end * BS_LANES + l];
            in[l] = ((l >= first) & (l < after)) ? moved : 0;
        }
        bs_sum *const sums = &b->moved[tracer * BS_L_COUNT];
        const bs_ledger_term *term = TERM[p->axis][end];
        bs_sum_add_signed(&sums[term[1]], &sums[term[0]], BS_LANES, in);
    }
}

static real *first_cell(const hadvect *a, const bs_step *s, const bundle *p, int tracer)
{
    const bs_box *box = a->c.box;
    return bs_state_q(s->state, tracer) +
           (p->axis == 0 ? bs_at(box, p->k, p->first, 0) : bs_at(box, p->k, 0, p->first));
}

/* The pencils of a tracer: along x in the bench's buffer, along y where they are. Meanwhile tracer `next` of bundle `after` comes into the
 * cache: the same bundle or, past its last tracer, the one after it; NULL: nothing does. */
static bs_pencils pencils_of(const hadvect *a, const bs_step *s, bench *b, const bundle *p, real *field,
                             const bundle *after, int next)
{
    const bs_box *box = a->c.box;
    bs_pencils out = {.low = b->low, .high = b->high, .ghost_stride = BS_LANES};
    out.ahead = after ? first_cell(a, s, after, next) : NULL;
    out.ahead_step = box->row;
    if (p->axis == 0) {
        const int lines = (int)bs_box_lines(box->margin % BS_BOX_LINE + p->n);
        out.q = b->cells;
        out.stride = BS_LANES;
        out.ahead_block = BS_BOX_LINE, out.ahead_bits = after && after->lanes <= BS_LANES / 2 ? 3 : 4;
        out.ahead_n = lines << out.ahead_bits;
    } else {
        out.q = field;
        out.stride = box->row;
        out.ahead_bits = 30, out.ahead_n = p->n;
    }
    return out;
}

/* Room for what the faces of a bundle move, where it crosses borders; NULL: it does not. */
static real *begin_crossings(const hadvect *a, const bs_step *s, const bundle *p, const bs_crossing *crossing)
{
    bs_air_flux flux;
    bs_air_mass air;
    if (!a->crossings) return NULL;
    bs_hadvect_air(a, s, p, s->state->m, &flux, &air);
    bs_crossings_air(a->crossings, crossing, &flux);
    return bs_crossings_excess(a->crossings, crossing);
}

static void sweep_bundle(const hadvect *a, const bs_step *s, const bs_hadvect_range *r, int axis, int k, int number)
{
    const bs_box *box = a->c.box;
    const bs_tracers *tracers = a->c.tracers;
    const int scheme = a->c.options->scheme;
    const bundle p = bs_hadvect_bundle_number(box, r, axis, k, number),
                 after = bs_hadvect_bundle_number(box, r, axis, k, number + 1);
    const bundle *const more = number + 1 < bs_hadvect_bundles(r) ? &after : NULL;
    bench *b = a->benches[bs_threads_self()];
    const bs_crossing crossing = {.axis = axis, .k = k, .first = p.first, .lanes = p.lanes};
    bs_sweep sweep;
    bs_hadvect_set_up(a, b, s, &p, bs_hadvect_sides(r), s->state->m + (ptrdiff_t)k * box->ny * box->nx, &sweep);
    if (sweep.is_long && a->c.tiling) bs_hadvect_look_far(r, &p, &sweep, &b->far);
    load_sides(tracers, &p, s->boundary, b);
    real *const excess = begin_crossings(a, s, &p, &crossing);
    const int begin = next_advected(tracers, -1);
    for (int t = begin, next; t >= 0; t = next) {
        next = next_advected(tracers, t);
        real *field = first_cell(a, s, &p, t);
        bs_pencils q = pencils_of(a, s, b, &p, field, next < 0 ? more : &p, next < 0 ? begin : next);
        if (axis == 0) a->k->rows_in(p.n, p.lanes, field, box->row, q.q);
        fill_ghosts(&p, sides_of(b, t), &sweep, &q, b);
        q.excess = excess;
        if (excess) bs_crossings_before(a->crossings, &crossing, a->k, &sweep, &q);
        if (tracers->row[t].total == t) /* tags follow their total: b->phi is theirs */
            a->k->total[scheme](&sweep, b->scratch, &q, bs_tracer_has_tags(tracers, t) ? b->phi : NULL, b->through);
        else
            a->k->tag[scheme](&sweep, b->scratch, &q, b->phi, b->through);
        if (a->crossings) bs_crossings_after(a->crossings, &crossing, t, b->through);
        if (axis == 0) a->k->rows_out(p.n, p.lanes, q.q, field, box->row);
        account(r, &p, b, t);
    }
}

/* Planes that a thread sweeps alone, along both axes: nobody waits for anybody. Inside a parallel region. range [2]: of both turns. */
static void sweep_alone(const hadvect *a, const bs_step *s, const bs_hadvect_range *range, int first, int end)
{
#pragma omp for schedule(dynamic) nowait
    for (int k = first; k < end; k++)
        for (int turn = 0; turn < 2; turn++)
            for (int n = 0; n < bs_hadvect_bundles(&range[turn]); n++)
                sweep_bundle(a, s, &range[turn], bs_hadvect_axis(s, turn), k, n);
}

/* Planes first .. end - 1 that all threads share, along one axis: bundle by bundle. Inside a parallel region. */
static void sweep_shared(const hadvect *a, const bs_step *s, const bs_hadvect_range *range, int axis, int first,
                         int end)
{
    const int bundles = bs_hadvect_bundles(range), count = (end - first) * bundles;
#pragma omp for schedule(dynamic)
    for (int n = 0; n < count; n++) sweep_bundle(a, s, range, axis, first + n / bundles, n % bundles);
}

void bs_hadvect_sweep(void *self, const bs_step *s, int axis)
{
    const hadvect *a = self;
    const bs_hadvect_range range = bs_hadvect_range_of(a, axis, axis, false);
#pragma omp parallel default(none) shared(a, s, axis, range)
    sweep_shared(a, s, &range, axis, 0, a->c.box->nz);
}

static void apply(void *self, const bs_step *s)
{
    const hadvect *a = self;
    int first, end;
    bs_step_planes(s, a->c.box, &first, &end);
    const int alone = end - (end - first) % a->n_benches;
    const size_t terms = (size_t)a->c.tracers->n * BS_L_COUNT;
    bs_hadvect_range range[2];
    for (int turn = 0; turn < 2; turn++)
        range[turn] = bs_hadvect_range_of(a, bs_hadvect_axis(s, turn), turn, s->reverse);
    for (int t = 0; t < a->n_benches; t++) memset(a->benches[t]->moved, 0, sizeof(bs_sum) * terms);
#pragma omp parallel default(none) shared(a, s, first, end, alone, range)
    {
        sweep_alone(a, s, range, first, alone);
        for (int turn = 0; turn < 2 && alone < end; turn++)
            sweep_shared(a, s, &range[turn], bs_hadvect_axis(s, turn), alone, end);
    }
    for (int t = 0; t < a->n_benches; t++)
        for (size_t n = 0; n < terms; n++) bs_sum_merge(&s->ledger->sum[n], &a->benches[t]->moved[n]);
}

const bs_operator_row BS_OP_HADVECT = {.name = "hadvect",
                                       .text = "transport by the wind along x and y, flux form",
                                       .wanted = wanted,
                                       .create = create,
                                       .apply = apply,
                                       .check = bs_hadvect_check,
                                       .limit = bs_hadvect_limit,
                                       .air = bs_hadvect_move_air,
                                       .adjoint = bs_hadvect_adjoint,
                                       .destroy = destroy};
