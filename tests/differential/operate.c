// Operators, plainly: everything is computed in numbers that are wide enough, then looked at.
#include "tests/differential/operate.h"

#include "engine/base/limits.h"

enum { SECOND = 1000000000, UNORDERED = 2 };

static const int64_t first_second = INT64_C(-62135596800); // 0001-01-01T00:00:00Z
static const int64_t last_second = INT64_C(253402300799);  // 9999-12-31T23:59:59Z

static struct value fail(enum failure failure) {
    return value_error(failure);
}

// ---- equality and order

static bool is_number(struct value x) {
    return x.kind == TYPE_INT || x.kind == TYPE_UINT || x.kind == TYPE_DOUBLE;
}

static __int128 whole(struct value x) {
    return x.kind == TYPE_INT ? (__int128)x.as.integer : (__int128)x.as.natural;
}

static double as_double(struct value x) {
    if (x.kind == TYPE_INT) return (double)x.as.integer;
    return x.kind == TYPE_UINT ? (double)x.as.natural : x.as.real;
}

// -1, 0, 1, or UNORDERED beside a NaN. A double is compared with doubles.
static int order_numbers(struct value x, struct value y) {
    if (x.kind != TYPE_DOUBLE && y.kind != TYPE_DOUBLE) {
        if (whole(x) == whole(y)) return 0;
        return whole(x) < whole(y) ? -1 : 1;
    }
    double a = as_double(x);
    double b = as_double(y);
    if (a < b) return -1;
    if (a > b) return 1;
    return a == b ? 0 : UNORDERED;
}

static bool texts_equal(struct value x, struct value y) {
    if (x.length != y.length) return false;
    for (uint32_t i = 0; i < x.length; i++) {
        if (x.as.text[i] != y.as.text[i]) return false;
    }
    return true;
}

static bool lists_equal(struct value x, struct value y) {
    if (x.length != y.length) return false;
    for (uint32_t i = 0; i < x.length; i++) {
        if (!operate_equal(x.as.items[i], y.as.items[i])) return false;
    }
    return true;
}

static const struct value *find(struct value map, struct value key) {
    for (uint32_t i = 0; i < map.length; i++) {
        if (operate_equal(map.as.items[2 * i], key)) return &map.as.items[2 * i + 1];
    }
    return NULL;
}

static bool maps_equal(struct value x, struct value y) {
    if (x.length != y.length) return false;
    for (uint32_t i = 0; i < x.length; i++) {
        const struct value *found = find(y, x.as.items[2 * i]);
        if (found == NULL || !operate_equal(x.as.items[2 * i + 1], *found)) return false;
    }
    return true;
}

bool operate_equal(struct value x, struct value y) {
    if (is_number(x) && is_number(y)) return order_numbers(x, y) == 0;
    if (x.kind != y.kind) return false;
    switch ((enum type)x.kind) {
    case TYPE_NULL: return true;
    case TYPE_BOOL: return x.as.boolean == y.as.boolean;
    case TYPE_DURATION: return x.as.integer == y.as.integer;
    case TYPE_TIMESTAMP: return x.as.integer == y.as.integer && x.length == y.length;
    case TYPE_STRING:
    case TYPE_BYTES:
    case TYPE_TYPE:
    case TYPE_IP:
    case TYPE_CIDR: return texts_equal(x, y);
    case TYPE_LIST:
    case TYPE_OPTIONAL: return lists_equal(x, y);
    case TYPE_MAP: return maps_equal(x, y);
    default: return false;
    }
}

static int order_texts(struct value x, struct value y) {
    for (uint32_t i = 0; i < x.length && i < y.length; i++) {
        unsigned char a = (unsigned char)x.as.text[i];
        unsigned char b = (unsigned char)y.as.text[i];
        if (a != b) return a < b ? -1 : 1;
    }
    if (x.length == y.length) return 0;
    return x.length < y.length ? -1 : 1;
}

