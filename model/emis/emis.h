/* emis.h - what the parts of model/emis share. Private to this folder.
 *
 * A reader turns one inventory of the case into sheets (a sector's emission of one species, kg s-1 in each cell) and points (the
 * same at a height), and notes what it did in the audit:
 *
 *   read_gridded.c  --lonlat_field.c, overlap.c, gridded.c-->  sheets
 *   read_mapped.c   --mapping.c, lonlat_*.c, overlap.c, gridded.c-->  sheets
 *   read_totals.c   --table.c, lonlat_field.c, overlap.c-->  sheets
 *   read_points.c   --table.c-->  points and stacks
 *   regions.c       polygons --grids/regions-->  shares of cells, regions of points
 *   speciation.c    sheets and points of PM2.5 --> those of its parts
 *   groups.c        sheets, regions and tracers --> which tag takes what
 *   factors.c       cuts of members
 *   parts.c         which cells of the mesh are kept, and sums over those of all ranks
 *   reach.c         how high each cell emits
 *   cut.c           all of it --> what one tile of the mesh needs
 *   stacks.c        stacks and the weather of an hour --kernels/column/plume_rise.h-->  shares of the layers
 *
 * All sheets are kept in double; rates.c makes `real` of them once, after all sums. */
#ifndef BS_MODEL_EMIS_EMIS_H
#define BS_MODEL_EMIS_EMIS_H

#include <stdbool.h>
#include <stddef.h>

#include "kernels/column/plume_rise.h"
#include "model/core/sum.h"
#include "model/emis/emission.h"
#include "model/emis/groups.h"
#include "model/emis/profiles.h"

enum { BS_EMIS_NAME_MAX = 64, BS_EMIS_SPECIES_MAX = 32, BS_EMIS_PATH_MAX = 160, BS_EMIS_UNIT_MAX = 128 };

enum { BS_EMIS_MONTHS = 12 };

/* Words of emissions.inventories[].missing and .outside; -1 (not given) is an error, too. */
enum { BS_MISSING_ERROR, BS_MISSING_ZERO };
enum { BS_OUTSIDE_ERROR, BS_OUTSIDE_ZERO };

static const double BS_EMIS_SHARE_ROUND =
    1e-12; /* of shares of sectors, written with some digits, that should sum to 1 */

/* What became of a sheet's emission, kg s-1, annual means: what the audit compares. By region: [n_regions+1], elsewhere last; NULL where
 * the case has no polygons. */
typedef struct bs_emis_account {
    double in_file, in_domain, on_grid;
    double left_out;  /* of in_domain before rules: what only, except and replaces took away */
    double *source;   /* of the regions that are kept, measured on the inventory's own mesh */
    double *touching; /* all of the source cells that reach into the region: what rounding is relative to */
    double *grid;     /* what cells got of it, source cell by source cell */
    double *removed;  /* taken away by rules */
} bs_emis_account;

/* Sheet and points of one sector and species of one inventory. */
typedef struct bs_emis_sheet {
    int inventory; /* row of emissions.inventories */
    char sector[BS_EMIS_NAME_MAX], species[BS_EMIS_SPECIES_MAX];
    char asked[BS_EMIS_NAME_MAX]; /* the sector by which its reader knows it: of a split sector the whole */
    int of;                       /* sheet that the reader fills; itself, but for parts of a split sector */
    double share;                 /* of what the reader gives; 1 but for parts */
    const char *basis;            /* of that share, as the case says it; NULL: not a part. Of the configuration */
    bool *drop;                   /* [n_regions+1] regions that rules take away; NULL: none */
    bs_emis_account account;
    int n_months; /* 0: points alone; 1: annual mean; 12: January to December, which take the place of the month profile */
    double *rate;             /* [n_months][ny][nx] kg s-1, of bs_emission.part */
    double scale;             /* a power of two, for sums of rates (parts.c) */
    bool profiled;            /* whether it has points that the height profile spreads */
    int total;                /* tracer of the base that takes it; -1: none */
    int *tag;                 /* [n_regions+1] tracer of the base that takes it, too, in that region; -1: none */
    double *in_region;        /* [max(n_months, 1)][n_regions+1] kg s-1, points included */
    int month, weekday, hour; /* rows of the profiles; -1: steady */
    int height;               /* row; -1: all into the lowest layer */
} bs_emis_sheet;

