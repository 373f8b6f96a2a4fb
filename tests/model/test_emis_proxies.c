/* Proxies of totals: classes of land, fields of another mesh, points with stacks, sums and products; a region without weight. Whatever
 * the proxy, the region's total is kept. */
#include "test_emis_case.h"

#include "model/emis/proxies.h"

#define HEADER "region,adcode,sector,species,value,unit\n"
#define SQUARE(code, name, x, y, u, v)                                                                                 \
    "{\"type\":\"Feature\",\"properties\":{\"adcode\":\"" code "\",\"name\":\"" name                                   \
    "\"},\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[" x "," y "],[" u "," y "],[" u "," v "],[" x "," v     \
    "],[" x "," y "]]]}}"

enum { START = 1420891200 };

/* Sums of some 1e4 terms, in two orders. */
static const double SUMS = 1e-12;

static double people(double lon, double lat, int time)
{
    return 100 + 10 * lon + lat + 0 * time;
}

/* Class 12 west of 104.6, 13 east of it; the border is one between cells. */
static double land(double lon, double lat, int time)
{
    return lon < 104.6 ? 12 : 13 + 0 * (lat + time);
}

static const emis_field FIELD = {.name = "people",
                                 .units = "1",
                                 .lon0 = 101.05,
                                 .dlon = 0.1,
                                 .n_lon = 80,
                                 .lat0 = 27.05,
                                 .dlat = 0.1,
                                 .n_lat = 60,
                                 .value = people};

/* shares[class][lat][lon] of classes 12, 13 (numbers given) over cells of 0.4 degrees: 12 has a quarter, more east. */
static void write_shares(const emis_case *c)
{
    enum { NX = 20, NY = 16 };
    char path[256];
    int nc, dim[3], var[4];
    double lon[NX], lat[NY], number[2] = {12, 13}, share[2][NY][NX];
    for (int i = 0; i < NX; i++) lon[i] = 101.2 + 0.4 * i;
    for (int j = 0; j < NY; j++) lat[j] = 33.2 - 0.4 * j;
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) {
            share[0][j][i] = 25 + i;
            share[1][j][i] = 50;
        }
    NC_GOOD(nc_create(emis_path(c, "land.nc", path), NC_NETCDF4 | NC_CLOBBER, &nc));
    NC_GOOD(nc_def_dim(nc, "kind", 2, &dim[0]));
    NC_GOOD(nc_def_dim(nc, "lat", NY, &dim[1]));
    NC_GOOD(nc_def_dim(nc, "lon", NX, &dim[2]));
    NC_GOOD(nc_def_var(nc, "lat", NC_DOUBLE, 1, &dim[1], &var[0]));
    NC_GOOD(nc_def_var(nc, "lon", NC_DOUBLE, 1, &dim[2], &var[1]));
    NC_GOOD(nc_def_var(nc, "number", NC_DOUBLE, 1, &dim[0], &var[2]));
    NC_GOOD(nc_def_var(nc, "share", NC_DOUBLE, 3, dim, &var[3]));
    NC_GOOD(nc_put_att_text(nc, var[3], "units", 1, "%"));
    NC_GOOD(nc_enddef(nc));
    NC_GOOD(nc_put_var_double(nc, var[0], lat));
    NC_GOOD(nc_put_var_double(nc, var[1], lon));
    NC_GOOD(nc_put_var_double(nc, var[2], number));
    NC_GOOD(nc_put_var_double(nc, var[3], &share[0][0][0]));
    NC_GOOD(nc_close(nc));
}

static void set_up(emis_case *c)
{
    emis_field fields[2] = {FIELD, FIELD};
    fields[1].name = "class";
    fields[1].value = land;
    emis_mesh_lonlat(c);
    emis_layers(c, 12);
    emis_write_fields(c, "proxy.nc", 2, fields);
    write_shares(c);
    emis_write(c, "r.geojson",
               "{\"type\":\"FeatureCollection\",\"features\":[" SQUARE(
                   "1", "A", "103", "29", "104.33", "30.77") "," SQUARE("2", "B", "104.33", "29", "106", "30.77") "]}");
    emis_write(c, "t.csv", HEADER "A,1,industry,pm25,3,kg s-1\nB,2,industry,pm25,5,kg s-1\n");
    emis_write(c, "p.csv",
               "name,lon,lat,weight,height,diameter,exit_temperature,exit_velocity\n"
               "a,103.5,29.5,100,,,,\nb,103.6,30.5,300,150,,,\nc,104.0,30.0,0,10,,,\nd,105.1,30.1,7,60,3,400,10\n");
}

