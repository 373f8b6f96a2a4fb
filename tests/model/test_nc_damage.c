/* Files that are damaged, cut, of another kind, or changed while they are in use. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <netcdf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/io/nc.h"

enum { RECORDS = 3, CELLS = 5 };

typedef struct place {
    char dir[64], path[128];
    bs_err err;
} place;

static int enter(void **state)
{
    place *p = calloc(1, sizeof *p);
    if (!p) return -1;
    strcpy(p->dir, "/tmp/bashu-damage-XXXXXX");
    *state = p;
    if (!mkdtemp(p->dir)) return -1;
    snprintf(p->path, sizeof p->path, "%s/a.nc", p->dir);
    return 0;
}

static int leave(void **state)
{
    place *p = *state;
    remove(p->path);
    const int rc = rmdir(p->dir);
    free(p);
    return rc;
}

static void need(int code)
{
    if (code != NC_NOERR) fail_msg("%s", nc_strerror(code));
}

static void says(const place *p, const char *words)
{
    if (!strstr(p->err.text, words)) fail_msg("'%s' is not in: %s", words, p->err.text);
}

static void refused(place *p, const char *words)
{
    bs_nc *nc = NULL;
    assert_int_equal(bs_nc_open(p->path, &nc, &p->err), BS_ERR_INPUT);
    assert_null(nc);
    says(p, words);
}

static void accepted(place *p)
{
    bs_nc *nc = NULL;
    if (bs_nc_open(p->path, &nc, &p->err) != BS_OK) fail_msg("%s", p->err.text);
    bs_nc_close(nc);
}

/* Two variables of records, one of shorts, whose records are padded, and a fixed one; attributes of text and numbers. */
static void write_file(place *p, int format, size_t cells)
{
    int id, dim[2], var;
    double x[CELLS * 2] = {1, 2, 3, 4, 5};
    const short s[3] = {1, 2, 3};
    remove(p->path);
    need(nc_create(p->path, NC_CLOBBER | format, &id));
    need(nc_def_dim(id, "time", NC_UNLIMITED, &dim[0]));
    need(nc_def_dim(id, "x", cells, &dim[1]));
    need(nc_def_var(id, "fixed", NC_DOUBLE, 1, &dim[1], &var));
    need(nc_put_att_text(id, var, "units", 1, "m"));
    need(nc_put_att_double(id, var, "valid_range", NC_FLOAT, 2, x));
    need(nc_def_var(id, "small", NC_SHORT, 1, dim, &var));
    need(nc_def_var(id, "field", NC_DOUBLE, 2, dim, &var));
    need(nc_put_att_text(id, NC_GLOBAL, "title", 5, "tests"));
    need(nc_enddef(id));
    need(nc_put_var_double(id, 0, x));
    need(nc_put_vara_short(id, 1, (size_t[]){0}, (size_t[]){RECORDS}, s));
    for (size_t t = 0; t < RECORDS; t++) need(nc_put_vara_double(id, 2, (size_t[]){t, 0}, (size_t[]){1, cells}, x));
    need(nc_close(id));
}

static const int FORMATS[] = {0, NC_64BIT_OFFSET, NC_64BIT_DATA};

/* Wherever a file is cut, it is refused: header, fixed data, records. */
static void a_classic_file_cut_anywhere_is_refused(void **state)
{
    place *p = *state;
    struct stat info;
    for (int f = 0; f < 3; f++) {
        write_file(p, FORMATS[f], CELLS);
        accepted(p);
        assert_int_equal(stat(p->path, &info), 0);
        for (off_t size = info.st_size - 1; size >= 4; size--) {
            assert_int_equal(truncate(p->path, size), 0);
            refused(p, "cut short");
            says(p, "copy the file again");
        }
    }
    write_file(p, 0, CELLS);
    assert_int_equal(stat(p->path, &info), 0);
    assert_int_equal(truncate(p->path, info.st_size - 8), 0);
    refused(p, "variable 'field' reaches to byte");
}

/* Numbers of the header that claim more than there is; netCDF 4.9 asks for as much memory, or reads beyond it. */
static void a_classic_header_is_not_believed(void **state)
{
    place *p = *state;
    for (int f = 0; f < 3; f++) {
        write_file(p, FORMATS[f], CELLS);
        unsigned char header[512];
        FILE *file = fopen(p->path, "rb");
        assert_non_null(file);
        const size_t n = fread(header, 1, sizeof header, file);
        fclose(file);
        for (size_t at = 4; at + 4 <= n; at += 4) { /* every word of it: refused, or harmless */
            unsigned char changed[512];
            bs_nc *nc = NULL;
            memcpy(changed, header, n);
            memset(changed + at, 0x7F, 4);
            file = fopen(p->path, "r+b");
            assert_non_null(file);
            assert_int_equal(fwrite(changed, 1, n, file), n);
            fclose(file);
            const bs_status st = bs_nc_open(p->path, &nc, &p->err);
            assert_true(st == BS_OK || (st == BS_ERR_INPUT && *p->err.text));
            if (at == 8 && f < 2) says(p, "another one's tag"); /* of the dimensions */
            bs_nc_close(nc);
        }
    }
}

