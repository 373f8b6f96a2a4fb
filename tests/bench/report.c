/* What was measured, as JSON or as a table. */
#include <math.h>

#include "kernels/base/real.h"
#include "model/io/json.h"
#include "tests/bench/bench.h"

static const char *isa_of(const bench_label *l)
{
    return l->chosen ? bs_isa_name(l->isa) : "its own";
}

static double unless_zero(double value) /* NaN is printed as null */
{
    return value > 0 ? value : NAN;
}

/* ---- JSON ---- */

static void json_machine(bs_json *j, const bench *b, const bench_machine *m)
{
    bs_json_open(j, "machine", '{');
    bs_json_text(j, "cpu", m->cpu);
    bs_json_text(j, "isa", bs_isa_name(bs_isa_best()));
    bs_json_open(j, "fma_gflops", '{');
    for (int isa = 0; isa <= (int)bs_isa_best(); isa++) bs_json_number(j, bs_isa_name((bs_isa)isa), m->fma_gflops[isa]);
    bs_json_close(j, '}');
    bs_json_integer(j, "out_of_cache_mib", (long long)(b->ring_bytes >> 20));
    bs_json_number(j, "load_before", m->load[0] < 0 ? NAN : m->load[0]);
    bs_json_number(j, "load_after", m->load[1] < 0 ? NAN : m->load[1]);
    bs_json_close(j, '}');
}

static void json_row(bs_json *j, const bench_row *row)
{
    static const char *const PLACES[] = {"in_cache", "out_of_cache"};
    const bench_label *l = &row->label;
    bs_json_open(j, NULL, '{');
    bs_json_text(j, "kernel", l->kernel);
    bs_json_text(j, "variant", l->variant);
    bs_json_integer(j, "length", l->length);
    bs_json_number(j, "courant", l->courant);
    bs_json_text(j, "isa", isa_of(l));
    bs_json_text(j, "per", l->per);
    bs_json_number(j, "flops", unless_zero(l->flops));
    for (int place = 0; place < BENCH_PLACES; place++) {
        bs_json_open(j, PLACES[place], '{');
        bs_json_number(j, "ns", row->time[place].least);
        bs_json_number(j, "median_ns", row->time[place].median);
        bs_json_number(j, "fma_gflops", row->time[place].fma_gflops);
        bs_json_number(j, "share_of_fma", unless_zero(bench_share(row, place)));
        bs_json_close(j, '}');
    }
    bs_json_close(j, '}');
}

void bench_print_json(const bench *b, const bench_machine *m, FILE *out)
{
    bs_json j = {.stream = out, .first = true};
    bs_json_open(&j, NULL, '{');
    bs_json_text(&j, "version", m->version);
    bs_json_text(&j, "precision", BS_REAL_NAME);
    json_machine(&j, b, m);
    bs_json_open(&j, "kernels", '[');
    for (int r = 0; r < b->n_rows; r++) json_row(&j, &b->rows[r]);
    bs_json_close(&j, ']');
    bs_json_close(&j, '}');
}

/* ---- table ---- */

static void table_head(const bench *b, const bench_machine *m, FILE *out)
{
    fprintf(out, "%s, %s\n%s; one thread; load %.2f before, %.2f after\n%s FMA, GFLOP/s:", m->version, BS_REAL_NAME,
            m->cpu, m->load[0], m->load[1], BS_REAL_NAME);
    for (int isa = (int)bs_isa_best(); isa >= 0; isa--)
        fprintf(out, " %s %.1f%s", bs_isa_name((bs_isa)isa), m->fma_gflops[isa], isa > 0 ? "," : "\n\n");
    fprintf(out,
            "ns, least and median; operations as a share of the FMA rate between the samples; out of the cache: a ring "
            "of %zu MiB\n\n"
            "%-48s %-18s %26s %26s\n",
            b->ring_bytes >> 20, "kernel, variant, length, Courant, vectors", "per", "in the cache", "out of it");
}

static void table_row(const bench_row *row, FILE *out)
{
    const bench_label *l = &row->label;
    char length[12] = "", courant[12] = "";
    if (l->length) snprintf(length, sizeof length, "%d", l->length);
    if (l->courant > 0) snprintf(courant, sizeof courant, "%.1f", l->courant);
    fprintf(out, "%-18s %-19s %4s %3s %-7s %-18s", l->kernel, l->variant, length, courant, isa_of(l), l->per);
    for (int place = 0; place < BENCH_PLACES; place++) {
        const bench_time *t = &row->time[place];
        const double share = bench_share(row, place);
        fprintf(out, " %9.3f %9.3f", t->least, t->median);
        if (share > 0)
            fprintf(out, " %4.0f %%", 100 * share);
        else
            fprintf(out, "      -");
    }
    fprintf(out, "\n");
}

void bench_print_table(const bench *b, const bench_machine *m, FILE *out)
{
    table_head(b, m, out);
    for (int r = 0; r < b->n_rows; r++) table_row(&b->rows[r], out);
}
