/* The table on the terminal. */
#include <math.h>
#include <string.h>

#include "model/core/text.h"
#include "model/report/results.h"

enum { DAYS_SHOWN = 10, NAME_LEAST = 8, ENGLISH = 11, CLASS = 9, ALERT = 6, TEXT_MAX = 512, ALERT_TEXT = 8192 };

static int name_columns(const bs_series *s)
{
    int widest = NAME_LEAST;
    for (int c = 0; c < s->n_cities; c++) {
        const int columns = bs_text_columns(s->city[c].name);
        if (columns > widest) widest = columns;
    }
    return widest + 1;
}

/* "成都市*   Chengdu    ": the star where others stand on observations and this one does not. */
static void put_city(const bs_results *r, int city, FILE *screen)
{
    const bs_series_city *c = &r->series[0].city[city];
    char name[BS_SERIES_NAME_MAX + 2];
    const bool lower = r->observed.value && !bs_verdict_at(r, 0, city)->observed;
    snprintf(name, sizeof name, "%s%s", c->name, lower ? "*" : "");
    bs_report_cell(screen, name, name_columns(&r->series[0]) + 1);
    bs_report_cell(screen, c->name_en, ENGLISH);
}

static void put_head(const bs_results *r, FILE *screen)
{
    char from[BS_DAY_TEXT_MAX], to[BS_DAY_TEXT_MAX];
    const bs_series *s = &r->series[0];
    const char *weather = bs_config_text(r->config, "meteorology.label");
    fprintf(screen, "%s: %s, %s to %s, %d natural day%s of UTC+8, %d cities", r->request->run,
            bs_config_text(r->config, "case.name"), bs_day_format(s->day[0], from),
            bs_day_format(s->day[s->n_days - 1], to), s->n_days, s->n_days == 1 ? "" : "s", s->n_cities);
    if (r->members.n > 1) fprintf(screen, ", base and %d scenario%s", r->members.n - 1, r->members.n > 2 ? "s" : "");
    fputc('\n', screen);
    if (weather) fprintf(screen, "weather: %s\n", weather);
    fprintf(screen, "standard: %s: PM2.5 %g ug m-3 in 24 h, %g in a year; index: %s\n\n", r->rules.standard->name,
            r->rules.standard->day, r->rules.standard->annual, bs_index_name(r->rules.standard->edition));
    for (int n = 0; n < r->n_notes; n++) bs_report_wrapped(screen, "-", r->note[n]);
}

/* "+24.2": at least so much above, where the mean is a lower bound; "open": below, and a lower bound. */
static void put_standing(const bs_verdict *v, double limit, FILE *screen)
{
    if (bs_standing_of(v, limit) == BS_STANDING_OPEN)
        fprintf(screen, "%9s", "open");
    else
        fprintf(screen, "%+9.1f", v->mean - limit);
}

static void put_target(const bs_results *r, const bs_verdict *v, int city, FILE *screen)
{
    const bs_target *t = bs_targets_find(&r->targets, r->series[0].city[city].adcode);
    if (!t || isnan(t->annual)) {
        fprintf(screen, "%9s", "-");
        return;
    }
    put_standing(v, t->annual, screen);
    fprintf(screen, "  %g (%s %d)", t->annual, t->name, t->year);
}

