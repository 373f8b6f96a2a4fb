#include "model/run/closing.h"

#include <math.h>

#include "model/core/text.h"

static const double RESIDUAL_LIMIT = BS_DOUBLE ? 1e-11 : 2e-6;
static const double TONNES_FROM = 1e5; /* kg: below, a table in tonnes would lose its figures */

typedef struct account {
    double initial, emitted, in, out, dry, wet, stored; /* kg */
} account;

static account account_of(const bs_ledger *l, int t)
{
    double kg[BS_L_COUNT];
    for (int term = 0; term < BS_L_COUNT; term++) kg[term] = bs_ledger_kg(l, t, (bs_ledger_term)term);
    return (account){.initial = kg[BS_L_INITIAL],
                     .emitted = kg[BS_L_EMITTED],
                     .in = kg[BS_L_IN_WEST] + kg[BS_L_IN_EAST] + kg[BS_L_IN_SOUTH] + kg[BS_L_IN_NORTH],
                     .out = kg[BS_L_OUT_WEST] + kg[BS_L_OUT_EAST] + kg[BS_L_OUT_SOUTH] + kg[BS_L_OUT_NORTH],
                     .dry = kg[BS_L_DRY],
                     .wet = kg[BS_L_WET],
                     .stored = kg[BS_L_STORED]};
}

void bs_closing_ledger(bs_log *log, const bs_tracers *tracers, const bs_ledger *ledger)
{
    double largest = 0;
    for (int t = 0; t < tracers->n; t++) {
        const account a = account_of(ledger, t);
        largest =
            fmax(largest, fmax(fmax(a.initial, a.emitted), fmax(fmax(a.in, a.out), fmax(a.stored, a.dry + a.wet))));
    }
    const bool tonnes = largest >= TONNES_FROM;
    const double unit = tonnes ? 1e3 : 1;
    bs_log_info(log, "%-36s   initial   emitted    inflow   outflow       dry       wet    stored  residual",
                tonnes ? "ledger, tonnes:" : "ledger, kg:");
    for (int t = 0; t < tracers->n; t++) {
        const account a = account_of(ledger, t);
        const char *name = tracers->row[t].name;
        bs_log_info(log, "  %-*s %9.1f %9.1f %9.1f %9.1f %9.1f %9.1f %9.1f  %8.1e", bs_text_pad(name, 34), name,
                    a.initial / unit, a.emitted / unit, a.in / unit, a.out / unit, a.dry / unit, a.wet / unit,
                    a.stored / unit, bs_ledger_residual(ledger, t));
    }
}

bs_status bs_closing_check(const bs_tracers *tracers, const bs_ledger *ledger, bs_err *err)
{
    for (int t = 0; t < tracers->n; t++) {
        const double residual = bs_ledger_residual(ledger, t);
        if (!(residual <= RESIDUAL_LIMIT))
            return bs_fail(err, BS_ERR_RUN,
                           "%s: the ledger does not close: %.6g kg are unaccounted for, %.2e of initial + emitted + "
                           "inflow (limit %.0e); "
                           "no output was kept. Please report this with the case file",
                           tracers->row[t].name, bs_ledger_error_kg(ledger, t), residual, RESIDUAL_LIMIT);
    }
    return BS_OK;
}

void bs_closing_negative(bs_log *log, const bs_tracers *tracers, const bs_ledger *ledger, const bs_watch *watch,
                         bool positive)
{
    if (!positive)
        bs_log_info(log, "negative mass of totals: at most %.3g kg in any one (the scheme does not rule it out)",
                    watch->negative_total_kg);
    if (!(watch->negative_tag_kg > 0)) return;
    const account a = account_of(ledger, watch->negative_tag);
    bs_log_info(log,
                "negative mass of tags: at most %.3g kg, in %s: %.1e of its initial + emitted + inflow (tags follow "
                "their total's limiter, not one of their own)",
                watch->negative_tag_kg, tracers->row[watch->negative_tag].name,
                watch->negative_tag_kg / (a.initial + a.emitted + a.in));
}

void bs_closing_cities(bs_log *log, const bs_tracers *tracers, const bs_region_set *regions, const bs_output *output)
{
    bs_log_info(log,
                "period means of %s, ug m-3:", bs_species_table(&(int){0})[tracers->row[0].species].output_long_name);
    for (int g = 0; g < regions->n; g++) {
        const bs_region *region = &regions->region[g];
        const double mean = bs_output_region_mean(output, 0, g);
        if (isfinite(mean))
            bs_log_info(log, "  %-8s %-*s %7.1f", region->adcode, bs_text_pad(region->name, 24), region->name, mean);
    }
}
