// The entries of a map in the order of their keys.
#ifndef WEIR_LIB_KEYS_H
#define WEIR_LIB_KEYS_H

#include "engine/base/arena.h"
#include "engine/base/value.h"

// Indexes of the entries of a map whose keys are strings, in byte order of the keys; NULL when the
// arena refuses. Never worse than length * log(length) comparisons, whatever the keys are.
const uint32_t *keys_sorted(struct arena *arena, struct value map);

#endif
