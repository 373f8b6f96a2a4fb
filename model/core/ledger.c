#include "model/core/ledger.h"

#include <math.h>
#include <stdlib.h>

static const struct {
    const char *name, *text;
    int sign;
} TERMS[BS_L_COUNT] = {
#define BS_TERM(id, json, sign, text) {json, text, sign},
#include "model/core/ledger_terms.def"
#undef BS_TERM
};

static const double KG_PER_UG = 1e-9;

bs_status bs_ledger_create(int n_tracers, bs_ledger **out, bs_err *err)
{
    bs_ledger *l = calloc(1, sizeof *l);
    if (l) l->sum = calloc((size_t)n_tracers * BS_L_COUNT, sizeof *l->sum);
    if (!l || !l->sum) {
        free(l);
        return bs_fail(err, BS_ERR_MEMORY, "ledger of %d tracers: out of memory", n_tracers);
    }
    l->n_tracers = n_tracers;
    *out = l;
    return BS_OK;
}

void bs_ledger_destroy(bs_ledger *ledger)
{
    if (!ledger) return;
    free(ledger->sum);
    free(ledger);
}

bs_status bs_ledger_archive(bs_ledger *l, bs_archive *a, bs_err *err)
{
    return BS_ARCHIVE_BYTES(a, "ledger", l->sum, l->n_tracers * BS_L_COUNT, err);
}

double bs_ledger_kg(const bs_ledger *l, int tracer, bs_ledger_term term)
{
    return bs_sum_value(&l->sum[tracer * BS_L_COUNT + term]) * KG_PER_UG;
}

double bs_ledger_error_kg(const bs_ledger *l, int tracer)
{
    bs_sum closure = {0};
    for (int t = 0; t < BS_L_COUNT; t++) closure.units += TERMS[t].sign * l->sum[tracer * BS_L_COUNT + t].units;
    return bs_sum_value(&closure) * KG_PER_UG;
}

double bs_ledger_residual(const bs_ledger *l, int tracer)
{
    double gained = 0;
    for (int t = 0; t < BS_L_COUNT; t++)
        if (TERMS[t].sign > 0) gained += bs_ledger_kg(l, tracer, (bs_ledger_term)t);
    return gained > 0 ? fabs(bs_ledger_error_kg(l, tracer)) / gained : 0;
}

const char *bs_ledger_term_name(bs_ledger_term term)
{
    return TERMS[term].name;
}

const char *bs_ledger_term_text(bs_ledger_term term)
{
    return TERMS[term].text;
}
