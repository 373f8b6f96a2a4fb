/* maximum.h - the largest magnitude of many numbers, in a loop that compilers make vectors of. The order of the numbers does not matter.
 * Of NaN and infinities, which comparisons lose, the result is NaN. */
#ifndef BS_KERNELS_BASE_MAXIMUM_H
#define BS_KERNELS_BASE_MAXIMUM_H

#include <math.h>
#include <stddef.h>

enum { BS_MAXIMUM_LANES = 64 }; /* more than a vector has: so the loop over them stays a loop */

typedef struct bs_maximum {
    double lane[BS_MAXIMUM_LANES], poison[BS_MAXIMUM_LANES]; /* zeros to begin with */
} bs_maximum;

/* n <= BS_MAXIMUM_LANES more numbers. Multiplied by 0 they leave NaN where they are none, or infinite. */
static inline void bs_maximum_add(bs_maximum *restrict m, size_t n, const double *restrict a)
{
    for (size_t l = 0; l < n; l++) {
        const double v = fabs(a[l]);
        m->lane[l] = v > m->lane[l] ? v : m->lane[l];
        m->poison[l] += v * 0.0;
    }
}

static inline double bs_maximum_value(const bs_maximum *m)
{
    double most = 0.0;
    for (int l = 0; l < BS_MAXIMUM_LANES; l++) most = (m->lane[l] > most ? m->lane[l] : most) + m->poison[l];
    return most;
}

/* Of n numbers. */
static inline double bs_max_abs(size_t n, const double *a)
{
    bs_maximum m = {.lane = {0.0}};
    size_t i = 0;
    for (; i + BS_MAXIMUM_LANES <= n; i += BS_MAXIMUM_LANES) bs_maximum_add(&m, BS_MAXIMUM_LANES, a + i);
    bs_maximum_add(&m, n - i, a + i);
    return bs_maximum_value(&m);
}

#endif
