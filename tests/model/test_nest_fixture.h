/* test_nest_fixture.h - a coarser run's fields3d.nc, written by the program's own output, and a case nested into it. */
#ifndef BS_TESTS_MODEL_TEST_NEST_FIXTURE_H
#define BS_TESTS_MODEL_TEST_NEST_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/io/output.h"
#include "model/run/nest.h"

enum { NX = 14, NY = 12, NZ = 5, FNX = 20, FNY = 17, FNZ = 7, HOUR = 3600, MOST_HOURS = 6 };

#define COARSE_LCC "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000"
#define FINE_LCC   "+proj=lcc +lat_1=28 +lat_2=32 +lat_0=30.5 +lon_0=106 +R=6370000"
#define LONLAT     "+proj=longlat +R=6370000"

/* Mixing ratio and height factor at (x, y) of the coarser mesh in units of its width, height z in km, t in hours. */
typedef double (*q_function)(int species, double x, double y, double z, double t);

typedef struct world {
    const char *projection; /* of the coarser run */
    bool degrees;
    const char *species[2];
    int n_species;
    int from, to;       /* hours of the coarser run */
    const char *output; /* further lines of its case */
    q_function q;
    int spoil_hour, spoil[3]; /* k, j, i of a cell of species 0 that takes spoil_value; hour -1: none */
    double spoil_value;
} world;

typedef struct nest_test {
    char dir[64], path[160];
    world w;
    bs_mesh *coarse;
    bs_case c; /* the nested one */
    bs_met_state *met;
    bs_state *state;
    bs_boundary *boundary;
    bs_err err;
} nest_test;

static inline void need_ok(bs_status st, const bs_err *err)
{
    if (st != BS_OK) fail_msg("%s", err->text);
}

static inline void assert_says(const char *text, const char *words)
{
    if (!strstr(text, words)) fail_msg("'%s' is not in: %s", words, text);
}

static inline const char *path_of(nest_test *t, const char *name)
{
    snprintf(t->path, sizeof t->path, "%s/%s", t->dir, name);
    return t->path;
}

static inline bs_config *read_config(nest_test *t, const char *name, const char *text)
{
    bs_config *config = NULL;
    FILE *f = fopen(path_of(t, name), "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    need_ok(bs_config_read(t->path, 0, NULL, &config, &t->err), &t->err);
    return config;
}

/* Top of half level k of the coarser run, m. */
static inline double top_at(int k, double x, double y, double t)
{
    static const double BASE[NZ + 1] = {0, 60, 200, 550, 1500, 4000};
    return BASE[k] * (1 + 0.1 * x - 0.05 * y + 0.02 * t);
}

static inline void set_air(const world *w, bs_met_state *m, double hour)
{
    (void)w;
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) {
            const int c = j * NX + i;
            for (int k = 0; k <= NZ; k++)
                m->z_half[k * NX * NY + c] = (real)top_at(k, (i + 0.5) / NX, (j + 0.5) / NY, hour);
            for (int k = 0; k < NZ; k++) m->rho[k * NX * NY + c] = 1;
            m->ps[c] = 95000;
        }
}

static inline void set_q(const world *w, const bs_met_state *m, double hour, bs_state *s)
{
    for (int sp = 0; sp < s->tracers->n; sp++)
        for (int k = 0; k < NZ; k++)
            for (int j = 0; j < NY; j++)
                for (int i = 0; i < NX; i++) {
                    const int c = k * NX * NY + j * NX + i;
                    const double z = 0.5 * ((double)m->z_half[c] + (double)m->z_half[c + NX * NY]) / 1000;
                    bs_state_q(s, sp)[bs_at(&s->box, k, j, i)] =
                        (real)w->q(sp, (i + 0.5) / NX, (j + 0.5) / NY, z, hour);
                }
    if (hour == w->spoil_hour)
        bs_state_q(s, 0)[bs_at(&s->box, w->spoil[0], w->spoil[1], w->spoil[2])] = (real)w->spoil_value;
}

static inline void write_records(nest_test *t, const bs_output_info *info, bs_time start)
{
    const world *w = &t->w;
    const bs_box box = bs_box_make(NX, NY, NZ, 0);
    bs_output *output;
    bs_state *state;
    bs_forcing *forcing;
    bs_met_state *met;
    need_ok(bs_state_create(&box, info->tracers, &state, &t->err), &t->err);
    need_ok(bs_forcing_create(NX, NY, NZ, &forcing, &t->err), &t->err);
    need_ok(bs_met_state_create(NX, NY, NZ, info->tracers->n_removal, &met, &t->err), &t->err);
    need_ok(bs_output_create(info, &output, &t->err), &t->err);
    for (int h = w->from; h <= w->to; h++) {
        const bs_time now = start + (h - w->from) * HOUR;
        set_air(w, met, h);
        set_q(w, met, h, state);
        forcing->end[0] = forcing->end[1] = met;
        forcing->t0 = now - HOUR;
        forcing->t1 = now;
        need_ok(bs_output_sample(output, state, forcing, h == w->from ? now : now - HOUR, now, &t->err), &t->err);
    }
    need_ok(bs_output_finish(output, state, &t->err), &t->err);
    bs_met_state_destroy(met);
    bs_forcing_destroy(forcing);
    bs_state_destroy(state);
}

