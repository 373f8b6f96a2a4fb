/* How high each cell emits. */
#include <math.h>

#include "model/core/memory.h"
#include "model/emis/emis.h"

static bool emits(const bs_emis_sheet *sheet, size_t cells, size_t cell)
{
    for (int m = 0; m < sheet->n_months; m++) {
        if (sheet->rate[cells * (size_t)m + cell] > 0) return true;
    }
    return false;
}

bs_status bs_emis_measure_reach(bs_emission *e, bs_err *err)
{
    const size_t cells = bs_emis_cells(e);
    BS_TRY(BS_NEW(&e->reach, cells, "heights of emission", err));
    for (int s = 0; s < e->n_sheets; s++) {
        const bs_emis_sheet *sheet = &e->sheet[s];
        if (sheet->total < 0 || sheet->height < 0) continue;
        int bands = 0;
        double top = 0;
        bs_profiles_bands(e->profiles, sheet->height, &bands, &top);
        for (size_t c = 0; c < cells; c++) {
            if (e->reach[c] < top && emits(sheet, cells, c)) e->reach[c] = top;
        }
    }
    for (size_t p = 0; p < e->n_points; p++) {
        const bs_emis_point *point = &e->point[p];
        double top = point->height;
        size_t at;
        if (!bs_emis_is_kept(e, point->cell, &at)) continue;
        if (isnan(top)) {
            const int row = e->sheet[point->sheet].height;
            top = 0;
            if (row >= 0) bs_profiles_bands(e->profiles, row, &(int){0}, &top);
        }
        e->reach[at] = fmax(e->reach[at], top);
    }
    return BS_OK;
}
