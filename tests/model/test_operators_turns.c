/* Operators that take turns on the columns of one tracer: the same bits as each operator alone and each tracer alone, whatever removal
 * classes and acts lie beside each other, and for any number of threads. */
#include "tests/model/test_operators_fixture.h"

enum { STRIP_OPERATORS = 4, TURNS = 4 };
static const bs_operator_row *const ROWS[STRIP_OPERATORS] = {&BS_OP_ZADVECT, &BS_OP_SETTLE, &BS_OP_SCAVENGE,
                                                             &BS_OP_COLUMN};
static const int ORDERS[TURNS][STRIP_OPERATORS] = {{0, 1, 2, 3}, {3, 2, 1, 0}, {2, 0, 3, 1}, {1, 3, 0, 2}};

/* Totals without tags, whose classes come in the order A B A A B B ..., and whose acts differ between tracers of a class. */
static world mixed_tracers(bs_mixing mixing)
{
    static const char *const species[] = {"pm25", "pmcoarse", "inert"}, *const sectors[] = {"industry", "traffic"};
    static const int classes[] = {0, 1, 0, 0, 1, 1, 0, 1, 0};
    static const unsigned without[] = {0, 0, BS_ACT_SETTLE, 0, BS_ACT_MIX, 0, BS_ACT_DRY, BS_ACT_WET, BS_ACT_EMIT};
    const bs_tracer_request r = {.n_species = 3, .species = species, .n_sectors = 2, .sectors = sectors, .acts = ALL};
    world w = world_make(LAMBERT, &BREEZE, SECONDS, &r);
    assert_int_equal(w.tracers->n, 9);
    assert_true(w.tracers->n_removal >= 2);
    uint64_t seed = 8;
    for (int t = 0; t < w.tracers->n; t++) {
        bs_tracer *row = &w.tracers->row[t];
        row->total = t, row->removal_class = classes[t], row->acts = ALL & ~without[t];
        FOR_CELLS *cell(&w, t, k, j, i) = positive_noise(&seed, LARGEST);
    }
    w.options.mixing = mixing;
    for (int e = 0; e < 2; e++) /* every third row is dry */
        for (int c = 0; c < NX * NY; c++)
            if (c / NX % 3 == 0) w.end[e]->rain[c] = 0;
    return w;
}

typedef struct taken {
    real *q;
    double *dry, *wet, kg[16][BS_L_COUNT];
} taken;

static taken take(const world *w)
{
    const size_t maps = (size_t)w->tracers->n * NX * NY * sizeof(double);
    taken t = {.q = copy_of(w), .dry = malloc(maps), .wet = malloc(maps)};
    assert_true(t.dry && t.wet);
    memcpy(t.dry, w->state->dry, maps);
    memcpy(t.wet, w->state->wet, maps);
    for (int n = 0; n < w->tracers->n; n++)
        for (int l = 0; l < BS_L_COUNT; l++) t.kg[n][l] = bs_ledger_kg(w->ledger, n, (bs_ledger_term)l);
    return t;
}

static void let_go(taken *t)
{
    free(t->q), free(t->dry), free(t->wet);
}

static void same(const world *w, const taken *a, const taken *b, int t)
{
    FOR_CELLS
    {
        const ptrdiff_t at = t * w->box.volume + bs_at(&w->box, k, j, i);
        assert_memory_equal(&a->q[at], &b->q[at], sizeof(real));
    }
    const ptrdiff_t map = (ptrdiff_t)t * NX * NY;
    assert_memory_equal(a->dry + map, b->dry + map, sizeof(double) * NX * NY);
    assert_memory_equal(a->wet + map, b->wet + map, sizeof(double) * NX * NY);
    for (int l = 0; l < BS_L_COUNT; l++) assert_true(a->kg[t][l] == b->kg[t][l]);
}

/* The operators in this order, in turns; or, `apart`, each on the whole state before the next. `only`: the tracer that they act on, -1:
 * all. */
static taken run(bs_mixing mixing, const int *order, bool apart, int only)
{
    world w = mixed_tracers(mixing);
    fill_emission(&w);
    for (int t = 0; t < w.tracers->n; t++)
        if (only >= 0 && t != only) w.tracers->row[t].acts = 0;
    const bs_operator_context context = context_of(&w);
    const bs_step step = {.dt = DT,
                          .w0 = 0,
                          .w1 = DT / w.seconds,
                          .forcing = w.forcing,
                          .boundary = w.boundary,
                          .state = w.state,
                          .ledger = w.ledger};
    const bs_operator_row *rows[STRIP_OPERATORS];
    void *selves[STRIP_OPERATORS] = {NULL};
    for (int o = 0; o < STRIP_OPERATORS; o++) {
        rows[o] = ROWS[order[o]];
        CHECK(rows[o]->create(&context, &selves[o], err));
    }
    if (!apart) bs_operators_on_strips(STRIP_OPERATORS, rows, selves, &step, NULL);
    for (int o = 0; o < STRIP_OPERATORS && apart; o++) bs_operator_apply(rows[o], selves[o], &step);
    for (int o = 0; o < STRIP_OPERATORS; o++) rows[o]->destroy(selves[o]);
    const taken out = take(&w);
    world_free(&w);
    return out;
}

static void turns_change_nothing(void **state)
{
    (void)state;
    world w = mixed_tracers(BS_MIX_NONE);
    for (int mixing = BS_MIX_BACKWARD_EULER; mixing <= BS_MIX_NONE; mixing++) {
        const int *order = ORDERS[mixing % TURNS];
        taken all = run((bs_mixing)mixing, order, false, -1), apart = run((bs_mixing)mixing, order, true, -1);
        for (int t = 0; t < w.tracers->n; t++) {
            taken one = run((bs_mixing)mixing, order, true, t);
            same(&w, &all, &apart, t);
            same(&w, &all, &one, t);
            let_go(&one);
        }
        assert_true(all.kg[0][BS_L_DRY] > 0 && all.kg[0][BS_L_WET] > 0 && all.kg[0][BS_L_DRY] != all.kg[2][BS_L_DRY]);
        let_go(&all), let_go(&apart);
    }
    world_free(&w);
}

static void threads_change_nothing(void **state)
{
    (void)state;
    const int before = bs_threads_count();
    world w = mixed_tracers(BS_MIX_NONE);
    for (int turn = 0; turn < TURNS; turn++) {
        bs_threads_start(1);
        taken one = run((bs_mixing)turn, ORDERS[turn], false, -1);
        for (int n = 2; n <= 3; n++) {
            bs_threads_start(n);
            taken more = run((bs_mixing)turn, ORDERS[turn], false, -1);
            for (int t = 0; t < w.tracers->n; t++) same(&w, &one, &more, t);
            let_go(&more);
        }
        let_go(&one);
    }
    bs_threads_start(before);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns_change_nothing),
        cmocka_unit_test(threads_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
