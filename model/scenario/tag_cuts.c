#include "model/scenario/tag_cuts.h"

#include <math.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/scenario/table.h"

static const double ALIKE = 1e-12; /* of factors that the same actions made */

typedef struct finder {
    const bs_scenarios *s;
    const bs_compiled *compiled;
    const char *sector, *species; /* of the source looked at */
    int region;
    double *left;     /* [tracers] what is left of a tag; -1: no source of it seen */
    int *seen_region; /* [tracers] and [tracers]: a source of the tag, for messages */
    const char **seen_sector;
    bs_tag_cuts *out;
} finder;

/* What is left of the source at t, and until when that holds. */
static double left_at(const finder *f, bs_time t, bs_time *until)
{
    *until = f->s->c->end;
    for (int n = 0; n < f->compiled->n; n++) {
        const bs_emission_factor *k = &f->compiled->factor[n];
        if (k->region != f->region || strcmp(k->sector, f->sector) != 0 || strcmp(k->species, f->species) != 0)
            continue;
        if (k->from <= t && t < k->to) {
            *until = k->to;
            return k->factor;
        }
        if (k->from > t && k->from < *until) *until = k->from;
    }
    return 1;
}

/* What is left over the output period. Errors: it changes there. */
static bs_status constant_left(const finder *f, double *left, bs_err *err)
{
    const bs_case *c = f->s->c;
    bs_time until;
    char when[BS_TIME_TEXT_MAX];
    *left = left_at(f, c->output_from, &until);
    for (bs_time t = until; t < c->end; t = until)
        if (left_at(f, t, &until) != *left)
            return bs_fail(
                err, BS_ERR_INPUT,
                "scenario '%s': its cut of %s in %s changes at %s, within the output period. An estimate needs cuts "
                "that are constant over all of it: run the scenario instead",
                f->compiled->name, f->sector, bs_plan_region_name(c->regions, f->region), bs_time_format(t, when));
    for (bs_time t = c->start; t < c->output_from; t = until)
        f->out->delayed = f->out->delayed || left_at(f, t, &until) != *left;
    return BS_OK;
}

/* The tag that holds the source, or -1. */
static int tag_of(const finder *f)
{
    const bs_tracers *tracers = f->s->c->tracers;
    int group = -1, rest = -1;
    for (int g = 0; g < tracers->n_groups; g++) {
        if (tracers->group[g].rest)
            rest = g;
        else if (group < 0 && bs_emission_group_takes(&tracers->group[g], f->sector, f->region))
            group = g;
    }
    if (group < 0) group = rest;
    const int species = bs_species_find(f->species);
    for (int t = 0; group >= 0 && t < tracers->per_member; t++)
        if (tracers->row[t].role == BS_ROLE_GROUP && tracers->row[t].group == group &&
            tracers->row[t].species == species)
            return t;
    return -1;
}

static bs_status refuse_coarse(const finder *f, int tag, double left, bs_err *err)
{
    const bs_region_set *regions = f->s->c->regions;
    return bs_fail(
        err, BS_ERR_INPUT,
        "scenario '%s': the tag '%s' of the run is too coarse for it: %g %% are left of %s in %s, but %g %% of %s in "
        "%s. Take a run with finer tags (tracers.groups, tracers.cross), or run the scenario",
        f->compiled->name, f->s->c->tracers->row[tag].name, 100 * f->left[tag], f->seen_sector[tag],
        bs_plan_region_name(regions, f->seen_region[tag]), 100 * left, f->sector,
        bs_plan_region_name(regions, f->region));
}

static bs_status add_source(finder *f, bs_err *err)
{
    double left;
    if (!(bs_emission_annual(f->s->emission, f->region, f->sector, f->species) > 0)) return BS_OK;
    BS_TRY(constant_left(f, &left, err));
    const int tag = tag_of(f);
    if (tag < 0 && left != 1)
        return bs_fail(err, BS_ERR_INPUT,
                       "scenario '%s': no tag of the run holds %s in %s, which it cuts. Take a run with such a tag "
                       "(emissions.sectors, tracers.groups), or run the scenario",
                       f->compiled->name, f->sector, bs_plan_region_name(f->s->c->regions, f->region));
    if (tag < 0) return BS_OK;
    if (f->left[tag] >= 0 && fabs(f->left[tag] - left) > ALIKE) return refuse_coarse(f, tag, left, err);
    f->left[tag] = left;
    f->seen_region[tag] = f->region;
    f->seen_sector[tag] = f->sector;
    return BS_OK;
}

static bs_status add_sources(finder *f, bs_err *err)
{
    const bs_emission *e = f->s->emission;
    for (f->region = 0; f->region <= f->s->c->regions->n; f->region++)
        for (int s = 0; s < bs_emission_sector_count(e); s++)
            for (int p = 0; p < bs_emission_species_count(e); p++) {
                f->sector = bs_emission_sector_at(e, s);
                f->species = bs_emission_species_at(e, p);
                BS_TRY(add_source(f, err));
            }
    return BS_OK;
}

bs_status bs_tag_cuts_find(const bs_scenarios *s, int index, bs_tag_cuts *out, bs_err *err)
{
    const int n = s->c->tracers->n;
    finder f = {.s = s, .compiled = &s->compiled[index], .out = out};
    *out = (bs_tag_cuts){0};
    bs_status st = BS_NEW(&out->cut, n, "cuts of tags", err);
    if (st == BS_OK) st = BS_NEW(&f.left, n, "cuts of tags", err);
    if (st == BS_OK) st = BS_NEW(&f.seen_region, n, "cuts of tags", err);
    if (st == BS_OK) st = BS_NEW(&f.seen_sector, n, "cuts of tags", err);
    for (int t = 0; t < n && st == BS_OK; t++) f.left[t] = -1;
    if (st == BS_OK) st = add_sources(&f, err);
    for (int t = 0; t < n && st == BS_OK; t++) out->cut[t] = f.left[t] >= 0 ? 1 - f.left[t] : 0;
    bs_free(f.left);
    bs_free(f.seen_region);
    bs_free(f.seen_sector);
    if (st == BS_OK) return BS_OK;
    bs_free(out->cut);
    out->cut = NULL;
    return st;
}
