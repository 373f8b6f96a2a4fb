#include "recipe.h"

#include <math.h>
#include <unistd.h>

#include "fuzz.h"

enum { VALUES_MAX = 1 << 18 };

/* ---- building ---- */

int recipe_dim(recipe *r, const char *name, size_t length)
{
    FUZZ_CHECK(r->n_dims < RECIPE_DIMS, "%s", name);
    snprintf(r->dim[r->n_dims], RECIPE_NAME, "%.63s", name);
    r->length[r->n_dims] = length;
    return r->n_dims++;
}

double *recipe_add(recipe *r, const char *name, nc_type type, const char *dims)
{
    FUZZ_CHECK(r->n_vars < RECIPE_VARS, "%s", name);
    recipe_var *v = &r->var[r->n_vars++];
    *v = (recipe_var){.type = type, .n = 1};
    snprintf(v->name, sizeof v->name, "%s", name);
    for (const char *p = dims; *p;) {
        const size_t n = strcspn(p, " ");
        for (int d = 0; d < r->n_dims; d++)
            if (strlen(r->dim[d]) == n && strncmp(r->dim[d], p, n) == 0) {
                v->dim[v->n_dims++] = d;
                v->n *= r->length[d];
            }
        p += n + (p[n] == ' ');
    }
    v->value = calloc(v->n + 1, sizeof *v->value);
    FUZZ_CHECK(v->value, "no memory");
    return v->value;
}

static recipe_var *var_named(recipe *r, const char *name)
{
    for (int v = 0; name && v < r->n_vars; v++)
        if (strcmp(r->var[v].name, name) == 0) return &r->var[v];
    return NULL;
}

/* Attribute of that name, made where it is not there; NULL: no room. */
static recipe_att *att_of(recipe *r, recipe_var *v, const char *name)
{
    recipe_att *list = v ? v->att : r->att;
    int *n = v ? &v->n_atts : &r->n_atts;
    for (int a = 0; a < *n; a++)
        if (strcmp(list[a].name, name) == 0) return &list[a];
    if (*n == RECIPE_ATTS) return NULL;
    recipe_att *made = &list[(*n)++];
    *made = (recipe_att){.type = NC_CHAR};
    snprintf(made->name, sizeof made->name, "%s", name);
    return made;
}

void recipe_text(recipe *r, const char *var, const char *name, const char *words)
{
    recipe_att *a = att_of(r, var_named(r, var), name);
    if (a) snprintf(a->words, sizeof a->words, "%s", words);
}

void recipe_number(recipe *r, const char *var, const char *name, double number)
{
    recipe_att *a = att_of(r, var_named(r, var), name);
    if (!a) return;
    a->type = NC_DOUBLE;
    a->n = 1;
    a->number[0] = number;
}

static void load_atts(int id, int var, int count, recipe_att *list, int *n)
{
    for (int a = 0; a < count && *n < RECIPE_ATTS; a++) {
        recipe_att *to = &list[*n];
        char name[NC_MAX_NAME + 1];
        size_t length;
        *to = (recipe_att){.type = NC_CHAR};
        if (nc_inq_attname(id, var, a, name) != NC_NOERR || nc_inq_att(id, var, name, &to->type, &length) != NC_NOERR)
            continue;
        snprintf(to->name, sizeof to->name, "%.63s", name);
        char *words = calloc(length + 1, 1);
        FUZZ_CHECK(words, "no memory");
        if (to->type == NC_CHAR && nc_get_att_text(id, var, name, words) == NC_NOERR) {
            snprintf(to->words, sizeof to->words, "%.255s", words);
            ++*n;
        } else if (to->type != NC_CHAR && length <= RECIPE_NUMBERS &&
                   nc_get_att_double(id, var, name, to->number) == NC_NOERR) {
            to->n = (int)length;
            ++*n;
        }
        free(words);
    }
}

void recipe_load(recipe *r, const char *path)
{
    int id, n_dims, n_vars, n_atts;
    *r = (recipe){.format = 3, .kept = 1.0};
    FUZZ_CHECK(nc_open(path, NC_NOWRITE, &id) == NC_NOERR && nc_inq(id, &n_dims, &n_vars, &n_atts, NULL) == NC_NOERR,
               "%s", path);
    for (int d = 0; d < n_dims; d++) {
        char name[NC_MAX_NAME + 1];
        size_t length;
        FUZZ_CHECK(nc_inq_dim(id, d, name, &length) == NC_NOERR, "dimension %d", d);
        recipe_dim(r, name, length);
    }
    for (int n = 0; n < n_vars; n++) {
        recipe_var v = {.n = 1};
        char name[NC_MAX_NAME + 1];
        int count;
        FUZZ_CHECK(nc_inq_var(id, n, name, &v.type, &v.n_dims, v.dim, &count) == NC_NOERR && r->n_vars < RECIPE_VARS,
                   "variable %d", n);
        snprintf(v.name, sizeof v.name, "%.63s", name);
        for (int d = 0; d < v.n_dims; d++) v.n *= r->length[v.dim[d]];
        load_atts(id, n, count, v.att, &v.n_atts);
        v.value = calloc(v.n + 1, sizeof *v.value);
        FUZZ_CHECK(v.value, "no memory");
        if (v.type != NC_CHAR && v.type != NC_STRING) nc_get_var_double(id, n, v.value);
        r->var[r->n_vars++] = v;
    }
    load_atts(id, NC_GLOBAL, n_atts, r->att, &r->n_atts);
    nc_close(id);
}

