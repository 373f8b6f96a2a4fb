/* land_share.h - the share of some classes of land in the cells of a longitude-latitude map. Private to model/emis. */
#ifndef BS_MODEL_EMIS_LAND_SHARE_H
#define BS_MODEL_EMIS_LAND_SHARE_H

#include "grids/regrid/regrid.h"
#include "model/io/nc.h"
#include "model/units/units.h"

typedef struct bs_land_share {
    size_t n_lon, n_lat;
    double *lon, *lat; /* centres, degrees */
    double *share;     /* [n_lat][n_lon] 0..1 */
} bs_land_share;

/* What is asked of a map. */
typedef struct bs_land_wish {
    const char *
        variable; /* numbers of classes [lat][lon]; or shares [class][lat][lon], of the classes 1, 2, 3 ... or those of `numbers` */
    const char *numbers; /* a variable of the shape [class] or that of `variable`; NULL: none */
    const char *unit;    /* of shares, where the file states none; NULL: 1 */
    int n_classes;
    const double *classes;
} bs_land_wish;

/* Errors: BS_ERR_INPUT for dimensions that are not these, a unit that is none of a share, a share that is missing or not within 0..1,
 * classes of which the map has none. out is to be cleared in any case. */
bs_status bs_land_share_read(const bs_nc *nc, const bs_land_wish *wish, bs_units *units, bs_land_share *out,
                             bs_err *err);
void bs_land_share_clear(bs_land_share *s);

#endif
