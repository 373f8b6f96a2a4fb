/* fuzz.h - what the fuzz targets share. A target is a file target_*.c with LLVMFuzzerTestOneInput: it gives one input to the
 * readers and asks of them more than not to crash:
 *   - a call ends with BS_OK, or with bad input and a message that a terminal can show (fuzz_judge);
 *   - what a reader lets through is usable: finite, in range, the same when written and read again.
 * Under the preset `fuzz` libFuzzer makes up inputs; elsewhere replay.c runs those of corpus/. */
#ifndef BS_TESTS_FUZZ_H
#define BS_TESTS_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/run/case.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process, as a crash that the fuzzer records, and says why. */
#define FUZZ_CHECK(condition, ...)                                                                                     \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            fprintf(stderr, "%s:%d: %s does not hold: ", __FILE__, __LINE__, #condition);                              \
            fprintf(stderr, __VA_ARGS__);                                                                              \
            fputc('\n', stderr);                                                                                       \
            abort();                                                                                                   \
        }                                                                                                              \
    } while (0)

/* True for BS_OK. Else the failure must be the input's (or memory's, for a file that claims to be huge), and its message must be there,
 * in UTF-8, without control characters but for ends of lines. */
bool fuzz_judge(bs_status status, const bs_err *err);

/* "<folder>/<name>" of this process's folder in memory, which is removed at exit. Valid until the call after next. */
const char *fuzz_path(const char *name);

/* Writes the file of that name there; returns its path. */
const char *fuzz_write(const char *name, const void *data, size_t size);

/* A case of 5 x 4 cells of 0.4 degrees at 102.9 E 29.1 N, 3 layers, 2020-01-01T00 to 06 UTC, pm25 of sector power, with the regions 1 west,
 * 2 east; `rows` (which may have tracers of their own) are added to the case file. It must be sound. */
bs_case *fuzz_case(const char *name, const char *rows);

/* Whether the first line of a text is "# <word>": how an input names its reader. */
bool fuzz_names(const uint8_t *data, size_t size, const char *word);

#endif
