#include "model/parallel/halo.h"

#include <string.h>

#include "model/core/memory.h"
#include "model/core/timer.h"
#include "model/parallel/ranks.h"

enum {
    MOST_NEIGHBOURS = 8,
    TAG = 100
}; /* chunk c travels as TAG + c: two ranks have one window each way, and mail keeps its order */

/* What one neighbour gets and gives, in this tile's cells. */
typedef struct side {
    int rank;
    bs_window gives, gets;
    /* By chunks: air [planes][cells] double, where there is any, then fields [n_fields][planes][cells] real. */
    char *out, *in;
} side;

struct bs_halo {
    bs_box box;
    int n_fields, nz, chunks, planes; /* planes of a chunk but the last */
    int n;
    side side[MOST_NEIGHBOURS];
    bs_mail **sent, **awaited; /* [chunk][n] */
    real *fields;              /* of the exchange on its way */
    double *m;
    double packing, waiting;
};

static int cells_of(bs_window w)
{
    return (w.i1 - w.i0) * (w.j1 - w.j0);
}

/* ---- making ---- */

static bs_window in_mesh(const bs_tile *t, bs_window w)
{
    return (bs_window){w.i0 + t->i0, w.i1 + t->i0, w.j0 + t->j0, w.j1 + t->j0};
}

/* What two windows of the mesh share; in the cells of `mine`. */
static bs_window common(bs_window a, bs_window b, const bs_tile *mine)
{
    return (bs_window){.i0 = (a.i0 > b.i0 ? a.i0 : b.i0) - mine->i0,
                       .i1 = (a.i1 < b.i1 ? a.i1 : b.i1) - mine->i0,
                       .j0 = (a.j0 > b.j0 ? a.j0 : b.j0) - mine->j0,
                       .j1 = (a.j1 < b.j1 ? a.j1 : b.j1) - mine->j0};
}

static size_t bytes_of(const bs_halo *h, bs_window w, int planes, bool fields, bool air)
{
    const size_t of_cell = (fields ? (size_t)h->n_fields * sizeof(real) : 0) + (air ? sizeof(double) : 0);
    return (size_t)cells_of(w) * (size_t)planes * of_cell;
}

static bs_status find_neighbours(bs_halo *h, const bs_tiling *tiling, int rank, bs_err *err)
{
    const bs_tile mine = bs_tiling_tile(tiling, rank);
    const int at_x = rank % tiling->px, at_y = rank / tiling->px;
    for (int y = at_y - 1; y <= at_y + 1; y++)
        for (int x = at_x - 1; x <= at_x + 1; x++) {
            if (y < 0 || y >= tiling->py || x < 0 || x >= tiling->px || (x == at_x && y == at_y)) continue;
            side *s = &h->side[h->n++];
            s->rank = y * tiling->px + x;
            const bs_tile other = bs_tiling_tile(tiling, s->rank);
            s->gives = common(in_mesh(&mine, mine.own), in_mesh(&other, bs_tile_known(&other, tiling)), &mine);
            s->gets = common(in_mesh(&other, other.own), in_mesh(&mine, bs_tile_known(&mine, tiling)), &mine);
            BS_TRY(BS_NEW(&s->out, bytes_of(h, s->gives, h->nz, true, true), "messages to neighbours", err));
            BS_TRY(BS_NEW(&s->in, bytes_of(h, s->gets, h->nz, true, true), "messages from neighbours", err));
        }
    return BS_OK;
}

static bs_status build(bs_halo *h, const bs_tiling *tiling, int rank, int chunks, int multiple, bs_err *err)
{
    BS_TRY(find_neighbours(h, tiling, rank, err));
    if (h->n == 0 || chunks < 1) chunks = 1;
    h->planes = (h->nz + chunks - 1) / chunks;
    if (multiple > 1 && chunks > 1) h->planes = (h->planes + multiple - 1) / multiple * multiple;
    h->chunks = (h->nz + h->planes - 1) / h->planes;
    BS_TRY(BS_NEW(&h->sent, h->chunks * h->n, "messages to neighbours", err));
    return BS_NEW(&h->awaited, h->chunks * h->n, "messages from neighbours", err);
}

bs_status bs_halo_create(const bs_tiling *tiling, int rank, const bs_box *box, int n_fields, int chunks, int multiple,
                         bs_halo **out, bs_err *err)
{
    bs_halo *h = NULL;
    BS_TRY(BS_NEW(&h, 1, "exchange between ranks", err));
    h->box = *box;
    h->nz = box->nz;
    h->n_fields = n_fields;
    const bs_status st = build(h, tiling, rank, chunks, multiple, err);
    if (st != BS_OK) {
        bs_halo_destroy(h);
        return st;
    }
    *out = h;
    return BS_OK;
}

void bs_halo_destroy(bs_halo *h)
{
    if (!h) return;
    for (int s = 0; s < h->n; s++) {
        bs_free(h->side[s].out);
        bs_free(h->side[s].in);
    }
    bs_free(h->sent);
    bs_free(h->awaited);
    bs_free(h);
}

int bs_halo_chunks(const bs_halo *h)
{
    return h->chunks;
}

