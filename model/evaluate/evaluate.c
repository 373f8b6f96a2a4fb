#include "model/evaluate/evaluate.h"

#include <string.h>

#include "model/core/memory.h"
#include "model/evaluate/results.h"
#include "model/io/aside.h"
#include "model/report/members.h"

enum { PATH_TEXT = 4096 };

/* Index of the word in words ("a|b|c"); -1: none of them. */
static bs_status choose(const char *option, const char *word, const char *const *words, int n, int *out, bs_err *err)
{
    *out = 0;
    if (!word) return BS_OK;
    for (; *out < n; ++*out)
        if (strcmp(word, words[*out]) == 0) return BS_OK;
    return bs_fail(err, BS_ERR_USAGE, "bashu evaluate: %s must be %s%s%s or %s, found '%s'", option, words[0],
                   n > 2 ? ", " : "", n > 2 ? words[1] : "", words[n - 1], word);
}

static bs_status read_words(bs_evaluation *e, bs_err *err)
{
    static const char *const STATE[] = {"auto", "ambient", "standard"}, *const STAMP[] = {"end", "start"},
                             *const AT[] = {"cell", "bilinear"};
    int state, stamp, at;
    BS_TRY(choose("--state", e->request->state, STATE, 3, &state, err));
    BS_TRY(choose("--stamp", e->request->stamp, STAMP, 2, &stamp, err));
    BS_TRY(choose("--at", e->request->at, AT, 2, &at, err));
    e->state = state == 0 ? BS_STATE_UNTOLD : bs_air_state_of(STATE[state]);
    e->begins = stamp == 1;
    e->bilinear = at == 1;
    return BS_OK;
}

static bs_status read_run(bs_evaluation *e, bs_err *err)
{
    bs_members members;
    char path[PATH_TEXT];
    const char *run = e->request->run;
    BS_TRY(bs_members_find(run, &members, err));
    const bool set = members.n > 1 || strcmp(members.member[0].dir, run) != 0;
    bs_members_free(&members);
    if (set) return bs_fail(err, BS_ERR_INPUT, "%s: holds a set of runs; name one of them, as %s/base", run, run);
    const int n = snprintf(path, sizeof path, "%s/case.yaml", run);
    if (n < 0 || (size_t)n >= sizeof path) return bs_fail(err, BS_ERR_INPUT, "%s: the name is too long", run);
    return bs_config_read_kept(path, 0, NULL, &e->config, err);
}

/* What was asked for and is not read. */
static bs_status check_words(const bs_evaluation *e, bs_err *err)
{
    const bs_evaluate_request *q = e->request;
    const bs_observations *o = &e->observations;
    if (q->stations && !o->stations)
        return bs_fail(err, BS_ERR_USAGE, "bashu evaluate: --stations is given, but %s is a table of cities (%s)",
                       q->observed, o->columns);
    if (q->at && !o->stations)
        return bs_fail(
            err, BS_ERR_USAGE,
            "bashu evaluate: --at is given, but %s is a table of cities (%s), which have the mean over their area",
            q->observed, o->columns);
    if (q->stamp && o->hours != 1)
        return bs_fail(err, BS_ERR_USAGE, "bashu evaluate: --stamp is given, but %s is of natural days (%s)",
                       q->observed, o->columns);
    return BS_OK;
}

static bs_status gather(bs_evaluation *e, bs_err *err)
{
    const bs_evaluate_request *q = e->request;
    BS_TRY(read_words(e, err));
    BS_TRY(read_run(e, err));
    const bs_obs_request from = {.file = q->observed,
                                 .map = q->map,
                                 .unit = q->unit,
                                 .state = e->state,
                                 .stamps = {.begins = e->begins, .daily = q->daily},
                                 .cities = !q->stations};
    BS_TRY(bs_observations_read(&from, &e->observations, err));
    BS_TRY(check_words(e, err));
    if (q->stations) BS_TRY(bs_stations_read(q->stations, &e->stations, err));
    const bs_stations *list = q->stations ? &e->stations : NULL;
    bs_status st = bs_modelled_read(q->run, &e->observations, list, e->bilinear, &e->modelled, err);
    if (st == BS_OK) st = bs_pairs_make(&e->observations, &e->modelled, &e->pairs, err);
    if (st != BS_OK) {
        bs_err_context(err, "%s", q->observed);
        return st;
    }
    BS_TRY(bs_groups_make(&e->observations, &e->modelled, &e->pairs, &e->groups, err));
    BS_TRY(BS_NEW(&e->note, BS_EVALUATE_NOTES_MAX, "notes of the evaluation", err));
    bs_evaluate_notes(e);
    return BS_OK;
}

static bs_status put_out(const bs_evaluation *e, FILE *screen, bs_err *err)
{
    const char *dir = e->request->out ? e->request->out : e->request->run;
    BS_TRY(bs_folder_make(dir, "the evaluation", err));
    BS_TRY(bs_evaluate_write(e, dir, err));
    if (e->request->json) {
        bs_evaluate_json(e, screen);
    } else {
        bs_evaluate_print(e, screen);
        fprintf(screen, "\nwritten: %s/evaluation.csv, evaluation_pairs.csv, evaluation.json\n", dir);
    }
    return BS_OK;
}

bs_status bs_evaluate_run(const bs_evaluate_request *request, FILE *screen, bs_err *err)
{
    bs_evaluation e = {.request = request};
    bs_status st = gather(&e, err);
    if (st == BS_OK) st = put_out(&e, screen, err);
    bs_free(e.note);
    bs_groups_free(&e.groups);
    bs_pairs_free(&e.pairs);
    bs_modelled_free(&e.modelled);
    bs_stations_free(&e.stations);
    bs_observations_free(&e.observations);
    bs_config_destroy(e.config);
    return st;
}
