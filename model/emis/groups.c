/* Sectors, species and tags of what is emitted (groups.h). */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/base/check.h"
#include "model/core/memory.h"
#include "model/emis/emis.h"
#include "model/emis/sectors.h"

int bs_emission_regions(const bs_emission *e)
{
    return e->n_regions;
}

/* The n-th distinct text at `offset` of the carried sheets; NULL: there are fewer, and *count is how many. */
static const char *distinct(const bs_emission *e, size_t offset, int n, int *count)
{
    *count = 0;
    for (int s = 0; s < e->n_sheets; s++) {
        if (e->sheet[s].total < 0) continue;
        const char *text = (const char *)&e->sheet[s] + offset;
        bool seen = false;
        for (int b = 0; b < s && !seen; b++)
            seen = e->sheet[b].total >= 0 && strcmp((const char *)&e->sheet[b] + offset, text) == 0;
        if (seen) continue;
        if ((*count)++ == n) return text;
    }
    return NULL;
}

int bs_emission_sector_count(const bs_emission *e)
{
    int count;
    distinct(e, offsetof(bs_emis_sheet, sector), -1, &count);
    return count;
}

const char *bs_emission_sector_at(const bs_emission *e, int n)
{
    return distinct(e, offsetof(bs_emis_sheet, sector), n, &(int){0});
}

int bs_emission_species_count(const bs_emission *e)
{
    int count;
    distinct(e, offsetof(bs_emis_sheet, species), -1, &count);
    return count;
}

const char *bs_emission_species_at(const bs_emission *e, int n)
{
    return distinct(e, offsetof(bs_emis_sheet, species), n, &(int){0});
}

/* Mean over its fields. */
static double annual(const bs_emission *e, const bs_emis_sheet *s, int region)
{
    const int months = s->n_months > 0 ? s->n_months : 1;
    double sum = 0;
    for (int m = 0; m < months; m++)
        sum += s->in_region[(size_t)m * ((size_t)e->n_regions + 1) + (size_t)region] / months;
    return sum;
}

double bs_emission_annual(const bs_emission *e, int region, const char *sector, const char *species)
{
    double sum = 0;
    for (int s = 0; s < e->n_sheets; s++) {
        const bs_emis_sheet *sheet = &e->sheet[s];
        if (sheet->total < 0 || (sector && strcmp(sheet->sector, sector) != 0)) continue;
        if (species && strcmp(sheet->species, species) != 0) continue;
        for (int r = 0; r <= e->n_regions; r++)
            if (region < 0 || r == region) sum += annual(e, sheet, r);
    }
    return sum;
}

bool bs_emission_group_takes(const bs_source_group *group, const char *sector, int region)
{
    if (group->region && !group->region[region]) return false;
    for (int s = 0; s < group->n_sectors; s++)
        if (bs_sector_within(sector, group->sector[s])) return true;
    return group->n_sectors == 0;
}

/* The group that a sheet falls to in a region; -1: none. */
static int group_of(const bs_tracers *tracers, const bs_emis_sheet *sheet, int region)
{
    int rest = -1;
    for (int g = 0; g < tracers->n_groups; g++) {
        const bs_source_group *group = &tracers->group[g];
        if (group->rest) rest = g;
        if (!group->rest && bs_emission_group_takes(group, sheet->sector, region)) return g;
    }
    return rest;
}

static int tracer_of(const bs_tracers *tracers, int total, int group)
{
    for (int t = total + 1; t < tracers->per_member && tracers->row[t].total == total; t++)
        if (group >= 0 && tracers->row[t].group == group) return t;
    return -1;
}

void bs_emission_carry(bs_emission *e, const bs_tracers *tracers)
{
    bs_assert(tracers->per_member == e->tracers->per_member);
    e->tracers = tracers;
    e->n_cuts = 0;
}

/* What own cells emit in each region: the first region of a cell has what the others leave. sum [n_regions+1]. */
static void sum_field(const bs_emission *e, const bs_emis_sheet *s, int month, bs_sum *sum)
{
    const double *field = s->rate + bs_emis_cells(e) * (size_t)month;
    const size_t cells = (size_t)e->mesh->nx * (size_t)e->mesh->ny;
    size_t at;
    for (size_t c = 0; c < cells; c++) {
        if (!bs_emis_is_own(e, c, &at)) continue;
        const double rate = field[at];
        double left = rate;
        const size_t first = e->share_start ? e->share_start[c] : 0;
        for (size_t n = first + 1; e->share_start && n < e->share_start[c + 1]; n++) {
            bs_emis_sum_add(&sum[e->share_region[n]], s, rate * e->share[n]);
            left -= rate * e->share[n];
        }
        bs_emis_sum_add(&sum[e->share_start ? e->share_region[first] : 0], s, left);
    }
}

