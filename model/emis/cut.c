/* From the whole mesh to one tile of it. All that is summed, checked or told was done on the whole before. */
#include <string.h>

#include "kernels/base/check.h"
#include "model/core/memory.h"
#include "model/emis/emis.h"

typedef struct cutting {
    bs_emission *e;
    const bs_tile *tile;
    size_t nx, cells;             /* of the tile */
    size_t nx_whole, cells_whole; /* of the mesh */
} cutting;

/* The tile's part of `n` fields of the mesh takes their place. */
static bs_status cut_fields(const cutting *c, size_t n, double **fields, const char *what, bs_err *err)
{
    double *part = NULL;
    BS_TRY(BS_NEW(&part, n * c->cells, what, err));
    for (size_t f = 0; f < n; f++)
        bs_tile_cut(c->tile, BS_AT_CELLS, sizeof *part, *fields + f * c->cells_whole, (int)c->nx_whole,
                    part + f * c->cells);
    bs_free(*fields);
    *fields = part;
    return BS_OK;
}

static size_t cell_of_whole(const cutting *c, size_t cell)
{
    return ((size_t)c->tile->j0 + cell / c->nx) * c->nx_whole + (size_t)c->tile->i0 + cell % c->nx;
}

static bs_status cut_shares(const cutting *c, bs_err *err)
{
    bs_emission *e = c->e;
    size_t *start = NULL, n = 0;
    int *region = NULL;
    double *share = NULL;
    if (!e->share_start) return BS_OK;
    BS_TRY(BS_NEW(&start, c->cells + 1, "regions of cells", err));
    for (size_t cell = 0; cell < c->cells; cell++) {
        const size_t *whole = e->share_start + cell_of_whole(c, cell);
        start[cell + 1] = start[cell] + whole[1] - whole[0];
    }
    n = start[c->cells];
    bs_status st = BS_NEW(&region, n, "regions of cells", err);
    if (st == BS_OK) st = BS_NEW(&share, n, "regions of cells", err);
    if (st != BS_OK) {
        bs_free(start);
        bs_free(region);
        return st;
    }
    for (size_t cell = 0; cell < c->cells; cell++) {
        const size_t from = e->share_start[cell_of_whole(c, cell)], has = start[cell + 1] - start[cell];
        memcpy(region + start[cell], e->share_region + from, has * sizeof *region);
        memcpy(share + start[cell], e->share + from, has * sizeof *share);
    }
    bs_free(e->share_start);
    bs_free(e->share_region);
    bs_free(e->share);
    e->share_start = start;
    e->share_region = region;
    e->share = share;
    return BS_OK;
}

/* Whether a cell of the mesh is one of the tile's own; *cell becomes that of the tile. */
static bool is_own(const cutting *c, size_t *cell)
{
    const bs_window *own = &c->tile->own;
    const long i = (long)(*cell % c->nx_whole) - c->tile->i0, j = (long)(*cell / c->nx_whole) - c->tile->j0;
    if (i < own->i0 || i >= own->i1 || j < own->j0 || j >= own->j1) return false;
    *cell = (size_t)j * c->nx + (size_t)i;
    return true;
}

/* Points stay in order: cells of a tile follow each other as they do on the mesh. */
static bs_status cut_points(const cutting *c, bs_err *err)
{
    bs_emission *e = c->e;
    size_t kept = 0;
    int stacks = 0;
    bs_stack *stack = NULL;
    BS_TRY(BS_NEW(&stack, e->n_stacks, "stacks", err));
    for (size_t p = 0; p < e->n_points; p++) {
        bs_emis_point point = e->point[p];
        if (!is_own(c, &point.cell)) continue;
        if (point.stack >= 0) {
            stack[stacks] = e->stack[point.stack];
            point.stack = stacks++;
        }
        e->point[kept++] = point;
    }
    if (stacks > 0) memcpy(e->stack, stack, (size_t)stacks * sizeof *stack);
    bs_free(stack);
    e->n_points = kept;
    e->n_stacks = stacks;
    return bs_emis_find_rows(e, err);
}

