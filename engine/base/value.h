// Values of expressions: 16 bytes, passed by value, never owning what they point to.
#ifndef WEIR_BASE_VALUE_H
#define WEIR_BASE_VALUE_H

#include "engine/base/slice.h"

enum type {
#define TYPE(name, text) TYPE_##name,
#include "engine/tbl/types.h"
#undef TYPE
    TYPE_TOTAL
};

struct value {
    uint8_t kind;    // enum type
    uint8_t depth;   // LIST, MAP: one more than the deepest item's, at most LIMIT_NESTING; else 0
    uint16_t spare;  // 0
    uint32_t length; // STRING, BYTES: bytes; LIST: items; MAP: entries; HEADERS: which message
    union {
        bool boolean;
        int64_t integer; // INT; DURATION: nanoseconds; TIMESTAMP: nanoseconds since 1970 UTC;
                         // ERROR: enum failure
        uint64_t natural;
        double real;
        const char *text;
        const struct value *items; // LIST: length items; MAP: key, value, key, value …
    } as;
};

// Of `length` in HEADERS: the number of the message, and whether it is seen as it was received.
enum { HEADERS_MESSAGE = 0xff, HEADERS_ORIGINAL = 0x100 };

static inline struct value value_null(void) {
    return (struct value){.kind = TYPE_NULL};
}

static inline struct value value_bool(bool boolean) {
    return (struct value){.kind = TYPE_BOOL, .as.boolean = boolean};
}

static inline struct value value_int(int64_t integer) {
    return (struct value){.kind = TYPE_INT, .as.integer = integer};
}

static inline struct value value_double(double real) {
    return (struct value){.kind = TYPE_DOUBLE, .as.real = real};
}

static inline struct value value_string(slice text) {
    return (struct value){.kind = TYPE_STRING, .length = text.length, .as.text = text.at};
}

static inline slice value_text(struct value value) {
    return (slice){value.as.text, value.length};
}

static inline struct value value_bytes(slice bytes) {
    return (struct value){.kind = TYPE_BYTES, .length = bytes.length, .as.text = bytes.at};
}

// The CEL name of a type.
const char *type_name(enum type type);

// Whether rules can name a type of that name: not the engine's own kinds.
bool type_is_visible(slice name);

// Why an evaluation failed; the words are for the log.
enum failure {
#define FAILURE(name, words) FAILURE_##name,
#include "engine/tbl/failures.h"
#undef FAILURE
    FAILURE_TOTAL
};

const char *failure_words(enum failure failure);

static inline struct value value_error(enum failure failure) {
    return (struct value){.kind = TYPE_ERROR, .as.integer = failure};
}

#endif
