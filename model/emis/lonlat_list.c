#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/config/source.h"
#include "model/core/memory.h"
#include "model/emis/lonlat_formats.h"
#include "model/emis/text_numbers.h"

enum { COLUMNS_MAX = 32 };
static const double LATTICE = 1e-3; /* of a cell: coordinates are printed with few digits */
static const double MOST_CELLS = 1e8;

typedef struct row {
    double lon, lat;
    double value[BS_LIST_MONTHS];
    int line;
} row;

typedef struct list {
    const bs_list_layout *layout;
    const char *file;
    bs_text_place place;
    row *rows;
    size_t n, room;
    bs_lonlat_frame frame;
} list;

/* A line as those of cells but for one field is no header: to skip it would lose a cell. */
static bs_status check_header(const list *l, int line, int n, int bad, const double *value, const char *token,
                              bs_err *err)
{
    int numbers = 0;
    if (n != l->layout->n_columns || n < 3) return BS_OK;
    for (int c = 0; c < n; c++) numbers += isfinite(value[c]) ? 1 : 0;
    if (numbers < n - 1) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "%s:%d: column %d: found '%s', expected a number; if this line belongs to the header, say in the "
                   "mapping how many lines that has (header_lines)",
                   l->file, line, bad + 1, token);
}

/* Stands at the first line of cells afterwards. */
static bs_status skip_header(list *l, bs_log *log, bs_err *err)
{
    const bs_list_layout *y = l->layout;
    double value[COLUMNS_MAX];
    char token[BS_TOKEN_MAX];
    for (int k = 0; k < y->header_lines; k++) {
        const char *end = strchr(l->place.at, '\n');
        if (!end) {
            return bs_fail(err, BS_ERR_INPUT, "%s:%d: the file ends within the %d lines of its header", l->file,
                           l->place.line + 1, y->header_lines);
        }
        l->place.at = end + 1;
        l->place.line++;
    }
    for (; y->header_lines < 0;) {
        int n = 0, bad = -1;
        bs_text_place ahead = l->place;
        for (int c = 0; c < COLUMNS_MAX; c++) value[c] = NAN;
        if (!bs_text_row(&ahead, y->separator, COLUMNS_MAX, value, &n, &bad, token)) {
            return bs_fail(err, BS_ERR_INPUT, "%s: no line of %d numbers separated by %s", l->file, y->n_columns,
                           y->separator == ' '   ? "blanks"
                           : y->separator == ',' ? "commas"
                                                 : "semicolons");
        }
        if (bad < 0 && n == y->n_columns) break;
        BS_TRY(check_header(l, ahead.line, n, bad, value, token, err));
        l->place = ahead;
    }
    if (l->place.line) bs_log_info(log, "%s: the list begins after line %d", l->file, l->place.line);
    return BS_OK;
}

static bs_status take_row(list *l, const double *value, bs_err *err)
{
    const bs_list_layout *y = l->layout;
    const int line = l->place.line;
    if (l->n == l->room) {
        const size_t room = l->room ? 2 * l->room : 4096;
        row *grown = realloc(l->rows, room * sizeof *grown);
        if (!grown) return bs_fail(err, BS_ERR_MEMORY, "%s: out of memory for %zu cells", l->file, room);
        l->rows = grown;
        l->room = room;
    }
    row *r = &l->rows[l->n++];
    *r = (row){.lon = value[y->lon], .lat = value[y->lat], .line = line};
    if (fabs(r->lon) > 360 || fabs(r->lat) > 90) {
        return bs_fail(err, BS_ERR_INPUT, "%s:%d: (%g, %g) is no longitude and latitude in degrees", l->file, line,
                       r->lon, r->lat);
    }
    for (int m = 0; m < y->n_values; m++) {
        r->value[m] = value[y->value + m];
        if (r->value[m] < 0) {
            return bs_fail(err, BS_ERR_INPUT, "%s:%d: column %d: an emission must not be negative, found %g", l->file,
                           line, y->value + m + 1, r->value[m]);
        }
    }
    return BS_OK;
}

