/* The meteorology of a run: times, intervals, reports, and the file that keeps it, with a provider of formulas. */
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

static bs_status fake_create(const bs_met_context *context, bs_time start, bs_time end, void **self, bs_err *err)
{
    (void)context;
    (void)err;
    assert_true(end >= start);
    made++;
    *self = &made;
    return BS_OK;
}

static bs_status fake_read(void *self, bs_time t, bs_native *n, bs_err *err)
{
    (void)self;
    reads++;
    const double hour = (double)(t % 86400) / 3600.0;
    if (hour == 13.0) return bs_fail(err, BS_ERR_INPUT, "fake.nc: variable 'u': nothing at 13 o'clock");
    for (int j = 0; j < n->ny; j++)
        for (int i = 0; i < n->nx; i++) {
            const int c = j * n->nx + i;
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

static void fake_destroy(void *self)
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
    bs_met_context context;
    bs_time start, end;
    bs_err err;
} world;

static void case_make(world *w, const char *met_rows)
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
    w->context =
        (bs_met_context){.config = w->config, .mesh = w->mesh, .levels = w->levels, .roughness = 0.3, .log = &w->log};
    w->start = bs_time_from_date(2015, 1, 10, 6, 0, 0);
    w->end = w->start + HOURS * 3600;
    made = reads = 0;
}

static void case_free(world *w)
{
    bs_config_destroy(w->config);
    bs_mesh_destroy(w->mesh);
    bs_levels_destroy(w->levels);
    bs_tracers_destroy(w->tracers);
    if (w->text) fclose(w->text);
    w->config = NULL, w->mesh = NULL, w->levels = NULL, w->tracers = NULL, w->text = NULL;
}

static int set_up(void **state)
{
    world *w = calloc(1, sizeof *w);
    strcpy(w->dir, "/tmp/bs_met_XXXXXX");
    *state = w;
    return mkdtemp(w->dir) ? 0 : 1;
}

static int tear_down(void **state)
{
    world *w = *state;
    char command[128];
    case_free(w);
    snprintf(command, sizeof command, "rm -r %s", w->dir);
    int status = system(command);
    free(w);
    return status;
}

static bs_met *met_make(world *w)
{
    bs_met *met = NULL;
    if (bs_met_create_with(&FAKE, &w->context, w->tracers, w->start, w->end, &met, &w->err) != BS_OK)
        fail_msg("%s", w->err.text);
    return met;
}

static bs_forcing *forcing_make(void)
{
    bs_forcing *f = NULL;
    assert_int_equal(bs_forcing_create(NX, NY, NZ, &f, NULL), BS_OK);
    return f;
}

static bool logged(world *w, const char *words)
{
    char line[1024];
    bool found = false;
    rewind(w->text);
    while (fgets(line, sizeof line, w->text)) found = found || strstr(line, words);
    return found;
}

/* ---- comparisons ---- */

static size_t state_size(const bs_prepared_array *a, const bs_met_state *s)
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

static void same_state(const bs_met_state *a, const bs_met_state *b)
{
    int n_arrays;
    const bs_prepared_array *arrays = bs_prepared_arrays(&n_arrays);
    assert_int_equal(a->time, b->time);
    for (int n = 0; n < n_arrays; n++)
        assert_memory_equal(bs_prepared_member(&arrays[n], a), bs_prepared_member(&arrays[n], b),
                            state_size(&arrays[n], a));
}

static void same_forcing(const bs_forcing *a, const bs_forcing *b)
{
    assert_int_equal(a->t0, b->t0);
    assert_int_equal(a->t1, b->t1);
    for (int e = 0; e < 2; e++) {
        same_state(a->end[e], b->end[e]);
        assert_memory_equal(a->fx[e], b->fx[e], sizeof(double) * NZ * NY * (NX + 1));
        assert_memory_equal(a->fy[e], b->fy[e], sizeof(double) * NZ * (NY + 1) * NX);
    }
}

static double top_flux(const bs_forcing *f, double s, double *throughput)
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

