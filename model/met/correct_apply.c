/* The correction taken off the fluxes, layer by layer, and its statistics. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/clones.h"
#include "kernels/base/maximum.h"
#include "model/met/correct_parts.h"
#include "model/parallel/ranks.h"

/* ---- loops over a row; no two pointers alias ---- */

/* Mean air mass per area of a layer at both times, kg m-2. */
BS_CLONES static void mean_mass(ptrdiff_t n, const double *restrict m0, const double *restrict m1,
                                const double *restrict half_inv_area, double *restrict mass)
{
    for (ptrdiff_t i = 0; i < n; i++) mass[i] = (m0[i] + m1[i]) * half_inv_area[i];
}

BS_CLONES static void wind_of(ptrdiff_t n, const double *restrict g, const double *restrict mass,
                              const double *restrict length, double *restrict wind)
{
    for (ptrdiff_t i = 0; i < n; i++) wind[i] = fabs(g[i]) / (mass[i] * length[i]);
}

/* speed = G / column mass, and nothing taken yet. */
BS_CLONES static void begin_taking(ptrdiff_t n, const double *restrict g, const double *restrict mass,
                                   double *restrict speed, double *restrict taken)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        speed[i] = g[i] / mass[i];
        taken[i] = 0.0;
    }
}

/* f = field less the layer's part of G: `layer` is its mass per area at the face. */
BS_CLONES static void take_off(ptrdiff_t n, const double *restrict field, const double *restrict speed,
                               const double *restrict layer, double *restrict taken, double *restrict f)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        const double part = speed[i] * layer[i];
        taken[i] += part;
        f[i] = field[i] - part;
    }
}

/* The uppermost layer takes what is left of G: its own part, and what the others' rounding left. */
BS_CLONES static void take_rest(ptrdiff_t n, const double *restrict field, const double *restrict g,
                                const double *restrict taken, double *restrict f)
{
    for (ptrdiff_t i = 0; i < n; i++) f[i] = field[i] - (g[i] - taken[i]);
}

/* ---- statistics ---- */

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What the first rank finds, for all. */
typedef struct bs_correct_found {
    double p99, max;
    bool counted, note; /* note: this state's 99th percentile is the largest so far */
} bs_correct_found;

/* The 99th percentile and the largest of all winds. Only winds above the largest percentile so far can raise it: where there are enough of
 * them for that, they are sorted. */
static void count_winds(size_t all, double *winds, bs_correct_found *f)
{
    const size_t from_end = all - (all - 1) * 99 / 100;
    f->max = fmax(f->max, bs_max_abs(all, winds));
    size_t above = 0;
    for (size_t i = 0; i < all; i++) {
        const double wind = winds[i];
        winds[above] = wind;
        above += wind > f->p99;
    }
    f->note = above >= from_end || !f->counted;
    if (above >= from_end) {
        qsort(winds, above, sizeof *winds, ascending);
        f->p99 = winds[above - from_end];
    }
    f->counted = true;
}

static void add_statistics(bs_corrector *c, int e, const bs_met_state *s)
{
    const bs_mesh *m = c->mesh;
    const bs_face_counts n = bs_correct_counts(m), all = bs_correct_counts(c->part.whole);
    double *winds = c->whole.wind;
    bs_correct_found found = {.p99 = c->p99, .max = c->max, .counted = c->counted};
    wind_of((ptrdiff_t)n.x, c->gx[e], c->mass_xf, m->len_xf, c->col_x[1]); /* which are free once G is known */
    wind_of((ptrdiff_t)n.y, c->gy[e], c->mass_yf, m->len_yf, c->col_y[1]);
    bs_correct_to_whole(c, BS_AT_X_FACES, c->col_x[1], winds);
    bs_correct_to_whole(c, BS_AT_Y_FACES, c->col_y[1], winds ? winds + all.x : NULL);
    if (winds) count_winds(all.x + all.y, winds, &found);
    if (!bs_correct_alone(c)) bs_ranks_share(0, &found, sizeof found);
    c->p99 = found.p99;
    c->max = found.max;
    c->counted = found.counted;
    if (found.note) bs_correct_note_worst(c, s);
}

/* ---- fluxes ---- */

/* Fluxes through the faces of one direction in row j: n faces a row, `rows` rows. */
typedef struct bs_face_row {
    ptrdiff_t n, rows;
    const double *field[2]; /* of both states */
    double *const *out, *const *g, *const *speed, *const *taken;
    const double *mass; /* of the column */
    double *layer;      /* room for a layer's */
} bs_face_row;

