// Checked arithmetic on numbers, and `+` on texts, lists and durations.
#include "engine/lib/arith.h"

#include "engine/base/limits.h"
#include "engine/lib/time.h"

static enum failure divide_int(enum arith operation, int64_t x, int64_t y, int64_t *out) {
    if (y == 0) return FAILURE_DIVIDE_BY_ZERO;
    if (x == INT64_MIN && y == -1) {
        *out = 0;
        return operation == ARITH_MODULO ? FAILURE_NONE : FAILURE_OVERFLOW;
    }
    *out = operation == ARITH_DIVIDE ? x / y : x % y;
    return FAILURE_NONE;
}

enum failure arith_int(enum arith operation, int64_t x, int64_t y, int64_t *out) {
    bool overflow = false;
    switch (operation) {
    case ARITH_ADD: overflow = __builtin_add_overflow(x, y, out); break;
    case ARITH_SUBTRACT: overflow = __builtin_sub_overflow(x, y, out); break;
    case ARITH_MULTIPLY: overflow = __builtin_mul_overflow(x, y, out); break;
    case ARITH_DIVIDE:
    case ARITH_MODULO: return divide_int(operation, x, y, out);
    }
    return overflow ? FAILURE_OVERFLOW : FAILURE_NONE;
}

static enum failure arith_uint(enum arith operation, uint64_t x, uint64_t y, uint64_t *out) {
    bool overflow = false;
    switch (operation) {
    case ARITH_ADD: overflow = __builtin_add_overflow(x, y, out); break;
    case ARITH_SUBTRACT: overflow = __builtin_sub_overflow(x, y, out); break;
    case ARITH_MULTIPLY: overflow = __builtin_mul_overflow(x, y, out); break;
    case ARITH_DIVIDE:
    case ARITH_MODULO:
        if (y == 0) return FAILURE_DIVIDE_BY_ZERO;
        *out = operation == ARITH_DIVIDE ? x / y : x % y;
        break;
    }
    return overflow ? FAILURE_OVERFLOW : FAILURE_NONE;
}

static enum failure arith_double(enum arith operation, double x, double y, struct value *out) {
    switch (operation) {
    case ARITH_ADD: *out = value_double(x + y); return FAILURE_NONE;
    case ARITH_SUBTRACT: *out = value_double(x - y); return FAILURE_NONE;
    case ARITH_MULTIPLY: *out = value_double(x * y); return FAILURE_NONE;
    case ARITH_DIVIDE: *out = value_double(x / y); return FAILURE_NONE;
    case ARITH_MODULO: break;
    }
    return FAILURE_NO_OVERLOAD;
}

static enum failure arith_durations(enum arith operation, int64_t x, int64_t y, struct value *out) {
    int64_t sum;
    if (operation != ARITH_ADD && operation != ARITH_SUBTRACT) return FAILURE_NO_OVERLOAD;
    if (arith_int(operation, x, y, &sum) != FAILURE_NONE) return FAILURE_TIME_RANGE;
    *out = value_duration(sum);
    return FAILURE_NONE;
}

// duration ± duration, timestamp ± duration, timestamp - timestamp.
static enum failure arith_time(enum arith operation, struct value x, struct value y,
                               struct value *out) {
    bool x_lasts = x.kind == TYPE_DURATION;
    bool y_lasts = y.kind == TYPE_DURATION;
    bool known = (x_lasts || x.kind == TYPE_TIMESTAMP) && (y_lasts || y.kind == TYPE_TIMESTAMP);
    if (!known) return FAILURE_NO_OVERLOAD;
    if (x_lasts && y_lasts) return arith_durations(operation, x.as.integer, y.as.integer, out);
    if (operation == ARITH_ADD && y_lasts) return time_add(x, y.as.integer, out);
    if (operation == ARITH_ADD && x_lasts) return time_add(y, x.as.integer, out);
    if (operation != ARITH_SUBTRACT || x_lasts) return FAILURE_NO_OVERLOAD;
    if (y_lasts) return time_subtract(x, y.as.integer, out);
    int64_t between;
    enum failure failure = time_between(x, y, &between);
    if (failure == FAILURE_NONE) *out = value_duration(between);
    return failure;
}

