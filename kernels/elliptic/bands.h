/* bands.h - rows of a map shared out in bands, which a caller's team of threads may do at once.
 *
 * How many rows a band has depends on the map alone: what is summed band by band has the same bits with any team. */
#ifndef BS_KERNELS_ELLIPTIC_BANDS_H
#define BS_KERNELS_ELLIPTIC_BANDS_H

#include <stddef.h>

/* Does work(of, b) for all b = 0 .. bands - 1, in any order and at once if it likes; returns when all are done. NULL stands for one after
 * the other. */
typedef void bs_band_work(void *of, int band);
typedef void bs_band_team(int bands, bs_band_work *work, void *of);

enum {
    BS_BAND_CELLS = 8192, /* about */
    BS_BAND_FEWEST = 8    /* bands that are worth a team, which needs some microseconds to begin and to end */
};

typedef struct bs_bands {
    int rows, per;                                                /* rows of a band */
    void (*go)(void *of, int band, ptrdiff_t from, ptrdiff_t to); /* does the rows from .. to - 1 */
    void *of;
} bs_bands;

static inline int bs_bands_per(int row_cells)
{
    return row_cells < BS_BAND_CELLS ? (BS_BAND_CELLS + row_cells - 1) / row_cells : 1;
}

static inline int bs_bands_count(const bs_bands *b)
{
    return (b->rows + b->per - 1) / b->per;
}

static inline void bs_bands_do(void *of, int band)
{
    const bs_bands *b = of;
    const int from = band * b->per, to = from + b->per;
    b->go(b->of, band, from, to < b->rows ? to : b->rows);
}

static inline void bs_bands_run(bs_bands b, bs_band_team *team)
{
    const int count = bs_bands_count(&b);
    if (team && count >= BS_BAND_FEWEST)
        team(count, bs_bands_do, &b);
    else
        for (int band = 0; band < count; band++) bs_bands_do(&b, band);
}

#endif
