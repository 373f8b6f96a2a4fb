/* What is wrong with the files of a mapped inventory, and the message that names it. */
#include "test_emis_mapped.h"

static void test_bad_values(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    const grid_fault nan = {.hole = 2}, negative = {.hole = 3};
    emis_write(c, "m.yaml", ASCII_MAPPING);
    write_months(c, "2015_%02d_ind_PM25.asc", &nan, 1, write_ascii);
    emis_read_bad(c, mapped("*.asc", ""), "2015_01_ind_PM25.asc:43: found 'nan', expected value 1734 of 48 x 40", NULL);
    write_months(c, "2015_%02d_ind_PM25.asc", &negative, 1, write_ascii);
    emis_read_bad(c, mapped("*.asc", ""),
                  "2015_01_ind_PM25.asc:43: row 37, column 6: an emission must not be negative, found -2.5", NULL);
    emis_write(c, "m.yaml", GMT_MAPPING "missing: zero\n");
    write_months(c, "2015_%02d_ind_PM25.nc", &negative, 1, write_gmt);
    emis_read_bad(c, mapped("2015*.nc", ""), "2015_01_ind_PM25.nc: variable 'z'[lat=36, lon=5]",
                  "= -2.5; expected a finite number", NULL);
    emis_write(c, "m.yaml", GMT_MAPPING);
    write_months(c, "2015_%02d_ind_PM25.nc", &nan, 1, write_gmt);
    emis_read_bad(c, mapped("2015*.nc", ""),
                  "variable 'z'[lat=36, lon=5] (100.3750 E, 25.8750 N) is missing or not a number", NULL);
    emis_write(c, "m.yaml", LIST_MAPPING);
    write_list(c, "PM25_ind_2015.txt", &nan, "a\nb\n", " ", 0.5, 1, -1);
    emis_read_bad(c, mapped("PM25*.txt", ""), "PM25_ind_2015.txt:", "column 3: found '", "nan', expected a number",
                  NULL);
    write_list(c, "PM25_ind_2015.txt", &negative, "a\nb\n", " ", 0.5, 1, -1);
    emis_read_bad(c, mapped("PM25*.txt", ""),
                  "PM25_ind_2015.txt:", "column 3: an emission must not be negative, found -2.5", NULL);
    emis_write(c, "m.yaml", CF_MAPPING);
    write_cf(c, "PM25_ind.nc", "emissions", &negative, NULL, 1, 1);
    emis_read_bad(c, mapped("PM25*.nc", ""), "variable 'emissions'[time=0, lat=3, lon=5]", "= -2.5", NULL);
}

static void cut(emis_case *c, const char *name, long bytes)
{
    char path[256];
    assert_int_equal(truncate(emis_path(c, name, path), bytes), 0);
}

static void test_truncated_files(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_months(c, "2015_%02d_ind_PM25.asc", &GOOD, 1, write_ascii);
    cut(c, "2015_03_ind_PM25.asc", 20000);
    emis_write(c, "m.yaml", ASCII_MAPPING);
    emis_read_bad(c, mapped("*.asc", ""), "2015_03_ind_PM25.asc:", "the file ends here, expected value",
                  "of 48 x 40: is it cut off?", NULL);
    write_months(c, "2015_%02d_ind_PM25.nc", &GOOD, 1, write_gmt);
    cut(c, "2015_02_ind_PM25.nc", 200);
    emis_write(c, "m.yaml", GMT_MAPPING);
    emis_read_bad(c, mapped("2015*.nc", ""), "2015_02_ind_PM25.nc", NULL);
    write_cf(c, "PM25_ind.nc", "emissions", &GOOD, NULL, 1, 1);
    cut(c, "PM25_ind.nc", 20000);
    emis_write(c, "m.yaml", CF_MAPPING);
    emis_read_bad(c, mapped("PM25*.nc", ""), "PM25_ind.nc", NULL);
    emis_write(c, "PM25_ind_2015.txt", "a\nb\n100.125 30.125 1 2 3 4 5 6 7 8 9 10 11 12\n100.375 30.125 1 2 3 4 5");
    emis_write(c, "m.yaml", LIST_MAPPING);
    emis_read_bad(c, mapped("PM25*.txt", ""), "PM25_ind_2015.txt:4: found 7 columns, expected 14: is the file cut off?",
                  NULL);
    emis_write(c, "PM25_ind_2015.txt", "a");
    emis_read_bad(c, mapped("PM25*.txt", ""), "PM25_ind_2015.txt:1: the file ends within the 2 lines of its header",
                  NULL);
    emis_write(c, "PM25_ind_2015.txt", "a\nb\n");
    emis_read_bad(c, mapped("PM25*.txt", ""), "PM25_ind_2015.txt: the list holds no cell", NULL);
}

