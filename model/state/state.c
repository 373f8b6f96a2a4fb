#include "model/state/state.h"

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
