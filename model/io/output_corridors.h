/* output_corridors.h - corridors.nc, corridors.csv and corridors_budget.csv: what moved between regions. Private to output*.c.
 *
 * A corridor is a border between two neighbours: two regions, a region and what lies in none, a region and a side of the domain; and the
 * same for families of regions (property `group`), whose flux is the sum over the borders between their members. */
#ifndef BS_MODEL_IO_OUTPUT_CORRIDORS_H
#define BS_MODEL_IO_OUTPUT_CORRIDORS_H

#include "model/io/output_parts.h"

/* Who stands at an end of a corridor. */
typedef struct bs_out_place {
    const char *key, *name, *name_en; /* key: adcode, name of the family, "elsewhere", "west" .. */
} bs_out_place;

typedef struct bs_out_corridor {
    bool family;
    bs_out_place from, to;
    int *use; /* [pairs] 1: adds to it, -1: adds with its direction turned, 0: not part of it */
    bs_border_line line;
} bs_out_corridor;

enum { BS_OUT_CORRIDOR_VARS = 5, BS_OUT_CORRIDOR_TAG_VARS = 2, BS_OUT_BUDGET_VARS = 8 };

struct bs_out_corridors {
    const bs_borders *borders;
    int n_families;
    const char **family; /* [n_families] names, of the region set */
    int *family_of;      /* [labels] 0 .. n_families - 1, n_families: none; the sides after it */
    int n;
    bs_out_corridor *corridor;
    bs_border_record *period;
    bs_text_file *table, *budget;
    bs_nc *nc;
    int time_var, bounds_var;
    int (*var)[BS_OUT_CORRIDOR_VARS];      /* [tracers]; -1: not written */
    int (*budget_var)[BS_OUT_BUDGET_VARS]; /* [tracers] */
    size_t records;
};

/* ---- who (output_corridors_list.c) ---- */

bs_status bs_out_corridors_list(bs_output *o, bs_err *err);
bs_out_place bs_out_corridors_place(const bs_output *o, int label);
bs_border_flow bs_out_corridors_flow(const bs_out_corridors *c, const bs_out_corridor *of,
                                     const bs_border_record *record, int tracer);

/* ---- tables and file (output_corridors_files.c) ---- */

bs_status bs_out_corridors_files_begin(bs_output *o, bs_err *err);
bs_status bs_out_corridors_rows(bs_output *o, const char *when, const bs_border_record *record, bs_err *err);
bs_status bs_out_corridors_nc_record(bs_output *o, const bs_border_record *record, bs_err *err);

#endif
