/* sides.h - which ends of what a rank sees are sides of the domain, through which the wind brings something in. */
#ifndef BS_MODEL_RUN_SIDES_H
#define BS_MODEL_RUN_SIDES_H

#include <stdbool.h>

#include "model/run/case.h"
#include "model/state/boundary.h"

/* Else the neighbour's air lies beyond, and values there are nobody's. */
static inline bool bs_side_of_domain(const bs_case *c, bs_side side)
{
    switch (side) {
    case BS_WEST:
        return c->tile.i0 == 0;
    case BS_EAST:
        return c->tile.i0 + c->tile.nx == c->whole->nx;
    case BS_SOUTH:
        return c->tile.j0 == 0;
    default:
        return c->tile.j0 + c->tile.ny == c->whole->ny;
    }
}

#endif
