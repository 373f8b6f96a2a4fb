/* config_support.h - a scratch folder for the files that a test writes, and the texts it looks for. */
#ifndef BS_TESTS_CONFIG_SUPPORT_H
#define BS_TESTS_CONFIG_SUPPORT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/base/status.h"

typedef struct scratch {
    char folder[64];
    char path[512]; /* of the file written last */
    bs_err err;
} scratch;

static inline int scratch_setup(void **state)
{
    scratch *s = calloc(1, sizeof *s);
    if (!s) return -1;
    snprintf(s->folder, sizeof s->folder, "/tmp/bashu-test-XXXXXX");
    *state = s;
    return mkdtemp(s->folder) ? 0 : -1;
}

/* Folders within it are empty. */
static inline int scratch_teardown(void **state)
{
    scratch *s = *state;
    DIR *d = opendir(s->folder);
    for (struct dirent *e = d ? readdir(d) : NULL; e; e = readdir(d)) {
        char path[512];
        snprintf(path, sizeof path, "%s/%s", s->folder, e->d_name);
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0) remove(path);
    }
    if (d) closedir(d);
    rmdir(s->folder);
    free(s);
    return 0;
}

/* Writes n bytes as a file of the scratch folder; returns its path, valid until the next call. */
static inline const char *write_bytes(scratch *s, const char *name, const char *bytes, size_t n)
{
    snprintf(s->path, sizeof s->path, "%s/%s", s->folder, name);
    FILE *f = fopen(s->path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
    return s->path;
}

static inline const char *write_text(scratch *s, const char *name, const char *text)
{
    return write_bytes(s, name, text, strlen(text));
}

static inline void assert_contains(const char *text, const char *part)
{
    if (!strstr(text, part)) fail_msg("expected\n  %s\nwithin\n%s", part, text);
}

static inline void assert_not_contains(const char *text, const char *part)
{
    if (strstr(text, part)) fail_msg("did not expect\n  %s\nwithin\n%s", part, text);
}

#endif
