/* test_wrf_formulas.h - what is in synthetic files of WRF output: formulas for fields and places. */
#ifndef BS_TESTS_MODEL_TEST_WRF_FORMULAS_H
#define BS_TESTS_MODEL_TEST_WRF_FORMULAS_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/base/constants.h"
#include "model/met/wrf.h"

enum { WRF_TIMES_MAX = 6, WRF_NZ = 8 };

typedef enum wrf_wind { WIND_TURNING, WIND_UNIFORM } wrf_wind;

/* A file. Zero-initialised parts take the defaults of wrf_default(). */
typedef struct wrf_file {
    const char *name;
    int map_proj;
    double truelat1, truelat2, stand_lon;
    double cen_lat, cen_lon; /* centre of the mesh, which need not be that of the projection */
    double pole_lat;
    int nx, ny;
    double dx; /* m; MAP_PROJ 6: DX attribute, the points are dx / 111177.47 degrees apart */
    int n_times;
    double hours[WRF_TIMES_MAX]; /* since 2020-02-28 00:00 */
    bool hybrid;
    bool still; /* XLAT and the like without a time */
    wrf_wind wind;
    double rain[WRF_TIMES_MAX]; /* mm, RAINNC; RAINC is half of it */
    double bucket;              /* mm; 0: none */
    const char *simulation_start;
    const char *legend;
    double land; /* LU_INDEX in all cells but one */
    /* faults */
    const char *leave_out;              /* a list: ",U,MU," */
    const char *bare;                   /* this variable has no unit */
    const char *odd_unit_of, *odd_unit; /* this variable has that unit */
    const char *swapped;                /* this variable has west_east before south_north */
    const char *spoil;                  /* this variable gets spoil_value at its last time, level 0, row 3, column 4 */
    double spoil_value;
    const char *attribute; /* this attribute is left out, or has attribute_value where that is no NaN */
    double attribute_value;
    const char *stamp; /* Times[1] */
    double xtime;      /* minutes added to XTIME; NAN: no XTIME */
    bool moving;       /* XLONG changes with time */
    double shift;      /* degrees added to XLAT of one point */
} wrf_file;

static inline wrf_file wrf_default(const char *name, int map_proj)
{
    wrf_file w = {.name = name,
                  .map_proj = map_proj,
                  .truelat1 = 27,
                  .truelat2 = map_proj == 1 ? 33 : 27,
                  .stand_lon = 104.5,
                  .cen_lat = 30,
                  .cen_lon = 104,
                  .pole_lat = 90,
                  .nx = 14,
                  .ny = 12,
                  .dx = 20000,
                  .n_times = 3,
                  .hours = {0, 3, 6, 9, 12, 15},
                  .rain = {1, 4, 4, 10, 10, 10},
                  .simulation_start = "2020-02-27_12:00:00",
                  .legend = "MODIFIED_IGBP_MODIS_NOAH",
                  .land = 12,
                  .attribute_value = NAN};
    if (map_proj == 2) w.truelat1 = 60;
    return w;
}

/* ---- the mesh of the file ---- */

typedef struct wrf_map {
    bs_projection *projection;
    double x0, y0, dx, dy; /* corner of cell (0, 0) */
} wrf_map;

static inline void wrf_proj_string(const wrf_file *w, char *text, size_t size)
{
    if (w->map_proj == 1)
        snprintf(text, size, "+proj=lcc +lat_1=%g +lat_2=%g +lat_0=%g +lon_0=%g +R=6370000", w->truelat1, w->truelat2,
                 w->cen_lat, w->stand_lon);
    else if (w->map_proj == 2)
        snprintf(text, size, "+proj=stere +lat_0=%d +lat_ts=%g +lon_0=%g +R=6370000", w->truelat1 < 0 ? -90 : 90,
                 w->truelat1, w->stand_lon);
    else if (w->map_proj == 3)
        snprintf(text, size, "+proj=merc +lat_ts=%g +lon_0=%g +R=6370000", w->truelat1, w->cen_lon);
    else
        snprintf(text, size, "+proj=longlat +R=6370000");
}

