#include "model/operators/strips.h"
#include "kernels/base/clones.h"

#include <string.h>

#include "model/core/memory.h"
#include "model/parallel/threads.h"

bs_strip_at bs_strip_number(const bs_box *box, int n)
{
    bs_strip_at s = {.j = n / bs_strips_per_row(box), .i = n % bs_strips_per_row(box) * BS_STRIP};
    int left = box->nx - s.i;
    s.shape = (bs_strip){.n = left < BS_STRIP ? left : BS_STRIP, .nz = box->nz, .stride = BS_STRIP};
    return s;
}

void bs_strip_load(const bs_box *box, bs_strip_at s, const real *field, real *out)
{
    const real *from = field + bs_at(box, 0, s.j, s.i);
    if (s.shape.n == BS_STRIP) { /* a length known to the compiler: no call */
        for (int k = 0; k < box->nz; k++) memcpy(out + k * BS_STRIP, from + k * box->plane, sizeof(real) * BS_STRIP);
    } else {
        for (int k = 0; k < box->nz; k++)
            memcpy(out + k * BS_STRIP, from + k * box->plane, sizeof(real) * (size_t)s.shape.n);
    }
}

void bs_strip_store(const bs_box *box, bs_strip_at s, const real *in, real *field)
{
    real *to = field + bs_at(box, 0, s.j, s.i);
    if (s.shape.n == BS_STRIP) {
        for (int k = 0; k < box->nz; k++) memcpy(to + k * box->plane, in + k * BS_STRIP, sizeof(real) * BS_STRIP);
    } else {
        for (int k = 0; k < box->nz; k++)
            memcpy(to + k * box->plane, in + k * BS_STRIP, sizeof(real) * (size_t)s.shape.n);
    }
}

BS_CLONES void bs_strip_mass(const bs_box *box, bs_strip_at s, const bs_mesh *mesh, const double *m, real *out)
{
    const ptrdiff_t column = (ptrdiff_t)s.j * box->nx + s.i, plane = (ptrdiff_t)box->nx * box->ny;
    double per_area[BS_STRIP];
    for (int n = 0; n < s.shape.n; n++) per_area[n] = 1 / mesh->area[column + n];
    for (int k = 0; k < box->nz; k++)
        for (int n = 0; n < s.shape.n; n++) out[k * BS_STRIP + n] = (real)(m[k * plane + column + n] * per_area[n]);
}

BS_CLONES void bs_strip_between(const bs_box *box, bs_strip_at s, int n_levels, double w, const real *a, const real *b,
                                real *out)
{
    const ptrdiff_t column = (ptrdiff_t)s.j * box->nx + s.i, plane = (ptrdiff_t)box->nx * box->ny;
    const real wa = (real)(1 - w), wb = (real)w;
    for (int k = 0; k < n_levels; k++)
        for (int n = 0; n < s.shape.n; n++)
            out[k * BS_STRIP + n] = wa * a[k * plane + column + n] + wb * b[k * plane + column + n];
}

void bs_strip_deposit(const bs_box *box, bs_strip_at s, const bs_mesh *mesh, const double *deposited, double *map,
                      bs_sum *sum)
{
    const ptrdiff_t column = (ptrdiff_t)s.j * box->nx + s.i;
    for (int n = 0; n < s.shape.n; n++) {
        const double ug = deposited[n] * mesh->area[column + n];
        map[column + n] += ug;
        bs_sum_add(sum, ug);
    }
}

bs_status bs_strip_benches_create(int n_tracers, size_t work, bs_strip_benches *out, bs_err *err)
{
    *out = (bs_strip_benches){.n = bs_threads_count(), .n_tracers = n_tracers};
    bs_status st = BS_NEW(&out->bench, out->n, "column operator", err);
    for (int t = 0; t < out->n && st == BS_OK; t++) {
        st = BS_NEW(&out->bench[t].work, work, "column operator", err);
        if (st == BS_OK) st = BS_NEW(&out->bench[t].sums, n_tracers, "column operator", err);
        if (st == BS_OK) st = BS_NEW(&out->bench[t].more, n_tracers, "column operator", err);
    }
    if (st != BS_OK) bs_strip_benches_destroy(out);
    return st;
}

void bs_strip_benches_destroy(bs_strip_benches *b)
{
    for (int t = 0; b->bench && t < b->n; t++) {
        bs_free(b->bench[t].work);
        bs_free(b->bench[t].sums);
        bs_free(b->bench[t].more);
    }
    bs_free(b->bench);
    b->bench = NULL;
}

void bs_strip_benches_clear(bs_strip_benches *b)
{
    for (int t = 0; t < b->n; t++) {
        memset(b->bench[t].sums, 0, sizeof(bs_sum) * (size_t)b->n_tracers);
        memset(b->bench[t].more, 0, sizeof(bs_sum) * (size_t)b->n_tracers);
    }
}

void bs_strip_benches_enter(const bs_strip_benches *b, int which, bs_ledger *ledger, bs_ledger_term term)
{
    for (int t = 0; t < b->n; t++)
        for (int n = 0; n < b->n_tracers; n++)
            bs_sum_merge(bs_ledger_at(ledger, n, term), which ? &b->bench[t].more[n] : &b->bench[t].sums[n]);
}
