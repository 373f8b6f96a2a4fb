/* Columns of a terminal: Chinese counts two, bytes do not matter. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "model/core/text.h"

static void columns_of_texts(void **state)
{
    (void)state;
    const struct {
        const char *text;
        int columns;
    } ROWS[] = {{"", 0},         {"Chengdu", 7}, {"成都市", 6}, {"甘孜藏族自治州", 14}, {"Garzê", 5}, {"（市）A", 7},
                {"\xff\xfe", 2}, {"成\xe6", 3},  {"𠀀", 2}};
    for (size_t r = 0; r < sizeof ROWS / sizeof *ROWS; r++)
        assert_int_equal(bs_text_columns(ROWS[r].text), ROWS[r].columns);
}

static void padded_texts_fill_the_same_columns(void **state)
{
    (void)state;
    const char *const names[] = {"成都市", "阿坝藏族羌族自治州", "Mianyang", "Garzê", ""};
    char line[128];
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        snprintf(line, sizeof line, "%-*s|", bs_text_pad(names[n], 20), names[n]);
        assert_int_equal(bs_text_columns(line), 21);
    }
    snprintf(line, sizeof line, "%-*s|", bs_text_pad("成都市", 3), "成都市"); /* too long: as it stands */
    assert_string_equal(line, "成都市|");
}

static void characters_have_their_length(void **state)
{
    (void)state;
    assert_int_equal(bs_utf8_length((const unsigned char *)"a", 1), 1);
    assert_int_equal(bs_utf8_length((const unsigned char *)"ê", 2), 2);
    assert_int_equal(bs_utf8_length((const unsigned char *)"市", 3), 3);
    assert_int_equal(bs_utf8_length((const unsigned char *)"市", 2), 0);           /* cut short */
    assert_int_equal(bs_utf8_length((const unsigned char *)"\xc0\x80", 2), 0);     /* overlong */
    assert_int_equal(bs_utf8_length((const unsigned char *)"\xed\xa0\x80", 3), 0); /* a surrogate */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(columns_of_texts),
                                       cmocka_unit_test(padded_texts_fill_the_same_columns),
                                       cmocka_unit_test(characters_have_their_length)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
