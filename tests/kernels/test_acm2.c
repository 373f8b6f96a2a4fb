/* Non-local mixing: budget, positivity, uniform profiles to the bit, linearity, K-theory, the split of the exchange. */
#include "tests/kernels/test_acm2_fixture.h"

#include "kernels/column/vdiff.h"

/* ROUND: each step rounds a cell's mixing ratio once; n steps add such errors at random. */
#define TOLERANCE_MASS(n) (4.0 * sqrt(n) * BS_REAL_EPSILON)

static double mass_of(const column *c, const real *q, int i)
{
    double sum = 0;
    for (int k = 0; k < c->s.nz; k++) sum += (double)c->mass[k * STRIDE + i] * (double)q[k * STRIDE + i];
    return sum;
}

static void uniform_stays_to_the_bit(void **unused)
{
    (void)unused;
    const double values[] = {0.1, 3.7e-8, 1.0, 41.3};
    for (uint64_t seed = 1; seed <= 6; seed++) {
        column *c = column_random(seed);
        memset(c->dep, 0, sizeof c->dep);
        factor(c, seed % 2 ? 300 : 1e5);
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            real q[NZ * STRIDE];
            double ground[STRIDE] = {0};
            for (int p = 0; p < NZ * STRIDE; p++) q[p] = (real)values[v];
            for (int n = 0; n < 10; n++) step(c, NULL, 0, q, ground);
            for (int p = 0; p < NZ * STRIDE; p++) assert_true(q[p] == (real)values[v]);
        }
        free(c);
    }
}

/* Mass gained is what was emitted less what the ground took. */
static void budget_closes(void **unused)
{
    (void)unused;
    enum { STEPS = 100 };
    double worst = 0;
    for (uint64_t seed = 3; seed < 8; seed++) {
        column *c = column_random(seed);
        real q[NZ * STRIDE] = {0};
        double ground[STRIDE] = {0}, emitted[STRIDE] = {0}, start[N];
        uint64_t noise = 5;
        factor(c, 300);
        for (int i = 0; i < N; i++) {
            for (int k = 0; k < NZ; k++) q[k * STRIDE + i] = (real)random_unit(&noise);
            start[i] = mass_of(c, q, i);
            for (int e = 0; e < 3; e++) emitted[i] += STEPS * 300.0 * (double)c->emission[e * STRIDE + i];
        }
        for (int n = 0; n < STEPS; n++) step(c, c->emission, 3, q, ground);
        for (int i = 0; i < N; i++) {
            const double error = mass_of(c, q, i) + ground[i] - start[i] - emitted[i];
            worst = fmax(worst, fabs(error) / (start[i] + emitted[i]));
            assert_true(ground[i] > 0);
        }
        free(c);
    }
    print_message("budget of %d steps closes to %.1f eps\n", STEPS, worst / BS_REAL_EPSILON);
    assert_true(worst <= TOLERANCE_MASS(STEPS));
}

/* A spike in the lowest layer under very strong plumes: all layers get their part of what it loses. */
static void strong_mixing_keeps_mass(void **unused)
{
    (void)unused;
    double worst = 0;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        column *c = column_random(seed);
        memset(c->dep, 0, sizeof c->dep);
        for (int k = 1; k < NZ; k++)
            for (int i = 0; i < N; i++) {
                c->mix[k * STRIDE + i] = (real)(i % 2 ? 50 : 0.1); /* dt mix/m up to 1500 */
                c->up[k * STRIDE + i] = (real)((NZ - k) * (i % 3 ? 2.5 : 0));
            }
        factor(c, 300);
        real q[NZ * STRIDE] = {0};
        double ground[STRIDE] = {0}, start[N];
        for (int i = 0; i < N; i++) {
            q[i] = 1;
            start[i] = mass_of(c, q, i);
        }
        step(c, NULL, 0, q, ground);
        for (int i = 0; i < N; i++) worst = fmax(worst, fabs(mass_of(c, q, i) - start[i]) / start[i]);
        free(c);
    }
    print_message("spike in strong mixing keeps its mass to %.1f eps\n", worst / BS_REAL_EPSILON);
    assert_true(worst <= TOLERANCE_MASS(4));
}

