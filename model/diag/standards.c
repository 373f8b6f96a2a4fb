#include "model/diag/standards.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

static const bs_standard STANDARD[] = {
#define BS_STANDARD(edition, phase, grade, annual, day, name) {edition, phase, grade, annual, day, name},
#include "model/diag/standards.def"
};

enum { BREAKPOINTS = 8 };
static const int INDEX_AT[BREAKPOINTS] = {0, 50, 100, 150, 200, 300, 400, 500};

static const struct {
    const char *name;
    int c[BREAKPOINTS]; /* ug m-3 */
} INDEX[BS_EDITION_COUNT] = {
#define BS_INDEX(edition, name, c0, c1, c2, c3, c4, c5, c6, c7) [edition] = {name, {c0, c1, c2, c3, c4, c5, c6, c7}},
#include "model/diag/standards.def"
};

static const bs_air_class_row AIR_CLASS[BS_AIR_COUNT] = {
#define BS_AIR_CLASS(id, highest, name, name_zh, sign) [id] = {highest, name, name_zh, sign},
#include "model/diag/standards.def"
};

static const bs_alert_row ALERT[BS_ALERT_COUNT] = {
#define BS_ALERT(id, name, name_zh, cut) [id] = {name, name_zh, cut},
#include "model/diag/standards.def"
};

typedef struct alert_rule {
    bs_alert alert;
    int above, days, and_above, and_days;
} alert_rule;

static const alert_rule RULE[] = {
#define BS_ALERT_RULE(alert, above, days, and_above, and_days) {alert, above, days, and_above, and_days},
#include "model/diag/standards.def"
};

const bs_standard *bs_standard_find(bs_edition edition, bs_phase phase, bs_grade grade)
{
    for (size_t n = 0; n < sizeof STANDARD / sizeof *STANDARD; n++)
        if (STANDARD[n].edition == edition && STANDARD[n].phase == phase && STANDARD[n].grade == grade)
            return &STANDARD[n];
    return NULL;
}

const char *bs_index_name(bs_edition edition)
{
    return INDEX[edition].name;
}

int bs_pm25_round(double c)
{
    const double whole = floor(c), rest = c - whole;
    const bool up = rest > 0.5 || (rest == 0.5 && fmod(whole, 2.0) != 0.0);
    return (int)(whole + up);
}

int bs_pm25_iaqi(bs_edition edition, double c)
{
    const int rounded = bs_pm25_round(c), *at = INDEX[edition].c;
    if (rounded <= 0) return 0;
    for (int n = 1; n < BREAKPOINTS; n++) {
        if (rounded > at[n]) continue;
        const int span = at[n] - at[n - 1], steps = (INDEX_AT[n] - INDEX_AT[n - 1]) * (rounded - at[n - 1]);
        return INDEX_AT[n - 1] + (steps + span - 1) / span;
    }
    return BS_INDEX_MAX;
}

bs_air_class bs_air_class_of(int index)
{
    int c = 0;
    while (c < BS_AIR_COUNT - 1 && index > AIR_CLASS[c].highest) c++;
    return (bs_air_class)c;
}

const bs_air_class_row *bs_air_class_info(bs_air_class c)
{
    return &AIR_CLASS[c];
}

const bs_alert_row *bs_alert_info(bs_alert alert)
{
    return &ALERT[alert];
}

/* One beyond the last day of the row of neighbouring days above `above` that begins at `from`. */
static int row_end(int n, const long *day, const int *index, int from, int above)
{
    int to = from;
    while (to < n && index[to] > above && (to == from || day[to] == day[to - 1] + 1)) to++;
    return to;
}

static bool holds(int n, const long *day, const int *index, int from, int above, int days)
{
    if (days == 0) return true;
    for (int k = from; k < n; k++)
        if (row_end(n, day, index, k, above) - k >= days) return true;
    return false;
}

void bs_alert_days(int n, const long *day, const int *index, bs_alert *level)
{
    for (int k = 0; k < n; k++) level[k] = BS_ALERT_NONE;
    for (size_t r = 0; r < sizeof RULE / sizeof *RULE; r++) {
        const alert_rule *rule = &RULE[r];
        for (int from = 0, to; from<n; from = to> from ? to : from + 1) {
            to = row_end(n, day, index, from, rule->above);
            if (to - from < rule->days || !holds(to, day, index, from, rule->and_above, rule->and_days)) continue;
            for (int k = from; k < to; k++)
                if (rule->alert > level[k]) level[k] = rule->alert;
        }
    }
}
