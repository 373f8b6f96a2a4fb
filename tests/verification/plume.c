/* Steady plume from a line source at height h over wind u = a z^p and diffusivity K = b z^n under a lid, advection along x by
 * ppm6_sel and vertical mixing by TR-BDF2 in turn (mixing over half a step, advection, mixing).
 * Reference powerlaw_plume.csv, the bounded form (Demuth 1978, Atmos. Environ. 12, 1871-1874).
 *
 * The way from 200 m to 50 km is cut at the table's distances; each part is carried until it is steady and hands the profile
 * at its end to the next, so that cells grow with the plume. Layers are equal from the ground to the source, which lies in the
 * middle of one of them, and grow above it.
 *
 * Conductances take K at the face. The harmonic mean of K, 1 / integral dz/K, is that of a flux which does not vary between two
 * middles; here the flux vanishes towards the ground as z does, and with 30 levels that mean is 0.045 off there in case A (0.015
 * with K at the face) and of order 1.5 in case C. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/advection/sweep.h"
#include "kernels/column/vdiff.h"
#include "tests/verification/bundle.h"
#include "tests/verification/verify.h"

enum { MAX_LEVELS = 64, MAX_CELLS = 128, BEYOND = 4, DISTANCES = 8, HEIGHTS = 12 };
static const double X[DISTANCES] = {200, 500, 1000, 2000, 5000, 10000, 20000, 50000};

typedef struct plume_case {
    char name[32];
    double a, p, b, n, h, H;
    int rows[DISTANCES];
    double z[DISTANCES][HEIGHTS], c[DISTANCES][HEIGHTS];
} plume_case;

typedef struct part {
    int levels, cells, source; /* layer of the source */
    double face[MAX_LEVELS + 1], u[MAX_LEVELS], inflow[MAX_LEVELS];
    real q[MAX_LEVELS * MAX_CELLS], mass[MAX_LEVELS * MAX_CELLS], mix[(MAX_LEVELS + 1) * MAX_CELLS], dep[MAX_CELLS];
    real factors[(3 * MAX_LEVELS + 3) * MAX_CELLS], column_scratch[2 * MAX_LEVELS * MAX_CELLS];
    double deposited[MAX_CELLS];
    double flux[(MAX_CELLS + 1) * BS_LANES], air[(MAX_CELLS + 2 * BS_GHOST) * BS_LANES];
    real bundle[(MAX_CELLS + 2 * BS_GHOST) * BS_LANES], phi[(MAX_CELLS + 1) * BS_LANES], *sweep_scratch;
} part;

static double middle(const part *s, int k)
{
    return 0.5 * (s->face[k] + s->face[k + 1]);
}

/* Thickness as 1 up to h and growing by 1 every h/5 above; as many of the layers lie below h as that asks for, rounded so that h
 * is the middle of one. */
static void levels(const plume_case *of, part *s)
{
    const double growth = 0.2 * of->h, above = growth * log((of->H - of->h) / growth + 1);
    s->source = (int)(s->levels * of->h / (of->h + above));
    const double thin = of->h / (s->source + 0.5), from = (s->source + 1) * thin;
    const double rate = log((of->H - from) / growth + 1) / (s->levels - s->source - 1);
    for (int k = 0; k <= s->levels; k++) {
        const int over = k - s->source - 1;
        s->face[k] = over <= 0 ? k * thin : from + growth * (exp(rate * over) - 1);
    }
    for (int l = 0; l < s->levels; l++)
        s->u[l] = of->a * (pow(s->face[l + 1], of->p + 1) - pow(s->face[l], of->p + 1)) /
                  ((of->p + 1) * (s->face[l + 1] - s->face[l]));
}

/* A source of 1 kg m-1 s-1 in the middle of its layer. */
static void source(part *s)
{
    memset(s->inflow, 0, sizeof s->inflow);
    s->inflow[s->source] = 1 / (s->u[s->source] * (s->face[s->source + 1] - s->face[s->source]));
}

