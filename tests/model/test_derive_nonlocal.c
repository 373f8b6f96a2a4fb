/* What ACM2 needs of the derived meteorology: the non-local share and the air of the boundary layer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "kernels/column/acm2.h"
#include "kernels/column/surface_layer.h"
#include "model/met/derive_parts.h"

enum { NX = 6, NY = 4, NZ = 14, PLANE = NX * NY };

/* ROUND: stored as real, and the height of half levels too. */
#define TOLERANCE_REAL (8.0 * BS_REAL_EPSILON)

typedef struct weather {
    bs_mesh *mesh;
    bs_levels *levels;
    bs_tracers *tracers;
    bs_native *native;
    bs_met_state *state;
    bs_err err;
} weather;

static const char *const SPECIES[] = {"inert"};

/* Dry air of 0.0065 K m-1; heat flux and boundary layer are the test's. */
static void weather_open(weather *w)
{
    memset(w, 0, sizeof *w);
    const bs_mesh_spec spec = {
        .projection = "+proj=longlat +R=6370000", .nx = NX, .ny = NY, .dx = 0.1, .dy = 0.1, .x0 = 104, .y0 = 30};
    double eta[NZ + 1];
    for (int k = 0; k <= NZ; k++) eta[k] = pow(1 - (double)k / NZ, 1.6);
    const bs_tracer_request request = {.n_species = 1, .species = SPECIES, .acts = 63};
    assert_int_equal(bs_mesh_create(&spec, &w->mesh, &w->err), BS_OK);
    assert_int_equal(bs_levels_from_eta(NZ + 1, eta, 10000, 0.3, &w->levels, &w->err), BS_OK);
    assert_int_equal(bs_tracers_create(&request, &w->tracers, &w->err), BS_OK);
    assert_int_equal(bs_native_create(NX, NY, NZ, &w->native, &w->err), BS_OK);
    assert_int_equal(bs_met_state_create(NX, NY, NZ, w->tracers->n_removal, &w->state, &w->err), BS_OK);
    bs_native *n = w->native;
    for (int c = 0; c < PLANE; c++) {
        n->ps[c] = 95000 + 500 * c;
        n->ustar[c] = 0.4;
        n->hfx[c] = 0;
        n->pblh[c] = 800;
        for (int k = 0; k < NZ; k++) {
            const int o = k * PLANE + c;
            n->t[o] = 288 - 0.5 * k;
            n->u[o] = 4;
            n->v[o] = n->qv[o] = 0;
        }
    }
    n->have_ustar = n->have_hfx = n->have_pblh = true;
}

static void weather_close(weather *w)
{
    bs_met_state_destroy(w->state);
    bs_native_destroy(w->native);
    bs_tracers_destroy(w->tracers);
    bs_levels_destroy(w->levels);
    bs_mesh_destroy(w->mesh);
}

static void derived(weather *w)
{
    const bs_derive_options options = {.roughness = 0.3, .kz_min = 0.1, .dry_scheme = BS_DRY_NONE, .heat_flux = -1};
    bs_assumptions assumed = {0};
    bs_deriver *deriver = NULL;
    bs_status status = bs_deriver_create(w->mesh, w->levels, w->tracers, &options, &deriver, &w->err);
    if (status == BS_OK) status = bs_derive(deriver, w->native, &assumed, w->state, &w->err);
    bs_deriver_destroy(deriver);
    if (status != BS_OK) fail_msg("%s", w->err.text);
}

static void share_follows_the_heat_flux(void **unused)
{
    (void)unused;
    const double flux[NX] = {-40, 0, 1, 50, 200, 400}; /* W m-2 upward */
    weather w;
    weather_open(&w);
    for (int c = 0; c < PLANE; c++) w.native->hfx[c] = flux[c % NX];
    derived(&w);
    for (int c = 0; c < PLANE; c++) {
        const double inv_l = bs_inverse_obukhov(0.4, flux[c % NX], (double)w.state->rho[c], 288, 10);
        const double share = (double)w.state->nonlocal[c];
        if (flux[c % NX] <= 0) {
            assert_true(share == 0);
            continue;
        }
        assert_true(fabs(share / bs_acm2_share(800 * inv_l) - 1) <= TOLERANCE_REAL);
        assert_true(share > (double)w.state->nonlocal[c - 1] && share < 1);
    }
    weather_close(&w);
}

/* h at a half level, within a layer, within the lowest one, and above the model's top. */
static void air_is_that_below_the_top(void **unused)
{
    (void)unused;
    weather w;
    weather_open(&w);
    derived(&w);
    double want[PLANE], z[NZ + 1];
    for (int c = 0; c < PLANE; c++) {
        const int whole = c % NX;           /* layers wholly below h */
        const double part = 0.25 * (c % 4); /* of the next one */
        want[c] = 0;
        for (int k = 0; k <= NZ; k++) z[k] = (double)w.state->z_half[k * PLANE + c];
        for (int k = 0; k < NZ; k++) {
            const double air = w.state->m[k * PLANE + c] / w.mesh->area[c];
            want[c] += air * (k < whole ? 1 : k == whole ? part : 0);
        }
        w.native->pblh[c] = z[whole] + part * (z[whole + 1] - z[whole]);
    }
    const int lowest = NX; /* and its next: 50 m is the least height, the top the largest */
    w.native->pblh[lowest] = 1;
    want[lowest] = w.state->m[lowest] / w.mesh->area[lowest] * BS_PBLH_MIN / (double)w.state->z_half[PLANE + lowest];
    w.native->pblh[lowest + 1] = 1e5;
    want[lowest + 1] = 0;
    for (int k = 0; k < NZ; k++) want[lowest + 1] += w.state->m[k * PLANE + lowest + 1] / w.mesh->area[lowest + 1];
    derived(&w);
    assert_true(w.state->z_half[PLANE + lowest] > BS_PBLH_MIN);
    for (int c = 0; c < PLANE; c++) {
        if (w.native->pblh[c] < BS_PBLH_MIN && c != lowest) continue;
        assert_true(fabs((double)w.state->pbl_air[c] - want[c]) <= TOLERANCE_REAL * want[c]);
    }
    weather_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(share_follows_the_heat_flux),
        cmocka_unit_test(air_is_that_below_the_top),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
