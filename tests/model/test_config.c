/* What a case file becomes: values, defaults, places, files, --set, the dump and the reference.
 * `test_config --reference > configs/reference.yaml` renews the committed reference. */
#include "tests/model/config_support.h"

#include <math.h>

#include "model/config/config.h"
#include "model/units/units.h"

static const char CASE[] = "# a case\n"
                           "case:\n"
                           "  name: winter\n"
                           "time: {start: 2015-01-10, end: \"2015-01-12T00:00:00+08:00\"}\n"
                           "grid:\n"
                           "  projection: '+proj=lcc +lat_1=27 +R=6370000'\n"
                           "  nx: 100\n"
                           "  ny: 80\n"
                           "  dx: 9 km\n"
                           "  centre: [104.5, 30]\n"
                           "  levels:\n"
                           "    top: 100 hPa\n"
                           "    eta: [1, 0.9, 0]\n"
                           "meteorology:\n"
                           "  provider: pressure_levels\n"
                           "  files: [b.nc, 'a*.nc']\n"
                           "  variables:\n"
                           "    u_wind: {name: U, units: m s-1}\n"
                           "    v_wind: {name: V}\n"
                           "emissions:\n"
                           "  sectors: [power, \"\xE5\xB7\xA5\xE4\xB8\x9A: $${x}\"]\n"
                           "  inventories:\n"
                           "    - name: first\n"
                           "      type: totals\n"
                           "      file: ./${BASHU_TEST_FILE}.nc\n"
                           "      proxy: {by_sector: {power: {variable: pop}}}\n"
                           "    - name: second\n"
                           "      type: points\n"
                           "      file: b.nc\n"
                           "      scale: 50 %\n"
                           "operators:\n"
                           "  advection: ppm_cw84\n"
                           "  settling: false\n";

static bs_config *read_case(scratch *s, const char *text, int n_set, const char *const *set)
{
    bs_config *c = NULL;
    setenv("BASHU_TEST_FILE", "a1", 1);
    write_text(s, "a1.nc", "x");
    write_text(s, "a2.nc", "x");
    write_text(s, "b.nc", "x");
    if (bs_config_read(write_text(s, "case.yaml", text), n_set, set, &c, &s->err)) fail_msg("%s", s->err.text);
    return c;
}

static void values_arrive(void **state)
{
    scratch *s = *state;
    bs_config *c = read_case(s, CASE, 0, NULL);
    assert_string_equal(bs_config_text(c, "case.name"), "winter");
    assert_int_equal(bs_config_time(c, "time.start"), 1420848000);
    assert_int_equal(bs_config_time(c, "time.end"), 1420848000 + 2 * 86400 - 8 * 3600);
    assert_int_equal(bs_config_int(c, "grid.nx"), 100);
    assert_string_equal(bs_config_text(c, "grid.dx"), "9 km");
    assert_true(bs_config_real(c, "grid.levels.top") == 10000);
    assert_int_equal(bs_config_count(c, "grid.levels.eta"), 3);
    assert_true(bs_config_real_at(c, "grid.levels.eta", 1) == 0.9);
    assert_int_equal(bs_config_choice(c, "meteorology.provider"), 1);
    assert_string_equal(bs_config_text(c, "meteorology.provider"), "pressure_levels");
    assert_int_equal(bs_config_count(c, "emissions.sectors"), 2);
    assert_string_equal(bs_config_text_at(c, "emissions.sectors", 1), "\xE5\xB7\xA5\xE4\xB8\x9A: ${x}");
    assert_false(bs_config_bool(c, "operators.settling"));
    assert_int_equal(bs_config_choice(c, "operators.advection"), 3);
    bs_config_destroy(c);
}

