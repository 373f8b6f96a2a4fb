#include "model/io/output_differences.h"

#include <math.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/io/output_cities.h"

enum { DAY = 86400 };

/* Outputs side by side: the base first. */
typedef struct comparison {
    int n;
    bs_output *const *output;
    const char *const *name;
    bs_output frame;          /* the base's, for a file in another folder: shares all it points to */
    bs_out_file file;         /* differences.nc */
    int *var;                 /* [n][totals][4]: daily, daily %, mean, mean %; -1: not there */
    double *difference;       /* [ny][nx] ug m-3 */
    double *percent;          /* [ny][nx] */
    double *base_mean, *mean; /* [totals][regions] ug m-3 */
} comparison;

enum { DAILY, DAILY_PERCENT, MEAN, MEAN_PERCENT, KINDS };

static const struct {
    const char *name, *long_name, *units, *cell_methods;
    bool fixed;
} KIND[KINDS] = {
    {"difference", "scenario minus base, daily mean", "ug m-3", "time: mean", false},
    {"difference_percent", "scenario minus base, daily mean, as a share of the base", "%", "time: mean", false},
    {"mean_difference", "scenario minus base, mean over the output period", "ug m-3", "time: mean", true},
    {"mean_difference_percent", "scenario minus base, mean over the output period, as a share of the base", "%",
     "time: mean", true},
};

static int *var_at(const comparison *c, int member, int total)
{
    return c->var + ((ptrdiff_t)member * c->output[0]->kept.n + total) * KINDS;
}

static const bs_species *species_of(const comparison *c, int total)
{
    return bs_out_species(c->output[0], c->output[0]->kept.total[total]);
}

/* Sum of a member's total over the period (day -1) or a day, ug m-3 s, and the seconds that it spans. */
static const double *sum_of(const comparison *c, int member, int total, int day, double *seconds)
{
    const bs_output *o = c->output[member];
    const size_t at = (size_t)total * o->cells;
    *seconds = day < 0 ? (double)(o->end - o->first) : DAY;
    return day < 0 ? o->kept.period + at : o->kept.day + (size_t)day * (size_t)o->kept.n * o->cells + at;
}

static double percent_of(double difference, double base)
{
    return base != 0 ? 100 * difference / base : 0;
}

/* ---- differences.nc ---- */

static bs_status define_member(comparison *c, int member, int total, bs_err *err)
{
    const bs_species *s = species_of(c, total);
    char label[BS_OUT_NAME_MAX], name[2 * BS_OUT_NAME_MAX + 64], long_name[2 * BS_OUT_LONG_MAX];
    snprintf(label, sizeof label, "%s", c->name[member]);
    for (char *p = label; *p; p++)
        if (*p == '-') *p = '_';
    for (int k = 0; k < KINDS; k++) {
        var_at(c, member, total)[k] = -1;
        if (!KIND[k].fixed && c->frame.whole_days == 0) continue;
        snprintf(name, sizeof name, "%s_%s_%s", s->output_name, KIND[k].name, label);
        snprintf(long_name, sizeof long_name, "%s, %s: %s", s->output_long_name, c->name[member], KIND[k].long_name);
        const bs_out_field field = {.name = name,
                                    .units = KIND[k].units,
                                    .long_name = long_name,
                                    .cell_methods = KIND[k].cell_methods,
                                    .comment = k % 2 ? "0 where the base has none" : s->comment,
                                    .type = BS_NC_FLOAT,
                                    .lev = -1,
                                    .bits = c->frame.bits,
                                    .fixed = KIND[k].fixed};
        BS_TRY(bs_out_def_field(&c->frame, &c->file, &field, &var_at(c, member, total)[k], err));
    }
    return BS_OK;
}

