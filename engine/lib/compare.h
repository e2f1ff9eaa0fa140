// Equality, order and membership of values (CEL language definition, "Equality" and "Ordering").
#ifndef WEIR_LIB_COMPARE_H
#define WEIR_LIB_COMPARE_H

#include "engine/base/bytes.h"
#include "engine/base/value.h"

// Any two values; different types are unequal, numbers of different types compare by value.
// Recursion is bounded by the depth that values carry. A list may hold another many times over, so
// that comparing takes longer than the values are large: `steps` bounds it, one for each item and
// each 64 bytes; below 0 the answer means nothing.
bool value_equal_within(struct value x, struct value y, int64_t *steps);
bool list_holds_within(struct value list, struct value item, int64_t *steps);

// The value under that key, or NULL; the same of steps.
const struct value *map_find_within(struct value map, struct value key, int64_t *steps);
const struct value *map_find(struct value map, struct value key);

// For constant names.
const struct value *map_find_name(struct value map, slice name);

// The same with steps that no honest value needs; unequal beyond.
bool value_equal(struct value x, struct value y);
bool list_holds(struct value list, struct value item);

// Negative, 0 or positive in *order. False where the two have no order (different types, NaN is
// `unordered`: *order is 2, which is neither less nor equal).
bool value_order(struct value x, struct value y, int *order);

// Steps that walking over the value costs beyond the first: one per 64 bytes or items.
uint32_t value_steps(struct value value);

// Constants are found by hash. Bytes of the table behind the items of a list or map, 0 where it
// gets none: small ones, and those that hold more than scalars.
uint32_t index_bytes(struct value collection);

// The table of a collection that has one, and whether the collection is a map.
static inline const uint32_t *index_table(struct value collection, uint32_t stride) {
    const struct value *end = collection.as.items + (size_t)collection.length * stride;
    return (const uint32_t *)(const void *)end;
}

// The item, or the key of the entry, that is that text, of a collection that has a table; NULL
// where there is none.
static inline const struct value *index_find_text(struct value collection, slice text) {
    uint32_t stride = collection.kind == TYPE_MAP ? 2 : 1;
    const uint32_t *table = index_table(collection, stride);
    uint32_t mask = (UINT32_C(1) << collection.spare) - 1;
    uint32_t at = (bytes_hash(text) ^ TYPE_STRING) & mask;
    for (; table[at] != 0; at = (at + 1) & mask) {
        const struct value *item = &collection.as.items[(size_t)(table[at] - 1) * stride];
        bool same = item->kind == TYPE_STRING && item->length == text.length;
        if (same && same_bytes(item->as.text, text.at, text.length)) return item;
    }
    return NULL;
}

// Fills the table, which stands directly behind the items, and marks the collection: then the
// functions above use it. False, without a mark, after `most` steps from place to place: keys that
// strangers choose may all want the same.
bool index_build(struct value *collection, uint64_t most);

#endif
