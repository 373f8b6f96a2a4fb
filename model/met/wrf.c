#include "model/met/wrf.h"

#include <stdio.h>
#include <string.h>

#include "kernels/base/check.h"
#include "model/core/memory.h"
#include "model/met/wrf_rain.h"

typedef struct provider {
    bs_met_context x;
    bs_wrf_source s;
    const bs_wrf_use *use;
    void *of_use;
    bs_wrf_window w;
    bs_wrf_rain *rain; /* NULL: none */
    bs_native *at[2];  /* two of the files' times */
    int slot[2];       /* which; -1: none */
    double *flat;      /* [ny][nx] of the window */
    double *land;      /* [BS_LAND_COUNT][ny][nx] of the mesh; NULL: none */
    bs_assumptions assumed;
} provider;

static void assume(provider *p, const char *line)
{
    bs_assume(&p->assumed, line);
    bs_log_info(p->x.log, "meteorology: assumed %s", line);
}

/* ---- one of the files' times ---- */

static bs_status read_ground(provider *p, const bs_slot *slot, bs_native *n, bs_err *err)
{
    const struct {
        bs_wrf_id id;
        bool *have;
        double *values;
    } fields[] = {
        {BS_WRF_PBLH, &n->have_pblh, n->pblh},
        {BS_WRF_UST, &n->have_ustar, n->ustar},
        {BS_WRF_HFX, &n->have_hfx, n->hfx},
        {BS_WRF_QFX, &n->have_evaporation, n->evaporation},
        {BS_WRF_ZNT, &n->have_roughness, n->roughness},
        {BS_WRF_LAI, &n->have_leaf_area, n->leaf_area},
    };
    for (size_t f = 0; f < sizeof fields / sizeof fields[0]; f++) {
        *fields[f].have = p->s.has[fields[f].id];
        if (!*fields[f].have) continue;
        BS_TRY(bs_wrf_read(&p->s, fields[f].id, slot, p->w, p->flat, err));
        p->use->to_mesh(p->of_use, p->flat, fields[f].values);
    }
    return BS_OK;
}

/* The state at slot number n; the one of number `keep` stays. */
static bs_status hold(provider *p, int n, int keep, const bs_native **out, bs_err *err)
{
    int place = p->slot[0] == n ? 0 : p->slot[1] == n ? 1 : -1;
    if (place < 0) {
        place = p->slot[0] == keep ? 1 : 0;
        p->slot[place] = -1;
        BS_TRY(p->use->read(p->of_use, &p->s.slot[n], p->at[place], err));
        BS_TRY(read_ground(p, &p->s.slot[n], p->at[place], err));
        p->slot[place] = n;
    }
    *out = p->at[place];
    return BS_OK;
}

/* ---- between two of them ---- */

static void between(size_t n, const double *a, const double *b, double share, double *out)
{
    for (size_t c = 0; c < n; c++) out[c] = share == 0 ? a[c] : a[c] + share * (b[c] - a[c]);
}

/* Winds through faces whose mass flux is linear in time: stride to the neighbours' air on both sides is 1 or nx. */
static void between_faces(const bs_native *a, const bs_native *b, double share, bool south, bs_native *out)
{
    const size_t nx = (size_t)out->nx, ny = (size_t)out->ny;
    const size_t row = south ? nx : nx + 1, rows = south ? ny + 1 : ny, last = south ? ny : nx;
    const double *one = south ? a->v_face : a->u_face, *two = south ? b->v_face : b->u_face;
    double *wind = south ? out->v_face : out->u_face;
    for (size_t k = 0; k < (size_t)out->nz; k++)
        for (size_t j = 0; j < rows; j++)
            for (size_t i = 0; i < row; i++) {
                const size_t f = (k * rows + j) * row + i, at = south ? j : i;
                const size_t before = at > 0 ? at - 1 : 0, after = at < last ? at : last - 1;
                const size_t c0 = (k * ny + (south ? before : j)) * nx + (south ? i : before);
                const size_t c1 = (k * ny + (south ? after : j)) * nx + (south ? i : after);
                const double air_a = a->air[c0] + a->air[c1], air_b = b->air[c0] + b->air[c1];
                wind[f] = share == 0 ? one[f]
                                     : ((1 - share) * air_a * one[f] + share * air_b * two[f]) /
                                           ((1 - share) * air_a + share * air_b);
            }
}

