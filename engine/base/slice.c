// Comparison, search and hashing of slices.
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

// Where the needle's last suffix starts in the order of bytes, or in the reversed order; *period:
// of that suffix.
static uint32_t last_suffix(slice needle, bool reversed, uint32_t *period) {
    uint32_t last = 0, rival = 1, same = 0;
    *period = 1;
    while (rival + same < needle.length) {
        uint8_t ours = (uint8_t)needle.at[last + same], its = (uint8_t)needle.at[rival + same];
        if (ours == its) {
            if (++same < *period) continue;
            rival += *period;
        } else if ((its < ours) != reversed) {
            rival += same + 1;
            *period = rival - last;
        } else {
            last = rival++;
            *period = 1;
        }
        same = 0;
    }
    return last;
}

// The two-way algorithm of Crochemore and Perrin: linear without memory. The needle is compared
// from a cut on, then before it; `known` bytes at its start are known to be equal.
static int64_t find_two_way(slice text, uint32_t at, slice needle) {
    uint32_t period, other_period;
    uint32_t cut = last_suffix(needle, false, &period);
    uint32_t other_cut = last_suffix(needle, true, &other_period);
    if (other_cut > cut) {
        cut = other_cut;
        period = other_period;
    }
    uint32_t kept = needle.length - period, known = 0;
    if (memcmp(needle.at, needle.at + period, cut) != 0) {
        uint32_t behind = needle.length - cut;
        period = cut > behind ? cut : behind + 1;
        kept = 0;
    }
    while (text.length - at >= needle.length) {
        const char *place = text.at + at;
        uint32_t same = known > cut ? known : cut;
        while (same < needle.length && place[same] == needle.at[same])
            same++;
        if (same < needle.length) {
            at += same - cut + 1;
            known = 0;
            continue;
        }
        for (same = cut; same > known && place[same - 1] == needle.at[same - 1];)
            same--;
        if (same <= known) return at;
        at += period;
        known = kept;
    }
    return -1;
}

// Whether the needle stands there; *compared grows by the bytes that had to be compared.
static bool stands_at(const char *place, slice needle, uint64_t *compared) {
    uint32_t same = 0;
    while (same < needle.length && place[same] == needle.at[same])
        same++;
    *compared += same;
    return same == needle.length;
}

// Zero bytes of the word: the first one is marked rightly, others that follow may not be zero.
static inline uint64_t zero_marks(uint64_t word) {
    return (word - eight_of(1)) & ~word & eight_of(0x80);
}

static int64_t find_byte(slice text, char byte) {
    uint64_t bytes = eight_of((uint8_t)byte);
    uint32_t at = 0;
    for (; text.length - at >= 8; at += 8) {
        uint64_t marks = zero_marks(eight_load(text.at + at) ^ bytes);
        if (marks != 0) return at + eight_first(marks);
    }
    for (; at < text.length; at++) {
        if (text.at[at] == byte) return at;
    }
    return -1;
}

// What is looked for at eight places at a time: the needle's first and last byte.
struct ends {
    uint64_t first; // each eight times
    uint64_t last;
    uint32_t gap; // from the one to the other
};

// Marks where both stand, as zero_marks does.
static uint64_t ends_at(struct ends ends, const char *place) {
    return zero_marks((eight_load(place) ^ ends.first) |
                      (eight_load(place + ends.gap) ^ ends.last));
}

// The next eight places with a mark, from `at` on and at most `last`.
static uint32_t ends_find(struct ends ends, const char *text, uint32_t at, uint32_t last) {
    while (at < last && ends_at(ends, text + at) == 0)
        at += 8;
    return at < last ? at : last;
}

// When comparing took more than the text is long, the rest is searched as the worst cases need it.
int64_t slice_find(slice text, slice needle) {
    if (needle.length == 1) return find_byte(text, needle.at[0]);
    if (needle.length == 0) return 0;
    if (needle.length > text.length) return -1;
    uint32_t gap = needle.length - 1, places = text.length - gap, at = 0;
    uint64_t compared = 0;
    if (places < 8) {
        while (at < places && !stands_at(text.at + at, needle, &compared))
            at++;
        return at == places ? -1 : (int64_t)at;
    }
    struct ends ends = {eight_of((uint8_t)needle.at[0]), eight_of((uint8_t)needle.at[gap]), gap};
    for (; compared <= text.length; at += 8) {
        at = ends_find(ends, text.at, at, places - 8);
        for (uint64_t marks = ends_at(ends, text.at + at); marks != 0; marks &= marks - 1) {
            uint32_t place = at + eight_first(marks);
            if (stands_at(text.at + place, needle, &compared)) return place;
        }
        if (at == places - 8) return -1;
    }
    return find_two_way(text, at, needle);
}

uint32_t slice_hash_folded(slice text) {
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < text.length; i++) {
        hash = (hash ^ (uint8_t)ascii_lower(text.at[i])) * 16777619u;
    }
    return hash;
}