/* Variables of the scenarios, and the period mean of the base, whose id is kept as its kind MEAN. */
static bs_status define(comparison *c, bs_err *err)
{
    for (int total = 0; total < c->frame.kept.n; total++) {
        const bs_species *s = species_of(c, total);
        char name[BS_OUT_NAME_MAX + 16], long_name[BS_OUT_LONG_MAX + 64];
        snprintf(name, sizeof name, "%s_mean_base", s->output_name);
        snprintf(long_name, sizeof long_name, "%s, base: mean over the output period", s->output_long_name);
        const bs_out_field base = {.name = name,
                                   .units = "ug m-3",
                                   .long_name = long_name,
                                   .cell_methods = "time: mean",
                                   .comment = s->comment,
                                   .type = BS_NC_FLOAT,
                                   .lev = -1,
                                   .bits = c->frame.bits,
                                   .fixed = true};
        BS_TRY(bs_out_def_field(&c->frame, &c->file, &base, &var_at(c, 0, total)[MEAN], err));
        for (int member = 1; member < c->n; member++) BS_TRY(define_member(c, member, total, err));
    }
    return BS_OK;
}

static bs_status put_difference(comparison *c, int member, int total, int day, bs_err *err)
{
    double seconds;
    const double *base = sum_of(c, 0, total, day, &seconds), *with = sum_of(c, member, total, day, &seconds);
    const int *var = var_at(c, member, total) + (day < 0 ? MEAN : DAILY);
    for (size_t n = 0; n < c->frame.cells; n++) {
        c->difference[n] = (with[n] - base[n]) / seconds;
        c->percent[n] = percent_of(with[n] - base[n], base[n]);
    }
    BS_TRY(bs_out_put_map(&c->frame, &c->file, var[0], day < 0, c->difference, 1, c->frame.bits, err));
    return bs_out_put_map(&c->frame, &c->file, var[1], day < 0, c->percent, 1, c->frame.bits, err);
}

static bs_status put_values(comparison *c, bs_err *err)
{
    for (int total = 0; total < c->frame.kept.n; total++) {
        double seconds;
        const double *base = sum_of(c, 0, total, -1, &seconds);
        BS_TRY(bs_out_put_map(&c->frame, &c->file, var_at(c, 0, total)[MEAN], true, base, 1 / seconds, c->frame.bits,
                              err));
        for (int member = 1; member < c->n; member++) BS_TRY(put_difference(c, member, total, -1, err));
    }
    for (int day = 0; day < c->frame.whole_days; day++) {
        const bs_time end = c->frame.day_begin - (bs_time)(c->frame.whole_days - 1 - day) * DAY;
        for (int total = 0; total < c->frame.kept.n; total++)
            for (int member = 1; member < c->n; member++) BS_TRY(put_difference(c, member, total, day, err));
        BS_TRY(bs_out_put_time(&c->frame, c->file.nc, c->file.time_var, c->file.bounds_var, c->file.records, end - DAY,
                               end, err));
        c->file.records++;
    }
    return BS_OK;
}

static bs_status put_period(const comparison *c, bs_err *err)
{
    char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX], text[2 * BS_TIME_TEXT_MAX + 8];
    snprintf(text, sizeof text, "%s to %s", bs_time_format(c->frame.first, from), bs_time_format(c->frame.end, to));
    return bs_nc_put_text(c->file.nc, BS_NC_GLOBAL, "output_period", text, err);
}

static bs_status write_maps(comparison *c, bs_err *err)
{
    BS_TRY(bs_out_frame(&c->frame, "differences.nc", "what scenarios change near the ground against their base", true,
                        &c->file, err));
    bs_status st = put_period(c, err);
    if (st == BS_OK) st = define(c, err);
    if (st == BS_OK) st = bs_out_frame_values(&c->frame, &c->file, err);
    if (st == BS_OK) st = put_values(c, err);
    if (st == BS_OK) return BS_OK;
    bs_nc_abandon(c->file.nc);
    c->file.nc = NULL;
    return st;
}

/* ---- differences_cities.csv ---- */