static enum failure join_bytes(struct arena *arena, struct value x, struct value y,
                               struct value *out) {
    struct value parts[2] = {x, y};
    enum failure failure = arith_concat(arena, parts, 2, out);
    if (failure == FAILURE_NONE) out->kind = x.kind;
    return failure;
}

static enum failure join_lists(struct arena *arena, struct value x, struct value y,
                               struct value *out) {
    uint64_t length = (uint64_t)x.length + y.length;
    if (length > LIMIT_STRING / sizeof x) return FAILURE_TOO_LONG;
    struct value *items = arena_array(arena, (size_t)length, sizeof *items);
    if (items == NULL) return FAILURE_NO_MEMORY;
    if (x.length > 0) memcpy(items, x.as.items, x.length * sizeof *items);
    if (y.length > 0) memcpy(items + x.length, y.as.items, y.length * sizeof *items);
    uint8_t depth = x.depth > y.depth ? x.depth : y.depth;
    *out = (struct value){.kind = TYPE_LIST, .depth = depth, .length = (uint32_t)length};
    out->as.items = items;
    return FAILURE_NONE;
}

// What has a secret in it is one.
static enum failure join_secret(struct arena *arena, enum arith operation, struct value x,
                                struct value y, struct value *out) {
    bool texts = (x.kind == TYPE_SECRET || x.kind == TYPE_STRING) &&
                 (y.kind == TYPE_SECRET || y.kind == TYPE_STRING);
    if (!texts || operation != ARITH_ADD) return FAILURE_NO_OVERLOAD;
    enum failure failure = join_bytes(arena, x, y, out);
    if (failure == FAILURE_NONE) out->kind = TYPE_SECRET;
    return failure;
}

enum failure arith_any(struct arena *arena, enum arith operation, struct value x, struct value y,
                       struct value *out) {
    bool secret = x.kind == TYPE_SECRET || y.kind == TYPE_SECRET;
    if (secret) return join_secret(arena, operation, x, y, out);
    if (x.kind != y.kind || x.kind == TYPE_DURATION || x.kind == TYPE_TIMESTAMP) {
        return arith_time(operation, x, y, out);
    }
    switch ((enum type)x.kind) {
    case TYPE_INT:
        *out = value_int(0);
        return arith_int(operation, x.as.integer, y.as.integer, &out->as.integer);
    case TYPE_UINT:
        *out = (struct value){.kind = TYPE_UINT};
        return arith_uint(operation, x.as.natural, y.as.natural, &out->as.natural);
    case TYPE_DOUBLE: return arith_double(operation, x.as.real, y.as.real, out);
    case TYPE_STRING:
    case TYPE_BYTES:
        return operation == ARITH_ADD ? join_bytes(arena, x, y, out) : FAILURE_NO_OVERLOAD;
    case TYPE_LIST:
        return operation == ARITH_ADD ? join_lists(arena, x, y, out) : FAILURE_NO_OVERLOAD;
    default: return FAILURE_NO_OVERLOAD;
    }
}

enum failure arith_negate(struct value x, struct value *out) {
    if (x.kind == TYPE_DOUBLE) {
        *out = value_double(-x.as.real);
        return FAILURE_NONE;
    }
    if (x.kind == TYPE_DURATION) return arith_durations(ARITH_SUBTRACT, 0, x.as.integer, out);
    if (x.kind != TYPE_INT) return FAILURE_NO_OVERLOAD;
    *out = x;
    return arith_int(ARITH_SUBTRACT, 0, x.as.integer, &out->as.integer);
}

enum failure arith_concat(struct arena *arena, const struct value *parts, uint32_t count,
                          struct value *out) {
    uint64_t length = 0;
    for (uint32_t i = 0; i < count; i++)
        length += parts[i].length;
    if (length > LIMIT_STRING) return FAILURE_TOO_LONG;
    char *start = arena_take_raw(arena, (size_t)length);
    if (start == NULL) return FAILURE_NO_MEMORY;
    char *at = start;
    for (uint32_t i = 0; i < count; i++)
        at = slice_put(at, value_text(parts[i]));
    *out = value_string(slice_from(start, (uint32_t)length));
    return FAILURE_NONE;
}
