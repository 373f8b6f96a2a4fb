/* The steps of a cycle, row by row. */
#include "kernels/base/clones.h"
#include "kernels/elliptic/multigrid_parts.h"

typedef bs_multigrid2d_level level;

typedef struct step {
    const level *l, *c; /* c: the next coarser one */
    double damp;
    const double *b, *x;
    double *y;
} step;

static void run(step s, int rows, int cells, void (*go)(void *, int, ptrdiff_t, ptrdiff_t), bs_band_team *team)
{
    bs_bands_run((bs_bands){.rows = rows, .per = bs_bands_per(cells), .go = go, .of = &s}, team);
}

/* ---- smoothing ---- */

/* Row j of a level: of x and the rows beside it, of couplings and those of the row south of it. */
typedef struct rows {
    const double *e, *n, *s, *ne, *nw, *sw, *se, *d, *x, *xs, *xn;
} rows;

static inline rows rows_of(const level *l, ptrdiff_t j, const double *x)
{
    const ptrdiff_t at = j * l->row;
    rows r = {
        .e = l->e + j * l->row_e, .n = l->n + j * l->row_n, .x = x + at, .xs = x + at - l->row, .xn = x + at + l->row};
    r.s = r.n - l->row_n;
    if (!l->ne) return r;
    r.d = l->d + at;
    r.ne = l->ne + at;
    r.nw = l->nw + at;
    r.sw = r.ne - l->row;
    r.se = r.nw - l->row;
    return r;
}

/* A x at i: of five points, by differences; of nine. */
static inline double image5(const rows *r, ptrdiff_t i)
{
    const double v = r->x[i];
    return r->e[i - 1] * (v - r->x[i - 1]) + r->e[i] * (v - r->x[i + 1]) + r->s[i] * (v - r->xs[i]) +
           r->n[i] * (v - r->xn[i]);
}

static inline double image9(const rows *r, ptrdiff_t i)
{
    const double straight =
        (r->e[i - 1] * r->x[i - 1] + r->e[i] * r->x[i + 1]) + (r->s[i] * r->xs[i] + r->n[i] * r->xn[i]);
    const double oblique = (r->sw[i - 1] * r->xs[i - 1] + r->se[i + 1] * r->xs[i + 1]) +
                           (r->nw[i] * r->xn[i - 1] + r->ne[i] * r->xn[i + 1]);
    return r->d[i] * r->x[i] - (straight + oblique);
}

BS_CLONES static void relax5(ptrdiff_t n, rows r, double damp, const double *restrict inverse, const double *restrict b,
                             double *restrict y)
{
    for (ptrdiff_t i = 0; i < n; i++) y[i] = r.x[i] + damp * inverse[i] * (b[i] - image5(&r, i));
}

BS_CLONES static void relax9(ptrdiff_t n, rows r, double damp, const double *restrict inverse, const double *restrict b,
                             double *restrict y)
{
    for (ptrdiff_t i = 0; i < n; i++) y[i] = r.x[i] + damp * inverse[i] * (b[i] - image9(&r, i));
}

BS_CLONES static void residual5(ptrdiff_t n, rows r, const double *restrict b, double *restrict y)
{
    for (ptrdiff_t i = 0; i < n; i++) y[i] = b[i] - image5(&r, i);
}

BS_CLONES static void residual9(ptrdiff_t n, rows r, const double *restrict b, double *restrict y)
{
    for (ptrdiff_t i = 0; i < n; i++) y[i] = b[i] - image9(&r, i);
}

BS_CLONES static void begin(ptrdiff_t n, double damp, const double *restrict inverse, const double *restrict b,
                            double *restrict y)
{
    for (ptrdiff_t i = 0; i < n; i++) y[i] = damp * inverse[i] * b[i];
}

static void begin_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    const step *s = of;
    const level *l = s->l;
    (void)band;
    for (ptrdiff_t at = from * l->row; at < to * l->row; at += l->row)
        begin(l->nx, s->damp, l->inverse + at, s->b + at, s->y + at);
}

static void relax_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    const step *s = of;
    const level *l = s->l;
    (void)band;
    for (ptrdiff_t j = from; j < to; j++) {
        const ptrdiff_t at = j * l->row;
        (l->ne ? relax9 : relax5)(l->nx, rows_of(l, j, s->x), s->damp, l->inverse + at, s->b + at, s->y + at);
    }
}

static void residual_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    const step *s = of;
    const level *l = s->l;
    (void)band;
    for (ptrdiff_t j = from; j < to; j++) {
        const ptrdiff_t at = j * l->row;
        (l->ne ? residual9 : residual5)(l->nx, rows_of(l, j, s->x), s->b + at, s->y + at);
    }
}

void bs_multigrid2d_begin(const level *l, bs_band_team *team, double damp, const double *b, double *y)
{
    run((step){.l = l, .damp = damp, .b = b, .y = y}, l->ny, l->nx, begin_rows, team);
}

void bs_multigrid2d_relax(const level *l, bs_band_team *team, double damp, const double *b, const double *x, double *y)
{
    run((step){.l = l, .damp = damp, .b = b, .x = x, .y = y}, l->ny, l->nx, relax_rows, team);
}

void bs_multigrid2d_residual(const level *l, bs_band_team *team, const double *b, const double *x, double *y)
{
    run((step){.l = l, .b = b, .x = x, .y = y}, l->ny, l->nx, residual_rows, team);
}

