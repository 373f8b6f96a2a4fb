/* output_cities.h - means over regions: what output_cities*.c share. */
#ifndef BS_MODEL_IO_OUTPUT_CITIES_H
#define BS_MODEL_IO_OUTPUT_CITIES_H

#include "model/core/sum.h"
#include "model/io/output_parts.h"

typedef struct bs_out_city {
    const bs_region *region;
    int index; /* in the region set */
    bs_region_mask *mask;
    double centre[2]; /* lon, lat, degrees */
    double inside;    /* share of its area that lies in the mesh */
    size_t n_own;     /* of its cells, this rank's own */
    size_t *own;      /* [n_own] in what the rank sees */
    double *share;    /* [n_own] share of the region's area */
    bool has_first;   /* the region's first cell, what others are measured against, is own[0] */
} bs_out_city;

typedef struct bs_out_sources bs_out_sources;

struct bs_out_cities {
    int n;             /* regions that the mesh touches */
    bs_out_city *city; /* [n] */
    bool borrowed;     /* masks are another output's (info.beside) */
    double *mean;      /* [tracers][n] scratch */
    double *first;     /* [tracers][n] scratch */
    bs_sum *excess;    /* [tracers][n] scratch */
    double *period;    /* [tracers][n] ug m-3 s */
    double *max_day;   /* [tracers][n] ug m-3 */
    bs_date *max_date; /* [tracers][n] */
    bs_text_file *hourly, *daily;
    bs_out_sources *sources; /* NULL: no tags of sources (output_sources.h) */
    struct {
        bs_nc *nc;
        int time_var, bounds_var;
        int *var; /* [tracers]; -1: not written */
        size_t records;
    } series;
};

/* Area-weighted mean over a region of a map of the whole mesh; that of a uniform field is its value exactly. */
double bs_out_city_mean(const bs_out_city *city, const double *area, const double *map);

/* Of what this rank sees of the mesh: the own cells of each region (output_city_means.c). */
bs_status bs_out_city_find_own(const bs_output *o, bs_out_city *city, bs_err *err);

/* Sum over the own cells of share (map - first), in units of the fixed point: those of tiles add up to that of the whole, to the bit. */
bs_sum bs_out_city_excess(const bs_out_city *city, const double *map, double first);

/* The same means of n_maps <= tracers maps, each divided by `seconds`, over all ranks' cells: mean [n_maps][regions], the same in all ranks
 * and for any tiles. Collective. A map that is not finite in a region has no mean there: NaN. */
void bs_out_city_means(const bs_output *o, int n_maps, const double *map, double seconds, double *mean);

bs_status bs_out_series_begin(bs_output *o, bs_err *err);
bs_status bs_out_series_record(bs_output *o, bs_time from, bs_time to, const double *means, bs_err *err);
bs_status bs_out_series_finish(bs_output *o, bs_err *err);
void bs_out_series_abandon(bs_output *o);

/* Begins a table: comment lines, then the header row `first` and the names of the concentrations. */
bs_status bs_out_table_begin(const bs_output *o, const char *name, const char *what, const char *first,
                             bs_text_file **out, bs_err *err);
/* The comment lines that all tables begin with. */
void bs_out_table_comments(const bs_output *o, const char *what, bs_text_file *table);
/* The cells adcode,name,name_en of a row. */
void bs_out_table_city(bs_text_file *table, const bs_region *region);
/* cities_period.csv, at the end of the run. */
bs_status bs_out_table_period(bs_output *o, bs_err *err);

#endif
