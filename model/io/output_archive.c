/* Outputs across a cut of the run: their sums in the archive, what was written in journals (journal.h). */
#include "model/io/output_sources.h"

#include "model/io/output_corridors.h"

typedef struct kept_file {
    const char *name;
    bs_nc *nc; /* either one; neither: not made in this run */
    bs_text_file *text;
} kept_file;

enum { KEPT_FILES = 11 };

static void list_files(const bs_output *o, kept_file file[KEPT_FILES])
{
    const bs_out_cities *c = o->cities;
    const bs_out_sources *s = c ? c->sources : NULL;
    const bs_out_corridors *d = o->corridors;
    const kept_file all[KEPT_FILES] = {
        {.name = "surface.nc", .nc = o->surface.file.nc},
        {.name = "daily.nc", .nc = o->daily.file.nc},
        {.name = "fields3d.nc", .nc = o->fields3d.file.nc},
        {.name = "cities.nc", .nc = c ? c->series.nc : NULL},
        {.name = "cities.csv", .text = c ? c->hourly : NULL},
        {.name = "cities_daily.csv", .text = c ? c->daily : NULL},
        {.name = "source_receptor.nc", .nc = s ? s->matrix.nc : NULL},
        {.name = "source_receptor_daily.csv", .text = s ? s->daily : NULL},
        {.name = "corridors.nc", .nc = d ? d->nc : NULL},
        {.name = "corridors.csv", .text = d ? d->table : NULL},
        {.name = "corridors_budget.csv", .text = d ? d->budget : NULL},
    };
    for (int n = 0; n < KEPT_FILES; n++) file[n] = all[n];
}

static bs_status journal(const kept_file *f, const char *dir, uint64_t keep, bs_err *err)
{
    if (f->nc) return bs_nc_journal(f->nc, dir, keep, err);
    return f->text ? bs_text_journal(f->text, dir, keep, err) : BS_OK;
}

static bs_status mark(const kept_file *f, uint64_t *length, bs_err *err)
{
    *length = 0;
    if (f->nc) return bs_nc_journal_mark(f->nc, length, err);
    return f->text ? bs_text_journal_mark(f->text, length, err) : BS_OK;
}

bs_status bs_output_keep(bs_output *o, const char *dir, bs_err *err)
{
    kept_file file[KEPT_FILES];
    list_files(o, file);
    for (int n = 0; n < KEPT_FILES; n++) BS_TRY(journal(&file[n], dir, 0, err));
    return BS_OK;
}

static bs_status archive_journals(const bs_output *o, const char *dir, bs_archive *a, bs_err *err)
{
    kept_file file[KEPT_FILES];
    list_files(o, file);
    const size_t outside = bs_archive_enter(a, "journals");
    for (int n = 0; n < KEPT_FILES; n++) {
        uint64_t length = 0;
        if (!a->loading) BS_TRY(mark(&file[n], &length, err));
        BS_TRY(BS_ARCHIVE(a, file[n].name, &length, 1, err));
        if (a->loading) BS_TRY(journal(&file[n], dir, length, err));
    }
    bs_archive_leave(a, outside);
    return BS_OK;
}

static bs_status archive_records(bs_output *o, bs_archive *a, bs_err *err)
{
    const size_t outside = bs_archive_enter(a, "records");
    BS_TRY(BS_ARCHIVE(a, "surface", &o->surface.file.records, 1, err));
    BS_TRY(BS_ARCHIVE(a, "daily", &o->daily.file.records, 1, err));
    BS_TRY(BS_ARCHIVE(a, "fields3d", &o->fields3d.file.records, 1, err));
    if (o->cities) BS_TRY(BS_ARCHIVE(a, "cities", &o->cities->series.records, 1, err));
    if (o->cities && o->cities->sources) BS_TRY(BS_ARCHIVE(a, "sources", &o->cities->sources->matrix.records, 1, err));
    if (o->corridors) BS_TRY(BS_ARCHIVE(a, "corridors", &o->corridors->records, 1, err));
    bs_archive_leave(a, outside);
    return BS_OK;
}

static bs_status archive_means(bs_output *o, bs_archive *a, bs_err *err)
{
    const struct {
        const char *name;
        size_t maps;
        double *values;
    } sum[] = {{"interval_sum", (size_t)o->n, o->interval_sum},
               {"day_sum", (size_t)o->n, o->day_sum},
               {"base_dry", (size_t)o->n, o->base_dry},
               {"base_wet", (size_t)o->n, o->base_wet},
               {"kept_period", (size_t)o->kept.n, o->kept.period},
               {"kept_days", (size_t)o->kept.n * (size_t)o->whole_days, o->kept.day}};
    const bs_archive_shape shape = {
        .tiling = &o->info.tiling, .tile = o->info.tile, .row = (size_t)o->info.tile.nx, .plane = o->cells};
    for (size_t n = 0; n < sizeof sum / sizeof *sum; n++)
        BS_TRY(bs_archive_maps(a, sum[n].name, BS_ITEM_DOUBLE, sum[n].maps, &shape, sum[n].values, err));
    return BS_OK;
}

static bs_status archive_regions(bs_output *o, bs_archive *a, bs_err *err)
{
    const bs_out_cities *c = o->cities;
    const bs_out_corridors *d = o->corridors;
    const size_t means = c ? (size_t)o->n * (size_t)c->n : 0;
    if (c) {
        BS_TRY(BS_ARCHIVE(a, "cities_period", c->period, means, err));
        BS_TRY(BS_ARCHIVE(a, "cities_max_day", c->max_day, means, err));
        BS_TRY(BS_ARCHIVE_BYTES(a, "cities_max_date", c->max_date, means, err));
    }
    if (!d) return BS_OK;
    const size_t flows = (size_t)o->n * (size_t)d->borders->n_pairs,
                 accounts = (size_t)o->n * (size_t)(d->borders->n_regions + 1);
    BS_TRY(BS_ARCHIVE(a, "corridors_from", &d->period->from, 1, err));
    BS_TRY(BS_ARCHIVE(a, "corridors_to", &d->period->to, 1, err));
    BS_TRY(BS_ARCHIVE_BYTES(a, "corridors_flow", d->period->flow, flows, err));
    return BS_ARCHIVE_BYTES(a, "corridors_account", d->period->account, accounts, err);
}

bs_status bs_output_archive(bs_output *o, const char *dir, bs_archive *a, bs_err *err)
{
    const size_t outside = bs_archive_enter(a, "output");
    BS_TRY(BS_ARCHIVE(a, "now", &o->now, 1, err));
    BS_TRY(BS_ARCHIVE(a, "interval_begin", &o->interval_begin, 1, err));
    BS_TRY(BS_ARCHIVE(a, "day_begin", &o->day_begin, 1, err));
    BS_TRY(BS_ARCHIVE(a, "day", &o->day, 1, err));
    BS_TRY(BS_ARCHIVE(a, "fields3d_due", &o->fields3d.due, 1, err));
    BS_TRY(archive_means(o, a, err));
    BS_TRY(archive_regions(o, a, err));
    BS_TRY(archive_records(o, a, err));
    BS_TRY(archive_journals(o, dir, a, err));
    bs_archive_leave(a, outside);
    return BS_OK;
}
