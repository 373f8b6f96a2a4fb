#include "model/run/tags.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/emis/sectors.h"

enum { PATH_TEXT = 96, WORD_TEXT = 160 };

typedef struct reading {
    const bs_config *config;
    const bs_region_set *regions;
    bs_tags *tags;
    int room;
} reading;

static bool is_all(const char *word)
{
    return strcmp(word, "all") == 0;
}

/* ---- names ---- */

/* The Latin letter below an accented one of U+00C0 to U+00FF, by its second byte in UTF-8. */
static char plain_letter(unsigned char second)
{
    static const char PLAIN[] = "aaaaaaaceeeeiiiidnooooo_ouuuuytsaaaaaaaceeeeiiiidnooooo_ouuuuyty";
    return PLAIN[second & 63];
}

/* Appends letters and digits in lower case to name[]; '-' and '_' stay, blanks become '-', apostrophes and the like go. False for
 * letters that are not Latin. */
static bool append_plain(const char *word, char *name, size_t size)
{
    size_t n = strlen(name);
    for (const unsigned char *p = (const unsigned char *)word; *p && n + 1 < size; p++) {
        if (*p == 0xC3 && p[1]) {
            name[n++] = plain_letter(*++p);
        } else if (*p >= 0x80) {
            return false;
        } else if (isalnum(*p) || *p == '-' || *p == '_') {
            name[n++] = (char)tolower(*p);
        } else if (*p == ' ') {
            name[n++] = '-';
        }
        name[n] = '\0';
    }
    return true;
}

/* The part of a name for a word of cross.regions; false: none can be made. */
static bool name_region(const bs_region_set *set, const char *word, char *name, size_t size)
{
    const int r = bs_regions_find(set, word);
    name[0] = '\0';
    if (r >= 0) {
        const bs_region *region = &set->region[r];
        if (*region->name_en && append_plain(region->name_en, name, size) && isalpha((unsigned char)name[0]))
            return true;
        snprintf(name, size, "r");
        return append_plain(*region->adcode ? region->adcode : region->name, name, size);
    }
    const char *alias = bs_region_alias(word);
    return append_plain(alias ? alias : word, name, size) && isalpha((unsigned char)name[0]);
}

/* Words for people for a word of a case. */
static const char *label_region(const bs_region_set *set, const char *word)
{
    const int r = bs_regions_find(set, word);
    const char *name = bs_region_unalias(word);
    return r >= 0 ? set->region[r].name : name ? name : is_all(word) ? "all regions" : word;
}

/* ---- groups ---- */

static bs_status add_group(reading *r, const bs_source_group *group, bs_err *err)
{
    if (r->tags->n == r->room) {
        const int room = r->room ? 2 * r->room : 16;
        bs_source_group *grown = realloc(r->tags->group, (size_t)room * sizeof *grown);
        if (!grown) return bs_fail(err, BS_ERR_MEMORY, "out of memory for %d groups of sources", room);
        r->tags->group = grown;
        r->room = room;
    }
    return bs_source_group_copy(group, &r->tags->group[r->tags->n++], err);
}

static bs_status take_sectors(const bs_config *g, const char *path, bs_source_group *group, bs_err *err)
{
    const int n = bs_config_count(g, path);
    bool all = false;
    for (int s = 0; s < n; s++) all = all || is_all(bs_config_text_at(g, path, s));
    BS_TRY(BS_NEW(&group->sector, n, "sectors of a group of sources", err));
    for (int s = 0; s < n; s++) {
        const char *sector = bs_config_text_at(g, path, s);
        if (strlen(sector) >= sizeof *group->sector || !*sector || (all && n > 1))
            return bs_fail(err, BS_ERR_INPUT, "%s: error: %s: '%s' %s", bs_config_where(g, path), path, sector,
                           all && n > 1 ? "stands beside 'all', which takes it" : "is empty or longer than 63 bytes");
        snprintf(group->sector[s], sizeof *group->sector, "%s", sector);
    }
    group->n_sectors = all ? 0 : n;
    return BS_OK;
}

static bs_status take_regions(const reading *r, const char *path, bs_source_group *group, bs_err *err)
{
    group->n_regions = r->regions->n;
    BS_TRY(BS_NEW(&group->region, r->regions->n + 1, "regions of a group of sources", err));
    for (int n = 0; n < bs_config_count(r->config, path); n++)
        BS_TRY(bs_regions_select(r->regions, bs_config_text_at(r->config, path, n), bs_config_where(r->config, path),
                                 group->region, err));
    return BS_OK;
}

