/* Means of totals that are kept until the end of a run, for who compares outputs. */
#include "model/core/memory.h"
#include "model/io/output_parts.h"

bs_status bs_out_keep_begin(bs_output *o, bs_err *err)
{
    bs_out_kept *k = &o->kept;
    if (!o->info.keep_means) return BS_OK;
    BS_TRY(BS_NEW(&k->total, o->n, "means that are kept", err));
    for (int t = 0; t < o->n; t++)
        if (o->info.tracers->row[t].role == BS_ROLE_TOTAL) k->total[k->n++] = t;
    const size_t maps = (size_t)k->n * o->cells;
    BS_TRY(BS_NEW(&k->period, maps, "means that are kept", err));
    return BS_NEW(&k->day, maps * (size_t)o->whole_days, "daily means that are kept", err);
}

static void add(const bs_output *o, const double *sum, double *to)
{
    for (int n = 0; n < o->kept.n; n++)
        for (size_t c = 0; c < o->cells; c++)
            to[(size_t)n * o->cells + c] += sum[(size_t)o->kept.total[n] * o->cells + c];
}

void bs_out_keep_interval(bs_output *o)
{
    if (o->kept.period) add(o, o->interval_sum, o->kept.period);
}

void bs_out_keep_day(bs_output *o)
{
    if (o->kept.day) add(o, o->day_sum, o->kept.day + (size_t)o->day * (size_t)o->kept.n * o->cells);
}

void bs_out_keep_release(bs_output *o)
{
    bs_free(o->kept.total);
    bs_free(o->kept.period);
    bs_free(o->kept.day);
}
