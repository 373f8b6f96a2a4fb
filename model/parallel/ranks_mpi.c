/* Ranks by MPI. */
#ifdef BS_MPI
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "model/parallel/ranks.h"

enum { TAG_GATHER = 30001, TAG_SCATTER };
static const double ALONE_S = 3,
                    TOGETHER_S = 600; /* how long one that failed waits for the others: alone, or as all agreed */

/* What MPI itself keeps in one process: who we are, set once by bs_ranks_start; and whether all know of a failure. */
static struct {
    bool started;
    int count, self;
    bool failed; /* what the last agreement was: then all are on their way out */
    bool alone;  /* has waited for the others in vain */
    MPI_Comm comm;
    MPI_Op sum;
    MPI_Datatype sum_type;
} world = {.count = 1};

static void add_sums(void *in, void *inout, int *n, MPI_Datatype *type)
{
    (void)type;
    for (int k = 0; k < *n; k++) { /* copies: MPI's own room need not lie as a sum must */
        bs_sum a, b;
        memcpy(&a, (const char *)in + (size_t)k * sizeof a, sizeof a);
        memcpy(&b, (char *)inout + (size_t)k * sizeof b, sizeof b);
        bs_sum_merge(&b, &a);
        memcpy((char *)inout + (size_t)k * sizeof b, &b, sizeof b);
    }
}

bs_status bs_ranks_start(int *argc, char ***argv, bs_err *err)
{
    int given;
    if (MPI_Init_thread(argc, argv, MPI_THREAD_FUNNELED, &given) != MPI_SUCCESS)
        return bs_fail(err, BS_ERR_RUN,
                       "MPI could not be started; run the program by itself, or by your cluster's mpirun or srun");
    if (given < MPI_THREAD_FUNNELED) {
        MPI_Finalize();
        return bs_fail(err, BS_ERR_RUN,
                       "this MPI does not allow for threads beside it (MPI_THREAD_FUNNELED); use one that does");
    }
    MPI_Comm_dup(MPI_COMM_WORLD, &world.comm);
    MPI_Comm_size(world.comm, &world.count);
    MPI_Comm_rank(world.comm, &world.self);
    MPI_Type_contiguous((int)sizeof(bs_sum), MPI_BYTE, &world.sum_type);
    MPI_Type_commit(&world.sum_type);
    MPI_Op_create(add_sums, 1, &world.sum);
    world.started = true;
    return BS_OK;
}

bool bs_ranks_all_here(void)
{
    MPI_Request request;
    int done = 0;
    const double begin = MPI_Wtime(), seconds = world.failed ? TOGETHER_S : ALONE_S;
    if (world.alone) return false;
    MPI_Ibarrier(world.comm, &request);
    for (;;) {
        MPI_Test(&request, &done, MPI_STATUS_IGNORE);
        world.alone = !done && MPI_Wtime() - begin > seconds;
        if (done || world.alone) return !world.alone;
        const struct timespec pause = {.tv_nsec = 2000000};
        nanosleep(&pause, NULL);
    }
}

int bs_ranks_break(int exit_status, void (*tell)(const void *of), const void *of)
{
    if (!world.started || bs_ranks_all_here()) return exit_status;
    if (tell) tell(of);
    fflush(NULL);
    MPI_Abort(world.comm, exit_status);
    return exit_status;
}

int bs_ranks_leave(int exit_status, void (*tell)(const void *of), const void *of)
{
    if (!world.started) return exit_status;
    /* A rank that is done waits for the others as long as they need: they may still be writing. One that failed asks whether all did. */
    if (exit_status == 0)
        MPI_Barrier(world.comm);
    else
        bs_ranks_break(exit_status, tell, of);
    MPI_Op_free(&world.sum);
    MPI_Type_free(&world.sum_type);
    MPI_Comm_free(&world.comm);
    world.started = false;
    MPI_Finalize();
    return exit_status;
}

int bs_ranks_count(void)
{
    return world.count;
}

int bs_ranks_self(void)
{
    return world.self;
}

/* ---- collective ---- */

