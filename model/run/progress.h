/* progress.h - how far a run is: a bar that rewrites its line on a terminal, a plain line every simulated day elsewhere. */
#ifndef BS_MODEL_RUN_PROGRESS_H
#define BS_MODEL_RUN_PROGRESS_H

#include <stdbool.h>

#include "model/core/clock.h"
#include "model/core/log.h"

typedef struct bs_progress {
    bs_log *log;
    bool bar;
    bs_time start, end;
    double began, shown; /* wall clock, s */
    bs_time next_line;
} bs_progress;

/* wanted: show a bar if the log's screen is a terminal. */
void bs_progress_start(bs_progress *p, bs_log *log, bool wanted, bs_time start, bs_time end);
/* step: length of the steps at present, s. */
void bs_progress_at(bs_progress *p, bs_time now, double step);
void bs_progress_end(bs_progress *p); /* ends the bar's line */

#endif
