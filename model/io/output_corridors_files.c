/* corridors.csv, corridors_budget.csv and corridors.nc. */
#include <math.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/io/output_corridors.h"

static const double DAY = 86400; /* s */

static bool is_total(const bs_output *o, int tracer)
{
    return o->info.tracers->row[tracer].role == BS_ROLE_TOTAL;
}

static double per_day(const bs_border_record *r)
{
    return DAY / (double)(r->to - r->from);
}

/* ---- columns ---- */

static const struct {
    const char *suffix, *words;
} FLOW[BS_OUT_CORRIDOR_VARS] = {{"net", "net flux of %s through the border, positive from the first to the second"},
                                {"low", "part of the net flux of %s in the low layers"},
                                {"forward", "flux of %s with the wind from the first to the second"},
                                {"backward", "flux of %s with the wind from the second to the first"},
                                {"diffusion", "net flux of %s by horizontal diffusion, part of the net flux"}};

static int columns_of(const bs_output *o, int tracer)
{
    return !o->written[tracer] ? 0 : is_total(o, tracer) ? BS_OUT_CORRIDOR_VARS : BS_OUT_CORRIDOR_TAG_VARS;
}

/* A corridor's columns, kg; `turned`: as seen from its other end. */
static void flow_values(const bs_border_flow *f, bool turned, double out[BS_OUT_CORRIDOR_VARS])
{
    const double net = bs_border_net(f);
    out[0] = turned ? -net : net;
    out[1] = turned ? -f->low : f->low;
    out[2] = turned ? f->backward : f->forward;
    out[3] = turned ? f->forward : f->backward;
    out[4] = turned ? -f->diffused : f->diffused;
}

static const struct {
    const char *suffix, *words;
} BUDGET[BS_OUT_BUDGET_VARS] = {
    {"emitted", "emission of %s in the region"},
    {"from_regions", "net flux of %s in from other regions"},
    {"from_elsewhere", "net flux of %s in from what lies in no region"},
    {"from_sides", "net flux of %s in through the sides of the domain"},
    {"dry", "dry deposition of %s, settling included"},
    {"wet", "wet deposition of %s"},
    {"change", "change of what the air of the region holds of %s"},
    {"residual", "change of %s less emission and inflow plus deposition: what is unaccounted for"}};

/* Per stretch, kg. Returns the residual over what the region's air held and took in. */
static double budget_values(const bs_output *o, const bs_border_record *r, int tracer, int region,
                            double out[BS_OUT_BUDGET_VARS])
{
    const bs_borders *b = o->corridors->borders;
    const bs_region_account *a = &r->account[(ptrdiff_t)tracer * (b->n_regions + 1) + region];
    const bs_region_balance balance = bs_border_balance(b, r, tracer, region);
    const double values[BS_OUT_BUDGET_VARS] = {
        a->emitted, balance.from_regions, balance.from_elsewhere, balance.from_sides, a->dry,
        a->wet,     a->after - a->before, balance.residual};
    memcpy(out, values, sizeof values);
    return balance.taken > 0 ? balance.residual / balance.taken : 0;
}

/* ---- tables ---- */

static void put_comments(const bs_output *o, const char *what, bs_text_file *table)
{
    const bs_out_corridors *c = o->corridors;
    bs_text_comment(table, "%s of %s", what, bs_config_text(o->info.config, "case.name"));
    bs_text_comment(table, "unit: kg day-1, mean over the hours of the row; all layers of the model; from %s",
                    "the advection's own fluxes (docs/corridors.md)");
    bs_text_comment(table,
                    "regions are those on the grid: a cell of %g x %g belongs whole to the region with the "
                    "largest share of it",
                    o->info.mesh->dx, o->info.mesh->dy);
    for (int r = 0; r < c->borders->n_regions; r++)
        if (!c->borders->cells[r]) bs_text_comment(table, "%s holds no cell", o->info.regions->region[r].name);
    bs_text_comment(table, "weather: %s", o->weather_label);
    bs_text_comment(table, "assumed: %s", o->assumed_text);
    for (int t = 0; t < o->n; t++)
        if (is_total(o, t))
            bs_text_comment(table, "%s: %s", bs_out_species(o, t)->output_name, bs_out_species(o, t)->comment);
    bs_text_comment(table, "written by %s", o->info.version);
}

