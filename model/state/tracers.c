#include "model/state/tracers.h"

#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"

static const bs_species SPECIES[] = {
#define BS_SPECIES(name, long_name, kind, density, diameter, sigma, wet, output, output_long, standard, comment)       \
    {name, long_name, kind, density, diameter, sigma, wet, output, output_long, standard, comment},
#include "model/core/species.def"
#undef BS_SPECIES
};
enum { N_SPECIES = sizeof SPECIES / sizeof *SPECIES };

const bs_species *bs_species_table(int *count)
{
    *count = N_SPECIES;
    return SPECIES;
}

int bs_species_find(const char *name)
{
    for (int s = 0; s < N_SPECIES; s++)
        if (strcmp(SPECIES[s].name, name) == 0) return s;
    return -1;
}

static bs_status check_request(const bs_tracer_request *r, bs_err *err)
{
    for (int s = 0; s < r->n_species; s++) {
        if (bs_species_find(r->species[s]) < 0) {
            bs_fail(err, BS_ERR_INPUT, "tracers.species: '%s' is no species; there are:", r->species[s]);
            for (int t = 0; t < N_SPECIES; t++) bs_err_add(err, "  %s (%s)", SPECIES[t].name, SPECIES[t].long_name);
            return BS_ERR_INPUT;
        }
        for (int t = 0; t < s; t++)
            if (strcmp(r->species[s], r->species[t]) == 0)
                return bs_fail(err, BS_ERR_INPUT, "tracers.species: '%s' is named twice", r->species[s]);
    }
    for (int s = 0; s < r->n_sectors; s++) {
        if (strcmp(r->sectors[s], "initial") == 0 || strcmp(r->sectors[s], "boundary") == 0)
            return bs_fail(err, BS_ERR_INPUT, "emissions.sectors: '%s' is the name of a tag of its own, choose another",
                           r->sectors[s]);
        if (!*r->sectors[s] || strlen(r->sectors[s]) >= sizeof((bs_tracer *)0)->label)
            return bs_fail(err, BS_ERR_INPUT, "emissions.sectors: '%s' is empty or too long (63 bytes at most)",
                           r->sectors[s]);
        for (int t = 0; t < s; t++)
            if (strcmp(r->sectors[s], r->sectors[t]) == 0)
                return bs_fail(err, BS_ERR_INPUT, "emissions.sectors: '%s' is named twice", r->sectors[s]);
    }
    return BS_OK;
}

static bool is_name(const char *name)
{
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char REST[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    const size_t first = strspn(name, LETTERS);
    return first > 0 && name[first + strspn(name + first, REST)] == '\0';
}

static bs_status check_groups(const bs_tracer_request *r, bs_err *err)
{
    for (int g = 0; g < r->n_groups; g++) {
        const bs_source_group *group = &r->group[g];
        if (!is_name(group->name))
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: error: '%s' cannot be the name of a tag: a letter, then letters, digits, '_' and '-'",
                           group->where, group->name);
        bool taken = strcmp(group->name, "initial") == 0 || strcmp(group->name, "boundary") == 0 ||
                     (!group->rest && strcmp(group->name, "other") == 0);
        for (int s = 0; s < r->n_sectors; s++) taken = taken || strcmp(group->name, r->sectors[s]) == 0;
        for (int h = 0; h < g; h++) taken = taken || strcmp(group->name, r->group[h].name) == 0;
        if (taken)
            return bs_fail(err, BS_ERR_INPUT, "%s: error: '%s' is the name of another tag, choose another",
                           group->where, group->name);
    }
    return BS_OK;
}

static int removal_class(bs_tracers *t, const bs_species *s)
{
    for (int c = 0; c < t->n_removal; c++) {
        const bs_removal_class *r = &t->removal[c];
        if (r->density == s->density && r->diameter == s->diameter && r->sigma == s->sigma && r->wet == s->wet)
            return c;
    }
    t->removal[t->n_removal] = (bs_removal_class){s->density, s->diameter, s->sigma, s->wet};
    return t->n_removal++;
}

static unsigned acts_on(const bs_species *s, unsigned wanted)
{
    unsigned acts = wanted;
    if (s->kind == BS_PASSIVE) acts &= ~(unsigned)(BS_ACT_DRY | BS_ACT_SETTLE | BS_ACT_WET);
    if (s->wet == BS_WET_NONE) acts &= ~(unsigned)BS_ACT_WET;
    return acts;
}

