/* Land use of the mesh from a map: shares by area in all three shapes of map, and what is refused with which advice. */
#include "tests/model/config_support.h"
#include "tests/model/test_met_tiles.h"

#include <math.h>
#include <netcdf.h>

#include "model/core/memory.h"
#include "model/met/met.h"

#define NC_OK(call) assert_int_equal(call, NC_NOERR)

/* ROUND: overlap areas in double. */
static const double ROUND = 1e-9;

enum { LONS = 30, LATS = 25, NX = 8, NY = 6, MAX = 4 };

typedef struct map_file {
    int shape; /* 0: one class a cell; 1: share of each class; 2: the two largest shares and their numbers; 3: as 1 with numbers */
    const char *unit;
    double scale; /* of shares */
    double west;  /* share of class `a` west of 103.95E is 1; east of it `east` of b and the rest of c */
    int a, b, c;  /* numbers */
    double east;
    double lon0;
    bool turned;      /* dimensions the other way round, latitude descending, longitude from 0 to 360 less 360 */
    int bad;          /* source cell, -1: none */
    double bad_value; /* of what is there: a class or a share */
} map_file;

static map_file map_default(int shape)
{
    return (map_file){
        .shape = shape, .unit = "1", .scale = 1, .a = 1, .b = 2, .c = 3, .east = 0.75, .lon0 = 102.1, .bad = -1};
}

static double lon_of(const map_file *f, int i)
{
    return f->lon0 + 0.1 * i;
}

/* Share of number n in column i. */
static double share_of(const map_file *f, int n, int i)
{
    if (lon_of(f, i) < 103.95) return n == f->a ? 1 : 0;
    return n == f->b ? f->east : n == f->c ? 1 - f->east : 0;
}

static void write_map(const scratch *s, const map_file *f)
{
    static double value[MAX * LATS * LONS], number[MAX * LATS * LONS], turned[2][MAX * LATS * LONS];
    char path[512];
    int id, dims[3], lat_id, lon_id, v, v_number = -1;
    double lon[LONS], lat[LATS], fill = 9e36;
    const int planes = f->shape == 0 ? 1 : f->shape == 2 ? 2 : 4;
    for (int i = 0; i < LONS; i++) lon[i] = lon_of(f, i);
    for (int i = 0; i < LONS && f->turned; i++) lon[i] -= 360;
    for (int j = 0; j < LATS; j++) lat[j] = 28.6 + 0.1 * (f->turned ? LATS - 1 - j : j);
    for (int n = 0; n < planes * LATS * LONS; n++) {
        const int p = n / (LATS * LONS), i = n % LONS;
        const bool west = lon_of(f, i) < 103.95;
        const int ranked = west ? (p == 0 ? f->a : f->b) : (p == 0 ? f->b : f->c);
        number[n] = f->shape == 0 ? (west ? f->a : f->b) : ranked;
        value[n] = f->shape == 0 ? number[n] : f->scale * share_of(f, f->shape == 2 ? ranked : p + 1, i);
    }
    if (f->bad >= 0) value[f->bad] = f->bad_value;
    for (int n = 0; n < planes * LATS * LONS && f->turned; n++) { /* what is stored as [lon][lat][class] */
        const int p = n / (LATS * LONS), j = n / LONS % LATS, i = n % LONS, to = (i * LATS + j) * planes + p;
        turned[0][to] = value[n], turned[1][to] = number[n];
    }
    if (f->turned) memcpy(value, turned[0], sizeof value), memcpy(number, turned[1], sizeof number);
    snprintf(path, sizeof path, "%s/land.nc", s->folder);
    NC_OK(nc_create(path, NC_NETCDF4 | NC_CLOBBER, &id));
    NC_OK(nc_def_dim(id, f->shape == 2 ? "rank" : "class", (size_t)planes, &dims[0]));
    NC_OK(nc_def_dim(id, "lat", LATS, &dims[1]));
    NC_OK(nc_def_dim(id, "lon", LONS, &dims[2]));
    NC_OK(nc_def_var(id, "lat", NC_DOUBLE, 1, &dims[1], &lat_id));
    NC_OK(nc_def_var(id, "lon", NC_DOUBLE, 1, &dims[2], &lon_id));
    const int back[] = {dims[2], dims[1], dims[0]};
    const int *const order = f->turned ? back : f->shape ? dims : dims + 1;
    NC_OK(nc_def_var(id, "land", NC_DOUBLE, f->shape ? 3 : 2, order, &v));
    if (f->unit) NC_OK(nc_put_att_text(id, v, "units", strlen(f->unit), f->unit));
    NC_OK(nc_put_att_double(id, v, "_FillValue", NC_DOUBLE, 1, &fill));
    if (f->shape == 2) NC_OK(nc_def_var(id, "number", NC_DOUBLE, 3, order, &v_number));
    if (f->shape == 3) NC_OK(nc_def_var(id, "number", NC_DOUBLE, 1, dims, &v_number));
    NC_OK(nc_enddef(id));
    NC_OK(nc_put_var_double(id, lat_id, lat));
    NC_OK(nc_put_var_double(id, lon_id, lon));
    NC_OK(nc_put_var_double(id, v, value));
    const double of_planes[MAX] = {1, 2, 3, 4};
    if (v_number >= 0) NC_OK(nc_put_var_double(id, v_number, f->shape == 3 ? of_planes : number));
    NC_OK(nc_close(id));
}

