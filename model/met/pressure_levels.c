#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernels/base/check.h"
#include "model/core/memory.h"
#include "model/met/pressure_levels.h"
#include "model/met/pressure_levels_column.h"

enum { ASSUMED_MAX = 8, ASSUMED_TEXT = 160 };

typedef enum ps_source { PS_FIELD, PS_TERRAIN, PS_FIXED } ps_source;

/* A field on the mesh: the two slots around the time last asked for, and the field at that time. */
typedef struct held_field {
    double *at[2];
    int slot[2]; /* -1: none */
    double *now; /* [levels or 1][ny][nx] */
    double *ln_p;
} held_field;

typedef struct provider {
    bs_met_context x;
    bs_pl_catalogue c;
    size_t cells;
    held_field held[BS_F_COUNT];
    double *dz; /* [ny][nx] m, model's terrain minus the source's ground; NULL: not both known */
    ps_source ps_source;
    double fixed_ps; /* Pa */
    double rh;       /* 1, assumed */
    int n_assumed;
    char assumed[ASSUMED_MAX][ASSUMED_TEXT];
} provider;

static void BS_PRINTF(2, 3) assume(provider *p, const char *format, ...)
{
    va_list args;
    bs_assert(p->n_assumed < ASSUMED_MAX);
    va_start(args, format);
    vsnprintf(p->assumed[p->n_assumed], ASSUMED_TEXT, format, args);
    va_end(args);
    bs_log_info(p->x.log, "meteorology: assumed %s", p->assumed[p->n_assumed]);
    p->n_assumed++;
}

static bool uses(const provider *p, bs_pl_id id)
{
    if (id == BS_F_Z) return false;
    if (id == BS_F_MSLP) return bs_pl_has(&p->c, id) && p->ps_source == PS_TERRAIN;
    if (id == BS_F_OROG) return bs_pl_has(&p->c, id) && p->x.terrain;
    return bs_pl_has(&p->c, id);
}

/* ---- what stands in for missing fields ---- */

static bs_status choose_pressure(provider *p, bs_err *err)
{
    const char *key = "meteorology.assume.surface_pressure";
    p->ps_source = PS_FIELD;
    if (bs_pl_has(&p->c, BS_F_PS)) return BS_OK;
    const char *text = bs_config_text(p->x.config, key), *where = bs_config_where(p->x.config, key);
    if (strcmp(text, "from_terrain") == 0) {
        p->ps_source = PS_TERRAIN;
        if (!p->x.terrain) {
            return bs_fail(err, BS_ERR_INPUT, "%s: %s: from_terrain needs terrain.file, the height of the ground",
                           where, key);
        }
        assume(p,
               bs_pl_has(&p->c, BS_F_MSLP)
                   ? "surface pressure from terrain height and sea-level pressure (assume.surface_pressure)"
                   : "surface pressure of the standard atmosphere at the terrain's height (assume.surface_pressure)");
        return BS_OK;
    }
    p->ps_source = PS_FIXED;
    bs_status status = bs_units_parse_quantity(p->x.units, text, "Pa", &p->fixed_ps, err);
    if (status) {
        bs_err_context(err, "%s: %s must be from_terrain or a pressure, as '1000 hPa'", where, key);
        return status;
    }
    const bs_pl_row *row = &BS_PL_ROWS[BS_F_PS];
    if (!(p->fixed_ps >= row->min && p->fixed_ps <= row->max)) {
        return bs_fail(err, BS_ERR_INPUT, "%s: %s is %g Pa, expected %g to %g Pa", where, key, p->fixed_ps, row->min,
                       row->max);
    }
    assume(p, "surface pressure %g hPa everywhere (assume.surface_pressure)", p->fixed_ps / 100);
    return BS_OK;
}

