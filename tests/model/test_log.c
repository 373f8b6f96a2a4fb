/* Lines for people: two streams, warnings counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/log.h"

static void assert_holds(FILE *f, const char *expected)
{
    char text[256];
    rewind(f);
    const size_t n = fread(text, 1, sizeof text - 1, f);
    text[n] = '\0';
    assert_string_equal(text, expected);
    fclose(f);
}

static void both_streams_get_every_line(void **state)
{
    (void)state;
    bs_log log = {.screen = tmpfile(), .file = tmpfile()};
    assert_non_null(log.screen);
    assert_non_null(log.file);
    bs_log_info(&log, "grid %d x %d, %s", 21, 17, "成都");
    bs_log_warn(&log, "%s: %.1f %%", "cloud water", 2.5);
    bs_log_info(&log, "done");
    assert_int_equal(log.warnings, 1);
    const char *expected = "grid 21 x 17, 成都\nwarning: cloud water: 2.5 %\ndone\n";
    assert_holds(log.screen, expected);
    assert_holds(log.file, expected);
}

static void one_stream_or_none(void **state)
{
    (void)state;
    bs_log log = {.file = tmpfile()};
    assert_non_null(log.file);
    bs_log_info(&log, "before");
    FILE *file = log.file;
    log.file = NULL;
    bs_log_info(&log, "to nobody");
    bs_log_warn(&log, "to nobody");
    bs_log_warn(&log, "to nobody");
    assert_int_equal(log.warnings, 2); /* counted though nobody reads */
    assert_holds(file, "before\n");
    bs_log_info(NULL, "no log at all");
    bs_log_warn(NULL, "no log at all");
}

/* A run that dies later has its log on disk: each line is flushed. */
static void lines_are_there_at_once(void **state)
{
    (void)state;
    char text[16] = "", name[] = "/tmp/bashu-test-XXXXXX";
    const int fd = mkstemp(name);
    assert_true(fd >= 0);
    FILE *out = fdopen(fd, "w"), *in = fopen(name, "r");
    assert_non_null(out);
    assert_non_null(in);
    bs_log log = {.file = out};
    bs_log_info(&log, "step 1");
    assert_non_null(fgets(text, sizeof text, in));
    assert_string_equal(text, "step 1\n");
    fclose(in);
    fclose(out);
    remove(name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_streams_get_every_line),
        cmocka_unit_test(one_stream_or_none),
        cmocka_unit_test(lines_are_there_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