typedef struct bench {
    bs_mesh *mesh;
    bs_units *units;
    double *land;
    char origin[256];
} bench;

/* What tiles read of the map is what the whole mesh has there. */
static void tiles_agree(const bs_met_context *whole, const bench *b)
{
    const bs_tiling tiling = {.nx = NX, .ny = NY, .px = 2, .py = 2, .overlap = 1};
    for (int rank = 0; rank < 4; rank++) {
        bs_met_context part = *whole;
        bs_mesh *mesh;
        double *land;
        char origin[256];
        bs_err err;
        part.tiling = &tiling;
        part.tile = bs_tiling_tile(&tiling, rank);
        part.whole = whole->mesh;
        assert_int_equal(bs_mesh_window(whole->mesh, &part.tile, &mesh, &err), BS_OK);
        part.mesh = mesh;
        if (bs_land_read(&part, &land, origin, sizeof origin, &err) != BS_OK) fail_msg("%s", err.text);
        same_maps("land", &part.tile, &tiling, BS_AT_CELLS, 0, BS_LAND_COUNT, sizeof *land, b->land, land);
        bs_free(land);
        bs_mesh_destroy(mesh);
    }
}

static bs_status read_land(scratch *s, bench *b, const char *rows)
{
    const bs_mesh_spec spec = {
        .projection = "+proj=longlat +R=6370000", .nx = NX, .ny = NY, .dx = 0.25, .dy = 0.25, .x0 = 103, .y0 = 29};
    char text[2048];
    bs_config *config;
    snprintf(
        text, sizeof text,
        "case: {name: land}\ntime: {start: 2015-01-10T00:00:00Z, end: 2015-01-11T00:00:00Z}\n"
        "grid: {projection: '%s', nx: %d, ny: %d, dx: 0.25 degree, corner: [103, 29], levels: {top: 200 hPa, eta: [1, "
        "0.5, 0]}}\nmeteorology: {provider: idealised}\n%s",
        spec.projection, NX, NY, rows);
    *b = (bench){0};
    s->err = (bs_err){0};
    assert_int_equal(bs_mesh_create(&spec, &b->mesh, &s->err), BS_OK);
    assert_int_equal(bs_units_create(&b->units, &s->err), BS_OK);
    if (bs_config_read(write_text(s, "case.yaml", text), 0, NULL, &config, &s->err) != BS_OK)
        fail_msg("%s", s->err.text);
    const bs_met_context context = {.config = config, .mesh = b->mesh, .units = b->units};
    const bs_status status = bs_land_read(&context, &b->land, b->origin, sizeof b->origin, &s->err);
    if (status == BS_OK && b->land) tiles_agree(&context, b);
    bs_config_destroy(config);
    return status;
}

static void bench_free(bench *b)
{
    bs_free(b->land);
    bs_mesh_destroy(b->mesh);
    bs_units_destroy(b->units);
}

#define SHARES   "land: {file: land.nc, variable: land, legend: MODIS}\n"
#define NUMBERED "land: {file: land.nc, variable: land, classes: number, legend: MODIS}\n"

/* Cells of 0.25 degrees over cells of 0.1 degrees with an edge at 103.95: the fourth column has 0.8 of its width west of it. */
static double west_part(int i)
{
    return i < 3 ? 1 : i == 3 ? 0.8 : 0;
}

