#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/met/pressure_levels.h"

enum { PATH_MAX_TEXT = 128 };

bs_status bs_pl_options(const bs_config *config, bs_pl_catalogue *c, bs_err *err)
{
    static const char *const AXES[] = {"meteorology.dimensions.longitude", "meteorology.dimensions.latitude",
                                       "meteorology.dimensions.level", "meteorology.dimensions.time"};
    for (int a = 0; a < BS_PL_N_AXES; a++) c->names.name[a] = bs_config_text(config, AXES[a]);
    c->names.level_units = bs_config_text(config, "meteorology.dimensions.level_units");
    c->layout = bs_config_has(config, "meteorology.layout") ? 1 + bs_config_choice(config, "meteorology.layout") : 0;
    c->steady = bs_config_bool(config, "meteorology.steady");
    c->has_valid_time = bs_config_has(config, "meteorology.valid_time");
    if (c->has_valid_time) c->valid_time = bs_config_time(config, "meteorology.valid_time");
    if (c->has_valid_time && !c->steady) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: meteorology.valid_time holds one time for the whole run and needs "
                       "meteorology.steady: true",
                       bs_config_where(config, "meteorology.valid_time"));
    }
    c->n_files = bs_config_count(config, "meteorology.files");
    if (c->n_files == 0) {
        return bs_fail(err, BS_ERR_INPUT, "%s: meteorology.provider %s needs meteorology.files, its input files",
                       bs_config_where(config, "meteorology.provider"), bs_config_text(config, "meteorology.provider"));
    }
    BS_TRY(BS_NEW(&c->file, c->n_files, "names of the meteorology's files", err));
    for (int f = 0; f < c->n_files; f++) c->file[f] = bs_config_text_at(config, "meteorology.files", f);
    return BS_OK;
}

static int row_of(const char *name)
{
    for (int id = 0; id < BS_F_COUNT; id++) {
        if (strcmp(BS_PL_ROWS[id].name, name) == 0) return id;
    }
    return -1;
}

static bs_status unknown_field(const char *where, const char *key, bs_err *err)
{
    const char *names[BS_F_COUNT];
    for (int id = 0; id < BS_F_COUNT; id++) names[id] = BS_PL_ROWS[id].name;
    const char *near = bs_nearest_word(key, BS_F_COUNT, names);
    bs_fail(err, BS_ERR_INPUT, "%s: meteorology.variables.%s: the model knows no field '%s'", where, key, key);
    if (near) bs_err_add(err, "did you mean '%s'?", near);
    bs_err_add(err, "'bashu options --fields' lists the fields");
    return BS_ERR_INPUT;
}

/* ---- what the case says of a variable ---- */

static bs_status read_period(const bs_config *config, const bs_pl_row *row, int v, bs_pl_given *given, bs_err *err)
{
    static const char *const KEY[] = {"averaged", "accumulated"};
    static const bs_pl_kind KIND[] = {BS_PL_MEAN, BS_PL_SUM};
    char path[PATH_MAX_TEXT];
    for (int n = 0; n < 2; n++) {
        snprintf(path, sizeof path, "meteorology.variables[%d].%s", v, KEY[n]);
        if (!bs_config_has(config, path)) continue;
        const double seconds = bs_config_real(config, path);
        const bs_time period = (bs_time)seconds;
        if ((double)period != seconds || given->kind != BS_PL_INSTANT || row->dims != 2) {
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: meteorology.variables.%s.%s: expected a whole number of seconds, either averaged or "
                           "accumulated, for a field at the surface",
                           bs_config_where(config, path), row->name, KEY[n]);
        }
        given->kind = KIND[n];
        given->period = period;
    }
    return BS_OK;
}

void bs_pl_map(bs_pl_catalogue *c, bs_pl_id id, const char *name, const char *units, const char *where)
{
    bs_pl_field *f = &c->field[id];
    f->mapped = true;
    f->variable = name;
    f->given = (bs_pl_given){.names = name, .units = units, .sign = 1};
    snprintf(f->where, sizeof f->where, "%s", where);
}

