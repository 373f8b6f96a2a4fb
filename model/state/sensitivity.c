#include "model/state/sensitivity.h"

#include <string.h>

#include "model/core/memory.h"

static size_t cells_of(const bs_sensitivity *s)
{
    return (size_t)s->nx * (size_t)s->ny * (size_t)s->nz;
}

static size_t places_of(const bs_sensitivity *s, int side)
{
    return (size_t)s->nz * (size_t)bs_sensitivity_length(s, (bs_side)side);
}

bs_status bs_sensitivity_create(int nx, int ny, int nz, bs_sensitivity **out, bs_err *err)
{
    bs_sensitivity *s = NULL;
    BS_TRY(BS_NEW(&s, 1, "sensitivities", err));
    *s = (bs_sensitivity){.nx = nx, .ny = ny, .nz = nz};
    bs_status st = BS_NEW(&s->emission, cells_of(s), "sensitivities to emission", err);
    for (int side = 0; side < BS_SIDES && st == BS_OK; side++)
        st = BS_NEW(&s->inflow[side], places_of(s, side), "sensitivities to inflow", err);
    if (st != BS_OK) {
        bs_sensitivity_destroy(s);
        return st;
    }
    *out = s;
    return BS_OK;
}

void bs_sensitivity_destroy(bs_sensitivity *s)
{
    if (!s) return;
    bs_free(s->emission);
    for (int side = 0; side < BS_SIDES; side++) bs_free(s->inflow[side]);
    bs_free(s);
}

void bs_sensitivity_clear(bs_sensitivity *s)
{
    memset(s->emission, 0, sizeof(double) * cells_of(s));
    for (int side = 0; side < BS_SIDES; side++) memset(s->inflow[side], 0, sizeof(double) * places_of(s, side));
}
