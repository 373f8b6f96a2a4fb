/* Non-local mixing against a dense solve and against the exponential of its matrix. */
#include "tests/kernels/test_acm2_fixture.h"

#include <stdio.h>

#include "kernels/column/kz.h"

/* SCIENCE: NUMERICS.md section 8, linf over the profile's maximum, from 1 h on with dt = 300 s. */
#define TOLERANCE_BE 0.07
/* SCIENCE: NUMERICS.md section 8, share of the mass. */
#define TOLERANCE_DEPOSIT 0.005
enum { DENSE = NZ + 1 };

/* Wider than the kernel's reals in either build. */
typedef long double wide;
typedef wide matrix[DENSE][DENSE];

/* Rates of column i by equation (1): d(m q)/dt = rate q; the last row is what the ground takes. */
static void rates(const column *c, int i, matrix a)
{
    memset(a, 0, sizeof(matrix));
    for (int k = 1; k < NZ; k++) {
        const double mix = (double)c->mix[k * STRIDE + i], up = (double)c->up[k * STRIDE + i];
        for (int side = -1; side <= 1; side += 2) { /* what leaves layer k - 1 enters layer k */
            const int row = side < 0 ? k - 1 : k;
            a[row][k - 1] += side * mix;
            a[row][0] += side * up;
            a[row][k] -= side * (mix + up);
        }
    }
    a[0][0] -= (double)c->dep[i];
    a[NZ][0] += (double)c->dep[i];
}

/* x = (M - dt A)^-1 b by elimination. */
static void dense_step(const column *c, int i, double dt, const wide *b, wide *x)
{
    matrix a;
    wide rhs[NZ];
    rates(c, i, a);
    for (int r = 0; r < NZ; r++) {
        for (int k = 0; k < NZ; k++) a[r][k] *= -dt;
        a[r][r] += (double)c->mass[r * STRIDE + i];
        rhs[r] = b[r];
    }
    for (int p = 0; p < NZ; p++) { /* columns are diagonally dominant: no exchange is needed */
        for (int r = p + 1; r < NZ; r++) {
            const wide w = a[r][p] / a[p][p];
            for (int k = p; k < NZ; k++) a[r][k] -= w * a[p][k];
            rhs[r] -= w * rhs[p];
        }
    }
    for (int p = NZ - 1; p >= 0; p--) {
        x[p] = rhs[p];
        for (int k = p + 1; k < NZ; k++) x[p] -= a[p][k] * x[k];
        x[p] /= a[p][p];
    }
}

/* out = scale x y */
static void times(wide scale, matrix x, matrix y, matrix out)
{
    for (int r = 0; r < DENSE; r++)
        for (int k = 0; k < DENSE; k++) {
            out[r][k] = 0;
            for (int m = 0; m < DENSE; m++) out[r][k] += scale * x[r][m] * y[m][k];
        }
}

/* q and what the ground took, exact in time: exp(M^-1 A t) by its series at t/2^20, squared 20 times. */
static void exact(const column *c, int i, double t, double *q)
{
    enum { SQUARINGS = 20, TERMS = 6 };
    matrix a, sum, power = {{0}}, next;
    rates(c, i, a);
    for (int r = 0; r < NZ; r++)
        for (int k = 0; k < DENSE; k++) a[r][k] /= (double)c->mass[r * STRIDE + i];
    for (int r = 0; r < DENSE; r++) power[r][r] = 1;
    memcpy(sum, power, sizeof sum);
    for (int n = 1; n <= TERMS; n++) {
        times((wide)ldexp(t, -SQUARINGS) / n, power, a, next);
        memcpy(power, next, sizeof next);
        for (int r = 0; r < DENSE; r++)
            for (int k = 0; k < DENSE; k++) sum[r][k] += power[r][k];
    }
    for (int n = 0; n < SQUARINGS; n++) {
        times(1, sum, sum, next);
        memcpy(sum, next, sizeof next);
    }
    wide out[DENSE] = {0};
    for (int r = 0; r < DENSE; r++)
        for (int k = 0; k < DENSE; k++) out[r] += sum[r][k] * q[k];
    for (int r = 0; r < DENSE; r++) q[r] = (double)out[r];
}

static void solves_the_equations(void **unused)
{
    (void)unused;
    const double steps[] = {1, 300, 3600};
    double worst = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        const double dt = steps[seed % 3];
        column *c = column_random(seed);
        real q[NZ * STRIDE], old[NZ * STRIDE];
        double ground[STRIDE] = {0};
        uint64_t noise = 100 + seed;
        for (int p = 0; p < NZ * STRIDE; p++) old[p] = q[p] = (real)pow(10, 3 * random_unit(&noise));
        factor(c, dt);
        step(c, c->emission, 3, q, ground);
        for (int i = 0; i < N; i++) {
            wide b[NZ], x[NZ];
            double largest = 0;
            for (int k = 0; k < NZ; k++) {
                b[k] = (wide)c->mass[k * STRIDE + i] * (wide)old[k * STRIDE + i];
                if (k < 3) b[k] += dt * (wide)c->emission[k * STRIDE + i];
                largest = fmax(largest, (double)old[k * STRIDE + i]);
            }
            dense_step(c, i, dt, b, x);
            for (int k = 0; k < NZ; k++) worst = fmax(worst, fabs((double)(q[k * STRIDE + i] - x[k])) / largest);
            const double taken = (double)(dt * c->dep[i] * x[0]);
            assert_true(fabs(ground[i] - taken) <= TOLERANCE_SOLVE * (taken + dt * (double)c->dep[i] * largest));
        }
        free(c);
    }
    print_message("dense solve: %.1f eps of the largest value\n", worst / BS_REAL_EPSILON);
    assert_true(worst <= TOLERANCE_SOLVE);
}

