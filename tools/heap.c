// Blocks of arenas by malloc and free.
#include "tools/heap.h"

#include <stdlib.h>

static void *take_block(void *self, size_t bytes) {
    (void)self;
    return malloc(bytes);
}

static void give_block(void *self, void *block) {
    (void)self;
    free(block);
}

const struct allocator heap = {take_block, give_block, NULL};
