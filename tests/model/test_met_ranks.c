/* The meteorology of a run in several ranks: fluxes, reports and errors are those of one rank. Each rank has the run on the whole mesh beside
 * it, by itself. */
#include "tests/model/test_met_fixture.h"
#include "tests/model/test_met_tiles.h"

#include "model/parallel/ranks.h"

typedef struct part {
    bs_tiling tiling;
    bs_mesh *mesh;
    bs_met_context context;
    bs_forcing *forcing;
} part;

static part part_make(world *w)
{
    part p = {0};
    assert_int_equal(bs_tiling_choose(NX, NY, bs_ranks_count(), 2, &p.tiling, &w->err), BS_OK);
    p.context = w->context;
    p.context.tile = bs_tiling_tile(&p.tiling, bs_ranks_self());
    p.context.whole = w->mesh;
    assert_int_equal(bs_mesh_window(w->mesh, &p.context.tile, &p.mesh, &w->err), BS_OK);
    p.context.mesh = p.mesh;
    assert_int_equal(bs_forcing_create(p.mesh->nx, p.mesh->ny, NZ, &p.forcing, &w->err), BS_OK);
    return p;
}

static void part_free(part *p)
{
    bs_forcing_destroy(p->forcing);
    bs_mesh_destroy(p->mesh);
}

static bs_met *part_met(world *w, part *p)
{
    bs_met *met = NULL;
    p->context.tiling = &p->tiling;
    if (bs_met_create_with(&FAKE, &p->context, w->tracers, w->start, w->end, &met, &w->err) != BS_OK)
        fail_msg("%s", w->err.text);
    return met;
}

static void same_report(const bs_met *a, const bs_met *b)
{
    bs_met_report whole, part;
    bs_met_report_get(a, &whole);
    bs_met_report_get(b, &part);
    assert_true(whole.correction_p99 == part.correction_p99 && whole.correction_max == part.correction_max);
    assert_true(whole.correction_worst == part.correction_worst);
    assert_memory_equal(whole.band, part.band, sizeof whole.band);
    assert_string_equal(whole.correction, part.correction);
    assert_string_equal(whole.correction_warning, part.correction_warning);
    assert_int_equal(whole.n_assumed, part.n_assumed);
    for (int n = 0; n < whole.n_assumed; n++) assert_string_equal(whole.assumed[n], part.assumed[n]);
}

static void same_part_of_forcing(const part *p, const bs_forcing *a, const bs_forcing *b)
{
    const bs_tile *t = &p->context.tile;
    assert_int_equal(a->t0, b->t0);
    assert_int_equal(a->t1, b->t1);
    for (int e = 0; e < 2; e++) {
        same_part_of_state(t, &p->tiling, a->end[e], b->end[e]);
        same_maps("fx", t, &p->tiling, BS_AT_X_FACES, 1, NZ, sizeof(double), a->fx[e], b->fx[e]);
        same_maps("fy", t, &p->tiling, BS_AT_Y_FACES, 1, NZ, sizeof(double), a->fy[e], b->fy[e]);
        same_maps("fz", t, &p->tiling, BS_AT_CELLS, 1, NZ + 1, sizeof(double), a->fz[e], b->fz[e]);
        for (size_t n = 0; n < (size_t)NZ * (size_t)t->ny * (size_t)(t->nx + 1); n++)
            assert_true(isfinite(b->fx[e][n]));
        for (size_t n = 0; n < (size_t)NZ * (size_t)(t->ny + 1) * (size_t)t->nx; n++)
            assert_true(isfinite(b->fy[e][n]));
    }
}

static void parts_are_the_whole(world *w, const char *rows)
{
    case_make(w, rows);
    part p = part_make(w);
    bs_forcing *forcing = forcing_make();
    bs_met *whole = met_make(w), *met = part_met(w, &p);
    for (bs_time t = w->start; t < w->end; t += 3600) {
        assert_int_equal(bs_met_interval(whole, t, forcing, &w->err), BS_OK);
        assert_int_equal(bs_met_interval(met, t, p.forcing, &w->err), BS_OK);
        assert_int_equal(bs_met_corrector(whole)->iterations, bs_met_corrector(met)->iterations);
        same_part_of_forcing(&p, forcing, p.forcing);
        same_report(whole, met);
        if (bs_ranks_count() > 1 && !bs_ranks_first()) assert_null(bs_met_corrector(met)->whole.wind);
    }
    bs_met_destroy(met);
    bs_met_destroy(whole);
    bs_forcing_destroy(forcing);
    part_free(&p);
    case_free(w);
}

static void parts_are_the_whole_to_the_bit(void **state)
{
    parts_are_the_whole(*state, "  assume: {precipitation: none}\n");
    parts_are_the_whole(*state, "  steady: true\n");
}

/* Weather that one rank alone cannot read, or derive, or that the first finds no correction for: all say the same. */
static int bad_i, bad_j;

static bs_status bad_read(void *self, bs_time t, bs_native *n, bs_err *err, int how)
{
    const bs_mesh *m = self;
    BS_TRY(fake_read(self, t, n, err));
    const int i = bad_i - m->i0, j = bad_j - m->j0;
    if (t % 86400 != 8 * 3600 || i < 0 || i >= m->nx || j < 0 || j >= m->ny) return BS_OK;
    if (how == 0) return bs_fail(err, BS_ERR_INPUT, "bad.nc: variable 'u' misses (%d, %d)", bad_j, bad_i);
    if (how == 1) n->t[j * n->nx + i] = NAN;
    if (how == 2) n->u[j * n->nx + i] = INFINITY;
    return BS_OK;
}