typedef struct bs_emis_point {
    size_t cell; /* j * nx + i */
    int sheet;
    int stack;  /* of bs_emission.stack; -1: none */
    int region; /* n_regions: elsewhere */
    double lon, lat;
    double rate;   /* kg s-1, annual mean */
    double height; /* m above ground; with a stack: of its mouth; NaN: spread by the sector's height profile */
} bs_emis_point;

/* A cut of one sheet. */
typedef struct bs_emis_cut {
    int member, sheet, region;
    bs_time from, to;
    double factor;
} bs_emis_cut;

/* A rectangle of longitudes and latitudes, degrees; west > east: nothing yet. */
typedef struct bs_emis_extent {
    double west, east, south, north;
} bs_emis_extent;

struct bs_emission {
    const bs_mesh *mesh; /* the whole one; once cut, the tile's */
    bs_tile part;        /* of the mesh, that fields of sheets and `reach` hold: all of it, or this rank's tile */
    bool several;        /* whether other ranks hold the rest, so that sums over own cells are added up */
    bool cut_out;   /* whether it is a tile's; what is summed over cells (in_region, audit) stays that of the whole */
    bs_window own;  /* cells that emit: all, or the tile's own */
    int at_i, at_j; /* of cell (0, 0) in the whole mesh, for words */
    const bs_tracers *tracers;
    int n_regions;       /* polygons; 0: not resolved, or none */
    size_t *share_start; /* [cells+1] of share and share_region; NULL: not resolved */
    int *share_region;   /* regions of a cell, ascending, elsewhere last */
    double *share;       /* of the cell's area; those of a cell sum to 1 but for rounding */
    int n_cuts;
    bs_emis_cut *cut;
    int n_sheets;
    bs_emis_sheet *sheet;
    size_t n_points, points_room;
    bs_emis_point *point; /* by cell, once linked */
    int n_stacks;
    bs_stack *stack;   /* [n_stacks], each of one point */
    size_t *row_start; /* [ny+1] points of row j of the mesh: row_start[j] .. row_start[j+1]-1 */
    double *
        reach; /* [ny][nx] of the part, m, the greatest height at which the cell emits; 0: nothing or the ground alone */
    const bs_region_set *audited; /* regions of the audit and of rules; NULL: none. Not owned */
    bs_region_mask **mask;        /* [n_masks] of the case's polygons, once they are made */
    int n_masks;
    bool *absent; /* [polygons] which have no cell of the whole mesh; NULL: no masks were made */
    int n_audit;
    bs_emission_audit *audit;
    double *by_region; /* the arrays of audit, by region */
    double most_bytes; /* held by sheets, points, masks and shares before anything was given back */
    double bare;       /* share of the mesh's area where nothing that is carried is emitted */
    bs_profiles *profiles;
    double utc_offset;     /* s */
    bs_emis_extent extent; /* of the inventory that is read at present */
};

/* ---- cells that are kept (parts.c) ---- */

static inline size_t bs_emis_cells(const bs_emission *e)
{
    return (size_t)e->part.nx * (size_t)e->part.ny;
}

/* Where a cell of e->mesh lies in the fields that are kept; false: not there. */
bool bs_emis_is_kept(const bs_emission *e, size_t cell, size_t *kept);

/* Whether a cell of e->mesh is counted here, and where it lies. */
bool bs_emis_is_own(const bs_emission *e, size_t cell, size_t *kept);

/* Sums of a sheet's rates, whatever the tiles: in multiples of 2^-100 of its largest rate. */
static inline void bs_emis_sum_add(bs_sum *sum, const bs_emis_sheet *s, double rate)
{
    bs_sum_add(sum, rate * s->scale);
}
static inline double bs_emis_sum_value(const bs_sum *sum, const bs_emis_sheet *s)
{
    return bs_sum_value(sum) / s->scale;
}
void bs_emis_sum_all(const bs_emission *e, int n, bs_sum *sum); /* of all ranks; collective */

/* A status that all ranks share, before they go on to what is collective. */
bs_status bs_emis_agree(const bs_emission *e, bs_status status, bs_err *err);

/* Once all sheets are filled: their scales, from the largest rate in any rank. Collective. Errors: BS_ERR_INPUT for a rate that is no
 * number; BS_ERR_MEMORY. */
bs_status bs_emis_find_scales(bs_emission *e, bs_err *err);

