/* test_emis_mapped.h - small inventories in each of the formats, with random amounts, and mappings for them. */
#ifndef BS_TESTS_EMIS_MAPPED_H
#define BS_TESTS_EMIS_MAPPED_H

#include "test_emis_case.h"

/* A regular grid of cells that covers both meshes of test_emis_case.h and more. */
enum { GRID_NX = 48, GRID_NY = 40 };
static const double GRID_WEST = 99, GRID_SOUTH = 25, GRID_CELL = 0.25;

static const double MONTH_DAYS[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}; /* of 2015 */

/* t per cell and month; a third of the cells emit nothing. j from the south. */
static inline double amount(int seed, int month, int j, int i)
{
    uint64_t x = (uint64_t)(seed * 7919 + month * 104729 + j * 1009 + i + 1) * 0x9E3779B97F4A7C15u;
    x ^= x >> 29;
    x *= 0xBF58476D1CE4E5B9u;
    x ^= x >> 32;
    return x % 3 == 0 ? 0 : (double)(x >> 11) / 9007199254740992.0 * 40;
}

/* Annual mean of all cells, kg s-1, when month m holds amount(seed, m). */
static inline double grid_total(int seed)
{
    double sum = 0;
    for (int m = 0; m < 12; m++) {
        for (int j = 0; j < GRID_NY; j++) {
            for (int i = 0; i < GRID_NX; i++) sum += amount(seed, m, j, i);
        }
    }
    return sum * 1e3 / (365 * 86400.0);
}

/* What a file may have wrong. */
typedef struct grid_fault {
    double lon_turn;       /* added to longitudes */
    bool north_first;      /* netCDF: rows from the north */
    bool lon_first;        /* netCDF: dimensions (..., lon, lat) */
    int hole;              /* a missing value at (j 3, i 5): 1 fill value, 2 NaN, 3 negative */
    const char *units;     /* netCDF: of the variable; "": none; NULL: as the writer has it */
    const char *calendar;  /* netCDF */
    int n_times;           /* netCDF: 0: 12 */
    const char *time_name; /* netCDF: of the dimension */
    int year;              /* of the time axis; 0: 2015 */
    double times;          /* multiplies all amounts; 0: 1 */
} grid_fault;

static const double FILL = -9999;

static inline double faulty(const grid_fault *f, int seed, int m, int j, int i)
{
    static const double HOLE[] = {0, -9999, NAN, -2.5};
    if (f->hole && j == 3 && i == 5) return HOLE[f->hole];
    return amount(seed, m, j, i) * (f->times > 0 ? f->times : 1);
}

static inline FILE *grid_open(const emis_case *c, const char *name)
{
    char path[256];
    FILE *f = fopen(emis_path(c, name, path), "w");
    assert_non_null(f);
    return f;
}

/* ESRI ASCII grid of one month. */
static inline void write_ascii(const emis_case *c, const char *name, const grid_fault *fault, int seed, int m)
{
    FILE *f = grid_open(c, name);
    fprintf(f, "ncols %d\nnrows %d\nxllcorner %.17g\nyllcorner %.17g\ncellsize %.17g\nNODATA_value -9999\n", GRID_NX,
            GRID_NY, GRID_WEST + fault->lon_turn, GRID_SOUTH, GRID_CELL);
    for (int j = GRID_NY - 1; j >= 0; j--) {
        for (int i = 0; i < GRID_NX; i++) fprintf(f, "%.17g ", faulty(fault, seed, m, j, i));
        fputc('\n', f);
    }
    assert_int_equal(fclose(f), 0);
}

/* A list of lon, lat and twelve months (or of month m alone, m >= 0), cells without emission left out; at: 0.5 centres,
 * 0 corners. */
static inline void write_list(const emis_case *c, const char *name, const grid_fault *fault, const char *header,
                              const char *separator, double at, int seed, int month)
{
    FILE *f = grid_open(c, name);
    fputs(header, f);
    for (int j = 0; j < GRID_NY; j++) {
        for (int i = 0; i < GRID_NX; i++) {
            double sum = 0;
            for (int m = 0; m < 12; m++) sum += amount(seed, m, j, i);
            if (sum == 0) continue;
            fprintf(f, "%.17g%s%.17g", GRID_WEST + fault->lon_turn + (i + at) * GRID_CELL, separator,
                    GRID_SOUTH + (j + at) * GRID_CELL);
            for (int m = month < 0 ? 0 : month; m < (month < 0 ? 12 : month + 1); m++)
                fprintf(f, "%s%.17g", separator, faulty(fault, seed, m, j, i));
            fputc('\n', f);
        }
    }
    assert_int_equal(fclose(f), 0);
}

