/* The file's own mesh and layers: everything as it is, layers merged by weight. */
#include <string.h>

#include "kernels/base/check.h"
#include "kernels/base/constants.h"
#include "model/core/memory.h"
#include "model/met/met_private.h"
#include "model/met/wrf.h"

typedef struct own {
    const bs_wrf_source *s;
    bs_wrf_window w, whole; /* of this rank's part, and of the whole mesh */
    bs_wrf_window wide;     /* the former and a row of neighbours round it, as far as the latter goes */
    int n_keep, *keep;      /* half levels */
    double *layers;         /* [nz][ny+1][nx+1] room for a variable of the file */
    double *vapour;         /* [nz of the case][ny][nx] mixing ratio */
    double *psd;            /* [ny][nx] Pa */
    double *psd_wide;       /* the same in `wide` */
    double *psd_face;       /* [ny+1][nx+1] Pa */
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

/* Dry surface pressure of cell (j, i) of the window, or one beside it. */
static double psd_at(const own *o, int j, int i)
{
    return o->psd_wide[(size_t)(o->w.j0 - o->wide.j0 + j) * (size_t)o->wide.nx + (size_t)(o->w.i0 - o->wide.i0 + i)];
}

static bs_status read_psd(own *o, const bs_slot *slot, bs_err *err)
{
    BS_TRY(bs_wrf_read_dry_pressure(o->s, slot, o->wide, o->psd_wide, err));
    for (int j = 0; j < o->w.ny; j++)
        for (int i = 0; i < o->w.nx; i++) o->psd[(size_t)j * (size_t)o->w.nx + (size_t)i] = psd_at(o, j, i);
    return BS_OK;
}

/* Of the cells on both sides of a face; on the whole mesh's outer faces, the inner cell's. */
static double psd_between(const own *o, int j, int i, int south, int west)
{
    const bs_wrf_window *all = &o->whole;
    const bool before = o->w.j0 + j - south >= all->j0 && o->w.i0 + i - west >= all->i0;
    const bool after = o->w.j0 + j < all->j0 + all->ny && o->w.i0 + i < all->i0 + all->nx;
    if (!before) return psd_at(o, j, i);
    if (!after) return psd_at(o, j - south, i - west);
    return 0.5 * (psd_at(o, j - south, i - west) + psd_at(o, j, i));
}

static bs_status read_winds(own *o, const bs_slot *slot, bs_native *n, bs_err *err)
{
    const size_t nx = (size_t)n->nx, ny = (size_t)n->ny, east = nx + 1;
    for (size_t j = 0; j < ny; j++)
        for (size_t i = 0; i < east; i++) o->psd_face[j * east + i] = psd_between(o, (int)j, (int)i, 0, 1);
    BS_TRY(read_merged(o, BS_WRF_U, slot, ny * east, o->psd_face, n->u_face, err));
    for (size_t j = 0; j <= ny; j++)
        for (size_t i = 0; i < nx; i++) o->psd_face[j * nx + i] = psd_between(o, (int)j, (int)i, 1, 0);
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
    BS_TRY(read_psd(o, slot, err));
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
    bs_free(o->psd_wide);
    bs_free(o->psd_face);
    bs_free(o);
}

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static bs_wrf_window widened(bs_wrf_window w, bs_wrf_window all)
{
    const int west = w.i0 > all.i0, south = w.j0 > all.j0;
    return (bs_wrf_window){w.i0 - west, w.j0 - south, smaller(w.nx + west + 1, all.i0 + all.nx - w.i0 + west),
                           smaller(w.ny + south + 1, all.j0 + all.ny - w.j0 + south)};
}

static bs_status own_create(const bs_met_context *x, const bs_wrf_source *s, void **self, bs_err *err)
{
    own *o = NULL;
    BS_TRY(BS_NEW(&o, 1, "meteorology", err));
    o->s = s;
    bs_status st = bs_wrf_window_of(x->config, &s->grid, &o->whole, err);
    o->w = (bs_wrf_window){o->whole.i0 + x->mesh->i0, o->whole.j0 + x->mesh->j0, x->mesh->nx, x->mesh->ny};
    o->wide = widened(o->w, o->whole);
    if (st == BS_OK) st = bs_wrf_kept_levels(x->config, &s->grid, &o->n_keep, &o->keep, err);
    if (st == BS_OK) {
        bs_assert(o->whole.nx == bs_met_whole(x)->nx && o->whole.ny == bs_met_whole(x)->ny &&
                  o->n_keep == x->levels->nz + 1);
        const size_t faces = (size_t)(o->w.nx + 1) * (size_t)(o->w.ny + 1), cells = (size_t)o->w.nx * (size_t)o->w.ny;
        st = BS_NEW(&o->layers, faces * (size_t)s->grid.nz, "meteorology", err);
        if (st == BS_OK) st = BS_NEW(&o->vapour, cells * (size_t)x->levels->nz, "meteorology", err);
        if (st == BS_OK) st = BS_NEW(&o->psd, cells, "meteorology", err);
        if (st == BS_OK) st = BS_NEW(&o->psd_wide, (size_t)o->wide.nx * (size_t)o->wide.ny, "meteorology", err);
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

static bs_wrf_window own_whole(const void *self)
{
    return ((const own *)self)->whole;
}

static void own_to_mesh(const void *self, const double *from, double *to)
{
    const own *o = self;
    memcpy(to, from, (size_t)o->w.nx * (size_t)o->w.ny * sizeof *to);
}

const bs_wrf_use BS_WRF_OWN = {.own = true,
                               .create = own_create,
                               .window = own_window,
                               .whole = own_whole,
                               .read = own_read,
                               .to_mesh = own_to_mesh,
                               .destroy = own_destroy};
