/* sum.h - sums whose result does not depend on the order of the terms: 128-bit fixed point.
 * Every term is rounded once to a multiple of 2^-40; adding is then integer addition, which is associative, so any number of
 * threads or ranks gives the same bits. A term may reach +-2^63 = 9e18 (micrograms: 9e9 kg in one cell), a sum
 * +-2^87 = 1.5e26 (1.5e17 kg: years of inflow of a gas at hundreds of ug kg-1 into a continent); beyond is a programmer's error. */
#ifndef BS_MODEL_CORE_SUM_H
#define BS_MODEL_CORE_SUM_H

#include <string.h>

__extension__ typedef __int128 bs_int128;

typedef struct bs_sum {
    bs_int128 units; /* of 2^-40 */
} bs_sum;

#define BS_SUM_SCALE 1099511627776.0 /* 2^40 */

/* Above 2^50 a double is a multiple of 1/4: whole part and rest are exact. */
static inline void bs_sum_add_large(bs_sum *s, double term)
{
    const long long whole = (long long)term;
    const long long rest = (long long)((term - (double)whole) * BS_SUM_SCALE);
    s->units += (bs_int128)whole * ((bs_int128)1 << 40) + rest;
}

/* Each of n <= 64 terms. Adding 1.5 x 2^52 leaves the nearest whole number in the last bits of the sum: whole part and rest of many terms
 * are found and added up in few instructions. */
static inline void bs_sum_add_all(bs_sum *s, int n, const double *terms)
{
    const double magic = 6755399441055744.0, limit = 1125899906842624.0; /* 1.5 x 2^52, 2^50 */
    double whole[64], rest[64];
    unsigned long long bits, wholes = 0, rests = 0, of_magic;
    int small = 1;
    for (int t = 0; t < n; t++) small &= terms[t] < limit && terms[t] > -limit;
    if (!small) {
        for (int t = 0; t < n; t++) {
            if (terms[t] < limit && terms[t] > -limit)
                bs_sum_add_all(s, 1, terms + t);
            else
                bs_sum_add_large(s, terms[t]);
        }
        return;
    }
    for (int t = 0; t < n; t++) {
        whole[t] = terms[t] + magic;
        rest[t] = (terms[t] - (whole[t] - magic)) * BS_SUM_SCALE + magic;
    }
    for (int t = 0; t < n; t++) {
        memcpy(&bits, &whole[t], sizeof bits);
        wholes += bits;
        memcpy(&bits, &rest[t], sizeof bits);
        rests += bits;
    }
    memcpy(&of_magic, &magic, sizeof of_magic);
    wholes -= (unsigned long long)n * of_magic; /* modulo 2^64: two's complement */
    rests -= (unsigned long long)n * of_magic;
    s->units += (bs_int128)(long long)wholes * ((bs_int128)1 << 40) + (long long)rests;
}

static inline void bs_sum_add(bs_sum *s, double term)
{
    bs_sum_add_all(s, 1, &term);
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
