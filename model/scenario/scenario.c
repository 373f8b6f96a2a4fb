#include "model/scenario/scenario.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/core/memory.h"
#include "model/parallel/ranks.h"
#include "model/run/keeping.h"
#include "model/scenario/record.h"

enum { PATH_TEXT = 4096 };

static const char *const OUTPUT[] = {"before_after.csv", "plan.yaml", "differences.nc", "differences_cities.csv",
                                     "scenario.json"};
enum { N_OUTPUT = sizeof OUTPUT / sizeof *OUTPUT };

/* ---- opening ---- */

static bs_status open_emission(bs_scenarios *s, bs_err *err)
{
    bs_case *c = s->c;
    bs_log quiet = {0}; /* the run tells it */
    if (!c->regions)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: error: a plan needs the case's regions (regions.file), and there are none",
                       bs_config_where(c->config, "regions.file"));
    BS_TRY(bs_emission_create(c->config, c->whole, c->regions, c->tracers, c->units, &quiet, &s->emission, err));
    return bs_emission_resolve(s->emission, c->regions, err);
}

static bs_status refuse_name(const bs_plan *plan, const char *only, bs_err *err)
{
    bs_fail(err, BS_ERR_USAGE, "%s has no scenario '%s'; there are:", plan->source.name, only);
    for (int n = 0; n < plan->n; n++) bs_err_add(err, "  %s", plan->scenario[n].name);
    return BS_ERR_USAGE;
}

static bs_status compile_all(bs_scenarios *s, const char *only, bs_err *err)
{
    const int named = only ? bs_plan_find(s->plan, only) : 0, n = only ? 1 : s->plan->n;
    const bs_plan_world world = {
        .emission = s->emission, .regions = s->c->regions, .start = s->c->start, .end = s->c->end};
    BS_TRY(BS_NEW(&s->compiled, n, "scenarios", err));
    for (; s->n < n; s->n++) BS_TRY(bs_plan_compile(s->plan, named + s->n, &world, &s->compiled[s->n], err));
    bs_plan_hash(s->n, s->compiled, s->hash);
    return BS_OK;
}

static bs_status open_all(bs_scenarios *s, const char *plan, const char *only, int n_set, const char *const *set,
                          bs_log *log, bs_err *err)
{
    BS_TRY(bs_ranks_agree(bs_plan_read(plan, &s->plan, err), err));
    if (only && bs_plan_find(s->plan, only) < 0) return refuse_name(s->plan, only, err);
    if (s->owns_case) BS_TRY(bs_ranks_agree(bs_case_open(s->plan->case_file, n_set, set, log, &s->c, err), err));
    BS_TRY(bs_ranks_agree(open_emission(s, err), err));
    BS_TRY(bs_ranks_agree(compile_all(s, only, err), err));
    bs_emission_keep_sums(s->emission);
    return BS_OK;
}

bs_status bs_scenarios_open(const char *plan, const char *only, bs_case *c, int n_set, const char *const *set,
                            bs_log *log, bs_scenarios *out, bs_err *err)
{
    *out = (bs_scenarios){.c = c, .owns_case = c == NULL};
    const bs_status st = open_all(out, plan, only, n_set, set, log, err);
    if (st != BS_OK) bs_scenarios_close(out);
    return st;
}

void bs_scenarios_close(bs_scenarios *s)
{
    for (int n = 0; n < s->n; n++) bs_compiled_release(&s->compiled[n]);
    bs_free(s->compiled);
    bs_emission_destroy(s->emission);
    if (s->owns_case) bs_case_close(s->c);
    bs_plan_destroy(s->plan);
    *s = (bs_scenarios){0};
}

/* ---- the folder ---- */

static const char *path_of(const char *dir, const char *name, char path[PATH_TEXT])
{
    snprintf(path, PATH_TEXT, "%s/%s", dir, name);
    return path;
}

static bs_status open_folder(const char *dir, bool resume, bool *made, bs_err *err)
{
    char path[PATH_TEXT];
    if (!*dir || strlen(dir) > PATH_TEXT - 256)
        return bs_fail(err, BS_ERR_USAGE, "--out must name a folder in at most %d characters", PATH_TEXT - 256);
    *made = mkdir(dir, 0777) == 0;
    if (!*made && errno != EEXIST) {
        const int code = errno;
        bs_fail(err, BS_ERR_IO, "%s: cannot make the folder of the scenarios: %s", dir, strerror(code));
        if (code == ENOENT) bs_err_add(err, "the folder that is to hold it is not there; make it first: mkdir -p");
        return BS_ERR_IO;
    }
    struct stat found;
    if (!*made && (stat(dir, &found) != 0 || !S_ISDIR(found.st_mode)))
        return bs_fail(err, BS_ERR_USAGE, "%s: is a file, not a folder; name another folder with --out", dir);
    path_of(dir, "base", path);
    if (resume && (bs_keeping_there(path) || bs_run_complete(path))) return BS_OK; /* what is there is its own */
    for (int n = N_OUTPUT - 1; n >= 0; n--)
        if (access(path_of(dir, OUTPUT[n], path), F_OK) == 0)
            return bs_fail(err, BS_ERR_USAGE,
                           "%s: %s is there, and nothing is overwritten; name another folder with --out", dir,
                           OUTPUT[n]);
    return BS_OK;
}

