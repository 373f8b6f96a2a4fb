/* status.h - how a call reports that it failed.
 *
 * A function that can fail returns bs_status and takes `bs_err *err` as its last argument. On failure it fills
 * *err with one message that says what, where (file:line, variable, index), what was found, what was expected and
 * what to do; on success it leaves *err alone. Callers pass failures up with BS_TRY and add context with
 * bs_err_context where they know something that the callee did not. Only main exits.
 * `err` may be NULL: then only the status is returned. Names and values out of files need no care: what a terminal could not show
 * becomes '?' (utf8.h). */
#ifndef BS_KERNELS_BASE_STATUS_H
#define BS_KERNELS_BASE_STATUS_H

typedef enum bs_status {
#define BS_STATUS(code, exit_status, text) code,
#include "status.def"
#undef BS_STATUS
} bs_status;

enum { BS_ERR_TEXT_MAX = 8192 };

typedef struct bs_err {
    bs_status status;
    char text[BS_ERR_TEXT_MAX]; /* UTF-8; lines separated by '\n', none at the end */
} bs_err;

#if defined(__GNUC__)
#define BS_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define BS_PRINTF(f, a)
#endif

/* Sets *err and returns status: `return bs_fail(err, BS_ERR_INPUT, "%s: ...", file);` */
bs_status bs_fail(bs_err *err, bs_status status, const char *format, ...) BS_PRINTF(3, 4);
#if defined(__clang_analyzer__) /* sees one file at a time: this tells it that a failure is never BS_OK */
#define bs_fail(err, status, ...) ((void)(bs_fail)(err, status, __VA_ARGS__), (status))
#endif

/* Adds a further line to a message that is already there (a second error of the same file, or advice). */
void bs_err_add(bs_err *err, const char *format, ...) BS_PRINTF(2, 3);

/* Puts "<context>: " before the message. */
void bs_err_context(bs_err *err, const char *format, ...) BS_PRINTF(2, 3);

/* Text of a status, and the exit status of the program that goes with it. */
const char *bs_status_text(bs_status status);
int bs_status_exit(bs_status status);

/* Returns from the calling function when the call failed; the caller must own nothing that needs releasing. */
#define BS_TRY(call)                                                                                                   \
    do {                                                                                                               \
        bs_status bs_try_status_ = (call);                                                                             \
        if (bs_try_status_ != BS_OK) return bs_try_status_;                                                            \
    } while (0)

#endif
