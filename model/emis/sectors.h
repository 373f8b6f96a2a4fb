/* sectors.h - names of sectors and of their parts (sectors.def).
 *
 * A word of a case or plan that names a sector takes its parts, too: `industry` is what inventories hold of industry, brick_kilns,
 * cement, and so on. A name that is not in the table is a sector without parts. */
#ifndef BS_MODEL_EMIS_SECTORS_H
#define BS_MODEL_EMIS_SECTORS_H

#include <stdbool.h>

typedef struct bs_sector {
    const char *name, *parent;    /* parent "": a sector of its own */
    const char *label, *label_zh; /* words for people: English, Chinese (UTF-8) */
} bs_sector;

const bs_sector *bs_sectors(int *count);

/* The row of a name; NULL: not in the table. */
const bs_sector *bs_sector_find(const char *name);

/* The parent of a sector, "" where it has none or is not in the table. */
const char *bs_sector_parent(const char *name);

/* Whether `sector` is `of`, or a part of it, or a part of a part. */
bool bs_sector_within(const char *sector, const char *of);

/* Whether emission could be told twice: one is the other, or within it. */
bool bs_sector_related(const char *a, const char *b);

/* What is left of a sector once parts of it are told apart: "other_industry" of industry; the sector's own name where the table has no
 * such row. */
const char *bs_sector_rest(const char *name);

#endif
