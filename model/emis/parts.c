/* Which cells of the mesh are kept here, and sums over those of all ranks. */
#include <math.h>

#include "model/core/memory.h"
#include "model/emis/emis.h"
#include "model/parallel/ranks.h"

static bool find(const bs_emission *e, size_t cell, size_t *kept, bs_window within)
{
    const long nx = e->mesh->nx, i = (long)cell % nx - e->part.i0, j = (long)cell / nx - e->part.j0;
    if (i < within.i0 || i >= within.i1 || j < within.j0 || j >= within.j1) return false;
    *kept = (size_t)j * (size_t)e->part.nx + (size_t)i;
    return true;
}

bool bs_emis_is_kept(const bs_emission *e, size_t cell, size_t *kept)
{
    return find(e, cell, kept, (bs_window){.i1 = e->part.nx, .j1 = e->part.ny});
}

bool bs_emis_is_own(const bs_emission *e, size_t cell, size_t *kept)
{
    return find(e, cell, kept, e->part.own);
}

void bs_emis_sum_all(const bs_emission *e, int n, bs_sum *sum)
{
    if (e->several) bs_ranks_sum(n, sum);
}

bs_status bs_emis_agree(const bs_emission *e, bs_status status, bs_err *err)
{
    return e->several ? bs_ranks_agree(status, err) : status;
}

/* Largest rate of each sheet among the cells kept here. most [n_sheets]. */
static bs_status find_most(const bs_emission *e, double *most, bs_err *err)
{
    const size_t cells = bs_emis_cells(e), nx = (size_t)e->part.nx;
    for (int s = 0; s < e->n_sheets; s++)
        for (size_t n = 0; n < cells * (size_t)e->sheet[s].n_months; n++) {
            const double rate = fabs(e->sheet[s].rate[n]);
            if (!isfinite(rate))
                return bs_fail(err, BS_ERR_INPUT,
                               "emissions: %s of sector '%s' in cell (j=%zu, i=%zu) is %g, expected a number; look at "
                               "the unit and the scale of the inventory",
                               e->sheet[s].species, e->sheet[s].sector, (size_t)e->part.j0 + n % cells / nx,
                               (size_t)e->part.i0 + n % cells % nx, e->sheet[s].rate[n]);
            if (rate > most[s]) most[s] = rate;
        }
    return BS_OK;
}

bs_status bs_emis_find_scales(bs_emission *e, bs_err *err)
{
    enum { TOP = 60, LARGEST = 1000 }; /* bits of a term of bs_sum, less room for a sign; of a double's exponent */
    double *most = NULL;
    bs_status st = BS_NEW(&most, e->n_sheets, "sums of emissions", err);
    if (st == BS_OK) st = find_most(e, most, err);
    st = bs_emis_agree(e, st, err);
    if (st == BS_OK && e->several) bs_ranks_max(e->n_sheets, most);
    for (int s = 0; s < e->n_sheets && st == BS_OK; s++) {
        int exponent = 0;
        frexp(most[s], &exponent);
        e->sheet[s].scale = ldexp(1, TOP - exponent < LARGEST ? TOP - exponent : LARGEST);
    }
    bs_free(most);
    return st;
}
