#include "model/core/log.h"

#include <stdarg.h>

#include "kernels/base/utf8.h"

enum { LINE_MAX_BYTES = 8192 };

static void write_line(bs_log *log, const char *prefix, const char *format, va_list args)
{
    FILE *streams[2] = {log->screen, log->file};
    char line[LINE_MAX_BYTES];
    vsnprintf(line, sizeof line, format, args);
    bs_utf8_tame(line);
    for (int s = 0; s < 2; s++) {
        if (!streams[s]) continue;
        fprintf(streams[s], "%s%s\n", prefix, line);
        fflush(streams[s]);
    }
}

void bs_log_info(bs_log *log, const char *format, ...)
{
    if (!log) return;
    va_list args;
    va_start(args, format);
    write_line(log, "", format, args);
    va_end(args);
}

void bs_log_warn(bs_log *log, const char *format, ...)
{
    if (!log) return;
    log->warnings++;
    va_list args;
    va_start(args, format);
    write_line(log, "warning: ", format, args);
    va_end(args);
}
