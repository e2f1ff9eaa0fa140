// The index of a level of a phase: rules and groups side by side, its members. Where a member can
// only do something while one of some texts is in a field, the index tells by the fields' values
// which members to go to, in their order; all others are gone to always. It says too much rather
// than too little: a member that it lets pass still evaluates its whole condition.
#ifndef WEIR_RUN_INDEX_H
#define WEIR_RUN_INDEX_H

#include "engine/run/run.h"

enum index_way { INDEX_EQUAL, INDEX_STARTS, INDEX_ENDS, INDEX_CONTAINS, INDEX_WAYS };

// A text that a member waits for.
struct index_entry {
    slice text;
    uint32_t hash;
    uint32_t next;   // 1 + the entry behind it in its chain, a smaller number; or 0
    uint16_t member; // number within the level
};

// Where texts are looked for, and how.
struct index_probe {
    uint16_t slot;    // of the header that the field is, or is made of
    uint16_t field;   // enum field; FIELD_TOTAL: the header itself
    uint8_t way;      // enum index_way
    uint32_t longest; // bytes of its texts
    uint32_t window;  // CONTAINS: bytes that are hashed, of each text the first ones
    uint64_t lengths; // of its texts, as bits; the highest is for all longer ones
    uint32_t *heads;  // by hash: 1 + the first entry of a chain, or 0
    uint32_t mask;
};

struct index_row {
    uint16_t *targets;      // where each member's code begins, then where the level ends
    const uint64_t *always; // bits of members that are gone to whatever the fields say
    uint32_t count;
    uint32_t first_word; // of its bits among those of all rows
    const struct index_probe *probes;
    uint32_t probe_count;
    const struct index_entry *entries;
    uint32_t entry_count;
};

// A row while a stream runs.
struct index_state {
    uint32_t edits; // of run.index_edits, when it was looked up
    uint32_t looks;
};

enum {
    // Texts of one program. Members beyond them are gone to always: nothing is refused for it.
    INDEX_ENTRIES = 1 << 16,
    // Edits make a row be looked up anew; behind so many of them all members are gone to, so that
    // what looking costs is bounded.
    INDEX_LOOKS = 4,
    // What looking costs, in 64ths of a step: once, for a word of bits, for a link of a chain.
    INDEX_PROBE_COST = 64,
    INDEX_WORD_COST = 8,
    INDEX_LINK_COST = 4,
    INDEX_WINDOW_COST = 4, // for each byte
};

static inline uint32_t index_words(uint32_t members) {
    return (members + 63) / 64;
}

// Of the bytes forwards, or of the same backwards; in the middle of a text from the hash so far.
enum { INDEX_HASH_START = 0x7feb352d };

static inline uint32_t index_hash_byte(uint32_t hash, char byte) {
    return (hash ^ (unsigned char)byte) * UINT32_C(0x01000193);
}

static inline uint32_t index_hash_end(uint32_t hash) {
    return (hash ^ hash >> 15) * UINT32_C(0x9e3779b1) >> 3;
}

static inline uint64_t index_length_bit(uint32_t length) {
    return UINT64_C(1) << (length < 63 ? length : 63);
}

// Of a text that is looked for that way.
uint32_t index_hash(enum index_way way, uint32_t window, slice text);

// Looks the row up in the fields as they are.
enum failure index_look(struct run *run, uint32_t number);

// Where the next member from that number on begins; looks again where fields were edited since.
enum failure index_next(struct run *run, uint32_t number, uint32_t member, uint32_t *target);

#endif
