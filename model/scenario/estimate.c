#include "model/scenario/estimate.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/config/csv.h"
#include "model/config/yaml.h"
#include "model/core/memory.h"
#include "model/core/text.h"
#include "model/io/aside.h"
#include "model/scenario/tag_cuts.h"

enum {
    PATH_TEXT = 4096,
};

static const char *path_of(const char *dir, const char *name, char path[PATH_TEXT])
{
    snprintf(path, PATH_TEXT, "%s/%s", dir, name);
    return path;
}

/* ---- the run ---- */

static bs_status check_summary(const char *dir, bs_arena *arena, bs_problems *problems, bs_err *err)
{
    char path[PATH_TEXT];
    bs_source source = {0};
    bs_node *root = NULL;
    BS_TRY(bs_source_read(arena, path_of(dir, "summary.json", path), &source, err));
    problems->source = &source;
    BS_TRY(bs_yaml_parse(arena, source.text, source.length, NULL, problems, &root, err));
    BS_TRY(bs_problems_status(problems, err));
    const bs_node *scenario = bs_node_child(root, "scenario");
    if (!scenario) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: this run follows the scenario '%s' itself; name a run of the case as it is",
                   dir, scenario->kind == BS_NODE_TEXT ? scenario->text : "");
}

bs_status bs_estimate_open(const char *run, char *run_dir, size_t size, bs_log *log, bs_case **out, bs_err *err)
{
    char path[PATH_TEXT];
    snprintf(run_dir, size, "%.*s", PATH_TEXT - 64, run);
    if (access(path_of(run_dir, "scenario.json", path), F_OK) == 0)
        snprintf(run_dir, size, "%.*s/base", PATH_TEXT - 64, run);
    if (access(path_of(run_dir, "summary.json", path), F_OK) != 0 ||
        access(path_of(run_dir, "source_receptor_period.csv", path), F_OK) != 0)
        return bs_fail(err, BS_ERR_USAGE,
                       "--estimate: %s holds no finished run with a source-receptor matrix (summary.json, "
                       "source_receptor_period.csv): a run makes one where its case has regions and tags of sources",
                       run);
    bs_arena arena = {0};
    bs_problems *problems = calloc(1, sizeof *problems);
    bs_status st = problems ? check_summary(run_dir, &arena, problems, err)
                            : bs_fail(err, BS_ERR_MEMORY, "%s: out of memory", run);
    bs_arena_free(&arena);
    free(problems);
    if (st != BS_OK) return st;
    return bs_case_open(path_of(run_dir, "case.yaml", path), 0, NULL, log, out, err);
}

/* ---- the source-receptor matrix of the run ---- */

typedef struct estimate {
    const bs_scenarios *s;
    const bs_tag_cuts *cuts; /* of a scenario */
    const char *name;        /* of it */
    const bs_csv *table;
    struct {
        int date, adcode, name, name_en, variable, source, contribution; /* columns; date -1: the period */
    } at;
} estimate;

static bs_status find_columns(estimate *e, bool dated, bs_err *err)
{
    e->at.date = -1;
    if (dated) BS_TRY(bs_csv_find(e->table, "date_local", &e->at.date, err));
    BS_TRY(bs_csv_find(e->table, "adcode", &e->at.adcode, err));
    BS_TRY(bs_csv_find(e->table, "name", &e->at.name, err));
    BS_TRY(bs_csv_find(e->table, "name_en", &e->at.name_en, err));
    BS_TRY(bs_csv_find(e->table, "variable", &e->at.variable, err));
    BS_TRY(bs_csv_find(e->table, "source", &e->at.source, err));
    return bs_csv_find(e->table, "contribution", &e->at.contribution, err);
}

/* Cut of a source of a variable; 0 of what is no tag of sources. */
static double cut_of(const estimate *e, const char *variable, const char *source)
{
    int count;
    const bs_species *species = bs_species_table(&count);
    const bs_tracers *tracers = e->s->c->tracers;
    for (int t = 0; t < tracers->n; t++)
        if (tracers->row[t].total != t && strcmp(tracers->row[t].label, source) == 0 &&
            strcmp(species[tracers->row[t].species].output_name, variable) == 0)
            return e->cuts->cut[t];
    return 0;
}

