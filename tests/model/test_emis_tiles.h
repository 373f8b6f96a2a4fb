/* test_emis_tiles.h - inventories of every kind on the whole mesh, and the emission of one tile of it beside them. */
#ifndef BS_TESTS_EMIS_TILES_H
#define BS_TESTS_EMIS_TILES_H

#include "test_emis_groups.h"

#define HEADER "lon,lat,sector,species,value,unit,height,diameter,exit_temperature,exit_velocity\n"

enum { NZ = 22, OVERLAP = 4 };

/* Points with a stack, with a height and without. */
static const char *const ROWS = HEADER "104.07,30.66,kiln,pm25,2,kg s-1,120,4,400,15\n"
                                       "104.07,30.66,kiln,pm25,1,kg s-1,180,6,420,20\n"
                                       "104.10,30.70,kiln,pm25,4,kg s-1,30,,,\n"
                                       "106.55,29.56,kiln,pm25,8,kg s-1,45,1.5,350,0\n"
                                       "106.55,29.56,kiln,pm25,16,kg s-1,,,,\n"
                                       "102.30,32.10,kiln,pm25,3,kg s-1,60,3,380,12\n"
                                       "106.20,30.65,kiln,pm25,5,kg s-1,150,3,450,18\n";

static inline void write_inventories(emis_case *c)
{
    emis_field f = emis_tenths("boats");
    f.n_times = 12;
    f.time_units = "days since 1970-01-01";
    for (int m = 0; m < 12; m++) f.time[m] = (double)bs_time_from_date(2015, m + 1, 15, 0, 0, 0) / 86400;
    emis_write_fields(c, "e.nc", 1, &f);
    emis_write(c, "p.csv", ROWS);
}

/* These and a field by month; with `totals` those and the points of the default case, too: all that there is. */
static inline void read_all(emis_case *c, bool totals, int n, const bs_source_group *group, int members)
{
    static const char *const MORE =
        "  inventories:\n"
        "  - {name: boats, type: gridded, file: e.nc, species: pm25, variables: {boats: {name: boats}}}\n"
        "  - {name: kilns, type: points, file: p.csv}\n";
    char text[8192];
    snprintf(text, sizeof text, "%s%s", MORE, strstr(REAS, totals ? "  - name: reas" : "  profiles:"));
    c->n_groups = n;
    c->group = group;
    c->n_members = members;
    emis_read_good(c, text);
}

/* Weather that differs from cell to cell; winds at faces, as mass fluxes. */
static inline void make_weather(emis_case *c)
{
    emis_layers(c, NZ);
    const bs_mesh *m = c->mesh;
    const size_t nx = (size_t)m->nx, ny = (size_t)m->ny, cells = nx * ny;
    bs_met_state *s = c->met;
    for (size_t n = 0; n < NZ * cells; n++) {
        s->t[n] = (real)(285 - 0.1 * (double)(n / cells) + 2 * sin(0.3 * (double)(n % cells)));
        s->m[n] = 30 * m->area[n % cells];
    }
    for (size_t n = 0; n < NZ * (nx + 1) * ny; n++)
        s->fx[n] = 30 * (4 + sin((double)n)) * m->len_xf[n % ((nx + 1) * ny)];
    for (size_t n = 0; n < NZ * nx * (ny + 1); n++)
        s->fy[n] = 30 * (2 + cos((double)n)) * m->len_yf[n % (nx * (ny + 1))];
    for (size_t n = 0; n < cells; n++) {
        s->ustar[n] = (real)(0.3 + 0.1 * sin((double)n));
        s->pblh[n] = (real)(700 + 200 * cos((double)n));
        s->nonlocal[n] = (real)(n % 3 == 0 ? 0.3 : 0);
    }
}

/* Layers of one column reach only so high. */
static inline void set_top(emis_case *c, int j, int i, double top)
{
    for (int k = 1; k <= NZ; k++) c->z_half[(k * c->mesh->ny + j) * c->mesh->nx + i] = (real)(top * k / NZ);
}

