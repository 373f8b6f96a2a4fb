/* Mapped inventories: each format gives the same emission as a plain CF file, mass is kept whatever the mesh, and
 * units, months, sectors, species, missing cells and years are as the mapping says. */
#include "test_emis_mapped.h"

/* What every format must come to: the sum of random amounts, and the same in each cell of the mesh. */
static void check_total(emis_case *c, const char *sector, int seed)
{
    const bs_emission_audit *a = emis_audit(c, sector);
    assert_near(a->in_file_kg_s, grid_total(seed), 1e-12); /* sums of 23 040 terms in double */
    assert_true(a->in_domain_kg_s > 0.1 * a->in_file_kg_s && a->in_domain_kg_s < 0.9 * a->in_file_kg_s);
    assert_near(a->on_grid_kg_s, a->in_domain_kg_s, CONSERVATION);
    assert_string_equal(a->species, "pm25");
}

static real *rates_of(emis_case *c, int month)
{
    const size_t cells = (size_t)(c->mesh->nx * c->mesh->ny);
    real *out = calloc(cells, sizeof *out);
    assert_non_null(out);
    emis_layers(c, 3);
    assert_int_equal(emis_fill(c, bs_time_from_date(2015, month, 10, 0, 0, 0)), BS_OK);
    memcpy(out, c->rates->rate, cells * sizeof *out);
    return out;
}

/* The cells of July as a plain CF file of t per month gives them. */
static real *reference(emis_case *c, int seed)
{
    write_cf(c, "ref.nc", "ind", &(grid_fault){.units = "t"}, NULL, 1, seed);
    emis_read_good(c, "  inventories:\n  - {name: r, type: gridded, file: ref.nc, species: pm25, variables: {industry: "
                      "{name: ind}}}\n");
    check_total(c, "industry", seed);
    return rates_of(c, 7);
}

static void check_same(emis_case *c, const real *expected)
{
    real *found = rates_of(c, 7);
    for (int n = 0; n < c->mesh->nx * c->mesh->ny; n++) assert_near((double)found[n], (double)expected[n], 1e-6);
    free(found);
}

static void read_and_check(emis_case *c, const char *mapping, const char *files, int seed, const real *expected)
{
    emis_write(c, "m.yaml", mapping);
    emis_read_good(c, mapped(files, ""));
    check_total(c, "industry", seed);
    check_same(c, expected);
}

static void test_formats_agree(void **state)
{
    emis_case *c = *state;
    for (int lambert = 0; lambert < 2; lambert++) {
        if (lambert) {
            emis_mesh_lambert(c);
        } else {
            emis_mesh_lonlat(c);
        }
        const int seed = 11 + lambert;
        real *expected = reference(c, seed);
        write_months(c, "2015_%02d_ind_PM25.nc", &GOOD, seed, write_gmt);
        read_and_check(c, GMT_MAPPING, "2015_*.nc", seed, expected);
        write_months(c, "2015_%d_ind_PM25.asc", &GOOD, seed, write_ascii);
        read_and_check(c, ASCII_MAPPING, "2015_*.asc", seed, expected);
        write_list(c, "PM25_ind_2015.txt", &GOOD, "a header\nlon lat 12 months [t/mon]\n", " ", 0.5, seed, -1);
        read_and_check(c, LIST_MAPPING, "PM25*.txt", seed, expected);
        write_cf(c, "PM25_ind.nc", "emissions", &GOOD, NULL, 1, seed);
        read_and_check(c, CF_MAPPING, "PM25*.nc", seed, expected);
        free(expected);
    }
}

