#include "model/emis/mapping.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/config/nodes.h"
#include "model/core/memory.h"
#include "model/core/number.h"
#include "model/emis/gridded.h"

enum { STARS_MAX = 3 };

typedef struct reader {
    bs_mapping *mapping;
    bs_arena *arena;
    bs_problems *problems;
    bs_units *units;
    bool no_memory;
} reader;

static void *room(reader *r, int n, size_t size)
{
    void *p = bs_arena_alloc(r->arena, (size_t)(n + 1) * size);
    if (!p) r->no_memory = true;
    return p;
}

/* ---- file names and variables ---- */

/* Placeholders of a pattern are known and closed. */
static void check_placeholders(reader *r, const bs_node *root, const char *key, const char *text,
                               const char *const *known)
{
    for (const char *p = strchr(text, '{'); p; p = strchr(p + 1, '{')) {
        int k = 0;
        while (known[k] && strncmp(p, known[k], strlen(known[k])) != 0) k++;
        if (known[k]) continue;
        bs_problem(r->problems, bs_node_child(root, key)->place,
                   "'%s': '%.20s' is no placeholder; of a %s they are {species}, {sector}%s", text, p, key,
                   strcmp(key, "file") == 0 ? ", {year}, {month}, and * for any text" : "");
    }
}

/* Each * of a pattern multiplies the ways to be tried. */
static void check_stars(reader *r, const bs_node *root, const char *pattern)
{
    int n = 0;
    for (const char *p = pattern; *p; p++) n += *p == '*';
    if (n > STARS_MAX)
        bs_problem(r->problems, bs_node_child(root, "file")->place, "'%s' has %d *, expected %d at the most", pattern,
                   n, STARS_MAX);
}

static void read_names(reader *r, const bs_node *root)
{
    static const char *const OF_FILE[] = {"{species}", "{sector}", "{year}", "{month}", NULL};
    static const char *const OF_VARIABLE[] = {"{species}", "{sector}", NULL};
    bs_mapping *m = r->mapping;
    m->pattern = bs_nodes_texts(r->arena, r->problems, root, "file", true, &m->n_patterns);
    for (int p = 0; p < m->n_patterns; p++) {
        check_placeholders(r, root, "file", m->pattern[p], OF_FILE);
        check_stars(r, root, m->pattern[p]);
    }
    const bool netcdf = m->format == BS_MAPPING_NETCDF || m->format == BS_MAPPING_GMT;
    m->variable = bs_nodes_texts(r->arena, r->problems, root, "variable", netcdf, &m->n_variables);
    for (int v = 0; v < m->n_variables; v++) check_placeholders(r, root, "variable", m->variable[v], OF_VARIABLE);
    if (!netcdf && m->variable)
        bs_problem(r->problems, bs_node_child(root, "variable")->place,
                   "a text file has no variables; remove 'variable'");
    m->sector_dimension = bs_nodes_text(r->problems, root, "sector_dimension", false);
    if (m->sector_dimension && m->format != BS_MAPPING_NETCDF)
        bs_problem(r->problems, root->place, "only netcdf has a sector_dimension");
}

/* ---- units ---- */

static void check_unit(reader *r, bs_place place, const char *text)
{
    bs_err err = {0};
    bs_gridded_unit unit;
    if (bs_gridded_unit_read(r->units, text, 1, &unit, &err) != BS_OK) bs_problem(r->problems, place, "%s", err.text);
}

static void read_units(reader *r, const bs_node *root)
{
    bs_mapping *m = r->mapping;
    const bs_node *c = bs_node_child(root, "units");
    if (!c) {
        if (m->format != BS_MAPPING_NETCDF)
            bs_problem(r->problems, root->place, "'units' is missing: these files state none");
        return;
    }
    const bool map = c->kind == BS_NODE_MAP;
    m->unit = room(r, map ? c->count : 1, sizeof *m->unit);
    if (!m->unit) return;
    if (!map) {
        m->unit[0] = (bs_mapping_unit){NULL, bs_nodes_text(r->problems, root, "units", true)};
        m->n_units = m->unit[0].unit != NULL;
        if (m->n_units) check_unit(r, c->place, m->unit[0].unit);
        return;
    }
    for (const bs_node *e = c->first; e; e = e->next) {
        bs_mapping_unit *u = &m->unit[m->n_units];
        *u = (bs_mapping_unit){e->key, bs_nodes_text(r->problems, c, e->key, true)};
        if (strcmp(e->key, "none") == 0) u->stated = "";
        if (!u->unit) continue;
        check_unit(r, e->place, u->unit);
        m->n_units++;
    }
}

