#include <stdlib.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/emis/emis.h"
#include "model/emis/overlap.h"

static const double SECONDS_PER_DAY = 86400.0;
static const double SECONDS_PER_YEAR = 31556925.9747; /* the year of UDUNITS-2: "t" and "t year-1" then mean the same */
static const double WHOLE_COVERAGE = 1 - 1e-9;

/* What a variable's numbers mean. */
typedef struct rate_unit {
    double scale; /* to kg s-1, kg m-2 s-1, or kg, kg m-2 of the period */
    bool per_area;
    bool per_period; /* a mass of the year, or of the month of twelve: to be divided by its length */
} rate_unit;

typedef struct reader {
    const bs_emis_input *in;
    bs_nc *nc;
    bs_overlap overlap;
    double *mass; /* [source cells] kg s-1 */
    size_t mass_room;
    bool coverage_told;
} reader;

static const char *variable_path(const bs_emis_input *in, int n, const char *key, char *path)
{
    char name[BS_EMIS_PATH_MAX / 2];
    snprintf(name, sizeof name, "variables[%d].%s", n, key);
    return bs_emis_path(in, name, path);
}

static bs_status resolve_unit(const bs_emis_input *in, const bs_lonlat_field *f, int n, rate_unit *out, bs_err *err)
{
    static const struct {
        const char *unit;
        bool per_area, per_period;
    } KINDS[] = {{"kg m-2 s-1", true, false}, {"kg s-1", false, false}, {"kg m-2", true, true}, {"kg", false, true}};
    char path[BS_EMIS_PATH_MAX], text[BS_EMIS_UNIT_MAX];
    const char *given = bs_config_text(in->config, variable_path(in, n, "units", path));
    bool stated = bs_nc_text(f->nc, &f->var, "units", text, sizeof text) && *text;
    if (stated && given && strcmp(given, text) != 0) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: variable '%s' has the unit '%s', but %s says '%s': remove that line, or mend the file",
                       in->file, f->var.name, text, bs_config_where(in->config, path), given);
    }
    if (!stated && !given) {
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' has no attribute 'units'; state its unit as %s", in->file,
                       f->var.name, path);
    }
    const char *unit = stated ? text : given;
    double offset = 0;
    for (size_t k = 0; k < sizeof KINDS / sizeof *KINDS; k++) {
        if (bs_units_convert(in->units, unit, KINDS[k].unit, &out->scale, &offset, NULL) != BS_OK) continue;
        out->per_area = KINDS[k].per_area;
        out->per_period = KINDS[k].per_period;
        if (out->per_period) {
            bs_log_info(in->log, "%s: variable '%s': '%s' is taken as the mass of %s", in->file, f->var.name, unit,
                        f->n_times == 1 ? "a year" : "each month");
        }
        return BS_OK;
    }
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: variable '%s': unit '%s' is neither mass per area and time (kg m-2 s-1, t km-2 year-1) nor "
                   "mass per time in "
                   "each cell (Gg year-1)",
                   in->file, f->var.name, unit);
}

static bs_status read_month(reader *r, const bs_lonlat_field *f, const rate_unit *unit, int month, bs_err *err)
{
    size_t n = f->n_lat * f->n_lon;
    if (n > r->mass_room) {
        bs_free(r->mass);
        r->mass = NULL;
        r->mass_room = 0;
        BS_TRY(BS_NEW(&r->mass, n, "an inventory's field", err));
        r->mass_room = n;
    }
    BS_TRY(bs_lonlat_field_read(f, month, r->mass, err));
    double scale = unit->scale * r->in->scale;
    if (unit->per_period && f->n_times == 1) scale /= SECONDS_PER_YEAR;
    if (unit->per_period && f->n_times > 1) scale /= bs_emis_month_days(f->year, month) * SECONDS_PER_DAY;
    for (size_t s = 0; s < n; s++) r->mass[s] *= unit->per_area ? scale * r->overlap.area[s] : scale;
    return BS_OK;
}

static void tell_coverage(reader *r, const bs_lonlat_field *f)
{
    if (r->coverage_told) return;
    double share = bs_overlap_coverage(&r->overlap, r->in->mesh);
    if (share < WHOLE_COVERAGE) {
        bs_log_warn(r->in->log, "%s: '%s' covers %.1f %% of the mesh; the rest gets nothing from inventory '%s'",
                    r->in->file, f->var.name, 100 * share, r->in->name);
    }
    r->coverage_told = true;
}

