#include "kernels/base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernels/base/utf8.h"

static const struct {
    const char *text;
    int exit_status;
} STATUS[] = {
#define BS_STATUS(code, exit_status, text) {text, exit_status},
#include "status.def"
#undef BS_STATUS
};

bs_status(bs_fail)(bs_err *err, bs_status status, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        err->status = status;
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
        bs_utf8_tame(err->text);
    }
    return status;
}

void bs_err_add(bs_err *err, const char *format, ...)
{
    if (!err) return;
    size_t used = strlen(err->text);
    if (used && used + 1 < sizeof err->text) err->text[used++] = '\n';
    va_list args;
    va_start(args, format);
    vsnprintf(err->text + used, sizeof err->text - used, format, args);
    va_end(args);
    bs_utf8_tame(err->text + used);
}

void bs_err_context(bs_err *err, const char *format, ...)
{
    if (!err) return;
    char whole[2 * BS_ERR_TEXT_MAX];
    va_list args;
    va_start(args, format);
    const int n = vsnprintf(whole, BS_ERR_TEXT_MAX, format, args);
    va_end(args);
    const size_t used = n < 0 ? 0 : n < BS_ERR_TEXT_MAX ? (size_t)n : BS_ERR_TEXT_MAX - 1;
    snprintf(whole + used, sizeof whole - used, ": %s", err->text);
    whole[BS_ERR_TEXT_MAX - 1] = 0; /* a message that grew too long loses its end */
    bs_utf8_tame(whole);
    memcpy(err->text, whole, BS_ERR_TEXT_MAX);
}

const char *bs_status_text(bs_status status)
{
    return STATUS[status].text;
}

int bs_status_exit(bs_status status)
{
    return STATUS[status].exit_status;
}
