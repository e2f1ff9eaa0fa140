// Comparison across types: numbers by value, everything else only with its own kind.
#include "engine/lib/compare.h"

enum { UNORDERED = 2 };

static bool is_number(struct value value) {
    return value.kind == TYPE_INT || value.kind == TYPE_UINT || value.kind == TYPE_DOUBLE;
}

static int sign_of(bool less, bool equal) {
    if (equal) return 0;
    return less ? -1 : 1;
}

static int order_int_uint(int64_t x, uint64_t y) {
    if (x < 0) return -1;
    return sign_of((uint64_t)x < y, (uint64_t)x == y);
}

// Exact: the double is compared as an integer where it can be one.
static int order_int_double(int64_t x, double y) {
    if (y != y) return UNORDERED;
    if (y >= 9223372036854775808.0) return -1;
    if (y < -9223372036854775808.0) return 1;
    int64_t whole = (int64_t)y;
    if (x != whole) return x < whole ? -1 : 1;
    double rest = y - (double)whole;
    return sign_of(rest > 0, rest == 0);
}

static int order_uint_double(uint64_t x, double y) {
    if (y != y) return UNORDERED;
    if (y >= 18446744073709551616.0) return -1;
    if (y < 0) return 1;
    uint64_t whole = (uint64_t)y;
    if (x != whole) return x < whole ? -1 : 1;
    double rest = y - (double)whole;
    return sign_of(rest > 0, rest == 0);
}

static int order_doubles(double x, double y) {
    if (x != x || y != y) return UNORDERED;
    return sign_of(x < y, x == y);
}

static int turned(int order) {
    return order == UNORDERED ? UNORDERED : -order;
}

static int order_numbers(struct value x, struct value y) {
    if (x.kind == TYPE_INT) {
        if (y.kind == TYPE_INT) {
            return sign_of(x.as.integer < y.as.integer, x.as.integer == y.as.integer);
        }
        return y.kind == TYPE_UINT ? order_int_uint(x.as.integer, y.as.natural)
                                   : order_int_double(x.as.integer, y.as.real);
    }
    if (x.kind == TYPE_UINT) {
        if (y.kind == TYPE_INT) return turned(order_int_uint(y.as.integer, x.as.natural));
        if (y.kind == TYPE_DOUBLE) return order_uint_double(x.as.natural, y.as.real);
        return sign_of(x.as.natural < y.as.natural, x.as.natural == y.as.natural);
    }
    if (y.kind == TYPE_INT) return turned(order_int_double(y.as.integer, x.as.real));
    if (y.kind == TYPE_UINT) return turned(order_uint_double(y.as.natural, x.as.real));
    return order_doubles(x.as.real, y.as.real);
}

static bool lists_equal(struct value x, struct value y) {
    if (x.length != y.length) return false;
    for (uint32_t i = 0; i < x.length; i++) {
        if (!value_equal(x.as.items[i], y.as.items[i])) return false;
    }
    return true;
}

static bool maps_equal(struct value x, struct value y) {
    if (x.length != y.length) return false;
    for (uint32_t i = 0; i < x.length; i++) {
        const struct value *found = map_find(y, x.as.items[2 * i]);
        if (found == NULL || !value_equal(*found, x.as.items[2 * i + 1])) return false;
    }
    return true;
}

bool value_equal(struct value x, struct value y) {
    if (is_number(x) && is_number(y)) return order_numbers(x, y) == 0;
    if (x.kind != y.kind) return false;
    switch ((enum type)x.kind) {
    case TYPE_NULL: return true;
    case TYPE_BOOL: return x.as.boolean == y.as.boolean;
    case TYPE_STRING:
    case TYPE_BYTES: return slice_equal(value_text(x), value_text(y));
    case TYPE_DURATION:
    case TYPE_TIMESTAMP: return x.as.integer == y.as.integer;
    case TYPE_LIST: return lists_equal(x, y);
    case TYPE_MAP: return maps_equal(x, y);
    default: return false;
    }
}

bool value_order(struct value x, struct value y, int *order) {
    if (is_number(x) && is_number(y)) {
        *order = order_numbers(x, y);
        return true;
    }
    if (x.kind != y.kind) return false;
    switch ((enum type)x.kind) {
    case TYPE_BOOL: *order = (int)x.as.boolean - (int)y.as.boolean; return true;
    case TYPE_STRING:
    case TYPE_BYTES: *order = slice_compare(value_text(x), value_text(y)); break;
    case TYPE_DURATION:
    case TYPE_TIMESTAMP:
        *order = sign_of(x.as.integer < y.as.integer, x.as.integer == y.as.integer);
        return true;
    default: return false;
    }
    *order = sign_of(*order < 0, *order == 0);
    return true;
}

bool list_holds(struct value list, struct value item) {
    for (uint32_t i = 0; i < list.length; i++) {
        if (value_equal(list.as.items[i], item)) return true;
    }
    return false;
}

const struct value *map_find(struct value map, struct value key) {
    for (uint32_t i = 0; i < map.length; i++) {
        if (value_equal(map.as.items[2 * i], key)) return &map.as.items[2 * i + 1];
    }
    return NULL;
}

const struct value *map_find_name(struct value map, slice name) {
    return map_find(map, value_string(name));
}

uint32_t value_steps(struct value value) {
    bool has_length = value.kind == TYPE_STRING || value.kind == TYPE_BYTES;
    if (has_length) return value.length / 64;
    bool has_items = value.kind == TYPE_LIST || value.kind == TYPE_MAP;
    return has_items ? value.length : 0;
}
