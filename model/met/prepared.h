/* prepared.h - prepared meteorology in a file, <dir>/<key>.nc: every array of the states of a run, unrounded, and the
 * column fluxes that the mass-consistent correction takes off, so that a run from the file has the bits of a run that
 * prepares as it goes. CF netCDF-4 that a person can open. Private to model/met and its tests. */
#ifndef BS_MODEL_MET_PREPARED_H
#define BS_MODEL_MET_PREPARED_H

#include "model/met/met_private.h"

enum { BS_MET_KEY_MAX = 17, BS_MET_PATH_MAX = 4096 };

/* 16 hexadecimal digits into key: FNV-1a over all that the prepared meteorology depends on. That is the program's version
 * and the width of `real`; grid.*, terrain.*, land.*, meteorology.* (but for `prepared`), time.start and time.end; the operators'
 * rows that derive reads; provider, roughness, levels, removal classes; and of each input file name, size and time of
 * change. Errors: BS_ERR_IO for an input file that cannot be looked at. */
bs_status bs_prepared_key(const bs_provider *provider, const bs_met_context *context, const bs_tracers *tracers,
                          char *key, bs_err *err);

/* "<dir>/<key><ending>" into path[BS_MET_PATH_MAX]. Errors: BS_ERR_INPUT for a name that is too long. */
bs_status bs_prepared_path(const char *dir, const char *key, const char *ending, char *path, bs_err *err);

/* Makes the file `lock`, with who made it. Errors: BS_ERR_RUN where it is there, with the words in it; BS_ERR_IO. */
bs_status bs_prepared_lock(const char *lock, bs_err *err);

/* ---- reading ---- */

typedef struct bs_prepared bs_prepared;

/* true when <dir>/<key>.nc is there. */
bool bs_prepared_exists(const char *dir, const char *key);

/* Errors: BS_ERR_INPUT for a file that is damaged, of another shape, or does not have the run's times. */
bs_status bs_prepared_open(const char *dir, const char *key, const bs_met_context *context, const bs_tracers *tracers,
                           const bs_met_times *times, bs_prepared **out, bs_err *err);
void bs_prepared_close(bs_prepared *p); /* NULL is fine */
bs_status bs_prepared_read_state(bs_prepared *p, int n, bs_met_state *state, bs_err *err);
bs_status bs_prepared_read_correction(bs_prepared *p, int interval, bs_corrector *corrector, bs_err *err);

/* n-th assumption made when the file was prepared, or NULL past the last. Valid until close. */
const char *bs_prepared_assumed(const bs_prepared *p, int n);
const char *bs_prepared_file(const bs_prepared *p);

#endif
