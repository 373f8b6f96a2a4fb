#include "model/emis/gridded.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "model/core/memory.h"

static const double SECONDS_PER_DAY = 86400.0;
static const double SECONDS_PER_YEAR = 31556925.9747; /* the year of UDUNITS-2: "t" and "t year-1" then mean the same */
static const double WHOLE_COVERAGE = 1 - 1e-9;
static const double LESS_ROUND = 1e-5; /* of what is taken away: both are sums of numbers stored as float */

/* Takes "month-1", "/month" (mon, months) out of a unit; false: it has none. */
static bool without_month(const char *text, char *out, size_t size)
{
    static const char *const WORDS[] = {"/month", "/mon", "/ month", "month-1", "month^-1", "mon-1", "months-1"};
    for (size_t w = 0; w < sizeof WORDS / sizeof *WORDS; w++) {
        const char *at = strstr(text, WORDS[w]);
        if (!at) continue;
        const char *rest = at + strlen(WORDS[w]);
        if (isalnum((unsigned char)*rest) || *rest == '-' || *rest == '^') continue;
        if (*WORDS[w] != '/' && (at == text || !strchr(" .*", at[-1]))) continue;
        size_t n = (size_t)(at - text);
        while (n && strchr(" .*", text[n - 1])) n--;
        if (n + strlen(rest) + 1 > size) return false;
        memcpy(out, text, n);
        strcpy(out + n, rest);
        return true;
    }
    return false;
}

bs_status bs_gridded_unit_read(bs_units *units, const char *text, double molar_mass, bs_gridded_unit *out, bs_err *err)
{
    static const struct {
        const char *unit;
        bool per_area, per_time, mol;
    } KINDS[] = {{"kg m-2 s-1", true, true, false}, {"kg s-1", false, true, false},    {"kg m-2", true, false, false},
                 {"kg", false, false, false},       {"mol m-2 s-1", true, true, true}, {"mol s-1", false, true, true},
                 {"mol m-2", true, false, true},    {"mol", false, false, true}};
    char amount[BS_EMIS_UNIT_MAX];
    const bool monthly = without_month(text, amount, sizeof amount);
    const char *unit = monthly ? amount : text;
    double offset = 0;
    for (size_t k = 0; *unit && k < sizeof KINDS / sizeof *KINDS; k++) {
        if (bs_units_convert(units, unit, KINDS[k].unit, &out->scale, &offset, NULL) != BS_OK) continue;
        if (monthly && KINDS[k].per_time) break;
        if (KINDS[k].mol && !(molar_mass > 0)) {
            return bs_fail(err, BS_ERR_INPUT, "unit '%s' counts moles, but no molar_mass says what one weighs", text);
        }
        if (KINDS[k].mol) out->scale *= molar_mass;
        out->per_area = KINDS[k].per_area;
        out->period = monthly ? BS_PERIOD_MONTH : KINDS[k].per_time ? BS_PERIOD_TIME : BS_PERIOD_WHOLE;
        return BS_OK;
    }
    bs_fail(
        err, BS_ERR_INPUT,
        "unit '%s' is neither mass per area and time (kg m-2 s-1, t km-2 year-1) nor mass per time in each cell (Gg "
        "year-1)",
        text);
    if (strncmp(text, "kt", 2) == 0) bs_err_add(err, "'kt' is the knot in UDUNITS; a kilotonne is written Gg");
    return BS_ERR_INPUT;
}

/* Refuses a part of the mesh that nobody has said is to get nothing. */
static bs_status check_coverage(bs_gridded *g, const bs_lonlat_field *f, bs_err *err)
{
    const bs_emis_input *in = g->in;
    char path[BS_EMIS_PATH_MAX];
    const double share = bs_overlap_coverage(&g->overlap, in->mesh);
    if (share >= WHOLE_COVERAGE || share == 0) return BS_OK; /* none at all: emission.c says what spans what */
    if (bs_config_choice(in->config, bs_emis_path(in, "outside", path)) != BS_OUTSIDE_ZERO) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: '%s' covers %.1f %% of the mesh; say 'outside: zero' of inventory '%s' (%s) if the rest is to "
            "get nothing from it, or take a mesh within %.2f to %.2f E, %.2f to %.2f N",
            in->file, f->var.name, 100 * share, in->name, bs_config_where(in->config, path), in->emission->extent.west,
            in->emission->extent.east, in->emission->extent.south, in->emission->extent.north);
    }
    if (!g->coverage_told) {
        bs_log_warn(in->log, "%s: '%s' covers %.1f %% of the mesh; the rest gets nothing from inventory '%s'", in->file,
                    f->var.name, 100 * share, in->name);
    }
    g->coverage_told = true;
    return BS_OK;
}

