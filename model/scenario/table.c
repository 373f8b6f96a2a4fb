#include "model/scenario/table.h"

#include <string.h>

#include "model/core/text.h"
#include "model/io/aside.h"

double bs_plan_tonnes_per_day(const bs_compiled *c, double kg)
{
    return kg / 1e3 / ((double)(c->to - c->from) / 86400);
}

const char *bs_plan_region_name(const bs_region_set *regions, int region)
{
    return region < regions->n ? regions->region[region].name : "elsewhere";
}

static double percent(double before, double after)
{
    return before > 0 ? 100 * (before - after) / before : 0;
}

static bool of_species(const bs_plan_row *row, const char *species)
{
    return !species || strcmp(row->species, species) == 0;
}

void bs_plan_totals(const bs_compiled *c, const char *species, double *before, double *after)
{
    *before = *after = 0;
    for (int r = 0; r < c->n_rows; r++) {
        if (!of_species(&c->row[r], species)) continue;
        *before += c->row[r].before;
        *after += c->row[r].after;
    }
}

static void print_line(const bs_compiled *c, const char *region, const char *sector, const char *species, double before,
                       double after, FILE *out)
{
    fprintf(out, "  %-*s %-*s %-8s %12.3f %12.3f %12.3f %8.1f\n", bs_text_pad(region, 22), region,
            bs_text_pad(sector, 18), sector, species, bs_plan_tonnes_per_day(c, before),
            bs_plan_tonnes_per_day(c, after), bs_plan_tonnes_per_day(c, before - after), percent(before, after));
}

/* Whether a row of the same sector and species stands before row n. */
static bool seen(const bs_compiled *c, int n, bool sector)
{
    for (int r = 0; r < n; r++)
        if (of_species(&c->row[r], c->row[n].species) && (!sector || strcmp(c->row[r].sector, c->row[n].sector) == 0))
            return true;
    return false;
}

static void print_sums(const bs_compiled *c, FILE *out)
{
    for (int n = 0; n < c->n_rows; n++) {
        double before = 0, after = 0;
        if (seen(c, n, true)) continue;
        for (int r = n; r < c->n_rows; r++) {
            if (!of_species(&c->row[r], c->row[n].species) || strcmp(c->row[r].sector, c->row[n].sector) != 0) continue;
            before += c->row[r].before;
            after += c->row[r].after;
        }
        print_line(c, "all of the mesh", c->row[n].sector, c->row[n].species, before, after, out);
    }
    for (int n = 0; n < c->n_rows; n++) {
        double before, after;
        if (seen(c, n, false)) continue;
        bs_plan_totals(c, c->row[n].species, &before, &after);
        print_line(c, "all of the mesh", "all sectors", c->row[n].species, before, after, out);
    }
}

static void print_checks(const bs_compiled *c, FILE *out)
{
    for (int n = 0; n < c->n_checks; n++) {
        const bs_plan_check *k = &c->check[n];
        fprintf(out, "  %s alert (line %d): cuts %.1f %% of all emissions of %s in its regions, mandated %g %%: %s\n",
                k->rule->alert, k->rule->place.line, 100 * k->cut / k->emitted, k->species, 100 * k->level->mandated,
                k->met ? "met" : "NOT MET");
    }
}

void bs_plan_print(const bs_compiled *c, const bs_region_set *regions, FILE *out)
{
    char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
    int kept = 0;
    fprintf(out, "scenario %s (%s): t per day, mean of %s to %s\n", c->name, c->hash, bs_time_format(c->from, from),
            bs_time_format(c->to, to));
    fprintf(out, "  %-22s %-18s %-8s %12s %12s %12s %8s\n", "region", "sector", "species", "before", "after", "cut",
            "cut %");
    for (int n = 0; n < c->n_rows; n++) {
        const bs_plan_row *r = &c->row[n];
        if (r->after == r->before) {
            kept++;
            continue;
        }
        print_line(c, bs_plan_region_name(regions, r->region), r->sector, r->species, r->before, r->after, out);
    }
    if (kept) fprintf(out, "  and %d rows of regions and sectors that it leaves alone\n", kept);
    print_sums(c, out);
    print_checks(c, out);
}

/* ---- before_after.csv ---- */

static void put_comments(const bs_plan *plan, int n, const bs_compiled *c, bs_text_file *table)
{
    bs_text_comment(table, "emissions before and after the scenarios of %s, compiled from %s", plan->name,
                    plan->source.name);
    bs_text_comment(table, "t per day, mean from window_from to window_to: from a scenario's first action to its last");
    for (int k = 0; k < n; k++) bs_text_comment(table, "%s: hash %s", c[k].name, c[k].hash);
    for (int p = 0; p < plan->n_parts; p++)
        bs_text_comment(table, "assumed: %s is %g %% of %s (%s)", plan->part[p].name, 100 * plan->part[p].share,
                        plan->part[p].of, plan->part[p].basis);
}

static void put_row(const bs_compiled *c, const bs_plan_row *r, const bs_region_set *regions, bs_text_file *table)
{
    char from[BS_TIME_TEXT_MAX], to[BS_TIME_TEXT_MAX];
    const bs_region *region = r->region < regions->n ? &regions->region[r->region] : NULL;
    fprintf(table->stream, "%s,%s,%s,", c->name, bs_time_format(c->from, from), bs_time_format(c->to, to));
    bs_text_field(table, region ? region->adcode : "");
    fputc(',', table->stream);
    bs_text_field(table, region ? region->name : "elsewhere");
    fputc(',', table->stream);
    bs_text_field(table, region ? region->name_en : "elsewhere");
    fputc(',', table->stream);
    bs_text_field(table, r->sector);
    fprintf(table->stream, ",%s,%.7g,%.7g,%.7g,%.5g\n", r->species, bs_plan_tonnes_per_day(c, r->before),
            bs_plan_tonnes_per_day(c, r->after), bs_plan_tonnes_per_day(c, r->before - r->after),
            percent(r->before, r->after));
}

bs_status bs_plan_write_table(const char *dir, const bs_plan *plan, int n, const bs_compiled *c,
                              const bs_region_set *regions, bs_err *err)
{
    bs_text_file *table;
    BS_TRY(bs_text_create(dir, "before_after.csv", &table, err));
    put_comments(plan, n, c, table);
    fputs("scenario,window_from,window_to,adcode,name,name_en,sector,species,before_t_per_day,after_t_per_day,"
          "cut_t_per_day,cut_percent\n",
          table->stream);
    for (int k = 0; k < n; k++)
        for (int r = 0; r < c[k].n_rows; r++) put_row(&c[k], &c[k].row[r], regions, table);
    return bs_text_commit(table, err);
}
