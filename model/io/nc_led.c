/* Files of maps that the first rank writes and all compress.
 *
 * The maps of a put (of several variables, or layers of one) are dealt out in blocks: of n, rank r has those from r n / ranks to
 * (r + 1) n / ranks. Each rank sends the others what it has of theirs, puts its own together, packs them (nc_direct.c) and sends them to
 * the first in one letter, which writes them as they are and in the order of the maps: so the file is that of a single rank. Before, all
 * hear which cells each brings, and whether it has the memory that it needs; where one has not, nobody begins, and it is told later.
 *
 *   rank 0    [n][its cells]  \/  [n / 2][ny][nx]  ->  n / 2 chunks  ->  n chunks of the file
 *   rank 1    [n][its cells]  /\  [n / 2][ny][nx]  ->  n / 2 chunks  /
 *
 * What is no map of one chunk (corners of cells; doubles that become floats) goes to the first rank part by part. */
#include "model/io/nc_led.h"

#include <stdlib.h>

enum { TAG_PART = 22101 };

/* ---- what a file keeps of it ---- */

bs_nc_led *bs_nc_led_make(size_t ny, size_t nx)
{
    bs_nc_led *led = calloc(1, sizeof *led);
    const size_t ranks = (size_t)bs_ranks_count();
    if (!led) return NULL;
    led->ny = ny;
    led->nx = nx;
    led->of = calloc(ranks, sizeof *led->of);
    led->mail = calloc(2 * ranks, sizeof(bs_mail *));
    if (led->of && led->mail) return led;
    bs_nc_led_release(led);
    return NULL;
}

void bs_nc_led_release(bs_nc_led *led)
{
    if (!led) return;
    free(led->n_dims);
    free(led->of);
    free(led->mail);
    free(led);
}

bool bs_nc_led_define(bs_nc_led *led, int var, int n_dims)
{
    int *more = realloc(led->n_dims, ((size_t)var + 1) * sizeof *more);
    if (!more) return false;
    led->n_dims = more;
    more[var] = n_dims;
    return true;
}

size_t bs_nc_part_of(const bs_nc_deal *d, int rank)
{
    size_t bytes = d->size;
    for (int k = 0; k < d->n_dims; k++) bytes *= (size_t)d->led->of[rank].count[k];
    return bytes;
}

size_t bs_nc_cells_of(const bs_nc_deal *d, int rank)
{
    return bs_nc_part_of(d, rank) / (size_t)d->levels;
}

/* ---- what each brings ---- */

bs_nc_slab bs_nc_slab_of(const bs_nc_deal *d, int k)
{
    bs_nc_slab s;
    size_t level = (size_t)(k % d->levels);
    for (int i = d->n_dims - 1; i >= 0; i--) {
        const bool leads = i < d->n_dims - 2;
        s.start[i] = leads ? d->start[i] + level % d->count[i] : 0;
        s.count[i] = leads ? 1 : i == d->n_dims - 2 ? d->led->ny : d->led->nx;
        if (leads) level /= d->count[i];
    }
    return s;
}

/* Of the first rank: whether it can write such maps of these variables as packed chunks. */
static bool takes_chunks(const bs_nc_deal *d)
{
    bs_nc_slab s;
    if (d->n_dims < 2) return false;
    for (int i = 0; i < d->n_dims; i++)
        if (d->count[i] == 0) return false;
    s = bs_nc_slab_of(d, 0);
    for (int i = 0; i < d->n_dims - 2; i++) s.count[i] = d->count[i];
    return bs_nc_direct_is_chunk(d->nc, d->n_vars, d->var, d->type, s.start, s.count);
}

/* Returns whether nothing has failed in any. */
static bool announce(const bs_nc_deal *d)
{
    bs_nc_brought mine = {.ready = d->nc->failed == BS_OK};
    bool all = true;
    for (int k = 0; k < d->n_dims; k++) {
        mine.start[k] = d->start[k];
        mine.count[k] = d->count[k];
    }
    if (bs_ranks_first()) mine.maps = mine.ready && takes_chunks(d);
    bs_ranks_collect(&mine, sizeof mine, d->led->of);
    for (int r = 0; r < bs_ranks_count(); r++) all = all && d->led->of[r].ready;
    return all;
}

