#include "model/state/borders.h"

#include <math.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/state/boundary.h"

static const double KG_PER_UG = 1e-9;

/* ---- making ---- */

/* The whole mesh while its faces are looked for. */
typedef struct search {
    int nx, ny;
    const int *label; /* [ny][nx] */
    int *seen;        /* [labels][labels]: 1 where a pair shares a face, its number plus one once the pairs have one */
} search;

/* Labels on both sides of a face, the lower one first along its axis. */
static void sides_of(const bs_borders *b, const search *s, int axis, int j, int i, int *low, int *high)
{
    const int at = axis == 0 ? i : j, n = axis == 0 ? s->nx : s->ny, step = axis == 0 ? 1 : s->nx;
    const int cell = j * s->nx + i;
    *low = at == 0 ? bs_borders_side(b, axis == 0 ? BS_WEST : BS_SOUTH) : s->label[cell - step];
    *high = at == n ? bs_borders_side(b, axis == 0 ? BS_EAST : BS_NORTH) : s->label[cell];
}

/* Faces in their order; with b->all NULL they are only counted. */
static void go_through(bs_borders *b, const search *s)
{
    const int labels = bs_borders_labels(b);
    b->n_all = 0;
    for (int axis = 0; axis < 2; axis++) {
        const int pencils = axis == 0 ? s->ny : s->nx, n = axis == 0 ? s->nx : s->ny;
        for (int p = 0; p < pencils; p++)
            for (int at = 0; at <= n; at++) {
                const int j = axis == 0 ? p : at, i = axis == 0 ? at : p;
                int low, high;
                sides_of(b, s, axis, j, i, &low, &high);
                if (low == high) continue;
                int *place = &s->seen[low < high ? low * labels + high : high * labels + low];
                if (b->all)
                    b->all[b->n_all] = (bs_border_face){axis, j, i, *place - 1, low > high};
                else
                    *place = 1;
                b->n_all++;
            }
    }
}

static bs_status number_pairs(bs_borders *b, int *seen, bs_err *err)
{
    const int labels = bs_borders_labels(b);
    for (int s = 0; s < labels * labels; s++)
        if (seen[s]) seen[s] = ++b->n_pairs;
    BS_TRY(BS_NEW(&b->pair, b->n_pairs, "borders", err));
    for (int s = 0; s < labels * labels; s++)
        if (seen[s]) b->pair[seen[s] - 1] = (bs_border_pair){s / labels, s % labels};
    return BS_OK;
}

/* Faces and pairs of the whole mesh. */
static bs_status find_all(bs_borders *b, const bs_tiling *whole, const int *label, bs_err *err)
{
    const size_t labels = (size_t)bs_borders_labels(b), cells = (size_t)whole->nx * (size_t)whole->ny;
    search s = {.nx = whole->nx, .ny = whole->ny, .label = label};
    BS_TRY(BS_NEW(&b->cells, b->n_regions + 1, "borders", err));
    for (size_t c = 0; c < cells; c++) b->cells[label[c]]++;
    BS_TRY(BS_NEW(&s.seen, labels * labels, "borders", err));
    go_through(b, &s);
    bs_status st = number_pairs(b, s.seen, err);
    if (st == BS_OK) st = BS_NEW(&b->all, b->n_all, "borders", err);
    if (st == BS_OK) go_through(b, &s);
    bs_free(s.seen);
    return st;
}

/* Those of `all` that are the tile's own, in its indices. */
static void take_own(bs_borders *b, const bs_tiling *tiling, const bs_tile *tile)
{
    const bs_window own[2] = {bs_tile_gives(tile, tiling, BS_AT_X_FACES), bs_tile_gives(tile, tiling, BS_AT_Y_FACES)};
    int at = 0;
    b->n_faces = 0;
    for (int axis = 0; axis < 2; axis++) {
        int *first = axis == 0 ? b->first_x : b->first_y;
        for (int p = 0, pencils = axis == 0 ? b->ny : b->nx; p <= pencils; p++) {
            first[p] = b->n_faces;
            for (; at < b->n_all && b->all[at].axis == axis; at++) {
                bs_border_face f = b->all[at];
                f.j -= tile->j0;
                f.i -= tile->i0;
                if (p < pencils && (axis == 0 ? f.j : f.i) > p) break; /* of a pencil to come */
                const bs_window *w = &own[axis];
                if (f.j < w->j0 || f.j >= w->j1 || f.i < w->i0 || f.i >= w->i1) continue;
                b->face[b->n_faces] = f;
                b->place[b->n_faces++] = at;
            }
        }
    }
}

