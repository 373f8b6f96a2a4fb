/* Weights told apart by region (overlap.h). */
#include <math.h>
#include <stdlib.h>

#include "grids/regions/regions.h"
#include "model/core/memory.h"
#include "model/emis/overlap.h"

static const double SHARE_ROUND =
    1e-11; /* of a cell: overlays of polygons with coordinates of order 10 and cells of 0.1 */

typedef struct making {
    const bs_overlap *overlap;
    const bs_mesh *mesh;
    const bs_region_set *set;
    bs_region_mask *const *mask;
    bs_lonlat_grid grid;
    size_t entries, sources;
    double *area;  /* [entries] of one region */
    double *left;  /* [entries] of the weights, what no region has had so far */
    double *share; /* [sources] of one region */
    double *rest;  /* [sources] of `inside`, what no region has had so far */
    bs_overlap_regions *out;
    struct piece {
        size_t entry;
        double area;
        int region;
    } * piece;
    size_t n_pieces, pieces_room, sources_room;
} making;

static bs_status add_piece(making *m, size_t entry, int region, double area, bs_err *err)
{
    if (m->n_pieces == m->pieces_room) {
        const size_t room = m->pieces_room ? 2 * m->pieces_room : m->entries + 64;
        struct piece *grown = realloc(m->piece, room * sizeof *grown);
        if (!grown) return bs_fail(err, BS_ERR_MEMORY, "out of memory for overlaps by region");
        m->piece = grown;
        m->pieces_room = room;
    }
    m->piece[m->n_pieces++] = (struct piece){entry, area, region};
    return BS_OK;
}

static bs_status add_source(making *m, size_t source, double share, bs_err *err)
{
    bs_overlap_regions *p = m->out;
    const size_t n = p->source_start[p->n + 1];
    if (n == m->sources_room) {
        const size_t room = n ? 2 * n : 1024;
        size_t *cells = realloc(p->source, room * sizeof *cells);
        if (cells) p->source = cells;
        double *shares = cells ? realloc(p->share, room * sizeof *shares) : NULL;
        if (!shares) return bs_fail(err, BS_ERR_MEMORY, "out of memory for source cells by region");
        p->share = shares;
        m->sources_room = room;
    }
    p->source[n] = source;
    p->share[n] = share;
    p->source_start[p->n + 1]++; /* counts until its turn */
    return BS_OK;
}

static bs_status add_region(making *m, int r, bs_err *err)
{
    bs_overlap_regions *p = m->out;
    const bs_region_shape *shape = &m->set->region[r].shape;
    const double *weight = m->overlap->weights->weight;
    BS_TRY(bs_region_overlaps(shape, m->mask[r], &m->grid, m->mesh, m->overlap->weights, m->area, err));
    for (size_t n = 0; n < m->entries; n++) {
        if (!(m->area[n] > SHARE_ROUND * weight[n])) continue;
        BS_TRY(add_piece(m, n, r, m->area[n], err));
        m->left[n] -= m->area[n];
    }
    BS_TRY(bs_region_domain_fractions(shape, &m->grid, m->mesh, m->share, err));
    p->source_start[r] = p->source_start[p->n + 1];
    for (size_t s = 0; s < m->sources; s++) {
        if (!(m->share[s] > SHARE_ROUND)) continue;
        BS_TRY(add_source(m, s, m->share[s], err));
        m->rest[s] -= m->share[s];
    }
    return BS_OK;
}

static bs_status add_elsewhere(making *m, bs_err *err)
{
    bs_overlap_regions *p = m->out;
    const double *weight = m->overlap->weights->weight;
    for (size_t n = 0; n < m->entries; n++)
        if (m->left[n] > SHARE_ROUND * weight[n]) {
            BS_TRY(add_piece(m, n, p->n, m->left[n], err));
            m->left[n] = 0;
        }
    p->source_start[p->n] = p->source_start[p->n + 1];
    for (size_t s = 0; s < m->sources; s++)
        if (m->rest[s] > SHARE_ROUND) BS_TRY(add_source(m, s, m->rest[s], err));
    return BS_OK;
}

