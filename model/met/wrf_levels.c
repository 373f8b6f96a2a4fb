#include <math.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/met/wrf_grid.h"

/* A profile [n] or [Time][n], or a number (n 1) as [] or [Time], of the first time. */
static bs_status read_profile(const bs_nc *nc, const char *name, size_t n, double *values, bs_err *err)
{
    bs_nc_var v;
    BS_TRY(bs_nc_find(nc, name, &v, err));
    const bool timed = v.n_dims > 0 && strcmp(v.dim[0], "Time") == 0;
    const int own = v.n_dims - (timed ? 1 : 0);
    const bool fits = own == 0 ? n == 1 : own == 1 && v.length[v.n_dims - 1] == n;
    if (!fits || v.size == 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s': expected dimensions ([Time]%s) with %zu values a time",
                       bs_nc_file(nc), name, n > 1 ? ", levels" : "", n);
    const size_t start[2] = {0, 0}, count[2] = {timed ? 1 : n, n};
    BS_TRY(bs_nc_read(nc, &v, start, count, values, err));
    for (size_t k = 0; k < n; k++)
        if (!isfinite(values[k]))
            return bs_fail(err, BS_ERR_INPUT, "%s: %s[%zu] is missing or no number", bs_nc_file(nc), name, k);
    return BS_OK;
}

static bs_status check_eta(const bs_nc *nc, const char *name, int nz, const double *eta, bs_err *err)
{
    for (int k = 1; k <= nz; k++)
        if (!(eta[k] < eta[k - 1]))
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: %s[%d] is %g after %g; expected values that fall from 1 at the ground to 0 at the top",
                           bs_nc_file(nc), name, k, eta[k], eta[k - 1]);
    if (fabs(eta[0] - 1) <= BS_WRF_LEVEL_SLACK && fabs(eta[nz]) <= BS_WRF_LEVEL_SLACK) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: %s runs from %g to %g, expected from 1 at the ground to 0 at the top",
                   bs_nc_file(nc), name, eta[0], eta[nz]);
}

/* C1H and C2H are the slopes of C3F and C4F over eta: what WRF makes a layer's mass from. */
static bs_status check_slopes(const bs_nc *nc, const bs_wrf_grid *g, const double *eta, const double *c3,
                              const double *c4, bs_err *err)
{
    double *c1 = NULL;
    const int nz = g->nz;
    if (!bs_nc_has_var(nc, "C1H") || !bs_nc_has_var(nc, "C2H")) return BS_OK;
    BS_TRY(BS_NEW(&c1, 2 * nz, "coefficients", err));
    double *c2 = c1 + nz;
    bs_status st = read_profile(nc, "C1H", (size_t)nz, c1, err);
    if (st == BS_OK) st = read_profile(nc, "C2H", (size_t)nz, c2, err);
    for (int k = 0; k < nz && st == BS_OK; k++) {
        const double d = eta[k + 1] - eta[k], three = c3[k + 1] - c3[k], four = c4[k + 1] - c4[k];
        if (fabs(c1[k] * d - three) <= BS_WRF_LEVEL_SLACK && fabs(c2[k] * d - four) <= BS_WRF_PA_SLACK) continue;
        st = bs_fail(err, BS_ERR_INPUT,
                     "%s: hybrid coefficients of layer %d contradict each other: C1H %g times the layer's %g of ZNW is "
                     "not the step %g of "
                     "C3F, or C2H %g Pa not the step %g Pa of C4F",
                     bs_nc_file(nc), k, c1[k], d, three, c2[k], four);
    }
    bs_free(c1);
    return st;
}

/* b = C3F and a from C4F; pure sigma without them. */
static bs_status coefficients(const bs_nc *nc, bs_wrf_grid *g, const double *eta, double *c3, double *c4, bs_err *err)
{
    const int nz = g->nz;
    double option = 0;
    bs_nc_number(nc, NULL, "HYBRID_OPT", &option);
    const bool three = bs_nc_has_var(nc, "C3F"), four = bs_nc_has_var(nc, "C4F");
    if (three != four || (option > 0 && !three))
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: attribute HYBRID_OPT is %g and variable %s is missing: layers of WRF's hybrid coordinate "
                       "need C3F and C4F; "
                       "write them with the output",
                       bs_nc_file(nc), option, three ? "C4F" : "C3F");
    for (int k = 0; k <= nz; k++) c3[k] = eta[k];
    if (three) {
        BS_TRY(read_profile(nc, "C3F", (size_t)nz + 1, c3, err));
        BS_TRY(read_profile(nc, "C4F", (size_t)nz + 1, c4, err));
        if (fabs(c3[0] - 1) > BS_WRF_LEVEL_SLACK || fabs(c3[nz]) > BS_WRF_LEVEL_SLACK ||
            fabs(c4[0]) > BS_WRF_PA_SLACK || fabs(c4[nz]) > BS_WRF_PA_SLACK)
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: C3F runs from %g to %g and C4F from %g to %g Pa; expected 1 to 0 and 0 to 0 Pa",
                           bs_nc_file(nc), c3[0], c3[nz], c4[0], c4[nz]);
        BS_TRY(check_slopes(nc, g, eta, c3, c4, err));
    }
    for (int k = 0; k <= nz; k++) {
        g->b[k] = fmax(c3[k], 0); /* rounding where the cubic of C3F touches zero */
        if (k > 0) g->b[k] = fmin(g->b[k], g->b[k - 1]);
        g->a[k] = (1 - g->b[k]) * g->top + c4[k];
    }
    g->b[0] = 1; /* to the bit, so that the layers add up to the column */
    g->a[0] = 0;
    g->b[nz] = 0;
    g->a[nz] = g->top;
    return BS_OK;
}

bs_status bs_wrf_levels_read(const bs_nc *nc, bs_wrf_grid *g, bs_err *err)
{
    bs_nc_var v;
    double *eta = NULL;
    char unit[32];
    BS_TRY(read_profile(nc, "P_TOP", 1, &g->top, err));
    BS_TRY(bs_nc_find(nc, "P_TOP", &v, err));
    if (bs_nc_text(nc, &v, "units", unit, sizeof unit) && unit[0] && strcmp(unit, "Pa") != 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: P_TOP has unit '%s', expected 'Pa', as WRF writes it", bs_nc_file(nc),
                       unit);
    if (!(g->top >= 10 && g->top <= 50000))
        return bs_fail(err, BS_ERR_INPUT, "%s: P_TOP is %g Pa, expected 10 to 50000", bs_nc_file(nc), g->top);
    BS_TRY(bs_nc_find(nc, "ZNW", &v, err));
    const size_t n = v.n_dims > 0 ? v.length[v.n_dims - 1] : 0;
    if (n < 3 || n > 1000)
        return bs_fail(err, BS_ERR_INPUT, "%s: ZNW has %zu levels, expected 3 to 1000", bs_nc_file(nc), n);
    g->nz = (int)n - 1;
    BS_TRY(BS_NEW(&g->a, n, "half levels", err));
    BS_TRY(BS_NEW(&g->b, n, "half levels", err));
    BS_TRY(BS_NEW(&eta, 3 * n, "half levels", err));
    bs_status st = read_profile(nc, "ZNW", n, eta, err);
    if (st == BS_OK) st = check_eta(nc, "ZNW", g->nz, eta, err);
    if (st == BS_OK) st = coefficients(nc, g, eta, eta + n, eta + 2 * n, err);
    bs_free(eta);
    return st;
}
