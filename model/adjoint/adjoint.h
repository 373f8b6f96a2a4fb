/* adjoint.h - the sensitivity of one receptor's mean primary PM2.5 to the emission of every cell, layer and hour, from one backward run.
 *
 * A forward run with a linear advection scheme is one linear map from emissions, initial and boundary values to the receptor's mean J.
 * Its transpose is run step by step, from the end to the start, with the prepared weather of the forward run, taken interval by interval
 * in reverse, the same lengths of steps, and the operators' adjoints (model/operators/operators.h):
 *
 *     for each pair of steps, last to first:   s += dJ/dx of the sample at its end      (receptor.h)
 *                                              s, asked <- transpose of the pair        (stepper.h)
 *     J = sum of asked x emission + asked x inflow + s x initial                        (parts.h)
 *
 * to the rounding of `real`. Nothing is stored but one field of sensitivities and the air of one pair. Source: the discrete adjoint of
 * e.g. Sandu et al. 2005, J. Comput. Phys. 204, 222-252; here the operators are linear, so that no trajectory is needed. */
#ifndef BS_MODEL_ADJOINT_ADJOINT_H
#define BS_MODEL_ADJOINT_ADJOINT_H

#include "model/run/case.h"

typedef struct bs_adjoint_request {
    const char *dir;       /* folder of the output: new, or without output of a run */
    const char *receptor;  /* a region: adcode, name or name_en */
    const char *from, *to; /* of the receptor's mean; NULL: the output period's */
    int threads;           /* in use */
    bool profile;          /* print seconds by operator at the end */
    const char *version;
} bs_adjoint_request;

/* Writes adjoint.nc, adjoint_contributions.csv, summary.json, case.yaml and run.log. On failure nothing is left but run.log, and not even
 * the folder where the input is to blame. Errors: as of every part; BS_ERR_INPUT for a case that has no transpose (an advection scheme
 * that is not linear, no advection) or does not carry primary PM2.5; BS_ERR_USAGE for a receptor's time that does not fit the run. */
bs_status bs_adjoint_run(bs_case *c, const bs_adjoint_request *request, bs_err *err);

#endif
