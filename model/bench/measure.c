#include "model/bench/measure.h"

#include <math.h>
#include <stdlib.h>

#include "model/core/memory.h"
#include "model/core/timer.h"

static const bs_bench_part_row PARTS[BS_PART_COUNT] = {
#define BS_PART(id, name, values, per_cell, flops, why)                                                                \
    [id] = {name, values, per_cell, flops, id == BS_PART_STEP ? 3 : id == BS_PART_XY ? 2 : id <= BS_PART_Z ? 1 : 0,    \
            why},
#include "model/bench/parts.def"
#undef BS_PART
};

const bs_bench_part_row *bs_bench_part_at(bs_bench_part part)
{
    return &PARTS[part];
}

/* Additions, products, minima, maxima, comparisons and selections count one, a fused multiply-add two (sweep_step.h), where all air moves
 * one way.
 *   difference 1, edge 4, both sides of it 4; flux 3, low order and update 5: 17
 *   bounds 4
 *   selective limiter 29: clip 2, edges 4, parabola 6, smoothness 5, extremes 4, decision 2, flux 6
 *   limiter of CW84 22: slopes 6, edges 5, parabola 6, flux 5; its edge 1 instead of 4 */
double bs_bench_sweep_flops(bs_scheme scheme)
{
    switch (scheme) {
    case BS_PPM6_SEL:
        return 17 + 4 + 29;
    case BS_PPM6_PD:
        return 17 + 4;
    case BS_PPM6_LIN:
        return 17;
    case BS_PPM_CW84:
        return 14 + 4 + 22;
    case BS_UPWIND1:
    case BS_SCHEME_COUNT:
        break;
    }
    return 6;
}

typedef struct set { /* operators under measurement; NULL: not wanted */
    void *hadvect, *zadvect, *column, *settle, *hdiff;
} set;

typedef enum what { WHOLE, PARTS_OF_STEP, REST } what;

static double timed(const bs_operator_row *row, void *self, const bs_step *s)
{
    const double begin = bs_wall_seconds();
    bs_operator_apply(row, self, s);
    return bs_wall_seconds() - begin;
}

/* As a run has it: what works on strips in turns. */
static void whole_step(const set *o, const bs_step *s, double *seconds)
{
    const bs_operator_row *const rows[] = {&BS_OP_ZADVECT, &BS_OP_COLUMN}, *const back[] = {rows[1], rows[0]};
    void *const selves[] = {o->zadvect, o->column}, *const backward[] = {o->column, o->zadvect};
    const double begin = bs_wall_seconds();
    if (s->reverse) bs_operators_on_strips(2, back, backward, s, NULL);
    seconds[BS_PART_XY] += timed(&BS_OP_HADVECT, o->hadvect, s);
    if (!s->reverse) bs_operators_on_strips(2, rows, selves, s, NULL);
    seconds[BS_PART_STEP] += bs_wall_seconds() - begin;
}

/* Each alone: x, y, z and the vertical solve. */
static void parts_of_step(const set *o, const bs_step *s, double *seconds)
{
    for (int n = 0; n < 3; n++) {
        const int axis = s->reverse ? 2 - n : n;
        const double begin = bs_wall_seconds();
        if (axis == 2)
            bs_operator_apply(&BS_OP_ZADVECT, o->zadvect, s);
        else
            bs_hadvect_sweep(o->hadvect, s, axis);
        seconds[BS_PART_X + axis] += bs_wall_seconds() - begin;
    }
    seconds[BS_PART_COLUMN] += timed(&BS_OP_COLUMN, o->column, s);
}

static void one_step(const set *o, what which, const bs_step *s, double *seconds)
{
    if (which == WHOLE) {
        whole_step(o, s, seconds);
    } else if (which == PARTS_OF_STEP) {
        parts_of_step(o, s, seconds);
    } else {
        seconds[BS_PART_HDIFF] += timed(&BS_OP_HDIFF, o->hdiff, s);
        seconds[BS_PART_SETTLE] += timed(&BS_OP_SETTLE, o->settle, s);
    }
}

