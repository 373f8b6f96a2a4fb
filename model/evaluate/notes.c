/* What the numbers do not say by themselves. */
#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "model/diag/standards.h"
#include "model/evaluate/results.h"

enum { HOUR = 3600, UTC8 = 8 * HOUR, DAY_HOURS = 24, LIST_TEXT = 640 };
static const double WHOLE = 0.99; /* of a city's area: borders of mesh and polygon may touch */

BS_PRINTF(2, 3) static void add(bs_evaluation *e, const char *format, ...)
{
    va_list arguments;
    if (e->n_notes == BS_EVALUATE_NOTES_MAX) return;
    va_start(arguments, format);
    vsnprintf(e->note[e->n_notes++], BS_EVALUATE_NOTE_TEXT, format, arguments);
    va_end(arguments);
}

char *bs_evaluate_local(const bs_pair *pair, char text[BS_TIME_TEXT_MAX])
{
    if (pair->hours == DAY_HOURS) return bs_day_format(bs_local_day(pair->end), text);
    bs_time_format(pair->end + UTC8, text);
    text[10] = ' ';
    text[16] = '\0';
    return text;
}

static void add_basis(bs_evaluation *e)
{
    const char *provider = bs_config_text(e->config, "meteorology.provider");
    add(e,
        "PRIMARY PM2.5 AGAINST OBSERVED TOTAL PM2.5: MB, NMB, NME, RMSE, FAC2, MFB, MFE and what they are held "
        "against are NOT the skill of a model of PM2.5, since the secondary part (in the Sichuan basin half to two "
        "thirds of it) is not simulated and nothing stands in for it. What a constant primary share leaves as it is: "
        "r, and nme_scaled (the error after the model is scaled to the observed mean).");
    if (provider && strcmp(provider, "idealised") == 0)
        add(e, "IDEALISED WEATHER, no real day: agreement by day or hour means nothing; the means over the period "
               "(site_means) tell whether the pattern in space is near.");
}

static void add_state(bs_evaluation *e)
{
    const bs_pairs *p = &e->pairs;
    const int n = p->n_hourly ? p->n_hourly : p->n;
    const char *told = e->state != BS_STATE_UNTOLD ? "--state"
                       : strstr(e->observations.columns, "state from")
                           ? "the table's column"
                           : "the date: 273.15 K and 1013.25 hPa before 2018-09-01";
    if (p->converted)
        add(e,
            "Reference state by %s: %d of %d observations refer to 273.15 K and 1013.25 hPa and were multiplied by "
            "%.3f to %.3f (pressure and 2 m temperature of the run at the place), so that both sides are of ambient "
            "air.",
            told, p->converted, n, p->lowest, p->highest);
    else
        add(e, "Reference state by %s: all %d observations are of ambient air, as the model is.", told, n);
}

/* Cities of which the mesh holds a part: the model's mean is over that alone. */
static void add_parts(bs_evaluation *e)
{
    char text[LIST_TEXT] = "";
    size_t used = 0;
    for (int k = 0; k < e->modelled.n_sites && used < sizeof text; k++) {
        const bs_place *p = &e->modelled.place[k];
        if (p->fate == BS_SITE_USED && p->share < WHOLE)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s %.0f %%", used ? ", " : "", p->name,
                                     100 * p->share);
    }
    if (used) add(e, "Only a part of these cities lies in the mesh, and the model's mean is over that part: %s.", text);
}

static void add_places(bs_evaluation *e)
{
    if (e->observations.stations)
        add(e, "A station has the model's value %s; stations stand in towns, a cell is the mean over its area.",
            e->bilinear ? "between the four cell centres around it (bilinear)" : "of the cell that holds it");
    else
        add(e, "An observation is the mean of a city's stations, in its towns; the model's value is the mean over its "
               "whole prefecture, mountains included.");
    if (e->observations.hours == 1)
        add(e, "Hourly stamps of the observations are taken to %s their hour, in UTC+8 (--stamp).",
            e->begins ? "begin" : "end");
    if (e->observations.hours == 1 && !bs_groups_find(&e->groups, BS_GROUP_ALL, DAY_HOURS))
        add(e, "No site has %d hours of one day in common with the run: no 24-h means, to which the benchmarks apply.",
            BS_DAY_HOURS_LEAST);
}

static void add_left_out(bs_evaluation *e)
{
    char text[LIST_TEXT];
    const bs_observations *o = &e->observations;
    const bs_pairs *p = &e->pairs;
    for (int f = BS_SITE_USED + 1; f < BS_SITE_FATES; f++) {
        const int n = bs_modelled_list(&e->modelled, o, (bs_site_fate)f, text, sizeof text);
        if (n) add(e, "Not compared, %s (%d): %s.", bs_site_fate_text((bs_site_fate)f), n, text);
    }
    if (o->missing || o->negative)
        add(e, "Left out: %d rows without a value, %d with one below zero.", o->missing, o->negative);
    if (p->zero)
        add(e,
            "%d compared observations are exactly 0 ug m-3, which instruments hardly report: they may be missing ones. "
            "They "
            "count, but for FAC2, MFB and MFE.",
            p->zero);
    if (o->repeated)
        add(e, "%d rows stand in the table a second time with the same value; each counts once.", o->repeated);
    if (p->elsewhere || p->unplaced)
        add(e, "Of the observations %d are outside the period of the run, %d of sites that are not compared.",
            p->elsewhere, p->unplaced);
    if (p->thin)
        add(e,
            "%d observations are of days of which the run covers less than %d hours, or of hours that it covers in "
            "part.",
            p->thin, BS_DAY_HOURS_LEAST);
}

void bs_evaluate_notes(bs_evaluation *e)
{
    add_basis(e);
    add_state(e);
    add_places(e);
    add_parts(e);
    add_left_out(e);
}