/* Eleven months, as files and on an axis; a month twice; months beside a year. */
static void test_months(void **state)
{
    emis_case *c = *state;
    char path[256];
    emis_mesh_lonlat(c);
    emis_write(c, "m.yaml", ASCII_MAPPING);
    write_months(c, "2015_%02d_ind_PM25.asc", &GOOD, 1, write_ascii);
    remove(emis_path(c, "2015_04_ind_PM25.asc", path));
    emis_read_bad(c, mapped("*.asc", ""), "inventory 'inv' has 11 months like", "expected twelve; missing: 4", NULL);
    write_ascii(c, "2015_04_ind_PM25.asc", &GOOD, 1, 3);
    write_ascii(c, "2015_4_ind_PM25.asc", &GOOD, 1, 3);
    emis_read_bad(c, mapped("*.asc", ""), "2015_04_ind_PM25.asc and ",
                  "2015_4_ind_PM25.asc hold the same of inventory 'inv'", NULL);
    remove(emis_path(c, "2015_4_ind_PM25.asc", path));
    write_ascii(c, "2015_ind_PM25.asc", &GOOD, 1, 3);
    emis_write(c, "m.yaml",
               "name: t\nsource: s\nformat: ascii_grid\nfile: ['{year}_{month}_{sector}_{species}.asc', "
               "'{year}_{sector}_{species}.asc']\nunits: t month-1\nsectors: {industry: ind}\nspecies: {pm25: PM25}\n");
    emis_read_bad(c, mapped("*.asc", ""), "2015_ind_PM25.asc is of a whole year and ", "of a month of the same", NULL);
    emis_read_bad(c, mapped("2015_ind*.asc", ""), "is in amounts per month but has no twelve months", NULL);
    const grid_fault eleven = {.n_times = 11};
    write_cf(c, "PM25_ind.nc", "emissions", &eleven, NULL, 1, 1);
    emis_write(c, "m.yaml", CF_MAPPING);
    emis_read_bad(c, mapped("PM25*.nc", ""), "variable 'emissions' has 11 times", NULL);
    emis_read_bad(c, mapped("PM25*.nc", ", year: 2015"), "'time' has 11 times of 2015; expected 1 (the year) or 12",
                  NULL);
    write_cf(c, "PM25_ind.nc", "emissions", &(grid_fault){.calendar = "360_day"}, NULL, 1, 1);
    emis_read_bad(c, mapped("PM25*.nc", ""), "'time' has the calendar '360_day'; expected standard", NULL);
}

/* A year by the name and another by the time axis. */
static void test_years_disagree(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_write(c, "m.yaml", MAPPING("netcdf", "{year}_{sector}_{species}.nc", "variable: v\nunits: t month-1\n"));
    write_cf(c, "2014_ind_PM25.nc", "v", &GOOD, NULL, 1, 1);
    emis_read_bad(c, mapped("2014*.nc", ""),
                  "2014_ind_PM25.nc: variable 'v' is of 2015 by its time axis, the file of 2014 by its name", NULL);
}

