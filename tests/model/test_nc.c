#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <netcdf.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/io/nc.h"

/* Every test works in a folder of its own. */
typedef struct place {
    char dir[64];
    char path[128];
} place;

static int enter(void **state)
{
    place *p = calloc(1, sizeof *p);
    if (!p) return -1;
    strcpy(p->dir, "/tmp/bashu-nc-XXXXXX");
    *state = p;
    return mkdtemp(p->dir) ? 0 : -1;
}

static int leave(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", ((place *)*state)->dir);
    int rc = system(command);
    free(*state);
    return rc;
}

static const char *path_of(place *p, const char *name)
{
    snprintf(p->path, sizeof p->path, "%s/%s", p->dir, name);
    return p->path;
}

static bool exists(place *p, const char *name)
{
    struct stat info;
    return stat(path_of(p, name), &info) == 0;
}

static void need(int code)
{
    if (code != NC_NOERR) fail_msg("%s", nc_strerror(code));
}

static void need_ok(bs_status st, const bs_err *err)
{
    if (st != BS_OK) fail_msg("%s", err->text);
}

static void assert_says(const bs_err *err, const char *words)
{
    if (!strstr(err->text, words)) fail_msg("'%s' is not in: %s", words, err->text);
}

/* A file of a map over two times, with all that a definition can carry. */
static bs_nc *begin_map(place *p, int *map, int *names, bs_err *err)
{
    bs_nc *nc;
    int time, y, x, n;
    need_ok(bs_nc_create(path_of(p, "map.nc"), &nc, err), err);
    need_ok(bs_nc_def_dim(nc, "time", 0, &time, err), err);
    need_ok(bs_nc_def_dim(nc, "y", 3, &y, err), err);
    need_ok(bs_nc_def_dim(nc, "x", 4, &x, err), err);
    need_ok(bs_nc_def_dim(nc, "n", 2, &n, err), err);
    bs_nc_def def = {.name = "pm",
                     .type = BS_NC_FLOAT,
                     .n_dims = 3,
                     .dim = {time, y, x},
                     .compress = true,
                     .chunk_rank = 2,
                     .units = "ug m-3",
                     .long_name = "concentration",
                     .fill = true};
    need_ok(bs_nc_def_var(nc, &def, map, err), err);
    def = (bs_nc_def){.name = "name", .type = BS_NC_STRING, .n_dims = 1, .dim = {n}};
    need_ok(bs_nc_def_var(nc, &def, names, err), err);
    return nc;
}

