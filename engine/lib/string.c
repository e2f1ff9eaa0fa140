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

enum failure string_size(struct arena *arena, const struct value *arguments, struct value *out) {
    (void)arena;
    *out = value_int(utf8_count(value_text(arguments[0])));
    return FAILURE_NONE;
}

enum failure collection_size(struct arena *arena, const struct value *arguments,
                             struct value *out) {
    (void)arena;
    *out = value_int(arguments[0].length);
    return FAILURE_NONE;
}
