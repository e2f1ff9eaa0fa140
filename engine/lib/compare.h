// Equality, order and membership of values (CEL language definition, "Equality" and "Ordering").
#ifndef WEIR_LIB_COMPARE_H
#define WEIR_LIB_COMPARE_H

#include "engine/base/value.h"

// Any two values; different types are unequal, numbers of different types compare by value.
// Recursion is bounded by the depth that values carry.
bool value_equal(struct value x, struct value y);

// Negative, 0 or positive in *order. False where the two have no order (different types, NaN is
// `unordered`: *order is 2, which is neither less nor equal).
bool value_order(struct value x, struct value y, int *order);

bool list_holds(struct value list, struct value item);

// The value under that key, or NULL.
const struct value *map_find(struct value map, struct value key);

// For constant names.
const struct value *map_find_name(struct value map, slice name);

// Steps that walking over both values costs beyond the first: one per 64 bytes or items.
uint32_t value_steps(struct value value);

#endif
