#include "model/state/state.h"

#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"

bs_status bs_state_create(const bs_box *box, const bs_tracers *tracers, bs_state **out, bs_err *err)
{
    bs_state *s = NULL;
    BS_TRY(BS_NEW(&s, 1, "state", err));
    s->box = *box;
    s->tracers = tracers;
    size_t cells = (size_t)box->nx * box->ny, n = (size_t)tracers->n;
    bs_status st = BS_NEW(&s->q, n * (size_t)box->volume, "mixing ratios", err);
    if (st == BS_OK) st = BS_NEW(&s->m, cells * (size_t)box->nz, "air mass", err);
    if (st == BS_OK) st = BS_NEW(&s->dry, cells * n, "dry deposition", err);
    if (st == BS_OK) st = BS_NEW(&s->wet, cells * n, "wet deposition", err);
    if (st != BS_OK) {
        bs_state_destroy(s);
        return st;
    }
    *out = s;
    return BS_OK;
}

void bs_state_destroy(bs_state *state)
{
    if (!state) return;
    bs_free(state->q);
    bs_free(state->m);
    bs_free(state->dry);
    bs_free(state->wet);
    bs_free(state);
}

/* The interior of one field, through a copy without halo: what is kept fits any other box of the same mesh. */
static bs_status archive_field(const bs_box *box, real *q, real *copy, const char *name, bs_archive *a, bs_err *err)
{
    const size_t row = sizeof *q * (size_t)box->nx;
    real *at = copy;
    for (int k = 0; k < box->nz && !a->loading; k++)
        for (int j = 0; j < box->ny; j++, at += box->nx) memcpy(at, q + bs_at(box, k, j, 0), row);
    BS_TRY(BS_ARCHIVE(a, name, copy, (size_t)box->nx * (size_t)box->ny * (size_t)box->nz, err));
    at = copy;
    for (int k = 0; k < box->nz && a->loading; k++)
        for (int j = 0; j < box->ny; j++, at += box->nx) memcpy(q + bs_at(box, k, j, 0), at, row);
    return BS_OK;
}

bs_status bs_state_archive(bs_state *s, bs_archive *a, bs_err *err)
{
    const bs_box *box = &s->box;
    const size_t cells = (size_t)box->nx * (size_t)box->ny, all = cells * (size_t)box->nz;
    const size_t outside = bs_archive_enter(a, "state");
    real *copy = NULL;
    BS_TRY(BS_ARCHIVE(a, "m", s->m, all, err));
    BS_TRY(BS_ARCHIVE(a, "dry", s->dry, cells * (size_t)s->tracers->n, err));
    BS_TRY(BS_ARCHIVE(a, "wet", s->wet, cells * (size_t)s->tracers->n, err));
    BS_TRY(BS_NEW(&copy, all, "copy of a field", err));
    bs_status st = BS_OK;
    for (int t = 0; t < s->tracers->n && st == BS_OK; t++) {
        char name[32];
        snprintf(name, sizeof name, "q%d", t);
        st = archive_field(box, bs_state_q(s, t), copy, name, a, err);
    }
    bs_free(copy);
    bs_archive_leave(a, outside);
    return st;
}
