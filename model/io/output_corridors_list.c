/* Which corridors there are, and what flows through one. */
#include <string.h>

#include "model/core/memory.h"
#include "model/io/output_corridors.h"

static const bs_out_place ELSEWHERE = {"elsewhere", "其他地区", "elsewhere"};
static const bs_out_place SIDE[] = {{"west", "西边界", "west side of the domain"},
                                    {"east", "东边界", "east side of the domain"},
                                    {"south", "南边界", "south side of the domain"},
                                    {"north", "北边界", "north side of the domain"}};

bs_out_place bs_out_corridors_place(const bs_output *o, int label)
{
    const bs_region_set *set = o->info.regions;
    if (label > set->n) return SIDE[label - set->n - 1];
    if (label == set->n) return ELSEWHERE;
    const bs_region *r = &set->region[label];
    return (bs_out_place){*r->adcode ? r->adcode : r->name, r->name, r->name_en};
}

static bs_out_place family_place(const bs_out_corridors *c, int family)
{
    if (family > c->n_families) return SIDE[family - c->n_families - 1];
    if (family == c->n_families) return ELSEWHERE;
    const char *name = c->family[family], *alias = bs_region_alias(name); /* NULL: a family of other polygons */
    return (bs_out_place){name, alias ? alias : name, ""};
}

static bs_status find_families(const bs_output *o, bs_out_corridors *c, bs_err *err)
{
    const bs_region_set *set = o->info.regions;
    BS_TRY(BS_NEW(&c->family, set->n, "families of regions", err));
    BS_TRY(BS_NEW(&c->family_of, bs_borders_labels(c->borders), "families of regions", err));
    for (int r = 0; r < set->n; r++) {
        const char *group = set->region[r].group;
        int f = 0;
        while (f < c->n_families && strcmp(c->family[f], group) != 0) f++;
        if (*group && f == c->n_families) c->family[c->n_families++] = group;
        c->family_of[r] = *group ? f : -1;
    }
    for (int label = 0; label < bs_borders_labels(c->borders); label++) {
        int *of = &c->family_of[label];
        if (label >= set->n) *of = c->n_families + label - set->n;
        if (*of < 0) *of = c->n_families;
    }
    return BS_OK;
}

static bs_status add(const bs_output *o, bs_out_corridors *c, bool family, int from, int to, bs_err *err)
{
    const bs_borders *b = c->borders;
    bs_out_corridor *out = &c->corridor[c->n];
    BS_TRY(BS_NEW(&out->use, b->n_pairs, "corridors", err));
    c->n++;
    int members = 0;
    for (int p = 0; p < b->n_pairs; p++) {
        const int first = family ? c->family_of[b->pair[p].a] : b->pair[p].a;
        const int second = family ? c->family_of[b->pair[p].b] : b->pair[p].b;
        out->use[p] = first == from && second == to ? 1 : first == to && second == from ? -1 : 0;
        members += out->use[p] != 0;
    }
    if (members == 0) { /* families that do not touch */
        bs_free(out->use);
        out->use = NULL;
        c->n--;
        return BS_OK;
    }
    out->family = family;
    out->from = family ? family_place(c, from) : bs_out_corridors_place(o, from);
    out->to = family ? family_place(c, to) : bs_out_corridors_place(o, to);
    out->line = bs_borders_line(b, o->info.whole, out->use);
    return BS_OK;
}

bs_status bs_out_corridors_list(bs_output *o, bs_err *err)
{
    bs_out_corridors *c = o->corridors;
    const bs_borders *b = c->borders;
    BS_TRY(find_families(o, c, err));
    const int families = c->n_families ? c->n_families + 5 : 0; /* elsewhere and the sides, too */
    BS_TRY(BS_NEW(&c->corridor, b->n_pairs + families * families / 2 + 1, "corridors", err));
    for (int p = 0; p < b->n_pairs; p++) BS_TRY(add(o, c, false, b->pair[p].a, b->pair[p].b, err));
    for (int from = 0; from < families; from++)
        for (int to = from + 1; to < families; to++) BS_TRY(add(o, c, true, from, to, err));
    return BS_OK;
}

bs_border_flow bs_out_corridors_flow(const bs_out_corridors *c, const bs_out_corridor *of,
                                     const bs_border_record *record, int tracer)
{
    const bs_border_flow *flow = record->flow + (ptrdiff_t)tracer * c->borders->n_pairs;
    bs_border_flow sum = {0};
    for (int p = 0; p < c->borders->n_pairs; p++) {
        if (!of->use[p]) continue;
        const bool turned = of->use[p] < 0;
        sum.forward += turned ? flow[p].backward : flow[p].forward;
        sum.backward += turned ? flow[p].forward : flow[p].backward;
        sum.diffused += turned ? -flow[p].diffused : flow[p].diffused;
        sum.low += turned ? -flow[p].low : flow[p].low;
    }
    return sum;
}
