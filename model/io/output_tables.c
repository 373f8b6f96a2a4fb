/* cities*.csv: tidy tables, one row per time and region. */
#include <math.h>

#include "model/io/output_cities.h"

void bs_out_table_comments(const bs_output *o, const char *what, bs_text_file *table)
{
    const bs_out_cities *c = o->cities;
    char outside[3072] = "";
    size_t used = 0;
    bs_text_comment(table, "%s of %s", what, bs_config_text(o->info.config, "case.name"));
    bs_text_comment(table, "concentrations: ug m-3 of ambient air in the lowest layer, area-weighted over each region");
    bs_text_comment(table, "weather: %s", o->weather_label);
    bs_text_comment(table, "assumed: %s", o->assumed_text);
    if (o->info.scenario) bs_text_comment(table, "scenario: %s (%s)", o->info.scenario, o->info.scenario_hash);
    for (int t = 0; t < o->n; t++) {
        const bs_species *s = bs_out_species(o, t);
        if (o->info.tracers->row[t].role == BS_ROLE_TOTAL) bs_text_comment(table, "%s: %s", s->output_name, s->comment);
    }
    for (int n = 0; n < c->n; n++)
        if (c->city[n].inside < 0.995 && used < sizeof outside)
            used += (size_t)snprintf(outside + used, sizeof outside - used, "%s%s %.0f %%", used ? ", " : "",
                                     c->city[n].region->name, 100.0 * c->city[n].inside);
    if (used) bs_text_comment(table, "only a part of these regions lies inside the mesh: %s", outside);
    int left_out = o->info.regions->n - c->n;
    if (left_out) bs_text_comment(table, "%d regions lie outside the mesh and have no row", left_out);
    bs_text_comment(table, "written by %s", o->info.version);
}

bs_status bs_out_table_begin(const bs_output *o, const char *name, const char *what, const char *first,
                             bs_text_file **out, bs_err *err)
{
    char column[BS_OUT_NAME_MAX];
    BS_TRY(bs_out_text_create(o->info.dir, name, out, err));
    bs_out_table_comments(o, what, *out);
    fprintf((*out)->stream, "%s,adcode,name,name_en", first);
    for (int t = 0; t < o->n; t++) {
        if (!o->written[t]) continue;
        fputc(',', (*out)->stream);
        bs_text_field(*out, bs_out_name(o, t, column));
    }
    fputc('\n', (*out)->stream);
    return BS_OK;
}

void bs_out_table_city(bs_text_file *table, const bs_region *region)
{
    const char *const field[3] = {region->adcode, region->name, region->name_en};
    for (int f = 0; f < 3; f++) {
        if (f) fputc(',', table->stream);
        bs_text_field(table, field[f]);
    }
}

static void put_period_header(const bs_output *o, bs_text_file *table)
{
    char column[BS_OUT_NAME_MAX];
    fputs("adcode,name,name_en,share_inside_mesh", table->stream);
    for (int t = 0; t < o->n; t++) {
        if (!o->written[t]) continue;
        bs_out_name(o, t, column);
        fprintf(table->stream, ",%s_mean", column);
        if (o->info.tracers->row[t].role == BS_ROLE_TOTAL)
            fprintf(table->stream, ",%s_max_day,%s_max_day_date", column, column);
    }
    fputc('\n', table->stream);
}

bs_status bs_out_table_period(bs_output *o, bs_err *err)
{
    const bs_out_cities *c = o->cities;
    bs_text_file *table;
    char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
    BS_TRY(bs_out_text_create(o->info.dir, "cities_period.csv", &table, err));
    bs_out_table_comments(o, "period means and highest daily means by region", table);
    bs_text_comment(table, "period: %s to %s; highest daily mean empty where the period has no whole natural day",
                    bs_time_format(o->first, from), bs_time_format(o->end, to));
    put_period_header(o, table);
    for (int n = 0; n < c->n; n++) {
        bs_out_table_city(table, c->city[n].region);
        fprintf(table->stream, ",%.4f", c->city[n].inside);
        for (int t = 0; t < o->n; t++) {
            size_t at = (size_t)t * c->n + n;
            bs_date d = c->max_date[at];
            if (!o->written[t]) continue;
            fprintf(table->stream, ",%.7g", c->period[at] / (double)(o->end - o->first));
            if (o->info.tracers->row[t].role != BS_ROLE_TOTAL) continue;
            if (o->whole_days) {
                fprintf(table->stream, ",%.7g,%04d-%02d-%02d", c->max_day[at], d.year, d.month, d.day);
            } else {
                fputs(",,", table->stream);
            }
        }
        fputc('\n', table->stream);
    }
    return bs_out_text_commit(table, err);
}
