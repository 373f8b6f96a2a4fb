/* Plume rise stack by stack, each over a column of its own: a third of them in unstable, neutral and stable air each. */
#include <math.h>

#include "kernels/column/plume_rise.h"
#include "model/core/memory.h"
#include "tests/bench/bench.h"
#include "tests/bench/data.h"
#include "tests/bench/families.h"

enum { STACKS = 48 }; /* of a unit */
#define PER_STACK "stack"

typedef struct column {
    double face[BENCH_NZ + 1], temperature[BENCH_NZ], wind[BENCH_NZ], n2[BENCH_NZ];
    double ustar, pbl, heat_flux;
    bs_stack stack;
} column;

typedef struct plumes {
    bench_ring columns; /* STACKS columns */
    bs_plume plume[STACKS];
    double fraction[BENCH_NZ];
} plumes;

static bs_plume_column shape_of(const column *c)
{
    return (bs_plume_column){.nz = BENCH_NZ,
                             .face = c->face,
                             .temperature = c->temperature,
                             .wind = c->wind,
                             .n2 = c->n2,
                             .ustar = c->ustar,
                             .pbl = c->pbl,
                             .heat_flux = c->heat_flux};
}

static void run_rise(void *self, long unit)
{
    plumes *p = self;
    const column *c = bench_ring_at(&p->columns, unit);
    for (int s = 0; s < STACKS; s++) {
        const bs_plume_column shape = shape_of(&c[s]);
        bs_plume_rise(&shape, c[s].stack, bs_plume_air_at(&shape, c[s].stack.height), &p->plume[s]);
    }
}

static void run_fractions(void *self, long unit)
{
    plumes *p = self;
    const column *c = bench_ring_at(&p->columns, unit);
    for (int s = 0; s < STACKS; s++) bs_plume_fractions(BENCH_NZ, c[s].face, &p->plume[s], p->fraction);
}

static void fill_column(int kind, uint64_t *seed, column *c)
{
    const double lapse[] = {0, 5e-6, 4e-4}; /* s-2, of the lowest layers: unstable, neutral, stable */
    for (int k = 0; k <= BENCH_NZ; k++) c->face[k] = 30 * k + 8.0 * k * k;
    for (int k = 0; k < BENCH_NZ; k++) {
        const double z = 0.5 * (c->face[k] + c->face[k + 1]);
        c->temperature[k] = 288 - 0.0065 * z + bench_noise(seed);
        c->wind[k] = (1 + 4 * bench_noise(seed)) * pow(z / 10 + 1, 0.2);
        c->n2[k] = z < 1000 ? lapse[kind] : 1.5e-4;
    }
    c->ustar = 0.1 + 0.4 * bench_noise(seed);
    c->pbl = kind == 2 ? 200 : 1000;
    c->heat_flux = kind == 0 ? 150 : kind == 1 ? 0 : -30;
    c->stack = (bs_stack){.height = 30 + 200 * bench_noise(seed),
                          .diameter = 1 + 6 * bench_noise(seed),
                          .temperature = 330 + 100 * bench_noise(seed),
                          .velocity = 5 + 20 * bench_noise(seed)};
}

static bs_status fill(bench *b, plumes *p)
{
    column *c = NULL;
    uint64_t seed = 6;
    BS_TRY(BS_NEW(&c, STACKS, "bench", b->err));
    for (int s = 0; s < STACKS; s++) fill_column(s % 3, &seed, &c[s]);
    return bench_ring_fill(sizeof *c * STACKS, c, b->ring_bytes, &p->columns, b->err);
}

bs_status bench_plume(bench *b)
{
    plumes p = {.fraction = {0}};
    bs_status st = fill(b, &p);
    if (st == BS_OK) {
        const bench_label rise = {.kernel = "plume.rise", .length = BENCH_NZ, .per = PER_STACK};
        const bench_label fractions = {.kernel = "plume.fractions", .length = BENCH_NZ, .per = PER_STACK};
        bench_work work = {.self = &p, .run = run_rise, .units = p.columns.units, .count = STACKS};
        run_rise(&p, 0); /* plumes for the fractions */
        st = bench_measure(b, &rise, &work, NULL);
        work.run = run_fractions;
        if (st == BS_OK) st = bench_measure(b, &fractions, &work, NULL);
    }
    bench_ring_free(&p.columns);
    return st;
}
