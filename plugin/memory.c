// Blocks from the module's heap; one arena at a time serves the host.
#include "plugin/memory.h"

#include "plugin/blocks.h"

// The host allocates in the middle of its own calls and names no context: hence the module's state.
static struct arena *serving;
static bool failing;

static void *take_block(void *self, size_t bytes) {
    (void)self;
    return failing ? NULL : blocks_take(bytes);
}

static void give_block(void *self, void *block) {
    (void)self;
    blocks_give(block);
}

const struct allocator memory_allocator = {take_block, give_block, NULL};

void memory_serve(struct arena *arena) {
    serving = arena;
}

void *memory_for_host(size_t bytes) {
    return serving == NULL ? NULL : arena_take_raw(serving, bytes);
}

void memory_fail(bool fail) {
    failing = fail;
}
