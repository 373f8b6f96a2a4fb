/* A checkpoint by several ranks: the same file as one rank writes, and each reads what the other wrote. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "grids/tiles/tiles.h"
#include "model/core/archive.h"
#include "model/io/checkpoint.h"
#include "model/parallel/ranks.h"
#include "tests/model/test_ranks_fixture.h"
/* cmocka's header wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Tiles of several sizes for 2, 4 and 6 ranks, and more maps than go into one chunk. */
enum { NX = 37, NY = 29, OVERLAP = 5, MAPS = 600, MARGIN = 3, PATH = 512 };

typedef struct world {
    bs_archive_shape shape;
    bs_tiling tiling;
    double *field; /* [MAPS], with a margin around the tile */
    float *flat;   /* one map without */
    long steps;
    char dir[64], file[PATH];
    bs_err err;
} world;

static const char *program; /* set once, by main */

/* ---- what is kept ---- */

static double value(int map, int j, int i)
{
    return 1.0 / (3 + map) + 1000.0 * j + i;
}

static double *cell(const world *w, int map, int j, int i)
{
    return &w->field[(size_t)map * w->shape.plane + (size_t)j * w->shape.row + (size_t)i];
}

/* Values of the tile's own cells; of the overlap, too, where `seen`. The rest is NaN. */
static int compare(const world *w, bool seen)
{
    const bs_tile *t = &w->shape.tile;
    const bs_window own = seen ? (bs_window){0, t->nx, 0, t->ny} : t->own;
    int wrong = 0;
    for (int m = 0; m < MAPS; m++)
        for (int j = own.j0; j < own.j1; j++)
            for (int i = own.i0; i < own.i1; i++) wrong += *cell(w, m, j, i) != value(m, j + t->j0, i + t->i0);
    for (int j = own.j0; j < own.j1; j++)
        for (int i = own.i0; i < own.i1; i++) wrong += w->flat[j * t->nx + i] != (float)value(7, j + t->j0, i + t->i0);
    return wrong + (w->steps != 1234567890123L);
}

static void fill(world *w, bool with_values)
{
    const bs_tile *t = &w->shape.tile;
    for (size_t n = 0; n < (size_t)MAPS * w->shape.plane; n++) w->field[n - MARGIN * w->shape.row - MARGIN] = NAN;
    for (int n = 0; n < t->nx * t->ny; n++) w->flat[n] = NAN;
    w->steps = 0;
    if (!with_values) return;
    for (int m = 0; m < MAPS; m++)
        for (int j = t->own.j0; j < t->own.j1; j++)
            for (int i = t->own.i0; i < t->own.i1; i++) *cell(w, m, j, i) = value(m, j + t->j0, i + t->i0);
    for (int j = t->own.j0; j < t->own.j1; j++)
        for (int i = t->own.i0; i < t->own.i1; i++) w->flat[j * t->nx + i] = (float)value(7, j + t->j0, i + t->i0);
    w->steps = bs_ranks_first() ? 1234567890123L : -1; /* the first rank's is kept */
}

static bs_status archive_all(world *w, bs_archive *a)
{
    bs_err *err = &w->err;
    const size_t outside = bs_archive_enter(a, "state");
    bs_archive_shape flat = w->shape;
    flat.row = (size_t)w->shape.tile.nx;
    flat.plane = flat.row * (size_t)w->shape.tile.ny;
    BS_TRY(bs_archive_maps(a, "q", BS_ITEM_DOUBLE, MAPS, &w->shape, w->field, err));
    BS_TRY(bs_archive_maps(a, "flat", BS_ITEM_FLOAT, 1, &flat, w->flat, err));
    BS_TRY(bs_archive_maps(a, "none", BS_ITEM_FLOAT, 0, &flat, w->flat, err));
    bs_archive_leave(a, outside);
    return BS_ARCHIVE(a, "steps", &w->steps, 1, err);
}

static bs_status write_file(world *w, const char *file)
{
    bs_checkpoint *c = NULL;
    fill(w, true);
    BS_TRY(bs_checkpoint_create(file, &c, &w->err));
    const bs_status st = archive_all(w, bs_checkpoint_archive(c));
    if (st != BS_OK) {
        bs_checkpoint_abandon(c);
        return st;
    }
    return bs_checkpoint_commit(c, &w->err);
}

