/* Maps that are compressed by ourselves (nc_direct.c): a reader finds what was put, whole, in pieces or in parts. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <netcdf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/io/nc_file.h"

enum { MAPS = 3, RECORDS = 2 };

typedef struct place {
    char dir[64], path[128];
    bs_nc *nc;
    int map[MAPS], wide;
    size_t ny, nx;
} place;

static int enter(void **state)
{
    place *p = calloc(1, sizeof *p);
    if (!p) return -1;
    strcpy(p->dir, "/tmp/bashu-maps-XXXXXX");
    *state = p;
    return mkdtemp(p->dir) ? 0 : -1;
}

static int leave(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", ((place *)*state)->dir);
    const int rc = system(command);
    free(*state);
    return rc;
}

static void need_ok(bs_status st, const bs_err *err)
{
    if (st != BS_OK) fail_msg("%s", err->text);
}

static void begin(place *p, const char *name, size_t ny, size_t nx)
{
    static const char *const NAME[MAPS] = {"a", "b", "c"};
    bs_err err = {0};
    int time, y, x;
    p->ny = ny;
    p->nx = nx;
    snprintf(p->path, sizeof p->path, "%s/%s", p->dir, name);
    need_ok(bs_nc_create(p->path, &p->nc, &err), &err);
    need_ok(bs_nc_def_dim(p->nc, "time", 0, &time, &err), &err);
    need_ok(bs_nc_def_dim(p->nc, "y", ny, &y, &err), &err);
    need_ok(bs_nc_def_dim(p->nc, "x", nx, &x, &err), &err);
    bs_nc_def def = {.type = BS_NC_FLOAT, .n_dims = 3, .dim = {time, y, x}, .compress = true, .chunk_rank = 2};
    for (int m = 0; m < MAPS; m++) {
        def.name = NAME[m];
        need_ok(bs_nc_def_var(p->nc, &def, &p->map[m], &err), &err);
    }
    def = (bs_nc_def){
        .name = "wide", .type = BS_NC_DOUBLE, .n_dims = 2, .dim = {y, x}, .compress = true, .chunk_rank = 2};
    need_ok(bs_nc_def_var(p->nc, &def, &p->wide, &err), &err);
}

/* With all that a float can be. */
static float value_at(size_t n, int kind)
{
    const float special[] = {NAN, INFINITY, -INFINITY, -0.0f, 1e-42f, 3e38f};
    if (n % 97 == 5) return special[n / 97 % 6];
    return n % 5 ? sinf(0.01f * (float)n) * (float)(kind + 1) : 0.0f;
}

static float *values_of(const place *p, int kind)
{
    float *v = malloc(p->ny * p->nx * sizeof *v);
    assert_non_null(v);
    for (size_t n = 0; n < p->ny * p->nx; n++) v[n] = value_at(n, kind);
    return v;
}

static void check_map(const place *p, const char *name, size_t record, int kind)
{
    int id, var;
    float *found = malloc(p->ny * p->nx * sizeof *found), *expected = values_of(p, kind);
    assert_non_null(found);
    assert_int_equal(nc_open(p->path, NC_NOWRITE, &id), NC_NOERR);
    assert_int_equal(nc_inq_varid(id, name, &var), NC_NOERR);
    assert_int_equal(nc_get_vara_float(id, var, (size_t[]){record, 0, 0}, (size_t[]){1, p->ny, p->nx}, found),
                     NC_NOERR);
    assert_int_equal(nc_close(id), NC_NOERR);
    assert_memory_equal(found, expected, p->ny * p->nx * sizeof *found);
    free(found);
    free(expected);
}

static void check_chunk(const place *p, size_t ny, size_t nx)
{
    int id, storage, shuffle, deflate, level;
    size_t chunk[3];
    assert_int_equal(nc_open(p->path, NC_NOWRITE, &id), NC_NOERR);
    assert_int_equal(nc_inq_var_chunking(id, p->map[0], &storage, chunk), NC_NOERR);
    assert_int_equal(nc_inq_var_deflate(id, p->map[0], &shuffle, &deflate, &level), NC_NOERR);
    assert_int_equal(nc_close(id), NC_NOERR);
    assert_true(storage == NC_CHUNKED && chunk[0] == 1 && chunk[1] == ny && chunk[2] == nx);
    assert_true(shuffle == 1 && deflate == 1 && level == 1);
}