/* On a mesh whose cells are two by two of the inventory's, each cell has the sum of its four. */
static void test_cells_are_where_they_belong(void **state)
{
    emis_case *c = *state;
    enum { NX = 8, NY = 6 };
    static const char *const MAPPINGS[] = {GMT_MAPPING, ASCII_MAPPING, LIST_MAPPING, CF_MAPPING};
    static const char *const FILES[] = {"2015_*.nc", "2015_*.asc", "PM25*.txt", "PM25*.nc"};
    emis_mesh(c, &(bs_mesh_spec){LONLAT, NX, NY, 0.5, 0.5, 102, 28});
    write_months(c, "2015_%02d_ind_PM25.nc", &GOOD, 8, write_gmt);
    write_months(c, "2015_%02d_ind_PM25.asc", &GOOD, 8, write_ascii);
    write_list(c, "PM25_ind_2015.txt", &GOOD, "a\nb\n", " ", 0.5, 8, -1);
    write_cf(c, "PM25_ind.nc", "emissions", &GOOD, NULL, 1, 8);
    for (int f = 0; f < 4; f++) {
        emis_write(c, "m.yaml", MAPPINGS[f]);
        emis_read_good(c, mapped(FILES[f], ""));
        real *found = rates_of(c, 7);
        for (int j = 0; j < NY; j++) {
            for (int i = 0; i < NX; i++) {
                const int below = 12 + 2 * j, left = 12 + 2 * i; /* 28 N and 102 E in cells of a quarter of a degree */
                double sum = 0;
                for (int k = 0; k < 4; k++) sum += amount(8, 6, below + k / 2, left + k % 2);
                if (sum == 0) continue;
                assert_near((double)found[j * NX + i], sum * 1e3 / (31 * 86400.0), ROUND_REAL);
            }
        }
        free(found);
    }
}

/* The ranges of a GMT grid become those of its nodes. */
static void put_nodes(const emis_case *c, int month)
{
    static const double X[] = {99.125, 110.875}, Y[] = {25.125, 34.875};
    char name[64], path[256];
    int nc = 0, x = 0, y = 0;
    snprintf(name, sizeof name, "2015_%02d_ind_PM25.nc", month);
    NC_GOOD(nc_open(emis_path(c, name, path), NC_WRITE, &nc));
    NC_GOOD(nc_inq_varid(nc, "x_range", &x));
    NC_GOOD(nc_inq_varid(nc, "y_range", &y));
    NC_GOOD(nc_put_var_double(nc, x, X));
    NC_GOOD(nc_put_var_double(nc, y, Y));
    NC_GOOD(nc_close(nc));
}

/* 0..360 and its other counts, falling latitudes, (lon, lat) order. */
static void test_axes_in_any_way(void **state)
{
    emis_case *c = *state;
    emis_mesh_lambert(c);
    real *expected = reference(c, 3);
    const grid_fault turned = {.lon_turn = -360}, north = {.north_first = true}, swapped = {.lon_first = true};
    write_months(c, "2015_%02d_ind_PM25.nc", &turned, 3, write_gmt);
    read_and_check(c, GMT_MAPPING, "2015_*.nc", 3, expected);
    for (int m = 1; m <= 12; m++) put_nodes(c, m);
    read_and_check(c, GMT_MAPPING, "2015_*.nc", 3, expected);
    write_months(c, "2015_%02d_ind_PM25.asc", &turned, 3, write_ascii);
    read_and_check(c, ASCII_MAPPING, "2015_*.asc", 3, expected);
    write_list(c, "PM25_ind_2015.txt", &turned, "a\nb\n", "\t", 0.5, 3, -1);
    read_and_check(c, LIST_MAPPING, "PM25*.txt", 3, expected);
    write_cf(c, "PM25_ind.nc", "emissions", &turned, NULL, 1, 3);
    read_and_check(c, CF_MAPPING, "PM25*.nc", 3, expected);
    write_cf(c, "PM25_ind.nc", "emissions", &north, NULL, 1, 3);
    read_and_check(c, CF_MAPPING, "PM25*.nc", 3, expected);
    write_cf(c, "PM25_ind.nc", "emissions", &swapped, NULL, 1, 3);
    read_and_check(c, CF_MAPPING, "PM25*.nc", 3, expected);
    free(expected);
}

