/* Bad WRF output: each must be refused with a message that says where, what and what to do. */
#include "tests/model/test_wrf_fixture.h"

static const char FILES[] = "  files: '*.nc'\n";

static void holds(const bench *b, const char *text)
{
    if (!strstr(b->err.text, text)) fail_msg("'%s' is not in the message:\n%s", text, b->err.text);
}

/* Opens (and, where that succeeds, reads at start and end), expects failure and the texts. */
static void refused_grid(bench *b, const char *grid, const char *meteorology, const char *one, const char *two,
                         const char *three)
{
    bs_status st = bench_open(b, grid, NULL, meteorology);
    if (st == BS_OK) st = bench_read(b, 0);
    if (st == BS_OK) st = bench_read(b, 6);
    if (st == BS_OK) fail_msg("accepted, expected a message with '%s'", one);
    assert_int_equal(st, BS_ERR_INPUT);
    holds(b, one);
    holds(b, two);
    holds(b, three);
}

static void refused(bench *b, const wrf_file *w, const char *one, const char *two, const char *three)
{
    bench_write(b, w);
    refused_grid(b, "from: wrf", FILES, one, two, three);
}

static void missing_variables_are_all_named(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = wrf_default("a.nc", 1);
    w.leave_out = ",U,QVAPOR,P,MUB,ZNW,";
    refused(&b, &w, "a.nc: no variable ZNW, U, P, QVAPOR, MUB; they are needed", "Was the file cut down?", "grid.from");
    w.leave_out = ",ZNW,";
    refused(&b, &w, "a.nc: no variable ZNW; it is needed", "a.nc", "");
    w.leave_out = ",XLAT,";
    refused(&b, &w, "a.nc: no variable XLAT; it is needed", "a.nc", "");
    w.leave_out = ",U10,";
    refused(&b, &w, "only one of the variables 'U10' and 'V10'", "a.nc", "");
    bench_teardown(&b);
}

static void dimensions_units_values(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = wrf_default("a.nc", 1);
    w.swapped = "T";
    refused(&b, &w, "variable 'T' has dimensions (Time 3, bottom_top 8, west_east 14, south_north 12)",
            "expected numbers with ([Time], bottom_top 8, south_north 12, west_east 14), in this order", "a.nc");
    w = wrf_default("a.nc", 1);
    w.bare = "MU";
    refused(&b, &w, "variable 'MU' has no units attribute, expected 'Pa'", "a.nc", "");
    w = wrf_default("a.nc", 1);
    w.odd_unit_of = "U";
    w.odd_unit = "kg";
    refused(&b, &w, "variable 'U' has unit 'kg', which cannot be converted to 'm s-1'", "a.nc", "");
    w = wrf_default("a.nc", 1);
    w.odd_unit_of = "PSFC";
    w.odd_unit = "hPa"; /* a hundred times too large then */
    refused(&b, &w, "PSFC[Time=0][south_north=6][west_east=0]: value 9", "outside the plausible range 40000 to 110000",
            "a.nc");
    w.odd_unit_of = "P_TOP";
    refused(&b, &w, "P_TOP has unit 'hPa', expected 'Pa'", "a.nc", "");
    w = wrf_default("a.nc", 1);
    w.spoil = "T";
    w.spoil_value = NAN;
    refused(&b, &w, "T[Time=2][bottom_top=0][south_north=3][west_east=4]: the value is missing or not a number", "a.nc",
            "");
    w.spoil_value = NC_FILL_FLOAT;
    refused(&b, &w, "T[Time=2][bottom_top=0][south_north=3][west_east=4]: the value is missing", "a.nc", "");
    w.spoil = "QVAPOR";
    w.spoil_value = 12;
    refused(&b, &w, "QVAPOR[Time=2]", "value 12 kg kg-1", "is the unit right?");
    w.spoil = "LU_INDEX";
    w.spoil_value = 45;
    w.still = true;
    refused(&b, &w, "LU_INDEX is 45 at south_north 3, west_east 4", "MODIFIED_IGBP_MODIS_NOAH", "MMINLU");
    bench_teardown(&b);
}

