/* test_ranks_fixture.h - tests that several processes run together: what is wrong in one of them ends all, since the others would wait. */
#ifndef BS_TESTS_MODEL_TEST_RANKS_FIXTURE_H
#define BS_TESTS_MODEL_TEST_RANKS_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernels/base/status.h"
#include "model/parallel/ranks.h"

#define NEED(condition)                                                                                                \
    do {                                                                                                               \
        if (!(condition)) leave_all(__FILE__, __LINE__, #condition);                                                   \
    } while (0)
#define NEED_OK(call)                                                                                                  \
    do {                                                                                                               \
        bs_err need_err_ = {0};                                                                                        \
        bs_err *err = &need_err_;                                                                                      \
        if ((call) != BS_OK) leave_all(__FILE__, __LINE__, need_err_.text);                                            \
    } while (0)

_Noreturn static inline void leave_all(const char *file, int line, const char *words)
{
    fprintf(stderr, "%s:%d: rank %d of %d: %s\n", file, line, bs_ranks_self(), bs_ranks_count(), words);
    fflush(stderr);
    exit(bs_ranks_leave(1, NULL, NULL));
}

/* A folder that all ranks know, made by the first. */
static inline void common_folder(char dir[64], const char *pattern)
{
    snprintf(dir, 64, "%s", pattern);
    if (bs_ranks_first()) NEED(mkdtemp(dir));
    bs_ranks_share(0, dir, 64);
}

static inline void remove_folder(const char *dir)
{
    char command[128];
    bs_ranks_wait();
    snprintf(command, sizeof command, "rm -rf '%s'", dir);
    if (bs_ranks_first()) NEED(system(command) == 0);
    bs_ranks_wait();
}

/* The tile of a mesh without overlap. */
static inline bs_tile tile_of(int nx, int ny, int overlap, bs_tiling *tiling)
{
    NEED_OK(bs_tiling_choose(nx, ny, bs_ranks_count(), overlap, tiling, err));
    return bs_tiling_tile(tiling, bs_ranks_self());
}

#endif
