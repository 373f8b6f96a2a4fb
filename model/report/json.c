/* The report as JSON: all that the tables have. */
#include <math.h>

#include "model/report/results.h"

static void put_standard(bs_json *j, const bs_results *r)
{
    const bs_standard *s = r->rules.standard;
    bs_json_open(j, "standard", '{');
    bs_json_text(j, "name", s->name);
    bs_json_text(j, "index", bs_index_name(s->edition));
    bs_json_text(j, "edition", bs_config_text(r->config, "standards.edition"));
    bs_json_text(j, "phase", s->edition == BS_EDITION_2026 ? bs_config_text(r->config, "standards.phase") : NULL);
    bs_json_text(j, "grade", bs_config_text(r->config, "standards.grade"));
    bs_json_number(j, "limit_24h_ug_m3", s->day);
    bs_json_number(j, "limit_annual_ug_m3", s->annual);
    bs_json_close(j, '}');
}

static void put_target(bs_json *j, const bs_results *r, const bs_verdict *v, int city)
{
    const bs_target *t = bs_targets_find(&r->targets, r->series[0].city[city].adcode);
    if (!t) {
        bs_json_text(j, "target", NULL);
        return;
    }
    bs_json_open(j, "target", '{');
    bs_json_text(j, "of", t->name);
    bs_json_integer(j, "year", t->year);
    bs_json_number(j, "annual_ug_m3", t->annual);
    bs_json_number(j, "good_days_percent", t->good_days);
    bs_json_text(j, "source", t->source);
    bs_json_number(j, "mean_minus_target_ug_m3", v->mean - t->annual);
    bs_json_text(j, "standing", bs_standing_word(bs_standing_of(v, t->annual)));
    bs_json_close(j, '}');
}

static void put_day(bs_json *j, const bs_results *r, int city, int d, const bs_verdict *v)
{
    const bs_verdict_day *day = &v->day[d];
    char text[BS_DAY_TEXT_MAX];
    bs_json_open(j, NULL, '{');
    bs_json_text(j, "date", bs_day_format(r->series[0].day[d], text));
    bs_json_number(j, "pm25_ug_m3", day->pm25);
    if (day->judged) {
        bs_json_integer(j, "pm25_rounded", day->rounded);
        bs_json_integer(j, "index", day->index);
        bs_json_text(j, "class", bs_air_class_info(day->air)->name);
        bs_json_text(j, "class_zh", bs_air_class_info(day->air)->name_zh);
        bs_json_integer(j, "over_24h_limit", day->over);
        bs_json_text(j, "alert", bs_alert_info(day->alert)->name);
    }
    if (r->observed.value)
        bs_json_number(j, "observed_ambient_ug_m3", r->observed.value[(size_t)city * r->series[0].n_days + d]);
    bs_json_number(j, "modelled_primary_ug_m3", day->modelled);
    bs_json_close(j, '}');
}

static void put_change(bs_json *j, const bs_verdict *v, const bs_verdict *b)
{
    bs_json_open(j, "change", '{');
    bs_json_number(j, "mean_ug_m3", v->mean - b->mean);
    bs_json_number(j, "mean_percent", 100.0 * (v->mean - b->mean) / b->mean);
    bs_json_number(j, "highest_ug_m3", v->highest - b->highest);
    bs_json_integer(j, "good_days", v->good - b->good);
    bs_json_integer(j, "heavy_days", v->heavy - b->heavy);
    bs_json_integer(j, "days_over_24h_limit", v->over - b->over);
    bs_json_text(j, "alert_of_base", bs_alert_info(b->alert)->name);
    bs_json_close(j, '}');
}

static void put_sources(bs_json *j, const bs_results *r, int member, int city)
{
    const bs_contributions *c = &r->sources[member];
    bs_json_open(j, "sources_of_primary", '[');
    for (int n = 0; n < c->n; n++) {
        bs_json_open(j, NULL, '{');
        bs_json_text(j, "name", c->name[n]);
        bs_json_text(j, "label", c->label[n]);
        bs_json_number(j, "mean_ug_m3", c->value[(size_t)city * c->n + n]);
        bs_json_number(j, "share", c->value[(size_t)city * c->n + n] / c->total[city]);
        bs_json_close(j, '}');
    }
    bs_json_close(j, ']');
}

static void put_shares(bs_json *j, const bs_contributions *c, int city)
{
    bs_json_open(j, "shares_percent", '{');
    for (int k = 0; k < BS_SHARE_COUNT; k++)
        bs_json_number(j, bs_share_name((bs_share)k), c->share[(size_t)city * BS_SHARE_COUNT + k]);
    bs_json_close(j, '}');
}

