/* Mappings: the shipped ones are good and fit the names that their files have; what is wrong in one is told with its
 * place. */
#include "test_emis_case.h"

#include "model/emis/mapping.h"

static bs_mapping *shipped(emis_case *c, const char *name)
{
    char path[512];
    bs_mapping *m = NULL;
    snprintf(path, sizeof path, "%s/configs/inventories/%s.yaml", BS_SOURCE_DIR, name);
    if (bs_mapping_read(path, c->units, &m, &c->err) != BS_OK) fail_msg("%s", c->err.text);
    return m;
}

/* A name of a file and what it says: species and sector of the model, year, month from 1; "" and 0: it does not say. */
typedef struct name_row {
    const char *mapping, *name, *species, *sector;
    int year, month;
} name_row;

static void test_shipped_names(void **state)
{
    emis_case *c = *state;
    static const name_row ROWS[] = {
        {"edgar", "v8.1_FT2022_AP_PM2.5_2022_ENE_emi.nc", "pm25", "power", 2022, 0},
        {"edgar", "v8.1_FT2022_AP_OC_2020_TRO_noRES_flx.nc", "oc", "road", 2020, 0},
        {"edgar", "v6.1_PM2.5_2018_TNR_Aviation_LTO.0.1x0.1.nc", "pm25", "aviation", 2018, 0},
        {"edgar", "v50_NOx_2015_IND.0.1x0.1.nc", "nox", "industry", 2015, 0},
        {"edgar_monthly", "v8.1_FT2022_AP_PM2.5_2019_bkl_IND_PROCESSES_emi.nc", "pm25", "industry", 2019, 0},
        {"edgar_text", "v6.1_PM2.5_2018_RCO.txt", "pm25", "residential", 2018, 0},
        {"htap", "edgar_HTAPv3_2018_PM2.5.nc", "pm25", "", 2018, 0},
        {"htap", "edgar_HTAPv32_2018_NOx.nc", "nox", "", 2018, 0},
        {"htap_v2", "edgar_HTAP_PM2.5_emi_ENERGY_2010_1.0.1x0.1.nc", "pm25", "power", 2010, 1},
        {"htap_v2", "edgar_HTAP_SO2_emi_RESIDENTIAL_2010_12.0.1x0.1.nc", "so2", "residential", 2010, 12},
        {"htap_v2", "edgar_HTAP_PM2.5_emi_SHIPS_2010.0.1x0.1.nc", "pm25", "shipping", 2010, 0},
        {"meic", "2017_9_agriculture_NH3.nc", "nh3", "agriculture", 2017, 9},
        {"meic", "2016_01_power_PM25.nc", "pm25", "power", 2016, 1},
        {"meic", "2016_01__transportation__PMcoarse.nc", "pmcoarse", "road", 2016, 1},
        {"meic", "meic-2017_12_residential-VOC.nc", "nmvoc", "residential", 2017, 12},
        {"meic_ascii", "2020_01__power__PM25.asc", "pm25", "power", 2020, 1},
        {"ceds", "BC-em-anthro_input4MIPs_emissions_CMIP_CEDS-2017-05-18_gn_200001-201412.nc", "pm25_ec", "", 0, 0},
        {"reas", "REASv3.2_PM2.5_ROAD_TRANSPORT_2015_0.25x0.25", "pm25", "road", 2015, 0},
        {"reas", "REASv3.2_BC__POWER_PLANTS_NON-POINT_2015_0.25x0.25", "bc", "power", 2015, 0},
    };
    for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++) {
        const name_row *row = &ROWS[r];
        bs_mapping *m = shipped(c, row->mapping);
        bs_mapping_match way[2];
        if (bs_mapping_match_name(m, row->name, way) != 1) fail_msg("%s does not fit %s once", row->name, row->mapping);
        assert_string_equal(way->species < 0 ? "" : m->species[way->species].name, row->species);
        assert_string_equal(way->sector < 0 ? "" : m->sector[way->sector].name, row->sector);
        assert_int_equal(way->year < 0 ? 0 : way->year, row->year);
        assert_int_equal(way->month + 1, row->month);
        bs_mapping_destroy(m);
    }
}

