/* recipe.h - a small netCDF file in memory, spoilt step by step as the bytes of an input say, and written.
 *
 * libFuzzer on the bytes of a netCDF file would try the library more than us. So an input is a recipe: what it changes are dimensions, their
 * order, names, types, attributes, units, missing values, times, and the length of the file that is left. */
#ifndef BS_TESTS_FUZZ_RECIPE_H
#define BS_TESTS_FUZZ_RECIPE_H

#include <netcdf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RECIPE_NAME = 64,
    RECIPE_WORDS = 256,
    RECIPE_DIMS = 24,
    RECIPE_VARS = 64,
    RECIPE_ATTS = 20,
    RECIPE_VAR_DIMS = 7,
    RECIPE_NUMBERS = 8
};

typedef struct recipe_att {
    char name[RECIPE_NAME];
    nc_type type; /* NC_CHAR: words; NC_STRING: words as one string; else numbers */
    char words[RECIPE_WORDS];
    int n;
    double number[RECIPE_NUMBERS];
} recipe_att;

typedef struct recipe_var {
    char name[RECIPE_NAME];
    nc_type type;
    int n_dims, dim[RECIPE_VAR_DIMS];
    int n_atts;
    recipe_att att[RECIPE_ATTS];
    size_t n; /* values there are (of NC_CHAR: codes); when dimensions ask for more, they begin again */
    double *value;
} recipe_var;

typedef struct recipe {
    int n_dims;
    char dim[RECIPE_DIMS][RECIPE_NAME];
    size_t length[RECIPE_DIMS]; /* 0: unlimited, as long as the first variable along it needs */
    int n_vars;
    recipe_var var[RECIPE_VARS];
    int n_atts;
    recipe_att att[RECIPE_ATTS];
    int format;     /* 0 classic, 1 64-bit offset, 2 CDF-5, 3 netCDF-4 */
    double kept;    /* share of the file's bytes that stay; 1: all */
    int flip[4][2]; /* place (promille of the length) and bits of bytes that are flipped; 0: none */
} recipe;

/* ---- building ---- */
int recipe_dim(recipe *r, const char *name, size_t length);
/* dims: names separated by blanks. Values are zeros; returned for filling. */
double *recipe_add(recipe *r, const char *name, nc_type type, const char *dims);
void recipe_text(recipe *r, const char *var, const char *name, const char *words); /* var NULL: global */
void recipe_number(recipe *r, const char *var, const char *name, double number);
/* Attribute of that name (v NULL: global), made where it is not there; NULL: no room. */
recipe_att *recipe_att_of(recipe *r, recipe_var *v, const char *name);
/* Reads a netCDF file whole. */
void recipe_load(recipe *r, const char *path);
void recipe_copy(recipe *to, const recipe *from); /* frees what `to` held */
void recipe_free(recipe *r);

/* ---- spoiling and writing ---- */
void recipe_spoil(recipe *r, const uint8_t *data, size_t size);
/* False where netCDF itself would not write such a file. */
bool recipe_write(const recipe *r, const char *path);

/* ---- recipe_bases.c: sound files, by reader ---- */
void recipe_weather(recipe *r);
void recipe_terrain(recipe *r);
void recipe_inventory(recipe *r);
void recipe_proxy(recipe *r);
void recipe_nest(recipe *r);

/* ---- recipe_sources.c: likewise, of raw weather and mapped inventories ---- */
void recipe_wrf(recipe *r);
void recipe_model_levels(recipe *r);
void recipe_land(recipe *r);
void recipe_wind10(recipe *r);
void recipe_mapped(recipe *r);

#endif
