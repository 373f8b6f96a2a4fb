/* What a bench found, as JSON or as tables. */
#include <math.h>

#include "model/bench/results.h"
#include "model/io/json.h"

static const char *const THREADS[2] = {"1", "all"};

bs_bench_floor bs_bench_floor_of(const bs_bench_results *r, bs_bench_part part, bs_scheme scheme, int all)
{
    const bs_bench_part_row *row = bs_bench_part_at(part);
    const bs_bench_peak *peak = &r->machine.peak[all];
    bs_bench_floor f = {.bytes = row->values * sizeof(real) + row->per_cell / r->size.n_tracers,
                        .flops = row->flops + row->sweeps * bs_bench_sweep_flops(scheme)};
    f.memory_ns = f.bytes / peak->update_gbs;
    f.flops_ns = f.flops / peak->fma_gflops;
    return f;
}

static double share_of_floor(const bs_bench_results *r, bs_bench_part part, int scheme, int all)
{
    const bs_bench_floor f = bs_bench_floor_of(r, part, (bs_scheme)scheme, all);
    return fmax(f.memory_ns, f.flops_ns) / r->scheme[scheme][all].part[part].min;
}

/* ---- JSON ---- */

static void json_peak(bs_json *j, const char *key, double one, double all)
{
    bs_json_open(j, key, '{');
    bs_json_number(j, THREADS[0], one);
    bs_json_number(j, THREADS[1], all);
    bs_json_close(j, '}');
}

static void json_machine(bs_json *j, const bs_bench_machine *m)
{
    bs_json_open(j, "machine", '{');
    bs_json_text(j, "cpu", m->cpu);
    bs_json_text(j, "isa", bs_isa_name(m->isa));
    bs_json_integer(j, "threads", m->threads);
    json_peak(j, "triad_gbs", m->peak[0].triad_gbs, m->peak[1].triad_gbs);
    json_peak(j, "update_gbs", m->peak[0].update_gbs, m->peak[1].update_gbs);
    json_peak(j, "fma_gflops", m->peak[0].fma_gflops, m->peak[1].fma_gflops);
    bs_json_number(j, "load_before", m->load[0] < 0 ? NAN : m->load[0]);
    bs_json_number(j, "load_after", m->load[1] < 0 ? NAN : m->load[1]);
    bs_json_close(j, '}');
}

static void json_time(bs_json *j, bs_bench_part part, const bs_bench_times t[2])
{
    char key[32];
    const char *name = bs_bench_part_at(part)->name;
    snprintf(key, sizeof key, "%s_ns", name);
    json_peak(j, key, t[0].part[part].min, t[1].part[part].min);
    snprintf(key, sizeof key, "%s_median_ns", name);
    json_peak(j, key, t[0].part[part].median, t[1].part[part].median);
}

static void json_scheme(bs_json *j, const bs_bench_results *r, int s)
{
    bs_json_open(j, bs_scheme_at((bs_scheme)s)->name, '{');
    for (int p = 0; p < BS_PART_COUNT; p++) {
        char key[32];
        json_time(j, (bs_bench_part)p, r->scheme[s]);
        snprintf(key, sizeof key, "%s_share_of_limit", bs_bench_part_at((bs_bench_part)p)->name);
        json_peak(j, key, share_of_floor(r, (bs_bench_part)p, s, 0), share_of_floor(r, (bs_bench_part)p, s, 1));
    }
    if (r->has_avx2) bs_json_number(j, "avx2_step_ns", r->avx2[s].part[BS_PART_STEP].min);
    bs_json_close(j, '}');
}

