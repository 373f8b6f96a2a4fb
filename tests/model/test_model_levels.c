/* Hybrid levels: the published tables and their properties, coefficients from files in their several forms, and weather on levels that
 * follow the ground against the functions it was made from. */
#include "model/met/model_levels.h"

#include "tests/model/test_met_files.h"

/* hPa, half levels 0 to 137 over a ground at 1013.25 hPa, as ECMWF publishes them beside the coefficients. */
static const double PUBLISHED[138] = {
    0.0,      0.02,     0.031,     0.0467,    0.0683,    0.0975,   0.1361,   0.1861,   0.2499,   0.3299,   0.4288,
    0.5496,   0.6952,   0.869,     1.0742,    1.3143,    1.5928,   1.9134,   2.2797,   2.6954,   3.1642,   3.6898,
    4.2759,   4.9262,   5.6441,    6.4334,    7.2974,    8.2397,   9.2634,   10.372,   11.5685,  12.8561,  14.2377,
    15.7162,  17.2945,  18.9752,   20.761,    22.6543,   24.6577,  26.7735,  29.0039,  31.3512,  33.8174,  36.4047,
    39.1149,  41.9493,  44.9082,   47.9915,   51.199,    54.5299,  57.9834,  61.5607,  65.2695,  69.1187,  73.1187,
    77.281,   81.6182,  86.145,    90.8774,   95.828,    101.0047, 106.4153, 112.0681, 117.9714, 124.1337, 130.5637,
    137.2703, 144.2624, 151.5493,  159.1403,  167.045,   175.2731, 183.8344, 192.7389, 201.9969, 211.6186, 221.6146,
    231.9954, 242.7719, 253.9549,  265.5556,  277.5852,  290.0548, 302.9762, 316.3607, 330.2202, 344.5663, 359.4111,
    374.7666, 390.645,  407.0583,  424.019,   441.5395,  459.6321, 478.3096, 497.5845, 517.4198, 537.7195, 558.343,
    579.1926, 600.1668, 621.1624,  642.0764,  662.8084,  683.262,  703.3467, 722.9795, 742.0855, 760.5996, 778.4661,
    795.6396, 812.0847, 827.7756,  842.6959,  856.8376,  870.2004, 882.791,  894.6222, 905.7116, 916.0815, 925.7571,
    934.7666, 943.1399, 950.9082,  958.1037,  964.7584,  970.9046, 976.5737, 981.7968, 986.6036, 991.023,  995.0824,
    998.8081, 1002.225, 1005.3562, 1008.2239, 1010.8487, 1013.25};
/* b has six decimals: half of the last times 101325 Pa, in hPa; and the pressures have four. */
static const double SIX_DECIMALS = 0.5e-6 * 1013.25 + 0.5e-4;

static void tables_are_whole(void **state)
{
    (void)state;
    const char *const name[] = {"L137", "L91", "L60"};
    const int levels[] = {137, 91, 60};
    for (int t = 0; t < 3; t++) {
        int n = 0;
        const bs_half_level *half = bs_half_level_table(name[t], &n);
        assert_non_null(half);
        assert_int_equal(n, levels[t]);
        assert_true(half[0].a == 0 && half[0].b == 0);
        assert_true(half[n].a == 0 && half[n].b == 1);
        for (int k = 1; k <= n; k++) {
            assert_true(half[k].b >= half[k - 1].b && half[k].a >= 0);
            for (double ps = 45000; ps <= 108000; ps += 9000)
                assert_true(half[k].a + half[k].b * ps > half[k - 1].a + half[k - 1].b * ps);
        }
    }
    int n = 7;
    assert_null(bs_half_level_table("L62", &n));
}

static void table_agrees_with_the_published_pressures(void **state)
{
    (void)state;
    int n = 0;
    const bs_half_level *half = bs_half_level_table("L137", &n);
    for (int k = 0; k <= 137; k++)
        assert_true(fabs((half[k].a + half[k].b * 101325) / 100 - PUBLISHED[k]) <= SIX_DECIMALS);
    /* published full levels: 60, 100 and 137 */
    const int full[] = {60, 100, 137};
    const double hpa[] = {98.4164, 589.6797, 1012.0494};
    for (int f = 0; f < 3; f++) {
        const bs_half_level above = half[full[f] - 1], below = half[full[f]];
        const double p = 0.5 * (above.a + below.a) + 0.5 * (above.b + below.b) * 101325;
        assert_true(fabs(p / 100 - hpa[f]) <= SIX_DECIMALS);
    }
}

/* ---- weather ---- */

/* The source's ground. */
static double ground(double lon, double lat)
{
    return 90000 + 800 * east_of(lon) - 500 * (lat - 30);
}

typedef struct levels {
    int n;
    double a[AXIS_MAX], b[AXIS_MAX]; /* of the full levels in the file, in its order */
} levels;

