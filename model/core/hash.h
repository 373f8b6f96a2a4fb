/* hash.h - a 64-bit fingerprint of bytes: FNV-1a, for telling whether a file is the one a run read. Not cryptographic.
 * Source  Fowler, Noll and Vo (draft-eastlake-fnv): offset basis 0xcbf29ce484222325, prime 0x100000001b3. */
#ifndef BS_MODEL_CORE_HASH_H
#define BS_MODEL_CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "kernels/base/status.h"

/* The hash of no bytes, and the hash with n more bytes: the pieces in which bytes come do not matter. */
#define BS_HASH_EMPTY UINT64_C(0xcbf29ce484222325)
uint64_t bs_hash_add(uint64_t hash, const void *bytes, size_t n);

/* Hash and size of a file's contents. Errors: BS_ERR_IO, naming the file. */
bs_status bs_hash_file(const char *file, uint64_t *hash, uint64_t *size, bs_err *err);

#endif
