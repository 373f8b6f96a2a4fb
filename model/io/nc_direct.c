/* Chunks of maps that we compress ourselves, as HDF5's filters would (shuffle, then deflate), and give to it ready to be written.
 *
 * HDF5 runs its filters one chunk after another in one thread, and gives no choice of how to deflate. What is left in the low bytes of
 * rounded maps is zeros and noise: looking for repeated bytes alone (zlib's Z_RLE) takes half the time of looking for repeated strings, for
 * files that are 1 to 2 % larger (basin-winter: 0.42 and 0.81 ms a map of 77 kB, 33.3 and 32.8 kB). A reader sees no difference.
 *
 * The file is open twice, by netCDF and here; to the library that is one file. */
#include <hdf5.h>
#include <netcdf.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "model/io/nc_file.h"

enum { LEVEL = 1, WINDOW = 15, MEMORY = 8, WORTH_THREADS = 1 << 16 };

typedef struct direct_var {
    bool can; /* maps of it go this way */
    hid_t set;
    int n_dims;
    size_t size;                  /* bytes of a value */
    size_t chunk[BS_NC_MAX_DIMS]; /* one map: 1 but for the last two */
} direct_var;

struct bs_nc_direct {
    hid_t file; /* 0: not opened yet */
    int n;
    direct_var *var; /* by netCDF's id */
};

void bs_nc_direct_close(bs_nc *nc)
{
    bs_nc_direct *d = nc->direct;
    if (!d) return;
    for (int v = 0; v < d->n; v++)
        if (d->var[v].set > 0) H5Dclose(d->var[v].set);
    if (d->file > 0) H5Fclose(d->file);
    free(d->var);
    free(d);
    nc->direct = NULL;
}

void bs_nc_direct_define(bs_nc *nc, int var, const bs_nc_def *def, const size_t *chunk)
{
    direct_var v = {
        .can = true, .n_dims = def->n_dims, .size = def->type == BS_NC_FLOAT ? sizeof(float) : sizeof(double)};
    if (nc->shared || def->n_dims < 2 || (def->type != BS_NC_FLOAT && def->type != BS_NC_DOUBLE)) return;
    for (int d = 0; d < def->n_dims; d++) {
        if (d < def->n_dims - 2 && chunk[d] != 1) return;
        v.chunk[d] = chunk[d];
    }
    if (!nc->direct) nc->direct = calloc(1, sizeof *nc->direct);
    if (!nc->direct) return; /* then netCDF does it */
    direct_var *more = realloc(nc->direct->var, ((size_t)var + 1) * sizeof *more);
    if (!more) return;
    nc->direct->var = more;
    while (nc->direct->n <= var) more[nc->direct->n++] = (direct_var){.can = false};
    more[var] = v;
}

/* The file as it is open already: how it is to be closed must be said as netCDF said it, whose versions differ. */
static hid_t open_again(const char *file)
{
    static const H5F_close_degree_t DEGREE[] = {H5F_CLOSE_WEAK, H5F_CLOSE_STRONG, H5F_CLOSE_SEMI};
    hid_t id = -1;
    for (size_t n = 0; n < sizeof DEGREE / sizeof *DEGREE && id < 0; n++) {
        const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
        H5Pset_fclose_degree(access, DEGREE[n]);
        id = H5Fopen(file, H5F_ACC_RDWR, access);
        H5Pclose(access);
    }
    return id;
}

static bool open_set(bs_nc *nc, int var, direct_var *v)
{
    char name[NC_MAX_NAME + 1];
    if (v->set > 0) return true;
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL); /* netCDF speaks for it */
    if (nc->direct->file == 0) nc->direct->file = open_again(nc->part);
    if (nc->direct->file > 0 && nc_inq_varname(nc->id, var, name) == NC_NOERR)
        v->set = H5Dopen2(nc->direct->file, name, H5P_DEFAULT);
    v->can = v->set > 0;
    return v->can;
}

/* Extent of a variable that holds the map from start on; false: it cannot. */
static bool extent_for(const direct_var *v, const size_t *start, const size_t *count, hsize_t *extent, bool *grows)
{
    hsize_t most[BS_NC_MAX_DIMS];
    const hid_t space = H5Dget_space(v->set);
    const bool known = space >= 0 && H5Sget_simple_extent_dims(space, extent, most) == v->n_dims;
    if (space >= 0) H5Sclose(space);
    *grows = false;
    for (int d = 0; known && d < v->n_dims; d++) {
        const size_t end = start[d] + count[d];
        if (end <= extent[d]) continue;
        if (most[d] != H5S_UNLIMITED) return false;
        extent[d] = end;
        *grows = true;
    }
    return known;
}

