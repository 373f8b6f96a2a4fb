/* output.h - what a run leaves behind: CF-1.10 netCDF-4 files, tables and a summary.
 *
 *   surface.nc    means over output.surface_interval of the lowest layer's concentrations, stamps end the interval; ps, pblh, u10, v10,
 *                 t2 and rain of the stamp; surface_altitude
 *   daily.nc      means over natural days (output.day_offset), whole days only; absent when the period has none
 *   deposition.nc dry and wet sums over the output period, kg m-2; absent when nothing deposits
 *   fields3d.nc   instantaneous mixing ratios, air density, layer heights (output.fields3d), hybrid coefficients
 *   cities.csv, cities.nc   area-weighted means per region (cities.nc: CF discrete sampling geometry timeSeries);
 *                           cities_daily.csv (whole natural days), cities_period.csv (mean, highest day)
 *   source_receptor.nc, source_receptor_daily.csv, source_receptor_period.csv, shares.csv   who contributes what to each region
 *                           (output_sources.h), where there are regions and tags of sources
 *   corridors.csv, corridors.nc   fluxes between neighbouring regions and families of them by natural day and over the period (output.corridors);
 *                           corridors_budget.csv: the account of each region's air
 *   summary.json  ledger, keys, speed, what was assumed
 *
 * Concentrations are ug m-3 of ambient air: mixing ratio times the density of dry air. Nothing of the spin-up enters. Every file is
 * written aside and takes its name when it is complete (nc.h); all carry the resolved configuration, the weather's label and
 * what was assumed as global attributes. */
#ifndef BS_MODEL_IO_OUTPUT_H
#define BS_MODEL_IO_OUTPUT_H

#include <stdint.h>

#include "grids/levels/levels.h"
#include "grids/mesh/mesh.h"
#include "kernels/base/status.h"
#include "model/config/config.h"
#include "model/config/geojson.h"
#include "model/core/archive.h"
#include "model/core/ledger.h"
#include "model/core/log.h"
#include "model/state/borders.h"
#include "model/state/forcing.h"
#include "model/state/state.h"

typedef struct bs_output bs_output;

/* What the files are about. Not owned; must outlive the output, except weather_label and assumed, which are copied. */
typedef struct bs_output_info {
    const bs_config *config;
    const bs_mesh *mesh;  /* what this rank sees (grids/tiles/tiles.h); its own part is what it writes and counts */
    const bs_mesh *whole; /* the whole mesh; NULL: the same */
    bs_tiling tiling;     /* with whole */
    bs_tile tile;
    const bs_levels *levels;
    const bs_tracers *tracers;
    const bs_region_set *regions; /* NULL: no city means */
    const bs_borders *borders;    /* between these regions; NULL: no corridors */
    const double *terrain;        /* [ny][nx] m, or NULL */
    const char *version;          /* "bashu 0.1.0 (git hash)" */
    const char *weather_label;    /* of the provider and the case */
    int n_assumed;
    const char *const *assumed;
    const char *scenario;      /* that the emissions follow, and the hash of it as compiled; NULL: the case as it is */
    const char *scenario_hash; /* NULL with it */
    const bs_output *
        beside; /* another output of the same mesh and regions, which outlives this one: its masks of regions serve both;
                                * NULL: none */
    bool keep_means; /* for bs_output_differences: daily and period means of totals stay in memory */
    const char *dir; /* the run's folder, exists */
} bs_output_info;

/* Of several ranks (model/parallel/ranks.h) all make the same calls; all here but bs_output_abandon is collective, and fails in all if in one.
 * netCDF files of maps are made by all (bs_nc_create_maps), everything else by the first; means over regions are the same in all, whatever the tiles. */

/* Errors: BS_ERR_INPUT (the output period is not a whole number of intervals; the spin-up does not end on a whole hour or takes
 * all of the run; no region touches the mesh), BS_ERR_IO, BS_ERR_MEMORY. On failure no file is left. */
bs_status bs_output_create(const bs_output_info *info, bs_output **out, bs_err *err);

/* After each step pair that covers (from, to]: `state` at `to`; air density etc. from the forcing, linear in time. Records due at
 * `to` are written. A pair never crosses a whole hour, and each begins where the last one ended; the first call has from = to =
 * time.start and records the initial state (fields3d.nc needs it, the means do not). After an error only abandon may follow. */
