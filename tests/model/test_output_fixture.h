/* test_output_fixture.h - a small run without a model: mesh, tracers, weather and state that a test can set as it likes. */
#ifndef BS_TESTS_MODEL_TEST_OUTPUT_FIXTURE_H
#define BS_TESTS_MODEL_TEST_OUTPUT_FIXTURE_H

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
#include <sys/stat.h>
#include <unistd.h>

#include "kernels/base/box.h"
#include "model/io/nc.h"
#include "model/io/output.h"

enum { NX = 12, NY = 10, NZ = 3, CELLS = NX * NY, TRACERS = 4, HALO = 2, HOUR = 3600 };
/* Tracers: pm25, pm25_industry, inert, inert_industry. */

#define LAMBERT "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000"

typedef struct place {
    char dir[64], path[160];
    bs_config *config;
    bs_mesh *mesh;
    bs_levels *levels;
    bs_tracers *tracers;
    bs_region_set *regions;
    bs_state *state;
    bs_met_state *met[2];
    bs_forcing *forcing;
    double terrain[CELLS];
    bs_output *output;
    bs_time start, end;
} place;

static inline const char *path_of(place *p, const char *name)
{
    snprintf(p->path, sizeof p->path, "%s/%s", p->dir, name);
    return p->path;
}

static inline bool exists(place *p, const char *name)
{
    struct stat info;
    return stat(path_of(p, name), &info) == 0;
}

static inline void need_ok(bs_status st, const bs_err *err)
{
    if (st != BS_OK) fail_msg("%s", err->text);
}

static inline void assert_says(const char *text, const char *words)
{
    if (!strstr(text, words)) fail_msg("'%s' is not in: %s", words, text);
}

static inline void assert_near(double found, double expected, double tolerance)
{
    if (!(fabs(found - expected) <= tolerance)) fail_msg("found %.17g, expected %.17g", found, expected);
}

