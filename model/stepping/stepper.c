#include "model/stepping/stepper.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/core/timer.h"
#include "model/parallel/halo.h"
#include "model/parallel/ranks.h"
#include "model/parallel/threads.h"

static const bs_operator_row *const SEQUENCE[] = {
#define BS_STEP(row) &(row),
#include "model/stepping/sequence.def"
#undef BS_STEP
};
enum { N_OPERATORS = sizeof SEQUENCE / sizeof *SEQUENCE, CHUNKS = 5 };

struct bs_stepper {
    bs_operator_context context;
    int n;
    const bs_operator_row *row[N_OPERATORS];
    void *self[N_OPERATORS];
    double seconds[N_OPERATORS];
    bool moves_air;
    bs_halo *halo; /* NULL: one rank */
    int n_moves;   /* operators that move air, in a pair */
    double **air;  /* [n_moves, at least 1]: before each of them; NULL: no adjoint was asked for */
};

/* Room for the air of a pair. */
static bs_status make_air(bs_stepper *s, bs_err *err)
{
    const bs_box *box = s->context.box;
    const size_t cells = (size_t)box->nx * (size_t)box->ny * (size_t)box->nz;
    for (int n = 0; n < s->n; n++) s->n_moves += s->row[n]->air ? 2 : 0;
    if (!s->context.options->transposed) return BS_OK;
    BS_TRY(BS_NEW(&s->air, s->n_moves + 1, "air of a step", err));
    for (int a = 0; a < s->n_moves || a == 0; a++) BS_TRY(BS_NEW(&s->air[a], cells, "air of a step", err));
    return BS_OK;
}

/* Threads of the rank that has most: all must cut their messages into the same chunks. */
static int most_threads(const bs_operator_context *context)
{
    double most = bs_threads_count();
    if (context->tiling) bs_ranks_max(1, &most);
    return (int)most;
}

bs_status bs_stepper_create(const bs_operator_context *context, bs_stepper **out, bs_err *err)
{
    const int threads = most_threads(context); /* before anything that may fail in one rank alone */
    bs_stepper *s = NULL;
    BS_TRY(BS_NEW(&s, 1, "stepper", err));
    s->context = *context;
    for (int n = 0; n < N_OPERATORS; n++) {
        if (!SEQUENCE[n]->wanted(context->options)) continue;
        bs_status st = SEQUENCE[n]->create(&s->context, &s->self[s->n], err);
        if (st != BS_OK) {
            bs_stepper_destroy(s);
            return st;
        }
        s->moves_air = s->moves_air || SEQUENCE[n] == &BS_OP_HADVECT;
        s->row[s->n++] = SEQUENCE[n];
    }
    bs_status st = make_air(s, err);
    if (st == BS_OK && context->tiling)
        st = bs_halo_create(context->tiling, bs_ranks_self(), context->box, context->tracers->n, CHUNKS, threads,
                            &s->halo, err);
    if (st != BS_OK) {
        bs_stepper_destroy(s);
        return st;
    }
    *out = s;
    return BS_OK;
}

void bs_stepper_destroy(bs_stepper *s)
{
    if (!s) return;
    for (int n = 0; n < s->n; n++) s->row[n]->destroy(s->self[n]);
    for (int a = 0; s->air && a <= s->n_moves; a++) bs_free(s->air[a]); /* the last may be NULL */
    bs_free(s->air);
    bs_halo_destroy(s->halo);
    bs_free(s);
}

void bs_stepper_describe(const bs_stepper *s, bs_log *log)
{
    bs_log_info(log, "a pair of steps, then the same backward:");
    for (int n = 0; n < s->n; n++) {
        const char *detail =
            s->row[n] == &BS_OP_HADVECT ? bs_scheme_at((bs_scheme)s->context.options->scheme)->text : "";
        bs_log_info(log, "  %d %-9s %s%s%s", n + 1, s->row[n]->name, s->row[n]->text, *detail ? ": " : "", detail);
    }
}

int bs_stepper_pairs(const bs_stepper *s, const bs_forcing *forcing, double seconds, double max_step, bs_limit *limit)
{
    *limit = (bs_limit){.dt = max_step};
    snprintf(limit->culprit, sizeof limit->culprit, "time.max_step");
    for (int n = 0; n < s->n; n++)
        if (s->row[n]->limit) s->row[n]->limit(s->self[n], forcing, limit);
    double pairs = ceil(seconds / (2 * limit->dt) - 1e-9);
    return pairs < 1 ? 1 : pairs > 1e6 ? 1000000 : (int)pairs;
}

