#include <math.h>
#include <string.h>

#include "kernels/base/check.h"
#include "model/core/memory.h"
#include "model/emis/emis.h"
#include "model/parallel/ranks.h"

enum { SECONDS_PER_HOUR = 3600 };

/* A tracer that takes a share of what a sheet emits in a cell. */
typedef struct target {
    int tracer;
    double share;
} target;

/* The rates that others see, and the scratch that refills them. */
typedef struct rates_room {
    bs_emission_rates rates; /* first: a pointer to it is a pointer to the whole */
    int nz;                  /* layers that `rate` has room for */
    double *row;             /* [n_tracers][nz][nx] kg s-1, one row of the mesh */
    unsigned char *used;     /* [n_tracers][nz] whether the row holds anything */
    double *factor;          /* [n_sheets] of this hour, by the profiles */
    int *month;              /* [n_sheets] field of the sheet that this hour takes */
    double *cut;             /* [n_members][n_sheets][n_regions+1] of this hour */
    double *weight;          /* [n_regions+1] scratch */
    target *target;          /* of one cell or point and sheet */
    int n_targets;
    double *share;  /* [n_stacks][nz] of the stacks' emission in each layer */
    double *column; /* scratch of bs_emis_lift */
} rates_room;

/* One layer count and shape for a row's work. */
typedef struct row_view {
    const bs_emission *e;
    rates_room *room;
    const real *z_half;
    int j, n_layers;
    size_t nx, cells;
} row_view;

bs_status bs_emission_rates_create(const bs_emission *e, int nz, bs_emission_rates **out, bs_err *err)
{
    rates_room *room = NULL;
    BS_TRY(BS_NEW(&room, 1, "emission rates", err));
    room->nz = nz;
    const bs_tracers *tracers = e->tracers;
    room->rates = (bs_emission_rates){.n_tracers = tracers->n, .n_layers = nz, .nx = e->mesh->nx, .ny = e->mesh->ny};
    size_t columns = (size_t)tracers->n * (size_t)nz, nx = (size_t)e->mesh->nx, regions = (size_t)e->n_regions + 1;
    bs_status status = BS_NEW(&room->rates.rate, columns * nx * (size_t)e->mesh->ny, "emission rates", err);
    if (status == BS_OK) status = BS_NEW(&room->row, columns * nx, "a row of emission rates", err);
    if (status == BS_OK) status = BS_NEW(&room->used, columns, "a row of emission rates", err);
    if (status == BS_OK) status = BS_NEW(&room->factor, e->n_sheets, "emission factors", err);
    if (status == BS_OK) status = BS_NEW(&room->month, e->n_sheets, "emission months", err);
    size_t members = (size_t)tracers->n_members;
    if (status == BS_OK) status = BS_NEW(&room->cut, members * (size_t)e->n_sheets * regions, "emission factors", err);
    if (status == BS_OK) status = BS_NEW(&room->weight, regions, "emission factors", err);
    if (status == BS_OK) status = BS_NEW(&room->target, members * (regions + 1), "emission factors", err);
    if (status == BS_OK) status = BS_NEW(&room->share, (size_t)e->n_stacks * (size_t)nz, "layers of stacks", err);
    if (status == BS_OK) status = BS_NEW(&room->column, bs_emis_lift_work(nz), "a column of weather", err);
    if (status) {
        bs_emission_rates_destroy(&room->rates);
        return status;
    }
    *out = &room->rates;
    return BS_OK;
}

void bs_emission_rates_destroy(bs_emission_rates *rates)
{
    if (!rates) return;
    rates_room *room = (rates_room *)rates;
    bs_free(room->rates.rate);
    bs_free(room->row);
    bs_free(room->used);
    bs_free(room->factor);
    bs_free(room->month);
    bs_free(room->cut);
    bs_free(room->weight);
    bs_free(room->target);
    bs_free(room->share);
    bs_free(room->column);
    bs_free(room);
}

static double factor_at(const bs_emission *e, const bs_emis_sheet *s, bs_date local)
{
    return bs_profiles_factor(e->profiles, BS_PROFILE_MONTH, s->month, local.month - 1) *
           bs_profiles_factor(e->profiles, BS_PROFILE_WEEKDAY, s->weekday, local.weekday) *
           bs_profiles_factor(e->profiles, BS_PROFILE_HOUR, s->hour, local.hour);
}

static bs_time floor_hour(bs_time t)
{
    bs_time rest = t % SECONDS_PER_HOUR;
    return t - (rest < 0 ? rest + SECONDS_PER_HOUR : rest);
}

double bs_emis_profile_factor(const bs_emission *e, const bs_emis_sheet *sheet, bs_time from, int *month)
{
    bs_time local = from + (bs_time)llround(e->utc_offset);
    bs_time first = floor_hour(local);
    double late = (double)(local - first) / SECONDS_PER_HOUR;
    bs_date now = bs_date_from_time(first), next = bs_date_from_time(first + SECONDS_PER_HOUR);
    *month = sheet->n_months == BS_EMIS_MONTHS ? now.month - 1 : 0;
    return (1 - late) * factor_at(e, sheet, now) + late * factor_at(e, sheet, next);
}

