/* Coefficients of a bundle, across and along, and rows of a field to a bundle and back. The air of a ring lies as in a run: rows and
 * planes without padding. */
#include <string.h>

#include "kernels/advection/sweep.h"
#include "model/core/memory.h"
#include "tests/bench/bench.h"
#include "tests/bench/data.h"
#include "tests/bench/families.h"

/* ---- coefficients ---- */

typedef struct layout { /* of one block of the air's ring: a plane, or a field where pencils are columns */
    const char *kernel;
    int n, n_bundles, bundles_per_unit, abreast; /* abreast: bundles set up at once */
    bool along;
    ptrdiff_t stride, face_stride; /* of pencils' cells (across) or of pencils (along) */
    double courant;
} layout;

typedef struct coefficients {
    layout l;
    bench_ring mass, flux; /* a block of flux holds both ends of an interval */
    size_t faces;          /* of a block, one end */
    real *scratch;
    bs_sweep sweep[BS_ABREAST];
    const bs_sweep_kernels *k;
} coefficients;

static ptrdiff_t lanes_apart(const layout *l, ptrdiff_t stride)
{
    return l->along ? stride : 1;
}

static void run_setup(void *self, long unit)
{
    coefficients *c = self;
    const layout *l = &c->l;
    const int groups = l->n_bundles / l->bundles_per_unit, first = (int)(unit % groups) * l->bundles_per_unit;
    double *m = bench_ring_at(&c->mass, unit / groups);
    const double *f = bench_ring_at(&c->flux, unit / groups);
    for (int bundle = first; bundle < first + l->bundles_per_unit; bundle += l->abreast) {
        const ptrdiff_t pencil = (ptrdiff_t)bundle * BS_LANES, face = pencil * lanes_apart(l, l->face_stride);
        const bs_air_flux flux = {
            .f0 = f + face, .f1 = f + c->faces + face, .w0 = 0.5, .w1 = 0.5, .stride = l->face_stride};
        const bs_air_mass air = {.m = m + pencil * lanes_apart(l, l->stride), .stride = l->stride};
        const bool column = l->n == BENCH_NZ && !l->along;
        (l->along ? c->k->setup_along : c->k->setup_across)(BS_PPM6_SEL, l->n, BS_LANES * l->abreast, &flux, &air,
                                                            column ? 0 : BS_SIDE_LOW | BS_SIDE_HIGH, c->scratch,
                                                            c->sweep);
    }
}

/* A sweep has moved the air: the pencils of a unit get theirs back. */
static void after_setup(void *self, long unit)
{
    const coefficients *c = self;
    const layout *l = &c->l;
    const int groups = l->n_bundles / l->bundles_per_unit, pencils = l->bundles_per_unit * BS_LANES;
    const ptrdiff_t at = (unit % groups) * pencils * lanes_apart(l, l->stride);
    double *m = (double *)bench_ring_at(&c->mass, unit / groups) + at;
    const double *start = (const double *)c->mass.block + at;
    if (l->along) {
        memcpy(m, start, sizeof(double) * (size_t)pencils * (size_t)l->n);
        return;
    }
    for (int i = 0; i < l->n; i++) memcpy(m + i * l->stride, start + i * l->stride, sizeof(double) * (size_t)pencils);
}

static bs_status fill_setup(bench *b, coefficients *c)
{
    const layout *l = &c->l;
    const int pencils = l->n_bundles * BS_LANES;
    const size_t cells = (size_t)(l->along ? l->n * pencils : l->n * l->stride);
    c->faces = (size_t)(l->along ? (l->n + 1) * pencils : (l->n + 1) * l->face_stride);
    double *m = NULL, *f = NULL;
    BS_TRY(BS_NEW(&m, cells, "bench", b->err));
    for (int p = 0; p < pencils; p++)
        for (int i = 0; i < l->n; i++)
            m[p * lanes_apart(l, l->stride) + i * (l->along ? 1 : l->stride)] = bench_mass(p, i);
    BS_TRY(bench_ring_fill(sizeof(double) * cells, m, b->ring_bytes / 3, &c->mass, b->err));
    BS_TRY(BS_NEW(&f, 2 * c->faces, "bench", b->err));
    for (int p = 0; p < pencils; p++)
        for (int i = 0; i <= l->n; i++) {
            const ptrdiff_t at = p * lanes_apart(l, l->face_stride) + i * (l->along ? 1 : l->face_stride);
            const bool column = l->n == BENCH_NZ && !l->along;
            f[at] = f[(size_t)at + c->faces] = BENCH_MASS * bench_flux(l->courant, l->n, column, p, i);
        }
    BS_TRY(bench_ring_fill(2 * sizeof(double) * c->faces, f, b->ring_bytes / 3 * 2, &c->flux, b->err));
    return BS_NEW(&c->scratch, bs_sweep_scratch_len(l->n) * (size_t)l->abreast, "bench", b->err);
}

