/* Stations as points of a GeoJSON FeatureCollection. */
#include <string.h>

#include "model/config/source.h"
#include "model/config/yaml.h"
#include "model/core/memory.h"
#include "model/evaluate/sheet.h"

typedef struct reader {
    bs_sheet *sheet;
    bs_problems *problems;
} reader;

static bs_status take_point(reader *r, const bs_node *feature, bs_obs_row *row)
{
    const bs_node *at = bs_node_child(bs_node_child(feature, "geometry"), "coordinates");
    const bs_node *lon = at && at->kind == BS_NODE_LIST ? at->first : NULL, *lat = lon ? lon->next : NULL;
    if (!lat || lon->kind != BS_NODE_TEXT || lat->kind != BS_NODE_TEXT) {
        bs_problem(r->problems, feature->place, "expected a Feature with a Point: geometry.coordinates [lon, lat]");
        return BS_OK;
    }
    row->cell[BS_OBS_LON] = lon->text;
    row->cell[BS_OBS_LAT] = lat->text;
    return BS_OK;
}

static void take_properties(reader *r, const bs_node *feature, bs_obs_row *row)
{
    char unit[64];
    const bs_node *properties = bs_node_child(feature, "properties");
    for (const bs_node *p = properties ? properties->first : NULL; p; p = p->next) {
        const bs_obs_role role = p->key ? bs_sheet_role(p->key, unit, sizeof unit) : BS_OBS_ROLES;
        if (role == BS_OBS_ROLES || role == BS_OBS_LON || role == BS_OBS_LAT) continue;
        if (row->cell[role]) {
            bs_problem(r->problems, p->place,
                       "two properties of one feature ('%s' and another) could be the same thing", p->key);
            return;
        }
        row->cell[role] = p->kind == BS_NODE_TEXT ? p->text : "";
        r->sheet->column[role] = p->key;
    }
}

static bs_status take_features(reader *r, const char *file, const bs_node *root, bs_err *err)
{
    const bs_node *features = bs_node_child(root, "features");
    if (!features || features->kind != BS_NODE_LIST) {
        bs_problem(r->problems, root->place, "expected GeoJSON: a FeatureCollection with 'features'");
        return BS_OK;
    }
    for (const bs_node *f = features->first; f; f = f->next) {
        bs_obs_row *row = NULL;
        BS_TRY(bs_sheet_add(r->sheet, &row, err));
        row->where = bs_arena_format(&r->sheet->arena, "%s:%d", file, f->place.line);
        if (!row->where) return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory", file);
        BS_TRY(take_point(r, f, row));
        take_properties(r, f, row);
    }
    r->sheet->column[BS_OBS_LON] = r->sheet->column[BS_OBS_LAT] = "coordinates";
    return BS_OK;
}

bs_status bs_sheet_points(const char *file, bs_sheet *sheet, bs_err *err)
{
    bs_source source = {0};
    bs_node *root = NULL;
    bs_problems *problems = NULL;
    BS_TRY(bs_source_read(&sheet->arena, file, &source, err));
    BS_TRY(BS_NEW(&problems, 1, "errors of a file", err));
    problems->source = &source;
    reader r = {sheet, problems};
    bs_status st = bs_yaml_parse(&sheet->arena, source.text, source.length, NULL, problems, &root, err);
    if (st == BS_OK && root) st = take_features(&r, file, root, err);
    if (st == BS_OK) st = bs_problems_status(problems, err);
    bs_free(problems);
    return st;
}
