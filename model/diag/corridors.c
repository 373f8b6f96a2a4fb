#include "model/diag/corridors.h"

#include <math.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/core/sum.h"

static const double KG_PER_UG = 1e-9, UG_PER_KG = 1e9, SMALL_PART = 1e-2;

typedef enum term { HELD, DRY, WET, EMITTED, TERMS } term; /* HELD, DRY, WET: at the beginning of the stretch */

struct bs_corridors {
    bs_borders *borders;
    const bs_mesh *mesh;
    bs_time from;
    bs_sum *sum;   /* [n_tracers][n_regions+1][TERMS] ug */
    bs_sum *fresh; /* [n_regions+1] scratch */
    bs_border_record *record;
};

static int regions_of(const bs_corridors *c)
{
    return c->borders->n_regions + 1;
}

static bs_sum *sum_of(const bs_corridors *c, int tracer, int region, term t)
{
    return &c->sum[((ptrdiff_t)tracer * regions_of(c) + region) * TERMS + t];
}

bs_status bs_corridors_create(bs_borders *borders, const bs_mesh *mesh, bs_corridors **out, bs_err *err)
{
    bs_corridors *c = NULL;
    const char *what = "accounts of regions";
    BS_TRY(BS_NEW(&c, 1, what, err));
    c->borders = borders;
    c->mesh = mesh;
    bs_status st = BS_NEW(&c->sum, (size_t)borders->n_tracers * (size_t)regions_of(c) * TERMS, what, err);
    if (st == BS_OK) st = BS_NEW(&c->fresh, regions_of(c), what, err);
    if (st == BS_OK) st = bs_border_record_create(borders, &c->record, err);
    if (st != BS_OK) {
        bs_corridors_destroy(c);
        return st;
    }
    *out = c;
    return BS_OK;
}

void bs_corridors_destroy(bs_corridors *c)
{
    if (!c) return;
    bs_free(c->sum);
    bs_free(c->fresh);
    bs_border_record_destroy(c->record);
    bs_free(c);
}

/* ---- sums over the cells of each region ---- */

static void sum_held(const bs_corridors *c, const bs_state *s, int tracer, bs_sum *out)
{
    const bs_box *box = &s->box;
    const real *q = bs_state_q(s, tracer);
    const double *m = s->m;
    memset(out, 0, sizeof *out * (size_t)regions_of(c));
    for (int k = 0; k < box->nz; k++)
        for (int j = 0; j < box->ny; j++) {
            const int *label = c->borders->label + (ptrdiff_t)j * box->nx;
            const real *row = q + bs_at(box, k, j, 0);
            for (int i = 0; i < box->nx; i++) bs_sum_add(&out[label[i]], *m++ * (double)row[i]);
        }
}

static void sum_map(const bs_corridors *c, const double *map, bs_sum *out)
{
    const ptrdiff_t cells = (ptrdiff_t)c->borders->nx * c->borders->ny;
    memset(out, 0, sizeof *out * (size_t)regions_of(c));
    for (ptrdiff_t n = 0; n < cells; n++) bs_sum_add(&out[c->borders->label[n]], map[n]);
}

static void sum_term(const bs_corridors *c, const bs_state *s, int tracer, term t, bs_sum *out)
{
    const ptrdiff_t map = (ptrdiff_t)tracer * s->box.nx * s->box.ny;
    if (t == HELD)
        sum_held(c, s, tracer, out);
    else
        sum_map(c, (t == DRY ? s->dry : s->wet) + map, out);
}

/* ---- a stretch ---- */

void bs_corridors_begin(bs_corridors *c, const bs_state *state, bs_time t)
{
    memset(c->sum, 0, sizeof *c->sum * (size_t)c->borders->n_tracers * (size_t)regions_of(c) * TERMS);
    for (int tracer = 0; tracer < c->borders->n_tracers; tracer++)
        for (term n = HELD; n <= WET; n++) {
            sum_term(c, state, tracer, n, c->fresh);
            for (int r = 0; r < regions_of(c); r++) *sum_of(c, tracer, r, n) = c->fresh[r];
        }
    bs_borders_clear(c->borders);
    c->from = t;
}

