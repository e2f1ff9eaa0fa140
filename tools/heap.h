// The tool's allocator of arenas: malloc.
#ifndef WEIR_TOOLS_HEAP_H
#define WEIR_TOOLS_HEAP_H

#include "engine/base/arena.h"

extern const struct allocator heap;

// Bytes of an ordinary block of the tool's arenas.
enum { HEAP_BLOCK = 64 << 10 };

#endif
