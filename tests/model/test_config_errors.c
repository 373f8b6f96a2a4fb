/* Every kind of bad case file and the message that it gets. "@" in an expected text stands for the case file's path,
 * "~" for the folder. */
#include "tests/model/config_support.h"

#include "model/config/config.h"

/* A good case, to which each test adds its mistake. */
static const char HEAD[] = "case: {name: a}\n"
                           "time: {start: 2015-01-10, end: 2015-01-11}\n"
                           "grid: {projection: p, nx: 10, ny: 10, dx: 9 km}\n"
                           "meteorology:\n"
                           "  provider: idealised\n"; /* lines 1 to 5 */

static void substitute(const scratch *s, const char *pattern, char *out, size_t size)
{
    size_t used = 0;
    for (const char *p = pattern; *p && used + 2 < size; p++) {
        if (*p == '@') {
            used += (size_t)snprintf(out + used, size - used, "%s/case.yaml", s->folder);
        } else if (*p == '~') {
            used += (size_t)snprintf(out + used, size - used, "%s", s->folder);
        } else {
            out[used++] = *p;
        }
    }
    out[used] = '\0';
}

static void assert_refused(scratch *s, const char *text, int n_set, const char *const *set, const char *pattern)
{
    char expected[BS_ERR_TEXT_MAX];
    bs_config *c = NULL;
    memset(&s->err, 0, sizeof s->err);
    bs_status status = bs_config_read(write_text(s, "case.yaml", text), n_set, set, &c, &s->err);
    bs_config_destroy(c);
    substitute(s, pattern, expected, sizeof expected);
    if (status != BS_ERR_INPUT) fail_msg("not refused; expected\n%s", expected);
    assert_null(c);
    if (strcmp(s->err.text, expected) != 0) fail_msg("expected\n%s\nfound\n%s", expected, s->err.text);
}

/* HEAD with `tail` below it. */
static void assert_tail_refused(scratch *s, const char *tail, const char *pattern)
{
    char text[4096];
    snprintf(text, sizeof text, "%s%s", HEAD, tail);
    assert_refused(s, text, 0, NULL, pattern);
}

static void assert_set_refused(scratch *s, const char *set, const char *pattern)
{
    assert_refused(s, HEAD, 1, &set, pattern);
}

static void unknown_keys(void **state)
{
    assert_tail_refused(*state, "output:\n  precison_bits: 12\n",
                        "@:7:3: error: unknown key 'precison_bits' in output; did you mean 'precision_bits'?\n"
                        "  precison_bits: 12\n"
                        "  ^");
    assert_tail_refused(*state, "meteorolgy: {}\n",
                        "@:6:1: error: unknown key 'meteorolgy'; did you mean 'meteorology'?\nmeteorolgy: {}\n^");
    assert_tail_refused(*state, "tracers:\n  settling: true\n",
                        "@:7:3: error: unknown key 'settling' in tracers; did you mean 'operators.settling'?\n"
                        "  settling: true\n  ^");
    assert_tail_refused(*state, "zzzzzzzzzzzz: 1\n",
                        "@:6:1: error: unknown key 'zzzzzzzzzzzz'; 'bashu options' lists them all\nzzzzzzzzzzzz: 1\n^");
    assert_tail_refused(*state, "  variables:\n    u: {name: U, unit: m}\n",
                        "@:7:18: error: unknown key 'unit' in meteorology.variables[0]; did you mean 'units'?\n"
                        "    u: {name: U, unit: m}\n"
                        "                 ^");
}

/* The caret stands below the word also where characters fill two columns. */
static void caret_below_wide_characters(void **state)
{
    assert_tail_refused(*state, "terrain: {variable: \xE9\xAB\x98\xE5\xBA\xA6, fil: x}\n",
                        "@:6:25: error: unknown key 'fil' in terrain; did you mean 'file'?\n"
                        "terrain: {variable: \xE9\xAB\x98\xE5\xBA\xA6, fil: x}\n"
                        "                          ^");
}

