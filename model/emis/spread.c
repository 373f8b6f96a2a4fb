/* From source cells and points to sheets, under the inventory's rules, with an account by region. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/base/check.h"
#include "model/core/memory.h"
#include "model/emis/emis.h"
#include "model/emis/overlap.h"

/* What a field emits by region: measured on its own mesh, by what reaches into the region, and by what the cells get. */
typedef struct by_region {
    double *source, *touching, *grid; /* [n_regions+1] */
} by_region;

static int regions_of(const bs_emission *e)
{
    return e->audited ? e->audited->n + 1 : 0;
}

static void sum_regions(const bs_overlap *o, const double *mass, by_region *of)
{
    const bs_overlap_regions *p = o->regions;
    for (int r = 0; r <= p->n; r++) of->source[r] = of->touching[r] = of->grid[r] = 0;
    for (int r = 0; r <= p->n; r++)
        for (size_t k = p->source_start[r]; k < p->source_start[r + 1]; k++) {
            of->source[r] += mass[p->source[k]] * p->share[k];
            of->touching[r] += mass[p->source[k]];
        }
    const bs_weights *w = o->weights;
    for (size_t n = 0; n < w->row_start[w->n_dst]; n++) {
        const double density = mass[w->column[n]] / o->area[w->column[n]];
        for (size_t k = p->start[n]; k < p->start[n + 1]; k++) of->grid[p->region[k]] += density * p->area[k];
    }
}

/* The regions that are kept alone; cell [ny*nx]. */
static void spread_kept(const bs_overlap *o, const double *mass, const bool *drop, double *cell, bs_overlap_sums *sums)
{
    const bs_overlap_regions *p = o->regions;
    const bs_weights *w = o->weights;
    sums->on_grid = 0;
    for (size_t c = 0; c < w->n_dst; c++) {
        double sum = 0;
        for (size_t n = w->row_start[c]; n < w->row_start[c + 1]; n++) {
            double area = 0;
            bool all = true;
            for (size_t k = p->start[n]; k < p->start[n + 1]; k++) {
                if (!drop[p->region[k]]) area += p->area[k];
                all = all && !drop[p->region[k]];
            }
            if (all) area = w->weight[n];
            sum += mass[w->column[n]] * area / o->area[w->column[n]];
        }
        cell[c] = sum;
        sums->on_grid += sum;
    }
}

static void add_account(bs_emis_sheet *s, int regions, double factor, const bs_overlap_sums *sums, double before,
                        const by_region *of)
{
    bs_emis_account *a = &s->account;
    a->in_domain += factor * sums->inside;
    a->on_grid += factor * sums->on_grid;
    a->left_out += factor * (before - sums->inside);
    for (int r = 0; r < regions; r++) {
        const bool drop = s->drop && s->drop[r];
        if (drop) {
            a->removed[r] += factor * of->grid[r];
            continue;
        }
        a->source[r] += factor * of->source[r];
        a->touching[r] += factor * of->touching[r];
        a->grid[r] += factor * of->grid[r];
    }
}

/* Adds what is kept of a field of the mesh. */
static void keep(const bs_emission *e, const bs_emis_sheet *s, int month, const double *cell)
{
    const size_t nx = (size_t)e->part.nx, from = (size_t)e->part.j0 * (size_t)e->mesh->nx + (size_t)e->part.i0;
    double *rate = s->rate + bs_emis_cells(e) * (size_t)month;
    for (size_t j = 0; j < (size_t)e->part.ny; j++)
        for (size_t i = 0; i < nx; i++) rate[j * nx + i] += cell[from + j * (size_t)e->mesh->nx + i] * s->share;
}

/* A sheet's own part of a field. cell [ny*nx]: scratch. */
static void spread_part(const bs_emission *e, const bs_overlap *o, bs_emis_sheet *s, int month, double weight,
                        const double *mass, const by_region *of, double *cell, bs_overlap_sums *sums)
{
    const size_t cells = (size_t)e->mesh->nx * (size_t)e->mesh->ny;
    const int regions = regions_of(e);
    bs_overlap_spread(o, mass, cell, sums);
    const double before = sums->inside;
    if (s->drop && regions == 0) { /* rules without regions take all of it */
        memset(cell, 0, cells * sizeof *cell);
        sums->inside = sums->on_grid = sums->touching = 0;
    } else if (s->drop) {
        sums->inside = sums->touching = 0;
        for (int r = 0; r < regions; r++) {
            if (s->drop[r]) continue;
            sums->inside += of->source[r];
            sums->touching += of->touching[r];
        }
        spread_kept(o, mass, s->drop, cell, sums);
    }
    add_account(s, regions, weight * s->share, sums, before, of);
    keep(e, s, month, cell);
}