static int order_times(struct value x, struct value y) {
    if (x.as.integer != y.as.integer) return x.as.integer < y.as.integer ? -1 : 1;
    if (x.kind == TYPE_DURATION || x.length == y.length) return 0;
    return x.length < y.length ? -1 : 1;
}

static bool order_of(struct value x, struct value y, int *order) {
    if (is_number(x) && is_number(y)) {
        *order = order_numbers(x, y);
        return true;
    }
    if (x.kind != y.kind) return false;
    switch ((enum type)x.kind) {
    case TYPE_BOOL: *order = (int)x.as.boolean - (int)y.as.boolean; return true;
    case TYPE_STRING:
    case TYPE_BYTES: *order = order_texts(x, y); return true;
    case TYPE_DURATION:
    case TYPE_TIMESTAMP: *order = order_times(x, y); return true;
    default: return false;
    }
}

struct value operate_order(enum operator operator, struct value x, struct value y) {
    int order;
    if (!order_of(x, y, &order)) return fail(FAILURE_NO_OVERLOAD);
    if (order == UNORDERED) return value_bool(false);
    switch (operator) {
    case OPERATOR_LT: return value_bool(order < 0);
    case OPERATOR_LE: return value_bool(order <= 0);
    case OPERATOR_GT: return value_bool(order > 0);
    default: return value_bool(order >= 0);
    }
}

struct value operate_in(struct value x, struct value y) {
    if (y.kind == TYPE_MAP) return value_bool(find(y, x) != NULL);
    if (y.kind != TYPE_LIST) return fail(FAILURE_NO_OVERLOAD);
    for (uint32_t i = 0; i < y.length; i++) {
        if (operate_equal(y.as.items[i], x)) return value_bool(true);
    }
    return value_bool(false);
}

// ---- arithmetic

// x op y of whole numbers that are no wider than 64 bits; division is another matter.
static __int128 compute(enum operator operator, __int128 x, __int128 y) {
    if (operator== OPERATOR_ADD) return x + y;
    return operator== OPERATOR_SUBTRACT ? x - y : x * y;
}

static bool divides(enum operator operator) {
    return operator== OPERATOR_DIVIDE || operator== OPERATOR_MODULO;
}

static struct value divide_int(bool modulo, int64_t x, int64_t y) {
    if (y == 0) return fail(FAILURE_DIVIDE_BY_ZERO);
    if (y == -1) {
        if (modulo) return value_int(0);
        return x == INT64_MIN ? fail(FAILURE_OVERFLOW) : value_int(-x);
    }
    return value_int(modulo ? x % y : x / y);
}

static struct value arith_int(enum operator operator, int64_t x, int64_t y) {
    if (divides(operator)) return divide_int(operator== OPERATOR_MODULO, x, y);
    __int128 result = compute(operator, x, y);
    if (result < INT64_MIN || result > INT64_MAX) return fail(FAILURE_OVERFLOW);
    return value_int((int64_t)result);
}

static struct value arith_uint(enum operator operator, uint64_t x, uint64_t y) {
    if (divides(operator) && y == 0) return fail(FAILURE_DIVIDE_BY_ZERO);
    if (divides(operator)) return value_uint(operator== OPERATOR_MODULO ? x % y : x / y);
    __int128 most = UINT64_MAX;
    if (operator== OPERATOR_MULTIPLY && x != 0 && y> UINT64_MAX / x) return fail(FAILURE_OVERFLOW);
    __int128 result = compute(operator, x, y);
    if (result < 0 || result > most) return fail(FAILURE_OVERFLOW);
    return value_uint((uint64_t)result);
}

static struct value arith_double(enum operator operator, double x, double y) {
    switch (operator) {
    case OPERATOR_ADD: return value_double(x + y);
    case OPERATOR_SUBTRACT: return value_double(x - y);
    case OPERATOR_MULTIPLY: return value_double(x * y);
    case OPERATOR_DIVIDE: return value_double(x / y);
    default: return fail(FAILURE_NO_OVERLOAD);
    }
}

