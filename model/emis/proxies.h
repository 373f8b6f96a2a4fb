/* proxies.h - what totals of a region are spread by: fields on one mesh, points, and sums and products of them. Private to model/emis.
 *
 * A field counts something in each cell: people, m2 of cropland. A density (per area, by its unit) is multiplied by the cell's area. The
 * mesh is that of the first field that is asked for; a field of emissions.inventories[].proxy.fields on another mesh is laid over it by
 * area, so that its counts are kept. A total's share in a cell is the cell's count, times the part of the cell in the region, over their
 * sum in the region. */
#ifndef BS_MODEL_EMIS_PROXIES_H
#define BS_MODEL_EMIS_PROXIES_H

#include "model/emis/emis.h"
#include "model/emis/overlap.h"

/* A point that takes a share of totals by its weight. */
typedef struct bs_proxy_point {
    double lon, lat, weight;
    double height; /* as of bs_emis_point */
    bool lifted;   /* has a stack */
    bs_stack stack;
} bs_proxy_point;

typedef struct bs_proxy {
    char name[BS_NC_NAME_MAX];
    const char *file; /* for messages */
    double *amount;   /* [source cells]; NULL: points, or a sum */
    int n_points;
    bs_proxy_point *point;
    int n_terms; /* of a sum */
    const struct bs_proxy *term[8];
    double weight[8]; /* 1 together */
} bs_proxy;

typedef struct bs_proxies {
    const bs_emis_input *in;
    const char *file;   /* proxy.file; not owned; NULL: none */
    bs_overlap overlap; /* of the mesh that the fields share; its weights NULL: no field yet */
    int n;
    bs_proxy *proxy[64];
    int depth; /* of sums and products being read */
} bs_proxies;

void bs_proxies_begin(const bs_emis_input *in, bs_proxies *p);
void bs_proxies_clear(bs_proxies *p);

/* The proxy of a name: of proxy.fields, else a variable of proxy.file. Valid until clear. Errors: BS_ERR_INPUT with the place in the case
 * or the file (unknown, no or several ways of making it, a circle, another mesh within proxy.file, bad values). */
bs_status bs_proxies_get(bs_proxies *p, const char *name, const bs_proxy **out, bs_err *err);

bs_lonlat_grid bs_proxies_grid(const bs_proxies *p);

#endif
