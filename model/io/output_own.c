/* What of an output is this rank's own, and what the first rank alone writes. */
#include "model/io/output_parts.h"
#include "model/parallel/ranks.h"

enum { MOST_LEAD = 2 };

void bs_out_complete_info(bs_output_info *info)
{
    if (info->whole) return;
    const int nx = info->mesh->nx, ny = info->mesh->ny;
    info->whole = info->mesh;
    info->tiling = (bs_tiling){.nx = nx, .ny = ny, .px = 1, .py = 1};
    info->tile = (bs_tile){.nx = nx, .ny = ny, .own = {.i1 = nx, .j1 = ny}};
}

typedef struct slab {
    size_t start[MOST_LEAD + 2], count[MOST_LEAD + 2];
} slab;

static slab own_slab(const bs_tile *tile, int n_lead, const size_t *lead)
{
    slab s;
    for (int d = 0; d < n_lead; d++) {
        s.start[d] = lead[d];
        s.count[d] = 1;
    }
    s.start[n_lead] = (size_t)(tile->j0 + tile->own.j0);
    s.count[n_lead] = (size_t)(tile->own.j1 - tile->own.j0);
    s.start[n_lead + 1] = (size_t)(tile->i0 + tile->own.i0);
    s.count[n_lead + 1] = (size_t)(tile->own.i1 - tile->own.i0);
    return s;
}

/* Returns how many values there are. */
static size_t round_own(const bs_tile *tile, const double *map, double factor, int bits, float *out)
{
    size_t n = 0;
    for (int j = tile->own.j0; j < tile->own.j1; j++) {
        const double *row = map + (size_t)j * (size_t)tile->nx;
        for (int i = tile->own.i0; i < tile->own.i1; i++) out[n++] = (float)(row[i] * factor);
    }
    bs_round_bits(n, out, bits);
    return n;
}

bs_status bs_out_put_own(const bs_output *o, bs_nc *nc, int var, int n_lead, const size_t *lead, const double *map,
                         double factor, int bits, bs_err *err)
{
    const bs_tile *tile = &o->info.tile;
    const slab s = own_slab(tile, n_lead, lead);
    round_own(tile, map, factor, bits, o->rounded);
    return bs_nc_write_part_float(nc, var, s.start, s.count, o->rounded, err);
}

void bs_out_pack_own(const bs_output *o, const double *map, double factor, int bits, float *out)
{
    round_own(&o->info.tile, map, factor, bits, out);
}

bs_status bs_out_put_layers(const bs_output *o, const bs_out_file *f, int var, int n, const float *layers, bs_err *err)
{
    slab s = own_slab(&o->info.tile, 2, (size_t[]){f->records, 0});
    s.count[1] = (size_t)n;
    return bs_nc_write_part_float(f->nc, var, s.start, s.count, layers, err);
}

bs_status bs_out_put_maps(const bs_output *o, const bs_out_file *f, int n, const int *var, const bs_out_item *item,
                          bs_err *err)
{
    const bs_tile *tile = &o->info.tile;
    const slab s = own_slab(tile, 1, &f->records);
    const size_t cells = s.count[1] * s.count[2];
#pragma omp parallel for schedule(static) if (bs_out_is_worth_threads((size_t)n * cells))
    for (int k = 0; k < n; k++)
        round_own(tile, item[k].map, item[k].factor, item[k].bits, o->rounded + (size_t)k * cells);
    return bs_nc_write_part_floats(f->nc, n, var, s.start, s.count, o->rounded, err);
}

bs_status bs_out_put_own_double(const bs_output *o, bs_nc *nc, int var, int n_lead, const size_t *lead,
                                const double *map, bs_err *err)
{
    const bs_tile *tile = &o->info.tile;
    const slab s = own_slab(tile, n_lead, lead);
    size_t n = 0;
    for (int j = tile->own.j0; j < tile->own.j1; j++)
        for (int i = tile->own.i0; i < tile->own.i1; i++)
            o->packed[n++] = map[(size_t)j * (size_t)tile->nx + (size_t)i];
    return bs_nc_write_part(nc, var, s.start, s.count, o->packed, err);
}

/* ---- tables ---- */

bs_status bs_out_text_create(const char *dir, const char *name, bs_text_file **out, bs_err *err)
{
    bs_text_file *text = NULL;
    *out = NULL;
    const bs_status st = bs_ranks_agree(bs_text_create(dir, name, &text, err), err);
    if (st != BS_OK) {
        bs_text_abandon(text);
        return st;
    }
    *out = text;
    return BS_OK;
}

bs_status bs_out_text_commit(bs_text_file *text, bs_err *err)
{
    return bs_ranks_agree(bs_text_commit(text, err), err);
}
