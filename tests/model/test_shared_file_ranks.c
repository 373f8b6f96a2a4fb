/* Files of several ranks: what each puts is found again, whoever reads it, and after a cut by any number of ranks; of files that all
 * write, and of those that the first writes for all (led). */
#include <math.h>
#include <netcdf.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "model/core/hash.h"
#include "model/io/aside.h"
#include "model/io/json.h"
#include "model/io/nc_file.h"
#include "test_ranks_fixture.h"

enum { NX = 23, NY = 17, RECORDS = 3, CELLS = NX * NY };

typedef struct map_file {
    bs_nc *nc;
    int time, map, twice, edge;
} map_file;

static double value_at(size_t record, int j, int i)
{
    return 1000.0 * (double)record + NX * j + i + 0.25;
}

static const char *path_of(const char *dir, const char *name)
{
    static char path[8][160];
    static int next;
    char *p = path[next++ % 8];
    snprintf(p, 160, "%s/%s", dir, name);
    return p;
}

static bool exists(const char *dir, const char *name)
{
    struct stat info;
    return stat(path_of(dir, name), &info) == 0;
}

/* A map over time, in floats and in doubles, compressed and not. */
static map_file begin_map(const char *dir, bool led)
{
    map_file f;
    int time, y, x;
    const char *path = path_of(dir, "map.nc");
    if (led) {
        NEED_OK(bs_nc_create_maps(path, NY, NX, &f.nc, err));
    } else {
        NEED_OK(bs_nc_create_shared(path, &f.nc, err));
    }
    NEED(!f.nc->led == !(led && bs_ranks_count() > 1));
    NEED_OK(bs_nc_def_dim(f.nc, "time", 0, &time, err));
    NEED_OK(bs_nc_def_dim(f.nc, "y", NY, &y, err));
    NEED_OK(bs_nc_def_dim(f.nc, "x", NX, &x, err));
    bs_nc_def def = {
        .name = "time", .type = BS_NC_DOUBLE, .n_dims = 1, .dim = {time}, .units = "hours since 2015-01-10"};
    NEED_OK(bs_nc_def_var(f.nc, &def, &f.time, err));
    def = (bs_nc_def){
        .name = "pm", .type = BS_NC_FLOAT, .n_dims = 3, .dim = {time, y, x}, .compress = true, .chunk_rank = 2};
    NEED_OK(bs_nc_def_var(f.nc, &def, &f.map, err));
    def = (bs_nc_def){.name = "twice", .type = BS_NC_DOUBLE, .n_dims = 3, .dim = {time, y, x}, .chunk_rank = 2};
    NEED_OK(bs_nc_def_var(f.nc, &def, &f.twice, err));
    def = (bs_nc_def){.name = "edge", .type = BS_NC_DOUBLE, .n_dims = 1, .dim = {x}};
    NEED_OK(bs_nc_def_var(f.nc, &def, &f.edge, err));
    NEED_OK(bs_nc_put_text(f.nc, BS_NC_GLOBAL, "title", "成都 basin", err));
    return f;
}

static void put_record(const map_file *f, const bs_tile *tile, size_t record)
{
    const bs_window own = tile->own;
    const int j0 = tile->j0 + own.j0, i0 = tile->i0 + own.i0;
    const size_t start[3] = {record, (size_t)j0, (size_t)i0},
                 count[3] = {1, (size_t)(own.j1 - own.j0), (size_t)(own.i1 - own.i0)};
    float map[CELLS];
    double twice[CELLS];
    size_t n = 0;
    for (size_t j = 0; j < count[1]; j++)
        for (size_t i = 0; i < count[2]; i++, n++) {
            map[n] = (float)value_at(record, j0 + (int)j, i0 + (int)i);
            twice[n] = 2 * (double)map[n];
        }
    NEED_OK(bs_nc_write_part_float(f->nc, f->map, start, count, map, err));
    NEED_OK(bs_nc_write_part(f->nc, f->twice, start, count, twice, err));
    /* What others than the first give is not taken. */
    const double hours = bs_ranks_first() ? (double)record : -1;
    NEED_OK(bs_nc_write(f->nc, f->time, (size_t[]){record}, (size_t[]){1}, &hours, err));
    double edge[NX];
    for (int i = 0; i < NX; i++) edge[i] = bs_ranks_first() ? i + (double)record : NAN;
    NEED_OK(bs_nc_write(f->nc, f->edge, NULL, NULL, edge, err));
    NEED_OK(bs_nc_check(f->nc, err));
}

