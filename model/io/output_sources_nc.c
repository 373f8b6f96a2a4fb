/* source_receptor.nc: contributions by time, source and receptor. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/io/output_sources.h"

enum { PART, SHARE, TOTAL, PART_PERIOD, SHARE_PERIOD, TOTAL_PERIOD }; /* the variables of a total */

typedef struct axes {
    int time, bnds, source, receptor;                     /* dimensions */
    int name, label, kind, regions, sectors;              /* of sources */
    int adcode, receptor_name, name_en, family, lon, lat; /* of receptors */
} axes;

enum { LIST_MAX = 2048 };

static const double NO_SHARE = 9.9692099683868690e+36; /* netCDF's fill value: of a total that is zero */

static bs_status def_axis(bs_nc *nc, const char *name, bs_nc_type type, int dim, const char *units,
                          const char *standard_name, const char *long_name, int *var, bs_err *err)
{
    const bs_nc_def def = {.name = name,
                           .type = type,
                           .n_dims = 1,
                           .dim = {dim},
                           .units = units,
                           .standard_name = standard_name,
                           .long_name = long_name};
    return bs_nc_def_var(nc, &def, var, err);
}

static bs_status def_axes(bs_output *o, bs_nc *nc, axes *a, bs_err *err)
{
    const struct {
        const char *name, *long_name;
        bool source;
        int *var;
    } text[] = {
        {"source_name", "name of the source", true, &a->name},
        {"source_label", "the source in words", true, &a->label},
        {"source_kind", "group, rest (what no group takes), initial, boundary or untagged", true, &a->kind},
        {"source_regions", "codes of the regions that emit, or 'everywhere'", true, &a->regions},
        {"source_sectors", "sectors that emit, or 'all'", true, &a->sectors},
        {"adcode", "administrative code of the receptor", false, &a->adcode},
        {"receptor_name", "name of the receptor", false, &a->receptor_name},
        {"receptor_name_en", "English name of the receptor", false, &a->name_en},
        {"receptor_family", "group of regions that the receptor belongs to", false, &a->family},
    };
    BS_TRY(bs_nc_def_dim(nc, "time", (size_t)((o->end - o->first) / o->interval), &a->time, err));
    BS_TRY(bs_nc_def_dim(nc, "source", (size_t)o->cities->sources->n, &a->source, err));
    BS_TRY(bs_nc_def_dim(nc, "receptor", (size_t)o->cities->n, &a->receptor, err));
    BS_TRY(bs_nc_def_dim(nc, "bnds", 2, &a->bnds, err));
    for (size_t k = 0; k < sizeof text / sizeof text[0]; k++)
        BS_TRY(def_axis(nc, text[k].name, BS_NC_STRING, text[k].source ? a->source : a->receptor, NULL, NULL,
                        text[k].long_name, text[k].var, err));
    BS_TRY(def_axis(nc, "lon", BS_NC_DOUBLE, a->receptor, "degrees_east", "longitude",
                    "longitude of the receptor's centre", &a->lon, err));
    return def_axis(nc, "lat", BS_NC_DOUBLE, a->receptor, "degrees_north", "latitude",
                    "latitude of the receptor's centre", &a->lat, err);
}

static bs_status def_total(bs_output *o, const axes *a, int total, bs_err *err)
{
    bs_out_sources *s = o->cities->sources;
    const bs_species *species = bs_out_species(o, s->total[total]);
    const struct {
        const char *suffix, *words, *units, *methods, *coordinates;
        bool timed, sourced;
    } kind[BS_OUT_SOURCE_VARS] = {
        [PART] = {"_contribution", "contribution of a source to", "ug m-3", "time: mean area: mean",
                  "source_name source_label adcode receptor_name lon lat", true, true},
        [SHARE] = {"_share", "share of a source in", "%", NULL, "source_name source_label adcode receptor_name lon lat",
                   true, true},
        [TOTAL] = {"", "mean of", "ug m-3", "time: mean area: mean", "adcode receptor_name lon lat", true, false},
        [PART_PERIOD] = {"_contribution_period", "contribution of a source to the period mean of", "ug m-3", NULL,
                         "source_name source_label adcode receptor_name lon lat", false, true},
        [SHARE_PERIOD] = {"_share_period", "share of a source in the period mean of", "%", NULL,
                          "source_name source_label adcode receptor_name lon lat", false, true},
        [TOTAL_PERIOD] = {"_period", "period mean of", "ug m-3", NULL, "adcode receptor_name lon lat", false, false},
    };
    for (int k = 0; k < BS_OUT_SOURCE_VARS; k++) {
        char name[BS_OUT_NAME_MAX], long_name[BS_OUT_LONG_MAX];
        snprintf(name, sizeof name, "%s%s", species->output_name, kind[k].suffix);
        snprintf(long_name, sizeof long_name, "%s %s near the ground", kind[k].words, species->output_long_name);
        bs_nc_def def = {.name = name,
                         .type = BS_NC_FLOAT,
                         .units = kind[k].units,
                         .long_name = long_name,
                         .coordinates = kind[k].coordinates,
                         .cell_methods = kind[k].methods,
                         .comment = *species->comment ? species->comment : NULL,
                         .compress = true,
                         .fill = k == SHARE || k == SHARE_PERIOD};
        if (kind[k].timed) def.dim[def.n_dims++] = a->time;
        if (kind[k].sourced) def.dim[def.n_dims++] = a->source;
        def.dim[def.n_dims++] = a->receptor;
        BS_TRY(bs_nc_def_var(s->matrix.nc, &def, &s->matrix.var[total * BS_OUT_SOURCE_VARS + k], err));
    }
    return BS_OK;
}

