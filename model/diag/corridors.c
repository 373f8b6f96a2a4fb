#include "model/diag/corridors.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/core/sum.h"
#include "model/parallel/ranks.h"

static const double KG_PER_UG = 1e-9, UG_PER_KG = 1e9, SMALL_PART = 1e-2;

typedef enum term { HELD, DRY, WET, EMITTED, TERMS } term; /* HELD, DRY, WET: at the beginning of the stretch */

struct bs_corridors {
    bs_borders *borders;
    const bs_mesh *mesh;
    bs_time from;
    bs_sum *sum;   /* [n_tracers][n_regions+1][TERMS] ug, of all ranks; EMITTED: of this one */
    bs_sum *fresh; /* the same shape: scratch */
    bs_sum *moved; /* [n_pairs][BS_BORDER_SUMS] scratch */
    bs_border_record *record;
};

static int regions_of(const bs_corridors *c)
{
    return c->borders->n_regions + 1;
}

static size_t sums_of(const bs_corridors *c)
{
    return (size_t)c->borders->n_tracers * (size_t)regions_of(c) * TERMS;
}

static ptrdiff_t place_of(const bs_corridors *c, int tracer, int region)
{
    return ((ptrdiff_t)tracer * regions_of(c) + region) * TERMS;
}

static bs_status build(bs_corridors *c, bs_err *err)
{
    const char *what = "accounts of regions";
    BS_TRY(BS_NEW(&c->sum, sums_of(c), what, err));
    BS_TRY(BS_NEW(&c->fresh, sums_of(c), what, err));
    BS_TRY(BS_NEW(&c->moved, (size_t)c->borders->n_pairs * BS_BORDER_SUMS, what, err));
    return bs_border_record_create(c->borders, &c->record, err);
}

bs_status bs_corridors_create(bs_borders *borders, const bs_mesh *mesh, bs_corridors **out, bs_err *err)
{
    bs_corridors *c = NULL;
    bs_status st = BS_NEW(&c, 1, "accounts of regions", err);
    if (st == BS_OK) {
        c->borders = borders;
        c->mesh = mesh;
        st = build(c, err);
    }
    st = bs_ranks_agree(st, err);
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
    bs_free(c->moved);
    bs_border_record_destroy(c->record);
    bs_free(c);
}

/* ---- sums over the cells of each region ---- */

/* out [n_regions + 1][TERMS], of which one term is filled. */
static void sum_held(const bs_corridors *c, const bs_state *s, int tracer, bs_sum *out)
{
    const bs_box *box = &s->box;
    const bs_window own = box->own;
    const real *q = bs_state_q(s, tracer);
    for (int k = 0; k < box->nz; k++)
        for (int j = own.j0; j < own.j1; j++) {
            const int *label = c->borders->label + (ptrdiff_t)j * box->nx;
            const real *row = q + bs_at(box, k, j, 0);
            const double *m = s->m + ((ptrdiff_t)k * box->ny + j) * box->nx;
            for (int i = own.i0; i < own.i1; i++) bs_sum_add(&out[label[i] * TERMS + HELD], m[i] * (double)row[i]);
        }
}

static void sum_map(const bs_corridors *c, const bs_box *box, const double *map, term t, bs_sum *out)
{
    const bs_window own = box->own;
    for (int j = own.j0; j < own.j1; j++)
        for (int i = own.i0; i < own.i1; i++) {
            const ptrdiff_t cell = (ptrdiff_t)j * box->nx + i;
            bs_sum_add(&out[c->borders->label[cell] * TERMS + t], map[cell]);
        }
}

/* What is held and has been deposited now, of all ranks, and what this stretch has emitted, into c->fresh. */
static void sum_all(bs_corridors *c, const bs_state *s)
{
    const ptrdiff_t map = (ptrdiff_t)s->box.nx * s->box.ny;
    memset(c->fresh, 0, sizeof *c->fresh * sums_of(c));
    for (int tracer = 0; tracer < c->borders->n_tracers; tracer++) {
        bs_sum *out = c->fresh + place_of(c, tracer, 0);
        sum_held(c, s, tracer, out);
        sum_map(c, &s->box, s->dry + tracer * map, DRY, out);
        sum_map(c, &s->box, s->wet + tracer * map, WET, out);
        for (int r = 0; r < regions_of(c); r++) out[r * TERMS + EMITTED] = c->sum[place_of(c, tracer, r) + EMITTED];
    }
    bs_ranks_sum((int)sums_of(c), c->fresh);
}

/* ---- a stretch ---- */

/* The next one begins where c->fresh was summed. */
static void begin(bs_corridors *c, bs_time t)
{
    memcpy(c->sum, c->fresh, sizeof *c->sum * sums_of(c));
    for (size_t n = EMITTED; n < sums_of(c); n += TERMS) c->sum[n] = (bs_sum){0};
    bs_borders_clear(c->borders);
    c->from = t;
}

void bs_corridors_begin(bs_corridors *c, const bs_state *state, bs_time t)
{
    sum_all(c, state);
    begin(c, t);
}