static bs_status read_file(world *w, const char *file)
{
    bs_checkpoint *c = NULL;
    fill(w, false);
    BS_TRY(bs_checkpoint_open(file, &c, &w->err));
    const bs_status st = archive_all(w, bs_checkpoint_archive(c));
    bs_checkpoint_close(c);
    return st;
}

/* ---- fixture ---- */

static world *make_world(void)
{
    world *w = calloc(1, sizeof *w);
    if (bs_tiling_choose(NX, NY, bs_ranks_count(), OVERLAP, &w->tiling, &w->err) != BS_OK) return NULL;
    const bs_tile t = bs_tiling_tile(&w->tiling, bs_ranks_self());
    const size_t row = (size_t)t.nx + 2 * MARGIN, plane = row * (size_t)(t.ny + 2 * MARGIN);
    w->shape = (bs_archive_shape){&w->tiling, t, row, plane};
    double *field = calloc(MAPS * plane, sizeof *field);
    w->flat = calloc((size_t)t.nx * (size_t)t.ny, sizeof *w->flat);
    if (!field || !w->flat) return NULL;
    w->field = field + MARGIN * row + MARGIN;
    return w;
}

static void free_world(world *w)
{
    free(w->field - MARGIN * w->shape.row - MARGIN);
    free(w->flat);
    free(w);
}

static int begin(void **state)
{
    world *w = make_world();
    if (!w) return -1;
    common_folder(w->dir, "/tmp/bashu-archive-XXXXXX");
    snprintf(w->file, sizeof w->file, "%s/one.h5", w->dir);
    *state = w;
    return 0;
}

static int end(void **state)
{
    world *w = *state;
    remove_folder(w->dir);
    free_world(w);
    return 0;
}

/* The same program on one rank, without MPI: "write" or "read" of a file. */
static int alone(const char *what, const char *file)
{
    char command[3 * PATH];
    int code = 0;
    if (bs_ranks_first()) {
        snprintf(command, sizeof command, "'%s' %s '%s'", program, what, file);
        code = system(command);
    }
    bs_ranks_share(0, &code, sizeof code);
    return code;
}

static bool same_bytes(const char *one, const char *other)
{
    bool same = true;
    if (bs_ranks_first()) {
        FILE *a = fopen(one, "rb"), *b = fopen(other, "rb");
        int x, y;
        do {
            x = a ? fgetc(a) : -1;
            y = b ? fgetc(b) : -2;
        } while (x == y && x != EOF);
        same = x == y;
        if (a) fclose(a);
        if (b) fclose(b);
    }
    bs_ranks_share(0, &same, sizeof same);
    return same;
}

/* ---- tests ---- */

static void what_some_ranks_write_another_number_reads(void **state)
{
    world *w = *state;
    char other[PATH + 8];
    snprintf(other, sizeof other, "%s/other.h5", w->dir);
    assert_int_equal(write_file(w, w->file), BS_OK);
    assert_int_equal(read_file(w, w->file), BS_OK);
    assert_int_equal(compare(w, true), 0);
    assert_int_equal(alone("read", w->file), 0);
    sleep(1); /* the time makes no difference either */
    assert_int_equal(alone("write", other), 0);
    assert_true(same_bytes(w->file, other)); /* so any number reads what any number wrote */
    assert_int_equal(read_file(w, other), BS_OK);
    assert_int_equal(compare(w, true), 0);
}

static void margins_are_left_alone(void **state)
{
    world *w = *state;
    assert_int_equal(write_file(w, w->file), BS_OK);
    assert_int_equal(read_file(w, w->file), BS_OK);
    for (int j = 0; j < w->shape.tile.ny; j++) {
        assert_true(isnan(*cell(w, 5, j, -1)));
        assert_true(isnan(*cell(w, 5, j, w->shape.tile.nx)));
    }
}

/* Every rank hears of it, in the same words. */
static void all_fail_together(world *w, bs_status st, bs_status wanted, const char *word)
{
    char text[BS_ERR_TEXT_MAX];
    assert_int_equal(st, wanted);
    assert_non_null(strstr(w->err.text, word));
    snprintf(text, sizeof text, "%s", w->err.text);
    bs_ranks_share(0, text, sizeof text);
    assert_string_equal(text, w->err.text);
    w->err.text[0] = '\0';
}

