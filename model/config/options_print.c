/* What people read about the options: configs/reference.yaml and the table of `bashu options`. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/config/schema.h"
#include "model/core/number.h"

enum { LINE_WIDTH = 110, DESCRIPTION_MAX = 400 };

/* Words of text, folded into lines that each begin with `indent` blanks and `mark`. */
static void print_folded(FILE *out, int indent, const char *mark, const char *text)
{
    size_t room = LINE_WIDTH - (size_t)indent - strlen(mark), column = 0;
    for (const char *p = text; *p;) {
        size_t n = strcspn(p, " ");
        if (column && column + 1 + n > room) {
            fprintf(out, "\n");
            column = 0;
        }
        if (column) {
            fprintf(out, " %.*s", (int)n, p);
            column += n + 1;
        } else {
            fprintf(out, "%*s%s%.*s", indent, "", mark, (int)n, p);
            column = n;
        }
        p += n;
        p += strspn(p, " ");
    }
    fprintf(out, "\n");
}

/* "integer, 4 to 100000"; "quantity in s, 1 to 3600"; "a | b | c" */
static const char *describe(const bs_option *o, char *text, size_t size)
{
    static const char *const KIND[] = {
        [BS_OPT_INT] = "integer",         [BS_OPT_REAL] = "quantity", [BS_OPT_BOOL] = "true or false",
        [BS_OPT_TEXT] = "text",           [BS_OPT_CHOICE] = "",       [BS_OPT_TIME] = "time",
        [BS_OPT_FILE] = "file",           [BS_OPT_FILES] = "files",   [BS_OPT_REALS] = "list of quantities",
        [BS_OPT_TEXTS] = "list of words", [BS_OPT_LIST] = "list",     [BS_OPT_MAP] = "mapping",
    };
    char min[BS_NUMBER_TEXT_MAX], max[BS_NUMBER_TEXT_MAX];
    bs_number_format(o->min, min);
    bs_number_format(o->max, max);
    bool bare = !*o->unit || strcmp(o->unit, "1") == 0;
    const char *kind = KIND[o->type];
    if (bare && o->type == BS_OPT_REAL) kind = "number";
    if (bare && o->type == BS_OPT_REALS) kind = "list of numbers";
    switch (o->type) {
    case BS_OPT_INT:
    case BS_OPT_REAL:
    case BS_OPT_REALS:
        snprintf(text, size, "%s%s%s, %s to %s", kind, bare ? "" : " in ", bare ? "" : o->unit, min, max);
        break;
    case BS_OPT_CHOICE: {
        size_t used = 0;
        for (const char *p = o->choices; *p && used + 4 < size; p++) {
            used += (size_t)snprintf(text + used, size - used, *p == '|' ? " | " : "%c", *p);
        }
        break;
    }
    default:
        snprintf(text, size, "%s", kind);
        break;
    }
    return text;
}

static const char *describe_fallback(const bs_option *o, char *text, size_t size)
{
    const char *unless = bs_option_unless(o);
    if (unless) snprintf(text, size, "required, unless '%s' is given", unless);
    if (bs_option_required(o)) return unless ? text : "required";
    if (!*o->fallback) return "optional";
    snprintf(text, size, "default %s", o->fallback);
    return text;
}

/* One key with the comment above it; one that has no default is commented out. */
static void print_reference_row(FILE *out, const bs_schema *s, int indent)
{
    const bs_option *o = s->option;
    char what[DESCRIPTION_MAX], fallback[DESCRIPTION_MAX], both[2 * DESCRIPTION_MAX + 8];
    snprintf(both, sizeof both, "(%s; %s)", describe(o, what, sizeof what),
             describe_fallback(o, fallback, sizeof fallback));
    print_folded(out, indent, "# ", o->help);
    print_folded(out, indent, "# ", both);
    const char *given = bs_option_default(o);
    bool optional = !bs_option_required(o) && !*given;
    fprintf(out, "%*s%s%s:", indent, "", optional ? "# " : "", s->name);
    if (*given) fprintf(out, " %s", given);
    fprintf(out, "\n");
}