static bs_status read_variable(reader *r, const bs_lonlat_field *f, int n, const char *sector, bs_err *err)
{
    const bs_emis_input *in = r->in;
    if (in->year && f->year && in->year != f->year) {
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' is of the year %d, but emissions.year is %d", in->file,
                       f->var.name, f->year, in->year);
    }
    if (in->year && !f->year)
        bs_log_info(in->log, "%s: variable '%s' tells no year: that it is of %d (emissions.year) is not checked",
                    in->file, f->var.name, in->year);
    rate_unit unit = {0};
    BS_TRY(resolve_unit(in, f, n, &unit, err));
    BS_TRY(bs_overlap_prepare(&r->overlap, f, in->mesh, err));
    tell_coverage(r, f);
    bs_emis_extent_add(in->emission, f->lon[0], f->lat[0]);
    bs_emis_extent_add(in->emission, f->lon[f->n_lon - 1], f->lat[f->n_lat - 1]);
    int index = 0;
    BS_TRY(bs_emis_sheet_get(in, sector, in->species, f->n_times, &index, err));
    size_t cells = (size_t)in->mesh->nx * (size_t)in->mesh->ny;
    double days = 0, weight[BS_EMIS_MONTHS] = {1};
    for (int m = 0; m < f->n_times; m++) days += bs_emis_month_days(f->year, m);
    bs_overlap_sums mean = {0};
    for (int m = 0; m < f->n_times; m++) {
        if (f->n_times > 1) weight[m] = bs_emis_month_days(f->year, m) / days;
        bs_overlap_sums sums;
        BS_TRY(read_month(r, f, &unit, m, err));
        bs_overlap_spread(&r->overlap, r->mass, in->emission->sheet[index].rate + cells * (size_t)m, &sums);
        mean.source += weight[m] * sums.source;
        mean.inside += weight[m] * sums.inside;
        mean.touching += weight[m] * sums.touching;
        mean.on_grid += weight[m] * sums.on_grid;
    }
    if (f->n_times > 1 && bs_config_has(in->config, "emissions.profiles.month")) {
        bs_log_info(in->log, "%s: variable '%s' has its own twelve months; the month profile is not applied to it",
                    in->file, f->var.name);
    }
    return bs_emis_audit_add(in, sector, in->species, mean.source, mean.inside, mean.on_grid, mean.touching, err);
}

static bs_status read_sector(reader *r, int n, bs_err *err)
{
    const bs_emis_input *in = r->in;
    char path[BS_EMIS_PATH_MAX], other[BS_EMIS_PATH_MAX];
    const char *sector = bs_config_key_at(in->config, bs_emis_path(in, "variables", path), n);
    const char *variable = bs_config_text(in->config, variable_path(in, n, "name", path));
    for (int m = 0; m < n; m++) {
        if (strcmp(variable, bs_config_text(in->config, variable_path(in, m, "name", other))) == 0) {
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: variable '%s' of %s is given for another sector too and would be counted twice",
                           bs_config_where(in->config, path), variable, in->file);
        }
    }
    bs_lonlat_field *field = NULL;
    bs_status status = bs_lonlat_field_open(r->nc, variable, in->units, in->log, &field, err);
    if (status == BS_OK) status = read_variable(r, field, n, sector, err);
    bs_lonlat_field_close(field);
    return status;
}

bs_status bs_emis_read_gridded(const bs_emis_input *in, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    int n = bs_config_count(in->config, bs_emis_path(in, "variables", path));
    if (n == 0) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: inventory '%s' is gridded and needs 'variables': sector -> variable of the file",
                       bs_config_where(in->config, path), in->name);
    }
    if (!in->species) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: inventory '%s' is gridded and needs 'species': that of all its variables",
                       bs_config_where(in->config, bs_emis_path(in, "species", path)), in->name);
    }
    reader r = {.in = in};
    bs_status status = bs_nc_open(in->file, &r.nc, err);
    for (int s = 0; s < n && status == BS_OK; s++) status = read_sector(&r, s, err);
    bs_nc_close(r.nc);
    bs_overlap_clear(&r.overlap);
    bs_free(r.mass);
    return status;
}
