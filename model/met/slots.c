#include "model/met/slots.h"

#include <stdbool.h>
#include <stdlib.h>

enum { DAY = 86400 };

static int by_time(const void *a, const void *b)
{
    const bs_slot *p = a, *q = b;
    if (p->time != q->time) return p->time < q->time ? -1 : 1;
    return p->piece != q->piece ? (p->piece < q->piece ? -1 : 1) : (p->index < q->index ? -1 : p->index > q->index);
}

void bs_slots_sort(bs_slots *s)
{
    qsort(s->slot, (size_t)s->n, sizeof s->slot[0], by_time);
}

static const char *file_of(const bs_slots *s, int n)
{
    return s->file(s->source, &s->slot[n]);
}

bs_status bs_slots_check_duplicates(const bs_slots *s, bs_err *err)
{
    char text[BS_TIME_TEXT_MAX];
    for (int n = 1; n < s->n; n++) {
        if (s->slot[n].time != s->slot[n - 1].time) continue;
        return bs_fail(err, BS_ERR_INPUT,
                       "%s holds the time %s twice: in %s (index %zu) and in %s (index %zu); give each time once",
                       s->what, bs_time_format(s->slot[n].time, text), file_of(s, n - 1), s->slot[n - 1].index,
                       file_of(s, n), s->slot[n].index);
    }
    return BS_OK;
}

/* A February 29 lies in (t0, t1]. */
static bool holds_leap_day(bs_time t0, bs_time t1)
{
    for (int year = bs_date_from_time(t0).year; year <= bs_date_from_time(t1).year; year++) {
        const bs_time begin = bs_time_from_date(year, 2, 28, 0, 0, 0) + DAY;
        if (bs_date_from_time(begin).month == 2 && t0 < begin + DAY && t1 > begin) return true;
    }
    return false;
}

bs_status bs_slots_check_coverage(const bs_slots *s, bs_time start, bs_time end, bs_err *err)
{
    char a[BS_TIME_TEXT_MAX], b[BS_TIME_TEXT_MAX], from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
    const bs_time first = s->slot[0].time, last = s->slot[s->n - 1].time;
    if (first > start || last < end) {
        const char *one = file_of(s, 0), *other = file_of(s, s->n - 1);
        const bool single = one == other;
        return bs_fail(err, BS_ERR_INPUT, "%s%s%s: %s covers %s to %s, the run needs %s to %s; add the missing times%s",
                       one, single ? "" : " to ", single ? "" : other, s->what, bs_time_format(first, a),
                       bs_time_format(last, b), bs_time_format(start, from), bs_time_format(end, to),
                       s->n == 1 ? " or hold the one there is with meteorology.steady: true"
                                 : " or change time.start, time.end");
    }
    bs_time step = 0;
    for (int n = 1; n < s->n; n++) {
        const bs_time gap = s->slot[n].time - s->slot[n - 1].time;
        if (step == 0 || gap < step) step = gap;
    }
    for (int n = 1; n < s->n; n++) {
        const bs_time t0 = s->slot[n - 1].time, t1 = s->slot[n].time;
        if (t1 - t0 <= step || t1 <= start || t0 >= end) continue;
        const bool leap = t1 - t0 == step + DAY && holds_leap_day(t0, t1);
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s has a gap in time: nothing between %s (%s) and %s (%s), while its times are otherwise %g h apart; %s",
            s->what, bs_time_format(t0, a), file_of(s, n - 1), bs_time_format(t1, b), file_of(s, n),
            (double)step / 3600.0,
            leap ? "February 29 is missing: a source with a calendar without leap days cannot be used across it"
                 : "add the missing files, or thin out the rest to one spacing");
    }
    return BS_OK;
}

bs_status bs_slots_find(const bs_slots *s, bs_time time, int *found, bs_err *err)
{
    char first[BS_TIME_TEXT_MAX], last[BS_TIME_TEXT_MAX], wanted[BS_TIME_TEXT_MAX];
    for (int n = 0; n < s->n; n++) {
        if (s->slot[n].time != time) continue;
        *found = n;
        return BS_OK;
    }
    return bs_fail(err, BS_ERR_INPUT,
                   "%s has no field for %s, the time that meteorology.steady holds; it has %d from %s to %s", s->what,
                   bs_time_format(time, wanted), s->n, bs_time_format(s->slot[0].time, first),
                   bs_time_format(s->slot[s->n - 1].time, last));
}

void bs_slots_bracket(int n, const bs_slot *slot, bs_time t, int around[2], double *share)
{
    int low = 0, high = n - 1;
    *share = 0;
    if (high == 0 || t <= slot[0].time) {
        around[0] = around[1] = 0;
        return;
    }
    if (t >= slot[high].time) {
        around[0] = around[1] = high;
        return;
    }
    while (high - low > 1) {
        const int middle = low + (high - low) / 2;
        if (slot[middle].time <= t) {
            low = middle;
        } else {
            high = middle;
        }
    }
    around[0] = low;
    around[1] = high;
    *share = (double)(t - slot[low].time) / (double)(slot[high].time - slot[low].time);
    if (*share == 0) around[1] = low;
}
