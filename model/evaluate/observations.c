#include "model/evaluate/observations.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "model/core/memory.h"
#include "model/core/number.h"
#include "model/evaluate/sheet.h"
#include "model/units/units.h"

static const char UNIT[] = "ug m-3";
static const char *const MISSING[] = {"",    "-",    "--",   "—",   "——",   "na",   "n/a",
                                      "nan", "null", "none", "\\n", "缺测", "无效", "无数据"};
static const double HIGHEST = 5000; /* ug m-3 */
static const double SUSPICIOUS =
    1.5; /* ug m-3: nowhere is the highest PM2.5 of a table so small, but for one in mg m-3 */
enum { HOUR = 3600, UTC8 = 8 * HOUR, DAY = 24 * HOUR };
enum { MANY = 24 }; /* values that make a table's highest one telling */

typedef struct reader {
    const bs_obs_request *request;
    const bs_sheet *sheet;
    bs_observations *out;
    bs_units *units;
    char unit[64]; /* to which scale belongs */
    double scale;
    double highest;
    int room;
    int last; /* site of the row before */
} reader;

static const char *cell(const bs_obs_row *row, bs_obs_role role)
{
    return row->cell[role] ? row->cell[role] : "";
}

/* ---- sites ---- */

static bool is_site(const bs_obs_site *s, const bs_obs_row *row, bool stations)
{
    if (strcmp(s->city, cell(row, BS_OBS_CITY)) != 0) return false;
    return !stations || (strcmp(s->id, cell(row, BS_OBS_ID)) == 0 && strcmp(s->name, cell(row, BS_OBS_STATION)) == 0);
}

static bs_status read_degrees(const bs_obs_row *row, bs_obs_site *s, bs_err *err)
{
    s->lon = s->lat = NAN;
    if (!row->cell[BS_OBS_LON] || !row->cell[BS_OBS_LAT]) return BS_OK;
    BS_TRY(bs_station_degrees(row->where, "longitude", row->cell[BS_OBS_LON], 360, &s->lon, err));
    return bs_station_degrees(row->where, "latitude", row->cell[BS_OBS_LAT], 90, &s->lat, err);
}

static bs_status add_site(reader *r, const bs_obs_row *row, bs_err *err)
{
    bs_observations *o = r->out;
    if (o->n_sites == r->room) {
        const int room = r->room ? 2 * r->room : 64;
        bs_obs_site *larger = realloc(o->site, (size_t)room * sizeof *larger);
        if (!larger) return bs_fail(err, BS_ERR_MEMORY, "out of memory for %d sites", room);
        o->site = larger;
        r->room = room;
    }
    bs_obs_site *s = &o->site[o->n_sites];
    *s = (bs_obs_site){0};
    snprintf(s->id, sizeof s->id, "%s", cell(row, BS_OBS_ID));
    snprintf(s->name, sizeof s->name, "%s", cell(row, BS_OBS_STATION));
    snprintf(s->city, sizeof s->city, "%s", cell(row, BS_OBS_CITY));
    if (!is_site(s, row, o->stations))
        return bs_fail(err, BS_ERR_INPUT, "%s: a name is longer than %d bytes", row->where, BS_SITE_TEXT - 1);
    if (o->stations ? !*s->id && !*s->name : !*s->city)
        return bs_fail(err, BS_ERR_INPUT, "%s: no name of a %s", row->where, o->stations ? "station" : "city");
    BS_TRY(read_degrees(row, s, err));
    o->n_sites++;
    return BS_OK;
}

/* Rows come by site or in turns: the one after the last is tried before all. */
static bs_status find_site(reader *r, const bs_obs_row *row, int *site, bs_err *err)
{
    const bs_observations *o = r->out;
    int found = -1;
    for (int k = 0; k < 2 && found < 0 && o->n_sites; k++) {
        const int at = (r->last + k) % o->n_sites;
        if (is_site(&o->site[at], row, o->stations)) found = at;
    }
    for (int k = 0; k < o->n_sites && found < 0; k++)
        if (is_site(&o->site[k], row, o->stations)) found = k;
    if (found < 0) {
        found = o->n_sites;
        BS_TRY(add_site(r, row, err));
    }
    bs_obs_site again = {0};
    BS_TRY(read_degrees(row, &again, err));
    if (!isnan(again.lon) && (again.lon != o->site[found].lon || again.lat != o->site[found].lat))
        return bs_fail(err, BS_ERR_INPUT, "%s: %s stands at %g E, %g N here and at %g E, %g N in another row",
                       row->where, *o->site[found].name ? o->site[found].name : o->site[found].id, again.lon, again.lat,
                       o->site[found].lon, o->site[found].lat);
    *site = r->last = found;
    return BS_OK;
}