static void add_row(bs_tracers *t, int species, bs_role role, int group, int total, unsigned acts)
{
    bs_tracer *row = &t->row[t->n];
    const char *label = role == BS_ROLE_GROUP      ? t->group[group].name
                        : role == BS_ROLE_INITIAL  ? "initial"
                        : role == BS_ROLE_BOUNDARY ? "boundary"
                                                   : "";
    row->species = species;
    row->role = role;
    row->group = group;
    row->total = role == BS_ROLE_TOTAL ? t->n : total;
    row->removal_class = removal_class(t, &SPECIES[species]);
    row->acts = acts;
    snprintf(row->label, sizeof row->label, "%s", label);
    snprintf(row->name, sizeof row->name, "%s%s%s", SPECIES[species].name, *label ? "_" : "", label);
    t->n++;
}

/* A plain sector is a group of itself everywhere. */
static bs_status make_groups(const bs_tracer_request *r, bs_tracers *t, bs_err *err)
{
    BS_TRY(BS_NEW(&t->group, r->n_sectors + r->n_groups, "groups of sources", err));
    for (int s = 0; s < r->n_sectors; s++) {
        char name[1][sizeof *((bs_source_group *)0)->sector];
        bs_source_group plain = {.n_sectors = 1, .sector = name};
        snprintf(name[0], sizeof name[0], "%s", r->sectors[s]);
        snprintf(plain.name, sizeof plain.name, "%s", r->sectors[s]);
        snprintf(plain.label, sizeof plain.label, "%s", r->sectors[s]);
        BS_TRY(bs_source_group_copy(&plain, &t->group[t->n_groups++], err));
    }
    for (int g = 0; g < r->n_groups; g++) BS_TRY(bs_source_group_copy(&r->group[g], &t->group[t->n_groups++], err));
    return BS_OK;
}

static void make_rows(const bs_tracer_request *r, bs_tracers *t)
{
    for (int s = 0; s < r->n_species; s++) {
        int species = bs_species_find(r->species[s]);
        unsigned acts = acts_on(&SPECIES[species], r->acts), no_source = acts & ~(unsigned)BS_ACT_EMIT;
        int total = t->n;
        add_row(t, species, BS_ROLE_TOTAL, -1, total, acts);
        for (int g = 0; g < t->n_groups; g++) add_row(t, species, BS_ROLE_GROUP, g, total, acts);
        if (r->tag_initial) add_row(t, species, BS_ROLE_INITIAL, -1, total, no_source);
        if (r->tag_boundary) add_row(t, species, BS_ROLE_BOUNDARY, -1, total, no_source);
    }
    t->per_member = t->n;
    for (int m = 1; m < t->n_members; m++)
        for (int b = 0; b < t->per_member; b++) {
            bs_tracer row = t->row[b];
            row.member = m;
            row.total += m * t->per_member;
            snprintf(row.name, sizeof row.name, "member%d:%.64s", m, t->row[b].name);
            t->row[t->n++] = row;
        }
}

static bs_status make(const bs_tracer_request *r, bs_tracers *t, bs_err *err)
{
    const int per_species = 1 + r->n_sectors + r->n_groups + (r->tag_initial != 0) + (r->tag_boundary != 0);
    t->n_members = r->n_members > 1 ? r->n_members : 1;
    BS_TRY(BS_NEW(&t->row, (size_t)t->n_members * (size_t)(r->n_species * per_species), "tracers", err));
    BS_TRY(BS_NEW(&t->removal, N_SPECIES, "removal classes", err));
    BS_TRY(make_groups(r, t, err));
    make_rows(r, t);
    return BS_OK;
}

bs_status bs_tracers_create(const bs_tracer_request *r, bs_tracers **out, bs_err *err)
{
    BS_TRY(check_request(r, err));
    BS_TRY(check_groups(r, err));
    bs_tracers *t = NULL;
    BS_TRY(BS_NEW(&t, 1, "tracers", err));
    bs_status st = make(r, t, err);
    if (st != BS_OK) {
        bs_tracers_destroy(t);
        return st;
    }
    *out = t;
    return BS_OK;
}

void bs_tracers_drop(bs_tracers *t, int species, int group)
{
    int kept = 0;
    for (int n = 0, total = 0; n < t->n; n++) {
        if (t->row[n].species == species && t->row[n].group == group) continue;
        t->row[kept] = t->row[n];
        if (t->row[kept].role == BS_ROLE_TOTAL) total = kept;
        t->row[kept++].total = total;
    }
    t->n = kept;
    t->per_member = kept / t->n_members;
}

void bs_tracers_destroy(bs_tracers *t)
{
    if (!t) return;
    for (int g = 0; t->group && g < t->n_groups; g++) bs_source_group_clear(&t->group[g]);
    bs_free(t->group);
    bs_free(t->row);
    bs_free(t->removal);
    bs_free(t);
}
