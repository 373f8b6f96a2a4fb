/* Files of maps that the first rank writes and all compress (nc_led.c): several maps and layers together, their journal, and failures. */
#include <netcdf.h>
#include <stdbool.h>
#include <sys/stat.h>

#include "model/io/nc_led.h"
#include "test_ranks_fixture.h"

enum { NX = 41, NY = 29, NZ = 7, CELLS = NX * NY, MAPS = 5, RECORDS = 3 };

typedef struct map_file {
    bs_nc *nc;
    int map[MAPS], layers, edges;
} map_file;

/* Rough enough that a map is not packed to nothing. */
static float value_at(size_t record, size_t map, size_t j, size_t i)
{
    return (float)((record * 131 + map * 17 + j * j + 3 * i) % 97) + 0.125f * (float)map;
}

static map_file begin(const char *path)
{
    static const char *const NAME[MAPS] = {"a", "b", "c", "d", "e"};
    map_file f;
    int time, lev, y, x, n;
    NEED_OK(bs_nc_create_maps(path, NY, NX, &f.nc, err));
    NEED_OK(bs_nc_def_dim(f.nc, "time", 0, &time, err));
    NEED_OK(bs_nc_def_dim(f.nc, "lev", NZ, &lev, err));
    NEED_OK(bs_nc_def_dim(f.nc, "y", NY, &y, err));
    NEED_OK(bs_nc_def_dim(f.nc, "x", NX, &x, err));
    NEED_OK(bs_nc_def_dim(f.nc, "nv", 2, &n, err));
    bs_nc_def def = {.type = BS_NC_FLOAT, .n_dims = 3, .dim = {time, y, x}, .compress = true, .chunk_rank = 2};
    for (int m = 0; m < MAPS; m++) {
        def.name = NAME[m];
        NEED_OK(bs_nc_def_var(f.nc, &def, &f.map[m], err));
    }
    def = (bs_nc_def){.name = "layers",
                      .type = BS_NC_FLOAT,
                      .n_dims = 4,
                      .dim = {time, lev, y, x},
                      .compress = true,
                      .chunk_rank = 2};
    NEED_OK(bs_nc_def_var(f.nc, &def, &f.layers, err));
    def = (bs_nc_def){
        .name = "edges", .type = BS_NC_DOUBLE, .n_dims = 3, .dim = {y, x, n}, .compress = true, .chunk_rank = 2};
    NEED_OK(bs_nc_def_var(f.nc, &def, &f.edges, err));
    return f;
}

/* [maps][own cells] of maps from first on. */
static void fill(const bs_tile *tile, size_t record, size_t first, size_t maps, float *values)
{
    const bs_window own = tile->own;
    for (size_t m = first; m < first + maps; m++)
        for (int j = own.j0; j < own.j1; j++)
            for (int i = own.i0; i < own.i1; i++)
                *values++ = value_at(record, m, (size_t)(tile->j0 + j), (size_t)(tile->i0 + i));
}

static void put_record(const map_file *f, const bs_tile *tile, size_t record)
{
    static float values[NZ * CELLS];
    const size_t j0 = (size_t)(tile->j0 + tile->own.j0), i0 = (size_t)(tile->i0 + tile->own.i0),
                 ny = (size_t)(tile->own.j1 - tile->own.j0), nx = (size_t)(tile->own.i1 - tile->own.i0);
    fill(tile, record, 0, MAPS, values);
    NEED_OK(
        bs_nc_write_part_floats(f->nc, MAPS, f->map, (size_t[]){record, j0, i0}, (size_t[]){1, ny, nx}, values, err));
    fill(tile, record, MAPS, NZ, values);
    NEED_OK(bs_nc_write_part_float(f->nc, f->layers, (size_t[]){record, 0, j0, i0}, (size_t[]){1, NZ, ny, nx}, values,
                                   err));
    NEED_OK(bs_nc_check(f->nc, err));
}