/* Centres and corners, commas and semicolons, and which of the two it is seen from the numbers. */
static void test_lists(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    static const struct {
        const char *separator, *word, *place, *header;
        double at;
    } ROWS[] = {{",", "comma", "centre", "# a comment\n", 0.5},
                {" ; ", "semicolon", "corner", "lon;lat;emission\n", 0},
                {"  ", "blank", "aligned", "3 fields here\n", 0.5},
                {";", "semicolon", "aligned", "EDGAR\nlon;lat;emission\n", 0}};
    real *expected = reference(c, 5);
    for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++) {
        char text[1024];
        snprintf(text, sizeof text,
                 MAPPING("list", "{species}_{sector}_{year}.txt",
                         "units: Mg/month\nlist: {separator: %s, header_lines: auto, columns: [lon, lat, months], "
                         "place: %s, cell: 0.25, "
                         "domain: [99, 111, 25, 35]}\n"),
                 ROWS[r].word, ROWS[r].place);
        write_list(c, "PM25_ind_2015.txt", &GOOD, ROWS[r].header, ROWS[r].separator, ROWS[r].at, 5, -1);
        read_and_check(c, text, "PM25*.txt", 5, expected);
    }
    free(expected);
    assert_true(emis_logged(c, "coordinates are taken as cells' centres"));
    assert_true(emis_logged(c, "coordinates are taken as cells' lower left corners"));
    assert_true(emis_logged(c, "of the 1920 cells from 99 to 111 E, 25 to 35 N are listed; the others emit nothing"));
}

/* Longitudes from 0 to 360 in a domain from -180 to 180, and the other way round. */
static void test_lists_around_the_world(void **state)
{
    emis_case *c = *state;
    static const char *const DOMAIN[] = {"-180, 180", "0, 360"};
    static const double LON[] = {190.5, -169.5};
    emis_mesh(c, &(bs_mesh_spec){LONLAT, 6, 6, 1, 1, -173, 27});
    for (int d = 0; d < 2; d++) {
        char text[1024];
        snprintf(text, sizeof text,
                 "name: t\nsource: s\nformat: list\nfile: '{species}.txt'\nunits: t\nlist: {separator: comma, "
                 "header_lines: 0, "
                 "columns: [lon, lat, value], place: centre, cell: 1, domain: [%s, -90, 90]}\nsectors: {industry: "
                 "x}\nspecies: {pm25: a}\n",
                 DOMAIN[d]);
        emis_write(c, "m.yaml", text);
        snprintf(text, sizeof text, "%g,30.5,4\n%g,-30.5,2\n", LON[d], LON[1 - d]);
        emis_write(c, "a.txt", text);
        emis_read_good(c, mapped("a.txt", ""));
        assert_near(emis_audit(c, "industry")->in_file_kg_s, 6e3 / UDUNITS_YEAR, 1e-12);
        assert_near(emis_audit(c, "industry")->on_grid_kg_s, 4e3 / UDUNITS_YEAR, 1e-12);
    }
}

/* A list that names a cell twice is an error, or a sum when the mapping says so. */
static void test_duplicates(void **state)
{
    emis_case *c = *state;
    emis_mesh(c, &(bs_mesh_spec){LONLAT, 4, 4, 0.25, 0.25, 100, 30});
    const char *mapping =
        "name: t\nsource: s\nformat: list\nfile: '{species}.txt'\nunits: t\nlist: {separator: comma, header_lines: 0, "
        "columns: [lat, lon, skip, value], place: corner, cell: 0.25, domain: [99, 111, 25, 35]%s}\nsectors: "
        "{industry: "
        "x}\nspecies: {pm25: a}\n";
    char text[1024];
    emis_write(c, "a.txt", "30, 100, 7, 2\n30.25, 100.5, 7, 3\n\n30, 100, 8, 5\n");
    snprintf(text, sizeof text, mapping, "");
    emis_write(c, "m.yaml", text);
    emis_read_bad(c, mapped("a.txt", ""), "a.txt:4: the cell at (100, 30) stands at line 1 already", NULL);
    snprintf(text, sizeof text, mapping, ", duplicates: add");
    emis_write(c, "m.yaml", text);
    emis_read_good(c, mapped("a.txt", ""));
    assert_near(emis_audit(c, "industry")->on_grid_kg_s, 10e3 / UDUNITS_YEAR, 1e-12);
}

/* ---- sectors, species, dimensions ---- */

#define IDS "0: Agriculture; 1: Energy, all of it; 2: Industrial"