static bs_status read_rows(list *l, bs_err *err)
{
    const bs_list_layout *y = l->layout;
    double value[COLUMNS_MAX];
    char token[BS_TOKEN_MAX];
    int n = 0, bad = -1;
    while (bs_text_row(&l->place, y->separator, COLUMNS_MAX, value, &n, &bad, token)) {
        if (n != y->n_columns) {
            return bs_fail(err, BS_ERR_INPUT, "%s:%d: found %d columns, expected %d: is the file cut off?", l->file,
                           l->place.line, n, y->n_columns);
        }
        if (bad >= 0) {
            return bs_fail(err, BS_ERR_INPUT, "%s:%d: column %d: found '%s', expected a number", l->file, l->place.line,
                           bad + 1, token);
        }
        BS_TRY(take_row(l, value, err));
    }
    if (l->n) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: the list holds no cell", l->file);
}

/* How far a coordinate lies above an edge of cells, in cells, 0 .. 1. */
static double above_edge(double x, double origin, double cell)
{
    const double cells = (x - origin) / cell;
    return cells - floor(cells);
}

/* Where in its cell the coordinates stand, in cells: 0.5 the centre, 0 the lower left corner. */
static bs_status find_place(const list *l, double *inside, bs_log *log, bs_err *err)
{
    const bs_list_layout *y = l->layout;
    *inside = y->place == BS_LIST_CENTRE ? 0.5 : 0;
    if (y->place != BS_LIST_ALIGNED) return BS_OK;
    const row *r = &l->rows[0];
    const double lon = above_edge(r->lon, 0, y->cell), lat = above_edge(r->lat, 0, y->cell);
    const bool centre = fabs(lon - 0.5) < LATTICE && fabs(lat - 0.5) < LATTICE;
    const bool corner = fmin(lon, 1 - lon) < LATTICE && fmin(lat, 1 - lat) < LATTICE;
    if (!centre && !corner) {
        return bs_fail(
            err, BS_ERR_INPUT,
            "%s:%d: (%g, %g) is neither the centre nor a corner of a cell of %g degrees whose edges are whole "
            "multiples of that",
            l->file, r->line, r->lon, r->lat, y->cell);
    }
    *inside = centre ? 0.5 : 0;
    bs_log_info(log, "%s: coordinates are taken as cells' %s: (%g, %g) with cells of %g degrees", l->file,
                centre ? "centres" : "lower left corners", r->lon, r->lat, y->cell);
    return BS_OK;
}

static bs_status make_frame(list *l, double inside, bs_err *err)
{
    const bs_list_layout *y = l->layout;
    double west = INFINITY, east = -INFINITY, south = INFINITY, north = -INFINITY;
    for (size_t k = 0; k < l->n; k++) {
        west = fmin(west, l->rows[k].lon), east = fmax(east, l->rows[k].lon);
        south = fmin(south, l->rows[k].lat), north = fmax(north, l->rows[k].lat);
    }
    west -= inside * y->cell, south -= inside * y->cell;
    east += (1 - inside) * y->cell, north += (1 - inside) * y->cell;
    if (y->has_domain) west = y->domain[0], east = y->domain[1], south = y->domain[2], north = y->domain[3];
    const double n_lon = round((east - west) / y->cell), n_lat = round((north - south) / y->cell);
    if (n_lon * n_lat > MOST_CELLS) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: %g x %g cells of %g degrees between %g and %g E, %g and %g N are too many", l->file, n_lon,
                       n_lat, y->cell, west, east, south, north);
    }
    l->frame = (bs_lonlat_frame){west, south, y->cell, y->cell, (size_t)n_lon, (size_t)n_lat};
    return BS_OK;
}

