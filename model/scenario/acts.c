#include "model/scenario/acts.h"

#include <math.h>
#include <string.h>

#include "model/config/config.h"
#include "model/core/memory.h"
#include "model/emis/sectors.h"

/* ---- the world's axes ---- */

static int find(int n, const char *const *words, const char *word)
{
    for (int k = 0; k < n; k++)
        if (strcmp(words[k], word) == 0) return k;
    return -1;
}

static bs_status list_axes(bs_acts *a, bs_err *err)
{
    const bs_emission *e = a->world->emission;
    a->n_regions = bs_emission_regions(e);
    a->n_sectors = bs_emission_sector_count(e);
    a->n_species = bs_emission_species_count(e);
    BS_TRY(BS_NEW(&a->sector, a->n_sectors, "sectors", err));
    BS_TRY(BS_NEW(&a->species, a->n_species, "species", err));
    for (int s = 0; s < a->n_sectors; s++) a->sector[s] = bs_emission_sector_at(e, s);
    for (int s = 0; s < a->n_species; s++) a->species[s] = bs_emission_species_at(e, s);
    return BS_OK;
}

static void check_part(const bs_acts *a, const bs_plan_part *part)
{
    const char *near = bs_nearest_word(part->of, a->n_sectors, a->sector);
    if (find(a->n_sectors, a->sector, part->name) >= 0)
        bs_problem(a->plan->problems, part->place,
                   "the inventories hold the sector '%s' itself; take it away from the plan's sectors", part->name);
    else if (find(a->n_sectors, a->sector, part->of) < 0)
        bs_problem(a->plan->problems, part->place,
                   "'%s' is to be a part of '%s', which no inventory of the case holds%s%s%s", part->name, part->of,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* The declared parts of a sector, then what they leave of it. */
static void add_elements(bs_acts *a, int sector)
{
    double left = 1;
    const bs_plan_part *last = NULL;
    for (int p = 0; p < a->plan->n_parts; p++) {
        const bs_plan_part *part = &a->plan->part[p];
        if (strcmp(part->of, a->sector[sector]) != 0) continue;
        a->element[a->n_elements++] = (bs_plan_element){.name = part->name, .sector = sector, .share = part->share};
        left -= part->share;
        last = part;
    }
    if (left < -1e-12)
        bs_problem(a->plan->problems, last->place, "the parts of '%s' have %g%% of it together; at most 100%%",
                   a->sector[sector], 100 * (1 - left));
    if (left > 1e-12 || !last) a->element[a->n_elements++] = (bs_plan_element){.sector = sector, .share = left};
}

static bs_status list_elements(bs_acts *a, bs_err *err)
{
    BS_TRY(BS_NEW(&a->element, a->n_sectors + a->plan->n_parts, "parts of sectors", err));
    for (int p = 0; p < a->plan->n_parts; p++) check_part(a, &a->plan->part[p]);
    for (int s = 0; s < a->n_sectors; s++) add_elements(a, s);
    return BS_OK;
}

/* ---- keys ---- */

static void set_regions(const bs_acts *a, const bs_plan_key *key, unsigned char *set, bool *chosen)
{
    bs_err err;
    for (int m = 0; m < key->n; m++) {
        memset(chosen, 0, sizeof *chosen * ((size_t)a->n_regions + 1));
        if (bs_regions_select(a->world->regions, key->means[m], "plan", chosen, &err) != BS_OK) {
            const char *message = strstr(err.text, "error: ");
            bs_problem(a->plan->problems, key->place, "%s", message ? message + strlen("error: ") : err.text);
            return;
        }
        for (int r = 0; r <= a->n_regions; r++) set[r] |= chosen[r];
    }
}

static void refuse_sector(const bs_acts *a, bs_place place, const char *word)
{
    const char *near = bs_nearest_word(word, a->n_sectors, a->sector);
    char there[512];
    size_t used = 0;
    for (int s = 0; s < a->n_sectors && used < sizeof there; s++)
        used += (size_t)snprintf(there + used, sizeof there - used, "%s%s", s ? ", " : "", a->sector[s]);
    bs_problem(
        a->plan->problems, place,
        "no inventory of the case holds the sector '%s'%s%s%s There are: %s. If it is a part of one of them, the plan "
        "must "
        "say of which and how much: sectors: {%s: {part_of: %s, share: ...%%, basis: ...}}, or the case splits it "
        "(emissions.split); if it is not, the case needs an inventory that holds it",
        word, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : ".", there, word,
        *bs_sector_parent(word) ? bs_sector_parent(word) : "...");
}

static void set_sectors(const bs_acts *a, const bs_plan_key *key, bs_place place, unsigned char *set)
{
    for (int m = 0; m < key->n; m++) {
        const char *word = key->means[m];
        bool found = false;
        for (int e = 0; e < a->n_elements; e++) {
            const bs_plan_element *element = &a->element[e];
            const bool takes = strcmp(word, "all") == 0 || bs_sector_within(a->sector[element->sector], word) ||
                               (element->name && strcmp(word, element->name) == 0);
            set[e] |= takes;
            found = found || takes;
        }
        if (!found) refuse_sector(a, place, word);
    }
}

static void set_species(const bs_acts *a, const bs_plan_key *key, bs_place place, unsigned char *set)
{
    for (int m = 0; m < key->n; m++) {
        bool found = false;
        for (int s = 0; s < a->n_species; s++) {
            const bool takes = strcmp(key->means[m], "all") == 0 || strcmp(key->means[m], a->species[s]) == 0;
            set[s] |= takes;
            found = found || takes;
        }
        if (!found)
            bs_problem(a->plan->problems, place,
                       "no inventory of the case holds the species '%s', or it is not carried (tracers.species)",
                       key->means[m]);
    }
}

static bs_time moment(const bs_acts *a, const bs_plan_moment *m)
{
    return m->kind == BS_PLAN_TIME ? m->time : m->kind == BS_PLAN_START ? a->world->start : a->world->end;
}

static void set_times(const bs_acts *a, bs_act *act)
{
    const bs_plan_rule *r = act->rule;
    const bs_time start = a->world->start, end = a->world->end, written = moment(a, &r->from), to = moment(a, &r->to);
    const bs_time from = written + r->lead;
    char first[BS_TIME_TEXT_MAX], last[BS_TIME_TEXT_MAX];
    act->from = from > start ? from : start;
    act->to = to < end ? to : end;
    if (to <= written)
        bs_problem(a->plan->problems, r->to.place, "'to' must lie after 'from'");
    else if (to <= from)
        bs_problem(
            a->plan->problems, r->place,
            "an action that matches nothing: its lead time of %lld h takes all of the %lld h from 'from' to 'to'",
            (long long)r->lead / 3600, (long long)(to - written) / 3600);
    else if (act->to <= act->from)
        bs_problem(a->plan->problems, r->place,
                   "an action that matches nothing: it lies outside the time of the run, %s to %s",
                   bs_time_format(start, first), bs_time_format(end, last));
}

/* ---- actions ---- */

static bs_status allocate_sets(const bs_acts *a, bs_act *act, bs_err *err)
{
    BS_TRY(BS_NEW(&act->region, a->n_regions + 1, "regions of an action", err));
    BS_TRY(BS_NEW(&act->element, a->n_elements, "sectors of an action", err));
    return BS_NEW(&act->species, a->n_species, "species of an action", err);
}

static bs_status add_act(bs_acts *a, const bs_plan_rule *rule, const bs_plan_rule *row, bs_err *err)
{
    bs_act *act = &a->act[a->n++];
    const bs_plan_rule *what = row ? row : rule;
    *act = (bs_act){.rule = rule, .row = row, .cut = what->cut};
    BS_TRY(allocate_sets(a, act, err));
    bool *chosen = NULL;
    BS_TRY(BS_NEW(&chosen, a->n_regions + 1, "regions of an action", err));
    for (int k = 0; k < rule->regions.n; k++) set_regions(a, &rule->regions.key[k], act->region, chosen);
    bs_free(chosen);
    for (int k = 0; k < what->sectors.n; k++)
        set_sectors(a, &what->sectors.key[k], row ? rule->place : what->sectors.key[k].place, act->element);
    for (int k = 0; k < what->species.n; k++)
        set_species(a, &what->species.key[k], row ? rule->place : what->species.key[k].place, act->species);
    if (a->n == 1 || a->act[a->n - 2].rule != rule) {
        set_times(a, act);
    } else {
        act->from = a->act[a->n - 2].from;
        act->to = a->act[a->n - 2].to;
    }
    return BS_OK;
}

static const bs_plan_level *level_of(const bs_plan *plan, const bs_plan_rule *rule)
{
    int l = 0;
    while (strcmp(plan->templates.level[l].name, rule->alert) != 0) l++;
    return &plan->templates.level[l];
}

static bs_status list_acts(bs_acts *a, const bs_plan_scenario *scenario, bs_err *err)
{
    int n = 0;
    for (int r = 0; r < scenario->n; r++) n += scenario->rule[r].alert ? level_of(a->plan, &scenario->rule[r])->n : 1;
    BS_TRY(BS_NEW(&a->act, n, "actions", err));
    for (int r = 0; r < scenario->n; r++) {
        const bs_plan_rule *rule = &scenario->rule[r];
        const bs_plan_level *level = rule->alert ? level_of(a->plan, rule) : NULL;
        if (!level) BS_TRY(add_act(a, rule, NULL, err));
        for (int k = 0; level && k < level->n; k++) BS_TRY(add_act(a, rule, &level->rule[k], err));
    }
    return BS_OK;
}

bs_status bs_acts_create(bs_plan *plan, int scenario, const bs_plan_world *world, bs_acts *out, bs_err *err)
{
    *out = (bs_acts){.plan = plan, .world = world};
    BS_TRY(list_axes(out, err));
    BS_TRY(list_elements(out, err));
    return list_acts(out, &plan->scenario[scenario], err);
}

void bs_acts_release(bs_acts *a)
{
    for (int n = 0; n < a->n; n++) {
        bs_free(a->act[n].region);
        bs_free(a->act[n].element);
        bs_free(a->act[n].species);
    }
    bs_free(a->act);
    bs_free(a->element);
    bs_free(a->sector);
    bs_free(a->species);
}

/* ---- what they leave ---- */

static double left_of_element(const bs_acts *a, const bs_plan_rule *only, int region, int element, int species,
                              bs_time t)
{
    double left = 1;
    for (int n = 0; n < a->n; n++) {
        const bs_act *act = &a->act[n];
        if ((only && act->rule != only) || !bs_act_acts(act, region, element, species, t)) continue;
        if (a->plan->collision == BS_COLLISION_MULTIPLY)
            left *= 1 - act->cut;
        else if (a->plan->collision == BS_COLLISION_LARGEST)
            left = fmin(left, 1 - act->cut);
        else
            left = 1 - act->cut;
    }
    return left;
}

double bs_acts_left(const bs_acts *a, const bs_plan_rule *only, int region, int sector, int species, bs_time t)
{
    double left = 0;
    int n = 0, all_alike = 1;
    double first = 1;
    for (int e = 0; e < a->n_elements; e++) {
        if (a->element[e].sector != sector) continue;
        const double of_it = left_of_element(a, only, region, e, species, t);
        if (n++ == 0) first = of_it;
        all_alike = all_alike && of_it == first;
        left += a->element[e].share * of_it;
    }
    return all_alike ? first : left; /* shares that sum to 1 only to rounding must not touch what nobody cuts */
}

bs_status bs_acts_emitted(const bs_acts *a, int region, int sector, int species, bs_time from, bs_time to, double *kg,
                          bs_err *err)
{
    const bs_emission *e = a->world->emission;
    *kg = 0;
    if (!bs_emission_holds(e, a->sector[sector], a->species[species])) return BS_OK;
    return bs_emission_total(e, 0, region, a->sector[sector], a->species[species], from, to, kg, err);
}
