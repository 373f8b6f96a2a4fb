/* Settling and scavenging on strips; deposition velocities cell by cell. */

#include "kernels/column/drydep.h"
#include "kernels/column/scavenge.h"
#include "kernels/column/settle.h"
#include "model/core/memory.h"
#include "tests/bench/column.h"
#include "tests/bench/families.h"

enum { TRACERS = 16, STRIPS = 4, CELLS = 240 }; /* of a unit; CELLS: a multiple of all numbers of land-use classes */
static const double DENSITY = 1500, DIAMETER = 0.5e-6, SIGMA = 2; /* kg m-3, m, 1: fine particles */

static bs_status measure_cases(bench *b, const void *more, size_t n, const column_case *cases)
{
    column_air air = {.factors = NULL};
    bs_status st = column_air_create(b, 1, &air);
    air.more = more;
    for (size_t c = 0; c < n && st == BS_OK; c++) st = column_measure(b, &air, &cases[c]);
    column_air_free(&air);
    return st;
}

/* ---- settling ---- */

static void velocity(const columns *c, long strip)
{
    bs_settling_velocity_row(
        BENCH_NZ * BS_STRIP, c->air->more, (const double *)(const void *)column_part(c, strip, PART_VISCOSITY),
        (const double *)(const void *)column_part(c, strip, PART_PATH), column_part(c, strip, PART_FLOW));
}

static void settle_factor(const columns *c, long strip)
{
    bs_settle_factor(c->air->shape, BENCH_STEP, column_part(c, strip, PART_MASS), column_part(c, strip, PART_FLOW),
                     c->air->factors);
}

static void settle(field_columns *c, real *q, ptrdiff_t q_stride, const real *ahead)
{
    (void)ahead;
    bs_settle(c->air.shape, c->air.factors, q, q_stride, c->air.deposited);
}

static bs_status measure_settle(bench *b, field_columns *c)
{
    /* two products, a difference, a sum */
    const bench_label label = {.kernel = "settle.settle", .per = "cell and tracer", .flops = 4};
    BS_TRY(field_columns_create(b, c));
    c->run = settle;
    bs_settle_factor(c->air.shape, BENCH_STEP, c->air.part[PART_MASS], c->air.part[PART_FLOW], c->air.factors);
    return field_columns_measure(b, c, &label);
}

bs_status bench_settle(bench *b)
{
    static const column_case CASES[] = {
        {{.kernel = "settle.velocity", .per = "cell and class"},
         velocity,
         1u << PART_FLOW | 1u << PART_VISCOSITY | 1u << PART_PATH,
         STRIPS},
        {{.kernel = "settle.factor", .per = "cell and class"},
         settle_factor,
         1u << PART_MASS | 1u << PART_FLOW,
         STRIPS},
    };
    bs_sizes sizes;
    bs_slip_table table;
    bs_sizes_lognormal(DIAMETER, SIGMA, &sizes);
    bs_slip_table_fill(DENSITY, &sizes, &table);
    BS_TRY(measure_cases(b, &table, sizeof CASES / sizeof *CASES, CASES));
    if (!bench_wants(b, "settle.settle")) return BS_OK;
    field_columns c = {.isa = BS_ISA_PLAIN};
    const bs_status st = measure_settle(b, &c);
    field_columns_free(&c);
    return st;
}

/* ---- scavenging ---- */

static void loss(const columns *c, long strip)
{
    bs_scavenge_loss(c->air->shape, BENCH_STEP, column_part(c, strip, PART_RATE), column_part(c, strip, PART_LOSS));
}

static void scavenge(const columns *c, long strip)
{
    bs_scavenge(c->air->shape, c->air->part[PART_MASS], c->air->part[PART_LOSS], column_part(c, strip, PART_Q),
                c->air->deposited);
}

bs_status bench_scavenge(bench *b)
{
    static const column_case CASES[] = {
        {{.kernel = "scavenge.loss", .per = "cell and class"}, loss, 1u << PART_RATE | 1u << PART_LOSS, STRIPS},
        {{.kernel = "scavenge.scavenge", .per = "cell and tracer", .flops = 5}, scavenge, 1u << PART_Q, TRACERS},
    };
    return measure_cases(b, NULL, sizeof CASES / sizeof *CASES, CASES);
}

/* ---- deposition velocities ---- */

typedef struct velocities {
    bench_ring air;            /* CELLS bs_surface_air */
    bs_dry_class class[CELLS]; /* of the cell's land */
    double out[CELLS];         /* m s-1 */
} velocities;

static void run_velocities(void *self, long unit)
{
    velocities *v = self;
    const bs_surface_air *air = bench_ring_at(&v->air, unit);
    for (int c = 0; c < CELLS; c++) v->out[c] = bs_dry_exchange_mean(&v->class[c], air[c]);
}

/* Land changes from cell to cell, all classes in turn. */
static void fill_classes(bs_dry_scheme scheme, velocities *v)
{
    bs_sizes sizes;
    bs_sizes_lognormal(DIAMETER, SIGMA, &sizes);
    for (int c = 0; c < CELLS; c++) {
        if (scheme == BS_DRY_PLEIM2022) {
            const bs_modis_land land = (bs_modis_land)(c % BS_ML_COUNT);
            const double grows = land != BS_ML_WATER;
            const bs_ground ground = {.land = land, .cover = 0.7 * grows, .leaf_area = 2 * grows};
            bs_dry_class_fill_modal(&ground, DENSITY, DIAMETER, SIGMA, &v->class[c]);
        } else {
            bs_dry_class_fill(scheme, (bs_land_use)(c % BS_LU_COUNT), DENSITY, &sizes, &v->class[c]);
        }
    }
}

static bs_status fill_velocities(bench *b, velocities *v)
{
    bs_surface_air *air = NULL;
    uint64_t seed = 5;
    BS_TRY(BS_NEW(&air, CELLS, "bench", b->err));
    for (int c = 0; c < CELLS; c++)
        air[c] = (bs_surface_air){.temperature = 270 + 30 * bench_noise(&seed),
                                  .pressure = 7e4 + 3e4 * bench_noise(&seed),
                                  .ustar = 0.05 + 0.8 * bench_noise(&seed),
                                  .resistance = 10 + 200 * bench_noise(&seed),
                                  .wind10 = 8 * bench_noise(&seed)};
    return bench_ring_fill(sizeof *air * CELLS, air, b->ring_bytes, &v->air, b->err);
}

bs_status bench_drydep(bench *b)
{
    static const struct {
        bs_dry_scheme scheme;
        const char *name;
    } SCHEMES[] = {
        {BS_DRY_EMERSON2020, "emerson2020"}, {BS_DRY_ZHANG2001, "zhang2001"}, {BS_DRY_PLEIM2022, "pleim2022"}};
    velocities *v = NULL;
    BS_TRY(BS_NEW(&v, 1, "bench", b->err));
    bs_status st = fill_velocities(b, v);
    const bench_work work = {.self = v, .run = run_velocities, .units = v->air.units, .count = CELLS};
    for (size_t s = 0; s < sizeof SCHEMES / sizeof *SCHEMES && st == BS_OK; s++) {
        bench_label label = {.kernel = "drydep.exchange", .per = "cell and class"};
        snprintf(label.variant, sizeof label.variant, "%s", SCHEMES[s].name);
        fill_classes(SCHEMES[s].scheme, v);
        st = bench_measure(b, &label, &work, NULL);
    }
    bench_ring_free(&v->air);
    bs_free(v);
    return st;
}
