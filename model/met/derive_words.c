/* What derive says: what is missing, which cell cannot be done, and which rule gave each field. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/base/check.h"
#include "model/met/derive_parts.h"

void bs_assume(bs_assumptions *list, const char *line)
{
    const int room = (int)(sizeof list->line / sizeof *list->line);
    for (int n = 0; n < list->n; n++) {
        if (strncmp(list->line[n], line, sizeof list->line[n] - 1) == 0) return;
    }
    bs_assert(list->n < room);
    if (list->n == room) return;
    snprintf(list->line[list->n++], sizeof *list->line, "%s", line);
}

/* ---- what is missing ---- */

static bs_status refuse(bs_err *err, const char *field, const char *need, const char *key, const char *values)
{
    return bs_fail(err, BS_ERR_INPUT,
                   "the meteorology has no %s, which %s needs; name the field in meteorology.variables or set %s: %s",
                   field, need, key, values);
}

bs_status bs_derive_check(const bs_native *n, const bs_levels *levels, const bs_derive_options *o, bs_err *err)
{
    if (levels->a_half[levels->nz] <= 0)
        return bs_fail(err, BS_ERR_INPUT,
                       "the model's top is at %g Pa: expected a pressure above zero, since the top layer "
                       "would have no height",
                       levels->a_half[levels->nz]);
    if (!n->have_hfx && o->heat_flux < 0)
        return refuse(err, "surface sensible heat flux", "the stability of the surface layer",
                      "meteorology.assume.heat_flux", "neutral (zero) or diurnal (a winter day by the sun's height)");
    if (o->wet && !n->have_rain && !o->no_rain)
        return refuse(err, "precipitation", "wet scavenging", "meteorology.assume.precipitation",
                      "none (no rain), or operators.wet_scavenging: none");
    if (o->dry_scheme == BS_DRY_PLEIM2022 && !n->have_leaf_area && isnan(o->leaf_area))
        return refuse(err, "leaf area index", "operators.dry_deposition: pleim2022",
                      "meteorology.assume.leaf_area_index",
                      "m2 of leaves per m2 of covered ground, from a map of the season");
    return BS_OK;
}

/* ---- which cell ---- */

typedef struct place {
    int j, i;    /* in the whole mesh */
    size_t cell; /* in this rank's part */
} place;

static bs_status bad_air(const bs_derive_work *w, place at, bs_err *err)
{
    const size_t plane = (size_t)w->native->ny * w->native->nx;
    for (int k = 0; k < w->native->nz; k++) {
        const double air = w->native->air[k * plane + at.cell];
        if (!(air > 0))
            return bs_fail(err, BS_ERR_INPUT,
                           "the source's dry air of cell (k %d, j %d, i %d) is %g kg m-2, expected more than zero", k,
                           at.j, at.i, air);
    }
    return BS_OK;
}

static bs_status bad_land(const bs_derive_work *w, place at, bs_err *err)
{
    double share[BS_DERIVE_GROUNDS_MAX], sum = 0;
    if (bs_derive_shares(w, at.cell, share)) return BS_OK;
    const size_t plane = (size_t)w->native->ny * w->native->nx;
    for (size_t l = 0; l < BS_LAND_COUNT; l++) sum += w->native->land[l * plane + at.cell];
    return bs_fail(err, BS_ERR_INPUT,
                   "the shares of land use at cell (j %d, i %d) add up to %g, expected 1 and none below zero; mend the "
                   "source, or give land.file",
                   at.j, at.i, sum);
}

static bs_status bad_roughness(const bs_derive_work *w, place at, bs_err *err)
{
    const double z0 = w->native->roughness[at.cell];
    if (z0 > 0 && z0 <= BS_ROUGHNESS_MAX) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "the source's roughness length at cell (j %d, i %d) is %g m, expected more than zero and %g m at most", at.j,
        at.i, z0, BS_ROUGHNESS_MAX);
}

