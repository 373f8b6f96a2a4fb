/* What a source may know beside winds, temperature, humidity and pressure: each field present, diagnosed, refused or assumed. */
#include "tests/model/test_derive_fixture.h"

#include "kernels/column/scavenge.h"
#include "kernels/column/surface_layer.h"

/* A number between 0 and 1 that differs from cell to cell. */
static double some(size_t n)
{
    return 0.5 + 0.5 * sin(12.9898 * (double)n + 1);
}

static size_t planes(const weather *w)
{
    return (size_t)w->native->nx * w->native->ny;
}

/* ---- own air and winds on faces ---- */

/* The weight of the layers between the levels' pressures is what is worked out without own air: nothing may change by it. */
static void own_air_of_the_levels_changes_nothing(void **unused)
{
    (void)unused;
    weather w, plain;
    weather_small(&w);
    weather_small(&plain);
    bs_native *n = w.native;
    const size_t plane = planes(&w), volume = plane * n->nz;
    assert_int_equal(bs_native_own(n, &w.err), BS_OK);
    n->have_air = true;
    for (size_t c = 0; c < plane; c++) n->ps[c] = plain.native->ps[c] = 70000 + 800 * (double)c;
    for (size_t o = 0; o < volume; o++) {
        const int k = (int)(o / plane);
        const double ps = n->ps[o % plane];
        n->qv[o] = plain.native->qv[o] = 0.01 * some(o);
        n->air[o] = (bs_levels_pressure(w.levels, k, ps) - bs_levels_pressure(w.levels, k + 1, ps)) * (1 - n->qv[o]) /
                    BS_GRAVITY;
    }
    derived(&w);
    derived(&plain);
    for (size_t o = 0; o < volume; o++) {
        assert_true(fabs(w.state->m[o] / plain.state->m[o] - 1) < TOLERANCE_DOUBLE);
        assert_true(fabs((double)w.state->rho[o] / (double)plain.state->rho[o] - 1) < TOLERANCE_REAL);
        assert_true(fabs((double)w.state->z_half[o + plane] / (double)plain.state->z_half[o + plane] - 1) <
                    TOLERANCE_REAL);
    }
    assert_true(assumes(&w, "from the source: dry air of the layers"));
    weather_close(&w);
    weather_close(&plain);
}

/* Whatever the air is, mass is air times area, and mass, volume and density agree. */
static void own_air_is_kept(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    bs_native *n = w.native;
    const size_t plane = planes(&w), volume = plane * n->nz;
    assert_int_equal(bs_native_own(n, &w.err), BS_OK);
    n->have_air = true;
    for (size_t o = 0; o < volume; o++) n->air[o] = 200 + 300 * some(o);
    derived(&w);
    for (size_t o = 0; o < volume; o++) {
        const double dz = (double)w.state->z_half[o + plane] - (double)w.state->z_half[o];
        assert_true(w.state->m[o] == n->air[o] * w.mesh->area[o % plane]);
        assert_true(fabs(w.state->m[o] / ((double)w.state->rho[o] * dz * w.mesh->area[o % plane]) - 1) <
                    1000 * BS_REAL_EPSILON); /* dz is a difference of floats */
    }
    n->air[3 * plane + 9] = 0;
    refused(&w, "dry air of cell (k 3, j 1, i 2) is 0 kg m-2", "more than zero");
    n->air[3 * plane + 9] = NAN;
    refused(&w, "dry air of cell (k 3, j 1, i 2) is", "more than zero");
    weather_close(&w);
}