/* Whether the parts are all of the same maps: no cell is to keep what the file has of it. */
static bool are_whole_maps(const bs_nc_deal *d)
{
    const bs_nc_brought *of = d->led->of;
    size_t bytes = 0;
    if (!of[0].maps) return false;
    for (int r = 0; r < bs_ranks_count(); r++) {
        for (int i = 0; i < d->n_dims - 2; i++)
            if (of[r].start[i] != of[0].start[i] || of[r].count[i] != of[0].count[i]) return false;
        bytes += bs_nc_cells_of(d, r);
    }
    return bytes == d->bytes;
}

/* ---- parts ---- */

/* Of the first rank: what a rank has of variable k. */
static void put_part(const bs_nc_deal *d, int rank, int k, const char *values)
{
    size_t start[BS_NC_MAX_DIMS], count[BS_NC_MAX_DIMS];
    bs_err own = {0};
    if (d->nc->failed != BS_OK) return;
    for (int i = 0; i < d->n_dims; i++) {
        start[i] = (size_t)d->led->of[rank].start[i];
        count[i] = (size_t)d->led->of[rank].count[i];
    }
    const int code = bs_nc_put_values(d->nc, d->var[k], d->type, start, count, values, true);
    bs_nc_outcome(d->nc, code, d->var[k], "cannot be written", NULL);
    bs_nc_later(d->nc, bs_nc_note(d->nc, d->var[k], d->type, start, count, values, &own), &own, NULL);
}

static void put_parts(const bs_nc_deal *d)
{
    const size_t mine = bs_nc_part_of(d, bs_ranks_self());
    size_t most = 1;
    bs_mail *mail = NULL;
    for (int r = 1; r < bs_ranks_count(); r++) most = bs_nc_part_of(d, r) > most ? bs_nc_part_of(d, r) : most;
    char *room = bs_ranks_first() ? malloc(most) : NULL;
    bool go = room;
    bs_ranks_share(0, &go, sizeof go);
    for (int k = 0; go && k < d->n_vars; k++) {
        const char *own = d->values + (size_t)k * mine;
        if (!bs_ranks_first() && mine > 0) {
            bs_mail_send(0, TAG_PART, own, mine, &mail);
            bs_mail_wait(1, &mail);
        }
        if (bs_ranks_first() && mine > 0) put_part(d, 0, k, own);
        for (int r = 1; bs_ranks_first() && r < bs_ranks_count(); r++) {
            if (bs_nc_part_of(d, r) == 0) continue;
            bs_mail_receive(r, TAG_PART, room, bs_nc_part_of(d, r), &mail);
            bs_mail_wait(1, &mail);
            put_part(d, r, k, room);
        }
    }
    free(room);
    bs_err none = {0};
    if (!go && bs_ranks_first())
        bs_nc_later(d->nc, bs_fail(&none, BS_ERR_MEMORY, "%s: no memory for a part of %zu bytes", d->nc->file, most),
                    &none, NULL);
}

void bs_nc_led_put(bs_nc *nc, int n, const int *var, bs_nc_type type, const size_t *start, const size_t *count,
                   const void *values)
{
    const bs_nc_led *led = nc->led;
    bs_nc_deal d = {.nc = nc,
                    .led = led,
                    .n_vars = n,
                    .levels = 1,
                    .n_dims = nc->failed == BS_OK ? led->n_dims[var[0]] : 0, /* else it may not be known */
                    .var = var,
                    .type = type,
                    .size = type == BS_NC_FLOAT ? sizeof(float) : sizeof(double),
                    .start = start,
                    .count = count,
                    .values = values};
    d.bytes = led->ny * led->nx * d.size;
    for (int i = 0; i < d.n_dims - 2; i++) d.levels *= count[i] ? (int)count[i] : 1;
    d.n = n * d.levels;
    if (!announce(&d)) return;
    if (are_whole_maps(&d)) {
        bs_nc_deal_maps(&d);
    } else {
        put_parts(&d);
    }
}