static void wrong_types(void **state)
{
    assert_tail_refused(*state, "emissions:\n  year: ten\n",
                        "@:7:9: error: emissions.year must be an integer from 1900 to 2200, found 'ten'\n"
                        "  year: ten\n"
                        "        ^");
    assert_tail_refused(*state, "output: {precision_bits: 012}\n",
                        "@:6:26: error: output.precision_bits must be an integer from 6 to 23, found '012'\n"
                        "output: {precision_bits: 012}\n"
                        "                         ^");
    assert_tail_refused(*state, "output: {precision_bits: 12.0}\n",
                        "@:6:26: error: output.precision_bits must be an integer from 6 to 23, found '12.0'\n"
                        "output: {precision_bits: 12.0}\n"
                        "                         ^");
    assert_tail_refused(*state, "output: {tags: yes}\n",
                        "@:6:16: error: output.tags must be true or false, found 'yes'\n"
                        "output: {tags: yes}\n"
                        "               ^");
    assert_tail_refused(
        *state, "operators: {advection: ppm6_sell}\n",
        "@:6:24: error: operators.advection must be one of ppm6_sel, ppm6_pd, ppm6_lin, ppm_cw84, upwind1, "
        "none, found 'ppm6_sell'; did you mean 'ppm6_sel'?\n"
        "operators: {advection: ppm6_sell}\n"
        "                       ^");
    assert_tail_refused(*state, "  valid_time: noon\n",
                        "@:6:15: error: meteorology.valid_time: 'noon' is no time; write it as 2015-01-10T08:00:00Z, "
                        "2015-01-10T08:00:00+08:00, 2015-01-10 08:00 or 2015-01-10\n"
                        "  valid_time: noon\n"
                        "              ^");
    assert_tail_refused(*state, "operators: {smagorinsky: nan}\n",
                        "@:6:26: error: operators.smagorinsky: 'nan' does not begin with a number\n"
                        "operators: {smagorinsky: nan}\n"
                        "                         ^");
}

static void wrong_kinds(void **state)
{
    assert_tail_refused(*state, "output: 5\n",
                        "@:6:9: error: output must be a mapping of keys, found '5'\noutput: 5\n        ^");
    assert_tail_refused(
        *state, "output: {tags: [true]}\n",
        "@:6:10: error: output.tags must be true or false, found a list\noutput: {tags: [true]}\n         ^");
    assert_tail_refused(*state, "case2:\n", "@:6:1: error: unknown key 'case2'; did you mean 'case'?\ncase2:\n^");
    assert_tail_refused(*state, "emissions: {sectors: power}\n",
                        "@:6:22: error: emissions.sectors must be a list of words, as [a, b], found 'power'\n"
                        "emissions: {sectors: power}\n                     ^");
    assert_tail_refused(*state, "emissions: {sectors: [a, [b]]}\n",
                        "@:6:27: error: emissions.sectors[1] must be a word, found a list\n"
                        "emissions: {sectors: [a, [b]]}\n                          ^");
    assert_tail_refused(
        *state, "emissions:\n  inventories: {a: 1}\n",
        "@:7:3: error: emissions.inventories must be a list of mappings ('- key: value'), found a mapping\n"
        "  inventories: {a: 1}\n  ^");
    assert_tail_refused(*state, "emissions:\n  inventories: [a]\n",
                        "@:7:17: error: emissions.inventories[] must be a mapping with name, type, found 'a'\n"
                        "  inventories: [a]\n                ^");
    assert_tail_refused(*state, "  variables: {u: U}\n",
                        "@:6:18: error: meteorology.variables.u must be a mapping with name, found 'U'\n"
                        "  variables: {u: U}\n                 ^");
    assert_tail_refused(*state, "  variables: [u]\n",
                        "@:6:3: error: meteorology.variables must be a mapping, found a list\n  variables: [u]\n  ^");
    assert_tail_refused(*state, "terrain:\n  variable: {a: b}\n",
                        "@:7:3: error: terrain.variable must be a text, found a mapping\n  variable: {a: b}\n  ^");
    assert_tail_refused(*state, "terrain:\n  variable:\n",
                        "@:7:3: error: terrain.variable has no value; give one or remove the line\n  variable:\n  ^");
    assert_tail_refused(*state, "terrain:\n  variable: ''\n",
                        "@:7:13: error: terrain.variable must not be empty\n  variable: ''\n            ^");
}

