/* Files that several ranks write together. */
#include "model/io/nc_file.h"

#ifdef BS_MPI
#include <netcdf.h>
#include <netcdf_par.h>
#include <time.h>

int bs_nc_shared_create(const char *file, int *id)
{
    return nc_create_par(file, NC_NETCDF4 | NC_CLOBBER, MPI_COMM_WORLD, MPI_INFO_NULL, id);
}

int bs_nc_shared_access(int id, int var)
{
    return nc_var_par_access(id, var, NC_COLLECTIVE);
}

bool bs_nc_shared_all_here(void)
{
    enum { PATIENCE_S = 2, PAUSE_NS = 1000000 };
    MPI_Request request;
    int done = 0;
    const double begin = MPI_Wtime();
    MPI_Ibarrier(MPI_COMM_WORLD, &request);
    for (;;) {
        MPI_Test(&request, &done, MPI_STATUS_IGNORE);
        if (done || MPI_Wtime() - begin > PATIENCE_S) return done != 0;
        const struct timespec pause = {.tv_nsec = PAUSE_NS};
        nanosleep(&pause, NULL);
    }
}

#else
#include "kernels/base/check.h"

int bs_nc_shared_create(const char *file, int *id)
{
    (void)file, (void)id;
    bs_assert(!"one rank shares no file");
    return -1;
}

int bs_nc_shared_access(int id, int var)
{
    (void)id, (void)var;
    return 0;
}

bool bs_nc_shared_all_here(void)
{
    return true;
}
#endif
