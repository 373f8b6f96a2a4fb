/* met.h - from a source of weather to the prepared meteorology.
 *
 *   provider:  files or formulas  -->  bs_native  (canonical units, on the mesh and the model's layers)
 *   derive:    bs_native          -->  bs_met_state (air mass, fluxes, diffusivities, removal rates)
 *   correct:   two bs_met_states  -->  bs_forcing (fluxes that satisfy continuity with the air mass's tendency)
 *
 * A provider is a row of PROVIDERS (met.c). What a source lacks and derive cannot diagnose is refused unless the case's
 * `meteorology.assume` names it; each use of an assumption is recorded for the outputs. */
#ifndef BS_MODEL_MET_MET_H
#define BS_MODEL_MET_MET_H

#include <stdbool.h>

#include "grids/levels/levels.h"
#include "grids/mesh/mesh.h"
#include "grids/tiles/tiles.h"
#include "kernels/base/status.h"
#include "model/config/config.h"
#include "model/core/archive.h"
#include "model/core/log.h"
#include "model/met/correct.h"
#include "model/met/land.h"
#include "model/state/forcing.h"
#include "model/state/tracers.h"
#include "model/units/units.h"

/* Native fields of one time, on cell centres but for u_face and v_face. have_* false: the source has none and derive must diagnose or
 * refuse. Wind and humidity are those of the layers between the half levels a + b ps. */
typedef struct bs_native {
    int nx, ny, nz;
    bs_time time;
    double *u, *v; /* [nz][ny][nx] m s-1, along grid x and y (already rotated) */
    double *t;     /* [nz][ny][nx] K */
    double *qv;    /* [nz][ny][nx] kg kg-1 specific humidity */
    double *clw;   /* [nz][ny][nx] kg kg-1 cloud liquid water */
    double *rnw;   /* [nz][ny][nx] kg kg-1 rain water */
    double *ps;    /* [ny][nx] Pa */
    /* [ny][nx] K, m s-1, m s-1, m, m s-1, W m-2, kg m-2 s-1 (upward), kg m-2 s-1, m, m2 m-2 */
    double *t2, *u10, *v10, *pblh, *ustar, *hfx, *evaporation, *rain, *roughness, *leaf_area;
    bool have_clw, have_rnw, have_t2, have_wind10, have_pblh, have_ustar, have_hfx, have_evaporation, have_rain,
        have_roughness, have_leaf_area;
    /* Of a source whose own mesh and layers the case uses (wrf): its dry air, kg m-2 [nz][ny][nx], which takes the place of
     * (p_below - p_above)(1 - qv)/g, and the wind normal to the faces, m s-1 [nz][ny][nx+1] and [nz][ny+1][nx]. NULL until
     * bs_native_own. have_air false: from pressure and humidity; have_faces false: means of neighbours. */
    double *air, *u_face, *v_face;
    bool have_air, have_faces;
    /* Share of each class of land (land.h) in a cell, [BS_LAND_COUNT][ny][nx], adding up to 1. NULL until bs_native_own_land. */
    double *land;
    bool have_land;
} bs_native;

bs_status bs_native_create(int nx, int ny, int nz, bs_native **out, bs_err *err);
void bs_native_destroy(bs_native *native);

/* Room for air, u_face and v_face; for land. Nothing happens where it is there. Errors: BS_ERR_MEMORY. */
bs_status bs_native_own(bs_native *native, bs_err *err);
bs_status bs_native_own_land(bs_native *native, bs_err *err);

/* What a provider may need; not owned. */
typedef struct bs_met_context {
    const bs_config *config;
    const bs_mesh *mesh; /* of this rank's tile, overlap included; all arrays below have its shape */
    const bs_levels *levels;
    const double *terrain; /* [ny][nx] m, of the mesh; NULL when the case names no terrain */
    double roughness;      /* m */
    /* With several ranks (NULL with one: the mesh is the whole): what must be found on all of the mesh is found there, in 2-D. */
    const bs_tiling *tiling;
    bs_tile tile;                /* this rank's */
    const bs_mesh *whole;        /* the whole mesh */
    const double *whole_terrain; /* [ny][nx] m of it; NULL with terrain */
    bs_units *units;
    bs_log *log;
} bs_met_context;

/* A provider: `create` checks all it can (names, units, coverage in space and over [start, end]) before the first read. */
typedef struct bs_provider {
    const char *name;
    const char *label; /* put into every output: "idealised winter-basin weather", ... */
    bs_status (*create)(const bs_met_context *context, bs_time start, bs_time end, void **self, bs_err *err);
    /* Fills `native` for time t. Between the source's times fields are interpolated linearly. */
    bs_status (*read)(void *self, bs_time t, bs_native *native, bs_err *err);
    /* n-th thing that was assumed, as one line, or NULL past the last. Complete after the first read. */
    const char *(*assumed)(const void *self, int n);
    void (*destroy)(void *self);
} bs_provider;

extern const bs_provider BS_PROVIDER_IDEALISED; /* idealised.c */
extern const bs_provider
    BS_PROVIDER_IDEALISED_WIND10; /* the same with meteorology.idealised.wind10_file, and a label that says so */
extern const bs_provider BS_PROVIDER_PRESSURE_LEVELS;   /* pressure_levels.c */
extern const bs_provider BS_PROVIDER_ERA5_MODEL_LEVELS; /* model_levels.c */
extern const bs_provider BS_PROVIDER_WRF;               /* wrf.c */

