/* idealised.c - the weather of a winter basin, from formulas: every number below is a choice, none a measurement.
 *
 * Air         One temperature profile over the height above the sea, T(z) = T0 - 6.5 K/km (z - 400 m), raised by the inversion's strength
 *             across 400 m under the lid (rim_height), so that density surfaces are level; pressure is hydrostatic in it from
 *             1028 hPa at the sea, and does not change with time. Near the ground a daily wave (largest at 15 h local time) decays
 *             upward. Relative humidity 0.8 under the lid, 0.4 above.
 * Wind        (a) westerlies from nothing at the lid to westerly_speed at 9 km, slowed near the ground by friction;
 *             (b) under the lid a north-easterly inflow that follows the basin's walls: its transport has a stream function
 *                 psi = inflow_speed D s, with D the smoothed depth of the basin under the lid and s the distance across the flow from
 *                 the basin's axis, blended with a through-flow over the rim; strongest half-way up, weaker by night;
 *             (c) slope and valley winds up the terrain's gradient by day and down by night, in a layer of 300 m with a return
 *                 flow above it that carries as much mass back, from the terrain itself and, half as strong, from the terrain
 *                 smoothed over about 100 km (the breeze between plateau and basin).
 * Boundary    height and heat flux follow the sun: pbl_night before sunrise, pbl_day at 15 h, deeper over high ground.
 * What the formulas leave unbalanced in the column's mass is put right by correct.h and reported as the correction wind.
 * With wind_u and wind_v the wind is uniform instead, for tests.
 * With wind10_file (b) and (c) give way to a measured or analysed 10 m wind U10(x, y, t) of a file: U10 ln(z/z0)/ln(10/z0) over the height
 * z above ground up to the lid, or to 500 m where the ground is higher than that; over the next 1000 m it gives way to (a). Air,
 * boundary layer and heat flux remain formulas. */
#include <math.h>
#include <string.h>

#include "kernels/base/clones.h"
#include "kernels/base/constants.h"
#include "model/core/memory.h"
#include "model/met/idealised_parts.h"

static const double TABLE_STEP = 10, TABLE_FIRST = -500;
static const double SEA_PRESSURE = 102800, LAPSE = 0.0065, BASIN_HEIGHT = 400;
static const double SLOPE_DEPTH = 300; /* m, of the lower branch */

static double smooth_step(double x) /* 0 below 0, 1 above 1 */
{
    x = x < 0 ? 0 : x > 1 ? 1 : x;
    return x * x * (3 - 2 * x);
}

/* ---- the profile ---- */

static double profile_temperature(const bs_idealised *s, double z)
{
    const double depth = 400;
    return fmax(210,
                s->t_basin - LAPSE * (z - BASIN_HEIGHT) + s->inversion * smooth_step((z - (s->rim - depth)) / depth));
}

static void fill_profile(bs_idealised *s)
{
    int sea = (int)lround(-TABLE_FIRST / TABLE_STEP);
    for (int n = 0; n < BS_IDEALISED_TABLE; n++) s->t[n] = profile_temperature(s, TABLE_FIRST + n * TABLE_STEP);
    s->log_p[sea] = log(SEA_PRESSURE);
    const double c = BS_GRAVITY * TABLE_STEP / BS_R_DRY;
    for (int n = sea + 1; n < BS_IDEALISED_TABLE; n++)
        s->log_p[n] = s->log_p[n - 1] - c / (0.5 * (s->t[n] + s->t[n - 1]));
    for (int n = sea - 1; n >= 0; n--) s->log_p[n] = s->log_p[n + 1] + c / (0.5 * (s->t[n] + s->t[n + 1]));
}

static double log_pressure_at(const bs_idealised *s, double z)
{
    const double x = (z - TABLE_FIRST) / TABLE_STEP;
    const int n = x < 0 ? 0 : x > BS_IDEALISED_TABLE - 2 ? BS_IDEALISED_TABLE - 2 : (int)x;
    return s->log_p[n] + (x - n) * (s->log_p[n + 1] - s->log_p[n]);
}

static double height_of(const bs_idealised *s, double log_p)
{
    int low = 0, high = BS_IDEALISED_TABLE - 1; /* log_p falls with the row */
    while (high - low > 1) {
        const int mid = (low + high) / 2;
        if (s->log_p[mid] > log_p)
            low = mid;
        else
            high = mid;
    }
    const double share = (s->log_p[low] - log_p) / (s->log_p[low] - s->log_p[high]);
    return TABLE_FIRST + (low + share) * TABLE_STEP;
}

