#include "tests/verification/box.h"

#include "tests/verification/bundle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double PI = 3.14159265358979323846;

int box_cells(const box *b)
{
    return b->n[0] * b->n[1] * b->n[2];
}

int box_make(int nx, int ny, int nz, int tags, box *out)
{
    box b = {.n = {nx, ny, nz}, .tags = tags, .k = bs_sweep_kernels_for(bs_isa_best())};
    const size_t cells = (size_t)box_cells(&b);
    const int xy = nx > ny ? nx : ny, longest = xy > nz ? xy : nz;
    const size_t bundle = ((size_t)longest + 2 * BS_GHOST + 1) * BS_LANES;
    int ok = 1;
    for (int t = 0; t <= tags; t++) ok &= (b.q[t] = calloc(cells, sizeof(real))) != NULL;
    for (int a = 0; a < 3; a++) {
        const size_t faces = cells / (size_t)b.n[a] * (size_t)(b.n[a] + 1);
        ok &= (b.flux[a] = calloc(faces, sizeof(double))) != NULL;
    }
    ok &= (b.start = calloc(cells, sizeof(real))) != NULL;
    ok &= (b.m = calloc(cells, sizeof(double))) != NULL;
    ok &= (b.psi = calloc((size_t)(nx + 1) * (size_t)(ny + 1), sizeof(double))) != NULL;
    ok &= (b.faces = calloc(bundle, sizeof(double))) != NULL;
    ok &= (b.mass = calloc(bundle, sizeof(double))) != NULL;
    ok &= (b.cells = calloc(bundle, sizeof(real))) != NULL;
    ok &= (b.phi = calloc(bundle, sizeof(real))) != NULL;
    ok &= (b.scratch = calloc(bs_sweep_scratch_len(longest), sizeof(real))) != NULL;
    *out = b;
    return ok ? 0 : -1;
}

void box_free(box *b)
{
    for (int t = 0; t <= b->tags; t++) free(b->q[t]);
    for (int a = 0; a < 3; a++) free(b->flux[a]);
    void *arrays[] = {b->start, b->m, b->psi, b->faces, b->mass, b->cells, b->phi, b->scratch};
    for (size_t a = 0; a < sizeof arrays / sizeof *arrays; a++) free(arrays[a]);
}

void box_fill(box *b, int which, box_shape *shape)
{
    enum { POINTS = 8 };
    const int nx = b->n[0], ny = b->n[1];
    for (int j = 0; j < ny; j++)
        for (int i = 0; i < nx; i++) {
            double sum = 0;
            for (int s = 0; s < POINTS; s++)
                for (int r = 0; r < POINTS; r++)
                    sum += shape((i + (r + 0.5) / POINTS) / nx, (j + (s + 0.5) / POINTS) / ny);
            b->q[which][j * nx + i] = (real)(sum / (POINTS * POINTS));
        }
    if (which == 0) memcpy(b->start, b->q[0], (size_t)box_cells(b) * sizeof(real));
}

void box_stream(box *b, box_shape *stream)
{
    const int nx = b->n[0], ny = b->n[1];
    for (int j = 0; j <= ny; j++)
        for (int i = 0; i <= nx; i++)
            b->psi[j * (nx + 1) + i] = (double)nx * ny * stream((double)i / nx, (double)j / ny);
}

void box_wind(box *b, double share)
{
    const int nx = b->n[0], ny = b->n[1];
    const double *psi = b->psi;
    for (int j = 0; j < ny; j++)
        for (int i = 0; i <= nx; i++)
            b->flux[0][j * (nx + 1) + i] = share * (psi[(j + 1) * (nx + 1) + i] - psi[j * (nx + 1) + i]);
    for (int j = 0; j <= ny; j++)
        for (int i = 0; i < nx; i++)
            b->flux[1][j * nx + i] = share * (psi[j * (nx + 1) + i] - psi[j * (nx + 1) + i + 1]);
}

/* Pencils of an axis: two other axes b, c; pencil p starts at (p % n_b, p / n_b). */
typedef struct pencils {
    int n, count, n_b;
    ptrdiff_t along, b, c;       /* strides of cells */
    ptrdiff_t f_along, f_b, f_c; /* of the axis's faces */
} pencils;

