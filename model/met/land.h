/* land.h - classes of land: one table that meteorology, deposition and proxies of emissions share.
 *
 * The classes are those of the IGBP legend with the three tundras that WRF adds (MODIS 20); rows of land.def. Other legends are
 * translated on entry. */
#ifndef BS_MODEL_MET_LAND_H
#define BS_MODEL_MET_LAND_H

#include "kernels/base/status.h"

typedef enum bs_land {
#define BS_LAND(id, number, name) id,
#include "model/met/land.def"
#undef BS_LAND
    BS_LAND_COUNT
} bs_land;

const char *bs_land_name(bs_land land);

/* A class by its number in a legend: "MODIS" (20 or 21 classes, lakes being water: MODIFIED_IGBP_MODIS_NOAH, MODIS, IGBP) or "USGS"
 * (24 classes and their extensions). The legend is named as WRF's MMINLU names it. BS_LAND_COUNT: no such legend or number. */
bs_land bs_land_numbered(const char *legend, int number);

#endif
