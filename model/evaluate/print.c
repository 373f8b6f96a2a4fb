/* The table on the terminal. */
#include <math.h>
#include <string.h>

#include "model/core/text.h"
#include "model/evaluate/results.h"
#include "model/report/screen.h"

enum { NAME = 20, ROWS_SHOWN = 60, DAY_HOURS = 24, PERCENT = 100 };

/* A number in `columns` columns, or a dash. */
static void put(FILE *screen, double value, int columns, int decimals)
{
    if (isfinite(value))
        fprintf(screen, "%*.*f", columns, decimals, fabs(value) < 0.5 * pow(10, -decimals) ? 0.0 : value);
    else
        fprintf(screen, "%*s", columns, "-");
}

static void put_header(FILE *screen)
{
    fprintf(screen, "  %-*s %6s%7s%7s%7s%8s%8s%8s%7s%7s%7s%7s%8s%8s\n", NAME, "", "n", "obs", "mod", "ratio", "NMB %",
            "NME %", "RMSE", "r", "IOA", "FAC2 %", "scNME%", "MFB %", "MFE %");
}

static void put_row(const char *name, const bs_statistics *s, FILE *screen)
{
    fputs("  ", screen);
    bs_report_cell(screen, name, NAME);
    fprintf(screen, " %6d", s->n);
    put(screen, s->mean_obs, 7, 1);
    put(screen, s->mean_mod, 7, 1);
    put(screen, s->ratio, 7, 2);
    put(screen, PERCENT * s->nmb, 8, 1);
    put(screen, PERCENT * s->nme, 8, 1);
    put(screen, s->rmse, 8, 1);
    put(screen, s->r, 7, 2);
    put(screen, s->ioa, 7, 2);
    put(screen, PERCENT * s->fac2, 7, 0);
    put(screen, PERCENT * s->nme_scaled, 7, 0);
    put(screen, PERCENT * s->mfb, 8, 1);
    put(screen, PERCENT * s->mfe, 8, 1);
    fputc('\n', screen);
}

static void put_kind(const bs_evaluation *e, bs_group_kind kind, int hours, const char *head, FILE *screen)
{
    int n = 0, all = 0;
    for (int k = 0; k < e->groups.n; k++) all += e->groups.group[k].kind == kind && e->groups.group[k].hours == hours;
    if (all == 0) return;
    fprintf(screen, "  %s\n", head);
    for (int k = 0; k < e->groups.n && n < ROWS_SHOWN; k++) {
        const bs_group *g = &e->groups.group[k];
        if (g->kind != kind || g->hours != hours) continue;
        put_row(g->key, &g->s, screen);
        n++;
    }
    if (all > n) fprintf(screen, "  and %d more in evaluation.csv\n", all - n);
}

static void put_hours(const bs_evaluation *e, int hours, FILE *screen)
{
    const bs_group *all = bs_groups_find(&e->groups, BS_GROUP_ALL, hours),
                   *means = bs_groups_find(&e->groups, BS_GROUP_SITE_MEANS, hours);
    const bool stations = e->observations.stations;
    if (!all) return;
    fprintf(screen, "\n%s means, ug m-3 of ambient air: obs total PM2.5, mod PRIMARY PM2.5%s\n",
            hours == 1 ? "hourly" : "24-h",
            hours == DAY_HOURS && e->observations.hours == 1 ? " (days with 20 hours or more in common)" : "");
    put_header(screen);
    put_row("all pairs", &all->s, screen);
    if (means && means->s.n > 1) put_row(stations ? "means of stations" : "means of cities", &means->s, screen);
    put_kind(e, BS_GROUP_CITY, hours, stations ? "by city (its stations)" : "by city", screen);
    if (hours == DAY_HOURS) put_kind(e, BS_GROUP_DAY, hours, "by natural day of UTC+8 (all sites)", screen);
}

static void put_limit(FILE *screen, const bs_benchmark *b, double limit)
{
    if (b->above)
        fprintf(screen, "  > %.2f", limit);
    else
        fprintf(screen, " %s%3.0f %%",
                strcmp(b->name, "nmb") == 0 || strcmp(b->name, "mfb") == 0 ? "+-" : "<=", PERCENT * limit);
}

static void put_benchmarks(const bs_evaluation *e, FILE *screen)
{
    const bs_group *all = bs_groups_find(&e->groups, BS_GROUP_ALL, DAY_HOURS);
    int n;
    const bs_benchmark *b = bs_benchmarks(&n);
    if (!all) return;
    fputs("\nheld against benchmarks for models of TOTAL PM2.5, 24-h means (this one has the primary part alone)\n",
          screen);
    for (int k = 0; k < n; k++) {
        const double value = bs_statistic_value(&all->s, b[k].row), x = 0.5 * (all->s.mean_obs + all->s.mean_mod);
        const char *word = bs_mark_word(bs_benchmark_mark(&b[k], &all->s));
        fprintf(screen, "  %-22s %-4s", b[k].source, b[k].name);
        put(screen, b[k].above ? value : PERCENT * value, 8, b[k].above ? 2 : 1);
        fputs("   goal", screen);
        put_limit(screen, &b[k], bs_benchmark_limit(&b[k], b[k].goal, x));
        fputs("   criteria", screen);
        put_limit(screen, &b[k], bs_benchmark_limit(&b[k], b[k].criteria, x));
        const char *none = all->s.n < BS_MARK_PAIRS ? "too few pairs" : "not defined";
        fprintf(screen, "   %s%s\n", *word ? word : none, *word && strcmp(word, "not met") != 0 ? " met" : "");
    }
}

void bs_evaluate_print(const bs_evaluation *e, FILE *screen)
{
    const char *weather = bs_config_text(e->config, "meteorology.label");
    const bs_surface *s = &e->modelled.surface;
    char a[BS_TIME_TEXT_MAX], b[BS_TIME_TEXT_MAX];
    fprintf(screen, "%s: %s, %s to %s, against %s\n", e->request->run, bs_config_text(e->config, "case.name"),
            bs_time_format(s->start[0], a), bs_time_format(s->end[s->n_times - 1], b), e->request->observed);
    if (weather) fprintf(screen, "weather: %s\n", weather);
    fprintf(screen, "observations: %s means, in %s; %s\n\n", e->observations.hours == 1 ? "hourly" : "daily",
            e->observations.unit, e->observations.columns);
    for (int n = 0; n < e->n_notes; n++) bs_report_wrapped(screen, "-", e->note[n]);
    put_hours(e, 1, screen);
    put_hours(e, DAY_HOURS, screen);
    put_benchmarks(e, screen);
}
