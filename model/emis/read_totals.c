#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "model/config/geojson.h"
#include "model/core/memory.h"
#include "model/emis/emis.h"
#include "model/emis/proxies.h"
#include "model/emis/table.h"

static const double PART_COVERED = 0.98; /* a coast drawn on coarse cells loses about this much */

/* What goes to one sector and species: masses on the proxies' mesh, and points. */
typedef struct spread {
    char sector[BS_EMIS_NAME_MAX], species[BS_EMIS_SPECIES_MAX];
    double *mass; /* [source cells] kg s-1; NULL: none yet */
    double in_file, to_points, points_inside;
} spread;

typedef struct reader {
    const bs_emis_input *in;
    bs_emis_table table;
    int region, adcode; /* columns */
    bs_region_set *regions;
    double **fraction; /* [regions] NULL until needed: shares of source cells inside the region */
    bs_proxies proxies;
    spread *spreads;
    int n_spreads;
} reader;

/* A row of the table on its way. */
typedef struct placing {
    int row, region;
    const bs_emis_row *record;
    spread *to;
    const double *fraction; /* of the region; NULL: no field yet */
} placing;

/* A text of the sector's entry in proxy.by_sector; NULL: none. */
static const char *sector_text(const bs_emis_input *in, const char *sector, const char *key)
{
    char path[BS_EMIS_PATH_MAX], entry[BS_EMIS_PATH_MAX / 2];
    int n = bs_config_count(in->config, bs_emis_path(in, "proxy.by_sector", path));
    for (int s = 0; s < n; s++) {
        if (strcmp(bs_config_key_at(in->config, path, s), sector) != 0) continue;
        snprintf(entry, sizeof entry, "proxy.by_sector[%d].%s", s, key);
        return bs_config_text(in->config, bs_emis_path(in, entry, path));
    }
    return NULL;
}

/* The proxy of a sector; NULL: none is given. */
static const char *proxy_name(const bs_emis_input *in, const char *sector)
{
    char path[BS_EMIS_PATH_MAX];
    const char *own = sector_text(in, sector, "variable");
    return own ? own : bs_config_text(in->config, bs_emis_path(in, "proxy.default", path));
}

/* The region that a row names, by adcode, or by name where it has none. */
static bs_status find_region(const reader *r, int row, int *region, bs_err *err)
{
    const bs_csv *csv = r->table.csv;
    const char *adcode = bs_csv_text(csv, row, r->adcode), *name = bs_csv_text(csv, row, r->region);
    char path[BS_EMIS_PATH_MAX];
    *region = bs_regions_find(r->regions, *adcode ? adcode : name);
    if (*region < 0) {
        return bs_fail(err, BS_ERR_INPUT, "%s: no polygon in %s for the region '%s' (adcode '%s')",
                       bs_csv_where(csv, row), bs_config_text(r->in->config, bs_emis_path(r->in, "regions", path)),
                       name, adcode);
    }
    const bs_region *found = &r->regions->region[*region];
    if (*name && strcmp(name, found->name) != 0 && strcmp(name, found->name_en) != 0) {
        bs_log_warn(r->in->log, "%s: the region '%s' has the adcode %s, which is '%s' (%s) in the polygons",
                    bs_csv_where(csv, row), name, adcode, found->name, found->name_en);
    }
    return BS_OK;
}

static double ring_area(const bs_region_shape *s, size_t ring)
{
    double twice = 0;
    for (size_t p = s->ring_start[ring]; p + 1 < s->ring_start[ring + 1]; p++) {
        double y0 = sin(s->lat[p] * BS_PI / 180), y1 = sin(s->lat[p + 1] * BS_PI / 180);
        twice += (s->lon[p] * y1 - s->lon[p + 1] * y0) * BS_PI / 180;
    }
    return fabs(twice) / 2;
}

/* Area of a region on the unit sphere, in the equal-area plane of mesh.h. */
static double region_area(const bs_region_shape *s)
{
    double sum = 0;
    for (size_t p = 0; p < s->n_polygons; p++) {
        for (size_t ring = s->polygon_start[p]; ring < s->polygon_start[p + 1]; ring++) {
            sum += ring == s->polygon_start[p] ? ring_area(s, ring) : -ring_area(s, ring);
        }
    }
    return sum;
}

