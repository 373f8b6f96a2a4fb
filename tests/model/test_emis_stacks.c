/* Stacks: their emission goes to the layers of the plume in the weather of the hour; none is lost; bad stacks refused by line. */
#include "test_emis_case.h"

#include "kernels/column/plume_rise.h"

#define POINTS "  inventories:\n  - {name: plants, type: points, file: p.csv}\n"
#define HEADER "lon,lat,sector,species,value,unit,height,diameter,exit_temperature,exit_velocity\n"

enum { NZ = 30 };
#define THICK   40.0  /* m, each layer */
#define DENSITY 1.1   /* kg m-3 */
#define GROUND  285.0 /* K */

/* Weather that is the same in every column: wind (u, v) at the centres, temperature falling by `lapse` K m-1. */
static void weather(const bs_mesh *mesh, bs_met_state *s, double u, double v, double lapse, double nonlocal)
{
    const size_t nx = (size_t)mesh->nx, ny = (size_t)mesh->ny, cells = nx * ny;
    for (size_t n = 0; n < (NZ + 1) * cells; n++) s->z_half[n] = (real)(THICK * (double)(n / cells));
    for (size_t n = 0; n < NZ * cells; n++) {
        s->t[n] = (real)(GROUND - lapse * THICK * ((double)(n / cells) + 0.5));
        s->m[n] = DENSITY * THICK * mesh->area[n % cells];
    }
    for (size_t n = 0; n < NZ * (nx + 1) * ny; n++) { /* from face to face a little more and less */
        const double side = n % (nx + 1) % 2 ? 0.5 : -0.5;
        s->fx[n] = DENSITY * THICK * (u + side) * mesh->len_xf[n % ((nx + 1) * ny)];
    }
    for (size_t n = 0; n < NZ * nx * (ny + 1); n++) {
        const double side = n % (nx * (ny + 1)) / nx % 2 ? 0.5 : -0.5;
        s->fy[n] = DENSITY * THICK * (v + side) * mesh->len_yf[n % (nx * (ny + 1))];
    }
    for (size_t c = 0; c < cells; c++) {
        s->ustar[c] = (real)0.3;
        s->pblh[c] = (real)900;
        s->nonlocal[c] = (real)nonlocal;
    }
}

static void open_case(emis_case *c, const char *rows)
{
    emis_mesh_lambert(c);
    char text[4096];
    snprintf(text, sizeof text, HEADER "%s", rows);
    emis_write(c, "p.csv", text);
    emis_read_good(c, POINTS);
    emis_layers(c, NZ);
}

/* The kernel's answer for the weather above, from its numbers and not from the state. */
static void expected(const bs_stack *stack, double wind, double lapse, double nonlocal, double *fraction)
{
    double face[NZ + 1], t[NZ], u[NZ], n2[NZ];
    for (int k = 0; k <= NZ; k++) face[k] = THICK * k;
    for (int k = 0; k < NZ; k++) {
        t[k] = GROUND - lapse * THICK * (k + 0.5);
        u[k] = wind;
        n2[k] = BS_GRAVITY / t[k] * (BS_GRAVITY / BS_CP_DRY - lapse);
    }
    const bs_plume_column column = {
        .nz = NZ, .face = face, .temperature = t, .wind = u, .n2 = n2, .ustar = 0.3, .pbl = 900, .heat_flux = nonlocal};
    bs_plume plume;
    bs_plume_rise(&column, *stack, bs_plume_air_at(&column, stack->height), &plume);
    bs_plume_fractions(NZ, face, &plume, fraction);
}

/* SCIENCE: temperatures stored as float: 3e-5 K over two layers, some 1e-4 of N^2. */
#define TOLERANCE_SHARE 1e-3

static void test_layers_of_the_plume(void **state)
{
    emis_case *c = *state;
    open_case(c, "104.07,30.66,power,pm25,2,kg s-1,120,4,400,15\n");
    assert_true(emis_logged(c, "1 of 1 points with plume rise"));
    const bs_stack stack = {120, 4, 400, 15};
    const double lapse[] = {0.003, 0.0098, 0.012}, nonlocal[] = {0, 0, 0.4};
    int last = 0;
    for (int n = 0; n < 3; n++) {
        weather(c->mesh, c->met, 3, -4, lapse[n], nonlocal[n]);
        assert_int_equal(emis_fill(c, 0), BS_OK);
        double want[NZ];
        expected(&stack, 5, lapse[n], nonlocal[n], want);
        assert_near(emis_sum(c, 0, -1), 2, ROUND_REAL);
        int highest = 0;
        for (int k = 0; k < NZ; k++) {
            const double got = k < c->rates->n_layers ? emis_sum(c, 0, k) / 2 : 0;
            if (fabs(got - want[k]) > TOLERANCE_SHARE) fail_msg("air %d layer %d: %g, not %g", n, k, got, want[k]);
            if (want[k] > TOLERANCE_SHARE) highest = k;
        }
        print_message("lapse %g K/m: plume up to layer %d of %d that emit\n", lapse[n], highest, c->rates->n_layers);
        assert_true(highest > 3 && c->rates->n_layers >= highest + 1 && c->rates->n_layers < NZ);
        assert_true(n != 1 || highest > last); /* stable air holds it down */
        last = highest;
    }
}

