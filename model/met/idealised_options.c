/* What the idealised weather refuses: options that it does not read would be ignored without a word. */
#include <stdio.h>
#include <string.h>

#include "model/met/met_private.h"

/* Files have no part in it, and it has every surface field and the air's that an assumption would stand in for. */
static const char *const NOT_READ[] = {"files",
                                       "variables",
                                       "dimensions.longitude",
                                       "dimensions.latitude",
                                       "dimensions.level",
                                       "dimensions.level_units",
                                       "dimensions.time",
                                       "assume.temperature",
                                       "assume.humidity",
                                       "assume.surface_pressure",
                                       "assume.boundary_layer_height",
                                       "assume.heat_flux",
                                       "assume.precipitation"};

/* Whether the case itself gives an option that has a default: else its place is that of its section. */
static bool given(const bs_config *g, const char *path)
{
    char section[512];
    snprintf(section, sizeof section, "%s", bs_config_where(g, "meteorology.idealised"));
    return strcmp(bs_config_where(g, path), section) != 0;
}

static bs_status check_wind10(const bs_config *g, bs_err *err)
{
    static const char *const WIND10 = "meteorology.idealised.wind10_file";
    static const char *const FLOW[] = {"meteorology.idealised.inflow_speed", "meteorology.idealised.slope_wind_speed"};
    static const char *const UNITS = "meteorology.idealised.wind10_units";
    if (!bs_config_has(g, WIND10)) {
        if (!bs_config_has(g, UNITS)) return BS_OK;
        return bs_fail(err, BS_ERR_INPUT, "%s: error: %s is the unit of winds in wind10_file, and that is missing",
                       bs_config_where(g, UNITS), UNITS);
    }
    if (bs_config_has(g, "meteorology.idealised.wind_u"))
        return bs_fail(err, BS_ERR_INPUT, "%s: error: %s and a uniform wind (wind_u) exclude each other",
                       bs_config_where(g, WIND10), WIND10);
    for (size_t n = 0; n < sizeof FLOW / sizeof *FLOW; n++)
        if (given(g, FLOW[n]))
            return bs_fail(
                err, BS_ERR_INPUT,
                "%s: error: with %s the basin's own flow is not worked out, and %s is not read; take it away",
                bs_config_where(g, FLOW[n]), WIND10, FLOW[n]);
    return BS_OK;
}

bs_status bs_idealised_check(const bs_config *g, bs_err *err)
{
    char path[64];
    if (bs_config_has(g, "meteorology.idealised.wind_u") != bs_config_has(g, "meteorology.idealised.wind_v"))
        return bs_fail(err, BS_ERR_INPUT, "%s: error: meteorology.idealised.wind_u and wind_v go together",
                       bs_config_where(g, "meteorology.idealised.wind_u"));
    BS_TRY(check_wind10(g, err));
    for (size_t n = 0; n < sizeof NOT_READ / sizeof *NOT_READ; n++) {
        snprintf(path, sizeof path, "meteorology.%s", NOT_READ[n]);
        if (bs_config_has(g, path))
            return bs_fail(err, BS_ERR_INPUT, "%s: error: the idealised provider does not read %s; take it away",
                           bs_config_where(g, path), path);
    }
    return BS_OK;
}
