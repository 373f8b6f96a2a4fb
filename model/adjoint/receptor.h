/* receptor.h - whose concentration is asked for: the mean over a region of the case and a span of time, of the lowest layer, as city
 * means are made (model/io/output_cities.c): mixing ratio times density of dry air, weighted by the area inside the region. */
#ifndef BS_MODEL_ADJOINT_RECEPTOR_H
#define BS_MODEL_ADJOINT_RECEPTOR_H

#include "model/run/case.h"
#include "model/state/state.h"

typedef struct bs_receptor {
    char adcode[16], name[64], name_en[64]; /* of a region; of several: none, the key, and its English alias */
    double inside;                          /* share of its area that lies in the mesh */
    double *weight;                         /* [ny][nx], sum 1 */
    bs_time from, to;                       /* whole hours after time.start */
} bs_receptor;

/* key: as bs_regions_select takes it, so a region, or several as one: a family, a province, all; from, to: times as bs_time_parse reads them, NULL: the ends of the output period. *out is
 * to be freed in any case. Errors: BS_ERR_INPUT (no regions in the case, an unknown key, with the nearest there is, no part of it in
 * the mesh), BS_ERR_USAGE (times that cannot be read, are no whole hours, outside the run or not in order). */
bs_status bs_receptor_find(const bs_case *c, const char *key, const char *from, const char *to, bs_receptor *out,
                           bs_err *err);
void bs_receptor_free(bs_receptor *receptor);

/* Adds to the sensitivities of the lowest layer (state's one tracer, ug m-3 per kg) what a sample at t, taken for `seconds`, makes of
 * the mean: weight rho / (m 1e-9) seconds / (to - from), with the forcing's air at t. */
void bs_receptor_sample(const bs_receptor *receptor, const bs_forcing *forcing, bs_time t, bs_time seconds,
                        bs_state *state);

#endif
