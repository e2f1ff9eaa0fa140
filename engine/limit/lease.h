// Leases: tokens that one worker has taken from a shared bucket ahead of the requests that will use
// them, and refusals that it remembers. Both save visits to shared memory; neither gives out a
// token that the bucket did not have.
//
// The bound: a worker holds at most limit_lease_most tokens of a key, none longer than LEASE_TIME.
// So within any time t no more is admitted than burst + rate * t + workers * limit_lease_most.
#ifndef WEIR_LIMIT_LEASE_H
#define WEIR_LIMIT_LEASE_H

#include "engine/limit/slot.h"

// Rows that one worker keeps for all limiters of a program; a row holds one key.
enum { LIMIT_LEASES = 2048, LIMIT_LEASE_WAYS = 4 };

struct limit_lease {
    struct limit_key key;
    struct limit_terms terms;
    uint64_t until;               // ns: what the row says is good before it
    uint64_t tokens;              // taken, not yet given out
    uint64_t batch;               // tokens to take ahead at the next visit
    uint64_t refused;             // costs from this on are refused; 0: none is
    struct limit_verdict verdict; // of the last visit, at `visited`; remaining: beside `tokens`
    uint64_t visited;
};

// Tokens that one worker may hold of a key: a 64th of the burst, of buckets only.
uint64_t limit_lease_most(const struct limit_terms *terms);

// The row for a key among `count`, a multiple of LIMIT_LEASE_WAYS.
struct limit_lease *limit_lease_row(struct limit_lease *rows, uint32_t count,
                                    const struct limit_key *key);

// Whether the row can answer for the key by itself; then the verdict. Nothing is taken.
bool limit_lease_ask(const struct limit_lease *lease, const struct limit_key *key,
                     const struct limit_terms *terms, uint64_t now, uint64_t cost,
                     struct limit_verdict *verdict);

// Takes what was asked for.
void limit_lease_take(struct limit_lease *lease, uint64_t cost);

// Gives it back; false where the row has no room, or is another key's by now.
bool limit_lease_give(struct limit_lease *lease, const struct limit_key *key,
                      const struct limit_terms *terms, uint64_t cost);

// Tokens that a visit finds in the row beside those of the shared level: the visit puts them back.
uint64_t limit_lease_left(const struct limit_lease *lease, const struct limit_key *key,
                          const struct limit_terms *terms);

// What a visit should take ahead where `left` tokens remain behind its own cost.
uint64_t limit_lease_ahead(const struct limit_lease *lease, const struct limit_key *key,
                           const struct limit_terms *terms, uint64_t now, uint64_t left);

// The row after a visit that was stored and took `ahead`.
void limit_lease_visited(struct limit_lease *lease, const struct limit_key *key,
                         const struct limit_terms *terms, uint64_t now, uint64_t ahead,
                         const struct limit_verdict *verdict);

// Remembers a refusal of `cost` until it can pass, or for `most` ns.
void limit_lease_refused(struct limit_lease *lease, const struct limit_key *key,
                         const struct limit_terms *terms, uint64_t now, uint64_t cost,
                         uint64_t most, const struct limit_verdict *verdict);

#endif
