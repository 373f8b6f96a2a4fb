/* UTF-8 and text that a terminal shows: kernels/base/utf8.h, and messages that went through it. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "kernels/base/status.h"
#include "kernels/base/utf8.h"

static void what_a_terminal_shows_stays_and_the_rest_is_a_question_mark(void **state)
{
    (void)state;
    static const struct {
        const char *given, *tame;
    } CASE[] = {{"", ""},
                {"plain, 成都市 µg m⁻³\n\ttwo lines", "plain, 成都市 µg m⁻³\n\ttwo lines"},
                {"\x1b[31mred\x1b[0m", "?[31mred?[0m"}, /* colours of a terminal */
                {"a\rb\x7f", "a?b?"},
                {"\xC2\x9B"
                 "2J\xC2\xA0",
                 "?2J\xC2\xA0"},                         /* C1: one character; a no-break space is none */
                {"ind\xFCstrie", "ind?strie"},           /* Latin-1 */
                {"\xE6\x88", "??"},                      /* cut within a character */
                {"\xC0\xAF\xED\xA0\x80\xF5", "??????"}}; /* overlong, surrogate, beyond Unicode */
    for (size_t n = 0; n < sizeof CASE / sizeof *CASE; n++) {
        char text[64];
        snprintf(text, sizeof text, "%s", CASE[n].given);
        bs_utf8_tame(text);
        assert_string_equal(text, CASE[n].tame);
    }
}

static void messages_are_tame_however_they_are_made(void **state)
{
    (void)state;
    bs_err err;
    bs_fail(&err, BS_ERR_INPUT, "unit '%s'", "\x1b[2J");
    assert_string_equal(err.text, "unit '?[2J'");
    bs_err_add(&err, "there: %s", "\xFF");
    assert_string_equal(err.text, "unit '?[2J'\nthere: ?");
    bs_err_context(&err, "%s", "a\bb");
    assert_string_equal(err.text, "a?b: unit '?[2J'\nthere: ?");
}

static void a_message_that_is_too_long_ends_with_a_whole_character(void **state)
{
    (void)state;
    static char name[2 * BS_ERR_TEXT_MAX];
    bs_err err;
    for (size_t n = 0; n + 3 < sizeof name; n += 3) memcpy(name + n, "成", 3);
    for (int skip = 0; skip < 3; skip++) {
        bs_fail(&err, BS_ERR_INPUT, "%.*s%s", skip, "xx", name);
        const unsigned char *p = (const unsigned char *)err.text;
        for (size_t left = strlen(err.text), n; left > 0; left -= n, p += n) {
            n = bs_utf8_length(p, left);
            assert_true(n > 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_terminal_shows_stays_and_the_rest_is_a_question_mark),
        cmocka_unit_test(messages_are_tame_however_they_are_made),
        cmocka_unit_test(a_message_that_is_too_long_ends_with_a_whole_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
