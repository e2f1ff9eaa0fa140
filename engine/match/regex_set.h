// Sets of code points as ranges: what a pattern's class becomes before it is turned into bytes.
#ifndef WEIR_MATCH_REGEX_SET_H
#define WEIR_MATCH_REGEX_SET_H

#include "engine/base/arena.h"

// Ranges in any order until they are normalized: then sorted, without overlap or neighbours. A
// range is its lowest code point in the upper half and its highest in the lower.
struct regex_set {
    struct arena *arena;
    uint64_t *ranges;
    uint32_t count;
    uint32_t capacity;
    bool failed; // the arena refused
};

static inline uint32_t regex_range_low(uint64_t range) {
    return (uint32_t)(range >> 32);
}

static inline uint32_t regex_range_high(uint64_t range) {
    return (uint32_t)range;
}

void regex_set_add(struct regex_set *set, uint32_t low, uint32_t high);

// These change the ranges from number `from` on, which become normalized.
void regex_set_normalize(struct regex_set *set, uint32_t from);
void regex_set_negate(struct regex_set *set, uint32_t from);

// Adds every other case of what is in them.
void regex_set_fold(struct regex_set *set, uint32_t from);

// Sorts in place.
void regex_set_sort(uint64_t *numbers, uint32_t count);

#endif
