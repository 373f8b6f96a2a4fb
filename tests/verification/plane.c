/* Published problems in the plane, for every row of schemes.def. Figures to compare with: advection_schemes.txt, parts A - G. */
#include <math.h>

#include "tests/verification/box.h"
#include "tests/verification/verify.h"

/* Over all problems of this file with zero background. */
typedef struct extremes {
    double low; /* smallest q over the largest of the start */
} extremes;

static const char *name_of(int scheme)
{
    return bs_scheme_at((bs_scheme)scheme)->name;
}

static box_figures tell(const verify *v, const char *problem, int scheme, const box *b, extremes *e)
{
    const box_figures f = box_compare(b);
    double largest = 0;
    for (int c = 0; c < box_cells(b); c++) largest = fmax(largest, (double)b->start[c]);
    verify_value(v, problem, name_of(scheme), "l1", f.l1);
    verify_value(v, problem, name_of(scheme), "l2", f.l2);
    verify_value(v, problem, name_of(scheme), "linf", f.linf);
    verify_value(v, problem, name_of(scheme), "peak", f.peak);
    verify_value(v, problem, name_of(scheme), "min", f.low);
    verify_value(v, problem, name_of(scheme), "overshoot", fmax(0, f.peak / largest - 1));
    e->low = fmin(e->low, f.low / largest);
    return f;
}

static int slotted_cylinder(const verify *v, int scheme, extremes *e)
{
    box b;
    int failed = box_run(&BOX_ZALESAK, scheme, 100, 628, 628, &b);
    if (!failed) {
        tell(v, "zalesak 1 turn", scheme, &b, e);
        for (int s = 628; s < 6 * 628; s++) box_step(&b, scheme, s % 2);
        tell(v, "zalesak 6 turns", scheme, &b, e);
        verify_field(v, "zalesak 6 turns", name_of(scheme), 100, b.q[0]);
        if (scheme == 0) verify_field(v, "zalesak 6 turns", "exact", 100, b.start);
    }
    box_free(&b);
    return failed;
}

static int cone(const verify *v, int scheme, extremes *e)
{
    box b;
    const int failed = box_run(&BOX_CONE, scheme, 100, 6 * 628, 628, &b);
    if (!failed) {
        const box_figures f = tell(v, "cone 6 turns", scheme, &b, e);
        double sum = 0;
        for (int c = 0; c < box_cells(&b); c++) sum += pow((double)b.q[0][c] - (double)b.start[c], 2);
        /* as Jaruga et al. 2015 have it: height 4 on 1, turning at 0.1 a second */
        verify_value(v, "cone 6 turns", name_of(scheme), "4 peak + 1", 4 * f.peak + 1);
        verify_value(v, "cone 6 turns", name_of(scheme), "rms/T", 4 * sqrt(sum / box_cells(&b)) / (6 * 62.8318530718));
    }
    box_free(&b);
    return failed;
}

/* Steps for a largest speed of 1 at Courant number 0.8. */
static int steps_of(double end, int n)
{
    return (int)lround(end * n / 0.8);
}

static int deformed(const verify *v, const char *name, const box_problem *p, int scheme, int n, extremes *e)
{
    box b;
    const int steps = steps_of(p->end, n), failed = box_run(p, scheme, n, steps, steps, &b);
    if (!failed) tell(v, name, scheme, &b, e);
    box_free(&b);
    return failed;
}

static int order(const verify *v, int scheme, extremes *e)
{
    enum { RUNS = 4 };
    static const char *const orders[] = {"order 32-64", "order 64-128", "order 128-256"};
    static const char *const problem = "deformation T=1.5 C3 bell";
    double n[RUNS], l2[RUNS];
    for (int r = 0; r < RUNS; r++) {
        box b;
        const int cells = 32 << r, steps = steps_of(1.5, cells);
        const int failed = box_run(&BOX_C3, scheme, cells, steps, steps, &b);
        if (!failed) {
            const box_figures f = box_compare(&b);
            n[r] = cells, l2[r] = f.l2;
            e->low = fmin(e->low, f.low);
            if (cells == 128) verify_value(v, problem, name_of(scheme), "l2 N=128", f.l2);
            if (cells == 256) verify_value(v, problem, name_of(scheme), "l2 N=256", f.l2);
        }
        box_free(&b);
        if (failed) return failed;
        if (r) verify_value(v, problem, name_of(scheme), orders[r - 1], log2(l2[r - 1] / l2[r]));
    }
    verify_series(v, problem, name_of(scheme), "l2", RUNS, n, l2);
    return 0;
}

