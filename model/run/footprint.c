#include "model/run/footprint.h"

#include <math.h>
#include <string.h>

#include "kernels/elliptic/elliptic2d.h"

/* Measured: a run of a few cells, with the regions of the default case. */
static const double PROGRAM = 48.0 * 1048576;
static const double MIB = 1048576;

/* Cells, and values of a map at all faces, of a rectangle. */
typedef struct extent {
    double cells, faces_x, faces_y, nz;
} extent;

static extent extent_of(int nx, int ny, int nz)
{
    return (extent){.cells = (double)nx * ny, .faces_x = (nx + 1.0) * ny, .faces_y = nx * (ny + 1.0), .nz = nz};
}

/* ---- parts ---- */

static double state_of(const bs_tile *tile, const extent *e, double tracers)
{
    const bs_box box = bs_box_make(tile->nx, tile->ny, (int)e->nz, 0);
    const double sides = 2.0 * (tile->nx + tile->ny) * e->nz * sizeof(real);
    return tracers * ((double)box.volume * sizeof(real) + e->cells * 2 * sizeof(double) + sides) +
           e->cells * e->nz * sizeof(double);
}

/* One state of prepared meteorology (model/state/forcing.h). */
static double prepared_state(const extent *e, double classes)
{
    return e->nz * (e->cells + e->faces_x + e->faces_y) * sizeof(double) +
           e->nz * e->cells * (5 + 2 * classes) * sizeof(real) + e->cells * (11 + classes) * sizeof(real);
}

/* Three-dimensional fields in double that the source keeps on the mesh, beside those that it hands over. */
static double fields_of_source(const bs_config *g)
{
    const char *provider = bs_config_text(g, "meteorology.provider");
    return strcmp(provider, "idealised") == 0 ? 9 : strcmp(provider, "wrf") == 0 ? 18 : 12;
}

static double meteorology_of(const bs_case *c, const extent *e)
{
    enum { STATES = 3, NATIVE = 6, FORCING = 6, DERIVED = 1, NATIVE_FLAT = 11, CORRECTION_FLAT = 22 };
    const double volume = e->cells * e->nz * sizeof(double), map = e->cells * sizeof(double);
    const double land = bs_config_has(c->config, "land.file") ? 2 * BS_LAND_COUNT * map : 0;
    return STATES * prepared_state(e, c->tracers->n_removal) +
           (NATIVE + FORCING + DERIVED + fields_of_source(c->config)) * volume + (NATIVE_FLAT + CORRECTION_FLAT) * map +
           land;
}

/* Fields that inventories are read into, which of several ranks are the tile's. */
static double sheets_of(const bs_case *c)
{
    const double sectors = fmax(1, bs_config_count(c->config, "emissions.sectors")),
                 species = bs_config_count(c->config, "tracers.species");
    return bs_config_count(c->config, "emissions.inventories") * sectors * species;
}

static void emissions_of(const bs_footprint_of *of, const extent *e, const extent *whole, double tracers,
                         bs_footprint *f)
{
    enum { PLACING = 8 }; /* maps of the mesh: a field before it is cut, weights of an inventory's cells by region */
    double stays = sheets_of(of->c) * e->cells * sizeof(double), peak = stays;
    if (of->emission) bs_emission_bytes(of->emission, &peak, &stays);
    f->emissions = tracers * e->nz * e->cells * sizeof(real) + stays;
    f->reading = peak + PLACING * whole->cells * sizeof(double);
}

static double output_of(const extent *e, double tracers)
{
    enum { MEANS = 5, SCRATCH = 3 };
    return tracers * MEANS * e->cells * sizeof(double) + SCRATCH * e->cells * sizeof(double);
}

/* A mesh's maps, terrain; the first rank's solution of the correction. */
static double whole_of(const bs_footprint_of *of, const extent *e, const extent *whole)
{
    enum { MESH = 12, SOLVED = 7, GATHERED = 12 };
    const bool several = of->tiling->px * of->tiling->py > 1;
    double maps = MESH * whole->cells;
    if (several) maps += MESH * e->cells;
    if (of->rank == 0) {
        maps += (SOLVED + (several ? GATHERED : 0)) * whole->cells;
        maps += (double)bs_elliptic2d_scratch_len(of->tiling->nx, of->tiling->ny);
        maps += (double)bs_multigrid2d_len(of->tiling->nx, of->tiling->ny);
    }
    return maps * sizeof(double);
}

