/* One rank: in a build without MPI. */
#ifndef BS_MPI
#include <string.h>

#include "kernels/base/check.h"
#include "model/parallel/ranks.h"

bs_status bs_ranks_start(int *argc, char ***argv, bs_err *err)
{
    (void)argc, (void)argv, (void)err;
    return BS_OK;
}

int bs_ranks_leave(int exit_status, void (*tell)(const void *of), const void *of)
{
    (void)tell, (void)of;
    return exit_status;
}

int bs_ranks_break(int exit_status, void (*tell)(const void *of), const void *of)
{
    return bs_ranks_leave(exit_status, tell, of);
}

bool bs_ranks_all_here(void)
{
    return true;
}

int bs_ranks_count(void)
{
    return 1;
}

int bs_ranks_self(void)
{
    return 0;
}

bs_status bs_ranks_agree(bs_status status, bs_err *err)
{
    (void)err;
    return status;
}

void bs_ranks_wait(void)
{
}

void bs_ranks_sum(int n, bs_sum *sum)
{
    (void)n, (void)sum;
}

void bs_ranks_count_all(int n, long *count)
{
    (void)n, (void)count;
}

void bs_ranks_max(int n, double *value)
{
    (void)n, (void)value;
}

void bs_ranks_min(int n, double *value)
{
    (void)n, (void)value;
}

void bs_ranks_or(int n, unsigned char *flag)
{
    (void)n, (void)flag;
}

void bs_ranks_best(double key, long long order, void *record, size_t size)
{
    (void)key, (void)order, (void)record, (void)size;
}

void bs_ranks_share(int from, void *bytes, size_t size)
{
    (void)from, (void)bytes, (void)size;
}

void bs_ranks_collect(const void *mine, size_t size, void *all)
{
    memcpy(all, mine, size);
}

static void copy(const bs_map_shape *shape, const char *from, size_t row_from, char *to, size_t row_to)
{
    const size_t values = (size_t)(shape->tiling->nx + bs_map_more_x(shape->place));
    const int rows = shape->tiling->ny + bs_map_more_y(shape->place);
    for (int j = 0; j < rows; j++)
        memcpy(to + (size_t)j * (row_to ? row_to : values) * shape->size,
               from + (size_t)j * (row_from ? row_from : values) * shape->size, values * shape->size);
}

void bs_ranks_gather(const bs_map_shape *shape, const void *local, void *whole)
{
    copy(shape, local, shape->row_local, whole, 0);
}

void bs_ranks_scatter(const bs_map_shape *shape, const void *whole, void *local)
{
    copy(shape, whole, 0, local, shape->row_local);
}

void bs_mail_send(int to, int tag, const void *bytes, size_t size, bs_mail **out)
{
    (void)to, (void)tag, (void)bytes, (void)size;
    bs_assert(!"one rank has nobody to write to");
    *out = NULL;
}

void bs_mail_receive(int from, int tag, void *bytes, size_t size, bs_mail **out)
{
    (void)from, (void)tag, (void)bytes, (void)size;
    bs_assert(!"one rank has nobody to hear from");
    *out = NULL;
}

void bs_mail_wait(int n, bs_mail **mail)
{
    (void)n, (void)mail;
}

void bs_mail_push(int n, bs_mail **mail)
{
    (void)n, (void)mail;
}

#else
typedef int bs_no_serial_ranks; /* ranks_mpi.c */
#endif