/* No map: its last dimension is another. */
static void put_edges(const map_file *f, const bs_tile *tile)
{
    static double values[2 * CELLS];
    const size_t j0 = (size_t)(tile->j0 + tile->own.j0), i0 = (size_t)(tile->i0 + tile->own.i0),
                 ny = (size_t)(tile->own.j1 - tile->own.j0), nx = (size_t)(tile->own.i1 - tile->own.i0);
    for (size_t n = 0; n < 2 * ny * nx; n++)
        values[n] = (double)((j0 + n / 2 / nx) * NX + i0 + n / 2 % nx) + (n % 2 ? 0.5 : 0);
    NEED_OK(bs_nc_write_part(f->nc, f->edges, (size_t[]){j0, i0, 0}, (size_t[]){ny, nx, 2}, values, err));
}

static void check_file(const char *path)
{
    int id, var, storage, shuffle, deflate, level;
    size_t chunk[4];
    static float found[NZ * CELLS];
    static double edges[2 * CELLS];
    bs_ranks_wait();
    NEED(nc_open(path, NC_NOWRITE, &id) == NC_NOERR);
    for (size_t r = 0; r < RECORDS; r++)
        for (int m = 0; m <= MAPS; m++) {
            const bool layers = m == MAPS;
            const size_t n = layers ? NZ : 1, start[4] = {r, 0, 0, 0};
            NEED(nc_inq_varid(id, layers ? "layers" : (char[]){(char)('a' + m), 0}, &var) == NC_NOERR);
            const size_t map[3] = {1, NY, NX}, all[4] = {1, NZ, NY, NX};
            NEED(nc_get_vara_float(id, var, start, layers ? all : map, found) == NC_NOERR);
            for (size_t k = 0; k < n * CELLS; k++)
                NEED(found[k] == value_at(r, (size_t)m + k / CELLS, k % CELLS / NX, k % NX));
            NEED(nc_inq_var_chunking(id, var, &storage, chunk) == NC_NOERR && storage == NC_CHUNKED);
            NEED(chunk[layers ? 2 : 1] == NY && chunk[layers ? 3 : 2] == NX);
            NEED(nc_inq_var_deflate(id, var, &shuffle, &deflate, &level) == NC_NOERR && shuffle && deflate);
        }
    NEED(nc_inq_varid(id, "edges", &var) == NC_NOERR && nc_get_var_double(id, var, edges) == NC_NOERR);
    for (size_t n = 0; n < 2 * CELLS; n++) NEED(edges[n] == 0.5 * (double)n);
    NEED(nc_close(id) == NC_NOERR);
}

static bool same_bytes(const char *a, const char *b)
{
    FILE *f = fopen(a, "rb"), *g = fopen(b, "rb");
    NEED(f && g);
    int c, d;
    do {
        c = fgetc(f);
        d = fgetc(g);
    } while (c == d && c != EOF);
    fclose(f);
    fclose(g);
    return c == d;
}

/* With fewer maps than ranks and more; then once more from the journal, where the first rank puts each map as a whole. */
static void maps_of_all_come_back(const char *dir, const bs_tile *tile)
{
    char path[128], again[128];
    uint64_t length = 0;
    snprintf(path, sizeof path, "%s/map.nc", dir);
    snprintf(again, sizeof again, "%s/first.nc", dir);
    map_file f = begin(path);
    put_edges(&f, tile);
    NEED_OK(bs_nc_journal(f.nc, dir, 0, err));
    put_record(&f, tile, 0);
    put_record(&f, tile, 1);
    NEED_OK(bs_nc_journal_mark(f.nc, &length, err));
    put_record(&f, tile, 2);
    NEED_OK(bs_nc_commit(f.nc, err));
    check_file(path);
    bs_ranks_wait();
    if (bs_ranks_first()) NEED(rename(path, again) == 0);
    bs_ranks_wait();
    f = begin(path);
    put_edges(&f, tile);
    NEED_OK(bs_nc_journal(f.nc, dir, length, err));
    put_record(&f, tile, 2);
    NEED_OK(bs_nc_commit(f.nc, err));
    check_file(path);
    NEED(same_bytes(path, again));
}

