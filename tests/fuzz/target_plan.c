/* Plans of reductions, read and compiled against two provinces of known emission. What follows a line "--- template" is the file of
 * alert levels, templates.yaml. */
#include "fuzz.h"

#include <math.h>

#include "model/scenario/compile.h"

static const char MARK[] = "--- template\n";
static const char POINTS[] = "lon,lat,sector,species,value,unit,height\n103.1,29.5,industry,pm25,3,kg s-1,10\n"
                             "103.2,29.6,road,pm25,1,kg s-1,10\n104.5,29.5,industry,pm25,2,kg s-1,10\n";
static const char TEMPLATE[] =
    "source: made up\nlevels:\n  yellow: {mandated: 10%, actions: [{sectors: [industry], species: [all], cut: 40%}]}\n"
    "  red: {mandated: 30%, actions: [{sectors: [industry, road], species: [pm25], cut: 50%}]}\n";

typedef struct world {
    bs_case *c;
    bs_emission *emission;
} world;

static const world *world_once(void)
{
    static world w = {0};
    static bs_err err;
    if (w.c) return &w;
    fuzz_write("points.csv", POINTS, sizeof POINTS - 1);
    w.c = fuzz_case("plan-case", "emissions: {inventories: [{name: a, type: points, file: points.csv}]}\n");
    bs_status st =
        bs_emission_create(w.c->config, w.c->mesh, w.c->regions, w.c->tracers, w.c->units, w.c->log, &w.emission, &err);
    if (st == BS_OK) st = bs_emission_resolve(w.emission, w.c->regions, &err);
    FUZZ_CHECK(st == BS_OK, "%s", err.text);
    return &w;
}

static void try_compile(bs_plan *plan, int scenario, bs_err *err)
{
    const world *w = world_once();
    const bs_plan_world of = {
        .emission = w->emission, .regions = w->c->regions, .start = w->c->start, .end = w->c->end};
    bs_compiled compiled = {0};
    if (fuzz_judge(bs_plan_compile(plan, scenario, &of, &compiled, err), err)) {
        for (int n = 0; n < compiled.n; n++) {
            const bs_emission_factor *f = &compiled.factor[n];
            FUZZ_CHECK(f->factor >= 0.0 && f->factor <= 1.0, "factor %g", f->factor);
            FUZZ_CHECK(f->from >= of.start && f->to <= of.end && f->from < f->to, "factor %d lies outside the run", n);
        }
        for (int n = 0; n < compiled.n_rows; n++)
            FUZZ_CHECK(compiled.row[n].after <= compiled.row[n].before * (1.0 + 1e-12) && compiled.row[n].after >= 0.0,
                       "%g of %g kg", compiled.row[n].after, compiled.row[n].before);
    }
    bs_compiled_release(&compiled);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bs_err err;
    bs_plan *plan = NULL;
    size_t head = size, tail = 0;
    err.text[0] = '\0';
    for (size_t n = 0; n + sizeof MARK - 1 <= size; n++) {
        if (memcmp(data + n, MARK, sizeof MARK - 1) != 0) continue;
        head = n;
        tail = size - n - (sizeof MARK - 1);
        break;
    }
    if (head < size) {
        fuzz_write("templates.yaml", data + size - tail, tail);
    } else {
        fuzz_write("templates.yaml", TEMPLATE, sizeof TEMPLATE - 1);
    }
    if (!fuzz_judge(bs_plan_read(fuzz_write("plan.yaml", data, head), &plan, &err), &err)) {
        FUZZ_CHECK(!plan, "an error and a plan");
        return 0;
    }
    FUZZ_CHECK(plan->n > 0 && plan->name && plan->case_file, "a plan without scenarios or case");
    const int n = plan->n;
    bs_plan_destroy(plan);
    for (int s = 0; s < n && s < 4; s++) { /* problems of one scenario stay with the plan */
        FUZZ_CHECK(bs_plan_read(fuzz_path("plan.yaml"), &plan, &err) == BS_OK, "%s", err.text);
        try_compile(plan, s, &err);
        bs_plan_destroy(plan);
    }
    return 0;
}
