/* Texts of inventories and of observations: the first line "# <reader>" says who reads it (mapping, ascii, list, speciation, observations,
 * stations); what begins with { is GeoJSON of observations, all else observations as CSV. A list's layout follows from its length. */
#include "fuzz.h"

#include <math.h>

#include "model/emis/emission.h"
#include "model/emis/lonlat_formats.h"
#include "model/emis/mapping.h"
#include "model/evaluate/observations.h"
#include "model/evaluate/stations.h"

static const char POINTS[] = "lon,lat,sector,species,value,unit,height\n104,30,power,pm25,1,kg s-1,10\n";

static void try_mapping(const char *file, bs_err *err)
{
    bs_units *units = NULL;
    bs_mapping *m = NULL;
    bs_mapping_match both[2];
    char text[256];
    FUZZ_CHECK(bs_units_create(&units, err) == BS_OK, "%s", err->text);
    if (!fuzz_judge(bs_mapping_read(file, units, &m, err), err)) return;
    FUZZ_CHECK(m->n_sectors > 0 && m->n_species > 0 && m->n_patterns > 0, "empty and no error");
    for (int s = 0; s < m->n_species; s++) {
        FUZZ_CHECK(isfinite(m->species[s].factor) && m->species[s].factor > 0, "factor %g", m->species[s].factor);
        FUZZ_CHECK(m->species[s].minus < m->n_species && m->species[s].minus != s, "less %d", m->species[s].minus);
        (void)bs_mapping_unit_of(m, s, "t");
        for (int v = 0; v < m->n_variables; v++) bs_mapping_variable(m, v, s, 0, 0, text, sizeof text);
    }
    for (int p = 0; p < m->n_patterns; p++) {
        (void)bs_mapping_match_name(m, m->pattern[p], both);
        (void)bs_mapping_match_name(m, "2020_01_PM25_ENE_emi.nc", both);
    }
    bs_mapping_destroy(m);
}

static void check_field(bs_status st, bs_lonlat_field *f, bs_err *err)
{
    if (!fuzz_judge(st, err)) return;
    FUZZ_CHECK(f->n_lon > 0 && f->n_lat > 0, "no cells");
    for (size_t i = 0; i < f->n_lon; i++) FUZZ_CHECK(f->lon_edge[i] != f->lon_edge[i + 1], "longitude %zu", i);
    for (size_t j = 0; j < f->n_lat; j++) FUZZ_CHECK(f->lat_edge[j] != f->lat_edge[j + 1], "latitude %zu", j);
    for (size_t c = 0; c < f->n_lon * f->n_lat * (size_t)f->n_times; c++)
        FUZZ_CHECK(isnan(f->held[c]) || (isfinite(f->held[c]) && f->held[c] >= 0), "%g in cell %zu", f->held[c], c);
    bs_lonlat_field_close(f);
}

static void try_list(const char *file, size_t size, bs_err *err)
{
    static const bs_list_layout LAYOUT[] = {{.separator = ';',
                                             .header_lines = -1,
                                             .lon = 1,
                                             .lat = 0,
                                             .value = 2,
                                             .n_values = 1,
                                             .n_columns = 3,
                                             .place = BS_LIST_ALIGNED,
                                             .cell = 0.5},
                                            {.separator = ' ',
                                             .header_lines = 1,
                                             .lon = 0,
                                             .lat = 1,
                                             .value = 2,
                                             .n_values = 12,
                                             .n_columns = 14,
                                             .place = BS_LIST_CENTRE,
                                             .cell = 0.25},
                                            {.separator = ',',
                                             .header_lines = -1,
                                             .lon = 0,
                                             .lat = 1,
                                             .value = 3,
                                             .n_values = 1,
                                             .n_columns = 4,
                                             .place = BS_LIST_CORNER,
                                             .cell = 0.5,
                                             .has_domain = true,
                                             .domain = {100, 110, 25, 35},
                                             .add = true}};
    static bs_log quiet = {0};
    bs_lonlat_field *f = NULL;
    const bs_status st = bs_lonlat_from_list(file, &LAYOUT[size % 3], &quiet, &f, err);
    check_field(st, f, err);
}

