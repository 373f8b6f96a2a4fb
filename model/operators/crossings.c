#include "model/operators/crossings.h"

#include "model/core/memory.h"
#include "model/parallel/threads.h"

/* What one thread works with. */
typedef struct bench {
    double *air;  /* [faces of a bundle] kg towards + */
    double *low;  /* [faces of a bundle] ug towards +: what the low order moves */
    real *excess; /* [cells + 1][BS_LANES] */
} bench;

struct bs_crossings {
    bs_borders *borders; /* the context's */
    int n_benches;
    bench *benches;
};

static int pencils_of(const bs_borders *b, int axis)
{
    return axis == 0 ? b->ny : b->nx;
}

static int cells_of(const bs_borders *b, int axis)
{
    return axis == 0 ? b->nx : b->ny;
}

/* Faces of pencils first .. first + lanes - 1, which follow each other. */
static void faces_of(const bs_borders *b, int axis, int first, int lanes, int *begin, int *end)
{
    const int *of_pencil = axis == 0 ? b->first_x : b->first_y;
    *begin = of_pencil[first];
    *end = of_pencil[first + lanes];
}

/* Of a bundle, wherever it begins. */
static int most_faces(const bs_borders *b)
{
    int most = 0;
    for (int axis = 0; axis < 2; axis++)
        for (int first = 0, n = pencils_of(b, axis); first < n; first++) {
            int begin, end;
            faces_of(b, axis, first, n - first < BS_LANES ? n - first : BS_LANES, &begin, &end);
            most = end - begin > most ? end - begin : most;
        }
    return most;
}

static bs_status build(bs_crossings *c, bs_err *err)
{
    const bs_borders *b = c->borders;
    const char *what = "crossings of borders";
    const int most = most_faces(b), longest = b->nx > b->ny ? b->nx : b->ny;
    BS_TRY(BS_NEW(&c->benches, c->n_benches, what, err));
    for (int t = 0; t < c->n_benches; t++) {
        BS_TRY(BS_NEW(&c->benches[t].air, most + 1, what, err));
        BS_TRY(BS_NEW(&c->benches[t].low, most + 1, what, err));
        BS_TRY(BS_NEW(&c->benches[t].excess, ((size_t)longest + 1) * BS_LANES, what, err));
    }
    return BS_OK;
}

bs_status bs_crossings_create(const bs_operator_context *context, bs_crossings **out, bs_err *err)
{
    bs_crossings *c = NULL;
    *out = NULL;
    if (!context->borders) return BS_OK;
    BS_TRY(BS_NEW(&c, 1, "crossings of borders", err));
    c->borders = context->borders;
    c->n_benches = bs_threads_count();
    const bs_status st = build(c, err);
    if (st != BS_OK) {
        bs_crossings_destroy(c);
        return st;
    }
    *out = c;
    return BS_OK;
}

void bs_crossings_destroy(bs_crossings *c)
{
    if (!c) return;
    for (int t = 0; c->benches && t < c->n_benches; t++) {
        bs_free(c->benches[t].air);
        bs_free(c->benches[t].low);
        bs_free(c->benches[t].excess);
    }
    bs_free(c->benches);
    bs_free(c);
}

/* ---- a bundle ---- */

/* Where a face lies in the bundle: its number along the pencil, and its lane. */
static inline int along(const bs_border_face *face)
{
    return face->axis == 0 ? face->i : face->j;
}

static inline int lane_of(const bs_border_face *face, const bs_crossing *at)
{
    return (face->axis == 0 ? face->j : face->i) - at->first;
}

void bs_crossings_air(const bs_crossings *c, const bs_crossing *at, const bs_air_flux *flux)
{
    const bs_borders *b = c->borders;
    double *air = c->benches[bs_threads_self()].air;
    int begin, end;
    faces_of(b, at->axis, at->first, at->lanes, &begin, &end);
    for (int f = begin; f < end; f++) {
        const ptrdiff_t n = along(&b->face[f]), lane = lane_of(&b->face[f], at);
        const ptrdiff_t place = at->axis == 0 ? lane * flux->stride + n : n * flux->stride + lane;
        air[f - begin] = flux->w0 * flux->f0[place] + flux->w1 * flux->f1[place];
    }
}

real *bs_crossings_excess(const bs_crossings *c, const bs_crossing *at)
{
    const bs_borders *b = c->borders;
    const int last = cells_of(b, at->axis);
    int begin, end;
    faces_of(b, at->axis, at->first, at->lanes, &begin, &end);
    for (int f = begin; f < end; f++)
        if (along(&b->face[f]) > 0 && along(&b->face[f]) < last) return c->benches[bs_threads_self()].excess;
    return NULL;
}

/* Of a face that crosses whole cells the rounding of the air's flux to float is made good, so that a uniform mixing ratio is carried
 * by the wind's own flux there, too. */
static double crossing_whole(double air, const bs_sweep_kernels *kernels, const bs_sweep *sweep, const bs_pencils *p,
                             int face, int lane, real next)
{
    const double lost = air - (double)sweep->flux[(ptrdiff_t)face * BS_LANES + lane];
    return kernels->low_order(sweep, p, face, lane) + lost * (double)next;
}

void bs_crossings_before(const bs_crossings *c, const bs_crossing *at, const bs_sweep_kernels *kernels,
                         const bs_sweep *sweep, const bs_pencils *p)
{
    const bs_borders *b = c->borders;
    const bench *own = &c->benches[bs_threads_self()];
    const int last = cells_of(b, at->axis);
    int begin, end;
    faces_of(b, at->axis, at->first, at->lanes, &begin, &end);
    for (int f = begin; f < end; f++) {
        const int n = along(&b->face[f]), lane = lane_of(&b->face[f], at);
        if (n == 0 || n == last) continue; /* a side of the domain */
        const double air = own->air[f - begin];
        const real next = p->q[(air > 0 ? n - 1 : n) * p->stride + lane];
        if (sweep->is_long && sweep->shift[(ptrdiff_t)n * BS_LANES + lane] > 0)
            own->low[f - begin] = crossing_whole(air, kernels, sweep, p, n, lane, next);
        else
            own->low[f - begin] = air * (double)next;
    }
}

void bs_crossings_after(const bs_crossings *c, const bs_crossing *at, int tracer, const double *through)
{
    const bs_borders *b = c->borders;
    const bench *own = &c->benches[bs_threads_self()];
    const int last = cells_of(b, at->axis);
    int begin, end;
    faces_of(b, at->axis, at->first, at->lanes, &begin, &end);
    for (int f = begin; f < end; f++) {
        const int n = along(&b->face[f]), lane = lane_of(&b->face[f], at);
        const double moved = n == 0      ? through[lane]
                             : n == last ? through[BS_LANES + lane]
                                         : own->low[f - begin] + (double)own->excess[(ptrdiff_t)n * BS_LANES + lane];
        double *sum = bs_borders_at(b, tracer, at->k, f);
        if (moved > 0)
            sum[BS_FLOW_UP] += moved;
        else
            sum[BS_FLOW_DOWN] -= moved;
    }
}