static void one_pair(bs_bench_world *w, const set *o, what which, double *seconds)
{
    bs_bench_world_reset(w);
    for (int half = 0; half < 2; half++) {
        const bs_step s = {.dt = w->dt,
                           .w0 = half ? 0.5 : 0,
                           .w1 = half ? 1 : 0.5,
                           .reverse = half == 1,
                           .forcing = w->forcing,
                           .boundary = w->boundary,
                           .state = w->state,
                           .ledger = w->ledger};
        one_step(o, which, &s, seconds);
    }
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* samples [pairs][BS_PART_COUNT] s, of a pair; scratch [pairs]. */
static void summarise(int pairs, double updates, const double *samples, double *scratch, bs_bench_times *out)
{
    for (int p = 0; p < BS_PART_COUNT; p++) {
        for (int n = 0; n < pairs; n++) scratch[n] = samples[n * BS_PART_COUNT + p] * 0.5e9 / updates;
        qsort(scratch, (size_t)pairs, sizeof *scratch, by_size);
        out->part[p] =
            (bs_bench_time){.min = scratch[0], .median = 0.5 * (scratch[(pairs - 1) / 2] + scratch[pairs / 2])};
    }
}

static void measure(bs_bench_world *w, const bs_bench_plan *plan, const set *o, double *samples, bs_bench_times *out)
{
    double untimed[BS_PART_COUNT] = {0};
    const bs_step first = {.dt = w->dt,
                           .w0 = 0,
                           .w1 = 0.5,
                           .forcing = w->forcing,
                           .boundary = w->boundary,
                           .state = w->state,
                           .ledger = w->ledger};
    bs_bench_world_reset(w);
    one_step(o, WHOLE, &first, untimed);
    for (int n = 0; n < plan->pairs; n++) {
        one_pair(w, o, WHOLE, samples + n * BS_PART_COUNT);
        if (plan->sweeps) one_pair(w, o, PARTS_OF_STEP, samples + n * BS_PART_COUNT);
        if (plan->rest) one_pair(w, o, REST, samples + n * BS_PART_COUNT);
    }
    const double updates = (double)w->box.nx * w->box.ny * w->box.nz * w->tracers.n;
    summarise(plan->pairs, updates, samples, samples + plan->pairs * BS_PART_COUNT, out);
}

static bs_status create(const bs_operator_context *c, const bs_bench_plan *plan, set *o, bs_err *err)
{
    BS_TRY(BS_OP_HADVECT.create(c, &o->hadvect, err));
    BS_TRY(BS_OP_ZADVECT.create(c, &o->zadvect, err));
    BS_TRY(BS_OP_COLUMN.create(c, &o->column, err));
    if (!plan->rest) return BS_OK;
    BS_TRY(BS_OP_SETTLE.create(c, &o->settle, err));
    return BS_OP_HDIFF.create(c, &o->hdiff, err);
}

bs_status bs_bench_measure(bs_bench_world *w, const bs_bench_plan *plan, bs_bench_times *out, bs_err *err)
{
    const bs_operator_options options = {.scheme = (int)plan->scheme,
                                         .mixing = BS_MIX_BACKWARD_EULER,
                                         .horizontal_diffusion = true,
                                         .settling = true,
                                         .dry_deposition = true,
                                         .max_courant = 1,
                                         .max_deformation = 0.9,
                                         .isa = plan->isa};
    const bs_operator_context context = {.mesh = w->mesh, .box = &w->box, .tracers = &w->tracers, .options = &options};
    set o = {0};
    double *samples = NULL;
    bs_status st = BS_NEW(&samples, (size_t)plan->pairs * (BS_PART_COUNT + 1), "bench", err);
    if (st == BS_OK) st = create(&context, plan, &o, err);
    if (st == BS_OK) measure(w, plan, &o, samples, out);
    BS_OP_HADVECT.destroy(o.hadvect);
    BS_OP_ZADVECT.destroy(o.zadvect);
    BS_OP_COLUMN.destroy(o.column);
    BS_OP_SETTLE.destroy(o.settle);
    BS_OP_HDIFF.destroy(o.hdiff);
    bs_free(samples);
    return st;
}
