/* Sweeps of a bundle, all tracers of a group in turn, as model/operators has them: along y where the field lies (its columns are
 * planes' rows apart), with air beyond the sides; along z between walls. Coefficients are made before each unit, untimed. */
#include <string.h>

#include "kernels/advection/sweep.h"
#include "model/bench/measure.h"
#include "model/core/memory.h"
#include "tests/bench/bench.h"
#include "tests/bench/data.h"
#include "tests/bench/families.h"

enum { BUNDLES = BENCH_NX / BS_LANES };

typedef enum kind { TOTAL, TOTAL_PHI, TAG } kind;

typedef struct sweeps {
    bench_fields fields;
    double *flux;     /* [BUNDLES][n+1][BS_LANES] kg */
    double *mass, *m; /* [BUNDLES][n][BS_LANES] kg; [n][BS_LANES] of the bundle at hand */
    real *scratch, *phi;
    real beyond[BS_GHOST * BS_LANES];
    double through[2 * BS_LANES];
    const bs_sweep_kernels *k;
    bs_scheme scheme;
    kind kind;
    bool column; /* along z */
    int n;
    bs_sweep sweep;
} sweeps;

typedef struct place { /* of a unit */
    int group, bundle;
    ptrdiff_t at, stride;
} place;

static place place_of(const sweeps *s, long unit)
{
    const bs_box *box = &s->fields.box;
    const long bundles = (long)BUNDLES * (s->column ? box->ny : box->nz);
    const int in_group = (int)(unit % bundles), slab = in_group / BUNDLES, bundle = in_group % BUNDLES;
    const int i = bundle * BS_LANES;
    return (place){.group = (int)(unit / bundles),
                   .bundle = bundle,
                   .at = s->column ? bs_at(box, 0, slab, i) : bs_at(box, slab, 0, i),
                   .stride = s->column ? box->plane : box->row};
}

static void before(void *self, long unit)
{
    sweeps *s = self;
    const int bundle = place_of(s, unit).bundle, n = s->n;
    const size_t cells = (size_t)n * BS_LANES;
    const double *flux = s->flux + (size_t)bundle * (cells + BS_LANES);
    memcpy(s->m, s->mass + (size_t)bundle * cells, sizeof(double) * cells);
    const bs_air_flux moved = {.f0 = flux, .f1 = flux, .w0 = 0.5, .w1 = 0.5, .stride = BS_LANES};
    const bs_air_mass air = {.m = s->m, .stride = BS_LANES};
    s->k->setup_across(s->scheme, n, BS_LANES, &moved, &air, s->column ? 0 : BS_SIDE_LOW | BS_SIDE_HIGH, s->scratch,
                       &s->sweep);
}

static void run(void *self, long unit)
{
    sweeps *s = self;
    const place p = place_of(s, unit);
    const int tracers = s->fields.tracers;
    double *through = s->column ? NULL : s->through;
    for (int t = 0; t < tracers; t++) {
        const bs_pencils q = {.q = bench_field(&s->fields, p.group, t) + p.at,
                              .stride = p.stride,
                              .low = s->column ? NULL : s->beyond,
                              .high = s->column ? NULL : s->beyond,
                              .ghost_stride = BS_LANES,
                              .ahead = t + 1 < tracers ? bench_field(&s->fields, p.group, t + 1) + p.at : NULL,
                              .ahead_step = p.stride,
                              .ahead_bits = 30,
                              .ahead_n = s->sweep.n};
        if (s->kind == TAG)
            s->k->tag[s->scheme](&s->sweep, s->scratch, &q, s->phi, through);
        else
            s->k->total[s->scheme](&s->sweep, s->scratch, &q, s->kind == TOTAL_PHI ? s->phi : NULL, through);
    }
}

static void after(void *self, long unit)
{
    const sweeps *s = self;
    const place p = place_of(s, unit);
    bench_fields_restore(&s->fields, p.group, p.at, s->n, p.stride, BS_LANES);
}

/* A tag's face needs no limiter, only the product with phi; a total that keeps phi compares, divides and selects. */
static double flops_of(bs_scheme scheme, kind kind)
{
    const double edges = scheme == BS_PPM_CW84 ? -3 : 0;
    if (bs_scheme_at(scheme)->linear || kind == TOTAL) return bs_bench_sweep_flops(scheme);
    return kind == TAG ? bs_bench_sweep_flops(BS_PPM6_LIN) + edges + 1 : bs_bench_sweep_flops(scheme) + 3;
}

