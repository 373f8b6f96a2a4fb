#include <math.h>

#include "kernels/base/constants.h"
#include "model/core/memory.h"
#include "model/met/wrf.h"

static const double COLDEST = 120, HOTTEST = 350; /* K, of air */

static const double AGREES = 0.01;          /* share: WRF solves these equations to single precision */
static const double WRF_R_DRY = 287.0;      /* J kg-1 K-1, as WRF has it */
static const double VAPOUR = 461.6 / 287.0; /* R_v / R_d, as WRF has it */

static bs_status read_sum(const bs_wrf_source *s, bs_wrf_id one, bs_wrf_id two, const bs_slot *slot, bs_wrf_window w,
                          double *out, bs_err *err)
{
    const size_t n = bs_wrf_size(one, w, s->grid.nz);
    double *other = NULL;
    BS_TRY(BS_NEW(&other, n, bs_wrf_name(two), err));
    bs_status st = bs_wrf_read(s, one, slot, w, out, err);
    if (st == BS_OK) st = bs_wrf_read(s, two, slot, w, other, err);
    for (size_t c = 0; c < n && st == BS_OK; c++) out[c] += other[c];
    bs_free(other);
    return st;
}

bs_status bs_wrf_read_temperature(const bs_wrf_source *s, const bs_slot *slot, bs_wrf_window w, double *t, double *p,
                                  bs_err *err)
{
    const size_t n = bs_wrf_size(BS_WRF_T, w, s->grid.nz), cells = (size_t)w.nx * (size_t)w.ny;
    BS_TRY(read_sum(s, BS_WRF_P, BS_WRF_PB, slot, w, p, err));
    BS_TRY(bs_wrf_read(s, BS_WRF_T, slot, w, t, err));
    for (size_t c = 0; c < n; c++) {
        if (!(p[c] > 0) || (c >= cells && !(p[c] < p[c - cells])))
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: P + PB is %g Pa at time %zu, bottom_top %zu, south_north %zu, west_east %zu; expected "
                           "pressures above "
                           "zero that fall upward",
                           s->file[slot->piece].name, p[c], slot->index, c / cells,
                           (size_t)w.j0 + c % cells / (size_t)w.nx, (size_t)w.i0 + c % (size_t)w.nx);
        const double stored = t[c];
        t[c] = (stored + BS_WRF_THETA_0) * pow(p[c] / BS_WRF_P_0, BS_WRF_KAPPA);
        if (!(t[c] > COLDEST && t[c] < HOTTEST))
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: T[Time=%zu][bottom_top=%zu][south_north=%zu][west_east=%zu] is %g K, at %g Pa a "
                           "temperature of %g K; expected %g to %g K: T must be the potential temperature less 300 K",
                           s->file[slot->piece].name, slot->index, c / cells, (size_t)w.j0 + c % cells / (size_t)w.nx,
                           (size_t)w.i0 + c % (size_t)w.nx, stored, p[c], t[c], COLDEST, HOTTEST);
    }
    return BS_OK;
}

bs_status bs_wrf_read_dry_pressure(const bs_wrf_source *s, const bs_slot *slot, bs_wrf_window w, double *psd,
                                   bs_err *err)
{
    BS_TRY(read_sum(s, BS_WRF_MU, BS_WRF_MUB, slot, w, psd, err));
    for (size_t c = 0; c < (size_t)w.nx * (size_t)w.ny; c++) psd[c] += s->grid.top;
    return BS_OK;
}

/* P_TOP and the weight of dry air and vapour. */
static void weigh(const bs_wrf_source *s, size_t cells, const double *psd, const double *vapour, double *ps)
{
    for (size_t c = 0; c < cells; c++) ps[c] = s->grid.top;
    for (int k = s->grid.nz - 1; k >= 0; k--)
        for (size_t c = 0; c < cells; c++)
            ps[c] += bs_wrf_dry(&s->grid, k, psd[c]) * (1 + vapour[(size_t)k * cells + c]);
}

static bs_status hydrostatic(const bs_wrf_source *s, const bs_slot *slot, bs_wrf_window w, double *ps, bs_err *err)
{
    const size_t cells = (size_t)w.nx * (size_t)w.ny;
    double *vapour = NULL;
    BS_TRY(BS_NEW(&vapour, cells * ((size_t)s->grid.nz + 1), "vapour", err));
    double *psd = vapour + cells * (size_t)s->grid.nz;
    bs_status st = bs_wrf_read_dry_pressure(s, slot, w, psd, err);
    if (st == BS_OK) st = bs_wrf_read(s, BS_WRF_QVAPOR, slot, w, vapour, err);
    if (st == BS_OK) weigh(s, cells, psd, vapour, ps);
    bs_free(vapour);
    return st;
}

