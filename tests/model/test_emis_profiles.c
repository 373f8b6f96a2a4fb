/* Profiles: scaled to mean 1, at the right local moment; bad tables refused by line. */
#include "test_emis_case.h"

#include "model/emis/profiles.h"

#define POINTS  "  inventories:\n  - {name: plants, type: points, file: p.csv}\n"
#define MONTHS  "sector,m1,m2,m3,m4,m5,m6,m7,m8,m9,m10,m11,m12\n"
#define DAYS    "sector,mon,tue,wed,thu,fri,sat,sun\n"
#define HEIGHTS "sector,bottom_m,top_m,fraction\n"

static void write_points(emis_case *c)
{
    emis_mesh_lonlat(c);
    emis_layers(c, 3);
    emis_write(c, "p.csv", "lon,lat,sector,species,value,unit,height\n104,30,power,pm25,1,kg s-1,\n");
}

/* One hour of the day has all the emission. */
static void write_hour(emis_case *c, int hour)
{
    char text[1024] = "sector";
    size_t n = strlen(text);
    for (int h = 1; h <= 24; h++) n += (size_t)snprintf(text + n, sizeof text - n, ",h%d", h);
    n += (size_t)snprintf(text + n, sizeof text - n, "\npower");
    for (int h = 1; h <= 24; h++) n += (size_t)snprintf(text + n, sizeof text - n, ",%d", h == hour ? 24 : 0);
    snprintf(text + n, sizeof text - n, "\n");
    emis_write(c, "hour.csv", text);
}

/* The first local hour of UTC+8 is 16:00-17:00 UTC of the day before, and no other. */
static void test_local_hour(void **state)
{
    emis_case *c = *state;
    write_points(c);
    write_hour(c, 1);
    emis_read_good(c, POINTS "  profiles: {hour: hour.csv}\n");
    bs_time day = bs_time_from_date(2015, 1, 10, 0, 0, 0);
    for (int h = 0; h < 24; h++) {
        assert_int_equal(emis_fill(c, day + h * 3600 + 1800), BS_OK);
        assert_true(c->rates->from == day + h * 3600 && c->rates->to == day + (h + 1) * 3600);
        assert_near(emis_sum(c, 0, -1), h == 16 ? 24.0 : 0.0, ROUND_REAL);
    }
    emis_read_good(c, POINTS "  profiles: {hour: hour.csv, utc_offset: 5.5 hours}\n");
    assert_int_equal(emis_fill(c, day + 18 * 3600), BS_OK); /* 23:30-00:30 and 00:30-01:30: half of it each */
    assert_near(emis_sum(c, 0, -1), 12.0, ROUND_REAL);
    assert_int_equal(emis_fill(c, day + 19 * 3600), BS_OK);
    assert_near(emis_sum(c, 0, -1), 12.0, ROUND_REAL);
}

/* Month and weekday are the local ones: Saturday 31 January 2015 17:00 UTC is Sunday 1 February in UTC+8. */
static void test_local_weekday_and_month(void **state)
{
    emis_case *c = *state;
    write_points(c);
    emis_write(c, "month.csv", MONTHS "power,0,12,0,0,0,0,0,0,0,0,0,0\n");
    emis_write(c, "weekday.csv", DAYS "power,0,0,0,0,0,0,7\n");
    emis_read_good(c, POINTS "  profiles: {month: month.csv, weekday: weekday.csv}\n");
    assert_int_equal(emis_fill(c, bs_time_from_date(2015, 1, 31, 15, 0, 0)), BS_OK);
    assert_near(emis_sum(c, 0, -1), 0.0, 0.0);
    assert_int_equal(emis_fill(c, bs_time_from_date(2015, 1, 31, 16, 0, 0)), BS_OK);
    assert_near(emis_sum(c, 0, -1), 84.0, ROUND_REAL);
    assert_int_equal(emis_fill(c, bs_time_from_date(2015, 2, 1, 16, 0, 0)), BS_OK);
    assert_near(emis_sum(c, 0, -1), 0.0, 0.0);
}

/* A part of a sector takes its sector's row, what has none the row 'default', and without that it is refused. */
static void test_parts_and_default(void **state)
{
    emis_case *c = *state;
    char path[256];
    const char *files[BS_PROFILE_KINDS] = {NULL, emis_path(c, "week.csv", path), NULL, NULL}, *used = NULL;
    bs_profiles *p = NULL;
    int row = 0;
    for (int with = 0; with < 2; with++) {
        char text[512];
        snprintf(text, sizeof text,
                 "sector,mon,tue,wed,thu,fri,sat,sun\nindustry,1,1,1,1,1,1,1\ncement,2,0,1,1,1,1,1\n%s",
                 with ? "default,0,2,1,1,1,1,1\n" : "");
        emis_write(c, "week.csv", text);
        assert_int_equal(bs_profiles_create(files, &p, &c->err), BS_OK);
        assert_int_equal(bs_profiles_find(p, BS_PROFILE_WEEKDAY, "cement", &row, &used, &c->err), BS_OK);
        assert_true(row == 1 && strcmp(used, "cement") == 0);
        assert_int_equal(bs_profiles_find(p, BS_PROFILE_WEEKDAY, "brick_kilns", &row, &used, &c->err), BS_OK);
        assert_true(row == 0 && strcmp(used, "industry") == 0);
        const bs_status other = bs_profiles_find(p, BS_PROFILE_WEEKDAY, "diesel_trucks", &row, &used, &c->err);
        assert_int_equal(other, with ? BS_OK : BS_ERR_INPUT);
        if (with) assert_true(row == 2 && strcmp(used, "default") == 0);
        if (!with)
            assert_non_null(strstr(c->err.text, "no row for sector 'diesel_trucks', which an inventory holds, nor for "
                                                "road; add one, or a row 'default'"));
        bs_profiles_destroy(p);
    }
}

