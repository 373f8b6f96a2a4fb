#include "recipe.h"

#include "fuzz.h"

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

recipe_att *recipe_att_of(recipe *r, recipe_var *v, const char *name)
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
    recipe_att *a = recipe_att_of(r, var_named(r, var), name);
    if (a) snprintf(a->words, sizeof a->words, "%s", words);
}

void recipe_number(recipe *r, const char *var, const char *name, double number)
{
    recipe_att *a = recipe_att_of(r, var_named(r, var), name);
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
