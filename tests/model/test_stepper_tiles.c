/* Pairs of steps on tiles are those on the whole mesh, to the bit: all tiles step in one process, and the test carries what neighbours know of
 * each other. What no tile can know is NaN, and must not be looked at. */
#include "tests/model/test_tiles_fixture.h"

#include <stdio.h>

static const bs_operator_row *const SEQUENCE[] = {
#define BS_STEP(row) &(row),
#include "model/stepping/sequence.def"
#undef BS_STEP
};
enum { N_OPERATORS = sizeof SEQUENCE / sizeof *SEQUENCE, MOST_TILES = 8 };

/* A whole world and the same as tiles. */
typedef struct cut_up {
    world whole;
    bs_tiling tiling;
    int n;
    tile_world tile[MOST_TILES];
    bs_operator_context context[MOST_TILES];
    void *self[MOST_TILES][N_OPERATORS];
    bs_err error;
} cut_up;

static bool wanted(const cut_up *c, int o)
{
    return SEQUENCE[o]->wanted(&c->whole.options);
}

static void cut(cut_up *c, const bs_tiling *tiling)
{
    c->tiling = *tiling;
    c->n = tiling->px * tiling->py;
    for (int t = 0; t < c->n; t++) {
        tile_make(&c->whole, tiling, t, &c->tile[t]);
        tile_settle(&c->tile[t]);
        c->context[t] = tile_context(&c->tile[t]);
        for (int o = 0; o < N_OPERATORS; o++)
            if (wanted(c, o)) CHECK(SEQUENCE[o]->create(&c->context[t], &c->self[t][o], err));
    }
}

static void let_go(cut_up *c)
{
    for (int t = 0; t < c->n; t++) {
        for (int o = 0; o < N_OPERATORS; o++)
            if (c->self[t][o]) SEQUENCE[o]->destroy(c->self[t][o]);
        tile_free(&c->tile[t]);
    }
    world_free(&c->whole);
}

/* Cell (j, i) of the mesh in a tile. */
static real *q_of(const tile_world *t, int tracer, int k, int j, int i)
{
    return &bs_state_q(t->w.state, tracer)[bs_at(&t->w.box, k, j - t->tile.j0, i - t->tile.i0)];
}

static double *m_of(const tile_world *t, int k, int j, int i)
{
    return &t->w.state->m[((ptrdiff_t)k * t->tile.ny + j - t->tile.j0) * t->tile.nx + i - t->tile.i0];
}

static const tile_world *owner_of(const cut_up *c, int j, int i)
{
    for (int t = 0; t < c->n; t++)
        if (is_own(&c->tile[t].tile, j - c->tile[t].tile.j0, i - c->tile[t].tile.i0)) return &c->tile[t];
    fail_msg("cell (%d, %d) is nobody's", j, i);
    return NULL;
}

static void exchange(const cut_up *c, bool air)
{
    for (int t = 0; t < c->n; t++) {
        const bs_tile *tile = &c->tile[t].tile;
        const bs_window known = bs_tile_known(tile, &c->tile[t].tiling);
        for (int j = tile->j0 + known.j0; j < tile->j0 + known.j1; j++)
            for (int i = tile->i0 + known.i0; i < tile->i0 + known.i1; i++) {
                const tile_world *from = owner_of(c, j, i);
                if (from == &c->tile[t]) continue;
                for (int k = 0; k < NZ; k++) {
                    if (air) *m_of(&c->tile[t], k, j, i) = *m_of(from, k, j, i);
                    for (int n = 0; n < c->whole.tracers->n; n++)
                        *q_of(&c->tile[t], n, k, j, i) = *q_of(from, n, k, j, i);
                }
            }
    }
}

/* One operator on all tiles; a horizontal one by two planes at a time. */
static void apply(cut_up *c, int o, const bs_step *common)
{
    for (int t = 0; t < c->n; t++) {
        const world *w = &c->tile[t].w;
        bs_step step = *common;
        step.forcing = w->forcing, step.boundary = w->boundary, step.state = w->state, step.ledger = w->ledger;
        for (int k = 0; k < NZ; k += SEQUENCE[o]->apply ? 2 : NZ) {
            step.k0 = k, step.k1 = k + 2 < NZ ? k + 2 : NZ;
            bs_operator_apply(SEQUENCE[o], c->self[t][o], &step);
        }
        if (SEQUENCE[o]->check && c->error.text[0] == '\0') (void)SEQUENCE[o]->check(c->self[t][o], &c->error);
    }
}

