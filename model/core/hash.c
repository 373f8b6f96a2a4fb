#include "model/core/hash.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

uint64_t bs_hash_add(uint64_t hash, const void *bytes, size_t n)
{
    const unsigned char *b = bytes;
    for (size_t i = 0; i < n; i++) hash = (hash ^ b[i]) * UINT64_C(0x100000001b3);
    return hash;
}

bs_status bs_hash_file(const char *file, uint64_t *hash, uint64_t *size, bs_err *err)
{
    unsigned char buffer[16384];
    size_t n;
    FILE *stream = fopen(file, "rb");
    if (!stream) return bs_fail(err, BS_ERR_IO, "%s: cannot be opened: %s", file, strerror(errno));
    *hash = BS_HASH_EMPTY;
    *size = 0;
    while ((n = fread(buffer, 1, sizeof buffer, stream)) > 0) {
        *hash = bs_hash_add(*hash, buffer, n);
        *size += n;
    }
    int code = ferror(stream) ? errno : 0;
    fclose(stream);
    return code ? bs_fail(err, BS_ERR_IO, "%s: cannot be read: %s", file, strerror(code)) : BS_OK;
}
