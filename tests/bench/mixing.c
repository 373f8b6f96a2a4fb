/* Vertical diffusion, with and without convective plumes. */
#include "kernels/column/acm2.h"
#include "kernels/column/vdiff.h"
#include "tests/bench/column.h"
#include "tests/bench/families.h"

enum { TRACERS = 16, STRIPS = 4 }; /* strips of a unit: of tracers that share air, of air */
static const double STRONG = 5;    /* mixing, for several substeps of TR-BDF2 */
#define TRACER "cell and tracer"

/* ---- backward Euler, on fields ---- */

static void solve_be(field_columns *c, real *q, ptrdiff_t q_stride, const real *ahead)
{
    bs_vdiff_kernels_for(c->isa)->solve_be(c->air.shape, c->air.factors, NULL, 0, q, q_stride, ahead, c->air.deposited,
                                           c->air.scratch);
}

static bs_status measure_be(bench *b, field_columns *c)
{
    BS_TRY(field_columns_create(b, c));
    c->run = solve_be;
    bs_vdiff_factor_be(c->air.shape, BENCH_STEP, c->air.part[PART_MASS], c->air.part[PART_MIX], c->air.dep,
                       c->air.factors);
    for (int isa = (int)bs_isa_best(); isa >= 0; isa--) {
        /* upward 5, downward 7 */
        const bench_label label = {.kernel = "vdiff.solve_be",
                                   .variant = "backward Euler",
                                   .chosen = true,
                                   .isa = (bs_isa)isa,
                                   .per = TRACER,
                                   .flops = 12};
        c->isa = (bs_isa)isa;
        BS_TRY(field_columns_measure(b, c, &label));
    }
    return BS_OK;
}

/* ---- the rest, on strips ---- */

static void factor_be(const columns *c, long strip)
{
    bs_vdiff_factor_be(c->air->shape, BENCH_STEP, column_part(c, strip, PART_MASS), column_part(c, strip, PART_MIX),
                       c->air->dep, c->air->factors);
}

static void factor_tr(const columns *c, long strip)
{
    bs_vdiff_factor_tr(c->air->shape, BENCH_STEP, column_part(c, strip, PART_MASS), column_part(c, strip, PART_MIX),
                       c->air->dep, c->air->factors);
}

static void solve_tr(const columns *c, long strip)
{
    bs_vdiff_solve_tr(c->air->shape, c->air->factors, c->air->part[PART_MASS], NULL, 0, column_part(c, strip, PART_Q),
                      c->air->deposited, c->air->scratch);
}

/* Of the column that takes most: the others wait for it. */
static int substeps_of(const column_air *air)
{
    real rate[BS_STRIP];
    int most = 1;
    bs_vdiff_max_rate(air->shape, air->part[PART_MASS], air->part[PART_MIX], air->dep, rate);
    for (int i = 0; i < BS_STRIP; i++) {
        const int n = bs_vdiff_substeps(BENCH_STEP, (double)rate[i]);
        most = n > most ? n : most;
    }
    return most;
}

static bs_status measure_tr(bench *b, double mixing, column_air *air)
{
    BS_TRY(column_air_create(b, mixing, air));
    const int substeps = substeps_of(air);
    bs_vdiff_factor_tr(air->shape, BENCH_STEP, air->part[PART_MASS], air->part[PART_MIX], air->dep, air->factors);
    /* two solves of 12, two additions of 7, 2 between them */
    column_case solve = {.label = {.kernel = "vdiff.solve_tr", .per = TRACER, .flops = 40.0 * substeps},
                         .run = solve_tr,
                         .parts = 1u << PART_Q,
                         .strips = TRACERS};
    snprintf(solve.label.variant, sizeof solve.label.variant, "TR-BDF2, %d substeps", substeps);
    return column_measure(b, air, &solve);
}

static bs_status measure_factors(bench *b, column_air *air)
{
    static const column_case FACTORS[] = {
        {{.kernel = "vdiff.factor_be", .variant = "backward Euler", .per = "cell"},
         factor_be,
         1u << PART_MASS | 1u << PART_MIX,
         STRIPS},
        {{.kernel = "vdiff.factor_tr", .variant = "TR-BDF2", .per = "cell"},
         factor_tr,
         1u << PART_MASS | 1u << PART_MIX,
         STRIPS},
    };
    BS_TRY(column_air_create(b, 1, air));
    for (size_t n = 0; n < sizeof FACTORS / sizeof *FACTORS; n++) BS_TRY(column_measure(b, air, &FACTORS[n]));
    return BS_OK;
}

bs_status bench_vdiff(bench *b)
{
    column_air air = {.factors = NULL};
    bs_status st = measure_factors(b, &air);
    column_air_free(&air);
    if (st == BS_OK && bench_wants(b, "vdiff.solve_be")) {
        field_columns c = {.isa = BS_ISA_PLAIN};
        st = measure_be(b, &c);
        field_columns_free(&c);
    }
    for (int strong = 0; strong < 2 && st == BS_OK; strong++) {
        air = (column_air){.factors = NULL};
        st = measure_tr(b, strong ? STRONG : 1, &air);
        column_air_free(&air);
    }
    return st;
}

/* ---- ACM2 ---- */

static void acm2_split(const columns *c, long strip)
{
    bs_acm2_split(c->air->shape, column_part(c, strip, PART_MASS), c->air->share, c->air->pbl_air,
                  column_part(c, strip, PART_MIX), column_part(c, strip, PART_UP));
}

static void acm2_factor(const columns *c, long strip)
{
    bs_acm2_factor(c->air->shape, BENCH_STEP, column_part(c, strip, PART_MASS), column_part(c, strip, PART_LOCAL),
                   column_part(c, strip, PART_UP), c->air->dep, c->air->factors);
}

static void acm2_solve(const columns *c, long strip)
{
    bs_acm2_solve(c->air->shape, c->air->factors, NULL, 0, column_part(c, strip, PART_Q), c->air->deposited,
                  c->air->scratch);
}

bs_status bench_acm2(bench *b)
{
    /* up 4, down 5, added 1; 4 more in the third of the layers that plumes reach */
    static const column_case CASES[] = {
        {{.kernel = "acm2.split", .per = "cell"}, acm2_split, 1u << PART_MASS | 1u << PART_MIX | 1u << PART_UP, STRIPS},
        {{.kernel = "acm2.factor", .per = "cell"},
         acm2_factor,
         1u << PART_MASS | 1u << PART_LOCAL | 1u << PART_UP,
         STRIPS},
        {{.kernel = "acm2.solve", .per = TRACER, .flops = 10 + 4.0 / 3}, acm2_solve, 1u << PART_Q, TRACERS},
    };
    column_air air = {.factors = NULL};
    bs_status st = column_air_create(b, 1, &air);
    if (st == BS_OK)
        bs_acm2_factor(air.shape, BENCH_STEP, air.part[PART_MASS], air.part[PART_LOCAL], air.part[PART_UP], air.dep,
                       air.factors);
    for (size_t n = 0; n < sizeof CASES / sizeof *CASES && st == BS_OK; n++) st = column_measure(b, &air, &CASES[n]);
    column_air_free(&air);
    return st;
}
