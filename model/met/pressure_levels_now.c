#include "model/core/memory.h"
#include "model/met/pressure_levels.h"

bs_status bs_pl_held_create(const bs_pl_catalogue *c, bs_pl_id id, size_t cells, bs_pl_held *held, bs_err *err)
{
    const size_t n = bs_pl_size(c, id, cells);
    const char *name = BS_PL_ROWS[id].name;
    held->slot[0] = held->slot[1] = -1;
    BS_TRY(BS_NEW(&held->at[0], n, name, err));
    if (c->field[id].n_slots > 1) BS_TRY(BS_NEW(&held->at[1], n, name, err));
    return BS_NEW(&held->now, n, name, err);
}

void bs_pl_held_clear(bs_pl_held *held)
{
    bs_free(held->at[0]);
    bs_free(held->at[1]);
    bs_free(held->now);
    *held = (bs_pl_held){0};
}

/* Values of a slot; of the two places the one that holds slot `keep` is left alone. */
static bs_status hold(bs_pl_catalogue *c, bs_pl_id id, int slot, int keep, bs_pl_held *h, const double **values,
                      bs_err *err)
{
    int place = h->slot[0] == slot ? 0 : h->slot[1] == slot ? 1 : -1;
    if (place < 0) {
        place = h->slot[0] == keep ? 1 : 0;
        h->slot[place] = -1;
        BS_TRY(bs_pl_read_slot(c, id, slot, h->at[place], err));
        h->slot[place] = slot;
    }
    *values = h->at[place];
    return BS_OK;
}

static bs_status between(bs_pl_catalogue *c, bs_pl_id id, size_t n, bs_time t, bs_pl_held *h, bs_err *err)
{
    int slot[2];
    double share;
    const double *a = NULL, *b = NULL;
    bs_pl_bracket(c, id, t, slot, &share);
    BS_TRY(hold(c, id, slot[0], slot[1], h, &a, err));
    BS_TRY(hold(c, id, slot[1], slot[0], h, &b, err));
    for (size_t i = 0; i < n; i++) h->now[i] = a[i] + share * (b[i] - a[i]);
    return BS_OK;
}

/* Mean from t0 to t1 of a field that is constant over the period before each slot's time, as far as these periods reach. */
static bs_status mean_over(bs_pl_catalogue *c, bs_pl_id id, size_t n, bs_time t0, bs_time t1, bs_pl_held *h,
                           bs_err *err)
{
    const bs_pl_field *f = &c->field[id];
    bs_time covered = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < n && pass; i++) h->now[i] = 0;
        for (int s = 0; s < f->n_slots; s++) {
            const bs_time end = f->slot[s].time, begin = end - f->given.period;
            const bs_time from = begin > t0 ? begin : t0, to = end < t1 ? end : t1;
            if (to <= from) continue;
            if (pass == 0) {
                covered += to - from;
                continue;
            }
            const double weight = (double)(to - from) / (double)covered;
            const double *values = NULL;
            BS_TRY(hold(c, id, s, s ? s - 1 : s, h, &values, err));
            for (size_t i = 0; i < n; i++) h->now[i] += weight * values[i];
        }
    }
    return BS_OK;
}

bs_status bs_pl_held_refresh(bs_pl_catalogue *c, bs_pl_id id, size_t cells, bs_time t, bs_time interval, bs_pl_held *h,
                             bs_err *err)
{
    const size_t n = bs_pl_size(c, id, cells);
    if (c->steady || c->field[id].given.kind == BS_PL_INSTANT) return between(c, id, n, t, h, err);
    return mean_over(c, id, n, t - interval / 2, t + interval / 2, h, err);
}