/* Codes of the regions, or sectors, of a group; "" of what is no group. */
static void list_regions(const bs_output *o, const bs_out_source *source, char text[LIST_MAX])
{
    const bs_source_group *g = source->group;
    size_t used = 0;
    text[0] = '\0';
    if (!g) return;
    if (!g->region) {
        snprintf(text, LIST_MAX, "everywhere");
        return;
    }
    for (int r = 0; r <= g->n_regions && used < LIST_MAX; r++) {
        if (!g->region[r]) continue;
        const bs_region *region = r < g->n_regions ? &o->info.regions->region[r] : NULL;
        const char *code = !region ? "elsewhere" : *region->adcode ? region->adcode : region->name;
        used += (size_t)snprintf(text + used, LIST_MAX - used, "%s%s", used ? " " : "", code);
    }
}

static void list_sectors(const bs_out_source *source, char text[LIST_MAX])
{
    const bs_source_group *g = source->group;
    size_t used = 0;
    text[0] = '\0';
    if (!g || g->rest) return;
    if (g->n_sectors == 0) snprintf(text, LIST_MAX, "all");
    for (int k = 0; k < g->n_sectors && used < LIST_MAX; k++)
        used += (size_t)snprintf(text + used, LIST_MAX - used, "%s%s", used ? " " : "", g->sector[k]);
}

static bs_status put_sources(const bs_output *o, bs_nc *nc, const axes *a, bs_err *err)
{
    static const char *const KINDS[] = {"group", "rest", "initial", "boundary", "untagged"};
    const bs_out_sources *s = o->cities->sources;
    const char **text = NULL;
    char(*list)[LIST_MAX] = NULL;
    bs_status st = BS_NEW(&text, s->n, "names of sources", err);
    if (st == BS_OK) st = BS_NEW(&list, s->n, "regions of sources", err);
    for (int k = 0; k < s->n && st == BS_OK; k++) text[k] = s->source[k].name;
    if (st == BS_OK) st = bs_nc_write_strings(nc, a->name, (size_t)s->n, text, err);
    for (int k = 0; k < s->n && st == BS_OK; k++) text[k] = s->source[k].label;
    if (st == BS_OK) st = bs_nc_write_strings(nc, a->label, (size_t)s->n, text, err);
    for (int k = 0; k < s->n && st == BS_OK; k++) text[k] = KINDS[s->source[k].kind];
    if (st == BS_OK) st = bs_nc_write_strings(nc, a->kind, (size_t)s->n, text, err);
    for (int k = 0; k < s->n && st == BS_OK; k++) {
        list_regions(o, &s->source[k], list[k]);
        text[k] = list[k];
    }
    if (st == BS_OK) st = bs_nc_write_strings(nc, a->regions, (size_t)s->n, text, err);
    for (int k = 0; k < s->n && st == BS_OK; k++) list_sectors(&s->source[k], list[k]);
    if (st == BS_OK) st = bs_nc_write_strings(nc, a->sectors, (size_t)s->n, text, err);
    bs_free(text);
    bs_free(list);
    return st;
}