/* One inventory as its reader sees it. Nothing is owned. */
typedef struct bs_emis_input {
    const bs_config *config;
    const bs_mesh *mesh;
    bs_units *units;
    bs_log *log;
    bs_emission *emission; /* where sheets, points and audit lines go */
    int index;
    const char *name, *file; /* of a mapped inventory: its mapping, and each file while it is read */
    const char *species;     /* the only one to take; NULL: all */
    double scale;            /* multiplies every value, also in the audit */
    int year;                /* that it must be of: its own, or the case's; 0: any */
} bs_emis_input;

bs_status bs_emis_read_gridded(const bs_emis_input *in, bs_err *err);
bs_status bs_emis_read_points(const bs_emis_input *in, bs_err *err);
bs_status bs_emis_read_totals(const bs_emis_input *in, bs_err *err);
bs_status bs_emis_read_mapped(const bs_emis_input *in, bs_err *err);

/* "emissions.inventories[<index>].<key>" into path[BS_EMIS_PATH_MAX]; returns path. */
const char *bs_emis_path(const bs_emis_input *in, const char *key, char *path);

/* Whether `sectors` of the inventory is empty or names this one. */
bool bs_emis_wants_sector(const bs_emis_input *in, const char *sector);

/* ---- sheets.c ---- */

/* The sheet of a sector (as the inventory names it) and species of this inventory, made when it is not there, with those of the parts
 * into which the case splits the sector. With n_months > 0 their arrays are made too (zeros). *index stays valid when others are
 * added. Errors: a name too long, BS_ERR_MEMORY. */
bs_status bs_emis_sheet_get(const bs_emis_input *in, const char *sector, const char *species, int n_months, int *index,
                            bs_err *err);
bs_status bs_emis_point_add(bs_emission *e, const bs_emis_point *point, bs_err *err);
bs_status bs_emis_stack_add(bs_emission *e, const bs_stack *stack, int *index, bs_err *err);

/* Widens the inventory's extent to a place, for the message of an inventory that misses the mesh. */
void bs_emis_extent_add(bs_emission *e, double lon, double lat);

/* Days of month 0..11 of a year; year 0: February has the mean of the Gregorian calendar, 28.2425 days. */
double bs_emis_month_days(int year, int month);

/* ---- regions.c ---- */

/* What counts of a cell when weight[region] does: exactly the weight where all of the cell's regions have the same (groups.h). */
double bs_emis_weigh(const bs_emission *e, size_t cell, const double *weight);

/* ---- groups.c ---- */

/* The tracers of each carried sheet (total, tag) and what it emits in each region (in_region), anew. */
bs_status bs_emis_link(bs_emission *e, bs_err *err);

/* Every sector that a group names must be in a carried sheet. */
bs_status bs_emis_check_groups(const bs_emission *e, const bs_config *config, bs_err *err);

/* ---- emission.c ---- */

/* Where each row of the mesh begins among the points, anew. */
bs_status bs_emis_find_rows(bs_emission *e, bs_err *err);

/* ---- reach.c ---- */

/* Fills e->reach, of sheets and points that are linked. */
bs_status bs_emis_measure_reach(bs_emission *e, bs_err *err);

/* ---- cut.c ---- */

/* Bytes that sheets, points, masks and shares of cells hold now. */
double bs_emis_bytes(const bs_emission *e);

/* ---- factors.c ---- */

/* Factor of each member, sheet and region in the hour that begins at `from`: factor [n_members][n_sheets][n_regions+1], 1 where
 * nothing is cut. */
void bs_emis_factors(const bs_emission *e, bs_time from, double *factor);

/* ---- rates.c ---- */

/* Factor of month, weekday and hour of a sheet in the hour that begins at `from`, and the field of the sheet that it takes. Where
 * local hours do not begin with the UTC hour (offsets of 30 or 45 minutes), the hour takes both by their shares. */
double bs_emis_profile_factor(const bs_emission *e, const bs_emis_sheet *sheet, bs_time from, int *month);

/* ---- stacks.c ---- */

/* Plume rise of all stacks in the weather of the middle of the hour that begins at `from` (within the interval of the forcing), with
 * the half levels of its first end: share [n_stacks][nz] of each stack's emission in each layer, each row's sum 1 to the bit.
 * *n_layers is raised to the highest layer that a plume reaches. work: scratch of bs_emis_lift_work(nz) elements. Error: BS_ERR_INPUT
 * for a plume that rises above the model's top. */
