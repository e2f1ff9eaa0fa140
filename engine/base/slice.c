// Comparison, search and hashing of slices.
#define _GNU_SOURCE // memmem: linear in both libraries
#include "engine/base/slice.h"

bool slice_equal_folded(slice a, slice b) {
    if (a.length != b.length) return false;
    for (uint32_t i = 0; i < a.length; i++) {
        if (ascii_lower(a.at[i]) != ascii_lower(b.at[i])) return false;
    }
    return true;
}

int slice_compare(slice a, slice b) {
    uint32_t shared = a.length < b.length ? a.length : b.length;
    int order = shared == 0 ? 0 : memcmp(a.at, b.at, shared);
    if (order != 0) return order;
    return a.length == b.length ? 0 : (a.length < b.length ? -1 : 1);
}

int64_t slice_find(slice text, slice needle) {
    if (needle.length == 0) return 0;
    if (needle.length > text.length) return -1;
    const char *hit = memmem(text.at, text.length, needle.at, needle.length);
    return hit == NULL ? -1 : hit - text.at;
}

uint32_t slice_hash_folded(slice text) {
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < text.length; i++) {
        hash = (hash ^ (uint8_t)ascii_lower(text.at[i])) * 16777619u;
    }
    return hash;
}