/* ---- a tile ---- */

typedef struct part {
    bs_tile tile;
    bs_mesh *mesh;
    bs_emission *emission;
    bs_emission_rates *rates;
    bs_met_state *met;
} part;

static inline void cut_all(const part *p, bs_map_at place, int levels, size_t size, const void *whole, int nx_whole,
                           int ny_whole, void *out)
{
    const size_t from = (size_t)(nx_whole + bs_map_more_x(place)) * (size_t)(ny_whole + bs_map_more_y(place)),
                 to = (size_t)(p->tile.nx + bs_map_more_x(place)) * (size_t)(p->tile.ny + bs_map_more_y(place));
    for (int k = 0; k < levels; k++)
        bs_tile_cut(&p->tile, place, size, (const char *)whole + (size_t)k * from * size, nx_whole,
                    (char *)out + (size_t)k * to * size);
}

static inline bool is_own(const bs_tile *t, int j, int i)
{
    return i >= t->own.i0 && i < t->own.i1 && j >= t->own.j0 && j < t->own.j1;
}

/* The tile's weather; heights of the overlap are rubbish, which nobody may look at. */
static inline void cut_weather(const emis_case *c, part *p, bs_err *err)
{
    const bs_met_state *w = c->met;
    assert_int_equal(bs_met_state_create(p->tile.nx, p->tile.ny, NZ, 1, &p->met, err), BS_OK);
    cut_all(p, BS_AT_CELLS, NZ, sizeof *w->m, w->m, w->nx, w->ny, p->met->m);
    cut_all(p, BS_AT_CELLS, NZ, sizeof *w->t, w->t, w->nx, w->ny, p->met->t);
    cut_all(p, BS_AT_CELLS, NZ + 1, sizeof *w->z_half, w->z_half, w->nx, w->ny, p->met->z_half);
    cut_all(p, BS_AT_X_FACES, NZ, sizeof *w->fx, w->fx, w->nx, w->ny, p->met->fx);
    cut_all(p, BS_AT_Y_FACES, NZ, sizeof *w->fy, w->fy, w->nx, w->ny, p->met->fy);
    cut_all(p, BS_AT_CELLS, 1, sizeof *w->ustar, w->ustar, w->nx, w->ny, p->met->ustar);
    cut_all(p, BS_AT_CELLS, 1, sizeof *w->pblh, w->pblh, w->nx, w->ny, p->met->pblh);
    cut_all(p, BS_AT_CELLS, 1, sizeof *w->nonlocal, w->nonlocal, w->nx, w->ny, p->met->nonlocal);
    for (int k = 0; k <= NZ; k++)
        for (int j = 0; j < p->tile.ny; j++)
            for (int i = 0; i < p->tile.nx; i++)
                if (!is_own(&p->tile, j, i))
                    p->met->z_half[((size_t)k * (size_t)p->tile.ny + (size_t)j) * (size_t)p->tile.nx + (size_t)i] =
                        i % 2 ? -1 : (real)(1e5 * k);
}

/* Reads the case of `c` once more and cuts it; from_the_start: as one of several ranks, which never has the whole. */
static inline void open_part(emis_case *c, const bs_tiling *tiling, int rank, bool from_the_start, int n_factors,
                             const bs_emission_factor *factor, part *p)
{
    *p = (part){.tile = bs_tiling_tile(tiling, rank)};
    assert_int_equal(bs_mesh_window(c->mesh, &p->tile, &p->mesh, &c->err), BS_OK);
    const bs_emission_of of = {.config = c->config,
                               .mesh = c->mesh,
                               .tile = from_the_start ? &p->tile : NULL,
                               .regions = c->regions,
                               .tracers = c->tracers,
                               .units = c->units,
                               .log = &c->log};
    assert_int_equal(bs_emission_create_tile(&of, &p->emission, &c->err), BS_OK);
    if (c->regions) assert_int_equal(bs_emission_resolve(p->emission, c->regions, &c->err), BS_OK);
    if (n_factors) assert_int_equal(bs_emission_set_factors(p->emission, n_factors, factor, &c->err), BS_OK);
    double before, peak, stays;
    bs_emission_bytes(p->emission, &peak, &before);
    assert_int_equal(bs_emission_cut(p->emission, p->mesh, &p->tile, &c->err), BS_OK);
    bs_emission_bytes(p->emission, &peak, &stays);
    const double seen = (double)p->tile.nx * p->tile.ny / ((double)c->mesh->nx * c->mesh->ny);
    assert_true(peak >= before && (from_the_start || stays <= 1.02 * seen * before)); /* tables of factors stay */
    assert_int_equal(bs_emission_rates_create(p->emission, NZ, &p->rates, &c->err), BS_OK);
    cut_weather(c, p, &c->err);
}

