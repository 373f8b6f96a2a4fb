#include "model/core/log.h"

#include <stdarg.h>

static void write_line(bs_log *log, const char *prefix, const char *format, va_list args)
{
    FILE *streams[2] = {log->screen, log->file};
    for (int s = 0; s < 2; s++) {
        if (!streams[s]) continue;
        va_list copy;
        va_copy(copy, args);
        fputs(prefix, streams[s]);
        vfprintf(streams[s], format, copy);
        fputc('\n', streams[s]);
        fflush(streams[s]);
        va_end(copy);
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
