#include "model/bench/machine.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kernels/bench/peak.h"
#include "model/core/memory.h"
#include "model/core/timer.h"
#include "model/parallel/threads.h"

enum { ROUNDS = 12 };
static const long ARRAY = 24L * 1024 * 1024; /* elements: three arrays of 96 MiB lie outside any cache here */
static const long STEPS = 2000000;           /* of fused multiply-adds */

/* Text after `key` in a file of the kernel's; false: not there. */
static bool find_line(const char *file, const char *key, char *out, size_t size)
{
    FILE *f = fopen(file, "r");
    if (!f) return false;
    char line[512];
    bool found = false;
    while (!found && fgets(line, sizeof line, f)) {
        if (strncmp(line, key, strlen(key)) != 0) continue;
        const char *text = line + strlen(key);
        text += strspn(text, " \t:");
        snprintf(out, size, "%.*s", (int)strcspn(text, "\n"), text);
        found = true;
    }
    fclose(f);
    return found;
}

double bs_bench_load(void)
{
    char text[96];
    double load;
    return find_line("/proc/loadavg", "", text, sizeof text) && sscanf(text, "%lf", &load) == 1 ? load : -1;
}

double bs_bench_memory_available(void)
{
    char text[96];
    double kib;
    return find_line("/proc/meminfo", "MemAvailable", text, sizeof text) && sscanf(text, "%lf", &kib) == 1 ? kib * 1024
                                                                                                           : 0;
}

void bs_bench_machine_describe(int threads, bs_bench_machine *out)
{
    *out = (bs_bench_machine){.isa = bs_isa_best(), .threads = threads, .load = {bs_bench_load(), -1}};
    if (!find_line("/proc/cpuinfo", "model name", out->cpu, sizeof out->cpu))
        snprintf(out->cpu, sizeof out->cpu, "unknown");
}

typedef struct arrays {
    real *a, *b, *c;
} arrays;

static void run_triad(const bs_peak_kernels *k, const arrays *x, int threads, long part)
{
#pragma omp parallel for schedule(static) default(none) shared(k, x, threads, part)
    for (int t = 0; t < threads; t++) k->triad(part, 3, x->b + t * part, x->c + t * part, x->a + t * part);
}

static void run_update(const bs_peak_kernels *k, const arrays *x, int threads, long part)
{
#pragma omp parallel for schedule(static) default(none) shared(k, x, threads, part)
    for (int t = 0; t < threads; t++) k->update(part, (real)0.5, 1, x->a + t * part);
}

static void run_fma(const bs_peak_kernels *k, const arrays *x, int threads)
{
#pragma omp parallel for schedule(static) default(none) shared(k, x, threads, STEPS)
    for (int t = 0; t < threads; t++) k->fma(STEPS, (real)0.5, 1, x->a + t * BS_PEAK_ELEMENTS);
}

bs_status bs_bench_peak_measure(bs_isa isa, bs_bench_peak *out, bs_err *err)
{
    const bs_peak_kernels *k = bs_peak_kernels_for(isa);
    const int threads = bs_threads_count();
    const long part = ARRAY / threads / 16 * 16;
    arrays x = {0};
    bs_status st = BS_NEW(&x.a, ARRAY, "bench", err);
    if (st == BS_OK) st = BS_NEW(&x.b, ARRAY, "bench", err);
    if (st == BS_OK) st = BS_NEW(&x.c, ARRAY, "bench", err);
    double triad = INFINITY, update = INFINITY, fma = INFINITY;
    for (int r = 0; r < ROUNDS && st == BS_OK; r++) {
        const double t0 = bs_wall_seconds();
        run_triad(k, &x, threads, part);
        const double t1 = bs_wall_seconds();
        run_update(k, &x, threads, part);
        const double t2 = bs_wall_seconds();
        run_fma(k, &x, threads);
        const double t3 = bs_wall_seconds();
        triad = fmin(triad, t1 - t0), update = fmin(update, t2 - t1), fma = fmin(fma, t3 - t2);
    }
    const double elements = (double)part * threads, size = sizeof(real);
    *out = (bs_bench_peak){.triad_gbs = 3e-9 * elements * size / triad,
                           .update_gbs = 2e-9 * elements * size / update,
                           .fma_gflops = 2e-9 * (double)STEPS * BS_PEAK_CHAINS * k->lanes * threads / fma};
    bs_free(x.a);
    bs_free(x.b);
    bs_free(x.c);
    return st;
}
