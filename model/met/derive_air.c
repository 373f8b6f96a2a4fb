#include <math.h>
#include <string.h>

#include "kernels/base/clones.h"
#include "kernels/base/constants.h"
#include "kernels/hdiff/hdiff.h"
#include "model/met/derive_parts.h"

#define VIRTUAL (1 / BS_EPSILON_WATER - 1)

/* ---- loops over a row; no two pointers alias ---- */

BS_CLONES static void half_pressure(int n, double a, double b, const double *restrict ps, double *restrict p)
{
    for (int i = 0; i < n; i++) p[i] = a + b * ps[i];
}

BS_CLONES static void ratio(int n, const double *restrict below, const double *restrict above, double *restrict out)
{
    for (int i = 0; i < n; i++) out[i] = below[i] / above[i];
}

/* Dry air of a layer, kg m-2. */
static inline double dry_air(double below, double above, double qv)
{
    return (below - above) * (1 - qv) / BS_GRAVITY;
}

BS_CLONES static void weigh(int n, const double *restrict below, const double *restrict above,
                            const double *restrict qv, const double *restrict area, double *restrict m)
{
    for (int i = 0; i < n; i++) m[i] = dry_air(below[i], above[i], qv[i]) * area[i];
}

/* One layer between the pressures below and above; height: of its bottom, moved to its top. Hypsometric thickness
 * R T_v/g ln(p_b/p_t): with rho = m/(A dz) mass, volume and density agree to rounding. */
BS_CLONES static void layer(int n, const double *restrict below, const double *restrict above,
                            const double *restrict log_ratio, const double *restrict t, const double *restrict qv,
                            double *restrict height, double *restrict tv, double *restrict zm, real *restrict rho,
                            real *restrict t_out, real *restrict z_top)
{
    for (int i = 0; i < n; i++) {
        const double dry = dry_air(below[i], above[i], qv[i]);
        tv[i] = t[i] * (1 + VIRTUAL * qv[i]);
        const double dz = BS_R_DRY / BS_GRAVITY * tv[i] * log_ratio[i];
        rho[i] = (real)(dry / dz);
        t_out[i] = (real)t[i];
        zm[i] = height[i] + 0.5 * dz;
        height[i] += dz;
        z_top[i] = (real)height[i];
    }
}

/* As `layer`, of a source's own air (kg m-2) over the pressure below, which is moved to the layer's top. */
BS_CLONES static void layer_of_air(int n, const double *restrict air, const double *restrict t,
                                   const double *restrict qv, double *restrict below, double *restrict height,
                                   double *restrict tv, double *restrict zm, real *restrict rho, real *restrict t_out,
                                   real *restrict z_top)
{
    for (int i = 0; i < n; i++) {
        const double above = below[i] - BS_GRAVITY * air[i] / (1 - qv[i]);
        tv[i] = t[i] * (1 + VIRTUAL * qv[i]);
        const double dz = BS_R_DRY / BS_GRAVITY * tv[i] * log(below[i] / above);
        rho[i] = (real)(air[i] / dz);
        t_out[i] = (real)t[i];
        zm[i] = height[i] + 0.5 * dz;
        height[i] += dz;
        z_top[i] = (real)height[i];
        below[i] = above;
    }
}

/* Adds the weight of a source's own air to a pressure. */
BS_CLONES static void add_weight(int n, const double *restrict air, const double *restrict qv, double *restrict p)
{
    for (int i = 0; i < n; i++) p[i] += BS_GRAVITY * air[i] / (1 - qv[i]);
}

/* Mass per area. */
BS_CLONES static void spread(int n, const double *restrict m, const double *restrict area, double *restrict out)
{
    for (int i = 0; i < n; i++) out[i] = m[i] / area[i];
}

/* Mean mass per area times mean wind times length; all double. */
static inline double face_flux(double mass_a, double mass_b, double wind_a, double wind_b, double length)
{
    return 0.25 * (mass_a + mass_b) * (wind_a + wind_b) * length;
}

