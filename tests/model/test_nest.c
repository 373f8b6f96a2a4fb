/* One-way nesting: linear fields are met, uniform ones stay, tags take what they should, bad files are named. */
#include "test_nest_fixture.h"

#include "model/io/nc.h"

/* ROUND: float fields and heights (6e-8 of each, on both sides), relative, with room for ten of them. */
static const double LINEAR = 6e-7;

static const char *const FILES = "initial: {type: file, file: fields3d.nc}\nboundary: {type: file, file: fields3d.nc}";
static const double CORNER_X = -70000, CORNER_Y = -80000; /* of the fine mesh, well inside the coarser one */

static double linear(int species, double x, double y, double z, double t)
{
    return (species + 1) * (20 + 10 * x + 5 * y + 8 * z + 3 * t);
}

static double small(int species, double x, double y, double z, double t)
{
    (void)x, (void)y, (void)z, (void)t;
    return species == 0 ? 3.7e-8 : 0.1;
}

/* x, y of the fine cell in the coarser mesh's widths; its middle's height, km. */
static void place_of(const nest_test *t, int k, int j, int i, double place[3])
{
    const int c = j * FNX + i;
    double x = t->c.mesh->lon[c], y = t->c.mesh->lat[c];
    assert_int_equal(bs_projection_forward(t->coarse->projection, 1, &x, &y), 0);
    place[0] = (x - t->coarse->x0) / t->coarse->dx / NX;
    place[1] = (y - t->coarse->y0) / t->coarse->dy / NY;
    const real *half = t->met->z_half + k * FNX * FNY + c;
    place[2] = 0.5 * ((double)half[0] + (double)half[FNX * FNY]) / 1000;
}

static double within(double low, double value, double high)
{
    return fmin(fmax(value, low), high);
}

/* `linear` at the cell, held constant beyond the coarser run's outer centres and its lowest and highest middles. */
static double expected(const nest_test *t, int species, int k, int j, int i, double hour)
{
    double p[3];
    place_of(t, k, j, i, p);
    p[0] = within(0.5 / NX, p[0], 1 - 0.5 / NX);
    p[1] = within(0.5 / NY, p[1], 1 - 0.5 / NY);
    const double lowest = 0.5e-3 * top_at(1, p[0], p[1], hour);
    const double highest = 0.5e-3 * (top_at(NZ - 1, p[0], p[1], hour) + top_at(NZ, p[0], p[1], hour));
    return linear(species, p[0], p[1], within(lowest, p[2], highest), hour);
}

static bool takes(const bs_tracer *row, bs_role tag)
{
    return row->role == BS_ROLE_TOTAL || row->role == tag;
}

static void check_initial(nest_test *t)
{
    bs_nest *nest;
    need_ok(bs_nest_open(&t->c, "initial", t->c.start, t->c.start, &nest, &t->err), &t->err);
    need_ok(bs_nest_initial(nest, t->met, t->state, &t->err), &t->err);
    bs_nest_close(nest);
    double largest = 0;
    for (int n = 0; n < t->c.tracers->n; n++) {
        const bs_tracer *row = &t->c.tracers->row[n];
        const int species = row->total == 0 ? 0 : 1;
        for (int k = 0; k < FNZ; k++)
            for (int j = 0; j < FNY; j++)
                for (int i = 0; i < FNX; i++) {
                    const double found = (double)bs_state_q(t->state, n)[bs_at(&t->state->box, k, j, i)];
                    const double right = takes(row, BS_ROLE_INITIAL) ? expected(t, species, k, j, i, 1.0) : 0;
                    largest = fmax(largest, fabs(found - right) / fmax(right, 1e-30));
                    if (!takes(row, BS_ROLE_INITIAL)) assert_true(found == 0);
                }
    }
    print_message("largest error of initial values: %.2e\n", largest);
    assert_true(largest < LINEAR);
}

static void check_boundary(nest_test *t, bs_nest *nest, double hour)
{
    double largest = 0;
    const bs_time now = t->c.start + (bs_time)lround((hour - 1) * HOUR);
    need_ok(bs_nest_boundary(nest, now, t->met, t->boundary, &t->err), &t->err);
    for (int s = 0; s < BS_SIDES; s++)
        for (int n = 0; n < t->c.tracers->n; n++) {
            const bs_tracer *row = &t->c.tracers->row[n];
            for (int k = 0; k < FNZ; k++)
                for (int at = 0; at < bs_boundary_length(t->boundary, (bs_side)s); at++) {
                    const int i = s == BS_WEST ? 0 : s == BS_EAST ? FNX - 1 : at;
                    const int j = s == BS_SOUTH ? 0 : s == BS_NORTH ? FNY - 1 : at;
                    const double found = (double)bs_boundary_at(t->boundary, (bs_side)s, n, k)[at];
                    if (!takes(row, BS_ROLE_BOUNDARY)) {
                        assert_true(found == 0);
                        continue;
                    }
                    const double right = expected(t, row->total == 0 ? 0 : 1, k, j, i, hour);
                    largest = fmax(largest, fabs(found - right) / right);
                }
        }
    print_message("largest error of boundary values at hour %g: %.2e\n", hour, largest);
    assert_true(largest < LINEAR);
}

