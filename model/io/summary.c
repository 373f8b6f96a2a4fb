#include <inttypes.h>
#include <math.h>

#include "model/io/json.h"
#include "model/io/output_parts.h"

static void put_texts(bs_json *json, const char *key, int n, const char *const *text)
{
    bs_json_open(json, key, '[');
    for (int i = 0; i < n; i++) bs_json_text(json, NULL, text[i]);
    bs_json_close(json, ']');
}

static void put_correction(bs_json *json, const bs_summary *s)
{
    bs_json_open(json, "correction", '{');
    bs_json_number(json, "p99_m_s", s->correction_p99);
    bs_json_number(json, "max_m_s", s->correction_max);
    if (s->correction_worst) bs_json_text(json, "worst_time", s->correction_worst);
    if (s->correction_warning && *s->correction_warning) bs_json_text(json, "warning", s->correction_warning);
    bs_json_open(json, "by_height", '[');
    for (int b = 0; b < s->n_bands; b++) {
        const bs_summary_band *band = &s->band[b];
        if (band->layers == 0) continue;
        bs_json_open(json, NULL, '{');
        bs_json_number(json, "from_m", band->from_m);
        if (isfinite(band->to_m)) bs_json_number(json, "to_m", band->to_m);
        bs_json_integer(json, "layers", band->layers);
        bs_json_number(json, "p99_m_s", band->p99);
        bs_json_number(json, "max_m_s", band->max);
        bs_json_number(json, "source_wind_rms_m_s", band->wind);
        bs_json_close(json, '}');
    }
    bs_json_close(json, ']');
    bs_json_close(json, '}');
}

static void put_run(bs_json *json, const bs_summary *s)
{
    bs_json_text(json, "case", s->case_name);
    bs_json_text(json, "title", s->title);
    bs_json_text(json, "version", s->version);
    bs_json_text(json, "weather_label", s->weather_label);
    if (s->scenario) {
        bs_json_text(json, "scenario", s->scenario);
        bs_json_text(json, "scenario_hash", s->scenario_hash);
    }
    bs_json_text(json, "started", s->started);
    bs_json_number(json, "wall_s", s->wall_s);
    bs_json_number(json, "prepare_s", s->prepare_s);
    bs_json_number(json, "simulated_s", s->simulated_s);
    bs_json_integer(json, "steps", s->steps);
    bs_json_integer(json, "threads", s->threads);
    bs_json_integer(json, "ranks", s->ranks);
    bs_json_open(json, "tiles", '[');
    for (int axis = 0; axis < 2; axis++) bs_json_integer(json, NULL, s->tiles[axis]);
    bs_json_close(json, ']');
    bs_json_text(json, "precision", s->precision);
    bs_json_open(json, "grid", '{');
    bs_json_integer(json, "nx", s->nx);
    bs_json_integer(json, "ny", s->ny);
    bs_json_integer(json, "nz", s->nz);
    bs_json_close(json, '}');
    put_correction(json, s);
}

static void put_inputs(bs_json *json, const bs_summary *s)
{
    bs_json_open(json, "inputs", '[');
    for (int i = 0; i < s->n_inputs; i++) {
        char text[17];
        snprintf(text, sizeof text, "%016" PRIx64, s->inputs[i].hash);
        bs_json_open(json, NULL, '{');
        bs_json_text(json, "file", s->inputs[i].file);
        bs_json_integer(json, "bytes", (long long)s->inputs[i].bytes);
        bs_json_text(json, "fnv1a64", text);
        bs_json_close(json, '}');
    }
    bs_json_close(json, ']');
}

static void put_species(bs_json *json, const bs_tracers *tracers)
{
    int count;
    const bs_species *table = bs_species_table(&count);
    bs_json_open(json, "species", '[');
    for (int t = 0; t < tracers->n; t++) {
        if (tracers->row[t].role != BS_ROLE_TOTAL) continue;
        const bs_species *s = &table[tracers->row[t].species];
        bs_json_open(json, NULL, '{');
        bs_json_text(json, "name", s->name);
        bs_json_text(json, "long_name", s->long_name);
        bs_json_text(json, "output_name", s->output_name);
        bs_json_text(json, "comment", s->comment);
        bs_json_open(json, "labels", '[');
        for (int tag = 0; tag < tracers->n; tag++)
            if (tracers->row[tag].total == t && tag != t) bs_json_text(json, NULL, tracers->row[tag].label);
        bs_json_close(json, ']');
        bs_json_close(json, '}');
    }
    bs_json_close(json, ']');
}

static void put_ledger(bs_json *json, const bs_tracers *tracers, const bs_ledger *ledger)
{
    int count;
    const bs_species *table = bs_species_table(&count);
    bs_json_open(json, "ledger", '[');
    for (int t = 0; t < tracers->n; t++) {
        bs_json_open(json, NULL, '{');
        bs_json_text(json, "tracer", tracers->row[t].name);
        bs_json_text(json, "species", table[tracers->row[t].species].name);
        bs_json_text(json, "label", tracers->row[t].label);
        for (int term = 0; term < BS_L_COUNT; term++)
            bs_json_number(json, bs_ledger_term_name((bs_ledger_term)term),
                           bs_ledger_kg(ledger, t, (bs_ledger_term)term));
        bs_json_number(json, "error_kg", bs_ledger_error_kg(ledger, t));
        bs_json_number(json, "residual", bs_ledger_residual(ledger, t));
        bs_json_close(json, '}');
    }
    bs_json_close(json, ']');
}

bs_status bs_summary_write(const char *dir, const bs_summary *s, const bs_tracers *tracers, const bs_ledger *ledger,
                           bs_err *err)
{
    bs_text_file *text;
    BS_TRY(bs_out_text_create(dir, "summary.json", &text, err));
    bs_json json = {.stream = text->stream};
    bs_json_open(&json, NULL, '{');
    put_run(&json, s);
    put_texts(&json, "assumed", s->n_assumed, s->assumed);
    if (s->put_emissions) s->put_emissions(&json, "emissions", s->emissions);
    put_inputs(&json, s);
    put_texts(&json, "operators", s->n_operators, s->operators);
    bs_json_number(&json, "min_total_ug_kg", s->min_total);
    bs_json_number(&json, "negative_tag_kg", s->negative_tag_kg);
    bs_json_number(&json, "negative_total_kg", s->negative_total_kg);
    put_species(&json, tracers);
    put_ledger(&json, tracers, ledger);
    bs_json_close(&json, '}');
    return bs_out_text_commit(text, err);
}
