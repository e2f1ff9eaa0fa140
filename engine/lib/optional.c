// Optional values (cel-go's library of optional types): an absent value without an error.
#include "engine/lib/optional.h"
#include "engine/base/limits.h"
#include "engine/lib/functions.h"

enum failure optional_make(struct arena *arena, struct value held, struct value *out) {
    if (held.depth >= LIMIT_NESTING) return FAILURE_TOO_DEEP;
    struct value *kept = arena_take_raw(arena, sizeof *kept);
    if (kept == NULL) return FAILURE_NO_MEMORY;
    *kept = held;
    *out = value_optional(kept);
    return FAILURE_NONE;
}

static bool is_zero(struct value value) {
    switch ((enum type)value.kind) {
    case TYPE_NULL: return true;
    case TYPE_BOOL: return !value.as.boolean;
    case TYPE_INT:
    case TYPE_UINT:
    case TYPE_DURATION: return value.as.natural == 0;
    case TYPE_TIMESTAMP: return value.as.integer == 0 && value.length == 0;
    case TYPE_DOUBLE: return value.as.real == 0;
    case TYPE_STRING:
    case TYPE_BYTES:
    case TYPE_LIST:
    case TYPE_MAP:
    case TYPE_OPTIONAL: return value.length == 0;
    default: return false;
    }
}

enum failure optional_of(struct call *call, const struct value *arguments, struct value *out) {
    return optional_make(call->arena, arguments[0], out);
}

enum failure optional_of_non_zero(struct call *call, const struct value *arguments,
                                  struct value *out) {
    if (!is_zero(arguments[0])) return optional_make(call->arena, arguments[0], out);
    *out = value_optional(NULL);
    return FAILURE_NONE;
}

enum failure optional_none(struct call *call, const struct value *arguments, struct value *out) {
    (void)call, (void)arguments;
    *out = value_optional(NULL);
    return FAILURE_NONE;
}

enum failure optional_value(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    if (arguments[0].length == 0) return FAILURE_NO_VALUE;
    *out = *arguments[0].as.items;
    return FAILURE_NONE;
}

enum failure optional_has_value(struct call *call, const struct value *arguments,
                                struct value *out) {
    (void)call;
    *out = value_bool(arguments[0].length > 0);
    return FAILURE_NONE;
}

enum failure optional_unwrap(struct call *call, const struct value *arguments, struct value *out) {
    struct value list = arguments[0];
    if (!call_charge(call, list.length)) return FAILURE_STEPS;
    struct value *items = arena_array(call->arena, list.length, sizeof *items);
    if (items == NULL) return FAILURE_NO_MEMORY;
    uint32_t count = 0;
    for (uint32_t i = 0; i < list.length; i++) {
        struct value item = list.as.items[i];
        if (item.kind != TYPE_OPTIONAL) return FAILURE_NO_OVERLOAD;
        if (item.length > 0) items[count++] = *item.as.items;
    }
    *out = (struct value){.kind = TYPE_LIST, .depth = list.depth, .length = count};
    out->as.items = items;
    return FAILURE_NONE;
}

// What headers give is instructions; no call gets here.
enum failure headers_only(struct call *call, const struct value *arguments, struct value *out) {
    (void)call, (void)arguments, (void)out;
    return FAILURE_NO_OVERLOAD;
}

// A secret that is there is a constant of the program.
enum failure secret_missing(struct call *call, const struct value *arguments, struct value *out) {
    (void)call, (void)arguments, (void)out;
    return FAILURE_NO_SECRET;
}