void bs_corridors_emit(bs_corridors *c, const bs_state *state, const bs_emission_rates *rates, double seconds)
{
    if (!rates) return;
    const ptrdiff_t cells = (ptrdiff_t)rates->nx * rates->ny;
    for (int t = 0; t < rates->n_tracers; t++) {
        if (!(state->tracers->row[t].acts & BS_ACT_EMIT)) continue;
        const real *rate = rates->rate + (ptrdiff_t)t * rates->n_layers * cells;
        for (ptrdiff_t n = 0; n < cells; n++) {
            double flux = 0;
            for (int k = 0; k < rates->n_layers;
                 k++) /* rounded as the operator's, so that the account knows what was emitted */
                flux += (double)(real)((double)rate[k * cells + n] * (UG_PER_KG / c->mesh->area[n]));
            if (flux > 0) bs_sum_add(sum_of(c, t, c->borders->label[n], EMITTED), flux * c->mesh->area[n] * seconds);
        }
    }
}

static double kg(const bs_sum *sum)
{
    return bs_sum_value(sum) * KG_PER_UG;
}

static double since(const bs_sum *then, const bs_sum *now)
{
    const bs_sum passed = {now->units - then->units};
    return kg(&passed);
}

bs_status bs_corridors_end(bs_corridors *c, const bs_state *state, bs_time t, const bs_border_record **record,
                           bs_err *err)
{
    const int regions = regions_of(c);
    bs_border_record *out = c->record;
    out->from = c->from;
    out->to = t;
    for (int tracer = 0; tracer < c->borders->n_tracers; tracer++) {
        bs_region_account *account = out->account + (ptrdiff_t)tracer * regions;
        BS_TRY(bs_borders_flows(c->borders, tracer, out->flow + (ptrdiff_t)tracer * c->borders->n_pairs, err));
        for (term n = HELD; n <= WET; n++) {
            sum_term(c, state, tracer, n, c->fresh);
            for (int r = 0; r < regions; r++) {
                bs_sum *then = sum_of(c, tracer, r, n);
                const double passed = since(then, &c->fresh[r]);
                if (n == HELD) {
                    account[r] = (bs_region_account){.before = kg(then), .after = kg(&c->fresh[r])};
                    account[r].emitted = kg(sum_of(c, tracer, r, EMITTED));
                } else if (n == DRY) {
                    account[r].dry = passed;
                } else {
                    account[r].wet = passed;
                }
                *then = c->fresh[r];
            }
        }
        for (int r = 0; r < regions; r++) *sum_of(c, tracer, r, EMITTED) = (bs_sum){0};
    }
    bs_borders_clear(c->borders);
    c->from = t;
    *record = out;
    return BS_OK;
}

bs_corridors_worst bs_corridors_residual(const bs_corridors *c, const bs_border_record *record)
{
    bs_corridors_worst worst = {0};
    for (int t = 0; t < c->borders->n_tracers; t++) {
        double largest = 0;
        for (int r = 0; r < regions_of(c); r++)
            largest = fmax(largest, bs_border_balance(c->borders, record, t, r).taken);
        for (int r = 0; r < regions_of(c) && largest > 0; r++) {
            const bs_region_balance b = bs_border_balance(c->borders, record, t, r);
            const double share = fabs(b.residual) / fmax(b.taken, SMALL_PART * largest);
            if (!(share <= worst.share)) worst = (bs_corridors_worst){share, b.residual, t, r}; /* NaN, too */
        }
    }
    return worst;
}

bs_status bs_corridors_archive(bs_corridors *c, bs_archive *a, bs_err *err)
{
    const bs_borders *b = c->borders;
    const size_t flows = (size_t)b->n_tracers * (size_t)b->nz * (size_t)b->n_faces * BS_FLOW_COUNT,
                 sums = (size_t)b->n_tracers * (size_t)regions_of(c) * TERMS;
    const size_t outside = bs_archive_enter(a, "corridors");
    BS_TRY(BS_ARCHIVE(a, "from", &c->from, 1, err));
    BS_TRY(BS_ARCHIVE(a, "moved", b->moved, flows, err));
    BS_TRY(BS_ARCHIVE_BYTES(a, "sums", c->sum, sums, err));
    bs_archive_leave(a, outside);
    return BS_OK;
}
