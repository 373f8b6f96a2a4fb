/* correct_parts.h - what the files of correct share. Private to model/met/correct*.c. */
#ifndef BS_MODEL_MET_CORRECT_PARTS_H
#define BS_MODEL_MET_CORRECT_PARTS_H

#include <stddef.h>

#include "model/met/correct.h"

typedef struct bs_face_counts {
    size_t cells, x, y;
} bs_face_counts;

static inline bs_face_counts bs_correct_counts(const bs_mesh *m)
{
    const size_t nx = (size_t)m->nx, ny = (size_t)m->ny;
    return (bs_face_counts){.cells = nx * ny, .x = (nx + 1) * ny, .y = nx * (ny + 1)};
}

/* Whether the mesh is the whole: then there are no others to ask. */
static inline bool bs_correct_alone(const bs_corrector *c)
{
    return c->part.tiling == &c->one;
}

/* Means of the cells on both sides of each face, of a row of nx cells and of two rows; on the outer faces, the inner cell's. No two
 * pointers alias but south and north. */
void bs_correct_to_x_faces(ptrdiff_t nx, const double *v, double *v_xf);
void bs_correct_to_y_faces(ptrdiff_t nx, const double *south, const double *north, double *v_yf);

/* layers, wind_of and worst from a state. Collective. */
void bs_correct_note_worst(bs_corrector *c, const bs_met_state *s);

/* mass, and mass_xf, mass_yf from it, from both states; the latter from the former. */
void bs_correct_column_mass(bs_corrector *c, const bs_met_state *s0, const bs_met_state *s1);
void bs_correct_mass_to_faces(const bs_mesh *mesh, const double *mass, double *mass_xf, double *mass_yf);

/* A map of the parts as one of the whole mesh, in the first rank. Collective. */
void bs_correct_to_whole(const bs_corrector *c, bs_map_at place, const double *local, double *whole);

#endif