/* ---- tests ---- */

static void intervals_follow_each_other(void **state)
{
    world *w = *state;
    case_make(w, "  interval: 30 min\n");
    bs_met *met = met_make(w);
    bs_forcing *before = forcing_make(), *now = forcing_make();
    for (bs_time t = w->start; t < w->end; t += 1800) {
        assert_int_equal(bs_met_interval(met, t, now, &w->err), BS_OK);
        assert_true(now->t0 == t && now->t1 == t + 1800 && now->end[0]->time == t && now->end[1]->time == t + 1800);
        for (int s = 0; s <= 4; s++) {
            double throughput, top = top_flux(now, s / 4.0, &throughput);
            assert_true(top <= CLOSED * throughput);
        }
        if (t > w->start) { /* what the call before gave is still there */
            assert_ptr_equal(before->end[1], now->end[0]);
            assert_int_equal(before->end[0]->time, t - 1800);
        }
        bs_forcing *swap = before;
        before = now;
        now = swap;
    }
    assert_int_equal(reads, 2 * HOURS + 1); /* each time once */
    bs_met_report r;
    bs_met_report_get(met, &r);
    assert_string_equal(r.provider, "fake");
    assert_string_equal(r.label, "weather of formulas");
    assert_true(r.n_assumed >= 2 && strcmp(r.assumed[0], "winds are formulas") == 0);
    assert_true(r.correction_p99 > 0.0 && r.correction_max >= r.correction_p99 && r.correction_max < 10.0);
    assert_true(!r.from_cache && r.seconds > 0.0);
    bs_forcing_destroy(before);
    bs_forcing_destroy(now);
    bs_met_destroy(met);
}

/* A resumed run asks for a middle interval first. */
static void any_order_gives_the_same_bits(void **state)
{
    world *w = *state;
    case_make(w, "");
    bs_met *met = met_make(w), *other = met_make(w);
    bs_forcing *a = forcing_make(), *b = forcing_make();
    for (int n = 0; n < HOURS; n++) assert_int_equal(bs_met_interval(met, w->start + n * 3600, a, &w->err), BS_OK);
    assert_int_equal(bs_met_interval(met, w->start + 3600, a, &w->err), BS_OK);
    assert_int_equal(bs_met_interval(other, w->start + 3600, b, &w->err), BS_OK);
    same_forcing(a, b);
    bs_forcing_destroy(a);
    bs_forcing_destroy(b);
    bs_met_destroy(met);
    bs_met_destroy(other);
}

/* What is kept from one time to the next changes nothing, and all of a state is there when an interval is. */
static void states_do_not_depend_on_earlier_ones(void **state)
{
    world *w = *state;
    case_make(w, "");
    bs_met *met = met_make(w);
    bs_forcing *a = forcing_make(), *b = forcing_make();
    for (int n = 0; n < HOURS - 1; n++) {
        assert_int_equal(bs_met_interval(met, w->start + n * 3600, a, &w->err), BS_OK);
        world later = *w;
        later.start += (n + 1) * 3600;
        bs_met *other = met_make(&later);
        assert_int_equal(bs_met_interval(other, later.start, b, &w->err), BS_OK);
        same_state(a->end[1], b->end[0]);
        for (int c = 0; c < NX * NY * NZ; c++) assert_true(a->end[1]->rho[c] > 0 && a->end[1]->v_set[c] > 0);
        for (int c = 0; c < NX * NY; c++) assert_true(a->end[1]->pblh[c] > 0 && a->end[1]->v_dep[c] > 0);
        bs_met_destroy(other);
    }
    bs_forcing_destroy(a);
    bs_forcing_destroy(b);
    bs_met_destroy(met);
}