bs_status bs_output_sample(bs_output *o, const bs_state *state, const bs_forcing *forcing, bs_time from, bs_time to,
                           bs_err *err);

/* Writes what moved through borders in a natural day, or what of it the output covers. Records follow each other from the end of the
 * spin-up to the end of the run; their tracers are info.tracers. Errors: BS_ERR_IO. */
bs_status bs_output_corridors(bs_output *o, const bs_border_record *record, bs_err *err);

/* All records so far together; NULL without corridors. Valid until finish. */
const bs_border_record *bs_output_corridors_period(const bs_output *o);

/* Whether the times of the case allow its output: the errors of bs_output_create about them, for those who ask first. */
bs_status bs_output_check(const bs_config *config, bs_err *err);

/* The same about regions: whether any of them touches the mesh, which is the whole one. */
bs_status bs_output_check_regions(const bs_config *config, const bs_mesh *mesh, const bs_region_set *regions,
                                  bs_err *err);

/* What has been assumed by the end of the run takes the place of what was known at its start, in all files; tables, whose head is
 * written, repeat the list at their end where it has grown. Call it before finish. `assumed` is copied. */
bs_status bs_output_assumed(bs_output *o, int n, const char *const *assumed, bs_err *err);

/* Completes and renames all files. Frees o in either case. */
bs_status bs_output_finish(bs_output *o, const bs_state *state, bs_err *err);
void bs_output_abandon(bs_output *o); /* removes what was begun; NULL is fine */

/* Across a cut of the run (model/io/checkpoint.h). Right after creation and the first sample either bs_output_keep begins journals of all
 * files in the folder `dir`, which exists, or bs_output_archive, loading, restores what an archive has and what the journals hold up to
 * there. Later bs_output_archive keeps: the output must be kept. Errors: BS_ERR_IO; BS_ERR_INPUT (an archive or a journal that does
 * not fit or is damaged). */
bs_status bs_output_keep(bs_output *o, const char *dir, bs_err *err);
bs_status bs_output_archive(bs_output *o, const char *dir, bs_archive *a, bs_err *err);

/* For the summary: period means over the output period of the surface concentration of tracer t, area-weighted over region r,
 * ug m-3; NaN where a region has no cell. Valid between the last sample and finish. */
double bs_output_region_mean(const bs_output *o, int tracer, int region);

/* ---- summary.json ---- */

/* A file that was read: path as in the case, size, and a 64-bit FNV-1a hash of the contents (hash.h). */
typedef struct bs_input_file {
    const char *file;
    uint64_t bytes, hash;
} bs_input_file;

/* The correction wind in the layers of a band of heights above ground, and the source's wind in them (model/met/correct.h). */
typedef struct bs_summary_band {
    double from_m, to_m; /* to_m infinite: no end */
    int layers;
    double p99, max, wind; /* m s-1 */
} bs_summary_band;

struct bs_json;
typedef struct bs_summary {
    const char *case_name, *title, *version, *weather_label;
    const char *started; /* wall clock, ISO */
    double wall_s, prepare_s, simulated_s;
    long steps;
    int threads;           /* of each rank */
    int ranks, tiles[2];   /* processes, and tiles along x and y */
    const char *precision; /* BS_REAL_NAME */
    int nx, ny, nz;
    double correction_p99, correction_max; /* m s-1 */
    const char *correction_worst;          /* time of the largest 99th percentile; NULL: unknown */
    const char *correction_warning;        /* NULL or "": none */
    int n_bands;
    const bs_summary_band *band;
    int n_assumed;
    const char *const *assumed;
    void (*put_emissions)(struct bs_json *json, const char *key, const void *of); /* NULL: none */
    const void *emissions;
    int n_inputs;
    const bs_input_file *inputs;
    int n_operators;
    const char *const *operators;         /* the printed sequence with seconds spent, "advect 12.3" */
    const char *scenario, *scenario_hash; /* as of bs_output_info; NULL: none */
    double min_total;                     /* smallest mixing ratio of a total seen, ug kg-1 */
    double negative_tag_kg;               /* largest negative mass over all tags, kg */
    double negative_total_kg;             /* and over all totals */
} bs_summary;

/* Writes DIR/summary.json (aside, then renamed). The ledger is that of all ranks; nx, ny the whole mesh's. Collective, as all of output. */
bs_status bs_summary_write(const char *dir, const bs_summary *s, const bs_tracers *tracers, const bs_ledger *ledger,
                           bs_err *err);

#endif
