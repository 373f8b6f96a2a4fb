#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels/base/check.h"
#include "model/config/config_internal.h"

const bs_value *bs_config_find(const bs_config *config, const char *path)
{
    for (const bs_value *v = config->first; v; v = v->next) {
        if (strcmp(v->path, path) == 0) return v;
    }
    return NULL;
}

/* The row at a path: NULL when an index is beyond the list, or nothing was given. A path that is no row of that type is
 * the programmer's mistake. */
static const bs_value *row(const bs_config *c, const char *path, unsigned types)
{
    const bs_schema *schema = bs_schema_find(c->schema, path);
    bool fits = schema && schema->option && (types & 1u << schema->option->type);
    bs_assert(fits && "no row of this type at this path");
    const bs_value *value = fits ? bs_config_find(c, path) : NULL;
    return value && value->has ? value : NULL;
}

bool bs_config_has(const bs_config *c, const char *path)
{
    return row(c, path, ~0u) != NULL;
}

long bs_config_int(const bs_config *c, const char *path)
{
    const bs_value *v = row(c, path, 1u << BS_OPT_INT);
    return v ? v->integer : 0;
}

double bs_config_real(const bs_config *c, const char *path)
{
    const bs_value *v = row(c, path, 1u << BS_OPT_REAL);
    return v ? v->real : NAN;
}

bool bs_config_bool(const bs_config *c, const char *path)
{
    const bs_value *v = row(c, path, 1u << BS_OPT_BOOL);
    return v && v->integer;
}

bs_time bs_config_time(const bs_config *c, const char *path)
{
    const bs_value *v = row(c, path, 1u << BS_OPT_TIME);
    return v ? v->time : INT64_MIN;
}

const char *bs_config_text(const bs_config *c, const char *path)
{
    const bs_value *v = row(c, path, 1u << BS_OPT_TEXT | 1u << BS_OPT_CHOICE | 1u << BS_OPT_FILE);
    return v ? v->text : NULL;
}

int bs_config_choice(const bs_config *c, const char *path)
{
    const bs_value *v = row(c, path, 1u << BS_OPT_CHOICE);
    return v ? (int)v->integer : -1;
}

static const unsigned COUNTED =
    1u << BS_OPT_FILES | 1u << BS_OPT_REALS | 1u << BS_OPT_TEXTS | 1u << BS_OPT_LIST | 1u << BS_OPT_MAP;

int bs_config_count(const bs_config *c, const char *path)
{
    const bs_value *v = row(c, path, COUNTED);
    return v ? v->n : 0;
}

static const bs_value *row_at(const bs_config *c, const char *path, unsigned types, int n)
{
    const bs_value *v = row(c, path, types);
    bool inside = v && n >= 0 && n < v->n;
    bs_assert(inside && "index beyond bs_config_count");
    return inside ? v : NULL;
}

const char *bs_config_text_at(const bs_config *c, const char *path, int n)
{
    const bs_value *v = row_at(c, path, 1u << BS_OPT_FILES | 1u << BS_OPT_TEXTS, n);
    return v ? v->texts[n] : NULL;
}

double bs_config_real_at(const bs_config *c, const char *path, int n)
{
    const bs_value *v = row_at(c, path, 1u << BS_OPT_REALS, n);
    return v ? v->reals[n] : NAN;
}

const char *bs_config_key_at(const bs_config *c, const char *path, int n)
{
    const bs_value *v = row_at(c, path, 1u << BS_OPT_MAP, n);
    return v ? v->texts[n] : NULL;
}

const char *bs_config_where(const bs_config *c, const char *path)
{
    bs_assert(bs_schema_find(c->schema, path) && "no row or section at this path");
    const bs_value *v = bs_config_find(c, path);
    return v ? v->where : c->file;
}
