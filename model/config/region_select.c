/* Regions by a word of a case or plan (geojson.h). */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/config/config.h"
#include "model/config/geojson.h"

typedef struct alias {
    const char *alias, *name;
} alias;

static const alias ALIASES[] = {
#define BS_REGION_ALIAS(word, name) {word, name},
#include "model/config/region_alias.def"
#undef BS_REGION_ALIAS
};
enum { N_ALIASES = sizeof ALIASES / sizeof ALIASES[0] };

enum { LISTED_MAX = 12 };

/* Whether `key`, not empty, is that property. */
static bool is(const char *property, const char *key)
{
    return strcmp(property, key) == 0;
}

static bool names_region(const bs_region *r, const char *key)
{
    return is(r->adcode, key) || is(r->name, key) || strcasecmp(r->name_en, key) == 0;
}

static bool names_family(const bs_region *r, const char *key)
{
    return is(r->group, key);
}

static bool names_province(const bs_region *r, const char *key)
{
    return is(r->province, key) || is(r->province_name, key);
}

/* Returns how many regions the key names. chosen may be NULL: count alone. */
static int choose(const bs_region_set *set, const char *key, bool names(const bs_region *, const char *), bool *chosen)
{
    int found = 0;
    for (int r = 0; r < set->n; r++) {
        if (!names(&set->region[r], key)) continue;
        if (chosen) chosen[r] = true;
        found++;
    }
    return found;
}

/* A family or province. */
static bool choose_many(const bs_region_set *set, const char *key, bool *chosen)
{
    return choose(set, key, names_family, chosen) || choose(set, key, names_province, chosen);
}

const char *bs_region_unalias(const char *key)
{
    for (int a = 0; a < N_ALIASES; a++)
        if (strcasecmp(ALIASES[a].alias, key) == 0) return ALIASES[a].name;
    return NULL;
}

const char *bs_region_alias(const char *name)
{
    for (int a = 0; a < N_ALIASES; a++)
        if (is(ALIASES[a].name, name)) return ALIASES[a].alias;
    return NULL;
}

/* The words that the set knows, without empty ones; a word may come twice. Returns their number. */
static int collect_words(const bs_region_set *set, const char **words)
{
    int n = 0;
    words[n++] = "all";
    words[n++] = "elsewhere";
    for (int r = 0; r < set->n; r++)
        if (*set->region[r].group)
            words[n++] = set->region[r].group; /* first: of words that are as near, the first wins */
    for (int r = 0; r < set->n; r++) {
        const bs_region *g = &set->region[r];
        const char *const all[] = {g->adcode, g->name, g->name_en, g->province, g->province_name};
        for (size_t k = 0; k < sizeof all / sizeof all[0]; k++)
            if (*all[k]) words[n++] = all[k];
    }
    for (int a = 0; a < N_ALIASES; a++) words[n++] = ALIASES[a].alias;
    return n;
}

/* A line of the message: each distinct value of a property, the first LISTED_MAX of them. */
static void list_property(const bs_region_set *set, const char *title, size_t offset, bs_err *err)
{
    char line[512];
    int listed = 0;
    size_t used = (size_t)snprintf(line, sizeof line, "  %s:", title);
    for (int r = 0; r < set->n; r++) {
        const char *word = (const char *)&set->region[r] + offset;
        bool seen = !*word;
        for (int s = 0; s < r && !seen; s++) seen = is((const char *)&set->region[s] + offset, word);
        if (seen) continue;
        const bool more = listed == LISTED_MAX || used + strlen(word) + 8 > sizeof line;
        used += (size_t)snprintf(line + used, sizeof line - used, "%s %s", listed ? "," : "", more ? "..." : word);
        if (more) break;
        listed++;
    }
    if (listed) bs_err_add(err, "%s", line);
}

/* The shortest word that the key begins ("成都": 成都市 rather than 成都平原), else the one at the least distance: letters are counted in bytes, and a Chinese one has three. */
static const char *nearest_word(const char *key, int n, const char *const *words)
{
    const char *begun = NULL;
    for (int w = 0; w < n && *key; w++)
        if (strncmp(words[w], key, strlen(key)) == 0 && (!begun || strlen(words[w]) < strlen(begun))) begun = words[w];
    return begun ? begun : bs_nearest_word(key, n, words);
}

static bs_status fail(const bs_region_set *set, const char *key, const char *where, bs_err *err)
{
    const char **words = malloc(((size_t)set->n * 6 + N_ALIASES + 2) * sizeof *words);
    if (!words) return bs_fail(err, BS_ERR_MEMORY, "out of memory for the names of regions");
    const char *nearest = nearest_word(key, collect_words(set, words), words);
    bs_fail(err, BS_ERR_INPUT, "%s: error: '%.80s' names no region%s%s%s", where, key,
            nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
    bs_err_add(err, "  expected an adcode, name or English name of one of the %d regions, or one of these:", set->n);
    list_property(set, "family", offsetof(bs_region, group), err);
    list_property(set, "province", offsetof(bs_region, province), err);
    bs_err_add(err, "  every region: all; what lies in no polygon: elsewhere");
    free(words);
    return BS_ERR_INPUT;
}

bs_status bs_regions_select(const bs_region_set *set, const char *key, const char *where, bool *chosen, bs_err *err)
{
    if (is(key, "elsewhere")) {
        chosen[set->n] = true;
        return BS_OK;
    }
    if (is(key, "all")) {
        for (int r = 0; r < set->n; r++) chosen[r] = true;
        return BS_OK;
    }
    if (!*key) return fail(set, key, where, err);
    const int found = choose(set, key, names_region, NULL);
    if (found > 1)
        return bs_fail(err, BS_ERR_INPUT, "%s: error: '%.80s' is the name of %d regions; give the adcode instead",
                       where, key, found);
    if (found == 1) {
        choose(set, key, names_region, chosen);
        return BS_OK;
    }
    const char *name = bs_region_unalias(key);
    if (choose_many(set, key, chosen) || (name && choose_many(set, name, chosen))) return BS_OK;
    return fail(set, key, where, err);
}
