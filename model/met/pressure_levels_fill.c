#include <math.h>
#include <string.h>

#include "model/met/pressure_levels_column.h"
#include "model/met/pressure_levels_parts.h"

/* Places the levels over the ground of the source, on which they rest. */
static void place_levels(bs_pl_provider *p, size_t cell)
{
    if (!p->c.model_levels) return;
    const double ps = p->held[BS_F_PS].now[cell];
    for (int id = 0; id < BS_F_COUNT; id++) {
        const bs_pl_column_levels *l = &p->levels[id];
        if (!l->p || l->as != (bs_pl_id)id) continue;
        const bs_pl_piece *piece = &p->c.field[id].piece[0];
        for (int k = 0; k < piece->n_levels; k++) {
            l->p[k] = piece->a[k] + piece->b[k] * ps;
            l->ln_p[k] = log(l->p[k]);
        }
    }
}

static bs_pl_profile profile(const bs_pl_provider *p, bs_pl_id id, size_t cell)
{
    const bs_pl_column_levels *l = &p->levels[p->levels[id].as];
    return (bs_pl_profile){.n = bs_pl_levels(&p->c, id),
                           .p = l->p,
                           .ln_p = l->ln_p,
                           .value = p->held[id].now + cell,
                           .stride = (ptrdiff_t)p->cells};
}

static double middle(const bs_pl_provider *p, int k, double ps)
{
    return 0.5 * (bs_levels_pressure(p->x.levels, k, ps) + bs_levels_pressure(p->x.levels, k + 1, ps));
}

/* ---- the ground ---- */

/* Temperature near the ground where the surface pressure is ps, before any correction for height. */
static double near_ground(const bs_pl_provider *p, size_t cell, double ps)
{
    if (bs_pl_has(&p->c, BS_F_T2)) return p->held[BS_F_T2].now[cell];
    if (!bs_pl_has(&p->c, BS_F_T)) return bs_pl_standard_temperature(ps);
    bs_pl_profile t = profile(p, BS_F_T, cell);
    return bs_pl_ground_temperature(&t, ps);
}

/* Sea-level pressure is a reduction of surface pressure along 6.5 K/km from the ground's temperature; undone with the
 * temperature found at the ground, which depends weakly on the result: three passes leave less than 1 Pa. */
static double pressure_from_terrain(const bs_pl_provider *p, size_t cell)
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

static double pressure_at(bs_pl_provider *p, size_t cell)
{
    place_levels(p, cell);
    if (p->ps_source == BS_PL_PS_FIXED) return p->fixed_ps;
    if (p->ps_source == BS_PL_PS_TERRAIN) return pressure_from_terrain(p, cell);
    double ps = p->held[BS_F_PS].now[cell];
    return p->dz ? bs_pl_hydrostatic(ps, near_ground(p, cell, ps), p->dz[cell]) : ps;
}

bs_status bs_pl_fill_ground(bs_pl_provider *p, bs_native *n, bs_err *err)
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
                       (size_t)p->x.mesh->j0 + cell / (size_t)n->nx, (size_t)p->x.mesh->i0 + cell % (size_t)n->nx,
                       p->x.mesh->lon[cell], p->x.mesh->lat[cell], n->ps[cell], row->min, row->max);
    }
    return BS_OK;
}

/* Humidity at 2 m from the dew point, in the terms of the field on levels. */
static double humidity_2m(const bs_pl_provider *p, const bs_pl_ground *g, size_t cell)
{
    const double dew = p->held[BS_F_D2M].now[cell];
    if (bs_pl_has(&p->c, BS_F_Q)) return bs_pl_specific_humidity(1, dew, g->ps);
    return bs_pl_vapour_pressure(dew) / bs_pl_vapour_pressure(g->t);
}

