/* The program: finds the command, runs it, reports. The only place that exits. Of several ranks (model/parallel/ranks.h) the first alone
 * speaks; another one does where it fails and the others do not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/commands/commands.h"
#include "model/config/config.h"
#include "model/parallel/ranks.h"

static void print_usage(FILE *out)
{
    int n;
    const bs_command *c = bs_commands(&n);
    fprintf(out, "bashu: regional air-pollution transport\n\nusage: bashu COMMAND [ARGUMENTS]\n\n");
    for (int k = 0; k < n; k++) fprintf(out, "  %-8s  %s\n", c[k].name, c[k].summary);
    fprintf(out, "\nbashu COMMAND --help tells more. Exit status: 0 done, 1 the run failed, 2 bad input or usage,\n75 "
                 "checkpointed and left on request.\n");
}

static const bs_command *find(const char *word)
{
    int n;
    const bs_command *c = bs_commands(&n);
    for (int k = 0; k < n; k++)
        if (strcmp(c[k].name, word) == 0) return &c[k];
    return NULL;
}

static void print_unknown(const char *word)
{
    int n;
    const bs_command *c = bs_commands(&n);
    const char *names[16];
    for (int k = 0; k < n; k++) names[k] = c[k].name;
    const char *near = bs_nearest_word(word, n, names);
    fprintf(stderr, "bashu: unknown command '%s'%s%s%s\n", word, near ? "; did you mean '" : "", near ? near : "",
            near ? "'?" : "");
    print_usage(stderr);
}

/* Length of "case.yaml:12:5: " or "--set a.b=c: " at the start of a message; 0: it names no place. */
static size_t place_length(const char *text, const bs_arguments *a)
{
    for (int n = 0; n < a->n_set; n++) {
        const size_t length = strlen(a->set[n]);
        if (strncmp(text, "--set ", 6) == 0 && strncmp(text + 6, a->set[n], length) == 0 && text[6 + length] == ':')
            return 6 + length + 2;
    }
    const char *end = strstr(text, ": ");
    int line, column, used = 0;
    for (const char *c = end ? strchr(text, ':') : NULL; c && c < end; c = strchr(c + 1, ':'))
        if (sscanf(c, ":%d:%d%n", &line, &column, &used) == 2 && c + used == end) return (size_t)(end - text) + 2;
    return 0;
}

/* What a command ended with. */
typedef struct ending {
    bs_arguments arguments;
    bs_status status;
    bs_err err;
} ending;

/* Messages about the case say where it is at fault, as compilers do; the rest say who speaks. */
static void print_error(const ending *e)
{
    const char *text = e->err.text;
    const size_t place = place_length(text, &e->arguments);
    const bool told = strncmp(text + place, "error:", 6) == 0 || strncmp(text, "bashu", 5) == 0;
    if (told || strstr(text, ": error: "))
        fprintf(stderr, "%s\n", text);
    else if (place)
        fprintf(stderr, "%.*serror: %s\n", (int)place, text, text + place);
    else
        fprintf(stderr, "bashu: error: %s\n", text);
}

/* A rank other than the first that failed alone. */
static void print_error_of_rank(const void *of)
{
    const ending *e = of;
    fprintf(stderr, "rank %d: ", bs_ranks_self());
    print_error(e);
}

static bs_status refuse_ranks(const bs_command *c, bs_err *err)
{
    if (c->several || bs_ranks_count() == 1) return BS_OK;
    return bs_fail(err, BS_ERR_USAGE, "bashu %s works on one rank: start it without mpirun", c->name);
}

/* Returns the status to exit with; *told: nothing is left to be said. */
static int act(int argc, char **argv, ending *e, bool *told)
{
    const bool speaks = bs_ranks_first();
    *told = true;
    if (argc < 2) {
        if (speaks) print_usage(stderr);
        return bs_status_exit(BS_ERR_USAGE);
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0) {
        if (speaks) print_usage(stdout);
        return 0;
    }
    const bs_command *c = find(strcmp(argv[1], "--version") == 0 ? "version" : argv[1]);
    if (!c) {
        if (speaks) print_unknown(argv[1]);
        return bs_status_exit(BS_ERR_USAGE);
    }
    e->status = bs_arguments_parse(c, argc - 2, argv + 2, &e->arguments, &e->err);
    if (e->status == BS_OK && e->arguments.help) {
        if (speaks) printf("usage: bashu %s %s\n\n%s", c->name, c->synopsis, c->help);
        return 0;
    }
    if (e->status == BS_OK) e->status = refuse_ranks(c, &e->err);
    if (e->status == BS_OK) e->status = c->run(&e->arguments, &e->err);
    *told = e->status == BS_OK || speaks;
    if (e->status != BS_OK && speaks) print_error(e);
    return bs_status_exit(e->status);
}

int main(int argc, char **argv)
{
    static ending e; /* with 8 KiB of message: not on the stack */
    bool told = true;
    if (bs_ranks_start(&argc, &argv, &e.err) != BS_OK) {
        print_error(&e);
        return bs_status_exit(BS_ERR_RUN);
    }
    int status = act(argc, argv, &e, &told);
    fflush(NULL);
    /* After a write that failed, HDF5's own cleaning up at exit stumbles over the file that it could not close. */
    if (e.status == BS_ERR_IO) _Exit(bs_ranks_break(status, told ? NULL : print_error_of_rank, &e));
    return bs_ranks_leave(status, told ? NULL : print_error_of_rank, &e);
}
