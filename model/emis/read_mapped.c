#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/emis/emis.h"
#include "model/emis/mapped_files.h"
#include "model/emis/speciation.h"

enum { NAMES_MAX = 1024 };

typedef struct reader {
    bs_emis_input in; /* a copy: its file is the one that is being read */
    const bs_mapping *mapping;
    bs_mapped_files files;
    bs_gridded gridded;
} reader;

/* One species and sector while the inventory's codes for it are added up. */
typedef struct sheet {
    int species, sector, index; /* index -1: nothing yet */
    bs_overlap_sums mean;
} sheet;

static const char *species_name(const bs_mapping *m, int n)
{
    return m->species[n].name;
}

static const char *sector_name(const bs_mapping *m, int n)
{
    return m->sector[n].name;
}

/* "a, b, c" for messages. */
static const char *names(const bs_mapping *m, int n, const char *(*name)(const bs_mapping *, int), char *text)
{
    text[0] = '\0';
    for (int k = 0, used = 0; k < n && used < NAMES_MAX; k++)
        used += snprintf(text + used, (size_t)(NAMES_MAX - used), "%s%s", k ? ", " : "", name(m, k));
    return text;
}

/* ---- what is wanted ---- */

static bool wants_species(const reader *r, const char *name)
{
    const bs_tracers *t = r->in.emission->tracers;
    if (r->in.species) return strcmp(r->in.species, name) == 0;
    if (bs_speciation_needs(r->in.config, t, name)) return true;
    for (int k = 0; k < t->n; k++) {
        if (t->row[k].role == BS_ROLE_TOTAL && t->row[k].species == bs_species_find(name)) return true;
    }
    return false;
}

static bs_status check_wishes(const reader *r, bs_err *err)
{
    const bs_mapping *m = r->mapping;
    const bs_emis_input *in = &r->in;
    char text[NAMES_MAX], path[BS_EMIS_PATH_MAX];
    bool any = false;
    for (int s = 0; s < m->n_species; s++) any = any || wants_species(r, m->species[s].name);
    if (!any) {
        return bs_fail(err, BS_ERR_INPUT, "%s: inventory '%s': %s has %s%s; its species are %s",
                       bs_config_where(in->config, bs_emis_path(in, "species", path)), in->name, m->file,
                       in->species ? "no species " : "no species that a tracer carries", in->species ? in->species : "",
                       names(m, m->n_species, species_name, text));
    }
    const int n = bs_config_count(in->config, bs_emis_path(in, "sectors", path));
    for (int k = 0; k < n; k++) {
        const char *wanted = bs_config_text_at(in->config, path, k);
        int s = 0;
        while (s < m->n_sectors && strcmp(m->sector[s].name, wanted) != 0) s++;
        if (s < m->n_sectors) continue;
        return bs_fail(err, BS_ERR_INPUT, "%s: inventory '%s': %s has no sector '%s'; its sectors are %s",
                       bs_config_where(in->config, path), in->name, m->file, wanted,
                       names(m, m->n_sectors, sector_name, text));
    }
    return BS_OK;
}

/* ---- one field ---- */

static bs_status check_year(const reader *r, const bs_mapped_file *file, const bs_lonlat_field *f, bs_err *err)
{
    const int named = file->is.year;
    if (named >= 0 && f->year && f->year != named) {
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' is of %d by its time axis, the file of %d by its name",
                       file->path, f->var.name, f->year, named);
    }
    return named >= 0 ? BS_OK : bs_gridded_check_year(&r->in, f, err);
}

/* The sheet with room for as many months as the field has, or the inventory has files for. */
static bs_status ready_sheet(reader *r, sheet *s, int n_months, bs_err *err)
{
    const bs_mapping *m = r->mapping;
    bs_emission *e = r->in.emission;
    BS_TRY(bs_emis_sheet_get(&r->in, m->sector[s->sector].name, m->species[s->species].name, n_months, &s->index, err));
    if (e->sheet[s->index].n_months == n_months) return BS_OK;
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: has %d time%s, another file of sector '%s' %d: what is of a year and what is of months must be different "
        "sectors of the mapping",
        r->in.file, n_months, n_months == 1 ? "" : "s", m->sector[s->sector].name, e->sheet[s->index].n_months);
}