/* GMT's one-dimensional grid of one month. */
static inline void write_gmt(const emis_case *c, const char *name, const grid_fault *fault, int seed, int month)
{
    static const char *const PAIR[] = {"x_range", "y_range", "spacing"};
    const double west = GRID_WEST + fault->lon_turn, fill = FILL;
    const double value[3][2] = {
        {west, west + GRID_NX * GRID_CELL}, {GRID_SOUTH, GRID_SOUTH + GRID_NY * GRID_CELL}, {GRID_CELL, GRID_CELL}};
    const int dimension[2] = {GRID_NX, GRID_NY};
    char path[256];
    int nc = 0, side = 0, size = 0, id[3] = {0}, dim = 0, z = 0;
    double *all = calloc((size_t)GRID_NX * GRID_NY, sizeof *all);
    assert_non_null(all);
    NC_GOOD(nc_create(emis_path(c, name, path), NC_CLOBBER, &nc));
    NC_GOOD(nc_def_dim(nc, "side", 2, &side));
    NC_GOOD(nc_def_dim(nc, "xysize", GRID_NX * GRID_NY, &size));
    for (int k = 0; k < 3; k++) NC_GOOD(nc_def_var(nc, PAIR[k], NC_DOUBLE, 1, &side, &id[k]));
    NC_GOOD(nc_def_var(nc, "dimension", NC_INT, 1, &side, &dim));
    NC_GOOD(nc_def_var(nc, "z", NC_DOUBLE, 1, &size, &z));
    NC_GOOD(nc_put_att_double(nc, z, "nodata_value", NC_DOUBLE, 1, &fill));
    if (fault->units) NC_GOOD(nc_put_att_text(nc, z, "units", strlen(fault->units), fault->units));
    NC_GOOD(nc_enddef(nc));
    for (int k = 0; k < 3; k++) NC_GOOD(nc_put_var_double(nc, id[k], value[k]));
    NC_GOOD(nc_put_var_int(nc, dim, dimension));
    for (int j = 0; j < GRID_NY; j++) {
        for (int i = 0; i < GRID_NX; i++) all[(GRID_NY - 1 - j) * GRID_NX + i] = faulty(fault, seed, month, j, i);
    }
    NC_GOOD(nc_put_var_double(nc, z, all));
    NC_GOOD(nc_close(nc));
    free(all);
}

/* CF netCDF with a dimension of sectors where `ids` is not NULL (sector s of n_sectors has seed + s); t per cell and
 * month. */