static void check_linear(nest_test *t)
{
    bs_nest *nest;
    t->w.q = linear;
    write_coarse(t);
    make_fine(t, FILES, 9000, CORNER_X, CORNER_Y);
    check_initial(t);
    need_ok(bs_nest_open(&t->c, "boundary", t->c.start, t->c.end, &nest, &t->err), &t->err);
    const double hours[] = {1, 1.25, 1.5, 2, 2.75, 3, 1.1}; /* the last one goes back, as a second call may */
    for (size_t h = 0; h < sizeof hours / sizeof *hours; h++) check_boundary(t, nest, hours[h]);
    bs_nest_close(nest);
}

static void a_linear_field_is_reproduced(void **state)
{
    check_linear(*state);
}

static void from_a_longitude_latitude_mesh_too(void **state)
{
    nest_test *t = *state;
    t->w.projection = LONLAT;
    t->w.degrees = true;
    check_linear(t);
}

static void within_half_a_cell_of_the_outline_values_are_held(void **state)
{
    nest_test *t = *state;
    double p[3];
    t->w.q = linear;
    write_coarse(t);
    make_fine(t, FILES, 9000, -180000, -203000);
    place_of(t, 0, 0, 0, p);
    assert_true(p[0] > 0 && p[0] < 0.5 / NX && p[1] > 0 && p[1] < 0.5 / NY);
    check_initial(t);
}

static void a_uniform_field_stays_to_the_bit(void **state)
{
    nest_test *t = *state;
    bs_nest *nest;
    t->w.q = small;
    write_coarse(t);
    make_fine(t, FILES, 9000, CORNER_X, CORNER_Y);
    need_ok(bs_nest_open(&t->c, "initial", t->c.start, t->c.start, &nest, &t->err), &t->err);
    need_ok(bs_nest_initial(nest, t->met, t->state, &t->err), &t->err);
    bs_nest_close(nest);
    need_ok(bs_nest_open(&t->c, "boundary", t->c.start, t->c.end, &nest, &t->err), &t->err);
    need_ok(bs_nest_boundary(nest, t->c.start + 1234, t->met, t->boundary, &t->err), &t->err);
    bs_nest_close(nest);
    for (int n = 0; n < t->c.tracers->n; n++) {
        if (t->c.tracers->row[n].role != BS_ROLE_TOTAL) continue;
        const real value = n == 0 ? (real)3.7e-8 : (real)0.1;
        for (int k = 0; k < FNZ; k++) {
            for (int j = 0; j < FNY; j++)
                for (int i = 0; i < FNX; i++)
                    assert_true(bs_state_q(t->state, n)[bs_at(&t->state->box, k, j, i)] == value);
            for (int s = 0; s < BS_SIDES; s++)
                for (int at = 0; at < bs_boundary_length(t->boundary, (bs_side)s); at++)
                    assert_true(bs_boundary_at(t->boundary, (bs_side)s, n, k)[at] == value);
        }
    }
}

/* ---- bad input ---- */

static void refused(nest_test *t, const char *section, const char *const *words)
{
    bs_nest *nest = NULL;
    const bool boundary = section[0] == 'b';
    assert_int_equal(bs_nest_open(&t->c, section, t->c.start, boundary ? t->c.end : t->c.start, &nest, &t->err),
                     BS_ERR_INPUT);
    assert_null(nest);
    for (; *words; words++) assert_says(t->err.text, *words);
}
#define REFUSED(t, section, ...) refused(t, section, (const char *const[]){__VA_ARGS__, NULL})

static void rounded_fields_are_refused(void **state)
{
    nest_test *t = *state;
    t->w.q = linear;
    t->w.output = "output: {fields3d: {interval: 1 hour, unrounded: false}}";
    write_coarse(t);
    make_fine(t, FILES, 9000, CORNER_X, CORNER_Y);
    REFUSED(t, "boundary", "fine.yaml:6:", "boundary.file", "fields3d.nc", "is rounded (12 mantissa bits",
            "output.fields3d.unrounded: true");
}

static void a_missing_species_is_named(void **state)
{
    nest_test *t = *state;
    t->w.q = linear;
    t->w.n_species = 1;
    write_coarse(t);
    make_fine(t, FILES, 9000, CORNER_X, CORNER_Y);
    REFUSED(t, "initial", "fine.yaml:5:", "initial.file", "'q_inert'", "q_pm25", "tracers.species");
}

static void times_that_are_missing_are_named(void **state)
{
    nest_test *t = *state;
    t->w.q = linear;
    t->w.from = 2;
    write_coarse(t);
    make_fine(t, FILES, 9000, CORNER_X, CORNER_Y);
    REFUSED(t, "boundary", "2015-01-10T02:00:00Z to 2015-01-10T04:00:00Z",
            "boundary values 2015-01-10T01:00:00Z to 2015-01-10T02:00:00Z is missing", "time.spinup");
    REFUSED(t, "initial", "no record of 2015-01-10T01:00:00Z");
}

