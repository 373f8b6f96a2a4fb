/* What holds for any wind: uniform fields to the bit, air and tracer mass, the sum of tags. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/verification/box.h"
#include "tests/verification/bundle.h"
#include "tests/verification/verify.h"

static const char *name_of(int scheme)
{
    return bs_scheme_at((bs_scheme)scheme)->name;
}

/* Random air and winds along one bundle, Courant numbers up to 4.5, on every instruction set: cells of a uniform field that
 * changed. Divergence stays below half a cell's mass, as a model's step must see to. */
static int changed_along_a_line(int scheme, int trials, double *changed)
{
    enum { N = 64, CELLS = N + 2 * BS_GHOST };
    double *flux = calloc((N + 1) * BS_LANES, sizeof *flux), *m = calloc(CELLS * BS_LANES, sizeof *m);
    double *moved = calloc(CELLS * BS_LANES, sizeof *moved), through[2 * BS_LANES];
    real *q = calloc(CELLS * BS_LANES, sizeof *q), *phi = calloc((N + 1) * BS_LANES, sizeof *phi);
    real *scratch = calloc(bs_sweep_scratch_len(N), sizeof *scratch);
    const int failed = !flux || !m || !moved || !q || !phi || !scratch;
    unsigned long long seed = 1;
    for (int t = 0; !failed && t < trials; t++) {
        const real value = (real)exp(40 * verify_random(&seed) - 20);
        for (int a = 0; a < CELLS * BS_LANES; a++) m[a] = 1 + verify_random(&seed);
        for (int l = 0; l < BS_LANES; l++) {
            const double base = 4.3 * (2 * verify_random(&seed) - 1);
            for (int f = 0; f <= N; f++) flux[f * BS_LANES + l] = base + 0.4 * (verify_random(&seed) - 0.5);
        }
        for (int isa = 0; isa <= (int)bs_isa_best(); isa++) {
            const bs_sweep_kernels *k = bs_sweep_kernels_for((bs_isa)isa);
            bs_sweep s;
            for (int a = 0; a < CELLS * BS_LANES; a++) q[a] = value;
            memcpy(moved, m, CELLS * BS_LANES * sizeof *m);
            bundle_setup(k, scheme, N, flux, moved, scratch, &s);
            const bs_pencils pencils = bundle_pencils(N, q);
            k->total[scheme](&s, scratch, &pencils, phi, through);
            for (int a = BS_GHOST * BS_LANES; a < (N + BS_GHOST) * BS_LANES; a++) *changed += q[a] != value;
        }
    }
    free(flux), free(m), free(moved), free(q), free(phi), free(scratch);
    return failed ? -1 : 0;
}

/* Stream function of random waves and a random mean wind: the mean wind crosses the sides. */
static void random_stream(box *b, double courant, unsigned long long *seed)
{
    enum { WAVES = 3 };
    double a[WAVES][WAVES], largest = 0;
    const double u = 2 * verify_random(seed) - 1, w = 2 * verify_random(seed) - 1, pi = 3.14159265358979323846;
    for (int k = 0; k < WAVES * WAVES; k++) a[k / WAVES][k % WAVES] = 0.2 * (2 * verify_random(seed) - 1);
    const int nx = b->n[0], ny = b->n[1];
    for (int j = 0; j <= ny; j++)
        for (int i = 0; i <= nx; i++) {
            const double x = (double)i / nx, y = (double)j / ny;
            double psi = u * y - w * x;
            for (int k = 0; k < WAVES; k++)
                for (int l = 0; l < WAVES; l++) psi += a[k][l] * sin((k + 1) * pi * x) * sin((l + 1) * pi * y);
            b->psi[j * (nx + 1) + i] = psi;
        }
    box_wind(b, 1);
    for (int f = 0; f < ny * (nx + 1); f++) largest = fmax(largest, fabs(b->flux[0][f]));
    for (int f = 0; f < (ny + 1) * nx; f++) largest = fmax(largest, fabs(b->flux[1][f]));
    box_wind(b, courant / largest);
}

