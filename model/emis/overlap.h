/* overlap.h - masses of longitude-latitude cells shared out over the mesh. Private to model/emis. */
#ifndef BS_MODEL_EMIS_OVERLAP_H
#define BS_MODEL_EMIS_OVERLAP_H

#include "model/config/geojson.h"
#include "model/emis/lonlat_field.h"

/* The weights told apart by region; region n is elsewhere. Shares of less than some 1e-11 are rounding and left to the others. */
typedef struct bs_overlap_regions {
    int n;
    size_t *start;        /* [entries+1] of region and area, for each entry of the weights */
    int *region;          /* ascending */
    double *area;         /* m2 of the entry in the region; those of an entry sum to its weight */
    size_t *source_start; /* [n+2] of source and share, for each region */
    size_t *source;       /* source cells of a region, ascending */
    double *share;        /* of the source cell: in the region and on the mesh, measured without the mesh's cells */
} bs_overlap_regions;

/* Weights from the mesh of a field, kept as long as the next field has the same one. */
typedef struct bs_overlap {
    size_t n_lon, n_lat;
    double *lon, *lat, *lon_edge, *lat_edge; /* of the mesh that the weights are for; edges may be NULL */
    bs_weights *weights;                     /* overlap areas, m2 */
    double *area;                            /* [n_lat*n_lon] m2, of the source cells */
    double *inside;                          /* [n_lat*n_lon] share of each inside the mesh, measured independently */
    bs_overlap_regions *regions;             /* NULL: not prepared */
} bs_overlap;

bs_status bs_overlap_prepare(bs_overlap *overlap, const bs_lonlat_field *field, const bs_mesh *mesh, bs_err *err);
/* The overlap's regions, once prepared. mask [set->n]: of the regions on the mesh, which may not overlap by more than rounding. */
bs_status bs_overlap_prepare_regions(bs_overlap *overlap, const bs_mesh *mesh, const bs_region_set *set,
                                     bs_region_mask *const *mask, bs_err *err);
void bs_overlap_clear_regions(bs_overlap *overlap);
void bs_overlap_clear(bs_overlap *overlap);
bool bs_overlap_fits(const bs_overlap *overlap, const bs_lonlat_field *field);

/* What became of a set of masses. */
typedef struct bs_overlap_sums {
    double source;   /* all of it */
    double inside;   /* by `inside` */
    double touching; /* all of the cells that reach into the mesh */
    double on_grid;  /* what the cells of the mesh got */
} bs_overlap_sums;

/* cell [ny*nx] becomes the sum of mass * weight / area; *sums is filled. Order of sums is fixed. */
void bs_overlap_spread(const bs_overlap *overlap, const double *mass, double *cell, bs_overlap_sums *sums);

/* Share of the mesh's area that source cells cover, 0..1. */
double bs_overlap_coverage(const bs_overlap *overlap, const bs_mesh *mesh);

#endif