/* How many maps the slab from start on has, and rows and columns of chunks that make up each; false: they are none of whole chunks. */
static bool lay_out(const direct_var *v, const size_t *start, const size_t *count, size_t *levels, size_t pieces[2])
{
    hsize_t extent[BS_NC_MAX_DIMS];
    bool grows;
    if (!extent_for(v, start, count, extent, &grows)) return false;
    *levels = 1;
    for (int d = 0; d < v->n_dims; d++) {
        const size_t end = start[d] + count[d], here = (count[d] + v->chunk[d] - 1) / v->chunk[d];
        if (count[d] == 0 || start[d] % v->chunk[d] != 0 || (end % v->chunk[d] != 0 && end != extent[d])) return false;
        if (d < v->n_dims - 2) {
            *levels *= here;
        } else {
            pieces[d - (v->n_dims - 2)] = here;
        }
    }
    return true;
}

/* ---- one chunk ---- */

/* Its values by byte: the first bytes of all, then the second ones, ... Beyond the map's end they are zero. */
static void shuffle(const direct_var *v, const size_t *count, size_t row, size_t column, const char *values,
                    unsigned char *out)
{
    const size_t ny = v->chunk[v->n_dims - 2], nx = v->chunk[v->n_dims - 1], all = ny * nx;
    const size_t rows = count[v->n_dims - 2], columns = count[v->n_dims - 1];
    memset(out, 0, all * v->size);
    for (size_t j = 0; j < ny && row * ny + j < rows; j++) {
        const size_t here = columns - column * nx < nx ? columns - column * nx : nx;
        const char *from = values + ((row * ny + j) * columns + column * nx) * v->size;
        for (size_t b = 0; b < v->size; b++)
            for (size_t i = 0; i < here; i++) out[b * all + j * nx + i] = (unsigned char)from[i * v->size + b];
    }
}

static bs_nc_packed deflate_all(const unsigned char *bytes, size_t size)
{
    z_stream z = {0};
    bs_nc_packed p = {NULL, 0};
    if (deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW, MEMORY, Z_RLE) != Z_OK) return p;
    const size_t most = deflateBound(&z, (uLong)size);
    unsigned char *out = malloc(most);
    z.next_in = (unsigned char *)(size_t)bytes;
    z.avail_in = (uInt)size;
    z.next_out = out;
    z.avail_out = (uInt)most;
    if (out && deflate(&z, Z_FINISH) == Z_STREAM_END) {
        p = (bs_nc_packed){out, z.total_out};
    } else {
        free(out);
    }
    deflateEnd(&z);
    return p;
}

static bs_nc_packed pack(const direct_var *v, const size_t *count, size_t row, size_t column, const void *values)
{
    const size_t size = v->chunk[v->n_dims - 2] * v->chunk[v->n_dims - 1] * v->size;
    unsigned char *bytes = malloc(size);
    if (!bytes) return (bs_nc_packed){NULL, 0};
    shuffle(v, count, row, column, values, bytes);
    const bs_nc_packed p = deflate_all(bytes, size);
    free(bytes);
    return p;
}

/* ---- maps ---- */

/* Of n variables `levels` maps each, of `pieces` chunks. */
typedef struct maps {
    int n;
    size_t levels;
    const direct_var **var; /* [n] */
    const size_t *start, *count;
    size_t pieces[2];
    const char *values;
} maps;

static const direct_var *var_of(const maps *m, size_t map)
{
    return m->var[map / m->levels];
}

static bs_nc_packed pack_one(const maps *m, size_t k)
{
    const size_t each = m->pieces[0] * m->pieces[1], piece = k % each;
    const direct_var *v = var_of(m, k / each);
    const size_t map = m->count[v->n_dims - 2] * m->count[v->n_dims - 1] * v->size;
    return pack(v, m->count, piece / m->pieces[1], piece % m->pieces[1], m->values + k / each * map);
}

