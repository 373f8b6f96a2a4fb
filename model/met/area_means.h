/* area_means.h - from fields on a longitude-latitude grid of a file to means over the mesh's cells, by conservative weights.
 *
 *   bs_area_source s = {0};
 *   open axes and edges; read planes; bs_area_weights; bs_area_mean ...; bs_area_source_clear
 * The mesh must lie wholly in the file. Axes as in pressure_levels_axes.h; edges from CF bounds whose cells touch, else half-way between
 * centres. Only the part of the file round the mesh is read. */
#ifndef BS_MODEL_MET_AREA_MEANS_H
#define BS_MODEL_MET_AREA_MEANS_H

#include "grids/mesh/mesh.h"
#include "grids/regrid/regrid.h"
#include "model/io/nc.h"
#include "model/met/pressure_levels_axes.h"

/* The file's axes and the part of them round the mesh: columns i0 .. i0+ni-1, rows j0 .. j0+nj-1. */
typedef struct bs_area_source {
    double *lon, *lat, *lon_edge, *lat_edge; /* edges NULL where the file has none */
    int nlon, nlat, i0, ni, j0, nj;
} bs_area_source;

bs_status bs_area_source_open(const bs_nc *nc, const bs_nc_var *var, const bs_pl_axes *axes, const bs_mesh *mesh,
                              bs_area_source *out, bs_err *err);
void bs_area_source_clear(bs_area_source *s);

/* The part round the mesh of plane n along dimension `other` of var (-1: there is none; all further dimensions at their first), as
 * stored: out is [nj][ni]. */
bs_status bs_area_read(const bs_nc *nc, const bs_nc_var *var, const bs_pl_axes *axes, const bs_area_source *s,
                       int other, size_t n, double *out, bs_err *err);

/* Overlap areas, m2. Errors: BS_ERR_INPUT for a mesh that the file does not cover (names cell and share). */
bs_status bs_area_weights(const char *file, const bs_area_source *s, const bs_mesh *mesh, bs_weights **out,
                          bs_err *err);

/* "lat=3][lon=7] at longitude 104.05, latitude 30.05" of column n of the weights, for messages. Returns text. */
const char *bs_area_place(const bs_area_source *s, size_t column, char *text, size_t size);

/* out [ny][nx] = mean of src [nj][ni]. */
void bs_area_mean(const bs_weights *w, const bs_mesh *mesh, const double *src, double *out);

#endif