static void test_variables_and_units(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_write(c, "m.yaml", CF_MAPPING);
    write_cf(c, "PM25_ind.nc", "other", &GOOD, NULL, 1, 1);
    emis_read_bad(c, mapped("PM25*.nc", ""), "PM25_ind.nc", "emissions", "other", NULL);
    write_cf(c, "PM25_ind.nc", "emissions", &(grid_fault){.units = "K"}, NULL, 1, 1);
    emis_read_bad(c, mapped("PM25*.nc", ""), "variable 'emissions' states the unit 'K', but ",
                  "m.yaml says 't month-1'", NULL);
    emis_write(c, "m.yaml",
               MAPPING("netcdf", "{species}_{sector}.nc", "variable: emissions\nunits: {Tonnes: t month-1}\n"));
    emis_read_bad(c, mapped("PM25*.nc", ""), "states the unit 'K', which ", "m.yaml does not list under 'units'", NULL);
    write_cf(c, "PM25_ind.nc", "emissions", &(grid_fault){.units = ""}, NULL, 1, 1);
    emis_read_bad(c, mapped("PM25*.nc", ""), "states no unit, which ", NULL);
    emis_write(c, "m.yaml",
               MAPPING("netcdf", "{species}_{sector}.nc", "variable: emissions\nunits: {none: t month-1}\n"));
    emis_read_good(c, mapped("PM25*.nc", ""));
    emis_write(c, "m.yaml",
               MAPPING("netcdf", "{species}_{sector}.nc", "variable: [emissions, lon]\nunits: t month-1\n"));
    emis_read_bad(c, mapped("PM25*.nc", ""), "has both 'emissions' and 'lon'", NULL);
    emis_write(c, "m.yaml", MAPPING("netcdf", "{species}_{sector}.nc", "variable: emissions\nunits: Mmol month-1\n"));
    emis_read_bad(c, mapped("PM25*.nc", ""), "unit 'Mmol month-1' counts moles, but no molar_mass", NULL);
    write_cf(c, "PM25_ind.nc", "emissions", &GOOD, "0: a; 1: b", 2, 1);
    emis_write(c, "m.yaml", CF_MAPPING);
    emis_read_bad(c, mapped("PM25*.nc", ""), "dimension 'sector' is no axis of longitude, latitude or time", NULL);
    write_cf(c, "PM25_ind.nc", "emissions", &GOOD, NULL, 1, 1);
    emis_write(c, "m.yaml",
               MAPPING("netcdf", "{species}_{sector}.nc",
                       "variable: emissions\nunits: t month-1\nsector_dimension: sector\n"));
    emis_read_bad(c, mapped("PM25*.nc", ""), "variable 'emissions' has no dimension 'sector' (of sectors)", NULL);
}

/* Files whose names say too little, too much or nothing. */
static void test_names_of_files(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_months(c, "2015_%02d_ind_PM25.asc", &GOOD, 1, write_ascii);
    emis_write(c, "m.yaml", MAPPING("ascii_grid", "{year}-{month}-{sector}-{species}.asc", "units: t month-1\n"));
    emis_read_bad(c, mapped("*.asc", ""), "no file of inventory 'inv' has a name as",
                  "'{year}-{month}-{sector}-{species}.asc'", "the first is", "2015_01_ind_PM25.asc", NULL);
    emis_write(
        c, "m.yaml",
        "name: t\nsource: s\nformat: ascii_grid\nfile: '*{month}*{sector}_{species}.asc'\nunits: t month-1\nsectors: "
        "{industry: ind}\nspecies: {pm25: PM25}\n");
    emis_read_bad(c, mapped("*.asc", ""), "fits the names of ", "in two ways", NULL);
    emis_write(c, "m.yaml",
               "name: t\nsource: s\nformat: ascii_grid\nfile: '{year}_{month}_{sector}_{species}.asc'\nunits: t "
               "month-1\nsectors: "
               "{industry: ind, power: pow}\nspecies: {pm25: PM25}\n");
    emis_read_bad(c, mapped("*.asc", ""), "inventory 'inv' has no file of species pm25 (PM25) and sector power (pow)",
                  "name under 'sectors'", NULL);
    emis_read_good(c, mapped("*.asc", ", sectors: [industry]"));
    emis_read_bad(c, mapped("*.asc", ", sectors: [cement]"),
                  "m.yaml has no sector 'cement'; its sectors are industry, power", NULL);
    emis_read_bad(c, mapped("*.asc", ", species: so2"), "m.yaml has no species so2; its species are pm25", NULL);
    emis_read_bad(c, mapped("*.asc", ", regions: m.yaml"), "an inventory of type mapped has no use for 'regions'",
                  NULL);
    emis_read_bad(c, "  inventories:\n  - {name: inv, type: mapped, files: '*.asc'}\n",
                  "is of type mapped and needs 'mapping'", NULL);
    emis_read_bad(c, "  inventories:\n  - {name: inv, type: mapped, mapping: m.yaml}\n",
                  "inventory 'inv' names no 'files'", NULL);
    emis_read_bad(c, "  inventories:\n  - {name: inv, type: points}\n", "is of type points and needs 'file'", NULL);
}