/* What a run left is read where its inputs are gone; what is asked on the command line must be there. */
static void a_kept_case_needs_no_files(void **state)
{
    scratch *s = *state;
    bs_config *c = read_case(s, CASE, 0, NULL);
    char *dump = bs_config_dump(c), path[600];
    bs_config_destroy(c);
    static const char *const GONE[] = {"a1.nc", "a2.nc", "b.nc"};
    for (size_t n = 0; n < sizeof GONE / sizeof *GONE; n++) {
        snprintf(path, sizeof path, "%s/%s", s->folder, GONE[n]);
        assert_int_equal(remove(path), 0);
    }
    const char *file = write_text(s, "kept.yaml", dump);
    assert_int_equal(bs_config_read(file, 0, NULL, &c, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "there is no such file");
    if (bs_config_read_kept(file, 0, NULL, &c, &s->err)) fail_msg("%s", s->err.text);
    assert_int_equal(bs_config_count(c, "meteorology.files"), 3);
    assert_contains(bs_config_text(c, "emissions.inventories[1].file"), "/b.nc");
    char *again = bs_config_dump(c);
    assert_string_equal(again, dump);
    free(again);
    free(dump);
    bs_config_destroy(c);
    const char *set[] = {"standards.observed=gone.csv"};
    assert_int_equal(bs_config_read_kept(file, 1, set, &c, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "gone.csv': there is no such file");
}

static void defaults_fill_the_rest(void **state)
{
    bs_config *c = read_case(*state, CASE, 0, NULL);
    assert_true(bs_config_real(c, "time.spinup") == 0);
    assert_true(bs_config_real(c, "meteorology.interval") == 3600);
    assert_int_equal(bs_config_count(c, "tracers.species"), 1);
    assert_string_equal(bs_config_text_at(c, "tracers.species", 0), "pm25");
    assert_true(bs_config_bool(c, "output.tags"));
    assert_int_equal(bs_config_int(c, "output.precision_bits"), 12);
    assert_true(bs_config_has(c, "terrain.variable"));
    assert_false(bs_config_has(c, "terrain.file"));
    assert_null(bs_config_text(c, "terrain.file"));
    assert_false(bs_config_has(c, "case.title"));
    assert_false(bs_config_has(c, "meteorology.assume.humidity"));
    assert_true(isnan(bs_config_real(c, "meteorology.assume.humidity")));
    assert_int_equal(bs_config_choice(c, "meteorology.assume.heat_flux"), -1);
    assert_int_equal(bs_config_int(c, "emissions.year"), 0);
    assert_int_equal(bs_config_count(c, "grid.levels.a"), 0);
    bs_config_destroy(c);
}

/* A default that breaks its own rule would fail every case: each is of its type and within its range. */
static void every_default_is_valid(void **state)
{
    scratch *s = *state;
    bs_config *c = read_case(s, CASE, 0, NULL);
    int n = 0;
    const bs_option *o = bs_options(&n);
    assert_true(n > 100);
    for (int i = 0; i < n; i++) {
        bool in_entry = strchr(o[i].path, '[') || strchr(o[i].path, '{');
        if (o[i].fallback && *o[i].fallback && !in_entry) assert_true(bs_config_has(c, o[i].path));
        for (int j = 0; j < i; j++) assert_string_not_equal(o[i].path, o[j].path);
        assert_true(o[i].min <= o[i].max);
        assert_true(*o[i].help);
    }
    bs_config_destroy(c);
}

/* Canonical units are units. */
static void every_unit_is_known(void **state)
{
    (void)state;
    bs_units *units = NULL;
    assert_int_equal(bs_units_create(&units, NULL), BS_OK);
    int n = 0;
    const bs_option *o = bs_options(&n);
    for (int i = 0; i < n; i++) {
        if (!bs_units_valid(units, o[i].unit)) fail_msg("%s has the unit '%s'", o[i].path, o[i].unit);
    }
    bs_units_destroy(units);
}

static void lists_and_maps_have_entries(void **state)
{
    scratch *s = *state;
    bs_config *c = read_case(s, CASE, 0, NULL);
    char expected[128];
    assert_int_equal(bs_config_count(c, "emissions.inventories"), 2);
    assert_string_equal(bs_config_text(c, "emissions.inventories[1].name"), "second");
    assert_true(bs_config_real(c, "emissions.inventories[1].scale") == 0.5);
    assert_true(bs_config_real(c, "emissions.inventories[0].scale") == 1);
    assert_false(bs_config_has(c, "emissions.inventories[7].scale"));
    snprintf(expected, sizeof expected, "%s/a1.nc", s->folder);
    assert_string_equal(bs_config_text(c, "emissions.inventories[0].file"), expected);
    assert_int_equal(bs_config_count(c, "emissions.inventories[0].proxy.by_sector"), 1);
    assert_string_equal(bs_config_key_at(c, "emissions.inventories[0].proxy.by_sector", 0), "power");
    assert_string_equal(bs_config_text(c, "emissions.inventories[0].proxy.by_sector[0].variable"), "pop");
    assert_int_equal(bs_config_count(c, "meteorology.variables"), 2);
    assert_string_equal(bs_config_key_at(c, "meteorology.variables", 1), "v_wind");
    assert_string_equal(bs_config_text(c, "meteorology.variables[0].units"), "m s-1");
    assert_null(bs_config_text(c, "meteorology.variables[1].units"));
    bs_config_destroy(c);
}

/* Entries keep their order, what a pattern matches is sorted; all are absolute. */
static void files_are_resolved(void **state)
{
    scratch *s = *state;
    bs_config *c = read_case(s, CASE, 0, NULL);
    static const char *const NAME[] = {"b.nc", "a1.nc", "a2.nc"};
    assert_int_equal(bs_config_count(c, "meteorology.files"), 3);
    for (int i = 0; i < 3; i++) {
        char expected[128];
        snprintf(expected, sizeof expected, "%s/%s", s->folder, NAME[i]);
        assert_string_equal(bs_config_text_at(c, "meteorology.files", i), expected);
    }
    bs_config_destroy(c);
}

/* A case named by a relative path, and a file whose name looks like a pattern. */
static void relative_case_and_literal_names(void **state)
{
    scratch *s = *state;
    char here[512], relative[128];
    bs_config *c = NULL;
    write_text(s, "a[1].nc", "x");
    const char *const set[] = {"meteorology.files=a[1].nc"};
    bs_config_destroy(read_case(s, CASE, 0, NULL));
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir("/tmp"), 0);
    snprintf(relative, sizeof relative, "%s/case.yaml", s->folder + strlen("/tmp/"));
    bs_status status = bs_config_read(relative, 1, set, &c, &s->err);
    assert_int_equal(chdir(here), 0);
    if (status) fail_msg("%s", s->err.text);
    snprintf(relative, sizeof relative, "%s/a[1].nc", s->folder);
    assert_int_equal(bs_config_count(c, "meteorology.files"), 1);
    assert_string_equal(bs_config_text_at(c, "meteorology.files", 0), relative);
    assert_string_equal(bs_config_where(c, "grid.nx") + strlen(s->folder) - strlen("/tmp/"), "/case.yaml:7:7");
    bs_config_destroy(c);
}

static void assert_where(const bs_config *c, const char *path, const char *position)
{
    char expected[600];
    snprintf(expected, sizeof expected, "%s%s", bs_config_file(c), position);
    assert_string_equal(bs_config_where(c, path), expected);
}

static void places_are_told(void **state)
{
    const char *const set[] = {"time.spinup=1 hour"};
    bs_config *c = read_case(*state, CASE, 1, set);
    assert_where(c, "grid.nx", ":7:7");
    assert_where(c, "grid.levels", ":11:3");
    assert_where(c, "grid.dy", ":5:1"); /* not given: its parent */
    assert_where(c, "emissions.inventories[1]", ":27:7");
    assert_where(c, "emissions.inventories[1].scale", ":30:14");
    assert_where(c, "emissions.inventories[1].species", ":27:7");
    assert_where(c, "meteorology.variables[1].name", ":19:20");
    assert_where(c, "output.tags", ""); /* nor its parent: the file */
    assert_string_equal(bs_config_where(c, "time.spinup"), "--set time.spinup=1 hour");
    bs_config_destroy(c);
}

static void set_overrides_the_file(void **state)
{
    const char *const set[] = {"grid.nx=12",
                               "grid.nx=14",
                               "time.spinup=2 hours",
                               "emissions.sectors=[x, 'y z']",
                               "emissions.inventories[1].scale=3",
                               "meteorology.variables.t.name=T",
                               "meteorology.files=a*.nc",
                               "output.fields3d.interval=6 hours",
                               "operators.advection=null",
                               "case.title=a: b # c"};
    bs_config *c = read_case(*state, CASE, sizeof set / sizeof set[0], set);
    assert_int_equal(bs_config_int(c, "grid.nx"), 14);
    assert_true(bs_config_real(c, "time.spinup") == 7200);
    assert_int_equal(bs_config_count(c, "emissions.sectors"), 2);
    assert_string_equal(bs_config_text_at(c, "emissions.sectors", 1), "y z");
    assert_true(bs_config_real(c, "emissions.inventories[1].scale") == 3);
    assert_int_equal(bs_config_count(c, "meteorology.variables"), 3);
    assert_string_equal(bs_config_key_at(c, "meteorology.variables", 2), "t");
    assert_int_equal(bs_config_count(c, "meteorology.files"), 2);
    assert_true(bs_config_real(c, "output.fields3d.interval") == 21600);
    assert_string_equal(bs_config_text(c, "operators.advection"), "ppm6_sel"); /* null: as if left out */
    assert_string_equal(bs_config_text(c, "case.title"), "a: b # c");
    bs_config_destroy(c);
}

/* One set of values for a family of entries. */
static void aliases_are_copied(void **state)
{
    static const char TEXT[] = "case: {name: &n both, title: *n}\n"
                               "time: {start: 2015-01-10, end: 2015-01-11}\n"
                               "grid: {projection: p, nx: &size 10, ny: *size, dx: 9 km}\n"
                               "meteorology: {provider: idealised}\n";
    bs_config *c = read_case(*state, TEXT, 0, NULL);
    assert_int_equal(bs_config_int(c, "grid.ny"), 10);
    assert_string_equal(bs_config_text(c, "case.title"), "both");
    bs_config_destroy(c);
}

static void windows_lines_and_byte_order_mark(void **state)
{
    static const char TEXT[] =
        "\xEF\xBB\xBF"
        "case: {name: w}\r\ntime: {start: 2015-01-10, end: 2015-01-11}\r\n"
        "grid: {projection: p, nx: 10, ny: 10, dx: 9 km}\r\nmeteorology: {provider: idealised}\r\n";
    bs_config *c = read_case(*state, TEXT, 0, NULL);
    assert_string_equal(bs_config_text(c, "meteorology.provider"), "idealised");
    assert_where(c, "case", ":1:1");
    bs_config_destroy(c);
}

/* The dump names everything, from anywhere: it reads back to an equal dump in another folder. */
static void dump_reads_back(void **state)
{
    scratch *s = *state;
    const char *const set[] = {"case.title=\"a \\\"quote\\\", \\\\ tab\\t, nel\\u0085 and $${x}\""};
    bs_config *c = read_case(s, CASE, 1, set), *again = NULL;
    char *dump = bs_config_dump(c);
    assert_non_null(dump);
    assert_contains(dump, "dx: \"9 km\"");
    assert_contains(dump, "nel\\x85 and $${x}\"");
    assert_contains(dump, "    top: 10000 Pa\n");
    assert_contains(dump, "  spinup: 0 s\n");
    assert_contains(dump, "  start: 2015-01-10T00:00:00Z\n");
    assert_not_contains(dump, "title: \"\"");
    char folder[] = "/tmp/bashu-test-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/d.yaml", folder);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(dump, f);
    fclose(f);
    bs_status status = bs_config_read(path, 0, NULL, &again, &s->err);
    remove(path);
    rmdir(folder);
    if (status) fail_msg("%s", s->err.text);
    char *second = bs_config_dump(again);
    assert_string_equal(second, dump);
    assert_string_equal(bs_config_text(again, "case.title"), bs_config_text(c, "case.title"));
    assert_string_equal(bs_config_text(c, "case.title"), "a \"quote\", \\ tab\t, nel\xC2\x85 and ${x}");
    free(dump);
    free(second);
    bs_config_destroy(c);
    bs_config_destroy(again);
}

