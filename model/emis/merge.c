/* Several inventories: who gives way to whom, where, and what is given twice (only, except, replaces, add). */
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/emis/emis.h"
#include "model/emis/sectors.h"

enum { LISTED_MAX = 6 };

static const double T_PER_DAY = 86.4; /* of 1 kg s-1 */
static const double RIM_SHARE = 0.01; /* of an inventory: less in another region is polygons that do not meet */

static int count_regions(const bs_emission *e)
{
    return e->audited ? e->audited->n + 1 : 1;
}

static const char *region_name(const bs_emission *e, int r)
{
    return !e->audited ? "the mesh" : r < e->audited->n ? e->audited->region[r].name : "elsewhere";
}

static int count_inventories(const bs_emis_input *in)
{
    return bs_config_count(in->config, "emissions.inventories");
}

static const char *name_of(const bs_emis_input *in, int inventory)
{
    char path[BS_EMIS_PATH_MAX];
    snprintf(path, sizeof path, "emissions.inventories[%d].name", inventory);
    return bs_config_text(in->config, path);
}

/* "emissions.inventories[n].key", and of entry k of replaces. */
static const char *path_of(int inventory, const char *key, char *path)
{
    snprintf(path, BS_EMIS_PATH_MAX, "emissions.inventories[%d].%s", inventory, key);
    return path;
}

static const char *replaces_path(int inventory, int k, const char *key, char *path)
{
    snprintf(path, BS_EMIS_PATH_MAX, "emissions.inventories[%d].replaces[%d].%s", inventory, k, key);
    return path;
}

/* ---- words ---- */

/* set [count_regions]; a list that is not there takes all. */
static bs_status take_regions(const bs_emis_input *in, const char *path, bool *set, bs_err *err)
{
    const bs_emission *e = in->emission;
    const int n = bs_config_count(in->config, path);
    for (int r = 0; r < count_regions(e); r++) set[r] = n == 0;
    for (int k = 0; k < n; k++)
        BS_TRY(bs_regions_select(e->audited, bs_config_text_at(in->config, path, k), bs_config_where(in->config, path),
                                 set, err));
    return BS_OK;
}

static bool takes_sector(const bs_emis_input *in, const char *path, const char *sector)
{
    const int n = bs_config_count(in->config, path);
    for (int k = 0; k < n; k++) {
        const char *word = bs_config_text_at(in->config, path, k);
        if (strcmp(word, "all") == 0 || bs_sector_within(sector, word)) return true;
    }
    return n == 0;
}

static bs_status check_regions(const bs_emis_input *in, const char *path, bool *scratch, bs_err *err)
{
    const int n = bs_config_count(in->config, path);
    if (n > 0 && !in->emission->audited)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: error: %s needs polygons, and regions.file is missing: name a GeoJSON file",
                       bs_config_where(in->config, path), path);
    return n > 0 ? take_regions(in, path, scratch, err) : BS_OK;
}

static bs_status check_replaces(const bs_emis_input *in, int inventory, bool *scratch, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    const int n = bs_config_count(in->config, path_of(inventory, "replaces", path));
    for (int k = 0; k < n; k++) {
        const char *other = bs_config_text(in->config, replaces_path(inventory, k, "inventory", path));
        int found = -1, of_that_name = 0;
        for (int i = 0; i < count_inventories(in); i++)
            if (strcmp(name_of(in, i), other) == 0) found = i, of_that_name++;
        if (found < 0 || found == inventory || of_that_name > 1) {
            bs_fail(err, BS_ERR_INPUT, "%s: error: '%s' is %s. There are:", bs_config_where(in->config, path), other,
                    found < 0          ? "the name of no inventory"
                    : of_that_name > 1 ? "the name of several inventories"
                                       : "this inventory itself");
            for (int i = 0; i < count_inventories(in); i++) bs_err_add(err, "  %s", name_of(in, i));
            return BS_ERR_INPUT;
        }
        BS_TRY(check_regions(in, replaces_path(inventory, k, "regions", path), scratch, err));
    }
    return BS_OK;
}

