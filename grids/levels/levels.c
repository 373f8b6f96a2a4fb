#include "grids/levels/levels.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double REFERENCE_PRESSURE = 101325.0;                  /* Pa */
static const double SURFACE_LOW = 40000.0, SURFACE_HIGH = 110000.0; /* Pa: above Everest .. below the Dead Sea */
static const double EXACT_A = 1e-3, EXACT_B = 1e-6;                 /* Pa, 1: coefficients stored as float */
static const double ETA_FLAT_MAX = 0.5;

static bs_status check_count(int n_half, bs_err *err)
{
    if (n_half >= 2) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "levels: %d half levels; expected at least 2 (ground and model top)", n_half);
}

static bs_status check_ends(int n_half, const double *a, const double *b, bs_err *err)
{
    if (!(fabs(a[0]) <= EXACT_A) || !(fabs(b[0] - 1.0) <= EXACT_B)) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "levels: half level 0 has a = %g Pa, b = %g; expected the ground, a = 0, b = 1: half levels are counted "
            "upward",
            a[0], b[0]);
    }
    int top = n_half - 1;
    if (!(fabs(b[top]) <= EXACT_B) || !(a[top] >= 0.0)) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "levels: half level %d, the model top, has a = %g Pa, b = %g; expected a surface of constant pressure, "
            "a >= 0, b = 0",
            top, a[top], b[top]);
    }
    return BS_OK;
}

/* A layer's mass is linear in surface pressure: positive at both ends means positive between. */
static bs_status check_layer(const bs_levels *l, int k, double lowest, bs_err *err)
{
    const double *a = l->a_half, *b = l->b_half;
    if (!isfinite(a[k + 1]) || !isfinite(b[k + 1])) {
        return bs_fail(err, BS_ERR_INPUT, "levels: half level %d is not a number", k + 1);
    }
    if (b[k + 1] > b[k]) {
        return bs_fail(err, BS_ERR_INPUT,
                       "levels: b rises from %g to %g between half levels %d and %d; expected it to fall "
                       "from 1 at the ground to 0 at the top",
                       b[k], b[k + 1], k, k + 1);
    }
    const double surface[] = {lowest, SURFACE_HIGH};
    for (int s = 0; s < 2; s++) {
        double below = bs_levels_pressure(l, k, surface[s]), above = bs_levels_pressure(l, k + 1, surface[s]);
        if (below > above) continue;
        return bs_fail(
            err, BS_ERR_INPUT,
            "levels: layer %d has no mass at a surface pressure of %g hPa: %g hPa below, %g hPa above it; expected "
            "pressure to fall upward for all surfaces from %g to %g hPa: change its coefficients, or lower eta_flat",
            k, surface[s] / 100.0, below / 100.0, above / 100.0, lowest / 100.0, SURFACE_HIGH / 100.0);
    }
    return BS_OK;
}

static bs_levels *allocate(int n_half)
{
    bs_levels *l = calloc(1, sizeof *l);
    if (!l) return NULL;
    l->nz = n_half - 1;
    l->a_half = calloc((size_t)n_half, sizeof *l->a_half);
    l->b_half = calloc((size_t)n_half, sizeof *l->b_half);
    if (l->a_half && l->b_half) return l;
    bs_levels_destroy(l);
    return NULL;
}

/* Takes ownership of l, whose coefficients are set. */
static bs_status finish(bs_levels *l, double lowest, bs_levels **out, bs_err *err)
{
    bs_status status = check_ends(l->nz + 1, l->a_half, l->b_half, err);
    l->a_half[0] = 0.0;
    l->b_half[0] = 1.0;
    l->b_half[l->nz] = 0.0;
    for (int k = 0; k < l->nz && status == BS_OK; k++) status = check_layer(l, k, lowest, err);
    if (status == BS_OK) {
        *out = l;
    } else {
        bs_levels_destroy(l);
    }
    return status;
}

bs_status bs_levels_create(int n_half, const double *a_half, const double *b_half, bs_levels **out, bs_err *err)
{
    return bs_levels_create_from(SURFACE_LOW, n_half, a_half, b_half, out, err);
}

bs_status bs_levels_create_from(double lowest, int n_half, const double *a_half, const double *b_half, bs_levels **out,
                                bs_err *err)
{
    *out = NULL;
    BS_TRY(check_count(n_half, err));
    bs_levels *l = allocate(n_half);
    if (!l) return bs_fail(err, BS_ERR_MEMORY, "levels: out of memory for %d half levels", n_half);
    memcpy(l->a_half, a_half, (size_t)n_half * sizeof *a_half);
    memcpy(l->b_half, b_half, (size_t)n_half * sizeof *b_half);
    return finish(l, lowest, out, err);
}

static bs_status check_eta(int n_half, const double *eta, double top_pa, double eta_flat, bs_err *err)
{
    BS_TRY(check_count(n_half, err));
    if (!(top_pa >= 0.0) || !(top_pa < SURFACE_LOW)) {
        return bs_fail(err, BS_ERR_INPUT, "levels: the model top is at %g Pa; expected 0 to below %g Pa", top_pa,
                       SURFACE_LOW);
    }
    if (!(eta_flat >= 0.0) || !(eta_flat <= ETA_FLAT_MAX)) {
        return bs_fail(err, BS_ERR_INPUT, "levels: eta_flat = %g; expected 0 (pure sigma) to %g", eta_flat,
                       ETA_FLAT_MAX);
    }
    if (!(fabs(eta[0] - 1.0) <= EXACT_B) || !(fabs(eta[n_half - 1]) <= EXACT_B)) {
        return bs_fail(err, BS_ERR_INPUT, "levels: eta runs from %g to %g; expected 1 at the ground to 0 at the top",
                       eta[0], eta[n_half - 1]);
    }
    for (int k = 1; k < n_half; k++) {
        if (eta[k] < eta[k - 1]) continue;
        return bs_fail(err, BS_ERR_INPUT, "levels: eta of half level %d is %g after %g; expected it to fall upward", k,
                       eta[k], eta[k - 1]);
    }
    return BS_OK;
}

/* b is straight from 1 at the ground to 0 at eta_flat (Laprise & Girard 1990, J. Climate 3, 32-52, with exponent 1).
 * A curve that leaves the ground with slope 1 (WRF's cubic) must be steeper in between, and there layers above high
 * ground run out of mass: at 400 hPa already with eta_flat = 0.2. */
bs_status bs_levels_from_eta(int n_half, const double *eta, double top_pa, double eta_flat, bs_levels **out,
                             bs_err *err)
{
    *out = NULL;
    BS_TRY(check_eta(n_half, eta, top_pa, eta_flat, err));
    bs_levels *l = allocate(n_half);
    if (!l) return bs_fail(err, BS_ERR_MEMORY, "levels: out of memory for %d half levels", n_half);
    for (int k = 0; k < n_half; k++) {
        double b = fmax(0.0, (eta[k] - eta_flat) / (1.0 - eta_flat));
        l->b_half[k] = b;
        l->a_half[k] = top_pa * (1.0 - b) + (eta[k] - b) * (REFERENCE_PRESSURE - top_pa);
    }
    return finish(l, SURFACE_LOW, out, err);
}

void bs_levels_destroy(bs_levels *l)
{
    if (!l) return;
    free(l->a_half);
    free(l->b_half);
    free(l);
}
