#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/check.h"
#include "model/core/memory.h"
#include "model/emis/emis.h"
#include "model/emis/sectors.h"
#include "model/emis/speciation.h"

/* The readers, in the order of the words of emissions.inventories[].type, and the options that each of them alone knows. */
static const struct {
    const char *type;
    bs_status (*read)(const bs_emis_input *in, bs_err *err);
    const char *source;     /* option that names its file */
    const char *foreign[8]; /* options that mean nothing to it */
} READERS[] = {
    {"gridded",
     bs_emis_read_gridded,
     "file",
     {"sectors", "regions", "proxy.file", "proxy.default", "proxy.by_sector", "mapping", "files"}},
    {"points",
     bs_emis_read_points,
     "file",
     {"variables", "regions", "proxy.file", "proxy.default", "proxy.by_sector", "mapping", "files", "outside"}},
    {"totals", bs_emis_read_totals, "file", {"variables", "mapping", "files", "outside", "missing"}},
    {"mapped",
     bs_emis_read_mapped,
     "mapping",
     {"variables", "regions", "proxy.file", "proxy.default", "proxy.by_sector", "file"}},
};
enum { N_READERS = sizeof READERS / sizeof *READERS };

static bs_status read_profiles(bs_emission *e, const bs_config *config, bs_err *err)
{
    const char *file[BS_PROFILE_KINDS] = {
        [BS_PROFILE_MONTH] = bs_config_text(config, "emissions.profiles.month"),
        [BS_PROFILE_WEEKDAY] = bs_config_text(config, "emissions.profiles.weekday"),
        [BS_PROFILE_HOUR] = bs_config_text(config, "emissions.profiles.hour"),
        [BS_PROFILE_HEIGHT] = bs_config_text(config, "emissions.profiles.height"),
    };
    e->utc_offset = bs_config_real(config, "emissions.profiles.utc_offset");
    return bs_profiles_create(file, &e->profiles, err);
}

/* Every sector and species that the inventory is asked for must be in it: a rule that matches nothing is a mistake. */
static bs_status check_rules(const bs_emis_input *in, int first_sheet, bs_err *err)
{
    const bs_emission *e = in->emission;
    char path[BS_EMIS_PATH_MAX];
    int n = bs_config_count(in->config, bs_emis_path(in, "sectors", path));
    for (int s = 0; s < n; s++) {
        const char *sector = bs_config_text_at(in->config, path, s);
        bool found = false;
        for (int k = first_sheet; k < e->n_sheets; k++) found = found || strcmp(e->sheet[k].asked, sector) == 0;
        if (!found) {
            return bs_fail(err, BS_ERR_INPUT, "%s: the sector '%s' is not in %s%s%s: a rule that matches no emission",
                           bs_config_where(in->config, path), sector, in->file, in->species ? " with the species " : "",
                           in->species ? in->species : "");
        }
    }
    if (e->n_sheets == first_sheet) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: inventory '%s' takes nothing from %s%s%s: a rule that matches no emission",
                       bs_config_where(in->config, bs_emis_path(in, "species", path)), in->name, in->file,
                       in->species ? ", which has no species " : "", in->species ? in->species : "");
    }
    return BS_OK;
}

/* An inventory that misses the mesh would be a line of zeros. One whose file holds nothing (scale: 0) is meant so. */
static bs_status check_domain(const bs_emis_input *in, int first_sheet, bs_err *err)
{
    const bs_emission *e = in->emission;
    const bs_mesh *m = in->mesh;
    const bs_emis_extent *of = &e->extent;
    double file = 0, domain = 0, left_out = 0, west = INFINITY, east = -INFINITY, south = INFINITY, north = -INFINITY;
    for (int s = first_sheet; s < e->n_sheets; s++) {
        file += e->sheet[s].account.in_file;
        domain += e->sheet[s].account.in_domain;
        left_out += e->sheet[s].account.left_out;
    }
    if (domain > 0 || file == 0) return BS_OK;
    if (left_out > 0)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: inventory '%s': only, except and what others replace leave nothing of it on the mesh",
                       bs_config_where(in->config, bs_emis_path(in, "name", (char[BS_EMIS_PATH_MAX]){0})), in->name);
    for (size_t c = 0; c < (size_t)(m->nx + 1) * (size_t)(m->ny + 1); c++) {
        west = fmin(west, m->lon_c[c]), east = fmax(east, m->lon_c[c]);
        south = fmin(south, m->lat_c[c]), north = fmax(north, m->lat_c[c]);
    }
    char path[BS_EMIS_PATH_MAX];
    const bool many = bs_config_count(in->config, bs_emis_path(in, "files", path)) > 0;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: inventory '%s': nothing of %s lies on the mesh: a rule that matches no emission. It spans "
        "%.2f to %.2f E, %.2f to %.2f N, the mesh %.2f to %.2f E, %.2f to %.2f N; take the inventory away or "
        "move the mesh",
        bs_config_where(in->config, bs_emis_path(in, many ? "files" : "file", path)), in->name,
        many ? "its files" : in->file, of->west, of->east, of->south, of->north, west, east, south, north);
}

