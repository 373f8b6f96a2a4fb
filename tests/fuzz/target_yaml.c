/* Case files: read, asked for every option, dumped and read again. Lines "#set a.b=c" at the beginning are --set. */
#include "fuzz.h"

#include <math.h>

enum { SETS_MAX = 8, PATH = 512 }; /* paths of rows are much shorter */

static void ask_one(const bs_config *c, const bs_option *o, const char *path)
{
    const int n =
        o->type == BS_OPT_FILES || o->type == BS_OPT_REALS || o->type == BS_OPT_TEXTS ? bs_config_count(c, path) : 0;
    FUZZ_CHECK(*bs_config_where(c, path), "%s is nowhere", path);
    switch (o->type) {
    case BS_OPT_INT:
        if (bs_config_has(c, path))
            FUZZ_CHECK(bs_config_int(c, path) >= (long)o->min && bs_config_int(c, path) <= (long)o->max, "%s", path);
        break;
    case BS_OPT_REAL:
        if (bs_config_has(c, path))
            FUZZ_CHECK(bs_config_real(c, path) >= o->min && bs_config_real(c, path) <= o->max, "%s", path);
        break;
    case BS_OPT_BOOL:
        (void)bs_config_bool(c, path);
        break;
    case BS_OPT_TIME:
        (void)bs_config_time(c, path);
        break;
    case BS_OPT_CHOICE:
        FUZZ_CHECK((bs_config_choice(c, path) >= 0) == bs_config_has(c, path), "%s", path);
        break;
    case BS_OPT_TEXT:
    case BS_OPT_FILE:
        FUZZ_CHECK((bs_config_text(c, path) != NULL) == bs_config_has(c, path), "%s", path);
        break;
    default:
        break;
    }
    for (int k = 0; k < n; k++) {
        if (o->type == BS_OPT_REALS) {
            FUZZ_CHECK(isfinite(bs_config_real_at(c, path, k)), "%s[%d]", path, k);
        } else {
            FUZZ_CHECK(bs_config_text_at(c, path, k), "%s[%d]", path, k);
        }
    }
}

/* Every value of a row, whose path has "[]" or "{}" where entries of lists and maps come in; path: what has been filled in so far. */
static void ask(const bs_config *c, const bs_option *o, const char *rest, const char *path)
{
    const char *at = strpbrk(rest, "[{");
    char list[PATH], next[PATH];
    if (!at) {
        snprintf(list, sizeof list, "%.200s%.200s", path, rest);
        ask_one(c, o, list);
        return;
    }
    snprintf(list, sizeof list, "%.200s%.*s", path, (int)(at - rest), rest);
    for (int k = 0; k < bs_config_count(c, list) && k < 50; k++) {
        snprintf(next, sizeof next, "%.400s[%d]", list, k);
        ask(c, o, at + 2, next);
    }
}

static void check_dump(const bs_config *c, bs_err *err)
{
    bs_config *again = NULL;
    char *first = bs_config_dump(c), *second = NULL;
    FUZZ_CHECK(first, "no memory");
    const char *file = fuzz_write("dump.yaml", first, strlen(first));
    FUZZ_CHECK(bs_config_read_kept(file, 0, NULL, &again, err) == BS_OK, "the dump is refused: %s\n%s", err->text,
               first);
    second = bs_config_dump(again);
    FUZZ_CHECK(second && strcmp(first, second) == 0, "the dump of the dump is another\n%s\n---\n%s", first, second);
    free(first);
    free(second);
    bs_config_destroy(again);
}

static int find_sets(char *text, char *set[SETS_MAX])
{
    int n = 0;
    for (char *line = text; n < SETS_MAX && strncmp(line, "#set ", 5) == 0;) {
        char *end = strchr(line, '\n');
        set[n++] = line + 5;
        if (!end) break;
        *end = '\0';
        line = end + 1;
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bs_err err;
    char *set[SETS_MAX];
    bs_config *config = NULL, *strict = NULL;
    char *text = malloc(size + 1);
    FUZZ_CHECK(text, "no memory");
    if (size) memcpy(text, data, size);
    text[size] = '\0';
    const char *file = fuzz_write("case.yaml", data, size);
    const int n = find_sets(text, set);
    err.text[0] = '\0';
    if (fuzz_judge(bs_config_read_kept(file, n, (const char *const *)set, &config, &err), &err)) {
        int rows;
        const bs_option *o = bs_options(&rows);
        for (int r = 0; r < rows; r++) ask(config, &o[r], o[r].path, "");
        check_dump(config, &err);
    } else {
        FUZZ_CHECK(!config, "an error and a configuration");
    }
    /* Patterns may reach far over the machine's own files. */
    if (!memchr(data, '*', size) && !memchr(data, '?', size)) {
        bs_status st = bs_config_read(fuzz_path("case.yaml"), n, (const char *const *)set, &strict, &err);
        if (fuzz_judge(st, &err)) FUZZ_CHECK(config, "the strict reader takes what the lenient one refuses");
    }
    bs_config_destroy(config);
    bs_config_destroy(strict);
    free(text);
    return 0;
}