bs_status bs_emis_check_rules(const bs_emis_input *in, bs_err *err)
{
    static const char *const LISTS[] = {"only.regions", "except.regions"};
    bool *scratch = NULL;
    BS_TRY(BS_NEW(&scratch, count_regions(in->emission), "regions of a rule", err));
    bs_status status = BS_OK;
    for (int i = 0; i < count_inventories(in) && status == BS_OK; i++) {
        char path[BS_EMIS_PATH_MAX];
        for (size_t k = 0; k < sizeof LISTS / sizeof *LISTS && status == BS_OK; k++)
            status = check_regions(in, path_of(i, LISTS[k], path), scratch, err);
        if (status == BS_OK) status = check_replaces(in, i, scratch, err);
        if (status == BS_OK && bs_config_count(in->config, path_of(i, "proxy.fields", path)) > 0 &&
            strcmp(bs_config_text(in->config, path_of(i, "type", (char[BS_EMIS_PATH_MAX]){0})), "totals") != 0)
            status =
                bs_fail(err, BS_ERR_INPUT, "%s: only an inventory of type totals has use for 'proxy.fields'; remove it",
                        bs_config_where(in->config, path));
    }
    bs_free(scratch);
    return status;
}

bool bs_emis_has_region_rules(const bs_emis_input *in)
{
    bool has = false;
    for (int i = 0; i < count_inventories(in); i++) {
        char path[BS_EMIS_PATH_MAX];
        has = has || bs_config_count(in->config, path_of(i, "only.regions", path)) > 0 ||
              bs_config_count(in->config, path_of(i, "except.regions", path)) > 0;
        for (int k = 0; k < bs_config_count(in->config, path_of(i, "replaces", path)); k++)
            has = has || bs_config_count(in->config, replaces_path(i, k, "regions", (char[BS_EMIS_PATH_MAX]){0})) > 0;
    }
    return has;
}

/* ---- what rules take away ---- */

typedef struct rules {
    const bs_emis_input *in;
    const char *sector;
    bool *set;  /* scratch [count_regions] */
    bool *drop; /* [count_regions] */
} rules;

static bool is_given(const bs_emis_input *in, int inventory, const char *rule)
{
    char key[32], path[BS_EMIS_PATH_MAX];
    snprintf(key, sizeof key, "%s.regions", rule);
    const bool regions = bs_config_count(in->config, path_of(inventory, key, path)) > 0;
    snprintf(key, sizeof key, "%s.sectors", rule);
    return regions || bs_config_count(in->config, path_of(inventory, key, path)) > 0;
}

static bs_status drop_own(const rules *u, bs_err *err)
{
    const bs_emis_input *in = u->in;
    char path[BS_EMIS_PATH_MAX];
    const int n = count_regions(in->emission);
    if (is_given(in, in->index, "only")) {
        const bool taken = takes_sector(in, path_of(in->index, "only.sectors", path), u->sector);
        BS_TRY(take_regions(in, path_of(in->index, "only.regions", path), u->set, err));
        for (int r = 0; r < n; r++) u->drop[r] = u->drop[r] || !taken || !u->set[r];
    }
    if (is_given(in, in->index, "except") && takes_sector(in, path_of(in->index, "except.sectors", path), u->sector)) {
        BS_TRY(take_regions(in, path_of(in->index, "except.regions", path), u->set, err));
        for (int r = 0; r < n; r++) u->drop[r] = u->drop[r] || u->set[r];
    }
    return BS_OK;
}

static bs_status drop_replaced(const rules *u, int by, bs_err *err)
{
    const bs_emis_input *in = u->in;
    char path[BS_EMIS_PATH_MAX];
    const int n = bs_config_count(in->config, path_of(by, "replaces", path));
    for (int k = 0; k < n; k++) {
        if (strcmp(bs_config_text(in->config, replaces_path(by, k, "inventory", path)), in->name) != 0) continue;
        if (!takes_sector(in, replaces_path(by, k, "sectors", path), u->sector)) continue;
        BS_TRY(take_regions(in, replaces_path(by, k, "regions", path), u->set, err));
        for (int r = 0; r < count_regions(in->emission); r++) u->drop[r] = u->drop[r] || u->set[r];
    }
    return BS_OK;
}

bs_status bs_emis_dropped(const bs_emis_input *in, const char *sector, bool *drop, bool *any, bs_err *err)
{
    const int n = count_regions(in->emission);
    rules u = {.in = in, .sector = sector, .drop = drop};
    BS_TRY(BS_NEW(&u.set, n, "regions of a rule", err));
    for (int r = 0; r < n; r++) drop[r] = false;
    bs_status status = drop_own(&u, err);
    for (int by = 0; by < count_inventories(in) && status == BS_OK; by++) status = drop_replaced(&u, by, err);
    *any = false;
    for (int r = 0; r < n; r++) *any = *any || drop[r];
    bs_free(u.set);
    return status;
}