static int uniform(const verify *v, int scheme)
{
    enum { SIDE = 80, WINDS = 40 };
    double changed = 0;
    if (changed_along_a_line(scheme, 400, &changed)) return -1;
    verify_value(v, "uniform, random winds", name_of(scheme), "cells changed", changed);
    box b;
    const int failed = box_make(SIDE, SIDE, 1, 0, &b);
    unsigned long long seed = 2;
    changed = 0;
    for (int wind = 0; !failed && wind < WINDS; wind++) {
        random_stream(&b, 4 * verify_random(&seed), &seed);
        b.outside = (real)exp(40 * verify_random(&seed) - 20);
        for (int c = 0; c < box_cells(&b); c++) b.q[0][c] = b.outside;
        for (int s = 0; s < 4; s++) box_step(&b, scheme, s % 2);
        for (int c = 0; c < box_cells(&b); c++) changed += b.q[0][c] != b.outside;
    }
    if (!failed) {
        verify_value(v, "uniform, random winds in the plane", name_of(scheme), "cells changed", changed);
        verify_value(v, "uniform, random winds in the plane", name_of(scheme), "air mass", b.air);
    }
    box_free(&b);
    return failed;
}

static int mass(const verify *v, int scheme)
{
    box b;
    int failed = box_make(100, 100, 1, 0, &b);
    if (!failed) {
        box_fill(&b, 0, BOX_COMPOSITE.shape);
        box_stream(&b, box_vortex);
        box_wind(&b, 0.8 / 100);
        for (int s = 0; s < 1000; s++) box_step(&b, scheme, s % 2);
        verify_value(v, "closed vortex, 1000 steps", name_of(scheme), "mass", box_compare(&b).drift);
    }
    box_free(&b);
    if (failed) return failed;
    failed = box_make(100, 100, 1, 0, &b);
    if (!failed) {
        box_fill(&b, 0, BOX_ZALESAK.shape);
        b.outside = 1;
        box_stream(&b, BOX_ZALESAK.stream);
        box_wind(&b, 1.0 / 628);
        const double before = box_sum(&b, 0);
        for (int s = 0; s < 1000; s++) box_step(&b, scheme, s % 2);
        const double error = box_sum(&b, 0) - before - b.in + b.out;
        verify_value(v, "open rotation, 1000 steps", name_of(scheme), "budget", fabs(error) / (before + b.in));
    }
    box_free(&b);
    return failed;
}

/* Slotted cylinder, cone and hump are a tag each; the flow folds them over each other and back. */
static int tags(const verify *v, int scheme)
{
    box b;
    const int failed = box_make(100, 100, 1, BOX_TAGS, &b);
    if (!failed) {
        box_shape *const shapes[BOX_TAGS] = {box_slotted_cylinder, box_low_cone, box_hump};
        double worst = 0, largest = 0, largest_tag = 0, smallest_tag = 0;
        box_fill(&b, 0, BOX_COMPOSITE.shape);
        for (int t = 0; t < BOX_TAGS; t++) box_fill(&b, 1 + t, shapes[t]);
        box_stream(&b, box_vortex);
        for (int s = 0; s < 625; s++) {
            box_wind(&b, 5.0 / 625 * BOX_T5.strength((s + 0.5) * 5 / 625));
            box_step(&b, scheme, s % 2);
            for (int c = 0; c < box_cells(&b); c++) {
                double sum = 0;
                for (int t = 1; t <= BOX_TAGS; t++) {
                    sum += (double)b.q[t][c];
                    largest_tag = fmax(largest_tag, fabs((double)b.q[t][c]));
                    smallest_tag = fmin(smallest_tag, (double)b.q[t][c]);
                }
                worst = fmax(worst, fabs(sum - (double)b.q[0][c]));
                largest = fmax(largest, (double)b.q[0][c]);
            }
        }
        verify_value(v, "three tags, T=5 N=100", name_of(scheme), "sum of tags", worst / largest);
        verify_value(v, "three tags, T=5 N=100", name_of(scheme), "smallest tag over largest total",
                     smallest_tag / largest);
        verify_value(v, "three tags, T=5 N=100", name_of(scheme), "largest tag over largest total",
                     largest_tag / largest);
    }
    box_free(&b);
    return failed;
}

int verify_conservation(const verify *v)
{
    for (int s = 0; s < BS_SCHEME_COUNT; s++)
        if (uniform(v, s) || mass(v, s) || tags(v, s)) return -1;
    return 0;
}
