/* output_parts.h - the pieces of bs_output, one per kind of file. Private to output*.c.
 *
 * Each kind has begin (defines its file), record (writes one moment or interval), finish (completes it) and abandon. A file
 * whose `nc` is NULL is not made in this run; all four then do nothing. Maps are [ny][nx], sums [tracer][ny][nx]: of what this rank sees,
 * good in its own cells. */
#ifndef BS_MODEL_IO_OUTPUT_PARTS_H
#define BS_MODEL_IO_OUTPUT_PARTS_H

#include "model/io/aside.h"
#include "model/io/nc.h"
#include "model/io/output.h"

/* A CF file of maps over time. */
typedef struct bs_out_file {
    bs_nc *nc;
    int time, bnds, y, x;     /* dimensions */
    int time_var, bounds_var; /* bounds_var -1: moments, not intervals */
    int mesh_var[6];          /* -1: none */
    size_t records;
} bs_out_file;

enum { BS_OUT_MET_FIELDS = 6, BS_OUT_NAME_MAX = 160, BS_OUT_LONG_MAX = 256 };

/* What a map of a record is made of: factor * map, rounded to `bits`. */
typedef struct bs_out_item {
    const double *map;
    double factor;
    int bits;
} bs_out_item;

typedef struct bs_out_maps { /* surface.nc, daily.nc */
    bs_out_file file;
    int *var;          /* [tracers]; -1: not written */
    int *put_var;      /* [tracers + fields of weather] scratch: what a record consists of, one after the other */
    bs_out_item *item; /* [tracers + fields of weather] scratch */
    int met[BS_OUT_MET_FIELDS];
    int date; /* daily.nc: local date */
} bs_out_maps;

typedef struct bs_out_fields3d {
    bs_out_file file;
    bs_time due, interval; /* s */
    bool unrounded;
    int *q; /* [tracers]; -1: not written */
    int density, height, ps;
    float *layers; /* [layers][own cells] scratch; NULL: doubles go one by one */
} bs_out_fields3d;

typedef struct bs_out_kept { /* output_keep.c; nothing unless info.keep_means */
    int n, *total;           /* totals and their tracers */
    double *period;          /* [n][ny][nx] ug m-3 s over the output period */
    double *day;             /* [whole days][n][ny][nx] ug m-3 s */
} bs_out_kept;

typedef struct bs_out_cities bs_out_cities;
typedef struct bs_out_corridors bs_out_corridors;

struct bs_output {
    bs_output_info info;
    int n; /* tracers */
    size_t cells;
    bs_time start, first, end; /* of the run; end of the spin-up; s */
    bs_time reference;         /* of the time axes: 00:00 of the first day */
    bs_time now;               /* up to where samples came */
    bs_time interval, interval_begin;
    bs_time day_offset, day_begin; /* day_begin: of the day or, in the first, of the output period */
    int whole_days, day;           /* expected and met */
    int bits;
    bool *written;                                    /* [tracers] */
    char *config_text, *assumed_text, *weather_label; /* copies */
    char time_units[64], interval_words[32];
    double *sample;                 /* ug m-3 at the end of the latest pair */
    double *interval_sum, *day_sum; /* ug m-3 s */
    double *base_dry, *base_wet;    /* ug, when the spin-up ended */
    double *map;                    /* [ny][nx] scratch */
    double *weather;                /* [fields of weather][ny][nx] scratch */
    float *rounded;                 /* [tracers + fields of weather][own cells] scratch */
    double *packed;                 /* [own cells] scratch */
    bs_out_maps surface, daily;
    bs_out_fields3d fields3d;
    bs_out_kept kept;
    bs_out_cities *cities;       /* NULL: no regions */
    bs_out_corridors *corridors; /* NULL: not asked for */
};

/* ---- words (output_words.c) ---- */

/* "primary_pm25_industry", and " from industry" after the words for its total. Both return text. */
char *bs_out_name(const bs_output *o, int tracer, char text[BS_OUT_NAME_MAX]);
char *bs_out_long_name(const bs_output *o, int tracer, const char *total, char text[BS_OUT_LONG_MAX]);
const bs_species *bs_out_species(const bs_output *o, int tracer);

/* "12 mantissa bits kept, ...". */
char *bs_out_rounding(int bits, char text[BS_OUT_NAME_MAX]);

/* "1 hour", "90 minutes"; "2015-01-10T08:00:00+08:00"; "2015-01-10" of the natural day that ends at t. */
char *bs_out_duration(bs_time seconds, char *text, size_t size);
char *bs_out_local_time(const bs_output *o, bs_time t, char text[BS_OUT_NAME_MAX]);
bs_date bs_out_day_before(const bs_output *o, bs_time t);

/* What was assumed, joined by "; ", or "nothing". Release with bs_free. */
bs_status bs_out_join_assumed(const bs_output_info *info, char **out, bs_err *err);

/* ---- the whole mesh and this rank's part (output_own.c) ---- */

/* Says in the info of one rank that what it sees is the whole mesh. */
void bs_out_complete_info(bs_output_info *info);

/* Puts the own part of a map as floats, factor * value rounded to `bits`, or as doubles. lead [n_lead]: indices before y and x. */
bs_status bs_out_put_own(const bs_output *o, bs_nc *nc, int var, int n_lead, const size_t *lead, const double *map,
                         double factor, int bits, bs_err *err);
bs_status bs_out_put_own_double(const bs_output *o, bs_nc *nc, int var, int n_lead, const size_t *lead,
                                const double *map, bs_err *err);

