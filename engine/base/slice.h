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

// Copies the bytes to `at`, short ones without a call, and returns the end of the copy.
static inline char *slice_put(char *at, slice text) {
    uint32_t length = text.length, done = 0;
    if (length > 64) {
        memcpy(at, text.at, length);
        return at + length;
    }
    for (; length - done >= 8; done += 8)
        memcpy(at + done, text.at + done, 8);
    if (length - done >= 4) {
        memcpy(at + done, text.at + done, 4);
        done += 4;
    }
    for (; done < length; done++)
        at[done] = text.at[done];
    return length == 0 ? at : at + length;
}

// bits: 1 to 63.
static inline uint64_t word_rotated(uint64_t word, uint32_t bits) {
    return word << bits | word >> (64 - bits);
}

// Eight bytes as a number, the first one lowest.
static inline uint64_t eight_load(const char *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(word) : word;
}

static inline void eight_store(char *at, uint64_t word) {
    if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) word = __builtin_bswap64(word);
    memcpy(at, &word, sizeof word);
}

// The byte eight times.
static inline uint64_t eight_of(uint8_t byte) {
    return byte * UINT64_C(0x0101010101010101);
}

// Of marks in the highest bits of bytes, at least one: the number of the first marked byte.
static inline uint32_t eight_first(uint64_t marks) {
    return (uint32_t)__builtin_ctzll(marks) / 8;
}

// ASCII letters alike in either case: header names (RFC 9110 section 5.1).
bool slice_equal_folded(slice a, slice b);

// Byte order, a prefix first: negative, 0 or positive. UTF-8 keeps it equal to code point order.
int slice_compare(slice a, slice b);

// Offset of the first `needle` in `text`, or -1. An empty needle is found at 0. Takes time linear
// in the text, whatever the two are.
int64_t slice_find(slice text, slice needle);

// FNV-1a over the bytes as if in lower case: for tables of names, never for untrusted keys.
uint32_t slice_hash_folded(slice text);

#endif
