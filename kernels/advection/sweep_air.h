/* sweep_air.h - coefficients of a bundle from the air, which is moved: part of sweep_generic.h.
 *
 * Air is carried in double and rounded once, as a flux, a mass before or a mass after. Pencils side by side in memory ("across") have their
 * lanes in the order of the coefficients. Rows ("along") are worked on row by row in double; what was rounded is transposed, three
 * quantities instead of five coefficients, and from there on both are one. */
#include "kernels/base/vec_double.h"

typedef struct carried { /* from cell to cell, of VR_LANES pencils */
    vr flux, mass;       /* through the lower face, kg; of the cell before the sweep, kg */
    vr worst;            /* largest Courant number so far */
} carried;

VR_INLINE vr coefficient_at_face(vr flux, vr mass_low, vr mass_high, real *face, vr worst)
{
    const vr half = vr_mul(vr_set((real)0.5), flux), size = vr_max(flux, vr_minus(flux));
    const vr c = vr_div(size, vr_select(vr_gt(flux, vr_set(0)), mass_low, mass_high)), k = vr_sub(vr_set(1), c);
    vr_store(face + BS_C_ALPHA * BS_LANES, vr_mul(half, vr_mul(k, k)));
    vr_store(face + BS_C_BETA * BS_LANES, vr_mul(vr_minus(half), vr_mul(c, k)));
    return vr_max(c, worst);
}

VR_INLINE void coefficients_of_cell(vr flux_w, vr flux_e, vr after, real *cell)
{
    const vr zero = vr_set(0), r = vr_div(vr_set(1), after);
    vr_store(cell + BS_C_INTO * BS_LANES, vr_mul(vr_max(flux_w, zero), r));
    vr_store(cell + BS_C_BACK * BS_LANES, vr_mul(vr_max(vr_minus(flux_e), zero), r));
    vr_store(cell + BS_C_RMASS * BS_LANES, r);
}

/* A cell, whose coefficients lie at coef, and its upper face. */
VR_INLINE void cell_and_face(vr flux, vr mass_above, vr after, real *coef, carried *c)
{
    coefficients_of_cell(c->flux, flux, after, coef);
    c->worst = coefficient_at_face(flux, c->mass, mass_above, coef + BS_C_COUNT * BS_LANES, c->worst);
    c->flux = flux;
    c->mass = mass_above;
}

VR_INLINE int any_long(vr worst)
{
    return vr_any(vr_gt(worst, vr_set(1)));
}

enum { CHUNKS = BS_LANES / VR_LANES }; /* vectors of a bundle */

/* ---- across ---- */

/* The first `lanes` of VR_LANES pencils; the others carry no flux through cells of mass 1. */
VR_INLINE vd lanes_in(const double *p, int lanes, double idle)
{
    return lanes >= VR_LANES ? vd_load(p) : vd_load_first(p, lanes, idle);
}

VR_INLINE void lanes_out(double *p, int lanes, vd a)
{
    if (lanes >= VR_LANES)
        vd_store(p, a);
    else
        vd_store_first(p, lanes, a);
}

/* kg through `lanes` faces that lie side by side. */
VR_INLINE vd moved(const bs_air_flux *f, ptrdiff_t at, int lanes)
{
    return vd_add(vd_mul(vd_set(f->w0), lanes_in(f->f0 + at, lanes, 0)),
                  vd_mul(vd_set(f->w1), lanes_in(f->f1 + at, lanes, 0)));
}

/* Rows that come into the cache before their turn: they lie far apart. */
enum { AHEAD = 8 };

typedef struct handed { /* what VR_LANES pencils hand from row to row */
    vd flux;
    carried c;
} handed;

/* Where they read and write. */
typedef struct strand {
    int lane;  /* first of the bundle's */
    int lanes; /* in use from there on */
    real *coef, *flux, *mass;
} strand;

VR_INLINE void first_face(int face, const strand *t, const bs_air_flux *f, const bs_air_mass *air, handed *a)
{
    const double *m = air->m + t->lane, *beyond = air->low ? air->low + (BS_GHOST - 1) * BS_LANES + t->lane : m;
    a->flux = moved(f, face * f->stride + t->lane, t->lanes);
    a->c = (carried){vr_of(a->flux), vr_of(lanes_in(m, t->lanes, 1)), vr_set(0)};
    a->c.worst = coefficient_at_face(a->c.flux, vr_of(lanes_in(beyond, t->lanes, 1)), a->c.mass, t->coef, a->c.worst);
    vr_store(t->flux, a->c.flux);
}