BS_CLONES static void flux_x(int nx, const double *restrict mass, const double *restrict u,
                             const double *restrict length, double *restrict out)
{
    const int e = nx - 1;
    out[0] = face_flux(mass[0], mass[0], u[0], u[0], length[0]);
    for (int i = 1; i < nx; i++) out[i] = face_flux(mass[i - 1], mass[i], u[i - 1], u[i], length[i]);
    out[nx] = face_flux(mass[e], mass[e], u[e], u[e], length[nx]);
}

/* Mean mass per area of both sides times the face's own wind times length. */
BS_CLONES static void flux_of_face(int n, const double *mass_a, const double *mass_b, const double *restrict wind,
                                   const double *restrict length, double *restrict out)
{
    for (int i = 0; i < n; i++) out[i] = 0.5 * (mass_a[i] + mass_b[i]) * wind[i] * length[i];
}

BS_CLONES static void flux_y(int nx, const double *mass_s, const double *mass_n, const double *v_s, const double *v_n,
                             const double *length, double *restrict out)
{
    for (int i = 0; i < nx; i++) out[i] = face_flux(mass_s[i], mass_n[i], v_s[i], v_n[i], length[i]);
}

/* ---- one row of cells ---- */

/* Logarithms of each layer's pressures, below over above: worked out again only where surface pressure is another than last time. */
static void log_ratios(const bs_derive_work *w, int j, double *below, double *above)
{
    const bs_levels *l = w->levels;
    const int nx = w->native->nx, nz = w->native->nz;
    const double *ps = w->native->ps + (size_t)j * nx;
    double *seen = w->ps_seen + (size_t)j * nx, *logs = w->log_ratio + (size_t)j * nz * nx;
    int same = 1;
    for (int i = 0; i < nx; i++) same &= seen[i] == ps[i];
    if (same) return;
    for (int k = 0; k < nz; k++, logs += nx) {
        half_pressure(nx, l->a_half[k], l->b_half[k], ps, below);
        half_pressure(nx, l->a_half[k + 1], l->b_half[k + 1], ps, above);
        ratio(nx, below, above, logs);
        for (int i = 0; i < nx; i++) logs[i] = log(logs[i]);
    }
    memcpy(seen, ps, sizeof *ps * (size_t)nx);
}

/* Pressures of the half levels below and above layer k; below: those above the layer under it. */
static void next_layer(const bs_derive_work *w, int j, int k, double **below, double **above)
{
    double *spent = *below;
    *below = *above;
    *above = spent;
    half_pressure(w->native->nx, w->levels->a_half[k + 1], w->levels->b_half[k + 1],
                  w->native->ps + (size_t)j * w->native->nx, *above);
}

static double *ground(const bs_derive_work *w, int j, double *pressure)
{
    half_pressure(w->native->nx, w->levels->a_half[0], w->levels->b_half[0], w->native->ps + (size_t)j * w->native->nx,
                  pressure);
    return pressure;
}

/* From the source's own air. */
static unsigned own_mass(const bs_derive_work *w, int j)
{
    const bs_native *n = w->native;
    const size_t plane = (size_t)n->ny * n->nx, at = (size_t)j * n->nx;
    bool good = true;
    for (int k = 0; k < n->nz; k++) {
        const double *air = n->air + k * plane + at;
        double *m = w->state->m + k * plane + at;
        for (int i = 0; i < n->nx; i++) {
            good = good && air[i] > 0;
            m[i] = air[i] * w->mesh->area[at + i];
        }
    }
    return good ? 0 : BS_DERIVE_BAD_AIR;
}

unsigned bs_derive_mass(const bs_derive_work *w, int j)
{
    const bs_native *n = w->native;
    const size_t at = (size_t)j * n->nx;
    if (n->have_air) return own_mass(w, j);
    double *below = w->spare, *above = ground(w, j, below + n->nx);
    for (int k = 0; k < n->nz; k++) {
        const size_t o = (size_t)k * n->ny * n->nx + at;
        next_layer(w, j, k, &below, &above);
        weigh(n->nx, below, above, n->qv + o, w->mesh->area + at, w->state->m + o);
    }
    return 0;
}

