/* Plume rise against the table of another code, whose set-up its first lines give.
 * Rows in which the centre of the plume stays in the stack's layer and its top leaves it are counted apart (plume_rise.h). */
#include <math.h>
#include <string.h>

#include "kernels/base/constants.h"
#include "kernels/column/plume_rise.h"
#include "tests/verification/verify.h"

enum { LAYERS = 20, COLUMNS = 13, ROWS = 512 };
static const double FACES[LAYERS + 1] = {0,   20,   45,   75,   115,  165,  230,  310,  410,  530, 680,
                                         860, 1070, 1320, 1610, 1950, 2350, 2800, 3300, 3900, 4600};

typedef struct row {
    double stack_height, diameter, temperature, velocity, dtheta_dz, heat_flux, pbl, ustar, u10, u_stack, t_stack,
        buoyancy, height;
} row;

/* 1 for a row of numbers. */
static int read_row(const char *line, row *r)
{
    return sscanf(line, "%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf,%lf", &r->stack_height, &r->diameter,
                  &r->temperature, &r->velocity, &r->dtheta_dz, &r->heat_flux, &r->pbl, &r->ustar, &r->u10, &r->u_stack,
                  &r->t_stack, &r->buoyancy, &r->height) == COLUMNS;
}

static bs_plume rise(const row *r)
{
    double wind[LAYERS], temperature[LAYERS], n2[LAYERS];
    for (int k = 0; k < LAYERS; k++) {
        const double z = 0.5 * (FACES[k] + FACES[k + 1]);
        temperature[k] = 283.15 - (0.00976 - r->dtheta_dz) * z;
        wind[k] = r->u10 * pow(fmax(z, 10) / 10, 0.2);
        n2[k] = BS_GRAVITY * r->dtheta_dz / temperature[k];
    }
    const bs_plume_column column = {.nz = LAYERS,
                                    .face = FACES,
                                    .temperature = temperature,
                                    .wind = wind,
                                    .n2 = n2,
                                    .ustar = r->ustar,
                                    .pbl = r->pbl,
                                    .heat_flux = r->heat_flux};
    const bs_stack stack = {r->stack_height, r->diameter, r->temperature, r->velocity};
    const bs_plume_air at = {r->t_stack, r->u_stack, BS_GRAVITY * r->dtheta_dz / r->t_stack};
    bs_plume plume;
    bs_plume_rise(&column, stack, at, &plume);
    return plume;
}

/* Whether the centre stays in the stack's layer while the top leaves it. */
static int set_apart(const row *r, const bs_plume *plume)
{
    int k = 0;
    while (k < LAYERS && FACES[k + 1] <= r->stack_height) k++;
    return k < LAYERS && plume->height < FACES[k + 1] && plume->top > FACES[k + 1];
}

int verify_rise(const verify *v)
{
    static const char *const problem = "plume rise", *const apart = "plume rise, centre in the stack's layer";
    FILE *f = verify_open(v, problem, "plume_rise_cmaq.csv");
    if (!f) return 0;
    char line[512];
    double number[2][ROWS], got[2][ROWS], want[2][ROWS], worst[2] = {0}, buoyancy = 0;
    int rows[2] = {0};
    row r;
    while (fgets(line, sizeof line, f)) {
        if (!read_row(line, &r) || rows[0] + rows[1] == ROWS) continue;
        const bs_plume plume = rise(&r);
        const int side = set_apart(&r, &plume), n = rows[side]++;
        number[side][n] = rows[0] + rows[1];
        got[side][n] = plume.height, want[side][n] = r.height;
        worst[side] = fmax(worst[side], fabs(plume.height / r.height - 1));
        buoyancy = fmax(buoyancy, fabs(plume.buoyancy / r.buoyancy - 1));
    }
    fclose(f);
    verify_value(v, problem, "layers", "largest relative error", worst[0]);
    verify_value(v, problem, "layers", "buoyancy flux", buoyancy);
    verify_value(v, problem, "layers", "rows", rows[0]);
    verify_series(v, problem, "layers", "kernel", rows[0], number[0], got[0]);
    verify_series(v, problem, "layers", "table", rows[0], number[0], want[0]);
    verify_value(v, apart, "layers", "rows", rows[1]);
    if (!rows[1]) return rows[0] ? 0 : -1;
    verify_value(v, apart, "layers", "largest relative error", worst[1]);
    verify_series(v, apart, "layers", "kernel", rows[1], number[1], got[1]);
    verify_series(v, apart, "layers", "table", rows[1], number[1], want[1]);
    return 0;
}
