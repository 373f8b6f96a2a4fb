#include "grids/projection/projection.h"

#include <math.h>
#include <proj.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grids/projection/cf_mapping.h"
#include "kernels/base/constants.h"

enum { MESSAGE_MAX = 512 };

static const double DEG = BS_PI / 180.0;
/* Rounding of a lon-lat axis that is meant to end at the pole; larger excess is an error. */
static const double POLE_SLACK = 1e-9;

struct bs_projection {
    PJ_CONTEXT *context;
    PJ *crs;
    PJ *transform; /* lon, lat degrees -> x, y metres; NULL for longitude-latitude */
    PJ *map;       /* its projection step alone, from radians, which proj_factors wants; NULL likewise */
    bool lonlat;
    double radius;
    char *string;
    bs_cf_mapping cf;
    char message[MESSAGE_MAX]; /* PROJ's first words on what went wrong last */
};

/* The first message names the cause; later ones tell that the caller's caller failed too. */
static void keep_first_message(void *data, int level, const char *text)
{
    char *message = data;
    (void)level;
    if (!message[0]) snprintf(message, MESSAGE_MAX, "%s", text);
}

static const char *proj_words(const bs_projection *p)
{
    if (p->message[0]) return p->message;
    int code = proj_context_errno(p->context);
    return code ? proj_context_errno_string(p->context, code) : "no reason given";
}

/* PROJ takes "+proj=..." for an operation unless it is told that a coordinate reference system is meant. */
static PJ *create_crs(PJ_CONTEXT *context, const char *string)
{
    bool plain = strstr(string, "proj=") && !strstr(string, "type=crs");
    if (!plain) return proj_create(context, string);
    static const char SUFFIX[] = " +type=crs";
    size_t n = strlen(string);
    char *text = malloc(n + sizeof SUFFIX);
    if (!text) return NULL;
    memcpy(text, string, n);
    memcpy(text + n, SUFFIX, sizeof SUFFIX);
    PJ *crs = proj_create(context, text);
    free(text);
    return crs;
}

/* "+towgs84" wraps the system in a transformation to WGS 84, which is not wanted: coordinates stay on their datum. */
static PJ *unwrap_bound(PJ_CONTEXT *context, PJ *crs)
{
    if (!crs || proj_get_type(crs) != PJ_TYPE_BOUND_CRS) return crs;
    PJ *base = proj_get_source_crs(context, crs);
    proj_destroy(crs);
    return base;
}

/* A rotated pole has the type of a geographic system, but its degrees are not longitude and latitude. */
static bool is_derived(const bs_projection *p)
{
    PJ *conversion = proj_crs_get_coordoperation(p->context, p->crs);
    proj_destroy(conversion);
    return conversion != NULL;
}

static bs_status check_type(bs_projection *p, bs_err *err)
{
    PJ_TYPE type = proj_get_type(p->crs);
    p->lonlat = type == PJ_TYPE_GEOGRAPHIC_2D_CRS && !is_derived(p);
    if (p->lonlat || type == PJ_TYPE_PROJECTED_CRS) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "projection '%s': neither a map projection nor a longitude-latitude system; expected something like "
                   "'+proj=lcc +lat_1=.. +lat_2=.. +lat_0=.. +lon_0=.. +R=6370000', '+proj=longlat +R=6370000' or "
                   "'EPSG:32648'",
                   p->string);
}

static bs_status check_units(const bs_projection *p, bs_err *err)
{
    double factor = 0.0;
    const char *unit = "?";
    PJ *axes = proj_crs_get_coordinate_system(p->context, p->crs);
    if (axes) {
        proj_cs_get_axis_info(p->context, axes, 0, NULL, NULL, NULL, &factor, &unit, NULL, NULL);
    }
    double expected = p->lonlat ? DEG : 1.0;
    bs_status status = BS_OK;
    if (!(fabs(factor - expected) < 1e-9 * expected)) {
        status = bs_fail(err, BS_ERR_INPUT, "projection '%s': coordinates are in %s; expected %s: %s", p->string, unit,
                         p->lonlat ? "degrees" : "metres",
                         p->lonlat ? "choose a system in degrees" : "leave out +units or write +units=m");
    }
    proj_destroy(axes);
    return status;
}

