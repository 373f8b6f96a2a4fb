#include <math.h>
#include <string.h>

#include "kernels/column/acm2.h"
#include "kernels/column/scavenge.h"
#include "kernels/column/settle.h"
#include "kernels/column/vdiff.h"
#include "model/core/memory.h"
#include "tests/bench/column.h"

/* Elements of a part of a strip. */
static size_t length_of(int part)
{
    const size_t field = (size_t)BENCH_NZ * BS_STRIP;
    if (part == PART_VISCOSITY || part == PART_PATH) return field * sizeof(double) / sizeof(real);
    return part == PART_MIX || part == PART_LOCAL || part == PART_UP ? field + BS_STRIP : field;
}

static size_t offset_of(unsigned parts, int part)
{
    size_t offset = 0;
    for (int p = 0; p < part; p++)
        if (parts & 1u << p) offset += length_of(p);
    return offset;
}

static void fill_air(column_air *a, double mixing)
{
    const int nz = BENCH_NZ;
    uint64_t seed = 17;
    double *viscosity = (double *)(void *)a->part[PART_VISCOSITY], *path = (double *)(void *)a->part[PART_PATH];
    for (int k = 0; k < nz; k++)
        for (int i = 0; i < BS_STRIP; i++) {
            const int at = k * BS_STRIP + i;
            const double rho = 1.2 * exp(-1.5 * k / nz), temperature = 290 - 2 * k, pressure = 287 * rho * temperature;
            a->part[PART_MASS][at] = (real)((1 + 5.0 * k / (nz - 1.0)) / (3.5 * nz) * BENCH_COLUMN);
            a->part[PART_MIX][at] = k ? (real)(mixing * (3 * k < nz ? 0.3 : 0.005) * (0.5 + bench_noise(&seed))) : 0;
            a->part[PART_FLOW][at] = (real)(rho * 2e-4 * (0.5 + bench_noise(&seed)));
            a->part[PART_RATE][at] = (real)bs_scavenge_in_cloud(BS_SCAVENGE_FINE, 1e-3 * bench_noise(&seed));
            viscosity[at] = bs_air_viscosity(temperature + bench_noise(&seed));
            path[at] = log(bs_mean_free_path(temperature + bench_noise(&seed), pressure));
        }
    for (int i = 0; i < BS_STRIP; i++) {
        a->dep[i] = (real)(1.2 * 2e-3 * (0.5 + bench_noise(&seed)));
        a->share[i] = (real)0.5;
        a->pbl_air[i] = 0;
        for (int k = 0; 3 * k < nz; k++) a->pbl_air[i] += a->part[PART_MASS][k * BS_STRIP + i];
    }
    memcpy(a->part[PART_LOCAL], a->part[PART_MIX], sizeof(real) * length_of(PART_MIX));
    bs_acm2_split(a->shape, a->part[PART_MASS], a->share, a->pbl_air, a->part[PART_LOCAL], a->part[PART_UP]);
    bs_scavenge_loss(a->shape, BENCH_STEP, a->part[PART_RATE], a->part[PART_LOSS]);
    bench_texture((ptrdiff_t)length_of(PART_Q), BS_STRIP, a->part[PART_Q]);
}

bs_status column_air_create(bench *b, double mixing, column_air *out)
{
    *out = (column_air){.shape = {BS_STRIP, BENCH_NZ, BS_STRIP}};
    const ptrdiff_t v = bs_vdiff_factor_len(out->shape), a = bs_acm2_factor_len(out->shape);
    for (int p = 0; p < PART_COUNT; p++) BS_TRY(BS_NEW(&out->part[p], length_of(p), "bench", b->err));
    BS_TRY(BS_NEW(&out->factors, v > a ? v : a, "bench", b->err));
    BS_TRY(BS_NEW(&out->scratch, bs_vdiff_scratch_len(out->shape) + bs_acm2_scratch_len(out->shape), "bench", b->err));
    fill_air(out, mixing);
    return BS_OK;
}

void column_air_free(column_air *air)
{
    for (int p = 0; p < PART_COUNT; p++) bs_free(air->part[p]);
    bs_free(air->factors);
    bs_free(air->scratch);
}