/* Every rank reads all of it. */
static void check_map(const char *dir, size_t records)
{
    bs_nc *nc;
    bs_nc_var var;
    double found[RECORDS * CELLS];
    bs_ranks_wait();
    NEED_OK(bs_nc_open(path_of(dir, "map.nc"), &nc, err));
    NEED_OK(bs_nc_find(nc, "pm", &var, err));
    NEED(var.size == records * CELLS);
    NEED_OK(bs_nc_read(nc, &var, NULL, NULL, found, err));
    for (size_t n = 0; n < var.size; n++)
        NEED(found[n] == value_at(n / CELLS, (int)(n % CELLS) / NX, (int)(n % CELLS) % NX));
    NEED_OK(bs_nc_find(nc, "twice", &var, err));
    NEED(var.size == records * CELLS);
    NEED_OK(bs_nc_read(nc, &var, NULL, NULL, found, err));
    for (size_t n = 0; n < var.size; n++)
        NEED(found[n] == 2 * value_at(n / CELLS, (int)(n % CELLS) / NX, (int)(n % CELLS) % NX));
    NEED_OK(bs_nc_find(nc, "time", &var, err));
    NEED(var.size == records);
    NEED_OK(bs_nc_read(nc, &var, NULL, NULL, found, err));
    for (size_t n = 0; n < records; n++) NEED(found[n] == (double)n);
    NEED_OK(bs_nc_find(nc, "edge", &var, err));
    NEED_OK(bs_nc_read(nc, &var, NULL, NULL, found, err));
    for (size_t i = 0; i < NX; i++) NEED(found[i] == (double)i + (double)(records - 1));
    bs_nc_close(nc);
    NEED(!exists(dir, "map.nc.part"));
}

static void parts_make_a_whole(const char *dir, bool led)
{
    bs_tiling tiling;
    const bs_tile tile = tile_of(NX, NY, 0, &tiling);
    const map_file f = begin_map(dir, led);
    for (size_t r = 0; r < RECORDS; r++) put_record(&f, &tile, r);
    NEED(!exists(dir, "map.nc"));
    NEED_OK(bs_nc_put_text(f.nc, BS_NC_GLOBAL, "assumed", "what came later", err));
    NEED_OK(bs_nc_commit(f.nc, err));
    check_map(dir, RECORDS);
}

static void an_abandoned_file_is_gone(const char *dir, bool led)
{
    bs_tiling tiling;
    const bs_tile tile = tile_of(NX, NY, 0, &tiling);
    const map_file f = begin_map(dir, led);
    put_record(&f, &tile, 0);
    bs_nc_abandon(f.nc);
    bs_ranks_wait();
    NEED(!exists(dir, "map.nc") && !exists(dir, "map.nc.part"));
}