/* A mesh that sticks out of the inventory, and one that it misses. */
static void test_coverage(void **state)
{
    emis_case *c = *state;
    emis_write(c, "m.yaml", ASCII_MAPPING);
    write_months(c, "2015_%02d_ind_PM25.asc", &GOOD, 1, write_ascii);
    emis_mesh(c, &(bs_mesh_spec){LONLAT, 8, 4, 0.5, 0.5, 109, 30});
    emis_read_bad(c, mapped("*.asc", ""),
                  "2015_01_ind_PM25.asc: 'values' covers 50.0 % of the mesh; say 'outside: zero' of inventory 'inv'",
                  "within 99.12 to 110.88 E, 25.12 to 34.88 N", NULL);
    emis_read_good(c, mapped("*.asc", ", outside: zero"));
    assert_true(emis_logged(c, "covers 50.0 % of the mesh; the rest gets nothing from inventory 'inv'"));
    const bs_emission_audit *a = emis_audit(c, "industry");
    assert_true(a->on_grid_kg_s > 0 && a->on_grid_kg_s < a->in_file_kg_s);
    assert_near(a->on_grid_kg_s, a->in_domain_kg_s, CONSERVATION);
    emis_mesh(c, &(bs_mesh_spec){LONLAT, 8, 4, 0.5, 0.5, 130, 40});
    emis_read_bad(c, mapped("*.asc", ""), "inventory 'inv': nothing of ",
                  "the mesh 130.00 to 134.00 E, 40.00 to 42.00 N", NULL);
}

/* ---- the formats' own rules ---- */

static void bad_ascii(emis_case *c, const char *text, const char *word)
{
    emis_write(c, "PM25_ind.asc", text);
    emis_read_bad(c, mapped("PM25*.asc", ""), "PM25_ind.asc", word, NULL);
}

static void test_ascii_grids(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_write(c, "m.yaml", MAPPING("ascii_grid", "{species}_{sector}.asc", "units: t year-1\n"));
    bad_ascii(c, "nrows 2\nxllcorner 100\nyllcorner 30\ncellsize 1\n1 2\n3 4\n",
              "PM25_ind.asc:4: the header has no ncols");
    bad_ascii(c, "ncols 2.5\nnrows 2\nxllcorner 100\nyllcorner 30\ncellsize 1\n",
              ":1: ncols = 2.5, expected a whole number above 0");
    bad_ascii(c, "ncols 2\nnrows 2\nxllcorner 100\nyllcorner 30\ncellsize 0\n",
              ":5: cellsize = 0, expected a number above 0");
    bad_ascii(c, "ncols 2\nnrows 2\nyllcorner 30\ncellsize 1\n", "one of xllcorner and xllcenter above, found neither");
    bad_ascii(c, "ncols 2\nnrows 2\nxllcorner 100\nxllcenter 100\nyllcorner 30\ncellsize 1\n",
              "one of xllcorner and xllcenter above, found both");
    bad_ascii(c, "ncols 2\nncols 3\n", ":2: 'ncols' stands at line 1 already");
    bad_ascii(c, "ncols two\n", ":1: found 'two', expected a number for ncols");
    bad_ascii(c, "ncols 2\nnrows 200\nxllcorner 100\nyllcorner 30\ncellsize 1\n",
              "are no grid of longitudes and latitudes");
    bad_ascii(c, "ncols 2\nnrows 2\nxllcorner 100\nyllcorner 30\ncellsize 1\n1 2\n3 4\n5\n",
              ":8: found '5' after the 2 x 2 values");
    bad_ascii(c, "ncols 2\nnrows 2\nxllcorner 100\nyllcorner 30\ncellsize 1\n1 2\n3 0x4\n",
              ":7: found '0x4', expected value 4 of 2 x 2");
    bad_ascii(c, "", "");
}

static void bad_list(emis_case *c, const char *text, const char *word)
{
    emis_write(c, "PM25_ind.txt", text);
    emis_read_bad(c, mapped("PM25*.txt", ""), "PM25_ind.txt", word, NULL);
}

