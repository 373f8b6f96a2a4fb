#include "model/commands/commands.h"

#include <stdio.h>
#include <string.h>

#include "bs_version.h"
#include "model/adjoint/adjoint.h"
#include "model/bench/bench.h"
#include "model/commands/tables.h"
#include "model/config/config.h"
#include "model/core/log.h"
#include "model/evaluate/evaluate.h"
#include "model/parallel/cpus.h"
#include "model/parallel/ranks.h"
#include "model/parallel/threads.h"
#include "model/report/report.h"
#include "model/run/run.h"
#include "model/scenario/estimate.h"

const char *bs_version_text(void)
{
    return BS_COMMIT[0] ? "bashu " BS_VERSION " (" BS_COMMIT ")" : "bashu " BS_VERSION;
}

/* The stream to speak on, or NULL: where quiet, and in all ranks but the first. */
static FILE *voice(FILE *stream, bool quiet)
{
    return quiet || !bs_ranks_first() ? NULL : stream;
}

static int start_threads(const bs_arguments *a)
{
    return bs_threads_start(a->threads ? a->threads : bs_cpus_share());
}

/* ---- what commands on a case share ---- */

typedef bs_status (*on_case)(bs_case *c, const bs_arguments *a, int threads, bs_err *err);

static bs_status with_case(const char *name, const bs_arguments *a, FILE *screen, bool needs_out, on_case act,
                           bs_err *err)
{
    if (a->n_positional != 1)
        return bs_fail(err, BS_ERR_USAGE, "bashu %s: name one case file (found %d words); bashu %s --help tells more",
                       name, a->n_positional, name);
    if (needs_out && !a->out)
        return bs_fail(err, BS_ERR_USAGE, "bashu %s: name the folder of the run with --out DIR", name);
    bs_log log = {.screen = voice(screen, a->quiet)};
    const int threads = start_threads(a);
    bs_case *c = NULL;
    BS_TRY(bs_case_open(a->positional[0], a->n_set, a->set, &log, &c, err));
    bs_status st = act(c, a, threads, err);
    bs_case_close(c);
    return st;
}

static bs_status act_check(bs_case *c, const bs_arguments *a, int threads, bs_err *err)
{
    return a->ranks ? bs_run_check_ranks(c, a->ranks, threads, err) : bs_run_check(c, threads, err);
}

static bs_status act_prepare(bs_case *c, const bs_arguments *a, int threads, bs_err *err)
{
    (void)threads;
    const char *dir = a->out ? a->out
                      : bs_config_has(c->config, "meteorology.prepared")
                          ? bs_config_text(c->config, "meteorology.prepared")
                          : NULL;
    if (!dir)
        return bs_fail(err, BS_ERR_USAGE,
                       "bashu prepare: name the folder with --out DIR, or meteorology.prepared in the case");
    return bs_run_prepare(c, dir, err);
}

/* "PLAN.yaml:NAME". */
static bs_status open_scenario(bs_case *c, const char *word, bs_scenarios *out, bs_err *err)
{
    enum { MOST = 4096 };
    char file[MOST];
    const char *colon = strrchr(word, ':');
    if (!colon || colon == word || !colon[1] || colon - word >= MOST)
        return bs_fail(err, BS_ERR_USAGE, "bashu run: --scenario must be PLAN.yaml:NAME, found '%s'", word);
    snprintf(file, sizeof file, "%.*s", (int)(colon - word), word);
    return bs_scenarios_open(file, colon + 1, c, 0, NULL, c->log, out, err);
}

static bs_status act_run(bs_case *c, const bs_arguments *a, int threads, bs_err *err)
{
    bs_scenarios s = {0};
    if (a->scenario) BS_TRY(open_scenario(c, a->scenario, &s, err));
    const bs_compiled *compiled = s.compiled;
    const bs_run_member alone = {
        .dir = a->out, .scenario = compiled ? compiled->name : NULL, .hash = compiled ? compiled->hash : NULL};
    const bs_run_request request = {.n_members = 1,
                                    .member = &alone,
                                    .n_factors = compiled ? compiled->n : 0,
                                    .factor = compiled ? compiled->factor : NULL,
                                    .resume = a->resume,
                                    .allow_changes = a->allow_changes,
                                    .threads = threads,
                                    .progress = true,
                                    .profile = a->profile,
                                    .version = bs_version_text()};
    const bs_status st = bs_run(c, &request, err);
    bs_scenarios_close(&s);
    return st;
}