static void json_limits(bs_json *j, const bs_bench_results *r)
{
    bs_json_open(j, "limits", '{');
    for (int p = 0; p < BS_PART_COUNT; p++) {
        bs_json_open(j, bs_bench_part_at((bs_bench_part)p)->name, '{');
        bs_json_number(j, "bytes", bs_bench_floor_of(r, (bs_bench_part)p, BS_PPM6_SEL, 0).bytes);
        bs_json_open(j, "flops", '{');
        for (int s = 0; s < BS_SCHEME_COUNT; s++)
            bs_json_number(j, bs_scheme_at((bs_scheme)s)->name,
                           bs_bench_floor_of(r, (bs_bench_part)p, (bs_scheme)s, 0).flops);
        bs_json_close(j, '}');
        bs_json_text(j, "why", bs_bench_part_at((bs_bench_part)p)->why);
        bs_json_close(j, '}');
    }
    bs_json_close(j, '}');
}

static void json_scaling(bs_json *j, const bs_bench_results *r)
{
    bs_json_open(j, "scaling", '[');
    for (int n = 0; n < r->n_scalings; n++) {
        const bs_bench_scaling *s = &r->scaling[n];
        bs_json_open(j, NULL, '{');
        bs_json_integer(j, "nx", s->size.nx);
        bs_json_integer(j, "ny", s->size.nx);
        bs_json_integer(j, "nz", s->size.nz);
        bs_json_integer(j, "tracers", s->size.n_tracers);
        if (s->skipped)
            bs_json_text(j, "skipped", "no memory for it");
        else
            json_time(j, BS_PART_STEP, s->threads);
        bs_json_close(j, '}');
    }
    bs_json_close(j, ']');
}

void bs_bench_print_json(const bs_bench_results *r, FILE *out)
{
    bs_json j = {.stream = out, .first = true};
    bs_json_open(&j, NULL, '{');
    bs_json_text(&j, "version", r->version);
    json_machine(&j, &r->machine);
    bs_json_open(&j, "grid", '{');
    bs_json_integer(&j, "nx", r->size.nx);
    bs_json_integer(&j, "ny", r->size.nx);
    bs_json_integer(&j, "nz", r->size.nz);
    bs_json_integer(&j, "tracers", r->size.n_tracers);
    bs_json_integer(&j, "steps", 2LL * r->pairs);
    bs_json_text(&j, "precision", BS_REAL_NAME);
    bs_json_number(&j, "courant_x", r->courant[0]);
    bs_json_number(&j, "courant_y", r->courant[1]);
    bs_json_number(&j, "courant_z", r->courant[2]);
    bs_json_close(&j, '}');
    bs_json_open(&j, "schemes", '{');
    for (int s = 0; s < BS_SCHEME_COUNT; s++) json_scheme(&j, r, s);
    bs_json_close(&j, '}');
    bs_json_open(&j, "half_empty", '{');
    json_time(&j, BS_PART_STEP, r->half_empty);
    bs_json_close(&j, '}');
    bs_json_open(&j, "tags", '{');
    json_time(&j, BS_PART_STEP, r->tags);
    bs_json_close(&j, '}');
    json_scaling(&j, r);
    json_limits(&j, r);
    bs_json_close(&j, '}');
}

/* ---- tables ---- */

static void table_machine(const bs_bench_results *r, FILE *out)
{
    const bs_bench_machine *m = &r->machine;
    fprintf(out, "%s\n%s; vectors %s; 1 and %d threads; load %.2f before, %.2f after\n\n", r->version, m->cpu,
            bs_isa_name(m->isa), m->threads, m->load[0], m->load[1]);
    fprintf(out, "machine                     1 thread        all\n");
    fprintf(out, "  triad, GB/s             %10.1f %10.1f\n", m->peak[0].triad_gbs, m->peak[1].triad_gbs);
    fprintf(out, "  update in place, GB/s   %10.1f %10.1f\n", m->peak[0].update_gbs, m->peak[1].update_gbs);
    fprintf(out, "  %s FMA, GFLOP/s     %11.1f %10.1f\n\n", BS_REAL_NAME, m->peak[0].fma_gflops, m->peak[1].fma_gflops);
}

