/* idealised_parts.h - what the files of the idealised provider share. Private to model/met/idealised*.c. */
#ifndef BS_MODEL_MET_IDEALISED_PARTS_H
#define BS_MODEL_MET_IDEALISED_PARTS_H

#include "model/met/met_private.h"
#include "model/met/pressure_levels.h"

enum { BS_IDEALISED_TABLE = 2500 }; /* rows of the profile */

/* The 10 m winds of a file: eastward and northward of the two times around the one asked for. */
typedef struct bs_idealised_wind10 {
    bs_pl_catalogue c;
    double *at[2][2]; /* [wind][place][ny][nx] m s-1 */
    int slot[2][2];   /* which of the file's times is there; -1: none */
} bs_idealised_wind10;

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
    /* With 10 m winds of a file inflow_u and inflow_v hold the profile through them, in units of the 10 m wind; else NULL. */
    bs_idealised_wind10 *wind10;
} bs_idealised;

/* slope_x, slope_y, basin_u, basin_v from the terrain: where the ground leads the wind. */
bs_status bs_idealised_flow(bs_idealised *s, bs_err *err);

/* Opens meteorology.idealised.wind10_file and checks all but the values over [start, end]: variables, units, cover in space and time.
 * *out is NULL where the case names no such file. */
bs_status bs_idealised_wind10_open(const bs_met_context *context, bs_time start, bs_time end, bs_idealised_wind10 **out,
                                   bs_err *err);
void bs_idealised_wind10_close(bs_idealised_wind10 *w); /* NULL is fine */

/* The winds at time t along grid x and y, linear between the file's times, [ny][nx] m s-1. */
bs_status bs_idealised_wind10_read(bs_idealised_wind10 *w, const bs_mesh *mesh, bs_time t, double *u, double *v,
                                   bs_err *err);

#endif