static void test_sector_dimension(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_cf(c, "PM25-em.nc", "PM25_em", &GOOD, IDS, 3, 20);
    const char *mapping =
        "name: t\nsource: s\nformat: netcdf\nfile: '{species}-em*.nc'\nvariable: '{species}_em'\nsector_dimension: "
        "sector\nunits: t month-1\nsectors: {power: 'Energy, all of it', agriculture: %s}\nspecies: {pm25: PM25}\n";
    char text[1024];
    snprintf(text, sizeof text, mapping, "Agriculture");
    emis_write(c, "m.yaml", text);
    emis_read_good(c, mapped("PM25*.nc", ""));
    check_total(c, "agriculture", 20);
    check_total(c, "power", 21);
    snprintf(text, sizeof text, mapping, "2");
    emis_write(c, "m.yaml", text);
    emis_read_good(c, mapped("PM25*.nc", ""));
    check_total(c, "agriculture", 22);
    snprintf(text, sizeof text, mapping, "Waste");
    emis_write(c, "m.yaml", text);
    emis_read_bad(c, mapped("PM25*.nc", ""),
                  "PM25-em.nc: dimension 'sector' of variable 'PM25_em' has no sector 'Waste'", IDS, NULL);
    snprintf(text, sizeof text, mapping, "Industr"); /* the beginning of a name is no name */
    emis_write(c, "m.yaml", text);
    emis_read_bad(c, mapped("PM25*.nc", ""), "has no sector 'Industr'", NULL);
    snprintf(text, sizeof text, mapping, "3");
    emis_write(c, "m.yaml", text);
    emis_read_bad(c, mapped("PM25*.nc", ""), "has no sector 3 ('3'); it has 3", NULL);
}

/* Several codes of one sector add up, `sectors` and `species` choose, and what no code stands for is left aside. */
static void test_codes_add_up(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_cf(c, "x_PM25_ENE.nc", "v", &GOOD, NULL, 1, 30);
    write_cf(c, "x_PM25_REF.nc", "v", &GOOD, NULL, 1, 31);
    write_cf(c, "x_PM25_TRO.nc", "v", &GOOD, NULL, 1, 32);
    write_cf(c, "x_PM25_TOTALS.nc", "v", &GOOD, NULL, 1, 33);
    write_cf(c, "x_NOx_TRO.nc", "v", &GOOD, NULL, 1, 34);
    emis_write(c, "m.yaml",
               "name: t\nsource: s\nformat: netcdf\nfile: '*_{species}_{sector}.nc'\nvariable: [w, v]\nunits: {t "
               "month-1: t month-1}\n"
               "sectors: {power: [ENE, REF], road: {one_of: [TRO, TRO_noRES]}, waste: {codes: [SWD], optional: true}}\n"
               "species: {pm25: PM25, nox: NOx}\n");
    emis_read_good(c, mapped("x_*.nc", ""));
    assert_int_equal(bs_emission_audit_count(c->emission), 2);
    const bs_emission_audit *a = emis_audit(c, "power");
    assert_near(a->in_file_kg_s, grid_total(30) + grid_total(31), 1e-12);
    assert_near(a->on_grid_kg_s, a->in_domain_kg_s, CONSERVATION);
    check_total(c, "road", 32);
    double mean = 0; /* of what the cells emit, month by month */
    emis_layers(c, 3);
    for (int m = 0; m < 12; m++) {
        assert_int_equal(emis_fill(c, bs_time_from_date(2015, m + 1, 10, 0, 0, 0)), BS_OK);
        mean += MONTH_DAYS[m] / 365 * emis_sum(c, 0, -1);
    }
    assert_near(mean, a->on_grid_kg_s + emis_audit(c, "road")->on_grid_kg_s, ROUND_REAL);
    assert_true(emis_logged(c, "1 of 5 files have no name as"));
    assert_true(emis_logged(c, "nothing of species pm25 for 'SWD' of sector 'waste'"));
    emis_read_good(c, mapped("x_*.nc", ", species: nox, sectors: [road]"));
    assert_int_equal(bs_emission_audit_count(c->emission), 1);
    assert_near(emis_audit(c, "road")->in_file_kg_s, grid_total(34), 1e-12);
    assert_int_equal(emis_audit(c, "road")->carried, 0);
    write_cf(c, "x_PM25_TRO_noRES.nc", "v", &GOOD, NULL, 1, 35);
    emis_read_bad(c, mapped("x_*.nc", ""), "has several of the codes TRO, ... for sector 'road'", NULL);
}

