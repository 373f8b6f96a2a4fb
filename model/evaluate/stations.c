#include "model/evaluate/stations.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"
#include "model/core/number.h"
#include "model/evaluate/sheet.h"

bs_status bs_station_degrees(const char *where, const char *what, const char *text, double limit, double *out,
                             bs_err *err)
{
    if (bs_number_real(text, out) && fabs(*out) <= limit) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: the %s is '%s', expected degrees within +-%g", where, what, text, limit);
}

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

static bs_status read_row(const bs_obs_row *row, bs_stations *s, bs_err *err)
{
    bs_station *t = &s->station[s->n];
    copy(t->id, sizeof t->id, row->cell[BS_OBS_ID]);
    copy(t->name, sizeof t->name, row->cell[BS_OBS_STATION]);
    copy(t->city, sizeof t->city, row->cell[BS_OBS_CITY]);
    BS_TRY(bs_station_degrees(row->where, "longitude", row->cell[BS_OBS_LON], 360, &t->lon, err));
    BS_TRY(bs_station_degrees(row->where, "latitude", row->cell[BS_OBS_LAT], 90, &t->lat, err));
    if (!*t->id && !*t->name) return bs_fail(err, BS_ERR_INPUT, "%s: neither a code nor a name", row->where);
    for (int k = 0; k < s->n && *t->id; k++)
        if (strcmp(s->station[k].id, t->id) == 0)
            return bs_fail(err, BS_ERR_INPUT, "%s: the station %s stands in the list a second time", row->where, t->id);
    s->n++;
    return BS_OK;
}

static bs_status read_rows(const char *file, const bs_sheet *sheet, bs_stations *s, bs_err *err)
{
    BS_TRY(bs_sheet_need(sheet, file, BS_OBS_LON, err));
    BS_TRY(bs_sheet_need(sheet, file, BS_OBS_LAT, err));
    if (!sheet->column[BS_OBS_ID]) BS_TRY(bs_sheet_need(sheet, file, BS_OBS_STATION, err));
    BS_TRY(BS_NEW(&s->station, sheet->n, "the list of stations", err));
    for (int r = 0; r < sheet->n; r++) BS_TRY(read_row(&sheet->row[r], s, err));
    return BS_OK;
}

bs_status bs_stations_read(const char *file, bs_stations *out, bs_err *err)
{
    bs_sheet sheet;
    *out = (bs_stations){0};
    BS_TRY(bs_sheet_read(file, NULL, &sheet, err));
    const bs_status st = read_rows(file, &sheet, out, err);
    bs_sheet_free(&sheet);
    if (st != BS_OK) bs_stations_free(out);
    return st;
}

void bs_stations_free(bs_stations *s)
{
    bs_free(s->station);
    *s = (bs_stations){0};
}

/* Bytes of a city's name without what kind of place it is. */
static size_t stem(const char *name)
{
    static const char *const KIND[] = {"市", "州", "地区", "盟"};
    const size_t n = strlen(name);
    for (size_t k = 0; k < sizeof KIND / sizeof *KIND; k++) {
        const size_t tail = strlen(KIND[k]);
        if (n > tail && strcmp(name + n - tail, KIND[k]) == 0) return n - tail;
    }
    return n;
}

bool bs_same_city(const char *a, const char *b)
{
    const size_t na = stem(a), nb = stem(b);
    return na > 0 && nb > 0 && strncmp(a, b, na < nb ? na : nb) == 0;
}

int bs_stations_find(const bs_stations *s, const char *id, const char *name, const char *city)
{
    int found = BS_STATION_NONE;
    for (int k = 0; k < s->n; k++)
        if (*s->station[k].id && (strcmp(s->station[k].id, id) == 0 || strcmp(s->station[k].id, name) == 0)) return k;
    for (int k = 0; k < s->n && *name; k++) {
        const bs_station *t = &s->station[k];
        if (strcmp(t->name, name) != 0) continue;
        if (*city && *t->city && !bs_same_city(city, t->city)) {
            if (found == BS_STATION_NONE) found = BS_STATION_ELSEWHERE;
            continue;
        }
        found = found >= 0 || found == BS_STATION_SEVERAL ? BS_STATION_SEVERAL : k;
    }
    return found;
}