static void own_faces_carry_the_air_of_both_sides(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    bs_native *n = w.native;
    const size_t nx = (size_t)n->nx, ny = (size_t)n->ny, nz = (size_t)n->nz;
    assert_int_equal(bs_native_own(n, &w.err), BS_OK);
    n->have_air = n->have_faces = true;
    for (size_t o = 0; o < nx * ny * nz; o++) n->air[o] = 200 + 300 * some(o);
    for (size_t f = 0; f < (nx + 1) * ny * nz; f++) n->u_face[f] = 10 * some(f + 5) - 3;
    for (size_t f = 0; f < nx * (ny + 1) * nz; f++) n->v_face[f] = 8 * some(f + 9) - 5;
    derived(&w);
    for (size_t k = 0; k < nz; k++)
        for (size_t j = 0; j <= ny; j++)
            for (size_t i = 0; i <= nx; i++) {
                const size_t x = (k * ny + j) * (nx + 1) + i, y = (k * (ny + 1) + j) * nx + i;
                const double *air = n->air + k * ny * nx;
                const size_t west = i > 0 ? i - 1 : 0, east = i < nx ? i : nx - 1;
                const size_t south = j > 0 ? j - 1 : 0, north = j < ny ? j : ny - 1;
                if (j < ny) {
                    const double mean = 0.5 * (air[j * nx + west] + air[j * nx + east]);
                    const double want = mean * n->u_face[x] * w.mesh->len_xf[j * (nx + 1) + i];
                    assert_true(fabs(w.state->fx[x] - want) <= TOLERANCE_DOUBLE * fabs(want));
                }
                if (i < nx) {
                    const double mean = 0.5 * (air[south * nx + i] + air[north * nx + i]);
                    const double want = mean * n->v_face[y] * w.mesh->len_yf[j * nx + i];
                    assert_true(fabs(w.state->fy[y] - want) <= TOLERANCE_DOUBLE * fabs(want));
                }
            }
    assert_true(assumes(&w, "winds on faces"));
    weather_close(&w);
}

/* ---- the surface layer ---- */

/* Vapour is light: its flux is a flux of virtual heat, 0.61 c_p T E, and heat in moist air is a little more of it. */
static void evaporation_is_buoyant(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    bs_native *n = w.native;
    const size_t plane = planes(&w);
    const double virtual = 1 / BS_EPSILON_WATER - 1;
    for (size_t o = 0; o < plane * n->nz; o++) n->qv[o] = 0.01;
    n->have_hfx = true;
    real first[64];
    for (size_t c = 0; c < plane; c++) n->hfx[c] = 40 * (1 + virtual * 0.01) + virtual * BS_CP_DRY * n->t[c] * 5e-5;
    derived(&w);
    assert_true(assumes(&w, "evaporation: none"));
    memcpy(first, w.state->ustar, plane * sizeof(real));
    n->have_evaporation = true;
    w.assumed.n = 0;
    for (size_t c = 0; c < plane; c++) {
        n->hfx[c] = 40;
        n->evaporation[c] = 5e-5; /* 122 W m-2 of latent heat */
    }
    derived(&w);
    assert_false(assumes(&w, "evaporation: none"));
    for (size_t c = 0; c < plane; c++) assert_true(fabs((double)(w.state->ustar[c] / first[c]) - 1) < TOLERANCE_REAL);
    for (size_t c = 0; c < plane; c++) n->evaporation[c] = 0;
    derived(&w);
    for (size_t c = 0; c < plane; c++) assert_true(w.state->ustar[c] < first[c]); /* less buoyant, less turbulent */
    weather_close(&w);
}

static void roughness_by_cell(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    bs_native *n = w.native;
    const size_t plane = planes(&w);
    n->have_roughness = true;
    for (size_t c = 0; c < plane; c++) n->roughness[c] = 0.001 + 0.5 * some(c);
    derived(&w);
    for (size_t c = 0; c < plane; c++) {
        const double z1 = 0.5 * (double)w.state->z_half[plane + c];
        const double want = BS_VON_KARMAN * hypot(n->u[c], n->v[c]) / log(z1 / n->roughness[c]);
        assert_true(fabs((double)w.state->ustar[c] / want - 1) < 1e-5); /* z1 was stored as float */
    }
    assert_true(assumes(&w, "from the source: roughness"));
    assert_true(assumes(
        &w, "friction velocity: diagnosed from the lowest layer's wind, the heat flux and the source's roughness"));
    n->roughness[8] = 0;
    refused(&w, "roughness length at cell (j 1, i 1) is 0 m", "more than zero and 5 m at most");
    n->roughness[8] = 5.5;
    refused(&w, "roughness length at cell (j 1, i 1) is 5.5 m", "5 m at most");
    w.levels->a_half[1] = 0; /* a lowest layer of 8 m */
    w.levels->b_half[1] = 0.999;
    n->roughness[8] = 4.5;
    refused(&w, "cell (j 1, i 1) and the roughness length 4.5 m",
            "m: expected at least twice the roughness; make the lowest");
    weather_close(&w);
}