static bs_status begin_table(bs_output *o, bs_err *err)
{
    bs_out_corridors *c = o->corridors;
    char column[BS_OUT_NAME_MAX];
    BS_TRY(bs_out_text_create(o->info.dir, "corridors.csv", &c->table, err));
    put_comments(o, "fluxes between neighbouring regions", c->table);
    bs_text_comment(
        c->table,
        "net = forward - backward + diffusion, positive towards 'to'; low: what of net is in the lowest %d layers, "
        "up to about %.0f m above ground; every border stands twice, "
        "once as seen from either end; sums of forward and backward are those of every face, "
        "layer and step",
        c->borders->n_low, c->borders->low_top);
    fputs("date_local,hours,level,from,from_name,from_name_en,to,to_name,to_name_en", c->table->stream);
    for (int t = 0; t < o->n; t++)
        for (int v = 0; v < columns_of(o, t); v++) {
            char name[BS_OUT_NAME_MAX + 16];
            snprintf(name, sizeof name, "%s_%s", bs_out_name(o, t, column), FLOW[v].suffix);
            fputc(',', c->table->stream);
            bs_text_field(c->table, name);
        }
    fputc('\n', c->table->stream);
    return BS_OK;
}

static bs_status begin_budget(bs_output *o, bs_err *err)
{
    bs_out_corridors *c = o->corridors;
    BS_TRY(bs_out_text_create(o->info.dir, "corridors_budget.csv", &c->budget, err));
    put_comments(o, "account of each region's air", c->budget);
    bs_text_comment(
        c->budget,
        "change = emitted + from_regions + from_elsewhere + from_sides - dry - wet + residual; "
        "residual_share: of what the region's air held at the beginning, emission and what the wind brought in");
    fputs("date_local,hours,region,name,name_en,cells,tracer", c->budget->stream);
    for (int v = 0; v < BS_OUT_BUDGET_VARS; v++) fprintf(c->budget->stream, ",%s", BUDGET[v].suffix);
    fputs(",residual_share\n", c->budget->stream);
    return BS_OK;
}

static void put_place(bs_text_file *table, const bs_out_place *p)
{
    const char *const field[3] = {p->key, p->name, p->name_en};
    for (int f = 0; f < 3; f++) {
        fputc(',', table->stream);
        bs_text_field(table, field[f]);
    }
}

static void put_row(const bs_output *o, const char *when, const bs_border_record *r, const bs_out_corridor *of,
                    bool turned)
{
    bs_text_file *table = o->corridors->table;
    fprintf(table->stream, "%s,%.6g,%s", when, (double)(r->to - r->from) / 3600, of->family ? "family" : "region");
    put_place(table, turned ? &of->to : &of->from);
    put_place(table, turned ? &of->from : &of->to);
    for (int t = 0; t < o->n; t++) {
        if (!o->written[t]) continue;
        double value[BS_OUT_CORRIDOR_VARS];
        const bs_border_flow flow = bs_out_corridors_flow(o->corridors, of, r, t);
        flow_values(&flow, turned, value);
        for (int v = 0; v < columns_of(o, t); v++)
            fprintf(table->stream, ",%.7g", value[v] * per_day(r) + 0.0); /* no -0 */
    }
    fputc('\n', table->stream);
}

