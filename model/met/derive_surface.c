#include <math.h>

#include "kernels/base/clones.h"
#include "kernels/base/constants.h"
#include "kernels/column/acm2.h"
#include "kernels/column/kz.h"
#include "kernels/column/surface_layer.h"
#include "model/met/derive_parts.h"

#define RI_CRITICAL 0.25 /* Jericevic & Vecenaj 2009; Seibert et al. 2000, Atmos. Environ. 34, 1001-1027 */
#define WIND2_MIN   0.01 /* m2 s-2: calm air has no Richardson number */
#define LAPSE       (BS_GRAVITY / BS_CP_DRY)

#define VIRTUAL (1 / BS_EPSILON_WATER - 1)

#define RADIANS (BS_PI / 180)

bs_sun bs_sun_at(bs_time time)
{
    const bs_date d = bs_date_from_time(time);
    const double hour = d.hour + d.minute / 60.0 + d.second / 3600.0;
    const double g = 2 * BS_PI * (d.yearday - 1 + hour / 24) / 365;
    const double declination = 0.006918 - 0.399912 * cos(g) + 0.070257 * sin(g) - 0.006758 * cos(2 * g);
    const double equation = 3.8197 * (0.000075 + 0.001868 * cos(g) - 0.032077 * sin(g) - 0.014615 * cos(2 * g) -
                                      0.040849 * sin(2 * g)); /* hours */
    return (bs_sun){.sin_declination = sin(declination), .cos_declination = cos(declination), .hour = hour + equation};
}

double bs_diurnal_heat_flux(bs_sun sun, double lon, double lat)
{
    const double angle = (sun.hour + lon / 15 - 12) * 15 * RADIANS;
    const double sine =
        sin(lat * RADIANS) * sun.sin_declination + cos(lat * RADIANS) * sun.cos_declination * cos(angle);
    return BS_DIURNAL_NIGHT + BS_DIURNAL_DAY * (sine > 0 ? sine : 0);
}

static double heat_flux(const bs_derive_work *w, size_t c)
{
    if (w->native->have_hfx) return w->native->hfx[c];
    if (w->options->heat_flux == 0) return 0;
    return bs_diurnal_heat_flux(w->sun, w->mesh->lon[c], w->mesh->lat[c]);
}

/* Height where the bulk Richardson number against the lowest layer passes RI_CRITICAL, linear between layers. Virtual dry static
 * energy T_v + g z/c_p stands for theta_v: equal to first order in the boundary layer's depth. */
static double richardson_height(const bs_derive_work *w, size_t c)
{
    const bs_native *n = w->native;
    const size_t plane = (size_t)n->ny * n->nx, i = c % n->nx;
    double ri_below = 0, z_below = w->zm[i];
    for (int k = 1; k < n->nz; k++) {
        const size_t o = k * plane + c, r = (size_t)k * n->nx + i;
        const double z = w->zm[r], wind2 = n->u[o] * n->u[o] + n->v[o] * n->v[o];
        const double excess = w->tv[r] - w->tv[i] + LAPSE * (z - w->zm[i]);
        const double ri = BS_GRAVITY / w->tv[i] * excess * (z - w->zm[i]) / (wind2 > WIND2_MIN ? wind2 : WIND2_MIN);
        if (ri >= RI_CRITICAL) return z_below + (z - z_below) * (RI_CRITICAL - ri_below) / (ri - ri_below);
        ri_below = ri;
        z_below = z;
    }
    return z_below;
}

static unsigned boundary_layer(const bs_derive_work *w, size_t c, bs_pbl *pbl)
{
    const size_t plane = (size_t)w->native->ny * w->native->nx;
    const double top = (double)w->state->z_half[w->native->nz * plane + c];
    double h;
    if (w->native->have_pblh) {
        h = w->native->pblh[c];
    } else {
        h = w->options->fixed_pblh > 0 ? w->options->fixed_pblh : richardson_height(w, c);
    }
    const unsigned raised = h < BS_PBLH_MIN ? BS_DERIVE_RAISED_PBLH : 0;
    if (raised) h = BS_PBLH_MIN;
    pbl->height = h < top ? h : top;
    return raised;
}

