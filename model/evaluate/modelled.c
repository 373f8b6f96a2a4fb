#include "model/evaluate/modelled.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "model/core/memory.h"

static const char VARIABLE[] = "primary_pm25", UNIT[] = "ug m-3";
enum { PATH_TEXT = 4096, LIST_TEXT = 512 };

const char *bs_site_fate_text(bs_site_fate fate)
{
    static const char *const TEXT[BS_SITE_FATES] = {
        "compared",
        "no city of the run (adcode, name, English name or the beginning of one name)",
        "not in the list of stations",
        "in the list of stations in other cities alone",
        "several of that name in the list of stations",
        "outside the mesh of the run"};
    return TEXT[fate];
}

/* ---- cities ---- */

static bs_status read_cities(bs_modelled *m, const char *dir, bs_err *err)
{
    const bs_surface *s = &m->surface;
    BS_TRY(bs_series_read_intervals(dir, &m->cities, err));
    bool same = m->cities.n_days == s->n_times;
    for (int k = 0; same && k < s->n_times; k++) same = m->cities.day[k] == (long)s->end[k];
    if (same) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: has other times than surface.nc beside it (%d and %d); a finished run's are the same",
                   m->cities.file, m->cities.n_days, s->n_times);
}

static bs_status place_cities(bs_modelled *m, const char *dir, const bs_observations *o, bs_err *err)
{
    bs_spot *spot = NULL;
    bs_city_place *where = NULL;
    const size_t times = (size_t)m->surface.n_times;
    BS_TRY(BS_NEW(&where, m->cities.n_cities, "places of the cities", err));
    bs_status st = bs_surface_cities(&m->surface, dir, m->cities.n_cities, &spot, where, err);
    if (st == BS_OK) st = BS_NEW(&m->value, (size_t)m->n_sites * times, "the model at the cities", err);
    for (int n = 0; st == BS_OK && n < m->n_sites; n++) {
        bs_place *p = &m->place[n];
        const int c = bs_series_find(&m->cities, o->site[n].city);
        p->fate = c < 0 ? BS_SITE_NO_CITY : BS_SITE_USED;
        snprintf(p->city, sizeof p->city, "%s", c < 0 ? o->site[n].city : m->cities.city[c].name);
        snprintf(p->name, sizeof p->name, "%s", p->city);
        if (c < 0) continue;
        p->spot = spot[c];
        p->lon = where[c].lon;
        p->lat = where[c].lat;
        p->share = where[c].share;
        memcpy(&m->value[(size_t)n * times], &m->cities.pm25[(size_t)c * times], times * sizeof *m->value);
    }
    bs_free(spot);
    bs_free(where);
    return st;
}

/* Two spellings of one city would be two sites. */
static bs_status check_cities(const bs_modelled *m, const bs_observations *o, bs_err *err)
{
    for (int a = 0; a < m->n_sites; a++)
        for (int b = 0; b < a; b++)
            if (m->place[a].fate == BS_SITE_USED && m->place[b].fate == BS_SITE_USED &&
                strcmp(m->place[a].name, m->place[b].name) == 0)
                return bs_fail(err, BS_ERR_INPUT,
                               "the observations name the city %s in two ways, '%s' and '%s'; write it in one",
                               m->place[a].name, o->site[b].city, o->site[a].city);
    return BS_OK;
}

/* ---- stations ---- */

static bs_site_fate find_station(const bs_obs_site *site, const bs_stations *list, bs_place *p)
{
    const int k = list ? bs_stations_find(list, site->id, site->name, site->city) : BS_STATION_NONE;
    p->lon = site->lon;
    p->lat = site->lat;
    if (k >= 0) {
        if (!*p->city) snprintf(p->city, sizeof p->city, "%s", list->station[k].city);
        if (*list->station[k].name) snprintf(p->name, sizeof p->name, "%s", list->station[k].name);
        if (isnan(p->lon)) p->lon = list->station[k].lon;
        if (isnan(p->lat)) p->lat = list->station[k].lat;
    }
    if (!isnan(p->lon) && !isnan(p->lat)) return BS_SITE_USED;
    return k == BS_STATION_SEVERAL     ? BS_SITE_SEVERAL
           : k == BS_STATION_ELSEWHERE ? BS_SITE_ELSEWHERE
                                       : BS_SITE_NO_STATION;
}