static void other_formats_are_named(void **state)
{
    place *p = *state;
    static const struct {
        const char *bytes;
        size_t n;
        const char *words;
    } CASE[] = {{"GRIB\0\0\0\2", 8, "is a GRIB file; make netCDF of it: 'cdo -f nc4 copy"},
                {"\x1F\x8B\x08\0", 4, "compressed by gzip; unpack it first"},
                {"PK\x03\x04", 4, "is a zip archive"},
                {"\x0E\x03\x13\x01", 4, "is an HDF4 file"},
                {"<!DOCTYPE html>", 15, "is a web page"},
                {"CDF\4", 4, "version 4 of the classic format, expected 1, 2 or 5"},
                {"CDF\1", 4, "header is damaged or cut short"}};
    for (size_t k = 0; k < sizeof CASE / sizeof *CASE; k++) {
        FILE *f = fopen(p->path, "wb");
        assert_non_null(f);
        assert_int_equal(fwrite(CASE[k].bytes, 1, CASE[k].n, f), CASE[k].n);
        fclose(f);
        refused(p, CASE[k].words);
        says(p, "a.nc: ");
    }
}

static void groups_are_told_where_a_variable_is_missing(void **state)
{
    place *p = *state;
    bs_nc *nc = NULL;
    bs_nc_var var;
    int id, group;
    need(nc_create(p->path, NC_NETCDF4 | NC_CLOBBER, &id));
    need(nc_def_grp(id, "product", &group));
    need(nc_close(id));
    assert_int_equal(bs_nc_open(p->path, &nc, &p->err), BS_OK);
    assert_int_equal(bs_nc_find(nc, "t", &var, &p->err), BS_ERR_INPUT);
    says(p, "has no variable 't'; there are none");
    says(p, "it has 1 group ('product'), in which nothing is looked for");
    bs_nc_close(nc);
}

/* Somebody writes a file anew between the check and the reading of it. */
static void a_file_that_was_changed_is_not_read(void **state)
{
    place *p = *state;
    bs_nc *nc = NULL;
    bs_nc_var var;
    double values[RECORDS * CELLS] = {0};
    const size_t start[] = {0, 0}, count[] = {1, CELLS};
    write_file(p, 0, CELLS);
    assert_int_equal(bs_nc_open(p->path, &nc, &p->err), BS_OK);
    assert_int_equal(bs_nc_find(nc, "field", &var, &p->err), BS_OK);
    assert_int_equal(bs_nc_read(nc, &var, start, count, values, &p->err), BS_OK);
    assert_true(values[4] == 5);
    bs_nc_close(nc);
    for (int change = 0; change < 2; change++) {
        if (change == 0) {
            write_file(p, 0, CELLS + 1); /* another shape */
        } else {
            int id; /* another variable in its place */
            write_file(p, 0, CELLS);
            need(nc_open(p->path, NC_WRITE, &id));
            need(nc_redef(id));
            need(nc_rename_var(id, 2, "other"));
            need(nc_close(id));
        }
        assert_int_equal(bs_nc_open(p->path, &nc, &p->err), BS_OK);
        assert_int_equal(bs_nc_read(nc, &var, start, count, values, &p->err), BS_ERR_INPUT);
        says(p, "a.nc: variable 'field' is no longer what it was when the file was checked");
        bs_nc_close(nc);
    }
    remove(p->path);
    refused(p, "cannot be opened: No such file");
}

static void calendars(void **state)
{
    place *p = *state;
    static const struct {
        const char *name;
        bs_status status;
    } CASE[] = {{"standard", BS_OK},
                {"GREGORIAN", BS_OK},
                {"proleptic_gregorian", BS_OK},
                {"noleap", BS_ERR_INPUT},
                {"360_day", BS_ERR_INPUT}};
    for (size_t k = 0; k < sizeof CASE / sizeof *CASE; k++) {
        bs_nc *nc = NULL;
        bs_nc_var var;
        int id, v;
        remove(p->path);
        need(nc_create(p->path, NC_CLOBBER, &id));
        need(nc_def_var(id, "time", NC_DOUBLE, 0, NULL, &v));
        need(nc_put_att_text(id, v, "calendar", strlen(CASE[k].name), CASE[k].name));
        need(nc_close(id));
        assert_int_equal(bs_nc_open(p->path, &nc, &p->err), BS_OK);
        assert_int_equal(bs_nc_find(nc, "time", &var, &p->err), BS_OK);
        assert_int_equal(bs_nc_check_calendar(nc, &var, &p->err), CASE[k].status);
        if (CASE[k].status != BS_OK) says(p, CASE[k].name);
        bs_nc_close(nc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_classic_file_cut_anywhere_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(a_classic_header_is_not_believed, enter, leave),
        cmocka_unit_test_setup_teardown(other_formats_are_named, enter, leave),
        cmocka_unit_test_setup_teardown(groups_are_told_where_a_variable_is_missing, enter, leave),
        cmocka_unit_test_setup_teardown(a_file_that_was_changed_is_not_read, enter, leave),
        cmocka_unit_test_setup_teardown(calendars, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