/* An inventory may be of another year than the case, when it says so. */
static void choose_year(bs_emis_input *in)
{
    char path[BS_EMIS_PATH_MAX];
    const bool of_case = bs_config_has(in->config, "emissions.year");
    in->year = of_case ? (int)bs_config_int(in->config, "emissions.year") : 0;
    if (!bs_config_has(in->config, bs_emis_path(in, "year", path))) return;
    const int own = (int)bs_config_int(in->config, path);
    if (of_case && own != in->year)
        bs_log_info(in->log, "inventory '%s': its year %d is used for %d (emissions.year)", in->name, own, in->year);
    in->year = own;
}

static bs_status read_inventory(bs_emis_input *in, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    in->name = bs_config_text(in->config, bs_emis_path(in, "name", path));
    choose_year(in);
    in->species = bs_config_text(in->config, bs_emis_path(in, "species", path));
    in->scale = bs_config_real(in->config, bs_emis_path(in, "scale", path));
    int type = bs_config_choice(in->config, bs_emis_path(in, "type", path));
    bs_assert(type >= 0 && type < N_READERS);
    for (size_t f = 0; f < sizeof READERS[type].foreign / sizeof *READERS[type].foreign && READERS[type].foreign[f];
         f++) {
        if (!bs_config_has(in->config, bs_emis_path(in, READERS[type].foreign[f], path))) continue;
        return bs_fail(err, BS_ERR_INPUT, "%s: an inventory of type %s has no use for '%s'; remove it",
                       bs_config_where(in->config, path), READERS[type].type, READERS[type].foreign[f]);
    }
    in->file = bs_config_text(in->config, bs_emis_path(in, READERS[type].source, path));
    if (!in->file) {
        return bs_fail(err, BS_ERR_INPUT, "%s: inventory '%s' is of type %s and needs '%s'%s",
                       bs_config_where(in->config, path), in->name, READERS[type].type, READERS[type].source,
                       strcmp(READERS[type].source, "mapping") == 0 ? ", as ../inventories/edgar.yaml" : "");
    }
    const int first_sheet = in->emission->n_sheets;
    const size_t first_point = in->emission->n_points;
    in->emission->extent = (bs_emis_extent){INFINITY, -INFINITY, INFINITY, -INFINITY};
    BS_TRY(READERS[type].read(in, err));
    BS_TRY(check_rules(in, first_sheet, err));
    BS_TRY(bs_emis_settle_points(in, first_point, err));
    return check_domain(in, first_sheet, err);
}

/* Whether an earlier sheet of the sector was told of. */
static bool sector_told(const bs_emission *e, int sheet)
{
    for (int s = 0; s < sheet; s++)
        if (e->sheet[s].total >= 0 && strcmp(e->sheet[s].sector, e->sheet[sheet].sector) == 0) return true;
    return false;
}

static bs_status find_profile(const bs_emission *e, int s, bs_profile_kind kind, int *row, bs_log *log, bs_err *err)
{
    static const char *const NAME[BS_PROFILE_KINDS] = {"month", "weekday", "hour", "height"};
    const char *sector = e->sheet[s].sector, *used = sector;
    BS_TRY(bs_profiles_find(e->profiles, kind, sector, row, &used, err));
    if (strcmp(used, sector) != 0 && !sector_told(e, s))
        bs_log_info(log, "emissions: sector '%s' has no %s profile of its own and takes that of '%s'", sector,
                    NAME[kind], used);
    return BS_OK;
}

