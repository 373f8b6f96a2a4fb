#include "model/emis/sectors.h"

#include <stddef.h>
#include <string.h>

static const bs_sector SECTORS[] = {
#define BS_SECTOR(name, parent, label, label_zh) {name, parent, label, label_zh},
#include "model/emis/sectors.def"
#undef BS_SECTOR
};
enum { N_SECTORS = sizeof SECTORS / sizeof *SECTORS };

const bs_sector *bs_sectors(int *count)
{
    *count = N_SECTORS;
    return SECTORS;
}

const bs_sector *bs_sector_find(const char *name)
{
    for (int s = 0; s < N_SECTORS; s++)
        if (strcmp(SECTORS[s].name, name) == 0) return &SECTORS[s];
    return NULL;
}

const char *bs_sector_parent(const char *name)
{
    const bs_sector *row = bs_sector_find(name);
    return row ? row->parent : "";
}

bool bs_sector_within(const char *sector, const char *of)
{
    for (const char *at = sector; *at; at = bs_sector_parent(at))
        if (strcmp(at, of) == 0) return true;
    return strcmp(sector, of) == 0;
}

bool bs_sector_related(const char *a, const char *b)
{
    return bs_sector_within(a, b) || bs_sector_within(b, a);
}

const char *bs_sector_rest(const char *name)
{
    static const char OTHER[] = "other_";
    for (int s = 0; s < N_SECTORS; s++) {
        const bs_sector *row = &SECTORS[s];
        if (strcmp(row->parent, name) == 0 && strncmp(row->name, OTHER, sizeof OTHER - 1) == 0 &&
            strcmp(row->name + sizeof OTHER - 1, name) == 0)
            return row->name;
    }
    return name;
}
