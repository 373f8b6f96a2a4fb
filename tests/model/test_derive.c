/* Derived meteorology: masses, heights, fluxes, diffusivities and removal rates of made-up weather with known answers; what
 * is refused and what is recorded. */
#include "tests/model/test_derive_fixture.h"

#include <time.h>
#ifdef _OPENMP
#include <omp.h>
#endif

#include "kernels/column/drydep.h"
#include "kernels/column/kz.h"
#include "kernels/column/scavenge.h"

static void column_mass_is_exact(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    const size_t plane = (size_t)w.native->nx * w.native->ny;
    for (size_t o = 0; o < plane * w.native->nz; o++) w.native->qv[o] = 0.008;
    for (size_t c = 0; c < plane; c++) w.native->ps[c] = 60000 + 900 * (double)c;
    derived(&w);
    for (size_t c = 0; c < plane; c++) {
        double sum = 0;
        for (int k = 0; k < w.native->nz; k++) {
            const size_t o = k * plane + c;
            sum += w.state->m[o];
            const double dz = (double)w.state->z_half[o + plane] - (double)w.state->z_half[o];
            assert_true(fabs(w.state->m[o] / ((double)w.state->rho[o] * dz * w.mesh->area[c]) - 1) <
                        1000 * BS_REAL_EPSILON);
        }
        const double exact = (w.native->ps[c] - 10000) * (1 - 0.008) / BS_GRAVITY * w.mesh->area[c];
        assert_true(fabs(sum / exact - 1) < TOLERANCE_DOUBLE);
        assert_true(w.state->ps[c] == (real)w.native->ps[c]);
    }
    weather_close(&w);
}

static void heights_are_those_of_the_standard_atmosphere(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    derived(&w);
    const size_t plane = (size_t)w.native->nx * w.native->ny;
    assert_true(w.state->z_half[3] == 0);
    double worst = 0;
    for (int k = 1; k <= w.native->nz; k++) {
        const double p = bs_levels_pressure(w.levels, k, 101325);
        const double z11 = 11000, p11 = 22632.1, g_rt = BS_GRAVITY / (BS_R_DRY * 216.65);
        const double z = p > p11 ? 288.15 / 0.0065 * (1 - pow(p / 101325, 0.190263)) : z11 + log(p11 / p) / g_rt;
        worst = fmax(worst, fabs((double)w.state->z_half[k * plane] / z - 1));
    }
    print_message("heights: %.4f %% at most\n", 100 * worst);
    assert_true(worst < TOLERANCE_HEIGHT);
    /* lowest density: dry air at 15 C, a little above the ground */
    assert_true((double)w.state->rho[0] > 1.15 && (double)w.state->rho[0] < 1.225);
    for (int k = 0; k < w.native->nz; k++) assert_true(w.state->t[k * plane] == (real)w.native->t[k * plane]);
    weather_close(&w);
}

static void fluxes_of_uniform_wind(void **unused)
{
    (void)unused;
    const struct {
        const char *projection;
        double dx, x0, y0, limit;
    } mesh[] = {{LONLAT, 0.1, 103, 29, TOLERANCE_DOUBLE}, {LAMBERT, 9000, -30000, -20000, 1e-3}};
    for (int p = 0; p < 2; p++) {
        weather w;
        weather_open(&w, mesh[p].projection, 8, 6, 5, mesh[p].dx, mesh[p].x0, mesh[p].y0);
        const int nx = 8, ny = 6, nz = 5;
        for (int o = 0; o < nx * ny * nz; o++) {
            w.native->u[o] = 5;
            w.native->v[o] = -2;
        }
        derived(&w);
        const double column =
            (bs_levels_pressure(w.levels, 0, 101325) - bs_levels_pressure(w.levels, 1, 101325)) / BS_GRAVITY;
        for (int j = 0; j < ny; j++) {
            for (int i = 0; i <= nx; i++) {
                const double exact = 5 * column * w.mesh->len_xf[j * (nx + 1) + i];
                const double *fx = w.state->fx + j * (nx + 1) + i;
                assert_true(fabs(*fx / exact - 1) < TOLERANCE_DOUBLE);
                /* along a parallel nothing converges; in the Lambert plane as little as the map factor varies */
                if (i < nx) assert_true(fabs(fx[1] - fx[0]) < mesh[p].limit * fabs(*fx));
            }
        }
        for (int f = 0; f < nx * (ny + 1); f++) {
            assert_true(fabs(w.state->fy[f] / (-2 * column * w.mesh->len_yf[f]) - 1) < TOLERANCE_DOUBLE);
        }
        weather_close(&w);
    }
}