static void start_air(cut_up *c, double w)
{
    for (int t = 0; t < c->n; t++) {
        const bs_forcing *f = c->tile[t].w.forcing;
        for (int n = 0; n < c->tile[t].tile.nx * c->tile[t].tile.ny * NZ; n++)
            c->tile[t].w.state->m[n] = (1 - w) * f->end[0]->m[n] + w * f->end[1]->m[n];
    }
}

static void pair(cut_up *c, double w0, double w1, double seconds)
{
    const double middle = 0.5 * (w0 + w1);
    const bool moves = c->whole.options.scheme != BS_SCHEME_COUNT;
    if (moves) start_air(c, w0);
    for (int half = 0; half < 2; half++) {
        const bs_step step = {
            .dt = 0.5 * seconds, .w0 = half ? middle : w0, .w1 = half ? w1 : middle, .reverse = half == 1};
        bool exchanged = false;
        for (int n = 0; n < N_OPERATORS; n++) {
            const int o = half ? N_OPERATORS - 1 - n : n;
            if (!wanted(c, o)) continue;
            if (SEQUENCE[o]->apply && !exchanged) exchange(c, half == 1 || !moves);
            exchanged = exchanged || SEQUENCE[o]->apply;
            apply(c, o, &step);
        }
    }
}

static void ledgers_add_up(const cut_up *c, const char *what)
{
    for (int n = 0; n < c->whole.tracers->n; n++)
        for (int l = 0; l < BS_L_COUNT; l++) {
            bs_sum sum = {0};
            for (int t = 0; t < c->n; t++) bs_sum_merge(&sum, bs_ledger_at(c->tile[t].w.ledger, n, (bs_ledger_term)l));
            const bs_sum *expected = bs_ledger_at(c->whole.ledger, n, (bs_ledger_term)l);
            if (sum.units != expected->units)
                fail_msg("%s: tracer %d, %s: %.17g ug, not %.17g", what, n, bs_ledger_term_name((bs_ledger_term)l),
                         bs_sum_value(&sum), bs_sum_value(expected));
        }
}

typedef struct trial {
    const weather *air;
    bs_scheme scheme; /* BS_SCHEME_COUNT: no advection */
    bs_mixing mixing;
    bool hdiff;
    double max_courant;
    int px, py;
} trial;

static bs_tiling tiling_of(const trial *t)
{
    return (bs_tiling){
        .nx = NX, .ny = NY, .px = t->px, .py = t->py, .overlap = BS_GHOST + (int)ceil(t->max_courant) + 2};
}

static void begin(cut_up *c, const trial *t)
{
    const bs_tracer_request request = two_species();
    *c = (cut_up){.whole = world_make(LAMBERT, t->air, SECONDS, &request)};
    world *w = &c->whole;
    w->options.scheme = t->scheme;
    w->options.mixing = t->mixing;
    w->options.horizontal_diffusion = t->hdiff;
    w->options.max_courant = t->max_courant;
    fill_random(w);
    fill_emission(w);
    world_stepper(w);
    const bs_tiling tiling = tiling_of(t);
    cut(c, &tiling);
}

static void same_on_tiles(const trial *t)
{
    cut_up *c = malloc(sizeof *c);
    char what[128];
    bs_limit limit;
    assert_non_null(c);
    begin(c, t);
    world *w = &c->whole;
    const int pairs = bs_stepper_pairs(w->stepper, w->forcing, w->seconds, 450, &limit), most = pairs < 3 ? pairs : 3;
    snprintf(what, sizeof what, "scheme %d, mixing %d, diffusion %d, Courant %g, %d x %d tiles", (int)t->scheme,
             (int)t->mixing, t->hdiff, t->max_courant, t->px, t->py);
    for (int p = 0; p < most; p++) {
        const double w0 = (double)p / pairs, w1 = (double)(p + 1) / pairs, seconds = w->seconds / pairs;
        bs_stepper_pair(w->stepper, w->forcing, w->boundary, w0, w1, seconds, w->state, w->ledger);
        pair(c, w0, w1, seconds);
        if (c->error.text[0]) fail_msg("%s: %s", what, c->error.text);
        for (int n = 0; n < c->n; n++) tile_is_like(&c->tile[n], w, what);
    }
    ledgers_add_up(c, what);
    let_go(c);
    free(c);
}

