/* Transposes of the column solves: <M x + E e, y> = <x, M^T y> + <e, E^T y>, x = m q. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/column/acm2.h"
#include "kernels/column/acm2_adjoint.h"
#include "kernels/column/settle.h"
#include "kernels/column/vdiff_adjoint.h"

enum { NZ = 20, N = 37, STRIDE = BS_STRIP, FIELD = NZ * STRIDE, N_EMIT = 4 };

/* Relative to |M x| |y|: some roundings a layer, which do not add up; of TR-BDF2 in each of up to 200 substeps. */
static const double DOT = BS_DOUBLE ? 1e-14 : 1e-6;

static const bs_strip SHAPE = {.n = N, .nz = NZ, .stride = STRIDE};

typedef enum solver { BACKWARD_EULER, TR_BDF2, PLUMES, SETTLING, SOLVERS } solver;

typedef struct column {
    real mass[FIELD], mix[FIELD + STRIDE], up[FIELD + STRIDE], dep[STRIDE], flow[FIELD], emission[N_EMIT * STRIDE];
    real q[FIELD], s[FIELD];
    real factors[(5 * NZ + 8) * STRIDE], scratch[4 * FIELD];
    double asked[FIELD], work[(2 * NZ + 6) * STRIDE];
} column;

static double random_unit(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (double)(*state >> 11) / 9007199254740992.0;
}

/* K from 0.1 to 1000 m2 s-1, layers of 20 to 600 m, plumes to a random height, a ground that takes. */
static column *column_random(uint64_t seed)
{
    column *c = calloc(1, sizeof *c);
    assert_non_null(c);
    for (int i = 0; i < N; i++) {
        const int reach = i % 4 ? 1 + (int)(NZ * random_unit(&seed)) : 0;
        double up = pow(10, 2 * random_unit(&seed) - 1);
        c->dep[i] = i % 3 ? (real)(0.05 * random_unit(&seed)) : 0;
        for (int k = 0; k < NZ; k++) {
            const int at = k * STRIDE + i;
            c->mass[at] = (real)((20 + 30 * k) * (0.5 + random_unit(&seed)));
            c->mix[at] = (real)(pow(10, 4 * random_unit(&seed) - 1) / 40);
            c->up[at] = k > 0 && k < reach ? (real)up : 0;
            c->flow[at] = (real)(0.01 * random_unit(&seed));
            up *= random_unit(&seed);
            c->q[at] = (real)(2 * random_unit(&seed) - 0.5);
            c->s[at] = (real)(2 * random_unit(&seed) - 1);
            if (k < N_EMIT) c->emission[at] = (real)random_unit(&seed);
        }
    }
    return c;
}

static void forward(column *c, solver how, double dt)
{
    double deposited[STRIDE] = {0};
    if (how == BACKWARD_EULER) {
        bs_vdiff_factor_be(SHAPE, dt, c->mass, c->mix, c->dep, c->factors);
        bs_vdiff_kernels_for(bs_isa_best())
            ->solve_be(SHAPE, c->factors, c->emission, N_EMIT, c->q, STRIDE, NULL, deposited, c->scratch);
    } else if (how == TR_BDF2) {
        bs_vdiff_factor_tr(SHAPE, dt, c->mass, c->mix, c->dep, c->factors);
        bs_vdiff_solve_tr(SHAPE, c->factors, c->mass, c->emission, N_EMIT, c->q, deposited, c->scratch);
    } else if (how == PLUMES) {
        bs_acm2_factor(SHAPE, dt, c->mass, c->mix, c->up, c->dep, c->factors);
        bs_acm2_solve(SHAPE, c->factors, c->emission, N_EMIT, c->q, deposited, c->scratch);
    } else {
        bs_settle_factor(SHAPE, dt, c->mass, c->flow, c->factors);
        bs_settle(SHAPE, c->factors, c->q, STRIDE, deposited);
    }
}