/* Terrain of the mesh from `terrain.file`: area means by the conservative weights. Errors: a mesh that the file does not
 * cover, missing values (with the cell's index). *out is malloc'ed [ny][nx] m. */
bs_status bs_terrain_read(const bs_config *config, const bs_mesh *mesh, bs_units *units, double **out, bs_err *err);

/* Land use of the context's mesh from `land.file`: shares of the classes by the conservative weights, adding up to 1. *out is malloc'ed
 * [BS_LAND_COUNT][ny][nx], NULL where the case names no file; origin[size] says in words where it comes from, the same in all ranks.
 * Collective. Errors: a mesh that the file does not cover, missing values, shares that do not add up, classes that the legend does not
 * have (with cell and number). */
bs_status bs_land_read(const bs_met_context *context, double **out, char *origin, size_t size, bs_err *err);

/* ---- derive ---- */

typedef struct bs_derive_options {
    double roughness;        /* m */
    double kz_min;           /* m2 s-1 */
    double smagorinsky;      /* 1; 0: no horizontal diffusion */
    int dry_scheme;          /* index of operators.dry_deposition */
    double cover, leaf_area; /* of pleim2022: share of the ground, m2 m-2; leaf_area NaN: only the source's */
    const char *
        land_origin; /* where land comes from, where not from the source ("land.file ..."); NULL: the source. Not owned */
    bool wet;
    double cloud_base, cloud_top; /* m above ground, where clouds are unknown */
    double fixed_pblh;            /* m, where the source has none; 0: diagnosed there */
    int heat_flux;                /* -1: none assumed; 0 neutral; 1 diurnal */
    bool no_rain;                 /* assume.precipitation none */
} bs_derive_options;

/* Collects what was assumed. */
typedef struct bs_assumptions {
    int n;
    char line[24][320];
} bs_assumptions;
void bs_assume(bs_assumptions *list, const char *line); /* adds a line once */

/* Derives states, one time after the other: keeps what does not change from one to the next. Mesh, levels and tracers must outlive it;
 * options are copied. */
typedef struct bs_deriver bs_deriver;
bs_status bs_deriver_create(const bs_mesh *mesh, const bs_levels *levels, const bs_tracers *tracers,
                            const bs_derive_options *options, bs_deriver **out, bs_err *err);
void bs_deriver_destroy(bs_deriver *deriver); /* NULL is fine */

/* Fills `state` (all but fx, fy corrections), which depends on `native` alone. `assumed` collects lines. Errors: BS_ERR_INPUT naming
 * the field that is missing and the assume: key that would stand in for it. */
bs_status bs_derive(bs_deriver *deriver, const bs_native *native, bs_assumptions *assumed, bs_met_state *state,
                    bs_err *err);

/* The same in its parts, for a caller who can do something else beside the longest: first the air's mass and fluxes, all that correct.h
 * reads; then the rest, rows shared out among all threads of the parallel region from which each calls it, and nobody waits at the end;
 * then, outside that region, what went wrong or was assumed in any rank (model/parallel/ranks.h), collective. */
bs_status bs_derive_flow(bs_deriver *deriver, const bs_native *native, bs_met_state *state, bs_err *err);
void bs_derive_rest(bs_deriver *deriver, const bs_native *native, bs_met_state *state);
bs_status bs_derive_end(const bs_deriver *deriver, const bs_native *native, bs_met_state *state,
                        bs_assumptions *assumed, bs_err *err);

/* ---- the meteorology of a run: provider, derive, correction, cache ---- */

/* With several ranks all that follows but bs_met_destroy is collective, and an error of one is that of all. The report is the same in all
 * but for `seconds` and `correcting`. */
typedef struct bs_met bs_met;

typedef struct bs_met_report {
    const char *provider;
    const char *label;
    int n_assumed;
    const char *assumed[32];
    double correction_p99,
        correction_max;       /* m s-1, over all intervals so far: wind equivalent of the flux correction */
    bs_time correction_worst; /* time of the largest 99th percentile */
    bs_correction_band band[BS_CORRECTION_BANDS];
    char correction[320];         /* all that as one line */
    char correction_warning[512]; /* "" or why the percentile is too large and what to do */
    bool from_cache;
    double seconds;    /* spent preparing */
    double correcting; /* of them, with the solver of the correction: 0 but in the first rank */
} bs_met_report;

bs_status bs_met_create(const bs_met_context *context, const bs_tracers *tracers, bs_time start, bs_time end,
                        bs_met **out, bs_err *err);
/* Fills *forcing for the interval that begins at t (its end[] stay owned by `met` and valid until the call after next). */
bs_status bs_met_interval(bs_met *met, bs_time t, bs_forcing *forcing, bs_err *err);
void bs_met_report_get(const bs_met *met, bs_met_report *report);
void bs_met_destroy(bs_met *met);

/* What the report has gathered so far; all else follows from the time. Errors: as of the archive. */
bs_status bs_met_archive(bs_met *met, bs_archive *a, bs_err *err);

/* Writes the prepared meteorology of [start, end] into the folder `dir` (bashu prepare): <key>.nc. */
bs_status bs_met_prepare(const bs_met_context *context, const bs_tracers *tracers, bs_time start, bs_time end,
                         const char *dir, bs_err *err);

#endif
