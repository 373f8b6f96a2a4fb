/* PM2.5 divided into its parts: fractions by sector, sums, points, what is refused, and the shipped table against REAS.
 * */
#include "test_emis_case.h"

#include "model/config/csv.h"
#include "model/emis/speciation.h"

#define HEADER "sector,species,ec,oc,so4,other\n"
#define TABLE  HEADER "industry,pm25,0.1,0.2,0.05,0.65\n*,pm25,0.3,0.3,0.1,0.3\n"
#define GRID                                                                                                           \
    "  inventories:\n  - {name: grid, type: gridded, file: e.nc, species: pm25, variables: {industry: {name: a}, "     \
    "road: {name: b}}}\n"
#define POINTS "  - {name: stacks, type: points, file: p.csv, add: true}\n"

/* As emis_read, with n species carried. */
static bs_status read_species(emis_case *c, const char *emissions, int n, const char *const *species)
{
    c->n_species = n;
    c->species = species;
    return emis_read(c, emissions);
}

static const char *const ALL[] = {"pm25", "pm25_ec", "pm25_oc", "pm25_so4", "pm25_other"};

static double bumps_of(double lon, double lat, int time)
{
    return emis_bumps(lon + 1, lat, time);
}

static void write_inputs(emis_case *c)
{
    emis_field f[2] = {emis_tenths("a")};
    f[1] = f[0];
    f[1].name = "b";
    f[1].value = bumps_of;
    emis_write_fields(c, "e.nc", 2, f);
    emis_write(c, "p.csv",
               "name,lon,lat,sector,species,value,unit,height\nx,104,30,industry,pm25,7,kg "
               "s-1,15\ny,104.5,30,cement,pm25,2,kg s-1,0\nz,104.5,30,cooking,pm25,3,kg "
               "s-1,0\n");
}

/* In each cell and layer the parts are their fractions of the whole, and sum to it. */
static void test_parts_sum_to_the_whole(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_inputs(c);
    emis_write(c, "s.csv", TABLE);
    if (read_species(c, GRID POINTS "  speciation: s.csv\n", 5, ALL) != BS_OK) fail_msg("%s", c->err.text);
    emis_layers(c, 10);
    assert_int_equal(emis_fill(c, 0), BS_OK);
    const bs_emission_rates *r = c->rates;
    const size_t n = (size_t)r->n_layers * (size_t)r->nx * (size_t)r->ny;
    for (size_t k = 0; k < n; k++) {
        double sum = 0;
        for (int p = 1; p < 5; p++) sum += (double)r->rate[(size_t)p * n + k];
        assert_near(sum, (double)r->rate[k], 4 * (double)BS_REAL_EPSILON);
    }
    const double industry = emis_audit(c, "industry")->on_grid_kg_s + 9,
                 others = emis_audit(c, "road")->on_grid_kg_s + 3;
    static const double INDUSTRY[] = {1, 0.1, 0.2, 0.05, 0.65}, OTHERS[] = {1, 0.3, 0.3, 0.1, 0.3};
    for (int p = 0; p < 5; p++)
        assert_near(emis_sum(c, p, -1), INDUSTRY[p] * industry + OTHERS[p] * others, ROUND_REAL);
    assert_true(emis_logged(c, "sector 'cement' has no row of its own and takes that of 'industry'"));
    assert_true(emis_logged(c, "sector 'cooking' has no row of its own and takes that of '*'"));
}

static const bs_emission_audit *audit_of(const emis_case *c, const char *sector, const char *species)
{
    for (int n = 0; n < bs_emission_audit_count(c->emission); n++) {
        const bs_emission_audit *a = bs_emission_audit_at(c->emission, n);
        if (strcmp(a->sector, sector) == 0 && strcmp(a->species, species) == 0) return a;
    }
    fail_msg("no audit line for %s of %s", species, sector);
    return NULL;
}

/* Of a sector that the case splits each part has fractions of its own; stacks are shared out; the audit has each part's
 * line. */
