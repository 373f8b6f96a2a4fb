#include "model/io/nc.h"

#include <stdint.h>
#include <string.h>

void bs_round_bits(size_t n, float *values, int bits)
{
    const uint32_t exponent = 0x7f800000u;
    int drop = 23 - bits;
    if (drop <= 0) return;
    uint32_t half = (1u << (drop - 1)) - 1u, mask = ~((1u << drop) - 1u);
    for (size_t i = 0; i < n; i++) {
        uint32_t u;
        memcpy(&u, &values[i], sizeof u);
        if ((u & exponent) == exponent) continue; /* NaN and infinity */
        uint32_t rounded = (u + half + (u >> drop & 1u)) & mask;
        if ((rounded & exponent) == exponent) rounded = u & mask; /* a finite number stays finite */
        memcpy(&values[i], &rounded, sizeof rounded);
    }
}
