#include "model/operators/crossings.h"

#include <math.h>

#include "kernels/base/clones.h"
#include "model/core/memory.h"
#include "model/parallel/threads.h"

/* What one thread works with, [cells][BS_LANES] each. */
typedef struct bench {
    double *air[2];  /* kg, before the sweep and after it; lanes that are not in use: 0 */
    double *content; /* ug before the sweep */
    double *flux;    /* [stops][BS_LANES] ug towards + */
    double *below;   /* [stops][BS_LANES] ug, content of the cells below the stop */
} bench;

struct bs_crossings {
    bs_borders *borders; /* the context's */
    int n_benches;
    bench *benches;
    /* Faces inside the domain at which some lane of a bundle crosses a border, ascending: stop[first_stop[axis][bundle]] and on. */
    int *first_stop[2], *stop;
    int *stop_of; /* [n_faces] place among its bundle's stops; -1 and -2: the lower and the upper side of the domain */
};

enum { LOW_SIDE = -1, HIGH_SIDE = -2 };

static int pencils_of(const bs_borders *b, int axis)
{
    return axis == 0 ? b->ny : b->nx;
}

static int cells_of(const bs_borders *b, int axis)
{
    return axis == 0 ? b->nx : b->ny;
}

static int bundles_of(const bs_borders *b, int axis)
{
    return (pencils_of(b, axis) + BS_LANES - 1) / BS_LANES;
}

/* Faces of pencils first .. first + lanes - 1, which follow each other. */
static void faces_of(const bs_borders *b, int axis, int first, int lanes, int *begin, int *end)
{
    const int *of_pencil = axis == 0 ? b->first_x : b->first_y;
    *begin = of_pencil[first];
    *end = of_pencil[first + lanes];
}

/* ---- making ---- */

/* Stops of one bundle from `n` on. place [cells + 1] scratch. Returns the number of stops so far. */
static int find_stops(bs_crossings *c, int axis, int bundle, int n, int *place)
{
    const bs_borders *b = c->borders;
    const int first = bundle * BS_LANES, left = pencils_of(b, axis) - first, cells = cells_of(b, axis), begin_stop = n;
    int begin, end;
    faces_of(b, axis, first, left < BS_LANES ? left : BS_LANES, &begin, &end);
    for (int at = 0; at <= cells; at++) place[at] = 0;
    for (int f = begin; f < end; f++) place[axis == 0 ? b->face[f].i : b->face[f].j] = 1;
    for (int at = 1; at < cells; at++)
        if (place[at]) {
            place[at] = n - begin_stop;
            c->stop[n++] = at;
        }
    place[0] = LOW_SIDE;
    place[cells] = HIGH_SIDE;
    for (int f = begin; f < end; f++) c->stop_of[f] = place[axis == 0 ? b->face[f].i : b->face[f].j];
    return n;
}

static bs_status build(bs_crossings *c, bs_err *err)
{
    const bs_borders *b = c->borders;
    const char *what = "crossings of borders";
    const int longest = b->nx > b->ny ? b->nx : b->ny;
    const size_t field = ((size_t)longest + 1) * BS_LANES;
    int *place = NULL, n = 0;
    BS_TRY(BS_NEW(&c->benches, c->n_benches, what, err));
    for (int t = 0; t < c->n_benches; t++) {
        for (int late = 0; late < 2; late++) BS_TRY(BS_NEW(&c->benches[t].air[late], field, what, err));
        BS_TRY(BS_NEW(&c->benches[t].content, field, what, err));
        BS_TRY(BS_NEW(&c->benches[t].flux, field, what, err));
        BS_TRY(BS_NEW(&c->benches[t].below, field, what, err));
    }
    for (int axis = 0; axis < 2; axis++) BS_TRY(BS_NEW(&c->first_stop[axis], bundles_of(b, axis) + 1, what, err));
    BS_TRY(BS_NEW(&c->stop, b->n_faces, what, err)); /* no bundle has more stops than faces */
    BS_TRY(BS_NEW(&c->stop_of, b->n_faces, what, err));
    BS_TRY(BS_NEW(&place, longest + 1, what, err));
    for (int axis = 0; axis < 2; axis++)
        for (int bundle = 0; bundle <= bundles_of(b, axis); bundle++) {
            c->first_stop[axis][bundle] = n;
            if (bundle < bundles_of(b, axis)) n = find_stops(c, axis, bundle, n, place);
        }
    bs_free(place);
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
        for (int late = 0; late < 2; late++) bs_free(c->benches[t].air[late]);
        bs_free(c->benches[t].content);
        bs_free(c->benches[t].flux);
        bs_free(c->benches[t].below);
    }
    bs_free(c->benches);
    for (int axis = 0; axis < 2; axis++) bs_free(c->first_stop[axis]);
    bs_free(c->stop);
    bs_free(c->stop_of);
    bs_free(c);
}

/* ---- a bundle ---- */