/* ---- values ---- */

static bool is_missing(const char *text)
{
    for (size_t k = 0; k < sizeof MISSING / sizeof *MISSING; k++)
        if (strcasecmp(text, MISSING[k]) == 0) return true;
    return false;
}

static bs_status set_unit(reader *r, const char *where, const char *unit, bs_err *err)
{
    double offset;
    if (strcmp(unit, r->unit) == 0) return BS_OK;
    if (strlen(unit) >= sizeof r->unit) return bs_fail(err, BS_ERR_INPUT, "%s: the unit is too long", where);
    const bs_status st = bs_units_convert(r->units, unit, UNIT, &r->scale, &offset, err);
    if (st != BS_OK) {
        bs_err_context(err, "%s: the unit of PM2.5", where);
        return st;
    }
    strcpy(r->unit, unit);
    return BS_OK;
}

static bs_status row_state(const reader *r, const bs_obs_row *row, const bs_stamp *stamp, bs_air_state *state,
                           bs_err *err)
{
    static const char AMENDED[] = "2018-09-01T00:00:00+08:00";
    bs_time amended = 0;
    *state = r->request->state;
    if (row->cell[BS_OBS_STATE]) {
        *state = bs_air_state_of(row->cell[BS_OBS_STATE]);
        if (*state != BS_STATE_UNTOLD) return BS_OK;
        return bs_fail(err, BS_ERR_INPUT, "%s: the reference state is '%s', expected ambient or standard", row->where,
                       row->cell[BS_OBS_STATE]);
    }
    if (*state != BS_STATE_UNTOLD) return BS_OK;
    BS_TRY(bs_time_parse(AMENDED, &amended, err));
    *state = stamp->end <= amended ? BS_STATE_STANDARD : BS_STATE_AMBIENT;
    return BS_OK;
}

/* *value NaN: left out. */
static bs_status read_value(reader *r, const bs_obs_row *row, double *value, bs_err *err)
{
    const char *text = cell(row, BS_OBS_PM25);
    *value = NAN;
    if (is_missing(text)) {
        r->out->missing++;
        return BS_OK;
    }
    if (!bs_number_real(text, value))
        return bs_fail(err, BS_ERR_INPUT, "%s: PM2.5 is '%s', expected a number (or nothing, -, NA, null)", row->where,
                       text);
    if (row->cell[BS_OBS_UNIT] && !r->request->unit) BS_TRY(set_unit(r, row->where, row->cell[BS_OBS_UNIT], err));
    *value *= r->scale;
    if (*value < 0) {
        r->out->negative++;
        *value = NAN;
        return BS_OK;
    }
    if (*value > HIGHEST)
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s: PM2.5 is %g ug m-3, expected at most %g; is the unit another (--unit), or is it a code for a "
            "missing value (leave it empty)?",
            row->where, *value, HIGHEST);
    r->highest = fmax(r->highest, *value);
    return BS_OK;
}

static bs_status read_row(reader *r, int n, bs_err *err)
{
    bs_observations *o = r->out;
    const bs_obs_row *row = &r->sheet->row[n];
    bs_obs_record *record = &o->record[o->n];
    bs_stamp stamp = {0};
    BS_TRY(find_site(r, row, &record->site, err));
    BS_TRY(bs_stamp_read(row, r->request->stamps, &stamp, err));
    if (o->hours && stamp.hours != o->hours)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: a row %s a time of day among rows %s; keep hourly and daily means in tables of their own",
                       row->where, stamp.hours == 1 ? "with" : "without", stamp.hours == 1 ? "without" : "with");
    o->hours = stamp.hours;
    record->end = stamp.end;
    record->row = n;
    BS_TRY(read_value(r, row, &record->value, err));
    if (isnan(record->value)) return BS_OK;
    BS_TRY(row_state(r, row, &stamp, &record->state, err));
    o->n_standard += record->state == BS_STATE_STANDARD;
    o->n++;
    return BS_OK;
}

