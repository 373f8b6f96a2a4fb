#include "model/io/nc_classic.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "model/core/memory.h"

enum { NAME_MAX_BYTES = 256, DIMS_MAX = 1024, MAGIC = 4, TAG_DIMENSION = 10, TAG_VARIABLE = 11, TAG_ATTRIBUTE = 12 };

typedef struct header {
    FILE *f;
    const char *file;
    uint64_t size, at; /* bytes of the file; read so far */
    int version;       /* 1, 2, 5 */
    uint64_t records;
    bool streaming; /* the number of records is not told */
    uint64_t n_dims;
    uint64_t *length; /* [n_dims]; 0: records */
    uint64_t record_bytes;
    const char *why; /* first fault; NULL: none */
} header;

static bool fault(header *h, const char *why)
{
    if (!h->why) h->why = why;
    return false;
}

static bool take_bytes(header *h, void *to, uint64_t n)
{
    if (n > h->size - h->at || fread(to, 1, (size_t)n, h->f) != n) return fault(h, "the header goes on beyond the end");
    h->at += n;
    return true;
}

static bool skip(header *h, uint64_t n)
{
    if (n > h->size - h->at || fseek(h->f, (long)n, SEEK_CUR) != 0)
        return fault(h, "the header goes on beyond the end");
    h->at += n;
    return true;
}

static bool take_integer(header *h, int bytes, uint64_t *value)
{
    unsigned char b[8];
    *value = 0;
    if (!take_bytes(h, b, (uint64_t)bytes)) return false;
    for (int n = 0; n < bytes; n++) *value = *value << 8 | b[n];
    return true;
}

/* A count, which cannot be more than what is left of the file has room for (each takes `least` bytes). */
static bool take_count(header *h, uint64_t least, uint64_t *value)
{
    if (!take_integer(h, h->version == 5 ? 8 : 4, value)) return false;
    return *value <= (h->size - h->at) / least || fault(h, "it counts more than the file has room for");
}

static bool take_name(header *h, char name[NAME_MAX_BYTES + 1])
{
    uint64_t n;
    if (!take_count(h, 1, &n)) return false;
    if (n == 0 || n > NAME_MAX_BYTES) return fault(h, "a name is empty or too long");
    if (!take_bytes(h, name, n) || !skip(h, (4 - n % 4) % 4)) return false;
    name[n] = '\0';
    return strlen(name) == n || fault(h, "a name contains a NUL character");
}

static bool take_type(header *h, uint64_t *bytes)
{
    static const unsigned char SIZE[] = {0, 1, 1, 2, 4, 4, 8, 1, 2, 4, 8, 8};
    uint64_t type;
    if (!take_integer(h, 4, &type)) return false;
    if (type < 1 || type > (h->version == 5 ? 11u : 6u)) return fault(h, "a type is none of the format's");
    *bytes = SIZE[type];
    return true;
}

/* The number of entries of a list with this tag; 0 where the list is absent. */
static bool take_list(header *h, uint64_t tag, uint64_t *n)
{
    uint64_t found;
    if (!take_integer(h, 4, &found) || !take_count(h, 4, n)) return false;
    return found == tag || (found == 0 && *n == 0) || fault(h, "a list has another one's tag");
}

static bool take_attributes(header *h)
{
    char name[NAME_MAX_BYTES + 1];
    uint64_t n, bytes, values;
    if (!take_list(h, TAG_ATTRIBUTE, &n)) return false;
    for (uint64_t a = 0; a < n; a++) {
        if (!take_name(h, name) || !take_type(h, &bytes) || !take_count(h, bytes, &values)) return false;
        if (!skip(h, (values * bytes + 3) / 4 * 4)) return false;
    }
    return true;
}

static bool take_dimensions(header *h)
{
    char name[NAME_MAX_BYTES + 1];
    int unlimited = 0;
    uint64_t *length = NULL;
    if (!take_list(h, TAG_DIMENSION, &h->n_dims)) return false;
    if (BS_NEW(&length, h->n_dims, "dimensions", NULL) != BS_OK)
        return fault(h, "it counts more than there is memory for");
    h->length = length;
    for (uint64_t d = 0; d < h->n_dims; d++) {
        if (!take_name(h, name) || !take_integer(h, h->version == 5 ? 8 : 4, &length[d])) return false;
        if (length[d] > INT64_MAX) return fault(h, "a dimension is too long");
        if (length[d] == 0 && ++unlimited > 1) return fault(h, "two dimensions are unlimited");
    }
    return true;
}

