/* Any mesh within the file's: bilinear in the file's projection, then down the column as from pressure levels. */
#include <math.h>
#include <string.h>

#include "grids/regrid/regrid.h"
#include "kernels/base/constants.h"
#include "model/core/memory.h"
#include "model/met/met_private.h"
#include "model/met/pressure_levels_column.h"
#include "model/met/wrf.h"

/* Mesh centres may lie this far outside the file's outermost points: rounding of a mesh laid exactly on them. */
static const double RIM_SLACK = 1e-6; /* cells */

/* COSALPHA and SINALPHA against the projection: half a degree. */
static const double ANGLE_SLACK = 0.01;

enum { VOLUMES = 7, PLANES = 4 };

typedef struct other {
    bs_met_context x;
    const bs_wrf_source *s;
    bs_wrf_window w, whole; /* of this rank's part, and of the whole mesh */
    bs_weights *weights;    /* from the window to the mesh */
    size_t cells;           /* of the mesh */
    double *angle[2];       /* [ny][nx] of the window: cosine and sine, u_east = u cos - v sin */
    double *dz;             /* [cells] m, model's ground above the file's; NULL: no terrain */
    double *stored, *sum;   /* room for a variable of the file, and two in the window */
    /* on the mesh, [nz of the file][cells] and [cells] */
    double *p, *east, *north, *t, *qv, *clw, *rnw;
    double *ps, *t2, *u10, *v10;
    double *column; /* [2][nz] Pa and its logarithm, of one column */
} other;

/* ---- where the mesh lies in the file ---- */

static bs_status sticks_out(const other *o, const double *low, const double *high, bs_err *err)
{
    const bs_wrf_grid *g = &o->s->grid;
    static const char *const SIDE[] = {"western", "eastern", "southern", "northern"};
    const bool lonlat = strstr(g->projection, "longlat") != NULL;
    const double metres = lonlat ? BS_EARTH_RADIUS * BS_PI / 180 : 1;
    const double beyond[] = {(0.5 - low[0]) * g->dx, (high[0] - (g->nx - 0.5)) * g->dx, (0.5 - low[1]) * g->dy,
                             (high[1] - (g->ny - 0.5)) * g->dy};
    bool told = false;
    for (int side = 0; side < 4; side++) {
        if (beyond[side] <= RIM_SLACK * g->dx) continue;
        static const char *const FORMAT =
            "the mesh sticks out of the WRF output by %.1f km on its %s side: mesh centres must lie between "
            "the outermost of WRF's mass points";
        if (!told) bs_fail(err, BS_ERR_INPUT, FORMAT, beyond[side] * metres / 1000, SIDE[side]);
        if (told) bs_err_add(err, FORMAT, beyond[side] * metres / 1000, SIDE[side]);
        told = true;
    }
    bs_err_add(
        err, "shrink the mesh (grid.nx, grid.ny, grid.centre), take output of a larger domain, or grid.from: wrf (%s)",
        o->s->file[0].name);
    return BS_ERR_INPUT;
}

/* Fractional coordinates of a mesh's cells, and the window that they need: all must lie between the file's points. */
static bs_status window_round(const other *o, const bs_mesh *m, double *fi, double *fj, bs_wrf_window *out, bs_err *err)
{
    const bs_wrf_grid *g = &o->s->grid;
    const size_t cells = (size_t)m->nx * (size_t)m->ny;
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    BS_TRY(bs_wrf_locate(g, m, fi, fj, err));
    for (size_t c = 0; c < cells; c++) {
        low[0] = fmin(low[0], fi[c]);
        high[0] = fmax(high[0], fi[c]);
        low[1] = fmin(low[1], fj[c]);
        high[1] = fmax(high[1], fj[c]);
    }
    if (low[0] < 0.5 - RIM_SLACK || high[0] > g->nx - 0.5 + RIM_SLACK || low[1] < 0.5 - RIM_SLACK ||
        high[1] > g->ny - 0.5 + RIM_SLACK)
        return sticks_out(o, low, high, err);
    const int i0 = (int)fmax(0, floor(low[0] - 0.5)), i1 = (int)fmin(g->nx - 1, ceil(high[0] - 0.5));
    const int j0 = (int)fmax(0, floor(low[1] - 0.5)), j1 = (int)fmin(g->ny - 1, ceil(high[1] - 0.5));
    *out = (bs_wrf_window){i0, j0, i1 - i0 + 1, j1 - j0 + 1};
    return BS_OK;
}

