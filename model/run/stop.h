/* stop.h - a request from outside to leave: SIGTERM and SIGUSR1, which batch systems send before a limit, and SIGINT. */
#ifndef BS_MODEL_RUN_STOP_H
#define BS_MODEL_RUN_STOP_H

#include <signal.h>
#include <stdbool.h>

/* What the signals did before. */
typedef struct bs_stop_watch {
    bool watching;
    struct sigaction before[3];
} bs_stop_watch;

/* From begin to end the signals set a flag instead of ending the program; a second SIGINT ends it. One watch at a time. */
void bs_stop_begin(bs_stop_watch *w);
void bs_stop_end(bs_stop_watch *w); /* of one that never began: nothing */

/* Number of the signal that came; 0: none. */
int bs_stop_asked(void);
const char *bs_stop_name(int signal);

#endif