static double model_value(const char *name, met_point at, const void *own)
{
    const levels *l = own;
    const double ps = ground(at.lon, at.lat);
    if (strcmp(name, "sp") == 0) return ps;
    if (strcmp(name, "lnsp") == 0) return log(ps);
    return truth(name, at.lon, at.lat, l->a[at.k] + l->b[at.k] * ps, at.hours);
}

/* Bilinear in ln ps, which bends: over half a degree (400 Pa / 8.8e4 Pa)^2 / 8 eastward and (250 Pa / 8.8e4 Pa)^2 / 8 northward,
 * and the product of both, times 40 K: 2e-4. */
static const double CURVED = 2.5e-4;

static void compare(const bench *b, double hours)
{
    const size_t cells = (size_t)b->mesh->nx * (size_t)b->mesh->ny;
    int compared = 0;
    for (size_t c = 0; c < cells; c++) {
        const double lon = b->mesh->lon[c], lat = b->mesh->lat[c], ps = ground(lon, lat);
        assert_true(fabs(b->native->ps[c] - ps) < 0.5); /* exp of a bent logarithm */
        for (int k = 0; k < b->levels->nz; k++) {
            const double p = mid_pressure(b, k, c);
            const size_t at = (size_t)k * cells + c;
            if (p > 0.95 * ps) continue;
            assert_true(fabs(b->native->u[at] - truth("u", lon, lat, p, hours)) < CURVED);
            assert_true(fabs(b->native->v[at] - truth("v", lon, lat, p, hours)) < CURVED);
            assert_true(fabs(b->native->t[at] - truth("t", lon, lat, p, hours)) < CURVED);
            assert_true(fabs(b->native->qv[at] - truth("q", lon, lat, p, hours)) < CURVED * 1e-4);
            compared++;
        }
    }
    assert_true(compared >= (int)cells * (b->levels->nz - 2));
}

static void open_bench(bench *b)
{
    bs_mesh_spec spec = lonlat_mesh();
    bench_setup(b, &spec, 20000);
    b->kind = &BS_PROVIDER_ERA5_MODEL_LEVELS;
    b->end = b->start + 3600;
}

/* Levels of L137 by their numbers, in the order of the file. */
static levels numbered(int n, const double *number)
{
    int all;
    const bs_half_level *half = bs_half_level_table("L137", &all);
    levels l = {.n = n};
    for (int k = 0; k < n; k++) {
        const int level = (int)number[k];
        l.a[k] = 0.5 * (half[level - 1].a + half[level].a);
        l.b[k] = 0.5 * (half[level - 1].b + half[level].b);
    }
    return l;
}

static const double TWELVE[] = {60, 75, 85, 95, 102, 108, 114, 120, 126, 130, 134, 137};

static met_file on_levels(const char *axis, const double *number, int n, const levels *own)
{
    met_file f = met_file_over_the_mesh();
    f.own = own;
    *axis_at(&f, 't') = (met_axis){.name = "time", .unit = "hours since 2020-01-01", .n = 2, .value = {0, 1}};
    *axis_at(&f, 'k') = (met_axis){.name = axis, .long_name = "model_level_number", .n = n};
    memcpy(axis_at(&f, 'k')->value, number, (size_t)n * sizeof *number);
    return f;
}

static void put_all(met_file *f, const char *surface, const char *kinds)
{
    met_put(f, "u", "tkji", "m s**-1", model_value);
    met_put(f, "v", "tkji", "m s**-1", model_value);
    met_put(f, "t", "tkji", "K", model_value);
    met_put(f, "q", "tkji", "kg kg**-1", model_value);
    if (strcmp(surface, "sp") == 0) met_put(f, surface, kinds, "Pa", model_value);
    if (strcmp(surface, "lnsp") == 0) met_put(f, surface, kinds, "~", model_value);
}

static void write_levels(const bench *b, met_file *f, const char *surface, const char *kinds)
{
    met_create(f, b->dir, "ml.nc");
    put_all(f, surface, kinds);
    met_close(f);
}

static const char ERA5[] = "  layout: era5\n  files: '*.nc'\n";

static void numbers_and_the_table(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    levels l = numbered(12, TWELVE);
    met_file f = on_levels("level", TWELVE, 12, &l);
    write_levels(&b, &f, "sp", "tji");
    must(&b, bench_open(&b, ERA5, NULL));
    must(&b, bench_read(&b, 0));
    compare(&b, 0);
    must(&b, bench_read(&b, 1));
    compare(&b, 1);
    assert_string_equal(b.kind->assumed(b.provider, 0), "12 of 137 model levels, linear in ln p between them");
    /* the ground first, packed, and under another name of the axis */
    double turned[12];
    for (int k = 0; k < 12; k++) turned[k] = TWELVE[11 - k];
    l = numbered(12, turned);
    f = on_levels("hybrid", turned, 12, &l);
    write_levels(&b, &f, "sp", "tji");
    must(&b, bench_open(&b, ERA5, NULL));
    must(&b, bench_read(&b, 0));
    compare(&b, 0);
    bench_teardown(&b);
}

