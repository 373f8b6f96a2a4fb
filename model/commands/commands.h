/* commands.h - the program's commands: rows of a table, each with its own words and help. */
#ifndef BS_MODEL_COMMANDS_H
#define BS_MODEL_COMMANDS_H

#include <stdbool.h>

#include "kernels/base/status.h"

/* What stood on the command line after the command. */
typedef struct bs_arguments {
    const char *positional[4];
    int n_positional;
    const char *out;                  /* --out */
    const char *receptor, *from, *to; /* of bashu adjoint */
    const char *set[64];              /* --set a.b=c, in order */
    int n_set;
    const char *scenario;                                   /* --scenario PLAN.yaml:NAME */
    const char *estimate;                                   /* --estimate RUN */
    bool dry_run;                                           /* --dry-run */
    int threads;                                            /* --threads; 0: not given */
    int ranks;                                              /* --ranks of check; 0: not given */
    const char *edition, *phase, *observed, *targets;       /* of report */
    const char *stations, *map, *unit, *state, *stamp, *at; /* of evaluate */
    bool resume, allow_changes;                             /* --resume, --allow-changes */
    bool daily, profile, quiet, reference, fields, species, sectors, json, quick, help;
} bs_arguments;

typedef struct bs_command {
    const char *name, *synopsis, *summary;
    const char *options; /* flags it takes, as " --out --set " */
    const char *help;
    bs_status (*run)(const bs_arguments *arguments, bs_err *err);
    bool several; /* works on several ranks; then `run` is called in all of them, and prints in the first alone */
} bs_command;

const bs_command *bs_commands(int *count);

/* Reads argv[2..] for a command. Errors: BS_ERR_USAGE with what is wrong and the synopsis. */
bs_status bs_arguments_parse(const bs_command *command, int argc, char **argv, bs_arguments *out, bs_err *err);

const char *bs_version_text(void); /* "bashu 0.1.0 (commit)" */

#endif