/* Tables: as bs_text_create and bs_text_commit, in all ranks or in none. *out is NULL after a failure. */
bs_status bs_out_text_create(const char *dir, const char *name, bs_text_file **out, bs_err *err);
bs_status bs_out_text_commit(bs_text_file *text, bs_err *err);

/* ---- CF frame (output_cf.c) ---- */

/* DIR/NAME with global attributes, of maps that each rank has a part of (bs_nc_create_maps), or the first rank's. `what` goes into the title. */
bs_status bs_out_create(const bs_output *o, const char *name, const char *what, bool maps, bs_nc **out, bs_err *err);

/* The same with mesh, grid mapping and time; variables may be defined after it, then bs_out_frame_values writes the mesh. */
bs_status bs_out_frame(const bs_output *o, const char *name, const char *what, bool bounded, bs_out_file *f,
                       bs_err *err);
bs_status bs_out_frame_values(const bs_output *o, const bs_out_file *f, bs_err *err);

/* A field of it: dimensions time, [lev,] y, x, compressed, one map per chunk, with all that places it on the Earth. */
typedef struct bs_out_field {
    const char *name, *units, *standard_name, *long_name, *cell_methods, *comment;
    bs_nc_type type;
    int lev;    /* dimension; -1: none */
    int bits;   /* mantissa bits kept; 0: all */
    bool fixed; /* without time */
} bs_out_field;
bs_status bs_out_def_field(const bs_output *o, const bs_out_file *f, const bs_out_field *field, int *var, bs_err *err);

bs_status bs_out_def_time(const bs_output *o, bs_nc *nc, int time, int bnds, int *time_var, int *bounds_var,
                          bs_err *err);
/* The last that a record puts: all ranks then know whether it was good in all. */
bs_status bs_out_put_time(const bs_output *o, bs_nc *nc, int time_var, int bounds_var, size_t record, bs_time from,
                          bs_time to, bs_err *err);

/* The maps of the file's current record, var and item [n], n <= tracers + fields of weather. Faster than one by one. */
bs_status bs_out_put_maps(const bs_output *o, const bs_out_file *f, int n, const int *var, const bs_out_item *item,
                          bs_err *err);

/* The own part of a layer, factor * map rounded to `bits`, into out [own cells]; all n layers of a field with layers, [n][own cells], as the
 * file's current record: together they are compressed side by side. */
void bs_out_pack_own(const bs_output *o, const double *map, double factor, int bits, float *out);
bs_status bs_out_put_layers(const bs_output *o, const bs_out_file *f, int var, int n, const float *layers, bs_err *err);

/* factor * map, rounded to `bits`, as the file's current record (or the whole of a field without time). */
bs_status bs_out_put_map(const bs_output *o, const bs_out_file *f, int var, bool fixed, const double *map,
                         double factor, int bits, bs_err *err);

/* ---- kinds of files ---- */

bs_status bs_out_surface_begin(bs_output *o, bs_err *err);
bs_status bs_out_surface_record(bs_output *o, const bs_forcing *forcing, bs_time from, bs_time to, bs_err *err);
bs_status bs_out_daily_begin(bs_output *o, bs_err *err);
bs_status bs_out_daily_record(bs_output *o, bs_time from, bs_time to, bs_err *err);
bs_status bs_out_maps_finish(bs_out_maps *maps, bs_err *err);
void bs_out_maps_abandon(bs_out_maps *maps);

bs_status bs_out_fields3d_begin(bs_output *o, bs_err *err);
bs_status bs_out_fields3d_record(bs_output *o, const bs_state *state, const bs_forcing *forcing, bs_time t,
                                 bs_err *err);
bs_status bs_out_fields3d_finish(bs_output *o, bs_err *err);
void bs_out_fields3d_abandon(bs_output *o);

/* Means that are kept: at the end of an interval and of a whole day. */
bs_status bs_out_keep_begin(bs_output *o, bs_err *err);
void bs_out_keep_interval(bs_output *o);
void bs_out_keep_day(bs_output *o);
void bs_out_keep_release(bs_output *o);

/* Whole file at the end of the run. */
bs_status bs_out_deposition_write(bs_output *o, const bs_state *state, bs_err *err);

bs_status bs_out_cities_begin(bs_output *o, bs_err *err);
bs_status bs_out_cities_record(bs_output *o, bs_time from, bs_time to, bs_err *err);
bs_status bs_out_cities_day(bs_output *o, bs_time from, bs_time to, bs_err *err);
bs_status bs_out_cities_assumed(bs_output *o, bs_err *err); /* puts assumed_text into what is open */
bs_status bs_out_cities_finish(bs_output *o, bs_err *err);
void bs_out_cities_abandon(bs_output *o);

bs_status bs_out_corridors_check(const bs_output *o, bs_err *err); /* the options of the case */
bs_status bs_out_corridors_begin(bs_output *o, bs_err *err);
bs_status bs_out_corridors_assumed(bs_output *o, bs_err *err);
bs_status bs_out_corridors_finish(bs_output *o, bs_err *err);
void bs_out_corridors_abandon(bs_output *o);

/* Whether a loop over so many values is long enough to wake threads for. */
static inline bool bs_out_is_worth_threads(size_t values)
{
    return values > 20000;
}

/* Share of the interval of the forcing that has passed at t, 0..1. */
static inline double bs_out_passed(const bs_forcing *forcing, bs_time t)
{
    return (double)(t - forcing->t0) / (double)(forcing->t1 - forcing->t0);
}

#endif
