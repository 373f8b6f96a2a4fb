/* sweep_air.h - coefficients of a bundle from the air, which is moved: part of sweep_generic.h.
 *
 * Air is carried in double and rounded once, as a flux, a mass before or a mass after. Pencils side by side in memory ("across") have their
 * lanes in the order of the coefficients. Rows ("along") are worked on row by row in double; what was rounded is transposed, three
 * quantities instead of four or six coefficients, and from there on both are one. */
#include "kernels/base/vec_double.h"

/* Of a cell, kg: what it gives through no face, and the most that either bound of a face's excess can be. */
typedef struct spare {
    vr room, most;
} spare;

typedef struct carried { /* from cell to cell, of VR_LANES pencils */
    vr flux, mass;       /* through the lower face, kg; of the cell before the sweep, kg */
    spare below;         /* of the cell below that face */
    vr worst;            /* largest Courant number so far */
} carried;

VR_INLINE vr coefficient_at_face(vr per_edge, vr flux, vr mass_low, vr mass_high, real *face, vr worst)
{
    const vr part = vr_mul(per_edge, flux), size = vr_max(flux, vr_minus(flux));
    const vr c = vr_div(size, vr_select(vr_gt(flux, vr_set(0)), mass_low, mass_high)), k = vr_sub(vr_set(1), c);
    vr_store(face + BS_C_ALPHA * VR_LANES, vr_mul(part, vr_mul(k, k)));
    vr_store(face + BS_C_BETA * VR_LANES, vr_mul(vr_minus(part), vr_mul(c, k)));
    vr_store(face + BS_C_FLUX * VR_LANES, flux);
    return vr_max(c, worst);
}

/* A cell that gives through both its faces has half of what is left for each of them. */
VR_INLINE spare spare_of(vr mass, vr flux_w, vr flux_e)
{
    const vr zero = vr_set(0), low = vr_max(vr_minus(flux_w), zero), high = vr_max(flux_e, zero);
    const vr left = vr_max(vr_sub(vr_sub(vr_mul(vr_set(POSITIVE_SHARE), mass), low), high), zero);
    const vr half = vr_mul(vr_set((real)0.5), left);
    const vr_mask both = vr_gt(vr_min(low, high), zero);
    return (spare){vr_select(both, half, left), vr_select(both, half, mass)};
}

VR_INLINE void bounds_at_face(vr flux, spare below, spare above, real *face)
{
    const vr share = vr_set(POSITIVE_SHARE), size = vr_max(flux, vr_minus(flux));
    const vr_mask forward = vr_gt(flux, vr_set(0));
    vr_store(face + BS_C_ALONG * VR_LANES, vr_mul(share, vr_select(forward, below.room, above.room)));
    vr_store(face + BS_C_BACK * VR_LANES, vr_mul(share, vr_min(size, vr_select(forward, below.most, above.most))));
}

/* The first face. */
VR_INLINE carried carry(form form, vr flux, vr mass_low, vr mass, real *coef)
{
    return (carried){.flux = flux,
                     .mass = mass,
                     .below = spare_of(mass_low, vr_set(0), flux),
                     .worst = coefficient_at_face(vr_set(form.per_edge), flux, mass_low, mass, coef, vr_set(0))};
}

/* A cell, whose coefficients lie at coef with those of its lower face, and its upper face. */
VR_INLINE void cell_and_face(form form, vr flux, vr mass_above, vr after, real *coef, carried *c)
{
    const spare here = spare_of(c->mass, c->flux, flux);
    if (form.bounded) bounds_at_face(c->flux, c->below, here, coef);
    vr_store(coef + BS_C_RMASS * VR_LANES, vr_div(vr_set(1), after));
    c->worst = coefficient_at_face(vr_set(form.per_edge), flux, c->mass, mass_above,
                                   coef + coefs_of(form.bounded) * VR_LANES, c->worst);
    *c = (carried){flux, mass_above, here, c->worst};
}

