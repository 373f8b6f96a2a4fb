#include "model/adjoint/parts.h"

#include <math.h>

#include "model/core/memory.h"

static const double KG_PER_UG = 1e-9;
/* Tags add up to their total but for the rounding of rates to `real`. */
static const double UNTAGGED = 1e-5;

static size_t cells_of(const bs_adjoint_parts *c)
{
    return (size_t)c->nx * (size_t)c->ny;
}

static bool is_source(const bs_tracer *row, int tracer, int total)
{
    return tracer != total && row->total == total && row->role != BS_ROLE_INITIAL && row->role != BS_ROLE_BOUNDARY;
}

bs_status bs_adjoint_parts_create(const bs_tracers *tracers, int total, int nx, int ny, int nz, bs_adjoint_parts **out,
                                  bs_err *err)
{
    bs_adjoint_parts *c = NULL;
    int *rows = NULL;
    BS_TRY(BS_NEW(&c, 1, "contributions", err));
    *c = (bs_adjoint_parts){.nx = nx, .ny = ny, .nz = nz, .total = total};
    bs_status st = BS_NEW(&rows, tracers->n + 1, "contributions", err);
    c->tracer = rows;
    if (st == BS_OK) st = BS_NEW(&c->label, tracers->n + 1, "contributions", err);
    if (st == BS_OK) st = BS_NEW(&c->regions, tracers->n + 1, "contributions", err);
    for (int t = 0; t < tracers->n && st == BS_OK; t++) {
        if (!is_source(&tracers->row[t], t, total)) continue;
        const int group = tracers->row[t].group;
        c->label[c->n_sources] = tracers->row[t].label;
        c->regions[c->n_sources] = group < 0 ? NULL : tracers->group[group].region;
        rows[c->n_sources++] = t;
    }
    if (st == BS_OK) {
        c->label[c->n_sources] = c->n_sources ? "untagged" : "all";
        rows[c->n_sources++] = -1;
        st = BS_NEW(&c->map, ((size_t)c->n_sources + 1) * cells_of(c), "maps of contributions", err);
    }
    if (st != BS_OK) {
        bs_adjoint_parts_destroy(c);
        return st;
    }
    *out = c;
    return BS_OK;
}

void bs_adjoint_parts_destroy(bs_adjoint_parts *c)
{
    if (!c) return;
    bs_free((void *)c->tracer);
    bs_free((void *)c->label);
    bs_free((void *)c->regions);
    bs_free(c->map);
    bs_free(c);
}

static void add_source(const bs_adjoint_parts *c, const bs_sensitivity *s, const bs_emission_rates *rates, int tracer,
                       double *map)
{
    const size_t cells = cells_of(c);
    const real *rate = rates->rate + (size_t)tracer * (size_t)rates->n_layers * cells;
    for (int k = 0; k < rates->n_layers; k++)
        for (size_t n = 0; n < cells; n++) map[n] += s->emission[k * cells + n] * (double)rate[k * cells + n];
}

double bs_adjoint_parts_add(bs_adjoint_parts *c, const bs_sensitivity *s, const bs_emission_rates *rates,
                            const bs_boundary *boundary)
{
    const size_t cells = cells_of(c);
    double *all = c->map + (size_t)c->n_sources * cells;
    const double before = bs_adjoint_parts_emission(c);
    for (int n = 0; n < c->n_sources; n++)
        if (c->tracer[n] >= 0) add_source(c, s, rates, c->tracer[n], c->map + (size_t)n * cells);
    add_source(c, s, rates, c->total, all);
    for (int side = 0; side < BS_SIDES; side++)
        for (int n = 0; n < c->nz * bs_boundary_length(boundary, (bs_side)side); n++) {
            const double asked = KG_PER_UG * s->inflow[side][n];
            c->boundary[side] += asked * (double)boundary->q[side][n];
            c->inflow[side] += asked;
        }
    return bs_adjoint_parts_emission(c) - before;
}

void bs_adjoint_parts_start(bs_adjoint_parts *c, const bs_state *sensitivity, const bs_state *initial, const double *m)
{
    const bs_box *box = &sensitivity->box;
    const real *s = bs_state_q(sensitivity, 0), *q = bs_state_q(initial, 0);
    for (int k = 0; k < box->nz; k++)
        for (int j = 0; j < box->ny; j++)
            for (int i = 0; i < box->nx; i++) {
                const double mass = KG_PER_UG * m[((ptrdiff_t)k * box->ny + j) * box->nx + i];
                c->initial += mass * (double)s[bs_at(box, k, j, i)] * (double)q[bs_at(box, k, j, i)];
            }
}