static void out_of_range(void **state)
{
    assert_tail_refused(*state, "output: {precision_bits: 99}\n",
                        "@:6:26: error: output.precision_bits must be an integer from 6 to 23, found '99'\n"
                        "output: {precision_bits: 99}\n                         ^");
    assert_tail_refused(
        *state, "output: {surface_interval: 2 days}\n",
        "@:6:28: error: output.surface_interval must be from 600 to 86400 s, found '2 days' (172800 s)\n"
        "output: {surface_interval: 2 days}\n                           ^");
    assert_tail_refused(*state, "operators: {smagorinsky: 1.5}\n",
                        "@:6:26: error: operators.smagorinsky must be from 0 to 1, found '1.5'\n"
                        "operators: {smagorinsky: 1.5}\n                         ^");
    assert_refused(*state,
                   "case: {name: a}\ntime: {start: 2015-01-10, end: 2015-01-11}\n"
                   "grid: {projection: p, nx: 10, ny: 10, dx: 9 km, levels: {eta: [1, 1.5]}}\n"
                   "meteorology: {provider: idealised}\n",
                   0, NULL,
                   "@:3:67: error: grid.levels.eta[1] must be from 0 to 1, found '1.5'\n"
                   "grid: {projection: p, nx: 10, ny: 10, dx: 9 km, levels: {eta: [1, 1.5]}}\n"
                   "                                                                  ^");
}

static void below_range(void **state)
{
    assert_tail_refused(*state, "output: {precision_bits: -5}\n",
                        "@:6:26: error: output.precision_bits must be an integer from 6 to 23, found '-5'\n"
                        "output: {precision_bits: -5}\n                         ^");
    assert_tail_refused(*state, "output: {surface_interval: 1 min}\n",
                        "@:6:28: error: output.surface_interval must be from 600 to 86400 s, found '1 min' (60 s)\n"
                        "output: {surface_interval: 1 min}\n                           ^");
}

static void units(void **state)
{
    assert_tail_refused(
        *state, "boundary:\n  scale_height: 1500\n",
        "@:7:17: error: boundary.scale_height: '1500' has no unit; write the unit with it, as '1500 m'\n"
        "  scale_height: 1500\n                ^");
    assert_tail_refused(*state, "boundary:\n  scale_height: 3 hours\n",
                        "@:7:17: error: boundary.scale_height: unit 'hours' cannot be converted to 'm'\n"
                        "  scale_height: 3 hours\n                ^");
    assert_tail_refused(*state, "boundary:\n  scale_height: 3 bananas\n",
                        "@:7:17: error: boundary.scale_height: unit 'bananas' is no unit that udunits2 knows\n"
                        "  scale_height: 3 bananas\n                ^");
}

static void files(void **state)
{
    scratch *s = *state;
    assert_tail_refused(s, "terrain: {file: none.nc}\n",
                        "@:6:17: error: terrain.file: '~/none.nc': there is no such file\n"
                        "terrain: {file: none.nc}\n                ^");
    assert_tail_refused(s, "terrain: {file: ../..}\n",
                        "@:6:17: error: terrain.file: '~/../..': is a folder, expected a file\n"
                        "terrain: {file: ../..}\n                ^");
    assert_tail_refused(
        s, "  files: 'wind_*.nc'\n",
        "@:6:10: error: meteorology.files: no file matches '~/wind_*.nc'\n  files: 'wind_*.nc'\n         ^");
    assert_tail_refused(
        s, "  files: [none.nc]\n",
        "@:6:11: error: meteorology.files: '~/none.nc': there is no such file\n  files: [none.nc]\n          ^");
    assert_tail_refused(s, "  files: [case.yaml, '*.yaml']\n",
                        "@:6:22: error: meteorology.files names '~/case.yaml' twice\n"
                        "  files: [case.yaml, '*.yaml']\n                     ^");
    assert_tail_refused(s, "terrain:\n  file: [a]\n",
                        "@:7:3: error: terrain.file must be the name of a file, found a list\n  file: [a]\n  ^");
}

static void environment(void **state)
{
    unsetenv("BASHU_NO_SUCH");
    assert_tail_refused(
        *state, "terrain: {file: '${BASHU_NO_SUCH}/a.nc'}\n",
        "@:6:17: error: terrain.file: the environment variable BASHU_NO_SUCH is not set; set it, or write "
        "the value out\n"
        "terrain: {file: '${BASHU_NO_SUCH}/a.nc'}\n                ^");
    assert_tail_refused(
        *state, "terrain: {file: '${BASHU'}\n",
        "@:6:17: error: terrain.file: '${' must be followed by the name of an environment variable and '}'; "
        "write '$${' for the characters themselves\n"
        "terrain: {file: '${BASHU'}\n                ^");
}