static bs_status choose(provider *p, bs_err *err)
{
    BS_TRY(choose_pressure(p, err));
    if (!bs_pl_has(&p->c, BS_F_T)) assume(p, "temperature of the ICAO standard atmosphere (assume.temperature)");
    if (!bs_pl_has(&p->c, BS_F_Q) && !bs_pl_has(&p->c, BS_F_RH)) {
        p->rh = bs_config_real(p->x.config, "meteorology.assume.humidity");
        assume(p, "relative humidity %g %% (assume.humidity)", 100 * p->rh);
    }
    if (p->x.terrain && p->ps_source == PS_FIELD && !bs_pl_has(&p->c, BS_F_OROG)) {
        assume(p, "surface pressure of the source valid at the model's terrain (no orography mapped)");
    }
    if (p->c.steady) {
        char text[BS_TIME_TEXT_MAX];
        assume(p, "weather of %s held steady (steady)", bs_time_format(p->c.valid_time, text));
    }
    for (int id = 0; id < BS_F_COUNT; id++) {
        if (!bs_pl_has(&p->c, (bs_pl_id)id) || uses(p, (bs_pl_id)id)) continue;
        bs_log_info(p->x.log, "meteorology: %s is mapped but not needed here", BS_PL_ROWS[id].name);
    }
    return BS_OK;
}

/* ---- fields at a time ---- */

static bs_status hold(provider *p, bs_pl_id id, int slot, int keep, const double **values, bs_err *err)
{
    held_field *h = &p->held[id];
    int place = h->slot[0] == slot ? 0 : h->slot[1] == slot ? 1 : -1;
    if (place < 0) {
        place = h->slot[0] == keep ? 1 : 0;
        h->slot[place] = -1;
        BS_TRY(bs_pl_read_slot(&p->c, id, slot, h->at[place], err));
        h->slot[place] = slot;
    }
    *values = h->at[place];
    return BS_OK;
}

static bs_status refresh(provider *p, bs_pl_id id, bs_time t, bs_err *err)
{
    int slot[2];
    double share;
    const double *a = NULL, *b = NULL;
    bs_pl_bracket(&p->c, id, t, slot, &share);
    BS_TRY(hold(p, id, slot[0], slot[1], &a, err));
    BS_TRY(hold(p, id, slot[1], slot[0], &b, err));
    size_t n = bs_pl_size(&p->c, id, p->cells);
    for (size_t i = 0; i < n; i++) p->held[id].now[i] = a[i] + share * (b[i] - a[i]);
    return BS_OK;
}

static bs_pl_profile profile(const provider *p, bs_pl_id id, size_t cell)
{
    const bs_pl_piece *piece = &p->c.field[id].piece[0];
    return (bs_pl_profile){.n = piece->n_levels,
                           .p = piece->pressure,
                           .ln_p = p->held[id].ln_p,
                           .value = p->held[id].now + cell,
                           .stride = (ptrdiff_t)p->cells};
}

/* ---- the ground ---- */

/* Temperature near the ground where the surface pressure is ps, before any correction for height. */
static double near_ground(const provider *p, size_t cell, double ps)
{
    if (bs_pl_has(&p->c, BS_F_T2)) return p->held[BS_F_T2].now[cell];
    if (!bs_pl_has(&p->c, BS_F_T)) return bs_pl_standard_temperature(ps);
    bs_pl_profile t = profile(p, BS_F_T, cell);
    return bs_pl_ground_temperature(&t, ps);
}

/* Sea-level pressure is a reduction of surface pressure along 6.5 K/km from the ground's temperature; undone with the
 * temperature found at the ground, which depends weakly on the result: three passes leave less than 1 Pa. */
static double pressure_from_terrain(const provider *p, size_t cell)
{
    double z = p->x.terrain[cell], t0 = 288.15;
    if (!bs_pl_has(&p->c, BS_F_MSLP)) return bs_pl_barometric(101325.0, t0, z);
    double mslp = p->held[BS_F_MSLP].now[cell], ps = bs_pl_barometric(mslp, t0, z);
    for (int pass = 0; pass < 3 && bs_pl_has(&p->c, BS_F_T); pass++) {
        bs_pl_profile t = profile(p, BS_F_T, cell);
        t0 = bs_pl_ground_temperature(&t, ps) + BS_PL_LAPSE * z;
        ps = bs_pl_barometric(mslp, t0, z);
    }
    return ps;
}

static double pressure_at(const provider *p, size_t cell)
{
    if (p->ps_source == PS_FIXED) return p->fixed_ps;
    if (p->ps_source == PS_TERRAIN) return pressure_from_terrain(p, cell);
    double ps = p->held[BS_F_PS].now[cell];
    return p->dz ? bs_pl_hydrostatic(ps, near_ground(p, cell, ps), p->dz[cell]) : ps;
}

