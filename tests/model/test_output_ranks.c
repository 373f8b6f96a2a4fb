/* Outputs of several ranks: files, tables and means are those of one rank that sees all, to the bit. */
#include "test_output_fixture.h"

#include <dirent.h>

#include "model/io/output_differences.h"
#include "test_ranks_fixture.h"

enum { HOURS = 30, OVERLAP = 2, MEMBERS = 2, VALUES_MAX = 200000 };

/* What a rank sees, and an output of it. */
typedef struct seen {
    bs_tiling tiling;
    bs_tile tile;
    bs_mesh *mesh;
    bs_state *state;
    bs_met_state *met[2];
    bs_forcing *forcing;
    double terrain[CELLS];
    bs_output *output[MEMBERS];
    char dir[MEMBERS][96];
} seen;

/* Varied enough that no sum of it is exact. */
static double field(int kind, int cell, double hours)
{
    return 10 + 9 * sin(0.7 * kind + 0.37 * cell + 0.21 * hours) + 0.001 * cell;
}

static void fill_weather(const bs_tile *tile, bs_met_state *m, double hours)
{
    const int n = tile->nx * tile->ny;
    for (int c = 0; c < n; c++) {
        const int cell = (c / tile->nx + tile->j0) * NX + c % tile->nx + tile->i0;
        real *const map[] = {m->ps, m->t2, m->pblh, m->u10, m->v10, m->rain};
        for (int k = 0; k < 6; k++) map[k][c] = (real)field(k, cell, hours);
        for (int k = 0; k < NZ; k++) m->rho[k * n + c] = (real)(1 + 0.01 * field(k, cell, hours));
        for (int k = 0; k <= NZ; k++) m->z_half[k * n + c] = (real)(100 * k + field(k, cell, hours));
    }
}

static void fill_state(const bs_tile *tile, bs_state *s, int member, double hours)
{
    const int n = tile->nx * tile->ny;
    for (int tracer = 0; tracer < TRACERS; tracer++)
        for (int c = 0; c < n; c++) {
            const int j = c / tile->nx, i = c % tile->nx, cell = (j + tile->j0) * NX + i + tile->i0;
            for (int k = 0; k < NZ; k++)
                bs_state_q(s, tracer)[bs_at(&s->box, k, j, i)] = (real)field(3 * tracer + k + 50 * member, cell, hours);
            s->dry[tracer * n + c] = hours * 1e6 * field(tracer, cell, 0);
            s->wet[tracer * n + c] = hours * 2e6 * field(tracer + 9, cell, 0);
        }
}

static void see(place *p, seen *s)
{
    NEED_OK(bs_mesh_window(p->mesh, &s->tile, &s->mesh, err));
    bs_box box = bs_box_make(s->tile.nx, s->tile.ny, NZ, HALO);
    box.own = s->tile.own;
    NEED_OK(bs_state_create(&box, p->tracers, &s->state, err));
    NEED_OK(bs_forcing_create(s->tile.nx, s->tile.ny, NZ, &s->forcing, err));
    for (int e = 0; e < 2; e++) {
        NEED_OK(bs_met_state_create(s->tile.nx, s->tile.ny, NZ, p->tracers->n_removal, &s->met[e], err));
        s->forcing->end[e] = s->met[e];
    }
    bs_tile_cut(&s->tile, BS_AT_CELLS, sizeof(double), p->terrain, NX, s->terrain);
}

static void forget(seen *s)
{
    bs_mesh_destroy(s->mesh);
    bs_state_destroy(s->state);
    bs_forcing_destroy(s->forcing);
    for (int e = 0; e < 2; e++) bs_met_state_destroy(s->met[e]);
}

static void begin(place *p, seen *s, const char *dir)
{
    for (int m = 0; m < MEMBERS; m++) {
        snprintf(s->dir[m], sizeof s->dir[m], "%s-%d", dir, m);
        if (bs_ranks_first()) NEED(mkdir(s->dir[m], 0777) == 0);
        bs_output_info info = info_of(p);
        info.mesh = s->mesh;
        info.whole = p->mesh;
        info.tiling = s->tiling;
        info.tile = s->tile;
        info.terrain = s->terrain;
        info.dir = s->dir[m];
        info.keep_means = true;
        info.beside = m ? s->output[0] : NULL;
        bs_ranks_wait();
        NEED_OK(bs_output_create(&info, &s->output[m], err));
    }
}

static void run(place *p, seen *s)
{
    for (bs_time from = p->start, to = p->start; to <= p->end; from = to, to += HOUR) {
        const bs_time into = (to - p->start) % HOUR;
        s->forcing->t0 = into ? to - into : to > p->start ? to - HOUR : to;
        s->forcing->t1 = s->forcing->t0 + HOUR;
        for (int e = 0; e < 2; e++) fill_weather(&s->tile, s->met[e], (double)(s->forcing->t0 - p->start) / HOUR + e);
        for (int m = 0; m < MEMBERS; m++) {
            fill_state(&s->tile, s->state, m, (double)(to - p->start) / HOUR);
            NEED_OK(bs_output_sample(s->output[m], s->state, s->forcing, from, to, err));
        }
    }
}

