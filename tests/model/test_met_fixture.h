/* test_met_fixture.h - the meteorology of a run under a provider of formulas, with a case of its own. */
#ifndef BS_TESTS_MET_FIXTURE_H
#define BS_TESTS_MET_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/met/prepared.h"
#include "model/met/prepared_layout.h"

static const double CLOSED = 1e-12; /* column residual over the largest horizontal column throughput */

enum { NX = 12, NY = 10, NZ = 6, HOURS = 4 };

/* ---- a provider of formulas, with the time in all fields ---- */

static int made, reads; /* how often the provider was used: a run from a file must not */

static inline bs_status fake_create(const bs_met_context *context, bs_time start, bs_time end, void **self, bs_err *err)
{
    (void)err;
    assert_true(end >= start);
    made++;
    *self = (void *)(uintptr_t)context->mesh;
    return BS_OK;
}

static inline bs_status fake_read(void *self, bs_time t, bs_native *n, bs_err *err)
{
    const bs_mesh *mesh = self;
    reads++;
    const double hour = (double)(t % 86400) / 3600.0;
    if (hour == 13.0) return bs_fail(err, BS_ERR_INPUT, "fake.nc: variable 'u': nothing at 13 o'clock");
    for (int row = 0; row < n->ny; row++)
        for (int column = 0; column < n->nx; column++) {
            const int c = row * n->nx + column, j = row + mesh->j0, i = column + mesh->i0; /* of the whole mesh */
            n->ps[c] = 95000.0 + 200.0 * sin(0.4 * i + 0.1 * hour) - 100.0 * cos(0.6 * j) * hour;
            n->t2[c] = 285.0 + hour;
            n->u10[c] = 2.0 + sin(0.3 * j);
            n->v10[c] = 1.0;
            n->pblh[c] = 400.0 + 50.0 * hour;
            n->ustar[c] = 0.3;
            n->hfx[c] = 20.0;
            n->rain[c] = i == 3 ? 1e-4 : 0.0;
            for (int k = 0; k < n->nz; k++) {
                const size_t at = (size_t)k * n->nx * n->ny + c;
                n->u[at] = 4.0 + k + sin(0.5 * i + hour);
                n->v[at] = -2.0 + cos(0.7 * j - hour + k);
                n->t[at] = 285.0 - 6.0 * k;
                n->qv[at] = 0.005 / (1 + k);
                n->clw[at] = k == 2 ? 1e-5 : 0.0;
            }
        }
    n->have_clw = n->have_t2 = n->have_wind10 = n->have_pblh = n->have_ustar = n->have_hfx = n->have_rain = true;
    return BS_OK;
}

static const char *fake_assumed(const void *self, int n)
{
    (void)self;
    static const char *const LINE[] = {"winds are formulas", "so is the pressure"};
    return n < 2 ? LINE[n] : NULL;
}

static inline void fake_destroy(void *self)
{
    (void)self;
}

static const bs_provider FAKE = {.name = "fake",
                                 .label = "weather of formulas",
                                 .create = fake_create,
                                 .read = fake_read,
                                 .assumed = fake_assumed,
                                 .destroy = fake_destroy};

/* ---- a case ---- */

typedef struct world {
    char dir[64];
    bs_config *config;
    bs_mesh *mesh;
    bs_levels *levels;
    bs_tracers *tracers;
    bs_log log;
    FILE *text;
    bs_units *units;
    bs_met_context context;
    bs_time start, end;
    bs_err err;
} world;

static inline void case_make(world *w, const char *met_rows)
{
    char file[128];
    const double eta[NZ + 1] = {1.0, 0.97, 0.9, 0.75, 0.5, 0.2, 0.0};
    static const char *const species[] = {"pm25", "pmcoarse"};
    const bs_mesh_spec spec = {.projection = "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000",
                               .nx = NX,
                               .ny = NY,
                               .dx = 27000,
                               .dy = 27000,
                               .x0 = -162000,
                               .y0 = -135000};
    const bs_tracer_request request = {.n_species = 2, .species = species, .acts = BS_ACT_ADVECT | BS_ACT_DRY};
    snprintf(file, sizeof file, "%s/case.yaml", w->dir);
    FILE *yaml = fopen(file, "w");
    assert_non_null(yaml);
    fprintf(yaml,
            "case: {name: met}\ntime: {start: 2015-01-10T06:00:00Z, end: 2015-01-10T10:00:00Z}\n"
            "grid: {projection: '%s', nx: %d, ny: %d, dx: 27 km, centre: [104.5, 30]}\n"
            "meteorology:\n  provider: idealised\n%s",
            spec.projection, NX, NY, met_rows);
    fclose(yaml);
    if (bs_config_read(file, 0, NULL, &w->config, &w->err) != BS_OK) fail_msg("%s", w->err.text);
    assert_int_equal(bs_mesh_create(&spec, &w->mesh, &w->err), BS_OK);
    assert_int_equal(bs_levels_from_eta(NZ + 1, eta, 10000.0, 0.0, &w->levels, &w->err), BS_OK);
    assert_int_equal(bs_tracers_create(&request, &w->tracers, &w->err), BS_OK);
    w->text = tmpfile();
    assert_non_null(w->text);
    w->log = (bs_log){.screen = w->text};
    if (!w->units) assert_int_equal(bs_units_create(&w->units, &w->err), BS_OK);
    w->context = (bs_met_context){
        .config = w->config, .mesh = w->mesh, .levels = w->levels, .roughness = 0.3, .units = w->units, .log = &w->log};
    w->start = bs_time_from_date(2015, 1, 10, 6, 0, 0);
    w->end = w->start + HOURS * 3600;
    made = reads = 0;
}