/* The rows of profiles of a sheet that is carried. */
static bs_status find_profiles(bs_emission *e, int s, bs_log *log, bs_err *err)
{
    bs_emis_sheet *sheet = &e->sheet[s];
    sheet->month = sheet->weekday = sheet->hour = sheet->height = -1;
    if (sheet->total < 0) {
        bs_log_info(log, "emissions: species '%s' of sector '%s' is not carried and left out", sheet->species,
                    sheet->sector);
        return BS_OK;
    }
    if (sheet->n_months != BS_EMIS_MONTHS) BS_TRY(find_profile(e, s, BS_PROFILE_MONTH, &sheet->month, log, err));
    BS_TRY(find_profile(e, s, BS_PROFILE_WEEKDAY, &sheet->weekday, log, err));
    BS_TRY(find_profile(e, s, BS_PROFILE_HOUR, &sheet->hour, log, err));
    if (sheet->n_months > 0 || sheet->profiled) BS_TRY(find_profile(e, s, BS_PROFILE_HEIGHT, &sheet->height, log, err));
    return BS_OK;
}

static int by_cell(const void *a, const void *b)
{
    const bs_emis_point *p = a, *q = b;
    if (p->cell != q->cell) return p->cell < q->cell ? -1 : 1;
    if (p->sheet != q->sheet) return p->sheet < q->sheet ? -1 : 1;
    const double above = isnan(p->height) ? -1 : p->height, other = isnan(q->height) ? -1 : q->height;
    if (above != other) return above < other ? -1 : 1;
    if (p->stack != q->stack) return p->stack < q->stack ? -1 : 1;
    if (p->rate != q->rate) return p->rate < q->rate ? -1 : 1;
    if (p->lon != q->lon) return p->lon < q->lon ? -1 : 1;
    return (p->lat > q->lat) - (p->lat < q->lat); /* whatever is left is alike: the order of sums is fixed */
}

bs_status bs_emis_find_rows(bs_emission *e, bs_err *err)
{
    const size_t ny = (size_t)e->mesh->ny, nx = (size_t)e->mesh->nx;
    bs_free(e->row_start);
    BS_TRY(BS_NEW(&e->row_start, ny + 1, "rows of point sources", err));
    for (size_t j = 0, p = 0; j <= ny; j++) {
        while (p < e->n_points && e->point[p].cell < j * nx) p++;
        e->row_start[j] = p;
    }
    return BS_OK;
}

/* Points of carried sheets by cell, and where each row of the mesh begins among them. */
static bs_status link_points(bs_emission *e, bs_err *err)
{
    size_t kept = 0;
    for (size_t p = 0; p < e->n_points; p++) {
        if (e->sheet[e->point[p].sheet].total >= 0) e->point[kept++] = e->point[p];
    }
    e->n_points = kept;
    if (kept) qsort(e->point, kept, sizeof *e->point, by_cell);
    return bs_emis_find_rows(e, err);
}

/* Sheets that no tracer takes are done with once they are in the audit. */
static void drop_uncarried(bs_emission *e)
{
    for (int s = 0; s < e->n_sheets; s++) {
        bs_emis_sheet *sheet = &e->sheet[s];
        if (sheet->total >= 0) continue;
        bs_free(sheet->rate);
        sheet->rate = NULL;
        sheet->n_months = 0;
    }
}

static void find_totals(bs_emission *e)
{
    for (int s = 0; s < e->n_sheets; s++) {
        const int species = bs_species_find(e->sheet[s].species);
        for (int t = 0; t < e->tracers->per_member; t++) {
            const bs_tracer *row = &e->tracers->row[t];
            if (row->role == BS_ROLE_TOTAL && row->species == species) e->sheet[s].total = t;
        }
    }
}

static bool wants_regions(const bs_tracers *tracers)
{
    bool wants = false;
    for (int g = 0; g < tracers->n_groups; g++) wants = wants || tracers->group[g].region;
    return wants;
}

/* Polygons that overlap are an error only where something depends on them. */
static bs_status audit_regions(bs_emis_input *in, const bs_region_set *regions, bs_err *err)
{
    bs_emission *e = in->emission;
    size_t over;
    e->audited = regions && regions->n > 0 ? regions : NULL;
    BS_TRY(bs_emis_check_rules(in, err));
    if (!e->audited) return BS_OK;
    BS_TRY(bs_emis_take_masks(e, regions, &over, err));
    if (over == SIZE_MAX) return BS_OK;
    if (wants_regions(e->tracers) || bs_emis_has_region_rules(in)) return bs_emis_refuse_overlap(e, regions, over, err);
    bs_log_info(in->log, "emissions: the polygons of regions.file overlap; nothing is told by region");
    e->audited = NULL;
    return BS_OK;
}

/* Any name will do; one that is meant to be in the table and is misspelt shows here. */
static void tell_unknown(const bs_emission *e, bs_log *log)
{
    for (int s = 0; s < e->n_sheets; s++) {
        bool told = bs_sector_find(e->sheet[s].sector) != NULL;
        for (int b = 0; b < s && !told; b++) told = strcmp(e->sheet[b].sector, e->sheet[s].sector) == 0;
        if (!told)
            bs_log_info(log, "emissions: '%s' is no sector of the table (bashu options --sectors): it has no parts",
                        e->sheet[s].sector);
    }
}