static void test_split_sectors_and_stacks(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_inputs(c);
    emis_write(c, "s.csv",
               HEADER "industry,pm25,0.1,0.2,0.05,0.65\nbrick_kilns,pm25,0.5,0.1,0.3,0.1\n*,pm25,0,0,0,1\n");
    emis_write(c, "p.csv",
               "name,lon,lat,sector,species,value,unit,height,diameter,exit_temperature,exit_velocity\n"
               "x,104,30,industry,pm25,8,kg s-1,60,3,400,10\n");
    if (read_species(
            c, "  inventories:\n" POINTS "  speciation: s.csv\n  split: {brick_kilns: {share: 0.25, basis: a test}}\n",
            5, ALL) != BS_OK)
        fail_msg("%s", c->err.text);
    static const double PARTS[][4] = {{0.1, 0.2, 0.05, 0.65}, {0.5, 0.1, 0.3, 0.1}};
    static const char *const SECTORS[] = {"other_industry", "brick_kilns"};
    static const double SHARE[] = {0.75, 0.25};
    for (int p = 0; p < 4; p++) {
        for (int s = 0; s < 2; s++) {
            const bs_emission_audit *a = audit_of(c, SECTORS[s], ALL[p + 1]);
            assert_near(a->in_file_kg_s, 8 * SHARE[s] * PARTS[s][p], 1e-14);
            assert_near(a->on_grid_kg_s, 8 * SHARE[s] * PARTS[s][p], 1e-14);
            assert_int_equal(a->carried, 1);
        }
    }
    emis_layers(c, 10);
    const size_t cells = (size_t)(c->mesh->nx * c->mesh->ny);
    for (size_t k = 0; k < cells * 10; k++) c->met->t[k] = 285;
    for (size_t k = 0; k < cells; k++) {
        c->met->ustar[k] = (real)0.3;
        c->met->pblh[k] = 400;
    }
    for (size_t k = 0; k < cells * 10; k++) {
        c->met->m[k] = 1e6;
        c->met->rho[k] = (real)1.2;
    }
    assert_int_equal(emis_fill(c, 0), BS_OK);
    assert_near(emis_sum(c, 0, -1), 8, ROUND_REAL);
    for (int p = 0; p < 4; p++)
        assert_near(emis_sum(c, p + 1, -1), 8 * (0.75 * PARTS[0][p] + 0.25 * PARTS[1][p]), ROUND_REAL);
    assert_true(emis_sum(c, 0, 0) < 0.1); /* above the lowest layer, and the parts with it */
    for (int k = 0; k < c->rates->n_layers; k++) {
        double sum = 0;
        for (int p = 0; p < 4; p++) sum += emis_sum(c, p + 1, k);
        assert_near(sum, emis_sum(c, 0, k), ROUND_REAL);
    }
}

/* The parts are removed as the whole is, or they would not go on summing to it. */
static void test_parts_are_removed_as_the_whole(void **state)
{
    emis_case *c = *state;
    const bs_tracer_request request = {.n_species = 5, .species = ALL, .acts = BS_ACT_DRY | BS_ACT_SETTLE | BS_ACT_WET};
    assert_int_equal(bs_tracers_create(&request, &c->tracers, &c->err), BS_OK);
    assert_int_equal(c->tracers->n_removal, 1);
    for (int t = 0; t < 5; t++) {
        assert_int_equal(c->tracers->row[t].removal_class, c->tracers->row[0].removal_class);
        assert_int_equal(c->tracers->row[t].acts, c->tracers->row[0].acts);
    }
}

/* A part alone, without the whole; and no table's worth of it without its table. */
static void test_a_part_alone(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_inputs(c);
    emis_write(c, "s.csv", TABLE);
    const char *const one[] = {"pm25_ec"};
    if (read_species(c, GRID "  speciation: s.csv\n", 1, one) != BS_OK) fail_msg("%s", c->err.text);
    emis_layers(c, 3);
    assert_int_equal(emis_fill(c, 0), BS_OK);
    assert_near(emis_sum(c, 0, -1),
                0.1 * emis_audit(c, "industry")->on_grid_kg_s + 0.3 * emis_audit(c, "road")->on_grid_kg_s, ROUND_REAL);
    assert_int_equal(read_species(c, GRID, 1, one), BS_ERR_INPUT);
    assert_non_null(strstr(
        c->err.text, "tracers.species has parts of pm25, but no inventory holds them: give emissions.speciation"));
}

static void refused(emis_case *c, const char *table, const char *word)
{
    emis_write(c, "s.csv", table);
    assert_int_equal(read_species(c, GRID "  speciation: s.csv\n", 5, ALL), BS_ERR_INPUT);
    if (!strstr(c->err.text, word)) fail_msg("'%s' is not in: %s", word, c->err.text);
}

static void test_bad_tables(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_inputs(c);
    refused(c, "sector,species,ec,oc,so4\n*,pm25,0,0,1\n", "other");
    refused(c, HEADER "*,pm25,0.25,0.25,0.25,0.2500001\n",
            "s.csv:2: the fractions of '*' sum to 1.0000001; they must sum to 1 within 1e-09");
    refused(c, HEADER "*,pm25,1.5,-0.5,0,0\n", "s.csv:2: column 'ec': a fraction must be from 0 to 1, found 1.5");
    refused(c, HEADER "*,pm25,0.5,x,0,0\n", "s.csv:2: column 'oc': found 'x'");
    refused(c, HEADER "*,pmcoarse,0.5,0.5,0,0\n",
            "s.csv:2: sector '*', species 'pmcoarse': expected a sector (or *) and the species pm25");
    refused(c, HEADER "a,pm25,1,0,0,0\na,pm25,1,0,0,0\n", "s.csv:3: sector 'a' has a row already, at ");
    refused(c, HEADER "industry,pm25,1,0,0,0\n", "s.csv: no row for the sector 'road', which emits pm25");
    emis_write(c, "s.csv", HEADER "*,pm25,0.25,0.25,0.25,0.2500000005\n");
    assert_int_equal(read_species(c, GRID "  speciation: s.csv\n", 5, ALL), BS_OK);
}

