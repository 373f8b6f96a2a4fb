/* Borders on the grid: who neighbours whom, which faces part them, what their sums are. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/state/borders.h"
#include "model/state/boundary.h"

enum { NX = 6, NY = 5, NZ = 3, REGIONS = 2, CELLS = NX * NY };
static const double ROUND = 1e-12; /* a few sums of doubles of order 1 */

/* Rows from the south: 0 and 1 are regions, 2 lies in none. */
static const int LABEL[CELLS] = {0, 0, 0, 1, 1, 1, /**/
                                 0, 0, 0, 1, 1, 1, /**/
                                 0, 0, 0, 0, 1, 1, /**/
                                 0, 0, 0, 0, 1, 1, /**/
                                 2, 2, 0, 0, 1, 1};

static bs_mesh *mesh_make(void)
{
    const bs_mesh_spec spec = {"+proj=longlat +R=6370000", NX, NY, 0.1, 0.1, 100, 0};
    bs_mesh *mesh = NULL;
    bs_err err = {.text = ""};
    if (bs_mesh_create(&spec, &mesh, &err) != BS_OK) fail_msg("%s", err.text);
    return mesh;
}

static const bs_tiling ONE = {.nx = NX, .ny = NY, .px = 1, .py = 1};

static bs_borders *borders_of_tile(const bs_tiling *tiling, int rank, const int *label)
{
    const bs_borders_size size = {.nz = NZ, .n_low = 1, .n_tracers = 2, .n_regions = REGIONS};
    const bs_tile tile = bs_tiling_tile(tiling, rank);
    bs_borders *b = NULL;
    bs_err err = {.text = ""};
    if (bs_borders_create(tiling, &tile, &size, label, &b, &err) != BS_OK) fail_msg("%s", err.text);
    return b;
}

static bs_borders *borders_make(const int *label)
{
    return borders_of_tile(&ONE, 0, label);
}

static int pair_of(const bs_borders *b, int a, int other)
{
    for (int p = 0; p < b->n_pairs; p++)
        if (b->pair[p].a == a && b->pair[p].b == other) return p;
    return -1;
}

static void every_parting_face_is_there_once(void **state)
{
    (void)state;
    bs_borders *b = borders_make(LABEL);
    int inner = 0, sides = 0;
    for (int j = 0; j < NY; j++)
        for (int i = 1; i < NX; i++) inner += LABEL[j * NX + i] != LABEL[j * NX + i - 1];
    for (int j = 1; j < NY; j++)
        for (int i = 0; i < NX; i++) inner += LABEL[j * NX + i] != LABEL[(j - 1) * NX + i];
    for (int f = 0; f < b->n_faces; f++) {
        const bs_border_face *face = &b->face[f];
        const bs_border_pair pair = b->pair[face->pair];
        assert_true(pair.a < pair.b);
        for (int g = 0; g < f; g++)
            assert_false(face->axis == b->face[g].axis && face->j == b->face[g].j && face->i == b->face[g].i);
        if (pair.b > REGIONS) {
            sides++;
            continue;
        }
        inner--;
        const int high = LABEL[face->j * NX + face->i],
                  low = LABEL[face->j * NX + face->i - (face->axis == 0 ? 1 : NX)];
        assert_int_equal(face->turned ? high : low, pair.a);
        assert_int_equal(face->turned ? low : high, pair.b);
    }
    assert_int_equal(inner, 0);
    assert_int_equal(sides, 2 * (NX + NY));
    for (int p = 1; p < b->n_pairs; p++)
        assert_true(b->pair[p - 1].a < b->pair[p].a ||
                    (b->pair[p - 1].a == b->pair[p].a && b->pair[p - 1].b < b->pair[p].b));
    assert_true(pair_of(b, 0, 1) >= 0 && pair_of(b, 0, REGIONS) >= 0);
    assert_true(pair_of(b, 1, REGIONS) < 0); /* they do not touch */
    assert_true(pair_of(b, 0, bs_borders_side(b, BS_WEST)) >= 0 && pair_of(b, 1, bs_borders_side(b, BS_WEST)) < 0);
    assert_true(pair_of(b, REGIONS, bs_borders_side(b, BS_NORTH)) >= 0);
    bs_borders_destroy(b);
}

/* Each face of the mesh is one tile's, with the same pair and sense. */
static void tiles_share_out_the_faces(void **state)
{
    (void)state;
    const bs_tiling four = {.nx = NX, .ny = NY, .px = 2, .py = 2, .overlap = 2};
    bs_borders *whole = borders_make(LABEL);
    int counted[2 * (NX + 1) * (NY + 1)] = {0}, n = 0;
    for (int r = 0; r < 4; r++) {
        const bs_tile tile = bs_tiling_tile(&four, r);
        bs_borders *b = borders_of_tile(&four, r, LABEL);
        assert_int_equal(b->n_pairs, whole->n_pairs);
        assert_int_equal(b->n_all, whole->n_faces);
        for (int f = 0; f < b->n_faces; f++, n++) {
            const bs_border_face *here = &b->face[f], *there = &whole->face[b->place[f]];
            assert_int_equal(counted[b->place[f]]++, 0);
            assert_int_equal(here->axis, there->axis);
            assert_int_equal(tile.j0 + here->j, there->j);
            assert_int_equal(tile.i0 + here->i, there->i);
            assert_int_equal(here->pair, there->pair);
            assert_true(here->turned == there->turned);
        }
        bs_borders_destroy(b);
    }
    assert_int_equal(n, whole->n_faces);
    bs_borders_destroy(whole);
}