/* ---- provider ---- */

enum { SURFACE_ARRAYS = 9, VOLUME_ARRAYS = 9 };

static void arrays_of(bs_idealised *s, double **surface[SURFACE_ARRAYS], double **volume[VOLUME_ARRAYS])
{
    double **const a[] = {&s->terrain, &s->slope_x,    &s->slope_y,   &s->basin_u, &s->basin_v,
                          &s->ps,      &s->inflow_now, &s->slope_now, &s->wave_now};
    double **const b[] = {&s->steady_u, &s->steady_v, &s->inflow_u, &s->inflow_v, &s->slope_u,
                          &s->slope_v,  &s->t0,       &s->wave,     &s->qv};
    memcpy(surface, a, sizeof a);
    memcpy(volume, b, sizeof b);
}

static void destroy(void *self)
{
    bs_idealised *s = self;
    if (!s) return;
    double **surface[SURFACE_ARRAYS], **volume[VOLUME_ARRAYS];
    arrays_of(s, surface, volume);
    for (int a = 0; a < SURFACE_ARRAYS; a++) bs_free(*surface[a]);
    for (int a = 0; a < VOLUME_ARRAYS; a++) bs_free(*volume[a]);
    bs_idealised_wind10_close(s->wind10);
    bs_free(s);
}

static void read_options(bs_idealised *s, const bs_config *g)
{
    s->inflow = bs_config_real(g, "meteorology.idealised.inflow_speed");
    s->westerly = bs_config_real(g, "meteorology.idealised.westerly_speed");
    s->slope_wind = bs_config_real(g, "meteorology.idealised.slope_wind_speed");
    s->rim = bs_config_real(g, "meteorology.idealised.rim_height");
    s->pbl_night = bs_config_real(g, "meteorology.idealised.pbl_night");
    s->pbl_day = bs_config_real(g, "meteorology.idealised.pbl_day");
    s->t_basin = bs_config_real(g, "meteorology.idealised.temperature_basin");
    s->inversion = bs_config_real(g, "meteorology.idealised.inversion");
    s->rain = bs_config_real(g, "meteorology.idealised.precipitation");
    s->uniform = bs_config_has(g, "meteorology.idealised.wind_u");
    if (s->uniform) {
        s->wind_u = bs_config_real(g, "meteorology.idealised.wind_u");
        s->wind_v = bs_config_real(g, "meteorology.idealised.wind_v");
    }
}

/* ---- what does not change with the hour ---- */

static double branch(double z) /* slope wind over height above ground: up below, back above, no mass carried in all */
{
    return z < 2 * SLOPE_DEPTH ? sin(BS_PI * z / SLOPE_DEPTH) : 0;
}

static double saturation_humidity(double t,
                                  double p) /* kg kg-1; Bolton 1980, Mon. Weather Rev. 108, 1046-1053, eq 10 */
{
    const double e = 611.2 * exp(17.67 * (t - 273.15) / (t - 29.65));
    return BS_EPSILON_WATER * e / (p - (1 - BS_EPSILON_WATER) * e);
}

static void to_grid(const bs_mesh *m, int cell, double east, double north, double *u, double *v)
{
    *u = east * m->cos_rot[cell] + north * m->sin_rot[cell];
    *v = -east * m->sin_rot[cell] + north * m->cos_rot[cell];
}

/* Profile through the 10 m wind, in units of it, and the westerlies that take its place aloft. */
static void fill_profile_of_wind10(bs_idealised *s, int cell, ptrdiff_t at, double above, double west)
{
    const double z0 = s->c->roughness, fade = 1000, least = 500;
    const double top = fmax(s->rim - s->terrain[cell], least), aloft = smooth_step((above - top) / fade);
    const double shape = fmax(0, log(above / z0)) / log(10 / z0);
    to_grid(s->c->mesh, cell, aloft * west, 0, &s->steady_u[at], &s->steady_v[at]);
    s->inflow_u[at] = s->inflow_v[at] = (1 - aloft) * shape;
}

