/* idealised_parts.h - what the files of the idealised provider share. Private to model/met/idealised*.c. */
#ifndef BS_MODEL_MET_IDEALISED_PARTS_H
#define BS_MODEL_MET_IDEALISED_PARTS_H

#include "model/met/met_private.h"

enum { BS_IDEALISED_TABLE = 2500 }; /* rows of the profile */

typedef struct bs_idealised {
    const bs_met_context *c;
    double inflow, westerly, slope_wind, rim, pbl_night, pbl_day, t_basin, inversion, rain;
    bool uniform;
    double wind_u, wind_v;
    double log_p[BS_IDEALISED_TABLE], t[BS_IDEALISED_TABLE]; /* profile over height above the sea */
    double *terrain;                                         /* [ny][nx] m, zeros without a file */
    double *slope_x, *slope_y; /* [ny][nx] 1, direction times strength of slope winds, along grid x, y */
    double *basin_u, *basin_v; /* [ny][nx] 1, of the inflow, eastward and northward, in units of its speed */
    /* What does not change with the hour, [nz][ny][nx], m s-1 along grid x and y: the westerlies (or the uniform wind), the inflow at full
     * strength, the slope winds at full strength; temperature and the share of the daily wave; humidity. */
    double *steady_u, *steady_v, *inflow_u, *inflow_v, *slope_u, *slope_v, *t0, *wave, *qv;
    double *ps;                                /* [ny][nx] Pa */
    double *inflow_now, *slope_now, *wave_now; /* [ny][nx] shares of the patterns at the hour that is read */
} bs_idealised;

/* slope_x, slope_y, basin_u, basin_v from the terrain: where the ground leads the wind. */
bs_status bs_idealised_flow(bs_idealised *s, bs_err *err);

#endif