/* The bundle's stops. */
static const int *stops_of(const bs_crossings *c, const bs_crossing *at, int *n)
{
    const int *first = c->first_stop[at->axis] + at->first / BS_LANES;
    *n = first[1] - first[0];
    return c->stop + first[0];
}

static int cells_of_interest(const bs_crossings *c, const bs_crossing *at)
{
    int n;
    stops_of(c, at, &n);
    return n ? cells_of(c->borders, at->axis) : 0; /* without borders only the ends count */
}

void bs_crossings_air(const bs_crossings *c, const bs_crossing *at, int late, const double *m)
{
    const bs_borders *b = c->borders;
    const ptrdiff_t nx = b->nx, lane_step = at->axis == 0 ? nx : 1, cell_step = at->axis == 0 ? 1 : nx;
    const double *from = m + at->k * nx * b->ny + at->first * lane_step;
    double *air = c->benches[bs_threads_self()].air[late];
    const int n = cells_of_interest(c, at);
    for (int i = 0; i < n; i++)
        for (int l = 0; l < BS_LANES; l++)
            air[i * BS_LANES + l] = l < at->lanes ? from[i * cell_step + l * lane_step] : 0;
}

BS_CLONES static void contents(int n, const double *restrict air, const real *restrict q, ptrdiff_t stride,
                               double *restrict out)
{
    for (int i = 0; i < n; i++)
        for (int l = 0; l < BS_LANES; l++) out[i * BS_LANES + l] = air[i * BS_LANES + l] * (double)q[i * stride + l];
}

/* What one pass over a bundle works with. */
typedef struct pass {
    const double *air; /* after the sweep */
    const real *q;
    ptrdiff_t stride;
    const double *content; /* before it */
} pass;

/* Cells first .. last - 1: subtracts what they gained from sum, adds what they hold to held; [BS_LANES] both. */
static inline void cells(int first, int last, const pass *p, double *restrict sum, double *restrict held)
{
    const double *restrict air = p->air, *restrict content = p->content;
    const real *restrict q = p->q;
    for (int i = first; i < last; i++)
        for (int l = 0; l < BS_LANES; l++) {
            const int c = i * BS_LANES + l;
            const double now = air[c] * (double)q[i * p->stride + l];
            sum[l] += content[c] - now;
            held[l] += fabs(now);
        }
}

/* flux and below at the stops. through: as bs_crossings_after has it. */
BS_CLONES static void fluxes(int n, int n_stops, const int *stop, const pass *p, const double *restrict through,
                             double *restrict flux, double *restrict below)
{
    double sum[BS_LANES], held[BS_LANES] = {0}, share[BS_LANES];
    int at = 0;
    for (int l = 0; l < BS_LANES; l++) sum[l] = through[l];
    for (int s = 0; s < n_stops; at = stop[s++]) {
        cells(at, stop[s], p, sum, held);
        for (int l = 0; l < BS_LANES; l++) {
            flux[s * BS_LANES + l] = sum[l];
            below[s * BS_LANES + l] = held[l];
        }
    }
    cells(at, n, p, sum, held);
    for (int l = 0; l < BS_LANES; l++) share[l] = held[l] > 0 ? (through[BS_LANES + l] - sum[l]) / held[l] : 0;
    for (int s = 0; s < n_stops; s++)
        for (int l = 0; l < BS_LANES; l++) flux[s * BS_LANES + l] += share[l] * below[s * BS_LANES + l];
}

void bs_crossings_before(const bs_crossings *c, const bs_crossing *at, const real *q, ptrdiff_t stride)
{
    const bench *b = &c->benches[bs_threads_self()];
    contents(cells_of_interest(c, at), b->air[0], q, stride, b->content);
}

void bs_crossings_after(const bs_crossings *c, const bs_crossing *at, int tracer, const real *q, ptrdiff_t stride,
                        const double *through)
{
    const bs_borders *b = c->borders;
    const bench *own = &c->benches[bs_threads_self()];
    int n_stops, begin, end;
    const int *stop = stops_of(c, at, &n_stops);
    const pass p = {.air = own->air[1], .q = q, .stride = stride, .content = own->content};
    if (n_stops) fluxes(cells_of(b, at->axis), n_stops, stop, &p, through, own->flux, own->below);
    faces_of(b, at->axis, at->first, at->lanes, &begin, &end);
    for (int f = begin; f < end; f++) {
        const int lane = (at->axis == 0 ? b->face[f].j : b->face[f].i) - at->first, place = c->stop_of[f];
        const double moved = place == LOW_SIDE    ? through[lane]
                             : place == HIGH_SIDE ? through[BS_LANES + lane]
                                                  : own->flux[place * BS_LANES + lane];
        double *sum = bs_borders_at(b, tracer, at->k, f);
        if (moved > 0)
            sum[BS_FLOW_UP] += moved;
        else
            sum[BS_FLOW_DOWN] -= moved;
    }
}
