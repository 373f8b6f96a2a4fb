/* The 10 m winds of a file, for the idealised weather: axes, times, units and cover as of pressure_levels. */
#include <string.h>

#include "model/core/memory.h"
#include "model/met/idealised_parts.h"

static const bs_pl_id WIND[2] = {BS_F_U10, BS_F_V10};
static const char *const NAME_OPTION[2] = {"meteorology.idealised.wind10_u", "meteorology.idealised.wind10_v"};
#define FILE_OPTION  "meteorology.idealised.wind10_file"
#define UNITS_OPTION "meteorology.idealised.wind10_units"

/* What would make the messages of pressure_levels name options that do not act here. */
static bs_status check_variable(const bs_config *g, const bs_nc *nc, int wind, bs_err *err)
{
    bs_nc_var var;
    char unit[128];
    bs_status status = bs_nc_find(nc, bs_config_text(g, NAME_OPTION[wind]), &var, err);
    if (status) {
        bs_err_add(err, "name the %s wind in %s", wind ? "northward" : "eastward", NAME_OPTION[wind]);
        return status;
    }
    if (bs_config_has(g, UNITS_OPTION) || (bs_nc_text(nc, &var, "units", unit, sizeof unit) && unit[0])) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' has no units attribute; say its unit as %s: m s-1",
                   bs_nc_file(nc), var.name, UNITS_OPTION);
}

static bs_status check_variables(const bs_config *g, const char *file, bs_err *err)
{
    bs_nc *nc = NULL;
    BS_TRY(bs_nc_open(file, &nc, err));
    bs_status status = BS_OK;
    for (int wind = 0; wind < 2 && !status; wind++) status = check_variable(g, nc, wind, err);
    bs_nc_close(nc);
    return status;
}

static bs_status fill(const bs_met_context *x, bs_time start, bs_time end, bs_idealised_wind10 *w, bs_err *err)
{
    const bs_config *g = x->config;
    const char *file = bs_config_text(g, FILE_OPTION);
    BS_TRY(check_variables(g, file, err));
    BS_TRY(BS_NEW(&w->c.file, 1, "name of the file with 10 m winds", err));
    w->c.file[w->c.n_files++] = file;
    for (int wind = 0; wind < 2; wind++)
        bs_pl_map(&w->c, WIND[wind], bs_config_text(g, NAME_OPTION[wind]), bs_config_text(g, UNITS_OPTION),
                  bs_config_where(g, FILE_OPTION));
    BS_TRY(bs_pl_catalogue_scan(x, start, end, &w->c, err));
    const size_t cells = (size_t)x->mesh->nx * (size_t)x->mesh->ny;
    for (int n = 0; n < 4; n++) {
        w->slot[n / 2][n % 2] = -1;
        BS_TRY(BS_NEW(&w->at[n / 2][n % 2], cells, "10 m winds", err));
    }
    return BS_OK;
}

bs_status bs_idealised_wind10_open(const bs_met_context *x, bs_time start, bs_time end, bs_idealised_wind10 **out,
                                   bs_err *err)
{
    *out = NULL;
    if (!bs_config_has(x->config, FILE_OPTION)) return BS_OK;
    bs_idealised_wind10 *w = NULL;
    BS_TRY(BS_NEW(&w, 1, "10 m winds", err));
    const bs_status status = fill(x, start, end, w, err);
    if (status) {
        const char *file = bs_config_text(x->config, FILE_OPTION);
        if (err && !strstr(err->text, file)) bs_err_context(err, "%s", file);
        bs_err_context(err, "%s: %s", bs_config_where(x->config, FILE_OPTION), FILE_OPTION);
        bs_idealised_wind10_close(w);
        return status;
    }
    *out = w;
    return BS_OK;
}

void bs_idealised_wind10_close(bs_idealised_wind10 *w)
{
    if (!w) return;
    for (int n = 0; n < 4; n++) bs_free(w->at[n / 2][n % 2]);
    bs_pl_catalogue_clear(&w->c);
    bs_free(w);
}

/* The field of one of the file's times, read once while it is of use. */
static bs_status hold(bs_idealised_wind10 *w, int wind, int slot, int keep, const double **values, bs_err *err)
{
    int *held = w->slot[wind];
    int place = held[0] == slot ? 0 : held[1] == slot ? 1 : -1;
    if (place < 0) {
        place = held[0] == keep ? 1 : 0;
        held[place] = -1;
        BS_TRY(bs_pl_read_slot(&w->c, WIND[wind], slot, w->at[wind][place], err));
        held[place] = slot;
    }
    *values = w->at[wind][place];
    return BS_OK;
}

bs_status bs_idealised_wind10_read(bs_idealised_wind10 *w, const bs_mesh *mesh, bs_time t, double *u, double *v,
                                   bs_err *err)
{
    const double *at[2][2]; /* [wind][before, after] */
    double share[2];
    for (int wind = 0; wind < 2; wind++) {
        int slot[2];
        bs_pl_bracket(&w->c, WIND[wind], t, slot, &share[wind]);
        BS_TRY(hold(w, wind, slot[0], slot[1], &at[wind][0], err));
        BS_TRY(hold(w, wind, slot[1], slot[0], &at[wind][1], err));
    }
    for (int c = 0; c < mesh->nx * mesh->ny; c++) {
        const double east = at[0][0][c] + share[0] * (at[0][1][c] - at[0][0][c]);
        const double north = at[1][0][c] + share[1] * (at[1][1][c] - at[1][0][c]);
        u[c] = east * mesh->cos_rot[c] + north * mesh->sin_rot[c];
        v[c] = north * mesh->cos_rot[c] - east * mesh->sin_rot[c];
    }
    return BS_OK;
}