static bs_status read_entry(const bs_config *config, bs_pl_catalogue *c, int v, bs_err *err)
{
    char path[PATH_MAX_TEXT];
    const char *key = bs_config_key_at(config, "meteorology.variables", v);
    snprintf(path, sizeof path, "meteorology.variables[%d].name", v);
    const char *where = bs_config_where(config, path);
    const int id = row_of(key);
    if (id < 0) return unknown_field(where, key, err);
    bs_pl_field *f = &c->field[id];
    const char *name = bs_config_text(config, path);
    snprintf(path, sizeof path, "meteorology.variables[%d].units", v);
    bs_pl_map(c, (bs_pl_id)id, name, bs_config_text(config, path), where);
    snprintf(path, sizeof path, "meteorology.variables[%d].positive", v);
    if (bs_config_has(config, path) && strcmp(bs_config_text(config, path), "down") == 0) f->given.sign = -1;
    BS_TRY(read_period(config, &BS_PL_ROWS[id], v, &f->given, err));
    f->mapped = strcmp(name, "none") != 0;
    if (f->mapped || c->layout > 0) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: meteorology.variables.%s: name: none takes a field away from meteorology.layout, and this case "
                   "names no layout; take the line away",
                   where, key);
}

bs_status bs_pl_mapping(const bs_config *config, bs_pl_catalogue *c, bs_err *err)
{
    const int n = bs_config_count(config, "meteorology.variables");
    for (int v = 0; v < n; v++) BS_TRY(read_entry(config, c, v, err));
    for (int id = 0; id < BS_F_COUNT && c->layout > 0; id++) {
        bs_pl_field *f = &c->field[id];
        if (f->where[0] || !bs_pl_layout_row(c->layout, (bs_pl_id)id, 0, &f->given)) continue;
        f->mapped = f->by_layout = true;
        snprintf(f->where, sizeof f->where, "%s", bs_config_where(config, "meteorology.layout"));
    }
    return BS_OK;
}

/* ---- what there must be ---- */

static const char *mapping_where(const bs_config *config, const bs_pl_catalogue *c)
{
    return bs_config_where(config, c->layout > 0 ? "meteorology.layout" : "meteorology.variables");
}

static void add_what_there_is(const bs_pl_catalogue *c, bs_err *err)
{
    bs_nc *nc = NULL;
    bs_nc_var var;
    if (bs_nc_open(c->file[0], &nc, NULL) != BS_OK) return;
    bs_err_add(err, "%s has:", c->file[0]);
    for (int v = 0; v < bs_nc_var_count(nc); v++) {
        if (bs_nc_var_at(nc, v, &var, NULL) == BS_OK) bs_err_add(err, "  %s", var.name);
    }
    bs_nc_close(nc);
}

static bs_status absent(const bs_config *config, const bs_pl_catalogue *c, bs_pl_id id, const char *assume,
                        const char *advice, bs_err *err)
{
    const bs_pl_row *row = &BS_PL_ROWS[id];
    bs_pl_given given;
    bs_fail(err, BS_ERR_INPUT, "%s: %s has no '%s' (%s, %s)", mapping_where(config, c),
            c->layout > 0 ? "the source" : "meteorology.variables", row->name, row->long_name, row->unit);
    for (int n = 0; c->layout > 0 && bs_pl_layout_row(c->layout, id, n, &given); n++) {
        bs_err_add(err, "layout %s looks for it under %s in the %d file(s)", bs_pl_layout_name(c->layout), given.names,
                   c->n_files);
    }
    if (assume) bs_err_add(err, "map it, or run without it with %s: %s", assume, advice);
    if (!assume && c->layout > 0) bs_err_add(err, "map it with meteorology.variables.%s", row->name);
    if (c->layout > 0) add_what_there_is(c, err);
    return BS_ERR_INPUT;
}

