#include "model/emis/proxies.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/emis/land_share.h"
#include "model/emis/stack_table.h"

enum { DEPTH_MAX = 8, TERMS_MAX = sizeof((bs_proxy *)0)->weight / sizeof(double) };

static const double WEIGHT_ROUND = 1e-9; /* weights of a sum are written with some digits */

/* A field on its own mesh. */
typedef struct source {
    bs_lonlat_grid grid;
    const double *value;
    bool density; /* per area, or a share of it */
} source;

static const char *field_path(const bs_proxies *p, int k, const char *key, char *path)
{
    char name[BS_EMIS_PATH_MAX / 2];
    snprintf(name, sizeof name, "proxy.fields[%d].%s", k, key);
    return bs_emis_path(p->in, name, path);
}

static const char *where_of(const bs_proxies *p, int k)
{
    char path[BS_EMIS_PATH_MAX];
    snprintf(path, sizeof path, "emissions.inventories[%d].proxy.fields[%d]", p->in->index, k);
    return bs_config_where(p->in->config, path);
}

void bs_proxies_begin(const bs_emis_input *in, bs_proxies *p)
{
    char path[BS_EMIS_PATH_MAX];
    *p = (bs_proxies){.in = in, .file = bs_config_text(in->config, bs_emis_path(in, "proxy.file", path))};
}

void bs_proxies_clear(bs_proxies *p)
{
    for (int k = 0; k < p->n; k++) {
        bs_free(p->proxy[k]->amount);
        bs_free(p->proxy[k]->point);
        bs_free(p->proxy[k]);
    }
    bs_overlap_clear(&p->overlap);
    *p = (bs_proxies){0};
}

bs_lonlat_grid bs_proxies_grid(const bs_proxies *p)
{
    const bs_overlap *o = &p->overlap;
    return (bs_lonlat_grid){(int)o->n_lon, (int)o->n_lat, o->lon, o->lat, o->lon_edge, o->lat_edge};
}

/* ---- fields ---- */

/* From another mesh: what its cells hold goes to the common mesh by area. */
static bs_status lay_over(const bs_proxies *p, const source *s, double *amount, bs_err *err)
{
    const bs_lonlat_grid mesh = bs_proxies_grid(p);
    const double radius = p->in->mesh->radius;
    bs_weights *w = NULL, *own = NULL; /* own: what a grid shares with itself, the areas of its cells */
    BS_TRY(bs_regrid_lonlat(&s->grid, &mesh, radius, &w, err));
    bs_status status = s->density ? BS_OK : bs_regrid_lonlat(&s->grid, &s->grid, radius, &own, err);
    for (size_t c = 0; c < w->n_dst && status == BS_OK; c++) {
        amount[c] = 0;
        for (size_t n = w->row_start[c]; n < w->row_start[c + 1]; n++) {
            const size_t from = w->column[n];
            amount[c] += w->weight[n] * s->value[from] / (own ? own->weight[own->row_start[from]] : 1);
        }
    }
    bs_weights_destroy(w);
    bs_weights_destroy(own);
    return status;
}

/* `field` has the axes, and names for messages. own_mesh: may be on another mesh than the first. */
static bs_status take_field(bs_proxies *p, const bs_lonlat_field *field, const double *value, bool density,
                            bool own_mesh, bs_proxy *to, bs_err *err)
{
    bs_overlap *o = &p->overlap;
    const source from = {bs_lonlat_field_grid(field), value, density};
    const bool first = !o->weights;
    if (!first && !own_mesh && !bs_overlap_fits(o, field))
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: proxy '%s' has other axes than the first one; all variables of proxy.file must share one "
                       "mesh (proxy.fields may name a field of another)",
                       to->file, field->var.name);
    if (first) BS_TRY(bs_overlap_prepare(o, field, p->in->mesh, err));
    const size_t n = o->n_lon * o->n_lat;
    BS_TRY(BS_NEW(&to->amount, n, "a proxy", err));
    if (!bs_overlap_fits(o, field)) return lay_over(p, &from, to->amount, err);
    for (size_t c = 0; c < n; c++) to->amount[c] = density ? value[c] * o->area[c] : value[c];
    return BS_OK;
}

/* A density, per area by its unit. */
static bool is_density(const bs_proxies *p, const bs_lonlat_field *f)
{
    char unit[BS_EMIS_UNIT_MAX];
    double scale = 1, offset = 0;
    return bs_nc_text(f->nc, &f->var, "units", unit, sizeof unit) && *unit &&
           bs_units_convert(p->in->units, unit, "m-2", &scale, &offset, NULL) == BS_OK;
}

