/* test_report_fixture.h - the folder of a finished run, made by hand: three cities, three days. */
#ifndef BS_TESTS_REPORT_FIXTURE_H
#define BS_TESTS_REPORT_FIXTURE_H

#include "tests/model/config_support.h"

#include <sys/stat.h>

#include "model/io/nc.h"

/* Its files are gone, as after a move to another machine. */
static const char CASE[] =
    "case: {name: made-up, title: By hand}\n"
    "time: {start: 2015-01-12T16:00:00Z, end: 2015-01-15T16:00:00Z}\n"
    "grid: {projection: '+proj=longlat +R=6370000', nx: 4, ny: 4, dx: 1 degree, centre: [104, 30],\n"
    "       levels: {top: 200 hPa, eta: [1.0, 0.5, 0.0]}}\n"
    "meteorology: {provider: pressure_levels, label: no real day, files: [/gone/a.nc]}\n"
    "regions: {file: /gone/regions.geojson}\n";

static const char DAILY[] =
    "# means by region over natural days of made-up\n"
    "date_local,adcode,name,name_en,primary_pm25,primary_pm25_industry,primary_pm25_road\n"
    "2015-01-13,510100,成都市,Chengdu,60.5,40,20.5\n2015-01-13,511900,巴中市,Bazhong,20,5,15\n"
    "2015-01-13,513400,凉山彝族自治州,Liangshan,2,1,1\n"
    "2015-01-14,510100,成都市,Chengdu,160,100,60\n2015-01-14,511900,巴中市,Bazhong,34.5,5,29.5\n"
    "2015-01-14,513400,凉山彝族自治州,Liangshan,4,1,3\n"
    "2015-01-15,510100,成都市,Chengdu,152,100,52\n2015-01-15,511900,巴中市,Bazhong,35.5,5,30.5\n"
    "2015-01-15,513400,凉山彝族自治州,Liangshan,3,1,2\n";

static const char PERIOD[] =
    "adcode,name,name_en,share_inside_mesh,primary_pm25_mean,primary_pm25_max_day,primary_pm25_max_day_date,"
    "primary_pm25_industry_mean,primary_pm25_road_mean\n"
    "510100,成都市,Chengdu,1,124,160,2015-01-14,80,44\n"
    "511900,巴中市,Bazhong,1,30,35.5,2015-01-15,5,25\n"
    "513400,凉山彝族自治州,Liangshan,1,3,4,2015-01-14,-0.001,2\n";

static inline const char *in_folder(scratch *s, const char *name)
{
    static char path[640];
    snprintf(path, sizeof path, "%s/%s", s->folder, name);
    return path;
}

/* A finished run in a folder within the scratch folder ("": the scratch folder itself). */
static inline void make_run(scratch *s, const char *folder, const char *daily)
{
    char name[128];
    static const struct {
        const char *file, *text;
    } PART[] = {{"case.yaml", CASE}, {"summary.json", "{}\n"}, {"cities_period.csv", PERIOD}};
    if (*folder) mkdir(in_folder(s, folder), 0777);
    for (size_t k = 0; k < sizeof PART / sizeof *PART; k++) {
        snprintf(name, sizeof name, "%s%s%s", folder, *folder ? "/" : "", PART[k].file);
        write_text(s, name, PART[k].text);
    }
    snprintf(name, sizeof name, "%s%scities_daily.csv", folder, *folder ? "/" : "");
    if (daily) write_text(s, name, daily);
}

/* Values by record and cell (row by row from the south-west); NULL: 95000 Pa, 280 K, no such variable. */
typedef struct made_fields {
    double (*ps)(int record, int cell), (*t2)(int record, int cell), (*pm25)(int record, int cell);
} made_fields;

enum { MADE_CELLS = 16 };

static inline double made_value(double (*of)(int, int), int record, int cell, double otherwise)
{
    return of ? of(record, cell) : otherwise;
}

static inline const char *in_run(scratch *s, const char *folder, const char *name)
{
    char both[128];
    snprintf(both, sizeof both, "%s%s%s", folder, *folder ? "/" : "", name);
    return in_folder(s, both);
}

