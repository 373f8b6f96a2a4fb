/* Checked allocation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "model/core/memory.h"

static void zeroed_and_aligned(void **state)
{
    (void)state;
    for (size_t n = 0; n < 300; n += 7) {
        double *a = NULL;
        bs_err err;
        assert_int_equal(BS_NEW(&a, n, "numbers", &err), BS_OK);
        assert_non_null(a);
        assert_int_equal((uintptr_t)a % 64, 0);
        for (size_t i = 0; i < n; i++) assert_true(a[i] == 0);
        memset(a, 0xff, n * sizeof *a); /* a sanitizer would see an array that is too short */
        bs_free(a);
    }
    bs_free(NULL);
}

static void refuses_what_does_not_fit(void **state)
{
    (void)state;
    void *p = &p;
    bs_err err = {0};
    assert_int_equal(bs_alloc(&p, SIZE_MAX / 4, 8, "the whole world", &err), BS_ERR_MEMORY);
    assert_null(p);
    assert_int_equal(err.status, BS_ERR_MEMORY);
    assert_non_null(strstr(err.text, "the whole world: "));
    assert_non_null(strstr(err.text, "do not fit into an address space"));
    assert_int_equal(bs_alloc(&p, SIZE_MAX, 1, "bytes", NULL), BS_ERR_MEMORY);
    assert_int_equal(bs_alloc(&p, SIZE_MAX, 0, "nothings", NULL), BS_ERR_MEMORY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeroed_and_aligned),
        cmocka_unit_test(refuses_what_does_not_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