static bs_status read_variable(bs_proxies *p, const bs_nc *nc, const char *variable, bool own_mesh, bs_proxy *to,
                               bs_err *err)
{
    bs_lonlat_field *f = NULL;
    double *value = NULL;
    BS_TRY(bs_lonlat_field_open(nc, variable, p->in->units, p->in->log, &f, err));
    bs_status status = BS_OK;
    if (f->n_times != 1)
        status =
            bs_fail(err, BS_ERR_INPUT, "%s: proxy '%s' has %d times; expected one", to->file, variable, f->n_times);
    if (status == BS_OK) status = BS_NEW(&value, f->n_lat * f->n_lon, "a proxy", err);
    if (status == BS_OK) status = bs_lonlat_field_read(f, 0, value, err);
    if (status == BS_OK) status = take_field(p, f, value, is_density(p, f), own_mesh, to, err);
    bs_free(value);
    bs_lonlat_field_close(f);
    return status;
}

static bs_status read_land(bs_proxies *p, const bs_nc *nc, int k, const char *variable, bs_proxy *to, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    const bs_config *config = p->in->config;
    bs_land_wish wish = {.variable = variable};
    wish.numbers = bs_config_text(config, field_path(p, k, "class_variable", path));
    wish.unit = bs_config_text(config, field_path(p, k, "units", path));
    wish.n_classes = bs_config_count(config, field_path(p, k, "classes", path));
    double *classes = NULL;
    bs_land_share land = {0};
    BS_TRY(BS_NEW(&classes, wish.n_classes, "classes of land", err));
    for (int c = 0; c < wish.n_classes; c++) classes[c] = bs_config_real_at(config, path, c);
    wish.classes = classes;
    bs_status status = bs_land_share_read(nc, &wish, p->in->units, &land, err);
    if (status == BS_OK) {
        bs_lonlat_field f = {
            .file = to->file, .nc = nc, .n_lon = land.n_lon, .n_lat = land.n_lat, .lon = land.lon, .lat = land.lat};
        snprintf(f.var.name, sizeof f.var.name, "%s", variable);
        status = take_field(p, &f, land.share, true, true, to, err);
    }
    bs_land_share_clear(&land);
    bs_free(classes);
    return status;
}

/* k: entry of proxy.fields; -1: `variable` of proxy.file. */
static bs_status make_field(bs_proxies *p, int k, const char *variable, bs_proxy *to, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    const bs_config *config = p->in->config;
    const char *own = k < 0 ? NULL : bs_config_text(config, field_path(p, k, "file", path));
    const bool land = k >= 0 && bs_config_count(config, field_path(p, k, "classes", path)) > 0;
    to->file = own ? own : p->file;
    if (!to->file)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: the proxy '%s' of inventory '%s' needs %s (netCDF with the proxy fields)",
                       k < 0 ? bs_config_where(config, bs_emis_path(p->in, "proxy.file", path)) : where_of(p, k),
                       to->name, p->in->name, bs_emis_path(p->in, "proxy.file", path));
    bs_nc *nc = NULL;
    BS_TRY(bs_nc_open(to->file, &nc, err));
    bs_status status =
        land ? read_land(p, nc, k, variable, to, err) : read_variable(p, nc, variable, k >= 0 && own, to, err);
    bs_nc_close(nc);
    return status;
}

/* ---- points ---- */

static bs_status read_point(const bs_csv *csv, const int column[3], const bs_stack_table *stacks, int row,
                            bs_proxy_point *out, bs_err *err)
{
    BS_TRY(bs_csv_real(csv, row, column[0], &out->lon, err));
    BS_TRY(bs_csv_real(csv, row, column[1], &out->lat, err));
    BS_TRY(bs_csv_real(csv, row, column[2], &out->weight, err));
    if (fabs(out->lon) > 360 || fabs(out->lat) > 90 || !(out->weight >= 0))
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: lon %g, lat %g, weight %g: expected degrees, and a weight that is not negative",
                       bs_csv_where(csv, row), out->lon, out->lat, out->weight);
    return bs_stack_table_read(stacks, row, &out->height, &out->stack, &out->lifted, err);
}

static bs_status read_points(const bs_csv *csv, bs_proxy *to, bs_err *err)
{
    static const char *const NAME[3] = {"lon", "lat", "weight"};
    int column[3];
    bs_stack_table stacks;
    for (int c = 0; c < 3; c++) BS_TRY(bs_csv_find(csv, NAME[c], &column[c], err));
    BS_TRY(bs_stack_table_find(csv, false, &stacks, err));
    BS_TRY(BS_NEW(&to->point, bs_csv_rows(csv), "points of a proxy", err));
    to->n_points = bs_csv_rows(csv);
    for (int row = 0; row < to->n_points; row++) BS_TRY(read_point(csv, column, &stacks, row, &to->point[row], err));
    return BS_OK;
}

static bs_status make_points(bs_proxies *p, int k, bs_proxy *to, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    bs_csv *csv = NULL;
    to->file = bs_config_text(p->in->config, field_path(p, k, "points", path));
    BS_TRY(bs_csv_read(to->file, &csv, err));
    bs_status status = read_points(csv, to, err);
    bs_csv_destroy(csv);
    return status;
}

/* ---- sums and products ---- */

