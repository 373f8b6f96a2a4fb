/* What moved between regions, stretch by stretch (a natural day, or what of it lies in the output period) and over the period. */
#include "model/io/output_corridors.h"

#include <math.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/parallel/ranks.h"

enum { HOUR = 3600 };

bs_status bs_out_corridors_check(const bs_output *o, bs_err *err)
{
    const bs_config *c = o->info.config;
    if (!bs_config_bool(c, "output.corridors")) return BS_OK;
    if (!bs_config_has(c, "regions.file"))
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: output.corridors asks for fluxes between regions, and the case names none; give "
                       "regions.file, or leave output.corridors out",
                       bs_config_where(c, "output.corridors"));
    if (o->day_offset % HOUR != 0)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: output.day_offset must be a whole number of hours where output.corridors is true: a "
                       "flux is summed step by step, and steps end on whole hours",
                       bs_config_where(c, "output.day_offset"));
    return BS_OK;
}

bs_status bs_out_corridors_begin(bs_output *o, bs_err *err)
{
    if (!o->info.borders) return BS_OK;
    BS_TRY(BS_NEW(&o->corridors, 1, "corridors", err));
    bs_out_corridors *c = o->corridors;
    c->borders = o->info.borders;
    bs_status st = bs_out_corridors_list(o, err);
    if (st == BS_OK) st = bs_border_record_create(c->borders, &c->period, err);
    BS_TRY(bs_ranks_agree(st, err));
    return bs_out_corridors_files_begin(o, err);
}

static void add_to_period(const bs_output *o, const bs_border_record *record)
{
    const bs_out_corridors *c = o->corridors;
    const size_t flows = (size_t)o->n * (size_t)c->borders->n_pairs,
                 accounts = (size_t)o->n * (size_t)(c->borders->n_regions + 1);
    bs_border_record *sum = c->period;
    if (c->records == 0) sum->from = record->from;
    sum->to = record->to;
    for (size_t f = 0; f < flows; f++) {
        sum->flow[f].forward += record->flow[f].forward;
        sum->flow[f].backward += record->flow[f].backward;
        sum->flow[f].diffused += record->flow[f].diffused;
        sum->flow[f].low += record->flow[f].low;
    }
    for (size_t a = 0; a < accounts; a++) {
        bs_region_account *to = &sum->account[a];
        const bs_region_account *from = &record->account[a];
        if (c->records == 0) to->before = from->before;
        to->after = from->after;
        to->emitted += from->emitted;
        to->dry += from->dry;
        to->wet += from->wet;
    }
}

bs_status bs_output_corridors(bs_output *o, const bs_border_record *record, bs_err *err)
{
    char when[64];
    if (!o->corridors) return BS_OK;
    const bs_date d = bs_out_day_before(o, record->to);
    snprintf(when, sizeof when, "%04d-%02d-%02d", d.year, d.month, d.day);
    BS_TRY(bs_out_corridors_rows(o, when, record, err));
    BS_TRY(bs_out_corridors_nc_record(o, record, err));
    add_to_period(o, record);
    o->corridors->records++;
    return BS_OK;
}

const bs_border_record *bs_output_corridors_period(const bs_output *o)
{
    return o->corridors ? o->corridors->period : NULL;
}

bs_status bs_out_corridors_assumed(bs_output *o, bs_err *err)
{
    bs_out_corridors *c = o->corridors;
    if (!c) return BS_OK;
    bs_text_comment(c->table, "assumed by the end of the run: %s", o->assumed_text);
    bs_text_comment(c->budget, "assumed by the end of the run: %s", o->assumed_text);
    return bs_nc_put_text(c->nc, BS_NC_GLOBAL, "assumed", o->assumed_text, err);
}

bs_status bs_out_corridors_finish(bs_output *o, bs_err *err)
{
    bs_out_corridors *c = o->corridors;
    if (!c) return BS_OK;
    BS_TRY(bs_out_corridors_rows(o, "period", c->period, err));
    bs_text_file *table = c->table;
    c->table = NULL;
    BS_TRY(bs_out_text_commit(table, err));
    table = c->budget;
    c->budget = NULL;
    BS_TRY(bs_out_text_commit(table, err));
    bs_nc *nc = c->nc;
    c->nc = NULL;
    return bs_nc_commit(nc, err);
}

void bs_out_corridors_abandon(bs_output *o)
{
    bs_out_corridors *c = o->corridors;
    if (!c) return;
    bs_text_abandon(c->table);
    bs_text_abandon(c->budget);
    bs_nc_abandon(c->nc);
    for (int n = 0; c->corridor && n < c->n; n++) bs_free(c->corridor[n].use);
    bs_free(c->corridor);
    bs_free(c->family);
    bs_free(c->family_of);
    bs_border_record_destroy(c->period);
    bs_free(c->var);
    bs_free(c->budget_var);
    bs_free(c);
    o->corridors = NULL;
}
