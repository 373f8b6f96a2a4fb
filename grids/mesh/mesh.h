/* mesh.h - the horizontal mesh: regular in the plane of a projection, true metres and square metres on the Earth.
 *
 * Cell (j, i) spans [x0 + i dx, x0 + (i+1) dx] x [y0 + j dy, y0 + (j+1) dy] in projected units; j grows northward on
 * the map. Areas are those of the cell's quadrilateral in the equal-area plane (longitude, sine of latitude) with the
 * four projected corners joined by straight lines in that plane: neighbouring cells share edges, so areas, overlap
 * weights (regrid.h) and region fractions (regions.h) add up exactly. Lengths follow from the map factors at the
 * point where they are needed. All arrays are owned by the mesh. */
#ifndef BS_GRIDS_MESH_H
#define BS_GRIDS_MESH_H

#include "grids/geometry/geometry.h"
#include "grids/projection/projection.h"
#include "grids/tiles/tiles.h"
#include "kernels/base/status.h"

typedef struct bs_mesh_spec {
    const char *projection; /* PROJ string */
    int nx, ny;             /* 4 .. 100000 */
    double dx, dy;          /* projected units, > 0 */
    double x0, y0;          /* lower left corner of cell (0, 0), projected units */
} bs_mesh_spec;

typedef struct bs_mesh {
    int nx, ny;
    double dx, dy, x0, y0;
    int i0, j0; /* of cell (0, 0): x0, y0 are the lower left corner of cell (-j0, -i0); 0 but for windows */
    bs_projection *projection;
    double radius;     /* m, of the sphere on which areas are measured */
    double *lon, *lat; /* [ny][nx]     degrees, cell centres */
    double *lon_c;     /* [ny+1][nx+1] degrees, cell corners; longitudes are continuous over the mesh */
    double *lat_c;     /* [ny+1][nx+1] */
    double *area;      /* [ny][nx]     m2 */
    double *len_xf;    /* [ny][nx+1]   m, length of the face between (j, i-1) and (j, i) */
    double *len_yf;    /* [ny+1][nx]   m, length of the face between (j-1, i) and (j, i) */
    double *dist_xf;   /* [ny][nx+1]   m, distance between the centres on both sides of the face */
    double *dist_yf;   /* [ny+1][nx]   m */
    double *cos_rot;   /* [ny][nx]     wind: u_grid =  u cos_rot + v sin_rot */
    double *sin_rot;   /* [ny][nx]           v_grid = -u sin_rot + v cos_rot, u eastward and v northward */
} bs_mesh;

/* Errors: BS_ERR_INPUT (a cell outside the projection's domain, with its index; a pole inside the mesh; a spec out of
 * range), BS_ERR_MEMORY. */
bs_status bs_mesh_create(const bs_mesh_spec *spec, bs_mesh **out, bs_err *err);
void bs_mesh_destroy(bs_mesh *mesh);

/* The cells of `tile` as a mesh of their own, with the same numbers to the bit. Errors: BS_ERR_MEMORY. */
bs_status bs_mesh_window(const bs_mesh *whole, const bs_tile *tile, bs_mesh **out, bs_err *err);

/* Cell (j, i), and the smallest rectangle round all corners, in the equal-area plane of geometry.h. */
bs_quad bs_mesh_quad(const bs_mesh *mesh, int j, int i);
bs_rect bs_mesh_bounds(const bs_mesh *mesh);

/* Fractional cell coordinates of a point: fi = i + 0.5 at the centre of column i, 0 <= fi < nx. false: outside the
 * mesh. */
bool bs_mesh_locate(const bs_mesh *mesh, double lon, double lat, double *fi, double *fj);

#endif