const char *bs_mapping_unit_of(const bs_mapping *m, int species, const char *stated)
{
    if (m->species[species].units) return m->species[species].units;
    for (int u = 0; u < m->n_units; u++) {
        if (!m->unit[u].stated || strcmp(m->unit[u].stated, stated) == 0) return m->unit[u].unit;
    }
    return NULL;
}

/* ---- sectors and species ---- */

/* No code may stand for two sectors, or twice for one. */
static void check_codes(reader *r, const bs_node *all, int sector)
{
    const bs_mapping *m = r->mapping;
    const bs_mapping_sector *s = &m->sector[sector];
    for (int c = 0; c < s->n_codes; c++) {
        for (int t = 0; t <= sector; t++) {
            for (int d = 0; d < (t == sector ? c : m->sector[t].n_codes); d++) {
                if (strcmp(m->sector[t].code[d], s->code[c]) != 0) continue;
                bs_problem(r->problems, bs_node_child(all, s->name)->place,
                           "the code '%s' stands for '%s' already and would be counted twice", s->code[c],
                           m->sector[t].name);
            }
        }
    }
}

static void read_sectors(reader *r, const bs_node *root)
{
    static const char *const KEYS[] = {"codes", "one_of", "optional", NULL};
    bs_mapping *m = r->mapping;
    const bs_node *all = bs_node_child(root, "sectors");
    if (!all || all->kind != BS_NODE_MAP || all->count == 0) {
        bs_problem(r->problems, all ? all->place : root->place,
                   "'sectors' must be a mapping: sector of the model -> its code or codes, as {power: ENE}");
        return;
    }
    m->sector = room(r, all->count, sizeof *m->sector);
    for (const bs_node *e = all->first; e && m->sector; e = e->next) {
        bs_mapping_sector *s = &m->sector[m->n_sectors++];
        const bool map = e->kind == BS_NODE_MAP;
        s->name = e->key;
        if (map && !bs_nodes_keys(r->problems, e, "a sector", KEYS)) continue;
        s->one_of = map && bs_node_child(e, "one_of") != NULL;
        if (s->one_of && bs_node_child(e, "codes"))
            bs_problem(r->problems, e->place, "a sector has codes or one_of, not both");
        const char *codes = !map ? e->key : s->one_of ? "one_of" : "codes";
        s->code = bs_nodes_texts(r->arena, r->problems, map ? e : all, codes, true, &s->n_codes);
        if (map) s->optional = bs_nodes_choice(r->problems, e, "optional", "false|true", 0) == 1;
    }
    for (int n = 0; n < m->n_sectors; n++) check_codes(r, all, n);
}

/* A molar mass with its unit, kg mol-1; 0: not given. */
static double molar_mass(reader *r, const bs_node *map, const char *key)
{
    const char *text = bs_nodes_text(r->problems, map, key, false);
    double value = 0;
    bs_err err = {0};
    if (!text) return 0;
    if (bs_units_parse_quantity(r->units, text, "kg mol-1", &value, &err) != BS_OK) {
        bs_problem(r->problems, bs_node_child(map, key)->place, "%s: %s; as '46.0055 g mol-1'", key, err.text);
        return 0;
    }
    if (!(value > 0 && value < 1))
        bs_problem(r->problems, bs_node_child(map, key)->place, "%s: %s must be above 0 and below 1 kg mol-1", key,
                   text);
    return value;
}

static void read_one_species(reader *r, const bs_node *all, const bs_node *e)
{
    static const char *const KEYS[] = {"code", "variable", "units", "minus", "molar_mass", "as_molar_mass", NULL};
    bs_mapping_species *s = &r->mapping->species[r->mapping->n_species++];
    *s = (bs_mapping_species){.name = e->key, .minus = -1, .factor = 1};
    if (e->kind != BS_NODE_MAP) {
        s->variable = s->code = bs_nodes_text(r->problems, all, e->key, true);
        return;
    }
    if (!bs_nodes_keys(r->problems, e, "a species", KEYS)) return;
    s->code = bs_nodes_text(r->problems, e, "code", true);
    s->variable = bs_nodes_text(r->problems, e, "variable", false);
    if (!s->variable) s->variable = s->code;
    s->units = bs_nodes_text(r->problems, e, "units", false);
    if (s->units) check_unit(r, bs_node_child(e, "units")->place, s->units);
    s->molar_mass = molar_mass(r, e, "molar_mass");
    const double as = molar_mass(r, e, "as_molar_mass");
    if (as > 0 && s->molar_mass > 0) s->factor = as / s->molar_mass;
    if (as > 0 && !(s->molar_mass > 0))
        bs_problem(r->problems, e->place,
                   "as_molar_mass needs molar_mass, that of the species as the inventory states it");
}

