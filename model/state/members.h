/* members.h - several futures in one state: a base and scenarios that share weather, coefficients and factorised solves.
 *
 * A member is a contiguous block of tracers in the order of the base's: member 0 is the base, then one block each. Every member's
 * totals have limiters of their own, and nothing passes from one member to another, so a member's numbers are those of a run of its
 * own, to the bit.
 *
 *     whole   | pm25 industry road | pm25 industry road | pm25 industry road |
 *     member  |         0          |         1          |         2          | */
#ifndef BS_MODEL_STATE_MEMBERS_H
#define BS_MODEL_STATE_MEMBERS_H

#include <stdbool.h>

#include "model/core/ledger.h"
#include "model/state/boundary.h"
#include "model/state/state.h"

/* The tracers of `n` members of a base that is one itself. What is in *out beside its rows (removal classes, groups) is the base's, which
 * must outlive it; release with bs_tracers_leave. tags false: members after the base carry totals alone, which of_member tells. Error:
 * BS_ERR_MEMORY. */
bs_status bs_tracers_join(const bs_tracers *base, int n, bool tags, bs_tracers *out, bs_err *err);
void bs_tracers_leave(bs_tracers *tracers);

/* One member seen as if it were alone: its rows, and its part of a state and of a ledger. The air is everybody's. */
typedef struct bs_member {
    int first;          /* its first tracer in the whole */
    bs_tracers tracers; /* rows with totals counted from its own first and member 0; all else as in bs_tracers_join */
    bs_state state;     /* of the pointers given to bs_member_look */
    bs_ledger ledger;
} bs_member;

/* *out: member number `member` of the joined tracers; state and ledger are empty until bs_member_look. Error: BS_ERR_MEMORY. */
bs_status bs_member_create(const bs_tracers *whole, int member, bs_member *out, bs_err *err);
void bs_member_release(bs_member *member);

/* Points the views at the whole's state and ledger, which must outlive them. */
void bs_member_look(bs_member *member, const bs_state *whole, const bs_ledger *ledger);

/* The boundary as the base sees it: the first n_tracers of the whole's. Nothing is owned. */
bs_boundary bs_boundary_of_base(const bs_boundary *whole, int n_tracers);

/* Members after the base get what the base has: initial mixing ratios, values at the sides. */
void bs_members_copy_state(const bs_tracers *whole, bs_state *state);
void bs_members_copy_boundary(const bs_tracers *whole, bs_boundary *boundary);

#endif