static void put_budget(const bs_output *o, const char *when, const bs_border_record *r, int region, int tracer)
{
    const bs_out_corridors *c = o->corridors;
    const bs_out_place place = bs_out_corridors_place(o, region);
    char name[BS_OUT_NAME_MAX];
    double value[BS_OUT_BUDGET_VARS];
    fprintf(c->budget->stream, "%s,%.6g", when, (double)(r->to - r->from) / 3600);
    put_place(c->budget, &place);
    fprintf(c->budget->stream, ",%d,", c->borders->cells[region]);
    bs_text_field(c->budget, bs_out_name(o, tracer, name));
    const double share = budget_values(o, r, tracer, region, value);
    for (int v = 0; v < BS_OUT_BUDGET_VARS; v++) fprintf(c->budget->stream, ",%.7g", value[v] * per_day(r) + 0.0);
    fprintf(c->budget->stream, ",%.2g\n", share);
}

bs_status bs_out_corridors_rows(bs_output *o, const char *when, const bs_border_record *record, bs_err *err)
{
    (void)err;
    const bs_out_corridors *c = o->corridors;
    for (int n = 0; n < c->n; n++)
        for (int turned = 0; turned < 2; turned++) put_row(o, when, record, &c->corridor[n], turned);
    for (int t = 0; t < o->n; t++)
        for (int r = 0; o->written[t] && r <= c->borders->n_regions; r++)
            if (c->borders->cells[r]) put_budget(o, when, record, r, t);
    return BS_OK;
}

/* ---- corridors.nc ---- */

enum { LEVEL, FROM, FROM_NAME, FROM_NAME_EN, TO, TO_NAME, TO_NAME_EN, TEXTS };
enum { LON, LAT, LENGTH, ACROSS_X, ACROSS_Y, NUMBERS };

typedef struct frame {
    int corridor, region, time; /* dimensions */
    int text[TEXTS], number[NUMBERS], region_text[3], cells;
} frame;

static const struct {
    const char *name, *long_name;
} TEXT[TEXTS] = {{"level", "region, or family of regions"},
                 {"from", "first end: adcode, name of a family, 'elsewhere' or a side of the domain"},
                 {"from_name", "name of the first end"},
                 {"from_name_en", "English name of the first end"},
                 {"to", "second end"},
                 {"to_name", "name of the second end"},
                 {"to_name_en", "English name of the second end"}};

static const bs_nc_def NUMBER[NUMBERS] = {
    {.name = "lon",
     .standard_name = "longitude",
     .long_name = "longitude of the border's middle",
     .units = "degrees_east"},
    {.name = "lat",
     .standard_name = "latitude",
     .long_name = "latitude of the border's middle",
     .units = "degrees_north"},
    {.name = "border_length", .long_name = "length of the border on the grid, along faces of cells", .units = "m"},
    {.name = "across_x",
     .long_name = "mean direction across the border from the first end to the second, along the grid's x",
     .units = "1"},
    {.name = "across_y",
     .long_name = "mean direction across the border from the first end to the second, along the grid's y",
     .units = "1"}};

static const bs_nc_def REGION_TEXT[3] = {
    {.name = "region", .long_name = "adcode or name of the region, 'elsewhere': cells in no region"},
    {.name = "region_name", .long_name = "name of the region"},
    {.name = "region_name_en", .long_name = "English name of the region"}};

static bs_status def_on(bs_nc *nc, const bs_nc_def *words, bs_nc_type type, int dim, int *var, bs_err *err)
{
    bs_nc_def def = *words;
    def.type = type;
    def.n_dims = 1;
    def.dim[0] = dim;
    return bs_nc_def_var(nc, &def, var, err);
}

