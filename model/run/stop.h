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

/* Which signals came, a bit each (0: none), so that ranks can put together what each was asked; and the number of the first of them, in the
 * order above; 0: none. */
unsigned char bs_stop_bits(void);
int bs_stop_of_bits(unsigned char bits);
const char *bs_stop_name(int signal);

#endif