static void test_names_that_do_not_fit(void **state)
{
    emis_case *c = *state;
    static const char *const ROWS[][2] = {{"edgar", "v8.1_FT2022_AP_PM2.5_2022_TOTALS_emi.nc"},
                                          {"edgar", "v8.1_FT2022_AP_PM2.5_2019_bkl_TRANSPORT_emi.nc"},
                                          {"edgar", "v8.1_FT2022_AP_PM2.5_22_ENE_emi.nc"},
                                          {"edgar", "v8.1_FT2022_AP_PM2.5_2022_ENE_emi.nc.part"},
                                          {"meic", "2016_13_power_PM25.nc"},
                                          {"meic", "2016_00_power_PM25.nc"},
                                          {"meic", "02016_01_power_PM25.nc"},
                                          {"meic", ""}};
    for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++) {
        bs_mapping *m = shipped(c, ROWS[r][0]);
        bs_mapping_match way[2];
        if (bs_mapping_match_name(m, ROWS[r][1], way) != 0) fail_msg("%s fits %s", ROWS[r][1], ROWS[r][0]);
        bs_mapping_destroy(m);
    }
}

static void test_variables(void **state)
{
    emis_case *c = *state;
    char text[64];
    bs_mapping *m = shipped(c, "edgar");
    assert_string_equal(bs_mapping_variable(m, 0, 0, 0, 0, text, sizeof text), "emissions");
    assert_string_equal(bs_mapping_variable(m, 2, 0, 0, 0, text, sizeof text), "emi_pm2.5");
    assert_string_equal(bs_mapping_variable(m, 2, 0, 0, 0, text, 6), "emi_p");
    assert_string_equal(bs_mapping_unit_of(m, 0, "Tonnes"), "t");
    assert_null(bs_mapping_unit_of(m, 0, "K"));
    bs_mapping_destroy(m);
    m = shipped(c, "htap");
    assert_string_equal(bs_mapping_variable(m, 0, 0, 0, 0, text, sizeof text), "HTAPv3_3_Energy");
    assert_true(m->months_in_order);
    bs_mapping_destroy(m);
    m = shipped(c, "meic");
    assert_true(m->missing_zero && m->has_fill && m->fill == -9999);
    bs_mapping_destroy(m);
    m = shipped(c, "reas");
    assert_int_equal(m->list.n_columns, 14);
    assert_int_equal(m->list.n_values, 12);
    assert_int_equal(m->list.header_lines, 9);
    bs_mapping_destroy(m);
}

#define HEAD "name: t\nsource: s\n"
#define TAIL "sectors: {power: a}\nspecies: {pm25: b}\n"
#define FINE "format: netcdf\nfile: '{species}.nc'\nvariable: v\n"

static void refused(emis_case *c, const char *text, const char *word)
{
    char path[256];
    bs_mapping *m = NULL;
    emis_write(c, "m.yaml", text);
    assert_int_equal(bs_mapping_read(emis_path(c, "m.yaml", path), c->units, &m, &c->err), BS_ERR_INPUT);
    assert_null(m);
    if (!strstr(c->err.text, word)) fail_msg("'%s' is not in: %s", word, c->err.text);
}

