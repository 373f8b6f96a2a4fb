#include "model/emis/mapped_files.h"

#include <stdlib.h>
#include <string.h>

#include "model/core/memory.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ---- names ---- */

/* What was left aside, for the log and for messages. */
typedef struct aside {
    int unlike, other_years, some_year;
    const char *first;
} aside;

static bs_status take_name(bs_mapped_files *f, const char *path, aside *left, bs_err *err)
{
    bs_mapping_match way[2];
    const int ways = bs_mapping_match_name(f->mapping, base_name(path), way);
    const int wanted = f->in->year, year = ways ? way[0].year : -1;
    if (ways == 2) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: fits the names of %s in two ways (%s of %s, %s of %s): mend the patterns or codes", path,
                       f->mapping->file, way[0].species < 0 ? "any" : f->mapping->species[way[0].species].name,
                       way[0].sector < 0 ? "any" : f->mapping->sector[way[0].sector].name,
                       way[1].species < 0 ? "any" : f->mapping->species[way[1].species].name,
                       way[1].sector < 0 ? "any" : f->mapping->sector[way[1].sector].name);
    }
    if (ways == 0) {
        if (left->unlike++ == 0) left->first = path;
        return BS_OK;
    }
    if (wanted && year >= 0 && year != wanted) {
        left->other_years++;
        left->some_year = year;
        return BS_OK;
    }
    if (year >= 0 && f->year && year != f->year) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: is of %d, others of inventory '%s' are of %d: say which 'year' it is to be", path, year,
                       f->in->name, f->year);
    }
    if (year >= 0) f->year = year;
    f->file[f->n++] = (bs_mapped_file){path, way[0]};
    return BS_OK;
}

bs_status bs_mapped_files_find(const bs_emis_input *in, const bs_mapping *mapping, bs_mapped_files *out, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    const int n = bs_config_count(in->config, bs_emis_path(in, "files", path));
    aside left = {0};
    *out = (bs_mapped_files){.in = in, .mapping = mapping};
    if (n == 0) {
        return bs_fail(err, BS_ERR_INPUT, "%s: inventory '%s' names no 'files', as '/data/edgar/*.nc'",
                       bs_config_where(in->config, path), in->name);
    }
    BS_TRY(BS_NEW(&out->file, n, "files of an inventory", err));
    for (int k = 0; k < n; k++) BS_TRY(take_name(out, bs_config_text_at(in->config, path, k), &left, err));
    if (out->n == 0 && left.other_years) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: the files of inventory '%s' are of other years than %d (one of %d); take those of %d, or say "
            "'year: %d' of the inventory to use another year's emissions knowingly",
            bs_config_where(in->config, path), in->name, in->year, left.some_year, in->year, left.some_year);
    }
    if (out->n == 0) {
        return bs_fail(err, BS_ERR_INPUT, "%s: no file of inventory '%s' has a name as %s says ('%s'); the first is %s",
                       bs_config_where(in->config, path), in->name, mapping->file, mapping->pattern[0], left.first);
    }
    if (left.unlike)
        bs_log_info(in->log, "inventory '%s': %d of %d files have no name as %s says and are left aside, the first %s",
                    in->name, left.unlike, n, mapping->file, left.first);
    if (left.other_years)
        bs_log_info(in->log, "inventory '%s': %d of %d files are of other years than %d and are left aside", in->name,
                    left.other_years, n, in->year);
    return BS_OK;
}

void bs_mapped_files_clear(bs_mapped_files *f)
{
    bs_free(f->file);
    f->file = NULL;
    f->n = 0;
}

static bs_status check_slots(const bs_mapped_files *f, const bs_mapped_file *const slot[13], int months, int *n,
                             bs_err *err)
{
    *n = slot[0] ? 1 : months;
    if (!months || (months == 12 && !slot[0])) return BS_OK;
    const bs_mapped_file *any = NULL;
    for (int m = 1; m <= 12; m++) any = slot[m] ? slot[m] : any;
    if (slot[0]) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s is of a whole year and %s of a month of the same: give inventory '%s' one of them",
                       slot[0]->path, any->path, f->in->name);
    }
    char missing[64] = "";
    for (int m = 1, used = 0; m <= 12; m++) {
        if (!slot[m]) used += snprintf(missing + used, sizeof missing - (size_t)used, "%s%d", used ? ", " : "", m);
    }
    return bs_fail(err, BS_ERR_INPUT, "inventory '%s' has %d months like %s, expected twelve; missing: %s", f->in->name,
                   months, any->path, missing);
}

bs_status bs_mapped_files_of(const bs_mapped_files *f, int species, int sector, int code,
                             const bs_mapped_file *slot[13], int *n, bs_err *err)
{
    int months = 0;
    for (int m = 0; m < 13; m++) slot[m] = NULL;
    for (int k = 0; k < f->n; k++) {
        const bs_mapping_match *is = &f->file[k].is;
        if (is->species >= 0 && is->species != species) continue;
        if (is->sector >= 0 && (is->sector != sector || is->code != code)) continue;
        const bs_mapped_file **at = &slot[is->month + 1];
        if (*at) {
            return bs_fail(err, BS_ERR_INPUT,
                           "%s and %s hold the same of inventory '%s' by their names; give one of them", (*at)->path,
                           f->file[k].path, f->in->name);
        }
        *at = &f->file[k];
        months += is->month >= 0;
    }
    return check_slots(f, slot, months, n, err);
}

