// Memory by arena: taken piece by piece, given back as a whole by whoever made the arena.
// A piece that cannot be had is NULL, and the arena stays `failed` until it is reset.
#ifndef WEIR_BASE_ARENA_H
#define WEIR_BASE_ARENA_H

#include <stddef.h>

#include "engine/base/slice.h"

// Where arenas get their blocks. `take` may return NULL; blocks are aligned for any type.
struct allocator {
    void *(*take)(void *self, size_t bytes);
    void (*give)(void *self, void *block);
    void *self;
};

struct arena_block;

struct arena {
    const struct allocator *source;
    struct arena_block *newest;
    char *next; // the free part of the newest block
    char *end;
    size_t block_bytes; // size of an ordinary block
    size_t held;        // bytes of all blocks
    size_t limit;       // `held` never exceeds it
    bool failed;        // a piece was refused since the last reset
};

// Holds nothing until the first take.
void arena_init(struct arena *arena, const struct allocator *source, size_t block_bytes,
                size_t limit);

// `bytes` zeroed bytes, aligned to 8; NULL when the source or the limit refuses.
void *arena_take(struct arena *arena, size_t bytes);

// As arena_take, not zeroed: for buffers that are written at once. Bytes up to the next multiple
// of 8 belong to the piece, too.
void *arena_take_raw(struct arena *arena, size_t bytes);

// `count` times `bytes`, refused on overflow.
void *arena_array(struct arena *arena, size_t count, size_t bytes);

// The same, not zeroed.
void *arena_raw_array(struct arena *arena, size_t count, size_t bytes);

// Where the next raw piece of at most *bytes bytes will be. What is not known in length before may
// be written there and then be taken: the piece holds it.
static inline void *arena_room(const struct arena *arena, size_t *bytes) {
    *bytes = (size_t)(arena->end - arena->next) & ~(size_t)7;
    return arena->next;
}

// A copy followed by a NUL (not counted); {NULL, 0} when refused.
slice arena_copy(struct arena *arena, slice text);

// Everything taken becomes invalid; one ordinary block is kept so that the next life allocates
// nothing.
void arena_reset(struct arena *arena);

// Where an arena stands, to go back to: what was taken since becomes invalid.
struct arena_mark {
    struct arena_block *newest;
    char *next;
};

static inline struct arena_mark arena_mark(const struct arena *arena) {
    return (struct arena_mark){arena->newest, arena->next};
}

// Gives the blocks that came since back.
void arena_drop(struct arena *arena, struct arena_mark mark);

static inline void arena_rewind(struct arena *arena, struct arena_mark mark) {
    if (arena->newest != mark.newest) arena_drop(arena, mark);
    arena->next = mark.next;
}

// Gives every block back.
void arena_free(struct arena *arena);

#endif