void bs_corridors_emit(bs_corridors *c, const bs_state *state, const bs_emission_rates *rates, double seconds)
{
    if (!rates) return;
    const bs_window own = state->box.own;
    const ptrdiff_t cells = (ptrdiff_t)rates->nx * rates->ny;
    for (int t = 0; t < rates->n_tracers; t++) {
        if (!(state->tracers->row[t].acts & BS_ACT_EMIT)) continue;
        const real *rate = rates->rate + (ptrdiff_t)t * rates->n_layers * cells;
        for (int j = own.j0; j < own.j1; j++)
            for (ptrdiff_t n = (ptrdiff_t)j * rates->nx + own.i0, end = n + own.i1 - own.i0; n < end; n++) {
                double flux = 0;
                for (int k = 0; k < rates->n_layers;
                     k++) /* rounded as the operator's: the account knows what was emitted */
                    flux += (double)(real)((double)rate[k * cells + n] * (UG_PER_KG / c->mesh->area[n]));
                if (flux > 0)
                    bs_sum_add(&c->sum[place_of(c, t, c->borders->label[n]) + EMITTED],
                               flux * c->mesh->area[n] * seconds);
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

static bs_region_account account_of(const bs_sum *then, const bs_sum *now)
{
    return (bs_region_account){.before = kg(&then[HELD]),
                               .after = kg(&now[HELD]),
                               .emitted = kg(&now[EMITTED]),
                               .dry = since(&then[DRY], &now[DRY]),
                               .wet = since(&then[WET], &now[WET])};
}

const bs_border_record *bs_corridors_end(bs_corridors *c, const bs_state *state, bs_time t)
{
    const bs_borders *b = c->borders;
    bs_border_record *out = c->record;
    out->from = c->from;
    out->to = t;
    sum_all(c, state);
    for (int tracer = 0; tracer < b->n_tracers; tracer++) {
        for (int r = 0; r < regions_of(c); r++) {
            const ptrdiff_t at = place_of(c, tracer, r);
            out->account[at / TERMS] = account_of(c->sum + at, c->fresh + at);
        }
        bs_borders_sums(b, tracer, c->moved);
        bs_ranks_sum(b->n_pairs * BS_BORDER_SUMS, c->moved);
        bs_borders_flows(b, c->moved, out->flow + (ptrdiff_t)tracer * b->n_pairs);
    }
    begin(c, t);
    return out;
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

/* ---- across a cut of the run ---- */

/* What moved of one tracer, by the faces of the whole mesh. whole [nz][n_all][BS_FLOW_COUNT] scratch. Each face is one rank's and zero in
 * the others, so that "or" puts the bytes together. */
static bs_status archive_moved(const bs_borders *b, int tracer, double *whole, bs_archive *a, bs_err *err)
{
    const size_t values = (size_t)b->nz * (size_t)b->n_all * BS_FLOW_COUNT, each = sizeof(double) * BS_FLOW_COUNT;
    char name[32];
    snprintf(name, sizeof name, "moved%d", tracer);
    memset(whole, 0, sizeof *whole * values);
    for (int k = 0; k < b->nz && !a->loading; k++) {
        double *level = whole + (size_t)k * (size_t)b->n_all * BS_FLOW_COUNT;
        for (int f = 0; f < b->n_faces; f++)
            memcpy(level + (ptrdiff_t)b->place[f] * BS_FLOW_COUNT, bs_borders_at(b, tracer, k, f), each);
        bs_ranks_or(b->n_all * (int)each, (unsigned char *)level);
    }
    BS_TRY(BS_ARCHIVE(a, name, whole, values, err));
    for (int k = 0; k < b->nz && a->loading; k++) {
        const double *level = whole + (size_t)k * (size_t)b->n_all * BS_FLOW_COUNT;
        for (int f = 0; f < b->n_faces; f++)
            memcpy(bs_borders_at(b, tracer, k, f), level + (ptrdiff_t)b->place[f] * BS_FLOW_COUNT, each);
    }
    return BS_OK;
}

/* Of what is emitted each rank has its part; the first goes on with all of it. */
static bs_status archive_sums(bs_corridors *c, bs_archive *a, bs_err *err)
{
    memset(c->fresh, 0, sizeof *c->fresh * sums_of(c));
    for (size_t n = EMITTED; n < sums_of(c); n += TERMS) c->fresh[n] = c->sum[n];
    bs_ranks_sum((int)sums_of(c), c->fresh);
    for (size_t n = 0; n < sums_of(c); n++)
        if (n % TERMS != EMITTED) c->fresh[n] = c->sum[n];
    BS_TRY(BS_ARCHIVE_BYTES(a, "sums", c->fresh, sums_of(c), err));
    for (size_t n = 0; n < sums_of(c) && a->loading; n++)
        c->sum[n] = n % TERMS != EMITTED || bs_ranks_first() ? c->fresh[n] : (bs_sum){0};
    return BS_OK;
}

bs_status bs_corridors_archive(bs_corridors *c, bs_archive *a, bs_err *err)
{
    const bs_borders *b = c->borders;
    const size_t outside = bs_archive_enter(a, "corridors");
    double *whole = NULL;
    BS_TRY(BS_ARCHIVE(a, "from", &c->from, 1, err));
    BS_TRY(archive_sums(c, a, err));
    bs_status st = BS_NEW(&whole, (size_t)b->nz * (size_t)b->n_all * BS_FLOW_COUNT, "what moved through borders", err);
    st = bs_ranks_agree(st, err);
    for (int t = 0; t < b->n_tracers && st == BS_OK; t++) st = archive_moved(b, t, whole, a, err);
    bs_free(whole);
    if (st == BS_OK) bs_archive_leave(a, outside);
    return st;
}