/* "成都平原, 川南: industry, road". */
static void label_group(const reading *r, const char *regions, const char *sectors, bs_source_group *group)
{
    size_t used = 0;
    const char *const path[2] = {regions, sectors};
    for (int p = 0; p < 2; p++)
        for (int n = 0; n < bs_config_count(r->config, path[p]) && used < sizeof group->label; n++) {
            const char *word = bs_config_text_at(r->config, path[p], n);
            const char *text = p == 0 ? label_region(r->regions, word) : is_all(word) ? "all sectors" : word;
            used += (size_t)snprintf(group->label + used, sizeof group->label - used, "%s%s",
                                     n > 0 ? ", "
                                     : p   ? ": "
                                           : "",
                                     text);
        }
}

static bs_status read_group(reading *r, int index, bs_err *err)
{
    char path[PATH_TEXT], regions[PATH_TEXT], sectors[PATH_TEXT];
    bs_source_group group = {0};
    snprintf(path, sizeof path, "tracers.groups[%d]", index);
    snprintf(group.where, sizeof group.where, "%s", bs_config_where(r->config, path));
    snprintf(path, sizeof path, "tracers.groups[%d].name", index);
    const char *name = bs_config_text(r->config, path);
    if (strlen(name) >= sizeof group.name)
        return bs_fail(err, BS_ERR_INPUT, "%s: error: the name '%s' is longer than %zu bytes", group.where, name,
                       sizeof group.name - 1);
    snprintf(group.name, sizeof group.name, "%s", name);
    snprintf(regions, sizeof regions, "tracers.groups[%d].regions", index);
    snprintf(sectors, sizeof sectors, "tracers.groups[%d].sectors", index);
    snprintf(path, sizeof path, "tracers.groups[%d].label", index);
    if (bs_config_has(r->config, path)) {
        snprintf(group.label, sizeof group.label, "%s", bs_config_text(r->config, path));
    } else {
        label_group(r, regions, sectors, &group);
    }
    bs_status status = take_sectors(r->config, sectors, &group, err);
    if (status == BS_OK) status = take_regions(r, regions, &group, err);
    if (status == BS_OK) status = add_group(r, &group, err);
    bs_source_group_clear(&group);
    return status;
}

/* ---- the cross ---- */

/* One pair: the tag of a word of regions and a sector. */
static bs_status add_pair(reading *r, const char *word, const char *sector, bs_err *err)
{
    const char *where = bs_config_where(r->config, "tracers.cross.regions");
    char name[WORD_TEXT], sectors[1][64];
    bs_source_group group = {.n_sectors = is_all(sector) ? 0 : 1, .sector = sectors, .optional = true};
    snprintf(group.where, sizeof group.where, "%s", where);
    const bool named = name_region(r->regions, word, name, sizeof name);
    if (!is_all(sector)) snprintf(name + strlen(name), sizeof name - strlen(name), "_");
    if (!named || (!is_all(sector) && !append_plain(sector, name, sizeof name)) || strlen(name) >= sizeof group.name)
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: error: no name of a tag can be made of '%s' and '%s'; give this pair in tracers.groups, with a "
            "name of Latin letters",
            where, word, sector);
    if (strlen(sector) >= sizeof sectors[0])
        return bs_fail(err, BS_ERR_INPUT, "%s: error: the sector '%s' is longer than 63 bytes", where, sector);
    memcpy(group.name, name, strlen(name) + 1);
    snprintf(sectors[0], sizeof sectors[0], "%s", sector);
    snprintf(group.label, sizeof group.label, "%.120s: %.63s", label_region(r->regions, word),
             is_all(sector) ? "all sectors" : sector);
    group.n_regions = r->regions->n;
    BS_TRY(BS_NEW(&group.region, r->regions->n + 1, "regions of a group of sources", err));
    bs_status status = bs_regions_select(r->regions, word, where, group.region, err);
    if (status == BS_OK) status = add_group(r, &group, err);
    bs_free(group.region);
    return status;
}

/* The key by which a region is found again. */
static const char *key_of(const bs_region *region)
{
    return *region->adcode ? region->adcode : region->name;
}

static bs_status read_cross(reading *r, bs_err *err)
{
    const bs_config *g = r->config;
    const int n_regions = bs_config_count(g, "tracers.cross.regions"), n = bs_config_count(g, "tracers.cross.sectors");
    if ((n_regions == 0) != (n == 0))
        return bs_fail(err, BS_ERR_INPUT, "%s: error: tracers.cross needs both regions and sectors",
                       bs_config_where(g, n ? "tracers.cross.sectors" : "tracers.cross.regions"));
    for (int k = 0; k < n_regions; k++) {
        const char *word = bs_config_text_at(g, "tracers.cross.regions", k);
        const bool each = strcmp(word, "each") == 0;
        for (int i = 0; i < (each ? r->regions->n : 1); i++)
            for (int s = 0; s < n; s++)
                BS_TRY(add_pair(r, each ? key_of(&r->regions->region[i]) : word,
                                bs_config_text_at(g, "tracers.cross.sectors", s), err));
    }
    return BS_OK;
}