/* PM10 holds PM2.5: what is coarse is the one less the other, month by month. */
static void test_one_species_less_another(void **state)
{
    emis_case *c = *state;
    char path[256];
    emis_mesh_lonlat(c);
    write_months(c, "2015_%02d_ind_PM25.asc", &GOOD, 36, write_ascii);
    write_months(c, "2015_%02d_ind_PM10.asc", &(grid_fault){.times = 3}, 36, write_ascii);
    emis_write(
        c, "m.yaml",
        "name: t\nsource: s\nformat: ascii_grid\nfile: '{year}_{month}_{sector}_{species}.asc'\nunits: t month-1\n"
        "sectors: {industry: ind}\nspecies: {pm25: PM25, pmcoarse: {code: PM10, minus: pm25}}\n");
    emis_read_good(c, mapped("*.asc", ", species: pmcoarse"));
    assert_near(emis_audit(c, "industry")->in_file_kg_s, 2 * grid_total(36), 1e-12);
    assert_near(emis_audit(c, "industry")->on_grid_kg_s, emis_audit(c, "industry")->in_domain_kg_s, CONSERVATION);
    write_months(c, "2015_%02d_ind_PM10.asc", &(grid_fault){.times = 0.5}, 36, write_ascii);
    emis_read_bad(c, mapped("*.asc", ", species: pmcoarse"), "2015_01_ind_PM10.asc: 'values' at ", "less than the ",
                  "2015_01_ind_PM25.asc that is to be taken from it", NULL);
    emis_read_bad(c, mapped("*PM10.asc", ", species: pmcoarse"),
                  "2015_01_ind_PM10.asc: inventory 'inv' has no file of pm25 beside it", NULL);
    remove(emis_path(c, "2015_06_ind_PM25.asc", path));
    emis_read_bad(c, mapped("*.asc", ", species: pmcoarse"), "has 11 months like", "missing: 6", NULL);
}

/* Variables by sector in one file; what is annual and what is monthly in files of their own. */
static void test_variables_by_sector(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_cf(c, "h_2015_PM25.nc", "H_road", &(grid_fault){.units = "kg m-2 s-1"}, NULL, 1, 40);
    emis_write(
        c, "m.yaml",
        "name: t\nsource: s\nformat: netcdf\nfile: 'h_{year}_{species}.nc'\nvariable: '{sector}'\ntime_axis: in_order\n"
        "units: {Tonnes: t month-1, kg m-2 s-1: kg m-2 s-1}\nsectors: {road: H_road, waste: {codes: [H_waste], "
        "optional: true}}\nspecies: {pm25: PM25}\n");
    emis_read_good(c, mapped("h_*.nc", ""));
    assert_int_equal(bs_emission_audit_count(c->emission), 1);
    assert_near(emis_audit(c, "road")->on_grid_kg_s, emis_audit(c, "road")->in_domain_kg_s, CONSERVATION);
    assert_true(emis_logged(c, "nothing of species pm25 for 'H_waste'"));
}

/* ---- units ---- */

/* The total with one unit over that with t per month. */
static double scale_of(emis_case *c, const char *units, const char *species)
{
    char text[1024];
    snprintf(text, sizeof text,
             "name: t\nsource: s\nformat: list\nfile: 'PM25_{sector}_{year}.txt'\nunits: %s\nlist: {separator: blank, "
             "header_lines: 2, columns: "
             "[lon, lat, months], place: centre, cell: 0.25, domain: [99, 111, 25, 35]}\nsectors: {industry: "
             "ind}\nspecies: %s\n",
             units, species);
    emis_write(c, "m.yaml", text);
    emis_read_good(c, mapped("PM25*.txt", ""));
    const bs_emission_audit *a = emis_audit(c, "industry");
    assert_near(a->on_grid_kg_s, a->in_domain_kg_s, CONSERVATION);
    return a->in_file_kg_s / grid_total(7);
}

