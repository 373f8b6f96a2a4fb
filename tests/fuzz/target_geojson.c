/* Region polygons: read, looked up, laid over a small mesh. */
#include "fuzz.h"

#include <math.h>

#include "model/config/geojson.h"

static const double SLACK = 1e-9; /* relative, of areas by two ways of clipping */

static bs_mesh *mesh_once(void)
{
    static bs_mesh *mesh = NULL;
    static bs_err err;
    const bs_mesh_spec spec = {
        "+proj=lcc +lat_1=27 +lat_2=33 +lat_0=30 +lon_0=104.5 +R=6370000", 9, 7, 90000, 90000, -405000, -315000};
    if (!mesh) FUZZ_CHECK(bs_mesh_create(&spec, &mesh, &err) == BS_OK, "%s", err.text);
    return mesh;
}

static void try_mask(const bs_region *region, bs_err *err)
{
    const double lon[] = {104.0, -256.0, 0.0}, lat[] = {30.0, 30.0, 89.0};
    bool inside[3], mended;
    bs_region_mask *mask = NULL;
    const bs_mesh *mesh = mesh_once();
    const size_t cells = (size_t)mesh->nx * (size_t)mesh->ny;
    if (!fuzz_judge(bs_region_mask_create(&region->shape, mesh, &mask, &mended, err), err)) {
        FUZZ_CHECK(!mask, "an error and a mask");
        return;
    }
    FUZZ_CHECK(isfinite(mask->area) && mask->area >= 0.0, "area %g", mask->area);
    FUZZ_CHECK(mask->area <= mask->full_area * (1.0 + SLACK) + 1.0, "area %g of %g", mask->area, mask->full_area);
    for (size_t n = 0; n < mask->n; n++) {
        FUZZ_CHECK(mask->cell[n] < cells && (n == 0 || mask->cell[n] > mask->cell[n - 1]), "cell %zu", mask->cell[n]);
        FUZZ_CHECK(mask->fraction[n] > 0.0 && mask->fraction[n] <= 1.0, "fraction %.17g", mask->fraction[n]);
    }
    bs_region_mask_destroy(mask);
    if (fuzz_judge(bs_region_holds(&region->shape, 3, lon, lat, inside, err), err))
        FUZZ_CHECK(inside[0] == inside[1], "a turn of longitude changes who holds a place");
}

static void try_keys(const bs_region_set *set, bs_err *err)
{
    bool *chosen = calloc((size_t)set->n + 1, sizeof *chosen);
    FUZZ_CHECK(chosen, "no memory");
    for (int r = 0; r < set->n; r++) {
        const bs_region *g = &set->region[r];
        const char *const keys[] = {g->name, g->name_en, g->adcode, g->group, g->province, g->province_name, "all"};
        FUZZ_CHECK(*g->name, "region %d has no name", r);
        FUZZ_CHECK(bs_regions_find(set, g->name) >= 0, "'%s' is not found", g->name);
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            fuzz_judge(bs_regions_select(set, keys[k], "case.yaml:1:1", chosen, err), err);
    }
    free(chosen);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bs_err err;
    bs_region_set *set = NULL;
    err.text[0] = '\0';
    if (!fuzz_judge(bs_regions_read(fuzz_write("regions.geojson", data, size), &set, &err), &err)) {
        FUZZ_CHECK(!set, "an error and regions");
        return 0;
    }
    FUZZ_CHECK(set->n > 0, "no region and no error");
    try_keys(set, &err);
    for (int r = 0; r < set->n && r < 8; r++) try_mask(&set->region[r], &err);
    bs_regions_destroy(set);
    return 0;
}