static inline void close_part(part *p)
{
    bs_emission_rates_destroy(p->rates);
    bs_emission_destroy(p->emission);
    bs_met_state_destroy(p->met);
    bs_mesh_destroy(p->mesh);
}

static inline bs_status fill_part(const part *p, bs_time t, bs_err *err)
{
    const bs_forcing steady = {.end = {p->met, p->met}, .t0 = t, .t1 = t + 3600};
    return bs_emission_fill(p->emission, t, &steady, p->rates, err);
}

static inline double rate_at(const bs_emission_rates *r, int tracer, int k, int j, int i)
{
    if (k >= r->n_layers) return 0;
    return (double)
        r->rate[(((size_t)tracer * (size_t)r->n_layers + (size_t)k) * (size_t)r->ny + (size_t)j) * (size_t)r->nx +
                (size_t)i];
}

/* Own cells as on the whole mesh, nothing in the overlap. Adds to *kg_s. */
static inline void compare(const emis_case *c, const part *p, double *kg_s)
{
    const bs_tile *tile = &p->tile;
    assert_int_equal(p->rates->nx, tile->nx);
    assert_int_equal(p->rates->n_tracers, c->rates->n_tracers);
    assert_true(p->rates->n_layers <= c->rates->n_layers);
    for (int t = 0; t < c->rates->n_tracers; t++)
        for (int k = 0; k < c->rates->n_layers; k++)
            for (int j = 0; j < tile->ny; j++)
                for (int i = 0; i < tile->nx; i++) {
                    const double here = rate_at(p->rates, t, k, j, i);
                    if (!is_own(tile, j, i)) {
                        assert_true(here == 0);
                        continue;
                    }
                    if (here != rate_at(c->rates, t, k, tile->j0 + j, tile->i0 + i))
                        fail_msg("tracer %d at (k=%d, j=%d, i=%d) of the mesh: %g, not %g", t, k, tile->j0 + j,
                                 tile->i0 + i, here, rate_at(c->rates, t, k, tile->j0 + j, tile->i0 + i));
                    if (t == 0) *kg_s += here;
                }
}

static inline void compare_sums(const emis_case *c, const bs_emission *e)
{
    assert_int_equal(bs_emission_audit_count(e), bs_emission_audit_count(c->emission));
    for (int n = 0; n < bs_emission_audit_count(e); n++) {
        const bs_emission_audit *a = bs_emission_audit_at(e, n), *b = bs_emission_audit_at(c->emission, n);
        assert_true(a->on_grid_kg_s == b->on_grid_kg_s && a->run_kg == b->run_kg);
    }
    for (int r = -1; r <= bs_emission_regions(e); r++) {
        double kg, whole;
        assert_true(bs_emission_annual(e, r, NULL, NULL) == bs_emission_annual(c->emission, r, NULL, NULL));
        assert_int_equal(bs_emission_total(e, 0, r, NULL, NULL, DAY_BEGIN, DAY_BEGIN + 7200, &kg, NULL), BS_OK);
        assert_int_equal(bs_emission_total(c->emission, 0, r, NULL, NULL, DAY_BEGIN, DAY_BEGIN + 7200, &whole, NULL),
                         BS_OK);
        assert_true(kg == whole);
    }
}

#endif
