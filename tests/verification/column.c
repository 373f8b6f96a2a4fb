/* The implicit column solve and deposition velocities against the reference tables. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/column/acm2.h"
#include "kernels/column/drydep.h"
#include "kernels/column/kz.h"
#include "kernels/column/vdiff.h"
#include "tests/verification/verify.h"

typedef enum how { BE, TR, ACM2, HOWS } how;
static const char *const NAMES[] = {"backward Euler", "TR-BDF2", "ACM2"};

enum { LAYERS = 20, FINE = 200 };
static const double FACES[LAYERS + 1] = {0,   20,   45,   75,   115,  165,  230,  310,  410,  530, 680,
                                         860, 1070, 1320, 1610, 1950, 2350, 2800, 3300, 3900, 4600};

/* One column; arrays as vdiff.h and acm2.h have them with n = 1 and a stride of W. */
enum { W = 16 };
typedef struct column {
    bs_strip s;
    real mass[FINE * W], mix[(FINE + 1) * W], up[(FINE + 1) * W], dep[W], q[FINE * W];
    real factors[(5 * FINE + 8) * W], scratch[2 * FINE * W];
    double deposited[1];
} column;

static void carry(column *c, how scheme, double dt, double t)
{
    if (scheme == ACM2) {
        bs_acm2_factor(c->s, dt, c->mass, c->mix, c->up, c->dep, c->factors);
    } else if (scheme == BE) {
        bs_vdiff_factor_be(c->s, dt, c->mass, c->mix, c->dep, c->factors);
    } else {
        bs_vdiff_factor_tr(c->s, dt, c->mass, c->mix, c->dep, c->factors);
    }
    for (int n = 0; n < (int)lround(t / dt); n++) {
        if (scheme == ACM2) {
            bs_acm2_solve(c->s, c->factors, NULL, 0, c->q, c->deposited, c->scratch);
        } else if (scheme == BE) {
            bs_vdiff_kernels_for(bs_isa_best())
                ->solve_be(c->s, c->factors, NULL, 0, c->q, c->s.stride, NULL, c->deposited, c->scratch);
        } else {
            bs_vdiff_solve_tr(c->s, c->factors, c->mass, NULL, 0, c->q, c->deposited, c->scratch);
        }
    }
}

static double mass_of(const column *c)
{
    double sum = 0;
    for (int k = 0; k < c->s.nz; k++) sum += (double)c->mass[W * k] * (double)c->q[W * k];
    return sum;
}

static void operator_start(column *c, how scheme, double h, double ustar, double length)
{
    memset(c, 0, sizeof *c);
    c->s = (bs_strip){.n = 1, .nz = LAYERS, .stride = W};
    for (int k = 0; k < LAYERS; k++) c->mass[W * k] = (real)(FACES[k + 1] - FACES[k]);
    for (int k = 1; k < LAYERS; k++) {
        /* no shear and strong stability leave the boundary-layer part and the floor of 0.1 */
        const double K = bs_kz(FACES[k], (bs_pbl){.height = h, .ustar = ustar, .inv_l = 1 / length}, 0, 1e-2, 0.1);
        c->mix[W * k] = (real)(K / (0.5 * (FACES[k + 1] - FACES[k - 1])));
    }
    const real share = (real)bs_acm2_share(h / length), air = (real)h;
    if (scheme == ACM2) bs_acm2_split(c->s, c->mass, &share, &air, c->mix, c->up);
    c->q[0] = 1;
}

static int column_operator(const verify *v)
{
    static const char *const problem = "column operator";
    FILE *f = verify_open(v, problem, "column_operator_expm.csv");
    column *c = calloc(1, sizeof *c);
    if (!c || !f) {
        free(c);
        if (f) fclose(f);
        return c ? 0 : -1;
    }
    char line[2048];
    double worst[HOWS] = {0}, drift[HOWS] = {0}, low[HOWS] = {0}, middle[LAYERS], got[LAYERS];
    int rows = 0;
    for (int k = 0; k < LAYERS; k++) middle[k] = 0.5 * (FACES[k] + FACES[k + 1]);
    while (fgets(line, sizeof line, f)) {
        const int plumes = strncmp(line, "ACM2,", 5) == 0;
        if (!plumes && strncmp(line, "K_", 2) != 0) continue;
        double r[5 + LAYERS] = {0}, largest = 0;
        int n = 0;
        for (char *at = strchr(line, ','); at && n < 5 + LAYERS; at = strchr(at + 1, ','))
            r[n++] = strtod(at + 1, NULL);
        char name[96];
        const int word = (int)strcspn(line, ",");
        if (plumes)
            snprintf(name, sizeof name, "%.*s, h/L = %.1f, t = %g s", word, line, r[0] / r[2], r[4]);
        else
            snprintf(name, sizeof name, "%.*s, t = %g s", word, line, r[4]);
        for (int k = 0; k < LAYERS; k++) largest = fmax(largest, r[5 + k]);
        for (int s = plumes ? ACM2 : BE; s < (plumes ? HOWS : ACM2); s++) {
            operator_start(c, (how)s, r[0], r[1], r[2]);
            const double before = mass_of(c);
            carry(c, (how)s, r[4] < 300 ? r[4] : 300, r[4]);
            double error = 0;
            for (int k = 0; k < LAYERS; k++) {
                got[k] = (double)c->q[W * k];
                error = fmax(error, fabs(got[k] - r[5 + k]) / largest);
                low[s] = fmin(low[s], got[k]);
            }
            drift[s] = fmax(drift[s], fabs(mass_of(c) / before - 1));
            if (r[4] >= 3600) worst[s] = fmax(worst[s], error);
            verify_value(v, name, NAMES[s], "linf", error);
            verify_series(v, name, NAMES[s], "q", LAYERS, middle, got);
        }
        verify_series(v, name, "exact", "q", LAYERS, middle, r + 5);
        rows++;
    }
    fclose(f);
    free(c);
    for (int s = 0; rows && s < HOWS; s++) {
        verify_value(v, problem, NAMES[s], "linf, t >= 1 h", worst[s]);
        verify_value(v, problem, NAMES[s], "mass", drift[s]);
        verify_value(v, problem, NAMES[s], "smallest q", low[s]);
    }
    return rows ? 0 : -1;
}