/* Of every quantity a value within its range survives the dump. */
static void every_real_survives_the_dump(void **state)
{
    scratch *s = *state;
    int n = 0;
    const bs_option *o = bs_options(&n);
    for (int i = 0; i < n; i++) {
        if (o[i].type != BS_OPT_REAL || strchr(o[i].path, '[') || strchr(o[i].path, '{')) continue;
        char assignment[256];
        double value = o[i].min + (o[i].max - o[i].min) / 3;
        snprintf(assignment, sizeof assignment, "%s=%.17g %s", o[i].path, value,
                 strcmp(o[i].unit, "1") ? o[i].unit : "");
        const char *const set[] = {assignment};
        bs_config *c = read_case(s, CASE, 1, set), *again = NULL;
        char *dump = bs_config_dump(c);
        assert_true(bs_config_real(c, o[i].path) == value);
        if (bs_config_read(write_text(s, "d.yaml", dump), 0, NULL, &again, &s->err)) fail_msg("%s", s->err.text);
        assert_true(bs_config_real(again, o[i].path) == value);
        free(dump);
        bs_config_destroy(c);
        bs_config_destroy(again);
    }
}

static char *read_stream(FILE *f)
{
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    rewind(f);
    text[fread(text, 1, (1 << 20) - 1, f)] = '\0';
    fclose(f);
    return text;
}

