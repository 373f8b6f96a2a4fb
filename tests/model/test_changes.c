/* What differs between two texts of lines; and the flag that a signal sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "model/run/changes.h"
#include "model/run/stop.h"

static void note(void *self, const char *key, const char *before, const char *after)
{
    char *text = self;
    const size_t used = strlen(text);
    snprintf(text + used, 512 - used, "%s|%s|%s;", key, before, after);
}

static const char *between(const char *before, const char *after, char text[512])
{
    text[0] = '\0';
    bs_changes_find(before, after, note, text);
    return text;
}

static void differences_are_found(void **state)
{
    (void)state;
    char text[512];
    assert_string_equal(between("a: 1\nb.c: x: y\n", "a: 1\nb.c: x: y\n", text), "");
    assert_string_equal(between("a: 1\nb: 2\n", "a: 1\nb: 3\n", text), "b|2|3;");
    assert_string_equal(between("a: 1\nb: 2\n", "b: 2\nc: 3\n", text), "a|1|;c||3;");
    assert_string_equal(between("", "a: 1", text), "a||1;");
    assert_string_equal(between("list[0].x: 1\nlist[1].x: 2\n", "list[0].x: 2\n", text), "list[0].x|1|2;list[1].x|2|;");
    assert_string_equal(between("ab: 1\n", "a: 1\nab: 1\n", text), "a||1;");
}

static void a_signal_is_noted(void **state)
{
    (void)state;
    bs_stop_watch w = {0};
    struct sigaction now;
    bs_stop_end(&w); /* of one that never began */
    bs_stop_begin(&w);
    assert_int_equal(bs_stop_of_bits(bs_stop_bits()), 0);
    raise(SIGUSR1);
    assert_int_equal(bs_stop_of_bits(bs_stop_bits()), SIGUSR1);
    assert_string_equal(bs_stop_name(bs_stop_of_bits(bs_stop_bits())), "SIGUSR1");
    raise(SIGTERM);
    assert_int_equal(bs_stop_of_bits(bs_stop_bits()), SIGTERM);
    bs_stop_end(&w);
    sigaction(SIGTERM, NULL, &now);
    assert_true(now.sa_handler == SIG_DFL);
    bs_stop_begin(&w);
    assert_int_equal(bs_stop_of_bits(bs_stop_bits()), 0); /* each watch begins anew */
    bs_stop_end(&w);
    assert_int_equal(bs_stop_of_bits(0), 0);
    assert_int_equal(bs_stop_of_bits(1 | 2), SIGTERM); /* of two ranks that were asked in two ways */
    assert_int_equal(bs_stop_of_bits(2 | 4), SIGUSR1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(differences_are_found),
        cmocka_unit_test(a_signal_is_noted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