static void steady_weather(void **state)
{
    world *w = *state;
    case_make(w, "  steady: true\n  interval: 90 min\n"); /* need not divide: nothing happens at its ends */
    bs_met *met = met_make(w);
    bs_forcing *f = forcing_make();
    double throughput;
    for (bs_time t = w->start; t < w->end; t = f->t1) {
        assert_int_equal(bs_met_interval(met, t, f, &w->err), BS_OK);
        assert_int_equal(f->t0, t);
        assert_ptr_equal(f->end[0], f->end[1]);
        assert_memory_equal(f->fx[0], f->fx[1], sizeof(double) * NZ * NY * (NX + 1));
        assert_true(top_flux(f, 0.5, &throughput) <= CLOSED * throughput);
    }
    assert_int_equal(f->t1, w->end);
    assert_int_equal(reads, 1);
    bs_forcing_destroy(f);
    bs_met_destroy(met);
}

static void refuse(world *w, const char *rows, const char *const *words)
{
    bs_met *met = NULL;
    case_make(w, rows);
    assert_int_equal(bs_met_create_with(&FAKE, &w->context, w->tracers, w->start, w->end, &met, &w->err), BS_ERR_INPUT);
    assert_null(met);
    for (; *words; words++)
        if (!strstr(w->err.text, *words)) fail_msg("'%s' is not in: %s", *words, w->err.text);
    case_free(w);
}

static void bad_times_are_refused(void **state)
{
    world *w = *state;
    refuse(w, "  interval: 90 min\n",
           (const char *const[]){"case.yaml:6:", "5400 s does not divide the run", "2015-01-10T06:00:00Z", "14400 s",
                                 "3600 s are left over", NULL});
    refuse(w, "  interval: 900.5 s\n", (const char *const[]){"900.5 s", "whole number of seconds", NULL});
    refuse(w, "  valid_time: 2015-01-10\n", (const char *const[]){"valid_time", "meteorology.steady: true", NULL});
    case_make(w, "");
    bs_met *met = met_make(w);
    bs_forcing *f = forcing_make();
    assert_int_equal(bs_met_interval(met, w->start + 60, f, &w->err), BS_ERR_INPUT);
    assert_non_null(strstr(w->err.text, "begins at 2015-01-10T06:01:00Z"));
    assert_int_equal(bs_met_interval(met, w->end, f, &w->err), BS_ERR_INPUT);
    bs_forcing_destroy(f);
    bs_met_destroy(met);
}

/* What the source says is passed on with the time, and the driver can still be used. */
static void a_source_that_fails(void **state)
{
    world *w = *state;
    case_make(w, "");
    w->start += 6 * 3600; /* 12:00 .. 16:00 */
    w->end += 6 * 3600;
    bs_met *met = met_make(w);
    bs_forcing *f = forcing_make();
    assert_int_equal(bs_met_interval(met, w->start, f, &w->err), BS_ERR_INPUT);
    assert_string_equal(w->err.text,
                        "meteorology at 2015-01-10T13:00:00Z: fake.nc: variable 'u': nothing at 13 o'clock");
    assert_int_equal(bs_met_interval(met, w->start + 2 * 3600, f, &w->err), BS_OK);
    bs_forcing_destroy(f);
    bs_met_destroy(met);
}

static void file_and_memory_agree(world *w, const char *rows)
{
    char text[256], dir[128];
    snprintf(dir, sizeof dir, "%s/prepared", w->dir);
    snprintf(text, sizeof text, "%s  prepared: %s\n", rows, dir);
    case_make(w, text);
    bs_forcing *a = forcing_make(), *b = forcing_make();
    bs_met *memory = met_make(w);
    bs_met_report ra, rb;
    assert_true(logged(w, "preparing as it goes"));
    if (bs_met_prepare_with(&FAKE, &w->context, w->tracers, w->start, w->end, dir, &w->err) != BS_OK)
        fail_msg("%s", w->err.text);
    made = reads = 0;
    bs_met *file = met_make(w);
    assert_true(logged(w, "prepared, from"));
    for (bs_time t = w->start; t < w->end; t += 3600) {
        assert_int_equal(bs_met_interval(memory, t, a, &w->err), BS_OK);
        const int before = reads;
        assert_int_equal(bs_met_interval(file, t, b, &w->err), BS_OK);
        assert_int_equal(reads, before);
        same_forcing(a, b);
    }
    assert_int_equal(made, 0);
    bs_met_report_get(memory, &ra);
    bs_met_report_get(file, &rb);
    assert_true(rb.from_cache && !ra.from_cache);
    assert_true(ra.correction_p99 == rb.correction_p99 && ra.correction_max == rb.correction_max);
    assert_int_equal(ra.n_assumed, rb.n_assumed);
    for (int n = 0; n < ra.n_assumed; n++) assert_string_equal(ra.assumed[n], rb.assumed[n]);
    bs_met_destroy(memory);
    bs_met_destroy(file);
    bs_forcing_destroy(a);
    bs_forcing_destroy(b);
    case_free(w);
}