bs_status bs_gridded_prepare(bs_gridded *g, const bs_lonlat_field *f, bs_err *err)
{
    const bs_emis_input *in = g->in;
    const size_t n = f->n_lat * f->n_lon;
    BS_TRY(bs_overlap_prepare(&g->overlap, f, in->mesh, err));
    bs_emis_extent_add(in->emission, f->lon[0], f->lat[0]);
    bs_emis_extent_add(in->emission, f->lon[f->n_lon - 1], f->lat[f->n_lat - 1]);
    BS_TRY(check_coverage(g, f, err));
    if (f->leapless && !g->calendar_told)
        bs_log_info(in->log,
                    "inventory '%s': the calendar of '%s' has no leap days; its months are taken as those of the "
                    "standard calendar",
                    in->name, f->file);
    g->calendar_told = g->calendar_told || f->leapless;
    if (n <= g->mass_room) return BS_OK;
    bs_free(g->mass);
    bs_free(g->less);
    g->mass = g->less = NULL;
    g->mass_room = 0;
    BS_TRY(BS_NEW(&g->mass, n, "an inventory's field", err));
    BS_TRY(BS_NEW(&g->less, n, "an inventory's field", err));
    g->mass_room = n;
    return BS_OK;
}

/* Takes the values of another field away from g->mass, in the unit of the first. */
static bs_status subtract(bs_gridded *g, const bs_lonlat_field *f, int time, const bs_gridded_unit *unit,
                          const bs_gridded_less *less, bs_err *err)
{
    const double ratio = less->unit->scale / unit->scale;
    if (less->field->n_times != f->n_times || !bs_overlap_fits(&g->overlap, less->field) ||
        less->unit->per_area != unit->per_area || less->unit->period != unit->period) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: '%s' has another mesh, other times or another kind of unit than %s: one cannot be "
                       "taken from the other",
                       less->field->file, less->field->var.name, f->file);
    }
    BS_TRY(bs_lonlat_field_read_with(less->field, time, &g->missing, g->less, err));
    for (size_t s = 0; s < f->n_lat * f->n_lon; s++) {
        const double taken = ratio * g->less[s], whole = g->mass[s];
        g->mass[s] = fmax(whole - taken, 0);
        if (whole - taken >= -LESS_ROUND * taken) continue;
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: '%s' at %.4f E, %.4f N is %g, less than the %g of %s that is to be taken from it", f->file,
                       f->var.name, f->lon[s % f->n_lon], f->lat[s / f->n_lon], whole, taken, less->field->file);
    }
    return BS_OK;
}

/* Weight of month 0..11 in the mean of its year. */
static double month_weight(int year, int month)
{
    double days = 0;
    for (int m = 0; m < BS_EMIS_MONTHS; m++) days += bs_emis_month_days(year, m);
    return bs_emis_month_days(year, month) / days;
}

bs_status bs_gridded_add(bs_gridded *g, const bs_lonlat_field *f, int time, const bs_gridded_unit *unit, int month,
                         int year, const bs_gridded_less *less, int sheet, bs_overlap_sums *mean, bs_err *err)
{
    const bs_emis_input *in = g->in;
    const size_t n = f->n_lat * f->n_lon;
    const double weight = month < 0 ? 1 : month_weight(year, month);
    bs_overlap_sums sums;
    if (unit->period == BS_PERIOD_MONTH && month < 0) {
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' is in amounts per month but has no twelve months",
                       in->file, f->var.name);
    }
    BS_TRY(bs_lonlat_field_read_with(f, time, &g->missing, g->mass, err));
    if (g->missing.count && g->n_missing == 0) {
        bs_log_info(
            in->log,
            "%s: variable '%s': %zu of %zu values are missing and taken as 0 ('missing: zero'), the first at [%s]",
            in->file, f->var.name, g->missing.count, n, g->missing.first);
    }
    g->n_missing += g->missing.count;
    if (less) BS_TRY(subtract(g, f, time, unit, less, err));
    double scale = unit->scale * in->scale;
    if (unit->period != BS_PERIOD_TIME)
        scale /= month < 0 ? SECONDS_PER_YEAR : bs_emis_month_days(year, month) * SECONDS_PER_DAY;
    for (size_t s = 0; s < n; s++) g->mass[s] *= unit->per_area ? scale * g->overlap.area[s] : scale;
    BS_TRY(bs_emis_spread(in, &g->overlap, sheet, month < 0 ? 0 : month, weight, g->mass, &sums, err));
    mean->source += weight * sums.source;
    mean->inside += weight * sums.inside;
    mean->touching += weight * sums.touching;
    mean->on_grid += weight * sums.on_grid;
    return BS_OK;
}

void bs_gridded_clear(bs_gridded *g)
{
    bs_overlap_clear(&g->overlap);
    bs_free(g->mass);
    bs_free(g->less);
}

bs_status bs_gridded_check_year(const bs_emis_input *in, const bs_lonlat_field *f, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    if (!in->year || in->year == f->year) return BS_OK;
    if (!f->year) {
        bs_log_info(in->log, "%s: variable '%s' tells no year: that it is of %d (emissions.year) is not checked",
                    in->file, f->var.name, in->year);
        return BS_OK;
    }
    bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' is of the year %d, but %s is %d", in->file, f->var.name, f->year,
            bs_config_has(in->config, bs_emis_path(in, "year", path)) ? path : "emissions.year", in->year);
    bs_err_add(err, "take its file of %d, or say 'year: %d' of the inventory to use another year's emissions knowingly",
               in->year, f->year);
    return BS_ERR_INPUT;
}