/* A face takes the means of both sides, the domain's edge its own cell. */
static void fluxes_average_neighbours(void **unused)
{
    (void)unused;
    weather w;
    weather_open(&w, LONLAT, 8, 6, 5, 0.1, 103, 29);
    const int nx = 8;
    w.native->u[2 * nx + 3] = 11;
    w.native->v[2 * nx + 3] = 7;
    derived(&w);
    const double *area = w.mesh->area, *m = w.state->m;
    const int c = 2 * nx + 3;
    const double fx = 0.25 * (m[c - 1] / area[c - 1] + m[c] / area[c]) * (3 + 11) * w.mesh->len_xf[2 * (nx + 1) + 3];
    assert_true(fabs(w.state->fx[2 * (nx + 1) + 3] / fx - 1) < TOLERANCE_DOUBLE);
    const double fy = 0.25 * (m[c - nx] / area[c - nx] + m[c] / area[c]) * (1 + 7) * w.mesh->len_yf[c];
    assert_true(fabs(w.state->fy[c] / fy - 1) < TOLERANCE_DOUBLE);
    assert_true(fabs(w.state->fx[0] / (m[0] / area[0] * 3 * w.mesh->len_xf[0]) - 1) < TOLERANCE_DOUBLE);
    weather_close(&w);
}

static void mixing_is_closed_and_bounded(void **unused)
{
    (void)unused;
    for (int heat = 0; heat < 2; heat++) {
        weather w;
        weather_small(&w);
        w.options.heat_flux = heat;
        derived(&w);
        const size_t plane = (size_t)w.native->nx * w.native->ny;
        const int nz = w.native->nz;
        for (size_t c = 0; c < plane; c++) {
            assert_true(w.state->mix[c] == 0 && w.state->mix[nz * plane + c] == 0);
            for (int k = 1; k < nz; k++) {
                const real *z = w.state->z_half + k * plane + c;
                const double dz = 0.5 * ((double)z[plane] - (double)z[-(ptrdiff_t)plane]);
                const double rho[2] = {(double)w.state->rho[(k - 1) * plane + c], (double)w.state->rho[k * plane + c]};
                const double kz = (double)w.state->mix[k * plane + c] * dz;
                assert_true(kz >= 0.1 * fmin(rho[0], rho[1]) * (1 - 1e-4));
                assert_true(kz <= BS_KZ_MAX * fmax(rho[0], rho[1]) * (1 + 1e-4));
            }
            assert_true((double)w.state->pblh[c] >= BS_PBLH_MIN && w.state->ustar[c] > 0);
        }
        weather_close(&w);
    }
}

static void horizontal_diffusivity(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    const int nx = w.native->nx, ny = w.native->ny;
    for (int j = 0; j < ny; j++) {
        for (int i = 0; i < nx; i++) w.native->u[j * nx + i] = 2 * j;
    }
    derived(&w);
    /* shear of 2 m s-1 per cell along y, at the edges too; lengths are true metres, 9 km over the map factor */
    for (int c = 0; c < nx * ny; c++) {
        const double exact = 0.15 * 0.15 * w.mesh->area[c] * 2 / sqrt(w.mesh->area[c]);
        assert_true(fabs((double)w.state->kh[c] / exact - 1) < 0.005);
    }
    assert_true(w.state->kh[nx * ny] == 0); /* a layer of uniform wind */
    w.options.smagorinsky = 0;
    derived(&w);
    for (int c = 0; c < nx * ny * w.native->nz; c++) assert_true(w.state->kh[c] == 0);
    weather_close(&w);
}

