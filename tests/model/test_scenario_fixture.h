/* test_scenario_fixture.h - two provinces of known emission, and plans against them.
 *
 * Steady point sources of pm25, kg s-1:   west  industry 3, road 1;  east  industry 2;  elsewhere  industry 1;  desert  nothing */
#ifndef BS_TESTS_SCENARIO_FIXTURE_H
#define BS_TESTS_SCENARIO_FIXTURE_H

#include "model/emis/groups.h"
#include "model/scenario/compile.h"
#include "test_emis_case.h"

enum { WEST, EAST, DESERT, ELSEWHERE };

typedef struct world {
    emis_case *e;
    bs_region_set *regions;
    bs_plan_world of;
    bs_plan *plan;
    bs_compiled compiled;
} world;

static inline void put_square(FILE *f, const char *code, const char *name, const char *group, double west, double east)
{
    fprintf(
        f,
        "{\"type\":\"Feature\",\"properties\":{\"adcode\":\"%s\",\"name\":\"%s\",\"name_en\":\"%s\",\"group\":\"%s\"},"
        "\"geometry\":{\"type\":\"Polygon\",\"coordinates\":[[[%g,28],[%g,28],[%g,31],[%g,31],[%g,28]]]}}",
        code, name, name, group, west, east, east, west, west);
}

static inline int world_setup(void **state)
{
    world *w = calloc(1, sizeof *w);
    if (!w || emis_setup((void **)&w->e) != 0) return -1;
    *state = w;
    char path[256];
    emis_mesh_lonlat(w->e);
    emis_write(w->e, "points.csv",
               "lon,lat,sector,species,value,unit,height\n102.5,29,industry,pm25,3,kg "
               "s-1,10\n102.6,29.5,road,pm25,1,kg s-1,10\n"
               "105.5,29,industry,pm25,2,kg s-1,10\n107.9,29,industry,pm25,1,kg s-1,10\n");
    FILE *f = fopen(emis_path(w->e, "regions.geojson", path), "w");
    if (!f) return -1;
    fputs("{\"type\":\"FeatureCollection\",\"features\":[", f);
    put_square(f, "1", "west", "both", 102, 104);
    fputc(',', f);
    put_square(f, "2", "east", "both", 104, 106);
    fputc(',', f);
    put_square(f, "3", "desert", "", 106, 107);
    fputs("]}", f);
    if (fclose(f) != 0) return -1;
    emis_read_good(w->e, "  inventories: [{name: points, type: points, file: points.csv}]");
    if (bs_regions_read(emis_path(w->e, "regions.geojson", path), &w->regions, &w->e->err) != BS_OK) return -1;
    if (bs_emission_resolve(w->e->emission, w->regions, &w->e->err) != BS_OK) return -1;
    w->of = (bs_plan_world){.emission = w->e->emission,
                            .regions = w->regions,
                            .start = bs_time_from_date(2015, 1, 10, 0, 0, 0),
                            .end = bs_time_from_date(2015, 1, 11, 0, 0, 0)};
    return 0;
}

static inline void world_clear(world *w)
{
    bs_compiled_release(&w->compiled);
    bs_plan_destroy(w->plan);
    w->plan = NULL;
    w->e->err.text[0] = '\0';
}

static inline int world_teardown(void **state)
{
    world *w = *state;
    world_clear(w);
    bs_regions_destroy(w->regions);
    emis_teardown((void **)&w->e);
    free(w);
    return 0;
}

/* Reads and compiles a plan whose head (line 3) and the actions of its only scenario (from line 5 on, in column 2) are given. */
static inline bs_status compile_plan(world *w, const char *head, const char *actions)
{
    char path[256], text[4096];
    world_clear(w);
    size_t used = (size_t)snprintf(text, sizeof text, "plan: test\ncase: case.yaml\n%s\nscenarios: {s: [\n ", head);
    for (const char *c = actions; *c && used < sizeof text - 8; c++) {
        text[used++] = *c;
        if (*c == '\n') text[used++] = ' ';
    }
    memcpy(text + used, "]}\n", sizeof "]}\n");
    emis_write(w->e, "plan.yaml", text);
    BS_TRY(bs_plan_read(emis_path(w->e, "plan.yaml", path), &w->plan, &w->e->err));
    return bs_plan_compile(w->plan, 0, &w->of, &w->compiled, &w->e->err);
}

static inline void compile_good(world *w, const char *head, const char *actions)
{
    if (compile_plan(w, head, actions) != BS_OK) fail_msg("%s", w->e->err.text);
}

/* Expects "plan.yaml:<place>: error: <words>" within the message. */
static inline void compile_bad(world *w, const char *head, const char *actions, const char *place, const char *words)
{
    char start[256];
    assert_int_equal(compile_plan(w, head, actions), BS_ERR_INPUT);
    snprintf(start, sizeof start, "plan.yaml:%s: error: ", place);
    const char *at = strstr(w->e->err.text, start);
    if (!at) fail_msg("'%s' is not in: %s", start, w->e->err.text);
    if (!strstr(w->e->err.text, words)) fail_msg("'%s' is not in: %s", words, w->e->err.text);
}

/* The factor of an hour of the day for pm25; 1 where none is given. */
static inline double factor_at(const world *w, int region, const char *sector, int hour)
{
    const bs_time t = w->of.start + 3600 * (bs_time)hour;
    double found = 1;
    int n = 0;
    for (int k = 0; k < w->compiled.n; k++) {
        const bs_emission_factor *f = &w->compiled.factor[k];
        if (f->region != region || strcmp(f->sector, sector) != 0 || t < f->from || t >= f->to) continue;
        found = f->factor;
        n++;
    }
    assert_in_range(n, 0, 1);
    return found;
}

#endif
