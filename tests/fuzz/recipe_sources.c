/* Sound files of raw weather and of mapped inventories, as small as they may be: the mesh of fuzz_case lies within. */
#include "recipe.h"

#include <math.h>
#include <string.h>

enum { NX = 9, NY = 7, NTIME = 3 };
static const double STEP = 0.4, WEST = 102.7, SOUTH = 28.9; /* degrees, of the first point */

static double *last(recipe *r, size_t *n)
{
    *n = r->var[r->n_vars - 1].n;
    return r->var[r->n_vars - 1].value;
}

/* A field that varies a little; cells of one time or level: NX NY. */
static void field(recipe *r, const char *name, const char *dims, const char *units, double value, double step)
{
    size_t n;
    recipe_add(r, name, NC_DOUBLE, dims);
    double *v = last(r, &n);
    for (size_t k = 0; k < n; k++) v[k] = value + step * (double)(k % 11);
    recipe_text(r, name, "units", units);
}

static void lonlat(recipe *r)
{
    recipe_dim(r, "lat", NY);
    recipe_dim(r, "lon", NX);
    double *lat = recipe_add(r, "lat", NC_DOUBLE, "lat"), *lon = recipe_add(r, "lon", NC_DOUBLE, "lon");
    for (int j = 0; j < NY; j++) lat[j] = SOUTH + STEP * j;
    for (int i = 0; i < NX; i++) lon[i] = WEST + STEP * i;
    recipe_text(r, "lat", "units", "degrees_north");
    recipe_text(r, "lon", "units", "degrees_east");
}

static void times(recipe *r)
{
    recipe_dim(r, "time", NTIME);
    double *time = recipe_add(r, "time", NC_DOUBLE, "time");
    for (int t = 0; t < NTIME; t++) time[t] = 3 * t;
    recipe_text(r, "time", "units", "hours since 2020-01-01");
}

void recipe_model_levels(recipe *r)
{
    static const double A[] = {2000, 14000, 16000, 5000, 200, 0}, B[] = {0, 0, 0.2, 0.7, 0.98, 1};
    *r = (recipe){.kept = 1.0};
    times(r);
    lonlat(r);
    recipe_dim(r, "level", 5);
    recipe_dim(r, "half", 6);
    double *level = recipe_add(r, "level", NC_DOUBLE, "level");
    for (int k = 0; k < 5; k++) level[k] = k + 1;
    memcpy(recipe_add(r, "hyai", NC_DOUBLE, "half"), A, sizeof A);
    memcpy(recipe_add(r, "hybi", NC_DOUBLE, "half"), B, sizeof B);
    recipe_text(r, "hyai", "units", "Pa");
    field(r, "u", "time level lat lon", "m s-1", 3, 0.1);
    field(r, "v", "time level lat lon", "m s-1", -1, 0.1);
    field(r, "t", "time level lat lon", "K", 270, 0.5);
    field(r, "q", "time level lat lon", "kg kg-1", 0.003, 1e-5);
    field(r, "lnsp", "time lat lon", "1", 11.48, 1e-4);
}

/* A column in balance, the same everywhere; dry. */
static void wrf_column(recipe *r, int nz, const double *eta)
{
    static const double TOP = 5000, MU = 92000;
    static const char LAYERS[] = "Time bottom_top south_north west_east", GROUND[] = "Time south_north west_east";
    size_t n;
    field(r, "P", LAYERS, "Pa", 0, 0);
    field(r, "PB", LAYERS, "Pa", 0, 0);
    double *pb = last(r, &n);
    for (size_t c = 0; c < n; c++) {
        const size_t k = c / (NX * NY) % (size_t)nz;
        pb[c] = TOP + 0.5 * (eta[k] + eta[k + 1]) * MU;
    }
    field(r, "T", LAYERS, "K", 0, 0);
    double *theta = last(r, &n);
    for (size_t c = 0; c < n; c++) theta[c] = (230 + 5e-4 * pb[c]) * pow(1e5 / pb[c], 2.0 / 7) - 300;
    field(r, "QVAPOR", LAYERS, "kg kg-1", 0, 0);
    field(r, "MU", GROUND, "Pa", 0, 0);
    field(r, "MUB", GROUND, "Pa", MU, 0);
    field(r, "PSFC", GROUND, "Pa", TOP + MU, 0);
    double *eta_out = recipe_add(r, "ZNW", NC_DOUBLE, "Time bottom_top_stag");
    for (int c = 0; c < NTIME * (nz + 1); c++) eta_out[c] = eta[c % (nz + 1)];
    field(r, "P_TOP", "Time", "Pa", TOP, 0);
}