/* A layer of uniform potential temperature under an inversion, in weak wind. */
static void boundary_layer_by_bulk_richardson(void **unused)
{
    (void)unused;
    weather w;
    weather_open(&w, LAMBERT, 4, 4, 60, 9000, -30000, -20000);
    derived(&w); /* for the heights */
    const size_t plane = 16;
    for (int k = 0; k < 60; k++) {
        for (size_t c = 0; c < plane; c++) {
            const double z =
                0.5 * ((double)w.state->z_half[k * plane + c] + (double)w.state->z_half[(k + 1) * plane + c]);
            const double lapse =
                z < 800 ? -BS_GRAVITY / BS_CP_DRY * z : -BS_GRAVITY / BS_CP_DRY * 800 + 0.02 * (z - 800);
            w.native->t[k * plane + c] = 283 + lapse;
            w.native->u[k * plane + c] = 2;
            w.native->v[k * plane + c] = 0;
        }
    }
    derived(&w);
    assert_true(assumes(&w, "bulk Richardson"));
    assert_false(assumes(&w, "raised"));
    print_message("boundary layer under an inversion at 800 m: %.0f m\n", (double)w.state->pblh[5]);
    assert_true(fabs((double)w.state->pblh[5] - 800) < 100); /* within a layer of 150 m */
    /* evenly stable air, 0.01 K m-1, in a wind of 20 m s-1: Ri = N^2 (z - z1)^2/U^2 */
    double z1 = 0;
    for (int k = 0; k < 60; k++) {
        for (size_t c = 0; c < plane; c++) {
            const double z =
                0.5 * ((double)w.state->z_half[k * plane + c] + (double)w.state->z_half[(k + 1) * plane + c]);
            if (k == 0) z1 = z;
            w.native->t[k * plane + c] = 275 + (0.01 - BS_GRAVITY / BS_CP_DRY) * z;
            w.native->u[k * plane + c] = 20;
        }
    }
    derived(&w);
    const double exact = z1 + 20 * sqrt(0.25 / (BS_GRAVITY / 275 * 0.01));
    print_message("boundary layer in evenly stable air: %.0f m, exactly %.0f m\n", (double)w.state->pblh[5], exact);
    assert_true(fabs((double)w.state->pblh[5] - exact) < 50); /* interpolated between layers of 200 m */
    w.options.fixed_pblh = 433;
    derived(&w);
    assert_true(w.state->pblh[5] == 433);
    assert_true(assumes(&w, "433 m everywhere"));
    w.native->have_pblh = true; /* the source's own goes before what is assumed */
    w.assumed.n = 0;
    for (size_t c = 0; c < plane; c++) w.native->pblh[c] = 12 + 100 * (double)c;
    derived(&w);
    assert_true(w.state->pblh[0] == (real)BS_PBLH_MIN && w.state->pblh[5] == 512);
    assert_false(assumes(&w, "433 m"));
    assert_true(assumes(&w, "raised to 50 m"));
    weather_close(&w);
}