static void an_end_that_comes_too_early_is_named(void **state)
{
    nest_test *t = *state;
    t->w.q = linear;
    t->w.to = 2;
    write_coarse(t);
    make_fine(t, FILES, 9000, CORNER_X, CORNER_Y);
    REFUSED(t, "boundary", "2015-01-10T02:00:00Z to 2015-01-10T03:00:00Z is missing", "time.end");
}

static void the_side_that_sticks_out_is_named(void **state)
{
    nest_test *t = *state;
    t->w.q = linear;
    write_coarse(t);
    make_fine(t, FILES, 9000, -300000, CORNER_Y);
    REFUSED(t, "boundary", "sticks out of the file's to the west by", "at cell (j=", "14 x 12 cells");
    assert_null(strstr(t->err.text, "to the east"));
    assert_null(strstr(t->err.text, "to the north"));
}

static void two_sides_of_a_lonlat_mesh_too(void **state)
{
    nest_test *t = *state;
    t->w.q = linear;
    t->w.projection = LONLAT;
    t->w.degrees = true;
    write_coarse(t);
    make_fine(t, FILES, 9000, -300000, -400000);
    REFUSED(t, "initial", "to the west by", "to the south by");
    assert_null(strstr(t->err.text, "to the east"));
}

static void a_file_that_is_not_named_is_asked_for(void **state)
{
    nest_test *t = *state;
    make_fine(t, "boundary: {type: file}", 9000, CORNER_X, CORNER_Y);
    REFUSED(t, "boundary", "fine.yaml:5:", "boundary.type is 'file', but boundary.file is missing");
}

static void other_files_are_refused(void **state)
{
    nest_test *t = *state;
    bs_nc *nc;
    t->w.q = linear;
    write_coarse(t);
    make_fine(t, "initial: {type: file, file: surface.nc}\nboundary: {type: file, file: coarse.yaml}", 9000, CORNER_X,
              CORNER_Y);
    REFUSED(t, "initial", "surface.nc", "not the 3-D output of a Bashu run", "'layer_top_height'");
    REFUSED(t, "boundary", "coarse.yaml", "etCDF");
    need_ok(bs_nc_create(path_of(t, "surface.nc"), &nc, &t->err), &t->err);
    need_ok(bs_nc_put_text(nc, BS_NC_GLOBAL, "source", "WRF V4.1", &t->err), &t->err);
    need_ok(bs_nc_commit(nc, &t->err), &t->err);
    REFUSED(t, "initial", "surface.nc", "names another program", "output.fields3d.unrounded: true");
}

static bs_status initial_of_spoilt(nest_test *t, double value)
{
    bs_nest *nest;
    t->w.q = linear;
    t->w.spoil_hour = 1;
    t->w.spoil[0] = 2, t->w.spoil[1] = 7, t->w.spoil[2] = 5;
    t->w.spoil_value = value;
    write_coarse(t);
    make_fine(t, FILES, 9000, CORNER_X, CORNER_Y);
    need_ok(bs_nest_open(&t->c, "initial", t->c.start, t->c.start, &nest, &t->err), &t->err);
    bs_status st = bs_nest_initial(nest, t->met, t->state, &t->err);
    bs_nest_close(nest);
    return st;
}

static void values_that_are_missing_are_named(void **state)
{
    nest_test *t = *state;
    assert_int_equal(initial_of_spoilt(t, NAN), BS_ERR_INPUT);
    assert_says(t->err.text, "fields3d.nc: variable 'q_pm25'");
    assert_says(t->err.text, "(time=1, lev=2, y=7, x=5)");
}

static void negative_values_are_named(void **state)
{
    nest_test *t = *state;
    assert_int_equal(initial_of_spoilt(t, -1e-3), BS_ERR_INPUT);
    assert_says(t->err.text, "'q_pm25': -0.001 ug kg-1 at (time=1, lev=2, y=7, x=5) is negative");
}

static void rounding_below_zero_is_let_through(void **state)
{
    assert_int_equal(initial_of_spoilt(*state, -1e-7), BS_OK); /* of about 70, the largest */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_FOLDER(a_linear_field_is_reproduced),
        IN_FOLDER(from_a_longitude_latitude_mesh_too),
        IN_FOLDER(within_half_a_cell_of_the_outline_values_are_held),
        IN_FOLDER(a_uniform_field_stays_to_the_bit),
        IN_FOLDER(rounded_fields_are_refused),
        IN_FOLDER(a_missing_species_is_named),
        IN_FOLDER(times_that_are_missing_are_named),
        IN_FOLDER(an_end_that_comes_too_early_is_named),
        IN_FOLDER(the_side_that_sticks_out_is_named),
        IN_FOLDER(two_sides_of_a_lonlat_mesh_too),
        IN_FOLDER(a_file_that_is_not_named_is_asked_for),
        IN_FOLDER(other_files_are_refused),
        IN_FOLDER(values_that_are_missing_are_named),
        IN_FOLDER(negative_values_are_named),
        IN_FOLDER(rounding_below_zero_is_let_through),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
