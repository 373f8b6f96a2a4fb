/* The meteorology of a run: times, intervals and reports, with a provider of formulas. */
#include "tests/model/test_met_fixture.h"

static void intervals_follow_each_other(void **state)
{
    world *w = *state;
    case_make(w, "  interval: 30 min\n");
    bs_met *met = met_make(w);
    bs_forcing *before = forcing_make(), *now = forcing_make();
    for (bs_time t = w->start; t < w->end; t += 1800) {
        assert_int_equal(bs_met_interval(met, t, now, &w->err), BS_OK);
        assert_true(now->t0 == t && now->t1 == t + 1800 && now->end[0]->time == t && now->end[1]->time == t + 1800);
        for (int s = 0; s <= 4; s++) {
            double throughput, top = top_flux(now, s / 4.0, &throughput);
            assert_true(top <= CLOSED * throughput);
        }
        if (t > w->start) { /* what the call before gave is still there */
            assert_ptr_equal(before->end[1], now->end[0]);
            assert_int_equal(before->end[0]->time, t - 1800);
        }
        bs_forcing *swap = before;
        before = now;
        now = swap;
    }
    assert_int_equal(reads, 2 * HOURS + 1); /* each time once */
    bs_met_report r;
    bs_met_report_get(met, &r);
    assert_string_equal(r.provider, "fake");
    assert_string_equal(r.label, "weather of formulas");
    assert_true(r.n_assumed >= 2 && strcmp(r.assumed[0], "winds are formulas") == 0);
    assert_true(r.correction_p99 > 0.0 && r.correction_max >= r.correction_p99 && r.correction_max < 10.0);
    assert_true(!r.from_cache && r.seconds > 0.0);
    bs_forcing_destroy(before);
    bs_forcing_destroy(now);
    bs_met_destroy(met);
}

/* A resumed run asks for a middle interval first. */
static void any_order_gives_the_same_bits(void **state)
{
    world *w = *state;
    case_make(w, "");
    bs_met *met = met_make(w), *other = met_make(w);
    bs_forcing *a = forcing_make(), *b = forcing_make();
    for (int n = 0; n < HOURS; n++) assert_int_equal(bs_met_interval(met, w->start + n * 3600, a, &w->err), BS_OK);
    assert_int_equal(bs_met_interval(met, w->start + 3600, a, &w->err), BS_OK);
    assert_int_equal(bs_met_interval(other, w->start + 3600, b, &w->err), BS_OK);
    same_forcing(a, b);
    bs_forcing_destroy(a);
    bs_forcing_destroy(b);
    bs_met_destroy(met);
    bs_met_destroy(other);
}

/* What is kept from one time to the next changes nothing, and all of a state is there when an interval is. */
static void states_do_not_depend_on_earlier_ones(void **state)
{
    world *w = *state;
    case_make(w, "");
    bs_met *met = met_make(w);
    bs_forcing *a = forcing_make(), *b = forcing_make();
    for (int n = 0; n < HOURS - 1; n++) {
        assert_int_equal(bs_met_interval(met, w->start + n * 3600, a, &w->err), BS_OK);
        world later = *w;
        later.start += (n + 1) * 3600;
        bs_met *other = met_make(&later);
        assert_int_equal(bs_met_interval(other, later.start, b, &w->err), BS_OK);
        same_state(a->end[1], b->end[0]);
        for (int c = 0; c < NX * NY * NZ; c++) assert_true(a->end[1]->rho[c] > 0 && a->end[1]->v_set[c] > 0);
        for (int c = 0; c < NX * NY; c++) assert_true(a->end[1]->pblh[c] > 0 && a->end[1]->v_dep[c] > 0);
        bs_met_destroy(other);
    }
    bs_forcing_destroy(a);
    bs_forcing_destroy(b);
    bs_met_destroy(met);
}

static void steady_weather(void **state)
{
    world *w = *state;
    case_make(w, "  steady: true\n  interval: 90 min\n"); /* need not divide: nothing happens at its ends */
    bs_met *met = met_make(w);
    bs_forcing *f = forcing_make();
    double throughput;
    for (bs_time t = w->start; t < w->end; t = f->t1) {
        assert_int_equal(bs_met_interval(met, t, f, &w->err), BS_OK);
        assert_int_equal(f->t0, t);
        assert_ptr_equal(f->end[0], f->end[1]);
        assert_memory_equal(f->fx[0], f->fx[1], sizeof(double) * NZ * NY * (NX + 1));
        assert_true(top_flux(f, 0.5, &throughput) <= CLOSED * throughput);
    }
    assert_int_equal(f->t1, w->end);
    assert_int_equal(reads, 1);
    bs_forcing_destroy(f);
    bs_met_destroy(met);
}

static void refuse(world *w, const char *rows, const char *const *words)
{
    bs_met *met = NULL;
    case_make(w, rows);
    assert_int_equal(bs_met_create_with(&FAKE, &w->context, w->tracers, w->start, w->end, &met, &w->err), BS_ERR_INPUT);
    assert_null(met);
    for (; *words; words++)
        if (!strstr(w->err.text, *words)) fail_msg("'%s' is not in: %s", *words, w->err.text);
    case_free(w);
}

static void bad_times_are_refused(void **state)
{
    world *w = *state;
    refuse(w, "  interval: 90 min\n",
           (const char *const[]){"case.yaml:6:", "5400 s does not divide the run", "2015-01-10T06:00:00Z", "14400 s",
                                 "3600 s are left over", NULL});
    refuse(w, "  interval: 900.5 s\n", (const char *const[]){"900.5 s", "whole number of seconds", NULL});
    refuse(w, "  valid_time: 2015-01-10\n", (const char *const[]){"valid_time", "meteorology.steady: true", NULL});
    case_make(w, "");
    bs_met *met = met_make(w);
    bs_forcing *f = forcing_make();
    assert_int_equal(bs_met_interval(met, w->start + 60, f, &w->err), BS_ERR_INPUT);
    assert_non_null(strstr(w->err.text, "begins at 2015-01-10T06:01:00Z"));
    assert_int_equal(bs_met_interval(met, w->end, f, &w->err), BS_ERR_INPUT);
    bs_forcing_destroy(f);
    bs_met_destroy(met);
}

/* What the source says is passed on with the time, and the driver can still be used. */
static void a_source_that_fails(void **state)
{
    world *w = *state;
    case_make(w, "");
    w->start += 6 * 3600; /* 12:00 .. 16:00 */
    w->end += 6 * 3600;
    bs_met *met = met_make(w);
    bs_forcing *f = forcing_make();
    assert_int_equal(bs_met_interval(met, w->start, f, &w->err), BS_ERR_INPUT);
    assert_string_equal(w->err.text,
                        "meteorology at 2015-01-10T13:00:00Z: fake.nc: variable 'u': nothing at 13 o'clock");
    assert_int_equal(bs_met_interval(met, w->start + 2 * 3600, f, &w->err), BS_OK);
    bs_forcing_destroy(f);
    bs_met_destroy(met);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(intervals_follow_each_other),
        TEST(any_order_gives_the_same_bits),
        TEST(states_do_not_depend_on_earlier_ones),
        TEST(steady_weather),
        TEST(bad_times_are_refused),
        TEST(a_source_that_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
