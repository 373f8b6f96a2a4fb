#include "model/config/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 65536 };

struct bs_arena_block {
    struct bs_arena_block *next;
    size_t used, size;
    max_align_t data[];
};

void *bs_arena_alloc(bs_arena *arena, size_t size)
{
    const size_t align = sizeof(max_align_t);
    if (size > (size_t)-1 / 2) return NULL;
    size = (size + align - 1) / align * align;
    struct bs_arena_block *block = arena->block;
    if (!block || block->size - block->used < size) {
        size_t wanted = size > BLOCK_SIZE ? size : BLOCK_SIZE;
        block = calloc(1, sizeof *block + wanted);
        if (!block) return NULL;
        block->size = wanted;
        block->next = arena->block;
        arena->block = block;
    }
    void *p = (char *)block->data + block->used;
    block->used += size;
    return p;
}

char *bs_arena_copy(bs_arena *arena, const char *text, size_t n)
{
    char *copy = bs_arena_alloc(arena, n + 1);
    if (copy && n) memcpy(copy, text, n);
    return copy;
}

char *bs_arena_format(bs_arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    char *text = n < 0 ? NULL : bs_arena_alloc(arena, (size_t)n + 1);
    if (text) vsnprintf(text, (size_t)n + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

void bs_arena_free(bs_arena *arena)
{
    while (arena->block) {
        struct bs_arena_block *next = arena->block->next;
        free(arena->block);
        arena->block = next;
    }
}
