/* The audit as tables for people and as CSV (emission.h). */
#include <math.h>
#include <string.h>

#include "model/core/text.h"
#include "model/emis/emis.h"
#include "model/io/aside.h"
#include "model/io/json.h"

static const double SECONDS_PER_DAY = 86400.0;
static const double SECONDS_PER_YEAR =
    31556925.9747; /* the year of UDUNITS-2, so that "Gg year-1" reads back as written */

typedef struct widths {
    int inventory, sector, species;
} widths;

static void widen(int *width, const char *text)
{
    int n = bs_text_columns(text);
    if (n > *width) *width = n;
}

static void print_line(FILE *out, const widths *w, const bs_emission_audit *a)
{
    fprintf(out, "%-*s  %-*s  %-*s  %12.4f  %12.4f  %12.4f  %12.4f  ", bs_text_pad(a->sector, w->sector), a->sector,
            bs_text_pad(a->species, w->species), a->species, bs_text_pad(a->inventory, w->inventory), a->inventory,
            a->in_file_kg_s * SECONDS_PER_YEAR * 1e-6, a->in_domain_kg_s * SECONDS_PER_YEAR * 1e-6,
            a->on_grid_kg_s * SECONDS_PER_YEAR * 1e-6, a->on_grid_kg_s * SECONDS_PER_DAY * 1e-3);
    if (a->in_domain_kg_s > 0) {
        fprintf(out, "%13.10f", a->on_grid_kg_s / a->in_domain_kg_s);
    } else {
        fprintf(out, "%13s", "-");
    }
    fprintf(out, "%s\n", a->carried ? "" : "  not carried");
}

/* Whether a line of the same species stands before line n. */
static bool species_seen(const bs_emission *e, int n)
{
    for (int a = 0; a < n; a++) {
        if (strcmp(e->audit[a].species, e->audit[n].species) == 0) return true;
    }
    return false;
}

static void print_sums(const bs_emission *e, const widths *w, FILE *out)
{
    for (int n = 0; n < e->n_audit; n++) {
        if (species_seen(e, n)) continue;
        bs_emission_audit sum = {.sector = "all", .carried = e->audit[n].carried};
        memcpy(sum.species, e->audit[n].species, sizeof sum.species);
        for (int m = n; m < e->n_audit; m++) {
            if (strcmp(e->audit[m].species, sum.species) != 0) continue;
            sum.in_file_kg_s += e->audit[m].in_file_kg_s;
            sum.in_domain_kg_s += e->audit[m].in_domain_kg_s;
            sum.on_grid_kg_s += e->audit[m].on_grid_kg_s;
        }
        print_line(out, w, &sum);
    }
}

static void print_inventories(const bs_emission *e, FILE *out)
{
    widths w = {.inventory = 9, .sector = 6, .species = 7};
    double left_out = 0;
    for (int n = 0; n < e->n_audit; n++) {
        widen(&w.inventory, e->audit[n].inventory);
        widen(&w.sector, e->audit[n].sector);
        widen(&w.species, e->audit[n].species);
        left_out += e->audit[n].left_out_kg_s;
    }
    int line = w.inventory + w.sector + w.species + 4 + 4 * 14 + 15;
    fprintf(out, "%-*s  %-*s  %-*s  %12s  %12s  %12s  %12s  %13s\n", w.sector, "sector", w.species, "species",
            w.inventory, "inventory", "file Gg/yr", "domain Gg/yr", "grid Gg/yr", "grid t/d", "grid/domain");
    for (int n = 0; n < e->n_audit; n++) print_line(out, &w, &e->audit[n]);
    for (int c = 0; c < line; c++) fputc('-', out);
    fputc('\n', out);
    print_sums(e, &w, out);
    fprintf(out, "annual means; a year has 365.2422 days (UDUNITS)\n");
    for (int n = 0; n < e->n_audit && left_out > 0; n++) {
        const bs_emission_audit *a = &e->audit[n];
        if (a->left_out_kg_s > 0)
            fprintf(out, "left out by only, except and replaces: %s %s of '%s', %.4f Gg/yr on the mesh\n", a->sector,
                    a->species, a->inventory, a->left_out_kg_s * SECONDS_PER_YEAR * 1e-6);
    }
}

