/* Tables: the first line "# <reader>" says who reads it (points, totals, month, weekday, hour, height, targets, daily, observed); every
 * input is also read as a plain table. */
#include "fuzz.h"

#include <math.h>
#include <netcdf.h>

#include "model/config/csv.h"
#include "model/emis/emission.h"
#include "model/emis/groups.h"
#include "model/emis/profiles.h"
#include "model/report/observed.h"
#include "model/report/targets.h"

static const char POINTS[] = "lon,lat,sector,species,value,unit,height\n104,30,power,pm25,1,kg s-1,10\n";
static const char TOTALS[] = "region,adcode,sector,species,value,unit\nwest,1,power,pm25,1,Gg year-1\n";

static void write_proxy(void)
{
    const double lon[] = {103.5, 104.5}, lat[] = {29.5, 30.5}, p[] = {1, 2, 3, 0};
    int id, dim[2], var[3];
    bool good = nc_create(fuzz_path("proxy.nc"), NC_CLOBBER, &id) == NC_NOERR &&
                nc_def_dim(id, "lat", 2, &dim[0]) == NC_NOERR && nc_def_dim(id, "lon", 2, &dim[1]) == NC_NOERR &&
                nc_def_var(id, "lat", NC_DOUBLE, 1, &dim[0], &var[0]) == NC_NOERR &&
                nc_def_var(id, "lon", NC_DOUBLE, 1, &dim[1], &var[1]) == NC_NOERR &&
                nc_def_var(id, "p", NC_DOUBLE, 2, dim, &var[2]) == NC_NOERR && nc_enddef(id) == NC_NOERR &&
                nc_put_var_double(id, var[0], lat) == NC_NOERR && nc_put_var_double(id, var[1], lon) == NC_NOERR &&
                nc_put_var_double(id, var[2], p) == NC_NOERR && nc_close(id) == NC_NOERR;
    FUZZ_CHECK(good, "the proxy cannot be written");
}

static void try_table(const char *file, bs_err *err)
{
    bs_csv *csv = NULL;
    double value;
    int column;
    if (!fuzz_judge(bs_csv_read(file, &csv, err), err)) {
        FUZZ_CHECK(!csv, "an error and a table");
        return;
    }
    FUZZ_CHECK(bs_csv_rows(csv) > 0 && bs_csv_columns(csv) > 0, "empty and no error");
    for (int c = 0; c < bs_csv_columns(csv); c++) {
        FUZZ_CHECK(*bs_csv_column_name(csv, c) && bs_csv_has(csv, bs_csv_column_name(csv, c)), "column %d", c);
        FUZZ_CHECK(bs_csv_find(csv, bs_csv_column_name(csv, c), &column, err) == BS_OK && column == c, "column %d", c);
        for (int r = 0; r < bs_csv_rows(csv); r++) {
            FUZZ_CHECK(bs_csv_text(csv, r, c), "row %d, column %d", r, c);
            if (fuzz_judge(bs_csv_real(csv, r, c, &value, err), err)) FUZZ_CHECK(isfinite(value), "%g", value);
        }
    }
    fuzz_judge(bs_csv_find(csv, "no such column", &column, err), err);
    bs_csv_destroy(csv);
}

static void try_profiles(bs_profile_kind kind, const char *path, bs_err *err)
{
    static const int SLOTS[BS_PROFILE_KINDS] = {12, 7, 24, 0};
    const char *file[BS_PROFILE_KINDS] = {NULL};
    bs_profiles *p = NULL;
    int row, bands;
    double top, sum = 0.0;
    file[kind] = path;
    if (!fuzz_judge(bs_profiles_create(file, &p, err), err)) return;
    if (bs_profiles_find(p, kind, "power", &row, NULL, err) == BS_OK) {
        for (int s = 0; s < SLOTS[kind]; s++) sum += bs_profiles_factor(p, kind, row, s);
        if (SLOTS[kind])
            FUZZ_CHECK(fabs(sum / SLOTS[kind] - 1.0) < 1e-9, "the mean factor is %.17g", sum / SLOTS[kind]);
        if (kind == BS_PROFILE_HEIGHT) {
            const bs_profile_band *band = bs_profiles_bands(p, row, &bands, &top);
            for (int b = 0; b < bands; b++) {
                FUZZ_CHECK(band[b].bottom < band[b].top && band[b].top <= top && band[b].fraction >= 0.0, "band %d", b);
                sum += band[b].fraction;
            }
            FUZZ_CHECK(fabs(sum - 1.0) < 1e-9, "the fractions sum to %.17g", sum);
        }
    }
    bs_profiles_destroy(p);
}