static void begin_row(const bs_face_row *f, int ends, ptrdiff_t j)
{
    const ptrdiff_t at = j * f->n;
    for (int e = 0; e < ends; e++) begin_taking(f->n, f->g[e] + at, f->mass + at, f->speed[e] + at, f->taken[e] + at);
}

static void take_row(const bs_face_row *f, int ends, ptrdiff_t k, ptrdiff_t j)
{
    const ptrdiff_t at = j * f->n, volume = k * f->rows * f->n + at;
    for (int e = 0; e < ends; e++)
        take_off(f->n, f->field[e] + volume, f->speed[e] + at, f->layer + at, f->taken[e] + at, f->out[e] + volume);
}

static void end_row(const bs_face_row *f, int ends, ptrdiff_t top, ptrdiff_t j)
{
    const ptrdiff_t at = j * f->n, volume = top * f->rows * f->n + at;
    for (int e = 0; e < ends; e++)
        take_rest(f->n, f->field[e] + volume, f->g[e] + at, f->taken[e] + at, f->out[e] + volume);
}

/* The faces along x of row j of cells, and those along y below it; above the last row, too. */
static void apply_row(const bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1, const bs_face_row *x,
                      const bs_face_row *y, int ends, ptrdiff_t j)
{
    const ptrdiff_t nx = c->mesh->nx, ny = c->mesh->ny, top = c->nz - 1, south = j > 0 ? nx : 0;
    const ptrdiff_t y_end = j == ny - 1 ? ny + 1 : j + 1;
    double *here = c->layer + j * nx, *below = south ? c->mass + j * nx : here;
    begin_row(x, ends, j);
    for (ptrdiff_t face = j; face < y_end; face++) begin_row(y, ends, face);
    for (ptrdiff_t k = 0; k < top; k++) {
        const ptrdiff_t at = (k * ny + j) * nx;
        mean_mass(nx, s0->m + at, s1->m + at, c->half_inv_area + j * nx, here);
        if (south) mean_mass(nx, s0->m + at - nx, s1->m + at - nx, c->half_inv_area + (j - 1) * nx, below);
        bs_correct_to_x_faces(nx, here, x->layer + j * x->n);
        take_row(x, ends, k, j);
        for (ptrdiff_t face = j; face < y_end; face++) {
            bs_correct_to_y_faces(nx, face < ny ? below : here, here, y->layer + face * nx);
            take_row(y, ends, k, face);
        }
    }
    end_row(x, ends, top, j);
    for (ptrdiff_t face = j; face < y_end; face++) end_row(y, ends, top, face);
}

void bs_correct_apply(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1, double *const fx[2],
                      double *const fy[2])
{
    const int nx = c->mesh->nx, ny = c->mesh->ny, ends = s0 == s1 ? 1 : 2;
    bs_correct_column_mass(c, s0, s1);
    for (int e = 0; e < ends; e++) add_statistics(c, e, e ? s1 : s0);
    /* col_x and col_y are free once G is known: here they hold the layers' mass at the faces. */
    const bs_face_row x = {nx + 1, ny, {s0->fx, s1->fx}, fx, c->gx, c->speed_x, c->taken_x, c->mass_xf, c->col_x[0]};
    const bs_face_row y = {nx, ny + 1, {s0->fy, s1->fy}, fy, c->gy, c->speed_y, c->taken_y, c->mass_yf, c->col_y[0]};
#pragma omp parallel for schedule(static) default(none) shared(c, s0, s1, x, y, ends, ny)
    for (int j = 0; j < ny; j++) apply_row(c, s0, s1, &x, &y, ends, j);
    if (ends == 1) {
        const bs_face_counts n = bs_correct_counts(c->mesh);
        memcpy(fx[1], fx[0], (size_t)c->nz * n.x * sizeof(double));
        memcpy(fy[1], fy[0], (size_t)c->nz * n.y * sizeof(double));
    }
}

bs_status bs_corrector_archive(bs_corrector *c, bs_archive *a, bs_err *err)
{
    BS_TRY(BS_ARCHIVE(a, "correction_p99", &c->p99, 1, err));
    BS_TRY(BS_ARCHIVE(a, "correction_max", &c->max, 1, err));
    BS_TRY(BS_ARCHIVE(a, "correction_worst", &c->worst, 1, err));
    BS_TRY(BS_ARCHIVE_BYTES(a, "correction_counted", &c->counted, 1, err));
    BS_TRY(BS_ARCHIVE(a, "correction_wind_of", c->wind_of, BS_CORRECTION_BANDS, err));
    return BS_ARCHIVE(a, "correction_layers", c->layers, BS_CORRECTION_BANDS, err);
}
