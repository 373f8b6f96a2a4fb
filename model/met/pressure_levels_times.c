#include <stdio.h>

#include "model/core/memory.h"
#include "model/met/pressure_levels.h"

static const char *file_of(const bs_pl_catalogue *c, const bs_pl_field *f, const bs_pl_slot *s)
{
    return c->file[f->piece[s->piece].file];
}

/* What bs_slots asks about. */
typedef struct of_field {
    const bs_pl_catalogue *c;
    const bs_pl_field *f;
    char what[BS_NC_NAME_MAX + 16];
} of_field;

static const char *file_of_slot(const void *source, const bs_slot *slot)
{
    const of_field *o = source;
    return file_of(o->c, o->f, slot);
}

static bs_slots slots_of(const bs_pl_catalogue *c, const bs_pl_field *f, of_field *source)
{
    source->c = c;
    source->f = f;
    snprintf(source->what, sizeof source->what, "variable '%s'", f->variable);
    return (bs_slots){.n = f->n_slots, .slot = f->slot, .what = source->what, .source = source, .file = file_of_slot};
}

/* All times of all pieces, sorted. A piece without a time axis gets valid_time; orography needs none. */
static bs_status collect(const bs_pl_catalogue *c, bs_pl_id id, bs_pl_field *f, bs_err *err)
{
    size_t n = 0;
    for (int p = 0; p < f->n_pieces; p++) n += f->piece[p].n_times ? f->piece[p].n_times : 1;
    BS_TRY(BS_NEW(&f->slot, n, "times of the meteorology", err));
    for (int p = 0; p < f->n_pieces; p++) {
        const bs_pl_piece *piece = &f->piece[p];
        for (size_t i = 0; i < piece->n_times; i++) {
            f->slot[f->n_slots++] = (bs_pl_slot){.time = piece->times[i], .piece = p, .index = i};
        }
        if (piece->n_times) continue;
        if (id != BS_F_OROG && !(c->steady && c->has_valid_time)) {
            return bs_fail(
                err, BS_ERR_INPUT,
                "%s: variable '%s' has no time axis; a field without time can only be held for the whole run: set "
                "meteorology.steady: true and meteorology.valid_time to the time it is for",
                c->file[piece->file], f->variable);
        }
        f->slot[f->n_slots++] = (bs_pl_slot){.time = c->has_valid_time ? c->valid_time : 0, .piece = p};
    }
    of_field source;
    bs_slots slots = slots_of(c, f, &source);
    bs_slots_sort(&slots);
    return BS_OK;
}

static bs_status check_duplicates(const bs_pl_catalogue *c, const bs_pl_field *f, bs_err *err)
{
    of_field source;
    const bs_slots slots = slots_of(c, f, &source);
    return bs_slots_check_duplicates(&slots, err);
}

/* Keeps the one time that is held. */
static bs_status keep_one(bs_pl_catalogue *c, bs_pl_field *f, bs_err *err)
{
    char first[BS_TIME_TEXT_MAX], last[BS_TIME_TEXT_MAX];
    bs_time_format(f->slot[0].time, first);
    bs_time_format(f->slot[f->n_slots - 1].time, last);
    if (!c->has_valid_time && f->n_slots > 1) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "variable '%s' has %d times from %s to %s, and meteorology.steady holds one of them: say which with "
            "meteorology.valid_time",
            f->variable, f->n_slots, first, last);
    }
    if (!c->has_valid_time) { /* then the others must have this time too */
        c->valid_time = f->slot[0].time;
        c->has_valid_time = true;
    }
    int found = 0;
    of_field source;
    const bs_slots slots = slots_of(c, f, &source);
    BS_TRY(bs_slots_find(&slots, c->valid_time, &found, err));
    f->slot[0] = f->slot[found];
    f->n_slots = 1;
    return BS_OK;
}

static bs_status check_coverage(const bs_pl_catalogue *c, const bs_pl_field *f, bs_time start, bs_time end, bs_err *err)
{
    of_field source;
    const bs_slots slots = slots_of(c, f, &source);
    return bs_slots_check_coverage(&slots, start, end, err);
}

/* Means and sums: the periods that end at the stamps must follow one upon the other from start to end. */
static bs_status check_periods(const bs_pl_catalogue *c, const bs_pl_field *f, bs_time start, bs_time end, bs_err *err)
{
    char a[BS_TIME_TEXT_MAX], b[BS_TIME_TEXT_MAX], from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
    const bs_time period = f->given.period, first = f->slot[0].time - period, last = f->slot[f->n_slots - 1].time;
    const char *what = f->given.kind == BS_PL_SUM ? "accumulated" : "averaged";
    if (first > start || last < end) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "variable '%s', %s over the %g h that end at each of its times, covers %s to %s in %d file(s), the "
            "run needs %s to %s; add the missing times or change time.start, time.end",
            f->variable, what, (double)period / 3600, bs_time_format(first, a), bs_time_format(last, b), c->n_files,
            bs_time_format(start, from), bs_time_format(end, to));
    }
    for (int s = 1; s < f->n_slots; s++) {
        const bs_time t0 = f->slot[s - 1].time, t1 = f->slot[s].time;
        if (t1 - t0 == period || t1 <= start || t0 >= end) continue;
        return bs_fail(
            err, BS_ERR_INPUT,
            "variable '%s' is %s over the %g h that end at each of its times, but %s (%s) and %s (%s) lie %g h "
            "apart; add the missing times, or say the right period: meteorology.variables with %s: %g h",
            f->variable, what, (double)period / 3600, bs_time_format(t0, a), file_of(c, f, &f->slot[s - 1]),
            bs_time_format(t1, b), file_of(c, f, &f->slot[s]), (double)(t1 - t0) / 3600, what,
            (double)(t1 - t0) / 3600);
    }
    return BS_OK;
}

bs_status bs_pl_times_check(bs_pl_catalogue *c, bs_pl_id id, bs_time start, bs_time end, bs_err *err)
{
    bs_pl_field *f = &c->field[id];
    BS_TRY(collect(c, id, f, err));
    if (id == BS_F_OROG) { /* the ground does not move: any time will do */
        f->n_slots = 1;
        return BS_OK;
    }
    BS_TRY(check_duplicates(c, f, err));
    if (c->steady) return keep_one(c, f, err);
    if (f->given.kind != BS_PL_INSTANT) return check_periods(c, f, start, end, err);
    return check_coverage(c, f, start, end, err);
}

void bs_pl_bracket(const bs_pl_catalogue *c, bs_pl_id id, bs_time t, int slot[2], double *share)
{
    bs_slots_bracket(c->field[id].n_slots, c->field[id].slot, t, slot, share);
}