bs_status bs_ranks_agree(bs_status status, bs_err *err)
{
    if (world.count == 1) return status;
    int failed = status == BS_OK ? world.count : world.self, lowest, length = 0;
    MPI_Allreduce(&failed, &lowest, 1, MPI_INT, MPI_MIN, world.comm);
    world.failed = lowest < world.count;
    if (!world.failed) return BS_OK;
    int code = (int)status;
    char text[BS_ERR_TEXT_MAX] = "";
    if (world.self == lowest && err) snprintf(text, sizeof text, "%s", err->text);
    length = (int)strlen(text) + 1;
    MPI_Bcast(&code, 1, MPI_INT, lowest, world.comm);
    MPI_Bcast(&length, 1, MPI_INT, lowest, world.comm);
    MPI_Bcast(text, length, MPI_CHAR, lowest, world.comm);
    if (world.self != lowest) bs_fail(err, (bs_status)code, "%s", text);
    return (bs_status)code;
}

void bs_ranks_wait(void)
{
    if (world.count > 1) MPI_Barrier(world.comm);
}

void bs_ranks_sum(int n, bs_sum *sum)
{
    if (world.count > 1) MPI_Allreduce(MPI_IN_PLACE, sum, n, world.sum_type, world.sum, world.comm);
}

void bs_ranks_count_all(int n, long *count)
{
    if (world.count > 1) MPI_Allreduce(MPI_IN_PLACE, count, n, MPI_LONG, MPI_SUM, world.comm);
}

void bs_ranks_max(int n, double *value)
{
    if (world.count > 1) MPI_Allreduce(MPI_IN_PLACE, value, n, MPI_DOUBLE, MPI_MAX, world.comm);
}

void bs_ranks_min(int n, double *value)
{
    if (world.count > 1) MPI_Allreduce(MPI_IN_PLACE, value, n, MPI_DOUBLE, MPI_MIN, world.comm);
}

void bs_ranks_or(int n, unsigned char *flag)
{
    if (world.count > 1) MPI_Allreduce(MPI_IN_PLACE, flag, n, MPI_UNSIGNED_CHAR, MPI_BOR, world.comm);
}

void bs_ranks_best(double key, long long order, void *record, size_t size)
{
    if (world.count == 1) return;
    double best = key;
    MPI_Allreduce(MPI_IN_PLACE, &best, 1, MPI_DOUBLE, MPI_MAX, world.comm);
    struct {
        long long order;
        long long rank;
    } mine = {key == best ? order : 0x7fffffffffffffffLL, world.self};
    long long least = mine.order;
    MPI_Allreduce(MPI_IN_PLACE, &least, 1, MPI_LONG_LONG, MPI_MIN, world.comm);
    int from = key == best && order == least ? world.self : world.count;
    MPI_Allreduce(MPI_IN_PLACE, &from, 1, MPI_INT, MPI_MIN, world.comm);
    if (from == world.count) from = 0; /* keys that do not compare */
    bs_ranks_share(from, record, size);
}

void bs_ranks_share(int from, void *bytes, size_t size)
{
    enum { MOST = 1 << 30 };
    for (size_t at = 0; world.count > 1 && at < size; at += MOST)
        MPI_Bcast((char *)bytes + at, (int)(size - at < MOST ? size - at : MOST), MPI_BYTE, from, world.comm);
}

void bs_ranks_collect(const void *mine, size_t size, void *all)
{
    MPI_Allgather(mine, (int)size, MPI_BYTE, all, (int)size, MPI_BYTE, world.comm);
}

/* ---- maps ---- */

/* Rows of a window packed one after the other, or the way back. */
static void pack(bs_window w, char *map, size_t row, size_t size, char *packed, bool back)
{
    const size_t bytes = (size_t)(w.i1 - w.i0) * size;
    for (int j = w.j0; j < w.j1; j++, packed += bytes) {
        char *at = map + ((size_t)j * row + (size_t)w.i0) * size;
        memcpy(back ? at : packed, back ? packed : at, bytes);
    }
}

static size_t window_bytes(bs_window w, size_t size)
{
    return (size_t)(w.i1 - w.i0) * (size_t)(w.j1 - w.j0) * size;
}