/* The case of one inventory of totals, by the text of its proxy. */
static const char *with(const char *proxy, char *text)
{
    snprintf(
        text, 2048,
        "  inventories:\n  - name: t\n    type: totals\n    file: t.csv\n    regions: r.geojson\n    proxy: {%s}\n",
        proxy);
    return text;
}

static void read_good(emis_case *c, const char *proxy)
{
    char text[2048];
    emis_read_good(c, with(proxy, text));
    const bs_emission_audit *a = emis_audit(c, "industry");
    assert_near(a->in_file_kg_s, 8, SUMS);
    assert_near(a->on_grid_kg_s, 8, CONSERVATION);
    assert_int_equal(emis_fill(c, START), BS_OK);
    assert_near(emis_sum(c, 0, -1), 8, ROUND_REAL);
}

/* kg s-1 of the lowest layer in a box of whole cells of the mesh (0.3 x 0.25 degrees from 101.87, 27.61): columns i0 .. i1 - 1. */
static double columns(const emis_case *c, int i0, int i1)
{
    double sum = 0;
    for (int j = 0; j < 18; j++)
        for (int i = i0; i < i1; i++) sum += (double)c->rates->rate[j * 22 + i];
    return sum;
}

static void test_classes_of_land(void **state)
{
    emis_case *c = *state;
    set_up(c);
    /* numbers: all of B's total east of 104.6, of A's in all of A */
    read_good(c, "file: proxy.nc, default: east, fields: {east: {variable: class, classes: [12, 13]}}");
    const double both = columns(c, 0, 9); /* up to 104.57 */
    read_good(c, "file: proxy.nc, by_sector: {industry: {variable: farms, fallback: people}}, fields: {farms: "
                 "{variable: class, classes: [13]}}");
    assert_true(
        emis_logged(c, "proxy 'farms' is zero all over the region 'A'; sector 'industry' takes its fallback 'people'"));
    assert_true(columns(c, 0, 9) < both - 0.5);
    assert_near(columns(c, 0, 9), 3, 1e-6); /* float; cells are cut at 104.57, the class at 104.6: none of B's */
    /* shares on a mesh of its own: the share grows to the east, and with it the density */
    read_good(
        c, "default: farms, fields: {farms: {file: land.nc, variable: share, class_variable: number, classes: [12]}}");
    const double west = columns(c, 10, 11), east = columns(c, 12, 13);
    assert_true(east > 1.01 * west);
    read_good(
        c, "default: farms, fields: {farms: {file: land.nc, variable: share, class_variable: number, classes: [13]}}");
    assert_near(columns(c, 10, 11), columns(c, 12, 13), 1e-6); /* half of every cell */
    read_good(c, "default: farms, fields: {farms: {file: land.nc, variable: share, classes: [2]}}"); /* numbered 1, 2 */
    assert_near(columns(c, 10, 11), columns(c, 12, 13), 1e-6);
}

/* A coarse field over the mesh of another keeps its counts: as on its own mesh, but for where in its cells. */
static void test_another_mesh(void **state)
{
    emis_case *c = *state;
    emis_field coarse = FIELD;
    set_up(c);
    coarse.dlon = 0.7, coarse.lon0 = 100.9, coarse.n_lon = 13;
    coarse.dlat = -0.55, coarse.lat0 = 33.4, coarse.n_lat = 13;
    coarse.name = "jobs";
    emis_write_fields(c, "jobs.nc", 1, &coarse);
    /* the product with even land makes the other mesh the common one */
    read_good(c, "file: proxy.nc, default: both, fields: {all: {variable: class, classes: [12, 13]}, jobs: {file: "
                 "jobs.nc, variable: jobs}, both: {product: [all, jobs]}}");
    const double there = columns(c, 6, 10);
    read_good(c, "default: jobs, fields: {jobs: {file: jobs.nc, variable: jobs}}");
    assert_near(columns(c, 6, 10), there, 0.02); /* cells of 0.1 on the border of A and B fall apart otherwise */
}

