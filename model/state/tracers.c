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

static void add_row(bs_tracers *t, int species, bs_role role, const char *label, int total, unsigned acts)
{
    bs_tracer *row = &t->row[t->n];
    row->species = species;
    row->role = role;
    row->total = role == BS_ROLE_TOTAL ? t->n : total;
    row->removal_class = removal_class(t, &SPECIES[species]);
    row->acts = acts;
    snprintf(row->label, sizeof row->label, "%s", label);
    snprintf(row->name, sizeof row->name, "%s%s%s", SPECIES[species].name, *label ? "_" : "", label);
    t->n++;
}

bs_status bs_tracers_create(const bs_tracer_request *r, bs_tracers **out, bs_err *err)
{
    BS_TRY(check_request(r, err));
    int per_species = 1 + r->n_sectors + (r->tag_initial != 0) + (r->tag_boundary != 0);
    bs_tracers *t = NULL;
    BS_TRY(BS_NEW(&t, 1, "tracers", err));
    bs_status st = BS_NEW(&t->row, r->n_species * per_species, "tracers", err);
    if (st == BS_OK) st = BS_NEW(&t->removal, N_SPECIES, "removal classes", err);
    if (st != BS_OK) {
        bs_tracers_destroy(t);
        return st;
    }
    for (int s = 0; s < r->n_species; s++) {
        int species = bs_species_find(r->species[s]);
        unsigned acts = acts_on(&SPECIES[species], r->acts), no_source = acts & ~(unsigned)BS_ACT_EMIT;
        int total = t->n;
        add_row(t, species, BS_ROLE_TOTAL, "", total, acts);
        for (int c = 0; c < r->n_sectors; c++) add_row(t, species, BS_ROLE_SECTOR, r->sectors[c], total, acts);
        if (r->tag_initial) add_row(t, species, BS_ROLE_INITIAL, "initial", total, no_source);
        if (r->tag_boundary) add_row(t, species, BS_ROLE_BOUNDARY, "boundary", total, no_source);
    }
    *out = t;
    return BS_OK;
}

void bs_tracers_destroy(bs_tracers *t)
{
    if (!t) return;
    bs_free(t->row);
    bs_free(t->removal);
    bs_free(t);
}