static inline wrf_map wrf_map_of(const wrf_file *w)
{
    char text[256];
    bs_err err;
    wrf_map m = {0};
    wrf_proj_string(w, text, sizeof text);
    if (bs_projection_create(text, &m.projection, &err) != BS_OK) fail_msg("%s", err.text);
    m.dx = m.dy = w->map_proj == 6 ? w->dx / (BS_EARTH_RADIUS * BS_PI / 180) : w->dx;
    double x = w->cen_lon, y = w->cen_lat;
    assert_int_equal(bs_projection_forward(m.projection, 1, &x, &y), 0);
    m.x0 = x - 0.5 * w->nx * m.dx;
    m.y0 = y - 0.5 * w->ny * m.dy;
    return m;
}

/* ---- formulas ---- */

static const double WRF_ETA[WRF_NZ + 1] = {1, 0.985, 0.95, 0.88, 0.75, 0.55, 0.32, 0.12, 0};
static const double WRF_TOP = 5000;

/* Coefficients of the half levels: pure sigma, or Klemp's cubic, flat above eta 0.2 (NCAR/TN-556+STR, eq 2.4). */
static inline double wrf_c3(const wrf_file *w, int k)
{
    const double eta = WRF_ETA[k], c = 0.2, d = pow(1 - c, 3);
    if (!w->hybrid) return eta;
    if (eta <= c) return 0;
    return (2 * c * c - c * (4 + c + c * c) * eta + 2 * (1 + c + c * c) * eta * eta - (1 + c) * eta * eta * eta) / d;
}

static inline double wrf_c4(const wrf_file *w, int k)
{
    return w->hybrid ? (WRF_ETA[k] - wrf_c3(w, k)) * (1e5 - WRF_TOP) : 0;
}

static inline double wrf_mu(double lon, double lat, double hours)
{
    return 90000 + 800 * (lon - 104) - 600 * (lat - 30) + 20 * hours;
}

/* Pressure of dry air between layer k's bottom and top. */
static inline double wrf_dry(const wrf_file *w, int k, double mu)
{
    return (wrf_c3(w, k) - wrf_c3(w, k + 1)) * mu + wrf_c4(w, k) - wrf_c4(w, k + 1);
}

static inline double wrf_vapour(int k, double lon, double lat)
{
    return 0.012 * exp(-0.5 * k) * (1 + 0.1 * (lon - 104) - 0.05 * (lat - 30));
}

static inline double wrf_temperature(int k, double lon, double lat, double hours)
{
    return 290 - 9.0 * k + 0.5 * (lon - 104) - 0.8 * (lat - 30) + 0.1 * hours;
}

/* Full pressure in the middle of layer k, or of what is above level k when `half`. */
static inline double wrf_pressure(const wrf_file *w, int k, bool half, double lon, double lat, double hours)
{
    double p = WRF_TOP;
    for (int l = WRF_NZ - 1; l > k; l--) p += wrf_dry(w, l, wrf_mu(lon, lat, hours)) * (1 + wrf_vapour(l, lon, lat));
    if (k >= WRF_NZ) return p;
    return p + (half ? 1 : 0.5) * wrf_dry(w, k, wrf_mu(lon, lat, hours)) * (1 + wrf_vapour(k, lon, lat));
}

/* Height of half level k times g, from the equation of state, on ground at 300 m. */
static inline double wrf_geopotential(const wrf_file *w, int k, double lon, double lat, double hours)
{
    double phi = 300 * 9.81;
    for (int l = 0; l < k; l++)
        phi += wrf_dry(w, l, wrf_mu(lon, lat, hours)) * 287.0 * wrf_temperature(l, lon, lat, hours) *
               (1 + 461.6 / 287.0 * wrf_vapour(l, lon, lat)) / wrf_pressure(w, l, false, lon, lat, hours);
    return phi;
}

/* Wind towards the east and north, m s-1: a solid body turning about an axis through 40N 150E, or the same everywhere;
 * faster aloft. */
static inline void wrf_earth_wind(const wrf_file *w, int k, double lon, double lat, double hours, double *east,
                                  double *north)
{
    const double deg = BS_PI / 180, pole = 40 * deg, from = (lon - 150) * deg, faster = 1 + 0.3 * k + 0.05 * hours;
    *east = 12 * faster;
    *north = -7 * faster;
    if (w->wind == WIND_UNIFORM) return;
    *east = 30 * faster * (sin(pole) * cos(lat * deg) - cos(pole) * sin(lat * deg) * cos(from));
    *north = 30 * faster * cos(pole) * sin(from);
}

