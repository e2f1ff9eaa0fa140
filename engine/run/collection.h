// Lists, maps and optionals: making them, whole or item by item, and finding what is in them. All
// fail with a failure and leave *out alone then.
#ifndef WEIR_RUN_COLLECTION_H
#define WEIR_RUN_COLLECTION_H

#include "engine/run/run.h"

// Copies of `count` items, or of as many keys each followed by its value.
enum failure collection_list(struct run *run, const struct value *items, uint32_t count,
                             struct value *out);
enum failure collection_map(struct run *run, const struct value *entries, uint32_t count,
                            struct value *out);

// `from[index]` and `from[?index]`; of an optional, what it holds is asked and an optional comes.
enum failure collection_index(struct run *run, struct value from, struct value index,
                              struct value *out);
enum failure collection_index_optional(struct run *run, struct value from, struct value index,
                                       struct value *out);

// has(from.name).
enum failure collection_has(struct run *run, struct value from, struct value name,
                            struct value *out);

// `item in in`, of a list, map or set of networks.
enum failure collection_holds(struct run *run, struct value in, struct value item,
                              struct value *out);

// A builder with room for as much as `like` holds.
enum failure collection_build(struct run *run, struct value like, struct value *out);

// OP_APPEND and its kin: adds x (and y) to the builder.
enum failure collection_add(struct run *run, uint16_t op, struct value to, struct value x,
                            struct value y);

// The list, or the map, of what the builder got; the builder must not be used again.
enum failure collection_built(struct run *run, struct value from, bool map, struct value *out);

#endif
