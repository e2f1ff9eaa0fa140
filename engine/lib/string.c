// Functions on strings and the sizes of collections (CEL standard definitions; strings count code
// points).
#include "engine/base/utf8.h"
#include "engine/lib/functions.h"

enum failure string_starts_with(struct call *call, const struct value *arguments,
                                struct value *out) {
    (void)call;
    *out = value_bool(slice_starts(value_text(arguments[0]), value_text(arguments[1])));
    return FAILURE_NONE;
}

enum failure string_ends_with(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    *out = value_bool(slice_ends(value_text(arguments[0]), value_text(arguments[1])));
    return FAILURE_NONE;
}

enum failure string_contains(struct call *call, const struct value *arguments, struct value *out) {
    (void)call;
    *out = value_bool(slice_find(value_text(arguments[0]), value_text(arguments[1])) >= 0);
    return FAILURE_NONE;
}

enum failure size_of(struct call *call, const struct value *arguments, struct value *out) {
    struct value of = arguments[0];
    if (of.kind == TYPE_STRING && !call_charge(call, of.length)) return FAILURE_STEPS;
    bool collection = of.kind == TYPE_LIST || of.kind == TYPE_MAP || of.kind == TYPE_BYTES;
    *out = value_int(collection ? of.length : utf8_count(value_text(of)));
    return FAILURE_NONE;
}
