/* An archive and what holds it: a checkpoint (HDF5) and a journal. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/core/archive.h"
#include "model/io/checkpoint.h"
#include "model/io/journal.h"
/* cmocka's header wants these before it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { N = 600000, PATH = 512 }; /* more than one chunk */

typedef struct world {
    char dir[64], file[PATH];
    bs_err err;
} world;

static int begin(void **state)
{
    world *w = calloc(1, sizeof *w);
    snprintf(w->dir, sizeof w->dir, "/tmp/bashu-archive-XXXXXX");
    if (!mkdtemp(w->dir)) return -1;
    snprintf(w->file, sizeof w->file, "%s/one.h5", w->dir);
    *state = w;
    return 0;
}

static int end(void **state)
{
    world *w = *state;
    char command[PATH];
    snprintf(command, sizeof command, "rm -rf %s", w->dir);
    const int code = system(command);
    free(w);
    return code;
}

typedef struct part {
    int count;
    long when;
    double *field;
    float *q;
    char word[8];
} part;

static bs_status archive_part(part *p, bs_archive *a, bs_err *err)
{
    const size_t outside = bs_archive_enter(a, "part");
    BS_TRY(BS_ARCHIVE(a, "count", &p->count, 1, err));
    BS_TRY(BS_ARCHIVE(a, "when", &p->when, 1, err));
    BS_TRY(BS_ARCHIVE(a, "field", p->field, N, err));
    BS_TRY(BS_ARCHIVE(a, "q", p->q, 7, err));
    BS_TRY(BS_ARCHIVE(a, "nothing", p->q, 0, err));
    BS_TRY(BS_ARCHIVE_BYTES(a, "word", p->word, sizeof p->word, err));
    bs_archive_leave(a, outside);
    return BS_OK;
}

static part make_part(void)
{
    part p = {.count = -3, .when = 1420848000000000000L, .word = "basin"};
    p.field = calloc(N, sizeof *p.field);
    p.q = calloc(7, sizeof *p.q);
    assert_non_null(p.field);
    assert_non_null(p.q);
    return p;
}

static void free_part(part *p)
{
    free(p->field);
    free(p->q);
}

static void write_part(world *w)
{
    part p = make_part();
    bs_checkpoint *c = NULL;
    for (int n = 0; n < N; n++) p.field[n] = 1.0 / (n + 3);
    for (int n = 0; n < 7; n++) p.q[n] = 0.1f * (float)n;
    assert_int_equal(bs_checkpoint_create(w->file, &c, &w->err), BS_OK);
    assert_int_not_equal(access(w->file, F_OK), 0); /* not before it is whole */
    assert_int_equal(archive_part(&p, bs_checkpoint_archive(c), &w->err), BS_OK);
    assert_int_equal(bs_checkpoint_commit(c, &w->err), BS_OK);
    assert_int_equal(access(w->file, F_OK), 0);
    free_part(&p);
}

static void comes_back_to_the_bit(void **state)
{
    world *w = *state;
    write_part(w);
    part p = make_part();
    p.count = 0;
    p.when = 0;
    memset(p.word, 0, sizeof p.word);
    bs_checkpoint *c = NULL;
    assert_int_equal(bs_checkpoint_open(w->file, &c, &w->err), BS_OK);
    assert_int_equal(archive_part(&p, bs_checkpoint_archive(c), &w->err), BS_OK);
    assert_int_equal((int)bs_checkpoint_count(c, "part/field"), N);
    assert_int_equal((int)bs_checkpoint_count(c, "part/nothing"), 0);
    bs_checkpoint_close(c);
    assert_int_equal(p.count, -3);
    assert_true(p.when == 1420848000000000000L);
    assert_string_equal(p.word, "basin");
    for (int n = 0; n < N; n++) assert_true(p.field[n] == 1.0 / (n + 3));
    for (int n = 0; n < 7; n++) assert_true(p.q[n] == 0.1f * (float)n);
    free_part(&p);
}

