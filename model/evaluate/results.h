/* results.h - what the writers of an evaluation share. Private to model/evaluate. */
#ifndef BS_MODEL_EVALUATE_RESULTS_H
#define BS_MODEL_EVALUATE_RESULTS_H

#include "model/config/config.h"
#include "model/evaluate/evaluate.h"
#include "model/evaluate/groups.h"

enum { BS_EVALUATE_NOTES_MAX = 24, BS_EVALUATE_NOTE_TEXT = 1024 };

typedef struct bs_evaluation {
    const bs_evaluate_request *request;
    bool bilinear, begins;
    bs_air_state state; /* of --state */
    bs_config *config;  /* case.yaml of the run */
    bs_observations observations;
    bs_stations stations; /* n 0: none given */
    bs_modelled modelled;
    bs_pairs pairs;
    bs_groups groups;
    int n_notes;
    char (*note)[BS_EVALUATE_NOTE_TEXT]; /* [BS_EVALUATE_NOTES_MAX] */
} bs_evaluation;

/* Sentences that qualify the numbers, into e->note; the first is that of primary and total. */
void bs_evaluate_notes(bs_evaluation *e);

/* "2015-01-13" of a daily pair, "2015-01-13 08:00" (UTC+8, end) of an hourly one. */
char *bs_evaluate_local(const bs_pair *pair, char text[BS_TIME_TEXT_MAX]);

void bs_evaluate_print(const bs_evaluation *e, FILE *screen);
void bs_evaluate_json(const bs_evaluation *e, FILE *stream);
bs_status bs_evaluate_write(const bs_evaluation *e, const char *dir, bs_err *err);

#endif