static bs_status build(bs_borders *b, const bs_tiling *tiling, const bs_tile *tile, const int *label, bs_err *err)
{
    BS_TRY(BS_NEW(&b->label, (size_t)b->nx * (size_t)b->ny, "borders", err));
    bs_tile_cut(tile, BS_AT_CELLS, sizeof *label, label, tiling->nx, b->label);
    BS_TRY(find_all(b, tiling, label, err));
    BS_TRY(BS_NEW(&b->first_x, b->ny + 1, "borders", err));
    BS_TRY(BS_NEW(&b->first_y, b->nx + 1, "borders", err));
    BS_TRY(BS_NEW(&b->face, b->n_all, "borders", err));
    BS_TRY(BS_NEW(&b->place, b->n_all, "borders", err));
    take_own(b, tiling, tile);
    return BS_NEW(&b->moved, (size_t)b->n_tracers * (size_t)b->nz * (size_t)b->n_faces * BS_FLOW_COUNT,
                  "what moves through borders", err);
}

bs_status bs_borders_create(const bs_tiling *tiling, const bs_tile *tile, const bs_borders_size *size, const int *label,
                            bs_borders **out, bs_err *err)
{
    bs_borders *b = NULL;
    BS_TRY(BS_NEW(&b, 1, "borders", err));
    b->nx = tile->nx, b->ny = tile->ny, b->nz = size->nz, b->n_low = size->n_low;
    b->n_tracers = size->n_tracers, b->n_regions = size->n_regions;
    const bs_status st = build(b, tiling, tile, label, err);
    if (st != BS_OK) {
        bs_borders_destroy(b);
        return st;
    }
    *out = b;
    return BS_OK;
}

void bs_borders_destroy(bs_borders *b)
{
    if (!b) return;
    bs_free(b->label);
    bs_free(b->cells);
    bs_free(b->pair);
    bs_free(b->all);
    bs_free(b->face);
    bs_free(b->place);
    bs_free(b->first_x);
    bs_free(b->first_y);
    bs_free(b->moved);
    bs_free(b);
}

double bs_borders_memory(const bs_borders *b)
{
    return (double)b->n_tracers * b->nz * b->n_faces * BS_FLOW_COUNT * sizeof(double);
}

void bs_borders_clear(bs_borders *b)
{
    memset(b->moved, 0, (size_t)bs_borders_memory(b));
}

/* ---- sums ---- */

enum { LOW = BS_FLOW_COUNT }; /* after what a face has: the net flux in the low layers */

void bs_borders_sums(const bs_borders *b, int tracer, bs_sum *sum)
{
    memset(sum, 0, sizeof *sum * (size_t)b->n_pairs * BS_BORDER_SUMS);
    for (int k = 0; k < b->nz; k++)
        for (int f = 0; f < b->n_faces; f++) {
            const double *moved = bs_borders_at(b, tracer, k, f);
            const bool turned = b->face[f].turned;
            bs_sum *of_pair = sum + (ptrdiff_t)b->face[f].pair * BS_BORDER_SUMS;
            const double net = moved[BS_FLOW_UP] - moved[BS_FLOW_DOWN] + moved[BS_FLOW_DIFFUSED];
            bs_sum_add(&of_pair[turned ? BS_FLOW_DOWN : BS_FLOW_UP], moved[BS_FLOW_UP]);
            bs_sum_add(&of_pair[turned ? BS_FLOW_UP : BS_FLOW_DOWN], moved[BS_FLOW_DOWN]);
            bs_sum_add(&of_pair[BS_FLOW_DIFFUSED], turned ? -moved[BS_FLOW_DIFFUSED] : moved[BS_FLOW_DIFFUSED]);
            if (k < b->n_low) bs_sum_add(&of_pair[LOW], turned ? -net : net);
        }
}