static void spikes_stay_positive(void **unused)
{
    (void)unused;
    const double steps[] = {1e-2, 300, 3600, 1e6};
    for (uint64_t seed = 1; seed <= 40; seed++) {
        column *c = column_random(seed);
        if (seed % 2)
            for (int i = 0; i < N; i++) c->dep[i] *= 100;
        factor(c, steps[seed % 4]);
        real q[NZ * STRIDE] = {0};
        double ground[STRIDE] = {0};
        for (int i = 0; i < N; i++) q[((i + (int)seed) % NZ) * STRIDE + i] = (real)pow(10, (double)(i % 9) - 6);
        for (int n = 0; n < 4; n++) {
            step(c, NULL, 0, q, ground);
            for (int k = 0; k < NZ; k++)
                for (int i = 0; i < N; i++) assert_true(q[k * STRIDE + i] >= 0);
        }
        free(c);
    }
}

static void tags_sum_to_the_total(void **unused)
{
    (void)unused;
    column *c = column_random(23);
    real total[NZ * STRIDE] = {0}, tag[2][NZ * STRIDE] = {{0}}, above[3 * STRIDE] = {0};
    double ground[3][STRIDE] = {{0}};
    factor(c, 300);
    memcpy(above + STRIDE, c->emission + STRIDE, 2 * STRIDE * sizeof(real)); /* layers 1 and 2 */
    for (int n = 0; n < 50; n++) {
        step(c, c->emission, 3, total, ground[0]);
        step(c, c->emission, 1, tag[0], ground[1]);
        step(c, above, 3, tag[1], ground[2]);
    }
    for (int i = 0; i < N; i++) {
        for (int p = i; p < NZ * STRIDE; p += STRIDE)
            assert_true(fabs((double)tag[0][p] + (double)tag[1][p] - (double)total[p]) <=
                        TOLERANCE_SOLVE * (double)total[p]);
        assert_true(fabs(ground[1][i] + ground[2][i] - ground[0][i]) <= TOLERANCE_SOLVE * ground[0][i]);
    }
    free(c);
}

/* Doubling q doubles every product exactly; and a column gives the same bits alone and among others whose plumes reach higher. */
static void columns_are_linear_and_independent(void **unused)
{
    (void)unused;
    for (int pick = 0; pick < N; pick++) {
        column *all = column_random(41), *one = column_random(41);
        real q[NZ * STRIDE], p[NZ * STRIDE];
        double ground[2][STRIDE] = {{0}};
        uint64_t seed = 9;
        for (int n = 0; n < NZ * STRIDE; n++) q[n] = p[n] = (real)random_unit(&seed);
        for (int k = 0; k < NZ; k++) {
            one->mass[k * STRIDE] = all->mass[k * STRIDE + pick];
            one->mix[k * STRIDE] = all->mix[k * STRIDE + pick];
            one->up[k * STRIDE] = all->up[k * STRIDE + pick];
            p[k * STRIDE] = 2 * q[k * STRIDE + pick];
        }
        one->dep[0] = all->dep[pick];
        one->s.n = 1;
        factor(all, 300);
        factor(one, 300);
        step(all, NULL, 0, q, ground[0]);
        step(one, NULL, 0, p, ground[1]);
        for (int k = 0; k < NZ; k++) assert_true(p[k * STRIDE] == 2 * q[k * STRIDE + pick]);
        assert_true(ground[1][0] == 2 * ground[0][pick]);
        free(all);
        free(one);
    }
}

static void without_plumes_it_is_k_theory(void **unused)
{
    (void)unused;
    double worst = 0;
    for (uint64_t seed = 1; seed <= 10; seed++) {
        column *c = column_random(seed);
        real a[NZ * STRIDE], b[NZ * STRIDE], of_k[(3 * NZ + 3) * STRIDE];
        double ground[2][STRIDE] = {{0}};
        uint64_t noise = seed;
        for (int p = 0; p < NZ * STRIDE; p++) a[p] = b[p] = (real)random_unit(&noise);
        for (int k = 1; k < NZ; k++) memset(c->up + k * STRIDE, 0, STRIDE * sizeof(real));
        factor(c, 300);
        bs_vdiff_factor_be(c->s, 300, c->mass, c->mix, c->dep, of_k);
        for (int n = 0; n < 10; n++) {
            step(c, c->emission, 3, a, ground[0]);
            bs_vdiff_kernels_for(bs_isa_best())
                ->solve_be(c->s, of_k, c->emission, 3, b, c->s.stride, NULL, ground[1], c->scratch);
        }
        for (int i = 0; i < N; i++) {
            for (int p = i; p < NZ * STRIDE; p += STRIDE)
                worst = fmax(worst, fabs((double)a[p] - (double)b[p]) / (double)b[p]);
            assert_true(fabs(ground[0][i] / ground[1][i] - 1) <= TOLERANCE_SOLVE);
        }
        free(c);
    }
    print_message("without plumes: %.1f eps from vdiff after 10 steps\n", worst / BS_REAL_EPSILON);
    assert_true(worst <= TOLERANCE_SOLVE);
}

