/* Mass-consistent correction: column convergence equals the tendency of column mass at every time of an interval. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "model/met/correct.h"

static const double CLOSED =
    1e-12; /* column residual over the largest horizontal column throughput: sums of nz fluxes */
static const double ROUND = 1e-13;  /* a few dozen terms of one sign */
static const double SCIENCE = 0.05; /* m s-1: map factors and the mesh's metrics alone must not ask for more wind */
static const double SECONDS = 3600.0;

enum { NX = 40, NY = 32, NZ = 12 };

typedef struct world {
    bs_mesh *mesh;
    bs_met_state *s0, *s1;
    bs_forcing *forcing;
    bs_corrector *corrector;
} world;

static double noise(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (double)(*state >> 11) / 4503599627370496.0 - 1.0;
}

typedef struct weather {
    double u, v;     /* m s-1 */
    double gusts;    /* m s-1, of every face on its own */
    double ps_mean;  /* Pa */
    double ps_noise; /* Pa, of every column on its own */
    double hills;    /* Pa of surface pressure taken by terrain */
    uint64_t seed;
} weather;

/* Sigma layers of equal mass; fluxes from the mean mass of the cells on both sides, as a source's winds would give. */
static void fill_state(const bs_mesh *mesh, const weather *w, bs_met_state *s)
{
    uint64_t seed = w->seed;
    double per_area[NY][NX];
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) {
            double ps = w->ps_mean + w->ps_noise * noise(&seed) - w->hills * (1.0 + sin(0.7 * i) * cos(0.5 * j));
            per_area[j][i] = (ps - 10000.0) / NZ / BS_GRAVITY;
        }
    for (int k = 0; k < NZ; k++) {
        for (int j = 0; j < NY; j++)
            for (int i = 0; i < NX; i++) s->m[(k * NY + j) * NX + i] = per_area[j][i] * mesh->area[j * NX + i];
        for (int j = 0; j < NY; j++)
            for (int i = 0; i <= NX; i++) {
                double mass = 0.5 * (per_area[j][i > 0 ? i - 1 : 0] + per_area[j][i < NX ? i : NX - 1]);
                s->fx[(k * NY + j) * (NX + 1) + i] =
                    mass * mesh->len_xf[j * (NX + 1) + i] * (w->u + w->gusts * noise(&seed));
            }
        for (int j = 0; j <= NY; j++)
            for (int i = 0; i < NX; i++) {
                double mass = 0.5 * (per_area[j > 0 ? j - 1 : 0][i] + per_area[j < NY ? j : NY - 1][i]);
                s->fy[(k * (NY + 1) + j) * NX + i] = mass * mesh->len_yf[j * NX + i] * (w->v + w->gusts * noise(&seed));
            }
    }
}

static world world_make(const char *projection, double dx, double x0, double y0, const weather *w0, const weather *w1)
{
    world w = {0};
    bs_err err;
    const bs_mesh_spec spec = {.projection = projection, .nx = NX, .ny = NY, .dx = dx, .dy = dx, .x0 = x0, .y0 = y0};
    assert_int_equal(bs_mesh_create(&spec, &w.mesh, &err), BS_OK);
    assert_int_equal(bs_met_state_create(NX, NY, NZ, 1, &w.s0, &err), BS_OK);
    assert_int_equal(bs_met_state_create(NX, NY, NZ, 1, &w.s1, &err), BS_OK);
    assert_int_equal(bs_forcing_create(NX, NY, NZ, &w.forcing, &err), BS_OK);
    assert_int_equal(bs_corrector_create(w.mesh, NULL, NZ, &w.corrector, &err), BS_OK);
    fill_state(w.mesh, w0, w.s0);
    fill_state(w.mesh, w1, w.s1);
    return w;
}

static world lambert(const weather *w0, const weather *w1)
{
    return world_make("+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000", 9000.0, -0.5 * NX * 9000.0,
                      -0.5 * NY * 9000.0, w0, w1);
}

static void world_free(world *w)
{
    bs_corrector_destroy(w->corrector);
    bs_forcing_destroy(w->forcing);
    bs_met_state_destroy(w->s0);
    bs_met_state_destroy(w->s1);
    bs_mesh_destroy(w->mesh);
}