static bs_status act_adjoint(bs_case *c, const bs_arguments *a, int threads, bs_err *err)
{
    const bs_adjoint_request request = {.dir = a->out,
                                        .receptor = a->receptor,
                                        .from = a->from,
                                        .to = a->to,
                                        .threads = threads,
                                        .profile = a->profile,
                                        .version = bs_version_text()};
    return bs_adjoint_run(c, &request, err);
}

static bs_status run_check(const bs_arguments *a, bs_err *err)
{
    return with_case("check", a, stdout, false, act_check, err);
}

static bs_status run_prepare(const bs_arguments *a, bs_err *err)
{
    return with_case("prepare", a, stderr, false, act_prepare, err);
}

static bs_status run_run(const bs_arguments *a, bs_err *err)
{
    return with_case("run", a, stderr, true, act_run, err);
}

static bs_status run_adjoint(const bs_arguments *a, bs_err *err)
{
    if (!a->receptor)
        return bs_fail(err, BS_ERR_USAGE,
                       "bashu adjoint: name the receptor, a region of the case, with --receptor KEY (adcode or name)");
    return with_case("adjoint", a, stderr, true, act_adjoint, err);
}

/* ---- scenarios ---- */

/* --estimate RUN: the case is that of the run. */
static bs_status estimate_scenario(const bs_arguments *a, bs_log *log, bs_err *err)
{
    char dir[4096];
    bs_case *c = NULL;
    bs_scenarios s = {0};
    if (a->n_set)
        return bs_fail(err, BS_ERR_USAGE,
                       "bashu scenario: with --estimate the case is that of the run; leave --set away");
    if (bs_ranks_count() > 1)
        return bs_fail(err, BS_ERR_USAGE, "bashu scenario --estimate works on one rank: start it without mpirun");
    BS_TRY(bs_estimate_open(a->estimate, dir, sizeof dir, log, &c, err));
    bs_status st = bs_scenarios_open(a->positional[0], NULL, c, 0, NULL, log, &s, err);
    if (st == BS_OK) st = bs_scenarios_estimate(&s, dir, a->out, bs_version_text(), a->quiet ? NULL : stdout, err);
    bs_scenarios_close(&s);
    bs_case_close(c);
    return st;
}

static bs_status run_scenario(const bs_arguments *a, bs_err *err)
{
    if (a->n_positional != 1)
        return bs_fail(err, BS_ERR_USAGE,
                       "bashu scenario: name one plan (found %d words); bashu scenario --help tells more",
                       a->n_positional);
    if (!a->out && !a->dry_run && !a->estimate)
        return bs_fail(err, BS_ERR_USAGE,
                       "bashu scenario: name the folder of the runs with --out DIR, or say --dry-run");
    bs_log log = {.screen = voice(stderr, a->quiet)};
    if (a->estimate) return estimate_scenario(a, &log, err);
    const bs_scenario_request request = {.dir = a->dry_run ? NULL : a->out,
                                         .resume = a->resume,
                                         .allow_changes = a->allow_changes,
                                         .threads = start_threads(a),
                                         .profile = a->profile,
                                         .version = bs_version_text()};
    bs_scenarios s;
    BS_TRY(bs_scenarios_open(a->positional[0], NULL, NULL, a->n_set, a->set, &log, &s, err));
    const bs_status st = bs_scenarios_run(&s, &request, voice(stdout, a->quiet), err);
    bs_scenarios_close(&s);
    return st;
}

/* ---- tables ---- */

static bs_status no_words(const char *name, const bs_arguments *a, bs_err *err)
{
    if (a->n_positional == 0) return BS_OK;
    return bs_fail(err, BS_ERR_USAGE, "bashu %s: takes no words, found '%s'; bashu %s --help tells more", name,
                   a->positional[0], name);
}

static bs_status run_options(const bs_arguments *a, bs_err *err)
{
    BS_TRY(no_words("options", a, err));
    if (!bs_ranks_first()) return BS_OK;
    if (a->reference) bs_options_print_reference(stdout);
    if (a->fields) bs_print_fields();
    if (a->species) bs_print_species();
    if (a->sectors) bs_print_sectors();
    if (!a->reference && !a->fields && !a->species && !a->sectors) bs_options_print_table(stdout);
    return BS_OK;
}