static void fill_air(sweeps *s, double courant)
{
    for (int p = 0; p < BENCH_NX; p++) {
        const size_t bundle = (size_t)(p / BS_LANES), lane = (size_t)(p % BS_LANES), n = (size_t)s->n;
        for (int f = 0; f <= s->n; f++)
            s->flux[(bundle * (n + 1) + (size_t)f) * BS_LANES + lane] =
                BENCH_MASS * bench_flux(courant, s->n, s->column, p, f);
        for (int i = 0; i < s->n; i++) s->mass[(bundle * n + (size_t)i) * BS_LANES + lane] = bench_mass(p, i);
    }
}

static bs_status measure_kind(bench *b, sweeps *s, double courant, const char *name)
{
    const bs_box *box = &s->fields.box;
    const bench_work work = {.self = s,
                             .before = before,
                             .run = run,
                             .after = after,
                             .units = (long)BUNDLES * (s->column ? box->ny : box->nz) * s->fields.groups,
                             .count = (double)s->n * BS_LANES * s->fields.tracers};
    for (int scheme = 0; scheme < BS_SCHEME_COUNT; scheme++)
        for (int isa = (int)bs_isa_best(); isa >= 0; isa--) {
            bench_label label = {.kernel = name, .length = s->n, .courant = courant, .chosen = true};
            label.isa = (bs_isa)isa, label.per = "cell and tracer";
            label.flops = courant <= 1 ? flops_of((bs_scheme)scheme, s->kind) : 0;
            snprintf(label.variant, sizeof label.variant, "%s", bs_scheme_at((bs_scheme)scheme)->name);
            s->scheme = (bs_scheme)scheme;
            s->k = bs_sweep_kernels_for((bs_isa)isa);
            BS_TRY(bench_measure(b, &label, &work, NULL));
        }
    return BS_OK;
}

static bs_status measure_all(bench *b, sweeps *s)
{
    static const char *const NAMES[] = {[TOTAL] = "sweep.total", [TOTAL_PHI] = "sweep.total_phi", [TAG] = "sweep.tag"};
    for (int long_step = 0; long_step < 2; long_step++)
        for (int column = 0; column < 2; column++) {
            const double courant = long_step ? 2 : 0.3;
            s->column = column;
            s->n = column ? BENCH_NZ : BENCH_NY;
            fill_air(s, courant);
            for (int kind = 0; kind <= TAG; kind++) {
                s->kind = (enum kind)kind;
                for (int c = 0; c < (s->n + 1) * BS_LANES; c++) s->phi[c] = c % 7 ? 1 : (real)0.5; /* for tags */
                BS_TRY(measure_kind(b, s, courant, NAMES[kind]));
            }
        }
    return BS_OK;
}

static bs_status create(bench *b, sweeps *s)
{
    const size_t cells = (size_t)BENCH_NY * BS_LANES, faces = cells + BS_LANES;
    BS_TRY(bench_fields_create(b->ring_bytes, b->quick, &s->fields, b->err));
    BS_TRY(BS_NEW(&s->flux, BUNDLES * faces, "bench", b->err));
    BS_TRY(BS_NEW(&s->mass, BUNDLES * cells, "bench", b->err));
    BS_TRY(BS_NEW(&s->m, cells, "bench", b->err));
    BS_TRY(BS_NEW(&s->phi, faces, "bench", b->err));
    for (int c = 0; c < BS_GHOST * BS_LANES; c++) s->beyond[c] = (real)BENCH_MEDIAN;
    return BS_NEW(&s->scratch, bs_sweep_scratch_len(BENCH_NY), "bench", b->err);
}

bs_status bench_sweep(bench *b)
{
    sweeps s = {.n = 0};
    bs_status st = create(b, &s);
    if (st == BS_OK) st = measure_all(b, &s);
    bench_fields_free(&s.fields);
    bs_free(s.flux);
    bs_free(s.mass);
    bs_free(s.m);
    bs_free(s.phi);
    bs_free(s.scratch);
    return st;
}