static double percent(double difference, double base)
{
    return base != 0 ? 100 * difference / base : 0;
}

static void put_city(const estimate *e, int row, double base, double with, bs_text_file *csv, FILE *out)
{
    const char *name = bs_csv_text(e->table, row, e->at.name), *variable = bs_csv_text(e->table, row, e->at.variable);
    if (out && e->at.date < 0)
        fprintf(out, "  %-*s %-16s %10.2f %10.2f %10.2f %8.1f\n", bs_text_pad(name, 22), name, variable, base, with,
                with - base, percent(with - base, base));
    if (!csv) return;
    fprintf(csv->stream, "%s,%s,%s,", e->name, e->at.date < 0 ? "period" : "day",
            e->at.date < 0 ? "" : bs_csv_text(e->table, row, e->at.date));
    bs_text_field(csv, bs_csv_text(e->table, row, e->at.adcode));
    fputc(',', csv->stream);
    bs_text_field(csv, name);
    fputc(',', csv->stream);
    bs_text_field(csv, bs_csv_text(e->table, row, e->at.name_en));
    fprintf(csv->stream, ",%s,%.7g,%.7g,%.5g,%.5g\n", variable, base, with, with - base, percent(with - base, base));
}

/* The rows of one table for one scenario: those of a city and variable end with its total. */
static bs_status put_table(const estimate *e, bs_text_file *csv, FILE *out, bs_err *err)
{
    double cut = 0;
    for (int row = 0; row < bs_csv_rows(e->table); row++) {
        const char *source = bs_csv_text(e->table, row, e->at.source);
        double part;
        BS_TRY(bs_csv_real(e->table, row, e->at.contribution, &part, err));
        if (strcmp(source, "total") != 0) {
            cut += part * cut_of(e, bs_csv_text(e->table, row, e->at.variable), source);
            continue;
        }
        put_city(e, row, part, part - cut, csv, out);
        cut = 0;
    }
    return BS_OK;
}

/* ---- what is assumed ---- */

static const char *const ASSUMED[] = {
    "estimate from the source-receptor matrix of a run, without running the scenario: base less each source's "
    "contribution times its cut",
    "cuts are taken as constant, in force since before the run began; what was there at the start and came in through "
    "the "
    "sides is not cut",
};

static void tell_assumed(const bs_scenarios *s, const bs_tag_cuts *cuts, bs_text_file *csv, FILE *out)
{
    const int scheme = s->c->options.scheme;
    const bool linear = scheme == BS_SCHEME_COUNT || bs_scheme_at((bs_scheme)scheme)->linear;
    const char *text[] = {
        ASSUMED[0], ASSUMED[1],
        linear ? "the advection scheme has no limiter: where cuts are constant, a run gives the same to rounding"
               : "the advection scheme limits: a run of the scenario would do so a little differently "
                 "(docs/scenarios.md tells how much)"};
    for (size_t n = 0; n < sizeof text / sizeof *text; n++) {
        if (out) fprintf(out, "assumed: %s\n", text[n]);
        if (csv) bs_text_comment(csv, "assumed: %s", text[n]);
    }
    for (int k = 0; k < s->n; k++) {
        if (!cuts[k].delayed) continue;
        if (out)
            fprintf(out, "assumed: cuts of %s begin within the spin-up; taken as in force before\n",
                    s->compiled[k].name);
        if (csv)
            bs_text_comment(csv, "assumed: cuts of %s begin within the spin-up; taken as in force before",
                            s->compiled[k].name);
    }
}

/* ---- all of it ---- */