static bs_status run_version(const bs_arguments *a, bs_err *err)
{
    BS_TRY(no_words("version", a, err));
    if (bs_ranks_first())
        printf("%s\nfields in %s; vectors %s; C compiler %s\n", bs_version_text(), BS_REAL_NAME,
               bs_isa_name(bs_isa_best()), __VERSION__);
    return BS_OK;
}

static bs_status run_bench(const bs_arguments *a, bs_err *err)
{
    BS_TRY(no_words("bench", a, err));
    bs_log log = {.screen = a->quiet ? NULL : stderr};
    const bs_bench_request request = {.threads = bs_threads_start(a->threads),
                                      .quick = a->quick,
                                      .json = a->json,
                                      .version = bs_version_text(),
                                      .log = &log};
    return bs_bench_run(&request, stdout, err);
}

static bs_status run_report(const bs_arguments *a, bs_err *err)
{
    if (a->n_positional != 1)
        return bs_fail(
            err, BS_ERR_USAGE,
            "bashu report: name the folder of one finished run or scenario set (found %d words); bashu report "
            "--help tells more",
            a->n_positional);
    const bs_report_request request = {.run = a->positional[0],
                                       .out = a->out,
                                       .edition = a->edition,
                                       .phase = a->phase,
                                       .observed = a->observed,
                                       .targets = a->targets,
                                       .n_set = a->n_set,
                                       .set = a->set,
                                       .json = a->json,
                                       .version = bs_version_text()};
    return bs_report_run(&request, stdout, err);
}

static bs_status run_evaluate(const bs_arguments *a, bs_err *err)
{
    if (a->n_positional != 2)
        return bs_fail(
            err, BS_ERR_USAGE,
            "bashu evaluate: name the folder of one finished run and one table of observations (found %d words); "
            "bashu evaluate --help tells more",
            a->n_positional);
    const bs_evaluate_request request = {.run = a->positional[0],
                                         .observed = a->positional[1],
                                         .stations = a->stations,
                                         .map = a->map,
                                         .unit = a->unit,
                                         .state = a->state,
                                         .stamp = a->stamp,
                                         .at = a->at,
                                         .out = a->out,
                                         .daily = a->daily,
                                         .json = a->json,
                                         .version = bs_version_text()};
    return bs_evaluate_run(&request, stdout, err);
}

