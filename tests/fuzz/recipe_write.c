#include "recipe.h"

#include <unistd.h>

#include "fuzz.h"

enum { VALUES_MAX = 1 << 18 };

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
    if (v->type == NC_CHAR) {
        char *text = malloc(n + 1);
        FUZZ_CHECK(text, "no memory");
        for (size_t k = 0; k < n; k++)
            text[k] = values[k] >= 0 && values[k] < 256 ? (char)(unsigned char)values[k] : '?';
        nc_put_vara_text(id, var, start, count, text);
        free(text);
    } else if (v->type != NC_STRING) {
        nc_put_vara_double(id, var, start, count, values); /* out of range: as it comes */
    }
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