static void units_that_can_be_converted(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = wrf_default("a.nc", 1);
    w.odd_unit_of = "PBLH";
    w.odd_unit = "km";
    bench_write(&b, &w); /* 500 km */
    refused_grid(&b, "from: wrf", FILES, "PBLH[Time=0]", "value 500000 m", "a.nc");
    w.odd_unit_of = "RAINC";
    w.odd_unit = "cm";
    bench_write(&b, &w);
    must(&b, bench_open(&b, "from: wrf", NULL, FILES));
    must(&b, bench_read(&b, 1));
    const double factor = 1 + 0.1 * (b.mesh->lon[0] - 104);
    assert_true(fabs(b.native->rain[0] - 3 * factor * (1 + 5) / 10800) < 1e-8);
    bench_teardown(&b);
}

static void grids_and_projections(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = wrf_default("a.nc", 1);
    w.attribute = "MAP_PROJ";
    w.attribute_value = 4;
    refused(&b, &w, "attribute MAP_PROJ is 4", "1 (Lambert conformal)", "a.nc");
    w.attribute_value = NAN;
    refused(&b, &w, "no global attribute MAP_PROJ", "a.nc", "");
    w.attribute = "TRUELAT1";
    w.attribute_value = 45;
    refused(&b, &w, "m from where a regular mesh of '+proj=lcc +lat_1=45", "do the attributes", "south_north");
    w.attribute = "DX";
    w.attribute_value = 19000;
    refused(&b, &w, "m from where a regular mesh", "cells of 19000 x 20000", "a.nc");
    w.attribute = NULL;
    w.shift = 0.05;
    refused(&b, &w, "at south_north 2, west_east 5 lie", "m from where a regular mesh", "(420 m are permitted)");
    w.shift = 0;
    w.moving = true;
    refused(&b, &w, "a nest that moves cannot be read", "a.nc", "");
    w = wrf_default("a.nc", 6);
    w.pole_lat = 60;
    refused(&b, &w, "MAP_PROJ 6 with a rotated pole (POLE_LAT 60", "a.nc", "");
    w = wrf_default("a.nc", 6);
    w.attribute = "DX";
    w.attribute_value = 27000;
    refused(&b, &w, "attributes DX 27000", "apart; expected the same", "a.nc");
    bench_teardown(&b);
}

static void layers(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = wrf_default("a.nc", 1);
    w.attribute = "HYBRID_OPT";
    w.attribute_value = 2;
    refused(&b, &w, "HYBRID_OPT is 2 and variable C3F is missing", "need C3F and C4F", "a.nc");
    w = wrf_default("a.nc", 1);
    w.hybrid = true;
    w.leave_out = ",C4F,";
    refused(&b, &w, "variable C4F is missing", "a.nc", "");
    w.leave_out = NULL;
    w.spoil = "C1H";
    w.spoil_value = 2;
    refused(&b, &w, "hybrid coefficients of layer 2 contradict each other", "C1H 2", "a.nc");
    w = wrf_default("a.nc", 1);
    bench_write(&b, &w);
    refused_grid(&b, "from: wrf, levels: {keep: [0, 3, 7]}", FILES, "grid.levels.keep must begin with 0", "end with 8",
                 "case.yaml:");
    refused_grid(&b, "from: wrf, levels: {keep: [0, 3, 3, 8]}", FILES, "3 after 3", "rise", "case.yaml:");
    refused_grid(&b, "from: wrf, levels: {keep: [0, 2.5, 8]}", FILES, "2.5 is no whole number", "case.yaml:", "");
    refused_grid(&b, "from: wrf, window: [10, 0, 5, 5]", FILES, "within the file's 14 x 12", "case.yaml:", "");
    refused_grid(&b, "from: wrf, window: [1, 2, 3]", FILES, "four numbers", "found 3", "case.yaml:");
    refused_grid(&b, "from: wrf, nx: 8", FILES, "grid.nx is given by the WRF file", "case.yaml:", "");
    bench_teardown(&b);
}

static void times_and_calendars(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = wrf_default("a.nc", 1);
    w.stamp = "2020-02-30_03:00:00";
    refused(&b, &w, "Times[1] is '2020-02-30_03:00:00', expected a date of the Gregorian calendar", "a.nc", "");
    w.stamp = "somewhen, not known";
    refused(&b, &w, "Times[1] is 'somewhen, not known'", "a.nc", "");
    w.stamp = "2020-02-28_06:00:00";
    refused(&b, &w, "the WRF output holds the time 2020-02-28T06:00:00Z twice", "(index 1)", "(index 2)");
    w.stamp = NULL;
    w.hours[1] = 1;
    refused(&b, &w, "has a gap in time", "2020-02-28T01:00:00Z", "otherwise 1 h apart; add the missing files");
    w.n_times = 2;
    w.hours[1] = 3;
    refused(&b, &w, "the WRF output covers 2020-02-28T00:00:00Z to 2020-02-28T03:00:00Z, the run", "needs",
            "add the missing times");
    w.n_times = 3; /* 28 February 21:00, 1 March 00:00 and 03:00: no 29 February */
    w.hours[0] = 0;
    w.hours[1] = 3 + 24;
    w.hours[2] = 6 + 24;
    refused(&b, &w, "has a gap in time", "February 29 is missing", "calendar without leap days");
    w = wrf_default("a.nc", 1);
    for (int t = 0; t < 3; t++) w.hours[t] += 48;
    w.xtime = -1440;
    refused(&b, &w, "XTIME counts", "1 day(s) short of the Gregorian calendar", "a.nc");
    bench_teardown(&b);
}

