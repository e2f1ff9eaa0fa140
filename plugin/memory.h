// The module's memory: blocks for arenas, and what the host asks for while it is called.
#ifndef WEIR_PLUGIN_MEMORY_H
#define WEIR_PLUGIN_MEMORY_H

#include "engine/engine.h"

extern const struct allocator memory_allocator;

// Host calls that return bytes allocate them in this arena, until the next call of this. NULL: they
// get none.
void memory_serve(struct arena *arena);
void *memory_for_host(size_t bytes);

// Test builds (WEIR_FAULTS) only: from now on every block is refused, or none.
void memory_fail(bool fail);

#endif