static void surface_from_the_source_or_the_log_law(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    derived(&w);
    bs_native *n = w.native;
    const double z1 = 0.5 * (double)w.state->z_half[n->nx * n->ny];
    const double speed = hypot(n->u[0], n->v[0]);
    assert_true(fabs((double)w.state->ustar[0] / (0.4 * speed / log(z1 / 0.3)) - 1) < 1e-5);
    assert_true(fabs((double)w.state->u10[0] / (n->u[0] * log(10 / 0.3) / log(z1 / 0.3)) - 1) < 1e-5);
    assert_true(fabs((double)w.state->t2[0] - n->t[0] - BS_GRAVITY / BS_CP_DRY * (z1 - 2)) < 1e-3);
    assert_true(assumes(&w, "friction velocity") && assumes(&w, "10 m wind") && assumes(&w, "2 m temperature"));
    assert_true(assumes(&w, "zero assumed (neutral)"));
    const int lines = w.assumed.n;
    derived(&w);
    assert_int_equal(w.assumed.n, lines); /* each line once */

    w.assumed.n = 0;
    n->have_ustar = n->have_hfx = n->have_wind10 = n->have_t2 = n->have_pblh = n->have_rain = n->have_clw = true;
    w.options.heat_flux = -1;
    for (int c = 0; c < n->nx * n->ny; c++) {
        n->ustar[c] = 0.37;
        n->hfx[c] = 120;
        n->u10[c] = 1.5;
        n->v10[c] = -0.5;
        n->t2[c] = 281;
        n->pblh[c] = 700;
    }
    derived(&w);
    assert_true(w.state->ustar[3] == (real)0.37 && w.state->u10[3] == (real)1.5 && w.state->v10[3] == (real)-0.5);
    assert_true(w.state->t2[3] == 281 && w.state->pblh[3] == 700);
    assert_int_equal(w.assumed.n, 4); /* what is from the source, and: */
    assert_true(assumes(&w, "land use") && assumes(&w, "evaporation: none") && assumes(&w, "aerodynamic resistance"));
    assert_true(assumes(&w,
                        "from the source: 10 m wind, 2 m temperature, boundary-layer height, friction velocity, heat "
                        "flux, precipitation, cloud water"));
    weather_close(&w);
}

static void heat_flux_follows_the_sun(void **unused)
{
    (void)unused;
    /* Chengdu, 10 January: noon by the sun at 05:11 UTC, elevation 90 - 30.67 - 22.0 degrees */
    const double noon = bs_diurnal_heat_flux(bs_sun_at(bs_time_from_date(2015, 1, 10, 5, 11, 0)), 104.07, 30.67);
    assert_true(fabs(noon - (BS_DIURNAL_NIGHT + BS_DIURNAL_DAY * sin(37.3 * BS_PI / 180))) < 1);
    assert_true(bs_diurnal_heat_flux(bs_sun_at(bs_time_from_date(2015, 1, 10, 2, 0, 0)), 104.07, 30.67) < noon);
    assert_true(bs_diurnal_heat_flux(bs_sun_at(bs_time_from_date(2015, 1, 10, 8, 30, 0)), 104.07, 30.67) < noon);
    assert_true(bs_diurnal_heat_flux(bs_sun_at(bs_time_from_date(2015, 1, 10, 17, 0, 0)), 104.07, 30.67) ==
                BS_DIURNAL_NIGHT);
}

static void removal_velocities(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    for (int scheme = BS_DRY_EMERSON2020; scheme <= BS_DRY_NONE; scheme++) {
        w.options.dry_scheme = scheme;
        derived(&w);
        const size_t plane = (size_t)w.native->nx * w.native->ny, volume = plane * w.native->nz;
        const int fine = class_of(&w, BS_WET_FINE), coarse = class_of(&w, BS_WET_COARSE),
                  inert = class_of(&w, BS_WET_NONE);
        for (size_t o = 0; o < volume; o++) {
            assert_true(w.state->v_set[fine * volume + o] > 0);
            assert_true(w.state->v_set[coarse * volume + o] > w.state->v_set[fine * volume + o]);
            assert_true(w.state->v_set[inert * volume + o] == 0);
        }
        for (size_t c = 0; c < plane; c++) {
            for (int cl = 0; cl < w.tracers->n_removal; cl++) {
                const real dep = w.state->v_dep[cl * plane + c], set = w.state->v_set[cl * volume + c];
                assert_true(scheme == BS_DRY_NONE || cl == inert ? dep == set : dep > set);
            }
        }
        bs_sizes sizes;
        bs_sizes_lognormal(0.33e-6, 1.8, &sizes);
        const double p = 0.5 * (101325 + bs_levels_pressure(w.levels, 1, 101325));
        const double vs = bs_settling_velocity_mean(1600, &sizes, w.native->t[0], p);
        assert_true(fabs((double)w.state->v_set[fine * volume] / vs - 1) < 1e-5);
        print_message("scheme %d: V_d %.2e, V_s %.2e m s-1 of fine particles\n", scheme,
                      (double)w.state->v_dep[fine * plane], (double)w.state->v_set[fine * volume]);
    }
    weather_close(&w);
}