static void flip(const char *file, double part)
{
    struct stat info;
    if (bs_ranks_first()) {
        FILE *f = fopen(file, "r+b");
        assert_non_null(f);
        assert_int_equal(stat(file, &info), 0);
        const long at = (long)((double)info.st_size * part);
        fseek(f, at, SEEK_SET);
        const int byte = fgetc(f);
        fseek(f, at, SEEK_SET);
        fputc(byte ^ 1, f);
        fclose(f);
    }
    bs_ranks_wait();
}

static void a_damaged_map_is_found_by_all(void **state)
{
    world *w = *state;
    assert_int_equal(write_file(w, w->file), BS_OK);
    flip(w->file, 0.5);
    all_fail_together(w, read_file(w, w->file), BS_ERR_INPUT, "item 'state/q' is damaged");
    flip(w->file, 0.5);
    assert_int_equal(read_file(w, w->file), BS_OK);
    flip(w->file, 0.9); /* in its second chunk */
    all_fail_together(w, read_file(w, w->file), BS_ERR_INPUT, "item 'state/q' is damaged");
    if (bs_ranks_first()) assert_int_equal(truncate(w->file, 8192), 0);
    bs_ranks_wait();
    all_fail_together(w, read_file(w, w->file), BS_ERR_INPUT, "cut short");
}

static void maps_of_another_mesh_are_refused(void **state)
{
    world *w = *state;
    bs_checkpoint *c = NULL;
    assert_int_equal(write_file(w, w->file), BS_OK);
    assert_int_equal(bs_checkpoint_open(w->file, &c, &w->err), BS_OK);
    bs_archive *a = bs_checkpoint_archive(c);
    all_fail_together(w, bs_archive_maps(a, "state/q", BS_ITEM_DOUBLE, MAPS - 1, &w->shape, w->field, &w->err),
                      BS_ERR_INPUT, "has 600 maps of 37 x 29 cells, expected 599 of 37 x 29");
    all_fail_together(w, bs_archive_maps(a, "state/q", BS_ITEM_FLOAT, MAPS, &w->shape, w->field, &w->err), BS_ERR_INPUT,
                      "of another type");
    all_fail_together(w, bs_archive_maps(a, "state/p", BS_ITEM_DOUBLE, MAPS, &w->shape, w->field, &w->err),
                      BS_ERR_INPUT, "item 'state/p' is not there");
    all_fail_together(w, bs_archive_maps(a, "steps", BS_ITEM_LONG, 1, &w->shape, w->field, &w->err), BS_ERR_INPUT,
                      "has 1 values, expected 1073 in maps");
    assert_int_equal((int)bs_checkpoint_count(c, "state/flat"), NX * NY); /* in all ranks */
    bs_checkpoint_close(c);
}

static void what_cannot_be_made_fails_in_all(void **state)
{
    world *w = *state;
    char file[PATH + 16];
    snprintf(file, sizeof file, "%s/nowhere/one.h5", w->dir);
    all_fail_together(w, write_file(w, file), BS_ERR_IO, "cannot be created: No such file");
    all_fail_together(w, read_file(w, file), BS_ERR_INPUT, "cannot be opened");
}

static int by_itself(const char *what, const char *file)
{
    world *w = make_world();
    if (!w) return 3;
    const bool writes = strcmp(what, "write") == 0;
    const bs_status st = writes ? write_file(w, file) : read_file(w, file);
    const int code = st != BS_OK ? 2 : compare(w, true) ? 1 : 0;
    if (st != BS_OK) fprintf(stderr, "%s\n", w->err.text);
    free_world(w);
    return code;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_some_ranks_write_another_number_reads, begin, end),
        cmocka_unit_test_setup_teardown(margins_are_left_alone, begin, end),
        cmocka_unit_test_setup_teardown(a_damaged_map_is_found_by_all, begin, end),
        cmocka_unit_test_setup_teardown(maps_of_another_mesh_are_refused, begin, end),
        cmocka_unit_test_setup_teardown(what_cannot_be_made_fails_in_all, begin, end),
    };
    static bs_err err;
    program = argv[0];
    if (argc == 3) return by_itself(argv[1], argv[2]);
    if (bs_ranks_start(&argc, &argv, &err) != BS_OK) return 1;
    return bs_ranks_leave(cmocka_run_group_tests(tests, NULL, NULL), NULL, NULL);
}