/* ---- by region ---- */

static void print_ratio(FILE *out, double of, double to)
{
    if (to > 0) {
        fprintf(out, "  %10.2e", of / to - 1);
    } else {
        fprintf(out, "  %10s", "-");
    }
}

static void print_region(FILE *out, const char *name, int width, const double value[6])
{
    const double t_day = SECONDS_PER_DAY * 1e-3;
    fprintf(out, "  %-*s  %13.5f  %13.5f", bs_text_pad(name, width), name, value[0] * t_day, value[1] * t_day);
    print_ratio(out, value[1], value[0]);
    fprintf(out, "  %13.5f  %13.5f", value[2] * t_day, value[3] * t_day);
    print_ratio(out, value[3], value[2]);
    fprintf(out, "  %13.4f\n", value[4] * 1e-3);
}

static void print_sheet(const bs_emission *e, const bs_emission_audit *a, int width, FILE *out)
{
    const int n = bs_emission_audit_regions(e);
    fprintf(out, "%s, %s, %s%s\n", a->sector, a->species, a->inventory, a->carried ? "" : " (not carried)");
    for (int r = 0; r < n; r++) {
        const double value[6] = {a->source_kg_s[r], a->grid_kg_s[r], a->cells_kg_s[r], a->region_year_kg_s[r],
                                 a->region_run_kg[r]};
        if (a->source_kg_s[r] > 0 || a->grid_kg_s[r] > 0)
            print_region(out, bs_emission_audit_region(e, r), width, value);
    }
    const double all[6] = {a->in_domain_kg_s, a->on_grid_kg_s, a->on_grid_kg_s, a->year_kg_s, a->run_kg};
    print_region(out, "all of the mesh", width, all);
}

static void print_regions(const bs_emission *e, FILE *out)
{
    int width = 15;
    for (int r = 0; r < bs_emission_audit_regions(e); r++) widen(&width, bs_emission_audit_region(e, r));
    fprintf(out, "\n  %-*s  %13s  %13s  %10s  %13s  %13s  %10s  %13s\n", width, "region", "inventory", "on the grid",
            "difference", "in its cells", "with profiles", "difference", "in the run");
    fprintf(out, "  %-*s  %13s  %13s  %10s  %13s  %13s  %10s  %13s\n", width, "", "t/d", "t/d", "relative", "t/d",
            "t/d", "relative", "t");
    for (int n = 0; n < e->n_audit; n++) print_sheet(e, &e->audit[n], width, out);
    fprintf(
        out,
        "inventory: source cells by their share in the region and on the mesh; on the grid: what cells got of them; "
        "in its cells: what tags and\nplans call the region's, cells on a border by their share; with profiles: mean "
        "of the hours of the year in which the run begins\n");
}

/* ---- gaps ---- */

/* Whether anything of the species and sector is emitted in a region. */
static bool emitted(const bs_emission *e, const bs_emission_audit *like, int r)
{
    for (int n = 0; n < e->n_audit; n++) {
        const bs_emission_audit *a = &e->audit[n];
        if (strcmp(a->species, like->species) == 0 && strcmp(a->sector, like->sector) == 0 && a->grid_kg_s[r] > 0)
            return true;
    }
    return false;
}

static bool sector_seen(const bs_emission *e, int n)
{
    for (int a = 0; a < n; a++)
        if (e->audit[a].carried && strcmp(e->audit[a].species, e->audit[n].species) == 0 &&
            strcmp(e->audit[a].sector, e->audit[n].sector) == 0)
            return true;
    return false;
}

/* Regions on the mesh where a sector that some inventory holds is given by none. */
static void print_gaps(const bs_emission *e, FILE *out)
{
    for (int n = 0; n < e->n_audit; n++) {
        const bs_emission_audit *a = &e->audit[n];
        int found = 0;
        if (!a->carried || sector_seen(e, n)) continue;
        for (int r = 0; r < bs_emission_audit_regions(e); r++) {
            if (e->absent && r < e->audited->n && e->absent[r]) continue; /* not on the mesh */
            if (emitted(e, a, r)) continue;
            if (found++ == 0) fprintf(out, "no inventory has %s of %s in:", a->sector, a->species);
            fprintf(out, " %s", bs_emission_audit_region(e, r));
        }
        if (found > 0) fputc('\n', out);
    }
}