/* 200 layers of 5 m, the unit mass in the two layers that meet at 100 m, steps of 300 s. */
static int column_deposition(const verify *v)
{
    static const char *const problem = "column with deposition";
    FILE *f = verify_open(v, problem, "column_diffusion_deposition.csv");
    column *c = calloc(1, sizeof *c);
    if (!c || !f) {
        free(c);
        if (f) fclose(f);
        return c ? 0 : -1;
    }
    char line[512];
    double worst[HOWS] = {0}, relative[HOWS] = {0}, profile[HOWS] = {0}, closes[HOWS] = {0};
    int rows = 0;
    while (fgets(line, sizeof line, f)) {
        double K, v_d, H, z0, t, z, conc, left;
        if (sscanf(line, "%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf", &K, &v_d, &H, &z0, &t, &z, &conc, &left) != 8) continue;
        const double dz = H / FINE;
        for (int s = 0; s < ACM2; s++) {
            memset(c, 0, sizeof *c);
            c->s = (bs_strip){.n = 1, .nz = FINE, .stride = W};
            for (int k = 0; k < FINE; k++) c->mass[W * k] = (real)dz, c->mix[W * k] = (real)(K / dz);
            c->dep[0] = (real)v_d;
            const int at = (int)lround(z0 / dz);
            c->q[W * at] = c->q[W * (at - 1)] = (real)(0.5 / dz);
            carry(c, (how)s, 300, t);
            const double error = fabs(c->deposited[0] - (1 - left));
            const int face = (int)lround(z / dz); /* heights of the table are faces */
            const double here = 0.5 * ((double)c->q[W * (face - 1)] + (double)c->q[W * face]);
            double largest = 0;
            for (int k = 0; k < FINE; k++) largest = fmax(largest, (double)c->q[W * k]);
            worst[s] = fmax(worst[s], error);
            if (left < 0.98) relative[s] = fmax(relative[s], error / (1 - left));
            if (t >= 3600) profile[s] = fmax(profile[s], fabs(here - conc) / largest);
            closes[s] = fmax(closes[s], fabs(mass_of(c) + c->deposited[0] - 1));
        }
        rows++;
    }
    fclose(f);
    free(c);
    for (int s = 0; rows && s < ACM2; s++) {
        verify_value(v, problem, NAMES[s], "deposited mass", worst[s]);
        verify_value(v, problem, NAMES[s], "deposited mass, relative", relative[s]);
        verify_value(v, problem, NAMES[s], "profile, t >= 1 h", profile[s]);
        verify_value(v, problem, NAMES[s], "mass and deposit", closes[s]);
    }
    return rows ? 0 : -1;
}

int verify_column(const verify *v)
{
    return column_operator(v) || column_deposition(v) ? -1 : 0;
}

int verify_velocity(const verify *v)
{
    enum { SCHEMES = 2, ROWS = 64 };
    static const char *const problem = "deposition velocity";
    static const char *const names[] = {"zhang2001", "emerson2020"};
    static const bs_dry_scheme schemes[] = {BS_DRY_ZHANG2001, BS_DRY_EMERSON2020};
    FILE *f = verify_open(v, problem, "particle_dry_deposition.csv");
    if (!f) return 0;
    char line[512], name[64];
    double worst[SCHEMES + 1] = {0}, size[ROWS], got[SCHEMES][ROWS], want[SCHEMES][ROWS];
    int rows = 0, shown = 0;
    while (fgets(line, sizeof line, f)) {
        int number;
        double ustar, ra, d, vs, w[SCHEMES];
        if (sscanf(line, "%d,%63[^,],%lf,%lf,%lf,%lf,%lf,%lf", &number, name, &ustar, &ra, &d, &vs, &w[0], &w[1]) != 8)
            continue;
        const bs_surface_air air = {.temperature = 293.15, .pressure = 101325, .ustar = ustar, .resistance = ra};
        const bs_land_use lu = (bs_land_use)(number - 1);
        const int show = lu == BS_LU_CROPS && ustar == 0.3 && shown < ROWS;
        worst[SCHEMES] = fmax(worst[SCHEMES], fabs(bs_dry_velocity(BS_DRY_NONE, lu, 1500, d * 1e-6, air) / vs - 1));
        for (int s = 0; s < SCHEMES; s++) {
            const double here = bs_dry_velocity(schemes[s], lu, 1500, d * 1e-6, air);
            worst[s] = fmax(worst[s], fabs(here / w[s] - 1));
            if (show) got[s][shown] = here, want[s][shown] = w[s];
        }
        if (show) size[shown++] = d;
        rows++;
    }
    fclose(f);
    for (int s = 0; s < SCHEMES; s++) {
        verify_value(v, problem, names[s], "largest relative error", worst[s]);
        verify_series(v, problem, names[s], "kernel", shown, size, got[s]);
        verify_series(v, problem, names[s], "table", shown, size, want[s]);
    }
    verify_value(v, problem, "settling", "largest relative error", worst[SCHEMES]);
    verify_value(v, problem, "all", "rows", rows);
    return rows ? 0 : -1;
}