/* The keys of a list's or map's entry, as a commented example one level below its name. */
static void print_example(FILE *out, const bs_schema *schema, int indent, int depth)
{
    bool list = schema->option && schema->option->type == BS_OPT_LIST;
    bool map = schema->option && schema->option->type == BS_OPT_MAP;
    if (map) fprintf(out, "%*s#   %*sKEY:\n", indent, "", 2 * depth, "");
    int inner = depth + (map || list ? 1 : 0);
    bool first = true;
    for (const bs_schema *s = schema->first; s; s = s->next) {
        char lead[64], what[DESCRIPTION_MAX], fallback[DESCRIPTION_MAX], mark[80];
        snprintf(lead, sizeof lead, "%*s%s", 2 * inner - (list && first ? 2 : 0), "", list && first ? "- " : "");
        snprintf(mark, sizeof mark, "#   %*s# ", 2 * inner, "");
        if (s->option) {
            char both[2 * DESCRIPTION_MAX + 512];
            snprintf(both, sizeof both, "%s (%s; %s)", s->option->help, describe(s->option, what, sizeof what),
                     describe_fallback(s->option, fallback, sizeof fallback));
            print_folded(out, indent, mark, both);
        }
        fprintf(out, "%*s#   %s%s:", indent, "", lead, s->name);
        if (s->option && *bs_option_default(s->option)) fprintf(out, " %s", bs_option_default(s->option));
        fprintf(out, "\n");
        if (s->first) print_example(out, s, indent, inner + 1);
        first = false;
    }
}

static void print_reference_section(FILE *out, const bs_schema *schema, int depth)
{
    for (const bs_schema *s = schema->first; s; s = s->next) {
        if (!s->option) {
            if (depth == 0) {
                fprintf(out, "\n# ");
                for (int i = 2; i < LINE_WIDTH - 1 - (int)strlen(s->name); i++) fputc('-', out);
                fprintf(out, " %s", s->name);
            }
            fprintf(out, "\n%*s%s:\n", 2 * depth, "", s->name);
            print_reference_section(out, s, depth + 1);
            continue;
        }
        fprintf(out, "\n");
        print_reference_row(out, s, 2 * depth);
        if (s->first) print_example(out, s, 2 * depth, 0);
    }
}

void bs_options_print_reference(FILE *out)
{
    bs_arena arena = {0};
    const bs_schema *root = bs_schema_build(&arena);
    fprintf(
        out,
        "# Every option of a case file. Made by `bashu options --reference`; do not edit.\n"
        "#\n"
        "# A case needs the keys marked required; the values given here are the defaults, keys without a default are\n"
        "# commented out. Quantities are written with a unit that udunits2 knows (9 km, 1.5 m s-1, 8 hours); times "
        "are\n"
        "# UTC unless an offset is given (2015-01-10T08:00:00+08:00). Relative file names start from the folder of\n"
        "# the case file; ${NAME} stands for an environment variable ($${ for the characters themselves).\n"
        "# On the command line: --set section.key=value, --set list=[a, b], --set list[0].key=value; null unsets.\n");
    if (root) print_reference_section(out, root, 0);
    bs_arena_free(&arena);
}

void bs_options_print_table(FILE *out)
{
    int n = 0, path_width = 0, what_width = 0;
    const bs_option *options = bs_options(&n);
    char what[DESCRIPTION_MAX], fallback[DESCRIPTION_MAX];
    enum { WHAT_WIDTH_MAX = 40 };
    for (int i = 0; i < n; i++) {
        int length = (int)strlen(options[i].path), described = (int)strlen(describe(&options[i], what, sizeof what));
        if (length > path_width) path_width = length;
        if (described > what_width && described <= WHAT_WIDTH_MAX) what_width = described;
    }
    for (int i = 0; i < n; i++) {
        const bs_option *o = &options[i];
        fprintf(out, "%-*s  %-*s  %s\n", path_width, o->path, what_width, describe(o, what, sizeof what),
                describe_fallback(o, fallback, sizeof fallback));
        print_folded(out, 4, "", o->help);
    }
}
