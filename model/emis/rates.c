#include <math.h>
#include <string.h>

#include "kernels/base/check.h"
#include "model/core/memory.h"
#include "model/emis/emis.h"

enum { SECONDS_PER_HOUR = 3600 };

/* The rates that others see, and the scratch that refills them. */
typedef struct rates_room {
    bs_emission_rates rates; /* first: a pointer to it is a pointer to the whole */
    int nz;                  /* layers that `rate` has room for */
    double *row;             /* [n_tracers][nz][nx] kg s-1, one row of the mesh */
    unsigned char *used;     /* [n_tracers][nz] whether the row holds anything */
    double *factor;          /* [n_sheets] of this hour */
    int *month;              /* [n_sheets] field of the sheet that this hour takes */
    double *share;           /* [n_stacks][nz] of the stacks' emission in each layer */
    double *column;          /* scratch of bs_emis_lift */
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
    room->rates = (bs_emission_rates){.n_tracers = e->n_tracers, .n_layers = nz, .nx = e->mesh->nx, .ny = e->mesh->ny};
    size_t columns = (size_t)e->n_tracers * (size_t)nz, nx = (size_t)e->mesh->nx;
    bs_status status = BS_NEW(&room->rates.rate, columns * nx * (size_t)e->mesh->ny, "emission rates", err);
    if (status == BS_OK) status = BS_NEW(&room->row, columns * nx, "a row of emission rates", err);
    if (status == BS_OK) status = BS_NEW(&room->used, columns, "a row of emission rates", err);
    if (status == BS_OK) status = BS_NEW(&room->factor, e->n_sheets, "emission factors", err);
    if (status == BS_OK) status = BS_NEW(&room->month, e->n_sheets, "emission months", err);
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

/* Where local hours do not begin with the UTC hour (offsets of 30 or 45 minutes), the hour takes both by their shares. */
static void set_factors(const bs_emission *e, bs_time from, rates_room *room)
{
    bs_time local = from + (bs_time)llround(e->utc_offset);
    bs_time first = floor_hour(local);
    double late = (double)(local - first) / SECONDS_PER_HOUR;
    bs_date now = bs_date_from_time(first), next = bs_date_from_time(first + SECONDS_PER_HOUR);
    for (int s = 0; s < e->n_sheets; s++) {
        const bs_emis_sheet *sheet = &e->sheet[s];
        room->factor[s] = (1 - late) * factor_at(e, sheet, now) + late * factor_at(e, sheet, next);
        room->month[s] = sheet->n_months == BS_EMIS_MONTHS ? now.month - 1 : 0;
    }
}

/* Layers needed for the emission of every cell: half levels are looked up, not assumed. */
static bs_status count_layers(const bs_emission *e, int nz, const real *z_half, int *n_layers, bs_err *err)
{
    size_t nx = (size_t)e->mesh->nx, cells = nx * (size_t)e->mesh->ny;
    int n = 1;
    for (size_t c = 0; c < cells; c++) {
        int k = n;
        while (k < nz && !((double)z_half[cells * (size_t)k + c] > e->reach[c])) k++; /* a NaN climbs to the error */
        n = k;
        if (k == nz && !((double)z_half[cells * (size_t)nz + c] > e->reach[c])) {
            return bs_fail(err, BS_ERR_INPUT,
                           "emissions: cell (j=%zu, i=%zu) emits up to %g m above the ground, but the model's top is "
                           "%g m above it; raise "
                           "the top (grid.levels) or lower the height profile or stack",
                           c / nx, c % nx, e->reach[c], (double)z_half[cells * (size_t)nz + c]);
        }
    }
    *n_layers = n;
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

/* Row of scratch for a tracer and layer; NULL for no tracer. */
static double *scratch(const row_view *v, int tracer, int k)
{
    if (tracer < 0) return NULL;
    size_t at = (size_t)tracer * (size_t)v->room->nz + (size_t)k;
    double *row = v->room->row + at * v->nx;
    if (!v->room->used[at]) {
        memset(row, 0, v->nx * sizeof *row);
        v->room->used[at] = 1;
    }
    return row;
}

static void deposit(const row_view *v, const bs_emis_sheet *s, int k, size_t i, double rate)
{
    double *total = scratch(v, s->total, k), *tag = scratch(v, s->tag, k);
    total[i] += rate;
    if (tag) tag[i] += rate;
}

static void add_sheet(const row_view *v, int index)
{
    const bs_emission *e = v->e;
    const bs_emis_sheet *s = &e->sheet[index];
    size_t first = (size_t)v->j * v->nx;
    const double *rate = s->rate + v->cells * (size_t)v->room->month[index] + first;
    double factor = v->room->factor[index], top = 0;
    int n_bands = 0;
    const bs_profile_band *band = s->height < 0 ? NULL : bs_profiles_bands(e->profiles, s->height, &n_bands, &top);
    for (size_t i = 0; i < v->nx; i++) {
        double r = rate[i] * factor;
        if (!(r > 0)) continue;
        double below = 0;
        for (int k = 0; k < v->n_layers && below < 1; k++) {
            double z = (double)v->z_half[v->cells * (size_t)(k + 1) + first + i];
            double upto = band ? share_below(band, n_bands, top, z) : 1.0;
            if (upto > below) deposit(v, s, k, i, r * (upto - below));
            below = upto;
        }
    }
}

static void add_points(const row_view *v)
{
    const bs_emission *e = v->e;
    for (size_t p = e->row_start[v->j]; p < e->row_start[v->j + 1]; p++) {
        const bs_emis_point *point = &e->point[p];
        const double rate = point->rate * v->room->factor[point->sheet];
        if (point->stack >= 0) {
            const double *share = v->room->share + (size_t)point->stack * (size_t)v->room->nz;
            for (int k = 0; k < v->n_layers; k++) {
                if (share[k] > 0) deposit(v, &e->sheet[point->sheet], k, point->cell % v->nx, rate * share[k]);
            }
            continue;
        }
        int k = 0;
        while (k < v->n_layers - 1 && (double)v->z_half[v->cells * (size_t)(k + 1) + point->cell] <= point->height) k++;
        deposit(v, &e->sheet[point->sheet], k, point->cell % v->nx, rate);
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

bs_status bs_emission_fill(const bs_emission *e, bs_time t, const bs_forcing *forcing, bs_emission_rates *rates,
                           bs_err *err)
{
    rates_room *room = (rates_room *)rates;
    const int nz = forcing->end[0]->nz;
    bs_assert(nz == room->nz && rates->nx == e->mesh->nx && rates->ny == e->mesh->ny);
    row_view v = {.e = e, .room = room, .z_half = forcing->end[0]->z_half, .nx = (size_t)rates->nx};
    v.cells = v.nx * (size_t)rates->ny;
    BS_TRY(count_layers(e, nz, v.z_half, &v.n_layers, err));
    rates->from = floor_hour(t);
    rates->to = rates->from + SECONDS_PER_HOUR;
    BS_TRY(bs_emis_lift(e, rates->from, forcing, room->column, room->share, &v.n_layers, err));
    rates->n_layers = v.n_layers;
    set_factors(e, rates->from, room);
    for (v.j = 0; v.j < rates->ny; v.j++) {
        memset(room->used, 0, (size_t)rates->n_tracers * (size_t)nz);
        for (int s = 0; s < e->n_sheets; s++) {
            if (e->sheet[s].total >= 0 && e->sheet[s].n_months > 0) add_sheet(&v, s);
        }
        add_points(&v);
        store(&v);
    }
    return BS_OK;
}