/* The windows that the whole mesh and this rank's part need, and the weights in the latter. */
static bs_status place_mesh(other *o, double *fi, double *fj, bs_err *err)
{
    const bs_mesh *whole = bs_met_whole(&o->x);
    BS_TRY(window_round(o, whole, fi, fj, &o->whole, err));
    o->w = o->whole;
    if (o->x.tiling) BS_TRY(window_round(o, o->x.mesh, fi, fj, &o->w, err));
    for (size_t c = 0; c < o->cells; c++) {
        fi[c] = fmin(fmax(fi[c] - o->w.i0, 0.5), o->w.nx - 0.5);
        fj[c] = fmin(fmax(fj[c] - o->w.j0, 0.5), o->w.ny - 0.5);
    }
    return bs_regrid_bilinear_cells(o->w.nx, o->w.ny, o->cells, fi, fj, &o->weights, err);
}

static bs_status check_top(const other *o, bs_err *err)
{
    const double top = bs_levels_pressure(o->x.levels, o->x.levels->nz, 101325.0), file = o->s->grid.top;
    if (top >= file * (1 - 1e-9)) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "the model's top at %.0f Pa lies above that of the WRF output at %.0f Pa (%s); lower the top (grid.levels.top)",
        top, file, o->s->file[0].name);
}

/* ---- directions ---- */

static bs_status angles(other *o, bs_err *err)
{
    const bs_wrf_grid *g = &o->s->grid;
    const size_t n = (size_t)o->w.nx * (size_t)o->w.ny;
    double *cosine = o->angle[0], *sine = o->angle[1];
    const bool stored = o->s->has[BS_WRF_COSALPHA] && o->s->has[BS_WRF_SINALPHA];
    if (stored) BS_TRY(bs_wrf_read(o->s, BS_WRF_COSALPHA, &o->s->slot[0], o->w, cosine, err));
    if (stored) BS_TRY(bs_wrf_read(o->s, BS_WRF_SINALPHA, &o->s->slot[0], o->w, sine, err));
    bs_projection *projection = NULL;
    BS_TRY(bs_projection_create(g->projection, &projection, err));
    bs_status st = BS_OK;
    for (size_t c = 0; c < n && st == BS_OK; c++) {
        const size_t i = (size_t)o->w.i0 + c % (size_t)o->w.nx, j = (size_t)o->w.j0 + c / (size_t)o->w.nx;
        double lon = g->x0 + ((double)i + 0.5) * g->dx, lat = g->y0 + ((double)j + 0.5) * g->dy;
        bs_map_factors f;
        bs_projection_inverse(projection, 1, &lon, &lat);
        st = bs_projection_factors(projection, lon, lat, &f, err);
        if (st != BS_OK) break;
        const double own_cos = cos(f.convergence), own_sin = -sin(f.convergence); /* as cos_rot, sin_rot of mesh.h */
        if (stored && (fabs(cosine[c] - own_cos) > ANGLE_SLACK || fabs(sine[c] - own_sin) > ANGLE_SLACK))
            st = bs_fail(err, BS_ERR_INPUT,
                         "%s: COSALPHA %g and SINALPHA %g at south_north %zu, west_east %zu, where the projection '%s' "
                         "has %g and %g; "
                         "expected the same to %g. Do they belong to this grid?",
                         o->s->file[0].name, cosine[c], sine[c], j, i, g->projection, own_cos, own_sin, ANGLE_SLACK);
        if (stored) continue;
        cosine[c] = own_cos;
        sine[c] = own_sin;
    }
    bs_projection_destroy(projection);
    return st;
}

/* ---- fields of the file on the mesh ---- */

static void to_mesh(const void *self, const double *from, double *to)
{
    bs_weights_apply(((const other *)self)->weights, from, to);
}

