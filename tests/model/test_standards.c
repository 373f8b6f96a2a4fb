/* The standards for PM2.5: every breakpoint and rounding edge of both editions, classes, limits, and the triggers of alerts. */
#include "tests/model/config_support.h"

#include <stdbool.h>

#include "model/diag/standards.h"

/* ---- limits ---- */

static void limits_are_those_of_the_standards(void **state)
{
    (void)state;
    static const struct {
        bs_edition edition;
        bs_phase phase;
        bs_grade grade;
        double annual, day;
    } EXPECTED[] = {
        {BS_EDITION_2012, BS_PHASE_TRANSITION, BS_GRADE_I, 15, 35},
        {BS_EDITION_2012, BS_PHASE_TRANSITION, BS_GRADE_II, 35, 75},
        {BS_EDITION_2012, BS_PHASE_FINAL, BS_GRADE_I, 15, 35},
        {BS_EDITION_2012, BS_PHASE_FINAL, BS_GRADE_II, 35, 75},
        {BS_EDITION_2026, BS_PHASE_TRANSITION, BS_GRADE_I, 15, 35},
        {BS_EDITION_2026, BS_PHASE_TRANSITION, BS_GRADE_II, 30, 60},
        {BS_EDITION_2026, BS_PHASE_FINAL, BS_GRADE_I, 10, 25},
        {BS_EDITION_2026, BS_PHASE_FINAL, BS_GRADE_II, 25, 50},
    };
    for (size_t n = 0; n < sizeof EXPECTED / sizeof *EXPECTED; n++) {
        const bs_standard *s = bs_standard_find(EXPECTED[n].edition, EXPECTED[n].phase, EXPECTED[n].grade);
        assert_non_null(s);
        assert_true(s->annual == EXPECTED[n].annual && s->day == EXPECTED[n].day);
        assert_true(strstr(s->name, s->grade == BS_GRADE_I ? "grade I" : "grade II") != NULL);
    }
    assert_string_equal(bs_index_name(BS_EDITION_2012), "HJ 633-2012");
    assert_string_equal(bs_index_name(BS_EDITION_2026), "HJ 633-2026");
}

/* ---- rounding ---- */

static void halves_go_to_even(void **state)
{
    (void)state;
    static const struct {
        double c;
        int whole;
    } EDGE[] = {{0, 0},       {0.4, 0},     {0.5, 0},     {0.5000001, 1}, {1.5, 2},   {2.5, 2},
                {34.4, 34},   {34.5, 34},   {34.51, 35},  {35.4, 35},     {35.5, 36}, {36.5, 36},
                {59.5, 60},   {60.5, 60},   {60.6, 61},   {74.5, 74},     {75.5, 76}, {115.5, 116},
                {150.5, 150}, {250.5, 250}, {499.5, 500}, {-0.3, 0},      {-0.5, 0}};
    for (size_t n = 0; n < sizeof EDGE / sizeof *EDGE; n++) {
        if (bs_pm25_round(EDGE[n].c) != EDGE[n].whole)
            fail_msg("%g: %d, expected %d", EDGE[n].c, bs_pm25_round(EDGE[n].c), EDGE[n].whole);
    }
}

/* ---- index ---- */

typedef struct point {
    double c;
    int of_2012, of_2026;
} point;

/* At, just below and just above each breakpoint of either edition. Worked out by hand: index_low + (index_high - index_low) (c - c_low) /
 * (c_high - c_low), c in whole numbers, carried up. */
static const point POINT[] = {
    {0, 0, 0},         {0.5, 0, 0},       {0.6, 2, 2},       {1, 2, 2},       {7, 10, 10},       {34, 49, 49},
    {34.4, 49, 49},    {34.5, 49, 49},    {34.6, 50, 50},    {35, 50, 50},    {35.4, 50, 50},    {35.5, 52, 52},
    {36, 52, 52},      {37, 53, 54},      {59, 80, 98},      {59.4, 80, 98},  {59.5, 82, 100},   {60, 82, 100},
    {60.5, 82, 100},   {60.6, 83, 101},   {61, 83, 101},     {74, 99, 113},   {74.5, 99, 113},   {74.6, 100, 114},
    {75, 100, 114},    {75.4, 100, 114},  {75.5, 102, 115},  {76, 102, 115},  {114, 149, 150},   {114.5, 149, 150},
    {115, 150, 150},   {115.4, 150, 150}, {115.5, 152, 152}, {116, 152, 152}, {149, 199, 199},   {149.5, 200, 200},
    {150, 200, 200},   {150.5, 200, 200}, {150.6, 201, 201}, {151, 201, 201}, {249, 299, 299},   {250, 300, 300},
    {250.5, 300, 300}, {251, 301, 301},   {349, 399, 399},   {350, 400, 400}, {350.5, 400, 400}, {351, 401, 401},
    {499, 500, 500},   {498, 499, 499},   {500, 500, 500},   {501, 500, 500}, {900, 500, 500},
};

