// The arithmetic of limiters: a stored state and a time give a verdict and the next state.
// Nothing here keeps state, reads a clock or knows keys.
#ifndef WEIR_LIMIT_BUCKET_H
#define WEIR_LIMIT_BUCKET_H

#include "engine/base/slice.h"

enum limit_algorithm {
#define ALGORITHM(name, text, built) LIMIT_ALGORITHM_##name,
#include "engine/tbl/algorithms.h"
#undef ALGORITHM
    LIMIT_ALGORITHM_COUNT
};

struct limit_terms {
    enum limit_algorithm algorithm;
    uint64_t rate;   // tokens per period, 1..LIMIT_RATE
    uint64_t period; // nanoseconds, 1..LIMIT_PERIOD
    uint64_t burst;  // tokens that a bucket holds, 1..LIMIT_RATE; a window does not use it
};

// A stored state, little-endian: magic u32, version u8, algorithm u8, two zero bytes, then u64
// each: tokens, fraction (units of 1/period tokens, below period), period (ns), time (ns: a
// bucket's last refill, a window's start), check word over all before it.
enum { LIMIT_CELL_BYTES = 48 };

struct limit_verdict {
    bool allowed;
    uint64_t remaining;   // whole tokens left
    uint64_t retry_after; // ns from `now` until the same cost can pass, at least 1; UINT64_MAX:
                          // never, or later than that; 0 when allowed
};

// The name in rules; whether this version can count so.
const char *limit_algorithm_name(enum limit_algorithm algorithm);
bool limit_algorithm_built(enum limit_algorithm algorithm);

// The algorithm of that name, or LIMIT_ALGORITHM_COUNT.
enum limit_algorithm limit_algorithm_find(slice name);

// Every number in range and the algorithm built.
bool limit_terms_valid(const struct limit_terms *terms);

// The state of a key that was never seen: full. `terms` must be valid.
void limit_fresh(const struct limit_terms *terms, uint64_t now, uint8_t out[LIMIT_CELL_BYTES]);

// Takes `cost` tokens at `now` (ns of a monotonic clock) from the state in `cell`; what is to be
// stored goes to `out`, which may be the cell's own bytes. On refusal storing it is optional: a
// later call answers alike either way, except that a window which was over is opened only by
// storing.
// - An absent (empty), short, torn or foreign cell, or one of another algorithm, counts as fresh.
// - Cost 0 takes nothing and is refused exactly when cost 1 would be. A cost above the burst
//   (window: the rate) is always refused. Invalid terms refuse everything.
// - `now` before the stored time counts as no time passed; the stored time never moves back.
// - Changed terms apply at once and keep the level, cut to the new burst (window: rate).
struct limit_verdict limit_take(const struct limit_terms *terms, slice cell, uint64_t now,
                                uint64_t cost, uint8_t out[LIMIT_CELL_BYTES]);

#endif