static void *room(size_t bytes)
{
    void *p = malloc(bytes ? bytes : 1);
    if (!p) {
        fprintf(stderr,
                "bashu: error: rank %d: no memory for %zu bytes of a map; take more nodes, or fewer ranks on each\n",
                world.self, bytes);
        MPI_Abort(world.comm, 1);
    }
    return p;
}

/* What a tile gives away, or all that it sees; in its own indices. */
static bs_window part_of(const bs_map_shape *s, const bs_tile *tile, bool all)
{
    if (!all) return bs_tile_gives(tile, s->tiling, s->place);
    return (bs_window){.i1 = tile->nx + bs_map_more_x(s->place), .j1 = tile->ny + bs_map_more_y(s->place)};
}

static bs_window in_whole(bs_window w, const bs_tile *tile)
{
    return (bs_window){w.i0 + tile->i0, w.i1 + tile->i0, w.j0 + tile->j0, w.j1 + tile->j0};
}

static void move_map(const bs_map_shape *s, char *local, char *whole, bool back)
{
    const size_t row_whole = (size_t)(s->tiling->nx + bs_map_more_x(s->place));
    const bs_tile mine = bs_tiling_tile(s->tiling, world.self);
    const size_t row = s->row_local ? s->row_local : (size_t)(mine.nx + bs_map_more_x(s->place));
    const bs_window w = part_of(s, &mine, back);
    const size_t bytes = window_bytes(w, s->size);
    char *own = room(bytes);
    if (!back) pack(w, local, row, s->size, own, false);
    if (world.self != 0) {
        if (back)
            MPI_Recv(own, (int)bytes, MPI_BYTE, 0, TAG_SCATTER, world.comm, MPI_STATUS_IGNORE);
        else
            MPI_Send(own, (int)bytes, MPI_BYTE, 0, TAG_GATHER, world.comm);
    } else {
        for (int r = 0; r < world.count; r++) {
            const bs_tile tile = bs_tiling_tile(s->tiling, r);
            const bs_window part = part_of(s, &tile, back), there = in_whole(part, &tile);
            const size_t size = window_bytes(part, s->size);
            char *other = r == 0 ? own : room(size);
            if (back) pack(there, whole, row_whole, s->size, other, false);
            if (r > 0 && back) MPI_Send(other, (int)size, MPI_BYTE, r, TAG_SCATTER, world.comm);
            if (r > 0 && !back) MPI_Recv(other, (int)size, MPI_BYTE, r, TAG_GATHER, world.comm, MPI_STATUS_IGNORE);
            if (!back) pack(there, whole, row_whole, s->size, other, true);
            if (r > 0) free(other);
        }
    }
    if (back) pack(w, local, row, s->size, own, true);
    free(own);
}

void bs_ranks_gather(const bs_map_shape *shape, const void *local, void *whole)
{
    move_map(shape, (char *)(size_t)local, whole, false);
}

void bs_ranks_scatter(const bs_map_shape *shape, const void *whole, void *local)
{
    move_map(shape, local, (char *)(size_t)whole, true);
}

/* ---- mail ---- */

struct bs_mail {
    MPI_Request request;
};

static bs_mail *new_mail(void)
{
    return room(sizeof(bs_mail));
}

void bs_mail_send(int to, int tag, const void *bytes, size_t size, bs_mail **out)
{
    *out = new_mail();
    MPI_Isend(bytes, (int)size, MPI_BYTE, to, tag, world.comm, &(*out)->request);
}

void bs_mail_receive(int from, int tag, void *bytes, size_t size, bs_mail **out)
{
    *out = new_mail();
    MPI_Irecv(bytes, (int)size, MPI_BYTE, from, tag, world.comm, &(*out)->request);
}

void bs_mail_wait(int n, bs_mail **mail)
{
    for (int k = 0; k < n; k++) {
        if (!mail[k]) continue;
        MPI_Wait(&mail[k]->request, MPI_STATUS_IGNORE);
        free(mail[k]);
        mail[k] = NULL;
    }
}

void bs_mail_push(int n, bs_mail **mail)
{
    int done;
    for (int k = 0; k < n; k++)
        if (mail[k]) MPI_Test(&mail[k]->request, &done, MPI_STATUS_IGNORE);
}

#else
typedef int bs_no_mpi_ranks; /* ranks_serial.c */
#endif
