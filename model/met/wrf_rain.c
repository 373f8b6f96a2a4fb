#include "model/met/wrf_rain.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "model/core/memory.h"

struct bs_wrf_rain {
    const bs_wrf_source *s;
    bs_wrf_window whole, w;
    bs_log *log;
    size_t cells;             /* of whole */
    double *rate[2];          /* [ny][nx] of w, kg m-2 s-1 of two intervals */
    int interval[2];          /* which; -1: none */
    double *amount[2], *part; /* [ny][nx] of whole, mm */
    bool *told;               /* [intervals] a reset that was logged */
};

bool bs_wrf_has_rain(const bs_wrf_source *s)
{
    return s->n_slots > 1 && (s->has[BS_WRF_RAINC] || s->has[BS_WRF_RAINNC]);
}

static bs_status add(bs_wrf_rain *r, bs_wrf_id id, const bs_slot *slot, double factor, double *sum, bs_err *err)
{
    if (!r->s->has[id] || factor == 0) return BS_OK;
    BS_TRY(bs_wrf_read(r->s, id, slot, r->whole, r->part, err));
    for (size_t c = 0; c < r->cells; c++) sum[c] += factor * r->part[c];
    return BS_OK;
}

/* Rain since the accumulation began, mm. */
static bs_status accumulated(bs_wrf_rain *r, const bs_slot *slot, double *sum, bs_err *err)
{
    const double bucket = r->s->file[slot->piece].bucket;
    memset(sum, 0, r->cells * sizeof *sum);
    BS_TRY(add(r, BS_WRF_RAINC, slot, 1, sum, err));
    BS_TRY(add(r, BS_WRF_RAINNC, slot, 1, sum, err));
    BS_TRY(add(r, BS_WRF_RAINSH, slot, 1, sum, err));
    BS_TRY(add(r, BS_WRF_I_RAINC, slot, bucket, sum, err));
    return add(r, BS_WRF_I_RAINNC, slot, bucket, sum, err);
}

/* Whether the accumulation began anew within an interval, and the seconds that the new amount took. */
static bool began_anew(bs_wrf_rain *r, int interval, const double *before, const double *after, double *seconds)
{
    const bs_slot *one = &r->s->slot[interval], *two = one + 1;
    const bs_time start = r->s->file[one->piece].simulation_start, anew = r->s->file[two->piece].simulation_start;
    char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
    size_t falls = 0;
    for (size_t c = 0; c < r->cells; c++) falls += after[c] < before[c] - BS_WRF_RAIN_DROP;
    const bool other = anew != start && anew != INT64_MIN && start != INT64_MIN && anew > start && anew < two->time;
    if (!other && falls == 0) return false;
    if (other && anew < one->time) *seconds = (double)(two->time - anew);
    if (r->told[interval]) return true;
    r->told[interval] = true;
    bs_time_format(one->time, from);
    bs_time_format(two->time, to);
    if (other)
        bs_log_info(
            r->log,
            "meteorology: rain from %s to %s: another simulation of WRF, what fell since its start, over %.1f h", from,
            to, *seconds / 3600);
    else
        bs_log_info(r->log,
                    "meteorology: rain from %s to %s: the accumulated amount falls in %zu cells, so it began anew: the "
                    "later value is "
                    "taken for all",
                    from, to, falls);
    return true;
}

static bs_status fill(bs_wrf_rain *r, int interval, double *rate, bs_err *err)
{
    const bs_slot *slot = &r->s->slot[interval];
    double seconds = (double)(slot[1].time - slot[0].time);
    double *before = r->amount[0], *after = r->amount[1];
    BS_TRY(accumulated(r, &slot[0], before, err));
    BS_TRY(accumulated(r, &slot[1], after, err));
    const bool anew = began_anew(r, interval, before, after, &seconds);
    for (int j = 0; j < r->w.ny; j++)
        for (int i = 0; i < r->w.nx; i++) {
            const size_t c =
                (size_t)(r->w.j0 - r->whole.j0 + j) * (size_t)r->whole.nx + (size_t)(r->w.i0 - r->whole.i0 + i);
            rate[(size_t)j * (size_t)r->w.nx + (size_t)i] = fmax(0, anew ? after[c] : after[c] - before[c]) / seconds;
        }
    return BS_OK;
}

/* Rates of an interval; the one of `keep` stays. */
static bs_status rate_of(bs_wrf_rain *r, int interval, int keep, const double **rate, bs_err *err)
{
    int place = r->interval[0] == interval ? 0 : r->interval[1] == interval ? 1 : -1;
    if (place < 0) {
        place = r->interval[0] == keep ? 1 : 0;
        r->interval[place] = -1;
        BS_TRY(fill(r, interval, r->rate[place], err));
        r->interval[place] = interval;
    }
    *rate = r->rate[place];
    return BS_OK;
}

bs_status bs_wrf_rain_at(bs_wrf_rain *r, bs_time t, double *rate, bs_err *err)
{
    int around[2];
    double share;
    bs_slots_bracket(r->s->n_slots, r->s->slot, t, around, &share);
    int ends = around[0] - (share == 0), begins = around[0]; /* intervals by the slot they begin with */
    if (ends < 0 || share > 0) ends = begins;
    if (begins == r->s->n_slots - 1) begins = ends;
    const double *one = NULL, *two = NULL;
    BS_TRY(rate_of(r, ends, begins, &one, err));
    BS_TRY(rate_of(r, begins, ends, &two, err));
    for (size_t c = 0; c < (size_t)r->w.nx * (size_t)r->w.ny; c++) rate[c] = 0.5 * (one[c] + two[c]);
    return BS_OK;
}

bs_status bs_wrf_rain_create(const bs_wrf_source *s, bs_wrf_window whole, bs_wrf_window w, bs_log *log,
                             bs_wrf_rain **out, bs_err *err)
{
    bs_wrf_rain *r = NULL;
    BS_TRY(BS_NEW(&r, 1, "rain", err));
    *r = (bs_wrf_rain){.s = s, .whole = whole, .w = w, .log = log, .interval = {-1, -1}};
    r->cells = (size_t)whole.nx * (size_t)whole.ny;
    double **array[] = {&r->rate[0], &r->rate[1], &r->amount[0], &r->amount[1], &r->part};
    bs_status st = BS_NEW(&r->told, s->n_slots, "rain", err);
    for (size_t a = 0; a < sizeof array / sizeof *array && st == BS_OK; a++)
        st = BS_NEW(array[a], a < 2 ? (size_t)w.nx * (size_t)w.ny : r->cells, "rain", err);
    if (st != BS_OK) {
        bs_wrf_rain_destroy(r);
        return st;
    }
    *out = r;
    return BS_OK;
}

void bs_wrf_rain_destroy(bs_wrf_rain *r)
{
    if (!r) return;
    double *array[] = {r->rate[0], r->rate[1], r->amount[0], r->amount[1], r->part};
    for (size_t a = 0; a < sizeof array / sizeof *array; a++) bs_free(array[a]);
    bs_free(r->told);
    bs_free(r);
}