static void index_at_and_beside_every_breakpoint(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof POINT / sizeof *POINT; n++) {
        const int a = bs_pm25_iaqi(BS_EDITION_2012, POINT[n].c), b = bs_pm25_iaqi(BS_EDITION_2026, POINT[n].c);
        if (a != POINT[n].of_2012) fail_msg("2012: %g: %d, expected %d", POINT[n].c, a, POINT[n].of_2012);
        if (b != POINT[n].of_2026) fail_msg("2026: %g: %d, expected %d", POINT[n].c, b, POINT[n].of_2026);
    }
}

/* Between breakpoints, with integers alone: the index is the least whole number not below the straight line. */
static void index_is_the_line_carried_up(void **state)
{
    (void)state;
    static const int C[2][8] = {{0, 35, 75, 115, 150, 250, 350, 500}, {0, 35, 60, 115, 150, 250, 350, 500}};
    static const int I[8] = {0, 50, 100, 150, 200, 300, 400, 500};
    for (int e = 0; e < BS_EDITION_COUNT; e++)
        for (int c = 1; c <= 500; c++) {
            int k = 1;
            while (c > C[e][k]) k++;
            const int got = bs_pm25_iaqi((bs_edition)e, c), span = C[e][k] - C[e][k - 1];
            const int line = (I[k] - I[k - 1]) * (c - C[e][k - 1]) + I[k - 1] * span; /* times span */
            assert_true(got * span >= line && (got - 1) * span < line);
        }
}

static void index_never_falls(void **state)
{
    (void)state;
    for (int e = 0; e < BS_EDITION_COUNT; e++) {
        int before = 0;
        for (int k = 0; k <= 60000; k++) {
            const int now = bs_pm25_iaqi((bs_edition)e, k * 0.01);
            assert_true(now >= before && now <= BS_INDEX_MAX);
            before = now;
        }
    }
}

/* The n-th field of a plain line, as a number; false when it is none. */
static bool field(const char *line, int n, double *value)
{
    char *end;
    for (; n > 0 && line; n--) line = strchr(line, ',') ? strchr(line, ',') + 1 : NULL;
    if (!line) return false;
    *value = strtod(line, &end);
    return end > line && *end == ',';
}

/* Published hourly values of stations of the region (whole concentrations; edition 2012; the hourly index has the daily breakpoints): where
 * PM2.5 alone decides the index, ours is the published one. Rows with quotes name several pollutants and run over lines. */
static void index_is_what_stations_published(void **state)
{
    (void)state;
    enum { INDEX = 3, PM25 = 6 };
    char line[512];
    int compared = 0;
    FILE *file = fopen(BS_SHARED_DIR "/data/observations/hourly_202004.csv", "r");
    if (!file) skip();
    while (fgets(line, sizeof line, file)) {
        double published, c;
        if (strchr(line, '"') || !strstr(line, "(PM2.5)")) continue;
        if (!field(line, INDEX, &published) || !field(line, PM25, &c)) continue;
        if (bs_pm25_iaqi(BS_EDITION_2012, c) != (int)published)
            fail_msg("%s%g gives %d", line, c, bs_pm25_iaqi(BS_EDITION_2012, c));
        compared++;
    }
    fclose(file);
    assert_true(compared > 2000);
}

/* ---- classes ---- */

