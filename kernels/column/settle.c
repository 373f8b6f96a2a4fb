#include "kernels/column/settle.h"
#include "kernels/base/clones.h"

#include <math.h>

#include "kernels/base/check.h"
#include "kernels/base/constants.h"

/* Zeros and weights / sqrt(pi) of the seventh Hermite polynomial, from the centre outward. */
static const double HERMITE_X[4] = {0.0, 0.816287882858964663, 1.673551628767471445, 2.651961356835233492};
static const double HERMITE_W[4] = {0.457142857142857143, 0.240123178605012722, 0.030757123967586498,
                                    0.000548268855972218};

/* U.S. Standard Atmosphere 1976, with which the viscosity goes. */
#define MOLAR_MASS 0.0289644 /* kg mol-1 */

#define PATH_FIRST 2e-8 /* m */
#define PATH_LAST  2e-5

double bs_air_viscosity(double temperature)
{
    return 1.458e-6 * temperature * sqrt(temperature) / (temperature + 110.4);
}

double bs_mean_free_path(double temperature, double pressure)
{
    const double mean_speed = sqrt(8 * BS_GAS_CONSTANT * temperature / (BS_PI * MOLAR_MASS));
    const double density_over_pressure = MOLAR_MASS / (BS_GAS_CONSTANT * temperature);
    return 2 * bs_air_viscosity(temperature) / (pressure * density_over_pressure * mean_speed);
}

double bs_slip_correction(double diameter, double mean_free_path)
{
    const double kn = 2 * mean_free_path / diameter;
    return 1 + kn * (1.257 + 0.4 * exp(-1.1 / kn));
}

double bs_settling_velocity(double density, double diameter, double temperature, double pressure)
{
    const double slip = bs_slip_correction(diameter, bs_mean_free_path(temperature, pressure));
    return density * diameter * diameter * BS_GRAVITY * slip / (18 * bs_air_viscosity(temperature));
}

void bs_sizes_lognormal(double diameter, double sigma, bs_sizes *sizes)
{
    bs_assert(diameter > 0 && sigma >= 1);
    const double spread = sqrt(2.0) * log(sigma);
    for (int i = 0; i < BS_SIZES; i++) {
        const int from_centre = i - BS_SIZES / 2;
        const int node = from_centre < 0 ? -from_centre : from_centre;
        const double x = from_centre < 0 ? -HERMITE_X[node] : HERMITE_X[node];
        sizes->diameter[i] = diameter * exp(spread * x);
        sizes->weight[i] = HERMITE_W[node];
    }
}

double bs_settling_velocity_mean(double density, const bs_sizes *sizes, double temperature, double pressure)
{
    double sum = 0;
    for (int i = 0; i < BS_SIZES; i++) {
        sum += sizes->weight[i] * bs_settling_velocity(density, sizes->diameter[i], temperature, pressure);
    }
    return sum;
}

void bs_slip_table_fill(double density, const bs_sizes *sizes, bs_slip_table *table)
{
    const double step = log(PATH_LAST / PATH_FIRST) / (BS_SLIP_POINTS - 1);
    table->log_first = log(PATH_FIRST);
    table->inverse_step = 1 / step;
    for (int n = 0; n < BS_SLIP_POINTS; n++) {
        const double path = exp(table->log_first + n * step);
        double sum = 0;
        for (int i = 0; i < BS_SIZES; i++) {
            const double d = sizes->diameter[i];
            sum += sizes->weight[i] * d * d * bs_slip_correction(d, path);
        }
        table->value[n] = density * BS_GRAVITY * sum / 18;
    }
}

void bs_settling_velocity_row(int n, const bs_slip_table *table, const double *restrict viscosity,
                              const double *restrict log_path, real *restrict velocity)
{
    for (int i = 0; i < n; i++) {
        double at = (log_path[i] - table->log_first) * table->inverse_step;
        at = at > 0 ? at : 0;
        at = at < BS_SLIP_POINTS - 1 ? at : BS_SLIP_POINTS - 1;
        int cell = (int)at;
        cell = cell < BS_SLIP_POINTS - 2 ? cell : BS_SLIP_POINTS - 2;
        const double f = at - cell;
        velocity[i] = (real)(((1 - f) * table->value[cell] + f * table->value[cell + 1]) / viscosity[i]);
    }
}

/* Rows of `factors`: what comes in from above and what leaves of a layer, both over m_k + dt s_k; then dt s_0. */
BS_CLONES void bs_settle_factor(bs_strip s, double dt, const real *restrict mass, const real *restrict flow,
                                real *restrict factors)
{
    bs_assert(s.nz >= 1 && s.n <= s.stride && dt > 0);
    const real h = (real)dt;
    const ptrdiff_t field = s.nz * s.stride, top = field - s.stride;
    for (int k = 0; k < s.nz; k++) {
        const ptrdiff_t r = k * s.stride;
        for (int i = 0; i < s.n; i++) {
            const real out = h * flow[r + i], in = r == top ? 0 : h * flow[r + s.stride + i];
            const real over = 1 / (mass[r + i] + out);
            factors[r + i] = in * over;
            factors[field + r + i] = out * over;
        }
    }
    for (int i = 0; i < s.n; i++) factors[2 * field + i] = h * flow[i];
}

/* n: s.n, a constant to the compiler where strips are whole. */
static inline __attribute__((always_inline)) void settle(int n, bs_strip s, const real *restrict factors,
                                                         real *restrict q, ptrdiff_t q_stride)
{
    const ptrdiff_t field = s.nz * s.stride;
    real above[BS_STRIP] = {0};
    for (int k = s.nz - 1; k >= 0; k--) {
        const real *restrict in = factors + k * s.stride, *restrict out = in + field;
        real *restrict here = q + k * q_stride;
        for (int i = 0; i < n; i++) {
            above[i] = here[i] + (in[i] * above[i] - out[i] * here[i]);
            here[i] = above[i];
        }
    }
}

BS_CLONES void bs_settle(bs_strip s, const real *factors, real *q, ptrdiff_t q_stride, double *deposited)
{
    bs_assert(s.n <= BS_STRIP);
    const real *ground = factors + 2 * s.nz * s.stride;
    if (s.n == BS_STRIP)
        settle(BS_STRIP, s, factors, q, q_stride);
    else
        settle(s.n, s, factors, q, q_stride);
    for (int i = 0; i < s.n; i++) deposited[i] += (double)ground[i] * (double)q[i];
}

BS_CLONES void bs_settle_adjoint(bs_strip s, const real *restrict factors, real *restrict sensitivity,
                                 ptrdiff_t s_stride)
{
    bs_assert(s.n <= BS_STRIP);
    const real *restrict out = factors + s.nz * s.stride;
    real below[BS_STRIP] = {0};
    for (int k = 0; k < s.nz; k++) {
        real *restrict here = sensitivity + k * s_stride;
        for (int i = 0; i < s.n; i++) {
            below[i] = here[i] + out[k * s.stride + i] * (below[i] - here[i]);
            here[i] = below[i];
        }
    }
}