static bs_status measure_setup(bench *b, coefficients *c)
{
    const layout *l = &c->l;
    const long blocks = c->mass.units < c->flux.units ? c->mass.units : c->flux.units;
    const bench_work work = {.self = c,
                             .run = run_setup,
                             .after = after_setup,
                             .units = blocks * (l->n_bundles / l->bundles_per_unit),
                             .count = (double)l->n * BS_LANES * l->bundles_per_unit};
    for (int isa = (int)bs_isa_best(); isa >= 0; isa--) {
        bench_label label = {.kernel = l->kernel,
                             .length = l->n,
                             .courant = l->courant,
                             .chosen = true,
                             .isa = (bs_isa)isa,
                             .per = "cell"};
        if (l->abreast > 1) snprintf(label.variant, sizeof label.variant, "%d abreast", l->abreast);
        c->k = bs_sweep_kernels_for((bs_isa)isa);
        BS_TRY(bench_measure(b, &label, &work, NULL));
    }
    return BS_OK;
}

static bs_status one_layout(bench *b, layout l)
{
    coefficients c = {.l = l};
    bs_status st = fill_setup(b, &c);
    if (st == BS_OK) st = measure_setup(b, &c);
    bench_ring_free(&c.mass);
    bench_ring_free(&c.flux);
    bs_free(c.scratch);
    return st;
}

static bs_status measure_setups(bench *b)
{
    enum { ROW = BENCH_NX, AREA = BENCH_NY * BENCH_NY, IN_ROW = BENCH_NX / BS_LANES };
    static const char *const ACROSS = "air.setup_across", *const ALONG = "air.setup_along";
    for (int long_step = 0; long_step < 2; long_step++) {
        const double courant = long_step ? 2 : 0.3;
        const layout layouts[] = {
            {ACROSS, BENCH_NY, IN_ROW, 2, 1, false, ROW, ROW, courant},
            {ACROSS, BENCH_NZ, AREA / BS_LANES, 5 * BS_ABREAST, BS_ABREAST, false, AREA, AREA, courant},
            {ALONG, BENCH_NY, IN_ROW, 2, 1, true, BENCH_NY, BENCH_NY + 1, courant},
            {ALONG, BENCH_NZ, IN_ROW, 12, 1, true, BENCH_NZ, BENCH_NZ + 1, courant},
        };
        for (size_t n = 0; n < sizeof layouts / sizeof *layouts; n++)
            if (bench_wants(b, layouts[n].kernel)) BS_TRY(one_layout(b, layouts[n]));
    }
    return BS_OK;
}

/* ---- rows ---- */

typedef struct rows {
    bench_fields fields;
    bs_box box; /* of the same memory, rows along x being as long as the pencils */
    real *bundle;
    const bs_sweep_kernels *k;
    bool in;
} rows;

/* All tracers of a bundle of rows. */
static void run_rows(void *self, long unit)
{
    rows *r = self;
    const int in_plane = r->box.ny / BS_LANES, in_group = (int)(unit % ((long)in_plane * r->box.nz));
    const int group = (int)(unit / ((long)in_plane * r->box.nz));
    const ptrdiff_t at = bs_at(&r->box, in_group / in_plane, in_group % in_plane * BS_LANES, 0);
    for (int t = 0; t < r->fields.tracers; t++) {
        real *field = bench_field(&r->fields, group, t) + at;
        if (r->in)
            r->k->rows_in(r->box.nx, BS_LANES, field, r->box.row, r->bundle);
        else
            r->k->rows_out(r->box.nx, BS_LANES, r->bundle, field, r->box.row);
    }
}

static bs_status measure_rows(bench *b, rows *r)
{
    for (int n = 0; n < 2; n++) {
        /* planes of rows of either length, as many as fit into a field */
        r->box = bs_box_make(n ? BENCH_NZ : BENCH_NY, BENCH_NX, 1, 0);
        r->box.nz = (int)(r->fields.box.volume / r->box.plane);
        const bench_work work = {.self = r,
                                 .run = run_rows,
                                 .units = (long)r->box.ny / BS_LANES * r->box.nz * r->fields.groups,
                                 .count = (double)r->box.nx * BS_LANES * r->fields.tracers};
        for (int in = 1; in >= 0; in--)
            for (int isa = (int)bs_isa_best(); isa >= 0; isa--) {
                const bench_label label = {.kernel = in ? "air.rows_in" : "air.rows_out",
                                           .length = r->box.nx,
                                           .chosen = true,
                                           .isa = (bs_isa)isa,
                                           .per = "cell and tracer"};
                r->in = in;
                r->k = bs_sweep_kernels_for((bs_isa)isa);
                BS_TRY(bench_measure(b, &label, &work, NULL));
            }
    }
    return BS_OK;
}

bs_status bench_air(bench *b)
{
    BS_TRY(measure_setups(b));
    if (!bench_wants(b, "air.rows_in") && !bench_wants(b, "air.rows_out")) return BS_OK;
    rows r = {.in = true};
    bs_status st = bench_fields_create(b->ring_bytes, b->quick, &r.fields, b->err);
    if (st == BS_OK) st = BS_NEW(&r.bundle, BENCH_NY * BS_LANES, "bench", b->err);
    for (int c = 0; st == BS_OK && c < BENCH_NY * BS_LANES; c++) r.bundle[c] = (real)BENCH_MEDIAN;
    if (st == BS_OK) st = measure_rows(b, &r);
    bench_fields_free(&r.fields);
    bs_free(r.bundle);
    return st;
}