static void put_city(bs_json *j, const bs_results *r, int member, int city)
{
    const bs_series_city *c = &r->series[0].city[city];
    const bs_verdict *v = bs_verdict_at(r, member, city);
    char day[BS_DAY_TEXT_MAX];
    bs_json_open(j, NULL, '{');
    bs_json_text(j, "adcode", c->adcode);
    bs_json_text(j, "name", c->name);
    bs_json_text(j, "name_en", c->name_en);
    bs_json_text(j, "basis", v->observed ? "observed" : "primary_lower_bound");
    bs_json_integer(j, "days", v->days);
    bs_json_number(j, "mean_ug_m3", v->mean);
    bs_json_number(j, "highest_ug_m3", v->highest);
    bs_json_text(j, "highest_day", bs_day_format(v->highest_day, day));
    bs_json_integer(j, "highest_index", v->highest_index);
    bs_json_open(j, "days_of_class", '{');
    for (int k = 0; k < BS_AIR_COUNT; k++)
        bs_json_integer(j, bs_air_class_info((bs_air_class)k)->name_zh, v->of_class[k]);
    bs_json_close(j, '}');
    bs_json_integer(j, "good_days_at_most", v->good);
    bs_json_integer(j, "heavy_days_at_least", v->heavy);
    bs_json_integer(j, "days_over_24h_limit", v->over);
    bs_json_open(j, "alert", '{');
    bs_json_text(j, "level", bs_alert_info(v->alert)->name);
    bs_json_text(j, "level_zh", bs_alert_info(v->alert)->name_zh);
    bs_json_text(j, "first_day", v->alert ? bs_day_format(v->alert_first, day) : NULL);
    bs_json_integer(j, "days", v->alert_days);
    bs_json_number(j, "mandated_cut_percent", bs_alert_info(v->alert)->cut);
    bs_json_close(j, '}');
    bs_json_number(j, "mean_minus_annual_limit_ug_m3", v->mean - r->rules.standard->annual);
    bs_json_text(j, "against_annual_limit", bs_standing_word(bs_standing_of(v, r->rules.standard->annual)));
    put_target(j, r, v, city);
    if (member > 0) put_change(j, v, bs_verdict_at(r, 0, city));
    put_sources(j, r, member, city);
    if (r->sources[member].share) put_shares(j, &r->sources[member], city);
    bs_json_open(j, "daily", '[');
    for (int d = 0; d < r->series[0].n_days; d++) put_day(j, r, city, d, v);
    bs_json_close(j, ']');
    bs_json_close(j, '}');
}

static void put_members(bs_json *j, const bs_results *r)
{
    bs_json_open(j, "members", '[');
    for (int m = 0; m < r->members.n; m++) {
        bs_json_open(j, NULL, '{');
        bs_json_text(j, "name", r->members.member[m].name);
        bs_json_text(j, "sources_from", r->sources[m].n ? r->sources[m].origin : NULL);
        bs_json_open(j, "cities", '[');
        for (int c = 0; c < r->series[0].n_cities; c++) put_city(j, r, m, c);
        bs_json_close(j, ']');
        bs_json_close(j, '}');
    }
    bs_json_close(j, ']');
}

void bs_report_json(const bs_results *r, FILE *stream)
{
    bs_json j = {.stream = stream};
    const bs_series *s = &r->series[0];
    char day[BS_DAY_TEXT_MAX];
    bs_json_open(&j, NULL, '{');
    bs_json_text(&j, "version", r->request->version);
    bs_json_text(&j, "case", bs_config_text(r->config, "case.name"));
    bs_json_text(&j, "weather_label", bs_config_text(r->config, "meteorology.label"));
    put_standard(&j, r);
    bs_json_text(&j, "basis", r->observed.value ? "observed" : "primary_lower_bound");
    bs_json_text(&j, "observed_file", r->observed.value ? r->observed_file : NULL);
    bs_json_text(&j, "secondary", r->observed.value ? bs_config_text(r->config, "standards.secondary") : NULL);
    bs_json_number(&j, "secondary_share", r->observed.value ? r->rules.share : NAN);
    bs_json_text(&j, "first_day", bs_day_format(s->day[0], day));
    bs_json_text(&j, "last_day", bs_day_format(s->day[s->n_days - 1], day));
    bs_json_integer(&j, "days", s->n_days);
    bs_json_open(&j, "notes", '[');
    for (int n = 0; n < r->n_notes; n++) bs_json_text(&j, NULL, r->note[n]);
    bs_json_close(&j, ']');
    put_members(&j, r);
    bs_json_close(&j, '}');
}
