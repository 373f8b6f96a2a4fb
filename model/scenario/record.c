#include "model/scenario/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/number.h"
#include "model/io/aside.h"
#include "model/io/json.h"

/* ---- plan.yaml ---- */

/* Quoted, so that whatever is in it stays one word. */
static void put_quoted(FILE *out, const char *text)
{
    fputc('\'', out);
    for (const char *p = text; *p; p++) {
        if (*p == '\'') fputc('\'', out);
        fputc(*p < ' ' && *p >= 0 ? ' ' : *p, out);
    }
    fputc('\'', out);
}

static const char *region_key(const bs_region_set *regions, int region)
{
    if (region >= regions->n) return "elsewhere";
    return *regions->region[region].adcode ? regions->region[region].adcode : regions->region[region].name;
}

/* The cut as a plan says it: the fewest decimals that compile to this very factor again ("30", not "30.000000000000004"). */
static const char *cut_text(double factor, char text[BS_NUMBER_TEXT_MAX])
{
    for (int decimals = 0; decimals <= 14; decimals++) {
        snprintf(text, BS_NUMBER_TEXT_MAX, "%.*f", decimals, 100 * (1 - factor));
        if (1 - strtod(text, NULL) / 100 == factor) return text;
    }
    return bs_number_format(100 * (1 - factor), text);
}

static void put_action(const bs_plan_record *r, const bs_emission_factor *f, FILE *out)
{
    char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX], cut[BS_NUMBER_TEXT_MAX];
    fputs("    - {regions: [", out);
    put_quoted(out, region_key(r->regions, f->region));
    fputs("], sectors: [", out);
    put_quoted(out, f->sector);
    fprintf(out, "], species: [%s], cut: %s%%, from: %s, to: %s}   # %s\n", f->species, cut_text(f->factor, cut),
            bs_time_format(f->from, from), bs_time_format(f->to, to), bs_plan_region_name(r->regions, f->region));
}

bs_status bs_plan_write_yaml(const bs_plan_record *r, bs_err *err)
{
    bs_text_file *text;
    BS_TRY(bs_text_create(r->dir, "plan.yaml", &text, err));
    bs_text_comment(text, "%s, as compiled from %s by %s", r->plan->name, r->plan->source.name, r->version);
    bs_text_comment(text, "hash %s", r->hash);
    for (int p = 0; p < r->plan->n_parts; p++)
        bs_text_comment(text, "assumed: %s is %g %% of %s (%s)", r->plan->part[p].name, 100 * r->plan->part[p].share,
                        r->plan->part[p].of, r->plan->part[p].basis);
    fputs("plan: ", text->stream);
    put_quoted(text->stream, r->plan->name);
    if (r->plan->title) {
        fputs("\ntitle: ", text->stream);
        put_quoted(text->stream, r->plan->title);
    }
    fprintf(text->stream, "\ncase: base/case.yaml\ntags: %s\nscenarios:\n", r->plan->base_only ? "base_only" : "all");
    for (int k = 0; k < r->n; k++) {
        fprintf(text->stream, "  # hash %s\n  %s:\n", r->compiled[k].hash, r->compiled[k].name);
        for (int n = 0; n < r->compiled[k].n; n++) put_action(r, &r->compiled[k].factor[n], text->stream);
    }
    return bs_text_commit(text, err);
}

/* ---- scenario.json ---- */

static void put_time(bs_json *json, const char *key, bs_time t)
{
    char text[BS_TIME_TEXT_MAX];
    bs_json_text(json, key, bs_time_format(t, text));
}

static void put_member(bs_json *json, const char *name)
{
    char file[128];
    bs_json_text(json, "folder", name);
    snprintf(file, sizeof file, "%s/summary.json", name);
    bs_json_text(json, "ledger", file);
}

static void put_region(bs_json *json, const bs_region_set *regions, int region)
{
    bs_json_text(json, "adcode", region < regions->n ? regions->region[region].adcode : "");
    bs_json_text(json, "region", bs_plan_region_name(regions, region));
}

static void put_total(bs_json *json, const bs_compiled *c, const char *species)
{
    double before, after;
    bs_plan_totals(c, species, &before, &after);
    bs_json_open(json, NULL, '{');
    bs_json_text(json, "species", species);
    bs_json_number(json, "before_t_per_day", bs_plan_tonnes_per_day(c, before));
    bs_json_number(json, "after_t_per_day", bs_plan_tonnes_per_day(c, after));
    bs_json_number(json, "cut_percent", before > 0 ? 100 * (before - after) / before : 0);
    bs_json_close(json, '}');
}