static void friction_velocity_of_the_10_m_wind(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    bs_native *n = w.native;
    const size_t plane = planes(&w);
    n->have_wind10 = true;
    for (size_t c = 0; c < plane; c++) n->u10[c] = 2 + some(c), n->v10[c] = -1;
    derived(&w);
    for (size_t c = 0; c < plane; c++) {
        const double want = BS_VON_KARMAN * hypot(n->u10[c], n->v10[c]) / log(10 / 0.3);
        assert_true(fabs((double)w.state->ustar[c] / want - 1) < TOLERANCE_REAL);
    }
    assert_true(
        assumes(&w, "friction velocity: diagnosed from the 10 m wind, the heat flux and a roughness length of 0.3 m"));
    const real neutral = w.state->ustar[5];
    n->have_hfx = true;
    for (size_t c = 0; c < plane; c++) n->hfx[c] = 150;
    derived(&w);
    assert_true(w.state->ustar[5] > neutral);
    for (size_t c = 0; c < plane; c++) n->hfx[c] = -20;
    derived(&w);
    assert_true(w.state->ustar[5] < neutral);
    weather_close(&w);
}

/* ---- land ---- */

static void land_is(weather *w, bs_land one, double share, bs_land other)
{
    const size_t plane = planes(w);
    assert_int_equal(bs_native_own_land(w->native, &w->err), BS_OK);
    memset(w->native->land, 0, BS_LAND_COUNT * plane * sizeof(double));
    for (size_t c = 0; c < plane; c++) {
        w->native->land[one * plane + c] += share;
        w->native->land[other * plane + c] += 1 - share;
    }
    w->native->have_land = true;
}

static void roughness_by_land_use(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    const size_t plane = planes(&w);
    land_is(&w, BS_LAND_CROPS, 0.25, BS_LAND_URBAN);
    for (int summer = 0; summer < 2; summer++) {
        w.native->time = bs_time_from_date(2015, summer ? 4 : 10, 15, 0, 0, 0); /* the first days of both seasons */
        derived(&w);
        const double z0 = exp(0.25 * log(summer ? 0.15 : 0.05) + 0.75 * log(0.8)),
                     z1 = 0.5 * (double)w.state->z_half[plane];
        const double want = BS_VON_KARMAN * hypot(w.native->u[0], w.native->v[0]) / log(z1 / z0);
        assert_true(fabs((double)w.state->ustar[0] / want - 1) < 1e-5); /* z1 was stored as float */
    }
    assert_true(assumes(&w, "a roughness length by land use"));
    w.native->have_roughness = true; /* the source's own goes before */
    for (size_t c = 0; c < plane; c++) w.native->roughness[c] = 0.3;
    const real by_land = w.state->ustar[0];
    derived(&w);
    assert_true(w.state->ustar[0] != by_land);
    weather_close(&w);
}

/* Of one class, with the roughness of the case without land use. */
static void deposit(weather *w, int scheme, bs_land one, double share, bs_land other, real *v)
{
    const size_t plane = planes(w);
    w->options.dry_scheme = scheme;
    land_is(w, one, share, other);
    w->native->have_roughness = true;
    for (size_t c = 0; c < plane; c++) w->native->roughness[c] = w->options.roughness;
    derived(w);
    memcpy(v, w->state->v_dep, plane * (size_t)w->tracers->n_removal * sizeof(real));
}