/* Distance of a pair to the curve xi = 0.892 - ... of the start, over the ranges of both. */
static double distance(double chi, double xi, double range_chi, double range_xi)
{
    enum { POINTS = 400 };
    double least = INFINITY;
    for (int p = 0; p <= POINTS; p++) {
        const double c = 0.1 + 0.9 * p / POINTS, x = 0.9 - 0.8 * c * c;
        least = fmin(least, hypot((chi - c) / range_chi, (xi - x) / range_xi));
    }
    return least;
}

/* Lauritzen & Thuburn 2012, Q. J. R. Meteorol. Soc. 138, 906-918: two tracers related by a curve at the start; afterwards
 * pairs between curve and chord are mixed as air mixes (lr), others within the ranges are not (lu), the rest is beyond (lo). */
static int mixing(const verify *v, int scheme)
{
    enum { SIDE = 120 };
    static const char *const problem = "mixing N=120";
    box b[2];
    int failed = 0;
    for (int t = 0; t < 2; t++) {
        failed |= box_make(SIDE, SIDE, 1, 0, &b[t]);
        if (failed) continue;
        box_fill(&b[t], 0, box_bell);
        for (int c = 0; c < SIDE * SIDE; c++) {
            const double chi = 0.1 + 0.9 * (double)b[t].q[0][c];
            b[t].q[0][c] = (real)(t ? 0.9 - 0.8 * chi * chi : chi);
        }
        b[t].outside = (real)(t ? 0.892 : 0.1);
        box_stream(&b[t], box_vortex);
        const int steps = steps_of(5, SIDE);
        for (int s = 0; s < steps / 2; s++) {
            box_wind(&b[t], 5.0 / steps * BOX_T5.strength((s + 0.5) * 5 / steps));
            box_step(&b[t], scheme, s % 2);
        }
    }
    if (!failed) {
        double sum[3] = {0};
        static const char *const names[] = {"lr", "lu", "lo"};
        for (int c = 0; c < SIDE * SIDE; c++) {
            const double chi = (double)b[0].q[0][c], xi = (double)b[1].q[0][c];
            const double curve = 0.9 - 0.8 * chi * chi, chord = 0.892 - 0.88 * (chi - 0.1);
            /* ROUND: float cells on the curve or at the end of a range */
            const double tiny = 4 * (double)BS_REAL_EPSILON;
            const int beyond = chi < 0.1 - tiny || chi > 1 + tiny || xi < 0.1 - tiny || xi > 0.892 + tiny;
            const int mixed = xi <= curve + tiny && xi >= chord - tiny;
            sum[beyond ? 2 : mixed ? 0 : 1] += distance(chi, xi, 0.9, 0.792);
        }
        for (int k = 0; k < 3; k++) verify_value(v, problem, name_of(scheme), names[k], sum[k] / (SIDE * SIDE));
    }
    for (int t = 0; t < (failed ? 1 : 2); t++) box_free(&b[t]);
    return failed;
}

static int large_courant(const verify *v, int scheme, extremes *e)
{
    enum { RUNS = 4 };
    static const int steps[RUNS] = {628, 314, 157, 80};
    double courant[RUNS], l1[RUNS];
    for (int r = 0; r < RUNS; r++) {
        box b;
        const int failed = box_run(&BOX_ZALESAK, scheme, 100, steps[r], steps[r], &b);
        if (!failed) {
            char problem[64];
            snprintf(problem, sizeof problem, "zalesak 1 turn, Courant %.2g", 314.16 / steps[r]);
            const box_figures f = r ? tell(v, problem, scheme, &b, e) : box_compare(&b);
            courant[r] = 314.16 / steps[r], l1[r] = f.l1;
        }
        box_free(&b);
        if (failed) return failed;
    }
    verify_series(v, "large Courant numbers", name_of(scheme), "l1", RUNS, courant, l1);
    return 0;
}

int verify_plane(const verify *v)
{
    for (int s = 0; s < BS_SCHEME_COUNT; s++) {
        extremes e = {.low = INFINITY};
        if (slotted_cylinder(v, s, &e) || cone(v, s, &e) || order(v, s, &e) || mixing(v, s) ||
            large_courant(v, s, &e) || deformed(v, "deformation T=1.5 composite N=128", &BOX_COMPOSITE, s, 128, &e) ||
            deformed(v, "deformation T=5 bell N=100", &BOX_T5, s, 100, &e) ||
            deformed(v, "deformation T=5 bell N=200", &BOX_T5, s, 200, &e))
            return -1;
        verify_value(v, "all in the plane", name_of(s), "smallest q over largest", e.low);
    }
    return 0;
}