static void put_cities(const bs_results *r, FILE *screen)
{
    char over[16], annual[24];
    snprintf(over, sizeof over, ">%g", r->rules.standard->day);
    snprintf(annual, sizeof annual, "mean-%g", r->rules.standard->annual);
    fprintf(screen, "\nPM2.5, ug m-3%s\n", r->observed.value ? "" : ", of primary PM2.5 alone: a lower bound");
    bs_report_cell(screen, "city", name_columns(&r->series[0]) + 1);
    bs_report_cell(screen, "", ENGLISH);
    fprintf(screen, "%4s %6s %7s %6s %5s ", "days", "mean", "highest", "on", "index");
    bs_report_cell(screen, r->observed.value ? "class" : "class>=", CLASS);
    fprintf(screen, "%5s %6s %5s ", over, "heavy>=", "good<=");
    bs_report_cell(screen, "alert>=", ALERT + 1);
    fprintf(screen, "%9s%9s\n", annual, r->targets.n ? "-target" : "");
    for (int c = 0; c < r->series[0].n_cities; c++) {
        const bs_verdict *v = bs_verdict_at(r, 0, c);
        char day[BS_DAY_TEXT_MAX];
        put_city(r, c, screen);
        fprintf(screen, "%4d %6.1f %7.1f %6s %5d ", v->days, v->mean, v->highest,
                bs_day_format(v->highest_day, day) + 5, v->highest_index);
        bs_report_cell(screen, bs_air_class_info(bs_air_class_of(v->highest_index))->name_zh, CLASS);
        fprintf(screen, "%5d %7d %6d ", v->over, v->heavy, v->good);
        bs_report_cell(screen, bs_alert_info(v->alert)->name_zh, ALERT + 1);
        put_standing(v, r->rules.standard->annual, screen);
        if (r->targets.n) put_target(r, v, c, screen);
        fputc('\n', screen);
    }
}

void bs_report_print_days(const bs_results *r, FILE *screen)
{
    const bs_series *s = &r->series[0];
    char text[BS_DAY_TEXT_MAX];
    fprintf(screen, "\nby day: PM2.5 in whole ug m-3 and class (");
    for (int k = 0; k < BS_AIR_COUNT; k++) {
        const bs_air_class_row *row = bs_air_class_info((bs_air_class)k);
        fprintf(screen, "%s%s %s", k ? ", " : "", row->sign, row->name);
    }
    fprintf(screen, ")%s\n", r->observed.value ? "" : ", both lower bounds");
    bs_report_cell(screen, "city", name_columns(s) + 1);
    bs_report_cell(screen, "", ENGLISH);
    for (int d = 0; d < s->n_days; d++) fprintf(screen, "%8s", bs_day_format(s->day[d], text) + 5);
    fputc('\n', screen);
    for (int c = 0; c < s->n_cities; c++) {
        put_city(r, c, screen);
        for (int d = 0; d < s->n_days; d++) {
            const bs_verdict_day *day = &bs_verdict_at(r, 0, c)->day[d];
            if (day->judged)
                fprintf(screen, "%5d %s", day->rounded, bs_air_class_info(day->air)->sign);
            else
                fprintf(screen, "%8s", "-");
        }
        fputc('\n', screen);
    }
}

/* "成都市 from 01-13, 3 days; ..." of the cities whose highest level it is; whether there is one. */
static bool alerted(const bs_results *r, bs_alert level, char *text, size_t size)
{
    size_t used = 0;
    *text = '\0';
    for (int c = 0; c < r->series[0].n_cities && used < size; c++) {
        const bs_verdict *v = bs_verdict_at(r, 0, c);
        char day[BS_DAY_TEXT_MAX];
        if (v->alert != level) continue;
        used += (size_t)snprintf(text + used, size - used, "%s%s from %s, %d day%s", used ? "; " : "",
                                 r->series[0].city[c].name, bs_day_format(v->alert_first, day) + 5, v->alert_days,
                                 v->alert_days == 1 ? "" : "s");
    }
    return used > 0;
}

static void put_alerts(const bs_results *r, FILE *screen)
{
    for (int level = BS_ALERT_COUNT - 1; level > BS_ALERT_NONE; level--) {
        const bs_alert_row *row = bs_alert_info((bs_alert)level);
        char head[TEXT_MAX], text[ALERT_TEXT];
        if (!alerted(r, (bs_alert)level, text, sizeof text)) continue;
        snprintf(head, sizeof head, "\nalert %s (%s; demands cuts of at least %g %%):", row->name_zh, row->name,
                 row->cut);
        bs_report_wrapped(screen, head, text);
    }
}

static void put_change(FILE *screen, int from, int to)
{
    if (from == to)
        fprintf(screen, "%10d", to);
    else
        fprintf(screen, "%4d -> %2d", from, to);
}

