/* deposition.nc: what reached the ground since the spin-up ended. */
#include "model/core/memory.h"
#include "model/io/output_parts.h"

static const double KG_PER_UG = 1e-9;

/* The two ways to the ground, and what must act on a tracer for it to go there. */
static const struct {
    const char *suffix, *words;
    unsigned acts;
} WAY[2] = {{"dry", "dry deposition of", BS_ACT_DRY | BS_ACT_SETTLE}, {"wet", "wet deposition of", BS_ACT_WET}};

static bool goes(const bs_output *o, int tracer, int way)
{
    return o->written[tracer] && (o->info.tracers->row[tracer].acts & WAY[way].acts) != 0;
}

static bs_status def_fields(const bs_output *o, const bs_out_file *f, int (*var)[2], bs_err *err)
{
    for (int t = 0; t < o->n; t++)
        for (int way = 0; way < 2; way++) {
            const bs_species *s = bs_out_species(o, t);
            char base[BS_OUT_NAME_MAX], name[BS_OUT_NAME_MAX + 32], total[BS_OUT_LONG_MAX], long_name[BS_OUT_LONG_MAX];
            if (!goes(o, t, way)) continue;
            snprintf(name, sizeof name, "%s_%s_deposition", bs_out_name(o, t, base), WAY[way].suffix);
            snprintf(total, sizeof total, "%s %s", WAY[way].words, s->long_name);
            const bs_out_field field = {.name = name,
                                        .units = "kg m-2",
                                        .long_name = bs_out_long_name(o, t, total, long_name),
                                        .cell_methods = "time: sum",
                                        .comment = s->comment,
                                        .type = BS_NC_FLOAT,
                                        .lev = -1,
                                        .bits = o->bits};
            BS_TRY(bs_out_def_field(o, f, &field, &var[t][way], err));
        }
    return BS_OK;
}

static bs_status put_fields(const bs_output *o, const bs_out_file *f, const bs_state *state, int (*var)[2], bs_err *err)
{
    const double *area = o->info.mesh->area;
    for (int t = 0; t < o->n; t++)
        for (int way = 0; way < 2; way++) {
            const double *sum = (way == 0 ? state->dry : state->wet) + (size_t)t * o->cells;
            const double *base = (way == 0 ? o->base_dry : o->base_wet) + (size_t)t * o->cells;
            if (!goes(o, t, way)) continue;
            for (size_t c = 0; c < o->cells; c++) o->map[c] = (sum[c] - base[c]) / area[c];
            BS_TRY(bs_out_put_map(o, f, var[t][way], false, o->map, KG_PER_UG, o->bits, err));
        }
    return BS_OK;
}

static bs_status write_all(const bs_output *o, bs_out_file *f, const bs_state *state, int (*var)[2], bs_err *err)
{
    BS_TRY(bs_out_frame(o, "deposition.nc", "deposition", true, f, err));
    BS_TRY(def_fields(o, f, var, err));
    BS_TRY(bs_out_frame_values(o, f, err));
    BS_TRY(put_fields(o, f, state, var, err));
    return bs_out_put_time(o, f->nc, f->time_var, f->bounds_var, 0, o->first, o->end, err);
}

bs_status bs_out_deposition_write(bs_output *o, const bs_state *state, bs_err *err)
{
    bs_out_file f = {0};
    int(*var)[2];
    bool any = false;
    for (int t = 0; t < o->n; t++) any = any || goes(o, t, 0) || goes(o, t, 1);
    if (!any) return BS_OK;
    BS_TRY(BS_NEW(&var, o->n, "ids of variables", err));
    bs_status st = write_all(o, &f, state, var, err);
    bs_free(var);
    if (st == BS_OK) return bs_nc_commit(f.nc, err);
    bs_nc_abandon(f.nc);
    return st;
}