static void put_rows(const comparison *c, bs_text_file *table, int member, int day)
{
    const bs_output *o = &c->frame;
    const int cities = o->cities->n;
    char date[64] = "";
    double seconds;
    const double *base_sum = sum_of(c, 0, 0, day, &seconds), *sum = sum_of(c, member, 0, day, &seconds);
    bs_out_city_means(o, o->kept.n, base_sum, seconds, c->base_mean);
    bs_out_city_means(o, o->kept.n, sum, seconds, c->mean);
    if (day >= 0) {
        const bs_date d = bs_out_day_before(o, o->day_begin - (bs_time)(o->whole_days - 1 - day) * DAY);
        snprintf(date, sizeof date, "%04d-%02d-%02d", d.year, d.month, d.day);
    }
    for (int city = 0; city < cities; city++)
        for (int total = 0; total < o->kept.n; total++) {
            const double base = c->base_mean[total * cities + city], with = c->mean[total * cities + city];
            bs_text_field(table, c->name[member]);
            fprintf(table->stream, ",%s,%s,", day < 0 ? "period" : "day", date);
            bs_out_table_city(table, o->cities->city[city].region);
            fprintf(table->stream, ",%s,%.7g,%.7g,%.5g,%.5g\n", species_of(c, total)->output_name, base, with,
                    with - base, percent_of(with - base, base));
        }
}

static bs_status write_table(const comparison *c, bs_text_file **out, bs_err *err)
{
    char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
    BS_TRY(bs_out_text_create(c->frame.info.dir, "differences_cities.csv", out, err));
    bs_text_comment(*out, "means by region, scenario and base, of %s; ug m-3 and %% of the base",
                    bs_config_text(c->frame.info.config, "case.name"));
    bs_text_comment(*out, "weather: %s", c->frame.weather_label);
    bs_text_comment(*out, "period: %s to %s; days are natural days of local time", bs_time_format(c->frame.first, from),
                    bs_time_format(c->frame.end, to));
    for (int total = 0; total < c->frame.kept.n; total++)
        bs_text_comment(*out, "%s: %s", species_of(c, total)->output_name, species_of(c, total)->comment);
    bs_text_comment(*out, "written by %s", c->frame.info.version);
    fputs("scenario,period,date_local,adcode,name,name_en,variable,base,with_scenario,difference,difference_percent\n",
          (*out)->stream);
    for (int member = 1; member < c->n; member++) {
        for (int day = 0; day < c->frame.whole_days; day++) put_rows(c, *out, member, day);
        put_rows(c, *out, member, -1);
    }
    return BS_OK;
}

/* ---- both ---- */

static bs_status compare(comparison *c, bs_err *err)
{
    bs_text_file *table = NULL;
    const size_t vars = (size_t)c->n * (size_t)c->frame.kept.n * KINDS;
    BS_TRY(BS_NEW(&c->var, vars, "differences", err));
    BS_TRY(BS_NEW(&c->difference, c->frame.cells, "differences", err));
    BS_TRY(BS_NEW(&c->percent, c->frame.cells, "differences", err));
    const size_t means = c->frame.cities ? (size_t)c->frame.kept.n * (size_t)c->frame.cities->n : 0;
    BS_TRY(BS_NEW(&c->base_mean, means, "differences", err));
    BS_TRY(BS_NEW(&c->mean, means, "differences", err));
    BS_TRY(write_maps(c, err));
    bs_status st = c->frame.cities ? write_table(c, &table, err) : BS_OK;
    if (st == BS_OK && table) {
        st = bs_out_text_commit(table, err);
        table = NULL;
    }
    if (st == BS_OK) return bs_nc_commit(c->file.nc, err);
    bs_text_abandon(table);
    bs_nc_abandon(c->file.nc);
    return st;
}

bs_status bs_output_differences(const char *dir, int n, bs_output *const *output, const char *const *name, bs_err *err)
{
    comparison c = {.n = n, .output = output, .name = name, .frame = *output[0]};
    c.frame.info.dir = dir;
    c.frame.info.scenario = c.frame.info.scenario_hash = NULL;
    const bs_status st = compare(&c, err);
    bs_free(c.var);
    bs_free(c.difference);
    bs_free(c.percent);
    bs_free(c.base_mean);
    bs_free(c.mean);
    return st;
}