static bs_status check_meridian(const bs_projection *p, bs_err *err)
{
    double longitude = 0.0;
    PJ *meridian = proj_get_prime_meridian(p->context, p->crs);
    if (meridian) {
        proj_prime_meridian_get_parameters(p->context, meridian, &longitude, NULL, NULL);
        proj_destroy(meridian);
    }
    if (longitude == 0.0) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "projection '%s': its prime meridian lies at %g degrees; expected Greenwich: leave out +pm",
                   p->string, longitude);
}

static PJ *operation_from_degrees(PJ_CONTEXT *context, const PJ *crs)
{
    PJ *base = proj_crs_get_geodetic_crs(context, crs);
    PJ *steps = base ? proj_create_crs_to_crs_from_pj(context, base, crs, NULL, NULL) : NULL;
    PJ *in_order = steps ? proj_normalize_for_visualization(context, steps) : NULL;
    proj_destroy(steps);
    proj_destroy(base);
    return in_order;
}

/* proj_factors takes the projected system itself too, but then builds an operation anew in each call: 7 ms. */
static PJ *last_step(PJ_CONTEXT *context, const PJ *operation)
{
    static const char MARK[] = "+step ";
    const char *text = operation ? proj_as_proj_string(context, operation, PJ_PROJ_5, NULL) : NULL;
    if (!text) return NULL;
    for (const char *next = strstr(text, MARK); next; next = strstr(text, MARK)) text = next + sizeof MARK - 1;
    return proj_create(context, text);
}

static bs_status set_transform(bs_projection *p, bs_err *err)
{
    if (p->lonlat) return BS_OK;
    p->transform = operation_from_degrees(p->context, p->crs);
    p->map = last_step(p->context, p->transform);
    if (p->transform && p->map) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "projection '%s': PROJ cannot compute it: %s", p->string, proj_words(p));
}

static bs_status set_up(bs_projection *p, bs_err *err)
{
    proj_log_func(p->context, p->message, keep_first_message);
    proj_context_set_enable_network(p->context, 0);
    p->crs = unwrap_bound(p->context, create_crs(p->context, p->string));
    if (!p->crs) {
        return bs_fail(err, BS_ERR_INPUT, "projection '%s': PROJ does not understand it: %s", p->string, proj_words(p));
    }
    BS_TRY(check_type(p, err));
    BS_TRY(check_units(p, err));
    BS_TRY(check_meridian(p, err));
    BS_TRY(set_transform(p, err));
    BS_TRY(bs_cf_mapping_fill(p->context, p->crs, p->lonlat, &p->cf, err));
    p->radius = p->cf.semi_major;
    p->message[0] = '\0';
    return BS_OK;
}

bs_status bs_projection_create(const char *proj_string, bs_projection **out, bs_err *err)
{
    *out = NULL;
    if (!proj_string || !proj_string[0]) {
        return bs_fail(err, BS_ERR_INPUT,
                       "projection: the PROJ string is empty; expected e.g. '+proj=lcc ... +R=6370000'");
    }
    size_t n = strlen(proj_string) + 1;
    bs_projection *p = calloc(1, sizeof *p);
    if (p) p->string = malloc(n);
    if (p) p->context = proj_context_create();
    if (!p || !p->string || !p->context) {
        bs_projection_destroy(p);
        return bs_fail(err, BS_ERR_MEMORY, "projection '%s': out of memory", proj_string);
    }
    memcpy(p->string, proj_string, n);
    bs_status status = set_up(p, err);
    if (status == BS_OK) {
        *out = p;
    } else {
        bs_projection_destroy(p);
    }
    return status;
}

void bs_projection_destroy(bs_projection *p)
{
    if (!p) return;
    bs_cf_mapping_clear(&p->cf);
    proj_destroy(p->map);
    proj_destroy(p->transform);
    proj_destroy(p->crs);
    if (p->context) proj_context_destroy(p->context);
    free(p->string);
    free(p);
}