/* The journal of another number of ranks, written by hand: the same puts, in other pieces. */
static void journal_of(const char *dir, const map_file *f, int ranks, uint64_t *length)
{
    bs_tiling tiling;
    bs_journal *j;
    static float map[CELLS];
    static double twice[CELLS], edge[NX];
    NEED_OK(bs_tiling_choose(NX, NY, ranks, 0, &tiling, err));
    NEED_OK(bs_journal_open_of(dir, "map.nc", 0, &j, err));
    for (size_t r = 0; r < 2; r++) {
        for (int double_map = 0; double_map < 2; double_map++)
            for (int rank = 0; rank < ranks; rank++) {
                const bs_tile t = bs_tiling_tile(&tiling, rank);
                const int j0 = t.j0 + t.own.j0, i0 = t.i0 + t.own.i0, ny = t.own.j1 - t.own.j0,
                          nx = t.own.i1 - t.own.i0;
                const bs_nc_put head = {.var = double_map ? f->twice : f->map,
                                        .type = double_map ? BS_NC_DOUBLE : BS_NC_FLOAT,
                                        .n_dims = 3,
                                        .start = {r, (uint64_t)j0, (uint64_t)i0},
                                        .count = {1, (uint64_t)ny, (uint64_t)nx}};
                for (int n = 0; n < nx * ny; n++) {
                    map[n] = (float)value_at(r, j0 + n / nx, i0 + n % nx);
                    twice[n] = 2 * (double)map[n];
                }
                const size_t size = (size_t)(nx * ny) * (double_map ? sizeof *twice : sizeof *map);
                NEED_OK(bs_journal_add(j, &head, sizeof head, double_map ? (void *)twice : (void *)map, size, err));
            }
        const bs_nc_put when = {.var = f->time, .type = BS_NC_DOUBLE, .n_dims = 1, .start = {r}, .count = {1}};
        const double hours = (double)r;
        NEED_OK(bs_journal_add(j, &when, sizeof when, &hours, sizeof hours, err));
        for (int i = 0; i < NX; i++) edge[i] = i + (double)r;
        const bs_nc_put all = {.var = f->edge, .type = BS_NC_DOUBLE, .n_dims = 1, .whole = 1, .count = {NX}};
        NEED_OK(bs_journal_add(j, &all, sizeof all, edge, sizeof edge, err));
    }
    NEED_OK(bs_journal_mark(j, length, err));
    bs_journal_close(j);
}

/* After a cut behind the second record, by a run of other ranks; the third comes from this one. */
static void any_ranks_journal_serves(const char *dir, bool led, bool last_record)
{
    static const int RANKS[] = {1, 2, 3, 4, 6};
    bs_tiling tiling;
    const bs_tile tile = tile_of(NX, NY, 0, &tiling);
    for (size_t n = 0; n < sizeof RANKS / sizeof *RANKS; n++) {
        const map_file f = begin_map(dir, led);
        uint64_t keep = 0, length;
        if (bs_ranks_first()) journal_of(dir, &f, RANKS[n], &keep);
        bs_ranks_share(0, &keep, sizeof keep);
        NEED_OK(bs_nc_journal(f.nc, dir, keep, err));
        NEED_OK(bs_nc_journal_mark(f.nc, &length, err));
        NEED(length == keep);
        if (last_record) put_record(&f, &tile, 2);
        NEED_OK(bs_nc_commit(f.nc, err));
        check_map(dir, last_record ? RECORDS : 2);
    }
}

/* What this many ranks keep, they find again; so does their journal's length in all of them. */
static void our_journal_serves(const char *dir, bool led)
{
    bs_tiling tiling;
    uint64_t keep, same, later;
    const bs_tile tile = tile_of(NX, NY, 0, &tiling);
    map_file f = begin_map(dir, led);
    NEED_OK(bs_nc_journal(f.nc, dir, 0, err));
    for (size_t r = 0; r < 2; r++) put_record(&f, &tile, r);
    NEED_OK(bs_nc_journal_mark(f.nc, &keep, err));
    same = keep;
    bs_ranks_share(0, &same, sizeof same);
    NEED(keep == same && keep > 0);
    put_record(&f, &tile, 2); /* is cut off again */
    NEED_OK(bs_nc_journal_mark(f.nc, &later, err));
    NEED(later > keep);
    bs_nc_abandon(f.nc);
    bs_ranks_wait();

    f = begin_map(dir, led);
    NEED_OK(bs_nc_journal(f.nc, dir, keep, err));
    put_record(&f, &tile, 2);
    NEED_OK(bs_nc_journal_mark(f.nc, &same, err));
    NEED(same == later);
    NEED_OK(bs_nc_commit(f.nc, err));
    check_map(dir, RECORDS);
}