static void faces_of_a_pencil_follow_each_other(void **state)
{
    (void)state;
    bs_borders *b = borders_make(LABEL);
    assert_int_equal(b->first_x[0], 0);
    assert_int_equal(b->first_x[NY], b->first_y[0]);
    assert_int_equal(b->first_y[NX], b->n_faces);
    for (int axis = 0; axis < 2; axis++)
        for (int p = 0; p < (axis ? NX : NY); p++) {
            const int *first = axis ? b->first_y : b->first_x;
            for (int f = first[p], last = -1; f < first[p + 1]; f++) {
                const int at = axis ? b->face[f].j : b->face[f].i;
                assert_int_equal(b->face[f].axis, axis);
                assert_int_equal(axis ? b->face[f].i : b->face[f].j, p);
                assert_true(at > last);
                last = at;
            }
        }
    bs_borders_destroy(b);
}

/* Every face moves something of its own. */
static void fill(bs_borders *b)
{
    for (int t = 0; t < b->n_tracers; t++)
        for (int k = 0; k < NZ; k++)
            for (int f = 0; f < b->n_faces; f++) {
                const bs_border_face *face = &b->face[f];
                const double size = 1e9 * (1 + t) * (1 + k) * (1 + face->axis + 2 * face->i + 20 * face->j);
                double *moved = bs_borders_at(b, t, k, f);
                moved[BS_FLOW_UP] = 3 * size;
                moved[BS_FLOW_DOWN] = size;
                moved[BS_FLOW_DIFFUSED] = -0.5 * size;
            }
}

static bs_border_flow flow_of(const bs_borders *b, int tracer, int pair)
{
    bs_border_flow *flow = malloc(sizeof *flow * (size_t)b->n_pairs);
    bs_sum *sum = malloc(sizeof *sum * (size_t)b->n_pairs * BS_BORDER_SUMS);
    assert_true(flow && sum);
    bs_borders_sums(b, tracer, sum);
    bs_borders_flows(b, sum, flow);
    const bs_border_flow out = flow[pair];
    free(flow);
    free(sum);
    return out;
}

static void near(double a, double b)
{
    if (!(fabs(a - b) <= ROUND * (fabs(a) + fabs(b)))) fail_msg("%.17g is not %.17g", a, b);
}

static void sums_are_those_of_the_faces(void **state)
{
    (void)state;
    bs_borders *b = borders_make(LABEL);
    const int pair = pair_of(b, 0, 1);
    double up = 0, down = 0, low = 0, diffused = 0;
    fill(b);
    for (int k = 0; k < NZ; k++)
        for (int f = 0; f < b->n_faces; f++) {
            const double *moved = bs_borders_at(b, 1, k, f);
            if (b->face[f].pair != pair) continue;
            assert_false(b->face[f].turned && b->face[f].axis == 0); /* 1 lies east of 0 */
            const double sign = b->face[f].turned ? -1 : 1;
            up += moved[b->face[f].turned ? BS_FLOW_DOWN : BS_FLOW_UP] * 1e-9;
            down += moved[b->face[f].turned ? BS_FLOW_UP : BS_FLOW_DOWN] * 1e-9;
            diffused += sign * moved[BS_FLOW_DIFFUSED] * 1e-9;
            if (k < 1) low += sign * 1e-9 * (moved[BS_FLOW_UP] - moved[BS_FLOW_DOWN] + moved[BS_FLOW_DIFFUSED]);
        }
    const bs_border_flow flow = flow_of(b, 1, pair), other = flow_of(b, 0, pair);
    near(flow.forward, up);
    near(flow.backward, down);
    near(flow.diffused, diffused);
    near(flow.low, low);
    near(bs_border_net(&flow), up - down + diffused);
    near(flow.forward, 2 * other.forward); /* tracers are kept apart */
    bs_borders_clear(b);
    const bs_border_flow nothing = flow_of(b, 1, pair);
    assert_true(nothing.forward == 0 && nothing.backward == 0 && nothing.diffused == 0 && nothing.low == 0);
    bs_borders_destroy(b);
}

