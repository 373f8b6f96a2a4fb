/* The meteorology of a run from a source that knows more: its own air and winds on faces between its times, land use of a map. */
#include "tests/model/test_met_fixture.h"

#include <netcdf.h>

/* ---- a source every three hours, linear in between, with its own air and winds on faces ---- */

static double of_slot(double a, double b, double s)
{
    return a + s * (b - a);
}

static double wave(size_t n, int slot)
{
    return sin(0.37 * (double)n + 1.7 * slot);
}

static bs_status own_read(void *self, bs_time t, bs_native *n, bs_err *err)
{
    BS_TRY(fake_read(self, 0, n, err)); /* temperature and the rest do not change */
    BS_TRY(bs_native_own(n, err));
    const bs_time spacing = 3 * 3600;
    const int slot = (int)((t / spacing) % 1000);
    const double s = (double)(t % spacing) / (double)spacing;
    for (size_t o = 0; o < NX * NY * NZ; o++)
        n->air[o] = of_slot(1500 + 30 * wave(o, slot), 1500 + 30 * wave(o, slot + 1), s);
    for (size_t f = 0; f < (NX + 1) * NY * NZ; f++)
        n->u_face[f] = of_slot(4 + 3 * wave(f, slot), 4 + 3 * wave(f, slot + 1), s);
    for (size_t f = 0; f < NX * (NY + 1) * NZ; f++)
        n->v_face[f] = of_slot(-2 + 3 * wave(f + 7, slot), -2 + 3 * wave(f + 7, slot + 1), s);
    n->have_air = n->have_faces = true;
    return BS_OK;
}

static const bs_provider OWN = {.name = "own",
                                .label = "a source's own mesh",
                                .create = fake_create,
                                .read = own_read,
                                .assumed = fake_assumed,
                                .destroy = fake_destroy};

/* Continuity is exact at every time, between the source's times too, whatever the spacing of either; air is linear in between. */
static void own_air_and_faces_keep_continuity(world *w, const char *interval, bs_time seconds)
{
    char rows[64];
    snprintf(rows, sizeof rows, "  interval: %s\n", interval);
    case_make(w, rows);
    w->end = w->start + 6 * 3600;
    bs_met *met = NULL;
    bs_native *native = NULL;
    if (bs_met_create_with(&OWN, &w->context, w->tracers, w->start, w->end, &met, &w->err) != BS_OK)
        fail_msg("%s", w->err.text);
    assert_int_equal(bs_native_create(NX, NY, NZ, &native, &w->err), BS_OK);
    bs_forcing *f = forcing_make();
    for (bs_time t = w->start; t < w->end; t += seconds) {
        assert_int_equal(bs_met_interval(met, t, f, &w->err), BS_OK);
        for (int s = 0; s <= 4; s++) {
            double throughput, top = top_flux(f, s / 4.0, &throughput);
            assert_true(top <= CLOSED * throughput);
        }
        if (t / 10800 != (t + seconds - 1) / 10800) continue; /* the source turns within the interval */
        assert_int_equal(own_read(w->mesh, t + seconds / 4, native, &w->err), BS_OK);
        for (size_t o = 0; o < NX * NY * NZ; o++) {
            const double m = 0.75 * f->end[0]->m[o] + 0.25 * f->end[1]->m[o];
            const double want = native->air[o] * w->mesh->area[o % (NX * NY)];
            assert_true(fabs(m / want - 1) < 1e-13); /* ROUND */
        }
    }
    bs_met_report r;
    bs_met_report_get(met, &r);
    assert_true(r.correction_p99 > 0 && strstr(r.correction, "at all heights the same"));
    assert_true((r.correction_warning[0] != 0) == (r.correction_p99 > 1));
    bool told = false;
    for (int n = 0; n < r.n_assumed; n++) told = told || strstr(r.assumed[n], "dry air of the layers, winds on faces");
    assert_true(told);
    bs_forcing_destroy(f);
    bs_native_destroy(native);
    bs_met_destroy(met);
    case_free(w);
}

static void a_source_linear_in_time_keeps_continuity(void **state)
{
    own_air_and_faces_keep_continuity(*state, "1 h", 3600);  /* finer than the source */
    own_air_and_faces_keep_continuity(*state, "3 h", 10800); /* as the source */
    own_air_and_faces_keep_continuity(*state, "2 h", 7200);  /* across its times */
}

/* A map of one class. */
static void write_land(const char *file, int class)
{
    enum { LATS = 30, LONS = 40 };
    double lat[LATS], lon[LONS];
    int id, dims[2], v[3], values[LATS * LONS];
    for (int j = 0; j < LATS; j++) lat[j] = 26 + 0.25 * j;
    for (int i = 0; i < LONS; i++) lon[i] = 100 + 0.25 * i;
    for (int c = 0; c < LATS * LONS; c++) values[c] = class;
    assert_int_equal(nc_create(file, NC_NETCDF4, &id), NC_NOERR);
    assert_int_equal(nc_def_dim(id, "lat", LATS, &dims[0]), NC_NOERR);
    assert_int_equal(nc_def_dim(id, "lon", LONS, &dims[1]), NC_NOERR);
    assert_int_equal(nc_def_var(id, "lat", NC_DOUBLE, 1, &dims[0], &v[0]), NC_NOERR);
    assert_int_equal(nc_def_var(id, "lon", NC_DOUBLE, 1, &dims[1], &v[1]), NC_NOERR);
    assert_int_equal(nc_def_var(id, "c", NC_INT, 2, dims, &v[2]), NC_NOERR);
    assert_int_equal(nc_put_var_double(id, v[0], lat), NC_NOERR);
    assert_int_equal(nc_put_var_double(id, v[1], lon), NC_NOERR);
    assert_int_equal(nc_put_var_int(id, v[2], values), NC_NOERR);
    assert_int_equal(nc_close(id), NC_NOERR);
}

/* Land use of the case's file reaches every state, and is part of the key. */
static void land_of_a_file(void **state)
{
    world *w = *state;
    char file[128], rows[512], key[BS_MET_KEY_MAX], other[BS_MET_KEY_MAX];
    snprintf(file, sizeof file, "%s/land.nc", w->dir);
    write_land(file, 13);
    snprintf(rows, sizeof rows, "land: {file: %s, variable: c, legend: IGBP}\n", file);
    key_of(w, "", key);
    key_of(w, rows, other);
    assert_string_not_equal(key, other);
    case_make(w, rows);
    bs_met *met = met_make(w);
    bs_forcing *f = forcing_make();
    assert_int_equal(bs_met_interval(met, w->start, f, &w->err), BS_OK);
    real crops, town = f->end[1]->v_dep[0];
    bs_met_report r;
    bs_met_report_get(met, &r);
    bool told = false;
    for (int n = 0; n < r.n_assumed; n++) told = told || strstr(r.assumed[n], "from land.nc (legend IGBP");
    assert_true(told);
    bs_met_destroy(met);
    case_free(w);
    case_make(w, "");
    met = met_make(w);
    assert_int_equal(bs_met_interval(met, w->start, f, &w->err), BS_OK);
    crops = f->end[1]->v_dep[0];
    assert_true(town > 0 && crops > 0 && town != crops);
    bs_met_destroy(met);
    bs_forcing_destroy(f);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_source_linear_in_time_keeps_continuity),
        TEST(land_of_a_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