static void missing_keys(void **state)
{
    assert_refused(*state,
                   "case: {name: a}\ntime: {start: 2015-01-10, end: 2015-01-11}\n"
                   "grid: {projection: p, nx: 10, dx: 9 km}\n",
                   0, NULL,
                   "@:3:1: error: grid.ny is missing; it must be an integer from 4 to 100000\n"
                   "grid: {projection: p, nx: 10, dx: 9 km}\n^\n"
                   "@: error: section 'meteorology' is missing; it needs provider");
    assert_tail_refused(*state, "emissions:\n  inventories:\n    - type: points\n      scale: 2\n",
                        "@:8:7: error: emissions.inventories[0].name is missing; it must be a text\n"
                        "    - type: points\n      ^");
    assert_tail_refused(*state, "  variables: {u: {units: m}}\n",
                        "@:6:15: error: meteorology.variables[0].name is missing; it must be a text\n"
                        "  variables: {u: {units: m}}\n              ^");
}

static void duplicate_keys(void **state)
{
    assert_tail_refused(*state, "output: {tags: true}\noutput: {tags: false}\n",
                        "@:7:1: error: key 'output' is given twice\noutput: {tags: false}\n^");
}

static void syntax(void **state)
{
    assert_tail_refused(*state, "output: {tags: true\n", "@:7:1: error: not valid YAML: missing comma in flow mapping");
    assert_tail_refused(*state, "output:\n\ttags: true\n",
                        "@:7:1: error: not valid YAML: tab character may not be used as indentation\n\ttags: true\n^");
    assert_tail_refused(
        *state, "terrain: {variable: *height}\n",
        "@:6:22: error: there is no anchor '&height' for '*height'; a text that begins with '*' must be "
        "quoted\nterrain: {variable: *height}\n                     ^");
    assert_tail_refused(*state, "---\ncase: {name: b}\n", "@: error: more than one document ('---') in it");
    assert_tail_refused(*state, "? [a, b]\n: 1\n", "@: error: a key must be a word");
    assert_tail_refused(
        *state, "terrain: {variable: \"a\\0b\"}\n",
        "@:6:21: error: the text contains a NUL character\nterrain: {variable: \"a\\0b\"}\n                    ^");
}

