/* report.csv, report_daily.csv and report.json. */
#include <math.h>
#include <string.h>

#include "model/io/aside.h"
#include "model/report/results.h"

enum { TEXT_MAX = 512 };

static const char *basis(const bs_verdict *v)
{
    return v->observed ? "observed" : "primary_lower_bound";
}

static void put_comments(const bs_results *r, const char *what, bs_text_file *t)
{
    const bs_standard *s = r->rules.standard;
    const char *weather = bs_config_text(r->config, "meteorology.label");
    bs_text_comment(t, "%s of %s", what, bs_config_text(r->config, "case.name"));
    if (weather) bs_text_comment(t, "weather: %s", weather);
    bs_text_comment(t, "standard: %s: %g ug m-3 in 24 h, %g in a year; index: %s", s->name, s->day, s->annual,
                    bs_index_name(s->edition));
    for (int n = 0; n < r->n_notes; n++) bs_text_comment(t, "%s", r->note[n]);
    bs_text_comment(t, "written by %s", r->request->version);
}

static void put_who(const bs_results *r, int member, int city, bs_text_file *t)
{
    const bs_series_city *c = &r->series[0].city[city];
    const char *const field[] = {r->members.member[member].name, c->adcode, c->name, c->name_en};
    for (size_t k = 0; k < sizeof field / sizeof *field; k++) {
        if (k) fputc(',', t->stream);
        bs_text_field(t, field[k]);
    }
}

static void put_city_row(const bs_results *r, int member, int city, bs_text_file *t)
{
    const bs_verdict *v = bs_verdict_at(r, member, city), *b = bs_verdict_at(r, 0, city);
    const bs_target *target = bs_targets_find(&r->targets, r->series[0].city[city].adcode);
    const bs_contributions *from = &r->sources[member];
    const double annual = r->rules.standard->annual, asked = target ? target->annual : NAN;
    char day[BS_DAY_TEXT_MAX], text[TEXT_MAX];
    put_who(r, member, city, t);
    fprintf(t->stream, ",%s,%d", basis(v), v->days);
    bs_text_number(t, v->mean);
    bs_text_number(t, v->highest);
    fprintf(t->stream, ",%s,%d,", bs_day_format(v->highest_day, day), v->highest_index);
    bs_text_field(t, bs_air_class_info(bs_air_class_of(v->highest_index))->name_zh);
    for (int k = 0; k < BS_AIR_COUNT; k++) fprintf(t->stream, ",%d", v->of_class[k]);
    fprintf(t->stream, ",%d,%d,%d,%s,%s,%d", v->good, v->heavy, v->over, bs_alert_info(v->alert)->name,
            v->alert ? bs_day_format(v->alert_first, day) : "", v->alert_days);
    bs_text_number(t, annual);
    bs_text_number(t, v->mean - annual);
    fprintf(t->stream, ",%s", bs_standing_word(bs_standing_of(v, annual)));
    bs_text_number(t, asked);
    fputc(',', t->stream);
    if (isfinite(asked)) fprintf(t->stream, "%d", target->year);
    fputc(',', t->stream);
    if (isfinite(asked)) bs_text_field(t, target->name);
    bs_text_number(t, v->mean - asked);
    fprintf(t->stream, ",%s", bs_standing_word(bs_standing_of(v, asked)));
    bs_text_number(t, v->mean - b->mean);
    bs_text_number(t, 100.0 * (v->mean - b->mean) / b->mean);
    fprintf(t->stream, ",%d,%d,%d", v->good - b->good, v->heavy - b->heavy, v->over - b->over);
    for (int k = 0; k < BS_SHARE_COUNT; k++)
        bs_text_number(t, from->share ? from->share[(size_t)city * BS_SHARE_COUNT + k] : NAN);
    fputc(',', t->stream);
    bs_report_sources_text(r, member, city, text, sizeof text);
    bs_text_field(t, text);
    fputc('\n', t->stream);
}