static void blend(const bs_native *a, const bs_native *b, double share, bs_native *n)
{
    const size_t cells = (size_t)n->nx * (size_t)n->ny, volume = cells * (size_t)n->nz;
    const struct {
        const double *a, *b;
        double *out;
        size_t size;
    } fields[] = {
        {a->u, b->u, n->u, volume},
        {a->v, b->v, n->v, volume},
        {a->t, b->t, n->t, volume},
        {a->qv, b->qv, n->qv, volume},
        {a->clw, b->clw, n->clw, volume},
        {a->rnw, b->rnw, n->rnw, volume},
        {a->ps, b->ps, n->ps, cells},
        {a->t2, b->t2, n->t2, cells},
        {a->u10, b->u10, n->u10, cells},
        {a->v10, b->v10, n->v10, cells},
        {a->pblh, b->pblh, n->pblh, cells},
        {a->ustar, b->ustar, n->ustar, cells},
        {a->hfx, b->hfx, n->hfx, cells},
        {a->evaporation, b->evaporation, n->evaporation, cells},
        {a->roughness, b->roughness, n->roughness, cells},
        {a->leaf_area, b->leaf_area, n->leaf_area, cells},
        {a->air, b->air, n->air, a->have_air ? volume : 0},
    };
    for (size_t f = 0; f < sizeof fields / sizeof fields[0]; f++)
        between(fields[f].size, fields[f].a, fields[f].b, share, fields[f].out);
    n->have_clw = a->have_clw;
    n->have_rnw = a->have_rnw;
    n->have_t2 = a->have_t2;
    n->have_wind10 = a->have_wind10;
    n->have_pblh = a->have_pblh;
    n->have_ustar = a->have_ustar;
    n->have_hfx = a->have_hfx;
    n->have_evaporation = a->have_evaporation;
    n->have_roughness = a->have_roughness;
    n->have_leaf_area = a->have_leaf_area;
    n->have_air = a->have_air;
    n->have_faces = a->have_faces;
    if (!a->have_faces) return;
    between_faces(a, b, share, false, n);
    between_faces(a, b, share, true, n);
}

static bs_status wrf_read(void *self, bs_time t, bs_native *n, bs_err *err)
{
    provider *p = self;
    int slot[2];
    double share;
    const bs_native *a = NULL, *b = NULL;
    const bs_time when = p->s.steady ? p->s.held : t;
    bs_assert(n->nx == p->x.mesh->nx && n->ny == p->x.mesh->ny && n->nz == p->x.levels->nz);
    if (p->use->own) BS_TRY(bs_native_own(n, err));
    bs_slots_bracket(p->s.n_slots, p->s.slot, when, slot, &share);
    BS_TRY(hold(p, slot[0], slot[1], &a, err));
    BS_TRY(hold(p, slot[1], slot[0], &b, err));
    blend(a, b, share, n);
    n->time = t;
    n->have_rain = p->rain != NULL;
    if (p->rain) {
        BS_TRY(bs_wrf_rain_at(p->rain, when, p->flat, err));
        p->use->to_mesh(p->of_use, p->flat, n->rain);
    }
    n->have_land = p->land != NULL;
    if (!p->land) return BS_OK;
    BS_TRY(bs_native_own_land(n, err));
    memcpy(n->land, p->land, (size_t)BS_LAND_COUNT * (size_t)n->nx * (size_t)n->ny * sizeof *n->land);
    return BS_OK;
}

/* ---- life ---- */

static void wrf_destroy(void *self)
{
    provider *p = self;
    if (!p) return;
    if (p->of_use) p->use->destroy(p->of_use);
    bs_wrf_rain_destroy(p->rain);
    bs_native_destroy(p->at[0]);
    bs_native_destroy(p->at[1]);
    bs_free(p->flat);
    bs_free(p->land);
    bs_wrf_close(&p->s);
    bs_free(p);
}

