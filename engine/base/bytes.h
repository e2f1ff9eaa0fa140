// Bytes a word at a time: short comparisons and hashes without calls and without loops. What is
// compared with constants of rules is short.
#ifndef WEIR_BASE_BYTES_H
#define WEIR_BASE_BYTES_H

#include "engine/base/slice.h"

static inline uint64_t word_at(const char *at) {
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static inline uint32_t half_at(const char *at) {
    uint32_t half;
    memcpy(&half, at, sizeof half);
    return half;
}

static inline uint16_t pair_at(const char *at) {
    uint16_t pair;
    memcpy(&pair, at, sizeof pair);
    return pair;
}

// Short texts without a loop: most of those that rules compare with are short.
static inline bool same_bytes(const char *x, const char *y, uint32_t length) {
    if (length >= 8) {
        if (length > 16) return memcmp(x, y, length) == 0;
        uint32_t last = length - 8;
        return word_at(x) == word_at(y) && word_at(x + last) == word_at(y + last);
    }
    if (length >= 4) {
        uint32_t last = length - 4;
        return half_at(x) == half_at(y) && half_at(x + last) == half_at(y + last);
    }
    if (length < 2) return length == 0 || x[0] == y[0];
    uint32_t last = length - 2;
    return pair_at(x) == pair_at(y) && pair_at(x + last) == pair_at(y + last);
}

// For tables of constants, never for keys that strangers choose.
static inline uint32_t bytes_hash(slice text) {
    uint64_t hash = text.length;
    const char *at = text.at;
    uint32_t left = text.length;
    for (; left > 8; left -= 8, at += 8)
        hash = (hash ^ word_at(at)) * UINT64_C(0xff51afd7ed558ccd) ^ hash >> 29;
    if (left == 8) {
        hash ^= word_at(at);
    } else if (left >= 4) {
        hash ^= half_at(at) | (uint64_t)half_at(at + left - 4) << 32;
    } else if (left > 0) {
        hash ^= (uint64_t)(unsigned char)at[0] | (uint64_t)(unsigned char)at[left / 2] << 8 |
                (uint64_t)(unsigned char)at[left - 1] << 16;
    }
    hash = (hash ^ hash >> 32) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint32_t)(hash >> 32);
}

#endif
