/* Cuts of emissions by member, region, sector and species, and what is emitted with them (groups.h). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/emis/emis.h"

enum { SECONDS_PER_HOUR = 3600 };

static bool is_sheet(const bs_emis_sheet *s, const char *sector, const char *species)
{
    return s->total >= 0 && (!sector || strcmp(s->sector, sector) == 0) &&
           (!species || strcmp(s->species, species) == 0);
}

bool bs_emission_holds(const bs_emission *e, const char *sector, const char *species)
{
    bool found = false;
    for (int s = 0; s < e->n_sheets; s++) found = found || is_sheet(&e->sheet[s], sector, species);
    return found;
}

static bs_status check_times(bs_time from, bs_time to, bs_err *err)
{
    char a[BS_TIME_TEXT_MAX], b[BS_TIME_TEXT_MAX];
    if (from < to && from % SECONDS_PER_HOUR == 0 && to % SECONDS_PER_HOUR == 0) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "from %s to %s: expected whole hours, the second after the first",
                   bs_time_format(from, a), bs_time_format(to, b));
}

static bs_status check_factor(const bs_emission *e, const bs_emission_factor *f, bs_err *err)
{
    if (f->member < 0 || f->member >= e->tracers->n_members)
        return bs_fail(err, BS_ERR_INPUT, "member %d: there are %d", f->member, e->tracers->n_members);
    if (f->region < 0 || f->region > e->n_regions)
        return bs_fail(err, BS_ERR_INPUT, "region %d: expected 0 to %d (elsewhere)", f->region, e->n_regions);
    if (!f->sector || !f->species || !bs_emission_holds(e, f->sector, f->species))
        return bs_fail(err, BS_ERR_INPUT, "sector '%s', species '%s': no carried inventory holds them",
                       f->sector ? f->sector : "", f->species ? f->species : "");
    if (!(f->factor >= 0) || !isfinite(f->factor))
        return bs_fail(err, BS_ERR_INPUT, "factor %g: expected a number from 0 up", f->factor);
    return check_times(f->from, f->to, err);
}

static int by_place(const void *a, const void *b)
{
    const bs_emis_cut *p = a, *q = b;
    if (p->member != q->member) return p->member < q->member ? -1 : 1;
    if (p->sheet != q->sheet) return p->sheet < q->sheet ? -1 : 1;
    if (p->region != q->region) return p->region < q->region ? -1 : 1;
    return (p->from > q->from) - (p->from < q->from);
}

static bool same_place(const bs_emis_cut *p, const bs_emis_cut *q)
{
    return p->member == q->member && p->sheet == q->sheet && p->region == q->region;
}

static bs_status check_overlap(const bs_emission *e, bs_err *err)
{
    char until[BS_TIME_TEXT_MAX], from[BS_TIME_TEXT_MAX];
    for (int n = 1; n < e->n_cuts; n++) {
        const bs_emis_cut *p = &e->cut[n - 1], *q = &e->cut[n];
        if (!same_place(p, q) || p->to <= q->from) continue;
        return bs_fail(err, BS_ERR_INPUT,
                       "emission factors: two for member %d, region %d, sector '%s', species '%s' overlap: one until "
                       "%s, one from %s",
                       p->member, p->region, e->sheet[p->sheet].sector, e->sheet[p->sheet].species,
                       bs_time_format(p->to, until), bs_time_format(q->from, from));
    }
    return BS_OK;
}

static void add_cuts(bs_emission *e, const bs_emission_factor *f)
{
    for (int s = 0; s < e->n_sheets; s++)
        if (is_sheet(&e->sheet[s], f->sector, f->species))
            e->cut[e->n_cuts++] = (bs_emis_cut){f->member, s, f->region, f->from, f->to, f->factor};
}

bs_status bs_emission_set_factors(bs_emission *e, int n, const bs_emission_factor *factor, bs_err *err)
{
    e->n_cuts = 0;
    size_t room = 1;
    for (int f = 0; f < n; f++) {
        if (check_factor(e, &factor[f], err) != BS_OK) {
            bs_err_context(err, "emission factor %d", f);
            return BS_ERR_INPUT;
        }
        for (int s = 0; s < e->n_sheets; s++) room += is_sheet(&e->sheet[s], factor[f].sector, factor[f].species);
    }
    bs_emis_cut *grown = realloc(e->cut, room * sizeof *grown);
    if (!grown) return bs_fail(err, BS_ERR_MEMORY, "out of memory for %zu cuts of emissions", room);
    e->cut = grown;
    for (int f = 0; f < n; f++) add_cuts(e, &factor[f]);
    qsort(e->cut, (size_t)e->n_cuts, sizeof *e->cut, by_place);
    bs_status status = check_overlap(e, err);
    if (status != BS_OK) e->n_cuts = 0;
    return status;
}

void bs_emis_factors(const bs_emission *e, bs_time from, double *factor)
{
    const size_t regions = (size_t)e->n_regions + 1, sheets = (size_t)e->n_sheets;
    for (size_t n = 0; n < (size_t)e->tracers->n_members * sheets * regions; n++) factor[n] = 1;
    for (int n = 0; n < e->n_cuts; n++) {
        const bs_emis_cut *c = &e->cut[n];
        if (c->from > from || c->to <= from) continue;
        factor[((size_t)c->member * sheets + (size_t)c->sheet) * regions + (size_t)c->region] = c->factor;
    }
}

/* The first cut of a member, sheet and region; n_cuts when there is none after. */
static int first_cut(const bs_emission *e, const bs_emis_cut *place)
{
    int low = 0, high = e->n_cuts;
    while (low < high) {
        const int middle = low + (high - low) / 2;
        if (by_place(&e->cut[middle], place) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Seconds of full emission that the hours of a sheet in a region amount to. */
static double emitted(const bs_emission *e, int member, int sheet, int region, bs_time from, bs_time to)
{
    const bs_emis_sheet *s = &e->sheet[sheet];
    const bs_emis_cut place = {.member = member, .sheet = sheet, .region = region, .from = INT64_MIN};
    int cut = first_cut(e, &place);
    double sum = 0;
    for (bs_time hour = from; hour < to; hour += SECONDS_PER_HOUR) {
        int month = 0;
        const double profile = bs_emis_profile_factor(e, s, hour, &month);
        while (cut < e->n_cuts && same_place(&e->cut[cut], &place) && e->cut[cut].to <= hour) cut++;
        const bool cuts = cut < e->n_cuts && same_place(&e->cut[cut], &place) && e->cut[cut].from <= hour;
        sum += s->in_region[(size_t)month * ((size_t)e->n_regions + 1) + (size_t)region] * profile *
               (cuts ? e->cut[cut].factor : 1);
    }
    return sum * SECONDS_PER_HOUR;
}

bs_status bs_emission_total(const bs_emission *e, int member, int region, const char *sector, const char *species,
                            bs_time from, bs_time to, double *kg, bs_err *err)
{
    *kg = 0;
    if (member < 0 || member >= e->tracers->n_members || region < -1 || region > e->n_regions)
        return bs_fail(err, BS_ERR_INPUT, "emission total: member %d, region %d: there are %d members, regions 0 to %d",
                       member, region, e->tracers->n_members, e->n_regions);
    if ((sector || species) && !bs_emission_holds(e, sector, species))
        return bs_fail(err, BS_ERR_INPUT, "emission total: sector '%s', species '%s': no carried inventory holds them",
                       sector ? sector : "(any)", species ? species : "(any)");
    if (check_times(from, to, err) != BS_OK) {
        bs_err_context(err, "emission total");
        return BS_ERR_INPUT;
    }
    for (int s = 0; s < e->n_sheets; s++) {
        if (!is_sheet(&e->sheet[s], sector, species)) continue;
        for (int r = 0; r <= e->n_regions; r++)
            if (region < 0 || r == region) *kg += emitted(e, member, s, r, from, to);
    }
    return BS_OK;
}