static void a_damaged_journal_is_told_by_all(const char *dir, bool led)
{
    bs_err err = {0};
    map_file f = begin_map(dir, led);
    uint64_t keep = 0;
    if (bs_ranks_first()) {
        journal_of(dir, &f, 2, &keep);
        FILE *file = fopen(path_of(dir, "map.nc.journal"), "r+b");
        NEED(file && fseek(file, (long)keep / 2, SEEK_SET) == 0 && fputs("damage", file) >= 0 && fclose(file) == 0);
    }
    bs_ranks_share(0, &keep, sizeof keep);
    NEED(bs_nc_journal(f.nc, dir, keep, &err) == BS_ERR_INPUT);
    NEED(strstr(err.text, "is damaged"));
    bs_nc_abandon(f.nc);
}

/* A rank may have no cells at all. */
static void one_rank_may_hold_all(const char *dir, bool led)
{
    const bs_tile all = {.nx = NX, .ny = NY, .own = {.i1 = NX, .j1 = NY}}, none = {.nx = NX, .ny = NY};
    const map_file f = begin_map(dir, led);
    for (size_t r = 0; r < RECORDS; r++) put_record(&f, bs_ranks_self() == bs_ranks_count() - 1 ? &all : &none, r);
    NEED_OK(bs_nc_commit(f.nc, err));
    check_map(dir, RECORDS);
}

static void failures_are_everybodys(const char *dir, bool led)
{
    bs_err err = {0};
    bs_nc *nc;
    NEED((led ? bs_nc_create_maps(path_of(dir, "nowhere/map.nc"), NY, NX, &nc, &err)
              : bs_nc_create_shared(path_of(dir, "nowhere/map.nc"), &nc, &err)) == BS_ERR_IO);
    NEED(strstr(err.text, "cannot be created"));
    err.text[0] = '\0';
    NEED(bs_nc_create(path_of(dir, "nowhere/map.nc"), &nc, &err) == BS_ERR_IO);
    NEED(strstr(err.text, "cannot be created"));
    if (bs_ranks_count() == 1) return; /* told at once: test_nc.c */

    /* A put of one rank alone that cannot be: the others hear of it when they ask. */
    bs_tiling tiling;
    const bs_tile tile = tile_of(NX, NY, 0, &tiling);
    map_file f = begin_map(dir, led);
    put_record(&f, &tile, 0);
    const bool wrong = bs_ranks_self() == (led ? 0 : bs_ranks_count() - 1); /* who has the file open */
    const double values[1] = {1.0};
    if (wrong) NEED_OK(bs_nc_put_number(f.nc, 99, "number", 1, values, err));
    err.text[0] = '\0';
    NEED(bs_nc_check(f.nc, &err) == BS_ERR_IO);
    NEED(strstr(err.text, "attribute 'number' cannot be written"));
    err.text[0] = '\0';
    NEED(bs_nc_commit(f.nc, &err) == BS_ERR_IO);
    NEED(strstr(err.text, "attribute 'number' cannot be written"));
    bs_ranks_wait();
    NEED(!exists(dir, "map.nc.part"));
}

