#include "model/adjoint/receptor.h"

#include <stdio.h>

#include "model/core/memory.h"

enum { HOUR = 3600 };

/* ---- where ---- */

static void name_it(const bs_region_set *set, const char *key, const bool *chosen, bs_receptor *out)
{
    int n = 0, last = 0;
    for (int r = 0; r < set->n; r++)
        if (chosen[r]) n++, last = r;
    const char *alias = n > 1 ? bs_region_alias(key) : NULL;
    snprintf(out->adcode, sizeof out->adcode, "%s", n == 1 ? set->region[last].adcode : "");
    snprintf(out->name, sizeof out->name, "%s", n == 1 ? set->region[last].name : key);
    snprintf(out->name_en, sizeof out->name_en, "%s", n == 1 ? set->region[last].name_en : alias ? alias : "");
}

/* Weights by area, not yet of sum 1; areas in and out of the mesh. */
static bs_status add_region(const bs_case *c, const bs_region *region, bs_receptor *out, double *inside, double *all,
                            bs_err *err)
{
    bs_region_mask *mask = NULL;
    BS_TRY(bs_region_mask_create(&region->shape, c->mesh, &mask, NULL, err));
    for (size_t n = 0; n < mask->n; n++) out->weight[mask->cell[n]] += mask->fraction[n] * c->mesh->area[mask->cell[n]];
    *inside += mask->area;
    *all += mask->full_area;
    bs_region_mask_destroy(mask);
    return BS_OK;
}

static bs_status weigh(const bs_case *c, const char *key, const bool *chosen, bs_receptor *out, bs_err *err)
{
    const size_t cells = (size_t)c->mesh->nx * (size_t)c->mesh->ny;
    double inside = 0, all = 0, sum = 0;
    if (chosen[c->regions->n])
        return bs_fail(err, BS_ERR_INPUT, "--receptor: '%s' has no polygon; name a region, a family or a province",
                       key);
    name_it(c->regions, key, chosen, out);
    BS_TRY(BS_NEW(&out->weight, cells, "weights of the receptor", err));
    for (int r = 0; r < c->regions->n; r++)
        if (chosen[r]) BS_TRY(add_region(c, &c->regions->region[r], out, &inside, &all, err));
    for (size_t n = 0; n < cells; n++) sum += out->weight[n];
    if (!(sum > 0))
        return bs_fail(err, BS_ERR_INPUT, "--receptor: %s %s lies outside the mesh; name a region inside it",
                       out->adcode, out->name);
    for (size_t n = 0; n < cells; n++) out->weight[n] /= sum;
    out->inside = inside / all;
    return BS_OK;
}

static bs_status find_region(const bs_case *c, const char *key, bs_receptor *out, bs_err *err)
{
    if (!c->regions)
        return bs_fail(err, BS_ERR_INPUT, "--receptor: '%s' must be a region, and %s names none: add regions.file", key,
                       bs_config_file(c->config));
    bool *chosen = NULL;
    BS_TRY(BS_NEW(&chosen, (size_t)c->regions->n + 1, "chosen regions", err));
    bs_status st = bs_regions_select(c->regions, key, "--receptor", chosen, err);
    if (st == BS_OK) st = weigh(c, key, chosen, out, err);
    bs_free(chosen);
    return st;
}

/* ---- when ---- */

static bs_status read_time(const bs_case *c, const char *flag, const char *text, bs_time fallback, bs_time *out,
                           bs_err *err)
{
    char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
    *out = fallback;
    if (!text) return BS_OK;
    if (bs_time_parse(text, out, err) != BS_OK) {
        bs_err_context(err, "%s", flag);
        return BS_ERR_USAGE;
    }
    if (*out >= c->start && *out <= c->end && (*out - c->start) % HOUR == 0) return BS_OK;
    return bs_fail(err, BS_ERR_USAGE, "%s: '%s' must be a whole hour of the run, from %s to %s", flag, text,
                   bs_time_format(c->start, from), bs_time_format(c->end, to));
}

bs_status bs_receptor_find(const bs_case *c, const char *key, const char *from, const char *to, bs_receptor *out,
                           bs_err *err)
{
    *out = (bs_receptor){0};
    BS_TRY(read_time(c, "--from", from, c->output_from, &out->from, err));
    BS_TRY(read_time(c, "--to", to, c->end, &out->to, err));
    if (out->from >= out->to) {
        char begin[BS_TIME_TEXT_MAX], end[BS_TIME_TEXT_MAX];
        return bs_fail(err, BS_ERR_USAGE, "the receptor's time ends (%s) before it begins (%s): see --from and --to",
                       bs_time_format(out->to, end), bs_time_format(out->from, begin));
    }
    return find_region(c, key, out, err);
}

void bs_receptor_free(bs_receptor *receptor)
{
    bs_free(receptor->weight);
    receptor->weight = NULL;
}

/* ---- what it asks ---- */

void bs_receptor_sample(const bs_receptor *receptor, const bs_forcing *forcing, bs_time t, bs_time seconds,
                        bs_state *state)
{
    const bs_box *box = &state->box;
    const bs_met_state *const *end = forcing->end;
    const double passed = (double)(t - forcing->t0) / (double)(forcing->t1 - forcing->t0);
    const double share = (double)seconds / (double)(receptor->to - receptor->from), kg_per_ug = 1e-9;
    real *s = bs_state_q(state, 0);
    for (int j = 0; j < box->ny; j++)
        for (int i = 0; i < box->nx; i++) {
            const ptrdiff_t c = (ptrdiff_t)j * box->nx + i, at = bs_at(box, 0, j, i);
            if (receptor->weight[c] == 0) continue;
            const double rho = (double)end[0]->rho[c] + passed * ((double)end[1]->rho[c] - (double)end[0]->rho[c]);
            const double m = (1 - passed) * end[0]->m[c] + passed * end[1]->m[c];
            s[at] = (real)((double)s[at] + share * receptor->weight[c] * rho / (m * kg_per_ug));
        }
}