static void table_schemes(const bs_bench_results *r, int all, FILE *out)
{
    fprintf(out, "%-10s", all ? "all" : "1 thread");
    for (int p = 0; p < BS_PART_COUNT; p++) fprintf(out, " %12s", bs_bench_part_at((bs_bench_part)p)->name);
    fprintf(out, "  step, median%s\n", all || !r->has_avx2 ? "" : "  step, avx2");
    for (int s = 0; s < BS_SCHEME_COUNT; s++) {
        fprintf(out, "%-10s", bs_scheme_at((bs_scheme)s)->name);
        const bs_bench_times *t = &r->scheme[s][all];
        for (int p = 0; p < BS_PART_COUNT; p++)
            fprintf(out, " %6.2f (%2.0f%%)", t->part[p].min, 100 * share_of_floor(r, (bs_bench_part)p, s, all));
        fprintf(out, "  %12.2f", t->part[BS_PART_STEP].median);
        if (!all && r->has_avx2) fprintf(out, "  %10.2f", r->avx2[s].part[BS_PART_STEP].min);
        fprintf(out, "\n");
    }
    fprintf(out, "\n");
}

static void table_limits(const bs_bench_results *r, FILE *out)
{
    fprintf(out, "limits, per cell and tracer (%d tracers)\n  %-8s %6s %9s  why\n", r->size.n_tracers, "part", "bytes",
            "flops");
    for (int p = 0; p < BS_PART_COUNT; p++) {
        const bs_bench_floor f = bs_bench_floor_of(r, (bs_bench_part)p, BS_PPM6_SEL, 0);
        fprintf(out, "  %-8s %6.1f %9.0f  %s\n", bs_bench_part_at((bs_bench_part)p)->name, f.bytes, f.flops,
                bs_bench_part_at((bs_bench_part)p)->why);
    }
    fprintf(out, "  flops of a sweep:");
    for (int s = 0; s < BS_SCHEME_COUNT; s++)
        fprintf(out, " %s %.0f%s", bs_scheme_at((bs_scheme)s)->name, bs_bench_sweep_flops((bs_scheme)s),
                s + 1 < BS_SCHEME_COUNT ? "," : "; above for the first\n\n");
}

static void table_rest(const bs_bench_results *r, FILE *out)
{
    const char *name = bs_scheme_at(BS_PPM6_SEL)->name;
    const bs_bench_times *even = r->scheme[BS_PPM6_SEL];
    fprintf(out, "step of %s, ns per cell and tracer      1 thread        all\n", name);
    for (int n = 0; n < 2; n++) {
        const bs_bench_times *t = n ? r->tags : r->half_empty;
        fprintf(out, "  %-38s %6.2f (x%.2f) %6.2f (x%.2f)\n",
                n ? "all tracers but one are its tags" : "half of the cells are zero", t[0].part[BS_PART_STEP].min,
                t[0].part[BS_PART_STEP].min / even[0].part[BS_PART_STEP].min, t[1].part[BS_PART_STEP].min,
                t[1].part[BS_PART_STEP].min / even[1].part[BS_PART_STEP].min);
    }
    for (int n = 0; n < r->n_scalings; n++) {
        const bs_bench_scaling *s = &r->scaling[n];
        fprintf(out, "  %4d x %4d x %2d, %3d tracers            ", s->size.nx, s->size.nx, s->size.nz,
                s->size.n_tracers);
        if (s->skipped)
            fprintf(out, "no memory for it\n");
        else
            fprintf(out, "%6.2f         %6.2f\n", s->threads[0].part[BS_PART_STEP].min,
                    s->threads[1].part[BS_PART_STEP].min);
    }
}

void bs_bench_print_tables(const bs_bench_results *r, FILE *out)
{
    table_machine(r, out);
    fprintf(out,
            "ns per cell and tracer, least of %d pairs of steps (share of the nearer limit); %d x %d x %d cells, %d "
            "tracers;\nlargest Courant numbers %.2f, %.2f, %.2f\n\n",
            r->pairs, r->size.nx, r->size.nx, r->size.nz, r->size.n_tracers, r->courant[0], r->courant[1],
            r->courant[2]);
    table_schemes(r, 0, out);
    table_schemes(r, 1, out);
    table_limits(r, out);
    table_rest(r, out);
}