bs_status bs_wrf_read_pressure(const bs_wrf_source *s, const bs_slot *slot, bs_wrf_window w, double *ps, bs_err *err)
{
    if (s->has[BS_WRF_PSFC]) return bs_wrf_read(s, BS_WRF_PSFC, slot, w, ps, err);
    return hydrostatic(s, slot, w, ps, err);
}

/* ---- do they belong together ---- */

typedef struct state {
    double *psd, *ps, *weight, *t, *p, *vapour, *ph;
} state;

static bs_status disagree(const bs_wrf_source *s, const bs_slot *slot, bs_wrf_window w, size_t cell, const char *what,
                          double found, double expected, bs_err *err)
{
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: time %zu, south_north %zu, west_east %zu: %s: %g and %g; expected the same to 1 %%. Are these "
                   "variables as "
                   "WRF wrote them?",
                   s->file[slot->piece].name, slot->index, (size_t)w.j0 + cell / (size_t)w.nx,
                   (size_t)w.i0 + cell % (size_t)w.nx, what, found, expected);
}

static bs_status compare(const bs_wrf_source *s, const bs_slot *slot, bs_wrf_window w, const state *a, bs_err *err)
{
    const size_t cells = (size_t)w.nx * (size_t)w.ny;
    weigh(s, cells, a->psd, a->vapour, a->weight);
    for (size_t c = 0; c < cells && s->has[BS_WRF_PSFC]; c++)
        if (!(fabs(a->ps[c] - a->weight[c]) <= AGREES * a->weight[c]))
            return disagree(s, slot, w, c, "PSFC, and the weight of the air above by MU, MUB and QVAPOR, Pa", a->ps[c],
                            a->weight[c], err);
    if (!s->has[BS_WRF_PH] || !s->has[BS_WRF_PHB]) return BS_OK;
    for (size_t n = 0; n < cells * (size_t)s->grid.nz; n++) {
        const double dry = bs_wrf_dry(&s->grid, (int)(n / cells), a->psd[n % cells]);
        const double volume = (a->ph[n + cells] - a->ph[n]) / dry;
        const double gas = WRF_R_DRY * a->t[n] * (1 + VAPOUR * a->vapour[n]) / a->p[n];
        if (!(fabs(volume - gas) <= AGREES * gas))
            return disagree(s, slot, w, n % cells,
                            "volume of a kilogram of dry air by PH, PHB, MU and MUB, and by T, P, PB and QVAPOR, m3",
                            volume, gas, err);
    }
    return BS_OK;
}

bs_status bs_wrf_check_state(const bs_wrf_source *s, const bs_slot *slot, bs_wrf_window w, bs_err *err)
{
    if (!s->has[BS_WRF_MU] || !s->has[BS_WRF_MUB]) return BS_OK;
    const size_t cells = (size_t)w.nx * (size_t)w.ny, volume = cells * (size_t)s->grid.nz;
    double *all = NULL;
    BS_TRY(BS_NEW(&all, 4 * cells + 4 * volume, "state", err));
    const state a = {.psd = all,
                     .ps = all + cells,
                     .weight = all + 2 * cells,
                     .t = all + 3 * cells,
                     .p = all + 3 * cells + volume,
                     .vapour = all + 3 * cells + 2 * volume,
                     .ph = all + 3 * cells + 3 * volume};
    bs_status st = bs_wrf_read_dry_pressure(s, slot, w, a.psd, err);
    if (st == BS_OK && s->has[BS_WRF_PSFC]) st = bs_wrf_read(s, BS_WRF_PSFC, slot, w, a.ps, err);
    if (st == BS_OK) st = bs_wrf_read_temperature(s, slot, w, a.t, a.p, err);
    if (st == BS_OK) st = bs_wrf_read(s, BS_WRF_QVAPOR, slot, w, a.vapour, err);
    if (st == BS_OK && s->has[BS_WRF_PH] && s->has[BS_WRF_PHB])
        st = read_sum(s, BS_WRF_PH, BS_WRF_PHB, slot, w, a.ph, err);
    if (st == BS_OK) st = compare(s, slot, w, &a, err);
    bs_free(all);
    return st;
}