/* Raises *n_layers, at least 1, to what the emission of cell (j, i) needs: half levels are looked up, not assumed. */
static bs_status reach_layer(const row_view *v, int j, int i, int nz, int *n_layers, bs_err *err)
{
    const size_t c = (size_t)j * v->nx + (size_t)i;
    const double reach = v->e->reach[c];
    int k = *n_layers;
    while (k < nz && !((double)v->z_half[v->cells * (size_t)k + c] > reach)) k++; /* a NaN climbs to the error */
    *n_layers = k;
    const double top = (double)v->z_half[v->cells * (size_t)nz + c];
    if (k < nz || top > reach) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "emissions: cell (j=%d, i=%d) emits up to %g m above the ground, but the model's top is %g m above "
                   "it; raise the top (grid.levels) or lower the height profile or stack",
                   v->e->at_j + j, v->e->at_i + i, reach, top);
}

static bs_status count_layers(const row_view *v, int nz, int *n_layers, bs_err *err)
{
    const bs_window *own = &v->e->own;
    *n_layers = 1;
    for (int j = own->j0; j < own->j1; j++)
        for (int i = own->i0; i < own->i1; i++) BS_TRY(reach_layer(v, j, i, nz, n_layers, err));
    return BS_OK;
}

/* Share of the emission below a height; exactly 1 from the top of the highest band on, so that shares of layers sum to 1. */
static double share_below(const bs_profile_band *band, int n, double top, double z)
{
    if (z >= top) return 1.0;
    double sum = 0;
    for (int b = 0; b < n && band[b].bottom < z; b++) {
        sum += z >= band[b].top ? band[b].fraction
                                : band[b].fraction * ((z - band[b].bottom) / (band[b].top - band[b].bottom));
    }
    return sum;
}

/* Row of scratch for a tracer and layer. */
static double *scratch(const row_view *v, int tracer, int k)
{
    size_t at = (size_t)tracer * (size_t)v->room->nz + (size_t)k;
    double *row = v->room->row + at * v->nx;
    if (!v->room->used[at]) {
        memset(row, 0, v->nx * sizeof *row);
        v->room->used[at] = 1;
    }
    return row;
}

static void deposit(const row_view *v, int k, size_t i, double rate)
{
    for (int n = 0; n < v->room->n_targets; n++) {
        const target *to = &v->room->target[n];
        scratch(v, to->tracer, k)[i] += rate * to->share;
    }
}

/* tracer -1: one that the member does not carry. */
static void add_target(rates_room *room, int tracer, double share)
{
    if (tracer >= 0 && share > 0) room->target[room->n_targets++] = (target){tracer, share};
}

/* Factors of the regions of a member and sheet in this hour. */
static const double *cuts_of(const row_view *v, int member, int index)
{
    const size_t regions = (size_t)v->e->n_regions + 1;
    return v->room->cut + ((size_t)member * (size_t)v->e->n_sheets + (size_t)index) * regions;
}

/* Who takes what a sheet emits in a cell: the total, with the cuts of all its regions, and each tag with those of its own. */
static void aim_at_cell(const row_view *v, int index, size_t cell)
{
    const bs_emission *e = v->e;
    const bs_emis_sheet *s = &e->sheet[index];
    rates_room *room = v->room;
    const size_t begin = e->share_start ? e->share_start[cell] : 0, end = e->share_start ? e->share_start[cell + 1] : 1;
    room->n_targets = 0;
    for (int m = 0; m < e->tracers->n_members; m++) {
        const double *cut = cuts_of(v, m, index);
        add_target(room, bs_tracer_of_member(e->tracers, m, s->total), bs_emis_weigh(e, cell, cut));
        for (size_t n = begin; n < end; n++) {
            const int tag = s->tag[e->share_start ? e->share_region[n] : 0];
            bool had = tag < 0;
            for (size_t b = begin; b < n && !had; b++) had = s->tag[e->share_region[b]] == tag;
            if (had || bs_tracer_of_member(e->tracers, m, tag) < 0) continue;
            for (size_t r = begin; r < end; r++) {
                const int region = e->share_start ? e->share_region[r] : 0;
                room->weight[region] = s->tag[region] == tag ? cut[region] : 0;
            }
            add_target(room, bs_tracer_of_member(e->tracers, m, tag), bs_emis_weigh(e, cell, room->weight));
        }
    }
}

static void aim_at_point(const row_view *v, const bs_emis_point *point)
{
    const bs_emis_sheet *s = &v->e->sheet[point->sheet];
    v->room->n_targets = 0;
    for (int m = 0; m < v->e->tracers->n_members; m++) {
        const double cut = cuts_of(v, m, point->sheet)[point->region];
        const int tag = s->tag[point->region];
        add_target(v->room, bs_tracer_of_member(v->e->tracers, m, s->total), cut);
        if (tag >= 0) add_target(v->room, bs_tracer_of_member(v->e->tracers, m, tag), cut);
    }
}

