/* nc_led.h - a put into a file that the first of several ranks writes. Private to nc_led.c and nc_deal.c. */
#ifndef BS_MODEL_IO_NC_LED_H
#define BS_MODEL_IO_NC_LED_H

#include "model/io/nc_file.h"
#include "model/parallel/ranks.h"

/* What a rank brings to a put. */
typedef struct bs_nc_brought {
    uint64_t start[BS_NC_MAX_DIMS], count[BS_NC_MAX_DIMS];
    int32_t ready; /* nothing has failed so far */
    int32_t maps;  /* of the first: it can write these variables' chunks as they are */
} bs_nc_brought;

struct bs_nc_led {
    size_t ny, nx;     /* of a map */
    int *n_dims;       /* of the variables, by their ids */
    bs_nc_brought *of; /* [ranks] */
    bs_mail **mail;    /* [2 ranks] */
};

/* A put; what is its own is said of this rank. */
typedef struct bs_nc_deal {
    bs_nc *nc;
    const bs_nc_led *led;
    int n_vars, levels, n; /* n maps: so many levels of each variable */
    int n_dims;
    const int *var;
    bs_nc_type type;
    size_t size, bytes; /* of a value, of a map */
    const size_t *start, *count;
    const char *values; /* [n][own cells] */
    char *cells;        /* of own maps as they come, [rank][map][its cells] */
    char *maps;         /* [own maps][ny][nx] */
    char *letters;      /* the first: those of the others, in order; others: their own */
    char *room;         /* the first: a map for the journal */
    bs_nc_packed *chunk;
} bs_nc_deal;

/* The slab of a whole map. */
typedef struct bs_nc_slab {
    size_t start[BS_NC_MAX_DIMS], count[BS_NC_MAX_DIMS];
} bs_nc_slab;

bs_nc_slab bs_nc_slab_of(const bs_nc_deal *d, int map);

/* Bytes of a rank's part of a variable, and of a map. */
size_t bs_nc_part_of(const bs_nc_deal *d, int rank);
size_t bs_nc_cells_of(const bs_nc_deal *d, int rank);

/* Whole maps, of which all have said what they bring (nc_deal.c). Collective. */
void bs_nc_deal_maps(bs_nc_deal *d);

#endif
