/* ledger.h - the account of every kilogram, per tracer. Terms are rows of ledger_terms.def and are added as micrograms
 * (mixing ratio, ug kg-1, times kg of air) into order-free sums (sum.h). */
#ifndef BS_MODEL_CORE_LEDGER_H
#define BS_MODEL_CORE_LEDGER_H

#include "kernels/base/status.h"
#include "model/core/archive.h"
#include "model/core/sum.h"

typedef enum bs_ledger_term {
#define BS_TERM(id, json, sign, text) id,
#include "model/core/ledger_terms.def"
#undef BS_TERM
    BS_L_COUNT
} bs_ledger_term;

typedef struct bs_ledger {
    int n_tracers;
    bs_sum *sum; /* [n_tracers][BS_L_COUNT], ug */
} bs_ledger;

bs_status bs_ledger_create(int n_tracers, bs_ledger **out, bs_err *err);
void bs_ledger_destroy(bs_ledger *ledger);

static inline bs_sum *bs_ledger_at(bs_ledger *l, int tracer, bs_ledger_term term)
{
    return &l->sum[tracer * BS_L_COUNT + term];
}

bs_status bs_ledger_archive(bs_ledger *ledger, bs_archive *a, bs_err *err);

double bs_ledger_kg(const bs_ledger *l, int tracer, bs_ledger_term term);

/* Closure error, kg, and the residual |error| / (initial + emitted + inflow), 0 when the tracer never had mass. */
double bs_ledger_error_kg(const bs_ledger *l, int tracer);
double bs_ledger_residual(const bs_ledger *l, int tracer);

const char *bs_ledger_term_name(bs_ledger_term term); /* JSON name */
const char *bs_ledger_term_text(bs_ledger_term term);

#endif