/* What a sheet emits in each region. sum [n_regions+1]: scratch. */
static void sum_regions(const bs_emission *e, int index, bs_sum *sum)
{
    const bs_emis_sheet *s = &e->sheet[index];
    const size_t regions = (size_t)e->n_regions + 1;
    for (int m = 0; m < s->n_months; m++) {
        memset(sum, 0, regions * sizeof *sum);
        sum_field(e, s, m, sum);
        bs_emis_sum_all(e, (int)regions, sum);
        for (size_t r = 0; r < regions; r++) s->in_region[(size_t)m * regions + r] = bs_emis_sum_value(&sum[r], s);
    }
    for (size_t p = 0; p < e->n_points; p++) {
        if (e->point[p].sheet != index) continue;
        for (int m = 0; m < (s->n_months > 0 ? s->n_months : 1); m++)
            s->in_region[(size_t)m * regions + (size_t)e->point[p].region] += e->point[p].rate;
    }
}

static bs_status make_links(bs_emission *e, bs_sum **sum, bs_err *err)
{
    const size_t regions = (size_t)e->n_regions + 1;
    BS_TRY(BS_NEW(sum, regions, "regions of a sheet", err));
    for (int s = 0; s < e->n_sheets; s++) {
        bs_emis_sheet *sheet = &e->sheet[s];
        if (sheet->total < 0) continue;
        const int species = bs_species_find(sheet->species);
        for (int t = 0; t < e->tracers->per_member; t++)
            if (e->tracers->row[t].role == BS_ROLE_TOTAL && e->tracers->row[t].species == species) sheet->total = t;
        bs_free(sheet->tag);
        bs_free(sheet->in_region);
        sheet->tag = NULL;
        sheet->in_region = NULL;
        BS_TRY(BS_NEW(&sheet->tag, regions, "tags of a sheet", err));
        BS_TRY(BS_NEW(&sheet->in_region, regions * (size_t)(sheet->n_months > 0 ? sheet->n_months : 1),
                      "regions of a sheet", err));
        for (int r = 0; r <= e->n_regions; r++)
            sheet->tag[r] = tracer_of(e->tracers, sheet->total, group_of(e->tracers, sheet, r));
    }
    return BS_OK;
}

bs_status bs_emis_link(bs_emission *e, bs_err *err)
{
    bs_sum *sum = NULL;
    bs_assert(!e->cut_out); /* sums over all cells */
    const bs_status st = bs_emis_agree(e, make_links(e, &sum, err), err);
    for (int s = 0; s < e->n_sheets && st == BS_OK; s++)
        if (e->sheet[s].total >= 0) sum_regions(e, s, sum);
    bs_free(sum);
    return st;
}

/* Two plain sectors, one a part of the other. Groups of regions are compared where they are read. */
static bs_status check_related(const bs_emission *e, const bs_config *config, int g, bs_err *err)
{
    const bs_source_group *a = &e->tracers->group[g];
    for (int h = 0; h < g && !*a->where; h++) {
        const bs_source_group *b = &e->tracers->group[h];
        if (*b->where || !bs_sector_related(a->sector[0], b->sector[0])) continue;
        const bool first = bs_sector_within(a->sector[0], b->sector[0]);
        const char *whole = first ? b->sector[0] : a->sector[0], *part = first ? a->sector[0] : b->sector[0];
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: emissions.sectors: '%s' takes its part '%s', too: a kilogram would be counted twice; name "
                       "either the sector or its parts ('%s' is the rest of them)",
                       bs_config_where(config, "emissions.sectors"), whole, part, bs_sector_rest(whole));
    }
    return BS_OK;
}

/* "industry" where an inventory holds it undivided and brick_kilns is asked for; NULL: none. */
static const char *undivided(const bs_emission *e, const char *sector)
{
    for (const char *of = bs_sector_parent(sector); *of; of = bs_sector_parent(of))
        for (int s = 0; s < e->n_sheets; s++)
            if (e->sheet[s].total >= 0 && strcmp(e->sheet[s].sector, of) == 0) return of;
    return NULL;
}

