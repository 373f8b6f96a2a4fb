#include "model/run/inputs.h"

#include <stdio.h>
#include <string.h>

#include "model/core/hash.h"
#include "model/core/memory.h"
#include "model/parallel/ranks.h"

enum { PATH_TEXT = 256 };

/* What is done with the files of one option; with `out->file` NULL they are only counted. */
static void add(const bs_config *config, bs_option_type type, const char *path, bs_inputs *out)
{
    if (!bs_config_has(config, path)) return;
    const int n = type == BS_OPT_FILE ? 1 : bs_config_count(config, path);
    for (int k = 0; k < n; k++, out->n++)
        if (out->file)
            out->file[out->n].file =
                type == BS_OPT_FILE ? bs_config_text(config, path) : bs_config_text_at(config, path, k);
}

static void go_through(const bs_config *config, bs_inputs *out)
{
    int n_options;
    const bs_option *option = bs_options(&n_options);
    out->n = 0;
    for (int o = 0; o < n_options; o++) {
        if (option[o].type != BS_OPT_FILE && option[o].type != BS_OPT_FILES) continue;
        const char *list = strstr(option[o].path, "[]");
        if (!list) {
            add(config, option[o].type, option[o].path, out);
            continue;
        }
        char of[PATH_TEXT], path[2 * PATH_TEXT + 16];
        snprintf(of, sizeof of, "%.*s", (int)(list - option[o].path), option[o].path);
        for (int k = 0; k < bs_config_count(config, of); k++) {
            snprintf(path, sizeof path, "%s[%d]%s", of, k, list + 2);
            add(config, option[o].type, path, out);
        }
    }
}

static bs_status list(const bs_config *config, bs_inputs *out, bs_err *err)
{
    go_through(config, out);
    BS_TRY(BS_NEW(&out->file, out->n, "inputs", err));
    go_through(config, out);
    return BS_OK;
}

bs_status bs_inputs_read(const bs_config *config, bs_inputs *out, bs_err *err)
{
    *out = (bs_inputs){0};
    bs_status st = list(config, out, err);
    for (int k = 0; k < out->n && st == BS_OK && bs_ranks_first(); k++)
        st = bs_hash_file(out->file[k].file, &out->file[k].hash, &out->file[k].bytes, err);
    BS_TRY(bs_ranks_agree(st, err));
    for (int k = 0; k < out->n; k++) {
        bs_ranks_share(0, &out->file[k].hash, sizeof out->file[k].hash);
        bs_ranks_share(0, &out->file[k].bytes, sizeof out->file[k].bytes);
    }
    return BS_OK;
}

void bs_inputs_free(bs_inputs *inputs)
{
    bs_free(inputs->file);
    *inputs = (bs_inputs){0};
}
