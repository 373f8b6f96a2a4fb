/* What ranks do together: agreeing on errors, exact sums, maps gathered and scattered, mail. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/parallel/ranks.h"

static void everybody_is_somebody(void **state)
{
    (void)state;
    long seen[64] = {0};
    assert_in_range(bs_ranks_self(), 0, bs_ranks_count() - 1);
    seen[bs_ranks_self()] = 1;
    bs_ranks_count_all(bs_ranks_count(), seen);
    for (int r = 0; r < bs_ranks_count(); r++) assert_int_equal(seen[r], 1);
    assert_int_equal(bs_ranks_first(), bs_ranks_self() == 0);
    bs_ranks_wait();
}

/* All get the status and the words of the lowest rank that failed. */
static void agreement(void **state)
{
    (void)state;
    const int n = bs_ranks_count(), self = bs_ranks_self();
    bs_err err = {0};
    assert_int_equal(bs_ranks_agree(BS_OK, &err), BS_OK);
    for (int from = 0; from < n; from++) {
        char words[64];
        snprintf(words, sizeof words, "rank %d of %d has no file", from, n);
        bs_status st = BS_OK;
        if (self >= from) {
            char own[64];
            snprintf(own, sizeof own, "rank %d of %d has no file", self, n);
            st = bs_fail(&err, self == from ? BS_ERR_INPUT : BS_ERR_MEMORY, "%s", own);
        }
        assert_int_equal(bs_ranks_agree(st, &err), BS_ERR_INPUT);
        assert_string_equal(err.text, words);
        assert_true(bs_ranks_all_here());
    }
}

/* Whatever the number of ranks: the terms' exact sum, though they cancel in double. */
static void sums(void **state)
{
    (void)state;
    enum { TERMS = 1000 };
    bs_sum whole = {0}, part[2] = {{0}, {0}};
    for (int t = 0; t < TERMS; t++) {
        const double term = (t % 2 ? 1e17 : -1e17) + 0.1 * t;
        bs_sum_add(&whole, term);
        if (t % bs_ranks_count() == bs_ranks_self()) bs_sum_add(&part[1], term);
    }
    bs_ranks_sum(2, part);
    assert_true(part[1].units == whole.units && part[0].units == 0);
    double high[2] = {bs_ranks_self(), -bs_ranks_self()}, low[1] = {bs_ranks_self()};
    bs_ranks_max(2, high);
    bs_ranks_min(1, low);
    assert_true(high[0] == bs_ranks_count() - 1 && high[1] == 0 && low[0] == 0);
    unsigned char flag[1] = {(unsigned char)(1 << bs_ranks_self() % 8)};
    bs_ranks_or(1, flag);
    assert_int_equal(flag[0], (1 << (bs_ranks_count() < 8 ? bs_ranks_count() : 8)) - 1);
}

static void the_best(void **state)
{
    (void)state;
    const int n = bs_ranks_count(), self = bs_ranks_self();
    int record = 100 + self;
    bs_ranks_best(self == n - 1 ? 7 : 1, self, &record, sizeof record);
    assert_int_equal(record, 100 + n - 1);
    record = 100 + self; /* equal keys: the smaller order, which is the last rank's */
    bs_ranks_best(3, n - self, &record, sizeof record);
    assert_int_equal(record, 100 + n - 1);
    record = self;
    bs_ranks_share(n - 1, &record, sizeof record);
    assert_int_equal(record, n - 1);
}

static double value_at(int j, int i)
{
    return 1000.0 * j + i;
}

/* Own parts make the whole; the whole gives back all that a tile sees. row: of the local map. */
static void gather_and_scatter(bs_map_at place, int pad)
{
    bs_tiling t;
    bs_err err;
    assert_int_equal(bs_tiling_choose(31, 23, bs_ranks_count(), 5, &t, &err), BS_OK);
    const bs_tile tile = bs_tiling_tile(&t, bs_ranks_self());
    const int nx = tile.nx + bs_map_more_x(place), ny = tile.ny + bs_map_more_y(place), row = nx + pad;
    const int nx_whole = t.nx + bs_map_more_x(place), ny_whole = t.ny + bs_map_more_y(place);
    double *local = malloc(sizeof *local * (size_t)row * (size_t)ny),
           *whole = bs_ranks_first() ? malloc(sizeof *whole * (size_t)nx_whole * (size_t)ny_whole) : NULL;
    assert_true(local && (whole || !bs_ranks_first()));
    const bs_window gives = bs_tile_gives(&tile, &t, place);
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < row; i++) {
            const bool own = j >= gives.j0 && j < gives.j1 && i >= gives.i0 && i < gives.i1;
            local[j * row + i] = own ? value_at(tile.j0 + j, tile.i0 + i) : -1;
        }
    const bs_map_shape shape = {
        .tiling = &t, .place = place, .size = sizeof(double), .row_local = pad ? (size_t)row : 0};
    bs_ranks_gather(&shape, local, whole);
    for (int c = 0; whole && c < nx_whole * ny_whole; c++)
        assert_true(whole[c] == value_at(c / nx_whole, c % nx_whole));
    for (int c = 0; c < row * ny; c++) local[c] = -1;
    bs_ranks_scatter(&shape, whole, local);
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < row; i++)
            assert_true(local[j * row + i] == (i < nx ? value_at(tile.j0 + j, tile.i0 + i) : -1));
    free(local);
    free(whole);
}

static void maps(void **state)
{
    (void)state;
    static const bs_map_at places[] = {BS_AT_CELLS, BS_AT_X_FACES, BS_AT_Y_FACES, BS_AT_CORNERS};
    for (int p = 0; p < 4; p++)
        for (int pad = 0; pad < 7; pad += 6) gather_and_scatter(places[p], pad);
}

/* Round the circle, two letters to each neighbour, told apart by their tags. */
static void mail(void **state)
{
    (void)state;
    const int n = bs_ranks_count(), self = bs_ranks_self(), next = (self + 1) % n, before = (self + n - 1) % n;
    if (n == 1) skip();
    enum { LONG = 100000 };
    char *out[2], *in[2];
    bs_mail *m[5] = {NULL};
    for (int k = 0; k < 2; k++) {
        out[k] = malloc(LONG);
        in[k] = malloc(LONG);
        assert_true(out[k] && in[k]);
        memset(out[k], self * 2 + k, LONG);
        bs_mail_receive(before, 7 + k, in[k], LONG, &m[k]);
    }
    for (int k = 1; k >= 0; k--) bs_mail_send(next, 7 + k, out[k], LONG, &m[2 + k]);
    bs_mail_push(5, m);
    bs_mail_wait(5, m);
    for (int k = 0; k < 2; k++) {
        assert_null(m[k]);
        for (int c = 0; c < LONG; c++) assert_int_equal(in[k][c], before * 2 + k);
        free(out[k]);
        free(in[k]);
    }
}

int main(int argc, char **argv)
{
    bs_err err;
    if (bs_ranks_start(&argc, &argv, &err) != BS_OK) return 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(everybody_is_somebody),
                                       cmocka_unit_test(agreement),
                                       cmocka_unit_test(sums),
                                       cmocka_unit_test(the_best),
                                       cmocka_unit_test(maps),
                                       cmocka_unit_test(mail)};
    return bs_ranks_leave(cmocka_run_group_tests(tests, NULL, NULL), NULL, NULL);
}