/* Regions were those of the audit; those of tags are found by bs_emission_resolve. */
static void forget_places(bs_emission *e)
{
    for (size_t p = 0; p < e->n_points; p++) e->point[p].region = 0;
}

/* What each rank does by itself. */
static bs_status read_all(bs_emission *e, bs_emis_input *in, const bs_region_set *regions, bs_err *err)
{
    const bs_config *config = in->config;
    BS_TRY(read_profiles(e, config, err));
    BS_TRY(audit_regions(in, regions, err));
    int n = bs_config_count(config, "emissions.inventories");
    for (in->index = 0; in->index < n; in->index++) BS_TRY(read_inventory(in, err));
    BS_TRY(bs_emis_speciate(e, in, err));
    find_totals(e);
    tell_unknown(e, in->log);
    BS_TRY(bs_emis_check_split(in, err));
    BS_TRY(bs_emis_check_merge(in, err));
    for (int s = 0; s < e->n_sheets; s++) BS_TRY(find_profiles(e, s, in->log, err));
    return bs_emis_check_groups(e, config, err);
}

static bs_status link_cells(bs_emission *e, bs_err *err)
{
    BS_TRY(link_points(e, err));
    drop_uncarried(e);
    return bs_emis_measure_reach(e, err);
}

static bs_status fill(bs_emission *e, bs_emis_input *in, const bs_region_set *regions, bs_err *err)
{
    BS_TRY(bs_emis_agree(e, read_all(e, in, regions, err), err));
    BS_TRY(bs_emis_audit_close(in, err));
    forget_places(e);
    e->most_bytes = bs_emis_bytes(e);
    BS_TRY(bs_emis_agree(e, link_cells(e, err), err));
    if (!wants_regions(e->tracers)) return bs_emis_link(e, err);
    bs_assert(regions != NULL);
    return bs_emission_resolve(e, regions, err);
}

bs_status bs_emission_create(const bs_config *config, const bs_mesh *mesh, const bs_region_set *regions,
                             const bs_tracers *tracers, bs_units *units, bs_log *log, bs_emission **out, bs_err *err)
{
    const bs_emission_of of = {
        .config = config, .mesh = mesh, .regions = regions, .tracers = tracers, .units = units, .log = log};
    return bs_emission_create_tile(&of, out, err);
}

bs_status bs_emission_create_tile(const bs_emission_of *of, bs_emission **out, bs_err *err)
{
    const bs_mesh *mesh = of->mesh;
    const bs_window all = {.i1 = mesh->nx, .j1 = mesh->ny};
    bs_emission *e = NULL;
    BS_TRY(BS_NEW(&e, 1, "emissions", err));
    e->mesh = mesh;
    e->own = all;
    e->part = of->tile ? *of->tile : (bs_tile){.nx = mesh->nx, .ny = mesh->ny, .own = all};
    e->several = of->tile != NULL;
    e->tracers = of->tracers;
    bs_emis_input in = {.config = of->config, .mesh = mesh, .units = of->units, .log = of->log, .emission = e};
    bs_status status = fill(e, &in, of->regions, err);
    if (status) {
        bs_emission_destroy(e);
        return status;
    }
    *out = e;
    return BS_OK;
}

void bs_emission_destroy(bs_emission *e)
{
    if (!e) return;
    for (int s = 0; s < e->n_sheets; s++) {
        bs_free(e->sheet[s].rate);
        bs_free(e->sheet[s].tag);
        bs_free(e->sheet[s].in_region);
        bs_free(e->sheet[s].drop);
        bs_free(e->sheet[s].account.source);
        bs_free(e->sheet[s].account.touching);
        bs_free(e->sheet[s].account.grid);
        bs_free(e->sheet[s].account.removed);
    }
    bs_free(e->share_start);
    bs_free(e->share_region);
    bs_free(e->share);
    free(e->cut);
    free(e->sheet);
    free(e->point);
    free(e->stack);
    for (int n = 0; n < e->n_masks; n++) bs_region_mask_destroy(e->mask[n]);
    bs_free(e->mask);
    bs_free(e->absent);
    bs_free(e->audit);
    bs_free(e->by_region);
    bs_free(e->row_start);
    bs_free(e->reach);
    bs_profiles_destroy(e->profiles);
    bs_free(e);
}