static void shares_are(const bench *b, const map_file *f, const char *legend)
{
    for (int c = 0; c < NX * NY; c++) {
        double sum = 0;
        for (int l = 0; l < BS_LAND_COUNT; l++) {
            const double west = west_part(c % NX), share = b->land[l * NX * NY + c];
            double want = 0;
            if ((bs_land)l == bs_land_numbered(legend, f->a)) want += west;
            if ((bs_land)l == bs_land_numbered(legend, f->b)) want += (1 - west) * (f->shape == 0 ? 1 : f->east);
            if ((bs_land)l == bs_land_numbered(legend, f->c)) want += (1 - west) * (f->shape == 0 ? 0 : 1 - f->east);
            if (fabs(share - want) > ROUND) fail_msg("cell %d, class %d: %g, expected %g", c, l, share, want);
            sum += share;
        }
        assert_true(fabs(sum - 1) < ROUND);
    }
}

static void good(scratch *s, const map_file *f, const char *rows, const char *legend, const char *origin)
{
    bench b;
    write_map(s, f);
    if (read_land(s, &b, rows) != BS_OK) fail_msg("%s", s->err.text);
    shares_are(&b, f, legend);
    assert_contains(b.origin, origin);
    bench_free(&b);
}

static void all_shapes_give_shares_by_area(void **state)
{
    map_file f = map_default(0);
    good(*state, &f, SHARES, "MODIS", "land.nc (legend MODIS; one class a cell)");
    f = map_default(1);
    good(*state, &f, SHARES, "MODIS", "land.nc (legend MODIS)");
    f = map_default(3);
    good(*state, &f, NUMBERED, "MODIS", "land.nc (legend MODIS)");
    f = map_default(2);
    good(*state, &f, NUMBERED, "MODIS", "the 2 largest classes of its cells, 100 % of the ground");
    f.a = 13, f.b = 12;
    good(*state, &f, NUMBERED, "MODIS", "land.nc");
    f.a = 1, f.b = 16, f.c = 24;
    good(*state, &f, "land: {file: land.nc, variable: land, classes: number, legend: USGS}\n", "USGS", "USGS");
    f.b = 2, f.c = 13;
    good(*state, &f, "land: {file: land.nc, variable: land, classes: number, legend: WESELY}\n", "WESELY", "WESELY");
}

/* The order of the dimensions and the direction of the axes are the file's own affair. */
static void maps_the_other_way_round(void **state)
{
    for (int shape = 0; shape < 4; shape++) {
        map_file f = map_default(shape);
        f.turned = true;
        good(*state, &f, shape < 2 ? SHARES : NUMBERED, "MODIS", "land.nc");
    }
}

static void a_file_cut_short(void **state)
{
    const map_file f = map_default(1);
    char path[512];
    bench b;
    write_map(*state, &f);
    snprintf(path, sizeof path, "%s/land.nc", ((scratch *)*state)->folder);
    assert_int_equal(truncate(path, 3000), 0);
    assert_int_equal(read_land(*state, &b, SHARES), BS_ERR_INPUT);
    assert_contains(((scratch *)*state)->err.text, "land.nc");
    bench_free(&b);
}

static void units_of_shares(void **state)
{
    map_file f = map_default(1);
    f.scale = 100, f.unit = "%";
    good(*state, &f, SHARES, "MODIS", "land.nc");
    f.unit = NULL;
    good(*state, &f, "land: {file: land.nc, variable: land, legend: MODIS, units: '%'}\n", "MODIS", "land.nc");
    f.unit = "category"; /* as geogrid has it */
    good(*state, &f, "land: {file: land.nc, variable: land, legend: MODIS, units: '%'}\n", "MODIS", "land.nc");
    f = map_default(2); /* of the largest classes a part: they stand for all */
    f.scale = 0.8;
    good(*state, &f, NUMBERED, "MODIS", "80 % of the ground, stand for all");
}

static void nothing_without_a_file(void **state)
{
    bench b;
    assert_int_equal(read_land(*state, &b, ""), BS_OK);
    assert_null(b.land);
    bench_free(&b);
}

static void refused(scratch *s, const map_file *f, const char *rows, const char *one, const char *two)
{
    bench b;
    write_map(s, f);
    assert_int_equal(read_land(s, &b, rows), BS_ERR_INPUT);
    assert_null(b.land);
    assert_contains(s->err.text, "case.yaml:");
    assert_contains(s->err.text, one);
    assert_contains(s->err.text, two);
    bench_free(&b);
}