static struct value duration_of(__int128 time) {
    if (time < INT64_MIN || time > INT64_MAX) return fail(FAILURE_TIME_RANGE);
    return value_duration((int64_t)time);
}

static struct value between(struct value later, struct value earlier) {
    __int128 seconds = later.as.integer - earlier.as.integer;
    return duration_of(seconds * SECOND + (int64_t)later.length - (int64_t)earlier.length);
}

// `sign` is 1 or -1.
static struct value moved(struct value timestamp, int64_t duration, int64_t sign) {
    int64_t seconds = timestamp.as.integer + sign * (duration / SECOND);
    int64_t rest = (int64_t)timestamp.length + sign * (duration % SECOND);
    if (rest < 0) {
        rest += SECOND;
        seconds--;
    } else if (rest >= SECOND) {
        rest -= SECOND;
        seconds++;
    }
    if (seconds < first_second || seconds > last_second) return fail(FAILURE_TIME_RANGE);
    return value_timestamp(seconds, (uint32_t)rest);
}

static struct value arith_times(enum operator operator, struct value x, struct value y) {
    bool add = operator== OPERATOR_ADD;
    bool x_lasts = x.kind == TYPE_DURATION;
    bool y_lasts = y.kind == TYPE_DURATION;
    if (!add && operator!= OPERATOR_SUBTRACT) return fail(FAILURE_NO_OVERLOAD);
    if (x_lasts && y_lasts) return duration_of(compute(operator, x.as.integer, y.as.integer));
    if (y_lasts) return moved(x, y.as.integer, add ? 1 : -1);
    if (x_lasts) return add ? moved(y, x.as.integer, 1) : fail(FAILURE_NO_OVERLOAD);
    return add ? fail(FAILURE_NO_OVERLOAD) : between(x, y);
}

static bool is_time(struct value x) {
    return x.kind == TYPE_DURATION || x.kind == TYPE_TIMESTAMP;
}

static struct value join_texts(struct arena *arena, struct value x, struct value y) {
    uint64_t length = (uint64_t)x.length + y.length;
    if (length > LIMIT_STRING) return fail(FAILURE_TOO_LONG);
    char *text = arena_take(arena, (size_t)length + 1);
    if (text == NULL) return fail(FAILURE_NO_MEMORY);
    for (uint32_t i = 0; i < x.length; i++)
        text[i] = x.as.text[i];
    for (uint32_t i = 0; i < y.length; i++)
        text[x.length + i] = y.as.text[i];
    return (struct value){.kind = x.kind, .length = (uint32_t)length, .as.text = text};
}

static struct value join_lists(struct arena *arena, struct value x, struct value y) {
    uint64_t length = (uint64_t)x.length + y.length;
    if (length > LIMIT_STRING / sizeof x) return fail(FAILURE_TOO_LONG);
    struct value *items = arena_array(arena, (size_t)length + 1, sizeof *items);
    if (items == NULL) return fail(FAILURE_NO_MEMORY);
    for (uint32_t i = 0; i < x.length; i++)
        items[i] = x.as.items[i];
    for (uint32_t i = 0; i < y.length; i++)
        items[x.length + i] = y.as.items[i];
    return operate_list(items, (uint32_t)length);
}

struct value operate_arith(struct arena *arena, enum operator operator, struct value x,
                           struct value y) {
    if (is_time(x) && is_time(y)) return arith_times(operator, x, y);
    if (x.kind != y.kind) return fail(FAILURE_NO_OVERLOAD);
    bool add = operator== OPERATOR_ADD;
    switch ((enum type)x.kind) {
    case TYPE_INT: return arith_int(operator, x.as.integer, y.as.integer);
    case TYPE_UINT: return arith_uint(operator, x.as.natural, y.as.natural);
    case TYPE_DOUBLE: return arith_double(operator, x.as.real, y.as.real);
    case TYPE_STRING:
    case TYPE_BYTES: return add ? join_texts(arena, x, y) : fail(FAILURE_NO_OVERLOAD);
    case TYPE_LIST: return add ? join_lists(arena, x, y) : fail(FAILURE_NO_OVERLOAD);
    default: return fail(FAILURE_NO_OVERLOAD);
    }
}

