/* log.h - what the program tells people while it works: plain lines on a stream and, once a run has a folder, in its
 * run.log. Warnings are counted, so that the end of a run can repeat how many there were. */
#ifndef BS_MODEL_CORE_LOG_H
#define BS_MODEL_CORE_LOG_H

#include <stdio.h>

#include "kernels/base/status.h"

typedef struct bs_log {
    FILE *screen; /* not owned; NULL: quiet */
    FILE *file;   /* not owned; NULL: none */
    int warnings;
} bs_log;

void bs_log_info(bs_log *log, const char *format, ...) BS_PRINTF(2, 3);
void bs_log_warn(bs_log *log, const char *format, ...) BS_PRINTF(2, 3);

#endif