static void file_and_memory_agree_to_the_bit(void **state)
{
    file_and_memory_agree(*state, "");
    file_and_memory_agree(*state, "  steady: true\n");
}

static void key_of(world *w, const char *rows, char *key)
{
    case_make(w, rows);
    assert_int_equal(bs_prepared_key(&FAKE, &w->context, w->tracers, key, &w->err), BS_OK);
    case_free(w);
}

static void key_follows_what_matters(void **state)
{
    world *w = *state;
    char key[BS_MET_KEY_MAX], other[BS_MET_KEY_MAX], rows[512], file[128];
    key_of(w, "", key);
    assert_int_equal(strlen(key), 16);
    const char *const same[] = {"  prepared: elsewhere\n", "boundary: {value: 3 ug kg-1}\n",
                                "operators: {advection: upwind1}\n"};
    const char *const differ[] = {"  interval: 30 min\n",
                                  "  steady: true\n",
                                  "  idealised: {inversion: 6 K}\n",
                                  "operators: {kz_min: 0.2 m2 s-1}\n",
                                  "  variables: {u_wind: {name: U}}\n",
                                  "operators: {dry_deposition: pleim2022}\n",
                                  "  assume: {leaf_area_index: 2}\n"};
    for (size_t n = 0; n < sizeof same / sizeof *same; n++) {
        key_of(w, same[n], other);
        assert_string_equal(key, other);
    }
    for (size_t n = 0; n < sizeof differ / sizeof *differ; n++) {
        key_of(w, differ[n], other);
        assert_string_not_equal(key, other);
    }
    key_of(w, "  variables: {u_wind: {name: U}}\n", key);
    key_of(w, "  variables: {u_wind: {name: UU}}\n", other);
    assert_string_not_equal(key, other);
    /* An input that changes in size or time is another input. */
    snprintf(file, sizeof file, "%s/input.nc", w->dir);
    snprintf(rows, sizeof rows, "  files: [%s]\n", file);
    FILE *f = fopen(file, "w");
    fputs("a", f);
    fclose(f);
    key_of(w, rows, key);
    key_of(w, rows, other);
    assert_string_equal(key, other);
    f = fopen(file, "a");
    fputs("b", f);
    fclose(f);
    key_of(w, rows, other);
    assert_string_not_equal(key, other);
    const struct timespec times[2] = {{.tv_sec = 1000}, {.tv_sec = 1000}};
    key_of(w, rows, key);
    assert_int_equal(utimensat(AT_FDCWD, file, times, 0), 0);
    key_of(w, rows, other);
    assert_string_not_equal(key, other);
}