static void test_lists(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
#define LIST(place, more)                                                                                              \
    MAPPING("list", "{species}_{sector}.txt",                                                                          \
            "units: t\nlist: {separator: comma, header_lines: auto, columns: [lon, lat, value], place: " place         \
            ", cell: 0.5" more "}\n")
    emis_write(c, "m.yaml", LIST("centre", ", domain: [99, 111, 25, 35]"));
    bad_list(c, "lon,lat,value\n", "no line of 3 numbers separated by commas");
    bad_list(c, "lon,lat,value\n100.25,95,1\n", ":2: (100.25, 95) is no longitude and latitude");
    bad_list(c, "100.25,30.25,1\n100.3,30.25,1\n",
             ":2: (100.3, 30.25) does not lie on the lattice of cells of 0.5 degrees from 99 E, 25 N");
    bad_list(c, "100.25,40.25,1\n", ":1: (100.25, 40.25) lies outside the domain, 99 to 111 E, 25 to 35 N");
    bad_list(c, "100.25,30.25,1\n100.75,30.25\n", ":2: found 2 columns, expected 3");
    bad_list(c, "100.25,30.25,1\n100.75,30.25,\n", ":2: column 3: found '', expected a number");
    bad_list(c, "100.25,30.25,1\n\n# a comment\n100.75,30.25,1e400\n", ":4: column 3: found '1e400'");
    emis_write(c, "m.yaml", LIST("aligned", ""));
    bad_list(c, "100.1,30.25,1\n", ":1: (100.1, 30.25) is neither the centre nor a corner of a cell of 0.5 degrees");
    /* Without a domain the list is of the cells that it spans. */
    bad_list(c, "100.25,30.25,1\n104.25,31.25,1\n", "'values' covers ");
}

/* Writes a GMT grid and changes one of its variables. */
static void change_gmt(emis_case *c, const char *variable, double first, double second)
{
    char path[256];
    int nc = 0, id = 0;
    const double pair[2] = {first, second};
    write_months(c, "2015_%02d_ind_PM25.nc", &GOOD, 1, write_gmt);
    NC_GOOD(nc_open(emis_path(c, "2015_01_ind_PM25.nc", path), NC_WRITE, &nc));
    NC_GOOD(nc_inq_varid(nc, variable, &id));
    NC_GOOD(nc_put_var_double(nc, id, pair));
    NC_GOOD(nc_close(nc));
}

static void test_gmt_grids(void **state)
{
    emis_case *c = *state;
    char path[256];
    int nc = 0, id = 0;
    const int nodes = 0;
    emis_mesh_lonlat(c);
    emis_write(c, "m.yaml", GMT_MAPPING);
    change_gmt(c, "x_range", 99, 112);
    emis_read_bad(c, mapped("2015*.nc", ""),
                  "x_range (99, 112), spacing 0.25 and dimension 48 disagree: the range has 52 cells", NULL);
    change_gmt(c, "spacing", 0.25, 0.5);
    emis_read_bad(c, mapped("2015*.nc", ""), "y_range (25, 35), spacing 0.5 and dimension 40 disagree", NULL);
    change_gmt(c, "dimension", 40, 40);
    emis_read_bad(c, mapped("2015*.nc", ""), "variable 'z' has 1920 values in 1 dimension, expected 40 x 40", NULL);
    change_gmt(c, "y_range", NAN, 35);
    emis_read_bad(c, mapped("2015*.nc", ""), "'y_range' = (nan, 35) is not two finite numbers", NULL);
    /* Nodes by the numbers, then against what node_offset says. */
    change_gmt(c, "x_range", 99.125, 110.875);
    emis_read_bad(c, mapped("2015*.nc", ""), "y_range (25, 35), spacing 0.25 and dimension 40 disagree", NULL);
    write_months(c, "2015_%02d_ind_PM25.nc", &GOOD, 1, write_gmt);
    NC_GOOD(nc_open(emis_path(c, "2015_01_ind_PM25.nc", path), NC_WRITE, &nc));
    NC_GOOD(nc_inq_varid(nc, "z", &id));
    NC_GOOD(nc_redef(nc));
    NC_GOOD(nc_put_att_int(nc, id, "node_offset", NC_INT, 1, &nodes));
    NC_GOOD(nc_close(nc));
    emis_read_bad(c, mapped("2015*.nc", ""), "x_range (99, 111)", "disagree", NULL);
    emis_write(c, "m.yaml", MAPPING("gmt", "{year}_{month}_{sector}_{species}.nc", "variable: w\nunits: t month-1\n"));
    emis_read_bad(c, mapped("2015*.nc", ""), "2015_01_ind_PM25.nc", "w", "x_range", NULL);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, emis_setup, emis_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_bad_values),     TEST(test_truncated_files),     TEST(test_months),
        TEST(test_years_disagree), TEST(test_variables_and_units), TEST(test_names_of_files),
        TEST(test_coverage),       TEST(test_ascii_grids),         TEST(test_lists),
        TEST(test_gmt_grids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
