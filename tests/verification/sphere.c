/* A sphere that revolves once in a box, as in Jaruga et al. 2015, Geosci. Model Dev. 8, 1005-1032, and the tests of
 * libmpdata++: points 100/58 apart, radius 15, value 4, turning at 0.1 s-1 about (1,1,1), 556 steps. Errors there:
 * L1 = mean|e|/T, L2 = sqrt(mean e^2)/T, of values at points; here the start has values at points too. */
#include <math.h>
#include <string.h>

#include "tests/verification/box.h"
#include "tests/verification/verify.h"

enum { SIDE = 59, STEPS = 556 };
static const double STEP = 0.018 * 2 * 3.14159265358979323846;

static void start(box *b)
{
    const double h = 100.0 / (SIDE - 1), d = 25 / sqrt(3.0), x0 = 50 - d, y0 = 50 + d, z0 = 50 + d;
    for (int k = 0; k < SIDE; k++)
        for (int j = 0; j < SIDE; j++)
            for (int i = 0; i < SIDE; i++) {
                const double r2 = pow(i * h - x0, 2) + pow(j * h - y0, 2) + pow(k * h - z0, 2);
                b->q[0][(k * SIDE + j) * SIDE + i] = r2 <= 15 * 15 ? 4 : 0;
            }
    memcpy(b->start, b->q[0], (size_t)box_cells(b) * sizeof(real));
}

/* A component does not vary along its own axis, so no sweep changes the air. */
static void wind(box *b)
{
    const double speed = 0.1 / sqrt(3.0) * STEP;
    const int mid = (SIDE - 1) / 2;
    for (int c = 0; c < SIDE; c++)
        for (int r = 0; r < SIDE; r++)
            for (int f = 0; f <= SIDE; f++) {
                b->flux[0][(c * SIDE + r) * (SIDE + 1) + f] = speed * ((c - mid) - (r - mid)); /* z - y */
                b->flux[1][(c * (SIDE + 1) + f) * SIDE + r] = speed * ((r - mid) - (c - mid)); /* x - z */
                b->flux[2][(f * SIDE + c) * SIDE + r] = speed * ((c - mid) - (r - mid));       /* y - x */
            }
}

int verify_sphere(const verify *v)
{
    static const char *const problem = "sphere 1 turn";
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++) {
        box b;
        const int failed = box_make(SIDE, SIDE, SIDE, 0, &b);
        if (!failed) {
            start(&b);
            wind(&b);
            for (int s = 0; s < STEPS; s++) box_step(&b, scheme, s % 2);
            const box_figures f = box_compare(&b);
            double sum1 = 0, sum2 = 0;
            for (int c = 0; c < box_cells(&b); c++) {
                const double e = (double)b.q[0][c] - (double)b.start[c];
                sum1 += fabs(e), sum2 += e * e;
            }
            const char *name = bs_scheme_at((bs_scheme)scheme)->name;
            verify_value(v, problem, name, "L1", sum1 / box_cells(&b) / (STEPS * STEP));
            verify_value(v, problem, name, "L2", sqrt(sum2 / box_cells(&b)) / (STEPS * STEP));
            verify_value(v, problem, name, "max", f.peak);
            verify_value(v, problem, name, "min", f.low);
        }
        box_free(&b);
        if (failed) return failed;
    }
    return 0;
}
