/* The file's own mesh and layers: everything as it is, layers merged by weight. */
#include <string.h>

#include "kernels/base/check.h"
#include "kernels/base/constants.h"
#include "model/core/memory.h"
#include "model/met/wrf.h"

typedef struct own {
    const bs_wrf_source *s;
    bs_wrf_window w;
    int n_keep, *keep; /* half levels */
    double *layers;    /* [nz][ny+1][nx+1] room for a variable of the file */
    double *vapour;    /* [nz of the case][ny][nx] mixing ratio */
    double *psd;       /* [ny][nx] Pa */
    double *psd_face;  /* [ny+1][nx+1] Pa */
} own;

/* Mean over the file's layers of each layer of the case, weighted by dry air: n columns with dry surface pressures psd.
 * A layer that stays as it is keeps its bits. */
static void merge(const own *o, size_t n, const double *psd, const double *from, double *to)
{
    const bs_wrf_grid *g = &o->s->grid;
    for (int k = 0; k + 1 < o->n_keep; k++, to += n) {
        const int first = o->keep[k], end = o->keep[k + 1];
        if (end == first + 1) {
            memcpy(to, from + (size_t)first * n, n * sizeof *to);
            continue;
        }
        for (size_t c = 0; c < n; c++) {
            double air = 0, sum = 0;
            for (int l = first; l < end; l++) {
                const double dry = bs_wrf_dry(g, l, psd[c]);
                air += dry;
                sum += dry * from[(size_t)l * n + c];
            }
            to[c] = sum / air;
        }
    }
}

static bs_status read_merged(own *o, bs_wrf_id id, const bs_slot *slot, size_t n, const double *psd, double *to,
                             bs_err *err)
{
    BS_TRY(bs_wrf_read(o->s, id, slot, o->w, o->layers, err));
    merge(o, n, psd, o->layers, to);
    return BS_OK;
}

/* ---- air ---- */

static void fill_air(const own *o, bs_native *n)
{
    const bs_wrf_grid *g = &o->s->grid;
    const size_t cells = (size_t)n->nx * (size_t)n->ny;
    for (int k = 0; k < n->nz; k++) {
        const int below = o->keep[k], above = o->keep[k + 1];
        for (size_t c = 0; c < cells; c++)
            n->air[(size_t)k * cells + c] =
                (g->a[below] - g->a[above] + (g->b[below] - g->b[above]) * o->psd[c]) / BS_GRAVITY;
    }
    n->have_air = true;
}

/* Mixing ratios to dry air -> parts of dry air and vapour together. */
static bs_status read_water(own *o, const bs_slot *slot, bs_native *n, bs_err *err)
{
    const size_t cells = (size_t)n->nx * (size_t)n->ny, volume = cells * (size_t)n->nz;
    BS_TRY(read_merged(o, BS_WRF_QVAPOR, slot, cells, o->psd, o->vapour, err));
    for (size_t c = 0; c < volume; c++) n->qv[c] = o->vapour[c] / (1 + o->vapour[c]);
    const struct {
        bs_wrf_id id;
        bool *have;
        double *values;
    } other[] = {{BS_WRF_QCLOUD, &n->have_clw, n->clw}, {BS_WRF_QRAIN, &n->have_rnw, n->rnw}};
    for (int f = 0; f < 2; f++) {
        *other[f].have = o->s->has[other[f].id];
        if (!*other[f].have) continue;
        BS_TRY(read_merged(o, other[f].id, slot, cells, o->psd, other[f].values, err));
        for (size_t c = 0; c < volume; c++) other[f].values[c] /= 1 + o->vapour[c];
    }
    return BS_OK;
}

static bs_status read_temperature(own *o, const bs_slot *slot, bs_native *n, bs_err *err)
{
    double *p = NULL;
    BS_TRY(BS_NEW(&p, bs_wrf_size(BS_WRF_P, o->w, o->s->grid.nz), "pressure", err));
    const bs_status st = bs_wrf_read_temperature(o->s, slot, o->w, o->layers, p, err);
    if (st == BS_OK) merge(o, (size_t)n->nx * (size_t)n->ny, o->psd, o->layers, n->t);
    bs_free(p);
    return st;
}

/* ---- winds ---- */