static bs_pl_ground ground_of(const bs_pl_provider *p, const bs_native *n, size_t cell)
{
    bs_pl_ground g = {.ps = n->ps[cell],
                      .roughness = n->have_roughness ? n->roughness[cell] : p->x.roughness,
                      .has_t2 = n->have_t2,
                      .has_wind10 = n->have_wind10,
                      .has_humidity2 = bs_pl_uses(p, BS_F_D2M),
                      .t2 = n->have_t2 ? n->t2[cell] : 0.0};
    g.t = n->have_t2 ? g.t2 : near_ground(p, cell, g.ps);
    if (g.has_humidity2) g.humidity2 = humidity_2m(p, &g, cell);
    return g;
}

/* ---- the column ---- */

static void fill_wind(const bs_pl_provider *p, bs_native *n, const bs_pl_ground *g, size_t cell)
{
    const bs_pl_profile u = profile(p, BS_F_U, cell), v = profile(p, BS_F_V, cell);
    const double cosine = p->x.mesh->cos_rot[cell], sine = p->x.mesh->sin_rot[cell];
    const double u10 = n->have_wind10 ? p->held[BS_F_U10].now[cell] : 0.0,
                 v10 = n->have_wind10 ? p->held[BS_F_V10].now[cell] : 0.0;
    for (int k = 0; k < n->nz; k++) {
        const size_t at = (size_t)k * p->cells + cell;
        const double mid = middle(p, k, g->ps);
        const double east = bs_pl_wind(&u, g, u10, mid), north = bs_pl_wind(&v, g, v10, mid);
        n->u[at] = east * cosine + north * sine;
        n->v[at] = north * cosine - east * sine;
    }
    n->u10[cell] = u10 * cosine + v10 * sine;
    n->v10[cell] = v10 * cosine - u10 * sine;
}

void bs_pl_fill_column(bs_pl_provider *p, bs_native *n, size_t cell)
{
    const bs_pl_catalogue *c = &p->c;
    place_levels(p, cell);
    const bs_pl_ground g = ground_of(p, n, cell);
    const bool has_t = bs_pl_has(c, BS_F_T), has_q = bs_pl_has(c, BS_F_Q), has_rh = bs_pl_has(c, BS_F_RH);
    const bs_pl_profile none = {0};
    const bs_pl_profile t = has_t ? profile(p, BS_F_T, cell) : none;
    const bs_pl_profile q = has_q ? profile(p, BS_F_Q, cell) : has_rh ? profile(p, BS_F_RH, cell) : none;
    const bs_pl_profile clw = n->have_clw ? profile(p, BS_F_CLW, cell) : none;
    const bs_pl_profile rnw = n->have_rnw ? profile(p, BS_F_RNW, cell) : none;
    fill_wind(p, n, &g, cell);
    for (int k = 0; k < n->nz; k++) {
        const size_t at = (size_t)k * p->cells + cell;
        const double mid = middle(p, k, g.ps);
        n->t[at] = has_t ? bs_pl_temperature(&t, &g, mid) : bs_pl_standard_temperature(mid);
        const double humidity = has_q || has_rh ? bs_pl_humidity(&q, &g, mid) : p->rh;
        n->qv[at] = has_q ? humidity : bs_pl_specific_humidity(humidity, n->t[at], mid);
        n->clw[at] = n->have_clw ? bs_pl_scalar(&clw, &g, mid) : 0.0;
        n->rnw[at] = n->have_rnw ? bs_pl_scalar(&rnw, &g, mid) : 0.0;
    }
}

void bs_pl_fill_surface(const bs_pl_provider *p, bs_native *n)
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
        {BS_F_EVAP, &n->have_evaporation, n->evaporation},
        {BS_F_Z0, &n->have_roughness, n->roughness},
        {BS_F_LAI, &n->have_leaf_area, n->leaf_area},
    };
    for (size_t f = 0; f < sizeof fields / sizeof fields[0]; f++) {
        *fields[f].have = bs_pl_has(&p->c, fields[f].id);
        if (*fields[f].have) memcpy(fields[f].values, p->held[fields[f].id].now, p->cells * sizeof(double));
    }
    if (!bs_pl_uses(p, BS_F_LHF)) return;
    n->have_evaporation = true;
    for (size_t cell = 0; cell < p->cells; cell++)
        n->evaporation[cell] = p->held[BS_F_LHF].now[cell] / BS_PL_LATENT_HEAT;
}
