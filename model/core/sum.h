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

/* A term below 2^50 in units of 1 and of what is left in 2^-40: adding 1.5 x 2^52 leaves the nearest whole number in the last bits. */
typedef struct bs_sum_parts { /* modulo 2^64: two's complement */
    unsigned long long whole, rest;
} bs_sum_parts;

static inline bs_sum_parts bs_sum_split(double term)
{
    const double magic = 6755399441055744.0, near = term + magic; /* 1.5 x 2^52 */
    const double left = (term - (near - magic)) * BS_SUM_SCALE + magic;
    unsigned long long of_magic, of_near, of_left;
    memcpy(&of_magic, &magic, sizeof magic);
    memcpy(&of_near, &near, sizeof near);
    memcpy(&of_left, &left, sizeof left);
    return (bs_sum_parts){of_near - of_magic, of_left - of_magic};
}

static inline int bs_sum_is_large(double term) /* and what is not a number */
{
    const double limit = 1125899906842624.0; /* 2^50 */
    return !(term < limit) | !(term > -limit);
}

static inline void bs_sum_add_parts(bs_sum *s, unsigned long long whole, unsigned long long rest)
{
    s->units += (bs_int128)(long long)whole * ((bs_int128)1 << 40) + (long long)rest;
}

/* Each of n <= 64 terms. */
static inline void bs_sum_add_all(bs_sum *s, int n, const double *terms)
{
    unsigned long long whole = 0, rest = 0;
    int large = 0;
#pragma omp simd reduction(+ : whole, rest, large)
    for (int t = 0; t < n; t++) {
        const bs_sum_parts p = bs_sum_split(terms[t]);
        whole += p.whole;
        rest += p.rest;
        large += bs_sum_is_large(terms[t]);
    }
    if (!large) bs_sum_add_parts(s, whole, rest);
    for (int t = 0; large && t < n; t++) {
        if (bs_sum_is_large(terms[t]))
            bs_sum_add_large(s, terms[t]);
        else
            bs_sum_add_all(s, 1, terms + t);
    }
}

/* Each of n <= 64 terms: those above zero to one sum, those below to another, without their sign. */
static inline void bs_sum_add_signed(bs_sum *above, bs_sum *below, int n, const double *terms)
{
    unsigned long long whole = 0, rest = 0, whole_above = 0, rest_above = 0;
    int large = 0;
#pragma omp simd reduction(+ : whole, rest, whole_above, rest_above, large)
    for (int t = 0; t < n; t++) {
        const bs_sum_parts p = bs_sum_split(terms[t]);
        const unsigned long long is_above = -(unsigned long long)(terms[t] > 0); /* a mask */
        whole += p.whole;
        rest += p.rest;
        whole_above += p.whole & is_above;
        rest_above += p.rest & is_above;
        large += bs_sum_is_large(terms[t]);
    }
    if (!large) {
        bs_sum_add_parts(above, whole_above, rest_above);
        bs_sum_add_parts(below, whole_above - whole, rest_above - rest);
    }
    for (int t = 0; large && t < n; t++) {
        const double size = terms[t] > 0 ? terms[t] : -terms[t];
        bs_sum_add_all(terms[t] > 0 ? above : below, 1, &size);
    }
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