static void committed_reference_is_current(void **state)
{
    (void)state;
    FILE *printed = tmpfile(), *committed = fopen(BS_SOURCE_DIR "/configs/reference.yaml", "r");
    assert_non_null(printed);
    assert_non_null(committed);
    bs_options_print_reference(printed);
    char *now = read_stream(printed), *then = read_stream(committed);
    if (strcmp(now, then) != 0) fail_msg("configs/reference.yaml is out of date: run this test with --reference > it");
    free(now);
    free(then);
}

/* As YAML the reference is a case in which nothing but the required keys is missing. */
static void reference_is_a_case_without_values(void **state)
{
    scratch *s = *state;
    bs_config *c = NULL;
    assert_int_equal(bs_config_read(BS_SOURCE_DIR "/configs/reference.yaml", 0, NULL, &c, &s->err), BS_ERR_INPUT);
    int n = 0, errors = 0, required = 0;
    const bs_option *o = bs_options(&n);
    for (int i = 0; i < n; i++) {
        char message[160];
        const bool unless = o[i].fallback && o[i].fallback[0] == BS_UNLESS("")[0]; /* grid.from is not given here */
        if ((o[i].fallback && !unless) || strchr(o[i].path, '[') || strchr(o[i].path, '{')) continue;
        required++;
        snprintf(message, sizeof message, "error: %s has no value\n", o[i].path);
        assert_contains(s->err.text, message);
    }
    for (const char *p = strstr(s->err.text, "error: "); p; p = strstr(p + 1, "error: ")) errors++;
    assert_int_equal(errors, required);
}