static void start_air(const bs_forcing *f, double w, bs_state *state)
{
    const ptrdiff_t n = (ptrdiff_t)state->box.nx * state->box.ny * state->box.nz;
    const double *m0 = f->end[0]->m, *m1 = f->end[1]->m;
    double *m = state->m;
#pragma omp parallel for schedule(static) default(none) shared(n, m0, m1, m, w)
    for (ptrdiff_t c = 0; c < n; c++) m[c] = (1 - w) * m0[c] + w * m1[c];
}

/* Horizontal operators that follow each other, on a few planes after another: while the first are worked on, what neighbours know of the
 * next is on its way. The air of their cells is needed where it has moved since start_air. */
static void run_planes(const bs_stepper *s, int n, const bs_operator_row *const *row, void *const *self,
                       const bs_step *step, double *seconds)
{
    const int chunks = s->halo ? bs_halo_chunks(s->halo) : 1;
    if (s->halo) bs_halo_begin(s->halo, step->state->q, step->reverse || !s->moves_air ? step->state->m : NULL);
    for (int c = 0; c < chunks; c++) {
        bs_step part = *step;
        if (s->halo) {
            bs_halo_end(s->halo, c);
            bs_halo_planes(s->halo, c, &part.k0, &part.k1);
        }
        for (int o = 0; o < n; o++) {
            const double begin = bs_wall_seconds();
            bs_operator_apply(row[o], self[o], &part);
            seconds[o] += bs_wall_seconds() - begin;
            if (s->halo) bs_halo_push(s->halo);
        }
    }
}

/* Operators in order, strip operators that follow each other in turns. */
static void run_half(bs_stepper *s, const bs_step *step)
{
    const bs_operator_row *row[N_OPERATORS];
    void *self[N_OPERATORS];
    double seconds[N_OPERATORS] = {0};
    for (int n = 0; n < s->n; n++) {
        const int at = step->reverse ? s->n - 1 - n : n;
        row[n] = s->row[at];
        self[n] = s->self[at];
    }
    for (int first = 0, last; first < s->n; first = last) {
        last = first + 1;
        if (row[first]->strip) {
            while (last < s->n && row[last]->strip) last++;
            bs_operators_on_strips(last - first, row + first, self + first, step, seconds + first);
        } else {
            while (last < s->n && !row[last]->strip) last++;
            run_planes(s, last - first, row + first, self + first, step, seconds + first);
        }
    }
    for (int n = 0; n < s->n; n++) s->seconds[step->reverse ? s->n - 1 - n : n] += seconds[n];
}

void bs_stepper_pair(bs_stepper *s, const bs_forcing *forcing, const bs_boundary *boundary, double w0, double w1,
                     double seconds, bs_state *state, bs_ledger *ledger)
{
    const double middle = 0.5 * (w0 + w1);
    if (s->moves_air) start_air(forcing, w0, state); /* else new air would bring tracer out of nothing */
    for (int half = 0; half < 2; half++) {
        const bs_step step = {.dt = 0.5 * seconds,
                              .w0 = half ? middle : w0,
                              .w1 = half ? w1 : middle,
                              .reverse = half == 1,
                              .forcing = forcing,
                              .boundary = boundary,
                              .state = state,
                              .ledger = ledger};
        run_half(s, &step);
    }
}

/* ---- backward ---- */

/* One operator of a pair: what it is given to see, with the air before it. */
typedef struct part {
    int o;
    bs_state state;
    bs_step step;
} part;

/* The operators of both halves in the order in which they run, with the air before each; part[] is of 2 N_OPERATORS. What the last of
 * those that move air leaves nobody looks at: it is the meteorology's at w1, to rounding. */
