// Arithmetic by the types at run time (CEL language definition, "Arithmetic"): every overflow and
// every division by zero is a failure, nothing wraps.
#ifndef WEIR_LIB_ARITH_H
#define WEIR_LIB_ARITH_H

#include "engine/base/arena.h"
#include "engine/base/value.h"

enum arith { ARITH_ADD, ARITH_SUBTRACT, ARITH_MULTIPLY, ARITH_DIVIDE, ARITH_MODULO };

enum failure arith_int(enum arith operation, int64_t x, int64_t y, int64_t *out);
enum failure arith_any(struct arena *arena, enum arith operation, struct value x, struct value y,
                       struct value *out);
enum failure arith_negate(struct value x, struct value *out);

// The texts of `count` strings one behind the other; at most LIMIT_STRING bytes.
enum failure arith_concat(struct arena *arena, const struct value *parts, uint32_t count,
                          struct value *out);

#endif