static void correct(world *w, const bs_met_state *s0, const bs_met_state *s1)
{
    bs_err err = {0};
    bs_status st = bs_correct_solve(w->corrector, s0, s1, SECONDS, &err);
    if (st != BS_OK) print_error("%s\n", err.text);
    assert_int_equal(st, BS_OK);
    bs_correct_apply(w->corrector, s0, s1, w->forcing->fx, w->forcing->fy);
}

/* Largest horizontal flux of a column, its layers' sizes summed: what CLOSED is relative to. */
static double throughput(const world *w)
{
    double most = 0.0;
    for (int e = 0; e < 2; e++) {
        for (int f = 0; f < (NX + 1) * NY; f++) {
            double sum = 0.0;
            for (int k = 0; k < NZ; k++) sum += fabs(w->forcing->fx[e][k * (NX + 1) * NY + f]);
            most = fmax(most, sum);
        }
        for (int f = 0; f < NX * (NY + 1); f++) {
            double sum = 0.0;
            for (int k = 0; k < NZ; k++) sum += fabs(w->forcing->fy[e][k * NX * (NY + 1) + f]);
            most = fmax(most, sum);
        }
    }
    return most;
}

/* Largest flux through the model's top at share s of the interval, from continuity, layer by layer from the ground. */
static double top_flux(const world *w, const bs_met_state *s0, const bs_met_state *s1, double s)
{
    double most = 0.0;
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) {
            double fz = 0.0;
            for (int k = 0; k < NZ; k++) {
                const int c = (k * NY + j) * NX + i;
                const int x = (k * NY + j) * (NX + 1) + i, y = (k * (NY + 1) + j) * NX + i;
                double *const *fx = w->forcing->fx, *const *fy = w->forcing->fy;
                double east = (1 - s) * fx[0][x + 1] + s * fx[1][x + 1], west = (1 - s) * fx[0][x] + s * fx[1][x];
                double north = (1 - s) * fy[0][y + NX] + s * fy[1][y + NX], south = (1 - s) * fy[0][y] + s * fy[1][y];
                fz -= (s1->m[c] - s0->m[c]) / SECONDS + (east - west) + (north - south);
            }
            most = fmax(most, fabs(fz));
        }
    return most;
}

static const weather STORM = {.u = 8, .v = -5, .gusts = 6, .ps_mean = 95000, .ps_noise = 150, .hills = 9000, .seed = 1};
static const weather LATER = {.u = 9, .v = -3, .gusts = 6, .ps_mean = 94900, .ps_noise = 150, .hills = 9000, .seed = 2};

static void continuity_holds_at_all_times(void **state)
{
    (void)state;
    world w = lambert(&STORM, &LATER);
    memcpy(w.forcing->fx[0], w.s0->fx, sizeof(double) * NZ * NY * (NX + 1)); /* without correction it is far off */
    memcpy(w.forcing->fx[1], w.s1->fx, sizeof(double) * NZ * NY * (NX + 1));
    memcpy(w.forcing->fy[0], w.s0->fy, sizeof(double) * NZ * (NY + 1) * NX);
    memcpy(w.forcing->fy[1], w.s1->fy, sizeof(double) * NZ * (NY + 1) * NX);
    assert_true(top_flux(&w, w.s0, w.s1, 0.0) > 1e-3 * throughput(&w));
    correct(&w, w.s0, w.s1);
    const double scale = throughput(&w);
    for (int s = 0; s <= 8; s++) {
        const double top = top_flux(&w, w.s0, w.s1, s / 8.0);
        if (s % 4 == 0) print_message("top flux / throughput at %g: %.1e\n", s / 8.0, top / scale);
        assert_true(top <= CLOSED * scale);
    }
    world_free(&w);
}

static void steady_weather_has_equal_ends(void **state)
{
    (void)state;
    world w = lambert(&STORM, &LATER);
    correct(&w, w.s0, w.s0);
    assert_true(top_flux(&w, w.s0, w.s0, 0.5) <= CLOSED * throughput(&w));
    assert_memory_equal(w.forcing->fx[0], w.forcing->fx[1], sizeof(double) * NZ * NY * (NX + 1));
    assert_memory_equal(w.forcing->fy[0], w.forcing->fy[1], sizeof(double) * NZ * (NY + 1) * NX);
    world_free(&w);
}