void bs_emission_print_audit(const bs_emission *e, FILE *out)
{
    if (e->n_audit == 0) {
        fprintf(out, "no emissions\n");
        return;
    }
    print_inventories(e, out);
    print_regions(e, out);
    print_gaps(e, out);
    if (e->bare > 0) fprintf(out, "%.1f %% of the mesh's area has no emission from any inventory\n", 100 * e->bare);
}

/* ---- CSV ---- */

static void write_line(bs_text_file *text, const bs_emission_audit *a, const char *adcode, const char *region,
                       const double value[5])
{
    bs_text_field(text, a->inventory);
    fputc(',', text->stream);
    bs_text_field(text, a->sector);
    fprintf(text->stream, ",%s,%s,", a->species, adcode);
    bs_text_field(text, region);
    fprintf(text->stream, ",%.17g,%.17g,%.17g,%.17g,%.17g,%d\n", value[0], value[1], value[2], value[3], value[4],
            a->carried);
}

static void write_lines(bs_text_file *text, const bs_emission *e, const bs_emission_audit *a)
{
    for (int r = 0; r < bs_emission_audit_regions(e); r++) {
        const double value[5] = {a->source_kg_s[r], a->grid_kg_s[r], a->cells_kg_s[r], a->region_year_kg_s[r],
                                 a->region_run_kg[r]};
        if (!(a->source_kg_s[r] > 0 || a->grid_kg_s[r] > 0)) continue;
        write_line(text, a, r < e->audited->n ? e->audited->region[r].adcode : "", bs_emission_audit_region(e, r),
                   value);
    }
    const double all[5] = {a->in_domain_kg_s, a->on_grid_kg_s, a->on_grid_kg_s, a->year_kg_s, a->run_kg};
    write_line(text, a, "", "all", all);
}

bs_status bs_emission_write_audit(const bs_emission *e, const char *dir, bs_err *err)
{
    bs_text_file *text = NULL;
    BS_TRY(bs_text_create(dir, "emissions_audit.csv", &text, err));
    bs_text_comment(text,
                    "annual means; inventory: source cells by their share in the region and on the mesh; on_grid: what "
                    "cells got of them; in_cells: by shares of cells, as tags and plans count");
    bs_text_comment(text, "with_profiles: mean of the hours of the year in which the run begins; run: emitted in the "
                          "run's time without cuts");
    fputs("inventory,sector,species,adcode,region,inventory_kg_s,on_grid_kg_s,in_cells_kg_s,with_profiles_kg_s,run_kg,"
          "carried\n",
          text->stream);
    for (int n = 0; n < e->n_audit; n++) write_lines(text, e, &e->audit[n]);
    return bs_text_commit(text, err);
}

void bs_emission_put_audit(struct bs_json *json, const char *key, const void *emission)
{
    const bs_emission *e = emission;
    bs_json_open(json, key, '[');
    for (int n = 0; n < e->n_audit; n++) {
        const bs_emission_audit *a = &e->audit[n];
        bs_json_open(json, NULL, '{');
        bs_json_text(json, "inventory", a->inventory);
        bs_json_text(json, "sector", a->sector);
        bs_json_text(json, "species", a->species);
        bs_json_integer(json, "carried", a->carried);
        bs_json_number(json, "share_of_sector", a->share);
        if (a->basis) bs_json_text(json, "assumed_share_from", a->basis);
        bs_json_number(json, "in_file_kg_s", a->in_file_kg_s);
        bs_json_number(json, "over_mesh_kg_s", a->in_domain_kg_s);
        bs_json_number(json, "left_out_by_rules_kg_s", a->left_out_kg_s);
        bs_json_number(json, "on_grid_kg_s", a->on_grid_kg_s);
        bs_json_number(json, "with_profiles_kg_s", a->year_kg_s);
        bs_json_number(json, "run_kg", a->run_kg);
        bs_json_close(json, '}');
    }
    bs_json_close(json, ']');
}
