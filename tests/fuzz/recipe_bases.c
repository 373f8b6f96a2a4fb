/* Sound files of each reader, as small as they may be: the mesh of fuzz_case lies within. */
#include "recipe.h"

#include <math.h>

enum { NLON = 7, NLAT = 6, NLEV = 4, NTIME = 3 };

static void axes(recipe *r, bool named)
{
    recipe_dim(r, "lat", NLAT);
    recipe_dim(r, "lon", NLON);
    double *lat = recipe_add(r, "lat", NC_DOUBLE, "lat"), *lon = recipe_add(r, "lon", NC_DOUBLE, "lon");
    for (int j = 0; j < NLAT; j++) lat[j] = 28.5 + 0.5 * j;
    for (int i = 0; i < NLON; i++) lon[i] = 102.5 + 0.5 * i;
    if (!named) return;
    recipe_text(r, "lat", "units", "degrees_north");
    recipe_text(r, "lon", "units", "degrees_east");
}

static void field(recipe *r, const char *name, const char *dims, const char *units, double value, double step)
{
    double *v = recipe_add(r, name, NC_FLOAT, dims);
    for (size_t n = 0; n < r->var[r->n_vars - 1].n; n++) v[n] = value + step * (double)(n % 11);
    recipe_text(r, name, "units", units);
    recipe_number(r, name, "_FillValue", -9999);
    r->var[r->n_vars - 1].att[r->var[r->n_vars - 1].n_atts - 1].type = NC_FLOAT;
}

void recipe_weather(recipe *r)
{
    static const double LEVEL[NLEV] = {1000, 850, 500, 150};
    *r = (recipe){.kept = 1.0};
    recipe_dim(r, "time", NTIME);
    recipe_dim(r, "level", NLEV);
    axes(r, true);
    double *time = recipe_add(r, "time", NC_DOUBLE, "time"), *level = recipe_add(r, "level", NC_DOUBLE, "level");
    for (int t = 0; t < NTIME; t++) time[t] = 3 * t;
    for (int k = 0; k < NLEV; k++) level[k] = LEVEL[k];
    recipe_text(r, "time", "units", "hours since 2020-01-01");
    recipe_text(r, "time", "calendar", "standard");
    recipe_text(r, "level", "units", "hPa");
    field(r, "u", "time level lat lon", "m s-1", 3, 0.1);
    field(r, "v", "time level lat lon", "m s-1", -1, 0.1);
    field(r, "t", "time level lat lon", "K", 270, 0.5);
    field(r, "q", "time level lat lon", "kg kg-1", 0.003, 1e-5);
    field(r, "sp", "time lat lon", "Pa", 97000, 10);
    field(r, "z", "lat lon", "m", 300, 1);
}

void recipe_terrain(recipe *r)
{
    *r = (recipe){.kept = 1.0};
    axes(r, true);
    field(r, "height", "lat lon", "m", 400, 10);
    recipe_dim(r, "bnds", 2);
    double *b = recipe_add(r, "lon_bnds", NC_DOUBLE, "lon bnds");
    for (int i = 0; i < 2 * NLON; i++) b[i] = 102.25 + 0.5 * ((i + 1) / 2);
    recipe_text(r, "lon", "bounds", "lon_bnds");
}

void recipe_inventory(recipe *r)
{
    *r = (recipe){.kept = 1.0};
    recipe_dim(r, "time", 12);
    axes(r, true);
    double *time = recipe_add(r, "time", NC_INT, "time");
    for (int m = 0; m < 12; m++) time[m] = 15 + 30.4 * m;
    recipe_text(r, "time", "units", "days since 2020-01-01");
    field(r, "p", "time lat lon", "kg m-2 s-1", 1e-9, 1e-11);
    recipe_dim(r, "bnds", 2);
    double *b = recipe_add(r, "lat_bnds", NC_DOUBLE, "lat bnds");
    for (int j = 0; j < 2 * NLAT; j++) b[j] = 28.25 + 0.5 * ((j + 1) / 2);
    recipe_text(r, "lat", "bounds", "lat_bnds");
}

void recipe_proxy(recipe *r)
{
    *r = (recipe){.kept = 1.0};
    axes(r, false);
    field(r, "p", "lat lon", "1", 100, 3);
}

void recipe_nest(recipe *r)
{
    *r = (recipe){.kept = 1.0};
    recipe_dim(r, "time", NTIME);
    recipe_dim(r, "lev", NLEV);
    recipe_dim(r, "y", NLAT);
    recipe_dim(r, "x", NLON);
    double *time = recipe_add(r, "time", NC_DOUBLE, "time");
    for (int t = 0; t < NTIME; t++) time[t] = 3 * t;
    recipe_text(r, "time", "units", "hours since 2020-01-01 00:00:00");
    field(r, "q_pm25", "time lev y x", "ug kg-1", 5, 0.3);
    double *top = recipe_add(r, "layer_top_height", NC_FLOAT, "time lev y x");
    for (int n = 0; n < NTIME * NLEV * NLAT * NLON; n++) top[n] = 100.0 * (1 << (n / (NLAT * NLON) % NLEV)) + n % 7;
    recipe_text(r, "layer_top_height", "units", "m");
    recipe_text(r, NULL, "source", "bashu 0.1.0");
    recipe_text(r, NULL, "proj4", "+proj=longlat +R=6370000");
    recipe_number(r, NULL, "nx", NLON);
    recipe_number(r, NULL, "ny", NLAT);
    recipe_number(r, NULL, "dx", 0.5);
    recipe_number(r, NULL, "dy", 0.5);
    recipe_number(r, NULL, "x0", 102.25);
    recipe_number(r, NULL, "y0", 28.25);
}