/* Any byte, in values or in HDF5's own structures: found on opening, or without consequence for what is read. */
static void a_flipped_bit_is_found(void **state)
{
    world *w = *state;
    struct stat info;
    int found = 0, harmless = 0;
    write_part(w);
    assert_int_equal(stat(w->file, &info), 0);
    for (int n = 0; n < 60; n++) {
        /* half of them at the beginning, where the structures are */
        const off_t at = n % 2 ? (off_t)(n * 37) : (off_t)((double)info.st_size * n / 60);
        FILE *f = fopen(w->file, "r+b");
        assert_non_null(f);
        assert_int_equal(fseeko(f, at, SEEK_SET), 0);
        const int byte = fgetc(f);
        assert_int_equal(fseeko(f, at, SEEK_SET), 0);
        fputc(byte ^ 16, f);
        fclose(f);
        bs_checkpoint *c = NULL;
        bs_err err = {0};
        if (bs_checkpoint_open(w->file, &c, &err) == BS_OK) {
            part p = make_part();
            if (archive_part(&p, bs_checkpoint_archive(c), &err) == BS_OK) {
                for (int k = 0; k < N; k++) assert_true(p.field[k] == 1.0 / (k + 3));
                harmless++;
            }
            free_part(&p);
            bs_checkpoint_close(c);
        } else {
            assert_non_null(strstr(err.text, w->file));
            found++;
        }
        f = fopen(w->file, "r+b");
        assert_non_null(f);
        assert_int_equal(fseeko(f, at, SEEK_SET), 0);
        fputc(byte, f);
        fclose(f);
    }
    assert_true(found >= 30); /* most of the file is values */
    (void)harmless;
}

static void refuse(world *w, const char *word)
{
    bs_checkpoint *c = NULL;
    w->err.text[0] = '\0';
    assert_int_equal(bs_checkpoint_open(w->file, &c, &w->err), BS_ERR_INPUT);
    assert_non_null(strstr(w->err.text, word));
    assert_non_null(strstr(w->err.text, w->file));
}

static void what_is_no_checkpoint_is_refused(void **state)
{
    world *w = *state;
    refuse(w, "cannot be opened");
    write_part(w);
    assert_int_equal(truncate(w->file, 4096), 0);
    refuse(w, "cut short");
    assert_int_equal(truncate(w->file, 0), 0);
    refuse(w, "no checkpoint");
}

static void what_does_not_fit_is_refused(void **state)
{
    world *w = *state;
    bs_checkpoint *c = NULL;
    float q[8] = {0};
    double d[7] = {0};
    write_part(w);
    assert_int_equal(bs_checkpoint_open(w->file, &c, &w->err), BS_OK);
    bs_archive *a = bs_checkpoint_archive(c);
    const size_t outside = bs_archive_enter(a, "part");
    assert_int_equal(BS_ARCHIVE(a, "q", q, 8, &w->err), BS_ERR_INPUT);
    assert_non_null(strstr(w->err.text, "item 'part/q' has 7 values, expected 8"));
    assert_int_equal(BS_ARCHIVE(a, "q", d, 7, &w->err), BS_ERR_INPUT);
    assert_non_null(strstr(w->err.text, "of another type"));
    assert_int_equal(BS_ARCHIVE(a, "p", d, 7, &w->err), BS_ERR_INPUT);
    assert_non_null(strstr(w->err.text, "item 'part/p' is not there"));
    bs_archive_leave(a, outside);
    bs_checkpoint_close(c);
}

static void an_abandoned_one_leaves_nothing(void **state)
{
    world *w = *state;
    bs_checkpoint *c = NULL;
    int n = 1;
    char part_file[PATH + 8];
    snprintf(part_file, sizeof part_file, "%s.part", w->file);
    assert_int_equal(bs_checkpoint_create(w->file, &c, &w->err), BS_OK);
    assert_int_equal(BS_ARCHIVE(bs_checkpoint_archive(c), "n", &n, 1, &w->err), BS_OK);
    bs_checkpoint_abandon(c);
    assert_int_not_equal(access(part_file, F_OK), 0);
    assert_int_not_equal(access(w->file, F_OK), 0);
}