static bs_status place_stations(bs_modelled *m, const bs_observations *o, const bs_stations *list, bool bilinear,
                                bs_err *err)
{
    for (int n = 0; n < m->n_sites; n++) {
        bs_place *p = &m->place[n];
        const bs_obs_site *site = &o->site[n];
        snprintf(p->name, sizeof p->name, "%s", *site->name ? site->name : site->id);
        snprintf(p->city, sizeof p->city, "%s", site->city);
        p->fate = find_station(site, list, p);
        if (p->fate == BS_SITE_NO_STATION && !list)
            return bs_fail(err, BS_ERR_INPUT,
                           "the observations do not tell where the station %s stands (columns lon, lat); name a list "
                           "of stations with --stations FILE.csv",
                           p->name);
        const int c = *p->city ? bs_series_find(&m->cities, p->city) : -1;
        if (c >= 0) snprintf(p->city, sizeof p->city, "%s", m->cities.city[c].name);
        if (p->fate == BS_SITE_USED && !bs_surface_spot(&m->surface, p->lon, p->lat, bilinear, &p->spot))
            p->fate = BS_SITE_OUTSIDE;
    }
    return BS_OK;
}

static bool has_cities(const char *dir)
{
    char path[PATH_TEXT];
    const int n = snprintf(path, sizeof path, "%s/cities.csv", dir);
    return n > 0 && (size_t)n < sizeof path && access(path, F_OK) == 0;
}

/* ---- all of it ---- */

static bs_status none_used(const bs_modelled *m, const bs_observations *o, bs_err *err)
{
    char text[LIST_TEXT];
    for (int n = 0; n < m->n_sites; n++)
        if (m->place[n].fate == BS_SITE_USED) return BS_OK;
    bs_fail(err, BS_ERR_INPUT, "no %s of the observations can be compared:", o->stations ? "station" : "city");
    for (int f = BS_SITE_USED + 1; f < BS_SITE_FATES; f++)
        if (bs_modelled_list(m, o, (bs_site_fate)f, text, sizeof text))
            bs_err_add(err, "  %s: %s", bs_site_fate_text((bs_site_fate)f), text);
    return BS_ERR_INPUT;
}

static bs_status read_sites(const char *dir, const bs_observations *o, const bs_stations *list, bool bilinear,
                            bs_modelled *m, bs_err *err)
{
    bs_spot *spot = NULL;
    BS_TRY(BS_NEW(&m->place, o->n_sites, "sites", err));
    m->n_sites = o->n_sites;
    for (int n = 0; n < m->n_sites; n++) {
        m->place[n].spot.weight[0] = 1;
        m->place[n].share = NAN;
    }
    if (o->stations)
        BS_TRY(place_stations(m, o, list, bilinear, err));
    else
        BS_TRY(place_cities(m, dir, o, err));
    BS_TRY(none_used(m, o, err));
    BS_TRY(check_cities(o->stations ? &(bs_modelled){0} : m, o, err));
    BS_TRY(BS_NEW(&spot, m->n_sites, "sites", err));
    for (int n = 0; n < m->n_sites; n++) spot[n] = m->place[n].spot;
    bs_status st = BS_OK;
    if (o->stations) st = bs_surface_read(&m->surface, VARIABLE, UNIT, m->n_sites, spot, &m->value, err);
    if (st == BS_OK && o->n_standard) {
        st = bs_ambient_stamps(&m->surface, m->n_sites, spot, &m->factor, err);
        if (st != BS_OK)
            bs_err_context(err, "observations at 273.15 K and 1013.25 hPa need the run's pressure and temperature");
    }
    bs_free(spot);
    return st;
}

bs_status bs_modelled_read(const char *dir, const bs_observations *o, const bs_stations *stations, bool bilinear,
                           bs_modelled *out, bs_err *err)
{
    *out = (bs_modelled){0};
    BS_TRY(bs_surface_open(dir, &out->surface, err));
    bs_status st = BS_OK;
    if (!o->stations || has_cities(dir)) st = read_cities(out, dir, err);
    if (st == BS_OK) st = read_sites(dir, o, stations, bilinear, out, err);
    if (st != BS_OK) bs_modelled_free(out);
    return st;
}

void bs_modelled_free(bs_modelled *m)
{
    bs_surface_close(&m->surface);
    bs_series_free(&m->cities);
    bs_free(m->place);
    bs_free(m->value);
    bs_free(m->factor);
    *m = (bs_modelled){0};
}

int bs_modelled_list(const bs_modelled *m, const bs_observations *o, bs_site_fate fate, char *text, size_t size)
{
    int n = 0, shown = 0;
    size_t used = 0;
    *text = '\0';
    for (int k = 0; k < m->n_sites; k++) {
        const bs_obs_site *s = &o->site[k];
        if (m->place[k].fate != fate) continue;
        n++;
        char name[2 * BS_SITE_TEXT + 8];
        snprintf(name, sizeof name, "%s%s%s%s", shown ? ", " : "", s->city, *s->city && o->stations ? " " : "",
                 !o->stations ? ""
                 : *s->name   ? s->name
                              : s->id);
        if (n != shown + 1 || used + strlen(name) + sizeof " and 100000 more" > size) continue;
        strcpy(text + used, name);
        used += strlen(name);
        shown++;
    }
    if (n > shown) snprintf(text + used, size - used, " and %d more", n - shown);
    return n;
}
