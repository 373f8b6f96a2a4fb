/* What an exchange between ranks moves is what models of speed count on (traffic.def). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "model/parallel/halo.h"

typedef struct row {
    bs_tiling tiling;
    int rank, layers, tracers, neighbours, columns;
} row;

static const row ROWS[] = {
#define TRAFFIC(nx, ny, px, py, overlap, rank, layers, tracers, neighbours, columns)                                   \
    {{nx, ny, px, py, overlap}, rank, layers, tracers, neighbours, columns},
#include "tests/model/traffic.def"
#undef TRAFFIC
};

static void test_of_all_rows(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof ROWS / sizeof *ROWS; n++)
        for (int chunks = 1; chunks <= 2; chunks++) {
            const row *r = &ROWS[n];
            const bs_tile tile = bs_tiling_tile(&r->tiling, r->rank);
            bs_box box = bs_box_make(tile.nx, tile.ny, r->layers, 0);
            bs_halo *halo = NULL;
            bs_err err = {0};
            box.own = tile.own;
            assert_int_equal(bs_halo_create(&r->tiling, r->rank, &box, r->tracers, chunks, 1, &halo, &err), BS_OK);
            const bs_halo_traffic found = bs_halo_count(halo);
            const double cells = (double)r->columns * r->layers, of_q = cells * r->tracers * (double)sizeof(real);
            assert_int_equal(found.neighbours, r->neighbours);
            assert_int_equal(found.messages, r->neighbours * bs_halo_chunks(halo));
            assert_true(found.bytes == of_q && found.bytes_air == of_q + cells * (double)sizeof(double));
            bs_halo_destroy(halo);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_of_all_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
