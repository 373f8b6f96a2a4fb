/* test_derive_fixture.h - made-up weather over a small mesh, derived. */
#ifndef BS_TESTS_DERIVE_FIXTURE_H
#define BS_TESTS_DERIVE_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "model/met/derive_parts.h"

#define LONLAT  "+proj=longlat +R=6370000"
#define LAMBERT "+proj=lcc +lat_1=25 +lat_2=40 +lat_0=30 +lon_0=105 +R=6370000"

/* ROUND: double, sums of some tens of terms. */
#define TOLERANCE_DOUBLE 1e-12
/* ROUND: stored as real. */
#define TOLERANCE_REAL (8.0 * BS_REAL_EPSILON)
/* SCIENCE: hypsometric heights with the temperature of each layer's middle, against the ICAO atmosphere. */
#define TOLERANCE_HEIGHT 0.005

typedef struct weather {
    bs_mesh *mesh;
    bs_levels *levels;
    bs_tracers *tracers;
    bs_native *native;
    bs_met_state *state;
    bs_derive_options options;
    bs_assumptions assumed;
    bs_err err;
} weather;

static const char *const SPECIES[] = {"pm25", "pmcoarse", "inert"};

/* ICAO atmosphere in the troposphere and isothermal above; a wind that turns with height; dry. */
static inline void weather_fill(weather *w)
{
    bs_native *n = w->native;
    const size_t plane = (size_t)n->nx * n->ny;
    for (size_t c = 0; c < plane; c++) n->ps[c] = 101325;
    for (int k = 0; k < n->nz; k++) {
        for (size_t c = 0; c < plane; c++) {
            const size_t o = k * plane + c;
            const double p =
                0.5 * (bs_levels_pressure(w->levels, k, n->ps[c]) + bs_levels_pressure(w->levels, k + 1, n->ps[c]));
            const double t = 288.15 * pow(p / 101325, 0.190263);
            n->t[o] = t > 216.65 ? t : 216.65;
            n->u[o] = 3 + 0.5 * k;
            n->v[o] = 1 - 0.2 * k;
            n->qv[o] = n->clw[o] = 0;
        }
    }
    n->time = bs_time_from_date(2015, 1, 10, 6, 0, 0);
}

static inline void weather_open(weather *w, const char *projection, int nx, int ny, int nz, double dx, double x0,
                                double y0)
{
    memset(w, 0, sizeof *w);
    const bs_mesh_spec spec = {.projection = projection, .nx = nx, .ny = ny, .dx = dx, .dy = dx, .x0 = x0, .y0 = y0};
    assert_int_equal(bs_mesh_create(&spec, &w->mesh, &w->err), BS_OK);
    double eta[101];
    for (int k = 0; k <= nz; k++) eta[k] = pow(1 - (double)k / nz, 1.6);
    assert_int_equal(bs_levels_from_eta(nz + 1, eta, 10000, 0.3, &w->levels, &w->err), BS_OK);
    const bs_tracer_request request = {.n_species = 3, .species = SPECIES, .acts = 63};
    assert_int_equal(bs_tracers_create(&request, &w->tracers, &w->err), BS_OK);
    assert_int_equal(bs_native_create(nx, ny, nz, &w->native, &w->err), BS_OK);
    assert_int_equal(bs_met_state_create(nx, ny, nz, w->tracers->n_removal, &w->state, &w->err), BS_OK);
    w->options = (bs_derive_options){.roughness = 0.3,
                                     .kz_min = 0.1,
                                     .smagorinsky = 0.15,
                                     .dry_scheme = BS_DRY_EMERSON2020,
                                     .cover = 0.8,
                                     .leaf_area = 1.5,
                                     .wet = true,
                                     .cloud_base = 1000,
                                     .cloud_top = 4000,
                                     .heat_flux = 0,
                                     .no_rain = true};
    weather_fill(w);
}

static inline void weather_small(weather *w)
{
    weather_open(w, LAMBERT, 7, 6, 24, 9000, -30000, -20000);
}

static inline void weather_close(weather *w)
{
    bs_met_state_destroy(w->state);
    bs_native_destroy(w->native);
    bs_tracers_destroy(w->tracers);
    bs_levels_destroy(w->levels);
    bs_mesh_destroy(w->mesh);
}

static inline bs_status derive(weather *w)
{
    bs_deriver *deriver;
    bs_status st = bs_deriver_create(w->mesh, w->levels, w->tracers, &w->options, &deriver, &w->err);
    if (st != BS_OK) return st;
    st = bs_derive(deriver, w->native, &w->assumed, w->state, &w->err);
    bs_deriver_destroy(deriver);
    return st;
}

static inline void derived(weather *w)
{
    const bs_status status = derive(w);
    if (status != BS_OK) print_message("%s\n", w->err.text);
    assert_int_equal(status, BS_OK);
}

static inline bool assumes(const weather *w, const char *words)
{
    for (int n = 0; n < w->assumed.n; n++) {
        if (strstr(w->assumed.line[n], words)) return true;
    }
    return false;
}

/* Row of the removal class with this wet class. */
static inline int class_of(const weather *w, bs_wet_class wet)
{
    for (int c = 0; c < w->tracers->n_removal; c++) {
        if (w->tracers->removal[c].wet == wet) return c;
    }
    fail();
    return -1;
}

static inline void refused(weather *w, const char *words, const char *key)
{
    w->err = (bs_err){0};
    assert_int_equal(derive(w), BS_ERR_INPUT);
    print_message("refused: %s\n", w->err.text);
    assert_non_null(strstr(w->err.text, words));
    assert_non_null(strstr(w->err.text, key));
}

#endif
