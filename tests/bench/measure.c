#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "kernels/bench/peak.h"
#include "model/core/memory.h"
#include "model/core/timer.h"
#include "tests/bench/bench.h"

enum { ROUNDS = 21, ROUNDS_LEAST = 5, ROUNDS_QUICK = 3, UNITS_MOST = 1000 };
static const double ROUND_SECONDS = 1e-3, PLACE_SECONDS = 2; /* of a sample; of all samples of a place, about */
static const double FMA_SECONDS = 50e-6;

bool bench_wants(const bench *b, const char *kernel)
{
    for (int w = 0; w < b->n_words; w++) {
        const char *word = b->words[w];
        const size_t a = strlen(word), c = strlen(kernel), least = a < c ? a : c;
        const char after = a < c ? kernel[least] : word[least];
        if (strncmp(word, kernel, least) == 0 && (after == '.' || after == '\0')) return true;
    }
    return b->n_words == 0;
}

size_t bench_last_cache(void)
{
    static const size_t USUAL = (size_t)32 << 20;
    FILE *f = fopen("/sys/devices/system/cpu/cpu0/cache/index3/size", "r");
    unsigned long kib = 0;
    if (f && fscanf(f, "%luK", &kib) != 1) kib = 0;
    if (f) fclose(f);
    return kib > 0 ? (size_t)kib << 10 : USUAL;
}

/* ---- the rate of fused multiply-adds ---- */

typedef struct fma_chain {
    const bs_peak_kernels *k;
    long steps;
    real x[BS_PEAK_ELEMENTS];
} fma_chain;

static double fma_once(fma_chain *f)
{
    const double begin = bs_wall_seconds();
    f->k->fma(f->steps, (real)0.5, 1, f->x);
    const double seconds = bs_wall_seconds() - begin;
    return 2e-9 * (double)f->steps * BS_PEAK_CHAINS * f->k->lanes / seconds;
}

static fma_chain fma_prepare(bs_isa isa)
{
    fma_chain f = {.k = bs_peak_kernels_for(isa), .steps = 100};
    fma_once(&f);
    const double rate = fma_once(&f), steps = FMA_SECONDS * 1e9 * rate / (2.0 * BS_PEAK_CHAINS * f.k->lanes);
    f.steps = steps > 1e6 ? 1000000 : steps > 10 ? (long)steps : 10;
    return f;
}

double bench_fma_gflops(bs_isa isa, bool quick)
{
    fma_chain f = fma_prepare(isa);
    double best = 0;
    for (int n = 0; n < (quick ? ROUNDS_QUICK : 4 * ROUNDS); n++) best = fmax(best, fma_once(&f));
    return best;
}

double bench_share(const bench_row *row, int place)
{
    const bench_time *t = &row->time[place];
    return row->label.flops / (t->least * t->fma_gflops);
}

/* ---- samples ---- */

static double one_unit(const bench_work *w, long unit)
{
    if (w->before) w->before(w->self, unit);
    const double begin = bs_wall_seconds();
    w->run(w->self, unit);
    const double seconds = bs_wall_seconds() - begin;
    if (w->after) w->after(w->self, unit);
    return seconds;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static long common_divisor(long a, long b)
{
    return b ? common_divisor(b, a % b) : a;
}

/* Units are visited in leaps: what the hardware fetches beside one, untimed, is not the next one's. */
static long leap_around(long units)
{
    long leap = (long)(0.618 * (double)units) | 1;
    while (common_divisor(units, leap) != 1) leap += 2;
    return leap;
}

static bench_time measure_place(const bench *b, const bench_work *w, bool in_cache)
{
    const long ring = in_cache ? 1 : w->units, leap = leap_around(ring);
    fma_chain chain = fma_prepare(bs_isa_best());
    bench_time out = {0};
    double sample[ROUNDS];
    one_unit(w, 0);
    const double unit_seconds = fmax(one_unit(w, 1 % ring), 1e-7), per_round = ceil(ROUND_SECONDS / unit_seconds);
    const long units = b->quick ? 1 : per_round < UNITS_MOST ? (long)per_round : UNITS_MOST;
    const double fit = PLACE_SECONDS / (unit_seconds * (double)units);
    const int rounds = b->quick ? ROUNDS_QUICK : fit > ROUNDS ? ROUNDS : fit > ROUNDS_LEAST ? (int)fit : ROUNDS_LEAST;
    long unit = 0;
    for (int r = 0; r < rounds; r++) {
        double seconds = 0;
        for (long n = 0; n < units; n++) {
            unit = (unit + leap) % ring;
            seconds += one_unit(w, unit);
        }
        sample[r] = 1e9 * seconds / ((double)units * w->count);
        out.fma_gflops = fmax(out.fma_gflops, fma_once(&chain));
    }
    qsort(sample, (size_t)rounds, sizeof *sample, ascending);
    out.least = sample[0];
    out.median = 0.5 * (sample[(rounds - 1) / 2] + sample[rounds / 2]);
    return out;
}

static bs_status room_for_a_row(bench *b)
{
    if (b->n_rows < b->room) return BS_OK;
    bench_row *more = NULL;
    const int room = b->room ? 2 * b->room : 64;
    BS_TRY(BS_NEW(&more, room, "bench", b->err));
    if (b->rows) memcpy(more, b->rows, sizeof *more * (size_t)b->n_rows);
    bs_free(b->rows);
    b->rows = more;
    b->room = room;
    return BS_OK;
}

bs_status bench_measure(bench *b, const bench_label *label, const bench_work *work, const bench_work *outside)
{
    if (!bench_wants(b, label->kernel)) return BS_OK;
    BS_TRY(room_for_a_row(b));
    bench_row *row = &b->rows[b->n_rows++];
    *row = (bench_row){.label = *label};
    row->time[BENCH_IN_CACHE] = measure_place(b, work, true);
    row->time[BENCH_OUT_OF_CACHE] = measure_place(b, outside ? outside : work, false);
    return BS_OK;
}