/* Component of it along the file's x (0) or y (1) at a point of its plane. */
static inline double wrf_grid_wind(const wrf_file *w, const wrf_map *m, int component, int k, double x, double y,
                                   double hours)
{
    bs_map_factors f;
    double lon = x, lat = y, east, north;
    assert_int_equal(bs_projection_inverse(m->projection, 1, &lon, &lat), 0);
    assert_int_equal(bs_projection_factors(m->projection, lon, lat, &f, NULL), BS_OK);
    wrf_earth_wind(w, k, lon, lat, hours, &east, &north);
    const double c = cos(f.convergence), s = sin(f.convergence); /* north has the components (-s, c) */
    return component == 0 ? east * c - north * s : east * s + north * c;
}

static inline double wrf_value(const wrf_file *w, const wrf_map *m, const char *name, int t, int k, double j, double i)
{
    const double x = m->x0 + (i + 0.5) * m->dx, y = m->y0 + (j + 0.5) * m->dy, hours = w->hours[t];
    double lon = x, lat = y;
    bs_projection_inverse(m->projection, 1, &lon, &lat);
    if (!strcmp(name, "U") || !strcmp(name, "U10")) return wrf_grid_wind(w, m, 0, k, x, y, hours);
    if (!strcmp(name, "V") || !strcmp(name, "V10")) return wrf_grid_wind(w, m, 1, k, x, y, hours);
    if (!strcmp(name, "XLAT")) return lat + (j == 2 && i == 5 ? w->shift : 0);
    if (!strcmp(name, "XLONG")) return lon + (w->moving ? 0.1 * t : 0);
    if (!strcmp(name, "COSALPHA") || !strcmp(name, "SINALPHA")) {
        bs_map_factors f;
        bs_projection_factors(m->projection, lon, lat, &f, NULL);
        return name[0] == 'C' ? cos(f.convergence) : -sin(f.convergence);
    }
    const double p = k < WRF_NZ ? wrf_pressure(w, k, false, lon, lat, hours) : 0;
    if (!strcmp(name, "T")) return wrf_temperature(k, lon, lat, hours) * pow(1e5 / p, 2.0 / 7) - 300;
    if (!strcmp(name, "PB")) return 0.97 * p;
    if (!strcmp(name, "P")) return 0.03 * p;
    if (!strcmp(name, "QVAPOR")) return wrf_vapour(k, lon, lat);
    if (!strcmp(name, "QCLOUD")) return 1e-4 * (k == 2);
    if (!strcmp(name, "QRAIN")) return 2e-4 * (k == 1);
    if (!strcmp(name, "PHB")) return 0.9 * wrf_geopotential(w, k, lon, lat, hours);
    if (!strcmp(name, "PH")) return 0.1 * wrf_geopotential(w, k, lon, lat, hours);
    if (!strcmp(name, "MUB")) return 90000;
    if (!strcmp(name, "MU")) return wrf_mu(lon, lat, hours) - 90000;
    if (!strcmp(name, "PSFC")) return wrf_pressure(w, 0, true, lon, lat, hours);
    if (!strcmp(name, "T2")) return wrf_temperature(0, lon, lat, hours) + 0.5;
    if (!strcmp(name, "PBLH")) return 500 + 10 * hours;
    if (!strcmp(name, "UST")) return 0.3;
    if (!strcmp(name, "HFX")) return 50;
    if (!strcmp(name, "QFX")) return 3e-5;
    if (!strcmp(name, "ZNT")) return 0.2;
    if (!strcmp(name, "LAI")) return 2 + 0.5 * (lon - 104);
    if (!strcmp(name, "HGT")) return 300;
    if (!strcmp(name, "LU_INDEX")) return j == 2 && i == 3 ? 17 : w->land;
    const double rain = w->rain[t] * (1 + 0.1 * (lon - 104)), buckets = w->bucket > 0 ? floor(rain / w->bucket) : 0;
    if (!strcmp(name, "RAINC")) return 0.5 * rain;
    if (!strcmp(name, "RAINNC")) return rain - buckets * w->bucket;
    if (!strcmp(name, "I_RAINNC")) return buckets;
    return 0;
}

#endif