/* Shares `rate` out among the layers, by the sheet's height profile. */
static void spread(const row_view *v, const bs_emis_sheet *s, size_t i, double rate)
{
    const size_t first = (size_t)v->j * v->nx;
    double top = 0, below = 0;
    int n_bands = 0;
    const bs_profile_band *band = s->height < 0 ? NULL : bs_profiles_bands(v->e->profiles, s->height, &n_bands, &top);
    for (int k = 0; k < v->n_layers && below < 1; k++) {
        double z = (double)v->z_half[v->cells * (size_t)(k + 1) + first + i];
        double upto = band ? share_below(band, n_bands, top, z) : 1.0;
        if (upto > below) deposit(v, k, i, rate * (upto - below));
        below = upto;
    }
}

static void add_sheet(const row_view *v, int index)
{
    const bs_emis_sheet *s = &v->e->sheet[index];
    size_t first = (size_t)v->j * v->nx;
    const double *rate = s->rate + v->cells * (size_t)v->room->month[index] + first;
    for (size_t i = (size_t)v->e->own.i0; i < (size_t)v->e->own.i1; i++) {
        double r = rate[i] * v->room->factor[index];
        if (!(r > 0)) continue;
        aim_at_cell(v, index, first + i);
        spread(v, s, i, r);
    }
}

static void add_points(const row_view *v)
{
    const bs_emission *e = v->e;
    for (size_t p = e->row_start[v->j]; p < e->row_start[v->j + 1]; p++) {
        const bs_emis_point *point = &e->point[p];
        const size_t i = point->cell % v->nx;
        const double rate = point->rate * v->room->factor[point->sheet];
        aim_at_point(v, point);
        if (point->stack >= 0) {
            const double *share = v->room->share + (size_t)point->stack * (size_t)v->room->nz;
            for (int k = 0; k < v->n_layers; k++) {
                if (share[k] > 0) deposit(v, k, i, rate * share[k]);
            }
            continue;
        }
        if (isnan(point->height)) {
            spread(v, &e->sheet[point->sheet], i, rate);
            continue;
        }
        int k = 0;
        while (k < v->n_layers - 1 && (double)v->z_half[v->cells * (size_t)(k + 1) + point->cell] <= point->height) k++;
        deposit(v, k, i, rate);
    }
}

/* Scratch to the rates, in `real`. Only here is anything rounded. */
static void store(const row_view *v)
{
    bs_emission_rates *rates = &v->room->rates;
    for (int t = 0; t < rates->n_tracers; t++) {
        for (int k = 0; k < v->n_layers; k++) {
            size_t at = (size_t)t * (size_t)v->room->nz + (size_t)k;
            const double *from = v->room->row + at * v->nx;
            real *to = rates->rate + ((size_t)t * (size_t)v->n_layers + (size_t)k) * v->cells + (size_t)v->j * v->nx;
            if (v->room->used[at]) {
                for (size_t i = 0; i < v->nx; i++) to[i] = (real)from[i];
            } else {
                memset(to, 0, v->nx * sizeof *to);
            }
        }
    }
}

/* The layers that emit anywhere on the mesh: a layer with zeros and one left out may differ by the sign of a zero. */
static bs_status find_layers(row_view *v, const bs_forcing *forcing, bs_err *err)
{
    rates_room *room = v->room;
    bs_status st = count_layers(v, room->nz, &v->n_layers, err);
    if (st == BS_OK) st = bs_emis_lift(v->e, room->rates.from, forcing, room->column, room->share, &v->n_layers, err);
    BS_TRY(bs_ranks_agree(st, err));
    double most = v->n_layers;
    bs_ranks_max(1, &most);
    v->n_layers = (int)most;
    return BS_OK;
}

bs_status bs_emission_fill(const bs_emission *e, bs_time t, const bs_forcing *forcing, bs_emission_rates *rates,
                           bs_err *err)
{
    rates_room *room = (rates_room *)rates;
    const int nz = forcing->end[0]->nz;
    bs_assert(nz == room->nz && rates->nx == e->mesh->nx && rates->ny == e->mesh->ny);
    row_view v = {.e = e, .room = room, .z_half = forcing->end[0]->z_half, .nx = (size_t)rates->nx};
    v.cells = v.nx * (size_t)rates->ny;
    rates->from = floor_hour(t);
    rates->to = rates->from + SECONDS_PER_HOUR;
    BS_TRY(find_layers(&v, forcing, err));
    rates->n_layers = v.n_layers;
    for (int s = 0; s < e->n_sheets; s++)
        room->factor[s] = bs_emis_profile_factor(e, &e->sheet[s], rates->from, &room->month[s]);
    bs_emis_factors(e, rates->from, room->cut);
    for (v.j = 0; v.j < rates->ny; v.j++) {
        memset(room->used, 0, (size_t)rates->n_tracers * (size_t)nz);
        for (int s = 0; s < e->n_sheets && v.j >= e->own.j0 && v.j < e->own.j1; s++) {
            if (e->sheet[s].total >= 0 && e->sheet[s].n_months > 0) add_sheet(&v, s);
        }
        add_points(&v);
        store(&v);
    }
    return BS_OK;
}