/* lnsp beside the levels, on a level axis of its own of length 1, as the archive hands it out. */
static void logarithm_of_the_surface_pressure(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    levels l = numbered(12, TWELVE);
    met_file f = on_levels("level", TWELVE, 12, &l);
    write_levels(&b, &f, "none", "");
    const double one = 1;
    f = on_levels("level", &one, 1, &l);
    met_create(&f, b.dir, "lnsp.nc");
    met_put(&f, "lnsp", "tkji", "~", model_value);
    met_close(&f);
    must(&b, bench_open(&b, ERA5, NULL));
    must(&b, bench_read(&b, 1));
    compare(&b, 1);
    bench_teardown(&b);
}

/* Seven levels of a model of our own. */
static const double HALF_A[] = {5000, 12000, 15000, 12000, 7000, 3000, 1000, 0};
static const double HALF_B[] = {0, 0.05, 0.2, 0.45, 0.7, 0.88, 0.96, 1};

static levels own_levels(void)
{
    levels l = {.n = 7};
    for (int k = 0; k < 7; k++) {
        l.a[k] = 0.5 * (HALF_A[k] + HALF_A[k + 1]);
        l.b[k] = 0.5 * (HALF_B[k] + HALF_B[k + 1]);
    }
    return l;
}

static void put_vector(met_file *f, const char *name, const char *dim, int n, const char *unit, const double *values)
{
    int d, var;
    NC_OK(nc_redef(f->id));
    if (nc_inq_dimid(f->id, dim, &d) != NC_NOERR) NC_OK(nc_def_dim(f->id, dim, (size_t)n, &d));
    NC_OK(nc_def_var(f->id, name, NC_DOUBLE, 1, &d, &var));
    if (unit) NC_OK(nc_put_att_text(f->id, var, "units", strlen(unit), unit));
    NC_OK(nc_enddef(f->id));
    NC_OK(nc_put_var_double(f->id, var, values));
}

static void coefficients_of_the_files(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *dim;
        bool half;
        const char *hybrid;
    } FORM[] = {
        {"hyai", "hybi", "nhyi", true, ""},
        {"hyam", "hybm", "nhym", false, ""},
        {"a", "b", "half", true, ""},
        {"ap_full", "b_full", "lev", false,
         "  hybrid: {a: ap_full, b: b_full}\n"}, /* along the field's own dimension */
    };
    const double number[] = {1, 2, 3, 4, 5, 6, 7};
    for (size_t n = 0; n < sizeof FORM / sizeof FORM[0]; n++) {
        bench b;
        char text[256];
        open_bench(&b);
        const levels l = own_levels();
        met_file f = on_levels("lev", number, 7, &l);
        met_create(&f, b.dir, "cdo.nc");
        put_all(&f, "sp", "tji");
        put_vector(&f, FORM[n].a, FORM[n].dim, FORM[n].half ? 8 : 7, n == 2 ? NULL : "Pa", FORM[n].half ? HALF_A : l.a);
        put_vector(&f, FORM[n].b, FORM[n].dim, FORM[n].half ? 8 : 7, "1", FORM[n].half ? HALF_B : l.b);
        met_close(&f);
        snprintf(text, sizeof text, "%s%s", ERA5, FORM[n].hybrid);
        must(&b, bench_open(&b, text, NULL));
        must(&b, bench_read(&b, 1));
        compare(&b, 1);
        assert_null(b.kind->assumed(b.provider, 0)); /* all levels are there */
        bench_teardown(&b);
    }
}

/* ---- bad input ---- */

static void axes_that_are_no_model_levels(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    levels l = numbered(12, TWELVE);
    met_file f = on_levels("level", TWELVE, 12, &l);
    axis_at(&f, 'k')->unit = "millibars";
    write_levels(&b, &f, "sp", "tji");
    refused(&b, ERA5, "axis 'level' is in 'millibars'", "meteorology.provider: pressure_levels", NULL);
    axis_at(&f, 'k')->unit = NULL;
    axis_at(&f, 'k')->value[11] = 138;
    write_levels(&b, &f, "sp", "tji");
    refused(&b, ERA5, "level[11] is 138, expected the number of a model level, 1 (top) to 137", NULL);
    axis_at(&f, 'k')->value[11] = 134.5;
    write_levels(&b, &f, "sp", "tji");
    refused(&b, ERA5, "level[11] is 134.5", NULL);
    axis_at(&f, 'k')->unit = "-";
    write_levels(&b, &f, "sp", "tji");
    refused(&b, ERA5, "which 12 of the 137 model levels these are", NULL);
    /* and to the other provider */
    b.kind = NULL;
    axis_at(&f, 'k')->unit = NULL;
    write_levels(&b, &f, "sp", "tji");
    refused(&b, ERA5, "axis 'level' counts the levels of a model", "meteorology.provider: era5_model_levels", NULL);
    bench_teardown(&b);
}

