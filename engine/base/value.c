// Names of types and failures.
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

const char *failure_words(enum failure failure) {
    static const char *const words[FAILURE_TOTAL] = {
#define FAILURE(name, text) [FAILURE_##name] = text,
#include "engine/tbl/failures.h"
#undef FAILURE
    };
    return words[failure];
}