/* Adds a file's field: of the year (month -1: all its times) or of one month. */
static bs_status add_field(reader *r, sheet *s, const bs_mapped_file *file, const bs_mapped_field *of,
                           const bs_mapped_field *minus, int month, bs_err *err)
{
    const bs_lonlat_field *f = of->field;
    const int n = month < 0 ? f->n_times : 12, year = file->is.year > 0 ? file->is.year
                                                      : f->year         ? f->year
                                                                        : r->in.year;
    const bs_gridded_less less = {minus->field, &minus->unit};
    BS_TRY(check_year(r, file, f, err));
    if (month >= 0 && f->n_times != 1) {
        return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' has %d times in the file of one month", file->path,
                       f->var.name, f->n_times);
    }
    BS_TRY(bs_gridded_prepare(&r->gridded, f, err));
    BS_TRY(ready_sheet(r, s, n, err));
    for (int t = 0; t < f->n_times; t++) {
        const int at = month >= 0 ? month : n == 12 ? t : -1;
        BS_TRY(
            bs_gridded_add(&r->gridded, f, t, &of->unit, at, year, less.field ? &less : NULL, s->index, &s->mean, err));
    }
    return BS_OK;
}

/* A file's field, less that of another file (NULL: none). */
static bs_status read_file(reader *r, sheet *s, int code, const bs_mapped_file *file, const bs_mapped_file *minus,
                           int month, bool *lacks, bs_err *err)
{
    const int other = r->mapping->species[s->species].minus;
    bs_mapped_field of, less = {0};
    r->in.file = file->path;
    bs_status status = bs_mapped_field_open(&r->in, r->mapping, s->species, s->sector, code, &of, err);
    *lacks = status == BS_OK && !of.field;
    if (status == BS_OK && of.field && minus) {
        r->in.file = minus->path;
        status = bs_mapped_field_open(&r->in, r->mapping, other, s->sector, code, &less, err);
        if (status == BS_OK && !less.field)
            status = bs_fail(err, BS_ERR_INPUT, "%s: holds nothing of %s for '%s', which is to be taken from %s",
                             minus->path, r->mapping->species[other].name, r->mapping->sector[s->sector].code[code],
                             file->path);
        r->in.file = file->path;
    }
    if (status == BS_OK && of.field) status = add_field(r, s, file, &of, &less, month, err);
    bs_mapped_field_close(&less);
    bs_mapped_field_close(&of);
    return status;
}

/* ---- one sector ---- */

/* The files of the species that is taken away, one beside each of slot[]. */
static bs_status find_minus(const reader *r, const sheet *s, int code, const bs_mapped_file *const slot[13],
                            const bs_mapped_file *minus[13], bs_err *err)
{
    const int species = r->mapping->species[s->species].minus;
    int n = 0;
    BS_TRY(bs_mapped_files_of(&r->files, species, s->sector, code, minus, &n, err));
    for (int t = 0; t < 13; t++) {
        if (!slot[t] || minus[t]) continue;
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: inventory '%s' has no file of %s beside it, which is to be taken from it", slot[t]->path,
                       r->in.name, r->mapping->species[species].name);
    }
    return BS_OK;
}

