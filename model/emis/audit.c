#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/text.h"
#include "model/emis/emis.h"

/* The two sides are the same areas, clipped in another way: each overlap is good to some 1e-14 of the source cell. */
static const double RELATIVE_TOLERANCE = 1e-10;
static const double TOUCHING_TOLERANCE = 1e-12; /* of whole source cells, where only a sliver lies inside */

static const double SECONDS_PER_DAY = 86400.0;
static const double SECONDS_PER_YEAR =
    31556925.9747; /* the year of UDUNITS-2, so that "Gg year-1" reads back as written */

bs_status bs_emis_audit_add(const bs_emis_input *in, const char *sector, const char *species, double in_file,
                            double in_domain, double on_grid, double touching, bs_err *err)
{
    bs_emission *e = in->emission;
    double difference = fabs(on_grid - in_domain);
    double allowed = RELATIVE_TOLERANCE * in_domain + TOUCHING_TOLERANCE * touching;
    if (!(difference <= allowed)) {
        return bs_fail(
            err, BS_ERR_RUN,
            "%s: inventory '%s', sector '%s', species '%s': the mesh got %.15g kg s-1, but the part of the inventory "
            "over the mesh is %.15g kg s-1 (relative difference %.3g, allowed %.0e): the mapping lost or made mass",
            in->file, in->name, sector, species, on_grid, in_domain, difference / fmax(in_domain, 1e-300),
            RELATIVE_TOLERANCE);
    }
    bs_emission_audit *grown = realloc(e->audit, ((size_t)e->n_audit + 1) * sizeof *grown);
    if (!grown) return bs_fail(err, BS_ERR_MEMORY, "out of memory for the audit of emissions");
    e->audit = grown;
    bs_emission_audit *a = &e->audit[e->n_audit++];
    *a = (bs_emission_audit){.in_file_kg_s = in_file, .in_domain_kg_s = in_domain, .on_grid_kg_s = on_grid};
    snprintf(a->inventory, sizeof a->inventory, "%s", in->name);
    snprintf(a->sector, sizeof a->sector, "%s", sector);
    snprintf(a->species, sizeof a->species, "%s", species);
    return BS_OK;
}

int bs_emission_audit_count(const bs_emission *e)
{
    return e->n_audit;
}

const bs_emission_audit *bs_emission_audit_at(const bs_emission *e, int n)
{
    return &e->audit[n];
}

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

void bs_emission_print_audit(const bs_emission *e, FILE *out)
{
    if (e->n_audit == 0) {
        fprintf(out, "no emissions\n");
        return;
    }
    widths w = {.inventory = 9, .sector = 6, .species = 7};
    for (int n = 0; n < e->n_audit; n++) {
        widen(&w.inventory, e->audit[n].inventory);
        widen(&w.sector, e->audit[n].sector);
        widen(&w.species, e->audit[n].species);
    }
    int line = w.inventory + w.sector + w.species + 4 + 4 * 14 + 15;
    fprintf(out, "%-*s  %-*s  %-*s  %12s  %12s  %12s  %12s  %13s\n", w.sector, "sector", w.species, "species",
            w.inventory, "inventory", "file Gg/yr", "domain Gg/yr", "grid Gg/yr", "grid t/d", "grid/domain");
    for (int n = 0; n < e->n_audit; n++) print_line(out, &w, &e->audit[n]);
    for (int c = 0; c < line; c++) fputc('-', out);
    fputc('\n', out);
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
        print_line(out, &w, &sum);
    }
    fprintf(out, "annual means; a year has 365.2422 days (UDUNITS)\n");
}
