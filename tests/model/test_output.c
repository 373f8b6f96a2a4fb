/* Means, days, spin-up and deposition; what is left behind when all goes well and when it does not. */
#include "test_output_fixture.h"

#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>

/* ROUND: half of the last of 12 kept mantissa bits, relative, with a little for the sums in double before it. */
static const double ROUND_12_BITS = 1.2208e-4;
/* EXACT up to a few roundings of double sums. */
static const double SUMS = 1e-12;

static double rising(int tracer, int k, int cell, double hours)
{
    return (tracer + 1) * (k == 0 ? 1.0 : 1000.0) * (hours + 0.01 * cell);
}

/* Mean over (from, to], hours, of `rising` at the ends of pairs of n per hour, times the density of that moment. */
static double mean_of_rising(int tracer, int cell, double from, double to, int n)
{
    double sum = 0.0;
    int count = 0;
    for (int s = (int)lround(from * n) + 1; s <= (int)lround(to * n); s++, count++) {
        int into = (s - 1) % n + 1;
        sum += rising(tracer, 0, cell, (double)s / n) * (1.0 + 0.2 * (double)into / n);
    }
    return sum / count;
}

static void surface_means_weigh_the_pairs_of_each_hour(void **state)
{
    place *p = *state;
    make_run(p, LAMBERT, 12, "");
    begin_output(p);
    run_to_the_end(p, rising, 1200);
    size_t n, n_times;
    double *pm = values_of(p, "surface.nc", "primary_pm25", &n),
           *tag = values_of(p, "surface.nc", "inert_tracer_industry", &n);
    double *time = values_of(p, "surface.nc", "time", &n_times), *bounds = values_of(p, "surface.nc", "time_bnds", &n);
    assert_int_equal(n_times, 10);
    for (int r = 0; r < 10; r++) {
        assert_true(time[r] == 15 + r && bounds[2 * r] == 14 + r && bounds[2 * r + 1] == 15 + r);
        for (int c = 0; c < CELLS; c++) {
            double expected = mean_of_rising(0, c, r + 2, r + 3, 3);
            assert_near(pm[r * CELLS + c], expected, ROUND_12_BITS * expected);
            expected = mean_of_rising(3, c, r + 2, r + 3, 3);
            assert_near(tag[r * CELLS + c], expected, ROUND_12_BITS * expected);
        }
    }
    free(pm);
    free(tag);
    free(time);
    free(bounds);
}

static double level(int tracer, int k, int cell, double hours)
{
    (void)tracer;
    (void)k;
    (void)cell;
    return hours <= 2.3 + 1.0 / 3.0 + 1e-6 ? 1.0 : 2.0;
}

static void a_pair_across_the_end_of_an_interval_is_shared_out(void **state)
{
    place *p = *state;
    make_run(p, LAMBERT, 4, "output: {surface_interval: 30 min, precision_bits: 23}");
    for (int c = 0; c < CELLS * NZ; c++) p->met[1]->rho[c] = 1;
    begin_output(p);
    run_to_the_end(p, level, 1200);
    size_t n;
    double *pm = values_of(p, "surface.nc", "primary_pm25", &n);
    assert_int_equal(n, 4 * CELLS);
    /* 20 minutes of 1, then 2; records end after 30 minutes. */
    assert_near(pm[0], (20.0 * 1.0 + 10.0 * 2.0) / 30.0, 1e-7);
    assert_true(pm[CELLS] == 2.0 && pm[3 * CELLS] == 2.0);
    free(pm);
}

static void days_are_those_of_the_clock_on_the_wall(void **state)
{
    place *p = *state;
    make_run(p, LAMBERT, 60, "");
    begin_output(p);
    run_to_the_end(p, rising, 1800);
    size_t n, days;
    double *pm = values_of(p, "daily.nc", "primary_pm25", &n), *date = values_of(p, "daily.nc", "local_date", &days);
    double *time = values_of(p, "daily.nc", "time", &n), *bounds = values_of(p, "daily.nc", "time_bnds", &n);
    /* Output begins at 14 UTC = 22 h; the days of UTC+8 begin at 16 UTC, 4 hours after the start of the run. */
    assert_int_equal(days, 2);
    for (int d = 0; d < 2; d++) {
        assert_true(date[d] == 20150111 + d);
        assert_true(time[d] == 40 + 24 * d && bounds[2 * d] == 16 + 24 * d && bounds[2 * d + 1] == 40 + 24 * d);
        for (int c = 0; c < CELLS; c++) {
            double expected = mean_of_rising(0, c, 4 + 24 * d, 28 + 24 * d, 2);
            assert_near(pm[d * CELLS + c], expected, ROUND_12_BITS * expected);
        }
    }
    free(pm);
    free(date);
    free(time);
    free(bounds);
}

