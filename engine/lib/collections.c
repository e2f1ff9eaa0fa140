// Comparing, searching and making lists and maps within the request's steps.
#include "engine/lib/collections.h"

#include "engine/base/limits.h"
#include "engine/lib/compare.h"

bool walk_over(struct walk *walk, uint64_t bytes) {
    walk->rest += bytes;
    uint64_t whole = walk->rest - walk->rest % 64;
    walk->rest -= whole;
    return call_charge(walk->call, whole);
}

static bool walk_equal_lists(struct walk *walk, struct value x, struct value y, bool *equal) {
    *equal = x.length == y.length;
    for (uint32_t i = 0; i < x.length && *equal; i++) {
        if (!walk_equal(walk, x.as.items[i], y.as.items[i], equal)) return false;
    }
    return true;
}

static bool walk_equal_maps(struct walk *walk, struct value x, struct value y, bool *equal) {
    *equal = x.length == y.length;
    for (uint32_t i = 0; i < x.length && *equal; i++) {
        const struct value *entry = x.as.items + (size_t)i * 2;
        uint32_t at;
        if (!walk_find(walk, y.as.items, y.length, 2, entry[0], &at, equal)) return false;
        if (!*equal) return true;
        if (!walk_equal(walk, entry[1], y.as.items[(size_t)at * 2 + 1], equal)) return false;
    }
    return true;
}

// Bytes that comparing the two looks at, those inside of collections apart.
static uint64_t compared_bytes(struct value x, struct value y) {
    bool text = x.kind == TYPE_STRING || x.kind == TYPE_BYTES;
    bool walked = text && x.kind == y.kind && x.length == y.length;
    return sizeof x + (walked ? x.length : 0);
}

// Recursion is bounded by the depth that values carry.
bool walk_equal(struct walk *walk, struct value x, struct value y, bool *equal) {
    if (!walk_over(walk, compared_bytes(x, y))) return false;
    if (x.kind == TYPE_LIST && y.kind == TYPE_LIST) return walk_equal_lists(walk, x, y, equal);
    if (x.kind == TYPE_MAP && y.kind == TYPE_MAP) return walk_equal_maps(walk, x, y, equal);
    bool both_held = x.kind == TYPE_OPTIONAL && y.kind == TYPE_OPTIONAL && x.length == y.length;
    if (both_held) return walk_equal_lists(walk, x, y, equal);
    *equal = value_equal(x, y);
    return true;
}

bool walk_find(struct walk *walk, const struct value *items, uint32_t count, uint32_t stride,
               struct value sought, uint32_t *at, bool *found) {
    *found = false;
    for (uint32_t i = 0; i < count && !*found; i++) {
        if (!walk_equal(walk, sought, items[(size_t)i * stride], found)) return false;
        *at = i;
    }
    return true;
}

enum failure items_make(struct call *call, uint64_t count, struct value **items) {
    *items = NULL;
    if (count > UINT32_MAX / sizeof **items) return FAILURE_NO_MEMORY;
    uint32_t bytes = (uint32_t)count * (uint32_t)sizeof **items;
    if (!call_charge(call, bytes)) return FAILURE_STEPS;
    *items = arena_take_raw(call->arena, bytes);
    return *items == NULL ? FAILURE_NO_MEMORY : FAILURE_NONE;
}

static enum failure items_whole(const struct value *items, size_t values, struct value *whole) {
    uint8_t depth = 0;
    for (size_t i = 0; i < values; i++)
        depth = items[i].depth > depth ? items[i].depth : depth;
    if (depth >= LIMIT_NESTING) return FAILURE_TOO_DEEP;
    whole->depth = (uint8_t)(depth + 1);
    whole->as.items = items;
    return FAILURE_NONE;
}

enum failure items_list(const struct value *items, uint32_t count, struct value *out) {
    struct value list = {.kind = TYPE_LIST, .length = count};
    enum failure failure = items_whole(items, count, &list);
    if (failure == FAILURE_NONE) *out = list;
    return failure;
}

