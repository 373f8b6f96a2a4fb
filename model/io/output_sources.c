/* Sources, and their tables. */
#include "model/io/output_sources.h"

#include <string.h>

#include "model/core/memory.h"

/* ---- the list of sources ---- */

static bool has_role(const bs_tracers *t, bs_role role)
{
    for (int n = 0; n < t->n; n++)
        if (t->row[n].role == role) return true;
    return false;
}

static bool has_group(const bs_tracers *t, int group)
{
    for (int n = 0; n < t->n; n++)
        if (t->row[n].group == group && t->row[n].role == BS_ROLE_GROUP) return true;
    return false;
}

static void list_sources(const bs_tracers *t, bs_out_sources *s)
{
    bool rest = false; /* what no group takes is tagged, or is nothing */
    for (int g = 0; g < t->n_groups; g++) {
        const bs_source_group *group = &t->group[g];
        rest = rest || group->rest;
        if (!has_group(t, g)) continue;
        s->source[s->n++] =
            (bs_out_source){group->rest ? BS_SOURCE_REST : BS_SOURCE_GROUP, group, group->name, group->label};
    }
    const bool initial = has_role(t, BS_ROLE_INITIAL), boundary = has_role(t, BS_ROLE_BOUNDARY);
    if (initial) s->source[s->n++] = (bs_out_source){BS_SOURCE_INITIAL, NULL, "initial", "what was there at the start"};
    if (boundary)
        s->source[s->n++] = (bs_out_source){BS_SOURCE_BOUNDARY, NULL, "boundary", "what entered through the sides"};
    if (!rest || !initial || !boundary)
        s->source[s->n++] =
            (bs_out_source){BS_SOURCE_UNTAGGED, NULL, "untagged", "what no tag carries: the total less all tags"};
}

static bool carries(const bs_tracer *row, const bs_tracers *t, const bs_out_source *source)
{
    switch (source->kind) {
    case BS_SOURCE_INITIAL:
        return row->role == BS_ROLE_INITIAL;
    case BS_SOURCE_BOUNDARY:
        return row->role == BS_ROLE_BOUNDARY;
    case BS_SOURCE_UNTAGGED:
        return false;
    default:
        return row->role == BS_ROLE_GROUP && &t->group[row->group] == source->group;
    }
}

static void find_tracers(const bs_tracers *t, bs_out_sources *s)
{
    for (int n = 0; n < t->n; n++)
        if (t->row[n].role == BS_ROLE_TOTAL) s->total[s->n_totals++] = n;
    for (int k = 0; k < s->n_totals; k++)
        for (int source = 0; source < s->n; source++) {
            int *tracer = &s->tracer[k * s->n + source];
            *tracer = -1;
            for (int n = s->total[k] + 1; n < t->n && t->row[n].total == s->total[k]; n++)
                if (carries(&t->row[n], t, &s->source[source])) *tracer = n;
        }
}

double bs_out_source_part(const bs_output *o, const double *means, int total, int source, int n)
{
    const bs_out_sources *s = o->cities->sources;
    const int receptors = o->cities->n;
    if (s->source[source].kind != BS_SOURCE_UNTAGGED) {
        const int tracer = s->tracer[total * s->n + source];
        return tracer < 0 ? 0 : means[(size_t)tracer * (size_t)receptors + (size_t)n];
    }
    double rest = means[(size_t)s->total[total] * (size_t)receptors + (size_t)n];
    for (int other = 0; other < s->n; other++)
        if (other != source) rest -= bs_out_source_part(o, means, total, other, n);
    return rest;
}

/* ---- tables ---- */

static bs_status begin_table(const bs_output *o, const char *name, const char *what, const char *first,
                             bs_text_file **out, bs_err *err)
{
    BS_TRY(bs_out_text_create(o->info.dir, name, out, err));
    bs_out_table_comments(o, what, *out);
    bs_text_comment(*out,
                    "contribution: ug m-3 of the region's mean; percent: of its total. Sources of tags that share one "
                    "limiter add up to the total");
    fprintf((*out)->stream, "%sadcode,name,name_en,variable,source,label,contribution,percent\n", first);
    return BS_OK;
}

static void put_row(bs_text_file *table, const char *first, const bs_region *region, const char *variable,
                    const char *name, const char *label, double part, double total)
{
    fputs(first, table->stream);
    bs_out_table_city(table, region);
    fprintf(table->stream, ",%s,", variable);
    bs_text_field(table, name);
    fputc(',', table->stream);
    bs_text_field(table, label);
    fprintf(table->stream, ",%.7g,", part);
    if (total != 0) fprintf(table->stream, "%.6g", 100 * part / total);
    fputc('\n', table->stream);
}