static double with_nan(const char *name, met_point at, const void *own)
{
    if (strcmp(name, "v") == 0 && at.k == 10 && at.lon == 104 && at.lat == 30 && at.hours == 0) return NAN;
    return model_value(name, at, own);
}

static void what_is_missing(void **state)
{
    (void)state;
    bench b;
    open_bench(&b);
    levels l = numbered(12, TWELVE);
    met_file f = on_levels("level", TWELVE, 12, &l);
    write_levels(&b, &f, "none", "");
    refused(&b, ERA5, "the source has no 'surface_pressure'", NULL);
    refused(&b, "  layout: era5\n  files: '*.nc'\n  assume: {surface_pressure: 1000 hPa}\n",
            "the source has no 'surface_pressure'", NULL);
    refused(&b, "  layout: era5\n", "meteorology.provider era5_model_levels needs meteorology.files", NULL);
    write_levels(&b, &f, "sp", "tji");
    met_file other = on_levels("level", TWELVE, 12, &l);
    met_create(&other, b.dir, "v.nc");
    met_put(&other, "v10", "tkji", "m s-1", with_nan);
    met_close(&other);
    must(&b, bench_open(&b, ERA5, NULL)); /* a 10 m wind on levels is none */
    remove("v.nc");
    met_create(&f, b.dir, "ml.nc");
    met_put(&f, "u", "tkji", "m s**-1", with_nan);
    met_put(&f, "v", "tkji", "m s**-1", with_nan);
    met_put(&f, "q", "tkji", "kg kg**-1", with_nan);
    met_put(&f, "sp", "tji", "Pa", with_nan);
    met_close(&f);
    refused(&b, ERA5, "the source has no 'temperature'", "meteorology.assume.temperature", NULL);
    refused(&b, "  layout: era5\n  files: ml.nc\n  assume: {temperature: standard_atmosphere}\n",
            "v[time=0][level=10][latitude=5][longitude=6] on model level 134, longitude 104, latitude 30",
            "missing or not a number", NULL);
    bench_teardown(&b);
}

static void bad_coefficients(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b, *unit;
        int n_a, n_b;
        const char *hybrid, *says;
    } BAD[] = {
        {"hyai", "hybi", "1", 8, 8, "", "'hyai' have the unit '1'"},
        {"hyai", "hybi", "Pa", 8, 7, "", "'hyai' has 8 hybrid coefficients and 'hybi' 7"},
        {"ka", "kb", "Pa", 8, 8, "  hybrid: {a: ka}\n", "names only one of a and b"},
        {"ka", "kb", "Pa", 8, 8, "  hybrid: {a: ka, b: kc}\n", "none of the 1 file(s) has 'ka' and 'kc'"},
        {"ka", "kb", "Pa", 8, 8, "  hybrid: {a: u, b: v}\n", "'u' must be a one-dimensional variable"},
        {"ka", "kb", "Pa", 8, 8, "  hybrid: {a: kb, b: ka}\n", "'kb' have the unit '1'"},
        {"hyai", "hybi", "hPa", 8, 8, "", "expected pressures that rise"},
    };
    const double number[] = {1, 2, 3, 4, 5, 6, 7};
    const levels l = own_levels();
    for (size_t n = 0; n < sizeof BAD / sizeof BAD[0]; n++) {
        bench b;
        char text[256];
        open_bench(&b);
        met_file f = on_levels("lev", number, 7, &l);
        met_create(&f, b.dir, "cdo.nc");
        put_all(&f, "sp", "tji");
        put_vector(&f, BAD[n].a, "na", BAD[n].n_a, BAD[n].unit, HALF_A);
        put_vector(&f, BAD[n].b, "nb", BAD[n].n_b, "1", HALF_B);
        met_close(&f);
        snprintf(text, sizeof text, "%s%s", ERA5, BAD[n].hybrid);
        refused(&b, text, BAD[n].says, NULL);
        bench_teardown(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tables_are_whole),          cmocka_unit_test(table_agrees_with_the_published_pressures),
        cmocka_unit_test(numbers_and_the_table),     cmocka_unit_test(logarithm_of_the_surface_pressure),
        cmocka_unit_test(coefficients_of_the_files), cmocka_unit_test(axes_that_are_no_model_levels),
        cmocka_unit_test(what_is_missing),           cmocka_unit_test(bad_coefficients),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
