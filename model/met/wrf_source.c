#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/met/wrf.h"

/* ---- one file ---- */

/* What cannot be done without; the rest is left to derive, which diagnoses or refuses. */
static bool needed(bs_wrf_id id, bool own, bool has_psfc)
{
    switch (id) {
    case BS_WRF_U:
    case BS_WRF_V:
    case BS_WRF_T:
    case BS_WRF_P:
    case BS_WRF_PB:
    case BS_WRF_QVAPOR:
    case BS_WRF_HGT:
        return true;
    case BS_WRF_MU:
    case BS_WRF_MUB:
        return own || !has_psfc;
    default:
        return false;
    }
}

bs_status bs_wrf_check_needed(const bs_nc *nc, bool own, bs_err *err)
{
    static const char *const ALWAYS[] = {"Times", "XLAT", "XLONG", "ZNW", "P_TOP"};
    char list[512];
    int used = 0, n = 0;
    for (size_t a = 0; a < sizeof ALWAYS / sizeof *ALWAYS; a++)
        if (!bs_nc_has_var(nc, ALWAYS[a]))
            used += snprintf(list + used, sizeof list - (size_t)used, "%s%s", n++ ? ", " : "", ALWAYS[a]);
    const bool has_psfc = bs_nc_has_var(nc, bs_wrf_name(BS_WRF_PSFC));
    for (int id = 0; id < BS_WRF_COUNT; id++)
        if (needed((bs_wrf_id)id, own, has_psfc) && !bs_nc_has_var(nc, bs_wrf_name((bs_wrf_id)id)))
            used +=
                snprintf(list + used, sizeof list - (size_t)used, "%s%s", n++ ? ", " : "", bs_wrf_name((bs_wrf_id)id));
    if (n == 0) return BS_OK;
    bs_fail(
        err, BS_ERR_INPUT,
        "%s: no variable %s; %s needed from WRF output%s. Was the file cut down? Take the wrfout file as WRF wrote it",
        bs_nc_file(nc), list, n == 1 ? "it is" : "they are", own ? " whose own mesh is used (grid.from)" : "");
    bs_nc_tell_groups(nc, err);
    return BS_ERR_INPUT;
}

static bs_status find_fields(const bs_nc *nc, const bs_wrf_grid *g, bs_units *units, bs_wrf_file *f, bs_err *err)
{
    for (int id = 0; id < BS_WRF_COUNT; id++) {
        if (!bs_nc_has_var(nc, bs_wrf_name((bs_wrf_id)id))) continue;
        BS_TRY(bs_wrf_find(nc, (bs_wrf_id)id, g, units, &f->field[id], err));
        bs_nc_var v;
        BS_TRY(bs_nc_find(nc, bs_wrf_name((bs_wrf_id)id), &v, err));
        if (f->field[id].timed && v.length[0] != f->n_times)
            return bs_fail(err, BS_ERR_INPUT, "%s: variable '%s' has %zu times and 'Times' %zu", f->name, v.name,
                           v.length[0], f->n_times);
    }
    return BS_OK;
}

static void read_attributes(const bs_nc *nc, bs_wrf_file *f)
{
    char text[32];
    f->simulation_start = INT64_MIN;
    if (bs_nc_text(nc, NULL, "SIMULATION_START_DATE", text, sizeof text))
        (void)bs_wrf_parse_time(text, &f->simulation_start);
    f->bucket = 0;
    if (!bs_nc_number(nc, NULL, "BUCKET_MM", &f->bucket) || !(f->bucket > 0)) f->bucket = 0;
}

static bs_status scan_open(const bs_met_context *x, const bs_nc *nc, bool own, int n, bs_wrf_source *s, bs_err *err)
{
    bs_wrf_file *f = &s->file[n];
    BS_TRY(bs_wrf_check_needed(nc, own, err));
    read_attributes(nc, f);
    BS_TRY(bs_wrf_read_times(nc, f->simulation_start, &f->n_times, &f->times, err));
    bs_wrf_grid g;
    BS_TRY(bs_wrf_grid_read(nc, &g, err));
    char other[512];
    bs_status st = BS_OK;
    if (n > 0 && !bs_wrf_grid_same(&s->grid, &g, other, sizeof other))
        st = bs_fail(err, BS_ERR_INPUT,
                     "%s: another grid than in %s: %s; name the files of one domain in meteorology.files", f->name,
                     s->file[0].name, other);
    if (st == BS_OK) st = find_fields(nc, &g, x->units, f, err);
    if (n == 0 && st == BS_OK) {
        s->grid = g;
        bs_nc_text(nc, NULL, "MMINLU", s->land_legend, sizeof s->land_legend);
        return BS_OK;
    }
    bs_wrf_grid_clear(&g);
    return st;
}