/* Scratch: by region, then a field on the mesh. */
static bs_status make_room(const bs_emis_input *in, bs_overlap *o, double **room, by_region *of, double **cell,
                           bs_err *err)
{
    const bs_emission *e = in->emission;
    const size_t n = (size_t)regions_of(e), cells = (size_t)e->mesh->nx * (size_t)e->mesh->ny;
    if (e->audited) BS_TRY(bs_overlap_prepare_regions(o, e->mesh, e->audited, e->mask, err));
    BS_TRY(BS_NEW(room, 3 * n + cells, "emission by region", err));
    *of = (by_region){*room, *room + n, *room + 2 * n};
    *cell = *room + 3 * n;
    return BS_OK;
}

bs_status bs_emis_spread(const bs_emis_input *in, bs_overlap *o, int sheet, int month, double weight,
                         const double *mass, bs_overlap_sums *sums, bs_err *err)
{
    bs_emission *e = in->emission;
    double *room = NULL, *cell = NULL;
    by_region of = {0};
    BS_TRY(make_room(in, o, &room, &of, &cell, err));
    if (e->audited) sum_regions(o, mass, &of);
    *sums = (bs_overlap_sums){0};
    for (int s = 0; s < e->n_sheets; s++) {
        if (e->sheet[s].of != sheet) continue;
        bs_overlap_sums part;
        spread_part(e, o, &e->sheet[s], month, weight, mass, &of, cell, &part);
        sums->source = part.source;
        sums->inside += e->sheet[s].share * part.inside;
        sums->touching += e->sheet[s].share * part.touching;
        sums->on_grid += e->sheet[s].share * part.on_grid;
    }
    bs_free(room);
    return BS_OK;
}

void bs_emis_account_share(const bs_emission *e, int from, int to, double share)
{
    const bs_emis_account *a = &e->sheet[from].account;
    bs_emis_account *b = &e->sheet[to].account;
    b->in_file = share * a->in_file;
    b->in_domain = share * a->in_domain;
    b->on_grid = share * a->on_grid;
    b->left_out = share * a->left_out;
    for (int r = 0; r < regions_of(e); r++) {
        b->source[r] = share * a->source[r];
        b->touching[r] = share * a->touching[r];
        b->grid[r] = share * a->grid[r];
        b->removed[r] = share * a->removed[r];
    }
}

/* ---- points ---- */

/* The parts of a split sector take their shares of each point, every one with a stack of its own. */
static bs_status split_points(bs_emission *e, size_t first, bs_err *err)
{
    const size_t end = e->n_points;
    for (size_t p = first; p < end; p++) {
        const bs_emis_point whole = e->point[p];
        for (int s = 0; s < e->n_sheets; s++) {
            if (e->sheet[s].of != whole.sheet || s == whole.sheet) continue;
            bs_emis_point part = whole;
            part.sheet = s;
            part.rate *= e->sheet[s].share;
            if (part.stack >= 0) {
                const bs_stack stack = e->stack[whole.stack];
                BS_TRY(bs_emis_stack_add(e, &stack, &part.stack, err));
            }
            e->sheet[s].profiled = e->sheet[whole.sheet].profiled;
            BS_TRY(bs_emis_point_add(e, &part, err));
        }
        e->point[p].rate *= e->sheet[whole.sheet].share;
    }
    return BS_OK;
}

static void take_away(bs_emission *e, size_t first)
{
    size_t kept = first;
    for (size_t p = first; p < e->n_points; p++) {
        const bs_emis_point *point = &e->point[p];
        bs_emis_sheet *s = &e->sheet[point->sheet];
        const int r = e->audited ? point->region : 0;
        if (!s->drop || !s->drop[r]) {
            e->point[kept++] = *point;
            continue;
        }
        s->account.left_out += point->rate;
        if (e->audited) s->account.removed[r] += point->rate;
    }
    e->n_points = kept;
}

bs_status bs_emis_settle_points(const bs_emis_input *in, size_t first, bs_err *err)
{
    bs_emission *e = in->emission;
    BS_TRY(split_points(e, first, err));
    if (e->audited) BS_TRY(bs_emis_place_points(e, e->audited, first, err));
    take_away(e, first);
    for (size_t p = first; p < e->n_points; p++) {
        const bs_emis_point *point = &e->point[p];
        bs_emis_account *a = &e->sheet[point->sheet].account;
        a->on_grid += point->rate;
        a->in_domain += point->rate;
        if (!e->audited) continue;
        a->source[point->region] += point->rate;
        a->touching[point->region] += point->rate;
        a->grid[point->region] += point->rate;
    }
    return BS_OK;
}
