/* How operators are applied: alone, or in turns on strips of columns. */
#include "kernels/base/check.h"
#include "model/core/timer.h"
#include "model/operators/operators.h"
#include "model/operators/strips.h"
#include "model/parallel/threads.h"

enum { MOST = 16 }; /* operators in turns */

/* One of TIMED strips is looked at: a clock that is read for each tracer would be seen in the times. Not always the same of a row. */
enum { TIMED = 11 };

typedef struct turns { /* operators in turns */
    int n;
    const bs_operator_row *const *rows;
    void *const *selves;
    const bs_step *step;
    int at_once; /* strips that a thread takes */
} turns;

/* Reads the clock, where wanted, and adds the time since it was last read. */
static inline void count(bool timed, double *last, double *spent)
{
    if (!timed) return;
    const double now = bs_wall_seconds();
    *spent += now - *last;
    *last = now;
}

static void one_strip(const turns *u, int strip, bool timed, double *spent)
{
    const bs_state *state = u->step->state;
    const bs_box *box = &state->box;
    const int tracers = state->tracers->n, strips = bs_strips(box);
    const bs_strip_at at = bs_strip_number(box, strip),
                      after = bs_strip_number(box, strip + 1 < strips ? strip + 1 : strip);
    const int asks = u->step->reverse ? u->n - 1 : 0; /* advection where there is one: it leaves memory the most time */
    double last = timed ? bs_wall_seconds() : 0;
    for (int o = 0; o < u->n; o++) {
        u->rows[o]->strip(u->selves[o], u->step, strip);
        count(timed, &last, &spent[o]);
    }
    for (int t = 0; t < tracers; t++) {
        const real *next = t + 1 < tracers ? bs_state_q(state, t + 1) + bs_at(box, 0, at.j, at.i)
                                           : bs_state_q(state, 0) + bs_at(box, 0, after.j, after.i);
        for (int o = 0; o < u->n; o++) {
            u->rows[o]->columns(u->selves[o], u->step, strip, t, o == asks ? next : NULL);
            count(timed, &last, &spent[o]);
        }
    }
}

/* Strips that a thread takes at once: a row of them, since each asks for what the next one needs, but few enough for threads to be done
 * together. */
static int strips_at_once(const bs_box *box)
{
    enum { TURNS = 16 }; /* of each thread, at least */
    const int row = bs_strips_per_row(box), share = bs_strips(box) / (TURNS * bs_threads_count());
    const int n = row < share ? row : share;
    return n > 1 ? n : 1;
}

void bs_operators_on_strips(int n, const bs_operator_row *const *rows, void *const *selves, const bs_step *step,
                            double *seconds)
{
    const bs_box *box = &step->state->box;
    const int strips = bs_strips(box);
    const turns u = {.n = n, .rows = rows, .selves = selves, .step = step, .at_once = strips_at_once(box)};
    double spent[MOST] = {0}, all = 0; /* by threads together */
    bs_assert(n <= MOST);
    for (int o = 0; o < n; o++)
        if (rows[o]->begin) rows[o]->begin(selves[o], step);
    const double begin = bs_wall_seconds();
    const bool wanted = seconds != NULL;
#pragma omp parallel for schedule(dynamic, u.at_once) default(none) shared(u, strips, wanted) reduction(+ : spent)
    for (int strip = 0; strip < strips; strip++) one_strip(&u, strip, wanted && strip % TIMED == 0, spent);
    const double wall = bs_wall_seconds() - begin;
    for (int o = 0; o < n; o++) {
        if (rows[o]->end) rows[o]->end(selves[o], step);
        all += spent[o];
    }
    for (int o = 0; seconds && o < n; o++) seconds[o] += all > 0 ? wall * spent[o] / all : 0;
}

void bs_operator_apply(const bs_operator_row *row, void *self, const bs_step *step)
{
    if (row->apply)
        row->apply(self, step);
    else
        bs_operators_on_strips(1, &row, &self, step, NULL);
}

void bs_operators_adjoint(int n, const bs_operator_row *const *rows, void *const *selves, const bs_step *const *steps,
                          double *seconds)
{
    const bs_box *box = &steps[0]->state->box;
    const int strips = bs_strips(box);
    double spent[MOST] = {0}, all = 0;
    const double begin = bs_wall_seconds();
    bs_assert(n <= MOST);
    if (rows[0]->adjoint) {
        bs_assert(n == 1);
        rows[0]->adjoint(selves[0], steps[0]);
        if (seconds) seconds[0] += bs_wall_seconds() - begin;
        return;
    }
#pragma omp parallel default(none) shared(n, rows, selves, steps, strips) reduction(+ : spent)
    {
        double last = bs_wall_seconds();
#pragma omp for schedule(dynamic) nowait
        for (int at = 0; at < strips; at++)
            for (int o = 0; o < n; o++) {
                rows[o]->adjoint_strip(selves[o], steps[o], at);
                const double now = bs_wall_seconds();
                spent[o] += now - last;
                last = now;
            }
    }
    const double wall = bs_wall_seconds() - begin;
    for (int o = 0; o < n; o++) all += spent[o];
    for (int o = 0; seconds && o < n; o++) seconds[o] += all > 0 ? wall * spent[o] / all : 0;
}