/* ---- order ---- */

static int compare_sites(const void *a, const void *b)
{
    const bs_obs_site *const *x = a, *const *y = b;
    int order = strcmp((*x)->city, (*y)->city);
    if (order == 0) order = strcmp((*x)->name, (*y)->name);
    return order ? order : strcmp((*x)->id, (*y)->id);
}

/* Sites by city, name and code, so that nothing depends on the order of the rows. */
static bs_status sort_sites(bs_observations *o, bs_err *err)
{
    bs_obs_site *old = o->site;
    bs_obs_site const **at = NULL;
    int *rank = NULL;
    o->site = malloc((size_t)o->n_sites * sizeof *o->site);
    bs_status st =
        o->site ? BS_NEW(&at, o->n_sites, "sites", err) : bs_fail(err, BS_ERR_MEMORY, "out of memory for sites");
    if (st == BS_OK) st = BS_NEW(&rank, o->n_sites, "sites", err);
    for (int k = 0; st == BS_OK && k < o->n_sites; k++) at[k] = &old[k];
    if (st == BS_OK) qsort(at, (size_t)o->n_sites, sizeof *at, compare_sites);
    for (int k = 0; st == BS_OK && k < o->n_sites; k++) {
        o->site[k] = *at[k];
        rank[at[k] - old] = k;
    }
    for (int k = 0; st == BS_OK && k < o->n; k++) o->record[k].site = rank[o->record[k].site];
    free(old);
    bs_free(at);
    bs_free(rank);
    return st;
}

static int compare(const void *a, const void *b)
{
    const bs_obs_record *x = a, *y = b;
    if (x->site != y->site) return x->site < y->site ? -1 : 1;
    if (x->end != y->end) return x->end < y->end ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* One of each row that stands there twice; two values of one time are an error. */
static bs_status unite(reader *r, bs_err *err)
{
    bs_observations *o = r->out;
    int kept = 0;
    qsort(o->record, (size_t)o->n, sizeof *o->record, compare);
    for (int k = 0; k < o->n; k++) {
        const bs_obs_record *x = &o->record[k], *before = kept ? &o->record[kept - 1] : NULL;
        if (!before || before->site != x->site || before->end != x->end) {
            o->record[kept++] = *x;
            continue;
        }
        const bs_obs_site *s = &o->site[x->site];
        if (before->value != x->value)
            return bs_fail(err, BS_ERR_INPUT,
                           "%s: a second value of %s%s%s at one time: %g ug m-3 here, %g in %s; remove one",
                           r->sheet->row[x->row].where, s->city, *s->city && *s->name ? " " : "",
                           *s->name ? s->name : s->id, x->value, before->value, r->sheet->row[before->row].where);
        o->repeated++;
        o->n_standard -= x->state == BS_STATE_STANDARD;
    }
    o->n = kept;
    return BS_OK;
}

static void tell_columns(const bs_sheet *sheet, char *text, size_t size)
{
    static const char *const WORD[] = {
#define BS_OBS_ROLE(id, word, text) word,
#include "model/evaluate/sheet.def"
    };
    size_t used = 0;
    *text = '\0';
    for (int k = 0; k < BS_OBS_ROLES && used < size; k++)
        if (sheet->column[k])
            used += (size_t)snprintf(text + used, size - used, "%s%s from '%s'", used ? ", " : "", WORD[k],
                                     sheet->column[k]);
}

static bs_status check_columns(reader *r, bs_err *err)
{
    const bs_sheet *s = r->sheet;
    const char *file = r->request->file;
    BS_TRY(bs_sheet_need(s, file, BS_OBS_PM25, err));
    if (!s->column[BS_OBS_DATE]) BS_TRY(bs_sheet_need(s, file, BS_OBS_TIME, err));
    r->out->stations = s->column[BS_OBS_ID] || s->column[BS_OBS_STATION];
    if (!r->out->stations) BS_TRY(bs_sheet_need(s, file, BS_OBS_CITY, err));
    if (s->column[BS_OBS_STATE] && r->request->state != BS_STATE_UNTOLD)
        return bs_fail(err, BS_ERR_INPUT, "%s: has a column '%s', and --state is given, too; leave one away", file,
                       s->column[BS_OBS_STATE]);
    r->scale = 1;
    strcpy(r->unit, UNIT);
    const char *unit = r->request->unit ? r->request->unit : *s->unit ? s->unit : UNIT;
    return set_unit(r, r->request->unit ? "--unit" : file, unit, err);
}

/* Means of days that a program has dumped with a clock: every row at 00:00. */
static bs_status check_midnight(const reader *r, bs_err *err)
{
    const bs_observations *o = r->out;
    bool days = false;
    for (int k = 0; k < o->n; k++) {
        const bs_time stamp = o->record[k].end - (r->request->stamps.begins ? HOUR : 0);
        if (o->hours != 1 || (stamp + UTC8) % DAY != 0) return BS_OK;
        days = days || o->record[k].end != o->record[0].end;
    }
    if (!days) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: every row has the time 00:00; if these are means of days, say --daily",
                   r->request->file);
}