static bs_status scan(const bs_met_context *x, bool own, int n, bs_wrf_source *s, bs_err *err)
{
    bs_nc *nc = NULL;
    BS_TRY(bs_nc_open(s->file[n].name, &nc, err));
    const bs_status st = scan_open(x, nc, own, n, s, err);
    bs_nc_close(nc);
    return st;
}

/* ---- all of them ---- */

/* A field is of use when every file has it. */
static bs_status join_fields(bs_wrf_source *s, bs_err *err)
{
    for (int id = 0; id < BS_WRF_COUNT; id++) {
        s->has[id] = s->file[0].field[id].present;
        for (int f = 1; f < s->n_files; f++) {
            const bool here = s->file[f].field[id].present;
            if (here == s->has[id]) continue;
            return bs_fail(err, BS_ERR_INPUT,
                           "%s has a variable '%s' and %s has none; expected the same variables in all files",
                           s->file[here ? f : 0].name, bs_wrf_name((bs_wrf_id)id), s->file[here ? 0 : f].name);
        }
    }
    if (s->has[BS_WRF_U10] != s->has[BS_WRF_V10])
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: only one of the variables 'U10' and 'V10' is there; expected both or none",
                       s->file[0].name);
    return BS_OK;
}

static const char *file_name(const void *source, const bs_slot *slot)
{
    return ((const bs_wrf_source *)source)->file[slot->piece].name;
}

static bs_status order_times(const bs_met_context *x, bs_time start, bs_time end, bs_wrf_source *s, bs_err *err)
{
    size_t n = 0;
    for (int f = 0; f < s->n_files; f++) n += s->file[f].n_times;
    BS_TRY(BS_NEW(&s->slot, n, "times of the meteorology", err));
    for (int f = 0; f < s->n_files; f++)
        for (size_t t = 0; t < s->file[f].n_times; t++)
            s->slot[s->n_slots++] = (bs_slot){.time = s->file[f].times[t], .piece = f, .index = t};
    bs_slots slots = {.n = s->n_slots, .slot = s->slot, .what = "the WRF output", .source = s, .file = file_name};
    bs_slots_sort(&slots);
    BS_TRY(bs_slots_check_duplicates(&slots, err));
    s->steady = bs_config_bool(x->config, "meteorology.steady");
    if (!s->steady) return bs_slots_check_coverage(&slots, start, end, err);
    int found = 0;
    if (bs_config_has(x->config, "meteorology.valid_time")) BS_TRY(bs_slots_find(&slots, start, &found, err));
    s->held = s->slot[found].time;
    if (s->n_slots == 1 || bs_config_has(x->config, "meteorology.valid_time")) return BS_OK;
    char first[BS_TIME_TEXT_MAX], last[BS_TIME_TEXT_MAX];
    return bs_fail(
        err, BS_ERR_INPUT,
        "%s: the WRF output has %d times from %s to %s, and meteorology.steady holds one of them: say which with "
        "meteorology.valid_time",
        bs_config_where(x->config, "meteorology.steady"), s->n_slots, bs_time_format(s->slot[0].time, first),
        bs_time_format(s->slot[s->n_slots - 1].time, last));
}

bs_status bs_wrf_open(const bs_met_context *x, bool own, bs_time start, bs_time end, bs_wrf_source *s, bs_err *err)
{
    s->n_files = bs_config_count(x->config, "meteorology.files");
    if (s->n_files == 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: meteorology.provider wrf needs meteorology.files, its input files",
                       bs_config_where(x->config, "meteorology.provider"));
    if (bs_config_count(x->config, "meteorology.variables") > 0)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: meteorology.provider wrf knows the variables of WRF's output by itself; take "
                       "meteorology.variables away",
                       bs_config_where(x->config, "meteorology.variables"));
    BS_TRY(BS_NEW(&s->now, 1, "files of the meteorology", err));
    BS_TRY(BS_NEW(&s->file, s->n_files, "files of the meteorology", err));
    for (int f = 0; f < s->n_files; f++) {
        s->file[f].name = bs_config_text_at(x->config, "meteorology.files", f);
        BS_TRY(scan(x, own, f, s, err));
    }
    BS_TRY(join_fields(s, err));
    return order_times(x, start, end, s, err);
}

void bs_wrf_close(bs_wrf_source *s)
{
    for (int f = 0; f < s->n_files && s->file; f++) bs_free(s->file[f].times);
    if (s->now) bs_nc_close(s->now->nc);
    bs_free(s->now);
    bs_free(s->file);
    bs_free(s->slot);
    bs_wrf_grid_clear(&s->grid);
    *s = (bs_wrf_source){0};
}
