/* Horizontal diffusion on pieces of a plane: mixing ratios of several tracers in a ring, conductances shared; what
 * works on the air has it in a ring. */

#include "kernels/hdiff/hdiff.h"
#include "model/core/memory.h"
#include "tests/bench/bench.h"
#include "tests/bench/data.h"
#include "tests/bench/families.h"

enum { NX = 200, NY = 40, ROW = 208, TRACERS = 6 };
enum { CELLS = NX * NY, X_FACES = (NX + 1) * NY, Y_FACES = NX * (NY + 1), PLANE = ROW * NY };
static const double SMAGORINSKY = 0.2;

typedef struct air { /* of a piece: a unit of the ring of kernels on the air */
    real kappa_x[X_FACES], kappa_y[Y_FACES];
    double mass[CELLS];
    double u[(NY + 2) * NX], v[(NY + 2) * NX];
} air;

typedef struct planes {
    bench_ring q, airs;
    real dt_m[CELLS], work[3 * (NX + 1)], k[CELLS];
    double dx[NX], dy[NX], area[NX];
    double rate;
} planes;

static bs_hdiff_plane plane_of(const planes *p, const air *a)
{
    return (bs_hdiff_plane){.ni = NX,
                            .nj = NY,
                            .closed = BS_CLOSED_ALL,
                            .kappa_x = a->kappa_x,
                            .kappa_y = a->kappa_y,
                            .dt_m = p->dt_m,
                            .x_row = NX + 1,
                            .y_row = NX,
                            .m_row = NX};
}

static void run_step(void *self, long unit)
{
    planes *p = self;
    const bs_hdiff_plane plane = plane_of(p, p->airs.block);
    real *q = bench_ring_at(&p->q, unit);
    for (int t = 0; t < TRACERS; t++) bs_hdiff_step(&plane, ROW, q + (ptrdiff_t)t * PLANE, p->work);
}

static void after(void *self, long unit)
{
    const planes *p = self;
    bench_ring_restore(&p->q, unit);
}

static void run_rate(void *self, long unit)
{
    planes *p = self;
    const air *a = bench_ring_at(&p->airs, unit);
    const bs_hdiff_plane plane = plane_of(p, a);
    p->rate = bs_hdiff_max_rate(&plane, a->mass);
}

static void run_smagorinsky(void *self, long unit)
{
    planes *p = self;
    const air *a = bench_ring_at(&p->airs, unit);
    for (int j = 0; j < NY; j++) {
        const double *u = a->u + j * NX, *v = a->v + j * NX;
        const double *const us[3] = {u, u + NX, u + 2 * NX}, *const vs[3] = {v, v + NX, v + 2 * NX};
        bs_smagorinsky_row(NX, SMAGORINSKY, us, vs, p->dx, p->dy, p->area, p->k + j * NX);
    }
}

static bs_status fill(bench *b, planes *p)
{
    air *a = NULL;
    real *q = NULL;
    uint64_t seed = 7;
    BS_TRY(BS_NEW(&a, 1, "bench", b->err));
    for (int f = 0; f < X_FACES; f++) a->kappa_x[f] = (real)(2e5 * (0.5 + bench_noise(&seed)));
    for (int f = 0; f < Y_FACES; f++) a->kappa_y[f] = (real)(2e5 * (0.5 + bench_noise(&seed)));
    for (int c = 0; c < CELLS; c++) a->mass[c] = bench_mass(c / NX, c % NX);
    for (int c = 0; c < (NY + 2) * NX; c++) {
        a->u[c] = 10 * (bench_noise(&seed) - 0.5);
        a->v[c] = 10 * (bench_noise(&seed) - 0.5);
    }
    for (int c = 0; c < CELLS; c++) p->dt_m[c] = (real)(BENCH_STEP / a->mass[c]);
    for (int i = 0; i < NX; i++) p->dx[i] = p->dy[i] = 18000, p->area[i] = 81e6;
    BS_TRY(bench_ring_fill(sizeof *a, a, b->ring_bytes, &p->airs, b->err));
    BS_TRY(BS_NEW(&q, PLANE * TRACERS, "bench", b->err));
    bench_texture((ptrdiff_t)PLANE * TRACERS, ROW, q);
    return bench_ring_fill(sizeof(real) * PLANE * TRACERS, q, b->ring_bytes, &p->q, b->err);
}

static bs_status measure(bench *b, planes *p)
{
    static const struct {
        const char *kernel;
        bench_step *run;
        double flops;
        bool on_air;
    } KERNELS[] = {
        {"hdiff.step", run_step, 9, false}, /* a difference and a product per face, five in the cell */
        {"hdiff.max_rate", run_rate, 0, true},
        {"hdiff.smagorinsky", run_smagorinsky, 0, true},
    };
    for (size_t n = 0; n < sizeof KERNELS / sizeof *KERNELS; n++) {
        const bool on_air = KERNELS[n].on_air;
        const bench_label label = {.kernel = KERNELS[n].kernel,
                                   .length = NX,
                                   .per = on_air ? "cell" : "cell and tracer",
                                   .flops = KERNELS[n].flops};
        const bench_work work = {.self = p,
                                 .run = KERNELS[n].run,
                                 .after = on_air ? NULL : after,
                                 .units = on_air ? p->airs.units : p->q.units,
                                 .count = on_air ? CELLS : (double)CELLS * TRACERS};
        BS_TRY(bench_measure(b, &label, &work, NULL));
    }
    return BS_OK;
}

bs_status bench_hdiff(bench *b)
{
    planes *p = NULL;
    BS_TRY(BS_NEW(&p, 1, "bench", b->err));
    bs_status st = fill(b, p);
    if (st == BS_OK) st = measure(b, p);
    bench_ring_free(&p->q);
    bench_ring_free(&p->airs);
    bs_free(p);
    return st;
}