static void test_units(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_list(c, "PM25_ind_2015.txt", &GOOD, "a\nb\n", " ", 0.5, 7, -1);
    double plain = 0, mean = 0;
    for (int m = 0; m < 12; m++) {
        double sum = 0;
        for (int a = 0; a < GRID_NX * GRID_NY; a++) sum += amount(7, m, a / GRID_NX, a % GRID_NX);
        plain += sum;
        mean += sum * MONTH_DAYS[m] / 365;
    }
    assert_near(scale_of(c, "t month-1", "{pm25: PM25}"), 1, 1e-12);
    assert_near(scale_of(c, "t", "{pm25: PM25}"), 1, 1e-12);
    assert_near(scale_of(c, "Mg/month", "{pm25: PM25}"), 1, 1e-12);
    assert_near(scale_of(c, "kg/month", "{pm25: PM25}"), 1e-3, 1e-12);
    assert_near(scale_of(c, "g mon-1", "{pm25: PM25}"), 1e-6, 1e-12);
    assert_near(scale_of(c, "Gg month-1", "{pm25: PM25}"), 1e3, 1e-12);
    /* A rate is of each month, whatever its length: the mean of the year weighs it by days. */
    assert_near(scale_of(c, "t year-1", "{pm25: PM25}"), mean / plain * 365 * 86400 / UDUNITS_YEAR, 1e-12);
    /* Moles weigh what the mapping says; as_molar_mass keeps their number. */
    assert_near(scale_of(c, "Mmol month-1", "{pm25: {code: PM25, molar_mass: 78.11 g mol-1}}"), 78.11, 1e-12);
    assert_near(
        scale_of(c, "t month-1", "{pm25: {code: PM25, molar_mass: 30.006 g mol-1, as_molar_mass: 46.0055 g mol-1}}"),
        46.0055 / 30.006, 1e-12);
    assert_near(scale_of(c, "kmol month-1", "{pm25: {code: PM25, molar_mass: 30 g mol-1, as_molar_mass: 46 g mol-1}}"),
                46e-3, 1e-12);
    assert_near(scale_of(c, "t month-1", "{pm25: {code: PM25, units: kg month-1}}"), 1e-3, 1e-12);
}

/* February has 29 days in 2016: the month's rate is its amount over them. */
static void test_days_of_the_month(void **state)
{
    emis_case *c = *state;
    emis_mesh(c, &(bs_mesh_spec){LONLAT, 4, 4, 0.25, 0.25, 100, 30});
    emis_write(
        c, "m.yaml",
        MAPPING("list", "{species}_{sector}_{year}.txt",
                "units: t month-1\nlist: {separator: comma, header_lines: 0, columns: [lon, lat, months], place: "
                "corner, cell: 0.25, domain: [99, 111, 25, 35]}\n"));
    for (int year = 2015; year <= 2016; year++) {
        char name[64], more[64];
        snprintf(name, sizeof name, "PM25_ind_%d.txt", year);
        emis_write(c, name, "100.25,30.5,31,29,31,30,31,30,31,31,30,31,30,31\n");
        snprintf(more, sizeof more, ", year: %d", year);
        emis_read_good(c, mapped("PM25*.txt", more));
        emis_layers(c, 3);
        for (int m = 1; m <= 12; m++) {
            assert_int_equal(emis_fill(c, bs_time_from_date(2015, m, 10, 0, 0, 0)), BS_OK);
            assert_near(emis_sum(c, 0, -1), 1e3 / 86400 * (year == 2015 && m == 2 ? 29.0 / 28 : 1), ROUND_REAL);
        }
        remove(emis_path(c, name, (char[256]){0}));
    }
}

/* ---- missing cells, years ---- */

