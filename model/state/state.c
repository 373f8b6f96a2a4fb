#include "model/state/state.h"

#include <stdio.h>

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

bs_status bs_state_archive(bs_state *s, bs_archive *a, bs_err *err)
{
    const bs_box *box = &s->box;
    const bs_tiling one = {.nx = box->nx, .ny = box->ny, .px = 1, .py = 1};
    const bs_archive_shape map = {
        .tiling = s->tiling ? s->tiling : &one,
        .tile = {.i0 = box->at_i, .j0 = box->at_j, .nx = box->nx, .ny = box->ny, .own = box->own},
        .row = (size_t)box->nx,
        .plane = (size_t)box->nx * (size_t)box->ny};
    bs_archive_shape field = map;
    field.row = (size_t)box->row, field.plane = (size_t)box->plane;
    const size_t outside = bs_archive_enter(a, "state"), nz = (size_t)box->nz, n = (size_t)s->tracers->n;
    const bs_item_type of_q = sizeof(real) == sizeof(double) ? BS_ITEM_DOUBLE : BS_ITEM_FLOAT;
    bs_status st = bs_archive_maps(a, "m", BS_ITEM_DOUBLE, nz, &map, s->m, err);
    if (st == BS_OK) st = bs_archive_maps(a, "dry", BS_ITEM_DOUBLE, n, &map, s->dry, err);
    if (st == BS_OK) st = bs_archive_maps(a, "wet", BS_ITEM_DOUBLE, n, &map, s->wet, err);
    for (int t = 0; t < s->tracers->n && st == BS_OK; t++) {
        char name[32];
        snprintf(name, sizeof name, "q%d", t);
        st = bs_archive_maps(a, name, of_q, nz, &field, bs_state_q(s, t) + bs_at(box, 0, 0, 0), err);
    }
    bs_archive_leave(a, outside);
    return st;
}