static bs_status read_code(reader *r, sheet *s, int code, bool *there, bs_err *err)
{
    const bs_mapping *m = r->mapping;
    const bs_mapping_sector *sector = &m->sector[s->sector];
    const bs_mapped_file *slot[13], *minus[13] = {NULL};
    char path[BS_EMIS_PATH_MAX];
    int n = 0;
    bool lacks = false;
    BS_TRY(bs_mapped_files_of(&r->files, s->species, s->sector, code, slot, &n, err));
    if (n == 0 && !sector->optional && !sector->one_of) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: inventory '%s' has no file of species %s (%s) and sector %s (%s); add it to 'files', or name under "
            "'sectors' what is to be taken",
            bs_config_where(r->in.config, bs_emis_path(&r->in, "files", path)), r->in.name, m->species[s->species].name,
            m->species[s->species].code, sector->name, sector->code[code]);
    }
    if (n > 0 && m->species[s->species].minus >= 0) BS_TRY(find_minus(r, s, code, slot, minus, err));
    for (int t = 0; t < 13; t++) {
        if (slot[t] && !lacks) BS_TRY(read_file(r, s, code, slot[t], minus[t], t - 1, &lacks, err));
    }
    *there = n > 0 && !lacks;
    if (!*there && !sector->one_of) {
        bs_log_info(r->in.log, "inventory '%s': nothing of species %s for '%s' of sector '%s'; it may lack there",
                    r->in.name, m->species[s->species].name, sector->code[code], sector->name);
    }
    return BS_OK;
}

static bs_status read_sheet(reader *r, int species, int sector, bs_err *err)
{
    const bs_mapping *m = r->mapping;
    sheet s = {.species = species, .sector = sector, .index = -1};
    int found = 0;
    for (int c = 0; c < m->sector[sector].n_codes; c++) {
        bool there = false;
        BS_TRY(read_code(r, &s, c, &there, err));
        found += there;
    }
    r->in.file = m->file;
    if (m->sector[sector].one_of && found != 1) {
        return bs_fail(err, BS_ERR_INPUT,
                       "inventory '%s' has %s of the codes %s, ... for sector '%s', which are names of the same; "
                       "expected one: see "
                       "%s",
                       r->in.name, found ? "several" : "none", m->sector[sector].code[0], m->sector[sector].name,
                       m->file);
    }
    if (s.index < 0) return BS_OK;
    return bs_emis_audit_add(&r->in, m->sector[sector].name, m->species[species].name, s.mean.source, s.mean.inside,
                             s.mean.on_grid, s.mean.touching, err);
}

static bs_status read_all(reader *r, bs_err *err)
{
    const bs_mapping *m = r->mapping;
    BS_TRY(check_wishes(r, err));
    BS_TRY(bs_mapped_files_find(&r->in, m, &r->files, err));
    bs_log_info(r->in.log, "inventory '%s': %s (%s), %d files%s", r->in.name, m->name, m->file, r->files.n,
                m->missing_zero ? "; missing cells emit nothing" : "");
    for (int s = 0; s < m->n_species; s++) {
        if (!wants_species(r, m->species[s].name)) continue;
        for (int k = 0; k < m->n_sectors; k++) {
            if (bs_emis_wants_sector(&r->in, m->sector[k].name)) BS_TRY(read_sheet(r, s, k, err));
        }
    }
    if (r->gridded.n_missing)
        bs_log_info(r->in.log, "inventory '%s': %zu missing values in all, taken as 0", r->in.name,
                    r->gridded.n_missing);
    return BS_OK;
}

bs_status bs_emis_read_mapped(const bs_emis_input *in, bs_err *err)
{
    char path[BS_EMIS_PATH_MAX];
    bs_mapping *m = NULL;
    BS_TRY(bs_mapping_read(in->file, in->units, &m, err));
    reader r = {.in = *in, .mapping = m};
    const int policy = bs_config_choice(in->config, bs_emis_path(in, "missing", path));
    r.gridded.in = &r.in;
    r.gridded.missing.zero = policy < 0 ? m->missing_zero : policy == BS_MISSING_ZERO;
    r.gridded.missing.has_fill = m->has_fill;
    r.gridded.missing.fill = m->fill;
    bs_status status = read_all(&r, err);
    bs_mapped_files_clear(&r.files);
    bs_gridded_clear(&r.gridded);
    bs_mapping_destroy(m);
    return status;
}