void bs_adjoint_parts_close(bs_adjoint_parts *c)
{
    const size_t cells = cells_of(c);
    double *rest = c->map + (size_t)(c->n_sources - 1) * cells;
    const double *all = c->map + (size_t)c->n_sources * cells;
    double size = 0, left = 0;
    for (size_t n = 0; n < cells; n++) {
        rest[n] = all[n];
        for (int t = 0; t < c->n_sources - 1; t++) rest[n] -= c->map[(size_t)t * cells + n];
        size += fabs(all[n]), left += fabs(rest[n]);
    }
    if (c->n_sources == 1 || left > UNTAGGED * size) return;
    for (size_t n = 0; n < cells; n++) rest[n] = 0; /* tags carry all */
}

/* ---- by region ---- */

/* Which share of each cell every region holds. */
typedef struct shares {
    int n;                 /* regions */
    bs_region_mask **mask; /* [n] */
    double *left;          /* [cells] what lies in none */
} shares;

static void free_shares(shares *s)
{
    for (int r = 0; s->mask && r < s->n; r++) bs_region_mask_destroy(s->mask[r]);
    bs_free(s->mask);
    bs_free(s->left);
}

static bs_status find_shares(const bs_region_set *set, const bs_mesh *mesh, size_t cells, shares *s, bs_err *err)
{
    *s = (shares){.n = set->n};
    BS_TRY(BS_NEW(&s->mask, set->n, "masks of regions", err));
    BS_TRY(BS_NEW(&s->left, cells, "shares of cells", err));
    for (size_t c = 0; c < cells; c++) s->left[c] = 1;
    for (int r = 0; r < set->n; r++) {
        BS_TRY(bs_region_mask_create(&set->region[r].shape, mesh, &s->mask[r], NULL, err));
        for (size_t n = 0; n < s->mask[r]->n; n++) s->left[s->mask[r]->cell[n]] -= s->mask[r]->fraction[n];
    }
    return BS_OK;
}

static bool may_be(const bool *regions, int r)
{
    return !regions || regions[r];
}

/* One source: `held` is scratch, [cells]. out: of region 0, `step` apart. */
static void share_out(const shares *s, const bool *regions, const double *map, size_t cells, double *held, double *out,
                      size_t step)
{
    for (size_t c = 0; c < cells; c++) held[c] = may_be(regions, s->n) ? s->left[c] : 0;
    for (int r = 0; r < s->n; r++)
        for (size_t n = 0; may_be(regions, r) && n < s->mask[r]->n; n++)
            held[s->mask[r]->cell[n]] += s->mask[r]->fraction[n];
    for (int r = 0; r <= s->n; r++) out[(size_t)r * step] = 0;
    for (int r = 0; r < s->n; r++)
        for (size_t n = 0; may_be(regions, r) && n < s->mask[r]->n; n++) {
            const size_t c = s->mask[r]->cell[n];
            if (held[c] > 0) out[(size_t)r * step] += map[c] * (s->mask[r]->fraction[n] / held[c]);
        }
    double *nowhere = out + (size_t)s->n * step;
    for (size_t c = 0; c < cells; c++)
        *nowhere += held[c] > 0 ? may_be(regions, s->n) ? map[c] * (s->left[c] / held[c]) : 0 : map[c];
}

bs_status bs_adjoint_parts_by_region(const bs_adjoint_parts *c, const bs_region_set *set, const bs_mesh *mesh,
                                     double *out, bs_err *err)
{
    const size_t cells = cells_of(c);
    shares s = {0};
    double *held = NULL;
    bs_status st = BS_NEW(&held, cells, "shares of cells", err);
    if (st == BS_OK) st = find_shares(set, mesh, cells, &s, err);
    for (int n = 0; n < c->n_sources && st == BS_OK; n++)
        share_out(&s, c->regions[n], c->map + (size_t)n * cells, cells, held, out + n, (size_t)c->n_sources);
    free_shares(&s);
    bs_free(held);
    return st;
}

double bs_adjoint_parts_emission(const bs_adjoint_parts *c)
{
    const size_t cells = cells_of(c);
    const double *all = c->map + (size_t)c->n_sources * cells;
    double sum = 0;
    for (size_t n = 0; n < cells; n++) sum += all[n];
    return sum;
}

double bs_adjoint_parts_sum(const bs_adjoint_parts *c)
{
    double sum = bs_adjoint_parts_emission(c) + c->initial;
    for (int side = 0; side < BS_SIDES; side++) sum += c->boundary[side];
    return sum;
}