static bs_status unreadable(void *self, bs_time t, bs_native *n, bs_err *err)
{
    return bad_read(self, t, n, err, 0);
}

static bs_status underivable(void *self, bs_time t, bs_native *n, bs_err *err)
{
    return bad_read(self, t, n, err, 1);
}

static bs_status uncorrectable(void *self, bs_time t, bs_native *n, bs_err *err)
{
    return bad_read(self, t, n, err, 2);
}

static void errors_are_those_of_all(void **state)
{
    world *w = *state;
    static const char *const WORDS[] = {"meteorology at 2015-01-10T08:00:00Z: bad.nc: variable 'u' misses (8, 11)",
                                        "at cell (j 8, i 11) is not a number",
                                        "air mass or flux of the column (j=8, i=10) is no finite number"};
    bad_i = NX - 1;
    bad_j = NY - 2;
    for (int how = 0; how < 3; how++) {
        case_make(w, "");
        part p = part_make(w);
        bs_provider provider = FAKE;
        provider.read = how == 0 ? unreadable : how == 1 ? underivable : uncorrectable;
        bs_met *met = NULL;
        p.context.tiling = &p.tiling;
        assert_int_equal(bs_met_create_with(&provider, &p.context, w->tracers, w->start, w->end, &met, &w->err), BS_OK);
        bs_status st = bs_met_interval(met, w->start, p.forcing, &w->err);
        assert_int_equal(st, BS_OK);
        st = bs_met_interval(met, w->start + 3600, p.forcing, &w->err);
        if (st == BS_OK || !strstr(w->err.text, WORDS[how])) fail_msg("%d: %s", how, w->err.text);
        bs_met_destroy(met);
        part_free(&p);
        case_free(w);
    }
}

/* What is assumed somewhere is assumed: a boundary layer that is raised in one cell, which one rank sees. */
static bs_status low_read(void *self, bs_time t, bs_native *n, bs_err *err)
{
    const bs_mesh *m = self;
    BS_TRY(fake_read(self, t, n, err));
    for (int c = 0; c < n->nx * n->ny; c++)
        if (c % n->nx + m->i0 == 0 && c / n->nx + m->j0 == NY - 1) n->pblh[c] = 20;
    return BS_OK;
}

static void assumptions_are_those_of_all(void **state)
{
    world *w = *state;
    case_make(w, "");
    part p = part_make(w);
    bs_provider provider = FAKE;
    provider.read = low_read;
    p.context.tiling = &p.tiling;
    bs_met *met = NULL;
    assert_int_equal(bs_met_create_with(&provider, &p.context, w->tracers, w->start, w->end, &met, &w->err), BS_OK);
    bs_met_report report;
    bs_met_report_get(met, &report);
    bool told = false;
    for (int n = 0; n < report.n_assumed; n++) told = told || strstr(report.assumed[n], "raised to 50 m where");
    assert_true(told);
    bs_met_destroy(met);
    part_free(&p);
    case_free(w);
}

/* Written by all, read by each what its part needs. */
static void prepared_by_all(void **state)
{
    world *w = *state;
    char rows[256], dir[128] = "";
    snprintf(dir, sizeof dir, "%s", w->dir);
    bs_ranks_share(0, dir, sizeof dir); /* the folder of the first */
    snprintf(rows, sizeof rows, "  prepared: %s/prepared\n", dir);
    case_make(w, rows);
    part p = part_make(w);
    bs_forcing *forcing = forcing_make();
    bs_met *whole = met_make(w);
    p.context.tiling = &p.tiling;
    snprintf(rows, sizeof rows, "%s/prepared", dir);
    bs_ranks_wait();
    if (bs_met_prepare_with(&FAKE, &p.context, w->tracers, w->start, w->end, rows, &w->err) != BS_OK)
        fail_msg("%s", w->err.text);
    made = 0;
    bs_met *met = part_met(w, &p);
    assert_int_equal(made, 0);
    for (bs_time t = w->start; t < w->end; t += 3600) {
        assert_int_equal(bs_met_interval(whole, t, forcing, &w->err), BS_OK);
        assert_int_equal(bs_met_interval(met, t, p.forcing, &w->err), BS_OK);
        same_part_of_forcing(&p, forcing, p.forcing);
        same_report(whole, met);
    }
    bs_met_destroy(met);
    bs_met_destroy(whole);
    bs_forcing_destroy(forcing);
    part_free(&p);
    case_free(w);
    bs_ranks_wait();
}

int main(int argc, char **argv)
{
    bs_err err;
    if (bs_ranks_start(&argc, &argv, &err) != BS_OK) return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(parts_are_the_whole_to_the_bit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(errors_are_those_of_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(assumptions_are_those_of_all, set_up, tear_down),
        cmocka_unit_test_setup_teardown(prepared_by_all, set_up, tear_down)};
    return bs_ranks_leave(cmocka_run_group_tests(tests, NULL, NULL), NULL, NULL);
}
