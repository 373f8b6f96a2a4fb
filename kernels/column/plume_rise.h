/* plume_rise.h - how high the plume of a stack rises, and the layers that its emission goes to.
 *
 * Source   Briggs 1969, Plume Rise, USAEC TID-25075; 1975, in Lectures on Air Pollution and Environmental Impact Analyses, AMS,
 *          59-111; 1984, in Atmospheric Science and Power Production, DOE/TIC-27601, 327-366; layers with residual buoyancy:
 *          Turner 1985, Atmos. Environ. 19, 1215-1218, as the plume rise of SMOKE and CMAQ has them.
 *              F = (g/4) (T_s - T)/T_s V_s d^2                                            buoyancy flux, m4 s-3
 *              dh = min{10 h_s, 1.2 b^0.6 (h_s + 1.3 b)^0.4},  b = F/(u ustar^2)           neutral
 *              dh = 2.6 [F/(u N^2)]^1/3                                                   stable
 *              dh = 30 (F/u)^0.6                                                          unstable
 *              dh = 3 d V_s/u                                                             momentum
 *          u is never taken below 1 m s-1. The plume's top is at 1.5 dh. Where that lies above the stack's layer, what buoyancy is
 *          left at the layer's upper face follows from what is left of the rise there, x, by the same formula turned round,
 *              F = u ustar^2 x^5/3 / [2.664 (h_s + 2/3 z)^2/3],   F = u N^2 x^3/59.319,   F = u (x/45)^5/3
 *          (z: height of that top above the stack's), and rises on from the face in the air of the next layer.
 *          dh = 2/3 of the final top's height above the stack; effective height h_s + dh, plume from h_s + dh/2 to h_s + 3/2 dh.
 * Choices  In the stack's layer: unstable air (heat flux upward, stack below the boundary layer's top) takes the smaller of
 *          unstable and neutral; else stable air the smaller of stable and neutral; else neutral. In layers above: stable
 *          air the smaller of stable and neutral, other air the smaller of neutral and unstable. Found by comparing with a table
 *          of that scheme (NUMERICS, 6): it tells them apart, and that air counts as stable from some N^2 between 1.7e-5 and
 *          3.5e-4 s-2 on; BS_PLUME_STABLE lies between.
 * Differs  Momentum alone raises the plume where F <= 0, and where it takes it higher than buoyancy does: the rise is then
 *          continuous at F = 0. Where the centre of the plume stays in the stack's layer and its top does not, that table has a
 *          height that depends on neither F, u nor ustar (two rows of 24); this kernel has the same formulas there as elsewhere.
 * Needs    ustar > 0, d, V_s, h_s >= 0, temperatures > 0. No downwash behind the stack, no rain or latent heat.
 * Promises finite for any input; the rise grows with V_s and d, and with F as long as the same formulas are the smaller ones
 *          (where they change places along the way, the residual jumps). SI units throughout. */
#ifndef BS_KERNELS_COLUMN_PLUME_RISE_H
#define BS_KERNELS_COLUMN_PLUME_RISE_H

#define BS_PLUME_STABLE 3e-5 /* s-2: d theta/dz of about 0.9 K km-1 */

typedef struct bs_stack {
    double height, diameter;      /* m, of the mouth */
    double temperature, velocity; /* K, m s-1, of the gas that leaves */
} bs_stack;

/* One column, [nz] from the ground upward. */
typedef struct bs_plume_column {
    int nz;
    const double *face;        /* [nz+1] m above ground, face[0] = 0, ascending */
    const double *temperature; /* [nz]   K, layer means; read by bs_plume_air_at alone */
    const double *wind;        /* [nz]   m s-1, speed */
    const double *n2;          /* [nz]   s-2, N^2 = (g/T) d theta/dz */
    double ustar;              /* m s-1 */
    double pbl;                /* m, height of the boundary layer */
    double heat_flux;          /* upward at the ground; its sign alone is read, the unit is free */
} bs_plume_column;

/* The air at the mouth of the stack. */
typedef struct bs_plume_air {
    double temperature, wind, n2; /* K, m s-1, s-2 */
} bs_plume_air;

typedef struct bs_plume {
    double buoyancy; /* F, m4 s-3; <= 0 for a cold plume */
    double bottom, height,
        top; /* m above ground; height: of the centre. The three are the stack's height without rise. */
} bs_plume;

/* Temperature and wind at a height, linear between the middles of layers and constant below the lowest and above the highest;
 * N^2 of the layer that contains it. */
bs_plume_air bs_plume_air_at(const bs_plume_column *column, double height);

/* A stack above the column's top rises in the air at its mouth alone. */
void bs_plume_rise(const bs_plume_column *column, bs_stack stack, bs_plume_air at_mouth, bs_plume *plume);

/* Share of the emission in each layer: uniform from bottom to top. fraction [nz] out; a sum of them in any order is 1 to the bit
 * (they are multiples of 2^-50). A plume within one layer, or without thickness, is all in the layer that contains it, face[k] <= z
 * < face[k+1]; what lies above the column's top goes to its highest layer: compare plume->top with face[nz] to know. */
void bs_plume_fractions(int nz, const double *face, const bs_plume *plume, double *fraction);

#endif
