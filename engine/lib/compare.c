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

static int order_doubles(double x, double y);

// As doubles, which many a large integer is not: the suite of CEL has it so.
static int order_int_double(int64_t x, double y) {
    return order_doubles((double)x, y);
}

static int order_uint_double(uint64_t x, double y) {
    return order_doubles((double)x, y);
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

static bool equal(struct value x, struct value y, int64_t *steps);

static bool lists_equal(struct value x, struct value y, int64_t *steps) {
    if (x.length != y.length) return false;
    for (uint32_t i = 0; i < x.length; i++) {
        if (--*steps < 0 || !equal(x.as.items[i], y.as.items[i], steps)) return false;
    }
    return true;
}

static const struct value *find(struct value map, struct value key, int64_t *steps);

static bool maps_equal(struct value x, struct value y, int64_t *steps) {
    if (x.length != y.length) return false;
    for (uint32_t i = 0; i < x.length; i++) {
        const struct value *found = find(y, x.as.items[2 * i], steps);
        if (--*steps < 0 || found == NULL) return false;
        if (!equal(*found, x.as.items[2 * i + 1], steps)) return false;
    }
    return true;
}

// Takes as long whatever the texts are: how much of a secret was guessed does not show.
static bool secrets_equal(slice x, slice y) {
    unsigned char difference = x.length != y.length;
    for (uint32_t i = 0; i < x.length && i < y.length; i++)
        difference |= (unsigned char)(x.at[i] ^ y.at[i]);
    return difference == 0;
}

// A secret beside what was sent: a text, or none.
static bool secret_equal(struct value x, struct value y) {
    struct value sent = x.kind == TYPE_SECRET ? y : x;
    struct value secret = x.kind == TYPE_SECRET ? x : y;
    if (sent.kind == TYPE_OPTIONAL) sent = sent.length == 0 ? value_null() : *sent.as.items;
    bool text = sent.kind == TYPE_STRING || sent.kind == TYPE_SECRET;
    return text && secrets_equal(value_text(sent), value_text(secret));
}

static bool equal(struct value x, struct value y, int64_t *steps) {
    if (is_number(x) && is_number(y)) return order_numbers(x, y) == 0;
    if (x.kind == TYPE_SECRET || y.kind == TYPE_SECRET) return secret_equal(x, y);
    if (x.kind != y.kind) return false;
    switch ((enum type)x.kind) {
    case TYPE_NULL: return true;
    case TYPE_BOOL: return x.as.boolean == y.as.boolean;
    case TYPE_STRING:
    case TYPE_BYTES: *steps -= x.length / 64; return slice_equal(value_text(x), value_text(y));
    case TYPE_TYPE:
    case TYPE_IP:
    case TYPE_CIDR: return slice_equal(value_text(x), value_text(y));
    case TYPE_DURATION: return x.as.integer == y.as.integer;
    case TYPE_TIMESTAMP: return x.as.integer == y.as.integer && x.length == y.length;
    case TYPE_LIST: return lists_equal(x, y, steps);
    case TYPE_MAP: return maps_equal(x, y, steps);
    case TYPE_OPTIONAL: return lists_equal(x, y, steps);
    default: return false;
    }
}

bool value_equal_within(struct value x, struct value y, int64_t *steps) {
    return equal(x, y, steps);
}

// Far beyond what fits into a request's memory without repeating itself.
static const int64_t honest = INT64_C(1) << 22;

bool value_equal(struct value x, struct value y) {
    int64_t steps = honest;
    return equal(x, y, &steps) && steps >= 0;
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
        if (*order == 0 && x.kind == TYPE_TIMESTAMP) {
            *order = sign_of(x.length < y.length, x.length == y.length);
        }
        return true;
    default: return false;
    }
    *order = sign_of(*order < 0, *order == 0);
    return true;
}

// ---- tables of constants

enum { INDEX_LEAST = 4 }; // fewer are compared one by one

static bool is_scalar(struct value value) {
    return is_number(value) || value.kind == TYPE_STRING || value.kind == TYPE_BYTES ||
           value.kind == TYPE_BOOL || value.kind == TYPE_NULL;
}

// Numbers that are equal have one hash, whatever their types: that of their double, where 0 has
// one sign.
static uint64_t number_bits(struct value value) {
    double real = value.as.real;
    uint64_t bits;
    if (value.kind == TYPE_INT) real = (double)value.as.integer;
    if (value.kind == TYPE_UINT) real = (double)value.as.natural;
    real += 0.0;
    memcpy(&bits, &real, sizeof bits);
    return bits;
}