static void values_return_as_they_were_written(void **state)
{
    place *p = *state;
    bs_err err = {0};
    int map, names;
    bs_nc *nc = begin_map(p, &map, &names, &err);
    const double pair[2] = {30.0, 60.0};
    need_ok(bs_nc_put_text(nc, BS_NC_GLOBAL, "title", "成都 basin", &err), &err);
    need_ok(bs_nc_put_text(nc, BS_NC_GLOBAL, "institution", "", &err), &err);
    need_ok(bs_nc_put_number(nc, map, "parallels", 2, pair, &err), &err);
    need_ok(bs_nc_put_integer(nc, map, "answer", 5000000000, &err), &err);
    float field[12];
    double twice[12];
    for (int i = 0; i < 12; i++) {
        field[i] = 0.1f * (float)i;
        twice[i] = 2.0 * field[i];
    }
    const char *const text[2] = {"成都市", "Chongqing"};
    need_ok(bs_nc_write_float(nc, map, (size_t[]){0, 0, 0}, (size_t[]){1, 3, 4}, field, &err), &err);
    need_ok(bs_nc_write(nc, map, (size_t[]){1, 0, 0}, (size_t[]){1, 3, 4}, twice, &err), &err);
    need_ok(bs_nc_write_strings(nc, names, 2, text, &err), &err);
    need_ok(bs_nc_sync(nc, &err), &err);
    need_ok(bs_nc_commit(nc, &err), &err);

    bs_nc_var var;
    double all[24], one[4], number;
    float bits[12];
    char words[64];
    need_ok(bs_nc_open(path_of(p, "map.nc"), &nc, &err), &err);
    assert_string_equal(bs_nc_file(nc), p->path);
    assert_int_equal(bs_nc_var_count(nc), 2);
    assert_true(bs_nc_has_var(nc, "pm"));
    assert_false(bs_nc_has_var(nc, "PM"));
    need_ok(bs_nc_find(nc, "pm", &var, &err), &err);
    assert_int_equal(var.n_dims, 3);
    assert_string_equal(var.dim[0], "time");
    assert_int_equal(var.length[0], 2);
    assert_int_equal(var.size, 24);
    assert_true(var.is_number);
    need_ok(bs_nc_read(nc, &var, NULL, NULL, all, &err), &err);
    for (int i = 0; i < 12; i++) {
        assert_true(all[i] == (double)field[i]);
        assert_true(all[12 + i] == (double)(2.0f * field[i]));
    }
    need_ok(bs_nc_read(nc, &var, (size_t[]){1, 2, 0}, (size_t[]){1, 1, 4}, one, &err), &err);
    assert_true(one[3] == all[23]);
    need_ok(bs_nc_read_float(nc, &var, (size_t[]){0, 0, 0}, (size_t[]){1, 3, 4}, bits, &err), &err);
    assert_memory_equal(bits, field, sizeof bits);
    assert_true(bs_nc_text(nc, NULL, "title", words, sizeof words));
    assert_string_equal(words, "成都 basin");
    assert_true(bs_nc_text(nc, NULL, "institution", words, sizeof words));
    assert_string_equal(words, "");
    assert_false(bs_nc_text(nc, &var, "title", words, sizeof words));
    assert_true(bs_nc_number(nc, &var, "parallels", &number) && number == 30.0);
    assert_true(bs_nc_number(nc, &var, "answer", &number) && number == 5e9);
    assert_false(bs_nc_number(nc, &var, "units", &number));
    assert_false(bs_nc_text(nc, &var, "parallels", words, sizeof words));
    assert_int_equal(bs_nc_read(nc, &var, (size_t[]){1, 0, 0}, (size_t[]){2, 3, 4}, all, &err), BS_ERR_INPUT);
    assert_says(&err, "variable 'pm': asked for 2 elements from index 1 of dimension 'time', which has 2");
    need_ok(bs_nc_find(nc, "name", &var, &err), &err);
    assert_false(var.is_number);
    assert_int_equal(bs_nc_read(nc, &var, NULL, NULL, all, &err), BS_ERR_INPUT);
    assert_says(&err, "variable 'name' holds text, expected numbers");
    bs_nc_close(nc);
}

static void storage_is_shuffled_deflated_and_one_map_per_chunk(void **state)
{
    place *p = *state;
    bs_err err = {0};
    int map, names, id, storage, shuffle, deflate, level;
    size_t chunk[3];
    float fill;
    need_ok(bs_nc_commit(begin_map(p, &map, &names, &err), &err), &err);
    need(nc_open(path_of(p, "map.nc"), NC_NOWRITE, &id));
    need(nc_inq_var_chunking(id, map, &storage, chunk));
    need(nc_inq_var_deflate(id, map, &shuffle, &deflate, &level));
    need(nc_get_att_float(id, map, "_FillValue", &fill));
    need(nc_close(id));
    assert_int_equal(storage, NC_CHUNKED);
    assert_true(chunk[0] == 1 && chunk[1] == 3 && chunk[2] == 4);
    assert_true(shuffle == 1 && deflate == 1 && level == 1);
    assert_true(fill == NC_FILL_FLOAT);
}

static void packed_integers_are_unpacked(void **state)
{
    place *p = *state;
    bs_err err = {0};
    int id, dim, packed, small;
    const double scale = 0.01, offset = 273.15;
    const short fill = -32767, stored[5] = {0, 100, -32767, -32000, 2000}, range[2] = {-30000, 1500};
    const signed char bytes[5] = {0, 127, -128, -1, 5}, byte_fill = -1;
    need(nc_create(path_of(p, "packed.nc"), NC_NETCDF4, &id));
    need(nc_def_dim(id, "n", 5, &dim));
    need(nc_def_var(id, "t", NC_SHORT, 1, &dim, &packed));
    need(nc_put_att_double(id, packed, "scale_factor", NC_DOUBLE, 1, &scale));
    need(nc_put_att_double(id, packed, "add_offset", NC_DOUBLE, 1, &offset));
    need(nc_put_att_short(id, packed, "_FillValue", NC_SHORT, 1, &fill));
    need(nc_put_att_short(id, packed, "valid_range", NC_SHORT, 2, range));
    need(nc_def_var(id, "b", NC_BYTE, 1, &dim, &small));
    need(nc_put_att_text(id, small, "_Unsigned", 4, "true"));
    need(nc_put_att_schar(id, small, "_FillValue", NC_BYTE, 1, &byte_fill));
    need(nc_put_var_short(id, packed, stored));
    need(nc_put_var_schar(id, small, bytes));
    need(nc_close(id));

    bs_nc *nc;
    bs_nc_var var;
    double t[5], b[5];
    float f[5];
    need_ok(bs_nc_open(path_of(p, "packed.nc"), &nc, &err), &err);
    need_ok(bs_nc_find(nc, "t", &var, &err), &err);
    need_ok(bs_nc_read(nc, &var, NULL, NULL, t, &err), &err);
    assert_true(t[0] == offset && t[1] == 100 * scale + offset);
    assert_true(isnan(t[2]) && isnan(t[3]) && isnan(t[4]));
    assert_int_equal(bs_nc_read_float(nc, &var, NULL, NULL, f, &err), BS_ERR_INPUT);
    assert_says(&err, "variable 't' is of type short, expected float");
    need_ok(bs_nc_find(nc, "b", &var, &err), &err);
    need_ok(bs_nc_read(nc, &var, NULL, NULL, b, &err), &err);
    assert_true(b[0] == 0 && b[1] == 127 && b[2] == 128 && isnan(b[3]) && b[4] == 5);
    bs_nc_close(nc);
}

