// Why the floor is enough. An absent key was evicted, or it never came.
// Buckets: whatever it had used is back at floor.until at the latest, because each eviction raises
// the floor to the evicted entry's own time. (That is so at the rates that were in force then.)
// Windows: what it took in its window is part of what both generations hold together. An eviction
// adds the entry's own share to the younger one, beside what the key had begun with of that; the
// older one still holds the rest, and is given up only when all of its windows are over.
// So a key that begins at the floor never gets more than if it had stayed.
#include "engine/limit/slot.h"

#include <stddef.h>

#include "engine/base/limits.h"

enum { MAGIC = 0x6c726577, VERSION = 3, WORD = sizeof(uint64_t) };

_Static_assert(sizeof(struct limit_entry) == 8 * WORD, "entries are words");
_Static_assert(sizeof(struct limit_slot) == 9 * WORD, "the head is words");
_Static_assert(offsetof(struct limit_slot, check) == 2 * WORD, "where the check passes over");

uint32_t limit_slot_bytes(uint32_t ways) {
    return (uint32_t)(sizeof(struct limit_slot) + ways * sizeof(struct limit_entry));
}

static uint64_t step(uint64_t lane, const char *at) {
    uint64_t word = (lane ^ eight_load(at)) * UINT64_C(0x9e3779b97f4a7c15);
    return word ^ word >> 29;
}

// Against torn and foreign bytes, not against forgers. Each step is one-to-one, so a change within
// one word never goes unseen. Four lanes, because multiplications wait for each other in one; the
// check word itself is passed over.
static uint64_t check_of(const struct limit_slot *slot) {
    const char *at = (const char *)slot;
    const char *end = at + limit_slot_bytes(slot->ways);
    uint64_t a = step(1, at), b = step(2, at + WORD), c = 3, d = 4;
    for (at += 3 * WORD; end - at >= 4 * WORD; at += 4 * WORD) {
        a = step(a, at);
        b = step(b, at + WORD);
        c = step(c, at + 2 * WORD);
        d = step(d, at + 3 * WORD);
    }
    for (; at < end; at += WORD)
        a = step(a, at);
    return a ^ word_rotated(b, 16) ^ word_rotated(c, 32) ^ word_rotated(d, 48);
}

bool limit_slot_matches(slice bytes, const struct limit_shape *shape, bool sealed) {
    const struct limit_slot *slot = (const struct limit_slot *)(const void *)bytes.at;
    if (bytes.length != limit_slot_bytes(shape->ways)) return false;
    bool same = slot->magic == MAGIC && slot->version == VERSION &&
                slot->algorithm == shape->algorithm && slot->ways == shape->ways &&
                slot->shape == shape->shape && slot->slots == shape->slots;
    return same && (!sealed || slot->check == check_of(slot));
}

void limit_slot_clear(struct limit_slot *slot, const struct limit_shape *shape) {
    memset(slot, 0, limit_slot_bytes(shape->ways));
    slot->magic = MAGIC;
    slot->version = VERSION;
    slot->algorithm = shape->algorithm;
    slot->ways = shape->ways;
    slot->shape = shape->shape;
    slot->slots = shape->slots;
}

void limit_slot_seal(struct limit_slot *slot) {
    slot->check = check_of(slot);
}

static uint64_t expiry(const struct limit_entry *entry) {
    return entry->until > entry->level.ban ? entry->until : entry->level.ban;
}

static bool same_key(const struct limit_key *x, const struct limit_key *y) {
    return x->words[0] == y->words[0] && x->words[1] == y->words[1];
}

static struct limit_entry *find_key(struct limit_slot *slot, const struct limit_key *key) {
    for (uint32_t i = 0; i < slot->ways; i++) {
        struct limit_entry *entry = &slot->entries[i];
        if (same_key(&entry->key, key) && expiry(entry) != 0) return entry;
    }
    return NULL;
}

// Others may have written anything: sums of what this gives stay far from overflow.
static int64_t bounded(uint64_t taken) {
    return taken < (uint64_t)LIMIT_DEBT ? (int64_t)taken : LIMIT_DEBT;
}

static int64_t taken_of(const struct limit_terms *terms, const struct limit_level *level) {
    if (terms->algorithm == LIMIT_ALGORITHM_TOKEN_BUCKET) return 0;
    int64_t taken = bounded((uint64_t)level->tokens);
    bool sliding = terms->algorithm == LIMIT_ALGORITHM_SLIDING_WINDOW;
    return sliding ? bounded((uint64_t)(taken + bounded(level->fraction))) : taken;
}

// Of two live entries of windows, the one that took less: what is handed on stays small, and who
// sends much keeps the place. Else the one that expires first.
static bool goes_before(const struct limit_terms *terms, const struct limit_entry *x,
                        const struct limit_entry *y, uint64_t now) {
    int64_t taken = taken_of(terms, &x->level), other = taken_of(terms, &y->level);
    bool live = expiry(x) > now && expiry(y) > now;
    if (live && taken != other) return taken < other;
    return expiry(x) < expiry(y);
}

