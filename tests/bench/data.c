#include <math.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "model/core/memory.h"
#include "tests/bench/data.h"

double bench_noise(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return ((double)(*seed >> 11) + 0.5) / 9007199254740992.0;
}

void bench_texture(ptrdiff_t n, ptrdiff_t row, real *out)
{
    uint64_t seed = 4;
    for (ptrdiff_t c = 0; c < n; c++) {
        const double gauss = sqrt(-2 * log(bench_noise(&seed))) * cos(2 * BS_PI * bench_noise(&seed));
        const double i = (double)(c % row), j = (double)(c / row);
        out[c] = (real)(BENCH_MEDIAN * exp(0.5 * (sin(i / 5) + sin(j / 7)) + 0.7 * gauss));
    }
}

double bench_flux(double courant, int n, bool column, int pencil, int face)
{
    const double t = 2 * BS_PI, phase = 0.2 * pencil / 7;
    if (column) return 0.95 * courant * sin(t * face / n) * cos(t * pencil / 37.0);
    return 0.9 * courant * (0.75 * sin(t * face / 29 + phase) + 0.25 * sin(t * face / 23 + 2 + phase));
}

double bench_mass(int pencil, int cell)
{
    return BENCH_MASS * (1 + 0.05 * sin(cell / 9.0 + pencil));
}

/* ---- copies of one block ---- */

bs_status bench_ring_fill(size_t bytes, void *block, size_t total, bench_ring *out, bs_err *err)
{
    const size_t lines = (bytes + 63) / 64 | 1; /* an odd number: blocks fall into different sets of a cache */
    *out = (bench_ring){.block = block, .bytes = bytes, .stride = 64 * lines};
    out->units = (long)(total / out->stride) + 2;
    BS_TRY(BS_NEW(&out->data, out->stride * (size_t)out->units, "bench", err));
    for (long u = 0; u < out->units; u++) bench_ring_restore(out, u);
    return BS_OK;
}

void bench_ring_free(bench_ring *ring)
{
    bs_free(ring->block);
    bs_free(ring->data);
    *ring = (bench_ring){0};
}

void *bench_ring_at(const bench_ring *ring, long unit)
{
    return ring->data + (size_t)unit * ring->stride;
}

void bench_ring_restore(const bench_ring *ring, long unit)
{
    memcpy(bench_ring_at(ring, unit), ring->block, ring->bytes);
}

/* ---- fields ---- */

enum { TRACERS = 16, TRACERS_QUICK = 3, APART = 37 * BS_BOX_LINE }; /* elements between the beginnings of tracers */

bs_status bench_fields_create(size_t total, bool quick, bench_fields *out, bs_err *err)
{
    *out =
        (bench_fields){.box = bs_box_make(BENCH_NX, BENCH_NY, BENCH_NZ, 0), .tracers = quick ? TRACERS_QUICK : TRACERS};
    const ptrdiff_t group = out->box.volume * out->tracers, all = out->box.volume + (ptrdiff_t)out->tracers * APART;
    out->groups = (int)(total / ((size_t)group * sizeof(real))) + 1;
    BS_TRY(BS_NEW(&out->start, all, "bench", err));
    BS_TRY(BS_NEW(&out->q, group * out->groups, "bench", err));
    bench_texture(all, out->box.row, out->start);
    for (int g = 0; g < out->groups; g++)
        for (int t = 0; t < out->tracers; t++)
            memcpy(bench_field(out, g, t), out->start + t * APART, sizeof(real) * (size_t)out->box.volume);
    return BS_OK;
}

void bench_fields_free(bench_fields *fields)
{
    bs_free(fields->q);
    bs_free(fields->start);
    *fields = (bench_fields){.q = NULL};
}

real *bench_field(const bench_fields *f, int group, int tracer)
{
    return f->q + ((ptrdiff_t)group * f->tracers + tracer) * f->box.volume;
}

void bench_fields_restore(const bench_fields *f, int group, ptrdiff_t at, int rows, ptrdiff_t row, int count)
{
    for (int t = 0; t < f->tracers; t++)
        for (int r = 0; r < rows; r++) {
            const ptrdiff_t o = at + r * row;
            memcpy(bench_field(f, group, t) + o, f->start + t * APART + o, sizeof(real) * (size_t)count);
        }
}