static bs_status check_values(const reader *r, bs_err *err)
{
    const bs_observations *o = r->out;
    const char *file = r->request->file;
    if (o->n == 0)
        return bs_fail(err, BS_ERR_INPUT, "%s: no value of PM2.5 in %d rows (%d without one, %d negative)", file,
                       r->sheet->n + r->sheet->empty, o->missing, o->negative);
    const bool told = r->request->unit || *r->sheet->unit || r->sheet->column[BS_OBS_UNIT];
    if (!told && o->n >= MANY && r->highest < SUSPICIOUS)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: the highest of %d values is %g: these look like mg m-3, and the table names no unit; say "
                       "it with --unit 'mg m-3' (or --unit 'ug m-3', if they are)",
                       file, o->n, r->highest);
    return BS_OK;
}

static bs_status read_rows(reader *r, bs_err *err)
{
    bs_observations *o = r->out;
    BS_TRY(check_columns(r, err));
    BS_TRY(BS_NEW(&o->record, r->sheet->n + 1, "observations", err));
    for (int n = 0; n < r->sheet->n; n++) BS_TRY(read_row(r, n, err));
    o->missing += r->sheet->empty;
    BS_TRY(check_values(r, err));
    BS_TRY(check_midnight(r, err));
    BS_TRY(sort_sites(o, err));
    tell_columns(r->sheet, o->columns, sizeof o->columns);
    snprintf(o->unit, sizeof o->unit, "%s", r->unit);
    return unite(r, err);
}

/* Columns of a wide table that are cities. */
static void turn_to_cities(bs_sheet *s)
{
    for (int n = 0; n < s->n; n++) {
        s->row[n].cell[BS_OBS_CITY] = s->row[n].cell[BS_OBS_STATION];
        s->row[n].cell[BS_OBS_STATION] = NULL;
    }
    s->column[BS_OBS_CITY] = s->column[BS_OBS_STATION];
    s->column[BS_OBS_STATION] = NULL;
}

bs_status bs_observations_read(const bs_obs_request *request, bs_observations *out, bs_err *err)
{
    bs_sheet sheet;
    *out = (bs_observations){0};
    BS_TRY(bs_sheet_read(request->file, request->map, &sheet, err));
    if (sheet.wide && request->cities) turn_to_cities(&sheet);
    reader r = {.request = request, .sheet = &sheet, .out = out};
    bs_status st = bs_units_create(&r.units, err);
    if (st == BS_OK) st = read_rows(&r, err);
    bs_units_destroy(r.units);
    bs_sheet_free(&sheet);
    if (st != BS_OK) bs_observations_free(out);
    return st;
}

void bs_observations_free(bs_observations *o)
{
    free(o->site);
    bs_free(o->record);
    *o = (bs_observations){0};
}