/* With the factors of the forward step. */
static void backward(column *c, solver how, double dt)
{
    double deposited[STRIDE] = {0};
    if (how == BACKWARD_EULER) {
        bs_vdiff_kernels_for(bs_isa_best())
            ->solve_be(SHAPE, c->factors, NULL, 0, c->s, STRIDE, NULL, deposited, c->scratch);
        for (int at = 0; at < FIELD; at++) c->asked[at] = dt * (double)c->s[at];
    } else if (how == TR_BDF2) {
        assert_true(bs_vdiff_adjoint_scratch_len(SHAPE) <= (ptrdiff_t)(sizeof c->scratch / sizeof(real)));
        bs_vdiff_adjoint_tr(SHAPE, c->factors, c->s, c->asked, c->scratch);
    } else if (how == PLUMES) {
        assert_true(bs_acm2_adjoint_scratch_len(SHAPE) <= (ptrdiff_t)(sizeof c->work / sizeof(double)));
        bs_acm2_adjoint(SHAPE, dt, c->mass, c->mix, c->up, c->dep, c->s, c->asked, c->work);
    } else {
        bs_settle_adjoint(SHAPE, c->factors, c->s, STRIDE);
    }
}

static void are_the_transposes(void **state)
{
    (void)state;
    static const double DT[] = {1, 60, 360};
    for (int how = 0; how < SOLVERS; how++)
        for (int d = 0; d < 3; d++) {
            column *c = column_random(11u + (uint64_t)d), *old = malloc(sizeof *old);
            assert_non_null(old);
            *old = *c;
            forward(c, (solver)how, DT[d]);
            backward(c, (solver)how, DT[d]);
            double left = 0, right = 0, size_x = 0, size_y = 0;
            for (int k = 0; k < NZ; k++)
                for (int i = 0; i < N; i++) {
                    const int at = k * STRIDE + i;
                    const double m = (double)c->mass[at], x = m * (double)c->q[at], y = (double)old->s[at];
                    left += x * y, size_x += x * x, size_y += y * y;
                    right += m * (double)old->q[at] * (double)c->s[at];
                    if (k < N_EMIT && how != SETTLING) right += (double)c->emission[at] * c->asked[at];
                }
            const double off = fabs(left - right) / sqrt(size_x * size_y);
            if (!(off <= DOT)) fail_msg("solver %d, dt %g: %g", how, DT[d], off);
            free(c), free(old);
        }
}

/* A layer's emission counts as much as its mass would, spread over the step: in between what it counts before and after. Where the
 * ground takes nothing and all counts alike, exactly dt. */
static void uniform_stays_over_a_closed_ground(void **state)
{
    (void)state;
    for (int how = 0; how < SETTLING; how++) {
        column *c = column_random(5);
        memset(c->dep, 0, sizeof c->dep);
        for (int at = 0; at < FIELD; at++) c->s[at] = (real)0.7;
        real *q = malloc(sizeof c->q);
        assert_non_null(q);
        memcpy(q, c->q, sizeof c->q);
        forward(c, (solver)how, 360);
        backward(c, (solver)how, 360);
        for (int k = 0; k < NZ; k++)
            for (int i = 0; i < N; i++) {
                const int at = k * STRIDE + i;
                const double eps = (double)BS_REAL_EPSILON;
                if (how != PLUMES) assert_true(c->s[at] == (real)0.7); /* to the bit */
                assert_true(fabs((double)c->s[at] - 0.7) <= 2 * eps);
                assert_true(fabs(c->asked[at] - 360 * 0.7) <= 360 * 64 * eps);
            }
        free(q), free(c);
    }
}

/* What falls out of the lowest layer counts for nothing any more. */
static void settling_by_hand(void **state)
{
    (void)state;
    enum { HIGH = 2 };
    const bs_strip s = {.n = 1, .nz = HIGH, .stride = 1};
    const real mass[HIGH] = {100, 50}, flow[HIGH] = {(real)0.5, (real)0.25};
    real factors[2 * HIGH + 1], y[HIGH] = {1, 0};
    bs_settle_factor(s, 100, mass, flow, factors); /* out: 50/150, 25/75 */
    bs_settle_adjoint(s, factors, y, 1);
    assert_true(fabs((double)y[0] - 2.0 / 3) < 4 * (double)BS_REAL_EPSILON);
    assert_true(fabs((double)y[1] - 2.0 / 9) < 4 * (double)BS_REAL_EPSILON);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_the_transposes),
        cmocka_unit_test(uniform_stays_over_a_closed_ground),
        cmocka_unit_test(settling_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
