/* The correction wind beside the wind that it is taken off, by height above ground. */
#include <math.h>
#include <string.h>

#include "model/met/correct_parts.h"
#include "model/parallel/ranks.h"

static const double TOP[BS_CORRECTION_BANDS] = {500, 1000, 2000, 3000, INFINITY}; /* m */

static int band_of(double height)
{
    int b = 0;
    while (height > TOP[b]) b++;
    return b;
}

/* Sums of a layer over this rank's own cells and the faces that it gives: those of all ranks, in whatever order, are the same bits. */
enum {
    HEIGHT,
    ALONG_X,
    ALONG_Y,
    N_SUMS
}; /* m, of the layer's middle above ground; m2 s-2, squares of winds through inner faces */

static void sum_winds(const bs_corrector *c, const bs_met_state *s, int k, bs_sum sums[N_SUMS])
{
    const bs_mesh *mesh = c->mesh;
    const bs_window own = c->part.tile.own;
    const size_t nx = (size_t)s->nx, ny = (size_t)s->ny;
    const double *m = s->m + (size_t)k * ny * nx, *area = mesh->area;
    const double *fx = s->fx + (size_t)k * ny * (nx + 1), *fy = s->fy + (size_t)k * (ny + 1) * nx;
    for (int j = own.j0; j < own.j1; j++)
        for (int i = own.i0; i < own.i1; i++) {
            const size_t n = (size_t)j * nx + (size_t)i, f = (size_t)j * (nx + 1) + (size_t)i;
            if (i > 0) { /* an own cell at the end of the part lies at a side of the domain */
                const double mass = 0.5 * (m[n - 1] / area[n - 1] + m[n] / area[n]);
                const double u = fx[f] / (mass * mesh->len_xf[f]);
                bs_sum_add(&sums[ALONG_X], u * u);
            }
            if (j > 0) {
                const double mass = 0.5 * (m[n - nx] / area[n - nx] + m[n] / area[n]);
                const double v = fy[n] / (mass * mesh->len_yf[n]);
                bs_sum_add(&sums[ALONG_Y], v * v);
            }
        }
}

static void sum_heights(const bs_corrector *c, const bs_met_state *s, int k, bs_sum sums[N_SUMS])
{
    const bs_window own = c->part.tile.own;
    const size_t plane = (size_t)s->ny * (size_t)s->nx;
    const real *bottom = s->z_half + (size_t)k * plane, *top = bottom + plane;
    for (int j = own.j0; j < own.j1; j++)
        for (int i = own.i0; i < own.i1; i++) {
            const size_t n = (size_t)j * (size_t)s->nx + (size_t)i;
            bs_sum_add(&sums[HEIGHT], 0.5 * ((double)bottom[n] + (double)top[n]));
        }
}

void bs_correct_note_worst(bs_corrector *c, const bs_met_state *s)
{
    enum { MOST = 8 }; /* layers at a time */
    const double nx = c->part.whole->nx, ny = c->part.whole->ny, n_x = (nx - 1) * ny, n_y = nx * (ny - 1);
    double square[BS_CORRECTION_BANDS] = {0};
    c->worst = s->time;
    for (int b = 0; b < BS_CORRECTION_BANDS; b++) c->layers[b] = 0;
    for (int first = 0; first < c->nz; first += MOST) {
        bs_sum sums[MOST][N_SUMS];
        const int count = c->nz - first < MOST ? c->nz - first : MOST;
        memset(sums, 0, sizeof sums);
#pragma omp parallel for schedule(static) default(none) shared(c, s, sums, first, count)
        for (int n = 0; n < count; n++) {
            sum_heights(c, s, first + n, sums[n]);
            sum_winds(c, s, first + n, sums[n]);
        }
        if (!bs_correct_alone(c)) bs_ranks_sum(count * N_SUMS, sums[0]);
        for (int n = 0; n < count; n++) {
            const int b = band_of(bs_sum_value(&sums[n][HEIGHT]) / (nx * ny));
            c->layers[b]++;
            square[b] += (n_x > 0 ? bs_sum_value(&sums[n][ALONG_X]) / n_x : 0) +
                         (n_y > 0 ? bs_sum_value(&sums[n][ALONG_Y]) / n_y : 0);
        }
    }
    for (int b = 0; b < BS_CORRECTION_BANDS; b++) c->wind_of[b] = c->layers[b] ? sqrt(square[b] / c->layers[b]) : 0;
}

void bs_correct_bands(const bs_corrector *c, bs_correction_band band[BS_CORRECTION_BANDS])
{
    for (int b = 0; b < BS_CORRECTION_BANDS; b++)
        band[b] = (bs_correction_band){.from = b ? TOP[b - 1] : 0,
                                       .to = TOP[b],
                                       .layers = c->layers[b],
                                       .p99 = c->layers[b] ? c->p99 : 0,
                                       .max = c->layers[b] ? c->max : 0,
                                       .wind = c->wind_of[b]};
}

double bs_correct_excess(const bs_corrector *c)
{
    bs_correction_band band[BS_CORRECTION_BANDS];
    double most = 0;
    bs_correct_bands(c, band);
    for (int b = 0; b < BS_CORRECTION_BANDS; b++)
        if (band[b].to <= BS_CORRECTION_HEIGHT) most = fmax(most, band[b].p99);
    return most > BS_CORRECTION_LIMIT ? most : 0;
}