/* The last face, whose coefficients lie at coef: c->mass is that of the cell beyond. */
VR_INLINE void last_face(form form, const carried *c, real *coef)
{
    if (form.bounded) bounds_at_face(c->flux, c->below, spare_of(c->mass, c->flux, vr_set(0)), coef);
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

/* Rows that come into the cache before their turn: they lie far apart, and memory takes as long as a dozen of them. */
enum { AHEAD = 16 };

/* Asks for `lanes` doubles each of masses and of the fluxes of both times. */
VR_INLINE void ask_for(const double *m, const double *f0, const double *f1, int lanes)
{
    for (int line = 0; line < lanes; line += 8) { /* doubles of a cache line */
        __builtin_prefetch(m + line, 0, 2);
        __builtin_prefetch(f0 + line, 0, 2);
        __builtin_prefetch(f1 + line, 0, 2);
    }
}

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

VR_INLINE void first_face(form form, int face, const strand *t, const bs_air_flux *f, const bs_air_mass *air, handed *a)
{
    const double *m = air->m + t->lane, *beyond = air->low ? air->low + (BS_GHOST - 1) * BS_LANES + t->lane : m;
    a->flux = moved(f, face * f->stride + t->lane, t->lanes);
    a->c = carry(form, vr_of(a->flux), vr_of(lanes_in(beyond, t->lanes, 1)), vr_of(lanes_in(m, t->lanes, 1)), t->coef);
    vr_store(t->flux, a->c.flux);
}

/* Cells i and faces i + 1; `face`: whose flux that is. */
VR_INLINE void row_across(form form, int i, int n, int face, const strand *t, const bs_air_flux *f,
                          const bs_air_mass *air, handed *a)
{
    double *m = air->m + i * air->stride + t->lane;
    const double *high = i + 1 < n ? m + air->stride : air->high ? air->high + t->lane : m;
    const vd flux = moved(f, face * f->stride + t->lane, t->lanes), here = lanes_in(m, t->lanes, 1);
    const vr mass_above = vr_of(lanes_in(high, t->lanes, 1)), flux_r = vr_of(flux);
    const vd after = vd_add(here, vd_sub(a->flux, flux));
    vr_store(t->mass + (ptrdiff_t)i * BS_LANES, a->c.mass);
    vr_store(t->flux + (ptrdiff_t)(i + 1) * BS_LANES, flux_r);
    cell_and_face(form, flux_r, mass_above, vr_of(after), t->coef + (ptrdiff_t)i * coefs_of(form.bounded) * VR_LANES,
                  &a->c);
    lanes_out(m, t->lanes, after);
    a->flux = flux;
}

/* Row i + AHEAD or, where these pencils have no such row, one of the pencils after them, which as a rule come next: the first AHEAD. */
VR_INLINE void look_ahead_across(int i, int n, const bs_air_flux *f, const bs_air_mass *air)
{
    const int to = i + (AHEAD < n ? AHEAD : n), row = to < n ? to : to - n, lane = to < n ? 0 : BS_LANES;
    ask_for(air->m + row * air->stride + lane, f->f0 + row * f->stride + lane, f->f1 + row * f->stride + lane,
            BS_LANES);
}

/* One bundle. `lanes` is a constant to the compiler where all are in use. */
VR_INLINE void rows_across(form form, int n, int lanes, bs_air_flux flux, bs_air_mass air, int sides, bs_sweep *s)
{
    const int begin = sides & BS_CUT_LOW ? 1 : 0, end = sides & BS_CUT_HIGH ? n - 1 : n;
    handed a[CHUNKS];
    strand t[CHUNKS];
    for (int c = 0; c < CHUNKS; c++) {
        const int lane = c * VR_LANES;
        t[c] = (strand){lane, lanes - lane, coef_of(s, 0, 0, lane), s->flux + lane, s->mass + lane};
        first_face(form, begin, &t[c], &flux, &air, &a[c]);
    }
    for (int i = 0; i < n; i++) {
        look_ahead_across(i, n, &flux, &air);
        const int face = i < end ? i + 1 : end;
        for (int c = 0; c < CHUNKS; c++) row_across(form, i, n, face, &t[c], &flux, &air, &a[c]);
    }
    for (int c = 0; c < CHUNKS; c++) {
        last_face(form, &a[c].c, coef_of(s, n, 0, t[c].lane));
        s->is_long |= any_long(a[c].c.worst);
    }
}

static void setup_across(bs_scheme scheme, int n, int lanes, const bs_air_flux *flux, const bs_air_mass *air, int sides,
                         real *scratch, bs_sweep *out)
{
    bs_assert(lanes <= BS_ABREAST * BS_LANES && (lanes <= BS_LANES || !(air->low || air->high)));
    for (int first = 0; first < lanes; first += BS_LANES) {
        const int bundle = first / BS_LANES, left = lanes - first;
        const bs_air_flux through = {flux->f0 + first, flux->f1 + first, flux->w0, flux->w1, flux->stride};
        const bs_air_mass of_bundle = {air->m + first, air->stride, air->low, air->high};
        bs_sweep *s = &out[bundle];
        begin_setup(scheme, n, left, scratch + (size_t)bundle * bs_sweep_scratch_len(n), s);
        const real per_edge = (real)(1.0 / edges_of(scheme));
        const form bounded = {1, per_edge}, linear = {0, per_edge};
        if (left >= BS_LANES && is_bounded(scheme))
            rows_across(bounded, n, BS_LANES, through, of_bundle, sides, s);
        else if (left >= BS_LANES)
            rows_across(linear, n, BS_LANES, through, of_bundle, sides, s);
        else if (is_bounded(scheme))
            rows_across(bounded, n, left, through, of_bundle, sides, s);
        else
            rows_across(linear, n, left, through, of_bundle, sides, s);
        end_setup(scheme, n, &of_bundle, sides, s);
    }
}

/* ---- along: row by row, then transposed ---- */

/* Rounded, of each row, in scratch that the sweeps need later only: through the upper faces of the cells, of the cells above these, of the
 * cells after the sweep. */
enum { R_FLUX = W_BASE, R_MASS, R_AFTER };

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
        if (i % 8 == 0) /* next row */
            ask_for(m + air->stride + i, f->f0 + face + f->stride + i, f->f1 + face + f->stride + i, VR_LANES);
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
VR_INLINE void begin_along(form form, int lanes, const bs_air_flux *f, const bs_air_mass *air, int sides,
                           const bs_sweep *s, carried *c)
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
        c[chunk] = carry(form, vr_load(s->flux + lane), vr_load(beyond + lane), vr_load(s->mass + lane),
                         coef_of(s, 0, 0, lane));
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
VR_INLINE void block_along(form form, int n, int first, const bs_sweep *s, real *scratch, carried *c)
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
            cell_and_face(form, vr_load(flux + at), vr_load(mass + at), vr_load(after + at),
                          coef_of(s, first + i, 0, chunk * VR_LANES), &c[chunk]);
        }
}

