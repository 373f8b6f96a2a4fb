#include "model/config/geojson.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/config/arena.h"
#include "model/config/source.h"
#include "model/config/yaml.h"
#include "model/core/number.h"

enum { LABEL_MAX = 128 };

/* What the checks of one feature share. */
typedef struct feature_reader {
    bs_problems *problems;
    char label[LABEL_MAX]; /* "feature 3 ('成都市')": how messages begin */
} feature_reader;

static bool is_word(const bs_node *node, const char *word)
{
    return node && node->kind == BS_NODE_TEXT && strcmp(node->text, word) == 0;
}

/* A property as text into out[size]; "" when absent. False after a problem. */
static bool take_property(const feature_reader *f, const bs_node *properties, const char *key, char *out, size_t size)
{
    const bs_node *node = bs_node_child(properties, key);
    out[0] = '\0';
    if (!node || node->kind == BS_NODE_NULL) return true;
    if (node->kind != BS_NODE_TEXT) {
        bs_problem(f->problems, node->place, "%s: property '%s' must be a text", f->label, key);
        return false;
    }
    if (strlen(node->text) >= size) {
        bs_problem(f->problems, node->place, "%s: property '%s' is longer than %zu bytes", f->label, key, size - 1);
        return false;
    }
    strcpy(out, node->text);
    return true;
}

/* [lon, lat] within +-360 and +-90; a third value (a height) is left aside. */
static bool take_position(const feature_reader *f, const bs_node *node, double *lon, double *lat)
{
    char found[96];
    const bs_node *x = node->kind == BS_NODE_LIST ? node->first : NULL, *y = x ? x->next : NULL;
    if (!y) {
        bs_problem(f->problems, node->place, "%s: a position must be [longitude, latitude], found %s", f->label,
                   node->kind == BS_NODE_LIST ? "fewer than two values" : bs_node_found(node, found, sizeof found));
        return false;
    }
    const bs_node *part[2] = {x, y};
    double value[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        if (part[i]->kind != BS_NODE_TEXT || part[i]->quoted || !bs_number_real(part[i]->text, &value[i])) {
            bs_problem(f->problems, part[i]->place, "%s: a coordinate must be a finite number, found %s", f->label,
                       bs_node_found(part[i], found, sizeof found));
            return false;
        }
    }
    if (fabs(value[0]) > 360 || fabs(value[1]) > 90) {
        bs_problem(f->problems, node->place,
                   "%s: position [%s, %s] is outside +-360 and +-90; expected longitude and "
                   "latitude in degrees",
                   f->label, x->text, y->text);
        return false;
    }
    *lon = value[0];
    *lat = value[1];
    return true;
}

/* Points of a ring appended to the shape. */
static bool take_ring(const feature_reader *f, const bs_node *ring, bs_region_shape *shape)
{
    if (ring->kind != BS_NODE_LIST || ring->count < 4) {
        bs_problem(f->problems, ring->place, "%s: a ring needs at least 4 positions, found %d", f->label,
                   ring->kind == BS_NODE_LIST ? ring->count : 0);
        return false;
    }
    size_t start = shape->n_points;
    for (const bs_node *p = ring->first; p; p = p->next) {
        if (!take_position(f, p, &shape->lon[shape->n_points], &shape->lat[shape->n_points])) return false;
        shape->n_points++;
    }
    size_t last = shape->n_points - 1;
    if (shape->lon[start] != shape->lon[last] || shape->lat[start] != shape->lat[last]) {
        bs_problem(f->problems, ring->place, "%s: a ring is not closed: it must end where it begins", f->label);
        return false;
    }
    shape->ring_start[++shape->n_rings] = shape->n_points;
    return true;
}

