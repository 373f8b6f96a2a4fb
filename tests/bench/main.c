/* bashu_kernel_bench - times each kernel alone, on data in the cache and out of it.
 *   bashu_kernel_bench [KERNEL ...] [--json] [--quick]     KERNEL: one, as sweep.total, or a family, as sweep; all when none
 * Half a minute for all; --quick: seconds, to see that it works: its figures are worth nothing. Status 0 done, 1 no memory,
 * 2 bad usage. */
#include <string.h>

#include "model/bench/machine.h"
#include "model/commands/commands.h"
#include "model/core/memory.h"
#include "model/parallel/threads.h"
#include "tests/bench/bench.h"
#include "tests/bench/families.h"

typedef struct family {
    const char *name, *text;
    bs_status (*run)(bench *b);
} family;

static const family FAMILIES[] = {
#define BENCH_FAMILY(name, function, text) {name, text, function},
#include "tests/bench/families.def"
#undef BENCH_FAMILY
};
enum { N_FAMILIES = sizeof FAMILIES / sizeof *FAMILIES, CACHES = 4 }; /* CACHES: the ring's size in last levels */
static const size_t LEAST_RING = (size_t)128 << 20, QUICK_RING = (size_t)8 << 20;

static void print_usage(FILE *out)
{
    fprintf(out,
            "usage: bashu_kernel_bench [KERNEL ...] [--json] [--quick]\n"
            "times kernels alone, in the cache and out of it; KERNEL: one (sweep.total) or a family, all when none:\n");
    for (int f = 0; f < N_FAMILIES; f++) fprintf(out, "  %-10s %s\n", FAMILIES[f].name, FAMILIES[f].text);
}

/* Words that named no kernel. */
static bs_status check_words(const bench *b)
{
    for (int w = 0; w < b->n_words; w++) {
        const bench one = {.n_words = 1, .words = b->words + w};
        int found = 0;
        for (int r = 0; r < b->n_rows; r++) found |= bench_wants(&one, b->rows[r].label.kernel);
        if (!found)
            return bs_fail(b->err, BS_ERR_USAGE, "no kernel or family is called '%s'; --help lists the families",
                           b->words[w]);
    }
    return BS_OK;
}

static bs_status measure(bench *b, bench_machine *m)
{
    const int isas = (int)bs_isa_best() + 1;
    for (int isa = 0; isa < isas; isa++) m->fma_gflops[isa] = bench_fma_gflops((bs_isa)isa, b->quick);
    for (int f = 0; f < N_FAMILIES; f++) {
        if (!bench_wants(b, FAMILIES[f].name)) continue;
        if (b->progress) fprintf(b->progress, "%s\n", FAMILIES[f].name);
        BS_TRY(FAMILIES[f].run(b));
    }
    m->load[1] = bs_bench_load();
    return check_words(b);
}

/* Several times the last level of the cache, if there is room for it. */
static size_t ring_bytes(bool quick)
{
    const size_t wanted = CACHES * bench_last_cache(), ring = wanted > LEAST_RING ? wanted : LEAST_RING;
    const double room = 0.25 * bs_bench_memory_available();
    if (quick) return QUICK_RING;
    return room > 0 && room < (double)ring ? (size_t)room : ring;
}

int main(int argc, char **argv)
{
    bs_err err = {.status = BS_OK};
    bench b = {.words = argv + 1, .progress = stderr, .err = &err};
    bool json = false;
    for (int a = 1; a < argc; a++) {
        if (strcmp(argv[a], "--help") == 0) {
            print_usage(stdout);
            return 0;
        }
        if (strcmp(argv[a], "--json") == 0) {
            json = true;
        } else if (strcmp(argv[a], "--quick") == 0) {
            b.quick = true;
        } else if (argv[a][0] == '-') {
            fprintf(stderr, "bashu_kernel_bench: unknown option '%s'; --help tells more\n", argv[a]);
            return bs_status_exit(BS_ERR_USAGE);
        } else {
            argv[1 + b.n_words++] = argv[a]; /* words first */
        }
    }
    bs_threads_start(1);
    b.ring_bytes = ring_bytes(b.quick);
    bs_bench_machine about;
    bs_bench_machine_describe(1, &about);
    bench_machine m = {.version = bs_version_text(), .load = {about.load[0], -1}};
    snprintf(m.cpu, sizeof m.cpu, "%s", about.cpu);
    const bs_status st = measure(&b, &m);
    if (st == BS_OK) (json ? bench_print_json : bench_print_table)(&b, &m, stdout);
    if (st != BS_OK) fprintf(stderr, "bashu_kernel_bench: %s\n", err.text);
    bs_free(b.rows);
    return bs_status_exit(st);
}
