/* Dry deposition of lognormal modes (pleim2022) against the table of another code, which ran in single precision: where
 * x = V_s (R_a + R_d) is small, its 1 - exp(-x) has lost digits, and its rows count apart. */
#include <float.h>
#include <math.h>

#include "kernels/column/drydep_pleim.h"
#include "tests/verification/verify.h"

enum { MOMENTS = 3, ROWS = 64, SHOWN_LAND = 12 };
#define DIGITS_LOST 5e-5 /* of a row's value, by rounding of the table */

typedef struct row {
    int number; /* of the land use */
    bs_ground ground;
    double ustar, diameter, sigma, want[MOMENTS];
} row;

static int read_row(const char *line, row *r)
{
    double resistance;
    if (sscanf(line, "%d,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf", &r->number, &r->ground.cover, &r->ground.leaf_area,
               &r->ustar, &resistance, &r->diameter, &r->sigma, &r->want[0], &r->want[1], &r->want[2]) != 10)
        return 0;
    r->ground.land = bs_modis_land_numbered(r->number);
    return r->ground.land < BS_ML_COUNT;
}

/* The set-up of the table's first line. */
static double velocity(const row *r, bs_moment moment, double *settling)
{
    const bs_surface_air air = {.temperature = 293.15,
                                .pressure = 101325,
                                .ustar = r->ustar,
                                .resistance = log(100) / (0.4 * r->ustar),
                                .wind10 = r->ustar * log(100) / 0.4};
    const double exchange =
        bs_dry_modal_exchange(&r->ground, 1500, r->diameter * 1e-6, r->sigma, moment, air, settling);
    return *settling + exchange;
}

int verify_modes(const verify *v)
{
    static const char *const problem = "deposition of modes", *const apart = "deposition of modes, digits lost";
    static const char *const names[MOMENTS] = {"number", "surface", "mass"};
    static const bs_moment moments[MOMENTS] = {BS_MOMENT_NUMBER, BS_MOMENT_SURFACE, BS_MOMENT_MASS};
    FILE *f = verify_open(v, problem, "particle_dry_deposition_cmaq.csv");
    if (!f) return 0;
    char line[512];
    double worst[2][MOMENTS] = {{0}}, size[ROWS], got[MOMENTS][ROWS], want[MOMENTS][ROWS];
    int rows = 0, values[2] = {0}, shown = 0;
    row r;
    while (fgets(line, sizeof line, f)) {
        if (!read_row(line, &r)) continue;
        const int show = r.number == SHOWN_LAND && r.ustar == 0.3 && r.sigma > 1.5 && shown < ROWS;
        for (int m = 0; m < MOMENTS; m++) {
            double settling = 0;
            const double here = velocity(&r, moments[m], &settling);
            const int side = FLT_EPSILON / -log1p(-settling / here) > DIGITS_LOST;
            worst[side][m] = fmax(worst[side][m], fabs(here / r.want[m] - 1));
            values[side]++;
            if (show) got[m][shown] = here, want[m][shown] = r.want[m];
        }
        if (show) size[shown++] = r.diameter;
        rows++;
    }
    fclose(f);
    for (int m = 0; m < MOMENTS; m++) {
        verify_value(v, problem, names[m], "largest relative error", worst[0][m]);
        verify_value(v, apart, names[m], "largest relative error", worst[1][m]);
        verify_series(v, problem, names[m], "kernel", shown, size, got[m]);
        verify_series(v, problem, names[m], "table", shown, size, want[m]);
    }
    verify_value(v, problem, "all", "rows", rows);
    verify_value(v, problem, "all", "values", values[0]);
    verify_value(v, apart, "all", "values", values[1]);
    return rows ? 0 : -1;
}
