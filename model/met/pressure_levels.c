#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernels/base/check.h"
#include "model/core/memory.h"
#include "model/met/pressure_levels_column.h"
#include "model/met/pressure_levels_parts.h"

static void BS_PRINTF(2, 3) assume(bs_pl_provider *p, const char *format, ...)
{
    va_list args;
    bs_assert(p->n_assumed < BS_PL_ASSUMED_MAX);
    va_start(args, format);
    vsnprintf(p->assumed[p->n_assumed], BS_PL_ASSUMED_TEXT, format, args);
    va_end(args);
    bs_log_info(p->x.log, "meteorology: assumed %s", p->assumed[p->n_assumed]);
    p->n_assumed++;
}

bool bs_pl_uses(const bs_pl_provider *p, bs_pl_id id)
{
    if (id == BS_F_Z) return false;
    if (id == BS_F_MSLP) return bs_pl_has(&p->c, id) && p->ps_source == BS_PL_PS_TERRAIN;
    if (id == BS_F_OROG) return bs_pl_has(&p->c, id) && p->x.terrain;
    if (id == BS_F_D2M) return bs_pl_has(&p->c, id) && (bs_pl_has(&p->c, BS_F_Q) || bs_pl_has(&p->c, BS_F_RH));
    if (id == BS_F_LHF) return bs_pl_has(&p->c, id) && !bs_pl_has(&p->c, BS_F_EVAP);
    if (id == BS_F_LNSP) return false;
    return bs_pl_has(&p->c, id);
}

/* ---- what stands in for missing fields ---- */

