// The key's own bits choose the set: it is a hash already.
#include "engine/limit/over_limit.h"

static bool same(struct over_limit_key a, struct over_limit_key b) {
    return a.words[0] == b.words[0] && a.words[1] == b.words[1];
}

static uint64_t at_least_one(uint64_t hits) {
    return hits == 0 ? 1 : hits;
}

// The key's own entry, else the one that ends first: an unused one, if there is one.
static struct over_limit_entry *choose(struct over_limit_entry *set, struct over_limit_key key) {
    struct over_limit_entry *first = &set[0];
    for (uint32_t i = 0; i < OVER_LIMIT_WAYS; i++) {
        if (set[i].until != 0 && same(set[i].key, key)) return &set[i];
        if (set[i].until < first->until) first = &set[i];
    }
    return first;
}

void over_limit_add(struct over_limit *table, struct over_limit_key key, uint64_t hits,
                    uint64_t until, uint64_t now) {
    if (until <= now) return;
    struct over_limit_entry *set = table->entries[key.words[0] % OVER_LIMIT_SETS];
    *choose(set, key) = (struct over_limit_entry){key, until, at_least_one(hits)};
}

bool over_limit_holds(const struct over_limit *table, struct over_limit_key key, uint64_t hits,
                      uint64_t now, uint64_t *until) {
    const struct over_limit_entry *set = table->entries[key.words[0] % OVER_LIMIT_SETS];
    for (uint32_t i = 0; i < OVER_LIMIT_WAYS; i++) {
        if (set[i].until <= now || !same(set[i].key, key)) continue;
        *until = set[i].until;
        return at_least_one(hits) >= set[i].hits;
    }
    return false;
}