/* A column of the reference table's air: density 1 kg m-3. */
static column *column_of(double h, double ustar, double length)
{
    column *c = column_new(1);
    const real share = (real)bs_acm2_share(h / length), air = (real)h;
    for (int k = 0; k < NZ; k++) c->mass[k * STRIDE] = (real)(FACES[k + 1] - FACES[k]);
    for (int k = 1; k < NZ;
         k++) { /* no shear and strong stability leave the boundary-layer part and the floor of 0.1 */
        const double K = bs_kz(FACES[k], (bs_pbl){.height = h, .ustar = ustar, .inv_l = 1 / length}, 0, 1e-2, 0.1);
        c->mix[k * STRIDE] = (real)(K / (0.5 * (FACES[k + 1] - FACES[k - 1])));
    }
    bs_acm2_split(c->s, c->mass, &share, &air, c->mix, c->up);
    return c;
}

static void reference_operator(void **unused)
{
    (void)unused;
    FILE *f = fopen(BS_SHARED_DIR "/reference/column_operator_expm.csv", "r");
    if (!f) {
        print_message("skipped: reference/column_operator_expm.csv is not here\n");
        skip();
    }
    char line[2048];
    int rows = 0;
    while (fgets(line, sizeof line, f)) {
        if (strncmp(line, "ACM2,", 5) != 0) continue;
        double v[5 + NZ] = {0}, same[DENSE] = {1}, worst = 0, largest = 0, own = 0;
        int n = 0;
        for (char *at = strchr(line, ','); at && n < 5 + NZ; at = strchr(at + 1, ',')) v[n++] = strtod(at + 1, NULL);
        assert_int_equal(n, 5 + NZ);
        column *c = column_of(v[0], v[1], v[2]);
        assert_true(fabs(bs_acm2_share(v[0] / v[2]) - v[3]) < 5e-7); /* the table's digits */
        real q[NZ * STRIDE] = {1};
        double ground[1] = {0};
        const double dt = v[4] < 300 ? v[4] : 300;
        factor(c, dt);
        for (int s = 0; s < (int)lround(v[4] / dt); s++) step(c, NULL, 0, q, ground);
        exact(c, 0, v[4], same);
        for (int k = 0; k < NZ; k++) {
            worst = fmax(worst, fabs((double)q[k * STRIDE] - v[5 + k]));
            own = fmax(own, fabs(same[k] - v[5 + k]));
            largest = fmax(largest, v[5 + k]);
        }
        print_message("h/L %5.1f t %5g s: %.5f in time, %.1e in space\n", v[0] / v[2], v[4], worst / largest,
                      own / largest);
        assert_true(own <= (TOLERANCE_SOLVE + 1e-9) * largest); /* the very operator of the table, to its digits */
        if (v[4] >= 3600) assert_true(worst <= TOLERANCE_BE * largest);
        free(c);
        rows++;
    }
    fclose(f);
    assert_true(rows >= 10);
}

/* Deposition on: half the step, half the error. */
static void first_order_in_time(void **unused)
{
    (void)unused;
    double error[3], ground_error = 0;
    for (int turn = 0; turn < 3; turn++) {
        const double dt = 60 >> turn, t = 600;
        column *c = column_of(1320, 0.4, -50);
        c->dep[0] = (real)0.01;
        real q[NZ * STRIDE];
        double ground[1] = {0}, want[DENSE] = {0}, start = 0;
        for (int k = 0; k < NZ; k++) {
            want[k] = 1 + exp(-FACES[k] / 500);
            q[k * STRIDE] = (real)want[k];
            start += (double)c->mass[k * STRIDE] * want[k];
        }
        factor(c, dt);
        for (int n = 0; n < (int)lround(t / dt); n++) step(c, NULL, 0, q, ground);
        exact(c, 0, t, want);
        error[turn] = 0;
        for (int k = 0; k < NZ; k++) error[turn] = fmax(error[turn], fabs((double)q[k * STRIDE] - want[k]));
        ground_error = fmax(ground_error, fabs(ground[0] - want[NZ]) / start);
        free(c);
    }
    const double order = log2(error[1] / error[2]);
    print_message("error %.2e, %.2e, %.2e: order %.2f; deposit off by %.1e of the mass\n", error[0], error[1], error[2],
                  order, ground_error);
    assert_true(fabs(order - 1) < 0.2); /* ORDER */
    assert_true(ground_error <= TOLERANCE_DEPOSIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(solves_the_equations),
        cmocka_unit_test(reference_operator),
        cmocka_unit_test(first_order_in_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
