/* results.h - what the writers of a report share. Private to model/report. */
#ifndef BS_MODEL_REPORT_RESULTS_H
#define BS_MODEL_REPORT_RESULTS_H

#include "model/config/config.h"
#include "model/io/json.h"
#include "model/report/contributions.h"
#include "model/report/judge.h"
#include "model/report/members.h"
#include "model/report/report.h"
#include "model/report/screen.h"
#include "model/report/targets.h"

enum { BS_NOTES_MAX = 16, BS_NOTE_TEXT = 1024, BS_TOP_SOURCES = 3 };

typedef struct bs_results {
    const bs_report_request *request;
    bs_config *config; /* case.yaml of the base */
    bs_rules rules;
    bs_members members;
    bs_series *series;         /* [members.n] */
    bs_verdicts *verdicts;     /* [members.n] */
    bs_contributions *sources; /* [members.n] */
    bs_targets targets;        /* n 0: none given */
    bs_observed observed;      /* value NULL: none given */
    const char *observed_file;
    int n_notes;
    char (*note)[BS_NOTE_TEXT]; /* [BS_NOTES_MAX] */
} bs_results;

static inline const bs_verdict *bs_verdict_at(const bs_results *r, int member, int city)
{
    return &r->verdicts[member].city[city];
}

/* Sentences that qualify the numbers, into r->note. */
void bs_report_notes(bs_results *r);

/* The largest sources, "成都平原, industry 41 %; residential 30 %"; "" when the run tells none. */
void bs_report_sources_text(const bs_results *r, int member, int city, char *text, size_t size);

void bs_report_print(const bs_results *r, FILE *screen);
void bs_report_print_days(const bs_results *r, FILE *screen);
void bs_report_print_member(const bs_results *r, int member, FILE *screen);
void bs_report_json(const bs_results *r, FILE *stream);
bs_status bs_report_write_csv(const bs_results *r, const char *dir, bs_err *err);
bs_status bs_report_write_json(const bs_results *r, const char *dir, bs_err *err);

#endif