static bs_status put_scenario(const bs_scenarios *s, int index, const bs_tag_cuts *cuts, const bs_csv *period,
                              const bs_csv *daily, bs_text_file *csv, FILE *out, bs_err *err)
{
    estimate e = {.s = s, .cuts = cuts, .name = s->compiled[index].name, .table = daily};
    if (out)
        fprintf(out, "scenario %s (%s): means of the period, ug m-3\n  %-22s %-16s %10s %10s %10s %8s\n", e.name,
                s->compiled[index].hash, "city", "variable", "base", "estimate", "difference", "%");
    if (daily) {
        BS_TRY(find_columns(&e, true, err));
        BS_TRY(put_table(&e, csv, NULL, err));
    }
    e.table = period;
    BS_TRY(find_columns(&e, false, err));
    return put_table(&e, csv, out, err);
}

static bs_status put_all(const bs_scenarios *s, const bs_tag_cuts *cuts, bs_csv *period, bs_csv *daily,
                         bs_text_file *csv, FILE *out, bs_err *err)
{
    tell_assumed(s, cuts, csv, out);
    if (csv)
        fputs("scenario,period,date_local,adcode,name,name_en,variable,base,with_scenario,difference,difference_"
              "percent\n",
              csv->stream);
    for (int k = 0; k < s->n; k++) BS_TRY(put_scenario(s, k, &cuts[k], period, daily, csv, out, err));
    return BS_OK;
}

static bs_status begin_table(const bs_scenarios *s, const char *run_dir, const char *dir, const char *version,
                             bs_text_file **out, bs_err *err)
{
    char path[PATH_TEXT];
    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        return bs_fail(err, BS_ERR_IO, "%s: cannot make the folder of the estimate: %s", dir, strerror(errno));
    if (access(path_of(dir, "estimate_cities.csv", path), F_OK) == 0)
        return bs_fail(err, BS_ERR_USAGE, "%s: is there, and nothing is overwritten; name another folder with --out",
                       path);
    BS_TRY(bs_text_create(dir, "estimate_cities.csv", out, err));
    bs_text_comment(*out,
                    "means by region, scenario (estimated) and base, of %s, from the run %s; ug m-3 and %% of the base",
                    bs_config_text(s->c->config, "case.name"), run_dir);
    bs_text_comment(*out, "plan %s (%s), hash %s", s->plan->name, s->plan->source.name, s->hash);
    bs_text_comment(*out, "written by %s", version);
    return BS_OK;
}

static bs_status read_tables(const char *run_dir, bs_csv **period, bs_csv **daily, bs_err *err)
{
    char path[PATH_TEXT];
    BS_TRY(bs_csv_read(path_of(run_dir, "source_receptor_period.csv", path), period, err));
    if (access(path_of(run_dir, "source_receptor_daily.csv", path), F_OK) != 0) return BS_OK;
    return bs_csv_read(path, daily, err);
}

static bs_status estimate_all(const bs_scenarios *s, const char *run_dir, const char *dir, const char *version,
                              const bs_tag_cuts *cuts, FILE *out, bs_err *err)
{
    bs_csv *period = NULL, *daily = NULL;
    bs_text_file *csv = NULL;
    bs_status st = read_tables(run_dir, &period, &daily, err);
    if (st == BS_OK && dir) st = begin_table(s, run_dir, dir, version, &csv, err);
    if (st == BS_OK) st = put_all(s, cuts, period, daily, csv, out, err);
    if (csv && st == BS_OK) {
        st = bs_text_commit(csv, err);
        csv = NULL;
    }
    bs_text_abandon(csv);
    bs_csv_destroy(period);
    bs_csv_destroy(daily);
    return st;
}

bs_status bs_scenarios_estimate(const bs_scenarios *s, const char *run_dir, const char *dir, const char *version,
                                FILE *out, bs_err *err)
{
    bs_tag_cuts *cuts = NULL;
    BS_TRY(BS_NEW(&cuts, s->n, "cuts of tags", err));
    bs_status st = BS_OK;
    for (int k = 0; k < s->n && st == BS_OK; k++) st = bs_tag_cuts_find(s, k, &cuts[k], err);
    if (st == BS_OK) st = estimate_all(s, run_dir, dir, version, cuts, out, err);
    for (int k = 0; k < s->n; k++) bs_free(cuts[k].cut);
    bs_free(cuts);
    return st;
}
