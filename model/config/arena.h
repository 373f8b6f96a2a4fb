/* arena.h - memory that is given back all at once: the trees and strings of one configuration or table. */
#ifndef BS_MODEL_CONFIG_ARENA_H
#define BS_MODEL_CONFIG_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "kernels/base/status.h"

typedef struct bs_arena {
    struct bs_arena_block *block;
} bs_arena; /* zero-initialised: empty */

/* Zeroed memory, aligned for any object; NULL when there is none left. */
void *bs_arena_alloc(bs_arena *arena, size_t size);

/* A copy of n characters of text (NUL added), and a formatted text; NULL when out of memory. */
char *bs_arena_copy(bs_arena *arena, const char *text, size_t n);
char *bs_arena_format(bs_arena *arena, const char *format, ...) BS_PRINTF(2, 3);

/* Gives everything back; the arena is empty again. */
void bs_arena_free(bs_arena *arena);

#endif
