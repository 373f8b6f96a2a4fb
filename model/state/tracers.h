/* tracers.h - what is carried: one row per tracer. Operators read rows and know no name.
 * A tag (a group of sources, what was there at the start, what came through the sides) shares the limiter of its total and follows it.
 *
 *   member 0: total of species 1 | its tags | total of species 2 | its tags | ...
 *   member 1: the same rows again, ...
 *
 * Members (other emissions, the same weather) have totals and so limiters of their own: a member's fields are those of a run alone. */
#ifndef BS_MODEL_STATE_TRACERS_H
#define BS_MODEL_STATE_TRACERS_H

#include <stdbool.h>

#include "kernels/base/status.h"

typedef enum bs_kind { BS_PARTICLE, BS_PASSIVE } bs_kind;
typedef enum bs_wet_class { BS_WET_NONE, BS_WET_FINE, BS_WET_COARSE } bs_wet_class;

typedef struct bs_species {
    const char *name, *long_name;
    bs_kind kind;
    double density;  /* kg m-3 */
    double diameter; /* m, mass median */
    double sigma;    /* geometric standard deviation */
    bs_wet_class wet;
    const char *output_name, *output_long_name, *standard_name, *comment;
} bs_species;

const bs_species *bs_species_table(int *count);
int bs_species_find(const char *name); /* row, or -1 */

enum { /* what acts on a tracer, bits of bs_tracer.acts */
       BS_ACT_ADVECT = 1,
       BS_ACT_MIX = 2, /* vertical and horizontal diffusion */
       BS_ACT_DRY = 4,
       BS_ACT_SETTLE = 8,
       BS_ACT_WET = 16,
       BS_ACT_EMIT = 32
};

typedef enum bs_role { BS_ROLE_TOTAL, BS_ROLE_GROUP, BS_ROLE_INITIAL, BS_ROLE_BOUNDARY } bs_role;

/* Sources that are carried together as a tag: sectors x regions. No two groups share a sector in a region. */
typedef struct bs_source_group {
    char name[64];   /* ASCII: a letter, then letters, digits, '_', '-'; the tag's label. Of a plain sector: as it is */
    char label[192]; /* words for people, UTF-8: "成都平原, industry" */
    char where[320]; /* of the case file, to start messages with; "" of a plain sector */
    int n_sectors;   /* 0: every sector */
    char (*sector)[64]; /* [n_sectors] */
    int n_regions;      /* polygons of the case, as long as region is not NULL */
    bool *region;       /* [n_regions + 1], the last: elsewhere; NULL: everywhere, regions play no part */
    bool optional;      /* taken out when nothing falls to it (groups.h of model/emis), rather than an error */
    bool rest;          /* what falls to no other group; sectors and regions play no part */
} bs_source_group;

typedef struct bs_tracer {
    char name[96];  /* "pm25", "pm25_industry": unique */
    char label[64]; /* "" of a total; the group's name, "initial" or "boundary" of a tag */
    int species;    /* row of the species table */
    bs_role role;
    int group;         /* row of bs_tracers.group of BS_ROLE_GROUP; else -1 */
    int member;        /* 0: the base */
    int total;         /* tracer whose limiter it shares; itself for a total. A total comes right before its tags. */
    int removal_class; /* row of bs_tracers.removal: species that settle and deposit alike share one */
    unsigned acts;     /* BS_ACT_* */
} bs_tracer;

typedef struct bs_removal_class {
    double density, diameter, sigma;
    bs_wet_class wet;
} bs_removal_class;

typedef struct bs_tracers {
    int n; /* n_members * per_member */
    bs_tracer *row;
    int n_members,
        per_member; /* rows of the base: row t of it is row m * per_member + t of member m, unless of_member tells another */
    const int *of_member; /* [n_members][per_member] row of a member, -1: it has none; NULL: as above (members.h) */
    int n_groups;
    bs_source_group *group;
    int n_removal;
    bs_removal_class *removal;
} bs_tracers;

static inline int bs_tracer_has_tags(const bs_tracers *t, int tracer)
{
    return tracer + 1 < t->n && t->row[tracer + 1].total == tracer;
}

/* The row of a member that stands for row t of the base; -1: none. */
static inline int bs_tracer_of_member(const bs_tracers *tracers, int member, int t)
{
    return tracers->of_member ? tracers->of_member[member * tracers->per_member + t] : member * tracers->per_member + t;
}

typedef struct bs_tracer_request {
    int n_species;
    const char *const *species;
    int n_sectors; /* tags of each species, one a sector: groups of it everywhere; 0: none */
    const char *const *sectors;
    int n_groups;                 /* further tags of each species, after them */
    const bs_source_group *group; /* copied */
    int tag_initial, tag_boundary;
    unsigned acts; /* BS_ACT_* that the case switches on */
    int n_members; /* 0: 1 */
} bs_tracer_request;

/* Errors: BS_ERR_INPUT for an unknown or repeated species or sector (with the names there are), a bad or repeated name of a group. */
bs_status bs_tracers_create(const bs_tracer_request *request, bs_tracers **out, bs_err *err);
void bs_tracers_destroy(bs_tracers *tracers);

/* Takes the tags of a group out for one species, in all members; the group's row stays. */
void bs_tracers_drop(bs_tracers *tracers, int species, int group);

/* *to becomes a copy with arrays of its own, to be cleared in any case. */
bs_status bs_source_group_copy(const bs_source_group *from, bs_source_group *to, bs_err *err);
void bs_source_group_clear(bs_source_group *group); /* frees the arrays */

#endif
