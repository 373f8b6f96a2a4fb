/* The account of mass: names, closure, residual. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "model/core/ledger.h"

static const double ROUND = 1e-15; /* a product with 1e-9 */

typedef struct row {
    const char *id, *json, *text;
    int sign;
} row;

static const row ROWS[] = {
#define BS_TERM(id, json, sign, text) {#id, json, text, sign},
#include "model/core/ledger_terms.def"
#undef BS_TERM
};

static bs_ledger *ledger(int n_tracers)
{
    bs_ledger *l = NULL;
    bs_err err;
    assert_int_equal(bs_ledger_create(n_tracers, &l, &err), BS_OK);
    assert_int_equal(l->n_tracers, n_tracers);
    return l;
}

static void names_come_from_the_table(void **state)
{
    (void)state;
    assert_int_equal(BS_L_COUNT, sizeof ROWS / sizeof *ROWS);
    for (int t = 0; t < BS_L_COUNT; t++) {
        assert_string_equal(bs_ledger_term_name((bs_ledger_term)t), ROWS[t].json);
        assert_string_equal(bs_ledger_term_text((bs_ledger_term)t), ROWS[t].text);
        assert_true(ROWS[t].sign == 1 || ROWS[t].sign == -1);
        const char *end = strstr(ROWS[t].json, "_kg"); /* a unit in every name */
        assert_true(end && end[3] == '\0');
        for (int o = 0; o < t; o++) assert_string_not_equal(ROWS[t].json, ROWS[o].json);
    }
    assert_string_equal(bs_ledger_term_name(BS_L_INITIAL), "initial_kg");
    assert_string_equal(bs_ledger_term_name(BS_L_STORED), "stored_kg");
}

static void new_ledger_is_empty(void **state)
{
    (void)state;
    bs_ledger *l = ledger(3);
    for (int n = 0; n < 3; n++) {
        for (int t = 0; t < BS_L_COUNT; t++) assert_true(bs_ledger_kg(l, n, (bs_ledger_term)t) == 0);
        assert_true(bs_ledger_error_kg(l, n) == 0);
        assert_true(bs_ledger_residual(l, n) == 0); /* no division by nothing */
    }
    bs_ledger_destroy(l);
    bs_ledger_destroy(NULL);
}

static void micrograms_become_kilograms(void **state)
{
    (void)state;
    bs_ledger *l = ledger(2);
    bs_sum_add(bs_ledger_at(l, 1, BS_L_EMITTED), 2.5e9);
    bs_sum_add(bs_ledger_at(l, 1, BS_L_EMITTED), 0.5e9);
    assert_true(fabs(bs_ledger_kg(l, 1, BS_L_EMITTED) - 3) <= 4 * ROUND);
    assert_true(bs_ledger_kg(l, 0, BS_L_EMITTED) == 0); /* the other tracer's account */
    bs_ledger_destroy(l);
}

/* Each term alone moves the closure by its sign. */
static void every_term_counts_once(void **state)
{
    (void)state;
    for (int t = 0; t < BS_L_COUNT; t++) {
        bs_ledger *l = ledger(2);
        bs_sum_add(bs_ledger_at(l, 1, (bs_ledger_term)t), 7e9);
        assert_true(fabs(bs_ledger_error_kg(l, 1) - 7 * ROWS[t].sign) <= 8 * ROUND);
        assert_true(bs_ledger_error_kg(l, 0) == 0);
        bs_ledger_destroy(l);
    }
}

static void closed_account_and_residual(void **state)
{
    (void)state;
    bs_ledger *l = ledger(1);
    double balance = 0;
    for (int t = 0; t < BS_L_COUNT; t++) {
        const double ug = t == BS_L_STORED ? balance : 1e9 * (40.0 / (t + 1) + (ROWS[t].sign > 0 ? 9 : 0));
        bs_sum_add(bs_ledger_at(l, 0, (bs_ledger_term)t), ug);
        balance += ROWS[t].sign * ug;
    }
    assert_true(bs_ledger_residual(l, 0) < 1e-14); /* ROUND: the balance is a sum of twelve doubles */
    double gained = 0;
    for (int t = 0; t < BS_L_COUNT; t++)
        if (ROWS[t].sign > 0) gained += bs_ledger_kg(l, 0, (bs_ledger_term)t);
    bs_sum_add(bs_ledger_at(l, 0, BS_L_WET), 2e9); /* two kilograms that nobody brought */
    assert_true(fabs(bs_ledger_error_kg(l, 0) + 2) < 1e-12);
    assert_true(fabs(bs_ledger_residual(l, 0) - 2 / gained) < 1e-12);
    bs_ledger_destroy(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_from_the_table),   cmocka_unit_test(new_ledger_is_empty),
        cmocka_unit_test(micrograms_become_kilograms), cmocka_unit_test(every_term_counts_once),
        cmocka_unit_test(closed_account_and_residual),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