/* A file of the first rank alone: the others are mute, whatever they give. */
static void the_first_rank_writes_its_file(const char *dir)
{
    bs_nc *nc;
    int dim, var, names;
    NEED_OK(bs_nc_create(path_of(dir, "list.nc"), &nc, err));
    NEED_OK(bs_nc_def_dim(nc, "n", 2, &dim, err));
    NEED(dim == 0);
    NEED_OK(bs_nc_def_var(nc, &(bs_nc_def){.name = "pm", .type = BS_NC_DOUBLE, .n_dims = 1, .dim = {dim}}, &var, err));
    NEED_OK(
        bs_nc_def_var(nc, &(bs_nc_def){.name = "name", .type = BS_NC_STRING, .n_dims = 1, .dim = {dim}}, &names, err));
    NEED(var == 0 && names == 1);
    const double values[2] = {bs_ranks_self() + 1, bs_ranks_self() + 2};
    const char *const text[2] = {bs_ranks_first() ? "成都市" : "nobody", "Chongqing"};
    NEED_OK(bs_nc_write_strings(nc, names, 2, text, err));
    NEED_OK(bs_nc_journal(nc, dir, 0, err));
    NEED_OK(bs_nc_write(nc, var, NULL, NULL, values, err));
    uint64_t length, same;
    NEED_OK(bs_nc_journal_mark(nc, &length, err));
    same = length;
    bs_ranks_share(0, &same, sizeof same);
    NEED(length == same && length > 0);
    NEED_OK(bs_nc_sync(nc, err));
    NEED_OK(bs_nc_commit(nc, err));

    double found[2];
    bs_nc_var found_var;
    NEED_OK(bs_nc_open(path_of(dir, "list.nc"), &nc, err));
    NEED_OK(bs_nc_find(nc, "pm", &found_var, err));
    NEED_OK(bs_nc_read(nc, &found_var, NULL, NULL, found, err));
    NEED(found[0] == 1 && found[1] == 2);
    bs_nc_close(nc);
}

static void tables_are_the_first_ranks(const char *dir)
{
    bs_text_file *text;
    uint64_t length, same;
    char found[64] = "";
    NEED_OK(bs_text_create(dir, "table.json", &text, err));
    NEED_OK(bs_text_journal(text, dir, 0, err));
    bs_json json = {.stream = text->stream};
    bs_json_open(&json, NULL, '{');
    bs_json_integer(&json, "rank", bs_ranks_self());
    bs_json_close(&json, '}');
    NEED_OK(bs_text_journal_mark(text, &length, err));
    same = length;
    bs_ranks_share(0, &same, sizeof same);
    NEED(length == same && length > 0);
    bs_ranks_wait();
    NEED(!exists(dir, "table.json"));
    bs_ranks_wait();
    NEED_OK(bs_text_commit(text, err));
    bs_ranks_wait();
    FILE *f = fopen(path_of(dir, "table.json"), "r");
    NEED(f && fread(found, 1, sizeof found - 1, f) > 0);
    fclose(f);
    NEED(strcmp(found, "{\n  \"rank\": 0\n}\n") == 0);

    /* Printed again from the journal. */
    bs_ranks_wait();
    NEED_OK(bs_text_create(dir, "table.json", &text, err));
    NEED_OK(bs_text_journal(text, dir, length, err));
    NEED_OK(bs_text_journal_mark(text, &same, err));
    NEED(same == length);
    NEED_OK(bs_text_commit(text, err));
    bs_ranks_wait();
    NEED(!exists(dir, "table.json.part"));
}

int main(int argc, char **argv)
{
    char dir[64];
    NEED_OK(bs_ranks_start(&argc, &argv, err));
    common_folder(dir, "/tmp/bashu-shared-XXXXXX");
    for (int led = 0; led < 2; led++) {
        if (led && bs_ranks_first()) unlink(path_of(dir, "map.nc")); /* of the round before */
        bs_ranks_wait();
        an_abandoned_file_is_gone(dir, led);
        parts_make_a_whole(dir, led);
        one_rank_may_hold_all(dir, led);
        any_ranks_journal_serves(dir, led, true);
        any_ranks_journal_serves(dir, led, false);
        our_journal_serves(dir, led);
        a_damaged_journal_is_told_by_all(dir, led);
        failures_are_everybodys(dir, led);
    }
    the_first_rank_writes_its_file(dir);
    tables_are_the_first_ranks(dir);
    remove_folder(dir);
    return bs_ranks_leave(0, NULL, NULL);
}
