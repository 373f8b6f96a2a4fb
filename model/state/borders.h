/* borders.h - the borders between regions as they run on the grid, and the mass that moved through them.
 *
 * A cell belongs whole to one region (grids/regions: the one with the largest share of it), so a border is a line of faces: a staircase
 * along the region's outline. Labels 0 .. n_regions - 1 are regions, n_regions is what lies in none of them, and the four sides of the
 * domain follow. A pair is two labels that share a face, the smaller one first; a face counts for the one pair that it parts.
 *
 * Operators add what they move, each face of a level by one thread in the order of the steps, so that the sums are the same bits for any
 * number of threads. Arrays [tracer][level][face][BS_FLOW_COUNT] of the struct belong to it.
 *
 * Of a tile (grids/tiles/tiles.h) the faces are those that are its own to give (bs_tile_gives): the lower ones of its own cells, and the
 * upper ones where the domain ends. So each face of the mesh belongs to one rank, which alone counts it. */
#ifndef BS_MODEL_STATE_BORDERS_H
#define BS_MODEL_STATE_BORDERS_H

#include "grids/mesh/mesh.h"
#include "kernels/base/status.h"
#include "model/core/clock.h"
#include "model/core/sum.h"

typedef struct bs_border_face {
    int axis; /* 0: crossed along x, 1: along y */
    int j, i; /* the cell on its upper side: face (j, i) of mesh.h's len_xf or len_yf */
    int pair;
    bool turned; /* going towards + leads from the pair's second label to its first */
} bs_border_face;

typedef struct bs_border_pair {
    int a, b; /* labels, a < b */
} bs_border_pair;

/* What moves through a face, ug. */
enum {
    BS_FLOW_UP,       /* with the wind towards +, sum over sweeps of what is above zero */
    BS_FLOW_DOWN,     /* with the wind towards -, likewise */
    BS_FLOW_DIFFUSED, /* net, by horizontal diffusion, towards + */
    BS_FLOW_COUNT
};

typedef struct bs_borders_size {
    int nz, n_low; /* layers; of these low ones, from the ground: 0 .. nz */
    int n_tracers, n_regions;
} bs_borders_size;

typedef struct bs_borders {
    int nx, ny, nz, n_tracers; /* cells that the tile sees */
    int n_low;                 /* layers that count as low, from the ground */
    double low_top;            /* m above ground, for words: about where they end */
    int n_regions;
    int *label;  /* [ny][nx] 0 .. n_regions, of the tile */
    int *cells;  /* [n_regions + 1] of each label on the whole mesh */
    int n_pairs; /* of the whole mesh, ascending by (a, b) */
    bs_border_pair *pair;
    /* Faces by axis, pencil (row j along x, column i along y), then along the pencil; sides included. */
    int n_all, n_faces;
    bs_border_face *all;    /* [n_all] of the whole mesh, in its indices */
    bs_border_face *face;   /* [n_faces] the tile's own, in the tile's */
    int *place;             /* [n_faces] of each in `all` */
    int *first_x, *first_y; /* [ny+1], [nx+1] own faces of a pencil of the tile: first[p] .. first[p+1] - 1 */
    double *moved;          /* [n_tracers][nz][n_faces][BS_FLOW_COUNT] ug */
} bs_borders;

/* label: 0 .. n_regions, [tiling->ny * tiling->nx], of the whole mesh; copied. tile: of tiling. Errors: BS_ERR_MEMORY. */
bs_status bs_borders_create(const bs_tiling *tiling, const bs_tile *tile, const bs_borders_size *size, const int *label,
                            bs_borders **out, bs_err *err);
void bs_borders_destroy(bs_borders *borders);
void bs_borders_clear(bs_borders *borders); /* nothing has moved */

/* Labels that there are: regions, elsewhere, and the sides from bs_borders_side(b, BS_WEST) on, in the order of bs_side. */
static inline int bs_borders_labels(const bs_borders *b)
{
    return b->n_regions + 5;
}

static inline int bs_borders_side(const bs_borders *b, int side)
{
    return b->n_regions + 1 + side;
}

static inline double *bs_borders_at(const bs_borders *b, int tracer, int k, int face)
{
    return b->moved + (((ptrdiff_t)tracer * b->nz + k) * b->n_faces + face) * BS_FLOW_COUNT;
}

/* Bytes of bs_borders.moved. */
double bs_borders_memory(const bs_borders *b);

/* ---- what the faces of a pair add up to ---- */

typedef struct bs_border_flow {
    double forward, backward; /* kg from a to b, and from b to a, with the wind; both >= 0 but for negative tags */
    double diffused;          /* kg net from a to b */
    double low;               /* kg net from a to b in the low layers: part of the net flux */
} bs_border_flow;

static inline double bs_border_net(const bs_border_flow *f)
{
    return f->forward - f->backward + f->diffused;
}

/* What the tile's own faces of all levels add up to, in ug, in sums that do not depend on their order: several tiles' are added, then made
 * into flows. sum [n_pairs][BS_BORDER_SUMS]: overwritten; flow [n_pairs]. */
enum { BS_BORDER_SUMS = BS_FLOW_COUNT + 1 };
void bs_borders_sums(const bs_borders *b, int tracer, bs_sum *sum);
void bs_borders_flows(const bs_borders *b, const bs_sum *sum, bs_border_flow *flow);

/* Where a border runs, for maps: length on the grid, m (a staircase is longer than the outline); middle of its faces, degrees; and the
 * mean direction across it from a to b, as components along the grid's x and y of a vector no longer than 1 (short where the border winds
 * round one of the two). */
typedef struct bs_border_line {
    double length, lon, lat, across_x, across_y;
} bs_border_line;
/* Over the faces of the pairs with use[pair] != 0, on the whole mesh; use < 0 turns a pair's direction. use [n_pairs]. */
bs_border_line bs_borders_line(const bs_borders *b, const bs_mesh *whole, const int *use);

/* ---- the account of a stretch of time ---- */

typedef struct bs_region_account {
    double before, after; /* kg in its air at both ends */
    double emitted, dry, wet;
} bs_region_account;

typedef struct bs_border_record {
    bs_time from, to;
    bs_border_flow *flow;       /* [n_tracers][n_pairs] */
    bs_region_account *account; /* [n_tracers][n_regions + 1] */
} bs_border_record;

bs_status bs_border_record_create(const bs_borders *b, bs_border_record **out, bs_err *err);
void bs_border_record_destroy(bs_border_record *record); /* NULL is fine */

/* The record as seen from tracer `first` on; nothing is owned. */
bs_border_record bs_border_record_from(const bs_borders *b, const bs_border_record *record, int first);

/* The parts of an account: kg that came in, net, from other regions, from elsewhere (for elsewhere itself: from regions) and through the
 * sides; what passed in and out, added up; and what is missing:
 * residual = after - before - (emitted + from_regions + from_elsewhere + from_sides - dry - wet). */
typedef struct bs_region_balance {
    double from_regions, from_elsewhere, from_sides;
    double taken; /* before + emitted + all that the wind brought in: what a residual is measured against */
    double residual;
} bs_region_balance;
bs_region_balance bs_border_balance(const bs_borders *b, const bs_border_record *record, int tracer, int region);

#endif
