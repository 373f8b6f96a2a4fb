/* Prepared meteorology in a file: the bits of a run that prepares as it goes, a key that follows all that matters, one writer at a time. */
#include "tests/model/test_met_fixture.h"

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

/* What is assumed at a later time alone is told by the file, too. */
static bs_status low_once(void *self, bs_time t, bs_native *n, bs_err *err)
{
    BS_TRY(fake_read(self, t, n, err));
    if (t % 86400 == 8 * 3600) n->pblh[5] = 20;
    return BS_OK;
}

static void the_file_tells_all_that_was_assumed(void **state)
{
    world *w = *state;
    bs_provider provider = FAKE;
    char rows[128];
    provider.read = low_once;
    snprintf(rows, sizeof rows, "  prepared: %s\n", w->dir);
    case_make(w, rows);
    if (bs_met_prepare_with(&provider, &w->context, w->tracers, w->start, w->end, w->dir, &w->err) != BS_OK)
        fail_msg("%s", w->err.text);
    bs_met *met = met_make(w);
    bs_met_report report;
    bs_met_report_get(met, &report);
    assert_true(report.from_cache);
    bool told = false;
    for (int n = 0; n < report.n_assumed; n++) told = told || strstr(report.assumed[n], "raised to 50 m");
    assert_true(told);
    bs_met_destroy(met);
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
        TEST(file_and_memory_agree_to_the_bit), TEST(the_file_tells_all_that_was_assumed),
        TEST(key_follows_what_matters),         TEST(one_writer_at_a_time),
        TEST(nothing_half_done_remains),        TEST(strange_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
