/* Which pencils of a tile are swept, and what of them must be right.
 *
 * A tile knows its neighbours' cells as far as the overlap reaches, and the sweeps go over some of these, too, so that what its own cells
 * draw from there is what it is on the whole mesh. What is not known beyond a cut end of the rectangle makes the numbers next to it wrong;
 * sweep by sweep they are wrong further inward. A cell rests on BS_GHOST cells each side and on the `most` whole cells that air may
 * have crossed: on `far` cells. Of horizontal diffusion (where it is wanted; one cell each side for each substep there is room for) it
 * needs `ring` more, 1 as a rule.
 *
 *                                  pencils: own rows or columns and    right: own cells and    resting on own cells and
 *     first half    x              far + ring                          ring                    far + ring, as exchanged
 *                   y              ring                                ring                    far + ring, as x left them
 *                   hdiff          -                                   0                       ring, as y left them
 *     second half   hdiff          -                                   far                     far + ring, as exchanged
 *                   y              far                                 0                       far, as hdiff left them
 *                   x              0                                   0                       far, as y left them
 *
 * Columns begin with a line of cache where the tile has such a one: those before the first that is wanted come out wrong, and nobody looks;
 * what the weather has there must be numbers.
 * far + ring + 1 is the overlap; the outermost cell, whose weather may lack a neighbour, is thus never looked at. */
#include <math.h>
#include <stdio.h>

#include "model/operators/hadvect.h"

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* A sweep's reach and the whole cells that fast air crosses. */
static int far_of(const bs_operator_options *o)
{
    return BS_GHOST + (int)ceil(o->max_courant);
}

int bs_overlap_needed(const bs_operator_options *o)
{
    return far_of(o) + 1 + o->more_substeps + 1;
}

int bs_overlap_far(const bs_operator_context *c)
{
    return c->tiling ? c->tiling->overlap - 1 - c->options->more_substeps - 1 : 0;
}

/* The part `begin` .. `end` of n cells, and `more` cells each side. */
static bs_hadvect_span widened(int begin, int end, int more, int n)
{
    return (bs_hadvect_span){larger(begin - more, 0), smaller(end + more, n)};
}

/* A sweep that begins inside a line of cache takes nearly twice as long. */
static int line_before(const bs_box *box, int i)
{
    const int line = i - (int)((box->margin + i) % BS_BOX_LINE);
    return line < 0 ? i : line;
}

bs_hadvect_range bs_hadvect_range_of(const bs_hadvect *a, int axis, int turn, bool reverse)
{
    const bs_box *box = a->c.box;
    const bs_window *own = &box->own;
    const bs_operator_options *o = a->c.options;
    const int far = bs_overlap_far(&a->c), ring = o->horizontal_diffusion && !reverse ? 1 + o->more_substeps : 0;
    const int begin[2] = {own->i0, own->j0}, end[2] = {own->i1, own->j1}, n[2] = {box->nx, box->ny};
    const int across = 1 - axis, fresh = a->c.tiling ? a->c.tiling->overlap : 0; /* as exchanged */
    const int rest = turn == 1 || (reverse && o->horizontal_diffusion) ? far + ring : fresh;
    bs_hadvect_range r = {
        .pencils = widened(begin[across], end[across], ring + (turn == 0 ? far : 0), n[across]),
        .own = {begin[across], end[across]},
        .right = widened(begin[axis], end[axis], ring, n[axis]),
        .known = widened(begin[axis], end[axis], rest, n[axis]),
        .is_side = {begin[axis] == 0, end[axis] == n[axis]},
    };
    r.wanted = r.pencils.begin;
    if (axis == 1) r.pencils.begin = line_before(box, r.pencils.begin);
    return r;
}

int bs_hadvect_sides(const bs_hadvect_range *r)
{
    return BS_SIDE_LOW | BS_SIDE_HIGH | (r->is_side[0] ? 0 : BS_CUT_LOW) | (r->is_side[1] ? 0 : BS_CUT_HIGH);
}

/* A cell that gives or gets must know what it moves through both its faces, so faces from the one below the cell before the first that
 * must be right to the one above the cell after the last; and each face rests on three cells each side of the one it takes its air from
 * (sweep_step.h). */
void bs_hadvect_look_far(const bs_hadvect_range *r, const bs_hadvect_bundle *p, const bs_sweep *sweep,
                         bs_hadvect_far *far)
{
    enum { EDGES = 3 };
    const int first = larger(r->right.begin - 1, 0), last = smaller(r->right.end + 1, p->n);
    for (int f = first; f <= last && !far->found; f++)
        for (int lane = larger(r->wanted - p->first, 0); lane < p->lanes; lane++) {
            const ptrdiff_t at = (ptrdiff_t)f * BS_LANES + lane;
            const int from = sweep->flux[at] > 0 ? f - 1 - sweep->shift[at] : f + sweep->shift[at];
            const bool low = !r->is_side[0] && from - EDGES < r->known.begin,
                       high = !r->is_side[1] && from + EDGES >= r->known.end;
            if (!low && !high) continue;
            *far = (bs_hadvect_far){.found = true,
                                    .axis = p->axis,
                                    .k = p->k,
                                    .pencil = p->first + lane,
                                    .face = f,
                                    .cells = sweep->shift[at] + 1};
            return;
        }
}

bs_status bs_hadvect_check(const void *self, bs_err *err)
{
    const bs_hadvect *a = self;
    const bs_box *box = a->c.box;
    for (int t = 0; t < a->n_benches; t++) {
        const bs_hadvect_far *far = &a->benches[t]->far;
        if (!far->found) continue;
        const bool x = far->axis == 0;
        return bs_fail(
            err, BS_ERR_RUN,
            "hadvect: in one step air comes to the face below cell (k=%d, j=%d, i=%d) along %s over more than "
            "%d cells, and the tile of this rank does not know the cells it comes from; take a smaller "
            "time.max_courant, or one rank",
            far->k, box->at_j + (x ? far->pencil : far->face), box->at_i + (x ? far->face : far->pencil), x ? "x" : "y",
            far->cells - 1);
    }
    return BS_OK;
}
