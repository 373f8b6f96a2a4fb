#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/adjoint/backward.h"
#include "model/core/memory.h"
#include "model/core/timer.h"
#include "model/io/aside.h"
#include "model/io/json.h"

static const char *const SIDE[BS_SIDES] = {"west", "east", "south", "north"};

/* ---- the table ---- */

static void put_row(bs_text_file *table, const char *kind, const bs_region *region, const char *source, double value,
                    double mean)
{
    const char *const field[5] = {kind, region ? region->adcode : "", region ? region->name : "",
                                  region ? region->name_en : "", source};
    for (int f = 0; f < 5; f++) {
        bs_text_field(table, field[f]);
        fputc(',', table->stream);
    }
    fprintf(table->stream, "%.9g,", value);
    if (mean != 0) fprintf(table->stream, "%.4f", 100 * value / mean);
    fputc('\n', table->stream);
}

static void put_table(const bs_backward *b, const double *by_region, bs_text_file *table)
{
    static const bs_region ELSEWHERE = {.name = "其他", .name_en = "elsewhere"};
    const bs_adjoint_parts *p = b->parts;
    const bs_region_set *set = b->c->regions;
    const double mean = bs_adjoint_parts_sum(p);
    char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
    bs_text_comment(table, "what the mean of %s in %s from %s to %s is made of, by one backward run",
                    bs_species_table(&(int){0})[b->row.species].output_name, b->receptor_words,
                    bs_time_format(b->receptor.from, from), bs_time_format(b->receptor.to, to));
    bs_text_comment(table,
                    "ug m-3 of ambient air in the lowest layer, area-weighted; emission since time.start; what a cell "
                    "emits is shared out among regions by area");
    bs_text_comment(table, "weather: %s", b->label);
    bs_text_comment(table, "written by %s", b->request->version);
    fputs("kind,adcode,name,name_en,source,contribution_ug_m3,share_percent\n", table->stream);
    for (int r = 0; r <= set->n; r++) {
        const double *row = by_region + (size_t)r * (size_t)p->n_sources;
        const bs_region *region = r < set->n ? &set->region[r] : &ELSEWHERE;
        for (int s = 0; s < p->n_sources; s++)
            if (row[s] != 0) put_row(table, "emission", region, p->label[s], row[s], mean);
    }
    put_row(table, "initial", NULL, "", p->initial, mean);
    for (int side = 0; side < BS_SIDES; side++) put_row(table, "boundary", NULL, SIDE[side], p->boundary[side], mean);
    put_row(table, "total", NULL, "", mean, mean);
}

/* ---- the summary ---- */

static void put_receptor(const bs_backward *b, bs_json *json)
{
    char stamp[BS_TIME_TEXT_MAX];
    bs_json_open(json, "receptor", '{');
    bs_json_text(json, "adcode", b->receptor.adcode);
    bs_json_text(json, "name", b->receptor.name);
    bs_json_text(json, "name_en", b->receptor.name_en);
    bs_json_number(json, "share_inside_mesh", b->receptor.inside);
    bs_json_text(json, "from", bs_time_format(b->receptor.from, stamp));
    bs_json_text(json, "to", bs_time_format(b->receptor.to, stamp));
    bs_json_text(json, "tracer", b->row.name);
    bs_json_close(json, '}');
}

static void put_means(const bs_backward *b, bs_json *json)
{
    const bs_adjoint_parts *p = b->parts;
    bs_json_open(json, "mean_ug_m3", '{');
    bs_json_number(json, "total", bs_adjoint_parts_sum(p));
    bs_json_number(json, "emission", bs_adjoint_parts_emission(p));
    bs_json_number(json, "initial", p->initial);
    for (int side = 0; side < BS_SIDES; side++) {
        char key[32];
        snprintf(key, sizeof key, "boundary_%s", SIDE[side]);
        bs_json_number(json, key, p->boundary[side]);
    }
    bs_json_close(json, '}');
    bs_json_open(json, "mean_per_ug_kg_of_inflow_kg_m3", '{');
    for (int side = 0; side < BS_SIDES; side++) bs_json_number(json, SIDE[side], p->inflow[side]);
    bs_json_close(json, '}');
}

