#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "model/config/geojson.h"
#include "model/core/memory.h"
#include "model/emis/emis.h"
#include "model/emis/overlap.h"
#include "model/emis/table.h"

static const double PART_COVERED = 0.98; /* a coast drawn on coarse cells loses about this much */

typedef struct proxy {
    char variable[BS_NC_NAME_MAX];
    double *amount; /* [source cells] per cell */
} proxy;

/* Masses of one sector and species on the proxy's mesh. */
typedef struct spread {
    char sector[BS_EMIS_NAME_MAX], species[BS_EMIS_SPECIES_MAX];
    double *mass; /* [source cells] kg s-1 */
    double in_file;
} spread;

typedef struct reader {
    const bs_emis_input *in;
    bs_emis_table table;
    int region, adcode; /* columns */
    bs_region_set *regions;
    double **fraction; /* [regions] NULL until needed: shares of source cells inside the region */
    bs_nc *nc;
    bs_lonlat_field *mesh; /* axes of the first proxy; the others must share them */
    bs_overlap overlap;
    proxy *proxies;
    int n_proxies;
    spread *spreads;
    int n_spreads;
} reader;

/* The proxy variable of a sector; NULL: none is given. */
static const char *proxy_name(const bs_emis_input *in, const char *sector)
{
    char path[BS_EMIS_PATH_MAX], entry[BS_EMIS_PATH_MAX / 2];
    int n = bs_config_count(in->config, bs_emis_path(in, "proxy.by_sector", path));
    for (int s = 0; s < n; s++) {
        if (strcmp(bs_config_key_at(in->config, path, s), sector) != 0) continue;
        snprintf(entry, sizeof entry, "proxy.by_sector[%d].variable", s);
        return bs_config_text(in->config, bs_emis_path(in, entry, path));
    }
    return bs_config_text(in->config, bs_emis_path(in, "proxy.default", path));
}

/* A proxy counts what is in a cell; a density (per area, by its unit) is multiplied by the cell's area. */
static bool is_density(const reader *r, const bs_lonlat_field *f)
{
    char unit[BS_EMIS_UNIT_MAX];
    double scale = 1, offset = 0;
    return bs_nc_text(f->nc, &f->var, "units", unit, sizeof unit) && *unit &&
           bs_units_convert(r->in->units, unit, "m-2", &scale, &offset, NULL) == BS_OK;
}

static bs_status load_proxy(reader *r, const bs_lonlat_field *f, proxy *p, bs_err *err)
{
    const char *file = bs_nc_file(r->nc);
    size_t n = f->n_lat * f->n_lon;
    if (f->n_times != 1) {
        return bs_fail(err, BS_ERR_INPUT, "%s: proxy '%s' has %d times; expected one", file, f->var.name, f->n_times);
    }
    if (r->overlap.weights && !bs_overlap_fits(&r->overlap, f)) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: proxy '%s' has other axes than '%s'; all proxies of a file must share one mesh", file,
                       f->var.name, r->mesh->var.name);
    }
    BS_TRY(bs_overlap_prepare(&r->overlap, f, r->in->mesh, err));
    BS_TRY(BS_NEW(&p->amount, n, "a proxy", err));
    BS_TRY(bs_lonlat_field_read(f, 0, p->amount, err));
    if (is_density(r, f)) {
        for (size_t c = 0; c < n; c++) p->amount[c] *= r->overlap.area[c];
    }
    return BS_OK;
}

