/* Sweeps of random pencils, each with a mixture of winds, masses and fields in its neighbours, against a plain reference in double and
 * against the promises of sweep.h and schemes.def. Fixed seeds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "tests/kernels/sweep_reference.h"

enum { MOST = BS_ABREAST * BS_LANES, GUARD = 2 * BS_LANES, CASES = 300 };
#define EPS ((double)BS_REAL_EPSILON)
static const real MARK = (real)-12345.675; /* of what nobody may write */
static const double ROUND =
    10; /* roundings, of the largest q nearby and for the air that meets in a cell; up to 2 seen */

/* Pencils side by side and how they lie in memory. */
typedef struct group {
    int n, lanes, ghost_stride;
    bool along;
    ptrdiff_t q_stride, air_stride, flux_stride;
    pencil p[MOST];
    real tag[2][MOST][LONGEST + 2 * BS_GHOST]; /* two parts of each q, from cell -BS_GHOST on */
} group;

/* What came out: of the total and of its two tags. */
typedef struct outcome {
    real q[3][MOST][LONGEST], phi[MOST][LONGEST + 1];
    double m[MOST][LONGEST], through[3][MOST][2];
} outcome;

static const filling KINDS[] = {FILL_UNIFORM, FILL_ROUGH, FILL_HUGE_RANGE, FILL_HALF, FILL_SPIKE, FILL_SMOOTH};

static real cell_of(const group *g, int field, int lane, int i)
{
    return field ? g->tag[field - 1][lane][i + BS_GHOST] : (real)q_at(&g->p[lane], i);
}

static void fill_lane(group *g, int lane, double courant, filling kind, uint64_t *seed)
{
    pencil *p = &g->p[lane];
    random_pencil_air(courant, p, seed);
    random_filling(kind, p, seed);
    for (int i = -BS_GHOST; i < g->n + BS_GHOST; i++) {
        const double q = q_at(p, i);
        const real part = (real)(chance(seed) * q);
        g->tag[0][lane][i + BS_GHOST] = part;
        g->tag[1][lane][i + BS_GHOST] = (real)(q - (double)part);
    }
}

static group *random_group(uint64_t *seed)
{
    static const double COURANT[] = {0.3, 1, 3};
    group *g = calloc(1, sizeof *g);
    assert_non_null(g);
    g->n = chance(seed) < 0.3 ? choose(seed, 1, 8) : choose(seed, 1, LONGEST);
    g->along = chance(seed) < 0.4;
    g->lanes = choose(seed, 1, g->along || chance(seed) < 0.5 ? BS_LANES : MOST);
    g->ghost_stride = BS_LANES;
    const int width = (g->lanes + BS_LANES - 1) / BS_LANES * BS_LANES, across = g->along ? g->n : g->lanes;
    g->q_stride = choose(seed, g->along ? g->n : width, MOST + LONGEST);
    g->air_stride = across + choose(seed, 0, 9), g->flux_stride = across + 1 + choose(seed, 0, 9);
    bool wall[2], side[2];
    for (int e = 0; e < 2; e++) wall[e] = chance(seed) < 0.3, side[e] = !wall[e] && chance(seed) < 0.6;
    const double courant = COURANT[choose(seed, 0, 2)];
    for (int l = 0; l < g->lanes; l++) {
        pencil *p = &g->p[l];
        p->n = g->n;
        for (int e = 0; e < 2; e++) p->wall[e] = wall[e], p->side[e] = side[e];
        fill_lane(g, l, chance(seed) < 0.1 ? 1 : courant, KINDS[choose(seed, 0, FILLINGS - 1)], seed);
    }
    return g;
}

/* ---- one sweep of a group ---- */

static ptrdiff_t place_of(const group *g, ptrdiff_t stride, int lane, int i)
{
    return g->along ? lane * stride + i : i * stride + lane;
}

static void set_up(const group *g, const bs_sweep_kernels *k, int scheme, real *scratch, bs_sweep *s, outcome *out)
{
    const int sides = (g->p[0].side[0] ? BS_SIDE_LOW : 0) | (g->p[0].side[1] ? BS_SIDE_HIGH : 0);
    const int last = g->lanes - 1, n = g->n;
    double *flux = malloc(sizeof(double) * (size_t)(place_of(g, g->flux_stride, last, n) + 1));
    double *m = malloc(sizeof(double) * (size_t)(place_of(g, g->air_stride, last, n - 1) + 1));
    assert_true(flux && m);
    for (int l = 0; l < g->lanes; l++) {
        for (int f = 0; f <= n; f++) flux[place_of(g, g->flux_stride, l, f)] = g->p[l].flux[f];
        for (int i = 0; i < n; i++) m[place_of(g, g->air_stride, l, i)] = g->p[l].m[i];
    }
    const bs_air_flux air_flux = {flux, flux, 1, 0, g->flux_stride};
    const bs_air_mass air = {m, g->air_stride, NULL, NULL};
    (g->along ? k->setup_along : k->setup_across)((bs_scheme)scheme, n, g->lanes, &air_flux, &air, sides, scratch, s);
    for (int l = 0; l < g->lanes; l++)
        for (int i = 0; i < n; i++) out->m[l][i] = m[place_of(g, g->air_stride, l, i)];
    free(flux), free(m);
}

