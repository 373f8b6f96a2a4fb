#include "model/run/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "model/io/aside.h"
#include "model/parallel/ranks.h"
#include "model/run/keeping.h"

enum { PATH_TEXT = 4096 };

static const char *const OUTPUT[] = {"surface.nc",
                                     "daily.nc",
                                     "deposition.nc",
                                     "fields3d.nc",
                                     "cities.csv",
                                     "cities.nc",
                                     "cities_daily.csv",
                                     "cities_period.csv",
                                     "source_receptor.nc",
                                     "source_receptor_daily.csv",
                                     "source_receptor_period.csv",
                                     "shares.csv",
                                     "corridors.nc",
                                     "corridors.csv",
                                     "corridors_budget.csv",
                                     "adjoint.nc",
                                     "adjoint_contributions.csv",
                                     "emissions_audit.csv",
                                     "case.yaml",
                                     "summary.json"};
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

static void remove_output(const char *dir)
{
    char path[PATH_TEXT];
    for (int n = 0; n < N_OUTPUT; n++) unlink(path_of(dir, OUTPUT[n], path));
}

static bs_status refuse_checkpoints(const char *dir, bs_err *err)
{
    if (!bs_keeping_there(dir)) return BS_OK;
    return bs_fail(
        err, BS_ERR_USAGE,
        "%s: holds the checkpoints of a run that was cut; go on with it by --resume, name another folder with "
        "--out, or remove %s/checkpoint",
        dir, dir);
}

/* Opens run.log and locks it, so that two runs never write into one folder. Systems without locks go without. */
static bs_status open_log(const char *dir, bool resume, FILE **log, bs_err *err)
{
    char path[PATH_TEXT];
    const int file = open(path_of(dir, "run.log", path), O_WRONLY | O_CREAT, 0666);
    if (file < 0) return bs_fail(err, BS_ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(file, F_SETLK, &whole) != 0 && (errno == EACCES || errno == EAGAIN)) {
        close(file);
        return bs_fail(err, BS_ERR_USAGE, "%s: another run is writing into this folder; name another with --out", dir);
    }
    const bool ready = resume ? lseek(file, 0, SEEK_END) >= 0 : ftruncate(file, 0) == 0;
    *log = ready ? fdopen(file, "w") : NULL;
    if (*log) return BS_OK;
    bs_fail(err, BS_ERR_IO, "%s: cannot be written: %s", path, strerror(errno));
    close(file);
    return BS_ERR_IO;
}

/* What a run that was killed left. */
static void remove_parts(const char *dir)
{
    char path[PATH_TEXT], part[PATH_TEXT + sizeof ".part"];
    for (int n = 0; n < N_OUTPUT; n++) {
        snprintf(part, sizeof part, "%s.part", path_of(dir, OUTPUT[n], path));
        unlink(part);
    }
}

static bs_status open_folder(const char *dir, bool resume, bs_run_folder *folder, bs_err *err)
{
    BS_TRY(make(dir, &folder->made, err));
    if (!resume) {
        BS_TRY(refuse_output(dir, err));
        BS_TRY(refuse_checkpoints(dir, err));
    }
    bs_status st = open_log(dir, resume, &folder->log, err);
    if (st != BS_OK && folder->made) rmdir(dir);
    if (st != BS_OK) return st;
    remove_parts(dir);
    if (resume) remove_output(dir);
    return BS_OK;
}

bs_status bs_run_folder_open(const char *dir, bool resume, bs_run_folder *folder, bs_err *err)
{
    enum { LONGEST_NAME = 64 };
    *folder = (bs_run_folder){.dir = dir};
    bs_status st = BS_OK;
    if (!*dir || strlen(dir) > PATH_TEXT - LONGEST_NAME)
        st = bs_fail(err, BS_ERR_USAGE, "--out must name a folder in at most %d characters", PATH_TEXT - LONGEST_NAME);
    else if (bs_ranks_first())
        st = open_folder(dir, resume, folder, err);
    return bs_ranks_agree(st, err);
}

void bs_run_folder_close(bs_run_folder *folder)
{
    if (folder->log) fclose(folder->log);
    folder->log = NULL;
}

static bs_status write_case(const bs_run_folder *folder, const bs_config *config, bs_err *err)
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

bs_status bs_run_folder_write_case(const bs_run_folder *folder, const bs_config *config, bs_err *err)
{
    return bs_ranks_agree(bs_ranks_first() ? write_case(folder, config, err) : BS_OK, err);
}

void bs_run_folder_discard(bs_run_folder *folder, bool untouched)
{
    char path[PATH_TEXT];
    if (!bs_ranks_first()) return;
    remove_output(folder->dir);
    if (!untouched) return;
    bs_run_folder_close(folder);
    unlink(path_of(folder->dir, "run.log", path));
    if (folder->made) rmdir(folder->dir);
}
