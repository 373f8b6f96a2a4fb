#include <math.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/emis/lonlat_formats.h"

static const double AGREE = 1e-6; /* of a cell: ranges and spacing are often stored as float */

static bs_status read_pair(const bs_nc *nc, const char *name, double pair[2], bs_err *err)
{
    bs_nc_var var;
    BS_TRY(bs_nc_find(nc, name, &var, err));
    if (var.size != 2 || !var.is_number) {
        return bs_fail(err, BS_ERR_INPUT, "%s: '%s' must hold two numbers (a GMT grid), found %zu", bs_nc_file(nc),
                       name, var.size);
    }
    BS_TRY(bs_nc_read(nc, &var, NULL, NULL, pair, err));
    if (isfinite(pair[0]) && isfinite(pair[1])) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: '%s' = (%g, %g) is not two finite numbers", bs_nc_file(nc), name, pair[0],
                   pair[1]);
}

/* Cells of one axis and its first edge; *offset: 1 edges, 0 nodes, -1 not known yet. */
static bs_status frame_axis(const bs_nc *nc, const char *name, const double range[2], double step, double n,
                            int *offset, double *first, bs_err *err)
{
    const double edges = (range[1] - range[0]) / step, nodes = edges + 1;
    const bool by_edges = fabs(edges - n) < AGREE * n, by_nodes = fabs(nodes - n) < AGREE * n;
    if (*offset < 0 && by_edges != by_nodes) *offset = by_edges ? 1 : 0;
    if (step > 0 && n >= 1 && n == floor(n) && *offset >= 0 && (*offset ? by_edges : by_nodes)) {
        *first = *offset ? range[0] : range[0] - 0.5 * step;
        return BS_OK;
    }
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: %s_range (%g, %g), spacing %g and dimension %g disagree: the range has %g cells between edges "
                   "or %g nodes",
                   bs_nc_file(nc), name, range[0], range[1], step, n, edges, nodes);
}

static bs_status read_frame(const bs_nc *nc, const bs_nc_var *z, bs_lonlat_frame *frame, bs_err *err)
{
    double x[2], y[2], spacing[2], dimension[2], node_offset = -1;
    BS_TRY(read_pair(nc, "x_range", x, err));
    BS_TRY(read_pair(nc, "y_range", y, err));
    BS_TRY(read_pair(nc, "spacing", spacing, err));
    BS_TRY(read_pair(nc, "dimension", dimension, err));
    if (z->n_dims != 1 || (double)z->size != dimension[0] * dimension[1]) {
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' has %zu values in %d dimension%s, expected %g x %g in one",
                       bs_nc_file(nc), z->name, z->size, z->n_dims, z->n_dims == 1 ? "" : "s", dimension[0],
                       dimension[1]);
    }
    bs_nc_number(nc, z, "node_offset", &node_offset);
    int offset = node_offset < 0 ? -1 : node_offset > 0;
    double south = 0;
    BS_TRY(frame_axis(nc, "x", x, spacing[0], dimension[0], &offset, &frame->west, err));
    BS_TRY(frame_axis(nc, "y", y, spacing[1], dimension[1], &offset, &south, err));
    frame->n_lon = (size_t)dimension[0];
    frame->n_lat = (size_t)dimension[1];
    frame->dlon = spacing[0];
    frame->dlat = -spacing[1];
    frame->south = south + spacing[1] * dimension[1]; /* the first row is the northernmost */
    if (south >= -90 - AGREE && frame->south <= 90 + AGREE) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: the latitudes run from %g to %g, beyond 90 degrees", bs_nc_file(nc), south,
                   frame->south);
}

bs_status bs_lonlat_from_gmt(const bs_nc *nc, const char *variable, bs_lonlat_field **out, bs_err *err)
{
    bs_nc_var z;
    bs_lonlat_frame frame = {0};
    bs_lonlat_field *f = NULL;
    double nodata = NAN;
    BS_TRY(bs_nc_find(nc, variable, &z, err));
    if (!z.is_number) return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' holds no numbers", bs_nc_file(nc), variable);
    BS_TRY(read_frame(nc, &z, &frame, err));
    BS_TRY(bs_lonlat_field_hold(bs_nc_file(nc), variable, &frame, 1, &f, err));
    bs_status status = bs_nc_read(nc, &z, NULL, NULL, f->held, err);
    if (status) {
        bs_lonlat_field_close(f);
        return status;
    }
    if (bs_nc_number(nc, &z, "nodata_value", &nodata)) {
        for (size_t c = 0; c < z.size; c++) {
            if (f->held[c] == nodata) f->held[c] = NAN;
        }
    }
    *out = f;
    return BS_OK;
}