static void test_missing_cells(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    const grid_fault hole = {.hole = 1};
    double lost = 0;
    for (int m = 0; m < 12; m++) lost += amount(9, m, 3, 5) * 1e3 / (365 * 86400.0);
    static const char *const MAPPINGS[] = {ASCII_MAPPING, GMT_MAPPING, CF_MAPPING};
    static const char *const FILES[] = {"2015_*.asc", "2015_*.nc", "PM25_ind.nc"};
    static const char *const INDEX[] = {
        "variable 'values'[lat=36, lon=5] (100.3750 E, 25.8750 N) is missing",
        "variable 'z'[lat=36, lon=5] (100.3750 E, 25.8750 N) is missing",
        "variable 'emissions'[time=0, lat=3, lon=5] (100.3750 E, 25.8750 N) is missing"};
    write_months(c, "2015_%02d_ind_PM25.asc", &hole, 9, write_ascii);
    write_months(c, "2015_%02d_ind_PM25.nc", &hole, 9, write_gmt);
    write_cf(c, "PM25_ind.nc", "emissions", &hole, NULL, 1, 9);
    for (int k = 0; k < 3; k++) {
        char text[1024];
        emis_write(c, "m.yaml", MAPPINGS[k]);
        emis_read_bad(c, mapped(FILES[k], ""), INDEX[k], "say 'missing: zero' of the inventory", NULL);
        emis_read_good(c, mapped(FILES[k], ", missing: zero"));
        assert_near(emis_audit(c, "industry")->in_file_kg_s, grid_total(9) - lost, 1e-12);
        snprintf(text, sizeof text, "%smissing: zero\n", MAPPINGS[k]);
        emis_write(c, "m.yaml", text);
        emis_read_good(c, mapped(FILES[k], ""));
        emis_read_bad(c, mapped(FILES[k], ", missing: error"), INDEX[k], NULL);
    }
    assert_true(
        emis_logged(c, "1 of 1920 values are missing and taken as 0 ('missing: zero'), the first at [lat=36, lon=5]"));
    assert_true(emis_logged(c, "12 missing values in all, taken as 0"));
}

/* A fill value that no attribute declares. */
static void test_fill_of_the_mapping(void **state)
{
    emis_case *c = *state;
    emis_mesh(c, &(bs_mesh_spec){LONLAT, 4, 4, 0.25, 0.25, 100, 30});
    emis_write(c, "a.asc",
               "NCOLS 8\nnrows 8\nXLLCENTER 99.625\nyllcenter 29.625\nCellsize 0.25\n"
               "0 0 0 0 0 0 0 0\n0 0 0 0 0 0 0 0\n0 0 0 7 0 0 0 0\n0 0 0 0 1e30 0 0 0\n"
               "0 0 0 0 0 0 0 0\n0 0 0 0 0 0 0 0\n0 0 0 0 0 0 0 0\n0 0 0 0 0 0 0 0\n");
    emis_write(
        c, "m.yaml",
        "name: t\nsource: s\nformat: ascii_grid\nfile: '{species}.asc'\nunits: t year-1\nfill: 1e30\nmissing: zero\n"
        "sectors: {industry: x}\nspecies: {pm25: a}\n");
    emis_read_good(c, mapped("a.asc", ""));
    assert_near(emis_audit(c, "industry")->on_grid_kg_s, 7e3 / UDUNITS_YEAR, 1e-12);
    emis_layers(c, 3);
    assert_int_equal(emis_fill(c, 0), BS_OK);
    /* row 3 from the north of 8, column 4: 100.25 to 100.5 E, 30.75 to 31 N */
    assert_true(c->rates->rate[3 * 4 + 1] > 0);
    assert_near((double)c->rates->rate[3 * 4 + 1], 7e3 / UDUNITS_YEAR, ROUND_REAL);
}

static void test_years(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_write(c, "m.yaml", ASCII_MAPPING);
    write_months(c, "2010_%02d_ind_PM25.asc", &GOOD, 50, write_ascii);
    emis_read_good(c, mapped("20*.asc", ""));
    check_total(c, "industry", 50);
    char text[1280];
    snprintf(text, sizeof text, "%s  year: 2015\n", mapped("20*.asc", ""));
    emis_read_bad(c, text, "case.yaml:", "are of other years than 2015 (one of 2010)",
                  "say 'year: 2010' of the inventory", NULL);
    snprintf(text, sizeof text, "%s  year: 2015\n", mapped("20*.asc", ", year: 2010"));
    emis_read_good(c, text);
    assert_true(emis_logged(c, "inventory 'inv': its year 2010 is used for 2015 (emissions.year)"));
    check_total(c, "industry", 50);
    write_months(c, "2015_%02d_ind_PM25.asc", &GOOD, 51, write_ascii);
    emis_read_good(c, text);
    check_total(c, "industry", 50);
    assert_true(emis_logged(c, "12 of 24 files are of other years than 2010"));
    emis_read_bad(c, mapped("20*.asc", ""), "is of 2015, others of inventory 'inv' are of 2010: say which 'year'",
                  NULL);
}