/* DIR/fields3d.nc of the coarser run. */
static inline void write_coarse(nest_test *t)
{
    const world *w = &t->w;
    char text[2048];
    const double eta[NZ + 1] = {1.0, 0.99, 0.97, 0.92, 0.8, 0.0};
    const bs_mesh_spec spec = w->degrees ? (bs_mesh_spec){w->projection, NX, NY, 0.3, 0.3, 104.0, 28.5}
                                         : (bs_mesh_spec){w->projection, NX, NY, 27000, 27000, -40000, -150000};
    const bs_tracer_request request = {.n_species = w->n_species, .species = w->species, .acts = BS_ACT_ADVECT};
    bs_levels *levels;
    bs_tracers *tracers;
    snprintf(text, sizeof text,
             "case: {name: coarse}\n"
             "time: {start: 2015-01-10T%02d:00:00Z, end: 2015-01-10T%02d:00:00Z}\n"
             "grid: {projection: '%s', nx: %d, ny: %d, dx: %s}\n"
             "meteorology: {provider: idealised}\n%s\n",
             w->from, w->to, w->projection, NX, NY, w->degrees ? "0.3 degree" : "27 km", w->output);
    bs_config *config = read_config(t, "coarse.yaml", text);
    need_ok(bs_mesh_create(&spec, &t->coarse, &t->err), &t->err);
    need_ok(bs_levels_from_eta(NZ + 1, eta, 10000.0, 0.3, &levels, &t->err), &t->err);
    need_ok(bs_tracers_create(&request, &tracers, &t->err), &t->err);
    const bs_output_info info = {.config = config,
                                 .mesh = t->coarse,
                                 .levels = levels,
                                 .tracers = tracers,
                                 .version = "bashu test",
                                 .weather_label = "weather of a test",
                                 .dir = t->dir};
    write_records(t, &info, bs_config_time(config, "time.start"));
    bs_tracers_destroy(tracers);
    bs_levels_destroy(levels);
    bs_config_destroy(config);
}

/* The nested case: cells of `cell` metres, lower left corner at (x0, y0) of its own projection; hours 1 to 3. */
static inline void make_fine(nest_test *t, const char *options, double cell, double x0, double y0)
{
    static const char *const species[] = {"pm25", "inert"}, *const sectors[] = {"industry"};
    char text[2048];
    snprintf(text, sizeof text,
             "case: {name: fine}\n"
             "time: {start: 2015-01-10T01:00:00Z, end: 2015-01-10T03:00:00Z}\n"
             "grid: {projection: '%s', nx: %d, ny: %d, dx: 9 km}\n"
             "meteorology: {provider: idealised}\n%s\n",
             FINE_LCC, FNX, FNY, options);
    t->c.config = read_config(t, "fine.yaml", text);
    const bs_mesh_spec spec = {FINE_LCC, FNX, FNY, cell, cell, x0, y0};
    const bs_tracer_request request = {.n_species = 2,
                                       .species = species,
                                       .n_sectors = 1,
                                       .sectors = sectors,
                                       .tag_initial = 1,
                                       .tag_boundary = 1,
                                       .acts = BS_ACT_ADVECT};
    const double eta[FNZ + 1] = {1.0, 0.995, 0.99, 0.97, 0.94, 0.9, 0.8, 0.0};
    need_ok(bs_units_create(&t->c.units, &t->err), &t->err);
    need_ok(bs_mesh_create(&spec, &t->c.mesh, &t->err), &t->err);
    need_ok(bs_levels_from_eta(FNZ + 1, eta, 10000.0, 0.3, &t->c.levels, &t->err), &t->err);
    need_ok(bs_tracers_create(&request, &t->c.tracers, &t->err), &t->err);
    t->c.start = bs_config_time(t->c.config, "time.start");
    t->c.end = bs_config_time(t->c.config, "time.end");
    t->c.whole = t->c.mesh;
    t->c.tile = (bs_tile){.nx = FNX, .ny = FNY, .own = {.i1 = FNX, .j1 = FNY}};
    t->c.box = bs_box_make(FNX, FNY, FNZ, 2);
    need_ok(bs_state_create(&t->c.box, t->c.tracers, &t->state, &t->err), &t->err);
    need_ok(bs_boundary_create(FNX, FNY, FNZ, t->c.tracers->n, &t->boundary, &t->err), &t->err);
    need_ok(bs_met_state_create(FNX, FNY, FNZ, 1, &t->met, &t->err), &t->err);
    /* Lowest and highest middles lie on both sides of, and above, the coarser run's. */
    for (int k = 0; k <= FNZ; k++)
        for (int c = 0; c < FNX * FNY; c++)
            t->met->z_half[k * FNX * FNY + c] =
                (real)((k == FNZ ? 6000.0 : 40.0 * k + 15.0 * k * k) * (1 + 0.0005 * c));
}

static inline int enter(void **state)
{
    nest_test *t = calloc(1, sizeof *t);
    if (!t) return -1;
    *state = t;
    t->w = (world){.projection = COARSE_LCC, .species = {"pm25", "inert"}, .n_species = 2, .to = 4, .spoil_hour = -1};
    t->w.output = "output: {fields3d: {interval: 1 hour}}";
    strcpy(t->dir, "/tmp/bashu-nest-XXXXXX");
    return mkdtemp(t->dir) ? 0 : -1;
}

static inline int leave(void **state)
{
    nest_test *t = *state;
    char command[128];
    bs_met_state_destroy(t->met);
    bs_state_destroy(t->state);
    bs_boundary_destroy(t->boundary);
    bs_mesh_destroy(t->coarse);
    bs_tracers_destroy(t->c.tracers);
    bs_levels_destroy(t->c.levels);
    bs_mesh_destroy(t->c.mesh);
    bs_units_destroy(t->c.units);
    bs_config_destroy(t->c.config);
    snprintf(command, sizeof command, "rm -rf '%s'", t->dir);
    int rc = system(command);
    free(t);
    return rc;
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter, leave)

#endif
