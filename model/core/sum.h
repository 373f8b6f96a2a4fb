/* sum.h - sums whose result does not depend on the order of the terms: 128-bit fixed point.
 * Every term is cut once to a multiple of 2^-40; adding is then integer addition, which is associative, so any number of
 * threads or ranks gives the same bits. A term may reach +-2^63 = 9e18 (micrograms: 9e9 kg in one cell), a sum
 * +-2^87 = 1.5e26 (1.5e17 kg: years of inflow of a gas at hundreds of ug kg-1 into a continent); beyond is a programmer's error. */
#ifndef BS_MODEL_CORE_SUM_H
#define BS_MODEL_CORE_SUM_H

__extension__ typedef __int128 bs_int128;

typedef struct bs_sum {
    bs_int128 units; /* of 2^-40 */
} bs_sum;

#define BS_SUM_SCALE 1099511627776.0 /* 2^40 */

/* Whole part and rest are converted apart: both fit 64 bits, which is many times faster than one 128-bit conversion. */
static inline void bs_sum_add(bs_sum *s, double term)
{
    const long long whole = (long long)term;
    const long long rest = (long long)((term - (double)whole) * BS_SUM_SCALE);
    s->units += (bs_int128)whole * ((bs_int128)1 << 40) + rest;
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
