/* The maps of a put into a file that the first rank writes, dealt out to all. */
#include <netcdf.h>
#include <stdlib.h>
#include <string.h>

#include "model/io/nc_led.h"

enum { TAG_CELLS = 22001, TAG_LETTER, TAG_MAP };

static int first_of(const bs_nc_deal *d, int rank)
{
    return (int)((long long)d->n * rank / bs_ranks_count());
}

static int maps_of(const bs_nc_deal *d, int rank)
{
    return first_of(d, rank + 1) - first_of(d, rank);
}

/* Of a letter, for so many maps: how long each is, and the chunks. Deflate makes noise a little longer. */
static size_t letter_most(const bs_nc_deal *d, int maps)
{
    enum { MORE = 1024 };
    return (size_t)maps * (sizeof(uint64_t) + d->bytes + d->bytes / 4 + MORE);
}

static bs_status prepare(bs_nc_deal *d, bs_err *err)
{
    const int n = maps_of(d, bs_ranks_self());
    const size_t maps = (size_t)n * d->bytes;
    d->chunk = calloc((size_t)n + 1, sizeof *d->chunk);
    d->cells = malloc(maps + 1);
    d->maps = malloc(maps + 1);
    d->letters = malloc(letter_most(d, bs_ranks_first() ? d->n - n : n) + 1);
    d->room = malloc(d->bytes);
    if (d->chunk && d->cells && d->maps && d->letters && d->room) return BS_OK;
    return bs_fail(err, BS_ERR_MEMORY, "%s: no memory for %d of its maps", d->nc->file, d->n);
}

static void release(const bs_nc_deal *d)
{
    for (int m = 0; d->chunk && m < maps_of(d, bs_ranks_self()); m++) free(d->chunk[m].bytes);
    free(d->chunk);
    free(d->cells);
    free(d->maps);
    free(d->letters);
    free(d->room);
}

/* A rank's cells of own map m into it. */
static void lay_in(const bs_nc_deal *d, int rank, int m, const char *cells)
{
    const bs_nc_brought *b = &d->led->of[rank];
    const size_t row = (size_t)b->count[d->n_dims - 1] * d->size;
    char *to = d->maps + (size_t)m * d->bytes +
               ((size_t)b->start[d->n_dims - 2] * d->led->nx + (size_t)b->start[d->n_dims - 1]) * d->size;
    for (uint64_t j = 0; j < b->count[d->n_dims - 2]; j++, to += d->led->nx * d->size, cells += row)
        memcpy(to, cells, row);
}

/* Cells of all ranks come together in the maps of each. */
static void exchange(const bs_nc_deal *d)
{
    const int ranks = bs_ranks_count(), self = bs_ranks_self(), n = maps_of(d, self);
    const size_t mine = bs_nc_cells_of(d, self);
    bs_mail **mail = d->led->mail;
    char *at = d->cells;
    for (int r = 0; r < ranks; r++) {
        const size_t bytes = (size_t)n * bs_nc_cells_of(d, r);
        if (r != self && bytes > 0) bs_mail_receive(r, TAG_CELLS, at, bytes, &mail[r]);
        at += bytes;
    }
    for (int r = 0; r < ranks; r++) {
        const size_t bytes = (size_t)maps_of(d, r) * mine;
        if (r != self && bytes > 0)
            bs_mail_send(r, TAG_CELLS, d->values + (size_t)first_of(d, r) * mine, bytes, &mail[ranks + r]);
    }
    bs_mail_wait(2 * ranks, mail);
    at = d->cells;
    for (int r = 0; r < ranks; r++) {
        const size_t part = bs_nc_cells_of(d, r);
        const char *cells = r == self ? d->values + (size_t)first_of(d, self) * mine : at;
        for (int m = 0; part > 0 && m < n; m++) lay_in(d, r, m, cells + (size_t)m * part);
        at += (size_t)n * part;
    }
}

static void pack_own(bs_nc_deal *d)
{
    const int n = maps_of(d, bs_ranks_self());
    const size_t shape[2] = {d->led->ny, d->led->nx};
#pragma omp parallel for schedule(dynamic) if (n > 1)
    for (int m = 0; m < n; m++) d->chunk[m] = bs_nc_direct_pack(shape, d->size, d->maps + (size_t)m * d->bytes);
}