void bs_halo_planes(const bs_halo *h, int chunk, int *k0, int *k1)
{
    *k0 = chunk * h->planes;
    *k1 = *k0 + h->planes < h->nz ? *k0 + h->planes : h->nz;
}

/* ---- packing ---- */

static void copy_window(bs_window w, void *map, size_t row, size_t size, char *packed, bool back)
{
    const size_t bytes = (size_t)(w.i1 - w.i0) * size;
    for (int j = w.j0; j < w.j1; j++, packed += bytes) {
        char *at = (char *)map + ((size_t)j * row + (size_t)w.i0) * size;
        memcpy(back ? at : packed, back ? packed : at, bytes);
    }
}

/* Where the chunk that begins with plane k0 lies in a buffer. */
static size_t place_of(const bs_halo *h, bs_window w, int k0)
{
    return bytes_of(h, w, k0, h->fields != NULL, h->m != NULL);
}

/* Layer `n` of the chunk [k0, k1): plane by plane of the air, then of field after field. */
static void copy_layer(const bs_halo *h, const side *s, bool back, int k0, int k1, int n)
{
    const bs_box *b = &h->box;
    const bs_window w = back ? s->gets : s->gives;
    const size_t cells = (size_t)cells_of(w), planes = (size_t)(k1 - k0), airs = h->m ? planes : 0;
    char *at = (back ? s->in : s->out) + place_of(h, w, k0);
    if ((size_t)n < airs) {
        double *m = h->m + (ptrdiff_t)(k0 + n) * b->nx * b->ny;
        copy_window(w, m, (size_t)b->nx, sizeof *m, at + (size_t)n * cells * sizeof *m, back);
        return;
    }
    const size_t of_fields = (size_t)n - airs, field = of_fields / planes, k = of_fields % planes;
    real *q = h->fields + (ptrdiff_t)field * b->volume + bs_at(b, k0 + (int)k, 0, 0);
    at += airs * cells * sizeof(double) + of_fields * cells * sizeof *q;
    copy_window(w, q, (size_t)b->row, sizeof *q, at, back);
}

/* All neighbours' parts of a chunk, into messages or back, by all threads. */
static void copy_chunk(const bs_halo *h, bool back, int k0, int k1)
{
    const int layers = (k1 - k0) * ((h->m ? 1 : 0) + (h->fields ? h->n_fields : 0)), all = layers * h->n;
#pragma omp parallel for schedule(static) default(none) shared(h, back, k0, k1, layers, all)
    for (int n = 0; n < all; n++) copy_layer(h, &h->side[n / layers], back, k0, k1, n % layers);
}

/* ---- the exchange ---- */

void bs_halo_begin(bs_halo *h, real *fields, double *m)
{
    int k0, k1;
    const double begin = bs_wall_seconds();
    h->fields = fields;
    h->m = m;
    if (h->n == 0 || (!fields && !m)) return;
    for (int c = 0; c < h->chunks; c++) {
        bs_halo_planes(h, c, &k0, &k1);
        for (int s = 0; s < h->n; s++)
            bs_mail_receive(h->side[s].rank, TAG + c, h->side[s].in + place_of(h, h->side[s].gets, k0),
                            bytes_of(h, h->side[s].gets, k1 - k0, fields != NULL, m != NULL),
                            &h->awaited[c * h->n + s]);
    }
    for (int c = 0; c < h->chunks; c++) {
        bs_halo_planes(h, c, &k0, &k1);
        copy_chunk(h, false, k0, k1);
        for (int s = 0; s < h->n; s++)
            bs_mail_send(h->side[s].rank, TAG + c, h->side[s].out + place_of(h, h->side[s].gives, k0),
                         bytes_of(h, h->side[s].gives, k1 - k0, fields != NULL, m != NULL), &h->sent[c * h->n + s]);
    }
    h->packing += bs_wall_seconds() - begin;
}

void bs_halo_push(bs_halo *h)
{
    if (h->n == 0) return;
    bs_mail_push(h->chunks * h->n, h->sent);
    bs_mail_push(h->chunks * h->n, h->awaited);
}

void bs_halo_end(bs_halo *h, int chunk)
{
    int k0, k1;
    if (h->n == 0 || (!h->fields && !h->m)) return;
    const double begin = bs_wall_seconds();
    bs_mail_wait(h->n, h->awaited + (ptrdiff_t)chunk * h->n);
    if (chunk == h->chunks - 1) bs_mail_wait(h->chunks * h->n, h->sent);
    const double arrived = bs_wall_seconds();
    bs_halo_planes(h, chunk, &k0, &k1);
    copy_chunk(h, true, k0, k1);
    bs_halo_push(h);
    h->waiting += arrived - begin;
    h->packing += bs_wall_seconds() - arrived;
}

bs_halo_traffic bs_halo_count(const bs_halo *h)
{
    bs_halo_traffic t = {.neighbours = h->n, .messages = h->n * h->chunks};
    for (int s = 0; s < h->n; s++) {
        t.bytes += (double)bytes_of(h, h->side[s].gives, h->nz, true, false);
        t.bytes_air += (double)bytes_of(h, h->side[s].gives, h->nz, true, true);
    }
    return t;
}

void bs_halo_seconds(const bs_halo *h, double *packing, double *waiting)
{
    *packing = h->packing;
    *waiting = h->waiting;
}