void bs_borders_flows(const bs_borders *b, const bs_sum *sum, bs_border_flow *flow)
{
    for (int p = 0; p < b->n_pairs; p++, sum += BS_BORDER_SUMS)
        flow[p] = (bs_border_flow){.forward = bs_sum_value(&sum[BS_FLOW_UP]) * KG_PER_UG,
                                   .backward = bs_sum_value(&sum[BS_FLOW_DOWN]) * KG_PER_UG,
                                   .diffused = bs_sum_value(&sum[BS_FLOW_DIFFUSED]) * KG_PER_UG,
                                   .low = bs_sum_value(&sum[LOW]) * KG_PER_UG};
}

bs_border_line bs_borders_line(const bs_borders *b, const bs_mesh *whole, const int *use)
{
    bs_border_line line = {0};
    for (int f = 0; f < b->n_all; f++) {
        const bs_border_face *face = &b->all[f];
        if (!use[face->pair]) continue;
        const int row = whole->nx + 1, corner = face->j * row + face->i;
        const int other = corner + (face->axis == 0 ? row : 1); /* the face runs from corner to corner */
        const double length =
            face->axis == 0 ? whole->len_xf[face->j * row + face->i] : whole->len_yf[face->j * whole->nx + face->i];
        const double across = face->turned == (use[face->pair] < 0) ? length : -length;
        line.length += length;
        line.lon += length * 0.5 * (whole->lon_c[corner] + whole->lon_c[other]);
        line.lat += length * 0.5 * (whole->lat_c[corner] + whole->lat_c[other]);
        if (face->axis == 0)
            line.across_x += across;
        else
            line.across_y += across;
    }
    if (line.length > 0) {
        line.lon /= line.length, line.lat /= line.length;
        line.across_x /= line.length, line.across_y /= line.length;
    }
    return line;
}

/* ---- records ---- */

bs_status bs_border_record_create(const bs_borders *b, bs_border_record **out, bs_err *err)
{
    bs_border_record *r = NULL;
    BS_TRY(BS_NEW(&r, 1, "record of borders", err));
    bs_status st = BS_NEW(&r->flow, (size_t)b->n_tracers * (size_t)b->n_pairs, "record of borders", err);
    if (st == BS_OK)
        st = BS_NEW(&r->account, (size_t)b->n_tracers * (size_t)(b->n_regions + 1), "record of borders", err);
    if (st != BS_OK) {
        bs_border_record_destroy(r);
        return st;
    }
    *out = r;
    return BS_OK;
}

void bs_border_record_destroy(bs_border_record *r)
{
    if (!r) return;
    bs_free(r->flow);
    bs_free(r->account);
    bs_free(r);
}

bs_border_record bs_border_record_from(const bs_borders *b, const bs_border_record *record, int first)
{
    bs_border_record out = *record;
    out.flow += (ptrdiff_t)first * b->n_pairs;
    out.account += (ptrdiff_t)first * (b->n_regions + 1);
    return out;
}

bs_region_balance bs_border_balance(const bs_borders *b, const bs_border_record *record, int tracer, int region)
{
    const bs_region_account *a = &record->account[(ptrdiff_t)tracer * (b->n_regions + 1) + region];
    const bs_border_flow *flow = record->flow + (ptrdiff_t)tracer * b->n_pairs;
    bs_region_balance out = {.taken = a->before + a->emitted};
    for (int p = 0; p < b->n_pairs; p++) {
        const bool first = b->pair[p].a == region;
        if (!first && b->pair[p].b != region) continue;
        const int other = first ? b->pair[p].b : b->pair[p].a;
        const double in = first ? -bs_border_net(&flow[p]) : bs_border_net(&flow[p]);
        if (other > b->n_regions)
            out.from_sides += in;
        else if (other == b->n_regions)
            out.from_elsewhere += in;
        else
            out.from_regions += in;
        out.taken += first ? flow[p].backward : flow[p].forward;
    }
    const double came = a->emitted + out.from_regions + out.from_elsewhere + out.from_sides - a->dry - a->wet;
    out.residual = a->after - a->before - came;
    return out;
}
