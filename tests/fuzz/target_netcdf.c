/* netCDF files of every reader, spoilt by a recipe (recipe.h): the first byte is the reader, the rest the recipe. A sound file must be read; what
 * is read of a spoilt one must be finite and in range. */
#include "fuzz.h"

#include <math.h>

#include "model/core/memory.h"
#include "model/emis/emission.h"
#include "model/emis/groups.h"
#include "model/met/prepared.h"
#include "model/run/nest.h"
#include "recipe.h"

enum { HOURS = 3600, RECORD_S = 3 * HOURS };
static const double LOWEST_WIND = -200, HIGHEST_WIND = 200; /* m s-1, of fields.def */

static void need_finite(const char *what, const double *v, size_t n)
{
    for (size_t k = 0; k < n; k++) FUZZ_CHECK(isfinite(v[k]), "%s[%zu] is %g", what, k, v[k]);
}

/* ---- readers: BS_OK where the file was taken ---- */

static bs_status try_provider(const bs_provider *provider, bs_case *c, bs_err *err)
{
    void *self = NULL;
    bs_native *n = NULL;
    bs_status st = provider->create(&c->met, c->start, c->end, &self, err);
    if (!fuzz_judge(st, err)) return st;
    FUZZ_CHECK(bs_native_create(c->mesh->nx, c->mesh->ny, c->levels->nz, &n, err) == BS_OK, "%s", err->text);
    const size_t area = (size_t)n->nx * (size_t)n->ny, all = area * (size_t)n->nz;
    for (bs_time t = c->start; st == BS_OK && t <= c->end; t += 2 * HOURS) {
        st = provider->read(self, t, n, err);
        if (!fuzz_judge(st, err)) break;
        const double *three[] = {n->u, n->v, n->t, n->qv};
        for (int f = 0; f < 4; f++) need_finite("a field", three[f], all);
        need_finite("ps", n->ps, area);
        for (size_t k = 0; k < all; k++)
            FUZZ_CHECK(n->u[k] >= LOWEST_WIND && n->u[k] <= HIGHEST_WIND && n->t[k] > 100 && n->t[k] < 400 &&
                           n->qv[k] >= 0 && n->qv[k] < 0.2,
                       "u %g, t %g, qv %g at %zu", n->u[k], n->t[k], n->qv[k], k);
        for (size_t k = 0; k < area; k++) FUZZ_CHECK(n->ps[k] > 20000 && n->ps[k] < 120000, "ps %g", n->ps[k]);
    }
    bs_native_destroy(n);
    provider->destroy(self);
    return st;
}

static bs_status try_weather(bs_case *c, bs_err *err)
{
    return try_provider(&BS_PROVIDER_PRESSURE_LEVELS, c, err);
}

static bs_status try_model_levels(bs_case *c, bs_err *err)
{
    return try_provider(&BS_PROVIDER_ERA5_MODEL_LEVELS, c, err);
}

static bs_status try_wrf(bs_case *c, bs_err *err)
{
    return try_provider(&BS_PROVIDER_WRF, c, err);
}

static bs_status try_wind10(bs_case *c, bs_err *err)
{
    return try_provider(&BS_PROVIDER_IDEALISED, c, err);
}

static bs_status try_land(bs_case *c, bs_err *err)
{
    double *land = NULL;
    char origin[512];
    const size_t cells = (size_t)c->mesh->nx * (size_t)c->mesh->ny;
    const bs_status st = bs_land_read(&c->met, &land, origin, sizeof origin, err);
    if (!fuzz_judge(st, err)) return st;
    for (size_t k = 0; k < cells; k++) {
        double sum = 0;
        for (size_t l = 0; l < BS_LAND_COUNT; l++) {
            FUZZ_CHECK(land[l * cells + k] >= 0, "share %g", land[l * cells + k]);
            sum += land[l * cells + k];
        }
        FUZZ_CHECK(fabs(sum - 1) < 1e-9, "the shares of cell %zu sum to %.17g", k, sum);
    }
    bs_free(land);
    return st;
}

static bs_status try_terrain(bs_case *c, bs_err *err)
{
    double *height = NULL;
    const bs_status st = bs_terrain_read(c->config, c->mesh, c->units, &height, err);
    if (fuzz_judge(st, err)) need_finite("height", height, (size_t)c->mesh->nx * (size_t)c->mesh->ny);
    free(height);
    return st;
}

static bs_status try_emission(bs_case *c, bs_err *err)
{
    bs_emission *e = NULL;
    const bs_status st = bs_emission_create(c->config, c->mesh, c->regions, c->tracers, c->units, c->log, &e, err);
    if (!fuzz_judge(st, err)) return st;
    for (int n = 0; n < bs_emission_audit_count(e); n++) {
        const bs_emission_audit *a = bs_emission_audit_at(e, n);
        FUZZ_CHECK(isfinite(a->in_file_kg_s) && a->in_file_kg_s >= 0.0 && isfinite(a->on_grid_kg_s) &&
                       a->on_grid_kg_s >= 0.0,
                   "%g, %g kg s-1", a->in_file_kg_s, a->on_grid_kg_s);
    }
    bs_emission_destroy(e);
    return st;
}

