#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/emis/emis.h"
#include "model/emis/sectors.h"

const char *bs_emis_path(const bs_emis_input *in, const char *key, char *path)
{
    snprintf(path, BS_EMIS_PATH_MAX, "emissions.inventories[%d].%s", in->index, key);
    return path;
}

bool bs_emis_wants_sector(const bs_emis_input *in, const char *sector)
{
    char path[BS_EMIS_PATH_MAX];
    int n = bs_config_count(in->config, bs_emis_path(in, "sectors", path));
    for (int s = 0; s < n; s++) {
        if (strcmp(bs_config_text_at(in->config, path, s), sector) == 0) return true;
    }
    return n == 0;
}

static bs_status check_name(const bs_emis_input *in, const char *what, const char *name, size_t room, bs_err *err)
{
    if (strlen(name) < room) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: the name of the %s '%s' is too long (%zu bytes at most)", in->file, what,
                   name, room - 1);
}

static int find_sheet(const bs_emis_input *in, const char *sector, const char *species)
{
    const bs_emission *e = in->emission;
    for (int s = 0; s < e->n_sheets; s++)
        if (e->sheet[s].inventory == in->index && e->sheet[s].of == s && strcmp(e->sheet[s].asked, sector) == 0 &&
            strcmp(e->sheet[s].species, species) == 0)
            return s;
    return -1;
}

static bs_status make_account(bs_emis_account *a, size_t regions, bs_err *err)
{
    double **const array[] = {&a->source, &a->touching, &a->grid, &a->removed};
    for (size_t k = 0; k < sizeof array / sizeof *array && regions; k++)
        BS_TRY(BS_NEW(array[k], regions, "emission by region", err));
    return BS_OK;
}

/* A sheet of what the file calls `asked`: of it, or of a part of it. */
static bs_status add_sheet(const bs_emis_input *in, const char *asked, const char *species, const char *sector,
                           double share, int of, bs_err *err)
{
    bs_emission *e = in->emission;
    const int s = e->n_sheets;
    BS_TRY(check_name(in, "sector", asked, BS_EMIS_NAME_MAX, err));
    BS_TRY(check_name(in, "sector", sector, BS_EMIS_NAME_MAX, err));
    BS_TRY(check_name(in, "species", species, BS_EMIS_SPECIES_MAX, err));
    bs_emis_sheet *grown = realloc(e->sheet, ((size_t)s + 1) * sizeof *grown);
    if (!grown) return bs_fail(err, BS_ERR_MEMORY, "out of memory for emission sheets");
    e->sheet = grown;
    bs_emis_sheet *sheet = &e->sheet[s];
    *sheet = (bs_emis_sheet){.inventory = in->index, .total = -1, .of = of, .share = share};
    e->n_sheets = s + 1;
    strcpy(sheet->asked, asked);
    strcpy(sheet->sector, sector);
    strcpy(sheet->species, species);
    const size_t regions = e->audited ? (size_t)e->audited->n + 1 : 0;
    BS_TRY(make_account(&sheet->account, regions, err));
    BS_TRY(BS_NEW(&sheet->drop, regions ? regions : 1, "rules of a sheet", err));
    bool any = false;
    BS_TRY(bs_emis_dropped(in, sector, sheet->drop, &any, err));
    if (any) return BS_OK;
    bs_free(sheet->drop);
    sheet->drop = NULL;
    return BS_OK;
}

/* The sheet that the reader fills, of what is left of the sector or of all of it, and those of its parts. */
static bs_status add_sheets(const bs_emis_input *in, const char *asked, const char *species, bs_err *err)
{
    enum { PARTS_MAX = 16 };
    bs_emis_part part[PARTS_MAX];
    const int of = in->emission->n_sheets;
    int n = 0;
    double left = 1;
    BS_TRY(bs_emis_split_of(in, asked, PARTS_MAX, part, &n, err));
    for (int k = 0; k < n; k++) left -= part[k].share;
    if (left > BS_EMIS_SHARE_ROUND)
        BS_TRY(add_sheet(in, asked, species, n > 0 ? bs_sector_rest(asked) : asked, left, of, err));
    for (int k = 0; k < n; k++) {
        BS_TRY(add_sheet(in, asked, species, part[k].name, part[k].share, of, err));
        in->emission->sheet[in->emission->n_sheets - 1].basis = part[k].basis;
    }
    return BS_OK;
}

bs_status bs_emis_sheet_get(const bs_emis_input *in, const char *sector, const char *species, int n_months, int *index,
                            bs_err *err)
{
    bs_emission *e = in->emission;
    *index = find_sheet(in, sector, species);
    if (*index < 0) {
        *index = e->n_sheets;
        BS_TRY(add_sheets(in, sector, species, err));
    }
    const size_t n = bs_emis_cells(e);
    for (int s = 0; s < e->n_sheets && n_months > 0; s++) {
        bs_emis_sheet *sheet = &e->sheet[s];
        if (sheet->of != *index || sheet->n_months > 0) continue;
        BS_TRY(BS_NEW(&sheet->rate, n * (size_t)n_months, "an emission sheet", err));
        sheet->n_months = n_months;
    }
    return BS_OK;
}

bs_status bs_emis_point_add(bs_emission *e, const bs_emis_point *point, bs_err *err)
{
    if (e->n_points == e->points_room) {
        size_t room = e->points_room ? 2 * e->points_room : 64;
        bs_emis_point *grown = realloc(e->point, room * sizeof *grown);
        if (!grown) return bs_fail(err, BS_ERR_MEMORY, "out of memory for %zu point sources", room);
        e->point = grown;
        e->points_room = room;
    }
    e->point[e->n_points++] = *point;
    return BS_OK;
}

bs_status bs_emis_stack_add(bs_emission *e, const bs_stack *stack, int *index, bs_err *err)
{
    bs_stack *grown = realloc(e->stack, ((size_t)e->n_stacks + 1) * sizeof *grown);
    if (!grown) return bs_fail(err, BS_ERR_MEMORY, "out of memory for %d stacks", e->n_stacks + 1);
    e->stack = grown;
    *index = e->n_stacks;
    e->stack[e->n_stacks++] = *stack;
    return BS_OK;
}

void bs_emis_extent_add(bs_emission *e, double lon, double lat)
{
    e->extent.west = fmin(e->extent.west, lon);
    e->extent.east = fmax(e->extent.east, lon);
    e->extent.south = fmin(e->extent.south, lat);
    e->extent.north = fmax(e->extent.north, lat);
}

double bs_emis_month_days(int year, int month)
{
    static const double DAYS[BS_EMIS_MONTHS] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month != 1) return DAYS[month];
    if (year == 0) return 28.2425;
    return (double)(bs_time_from_date(year, 3, 1, 0, 0, 0) - bs_time_from_date(year, 2, 1, 0, 0, 0)) / 86400.0;
}