/* Dry air below the height h, kg m-2; a layer that h cuts counts by height. */
static double air_below(const bs_derive_work *w, size_t c, double h)
{
    const size_t plane = (size_t)w->native->ny * w->native->nx;
    double sum = 0;
    for (int k = 0; k < w->native->nz; k++) {
        const size_t o = (size_t)k * plane + c;
        const double bottom = (double)w->state->z_half[o], top = (double)w->state->z_half[o + plane];
        const double air = w->state->m[o] / w->mesh->area[c];
        if (h < top) return sum + air * (h - bottom) / (top - bottom);
        sum += air;
    }
    return sum;
}

/* The flux of virtual heat, W m-2, from those of heat and vapour: H (1 + 0.61 q) + 0.61 c_p T E. */
static double buoyancy_flux(const bs_derive_work *w, size_t c)
{
    const double h = heat_flux(w, c);
    if (!w->native->have_evaporation) return h;
    return h * (1 + VIRTUAL * w->native->qv[c]) + VIRTUAL * BS_CP_DRY * w->native->t[c] * w->native->evaporation[c];
}

static bs_pbl surface_layer(const bs_derive_work *w, size_t c)
{
    const bs_native *n = w->native;
    const double tv = w->tv[c % n->nx], z1 = w->zm[c % n->nx], z0 = w->z0[c % n->nx];
    const double rho = (double)w->state->rho[c] / (1 - n->qv[c]);
    const double h = buoyancy_flux(w, c);
    bs_pbl pbl = {.height = 0};
    if (n->have_ustar) {
        const double least = BS_VON_KARMAN * BS_CALM / bs_profile_m(z1, z0, 0);
        pbl.ustar = n->ustar[c] > least ? n->ustar[c] : least; /* as calm air is treated where u* is diagnosed */
        pbl.inv_l = bs_inverse_obukhov(pbl.ustar, h, rho, tv, z1);
    } else if (n->have_wind10) {
        pbl.ustar = bs_friction_velocity(hypot(n->u10[c], n->v10[c]), 10, z0, h, rho, tv, &pbl.inv_l);
    } else {
        pbl.ustar = bs_friction_velocity(hypot(n->u[c], n->v[c]), z1, z0, h, rho, tv, &pbl.inv_l);
    }
    return pbl;
}

static void screen_level(const bs_derive_work *w, size_t c, bs_pbl pbl)
{
    const bs_native *n = w->native;
    bs_met_state *s = w->state;
    const double z0 = w->z0[c % n->nx], z1 = w->zm[c % n->nx];
    s->ps[c] = (real)n->ps[c];
    s->rain[c] = (real)(n->have_rain && n->rain[c] > 0 ? n->rain[c] : 0); /* decoding leaves rain of -1e-9 */
    if (n->have_wind10) {
        s->u10[c] = (real)n->u10[c];
        s->v10[c] = (real)n->v10[c];
    } else {
        const double ratio = bs_profile_m(10, z0, pbl.inv_l) / bs_profile_m(z1, z0, pbl.inv_l);
        s->u10[c] = (real)(ratio * n->u[c]);
        s->v10[c] = (real)(ratio * n->v[c]);
    }
    if (n->have_t2) {
        s->t2[c] = (real)n->t2[c];
    } else {
        const double z2 = z0 < 1 ? 2 : 2 * z0;
        const double scale =
            -pbl.inv_l * w->tv[c % n->nx] * pbl.ustar * pbl.ustar / (BS_VON_KARMAN * BS_VON_KARMAN * BS_GRAVITY);
        const double warmer = scale * (bs_profile_h(z1, z0, pbl.inv_l) - bs_profile_h(z2, z0, pbl.inv_l));
        s->t2[c] = (real)(n->t[c] + LAPSE * (z1 - z2) + warmer);
    }
}