/* ---- rules that meet nothing ---- */

static double given(const bs_emission *e, const bs_emis_sheet *s, int r)
{
    return e->audited ? s->account.grid[r] : s->account.on_grid;
}

static double removed(const bs_emission *e, const bs_emis_sheet *s, int r)
{
    return e->audited ? s->account.removed[r] : s->account.left_out;
}

/* What rules took away of an inventory's sectors in a list, in the regions of another. */
static bs_status sum_removed(const bs_emis_input *in, int inventory, const char *sectors, const char *regions,
                             bool *set, double *sum, bs_err *err)
{
    const bs_emission *e = in->emission;
    *sum = 0;
    BS_TRY(take_regions(in, regions, set, err));
    for (int s = 0; s < e->n_sheets; s++) {
        const bs_emis_sheet *sheet = &e->sheet[s];
        if (sheet->inventory != inventory || !takes_sector(in, sectors, sheet->sector)) continue;
        for (int r = 0; r < count_regions(e); r++)
            if (set[r]) *sum += removed(e, sheet, r);
    }
    return BS_OK;
}

static bs_status refuse_idle(const bs_emis_input *in, const char *path, int inventory, bs_err *err)
{
    const bs_emission *e = in->emission;
    bs_fail(
        err, BS_ERR_INPUT,
        "%s: error: takes nothing away from inventory '%s': a rule that matches no emission. That holds on the mesh:",
        bs_config_where(in->config, path), name_of(in, inventory));
    for (int s = 0; s < e->n_sheets; s++)
        if (e->sheet[s].inventory == inventory) bs_err_add(err, "  %s (%s)", e->sheet[s].sector, e->sheet[s].species);
    return BS_ERR_INPUT;
}

/* Whether any inventory but one emits of a sector, or of what it is related to, in a region. */
static bool emits_else(const bs_emission *e, int but, const bs_emis_sheet *like, int r)
{
    for (int s = 0; s < e->n_sheets; s++) {
        const bs_emis_sheet *sheet = &e->sheet[s];
        if (sheet->inventory != but && strcmp(sheet->species, like->species) == 0 &&
            bs_sector_related(sheet->sector, like->sector) && given(e, sheet, r) > 0)
            return true;
    }
    return false;
}

/* Regions where something gave way and nothing took its place. */
static void tell_gaps(const bs_emis_input *in, int by, int other, const char *sectors, const bool *set)
{
    const bs_emission *e = in->emission;
    for (int s = 0; s < e->n_sheets; s++) {
        const bs_emis_sheet *sheet = &e->sheet[s];
        if (sheet->inventory != other || !takes_sector(in, sectors, sheet->sector)) continue;
        for (int r = 0; r < count_regions(e); r++) {
            if (!set[r] || !(removed(e, sheet, r) > 0) || emits_else(e, other, sheet, r)) continue;
            bs_log_warn(in->log,
                        "emissions: %s of %s in %s: inventory '%s' replaces %.4g t per day of '%s' and has none there",
                        sheet->sector, sheet->species, region_name(e, r), name_of(in, by), 86.4 * removed(e, sheet, r),
                        name_of(in, other));
        }
    }
}

static bs_status check_replaced(const bs_emis_input *in, int by, bool *set, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX], sectors[BS_EMIS_PATH_MAX], regions[BS_EMIS_PATH_MAX];
    const int n = bs_config_count(in->config, path_of(by, "replaces", path));
    for (int k = 0; k < n; k++) {
        const char *name = bs_config_text(in->config, replaces_path(by, k, "inventory", path));
        int other = 0;
        while (strcmp(name_of(in, other), name) != 0) other++;
        double sum = 0;
        replaces_path(by, k, "sectors", sectors);
        replaces_path(by, k, "regions", regions);
        BS_TRY(sum_removed(in, other, sectors, regions, set, &sum, err));
        if (!(sum > 0)) return refuse_idle(in, sectors, other, err);
        tell_gaps(in, by, other, sectors, set);
    }
    return BS_OK;
}