static bs_status make_sum(bs_proxies *p, int k, bs_proxy *to, bs_err *err)
{
    char sum[BS_EMIS_PATH_MAX], weights[BS_EMIS_PATH_MAX];
    const bs_config *config = p->in->config;
    const int n = bs_config_count(config, field_path(p, k, "sum", sum));
    double all = 0;
    field_path(p, k, "weights", weights);
    for (int t = 0; t < bs_config_count(config, weights); t++) all += bs_config_real_at(config, weights, t);
    if (n > TERMS_MAX || n != bs_config_count(config, weights) || !(fabs(all - 1) <= WEIGHT_ROUND))
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: the sum '%s' has %d terms and %d weights of %g together; expected a weight for each term (at "
            "most %d), 1 together",
            where_of(p, k), to->name, n, bs_config_count(config, weights), all, TERMS_MAX);
    to->file = "proxy.fields";
    for (int t = 0; t < n; t++) {
        BS_TRY(bs_proxies_get(p, bs_config_text_at(config, sum, t), &to->term[t], err));
        to->weight[t] = bs_config_real_at(config, weights, t);
    }
    to->n_terms = n;
    return BS_OK;
}

static bs_status make_product(bs_proxies *p, int k, bs_proxy *to, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    const bs_config *config = p->in->config;
    const int n = bs_config_count(config, field_path(p, k, "product", path));
    to->file = "proxy.fields";
    for (int t = 0; t < n; t++) {
        const bs_proxy *factor = NULL;
        BS_TRY(bs_proxies_get(p, bs_config_text_at(config, path, t), &factor, err));
        if (!factor->amount)
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: the product '%s': '%s' is no field (points and sums have no density)", where_of(p, k),
                           to->name, factor->name);
        const size_t cells = p->overlap.n_lon * p->overlap.n_lat;
        if (t == 0) BS_TRY(BS_NEW(&to->amount, cells, "a proxy", err));
        for (size_t c = 0; c < cells; c++)
            to->amount[c] = t == 0 ? factor->amount[c] : to->amount[c] * (factor->amount[c] / p->overlap.area[c]);
    }
    return BS_OK;
}

/* ---- by name ---- */

static bs_status make(bs_proxies *p, int k, bs_proxy *to, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    const bs_config *config = p->in->config;
    if (k < 0) return make_field(p, k, to->name, to, err);
    const char *variable = bs_config_text(config, field_path(p, k, "variable", path));
    const bool points = bs_config_has(config, field_path(p, k, "points", path));
    const bool sum = bs_config_count(config, field_path(p, k, "sum", path)) > 0;
    const bool product = bs_config_count(config, field_path(p, k, "product", path)) > 0;
    if ((variable != NULL) + points + sum + product != 1)
        return bs_fail(err, BS_ERR_INPUT, "%s: the proxy '%s' needs one of variable, points, sum and product",
                       where_of(p, k), to->name);
    return points    ? make_points(p, k, to, err)
           : sum     ? make_sum(p, k, to, err)
           : product ? make_product(p, k, to, err)
                     : make_field(p, k, variable, to, err);
}

static int find_entry(const bs_proxies *p, const char *name)
{
    char path[BS_EMIS_PATH_MAX];
    const int n = bs_config_count(p->in->config, bs_emis_path(p->in, "proxy.fields", path));
    for (int k = 0; k < n; k++)
        if (strcmp(bs_config_key_at(p->in->config, path, k), name) == 0) return k;
    return -1;
}

static bs_status add(bs_proxies *p, bs_proxy *made, bs_err *err)
{
    enum { ROOM = sizeof((bs_proxies *)0)->proxy / sizeof(bs_proxy *) };
    if (p->n == ROOM)
        return bs_fail(err, BS_ERR_INPUT, "%s: inventory '%s' has more than %d proxies", p->in->file, p->in->name,
                       ROOM);
    p->proxy[p->n++] = made;
    return BS_OK;
}

bs_status bs_proxies_get(bs_proxies *p, const char *name, const bs_proxy **out, bs_err *err)
{
    for (int k = 0; k < p->n; k++) {
        *out = p->proxy[k];
        if (strcmp(p->proxy[k]->name, name) == 0) return BS_OK;
    }
    const int k = find_entry(p, name);
    bs_proxy *made = NULL;
    if (p->depth >= DEPTH_MAX)
        return bs_fail(err, BS_ERR_INPUT, "%s: the proxy '%s' is made of itself, or of more than %d levels of others",
                       where_of(p, k), name, DEPTH_MAX);
    BS_TRY(BS_NEW(&made, 1, "a proxy", err));
    snprintf(made->name, sizeof made->name, "%s", name);
    p->depth++;
    bs_status status = make(p, k, made, err);
    p->depth--;
    if (status == BS_OK) status = add(p, made, err);
    if (status == BS_OK) {
        *out = made;
    } else {
        bs_free(made->amount);
        bs_free(made->point);
        bs_free(made);
    }
    return status;
}
