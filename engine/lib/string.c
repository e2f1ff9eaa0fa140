// Functions on strings and the sizes of collections (CEL standard definitions; strings count code
// points).
#include "engine/base/utf8.h"
#include "engine/lib/functions.h"

enum failure string_starts_with(struct arena *arena, const struct value *arguments,
                                struct value *out) {
    (void)arena;
    *out = value_bool(slice_starts(value_text(arguments[0]), value_text(arguments[1])));
    return FAILURE_NONE;
}

enum failure string_ends_with(struct arena *arena, const struct value *arguments,
                              struct value *out) {
    (void)arena;
    *out = value_bool(slice_ends(value_text(arguments[0]), value_text(arguments[1])));
    return FAILURE_NONE;
}

enum failure string_contains(struct arena *arena, const struct value *arguments,
                             struct value *out) {
    (void)arena;
    *out = value_bool(slice_find(value_text(arguments[0]), value_text(arguments[1])) >= 0);
    return FAILURE_NONE;
}

enum failure size_of(struct arena *arena, const struct value *arguments, struct value *out) {
    (void)arena;
    struct value of = arguments[0];
    bool collection = of.kind == TYPE_LIST || of.kind == TYPE_MAP || of.kind == TYPE_BYTES;
    if (of.kind != TYPE_STRING && !collection) return FAILURE_NO_OVERLOAD;
    *out = value_int(collection ? of.length : utf8_count(value_text(of)));
    return FAILURE_NONE;
}