static void wrf_words(recipe *r)
{
    static const char *const STAMP[NTIME] = {"2020-01-01_00:00:00", "2020-01-01_03:00:00", "2020-01-01_06:00:00"};
    static const struct {
        const char *name;
        double value;
    } NUMBER[] = {{"MAP_PROJ", 6}, {"DX", 44478}, {"DY", 44478}, {"POLE_LAT", 90}, {"POLE_LON", 0}, {"CEN_LAT", 30}};
    double *text = recipe_add(r, "Times", NC_CHAR, "Time DateStrLen");
    for (int t = 0; t < NTIME; t++)
        for (int c = 0; c < 19; c++) text[19 * t + c] = STAMP[t][c];
    for (size_t n = 0; n < sizeof NUMBER / sizeof *NUMBER; n++) recipe_number(r, NULL, NUMBER[n].name, NUMBER[n].value);
    recipe_text(r, NULL, "GRIDTYPE", "C");
    recipe_text(r, NULL, "MMINLU", "USGS");
    recipe_text(r, NULL, "SIMULATION_START_DATE", STAMP[0]);
    double *xtime = recipe_add(r, "XTIME", NC_DOUBLE, "Time");
    for (int t = 0; t < NTIME; t++) xtime[t] = 180 * t;
}

void recipe_wrf(recipe *r)
{
    static const double ETA[] = {1, 0.9, 0.6, 0.2, 0};
    static const char GROUND[] = "Time south_north west_east";
    size_t n;
    *r = (recipe){.kept = 1.0};
    recipe_dim(r, "Time", NTIME);
    recipe_dim(r, "DateStrLen", 19);
    recipe_dim(r, "west_east", NX);
    recipe_dim(r, "south_north", NY);
    recipe_dim(r, "bottom_top", 4);
    recipe_dim(r, "west_east_stag", NX + 1);
    recipe_dim(r, "south_north_stag", NY + 1);
    recipe_dim(r, "bottom_top_stag", 5);
    wrf_words(r);
    wrf_column(r, 4, ETA);
    field(r, "XLAT", GROUND, "degree_north", 0, 0);
    double *lat = last(r, &n);
    for (size_t c = 0; c < n; c++) lat[c] = SOUTH + STEP * (double)(c / NX % NY);
    field(r, "XLONG", GROUND, "degree_east", 0, 0);
    double *lon = last(r, &n);
    for (size_t c = 0; c < n; c++) lon[c] = WEST + STEP * (double)(c % NX);
    field(r, "U", "Time bottom_top south_north west_east_stag", "m s-1", 3, 0.1);
    field(r, "V", "Time bottom_top south_north_stag west_east", "m s-1", -1, 0.1);
    field(r, "HGT", GROUND, "m", 400, 1);
    field(r, "RAINNC", GROUND, "mm", 1, 0);
    field(r, "LU_INDEX", GROUND, "", 2, 0);
}

void recipe_land(recipe *r)
{
    *r = (recipe){.kept = 1.0};
    lonlat(r);
    recipe_dim(r, "rank", 2);
    double *share = recipe_add(r, "share", NC_DOUBLE, "rank lat lon");
    for (int c = 0; c < 2 * NY * NX; c++) share[c] = c < NY * NX ? 60 : 30;
    recipe_text(r, "share", "units", "%");
    double *number = recipe_add(r, "number", NC_DOUBLE, "rank lat lon");
    for (int c = 0; c < 2 * NY * NX; c++) number[c] = c < NY * NX ? 12 : 1 + c % 5;
}

void recipe_wind10(recipe *r)
{
    *r = (recipe){.kept = 1.0};
    times(r);
    lonlat(r);
    field(r, "u10", "time lat lon", "m s-1", 2, 0.1);
    field(r, "v10", "time lat lon", "m s-1", -1, 0.1);
}

void recipe_mapped(recipe *r)
{
    *r = (recipe){.kept = 1.0};
    lonlat(r);
    field(r, "emissions", "lat lon", "t", 1, 0.1);
}