static bs_status def_frame(bs_output *o, frame *f, bs_err *err)
{
    bs_out_corridors *c = o->corridors;
    bs_nc *nc = c->nc;
    int bnds;
    BS_TRY(bs_nc_def_dim(nc, "time", 0, &f->time, err));
    BS_TRY(bs_nc_def_dim(nc, "bnds", 2, &bnds, err));
    BS_TRY(bs_nc_def_dim(nc, "corridor", (size_t)c->n, &f->corridor, err));
    BS_TRY(bs_nc_def_dim(nc, "place", (size_t)c->borders->n_regions + 1, &f->region, err));
    BS_TRY(bs_out_def_time(o, nc, f->time, bnds, &c->time_var, &c->bounds_var, err));
    for (int v = 0; v < TEXTS; v++) {
        const bs_nc_def def = {.name = TEXT[v].name, .long_name = TEXT[v].long_name};
        BS_TRY(def_on(nc, &def, BS_NC_STRING, f->corridor, &f->text[v], err));
    }
    for (int v = 0; v < NUMBERS; v++) BS_TRY(def_on(nc, &NUMBER[v], BS_NC_DOUBLE, f->corridor, &f->number[v], err));
    for (int v = 0; v < 3; v++) BS_TRY(def_on(nc, &REGION_TEXT[v], BS_NC_STRING, f->region, &f->region_text[v], err));
    const double top = c->borders->low_top;
    BS_TRY(bs_nc_put_integer(nc, BS_NC_GLOBAL, "low_layers", c->borders->n_low, err));
    BS_TRY(bs_nc_put_number(nc, BS_NC_GLOBAL, "low_layers_top_m", 1, &top, err));
    const bs_nc_def cells = {.name = "cells", .long_name = "cells that belong to the region", .units = "1"};
    return def_on(nc, &cells, BS_NC_INT, f->region, &f->cells, err);
}

static bs_status def_flux(const bs_output *o, int tracer, const char *suffix, const char *words, int dim, int time,
                          const char *coordinates, int *var, bs_err *err)
{
    const bs_species *s = bs_out_species(o, tracer);
    char base[BS_OUT_NAME_MAX], name[BS_OUT_NAME_MAX + 32], of[BS_OUT_LONG_MAX], text[2 * BS_OUT_LONG_MAX];
    const char *place = strstr(words, "%s");
    snprintf(name, sizeof name, "%s_%s", bs_out_name(o, tracer, base), suffix);
    bs_out_long_name(o, tracer, s->long_name, of);
    snprintf(text, sizeof text, "%.*s%s%s", (int)(place - words), words, of, place + 2);
    const bs_nc_def def = {.name = name,
                           .type = BS_NC_DOUBLE,
                           .n_dims = 2,
                           .dim = {time, dim},
                           .units = "kg day-1",
                           .long_name = text,
                           .coordinates = coordinates,
                           .cell_methods = "time: mean",
                           .comment = *s->comment ? s->comment : NULL};
    return bs_nc_def_var(o->corridors->nc, &def, var, err);
}

static bs_status def_fluxes(bs_output *o, const frame *f, bs_err *err)
{
    bs_out_corridors *c = o->corridors;
    const char *const ends = "from from_name from_name_en to to_name to_name_en level lon lat";
    BS_TRY(BS_NEW(&c->var, o->n, "ids of variables", err));
    BS_TRY(BS_NEW(&c->budget_var, o->n, "ids of variables", err));
    for (int t = 0; t < o->n; t++) {
        const bool total = is_total(o, t);
        for (int v = 0; v < BS_OUT_CORRIDOR_VARS; v++) {
            c->var[t][v] = -1;
            if (v < columns_of(o, t))
                BS_TRY(def_flux(o, t, FLOW[v].suffix, FLOW[v].words, f->corridor, f->time, ends, &c->var[t][v], err));
        }
        for (int v = 0; v < BS_OUT_BUDGET_VARS; v++) {
            c->budget_var[t][v] = -1;
            if (o->written[t] && total)
                BS_TRY(def_flux(o, t, BUDGET[v].suffix, BUDGET[v].words, f->region, f->time,
                                "region region_name region_name_en", &c->budget_var[t][v], err));
        }
    }
    return BS_OK;
}

static const char *text_of(const bs_out_corridor *c, int which)
{
    const bs_out_place *end = which < TO ? &c->from : &c->to;
    switch (which) {
    case LEVEL:
        return c->family ? "family" : "region";
    case FROM:
    case TO:
        return end->key;
    case FROM_NAME:
    case TO_NAME:
        return end->name;
    default:
        return end->name_en;
    }
}

