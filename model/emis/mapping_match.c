#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "model/emis/mapping.h"

/* One name being matched with one pattern. */
typedef struct matcher {
    const bs_mapping *mapping;
    bs_mapping_match now, found[2];
    int n; /* ways found, 2: two that differ */
} matcher;

static void match(matcher *m, const char *pattern, const char *name);

static bool same(const bs_mapping_match *a, const bs_mapping_match *b)
{
    return a->species == b->species && a->sector == b->sector && a->code == b->code && a->year == b->year &&
           a->month == b->month;
}

static void match_species(matcher *m, const char *pattern, const char *name)
{
    for (int s = 0; s < m->mapping->n_species; s++) {
        const char *code = m->mapping->species[s].code;
        const size_t n = strlen(code);
        if (strncmp(name, code, n) != 0 || (m->now.species >= 0 && m->now.species != s)) continue;
        const int before = m->now.species;
        m->now.species = s;
        match(m, pattern, name + n);
        m->now.species = before;
    }
}

static void match_sector(matcher *m, const char *pattern, const char *name)
{
    for (int s = 0; s < m->mapping->n_sectors; s++) {
        for (int c = 0; c < m->mapping->sector[s].n_codes; c++) {
            const char *code = m->mapping->sector[s].code[c];
            const size_t n = strlen(code);
            if (strncmp(name, code, n) != 0) continue;
            m->now.sector = s;
            m->now.code = c;
            match(m, pattern, name + n);
            m->now.sector = m->now.code = -1;
        }
    }
}

/* A number of `least` to `most` digits. */
static void match_number(matcher *m, const char *pattern, const char *name, int least, int most, int *out)
{
    int value = 0;
    for (int n = 1; n <= most && isdigit((unsigned char)name[n - 1]); n++) {
        value = 10 * value + (name[n - 1] - '0');
        if (n < least || isdigit((unsigned char)name[n])) continue;
        const bool month = out == &m->now.month;
        if (month && (value < 1 || value > 12)) continue;
        *out = month ? value - 1 : value;
        match(m, pattern, name + n);
        *out = -1;
    }
}

/* The rest of a name with the rest of a pattern: all ways. */
static void match(matcher *m, const char *pattern, const char *name)
{
    if (m->n > 1) return;
    for (; *pattern && *pattern != '{' && *pattern != '*'; pattern++, name++) {
        if (*pattern != *name) return;
    }
    if (*pattern == '*') {
        for (;; name++) {
            match(m, pattern + 1, name);
            if (!*name) return;
        }
    }
    if (!*pattern) {
        if (*name || (m->n && same(&m->found[0], &m->now))) return;
        m->found[m->n++] = m->now;
        return;
    }
    const char *rest = strchr(pattern, '}') + 1; /* mapping.c has seen to it that there is one */
    if (strncmp(pattern, "{species}", 9) == 0) match_species(m, rest, name);
    if (strncmp(pattern, "{sector}", 8) == 0) match_sector(m, rest, name);
    if (strncmp(pattern, "{year}", 6) == 0) match_number(m, rest, name, 4, 4, &m->now.year);
    if (strncmp(pattern, "{month}", 7) == 0) match_number(m, rest, name, 1, 2, &m->now.month);
}

int bs_mapping_match_name(const bs_mapping *mapping, const char *name, bs_mapping_match both[2])
{
    matcher m = {.mapping = mapping, .now = {-1, -1, -1, -1, -1}};
    for (int p = 0; p < mapping->n_patterns && m.n < 2; p++) match(&m, mapping->pattern[p], name);
    memcpy(both, m.found, sizeof m.found);
    return m.n;
}

const char *bs_mapping_variable(const bs_mapping *mapping, int variable, int species, int sector, int code, char *text,
                                size_t size)
{
    size_t used = 0;
    for (const char *p = mapping->variable[variable]; *p && used + 1 < size;) {
        const char *word = NULL;
        if (strncmp(p, "{species}", 9) == 0) word = mapping->species[species].variable;
        if (strncmp(p, "{sector}", 8) == 0) word = mapping->sector[sector].code[code];
        if (!word) {
            text[used++] = *p++;
            continue;
        }
        const int n = snprintf(text + used, size - used, "%s", word);
        used = (size_t)n < size - used ? used + (size_t)n : size - 1;
        p = strchr(p, '}') + 1;
    }
    text[used] = '\0';
    return text;
}
