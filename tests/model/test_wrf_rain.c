/* Rain rates from accumulated rain: differences, ends of the series, buckets, restarts, another simulation. */
#include "tests/model/test_wrf_fixture.h"

#include "model/met/wrf_rain.h"

/* Amounts up to some 100 mm stored as float, over hours: kg m-2 s-1. */
static const double STORED = 1e-9;

typedef struct gauge {
    bench b;
    double per_hour; /* of RAINC + RAINNC = 1.5 times the formula's, at the cell that is looked at */
} gauge;

enum { CELL = 33 };

static void gauge_open(gauge *g, const wrf_file *w)
{
    bench_setup(&g->b);
    bench_write(&g->b, w);
    g->b.end = g->b.start + (bs_time)(w->hours[w->n_times - 1] * 3600);
    must(&g->b, bench_open(&g->b, "from: wrf", NULL, "  files: '*.nc'\n"));
}

/* mm per hour at the place where the formula's factor is taken out. */
static double rate(gauge *g, double hours)
{
    must(&g->b, bench_read(&g->b, hours));
    assert_true(g->b.native->have_rain);
    return g->b.native->rain[CELL] * 3600 / (1.5 * (1 + 0.1 * (g->b.mesh->lon[CELL] - 104)));
}

static void near(double found, double expected)
{
    if (!(fabs(found - expected) <= 3600 * STORED + 1e-6 * fabs(expected)))
        fail_msg("found %.10g, expected %.10g mm/h", found, expected);
}

static wrf_file series(int n, const double *rain)
{
    wrf_file w = wrf_default("a.nc", 1);
    w.n_times = n;
    for (int t = 0; t < n; t++) {
        w.hours[t] = 3 * t;
        w.rain[t] = rain[t];
    }
    return w;
}

static void differences(void **state)
{
    (void)state;
    gauge g;
    const double rain[] = {1, 4, 4, 10};
    const wrf_file w = series(4, rain);
    gauge_open(&g, &w);
    near(rate(&g, 0), 1); /* the first interval's */
    near(rate(&g, 1), 1);
    near(rate(&g, 3), 0.5); /* half of both */
    near(rate(&g, 5), 0);
    near(rate(&g, 6), 1);
    near(rate(&g, 8), 2);
    near(rate(&g, 9), 2); /* the last */
    near(rate(&g, 2), 1); /* back again */
    /* straight lines between states at the files' times keep the whole: 9 mm */
    double sum = 0;
    for (int t = 0; t < 9; t += 3) sum += 1.5 * (rate(&g, t) + rate(&g, t + 3));
    near(sum, 9);
    bench_teardown(&g.b);
}

static void buckets(void **state)
{
    (void)state;
    gauge g;
    const double rain[] = {95, 104, 309, 310};
    wrf_file w = series(4, rain);
    w.bucket = 100;
    gauge_open(&g, &w);
    near(rate(&g, 1), 3);
    near(rate(&g, 4), 205.0 / 3);
    near(rate(&g, 8), 1.0 / 3);
    bench_teardown(&g.b);
}

static void restart_that_forgot(void **state)
{
    (void)state;
    gauge g;
    const double rain[] = {20, 26, 3, 9};
    const wrf_file w = series(4, rain);
    FILE *log = tmpfile();
    gauge_open(&g, &w);
    g.b.log.file = log;
    BS_PROVIDER_WRF.destroy(g.b.provider);
    g.b.provider = NULL;
    must(&g.b, BS_PROVIDER_WRF.create(&g.b.context, g.b.start, g.b.end, &g.b.provider, &g.b.err));
    near(rate(&g, 1), 2);
    near(rate(&g, 4), 1); /* what fell since */
    near(rate(&g, 8), 2);
    near(rate(&g, 4), 1);
    char text[4096] = "";
    rewind(log);
    const size_t n = fread(text, 1, sizeof text - 1, log);
    text[n] = '\0';
    const char *told = strstr(text, "rain from 2020-02-28T03:00:00Z to 2020-02-28T06:00:00Z");
    assert_non_null(told);
    assert_non_null(strstr(told, "falls in 168 cells"));
    assert_null(strstr(told + 1, "rain from")); /* told once */
    fclose(log);
    bench_teardown(&g.b);
}

/* The second file is of a simulation that began at 03:00 and had 12 mm by 09:00: 2 mm/h since, though nothing falls
 * below before. */
static void another_simulation(void **state)
{
    (void)state;
    gauge g;
    bench_setup(&g.b);
    double rain[] = {1, 4, 7, 10};
    wrf_file w = series(3, rain);
    bench_write(&g.b, &w);
    w = series(4, rain);
    w.name = "b.nc";
    w.n_times = 2;
    w.hours[0] = 9;
    w.hours[1] = 12;
    w.rain[0] = 12;
    w.rain[1] = 15;
    w.simulation_start = "2020-02-28_03:00:00";
    w.xtime = NAN;
    bench_write(&g.b, &w);
    g.b.end = g.b.start + 12 * 3600;
    must(&g.b, bench_open(&g.b, "from: wrf", NULL, "  files: '*.nc'\n"));
    near(rate(&g, 5), 1);
    near(rate(&g, 8), 2);
    near(rate(&g, 11), 1);
    bench_teardown(&g.b);
}

static void noise_is_no_restart(void **state)
{
    (void)state;
    gauge g;
    const double rain[] = {4, 3.97, 5};
    const wrf_file w = series(3, rain);
    gauge_open(&g, &w);
    near(rate(&g, 1), 0);
    near(rate(&g, 5), 1.03 / 3);
    bench_teardown(&g.b);
}

static void one_time_has_no_rate(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    const double rain[] = {4};
    const wrf_file w = series(1, rain);
    bench_write(&b, &w);
    must(&b, bench_open(&b, "from: wrf", NULL, "  files: a.nc\n  steady: true\n"));
    must(&b, bench_read(&b, 0));
    assert_false(b.native->have_rain);
    bench_teardown(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences),         cmocka_unit_test(buckets),
        cmocka_unit_test(restart_that_forgot), cmocka_unit_test(another_simulation),
        cmocka_unit_test(noise_is_no_restart), cmocka_unit_test(one_time_has_no_rate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
