/* tracers.h - what is carried: one row per tracer. Operators read rows and know no name.
 * A tag (a sector, what was there at the start, what came through the sides) shares the limiter of its total and follows it. */
#ifndef BS_MODEL_STATE_TRACERS_H
#define BS_MODEL_STATE_TRACERS_H

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

typedef enum bs_role { BS_ROLE_TOTAL, BS_ROLE_SECTOR, BS_ROLE_INITIAL, BS_ROLE_BOUNDARY } bs_role;

typedef struct bs_tracer {
    char name[96];  /* "pm25", "pm25_industry": unique */
    char label[64]; /* "" of a total; the sector, "initial" or "boundary" of a tag */
    int species;    /* row of the species table */
    bs_role role;
    int total;         /* tracer whose limiter it shares; itself for a total. A total comes right before its tags. */
    int removal_class; /* row of bs_tracers.removal: species that settle and deposit alike share one */
    unsigned acts;     /* BS_ACT_* */
} bs_tracer;

typedef struct bs_removal_class {
    double density, diameter, sigma;
    bs_wet_class wet;
} bs_removal_class;

typedef struct bs_tracers {
    int n;
    bs_tracer *row;
    int n_removal;
    bs_removal_class *removal;
} bs_tracers;

static inline int bs_tracer_has_tags(const bs_tracers *t, int tracer)
{
    return tracer + 1 < t->n && t->row[tracer + 1].total == tracer;
}

typedef struct bs_tracer_request {
    int n_species;
    const char *const *species;
    int n_sectors; /* tags of each species; 0: none */
    const char *const *sectors;
    int tag_initial, tag_boundary;
    unsigned acts; /* BS_ACT_* that the case switches on */
} bs_tracer_request;

/* Errors: BS_ERR_INPUT for an unknown or repeated species or sector (with the names there are). */
bs_status bs_tracers_create(const bs_tracer_request *request, bs_tracers **out, bs_err *err);
void bs_tracers_destroy(bs_tracers *tracers);

#endif