/* ---- journals ---- */

static void add(world *w, bs_journal *j, int number)
{
    double body[64];
    for (int n = 0; n < 64; n++) body[n] = number + n / 64.0;
    assert_int_equal(bs_journal_add(j, &number, sizeof number, body, sizeof body[0] * (size_t)(number % 64), &w->err),
                     BS_OK);
}

static int read_all(world *w, bs_journal *j)
{
    const void *head, *body;
    size_t n_head, n_body;
    for (int number = 1;; number++) {
        int found;
        assert_int_equal(bs_journal_next(j, &head, &n_head, &body, &n_body, &w->err), BS_OK);
        if (!body) return number - 1;
        assert_int_equal((int)n_head, (int)sizeof found);
        memcpy(&found, head, sizeof found);
        assert_int_equal(found, number);
        assert_int_equal((int)n_body, number % 64 * 8);
    }
}

static void a_journal_goes_on_where_it_was_marked(void **state)
{
    world *w = *state;
    bs_journal *j = NULL;
    uint64_t marked = 0, later = 0;
    assert_int_equal(bs_journal_open(w->file, 0, &j, &w->err), BS_OK);
    for (int n = 1; n <= 100; n++) add(w, j, n);
    assert_int_equal(bs_journal_mark(j, &marked, &w->err), BS_OK);
    for (int n = 101; n <= 130; n++) add(w, j, n); /* of a part of the run that is lost */
    bs_journal_close(j);
    assert_int_equal(bs_journal_open(w->file, marked, &j, &w->err), BS_OK);
    assert_int_equal(read_all(w, j), 100);
    for (int n = 101; n <= 120; n++) add(w, j, n);
    assert_int_equal(bs_journal_mark(j, &later, &w->err), BS_OK);
    bs_journal_close(j);
    assert_int_equal(bs_journal_open(w->file, later, &j, &w->err), BS_OK);
    assert_int_equal(read_all(w, j), 120);
    bs_journal_close(j);
}

static void a_damaged_journal_is_found(void **state)
{
    world *w = *state;
    bs_journal *j = NULL;
    uint64_t marked = 0;
    const void *head, *body;
    size_t n_head, n_body;
    assert_int_equal(bs_journal_open(w->file, 0, &j, &w->err), BS_OK);
    for (int n = 1; n <= 10; n++) add(w, j, n);
    assert_int_equal(bs_journal_mark(j, &marked, &w->err), BS_OK);
    bs_journal_close(j);
    assert_int_equal(bs_journal_open(w->file, marked + 1, &j, &w->err), BS_ERR_INPUT);
    assert_non_null(strstr(w->err.text, "it was cut or replaced"));
    FILE *f = fopen(w->file, "r+b");
    assert_non_null(f);
    fseek(f, 150, SEEK_SET);
    fputc('x', f);
    fclose(f);
    assert_int_equal(bs_journal_open(w->file, marked, &j, &w->err), BS_OK);
    bs_status st = BS_OK;
    for (int n = 0; n < 10 && st == BS_OK; n++) st = bs_journal_next(j, &head, &n_head, &body, &n_body, &w->err);
    assert_int_equal(st, BS_ERR_INPUT);
    assert_non_null(strstr(w->err.text, "is damaged"));
    bs_journal_close(j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(comes_back_to_the_bit, begin, end),
        cmocka_unit_test_setup_teardown(a_flipped_bit_is_found, begin, end),
        cmocka_unit_test_setup_teardown(what_is_no_checkpoint_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(what_does_not_fit_is_refused, begin, end),
        cmocka_unit_test_setup_teardown(an_abandoned_one_leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_journal_goes_on_where_it_was_marked, begin, end),
        cmocka_unit_test_setup_teardown(a_damaged_journal_is_found, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