static bs_status fill_ground(const provider *p, bs_native *n, bs_err *err)
{
    const bs_pl_row *row = &BS_PL_ROWS[BS_F_PS];
    for (size_t cell = 0; cell < p->cells; cell++) {
        n->ps[cell] = pressure_at(p, cell);
        if (n->have_t2) n->t2[cell] = p->held[BS_F_T2].now[cell] - (p->dz ? BS_PL_LAPSE * p->dz[cell] : 0.0);
        if (n->ps[cell] >= row->min && n->ps[cell] <= row->max) continue;
        return bs_fail(err, BS_ERR_INPUT,
                       "surface pressure of cell (%zu, %zu) at longitude %.3f, latitude %.3f becomes %.0f Pa, expected "
                       "%.0f to %.0f; "
                       "do terrain, orography and surface pressure belong together?",
                       cell / (size_t)n->nx, cell % (size_t)n->nx, p->x.mesh->lon[cell], p->x.mesh->lat[cell],
                       n->ps[cell], row->min, row->max);
    }
    return BS_OK;
}

static bs_pl_ground ground_of(const provider *p, const bs_native *n, size_t cell)
{
    bs_pl_ground g = {.ps = n->ps[cell],
                      .roughness = p->x.roughness,
                      .has_t2 = n->have_t2,
                      .has_wind10 = n->have_wind10,
                      .t2 = n->have_t2 ? n->t2[cell] : 0.0};
    g.t = n->have_t2 ? g.t2 : near_ground(p, cell, g.ps);
    return g;
}

/* ---- the column ---- */

static void fill_column(const provider *p, bs_native *n, size_t cell)
{
    const bs_pl_catalogue *c = &p->c;
    bs_pl_ground g = ground_of(p, n, cell);
    bool has_t = bs_pl_has(c, BS_F_T), has_q = bs_pl_has(c, BS_F_Q), has_rh = bs_pl_has(c, BS_F_RH);
    bs_pl_profile none = {0};
    bs_pl_profile u = profile(p, BS_F_U, cell), v = profile(p, BS_F_V, cell);
    bs_pl_profile t = has_t ? profile(p, BS_F_T, cell) : none;
    bs_pl_profile q = has_q ? profile(p, BS_F_Q, cell) : has_rh ? profile(p, BS_F_RH, cell) : none;
    bs_pl_profile clw = n->have_clw ? profile(p, BS_F_CLW, cell) : none;
    double cosine = p->x.mesh->cos_rot[cell], sine = p->x.mesh->sin_rot[cell];
    double u10 = n->have_wind10 ? p->held[BS_F_U10].now[cell] : 0.0,
           v10 = n->have_wind10 ? p->held[BS_F_V10].now[cell] : 0.0;
    for (int k = 0; k < n->nz; k++) {
        size_t at = (size_t)k * p->cells + cell;
        double mid = 0.5 * (bs_levels_pressure(p->x.levels, k, g.ps) + bs_levels_pressure(p->x.levels, k + 1, g.ps));
        double east = bs_pl_wind(&u, &g, u10, mid), north = bs_pl_wind(&v, &g, v10, mid);
        n->u[at] = east * cosine + north * sine;
        n->v[at] = north * cosine - east * sine;
        n->t[at] = has_t ? bs_pl_temperature(&t, &g, mid) : bs_pl_standard_temperature(mid);
        double humidity = has_q || has_rh ? bs_pl_scalar(&q, &g, mid) : p->rh;
        n->qv[at] = has_q ? humidity : bs_pl_specific_humidity(humidity, n->t[at], mid);
        n->clw[at] = n->have_clw ? bs_pl_scalar(&clw, &g, mid) : 0.0;
    }
    n->u10[cell] = u10 * cosine + v10 * sine;
    n->v10[cell] = v10 * cosine - u10 * sine;
}

static void fill_surface(const provider *p, bs_native *n)
{
    const struct {
        bs_pl_id id;
        bool *have;
        double *values;
    } fields[] = {
        {BS_F_PBLH, &n->have_pblh, n->pblh},
        {BS_F_USTAR, &n->have_ustar, n->ustar},
        {BS_F_HFX, &n->have_hfx, n->hfx},
        {BS_F_RAIN, &n->have_rain, n->rain},
    };
    for (size_t f = 0; f < sizeof fields / sizeof fields[0]; f++) {
        *fields[f].have = bs_pl_has(&p->c, fields[f].id);
        if (*fields[f].have) memcpy(fields[f].values, p->held[fields[f].id].now, p->cells * sizeof(double));
    }
}