static void deposition_is_the_mean_over_shares(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    const size_t n = planes(&w) * (size_t)w.tracers->n_removal;
    static real plain[512], crops[512], urban[512], both[512], water[512];
    assert_true(n <= 512);
    for (int scheme = BS_DRY_EMERSON2020; scheme <= BS_DRY_PLEIM2022; scheme++) {
        w.options.dry_scheme = scheme;
        w.native->have_land = w.native->have_roughness = false;
        w.assumed.n = 0;
        derived(&w);
        memcpy(plain, w.state->v_dep, n * sizeof(real));
        assert_true(assumes(&w, "everywhere"));
        w.assumed.n = 0;
        deposit(&w, scheme, BS_LAND_CROPS, 1, BS_LAND_CROPS, crops);
        assert_memory_equal(plain, crops, n * sizeof(real)); /* cropland is what stands everywhere without a map */
        deposit(&w, scheme, BS_LAND_URBAN, 1, BS_LAND_URBAN, urban);
        deposit(&w, scheme, BS_LAND_WATER, 1, BS_LAND_WATER, water);
        deposit(&w, scheme, BS_LAND_CROPS, 0.3, BS_LAND_URBAN, both);
        for (size_t c = 0; c < n; c++) {
            const double want = 0.3 * (double)crops[c] + 0.7 * (double)urban[c];
            assert_true(fabs((double)both[c] - want) <= TOLERANCE_REAL * want);
        }
        assert_memory_not_equal(water, crops, n * sizeof(real));
        assert_memory_not_equal(urban, crops, n * sizeof(real));
        assert_true(assumes(&w, "shares of classes from the source; mean velocity over them"));
    }
    w.options.land_origin = "map.nc";
    derived(&w);
    assert_true(assumes(&w, "shares of classes from map.nc"));
    w.native->land[BS_LAND_CROPS * planes(&w) + 11] = 0.5;
    refused(&w, "shares of land use at cell (j 1, i 4) add up to 1.2", "expected 1");
    w.native->land[BS_LAND_CROPS * planes(&w) + 11] = -0.3;
    w.native->land[BS_LAND_ICE * planes(&w) + 11] = 0.6;
    refused(&w, "shares of land use at cell (j 1, i 4)", "none below zero");
    weather_close(&w);
}

/* All classes can be deposited on, and what nothing grows on takes no leaves. */
static void every_class_has_a_ground(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    static real v[512], barren[512], leafless[512], leafy[512];
    const size_t n = planes(&w);
    for (int scheme = BS_DRY_EMERSON2020; scheme <= BS_DRY_PLEIM2022; scheme++)
        for (int l = 0; l < BS_LAND_COUNT; l++) {
            deposit(&w, scheme, (bs_land)l, 1, (bs_land)l, v);
            for (size_t c = 0; c < n; c++) assert_true(v[c] > w.state->v_set[c] && v[c] < (real)0.05);
        }
    w.native->have_leaf_area = true;
    for (size_t c = 0; c < n; c++) w.native->leaf_area[c] = 0;
    deposit(&w, BS_DRY_PLEIM2022, BS_LAND_BARREN, 1, BS_LAND_BARREN, barren);
    deposit(&w, BS_DRY_PLEIM2022, BS_LAND_CROPS, 1, BS_LAND_CROPS, leafless);
    assert_memory_equal(barren, leafless, n * sizeof(real));
    for (size_t c = 0; c < n; c++) w.native->leaf_area[c] = 1.5;
    deposit(&w, BS_DRY_PLEIM2022, BS_LAND_CROPS, 1, BS_LAND_CROPS, leafy);
    assert_memory_not_equal(leafy, leafless, n * sizeof(real));
    w.native->have_leaf_area = false; /* 1.5 is what the options assume */
    deposit(&w, BS_DRY_PLEIM2022, BS_LAND_CROPS, 1, BS_LAND_CROPS, v);
    assert_memory_equal(v, leafy, n * sizeof(real));
    w.options.leaf_area = NAN;
    refused(&w, "no leaf area index, which operators.dry_deposition: pleim2022 needs",
            "meteorology.assume.leaf_area_index");
    w.native->have_leaf_area = true;
    deposit(&w, BS_DRY_PLEIM2022, BS_LAND_CROPS, 1, BS_LAND_CROPS, v);
    assert_memory_equal(v, leafy, n * sizeof(real));
    assert_true(assumes(&w, "leaf area from the source"));
    w.native->have_land = false; /* without land use, too */
    derived(&w);
    assert_memory_equal(w.state->v_dep, leafy, n * sizeof(real));
    weather_close(&w);
}

/* ---- rain ---- */