static void put_run(const bs_backward *b, bs_json *json)
{
    bs_met_report report;
    bs_met_report_get(b->met, &report);
    bs_json_text(json, "case", bs_config_text(b->c->config, "case.name"));
    bs_json_text(json, "version", b->request->version);
    bs_json_text(json, "weather_label", b->label);
    bs_json_text(json, "started", b->started);
    bs_json_number(json, "wall_s", bs_wall_seconds() - b->began);
    bs_json_number(json, "prepare_s", report.seconds);
    bs_json_integer(json, "steps", b->steps);
    bs_json_integer(json, "threads", b->request->threads);
    bs_json_text(json, "precision", BS_REAL_NAME);
    bs_json_open(json, "assumed", '[');
    for (int n = 0; n < report.n_assumed; n++) bs_json_text(json, NULL, report.assumed[n]);
    bs_json_close(json, ']');
    bs_json_open(json, "inputs", '[');
    for (int n = 0; n < b->inputs.n; n++) {
        char hash[17];
        snprintf(hash, sizeof hash, "%016" PRIx64, b->inputs.file[n].hash);
        bs_json_open(json, NULL, '{');
        bs_json_text(json, "file", b->inputs.file[n].file);
        bs_json_integer(json, "bytes", (long long)b->inputs.file[n].bytes);
        bs_json_text(json, "fnv1a64", hash);
        bs_json_close(json, '}');
    }
    bs_json_close(json, ']');
}

static bs_status write_summary(const bs_backward *b, bs_err *err)
{
    bs_text_file *text;
    BS_TRY(bs_text_create(b->request->dir, "summary.json", &text, err));
    bs_json json = {.stream = text->stream};
    bs_json_open(&json, NULL, '{');
    bs_json_text(&json, "kind", "adjoint");
    put_run(b, &json);
    put_receptor(b, &json);
    put_means(b, &json);
    bs_json_open(&json, "seconds_by_operator", '{');
    for (int o = 0; o < bs_stepper_count(b->stepper); o++)
        bs_json_number(&json, bs_stepper_name(b->stepper, o), bs_stepper_seconds(b->stepper, o));
    bs_json_close(&json, '}');
    bs_json_close(&json, '}');
    return bs_text_commit(text, err);
}

/* ---- the log ---- */

typedef struct ranked {
    double value;
    int region, source;
} ranked;

static int largest_first(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->value != y->value) return x->value < y->value ? 1 : -1;
    return x->region != y->region ? x->region - y->region : x->source - y->source;
}

static bs_status tell(const bs_backward *b, const double *by_region, bs_err *err)
{
    enum { MOST = 10 };
    const bs_adjoint_parts *p = b->parts;
    const bs_region_set *set = b->c->regions;
    const double mean = bs_adjoint_parts_sum(p);
    ranked *list = NULL;
    int n = 0;
    BS_TRY(BS_NEW(&list, ((size_t)set->n + 1) * (size_t)p->n_sources, "contributions in order", err));
    for (int r = 0; r <= set->n; r++)
        for (int s = 0; s < p->n_sources; s++)
            list[n++] = (ranked){by_region[(size_t)r * (size_t)p->n_sources + (size_t)s], r, s};
    qsort(list, (size_t)n, sizeof *list, largest_first);
    double boundary = 0;
    for (int side = 0; side < BS_SIDES; side++) boundary += p->boundary[side];
    bs_log_info(b->c->log, "mean      %.6g ug m-3: emission %.6g, at the start %.6g, through the sides %.6g", mean,
                bs_adjoint_parts_emission(p), p->initial, boundary);
    bs_log_info(b->c->log, "largest contributions, ug m-3 and %%:");
    for (int i = 0; i < n && i < MOST && list[i].value > 0; i++)
        bs_log_info(b->c->log, "  %9.4f %6.2f  %s, %s", list[i].value, 100 * list[i].value / mean,
                    list[i].region < set->n ? set->region[list[i].region].name : "elsewhere", p->label[list[i].source]);
    bs_free(list);
    if (!b->request->profile) return BS_OK;
    bs_log_info(b->c->log, "seconds by operator:");
    for (int o = 0; o < bs_stepper_count(b->stepper); o++)
        bs_log_info(b->c->log, "  %-22s %8.2f", bs_stepper_name(b->stepper, o), bs_stepper_seconds(b->stepper, o));
    return BS_OK;
}

static bs_status write_table(const bs_backward *b, const double *by_region, bs_err *err)
{
    bs_text_file *table;
    BS_TRY(bs_text_create(b->request->dir, "adjoint_contributions.csv", &table, err));
    put_table(b, by_region, table);
    return bs_text_commit(table, err);
}

bs_status bs_backward_report(bs_backward *b, bs_err *err)
{
    const bs_region_set *set = b->c->regions;
    double *by_region = NULL;
    BS_TRY(BS_NEW(&by_region, ((size_t)set->n + 1) * (size_t)b->parts->n_sources, "contributions of regions", err));
    bs_status st = bs_adjoint_parts_by_region(b->parts, set, b->c->mesh, by_region, err);
    if (st == BS_OK) st = write_table(b, by_region, err);
    if (st == BS_OK) st = tell(b, by_region, err);
    if (st == BS_OK) st = write_summary(b, err);
    bs_free(by_region);
    if (st == BS_OK)
        bs_log_info(b->c->log, "%ld steps back, %.1f simulated hours in %.1f s; output in %s", b->steps,
                    (double)(b->receptor.to - b->c->start) / 3600, bs_wall_seconds() - b->began, b->request->dir);
    return st;
}