static void layers_to_mesh(const other *o, const double *from, double *to)
{
    const size_t n = (size_t)o->w.nx * (size_t)o->w.ny;
    for (size_t k = 0; k < (size_t)o->s->grid.nz; k++) to_mesh(o, from + k * n, to + k * o->cells);
}

/* From the faces to the mass points between them: n rows of `row` values, the next face `step` further. */
static void destagger(const double *face, size_t layers, size_t ny, size_t nx, bool south, double *out)
{
    const size_t row = south ? nx : nx + 1, rows = south ? ny + 1 : ny, step = south ? nx : 1;
    for (size_t k = 0; k < layers; k++)
        for (size_t j = 0; j < ny; j++)
            for (size_t i = 0; i < nx; i++) {
                const double *at = face + (k * rows + j) * row + i;
                *out++ = 0.5 * (at[0] + at[step]);
            }
}

/* Along the file's axes -> east and north, in place. */
static void turn(const other *o, size_t layers, double *u, double *v)
{
    const size_t n = (size_t)o->w.nx * (size_t)o->w.ny;
    for (size_t c = 0; c < layers * n; c++) {
        const double cosine = o->angle[0][c % n], sine = o->angle[1][c % n], along = u[c];
        u[c] = along * cosine - v[c] * sine;
        v[c] = v[c] * cosine + along * sine;
    }
}

static bs_status read_winds(other *o, const bs_slot *slot, bs_err *err)
{
    const size_t nx = (size_t)o->w.nx, ny = (size_t)o->w.ny, nz = (size_t)o->s->grid.nz;
    double *u = o->sum, *v = o->sum + nx * ny * nz;
    BS_TRY(bs_wrf_read(o->s, BS_WRF_U, slot, o->w, o->stored, err));
    destagger(o->stored, nz, ny, nx, false, u);
    BS_TRY(bs_wrf_read(o->s, BS_WRF_V, slot, o->w, o->stored, err));
    destagger(o->stored, nz, ny, nx, true, v);
    turn(o, nz, u, v);
    layers_to_mesh(o, u, o->east);
    layers_to_mesh(o, v, o->north);
    if (!o->s->has[BS_WRF_U10]) return BS_OK;
    BS_TRY(bs_wrf_read(o->s, BS_WRF_U10, slot, o->w, u, err));
    BS_TRY(bs_wrf_read(o->s, BS_WRF_V10, slot, o->w, v, err));
    turn(o, 1, u, v);
    to_mesh(o, u, o->u10);
    to_mesh(o, v, o->v10);
    return BS_OK;
}

static bs_status read_air(other *o, const bs_slot *slot, bs_err *err)
{
    const size_t volume = (size_t)o->w.nx * (size_t)o->w.ny * (size_t)o->s->grid.nz;
    double *vapour = o->stored, *p = o->sum + volume;
    BS_TRY(bs_wrf_read_temperature(o->s, slot, o->w, o->sum, p, err));
    layers_to_mesh(o, o->sum, o->t);
    layers_to_mesh(o, p, o->p);
    BS_TRY(bs_wrf_read(o->s, BS_WRF_QVAPOR, slot, o->w, vapour, err));
    const bs_wrf_id water[] = {BS_WRF_QCLOUD, BS_WRF_QRAIN};
    double *const on_mesh[] = {o->clw, o->rnw};
    for (int f = 0; f < 2; f++) {
        if (!o->s->has[water[f]]) continue;
        BS_TRY(bs_wrf_read(o->s, water[f], slot, o->w, o->sum, err));
        for (size_t c = 0; c < volume; c++) o->sum[c] /= 1 + vapour[c];
        layers_to_mesh(o, o->sum, on_mesh[f]);
    }
    for (size_t c = 0; c < volume; c++) o->sum[c] = vapour[c] / (1 + vapour[c]);
    layers_to_mesh(o, o->sum, o->qv);
    BS_TRY(bs_wrf_read_pressure(o->s, slot, o->w, o->sum, err));
    to_mesh(o, o->sum, o->ps);
    if (!o->s->has[BS_WRF_T2]) return BS_OK;
    BS_TRY(bs_wrf_read(o->s, BS_WRF_T2, slot, o->w, o->sum, err));
    to_mesh(o, o->sum, o->t2);
    return BS_OK;
}

