/* bashu_verify - measures the model's numerics against published figures, reference tables and exact answers.
 *   bashu_verify [--reference DIR] [GROUP ...]      groups: plane sphere conservation column velocity plume rise modes terrain;
 *                                               all when none
 * Lines of JSON on standard output. Status 0 when all could be measured, whatever was met; 1 not; 2 bad usage. */
#include "tests/verification/verify.h"

#include <string.h>

#include "kernels/advection/sweep.h"

typedef struct target {
    const char *problem, *scheme, *quantity, *relation;
    double value;
} target;

static const target TARGETS[] = {
#define VERIFY_TARGET(problem, scheme, quantity, relation, single, twice)                                              \
    {problem, scheme, quantity, relation, BS_DOUBLE ? twice : single},
#include "tests/verification/targets.def"
#undef VERIFY_TARGET
};

static int is_positive(const char *scheme)
{
    for (int s = 0; s < BS_SCHEME_COUNT; s++) {
        const bs_scheme_row *row = bs_scheme_at((bs_scheme)s);
        if (strcmp(row->name, scheme) == 0) return row->positive;
    }
    return 0;
}

static const target *target_of(const char *problem, const char *scheme, const char *quantity)
{
    for (size_t n = 0; n < sizeof TARGETS / sizeof *TARGETS; n++) {
        const target *t = &TARGETS[n];
        const int all = strcmp(t->scheme, "*") == 0 || (strcmp(t->scheme, "+") == 0 && is_positive(scheme));
        const size_t part = strcspn(t->problem, "*");
        if (strncmp(t->problem, problem, part) == 0 && (t->problem[part] || !problem[part]) &&
            strcmp(t->quantity, quantity) == 0 && (all || strcmp(t->scheme, scheme) == 0))
            return t;
    }
    return NULL;
}

static void head(const verify *v, const char *kind, const char *problem, const char *scheme)
{
    fprintf(v->out, "{\"kind\": \"%s\", \"precision\": \"%s\", \"problem\": \"%s\", \"scheme\": \"%s\"", kind,
            BS_REAL_NAME, problem, scheme);
}

void verify_value(const verify *v, const char *problem, const char *scheme, const char *quantity, double value)
{
    const target *t = target_of(problem, scheme, quantity);
    head(v, "value", problem, scheme);
    fprintf(v->out, ", \"quantity\": \"%s\", \"value\": %.6g", quantity, value);
    if (t) {
        const int met = t->relation[0] == '<' ? value <= t->value : value >= t->value;
        fprintf(v->out, ", \"relation\": \"%s\", \"target\": %.6g, \"met\": %s", t->relation, t->value,
                met ? "true" : "false");
    }
    fputs("}\n", v->out);
}

static void list(FILE *out, const char *name, int n, const double *x)
{
    fprintf(out, ", \"%s\": [", name);
    for (int i = 0; i < n; i++) fprintf(out, "%s%.9g", i ? ", " : "", x[i]);
    fputc(']', out);
}

void verify_series(const verify *v, const char *problem, const char *scheme, const char *name, int n, const double *x,
                   const double *y)
{
    head(v, "series", problem, scheme);
    fprintf(v->out, ", \"name\": \"%s\"", name);
    list(v->out, "x", n, x);
    list(v->out, "y", n, y);
    fputs("}\n", v->out);
}

void verify_field(const verify *v, const char *problem, const char *scheme, int n, const real *q)
{
    head(v, "field", problem, scheme);
    fprintf(v->out, ", \"n\": %d, \"q\": [", n);
    for (int c = 0; c < n * n; c++) fprintf(v->out, "%s%.4g", c ? "," : "", (double)q[c]);
    fputs("]}\n", v->out);
}

FILE *verify_open(const verify *v, const char *problem, const char *file)
{
    char path[4096];
    FILE *f = NULL;
    if (v->reference && snprintf(path, sizeof path, "%s/%s", v->reference, file) < (int)sizeof path)
        f = fopen(path, "r");
    if (!f) {
        head(v, "absent", problem, "");
        fprintf(v->out, ", \"file\": \"%s\"}\n", file);
    }
    return f;
}

double verify_random(unsigned long long *state)
{
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return (double)(*state >> 11) / 9007199254740992.0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(const verify *);
    } groups[] = {{"plane", verify_plane},   {"sphere", verify_sphere},     {"conservation", verify_conservation},
                  {"column", verify_column}, {"velocity", verify_velocity}, {"plume", verify_plume},
                  {"rise", verify_rise},     {"terrain", verify_terrain},   {"modes", verify_modes}};
    enum { GROUPS = sizeof groups / sizeof *groups };
    verify v = {.out = stdout};
    int wanted[GROUPS] = {0}, any = 0;
    for (int a = 1; a < argc; a++) {
        int known = 0;
        if (strcmp(argv[a], "--reference") == 0 && a + 1 < argc) {
            v.reference = argv[++a];
            continue;
        }
        for (int g = 0; g < GROUPS; g++)
            if (strcmp(argv[a], groups[g].name) == 0) known = wanted[g] = any = 1;
        if (!known) {
            fprintf(stderr,
                    "bashu_verify: '%s' is no group; [--reference DIR] "
                    "[plane|sphere|conservation|column|velocity|plume|rise|modes|terrain ...]\n",
                    argv[a]);
            return 2;
        }
    }
    for (int g = 0; g < GROUPS; g++) {
        if ((any && !wanted[g]) || groups[g].run(&v) == 0) continue;
        fprintf(stderr, "bashu_verify: %s: no memory, or a table that cannot be read\n", groups[g].name);
        return 1;
    }
    return fflush(stdout) ? 1 : 0;
}
