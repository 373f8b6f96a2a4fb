/* Room on the disk for files that several ranks write together.
 *
 * Where a write fails in one rank, MPI's collective files leave the others waiting for ever (Open MPI 4.1 and HDF5 1.10, with OMPIO and with
 * ROMIO), and a full disk makes writes fail. So before anybody writes, the first rank sees to it that the file has blocks for it, which
 * nobody else can take then; where a file system gives none in advance, it looks for how much is free. All hear of it. */
#ifdef __linux__
#define _GNU_SOURCE /* fallocate */
#endif
#include <errno.h>
#include <fcntl.h>
#include <netcdf.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "model/io/nc_file.h"
#include "model/parallel/ranks.h"

/* Values with the padding of their chunks, and what a file grows by beside them. */
#define PADDED 1.1
enum { SPARE = 1 << 22 };

/* Blocks for the file up to `end` bytes. Returns an error of errno.h; 0: they are there, or nobody can tell. */
static int reserve(const char *file, double end)
{
    int code = EOPNOTSUPP;
#ifdef __linux__
    const int fd = open(file, O_WRONLY);
    if (fd < 0) return errno;
    code = fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, (off_t)end) == 0 ? 0 : errno;
    close(fd);
#endif
    if (code != EOPNOTSUPP && code != ENOSYS && code != EINVAL) return code;
    struct stat now;
    struct statvfs disk;
    if (stat(file, &now) != 0 || statvfs(file, &disk) != 0) return errno;
    return (double)now.st_size + (double)disk.f_bavail * (double)disk.f_frsize < end ? ENOSPC : 0;
}

/* By the first rank: the same for so many bytes more. */
static int make_room(bs_nc *nc, double bytes)
{
    struct stat now;
    if (stat(nc->part, &now) != 0) return errno;
    const double end = (double)now.st_size + PADDED * bytes + SPARE;
    if (end <= nc->reserved) return 0;
    const int code = reserve(nc->part, end + SPARE); /* not for every map */
    if (code == 0) nc->reserved = end + SPARE;
    return code;
}

bool bs_nc_has_room(bs_nc *nc, double bytes, bs_err *err)
{
    bs_err own = {0};
    long all = (long)bytes;
    if (!nc->shared) return true;
    if (nc->stopped) return false;
    bs_ranks_count_all(1, &all);
    int code = bs_ranks_first() ? make_room(nc, (double)all) : 0;
    bs_ranks_share(0, &code, sizeof code);
    nc->stopped = code != 0;
    if (!nc->stopped) return true;
    bs_fail(&own, BS_ERR_IO, "%s: cannot be written: %s", nc->part, strerror(code));
    if (code == ENOSPC) bs_err_add(&own, "the disk that holds it is full; make room and run again");
    bs_nc_later(nc, BS_ERR_IO, &own, err);
    return false;
}

void bs_nc_give_room_back(const bs_nc *nc)
{
    struct stat now;
    const int fd =
        nc->shared && bs_ranks_first() ? open(nc->part, O_WRONLY) : -1; /* what others closed is seen by now */
    if (fd < 0) return;
    int code = fstat(fd, &now);
    if (code == 0) code = ftruncate(fd, now.st_size);
    (void)code; /* where that fails the file takes more of the disk than it needs */
    close(fd);
}

double bs_nc_put_bytes(const bs_nc *nc, int var, bs_nc_type type, const size_t *count)
{
    double bytes = type == BS_NC_FLOAT ? sizeof(float) : sizeof(double);
    int n_dims = 0;
    if (!count) return 0; /* has its place since definitions ended */
    nc_inq_varndims(nc->id, var, &n_dims);
    for (int d = 0; d < n_dims; d++) bytes *= (double)count[d];
    return bytes;
}

double bs_nc_fixed_bytes(const bs_nc *nc)
{
    int n_vars = 0, n_dims, dim[NC_MAX_VAR_DIMS];
    double bytes = 0;
    if (!nc->shared || nc->stopped) return 0;
    nc_inq_nvars(nc->id, &n_vars);
    for (int v = 0; v < n_vars; v++) {
        double size = sizeof(double);
        if (nc_inq_varndims(nc->id, v, &n_dims) != NC_NOERR || nc_inq_vardimid(nc->id, v, dim) != NC_NOERR) continue;
        for (int d = 0; d < n_dims; d++) {
            size_t length = 0;
            if (nc_inq_dimlen(nc->id, dim[d], &length) == NC_NOERR) size *= (double)length;
        }
        bytes += size;
    }
    return bs_ranks_first() ? bytes : 0;
}