static void fill_met(const bs_case *c, bs_met_state *met)
{
    const long area = (long)c->mesh->nx * c->mesh->ny;
    for (int k = 0; k <= c->levels->nz; k++)
        for (long n = 0; n < area; n++) met->z_half[k * area + n] = (real)(200 * k);
}

static bs_status try_nest(bs_case *c, bs_err *err)
{
    bs_nest *initial = NULL, *boundary = NULL;
    bs_met_state *met = NULL;
    bs_state *state = NULL;
    bs_boundary *b = NULL;
    bs_status st = bs_met_state_create(c->mesh->nx, c->mesh->ny, c->levels->nz, c->tracers->n_removal, &met, err);
    if (st == BS_OK) st = bs_state_create(&c->box, c->tracers, &state, err);
    if (st == BS_OK) st = bs_boundary_create(c->mesh->nx, c->mesh->ny, c->levels->nz, c->tracers->n, &b, err);
    FUZZ_CHECK(st == BS_OK, "%s", err->text);
    fill_met(c, met);
    st = bs_nest_open(c, "initial", c->start, c->start, &initial, err);
    if (fuzz_judge(st, err)) st = bs_nest_initial(initial, met, state, err);
    if (st == BS_OK) {
        st = bs_nest_open(c, "boundary", c->start, c->end, &boundary, err);
        for (bs_time t = c->start; st == BS_OK && t <= c->end; t += HOURS)
            st = bs_nest_boundary(boundary, t, met, b, err);
    }
    if (fuzz_judge(st, err))
        for (int s = 0; s < BS_SIDES; s++)
            for (int n = 0; n < b->n_tracers * b->nz * bs_boundary_length(b, (bs_side)s); n++)
                FUZZ_CHECK(isfinite(b->q[s][n]), "boundary %g", (double)b->q[s][n]);
    bs_nest_close(initial);
    bs_nest_close(boundary);
    bs_boundary_destroy(b);
    bs_state_destroy(state);
    bs_met_state_destroy(met);
    return st;
}

static char *prepared_dir(void)
{
    static char dir[512];
    if (!*dir) {
        snprintf(dir, sizeof dir, "%s", fuzz_path(""));
        dir[strlen(dir) - 1] = '\0';
    }
    return dir;
}

static bs_status try_prepared(bs_case *c, bs_err *err)
{
    char key[BS_MET_KEY_MAX];
    bs_met_times times;
    bs_prepared *p = NULL;
    bs_met_state *state = NULL;
    bs_corrector *corrector = NULL;
    FUZZ_CHECK(bs_prepared_key(&BS_PROVIDER_IDEALISED, &c->met, c->tracers, key, err) == BS_OK, "%s", err->text);
    FUZZ_CHECK(bs_met_times_from(c->config, c->start, c->end, &times, err) == BS_OK, "%s", err->text);
    bs_status st = bs_prepared_open(prepared_dir(), key, &c->met, c->tracers, &times, &p, err);
    if (!fuzz_judge(st, err)) return st;
    st = bs_met_state_create(c->mesh->nx, c->mesh->ny, c->levels->nz, c->tracers->n_removal, &state, err);
    if (st == BS_OK) st = bs_corrector_create(c->mesh, NULL, c->levels->nz, &corrector, err);
    FUZZ_CHECK(st == BS_OK, "%s", err->text);
    for (int n = 0; st == BS_OK && n < times.count; n++) st = bs_prepared_read_state(p, n, state, err);
    if (st == BS_OK) st = bs_prepared_read_correction(p, 0, corrector, err);
    if (fuzz_judge(st, err)) {
        (void)bs_prepared_assumed(p, 0);
        need_finite("m", state->m, (size_t)c->mesh->nx * (size_t)c->mesh->ny * (size_t)c->levels->nz);
    }
    bs_corrector_destroy(corrector);
    bs_met_state_destroy(state);
    bs_prepared_close(p);
    return st;
}

/* ---- the table ---- */

typedef struct reader {
    const char *file, *rows; /* what it reads; what the case says */
    void (*base)(recipe *r); /* NULL: prepared */
    bs_status (*read)(bs_case *c, bs_err *err);
} reader;