static void fill_winds(bs_idealised *s, int cell, ptrdiff_t at, double z)
{
    const bs_mesh *m = s->c->mesh;
    if (s->uniform) {
        to_grid(m, cell, s->wind_u, s->wind_v, &s->steady_u[at], &s->steady_v[at]);
        return;
    }
    const double ground = s->terrain[cell], above = fmax(1, z - ground), depth = fmax(1, s->rim - ground);
    const double friction = fmin(1, log1p(above / 2) / log1p(400.0)), low = fmin(1, log1p(above) / log1p(150.0));
    const double under = z < s->rim ? 1 - smooth_step(2 * (z - ground) / depth - 1) : 0; /* fades in the upper half */
    const double west = friction * s->westerly * fmin(1, fmax(0, (z - s->rim) / (9000 - s->rim))),
                 inflow = s->inflow * low * under;
    if (s->wind10) {
        fill_profile_of_wind10(s, cell, at, above, west);
        return;
    }
    to_grid(m, cell, west, 0, &s->steady_u[at], &s->steady_v[at]);
    to_grid(m, cell, inflow * s->basin_u[cell], inflow * s->basin_v[cell], &s->inflow_u[at], &s->inflow_v[at]);
    s->slope_u[at] = s->slope_wind * branch(above) * s->slope_x[cell];
    s->slope_v[at] = s->slope_wind * branch(above) * s->slope_y[cell];
}

static void fill_patterns(bs_idealised *s)
{
    const int cells = s->c->mesh->nx * s->c->mesh->ny, nz = s->c->levels->nz;
#pragma omp parallel for schedule(static) default(none) shared(s, cells, nz)
    for (int cell = 0; cell < cells; cell++) {
        const double ps = exp(log_pressure_at(s, s->terrain[cell]));
        s->ps[cell] = ps;
        for (int k = 0; k < nz; k++) {
            const ptrdiff_t at = (ptrdiff_t)k * cells + cell;
            const double p =
                0.5 * (bs_levels_pressure(s->c->levels, k, ps) + bs_levels_pressure(s->c->levels, k + 1, ps));
            const double z = height_of(s, log(p)), t = profile_temperature(s, z);
            const double rh = 0.4 + 0.4 * (1 - smooth_step((z - s->rim + 200) / 400));
            fill_winds(s, cell, at, z);
            s->t0[at] = t;
            s->wave[at] = exp(-fmax(0, z - s->terrain[cell]) / 200);
            s->qv[at] = s->uniform ? 0.002 : rh * saturation_humidity(t, p);
        }
    }
}

static bs_status create(const bs_met_context *c, bs_time start, bs_time end, void **self, bs_err *err)
{
    const bs_config *g = c->config;
    BS_TRY(bs_idealised_check(g, err));
    bs_idealised *s = NULL;
    BS_TRY(BS_NEW(&s, 1, "idealised weather", err));
    s->c = c;
    read_options(s, g);
    const size_t n = (size_t)c->mesh->nx * (size_t)c->mesh->ny;
    double **surface[SURFACE_ARRAYS], **volume[VOLUME_ARRAYS];
    arrays_of(s, surface, volume);
    bs_status st = BS_OK;
    for (int a = 0; a < SURFACE_ARRAYS && st == BS_OK; a++) st = BS_NEW(surface[a], n, "idealised weather", err);
    for (int a = 0; a < VOLUME_ARRAYS && st == BS_OK; a++)
        st = BS_NEW(volume[a], n * (size_t)c->levels->nz, "idealised weather", err);
    if (st == BS_OK) {
        fill_profile(s);
        if (c->terrain) memcpy(s->terrain, c->terrain, sizeof(double) * n);
        st = bs_idealised_wind10_open(c, start, end, &s->wind10, err);
        if (st == BS_OK && !s->uniform && !s->wind10) st = bs_idealised_flow(s, err);
        if (st == BS_OK) fill_patterns(s);
    }
    if (st != BS_OK) {
        destroy(s);
        return st;
    }
    *self = s;
    return BS_OK;
}

/* ---- one time ---- */

typedef struct day { /* what the hour does, local solar time by longitude */
    double slope;    /* 1: -0.6 at night .. 1 in the afternoon */
    double sun;      /* 0 at night .. 1 at noon */
    double growth;   /* 0 before sunrise .. 1 at 15 h: boundary layer, temperature */
} day;

static day day_at(bs_time t, double lon)
{
    const double hour = fmod((double)(t % 86400) / 3600 + lon / 15 + 24, 24);
    day d = {.sun = fmax(0, sin(BS_PI * (hour - 7) / 11)) * (hour > 7 && hour < 18), .slope = 0, .growth = 0};
    if (hour > 8 && hour < 15)
        d.growth = smooth_step((hour - 8) / 7);
    else if (hour >= 15)
        d.growth = 1 - smooth_step((hour - 15) / 5);
    d.slope = -0.6 + 1.6 * (hour > 9 && hour < 19 ? sin(BS_PI * (hour - 9) / 10) : 0);
    return d;
}