static void rain_by_cloud_water_or_by_height(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    bs_native *n = w.native;
    const size_t plane = (size_t)n->nx * n->ny, volume = plane * n->nz;
    const int fine = class_of(&w, BS_WET_FINE), coarse = class_of(&w, BS_WET_COARSE), inert = class_of(&w, BS_WET_NONE);
    const double rain = 1.0 / 3600;
    w.options.no_rain = false;
    n->have_rain = n->have_clw = true;
    for (size_t c = 0; c < plane; c++) n->rain[c] = c == 0 ? -1e-9 : rain;
    n->clw[5 * plane + 1] = n->clw[7 * plane + 1] = 1e-4; /* column 1: cloud in layers 5 and 7; column 2: none */
    n->clw[0 * plane + 1] = 2e-6;                         /* and fog */
    derived(&w);
    const real *rate = w.state->scavenge + fine * volume;
    const real in = (real)bs_scavenge_in_cloud(BS_SCAVENGE_FINE, rain),
               under = (real)bs_scavenge_below_cloud(BS_SCAVENGE_FINE, rain);
    for (int k = 0; k < n->nz; k++) {
        const real want = k > 7 ? 0 : k == 0 || k == 5 || k == 7 ? in : under;
        assert_true(rate[k * plane + 1] == want);
        assert_true(rate[k * plane] == 0);
        const double z = 0.5 * ((double)w.state->z_half[k * plane + 2] + (double)w.state->z_half[(k + 1) * plane + 2]);
        assert_true(rate[k * plane + 2] == (z >= 4000 ? 0 : z >= 1000 ? in : under));
        assert_true(w.state->scavenge[inert * volume + k * plane + 1] == 0);
    }
    assert_true(w.state->scavenge[coarse * volume + plane + 1] > rate[plane + 1]);
    assert_true(w.state->rain[0] == 0 && w.state->rain[1] == (real)rain);
    assert_true(assumes(&w, "no cloud water in some columns with rain; rain forms from 1000 to 4000 m"));
    n->have_clw = false;
    derived(&w);
    assert_true(assumes(&w, "clouds: none in the source"));
    assert_true(rate[7 * plane + 1] == rate[7 * plane + 2]);
    w.options.wet = false;
    derived(&w);
    for (size_t o = 0; o < volume; o++) assert_true(rate[o] == 0);
    weather_close(&w);
}