/* ---- no kilogram twice ---- */

/* The first region that both take; -1: none. */
static int shared_region(const bs_source_group *a, const bs_source_group *b)
{
    for (int r = 0; r <= a->n_regions; r++)
        if ((!a->region || a->region[r]) && (!b->region || b->region[r])) return r;
    return -1;
}

/* A sector that both take ("" for every one); NULL: none. */
static const char *shared_sector(const bs_source_group *a, const bs_source_group *b)
{
    if (a->n_sectors == 0) return b->n_sectors ? b->sector[0] : "";
    for (int s = 0; s < a->n_sectors; s++)
        for (int t = 0; t < b->n_sectors; t++)
            if (bs_sector_related(a->sector[s], b->sector[t]))
                return bs_sector_within(a->sector[s], b->sector[t]) ? a->sector[s] : b->sector[t];
    return b->n_sectors ? NULL : a->sector[0];
}

static bs_status check_pair(const reading *r, const bs_source_group *a, const bs_source_group *b, bs_err *err)
{
    const int region = shared_region(a, b);
    const char *sector = region < 0 ? NULL : shared_sector(a, b);
    if (!sector) return BS_OK;
    const bool plain = !b->region;
    const bs_region *g = region < r->regions->n ? &r->regions->region[region] : NULL;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: error: the tags '%s' and '%s'%s both take %s%s%s of %s %s: a kilogram would be counted twice; %s",
        a->where, a->name, b->name, plain ? " (emissions.sectors)" : "", *sector ? "the sector '" : "every sector",
        sector, *sector ? "'" : "", g ? g->adcode : "elsewhere", g ? g->name : "(outside the polygons)",
        plain ? "set tracers.tags: false, or take the sector from one" : "take it from one of them");
}

static bs_status check_overlap(const reading *r, bs_err *err)
{
    const bs_config *g = r->config;
    const int n_plain = bs_config_bool(g, "tracers.tags") ? bs_config_count(g, "emissions.sectors") : 0;
    for (int a = 0; a < r->tags->n; a++) {
        for (int b = 0; b < a; b++) BS_TRY(check_pair(r, &r->tags->group[a], &r->tags->group[b], err));
        for (int s = 0; s < n_plain; s++) {
            char sector[1][64];
            bs_source_group plain = {.n_sectors = 1, .sector = sector};
            snprintf(sector[0], sizeof sector[0], "%s", bs_config_text_at(g, "emissions.sectors", s));
            snprintf(plain.name, sizeof plain.name, "%s", sector[0]);
            BS_TRY(check_pair(r, &r->tags->group[a], &plain, err));
        }
    }
    return BS_OK;
}

bs_status bs_tags_read(const bs_config *config, const bs_region_set *regions, bs_tags *out, bs_err *err)
{
    *out = (bs_tags){0};
    reading r = {.config = config, .regions = regions, .tags = out};
    const int n = bs_config_count(config, "tracers.groups");
    const bool cross =
        bs_config_count(config, "tracers.cross.regions") || bs_config_count(config, "tracers.cross.sectors");
    if (n == 0 && !cross) return BS_OK;
    if (!regions)
        return bs_fail(
            err, BS_ERR_INPUT, "%s: error: %s needs polygons, and regions.file is missing: name a GeoJSON file",
            bs_config_where(config, n ? "tracers.groups" : "tracers.cross"), n ? "tracers.groups" : "tracers.cross");
    for (int g = 0; g < n; g++) BS_TRY(read_group(&r, g, err));
    BS_TRY(read_cross(&r, err));
    BS_TRY(check_overlap(&r, err));
    bs_source_group rest = {.name = "other", .label = "all other sources", .optional = true, .rest = true};
    snprintf(rest.where, sizeof rest.where, "%s", bs_config_where(config, n ? "tracers.groups" : "tracers.cross"));
    return add_group(&r, &rest, err);
}

void bs_tags_free(bs_tags *tags)
{
    for (int g = 0; g < tags->n; g++) bs_source_group_clear(&tags->group[g]);
    free(tags->group);
    *tags = (bs_tags){0};
}