static void mixing(const plume_case *of, part *s, double dt)
{
    const bs_strip strip = {.n = s->cells, .nz = s->levels, .stride = s->cells};
    memset(s->dep, 0, sizeof s->dep);
    for (int k = 0; k < s->levels; k++)
        for (int i = 0; i < s->cells; i++) {
            s->mass[k * s->cells + i] = (real)(s->face[k + 1] - s->face[k]);
            if (k)
                s->mix[k * s->cells + i] = (real)(of->b * pow(s->face[k], of->n) / (middle(s, k) - middle(s, k - 1)));
        }
    bs_vdiff_factor_tr(strip, dt, s->mass, s->mix, s->dep, s->factors);
}

static void mix(part *s)
{
    const bs_strip strip = {.n = s->cells, .nz = s->levels, .stride = s->cells};
    bs_vdiff_solve_tr(strip, s->factors, s->mass, NULL, 0, s->q, s->deposited, s->column_scratch);
}

static void advect(part *s, double dt_over_dx)
{
    const bs_sweep_kernels *k = bs_sweep_kernels_for(bs_isa_best());
    const int n = s->cells;
    double through[2 * BS_LANES];
    for (int first = 0; first < s->levels; first += BS_LANES) {
        const int lanes = s->levels - first < BS_LANES ? s->levels - first : BS_LANES;
        real *cells = s->bundle + BS_GHOST * BS_LANES;
        bs_sweep sweep;
        k->rows_in(n, lanes, s->q + first * n, n, cells);
        for (int l = 0; l < BS_LANES; l++) {
            const int lane = l < lanes ? l : lanes - 1;
            for (int g = 1; g <= BS_GHOST; g++) {
                cells[-g * BS_LANES + l] = (real)s->inflow[first + lane];
                cells[(n - 1 + g) * BS_LANES + l] = cells[(n - 1) * BS_LANES + l];
            }
            for (int f = 0; f <= n; f++) s->flux[f * BS_LANES + l] = s->u[first + lane] * dt_over_dx;
        }
        for (int a = 0; a < (n + 2 * BS_GHOST) * BS_LANES; a++) s->air[a] = 1;
        bundle_setup(k, BS_PPM6_SEL, n, s->flux, s->air, s->sweep_scratch, &sweep);
        const bs_pencils pencils = bundle_pencils(n, s->bundle);
        k->total[BS_PPM6_SEL](&sweep, s->sweep_scratch, &pencils, s->phi, through);
        k->rows_out(n, lanes, cells, s->q + first * n, n);
    }
}

/* From the inflow to the steady state; the profile at `cells - BEYOND` cells downwind becomes the next inflow. */
static void carry(const plume_case *of, part *s, double length)
{
    const int n = s->cells, end = n - BEYOND;
    const double dx = length / end, dt = dx / s->u[s->levels - 1];
    for (int k = 0; k < s->levels; k++)
        for (int i = 0; i < n; i++) s->q[k * n + i] = (real)s->inflow[k];
    mixing(of, s, dt / 2);
    const int steps = (int)(3 * n * s->u[s->levels - 1] / s->u[0]);
    for (int t = 0; t < steps; t++) {
        mix(s);
        advect(s, dt / dx);
        mix(s);
    }
    for (int k = 0; k < s->levels; k++) {
        const real *q = s->q + k * n + end;
        s->inflow[k] = (7 * ((double)q[-1] + (double)q[0]) - ((double)q[-2] + (double)q[1])) / 12;
    }
}

/* Cubic through four middles. */
static double profile_at(const part *s, double z)
{
    int k = 0;
    while (k + 4 < s->levels && middle(s, k + 2) < z) k++;
    double sum = 0;
    for (int a = k; a < k + 4; a++) {
        double w = s->inflow[a];
        for (int b = k; b < k + 4; b++)
            if (b != a) w *= (z - middle(s, b)) / (middle(s, a) - middle(s, b));
        sum += w;
    }
    return sum;
}

typedef struct plume_errors {
    double l2, worst_l2;         /* all heights and distances; worst distance */
    double ground, ground_above; /* lowest height: from 1 % of its largest on; from 5 % on */
} plume_errors;