/* All of a field that lies within the common mesh is still there, whatever the areas of its cells. */
static void test_counts_are_kept(void **state)
{
    emis_case *c = *state;
    char text[2048];
    emis_field coarse = FIELD;
    set_up(c);
    coarse.lon0 = 101.35, coarse.dlon = 0.7, coarse.n_lon = 10;
    coarse.lat0 = 32.725, coarse.dlat = -0.55, coarse.n_lat = 10;
    coarse.name = "jobs";
    emis_write_fields(c, "jobs.nc", 1, &coarse);
    emis_read_good(c, with("file: proxy.nc, default: people, fields: {jobs: {file: jobs.nc, variable: jobs}}", text));
    const bs_emis_input in = {
        .config = c->config, .mesh = c->mesh, .units = c->units, .log = &c->log, .name = "t", .file = "t.csv"};
    bs_proxies p;
    const bs_proxy *first = NULL, *jobs = NULL;
    bs_proxies_begin(&in, &p);
    assert_int_equal(bs_proxies_get(&p, "people", &first, &c->err), BS_OK);
    assert_int_equal(bs_proxies_get(&p, "jobs", &jobs, &c->err), BS_OK);
    double sum = 0, counts = 0;
    for (int n = 0; n < 80 * 60; n++) sum += jobs->amount[n];
    for (int j = 0; j < 10; j++)
        for (int i = 0; i < 10; i++) counts += people(coarse.lon0 + coarse.dlon * i, coarse.lat0 + coarse.dlat * j, 0);
    assert_near(sum, counts, SUMS);
    bs_proxies_clear(&p);
}

static void test_sums_and_products(void **state)
{
    emis_case *c = *state;
    set_up(c);
    read_good(c, "file: proxy.nc, default: people");
    const double of_people = columns(c, 11, 14);
    read_good(c, "file: proxy.nc, default: all, fields: {all: {variable: class, classes: [12, 13]}}");
    const double of_area = columns(c, 11, 14);
    read_good(c, "file: proxy.nc, default: mix, fields: {all: {variable: class, classes: [12, 13]}, mix: {sum: "
                 "[people, all], weights: [0.25, 0.75]}}");
    assert_near(columns(c, 11, 14), 0.25 * of_people + 0.75 * of_area, 1e-6);
    assert_true(fabs(of_people - of_area) > 1e-3);
    /* times even land: the same */
    read_good(c, "file: proxy.nc, default: mix, fields: {all: {variable: class, classes: [12, 13]}, mix: {product: "
                 "[people, all]}}");
    assert_near(columns(c, 11, 14), of_people, 1e-6);
    read_good(c, "file: proxy.nc, default: east, fields: {farms: {variable: class, classes: [12, 13]}, half: {sum: "
                 "[people, farms], weights: [0.5, 0.5]}, east: {sum: [half, people], weights: [0.5, 0.5]}}");
    assert_near(columns(c, 11, 14), 0.75 * of_people + 0.25 * of_area, 1e-6);
}

