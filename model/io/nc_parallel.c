/* Files that several ranks write together. */
#include "model/io/nc_file.h"

#ifdef BS_MPI
#include <netcdf.h>
#include <netcdf_par.h>

int bs_nc_shared_create(const char *file, int *id)
{
    return nc_create_par(file, NC_NETCDF4 | NC_CLOBBER, MPI_COMM_WORLD, MPI_INFO_NULL, id);
}

int bs_nc_shared_access(int id, int var)
{
    return nc_var_par_access(id, var, NC_COLLECTIVE);
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
#endif