static void classes_change_above_their_highest_index(void **state)
{
    (void)state;
    static const struct {
        int index;
        bs_air_class air;
        const char *name;
    } EDGE[] = {
        {0, BS_AIR_EXCELLENT, "优"},        {50, BS_AIR_EXCELLENT, "优"},       {51, BS_AIR_GOOD, "良"},
        {100, BS_AIR_GOOD, "良"},           {101, BS_AIR_LIGHT, "轻度污染"},    {150, BS_AIR_LIGHT, "轻度污染"},
        {151, BS_AIR_MODERATE, "中度污染"}, {200, BS_AIR_MODERATE, "中度污染"}, {201, BS_AIR_HEAVY, "重度污染"},
        {300, BS_AIR_HEAVY, "重度污染"},    {301, BS_AIR_SEVERE, "严重污染"},   {500, BS_AIR_SEVERE, "严重污染"}};
    for (size_t n = 0; n < sizeof EDGE / sizeof *EDGE; n++) {
        assert_int_equal(bs_air_class_of(EDGE[n].index), EDGE[n].air);
        assert_string_equal(bs_air_class_info(EDGE[n].air)->name_zh, EDGE[n].name);
    }
}

/* ---- alerts ---- */

enum { DAYS_MAX = 8 };

/* "y" yellow, "o" orange, "r" red, "." none, a letter a day; a negative index is a day that is missing. */
static void assert_alerts(int n, const int *index, const char *expected)
{
    long day[DAYS_MAX] = {0};
    int there[DAYS_MAX] = {0}, m = 0;
    bs_alert level[DAYS_MAX];
    char got[DAYS_MAX + 1] = "";
    for (int k = 0; k < n; k++) {
        if (index[k] < 0) continue;
        day[m] = 16000 + k;
        there[m++] = index[k];
    }
    bs_alert_days(m, day, there, level);
    for (int k = 0; k < m; k++) got[k] = ".yor"[level[k]];
    got[m] = '\0';
    assert_string_equal(got, expected);
}
#define ALERTS(expected, ...)                                                                                          \
    assert_alerts((int)(sizeof(int[]){__VA_ARGS__} / sizeof(int)), (int[]){__VA_ARGS__}, expected)

static void alerts_of_made_up_days(void **state)
{
    (void)state;
    ALERTS("", -1);
    ALERTS(".....", 150, 150, 150, 150, 150); /* above 150, not at it */
    ALERTS(".", 200);
    ALERTS("y", 201);
    ALERTS(".", 199);
    ALERTS("yy", 151, 151);       /* above 150 for 48 h */
    ALERTS(".", 151);             /* 24 h are too short */
    ALERTS("...", 151, 150, 151); /* not running */
    ALERTS("ooo", 151, 151, 151); /* 72 h */
    ALERTS("oo", 201, 201);       /* above 200 for 48 h */
    ALERTS("ooo", 201, 201, 201); /* red needs a day above 300 */
    ALERTS("rrr", 201, 301, 201);
    ALERTS("ooo", 201, 300, 201); /* not at 300 */
    ALERTS("oo", 301, 301);       /* and 72 h */
    ALERTS("orrr.", 160, 210, 310, 220, 100);
    ALERTS("y.y", 201, 140, 201);
    ALERTS("yy", 160, 210);             /* 48 h above 150, one day above 200 */
    ALERTS("oooo", 160, 210, 210, 170); /* 72 h above 150 cover all four */
    ALERTS("rrrr", 210, 210, 310, 500);
    ALERTS("ooo.", 301, 201, 151, 100);
}

static void a_missing_day_breaks_a_row(void **state)
{
    (void)state;
    ALERTS("..", 151, -1, 151);
    ALERTS("yy", 201, -1, 201);
    ALERTS("oooo", 301, 201, -1, 201, 201); /* no three in a row */
    ALERTS("yyoo", 160, 160, -1, 201, 201);
}

static void alerts_name_their_cuts(void **state)
{
    (void)state;
    assert_string_equal(bs_alert_info(BS_ALERT_YELLOW)->name_zh, "黄色");
    assert_true(bs_alert_info(BS_ALERT_YELLOW)->cut == 10 && bs_alert_info(BS_ALERT_ORANGE)->cut == 20 &&
                bs_alert_info(BS_ALERT_RED)->cut == 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_are_those_of_the_standards),
        cmocka_unit_test(halves_go_to_even),
        cmocka_unit_test(index_at_and_beside_every_breakpoint),
        cmocka_unit_test(index_is_the_line_carried_up),
        cmocka_unit_test(index_never_falls),
        cmocka_unit_test(index_is_what_stations_published),
        cmocka_unit_test(classes_change_above_their_highest_index),
        cmocka_unit_test(alerts_of_made_up_days),
        cmocka_unit_test(a_missing_day_breaks_a_row),
        cmocka_unit_test(alerts_name_their_cuts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
