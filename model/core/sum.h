/* sum.h - sums whose result does not depend on the order of the terms: 128-bit fixed point.
 * Every term is rounded once to a multiple of 2^-60; adding is then integer addition, which is associative, so any number of
 * threads or ranks gives the same bits. Range +-2^66 = 7e19: for micrograms that is 7e10 kg; terms beyond are a programmer's error. */
#ifndef BS_MODEL_CORE_SUM_H
#define BS_MODEL_CORE_SUM_H

__extension__ typedef __int128 bs_int128;

typedef struct bs_sum {
    bs_int128 units; /* of 2^-60 */
} bs_sum;

#define BS_SUM_SCALE 1152921504606846976.0 /* 2^60 */

static inline void bs_sum_add(bs_sum *s, double term)
{
    s->units += (bs_int128)(term * BS_SUM_SCALE);
}

static inline void bs_sum_merge(bs_sum *s, const bs_sum *other)
{
    s->units += other->units;
}

static inline double bs_sum_value(const bs_sum *s)
{
    return (double)s->units / BS_SUM_SCALE;
}

#endif
