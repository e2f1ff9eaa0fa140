// What CEL's operators give for values, written for the tests alone: a second opinion that shares
// no code with the engine (CEL language definition, "Equality", "Ordering", "Arithmetic").
#ifndef WEIR_DIFFERENTIAL_OPERATE_H
#define WEIR_DIFFERENTIAL_OPERATE_H

#include "engine/base/arena.h"
#include "engine/lang/tree.h"

// The results of all functions here: a value, or of kind ERROR.
static inline bool operate_failed(struct value value) {
    return value.kind == TYPE_ERROR;
}

// x == y, which never fails.
bool operate_equal(struct value x, struct value y);

// One of the orders `<` `<=` `>` `>=`, of `in`, and of the five of arithmetic.
struct value operate_order(enum operator operator, struct value x, struct value y);
struct value operate_in(struct value x, struct value y);
struct value operate_arith(struct arena *arena, enum operator operator, struct value x,
                           struct value y);
struct value operate_negate(struct value x);

// x[y], and x[?y] where `optional`, also of optionals; x.name is x["name"] of maps.
struct value operate_index(struct arena *arena, struct value x, struct value y, bool optional);
struct value operate_select(struct arena *arena, struct value x, slice name, bool optional);
struct value operate_has(struct value x, slice name);

// A list, map or optional of these; a map's keys are looked at.
struct value operate_list(const struct value *items, uint32_t count);
struct value operate_map(const struct value *items, uint32_t entries);
struct value operate_optional(struct arena *arena, struct value held);

#endif