/* A year out of a longer time axis, and months of a calendar without leap days. */
static void test_time_axes(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    emis_write(c, "m.yaml", CF_MAPPING);
    const grid_fault two_years = {.n_times = 24, .year = 2014};
    write_cf(c, "PM25_ind.nc", "emissions", &two_years, NULL, 1, 60);
    emis_read_bad(c, mapped("PM25*.nc", ""), "PM25_ind.nc", "has 24 times", NULL);
    emis_read_bad(c, mapped("PM25*.nc", ", year: 2012"), "'time' has no time of 2012; it runs from 2014 to 2015", NULL);
    emis_read_good(c, mapped("PM25*.nc", ", year: 2015"));
    double sum = 0;
    for (int m = 12; m < 24; m++) {
        for (int a = 0; a < GRID_NX * GRID_NY; a++) sum += amount(60, m, a / GRID_NX, a % GRID_NX);
    }
    assert_near(emis_audit(c, "industry")->in_file_kg_s, sum * 1e3 / (365 * 86400.0), 1e-12);
    const grid_fault noleap = {.calendar = "365_day"}, noleap_two = {.calendar = "noleap", .n_times = 24, .year = 2015};
    write_cf(c, "PM25_ind.nc", "emissions", &noleap, NULL, 1, 61);
    emis_read_good(c, mapped("PM25*.nc", ", year: 2015"));
    check_total(c, "industry", 61);
    assert_true(emis_logged(c, "has no leap days; its months are taken as those of the standard calendar"));
    write_cf(c, "PM25_ind.nc", "emissions", &noleap_two, NULL, 1, 62);
    emis_read_good(c, mapped("PM25*.nc", ", year: 2015"));
    check_total(c, "industry", 62);
}

/* A plain gridded inventory of another year may say so, too. */
static void test_year_of_plain_inventories(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_cf(c, "e.nc", "ind", &(grid_fault){.units = "t", .year = 2013}, NULL, 1, 70);
#define PLAIN(more)                                                                                                    \
    "  inventories:\n  - {name: g, type: gridded, file: e.nc, species: pm25, variables: {industry: {name: ind}}" more  \
    "}\n"                                                                                                              \
    "  year: 2015\n"
    emis_read_bad(c, PLAIN(""), "is of the year 2013, but emissions.year is 2015", "say 'year: 2013' of the inventory",
                  NULL);
    emis_read_good(c, PLAIN(", year: 2013"));
    check_total(c, "industry", 70);
    emis_read_bad(c, PLAIN(", year: 2012"), "is of the year 2013, but emissions.inventories[0].year is 2012", NULL);
}

/* A monthly unit in a plain file is of the real month, not of a twelfth of a year. */
static void test_month_unit_of_plain_files(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_cf(c, "e.nc", "ind", &GOOD, NULL, 1, 71);
    emis_read_good(c, "  inventories:\n  - {name: g, type: gridded, file: e.nc, species: pm25, variables: {industry: "
                      "{name: ind}}}\n");
    check_total(c, "industry", 71);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, emis_setup, emis_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_formats_agree),
        TEST(test_cells_are_where_they_belong),
        TEST(test_axes_in_any_way),
        TEST(test_lists),
        TEST(test_lists_around_the_world),
        TEST(test_duplicates),
        TEST(test_sector_dimension),
        TEST(test_codes_add_up),
        TEST(test_one_species_less_another),
        TEST(test_variables_by_sector),
        TEST(test_units),
        TEST(test_days_of_the_month),
        TEST(test_missing_cells),
        TEST(test_fill_of_the_mapping),
        TEST(test_years),
        TEST(test_time_axes),
        TEST(test_year_of_plain_inventories),
        TEST(test_month_unit_of_plain_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