enum failure items_map(const struct value *items, uint32_t entries, struct value *out) {
    struct value map = {.kind = TYPE_MAP, .length = entries};
    enum failure failure = items_whole(items, (size_t)entries * 2, &map);
    if (failure == FAILURE_NONE) *out = map;
    return failure;
}

// A map while it is put together; there is room for every entry.
struct entries {
    struct walk walk;
    struct value *items;
    uint32_t count;
};

static void entries_add(struct entries *entries, const struct value *entry) {
    memcpy(entries->items + (size_t)entries->count * 2, entry, 2 * sizeof *entry);
    entries->count++;
}

static enum failure entries_start(struct entries *entries, struct call *call, uint64_t most) {
    *entries = (struct entries){.walk = {.call = call}};
    return items_make(call, most * 2, &entries->items);
}

// Keys of one map differ, so only the `first` entries are searched.
static bool entries_put(struct entries *entries, uint32_t first, const struct value *entry) {
    uint32_t at;
    bool found;
    if (!walk_find(&entries->walk, entries->items, first, 2, entry[0], &at, &found)) return false;
    if (found) {
        entries->items[(size_t)at * 2 + 1] = entry[1];
    } else {
        entries_add(entries, entry);
    }
    return true;
}

enum failure map_merge(struct call *call, const struct value *arguments, struct value *out) {
    struct value base = arguments[0], more = arguments[1];
    struct entries entries;
    enum failure failure = entries_start(&entries, call, (uint64_t)base.length + more.length);
    if (failure != FAILURE_NONE) return failure;
    for (uint32_t i = 0; i < base.length; i++)
        entries_add(&entries, base.as.items + (size_t)i * 2);
    for (uint32_t i = 0; i < more.length; i++) {
        if (!entries_put(&entries, base.length, more.as.items + (size_t)i * 2)) {
            return FAILURE_STEPS;
        }
    }
    return items_map(entries.items, entries.count, out);
}

enum failure map_without(struct call *call, const struct value *arguments, struct value *out) {
    struct value map = arguments[0], keys = arguments[1];
    struct entries entries;
    enum failure failure = entries_start(&entries, call, map.length);
    if (failure != FAILURE_NONE) return failure;
    for (uint32_t i = 0; i < map.length; i++) {
        const struct value *entry = map.as.items + (size_t)i * 2;
        uint32_t at;
        bool found;
        if (!walk_find(&entries.walk, keys.as.items, keys.length, 1, entry[0], &at, &found)) {
            return FAILURE_STEPS;
        }
        if (!found) entries_add(&entries, entry);
    }
    return items_map(entries.items, entries.count, out);
}

// Goes through `sought` until an item of it is in `list` (when `wanted`) or is not; *met says
// whether that came.
static bool walk_until(struct walk *walk, struct value list, struct value sought, bool wanted,
                       bool *met) {
    *met = false;
    for (uint32_t i = 0; i < sought.length && !*met; i++) {
        uint32_t at;
        bool found;
        struct value item = sought.as.items[i];
        if (!walk_find(walk, list.as.items, list.length, 1, item, &at, &found)) return false;
        *met = found == wanted;
    }
    return true;
}

enum failure sets_contains(struct call *call, const struct value *arguments, struct value *out) {
    struct walk walk = {.call = call};
    bool missing;
    if (!walk_until(&walk, arguments[0], arguments[1], false, &missing)) return FAILURE_STEPS;
    *out = value_bool(!missing);
    return FAILURE_NONE;
}

enum failure sets_equivalent(struct call *call, const struct value *arguments, struct value *out) {
    struct walk walk = {.call = call};
    bool missing;
    if (!walk_until(&walk, arguments[0], arguments[1], false, &missing)) return FAILURE_STEPS;
    bool again = !missing;
    if (again && !walk_until(&walk, arguments[1], arguments[0], false, &missing)) {
        return FAILURE_STEPS;
    }
    *out = value_bool(!missing);
    return FAILURE_NONE;
}

enum failure sets_intersects(struct call *call, const struct value *arguments, struct value *out) {
    struct walk walk = {.call = call};
    bool met;
    if (!walk_until(&walk, arguments[1], arguments[0], true, &met)) return FAILURE_STEPS;
    *out = value_bool(met);
    return FAILURE_NONE;
}
