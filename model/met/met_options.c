/* What derive takes from the case, and the times of its weather. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/column/drydep.h"
#include "model/met/met_private.h"

/* In the order of the choices of meteorology.provider. */
enum { IDEALISED, PRESSURE_LEVELS, WRF, MODEL_LEVELS };

/* Whether an option was given another value than its default: a case that a run kept has all defaults in it, of every provider. */
static bool is_chosen(const bs_config *c, const bs_option *o)
{
    if (!bs_config_has(c, o->path)) return false;
    if (!o->fallback || !*o->fallback) return true;
    if (o->type == BS_OPT_REAL) return bs_config_real(c, o->path) != strtod(o->fallback, NULL); /* in canonical units */
    return (o->type == BS_OPT_TEXT || o->type == BS_OPT_CHOICE) && strcmp(bs_config_text(c, o->path), o->fallback) != 0;
}

/* The first option of a path, or of the section of that name, that is chosen; NULL: none. */
static const char *chosen_of(const bs_config *c, const char *path)
{
    int n;
    const bs_option *o = bs_options(&n);
    const size_t length = strlen(path);
    for (int k = 0; k < n; k++) {
        if (strncmp(o[k].path, path, length) != 0 || (o[k].path[length] && o[k].path[length] != '.')) continue;
        if (is_chosen(c, &o[k])) return o[k].path;
    }
    return NULL;
}

/* Options that belong to some of the providers; of the others that the idealised one does not read it tells itself. */
static bs_status check_provider_options(const bs_config *c, bs_err *err)
{
    enum { LEVELS = 1u << PRESSURE_LEVELS | 1u << MODEL_LEVELS };
    static const char EITHER[] = "pressure_levels or era5_model_levels";
    static const struct {
        const char *path;
        unsigned readers;
        const char *named;
    } OF[] = {
        {"meteorology.idealised", 1u << IDEALISED, "idealised"},
        {"meteorology.hybrid", 1u << MODEL_LEVELS, "era5_model_levels"},
        {"meteorology.layout", LEVELS, EITHER},
        {"meteorology.assume.temperature", LEVELS | 1u << IDEALISED, EITHER},
        {"meteorology.assume.humidity", LEVELS | 1u << IDEALISED, EITHER},
        {"meteorology.assume.surface_pressure", LEVELS | 1u << IDEALISED, EITHER},
    };
    const int provider = bs_config_choice(c, "meteorology.provider");
    for (size_t n = 0; n < sizeof OF / sizeof *OF; n++) {
        const char *chosen = OF[n].readers >> provider & 1u ? NULL : chosen_of(c, OF[n].path);
        if (!chosen) continue;
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: error: only meteorology.provider: %s reads %s, this case has %s; take it away",
                       bs_config_where(c, chosen), OF[n].named, OF[n].path, bs_config_text(c, "meteorology.provider"));
    }
    return BS_OK;
}

/* What one scheme alone reads must be there with it and nowhere else. */
bs_status bs_met_check_options(const bs_config *c, bs_err *err)
{
    static const char *const PATH[] = {"meteorology.assume.vegetation_cover", "meteorology.assume.leaf_area_index"};
    BS_TRY(check_provider_options(c, err));
    const bool needed = bs_config_choice(c, "operators.dry_deposition") == BS_DRY_PLEIM2022;
    for (int n = 0; n < 2; n++) {
        if (bs_config_has(c, PATH[n]) == needed) continue;
        if (needed && n == 1) continue; /* the source may have it: bs_derive_check asks */
        if (needed)
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: error: operators.dry_deposition: pleim2022 needs %s; no map of plants is read, so it "
                           "stands for all of the mesh: take it from a map of the season",
                           bs_config_where(c, "operators.dry_deposition"), PATH[n]);
        return bs_fail(err, BS_ERR_INPUT, "%s: error: only operators.dry_deposition: pleim2022 reads %s; take it away",
                       bs_config_where(c, PATH[n]), PATH[n]);
    }
    return BS_OK;
}

bs_derive_options bs_met_derive_options(const bs_met_context *context)
{
    const bs_config *c = context->config;
    bs_derive_options o = {.roughness = context->roughness, .heat_flux = -1};
    o.kz_min = bs_config_real(c, "operators.kz_min");
    if (strcmp(bs_config_text(c, "operators.horizontal_diffusion"), "none") != 0)
        o.smagorinsky = bs_config_real(c, "operators.smagorinsky");
    o.dry_scheme = bs_config_choice(c, "operators.dry_deposition");
    o.cover = bs_config_real(c, "meteorology.assume.vegetation_cover");
    o.leaf_area = bs_config_real(c, "meteorology.assume.leaf_area_index");
    o.wet = strcmp(bs_config_text(c, "operators.wet_scavenging"), "none") != 0;
    o.cloud_base = bs_config_real(c, "meteorology.assume.cloud_base");
    o.cloud_top = bs_config_real(c, "meteorology.assume.cloud_top");
    if (bs_config_has(c, "meteorology.assume.boundary_layer_height"))
        o.fixed_pblh = bs_config_real(c, "meteorology.assume.boundary_layer_height");
    if (bs_config_has(c, "meteorology.assume.heat_flux"))
        o.heat_flux = bs_config_choice(c, "meteorology.assume.heat_flux");
    o.no_rain = bs_config_has(c, "meteorology.assume.precipitation");
    return o;
}

/* ---- times ---- */

bs_status bs_met_times_from(const bs_config *config, bs_time start, bs_time end, bs_met_times *out, bs_err *err)
{
    const double seconds = bs_config_real(config, "meteorology.interval");
    const char *where = bs_config_where(config, "meteorology.interval");
    char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
    bs_time_format(start, from);
    bs_time_format(end, to);
    if (end <= start)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: the meteorology is asked for from %s to %s, expected an end after the start",
                       bs_config_where(config, "time.end"), from, to);
    if (seconds < 1.0 || seconds != floor(seconds))
        return bs_fail(err, BS_ERR_INPUT, "%s: meteorology.interval is %g s, expected a whole number of seconds", where,
                       seconds);
    bs_met_times t = {.start = start, .end = end, .first = start, .interval = (bs_time)seconds, .count = 1};
    t.steady = bs_config_bool(config, "meteorology.steady");
    const bool dated = bs_config_has(config, "meteorology.valid_time");
    if (dated && !t.steady)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: meteorology.valid_time dates a single time of weather and needs meteorology.steady: true",
                       bs_config_where(config, "meteorology.valid_time"));
    if (dated) t.first = bs_config_time(config, "meteorology.valid_time");
    if ((end - start) % t.interval != 0 && !t.steady)
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: meteorology.interval of %lld s does not divide the run from %s to %s (%lld s): %lld s are left "
            "over; choose an interval that divides the run, or another time.end",
            where, (long long)t.interval, from, to, (long long)(end - start), (long long)((end - start) % t.interval));
    if (!t.steady) {
        const bs_time intervals = (end - start) / t.interval;
        if (intervals > 10000000)
            return bs_fail(err, BS_ERR_INPUT, "%s: %lld intervals of meteorology, expected 10000000 at most", where,
                           (long long)intervals);
        t.count = (int)intervals + 1;
    }
    *out = t;
    return BS_OK;
}
