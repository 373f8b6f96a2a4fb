#include <string.h>

#include "model/met/land.h"

typedef struct land_row {
    int number;
    const char *name;
} land_row;

static const land_row ROWS[BS_LAND_COUNT] = {
#define BS_LAND(id, number, name) {number, name},
#include "model/met/land.def"
#undef BS_LAND
};

/* The 24 classes of USGS, and playa, lava, white sand and three of towns in its extensions, in its order. */
static const bs_land USGS[] = {
    BS_LAND_URBAN,           BS_LAND_CROPS,
    BS_LAND_CROPS,           BS_LAND_CROPS,
    BS_LAND_CROP_MOSAIC,     BS_LAND_CROP_MOSAIC,
    BS_LAND_GRASS,           BS_LAND_OPEN_SHRUB,
    BS_LAND_OPEN_SHRUB,      BS_LAND_SAVANNA,
    BS_LAND_DECIDUOUS_BROAD, BS_LAND_DECIDUOUS_NEEDLE,
    BS_LAND_EVERGREEN_BROAD, BS_LAND_EVERGREEN_NEEDLE,
    BS_LAND_MIXED_FOREST,    BS_LAND_WATER,
    BS_LAND_WETLAND,         BS_LAND_WETLAND,
    BS_LAND_BARREN,          BS_LAND_MIXED_TUNDRA,
    BS_LAND_WOODED_TUNDRA,   BS_LAND_MIXED_TUNDRA,
    BS_LAND_BARREN_TUNDRA,   BS_LAND_ICE,
    BS_LAND_BARREN,          BS_LAND_BARREN,
    BS_LAND_BARREN,          BS_LAND_WATER,
};
enum { N_USGS = sizeof USGS / sizeof USGS[0], MODIS_LAKE = 21 };

const char *bs_land_name(bs_land land)
{
    return land >= 0 && land < BS_LAND_COUNT ? ROWS[land].name : "";
}

bs_land bs_land_numbered(const char *legend, int number)
{
    if (strcmp(legend, "USGS") == 0) {
        if (number >= 31 && number <= 33) return BS_LAND_URBAN;
        return number >= 1 && number <= N_USGS ? USGS[number - 1] : BS_LAND_COUNT;
    }
    if (!strstr(legend, "MODI") && strcmp(legend, "IGBP") != 0) return BS_LAND_COUNT;
    if (number == MODIS_LAKE) return BS_LAND_WATER;
    for (int l = 0; l < BS_LAND_COUNT; l++)
        if (ROWS[l].number == number) return (bs_land)l;
    return BS_LAND_COUNT;
}