static void a_day_offset_of_zero_gives_days_of_utc(void **state)
{
    place *p = *state;
    make_run(p, LAMBERT, 36, "output: {day_offset: 0 hours}");
    begin_output(p);
    run_to_the_end(p, rising, 3600);
    size_t n;
    double *bounds = values_of(p, "daily.nc", "time_bnds", &n), *date = values_of(p, "daily.nc", "local_date", &n);
    assert_int_equal(n, 1);
    assert_true(bounds[0] == 24 && bounds[1] == 48 && date[0] == 20150111);
    free(bounds);
    free(date);
}

static void without_a_whole_day_there_are_no_daily_files(void **state)
{
    place *p = *state;
    make_run(p, LAMBERT, 24, "");
    begin_output(p);
    run_to_the_end(p, rising, 3600);
    assert_true(exists(p, "surface.nc") && exists(p, "cities_period.csv"));
    assert_false(exists(p, "daily.nc"));
    assert_false(exists(p, "cities_daily.csv") || exists(p, "source_receptor_daily.csv"));
    char *text = text_of(p, "cities_period.csv");
    assert_says(text, ",,");
    free(text);
}

static double spike_in_spinup(int tracer, int k, int cell, double hours)
{
    (void)tracer;
    (void)k;
    (void)cell;
    return hours <= 2.0 ? 1e9 : 1.0;
}

static void nothing_of_the_spinup_enters(void **state)
{
    place *p = *state;
    make_run(p, LAMBERT, 60, "");
    begin_output(p);
    run_to_the_end(p, spike_in_spinup, 1800);
    size_t n;
    const char *const file[] = {"surface.nc", "daily.nc"};
    for (int f = 0; f < 2; f++) {
        double *pm = values_of(p, file[f], "primary_pm25", &n);
        for (size_t c = 0; c < n; c++) assert_true(pm[c] >= 1.0 && pm[c] <= 1.2);
        free(pm);
    }
    double *dry = values_of(p, "deposition.nc", "primary_pm25_dry_deposition", &n);
    double *wet = values_of(p, "deposition.nc", "primary_pm25_industry_wet_deposition", &n);
    double *bounds = values_of(p, "deposition.nc", "time_bnds", &n);
    assert_true(bounds[0] == 14 && bounds[1] == 72);
    for (int c = 0; c < CELLS; c++) { /* 58 hours at 1 g and 2 g an hour */
        assert_near(dry[c], 58e-3 / p->mesh->area[c], ROUND_12_BITS * 58e-3 / p->mesh->area[c]);
        assert_near(wet[c], 116e-3 / p->mesh->area[c], ROUND_12_BITS * 116e-3 / p->mesh->area[c]);
    }
    bs_nc *nc;
    bs_err err = {0};
    need_ok(bs_nc_open(path_of(p, "deposition.nc"), &nc, &err), &err);
    assert_false(bs_nc_has_var(nc, "inert_tracer_dry_deposition"));
    bs_nc_close(nc);
    free(dry);
    free(wet);
    free(bounds);
}

static void without_spinup_all_deposition_counts(void **state)
{
    place *p = *state;
    make_run(p, LAMBERT, 3, "# no_spinup");
    begin_output(p);
    run_to_the_end(p, rising, 3600);
    size_t n;
    double *dry = values_of(p, "deposition.nc", "primary_pm25_dry_deposition", &n);
    assert_int_equal(n, CELLS);
    for (int c = 0; c < CELLS; c++)
        assert_near(dry[c], 3e-3 / p->mesh->area[c], ROUND_12_BITS * 3e-3 / p->mesh->area[c]);
    free(dry);
}

static double uneven(int tracer, int k, int cell, double hours)
{
    (void)k;
    return tracer == 1 ? 0.1 : cell % NX + 10.0 * (cell / NX) + hours;
}

