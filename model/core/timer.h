/* timer.h - wall clock. */
#ifndef BS_MODEL_CORE_TIMER_H
#define BS_MODEL_CORE_TIMER_H

#include <time.h>

static inline double bs_wall_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

#endif
