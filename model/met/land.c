#include "model/met/land.h"

#include <string.h>

#include "kernels/base/check.h"

typedef struct land_row {
    int number;
    const char *name;
    double roughness[2]; /* m, in summer, in winter */
    bs_land_use zhang;
    bs_modis_land pleim;
    bool plants;
} land_row;

static const land_row ROWS[BS_LAND_COUNT] = {
#define BS_LAND(id, number, name, z0_summer, z0_winter, zhang, pleim, plants)                                          \
    {number, name, {z0_summer, z0_winter}, zhang, pleim, plants},
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
/* Shrubs and savannas stand together in the eleventh. */
static const bs_land WESELY[] = {
    BS_LAND_URBAN,        BS_LAND_CROPS, BS_LAND_GRASS,           BS_LAND_DECIDUOUS_BROAD, BS_LAND_EVERGREEN_NEEDLE,
    BS_LAND_MIXED_FOREST, BS_LAND_WATER, BS_LAND_BARREN,          BS_LAND_WETLAND,         BS_LAND_CROP_MOSAIC,
    BS_LAND_OPEN_SHRUB,   BS_LAND_ICE,   BS_LAND_EVERGREEN_BROAD,
};
enum { N_WESELY = sizeof WESELY / sizeof WESELY[0], N_USGS = sizeof USGS / sizeof USGS[0], MODIS_LAKE = 21 };

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
    if (strcmp(legend, "WESELY") == 0) return number >= 1 && number <= N_WESELY ? WESELY[number - 1] : BS_LAND_COUNT;
    if (!strstr(legend, "MODI") && strcmp(legend, "IGBP") != 0) return BS_LAND_COUNT;
    if (number == MODIS_LAKE) return BS_LAND_WATER;
    for (int l = 0; l < BS_LAND_COUNT; l++)
        if (ROWS[l].number == number) return (bs_land)l;
    return BS_LAND_COUNT;
}

double bs_land_roughness(bs_land land, bool summer)
{
    bs_assert(land >= 0 && land < BS_LAND_COUNT);
    return ROWS[land].roughness[summer ? 0 : 1];
}

bs_land_use bs_land_zhang(bs_land land)
{
    bs_assert(land >= 0 && land < BS_LAND_COUNT);
    return ROWS[land].zhang;
}

bs_modis_land bs_land_pleim(bs_land land, bool *plants)
{
    bs_assert(land >= 0 && land < BS_LAND_COUNT);
    *plants = ROWS[land].plants;
    return ROWS[land].pleim;
}