static void put_totals(bs_json *json, const bs_compiled *c)
{
    bs_json_open(json, "totals", '[');
    for (int n = 0; n < c->n_rows; n++) {
        bool seen = false;
        for (int r = 0; r < n; r++) seen = seen || strcmp(c->row[r].species, c->row[n].species) == 0;
        if (!seen) put_total(json, c, c->row[n].species);
    }
    bs_json_close(json, ']');
}

static void put_alerts(bs_json *json, const bs_compiled *c)
{
    bs_json_open(json, "alerts", '[');
    for (int n = 0; n < c->n_checks; n++) {
        const bs_plan_check *k = &c->check[n];
        bs_json_open(json, NULL, '{');
        bs_json_text(json, "level", k->rule->alert);
        bs_json_integer(json, "line", k->rule->place.line);
        bs_json_text(json, "species", k->species);
        bs_json_number(json, "cut_percent", 100 * k->cut / k->emitted);
        bs_json_number(json, "mandated_percent", 100 * k->level->mandated);
        bs_json_text(json, "mandated", k->met ? "met" : "not met");
        bs_json_close(json, '}');
    }
    bs_json_close(json, ']');
}

static void put_factors(bs_json *json, const bs_compiled *c, const bs_region_set *regions)
{
    bs_json_open(json, "factors", '[');
    for (int n = 0; n < c->n; n++) {
        const bs_emission_factor *f = &c->factor[n];
        bs_json_open(json, NULL, '{');
        put_region(json, regions, f->region);
        bs_json_text(json, "sector", f->sector);
        bs_json_text(json, "species", f->species);
        put_time(json, "from", f->from);
        put_time(json, "to", f->to);
        bs_json_number(json, "factor", f->factor);
        bs_json_close(json, '}');
    }
    bs_json_close(json, ']');
}

static void put_scenario(bs_json *json, const bs_compiled *c, const bs_region_set *regions)
{
    bs_json_open(json, NULL, '{');
    bs_json_text(json, "name", c->name);
    bs_json_text(json, "hash", c->hash);
    put_member(json, c->name);
    put_time(json, "window_from", c->from);
    put_time(json, "window_to", c->to);
    put_totals(json, c);
    put_alerts(json, c);
    put_factors(json, c, regions);
    bs_json_close(json, '}');
}

static void put_parts(bs_json *json, const bs_plan *plan)
{
    bs_json_open(json, "assumed_parts", '[');
    for (int p = 0; p < plan->n_parts; p++) {
        bs_json_open(json, NULL, '{');
        bs_json_text(json, "sector", plan->part[p].name);
        bs_json_text(json, "part_of", plan->part[p].of);
        bs_json_number(json, "share_percent", 100 * plan->part[p].share);
        bs_json_text(json, "basis", plan->part[p].basis);
        bs_json_close(json, '}');
    }
    bs_json_close(json, ']');
}

bs_status bs_plan_write_json(const bs_plan_record *r, bs_err *err)
{
    bs_text_file *text;
    BS_TRY(bs_text_create(r->dir, "scenario.json", &text, err));
    bs_json json = {.stream = text->stream};
    bs_json_open(&json, NULL, '{');
    bs_json_text(&json, "plan", r->plan->name);
    bs_json_text(&json, "title", r->plan->title);
    bs_json_text(&json, "file", r->plan->source.name);
    bs_json_text(&json, "hash", r->hash);
    bs_json_text(&json, "version", r->version);
    bs_json_text(&json, "tags", r->plan->base_only ? "base_only" : "all");
    bs_json_text(&json, "template", r->plan->templates.file);
    put_parts(&json, r->plan);
    bs_json_open(&json, "base", '{');
    put_member(&json, "base");
    bs_json_close(&json, '}');
    bs_json_open(&json, "scenarios", '[');
    for (int k = 0; k < r->n; k++) put_scenario(&json, &r->compiled[k], r->regions);
    bs_json_close(&json, ']');
    bs_json_close(&json, '}');
    return bs_text_commit(text, err);
}
