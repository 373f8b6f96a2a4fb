/* Which masks of processors overlap, and how many threads a rank takes by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/parallel/cpus.h"
#include "model/parallel/threads.h"

static void masks(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        int overlap;
    } row[] = {{"3", "3", 1},
               {"3", "4", 0},
               {"f0", "0f", 0},
               {"ff,00000000", "ffffffff", 0},
               {"01,00000000", "ff,ffffffff", 1},
               {"00000001,00000000", "1,00000000", 1},
               {"80", "00000000,00000080", 1},
               {"", "1", 1},
               {"1", "", 1}};
    for (size_t n = 0; n < sizeof row / sizeof *row; n++) {
        assert_int_equal(bs_cpus_overlap(row[n].a, row[n].b), row[n].overlap);
        assert_int_equal(bs_cpus_overlap(row[n].b, row[n].a), row[n].overlap);
    }
}

/* Alone, the environment and the machine decide. */
static void alone(void **state)
{
    (void)state;
    assert_int_equal(bs_cpus_share(), 0);
    assert_true(bs_threads_possible() >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(masks), cmocka_unit_test(alone)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