static void region_means_are_weighted_by_area(void **state)
{
    place *p = *state;
    make_run(p, LAMBERT, 5, "");
    for (int c = 0; c < CELLS * NZ; c++) p->met[1]->rho[c] = 1;
    begin_output(p);
    bs_err err = {0};
    need_ok(sample_until(p, uneven, 3600, p->end, &err), &err);
    bs_region_mask *mask;
    bool mended;
    need_ok(bs_region_mask_create(&p->regions->region[0].shape, p->mesh, &mask, &mended, &err), &err);
    double weight = 0.0, sum = 0.0;
    for (size_t n = 0; n < mask->n; n++) {
        weight += mask->fraction[n] * p->mesh->area[mask->cell[n]];
        sum += mask->fraction[n] * p->mesh->area[mask->cell[n]] *
               uneven(0, 0, (int)mask->cell[n], 4.0); /* mean of 3, 4, 5 */
    }
    bs_region_mask_destroy(mask);
    assert_near(bs_output_region_mean(p->output, 0, 0), sum / weight, SUMS * sum / weight);
    /* A uniform field's mean is its value to the bit, though 0.1 has no end in binary. */
    assert_true(bs_output_region_mean(p->output, 1, 0) == (double)(real)0.1);
    assert_true(bs_output_region_mean(p->output, 1, 1) == (double)(real)0.1);
    assert_true(isnan(bs_output_region_mean(p->output, 0, 2)));
}

/* ---- what is left behind ---- */

static int count_files(place *p, const char *ending)
{
    int count = 0;
    DIR *dir = opendir(p->dir);
    assert_non_null(dir);
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        size_t n = strlen(e->d_name), m = strlen(ending);
        if (*e->d_name != '.' && n >= m && strcmp(e->d_name + n - m, ending) == 0) count++;
    }
    closedir(dir);
    return count;
}

static void files_take_their_names_at_the_end_and_not_before(void **state)
{
    static const char *const file[] = {"surface.nc",
                                       "daily.nc",
                                       "deposition.nc",
                                       "fields3d.nc",
                                       "cities.nc",
                                       "cities.csv",
                                       "cities_daily.csv",
                                       "cities_period.csv",
                                       "source_receptor.nc",
                                       "source_receptor_daily.csv",
                                       "source_receptor_period.csv",
                                       "shares.csv"};
    place *p = *state;
    bs_err err = {0};
    make_run(p, LAMBERT, 36, "output: {fields3d: {interval: 12 hours}}");
    begin_output(p);
    need_ok(sample_until(p, rising, 3600, p->end, &err), &err);
    for (size_t f = 0; f < sizeof file / sizeof *file; f++) assert_false(exists(p, file[f]));
    bs_output *o = p->output;
    p->output = NULL;
    need_ok(bs_output_finish(o, p->state, &err), &err);
    for (size_t f = 0; f < sizeof file / sizeof *file; f++) assert_true(exists(p, file[f]));
    assert_int_equal(count_files(p, ".part"), 0);
    assert_int_equal(count_files(p, ""), 12 + 2); /* with the case and the regions */
}

static void an_abandoned_output_leaves_nothing(void **state)
{
    place *p = *state;
    bs_err err = {0};
    make_run(p, LAMBERT, 36, "output: {fields3d: {interval: 12 hours}}");
    begin_output(p);
    assert_int_equal(count_files(p, ".part"), 8);
    need_ok(sample_until(p, rising, 3600, p->start + 30 * HOUR, &err), &err);
    bs_output_abandon(p->output);
    p->output = NULL;
    assert_int_equal(count_files(p, ""), 2);
    bs_output_abandon(NULL);
}

static void an_output_that_is_not_complete_cannot_be_finished(void **state)
{
    place *p = *state;
    bs_err err = {0};
    make_run(p, LAMBERT, 6, "");
    begin_output(p);
    need_ok(sample_until(p, rising, 3600, p->start + 4 * HOUR, &err), &err);
    assert_int_equal(bs_output_sample(p->output, p->state, p->forcing, p->start, p->start + HOUR, &err), BS_ERR_RUN);
    assert_says(err.text,
                "a sample from 2015-01-10T12:00:00Z does not follow the last one, which ended at 2015-01-10T16:00");
    bs_output *o = p->output;
    p->output = NULL;
    assert_int_equal(bs_output_finish(o, p->state, &err), BS_ERR_RUN);
    assert_says(err.text, "cannot be completed at 2015-01-10T16:00:00Z, the run ends at 2015-01-10T18:00:00Z");
    assert_int_equal(count_files(p, ""), 2);
}