static void try_speciation(bs_err *err)
{
    static bs_case *c = NULL;
    bs_emission *e = NULL;
    if (!c) {
        fuzz_write("points.csv", POINTS, sizeof POINTS - 1);
        c = fuzz_case(
            "speciation-case",
            "tracers: {species: [pm25, pm25_ec, pm25_oc, pm25_so4, pm25_other]}\nemissions: {speciation: sources.csv, "
            "inventories: [{name: a, type: points, file: points.csv}]}\n");
    }
    if (!fuzz_judge(bs_emission_create(c->config, c->mesh, c->regions, c->tracers, c->units, c->log, &e, err), err))
        return;
    bs_emission_destroy(e);
}

static void try_observations(const char *file, size_t size, bs_err *err)
{
    const bs_obs_request request = {.state = BS_STATE_UNTOLD,
                                    .file = file,
                                    .stamps = {.begins = size % 2, .daily = size % 3 == 1},
                                    .cities = size % 5 == 1};
    bs_observations o = {0};
    if (!fuzz_judge(bs_observations_read(&request, &o, err), err)) return;
    FUZZ_CHECK(o.n > 0 && o.n_sites > 0 && (o.hours == 1 || o.hours == 24), "%d values of %d sites", o.n, o.n_sites);
    for (int k = 0; k < o.n; k++) {
        const bs_obs_record *r = &o.record[k];
        FUZZ_CHECK(r->site >= 0 && r->site < o.n_sites && isfinite(r->value) && r->value >= 0, "value %g of site %d",
                   r->value, r->site);
        FUZZ_CHECK(r->state != BS_STATE_UNTOLD, "no reference state");
        if (k)
            FUZZ_CHECK(r[-1].site < r->site || (r[-1].site == r->site && r[-1].end < r->end),
                       "record %d is out of order", k);
    }
    bs_observations_free(&o);
}

static void try_stations(const char *file, bs_err *err)
{
    bs_stations s = {0};
    if (!fuzz_judge(bs_stations_read(file, &s, err), err)) return;
    for (int k = 0; k < s.n; k++) {
        const bs_station *t = &s.station[k];
        FUZZ_CHECK(fabs(t->lon) <= 360 && fabs(t->lat) <= 90, "%g, %g", t->lon, t->lat);
        const int found = bs_stations_find(&s, t->id, t->name, t->city);
        FUZZ_CHECK(found < s.n && (!*t->id || found == k || strcmp(s.station[found].id, t->name) == 0),
                   "station %d is found as %d", k, found);
    }
    bs_stations_free(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bs_err err;
    static const char *const READER[] = {"mapping", "ascii", "list", "speciation", "observations", "stations"};
    size_t r = 0;
    const bool json = size > 0 && data[0] == '{';
    while (r < 6 && !fuzz_names(data, size, READER[r])) r++;
    const size_t skip = r < 6 && r != 0 ? strlen(READER[r]) + 3 : 0; /* # begins a comment of YAML alone */
    const char *file = fuzz_write(json ? "sources.geojson" : "sources.csv", data + skip, size - skip);
    bs_lonlat_field *f = NULL;
    err.text[0] = '\0';
    if (r == 0) {
        try_mapping(file, &err);
    } else if (r == 1) {
        const bs_status st = bs_lonlat_from_ascii_grid(file, &f, &err);
        check_field(st, f, &err);
    } else if (r == 2) {
        try_list(file, size - skip, &err);
    } else if (r == 3) {
        try_speciation(&err);
    } else if (r == 5) {
        try_stations(file, &err);
    } else {
        try_observations(file, size, &err);
    }
    if (getenv("FUZZ_SHOW")) fprintf(stderr, "%s\n", err.text);
    return 0;
}