/* Maps of which the parts are not all: what was there before stays in the rest. */
static void parts_of_maps_are_parts(const char *dir, const bs_tile *tile)
{
    char path[128];
    int id, var;
    static float values[NZ * CELLS];
    bs_tile mine = *tile;
    snprintf(path, sizeof path, "%s/part.nc", dir);
    map_file f = begin(path);
    put_record(&f, tile, 0);
    if (bs_ranks_self() == bs_ranks_count() - 1) mine.own.j1--; /* leaves out a row */
    fill(&mine, 1, 0, MAPS, values);
    NEED_OK(bs_nc_write_part_floats(
        f.nc, MAPS, f.map, (size_t[]){0, (size_t)(mine.j0 + mine.own.j0), (size_t)(mine.i0 + mine.own.i0)},
        (size_t[]){1, (size_t)(mine.own.j1 - mine.own.j0), (size_t)(mine.own.i1 - mine.own.i0)}, values, err));
    NEED_OK(bs_nc_commit(f.nc, err));
    bs_ranks_wait();
    NEED(nc_open(path, NC_NOWRITE, &id) == NC_NOERR && nc_inq_varid(id, "c", &var) == NC_NOERR);
    NEED(nc_get_var_float(id, var, values) == NC_NOERR && nc_close(id) == NC_NOERR);
    NEED(values[0] == value_at(1, 2, 0, 0));
    NEED(values[CELLS - 1] == value_at(0, 2, NY - 1, NX - 1));
}

/* A map of one chunk is the first rank's to write; larger ones are all ranks'. */
static void the_size_of_maps_decides(const char *dir)
{
    char path[128];
    bs_nc *nc;
    const bool several = bs_ranks_count() > 1;
    snprintf(path, sizeof path, "%s/size.nc", dir);
    NEED_OK(bs_nc_create_maps(path, 256, 256, &nc, err));
    NEED(!nc->shared && !nc->led == !several && nc->mute == !bs_ranks_first());
    bs_nc_abandon(nc);
    NEED_OK(bs_nc_create_maps(path, 256, 257, &nc, err));
    NEED(nc->shared == several && !nc->led && !nc->mute);
    bs_nc_abandon(nc);
}

/* A rank that has failed, and the first one whose write fails: nobody waits, all are told, nothing is left. */
static void failures_are_everybodys(const char *dir, const bs_tile *tile)
{
    char path[128];
    struct stat info;
    bs_err err = {0};
    static float values[NZ * CELLS];
    if (bs_ranks_count() == 1) return; /* told at once: test_nc.c */
    snprintf(path, sizeof path, "%s/fails.nc", dir);
    for (int how = 0; how < 2; how++) {
        map_file f = begin(path);
        put_record(&f, tile, 0);
        if (how == 0 && bs_ranks_self() == bs_ranks_count() - 1)
            bs_nc_later(f.nc, bs_fail(&err, BS_ERR_MEMORY, "no memory in a rank"), &err, NULL);
        const size_t beyond = how == 1 ? 1 : 0; /* layers from the second on are one too many */
        const size_t start[4] = {1, beyond, (size_t)(tile->j0 + tile->own.j0), (size_t)(tile->i0 + tile->own.i0)},
                     count[4] = {1, NZ, (size_t)(tile->own.j1 - tile->own.j0), (size_t)(tile->own.i1 - tile->own.i0)};
        NEED_OK(bs_nc_write_part_float(f.nc, f.layers, start, count, values, err));
        NEED_OK(bs_nc_write_part_float(f.nc, f.layers, start, count, values, err)); /* after it, too */
        err.text[0] = '\0';
        NEED(bs_nc_check(f.nc, &err) == (how == 0 ? BS_ERR_MEMORY : BS_ERR_IO));
        NEED(strstr(err.text, how == 0 ? "no memory in a rank" : "variable 'layers': cannot be written"));
        err.text[0] = '\0';
        NEED(bs_nc_commit(f.nc, &err) != BS_OK && err.text[0]);
        bs_ranks_wait();
        NEED(stat(path, &info) != 0);
    }
}

int main(int argc, char **argv)
{
    char dir[64];
    bs_tiling tiling;
    NEED_OK(bs_ranks_start(&argc, &argv, err));
    const bs_tile tile = tile_of(NX, NY, 0, &tiling);
    common_folder(dir, "/tmp/bashu-led-XXXXXX");
    maps_of_all_come_back(dir, &tile);
    parts_of_maps_are_parts(dir, &tile);
    the_size_of_maps_decides(dir);
    failures_are_everybodys(dir, &tile);
    remove_folder(dir);
    return bs_ranks_leave(0, NULL, NULL);
}