static void every_scheme_and_mixing(void **state)
{
    (void)state;
    for (int scheme = 0; scheme <= BS_SCHEME_COUNT; scheme++)
        for (int hdiff = 0; hdiff < 2; hdiff++)
            same_on_tiles(&(trial){.air = &STORM,
                                   .scheme = (bs_scheme)scheme,
                                   .mixing = (bs_mixing)((scheme + hdiff) % (BS_MIX_NONE + 1)),
                                   .hdiff = hdiff,
                                   .max_courant = 2.5,
                                   .px = 3,
                                   .py = 2});
}

static void every_tiling(void **state)
{
    (void)state;
    static const int TILES[][2] = {{1, 2}, {4, 1}, {1, 4}, {2, 2}, {2, 4}};
    for (size_t n = 0; n < sizeof TILES / sizeof *TILES; n++) {
        bs_threads_start(n == 4 ? 2 : 1);
        for (int courant = 1; courant <= 2; courant++)
            same_on_tiles(&(trial){.air = courant == 1 ? &BREEZE : &STORM,
                                   .scheme = BS_PPM6_SEL,
                                   .mixing = BS_MIX_BACKWARD_EULER,
                                   .hdiff = true,
                                   .max_courant = courant,
                                   .px = TILES[n][0],
                                   .py = TILES[n][1]});
    }
    bs_threads_start(1);
}

/* Steps that move air over more cells than the tiles know: said, never silent. */
static void too_long_a_step_is_told(void **state)
{
    (void)state;
    static const char *const PARTS[] = {"hadvect: in one step", "time.max_courant", "or one rank"};
    const trial t = {
        .air = &STORM, .scheme = BS_PPM6_SEL, .hdiff = true, .max_courant = 1, .px = 2, .py = 2, .mixing = BS_MIX_NONE};
    cut_up *c = malloc(sizeof *c);
    assert_non_null(c);
    begin(c, &t);
    pair(c, 0, 1, 2 * 900.0); /* Courant numbers near 5 */
    for (int n = 0; n < 3; n++)
        if (!strstr(c->error.text, PARTS[n])) fail_msg("expected '%s' in: %s", PARTS[n], c->error.text);
    let_go(c);
    free(c);
}

static void substeps_of_diffusion_are_told(void **state)
{
    (void)state;
    static const char *const PARTS[] = {"substeps at level 3", "give operators.diffusion_substeps: "};
    const trial t = {
        .air = &BREEZE, .scheme = BS_UPWIND1, .hdiff = true, .max_courant = 1, .px = 2, .py = 1, .mixing = BS_MIX_NONE};
    cut_up *c = malloc(sizeof *c);
    assert_non_null(c);
    begin(c, &t);
    for (int n = 0; n < c->n; n++)
        for (int e = 0; e < 2; e++)
            for (int cell = 0; cell < c->tile[n].tile.nx * c->tile[n].tile.ny; cell++)
                c->tile[n].w.end[e]->kh[3 * c->tile[n].tile.nx * c->tile[n].tile.ny + cell] *= 10;
    pair(c, 0, 0.25, 900);
    for (int n = 0; n < 2; n++)
        if (!strstr(c->error.text, PARTS[n])) fail_msg("expected '%s' in: %s", PARTS[n], c->error.text);
    let_go(c);
    free(c);
}

int main(void)
{
    bs_threads_start(1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scheme_and_mixing),
        cmocka_unit_test(every_tiling),
        cmocka_unit_test(too_long_a_step_is_told),
        cmocka_unit_test(substeps_of_diffusion_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