static void put_rows(const bs_output *o, bs_text_file *table, const char *first, const double *means)
{
    const bs_out_sources *s = o->cities->sources;
    for (int n = 0; n < o->cities->n; n++)
        for (int t = 0; t < s->n_totals; t++) {
            const bs_region *region = o->cities->city[n].region;
            const char *variable = bs_out_species(o, s->total[t])->output_name;
            const double total = means[(size_t)s->total[t] * (size_t)o->cities->n + (size_t)n];
            for (int k = 0; k < s->n; k++)
                put_row(table, first, region, variable, s->source[k].name, s->source[k].label,
                        bs_out_source_part(o, means, t, k, n), total);
            put_row(table, first, region, variable, "total", "all of it", total, total);
        }
}

/* ---- all of it ---- */

static bs_status make(bs_output *o, bs_err *err)
{
    bs_out_sources *s = o->cities->sources;
    const bs_tracers *t = o->info.tracers;
    BS_TRY(BS_NEW(&s->source, t->n_groups + 3, "sources", err));
    BS_TRY(BS_NEW(&s->total, t->n, "sources", err));
    list_sources(t, s);
    BS_TRY(BS_NEW(&s->tracer, (size_t)t->n * (size_t)s->n, "sources", err));
    find_tracers(t, s);
    BS_TRY(BS_NEW(&s->value, (size_t)s->n * (size_t)o->cities->n, "contributions of sources", err));
    if (o->whole_days)
        BS_TRY(begin_table(o, "source_receptor_daily.csv", "contributions of sources over natural days", "date_local,",
                           &s->daily, err));
    return bs_out_matrix_begin(o, err);
}

bs_status bs_out_sources_begin(bs_output *o, bs_err *err)
{
    bool tagged = false;
    for (int t = 0; t < o->n; t++) tagged = tagged || o->info.tracers->row[t].role == BS_ROLE_GROUP;
    if (!tagged) return BS_OK;
    BS_TRY(BS_NEW(&o->cities->sources, 1, "sources", err));
    return make(o, err);
}

bs_status bs_out_sources_record(bs_output *o, bs_time from, bs_time to, const double *means, bs_err *err)
{
    return o->cities->sources ? bs_out_matrix_record(o, from, to, means, err) : BS_OK;
}

void bs_out_sources_day(bs_output *o, bs_date day, const double *means)
{
    char first[32];
    if (!o->cities->sources || !o->cities->sources->daily) return;
    snprintf(first, sizeof first, "%04d-%02d-%02d,", day.year, day.month, day.day);
    put_rows(o, o->cities->sources->daily, first, means);
}

bs_status bs_out_sources_assumed(bs_output *o, bs_err *err)
{
    bs_out_sources *s = o->cities->sources;
    if (!s) return BS_OK;
    if (s->daily) bs_text_comment(s->daily, "assumed by the end of the run: %s", o->assumed_text);
    return s->matrix.nc ? bs_nc_put_text(s->matrix.nc, BS_NC_GLOBAL, "assumed", o->assumed_text, err) : BS_OK;
}

bs_status bs_out_sources_finish(bs_output *o, const double *means, bs_err *err)
{
    bs_out_sources *s = o->cities->sources;
    bs_text_file *table = NULL;
    if (!s) return BS_OK;
    bs_status st = begin_table(o, "source_receptor_period.csv", "contributions of sources over the output period", "",
                               &table, err);
    if (st == BS_OK) put_rows(o, table, "", means);
    if (st != BS_OK) return st;
    BS_TRY(bs_out_text_commit(table, err));
    table = s->daily;
    s->daily = NULL;
    if (table) BS_TRY(bs_out_text_commit(table, err));
    BS_TRY(bs_out_shares_write(o, means, err));
    return bs_out_matrix_finish(o, means, err);
}

void bs_out_sources_abandon(bs_output *o)
{
    bs_out_sources *s = o->cities->sources;
    if (!s) return;
    bs_text_abandon(s->daily);
    bs_nc_abandon(s->matrix.nc);
    bs_free(s->matrix.var);
    bs_free(s->source);
    bs_free(s->total);
    bs_free(s->tracer);
    bs_free(s->value);
    bs_free(s);
    o->cities->sources = NULL;
}
