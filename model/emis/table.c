#include "model/emis/table.h"

#include <math.h>
#include <string.h>

bs_status bs_emis_table_open(const bs_emis_input *in, bs_emis_table *t, bs_err *err)
{
    *t = (bs_emis_table){.in = in, .year = -1};
    BS_TRY(bs_csv_read(in->file, &t->csv, err));
    const struct {
        const char *name;
        int *column;
    } NEEDED[] = {{"sector", &t->sector}, {"species", &t->species}, {"value", &t->value}, {"unit", &t->unit}};
    bs_status status = BS_OK;
    for (size_t c = 0; c < sizeof NEEDED / sizeof *NEEDED && status == BS_OK; c++) {
        status = bs_csv_find(t->csv, NEEDED[c].name, NEEDED[c].column, err);
    }
    if (status == BS_OK && bs_csv_has(t->csv, "year")) status = bs_csv_find(t->csv, "year", &t->year, err);
    if (status) {
        bs_emis_table_close(t);
    } else if (in->year && t->year < 0) {
        bs_log_info(in->log, "%s: no column 'year': that it is of %d (emissions.year) is not checked", in->file,
                    in->year);
    }
    return status;
}

void bs_emis_table_close(bs_emis_table *t)
{
    bs_csv_destroy(t->csv);
    t->csv = NULL;
}

static bs_status convert(bs_emis_table *t, int row, double *scale, bs_err *err)
{
    const char *unit = bs_csv_text(t->csv, row, t->unit);
    const char *where = bs_csv_where(t->csv, row);
    if (t->last_unit[0] && strcmp(unit, t->last_unit) == 0) {
        *scale = t->last_scale;
        return BS_OK;
    }
    double offset = 0;
    if (!*unit || bs_units_convert(t->in->units, unit, "kg s-1", scale, &offset, NULL) != BS_OK) {
        bs_fail(err, BS_ERR_INPUT,
                "%s: column 'unit': '%s' is no mass per time; expected as 'Gg year-1', 't year-1' or 'kg s-1'", where,
                unit);
        double mass = 0;
        if (*unit && bs_units_convert(t->in->units, unit, "kg", &mass, &offset, NULL) == BS_OK) {
            bs_err_add(err, "'%s' is a mass: say of how long, as '%s year-1'", unit, unit);
        } else if (strncmp(unit, "kt", 2) == 0) {
            bs_err_add(err, "'kt' is the knot in UDUNITS; a kilotonne is written Gg");
        }
        return BS_ERR_INPUT;
    }
    if (strlen(unit) < sizeof t->last_unit) {
        strcpy(t->last_unit, unit);
        t->last_scale = *scale;
    }
    return BS_OK;
}

static bs_status check_year(bs_emis_table *t, int row, bs_err *err)
{
    if (t->year < 0) return BS_OK;
    double value = 0;
    BS_TRY(bs_csv_real(t->csv, row, t->year, &value, err));
    const char *where = bs_csv_where(t->csv, row);
    if (value != floor(value) || fabs(value) > 9999) {
        return bs_fail(err, BS_ERR_INPUT, "%s: column 'year': found %g, expected a year", where, value);
    }
    int year = (int)value;
    if (t->in->year && year != t->in->year) {
        return bs_fail(err, BS_ERR_INPUT, "%s: column 'year': found %d, but emissions.year is %d", where, year,
                       t->in->year);
    }
    if (t->first_year && year != t->first_year) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: column 'year': found %d after %d: the years of a table would be added up; keep the rows of one year",
            where, year, t->first_year);
    }
    t->first_year = year;
    return BS_OK;
}

bs_status bs_emis_table_row(bs_emis_table *t, int row, bs_emis_row *out, bs_err *err)
{
    *out =
        (bs_emis_row){.sector = bs_csv_text(t->csv, row, t->sector), .species = bs_csv_text(t->csv, row, t->species)};
    const char *where = bs_csv_where(t->csv, row);
    if (!*out->sector) return bs_fail(err, BS_ERR_INPUT, "%s: column 'sector' is empty", where);
    if (!*out->species) return bs_fail(err, BS_ERR_INPUT, "%s: column 'species' is empty", where);
    out->wanted =
        bs_emis_wants_sector(t->in, out->sector) && (!t->in->species || strcmp(t->in->species, out->species) == 0);
    if (!out->wanted) return BS_OK;
    BS_TRY(check_year(t, row, err));
    double value = 0, scale = 1;
    BS_TRY(bs_csv_real(t->csv, row, t->value, &value, err));
    if (value < 0) {
        return bs_fail(err, BS_ERR_INPUT, "%s: column 'value': an emission must not be negative, found %g", where,
                       value);
    }
    BS_TRY(convert(t, row, &scale, err));
    out->rate = value * scale * t->in->scale;
    return BS_OK;
}
