#include "grids/regrid/weights.h"

#include <stdlib.h>

bs_weights *bs_weights_create(size_t n_dst, size_t n_src)
{
    bs_weights *w = calloc(1, sizeof *w);
    if (!w) return NULL;
    w->n_dst = n_dst;
    w->n_src = n_src;
    w->row_start = calloc(n_dst + 1, sizeof *w->row_start);
    if (!w->row_start) {
        free(w);
        return NULL;
    }
    return w;
}

bs_status bs_weights_reserve(bs_weights *w, size_t *capacity, size_t used, size_t more, bs_err *err)
{
    if (used + more <= *capacity) return BS_OK;
    size_t wanted = 2 * *capacity > used + more ? 2 * *capacity : used + more;
    size_t *column = realloc(w->column, wanted * sizeof *column);
    if (column) w->column = column;
    double *weight = realloc(w->weight, wanted * sizeof *weight);
    if (weight) w->weight = weight;
    if (!column || !weight) return bs_fail(err, BS_ERR_MEMORY, "regridding: out of memory for %zu weights", wanted);
    *capacity = wanted;
    return BS_OK;
}

void bs_weights_destroy(bs_weights *w)
{
    if (!w) return;
    free(w->row_start);
    free(w->column);
    free(w->weight);
    free(w);
}

void bs_weights_apply(const bs_weights *w, const double *src, double *dst)
{
    for (size_t r = 0; r < w->n_dst; r++) {
        double sum = 0.0;
        for (size_t n = w->row_start[r]; n < w->row_start[r + 1]; n++) sum += w->weight[n] * src[w->column[n]];
        dst[r] = sum;
    }
}
