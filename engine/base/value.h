// Values of expressions: 16 bytes, passed by value, never owning what they point to.
#ifndef WEIR_BASE_VALUE_H
#define WEIR_BASE_VALUE_H

#include "engine/base/slice.h"

enum type {
#define TYPE(name, word, full) TYPE_##name,
#include "engine/tbl/types.h"
#undef TYPE
    TYPE_TOTAL
};

struct value {
    uint8_t kind;    // enum type
    uint8_t depth;   // LIST, MAP, OPTIONAL: one more than the deepest item's, at most LIMIT_NESTING; else 0
    uint16_t spare;  // 0
    uint32_t length; // STRING, BYTES, TYPE, SECRET, IP, CIDR: bytes; LIST: items; MAP: entries;
                     // TIMESTAMP: nanoseconds of its second; OPTIONAL: 1, or 0 for none;
                     // HEADERS: which message
    union {
        bool boolean;
        int64_t integer; // INT; DURATION: nanoseconds; TIMESTAMP: seconds since 1970 UTC, towards
                         // the past; ERROR: enum failure
        uint64_t natural;
        double real;
        const char *text; // STRING, BYTES, SECRET; TYPE: its name; IP: 4 or 16 bytes in network
                          // order; CIDR: the same and one byte of prefix length
        const struct value *items; // LIST: length items; MAP: key, value, key, value …;
                                   // OPTIONAL: its value
        const void *object;        // REGEX, CIDRS: struct regex, struct cidr_set
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

static inline struct value value_uint(uint64_t natural) {
    return (struct value){.kind = TYPE_UINT, .as.natural = natural};
}

static inline struct value value_duration(int64_t nanoseconds) {
    return (struct value){.kind = TYPE_DURATION, .as.integer = nanoseconds};
}

// nanoseconds: 0 to 999999999.
static inline struct value value_timestamp(int64_t seconds, uint32_t nanoseconds) {
    return (struct value){
        .kind = TYPE_TIMESTAMP, .length = nanoseconds, .as.integer = seconds};
}

// The value must live as long as the optional; NULL: none. One level deeper than what it holds.
static inline struct value value_optional(const struct value *held) {
    uint8_t depth = held == NULL ? 1 : (uint8_t)(held->depth + 1);
    return (struct value){
        .kind = TYPE_OPTIONAL, .depth = depth, .length = held != NULL, .as.items = held};
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

// A type as a value: its name, as `type()` gives it.
static inline struct value value_type(slice name) {
    return (struct value){.kind = TYPE_TYPE, .length = name.length, .as.text = name.at};
}

static inline struct value value_bytes(slice bytes) {
    return (struct value){.kind = TYPE_BYTES, .length = bytes.length, .as.text = bytes.at};
}

// The word for a type in signatures and messages, and the name that type() gives.
const char *type_name(enum type type);
const char *type_full_name(enum type type);

// The type of that word or full name, or NONE.
enum type type_of_word(slice word);

// The type that expressions name so (`int`, `google.protobuf.Timestamp`), or NONE.
enum type type_of_full_name(slice name);

// Whether as.text is what the value is; how many values as.items holds.
static inline bool value_is_text(struct value value) {
    return value.kind == TYPE_STRING || value.kind == TYPE_BYTES || value.kind == TYPE_TYPE ||
           value.kind == TYPE_SECRET || value.kind == TYPE_IP || value.kind == TYPE_CIDR;
}

static inline uint32_t value_held(struct value value) {
    if (value.kind == TYPE_MAP) return 2 * value.length;
    return value.kind == TYPE_LIST || value.kind == TYPE_OPTIONAL ? value.length : 0;
}

// Whether the value is a whole number from 0 to `most`, at most 2^53. Numbers of JSON are doubles:
// integral ones count.
bool value_whole(struct value value, uint64_t most, uint64_t *whole);

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