/* The log law needs the lowest wind well above the roughness elements. */
static bs_status bad_layer(const bs_derive_work *w, place at, bs_err *err)
{
    const bs_native *n = w->native;
    const size_t plane = (size_t)n->ny * n->nx;
    const double middle = 0.5 * (double)w->state->z_half[plane + at.cell];
    if (!isfinite(middle) || !isfinite((double)w->state->z_half[(size_t)n->nz * plane + at.cell]))
        return bs_fail(err, BS_ERR_INPUT,
                       "temperature, humidity or surface pressure at cell (j %d, i %d) is not a number", at.j, at.i);
    const double z0 = bs_derive_cell_roughness(w, at.cell);
    if (middle >= 2 * z0 * (1 + 1e-6)) return BS_OK; /* stored as float */
    return bs_fail(
        err, BS_ERR_INPUT,
        "the lowest layer's middle is %.3g m above ground at cell (j %d, i %d) and the roughness length "
        "%g m: expected at least twice the roughness; %smake the lowest layer thicker in grid.levels (a smaller second "
        "value of grid.levels.eta)",
        middle, at.j, at.i, z0, n->have_roughness || n->have_land ? "" : "lower meteorology.assume.roughness, or ");
}

bs_status bs_derive_bad_cell(const bs_derive_work *w, unsigned flags, bs_err *err)
{
    static const struct {
        unsigned flag;
        bs_status (*tell)(const bs_derive_work *w, place at, bs_err *err);
    } TROUBLE[] = {{BS_DERIVE_BAD_AIR, bad_air},
                   {BS_DERIVE_BAD_LAND, bad_land},
                   {BS_DERIVE_BAD_ROUGHNESS, bad_roughness},
                   {BS_DERIVE_BAD_CELL, bad_layer}};
    for (size_t t = 0; t < sizeof TROUBLE / sizeof *TROUBLE; t++) {
        if (!(flags & TROUBLE[t].flag)) continue;
        for (int j = 0; j < w->native->ny; j++)
            for (int i = 0; i < w->native->nx; i++)
                BS_TRY(
                    TROUBLE[t].tell(w, (place){j + w->mesh->j0, i + w->mesh->i0, (size_t)j * w->native->nx + i}, err));
    }
    return bs_fail(err, BS_ERR_INPUT, "the lowest layer is not a number somewhere");
}

/* ---- which rule ---- */

static void record_source(const bs_native *n, bs_assumptions *list)
{
    const struct {
        bool have;
        const char *name;
    } field[] = {{n->have_air, "dry air of the layers"},
                 {n->have_faces, "winds on faces"},
                 {n->have_wind10, "10 m wind"},
                 {n->have_t2, "2 m temperature"},
                 {n->have_pblh, "boundary-layer height"},
                 {n->have_ustar, "friction velocity"},
                 {n->have_hfx, "heat flux"},
                 {n->have_evaporation, "evaporation"},
                 {n->have_rain, "precipitation"},
                 {n->have_clw, "cloud water"},
                 {n->have_rnw, "rain water"},
                 {n->have_roughness, "roughness"},
                 {n->have_leaf_area, "leaf area"}};
    char line[sizeof list->line[0]];
    size_t used = 0;
    for (size_t f = 0; f < sizeof field / sizeof *field; f++) {
        if (!field[f].have || used >= sizeof line) continue;
        used +=
            (size_t)snprintf(line + used, sizeof line - used, "%s%s", used ? ", " : "from the source: ", field[f].name);
    }
    if (used) bs_assume(list, line);
}

static void record_heat(const bs_native *n, const bs_derive_options *o, bs_assumptions *list)
{
    char line[sizeof list->line[0]];
    if (!n->have_hfx && o->heat_flux == 0)
        bs_assume(list, "surface heat flux: none in the source, zero assumed (neutral)");
    if (!n->have_hfx && o->heat_flux > 0) {
        snprintf(line, sizeof line,
                 "surface heat flux: none in the source, a winter day assumed: %g + %g sin(sun's elevation) W m-2",
                 BS_DIURNAL_NIGHT, BS_DIURNAL_DAY);
        bs_assume(list, line);
    }
    if (!n->have_evaporation)
        bs_assume(list, "evaporation: none in the source, no part in the buoyancy of the surface layer");
}

static const char *roughness_in_words(const bs_native *n, const bs_derive_options *o, char *text, size_t size)
{
    if (n->have_roughness)
        snprintf(text, size, "the source's roughness length");
    else if (n->have_land)
        snprintf(text, size, "a roughness length by land use (WRF's table, logarithmic mean)");
    else
        snprintf(text, size, "a roughness length of %g m", o->roughness);
    return text;
}

