#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "model/commands/commands.h"
#include "model/config/config.h"

/* Flags of all commands: which field they set. */
typedef enum flag_kind { FLAG_BOOL, FLAG_TEXT, FLAG_SET, FLAG_INT } flag_kind;

typedef struct flag {
    const char *name;
    flag_kind kind;
    size_t offset;
} flag;

static const flag FLAGS[] = {
    {"--out", FLAG_TEXT, offsetof(bs_arguments, out)},
    {"--receptor", FLAG_TEXT, offsetof(bs_arguments, receptor)},
    {"--from", FLAG_TEXT, offsetof(bs_arguments, from)},
    {"--to", FLAG_TEXT, offsetof(bs_arguments, to)},
    {"--set", FLAG_SET, 0},
    {"--threads", FLAG_INT, offsetof(bs_arguments, threads)},
    {"--ranks", FLAG_INT, offsetof(bs_arguments, ranks)},
    {"--scenario", FLAG_TEXT, offsetof(bs_arguments, scenario)},
    {"--estimate", FLAG_TEXT, offsetof(bs_arguments, estimate)},
    {"--dry-run", FLAG_BOOL, offsetof(bs_arguments, dry_run)},
    {"--edition", FLAG_TEXT, offsetof(bs_arguments, edition)},
    {"--phase", FLAG_TEXT, offsetof(bs_arguments, phase)},
    {"--observed", FLAG_TEXT, offsetof(bs_arguments, observed)},
    {"--targets", FLAG_TEXT, offsetof(bs_arguments, targets)},
    {"--stations", FLAG_TEXT, offsetof(bs_arguments, stations)},
    {"--map", FLAG_TEXT, offsetof(bs_arguments, map)},
    {"--unit", FLAG_TEXT, offsetof(bs_arguments, unit)},
    {"--state", FLAG_TEXT, offsetof(bs_arguments, state)},
    {"--stamp", FLAG_TEXT, offsetof(bs_arguments, stamp)},
    {"--daily", FLAG_BOOL, offsetof(bs_arguments, daily)},
    {"--at", FLAG_TEXT, offsetof(bs_arguments, at)},
    {"--resume", FLAG_BOOL, offsetof(bs_arguments, resume)},
    {"--allow-changes", FLAG_BOOL, offsetof(bs_arguments, allow_changes)},
    {"--profile", FLAG_BOOL, offsetof(bs_arguments, profile)},
    {"--quiet", FLAG_BOOL, offsetof(bs_arguments, quiet)},
    {"--reference", FLAG_BOOL, offsetof(bs_arguments, reference)},
    {"--fields", FLAG_BOOL, offsetof(bs_arguments, fields)},
    {"--species", FLAG_BOOL, offsetof(bs_arguments, species)},
    {"--sectors", FLAG_BOOL, offsetof(bs_arguments, sectors)},
    {"--json", FLAG_BOOL, offsetof(bs_arguments, json)},
    {"--quick", FLAG_BOOL, offsetof(bs_arguments, quick)},
    {"--help", FLAG_BOOL, offsetof(bs_arguments, help)},
};
enum { N_FLAGS = sizeof FLAGS / sizeof *FLAGS };

static bool takes(const bs_command *c, const char *name)
{
    if (strcmp(name, "--help") == 0) return true;
    const char *at = strstr(c->options, name);
    return at && at[strlen(name)] == ' ';
}

static bs_status unknown(const bs_command *c, const char *word, bs_err *err)
{
    const char *names[N_FLAGS];
    int n = 0;
    for (int f = 0; f < N_FLAGS; f++)
        if (takes(c, FLAGS[f].name)) names[n++] = FLAGS[f].name;
    const char *near = bs_nearest_word(word, n, names);
    bs_fail(err, BS_ERR_USAGE, "bashu %s: unknown option '%s'%s%s%s", c->name, word, near ? "; did you mean '" : "",
            near ? near : "", near ? "'?" : "");
    bs_err_add(err, "usage: bashu %s %s", c->name, c->synopsis);
    return BS_ERR_USAGE;
}

static bs_status set_value(const bs_command *c, const flag *f, const char *value, bs_arguments *out, bs_err *err)
{
    char *field = (char *)out + f->offset;
    if (f->kind == FLAG_SET) {
        if (out->n_set == (int)(sizeof out->set / sizeof *out->set))
            return bs_fail(err, BS_ERR_USAGE, "bashu %s: more than %d --set", c->name, out->n_set);
        out->set[out->n_set++] = value;
    } else if (f->kind == FLAG_TEXT) {
        memcpy(field, &value, sizeof value);
    } else {
        char *end;
        errno = 0;
        const long number = strtol(value, &end, 10);
        if (errno || *end || end == value || number < 1 || number > 4096)
            return bs_fail(err, BS_ERR_USAGE, "bashu %s: %s must be a whole number from 1 to 4096, found '%s'", c->name,
                           f->name, value);
        const int n = (int)number;
        memcpy(field, &n, sizeof n);
    }
    return BS_OK;
}

static bs_status read_flag(const bs_command *c, int argc, char **argv, int *at, bs_arguments *out, bs_err *err)
{
    const char *word = argv[*at], *equals = strchr(word, '=');
    const size_t length = equals ? (size_t)(equals - word) : strlen(word);
    for (int n = 0; n < N_FLAGS; n++) {
        const flag *f = &FLAGS[n];
        if (strlen(f->name) != length || strncmp(f->name, word, length) != 0 || !takes(c, f->name)) continue;
        if (f->kind == FLAG_BOOL) {
            if (equals) return bs_fail(err, BS_ERR_USAGE, "bashu %s: %s takes no value", c->name, f->name);
            *(bool *)((char *)out + f->offset) = true;
            return BS_OK;
        }
        const bool next =
            *at + 1 < argc && strncmp(argv[*at + 1], "--", 2) != 0; /* --out=--x says it where it is meant */
        const char *value = equals ? equals + 1 : next ? argv[++*at] : NULL;
        if (!value || !*value) return bs_fail(err, BS_ERR_USAGE, "bashu %s: %s needs a value", c->name, f->name);
        return set_value(c, f, value, out, err);
    }
    return unknown(c, word, err);
}

bs_status bs_arguments_parse(const bs_command *c, int argc, char **argv, bs_arguments *out, bs_err *err)
{
    *out = (bs_arguments){0};
    for (int at = 0; at < argc; at++) {
        if (strcmp(argv[at], "-h") == 0) {
            out->help = true;
        } else if (argv[at][0] == '-' && argv[at][1]) {
            BS_TRY(read_flag(c, argc, argv, &at, out, err));
        } else if (out->n_positional < (int)(sizeof out->positional / sizeof *out->positional)) {
            out->positional[out->n_positional++] = argv[at];
        } else {
            return bs_fail(err, BS_ERR_USAGE, "bashu %s: too many words\nusage: bashu %s %s", c->name, c->name,
                           c->synopsis);
        }
    }
    return BS_OK;
}
