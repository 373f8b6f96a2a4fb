/* Groups of sources (tracers.h). */
#include <string.h>

#include "model/core/memory.h"
#include "model/state/tracers.h"

bs_status bs_source_group_copy(const bs_source_group *from, bs_source_group *to, bs_err *err)
{
    *to = *from;
    to->sector = NULL;
    to->region = NULL;
    BS_TRY(BS_NEW(&to->sector, from->n_sectors, "sectors of a group of sources", err));
    for (int s = 0; s < from->n_sectors; s++) memcpy(to->sector[s], from->sector[s], sizeof to->sector[s]);
    if (!from->region) return BS_OK;
    BS_TRY(BS_NEW(&to->region, from->n_regions + 1, "regions of a group of sources", err));
    memcpy(to->region, from->region, ((size_t)from->n_regions + 1) * sizeof *to->region);
    return BS_OK;
}

void bs_source_group_clear(bs_source_group *group)
{
    bs_free(group->sector);
    bs_free(group->region);
    group->sector = NULL;
    group->region = NULL;
}