/* ---- one column of the model ---- */

static bs_pl_profile profile(const other *o, const double *field, size_t cell)
{
    const int nz = o->s->grid.nz;
    return (bs_pl_profile){
        .n = nz, .p = o->column, .ln_p = o->column + nz, .value = field + cell, .stride = (ptrdiff_t)o->cells};
}

static bs_pl_ground ground_of(const other *o, bs_native *n, size_t cell)
{
    bs_pl_profile t = profile(o, o->t, cell);
    const double dz = o->dz ? o->dz[cell] : 0;
    bs_pl_ground g = {
        .ps = o->ps[cell], .roughness = o->x.roughness, .has_t2 = n->have_t2, .has_wind10 = n->have_wind10};
    g.t = n->have_t2 ? o->t2[cell] : bs_pl_ground_temperature(&t, g.ps);
    if (dz != 0) {
        g.ps = bs_pl_hydrostatic(g.ps, g.t, dz);
        g.t -= BS_PL_LAPSE * dz;
    }
    g.t2 = g.t;
    n->ps[cell] = g.ps;
    n->t2[cell] = g.t;
    return g;
}

static void fill_column(const other *o, bs_native *n, size_t cell)
{
    const int nz = o->s->grid.nz;
    for (int k = 0; k < nz; k++) {
        o->column[k] = o->p[(size_t)k * o->cells + cell];
        o->column[nz + k] = log(o->column[k]);
    }
    const bs_pl_ground g = ground_of(o, n, cell);
    const bs_pl_profile east = profile(o, o->east, cell), north = profile(o, o->north, cell),
                        t = profile(o, o->t, cell), qv = profile(o, o->qv, cell), clw = profile(o, o->clw, cell),
                        rnw = profile(o, o->rnw, cell);
    const double cosine = o->x.mesh->cos_rot[cell], sine = o->x.mesh->sin_rot[cell];
    const double u10 = n->have_wind10 ? o->u10[cell] : 0, v10 = n->have_wind10 ? o->v10[cell] : 0;
    for (int k = 0; k < n->nz; k++) {
        const size_t at = (size_t)k * o->cells + cell;
        double p = 0.5 * (bs_levels_pressure(o->x.levels, k, g.ps) + bs_levels_pressure(o->x.levels, k + 1, g.ps));
        p = fmax(p, o->column[nz - 1]); /* above the middle of the file's highest layer: as there */
        const double u = bs_pl_wind(&east, &g, u10, p), v = bs_pl_wind(&north, &g, v10, p);
        n->u[at] = u * cosine + v * sine;
        n->v[at] = v * cosine - u * sine;
        n->t[at] = bs_pl_temperature(&t, &g, p);
        n->qv[at] = bs_pl_scalar(&qv, &g, p);
        n->clw[at] = n->have_clw ? bs_pl_scalar(&clw, &g, p) : 0;
        n->rnw[at] = n->have_rnw ? bs_pl_scalar(&rnw, &g, p) : 0;
    }
    n->u10[cell] = u10 * cosine + v10 * sine;
    n->v10[cell] = v10 * cosine - u10 * sine;
}

static bs_status other_read(void *self, const bs_slot *slot, bs_native *n, bs_err *err)
{
    other *o = self;
    BS_TRY(read_winds(o, slot, err));
    BS_TRY(read_air(o, slot, err));
    n->have_t2 = o->s->has[BS_WRF_T2];
    n->have_wind10 = o->s->has[BS_WRF_U10];
    n->have_clw = o->s->has[BS_WRF_QCLOUD];
    n->have_rnw = o->s->has[BS_WRF_QRAIN];
    for (size_t cell = 0; cell < o->cells; cell++) {
        fill_column(o, n, cell);
        if (n->ps[cell] >= 40000 && n->ps[cell] <= 110000) continue;
        return bs_fail(err, BS_ERR_INPUT,
                       "surface pressure of cell (%zu, %zu) at longitude %.3f, latitude %.3f becomes %.0f Pa, expected "
                       "40000 to 110000; do "
                       "terrain.file and the WRF output's HGT belong together?",
                       (size_t)o->x.mesh->j0 + cell / (size_t)n->nx, (size_t)o->x.mesh->i0 + cell % (size_t)n->nx,
                       o->x.mesh->lon[cell], o->x.mesh->lat[cell], n->ps[cell]);
    }
    return BS_OK;
}

