// Checked arithmetic on numbers, and `+` on texts, lists and durations.
#include "engine/lib/arith.h"

#include "engine/base/limits.h"

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

// duration ± duration, timestamp ± duration, timestamp - timestamp.
static enum failure arith_time(enum arith operation, struct value x, struct value y,
                               struct value *out) {
    bool add = operation == ARITH_ADD;
    if (!add && operation != ARITH_SUBTRACT) return FAILURE_NO_OVERLOAD;
    bool x_stamp = x.kind == TYPE_TIMESTAMP;
    bool y_stamp = y.kind == TYPE_TIMESTAMP;
    bool known = (x_stamp || x.kind == TYPE_DURATION) && (y_stamp || y.kind == TYPE_DURATION);
    if (!known || (add && x_stamp && y_stamp) || (!add && !x_stamp && y_stamp)) {
        return FAILURE_NO_OVERLOAD;
    }
    int64_t result;
    enum failure failure = arith_int(operation, x.as.integer, y.as.integer, &result);
    bool stamp = add ? x_stamp || y_stamp : x_stamp && !y_stamp;
    *out = (struct value){.kind = stamp ? TYPE_TIMESTAMP : TYPE_DURATION, .as.integer = result};
    return failure;
}

static enum failure join_bytes(struct arena *arena, struct value x, struct value y,
                               struct value *out) {
    struct value parts[2] = {x, y};
    enum failure failure = arith_concat(arena, parts, 2, out);
    out->kind = x.kind;
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

enum failure arith_any(struct arena *arena, enum arith operation, struct value x, struct value y,
                       struct value *out) {
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
    if (x.kind != TYPE_INT && x.kind != TYPE_DURATION) return FAILURE_NO_OVERLOAD;
    *out = x;
    return arith_int(ARITH_SUBTRACT, 0, x.as.integer, &out->as.integer);
}

enum failure arith_concat(struct arena *arena, const struct value *parts, uint32_t count,
                          struct value *out) {
    uint64_t length = 0;
    for (uint32_t i = 0; i < count; i++)
        length += parts[i].length;
    if (length > LIMIT_STRING) return FAILURE_TOO_LONG;
    char *at = arena_take_raw(arena, (size_t)length);
    if (at == NULL) return FAILURE_NO_MEMORY;
    uint32_t written = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (parts[i].length > 0) memcpy(at + written, parts[i].as.text, parts[i].length);
        written += parts[i].length;
    }
    *out = value_string(slice_from(at, written));
    return FAILURE_NONE;
}
