#include "model/run/regional.h"

#include <math.h>

#include "kernels/base/constants.h"
#include "model/core/memory.h"
#include "model/core/text.h"
#include "model/parallel/ranks.h"

static const double RESIDUAL_LIMIT = BS_DOUBLE ? 1e-11 : 2e-6;
enum { SHOWN = 10 }; /* borders in the log */

static const char *region_name(const bs_case *c, int region)
{
    return region < c->regions->n ? c->regions->region[region].name : "elsewhere";
}

/* ---- making ---- */

/* Height of a half level above ground at sea level in the ICAO standard atmosphere, m; below 11 km. */
static double standard_height(const bs_levels *levels, int half)
{
    const double t0 = 288.15, lapse = 0.0065, p0 = 101325;
    const double ratio = bs_levels_pressure(levels, half, p0) / p0;
    return t0 / lapse * (1 - pow(ratio, BS_R_DRY * lapse / BS_GRAVITY));
}

/* Layers whose middle lies below `depth`, one at least. */
static int low_layers(const bs_levels *levels, double depth)
{
    int n = 1;
    while (n < levels->nz && 0.5 * (standard_height(levels, n) + standard_height(levels, n + 1)) < depth) n++;
    return n;
}

/* Labels of the cells of this rank's tile; touches: whether any region has a part of one. */
static bs_status find_labels(const bs_case *c, int *label, unsigned char *touches, bs_err *err)
{
    const size_t cells = (size_t)c->mesh->nx * (size_t)c->mesh->ny;
    bs_region_mask **mask = NULL;
    BS_TRY(BS_NEW(&mask, c->regions->n, "regions", err));
    bs_status st = BS_OK;
    for (int r = 0; r < c->regions->n && st == BS_OK; r++) {
        const bs_region *region = &c->regions->region[r];
        st = bs_region_mask_create(&region->shape, c->mesh, &mask[r], NULL, err);
        if (st != BS_OK)
            bs_err_context(err, "region %s %s", region->adcode, region->name);
        else if (mask[r]->n > 0)
            *touches = 1;
    }
    if (st == BS_OK) st = bs_region_dominant(c->regions->n, (const bs_region_mask *const *)mask, cells, label, err);
    for (int r = 0; r < c->regions->n; r++) bs_region_mask_destroy(mask[r]);
    bs_free(mask);
    return st;
}

/* Labels of the whole mesh, each cell's by the rank whose own it is. whole [cells of the mesh], tile [cells of the tile]. */
static bs_status find_whole(const bs_case *c, int *whole, int *tile, bs_err *err)
{
    const bs_map_shape shape = {.tiling = &c->tiling, .place = BS_AT_CELLS, .size = sizeof *whole};
    unsigned char touches = 0;
    BS_TRY(bs_ranks_agree(find_labels(c, tile, &touches, err), err));
    bs_ranks_or(1, &touches);
    if (!touches)
        return bs_fail(err, BS_ERR_INPUT, "%s: regions.file: none of its %d regions touches the mesh",
                       bs_config_where(c->config, "regions.file"), c->regions->n);
    bs_ranks_gather(&shape, tile, whole);
    bs_ranks_share(0, whole, sizeof *whole * (size_t)c->whole->nx * (size_t)c->whole->ny);
    return BS_OK;
}

static bs_status build(const bs_case *c, bs_regional *out, bs_err *err)
{
    const bs_borders_size size = {.nz = c->levels->nz,
                                  .n_low = low_layers(c->levels, bs_config_real(c->config, "output.corridor_depth")),
                                  .n_tracers = out->tracers->n,
                                  .n_regions = c->regions->n};
    int *whole = NULL, *tile = NULL;
    bs_status st = BS_NEW(&whole, (size_t)c->whole->nx * (size_t)c->whole->ny, "regions", err);
    if (st == BS_OK) st = BS_NEW(&tile, (size_t)c->mesh->nx * (size_t)c->mesh->ny, "regions", err);
    st = bs_ranks_agree(st, err);
    if (st == BS_OK) st = find_whole(c, whole, tile, err);
    if (st == BS_OK)
        st = bs_ranks_agree(bs_borders_create(&c->tiling, &c->tile, &size, whole, &out->borders, err), err);
    if (st == BS_OK) out->borders->low_top = standard_height(c->levels, size.n_low);
    bs_free(whole);
    bs_free(tile);
    return st == BS_OK ? bs_corridors_create(out->borders, c->mesh, &out->corridors, err) : st;
}

