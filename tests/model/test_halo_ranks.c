/* The exchange of overlaps between ranks: every cell of the overlap gets its owner's numbers, on every plane, and all others stay; a chunk
 * is whole at its end and not before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/parallel/halo.h"
#include "model/parallel/ranks.h"
#include "model/parallel/threads.h"

enum { NX = 53, NY = 47, NZ = 9, FIELDS = 3, OVERLAP = 8 };

typedef struct world {
    bs_tiling tiling;
    bs_tile tile;
    bs_box box;
    bs_halo *halo;
    real *q;
    double *m;
    bs_err err;
} world;

/* What the owner of a cell has there; of the n-th exchange. */
static double right(int n, int field, int k, int j, int i)
{
    return 1 + i + 64 * (j + 64 * (k + 16 * (field + 4 * n)));
}

static bool is_own(const world *w, int j, int i)
{
    const bs_window o = w->tile.own;
    return j >= o.j0 && j < o.j1 && i >= o.i0 && i < o.i1;
}

/* Not one of those that only fill a line of cache. */
static bool is_known(const world *w, int j, int i)
{
    const bs_window k = bs_tile_known(&w->tile, &w->tiling);
    return j >= k.j0 && j < k.j1 && i >= k.i0 && i < k.i1;
}

static void make(world *w, int chunks, int multiple)
{
    *w = (world){0};
    assert_int_equal(bs_tiling_choose(NX, NY, bs_ranks_count(), OVERLAP, &w->tiling, &w->err), BS_OK);
    w->tile = bs_tiling_tile(&w->tiling, bs_ranks_self());
    w->box = bs_box_of_tile(w->tile.nx, w->tile.ny, NZ, w->tile.own, w->tile.i0, w->tile.j0);
    assert_int_equal(BS_NEW(&w->q, FIELDS * w->box.volume, "fields", &w->err), BS_OK);
    assert_int_equal(BS_NEW(&w->m, w->tile.nx * w->tile.ny * NZ, "air", &w->err), BS_OK);
    assert_int_equal(bs_halo_create(&w->tiling, bs_ranks_self(), &w->box, FIELDS, chunks, multiple, &w->halo, &w->err),
                     BS_OK);
}

static void let_go(world *w)
{
    bs_halo_destroy(w->halo);
    bs_free(w->q);
    bs_free(w->m);
}

static real *q_at(const world *w, int field, int k, int j, int i)
{
    return &w->q[field * w->box.volume + bs_at(&w->box, k, j, i)];
}

static double *m_at(const world *w, int k, int j, int i)
{
    return &w->m[((ptrdiff_t)k * w->tile.ny + j) * w->tile.nx + i];
}

/* Own cells right, all else NaN, padding too. */
static void poison(world *w, int n)
{
    for (ptrdiff_t c = 0; c < FIELDS * w->box.volume; c++) w->q[c] = NAN;
    for (int k = 0; k < NZ; k++)
        for (int j = 0; j < w->tile.ny; j++)
            for (int i = 0; i < w->tile.nx; i++) {
                const bool own = is_own(w, j, i);
                const int jw = w->tile.j0 + j, iw = w->tile.i0 + i;
                *m_at(w, k, j, i) = own ? right(n, FIELDS, k, jw, iw) : (double)NAN;
                for (int f = 0; f < FIELDS && own; f++) *q_at(w, f, k, j, i) = (real)right(n, f, k, jw, iw);
            }
}

/* Cells of planes k0 .. k1 - 1 that are not right; `own`: own cells alone. */
static long wrong(const world *w, int n, bool fields, bool air, int k0, int k1)
{
    long count = 0;
    for (int k = k0; k < k1; k++)
        for (int j = 0; j < w->tile.ny; j++)
            for (int i = 0; i < w->tile.nx; i++) {
                const bool own = is_own(w, j, i), known = is_known(w, j, i);
                const int jw = w->tile.j0 + j, iw = w->tile.i0 + i;
                for (int f = 0; f < FIELDS; f++) {
                    const real q = *q_at(w, f, k, j, i);
                    count += (fields && known) || own ? q != (real)right(n, f, k, jw, iw) : !isnan(q);
                }
                const double m = *m_at(w, k, j, i);
                count += (air && known) || own ? m != right(n, FIELDS, k, jw, iw) : !isnan(m);
            }
    return count;
}