/* 'i' rain forms, 'u' it only falls, '.' none; ground first. */
static void rain_is(weather *w, size_t column, const char *want)
{
    const size_t plane = planes(w), volume = plane * w->native->nz;
    const real *rate = w->state->scavenge + class_of(w, BS_WET_FINE) * volume;
    const real in = (real)bs_scavenge_in_cloud(BS_SCAVENGE_FINE, 1e-4),
               under = (real)bs_scavenge_below_cloud(BS_SCAVENGE_FINE, 1e-4);
    for (size_t k = 0; want[k]; k++) {
        const real expected = want[k] == 'i' ? in : want[k] == 'u' ? under : 0;
        if (rate[k * plane + column] != expected) fail_msg("column %zu, layer %zu: not '%c'", column, k, want[k]);
    }
}

static void rain_water_tells_where_rain_begins(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    bs_native *n = w.native;
    const size_t plane = planes(&w);
    w.options.no_rain = false;
    n->have_rain = n->have_clw = n->have_rnw = true;
    for (size_t c = 0; c < plane; c++) n->rain[c] = 1e-4;
    memset(n->clw, 0, plane * n->nz * sizeof(double));
    memset(n->rnw, 0, plane * n->nz * sizeof(double));
    for (size_t c = 0; c < 4; c++) { /* cloud in layers 3 to 5, and another one far above */
        for (size_t k = 3; k <= 5; k++) n->clw[k * plane + c] = 1e-4;
        n->clw[10 * plane + c] = 1e-4;
    }
    for (size_t k = 0; k <= 3; k++) n->rnw[k * plane + 1] = 1e-4; /* rain from the lower cloud alone */
    for (size_t k = 0; k <= 8; k++) n->rnw[k * plane + 2] = 1e-4; /* from higher up, through a gap */
    for (size_t k = 0; k <= 6; k++) n->rnw[k * plane + 4] = 1e-4; /* of a cloud that is unknown */
    derived(&w);
    rain_is(&w, 0, "uuuiiiuuuui..."); /* no rain water at the moment: the clouds decide */
    rain_is(&w, 1, "uuuiii......");
    rain_is(&w, 2, "uuuiiiuuu...");
    assert_true(assumes(&w, "no cloud water in some columns with rain"));
    assert_true(assumes(&w, "cloud water, rain water"));
    n->have_clw = false;
    w.assumed.n = 0;
    derived(&w);
    assert_true(assumes(&w, "rain forms from 1000 m above ground to where rain water ends"));
    for (int k = 0; k < 8; k++) {
        const double z = 0.5 * ((double)w.state->z_half[k * plane + 4] + (double)w.state->z_half[(k + 1) * plane + 4]);
        const real in = (real)bs_scavenge_in_cloud(BS_SCAVENGE_FINE, 1e-4),
                   under = (real)bs_scavenge_below_cloud(BS_SCAVENGE_FINE, 1e-4);
        const real *rate = w.state->scavenge + class_of(&w, BS_WET_FINE) * plane * n->nz + k * plane + 4;
        assert_true(*rate == (k > 6 ? 0 : z >= 1000 ? in : under));
    }
    weather_close(&w);
}

/* ---- every field ---- */

typedef struct field_case {
    const char *name;
    size_t flag;           /* offset of have_... in bs_native */
    const char *source;    /* in the line of what the source has */
    const char *diagnosed; /* words where it is absent; NULL: it cannot be */
    const char *key;       /* the assume: key that a refusal names; NULL: never refused */
    const char *assumed;   /* words where that key is given */
} field_case;

static bool *flag_of(bs_native *n, const field_case *f)
{
    return (bool *)((char *)n + f->flag);
}