static void ghosts_of(const group *g, int field, int first, real ghost[2][BS_GHOST * BS_LANES])
{
    for (int e = 0; e < 2; e++)
        for (int c = 0; c < BS_GHOST; c++)
            for (int l = 0; l < BS_LANES; l++)
                ghost[e][c * BS_LANES + l] =
                    first + l < g->lanes ? cell_of(g, field, first + l, e ? g->n + c : c - BS_GHOST) : 0;
}

/* One field of the group: rows go through a bundle, columns are swept where they are. */
static void sweep_field(const group *g, const bs_sweep_kernels *k, int scheme, int field, real *scratch,
                        const bs_sweep *s, real *phi, outcome *out)
{
    const int n = g->n, bundles = (g->lanes + BS_LANES - 1) / BS_LANES;
    const size_t rows = (size_t)(g->along ? place_of(g, g->q_stride, g->lanes - 1, n - 1) + 1 : 0);
    const size_t cells = (size_t)(g->along ? n * BS_LANES : (n - 1) * g->q_stride + bundles * BS_LANES);
    real *all = malloc(sizeof(real) * (cells + rows + 3 * GUARD)), *q = all + GUARD, *row = q + cells + GUARD;
    assert_non_null(all);
    for (size_t a = 0; a < cells + rows + 3 * GUARD; a++) all[a] = MARK;
    real *home = g->along ? row : q;
    for (int l = 0; l < g->lanes; l++)
        for (int i = 0; i < n; i++) home[place_of(g, g->q_stride, l, i)] = cell_of(g, field, l, i);
    if (g->along) k->rows_in(n, g->lanes, row, g->q_stride, q);
    for (int b = 0; b < bundles; b++) {
        real ghost[2][BS_GHOST * BS_LANES], *phi_b = phi + (ptrdiff_t)b * (LONGEST + 1) * BS_LANES;
        real *scratch_b = scratch + (size_t)b * bs_sweep_scratch_len(n);
        double through[2 * BS_LANES];
        ghosts_of(g, field, b * BS_LANES, ghost);
        const bs_pencils p = {.q = q + b * BS_LANES,
                              .stride = g->along ? BS_LANES : g->q_stride,
                              .low = g->p[0].wall[0] ? NULL : ghost[0],
                              .high = g->p[0].wall[1] ? NULL : ghost[1],
                              .ghost_stride = g->ghost_stride};
        if (field == 0)
            k->total[scheme](&s[b], scratch_b, &p, phi_b, through);
        else
            k->tag[scheme](&s[b], scratch_b, &p, phi_b, through);
        for (int l = 0; l < BS_LANES && b * BS_LANES + l < g->lanes; l++) {
            for (int e = 0; e < 2; e++) out->through[field][b * BS_LANES + l][e] = through[e * BS_LANES + l];
            for (int f = 0; field == 0 && f <= n; f++) out->phi[b * BS_LANES + l][f] = phi_b[f * BS_LANES + l];
        }
    }
    if (g->along) k->rows_out(n, g->lanes, q, row, g->q_stride);
    for (int l = 0; l < g->lanes; l++)
        for (int i = 0; i < n; i++) {
            real *at = &home[place_of(g, g->q_stride, l, i)];
            out->q[field][l][i] = *at;
            *at = MARK;
        }
    for (size_t a = 0; a < cells + rows + 3 * GUARD; a++) /* between and around the pencils */
        if (!g->along || a < GUARD || a >= GUARD + cells) assert_true(all[a] == MARK);
    free(all);
}

static void sweep_group(const group *g, bs_isa isa, int scheme, outcome *out)
{
    const bs_sweep_kernels *k = bs_sweep_kernels_for(isa);
    const size_t length = BS_ABREAST * bs_sweep_scratch_len(g->n) * sizeof(real);
    real *scratch = aligned_alloc(64, length), *phi = calloc(BS_ABREAST * (LONGEST + 1) * BS_LANES, sizeof *phi);
    assert_true(scratch && phi);
    memset(scratch, 0xff, length); /* NaN: what is read must have been written */
    memset(out, 0, sizeof *out);
    bs_sweep s[BS_ABREAST];
    set_up(g, k, scheme, scratch, s, out);
    for (int field = 0; field < 3; field++) sweep_field(g, k, scheme, field, scratch, s, phi, out);
    free(scratch), free(phi);
}