/* Ground values below 1 % of their largest along x are left out of `ground`. */
static plume_errors run(const verify *v, const plume_case *of, part *s, int show)
{
    plume_errors e = {0};
    double sum = 0, norm = 0, largest = 0, ground[DISTANCES];
    levels(of, s);
    source(s);
    for (int d = 0; d < DISTANCES; d++)
        for (int r = 0; r < of->rows[d]; r++)
            if (of->z[d][r] == 1) largest = fmax(largest, of->c[d][r]);
    double x[DISTANCES], exact[DISTANCES];
    int shown = 0;
    for (int d = 0; d < DISTANCES; d++) {
        double sum_here = 0, norm_here = 0;
        carry(of, s, X[d] - (d ? X[d - 1] : 0));
        for (int r = 0; r < of->rows[d]; r++) {
            const double c = profile_at(s, of->z[d][r]), want = of->c[d][r];
            sum_here += (c - want) * (c - want), norm_here += want * want;
            if (of->z[d][r] != 1) continue;
            x[shown] = X[d], exact[shown] = want, ground[shown++] = c;
            if (want <= 0.01 * largest) continue;
            e.ground = fmax(e.ground, fabs(c / want - 1));
            if (want > 0.05 * largest) e.ground_above = fmax(e.ground_above, fabs(c / want - 1));
        }
        if (norm_here > 0) e.worst_l2 = fmax(e.worst_l2, sqrt(sum_here / norm_here));
        sum += sum_here, norm += norm_here;
    }
    e.l2 = sqrt(sum / norm);
    if (show) {
        char problem[64];
        snprintf(problem, sizeof problem, "power-law plume %s", of->name);
        verify_series(v, problem, "30 levels", "ground", shown, x, ground);
        verify_series(v, problem, "exact", "ground", shown, x, exact);
    }
    return e;
}

/* Cases in the order of the file; returns their number. */
static int read_cases(FILE *f, int most, plume_case *cases)
{
    char line[512], name[32];
    int n = 0;
    while (fgets(line, sizeof line, f)) {
        double r[10];
        if (sscanf(line, "%31[^,],%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf", name, r, r + 1, r + 2, r + 3, r + 4, r + 5,
                   r + 6, r + 7, r + 8, r + 9) != 11)
            continue;
        if (!n || strcmp(cases[n - 1].name, name) != 0) {
            if (n == most) break;
            cases[n] = (plume_case){.a = r[0], .p = r[1], .b = r[2], .n = r[3], .h = r[4], .H = r[5]};
            memcpy(cases[n++].name, name, sizeof name);
        }
        plume_case *of = &cases[n - 1];
        for (int d = 0; d < DISTANCES; d++)
            if (r[6] == X[d] && of->rows[d] < HEIGHTS) {
                of->z[d][of->rows[d]] = r[7];
                of->c[d][of->rows[d]++] = r[9];
            }
    }
    return n;
}

static void tell(const verify *v, const plume_case *of, part *s)
{
    enum { RUNS = 2 };
    static const char *const names[RUNS] = {"30 levels", "60 levels"};
    char problem[64];
    plume_errors e[RUNS];
    snprintf(problem, sizeof problem, "power-law plume %s", of->name);
    for (int r = 0; r < RUNS; r++) {
        s->levels = 30 << r, s->cells = (48 << r) + BEYOND;
        e[r] = run(v, of, s, r == 0);
        verify_value(v, problem, names[r], "l2", e[r].l2);
        verify_value(v, problem, names[r], "l2, worst distance", e[r].worst_l2);
        verify_value(v, problem, names[r], "ground", e[r].ground);
        verify_value(v, problem, names[r], "ground, 5 % of its largest or more", e[r].ground_above);
    }
    verify_value(v, problem, "30-60 levels", "order", log2(e[0].l2 / e[1].l2));
}

int verify_plume(const verify *v)
{
    enum { MOST = 8 };
    FILE *f = verify_open(v, "power-law plume", "powerlaw_plume.csv");
    if (!f) return 0;
    part *s = calloc(1, sizeof *s);
    plume_case *cases = calloc(MOST, sizeof *cases);
    if (s) s->sweep_scratch = aligned_alloc(64, (bs_sweep_scratch_len(MAX_CELLS) * sizeof(real) + 63) / 64 * 64);
    const int ok = s && cases && s->sweep_scratch, n = ok ? read_cases(f, MOST, cases) : 0;
    for (int c = 0; c < n; c++) tell(v, &cases[c], s);
    fclose(f);
    if (s) free(s->sweep_scratch);
    free(s);
    free(cases);
    return n ? 0 : -1;
}