/* The first region's means, and all that lies in the folders. */
static double finish(seen *s)
{
    static const char *const NAME[] = {"base", "less-coal"};
    static const char *const LATER[] = {"no rain", "something that came up later"};
    const double mean = bs_output_region_mean(s->output[0], 1, 1);
    NEED(bs_output_region_mean(s->output[0], 0, 2) != 0); /* NaN */
    NEED_OK(bs_output_differences(s->dir[0], MEMBERS, s->output, NAME, err));
    for (int m = MEMBERS - 1; m >= 0; m--) {
        NEED_OK(bs_output_assumed(s->output[m], 2, LATER, err));
        NEED_OK(bs_output_finish(s->output[m], s->state, err));
    }
    bs_ranks_wait();
    return mean;
}

/* ---- comparing ---- */

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

static void same_data(const char *a, const char *b)
{
    bs_nc *f, *g;
    bs_nc_var var, other;
    static double found[2][VALUES_MAX];
    int numbers = 0;
    NEED_OK(bs_nc_open(a, &f, err));
    NEED_OK(bs_nc_open(b, &g, err));
    NEED(bs_nc_var_count(f) == bs_nc_var_count(g));
    for (int v = 0; v < bs_nc_var_count(f); v++) {
        NEED_OK(bs_nc_var_at(f, v, &var, err));
        NEED_OK(bs_nc_var_at(g, v, &other, err));
        NEED(strcmp(var.name, other.name) == 0 && var.size == other.size && var.size <= VALUES_MAX);
        if (!var.is_number) continue;
        numbers++;
        NEED_OK(bs_nc_read(f, &var, NULL, NULL, found[0], err));
        NEED_OK(bs_nc_read(g, &other, NULL, NULL, found[1], err));
        if (memcmp(found[0], found[1], var.size * sizeof **found) != 0) leave_all(b, 0, var.name);
    }
    NEED(numbers > 2);
    bs_nc_close(f);
    bs_nc_close(g);
}

static void same_folder(const char *a, const char *b, int least)
{
    char one[400], other[400];
    DIR *dir = opendir(a);
    NEED(dir);
    int files = 0, here = 0;
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) {
        if (*e->d_name == '.') continue;
        snprintf(one, sizeof one, "%s/%s", a, e->d_name);
        snprintf(other, sizeof other, "%s/%s", b, e->d_name);
        NEED(!strstr(e->d_name, ".part"));
        files++;
        if (strstr(e->d_name, ".nc")) {
            same_data(one, other);
        } else if (!same_bytes(one, other)) {
            leave_all(other, 0, "is not the same");
        }
    }
    closedir(dir);
    dir = opendir(b);
    NEED(dir);
    for (struct dirent *e = readdir(dir); e; e = readdir(dir)) here += *e->d_name != '.';
    closedir(dir);
    NEED(files == here && files >= least);
}

/* The reference: one rank owns all of it, the others nothing. Then a tile each. */
static void tiles_change_nothing(place *p, const char *projection, const char *dir)
{
    char path[2][80];
    seen all = {.tiling = {.nx = NX, .ny = NY, .px = 1, .py = 1}, .tile = {.nx = NX, .ny = NY}}, mine = {0};
    if (bs_ranks_first()) all.tile.own = (bs_window){.i1 = NX, .j1 = NY};
    make_run(p, projection, HOURS,
             "output: {tags: true, fields3d: {interval: 14 hours}, surface_interval: 7 hours, precision_bits: 12}");
    snprintf(path[0], sizeof path[0], "%s/all", dir);
    snprintf(path[1], sizeof path[1], "%s/tiles", dir);
    see(p, &all);
    begin(p, &all, path[0]);
    run(p, &all);
    const double mean = finish(&all);

    mine.tile = tile_of(NX, NY, OVERLAP, &mine.tiling);
    see(p, &mine);
    begin(p, &mine, path[1]);
    run(p, &mine);
    const double same = finish(&mine);
    NEED(memcmp(&mean, &same, sizeof mean) == 0);
    for (int m = 0; m < MEMBERS; m++) same_folder(all.dir[m], mine.dir[m], m ? 9 : 11);
    forget(&all);
    forget(&mine);
}

int main(int argc, char **argv)
{
    static const char *const PROJECTION[] = {LAMBERT, "+proj=longlat +R=6370000"};
    char dir[64];
    NEED_OK(bs_ranks_start(&argc, &argv, err));
    for (size_t n = 0; n < sizeof PROJECTION / sizeof *PROJECTION; n++) {
        void *state;
        common_folder(dir, "/tmp/bashu-ranks-XXXXXX");
        NEED(enter(&state) == 0);
        tiles_change_nothing(state, PROJECTION[n], dir);
        NEED(leave(&state) == 0);
        remove_folder(dir);
    }
    return bs_ranks_leave(0, NULL, NULL);
}