/* The same map with the two regions' numbers exchanged: the same border seen from its other end, to the bit. */
static void names_are_symmetric(void **state)
{
    (void)state;
    int other[CELLS];
    for (int c = 0; c < CELLS; c++) other[c] = LABEL[c] == 2 ? 2 : 1 - LABEL[c];
    bs_borders *a = borders_make(LABEL), *b = borders_make(other);
    fill(a), fill(b);
    const bs_border_flow x = flow_of(a, 0, pair_of(a, 0, 1)), y = flow_of(b, 0, pair_of(b, 0, 1));
    assert_true(x.forward == y.backward && x.backward == y.forward && x.diffused == -y.diffused && x.low == -y.low);
    assert_true(x.forward > 0 && x.forward != x.backward);
    bs_borders_destroy(a), bs_borders_destroy(b);
}

static void lines_run_where_borders_do(void **state)
{
    (void)state;
    bs_mesh *mesh = mesh_make();
    bs_borders *b = borders_make(LABEL);
    int *use = calloc((size_t)b->n_pairs, sizeof *use);
    assert_non_null(use);
    const double degree = 6370000 * 3.14159265358979323846 / 180, equator = 0.001; /* cos of half a degree */
    use[pair_of(b, 0, 1)] = 1; /* five faces northward, one eastward in the middle */
    bs_border_line l = bs_borders_line(b, mesh, use);
    assert_true(fabs(l.length / (0.6 * degree) - 1) < equator);
    assert_true(fabs(l.across_x - 5 / 6.0) < equator && fabs(l.across_y + 1 / 6.0) < equator);
    assert_true(fabs(l.lon - (100 + (2 * 0.3 + 0.35 + 3 * 0.4) / 6)) < equator);
    assert_true(fabs(l.lat - (2 * 0.1 + 0.2 + 3 * 0.35) / 6) < equator);
    use[pair_of(b, 0, 1)] = -1;
    const bs_border_line back = bs_borders_line(b, mesh, use);
    assert_true(back.length == l.length && back.across_x == -l.across_x && back.across_y == -l.across_y);
    use[pair_of(b, 0, 1)] = 0;
    use[pair_of(b, 1, bs_borders_side(b, BS_EAST))] = 1;
    l = bs_borders_line(b, mesh, use);
    assert_true(fabs(l.lon - 100.6) < 1e-9 && l.across_x > 1 - 1e-9);
    use[pair_of(b, 1, bs_borders_side(b, BS_EAST))] = 0;
    use[pair_of(b, 0, bs_borders_side(b, BS_WEST))] = 1;
    l = bs_borders_line(b, mesh, use);
    assert_true(l.across_x < -1 + 1e-9); /* from the region to the side */
    free(use);
    bs_borders_destroy(b);
    bs_mesh_destroy(mesh);
}

static void a_balance_names_its_parts(void **state)
{
    (void)state;
    bs_borders *b = borders_make(LABEL);
    bs_border_record *r = NULL;
    bs_err err = {.text = ""};
    assert_int_equal(bs_border_record_create(b, &r, &err), BS_OK);
    r->flow[pair_of(b, 0, 1)] = (bs_border_flow){.forward = 10, .backward = 4, .diffused = 1};
    r->flow[pair_of(b, 0, REGIONS)] = (bs_border_flow){.forward = 2, .backward = 5};
    r->flow[pair_of(b, 0, bs_borders_side(b, BS_WEST))] = (bs_border_flow){.backward = 20};
    r->account[0] = (bs_region_account){.before = 100, .after = 117, .emitted = 7, .dry = 3, .wet = 2};
    const bs_region_balance zero = bs_border_balance(b, r, 0, 0), one = bs_border_balance(b, r, 0, 1),
                            none = bs_border_balance(b, r, 0, REGIONS);
    near(zero.from_regions, -7);
    near(zero.from_elsewhere, 3);
    near(zero.from_sides, 20);
    near(zero.taken, 100 + 7 + 4 + 5 + 20);
    near(zero.residual, 17 - (7 - 7 + 3 + 20 - 3 - 2));
    near(one.from_regions, 7);
    near(one.taken, 10);
    near(none.from_regions, -3); /* of what lies in no region: regions are all its neighbours */
    near(none.from_elsewhere, 0);
    const bs_border_record same = bs_border_record_from(b, r, 0), next = bs_border_record_from(b, r, 1);
    assert_true(same.flow == r->flow && same.account == r->account);
    assert_true(next.flow == r->flow + b->n_pairs && next.account == r->account + REGIONS + 1);
    bs_border_record_destroy(r);
    bs_border_record_destroy(NULL);
    bs_borders_destroy(b);
    bs_borders_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_parting_face_is_there_once),
                                       cmocka_unit_test(tiles_share_out_the_faces),
                                       cmocka_unit_test(faces_of_a_pencil_follow_each_other),
                                       cmocka_unit_test(sums_are_those_of_the_faces),
                                       cmocka_unit_test(names_are_symmetric),
                                       cmocka_unit_test(lines_run_where_borders_do),
                                       cmocka_unit_test(a_balance_names_its_parts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