/* Cells i and faces i + 1; `face`: whose flux that is. */
VR_INLINE void row_across(int i, int n, int face, const strand *t, const bs_air_flux *f, const bs_air_mass *air,
                          handed *a)
{
    double *m = air->m + i * air->stride + t->lane;
    const double *high = i + 1 < n ? m + air->stride : air->high ? air->high + t->lane : m;
    const vd flux = moved(f, face * f->stride + t->lane, t->lanes), here = lanes_in(m, t->lanes, 1);
    const vr mass_above = vr_of(lanes_in(high, t->lanes, 1)), flux_r = vr_of(flux);
    const vd after = vd_add(here, vd_sub(a->flux, flux));
    vr_store(t->mass + (ptrdiff_t)i * BS_LANES, a->c.mass);
    vr_store(t->flux + (ptrdiff_t)(i + 1) * BS_LANES, flux_r);
    cell_and_face(flux_r, mass_above, vr_of(after), t->coef + (ptrdiff_t)i * BS_C_COUNT * BS_LANES, &a->c);
    lanes_out(m, t->lanes, after);
    a->flux = flux;
}

static void look_ahead_across(int i, int lanes, const bs_air_flux *f, const bs_air_mass *air)
{
    for (int line = 0; line < lanes; line += 8) { /* doubles of a cache line */
        __builtin_prefetch(air->m + (i + AHEAD) * air->stride + line, 0, 2);
        __builtin_prefetch(f->f0 + (i + AHEAD) * f->stride + line, 0, 2);
        __builtin_prefetch(f->f1 + (i + AHEAD) * f->stride + line, 0, 2);
    }
}

/* One bundle. `lanes` is a constant to the compiler where all are in use. */
VR_INLINE void rows_across(int n, int lanes, bs_air_flux flux, bs_air_mass air, int sides, bs_sweep *s)
{
    const int begin = sides & BS_CUT_LOW ? 1 : 0, end = sides & BS_CUT_HIGH ? n - 1 : n;
    handed a[CHUNKS];
    strand t[CHUNKS];
    for (int c = 0; c < CHUNKS; c++) {
        const int lane = c * VR_LANES;
        t[c] = (strand){lane, lanes - lane, s->coef + lane, s->flux + lane, s->mass + lane};
        first_face(begin, &t[c], &flux, &air, &a[c]);
    }
    for (int i = 0; i < n; i++) {
        if (i + AHEAD < n) look_ahead_across(i, lanes, &flux, &air);
        const int face = i < end ? i + 1 : end;
        for (int c = 0; c < CHUNKS; c++) row_across(i, n, face, &t[c], &flux, &air, &a[c]);
    }
    for (int c = 0; c < CHUNKS; c++) s->is_long |= any_long(a[c].c.worst);
}

static void setup_across(int n, int lanes, const bs_air_flux *flux, const bs_air_mass *air, int sides, real *scratch,
                         bs_sweep *out)
{
    bs_assert(lanes <= BS_ABREAST * BS_LANES && (lanes <= BS_LANES || !(air->low || air->high)));
    for (int first = 0; first < lanes; first += BS_LANES) {
        const int bundle = first / BS_LANES, left = lanes - first;
        const bs_air_flux through = {flux->f0 + first, flux->f1 + first, flux->w0, flux->w1, flux->stride};
        const bs_air_mass of_bundle = {air->m + first, air->stride, air->low, air->high};
        bs_sweep *s = &out[bundle];
        begin_setup(n, left, scratch + (size_t)bundle * bs_sweep_scratch_len(n), s);
        if (left >= BS_LANES)
            rows_across(n, BS_LANES, through, of_bundle, sides, s);
        else
            rows_across(n, left, through, of_bundle, sides, s);
        end_setup(n, &of_bundle, sides, s);
    }
}

/* ---- along: row by row, then transposed ---- */

/* Rounded, of each row, in scratch that the sweeps need later only: through the upper faces of the cells, of the cells above these, of the
 * cells after the sweep. */
enum { R_FLUX = W_X, R_MASS, R_AFTER };

VR_INLINE ptrdiff_t row_length(int n)
{
    return (ptrdiff_t)n + 2 * BS_GHOST + BS_LANES + 1;
}

VR_INLINE double moved_one(const bs_air_flux *f, ptrdiff_t at)
{
    return f->w0 * f->f0[at] + f->w1 * f->f1[at];
}

VR_INLINE double lowest_flux(int lane, const bs_air_flux *f, int sides)
{
    return moved_one(f, lane * f->stride + (sides & BS_CUT_LOW ? 1 : 0));
}

/* The same with the last of `count` replaced. */
VR_INLINE vd with_last(vd a, int count, double last)
{
    double v[VR_LANES];
    vd_store(v, a);
    v[count - 1] = last;
    return vd_load(v);
}