static void try_emission(const bs_case *c, bs_err *err)
{
    bs_emission *e = NULL;
    if (!fuzz_judge(bs_emission_create(c->config, c->mesh, c->regions, c->tracers, c->units, c->log, &e, err), err)) {
        FUZZ_CHECK(!e, "an error and emissions");
        return;
    }
    for (int n = 0; n < bs_emission_audit_count(e); n++) {
        const bs_emission_audit *a = bs_emission_audit_at(e, n);
        FUZZ_CHECK(isfinite(a->in_file_kg_s) && isfinite(a->on_grid_kg_s) && a->on_grid_kg_s >= 0.0,
                   "%s: %g, %g kg s-1", a->sector, a->in_file_kg_s, a->on_grid_kg_s);
    }
    const double all = bs_emission_annual(e, -1, NULL, NULL);
    FUZZ_CHECK(isfinite(all) && all >= 0.0, "%g kg s-1", all);
    if (fuzz_judge(bs_emission_resolve(e, c->regions, err), err)) {
        double parts = 0.0;
        for (int r = 0; r <= bs_emission_regions(e); r++) parts += bs_emission_annual(e, r, NULL, NULL);
        FUZZ_CHECK(fabs(parts - all) <= 1e-9 * all, "regions %.17g, all %.17g kg s-1", parts, all);
    }
    bs_emission_destroy(e);
}

static bs_case *points_case(void)
{
    static bs_case *c = NULL;
    if (!c) {
        fuzz_write("points.csv", POINTS, sizeof POINTS - 1);
        c = fuzz_case("points", "emissions: {inventories: [{name: a, type: points, file: points.csv}]}\n");
    }
    return c;
}

static bs_case *totals_case(void)
{
    static bs_case *c = NULL;
    if (!c) {
        fuzz_write("totals.csv", TOTALS, sizeof TOTALS - 1);
        write_proxy();
        c = fuzz_case("totals",
                      "emissions: {inventories: [{name: a, type: totals, file: totals.csv, regions: regions.geojson, "
                      "proxy: {file: proxy.nc, default: p}}]}\n");
    }
    return c;
}

static void try_observed(const char *file, size_t size, bs_err *err)
{
    static const char DAILY[] =
        "date_local,adcode,name,name_en,primary_pm25\n2020-01-01,1,west,West,20\n2020-01-02,1,west,West,30\n"
        "2020-01-01,2,east,East,10\n2020-01-02,2,east,East,15\n";
    bs_series series = {0};
    bs_observed observed = {0};
    char dir[512];
    snprintf(dir, sizeof dir, "%s", fuzz_write("cities_daily.csv", DAILY, sizeof DAILY - 1));
    *strrchr(dir, '/') = '\0';
    FUZZ_CHECK(bs_series_read(dir, &series, err) == BS_OK, "%s", err->text);
    const bs_air_state state = size % 2 ? BS_STATE_AMBIENT : BS_STATE_UNTOLD;
    if (fuzz_judge(bs_observed_read(file, state, dir, &series, &observed, err), err)) {
        for (int n = 0; n < series.n_cities * series.n_days; n++)
            FUZZ_CHECK(isnan(observed.value[n]) || (observed.value[n] >= 0.0 && observed.value[n] < 1e4), "%g",
                       observed.value[n]);
        bs_observed_free(&observed);
    }
    bs_series_free(&series);
}

static void try_daily(const uint8_t *data, size_t size, bs_err *err)
{
    bs_series series = {0};
    char dir[512];
    snprintf(dir, sizeof dir, "%s", fuzz_write("cities_daily.csv", data, size));
    *strrchr(dir, '/') = '\0';
    if (!fuzz_judge(bs_series_read(dir, &series, err), err)) return;
    for (int n = 0; n < series.n_cities * series.n_days; n++)
        FUZZ_CHECK(isfinite(series.pm25[n]), "%g", series.pm25[n]);
    for (int n = 1; n < series.n_days; n++) FUZZ_CHECK(series.day[n] > series.day[n - 1], "day %d", n);
    bs_series_free(&series);
}

static void try_targets(const char *file, bs_err *err)
{
    bs_targets targets = {0};
    if (!fuzz_judge(bs_targets_read(file, &targets, err), err)) return;
    for (int n = 0; n < targets.n; n++) FUZZ_CHECK(*targets.row[n].adcode && *targets.row[n].source, "row %d", n);
    (void)bs_targets_find(&targets, "510100");
    bs_targets_free(&targets);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const KIND[BS_PROFILE_KINDS] = {"month", "weekday", "hour", "height"};
    static bs_err err;
    err.text[0] = '\0';
    const char *file = fuzz_write("table.csv", data, size);
    try_table(file, &err);
    for (int k = 0; k < BS_PROFILE_KINDS; k++)
        if (fuzz_names(data, size, KIND[k])) try_profiles((bs_profile_kind)k, fuzz_path("table.csv"), &err);
    if (fuzz_names(data, size, "points")) {
        const bs_case *c = points_case();
        fuzz_write("points.csv", data, size);
        try_emission(c, &err);
    } else if (fuzz_names(data, size, "totals")) {
        const bs_case *c = totals_case();
        fuzz_write("totals.csv", data, size);
        try_emission(c, &err);
    } else if (fuzz_names(data, size, "targets")) {
        try_targets(fuzz_path("table.csv"), &err);
    } else if (fuzz_names(data, size, "daily")) {
        try_daily(data, size, &err);
    } else if (fuzz_names(data, size, "observed")) {
        try_observed(fuzz_path("table.csv"), size, &err);
    }
    return 0;
}
