/* threads.h - threads of one process. The only place that asks OpenMP how many there are. Without OpenMP: one. */
#ifndef BS_MODEL_PARALLEL_THREADS_H
#define BS_MODEL_PARALLEL_THREADS_H

/* Uses n threads from now on (0: as many as the environment or the machine gives) and sets flush-to-zero in each, so that
 * subnormal numbers neither slow a run down nor differ between threads. Returns the number in use. */
int bs_threads_start(int n);
int bs_threads_count(void);    /* in use by parallel loops */
int bs_threads_possible(void); /* processors that this process may run on */
int bs_threads_self(void);     /* 0 .. count - 1 inside a parallel loop */

#endif
