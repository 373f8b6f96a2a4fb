#include "model/run/nest_place.h"

#include <math.h>
#include <stdio.h>

#include "model/core/memory.h"
#include "model/run/sides.h"

typedef struct finding {
    const bs_case *c;
    const bs_nest_file *other;
    bs_nest_point *point; /* [n] */
    size_t n;
} finding;

/* Rounding of a point that lies on the outline, cells. */
static const double OUTLINE_SLACK = 1e-6;

typedef struct beyond {
    double cells;
    size_t cell; /* of our whole mesh */
} beyond;

enum { ELSEWHERE = -1 }; /* in the place of a point: not seen by this rank */

/* Cell coordinates on the other mesh; west of a longitude-latitude mesh they are negative, not a turn further east. */
static void locate(const bs_mesh *other, double lon, double lat, double *fi, double *fj)
{
    *fi = *fj = NAN;
    if (bs_mesh_locate(other, lon, lat, fi, fj) || !bs_projection_is_lonlat(other->projection)) return;
    const double turn = 360.0 / other->dx;
    if (*fi - other->nx > turn - *fi) *fi -= turn;
}

/* Between centres 0 .. n - 1; *share of the way from *cell to the next. Beyond the outer centres: their values. */
static void between(double f, int n, int *cell, double *share)
{
    const double x = fmin(fmax(f - 0.5, 0.0), n - 1.0), low = fmin(floor(x), n - 2.0);
    *cell = (int)low;
    *share = x - low;
}

static bs_status report_beyond(const finding *f, const beyond side[BS_SIDES], bs_err *err)
{
    static const char *const NAME[BS_SIDES] = {"west", "east", "south", "north"};
    const bs_mesh *ours = f->c->whole, *other = f->other->mesh;
    bs_status st = BS_OK;
    for (int s = 0; s < BS_SIDES; s++) {
        if (!(side[s].cells > OUTLINE_SLACK)) continue;
        char line[256];
        const size_t cell = side[s].cell, nx = (size_t)ours->nx;
        snprintf(
            line, sizeof line,
            "the mesh sticks out of the file's to the %s by %.4g of its cells, at cell (j=%zu, i=%zu), %.4f E %.4f N",
            NAME[s], side[s].cells, cell / nx, cell % nx, ours->lon[cell], ours->lat[cell]);
        if (st == BS_OK) {
            st = bs_fail(err, BS_ERR_INPUT, "%s: %s", bs_nc_file(f->other->nc), line);
        } else {
            bs_err_add(err, "%s", line);
        }
    }
    if (st != BS_OK)
        bs_err_add(
            err, "the file's mesh has %d x %d cells; shrink or move this one, or run the coarser case on a larger one",
            other->nx, other->ny);
    return st;
}

/* A cell of the whole mesh: how far beyond the file's it lies, and, where this rank sees it, its place there as point number `at`. */
static bs_status find_point(const finding *f, size_t cell, ptrdiff_t at, beyond side[BS_SIDES], bs_err *err)
{
    const bs_mesh *ours = f->c->whole, *other = f->other->mesh;
    double fi, fj;
    locate(other, ours->lon[cell], ours->lat[cell], &fi, &fj);
    if (!isfinite(fi) || !isfinite(fj))
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: cell (j=%zu, i=%zu), %.4f E %.4f N lies outside the file's projection '%s'",
                       bs_nc_file(f->other->nc), cell / (size_t)ours->nx, cell % (size_t)ours->nx, ours->lon[cell],
                       ours->lat[cell], bs_projection_string(other->projection));
    const double away[BS_SIDES] = {-fi, fi - other->nx, -fj, fj - other->ny};
    for (int s = 0; s < BS_SIDES; s++)
        if (away[s] > side[s].cells) side[s] = (beyond){away[s], cell};
    if (at == ELSEWHERE) return BS_OK;
    bs_nest_point *p = &f->point[at];
    between(fi, other->nx, &p->i, &p->x);
    between(fj, other->ny, &p->j, &p->y);
    return BS_OK;
}

