#include "model/operators/strips.h"
#include "kernels/base/clones.h"

#include <string.h>

#include "model/core/memory.h"
#include "model/parallel/threads.h"

bs_strip_at bs_strip_number(const bs_box *box, int n)
{
    const int per_row = bs_strips_per_row(box);
    bs_strip_at s = {.j = box->own.j0 + n / per_row, .i = box->own.i0 + n % per_row * BS_STRIP};
    const int left = box->own.i1 - s.i;
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
    for (int k = 0; k < n_levels; k++) {
        for (int n = 0; n < BS_STRIP; n += BS_BOX_LINE) { /* of the strip that comes next in the row */
            __builtin_prefetch(a + k * plane + column + BS_STRIP + n, 0, 2);
            __builtin_prefetch(b + k * plane + column + BS_STRIP + n, 0, 2);
        }
        for (int n = 0; n < s.shape.n; n++)
            out[k * BS_STRIP + n] = wa * a[k * plane + column + n] + wb * b[k * plane + column + n];
    }
}

BS_CLONES void bs_strip_deposit(const bs_box *box, bs_strip_at s, const bs_mesh *mesh, const double *deposited,
                                double *map, bs_sum *sum)
{
    const ptrdiff_t column = (ptrdiff_t)s.j * box->nx + s.i;
    double ug[BS_STRIP];
    for (int n = 0; n < s.shape.n; n++) {
        ug[n] = deposited[n] * mesh->area[column + n];
        map[column + n] += ug[n];
    }
    bs_sum_add_all(sum, s.shape.n, ug);
}

void bs_strip_operator_destroy(void *self)
{
    bs_strip_operator *o = self;
    if (!o) return;
    for (int t = 0; o->bench && t < o->n_benches; t++) {
        bs_free(o->bench[t].work);
        bs_free(o->bench[t].sums);
        bs_free(o->bench[t].more);
    }
    bs_free(o->bench);
    bs_free(o);
}

bs_status bs_strip_operator_create(const bs_operator_context *context, const char *what, size_t work,
                                   bs_ledger_term sums, bs_ledger_term more, void **self, bs_err *err)
{
    bs_strip_operator *o = NULL;
    BS_TRY(BS_NEW(&o, 1, what, err));
    o->c = *context;
    o->sums = sums;
    o->more = more;
    o->n_benches = bs_threads_count();
    const int n_tracers = context->tracers->n;
    bs_status st = BS_NEW(&o->bench, o->n_benches, what, err);
    for (int t = 0; t < o->n_benches && st == BS_OK; t++) {
        st = BS_NEW(&o->bench[t].work, work, what, err);
        if (st == BS_OK) st = BS_NEW(&o->bench[t].sums, n_tracers, what, err);
        if (st == BS_OK) st = BS_NEW(&o->bench[t].more, n_tracers, what, err);
    }
    if (st != BS_OK) {
        bs_strip_operator_destroy(o);
        return st;
    }
    *self = o;
    return BS_OK;
}

void bs_strip_operator_begin(void *self, const bs_step *step)
{
    const bs_strip_operator *o = self;
    const size_t bytes = sizeof(bs_sum) * (size_t)o->c.tracers->n;
    (void)step;
    for (int t = 0; t < o->n_benches; t++) {
        memset(o->bench[t].sums, 0, bytes);
        memset(o->bench[t].more, 0, bytes);
    }
}

void bs_strip_operator_end(void *self, const bs_step *step)
{
    const bs_strip_operator *o = self;
    for (int t = 0; t < o->n_benches; t++)
        for (int n = 0; n < o->c.tracers->n; n++) {
            if (o->sums != BS_L_COUNT) bs_sum_merge(bs_ledger_at(step->ledger, n, o->sums), &o->bench[t].sums[n]);
            if (o->more != BS_L_COUNT) bs_sum_merge(bs_ledger_at(step->ledger, n, o->more), &o->bench[t].more[n]);
        }
}

bs_strip_bench *bs_strip_operator_bench(const bs_strip_operator *o)
{
    return &o->bench[bs_threads_self()];
}
