// Heapsort: in place, without recursion, with no bad cases.
#include "engine/lib/keys.h"

static bool is_less(struct value map, uint32_t x, uint32_t y) {
    const struct value *items = map.as.items;
    return slice_compare(value_text(items[2 * x]), value_text(items[2 * y])) < 0;
}

// Lets the entry at `at` sink below every greater one of the first `count`.
static void sink(struct value map, uint32_t *order, uint32_t at, uint32_t count) {
    uint32_t entry = order[at];
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child >= count) break;
        if (child + 1 < count && is_less(map, order[child], order[child + 1])) child++;
        if (!is_less(map, entry, order[child])) break;
        order[at] = order[child];
        at = child;
    }
    order[at] = entry;
}

const uint32_t *keys_sorted(struct arena *arena, struct value map) {
    uint32_t *order = arena_array(arena, map.length, sizeof *order);
    if (order == NULL) return NULL;
    for (uint32_t i = 0; i < map.length; i++)
        order[i] = i;
    for (uint32_t i = map.length / 2; i > 0; i--)
        sink(map, order, i - 1, map.length);
    for (uint32_t i = map.length; i > 1; i--) {
        uint32_t greatest = order[0];
        order[0] = order[i - 1];
        order[i - 1] = greatest;
        sink(map, order, 0, i - 1);
    }
    return order;
}