/* Pieces by entry, each entry's by region; what is left by rounding goes to its pieces by their size. */
static bs_status lay_out(making *m, bs_err *err)
{
    bs_overlap_regions *p = m->out;
    const double *weight = m->overlap->weights->weight;
    BS_TRY(BS_NEW(&p->start, m->entries + 1, "overlaps by region", err));
    BS_TRY(BS_NEW(&p->region, m->n_pieces, "overlaps by region", err));
    BS_TRY(BS_NEW(&p->area, m->n_pieces, "overlaps by region", err));
    for (size_t k = 0; k < m->n_pieces; k++) p->start[m->piece[k].entry + 1]++;
    for (size_t n = 0; n < m->entries; n++) p->start[n + 1] += p->start[n];
    for (size_t k = m->n_pieces; k-- > 0;) { /* from behind: start[entry + 1] comes down to the entry's first piece */
        const struct piece *of = &m->piece[k];
        const size_t at = --p->start[of->entry + 1];
        p->region[at] = of->region;
        p->area[at] = of->area * (weight[of->entry] / (weight[of->entry] - m->left[of->entry]));
    }
    for (size_t n = 0; n < m->entries; n++) p->start[n] = p->start[n + 1];
    p->start[m->entries] = m->n_pieces;
    return BS_OK;
}

static bs_status make(making *m, bs_err *err)
{
    bs_overlap_regions *p = m->out;
    p->n = m->set->n;
    BS_TRY(BS_NEW(&p->source_start, p->n + 2, "source cells by region", err));
    BS_TRY(BS_NEW(&m->area, m->entries, "overlaps by region", err));
    BS_TRY(BS_NEW(&m->left, m->entries, "overlaps by region", err));
    BS_TRY(BS_NEW(&m->share, m->sources, "source cells by region", err));
    BS_TRY(BS_NEW(&m->rest, m->sources, "source cells by region", err));
    for (size_t n = 0; n < m->entries; n++) m->left[n] = m->overlap->weights->weight[n];
    for (size_t s = 0; s < m->sources; s++) m->rest[s] = m->overlap->inside[s];
    for (int r = 0; r < p->n; r++) {
        bs_status status = add_region(m, r, err);
        if (status != BS_OK) {
            bs_err_context(err, "region %s %s", m->set->region[r].adcode, m->set->region[r].name);
            return status;
        }
    }
    BS_TRY(add_elsewhere(m, err));
    return lay_out(m, err);
}

bs_status bs_overlap_prepare_regions(bs_overlap *o, const bs_mesh *mesh, const bs_region_set *set,
                                     bs_region_mask *const *mask, bs_err *err)
{
    if (o->regions) return BS_OK;
    BS_TRY(BS_NEW(&o->regions, 1, "overlaps by region", err));
    making m = {.overlap = o, .mesh = mesh, .set = set, .mask = mask, .out = o->regions};
    m.grid = (bs_lonlat_grid){(int)o->n_lon, (int)o->n_lat, o->lon, o->lat, o->lon_edge, o->lat_edge};
    m.entries = o->weights->row_start[o->weights->n_dst];
    m.sources = o->n_lon * o->n_lat;
    bs_status status = make(&m, err);
    bs_free(m.area);
    bs_free(m.left);
    bs_free(m.share);
    bs_free(m.rest);
    free(m.piece);
    if (status != BS_OK) bs_overlap_clear_regions(o);
    return status;
}

void bs_overlap_clear_regions(bs_overlap *o)
{
    if (!o->regions) return;
    bs_free(o->regions->start);
    bs_free(o->regions->region);
    bs_free(o->regions->area);
    bs_free(o->regions->source_start);
    free(o->regions->source);
    free(o->regions->share);
    bs_free(o->regions);
    o->regions = NULL;
}
