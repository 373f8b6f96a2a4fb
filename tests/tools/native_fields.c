/* native_fields.c - what a provider of meteorology says at one moment, as netCDF: for tests that read the same source by other means.
 *
 *     bashu_native CASE.yaml TIME OUT.nc
 *
 * Writes the native fields of met.h on the mesh (level, y, x), with longitude, latitude and the half levels; a field that the source does
 * not have is left out. The provider is created for the case's whole time, or for meteorology.valid_time of a steady case. */
#include <stdio.h>
#include <stdlib.h>

#include "model/io/nc.h"
#include "model/met/met_private.h"
#include "model/run/case.h"

typedef struct out_field {
    const char *name;
    int levels; /* 0: none */
    const double *values;
    int id;
} out_field;

enum { FIELDS = 24 };

static int list_fields(const bs_native *n, const bs_mesh *mesh, out_field *f)
{
    const struct {
        const char *name;
        bool have, levels;
        const double *values;
    } all[] = {
        {"u", true, true, n->u},
        {"v", true, true, n->v},
        {"t", true, true, n->t},
        {"qv", true, true, n->qv},
        {"clw", n->have_clw, true, n->clw},
        {"rnw", n->have_rnw, true, n->rnw},
        {"ps", true, false, n->ps},
        {"t2", n->have_t2, false, n->t2},
        {"u10", n->have_wind10, false, n->u10},
        {"v10", n->have_wind10, false, n->v10},
        {"pblh", n->have_pblh, false, n->pblh},
        {"ustar", n->have_ustar, false, n->ustar},
        {"hfx", n->have_hfx, false, n->hfx},
        {"evaporation", n->have_evaporation, false, n->evaporation},
        {"rain", n->have_rain, false, n->rain},
        {"roughness", n->have_roughness, false, n->roughness},
        {"lon", true, false, mesh->lon},
        {"lat", true, false, mesh->lat},
        {"area", true, false, mesh->area},
        {"cos_rot", true, false, mesh->cos_rot},
        {"sin_rot", true, false, mesh->sin_rot},
    };
    int count = 0;
    for (size_t k = 0; k < sizeof all / sizeof all[0]; k++) {
        if (!all[k].have) continue;
        f[count++] = (out_field){.name = all[k].name, .levels = all[k].levels ? n->nz : 0, .values = all[k].values};
    }
    return count;
}

static bs_status define(bs_nc *nc, const bs_native *n, out_field *f, int count, int half[2], bs_err *err)
{
    int dim[4];
    const char *const name[] = {"level", "y", "x", "half_level"};
    const int length[] = {n->nz, n->ny, n->nx, n->nz + 1};
    for (int d = 0; d < 4; d++) BS_TRY(bs_nc_def_dim(nc, name[d], (size_t)length[d], &dim[d], err));
    for (int k = 0; k < count; k++) {
        bs_nc_def def = {.name = f[k].name, .type = BS_NC_DOUBLE, .n_dims = f[k].levels ? 3 : 2};
        for (int d = 0; d < def.n_dims; d++) def.dim[d] = dim[d + (f[k].levels ? 0 : 1)];
        BS_TRY(bs_nc_def_var(nc, &def, &f[k].id, err));
    }
    for (int k = 0; k < 2; k++) {
        const bs_nc_def def = {.name = k ? "b_half" : "a_half", .type = BS_NC_DOUBLE, .n_dims = 1, .dim = {dim[3]}};
        BS_TRY(bs_nc_def_var(nc, &def, &half[k], err));
    }
    return BS_OK;
}

static bs_status write_native(const bs_case *c, const bs_native *n, const char *file, bs_err *err)
{
    bs_nc *nc = NULL;
    out_field f[FIELDS];
    int half[2];
    const int count = list_fields(n, c->mesh, f);
    BS_TRY(bs_nc_create(file, &nc, err));
    bs_status status = define(nc, n, f, count, half, err);
    for (int k = 0; k < count && !status; k++) status = bs_nc_write(nc, f[k].id, NULL, NULL, f[k].values, err);
    if (!status) status = bs_nc_write(nc, half[0], NULL, NULL, c->levels->a_half, err);
    if (!status) status = bs_nc_write(nc, half[1], NULL, NULL, c->levels->b_half, err);
    if (status) {
        bs_nc_abandon(nc);
        return status;
    }
    return bs_nc_commit(nc, err);
}

static bs_status dump(const bs_case *c, bs_time t, const char *file, bs_err *err)
{
    const bs_provider *provider = bs_met_provider(c->config);
    const bool steady = bs_config_bool(c->config, "meteorology.steady");
    void *self = NULL;
    bs_native *native = NULL;
    bs_status status = provider->create(&c->met, steady ? t : c->start, steady ? t : c->end, &self, err);
    if (!status) status = bs_native_create(c->mesh->nx, c->mesh->ny, c->levels->nz, &native, err);
    if (!status) status = provider->read(self, t, native, err);
    if (!status) status = write_native(c, native, file, err);
    bs_native_destroy(native);
    if (self) provider->destroy(self);
    return status;
}

int main(int argc, char **argv)
{
    bs_err err = {0};
    bs_log log = {.screen = stderr};
    bs_case *c = NULL;
    bs_time t = 0;
    if (argc != 4) {
        fprintf(stderr, "usage: bashu_native CASE.yaml TIME OUT.nc\n");
        return 2;
    }
    bs_status status = bs_time_parse(argv[2], &t, &err);
    if (!status) status = bs_case_open(argv[1], 0, NULL, &log, &c, &err);
    if (!status) status = dump(c, t, argv[3], &err);
    if (status) fprintf(stderr, "error: %s\n", err.text);
    bs_case_close(c);
    return bs_status_exit(status);
}
