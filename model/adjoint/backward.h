/* backward.h - what adjoint.c and its report share. Private to model/adjoint. */
#ifndef BS_MODEL_ADJOINT_BACKWARD_H
#define BS_MODEL_ADJOINT_BACKWARD_H

#include "model/adjoint/adjoint.h"
#include "model/adjoint/parts.h"
#include "model/adjoint/receptor.h"
#include "model/emis/emission.h"
#include "model/io/output_adjoint.h"
#include "model/run/folder.h"
#include "model/run/inflow.h"
#include "model/run/inputs.h"
#include "model/stepping/stepper.h"

typedef struct bs_backward {
    bs_case *c;
    const bs_adjoint_request *request;
    int total;          /* the receptor's tracer among the case's */
    bs_tracer row;      /* that tracer, alone */
    bs_tracers tracers; /* of `row` */
    bs_case alone;      /* the case as it is with this tracer alone; owns nothing */
    bs_receptor receptor;
    bs_met *met;
    bs_forcing *forcing;
    bs_emission *emission;
    bs_emission_rates *rates;
    bs_inflow *inflow;
    bs_boundary *boundary;
    bs_state *state; /* q: ug m-3 per kg */
    bs_sensitivity *asked;
    bs_stepper *stepper;
    bs_adjoint_parts *parts;
    double *hour, *sum, *initial; /* [nz][ny][nx] ug m-3 per kg s-1, of the hour and of all; ug m-3 per ug kg-1 */
    double of_hour;               /* ug m-3, contribution of the hour's emission */
    bs_adjoint_file *file;
    bs_run_folder folder;
    bs_inputs inputs;
    long steps;
    double began; /* wall clock, s */
    char label[512], receptor_words[256], started[32];
} bs_backward;

/* adjoint_contributions.csv and summary.json, and the few lines of the log that people look for. */
bs_status bs_backward_report(bs_backward *b, bs_err *err);

#endif
