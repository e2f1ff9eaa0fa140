// Text and bytes by pointer and length. A slice never owns and need not end in NUL.
#ifndef WEIR_BASE_SLICE_H
#define WEIR_BASE_SLICE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define LEN(array) (sizeof(array) / sizeof((array)[0]))

typedef struct slice {
    const char *at;
    uint32_t length; // bytes
} slice;

// Of a C string; `text` may be NULL, which gives the empty slice.
static inline slice slice_of(const char *text) {
    return (slice){text, text ? (uint32_t)strlen(text) : 0};
}

static inline slice slice_from(const char *at, uint32_t length) {
    return (slice){at, length};
}

// The bytes [start, end); both are within `text`. NULL may not be moved, not even by 0.
static inline slice slice_cut(slice text, uint32_t start, uint32_t end) {
    return (slice){start == 0 ? text.at : text.at + start, end - start};
}

// memcmp must not see a NULL pointer, which empty slices may hold.
static inline bool slice_equal(slice a, slice b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

static inline bool slice_is(slice a, const char *text) {
    return slice_equal(a, slice_of(text));
}

static inline bool slice_starts(slice text, slice prefix) {
    return text.length >= prefix.length && slice_equal(slice_cut(text, 0, prefix.length), prefix);
}

static inline bool slice_ends(slice text, slice suffix) {
    return text.length >= suffix.length &&
           slice_equal(slice_cut(text, text.length - suffix.length, text.length), suffix);
}

static inline char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

// ASCII letters alike in either case: header names (RFC 9110 section 5.1).
bool slice_equal_folded(slice a, slice b);

// Byte order, a prefix first: negative, 0 or positive. UTF-8 keeps it equal to code point order.
int slice_compare(slice a, slice b);

// Offset of the first `needle` in `text`, or -1. An empty needle is found at 0.
int64_t slice_find(slice text, slice needle);

// FNV-1a over the bytes as if in lower case: for tables of names, never for untrusted keys.
uint32_t slice_hash_folded(slice text);

#endif