static bs_status read_land(provider *p, bs_err *err)
{
    const size_t cells = (size_t)p->x.mesh->nx * (size_t)p->x.mesh->ny, in_window = (size_t)p->w.nx * (size_t)p->w.ny;
    if (!bs_wrf_has_land(&p->s)) {
        bs_log_info(p->x.log, "meteorology: no land use from the WRF output: %s '%s' (MMINLU)",
                    p->s.has[BS_WRF_LU_INDEX] ? "LU_INDEX follows a legend that is not known," : "no LU_INDEX, legend",
                    p->s.land_legend);
        return BS_OK;
    }
    double *window = NULL;
    BS_TRY(BS_NEW(&p->land, (size_t)BS_LAND_COUNT * cells, "land use", err));
    BS_TRY(BS_NEW(&window, (size_t)BS_LAND_COUNT * in_window, "land use", err));
    const bs_status st = bs_wrf_read_land(&p->s, p->w, window, err);
    for (size_t l = 0; l < BS_LAND_COUNT && st == BS_OK; l++)
        p->use->to_mesh(p->of_use, window + l * in_window, p->land + l * cells);
    bs_free(window);
    return st;
}

static void tell(provider *p)
{
    char text[BS_TIME_TEXT_MAX], line[160];
    if (!p->s.has[BS_WRF_PSFC])
        assume(p,
               "surface pressure: no PSFC in the WRF output, the weight of the air above the ground (MU, MUB, QVAPOR)");
    if (!p->rain)
        bs_log_info(p->x.log, "meteorology: no rain from the WRF output: %s",
                    p->s.n_slots > 1 ? "no RAINC and no RAINNC" : "one time alone has accumulated amounts and no rate");
    if (!p->s.steady) return;
    snprintf(line, sizeof line, "weather of %s held steady (steady)", bs_time_format(p->s.held, text));
    assume(p, line);
}

static bs_status set_up(provider *p, bs_time start, bs_time end, bs_err *err)
{
    const bs_mesh *m = p->x.mesh;
    BS_TRY(bs_wrf_open(&p->x, p->use->own, start, end, &p->s, err));
    BS_TRY(p->use->create(&p->x, &p->s, &p->of_use, err));
    p->w = p->use->window(p->of_use);
    const bs_wrf_window whole = p->use->whole(p->of_use);
    const bs_wrf_window row = {whole.i0, whole.j0 + whole.ny / 2, whole.nx,
                               1}; /* a wrong unit or variable is wrong everywhere */
    BS_TRY(bs_wrf_check_state(&p->s, &p->s.slot[0], row, err));
    BS_TRY(BS_NEW(&p->flat, (size_t)p->w.nx * (size_t)p->w.ny, "meteorology", err));
    for (int n = 0; n < 2; n++) {
        BS_TRY(bs_native_create(m->nx, m->ny, p->x.levels->nz, &p->at[n], err));
        if (p->use->own) BS_TRY(bs_native_own(p->at[n], err));
    }
    if (bs_wrf_has_rain(&p->s)) BS_TRY(bs_wrf_rain_create(&p->s, whole, p->w, p->x.log, &p->rain, err));
    BS_TRY(read_land(p, err));
    tell(p);
    return BS_OK;
}

static bs_status wrf_create(const bs_met_context *context, bs_time start, bs_time end, void **self, bs_err *err)
{
    *self = NULL;
    provider *p = NULL;
    BS_TRY(BS_NEW(&p, 1, "meteorology", err));
    p->x = *context;
    p->slot[0] = p->slot[1] = -1;
    p->use = bs_wrf_gives_grid(context->config) ? &BS_WRF_OWN : &BS_WRF_OTHER;
    const bs_status status = set_up(p, start, end, err);
    if (status) {
        wrf_destroy(p);
        return status;
    }
    *self = p;
    return BS_OK;
}

static const char *wrf_assumed(const void *self, int n)
{
    const provider *p = self;
    return n >= 0 && n < p->assumed.n ? p->assumed.line[n] : NULL;
}

const bs_provider BS_PROVIDER_WRF = {
    .name = "wrf",
    .label = "output of the WRF model",
    .create = wrf_create,
    .read = wrf_read,
    .assumed = wrf_assumed,
    .destroy = wrf_destroy,
};