/* What the overlap of a tile holds comes in, about as much goes out. */
static double exchange_of(const bs_tiling *tiling, const bs_tile *tile, int nz, double tracers)
{
    const bs_window known = bs_tile_known(tile, tiling);
    const double own = (double)(tile->own.i1 - tile->own.i0) * (tile->own.j1 - tile->own.j0);
    const double all = (double)(known.i1 - known.i0) * (known.j1 - known.j0);
    return 2 * (all - own) * nz * (tracers * sizeof(real) + sizeof(double));
}

/* Planes that threads work on. */
static double scratch_of(const extent *e, int threads)
{
    return threads * 5 * e->cells * sizeof(real);
}

/* ---- all of it ---- */

bs_footprint bs_footprint_make(const bs_footprint_of *of)
{
    const bs_tiling *t = of->tiling;
    const bs_tile tile = bs_tiling_tile(t, of->rank);
    const int nz = of->c->levels->nz;
    const extent e = extent_of(tile.nx, tile.ny, nz), whole = extent_of(t->nx, t->ny, nz);
    const double tracers = (double)of->c->tracers->n * of->members;
    bs_footprint f = {.program = PROGRAM,
                      .state = state_of(&tile, &e, tracers) + scratch_of(&e, of->threads),
                      .meteorology = meteorology_of(of->c, &e),
                      .output = output_of(&e, tracers),
                      .whole = whole_of(of, &e, &whole),
                      .exchange = exchange_of(t, &tile, nz, tracers)};
    emissions_of(of, &e, &whole, tracers, &f);
    return f;
}

double bs_footprint_peak(const bs_footprint *f)
{
    const double running = f->state + f->meteorology + f->emissions + f->output + f->exchange;
    return f->program + f->whole + fmax(running, f->reading);
}

static void tell_tiles(const bs_tiling *t, bs_log *log)
{
    double least = INFINITY, most = 0, seen = 0;
    for (int r = 0; r < t->px * t->py; r++) {
        const bs_tile tile = bs_tiling_tile(t, r);
        const double own = (double)(tile.own.i1 - tile.own.i0) * (tile.own.j1 - tile.own.j0);
        least = fmin(least, own);
        most = fmax(most, own);
        seen += (double)tile.nx * tile.ny;
    }
    bs_log_info(log, "ranks     %d: tiles of %.0f to %.0f columns; with their overlaps they hold %.2f times the mesh",
                t->px * t->py, least, most, seen / ((double)t->nx * t->ny));
}

void bs_footprint_tell(const bs_case *c, const bs_tiling *tiling, int threads, const bs_emission *emission, bs_log *log)
{
    const int n = tiling->px * tiling->py;
    bs_footprint most = {0}, other = {0};
    for (int r = 0; r < n; r++) {
        const bs_footprint_of of = {c, tiling, r, 1, threads, emission};
        const bs_footprint f = bs_footprint_make(&of);
        if (bs_footprint_peak(&f) > bs_footprint_peak(&most)) most = f;
        if (r > 0 && bs_footprint_peak(&f) > bs_footprint_peak(&other)) other = f;
    }
    if (n > 1) {
        tell_tiles(tiling, log);
        bs_log_info(log, "memory    about %.0f MiB of the rank that holds most, %.0f MiB of others",
                    bs_footprint_peak(&most) / MIB, bs_footprint_peak(&other) / MIB);
    } else {
        bs_log_info(log, "memory    about %.0f MiB", bs_footprint_peak(&most) / MIB);
    }
    bs_log_info(
        log,
        "          state %.0f, meteorology %.0f, emissions %.0f (%.0f while they are read), output %.0f, maps of "
        "the whole mesh %.0f, exchange %.0f, program %.0f",
        most.state / MIB, most.meteorology / MIB, most.emissions / MIB, most.reading / MIB, most.output / MIB,
        most.whole / MIB, most.exchange / MIB, most.program / MIB);
}
