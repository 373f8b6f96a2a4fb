#include "grids/projection/cf_mapping.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/constants.h"

enum {
    PARAMETERS_MAX = 6,
    LAT_ORIGIN = 8801,
    LON_ORIGIN = 8802,
    SCALE = 8805,
    EASTING = 8806,
    NORTHING = 8807,
    LAT_FALSE_ORIGIN = 8821,
    LON_FALSE_ORIGIN = 8822,
    PARALLEL_1 = 8823,
    PARALLEL_2 = 8824,
    EASTING_FALSE_ORIGIN = 8826,
    NORTHING_FALSE_ORIGIN = 8827,
    PARALLEL_POLAR = 8832,
    LON_POLAR = 8833,
    POLE = -PARALLEL_POLAR /* not EPSG: +-90, the pole on the side of the standard parallel */
};

typedef struct {
    const char *name; /* of the CF attribute; twice the same name: two numbers in one attribute */
    int code;         /* of the EPSG parameter */
} parameter;

typedef struct {
    int method;         /* EPSG code of the projection method */
    int unit_parameter; /* a parameter for which CF has no attribute and which must therefore be at its neutral... */
    double neutral;     /* ...value; 0: none */
    const char *name;
    parameter list[PARAMETERS_MAX];
} mapping_row;

#define FALSE_ORIGIN_CONE                                                                                              \
    {                                                                                                                  \
        {"standard_parallel", PARALLEL_1}, {"standard_parallel", PARALLEL_2},                                          \
            {"latitude_of_projection_origin", LAT_FALSE_ORIGIN}, {"longitude_of_central_meridian", LON_FALSE_ORIGIN},  \
            {"false_easting", EASTING_FALSE_ORIGIN}, {"false_northing", NORTHING_FALSE_ORIGIN},                        \
    }

static const mapping_row MAPPINGS[] = {
    {9802, 0, 0.0, "lambert_conformal_conic", FALSE_ORIGIN_CONE},
    {9822, 0, 0.0, "albers_conical_equal_area", FALSE_ORIGIN_CONE},
    {9801,
     SCALE,
     1.0,
     "lambert_conformal_conic",
     {{"standard_parallel", LAT_ORIGIN},
      {"latitude_of_projection_origin", LAT_ORIGIN},
      {"longitude_of_central_meridian", LON_ORIGIN},
      {"false_easting", EASTING},
      {"false_northing", NORTHING}}},
    {9804,
     LAT_ORIGIN,
     0.0,
     "mercator",
     {{"longitude_of_projection_origin", LON_ORIGIN},
      {"scale_factor_at_projection_origin", SCALE},
      {"false_easting", EASTING},
      {"false_northing", NORTHING}}},
    {9805,
     LAT_ORIGIN,
     0.0,
     "mercator",
     {{"longitude_of_projection_origin", LON_ORIGIN},
      {"standard_parallel", PARALLEL_1},
      {"false_easting", EASTING},
      {"false_northing", NORTHING}}},
    {9807,
     0,
     0.0,
     "transverse_mercator",
     {{"latitude_of_projection_origin", LAT_ORIGIN},
      {"longitude_of_central_meridian", LON_ORIGIN},
      {"scale_factor_at_central_meridian", SCALE},
      {"false_easting", EASTING},
      {"false_northing", NORTHING}}},
    {9810,
     0,
     0.0,
     "polar_stereographic",
     {{"latitude_of_projection_origin", LAT_ORIGIN},
      {"straight_vertical_longitude_from_pole", LON_ORIGIN},
      {"scale_factor_at_projection_origin", SCALE},
      {"false_easting", EASTING},
      {"false_northing", NORTHING}}},
    {9829,
     0,
     0.0,
     "polar_stereographic",
     {{"latitude_of_projection_origin", POLE},
      {"straight_vertical_longitude_from_pole", LON_POLAR},
      {"standard_parallel", PARALLEL_POLAR},
      {"false_easting", EASTING},
      {"false_northing", NORTHING}}},
};

static void add_number(bs_cf_mapping *m, const char *name, double value)
{
    bs_cf_attribute *last = m->count ? &m->attribute[m->count - 1] : NULL;
    if (last && strcmp(last->name, name) == 0 && last->count == 1) {
        last->number[last->count++] = value;
    } else if (m->count < BS_CF_MAX) {
        m->attribute[m->count++] = (bs_cf_attribute){.name = name, .number = {value}, .count = 1};
    }
}

static void add_text(bs_cf_mapping *m, const char *name, const char *text)
{
    if (text && m->count < BS_CF_MAX) m->attribute[m->count++] = (bs_cf_attribute){.name = name, .text = text};
}