static inline void write_text(place *p, const char *name, const char *text)
{
    FILE *f = fopen(path_of(p, name), "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* A square of the map with corners (lon, lat) and (lon + size, lat + size) as a GeoJSON feature. */
static inline int square(char *text, size_t size, const char *adcode, const char *name, double lon, double lat,
                         double side)
{
    return snprintf(
        text, size,
        "{\"type\": \"Feature\", \"properties\": {\"adcode\": \"%s\", \"name\": \"%s\", \"name_en\": \"En\"}, "
        "\"geometry\": {\"type\": \"Polygon\", \"coordinates\": "
        "[[[%g, %g], [%g, %g], [%g, %g], [%g, %g], [%g, %g]]]}}",
        adcode, name, lon, lat, lon + side, lat, lon + side, lat + side, lon, lat + side, lon, lat);
}

static inline void make_regions(place *p, bs_err *err)
{
    char a[1024], b[1024], c[1024], all[4096];
    square(a, sizeof a, "510100", "成都, 市", 104.3, 29.9, 0.4);
    square(b, sizeof b, "500000", "Edge", 104.9, 30.2, 1.0);
    square(c, sizeof c, "110000", "Far", 116.0, 39.0, 1.0);
    snprintf(all, sizeof all, "{\"type\": \"FeatureCollection\", \"features\": [%s, %s, %s]}", a, b, c);
    write_text(p, "regions.geojson", all);
    need_ok(bs_regions_read(p->path, &p->regions, err), err);
}

/* The weather of both ends: density 1.0 and 1.2 kg m-3, so that it is (1 + 0.2 passed) between them. */
static inline void make_weather(place *p, bs_err *err)
{
    need_ok(bs_forcing_create(NX, NY, NZ, &p->forcing, err), err);
    for (int e = 0; e < 2; e++) {
        need_ok(bs_met_state_create(NX, NY, NZ, p->tracers->n_removal, &p->met[e], err), err);
        bs_met_state *m = p->met[e];
        for (int c = 0; c < CELLS * NZ; c++) m->rho[c] = e == 0 ? (real)1.0 : (real)1.2;
        for (int k = 0; k <= NZ; k++)
            for (int c = 0; c < CELLS; c++) m->z_half[k * CELLS + c] = (real)(100 * k * (e + 1));
        for (int c = 0; c < CELLS; c++) {
            m->ps[c] = (real)(95000 + 1000 * e);
            m->t2[c] = (real)280;
            m->pblh[c] = (real)500;
            m->u10[c] = (real)3;
            m->v10[c] = (real)4;
            m->rain[c] = (real)1e-4;
        }
        p->forcing->end[e] = m;
    }
}

/* A run of `hours` from 2015-01-10T12:00Z; `options` are further lines of the case file. */
static inline void make_run(place *p, const char *projection, int hours, const char *options)
{
    static const char *const species[] = {"pm25", "inert"}, *const sectors[] = {"industry"};
    bs_err err = {0};
    char text[2048];
    const double eta[NZ + 1] = {1.0, 0.95, 0.8, 0.0};
    bool degrees = strstr(projection, "longlat") != NULL;
    snprintf(text, sizeof text,
             "case: {name: tiny, title: A tiny case}\n"
             "time: {start: 2015-01-10T12:00:00Z, end: 2015-01-%02dT%02d:00:00Z%s}\n"
             "grid: {projection: '%s', nx: %d, ny: %d, dx: %s}\n"
             "meteorology: {provider: idealised}\n%s\n",
             10 + (12 + hours) / 24, (12 + hours) % 24, strstr(options, "no_spinup") ? "" : ", spinup: 2 hours",
             projection, NX, NY, degrees ? "0.1 degree" : "9 km", options);
    write_text(p, "case.yaml", text);
    need_ok(bs_config_read(p->path, 0, NULL, &p->config, &err), &err);
    const bs_mesh_spec spec = degrees ? (bs_mesh_spec){projection, NX, NY, 0.1, 0.1, 104.0, 29.5}
                                      : (bs_mesh_spec){projection, NX, NY, 9000.0, 9000.0, -54000.0, -45000.0};
    need_ok(bs_mesh_create(&spec, &p->mesh, &err), &err);
    need_ok(bs_levels_from_eta(NZ + 1, eta, 10000.0, 0.3, &p->levels, &err), &err);
    const bs_tracer_request request = {.n_species = 2,
                                       .species = species,
                                       .n_sectors = 1,
                                       .sectors = sectors,
                                       .acts = BS_ACT_ADVECT | BS_ACT_DRY | BS_ACT_WET | BS_ACT_EMIT};
    need_ok(bs_tracers_create(&request, &p->tracers, &err), &err);
    assert_int_equal(p->tracers->n, TRACERS);
    make_regions(p, &err);
    make_weather(p, &err);
    const bs_box box = bs_box_make(NX, NY, NZ, HALO);
    need_ok(bs_state_create(&box, p->tracers, &p->state, &err), &err);
    for (int c = 0; c < CELLS; c++) p->terrain[c] = 100.0 + c;
    p->start = bs_config_time(p->config, "time.start");
    p->end = bs_config_time(p->config, "time.end");
}

static inline bs_output_info info_of(place *p)
{
    static const char *const assumed[] = {"no rain", "roughness length 0.3 m"};
    return (bs_output_info){.config = p->config,
                            .mesh = p->mesh,
                            .levels = p->levels,
                            .tracers = p->tracers,
                            .regions = p->regions,
                            .terrain = p->terrain,
                            .version = "bashu test",
                            .n_assumed = 2,
                            .weather_label = "idealised weather",
                            .assumed = assumed,
                            .dir = p->dir};
}

static inline void begin_output(place *p)
{
    bs_err err = {0};
    const bs_output_info info = info_of(p);
    need_ok(bs_output_create(&info, &p->output, &err), &err);
}

/* Mixing ratio of a tracer in a cell of layer k; halos hold NaN, which nobody may read. */
typedef double (*q_function)(int tracer, int k, int cell, double hours);

static inline void set_state(place *p, q_function q, bs_time t)
{
    bs_state *s = p->state;
    double hours = (double)(t - p->start) / HOUR;
    for (ptrdiff_t n = 0; n < s->box.volume * TRACERS; n++) s->q[n] = (real)NAN;
    for (int tracer = 0; tracer < TRACERS; tracer++) {
        for (int k = 0; k < NZ; k++)
            for (int c = 0; c < CELLS; c++)
                bs_state_q(s, tracer)[bs_at(&s->box, k, c / NX, c % NX)] = (real)q(tracer, k, c, hours);
        for (int c = 0; c < CELLS; c++) { /* 1 g and 2 g an hour in every column */
            s->dry[tracer * CELLS + c] = 1e6 * hours;
            s->wet[tracer * CELLS + c] = 2e6 * hours;
        }
    }
}

/* The forcing of the hour in which t ends a pair. */
static inline void set_forcing(place *p, bs_time t)
{
    bs_time into = (t - p->start) % HOUR;
    p->forcing->t0 = into ? t - into : t > p->start ? t - HOUR : t;
    p->forcing->t1 = p->forcing->t0 + HOUR;
}

/* Pairs of `pair` seconds from the start to `until`. */
static inline bs_status sample_until(place *p, q_function q, bs_time pair, bs_time until, bs_err *err)
{
    for (bs_time from = p->start, to = p->start; to <= until; from = to, to += pair) {
        set_state(p, q, to);
        set_forcing(p, to);
        BS_TRY(bs_output_sample(p->output, p->state, p->forcing, from, to, err));
    }
    return BS_OK;
}

static inline void run_to_the_end(place *p, q_function q, bs_time pair)
{
    bs_err err = {0};
    need_ok(sample_until(p, q, pair, p->end, &err), &err);
    bs_output *o = p->output;
    p->output = NULL;
    need_ok(bs_output_finish(o, p->state, &err), &err);
}

/* A whole variable of a file that was written. Release with free. */
static inline double *values_of(place *p, const char *file, const char *name, size_t *size)
{
    bs_err err = {0};
    bs_nc *nc;
    bs_nc_var var;
    need_ok(bs_nc_open(path_of(p, file), &nc, &err), &err);
    need_ok(bs_nc_find(nc, name, &var, &err), &err);
    double *values = calloc(var.size ? var.size : 1, sizeof *values);
    assert_non_null(values);
    need_ok(bs_nc_read(nc, &var, NULL, NULL, values, &err), &err);
    bs_nc_close(nc);
    *size = var.size;
    return values;
}

/* The text of a file. Release with free. */
static inline char *text_of(place *p, const char *name)
{
    FILE *f = fopen(path_of(p, name), "r");
    assert_non_null(f);
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    assert_true(fread(text, 1, (1 << 20) - 1, f) > 0);
    fclose(f);
    return text;
}

static inline int enter(void **state)
{
    place *p = calloc(1, sizeof *p);
    if (!p) return -1;
    *state = p;
    strcpy(p->dir, "/tmp/bashu-output-XXXXXX");
    return mkdtemp(p->dir) ? 0 : -1;
}

static inline int leave(void **state)
{
    place *p = *state;
    char command[128];
    bs_output_abandon(p->output);
    bs_state_destroy(p->state);
    bs_met_state_destroy(p->met[0]);
    bs_met_state_destroy(p->met[1]);
    bs_forcing_destroy(p->forcing);
    bs_regions_destroy(p->regions);
    bs_tracers_destroy(p->tracers);
    bs_levels_destroy(p->levels);
    bs_mesh_destroy(p->mesh);
    bs_config_destroy(p->config);
    snprintf(command, sizeof command, "rm -rf '%s'", p->dir);
    int rc = system(command);
    free(p);
    return rc;
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, enter, leave)

#endif
