// Lists, maps and optionals as instructions make and ask them.
#include "engine/run/collection.h"

#include "engine/lib/compare.h"
#include "engine/lib/network.h"
#include "engine/lib/optional.h"

enum failure collection_list(struct run *run, const struct value *items, uint32_t count,
                             struct value *out) {
    struct value *copy = arena_take_raw(run->arena, count * sizeof *copy);
    if (copy == NULL) return FAILURE_NO_MEMORY;
    uint8_t depth = 0;
    for (uint32_t i = 0; i < count; i++) {
        copy[i] = items[i];
        if (items[i].depth > depth) depth = items[i].depth;
    }
    if (depth >= LIMIT_NESTING) return FAILURE_TOO_DEEP;
    *out = (struct value){.kind = TYPE_LIST, .depth = (uint8_t)(depth + 1), .length = count};
    out->as.items = copy;
    return FAILURE_NONE;
}

static bool is_key(enum type type) {
    return type == TYPE_STRING || type == TYPE_INT || type == TYPE_UINT || type == TYPE_BOOL;
}

// Whether a key comes twice. Many keys are told apart by a table.
static enum failure check_keys(struct run *run, struct value map, bool *twice) {
    enum { FEW = 16 };
    uint32_t places = 64;
    *twice = false;
    if (map.length <= FEW) {
        for (struct value so_far = map; so_far.length-- > 0 && !*twice;)
            *twice = map_find(so_far, map.as.items[2 * so_far.length]) != NULL;
        return FAILURE_NONE;
    }
    struct value copy = map;
    while (places < 4 * map.length)
        places *= 2;
    size_t items = 2 * sizeof(struct value) * map.length;
    char *at = arena_take_raw(run->arena, items + places * sizeof(uint32_t));
    if (at == NULL) return FAILURE_NO_MEMORY;
    memcpy(at, map.as.items, items);
    copy.as.items = (const struct value *)(void *)at;
    // An honest table takes a few steps for each key.
    if (!index_build(&copy, 64 * (uint64_t)map.length)) return FAILURE_STEPS;
    for (uint32_t i = 0; i < map.length && !*twice; i++)
        *twice = map_find(copy, copy.as.items[2 * i]) != &copy.as.items[2 * i + 1];
    return FAILURE_NONE;
}

// Of items that are the map's own: key, value, key, value …
static enum failure make_map(struct run *run, struct value map, struct value *out) {
    bool twice;
    for (uint32_t i = 0; i < map.length; i++) {
        if (!is_key(map.as.items[2 * i].kind)) return FAILURE_KEY_TYPE;
    }
    enum failure failure = check_keys(run, map, &twice);
    if (failure != FAILURE_NONE) return failure;
    if (twice) return FAILURE_DUPLICATE_KEY;
    *out = map;
    return FAILURE_NONE;
}

enum failure collection_map(struct run *run, const struct value *entries, uint32_t count,
                            struct value *out) {
    struct value map = {0};
    enum failure failure = collection_list(run, entries, 2 * count, &map);
    if (failure != FAILURE_NONE) return failure;
    map.kind = TYPE_MAP;
    map.length = count;
    return make_map(run, map, out);
}

// An index is an int, or a uint or double of the same value (CEL: "heterogeneous" keys).
static enum failure index_list(struct value list, struct value index, const struct value **out) {
    int64_t at = index.as.integer;
    if (index.kind == TYPE_UINT && index.as.natural > INT64_MAX) return FAILURE_INDEX_RANGE;
    if (index.kind == TYPE_DOUBLE) {
        if (!(index.as.real >= 0 && index.as.real < 4294967296.0)) return FAILURE_INDEX_RANGE;
        at = (int64_t)index.as.real;
        if ((double)at != index.as.real) return FAILURE_INDEX_RANGE;
    } else if (index.kind != TYPE_INT && index.kind != TYPE_UINT) {
        return FAILURE_NO_OVERLOAD;
    }
    if (at < 0 || at >= list.length) return FAILURE_INDEX_RANGE;
    *out = &list.as.items[at];
    return FAILURE_NONE;
}

// NO_SUCH_KEY and INDEX_RANGE where there is nothing.
static enum failure find_in(struct run *run, struct value from, struct value index,
                            const struct value **out) {
    if (from.kind == TYPE_LIST) return index_list(from, index, out);
    if (from.kind != TYPE_MAP) return FAILURE_NO_OVERLOAD;
    *out = map_find_within(from, index, &run->call.steps);
    return *out == NULL ? FAILURE_NO_SUCH_KEY : FAILURE_NONE;
}

// `from[?index]`; of an optional, what it holds is asked.
enum failure collection_index_optional(struct run *run, struct value from, struct value index,
                                       struct value *out) {
    const struct value *found = NULL;
    while (from.kind == TYPE_OPTIONAL) {
        *out = from;
        if (from.length == 0) return FAILURE_NONE;
        from = *from.as.items;
    }
    enum failure failure = find_in(run, from, index, &found);
    bool nothing = failure == FAILURE_NO_SUCH_KEY || failure == FAILURE_INDEX_RANGE;
    if (failure != FAILURE_NONE && !nothing) return failure;
    if (found != NULL) return optional_make(run->arena, *found, out);
    *out = value_optional(NULL);
    return FAILURE_NONE;
}