static void missing_fields_are_refused(void **unused)
{
    (void)unused;
    weather w;
    weather_small(&w);
    const bs_derive_options fine = w.options;
    w.options.heat_flux = -1;
    refused(&w, "no surface sensible heat flux", "meteorology.assume.heat_flux: neutral");
    w.options = fine;
    w.options.no_rain = false;
    refused(&w, "no precipitation", "meteorology.assume.precipitation: none");
    w.options.wet = false;
    derived(&w); /* nobody needs rain then */
    w.options = fine;
    const double b1 = w.levels->b_half[1], a1 = w.levels->a_half[1];
    w.levels->a_half[1] = 0; /* a lowest layer of 4 m */
    w.levels->b_half[1] = 0.9995;
    w.options.roughness = 1.5;
    refused(&w, "cell (j 0, i 0) and the roughness length 1.5 m",
            "lower meteorology.assume.roughness, or make the lowest layer thicker in grid.levels (a smaller second "
            "value of grid.levels.eta)");
    w.levels->a_half[1] = a1;
    w.levels->b_half[1] = b1;
    w.options = fine;
    w.native->t[9] = w.native->t[20 * 42 + 15] = NAN; /* at the ground and aloft */
    refused(&w, "cell (j 1, i 2) is not a number", "temperature");
    w.native->t[9] = 280;
    refused(&w, "cell (j 2, i 1) is not a number", "temperature");
    w.native->t[20 * 42 + 15] = 280;
    w.levels->a_half[w.native->nz] = 0;
    refused(&w, "top is at 0 Pa", "above zero");
    weather_close(&w);
}

static void threads_change_no_bit(void **unused)
{
    (void)unused;
#ifdef _OPENMP
    weather a, b;
    weather_small(&a);
    weather_small(&b);
    const int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    derived(&a);
    omp_set_num_threads(3);
    derived(&b);
    omp_set_num_threads(threads);
    const size_t plane = (size_t)a.native->nx * a.native->ny, volume = plane * a.native->nz;
    assert_memory_equal(a.state->m, b.state->m, volume * sizeof(double));
    assert_memory_equal(a.state->fx, b.state->fx, (volume + a.native->ny * a.native->nz) * sizeof(double));
    assert_memory_equal(a.state->fy, b.state->fy, (volume + a.native->nx * a.native->nz) * sizeof(double));
    assert_memory_equal(a.state->mix, b.state->mix, (volume + plane) * sizeof(real));
    assert_memory_equal(a.state->kh, b.state->kh, volume * sizeof(real));
    assert_memory_equal(a.state->v_dep, b.state->v_dep, plane * a.state->n_removal * sizeof(real));
    assert_memory_equal(a.state->v_set, b.state->v_set, volume * a.state->n_removal * sizeof(real));
    weather_close(&a);
    weather_close(&b);
#else
    skip();
#endif
}

/* Only told: machines differ. The house's aim is 40 ms on one thread for a default domain. */
static void speed(void **unused)
{
    (void)unused;
    weather w;
    weather_open(&w, LAMBERT, 160, 120, 24, 9000, -720000, -540000);
    w.options.heat_flux = 1;
    double least = 1e9;
#ifdef _OPENMP
    const int threads = omp_get_max_threads();
    omp_set_num_threads(1);
#endif
    for (int n = 0; n < 5; n++) {
        struct timespec from, to;
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
        derived(&w);
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
        least = fmin(least, (double)(to.tv_sec - from.tv_sec) + 1e-9 * (double)(to.tv_nsec - from.tv_nsec));
    }
#ifdef _OPENMP
    omp_set_num_threads(threads);
#endif
    print_message("160 x 120 x 24 cells, %d removal classes: %.1f ms\n", w.tracers->n_removal, 1000 * least);
    weather_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(column_mass_is_exact),
        cmocka_unit_test(heights_are_those_of_the_standard_atmosphere),
        cmocka_unit_test(fluxes_of_uniform_wind),
        cmocka_unit_test(fluxes_average_neighbours),
        cmocka_unit_test(mixing_is_closed_and_bounded),
        cmocka_unit_test(horizontal_diffusivity),
        cmocka_unit_test(boundary_layer_by_bulk_richardson),
        cmocka_unit_test(surface_from_the_source_or_the_log_law),
        cmocka_unit_test(heat_flux_follows_the_sun),
        cmocka_unit_test(removal_velocities),
        cmocka_unit_test(rain_by_cloud_water_or_by_height),
        cmocka_unit_test(missing_fields_are_refused),
        cmocka_unit_test(threads_change_no_bit),
        cmocka_unit_test(speed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