/* An inventory that holds black carbon itself would count it twice. */
static void test_counted_twice(void **state)
{
    emis_case *c = *state;
    emis_mesh_lonlat(c);
    write_inputs(c);
    emis_write(c, "s.csv", TABLE);
    emis_write(c, "p.csv", "name,lon,lat,sector,species,value,unit,height\nx,104,30,industry,pm25_ec,7,kg s-1,15\n");
    assert_int_equal(read_species(c, GRID POINTS "  speciation: s.csv\n", 5, ALL), BS_ERR_INPUT);
    assert_non_null(
        strstr(c->err.text,
               "an inventory holds the species 'pm25_ec' (sector 'industry') itself, and it would be counted twice"));
    if (read_species(c, GRID POINTS, 2, ALL) != BS_OK) fail_msg("%s", c->err.text);
}

/* The sum of a sector's row of year 2015 of one of REAS's tables, kt. */
static double reas(const char *province, const char *species, const char *sector)
{
    char path[512], line[4096];
    snprintf(path, sizeof path, "%s/data/emissions/reas/EM_TBL_SECTOR_CHN_%s_%s.txt", BS_SHARED_DIR, province, species);
    FILE *f = fopen(path, "r");
    if (!f) return NAN;
    double value = NAN;
    while (fgets(line, sizeof line, f)) {
        char *save = NULL, *word = strtok_r(line, " \t\r\n", &save);
        if (!word || strcmp(word, sector) != 0) continue;
        for (int year = 1950; word && year <= 2015; year++) word = strtok_r(NULL, " \t\r\n", &save);
        value = word ? strtod(word, NULL) : NAN;
    }
    fclose(f);
    return value;
}

/* The shipped table is good, and its carbon is that of REAS for Sichuan and Chongqing to the three digits that it is
 * printed with. */
static void test_shipped_table(void **state)
{
    emis_case *c = *state;
    static const char *const ROWS[][2] = {{"power", "PP"},         {"industry", "IND"},
                                          {"road", "ROAD"},        {"other_transport", "OTRA"},
                                          {"residential", "RESI"}, {"other_domestic", "ODOM"}};
    bs_csv *csv = NULL;
    int sector = 0, ec = 0, oc = 0, found = 0;
    emis_mesh_lonlat(c);
    write_inputs(c);
    if (read_species(c, GRID "  speciation: " BS_SOURCE_DIR "/configs/emissions/pm25_speciation.csv\n", 5, ALL) !=
        BS_OK)
        fail_msg("%s", c->err.text);
    if (isnan(reas("SC", "PM2.5", "PP"))) {
        print_message("no REAS tables: only the form of the shipped table is checked\n");
        return;
    }
    assert_int_equal(bs_csv_read(BS_SOURCE_DIR "/configs/emissions/pm25_speciation.csv", &csv, &c->err), BS_OK);
    assert_int_equal(bs_csv_find(csv, "sector", &sector, &c->err), BS_OK);
    assert_int_equal(bs_csv_find(csv, "ec", &ec, &c->err), BS_OK);
    assert_int_equal(bs_csv_find(csv, "oc", &oc, &c->err), BS_OK);
    for (int row = 0; row < bs_csv_rows(csv); row++) {
        for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++) {
            if (strcmp(bs_csv_text(csv, row, sector), ROWS[r][0]) != 0) continue;
            double value[2] = {0}, whole = reas("SC", "PM2.5", ROWS[r][1]) + reas("CQ", "PM2.5", ROWS[r][1]);
            assert_int_equal(bs_csv_real(csv, row, ec, &value[0], &c->err), BS_OK);
            assert_int_equal(bs_csv_real(csv, row, oc, &value[1], &c->err), BS_OK);
            const char *const carbon[] = {"BC", "OC"};
            for (int k = 0; k < 2; k++) {
                const double share = (reas("SC", carbon[k], ROWS[r][1]) + reas("CQ", carbon[k], ROWS[r][1])) / whole;
                if (!(fabs(value[k] - share) <= 0.00051))
                    fail_msg("%s of %s: %g, REAS %g", carbon[k], ROWS[r][0], value[k], share);
            }
            found++;
        }
    }
    bs_csv_destroy(csv);
    assert_int_equal(found, sizeof ROWS / sizeof *ROWS);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, emis_setup, emis_teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_parts_sum_to_the_whole),
        TEST(test_split_sectors_and_stacks),
        TEST(test_parts_are_removed_as_the_whole),
        TEST(test_a_part_alone),
        TEST(test_bad_tables),
        TEST(test_counted_twice),
        TEST(test_shipped_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
