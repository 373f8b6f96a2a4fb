/* How operators are applied: alone, or in turns on strips of columns. */
#include "kernels/base/check.h"
#include "model/core/timer.h"
#include "model/operators/operators.h"
#include "model/operators/strips.h"

enum { MOST = 16 }; /* operators in turns */

void bs_operators_on_strips(int n, const bs_operator_row *const *rows, void *const *selves, const bs_step *step,
                            double *seconds)
{
    const bs_box *box = &step->state->box;
    const int strips = box->ny * bs_strips_per_row(box);
    double spent[MOST] = {0}, all = 0; /* by threads together */
    bs_assert(n <= MOST);
    for (int o = 0; o < n; o++)
        if (rows[o]->begin) rows[o]->begin(selves[o], step);
    const double begin = bs_wall_seconds();
#pragma omp parallel default(none) shared(n, rows, selves, step, strips) reduction(+ : spent)
    {
        double last = bs_wall_seconds();
#pragma omp for schedule(dynamic) nowait
        for (int at = 0; at < strips; at++)
            for (int o = 0; o < n; o++) {
                rows[o]->strip(selves[o], step, at);
                const double now = bs_wall_seconds();
                spent[o] += now - last;
                last = now;
            }
    }
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