void recipe_free(recipe *r)
{
    for (int v = 0; v < r->n_vars; v++) free(r->var[v].value);
    r->n_vars = 0;
}

void recipe_copy(recipe *to, const recipe *from)
{
    recipe_free(to);
    *to = *from;
    for (int v = 0; v < to->n_vars; v++) {
        to->var[v].value = malloc((from->var[v].n + 1) * sizeof(double));
        FUZZ_CHECK(to->var[v].value, "no memory");
        memcpy(to->var[v].value, from->var[v].value, from->var[v].n * sizeof(double));
    }
}

/* ---- spoiling ---- */

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
    recipe_att *a = att_of(r, of, name);
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

/* ---- writing ---- */

static bool put_atts(int id, int var, const recipe_att *list, int n)
{
    for (int a = 0; a < n; a++) {
        const char *one = list[a].words;
        if (list[a].type == NC_CHAR) {
            if (nc_put_att_text(id, var, list[a].name, strlen(one), one) != NC_NOERR) return false;
        } else if (list[a].type == NC_STRING) {
            nc_put_att_string(id, var, list[a].name, 1, &one); /* netCDF-4 alone */
        } else {
            nc_put_att_double(id, var, list[a].name, list[a].type, (size_t)list[a].n,
                              list[a].number); /* may not fit: left out */
        }
    }
    return true;
}

static bool put_values(int id, int var, const recipe *r, const recipe_var *v)
{
    size_t n = 1, count[RECIPE_VAR_DIMS], start[RECIPE_VAR_DIMS] = {0};
    for (int d = 0; d < v->n_dims; d++) {
        count[d] = r->length[v->dim[d]] ? r->length[v->dim[d]] : 2;
        n *= count[d];
    }
    if (n > VALUES_MAX || v->n == 0) return n <= VALUES_MAX;
    double *values = malloc((n + 1) * sizeof *values);
    FUZZ_CHECK(values, "no memory");
    for (size_t k = 0; k < n; k++) values[k] = v->value[k % v->n];
    if (v->type != NC_CHAR && v->type != NC_STRING)
        nc_put_vara_double(id, var, start, count, values); /* out of range: as it comes */
    free(values);
    return true;
}

static bool write_whole(const recipe *r, int id)
{
    int dim[RECIPE_DIMS], var[RECIPE_VARS], unused;
    for (int d = 0; d < r->n_dims; d++)
        if (nc_def_dim(id, r->dim[d], r->length[d], &dim[d]) != NC_NOERR) return false;
    for (int v = 0; v < r->n_vars; v++) {
        int ids[RECIPE_VAR_DIMS];
        size_t n = 1;
        for (int d = 0; d < r->var[v].n_dims; d++) {
            ids[d] = dim[r->var[v].dim[d]];
            n *= r->length[r->var[v].dim[d]] ? r->length[r->var[v].dim[d]] : 2;
        }
        const nc_type type = r->var[v].type == NC_STRING ? NC_CHAR : r->var[v].type;
        if (n > VALUES_MAX || nc_def_var(id, r->var[v].name, type, r->var[v].n_dims, ids, &var[v]) != NC_NOERR)
            return false;
        if (!put_atts(id, var[v], r->var[v].att, r->var[v].n_atts)) return false;
    }
    if (!put_atts(id, NC_GLOBAL, r->att, r->n_atts)) return false;
    if (nc_set_fill(id, NC_NOFILL, &unused) != NC_NOERR || nc_enddef(id) != NC_NOERR) return false;
    for (int v = 0; v < r->n_vars; v++)
        if (!put_values(id, var[v], r, &r->var[v])) return false;
    return true;
}

static void damage(const recipe *r, const char *path)
{
    FILE *f = fopen(path, "r+b");
    FUZZ_CHECK(f && fseek(f, 0, SEEK_END) == 0, "%s", path);
    const long length = ftell(f);
    for (int k = 0; k < 4; k++) {
        if (!r->flip[k][1]) continue;
        const long at = (long)((double)length * r->flip[k][0] / 1024);
        fseek(f, at, SEEK_SET);
        const int byte = fgetc(f);
        fseek(f, at, SEEK_SET);
        if (byte != EOF) fputc(byte ^ r->flip[k][1], f);
    }
    fclose(f);
    if (r->kept < 1.0) FUZZ_CHECK(truncate(path, (long)((double)length * r->kept)) == 0, "%s", path);
}

bool recipe_write(const recipe *r, const char *path)
{
    static const int FORMAT[] = {0, NC_64BIT_OFFSET, NC_64BIT_DATA, NC_NETCDF4};
    int id;
    remove(path);
    if (nc_create(path, NC_CLOBBER | FORMAT[r->format], &id) != NC_NOERR) return false;
    const bool good = write_whole(r, id);
    if (!good) {
        nc_abort(id);
        return false;
    }
    if (nc_close(id) != NC_NOERR) return false;
    /* Flipped bits of HDF5 try HDF5, not us. */
    if (r->format != 3 || r->kept < 1.0) damage(r, path);
    return true;
}
