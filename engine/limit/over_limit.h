// Keys that a rate-limit service has refused, until their windows end: it need not be asked again.
// A table of fixed size; what it forgets is only asked once more.
#ifndef WEIR_LIMIT_OVER_LIMIT_H
#define WEIR_LIMIT_OVER_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

// Of limiter and key parts; it must not be guessable by clients, who choose the parts.
struct over_limit_key {
    uint64_t words[2];
};

struct over_limit_entry {
    struct over_limit_key key;
    uint64_t until; // monotonic nanoseconds; 0: unused
    uint64_t hits;  // that many, or more, were refused
};

enum { OVER_LIMIT_SETS = 256, OVER_LIMIT_WAYS = 4 }; // 32 KiB a worker

// Valid when zeroed.
struct over_limit {
    struct over_limit_entry entries[OVER_LIMIT_SETS][OVER_LIMIT_WAYS];
};

// Remembers a refusal until then; in a full set the entry that would go first goes now.
void over_limit_add(struct over_limit *table, struct over_limit_key key, uint64_t hits,
                    uint64_t until, uint64_t now);

// Whether so many hits are refused for sure, and until when. 0 hits are refused where 1 would be.
bool over_limit_holds(const struct over_limit *table, struct over_limit_key key, uint64_t hits,
                      uint64_t now, uint64_t *until);

#endif
