/* Conjugate gradients for the correction of the winds: a grid that fits into the second level of the cache, and one that fits into
 * none. */
#include <math.h>
#include <string.h>

#include "kernels/elliptic/elliptic2d.h"
#include "model/core/memory.h"
#include "tests/bench/bench.h"
#include "tests/bench/data.h"
#include "tests/bench/families.h"

enum { SMALL = 64, ITERATIONS = 5, ARRAYS = 22 }; /* ARRAYS: of the solver and its problem, about */

typedef struct problem {
    bs_elliptic2d p;
    double *c_xf, *c_yf, *r, *chi, *scratch, *room;
    bs_multigrid2d multigrid;
    bs_elliptic2d_result result;
} problem;

static void before(void *self, long unit)
{
    problem *p = self;
    (void)unit;
    memset(p->chi, 0, sizeof(double) * (size_t)p->p.nx * (size_t)p->p.ny);
}

static void run(void *self, long unit)
{
    problem *p = self;
    (void)unit;
    bs_elliptic2d_solve(&p->p, p->r, p->chi, p->scratch, &p->result);
}

static bs_status create(int n, problem *p, bs_err *err)
{
    const size_t cells = (size_t)n * (size_t)n, faces = cells + (size_t)n;
    uint64_t seed = 8;
    BS_TRY(BS_NEW(&p->c_xf, faces, "bench", err));
    BS_TRY(BS_NEW(&p->c_yf, faces, "bench", err));
    BS_TRY(BS_NEW(&p->r, cells, "bench", err));
    BS_TRY(BS_NEW(&p->chi, cells, "bench", err));
    BS_TRY(BS_NEW(&p->scratch, bs_elliptic2d_scratch_len(n, n), "bench", err));
    BS_TRY(BS_NEW(&p->room, bs_multigrid2d_len(n, n), "bench", err));
    for (size_t f = 0; f < faces; f++) {
        p->c_xf[f] = 0.5 + bench_noise(&seed);
        p->c_yf[f] = 0.5 + bench_noise(&seed);
    }
    for (size_t c = 0; c < cells; c++) p->r[c] = bench_noise(&seed) - 0.5;
    p->p = (bs_elliptic2d){.nx = n,
                           .ny = n,
                           .c_xf = p->c_xf,
                           .c_yf = p->c_yf,
                           .tolerance = 1e-300, /* no end but that of the iterations */
                           .max_iterations = ITERATIONS,
                           .multigrid = &p->multigrid};
    bs_multigrid2d_prepare(n, n, p->c_xf, p->c_yf, NULL, p->room, &p->multigrid);
    return BS_OK;
}

static void destroy(problem *p)
{
    bs_free(p->c_xf);
    bs_free(p->c_yf);
    bs_free(p->r);
    bs_free(p->chi);
    bs_free(p->scratch);
    bs_free(p->room);
}

bs_status bench_elliptic(bench *b)
{
    const int large = (int)sqrt((double)b->ring_bytes / (sizeof(double) * ARRAYS));
    problem p[BENCH_PLACES] = {0};
    bs_status st = create(SMALL, &p[BENCH_IN_CACHE], b->err);
    if (st == BS_OK) st = create(large, &p[BENCH_OUT_OF_CACHE], b->err);
    if (st == BS_OK) {
        bench_label label = {.kernel = "elliptic.solve", .per = "cell and iteration"};
        bench_work work[BENCH_PLACES];
        for (int place = 0; place < BENCH_PLACES; place++)
            work[place] = (bench_work){.self = &p[place],
                                       .before = before,
                                       .run = run,
                                       .units = 1,
                                       .count = (double)p[place].p.nx * p[place].p.ny * ITERATIONS};
        snprintf(label.variant, sizeof label.variant, "%d x %d; %d x %d", SMALL, SMALL, large, large);
        st = bench_measure(b, &label, &work[BENCH_IN_CACHE], &work[BENCH_OUT_OF_CACHE]);
    }
    destroy(&p[0]);
    destroy(&p[1]);
    return st;
}