/* Squares of shear and of the buoyancy frequency between the layer at hand (_o) and the one under it (_u). */
BS_CLONES static void stability(int n, const double *restrict u_u, const double *restrict u_o,
                                const double *restrict v_u, const double *restrict v_o, const double *restrict zm_u,
                                const double *restrict zm_o, const double *restrict tv_u, const double *restrict tv_o,
                                double *restrict shear2, double *restrict n2)
{
    for (int i = 0; i < n; i++) {
        const double dz = zm_o[i] - zm_u[i], du = u_o[i] - u_u[i], dv = v_o[i] - v_u[i];
        const double tv = 0.5 * (tv_o[i] + tv_u[i]);
        n2[i] = BS_GRAVITY / tv * ((tv_o[i] - tv_u[i]) / dz + LAPSE);
        shear2[i] = (du * du + dv * dv) / (dz * dz);
    }
}

/* rho K / dz, with the density at the half level linear between the layers' middles. */
BS_CLONES static void exchange(int n, const real *restrict z_half, const double *restrict zm_u,
                               const double *restrict zm_o, const real *restrict rho_u, const real *restrict rho_o,
                               const double *restrict kz, real *restrict mix)
{
    for (int i = 0; i < n; i++) {
        const double dz = zm_o[i] - zm_u[i], f = ((double)z_half[i] - zm_u[i]) / dz;
        const double rho = (1 - f) * (double)rho_u[i] + f * (double)rho_o[i];
        mix[i] = (real)(rho * kz[i] / dz);
    }
}

static void mixing(const bs_derive_work *w, int j)
{
    const bs_native *n = w->native;
    bs_met_state *s = w->state;
    const int nx = n->nx, nz = n->nz;
    const size_t plane = (size_t)n->ny * nx, at = (size_t)j * nx;
    double *shear2 = w->spare, *n2 = shear2 + nx, *kz = n2 + nx;
    for (int i = 0; i < nx; i++) s->mix[at + i] = s->mix[nz * plane + at + i] = 0;
    for (int k = 1; k < nz; k++) {
        const size_t o = k * plane + at, u = o - plane;
        const double *zm = w->zm + (size_t)k * nx, *tv = w->tv + (size_t)k * nx;
        stability(nx, n->u + u, n->u + o, n->v + u, n->v + o, zm - nx, zm, tv - nx, tv, shear2, n2);
        for (int i = 0; i < nx; i++) {
            const bs_pbl pbl = {
                .height = (double)s->pblh[at + i], .ustar = (double)s->ustar[at + i], .inv_l = w->inv_l[i]};
            kz[i] = bs_kz((double)s->z_half[o + i], pbl, shear2[i], n2[i], w->options->kz_min);
        }
        exchange(nx, s->z_half + o, zm - nx, zm, s->rho + u, s->rho + o, kz, s->mix + o);
    }
}

unsigned bs_derive_surface(const bs_derive_work *w, int j)
{
    const int nx = w->native->nx;
    const size_t at = (size_t)j * nx;
    unsigned flags = 0;
    /* a temperature or humidity that is not a number leaves its mark on the height of the top */
    const real *top = w->state->z_half + (size_t)w->native->nz * w->native->ny * nx + at;
    for (int i = 0; i < nx; i++) {
        if (!(w->zm[i] >= 2 * w->z0[i]) || !isfinite((double)top[i])) return BS_DERIVE_BAD_CELL;
    }
    for (int i = 0; i < nx; i++) {
        bs_pbl pbl = surface_layer(w, at + i);
        flags |= boundary_layer(w, at + i, &pbl);
        w->inv_l[i] = pbl.inv_l;
        w->state->ustar[at + i] = (real)pbl.ustar;
        w->state->pblh[at + i] = (real)pbl.height;
        w->state->pbl_air[at + i] = (real)air_below(w, at + i, pbl.height);
        w->state->nonlocal[at + i] = (real)bs_acm2_share(pbl.height * pbl.inv_l);
        screen_level(w, at + i, pbl);
    }
    mixing(w, j);
    return flags;
}