static void record_surface(const bs_native *n, const bs_derive_options *o, bs_assumptions *list)
{
    char line[sizeof list->line[0]], rough[128];
    roughness_in_words(n, o, rough, sizeof rough);
    if (n->have_ustar && !n->have_roughness) {
        snprintf(line, sizeof line, "aerodynamic resistance: with %s", rough);
        bs_assume(list, line);
    } else if (!n->have_ustar) {
        snprintf(line, sizeof line, "friction velocity: diagnosed from the %s, the heat flux and %s",
                 n->have_wind10 ? "10 m wind" : "lowest layer's wind", rough);
        bs_assume(list, line);
    }
    if (!n->have_pblh && o->fixed_pblh > 0) {
        snprintf(line, sizeof line, "boundary-layer height: none in the source, %g m everywhere", o->fixed_pblh);
        bs_assume(list, line);
    } else if (!n->have_pblh) {
        bs_assume(list, "boundary-layer height: diagnosed, bulk Richardson number 0.25 against the lowest layer");
    }
    if (!n->have_wind10) bs_assume(list, "10 m wind (output): from the lowest layer by the logarithmic law");
    if (!n->have_t2) bs_assume(list, "2 m temperature (output): from the lowest layer by surface-layer similarity");
}

static void record_ground(const bs_native *n, const bs_derive_options *o, bs_assumptions *list)
{
    char line[sizeof list->line[0]];
    const bool modal = o->dry_scheme == BS_DRY_PLEIM2022;
    if (o->dry_scheme == BS_DRY_NONE) return;
    if (n->have_land) {
        snprintf(line, sizeof line, "land use for dry deposition: shares of classes from %s; mean velocity over them%s",
                 o->land_origin ? o->land_origin : "the source",
                 modal ? "; classes that pleim2022 has no figures for as those nearest to them (land.def)" : "");
    } else {
        snprintf(line, sizeof line, "land use for dry deposition: '%s' everywhere",
                 modal ? bs_modis_land_name(BS_DERIVE_MODIS_LAND) : bs_land_use_name(BS_DERIVE_LAND_USE));
    }
    bs_assume(list, line);
    if (!modal) return;
    if (n->have_leaf_area) {
        snprintf(line, sizeof line,
                 "plants for dry deposition: on %g of the ground everywhere, leaf area from the source", o->cover);
    } else {
        snprintf(line, sizeof line, "plants for dry deposition: on %g of the ground, leaf area index %g, everywhere%s",
                 o->cover, o->leaf_area, n->have_land ? " that plants grow" : "");
    }
    bs_assume(list, line);
}

static void record_rain(const bs_native *n, const bs_derive_options *o, unsigned flags, bs_assumptions *list)
{
    char line[sizeof list->line[0]];
    if (!n->have_rain) bs_assume(list, "precipitation: none in the source, no rain");
    if (!o->wet || !n->have_rain) return;
    if (!n->have_clw && n->have_rnw) {
        snprintf(
            line, sizeof line,
            "clouds: none in the source; rain forms from %g m above ground to where rain water ends, and where there "
            "is none to %g m",
            o->cloud_base, o->cloud_top);
        bs_assume(list, line);
    } else if (!n->have_clw || flags & BS_DERIVE_RAIN_WITHOUT_CLOUD) {
        snprintf(line, sizeof line, "clouds: %s; rain forms from %g to %g m above ground",
                 n->have_clw ? "no cloud water in some columns with rain" : "none in the source", o->cloud_base,
                 o->cloud_top);
        bs_assume(list, line);
    }
}

void bs_derive_record(const bs_native *n, const bs_derive_options *o, unsigned flags, bs_assumptions *list)
{
    char line[sizeof list->line[0]];
    record_source(n, list);
    record_heat(n, o, list);
    record_surface(n, o, list);
    record_ground(n, o, list);
    record_rain(n, o, flags, list);
    if (!(flags & BS_DERIVE_RAISED_PBLH)) return;
    snprintf(line, sizeof line, "boundary-layer height: raised to %g m where it was below", BS_PBLH_MIN);
    bs_assume(list, line);
}