/* Whole maps go the direct way, whatever they are split into. */
static void put_whole(place *p, size_t record, int kind)
{
    bs_err err = {0};
    float *v = values_of(p, kind);
    const size_t start[3] = {record, 0, 0}, count[3] = {1, p->ny, p->nx};
    int failed, code = NC_NOERR;
    if (record == 0) { /* the file's definitions are ended by its first put */
        double *wide = malloc(p->ny * p->nx * sizeof *wide);
        assert_non_null(wide);
        for (size_t n = 0; n < p->ny * p->nx; n++) wide[n] = cos((double)n);
        need_ok(bs_nc_write(p->nc, p->wide, (size_t[]){0, 0}, count + 1, wide, &err), &err);
        free(wide);
    }
    assert_true(bs_nc_direct_put(p->nc, 1, &p->map[0], BS_NC_FLOAT, start, count, v, &failed, &code));
    assert_int_equal(code, NC_NOERR);
    /* Parts of chunks and other types do not. */
    const size_t part[3] = {1, p->ny - 1, p->nx};
    assert_false(bs_nc_direct_put(p->nc, 1, &p->map[0], BS_NC_FLOAT, start, part, v, &failed, &code));
    assert_false(bs_nc_direct_put(p->nc, 1, &p->map[0], BS_NC_DOUBLE, start, count, v, &failed, &code));
    need_ok(bs_nc_write_float(p->nc, p->map[1], start, count, v, &err), &err);
    free(v);
}

static void check_wide(const place *p)
{
    bs_err err = {0};
    bs_nc *nc;
    bs_nc_var var;
    double *found = malloc(p->ny * p->nx * sizeof *found);
    assert_non_null(found);
    need_ok(bs_nc_open(p->path, &nc, &err), &err);
    need_ok(bs_nc_find(nc, "wide", &var, &err), &err);
    need_ok(bs_nc_read(nc, &var, NULL, NULL, found, &err), &err);
    for (size_t n = 0; n < p->ny * p->nx; n++) assert_true(found[n] == cos((double)n));
    bs_nc_close(nc);
    free(found);
}

static void maps_come_back(void **state)
{
    static const struct {
        size_t ny, nx, chunk_y, chunk_x;
    } SHAPE[] = {{5, 7, 5, 7}, {200, 320, 200, 320}, {257, 257, 129, 129}, {401, 263, 201, 132}, {3, 30000, 3, 255}};
    place *p = *state;
    bs_err err = {0};
    for (size_t s = 0; s < sizeof SHAPE / sizeof *SHAPE; s++) {
        begin(p, "map.nc", SHAPE[s].ny, SHAPE[s].nx);
        for (size_t r = 0; r < RECORDS; r++) put_whole(p, r, (int)r);
        need_ok(bs_nc_commit(p->nc, &err), &err);
        check_chunk(p, SHAPE[s].chunk_y, SHAPE[s].chunk_x);
        for (size_t r = 0; r < RECORDS; r++) {
            check_map(p, "a", r, (int)r);
            check_map(p, "b", r, (int)r);
        }
        check_wide(p);
    }
}

