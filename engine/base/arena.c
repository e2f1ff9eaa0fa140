// Blocks in a list, the newest first; pieces are cut from the newest.
#include "engine/base/arena.h"

struct arena_block {
    struct arena_block *older;
    size_t bytes; // with this header
};

enum { ALIGNMENT = 8, HEADER = (sizeof(struct arena_block) + ALIGNMENT - 1) & ~(ALIGNMENT - 1u) };

void arena_init(struct arena *arena, const struct allocator *source, size_t block_bytes,
                size_t limit) {
    *arena = (struct arena){.source = source, .block_bytes = block_bytes, .limit = limit};
}

static void *arena_refuse(struct arena *arena) {
    arena->failed = true;
    return NULL;
}

static void arena_enter(struct arena *arena, struct arena_block *block) {
    arena->newest = block;
    arena->next = (char *)block + HEADER;
    arena->end = (char *)block + block->bytes;
}

static bool arena_grow(struct arena *arena, size_t bytes) {
    size_t wanted = bytes + HEADER > arena->block_bytes ? bytes + HEADER : arena->block_bytes;
    if (wanted > arena->limit - arena->held) return false;
    struct arena_block *block = arena->source->take(arena->source->self, wanted);
    if (block == NULL) return false;
    *block = (struct arena_block){.older = arena->newest, .bytes = wanted};
    arena->held += wanted;
    arena_enter(arena, block);
    return true;
}

void *arena_take_raw(struct arena *arena, size_t bytes) {
    // No block could hold that; it would overflow below where the limit is SIZE_MAX.
    if (bytes > arena->limit || bytes > PTRDIFF_MAX) return arena_refuse(arena);
    size_t rounded = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    bool fits = arena->newest != NULL && rounded <= (size_t)(arena->end - arena->next);
    if (!fits && !arena_grow(arena, rounded)) return arena_refuse(arena);
    void *piece = arena->next;
    arena->next += rounded;
    return piece;
}

void *arena_take(struct arena *arena, size_t bytes) {
    void *piece = arena_take_raw(arena, bytes);
    if (piece != NULL) memset(piece, 0, bytes);
    return piece;
}

void *arena_array(struct arena *arena, size_t count, size_t bytes) {
    if (bytes != 0 && count > arena->limit / bytes) return arena_refuse(arena);
    return arena_take(arena, count * bytes);
}

void *arena_raw_array(struct arena *arena, size_t count, size_t bytes) {
    if (bytes != 0 && count > arena->limit / bytes) return arena_refuse(arena);
    return arena_take_raw(arena, count * bytes);
}

slice arena_copy(struct arena *arena, slice text) {
    char *copy = arena_take_raw(arena, (size_t)text.length + 1);
    if (copy == NULL) return (slice){NULL, 0};
    if (text.length > 0) memcpy(copy, text.at, text.length);
    copy[text.length] = '\0';
    return (slice){copy, text.length};
}

static void arena_give(struct arena *arena, struct arena_block *block) {
    arena->held -= block->bytes;
    arena->source->give(arena->source->self, block);
}

void arena_reset(struct arena *arena) {
    arena->failed = false;
    struct arena_block *kept = NULL;
    for (struct arena_block *block = arena->newest, *older; block != NULL; block = older) {
        older = block->older;
        if (kept == NULL && block->bytes == arena->block_bytes) {
            kept = block;
        } else {
            arena_give(arena, block);
        }
    }
    arena->newest = NULL;
    arena->next = arena->end = NULL;
    if (kept == NULL) return;
    kept->older = NULL;
    arena_enter(arena, kept);
}

void arena_drop(struct arena *arena, struct arena_mark mark) {
    while (arena->newest != mark.newest) {
        struct arena_block *older = arena->newest->older;
        arena_give(arena, arena->newest);
        arena->newest = older;
    }
    arena->end = mark.newest == NULL ? NULL : (char *)mark.newest + mark.newest->bytes;
}

void arena_free(struct arena *arena) {
    for (struct arena_block *block = arena->newest, *older; block != NULL; block = older) {
        older = block->older;
        arena_give(arena, block);
    }
    arena->newest = NULL;
    arena->next = arena->end = NULL;
    arena->failed = false;
}
