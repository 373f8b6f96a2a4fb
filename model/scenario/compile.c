#include "model/scenario/compile.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/hash.h"
#include "model/core/memory.h"
#include "model/core/number.h"
#include "model/scenario/acts.h"

/* ---- time: the moments at which something changes ---- */

static int by_time(const void *a, const void *b)
{
    const bs_time p = *(const bs_time *)a, q = *(const bs_time *)b;
    return (p > q) - (p < q);
}

/* Beginnings and ends of all actions, each once, in order; release with bs_free. */
static bs_status list_moments(const bs_acts *a, int *n, bs_time **out, bs_err *err)
{
    bs_time *t = NULL;
    BS_TRY(BS_NEW(&t, 2 * a->n, "times of actions", err));
    for (int k = 0; k < a->n; k++) {
        t[2 * k] = a->act[k].from;
        t[2 * k + 1] = a->act[k].to;
    }
    qsort(t, 2 * (size_t)a->n, sizeof *t, by_time);
    *n = 0;
    for (int k = 0; k < 2 * a->n; k++)
        if (*n == 0 || t[*n - 1] != t[k]) t[(*n)++] = t[k];
    *out = t;
    return BS_OK;
}

/* ---- factors and rows ---- */

typedef struct compiler {
    const bs_acts *acts;
    int n_moments;
    bs_time *moment;
    bs_compiled *out;
    int factors_room;
} compiler;

static bs_status add_factor(compiler *c, const bs_emission_factor *f, bs_err *err)
{
    bs_compiled *o = c->out;
    bs_emission_factor *last = o->n ? &o->factor[o->n - 1] : NULL;
    if (f->factor == 1) return BS_OK;
    if (last && last->region == f->region && last->sector == f->sector && last->species == f->species &&
        last->to == f->from && last->factor == f->factor) {
        last->to = f->to;
        return BS_OK;
    }
    if (o->n == c->factors_room) {
        const int room = c->factors_room ? 2 * c->factors_room : 64;
        bs_emission_factor *grown = realloc(o->factor, (size_t)room * sizeof *grown);
        if (!grown) return bs_fail(err, BS_ERR_MEMORY, "out of memory for the factors of a scenario");
        o->factor = grown;
        c->factors_room = room;
    }
    o->factor[o->n++] = *f;
    return BS_OK;
}

/* One region, sector and species through time. */
static bs_status compile_row(compiler *c, int region, int sector, int species, bs_err *err)
{
    const bs_acts *a = c->acts;
    bs_plan_row row = {.region = region, .sector = a->sector[sector], .species = a->species[species]};
    for (int t = 0; t + 1 < c->n_moments; t++) {
        const bs_emission_factor f = {.region = region,
                                      .sector = row.sector,
                                      .species = row.species,
                                      .from = c->moment[t],
                                      .to = c->moment[t + 1],
                                      .factor = bs_acts_left(a, NULL, region, sector, species, c->moment[t])};
        double kg = 0;
        BS_TRY(bs_acts_emitted(a, region, sector, species, f.from, f.to, &kg, err));
        row.before += kg;
        row.after += kg * f.factor;
        if (kg > 0) BS_TRY(add_factor(c, &f, err));
    }
    if (row.before > 0) c->out->row[c->out->n_rows++] = row;
    return BS_OK;
}

static bs_status compile_rows(compiler *c, bs_err *err)
{
    const bs_acts *a = c->acts;
    const size_t most = ((size_t)a->n_regions + 1) * (size_t)a->n_sectors * (size_t)a->n_species;
    BS_TRY(BS_NEW(&c->out->row, most, "emissions of a scenario", err));
    c->out->from = c->moment[0];
    c->out->to = c->moment[c->n_moments - 1];
    for (int r = 0; r <= a->n_regions; r++)
        for (int s = 0; s < a->n_sectors; s++)
            for (int p = 0; p < a->n_species; p++) BS_TRY(compile_row(c, r, s, p, err));
    return BS_OK;
}