struct value operate_negate(struct value x) {
    switch ((enum type)x.kind) {
    case TYPE_INT: return arith_int(OPERATOR_SUBTRACT, 0, x.as.integer);
    case TYPE_DOUBLE: return value_double(-x.as.real);
    case TYPE_DURATION: return duration_of(-(__int128)x.as.integer);
    default: return fail(FAILURE_NO_OVERLOAD);
    }
}

// ---- lists, maps, optionals

static uint8_t deepest(const struct value *items, uint32_t count) {
    uint8_t depth = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (items[i].depth > depth) depth = items[i].depth;
    }
    return depth;
}

static struct value collect(enum type kind, const struct value *items, uint32_t length,
                            uint32_t total) {
    uint8_t depth = deepest(items, total);
    if (depth >= LIMIT_NESTING) return fail(FAILURE_TOO_DEEP);
    return (struct value){
        .kind = (uint8_t)kind, .depth = (uint8_t)(depth + 1), .length = length, .as.items = items};
}

struct value operate_list(const struct value *items, uint32_t count) {
    return collect(TYPE_LIST, items, count, count);
}

static bool is_key(struct value key) {
    return key.kind == TYPE_STRING || key.kind == TYPE_INT || key.kind == TYPE_UINT ||
           key.kind == TYPE_BOOL;
}

struct value operate_map(const struct value *items, uint32_t entries) {
    for (uint32_t i = 0; i < entries; i++) {
        if (!is_key(items[2 * i])) return fail(FAILURE_KEY_TYPE);
        for (uint32_t j = 0; j < i; j++) {
            if (operate_equal(items[2 * i], items[2 * j])) return fail(FAILURE_DUPLICATE_KEY);
        }
    }
    return collect(TYPE_MAP, items, entries, 2 * entries);
}

struct value operate_optional(struct arena *arena, struct value held) {
    struct value *copy = arena_take(arena, sizeof *copy);
    if (copy == NULL) return fail(FAILURE_NO_MEMORY);
    *copy = held;
    return collect(TYPE_OPTIONAL, copy, 1, 1);
}

// A list's index is a whole number of any type. What is none, or outside, finds nothing.
static const struct value *item_at(struct value list, struct value index) {
    for (uint32_t i = 0; i < list.length; i++) {
        if (order_numbers(value_int(i), index) == 0) return &list.as.items[i];
    }
    return NULL;
}

struct value operate_index(struct arena *arena, struct value x, struct value y, bool optional) {
    if (x.kind == TYPE_OPTIONAL) {
        return x.length == 0 ? x : operate_index(arena, x.as.items[0], y, true);
    }
    const struct value *found = NULL;
    if (x.kind == TYPE_MAP) {
        found = find(x, y);
    } else if (x.kind == TYPE_LIST && is_number(y)) {
        found = item_at(x, y);
    } else {
        return fail(FAILURE_NO_OVERLOAD);
    }
    if (optional) return found != NULL ? operate_optional(arena, *found) : value_optional(NULL);
    return found != NULL ? *found : fail(FAILURE_NO_SUCH_KEY);
}

struct value operate_select(struct arena *arena, struct value x, slice name, bool optional) {
    struct value map = x;
    while (map.kind == TYPE_OPTIONAL && map.length > 0)
        map = map.as.items[0];
    if (map.kind != TYPE_MAP && map.kind != TYPE_OPTIONAL) return fail(FAILURE_NO_OVERLOAD);
    return operate_index(arena, x, value_string(name), optional);
}

struct value operate_has(struct value x, slice name) {
    if (x.kind == TYPE_OPTIONAL) {
        return x.length == 0 ? value_bool(false) : operate_has(x.as.items[0], name);
    }
    if (x.kind != TYPE_MAP) return fail(FAILURE_NO_OVERLOAD);
    return value_bool(find(x, value_string(name)) != NULL);
}