static bs_status check_needed(const bs_config *config, const bs_pl_catalogue *c, bs_err *err)
{
    static const struct {
        bs_pl_id id;
        const char *assume, *advice;
    } NEEDED[] = {
        {BS_F_U, NULL, ""},
        {BS_F_V, NULL, ""},
        {BS_F_T, "meteorology.assume.temperature", "standard_atmosphere"},
        {BS_F_PS, "meteorology.assume.surface_pressure", "from_terrain (or a fixed pressure, as '1000 hPa')"},
    };
    for (size_t n = 0; n < sizeof NEEDED / sizeof NEEDED[0]; n++) {
        const char *assume = NEEDED[n].assume;
        if (NEEDED[n].id == BS_F_PS && c->model_levels) assume = NULL; /* it places the levels */
        if (bs_pl_has(c, NEEDED[n].id) || (assume && bs_config_has(config, assume))) continue;
        if (NEEDED[n].id == BS_F_PS && bs_pl_has(c, BS_F_LNSP)) continue;
        return absent(config, c, NEEDED[n].id, assume, NEEDED[n].advice, err);
    }
    return BS_OK;
}

bs_status bs_pl_mapping_check(const bs_config *config, const bs_pl_catalogue *c, bs_err *err)
{
    const char *where = mapping_where(config, c);
    BS_TRY(check_needed(config, c, err));
    const bool q = bs_pl_has(c, BS_F_Q), rh = bs_pl_has(c, BS_F_RH);
    if (!q && !rh && !bs_config_has(config, "meteorology.assume.humidity")) {
        bs_fail(err, BS_ERR_INPUT,
                "%s: %s has neither 'specific_humidity' nor 'relative_humidity'\nmap one, or run "
                "without with meteorology.assume.humidity: 0.6 (a relative humidity)",
                where, c->layout > 0 ? "the source" : "meteorology.variables");
        if (c->layout > 0) add_what_there_is(c, err);
        return BS_ERR_INPUT;
    }
    if (q && rh) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: meteorology.variables has both 'specific_humidity' and 'relative_humidity'; "
                       "keep the one to be used",
                       where);
    }
    if (bs_pl_has(c, BS_F_U10) != bs_pl_has(c, BS_F_V10)) {
        return bs_fail(err, BS_ERR_INPUT, "%s: %s has only one of 'u10' and 'v10'; map both or none%s", where,
                       c->layout > 0 ? "the source" : "meteorology.variables",
                       c->layout > 0 ? " (meteorology.variables.u10: {name: none} leaves one out)" : "");
    }
    return BS_OK;
}

/* Of two fields that say the same the case's own words count first, then `kept`. */
static void keep_one_of(bs_pl_catalogue *c, bs_pl_id kept, bs_pl_id other)
{
    bs_pl_field *k = &c->field[kept], *o = &c->field[other];
    if (!k->mapped || !o->mapped || !(k->by_layout || o->by_layout)) return;
    const bool swap = k->by_layout && !o->by_layout;
    bs_pl_field *dropped = swap ? k : o;
    bs_log_info(c->log, "meteorology: %s is used, %s of the files is not needed", BS_PL_ROWS[swap ? other : kept].name,
                BS_PL_ROWS[swap ? kept : other].name);
    dropped->mapped = false;
}

void bs_pl_mapping_settle(bs_pl_catalogue *c)
{
    for (int id = 0; id < BS_F_COUNT; id++) {
        bs_pl_field *f = &c->field[id];
        if (f->by_layout && f->n_pieces == 0) f->mapped = false;
    }
    keep_one_of(c, BS_F_Q, BS_F_RH);
    keep_one_of(c, BS_F_EVAP, BS_F_LHF);
    keep_one_of(c, BS_F_PS, BS_F_LNSP);
    if (c->field[BS_F_MSLP].by_layout) keep_one_of(c, BS_F_PS, BS_F_MSLP);
    for (int id = 0; id < BS_F_COUNT && c->layout > 0; id++) {
        const bs_pl_field *f = &c->field[id];
        if (!f->mapped || !f->by_layout) continue;
        if (f->given.kind == BS_PL_INSTANT) {
            bs_log_info(c->log, "meteorology: %s from '%s'", BS_PL_ROWS[id].name, f->variable);
        } else {
            bs_log_info(c->log, "meteorology: %s from '%s', %s over the %g h that end at its stamp%s",
                        BS_PL_ROWS[id].name, f->variable, f->given.kind == BS_PL_SUM ? "accumulated" : "averaged",
                        (double)f->given.period / 3600, f->given.sign < 0 ? ", downward positive" : "");
        }
    }
}