/* surface.nc on the mesh of CASE, 4 x 4 degrees from 102 E, 28 N; record k ends `first` + k hours after 1970-01-01 UTC. */
static inline void make_surface(scratch *s, const char *folder, double first, int n, const made_fields *f)
{
    enum { TIME, BOUNDS, LAT, LON, PS, T2, PM25, ALL };
    bs_nc *nc;
    int t, two, y, x, id[ALL];
    double axis[2][4];
    for (int k = 0; k < 4; k++) {
        axis[0][k] = 28.5 + k;
        axis[1][k] = 102.5 + k;
    }
    if (bs_nc_create(in_run(s, folder, "surface.nc"), &nc, &s->err)) fail_msg("%s", s->err.text);
    bs_nc_def_dim(nc, "time", (size_t)n, &t, &s->err);
    bs_nc_def_dim(nc, "bnds", 2, &two, &s->err);
    bs_nc_def_dim(nc, "lat", 4, &y, &s->err);
    bs_nc_def_dim(nc, "lon", 4, &x, &s->err);
    bs_nc_put_text(nc, BS_NC_GLOBAL, "proj4", "+proj=longlat +R=6370000", &s->err);
    const bs_nc_def def[ALL] = {
        {.name = "time", .type = BS_NC_DOUBLE, .n_dims = 1, .dim = {t}, .units = "hours since 1970-01-01 00:00:00"},
        {.name = "time_bnds", .type = BS_NC_DOUBLE, .n_dims = 2, .dim = {t, two}},
        {.name = "lat", .type = BS_NC_DOUBLE, .n_dims = 1, .dim = {y}},
        {.name = "lon", .type = BS_NC_DOUBLE, .n_dims = 1, .dim = {x}},
        {.name = "ps", .type = BS_NC_FLOAT, .n_dims = 3, .dim = {t, y, x}, .units = "Pa"},
        {.name = "t2", .type = BS_NC_FLOAT, .n_dims = 3, .dim = {t, y, x}, .units = "K"},
        {.name = "primary_pm25", .type = BS_NC_FLOAT, .n_dims = 3, .dim = {t, y, x}, .units = "ug m-3"}};
    for (int k = 0; k < ALL; k++)
        if (k != PM25 || f->pm25) assert_int_equal(bs_nc_def_var(nc, &def[k], &id[k], &s->err), BS_OK);
    bs_nc_write(nc, id[LAT], NULL, NULL, axis[0], &s->err);
    bs_nc_write(nc, id[LON], NULL, NULL, axis[1], &s->err);
    for (int k = 0; k < n; k++) {
        const size_t start[3] = {(size_t)k, 0, 0}, one[3] = {1, 4, 4}, pair[2] = {1, 2};
        const double hour[2] = {first + k - 1, first + k};
        double p[MADE_CELLS], w[MADE_CELLS], c[MADE_CELLS];
        for (int m = 0; m < MADE_CELLS; m++) {
            p[m] = made_value(f->ps, k, m, 95000);
            w[m] = made_value(f->t2, k, m, 280);
            c[m] = made_value(f->pm25, k, m, 0);
        }
        bs_nc_write(nc, id[TIME], start, one, &hour[1], &s->err);
        bs_nc_write(nc, id[BOUNDS], start, pair, hour, &s->err);
        bs_nc_write(nc, id[PS], start, one, p, &s->err);
        bs_nc_write(nc, id[T2], start, one, w, &s->err);
        if (f->pm25) bs_nc_write(nc, id[PM25], start, one, c, &s->err);
    }
    if (bs_nc_commit(nc, &s->err)) fail_msg("%s", s->err.text);
}

/* cities.nc, but for what it holds of places: lon, lat. */
static inline void make_cities(scratch *s, const char *folder, size_t n, const double (*where)[2])
{
    bs_nc *nc;
    int station, id[2];
    if (bs_nc_create(in_run(s, folder, "cities.nc"), &nc, &s->err)) fail_msg("%s", s->err.text);
    bs_nc_def_dim(nc, "station", n, &station, &s->err);
    const bs_nc_def place[2] = {{.name = "lon", .type = BS_NC_DOUBLE, .n_dims = 1, .dim = {station}},
                                {.name = "lat", .type = BS_NC_DOUBLE, .n_dims = 1, .dim = {station}}};
    for (int k = 0; k < 2; k++) assert_int_equal(bs_nc_def_var(nc, &place[k], &id[k], &s->err), BS_OK);
    for (size_t c = 0; c < n; c++) {
        const size_t start[1] = {c}, one[1] = {1};
        for (int k = 0; k < 2; k++) bs_nc_write(nc, id[k], start, one, &where[c][k], &s->err);
    }
    if (bs_nc_commit(nc, &s->err)) fail_msg("%s", s->err.text);
}

static inline void empty_folder(const char *folder)
{
    const size_t size = strlen(folder) + 300; /* a name has at most 255 bytes */
    char *path = calloc(1, size);
    DIR *d = opendir(folder);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        if (!path) break;
        snprintf(path, size, "%s/%s", folder, e->d_name);
        if (remove(path) != 0) {
            empty_folder(path);
            rmdir(path);
        }
    }
    if (d) closedir(d);
    free(path);
}

static inline int runs_teardown(void **state)
{
    scratch *s = *state;
    empty_folder(s->folder);
    return scratch_teardown(state);
}

/* The whole of a file, malloc'ed. */
static inline char *slurp(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) fail_msg("%s is not there", path);
    fseek(f, 0, SEEK_END);
    const long n = ftell(f);
    rewind(f);
    char *text = calloc(1, (size_t)n + 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)n, f), (size_t)n);
    fclose(f);
    return text;
}

#endif