static pencils pencils_of(const box *x, int axis)
{
    const int *n = x->n, b = axis == 0 ? 1 : 0, c = axis == 2 ? 1 : 2;
    ptrdiff_t cell[3] = {1, n[0], (ptrdiff_t)n[0] * n[1]}, face[3] = {1, 0, 0};
    face[1] = n[0] + (axis == 0);
    face[2] = face[1] * (n[1] + (axis == 1));
    return (pencils){n[axis], n[b] * n[c], n[b], cell[axis], cell[b], cell[c], face[axis], face[b], face[c]};
}

static void load(const box *x, const pencils *p, int first, const real *q, real *cells)
{
    for (int l = 0; l < BS_LANES; l++) {
        const int lane = first + l < p->count ? first + l : p->count - 1;
        const real *from = q + lane % p->n_b * p->b + lane / p->n_b * p->c;
        for (int i = -BS_GHOST; i < p->n + BS_GHOST; i++)
            cells[i * BS_LANES + l] = i < 0 || i >= p->n ? x->outside : from[i * p->along];
    }
}

static void store(const pencils *p, int first, const real *cells, real *q)
{
    for (int l = 0; l < BS_LANES && first + l < p->count; l++) {
        real *to = q + (first + l) % p->n_b * p->b + (first + l) / p->n_b * p->c;
        for (int i = 0; i < p->n; i++) to[i * p->along] = cells[i * BS_LANES + l];
    }
}

static void load_air(const box *x, const pencils *p, int axis, int first, double *mass)
{
    for (int l = 0; l < BS_LANES; l++) {
        const int lane = first + l < p->count ? first + l : p->count - 1, ib = lane % p->n_b, ic = lane / p->n_b;
        const double *from = x->m + ib * p->b + ic * p->c, *flux = x->flux[axis] + ib * p->f_b + ic * p->f_c;
        for (int i = -BS_GHOST; i < p->n + BS_GHOST; i++)
            mass[i * BS_LANES + l] = from[(i < 0 ? 0 : i < p->n ? i : p->n - 1) * p->along];
        for (int i = 0; i <= p->n; i++) x->faces[i * BS_LANES + l] = flux[i * p->f_along];
    }
}

static void sweep_bundle(box *x, const pencils *p, int scheme, int axis, int first)
{
    real *cells = x->cells + BS_GHOST * BS_LANES;
    double through[2 * BS_LANES];
    bs_sweep s;
    load_air(x, p, axis, first, x->mass + BS_GHOST * BS_LANES);
    bundle_setup(x->k, scheme, p->n, x->faces, x->mass, x->scratch, &s);
    const bs_pencils pencils = bundle_pencils(p->n, x->cells);
    for (int t = 0; t <= x->tags; t++) {
        load(x, p, first, x->q[t], cells);
        if (t == 0) {
            x->k->total[scheme](&s, x->scratch, &pencils, x->phi, through);
            for (int l = 0; l < BS_LANES && first + l < p->count; l++) {
                x->in += fmax(through[l], 0) - fmin(through[BS_LANES + l], 0);
                x->out += fmax(through[BS_LANES + l], 0) - fmin(through[l], 0);
            }
        } else {
            x->k->tag[scheme](&s, x->scratch, &pencils, x->phi, through);
        }
        store(p, first, cells, x->q[t]);
    }
    for (int l = 0; l < BS_LANES && first + l < p->count; l++) {
        double *to = x->m + (first + l) % p->n_b * p->b + (first + l) / p->n_b * p->c;
        for (int i = 0; i < p->n; i++) to[i * p->along] = x->mass[(i + BS_GHOST) * BS_LANES + l];
    }
}