void bs_report_print_member(const bs_results *r, int member, FILE *screen)
{
    char over[16];
    snprintf(over, sizeof over, ">%g", r->rules.standard->day);
    fprintf(screen, "\nscenario %s against the base: mean of PM2.5%s, ug m-3, and days\n",
            r->members.member[member].name, r->observed.value ? "" : " (primary alone)");
    bs_report_cell(screen, "city", name_columns(&r->series[0]) + 1);
    bs_report_cell(screen, "", ENGLISH);
    fprintf(screen, "%8s %8s %8s %7s %9s %9s %9s  %s\n", "base", "scenario", "change", "%", over,
            "heavy>=", "good<=", "alert>=");
    for (int c = 0; c < r->series[0].n_cities; c++) {
        const bs_verdict *b = bs_verdict_at(r, 0, c), *v = bs_verdict_at(r, member, c);
        put_city(r, c, screen);
        fprintf(screen, "%8.1f %8.1f %+8.1f ", b->mean, v->mean, v->mean - b->mean);
        if (b->mean > 0)
            fprintf(screen, "%+7.1f", 100.0 * (v->mean - b->mean) / b->mean);
        else
            fprintf(screen, "%7s", "-");
        put_change(screen, b->over, v->over);
        put_change(screen, b->heavy, v->heavy);
        put_change(screen, b->good, v->good);
        fprintf(screen, "  %s", bs_alert_info(b->alert)->name_zh);
        if (v->alert != b->alert) fprintf(screen, " -> %s", bs_alert_info(v->alert)->name_zh);
        fputc('\n', screen);
    }
}

/* Percent in whole numbers, never "-0"; "-" where it is not defined. */
static void put_percent(FILE *screen, double percent, int columns)
{
    if (isnan(percent))
        fprintf(screen, "%*s", columns, "-");
    else
        fprintf(screen, "%*.0f", columns, round(percent) + 0.0);
}

/* Shares of one city. A local share of nothing beside unresolved ones is not known to be nothing. */
static bool put_shares(const double *share, int columns, FILE *screen)
{
    const bool unknown = share[BS_SHARE_LOCAL] == 0 && share[BS_SHARE_UNRESOLVED] > 0;
    for (int k = 0; k < BS_SHARE_COUNT; k++)
        put_percent(screen, k == BS_SHARE_LOCAL && unknown ? NAN : share[k], columns);
    return unknown;
}

static void put_sources(const bs_results *r, FILE *screen)
{
    enum { SHARE = 12 };
    bool unknown = false;
    const bs_contributions *from = &r->sources[0];
    if (from->n == 0) {
        fputs("\nwho contributes: the run carries no tags (tracers.tags), so it cannot tell\n", screen);
        return;
    }
    fprintf(screen,
            "\nwho contributes to primary PM2.5%s, %% of the mean over the run (%s)%s\n"
            "(initial: what was there at the start; boundary: what came in through the sides)\n",
            r->members.n > 1 ? " of the base" : "", from->origin, from->share ? ", and the largest sources" : "");
    if (from->share) {
        bs_report_cell(screen, "city", name_columns(&r->series[0]) + 1);
        bs_report_cell(screen, "", ENGLISH);
        fprintf(screen, "%*s%*s%*s%*s\n", SHARE, "local", SHARE, "other basin", SHARE, "outside", SHARE, "unresolved");
    }
    for (int c = 0; c < r->series[0].n_cities; c++) {
        char text[TEXT_MAX];
        put_city(r, c, screen);
        if (from->share && put_shares(&from->share[(size_t)c * BS_SHARE_COUNT], SHARE, screen)) unknown = true;
        bs_report_sources_text(r, 0, c, text, sizeof text);
        fprintf(screen, "%s%s\n", from->share ? "  " : "", *text ? text : "-");
    }
    if (unknown)
        fputs(
            "(unresolved: from tags that hold the city together with others, so that its local share is not known; a\n"
            "tag for each city tells it: tracers.cross with regions: [each])\n",
            screen);
}

void bs_report_print(const bs_results *r, FILE *screen)
{
    put_head(r, screen);
    put_cities(r, screen);
    put_alerts(r, screen);
    if (r->series[0].n_days <= DAYS_SHOWN) bs_report_print_days(r, screen);
    for (int m = 1; m < r->members.n; m++) bs_report_print_member(r, m, screen);
    put_sources(r, screen);
}