#define COMMITTED BS_SOURCE_DIR "/configs/emissions/profiles_"

/* The committed tables: the mean over a year of month x weekday x hour is one but for the months' and weeks' lengths. */
static void test_committed_mean(void **state)
{
    (void)state;
    static const char *const SECTORS[] = {"power",           "industry",    "road",
                                          "other_transport", "residential", "other_domestic"};
    static const double CALENDAR = 5e-3;
    const char *files[BS_PROFILE_KINDS] = {COMMITTED "month.csv", COMMITTED "weekday.csv", COMMITTED "hour.csv",
                                           COMMITTED "height.csv"};
    bs_profiles *p = NULL;
    assert_int_equal(bs_profiles_create(files, &p, NULL), BS_OK);
    for (size_t s = 0; s < sizeof SECTORS / sizeof *SECTORS; s++) {
        int row[BS_PROFILE_KINDS];
        for (int k = 0; k < BS_PROFILE_KINDS; k++) {
            assert_int_equal(bs_profiles_find(p, (bs_profile_kind)k, SECTORS[s], &row[k], NULL, NULL), BS_OK);
            assert_true(row[k] >= 0);
        }
        double sum = 0;
        bs_time start = bs_time_from_date(2015, 1, 1, 0, 0, 0);
        for (int h = 0; h < 8760; h++) {
            bs_date d = bs_date_from_time(start + (bs_time)h * 3600);
            sum += bs_profiles_factor(p, BS_PROFILE_MONTH, row[0], d.month - 1) *
                   bs_profiles_factor(p, BS_PROFILE_WEEKDAY, row[1], d.weekday) *
                   bs_profiles_factor(p, BS_PROFILE_HOUR, row[2], d.hour);
        }
        assert_near(sum / 8760, 1.0, CALENDAR);
        int n = 0;
        double top = 0, fractions = 0;
        const bs_profile_band *band = bs_profiles_bands(p, row[BS_PROFILE_HEIGHT], &n, &top);
        for (int b = 0; b < n; b++) fractions += band[b].fraction;
        assert_near(fractions, 1.0, 1e-15 * n);
    }
    bs_profiles_destroy(p);
}

/* A mean of 1.0005 is within what printing costs, and is scaled away. */
static void test_scaled_to_one(void **state)
{
    emis_case *c = *state;
    write_points(c);
    emis_write(c, "weekday.csv", DAYS "power,1.0005,1.0005,1.0005,1.0005,1.0005,1.0005,1.0005\n");
    emis_read_good(c, POINTS "  profiles: {weekday: weekday.csv}\n");
    assert_int_equal(emis_fill(c, 0), BS_OK);
    assert_near(emis_sum(c, 0, -1), 1.0, ROUND_REAL);
}

static void bad(emis_case *c, const char *kind, const char *table, const char *word, const char *more)
{
    char text[256], file[64];
    snprintf(file, sizeof file, "%s.csv", kind);
    emis_write(c, file, table);
    snprintf(text, sizeof text, POINTS "  profiles: {%s: %s}\n", kind, file);
    emis_read_bad(c, text, file, word, more, NULL);
}

static void test_bad_tables(void **state)
{
    emis_case *c = *state;
    write_points(c);
    bad(c, "month", MONTHS "road,1,1,1,1,1,1,1,1,1,1,1,1\n", "no row for sector 'power'", "road");
    bad(c, "weekday", DAYS "road,1,1,1,1,1,1,1\n", "no row for sector 'power'", "road");
    bad(c, "hour", "sector,h1\nroad,1\n", "no column 'h2'", "");
    bad(c, "height", HEIGHTS "road,0,20,1\n", "no row for sector 'power'", "road");
    bad(c, "month", MONTHS "power,2,1,1,1,1,1,1,1,1,1,1,1\n",
        "month.csv:2: the 12 factors of sector 'power' have the mean 1.08333", "within 0.001");
    bad(c, "weekday", DAYS "power,-1,3,1,1,1,1,1\n", "weekday.csv:2: column 'mon'", "found -1");
    bad(c, "weekday", DAYS "power,1,1,1,1,1,1,1\npower,1,1,1,1,1,1,1\n",
        "weekday.csv:3: sector 'power' has a row already", "weekday.csv:2");
    bad(c, "weekday", DAYS "power,1,1,one,1,1,1,1\n", "weekday.csv:2: column 'wed'", "one");
    bad(c, "height", HEIGHTS "power,0,20,0.5\npower,20,40,0.4\n",
        "height.csv:2: the fractions of sector 'power' sum to 0.9", "within 0.001");
    bad(c, "height", HEIGHTS "power,20,20,1\n", "height.csv:2: a band from 20 to 20 m", "");
    bad(c, "height", HEIGHTS "power,0,20,-1\n", "height.csv:2: column 'fraction'", "negative");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, emis_setup, emis_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_parts_and_default), TEST(test_local_hour),    TEST(test_local_weekday_and_month),
        TEST(test_committed_mean),    TEST(test_scaled_to_one), TEST(test_bad_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
