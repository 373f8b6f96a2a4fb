#include "kernels/elliptic/multigrid.h"

#include <math.h>
#include <string.h>

#include "kernels/base/check.h"
#include "kernels/elliptic/multigrid_parts.h"

/* An axis whose conductances are this many times weaker than those along the other stays as it is. */
static const double STRONGER = 3.0;

/* Inverses of the roots of Chebyshev's polynomial of degree 2 on LOW .. 2, LOW = 1/2: 5/4 +- 3/4 cos(pi / 4). */
static const double DAMP[2] = {0.56169337618228, 1.38953930918057};

enum { MAPS_FINEST = 3, MAPS = 9, SHIFTS = 32 };

/* ---- room ---- */

static size_t map_len(int nx, int ny)
{
    return ((size_t)nx + 2) * ((size_t)ny + 2);
}

/* What the levels below one with nx >> a by ny >> b cells need at most, for all a and b: whether an axis is halved depends on the
 * conductances. */
size_t bs_multigrid2d_len(int nx, int ny)
{
    size_t need[SHIFTS][SHIFTS] = {{0}};
    for (int a = SHIFTS - 2; a >= 0; a--)
        for (int b = SHIFTS - 2; b >= 0; b--) {
            const int mx = nx >> a, my = ny >> b, hx = mx / 2, hy = my / 2;
            size_t most = 0;
            if (mx < 1 || my < 1) continue;
            const size_t x = hx ? (MAPS + 2) * map_len(hx, my) + need[a + 1][b] : 0;
            const size_t y = hy ? (MAPS + 2) * map_len(mx, hy) + need[a][b + 1] : 0;
            const size_t both = hx && hy ? (MAPS + BS_MULTIGRID2D_WEIGHTS) * map_len(hx, hy) + need[a + 1][b + 1] : 0;
            most = x > most ? x : most;
            most = y > most ? y : most;
            need[a][b] = both > most ? both : most;
        }
    return MAPS_FINEST * map_len(nx, ny) + need[0][0];
}

/* A map of zeros; its cell (0, 0). */
static double *take(double **room, const bs_multigrid2d_level *l)
{
    double *map = *room;
    memset(map, 0, map_len(l->nx, l->ny) * sizeof *map);
    *room += map_len(l->nx, l->ny);
    return map + l->row + 1;
}

/* ---- levels ---- */

static double total(int nx, int ny, ptrdiff_t row, const double *c)
{
    double sum = 0.0;
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) sum += fabs(c[j * row + i]);
    return sum;
}

/* Whether to halve each axis: both, but for one whose couplings are weak. At least one of them, where the level has more than one cell. */
static void choose_axes(bs_multigrid2d_level *l)
{
    double along_x = 0.0, along_y = 0.0;
    l->along_x = l->nx > 1;
    l->along_y = l->ny > 1;
    if (!l->along_x || !l->along_y) return;
    along_x = total(l->nx - 1, l->ny, l->row_e, l->e) / (l->nx - 1) / l->ny;
    along_y = total(l->nx, l->ny - 1, l->row_n, l->n) / l->nx / (l->ny - 1);
    l->along_x = !(along_y > STRONGER * along_x);
    l->along_y = !(along_x > STRONGER * along_y);
}

static void add_level(bs_multigrid2d *mg, double **room)
{
    bs_multigrid2d_level *f = &mg->level[mg->n - 1], *c = &mg->level[mg->n];
    *c = (bs_multigrid2d_level){.nx = f->along_x ? f->nx / 2 : f->nx, .ny = f->along_y ? f->ny / 2 : f->ny};
    c->row = c->row_e = c->row_n = c->nx + 2;
    const int first = f->along_x ? WEST : SOUTH, end = f->along_x && f->along_y ? BS_MULTIGRID2D_WEIGHTS : first + 2;
    for (int w = first; w < end; w++) f->weight[w] = take(room, c);
    const bs_multigrid2d_maps maps = {
        .d = take(room, c), .e = take(room, c), .n = take(room, c), .ne = take(room, c), .nw = take(room, c)};
    c->d = maps.d, c->e = maps.e, c->n = maps.n, c->ne = maps.ne, c->nw = maps.nw;
    c->inverse = take(room, c);
    c->b = take(room, c);
    c->x = take(room, c);
    c->y = take(room, c);
    bs_multigrid2d_coarsen(f, c, &maps, mg->team);
    mg->n++;
}

void bs_multigrid2d_prepare(int nx, int ny, const double *c_xf, const double *c_yf, bs_band_team *team, double *room,
                            bs_multigrid2d *mg)
{
    bs_assert(nx >= 1 && ny >= 1);
    mg->n = 1;
    mg->team = team;
    bs_multigrid2d_level *l = &mg->level[0];
    *l = (bs_multigrid2d_level){
        .nx = nx, .ny = ny, .row = nx + 2, .row_e = nx + 1, .row_n = nx, .e = c_xf + 1, .n = c_yf + nx};
    l->inverse = take(&room, l);
    l->x = take(&room, l);
    l->y = take(&room, l);
    for (;;) {
        l = &mg->level[mg->n - 1];
        bs_multigrid2d_invert(l, team);
        if (l->nx == 1 && l->ny == 1) return;
        choose_axes(l);
        add_level(mg, &room);
    }
}

/* ---- the cycle ---- */

const double *bs_multigrid2d_cycle(const bs_multigrid2d *mg, const double *r)
{
    const bs_multigrid2d_level *last = &mg->level[mg->n - 1];
    for (const bs_multigrid2d_level *l = mg->level; l < last; l++) {
        const double *b = l->b ? l->b : r;
        bs_multigrid2d_begin(l, mg->team, DAMP[0], b, l->x);
        bs_multigrid2d_relax(l, mg->team, DAMP[1], b, l->x, l->y);
        bs_multigrid2d_residual(l, mg->team, b, l->y, l->x);
        bs_multigrid2d_restrict(l, l + 1, mg->team, l->x);
    }
    last->y[0] = last->inverse[0] * (last->b ? last->b[0] : r[0]);
    for (const bs_multigrid2d_level *l = last; l-- > mg->level;) {
        const double *b = l->b ? l->b : r;
        bs_multigrid2d_prolong(l, l + 1, mg->team, (l + 1)->y, l->y);
        bs_multigrid2d_relax(l, mg->team, DAMP[0], b, l->y, l->x);
        bs_multigrid2d_relax(l, mg->team, DAMP[1], b, l->x, l->y);
    }
    return mg->level[0].y;
}