/* Value of an EPSG parameter, angles in degrees. A parameter that the conversion lacks is at its neutral value. */
static double parameter_value(PJ_CONTEXT *context, const PJ *conversion, int code)
{
    int n = proj_coordoperation_get_param_count(context, conversion);
    for (int i = 0; i < n; i++) {
        const char *found = NULL, *unit = NULL, *category = NULL;
        double value = 0.0, factor = 1.0;
        if (!proj_coordoperation_get_param(context, conversion, i, NULL, NULL, &found, &value, NULL, &factor, &unit,
                                           NULL, NULL, &category))
            continue;
        if (!found || atoi(found) != code) continue;
        bool grads = category && strcmp(category, "angular") == 0 && unit && strcmp(unit, "degree") != 0;
        return grads ? value * factor * 180.0 / BS_PI : value;
    }
    return code == SCALE ? 1.0 : 0.0;
}

static const mapping_row *find_row(PJ_CONTEXT *context, const PJ *conversion)
{
    const char *code = NULL;
    if (!conversion || !proj_coordoperation_get_method_info(context, conversion, NULL, NULL, &code) || !code)
        return NULL;
    for (size_t r = 0; r < sizeof MAPPINGS / sizeof MAPPINGS[0]; r++) {
        const mapping_row *row = &MAPPINGS[r];
        if (atoi(code) != row->method) continue;
        if (!row->unit_parameter || parameter_value(context, conversion, row->unit_parameter) == row->neutral)
            return row;
    }
    return NULL;
}

static void add_projection(PJ_CONTEXT *context, const PJ *crs, bs_cf_mapping *m)
{
    PJ *conversion = proj_crs_get_coordoperation(context, crs);
    const mapping_row *row = find_row(context, conversion);
    add_text(m, "grid_mapping_name", row ? row->name : "");
    for (int i = 0; row && i < PARAMETERS_MAX && row->list[i].name; i++) {
        int code = row->list[i].code;
        double value = code == POLE ? copysign(90.0, parameter_value(context, conversion, PARALLEL_POLAR))
                                    : parameter_value(context, conversion, code);
        add_number(m, row->list[i].name, value);
    }
    proj_destroy(conversion);
}

static void add_ellipsoid(PJ_CONTEXT *context, const PJ *crs, bool write, bs_cf_mapping *m)
{
    double inverse_flattening = 0.0;
    PJ *ellipsoid = proj_get_ellipsoid(context, crs);
    if (!ellipsoid) return;
    proj_ellipsoid_get_parameters(context, ellipsoid, &m->semi_major, NULL, NULL, &inverse_flattening);
    proj_destroy(ellipsoid);
    if (!write) return;
    if (inverse_flattening == 0.0) {
        add_number(m, "earth_radius", m->semi_major);
    } else {
        add_number(m, "semi_major_axis", m->semi_major);
        add_number(m, "inverse_flattening", inverse_flattening);
    }
    add_number(m, "longitude_of_prime_meridian", 0.0);
}

/* Programs that take a "proj4" attribute know nothing of PROJ's +type=crs. */
static bs_status add_proj4(PJ_CONTEXT *context, const PJ *crs, bs_cf_mapping *m, bs_err *err)
{
    const char *text = proj_as_proj_string(context, crs, PJ_PROJ_4, NULL);
    if (!text) return BS_OK; /* some systems cannot be written as a PROJ string: crs_wkt then stands alone */
    size_t n = strlen(text) + 1;
    m->proj4 = malloc(n);
    if (!m->proj4) return bs_fail(err, BS_ERR_MEMORY, "grid mapping: out of memory");
    memcpy(m->proj4, text, n);
    char *suffix = strstr(m->proj4, " +type=crs");
    if (suffix) *suffix = '\0';
    add_text(m, "proj4", m->proj4);
    return BS_OK;
}

bs_status bs_cf_mapping_fill(PJ_CONTEXT *context, PJ *crs, bool lonlat, bs_cf_mapping *out, bs_err *err)
{
    if (lonlat) {
        add_text(out, "grid_mapping_name", "latitude_longitude");
    } else {
        add_projection(context, crs, out);
    }
    const char *name = out->attribute[0].text;
    add_ellipsoid(context, crs, name && name[0] != '\0', out);
    if (!(out->semi_major > 0.0)) return bs_fail(err, BS_ERR_INPUT, "grid mapping: the projection has no ellipsoid");
    static const char *const ONE_LINE[] = {"MULTILINE=NO", NULL};
    add_text(out, "crs_wkt", proj_as_wkt(context, crs, PJ_WKT2_2019, ONE_LINE));
    return add_proj4(context, crs, out, err);
}

void bs_cf_mapping_clear(bs_cf_mapping *mapping)
{
    free(mapping->proj4);
    *mapping = (bs_cf_mapping){0};
}