bs_status bs_regional_create(const bs_case *c, const bs_tracers *tracers, bs_regional *out, bs_err *err)
{
    *out = (bs_regional){.tracers = tracers};
    if (!bs_config_bool(c->config, "output.corridors")) return BS_OK;
    const bs_status st = build(c, out, err);
    if (st != BS_OK) {
        bs_regional_destroy(out);
        return st;
    }
    double mib = bs_borders_memory(out->borders) / 1048576;
    bs_ranks_max(1, &mib);
    bs_log_info(
        c->log,
        "corridors %d borders between neighbours, of %d faces of cells; %.0f MiB; low layers: %d, up to about %.0f m",
        out->borders->n_pairs, out->borders->n_all, ceil(mib), out->borders->n_low, out->borders->low_top);
    return BS_OK;
}

void bs_regional_destroy(bs_regional *r)
{
    bs_corridors_destroy(r->corridors);
    bs_borders_destroy(r->borders);
    *r = (bs_regional){0};
}

/* ---- the run ---- */

void bs_regional_begin(bs_regional *r, const bs_case *c, const bs_state *state)
{
    if (r->corridors && c->start == c->output_from) bs_corridors_begin(r->corridors, state, c->start);
}

/* The end of a natural day, and of the run. */
static bool is_due(const bs_case *c, bs_time t)
{
    const bs_time offset = (bs_time)llround(bs_config_real(c->config, "output.day_offset"));
    return t == c->end || (t + offset) % 86400 == 0;
}

static bs_status check(bs_regional *r, const bs_case *c, const bs_border_record *record, bs_err *err)
{
    const bs_corridors_worst worst = bs_corridors_residual(r->corridors, record);
    if (worst.share > r->worst.share) r->worst = worst;
    if (worst.share <= RESIDUAL_LIMIT) return BS_OK;
    return bs_fail(err, BS_ERR_RUN,
                   "%s: the account of %s does not close: %.6g kg are unaccounted for, %.2e of what its air held and "
                   "took in (limit %.0e); no output was kept. Please report this with the case file",
                   r->tracers->row[worst.tracer].name, region_name(c, worst.region), worst.kg, worst.share,
                   RESIDUAL_LIMIT);
}

bs_status bs_regional_after(bs_regional *r, const bs_case *c, const bs_state *state, const bs_emission_rates *rates,
                            bs_time t, double seconds, const bs_border_record **record, bs_err *err)
{
    *record = NULL;
    if (!r->corridors || t < c->output_from) return BS_OK;
    if (t == c->output_from) {
        bs_corridors_begin(r->corridors, state, t);
        return BS_OK;
    }
    bs_corridors_emit(r->corridors, state, rates, seconds);
    if (!is_due(c, t)) return BS_OK;
    *record = bs_corridors_end(r->corridors, state, t);
    return check(r, c, *record, err);
}

bs_status bs_regional_archive(bs_regional *r, bs_archive *a, bs_err *err)
{
    if (!r->corridors) return BS_OK;
    BS_TRY(BS_ARCHIVE_BYTES(a, "corridors_worst", &r->worst, 1, err));
    return bs_corridors_archive(r->corridors, a, err);
}

/* ---- closing ---- */

/* The border between regions whose net flux of the first tracer in the low layers is the largest below `below` kg; -1: none. */
static int next_largest(const bs_borders *b, const bs_border_record *record, double below)
{
    int best = -1;
    for (int p = 0; p < b->n_pairs; p++) {
        const double low = fabs(record->flow[p].low);
        if (b->pair[p].b >= b->n_regions || low >= below || low <= 0) continue;
        if (best < 0 || low > fabs(record->flow[best].low)) best = p;
    }
    return best;
}

void bs_regional_closing(const bs_regional *r, const bs_case *c, const bs_output *output, bs_log *log)
{
    const bs_border_record *record = bs_output_corridors_period(output);
    const bs_borders *b = r->borders;
    if (!record) return;
    const double tonnes_per_day = 1e-3 * 86400 / (double)(record->to - record->from);
    double below = INFINITY;
    bs_log_info(log, "largest net fluxes of %s between regions in the lowest %.0f m, and in all layers, t per day:",
                r->tracers->row[0].name, b->low_top);
    for (int n = 0; n < SHOWN; n++) {
        const int p = next_largest(b, record, below);
        if (p < 0) break;
        const double low = record->flow[p].low, net = bs_border_net(&record->flow[p]);
        const int ahead = low > 0;
        const char *from = region_name(c, ahead ? b->pair[p].a : b->pair[p].b),
                   *to = region_name(c, ahead ? b->pair[p].b : b->pair[p].a);
        bs_log_info(log, "  %-*s -> %-*s %9.1f %9.1f", bs_text_pad(from, 24), from, bs_text_pad(to, 24), to,
                    fabs(low) * tonnes_per_day, (ahead ? net : -net) * tonnes_per_day);
        below = fabs(low);
    }
    bs_log_info(log, "accounts of regions: residual at most %.1e of what a region's air held and took in (%s, %s)",
                r->worst.share, region_name(c, r->worst.region), r->tracers->row[r->worst.tracer].name);
}