enum failure collection_index(struct run *run, struct value from, struct value index,
                              struct value *out) {
    const struct value *found;
    if (from.kind == TYPE_OPTIONAL) return collection_index_optional(run, from, index, out);
    enum failure failure = find_in(run, from, index, &found);
    if (failure == FAILURE_NONE) *out = *found;
    return failure;
}

// Only maps have fields.
static bool has_fields(struct value value) {
    if (value.kind == TYPE_OPTIONAL) return value.length == 0 || has_fields(*value.as.items);
    return value.kind == TYPE_MAP;
}

enum failure collection_has(struct run *run, struct value from, struct value name,
                            struct value *out) {
    if (!has_fields(from)) return FAILURE_NO_OVERLOAD;
    while (from.kind == TYPE_OPTIONAL && from.length > 0)
        from = *from.as.items;
    *out =
        value_bool(from.kind == TYPE_MAP && map_find_within(from, name, &run->call.steps) != NULL);
    return FAILURE_NONE;
}

enum failure collection_holds(struct run *run, struct value in, struct value item,
                              struct value *out) {
    bool found = false;
    enum failure failure = FAILURE_NONE;
    switch ((enum type)in.kind) {
    case TYPE_LIST: found = list_holds_within(in, item, &run->call.steps); break;
    case TYPE_MAP: found = map_find_within(in, item, &run->call.steps) != NULL; break;
    case TYPE_CIDRS: failure = network_in(item, in, &found); break;
    default: return FAILURE_NO_OVERLOAD;
    }
    *out = value_bool(found);
    return failure;
}

// ---- lists and maps under construction

struct builder {
    struct value *items;
    uint32_t count;
    uint32_t capacity;
    uint8_t depth; // of the deepest item
};

enum failure collection_build(struct run *run, struct value like, struct value *out) {
    struct builder *builder = arena_take(run->arena, sizeof *builder);
    if (builder == NULL) return FAILURE_NO_MEMORY;
    bool sized = like.kind == TYPE_LIST || like.kind == TYPE_MAP;
    builder->capacity = sized && like.length > 0 ? like.length : 4;
    builder->items = arena_take_raw(run->arena, builder->capacity * sizeof *builder->items);
    if (builder->items == NULL) return FAILURE_NO_MEMORY;
    *out = (struct value){.kind = TYPE_BUILDER, .as.object = builder};
    return FAILURE_NONE;
}

static enum failure append(struct run *run, struct builder *builder, struct value item) {
    if (builder->count == builder->capacity) {
        uint32_t capacity = builder->capacity * 2;
        if (capacity > LIMIT_STRING / sizeof item) return FAILURE_TOO_LONG;
        struct value *items = arena_take_raw(run->arena, capacity * sizeof *items);
        if (items == NULL) return FAILURE_NO_MEMORY;
        memcpy(items, builder->items, builder->count * sizeof *items);
        builder->items = items;
        builder->capacity = capacity;
    }
    if (item.depth > builder->depth) builder->depth = item.depth;
    builder->items[builder->count++] = item;
    return FAILURE_NONE;
}

static enum failure append_entry(struct run *run, struct builder *builder, struct value key,
                                 struct value value) {
    if (value.kind != TYPE_OPTIONAL) return FAILURE_NO_OVERLOAD;
    if (value.length == 0) return FAILURE_NONE;
    enum failure failure = append(run, builder, key);
    return failure != FAILURE_NONE ? failure : append(run, builder, *value.as.items);
}

static enum failure append_map(struct run *run, struct builder *builder, struct value map) {
    if (map.kind != TYPE_MAP) return FAILURE_NO_OVERLOAD;
    for (uint32_t i = 0; i < 2 * map.length; i++) {
        enum failure failure = append(run, builder, map.as.items[i]);
        if (failure != FAILURE_NONE) return failure;
    }
    return call_charge(&run->call, map.length) ? FAILURE_NONE : FAILURE_STEPS;
}

// One of the instructions that add to a builder.
enum failure collection_add(struct run *run, uint16_t op, struct value to, struct value x,
                            struct value y) {
    // Made by `build`, in the stream's own memory.
    struct builder *builder = (struct builder *)(uintptr_t)to.as.object;
    switch (op) {
    case OP_APPEND: return append(run, builder, x);
    case OP_APPEND_ENTRY: return append_entry(run, builder, x, y);
    case OP_APPEND_MAP: return append_map(run, builder, x);
    default: break;
    }
    if (x.kind != TYPE_OPTIONAL) return FAILURE_NO_OVERLOAD;
    return x.length == 0 ? FAILURE_NONE : append(run, builder, *x.as.items);
}

enum failure collection_built(struct run *run, struct value from, bool map, struct value *out) {
    const struct builder *builder = from.as.object;
    if (builder->depth >= LIMIT_NESTING) return FAILURE_TOO_DEEP;
    struct value made = {.kind = TYPE_LIST,
                         .depth = (uint8_t)(builder->depth + 1),
                         .length = builder->count,
                         .as.items = builder->items};
    if (map) {
        made.kind = TYPE_MAP;
        made.length = builder->count / 2;
        return make_map(run, made, out);
    }
    *out = made;
    return FAILURE_NONE;
}
