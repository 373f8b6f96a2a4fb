/* Tables: quoting, comments, line ends, and each kind of bad table. "@" in an expected text stands for the file's
 * path. */
#include "tests/model/config_support.h"

#include "model/config/csv.h"

static bs_csv *read_table(scratch *s, const char *text)
{
    bs_csv *csv = NULL;
    if (bs_csv_read(write_text(s, "t.csv", text), &csv, &s->err)) fail_msg("%s", s->err.text);
    return csv;
}

static void assert_error(const scratch *s, const char *pattern)
{
    char expected[1024];
    size_t used = 0;
    for (const char *p = pattern; *p && used + 1 < sizeof expected; p++) {
        if (*p == '@') {
            used += (size_t)snprintf(expected + used, sizeof expected - used, "%s", s->path);
        } else {
            expected[used++] = *p;
        }
    }
    expected[used] = '\0';
    assert_string_equal(s->err.text, expected);
}

static void assert_refused(scratch *s, const char *text, const char *pattern)
{
    bs_csv *csv = NULL;
    assert_int_equal(bs_csv_read(write_text(s, "t.csv", text), &csv, &s->err), BS_ERR_INPUT);
    assert_null(csv);
    assert_error(s, pattern);
}

static void reads_fields(void **state)
{
    scratch *s = *state;
    bs_csv *csv = read_table(s, "# source: a, \"b\nname, lon ,lat\n\n  # not a comment,1,2\n"
                                "\"a, \"\"b\"\"\" ,\t-1.5e2,\n \" padded \",, 3\r\n\xE6\x88\x90\xE9\x83\xBD,4,5");
    assert_int_equal(bs_csv_rows(csv), 4);
    assert_int_equal(bs_csv_columns(csv), 3);
    assert_string_equal(bs_csv_column_name(csv, 1), "lon");
    assert_string_equal(bs_csv_text(csv, 0, 0), "# not a comment");
    assert_string_equal(bs_csv_text(csv, 1, 0), "a, \"b\"");
    assert_string_equal(bs_csv_text(csv, 1, 1), "-1.5e2");
    assert_string_equal(bs_csv_text(csv, 1, 2), "");
    assert_string_equal(bs_csv_text(csv, 2, 0), "padded");
    assert_string_equal(bs_csv_text(csv, 2, 1), "");
    assert_string_equal(bs_csv_text(csv, 2, 2), "3");
    assert_string_equal(bs_csv_text(csv, 3, 0), "\xE6\x88\x90\xE9\x83\xBD");
    const char *where = bs_csv_where(csv, 3);
    assert_string_equal(where + strlen(s->path), ":7");
    bs_csv_destroy(csv);
}

/* A break within quotes is a blank of its field, and lines go on being counted; a quote amid a plain field is a letter. */
static void quoted_fields_span_lines(void **state)
{
    scratch *s = *state;
    bs_csv *csv = read_table(s, "a,b\n1,\"x\r\n y, \"\"z\"\"\n\"\n# \"no quote\n5\" pipe,2\n \"\",\"\n\"\n3,4\n");
    assert_int_equal(bs_csv_rows(csv), 4);
    assert_string_equal(bs_csv_text(csv, 0, 1), "x   y, \"z\"");
    assert_string_equal(bs_csv_text(csv, 1, 0), "5\" pipe");
    assert_string_equal(bs_csv_text(csv, 2, 0), "");
    assert_string_equal(bs_csv_text(csv, 2, 1), "");
    assert_string_equal(strrchr(bs_csv_where(csv, 1), ':'), ":6");
    assert_string_equal(strrchr(bs_csv_where(csv, 3), ':'), ":9");
    bs_csv_destroy(csv);
    assert_refused(s, "a,b\n1,2\n3,\"4\n5,6\n7,8\n", "@:3: a quote is opened and never closed");
    assert_refused(s, "a,b\n1,\"2\n\"\n3\n", "@:4: 1 field, but the header names 2 columns");
}

static void finds_columns(void **state)
{
    scratch *s = *state;
    bs_csv *csv = read_table(s, "\xEF\xBB\xBFname,lon,lat\na,1,2\n");
    int column = -1;
    assert_int_equal(bs_csv_find(csv, "lat", &column, &s->err), BS_OK);
    assert_int_equal(column, 2);
    assert_true(bs_csv_has(csv, "name"));
    assert_false(bs_csv_has(csv, "Name"));
    assert_int_equal(bs_csv_find(csv, "height", &column, &s->err), BS_ERR_INPUT);
    assert_error(s, "@: no column 'height'; there are: name, lon, lat");
    assert_int_equal(bs_csv_find(csv, "height", &column, NULL), BS_ERR_INPUT);
    assert_int_equal(column, 2);
    bs_csv_destroy(csv);
}

