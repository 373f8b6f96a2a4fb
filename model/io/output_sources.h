/* output_sources.h - who contributes what to the mean of each region: a re-arrangement of the city means of tags. Private to
 * output_sources*.c and output_cities.c.
 *
 * Sources are the groups of the case (tracers.h), "initial" and "boundary" where they are tagged, and "untagged", the total less all
 * tags, where the case does not tag everything. Receptors are the regions that the mesh touches. Made when there are regions and tags of
 * groups, whether or not output.tags has the tags in the other files:
 *
 *   source_receptor.nc          <total>_contribution (time, source, receptor), ug m-3, means over output.surface_interval;
 *                               <total>_share, the same as % of the total; <total> (time, receptor);
 *                               <total>_contribution_period (source, receptor), <total>_share_period, <total>_period (receptor).
 *                               Of each source: source (its name), source_label, source_kind (group, rest, initial, boundary,
 *                               untagged), source_regions (adcodes), source_sectors. Of each receptor: adcode, name, name_en, family.
 *   source_receptor_daily.csv   date_local,adcode,name,name_en,variable,source,label,contribution,percent: whole natural days; a row
 *                               "total" ends those of a region
 *   source_receptor_period.csv  the same without the date, means over the output period
 *   shares.csv                  per region, of the period mean: local, other_basin, outside_basin, unresolved (output_shares.c) */
#ifndef BS_MODEL_IO_OUTPUT_SOURCES_H
#define BS_MODEL_IO_OUTPUT_SOURCES_H

#include "model/io/output_cities.h"

typedef enum bs_out_source_kind {
    BS_SOURCE_GROUP,
    BS_SOURCE_REST,
    BS_SOURCE_INITIAL,
    BS_SOURCE_BOUNDARY,
    BS_SOURCE_UNTAGGED
} bs_out_source_kind;

typedef struct bs_out_source {
    bs_out_source_kind kind;
    const bs_source_group *group; /* NULL: none */
    const char *name, *label;
} bs_out_source;

struct bs_out_sources {
    int n;
    bs_out_source *source; /* [n] */
    int n_totals;
    int *total;    /* [n_totals] tracers */
    int *tracer;   /* [n_totals][n]; -1: the total has no such tag */
    double *value; /* [n][receptors] scratch */
    bs_text_file *daily;
    struct {
        bs_nc *nc;
        int time_var, bounds_var;
        int *var; /* [n_totals][BS_OUT_SOURCE_VARS] */
        size_t records;
    } matrix;
};

enum { BS_OUT_SOURCE_VARS = 6 };

/* Contribution of a source to receptor n, from means [tracers][receptors], in their unit. */
double bs_out_source_part(const bs_output *o, const double *means, int total, int source, int n);

/* As the kinds of output_parts.h; all do nothing without sources. means: [tracers][receptors] ug m-3. */
bs_status bs_out_sources_begin(bs_output *o, bs_err *err);
bs_status bs_out_sources_record(bs_output *o, bs_time from, bs_time to, const double *means, bs_err *err);
void bs_out_sources_day(bs_output *o, bs_date day, const double *means);
bs_status bs_out_sources_assumed(bs_output *o, bs_err *err);
bs_status bs_out_sources_finish(bs_output *o, const double *means, bs_err *err); /* means: of the period */
void bs_out_sources_abandon(bs_output *o);

/* source_receptor.nc (output_sources_nc.c) */
bs_status bs_out_matrix_begin(bs_output *o, bs_err *err);
bs_status bs_out_matrix_record(bs_output *o, bs_time from, bs_time to, const double *means, bs_err *err);
bs_status bs_out_matrix_finish(bs_output *o, const double *means, bs_err *err);

/* shares.csv (output_shares.c). */
bs_status bs_out_shares_write(const bs_output *o, const double *means, bs_err *err);

/* Whether the words of regions.basin name regions. */
bs_status bs_out_shares_check(const bs_config *config, const bs_region_set *regions, bs_err *err);

#endif