/* A species less another of the mapping. */
static void find_minus(reader *r, const bs_node *map, int species)
{
    bs_mapping *m = r->mapping;
    const char *name = bs_node_child(map, "minus") ? bs_nodes_text(r->problems, map, "minus", true) : NULL;
    if (!name) return;
    int s = 0;
    while (s < m->n_species && strcmp(m->species[s].name, name) != 0) s++;
    if (s < m->n_species && s != species && m->species[s].minus < 0) {
        m->species[species].minus = s;
        return;
    }
    bs_problem(r->problems, bs_node_child(map, "minus")->place,
               "minus: '%s' is no other species of this mapping that is whole", name);
}

static void read_species(reader *r, const bs_node *root)
{
    const bs_node *all = bs_node_child(root, "species");
    if (!all || all->kind != BS_NODE_MAP || all->count == 0) {
        bs_problem(r->problems, all ? all->place : root->place,
                   "'species' must be a mapping: species of the model -> the inventory's code, as {pm25: PM2.5}");
        return;
    }
    r->mapping->species = room(r, all->count, sizeof *r->mapping->species);
    for (const bs_node *e = all->first; e && r->mapping->species; e = e->next) read_one_species(r, all, e);
    int s = 0;
    for (const bs_node *e = all->first; e && r->mapping->species; e = e->next, s++) {
        if (e->kind == BS_NODE_MAP) find_minus(r, e, s);
    }
}

/* ---- lists ---- */

static void read_columns(reader *r, const bs_node *list)
{
    bs_list_layout *y = &r->mapping->list;
    int n = 0;
    const char **word = bs_nodes_texts(r->arena, r->problems, list, "columns", true, &n);
    y->lon = y->lat = y->value = -1;
    for (int w = 0; w < n; w++) {
        int *column = strcmp(word[w], "lon") == 0 ? &y->lon : strcmp(word[w], "lat") == 0 ? &y->lat : NULL;
        const bool months = strcmp(word[w], "months") == 0;
        if (months || strcmp(word[w], "value") == 0) column = &y->value;
        if (column && *column < 0) {
            *column = y->n_columns;
        } else if (column || strcmp(word[w], "skip") != 0) {
            bs_problem(r->problems, bs_node_child(list, "columns")->place,
                       "columns: '%s'; expected lon, lat and value or months (twelve of them), each once, and skip",
                       word[w]);
        }
        if (column == &y->value) y->n_values = months ? BS_LIST_MONTHS : 1;
        y->n_columns += months ? BS_LIST_MONTHS : 1;
    }
    if (word && (y->lon < 0 || y->lat < 0 || y->value < 0 || y->n_columns > 32))
        bs_problem(r->problems, bs_node_child(list, "columns")->place,
                   "columns must hold lon, lat and value or months, and be no more than 32");
}

static void read_domain(reader *r, const bs_node *list)
{
    bs_list_layout *y = &r->mapping->list;
    int n = 0;
    const char **word = bs_nodes_texts(r->arena, r->problems, list, "domain", false, &n);
    if (!word) return;
    bool good = n == 4;
    for (int k = 0; k < n && good; k++) good = bs_number_real(word[k], &y->domain[k]);
    const double *d = y->domain;
    const double x = good ? (d[1] - d[0]) / y->cell : 0, z = good ? (d[3] - d[2]) / y->cell : 0;
    good = good && d[0] < d[1] && d[1] - d[0] <= 360 && d[2] < d[3] && d[2] >= -90 && d[3] <= 90;
    if (!good || fabs(x - round(x)) > 1e-6 || fabs(z - round(z)) > 1e-6)
        bs_problem(r->problems, bs_node_child(list, "domain")->place,
                   "domain must be the edges [west, east, south, north], degrees, a whole number of cells apart");
    y->has_domain = true;
}