static void bad_maps_are_told_why(void **state)
{
    const int inside = 8 * LONS + 12; /* 103.3E 29.4N */
    map_file f = map_default(1);
    f.unit = NULL;
    refused(*state, &f, SHARES, "no units attribute", "land.units: \"1\" or \"%\"");
    f.unit = "category";
    refused(*state, &f, SHARES, "unit 'category', which is none of a share", "land.units");
    f.unit = "%"; /* which they are not */
    refused(*state, &f, SHARES, "add up to 0.01, expected 1", "is land.units right?");
    f = map_default(1);
    f.bad = inside, f.bad_value = 9e36;
    refused(*state, &f, SHARES, "land[lat=8][lon=12] at longitude 103.3, latitude 29.4", "is missing");
    f.bad_value = 0.4;
    refused(*state, &f, SHARES, "[lat=8][lon=12]", "add up to 0.4");
    f.bad_value = -1;
    refused(*state, &f, SHARES, "[lat=8][lon=12]", "is negative");
    f.bad = 0; /* far from the mesh: of no concern */
    good(*state, &f, SHARES, "MODIS", "land.nc");
    f.bad = 8 * LONS + 7; /* 102.8E, read and not used */
    good(*state, &f, SHARES, "MODIS", "land.nc");
    f = map_default(0);
    f.bad = inside, f.bad_value = 25;
    refused(*state, &f, SHARES, "is of class 25, which the legend MODIS does not have", "is land.legend right?");
    f.bad_value = 1.5;
    refused(*state, &f, SHARES, "is of class 1.5", "[lat=8][lon=12]");
    f = map_default(1);
    f.lon0 = 103.5;
    refused(*state, &f, SHARES, "does not cover the mesh", "land.nc");
    f = map_default(2);
    f.scale = 1.2;
    refused(*state, &f, NUMBERED, "add up to 1.2, expected more than 0 and 1 at most", "land.units");
    f = map_default(0);
    refused(*state, &f, NUMBERED, "holds one class a cell", "take land.classes away");
    refused(*state, &f, "land: {file: land.nc, variable: soil, legend: MODIS}\n", "soil", "land");
    f = map_default(2);
    refused(*state, &f, "land: {file: land.nc, variable: land, classes: lat, legend: MODIS}\n",
            "land.classes 'lat' must have the one dimension 'rank'", "all those of 'land'");
    refused(*state, &f, "land: {file: land.nc, variable: lat, legend: MODIS}\n",
            "must have the dimensions latitude and", "'lat'");
    refused(*state, &f, "land: {file: land.nc, legend: MODIS}\n", "land.file needs land.variable", "error");
    refused(*state, &f, "land: {file: land.nc, variable: land}\n", "land.file needs land.legend", "error");
    refused(*state, &f, "land: {legend: MODIS}\n", "land.legend speaks of land.file, and that is missing", "error");
}

/* The map of the data folder: cropland rules round Chengdu, grassland on the plateau. */
static void the_real_map(void **state)
{
    const char *file = BS_SHARED_DIR "/data/surface/landuse_igbp_0.3deg.nc";
    if (access(file, R_OK) != 0) {
        puts("skipped: landuse_igbp_0.3deg.nc is not here");
        skip();
    }
    char rows[1024];
    bench b;
    snprintf(rows, sizeof rows,
             "land: {file: '%s', variable: landuse_fraction, classes: landuse_class, legend: WESELY, units: '%%'}\n",
             file);
    if (read_land(*state, &b, rows) != BS_OK) fail_msg("%s", ((scratch *)*state)->err.text);
    const int chengdu = 5 * NX + 4; /* 104.1E 30.4N */
    assert_true(b.land[BS_LAND_CROPS * NX * NY + chengdu] > 0.5);
    assert_contains(b.origin, "the 3 largest classes");
    bench_free(&b);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_setup, scratch_teardown)
    const struct CMUnitTest tests[] = {
        TEST(all_shapes_give_shares_by_area),
        TEST(units_of_shares),
        TEST(maps_the_other_way_round),
        TEST(a_file_cut_short),
        TEST(nothing_without_a_file),
        TEST(bad_maps_are_told_why),
        TEST(the_real_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