static const field_case FIELDS[] = {
#define HAVE(member) offsetof(bs_native, member)
    {"10 m wind", HAVE(have_wind10), "10 m wind", "10 m wind (output): from the lowest layer by the logarithmic law",
     NULL, NULL},
    {"2 m temperature", HAVE(have_t2), "2 m temperature", "2 m temperature (output): from the lowest layer", NULL,
     NULL},
    {"boundary layer", HAVE(have_pblh), "boundary-layer height", "diagnosed, bulk Richardson number", NULL,
     "433 m everywhere"},
    {"friction velocity", HAVE(have_ustar), "friction velocity", "friction velocity: diagnosed from", NULL, NULL},
    {"heat flux", HAVE(have_hfx), "heat flux", NULL, "meteorology.assume.heat_flux: neutral", "zero assumed (neutral)"},
    {"evaporation", HAVE(have_evaporation), "evaporation", "evaporation: none in the source, no part", NULL, NULL},
    {"precipitation", HAVE(have_rain), "precipitation", NULL, "meteorology.assume.precipitation: none",
     "precipitation: none in the source, no rain"},
    {"cloud water", HAVE(have_clw), "cloud water", "rain forms from 1000 to 4000 m above ground", NULL, NULL},
    {"roughness", HAVE(have_roughness), "roughness", "a roughness length of 0.3 m", NULL, NULL},
    {"land use", HAVE(have_land), NULL, "'cropland' everywhere", NULL, NULL},
    {"leaf area", HAVE(have_leaf_area), "leaf area", NULL, "meteorology.assume.leaf_area_index", "leaf area index 1.5"},
};

/* Everything known, and nothing assumed that could be. */
static void weather_rich(weather *w)
{
    weather_small(w);
    bs_native *n = w->native;
    land_is(w, BS_LAND_CROPS, 0.5, BS_LAND_GRASS);
    for (size_t c = 0; c < planes(w); c++) {
        n->u10[c] = 2;
        n->t2[c] = 285;
        n->pblh[c] = 500;
        n->ustar[c] = 0.3;
        n->hfx[c] = 30;
        n->evaporation[c] = 1e-5;
        n->rain[c] = 1e-4;
        n->roughness[c] = 0.3;
        n->leaf_area[c] = 2;
        n->clw[3 * planes(w) + c] = 1e-4;
    }
    for (size_t f = 0; f < sizeof FIELDS / sizeof *FIELDS; f++) *flag_of(n, &FIELDS[f]) = true;
    w->options.dry_scheme = BS_DRY_PLEIM2022;
    w->options.heat_flux = -1;
    w->options.no_rain = false;
    w->options.leaf_area = NAN;
}

static void every_field_present_diagnosed_refused_or_assumed(void **unused)
{
    (void)unused;
    for (size_t f = 0; f < sizeof FIELDS / sizeof *FIELDS; f++) {
        const field_case *field = &FIELDS[f];
        weather w;
        weather_rich(&w);
        derived(&w);
        if (field->source) assert_true(assumes(&w, "from the source: ") && assumes(&w, field->source));
        if (field->diagnosed) assert_false(assumes(&w, field->diagnosed));
        *flag_of(w.native, field) = false;
        if (strcmp(field->name, "roughness") == 0) w.native->have_land = false; /* which would tell it */
        w.assumed.n = 0;
        if (field->key) {
            refused(&w, "the meteorology has no ", field->key);
        } else {
            derived(&w);
            if (!assumes(&w, field->diagnosed)) fail_msg("%s: no line says '%s'", field->name, field->diagnosed);
        }
        w.options.heat_flux = 0;
        w.options.no_rain = true;
        w.options.leaf_area = 1.5;
        w.options.fixed_pblh = 433;
        w.assumed.n = 0;
        derived(&w);
        if (field->assumed && !assumes(&w, field->assumed))
            fail_msg("%s: no line says '%s'", field->name, field->assumed);
        if (field->source && strstr(w.assumed.line[0], field->source))
            fail_msg("%s is said to be from the source: %s", field->name, w.assumed.line[0]);
        weather_close(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_air_of_the_levels_changes_nothing),
        cmocka_unit_test(own_air_is_kept),
        cmocka_unit_test(own_faces_carry_the_air_of_both_sides),
        cmocka_unit_test(evaporation_is_buoyant),
        cmocka_unit_test(roughness_by_cell),
        cmocka_unit_test(friction_velocity_of_the_10_m_wind),
        cmocka_unit_test(roughness_by_land_use),
        cmocka_unit_test(deposition_is_the_mean_over_shares),
        cmocka_unit_test(every_class_has_a_ground),
        cmocka_unit_test(rain_water_tells_where_rain_begins),
        cmocka_unit_test(every_field_present_diagnosed_refused_or_assumed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
