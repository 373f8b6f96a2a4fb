/* ACM2 in the column operator: the kernel on the forcing in the middle of the step, plumes by day, K-theory without them; and the words
 * of the option stand in the order of the operator's choices. */
#include "tests/model/test_operators_fixture.h"

#include "kernels/column/acm2.h"
#include "model/config/config.h"

/* One column by the kernel, from the state and the forcing's middle at the weight w. */
static void by_hand(const world *w, int tracer, int j, int i, double weight, const real *old, real *q)
{
    const bs_strip s = {.n = 1, .nz = NZ, .stride = 1};
    const int at = j * NX + i;
    real mass[NZ], mix[NZ + 1], up[NZ + 1], dep = 0, scratch[NZ], factors[5 * NZ + 8], emission[N_EMIT];
    double deposited = 0;
    const real w0 = (real)(1 - weight), w1 = (real)weight;
    for (int k = 0; k < NZ; k++) {
        mass[k] = (real)(air(w, k, j, i) * (1 / w->mesh->area[at]));
        q[k] = old[tracer * w->box.volume + bs_at(&w->box, k, j, i)];
        if (k < N_EMIT)
            emission[k] =
                (real)((double)w->emission.rate[(tracer * N_EMIT + k) * NX * NY + at] * 1e9 / w->mesh->area[at]);
    }
    for (int k = 0; k <= NZ; k++)
        mix[k] = w0 * w->end[0]->mix[k * NX * NY + at] + w1 * w->end[1]->mix[k * NX * NY + at];
    const real share = w0 * w->end[0]->nonlocal[at] + w1 * w->end[1]->nonlocal[at];
    const real pbl_air = w0 * w->end[0]->pbl_air[at] + w1 * w->end[1]->pbl_air[at];
    assert_true(bs_acm2_factor_len(s) == 5 * NZ + 8 && bs_acm2_scratch_len(s) == NZ);
    bs_acm2_split(s, mass, &share, &pbl_air, mix, up);
    bs_acm2_factor(s, DT, mass, mix, up, &dep, factors);
    bs_acm2_solve(s, factors, emission, N_EMIT, q, &deposited, scratch);
}

static void the_operator_is_the_kernel(void **state)
{
    (void)state;
    world w = two_tracers(LAMBERT, BS_ACT_EMIT | BS_ACT_MIX);
    w.options.mixing = BS_MIX_ACM2;
    fill_emission(&w);
    real *old = copy_of(&w), q[NZ];
    apply(&w, &BS_OP_COLUMN, DT);
    for (int t = 0; t < 2; t++)
        for (int j = 0; j < NY; j++)
            for (int i = 0; i < NX; i++) {
                by_hand(&w, t, j, i, 0.5 * DT / w.seconds, old, q);
                for (int k = 0; k < NZ;
                     k++) { /* ROUND: in double factors of the emission are multiplied in another order */
                    const double of_operator = (double)*cell(&w, t, k, j, i), error = fabs(of_operator - (double)q[k]);
                    assert_true(error <= (BS_DOUBLE ? 8 * (double)BS_REAL_EPSILON * (double)q[k] : 0));
                }
            }
    free(old);
    world_free(&w);
}

/* Spreads 10 ug kg-1 of the lowest layer; returns the mean of layer k. */
static double lifted(bs_mixing mixing, double share, int k)
{
    world w = two_tracers(UNIT, BS_ACT_MIX);
    w.options.mixing = mixing;
    fill_uniform(&w, 0);
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) *cell(&w, 0, 0, j, i) = 10;
    for (int e = 0; e < 2; e++)
        for (int c = 0; c < NX * NY; c++) {
            for (int n = 1; n < NZ; n++) w.end[e]->mix[n * NX * NY + c] = (real)(n < 6 ? 0.1 : 0);
            w.end[e]->nonlocal[c] = (real)share;
            w.end[e]->pbl_air[c] = 3500; /* kg m-2: layers 0 to 4 and half of 5 */
        }
    apply(&w, &BS_OP_COLUMN, DT);
    double sum = 0;
    for (int j = 0; j < NY; j++)
        for (int i = 0; i < NX; i++) sum += (double)*cell(&w, 0, k, j, i) / (NX * NY);
    world_free(&w);
    return sum;
}

static void plumes_skip_layers(void **state)
{
    (void)state;
    for (int k = 1; k < 5; k++) { /* by K-theory the tracer has not come far in ten minutes */
        const double k_theory = lifted(BS_MIX_BACKWARD_EULER, 0.5, k), plumes = lifted(BS_MIX_ACM2, 0.5, k);
        const double none = lifted(BS_MIX_ACM2, 0, k);
        print_message("  layer %d: %.4f by K-theory, %.4f with plumes\n", k, k_theory, plumes);
        assert_true(k == 1 ? plumes < k_theory : plumes > k_theory);
        assert_true(fabs(none / k_theory - 1) < 8 * EPS);
    }
    assert_true(lifted(BS_MIX_ACM2, 0.5, 4) > 3 * lifted(BS_MIX_BACKWARD_EULER, 0.5, 4));
    assert_true(lifted(BS_MIX_ACM2, 0.5, 6) == 0); /* closed above */
}

static void words_stand_in_the_order_of_the_choices(void **state)
{
    (void)state;
    static const char *const words[] = {[BS_MIX_BACKWARD_EULER] = "backward_euler",
                                        [BS_MIX_TR_BDF2] = "tr_bdf2",
                                        [BS_MIX_ACM2] = "acm2",
                                        [BS_MIX_NONE] = "none"};
    char all[64] = "";
    for (size_t n = 0; n < sizeof words / sizeof *words; n++) {
        if (n) strcat(all, "|");
        strcat(all, words[n]);
    }
    int n_options, found = 0;
    const bs_option *options = bs_options(&n_options);
    for (int o = 0; o < n_options; o++)
        if (strcmp(options[o].path, "operators.vertical_diffusion") == 0) {
            assert_string_equal(options[o].choices, all);
            found++;
        }
    assert_int_equal(found, 1);
}

int main(void)
{
    bs_threads_start(2);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_operator_is_the_kernel),
        cmocka_unit_test(plumes_skip_layers),
        cmocka_unit_test(words_stand_in_the_order_of_the_choices),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
