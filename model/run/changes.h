/* changes.h - what differs between two texts of lines "key: value" (bs_config_flat). */
#ifndef BS_MODEL_RUN_CHANGES_H
#define BS_MODEL_RUN_CHANGES_H

#include "kernels/base/status.h"

/* Calls found(self, key, before, after) for each key whose value differs, in the order of the texts, keys that are only in the second last;
 * "" stands for none. A key or value beyond 1 KiB is cut. */
typedef void (*bs_change_found)(void *self, const char *key, const char *before, const char *after);
void bs_changes_find(const char *before, const char *after, bs_change_found found, void *self);

#endif