static bs_status read_winds(own *o, const bs_slot *slot, bs_native *n, bs_err *err)
{
    const size_t nx = (size_t)n->nx, ny = (size_t)n->ny, east = nx + 1;
    for (size_t j = 0; j < ny; j++)
        for (size_t i = 0; i < east; i++) {
            const double *row = o->psd + j * nx;
            o->psd_face[j * east + i] = i == 0 ? row[0] : i == nx ? row[nx - 1] : 0.5 * (row[i - 1] + row[i]);
        }
    BS_TRY(read_merged(o, BS_WRF_U, slot, ny * east, o->psd_face, n->u_face, err));
    for (size_t j = 0; j <= ny; j++)
        for (size_t i = 0; i < nx; i++) {
            const double south = o->psd[(j > 0 ? j - 1 : 0) * nx + i], north = o->psd[(j < ny ? j : ny - 1) * nx + i];
            o->psd_face[j * nx + i] = j == 0 || j == ny ? north : 0.5 * (south + north);
        }
    BS_TRY(read_merged(o, BS_WRF_V, slot, (ny + 1) * nx, o->psd_face, n->v_face, err));
    for (size_t k = 0; k < (size_t)n->nz; k++)
        for (size_t j = 0; j < ny; j++)
            for (size_t i = 0; i < nx; i++) {
                const double *u = n->u_face + (k * ny + j) * east + i, *v = n->v_face + (k * (ny + 1) + j) * nx + i;
                const size_t c = (k * ny + j) * nx + i;
                n->u[c] = 0.5 * (u[0] + u[1]);
                n->v[c] = 0.5 * (v[0] + v[nx]);
            }
    n->have_faces = true;
    n->have_wind10 = o->s->has[BS_WRF_U10];
    if (!n->have_wind10) return BS_OK;
    BS_TRY(bs_wrf_read(o->s, BS_WRF_U10, slot, o->w, n->u10, err));
    return bs_wrf_read(o->s, BS_WRF_V10, slot, o->w, n->v10, err);
}

static bs_status own_read(void *self, const bs_slot *slot, bs_native *n, bs_err *err)
{
    own *o = self;
    BS_TRY(bs_wrf_read_dry_pressure(o->s, slot, o->w, o->psd, err));
    fill_air(o, n);
    BS_TRY(bs_wrf_read_pressure(o->s, slot, o->w, n->ps, err));
    BS_TRY(read_water(o, slot, n, err));
    BS_TRY(read_temperature(o, slot, n, err));
    BS_TRY(read_winds(o, slot, n, err));
    n->have_t2 = o->s->has[BS_WRF_T2];
    return n->have_t2 ? bs_wrf_read(o->s, BS_WRF_T2, slot, o->w, n->t2, err) : BS_OK;
}

/* ---- life ---- */

static void own_destroy(void *self)
{
    own *o = self;
    if (!o) return;
    bs_free(o->keep);
    bs_free(o->layers);
    bs_free(o->vapour);
    bs_free(o->psd);
    bs_free(o->psd_face);
    bs_free(o);
}

static bs_status own_create(const bs_met_context *x, const bs_wrf_source *s, void **self, bs_err *err)
{
    own *o = NULL;
    BS_TRY(BS_NEW(&o, 1, "meteorology", err));
    o->s = s;
    bs_status st = bs_wrf_window_of(x->config, &s->grid, &o->w, err);
    if (st == BS_OK) st = bs_wrf_kept_levels(x->config, &s->grid, &o->n_keep, &o->keep, err);
    if (st == BS_OK) {
        bs_assert(o->w.nx == x->mesh->nx && o->w.ny == x->mesh->ny && o->n_keep == x->levels->nz + 1);
        const size_t faces = (size_t)(o->w.nx + 1) * (size_t)(o->w.ny + 1), cells = (size_t)o->w.nx * (size_t)o->w.ny;
        st = BS_NEW(&o->layers, faces * (size_t)s->grid.nz, "meteorology", err);
        if (st == BS_OK) st = BS_NEW(&o->vapour, cells * (size_t)x->levels->nz, "meteorology", err);
        if (st == BS_OK) st = BS_NEW(&o->psd, cells, "meteorology", err);
        if (st == BS_OK) st = BS_NEW(&o->psd_face, faces, "meteorology", err);
    }
    if (st != BS_OK) {
        own_destroy(o);
        return st;
    }
    *self = o;
    return BS_OK;
}

static bs_wrf_window own_window(const void *self)
{
    return ((const own *)self)->w;
}

static void own_to_mesh(const void *self, const double *from, double *to)
{
    const own *o = self;
    memcpy(to, from, (size_t)o->w.nx * (size_t)o->w.ny * sizeof *to);
}

const bs_wrf_use BS_WRF_OWN = {.own = true,
                               .create = own_create,
                               .window = own_window,
                               .read = own_read,
                               .to_mesh = own_to_mesh,
                               .destroy = own_destroy};