static bool take_polygon(const feature_reader *f, const bs_node *polygon, bs_region_shape *shape)
{
    if (polygon->kind != BS_NODE_LIST || polygon->count == 0) {
        bs_problem(f->problems, polygon->place, "%s: a polygon must be a list of rings", f->label);
        return false;
    }
    for (const bs_node *ring = polygon->first; ring; ring = ring->next) {
        if (!take_ring(f, ring, shape)) return false;
    }
    shape->polygon_start[++shape->n_polygons] = shape->n_rings;
    return true;
}

static size_t count_entries(const bs_node *list)
{
    return list->kind == BS_NODE_LIST ? (size_t)list->count : 0;
}

/* Room for all polygons, rings and points below `polygons`. */
static bool allocate_shape(bs_region_shape *shape, const bs_node *first_polygon, bool single)
{
    size_t n_polygons = 0, n_rings = 0, n_points = 0;
    for (const bs_node *p = first_polygon; p; p = single ? NULL : p->next) {
        n_polygons++;
        n_rings += count_entries(p);
        for (const bs_node *r = p->kind == BS_NODE_LIST ? p->first : NULL; r; r = r->next) n_points += count_entries(r);
    }
    shape->polygon_start = calloc(n_polygons + 1, sizeof *shape->polygon_start);
    shape->ring_start = calloc(n_rings + 1, sizeof *shape->ring_start);
    shape->lon = calloc(n_points + 1, sizeof *shape->lon);
    shape->lat = calloc(n_points + 1, sizeof *shape->lat);
    return shape->polygon_start && shape->ring_start && shape->lon && shape->lat;
}

static bs_status take_geometry(const feature_reader *f, const bs_node *feature, bs_region_shape *shape, bs_err *err)
{
    const bs_node *geometry = bs_node_child(feature, "geometry");
    const bs_node *type = bs_node_child(geometry, "type"), *coordinates = bs_node_child(geometry, "coordinates");
    bool single = is_word(type, "Polygon"), multi = is_word(type, "MultiPolygon");
    if (!single && !multi) {
        bs_problem(f->problems, type ? type->place : feature->place,
                   "%s has no polygon: geometry must be of type Polygon or MultiPolygon", f->label);
        return BS_OK;
    }
    if (!coordinates || coordinates->kind != BS_NODE_LIST || coordinates->count == 0) {
        bs_problem(f->problems, coordinates ? coordinates->place : type->place, "%s has no polygon: no coordinates",
                   f->label);
        return BS_OK;
    }
    const bs_node *first = single ? coordinates : coordinates->first;
    if (!allocate_shape(shape, first, single)) return bs_fail(err, BS_ERR_MEMORY, "out of memory for region polygons");
    for (const bs_node *p = first; p; p = single ? NULL : p->next) {
        if (!take_polygon(f, p, shape)) return BS_OK;
    }
    return BS_OK;
}

static void take_centre(const feature_reader *f, const bs_node *properties, double centre[2])
{
    const bs_node *node = bs_node_child(properties, "centre");
    centre[0] = centre[1] = NAN;
    if (node && node->kind != BS_NODE_NULL) take_position(f, node, &centre[0], &centre[1]);
}

static bs_status take_feature(bs_problems *problems, const bs_node *feature, int index, bs_region *region, bs_err *err)
{
    feature_reader f = {.problems = problems};
    const bs_node *properties = bs_node_child(feature, "properties");
    snprintf(f.label, sizeof f.label, "feature %d", index);
    if (!is_word(bs_node_child(feature, "type"), "Feature")) {
        bs_problem(problems, feature->place, "%s: expected a mapping of type Feature", f.label);
        return BS_OK;
    }
    if (!take_property(&f, properties, "name", region->name, sizeof region->name)) return BS_OK;
    if (!region->name[0]) {
        bs_problem(problems, feature->place, "%s has no property 'name'", f.label);
        return BS_OK;
    }
    snprintf(f.label, sizeof f.label, "feature %d ('%s')", index, region->name);
    bool good = take_property(&f, properties, "adcode", region->adcode, sizeof region->adcode);
    if (good && !region->adcode[0]) good = take_property(&f, properties, "id", region->adcode, sizeof region->adcode);
    if (good && !region->adcode[0]) good = take_property(&f, feature, "id", region->adcode, sizeof region->adcode);
    good = take_property(&f, properties, "name_en", region->name_en, sizeof region->name_en) && good;
    good = take_property(&f, properties, "province_adcode", region->province, sizeof region->province) && good;
    good = take_property(&f, properties, "province", region->province_name, sizeof region->province_name) && good;
    good = take_property(&f, properties, "group", region->group, sizeof region->group) && good;
    take_centre(&f, properties, region->centre);
    return good ? take_geometry(&f, feature, &region->shape, err) : BS_OK;
}

