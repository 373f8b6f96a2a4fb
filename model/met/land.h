/* land.h - classes of land: one table that meteorology, deposition and proxies of emissions share.
 *
 * The classes are those of the IGBP legend with the three tundras that WRF adds (MODIS 20); rows of land.def, which names the sources of
 * what follows from a class. Other legends are translated on entry. */
#ifndef BS_MODEL_MET_LAND_H
#define BS_MODEL_MET_LAND_H

#include <stdbool.h>

#include "kernels/base/status.h"
#include "kernels/column/drydep.h"

typedef enum bs_land {
#define BS_LAND(id, ...) id,
#include "model/met/land.def"
#undef BS_LAND
    BS_LAND_COUNT
} bs_land;

const char *bs_land_name(bs_land land);

/* A class by its number in a legend: "MODIS" (20 or 21 classes, lakes being water: MODIFIED_IGBP_MODIS_NOAH, MODIS, IGBP) or "USGS"
 * (24 classes and their extensions), named as WRF's MMINLU names them, or "WESELY", the 11 of Wesely 1989, Atmos. Environ. 23, 1293-1304,
 * with ice and rainforest, into which FLEXPART's land use translates IGBP. BS_LAND_COUNT: no such legend or number. */
bs_land bs_land_numbered(const char *legend, int number);

double bs_land_roughness(bs_land land, bool summer); /* m */

bs_land_use bs_land_zhang(bs_land land); /* to zhang2001 and emerson2020 */
bs_modis_land bs_land_pleim(bs_land land,
                            bool *plants); /* to pleim2022; *plants false: all of it is bare, whatever the season */

#endif