static const bs_command COMMANDS[] = {
    {"check", "CASE.yaml [--set a.b=c]... [--threads N] [--ranks N]",
     "read every input, print grid, plan and totals; run nothing", " --set --threads --ranks --quiet ",
     "Reads the case and all that it names as a run would, then prints the grid, the sequence of operators, the totals "
     "of each\n"
     "inventory in its file and on the grid, what is assumed about the weather, and an estimate of memory and time.\n"
     "--ranks: what each of so many ranks would hold in memory (docs/mpi.md); reads neither weather nor emissions.\n",
     run_check, true},
    {"prepare", "CASE.yaml [--out DIR] [--set a.b=c]... [--threads N]", "meteorology onto the grid, once for many runs",
     " --out --set --threads --quiet ",
     "Writes the prepared meteorology as CF netCDF into DIR (or the case's meteorology.prepared), under a name made "
     "from the\n"
     "configuration and the inputs. Runs whose meteorology.prepared names that folder read it when the name matches.\n",
     run_prepare, true},
    {"run",
     "CASE.yaml --out DIR [--resume [--allow-changes]] [--scenario PLAN.yaml:NAME]\n"
     "                 [--set a.b=c]... [--threads N] [--profile] [--quiet]",
     "simulate", " --out --resume --allow-changes --scenario --set --threads --profile --quiet ",
     "Simulates the case and writes surface.nc, daily.nc, deposition.nc, cities.csv, cities.nc, summary.json, "
     "case.yaml and run.log\n"
     "into DIR. --profile prints the seconds spent in each part. --scenario cuts the emissions as one scenario of a "
     "plan "
     "does.\n"
     "--resume goes on from the newest checkpoint of a run into DIR that was cut, or begins where there is none; it "
     "refuses "
     "when\n"
     "configuration, inputs or program have changed since, unless --allow-changes. SIGTERM and SIGUSR1 make a run "
     "write a\n"
     "checkpoint and leave with status 75 (docs/restart.md).\n",
     run_run, true},
    {"scenario",
     "PLAN.yaml (--out DIR [--resume [--allow-changes]] | --dry-run | --estimate RUN)\n"
     "                      [--set a.b=c]... [--threads N] [--profile] [--quiet]",
     "what a plan of reductions would change",
     " --out --resume --allow-changes --dry-run --estimate --set --threads --profile --quiet ",
     "Compiles the plan's dated actions and prints emissions before and after (t per day); with --dry-run that is "
     "all.\n"
     "Then runs the case and all scenarios side by side and writes a folder of each, differences.nc,\n"
     "differences_cities.csv, before_after.csv, plan.yaml and scenario.json into DIR. --estimate answers at once from "
     "the\n"
     "source-receptor matrix of a finished run (with --out, into a table, too). docs/scenarios.md tells how a plan is\n"
     "written.\n",
     run_scenario, true},
    {"adjoint",
     "CASE.yaml --receptor KEY [--from T] [--to T] --out DIR [--set a.b=c]... [--threads N] [--profile] [--quiet]",
     "one receptor's sensitivity to the emission of every cell and hour",
     " --receptor --from --to --out --set --threads --profile --quiet ",
     "Runs the case backward, once, for the mean primary PM2.5 of one region (adcode or name of the case's regions)\n"
     "from --from to --to (the output period, unless given). Writes adjoint.nc (sensitivity by cell, layer and hour),\n"
     "adjoint_contributions.csv (what the mean is made of, by region and source), summary.json, case.yaml and run.log\n"
     "into DIR. Needs a linear advection scheme: --set operators.advection=ppm6_lin.\n",
     run_adjoint, false},
    {"report",
     "RUN [--edition 2012|2026] [--phase P] [--observed CSV] [--targets CSV] [--set standards.x=y] [--out DIR] "
     "[--json]",
     "cities of a finished run against the national standards",
     " --edition --phase --observed --targets --set --out --json ",
     "Judges each city and natural day (UTC+8) of a run, or of a scenario set (RUN/base, RUN/<member>): index and "
     "class of "
     "PM2.5, days\n"
     "over the limit, good and heavily polluted days, alert levels, targets, the effect of each scenario, who "
     "contributes. "
     "Prints a table\n"
     "(--json: JSON) and writes report.csv, report_daily.csv and report.json into RUN or DIR. --observed: daily "
     "observations (city, date,\n"
     "pm25, reference_state) as the base to which the modelled change is applied; without, primary PM2.5 alone is "
     "judged. "
     "docs/report.md.\n",
     run_report, false},
    {"evaluate",
     "RUN OBS.csv [--stations CSV] [--map R=C] [--unit U] [--state S] [--stamp W] [--daily] [--at W] [--out DIR] "
     "[--json]",
     "a finished run against observed PM2.5", " --stations --map --unit --state --stamp --daily --at --out --json ",
     "Compares the run's primary PM2.5 with observed PM2.5 of cities or stations, hourly or daily (UTC+8), over what "
     "both "
     "cover: bias,\n"
     "error, correlation, index of agreement and more, by site, city, day and hour, beside published benchmarks. "
     "Writes\n"
     "evaluation.csv, evaluation_pairs.csv and evaluation.json into RUN or DIR. Columns are known by usual names "
     "(city, "
     "date, pm25;\n"
     "station, lon, lat, time ...) or by --map pm25=NAME,...; --stations: where stations stand; --state auto (standard "
     "air "
     "before\n"
     "2018-09-01), ambient or standard: the air that observations refer to; --stamp end or start of the hour; --at "
     "cell or "
     "bilinear.\ndocs/evaluate.md.\n",
     run_evaluate, false},
    {"options", "[--reference | --fields | --species | --sectors]", "every option of a case file",
     " --reference --fields --species --sectors ",
     "Prints the options with type, unit, range and default; with --reference as a commented YAML file; with --fields "
     "and --species\n"
     "the tables that options refer to.\n",
     run_options, true},
    {"bench", "[--json] [--threads N] [--quick] [--quiet]", "how fast the model is on this machine, against its limits",
     " --json --threads --quick --quiet ",
     "Measures memory and arithmetic of the machine, then each sweep, operator and whole step for every advection "
     "scheme,\n"
     "with one thread and with all, and how times change with tracers and grid. Minutes; --quick: seconds, 100 x 100 "
     "cells only.\n",
     run_bench, false},
    {"version", "", "version, commit and build", " ",
     "Prints version, commit, precision and the vector instructions in use.\n", run_version, true},
};

const bs_command *bs_commands(int *count)
{
    *count = sizeof COMMANDS / sizeof *COMMANDS;
    return COMMANDS;
}
