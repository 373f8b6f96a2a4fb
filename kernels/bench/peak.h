/* peak.h - what a processor can do at most: loops of fused multiply-adds, of a triad and of an update in place.
 * Source    triad: McCalpin 1995, IEEE TCCA Newsletter, 19-25 (STREAM).
 * Promises  nothing is left out: results are stored, and each is the same IEEE operation on every instruction set. */
#ifndef BS_KERNELS_BENCH_PEAK_H
#define BS_KERNELS_BENCH_PEAK_H

#include "kernels/base/isa.h"
#include "kernels/base/real.h"

/* Chains enough to hide the latency of a fused multiply-add; vectors of at most 16 lanes. */
enum { BS_PEAK_CHAINS = 12, BS_PEAK_ELEMENTS = BS_PEAK_CHAINS * 16 };

typedef struct bs_peak_kernels {
    int lanes; /* reals of a vector */
    /* n times x = a x + b in BS_PEAK_CHAINS vectors: 2 n BS_PEAK_CHAINS lanes operations. x [BS_PEAK_ELEMENTS], in/out. */
    void (*fma)(long n, real a, real b, real *x);
    /* out = b + s c; n a multiple of 16. No two pointers alias. */
    void (*triad)(long n, real s, const real *restrict b, const real *restrict c, real *restrict out);
    /* x = s x + t in place; n a multiple of 16. */
    void (*update)(long n, real s, real t, real *x);
} bs_peak_kernels;

const bs_peak_kernels *bs_peak_kernels_for(bs_isa isa);

#endif