/* Between the ends of an interval the weather of the hour's middle counts. */
static void test_weather_of_the_hour(void **state)
{
    emis_case *c = *state;
    open_case(c, "104.07,30.66,power,pm25,2,kg s-1,120,4,400,15\n");
    bs_met_state *next = NULL;
    assert_int_equal(bs_met_state_create(c->mesh->nx, c->mesh->ny, NZ, 1, &next, &c->err), BS_OK);
    weather(c->mesh, c->met, 2, 0, 0.004, 0);
    weather(c->mesh, next, 10, 0, 0.008, 0);
    assert_int_equal(bs_emission_rates_create(c->emission, NZ, &c->rates, &c->err), BS_OK);
    const bs_forcing forcing = {.end = {c->met, next}, .t0 = 0, .t1 = 4 * 3600};
    for (int hour = 0; hour < 4; hour++) {
        assert_int_equal(bs_emission_fill(c->emission, hour * 3600 + 600, &forcing, c->rates, &c->err), BS_OK);
        const double later = (hour + 0.5) / 4;
        double want[NZ];
        expected(&(bs_stack){120, 4, 400, 15}, 2 + 8 * later, 0.004 + 0.004 * later, 0, want);
        for (int k = 0; k < c->rates->n_layers; k++) {
            if (fabs(emis_sum(c, 0, k) / 2 - want[k]) > TOLERANCE_SHARE)
                fail_msg("hour %d layer %d: %g, not %g", hour, k, emis_sum(c, 0, k) / 2, want[k]);
        }
    }
    bs_met_state_destroy(next);
}

/* Stacks, points without rise and points without a height in one table; tags get what their total gets. */
static void test_nothing_is_lost(void **state)
{
    emis_case *c = *state;
    emis_mesh_lambert(c);
    emis_write(c, "p.csv",
               HEADER "104.07,30.66,power,pm25,2,kg s-1,120,4,400,15\n"
                      "104.07,30.66,power,pm25,1,kg s-1,180,6,420,20\n"
                      "104.07,30.66,kiln,pm25,4,kg s-1,30,,,\n"
                      "106.55,29.56,kiln,pm25,8,kg s-1,45,1.5,350,0\n"
                      "106.55,29.56,kiln,pm25,16,kg s-1,,,,\n"
                      "104.07,30.66,power,SO2,32,kg s-1,120,4,400,15\n");
    emis_read_good(c, "  sectors: [power, kiln]\n" POINTS);
    emis_layers(c, NZ);
    weather(c->mesh, c->met, 6, 2, 0.0065, 0);
    assert_int_equal(emis_fill(c, 0), BS_OK);
    assert_near(emis_sum(c, 0, -1), 31, ROUND_REAL);
    assert_near(emis_sum(c, 1, -1), 3, ROUND_REAL);
    assert_near(emis_sum(c, 2, -1), 28, ROUND_REAL);
    assert_near(emis_sum(c, 2, 0), 20, ROUND_REAL); /* 30 m, and no height */
    assert_near(emis_sum(c, 2, 1), 8, ROUND_REAL);  /* no velocity: no rise */
    const size_t n = (size_t)c->rates->n_layers * (size_t)(c->mesh->nx * c->mesh->ny);
    for (size_t at = 0; at < n; at++)
        assert_near((double)c->rates->rate[at], (double)c->rates->rate[n + at] + (double)c->rates->rate[2 * n + at],
                    ROUND_REAL);
}

static void test_plume_above_the_top(void **state)
{
    emis_case *c = *state;
    open_case(c, "104.07,30.66,power,pm25,2,kg s-1,400,12,600,40\n");
    weather(c->mesh, c->met, 1, 0, 0.0098, 0);
    assert_int_equal(emis_fill(c, 0), BS_ERR_INPUT);
    assert_non_null(strstr(c->err.text, "the plume of a stack of 400 m in cell (j="));
    assert_non_null(strstr(c->err.text, "above the model's top at 1200 m; raise the top"));
}

static void bad_row(emis_case *c, const char *row, const char *words)
{
    char table[512];
    snprintf(table, sizeof table, HEADER "104,30,power,pm25,1,kg s-1,%s\n", row);
    emis_write(c, "p.csv", table);
    emis_read_bad(c, POINTS, "p.csv:2: column '", words, NULL);
}

static void test_bad_stacks(void **state)
{
    emis_case *c = *state;
    emis_mesh_lambert(c);
    bad_row(c, "120,4,,15", "'exit_temperature' is empty: plume rise needs height, diameter");
    bad_row(c, "120,,400,15", "'diameter' is empty");
    bad_row(c, ",4,400,15", "'height' is empty");
    bad_row(c, "120,4,120,15", "'exit_temperature': found 120, expected 230 to 2000 K");
    bad_row(c, "120,0,400,15", "'diameter': found 0, expected 0.05 to 50 m");
    bad_row(c, "120,4,400,-1", "'exit_velocity': found -1, expected 0 to 150 m s-1");
    bad_row(c, "120,4,hot,15", "'exit_temperature': found 'hot', expected a number");
    emis_write(c, "p.csv", "lon,lat,sector,species,value,unit,height,diameter\n104,30,power,pm25,1,kg s-1,120,4\n");
    emis_read_bad(c, POINTS, "no column 'exit_temperature'", NULL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, emis_setup, emis_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_layers_of_the_plume), TEST(test_weather_of_the_hour), TEST(test_nothing_is_lost),
        TEST(test_plume_above_the_top), TEST(test_bad_stacks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
