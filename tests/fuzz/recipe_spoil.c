/* What the bytes of an input do to a file. */
#include "recipe.h"

#include <math.h>

#include "fuzz.h"

typedef struct bytes {
    const uint8_t *p;
    size_t left;
} bytes;

static int take(bytes *b)
{
    if (b->left == 0) return 0;
    b->left--;
    return *b->p++;
}

static const char *const NAMES[] = {"lon",
                                    "lat",
                                    "longitude",
                                    "latitude",
                                    "level",
                                    "plev",
                                    "pressure_level",
                                    "isobaric",
                                    "time",
                                    "valid_time",
                                    "u",
                                    "v",
                                    "t",
                                    "q",
                                    "r",
                                    "w",
                                    "sp",
                                    "z",
                                    "height",
                                    "p",
                                    "pm25",
                                    "lev",
                                    "x",
                                    "y",
                                    "lon_bnds",
                                    "lat_bnds",
                                    "time_bnds",
                                    "bnds",
                                    "number",
                                    "expver",
                                    "q_pm25",
                                    "layer_top_height",
                                    "t2m",
                                    "u10",
                                    "no",
                                    "a b",
                                    "\xE6\x88\x90"};
static const char *const ATTS[] = {"units",
                                   "standard_name",
                                   "axis",
                                   "bounds",
                                   "calendar",
                                   "_FillValue",
                                   "missing_value",
                                   "scale_factor",
                                   "add_offset",
                                   "valid_range",
                                   "valid_min",
                                   "valid_max",
                                   "_Unsigned",
                                   "positive",
                                   "coordinates",
                                   "source",
                                   "proj4",
                                   "nx",
                                   "ny",
                                   "dx",
                                   "dy",
                                   "x0",
                                   "y0",
                                   "rounding",
                                   "long_name",
                                   "key",
                                   "assumed"};
static const char *const WORDS[] = {"",
                                    "m s-1",
                                    "m s**-1",
                                    "K",
                                    "degC",
                                    "Pa",
                                    "hPa",
                                    "millibars",
                                    "kg kg-1",
                                    "g kg-1",
                                    "%",
                                    "1",
                                    "m",
                                    "km",
                                    "m**2 s**-2",
                                    "gpm",
                                    "kg m-2 s-1",
                                    "Gg year-1",
                                    "kg m-2",
                                    "t",
                                    "ug m-2 s-1",
                                    "mol m-2 s-1",
                                    "hours since 2020-01-01",
                                    "days since 1900-01-01",
                                    "seconds since 1970-01-01",
                                    "months since 2020-01-01",
                                    "hours since 0001-01-01",
                                    "days since 2020-13-01",
                                    "hours since",
                                    "standard",
                                    "gregorian",
                                    "proleptic_gregorian",
                                    "noleap",
                                    "360_day",
                                    "julian",
                                    "none",
                                    "true",
                                    "false",
                                    "longitude",
                                    "latitude",
                                    "air_pressure",
                                    "time",
                                    "projection_x_coordinate",
                                    "X",
                                    "Y",
                                    "Z",
                                    "T",
                                    "degrees_north",
                                    "degrees_east",
                                    "degrees",
                                    "degree_north",
                                    "radians",
                                    "lon_bnds",
                                    "lat_bnds",
                                    "time_bnds",
                                    "up",
                                    "down",
                                    "ug kg-1",
                                    "bashu 0.1.0",
                                    "+proj=longlat +R=6370000",
                                    "+proj=lcc +lat_1=30 +lat_0=30 +lon_0=104",
                                    "+proj=nothing",
                                    "\x1b[31mred",
                                    "\xff\xfe",
                                    "lg(re 1 mW)",
                                    "K @ 273.15"};
static const double NUMBERS[] = {0,    1,    -1,     2,     0.5,  90,         -90,          180,  360,
                                 -180, 1e30, -1e30,  1e300, 1e36, 9.96921e36, -32767,       -999, 1e-30,
                                 100,  1000, 100000, 50000, 1e10, -9999,      2147483647.0, 24,   12,
                                 744,  1e15, 3600,   104,   30,   0.25,       1e5,          6,    9.969209968386869e36,
                                 65535};
#define COUNT(list) (int)(sizeof list / sizeof *list)

static double number_of(bytes *b)
{
    const int n = take(b) % (COUNT(NUMBERS) + 4);
    if (n == COUNT(NUMBERS)) return NAN;
    if (n == COUNT(NUMBERS) + 1) return INFINITY;
    if (n == COUNT(NUMBERS) + 2) return take(b) - 128;
    return n < COUNT(NUMBERS) ? NUMBERS[n] : take(b) * 256.0 + take(b);
}