/* Of the first rank, where nothing has failed before: a map into the file, and into the journal. */
static void write_map(const bs_nc_deal *d, int k, const bs_nc_packed *p)
{
    if (d->nc->failed != BS_OK) return;
    const int var = d->var[k / d->levels];
    const bs_nc_slab s = bs_nc_slab_of(d, k);
    bs_nc_outcome(d->nc, bs_nc_direct_put_chunk(d->nc, var, s.start, s.count, p), var, "cannot be written", NULL);
}

static void note_map(const bs_nc_deal *d, int k, const void *map)
{
    bs_err own = {0};
    if (d->nc->failed != BS_OK) return;
    const bs_nc_slab s = bs_nc_slab_of(d, k);
    bs_nc_later(d->nc, bs_nc_note(d->nc, d->var[k / d->levels], d->type, s.start, s.count, map, &own), &own, NULL);
}

/* Letters of the others come in while the first packs and writes its own. */
static void await_letters(const bs_nc_deal *d)
{
    char *at = d->letters;
    for (int r = 1; r < bs_ranks_count(); r++) {
        const int n = maps_of(d, r);
        if (n > 0) bs_mail_receive(r, TAG_LETTER, at, letter_most(d, n), &d->led->mail[r]);
        at += letter_most(d, n);
    }
}

static void write_letter(const bs_nc_deal *d, int rank, char *letter)
{
    const int n = maps_of(d, rank), k0 = first_of(d, rank);
    unsigned char *bytes = (unsigned char *)letter + (size_t)n * sizeof(uint64_t);
    bs_mail *mail = NULL;
    for (int m = 0; m < n; m++) {
        uint64_t size;
        memcpy(&size, letter + (size_t)m * sizeof size, sizeof size);
        /* One that its rank could not pack is told by that rank. */
        if (size > 0) write_map(d, k0 + m, &(bs_nc_packed){bytes, (size_t)size});
        bytes += size;
    }
    for (int m = 0; d->nc->kept && m < n; m++) {
        bs_mail_receive(rank, TAG_MAP, d->room, d->bytes, &mail);
        bs_mail_wait(1, &mail);
        note_map(d, k0 + m, d->room);
    }
}

static void write_all(const bs_nc_deal *d)
{
    const int own = maps_of(d, 0);
    char *at = d->letters;
    for (int m = 0; m < own; m++) write_map(d, m, &d->chunk[m]);
    for (int m = 0; d->nc->kept && m < own; m++) note_map(d, m, d->maps + (size_t)m * d->bytes);
    for (int r = 1; r < bs_ranks_count(); r++) {
        bs_mail_wait(1, &d->led->mail[r]);
        if (maps_of(d, r) > 0) write_letter(d, r, at);
        at += letter_most(d, maps_of(d, r));
    }
}

static void send_letter(const bs_nc_deal *d)
{
    const int n = maps_of(d, bs_ranks_self());
    size_t end = (size_t)n * sizeof(uint64_t);
    bs_mail *mail = NULL;
    bs_err own = {0};
    if (n == 0) return;
    for (int m = 0; m < n; m++) {
        const bs_nc_packed *p = &d->chunk[m];
        const bool good = p->bytes && end + p->size <= letter_most(d, n);
        const uint64_t size = good ? p->size : 0;
        if (good) memcpy(d->letters + end, p->bytes, p->size);
        memcpy(d->letters + (size_t)m * sizeof size, &size, sizeof size);
        end += size;
        if (!good)
            bs_nc_later(d->nc, bs_fail(&own, BS_ERR_MEMORY, "%s: no memory to compress a map", d->nc->file), &own,
                        NULL);
    }
    bs_mail_send(0, TAG_LETTER, d->letters, end, &mail);
    bs_mail_wait(1, &mail);
    for (int m = 0; d->nc->kept && m < n; m++) {
        bs_mail_send(0, TAG_MAP, d->maps + (size_t)m * d->bytes, d->bytes, &mail);
        bs_mail_wait(1, &mail);
    }
}

void bs_nc_deal_maps(bs_nc_deal *d)
{
    bs_err own = {0};
    unsigned char short_of_memory = prepare(d, &own) != BS_OK;
    if (short_of_memory) bs_nc_later(d->nc, BS_ERR_MEMORY, &own, NULL);
    bs_ranks_or(1, &short_of_memory);
    if (!short_of_memory) {
        exchange(d);
        if (bs_ranks_first()) await_letters(d);
        pack_own(d);
        if (bs_ranks_first()) {
            write_all(d);
        } else {
            send_letter(d);
        }
    }
    release(d);
}