static void note_bytes(bs_emission *e)
{
    const double now = bs_emis_bytes(e);
    if (now > e->most_bytes) e->most_bytes = now;
}

/* Only what is to be told by region needed them, and that is told. */
static void release_masks(bs_emission *e)
{
    for (int n = 0; n < e->n_masks; n++) bs_region_mask_destroy(e->mask[n]);
    bs_free(e->mask);
    e->mask = NULL;
    e->n_masks = 0;
}

bs_status bs_emission_cut(bs_emission *e, const bs_mesh *mesh, const bs_tile *tile, bs_err *err)
{
    bs_assert(!e->cut_out && mesh->nx == tile->nx && mesh->ny == tile->ny);
    bs_assert(!e->several || (e->part.i0 == tile->i0 && e->part.j0 == tile->j0 && e->part.nx == tile->nx));
    if (tile->own.i1 - tile->own.i0 == e->mesh->nx && tile->own.j1 - tile->own.j0 == e->mesh->ny) return BS_OK;
    cutting c = {.e = e,
                 .tile = tile,
                 .nx = (size_t)tile->nx,
                 .cells = (size_t)tile->nx * (size_t)tile->ny,
                 .nx_whole = (size_t)e->mesh->nx,
                 .cells_whole = (size_t)e->mesh->nx * (size_t)e->mesh->ny};
    note_bytes(e);
    release_masks(e);
    for (int s = 0; s < e->n_sheets && !e->several; s++)
        if (e->sheet[s].n_months > 0)
            BS_TRY(cut_fields(&c, (size_t)e->sheet[s].n_months, &e->sheet[s].rate, "an emission sheet", err));
    if (!e->several) BS_TRY(cut_fields(&c, 1, &e->reach, "heights of emission", err));
    BS_TRY(cut_shares(&c, err));
    e->mesh = mesh;
    e->own = tile->own;
    e->part = (bs_tile){.nx = tile->nx, .ny = tile->ny, .own = tile->own};
    e->at_i = tile->i0;
    e->at_j = tile->j0;
    e->cut_out = true;
    return cut_points(&c, err);
}

void bs_emission_keep_sums(bs_emission *e)
{
    note_bytes(e);
    release_masks(e);
    for (int s = 0; s < e->n_sheets; s++) {
        bs_free(e->sheet[s].rate);
        e->sheet[s].rate = NULL;
    }
    double **const cells[] = {&e->reach, &e->share};
    for (size_t k = 0; k < sizeof cells / sizeof *cells; k++) {
        bs_free(*cells[k]);
        *cells[k] = NULL;
    }
    bs_free(e->share_start);
    bs_free(e->share_region);
    bs_free(e->row_start);
    e->share_start = NULL;
    e->share_region = NULL;
    e->row_start = NULL;
    e->n_points = 0;
    e->n_stacks = 0;
    e->cut_out = true;
}

double bs_emis_bytes(const bs_emission *e)
{
    const double cells = (double)e->mesh->nx * e->mesh->ny;
    double sum = (double)e->n_points * sizeof *e->point + (double)e->n_stacks * sizeof *e->stack;
    for (int s = 0; s < e->n_sheets; s++)
        if (e->sheet[s].rate) sum += (double)bs_emis_cells(e) * e->sheet[s].n_months * sizeof *e->sheet[s].rate;
    for (int n = 0; n < e->n_masks; n++)
        sum += (double)e->mask[n]->n * (sizeof *e->mask[n]->cell + sizeof *e->mask[n]->fraction);
    if (e->reach) sum += (double)bs_emis_cells(e) * sizeof *e->reach;
    if (e->share_start)
        sum += cells * sizeof *e->share_start +
               (double)e->share_start[(size_t)cells] * (sizeof *e->share_region + sizeof *e->share);
    return sum;
}

void bs_emission_bytes(const bs_emission *e, double *peak, double *stays)
{
    *stays = bs_emis_bytes(e);
    *peak = e->most_bytes > *stays ? e->most_bytes : *stays;
}