static const reader READERS[] = {
    {"weather.nc",
     "meteorology: {provider: pressure_levels, files: [weather.nc], variables: {u: {name: u}, v: {name: v}, "
     "temperature: {name: t}, "
     "specific_humidity: {name: q}, surface_pressure: {name: sp}, orography: {name: z}}}\n",
     recipe_weather, try_weather},
    {"terrain.nc", "terrain: {file: terrain.nc, variable: height}\n", recipe_terrain, try_terrain},
    {"inventory.nc",
     "emissions: {inventories: [{name: a, type: gridded, file: inventory.nc, species: pm25, variables: {power: {name: "
     "p}}}]}\n",
     recipe_inventory, try_emission},
    {"proxy.nc",
     "emissions: {inventories: [{name: a, type: totals, file: totals.csv, regions: regions.geojson, "
     "proxy: {file: proxy.nc, default: p}}]}\n",
     recipe_proxy, try_emission},
    {"nest.nc", "initial: {type: file, file: nest.nc}\nboundary: {type: file, file: nest.nc}\n", recipe_nest, try_nest},
    {NULL, "", NULL, try_prepared},
    {"levels.nc",
     "meteorology: {provider: era5_model_levels, files: [levels.nc], variables: {u: {name: u}, v: {name: v}, "
     "temperature: {name: t}, specific_humidity: {name: q}, log_surface_pressure: {name: lnsp}}}\n",
     recipe_model_levels, try_model_levels},
    {"wrfout.nc", "meteorology: {provider: wrf, files: [wrfout.nc]}\n", recipe_wrf, try_wrf},
    {"land.nc", "land: {file: land.nc, variable: share, classes: number, legend: MODIS}\n", recipe_land, try_land},
    {"wind10.nc", "meteorology: {provider: idealised, idealised: {wind10_file: wind10.nc}}\n", recipe_wind10,
     try_wind10},
    {"2020_PM25_ENE.nc",
     "emissions: {inventories: [{name: a, type: mapped, mapping: mapping.yaml, files: 2020_PM25_ENE.nc, year: "
     "2020}]}\n",
     recipe_mapped, try_emission},
};
enum { N_READERS = sizeof READERS / sizeof *READERS };

typedef struct bench {
    bs_case *c;
    char file[128];
    recipe base;
} bench;

static void make_prepared(bench *b, bs_err *err)
{
    char key[BS_MET_KEY_MAX];
    FUZZ_CHECK(bs_met_prepare(&b->c->met, b->c->tracers, b->c->start, b->c->end, prepared_dir(), err) == BS_OK, "%s",
               err->text);
    FUZZ_CHECK(bs_prepared_key(&BS_PROVIDER_IDEALISED, &b->c->met, b->c->tracers, key, err) == BS_OK, "%s", err->text);
    snprintf(b->file, sizeof b->file, "%s.nc", key);
    recipe_load(&b->base, fuzz_path(b->file));
    b->base.format = 0; /* quicker to write */
}

static bench *bench_of(int n, bs_err *err)
{
    static bench all[N_READERS];
    static const char TOTALS[] = "region,adcode,sector,species,value,unit\nwest,1,power,pm25,1,Gg year-1\n";
    static const char MAPPING[] =
        "name: made up\nsource: nowhere\nformat: netcdf\nfile: '{year}_{species}_{sector}.nc'\nvariable: [emissions, "
        "p]\n"
        "units: {t: t year-1, kg m-2 s-1: kg m-2 s-1}\nsectors: {power: ENE}\nspecies: {pm25: PM25}\n";
    bench *b = &all[n];
    char name[32];
    if (b->c) return b;
    snprintf(name, sizeof name, "case-%d", n);
    if (READERS[n].base) {
        snprintf(b->file, sizeof b->file, "%s", READERS[n].file);
        READERS[n].base(&b->base);
        FUZZ_CHECK(recipe_write(&b->base, fuzz_path(b->file)), "%s is not written", b->file);
        fuzz_write("totals.csv", TOTALS, sizeof TOTALS - 1);
        fuzz_write("mapping.yaml", MAPPING, sizeof MAPPING - 1);
        b->c = fuzz_case(name, READERS[n].rows);
    } else {
        b->c = fuzz_case(name, READERS[n].rows);
        make_prepared(b, err);
        FUZZ_CHECK(recipe_write(&b->base, fuzz_path(b->file)), "%s is not written", b->file);
    }
    FUZZ_CHECK(READERS[n].read(b->c, err) == BS_OK, "the sound file %s is refused: %s", b->file, err->text);
    return b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bs_err err;
    static recipe spoilt;
    if (size == 0) return 0;
    const int n = data[0] % N_READERS;
    bench *b = bench_of(n, &err);
    recipe_copy(&spoilt, &b->base);
    recipe_spoil(&spoilt, data + 1, size - 1);
    err.text[0] = '\0';
    if (recipe_write(&spoilt, fuzz_path(b->file))) READERS[n].read(b->c, &err);
    if (getenv("FUZZ_SHOW")) fprintf(stderr, "%s\n", err.text);
    return 0;
}
