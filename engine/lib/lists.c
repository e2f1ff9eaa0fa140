// Lists made of the items of lists.
#include "engine/lib/lists.h"

#include "engine/base/limits.h"
#include "engine/lib/collections.h"
#include "engine/lib/compare.h"

enum failure list_slice(struct call *call, const struct value *arguments, struct value *out) {
    struct value list = arguments[0];
    int64_t start = arguments[1].as.integer, end = arguments[2].as.integer;
    if (start < 0 || end < start || end > (int64_t)list.length) return FAILURE_INDEX_RANGE;
    uint32_t count = (uint32_t)(end - start);
    if (!call_charge(call, count * sizeof list)) return FAILURE_STEPS;
    return items_list(count == 0 ? NULL : list.as.items + start, count, out);
}

// What is left of a list after so many levels were opened; counted first, then written.
struct flat {
    struct walk walk;
    struct value *items; // NULL: only counted
    uint32_t count;
};

// Recursion is bounded by the depth that values carry.
static bool flat_add(struct flat *flat, struct value list, int64_t levels) {
    for (uint32_t i = 0; i < list.length; i++) {
        struct value item = list.as.items[i];
        if (!walk_over(&flat->walk, sizeof item)) return false;
        if (item.kind == TYPE_LIST && levels > 0) {
            if (!flat_add(flat, item, levels - 1)) return false;
            continue;
        }
        if (flat->items != NULL) flat->items[flat->count] = item;
        flat->count++;
    }
    return true;
}

enum failure list_flatten(struct call *call, const struct value *arguments, struct value *out) {
    int64_t levels = call->count > 1 ? arguments[1].as.integer : 1;
    if (levels < 0) return FAILURE_ARGUMENT;
    struct flat flat = {.walk = {.call = call}};
    if (!flat_add(&flat, arguments[0], levels)) return FAILURE_STEPS;
    enum failure failure = items_make(call, flat.count, &flat.items);
    if (failure != FAILURE_NONE) return failure;
    flat.count = 0;
    if (!flat_add(&flat, arguments[0], levels)) return FAILURE_STEPS;
    return items_list(flat.items, flat.count, out);
}

enum failure list_distinct(struct call *call, const struct value *arguments, struct value *out) {
    struct value list = arguments[0];
    struct value *items;
    enum failure failure = items_make(call, list.length, &items);
    if (failure != FAILURE_NONE) return failure;
    struct walk walk = {.call = call};
    uint32_t count = 0;
    for (uint32_t i = 0; i < list.length; i++) {
        uint32_t at;
        bool found;
        if (!walk_find(&walk, items, count, 1, list.as.items[i], &at, &found)) {
            return FAILURE_STEPS;
        }
        if (!found) items[count++] = list.as.items[i];
    }
    return items_list(items, count, out);
}

static bool has_order(enum type kind) {
    switch (kind) {
    case TYPE_BOOL:
    case TYPE_INT:
    case TYPE_UINT:
    case TYPE_DOUBLE:
    case TYPE_STRING:
    case TYPE_BYTES:
    case TYPE_DURATION:
    case TYPE_TIMESTAMP: return true;
    default: return false;
    }
}

static enum failure check_keys(const struct value *keys, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        struct value key = keys[i];
        if (key.kind != keys[0].kind || !has_order((enum type)key.kind)) {
            return FAILURE_NO_OVERLOAD;
        }
        if (key.kind == TYPE_DOUBLE && key.as.real != key.as.real) return FAILURE_ARGUMENT;
    }
    return FAILURE_NONE;
}

struct sorter {
    struct walk walk;
    const struct value *keys;
};

// Whether the key belongs behind the other; both are of one ordered type.
static bool sorter_behind(struct sorter *sorter, uint32_t key, uint32_t other, bool *behind) {
    struct value x = sorter->keys[key], y = sorter->keys[other];
    bool text = x.kind == TYPE_STRING || x.kind == TYPE_BYTES;
    uint32_t shorter = x.length < y.length ? x.length : y.length;
    if (!walk_over(&sorter->walk, sizeof x + (text ? shorter : 0))) return false;
    int order = 0;
    value_order(x, y, &order);
    *behind = order > 0;
    return true;
}