static bs_status take_features(bs_problems *problems, const bs_node *root, bs_region_set *set, bs_err *err)
{
    const bs_node *type = bs_node_child(root, "type"), *features = bs_node_child(root, "features");
    if (!is_word(type, "FeatureCollection")) {
        bs_problem(problems, type ? type->place : root->place, "expected GeoJSON of type FeatureCollection");
        return BS_OK;
    }
    if (!features || features->kind != BS_NODE_LIST || features->count == 0) {
        bs_problem(problems, features ? features->place : type->place,
                   "'features' must be a list of at least one feature");
        return BS_OK;
    }
    set->region = calloc((size_t)features->count, sizeof *set->region);
    if (!set->region) return bs_fail(err, BS_ERR_MEMORY, "out of memory for regions");
    set->n = features->count;
    int index = 0;
    for (const bs_node *feature = features->first; feature; feature = feature->next, index++) {
        bs_region *region = &set->region[index];
        BS_TRY(take_feature(problems, feature, index, region, err));
        for (int i = 0; i < index && region->adcode[0]; i++) {
            if (strcmp(set->region[i].adcode, region->adcode) != 0) continue;
            bs_problem(problems, feature->place, "feature %d ('%s') has adcode %s, which feature %d ('%s') has", index,
                       region->name, region->adcode, i, set->region[i].name);
            break;
        }
    }
    return BS_OK;
}

static bs_status read_set(bs_arena *arena, bs_problems *problems, const char *file, bs_region_set *set, bs_err *err)
{
    bs_source source = {0};
    bs_node *root = NULL;
    BS_TRY(bs_source_read(arena, file, &source, err));
    problems->source = &source;
    BS_TRY(bs_yaml_parse(arena, source.text, source.length, NULL, problems, &root, err));
    if (root) BS_TRY(take_features(problems, root, set, err));
    return bs_problems_status(problems, err);
}

bs_status bs_regions_read(const char *file, bs_region_set **out, bs_err *err)
{
    *out = NULL;
    bs_arena arena = {0};
    bs_region_set *set = calloc(1, sizeof *set);
    bs_problems *problems = calloc(1, sizeof *problems);
    bs_status status = BS_ERR_MEMORY;
    if (set && problems) {
        status = read_set(&arena, problems, file, set, err);
    } else {
        bs_fail(err, status, "%s: out of memory", file);
    }
    bs_arena_free(&arena);
    free(problems);
    if (status) {
        bs_regions_destroy(set);
        return status;
    }
    *out = set;
    return BS_OK;
}

void bs_regions_destroy(bs_region_set *set)
{
    if (!set) return;
    for (int i = 0; i < set->n; i++) {
        free(set->region[i].shape.polygon_start);
        free(set->region[i].shape.ring_start);
        free(set->region[i].shape.lon);
        free(set->region[i].shape.lat);
    }
    free(set->region);
    free(set);
}

int bs_regions_find(const bs_region_set *set, const char *key)
{
    if (!*key) return -1;
    for (int i = 0; i < set->n; i++) {
        const bs_region *r = &set->region[i];
        if (strcmp(r->adcode, key) == 0 || strcmp(r->name, key) == 0 || strcmp(r->name_en, key) == 0) return i;
    }
    return -1;
}