static void fill_surface(const bs_idealised *s, int cell, const day *d, bs_native *n)
{
    const double ground = s->terrain[cell];
    const double high = smooth_step((ground - 1000) / 2000); /* clear, dry air over the plateau: a larger daily wave */
    n->ps[cell] = s->ps[cell];
    n->pblh[cell] = s->pbl_night + (s->pbl_day * (1 + high) - s->pbl_night) * d->growth;
    n->hfx[cell] = (80 + 120 * high) * d->sun - 12 * (1 - d->sun);
    n->t2[cell] = profile_temperature(s, ground) + (4 * d->growth - 2) * (1 + high);
    n->rain[cell] = s->rain;
}

/* What the hour does to the cells of a row, and their surface. */
static void fill_day(bs_idealised *s, int j, bs_time t, bs_native *n)
{
    const int nx = n->nx;
    for (int cell = j * nx; cell < (j + 1) * nx; cell++) {
        const day d = day_at(t, s->c->mesh->lon[cell]);
        s->inflow_now[cell] = 0.75 + 0.25 * d.growth;
        s->slope_now[cell] = d.slope;
        s->wave_now[cell] = 4 * d.growth - 2;
        fill_surface(s, cell, &d, n);
    }
}

/* One row of one layer: fields = steady + share now x pattern. */
BS_CLONES static void fill_wind(int nx, const double *restrict steady, const double *restrict inflow,
                                const double *restrict slope, const double *restrict inflow_now,
                                const double *restrict slope_now, double *restrict wind)
{
    for (int i = 0; i < nx; i++) wind[i] = steady[i] + inflow_now[i] * inflow[i] + slope_now[i] * slope[i];
}

BS_CLONES static void fill_temperature(int nx, const double *restrict t0, const double *restrict wave,
                                       const double *restrict wave_now, double *restrict t)
{
    for (int i = 0; i < nx; i++) t[i] = t0[i] + wave_now[i] * wave[i];
}

static void fill_row(const bs_idealised *s, int k, int j, bs_native *n)
{
    const int nx = n->nx, cell = j * nx;
    const ptrdiff_t at = (ptrdiff_t)k * n->ny * nx + cell;
    const double *slope = s->slope_now + cell;
    const double *along_x = s->wind10 ? n->u10 + cell : s->inflow_now + cell;
    const double *along_y = s->wind10 ? n->v10 + cell : s->inflow_now + cell;
    fill_wind(nx, s->steady_u + at, s->inflow_u + at, s->slope_u + at, along_x, slope, n->u + at);
    fill_wind(nx, s->steady_v + at, s->inflow_v + at, s->slope_v + at, along_y, slope, n->v + at);
    fill_temperature(nx, s->t0 + at, s->wave + at, s->wave_now + cell, n->t + at);
    memcpy(n->qv + at, s->qv + at, sizeof *n->qv * (size_t)nx);
}

static bs_status read(void *self, bs_time t, bs_native *n, bs_err *err)
{
    bs_idealised *s = self;
    if (s->wind10) BS_TRY(bs_idealised_wind10_read(s->wind10, s->c->mesh, t, n->u10, n->v10, err));
#pragma omp parallel default(none) shared(t, s, n)
    {
#pragma omp for schedule(static)
        for (int j = 0; j < n->ny; j++) fill_day(s, j, t, n);
#pragma omp for schedule(static)
        for (int row = 0; row < n->nz * n->ny; row++) fill_row(s, row / n->ny, row % n->ny, n);
    }
    n->time = t;
    n->have_pblh = n->have_hfx = n->have_t2 = n->have_rain = true;
    n->have_wind10 = s->wind10 != NULL;
    n->have_clw = n->have_rnw = n->have_ustar = n->have_evaporation = n->have_roughness = n->have_leaf_area = false;
    n->have_air = n->have_faces = n->have_land = false;
    return BS_OK;
}

static const char *assumed(const void *self, int n)
{
    (void)self, (void)n;
    return NULL;
}

const bs_provider BS_PROVIDER_IDEALISED = {
    "idealised", "idealised weather of a winter basin, from formulas", create, read, assumed, destroy};

const bs_provider BS_PROVIDER_IDEALISED_WIND10 = {
    "idealised",
    "10 m winds of a file over an idealised column: temperature, boundary layer and winds aloft are formulas, "
    "no analysis of that day",
    create,
    read,
    assumed,
    destroy};
