#include "model/bench/bench.h"

#include "model/bench/results.h"
#include "model/core/memory.h"
#include "model/parallel/threads.h"

enum { LAYERS = 30, TRACERS = 20, PAIRS = 10, PAIRS_SCALING = 5, PAIRS_QUICK = 5 };
static const int GRIDS[] = {100, 200, 400};
static const int TRACER_NUMBERS[] = {1, 4, 20, 100};
enum { N_NUMBERS = sizeof TRACER_NUMBERS / sizeof *TRACER_NUMBERS };
static const double MEMORY_SHARE = 0.8; /* of what is free may be taken */

typedef struct job {
    const bs_bench_request *request;
    bs_bench_results *r;
    bs_err *err;
} job;

static bs_status with_threads(const job *j, bs_bench_world *w, const bs_bench_plan *plan, bs_bench_times out[2])
{
    for (int all = 0; all < 2; all++) {
        bs_threads_start(all ? j->request->threads : 1);
        BS_TRY(bs_bench_measure(w, plan, &out[all], j->err));
    }
    return BS_OK;
}

static bs_status measure_machine(const job *j)
{
    bs_log_info(j->request->log, "memory and arithmetic of the machine");
    for (int all = 0; all < 2; all++) {
        bs_threads_start(all ? j->request->threads : 1);
        BS_TRY(bs_bench_peak_measure(j->r->machine.isa, &j->r->machine.peak[all], j->err));
    }
    return BS_OK;
}

static bs_status measure_schemes(const job *j, bs_bench_world *w)
{
    bs_bench_results *r = j->r;
    r->has_avx2 = r->machine.isa > BS_ISA_AVX2;
    for (int s = 0; s < BS_SCHEME_COUNT; s++) {
        bs_log_info(j->request->log, "%s", bs_scheme_at((bs_scheme)s)->name);
        bs_bench_plan plan = {.isa = r->machine.isa, .pairs = r->pairs, .sweeps = true, .rest = true};
        plan.scheme = (bs_scheme)s;
        BS_TRY(with_threads(j, w, &plan, r->scheme[s]));
        if (!r->has_avx2) continue;
        plan = (bs_bench_plan){.scheme = (bs_scheme)s, .isa = BS_ISA_AVX2, .pairs = r->pairs};
        bs_threads_start(1);
        BS_TRY(bs_bench_measure(w, &plan, &r->avx2[s], j->err));
    }
    return BS_OK;
}

static bs_status measure_variants(const job *j, bs_bench_world *w)
{
    const bs_bench_plan plan = {.scheme = BS_PPM6_SEL, .isa = j->r->machine.isa, .pairs = j->r->pairs};
    bs_log_info(j->request->log, "%s on a half-empty field, and with tags", bs_scheme_at(plan.scheme)->name);
    bs_bench_world_tag(w, true);
    BS_TRY(with_threads(j, w, &plan, j->r->tags));
    bs_bench_world_tag(w, false);
    bs_bench_world_fill(w, BS_FIELD_HALF_EMPTY);
    return with_threads(j, w, &plan, j->r->half_empty);
}

static bs_status on_schemes_world(const job *j)
{
    bs_bench_world *w = NULL;
    BS_TRY(bs_bench_world_create(j->r->size, &w, j->err));
    for (int axis = 0; axis < 3; axis++) j->r->courant[axis] = w->courant[axis];
    bs_status st = measure_schemes(j, w);
    if (st == BS_OK) st = measure_variants(j, w);
    bs_bench_world_destroy(w);
    return st;
}

static bs_status scale_tracers(const job *j, bs_bench_world *w, int nx, int most)
{
    bs_bench_results *r = j->r;
    const int numbers = j->request->quick ? N_NUMBERS - 1 : N_NUMBERS;
    for (int n = 0; n < numbers; n++) {
        bs_bench_scaling *at = &r->scaling[r->n_scalings++];
        *at = (bs_bench_scaling){.size = {nx, LAYERS, TRACER_NUMBERS[n]}, .skipped = TRACER_NUMBERS[n] > most};
        if (at->skipped) continue;
        const bs_bench_plan plan = {.scheme = BS_PPM6_SEL, .isa = r->machine.isa, .pairs = PAIRS_SCALING};
        w->tracers.n = at->size.n_tracers; /* of those that the world has room for */
        BS_TRY(with_threads(j, w, &plan, at->threads));
    }
    return BS_OK;
}

static bs_status scale(const job *j)
{
    const int n_grids = j->request->quick ? 1 : (int)(sizeof GRIDS / sizeof *GRIDS);
    for (int g = 0; g < n_grids; g++) {
        const double available = MEMORY_SHARE * bs_bench_memory_available();
        int most = 0;
        for (int n = 0; n < (j->request->quick ? N_NUMBERS - 1 : N_NUMBERS); n++) {
            const double bytes = bs_bench_world_bytes((bs_bench_size){GRIDS[g], LAYERS, TRACER_NUMBERS[n]});
            if (available <= 0 || bytes < available) most = TRACER_NUMBERS[n];
        }
        bs_log_info(j->request->log, "%d x %d x %d cells, up to %d tracers", GRIDS[g], GRIDS[g], LAYERS, most);
        bs_bench_world *w = NULL;
        if (most > 0) BS_TRY(bs_bench_world_create((bs_bench_size){GRIDS[g], LAYERS, most}, &w, j->err));
        const bs_status st = scale_tracers(j, w, GRIDS[g], most);
        bs_bench_world_destroy(w);
        if (st != BS_OK) return st;
    }
    return BS_OK;
}

bs_status bs_bench_run(const bs_bench_request *request, FILE *out, bs_err *err)
{
    bs_bench_results *r = NULL;
    BS_TRY(BS_NEW(&r, 1, "bench", err));
    const job j = {request, r, err};
    r->version = request->version;
    r->size = (bs_bench_size){request->quick ? GRIDS[0] : GRIDS[1], LAYERS, TRACERS};
    r->pairs = request->quick ? PAIRS_QUICK : PAIRS;
    bs_bench_machine_describe(request->threads, &r->machine);
    bs_status st = measure_machine(&j);
    if (st == BS_OK) st = on_schemes_world(&j);
    if (st == BS_OK) st = scale(&j);
    bs_threads_start(request->threads);
    r->machine.load[1] = bs_bench_load();
    if (st == BS_OK && request->json) bs_bench_print_json(r, out);
    if (st == BS_OK && !request->json) bs_bench_print_tables(r, out);
    bs_free(r);
    return st;
}
