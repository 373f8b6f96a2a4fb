#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/core/hash.h"

/* Test vectors of the reference code of the authors (test_fnv.c). */
static void known_words_have_their_known_hashes(void **state)
{
    (void)state;
    assert_true(bs_hash_add(BS_HASH_EMPTY, "", 0) == UINT64_C(0xcbf29ce484222325));
    assert_true(bs_hash_add(BS_HASH_EMPTY, "a", 1) == UINT64_C(0xaf63dc4c8601ec8c));
    assert_true(bs_hash_add(BS_HASH_EMPTY, "foobar", 6) == UINT64_C(0x85944171f73967e8));
    assert_true(bs_hash_add(bs_hash_add(BS_HASH_EMPTY, "foo", 3), "bar", 3) == UINT64_C(0x85944171f73967e8));
}

static void a_file_hashes_as_its_bytes(void **state)
{
    (void)state;
    enum { N = 100001 }; /* several buffers and a rest */
    char name[] = "/tmp/bashu-hash-XXXXXX";
    unsigned char *bytes = malloc(N);
    assert_non_null(bytes);
    for (int i = 0; i < N; i++) bytes[i] = (unsigned char)(i * 31 + i / 256);
    int fd = mkstemp(name);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes, N), N);
    close(fd);
    bs_err err = {0};
    uint64_t hash, size;
    assert_int_equal(bs_hash_file(name, &hash, &size, &err), BS_OK);
    assert_true(size == N && hash == bs_hash_add(BS_HASH_EMPTY, bytes, N));
    unlink(name);
    free(bytes);
    assert_int_equal(bs_hash_file(name, &hash, &size, &err), BS_ERR_IO);
    assert_non_null(strstr(err.text, name));
    assert_non_null(strstr(err.text, "cannot be opened: No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_words_have_their_known_hashes),
        cmocka_unit_test(a_file_hashes_as_its_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