/* Exchanges; own cells change once all is on its way. Returns what went wrong in all ranks. */
static long exchange(world *w, int n, bool fields, bool air)
{
    long count = 0;
    poison(w, n);
    bs_halo_begin(w->halo, fields ? w->q : NULL, air ? w->m : NULL);
    for (int c = 0, end = 0; c < bs_halo_chunks(w->halo); c++) {
        int k0, k1;
        bs_halo_end(w->halo, c);
        bs_halo_planes(w->halo, c, &k0, &k1);
        count += k0 != end || k1 <= k0;
        count += wrong(w, n, fields, air, k0, k1);
        for (int k = k0; k < k1; k++) /* as a sweep would */
            for (int j = w->tile.own.j0; j < w->tile.own.j1; j++)
                for (int i = w->tile.own.i0; i < w->tile.own.i1; i++) *q_at(w, 0, k, j, i) = -1;
        bs_halo_push(w->halo);
        end = k1;
        count += c == bs_halo_chunks(w->halo) - 1 && k1 != NZ;
    }
    bs_ranks_count_all(1, &count);
    return count;
}

static void overlaps_are_their_owners(void **state)
{
    (void)state;
    static const int CHUNKS[][2] = {{1, 1}, {4, 1}, {5, 2}, {9, 1}, {100, 1}, {3, 7}};
    for (size_t c = 0; c < sizeof CHUNKS / sizeof *CHUNKS; c++) {
        world w;
        make(&w, CHUNKS[c][0], CHUNKS[c][1]);
        for (int n = 0; n < 3; n++) { /* one after the other, nobody waits between */
            assert_int_equal(exchange(&w, n, true, n != 1), 0);
            assert_int_equal(exchange(&w, n, false, true), 0);
        }
        assert_int_equal(exchange(&w, 4, false, false), 0);
        let_go(&w);
    }
}

static void chunks_are_multiples(void **state)
{
    (void)state;
    world w;
    int k0, k1;
    make(&w, 4, 2); /* 3 planes each, so 4 */
    if (bs_ranks_count() == 1) {
        assert_int_equal(bs_halo_chunks(w.halo), 1);
    } else {
        assert_int_equal(bs_halo_chunks(w.halo), 3);
        bs_halo_planes(w.halo, 1, &k0, &k1);
        assert_int_equal(k0, 4);
        assert_int_equal(k1, 8);
    }
    let_go(&w);
}

/* What all send is what all receive, counted by cells: overlaps of all tiles. */
static void traffic_is_counted(void **state)
{
    (void)state;
    world w;
    make(&w, 3, 1);
    const bs_halo_traffic t = bs_halo_count(w.halo);
    const bs_window k = bs_tile_known(&w.tile, &w.tiling);
    long cells[2] = {(long)(k.i1 - k.i0) * (k.j1 - k.j0), 0}, bytes[2] = {(long)t.bytes, (long)t.bytes_air};
    const bs_window o = w.tile.own;
    cells[1] = (long)(o.i1 - o.i0) * (o.j1 - o.j0);
    bs_ranks_count_all(2, cells);
    bs_ranks_count_all(2, bytes);
    const long overlap = cells[0] - cells[1];
    assert_int_equal(bytes[0], overlap * NZ * FIELDS * (long)sizeof(real));
    assert_int_equal(bytes[1], bytes[0] + overlap * NZ * (long)sizeof(double));
    assert_int_equal(t.messages, t.neighbours * bs_halo_chunks(w.halo));
    assert_int_equal(t.neighbours > 0, bs_ranks_count() > 1);
    double packing, waiting;
    assert_int_equal(exchange(&w, 0, true, true), 0);
    bs_halo_seconds(w.halo, &packing, &waiting);
    assert_true(packing >= 0 && waiting >= 0);
    assert_int_equal(packing > 0, bs_ranks_count() > 1);
    let_go(&w);
}

int main(int argc, char **argv)
{
    bs_err err;
    if (bs_ranks_start(&argc, &argv, &err) != BS_OK) return 1;
    bs_threads_start(2);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overlaps_are_their_owners),
        cmocka_unit_test(chunks_are_multiples),
        cmocka_unit_test(traffic_is_counted),
    };
    return bs_ranks_leave(cmocka_run_group_tests(tests, NULL, NULL), NULL, NULL);
}
