// Names of types and failures; numbers.
#include "engine/base/value.h"

static const char *const names[TYPE_TOTAL] = {
#define TYPE(name, word, full) [TYPE_##name] = word,
#include "engine/tbl/types.h"
#undef TYPE
};

static const char *const full_names[TYPE_TOTAL] = {
#define TYPE(name, word, full) [TYPE_##name] = full,
#include "engine/tbl/types.h"
#undef TYPE
};

const char *type_name(enum type type) {
    return names[type];
}

const char *type_full_name(enum type type) {
    return full_names[type];
}

enum type type_of_word(slice word) {
    for (uint32_t i = TYPE_NULL; i < TYPE_TOTAL; i++) {
        if (slice_is(word, names[i])) return (enum type)i;
    }
    return type_of_full_name(word);
}

enum type type_of_full_name(slice name) {
    for (uint32_t i = TYPE_NULL; i < TYPE_TOTAL && name.length > 0; i++) {
        if (slice_is(name, full_names[i])) return (enum type)i;
    }
    return TYPE_NONE;
}

bool value_whole(struct value value, uint64_t most, uint64_t *whole) {
    *whole = value.as.natural;
    if (value.kind == TYPE_DOUBLE) {
        if (!(value.as.real >= 0 && value.as.real <= (double)most)) return false;
        *whole = (uint64_t)value.as.real;
        return (double)*whole == value.as.real;
    }
    // A negative int is above all of them.
    return (value.kind == TYPE_INT || value.kind == TYPE_UINT) && *whole <= most;
}

const char *failure_words(enum failure failure) {
    static const char *const words[FAILURE_TOTAL] = {
#define FAILURE(name, text) [FAILURE_##name] = text,
#include "engine/tbl/failures.h"
#undef FAILURE
    };
    return words[failure];
}
