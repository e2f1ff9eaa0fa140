// The arithmetic of limiters: a level, a time and a cost give a verdict and the next level. Nothing
// here keeps state, reads a clock or knows keys.
#ifndef WEIR_LIMIT_LEVEL_H
#define WEIR_LIMIT_LEVEL_H

#include "engine/base/slice.h"

enum limit_algorithm {
#define ALGORITHM(name, text, chosen) LIMIT_ALGORITHM_##name,
#include "engine/tbl/algorithms.h"
#undef ALGORITHM
    LIMIT_ALGORITHM_COUNT
};

struct limit_terms {
    enum limit_algorithm algorithm;
    uint64_t rate;   // tokens per period, 1..LIMIT_RATE; concurrent: at most so many at once
    uint64_t period; // nanoseconds, 1..LIMIT_PERIOD; concurrent: the lease
    uint64_t burst;  // tokens that a bucket holds, 1..LIMIT_RATE; nothing else uses it
};

// A lease is counted in so many equal parts, rounded up; what is taken within one part is free
// together, a whole lease behind its end.
enum { LIMIT_LEASE_PARTS = 5, LIMIT_EPOCHS = LIMIT_LEASE_PARTS + 1 };

struct limit_level {
    union {
        struct {
            int64_t tokens;    // bucket: left, negative in debt; windows: taken in this window
            uint64_t fraction; // bucket: 1/period tokens, below period; sliding: taken in the last
            uint64_t period;   // bucket: ns, the unit of fraction; windows: of what was taken, so
                               // much by the floor where the key began (limit/slot.h)
        };
        uint32_t held[LIMIT_EPOCHS]; // concurrent: by the part of the lease, the newest first
    };
    uint64_t time; // ns; bucket: last refill; windows: start; concurrent: start of the newest part
    uint64_t ban;  // ns: refused before it
};

struct limit_verdict {
    bool allowed;
    uint64_t remaining;   // whole tokens left: after the cost when allowed
    uint64_t retry_after; // ns from `now` until the same cost can pass, at least 1; UINT64_MAX:
                          // never, or later than that; 0 when allowed; concurrent: a second, as
                          // nobody knows when streams end
    uint64_t reset;       // ns until all is back, if nothing more is taken; 0: it is; UINT64_MAX:
                          // never, or later than that
};

// The name in rules.
const char *limit_algorithm_name(enum limit_algorithm algorithm);

// Every number in range.
bool limit_terms_valid(const struct limit_terms *terms);

// The most tokens that may be there at once. All below need valid terms.
uint64_t limit_capacity(const struct limit_terms *terms);

// The level of a key that was never seen: full.
struct limit_level limit_level_fresh(const struct limit_terms *terms, uint64_t now);

// Brings a level to `now` (ns of a monotonic clock) and to the terms, which may have changed: a
// changed rate applies at once and keeps what is left (bucket) or was taken (windows, concurrent).
// `now` before the level's time counts as no time passed; the time never moves back.
void limit_level_advance(const struct limit_terms *terms, uint64_t now, struct limit_level *level);

// What taking `cost` from an advanced level would give. Cost 0 takes nothing and is refused exactly
// when cost 1 would be; a cost above the capacity is always refused.
struct limit_verdict limit_level_judge(const struct limit_terms *terms,
                                       const struct limit_level *level, uint64_t now,
                                       uint64_t cost);

// Takes `cost` without asking: after a verdict, or into debt.
void limit_level_take(const struct limit_terms *terms, struct limit_level *level, uint64_t cost);

// Gives back `cost` that was taken when the level's time was `stamp`: what a window has forgotten
// meanwhile stays forgotten.
void limit_level_refund(const struct limit_terms *terms, struct limit_level *level, uint64_t cost,
                        uint64_t stamp);

// When the level is worth a fresh one, bans apart, if nothing more is taken; UINT64_MAX: never, or
// later than that.
uint64_t limit_level_until(const struct limit_terms *terms, const struct limit_level *level);

#endif