static void missing_values_become_nan(void **state)
{
    place *p = *state;
    bs_err err = {0};
    int id, dim, a, b, c;
    const float values[6] = {1.5f, -999.9f, NAN, NC_FILL_FLOAT, 1e20f, 7.0f};
    const double missing[2] = {-999.9, 1e20}, top = 5.0; /* given as doubles, though the data are float */
    need(nc_create(path_of(p, "missing.nc"), NC_NETCDF4, &id));
    need(nc_def_dim(id, "n", 6, &dim));
    need(nc_def_var(id, "a", NC_FLOAT, 1, &dim, &a));
    need(nc_put_att_double(id, a, "missing_value", NC_DOUBLE, 2, missing));
    need(nc_put_att_double(id, a, "valid_max", NC_DOUBLE, 1, &top));
    need(nc_def_var(id, "b", NC_FLOAT, 1, &dim, &b));
    need(nc_put_var_float(id, a, values));
    need(nc_put_var_float(id, b, values));
    need(nc_def_var(id, "never_written", NC_DOUBLE, 1, &dim, &c));
    need(nc_close(id));

    bs_nc *nc;
    bs_nc_var var;
    double v[6];
    need_ok(bs_nc_open(path_of(p, "missing.nc"), &nc, &err), &err);
    need_ok(bs_nc_find(nc, "a", &var, &err), &err);
    need_ok(bs_nc_read(nc, &var, NULL, NULL, v, &err), &err);
    assert_true(v[0] == 1.5);
    for (int i = 1; i < 6; i++) assert_true(isnan(v[i]));
    need_ok(bs_nc_find(nc, "b", &var, &err), &err);
    need_ok(bs_nc_read(nc, &var, NULL, NULL, v, &err), &err);
    assert_true(v[0] == 1.5 && v[1] == (double)-999.9f && isnan(v[2]) && isnan(v[3]) && v[4] == (double)1e20f);
    need_ok(bs_nc_find(nc, "never_written", &var, &err), &err);
    need_ok(bs_nc_read(nc, &var, NULL, NULL, v, &err), &err);
    for (int i = 0; i < 6; i++) assert_true(isnan(v[i]));
    bs_nc_close(nc);
}