static bs_status get_fraction(reader *r, int row, int region, const double **fraction, bs_err *err)
{
    *fraction = r->fraction[region];
    if (*fraction) return BS_OK;
    const bs_region *g = &r->regions->region[region];
    for (size_t p = 0; p < g->shape.ring_start[g->shape.polygon_start[g->shape.n_polygons]]; p++)
        bs_emis_extent_add(r->in->emission, g->shape.lon[p], g->shape.lat[p]);
    size_t n = r->proxies.overlap.n_lon * r->proxies.overlap.n_lat;
    BS_TRY(BS_NEW(&r->fraction[region], n, "shares of a region", err));
    *fraction = r->fraction[region];
    bs_lonlat_grid grid = bs_proxies_grid(&r->proxies);
    bs_status status = bs_region_source_fractions(&g->shape, &grid, r->fraction[region], err);
    if (status) {
        bs_err_context(err, "%s: region '%s'", bs_csv_where(r->table.csv, row), g->name);
        return status;
    }
    static const char in_fields[] = "proxy.fields";
    double covered = 0, radius = r->in->mesh->radius, area = region_area(&g->shape) * radius * radius;
    for (size_t c = 0; c < n; c++) covered += (*fraction)[c] * r->proxies.overlap.area[c];
    if (covered < PART_COVERED * area) {
        bs_log_warn(r->in->log,
                    "%s: region '%s': the proxies of %s cover %.1f %% of its area, and that part gets all of its total",
                    bs_csv_where(r->table.csv, row), g->name, r->proxies.file ? r->proxies.file : in_fields,
                    100 * covered / area);
    }
    return BS_OK;
}

static bs_status get_spread(reader *r, const bs_emis_row *row, spread **out, bs_err *err)
{
    for (int s = 0; s < r->n_spreads; s++) {
        *out = &r->spreads[s];
        if (strcmp((*out)->sector, row->sector) == 0 && strcmp((*out)->species, row->species) == 0) return BS_OK;
    }
    spread *grown = realloc(r->spreads, ((size_t)r->n_spreads + 1) * sizeof *grown);
    if (!grown) return bs_fail(err, BS_ERR_MEMORY, "out of memory for sectors");
    r->spreads = grown;
    *out = &r->spreads[r->n_spreads];
    **out = (spread){0};
    r->n_spreads++;
    snprintf((*out)->sector, sizeof(*out)->sector, "%s", row->sector);
    snprintf((*out)->species, sizeof(*out)->species, "%s", row->species);
    return BS_OK;
}

/* A region listed again for the same sector and species would be counted twice. */
static bs_status check_repeat(const reader *r, int row, int region, const bs_emis_row *record, bs_err *err)
{
    const bs_csv *csv = r->table.csv;
    for (int b = 0; b < row; b++) {
        if (strcmp(bs_csv_text(csv, b, r->table.sector), record->sector) != 0 ||
            strcmp(bs_csv_text(csv, b, r->table.species), record->species) != 0) {
            continue;
        }
        const char *adcode = bs_csv_text(csv, b, r->adcode);
        if (bs_regions_find(r->regions, *adcode ? adcode : bs_csv_text(csv, b, r->region)) != region) continue;
        return bs_fail(
            err, BS_ERR_INPUT, "%s: region '%s', sector '%s', species '%s' has a row already (row %d of the table)",
            bs_csv_where(csv, row), bs_csv_text(csv, row, r->region), record->sector, record->species, b + 1);
    }
    return BS_OK;
}

/* ---- weights in the region ---- */

static bs_status sum_points(const reader *r, const bs_proxy *p, int region, bool *inside, double *sum, bs_err *err)
{
    double *lon = NULL;
    const size_t n = (size_t)p->n_points;
    BS_TRY(BS_NEW(&lon, 2 * n, "places of points", err));
    for (size_t k = 0; k < n; k++) {
        lon[k] = p->point[k].lon;
        lon[n + k] = p->point[k].lat;
    }
    bs_status status = bs_region_holds(&r->regions->region[region].shape, n, lon, lon + n, inside, err);
    *sum = 0;
    for (size_t k = 0; k < n && status == BS_OK; k++)
        if (inside[k]) *sum += p->point[k].weight;
    bs_free(lon);
    return status;
}

static double sum_cells(const reader *r, const bs_proxy *p, const double *fraction)
{
    const size_t n = r->proxies.overlap.n_lon * r->proxies.overlap.n_lat;
    double sum = 0;
    for (size_t c = 0; c < n; c++) sum += p->amount[c] * fraction[c];
    return sum;
}

/* The first of a proxy and its terms that has no weight in the region; *none NULL: all have. */
static bs_status find_empty(reader *r, placing *at, const bs_proxy *p, const bs_proxy **none, bs_err *err)
{
    *none = NULL;
    for (int t = 0; t < p->n_terms && !*none; t++) BS_TRY(find_empty(r, at, p->term[t], none, err));
    if (p->n_terms) return BS_OK;
    double sum = 0;
    if (p->amount) {
        BS_TRY(get_fraction(r, at->row, at->region, &at->fraction, err));
        sum = sum_cells(r, p, at->fraction);
    } else {
        bool *inside = NULL;
        BS_TRY(BS_NEW(&inside, p->n_points, "places of points", err));
        bs_status status = sum_points(r, p, at->region, inside, &sum, err);
        bs_free(inside);
        BS_TRY(status);
    }
    if (!(sum > 0)) *none = p;
    return BS_OK;
}

