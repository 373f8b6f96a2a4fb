#include "kernels/base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *text;
    int exit_status;
} STATUS[] = {
#define BS_STATUS(code, exit_status, text) {text, exit_status},
#include "status.def"
#undef BS_STATUS
};

bs_status bs_fail(bs_err *err, bs_status status, const char *format, ...)
{
    if (err) {
        va_list args;
        va_start(args, format);
        err->status = status;
        vsnprintf(err->text, sizeof err->text, format, args);
        va_end(args);
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
}

void bs_err_context(bs_err *err, const char *format, ...)
{
    if (!err) return;
    char old[BS_ERR_TEXT_MAX];
    memcpy(old, err->text, sizeof old);
    va_list args;
    va_start(args, format);
    int n = vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    size_t used = n < 0 ? 0 : (size_t)n;
    if (used + 2 < sizeof err->text)
        snprintf(err->text + used, sizeof err->text - used, ": %.*s", (int)(sizeof old - 1), old);
}

const char *bs_status_text(bs_status status)
{
    return STATUS[status].text;
}

int bs_status_exit(bs_status status)
{
    return STATUS[status].exit_status;
}
