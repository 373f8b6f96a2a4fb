/* test_emis_groups.h - groups of sources over the committed inventories and polygons, for the tests of emission by region. */
#ifndef BS_TESTS_EMIS_GROUPS_H
#define BS_TESTS_EMIS_GROUPS_H

#include "test_emis_case.h"

#define COMMITTED   BS_SOURCE_DIR "/configs/emissions/"
#define PREFECTURES BS_SOURCE_DIR "/configs/regions/sichuan-chongqing.geojson"
#define REAS                                                                                                           \
    "  inventories:\n"                                                                                                 \
    "  - name: reas\n    type: totals\n    file: " COMMITTED "province_totals_2015.csv\n"                              \
    "    regions: " BS_SOURCE_DIR "/configs/regions/provinces.geojson\n    proxy:\n      file: " BS_SOURCE_DIR         \
    "/configs/data/proxy_population.nc\n      default: population\n"                                                   \
    "  - {name: plants, type: points, file: " COMMITTED "points_power.csv}\n"                                          \
    "  profiles:\n    month: " COMMITTED "profiles_month.csv\n    weekday: " COMMITTED "profiles_weekday.csv\n"        \
    "    hour: " COMMITTED "profiles_hour.csv\n    height: " COMMITTED "profiles_height.csv\n"

static const double SUMS = 1e-12; /* ROUND: sums in double of some 1e4 terms, relative */

static const bs_time DAY_BEGIN = 1420905600; /* 2015-01-10T16:00Z, a natural day of UTC+8 */

/* ---- groups ---- */

enum { MOST_REGIONS = 64 };

typedef struct sketch {
    bs_source_group group;
    char sector[4][64];
    bool region[MOST_REGIONS];
} sketch;

/* A group of the sectors (separated by blanks; "all") and regions (the same). It points into *s. */
static inline bs_source_group *make_group(emis_case *c, sketch *s, const char *name, const char *regions,
                                          const char *sectors)
{
    char text[128], *rest = text;
    *s = (sketch){.group = {.where = "case.yaml:9:3", .n_regions = c->regions->n}};
    s->group.region = s->region;
    s->group.sector = s->sector;
    snprintf(s->group.name, sizeof s->group.name, "%s", name);
    snprintf(s->group.label, sizeof s->group.label, "%s", name);
    snprintf(text, sizeof text, "%s", regions);
    for (char *word = strtok_r(rest, " ", &rest); word; word = strtok_r(rest, " ", &rest))
        assert_int_equal(bs_regions_select(c->regions, word, "w", s->region, &c->err), BS_OK);
    rest = text;
    snprintf(text, sizeof text, "%s", sectors);
    for (char *word = strtok_r(rest, " ", &rest); word; word = strtok_r(rest, " ", &rest))
        if (strcmp(word, "all") != 0) snprintf(s->sector[s->group.n_sectors++], sizeof s->sector[0], "%s", word);
    return &s->group;
}

static const bs_source_group OTHER = {.name = "other", .where = "case.yaml:9:3", .optional = true, .rest = true};

static inline void prefectures(emis_case *c)
{
    if (!c->mesh) emis_mesh_lambert(c);
    if (!c->regions && bs_regions_read(PREFECTURES, &c->regions, &c->err)) fail_msg("%s", c->err.text);
}

/* Reads the committed inventories with these groups; members 0: one. */
static inline void read_reas(emis_case *c, int n, const bs_source_group *group, int members)
{
    c->n_groups = n;
    c->group = group;
    c->n_members = members;
    emis_read_good(c, REAS);
    emis_layers(c, 20);
    if (bs_emission_resolve(c->emission, c->regions, &c->err) != BS_OK) fail_msg("%s", c->err.text);
}

static inline int tracer_at(const emis_case *c, const char *label)
{
    for (int t = 0; t < c->tracers->n; t++)
        if (strcmp(c->tracers->row[t].label, label) == 0) return t;
    fail_msg("no tag %s", label);
    return -1;
}

/* A copy of a tracer's rates in the hour of t, to be freed. */
static inline real *rates_of(emis_case *c, int tracer, bs_time t, size_t *n)
{
    if (emis_fill(c, t) != BS_OK) fail_msg("%s", c->err.text);
    *n = (size_t)c->rates->n_layers * (size_t)c->rates->nx * (size_t)c->rates->ny;
    real *copy = malloc(*n * sizeof *copy);
    assert_non_null(copy);
    memcpy(copy, c->rates->rate + (size_t)tracer * *n, *n * sizeof *copy);
    return copy;
}

static inline void assert_same_bits(const real *a, const real *b, size_t n)
{
    assert_memory_equal(a, b, n * sizeof *a);
}

#endif