static inline void case_free(world *w)
{
    bs_config_destroy(w->config);
    bs_mesh_destroy(w->mesh);
    bs_levels_destroy(w->levels);
    bs_tracers_destroy(w->tracers);
    if (w->text) fclose(w->text);
    w->config = NULL, w->mesh = NULL, w->levels = NULL, w->tracers = NULL, w->text = NULL;
}

static inline int set_up(void **state)
{
    world *w = calloc(1, sizeof *w);
    strcpy(w->dir, "/tmp/bs_met_XXXXXX");
    *state = w;
    return mkdtemp(w->dir) ? 0 : 1;
}

static inline int tear_down(void **state)
{
    world *w = *state;
    char command[128];
    case_free(w);
    bs_units_destroy(w->units);
    snprintf(command, sizeof command, "rm -r %s", w->dir);
    int status = system(command);
    free(w);
    return status;
}

static inline bs_met *met_make(world *w)
{
    bs_met *met = NULL;
    if (bs_met_create_with(&FAKE, &w->context, w->tracers, w->start, w->end, &met, &w->err) != BS_OK)
        fail_msg("%s", w->err.text);
    return met;
}

static inline bs_forcing *forcing_make(void)
{
    bs_forcing *f = NULL;
    assert_int_equal(bs_forcing_create(NX, NY, NZ, &f, NULL), BS_OK);
    return f;
}

static inline bool logged(world *w, const char *words)
{
    char line[1024];
    bool found = false;
    rewind(w->text);
    while (fgets(line, sizeof line, w->text)) found = found || strstr(line, words);
    return found;
}

/* ---- comparisons ---- */

static inline size_t state_size(const bs_prepared_array *a, const bs_met_state *s)
{
    const size_t length[BS_PD_COUNT] = {[BS_PD_CLASS] = (size_t)s->n_removal,
                                        [BS_PD_LEVEL] = NZ,
                                        [BS_PD_HALF] = NZ + 1,
                                        [BS_PD_Y] = NY,
                                        [BS_PD_X] = NX,
                                        [BS_PD_Y_FACE] = NY + 1,
                                        [BS_PD_X_FACE] = NX + 1};
    size_t n = a->is_double ? sizeof(double) : sizeof(real);
    for (int d = 0; d < a->n_dims; d++) n *= length[a->dim[d]];
    return n;
}

static inline void same_state(const bs_met_state *a, const bs_met_state *b)
{
    int n_arrays;
    const bs_prepared_array *arrays = bs_prepared_arrays(&n_arrays);
    assert_int_equal(a->time, b->time);
    for (int n = 0; n < n_arrays; n++)
        assert_memory_equal(bs_prepared_member(&arrays[n], a), bs_prepared_member(&arrays[n], b),
                            state_size(&arrays[n], a));
}

static inline void same_forcing(const bs_forcing *a, const bs_forcing *b)
{
    assert_int_equal(a->t0, b->t0);
    assert_int_equal(a->t1, b->t1);
    for (int e = 0; e < 2; e++) {
        same_state(a->end[e], b->end[e]);
        assert_memory_equal(a->fx[e], b->fx[e], sizeof(double) * NZ * NY * (NX + 1));
        assert_memory_equal(a->fy[e], b->fy[e], sizeof(double) * NZ * (NY + 1) * NX);
    }
}

static inline double top_flux(const bs_forcing *f, double s, double *throughput)
{
    double most = 0.0;
    const double seconds = (double)(f->t1 - f->t0);
    *throughput = 0.0;
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) {
            double fz = 0.0, through = 0.0;
            for (int k = 0; k < NZ; k++) {
                const int c = (k * NY + j) * NX + i, x = (k * NY + j) * (NX + 1) + i, y = (k * (NY + 1) + j) * NX + i;
                double east = (1 - s) * f->fx[0][x + 1] + s * f->fx[1][x + 1];
                double west = (1 - s) * f->fx[0][x] + s * f->fx[1][x];
                double north = (1 - s) * f->fy[0][y + NX] + s * f->fy[1][y + NX];
                double south = (1 - s) * f->fy[0][y] + s * f->fy[1][y];
                fz -= (f->end[1]->m[c] - f->end[0]->m[c]) / seconds + (east - west) + (north - south);
                through += fabs(west);
            }
            most = fmax(most, fabs(fz));
            *throughput = fmax(*throughput, through);
        }
    return most;
}

static inline void key_of(world *w, const char *rows, char *key)
{
    case_make(w, rows);
    assert_int_equal(bs_prepared_key(&FAKE, &w->context, w->tracers, key, &w->err), BS_OK);
    case_free(w);
}

#endif