/* ---- to the coarser level: a cell gathers what its weights say ---- */

/* b = the row x in which the coarser cells lie; then more of it and of others. x is that row's first cell of the coarser level's. */
BS_CLONES static void gather_set(ptrdiff_t n, ptrdiff_t stride, const double *restrict x, double *restrict b)
{
    if (stride == 2)
        for (ptrdiff_t i = 0; i < n; i++) b[i] = x[2 * i];
    else
        for (ptrdiff_t i = 0; i < n; i++) b[i] = x[i];
}

BS_CLONES static void gather_sides(ptrdiff_t n, const double *restrict x, const double *restrict west,
                                   const double *restrict east, double *restrict b)
{
    for (ptrdiff_t i = 0; i < n; i++) b[i] += west[i] * x[2 * i - 1] + east[i] * x[2 * i + 1];
}

BS_CLONES static void gather_middle(ptrdiff_t n, ptrdiff_t stride, const double *restrict x,
                                    const double *restrict weight, double *restrict b)
{
    if (stride == 2)
        for (ptrdiff_t i = 0; i < n; i++) b[i] += weight[i] * x[2 * i];
    else
        for (ptrdiff_t i = 0; i < n; i++) b[i] += weight[i] * x[i];
}

static void restrict_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    const step *s = of;
    const level *l = s->l, *c = s->c;
    double *const *w = l->weight;
    const int stride = l->along_x ? 2 : 1;
    (void)band;
    for (ptrdiff_t j = from; j < to; j++) {
        const ptrdiff_t at = j * c->row;
        const double *x = s->x + (l->along_y ? 2 * j + 1 : j) * l->row + (l->along_x ? 1 : 0), *south = x - l->row,
                     *north = x + l->row;
        double *b = s->y + at;
        gather_set(c->nx, stride, x, b);
        if (l->along_x) gather_sides(c->nx, x, w[WEST] + at, w[EAST] + at, b);
        if (!l->along_y) continue;
        gather_middle(c->nx, stride, south, w[SOUTH] + at, b);
        gather_middle(c->nx, stride, north, w[NORTH] + at, b);
        if (!l->along_x) continue;
        gather_sides(c->nx, south, w[SOUTH_WEST] + at, w[SOUTH_EAST] + at, b);
        gather_sides(c->nx, north, w[NORTH_WEST] + at, w[NORTH_EAST] + at, b);
    }
}

void bs_multigrid2d_restrict(const level *f, const level *c, bs_band_team *team, const double *x)
{
    run((step){.l = f, .c = c, .x = x, .y = c->b}, c->ny, c->nx, restrict_rows, team);
}

/* ---- to the finer level ---- */

/* A row of the finer level takes from a row of the coarser: its cells that lie on or between cells of the coarser one, with these weights.
 * NULL: 1. The frame's weights are 0. */
BS_CLONES static void spread_on(ptrdiff_t n, ptrdiff_t stride, const double *restrict v, const double *restrict weight,
                                double *restrict y)
{
    if (stride == 2 && weight)
        for (ptrdiff_t i = 0; i < n; i++) y[2 * i] += weight[i] * v[i];
    else if (stride == 2)
        for (ptrdiff_t i = 0; i < n; i++) y[2 * i] += v[i];
    else if (weight)
        for (ptrdiff_t i = 0; i < n; i++) y[i] += weight[i] * v[i];
    else
        for (ptrdiff_t i = 0; i < n; i++) y[i] += v[i];
}

BS_CLONES static void spread_between(ptrdiff_t n, const double *restrict v, const double *restrict west,
                                     const double *restrict east, double *restrict y)
{
    for (ptrdiff_t i = 0; i < n; i++) y[2 * i] += east[i - 1] * v[i - 1] + west[i] * v[i];
}

/* Row j of the finer level from row cj of the coarser, whose weights for that row are on, west and east; all with the frame. */
static void spread_row(const step *s, ptrdiff_t j, ptrdiff_t cj, const double *on, const double *west,
                       const double *east)
{
    const level *l = s->l, *c = s->c;
    const ptrdiff_t at = cj * c->row;
    const double *v = s->x + at;
    double *y = s->y + j * l->row;
    spread_on(c->nx, l->along_x ? 2 : 1, v, on ? on + at : NULL, y + (l->along_x ? 1 : 0));
    if (l->along_x) spread_between((l->nx + 1) / 2, v, west + at, east + at, y);
}

static void prolong_rows(void *of, int band, ptrdiff_t from, ptrdiff_t to)
{
    const step *s = of;
    const level *l = s->l;
    double *const *w = l->weight;
    (void)band;
    for (ptrdiff_t j = from; j < to; j++) {
        if (!l->along_y) {
            spread_row(s, j, j, NULL, w[WEST], w[EAST]);
        } else if (j % 2) {
            spread_row(s, j, j / 2, NULL, w[WEST], w[EAST]);
        } else {
            spread_row(s, j, j / 2 - 1, w[NORTH], w[NORTH_WEST], w[NORTH_EAST]);
            spread_row(s, j, j / 2, w[SOUTH], w[SOUTH_WEST], w[SOUTH_EAST]);
        }
    }
}

void bs_multigrid2d_prolong(const level *f, const level *c, bs_band_team *team, const double *v, double *y)
{
    run((step){.l = f, .c = c, .x = v, .y = y}, f->ny, f->nx, prolong_rows, team);
}
