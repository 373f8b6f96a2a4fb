/* The correction wind beside the wind that it is taken off, by height above ground. */
#include <math.h>

#include "model/met/correct_parts.h"

static const double TOP[BS_CORRECTION_BANDS] = {500, 1000, 2000, 3000, INFINITY}; /* m */

/* Mean height of a layer's middle above the ground, m. */
static double middle(const bs_met_state *s, int k)
{
    const size_t plane = (size_t)s->ny * (size_t)s->nx;
    const real *bottom = s->z_half + (size_t)k * plane, *top = bottom + plane;
    double sum = 0;
    for (size_t c = 0; c < plane; c++) sum += 0.5 * ((double)bottom[c] + (double)top[c]);
    return sum / (double)plane;
}

static int band_of(double height)
{
    int b = 0;
    while (height > TOP[b]) b++;
    return b;
}

/* Mean square of the wind through the inner faces of layer k: along x and along y together. */
static double wind_squared(const bs_mesh *mesh, const bs_met_state *s, int k)
{
    const size_t nx = (size_t)s->nx, ny = (size_t)s->ny;
    const double *m = s->m + (size_t)k * ny * nx, *area = mesh->area;
    double x = 0, y = 0;
    for (size_t j = 0; j < ny; j++)
        for (size_t i = 1; i < nx; i++) {
            const size_t c = j * nx + i, f = j * (nx + 1) + i;
            const double mass = 0.5 * (m[c - 1] / area[c - 1] + m[c] / area[c]);
            const double u = s->fx[(size_t)k * ny * (nx + 1) + f] / (mass * mesh->len_xf[f]);
            x += u * u;
        }
    for (size_t j = 1; j < ny; j++)
        for (size_t i = 0; i < nx; i++) {
            const size_t c = j * nx + i;
            const double mass = 0.5 * (m[c - nx] / area[c - nx] + m[c] / area[c]);
            const double v = s->fy[(size_t)k * (ny + 1) * nx + c] / (mass * mesh->len_yf[c]);
            y += v * v;
        }
    const double n_x = (double)((nx - 1) * ny), n_y = (double)(nx * (ny - 1));
    return (n_x > 0 ? x / n_x : 0) + (n_y > 0 ? y / n_y : 0);
}

void bs_correct_note_worst(bs_corrector *c, const bs_met_state *s)
{
    double square[BS_CORRECTION_BANDS] = {0};
    c->worst = s->time;
    for (int b = 0; b < BS_CORRECTION_BANDS; b++) c->layers[b] = 0;
    for (int k = 0; k < c->nz; k++) {
        const int b = band_of(middle(s, k));
        c->layers[b]++;
        square[b] += wind_squared(c->mesh, s, k);
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
