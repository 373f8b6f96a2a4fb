#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/check.h"
#include "model/core/memory.h"
#include "model/emis/emis.h"

/* The readers, in the order of the words of emissions.inventories[].type, and the options that each of them alone knows. */
static const struct {
    const char *type;
    bs_status (*read)(const bs_emis_input *in, bs_err *err);
    const char *foreign[5]; /* options that mean nothing to it */
} READERS[] = {
    {"gridded", bs_emis_read_gridded, {"sectors", "regions", "proxy.file", "proxy.default", "proxy.by_sector"}},
    {"points", bs_emis_read_points, {"variables", "regions", "proxy.file", "proxy.default", "proxy.by_sector"}},
    {"totals", bs_emis_read_totals, {"variables"}},
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
        for (int k = first_sheet; k < e->n_sheets; k++) found = found || strcmp(e->sheet[k].sector, sector) == 0;
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
static bs_status check_domain(const bs_emis_input *in, int first_audit, bs_err *err)
{
    const bs_emission *e = in->emission;
    const bs_mesh *m = in->mesh;
    const bs_emis_extent *of = &e->extent;
    double file = 0, domain = 0, west = INFINITY, east = -INFINITY, south = INFINITY, north = -INFINITY;
    for (int a = first_audit; a < e->n_audit; a++) {
        file += e->audit[a].in_file_kg_s;
        domain += e->audit[a].in_domain_kg_s;
    }
    if (domain > 0 || file == 0) return BS_OK;
    for (size_t c = 0; c < (size_t)(m->nx + 1) * (size_t)(m->ny + 1); c++) {
        west = fmin(west, m->lon_c[c]), east = fmax(east, m->lon_c[c]);
        south = fmin(south, m->lat_c[c]), north = fmax(north, m->lat_c[c]);
    }
    char path[BS_EMIS_PATH_MAX];
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: inventory '%s': nothing of %s lies on the mesh: a rule that matches no emission. It spans "
        "%.2f to %.2f E, %.2f to %.2f N, the mesh %.2f to %.2f E, %.2f to %.2f N; take the inventory away or "
        "move the mesh",
        bs_config_where(in->config, bs_emis_path(in, "file", path)), in->name, in->file, of->west, of->east, of->south,
        of->north, west, east, south, north);
}

