#include <math.h>

#include "kernels/base/constants.h"
#include "kernels/hdiff/hdiff.h"
#include "model/met/derive_parts.h"

#define VIRTUAL (1 / BS_EPSILON_WATER - 1)

/* Hypsometric thickness R T_v/g ln(p_b/p_t): with rho = m/(A dz) mass, volume and density agree to rounding. */
static void air_layers(const bs_derive_work *w, int j)
{
    const bs_native *n = w->native;
    bs_met_state *s = w->state;
    const int nx = n->nx;
    const size_t plane = (size_t)n->ny * nx, at = (size_t)j * nx;
    double *below = w->spare; /* Pa, of the half level under the layer */
    double *height = below + nx;
    const double *area = w->mesh->area + at;
    for (int i = 0; i < nx; i++) {
        below[i] = bs_levels_pressure(w->levels, 0, n->ps[at + i]);
        height[i] = 0;
        s->z_half[at + i] = 0;
    }
    for (int k = 0; k < n->nz; k++) {
        const size_t o = k * plane + at;
        for (int i = 0; i < nx; i++) {
            const double above = bs_levels_pressure(w->levels, k + 1, n->ps[at + i]);
            const double dry = (below[i] - above) * (1 - n->qv[o + i]) / BS_GRAVITY;
            const double tv = n->t[o + i] * (1 + VIRTUAL * n->qv[o + i]);
            const double dz = BS_R_DRY / BS_GRAVITY * tv * log(below[i] / above);
            s->m[o + i] = dry * area[i];
            s->rho[o + i] = (real)(dry / dz);
            s->t[o + i] = (real)n->t[o + i];
            w->tv[k * nx + i] = tv;
            w->zm[k * nx + i] = height[i] + 0.5 * dz;
            height[i] += dz;
            s->z_half[o + plane + i] = (real)height[i];
            below[i] = above;
        }
    }
}

static void air_diffusivity(const bs_derive_work *w, int j)
{
    const bs_native *n = w->native;
    const bs_mesh *mesh = w->mesh;
    const int nx = n->nx, ny = n->ny;
    const size_t plane = (size_t)ny * nx, at = (size_t)j * nx;
    double *dx = w->spare, *dy = dx + nx;
    const double *xf = mesh->dist_xf + (size_t)j * (nx + 1), *yf = mesh->dist_yf + at;
    for (int i = 0; i < nx; i++) {
        dx[i] = (i > 0 ? xf[i] : 0) + (i < nx - 1 ? xf[i + 1] : 0);
        dy[i] = (j > 0 ? yf[i] : 0) + (j < ny - 1 ? yf[nx + i] : 0);
    }
    const size_t south = j > 0 ? (size_t)nx : 0, north = j < ny - 1 ? (size_t)nx : 0;
    for (int k = 0; k < n->nz; k++) {
        const size_t o = k * plane + at;
        const double *const u[3] = {n->u + o - south, n->u + o, n->u + o + north};
        const double *const v[3] = {n->v + o - south, n->v + o, n->v + o + north};
        bs_smagorinsky_row(nx, w->options->smagorinsky, u, v, dx, dy, mesh->area + at, w->state->kh + o);
    }
}

void bs_derive_air(const bs_derive_work *w, int j)
{
    air_layers(w, j);
    if (w->options->smagorinsky > 0) {
        air_diffusivity(w, j);
        return;
    }
    const bs_native *n = w->native;
    for (int k = 0; k < n->nz; k++) {
        real *kh = w->state->kh + ((size_t)k * n->ny + j) * n->nx;
        for (int i = 0; i < n->nx; i++) kh[i] = 0;
    }
}

/* Mean mass per area times mean wind times length; all double. */
static inline double face_flux(double m_a, double area_a, double m_b, double area_b, double wind_a, double wind_b,
                               double length)
{
    return 0.25 * (m_a / area_a + m_b / area_b) * (wind_a + wind_b) * length;
}

static void flux_y(const bs_derive_work *w, int k, int face)
{
    const bs_native *n = w->native;
    const int nx = n->nx, ny = n->ny;
    const size_t south = (size_t)(face > 0 ? face - 1 : 0) * nx, north = (size_t)(face < ny ? face : ny - 1) * nx;
    const size_t o = (size_t)k * ny * nx;
    const double *m = w->state->m + o, *v = n->v + o, *area = w->mesh->area;
    const double *length = w->mesh->len_yf + (size_t)face * nx;
    double *out = w->state->fy + ((size_t)k * (ny + 1) + face) * nx;
    for (int i = 0; i < nx; i++) {
        out[i] = face_flux(m[south + i], area[south + i], m[north + i], area[north + i], v[south + i], v[north + i],
                           length[i]);
    }
}

void bs_derive_fluxes(const bs_derive_work *w, int j)
{
    const bs_native *n = w->native;
    const int nx = n->nx, ny = n->ny;
    const double *area = w->mesh->area + (size_t)j * nx, *length = w->mesh->len_xf + (size_t)j * (nx + 1);
    for (int k = 0; k < n->nz; k++) {
        const size_t row = (size_t)k * ny + j;
        const double *m = w->state->m + row * nx, *u = n->u + row * nx;
        double *out = w->state->fx + row * (nx + 1);
        const int e = nx - 1;
        out[0] = face_flux(m[0], area[0], m[0], area[0], u[0], u[0], length[0]);
        for (int i = 1; i < nx; i++) {
            out[i] = face_flux(m[i - 1], area[i - 1], m[i], area[i], u[i - 1], u[i], length[i]);
        }
        out[nx] = face_flux(m[e], area[e], m[e], area[e], u[e], u[e], length[nx]);
        flux_y(w, k, j);
        if (j == ny - 1) flux_y(w, k, ny);
    }
}