static void spoil_shape(recipe *r, recipe_var *v, int what, bytes *b)
{
    const int d = r->n_dims ? take(b) % r->n_dims : 0;
    switch (what) {
    case 0:
        if (v->n_dims > 1) {
            const int i = take(b) % v->n_dims, j = take(b) % v->n_dims, kept = v->dim[i];
            v->dim[i] = v->dim[j];
            v->dim[j] = kept;
        }
        break;
    case 1:
        if (v->n_dims > 0) v->n_dims--;
        break;
    case 2:
        if (v->n_dims < RECIPE_VAR_DIMS && r->n_dims) v->dim[v->n_dims++] = d;
        break;
    case 3:
        if (v->n_dims < RECIPE_VAR_DIMS && r->n_dims) {
            memmove(v->dim + 1, v->dim, (size_t)v->n_dims * sizeof *v->dim);
            v->dim[0] = d;
            v->n_dims++;
        }
        break;
    case 4:
        if (v->n_dims && r->n_dims) v->dim[take(b) % v->n_dims] = d;
        break;
    case 5:
        if (r->n_dims) r->length[d] = (size_t)(take(b) % 40);
        break;
    case 6:
        if (r->n_dims) snprintf(r->dim[d], RECIPE_NAME, "%s", NAMES[take(b) % COUNT(NAMES)]);
        break;
    default:
        if (r->n_dims < RECIPE_DIMS) recipe_dim(r, NAMES[take(b) % COUNT(NAMES)], (size_t)(take(b) % 40));
        break;
    }
}

static void spoil_attribute(recipe *r, recipe_var *v, int what, bytes *b)
{
    recipe_var *of = take(b) % 8 ? v : NULL;
    const char *name = ATTS[take(b) % COUNT(ATTS)];
    recipe_att *a = recipe_att_of(r, of, name);
    if (!a) return;
    switch (what) {
    case 0:
        a->type = take(b) % 8 ? NC_CHAR : NC_STRING;
        snprintf(a->words, sizeof a->words, "%s", WORDS[take(b) % COUNT(WORDS)]);
        break;
    case 1:
        a->type = NC_CHAR;
        memset(a->words, 0, sizeof a->words);
        for (int n = take(b) % 64, k = 0; k < n; k++) a->words[k] = (char)take(b);
        break;
    case 2: {
        static const nc_type TYPES[] = {NC_DOUBLE, NC_FLOAT, NC_INT, NC_SHORT, NC_BYTE};
        a->type = TYPES[take(b) % COUNT(TYPES)];
        a->n = take(b) % (RECIPE_NUMBERS + 1);
        for (int k = 0; k < a->n; k++) a->number[k] = number_of(b);
        break;
    }
    default: { /* taken away */
        recipe_att *list = of ? of->att : r->att;
        int *n = of ? &of->n_atts : &r->n_atts;
        *a = list[--*n];
        break;
    }
    }
}

static void spoil_values(recipe_var *v, int what, bytes *b)
{
    if (v->n == 0) return;
    const size_t at = ((size_t)take(b) * 256 + (size_t)take(b)) % v->n;
    const double x = number_of(b);
    switch (what) {
    case 0:
        v->value[at] = x;
        break;
    case 1:
        v->value[at] = v->value[(size_t)take(b) % v->n];
        break;
    case 2:
        for (size_t n = 0; n < v->n; n++) v->value[n] = x;
        break;
    case 3:
        for (size_t n = 0; n < v->n; n++) v->value[n] += x;
        break;
    case 4:
        for (size_t n = 0; n < v->n; n++) v->value[n] *= x;
        break;
    default:
        for (size_t n = 0; n < v->n / 2; n++) {
            const double kept = v->value[n];
            v->value[n] = v->value[v->n - 1 - n];
            v->value[v->n - 1 - n] = kept;
        }
        break;
    }
}

static void spoil_file(recipe *r, recipe_var *v, int what, bytes *b)
{
    static const nc_type TYPES[] = {NC_DOUBLE, NC_FLOAT, NC_INT, NC_SHORT, NC_BYTE, NC_CHAR, NC_USHORT, NC_INT64};
    switch (what) {
    case 0:
        v->type = TYPES[take(b) % COUNT(TYPES)];
        break;
    case 1:
        snprintf(v->name, sizeof v->name, "%s", NAMES[take(b) % COUNT(NAMES)]);
        break;
    case 2:
        free(v->value);
        *v = r->var[--r->n_vars];
        break;
    case 3:
        r->format = take(b) % 4;
        break;
    case 4:
        r->kept = take(b) / 256.0;
        break;
    default: {
        const int k = take(b) % 4;
        r->flip[k][0] = take(b) * 4;
        r->flip[k][1] = take(b);
        break;
    }
    }
}

void recipe_spoil(recipe *r, const uint8_t *data, size_t size)
{
    bytes b = {data, size};
    for (int steps = 0; b.left > 0 && steps < 40 && r->n_vars > 0; steps++) {
        const int op = take(&b) % 32;
        recipe_var *v = &r->var[take(&b) % r->n_vars];
        if (op < 8) {
            spoil_shape(r, v, op, &b);
        } else if (op < 16) {
            spoil_attribute(r, v, op % 4, &b);
        } else if (op < 26) {
            spoil_values(v, op % 6, &b);
        } else {
            spoil_file(r, v, op - 26, &b);
        }
    }
}