static bs_status put_receptors(const bs_output *o, bs_nc *nc, const axes *a, bs_err *err)
{
    const bs_out_cities *c = o->cities;
    const char **text = NULL;
    BS_TRY(BS_NEW(&text, c->n, "names of receptors", err));
    const int var[] = {a->adcode, a->receptor_name, a->name_en, a->family};
    bs_status st = BS_OK;
    for (size_t v = 0; v < sizeof var / sizeof var[0] && st == BS_OK; v++) {
        for (int n = 0; n < c->n; n++) {
            const bs_region *r = c->city[n].region;
            const char *const word[] = {r->adcode, r->name, r->name_en, r->group};
            text[n] = word[v];
        }
        st = bs_nc_write_strings(nc, var[v], (size_t)c->n, text, err);
    }
    for (int n = 0; n < c->n && st == BS_OK; n++) {
        const size_t at[1] = {(size_t)n}, one[1] = {1};
        st = bs_nc_write(nc, a->lon, at, one, &c->city[n].centre[0], err);
        if (st == BS_OK) st = bs_nc_write(nc, a->lat, at, one, &c->city[n].centre[1], err);
    }
    bs_free(text);
    return st;
}

bs_status bs_out_matrix_begin(bs_output *o, bs_err *err)
{
    bs_out_sources *s = o->cities->sources;
    char what[128];
    axes a;
    snprintf(what, sizeof what, "contributions of sources to means over regions and %s", o->interval_words);
    BS_TRY(BS_NEW(&s->matrix.var, (size_t)s->n_totals * BS_OUT_SOURCE_VARS, "ids of variables", err));
    BS_TRY(bs_out_create(o, "source_receptor.nc", what, false, &s->matrix.nc, err));
    BS_TRY(def_axes(o, s->matrix.nc, &a, err));
    BS_TRY(bs_out_def_time(o, s->matrix.nc, a.time, a.bnds, &s->matrix.time_var, &s->matrix.bounds_var, err));
    for (int t = 0; t < s->n_totals; t++) BS_TRY(def_total(o, &a, t, err));
    BS_TRY(put_sources(o, s->matrix.nc, &a, err));
    return put_receptors(o, s->matrix.nc, &a, err);
}

/* Contributions, shares and totals of a moment (record) or of the period (NULL). */
static bs_status put_values(bs_output *o, const double *means, const size_t *record, bs_err *err)
{
    bs_out_sources *s = o->cities->sources;
    const size_t sources = (size_t)s->n, receptors = (size_t)o->cities->n, now = record ? *record : 0;
    const size_t skip = record ? 0 : 1; /* of the dimensions time, source, receptor */
    const size_t start[3] = {now, 0, 0}, count[3] = {1, sources, receptors}, start2[2] = {now, 0},
                 count2[2] = {1, receptors};
    for (int t = 0; t < s->n_totals; t++) {
        const double *total = means + (size_t)s->total[t] * receptors;
        const int *var = s->matrix.var + t * BS_OUT_SOURCE_VARS + (record ? PART : PART_PERIOD);
        for (size_t k = 0; k < sources; k++)
            for (size_t n = 0; n < receptors; n++)
                s->value[k * receptors + n] = bs_out_source_part(o, means, t, (int)k, (int)n);
        BS_TRY(bs_nc_write(s->matrix.nc, var[PART], start + skip, count + skip, s->value, err));
        for (size_t k = 0; k < sources; k++)
            for (size_t n = 0; n < receptors; n++) {
                double *value = &s->value[k * receptors + n];
                *value = total[n] != 0 ? 100 * *value / total[n] : NO_SHARE;
            }
        BS_TRY(bs_nc_write(s->matrix.nc, var[SHARE], start + skip, count + skip, s->value, err));
        BS_TRY(bs_nc_write(s->matrix.nc, var[TOTAL], start2 + skip, count2 + skip, total, err));
    }
    return BS_OK;
}

bs_status bs_out_matrix_record(bs_output *o, bs_time from, bs_time to, const double *means, bs_err *err)
{
    bs_out_sources *s = o->cities->sources;
    BS_TRY(put_values(o, means, &s->matrix.records, err));
    BS_TRY(
        bs_out_put_time(o, s->matrix.nc, s->matrix.time_var, s->matrix.bounds_var, s->matrix.records, from, to, err));
    s->matrix.records++;
    return BS_OK;
}

bs_status bs_out_matrix_finish(bs_output *o, const double *means, bs_err *err)
{
    bs_out_sources *s = o->cities->sources;
    BS_TRY(put_values(o, means, NULL, err));
    bs_nc *nc = s->matrix.nc;
    s->matrix.nc = NULL;
    return bs_nc_commit(nc, err);
}