/* A tag whose sector emits nothing would be a field of zeros that looks like a result. */
bs_status bs_emis_check_groups(const bs_emission *e, const bs_config *config, bs_err *err)
{
    for (int g = 0; g < e->tracers->n_groups; g++) {
        const bs_source_group *group = &e->tracers->group[g];
        BS_TRY(check_related(e, config, g, err));
        for (int k = 0; k < group->n_sectors; k++) {
            bool found = false;
            for (int s = 0; s < e->n_sheets; s++)
                found = found || (e->sheet[s].total >= 0 && bs_sector_within(e->sheet[s].sector, group->sector[k]));
            if (found) continue;
            bs_fail(err, BS_ERR_INPUT,
                    "%s: no inventory holds the sector '%s' for a species that is carried: a rule that matches no "
                    "emission. There are:",
                    *group->where ? group->where : bs_config_where(config, "emissions.sectors"), group->sector[k]);
            for (int s = 0; s < e->n_sheets; s++) bs_err_add(err, "  %s (%s)", e->sheet[s].sector, e->sheet[s].species);
            const char *whole = undivided(e, group->sector[k]);
            if (whole)
                bs_err_add(err,
                           "'%s' is a part of '%s', which is there undivided: emissions.split {%s: {share: ..., "
                           "basis: ...}} takes an assumed share of it",
                           group->sector[k], whole, group->sector[k]);
            return BS_ERR_INPUT;
        }
    }
    return BS_OK;
}

/* Whether anything of a species (-1: any) falls to the group. */
static bool emits(const bs_emission *e, int species, int group)
{
    for (int s = 0; s < e->n_sheets; s++) {
        const bs_emis_sheet *sheet = &e->sheet[s];
        if (sheet->total < 0 || (species >= 0 && bs_species_find(sheet->species) != species)) continue;
        for (int r = 0; r <= e->n_regions; r++)
            if (annual(e, sheet, r) > 0 && group_of(e->tracers, sheet, r) == group) return true;
    }
    return false;
}

static bs_status check_idle(const bs_emission *e, int g, bs_err *err)
{
    const bs_source_group *group = &e->tracers->group[g];
    if (group->optional || !*group->where || emits(e, -1, g)) return BS_OK;
    bs_fail(err, BS_ERR_INPUT,
            "%s: error: nothing is emitted by the sectors and regions of the group '%s' (%s): a rule that matches no "
            "emission. "
            "Its regions emit:",
            group->where, group->name, group->label);
    for (int n = 0; n < bs_emission_sector_count(e); n++) {
        double sum = 0;
        for (int r = 0; r <= e->n_regions; r++)
            if (!group->region || group->region[r]) sum += bs_emission_annual(e, r, bs_emission_sector_at(e, n), NULL);
        if (sum > 0) bs_err_add(err, "  %s", bs_emission_sector_at(e, n));
    }
    return BS_ERR_INPUT;
}

/* The regions from which something falls to the rest. */
static bs_status find_rest(const bs_emission *e, bs_tracers *tracers, bs_err *err)
{
    for (int g = 0; g < tracers->n_groups; g++) {
        bs_source_group *group = &tracers->group[g];
        if (!group->rest || !e->share_start || group->region) continue;
        BS_TRY(BS_NEW(&group->region, e->n_regions + 1, "regions of what is left", err));
        group->n_regions = e->n_regions;
        for (int s = 0; s < e->n_sheets; s++)
            for (int r = 0; r <= e->n_regions && e->sheet[s].total >= 0; r++)
                if (annual(e, &e->sheet[s], r) > 0 && group_of(tracers, &e->sheet[s], r) == g) group->region[r] = true;
    }
    return BS_OK;
}

bs_status bs_emission_drop_idle(bs_emission *e, bs_tracers *tracers, bs_log *log, bs_err *err)
{
    char list[1024] = "";
    size_t used = 0;
    bool dropped = false;
    bs_assert(!e->cut_out);
    for (int g = 0; g < tracers->n_groups; g++) BS_TRY(check_idle(e, g, err));
    for (int t = 0; t < tracers->per_member; t++) {
        const bs_tracer row = tracers->row[t];
        if (row.role != BS_ROLE_GROUP || !tracers->group[row.group].optional) continue;
        if (emits(e, row.species, row.group)) continue;
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", dropped ? ", " : "", row.name);
        bs_tracers_drop(tracers, row.species, row.group);
        dropped = true;
        t--;
    }
    BS_TRY(bs_emis_agree(e, find_rest(e, tracers, err), err));
    if (!dropped) return BS_OK;
    bs_log_info(log, "tags      not carried, as nothing is emitted for them: %s", list);
    return bs_emis_link(e, err);
}