void box_step(box *b, int scheme, int turn)
{
    const int axes = b->n[2] > 1 ? 3 : 2;
    for (int c = 0; c < box_cells(b); c++) b->m[c] = 1;
    for (int a = 0; a < axes; a++) {
        const int axis = turn % 2 ? axes - 1 - a : a;
        const pencils p = pencils_of(b, axis);
        for (int first = 0; first < p.count; first += BS_LANES) sweep_bundle(b, &p, scheme, axis, first);
    }
    for (int c = 0; c < box_cells(b); c++) b->air = fmax(b->air, fabs(b->m[c] - 1));
}

double box_sum(const box *b, int which)
{
    double sum = 0;
    for (int c = 0; c < box_cells(b); c++) sum += (double)b->q[which][c];
    return sum;
}

box_figures box_compare(const box *b)
{
    double e1 = 0, e2 = 0, q1 = 0, q2 = 0, worst = 0, largest = 0, before = 0, after = 0;
    box_figures f = {.peak = -INFINITY, .low = INFINITY};
    for (int c = 0; c < box_cells(b); c++) {
        const double q = (double)b->q[0][c], start = (double)b->start[c], e = q - start;
        e1 += fabs(e), e2 += e * e, q1 += fabs(start), q2 += start * start;
        worst = fmax(worst, fabs(e)), largest = fmax(largest, fabs(start));
        before += start, after += q;
        f.peak = fmax(f.peak, q), f.low = fmin(f.low, q);
    }
    f.l1 = e1 / q1, f.l2 = sqrt(e2 / q2), f.linf = worst / largest, f.drift = fabs(after - before) / before;
    return f;
}

int box_run(const box_problem *p, int scheme, int n, int steps, int of, box *out)
{
    const int failed = box_make(n, n, 1, 0, out);
    if (failed) return failed;
    box_fill(out, 0, p->shape);
    box_stream(out, p->stream);
    const double dt = p->end / of;
    for (int s = 0; s < steps; s++) {
        if (s == 0 || p->strength) box_wind(out, dt * (p->strength ? p->strength((s + 0.5) * dt) : 1));
        box_step(out, scheme, s % 2);
    }
    return 0;
}

/* ---- the problems ---- */

double box_slotted_cylinder(double x, double y)
{
    const double r = hypot(x - 0.5, y - 0.75);
    return r < 0.15 && !(fabs(x - 0.5) < 0.025 && y < 0.85) ? 1 : 0;
}

static double cone(double x, double y)
{
    return fmax(0, 1 - hypot(x - 0.5, y - 0.75) / 0.15);
}

double box_low_cone(double x, double y)
{
    return fmax(0, 1 - hypot(x - 0.5, y - 0.25) / 0.15);
}

double box_hump(double x, double y)
{
    const double r = hypot(x - 0.25, y - 0.5) / 0.15;
    return r < 1 ? 0.25 * (1 + cos(PI * r)) : 0;
}

static double composite(double x, double y)
{
    return box_slotted_cylinder(x, y) + box_low_cone(x, y) + box_hump(x, y);
}

double box_bell(double x, double y)
{
    const double r = hypot(x - 0.5, y - 0.75) / 0.2;
    return r < 1 ? 0.5 * (1 + cos(PI * r)) : 0;
}

static double smooth_bell(double x, double y) /* three continuous derivatives */
{
    return box_bell(x, y) * box_bell(x, y);
}

static double rotation(double x, double y) /* one turn in 1 */
{
    return -PI * ((x - 0.5) * (x - 0.5) + (y - 0.5) * (y - 0.5));
}

double box_vortex(double x, double y)
{
    const double a = sin(PI * x), b = sin(PI * y);
    return a * a * b * b / PI;
}

static double back_after_5(double t)
{
    return cos(PI * t / 5);
}

static double back_after_1_5(double t)
{
    return cos(PI * t / 1.5);
}

const box_problem BOX_ZALESAK = {box_slotted_cylinder, rotation, NULL, 1};
const box_problem BOX_CONE = {cone, rotation, NULL, 1};
const box_problem BOX_COMPOSITE = {composite, box_vortex, back_after_1_5, 1.5};
const box_problem BOX_T5 = {box_bell, box_vortex, back_after_5, 5};
const box_problem BOX_C3 = {smooth_bell, box_vortex, back_after_1_5, 1.5};
