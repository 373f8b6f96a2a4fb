#include "model/parallel/cpus.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/parallel/ranks.h"
#include "model/parallel/threads.h"
#ifdef BS_MPI
#include <mpi.h>
#endif

/* Takes the last digit of a mask away. -1: there are no more. */
static int last_digit(const char *mask, size_t *length)
{
    while (*length > 0) {
        const char c = mask[--*length];
        if (c >= '0' && c <= '9') return c - '0';
        if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    }
    return -1;
}

int bs_cpus_overlap(const char *mask, const char *other)
{
    size_t a = strlen(mask), b = strlen(other);
    if (a == 0 || b == 0) return 1;
    for (;;) {
        const int x = last_digit(mask, &a), y = last_digit(other, &b);
        if (x < 0 || y < 0) return 0;
        if (x & y) return 1;
    }
}

#ifdef BS_MPI
enum { MASK_TEXT = 2560 }; /* 8192 processors */

static void read_mask(char mask[MASK_TEXT])
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[MASK_TEXT + 32];
    mask[0] = '\0';
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "Cpus_allowed: %2559s", mask) == 1) break;
    if (f) fclose(f);
}

/* Ranks on this machine whose processors overlap mine, this one included. */
static int count_sharers(void)
{
    MPI_Comm node;
    int n = 1, sharers = 0;
    char mask[MASK_TEXT];
    read_mask(mask);
    MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &node);
    MPI_Comm_size(node, &n);
    char *all = malloc((size_t)n * MASK_TEXT);
    int any = all != NULL;
    MPI_Allreduce(MPI_IN_PLACE, &any, 1, MPI_INT, MPI_MIN, node);
    if (any) MPI_Allgather(mask, MASK_TEXT, MPI_CHAR, all, MASK_TEXT, MPI_CHAR, node);
    for (int r = 0; r < n; r++) sharers += !any || bs_cpus_overlap(mask, all + (size_t)r * MASK_TEXT);
    free(all);
    MPI_Comm_free(&node);
    return sharers;
}
#else
static int count_sharers(void)
{
    return 1;
}
#endif

int bs_cpus_share(void)
{
    if (bs_ranks_count() == 1) return 0;
    const int sharers = count_sharers(), mine = bs_threads_possible() / sharers;
    if (getenv("OMP_NUM_THREADS")) return 0;
    return mine > 1 ? mine : 1;
}
