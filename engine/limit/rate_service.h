// What is said to a rate-limit service and what it answers, as bytes: envoy.service.ratelimit.v3,
// the messages of ShouldRateLimit. Knows nothing of how they get there.
#ifndef WEIR_LIMIT_RATE_SERVICE_H
#define WEIR_LIMIT_RATE_SERVICE_H

#include "engine/base/arena.h"

#define RATE_SERVICE_NAME "envoy.service.ratelimit.v3.RateLimitService"
#define RATE_SERVICE_METHOD "ShouldRateLimit"

// Bytes of the longest answer that is read; one to one descriptor has about 40, and headers that
// are skipped.
enum { RATE_ANSWER_MOST = 16 << 10 };

struct rate_entry {
    slice key;
    slice value;
};

// One descriptor: its entries in order, what it costs, and maybe the limit to hold it to in place
// of the service's own.
struct rate_question {
    slice domain;
    const struct rate_entry *entries;
    uint32_t entry_count;
    uint64_t hits;
    bool has_limit;
    uint32_t limit; // so many per unit
    uint32_t unit;  // envoy.type.v3.RateLimitUnit
};

struct rate_answer {
    bool over;
    bool has_limit; // `limit` and `remaining` are told
    uint64_t limit;
    uint64_t remaining;
    bool has_reset;
    uint64_t reset; // nanoseconds until the window ends, at most RATE_RESET_MOST
};

// A leap year: the longest window that the protocol has.
#define RATE_RESET_MOST (UINT64_C(366) * 86400 * 1000000000)

// Fills in the limit when the protocol can say it: `rate` in a second, a minute, an hour or a day.
void rate_question_limit(struct rate_question *question, uint64_t rate, uint64_t period);

// Bytes that are not UTF-8 become U+FFFD: the service would call the whole message an error, and a
// client must not choose that. False when the arena refuses.
bool rate_question_write(struct arena *arena, const struct rate_question *question, slice *bytes);

// The answer to a question of so many hits. One of 0 hits is over where 1 would be: the service
// itself refuses it only behind the limit. False for everything that is no answer to one
// descriptor: malformed, neither OK nor OVER_LIMIT, more than one status, times that are none.
bool rate_answer_read(slice bytes, uint64_t hits, struct rate_answer *answer);

#endif
