/* cpus.h - how the processors of a machine are shared among the ranks on it. */
#ifndef BS_MODEL_PARALLEL_CPUS_H
#define BS_MODEL_PARALLEL_CPUS_H

/* Threads for this rank where nobody has said how many: the processors that it may run on, by the number of ranks on this machine that may
 * run on some of them; at least 1. 0, "as the environment says", with one rank and where OMP_NUM_THREADS is set. Collective. */
int bs_cpus_share(void);

/* Whether two masks of processors, as Linux writes them ("ff,0000ffff": hexadecimal, the last digit has the first four), have one in common;
 * true where one of them is empty, which is: unknown. */
int bs_cpus_overlap(const char *mask, const char *other);

#endif