static void numbers_are_whole_fields(void **state)
{
    scratch *s = *state;
    bs_csv *csv = read_table(s, "v,w\n 1.5 ,1\nx,1\n1 2,1\nnan,1\n,1\n0x10,1\n");
    double v = 0;
    assert_int_equal(bs_csv_real(csv, 0, 0, &v, &s->err), BS_OK);
    assert_true(v == 1.5);
    assert_int_equal(bs_csv_real(csv, 1, 0, &v, &s->err), BS_ERR_INPUT);
    assert_error(s, "@:3: column 'v': found 'x', expected a number");
    for (int row = 2; row < 6; row++) assert_int_equal(bs_csv_real(csv, row, 0, &v, &s->err), BS_ERR_INPUT);
    assert_error(s, "@:7: column 'v': found '0x10', expected a number");
    assert_true(v == 1.5);
    bs_csv_destroy(csv);
}

static void refuses_bad_tables(void **state)
{
    scratch *s = *state;
    assert_refused(s, "a,b\n1,2\n3\n", "@:3: 1 field, but the header names 2 columns");
    assert_refused(s, "a,b\n1,2,\n", "@:2: 3 fields, but the header names 2 columns");
    assert_refused(s, "a,b\n\"1,2\n", "@:2: a quote is opened and never closed");
    assert_refused(s, "a,b\n\"1\"x,2\n", "@:2: text after a closing quote; a quote within quotes is written \"\"");
    assert_refused(s, "a,b,a\n1,2,3\n", "@:1: two columns are named 'a'");
    assert_refused(s, "a,,c\n1,2,3\n", "@:1: column 2 has no name");
    assert_refused(s, "a;b\n1;2\n", "@:1: columns must be separated by commas, found ';'");
    assert_refused(s, "", "@: the table is empty; expected a header row");
    assert_refused(s, "# only\n\n", "@: the table is empty; expected a header row");
    assert_refused(s, "a,b\n# only\n", "@: the table is empty: no row below the header");
    assert_refused(s, "a,b\n1,\xB3\xC9\n", "@:2:3: error: byte 0xB3 is no UTF-8 text; save the file as UTF-8");
    char *wide = malloc(10001);
    assert_non_null(wide);
    memset(wide, ',', 10000);
    wide[10000] = '\0';
    assert_refused(s, wide, "@:1: more than 4096 columns");
    free(wide);
    bs_csv *csv = NULL;
    assert_int_equal(bs_csv_read("/tmp/no-such-table.csv", &csv, &s->err), BS_ERR_INPUT);
    assert_string_equal(s->err.text, "/tmp/no-such-table.csv: error: No such file or directory");
    assert_int_equal(bs_csv_read(s->folder, &csv, &s->err), BS_ERR_INPUT);
    assert_contains(s->err.text, "is a folder, expected a file");
}

static void many_rows(void **state)
{
    scratch *s = *state;
    enum { ROWS = 20000 };
    char *text = malloc(ROWS * 16 + 16);
    assert_non_null(text);
    size_t used = (size_t)sprintf(text, "n,m\n");
    for (int i = 0; i < ROWS; i++) used += (size_t)sprintf(text + used, "%d,%d\n", i, 2 * i);
    bs_csv *csv = read_table(s, text);
    double v = 0;
    assert_int_equal(bs_csv_rows(csv), ROWS);
    assert_int_equal(bs_csv_real(csv, ROWS - 1, 1, &v, NULL), BS_OK);
    assert_true(v == 2 * (ROWS - 1));
    bs_csv_destroy(csv);
    free(text);
}

#define ON_SCRATCH(test) cmocka_unit_test_setup_teardown(test, scratch_setup, scratch_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_SCRATCH(reads_fields),       ON_SCRATCH(quoted_fields_span_lines),
        ON_SCRATCH(finds_columns),      ON_SCRATCH(numbers_are_whole_fields),
        ON_SCRATCH(refuses_bad_tables), ON_SCRATCH(many_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
