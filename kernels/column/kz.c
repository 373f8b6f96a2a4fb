#include "kernels/column/kz.h"

#include <math.h>

#include "kernels/base/constants.h"
#include "kernels/column/surface_layer.h"

#define LENGTH_MAX 80.0 /* m, asymptotic mixing length */

/* No shear would make Ri infinite where f has its floor anyway. */
#define SHEAR2_MIN 1e-10 /* s-2 */

static double free_atmosphere(double z, double shear2, double n2)
{
    const double kz = BS_VON_KARMAN * z;
    const double length = kz * LENGTH_MAX / (LENGTH_MAX + kz);
    /* S sqrt(1 - 25 Ri) = sqrt(S^2 - 25 N^2): finite without shear too */
    if (n2 < 0) return length * length * sqrt(shear2 - 25 * n2);
    const double s2 = shear2 > SHEAR2_MIN ? shear2 : SHEAR2_MIN;
    const double ri = n2 / s2;
    const double f = 0.0012 + 1 / (1 + ri * (10 + ri * (50 + 5000 * ri * ri)));
    return length * length * sqrt(s2) * f;
}

double bs_kz(double z, bs_pbl pbl, double shear2, double n2, double floor)
{
    double k = free_atmosphere(z, shear2, n2);
    if (z < pbl.height) {
        const double top = 0.1 * pbl.height;
        const double zs = pbl.inv_l < 0 && z > top ? top : z;
        const double shape = 1 - z / pbl.height;
        const double inside = BS_VON_KARMAN * pbl.ustar / bs_phi_h(zs * pbl.inv_l) * z * shape * shape;
        k = inside > k ? inside : k;
    }
    k = k > floor ? k : floor;
    return k < BS_KZ_MAX ? k : BS_KZ_MAX;
}