static void one_layer_only_loses(void **unused)
{
    (void)unused;
    column *c = column_new(1);
    const real share = (real)0.5, air = 100;
    c->s.nz = 1;
    c->mass[0] = 50;
    c->mix[0] = c->mix[STRIDE] = (real)NAN;
    c->dep[0] = (real)0.1;
    bs_acm2_split(c->s, c->mass, &share, &air, c->mix, c->up);
    factor(c, 100);
    real q = 3, e = 1;
    double ground = 0;
    step(c, &e, 1, &q, &ground);
    assert_true(fabs((double)q - (50 * 3 + 100 * 1) / (50 + 100 * 0.1)) <= 4 * BS_REAL_EPSILON * 4);
    assert_true(fabs(ground - 100 * 0.1 * (double)q) <= 1e-6);
    free(c);
}

/* ---- the non-local share and the split ---- */

static void share_is_pleims(void **unused)
{
    (void)unused;
    const double at[] = {-1, -10, -50, -100}, want[] = {0.28, 0.46, 0.59, 0.64}; /* NUMERICS.md section 6, two digits */
    for (int n = 0; n < 4; n++) assert_true(fabs(bs_acm2_share(at[n]) - want[n]) <= 0.005);
    assert_true(bs_acm2_share(0) == 0 && bs_acm2_share(3) == 0 && bs_acm2_share(-1e-12) < 1e-3);
    assert_true(bs_acm2_share(-1e12) < 1 && bs_acm2_share(-1e12) > 0.999);
}

/* Uniform density 1, h inside a layer: Pleim's M2u (h - z), all mixing of the lowest half level kept, nothing aloft touched. */
static void split_shares_out_the_plumes(void **unused)
{
    (void)unused;
    const real share[] = {(real)0.5, 0, (real)0.5, (real)0.4}, air[] = {500, 500, 15, 1e6}; /* m; layers: FACES */
    column *c = column_new(4);
    real before[(NZ + 1) * STRIDE];
    for (int k = 0; k <= NZ; k++)
        for (int i = 0; i < 4; i++) {
            if (k < NZ) c->mass[k * STRIDE + i] = (real)(FACES[k + 1] - FACES[k]);
            before[k * STRIDE + i] = c->mix[k * STRIDE + i] = (real)(k % NZ ? 2 + 0.1 * k : NAN);
        }
    bs_acm2_split(c->s, c->mass, share, air, c->mix, c->up);
    for (int i = 0; i < 4; i++) {
        const double f = i == 2 ? 0 : (double)share[i], h = (double)air[i]; /* 15 m: within the lowest layer */
        assert_true(c->up[i] == 0 && c->up[NZ * STRIDE + i] == 0);
        for (int k = 1; k < NZ; k++) {
            const int p = k * STRIDE + i;
            const double inside = h > FACES[k] ? 1 : 0, m2u = f * (double)before[STRIDE + i] / (h - FACES[1]);
            const double want = inside * m2u * (h - FACES[k]);
            assert_true(fabs((double)c->up[p] - want) <= 8 * BS_REAL_EPSILON * (double)before[p]);
            assert_true(k == 1 || c->up[p] <= c->up[p - STRIDE]);
            if (f == 0 || !inside) assert_true(c->mix[p] == before[p]);
            assert_true(fabs((double)c->mix[p] - (1 - f * inside) * (double)before[p]) <=
                        2 * BS_REAL_EPSILON * (double)before[p]);
        }
        assert_true(fabs((double)(c->mix[STRIDE + i] + c->up[STRIDE + i] - before[STRIDE + i])) <=
                    4 * BS_REAL_EPSILON * (double)before[STRIDE + i]);
    }
    free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform_stays_to_the_bit),
        cmocka_unit_test(budget_closes),
        cmocka_unit_test(strong_mixing_keeps_mass),
        cmocka_unit_test(spikes_stay_positive),
        cmocka_unit_test(tags_sum_to_the_total),
        cmocka_unit_test(columns_are_linear_and_independent),
        cmocka_unit_test(without_plumes_it_is_k_theory),
        cmocka_unit_test(one_layer_only_loses),
        cmocka_unit_test(share_is_pleims),
        cmocka_unit_test(split_shares_out_the_plumes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