static struct limit_entry *first_to_go(struct limit_slot *slot, const struct limit_terms *terms,
                                       uint64_t now) {
    struct limit_entry *first = &slot->entries[0];
    for (uint32_t i = 1; i < slot->ways; i++) {
        if (goes_before(terms, &slot->entries[i], first, now)) first = &slot->entries[i];
    }
    return first;
}

static int64_t least(int64_t a, int64_t b) {
    return a < b ? a : b;
}

// What the entry took beyond what the floor still remembers of the time before it.
static int64_t own_share(const struct limit_terms *terms, const struct limit_entry *entry,
                         const struct limit_floor *floor) {
    const struct limit_level *level = &entry->level;
    int64_t begun = bounded(level->period);
    // Since then the younger generation has become no older: only the older one still holds its
    // part.
    bool same = level->time >= floor->turned;
    if (same)
        begun = least(begun, floor->until > level->time ? bounded((uint64_t)floor->taken) : 0);
    int64_t taken = taken_of(terms, level);
    return taken - least(begun, taken);
}

static void raise_windows(const struct limit_terms *terms, const struct limit_entry *evicted,
                          uint64_t now, struct limit_floor *floor) {
    if (now >= floor->until) {
        floor->until = floor->younger_until;
        floor->taken = floor->younger_taken;
        floor->younger_until = 0;
        floor->younger_taken = 0;
        floor->turned = now;
    }
    int64_t share = own_share(terms, evicted, floor);
    if (share > floor->younger_taken) floor->younger_taken = share;
    if (evicted->until > floor->younger_until) floor->younger_until = evicted->until;
}

static void raise_floor(const struct limit_terms *terms, const struct limit_entry *evicted,
                        uint64_t now, struct limit_floor *floor) {
    if (evicted->level.ban > floor->ban) floor->ban = evicted->level.ban;
    if (terms->algorithm != LIMIT_ALGORITHM_TOKEN_BUCKET) {
        raise_windows(terms, evicted, now, floor);
    } else if (evicted->until > floor->until) {
        floor->until = evicted->until;
    }
}

// A bucket that is full again at the floor's time lacks what its rate brings until then.
static int64_t bucket_at(const struct limit_terms *terms, uint64_t wait) {
    unsigned __int128 units = (unsigned __int128)wait * terms->rate;
    unsigned __int128 missing = (units + terms->period - 1) / terms->period;
    if (missing >= LIMIT_DEBT) return -LIMIT_DEBT;
    return (int64_t)terms->burst - (int64_t)missing;
}

static struct limit_level level_at(const struct limit_terms *terms, const struct limit_floor *floor,
                                   uint64_t now) {
    struct limit_level level = limit_level_fresh(terms, now);
    level.ban = floor->ban > now ? floor->ban : 0;
    if (terms->algorithm == LIMIT_ALGORITHM_CONCURRENT) return level; // never evicted
    if (terms->algorithm == LIMIT_ALGORITHM_TOKEN_BUCKET) {
        if (now < floor->until) level.tokens = bucket_at(terms, floor->until - now);
        return level;
    }
    int64_t older = now < floor->until ? bounded((uint64_t)floor->taken) : 0;
    int64_t younger = now < floor->younger_until ? bounded((uint64_t)floor->younger_taken) : 0;
    level.tokens = least(older + younger, LIMIT_DEBT);
    level.period = (uint64_t)level.tokens;
    return level;
}

void limit_slot_find(struct limit_slot *slot, const struct limit_terms *terms,
                     const struct limit_key *key, uint64_t now, bool keep,
                     struct limit_place *place) {
    struct limit_floor floor = slot->floor;
    *place = (struct limit_place){.entry = find_key(slot, key)};
    if (place->entry != NULL) {
        place->level = place->entry->level;
        limit_level_advance(terms, now, &place->level);
        return;
    }
    place->entry = first_to_go(slot, terms, now);
    bool live = expiry(place->entry) > now;
    place->full = live && (keep || terms->algorithm == LIMIT_ALGORITHM_CONCURRENT);
    place->evicts = live && !place->full;
    if (place->evicts) raise_floor(terms, place->entry, now, &floor);
    place->level = level_at(terms, &floor, now);
}

void limit_slot_put(struct limit_slot *slot, const struct limit_terms *terms,
                    const struct limit_key *key, const struct limit_place *place) {
    struct limit_entry *entry = place->entry;
    if (place->evicts) raise_floor(terms, entry, place->level.time, &slot->floor);
    entry->key = *key;
    entry->level = place->level;
    entry->until = limit_level_until(terms, &place->level);
}