/* ---- what has to hold ---- */

/* Largest |q| of a pencil with what lies beyond it, of a total or the tags, and its extremes. */
static double size_of(const group *g, int lane, double *least, double *most)
{
    double size = 0;
    *least = INFINITY, *most = -INFINITY;
    for (int i = -BS_GHOST; i < g->n + BS_GHOST; i++) {
        const double q = q_at(&g->p[lane], i);
        *least = fmin(*least, q), *most = fmax(*most, q);
        for (int field = 0; field < 3; field++) size = fmax(size, fabs((double)cell_of(g, field, lane, i)));
    }
    return size;
}

static void check_lane(const group *g, int lane, int scheme, const outcome *o)
{
    const bs_scheme_row *row = bs_scheme_at((bs_scheme)scheme);
    const pencil *p = &g->p[lane];
    swept r;
    sweep_slowly(scheme, p, &r);
    if (r.off_the_map) return;
    double least, most, courant = 0, moved = 0, drift = 0;
    const double size = size_of(g, lane, &least, &most);
    for (int i = 0; i < g->n; i++) {
        const double q = (double)o->q[0][lane][i], m = o->m[lane][i], w = p->flux[i], e = p->flux[i + 1];
        const double error = ROUND * EPS * size * (1 + (p->m[i] + fabs(w) + fabs(e)) / m);
        courant = fmax(courant, fmax(-w, e) / p->m[i]);
        moved += p->m[i] + m + fabs(w) + fabs(e);
        drift += m * q - p->m[i] * p->q[i];
        assert_true(fabs(m - r.m[i]) <= 1e-13 * (p->m[i] + fabs(w) + fabs(e)));
        if (!r.unclear[i]) assert_true(fabs(q - r.q[i]) <= error);
        if (least == most) assert_true(q == least);
        if (row->positive) assert_true(q >= 0);
        assert_true(fabs((double)o->q[1][lane][i] + (double)o->q[2][lane][i] - q) <= error);
    }
    const double *through = o->through[0][lane];
    assert_true(fabs(drift - through[0] + through[1]) <= ROUND * EPS * size * moved);
    for (int i = 1; i < g->n - 1 && row->monotone && courant <= 1; i++) /* as schemes.def defines it */
        assert_true(fmax(least - (double)o->q[0][lane][i], (double)o->q[0][lane][i] - most) <= ROUND * EPS * size);
}

static void as_the_reference_says(void **state)
{
    (void)state;
    outcome *o = malloc(sizeof *o), *plain = malloc(sizeof *plain);
    assert_true(o && plain);
    for (uint64_t c = 1; c <= CASES; c++) {
        uint64_t seed = c;
        group *g = random_group(&seed);
        for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++) {
            sweep_group(g, BS_ISA_PLAIN, scheme, plain);
            for (int isa = 1; isa <= (int)bs_isa_best(); isa++) {
                sweep_group(g, (bs_isa)isa, scheme, o);
                assert_memory_equal(o, plain, sizeof *o);
            }
            for (int l = 0; l < g->lanes; l++) check_lane(g, l, scheme, plain);
        }
        free(g);
    }
    free(o), free(plain);
}

/* Other pencils beside it, longer or shorter, rich or poor, change no number of a pencil; zeros may change their sign. */
static void neighbours_do_not_matter(void **state)
{
    (void)state;
    outcome *a = malloc(sizeof *a), *b = malloc(sizeof *b);
    assert_true(a && b);
    for (uint64_t c = 1001; c <= 1000 + CASES; c++) {
        uint64_t seed = c;
        group *g = random_group(&seed);
        const int lane = choose(&seed, 0, g->lanes - 1), scheme = (int)(c % BS_SCHEME_COUNT);
        const bs_isa isa = (bs_isa)(c % ((uint64_t)bs_isa_best() + 1));
        sweep_group(g, isa, scheme, a);
        for (int l = 0; l < g->lanes; l++)
            if (l != lane) fill_lane(g, l, 3 * chance(&seed), KINDS[choose(&seed, 0, FILLINGS - 1)], &seed);
        sweep_group(g, isa, scheme, b);
        for (int field = 0; field < 3; field++) {
            for (int i = 0; i < g->n; i++) assert_true(a->q[field][lane][i] == b->q[field][lane][i]);
            for (int e = 0; e < 2; e++) assert_true(a->through[field][lane][e] == b->through[field][lane][e]);
        }
        for (int f = 0; f <= g->n; f++) assert_true(a->phi[lane][f] == b->phi[lane][f]);
        free(g);
    }
    free(a), free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_the_reference_says),
        cmocka_unit_test(neighbours_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
