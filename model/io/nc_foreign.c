#include "model/io/nc_foreign.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { BEGINNING = 16 };

static const struct {
    const char *bytes;
    size_t n;
    const char *what;
} FOREIGN[] = {
    {"GRIB", 4,
     "is a GRIB file; make netCDF of it: 'cdo -f nc4 copy FILE out.nc', or 'grib_to_netcdf -o out.nc FILE' (ecCodes)"},
    {"\x1F\x8B", 2, "is compressed by gzip; unpack it first: gunzip FILE"},
    {"BZh", 3, "is compressed by bzip2; unpack it first: bunzip2 FILE"},
    {"\xFD"
     "7zXZ",
     5, "is compressed by xz; unpack it first: unxz FILE"},
    {"\x28\xB5\x2F\xFD", 4, "is compressed by zstd; unpack it first: unzstd FILE"},
    {"PK\x03\x04", 4, "is a zip archive (the Climate Data Store packs several files so); unpack it first: unzip FILE"},
    {"\x0E\x03\x13\x01", 4, "is an HDF4 file; make netCDF of it: 'gdal_translate' or 'ncl_convert2nc'"},
    {"<!DOCTYPE", 9, "is a web page, perhaps the server's answer instead of the file; look at it and download again"},
    {"<html", 5, "is a web page, perhaps the server's answer instead of the file; look at it and download again"},
    {"{", 1, "is JSON, expected a netCDF file"},
};

bs_status bs_nc_foreign_check(const char *file, bs_err *err)
{
    char beginning[BEGINNING] = "";
    FILE *f = fopen(file, "rb");
    if (!f) return bs_fail(err, BS_ERR_INPUT, "%s: cannot be opened: %s", file, strerror(errno));
    const size_t n = fread(beginning, 1, sizeof beginning, f);
    fclose(f);
    for (size_t k = 0; k < sizeof FOREIGN / sizeof *FOREIGN; k++)
        if (n >= FOREIGN[k].n && memcmp(beginning, FOREIGN[k].bytes, FOREIGN[k].n) == 0)
            return bs_fail(err, BS_ERR_INPUT, "%s: %s", file, FOREIGN[k].what);
    return BS_OK;
}