/* Index of the cell of a row. */
static bs_status find_cell(const list *l, const row *r, double inside, size_t *out, bs_err *err)
{
    const bs_lonlat_frame *f = &l->frame;
    double i = (r->lon - f->west) / f->dlon - inside, j = (r->lat - f->south) / f->dlat - inside;
    if (i < -LATTICE) i += 360 / f->dlon; /* longitudes of the other count */
    if (i > (double)f->n_lon - 0.5 && i - 360 / f->dlon > -LATTICE) i -= 360 / f->dlon;
    if (fabs(i - round(i)) > LATTICE || fabs(j - round(j)) > LATTICE) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s:%d: (%g, %g) does not lie on the lattice of cells of %g degrees from %g E, %g N", l->file,
                       r->line, r->lon, r->lat, f->dlon, f->west, f->south);
    }
    i = round(i), j = round(j);
    if (i < 0 || j < 0 || i >= (double)f->n_lon || j >= (double)f->n_lat) {
        return bs_fail(err, BS_ERR_INPUT, "%s:%d: (%g, %g) lies outside the domain, %g to %g E, %g to %g N", l->file,
                       r->line, r->lon, r->lat, f->west, f->west + f->dlon * (double)f->n_lon, f->south,
                       f->south + f->dlat * (double)f->n_lat);
    }
    *out = (size_t)j * f->n_lon + (size_t)i;
    return BS_OK;
}

static bs_status place_rows(const list *l, double inside, bs_lonlat_field *f, int *line, size_t *listed, bs_err *err)
{
    const size_t cells = f->n_lon * f->n_lat;
    for (size_t k = 0; k < l->n; k++) {
        const row *r = &l->rows[k];
        size_t c = 0;
        BS_TRY(find_cell(l, r, inside, &c, err));
        if (line[c] && !l->layout->add) {
            return bs_fail(err, BS_ERR_INPUT, "%s:%d: the cell at (%g, %g) stands at line %d already", l->file, r->line,
                           r->lon, r->lat, line[c]);
        }
        if (!line[c]) (*listed)++;
        line[c] = r->line;
        for (int m = 0; m < f->n_times; m++) f->held[cells * (size_t)m + c] += r->value[m];
    }
    return BS_OK;
}

static bs_status read_list(list *l, bs_log *log, bs_lonlat_field **out, bs_err *err)
{
    double inside = 0;
    bs_lonlat_field *f = NULL;
    int *line = NULL;
    size_t listed = 0;
    BS_TRY(skip_header(l, log, err));
    BS_TRY(read_rows(l, err));
    BS_TRY(find_place(l, &inside, log, err));
    BS_TRY(make_frame(l, inside, err));
    BS_TRY(bs_lonlat_field_hold(l->file, "values", &l->frame, l->layout->n_values, &f, err));
    bs_status status = BS_NEW(&line, f->n_lon * f->n_lat, "lines of a list", err);
    if (status == BS_OK) status = place_rows(l, inside, f, line, &listed, err);
    bs_free(line);
    if (status) {
        bs_lonlat_field_close(f);
        return status;
    }
    bs_log_info(log, "%s: %zu of the %zu cells from %g to %g E, %g to %g N are listed; the others emit nothing",
                l->file, listed, f->n_lon * f->n_lat, f->lon_edge[0], f->lon_edge[f->n_lon], f->lat_edge[0],
                f->lat_edge[f->n_lat]);
    *out = f;
    return BS_OK;
}

bs_status bs_lonlat_from_list(const char *file, const bs_list_layout *layout, bs_log *log, bs_lonlat_field **out,
                              bs_err *err)
{
    bs_arena arena = {0};
    bs_source source = {0};
    bs_status status = bs_source_read(&arena, file, &source, err);
    if (status == BS_OK && source.length == 0)
        status = bs_fail(err, BS_ERR_INPUT, "%s: is empty, expected a list of cells", file);
    list l = {.layout = layout, .file = file, .place = {.file = file, .at = source.text, .line = 0}};
    if (status == BS_OK) status = read_list(&l, log, out, err);
    free(l.rows);
    bs_arena_free(&arena);
    return status;
}
