// Names of types and failures.
#include "engine/base/value.h"

const char *type_name(enum type type) {
    static const char *const names[TYPE_TOTAL] = {
#define TYPE(name, text) [TYPE_##name] = text,
#include "engine/tbl/types.h"
#undef TYPE
    };
    return names[type];
}

bool type_is_visible(slice name) {
    for (uint32_t i = TYPE_NULL; i < TYPE_TOTAL; i++) {
        bool own = i == TYPE_HEADERS || i == TYPE_ERROR || i == TYPE_DYN;
        if (!own && slice_is(name, type_name((enum type)i))) return true;
    }
    return false;
}

const char *failure_words(enum failure failure) {
    static const char *const words[FAILURE_TOTAL] = {
#define FAILURE(name, text) [FAILURE_##name] = text,
#include "engine/tbl/failures.h"
#undef FAILURE
    };
    return words[failure];
}