VR_INLINE void rows_along(form form, int n, int lanes, const bs_air_flux *flux, const bs_air_mass *air, int sides,
                          real *scratch, bs_sweep *s)
{
    carried c[CHUNKS];
    begin_along(form, lanes, flux, air, sides, s, c);
    for (int lane = 0; lane < lanes; lane++) row_along(n, lane, flux, air, sides, scratch);
    if (lanes < BS_LANES) idle_rows(n, lanes, scratch);
    for (int first = 0; first < n; first += BS_LANES) block_along(form, n, first, s, scratch, c);
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
        last_face(form, &c[chunk], coef_of(s, n, 0, chunk * VR_LANES));
        s->is_long |= any_long(c[chunk].worst);
    }
}

static void setup_along(bs_scheme scheme, int n, int lanes, const bs_air_flux *flux, const bs_air_mass *air, int sides,
                        real *scratch, bs_sweep *s)
{
    const real per_edge = (real)(1.0 / edges_of(scheme));
    begin_setup(scheme, n, lanes, scratch, s);
    if (is_bounded(scheme))
        rows_along((form){1, per_edge}, n, lanes, flux, air, sides, scratch, s);
    else
        rows_along((form){0, per_edge}, n, lanes, flux, air, sides, scratch, s);
    end_setup(scheme, n, air, sides, s);
}
