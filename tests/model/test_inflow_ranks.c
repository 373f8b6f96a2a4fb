/* Several ranks read one nest: each gets what one rank gets in its part, and all refuse what one of them finds. */
#include "test_inflow_tiles.h"

#include <netcdf.h>

#include "model/parallel/ranks.h"
#include "model/run/inputs.h"

#define NC_GOOD(call) assert_int_equal(call, NC_NOERR)

enum { HOURS = 5 };

static void put_number(int nc, const char *name, double value)
{
    NC_GOOD(nc_put_att_double(nc, NC_GLOBAL, name, NC_DOUBLE, 1, &value));
}

static int define(int nc, const char *name, const char *units, const int *dims, int n)
{
    int id;
    NC_GOOD(nc_def_var(nc, name, NC_FLOAT, n, dims, &id));
    NC_GOOD(nc_put_att_text(nc, id, "units", strlen(units), units));
    return id;
}

static void fill_fields(const world *w, int nc, const int *id)
{
    for (size_t h = 0; h < HOURS; h++)
        for (size_t k = 0; k < NZ; k++)
            for (size_t j = 0; j < NY; j++)
                for (size_t i = 0; i < NX; i++) {
                    const double x = ((double)i + 0.5) / NX, y = ((double)j + 0.5) / NY;
                    const size_t at[4] = {h, k, j, i};
                    const float top = (float)top_at((int)k + 1, x, y, (double)h);
                    NC_GOOD(nc_put_var1_float(nc, id[0], at, &top));
                    for (int s = 0; s < 2; s++) {
                        float q = (float)w->q(s, x, y, (double)k, (double)h);
                        if (s == 0 && (int)h == w->spoil_hour && (int)k == w->spoil[0] && (int)j == w->spoil[1] &&
                            (int)i == w->spoil[2])
                            q = (float)w->spoil_value;
                        NC_GOOD(nc_put_var1_float(nc, id[1 + s], at, &q));
                    }
                }
}

/* By the first rank, what the coarser run would have left. */
static void write_by_first(nest_test *t)
{
    const char *const words[][2] = {{"source", "bashu test"}, {"proj4", COARSE_LCC}};
    int nc, dims[4], id[3], time;
    if (!t->w.q) t->w.q = wavy;
    NC_GOOD(nc_create(path_of(t, "fields3d.nc"), NC_NETCDF4, &nc));
    for (int n = 0; n < 2; n++) NC_GOOD(nc_put_att_text(nc, NC_GLOBAL, words[n][0], strlen(words[n][1]), words[n][1]));
    put_number(nc, "nx", NX), put_number(nc, "ny", NY), put_number(nc, "dx", 27000), put_number(nc, "dy", 27000);
    put_number(nc, "x0", -40000), put_number(nc, "y0", -150000);
    NC_GOOD(nc_def_dim(nc, "time", HOURS, &dims[0]));
    NC_GOOD(nc_def_dim(nc, "lev", NZ, &dims[1]));
    NC_GOOD(nc_def_dim(nc, "y", NY, &dims[2]));
    NC_GOOD(nc_def_dim(nc, "x", NX, &dims[3]));
    time = define(nc, "time", "hours since 2015-01-10 00:00:00", dims, 1);
    id[0] = define(nc, "layer_top_height", "m", dims, 4);
    id[1] = define(nc, "q_pm25", "ug kg-1", dims, 4);
    id[2] = define(nc, "q_inert", "ug kg-1", dims, 4);
    NC_GOOD(nc_enddef(nc));
    for (size_t h = 0; h < HOURS; h++) NC_GOOD(nc_put_var1_float(nc, time, &h, &(float){(float)h}));
    fill_fields(&t->w, nc, id);
    NC_GOOD(nc_close(nc));
}

/* The case of this rank's tile, nested into the file of the first. */
static void open_nested(nest_test *t, part *p)
{
    static bs_log quiet;
    char file[sizeof t->path], text[512];
    bs_tiling tiling;
    if (bs_ranks_first()) write_by_first(t);
    strcpy(file, path_of(t, "fields3d.nc"));
    bs_ranks_share(0, file, sizeof file);
    snprintf(text, sizeof text, "initial: {type: file, file: %s}\nboundary: {type: file, file: %s}", file, file);
    make_fine(t, text, 9000, -70000, -80000);
    raise_ground(t);
    t->c.log = &quiet;
    need_ok(bs_tiling_choose(FNX, FNY, bs_ranks_count(), OVERLAP, &tiling, &t->err), &t->err);
    open_part(t, &tiling, bs_ranks_self(), p);
}

static void close_nested(nest_test *t, part *p)
{
    close_part(p);
    bs_free(t->c.whole_terrain);
    bs_ranks_wait(); /* nobody reads the first one's file any more */
}