static bs_status read_inventory(bs_emis_input *in, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    in->name = bs_config_text(in->config, bs_emis_path(in, "name", path));
    in->file = bs_config_text(in->config, bs_emis_path(in, "file", path));
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
    const int first_sheet = in->emission->n_sheets, first_audit = in->emission->n_audit;
    in->emission->extent = (bs_emis_extent){INFINITY, -INFINITY, INFINITY, -INFINITY};
    BS_TRY(READERS[type].read(in, err));
    BS_TRY(check_rules(in, first_sheet, err));
    return check_domain(in, first_audit, err);
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
    if (sheet->n_months != BS_EMIS_MONTHS) {
        BS_TRY(bs_profiles_find(e->profiles, BS_PROFILE_MONTH, sheet->sector, &sheet->month, err));
    }
    BS_TRY(bs_profiles_find(e->profiles, BS_PROFILE_WEEKDAY, sheet->sector, &sheet->weekday, err));
    BS_TRY(bs_profiles_find(e->profiles, BS_PROFILE_HOUR, sheet->sector, &sheet->hour, err));
    if (sheet->n_months > 0 || sheet->profiled) {
        BS_TRY(bs_profiles_find(e->profiles, BS_PROFILE_HEIGHT, sheet->sector, &sheet->height, err));
    }
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

/* Points of carried sheets by cell, and where each row of the mesh begins among them. */
static bs_status link_points(bs_emission *e, bs_err *err)
{
    size_t kept = 0;
    for (size_t p = 0; p < e->n_points; p++) {
        if (e->sheet[e->point[p].sheet].total >= 0) e->point[kept++] = e->point[p];
    }
    e->n_points = kept;
    if (kept) qsort(e->point, kept, sizeof *e->point, by_cell);
    size_t ny = (size_t)e->mesh->ny, nx = (size_t)e->mesh->nx;
    BS_TRY(BS_NEW(&e->row_start, ny + 1, "rows of point sources", err));
    for (size_t j = 0, p = 0; j <= ny; j++) {
        while (p < kept && e->point[p].cell < j * nx) p++;
        e->row_start[j] = p;
    }
    return BS_OK;
}

static bool emits(const bs_emis_sheet *sheet, size_t cells, size_t cell)
{
    for (int m = 0; m < sheet->n_months; m++) {
        if (sheet->rate[cells * (size_t)m + cell] > 0) return true;
    }
    return false;
}

static bs_status measure_reach(bs_emission *e, bs_err *err)
{
    size_t cells = (size_t)e->mesh->nx * (size_t)e->mesh->ny;
    BS_TRY(BS_NEW(&e->reach, cells, "heights of emission", err));
    for (int s = 0; s < e->n_sheets; s++) {
        const bs_emis_sheet *sheet = &e->sheet[s];
        if (sheet->total < 0 || sheet->height < 0) continue;
        int bands = 0;
        double top = 0;
        bs_profiles_bands(e->profiles, sheet->height, &bands, &top);
        for (size_t c = 0; c < cells; c++) {
            if (e->reach[c] < top && emits(sheet, cells, c)) e->reach[c] = top;
        }
    }
    for (size_t p = 0; p < e->n_points; p++) {
        const bs_emis_point *point = &e->point[p];
        double top = point->height;
        if (isnan(top)) {
            const int row = e->sheet[point->sheet].height;
            top = 0;
            if (row >= 0) bs_profiles_bands(e->profiles, row, &(int){0}, &top);
        }
        e->reach[point->cell] = fmax(e->reach[point->cell], top);
    }
    return BS_OK;
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

static void mark_carried(bs_emission *e, const bs_tracers *tracers)
{
    for (int a = 0; a < e->n_audit; a++) {
        int species = bs_species_find(e->audit[a].species);
        for (int t = 0; t < tracers->n; t++) {
            if (tracers->row[t].role == BS_ROLE_TOTAL && tracers->row[t].species == species) e->audit[a].carried = 1;
        }
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

static bs_status fill(bs_emission *e, bs_emis_input *in, const bs_region_set *regions, bs_err *err)
{
    const bs_config *config = in->config;
    BS_TRY(read_profiles(e, config, err));
    if (bs_config_has(config, "emissions.year")) in->year = (int)bs_config_int(config, "emissions.year");
    int n = bs_config_count(config, "emissions.inventories");
    for (in->index = 0; in->index < n; in->index++) BS_TRY(read_inventory(in, err));
    find_totals(e);
    for (int s = 0; s < e->n_sheets; s++) BS_TRY(find_profiles(e, s, in->log, err));
    BS_TRY(bs_emis_check_groups(e, config, err));
    mark_carried(e, e->tracers);
    BS_TRY(link_points(e, err));
    drop_uncarried(e);
    BS_TRY(measure_reach(e, err));
    if (!wants_regions(e->tracers)) return bs_emis_link(e, err);
    bs_assert(regions != NULL);
    return bs_emission_resolve(e, regions, err);
}

bs_status bs_emission_create(const bs_config *config, const bs_mesh *mesh, const bs_region_set *regions,
                             const bs_tracers *tracers, bs_units *units, bs_log *log, bs_emission **out, bs_err *err)
{
    bs_emission *e = NULL;
    BS_TRY(BS_NEW(&e, 1, "emissions", err));
    e->mesh = mesh;
    e->tracers = tracers;
    bs_emis_input in = {.config = config, .mesh = mesh, .units = units, .log = log, .emission = e};
    bs_status status = fill(e, &in, regions, err);
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
    }
    bs_free(e->share_start);
    bs_free(e->share_region);
    bs_free(e->share);
    free(e->cut);
    free(e->sheet);
    free(e->point);
    free(e->stack);
    free(e->audit);
    bs_free(e->row_start);
    bs_free(e->reach);
    bs_profiles_destroy(e->profiles);
    bs_free(e);
}
