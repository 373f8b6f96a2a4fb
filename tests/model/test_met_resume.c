/* A run that was cut and goes on: the meteorology that another process makes from what an archive kept has the bits, and tells the same, as if
 * nothing had been. */
#include "tests/model/test_met_fixture.h"
#include "tests/model/test_pressure_levels.h"

/* ---- an archive in memory ---- */

enum { ITEMS_MAX = 32 };

typedef struct memory {
    bs_archive archive;
    int n, next;
    struct {
        char path[BS_ARCHIVE_PATH_MAX];
        size_t size;
        void *bytes;
    } item[ITEMS_MAX];
} memory;

static bs_status keep_or_fill(bs_archive *self, const char *path, bs_item_type type, size_t n, void *data, bs_err *err)
{
    static const size_t SIZE[] = {1, sizeof(int), sizeof(long), sizeof(float), sizeof(double)};
    memory *m = (memory *)self;
    const size_t size = n * SIZE[type];
    (void)err;
    if (self->loading) {
        assert_true(m->next < m->n);
        assert_string_equal(m->item[m->next].path, path);
        assert_int_equal(m->item[m->next].size, size);
        memcpy(data, m->item[m->next++].bytes, size);
        return BS_OK;
    }
    assert_true(m->n < ITEMS_MAX);
    snprintf(m->item[m->n].path, sizeof m->item[m->n].path, "%s", path);
    m->item[m->n].size = size;
    m->item[m->n].bytes = malloc(size);
    assert_non_null(m->item[m->n].bytes);
    memcpy(m->item[m->n++].bytes, data, size);
    return BS_OK;
}

static void forget(memory *m)
{
    for (int n = 0; n < m->n; n++) free(m->item[n].bytes);
}

/* ---- a run and the same, cut ---- */

static bs_met *make(const bs_provider *provider, world *w)
{
    bs_met *met = NULL;
    if (bs_met_create_with(provider, &w->context, w->tracers, w->start, w->end, &met, &w->err) != BS_OK)
        fail_msg("%s", w->err.text);
    return met;
}

static void go(bs_met *met, bs_time t, bs_forcing *f, bs_err *err)
{
    if (bs_met_interval(met, t, f, err) != BS_OK) fail_msg("%s", err->text);
}

static void same_words(const bs_met *a, const bs_met *b)
{
    bs_met_report one, two;
    bs_met_report_get(a, &one);
    bs_met_report_get(b, &two);
    assert_true(one.correction_p99 == two.correction_p99 && one.correction_max == two.correction_max);
    assert_true(one.correction_worst == two.correction_worst);
    assert_string_equal(one.correction, two.correction);
    assert_string_equal(one.correction_warning, two.correction_warning);
    assert_int_equal(one.n_assumed, two.n_assumed);
    for (int n = 0; n < one.n_assumed; n++) assert_string_equal(one.assumed[n], two.assumed[n]);
}

/* Cut at each hour. */
static void cut_everywhere(const bs_provider *provider, world *w)
{
    for (bs_time cut = w->start + 3600; cut < w->end; cut += 3600) {
        bs_forcing *a = forcing_make(), *b = forcing_make();
        bs_met *uncut = make(provider, w), *first = make(provider, w);
        memory m = {.archive = {.item = keep_or_fill}};
        for (bs_time t = w->start; t < cut; t += 3600) {
            go(uncut, t, a, &w->err);
            go(first, t, b, &w->err);
        }
        assert_int_equal(bs_met_archive(first, &m.archive, &w->err), BS_OK);
        bs_met_destroy(first);
        bs_met *second = make(provider, w);
        m.archive.loading = true;
        assert_int_equal(bs_met_archive(second, &m.archive, &w->err), BS_OK);
        assert_int_equal(m.next, m.n);
        for (bs_time t = cut; t < w->end; t += 3600) {
            go(uncut, t, a, &w->err);
            go(second, t, b, &w->err);
            same_forcing(a, b);
        }
        same_words(uncut, second);
        bs_met_destroy(uncut);
        bs_met_destroy(second);
        bs_forcing_destroy(a);
        bs_forcing_destroy(b);
        forget(&m);
    }
}

/* At seven alone the boundary layer lies low and the air blows about: what is told of that is told after a cut at eight, too. */
static bs_status once_read(void *self, bs_time t, bs_native *n, bs_err *err)
{
    BS_TRY(fake_read(self, t, n, err));
    if (t % 86400 != 7 * 3600) return BS_OK;
    n->pblh[5] = 20;
    for (int c = 0; c < n->nx * n->ny * n->nz; c++) n->u[c] *= 1 + 0.5 * sin(c);
    return BS_OK;
}

static void what_was_told_once(void **state)
{
    world *w = *state;
    bs_provider provider = FAKE;
    provider.read = once_read;
    case_make(w, "");
    cut_everywhere(&provider, w);
    case_free(w);
}

static void weather_from_files(void **state)
{
    world *w = *state;
    weather_file f = file_default("a.nc");
    f.n_lon = 17;
    f.n_lat = 15;
    f.lon0 = 100;
    f.lat0 = 26.5;
    f.level[4] = 95;
    f.near_ground = true;
    f.n_times = 3;
    f.time[1] = 2;
    f.time[2] = HOURS;
    write_weather(w->dir, &f);
    case_make(w, "  assume: {heat_flux: diurnal, precipitation: none}\n  files: a.nc\n" VARIABLES);
    w->start = bs_time_from_date(2020, 1, 1, 0, 0, 0); /* the file's */
    w->end = w->start + HOURS * 3600;
    cut_everywhere(&BS_PROVIDER_PRESSURE_LEVELS, w);
    case_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test_setup_teardown(what_was_told_once, set_up, tear_down),
                                       cmocka_unit_test_setup_teardown(weather_from_files, set_up, tear_down)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
