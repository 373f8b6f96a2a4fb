/* Members as blocks of one state: who stands where, and what a view of one shows. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/state/members.h"

enum { TOTAL, ROAD, INDUSTRY, INITIAL, PER_SPECIES, BASE = 2 * PER_SPECIES, MEMBERS = 3 };

static bs_tracers *make_base(void)
{
    static const char *const SPECIES[] = {"pm25", "pmcoarse"}, *const SECTORS[] = {"road", "industry"};
    const bs_tracer_request request = {
        .n_species = 2, .species = SPECIES, .n_sectors = 2, .sectors = SECTORS, .tag_initial = 1, .acts = BS_ACT_EMIT};
    bs_tracers *base = NULL;
    bs_err err;
    if (bs_tracers_create(&request, &base, &err) != BS_OK) fail_msg("%s", err.text);
    assert_int_equal(base->n, BASE);
    return base;
}

static void test_blocks_in_the_order_of_the_base(void **state)
{
    (void)state;
    bs_err err;
    bs_tracers *base = make_base(), whole;
    assert_int_equal(bs_tracers_join(base, MEMBERS, true, &whole, &err), BS_OK);
    assert_int_equal(whole.n, MEMBERS * BASE);
    for (int t = 0; t < whole.n; t++) {
        assert_int_equal(whole.row[t].member, t / BASE);
        assert_int_equal(whole.row[t].total, base->row[t % BASE].total + t / BASE * BASE);
        assert_string_equal(whole.row[t].label, base->row[t % BASE].label);
        assert_int_equal(bs_tracer_of_member(&whole, t / BASE, t % BASE), t);
        for (int u = 0; u < t; u++) assert_string_not_equal(whole.row[t].name, whole.row[u].name);
    }
    bs_tracers_leave(&whole);
    bs_tracers_destroy(base);
}

static void test_totals_alone(void **state)
{
    (void)state;
    bs_err err;
    bs_tracers *base = make_base(), whole;
    bs_member last;
    assert_int_equal(bs_tracers_join(base, MEMBERS, false, &whole, &err), BS_OK);
    assert_int_equal(whole.n, BASE + 2 * 2);
    for (int t = BASE; t < whole.n; t++) {
        assert_int_equal(whole.row[t].role, BS_ROLE_TOTAL);
        assert_int_equal(whole.row[t].total, t);
        assert_false(bs_tracer_has_tags(&whole, t));
    }
    assert_int_equal(bs_tracer_of_member(&whole, 2, PER_SPECIES + TOTAL), BASE + 3);
    assert_int_equal(bs_tracer_of_member(&whole, 2, ROAD), -1);
    assert_int_equal(bs_tracer_of_member(&whole, 0, ROAD), ROAD);
    assert_int_equal(bs_member_create(&whole, 2, &last, &err), BS_OK);
    assert_int_equal(last.first, BASE + 2);
    assert_int_equal(last.tracers.n, 2);
    assert_string_equal(last.tracers.row[1].name, "pmcoarse");
    assert_int_equal(last.tracers.row[1].total, 1);
    bs_member_release(&last);
    bs_tracers_leave(&whole);
    bs_tracers_destroy(base);
}

static void test_a_view_is_the_members_part(void **state)
{
    (void)state;
    bs_err err;
    bs_tracers *base = make_base(), whole;
    const bs_box box = bs_box_make(5, 4, 3, 0);
    bs_state *s = NULL;
    bs_ledger *ledger = NULL;
    bs_member m;
    assert_int_equal(bs_tracers_join(base, MEMBERS, true, &whole, &err), BS_OK);
    assert_int_equal(bs_state_create(&box, &whole, &s, &err), BS_OK);
    assert_int_equal(bs_ledger_create(whole.n, &ledger, &err), BS_OK);
    assert_int_equal(bs_member_create(&whole, 1, &m, &err), BS_OK);
    bs_member_look(&m, s, ledger);
    assert_int_equal(m.tracers.n, BASE);
    for (int t = 0; t < BASE; t++) {
        assert_string_equal(m.tracers.row[t].name, base->row[t].name);
        assert_int_equal(m.tracers.row[t].total, base->row[t].total);
        assert_int_equal(m.tracers.row[t].member, 0);
        assert_ptr_equal(bs_state_q(&m.state, t), bs_state_q(s, BASE + t));
        assert_ptr_equal(m.state.dry + 20 * t, s->dry + (ptrdiff_t)20 * (BASE + t));
        assert_ptr_equal(bs_ledger_at(&m.ledger, t, BS_L_STORED), bs_ledger_at(ledger, BASE + t, BS_L_STORED));
    }
    assert_ptr_equal(m.state.m, s->m);
    bs_member_release(&m);
    bs_ledger_destroy(ledger);
    bs_state_destroy(s);
    bs_tracers_leave(&whole);
    bs_tracers_destroy(base);
}

static void test_all_begin_as_the_base(void **state)
{
    (void)state;
    bs_err err;
    bs_tracers *base = make_base(), whole;
    const bs_box box = bs_box_make(5, 4, 3, 0);
    bs_state *s = NULL;
    bs_boundary *b = NULL;
    assert_int_equal(bs_tracers_join(base, MEMBERS, false, &whole, &err), BS_OK);
    assert_int_equal(bs_state_create(&box, &whole, &s, &err), BS_OK);
    assert_int_equal(bs_boundary_create(5, 4, 3, whole.n, &b, &err), BS_OK);
    bs_boundary first = bs_boundary_of_base(b, BASE);
    for (int t = 0; t < BASE; t++) {
        bs_state_q(s, t)[bs_at(&box, 1, 2, 3)] = (real)(10 + t);
        bs_boundary_at(&first, BS_NORTH, t, 2)[4] = (real)(20 + t);
    }
    bs_members_copy_state(&whole, s);
    bs_members_copy_boundary(&whole, b);
    for (int member = 1; member < MEMBERS; member++)
        for (int t = 0; t < BASE; t += PER_SPECIES) {
            const int row = bs_tracer_of_member(&whole, member, t);
            assert_true(bs_state_q(s, row)[bs_at(&box, 1, 2, 3)] == (real)(10 + t));
            assert_true(bs_boundary_at(b, BS_NORTH, row, 2)[4] == (real)(20 + t));
        }
    bs_boundary_destroy(b);
    bs_state_destroy(s);
    bs_tracers_leave(&whole);
    bs_tracers_destroy(base);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_in_the_order_of_the_base),
        cmocka_unit_test(test_totals_alone),
        cmocka_unit_test(test_a_view_is_the_members_part),
        cmocka_unit_test(test_all_begin_as_the_base),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
