/* folder.h - the folder of a run: new, empty, or with nothing in it that a run writes. All ranks call these; the first does what is to be
 * done, and its errors are everybody's. */
#ifndef BS_MODEL_RUN_FOLDER_H
#define BS_MODEL_RUN_FOLDER_H

#include <stdbool.h>
#include <stdio.h>

#include "kernels/base/status.h"
#include "model/config/config.h"

typedef struct bs_run_folder {
    const char *dir; /* not owned */
    bool made;       /* by this run */
    FILE *log;       /* run.log; NULL in ranks but the first */
} bs_run_folder;

/* Makes the folder where it is not there, opens run.log in it and removes what a killed run left. resume: the log goes on, and outputs
 * that had their names already when the run was cut at its very end are removed: they are made again. Errors: BS_ERR_USAGE (the name of
 * a file; not to resume: a folder with output or checkpoints in it; one into which another run writes), BS_ERR_IO (cannot be made or
 * written). */
bs_status bs_run_folder_open(const char *dir, bool resume, bs_run_folder *folder, bs_err *err);
void bs_run_folder_close(bs_run_folder *folder);

/* Writes the resolved configuration, case.yaml. Errors: BS_ERR_IO, BS_ERR_MEMORY. */
bs_status bs_run_folder_write_case(const bs_run_folder *folder, const bs_config *config, bs_err *err);

/* After a failure: removes the output that already had its final name. Before the first step has begun (`untouched`) run.log goes, too,
 * and the folder with it if this run made it. */
void bs_run_folder_discard(bs_run_folder *folder, bool untouched);

#endif