/* Aliases that contain themselves, or double at each of thirty levels. */
static void aliases_without_end(void **state)
{
    scratch *s = *state;
    assert_tail_refused(
        s, "output: &x {a: *x}\n",
        "@:6:13: error: nested too deeply (an alias may contain itself)\noutput: &x {a: *x}\n            ^");
    char text[4096];
    size_t used = (size_t)snprintf(text, sizeof text, "a0: &a0 [x, x]\n");
    for (int i = 1; i < 30; i++) {
        used += (size_t)snprintf(text + used, sizeof text - used, "a%d: &a%d [*a%d, *a%d]\n", i, i, i - 1, i - 1);
    }
    bs_config *c = NULL;
    assert_int_equal(bs_config_read(write_text(s, "case.yaml", text), 0, NULL, &c, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "aliases expand to more than 100000 values");
}

static void not_a_case(void **state)
{
    scratch *s = *state;
    bs_config *c = NULL;
    assert_refused(s, "", 0, NULL, "@: error: the file is empty; configs/reference.yaml shows every option");
    assert_refused(s, "# nothing\n\n", 0, NULL,
                   "@: error: the file is empty; configs/reference.yaml shows every option");
    assert_refused(s, "[a, b]\n", 0, NULL,
                   "@: error: a case is a mapping of sections ('case:', 'time:', 'grid:' ...), found a list");
    assert_refused(s, "grid: {nx: 5, \xB3\xC9}\n", 0, NULL,
                   "@:1:15: error: byte 0xB3 is no UTF-8 text; save the file as UTF-8");
    /* a surrogate, an overlong form, a character cut short */
    assert_refused(s, "a: \xED\xA0\x80\n", 0, NULL, "@:1:4: error: byte 0xED is no UTF-8 text; save the file as UTF-8");
    assert_refused(s, "a: \xC0\xAF\n", 0, NULL, "@:1:4: error: byte 0xC0 is no UTF-8 text; save the file as UTF-8");
    assert_refused(s, "a: \xE6\x88", 0, NULL, "@:1:4: error: byte 0xE6 is no UTF-8 text; save the file as UTF-8");
    write_bytes(s, "case.yaml", "a: \0b\n", 6);
    assert_int_equal(bs_config_read(s->path, 0, NULL, &c, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "case.yaml:1:4: error: byte 0x00 is no UTF-8 text");
    assert_int_equal(bs_config_read(s->folder, 0, NULL, &c, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, ": error: is a folder, expected a file");
    assert_int_equal(bs_config_read("/tmp/no-such-case.yaml", 0, NULL, &c, &s->err), BS_ERR_INPUT);
    assert_string_equal(s->err.text, "/tmp/no-such-case.yaml: error: No such file or directory; name an existing case "
                                     "file (configs/cases has examples)");
    assert_int_equal(bs_config_read("/tmp/no-such-case.yaml", 0, NULL, &c, NULL), BS_ERR_INPUT);
}

static void bad_set(void **state)
{
    assert_set_refused(*state, "grid.nx=ten",
                       "--set grid.nx=ten: error: grid.nx must be an integer from 4 to 100000, found 'ten'");
    assert_set_refused(*state, "grid.nxx=5", "--set grid.nxx=5: error: unknown key 'nxx' in grid; did you mean 'nx'?");
    assert_set_refused(*state, "grid.nx", "--set grid.nx: error: expected as a.b=value");
    assert_set_refused(*state, "=5", "--set =5: error: expected as a.b=value");
    assert_set_refused(*state, "grid..nx=5",
                       "--set grid..nx=5: error: 'grid..nx' is no path; expected as a.b=value or a.b[0].c=value");
    assert_set_refused(*state, "grid.nx.a=5", "--set grid.nx.a=5: error: there is no key 'a' below nx");
    assert_set_refused(*state, "emissions.sectors=[a",
                       "--set emissions.sectors=[a: error: not valid YAML: flow sequence without a closing bracket");
    assert_set_refused(
        *state, "emissions.inventories[0].scale=2",
        "--set emissions.inventories[0].scale=2: error: there is no entry [0] in 'inventories', which has 0");
    assert_set_refused(
        *state, "time.max_step=5",
        "--set time.max_step=5: error: time.max_step: '5' has no unit; write the unit with it, as '5 s'");
    assert_set_refused(*state, "time=5", "--set time=5: error: time must be a mapping of keys, found '5'");
    assert_set_refused(*state, "case.name=", "--set case.name=: error: case.name must not be empty");
    assert_set_refused(*state, "grid.nx=null",
                       "@:3:1: error: grid.nx is missing; it must be an integer from 4 to 100000\n"
                       "grid: {projection: p, nx: 10, ny: 10, dx: 9 km}\n^");
}

/* All errors of one file, in one go; beyond twenty they are counted. */
static void collected(void **state)
{
    scratch *s = *state;
    char text[8192];
    size_t used = (size_t)snprintf(text, sizeof text, "%s", HEAD);
    for (int i = 0; i < 25; i++) used += (size_t)snprintf(text + used, sizeof text - used, "zzzzzzzzzz%02d: 1\n", i);
    bs_config *c = NULL;
    assert_int_equal(bs_config_read(write_text(s, "case.yaml", text), 0, NULL, &c, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "'zzzzzzzzzz19'");
    assert_not_contains(s->err.text, "'zzzzzzzzzz20'");
    assert_string_equal(s->err.text + strlen(s->err.text) - strlen("\nand 5 more errors"), "\nand 5 more errors");
}

/* Values longer than any message. */
static void long_values(void **state)
{
    scratch *s = *state;
    char *text = malloc(70000);
    assert_non_null(text);
    size_t used = (size_t)snprintf(text, 70000, "%soutput: {tags: ", HEAD);
    memset(text + used, 'x', 60000);
    memcpy(text + used + 60000, "}\n", 3);
    bs_config *c = NULL;
    assert_int_equal(bs_config_read(write_text(s, "case.yaml", text), 0, NULL, &c, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "output.tags must be true or false, found 'xxx");
    assert_true(strlen(s->err.text) < 400);
    free(text);
}

#define ON_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SCRATCH(unknown_keys),
        ON_SCRATCH(caret_below_wide_characters),
        ON_SCRATCH(wrong_types),
        ON_SCRATCH(wrong_kinds),
        ON_SCRATCH(out_of_range),
        ON_SCRATCH(below_range),
        ON_SCRATCH(units),
        ON_SCRATCH(files),
        ON_SCRATCH(environment),
        ON_SCRATCH(missing_keys),
        ON_SCRATCH(duplicate_keys),
        ON_SCRATCH(syntax),
        ON_SCRATCH(aliases_without_end),
        ON_SCRATCH(not_a_case),
        ON_SCRATCH(bad_set),
        ON_SCRATCH(collected),
        ON_SCRATCH(long_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