static const char *const CITY_COLUMNS[] = {"member",
                                           "adcode",
                                           "name",
                                           "name_en",
                                           "basis",
                                           "days",
                                           "pm25_mean",
                                           "pm25_highest",
                                           "highest_day",
                                           "index_highest",
                                           "class_highest",
                                           "days_excellent",
                                           "days_good",
                                           "days_light",
                                           "days_moderate",
                                           "days_heavy",
                                           "days_severe",
                                           "good_days_at_most",
                                           "heavy_days_at_least",
                                           "days_over_24h_limit",
                                           "alert",
                                           "alert_first_day",
                                           "alert_days",
                                           "annual_limit",
                                           "mean_minus_limit",
                                           "against_limit",
                                           "target",
                                           "target_year",
                                           "target_of",
                                           "mean_minus_target",
                                           "against_target",
                                           "change_mean",
                                           "change_percent",
                                           "change_good_days",
                                           "change_heavy_days",
                                           "change_days_over",
                                           "local_percent",
                                           "other_basin_percent",
                                           "outside_basin_percent",
                                           "unresolved_percent",
                                           "largest_sources"};

static bs_status write_cities(const bs_results *r, const char *dir, bs_err *err)
{
    bs_text_file *t;
    BS_TRY(bs_text_create(dir, "report.csv", &t, err));
    put_comments(r, "cities against the standards: PM2.5", t);
    for (size_t k = 0; k < sizeof CITY_COLUMNS / sizeof *CITY_COLUMNS; k++)
        fprintf(t->stream, "%s%s", k ? "," : "", CITY_COLUMNS[k]);
    fputc('\n', t->stream);
    for (int m = 0; m < r->members.n; m++)
        for (int c = 0; c < r->series[0].n_cities; c++) put_city_row(r, m, c, t);
    return bs_text_commit(t, err);
}

static void put_day_row(const bs_results *r, int member, int city, int d, bs_text_file *t)
{
    const bs_verdict *v = bs_verdict_at(r, member, city);
    const bs_verdict_day *day = &v->day[d];
    const size_t at = (size_t)city * r->series[0].n_days + d;
    char text[BS_DAY_TEXT_MAX];
    put_who(r, member, city, t);
    fprintf(t->stream, ",%s,%s", bs_day_format(r->series[0].day[d], text), basis(v));
    bs_text_number(t, day->pm25);
    if (day->judged)
        fprintf(t->stream, ",%d,%d,%s,%s,%d,%s", day->rounded, day->index, bs_air_class_info(day->air)->name,
                bs_air_class_info(day->air)->name_zh, day->over, bs_alert_info(day->alert)->name);
    else
        fputs(",,,,,,", t->stream);
    bs_text_number(t, r->observed.value ? r->observed.value[at] : NAN);
    bs_text_number(t, day->modelled);
    fputc('\n', t->stream);
}

static bs_status write_days(const bs_results *r, const char *dir, bs_err *err)
{
    bs_text_file *t;
    BS_TRY(bs_text_create(dir, "report_daily.csv", &t, err));
    put_comments(r, "natural days against the standards: PM2.5", t);
    fputs(
        "member,adcode,name,name_en,date_local,basis,pm25,pm25_rounded,index_pm25,class,class_zh,over_24h_limit,alert,"
        "observed_ambient,modelled_primary\n",
        t->stream);
    for (int m = 0; m < r->members.n; m++)
        for (int c = 0; c < r->series[0].n_cities; c++)
            for (int d = 0; d < r->series[0].n_days; d++) put_day_row(r, m, c, d, t);
    return bs_text_commit(t, err);
}

bs_status bs_report_write_csv(const bs_results *r, const char *dir, bs_err *err)
{
    BS_TRY(write_cities(r, dir, err));
    return write_days(r, dir, err);
}

bs_status bs_report_write_json(const bs_results *r, const char *dir, bs_err *err)
{
    bs_text_file *t;
    BS_TRY(bs_text_create(dir, "report.json", &t, err));
    bs_report_json(r, t->stream);
    return bs_text_commit(t, err);
}