static void write_bytes(const char *file, const char *bytes, size_t n)
{
    FILE *f = fopen(file, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

/* Cuts a file that netCDF made in the given format to a part of its length. */
static void make_cut(place *p, int format, double part)
{
    int id, dim, var;
    double values[5000];
    struct stat info;
    for (int i = 0; i < 5000; i++) values[i] = i;
    need(nc_create(path_of(p, "cut.nc"), format, &id));
    need(nc_def_dim(id, "n", 5000, &dim));
    need(nc_def_var(id, "v", NC_DOUBLE, 1, &dim, &var));
    need(nc_enddef(id));
    need(nc_put_var_double(id, var, values));
    need(nc_close(id));
    assert_int_equal(stat(p->path, &info), 0);
    assert_int_equal(truncate(p->path, (off_t)(part * (double)info.st_size)), 0);
}

static void files_that_are_no_netcdf_are_refused(void **state)
{
    place *p = *state;
    bs_nc *nc;
    bs_err err = {0};
    assert_int_equal(bs_nc_open(path_of(p, "absent.nc"), &nc, &err), BS_ERR_INPUT);
    assert_says(&err, "absent.nc: cannot be opened: No such file");
    assert_int_equal(bs_nc_open(p->dir, &nc, &err), BS_ERR_INPUT);
    assert_says(&err, "is a folder, expected a netCDF file");
    write_bytes(path_of(p, "text.nc"), "lon,lat\n104,30\n", 15);
    assert_int_equal(bs_nc_open(p->path, &nc, &err), BS_ERR_INPUT);
    assert_says(&err, "text.nc: is not a netCDF file");
    write_bytes(path_of(p, "empty.nc"), "", 0);
    assert_int_equal(bs_nc_open(p->path, &nc, &err), BS_ERR_INPUT);
    assert_says(&err, "empty.nc: is empty");
    make_cut(p, NC_NETCDF4, 0.5);
    assert_int_equal(bs_nc_open(path_of(p, "cut.nc"), &nc, &err), BS_ERR_INPUT);
    assert_says(&err, "cut.nc: cannot be read as netCDF, it may be damaged or cut short");
    make_cut(p, NC_CLOBBER, 0.5);
    assert_int_equal(bs_nc_open(path_of(p, "cut.nc"), &nc, &err), BS_ERR_INPUT);
    assert_says(&err, "cut.nc: is cut short: it has ");
    make_cut(p, NC_CLOBBER, 1.0);
    need_ok(bs_nc_open(path_of(p, "cut.nc"), &nc, &err), &err);
    bs_nc_close(nc);
}

static void a_missing_variable_lists_those_there(void **state)
{
    place *p = *state;
    bs_err err = {0};
    int map, names;
    bs_nc *nc;
    bs_nc_var var;
    need_ok(bs_nc_commit(begin_map(p, &map, &names, &err), &err), &err);
    need_ok(bs_nc_open(path_of(p, "map.nc"), &nc, &err), &err);
    assert_int_equal(bs_nc_find(nc, "so2", &var, &err), BS_ERR_INPUT);
    assert_says(&err, "map.nc: has no variable 'so2'; there are:\n  pm\n  name");
    bs_nc_close(nc);
}

static void a_file_has_its_name_when_it_is_complete(void **state)
{
    place *p = *state;
    bs_err err = {0};
    int map, names;
    bs_nc *nc = begin_map(p, &map, &names, &err);
    assert_true(exists(p, "map.nc.part"));
    assert_false(exists(p, "map.nc"));
    need_ok(bs_nc_commit(nc, &err), &err);
    assert_false(exists(p, "map.nc.part"));
    assert_true(exists(p, "map.nc"));
}

static void an_abandoned_file_leaves_nothing(void **state)
{
    place *p = *state;
    bs_err err = {0};
    int map, names;
    bs_nc_abandon(begin_map(p, &map, &names, &err));
    assert_false(exists(p, "map.nc.part"));
    assert_false(exists(p, "map.nc"));
    bs_nc_abandon(NULL);
    bs_nc_close(NULL);
}

static void a_folder_that_is_not_there_is_named(void **state)
{
    place *p = *state;
    bs_err err = {0};
    bs_nc *nc;
    assert_int_equal(bs_nc_create(path_of(p, "nowhere/map.nc"), &nc, &err), BS_ERR_IO);
    assert_says(&err, "nowhere/map.nc.part: cannot be created: No such file or directory");
}

static void a_write_that_fails_names_file_and_variable(void **state)
{
    place *p = *state;
    bs_err err = {0};
    int y, x, id;
    bs_nc *nc;
    enum { N = 1000 };
    need_ok(bs_nc_create(path_of(p, "big.nc"), &nc, &err), &err);
    need_ok(bs_nc_def_dim(nc, "y", N, &y, &err), &err);
    need_ok(bs_nc_def_dim(nc, "x", N, &x, &err), &err);
    bs_nc_def def = {.name = "noise", .type = BS_NC_DOUBLE, .n_dims = 2, .dim = {y, x}};
    need_ok(bs_nc_def_var(nc, &def, &id, &err), &err);
    double *values = calloc((size_t)N * N, sizeof *values);
    assert_non_null(values);
    /* A limit of the file's size stands in for a full disk. */
    struct rlimit old, tight = {100000, RLIM_INFINITY};
    getrlimit(RLIMIT_FSIZE, &old);
    tight.rlim_max = old.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &tight);
    bs_status st = bs_nc_write(nc, id, NULL, NULL, values, &err);
    if (st == BS_OK) {
        st = bs_nc_commit(nc, &err);
    } else {
        assert_says(&err, "variable 'noise'");
        bs_nc_abandon(nc);
    }
    setrlimit(RLIMIT_FSIZE, &old);
    free(values);
    assert_int_equal(st, BS_ERR_IO);
    assert_says(&err, "big.nc.part: ");
    assert_false(exists(p, "big.nc"));
    assert_false(exists(p, "big.nc.part"));
}

static void rows_of_characters(void **state)
{
    place *p = *state;
    int id, dims[2], var, number;
    need(nc_create(path_of(p, "text.nc"), NC_NETCDF4, &id));
    need(nc_def_dim(id, "Time", NC_UNLIMITED, &dims[0]));
    need(nc_def_dim(id, "DateStrLen", 8, &dims[1]));
    need(nc_def_var(id, "Times", NC_CHAR, 2, dims, &var));
    need(nc_def_var(id, "number", NC_INT, 2, dims, &number));
    need(nc_enddef(id));
    need(nc_put_vara_text(id, var, (size_t[]){0, 0}, (size_t[]){2, 8}, "2015-01 now     "));
    need(nc_close(id));
    bs_nc *nc = NULL;
    bs_nc_var v;
    bs_err err;
    char text[9];
    need_ok(bs_nc_open(p->path, &nc, &err), &err);
    need_ok(bs_nc_find(nc, "Times", &v, &err), &err);
    assert_false(v.is_number);
    need_ok(bs_nc_read_text(nc, &v, 0, text, sizeof text, &err), &err);
    assert_string_equal(text, "2015-01");
    need_ok(bs_nc_read_text(nc, &v, 1, text, sizeof text, &err), &err);
    assert_string_equal(text, "now");
    assert_int_equal(bs_nc_read_text(nc, &v, 2, text, sizeof text, &err), BS_ERR_INPUT);
    assert_says(&err, "text.nc: variable 'Times': expected rows of characters");
    assert_int_equal(bs_nc_read_text(nc, &v, 0, text, 8, &err), BS_ERR_INPUT);
    need_ok(bs_nc_find(nc, "number", &v, &err), &err);
    assert_int_equal(bs_nc_read_text(nc, &v, 0, text, sizeof text, &err), BS_ERR_INPUT);
    bs_nc_close(nc);
}

/* ---- bit rounding ---- */

static void rounding_stays_within_half_a_unit_of_the_last_kept_bit(void **state)
{
    (void)state;
    uint32_t seed = 12345;
    for (int bits = 1; bits <= 23; bits++) {
        const double bound = ldexp(1.0, -bits - 1); /* half of the last kept bit, relative to the power of two below */
        for (int n = 0; n < 2000; n++) {
            seed = seed * 1664525u + 1013904223u;
            float v = ldexpf(1.0f + (float)(seed >> 9) / 8388608.0f, (int)(seed % 60u) - 30), r = v;
            bs_round_bits(1, &r, bits);
            uint32_t u;
            memcpy(&u, &r, sizeof u);
            assert_true(fabs((double)r - (double)v) <= bound * (double)v);
            assert_int_equal(u & ((1u << (23 - bits)) - 1u), 0);
            if (bits == 23) assert_true(r == v);
        }
    }
}

static void rounding_takes_halves_to_even_and_leaves_the_special(void **state)
{
    (void)state;
    float v[] = {1.0f + 0x1p-13f, 1.0f + 0x1p-12f + 0x1p-13f, -(1.0f + 0x1p-13f), 0.0f, -0.0f, INFINITY, NAN, FLT_MAX};
    bs_round_bits(8, v, 12);
    assert_true(v[0] == 1.0f);
    assert_true(v[1] == 1.0f + 0x1p-11f);
    assert_true(v[2] == -1.0f);
    assert_true(v[3] == 0.0f && v[4] == 0.0f && signbit(v[4]));
    assert_true(isinf(v[5]) && isnan(v[6]));
    assert_true(isfinite(v[7]));
}

int main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter, leave)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(values_return_as_they_were_written),
        IN_FOLDER(storage_is_shuffled_deflated_and_one_map_per_chunk),
        IN_FOLDER(packed_integers_are_unpacked),
        IN_FOLDER(missing_values_become_nan),
        IN_FOLDER(files_that_are_no_netcdf_are_refused),
        IN_FOLDER(a_missing_variable_lists_those_there),
        IN_FOLDER(a_file_has_its_name_when_it_is_complete),
        IN_FOLDER(an_abandoned_file_leaves_nothing),
        IN_FOLDER(a_folder_that_is_not_there_is_named),
        IN_FOLDER(a_write_that_fails_names_file_and_variable),
        IN_FOLDER(rows_of_characters),
        cmocka_unit_test(rounding_stays_within_half_a_unit_of_the_last_kept_bit),
        cmocka_unit_test(rounding_takes_halves_to_even_and_leaves_the_special),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
