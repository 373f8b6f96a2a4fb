#include <stdlib.h>
#include <string.h>

#include "model/emis/emis.h"
#include "model/emis/gridded.h"

typedef struct reader {
    const bs_emis_input *in;
    bs_nc *nc;
    bs_gridded gridded;
} reader;

static const char *variable_path(const bs_emis_input *in, int n, const char *key, char *path)
{
    char name[BS_EMIS_PATH_MAX / 2];
    snprintf(name, sizeof name, "variables[%d].%s", n, key);
    return bs_emis_path(in, name, path);
}

static bs_status resolve_unit(const bs_emis_input *in, const bs_lonlat_field *f, int n, bs_gridded_unit *out,
                              bs_err *err)
{
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
    bs_status status = bs_gridded_unit_read(in->units, unit, 0, out, err);
    if (status) {
        bs_err_context(err, "%s: variable '%s'", in->file, f->var.name);
        return status;
    }
    if (out->period == BS_PERIOD_WHOLE) {
        bs_log_info(in->log, "%s: variable '%s': '%s' is taken as the mass of %s", in->file, f->var.name, unit,
                    f->n_times == 1 ? "a year" : "each month");
    }
    return BS_OK;
}

static bs_status read_variable(reader *r, const bs_lonlat_field *f, int n, const char *sector, bs_err *err)
{
    const bs_emis_input *in = r->in;
    bs_gridded_unit unit = {0};
    BS_TRY(bs_gridded_check_year(in, f, err));
    BS_TRY(resolve_unit(in, f, n, &unit, err));
    BS_TRY(bs_gridded_prepare(&r->gridded, f, err));
    int index = 0;
    BS_TRY(bs_emis_sheet_get(in, sector, in->species, f->n_times, &index, err));
    bs_overlap_sums mean = {0};
    for (int m = 0; m < f->n_times; m++) {
        BS_TRY(bs_gridded_add(&r->gridded, f, m, &unit, f->n_times == 1 ? -1 : m, f->year, NULL, index, &mean, err));
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
    const bs_lonlat_as as = {.year = in->year};
    bs_status status = bs_lonlat_field_open_as(r->nc, variable, &as, in->units, in->log, &field, err);
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
    reader r = {.in = in, .gridded = {.in = in}};
    r.gridded.missing.zero = bs_config_choice(in->config, bs_emis_path(in, "missing", path)) == BS_MISSING_ZERO;
    bs_status status = bs_nc_open(in->file, &r.nc, err);
    for (int s = 0; s < n && status == BS_OK; s++) status = read_sector(&r, s, err);
    bs_nc_close(r.nc);
    bs_gridded_clear(&r.gridded);
    return status;
}
