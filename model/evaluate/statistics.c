#include "model/evaluate/statistics.h"

#include <math.h>
#include <stddef.h>

enum { LEAST_PAIRS = 3 };
static const double NO_VARIANCE = 1e-24; /* of n mean^2: rounding of a constant */
static const double FULL = 2;            /* the largest fractional bias and error */

static void add_moments(bs_statistics *s, const double *o, const double *m)
{
    double oo = 0, mm = 0, om = 0, within = 0, error2 = 0;
    s->r = s->ioa = NAN;
    if (s->n < LEAST_PAIRS) return;
    for (int k = 0; k < s->n; k++) {
        const double a = o[k] - s->mean_obs, b = m[k] - s->mean_mod;
        const double reach = fabs(m[k] - s->mean_obs) + fabs(a);
        oo += a * a;
        mm += b * b;
        om += a * b;
        within += reach * reach;
        error2 += (m[k] - o[k]) * (m[k] - o[k]);
    }
    const double least = NO_VARIANCE * s->n;
    if (oo > least * s->mean_obs * s->mean_obs && mm > least * s->mean_mod * s->mean_mod)
        s->r = fmax(-1, fmin(1, om / (sqrt(oo) * sqrt(mm))));
    if (oo > least * s->mean_obs * s->mean_obs) s->ioa = 1 - error2 / within;
}

static void add_fractions(bs_statistics *s, const double *o, const double *m)
{
    double bias = 0, error = 0;
    int close = 0;
    for (int k = 0; k < s->n; k++) {
        if (!(o[k] > 0 && m[k] >= 0)) continue;
        const double f = 2 * (m[k] - o[k]) / (m[k] + o[k]);
        bias += f;
        error += fabs(f);
        close += m[k] >= 0.5 * o[k] && m[k] <= 2 * o[k];
        s->n_positive++;
    }
    s->fac2 = s->n_positive ? (double)close / s->n_positive : NAN;
    s->mfb = s->n_positive ? bias / s->n_positive : NAN;
    s->mfe = s->n_positive ? error / s->n_positive : NAN;
}

bs_statistics bs_statistics_of(int n, const double *o, const double *m)
{
    bs_statistics s = {.n = n};
    double sum_o = 0, sum_m = 0, bias = 0, error = 0, error2 = 0, scaled = 0;
#define BS_STATISTIC(member, unit, text) s.member = NAN;
#include "model/evaluate/statistics.def"
    if (n <= 0) return s;
    for (int k = 0; k < n; k++) {
        const double e = m[k] - o[k];
        sum_o += o[k];
        sum_m += m[k];
        bias += e;
        error += fabs(e);
        error2 += e * e;
    }
    s.mean_obs = sum_o / n;
    s.mean_mod = sum_m / n;
    s.mb = bias / n;
    s.rmse = sqrt(error2 / n);
    if (sum_o > 0) {
        s.ratio = sum_m / sum_o;
        s.nmb = bias / sum_o;
        s.nme = error / sum_o;
    }
    if (sum_o > 0 && sum_m > 0) {
        for (int k = 0; k < n; k++) scaled += fabs(m[k] * (sum_o / sum_m) - o[k]);
        s.nme_scaled = scaled / sum_o;
    }
    add_moments(&s, o, m);
    add_fractions(&s, o, m);
    return s;
}

/* ---- tables ---- */

enum {
#define BS_STATISTIC(member, unit, text) ROW_##member,
#include "model/evaluate/statistics.def"
    N_ROWS
};

static const bs_statistic_row ROWS[] = {
#define BS_STATISTIC(member, unit, text) {#member, unit, text},
#include "model/evaluate/statistics.def"
};

static const size_t PLACE[] = {
#define BS_STATISTIC(member, unit, text) offsetof(bs_statistics, member),
#include "model/evaluate/statistics.def"
};

enum { WITHIN = 0, ABOVE = 1 };

static const bs_benchmark BENCHMARKS[] = {
#define BS_BENCHMARK(source, member, sense, goal, criteria, scale)                                                     \
    {source, #member, sense, goal, criteria, scale, ROW_##member},
#include "model/evaluate/statistics.def"
};

const bs_statistic_row *bs_statistic_rows(int *count)
{
    *count = N_ROWS;
    return ROWS;
}

double bs_statistic_value(const bs_statistics *s, int row)
{
    return *(const double *)((const char *)s + PLACE[row]);
}

const char *bs_mark_word(bs_mark mark)
{
    static const char *const WORD[] = {"", "goal", "criteria", "not met"};
    return WORD[mark];
}

const bs_benchmark *bs_benchmarks(int *count)
{
    *count = sizeof BENCHMARKS / sizeof *BENCHMARKS;
    return BENCHMARKS;
}

double bs_benchmark_limit(const bs_benchmark *b, double limit, double x)
{
    return b->scale > 0 ? limit + (FULL - limit) * exp(-x / b->scale) : limit;
}

bs_mark bs_benchmark_mark(const bs_benchmark *b, const bs_statistics *s)
{
    const double value = bs_statistic_value(s, b->row), x = 0.5 * (s->mean_obs + s->mean_mod);
    if (!isfinite(value) || s->n < BS_MARK_PAIRS) return BS_MARK_NONE;
    const double goal = bs_benchmark_limit(b, b->goal, x), criteria = bs_benchmark_limit(b, b->criteria, x);
    if (b->above) return value > goal ? BS_MARK_GOAL : value > criteria ? BS_MARK_CRITERIA : BS_MARK_MISSED;
    return fabs(value) <= goal ? BS_MARK_GOAL : fabs(value) <= criteria ? BS_MARK_CRITERIA : BS_MARK_MISSED;
}
