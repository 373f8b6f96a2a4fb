/* evaluation.csv, evaluation_pairs.csv and evaluation.json. */
#include <math.h>

#include "model/evaluate/results.h"
#include "model/io/aside.h"
#include "model/io/json.h"

static void put_comments(const bs_evaluation *e, const char *what, bs_text_file *t)
{
    const char *weather = bs_config_text(e->config, "meteorology.label");
    bs_text_comment(t, "%s of %s against %s", what, bs_config_text(e->config, "case.name"), e->request->observed);
    for (int n = 0; n < e->n_notes; n++) bs_text_comment(t, "%s", e->note[n]);
    if (weather) bs_text_comment(t, "weather: %s", weather);
    bs_text_comment(t, "written by %s", e->request->version);
}

static void put_text(bs_text_file *t, const char *field)
{
    fputc(',', t->stream);
    bs_text_field(t, field);
}

static const char *mark_of(const bs_group *g, const bs_benchmark *b)
{
    return bs_group_is_marked(g) ? bs_mark_word(bs_benchmark_mark(b, &g->s)) : "";
}

/* ---- groups ---- */

static void put_group(const bs_evaluation *e, const bs_group *g, bs_text_file *t)
{
    const bs_place *p = g->site >= 0 ? &e->modelled.place[g->site] : NULL;
    int n;
    fprintf(t->stream, "%d,%s", g->hours, bs_group_word(g->kind));
    put_text(t, g->key);
    put_text(t, g->kind == BS_GROUP_STATION ? e->observations.site[g->site].id : "");
    put_text(t, g->kind == BS_GROUP_CITY ? g->key : p ? p->city : "");
    bs_text_number(t, p ? p->lon : NAN);
    bs_text_number(t, p ? p->lat : NAN);
    fprintf(t->stream, ",%d,%d", g->s.n, g->s.n_positive);
    bs_statistic_rows(&n);
    for (int k = 0; k < n; k++) bs_text_number(t, bs_statistic_value(&g->s, k));
    const bs_benchmark *b = bs_benchmarks(&n);
    for (int k = 0; k < n; k++) put_text(t, mark_of(g, &b[k]));
    fputc('\n', t->stream);
}

static bs_status write_groups(const bs_evaluation *e, const char *dir, bs_err *err)
{
    bs_text_file *t;
    int n;
    BS_TRY(bs_text_create(dir, "evaluation.csv", &t, err));
    put_comments(e, "evaluation", t);
    const bs_statistic_row *row = bs_statistic_rows(&n);
    for (int k = 0; k < n; k++) bs_text_comment(t, "%s: %s, %s", row[k].name, row[k].text, row[k].unit);
    fputs("averaging_hours,group,name,id,city,lon,lat,n,n_positive", t->stream);
    for (int k = 0; k < n; k++) fprintf(t->stream, ",%s", row[k].name);
    const bs_benchmark *b = bs_benchmarks(&n);
    for (int k = 0; k < n; k++) fprintf(t->stream, ",benchmark_%s", b[k].name);
    fputc('\n', t->stream);
    for (int k = 0; k < e->groups.n; k++) put_group(e, &e->groups.group[k], t);
    return bs_text_commit(t, err);
}

/* ---- pairs ---- */

static void put_pair(const bs_evaluation *e, const bs_pair *x, bs_text_file *t)
{
    const bs_place *p = &e->modelled.place[x->site];
    char end[BS_TIME_TEXT_MAX], local[BS_TIME_TEXT_MAX];
    fprintf(t->stream, "%d,%s,%s", x->hours, bs_time_format(x->end, end), bs_evaluate_local(x, local));
    put_text(t, p->name);
    put_text(t, e->observations.site[x->site].id);
    put_text(t, p->city);
    bs_text_number(t, p->lon);
    bs_text_number(t, p->lat);
    bs_text_number(t, x->raw);
    put_text(t, x->state == BS_STATE_STANDARD ? "standard" : "ambient");
    bs_text_number(t, x->factor);
    bs_text_number(t, x->observed);
    bs_text_number(t, x->modelled);
    fprintf(t->stream, ",%d\n", x->covered);
}

static bs_status write_pairs(const bs_evaluation *e, const char *dir, bs_err *err)
{
    bs_text_file *t;
    BS_TRY(bs_text_create(dir, "evaluation_pairs.csv", &t, err));
    put_comments(e, "pairs of the evaluation", t);
    bs_text_comment(t, "time_local: the natural day, or the end of the hour, of UTC+8; observed_raw as published, "
                       "observed = observed_raw factor and modelled (primary PM2.5) of ambient air, ug m-3; hours: "
                       "of the run behind modelled");
    fputs("averaging_hours,time_end_utc,time_local,name,id,city,lon,lat,observed_raw,state,factor,observed,modelled,"
          "hours\n",
          t->stream);
    for (int k = 0; k < e->pairs.n; k++) put_pair(e, &e->pairs.pair[k], t);
    return bs_text_commit(t, err);
}

/* ---- JSON ---- */

