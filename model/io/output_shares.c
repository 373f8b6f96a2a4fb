/* shares.csv: how much of a region's mean is its own, its neighbours' in the basin, and from outside.
 *
 *   local          tags whose regions are this region alone
 *   other_basin    tags whose regions are of the basin (regions.basin), this one not among them
 *   outside_basin  tags of regions outside the basin and of what lies in no polygon, and what was there at the start and came through
 *                  the sides, where these are tagged
 *   unresolved     the rest: tags that hold this region among others, or basin and outside together; untagged matter
 *
 * The four add up to the total. */
#include "model/core/memory.h"
#include "model/io/output_sources.h"

enum { LOCAL, OTHER_BASIN, OUTSIDE, UNRESOLVED, CLASSES };

static bs_status find_basin(const bs_config *config, const bs_region_set *regions, bool *basin, bs_err *err)
{
    const int n = bs_config_count(config, "regions.basin");
    if (n == 0) return bs_regions_select(regions, "all", "", basin, err);
    for (int k = 0; k < n; k++)
        BS_TRY(bs_regions_select(regions, bs_config_text_at(config, "regions.basin", k),
                                 bs_config_where(config, "regions.basin"), basin, err));
    return BS_OK;
}

bs_status bs_out_shares_check(const bs_config *config, const bs_region_set *regions, bs_err *err)
{
    bool *basin;
    BS_TRY(BS_NEW(&basin, regions->n + 1, "regions of the basin", err));
    bs_status st = find_basin(config, regions, basin, err);
    bs_free(basin);
    return st;
}

static int class_of(const bs_out_source *source, const bool *basin, int receptor)
{
    if (source->kind == BS_SOURCE_INITIAL || source->kind == BS_SOURCE_BOUNDARY) return OUTSIDE;
    const bs_source_group *g = source->group;
    if (!g || !g->region) return UNRESOLVED;
    bool own = false, in = false, out = false;
    for (int r = 0; r <= g->n_regions; r++) {
        if (!g->region[r]) continue;
        if (r == receptor) {
            own = true;
        } else if (basin[r]) {
            in = true;
        } else {
            out = true;
        }
    }
    if (own + in + out != 1) return UNRESOLVED;
    return own ? LOCAL : in ? OTHER_BASIN : OUTSIDE;
}

static bool is_regional(const bs_out_sources *s)
{
    for (int k = 0; k < s->n; k++)
        if (s->source[k].kind == BS_SOURCE_GROUP && s->source[k].group->region) return true;
    return false;
}

static void put_head(const bs_output *o, bs_text_file *table, const bool *basin)
{
    const bs_region_set *set = o->info.regions;
    bs_out_table_comments(o, "where the period mean of each region comes from", table);
    bs_text_comment(
        table,
        "local: from tags of this region alone; other_basin: from tags of other regions of the basin; outside_basin: "
        "from regions outside it, the sides and the start; unresolved: tags that cannot be told apart so");
    char list[2048] = "";
    size_t used = 0;
    for (int r = 0; r < set->n && used < sizeof list; r++)
        if (basin[r])
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", used ? ", " : "", set->region[r].name);
    bs_text_comment(table, "regions of the basin%s: %s",
                    bs_config_count(o->info.config, "regions.basin") ? "" : " (regions.basin is not given: all)", list);
    if (!is_regional(o->cities->sources))
        bs_text_comment(table,
                        "NOT DEFINED: the tags of this run are of sectors wherever they are, so that local and other "
                        "sources cannot be "
                        "told apart; give tracers.groups or tracers.cross, such as {regions: [each], sectors: [all]}");
    fputs("adcode,name,name_en,variable,total,local,other_basin,outside_basin,unresolved,local_percent,other_basin_"
          "percent,"
          "outside_basin_percent,unresolved_percent\n",
          table->stream);
}

/* local and other_basin stay empty where no tag is of regions. */
static void put_row(bs_text_file *table, const double *sum, double total, bool regional)
{
    fprintf(table->stream, ",%.7g", total);
    for (int c = 0; c < CLASSES; c++) {
        fputc(',', table->stream);
        if (regional || c > OTHER_BASIN) fprintf(table->stream, "%.7g", sum[c]);
    }
    for (int c = 0; c < CLASSES; c++) {
        fputc(',', table->stream);
        if ((regional || c > OTHER_BASIN) && total != 0) fprintf(table->stream, "%.6g", 100 * sum[c] / total);
    }
    fputc('\n', table->stream);
}

static void put_rows(const bs_output *o, bs_text_file *table, const double *means, const bool *basin)
{
    const bs_out_sources *s = o->cities->sources;
    for (int n = 0; n < o->cities->n; n++)
        for (int t = 0; t < s->n_totals; t++) {
            double sum[CLASSES] = {0};
            for (int k = 0; k < s->n; k++)
                sum[class_of(&s->source[k], basin, o->cities->city[n].index)] += bs_out_source_part(o, means, t, k, n);
            bs_out_table_city(table, o->cities->city[n].region);
            fprintf(table->stream, ",%s", bs_out_species(o, s->total[t])->output_name);
            put_row(table, sum, means[(size_t)s->total[t] * (size_t)o->cities->n + (size_t)n], is_regional(s));
        }
}

bs_status bs_out_shares_write(const bs_output *o, const double *means, bs_err *err)
{
    bool *basin;
    bs_text_file *table = NULL;
    BS_TRY(BS_NEW(&basin, o->info.regions->n + 1, "regions of the basin", err));
    bs_status st = find_basin(o->info.config, o->info.regions, basin, err);
    if (st == BS_OK) st = bs_out_text_create(o->info.dir, "shares.csv", &table, err);
    if (st == BS_OK) {
        put_head(o, table, basin);
        put_rows(o, table, means, basin);
        st = bs_out_text_commit(table, err);
    }
    bs_free(basin);
    return st;
}