static bs_status choose_pressure(bs_pl_provider *p, bs_err *err)
{
    const char *key = "meteorology.assume.surface_pressure";
    p->ps_source = BS_PL_PS_FIELD;
    if (bs_pl_has(&p->c, BS_F_PS)) return BS_OK;
    const char *text = bs_config_text(p->x.config, key), *where = bs_config_where(p->x.config, key);
    if (strcmp(text, "from_terrain") == 0) {
        p->ps_source = BS_PL_PS_TERRAIN;
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
    p->ps_source = BS_PL_PS_FIXED;
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

static bs_status choose(bs_pl_provider *p, bs_err *err)
{
    BS_TRY(choose_pressure(p, err));
    if (!bs_pl_has(&p->c, BS_F_T)) assume(p, "temperature of the ICAO standard atmosphere (assume.temperature)");
    if (!bs_pl_has(&p->c, BS_F_Q) && !bs_pl_has(&p->c, BS_F_RH)) {
        p->rh = bs_config_real(p->x.config, "meteorology.assume.humidity");
        assume(p, "relative humidity %g %% (assume.humidity)", 100 * p->rh);
    }
    if (p->x.terrain && p->ps_source == BS_PL_PS_FIELD && !bs_pl_has(&p->c, BS_F_OROG)) {
        assume(p, "surface pressure of the source valid at the model's terrain (no orography mapped)");
    }
    if (bs_pl_uses(p, BS_F_LHF)) assume(p, "moisture flux from the latent heat flux, %g J kg-1", BS_PL_LATENT_HEAT);
    if (p->c.model_levels && bs_pl_levels(&p->c, BS_F_U) < p->c.hybrid.n) {
        assume(p, "%d of %d model levels, linear in ln p between them", bs_pl_levels(&p->c, BS_F_U), p->c.hybrid.n);
    }
    if (p->c.steady) {
        char text[BS_TIME_TEXT_MAX];
        assume(p, "weather of %s held steady (steady)", bs_time_format(p->c.valid_time, text));
    }
    for (int id = 0; id < BS_F_COUNT; id++) {
        if (!bs_pl_has(&p->c, (bs_pl_id)id) || bs_pl_uses(p, (bs_pl_id)id)) continue;
        bs_log_info(p->x.log, "meteorology: %s is mapped but not needed here", BS_PL_ROWS[id].name);
    }
    return BS_OK;
}

bs_status bs_pl_read(void *self, bs_time t, bs_native *n, bs_err *err)
{
    bs_pl_provider *p = self;
    bs_assert(n->nx == p->x.mesh->nx && n->ny == p->x.mesh->ny && n->nz == p->x.levels->nz);
    for (int id = 0; id < BS_F_COUNT; id++) {
        if (id == BS_F_OROG || !bs_pl_uses(p, (bs_pl_id)id)) continue;
        BS_TRY(bs_pl_held_refresh(&p->c, (bs_pl_id)id, p->cells, t, p->interval, &p->held[id], err));
    }
    n->time = t;
    n->have_t2 = bs_pl_has(&p->c, BS_F_T2);
    n->have_wind10 = bs_pl_has(&p->c, BS_F_U10);
    n->have_clw = bs_pl_has(&p->c, BS_F_CLW);
    n->have_rnw = bs_pl_has(&p->c, BS_F_RNW);
    bs_pl_fill_surface(p, n);
    BS_TRY(bs_pl_fill_ground(p, n, err));
    for (size_t cell = 0; cell < p->cells; cell++) bs_pl_fill_column(p, n, cell);
    return BS_OK;
}

/* ---- life ---- */

static void tell_below_zero(const bs_pl_provider *p)
{
    for (int id = 0; id < BS_F_COUNT; id++) {
        const bs_pl_field *f = &p->c.field[id];
        if (f->below_zero == 0) continue;
        bs_log_info(p->x.log,
                    "meteorology: %s: %ld values in all lay below zero, down to %g %s, and were taken as zero",
                    BS_PL_ROWS[id].name, f->below_zero, f->lowest, BS_PL_ROWS[id].unit);
    }
}

void bs_pl_destroy(void *self)
{
    bs_pl_provider *p = self;
    if (!p) return;
    tell_below_zero(p);
    for (int id = 0; id < BS_F_COUNT; id++) {
        bs_pl_held_clear(&p->held[id]);
        bs_free(p->levels[id].p);
        bs_free(p->levels[id].ln_p);
    }
    bs_free(p->dz);
    bs_pl_catalogue_clear(&p->c);
    bs_free(p);
}

static bool same_levels(const bs_pl_piece *a, const bs_pl_piece *b)
{
    if (a->n_levels != b->n_levels) return false;
    const size_t size = (size_t)a->n_levels * sizeof(double);
    return memcmp(a->a, b->a, size) == 0 && memcmp(a->b, b->b, size) == 0;
}

static bs_status create_levels(bs_pl_provider *p, bs_pl_id id, bs_err *err)
{
    const bs_pl_piece *piece = &p->c.field[id].piece[0];
    bs_pl_column_levels *l = &p->levels[id];
    l->as = id;
    for (int other = 0; other < (int)id && l->as == id; other++) {
        if (p->levels[other].p && same_levels(piece, &p->c.field[other].piece[0])) l->as = (bs_pl_id)other;
    }
    if (l->as != id) return BS_OK;
    BS_TRY(BS_NEW(&l->p, piece->n_levels, "levels of the meteorology", err));
    BS_TRY(BS_NEW(&l->ln_p, piece->n_levels, "levels of the meteorology", err));
    for (int k = 0; k < piece->n_levels; k++) {
        l->p[k] = piece->a[k];
        l->ln_p[k] = log(l->p[k]);
    }
    return BS_OK;
}

static bs_status allocate(bs_pl_provider *p, bs_err *err)
{
    for (int id = 0; id < BS_F_COUNT; id++) {
        if (!bs_pl_uses(p, (bs_pl_id)id)) continue;
        BS_TRY(bs_pl_held_create(&p->c, (bs_pl_id)id, p->cells, &p->held[id], err));
        if (bs_pl_levels(&p->c, (bs_pl_id)id)) BS_TRY(create_levels(p, (bs_pl_id)id, err));
    }
    return BS_OK;
}

static bs_status difference_of_grounds(bs_pl_provider *p, bs_err *err)
{
    if (!bs_pl_uses(p, BS_F_OROG)) return BS_OK;
    BS_TRY(BS_NEW(&p->dz, p->cells, "difference of terrain and orography", err));
    BS_TRY(bs_pl_read_slot(&p->c, BS_F_OROG, 0, p->dz, err));
    for (size_t cell = 0; cell < p->cells; cell++) p->dz[cell] = p->x.terrain[cell] - p->dz[cell];
    return BS_OK;
}

bs_status bs_pl_create(const bs_met_context *context, bs_time start, bs_time end, bool model_levels, void **self,
                       bs_err *err)
{
    *self = NULL;
    bs_pl_provider *p = NULL;
    BS_TRY(BS_NEW(&p, 1, "meteorology", err));
    p->x = *context;
    p->interval = (bs_time)bs_config_real(context->config, "meteorology.interval");
    p->cells = (size_t)context->mesh->nx * (size_t)context->mesh->ny;
    p->c.model_levels = model_levels;
    bs_status status = bs_pl_catalogue_fill(context, start, end, &p->c, err);
    if (!status) status = choose(p, err);
    if (!status) status = allocate(p, err);
    if (!status) status = difference_of_grounds(p, err);
    if (status) {
        bs_pl_destroy(p);
        return status;
    }
    *self = p;
    return BS_OK;
}

const char *bs_pl_assumed(const void *self, int n)
{
    const bs_pl_provider *p = self;
    return n >= 0 && n < p->n_assumed ? p->assumed[n] : NULL;
}

static bs_status create(const bs_met_context *context, bs_time start, bs_time end, void **self, bs_err *err)
{
    return bs_pl_create(context, start, end, false, self, err);
}

const bs_provider BS_PROVIDER_PRESSURE_LEVELS = {
    .name = "pressure_levels",
    .label = "analyses or forecasts on pressure levels",
    .create = create,
    .read = bs_pl_read,
    .assumed = bs_pl_assumed,
    .destroy = bs_pl_destroy,
};
