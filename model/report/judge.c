#include "model/report/judge.h"

#include <math.h>

#include "model/core/memory.h"

static const double LEAST_BASE = 1e-3; /* ug m-3: below, a ratio is one of rounding errors */

double bs_scaled(const bs_rules *rules, double observed, double base, double member)
{
    const double change = member / base, share = rules->secondary == BS_SECONDARY_FIXED ? rules->share : 0.0;
    return observed * ((1.0 - share) * change + share);
}

bs_standing bs_standing_of(const bs_verdict *v, double limit)
{
    if (isnan(limit)) return BS_STANDING_NONE;
    if (v->mean > limit) return BS_STANDING_ABOVE;
    return v->observed ? BS_STANDING_MET : BS_STANDING_OPEN;
}

const char *bs_standing_word(bs_standing standing)
{
    static const char *const WORD[] = {"", "open", "met", "above"};
    return WORD[standing];
}

static bs_status find_values(const bs_rules *rules, const bs_series *base, const bs_series *member,
                             const bs_observed *observed, int city, bs_verdict *v, bs_err *err)
{
    v->observed = observed && observed->days[city] > 0;
    for (int d = 0; d < base->n_days; d++) {
        const size_t at = (size_t)city * base->n_days + d;
        bs_verdict_day *day = &v->day[d];
        char text[BS_DAY_TEXT_MAX];
        day->modelled = member->pm25[at];
        day->pm25 = v->observed ? observed->value[at] : day->modelled;
        day->judged = !isnan(day->pm25);
        if (!v->observed || !day->judged || member == base) continue;
        if (!(base->pm25[at] >= LEAST_BASE))
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: %s has %g ug m-3 on %s: no modelled change can be told from it; leave "
                           "the city out of the observations",
                           base->file, base->city[city].name, base->pm25[at], bs_day_format(base->day[d], text));
        day->pm25 = bs_scaled(rules, day->pm25, base->pm25[at], member->pm25[at]);
    }
    return BS_OK;
}

static void classify(const bs_rules *rules, bs_verdict_day *day)
{
    const bs_standard *s = rules->standard;
    day->rounded = bs_pm25_round(day->pm25);
    day->index = bs_pm25_iaqi(s->edition, day->pm25);
    day->air = bs_air_class_of(day->index);
    day->over = day->rounded > s->day;
}

static void count(const bs_series *s, bs_verdict *v)
{
    double sum = 0.0;
    for (int d = 0; d < s->n_days; d++) {
        const bs_verdict_day *day = &v->day[d];
        if (!day->judged) continue;
        if (v->days++ == 0 || day->pm25 > v->highest) {
            v->highest = day->pm25;
            v->highest_day = s->day[d];
            v->highest_index = day->index;
        }
        sum += day->pm25;
        v->of_class[day->air]++;
        v->good += day->index <= BS_INDEX_GOOD_MAX;
        v->heavy += day->index > BS_INDEX_HEAVY_ABOVE;
        v->over += day->over;
    }
    v->mean = sum / v->days;
}

static void raise_alerts(const bs_series *s, bs_verdict *v, long *day, int *index, bs_alert *level)
{
    int n = 0;
    for (int d = 0; d < s->n_days; d++) {
        if (!v->day[d].judged) continue;
        day[n] = s->day[d];
        index[n++] = v->day[d].index;
    }
    bs_alert_days(n, day, index, level);
    for (int d = 0, k = 0; d < s->n_days; d++) {
        if (!v->day[d].judged) continue;
        v->day[d].alert = level[k];
        if (level[k] > v->alert) {
            v->alert = level[k];
            v->alert_first = s->day[d];
            v->alert_days = 0;
        }
        v->alert_days += level[k] == v->alert && v->alert != BS_ALERT_NONE;
        k++;
    }
}

static bs_status judge_cities(const bs_rules *rules, const bs_series *base, const bs_series *member,
                              const bs_observed *observed, bs_verdicts *out, long *day, int *index, bs_alert *level,
                              bs_err *err)
{
    for (int c = 0; c < base->n_cities; c++) {
        bs_verdict *v = &out->city[c];
        v->day = out->day + (size_t)c * base->n_days;
        BS_TRY(find_values(rules, base, member, observed, c, v, err));
        for (int d = 0; d < base->n_days; d++)
            if (v->day[d].judged) classify(rules, &v->day[d]);
        count(base, v);
        raise_alerts(base, v, day, index, level);
    }
    return BS_OK;
}

bs_status bs_judge(const bs_rules *rules, const bs_series *base, const bs_series *member, const bs_observed *observed,
                   bs_verdicts *out, bs_err *err)
{
    long *day = NULL;
    int *index = NULL;
    bs_alert *level = NULL;
    *out = (bs_verdicts){0};
    bs_status st = BS_NEW(&out->city, base->n_cities, "verdicts", err);
    if (st == BS_OK) st = BS_NEW(&out->day, (size_t)base->n_cities * base->n_days, "verdicts", err);
    if (st == BS_OK) st = BS_NEW(&day, base->n_days, "verdicts", err);
    if (st == BS_OK) st = BS_NEW(&index, base->n_days, "verdicts", err);
    if (st == BS_OK) st = BS_NEW(&level, base->n_days, "verdicts", err);
    if (st == BS_OK) st = judge_cities(rules, base, member, observed, out, day, index, level, err);
    bs_free(day);
    bs_free(index);
    bs_free(level);
    if (st != BS_OK) bs_verdicts_free(out);
    return st;
}

void bs_verdicts_free(bs_verdicts *v)
{
    bs_free(v->city);
    bs_free(v->day);
    *v = (bs_verdicts){0};
}