/* Two that prepare at once: the second is told who is at it, and nothing is touched. */
static void one_writer_at_a_time(void **state)
{
    world *w = *state;
    char key[BS_MET_KEY_MAX], lock[256];
    case_make(w, "");
    assert_int_equal(bs_prepared_key(&FAKE, &w->context, w->tracers, key, &w->err), BS_OK);
    snprintf(lock, sizeof lock, "%s/%s.lock", w->dir, key);
    FILE *f = fopen(lock, "w");
    fputs("process 12 on node7 since 2015-01-10T00:00:00Z\n", f);
    fclose(f);
    assert_int_equal(bs_met_prepare_with(&FAKE, &w->context, w->tracers, w->start, w->end, w->dir, &w->err),
                     BS_ERR_RUN);
    assert_non_null(strstr(w->err.text, "process 12 on node7 since 2015-01-10T00:00:00Z"));
    assert_non_null(strstr(w->err.text, lock));
    assert_int_equal(access(lock, F_OK), 0);
    assert_false(bs_prepared_exists(w->dir, key));
    unlink(lock);
    assert_int_equal(bs_met_prepare_with(&FAKE, &w->context, w->tracers, w->start, w->end, w->dir, &w->err), BS_OK);
    assert_true(bs_prepared_exists(w->dir, key));
    assert_int_not_equal(access(lock, F_OK), 0);
    reads = 0; /* once is enough */
    assert_int_equal(bs_met_prepare_with(&FAKE, &w->context, w->tracers, w->start, w->end, w->dir, &w->err), BS_OK);
    assert_int_equal(reads, 0);
}

/* A failure while preparing leaves neither file nor lock. */
static void nothing_half_done_remains(void **state)
{
    world *w = *state;
    char key[BS_MET_KEY_MAX], lock[256], part[256];
    case_make(w, "");
    w->start += 6 * 3600;
    w->end += 6 * 3600;
    assert_int_equal(bs_prepared_key(&FAKE, &w->context, w->tracers, key, &w->err), BS_OK);
    assert_int_equal(bs_met_prepare_with(&FAKE, &w->context, w->tracers, w->start, w->end, w->dir, &w->err),
                     BS_ERR_INPUT);
    assert_non_null(strstr(w->err.text, "2015-01-10T13:00:00Z"));
    snprintf(lock, sizeof lock, "%s/%s.lock", w->dir, key);
    snprintf(part, sizeof part, "%s/%s.nc.part", w->dir, key);
    assert_int_not_equal(access(lock, F_OK), 0);
    assert_int_not_equal(access(part, F_OK), 0);
    assert_false(bs_prepared_exists(w->dir, key));
}

/* A file that is not what its name says, or was cut short, is refused with advice. */
static void strange_files_are_refused(void **state)
{
    world *w = *state;
    char key[BS_MET_KEY_MAX], rows[256], from[256], to[256];
    bs_met *met = NULL;
    case_make(w, "");
    assert_int_equal(bs_met_prepare_with(&FAKE, &w->context, w->tracers, w->start, w->end, w->dir, &w->err), BS_OK);
    assert_int_equal(bs_prepared_key(&FAKE, &w->context, w->tracers, key, &w->err), BS_OK);
    snprintf(from, sizeof from, "%s/%s.nc", w->dir, key);
    case_free(w);
    snprintf(rows, sizeof rows, "  interval: 30 min\n  prepared: %s\n", w->dir);
    case_make(w, rows);
    assert_int_equal(bs_prepared_key(&FAKE, &w->context, w->tracers, key, &w->err), BS_OK);
    snprintf(to, sizeof to, "%s/%s.nc", w->dir, key);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(bs_met_create_with(&FAKE, &w->context, w->tracers, w->start, w->end, &met, &w->err), BS_ERR_INPUT);
    assert_non_null(strstr(w->err.text, "attribute 'key'"));
    assert_non_null(strstr(w->err.text, "run bashu prepare"));
    assert_int_equal(truncate(to, 5000), 0);
    assert_int_equal(bs_met_create_with(&FAKE, &w->context, w->tracers, w->start, w->end, &met, &w->err), BS_ERR_INPUT);
    assert_non_null(strstr(w->err.text, key));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(intervals_follow_each_other),
        TEST(any_order_gives_the_same_bits),
        TEST(steady_weather),
        TEST(bad_times_are_refused),
        TEST(a_source_that_fails),
        TEST(file_and_memory_agree_to_the_bit),
        TEST(key_follows_what_matters),
        TEST(one_writer_at_a_time),
        TEST(nothing_half_done_remains),
        TEST(strange_files_are_refused),
        TEST(states_do_not_depend_on_earlier_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
