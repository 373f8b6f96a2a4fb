#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "model/config/source.h"
#include "model/core/memory.h"
#include "model/emis/lonlat_formats.h"
#include "model/emis/text_numbers.h"

enum { NCOLS, NROWS, XCORNER, XCENTRE, YCORNER, YCENTRE, CELLSIZE, NODATA, KEYS };
static const char *const KEY[KEYS] = {"ncols",     "nrows",     "xllcorner", "xllcenter",
                                      "yllcorner", "yllcenter", "cellsize",  "NODATA_value"};
static const double MOST_CELLS = 1e8, EPSILON = 1e-9;

typedef struct header {
    double value[KEYS];
    int line[KEYS]; /* 0: not given */
} header;

static int find_key(const char *word)
{
    for (int k = 0; k < KEYS; k++) {
        if (strcasecmp(word, KEY[k]) == 0) return k;
    }
    return -1;
}

/* Keys and numbers until a word is no key; that one is left for the values. */
static bs_status read_header(bs_text_place *p, header *h, bs_err *err)
{
    for (;;) {
        char word[BS_TOKEN_MAX], what[BS_TOKEN_MAX];
        bs_text_place ahead = *p;
        const int k = bs_text_word(&ahead, word) ? find_key(word) : -1;
        if (k < 0) return BS_OK;
        if (h->line[k]) {
            return bs_fail(err, BS_ERR_INPUT, "%s:%d: '%s' stands at line %d already", p->file, ahead.line, KEY[k],
                           h->line[k]);
        }
        snprintf(what, sizeof what, "a number for %s", KEY[k]);
        BS_TRY(bs_text_read_number(&ahead, what, &h->value[k], err));
        h->line[k] = ahead.line;
        *p = ahead;
    }
}

/* The lower left edge of an axis. */
static bs_status corner(const bs_text_place *p, const header *h, int at_corner, int at_centre, double *edge,
                        bs_err *err)
{
    if (!h->line[at_corner] == !h->line[at_centre]) {
        return bs_fail(err, BS_ERR_INPUT, "%s:%d: expected one of %s and %s above, found %s (an ESRI ASCII grid)",
                       p->file, p->line, KEY[at_corner], KEY[at_centre], h->line[at_corner] ? "both" : "neither");
    }
    *edge = h->line[at_corner] ? h->value[at_corner] : h->value[at_centre] - 0.5 * h->value[CELLSIZE];
    return BS_OK;
}

static bs_status make_frame(const bs_text_place *p, const header *h, bs_lonlat_frame *frame, bs_err *err)
{
    static const int NEEDED[] = {NCOLS, NROWS, CELLSIZE};
    const double *v = h->value;
    for (size_t k = 0; k < sizeof NEEDED / sizeof *NEEDED; k++) {
        const int key = NEEDED[k];
        const bool whole = key == CELLSIZE || v[key] == floor(v[key]);
        if (h->line[key] && v[key] > 0 && whole) continue;
        if (!h->line[key])
            return bs_fail(err, BS_ERR_INPUT, "%s:%d: the header has no %s (an ESRI ASCII grid)", p->file, p->line,
                           KEY[key]);
        return bs_fail(err, BS_ERR_INPUT, "%s:%d: %s = %g, expected a %s above 0", p->file, h->line[key], KEY[key],
                       v[key], key == CELLSIZE ? "number" : "whole number");
    }
    double south = 0;
    BS_TRY(corner(p, h, XCORNER, XCENTRE, &frame->west, err));
    BS_TRY(corner(p, h, YCORNER, YCENTRE, &south, err));
    const double north = south + v[NROWS] * v[CELLSIZE], wide = v[NCOLS] * v[CELLSIZE];
    if (v[NCOLS] * v[NROWS] > MOST_CELLS || south < -90 - EPSILON || north > 90 + EPSILON || wide > 360 + EPSILON ||
        fabs(frame->west) > 360) {
        return bs_fail(err, BS_ERR_INPUT,
                       "%s:%d: %g columns from %g E and %g rows from %g N of %g degrees are no grid of longitudes and "
                       "latitudes",
                       p->file, p->line, v[NCOLS], frame->west, v[NROWS], south, v[CELLSIZE]);
    }
    frame->n_lon = (size_t)v[NCOLS];
    frame->n_lat = (size_t)v[NROWS];
    frame->dlon = v[CELLSIZE];
    frame->dlat = -v[CELLSIZE];
    frame->south = north;
    return BS_OK;
}

static bs_status read_values(bs_text_place *p, const header *h, bs_lonlat_field *f, bs_err *err)
{
    char word[BS_TOKEN_MAX], what[BS_TOKEN_MAX];
    const size_t n = f->n_lon * f->n_lat;
    for (size_t c = 0; c < n; c++) {
        double *x = &f->held[c];
        snprintf(what, sizeof what, "value %zu of %zu x %zu", c + 1, f->n_lon, f->n_lat);
        BS_TRY(bs_text_read_number(p, what, x, err));
        if (h->line[NODATA] && *x == h->value[NODATA]) {
            *x = NAN;
        } else if (*x < 0) {
            return bs_fail(err, BS_ERR_INPUT, "%s:%d: row %zu, column %zu: an emission must not be negative, found %g",
                           p->file, p->line, c / f->n_lon + 1, c % f->n_lon + 1, *x);
        }
    }
    if (!bs_text_word(p, word)) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s:%d: found '%s' after the %zu x %zu values of the grid", p->file, p->line,
                   word, f->n_lon, f->n_lat);
}

static bs_status read_grid(const char *file, bs_text_place *p, bs_lonlat_field **out, bs_err *err)
{
    header h = {0};
    bs_lonlat_frame frame = {0};
    bs_lonlat_field *f = NULL;
    BS_TRY(read_header(p, &h, err));
    BS_TRY(make_frame(p, &h, &frame, err));
    BS_TRY(bs_lonlat_field_hold(file, "values", &frame, 1, &f, err));
    bs_status status = read_values(p, &h, f, err);
    if (status) {
        bs_lonlat_field_close(f);
        return status;
    }
    *out = f;
    return BS_OK;
}

bs_status bs_lonlat_from_ascii_grid(const char *file, bs_lonlat_field **out, bs_err *err)
{
    bs_arena arena = {0};
    bs_source source = {0};
    bs_status status = bs_source_read(&arena, file, &source, err);
    if (status == BS_OK && source.length == 0)
        status = bs_fail(err, BS_ERR_INPUT, "%s: is empty, expected an ESRI ASCII grid", file);
    bs_text_place place = {.file = file, .at = source.text, .line = 1};
    if (status == BS_OK) status = read_grid(file, &place, out, err);
    bs_arena_free(&arena);
    return status;
}
