#include "model/report/report.h"

#include <math.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/io/aside.h"
#include "model/report/results.h"

enum { PATH_TEXT = 4096, SETTINGS_MAX = 80, SETTING_TEXT = 128 };
static const double UTC8 = 8 * 3600.0;

/* ---- what to judge by ---- */

static bs_status read_case(bs_results *r, bs_err *err)
{
    const bs_report_request *q = r->request;
    const char *set[SETTINGS_MAX];
    char edition[SETTING_TEXT], phase[SETTING_TEXT], path[PATH_TEXT];
    int n = 0;
    for (int k = 0; k < q->n_set && n < SETTINGS_MAX - 2; k++) {
        if (strncmp(q->set[k], "standards.", sizeof "standards." - 1) != 0)
            return bs_fail(err, BS_ERR_USAGE,
                           "bashu report: --set %s: only standards.* can be set for a run that is "
                           "done",
                           q->set[k]);
        set[n++] = q->set[k];
    }
    snprintf(edition, sizeof edition, "standards.edition=%s", q->edition ? q->edition : "");
    snprintf(phase, sizeof phase, "standards.phase=%s", q->phase ? q->phase : "");
    if (q->edition) set[n++] = edition;
    if (q->phase) set[n++] = phase;
    const int length = snprintf(path, sizeof path, "%s/case.yaml", r->members.member[0].dir);
    if (length < 0 || (size_t)length >= sizeof path)
        return bs_fail(err, BS_ERR_INPUT, "%s: the name is too long", q->run);
    return bs_config_read_kept(path, n, set, &r->config, err);
}

static bs_status check_case(const bs_results *r, bs_err *err)
{
    const bs_config *c = r->config;
    const double offset = bs_config_real(c, "output.day_offset"),
                 share = bs_config_real(c, "standards.secondary_share");
    const bool fixed = bs_config_choice(c, "standards.secondary") == BS_SECONDARY_FIXED;
    if (fabs(offset - UTC8) > 0.5)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: output.day_offset is %g s: the days of this run are not the natural days "
                       "of UTC+8 that the standards ask for; run it with output.day_offset: 8 hours",
                       bs_config_where(c, "output.day_offset"), offset);
    if (fixed && isnan(share))
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: standards.secondary: fixed needs standards.secondary_share, the share of "
                       "the observed PM2.5 that is secondary, as 0.6",
                       bs_config_where(c, "standards.secondary"));
    if (!fixed && !isnan(share))
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: standards.secondary_share is not read with secondary: scales; remove it "
                       "or say secondary: fixed",
                       bs_config_where(c, "standards.secondary_share"));
    return BS_OK;
}

static bs_status find_rules(bs_results *r, bs_err *err)
{
    const bs_config *c = r->config;
    BS_TRY(check_case(r, err));
    if (r->request->phase && bs_config_choice(c, "standards.edition") == BS_EDITION_2012)
        return bs_fail(err, BS_ERR_USAGE, "bashu report: --phase is of edition 2026; edition 2012 has one phase");
    r->rules.standard = bs_standard_find((bs_edition)bs_config_choice(c, "standards.edition"),
                                         (bs_phase)bs_config_choice(c, "standards.phase"),
                                         (bs_grade)bs_config_choice(c, "standards.grade"));
    r->rules.secondary = (bs_secondary)bs_config_choice(c, "standards.secondary");
    r->rules.share = bs_config_real(c, "standards.secondary_share");
    return BS_OK;
}

/* ---- what is judged ---- */

static bs_status read_members(bs_results *r, bs_err *err)
{
    BS_TRY(BS_NEW(&r->series, r->members.n, "runs of a set", err));
    BS_TRY(BS_NEW(&r->verdicts, r->members.n, "runs of a set", err));
    BS_TRY(BS_NEW(&r->sources, r->members.n, "runs of a set", err));
    for (int m = 0; m < r->members.n; m++) {
        BS_TRY(bs_series_read(r->members.member[m].dir, &r->series[m], err));
        BS_TRY(bs_series_check_alike(&r->series[0], &r->series[m], err));
        BS_TRY(bs_contributions_read(r->members.member[m].dir, &r->series[m], &r->sources[m], err));
    }
    return BS_OK;
}

static bs_status read_tables(bs_results *r, bs_err *err)
{
    const bs_config *c = r->config;
    const char *targets = r->request->targets ? r->request->targets : bs_config_text(c, "standards.targets");
    const bs_air_state state = (bs_air_state)bs_config_choice(c, "standards.observed_state");
    r->observed_file = r->request->observed ? r->request->observed : bs_config_text(c, "standards.observed");
    if (targets) BS_TRY(bs_targets_read(targets, &r->targets, err));
    if (!r->observed_file) return BS_OK;
    return bs_observed_read(r->observed_file, state, r->members.member[0].dir, &r->series[0], &r->observed, err);
}

static bs_status judge_members(bs_results *r, bs_err *err)
{
    const bs_observed *observed = r->observed.value ? &r->observed : NULL;
    for (int m = 0; m < r->members.n; m++)
        BS_TRY(bs_judge(&r->rules, &r->series[0], &r->series[m], observed, &r->verdicts[m], err));
    return BS_OK;
}

static bs_status gather(bs_results *r, bs_err *err)
{
    BS_TRY(bs_members_find(r->request->run, &r->members, err));
    BS_TRY(read_case(r, err));
    BS_TRY(find_rules(r, err));
    BS_TRY(read_members(r, err));
    BS_TRY(read_tables(r, err));
    BS_TRY(judge_members(r, err));
    BS_TRY(BS_NEW(&r->note, BS_NOTES_MAX, "notes of the report", err));
    bs_report_notes(r);
    return BS_OK;
}

/* ---- what comes out ---- */

static bs_status put_out(const bs_results *r, FILE *screen, bs_err *err)
{
    const char *dir = r->request->out ? r->request->out : r->request->run;
    BS_TRY(bs_folder_make(dir, "the report", err));
    BS_TRY(bs_report_write_csv(r, dir, err));
    BS_TRY(bs_report_write_json(r, dir, err));
    if (r->request->json) {
        bs_report_json(r, screen);
    } else {
        bs_report_print(r, screen);
        fprintf(screen, "\nwritten: %s/report.csv, report_daily.csv, report.json\n", dir);
    }
    return BS_OK;
}

static void release(bs_results *r)
{
    for (int m = 0; m < r->members.n; m++) {
        if (r->series) bs_series_free(&r->series[m]);
        if (r->verdicts) bs_verdicts_free(&r->verdicts[m]);
        if (r->sources) bs_contributions_free(&r->sources[m]);
    }
    bs_free(r->series);
    bs_free(r->verdicts);
    bs_free(r->sources);
    bs_free(r->note);
    bs_targets_free(&r->targets);
    bs_observed_free(&r->observed);
    bs_config_destroy(r->config);
    bs_members_free(&r->members);
}

bs_status bs_report_run(const bs_report_request *request, FILE *screen, bs_err *err)
{
    bs_results r = {.request = request};
    bs_status st = gather(&r, err);
    if (st == BS_OK) st = put_out(&r, screen, err);
    release(&r);
    return st;
}