static void refuse(place *p, int hours, const char *options, const char *words)
{
    bs_err err = {0};
    make_run(p, LAMBERT, hours, options);
    const bs_output_info info = info_of(p);
    assert_int_equal(bs_output_create(&info, &p->output, &err), BS_ERR_INPUT);
    p->output = NULL;
    assert_says(err.text, words);
    assert_int_equal(count_files(p, ""), 2);
}

static void an_interval_that_does_not_divide_the_period_is_refused(void **state)
{
    refuse(*state, 12, "output: {surface_interval: 3 hours}",
           "output.surface_interval is 3 hours, which does not divide the 10 hours from the end of the spin-up");
}

static void a_spinup_of_the_whole_run_is_refused(void **state)
{
    refuse(*state, 2, "", "time.spinup takes all of the run");
}

static void fields3d_between_whole_hours_are_refused(void **state)
{
    refuse(*state, 12, "output: {fields3d: {interval: 30 min}}",
           "output.fields3d.interval must be a whole number of hours");
}

static void regions_that_miss_the_mesh_are_refused(void **state)
{
    place *p = *state;
    char far[1024], all[2048];
    bs_err err = {0};
    make_run(p, LAMBERT, 12, "");
    bs_regions_destroy(p->regions);
    p->regions = NULL;
    square(far, sizeof far, "110000", "Far", 116.0, 39.0, 1.0);
    snprintf(all, sizeof all, "{\"type\": \"FeatureCollection\", \"features\": [%s]}", far);
    write_text(p, "regions.geojson", all);
    need_ok(bs_regions_read(p->path, &p->regions, &err), &err);
    const bs_output_info info = info_of(p);
    assert_int_equal(bs_output_create(&info, &p->output, &err), BS_ERR_INPUT);
    p->output = NULL;
    assert_says(err.text, "none of its 1 regions touches the mesh");
    assert_int_equal(count_files(p, ""), 2);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    place *p = *state;
    bs_err err = {0};
    make_run(p, LAMBERT, 12, "");
    bs_output_info info = info_of(p);
    info.dir = "/nowhere";
    assert_int_equal(bs_output_create(&info, &p->output, &err), BS_ERR_IO);
    p->output = NULL;
    assert_says(err.text, "/nowhere/surface.nc.part: cannot be created: No such file");
}

static double noise(int tracer, int k, int cell, double hours)
{
    return fabs(sin(1e4 * (tracer + 7.0 * k + 13.0 * cell + 101.0 * hours)));
}

static void a_full_disk_is_reported_with_the_file(void **state)
{
    place *p = *state;
    bs_err err = {0};
    make_run(p, LAMBERT, 60, "output: {precision_bits: 23}");
    begin_output(p);
    struct rlimit old, tight = {120000, RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &old);
    tight.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &tight); /* stands in for a full disk */
    bs_status st = sample_until(p, noise, 3600, p->end, &err);
    bs_output *o = p->output;
    p->output = NULL;
    if (st == BS_OK) {
        st = bs_output_finish(o, p->state, &err);
    } else {
        bs_output_abandon(o);
    }
    setrlimit(RLIMIT_FSIZE, &old);
    assert_int_equal(st, BS_ERR_IO);
    assert_says(err.text, ".nc.part: ");
    assert_int_equal(count_files(p, ".part"), 0);
    assert_false(exists(p, "surface.nc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(surface_means_weigh_the_pairs_of_each_hour),
        IN_FOLDER(a_pair_across_the_end_of_an_interval_is_shared_out),
        IN_FOLDER(days_are_those_of_the_clock_on_the_wall),
        IN_FOLDER(a_day_offset_of_zero_gives_days_of_utc),
        IN_FOLDER(without_a_whole_day_there_are_no_daily_files),
        IN_FOLDER(nothing_of_the_spinup_enters),
        IN_FOLDER(without_spinup_all_deposition_counts),
        IN_FOLDER(region_means_are_weighted_by_area),
        IN_FOLDER(files_take_their_names_at_the_end_and_not_before),
        IN_FOLDER(an_abandoned_output_leaves_nothing),
        IN_FOLDER(an_output_that_is_not_complete_cannot_be_finished),
        IN_FOLDER(an_interval_that_does_not_divide_the_period_is_refused),
        IN_FOLDER(a_spinup_of_the_whole_run_is_refused),
        IN_FOLDER(fields3d_between_whole_hours_are_refused),
        IN_FOLDER(regions_that_miss_the_mesh_are_refused),
        IN_FOLDER(a_folder_that_is_not_there_is_named),
        IN_FOLDER(a_full_disk_is_reported_with_the_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
