#include "model/run/folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/io/aside.h"

enum { PATH_TEXT = 4096 };

static const char *const OUTPUT[] = {"surface.nc", "daily.nc",    "deposition.nc",    "fields3d.nc",
                                     "cities.csv", "cities.nc",   "cities_daily.csv", "cities_period.csv",
                                     "case.yaml",  "summary.json"};
enum { N_OUTPUT = sizeof OUTPUT / sizeof *OUTPUT };

static const char *path_of(const char *dir, const char *name, char path[PATH_TEXT])
{
    snprintf(path, PATH_TEXT, "%s/%s", dir, name);
    return path;
}

static bs_status make(const char *dir, bool *made, bs_err *err)
{
    *made = mkdir(dir, 0777) == 0;
    if (*made) return BS_OK;
    const int code = errno;
    struct stat found;
    if (code == EEXIST && stat(dir, &found) == 0) {
        if (S_ISDIR(found.st_mode)) return BS_OK;
        return bs_fail(err, BS_ERR_USAGE, "%s: is a file, not a folder; name another folder with --out", dir);
    }
    bs_fail(err, BS_ERR_IO, "%s: cannot make the folder of the run: %s", dir, strerror(code));
    if (code == ENOENT) bs_err_add(err, "the folder that is to hold it is not there; make it first: mkdir -p");
    return BS_ERR_IO;
}

static bs_status refuse_output(const char *dir, bs_err *err)
{
    char path[PATH_TEXT];
    for (int n = N_OUTPUT - 1; n >= 0; n--)
        if (access(path_of(dir, OUTPUT[n], path), F_OK) == 0)
            return bs_fail(err, BS_ERR_USAGE,
                           "%s: %s is there, and a run overwrites nothing; name another folder with --out", dir,
                           OUTPUT[n]);
    return BS_OK;
}

bs_status bs_run_folder_open(const char *dir, bs_run_folder *folder, bs_err *err)
{
    enum { LONGEST_NAME = 64 };
    if (!*dir || strlen(dir) > PATH_TEXT - LONGEST_NAME)
        return bs_fail(err, BS_ERR_USAGE, "--out must name a folder in at most %d characters",
                       PATH_TEXT - LONGEST_NAME);
    *folder = (bs_run_folder){.dir = dir};
    BS_TRY(make(dir, &folder->made, err));
    BS_TRY(refuse_output(dir, err));
    char path[PATH_TEXT];
    folder->log = fopen(path_of(dir, "run.log", path), "w");
    if (folder->log) return BS_OK;
    bs_fail(err, BS_ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
    if (folder->made) rmdir(dir);
    return BS_ERR_IO;
}

void bs_run_folder_close(bs_run_folder *folder)
{
    if (folder->log) fclose(folder->log);
    folder->log = NULL;
}

bs_status bs_run_folder_write_case(const bs_run_folder *folder, const bs_config *config, bs_err *err)
{
    char *dump = bs_config_dump(config);
    if (!dump) return bs_fail(err, BS_ERR_MEMORY, "resolved configuration: out of memory");
    bs_text_file *text = NULL;
    bs_status st = bs_text_create(folder->dir, "case.yaml", &text, err);
    if (st == BS_OK) {
        fputs(dump, text->stream);
        st = bs_text_commit(text, err);
    }
    free(dump);
    return st;
}

void bs_run_folder_discard(bs_run_folder *folder, bool untouched)
{
    char path[PATH_TEXT];
    for (int n = 0; n < N_OUTPUT; n++) unlink(path_of(folder->dir, OUTPUT[n], path));
    if (!untouched) return;
    bs_run_folder_close(folder);
    unlink(path_of(folder->dir, "run.log", path));
    if (folder->made) rmdir(folder->dir);
}
