/* What the idealised weather refuses: options that it does not read would be ignored without a word. */
#include <stdio.h>

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

bs_status bs_idealised_check(const bs_config *g, bs_err *err)
{
    char path[64];
    if (bs_config_has(g, "meteorology.idealised.wind_u") != bs_config_has(g, "meteorology.idealised.wind_v"))
        return bs_fail(err, BS_ERR_INPUT, "%s: error: meteorology.idealised.wind_u and wind_v go together",
                       bs_config_where(g, "meteorology.idealised.wind_u"));
    for (size_t n = 0; n < sizeof NOT_READ / sizeof *NOT_READ; n++) {
        snprintf(path, sizeof path, "meteorology.%s", NOT_READ[n]);
        if (bs_config_has(g, path))
            return bs_fail(err, BS_ERR_INPUT, "%s: error: the idealised provider does not read %s; take it away",
                           bs_config_where(g, path), path);
    }
    return BS_OK;
}