static void own_air_layers(const bs_derive_work *w, int j)
{
    const bs_native *n = w->native;
    bs_met_state *s = w->state;
    const int nx = n->nx;
    const size_t plane = (size_t)n->ny * nx, at = (size_t)j * nx;
    double *below = w->spare, *height = below + nx;
    for (int i = 0; i < nx; i++) {
        below[i] = bs_levels_pressure(w->levels, n->nz, n->ps[at + i]);
        height[i] = s->z_half[at + i] = 0;
    }
    for (int k = n->nz - 1; k >= 0; k--) add_weight(nx, n->air + k * plane + at, n->qv + k * plane + at, below);
    for (int k = 0; k < n->nz; k++) {
        const size_t o = k * plane + at, row = (size_t)k * nx;
        layer_of_air(nx, n->air + o, n->t + o, n->qv + o, below, height, w->tv + row, w->zm + row, s->rho + o, s->t + o,
                     s->z_half + o + plane);
    }
}

static void air_layers(const bs_derive_work *w, int j)
{
    const bs_native *n = w->native;
    bs_met_state *s = w->state;
    const int nx = n->nx;
    const size_t plane = (size_t)n->ny * nx, at = (size_t)j * nx;
    double *below = w->spare, *above = below + nx, *height = above + nx;
    log_ratios(w, j, below, above);
    ground(w, j, above);
    for (int i = 0; i < nx; i++) height[i] = s->z_half[at + i] = 0;
    for (int k = 0; k < n->nz; k++) {
        const size_t o = k * plane + at, row = (size_t)k * nx;
        next_layer(w, j, k, &below, &above);
        layer(nx, below, above, w->log_ratio + (size_t)j * n->nz * nx + row, n->t + o, n->qv + o, height, w->tv + row,
              w->zm + row, s->rho + o, s->t + o, s->z_half + o + plane);
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
    if (w->native->have_air)
        own_air_layers(w, j);
    else
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

/* Through the faces of row j of layer k, with the winds of the source's own faces. here, below: air per area of row j and the one south of it,
 * at the rim both of row j. */
static void own_fluxes(const bs_derive_work *w, int j, int k, const double *here, const double *below)
{
    const bs_native *n = w->native;
    const bs_mesh *mesh = w->mesh;
    const size_t nx = (size_t)n->nx, ny = (size_t)n->ny;
    const size_t x = ((size_t)k * ny + (size_t)j) * (nx + 1), y = ((size_t)k * (ny + 1) + (size_t)j) * nx;
    const double *lx = mesh->len_xf + (size_t)j * (nx + 1), *ly = mesh->len_yf + (size_t)j * nx;
    double *fx = w->state->fx + x, *fy = w->state->fy + y;
    flux_of_face(1, here, here, n->u_face + x, lx, fx);
    flux_of_face((int)nx - 1, here, here + 1, n->u_face + x + 1, lx + 1, fx + 1);
    flux_of_face(1, here + nx - 1, here + nx - 1, n->u_face + x + nx, lx + nx, fx + nx);
    flux_of_face((int)nx, below, here, n->v_face + y, ly, fy);
    if (j == (int)ny - 1) flux_of_face((int)nx, here, here, n->v_face + y + nx, ly + nx, fy + nx);
}

void bs_derive_fluxes(const bs_derive_work *w, int j)
{
    const bs_native *n = w->native;
    const bs_mesh *mesh = w->mesh;
    const int nx = n->nx, ny = n->ny;
    const size_t south = j > 0 ? (size_t)nx : 0;
    const double *area = mesh->area + (size_t)j * nx;
    double *here = w->spare, *below = south ? here + nx : here;
    for (int k = 0; k < n->nz; k++) {
        const size_t row = (size_t)k * ny + j, face = (size_t)k * (ny + 1) + j;
        const double *m = w->state->m + row * nx, *v = n->v + row * nx;
        spread(nx, m, area, here);
        if (south) spread(nx, m - south, area - south, below);
        if (n->have_faces) {
            own_fluxes(w, j, k, here, below);
            continue;
        }
        flux_x(nx, here, n->u + row * nx, mesh->len_xf + (size_t)j * (nx + 1), w->state->fx + row * (nx + 1));
        flux_y(nx, below, here, v - south, v, mesh->len_yf + (size_t)j * nx, w->state->fy + face * nx);
        if (j == ny - 1) flux_y(nx, here, here, v, v, mesh->len_yf + (size_t)ny * nx, w->state->fy + (face + 1) * nx);
    }
}
