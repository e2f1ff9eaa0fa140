// What the functions on lists and maps share, and the bodies of those on maps and sets.
#ifndef WEIR_LIB_COLLECTIONS_H
#define WEIR_LIB_COLLECTIONS_H

#include "engine/lib/call.h"

// Work that is charged while it is done; what is below one step stays for the next charge.
struct walk {
    struct call *call;
    uint64_t rest; // bytes walked over and not charged yet, below 64
};

// Charges so many bytes; false when the request is out of steps.
bool walk_over(struct walk *walk, uint64_t bytes);

// As value_equal, and charged for every item that it looks at. False when out of steps.
bool walk_equal(struct walk *walk, struct value x, struct value y, bool *equal);

// Whether the `count` items, `stride` values apart, hold one that is equal; *at is its number.
// False when out of steps.
bool walk_find(struct walk *walk, const struct value *items, uint32_t count, uint32_t stride,
               struct value sought, uint32_t *at, bool *found);

// Memory for so many items, charged; NULL in *items with the failure when it cannot be had.
enum failure items_make(struct call *call, uint64_t count, struct value **items);

// A list of these items, which must live as long, and a map of these pairs; FAILURE_TOO_DEEP.
enum failure items_list(const struct value *items, uint32_t count, struct value *out);
enum failure items_map(const struct value *items, uint32_t entries, struct value *out);

// The entries of the first map in their order, with the values of the second where that has the
// key too, then those that only the second has.
function_body map_merge;

// The entries whose key is not in the list.
function_body map_without;

// cel-go's sets extension. Items of lists are compared each with each.
function_body sets_contains;
function_body sets_equivalent;
function_body sets_intersects;

#endif