static void each_rank_gets_its_part(void **state)
{
    nest_test *t = *state;
    part p;
    bs_inflow *inflow;
    open_nested(t, &p);
    need_ok(bs_inflow_create(&t->c, &inflow, &t->err), &t->err);
    need_ok(bs_inflow_initial(inflow, t->met, t->state, &t->err), &t->err);
    need_ok(bs_inflow_fill(inflow, t->c.start + 4321, t->met, t->boundary, &t->err), &t->err);
    bs_inflow_destroy(inflow);
    need_ok(bs_inflow_create(&p.c, &inflow, &t->err), &t->err);
    need_ok(bs_inflow_initial(inflow, p.met, p.state, &t->err), &t->err);
    need_ok(bs_inflow_fill(inflow, t->c.start + 4321, p.met, p.boundary, &t->err), &t->err);
    bs_inflow_destroy(inflow);
    compare_state(t, &p);
    compare_boundary(t, &p);
    close_nested(t, &p);
}

/* The value lies outside what most ranks look at; all get the same message. */
static void initial_refused(nest_test *t, double value, const char *message)
{
    part p;
    bs_inflow *inflow;
    t->w.spoil_hour = 1;
    t->w.spoil[0] = 2, t->w.spoil[1] = NY - 1, t->w.spoil[2] = NX - 2;
    t->w.spoil_value = value;
    open_nested(t, &p);
    need_ok(bs_inflow_create(&p.c, &inflow, &t->err), &t->err);
    assert_int_equal(bs_inflow_initial(inflow, p.met, p.state, &t->err), BS_ERR_INPUT);
    assert_says(t->err.text, message);
    bs_inflow_destroy(inflow);
    close_nested(t, &p);
}

static void what_one_finds_all_refuse(void **state)
{
    initial_refused(*state, NAN, "'q_pm25': missing or not a number at (time=1, lev=2, y=11, x=12)");
}

static void the_lowest_and_the_largest_are_those_of_the_file(void **state)
{
    initial_refused(*state, -1e-3, "'q_pm25': -0.001 ug kg-1 at (time=1, lev=2, y=11, x=12) is negative (largest");
}

/* Much in the south-west, where few ranks look. */
static double steep(int species, double x, double y, double z, double t)
{
    (void)species, (void)z, (void)t;
    return x < 0.2 && y < 0.2 ? 1000 : 1e-3;
}

static void rounding_is_judged_by_the_whole_file(void **state)
{
    nest_test *t = *state;
    part p;
    bs_inflow *inflow;
    t->w.q = steep;
    t->w.spoil_hour = 1;
    t->w.spoil[1] = NY - 1;
    t->w.spoil_value = -1e-5;
    open_nested(t, &p);
    need_ok(bs_inflow_create(&p.c, &inflow, &t->err), &t->err);
    need_ok(bs_inflow_initial(inflow, p.met, p.state, &t->err), &t->err);
    bs_inflow_destroy(inflow);
    close_nested(t, &p);
}

/* Each has a file of its own there, and only that of the first counts. */
static void the_first_reads_the_inputs(void **state)
{
    nest_test *t = *state;
    bs_inputs inputs;
    char name[sizeof t->dir + 32], text[512];
    snprintf(name, sizeof name, "%s/input.nc", t->dir);
    FILE *f = fopen(name, "w");
    assert_non_null(f);
    fprintf(f, "rank %d of %d%s", bs_ranks_self(), bs_ranks_count(), bs_ranks_first() ? "" : " or another");
    assert_int_equal(fclose(f), 0);
    snprintf(text, sizeof text, "initial: {type: file, file: %s}", name);
    make_fine(t, text, 9000, -70000, -80000);
    need_ok(bs_inputs_read(t->c.config, &inputs, &t->err), &t->err);
    assert_int_equal(inputs.n, 1);
    uint64_t first[2] = {inputs.file[0].hash, inputs.file[0].bytes};
    bs_ranks_share(0, first, sizeof first);
    assert_true(inputs.file[0].hash == first[0] && inputs.file[0].bytes == first[1]);
    assert_true(first[1] == strlen("rank 0 of 1"));
    assert_string_equal(inputs.file[0].file, name);
    bs_inputs_free(&inputs);
    if (bs_ranks_first()) assert_int_equal(unlink(name), 0);
    assert_int_equal(bs_inputs_read(t->c.config, &inputs, &t->err), BS_ERR_IO);
    assert_says(t->err.text, "input.nc");
    bs_inputs_free(&inputs);
}

int main(int argc, char **argv)
{
    bs_err err;
    if (bs_ranks_start(&argc, &argv, &err) != BS_OK) return 1;
    const struct CMUnitTest tests[] = {
        IN_FOLDER(each_rank_gets_its_part),
        IN_FOLDER(what_one_finds_all_refuse),
        IN_FOLDER(the_lowest_and_the_largest_are_those_of_the_file),
        IN_FOLDER(rounding_is_judged_by_the_whole_file),
        IN_FOLDER(the_first_reads_the_inputs),
    };
    return bs_ranks_leave(cmocka_run_group_tests(tests, NULL, NULL), NULL, NULL);
}