/* A part over a map, and a map over parts: the last one is there. */
static void parts_and_wholes_mix(void **state)
{
    place *p = *state;
    bs_err err = {0};
    begin(p, "map.nc", 60, 80);
    float *v = values_of(p, 0), *other = values_of(p, 1);
    const size_t map = p->ny * p->nx;
    need_ok(bs_nc_write_float(p->nc, p->map[0], (size_t[]){0, 0, 0}, (size_t[]){1, 60, 80}, other, &err), &err);
    for (size_t j = 0; j < p->ny; j++) /* row by row */
        need_ok(bs_nc_write_float(p->nc, p->map[0], (size_t[]){0, j, 0}, (size_t[]){1, 1, 80}, v + j * 80, &err), &err);
    for (size_t j = 0; j < p->ny; j++)
        need_ok(bs_nc_write_float(p->nc, p->map[1], (size_t[]){0, j, 0}, (size_t[]){1, 1, 80}, other + j * 80, &err),
                &err);
    need_ok(bs_nc_write_float(p->nc, p->map[1], (size_t[]){0, 0, 0}, (size_t[]){1, 60, 80}, v, &err), &err);
    double *wide = malloc(map * sizeof *wide); /* doubles into a variable of floats */
    assert_non_null(wide);
    for (size_t n = 0; n < map; n++) wide[n] = 0.25 * (double)n; /* a float holds it */
    need_ok(bs_nc_write(p->nc, p->map[2], (size_t[]){0, 0, 0}, (size_t[]){1, 60, 80}, wide, &err), &err);
    need_ok(bs_nc_commit(p->nc, &err), &err);
    check_map(p, "a", 0, 0);
    check_map(p, "b", 0, 0);
    int id;
    assert_int_equal(nc_open(p->path, NC_NOWRITE, &id), NC_NOERR);
    assert_int_equal(nc_get_var_float(id, p->map[2], v), NC_NOERR);
    assert_int_equal(nc_close(id), NC_NOERR);
    for (size_t n = 0; n < map; n++) assert_true((double)v[n] == wide[n]);
    free(v);
    free(other);
    free(wide);
}

static long bytes_of(const char *path, char **out)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    const long size = ftell(f);
    rewind(f);
    *out = malloc((size_t)size);
    assert_non_null(*out);
    assert_int_equal(fread(*out, 1, (size_t)size, f), (size_t)size);
    fclose(f);
    return size;
}

/* Together or one by one, the file is the same to the byte; the journal, too. */
static void maps_may_come_together(void **state)
{
    place *p = *state;
    bs_err err = {0};
    char *bytes[2], *journal[2];
    long size[2], noted[2];
    const size_t count[3] = {1, 150, 200};
    float *all = malloc(MAPS * 150 * 200 * sizeof *all);
    assert_non_null(all);
    for (int together = 0; together < 2; together++) {
        begin(p, "map.nc", 150, 200);
        need_ok(bs_nc_journal(p->nc, p->dir, 0, &err), &err);
        for (size_t r = 0; r < RECORDS; r++) {
            const size_t start[3] = {r, 0, 0};
            for (size_t m = 0; m < MAPS; m++)
                for (size_t n = 0; n < 150 * 200; n++) all[m * 150 * 200 + n] = value_at(n, (int)(m + r));
            if (together)
                need_ok(bs_nc_write_part_floats(p->nc, MAPS, p->map, start, count, all, &err), &err);
            else
                for (size_t m = 0; m < MAPS; m++)
                    need_ok(bs_nc_write_float(p->nc, p->map[m], start, count, all + m * 150 * 200, &err), &err);
        }
        uint64_t length;
        need_ok(bs_nc_journal_mark(p->nc, &length, &err), &err);
        need_ok(bs_nc_commit(p->nc, &err), &err);
        for (size_t r = 0; r < RECORDS; r++) check_map(p, "c", r, (int)(2 + r));
        size[together] = bytes_of(p->path, &bytes[together]);
        strcat(p->path, ".journal");
        noted[together] = bytes_of(p->path, &journal[together]);
    }
    assert_true(size[0] == size[1] && memcmp(bytes[0], bytes[1], (size_t)size[0]) == 0);
    assert_true(noted[0] == noted[1] && memcmp(journal[0], journal[1], (size_t)noted[0]) == 0);
    for (int t = 0; t < 2; t++) {
        free(bytes[t]);
        free(journal[t]);
    }
    free(all);
}

static void a_record_beyond_the_map_fails(void **state)
{
    place *p = *state;
    bs_err err = {0};
    begin(p, "map.nc", 60, 80);
    float *v = values_of(p, 0);
    assert_int_equal(bs_nc_write_float(p->nc, p->map[0], (size_t[]){0, 60, 0}, (size_t[]){1, 60, 80}, v, &err),
                     BS_ERR_IO);
    assert_non_null(strstr(err.text, "variable 'a'"));
    free(v);
    bs_nc_abandon(p->nc);
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(maps_come_back),
        IN_FOLDER(parts_and_wholes_mix),
        IN_FOLDER(maps_may_come_together),
        IN_FOLDER(a_record_beyond_the_map_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