static bs_status check_idle(const bs_emis_input *in, bool *set, bs_err *err)
{
    for (int i = 0; i < count_inventories(in); i++) {
        char sectors[BS_EMIS_PATH_MAX], regions[BS_EMIS_PATH_MAX];
        double sum = 0;
        BS_TRY(check_replaced(in, i, set, err));
        if (!is_given(in, i, "except")) continue;
        path_of(i, "except.sectors", sectors);
        path_of(i, "except.regions", regions);
        BS_TRY(sum_removed(in, i, sectors, regions, set, &sum, err));
        if (!(sum > 0)) return refuse_idle(in, bs_config_count(in->config, regions) ? regions : sectors, i, err);
    }
    return BS_OK;
}

/* ---- double counting ---- */

static bool adds(const bs_emis_input *in, int inventory)
{
    char path[BS_EMIS_PATH_MAX];
    return bs_config_bool(in->config, path_of(inventory, "add", path));
}

/* "成都市, 德阳市 and 19 more"; returns how many, and in kg_s what each sheet has in them. */
static int list_shared(const bs_emission *e, const bs_emis_sheet *a, const bs_emis_sheet *b, char *text, size_t size,
                       double kg_s[2])
{
    int n = 0;
    size_t used = 0;
    *text = '\0';
    kg_s[0] = kg_s[1] = 0;
    for (int r = 0; r < count_regions(e); r++) {
        if (!(given(e, a, r) > 0 && given(e, b, r) > 0)) continue;
        kg_s[0] += given(e, a, r);
        kg_s[1] += given(e, b, r);
        if (n++ < LISTED_MAX && used < size)
            used += (size_t)snprintf(text + used, size - used, "%s%s", n > 1 ? ", " : "", region_name(e, r));
    }
    if (n > LISTED_MAX && used < size) snprintf(text + used, size - used, " and %d more", n - LISTED_MAX);
    return n;
}

/* A sliver: polygons of two files that mean the same border. */
static void tell_rim(const bs_emis_input *in, const bs_emis_sheet *s, double kg_s, bs_err *err)
{
    if (kg_s < RIM_SHARE * s->account.on_grid)
        bs_err_add(
            err,
            "    that is %.2g %% of '%s': its own polygons end beside those of regions.file; 'only' with its regions "
            "cuts the rest off",
            100 * kg_s / s->account.on_grid, name_of(in, s->inventory));
}

/* Adds a line about a pair; *found counts them. */
static void compare(const bs_emis_input *in, const bs_emis_sheet *a, const bs_emis_sheet *b, int *found, bs_err *err)
{
    const bs_emission *e = in->emission;
    char where[512], path[BS_EMIS_PATH_MAX];
    double kg_s[2];
    if (a->inventory == b->inventory || a->total < 0 || strcmp(a->species, b->species) != 0 ||
        !bs_sector_related(a->sector, b->sector) || adds(in, a->inventory) || adds(in, b->inventory) ||
        list_shared(e, a, b, where, sizeof where, kg_s) == 0)
        return;
    if ((*found)++ == 0)
        bs_fail(err, BS_ERR_INPUT, "%s: error: double counting: two inventories hold the same emission:",
                bs_config_where(in->config, path_of(b->inventory, "name", path)));
    const bool same = strcmp(a->sector, b->sector) == 0;
    bs_err_add(err, "  %s of '%s' and %s%s of '%s', %s: in %s (%.4g and %.4g t/d)", a->sector,
               name_of(in, a->inventory), same ? "" : "its related sector ", b->sector, name_of(in, b->inventory),
               a->species, where, kg_s[0] * T_PER_DAY, kg_s[1] * T_PER_DAY);
    tell_rim(in, a, kg_s[0], err);
    tell_rim(in, b, kg_s[1], err);
}

static bs_status check_double(const bs_emis_input *in, bs_err *err)
{
    const bs_emission *e = in->emission;
    int found = 0;
    for (int b = 0; b < e->n_sheets; b++)
        for (int a = 0; a < b; a++) compare(in, &e->sheet[a], &e->sheet[b], &found, err);
    if (found == 0) return BS_OK;
    bs_err_add(err,
               "say what holds, of one of the two: only or except (regions, sectors), replaces (inventory, sectors, "
               "regions), or add: true where both are parts of one whole");
    return BS_ERR_INPUT;
}

bs_status bs_emis_check_merge(const bs_emis_input *in, bs_err *err)
{
    bool *set = NULL;
    BS_TRY(BS_NEW(&set, count_regions(in->emission), "regions of a rule", err));
    bs_status status = check_idle(in, set, err);
    bs_free(set);
    return status == BS_OK ? check_double(in, err) : status;
}