bs_status bs_emis_lift(const bs_emission *e, bs_time from, const bs_forcing *forcing, double *work, double *share,
                       int *n_layers, bs_err *err);
static inline size_t bs_emis_lift_work(int nz)
{
    return 4 * (size_t)nz + 1;
}

/* ---- spread.c ---- */

struct bs_overlap;
struct bs_overlap_sums;

/* Shares masses of source cells out over the mesh and adds them to a month's field of a sheet that bs_emis_sheet_get gave, and of its parts, under
 * the inventory's rules; adds what became of them, times `weight` (of the month in the year), to the sheets' accounts. sums: of this
 * field, as bs_overlap_spread gives them; inside, touching and on_grid without what rules took away. Every reader of cells goes
 * through here. */
bs_status bs_emis_spread(const bs_emis_input *in, struct bs_overlap *overlap, int sheet, int month, double weight,
                         const double *mass, struct bs_overlap_sums *sums, bs_err *err);

/* What is made of sheet `from` alone takes a share of its account, without rules: those are done. */
void bs_emis_account_share(const bs_emission *e, int from, int to, double share);

/* Shares the inventory's points, first .. e->n_points - 1, out among the parts of split sectors, finds their regions, and takes away what
 * rules do. */
bs_status bs_emis_settle_points(const bs_emis_input *in, size_t first, bs_err *err);

/* ---- split.c ---- */

/* A part of a sector that an inventory holds undivided. */
typedef struct bs_emis_part {
    const char *name, *basis;
    double share;
} bs_emis_part;

/* The parts into which the case splits a sector of the inventory, emissions.inventories[].split before emissions.split: how many, the
 * first `room` of them in part[]. Errors: BS_ERR_INPUT for shares of more than 1 together, a part of an unknown sector. */
bs_status bs_emis_split_of(const bs_emis_input *in, const char *sector, int room, bs_emis_part *part, int *n,
                           bs_err *err);

/* Once all is read: every split must have met a sector, and no inventory may hold what is split off. Tells the log. */
bs_status bs_emis_check_split(const bs_emis_input *in, bs_err *err);

/* ---- merge.c ---- */

/* Words of rules that need no inventory: names of inventories, regions. Before anything is read. */
bs_status bs_emis_check_rules(const bs_emis_input *in, bs_err *err);

/* Whether only, except or replaces name regions. */
bool bs_emis_has_region_rules(const bs_emis_input *in);

/* Regions of a sector that rules take away from the inventory: drop [n_regions+1]; *any: whether there is one. */
bs_status bs_emis_dropped(const bs_emis_input *in, const char *sector, bool *drop, bool *any, bs_err *err);

/* Once all is read. Errors: BS_ERR_INPUT for a rule that takes nothing away, and for a species, sector and region that two inventories
 * hold (double counting), with names. Tells the log what was replaced by nothing. */
bs_status bs_emis_check_merge(const bs_emis_input *in, bs_err *err);

/* ---- regions.c ---- */

/* Shares of cells in the polygons, once: e->mask. *over: the cell whose shares sum to more than 1 by more than rounding, or SIZE_MAX. */
bs_status bs_emis_take_masks(bs_emission *e, const bs_region_set *regions, size_t *over, bs_err *err);
bs_status bs_emis_refuse_overlap(const bs_emission *e, const bs_region_set *regions, size_t cell, bs_err *err);

/* Regions of the points first .. n_points - 1: the first that holds it, or elsewhere. */
bs_status bs_emis_place_points(bs_emission *e, const bs_region_set *regions, size_t first, bs_err *err);

/* ---- audit.c ---- */

/* Notes what a file holds of a sheet and holds the grid to the independent measure: kg s-1, annual means, as bs_emis_spread and the
 * points give them. `touching` is the whole mass of the source cells that reach into the mesh: where only slivers of them do, rounding
 * is relative to it. Once for each sheet that the reader got. Error: BS_ERR_RUN when they differ. */
bs_status bs_emis_audit_add(const bs_emis_input *in, const char *sector, const char *species, double in_file,
                            double in_domain, double on_grid, double touching, bs_err *err);

/* Once all is read and linked: the lines of the audit, by region, after profiles. Error: BS_ERR_RUN when a region's cells did not get what
 * the inventory has there. */
bs_status bs_emis_audit_close(const bs_emis_input *in, bs_err *err);

#endif