/* A uniform wind over flat ground is free of divergence but for the map: next to nothing is taken off. */
static void uniform_wind_needs_little(void **state)
{
    (void)state;
    const weather calm = {.u = 6, .v = 4, .ps_mean = 100000, .seed = 1};
    world w = lambert(&calm, &calm);
    correct(&w, w.s0, w.s1);
    print_message("uniform wind, Lambert: correction %.1e (p99), %.1e m s-1 (largest)\n", w.corrector->p99,
                  w.corrector->max);
    assert_true(w.corrector->max < SCIENCE);
    assert_true(w.corrector->p99 <= w.corrector->max);
    world_free(&w);
    w = world_make("+proj=longlat +R=6370000", 0.1, 102.0, 28.0, &calm, &calm);
    correct(&w, w.s0, w.s1);
    assert_true(top_flux(&w, w.s0, w.s1, 1.0) <= CLOSED * throughput(&w));
    world_free(&w);
}

/* A zonal wind on a longitude-latitude mesh over flat ground has no divergence at all, and so no correction. */
static void balanced_flow_is_left_alone(void **state)
{
    (void)state;
    const weather zonal = {.u = 6, .ps_mean = 100000, .seed = 1};
    world w = world_make("+proj=longlat +R=6370000", 0.1, 102.0, 28.0, &zonal, &zonal);
    correct(&w, w.s0, w.s1);
    assert_true(w.corrector->max < 1e-9); /* m s-1: rounding of lengths and areas */
    world_free(&w);
}

/* What is taken off adds up to G, and is shared out by layer mass. */
static void layers_share_the_column_flux(void **state)
{
    (void)state;
    world w = lambert(&STORM, &LATER);
    for (int k = 0; k < NZ; k++) /* thin layers below */
        for (int c = 0; c < NX * NY; c++) {
            w.s0->m[k * NX * NY + c] *= 0.2 + 0.1 * k;
            w.s1->m[k * NX * NY + c] *= 0.2 + 0.1 * k;
        }
    correct(&w, w.s0, w.s1);
    for (int axis = 0; axis < 2; axis++) {
        const int size = axis ? NX * (NY + 1) : (NX + 1) * NY;
        const double *g = axis ? w.corrector->gy[1] : w.corrector->gx[1], *whole = axis ? w.s1->fy : w.s1->fx,
                     *left = axis ? w.forcing->fy[1] : w.forcing->fx[1];
        for (int f = 0; f < size; f++) {
            double sum = 0.0, scale = fabs(g[f]), part[NZ];
            for (int k = 0; k < NZ; k++) {
                part[k] = whole[k * size + f] - left[k * size + f];
                sum += part[k];
                scale += fabs(whole[k * size + f]);
            }
            assert_true(fabs(sum - g[f]) <= ROUND * scale);
            for (int k = 1; k < NZ; k++) /* layer k has (2 + k) / 2 times the mass of the lowest */
                assert_true(fabs(part[k] - part[0] * (2.0 + k) / 2.0) <= ROUND * scale);
        }
    }
    world_free(&w);
}

/* One column blows out of all four sides: G points out of it, and is taken off its faces. */
static void sign_is_as_said(void **state)
{
    (void)state;
    const weather still = {.ps_mean = 100000, .seed = 1};
    world w = lambert(&still, &still);
    const int j = 15, i = 20;
    for (int k = 0; k < NZ; k++) {
        w.s0->fx[(k * NY + j) * (NX + 1) + i] = -1e6;
        w.s0->fx[(k * NY + j) * (NX + 1) + i + 1] = 1e6;
    }
    correct(&w, w.s0, w.s0);
    assert_true(w.corrector->gx[0][j * (NX + 1) + i] < 0.0);
    assert_true(w.corrector->gx[0][j * (NX + 1) + i + 1] > 0.0);
    assert_true(w.corrector->gy[0][j * NX + i] < 0.0);
    assert_true(w.corrector->gy[0][(j + 1) * NX + i] > 0.0);
    world_free(&w);
}