/* Whole rows one after the other, as they lie in memory. */
VR_INLINE void row_along(int n, int lane, const bs_air_flux *f, const bs_air_mass *air, int sides, real *scratch)
{
    const ptrdiff_t face = lane * f->stride, row = lane * row_length(n);
    real *const flux_row = row_of(scratch, n, R_FLUX) + row, *const mass_row = row_of(scratch, n, R_MASS) + row,
                *const after_row = row_of(scratch, n, R_AFTER) + row;
    double *m = air->m + lane * air->stride;
    const double lowest = lowest_flux(lane, f, sides), top = air->high ? air->high[lane] : m[n - 1];
    vd west = vd_set(lowest);
    for (int i = 0; i < n; i += VR_LANES) {
        const int left = n - i;
        vd flux = moved(f, face + i + 1, left);
        if (left <= VR_LANES && sides & BS_CUT_HIGH)
            flux = with_last(flux, left, n > 1 ? moved_one(f, face + n - 1) : lowest);
        const vd after = vd_add(lanes_in(m + i, left, 1), vd_sub(vd_follow(west, flux), flux));
        vr_store(flux_row + i, vr_of(flux));
        vr_store(mass_row + i, vr_of(lanes_in(m + i + 1, left - 1, 1)));
        vr_store(after_row + i, vr_of(after));
        lanes_out(m + i, left, after);
        west = flux;
    }
    mass_row[n - 1] = (real)top;
}

/* Of all rows: face 0 and cell 0, before the air is moved. */
VR_INLINE void begin_along(int lanes, const bs_air_flux *f, const bs_air_mass *air, int sides, const bs_sweep *s,
                           carried *c)
{
    real beyond[BS_LANES];
    for (int lane = 0; lane < BS_LANES; lane++) {
        const double m = lane < lanes ? air->m[lane * air->stride] : 1;
        s->flux[lane] = lane < lanes ? (real)lowest_flux(lane, f, sides) : 0;
        s->mass[lane] = (real)m;
        beyond[lane] = (real)(lane < lanes && air->low ? air->low[(BS_GHOST - 1) * BS_LANES + lane] : m);
    }
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        const int lane = chunk * VR_LANES;
        c[chunk] = (carried){vr_load(s->flux + lane), vr_load(s->mass + lane), vr_set(0)};
        c[chunk].worst =
            coefficient_at_face(c[chunk].flux, vr_load(beyond + lane), c[chunk].mass, s->coef + lane, c[chunk].worst);
    }
}

/* Rows not in use. */
static void idle_rows(int n, int lanes, real *scratch)
{
    for (ptrdiff_t at = lanes * row_length(n); at < BS_LANES * row_length(n); at++) {
        row_of(scratch, n, R_FLUX)[at] = 0;
        row_of(scratch, n, R_MASS)[at] = row_of(scratch, n, R_AFTER)[at] = 1;
    }
}

/* A block of cells from `first`: BS_LANES of them, or fewer at the end, beyond which nobody looks at what is transposed. */
VR_INLINE void block_along(int n, int first, const bs_sweep *s, real *scratch, carried *c)
{
    _Alignas(64) real after[BS_LANES * BS_LANES];
    const int count = n - first < BS_LANES ? n - first : BS_LANES;
    real *flux = s->flux + (ptrdiff_t)(first + 1) * BS_LANES, *mass = s->mass + (ptrdiff_t)(first + 1) * BS_LANES;
    block_in(row_of(scratch, n, R_FLUX) + first, row_length(n), BS_LANES, flux, BS_LANES);
    block_in(row_of(scratch, n, R_MASS) + first, row_length(n), BS_LANES, mass, BS_LANES);
    block_in(row_of(scratch, n, R_AFTER) + first, row_length(n), BS_LANES, after, BS_LANES);
    for (int chunk = 0; chunk < CHUNKS; chunk++)
        for (int i = 0; i < count; i++) {
            const int at = i * BS_LANES + chunk * VR_LANES;
            cell_and_face(vr_load(flux + at), vr_load(mass + at), vr_load(after + at),
                          coef_of(s, first + i, 0) + chunk * VR_LANES, &c[chunk]);
        }
}

static void setup_along(int n, int lanes, const bs_air_flux *flux, const bs_air_mass *air, int sides, real *scratch,
                        bs_sweep *s)
{
    carried c[CHUNKS];
    begin_setup(n, lanes, scratch, s);
    begin_along(lanes, flux, air, sides, s, c);
    for (int lane = 0; lane < lanes; lane++) row_along(n, lane, flux, air, sides, scratch);
    if (lanes < BS_LANES) idle_rows(n, lanes, scratch);
    for (int first = 0; first < n; first += BS_LANES) block_along(n, first, s, scratch, c);
    for (int chunk = 0; chunk < CHUNKS; chunk++) s->is_long |= any_long(c[chunk].worst);
    end_setup(n, air, sides, s);
}