/* ---- fields ---- */

static bs_status find_unit(const bs_emis_input *in, const bs_mapping *m, const bs_lonlat_field *f, const bs_nc *nc,
                           int species, const bs_nc_var *var, bs_gridded_unit *out, bs_err *err)
{
    char stated[BS_EMIS_UNIT_MAX] = "";
    if (nc) bs_nc_text(nc, var, "units", stated, sizeof stated);
    const bool own = m->n_units > 0 || m->species[species].units;
    const char *unit = own ? bs_mapping_unit_of(m, species, stated) : stated;
    if (!unit || !*unit) {
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' states %s%s%s, which %s does not list under 'units'",
                       in->file, f->var.name, *stated ? "the unit '" : "no unit", stated, *stated ? "'" : "", m->file);
    }
    const bool listed = m->n_units && m->unit[0].stated && !m->species[species].units;
    double scale = 1, offset = 0;
    if (own && !listed && *stated && strcmp(stated, unit) != 0 &&
        (bs_units_convert(in->units, stated, unit, &scale, &offset, NULL) != BS_OK || scale != 1 || offset != 0)) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: variable '%s' states the unit '%s', but %s says '%s'; list what it means there, as 'units: {%s: "
            "kg m-2 s-1}'",
            in->file, f->var.name, stated, m->file, unit, stated);
    }
    bs_status status = bs_gridded_unit_read(in->units, unit, m->species[species].molar_mass, out, err);
    if (status) {
        bs_err_context(err, "%s: variable '%s'", in->file, f->var.name);
        return status;
    }
    out->scale *= m->species[species].factor;
    return BS_OK;
}

/* The one variable of those that the mapping names which the file has; *name stays empty where it has none. */
static bs_status find_variable(const bs_nc *nc, const bs_mapping *m, int species, int sector, int code, char *name,
                               size_t size, bs_err *err)
{
    char other[BS_NC_NAME_MAX];
    *name = '\0';
    for (int v = 0; v < m->n_variables; v++) {
        bs_mapping_variable(m, v, species, sector, code, other, sizeof other);
        if (!bs_nc_has_var(nc, other)) continue;
        if (*name) {
            return bs_fail(err, BS_ERR_INPUT, "%s: has both '%s' and '%s', and %s names both: which is it to be?",
                           bs_nc_file(nc), name, other, m->file);
        }
        snprintf(name, size, "%s", other);
    }
    if (*name || m->sector[sector].optional || m->sector[sector].one_of) return BS_OK;
    bs_nc_var none;
    return bs_nc_find(nc, bs_mapping_variable(m, 0, species, sector, code, other, sizeof other), &none, err);
}

static bs_status open_netcdf(const bs_emis_input *in, const bs_mapping *m, int species, int sector, int code,
                             bs_mapped_field *out, bs_err *err)
{
    char name[BS_NC_NAME_MAX];
    bs_nc_var var;
    BS_TRY(bs_nc_open(in->file, &out->nc, err));
    BS_TRY(find_variable(out->nc, m, species, sector, code, name, sizeof name, err));
    if (!*name) return BS_OK;
    if (m->format == BS_MAPPING_GMT) {
        BS_TRY(bs_lonlat_from_gmt(out->nc, name, &out->field, err));
    } else {
        const bs_lonlat_as as = {in->year, m->months_in_order, m->sector_dimension, m->sector[sector].code[code]};
        BS_TRY(bs_lonlat_field_open_as(out->nc, name, &as, in->units, in->log, &out->field, err));
    }
    BS_TRY(bs_nc_find(out->nc, name, &var, err));
    return find_unit(in, m, out->field, out->nc, species, &var, &out->unit, err);
}

bs_status bs_mapped_field_open(const bs_emis_input *in, const bs_mapping *m, int species, int sector, int code,
                               bs_mapped_field *out, bs_err *err)
{
    *out = (bs_mapped_field){0};
    if (m->format == BS_MAPPING_ASCII_GRID) {
        BS_TRY(bs_lonlat_from_ascii_grid(in->file, &out->field, err));
    } else if (m->format == BS_MAPPING_LIST) {
        BS_TRY(bs_lonlat_from_list(in->file, &m->list, in->log, &out->field, err));
    } else {
        return open_netcdf(in, m, species, sector, code, out, err);
    }
    return find_unit(in, m, out->field, NULL, species, NULL, &out->unit, err);
}

void bs_mapped_field_close(bs_mapped_field *f)
{
    bs_lonlat_field_close(f->field);
    bs_nc_close(f->nc);
    *f = (bs_mapped_field){0};
}