static inline void write_cf(const emis_case *c, const char *name, const char *variable, const grid_fault *fault,
                            const char *ids, int n_sectors, int seed)
{
    const int months = fault->n_times ? fault->n_times : 12, year = fault->year ? fault->year : 2015;
    const char *time_name = fault->time_name ? fault->time_name : "time",
               *units = fault->units ? fault->units : "t month-1";
    const bool leapless =
        fault->calendar && (strcmp(fault->calendar, "365_day") == 0 || strcmp(fault->calendar, "noleap") == 0);
    char path[256];
    int nc = 0, time = 0, sector = -1, lat = 0, lon = 0, var = 0, t = 0, s = 0;
    NC_GOOD(nc_create(emis_path(c, name, path), NC_NETCDF4 | NC_CLOBBER, &nc));
    NC_GOOD(nc_def_dim(nc, time_name, (size_t)months, &time));
    if (ids) NC_GOOD(nc_def_dim(nc, "sector", (size_t)n_sectors, &sector));
    NC_GOOD(nc_def_dim(nc, "lat", GRID_NY, &lat));
    NC_GOOD(nc_def_dim(nc, "lon", GRID_NX, &lon));
    int dims[4], n = 0;
    dims[n++] = time;
    if (ids) dims[n++] = sector;
    dims[n++] = fault->lon_first ? lon : lat;
    dims[n++] = fault->lon_first ? lat : lon;
    NC_GOOD(nc_def_var(nc, variable, NC_DOUBLE, n, dims, &var));
    if (*units) NC_GOOD(nc_put_att_text(nc, var, "units", strlen(units), units));
    NC_GOOD(nc_put_att_double(nc, var, "_FillValue", NC_DOUBLE, 1, &FILL));
    NC_GOOD(nc_def_var(nc, time_name, NC_DOUBLE, 1, &time, &t));
    const char *since = leapless ? "days since 1750-01-01 00:00:00" : "days since 1970-01-01";
    NC_GOOD(nc_put_att_text(nc, t, "units", strlen(since), since));
    if (fault->calendar) NC_GOOD(nc_put_att_text(nc, t, "calendar", strlen(fault->calendar), fault->calendar));
    if (ids) {
        NC_GOOD(nc_def_var(nc, "sector", NC_INT, 1, &sector, &s));
        if (*ids) NC_GOOD(nc_put_att_text(nc, s, "ids", strlen(ids), ids));
    }
    NC_GOOD(nc_enddef(nc));
    const double north = GRID_SOUTH + (GRID_NY - 0.5) * GRID_CELL, south = GRID_SOUTH + 0.5 * GRID_CELL;
    emis_put_axis(nc, lon, "lon", "degrees_east", GRID_WEST + fault->lon_turn + 0.5 * GRID_CELL, GRID_CELL, GRID_NX,
                  false);
    emis_put_axis(nc, lat, "lat", "degrees_north", fault->north_first ? north : south,
                  fault->north_first ? -GRID_CELL : GRID_CELL, GRID_NY, false);
    double *all = calloc((size_t)months * (size_t)n_sectors * GRID_NX * GRID_NY, sizeof *all), *at = all;
    assert_non_null(all);
    for (int m = 0; m < months; m++) {
        double day = (double)bs_time_from_date(year + m / 12, m % 12 + 1, 15, 0, 0, 0) / 86400;
        if (leapless) day = (year + m / 12 - 1750) * 365.0 + (m % 12) * 365.0 / 12 + 15;
        const size_t first = (size_t)m;
        NC_GOOD(nc_put_var1_double(nc, t, &first, &day));
        for (int k = 0; k < n_sectors; k++) {
            for (int a = 0; a < GRID_NX * GRID_NY; a++) {
                int j = fault->lon_first ? a % GRID_NY : a / GRID_NX, i = fault->lon_first ? a / GRID_NY : a % GRID_NX;
                if (fault->north_first) j = GRID_NY - 1 - j;
                *at++ = faulty(fault, seed + k, m, j, i);
            }
        }
    }
    NC_GOOD(nc_put_var_double(nc, var, all));
    for (int k = 0; ids && k < n_sectors; k++) {
        const size_t first = (size_t)k;
        NC_GOOD(nc_put_var1_int(nc, s, &first, &k));
    }
    NC_GOOD(nc_close(nc));
    free(all);
}

/* Month files 1..12 by a writer; `pattern` has one %d or %02d. */
static inline void write_months(const emis_case *c, const char *pattern, const grid_fault *fault, int seed,
                                void (*write)(const emis_case *, const char *, const grid_fault *, int, int))
{
    for (int m = 0; m < 12; m++) {
        char name[64];
        snprintf(name, sizeof name, pattern, m + 1);
        write(c, name, fault, seed, m);
    }
}

/* The inventory of a case that reads m.yaml and the files of a pattern; `more`: further keys, each ", key: value". */
static inline const char *mapped(const char *files, const char *more)
{
    static char text[1024];
    snprintf(text, sizeof text, "  inventories:\n  - {name: inv, type: mapped, mapping: m.yaml, files: '%s'%s}\n",
             files, more);
    return text;
}

#define MAPPING(format, file, more)                                                                                    \
    "name: test\nsource: this test\nformat: " format "\nfile: '" file "'\n" more                                       \
    "sectors: {industry: ind, road: {codes: [tra], optional: true}}\nspecies: {pm25: PM25, pmcoarse: PMC}\n"

#define GMT_MAPPING   MAPPING("gmt", "{year}_{month}_{sector}_{species}.nc", "variable: z\nunits: t month-1\n")
#define ASCII_MAPPING MAPPING("ascii_grid", "{year}_{month}_{sector}_{species}.asc", "units: t month-1\n")
#define LIST_MAPPING                                                                                                   \
    MAPPING("list", "{species}_{sector}_{year}.txt",                                                                   \
            "units: t month-1\nlist: {separator: blank, header_lines: 2, columns: [lon, lat, months], place: centre, " \
            "cell: "                                                                                                   \
            "0.25, domain: [99, 111, 25, 35]}\n")
#define CF_MAPPING MAPPING("netcdf", "{species}_{sector}.nc", "variable: emissions\nunits: t month-1\n")

static const grid_fault GOOD = {0};

#endif
