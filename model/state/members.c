#include "model/state/members.h"

#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"

/* of_base [per_member]: the rows that stand for the base's. */
static void add_block(const bs_tracers *base, int member, bool tags, bs_tracers *out, int *of_base)
{
    int total = out->n;
    for (int t = 0; t < base->n; t++) {
        of_base[t] = -1;
        if (!tags && base->row[t].total != t) continue;
        bs_tracer *row = &out->row[out->n];
        *row = base->row[t];
        if (row->total == t) total = out->n;
        row->total = total;
        row->member = member;
        if (member > 0) snprintf(row->name, sizeof row->name, "member%d:%.64s", member, base->row[t].name);
        of_base[t] = out->n++;
    }
}

bs_status bs_tracers_join(const bs_tracers *base, int n, bool tags, bs_tracers *out, bs_err *err)
{
    int *of_member = NULL;
    *out = *base;
    out->n = 0;
    out->n_members = n;
    out->per_member = base->n;
    out->row = NULL;
    out->of_member = NULL;
    BS_TRY(BS_NEW(&out->row, (size_t)n * (size_t)base->n, "tracers of all members", err));
    BS_TRY(BS_NEW(&of_member, (size_t)n * (size_t)base->n, "tracers of all members", err));
    out->of_member = of_member;
    for (int member = 0; member < n; member++)
        add_block(base, member, tags || member == 0, out, of_member + member * base->n);
    return BS_OK;
}

void bs_tracers_leave(bs_tracers *tracers)
{
    bs_free(tracers->row);
    bs_free((void *)tracers->of_member);
    tracers->row = NULL;
    tracers->of_member = NULL;
    tracers->n = 0;
}

/* The names of the base: a member alone is named as the case names it. */
static void take_names(const bs_tracers *whole, int member, bs_tracers *mine, int first)
{
    for (int t = 0; t < whole->per_member; t++) {
        const int row = bs_tracer_of_member(whole, member, t);
        if (row >= 0) memcpy(mine->row[row - first].name, whole->row[t].name, sizeof whole->row[t].name);
    }
}

bs_status bs_member_create(const bs_tracers *whole, int member, bs_member *out, bs_err *err)
{
    *out = (bs_member){.tracers = *whole};
    bs_tracers *mine = &out->tracers;
    mine->n = 0;
    mine->row = NULL;
    mine->of_member = NULL;
    while (out->first < whole->n && whole->row[out->first].member != member) out->first++;
    while (out->first + mine->n < whole->n && whole->row[out->first + mine->n].member == member) mine->n++;
    mine->n_members = 1;
    mine->per_member = mine->n;
    BS_TRY(BS_NEW(&mine->row, mine->n, "tracers of a member", err));
    for (int t = 0; t < mine->n; t++) {
        mine->row[t] = whole->row[out->first + t];
        mine->row[t].total -= out->first;
        mine->row[t].member = 0;
    }
    take_names(whole, member, mine, out->first);
    return BS_OK;
}

void bs_member_release(bs_member *member)
{
    bs_tracers_leave(&member->tracers);
}

void bs_member_look(bs_member *m, const bs_state *whole, const bs_ledger *ledger)
{
    const ptrdiff_t maps = (ptrdiff_t)m->first * whole->box.nx * whole->box.ny;
    m->state = *whole;
    m->state.tracers = &m->tracers;
    m->state.q = bs_state_q(whole, m->first);
    m->state.dry = whole->dry + maps;
    m->state.wet = whole->wet + maps;
    m->ledger = (bs_ledger){.n_tracers = m->tracers.n, .sum = ledger->sum + (ptrdiff_t)m->first * BS_L_COUNT};
}

bs_boundary bs_boundary_of_base(const bs_boundary *whole, int n_tracers)
{
    bs_boundary base = *whole;
    base.n_tracers = n_tracers;
    return base;
}

/* The base's row of a member's row t. */
static int counterpart(const bs_tracers *whole, int t)
{
    int b = 0;
    while (bs_tracer_of_member(whole, whole->row[t].member, b) != t) b++;
    return b;
}

void bs_members_copy_state(const bs_tracers *whole, bs_state *state)
{
    for (int t = 0; t < whole->n; t++)
        if (whole->row[t].member > 0)
            memcpy(bs_state_q(state, t), bs_state_q(state, counterpart(whole, t)),
                   sizeof(real) * (size_t)state->box.volume);
}

void bs_members_copy_boundary(const bs_tracers *whole, bs_boundary *boundary)
{
    for (int side = 0; side < BS_SIDES; side++) {
        const size_t bytes = sizeof(real) * (size_t)boundary->nz * (size_t)bs_boundary_length(boundary, (bs_side)side);
        for (int t = 0; t < whole->n; t++)
            if (whole->row[t].member > 0)
                memcpy(bs_boundary_at(boundary, (bs_side)side, t, 0),
                       bs_boundary_at(boundary, (bs_side)side, counterpart(whole, t), 0), bytes);
    }
}
