/* What the numbers do not say by themselves. */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "model/report/results.h"

BS_PRINTF(2, 3) static void add(bs_results *r, const char *format, ...)
{
    va_list arguments;
    if (r->n_notes == BS_NOTES_MAX) return;
    va_start(arguments, format);
    vsnprintf(r->note[r->n_notes++], BS_NOTE_TEXT, format, arguments);
    va_end(arguments);
}

/* The cities that have no observation, as "阿坝藏族羌族自治州, ..."; how many. */
static int unobserved(const bs_results *r, char *text, size_t size)
{
    int n = 0;
    size_t used = 0;
    *text = '\0';
    for (int c = 0; c < r->series[0].n_cities; c++) {
        if (bs_verdict_at(r, 0, c)->observed) continue;
        const char *name = r->series[0].city[c].name;
        n++;
        if (used + strlen(name) + sizeof ", and more" >= size) continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s", used ? ", " : "", name);
    }
    return n;
}

static void add_observed_basis(bs_results *r)
{
    char names[BS_NOTE_TEXT / 2];
    add(r,
        "Observed base: a day of the base run has the observation of %s; a day of a scenario has it times the modelled "
        "change (scenario / base of primary PM2.5, same city and day).",
        r->observed_file);
    if (r->rules.secondary == BS_SECONDARY_FIXED)
        add(r,
            "Assumed: a share of %g of the observed PM2.5 is secondary and stays as it is "
            "(standards.secondary: fixed).",
            r->rules.share);
    else
        add(r, "Assumed: the secondary part of PM2.5 changes as the primary part does (standards.secondary: scales). "
               "In the air it follows cuts more slowly, if at all: read the changes as the most to be had, and compare "
               "with secondary: fixed.");
    add(r, "An observation is the mean of a city's stations, the modelled change that of its whole area.");
    if (strcmp(bs_config_text(r->config, "meteorology.provider"), "idealised") == 0)
        add(r,
            "The weather of the run is idealised: the observations lend the level of their days, the model not their "
            "weather.");
    if (unobserved(r, names, sizeof names))
        add(r, "No observation, so judged by primary PM2.5 alone, a lower bound (marked *): %s.", names);
}

static void add_basis(bs_results *r)
{
    if (r->observed.value) {
        add_observed_basis(r);
        return;
    }
    add(r, "OF PRIMARY PM2.5 ALONE: A LOWER BOUND. The run holds primary particles only and no observed base was given "
           "(--observed), so every concentration, index and class here is that of primary PM2.5. Real days over the "
           "limit, heavily polluted days and alerts are at least as many, good days at most as many; a mean below a "
           "limit or target leaves open how the whole stands to it.");
}

static void add_observations(bs_results *r)
{
    const bs_observed *o = &r->observed;
    const int possible = r->series[0].n_cities * r->series[0].n_days;
    if (!o->value) return;
    if (o->converted)
        add(r,
            "%d of %d observations referred to 273.15 K and 1013.25 hPa (published so before 2018-09-01) and were "
            "converted to ambient air by the run's pressure and temperature at each city: factors %.3f to %.3f.",
            o->converted, o->used, o->lowest, o->highest);
    if (o->used < possible || o->elsewhere || o->empty)
        add(r,
            "Observations used: %d, for %d days of cities; rows on other days: %d; rows without a value: %d. A city's "
            "days without an observation are not judged.",
            o->used, possible, o->elsewhere, o->empty);
}

void bs_report_notes(bs_results *r)
{
    add_basis(r);
    add_observations(r);
    add(r, "One pollutant of six: the AQI of a day is the largest index of all, so good days (AQI at most 100) are an "
           "upper bound and heavily polluted days (AQI above 200) a lower one.");
    add(r,
        "%d day%s no year: the annual limit and the targets, which are annual means, stand beside the period's mean to "
        "compare with.",
        r->series[0].n_days, r->series[0].n_days == 1 ? " is" : "s are");
    add(r, "Alerts: the highest level whose trigger (环大气〔2024〕6号; here on the index of PM2.5 and whole natural "
           "days) "
           "the days meet. The notice asks it of a forecast and of the AQI.");
    if (r->targets.n == 0)
        add(r,
            "No targets were given (standards.targets or --targets; configs/standards/targets.csv has those known).");
}

void bs_report_sources_text(const bs_results *r, int member, int city, char *text, size_t size)
{
    const bs_contributions *c = &r->sources[member];
    int which[BS_TOP_SOURCES];
    size_t used = 0;
    *text = '\0';
    if (c->n == 0 || !(c->total[city] > 0)) return;
    const int n = bs_contributions_top(c, city, BS_TOP_SOURCES, which);
    for (int k = 0; k < n && used < size; k++)
        used += (size_t)snprintf(text + used, size - used, "%s%s %.0f %%", k ? "; " : "", c->label[which[k]],
                                 100.0 * c->value[(size_t)city * c->n + which[k]] / c->total[city]);
}