/* Restarts and runs from a file begin in the middle: nothing of earlier intervals may remain. */
static void depends_on_the_two_states_alone(void **state)
{
    (void)state;
    const size_t size = sizeof(double) * NZ * NY * (NX + 1);
    world w = lambert(&STORM, &LATER);
    double *first = malloc(size);
    assert_non_null(first);
    correct(&w, w.s0, w.s1);
    memcpy(first, w.forcing->fx[1], size);
    correct(&w, w.s1, w.s0);
    assert_memory_not_equal(first, w.forcing->fx[1], size);
    correct(&w, w.s0, w.s1);
    assert_memory_equal(first, w.forcing->fx[1], size);
    free(first);
    world_free(&w);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The 99th percentile of all faces' correction winds at one end, from the column mass at the faces. */
static double percentile(const world *w, int e, double *largest)
{
    enum { X = (NX + 1) * NY, ALL = X + NX * (NY + 1) };
    const bs_corrector *c = w->corrector;
    double *wind = malloc(ALL * sizeof *wind);
    assert_non_null(wind);
    for (int f = 0; f < ALL; f++)
        wind[f] = f < X ? fabs(c->gx[e][f]) / (c->mass_xf[f] * w->mesh->len_xf[f])
                        : fabs(c->gy[e][f - X]) / (c->mass_yf[f - X] * w->mesh->len_yf[f - X]);
    qsort(wind, ALL, sizeof *wind, ascending);
    const double p99 = wind[(ALL - 1) * 99 / 100];
    *largest = fmax(*largest, wind[ALL - 1]);
    free(wind);
    return p99;
}

/* The largest of the intervals' percentiles, whether the winds rise or fall from one to the next. */
static void statistics_are_of_all_winds(void **state)
{
    (void)state;
    weather now = STORM, then = LATER;
    const double gusts[] = {3, 6, 2, 9, 8.5};
    double p99 = 0, largest = 0;
    world w = lambert(&now, &then);
    for (size_t n = 0; n < sizeof gusts / sizeof *gusts; n++) {
        now.gusts = then.gusts = gusts[n];
        fill_state(w.mesh, &now, w.s0);
        fill_state(w.mesh, &then, w.s1);
        correct(&w, w.s0, w.s1);
        for (int e = 0; e < 2; e++) p99 = fmax(p99, percentile(&w, e, &largest));
        assert_true(w.corrector->p99 == p99 && w.corrector->max == largest);
    }
    world_free(&w);
}

/* The wind that is taken off layer k at an end, of all faces: its 99th percentile. */
static double percentile_of_layer(const world *w, const bs_met_state *s, int e, int k)
{
    enum { X = (NX + 1) * NY, ALL = X + NX * (NY + 1) };
    const double *area = w->mesh->area, *m0 = w->s0->m + k * NX * NY, *m1 = w->s1->m + k * NX * NY;
    double *wind = malloc(ALL * sizeof *wind);
    assert_non_null(wind);
    for (int f = 0; f < ALL; f++) {
        const bool x = f < X;
        const int g = x ? f : f - X, i = x ? g % (NX + 1) : g % NX, j = x ? g / (NX + 1) : g / NX;
        const int here = (j < NY ? j : NY - 1) * NX + (i < NX ? i : NX - 1);
        const int before = x ? here - (i > 0 && i < NX) : here - NX * (j > 0 && j < NY);
        const double mass = 0.25 * ((m0[here] + m1[here]) / area[here] + (m0[before] + m1[before]) / area[before]);
        const double off = x ? s->fx[k * X + g] - w->forcing->fx[e][k * X + g]
                             : s->fy[k * (ALL - X) + g] - w->forcing->fy[e][k * (ALL - X) + g];
        wind[f] = fabs(off) / (mass * (x ? w->mesh->len_xf[g] : w->mesh->len_yf[g]));
    }
    qsort(wind, ALL, sizeof *wind, ascending);
    const double p99 = wind[(ALL - 1) * 99 / 100];
    free(wind);
    return p99;
}

/* Heights of layers of equal mass, about 600 m thick below. */
static void give_heights(bs_met_state *s, double thickness)
{
    for (int k = 0; k <= NZ; k++)
        for (int c = 0; c < NX * NY; c++) s->z_half[k * NX * NY + c] = (real)(thickness * k);
}

/* By height there is one correction, as said; its bands hold all layers once, and the wind it is taken off. */
static void bands_tell_the_correction_by_height(void **state)
{
    (void)state;
    world w = lambert(&STORM, &LATER);
    w.s0->time = bs_time_from_date(2015, 1, 10, 6, 0, 0);
    w.s1->time = w.s0->time + 3600;
    give_heights(w.s0, 600);
    give_heights(w.s1, 600);
    correct(&w, w.s0, w.s1);
    double largest = 0, p99[2];
    for (int e = 0; e < 2; e++) p99[e] = percentile(&w, e, &largest);
    assert_true(w.corrector->worst == (p99[1] > p99[0] ? w.s1->time : w.s0->time));
    for (int e = 0; e < 2; e++)
        for (int k = 0; k < NZ; k++) /* ROUND: fluxes of 1e9 kg s-1 less parts of 1e8 */
            assert_true(fabs(percentile_of_layer(&w, e ? w.s1 : w.s0, e, k) / p99[e] - 1) < 1e-10);
    bs_correction_band band[BS_CORRECTION_BANDS];
    bs_correct_bands(w.corrector, band);
    const int layers[BS_CORRECTION_BANDS] = {1, 1, 1, 2, 7}; /* middles at 300, 900, 1500, 2100, 2700, 3300 ... */
    int all = 0;
    for (int b = 0; b < BS_CORRECTION_BANDS; b++) {
        assert_int_equal(band[b].layers, layers[b]);
        assert_true(band[b].p99 == w.corrector->p99 && band[b].max == w.corrector->max);
        assert_true(b == 0 || band[b].from == band[b - 1].to);
        all += band[b].layers;
    }
    assert_true(all == NZ && isinf(band[BS_CORRECTION_BANDS - 1].to));
    assert_true(bs_correct_excess(w.corrector) == (w.corrector->p99 > 1 ? w.corrector->p99 : 0));
    print_message("gusts of 6 m s-1: 99th percentile %.2f m s-1\n", w.corrector->p99);
    assert_true(w.corrector->p99 > 1);
    world_free(&w);
    w = lambert(&STORM, &LATER); /* where no layer lies below 3 km there is nothing to warn of there */
    give_heights(w.s0, 8000);
    give_heights(w.s1, 8000);
    correct(&w, w.s0, w.s1);
    assert_true(w.corrector->p99 > 1 && bs_correct_excess(w.corrector) == 0);
    world_free(&w);
}

static void bands_know_the_wind(void **state)
{
    (void)state;
    const weather wind = {.u = 6, .v = -8, .ps_mean = 100000, .seed = 1};
    world w = lambert(&wind, &wind);
    give_heights(w.s0, 100);
    for (int k = 5; k < NZ; k++) /* above 500 m twice as much */
        for (int f = 0; f < (NX + 1) * NY; f++) w.s0->fx[k * (NX + 1) * NY + f] *= 2;
    correct(&w, w.s0, w.s0);
    bs_correction_band band[BS_CORRECTION_BANDS];
    bs_correct_bands(w.corrector, band);
    assert_true(fabs(band[0].wind - 10) < 1e-9 && fabs(band[1].wind - hypot(12, 8)) < 1e-9);
    assert_true(band[3].layers == 0 && band[3].wind == 0 && band[3].p99 == 0);
    assert_true(bs_correct_excess(w.corrector) == 0);
    world_free(&w);
}

static void nan_is_named(void **state)
{
    (void)state;
    world w = lambert(&STORM, &LATER);
    bs_err err = {0};
    w.s1->time = bs_time_from_date(2015, 1, 10, 7, 0, 0);
    w.s1->fx[(3 * NY + 5) * (NX + 1) + 9] = NAN;
    assert_int_equal(bs_correct_solve(w.corrector, w.s0, w.s1, SECONDS, &err), BS_ERR_RUN);
    assert_non_null(strstr(err.text, "2015-01-10T07:00:00Z"));
    assert_non_null(strstr(err.text, "(j=5, i=8)"));
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(continuity_holds_at_all_times),
        cmocka_unit_test(steady_weather_has_equal_ends),
        cmocka_unit_test(uniform_wind_needs_little),
        cmocka_unit_test(balanced_flow_is_left_alone),
        cmocka_unit_test(layers_share_the_column_flux),
        cmocka_unit_test(sign_is_as_said),
        cmocka_unit_test(depends_on_the_two_states_alone),
        cmocka_unit_test(bands_tell_the_correction_by_height),
        cmocka_unit_test(bands_know_the_wind),
        cmocka_unit_test(nan_is_named),
        cmocka_unit_test(statistics_are_of_all_winds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
