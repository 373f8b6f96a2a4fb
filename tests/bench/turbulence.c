/* What K-theory needs of the air: eddy diffusivity half level by half level, friction velocity cell by cell. */
#include "kernels/column/kz.h"
#include "kernels/column/surface_layer.h"
#include "model/core/memory.h"
#include "tests/bench/bench.h"
#include "tests/bench/data.h"
#include "tests/bench/families.h"

enum { CELLS = 16 };                                                              /* columns of a unit */
static const double FLOOR = 0.01, REFERENCE = 20, ROUGHNESS = 0.3, DENSITY = 1.2; /* m2 s-1, m, m, kg m-3 */

typedef struct column {
    bs_pbl pbl;
    double wind, heat_flux, theta;
    double shear2[BENCH_NZ], n2[BENCH_NZ];
} column;

typedef struct turbulence {
    bench_ring columns; /* CELLS columns */
    double kz[BENCH_NZ], ustar, inv_l;
} turbulence;

static void run_kz(void *self, long unit)
{
    turbulence *t = self;
    const column *c = bench_ring_at(&t->columns, unit);
    for (int n = 0; n < CELLS; n++)
        for (int k = 0; k < BENCH_NZ; k++) t->kz[k] = bs_kz(30 + 45.0 * k, c[n].pbl, c[n].shear2[k], c[n].n2[k], FLOOR);
}

static void run_friction(void *self, long unit)
{
    turbulence *t = self;
    const column *c = bench_ring_at(&t->columns, unit);
    for (int n = 0; n < CELLS; n++)
        t->ustar =
            bs_friction_velocity(c[n].wind, REFERENCE, ROUGHNESS, c[n].heat_flux, DENSITY, c[n].theta, &t->inv_l);
}

/* Stable and unstable columns in turn. */
static bs_status fill(bench *b, turbulence *t)
{
    column *c = NULL;
    uint64_t seed = 9;
    BS_TRY(BS_NEW(&c, CELLS, "bench", b->err));
    for (int n = 0; n < CELLS; n++) {
        const double sign = n % 2 ? 1 : -1;
        c[n].pbl = (bs_pbl){.height = n % 2 ? 250 : 1200, .ustar = 0.1 + 0.4 * bench_noise(&seed)};
        c[n].pbl.inv_l = sign * 0.02 * bench_noise(&seed);
        c[n].wind = 1 + 6 * bench_noise(&seed);
        c[n].heat_flux = -sign * 100 * bench_noise(&seed);
        c[n].theta = 280 + 20 * bench_noise(&seed);
        for (int k = 0; k < BENCH_NZ; k++) {
            c[n].shear2[k] = 1e-4 * bench_noise(&seed);
            c[n].n2[k] = 2e-4 * (bench_noise(&seed) - 0.3);
        }
    }
    return bench_ring_fill(sizeof *c * CELLS, c, b->ring_bytes, &t->columns, b->err);
}

bs_status bench_turbulence(bench *b)
{
    turbulence t = {.ustar = 0};
    bs_status st = fill(b, &t);
    if (st == BS_OK) {
        const bench_label kz = {.kernel = "turbulence.kz", .length = BENCH_NZ, .per = "cell"};
        const bench_label friction = {.kernel = "turbulence.friction", .per = "column"};
        bench_work work = {.self = &t, .run = run_kz, .units = t.columns.units, .count = CELLS * BENCH_NZ};
        st = bench_measure(b, &kz, &work, NULL);
        work.run = run_friction, work.count = CELLS;
        if (st == BS_OK) st = bench_measure(b, &friction, &work, NULL);
    }
    bench_ring_free(&t.columns);
    return st;
}