static bs_status get_proxy(reader *r, const char *variable, const double **amount, bs_err *err)
{
    for (int p = 0; p < r->n_proxies; p++) {
        *amount = r->proxies[p].amount;
        if (strcmp(r->proxies[p].variable, variable) == 0) return BS_OK;
    }
    bs_lonlat_field *field = NULL;
    BS_TRY(bs_lonlat_field_open(r->nc, variable, r->in->units, r->in->log, &field, err));
    bs_status status = BS_OK;
    proxy *grown = realloc(r->proxies, ((size_t)r->n_proxies + 1) * sizeof *grown);
    if (grown) {
        r->proxies = grown;
        proxy *p = &r->proxies[r->n_proxies++];
        *p = (proxy){0};
        snprintf(p->variable, sizeof p->variable, "%s", variable);
        status = load_proxy(r, field, p, err);
        *amount = p->amount;
    } else {
        status = bs_fail(err, BS_ERR_MEMORY, "out of memory for proxies");
    }
    if (status == BS_OK && !r->mesh) {
        r->mesh = field;
    } else {
        bs_lonlat_field_close(field);
    }
    return status;
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
    size_t n = r->overlap.n_lon * r->overlap.n_lat;
    BS_TRY(BS_NEW(&r->fraction[region], n, "shares of a region", err));
    *fraction = r->fraction[region];
    bs_lonlat_grid grid = bs_lonlat_field_grid(r->mesh);
    bs_status status = bs_region_source_fractions(&g->shape, &grid, r->fraction[region], err);
    if (status) {
        bs_err_context(err, "%s: region '%s'", bs_csv_where(r->table.csv, row), g->name);
        return status;
    }
    double covered = 0, radius = r->in->mesh->radius, area = region_area(&g->shape) * radius * radius;
    for (size_t c = 0; c < n; c++) covered += (*fraction)[c] * r->overlap.area[c];
    if (covered < PART_COVERED * area) {
        bs_log_warn(r->in->log,
                    "%s: region '%s': the proxies of %s cover %.1f %% of its area, and that part gets all of its total",
                    bs_csv_where(r->table.csv, row), g->name, bs_nc_file(r->nc), 100 * covered / area);
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
    BS_TRY(BS_NEW(&(*out)->mass, r->overlap.n_lon * r->overlap.n_lat, "masses on the proxy's mesh", err));
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

static bs_status read_row(reader *r, int row, bs_err *err)
{
    const bs_csv *csv = r->table.csv;
    bs_emis_row record;
    BS_TRY(bs_emis_table_row(&r->table, row, &record, err));
    if (!record.wanted) return BS_OK;
    const char *variable = proxy_name(r->in, record.sector);
    if (!variable) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: no proxy for the sector '%s'; give proxy.by_sector or proxy.default of inventory '%s'",
                       bs_csv_where(csv, row), record.sector, r->in->name);
    }
    if (strlen(record.sector) >= BS_EMIS_NAME_MAX || strlen(record.species) >= BS_EMIS_SPECIES_MAX) {
        return bs_fail(err, BS_ERR_INPUT, "%s: the name of the sector or species is too long", bs_csv_where(csv, row));
    }
    int region = 0;
    const double *amount = NULL, *fraction = NULL;
    spread *to = NULL;
    BS_TRY(find_region(r, row, &region, err));
    BS_TRY(check_repeat(r, row, region, &record, err));
    BS_TRY(get_proxy(r, variable, &amount, err));
    BS_TRY(get_fraction(r, row, region, &fraction, err));
    BS_TRY(get_spread(r, &record, &to, err));
    size_t n = r->overlap.n_lon * r->overlap.n_lat;
    double sum = 0;
    for (size_t c = 0; c < n; c++) sum += amount[c] * fraction[c];
    if (!(sum > 0)) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: proxy '%s' of %s is zero all over the region '%s', so that its total has no place",
                       bs_csv_where(csv, row), variable, bs_nc_file(r->nc), bs_csv_text(csv, row, r->region));
    }
    for (size_t c = 0; c < n; c++) to->mass[c] += record.rate * (amount[c] * fraction[c] / sum);
    to->in_file += record.rate;
    return BS_OK;
}

static bs_status read_rows(reader *r, const char *proxy_file, const char *region_file, bs_err *err)
{
    const bs_emis_input *in = r->in;
    BS_TRY(bs_emis_table_open(in, &r->table, err));
    BS_TRY(bs_csv_find(r->table.csv, "region", &r->region, err));
    BS_TRY(bs_csv_find(r->table.csv, "adcode", &r->adcode, err));
    BS_TRY(bs_regions_read(region_file, &r->regions, err));
    BS_TRY(BS_NEW(&r->fraction, r->regions->n, "shares of regions", err));
    BS_TRY(bs_nc_open(proxy_file, &r->nc, err));
    for (int row = 0; row < bs_csv_rows(r->table.csv); row++) BS_TRY(read_row(r, row, err));
    for (int s = 0; s < r->n_spreads; s++) {
        const spread *from = &r->spreads[s];
        bs_overlap_sums sums;
        int sheet = 0;
        BS_TRY(bs_emis_sheet_get(in, from->sector, from->species, 1, &sheet, err));
        bs_overlap_spread(&r->overlap, from->mass, in->emission->sheet[sheet].rate, &sums);
        if (fabs(sums.source - from->in_file) > 1e-10 * from->in_file) {
            return bs_fail(err, BS_ERR_RUN,
                           "%s: sector '%s', species '%s': %.15g kg s-1 in the table, but %.15g on the proxy's mesh",
                           in->file, from->sector, from->species, from->in_file, sums.source);
        }
        BS_TRY(bs_emis_audit_add(in, from->sector, from->species, from->in_file, sums.inside, sums.on_grid,
                                 sums.touching, err));
    }
    return BS_OK;
}

static void clear(reader *r)
{
    for (int s = 0; s < r->n_spreads; s++) bs_free(r->spreads[s].mass);
    for (int p = 0; p < r->n_proxies; p++) bs_free(r->proxies[p].amount);
    for (int g = 0; r->fraction && g < r->regions->n; g++) bs_free(r->fraction[g]);
    free(r->spreads);
    free(r->proxies);
    bs_free(r->fraction);
    bs_lonlat_field_close(r->mesh);
    bs_overlap_clear(&r->overlap);
    bs_nc_close(r->nc);
    bs_regions_destroy(r->regions);
    bs_emis_table_close(&r->table);
}

bs_status bs_emis_read_totals(const bs_emis_input *in, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    const char *proxy_file = bs_config_text(in->config, bs_emis_path(in, "proxy.file", path));
    const char *region_file = bs_config_text(in->config, bs_emis_path(in, "regions", path));
    if (!proxy_file || !region_file) {
        bs_emis_path(in, proxy_file ? "regions" : "proxy.file", path);
        return bs_fail(err, BS_ERR_INPUT, "%s: inventory '%s' holds totals and needs %s (%s)",
                       bs_config_where(in->config, path), in->name, path,
                       proxy_file ? "GeoJSON polygons of its regions" : "netCDF with the proxy fields");
    }
    reader r = {.in = in};
    bs_status status = read_rows(&r, proxy_file, region_file, err);
    clear(&r);
    return status;
}
