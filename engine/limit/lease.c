// A row serves the key that came first until it has gone stale; others go to shared memory
// meanwhile.
#include "engine/limit/lease.h"

#include "engine/base/limits.h"

enum { BURST_PARTS = 64 };

uint64_t limit_lease_most(const struct limit_terms *terms) {
    return terms->algorithm == LIMIT_ALGORITHM_TOKEN_BUCKET ? terms->burst / BURST_PARTS : 0;
}

// The key's own row, else the one that is good for the shortest time.
struct limit_lease *limit_lease_row(struct limit_lease *rows, uint32_t count,
                                    const struct limit_key *key) {
    struct limit_lease *set = &rows[key->words[1] % (count / LIMIT_LEASE_WAYS) * LIMIT_LEASE_WAYS];
    struct limit_lease *first = set;
    for (uint32_t i = 0; i < LIMIT_LEASE_WAYS; i++) {
        bool own = set[i].key.words[0] == key->words[0] && set[i].key.words[1] == key->words[1];
        if (own) return &set[i];
        if (set[i].until < first->until) first = &set[i];
    }
    return first;
}

static bool same_terms(const struct limit_terms *x, const struct limit_terms *y) {
    return x->algorithm == y->algorithm && x->rate == y->rate && x->period == y->period &&
           x->burst == y->burst;
}

static bool is_of(const struct limit_lease *lease, const struct limit_key *key,
                  const struct limit_terms *terms) {
    return lease->key.words[0] == key->words[0] && lease->key.words[1] == key->words[1] &&
           same_terms(&lease->terms, terms);
}

static uint64_t less(uint64_t a, uint64_t b) {
    return a > b ? a - b : 0;
}

bool limit_lease_ask(const struct limit_lease *lease, const struct limit_key *key,
                     const struct limit_terms *terms, uint64_t now, uint64_t cost,
                     struct limit_verdict *verdict) {
    uint64_t wanted = cost == 0 ? 1 : cost;
    if (now >= lease->until || now < lease->visited || !is_of(lease, key, terms)) return false;
    bool refused = lease->refused != 0 && wanted >= lease->refused;
    if (!refused && lease->tokens < wanted) return false;
    uint64_t passed = now - lease->visited;
    *verdict = lease->verdict;
    verdict->allowed = !refused;
    verdict->remaining += refused ? lease->tokens : lease->tokens - cost;
    verdict->reset = less(verdict->reset, passed);
    verdict->retry_after = 0;
    if (refused) {
        verdict->retry_after = less(lease->verdict.retry_after, passed);
        if (lease->verdict.retry_after == UINT64_MAX) verdict->retry_after = UINT64_MAX;
    }
    return true;
}

void limit_lease_take(struct limit_lease *lease, uint64_t cost) {
    lease->tokens = less(lease->tokens, cost);
}

bool limit_lease_give(struct limit_lease *lease, const struct limit_key *key,
                      const struct limit_terms *terms, uint64_t cost) {
    if (!is_of(lease, key, terms)) return false;
    if (cost > less(limit_lease_most(terms), lease->tokens)) return false;
    lease->tokens += cost;
    return true;
}

uint64_t limit_lease_left(const struct limit_lease *lease, const struct limit_key *key,
                          const struct limit_terms *terms) {
    return is_of(lease, key, terms) ? lease->tokens : 0;
}

static bool is_taken(const struct limit_lease *lease, const struct limit_key *key,
                     const struct limit_terms *terms, uint64_t now) {
    bool holds = lease->tokens > 0 || lease->refused != 0;
    return holds && now < lease->until && now >= lease->visited && !is_of(lease, key, terms);
}

uint64_t limit_lease_ahead(const struct limit_lease *lease, const struct limit_key *key,
                           const struct limit_terms *terms, uint64_t now, uint64_t left) {
    if (is_taken(lease, key, terms, now) || !is_of(lease, key, terms)) return 0;
    uint64_t most = limit_lease_most(terms);
    uint64_t ahead = now < lease->until && now >= lease->visited ? lease->batch : 0;
    if (ahead > most) ahead = most;
    return ahead < left / 2 ? ahead : left / 2;
}

void limit_lease_visited(struct limit_lease *lease, const struct limit_key *key,
                         const struct limit_terms *terms, uint64_t now, uint64_t ahead,
                         const struct limit_verdict *verdict) {
    if (is_taken(lease, key, terms, now)) return;
    bool soon = is_of(lease, key, terms) && now < lease->until && now >= lease->visited;
    uint64_t most = limit_lease_most(terms);
    uint64_t batch = soon ? 2 * lease->batch + 1 : 1;
    *lease = (struct limit_lease){.key = *key,
                                  .terms = *terms,
                                  .until = now + LIMIT_LEASE_TIME,
                                  .tokens = ahead,
                                  .batch = batch < most ? batch : most,
                                  .verdict = *verdict,
                                  .visited = now};
    lease->verdict.remaining = less(verdict->remaining, ahead);
}

void limit_lease_refused(struct limit_lease *lease, const struct limit_key *key,
                         const struct limit_terms *terms, uint64_t now, uint64_t cost,
                         uint64_t most, const struct limit_verdict *verdict) {
    if (is_taken(lease, key, terms, now)) return;
    uint64_t tokens = limit_lease_left(lease, key, terms);
    uint64_t time = verdict->retry_after < most ? verdict->retry_after : most;
    *lease = (struct limit_lease){.key = *key,
                                  .terms = *terms,
                                  .until = now > UINT64_MAX - time ? UINT64_MAX : now + time,
                                  .tokens = tokens,
                                  .refused = cost == 0 ? 1 : cost,
                                  .verdict = *verdict,
                                  .visited = now};
    lease->verdict.remaining = less(verdict->remaining, tokens);
}