static bs_status put_frame(const bs_output *o, const frame *f, bs_err *err)
{
    const bs_out_corridors *c = o->corridors;
    const int regions = c->borders->n_regions + 1;
    const char **text = NULL;
    BS_TRY(BS_NEW(&text, c->n > regions ? c->n : regions, "names of regions", err));
    bs_status st = BS_OK;
    for (int v = 0; v < TEXTS && st == BS_OK; v++) {
        for (int n = 0; n < c->n; n++) text[n] = text_of(&c->corridor[n], v);
        st = bs_nc_write_strings(c->nc, f->text[v], (size_t)c->n, text, err);
    }
    for (int v = 0; v < 3 && st == BS_OK; v++) {
        for (int r = 0; r < regions; r++) {
            const bs_out_place p = bs_out_corridors_place(o, r);
            text[r] = v == 0 ? p.key : v == 1 ? p.name : p.name_en;
        }
        st = bs_nc_write_strings(c->nc, f->region_text[v], (size_t)regions, text, err);
    }
    bs_free(text);
    for (int n = 0; n < c->n && st == BS_OK; n++) {
        const bs_border_line *l = &c->corridor[n].line;
        const double value[NUMBERS] = {l->lon, l->lat, l->length, l->across_x, l->across_y};
        const size_t at[1] = {(size_t)n}, one[1] = {1};
        for (int v = 0; v < NUMBERS && st == BS_OK; v++) st = bs_nc_write(c->nc, f->number[v], at, one, &value[v], err);
    }
    for (int r = 0; r < regions && st == BS_OK; r++) {
        const double cells = c->borders->cells[r];
        st = bs_nc_write(c->nc, f->cells, (size_t[]){(size_t)r}, (size_t[]){1}, &cells, err);
    }
    return st;
}

bs_status bs_out_corridors_files_begin(bs_output *o, bs_err *err)
{
    frame f;
    BS_TRY(begin_table(o, err));
    BS_TRY(begin_budget(o, err));
    BS_TRY(bs_out_create(o, "corridors.nc", "fluxes through the borders between neighbouring regions, all layers",
                         false, &o->corridors->nc, err));
    BS_TRY(def_frame(o, &f, err));
    BS_TRY(def_fluxes(o, &f, err));
    return put_frame(o, &f, err);
}

bs_status bs_out_corridors_nc_record(bs_output *o, const bs_border_record *record, bs_err *err)
{
    const bs_out_corridors *c = o->corridors;
    BS_TRY(bs_out_put_time(o, c->nc, c->time_var, c->bounds_var, c->records, record->from, record->to, err));
    for (int t = 0; t < o->n; t++) {
        if (!o->written[t]) continue;
        for (int n = 0; n < c->n; n++) {
            double value[BS_OUT_CORRIDOR_VARS];
            const bs_border_flow flow = bs_out_corridors_flow(c, &c->corridor[n], record, t);
            flow_values(&flow, false, value);
            for (int v = 0; v < BS_OUT_CORRIDOR_VARS; v++) {
                value[v] *= per_day(record);
                if (c->var[t][v] >= 0)
                    BS_TRY(bs_nc_write(c->nc, c->var[t][v], (size_t[]){c->records, (size_t)n}, (size_t[]){1, 1},
                                       &value[v], err));
            }
        }
        for (int r = 0; r <= c->borders->n_regions && c->budget_var[t][0] >= 0; r++) {
            double value[BS_OUT_BUDGET_VARS];
            budget_values(o, record, t, r, value);
            for (int v = 0; v < BS_OUT_BUDGET_VARS; v++) {
                value[v] *= per_day(record);
                BS_TRY(bs_nc_write(c->nc, c->budget_var[t][v], (size_t[]){c->records, (size_t)r}, (size_t[]){1, 1},
                                   &value[v], err));
            }
        }
    }
    return BS_OK;
}
