#include "model/evaluate/groups.h"

#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"

enum { HOUR = 3600, DAY_HOURS = 24, UTC8 = 8 * HOUR };

const char *bs_group_word(bs_group_kind kind)
{
    static const char *const WORD[BS_GROUP_KINDS] = {"all", "site_means", "city", "station", "day", "hour"};
    return WORD[kind];
}

/* One pass: the pairs of one averaging time, and room to sort them into. */
typedef struct pass {
    const bs_observations *o;
    const bs_modelled *m;
    const bs_pair *pair;
    int n, hours;
    int *city, n_cities; /* [n_sites] number of its city; cities without a name have none: -1 */
    int *named;          /* [n_cities] a site of it */
    int *bucket;         /* [n] */
    double *observed, *modelled;
    long first_day;
    bs_groups *out;
} pass;

/* ---- what belongs together ---- */

static void number_cities(pass *p)
{
    for (int s = 0; s < p->m->n_sites; s++) {
        const char *name = p->m->place[s].city;
        p->city[s] = *name ? p->n_cities : -1;
        for (int k = 0; k < p->n_cities && *name; k++)
            if (strcmp(p->m->place[p->named[k]].city, name) == 0) p->city[s] = k;
        if (p->city[s] == p->n_cities) p->named[p->n_cities++] = s;
    }
}

static int bucket_of(const pass *p, bs_group_kind kind, const bs_pair *pair)
{
    switch (kind) {
    case BS_GROUP_CITY:
        return p->city[pair->site];
    case BS_GROUP_STATION:
        return pair->site;
    case BS_GROUP_DAY:
        return (int)(bs_local_day(pair->end) - p->first_day);
    case BS_GROUP_HOUR:
        return (int)((pair->end + UTC8 - 1) / HOUR % DAY_HOURS);
    default:
        return 0;
    }
}

static void name_group(const pass *p, int bucket, bs_group *g)
{
    char day[BS_DAY_TEXT_MAX];
    g->site = -1;
    switch (g->kind) {
    case BS_GROUP_CITY:
        snprintf(g->key, sizeof g->key, "%s", p->m->place[p->named[bucket]].city);
        if (!p->o->stations) g->site = p->named[bucket];
        break;
    case BS_GROUP_STATION:
        snprintf(g->key, sizeof g->key, "%s", p->m->place[bucket].name);
        g->site = bucket;
        break;
    case BS_GROUP_DAY:
        snprintf(g->key, sizeof g->key, "%s", bs_day_format(p->first_day + bucket, day));
        break;
    case BS_GROUP_HOUR:
        snprintf(g->key, sizeof g->key, "%02d", bucket + 1);
        break;
    default:
        break;
    }
}

/* ---- statistics of each ---- */

static bs_group *add_group(pass *p, bs_group_kind kind, int bucket)
{
    bs_group *g = &p->out->group[p->out->n++];
    *g = (bs_group){.kind = kind, .hours = p->hours};
    name_group(p, bucket, g);
    return g;
}

static bs_status add_kind(pass *p, bs_group_kind kind, bs_err *err)
{
    int last = -1, *start = NULL;
    for (int k = 0; k < p->n; k++) {
        p->bucket[k] = bucket_of(p, kind, &p->pair[k]);
        if (p->bucket[k] > last) last = p->bucket[k];
    }
    BS_TRY(BS_NEW(&start, last + 2, "groups", err));
    for (int k = 0; k < p->n; k++)
        if (p->bucket[k] >= 0) start[p->bucket[k] + 1]++;
    for (int b = 0; b <= last; b++) start[b + 1] += start[b];
    for (int k = 0; k < p->n; k++) {
        if (p->bucket[k] < 0) continue;
        const int at = start[p->bucket[k]]++;
        p->observed[at] = p->pair[k].observed;
        p->modelled[at] = p->pair[k].modelled;
    }
    for (int b = 0, from = 0; b <= last; from = start[b++])
        if (start[b] > from)
            add_group(p, kind, b)->s = bs_statistics_of(start[b] - from, p->observed + from, p->modelled + from);
    bs_free(start);
    return BS_OK;
}

static void add_site_means(pass *p)
{
    int n = 0;
    for (int k = 0, next; k < p->n; k = next) {
        double o = 0, m = 0;
        for (next = k; next < p->n && p->pair[next].site == p->pair[k].site; next++) {
            o += p->pair[next].observed;
            m += p->pair[next].modelled;
        }
        p->observed[n] = o / (next - k);
        p->modelled[n++] = m / (next - k);
    }
    add_group(p, BS_GROUP_SITE_MEANS, 0)->s = bs_statistics_of(n, p->observed, p->modelled);
}

static bs_status add_pass(pass *p, bs_err *err)
{
    if (p->n == 0) return BS_OK;
    p->first_day = bs_local_day(p->pair[0].end);
    for (int k = 0; k < p->n; k++)
        if (bs_local_day(p->pair[k].end) < p->first_day) p->first_day = bs_local_day(p->pair[k].end);
    for (int kind = 0; kind < BS_GROUP_KINDS; kind++) {
        if (kind == BS_GROUP_STATION && !p->o->stations) continue;
        if (kind == BS_GROUP_HOUR && p->hours != 1) continue;
        if (kind == BS_GROUP_SITE_MEANS)
            add_site_means(p);
        else
            BS_TRY(add_kind(p, (bs_group_kind)kind, err));
    }
    return BS_OK;
}

bs_status bs_groups_make(const bs_observations *o, const bs_modelled *m, const bs_pairs *p, bs_groups *out, bs_err *err)
{
    pass a = {.o = o, .m = m, .pair = p->pair, .n = p->n_hourly, .hours = 1, .out = out};
    *out = (bs_groups){0};
    /* each pair is in one group of a kind at most */
    bs_status st = BS_NEW(&out->group, (size_t)p->n * BS_GROUP_KINDS, "groups", err);
    if (st == BS_OK) st = BS_NEW(&a.city, m->n_sites, "groups", err);
    if (st == BS_OK) st = BS_NEW(&a.named, m->n_sites, "groups", err);
    if (st == BS_OK) st = BS_NEW(&a.bucket, p->n, "groups", err);
    if (st == BS_OK) st = BS_NEW(&a.observed, p->n, "groups", err);
    if (st == BS_OK) st = BS_NEW(&a.modelled, p->n, "groups", err);
    if (st == BS_OK) {
        number_cities(&a);
        st = add_pass(&a, err);
    }
    a.pair = p->pair + p->n_hourly;
    a.n = p->n - p->n_hourly;
    a.hours = DAY_HOURS;
    if (st == BS_OK) st = add_pass(&a, err);
    bs_free(a.city);
    bs_free(a.named);
    bs_free(a.bucket);
    bs_free(a.observed);
    bs_free(a.modelled);
    if (st != BS_OK) bs_groups_free(out);
    return st;
}

void bs_groups_free(bs_groups *g)
{
    bs_free(g->group);
    *g = (bs_groups){0};
}

const bs_group *bs_groups_find(const bs_groups *g, bs_group_kind kind, int hours)
{
    for (int k = 0; k < g->n; k++)
        if (g->group[k].kind == kind && g->group[k].hours == hours) return &g->group[k];
    return NULL;
}

bool bs_group_is_marked(const bs_group *g)
{
    return g->hours == DAY_HOURS &&
           (g->kind == BS_GROUP_ALL || g->kind == BS_GROUP_CITY || g->kind == BS_GROUP_STATION);
}
