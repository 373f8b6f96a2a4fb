#include "model/evaluate/pairs.h"

#include <math.h>
#include <stdlib.h>

#include "model/core/memory.h"
#include "model/diag/standards.h"

enum { HOUR = 3600, DAY_HOURS = 24, DAY = DAY_HOURS * HOUR };

/* The intervals of the run within (start, end], their mean at a site, and the mean factor over their stamps. */
typedef struct window {
    double modelled, factor;
    bs_time covered; /* s */
} window;

static int first_after(const bs_surface *s, bs_time start)
{
    int low = 0, high = s->n_times;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (s->end[middle] > start)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static window look(const bs_modelled *m, int site, bs_time start, bs_time end)
{
    const bs_surface *s = &m->surface;
    window w = {0};
    int n = 0;
    for (int k = first_after(s, start); k < s->n_times && s->end[k] <= end; k++) {
        const size_t at = (size_t)site * (size_t)s->n_times + (size_t)k;
        const bs_time length = s->end[k] - s->start[k];
        if (s->start[k] < start) continue;
        w.modelled += m->value[at] * (double)length;
        w.factor += m->factor ? m->factor[at] : NAN;
        w.covered += length;
        n++;
    }
    if (n == 0) return w;
    w.modelled /= (double)w.covered;
    w.factor /= n;
    return w;
}

static bs_status add_pair(const bs_observations *o, const bs_modelled *m, const bs_obs_record *x, bs_pairs *p,
                          bs_err *err)
{
    const bs_surface *s = &m->surface;
    const bs_place *place = &m->place[x->site];
    const bs_time start = x->end - (bs_time)o->hours * HOUR;
    const int least = o->hours == DAY_HOURS ? BS_DAY_HOURS_LEAST : 1;
    if (place->fate != BS_SITE_USED) {
        p->unplaced++;
        return BS_OK;
    }
    const window w = look(m, x->site, start, x->end);
    if (w.covered < (bs_time)least * HOUR) {
        const bool beside = x->end <= s->start[0] || start >= s->end[s->n_times - 1];
        if (beside)
            p->elsewhere++;
        else
            p->thin++;
        return BS_OK;
    }
    const bool convert = x->state == BS_STATE_STANDARD;
    if (!isfinite(w.modelled) || (convert && !isfinite(w.factor))) {
        char text[BS_TIME_TEXT_MAX];
        return bs_fail(err, BS_ERR_INPUT, "%s: %s is missing at %s, %s", bs_nc_file(s->nc),
                       isfinite(w.modelled) ? "ps or t2" : "primary_pm25", place->name, bs_time_format(x->end, text));
    }
    const double f = convert ? w.factor : 1;
    p->pair[p->n++] = (bs_pair){.site = x->site,
                                .end = x->end,
                                .hours = o->hours,
                                .covered = (int)(w.covered / HOUR),
                                .state = x->state,
                                .raw = x->value,
                                .factor = f,
                                .observed = x->value * f,
                                .modelled = w.modelled};
    p->zero += x->value == 0;
    if (!convert) return BS_OK;
    p->lowest = p->converted ? fmin(p->lowest, f) : f;
    p->highest = p->converted ? fmax(p->highest, f) : f;
    p->converted++;
    return BS_OK;
}

/* Daily means of neighbouring hourly pairs, over the same hours on both sides. */
static void add_days(bs_pairs *p)
{
    for (int k = 0, next; k < p->n_hourly; k = next) {
        const bs_pair *first = &p->pair[k];
        const long day = bs_local_day(first->end);
        bs_pair sum = {.site = first->site, .hours = DAY_HOURS, .state = first->state};
        for (next = k;
             next < p->n_hourly && p->pair[next].site == first->site && bs_local_day(p->pair[next].end) == day;
             next++) {
            sum.raw += p->pair[next].raw;
            sum.observed += p->pair[next].observed;
            sum.modelled += p->pair[next].modelled;
        }
        sum.covered = next - k;
        if (sum.covered < BS_DAY_HOURS_LEAST) continue;
        sum.end = ((bs_time)day + 1) * DAY - 8 * HOUR;
        sum.raw /= sum.covered;
        sum.observed /= sum.covered;
        sum.modelled /= sum.covered;
        sum.factor = sum.raw > 0 ? sum.observed / sum.raw : 1;
        p->pair[p->n++] = sum;
    }
}

static bs_status check_intervals(const bs_observations *o, const bs_surface *s, bs_err *err)
{
    for (int k = 0; o->hours == 1 && k < s->n_times; k++)
        if (s->end[k] - s->start[k] != HOUR || s->end[k] % HOUR != 0)
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: record %d is no mean over one whole hour (%g h): hourly observations need a run with "
                           "output.interval: 1 hour; or give their daily means",
                           bs_nc_file(s->nc), k, (double)(s->end[k] - s->start[k]) / HOUR);
    return BS_OK;
}

static bs_status no_pair(const bs_observations *o, const bs_modelled *m, const bs_pairs *p, bs_err *err)
{
    const bs_surface *s = &m->surface;
    char a[BS_TIME_TEXT_MAX], b[BS_TIME_TEXT_MAX], c[BS_TIME_TEXT_MAX], d[BS_TIME_TEXT_MAX];
    bs_time from = 0, to = 0;
    bool any = false;
    for (int k = 0; k < o->n; k++) {
        if (m->place[o->record[k].site].fate != BS_SITE_USED) continue;
        const bs_time start = o->record[k].end - (bs_time)o->hours * HOUR;
        from = any && from < start ? from : start;
        to = any && to > o->record[k].end ? to : o->record[k].end;
        any = true;
    }
    return bs_fail(err, BS_ERR_INPUT, "no %s observation meets the run: it has %s to %s, the observations %s to %s%s",
                   o->hours == 1 ? "hourly" : "daily", bs_time_format(s->start[0], a),
                   bs_time_format(s->end[s->n_times - 1], b), bs_time_format(from, c), bs_time_format(to, d),
                   p->thin ? " (of a natural day of UTC+8 the run must cover 20 hours)" : "");
}

bs_status bs_pairs_make(const bs_observations *o, const bs_modelled *m, bs_pairs *out, bs_err *err)
{
    *out = (bs_pairs){0};
    BS_TRY(check_intervals(o, &m->surface, err));
    BS_TRY(BS_NEW(&out->pair, 2 * (size_t)o->n, "pairs", err));
    bs_status st = BS_OK;
    for (int k = 0; st == BS_OK && k < o->n; k++) st = add_pair(o, m, &o->record[k], out, err);
    if (st == BS_OK && out->n == 0) st = no_pair(o, m, out, err);
    if (st == BS_OK && o->hours == 1) {
        out->n_hourly = out->n;
        add_days(out);
    }
    if (st != BS_OK) bs_pairs_free(out);
    return st;
}

void bs_pairs_free(bs_pairs *p)
{
    bs_free(p->pair);
    *p = (bs_pairs){0};
}
