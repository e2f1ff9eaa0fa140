// The module's heap: blocks for arenas, large and few. A list of free pieces in the order of their
// addresses, joined when neighbours are free; memory comes from memory.grow and stays.
#ifndef WEIR_PLUGIN_BLOCKS_H
#define WEIR_PLUGIN_BLOCKS_H

#include <stddef.h>

// Aligned to 16; NULL when the module's memory is used up.
void *blocks_take(size_t bytes);

// `block` came from blocks_take.
void blocks_give(void *block);

#endif