/* Points get the total by weight, with their heights, and by the sector's profile where none is told. */
static void test_points(void **state)
{
    emis_case *c = *state;
    set_up(c);
    size_t cells = (size_t)c->mesh->nx * (size_t)c->mesh->ny;
    for (size_t n = 0; n < cells * 12; n++) c->met->t[n] = 280;
    for (size_t n = 0; n < cells * 12; n++) c->met->m[n] = 1e9;
    for (size_t n = 0; n < cells; n++) c->met->ustar[n] = (real)0.2, c->met->pblh[n] = 300;
    read_good(c, "default: plants, fields: {plants: {points: p.csv}}");
    const double low = emis_sum(c, 0, 0);
    assert_true(low > 0.74 && low < 0.76); /* a quarter of A's: without a height */
    assert_true(emis_sum(c, 0, 4) + emis_sum(c, 0, 5) > 2.2 && c->rates->n_layers >= 6); /* three quarters at 150 m */
    assert_near(emis_audit(c, "industry")->in_domain_kg_s, 8, SUMS);
    /* half to points, half to people */
    read_good(c, "file: proxy.nc, default: mix, fields: {plants: {points: p.csv}, mix: {sum: [plants, people], "
                 "weights: [0.5, 0.5]}}");
    assert_near(emis_sum(c, 0, 0), 4 + 0.5 * low, 1e-6);
    /* a plant beyond the mesh */
    emis_write(c, "r.geojson",
               "{\"type\":\"FeatureCollection\",\"features\":[" SQUARE(
                   "1", "A", "95", "29", "104.33", "30.77") "," SQUARE("2", "B", "104.33", "29", "106", "30.77") "]}");
    emis_write(c, "p.csv", "lon,lat,weight\n96,30,1\n103.5,29.5,2\n105,30,3\n");
    char text[2048];
    emis_read_good(c, with("default: plants, fields: {plants: {points: p.csv}}", text));
    assert_near(emis_audit(c, "industry")->in_file_kg_s, 8, SUMS);
    assert_near(emis_audit(c, "industry")->on_grid_kg_s, 7, SUMS);
}

static void test_bad(void **state)
{
    emis_case *c = *state;
    char text[2048];
    set_up(c);
    emis_read_bad(c, with("file: proxy.nc, default: farms, fields: {farms: {variable: class, classes: [13]}}", text),
                  "t.csv:2: proxy 'farms'", "is zero all over the region 'A'", "the total of sector 'industry'",
                  "proxy.by_sector.industry.fallback", NULL);
    emis_read_bad(c,
                  with("file: proxy.nc, by_sector: {industry: {variable: farms, fallback: farms}}, fields: {farms: "
                       "{variable: class, classes: [13]}}",
                       text),
                  "nor does its fallback", NULL);
    emis_read_bad(c, with("file: proxy.nc, default: farms, fields: {farms: {variable: class, classes: [99]}}", text),
                  "nothing of the classes", "99", NULL);
    emis_read_bad(
        c, with("file: proxy.nc, default: a, fields: {a: {sum: [b], weights: [1]}, b: {sum: [a], weights: [1]}}", text),
        "case.yaml:", "is made of itself", NULL);
    emis_read_bad(c, with("file: proxy.nc, default: a, fields: {a: {sum: [people, class], weights: [0.5, 0.6]}}", text),
                  "2 weights of 1.1 together", NULL);
    emis_read_bad(
        c, with("file: proxy.nc, default: a, fields: {a: {sum: [people], variable: people, weights: [1]}}", text),
        "needs one of variable, points, sum and product", NULL);
    emis_read_bad(c, with("file: proxy.nc, default: a, fields: {p: {points: p.csv}, a: {product: [people, p]}}", text),
                  "'p' is no field", NULL);
    emis_read_bad(c, with("default: people, fields: {p: {points: p.csv}}", text),
                  "the proxy 'people' of inventory 't' needs", NULL);
    emis_write(c, "p.csv", "lon,lat,weight\n103.5,29.5,-2\n");
    emis_read_bad(c, with("default: p, fields: {p: {points: p.csv}}", text), "p.csv:2:", "weight -2", NULL);
    emis_write(c, "p.csv", "lon,lat,weight\n103.5,29.5,2\n");
    emis_read_bad(c, with("default: p, fields: {p: {points: p.csv}}", text), "t.csv:3: proxy 'p' of ",
                  "is zero all over the region 'B'", NULL);
    emis_read_bad(c,
                  "  inventories:\n  - {name: g, type: points, file: p.csv, proxy: {fields: {p: {points: p.csv}}}}\n",
                  "only an inventory of type totals has use for 'proxy.fields'", NULL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, emis_setup, emis_teardown)
    const struct CMUnitTest tests[] = {TEST(test_classes_of_land), TEST(test_another_mesh),
                                       TEST(test_counts_are_kept), TEST(test_sums_and_products),
                                       TEST(test_points),          TEST(test_bad)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