static void read_list(reader *r, const bs_node *root)
{
    static const char *const KEYS[] = {"separator", "header_lines", "columns",    "place",
                                       "cell",      "domain",       "duplicates", NULL};
    static const char SEPARATOR[] = {',', ';', ' '};
    bs_list_layout *y = &r->mapping->list;
    const bs_node *list = bs_node_child(root, "list");
    if (!list != (r->mapping->format != BS_MAPPING_LIST)) {
        bs_problem(r->problems, root->place, "'list' belongs to format: list, and to that alone");
        return;
    }
    if (!list || !bs_nodes_keys(r->problems, list, "list", KEYS)) return;
    const int separator = bs_nodes_choice(r->problems, list, "separator", "comma|semicolon|blank", 2);
    y->separator = separator < 0 ? ' ' : SEPARATOR[separator];
    const char *lines = bs_nodes_text(r->problems, list, "header_lines", true);
    long n = -1;
    if (lines && strcmp(lines, "auto") != 0 && (!bs_number_int(lines, &n) || n < 0 || n > 1000))
        bs_problem(r->problems, list->place, "header_lines must be auto or a whole number, found '%s'", lines);
    y->header_lines = (int)n;
    y->cell = bs_nodes_real(r->problems, list, "cell", 0);
    if (!(y->cell > 0 && y->cell <= 10))
        bs_problem(r->problems, list->place, "'cell' must be the cells' size in degrees");
    const int place = bs_nodes_choice(r->problems, list, "place", "centre|corner|aligned", -1);
    if (!bs_node_child(list, "place"))
        bs_problem(r->problems, list->place, "'place' is missing: centre, corner (lower left) or aligned");
    y->place = place < 0 ? BS_LIST_CENTRE : (bs_list_place)place;
    y->add = bs_nodes_choice(r->problems, list, "duplicates", "error|add", 0) == 1;
    read_columns(r, list);
    if (y->cell > 0) read_domain(r, list);
}

/* ---- the file ---- */

static void read_root(reader *r, const bs_node *root)
{
    static const char *const KEYS[] = {"name",  "source",    "format",           "file",    "variable",
                                       "units", "time_axis", "sector_dimension", "missing", "fill",
                                       "list",  "sectors",   "species",          NULL};
    bs_mapping *m = r->mapping;
    if (!bs_nodes_keys(r->problems, root, "a mapping of an inventory", KEYS)) return;
    m->name = bs_nodes_text(r->problems, root, "name", true);
    bs_nodes_text(r->problems, root, "source", true);
    const int format = bs_nodes_choice(r->problems, root, "format", "netcdf|gmt|ascii_grid|list", -1);
    if (!bs_node_child(root, "format"))
        bs_problem(r->problems, root->place, "'format' is missing: netcdf, gmt, ascii_grid or list");
    if (format < 0) return;
    m->format = (bs_mapping_format)format;
    m->months_in_order = bs_nodes_choice(r->problems, root, "time_axis", "dated|in_order", 0) == 1;
    m->missing_zero = bs_nodes_choice(r->problems, root, "missing", "error|zero", 0) == 1;
    m->has_fill = bs_node_child(root, "fill") != NULL;
    m->fill = bs_nodes_real(r->problems, root, "fill", 0);
    read_names(r, root);
    read_units(r, root);
    read_list(r, root);
    read_sectors(r, root);
    read_species(r, root);
}

static bs_status read_file(reader *r, const char *file, bs_err *err)
{
    bs_source source = {0};
    bs_node *root = NULL;
    BS_TRY(bs_source_read(r->arena, file, &source, err));
    r->problems->source = &source;
    r->mapping->file = source.name;
    BS_TRY(bs_yaml_parse(r->arena, source.text, source.length, NULL, r->problems, &root, err));
    if (root) read_root(r, root);
    if (r->no_memory) return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory", file);
    return bs_problems_status(r->problems, err);
}

bs_status bs_mapping_read(const char *file, bs_units *units, bs_mapping **out, bs_err *err)
{
    bs_mapping *m = NULL;
    bs_problems *problems = NULL;
    BS_TRY(BS_NEW(&m, 1, "a mapping", err));
    bs_status status = BS_NEW(&problems, 1, "a mapping", err);
    reader r = {.mapping = m, .arena = &m->arena, .problems = problems, .units = units};
    if (status == BS_OK) status = read_file(&r, file, err);
    bs_free(problems);
    if (status) {
        bs_mapping_destroy(m);
        return status;
    }
    *out = m;
    return BS_OK;
}

void bs_mapping_destroy(bs_mapping *m)
{
    if (!m) return;
    bs_arena_free(&m->arena);
    bs_free(m);
}
