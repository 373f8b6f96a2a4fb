/* members.h - the finished runs in a folder: one, or those of a scenario set (DIR/base and DIR/<member>). */
#ifndef BS_MODEL_REPORT_MEMBERS_H
#define BS_MODEL_REPORT_MEMBERS_H

#include "kernels/base/status.h"

typedef struct bs_member {
    char *name; /* of its folder: "base"; "run" of a run alone */
    char *dir;
} bs_member;

typedef struct bs_members {
    int n;
    bs_member *member; /* [n]; the base first, then by name */
} bs_members;

/* Errors: BS_ERR_INPUT (no folder, no run in it, a run that has not finished: no summary.json), BS_ERR_MEMORY, BS_ERR_IO. */
bs_status bs_members_find(const char *dir, bs_members *out, bs_err *err);
void bs_members_free(bs_members *members);

#endif