static int put_one(const maps *m, size_t k, const bs_nc_packed *p)
{
    const size_t each = m->pieces[0] * m->pieces[1], piece = k % each;
    const direct_var *v = var_of(m, k / each);
    size_t level = k / each % m->levels;
    hsize_t at[BS_NC_MAX_DIMS], extent[BS_NC_MAX_DIMS];
    bool grows;
    if (!p->bytes) return NC_ENOMEM;
    /* One map after the other: so a file is the same to the byte whether its maps come together or, from a journal, one by one. */
    if (!extent_for(v, m->start, m->count, extent, &grows)) return NC_EHDFERR;
    if (grows && H5Dset_extent(v->set, extent) < 0) return NC_EHDFERR;
    for (int d = v->n_dims - 1; d >= 0; d--) {
        at[d] = m->start[d];
        if (d >= v->n_dims - 2) continue;
        at[d] += level % m->count[d];
        level /= m->count[d];
    }
    at[v->n_dims - 2] += piece / m->pieces[1] * v->chunk[v->n_dims - 2];
    at[v->n_dims - 1] += piece % m->pieces[1] * v->chunk[v->n_dims - 1];
    return H5Dwrite_chunk(v->set, H5P_DEFAULT, 0, at, p->size, p->bytes) < 0 ? NC_EHDFERR : NC_NOERR;
}

static int put_chunks(const maps *m, int *failed)
{
    const size_t each = m->levels * m->pieces[0] * m->pieces[1], n = (size_t)m->n * each;
    const direct_var *v = m->var[0];
    const size_t bytes = (size_t)m->n * m->levels * m->count[v->n_dims - 2] * m->count[v->n_dims - 1] * v->size;
    bs_nc_packed *chunk = calloc(n, sizeof *chunk);
    int code = chunk ? NC_NOERR : NC_ENOMEM;
    if (!chunk) return code;
    (void)bytes; /* where there are no threads */
#pragma omp parallel for schedule(dynamic) if (n > 1 && bytes > WORTH_THREADS)
    for (size_t k = 0; k < n; k++) chunk[k] = pack_one(m, k);
    for (size_t k = 0; k < n && code == NC_NOERR; k++) {
        code = put_one(m, k, &chunk[k]);
        *failed = (int)(k / each);
    }
    for (size_t k = 0; k < n; k++) free(chunk[k].bytes);
    free(chunk);
    return code;
}

/* Whether all of them go this way, in the same pieces. */
static bool find_maps(bs_nc *nc, const int *var, bs_nc_type type, maps *m)
{
    bs_nc_direct *d = nc->direct;
    const size_t size = type == BS_NC_FLOAT ? sizeof(float) : sizeof(double);
    for (int n = 0; n < m->n; n++) {
        size_t levels, pieces[2];
        if (var[n] < 0 || var[n] >= d->n || !d->var[var[n]].can) return false;
        direct_var *v = &d->var[var[n]];
        if (v->size != size || !open_set(nc, var[n], v) || !lay_out(v, m->start, m->count, &levels, pieces))
            return false;
        if (n > 0 && (v->n_dims != m->var[0]->n_dims || memcmp(pieces, m->pieces, sizeof pieces) != 0)) return false;
        memcpy(m->pieces, pieces, sizeof pieces);
        m->levels = levels;
        m->var[n] = v;
    }
    return true;
}

bool bs_nc_direct_put(bs_nc *nc, int n, const int *var, bs_nc_type type, const size_t *start, const size_t *count,
                      const void *values, int *failed, int *code)
{
    if (!nc->direct || !start || n == 0) return false;
    maps m = {.n = n, .start = start, .count = count, .values = values};
    m.var = calloc((size_t)n, sizeof *m.var);
    const bool can = m.var && find_maps(nc, var, type, &m);
    if (can) *code = put_chunks(&m, failed);
    free(m.var);
    return can;
}

bool bs_nc_direct_is_chunk(bs_nc *nc, int n, const int *var, bs_nc_type type, const size_t *start, const size_t *count)
{
    if (!nc->direct || n == 0) return false;
    maps m = {.n = n, .start = start, .count = count};
    m.var = calloc((size_t)n, sizeof *m.var);
    const bool can = m.var && find_maps(nc, var, type, &m) && m.pieces[0] == 1 && m.pieces[1] == 1;
    free(m.var);
    return can;
}

bs_nc_packed bs_nc_direct_pack(const size_t shape[2], size_t size, const void *values)
{
    const direct_var v = {.n_dims = 2, .size = size, .chunk = {shape[0], shape[1]}};
    return pack(&v, shape, 0, 0, values);
}

int bs_nc_direct_put_chunk(bs_nc *nc, int var, const size_t *start, const size_t *count, const bs_nc_packed *packed)
{
    const direct_var *v = &nc->direct->var[var];
    const maps m = {.n = 1, .var = &v, .levels = 1, .start = start, .count = count, .pieces = {1, 1}};
    return put_one(&m, 0, packed);
}