/* ---- mandated shares ---- */

/* What an alert cuts of a sector of a region. */
static bs_status cut_of(const compiler *c, const bs_act *alert, int region, int sector, int species, double *emitted,
                        double *cut, bs_err *err)
{
    const bs_acts *a = c->acts;
    *emitted = *cut = 0;
    for (int t = 0; t + 1 < c->n_moments; t++) {
        double kg = 0;
        if (c->moment[t] < alert->from || c->moment[t] >= alert->to) continue;
        BS_TRY(bs_acts_emitted(a, region, sector, species, c->moment[t], c->moment[t + 1], &kg, err));
        *emitted += kg;
        *cut += kg * (1 - bs_acts_left(a, alert->rule, region, sector, species, c->moment[t]));
    }
    return BS_OK;
}

/* Sums by sector over the alert's regions: table [n_sectors][emitted, cut]. */
static bs_status sum_sectors(const compiler *c, const bs_act *alert, int species, double (*table)[2], bs_err *err)
{
    const bs_acts *a = c->acts;
    for (int s = 0; s < a->n_sectors; s++) {
        table[s][0] = table[s][1] = 0;
        for (int r = 0; r <= a->n_regions; r++) {
            double emitted, cut;
            if (!alert->region[r]) continue;
            BS_TRY(cut_of(c, alert, r, s, species, &emitted, &cut, err));
            table[s][0] += emitted;
            table[s][1] += cut;
        }
    }
    return BS_OK;
}

static bs_status refuse_share(const compiler *c, const bs_act *alert, const bs_plan_check *check,
                              const double (*table)[2], bs_err *err)
{
    const bs_acts *a = c->acts;
    const double days = (double)(alert->to - alert->from) / 86400;
    bs_fail(err, BS_ERR_INPUT,
            "%s:%d:%d: error: the %s alert cuts %.1f %% of all emissions of %s in its regions; mandated are at least "
            "%g %%. "
            "%s expands it to, in t per day:",
            a->plan->source.name, alert->rule->place.line, alert->rule->place.column, alert->rule->alert,
            100 * check->cut / check->emitted, check->species, 100 * check->level->mandated, a->plan->templates.file);
    bs_err_add(err, "  %-20s %12s %12s %12s %8s", "sector", "before", "cut", "after", "cut %");
    for (int s = 0; s < a->n_sectors; s++)
        bs_err_add(err, "  %-20s %12.3f %12.3f %12.3f %8.1f", a->sector[s], table[s][0] / days / 1e3,
                   table[s][1] / days / 1e3, (table[s][0] - table[s][1]) / days / 1e3,
                   table[s][0] > 0 ? 100 * table[s][1] / table[s][0] : 0);
    bs_err_add(err, "  %-20s %12.3f %12.3f %12.3f %8.1f", "all", check->emitted / days / 1e3, check->cut / days / 1e3,
               (check->emitted - check->cut) / days / 1e3, 100 * check->cut / check->emitted);
    return BS_ERR_INPUT;
}

static const bs_plan_level *find_level(const bs_plan *plan, const char *name)
{
    int l = 0;
    while (strcmp(plan->templates.level[l].name, name) != 0) l++;
    return &plan->templates.level[l];
}

static bs_status check_alert(compiler *c, const bs_act *alert, int species, double (*table)[2], bs_err *err)
{
    static const double ROUND = 1e-9; /* of sums of some thousand hours and cells */
    const bs_acts *a = c->acts;
    bs_plan_check *check = &c->out->check[c->out->n_checks];
    *check = (bs_plan_check){
        .rule = alert->rule, .level = find_level(a->plan, alert->rule->alert), .species = a->species[species]};
    BS_TRY(sum_sectors(c, alert, species, table, err));
    for (int s = 0; s < a->n_sectors; s++) {
        check->emitted += table[s][0];
        check->cut += table[s][1];
    }
    if (!(check->emitted > 0)) return BS_OK; /* none of this species there */
    check->met = check->cut >= (check->level->mandated - ROUND) * check->emitted;
    c->out->n_checks++;
    return check->met || a->plan->templates.report ? BS_OK
                                                   : refuse_share(c, alert, check, (const double(*)[2])table, err);
}

