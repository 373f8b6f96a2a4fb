#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "bs_version.h"
#include "model/core/hash.h"
#include "model/met/prepared.h"

/* Bump when the layout of the file changes. */
enum { FORMAT = 3 };

static void add(uint64_t *hash, const char *format, ...) BS_PRINTF(2, 3);
static void add(uint64_t *hash, const char *format, ...)
{
    char line[4096];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (n < 0) n = 0;
    *hash = bs_hash_add(*hash, line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
    *hash = bs_hash_add(*hash, "\n", 1);
}

/* A file is known by its last name, size and time of change: a case that moves with its data keeps its key. */
static bs_status add_file(uint64_t *hash, const bs_config *c, const char *path, const char *file, bs_err *err)
{
    struct stat info;
    if (stat(file, &info) != 0)
        return bs_fail(err, BS_ERR_IO, "%s: %s: %s cannot be looked at: %s", bs_config_where(c, path), path, file,
                       strerror(errno));
    const char *slash = strrchr(file, '/');
    add(hash, "%s %s %jd %jd.%09ld", path, slash ? slash + 1 : file, (intmax_t)info.st_size,
        (intmax_t)info.st_mtim.tv_sec, (long)info.st_mtim.tv_nsec);
    return BS_OK;
}

static bs_status add_value(uint64_t *hash, const bs_config *c, const char *path, bs_option_type type, bs_err *err)
{
    if (!bs_config_has(c, path)) {
        add(hash, "%s -", path);
        return BS_OK;
    }
    switch (type) {
    case BS_OPT_INT:
        add(hash, "%s %ld", path, bs_config_int(c, path));
        break;
    case BS_OPT_REAL:
        add(hash, "%s %a", path, bs_config_real(c, path));
        break;
    case BS_OPT_BOOL:
        add(hash, "%s %d", path, bs_config_bool(c, path));
        break;
    case BS_OPT_TEXT:
    case BS_OPT_CHOICE:
        add(hash, "%s %s", path, bs_config_text(c, path));
        break;
    case BS_OPT_TIME:
        add(hash, "%s %" PRId64, path, bs_config_time(c, path));
        break;
    case BS_OPT_FILE:
        return add_file(hash, c, path, bs_config_text(c, path), err);
    case BS_OPT_FILES:
        for (int n = 0; n < bs_config_count(c, path); n++)
            BS_TRY(add_file(hash, c, path, bs_config_text_at(c, path, n), err));
        break;
    case BS_OPT_REALS:
        for (int n = 0; n < bs_config_count(c, path); n++) add(hash, "%s %a", path, bs_config_real_at(c, path, n));
        break;
    case BS_OPT_TEXTS:
        for (int n = 0; n < bs_config_count(c, path); n++) add(hash, "%s %s", path, bs_config_text_at(c, path, n));
        break;
    case BS_OPT_LIST:
        add(hash, "%s %d entries", path, bs_config_count(c, path));
        break;
    case BS_OPT_MAP:
        for (int n = 0; n < bs_config_count(c, path); n++) add(hash, "%s %s", path, bs_config_key_at(c, path, n));
        break;
    }
    return BS_OK;
}

static bool matters(const char *path)
{
    static const char *const SECTION[] = {"grid.", "terrain.", "land.", "meteorology."};
    static const char *const ROW[] = {
        "time.start",
        "time.end",
        "operators.closure",
        "operators.kz_min",
        "operators.smagorinsky",
        "operators.horizontal_diffusion",
        "operators.dry_deposition",
        "operators.wet_scavenging",
    };
    if (strcmp(path, "meteorology.prepared") == 0) return false;
    for (size_t s = 0; s < sizeof SECTION / sizeof *SECTION; s++)
        if (strncmp(path, SECTION[s], strlen(SECTION[s])) == 0) return true;
    for (size_t r = 0; r < sizeof ROW / sizeof *ROW; r++)
        if (strcmp(path, ROW[r]) == 0) return true;
    return false;
}

/* A row "list[].key" or "map{}.key": of every entry. */
static bs_status add_entries(uint64_t *hash, const bs_config *c, const bs_option *o, const char *bracket, bs_err *err)
{
    char parent[256], path[512];
    snprintf(parent, sizeof parent, "%.*s", (int)(bracket - o->path), o->path);
    for (int n = 0; n < bs_config_count(c, parent); n++) {
        snprintf(path, sizeof path, "%s[%d]%s", parent, n, bracket + 2);
        BS_TRY(add_value(hash, c, path, o->type, err));
    }
    return BS_OK;
}

bs_status bs_prepared_key(const bs_provider *provider, const bs_met_context *context, const bs_tracers *tracers,
                          char *key, bs_err *err)
{
    uint64_t hash = BS_HASH_EMPTY;
    add(&hash, "bashu %s %s, format %d, %s", BS_VERSION, BS_COMMIT, FORMAT, BS_REAL_NAME);
    add(&hash, "provider %s, roughness %a", provider->name, context->roughness);
    int n_options;
    const bs_option *options = bs_options(&n_options);
    for (int o = 0; o < n_options; o++) {
        if (!matters(options[o].path)) continue;
        const char *bracket = strpbrk(options[o].path, "[{");
        BS_TRY(bracket ? add_entries(&hash, context->config, &options[o], bracket, err)
                       : add_value(&hash, context->config, options[o].path, options[o].type, err));
    }
    for (int k = 0; k <= context->levels->nz; k++)
        add(&hash, "half level %a %a", context->levels->a_half[k], context->levels->b_half[k]);
    for (int r = 0; r < tracers->n_removal; r++) {
        const bs_removal_class *c = &tracers->removal[r];
        add(&hash, "removal class %a %a %a %d", c->density, c->diameter, c->sigma, (int)c->wet);
    }
    snprintf(key, BS_MET_KEY_MAX, "%016" PRIx64, hash);
    return BS_OK;
}

bs_status bs_prepared_path(const char *dir, const char *key, const char *ending, char *path, bs_err *err)
{
    if (snprintf(path, BS_MET_PATH_MAX, "%s/%s%s", dir, key, ending) < BS_MET_PATH_MAX) return BS_OK;
    return bs_fail(err, BS_ERR_INPUT, "%s: the folder's name is too long, expected %d bytes at most", dir,
                   BS_MET_PATH_MAX - 32);
}

bool bs_prepared_exists(const char *dir, const char *key)
{
    char file[BS_MET_PATH_MAX];
    struct stat info;
    return bs_prepared_path(dir, key, ".nc", file, NULL) == BS_OK && stat(file, &info) == 0;
}
