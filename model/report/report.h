/* report.h - bashu report: a finished run, or the members of a scenario set, against the national standards.
 *
 *   cities_daily.csv --> judged by day and city (judge.h) --> table on the terminal, report.csv (a row per member and city),
 *                                                              report_daily.csv (and day), report.json (all of it)
 * What a case says under `standards` decides, and the command line before it. Whatever the numbers do not say by themselves (that they are
 * of primary PM2.5 alone, what was assumed, what was left out) stands as sentences in each of the outputs. */
#ifndef BS_MODEL_REPORT_REPORT_H
#define BS_MODEL_REPORT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "kernels/base/status.h"

typedef struct bs_report_request {
    const char *run; /* folder of a run or of a set */
    const char *out; /* folder of the report, made if need be; NULL: run. A former report there is replaced */
    const char *edition, *phase;    /* words of standards.edition and standards.phase; NULL: as the case says */
    const char *observed, *targets; /* tables; NULL: as the case says */
    int n_set;
    const char *const *set; /* "standards.secondary=fixed" */
    bool json;              /* prints report.json instead of the table */
    const char *version;
} bs_report_request;

/* Errors: BS_ERR_INPUT (what the run or a table lacks, with its place), BS_ERR_USAGE (a setting outside standards), BS_ERR_IO. */
bs_status bs_report_run(const bs_report_request *request, FILE *screen, bs_err *err);

#endif