static void test_bad_mappings(void **state)
{
    emis_case *c = *state;
    refused(c, "[a]\n", "m.yaml: error: a mapping of an inventory must be a mapping, found a list");
    refused(c, "source: s\n" FINE TAIL, "'name' is missing");
    refused(c, HEAD FINE TAIL "specis: {}\n",
            "unknown key 'specis' in a mapping of an inventory; did you mean 'species'?");
    refused(c, HEAD "format: grib\n" TAIL,
            "m.yaml:3:9: error: format must be one of netcdf, gmt, ascii_grid, list, found 'grib'");
    refused(c, HEAD "file: a\n" TAIL, "'format' is missing");
    refused(c, HEAD "format: netcdf\nvariable: v\n" TAIL, "'file' is missing");
    refused(c, HEAD "format: netcdf\nfile: '*a*b*c*'\nvariable: v\n" TAIL, "'*a*b*c*' has 4 *, expected 3 at the most");
    refused(c, HEAD "format: netcdf\nfile: '{sp}.nc'\nvariable: v\n" TAIL, "'{sp}.nc': '{sp}.nc' is no placeholder");
    refused(c, HEAD "format: netcdf\nfile: a\nvariable: '{year}'\n" TAIL,
            "is no placeholder; of a variable they are {species}, {sector}");
    refused(c, HEAD "format: netcdf\nfile: a\n" TAIL, "'variable' is missing");
    refused(c, HEAD "format: ascii_grid\nfile: a\nvariable: v\nunits: t\n" TAIL, "a text file has no variables");
    refused(c, HEAD "format: ascii_grid\nfile: a\n" TAIL, "'units' is missing: these files state none");
    refused(c, HEAD FINE "units: kt\n" TAIL, "m.yaml:6:8: error: unit 'kt' is neither");
    refused(c, HEAD FINE "units: kt\n" TAIL, "a kilotonne is written Gg");
    refused(c, HEAD FINE "units: kg s-1 month-1\n" TAIL, "unit 'kg s-1 month-1' is neither");
    refused(c, HEAD FINE "units: {Tonnes: K}\n" TAIL, "unit 'K' is neither");
    refused(c, HEAD FINE "species: {pm25: b}\n", "'sectors' must be a mapping");
    refused(c, HEAD FINE "sectors: {power: a}\n", "'species' must be a mapping");
    refused(c, HEAD FINE "sectors: {power: [a, a]}\nspecies: {pm25: b}\n", "the code 'a' stands for 'power' already");
    refused(c, HEAD FINE "sectors: {power: a, road: [b, a]}\nspecies: {pm25: b}\n",
            "the code 'a' stands for 'power' already");
    refused(c, HEAD FINE "sectors: {power: {optional: true}}\nspecies: {pm25: b}\n", "'codes' is missing");
    refused(c, HEAD FINE "sectors: {power: {codes: a, one_of: [a, b]}}\nspecies: {pm25: b}\n",
            "codes or one_of, not both");
    refused(c, HEAD FINE "sectors: {power: []}\nspecies: {pm25: b}\n", "power is an empty list");
    refused(c, HEAD FINE "sectors: {power: a}\nspecies: {pm25: {code: b, molar_mass: 46}}\n", "as '46.0055 g mol-1'");
    refused(c, HEAD FINE "sectors: {power: a}\nspecies: {pm25: {code: b, molar_mass: 46 kg mol-1}}\n",
            "must be above 0 and below 1 kg mol-1");
    refused(c, HEAD FINE "sectors: {power: a}\nspecies: {pm25: {code: b, as_molar_mass: 46 g mol-1}}\n",
            "as_molar_mass needs molar_mass");
    refused(c, HEAD FINE "sectors: {power: a}\nspecies: {pm25: b, pmcoarse: {code: c, minus: pm10}}\n",
            "minus: 'pm10' is no other species of this mapping that is whole");
    refused(c, HEAD FINE TAIL "list: {separator: comma}\n", "'list' belongs to format: list");
    refused(c, HEAD "format: list\nfile: a\nunits: t\n" TAIL, "'list' belongs to format: list");
    refused(c, HEAD FINE TAIL "fill: abc\n", "fill must be a number, found 'abc'");
}

static void test_bad_lists(void **state)
{
    emis_case *c = *state;
#define OF_LIST(text)                                                                                                  \
    HEAD "format: list\nfile: a\nunits: t\n" TAIL "list: {separator: comma, header_lines: 0, place: centre, " text "}" \
         "\n"
    refused(c, OF_LIST("columns: [lon, lat, value]"), "'cell' must be the cells' size in degrees");
    refused(c, OF_LIST("cell: 0.5, columns: [lon, lat]"), "columns must hold lon, lat and value or months");
    refused(c, OF_LIST("cell: 0.5, columns: [lon, lat, lat, value]"),
            "columns: 'lat'; expected lon, lat and value or months");
    refused(c, OF_LIST("cell: 0.5, columns: [lon, lat, value], domain: [0, 10, 0]"), "domain must be the edges");
    refused(c, OF_LIST("cell: 0.3, columns: [lon, lat, value], domain: [0, 10, 0, 30]"),
            "a whole number of cells apart");
    refused(c, OF_LIST("cell: 0.5, columns: [lon, lat, value], domain: [0, 10, 80, 100]"), "domain must be the edges");
    refused(c,
            HEAD "format: list\nfile: a\nunits: t\n" TAIL
                 "list: {header_lines: x, cell: 1, columns: [lon, lat, value]}\n",
            "header_lines must be auto or a whole number, found 'x'");
    refused(c,
            HEAD "format: list\nfile: a\nunits: t\n" TAIL
                 "list: {header_lines: 0, cell: 1, columns: [lon, lat, value]}\n",
            "'place' is missing");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, emis_setup, emis_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_shipped_names), TEST(test_names_that_do_not_fit), TEST(test_variables), TEST(test_bad_mappings),
        TEST(test_bad_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