typedef struct variable {
    char name[NAME_MAX_BYTES + 1];
    bool of_records;
    double bytes; /* of one record, or all: of numbers that overflow, too */
    uint64_t begin;
} variable;

static bool take_variable(header *h, variable *v)
{
    uint64_t n, dim, type_bytes, told;
    double values = 1.0;
    if (!take_name(h, v->name) || !take_count(h, 4, &n)) return false;
    if (n > DIMS_MAX) return fault(h, "a variable has too many dimensions");
    v->of_records = false;
    for (uint64_t d = 0; d < n; d++) {
        if (!take_integer(h, h->version == 5 ? 8 : 4, &dim)) return false;
        if (dim >= h->n_dims) return fault(h, "a variable has a dimension that is not there");
        if (h->length[dim] == 0 && d > 0) return fault(h, "a variable's records are not its first dimension");
        if (h->length[dim] == 0) v->of_records = true;
        if (h->length[dim] > 0) values *= (double)h->length[dim];
    }
    if (!take_attributes(h) || !take_type(h, &type_bytes)) return false;
    if (!take_integer(h, h->version == 5 ? 8 : 4, &told) || !take_integer(h, h->version == 1 ? 4 : 8, &v->begin))
        return false;
    v->bytes = values * (double)type_bytes;
    return v->begin <= INT64_MAX || fault(h, "a variable begins nowhere");
}

/* Reads the list of variables; with `need` also finds the one that reaches farthest. */
static bool take_variables(header *h, variable *farthest, double *need)
{
    uint64_t n, records = 0;
    double only = 0.0, all = 0.0;
    const uint64_t list = h->at;
    if (!take_list(h, TAG_VARIABLE, &n)) return false;
    for (int turn = 0; turn < 2; turn++) { /* first the length of a record, then the ends */
        for (uint64_t k = 0; k < n; k++) {
            variable v = {.of_records = false};
            if (!take_variable(h, &v)) return false;
            if (turn == 0 && v.of_records) {
                records++;
                only = v.bytes;
                all += ceil(v.bytes / 4.0) * 4.0;
            }
            if (turn == 0 || (v.of_records && (h->streaming || h->records == 0))) continue;
            const double before = v.of_records ? ((double)h->records - 1.0) * (records == 1 ? only : all) : 0.0;
            const double end = (double)v.begin + before + v.bytes;
            if (end > *need) {
                *need = end;
                *farthest = v;
            }
        }
        if (turn == 1) break;
        h->at = list;
        if (fseek(h->f, (long)list, SEEK_SET) != 0 || !take_list(h, TAG_VARIABLE, &n))
            return fault(h, "it cannot be read");
    }
    return true;
}

static bs_status check(header *h, bs_err *err)
{
    unsigned char magic[MAGIC];
    variable farthest = {.name = ""};
    double need = 0.0;
    if (h->size < MAGIC || !take_bytes(h, magic, MAGIC) || memcmp(magic, "CDF", 3) != 0) return BS_OK;
    h->version = magic[3];
    if (h->version != 1 && h->version != 2 && h->version != 5)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: is no netCDF file that can be read: version %d of the classic format, expected 1, 2 or 5",
                       h->file, h->version);
    const int bytes = h->version == 5 ? 8 : 4;
    if (take_integer(h, bytes, &h->records)) {
        h->streaming = h->records == (bytes == 8 ? UINT64_MAX : UINT32_MAX);
        if (take_dimensions(h) && take_attributes(h) && take_variables(h, &farthest, &need) && need < (double)h->at)
            need = (double)h->at;
    }
    if (h->why)
        return bs_fail(err, BS_ERR_INPUT,
                       "%s: the netCDF header is damaged or cut short at byte %llu of %llu: %s; copy the file again",
                       h->file, (unsigned long long)h->at, (unsigned long long)h->size, h->why);
    if ((double)h->size >= need) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT,
                   "%s: is cut short: it has %llu bytes, and variable '%s' reaches to byte %.0f; copy the file again",
                   h->file, (unsigned long long)h->size, farthest.name, need);
}

bs_status bs_nc_classic_check(const char *file, bs_err *err)
{
    header h = {.file = file, .f = fopen(file, "rb")};
    bs_status st = BS_OK;
    if (!h.f) return bs_fail(err, BS_ERR_INPUT, "%s: cannot be opened: %s", file, strerror(errno));
    if (fseek(h.f, 0, SEEK_END) == 0) {
        const long size = ftell(h.f);
        h.size = size > 0 ? (uint64_t)size : 0;
        rewind(h.f);
        st = check(&h, err);
    }
    bs_free(h.length);
    fclose(h.f);
    return st;
}