// Merges the ascending halves [start, middle) and [middle, end).
static bool sorter_merge(struct sorter *sorter, const uint32_t *from, uint32_t *to, uint32_t start,
                         uint32_t middle, uint32_t end) {
    uint32_t left = start, right = middle;
    for (uint32_t at = start; at < end; at++) {
        bool take_right = left == middle;
        if (!take_right && right < end) {
            if (!sorter_behind(sorter, from[left], from[right], &take_right)) return false;
        }
        to[at] = take_right ? from[right++] : from[left++];
    }
    return true;
}

static bool sorter_pass(struct sorter *sorter, const uint32_t *from, uint32_t *to, uint32_t count,
                        uint32_t width) {
    for (uint32_t start = 0; start < count; start += 2 * width) {
        uint32_t middle = count - start < width ? count : start + width;
        uint32_t end = count - middle < width ? count : middle + width;
        if (!sorter_merge(sorter, from, to, start, middle, end)) return false;
    }
    return true;
}

enum { ORDER_MOST = 1 << 28 }; // widths and starts below stay within 32 bits

enum failure list_order(struct call *call, const struct value *keys, uint32_t count,
                        uint32_t **order) {
    enum failure failure = check_keys(keys, count);
    if (failure != FAILURE_NONE) return failure;
    if (count > ORDER_MOST) return FAILURE_NO_MEMORY;
    uint32_t *from = arena_raw_array(call->arena, count, sizeof *from);
    uint32_t *to = arena_raw_array(call->arena, count, sizeof *to);
    if (from == NULL || to == NULL) return FAILURE_NO_MEMORY;
    for (uint32_t i = 0; i < count; i++)
        from[i] = i;
    struct sorter sorter = {{.call = call}, keys};
    for (uint32_t width = 1; width < count; width *= 2) {
        if (!sorter_pass(&sorter, from, to, count, width)) return FAILURE_STEPS;
        uint32_t *done = to;
        to = from;
        from = done;
    }
    *order = from;
    return FAILURE_NONE;
}

static enum failure sort_by(struct call *call, struct value list, const struct value *keys,
                            struct value *out) {
    struct value *items;
    uint32_t *order;
    enum failure failure = items_make(call, list.length, &items);
    if (failure == FAILURE_NONE) failure = list_order(call, keys, list.length, &order);
    if (failure != FAILURE_NONE) return failure;
    for (uint32_t i = 0; i < list.length; i++)
        items[i] = list.as.items[order[i]];
    return items_list(items, list.length, out);
}

enum failure list_sort(struct call *call, const struct value *arguments, struct value *out) {
    return sort_by(call, arguments[0], arguments[0].as.items, out);
}

enum failure list_sort_by(struct call *call, const struct value *arguments, struct value *out) {
    if (arguments[0].length != arguments[1].length) return FAILURE_ARGUMENT;
    return sort_by(call, arguments[0], arguments[1].as.items, out);
}

enum failure list_range(struct call *call, const struct value *arguments, struct value *out) {
    int64_t end = arguments[0].as.integer;
    uint64_t count = end < 0 ? 0 : (uint64_t)end;
    struct value *items;
    enum failure failure = items_make(call, count, &items);
    if (failure != FAILURE_NONE) return failure;
    for (uint32_t i = 0; i < count; i++)
        items[i] = value_int(i);
    return items_list(items, (uint32_t)count, out);
}

enum failure list_reverse(struct call *call, const struct value *arguments, struct value *out) {
    struct value list = arguments[0];
    struct value *items;
    enum failure failure = items_make(call, list.length, &items);
    if (failure != FAILURE_NONE) return failure;
    for (uint32_t i = 0; i < list.length; i++)
        items[i] = list.as.items[list.length - 1 - i];
    return items_list(items, list.length, out);
}

// An item is less deep than its list, so the optional is no deeper.
enum failure list_first(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    struct value list = arguments[0];
    *out = value_optional(list.length == 0 ? NULL : list.as.items);
    return FAILURE_NONE;
}

enum failure list_last(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    struct value list = arguments[0];
    *out = value_optional(list.length == 0 ? NULL : list.as.items + (list.length - 1));
    return FAILURE_NONE;
}