static bs_status check_alerts(compiler *c, bs_err *err)
{
    const bs_acts *a = c->acts;
    double(*table)[2] = NULL;
    BS_TRY(BS_NEW(&c->out->check, a->n * a->n_species, "checks of alerts", err));
    BS_TRY(BS_NEW(&table, a->n_sectors, "checks of alerts", err));
    bs_status st = BS_OK;
    for (int n = 0; n < a->n && st == BS_OK; n++) {
        const bs_act *act = &a->act[n];
        if (!act->row || (n > 0 && a->act[n - 1].rule == act->rule)) continue;
        for (int p = 0; p < a->n_species && st == BS_OK; p++) st = check_alert(c, act, p, table, err);
    }
    bs_free(table);
    return st;
}

/* ---- fingerprints ---- */

static uint64_t add_text(uint64_t hash, const char *text)
{
    return bs_hash_add(hash, text, strlen(text) + 1);
}

static void fingerprint(const bs_region_set *regions, bs_compiled *c)
{
    uint64_t hash = add_text(BS_HASH_EMPTY, c->name);
    char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX], number[BS_NUMBER_TEXT_MAX];
    for (int n = 0; n < c->n; n++) {
        const bs_emission_factor *f = &c->factor[n];
        const bs_region *r = f->region < regions->n ? &regions->region[f->region] : NULL;
        const char *const text[] = {r ? r->adcode : "elsewhere",
                                    r ? r->name : "",
                                    f->sector,
                                    f->species,
                                    bs_time_format(f->from, from),
                                    bs_time_format(f->to, to),
                                    bs_number_format(f->factor, number)};
        for (size_t k = 0; k < sizeof text / sizeof *text; k++) hash = add_text(hash, text[k]);
    }
    snprintf(c->hash, sizeof c->hash, "%016" PRIx64, hash);
}

void bs_plan_hash(int n, const bs_compiled *compiled, char hash[BS_PLAN_HASH_MAX])
{
    uint64_t sum = BS_HASH_EMPTY;
    for (int k = 0; k < n; k++) sum = add_text(sum, compiled[k].hash);
    snprintf(hash, BS_PLAN_HASH_MAX, "%016" PRIx64, sum);
}

/* ---- all of it ---- */

static bs_status compile(const bs_acts *acts, bs_compiled *out, bs_err *err)
{
    compiler c = {.acts = acts, .out = out};
    BS_TRY(bs_problems_status(acts->plan->problems, err));
    BS_TRY(bs_acts_check(acts, err));
    BS_TRY(bs_problems_status(acts->plan->problems, err));
    BS_TRY(list_moments(acts, &c.n_moments, &c.moment, err));
    bs_status st = compile_rows(&c, err);
    if (st == BS_OK) st = check_alerts(&c, err);
    bs_free(c.moment);
    if (st == BS_OK) fingerprint(acts->world->regions, out);
    return st;
}

bs_status bs_plan_compile(bs_plan *plan, int index, const bs_plan_world *world, bs_compiled *out, bs_err *err)
{
    bs_acts acts;
    *out = (bs_compiled){.name = plan->scenario[index].name};
    bs_status st = bs_acts_create(plan, index, world, &acts, err);
    if (st == BS_OK) st = compile(&acts, out, err);
    bs_acts_release(&acts);
    if (st != BS_OK) bs_compiled_release(out);
    return st;
}

void bs_compiled_release(bs_compiled *c)
{
    free(c->factor);
    bs_free(c->row);
    bs_free(c->check);
    *c = (bs_compiled){0};
}
