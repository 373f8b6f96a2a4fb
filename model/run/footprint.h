/* footprint.h - what each rank of a run holds in memory, worked out from its shape: for `bashu check`, before anything is read. */
#ifndef BS_MODEL_RUN_FOOTPRINT_H
#define BS_MODEL_RUN_FOOTPRINT_H

#include "model/emis/emission.h"
#include "model/run/case.h"

/* Bytes. */
typedef struct bs_footprint {
    double program;     /* code, libraries, their tables: about the same in any run */
    double state;       /* mixing ratios, air, deposition, values at the sides */
    double meteorology; /* prepared states, fluxes, what the source holds on the mesh */
    double emissions;   /* rates of the hour and what stays of the inventories */
    double
        reading; /* while inventories are read, before the rest is there: what is kept of them, and what places one on the whole mesh */
    double output;   /* samples and means */
    double whole;    /* maps of the whole mesh */
    double exchange; /* messages to and from neighbours */
} bs_footprint;

/* Of one rank of this tiling; members: futures side by side (run.h), threads: of the rank. emission: read already; NULL: the inventories
 * count as a map of the tile for each of them, sector and species, which is what they are at most without months. */
typedef struct bs_footprint_of {
    const bs_case *c;
    const bs_tiling *tiling;
    int rank, members, threads;
    const bs_emission *emission;
} bs_footprint_of;
bs_footprint bs_footprint_make(const bs_footprint_of *of);

/* The most that is held at one time. */
double bs_footprint_peak(const bs_footprint *f);

/* Lines about the rank that holds most and, with several, about how the mesh is shared out. emission: as above. */
void bs_footprint_tell(const bs_case *c, const bs_tiling *tiling, int threads, const bs_emission *emission,
                       bs_log *log);

#endif
