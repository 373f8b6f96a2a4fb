/* tags.h - the groups of sources of a case: from words of tracers.groups and tracers.cross to regions and sectors. */
#ifndef BS_MODEL_RUN_TAGS_H
#define BS_MODEL_RUN_TAGS_H

#include "model/config/config.h"
#include "model/config/geojson.h"
#include "model/state/tracers.h"

typedef struct bs_tags {
    int n;
    bs_source_group *group; /* [n]; the last is the rest, "other", where there are any */
} bs_tags;

/* Groups of the case. regions may be NULL. A pair of the cross is optional, and so is the rest; names of the pairs are made of the
 * regions' English names or families' aliases and the sectors, in lower case.
 * Errors: BS_ERR_INPUT with the place in the case file: no regions.file; an unknown region; one of cross.regions and cross.sectors
 * without the other; a name that cannot be made; two groups, or a group and a sector of emissions.sectors (with tracers.tags), that
 * share a sector of a region, naming both, sector and region. *out is to be freed in any case. */
bs_status bs_tags_read(const bs_config *config, const bs_region_set *regions, bs_tags *out, bs_err *err);
void bs_tags_free(bs_tags *tags);

#endif
