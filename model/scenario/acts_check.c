/* Rules that match nothing, and rules that collide. */
#include <string.h>

#include "model/core/memory.h"
#include "model/emis/sectors.h"
#include "model/scenario/acts.h"

/* ---- matching ---- */

static bool names(const bs_plan_key *key, const char *word)
{
    for (int m = 0; m < key->n; m++)
        if (strcmp(key->means[m], "all") == 0 || strcmp(key->means[m], word) == 0) return true;
    return false;
}

static bool names_sector(const bs_plan_key *key, const char *sector)
{
    for (int m = 0; m < key->n; m++)
        if (strcmp(key->means[m], "all") == 0 || bs_sector_within(sector, key->means[m])) return true;
    return false;
}

static bool key_takes_sector(const bs_acts *a, const bs_plan_key *key, int sector, const bs_act *act)
{
    for (int e = 0; e < a->n_elements; e++) {
        if (a->element[e].sector != sector || !act->element[e] || !(a->element[e].share > 0)) continue;
        if (!key || names_sector(key, a->sector[sector]) || (a->element[e].name && names(key, a->element[e].name)))
            return true;
    }
    return false;
}

/* What an action meets of emission, narrowed to one key of its sectors, of its species or (by `region`) of its regions. NULL: not narrowed.
 * Stops at the first that emits. */
static bs_status emits(const bs_acts *a, const bs_act *act, const bs_plan_key *sectors, const bs_plan_key *species,
                       const unsigned char *region, bool *out, bs_err *err)
{
    *out = false;
    for (int s = 0; s < a->n_sectors; s++) {
        if (!key_takes_sector(a, sectors, s, act)) continue;
        for (int p = 0; p < a->n_species; p++) {
            if (!act->species[p] || (species && !names(species, a->species[p]))) continue;
            for (int r = 0; r <= a->n_regions; r++) {
                double kg = 0;
                if (!act->region[r] || (region && !region[r])) continue;
                BS_TRY(bs_acts_emitted(a, r, s, p, act->from, act->to, &kg, err));
                *out = *out || kg > 0;
                if (*out) return BS_OK;
            }
        }
    }
    return BS_OK;
}

/* Whether a set of regions emits anything at all meanwhile: what an alert asks of its regions. */
static bs_status regions_emit(const bs_acts *a, const bs_act *act, const unsigned char *region, bool *out, bs_err *err)
{
    *out = false;
    for (int r = 0; r <= a->n_regions && !*out; r++) {
        double kg = 0;
        if (region[r]) BS_TRY(bs_emission_total(a->world->emission, 0, r, NULL, NULL, act->from, act->to, &kg, err));
        *out = kg > 0;
    }
    return BS_OK;
}

static void report_nothing(const bs_acts *a, bs_place place, const char *what, const char *word)
{
    bs_problem(
        a->plan->problems, place,
        "an action that matches nothing: %s '%s' has no emission of these regions, sectors and species in this time",
        what, word);
}

static bs_status check_regions(const bs_acts *a, const bs_act *act, bs_err *err)
{
    bool *chosen = NULL;
    unsigned char *set = NULL;
    bs_status st = BS_NEW(&chosen, a->n_regions + 1, "regions", err);
    if (st == BS_OK) st = BS_NEW(&set, a->n_regions + 1, "regions", err);
    for (int k = 0; k < act->rule->regions.n && st == BS_OK; k++) {
        const bs_plan_key *key = &act->rule->regions.key[k];
        bool any = false;
        memset(chosen, 0, sizeof *chosen * ((size_t)a->n_regions + 1));
        for (int m = 0; m < key->n && st == BS_OK; m++)
            st = bs_regions_select(a->world->regions, key->means[m], a->plan->source.name, chosen, err);
        for (int r = 0; r <= a->n_regions; r++) set[r] = chosen[r];
        if (st == BS_OK)
            st = act->row ? regions_emit(a, act, set, &any, err) : emits(a, act, NULL, NULL, set, &any, err);
        if (st == BS_OK && !any) report_nothing(a, key->place, "the region", key->word);
    }
    bs_free(chosen);
    bs_free(set);
    return st;
}

/* Every key of an action must meet some emission, and so does then the action. Of an alert, whose sectors are the template's for any
 * region, the regions must. */
static bs_status check_match(const bs_acts *a, const bs_act *act, bs_err *err)
{
    bool any = false;
    if (!act->row) BS_TRY(emits(a, act, NULL, NULL, NULL, &any, err));
    if (!act->row && !any) {
        bs_problem(
            a->plan->problems, act->rule->place,
            "an action that matches nothing: there is no emission of these regions, sectors and species in this time");
        return BS_OK;
    }
    for (int k = 0; !act->row && k < act->rule->sectors.n; k++) {
        const bs_plan_key *key = &act->rule->sectors.key[k];
        BS_TRY(emits(a, act, key, NULL, NULL, &any, err));
        if (!any) report_nothing(a, key->place, "the sector", key->word);
    }
    for (int k = 0; !act->row && k < act->rule->species.n; k++) {
        const bs_plan_key *key = &act->rule->species.key[k];
        BS_TRY(emits(a, act, NULL, key, NULL, &any, err));
        if (!any) report_nothing(a, key->place, "the species", key->word);
    }
    return check_regions(a, act, err);
}

/* ---- collisions ---- */

static int first_common(int n, const unsigned char *p, const unsigned char *q)
{
    for (int k = 0; k < n; k++)
        if (p[k] && q[k]) return k;
    return -1;
}

static const char *element_name(const bs_acts *a, int element)
{
    return a->element[element].name ? a->element[element].name : a->sector[a->element[element].sector];
}

static void check_pair(const bs_acts *a, const bs_act *first, const bs_act *second)
{
    const bs_time from = first->from > second->from ? first->from : second->from,
                  to = first->to < second->to ? first->to : second->to;
    const int r = first_common(a->n_regions + 1, first->region, second->region),
              e = first_common(a->n_elements, first->element, second->element),
              p = first_common(a->n_species, first->species, second->species);
    char begin[BS_TIME_TEXT_MAX], end[BS_TIME_TEXT_MAX];
    if (from >= to || r < 0 || e < 0 || p < 0) return;
    bs_problem(a->plan->problems, second->rule->place,
               "collides with the action of %s:%d: both cut '%s' of %s in %s from %s to %s. Say what holds there: "
               "on_collision: "
               "later_wins, multiply or largest",
               a->plan->source.name, first->rule->place.line, element_name(a, e), a->species[p],
               r < a->n_regions ? a->world->regions->region[r].name : "elsewhere", bs_time_format(from, begin),
               bs_time_format(to, end));
}

bs_status bs_acts_check(const bs_acts *a, bs_err *err)
{
    for (int n = 0; n < a->n; n++) /* the rows of an alert's template once */
        if (n == 0 || a->act[n].rule != a->act[n - 1].rule) BS_TRY(check_match(a, &a->act[n], err));
    for (int n = 0; n < a->n && a->plan->collision == BS_COLLISION_ERROR; n++)
        for (int m = 0; m < n; m++) check_pair(a, &a->act[m], &a->act[n]);
    return BS_OK;
}