static uint32_t fold(uint64_t hash) {
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(hash >> 32);
}

static uint32_t scalar_hash(struct value value) {
    if (is_number(value)) return fold(number_bits(value));
    bool text = value.kind == TYPE_STRING || value.kind == TYPE_BYTES;
    if (text) return bytes_hash(value_text(value)) ^ value.kind;
    return fold(value.kind == TYPE_BOOL && value.as.boolean ? 2 : 1);
}

static uint32_t places_of(uint32_t length) {
    uint32_t bits = 3;
    while (bits < 31 && UINT32_C(1) << bits < 2 * length)
        bits++;
    return bits;
}

static uint32_t stride_of(struct value collection) {
    return collection.kind == TYPE_MAP ? 2 : 1;
}

uint32_t index_bytes(struct value collection) {
    bool list = collection.kind == TYPE_LIST;
    if (!list && collection.kind != TYPE_MAP) return 0;
    if (collection.length < INDEX_LEAST) return 0;
    for (uint32_t i = 0; i < collection.length && list; i++) {
        if (!is_scalar(collection.as.items[i])) return 0;
    }
    return (UINT32_C(1) << places_of(collection.length)) * (uint32_t)sizeof(uint32_t);
}

bool index_build(struct value *collection, uint64_t most) {
    uint32_t bits = places_of(collection->length);
    uint32_t mask = (UINT32_C(1) << bits) - 1;
    uint32_t stride = stride_of(*collection);
    // The caller has room there, in memory of its own.
    uint32_t *table = (uint32_t *)(uintptr_t)index_table(*collection, stride);
    memset(table, 0, ((size_t)mask + 1) * sizeof *table);
    int64_t steps = INT64_MAX;
    for (uint32_t i = 0; i < collection->length; i++) {
        struct value item = collection->as.items[i * stride];
        uint32_t at = scalar_hash(item) & mask;
        bool known = false;
        for (; table[at] != 0 && !known; at = (at + 1) & mask) {
            if (most-- == 0) return false;
            known = equal(collection->as.items[(table[at] - 1) * stride], item, &steps);
        }
        if (!known) table[at] = i + 1;
    }
    collection->spare = (uint16_t)bits;
    return true;
}

// The item, or the key of the entry, that equals `wanted`.
static const struct value *find_indexed(struct value collection, struct value wanted) {
    if (wanted.kind == TYPE_STRING) return index_find_text(collection, value_text(wanted));
    if (!is_scalar(wanted)) return NULL;
    const uint32_t *table = index_table(collection, stride_of(collection));
    uint32_t mask = (UINT32_C(1) << collection.spare) - 1;
    uint32_t stride = stride_of(collection);
    int64_t steps = honest;
    for (uint32_t at = scalar_hash(wanted) & mask; table[at] != 0; at = (at + 1) & mask) {
        const struct value *item = &collection.as.items[(table[at] - 1) * stride];
        if (equal(*item, wanted, &steps)) return item;
    }
    return NULL;
}

bool list_holds_within(struct value list, struct value item, int64_t *steps) {
    if (list.spare != 0) return find_indexed(list, item) != NULL;
    for (uint32_t i = 0; i < list.length && --*steps >= 0; i++) {
        if (equal(list.as.items[i], item, steps)) return true;
    }
    return false;
}

bool list_holds(struct value list, struct value item) {
    int64_t steps = honest;
    return list_holds_within(list, item, &steps);
}

static const struct value *find(struct value map, struct value key, int64_t *steps) {
    if (map.spare != 0) {
        const struct value *found = find_indexed(map, key);
        return found == NULL ? NULL : found + 1;
    }
    for (uint32_t i = 0; i < map.length && --*steps >= 0; i++) {
        if (equal(map.as.items[2 * i], key, steps)) return &map.as.items[2 * i + 1];
    }
    return NULL;
}

const struct value *map_find_within(struct value map, struct value key, int64_t *steps) {
    return find(map, key, steps);
}

const struct value *map_find(struct value map, struct value key) {
    int64_t steps = honest;
    return find(map, key, &steps);
}

const struct value *map_find_name(struct value map, slice name) {
    return map_find(map, value_string(name));
}

uint32_t value_steps(struct value value) {
    bool has_length = value.kind == TYPE_STRING || value.kind == TYPE_BYTES;
    if (has_length) return value.length / 64;
    bool has_items = value.kind == TYPE_LIST || value.kind == TYPE_MAP;
    return has_items ? value.length / 64 : 0;
}