bool bs_projection_is_lonlat(const bs_projection *p)
{
    return p->lonlat;
}

double bs_projection_radius(const bs_projection *p)
{
    return p->radius;
}

const char *bs_projection_string(const bs_projection *p)
{
    return p->string;
}

const bs_cf_attribute *bs_projection_cf(const bs_projection *p, int *count)
{
    *count = p->cf.count;
    return p->cf.attribute;
}

/* A longitude-latitude mesh uses degrees as they are; only the range of latitude is checked. */
static size_t check_degrees(size_t n, double *lon, double *lat)
{
    size_t bad = 0;
    for (size_t r = 0; r < n; r++) {
        if (isfinite(lon[r]) && fabs(lat[r]) <= 90.0 + POLE_SLACK) {
            if (fabs(lat[r]) > 90.0) lat[r] = copysign(90.0, lat[r]);
        } else {
            lon[r] = lat[r] = HUGE_VAL;
            bad++;
        }
    }
    return bad;
}

static size_t transform(const bs_projection *p, PJ_DIRECTION direction, size_t n, double *a, double *b)
{
    if (p->lonlat) return check_degrees(n, a, b);
    proj_trans_generic(p->transform, direction, a, sizeof *a, n, b, sizeof *b, n, NULL, 0, 0, NULL, 0, 0);
    size_t bad = 0;
    for (size_t r = 0; r < n; r++) {
        if (isfinite(a[r]) && isfinite(b[r])) continue;
        a[r] = b[r] = HUGE_VAL;
        bad++;
    }
    return bad;
}

size_t bs_projection_forward(const bs_projection *p, size_t n, double *lon_x, double *lat_y)
{
    return transform(p, PJ_FWD, n, lon_x, lat_y);
}

size_t bs_projection_inverse(const bs_projection *p, size_t n, double *x_lon, double *y_lat)
{
    return transform(p, PJ_INV, n, x_lon, y_lat);
}

/* With e and n the map images of unit steps eastward and northward on the ground, the ground step that moves by one
 * along grid x solves [e n] s = (1, 0); its length is 1 / along_x. True for any projection, conformal or not. */
static bool factors_from_derivatives(const PJ_FACTORS *f, bs_map_factors *out)
{
    double east_length = hypot(f->dx_dlam, f->dy_dlam);
    double north_length = hypot(f->dx_dphi, f->dy_dphi);
    if (!(east_length > 0.0) || !(north_length > 0.0)) return false;
    double ex = f->dx_dlam / east_length * f->parallel_scale;
    double ey = f->dy_dlam / east_length * f->parallel_scale;
    double nx = f->dx_dphi / north_length * f->meridional_scale;
    double ny = f->dy_dphi / north_length * f->meridional_scale;
    double det = ex * ny - ey * nx;
    if (!(det > 0.0) || !isfinite(det)) return false;
    out->along_x = det / hypot(ny, ey);
    out->along_y = det / hypot(nx, ex);
    out->convergence = atan2(-nx, ny);
    return true;
}

bs_status bs_projection_factors(const bs_projection *p, double lon, double lat, bs_map_factors *out, bs_err *err)
{
    if (p->lonlat) {
        *out = (bs_map_factors){.along_x = 1.0 / cos(lat * DEG), .along_y = 1.0, .convergence = 0.0};
        if (isfinite(lon) && fabs(lat) <= 90.0) return BS_OK;
    } else {
        PJ_COORD point = proj_coord(lon * DEG, lat * DEG, 0.0, 0.0);
        proj_errno_reset(p->map);
        PJ_FACTORS f = proj_factors(p->map, point);
        if (!proj_errno(p->map) && factors_from_derivatives(&f, out)) return BS_OK;
    }
    return bs_fail(
        err, BS_ERR_INPUT,
        "projection '%s': no map factors at longitude %.6f, latitude %.6f: the point lies at a pole or outside "
        "the projection's domain; move the mesh or choose another projection",
        p->string, lon, lat);
}
