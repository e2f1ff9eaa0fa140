// Slots: the levels of a few keys in one piece of shared memory, which is read and replaced as a
// whole. A limiter has a fixed number of slots, so its memory is bounded however many keys come.
#ifndef WEIR_LIMIT_SLOT_H
#define WEIR_LIMIT_SLOT_H

#include "engine/limit/level.h"

// 128 bits of a keyed hash; zero for a limiter without keys.
struct limit_key {
    uint64_t words[2];
};

struct limit_entry {
    struct limit_key key;
    struct limit_level level;
    uint64_t until; // ns: an entry is worth a fresh one from then on, bans apart; 0: free
};

// What evicted entries had used, at least, so that eviction never refills: a key that is not in the
// slot begins there. Windows have two generations of it, so that it fades: evictions raise the
// younger one, which becomes the older when that is over.
struct limit_floor {
    uint64_t until; // ns: buckets: the latest at which one would be full; windows: when the older
                    // generation is over
    int64_t taken;  // windows: the most that one key had taken, in the older generation
    uint64_t younger_until;
    int64_t younger_taken;
    uint64_t turned; // ns: when the younger generation began
    uint64_t ban;
};

// As it is stored. It never leaves the machine, whose order of bytes it has.
struct limit_slot {
    uint32_t magic;
    uint8_t version;
    uint8_t algorithm;
    uint8_t ways;
    uint8_t unused;
    uint32_t shape; // of the limiter's keys
    uint32_t slots; // that the limiter has
    uint64_t check; // over everything else
    struct limit_floor floor;
    struct limit_entry entries[];
};

// Entries of a slot with keys, and of one without.
enum { LIMIT_WAYS = 8 };

// What a stored slot must match to be one of this limiter's.
struct limit_shape {
    uint8_t algorithm;
    uint8_t ways;
    uint32_t shape;
    uint32_t slots;
};

uint32_t limit_slot_bytes(uint32_t ways);

// Whether the bytes are a slot of that shape, whole: an absent, foreign or torn value is not.
// `sealed`: the check word is looked at.
bool limit_slot_matches(slice bytes, const struct limit_shape *shape, bool sealed);

// An empty slot, in limit_slot_bytes(shape->ways) bytes aligned to 8.
void limit_slot_clear(struct limit_slot *slot, const struct limit_shape *shape);

// Makes the check word; before a slot is stored.
void limit_slot_seal(struct limit_slot *slot);

// Where a key stands, or would stand.
struct limit_place {
    struct limit_entry *entry;
    struct limit_level level; // brought to `now`
    bool evicts;              // a live entry has to go
    bool full;                // there is no room, and none is made
};

// Finds the key's place; the slot stays as it is. An entry that has expired gives way first. When
// all are live the one that expires first goes (windows: that took least), its use handed on to the
// floor; with `keep` nothing goes, and leases never do.
void limit_slot_find(struct limit_slot *slot, const struct limit_terms *terms,
                     const struct limit_key *key, uint64_t now, bool keep,
                     struct limit_place *place);

// Writes the place's level as the key's.
void limit_slot_put(struct limit_slot *slot, const struct limit_terms *terms,
                    const struct limit_key *key, const struct limit_place *place);

#endif