/* The sector's proxy, or its fallback where that has no weight in the region. */
static bs_status choose(reader *r, placing *at, const bs_proxy **out, bs_err *err)
{
    const bs_emis_input *in = r->in;
    const bs_csv *csv = r->table.csv;
    const char *sector = at->record->sector, *name = proxy_name(in, sector),
               *other = sector_text(in, sector, "fallback");
    const bs_proxy *none = NULL;
    if (!name)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: no proxy for the sector '%s'; give proxy.by_sector or proxy.default of inventory '%s'",
                       bs_csv_where(csv, at->row), sector, in->name);
    BS_TRY(bs_proxies_get(&r->proxies, name, out, err));
    BS_TRY(find_empty(r, at, *out, &none, err));
    if (!none) return BS_OK;
    const bs_proxy *empty = none;
    if (other) {
        BS_TRY(bs_proxies_get(&r->proxies, other, out, err));
        BS_TRY(find_empty(r, at, *out, &none, err));
        if (!none) {
            bs_log_info(in->log, "%s: proxy '%s' is zero all over the region '%s'; sector '%s' takes its fallback '%s'",
                        bs_csv_where(csv, at->row), empty->name, bs_csv_text(csv, at->row, r->region), sector, other);
            return BS_OK;
        }
    }
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: proxy '%s' of %s is zero all over the region '%s', so that the total of sector '%s' has no place%s; "
        "proxy.by_sector.%s.fallback may name another proxy for such regions",
        bs_csv_where(csv, at->row), none->name, none->file, bs_csv_text(csv, at->row, r->region), sector,
        other ? " (nor does its fallback give one)" : "", sector);
}

/* ---- to cells and points ---- */

static bs_status place_in_cells(reader *r, const placing *at, const bs_proxy *p, double rate, bs_err *err)
{
    const size_t n = r->proxies.overlap.n_lon * r->proxies.overlap.n_lat;
    const double sum = sum_cells(r, p, at->fraction);
    if (!at->to->mass) BS_TRY(BS_NEW(&at->to->mass, n, "masses on the proxies' mesh", err));
    for (size_t c = 0; c < n; c++) at->to->mass[c] += rate * (p->amount[c] * at->fraction[c] / sum);
    return BS_OK;
}

static bs_status place_at_point(const reader *r, const placing *at, const bs_proxy_point *from, double rate,
                                bs_err *err)
{
    const bs_emis_input *in = r->in;
    double fi = 0, fj = 0;
    at->to->to_points += rate;
    bs_emis_extent_add(in->emission, from->lon, from->lat);
    bool inside = bs_mesh_locate(in->mesh, from->lon, from->lat, &fi, &fj);
    const int i = (int)floor(fi), j = (int)floor(fj);
    inside = inside && i >= 0 && i < in->mesh->nx && j >= 0 && j < in->mesh->ny;
    int sheet = 0;
    BS_TRY(bs_emis_sheet_get(in, at->record->sector, at->record->species, 0, &sheet, err));
    if (!inside) return BS_OK;
    at->to->points_inside += rate;
    bs_emis_point point = {.sheet = sheet, .stack = -1, .lon = from->lon, .lat = from->lat, .rate = rate};
    point.cell = (size_t)j * (size_t)in->mesh->nx + (size_t)i;
    point.height = from->height;
    in->emission->sheet[sheet].profiled = in->emission->sheet[sheet].profiled || isnan(from->height);
    if (from->lifted) BS_TRY(bs_emis_stack_add(in->emission, &from->stack, &point.stack, err));
    return bs_emis_point_add(in->emission, &point, err);
}

static bs_status place_at_points(const reader *r, const placing *at, const bs_proxy *p, double rate, bs_err *err)
{
    bool *inside = NULL;
    double sum = 0;
    BS_TRY(BS_NEW(&inside, p->n_points, "places of points", err));
    bs_status status = sum_points(r, p, at->region, inside, &sum, err);
    for (int k = 0; k < p->n_points && status == BS_OK; k++)
        if (inside[k] && p->point[k].weight > 0)
            status = place_at_point(r, at, &p->point[k], rate * (p->point[k].weight / sum), err);
    bs_free(inside);
    return status;
}

static bs_status place(reader *r, const placing *at, const bs_proxy *p, double rate, bs_err *err)
{
    for (int t = 0; t < p->n_terms; t++) BS_TRY(place(r, at, p->term[t], rate * p->weight[t], err));
    if (p->n_terms) return BS_OK;
    return p->amount ? place_in_cells(r, at, p, rate, err) : place_at_points(r, at, p, rate, err);
}