static void trace_air(bs_stepper *s, const bs_step half[2], part *part)
{
    const bs_box *box = s->context.box;
    const size_t bytes = sizeof(double) * (size_t)box->nx * (size_t)box->ny * (size_t)box->nz;
    int at = 0;
    memcpy(s->air[0], half[0].state->m, bytes);
    for (int n = 0; n < 2 * s->n; n++) {
        const int h = n >= s->n, o = h ? 2 * s->n - 1 - n : n;
        part[n].o = o;
        part[n].state = *half[h].state;
        part[n].state.m = s->air[at];
        part[n].step = half[h];
        part[n].step.state = &part[n].state;
        if (!s->row[o]->air || at + 1 == s->n_moves) continue;
        const double begin = bs_wall_seconds();
        bs_state after = part[n].state;
        bs_step move = half[h];
        memcpy(s->air[at + 1], s->air[at], bytes);
        after.m = s->air[++at];
        move.state = &after;
        s->row[o]->air(s->self[o], &move);
        s->seconds[o] += bs_wall_seconds() - begin;
    }
}

/* Last part first; strip operators that follow each other in turns. */
static void run_back(bs_stepper *s, const part *part)
{
    const bs_operator_row *row[2 * N_OPERATORS];
    void *self[2 * N_OPERATORS];
    const bs_step *step[2 * N_OPERATORS];
    double seconds[2 * N_OPERATORS] = {0};
    const int all = 2 * s->n;
    for (int n = 0; n < all; n++) {
        const int o = part[all - 1 - n].o;
        row[n] = s->row[o];
        self[n] = s->self[o];
        step[n] = &part[all - 1 - n].step;
    }
    for (int first = 0, last; first < all; first = last) {
        last = first + 1;
        while (row[first]->adjoint_strip && last < all && row[last]->adjoint_strip) last++;
        bs_operators_adjoint(last - first, row + first, self + first, step + first, seconds + first);
    }
    for (int n = 0; n < all; n++) s->seconds[part[all - 1 - n].o] += seconds[n];
}

void bs_stepper_pair_adjoint(bs_stepper *s, const bs_forcing *forcing, double w0, double w1, double seconds,
                             bs_state *state, bs_sensitivity *sensitivity)
{
    const double middle = 0.5 * (w0 + w1);
    bs_step half[2];
    part parts[2 * N_OPERATORS];
    for (int h = 0; h < 2; h++)
        half[h] = (bs_step){.dt = 0.5 * seconds,
                            .w0 = h ? middle : w0,
                            .w1 = h ? w1 : middle,
                            .reverse = h == 1,
                            .forcing = forcing,
                            .state = state,
                            .sensitivity = sensitivity};
    if (s->moves_air) start_air(forcing, w0, state);
    trace_air(s, half, parts);
    run_back(s, parts);
}

bs_status bs_stepper_check(const bs_stepper *s, bs_err *err)
{
    for (int n = 0; n < s->n; n++)
        if (s->row[n]->check) BS_TRY(s->row[n]->check(s->self[n], err));
    return BS_OK;
}

double bs_stepper_air_error(const bs_forcing *f, double w, const bs_state *state)
{
    const bs_box *box = &state->box;
    double worst = 0;
    for (int k = 0; k < box->nz; k++)
        for (int j = box->own.j0; j < box->own.j1; j++)
            for (int i = box->own.i0; i < box->own.i1; i++) {
                const ptrdiff_t c = ((ptrdiff_t)k * box->ny + j) * box->nx + i;
                const double target = (1 - w) * f->end[0]->m[c] + w * f->end[1]->m[c];
                worst = fmax(worst, fabs(state->m[c] - target) / target);
            }
    bs_ranks_max(1, &worst);
    return worst;
}

/* The exchange between ranks is a row after the operators'. */

int bs_stepper_count(const bs_stepper *s)
{
    return s->n + (s->halo ? 1 : 0);
}

const char *bs_stepper_name(const bs_stepper *s, int n)
{
    return n < s->n ? s->row[n]->name : "exchange";
}

double bs_stepper_seconds(const bs_stepper *s, int n)
{
    double packing, waiting;
    if (n < s->n) return s->seconds[n];
    bs_stepper_halo_seconds(s, &packing, &waiting);
    return packing + waiting;
}

void bs_stepper_halo_seconds(const bs_stepper *s, double *packing, double *waiting)
{
    *packing = *waiting = 0;
    if (s->halo) bs_halo_seconds(s->halo, packing, waiting);
}

bs_halo_traffic bs_stepper_traffic(const bs_stepper *s)
{
    return s->halo ? bs_halo_count(s->halo) : (bs_halo_traffic){0};
}