/* n of `first` .. first + count - 1 counted from there; else ELSEWHERE. */
static ptrdiff_t from(int n, int first, int count)
{
    return n >= first && n < first + count ? n - first : ELSEWHERE;
}

static bs_status find_cells(const finding *f, beyond side[BS_SIDES], bs_err *err)
{
    const bs_mesh *whole = f->c->whole;
    const bs_tile *tile = &f->c->tile;
    for (int j = 0; j < whole->ny; j++)
        for (int i = 0; i < whole->nx; i++) {
            const ptrdiff_t row = from(j, tile->j0, tile->ny), column = from(i, tile->i0, tile->nx);
            const ptrdiff_t at = row < 0 || column < 0 ? ELSEWHERE : row * tile->nx + column;
            BS_TRY(find_point(f, (size_t)j * (size_t)whole->nx + (size_t)i, at, side, err));
        }
    return BS_OK;
}

/* One side after the other; those of the tile that are the domain's have points. */
static bs_status find_ring(const finding *f, beyond away[BS_SIDES], bs_err *err)
{
    const bs_tile *tile = &f->c->tile;
    const size_t nx = (size_t)f->c->whole->nx, ny = (size_t)f->c->whole->ny;
    const size_t first[BS_SIDES] = {0, nx - 1, 0, (ny - 1) * nx}, stride[BS_SIDES] = {nx, nx, 1, 1};
    ptrdiff_t seen = 0;
    for (int s = 0; s < BS_SIDES; s++) {
        const bool along_y = s == BS_WEST || s == BS_EAST, mine = bs_side_of_domain(f->c, (bs_side)s);
        const int begin = along_y ? tile->j0 : tile->i0, length = along_y ? tile->ny : tile->nx;
        for (size_t n = 0; n < (along_y ? ny : nx); n++) {
            const ptrdiff_t at = mine ? from((int)n, begin, length) : ELSEWHERE;
            BS_TRY(find_point(f, first[s] + n * stride[s], at < 0 ? ELSEWHERE : seen + at, away, err));
        }
        if (mine) seen += length;
    }
    return BS_OK;
}

static size_t count_points(const bs_case *c, bool ring)
{
    size_t n = 0;
    for (int s = 0; s < BS_SIDES && ring; s++)
        if (bs_side_of_domain(c, (bs_side)s)) n += (size_t)(s == BS_WEST || s == BS_EAST ? c->tile.ny : c->tile.nx);
    return ring ? n : (size_t)c->tile.nx * (size_t)c->tile.ny;
}

/* What of the other mesh lies round our points. */
static bs_window part_of(const finding *f)
{
    if (f->n == 0) return (bs_window){0};
    const bs_nest_point *first = f->point;
    bs_window w = {first->i, first->i + 2, first->j, first->j + 2};
    for (size_t n = 1; n < f->n; n++) {
        const bs_nest_point *p = &f->point[n];
        if (p->i < w.i0) w.i0 = p->i;
        if (p->i + 2 > w.i1) w.i1 = p->i + 2;
        if (p->j < w.j0) w.j0 = p->j;
        if (p->j + 2 > w.j1) w.j1 = p->j + 2;
    }
    return w;
}

bs_status bs_nest_find_points(const bs_case *c, bs_nest_file *file, bool ring, bs_nest_point **out, size_t *n,
                              bs_err *err)
{
    beyond side[BS_SIDES] = {{0}};
    *n = count_points(c, ring);
    BS_TRY(BS_NEW(out, *n, "points of the nest", err));
    const finding f = {.c = c, .other = file, .point = *out, .n = *n};
    BS_TRY(ring ? find_ring(&f, side, err) : find_cells(&f, side, err));
    BS_TRY(report_beyond(&f, side, err));
    return bs_nest_file_look(file, part_of(&f), err);
}