static void json_group(const bs_evaluation *e, const bs_group *g, bs_json *j)
{
    const bs_place *p = g->site >= 0 ? &e->modelled.place[g->site] : NULL;
    int n;
    bs_json_open(j, NULL, '{');
    bs_json_integer(j, "averaging_hours", g->hours);
    bs_json_text(j, "group", bs_group_word(g->kind));
    bs_json_text(j, "name", *g->key ? g->key : NULL);
    if (p) bs_json_text(j, "city", *p->city ? p->city : NULL);
    if (p) bs_json_number(j, "lon", p->lon);
    if (p) bs_json_number(j, "lat", p->lat);
    bs_json_integer(j, "n", g->s.n);
    bs_json_integer(j, "n_positive", g->s.n_positive);
    const bs_statistic_row *row = bs_statistic_rows(&n);
    for (int k = 0; k < n; k++) bs_json_number(j, row[k].name, bs_statistic_value(&g->s, k));
    if (bs_group_is_marked(g)) {
        const bs_benchmark *b = bs_benchmarks(&n);
        bs_json_open(j, "benchmarks", '{');
        for (int k = 0; k < n; k++) bs_json_text(j, b[k].name, *mark_of(g, &b[k]) ? mark_of(g, &b[k]) : NULL);
        bs_json_close(j, '}');
    }
    bs_json_close(j, '}');
}

static void json_sites(const bs_evaluation *e, bs_json *j)
{
    bs_json_open(j, "not_compared", '[');
    for (int k = 0; k < e->modelled.n_sites; k++) {
        const bs_place *p = &e->modelled.place[k];
        if (p->fate == BS_SITE_USED) continue;
        bs_json_open(j, NULL, '{');
        bs_json_text(j, "name", p->name);
        bs_json_text(j, "id", *e->observations.site[k].id ? e->observations.site[k].id : NULL);
        bs_json_text(j, "city", *p->city ? p->city : NULL);
        bs_json_text(j, "reason", bs_site_fate_text(p->fate));
        bs_json_close(j, '}');
    }
    bs_json_close(j, ']');
}

static void json_counts(const bs_evaluation *e, bs_json *j)
{
    const bs_observations *o = &e->observations;
    const bs_pairs *p = &e->pairs;
    bs_json_open(j, "counts", '{');
    bs_json_integer(j, "observations", o->n);
    bs_json_integer(j, "missing", o->missing);
    bs_json_integer(j, "negative", o->negative);
    bs_json_integer(j, "zero", p->zero);
    bs_json_integer(j, "repeated", o->repeated);
    bs_json_integer(j, "outside_the_period", p->elsewhere);
    bs_json_integer(j, "of_sites_not_compared", p->unplaced);
    bs_json_integer(j, "too_little_of_the_run", p->thin);
    bs_json_integer(j, "converted", p->converted);
    bs_json_integer(j, "pairs_hourly", p->n_hourly);
    bs_json_integer(j, "pairs_daily", p->n - p->n_hourly);
    bs_json_close(j, '}');
}

static void json_benchmarks(bs_json *j)
{
    int n;
    const bs_benchmark *b = bs_benchmarks(&n);
    bs_json_open(j, "benchmarks", '[');
    for (int k = 0; k < n; k++) {
        bs_json_open(j, NULL, '{');
        bs_json_text(j, "source", b[k].source);
        bs_json_text(j, "statistic", b[k].name);
        bs_json_text(j, "sense", b[k].above ? "above" : "within");
        bs_json_number(j, "goal", b[k].goal);
        bs_json_number(j, "criteria", b[k].criteria);
        bs_json_close(j, '}');
    }
    bs_json_close(j, ']');
}

void bs_evaluate_json(const bs_evaluation *e, FILE *stream)
{
    bs_json j = {.stream = stream};
    const bs_surface *s = &e->modelled.surface;
    char text[BS_TIME_TEXT_MAX];
    bs_json_open(&j, NULL, '{');
    bs_json_text(&j, "version", e->request->version);
    bs_json_text(&j, "case", bs_config_text(e->config, "case.name"));
    bs_json_text(&j, "title", bs_config_text(e->config, "case.title"));
    bs_json_text(&j, "weather_label", bs_config_text(e->config, "meteorology.label"));
    bs_json_text(&j, "modelled", "primary_pm25");
    bs_json_text(&j, "observed", "total PM2.5");
    bs_json_text(&j, "observed_file", e->request->observed);
    bs_json_text(&j, "observed_columns", e->observations.columns);
    bs_json_text(&j, "observed_unit", e->observations.unit);
    bs_json_integer(&j, "observed_hours", e->observations.hours);
    bs_json_text(&j, "sites", e->observations.stations ? "stations" : "cities");
    bs_json_text(&j, "run_start_utc", bs_time_format(s->start[0], text));
    bs_json_text(&j, "run_end_utc", bs_time_format(s->end[s->n_times - 1], text));
    bs_json_open(&j, "notes", '[');
    for (int n = 0; n < e->n_notes; n++) bs_json_text(&j, NULL, e->note[n]);
    bs_json_close(&j, ']');
    json_counts(e, &j);
    json_sites(e, &j);
    json_benchmarks(&j);
    bs_json_open(&j, "groups", '[');
    for (int k = 0; k < e->groups.n; k++) json_group(e, &e->groups.group[k], &j);
    bs_json_close(&j, ']');
    bs_json_close(&j, '}');
}

bs_status bs_evaluate_write(const bs_evaluation *e, const char *dir, bs_err *err)
{
    bs_text_file *t;
    BS_TRY(write_groups(e, dir, err));
    BS_TRY(write_pairs(e, dir, err));
    BS_TRY(bs_text_create(dir, "evaluation.json", &t, err));
    bs_evaluate_json(e, t->stream);
    return bs_text_commit(t, err);
}