static bs_status pl_read(void *self, bs_time t, bs_native *n, bs_err *err)
{
    provider *p = self;
    bs_assert(n->nx == p->x.mesh->nx && n->ny == p->x.mesh->ny && n->nz == p->x.levels->nz);
    for (int id = 0; id < BS_F_COUNT; id++) {
        if (id != BS_F_OROG && uses(p, (bs_pl_id)id)) BS_TRY(refresh(p, (bs_pl_id)id, t, err));
    }
    n->time = t;
    n->have_t2 = bs_pl_has(&p->c, BS_F_T2);
    n->have_wind10 = bs_pl_has(&p->c, BS_F_U10);
    n->have_clw = bs_pl_has(&p->c, BS_F_CLW);
    BS_TRY(fill_ground(p, n, err));
    for (size_t cell = 0; cell < p->cells; cell++) fill_column(p, n, cell);
    fill_surface(p, n);
    return BS_OK;
}

/* ---- life ---- */

static void pl_destroy(void *self)
{
    provider *p = self;
    if (!p) return;
    for (int id = 0; id < BS_F_COUNT; id++) {
        held_field *h = &p->held[id];
        bs_free(h->at[0]);
        bs_free(h->at[1]);
        bs_free(h->now);
        bs_free(h->ln_p);
    }
    bs_free(p->dz);
    bs_pl_catalogue_clear(&p->c);
    bs_free(p);
}

static bs_status allocate(provider *p, bs_err *err)
{
    for (int id = 0; id < BS_F_COUNT; id++) {
        held_field *h = &p->held[id];
        h->slot[0] = h->slot[1] = -1;
        if (!uses(p, (bs_pl_id)id)) continue;
        size_t n = bs_pl_size(&p->c, (bs_pl_id)id, p->cells);
        const char *name = BS_PL_ROWS[id].name;
        BS_TRY(BS_NEW(&h->at[0], n, name, err));
        if (p->c.field[id].n_slots > 1) BS_TRY(BS_NEW(&h->at[1], n, name, err));
        BS_TRY(BS_NEW(&h->now, n, name, err));
        int levels = bs_pl_levels(&p->c, (bs_pl_id)id);
        BS_TRY(BS_NEW(&h->ln_p, levels, name, err));
        for (int k = 0; k < levels; k++) h->ln_p[k] = log(p->c.field[id].piece[0].pressure[k]);
    }
    return BS_OK;
}

static bs_status difference_of_grounds(provider *p, bs_err *err)
{
    if (!uses(p, BS_F_OROG)) return BS_OK;
    BS_TRY(BS_NEW(&p->dz, p->cells, "difference of terrain and orography", err));
    BS_TRY(bs_pl_read_slot(&p->c, BS_F_OROG, 0, p->dz, err));
    for (size_t cell = 0; cell < p->cells; cell++) p->dz[cell] = p->x.terrain[cell] - p->dz[cell];
    return BS_OK;
}

static bs_status pl_create(const bs_met_context *context, bs_time start, bs_time end, void **self, bs_err *err)
{
    *self = NULL;
    provider *p = NULL;
    BS_TRY(BS_NEW(&p, 1, "meteorology", err));
    p->x = *context;
    p->cells = (size_t)context->mesh->nx * (size_t)context->mesh->ny;
    bs_status status = bs_pl_catalogue_fill(context, start, end, &p->c, err);
    if (!status) status = choose(p, err);
    if (!status) status = allocate(p, err);
    if (!status) status = difference_of_grounds(p, err);
    if (status) {
        pl_destroy(p);
        return status;
    }
    *self = p;
    return BS_OK;
}

static const char *pl_assumed(const void *self, int n)
{
    const provider *p = self;
    return n >= 0 && n < p->n_assumed ? p->assumed[n] : NULL;
}

const bs_provider BS_PROVIDER_PRESSURE_LEVELS = {
    .name = "pressure_levels",
    .label = "analyses or forecasts on pressure levels",
    .create = pl_create,
    .read = pl_read,
    .assumed = pl_assumed,
    .destroy = pl_destroy,
};