static void several_files(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = wrf_default("a.nc", 1), second = wrf_default("b.nc", 1);
    for (int t = 0; t < 3; t++) second.hours[t] += 6;
    bench_write(&b, &w);
    refused(&b, &second, "holds the time 2020-02-28T06:00:00Z twice", "a.nc (index 2)", "b.nc (index 0)");
    for (int t = 0; t < 3; t++) second.hours[t] += 3;
    second.nx = 12;
    refused(&b, &second, "b.nc: another grid than in", "12 x 12 x 8 cells, not 14 x 12 x 8", "one domain");
    second.nx = 14;
    second.cen_lon = 104.1;
    refused(&b, &second, "b.nc: another grid than in", "cells of 20000 x 20000 from", "");
    second.cen_lon = 104;
    second.hybrid = true;
    refused(&b, &second, "b.nc: another grid than in", "half level 1", "");
    second.hybrid = false;
    second.leave_out = ",PBLH,";
    refused(&b, &second, "has a variable 'PBLH' and", "b.nc has none", "");
    bench_teardown(&b);
}

static void not_what_wrf_wrote(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    wrf_file w = wrf_default("a.nc", 1);
    w.odd_unit_of = "T";
    w.odd_unit = "degC"; /* theta - 300 + 273 */
    refused(&b, &w, "at 93335.1 Pa a temperature of 557", "T must be the potential temperature less 300 K", "a.nc");
    w = wrf_default("a.nc", 1);
    w.odd_unit_of = "QVAPOR";
    w.odd_unit = "%"; /* a hundredth of it */
    refused(&b, &w, "Are these variables as WRF wrote them?", "a.nc", "south_north 6");
    bench_teardown(&b);
}

static void damaged_files(void **state)
{
    (void)state;
    bench b;
    char path[512];
    bench_setup(&b);
    const wrf_file w = wrf_default("a.nc", 1);
    bench_write(&b, &w);
    snprintf(path, sizeof path, "%s/a.nc", b.dir);
    assert_int_equal(truncate(path, 20000), 0);
    refused_grid(&b, "from: wrf", FILES, "a.nc", "", "");
    FILE *f = fopen(path, "w");
    fputs("no netCDF\n", f);
    fclose(f);
    refused_grid(&b, "from: wrf", FILES, "a.nc", "", "");
    bench_teardown(&b);
}

static void cases(void **state)
{
    (void)state;
    bench b;
    bench_setup(&b);
    const wrf_file w = wrf_default("a.nc", 1);
    bench_write(&b, &w);
    refused_grid(&b, "from: wrf", "  steady: true\n  files: a.nc\n", "has 3 times from", "meteorology.valid_time",
                 "case.yaml:");
    refused_grid(&b, "from: wrf", "  files: a.nc\n  variables: {u: {name: U}}\n", "take meteorology.variables away",
                 "case.yaml:", "");
    refused_grid(&b, "from: wrf", "  interval: 1 hour\n", "needs meteorology.provider: wrf", "meteorology.files",
                 "case.yaml:");
    b.start = b.end = b.start + 1800;
    refused_grid(&b, "from: wrf", "  steady: true\n  valid_time: 2020-02-28T00:30:00Z\n  files: a.nc\n",
                 "has no field for 2020-02-28T00:30:00Z", "it has 3 from", "");
    bench_teardown(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_variables_are_all_named),
        cmocka_unit_test(dimensions_units_values),
        cmocka_unit_test(units_that_can_be_converted),
        cmocka_unit_test(grids_and_projections),
        cmocka_unit_test(layers),
        cmocka_unit_test(times_and_calendars),
        cmocka_unit_test(several_files),
        cmocka_unit_test(not_what_wrf_wrote),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