/* The first rank makes and looks for all; *made is its own. */
static bs_status open_folder_for_all(const char *dir, bool resume, bool *made, bs_err *err)
{
    return bs_ranks_agree(bs_ranks_first() ? open_folder(dir, resume, made, err) : BS_OK, err);
}

static void discard(const char *dir, bool made)
{
    char path[PATH_TEXT];
    if (!bs_ranks_first()) return;
    for (int n = 0; n < N_OUTPUT; n++) unlink(path_of(dir, OUTPUT[n], path));
    if (made) rmdir(dir); /* stays where members left their logs */
}

/* ---- the run ---- */

typedef struct members {
    int n, n_factors;
    bs_run_member *member;      /* [n] */
    char (*dir)[PATH_TEXT];     /* [n] */
    bs_emission_factor *factor; /* of all members but the base */
} members;

static void release_members(members *m)
{
    bs_free(m->member);
    bs_free(m->dir);
    bs_free(m->factor);
}

static bs_status list_members(const bs_scenarios *s, const char *dir, members *m, bs_err *err)
{
    int factors = 0;
    *m = (members){.n = s->n + 1};
    for (int k = 0; k < s->n; k++) factors += s->compiled[k].n;
    BS_TRY(BS_NEW(&m->member, m->n, "members", err));
    BS_TRY(BS_NEW(&m->dir, m->n, "members", err));
    BS_TRY(BS_NEW(&m->factor, factors, "factors of emission", err));
    for (int k = 0; k < m->n; k++) {
        const bs_compiled *c = k > 0 ? &s->compiled[k - 1] : NULL;
        m->member[k] = (bs_run_member){.name = c ? c->name : "base", .dir = m->dir[k]};
        path_of(dir, m->member[k].name, m->dir[k]);
        if (!c) continue;
        m->member[k].scenario = c->name;
        m->member[k].hash = c->hash;
        for (int f = 0; f < c->n; f++) {
            m->factor[m->n_factors] = c->factor[f];
            m->factor[m->n_factors++].member = k;
        }
    }
    return BS_OK;
}

static bs_status run_members(bs_scenarios *s, const bs_scenario_request *q, bs_err *err)
{
    members m;
    bs_status st = bs_ranks_agree(list_members(s, q->dir, &m, err), err);
    const bs_run_request request = {.n_members = m.n,
                                    .member = m.member,
                                    .base_tags_only = s->plan->base_only,
                                    .n_factors = m.n_factors,
                                    .factor = m.factor,
                                    .differences = q->dir,
                                    .resume = q->resume,
                                    .allow_changes = q->allow_changes,
                                    .threads = q->threads,
                                    .progress = true,
                                    .profile = q->profile,
                                    .version = q->version};
    if (st == BS_OK) st = bs_run(s->c, &request, err);
    release_members(&m);
    return st;
}

static bs_status run_into(bs_scenarios *s, const bs_scenario_request *q, bs_err *err)
{
    const bs_plan_record record = {.dir = q->dir,
                                   .version = q->version,
                                   .plan = s->plan,
                                   .regions = s->c->regions,
                                   .n = s->n,
                                   .compiled = s->compiled,
                                   .hash = s->hash};
    BS_TRY(bs_ranks_agree(bs_plan_write_table(q->dir, s->plan, s->n, s->compiled, s->c->regions, err), err));
    BS_TRY(bs_ranks_agree(bs_plan_write_yaml(&record, err), err));
    BS_TRY(run_members(s, q, err));
    return bs_ranks_agree(bs_plan_write_json(&record, err), err);
}

bs_status bs_scenarios_run(bs_scenarios *s, const bs_scenario_request *q, FILE *out, bs_err *err)
{
    bool made = false;
    for (int k = 0; k < s->n && out; k++) bs_plan_print(&s->compiled[k], s->c->regions, out);
    if (!q->dir) return BS_OK;
    if (out) fflush(out);
    BS_TRY(open_folder_for_all(q->dir, q->resume, &made, err));
    const bs_status st = run_into(s, q, err);
    if (st != BS_OK) discard(q->dir, made);
    if (st == BS_OK && out)
        fprintf(
            out,
            "what changes: %s/differences_cities.csv, differences.nc; judged against the standards: bashu report %s\n",
            q->dir, q->dir);
    return st;
}
