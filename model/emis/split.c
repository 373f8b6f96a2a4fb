/* Sectors that the case splits by assumed shares (emissions.split). */
#include <stdio.h>
#include <string.h>

#include "model/emis/emis.h"
#include "model/emis/sectors.h"

/* "emissions.split" or that of an inventory. */
static const char *map_path(const bs_emis_input *in, bool own, char *path)
{
    if (own) return bs_emis_path(in, "split", path);
    snprintf(path, BS_EMIS_PATH_MAX, "emissions.split");
    return path;
}

static const char *entry_path(const char *map, int n, const char *key, char *path)
{
    snprintf(path, BS_EMIS_PATH_MAX, "%.*s[%d].%s", BS_EMIS_PATH_MAX - 32, map, n, key);
    return path;
}

/* The sector of which entry n of a map is a part. */
static bs_status whole_of(const bs_config *config, const char *map, int n, const char **whole, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    const char *part = bs_config_key_at(config, map, n);
    *whole = bs_sector_parent(part);
    snprintf(path, sizeof path, "%.*s[%d]", BS_EMIS_PATH_MAX - 16, map, n);
    if (**whole) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: error: split: '%s' is a part of no sector in the table (bashu options --sectors); a plan may "
                   "declare parts of its own (docs/scenarios.md)",
                   bs_config_where(config, path), part);
}

static bs_status collect(const bs_config *config, const char *map, const char *sector, int room, bs_emis_part *part,
                         int *n, bs_err *err)
{
    double sum = 0;
    for (int k = 0; k < bs_config_count(config, map); k++) {
        char path[BS_EMIS_PATH_MAX];
        const char *whole;
        BS_TRY(whole_of(config, map, k, &whole, err));
        if (strcmp(whole, sector) != 0) continue;
        bs_emis_part found = {.name = bs_config_key_at(config, map, k),
                              .share = bs_config_real(config, entry_path(map, k, "share", path))};
        found.basis = bs_config_text(config, entry_path(map, k, "basis", path));
        sum += found.share;
        if (sum > 1 + BS_EMIS_SHARE_ROUND)
            return bs_fail(err, BS_ERR_INPUT, "%s: error: split: the parts of '%s' have %g of it together; at most 1",
                           bs_config_where(config, path), sector, sum);
        if (*n < room) part[*n] = found;
        (*n)++;
    }
    return BS_OK;
}

bs_status bs_emis_split_of(const bs_emis_input *in, const char *sector, int room, bs_emis_part *part, int *n,
                           bs_err *err)
{
    char map[BS_EMIS_PATH_MAX];
    *n = 0;
    BS_TRY(collect(in->config, map_path(in, true, map), sector, room, part, n, err));
    if (*n == 0) BS_TRY(collect(in->config, map_path(in, false, map), sector, room, part, n, err));
    if (*n <= room) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: error: split: '%s' has more than %d parts", bs_config_where(in->config, map),
                   sector, room);
}

/* Whether an inventory (-1: any) holds `sector` in its file; as a part split off, with `part`. */
static bool holds(const bs_emission *e, int inventory, const char *sector, const char *part)
{
    for (int s = 0; s < e->n_sheets; s++) {
        const bs_emis_sheet *sheet = &e->sheet[s];
        if ((inventory < 0 || sheet->inventory == inventory) && strcmp(sheet->asked, sector) == 0 &&
            (!part || strcmp(sheet->sector, part) == 0))
            return true;
    }
    return false;
}

static bs_status check_map(const bs_emis_input *in, bool own, bs_err *err)
{
    char map[BS_EMIS_PATH_MAX], path[BS_EMIS_PATH_MAX];
    map_path(in, own, map);
    for (int k = 0; k < bs_config_count(in->config, map); k++) {
        const char *part = bs_config_key_at(in->config, map, k), *whole;
        BS_TRY(whole_of(in->config, map, k, &whole, err));
        const double share = bs_config_real(in->config, entry_path(map, k, "share", path));
        if (!holds(in->emission, own ? in->index : -1, whole, part))
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: error: split: %s holds the sector '%s' undivided: a rule that matches no emission",
                           bs_config_where(in->config, path), own ? "the inventory nowhere" : "no inventory", whole);
        bs_log_info(in->log, "assumed   emissions: %s is %g %% of %s%s%s (%s)", part, 100 * share, whole,
                    own ? " of " : "", own ? in->name : "",
                    bs_config_text(in->config, entry_path(map, k, "basis", path)));
    }
    return BS_OK;
}

/* A part that is split off and is in the file as well. */
static bs_status check_twice(const bs_emis_input *in, const bs_emis_sheet *part, bs_err *err)
{
    const bs_emission *e = in->emission;
    char path[BS_EMIS_PATH_MAX];
    if (strcmp(part->asked, part->sector) == 0 || !holds(e, part->inventory, part->sector, NULL)) return BS_OK;
    snprintf(path, sizeof path, "emissions.inventories[%d].name", part->inventory);
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: error: split: inventory '%s' holds the sector '%s' itself; it cannot be split off its '%s' too",
                   bs_config_where(in->config, path), bs_config_text(in->config, path), part->sector, part->asked);
}

bs_status bs_emis_check_split(const bs_emis_input *in, bs_err *err)
{
    bs_emis_input one = *in;
    BS_TRY(check_map(&one, false, err));
    for (one.index = 0; one.index < bs_config_count(in->config, "emissions.inventories"); one.index++) {
        char path[BS_EMIS_PATH_MAX];
        one.name = bs_config_text(in->config, bs_emis_path(&one, "name", path));
        BS_TRY(check_map(&one, true, err));
    }
    for (int s = 0; s < in->emission->n_sheets; s++) BS_TRY(check_twice(in, &in->emission->sheet[s], err));
    return BS_OK;
}