static void table_names_every_option(void **state)
{
    (void)state;
    FILE *f = tmpfile();
    assert_non_null(f);
    bs_options_print_table(f);
    char *text = read_stream(f);
    int n = 0;
    const bs_option *o = bs_options(&n);
    for (int i = 0; i < n; i++) assert_contains(text, o[i].path);
    assert_contains(text, "integer, 4 to 100000");
    assert_contains(text, "smagorinsky | none");
    free(text);
}

static void nearest_words(void **state)
{
    (void)state;
    static const char *const WORDS[] = {"nx", "ny", "projection", "levels", "centre"};
    assert_string_equal(bs_nearest_word("projetcion", 5, WORDS), "projection");
    assert_string_equal(bs_nearest_word("level", 5, WORDS), "levels");
    assert_string_equal(bs_nearest_word("center", 5, WORDS), "centre");
    assert_string_equal(bs_nearest_word("NX", 5, WORDS), "nx");
    assert_string_equal(bs_nearest_word("nxx", 5, WORDS), "nx");
    assert_string_equal(bs_nearest_word("xn", 5, WORDS), "nx"); /* a swap is one edit, not two */
    assert_null(bs_nearest_word("temperature", 5, WORDS));
    assert_null(bs_nearest_word("", 5, WORDS));
    char longest[200];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    assert_null(bs_nearest_word(longest, 5, WORDS));
}

#define ON_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "--reference") == 0) {
        bs_options_print_reference(stdout);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        ON_SCRATCH(values_arrive),
        ON_SCRATCH(a_kept_case_needs_no_files),
        ON_SCRATCH(defaults_fill_the_rest),
        ON_SCRATCH(every_default_is_valid),
        cmocka_unit_test(every_unit_is_known),
        ON_SCRATCH(lists_and_maps_have_entries),
        ON_SCRATCH(files_are_resolved),
        ON_SCRATCH(relative_case_and_literal_names),
        ON_SCRATCH(places_are_told),
        ON_SCRATCH(set_overrides_the_file),
        ON_SCRATCH(aliases_are_copied),
        ON_SCRATCH(windows_lines_and_byte_order_mark),
        ON_SCRATCH(dump_reads_back),
        ON_SCRATCH(every_real_survives_the_dump),
        cmocka_unit_test(committed_reference_is_current),
        ON_SCRATCH(reference_is_a_case_without_values),
        cmocka_unit_test(table_names_every_option),
        cmocka_unit_test(nearest_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