/* ---- life ---- */

static void other_destroy(void *self)
{
    other *o = self;
    if (!o) return;
    bs_weights_destroy(o->weights);
    double *arrays[] = {o->angle[0], o->angle[1], o->dz,  o->stored, o->sum, o->p,   o->east, o->north, o->t,
                        o->qv,       o->clw,      o->rnw, o->ps,     o->t2,  o->u10, o->v10,  o->column};
    for (size_t a = 0; a < sizeof arrays / sizeof *arrays; a++) bs_free(arrays[a]);
    bs_free(o);
}

static bs_status allocate(other *o, bs_err *err)
{
    const size_t nz = (size_t)o->s->grid.nz, n = (size_t)o->w.nx * (size_t)o->w.ny;
    double **volume[VOLUMES] = {&o->p, &o->east, &o->north, &o->t, &o->qv, &o->clw, &o->rnw};
    double **plane[PLANES] = {&o->ps, &o->t2, &o->u10, &o->v10};
    for (int f = 0; f < VOLUMES; f++) BS_TRY(BS_NEW(volume[f], nz * o->cells, "meteorology", err));
    for (int f = 0; f < PLANES; f++) BS_TRY(BS_NEW(plane[f], o->cells, "meteorology", err));
    for (int f = 0; f < 2; f++) BS_TRY(BS_NEW(&o->angle[f], n, "directions", err));
    BS_TRY(BS_NEW(&o->stored, (size_t)(o->w.nx + 1) * (size_t)(o->w.ny + 1) * nz, "meteorology", err));
    BS_TRY(BS_NEW(&o->sum, 2 * n * nz, "meteorology", err));
    return BS_NEW(&o->column, 2 * nz, "meteorology", err);
}

static bs_status difference_of_grounds(other *o, bs_err *err)
{
    if (!o->x.terrain) return BS_OK;
    BS_TRY(BS_NEW(&o->dz, o->cells, "difference of terrain and HGT", err));
    BS_TRY(bs_wrf_read(o->s, BS_WRF_HGT, &o->s->slot[0], o->w, o->sum, err));
    to_mesh(o, o->sum, o->dz);
    for (size_t cell = 0; cell < o->cells; cell++) o->dz[cell] = o->x.terrain[cell] - o->dz[cell];
    return BS_OK;
}

static bs_status set_up(other *o, bs_err *err)
{
    const size_t cells = (size_t)bs_met_whole(&o->x)->nx * (size_t)bs_met_whole(&o->x)->ny;
    double *place = NULL;
    BS_TRY(check_top(o, err));
    BS_TRY(BS_NEW(&place, 2 * cells, "places", err));
    bs_status st = place_mesh(o, place, place + cells, err);
    bs_free(place);
    BS_TRY(st);
    BS_TRY(allocate(o, err));
    BS_TRY(angles(o, err));
    return difference_of_grounds(o, err);
}

static bs_status other_create(const bs_met_context *x, const bs_wrf_source *s, void **self, bs_err *err)
{
    other *o = NULL;
    BS_TRY(BS_NEW(&o, 1, "meteorology", err));
    o->x = *x;
    o->s = s;
    o->cells = (size_t)x->mesh->nx * (size_t)x->mesh->ny;
    const bs_status st = set_up(o, err);
    if (st != BS_OK) {
        other_destroy(o);
        return st;
    }
    *self = o;
    return BS_OK;
}

static bs_wrf_window other_window(const void *self)
{
    return ((const other *)self)->w;
}

static bs_wrf_window other_whole(const void *self)
{
    return ((const other *)self)->whole;
}

const bs_wrf_use BS_WRF_OTHER = {.own = false,
                                 .create = other_create,
                                 .window = other_window,
                                 .whole = other_whole,
                                 .read = other_read,
                                 .to_mesh = to_mesh,
                                 .destroy = other_destroy};