static bs_status read_row(reader *r, int row, bs_err *err)
{
    const bs_csv *csv = r->table.csv;
    bs_emis_row record;
    BS_TRY(bs_emis_table_row(&r->table, row, &record, err));
    if (!record.wanted) return BS_OK;
    if (strlen(record.sector) >= BS_EMIS_NAME_MAX || strlen(record.species) >= BS_EMIS_SPECIES_MAX) {
        return bs_fail(err, BS_ERR_INPUT, "%s: the name of the sector or species is too long", bs_csv_where(csv, row));
    }
    placing at = {.row = row, .record = &record};
    const bs_proxy *proxy = NULL;
    BS_TRY(find_region(r, row, &at.region, err));
    BS_TRY(check_repeat(r, row, at.region, &record, err));
    BS_TRY(choose(r, &at, &proxy, err));
    BS_TRY(get_spread(r, &record, &at.to, err));
    at.to->in_file += record.rate;
    return place(r, &at, proxy, record.rate, err);
}

/* What the points of a sheet hold, as they are stored. */
static double stored_points(const bs_emission *e, int sheet)
{
    double sum = 0;
    for (size_t p = 0; p < e->n_points; p++)
        if (e->point[p].sheet == sheet) sum += e->point[p].rate;
    return sum;
}

static bs_status finish(reader *r, const spread *from, bs_err *err)
{
    const bs_emis_input *in = r->in;
    const double in_cells = from->in_file - from->to_points;
    bs_overlap_sums sums = {0};
    int sheet = 0;
    BS_TRY(bs_emis_sheet_get(in, from->sector, from->species, from->mass ? 1 : 0, &sheet, err));
    if (from->mass) BS_TRY(bs_emis_spread(in, &r->proxies.overlap, sheet, 0, 1, from->mass, &sums, err));
    if (fabs(sums.source - in_cells) > 1e-10 * from->in_file)
        return bs_fail(
            err, BS_ERR_RUN,
            "%s: sector '%s', species '%s': %.15g kg s-1 in the table, but %.15g on the proxies' mesh and %.15g "
            "at points",
            in->file, from->sector, from->species, from->in_file, sums.source, from->to_points);
    return bs_emis_audit_add(in, from->sector, from->species, from->in_file, sums.inside + from->points_inside,
                             sums.on_grid + stored_points(in->emission, sheet), sums.touching + from->to_points, err);
}

static bs_status read_rows(reader *r, const char *region_file, bs_err *err)
{
    const bs_emis_input *in = r->in;
    BS_TRY(bs_emis_table_open(in, &r->table, err));
    BS_TRY(bs_csv_find(r->table.csv, "region", &r->region, err));
    BS_TRY(bs_csv_find(r->table.csv, "adcode", &r->adcode, err));
    BS_TRY(bs_regions_read(region_file, &r->regions, err));
    BS_TRY(BS_NEW(&r->fraction, r->regions->n, "shares of regions", err));
    bs_proxies_begin(in, &r->proxies);
    for (int row = 0; row < bs_csv_rows(r->table.csv); row++) BS_TRY(read_row(r, row, err));
    for (int s = 0; s < r->n_spreads; s++) BS_TRY(finish(r, &r->spreads[s], err));
    return BS_OK;
}

static void clear(reader *r)
{
    for (int s = 0; s < r->n_spreads; s++) bs_free(r->spreads[s].mass);
    for (int g = 0; r->fraction && g < r->regions->n; g++) bs_free(r->fraction[g]);
    free(r->spreads);
    bs_free(r->fraction);
    bs_proxies_clear(&r->proxies);
    bs_regions_destroy(r->regions);
    bs_emis_table_close(&r->table);
}

bs_status bs_emis_read_totals(const bs_emis_input *in, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    const bool has_proxy = bs_config_has(in->config, bs_emis_path(in, "proxy.file", path)) ||
                           bs_config_count(in->config, bs_emis_path(in, "proxy.fields", path)) > 0;
    const char *region_file = bs_config_text(in->config, bs_emis_path(in, "regions", path));
    if (!has_proxy || !region_file) {
        bs_emis_path(in, has_proxy ? "regions" : "proxy.file", path);
        return bs_fail(err, BS_ERR_INPUT, "%s: inventory '%s' holds totals and needs %s (%s)",
                       bs_config_where(in->config, path), in->name, path,
                       has_proxy ? "GeoJSON polygons of its regions" : "netCDF with the proxy fields, or proxy.fields");
    }
    reader r = {.in = in};
    bs_status status = read_rows(&r, region_file, err);
    clear(&r);
    return status;
}