real *column_part(const columns *c, long strip, int part)
{
    if (!(c->what->parts & 1u << part)) return c->air->part[part];
    const size_t strip_length = offset_of(c->what->parts, PART_COUNT);
    real *unit = bench_ring_at(&c->ring, strip / c->what->strips);
    return unit + (size_t)(strip % c->what->strips) * strip_length + offset_of(c->what->parts, part);
}

static void run(void *self, long unit)
{
    const columns *c = self;
    for (long s = 0; s < c->what->strips; s++) c->what->run(c, unit * c->what->strips + s);
}

static void after(void *self, long unit)
{
    const columns *c = self;
    bench_ring_restore(&c->ring, unit);
}

/* Strips differ in their mixing ratios and in nothing else. */
static bs_status fill_ring(bench *b, columns *c)
{
    const column_case *what = c->what;
    const size_t strip = offset_of(what->parts, PART_COUNT), all = strip * (size_t)what->strips;
    real *block = NULL;
    BS_TRY(BS_NEW(&block, all, "bench", b->err));
    for (int s = 0; s < what->strips; s++)
        for (int p = 0; p < PART_COUNT; p++)
            if (what->parts & 1u << p)
                memcpy(block + (size_t)s * strip + offset_of(what->parts, p), c->air->part[p],
                       sizeof(real) * length_of(p));
    if (what->parts == 1u << PART_Q) bench_texture((ptrdiff_t)all, BS_STRIP, block);
    return bench_ring_fill(sizeof(real) * all, block, b->ring_bytes, &c->ring, b->err);
}

bs_status column_measure(bench *b, column_air *air, const column_case *what)
{
    if (!bench_wants(b, what->label.kernel)) return BS_OK;
    columns c = {.air = air, .what = what};
    bs_status st = fill_ring(b, &c);
    if (st == BS_OK) {
        bench_label label = what->label;
        label.length = BENCH_NZ;
        const bench_work work = {.self = &c,
                                 .run = run,
                                 .after = after,
                                 .units = c.ring.units,
                                 .count = (double)BENCH_NZ * BS_STRIP * what->strips};
        st = bench_measure(b, &label, &work, NULL);
    }
    bench_ring_free(&c.ring);
    return st;
}

/* ---- on fields ---- */

enum { STRIPS_IN_ROW = BENCH_NX / BS_STRIP };

static ptrdiff_t strip_at(const bs_box *box, long strip)
{
    return bs_at(box, 0, (int)(strip / STRIPS_IN_ROW), (int)(strip % STRIPS_IN_ROW) * BS_STRIP);
}

static void run_strip(void *self, long unit)
{
    field_columns *c = self;
    const bs_box *box = &c->fields.box;
    const long strips = (long)box->ny * STRIPS_IN_ROW;
    const int group = (int)(unit / strips), tracers = c->fields.tracers;
    const ptrdiff_t at = strip_at(box, unit % strips);
    for (int t = 0; t < tracers; t++) {
        const real *ahead = t + 1 < tracers ? bench_field(&c->fields, group, t + 1) + at : NULL;
        c->run(c, bench_field(&c->fields, group, t) + at, box->plane, ahead);
    }
}

static void after_strip(void *self, long unit)
{
    const field_columns *c = self;
    const bs_box *box = &c->fields.box;
    const long strips = (long)box->ny * STRIPS_IN_ROW;
    bench_fields_restore(&c->fields, (int)(unit / strips), strip_at(box, unit % strips), BENCH_NZ, box->plane,
                         BS_STRIP);
}

bs_status field_columns_create(bench *b, field_columns *out)
{
    *out = (field_columns){.isa = BS_ISA_PLAIN};
    BS_TRY(bench_fields_create(b->ring_bytes, b->quick, &out->fields, b->err));
    return column_air_create(b, 1, &out->air);
}

void field_columns_free(field_columns *c)
{
    bench_fields_free(&c->fields);
    column_air_free(&c->air);
}

bs_status field_columns_measure(bench *b, field_columns *c, const bench_label *label)
{
    bench_label filled = *label;
    filled.length = BENCH_NZ;
    const bench_work work = {.self = c,
                             .run = run_strip,
                             .after = after_strip,
                             .units = (long)c->fields.box.ny * STRIPS_IN_ROW * c->fields.groups,
                             .count = (double)BENCH_NZ * BS_STRIP * c->fields.tracers};
    return bench_measure(b, &filled, &work, NULL);
}
