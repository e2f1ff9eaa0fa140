// Buckets, windows and leases, exact to the nanosecond. Where products do not fit 64 bits they are
// made in 128.
#include "engine/limit/level.h"

#include "engine/base/limits.h"

typedef unsigned __int128 wide;

enum { SECOND = 1000000000 };

const char *limit_algorithm_name(enum limit_algorithm algorithm) {
    static const char *const names[LIMIT_ALGORITHM_COUNT] = {
#define ALGORITHM(name, text, chosen) [LIMIT_ALGORITHM_##name] = text,
#include "engine/tbl/algorithms.h"
#undef ALGORITHM
    };
    return names[algorithm];
}

bool limit_terms_valid(const struct limit_terms *terms) {
    if ((uint32_t)terms->algorithm >= LIMIT_ALGORITHM_COUNT) return false;
    bool concurrent = terms->algorithm == LIMIT_ALGORITHM_CONCURRENT;
    uint64_t most = concurrent ? LIMIT_CONCURRENT : LIMIT_RATE;
    return terms->rate - 1 < most && terms->burst - 1 < LIMIT_RATE &&
           terms->period - 1 < LIMIT_PERIOD;
}

uint64_t limit_capacity(const struct limit_terms *terms) {
    return terms->algorithm == LIMIT_ALGORITHM_TOKEN_BUCKET ? terms->burst : terms->rate;
}

static uint64_t add_saturated(uint64_t a, uint64_t b) {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t saturated(wide number) {
    return number > UINT64_MAX ? UINT64_MAX : (uint64_t)number;
}

// Most factors have 32 bits, and 128 take a call.
static wide product(uint64_t a, uint64_t b) {
    return (a | b) >> 32 == 0 ? a * b : (wide)a * b;
}

static wide divided_up(wide number, uint64_t by) {
    if (number == 0) return 0;
    if (number <= UINT64_MAX) return ((uint64_t)number - 1) / by + 1;
    return (number - 1) / by + 1;
}

static uint64_t since(uint64_t now, uint64_t then) {
    return now > then ? now - then : 0;
}

// ---- buckets

// `gained` tokens and a fraction, or full where they reach the burst.
static void gain(const struct limit_terms *terms, uint64_t gained, uint64_t fraction,
                 struct limit_level *level) {
    uint64_t missing = (uint64_t)((int64_t)terms->burst - level->tokens);
    bool full = gained >= missing;
    level->tokens = full ? (int64_t)terms->burst : level->tokens + (int64_t)gained;
    level->fraction = full ? 0 : fraction;
}

// `elapsed` times rate, in units of 1/period tokens, goes on top. Where that is beyond 64 bits the
// bucket is mostly full, which a product tells without a wide division.
static void refill(const struct limit_terms *terms, uint64_t elapsed, struct limit_level *level) {
    wide sum = product(elapsed, terms->rate) + level->fraction;
    if (sum <= UINT64_MAX) {
        uint64_t units = (uint64_t)sum;
        gain(terms, units / terms->period, units % terms->period, level);
        return;
    }
    uint64_t missing = (uint64_t)((int64_t)terms->burst - level->tokens);
    if (sum >= product(missing, terms->period)) {
        gain(terms, missing, 0, level);
        return;
    }
    gain(terms, (uint64_t)(sum / terms->period), (uint64_t)(sum % terms->period), level);
}

static void advance_bucket(const struct limit_terms *terms, uint64_t now,
                           struct limit_level *level) {
    if (level->period != terms->period) {
        level->fraction = (uint64_t)((wide)level->fraction * terms->period / level->period);
        level->period = terms->period;
    }
    if (level->tokens >= (int64_t)terms->burst) {
        level->tokens = (int64_t)terms->burst;
        level->fraction = 0;
    }
    if (now <= level->time) return;
    if (level->tokens < (int64_t)terms->burst) refill(terms, now - level->time, level);
    level->time = now;
}

// ns of refill until `tokens` are there, rounded up.
static uint64_t bucket_wait(const struct limit_terms *terms, const struct limit_level *level,
                            uint64_t tokens) {
    if (level->tokens >= (int64_t)tokens) return 0;
    uint64_t missing = (uint64_t)((int64_t)tokens - level->tokens);
    wide units = product(missing, terms->period) - level->fraction;
    return saturated(divided_up(units, terms->rate));
}

// ---- windows

// What one window may take pays for what was taken before: a debt goes on into the next.
static int64_t carried(const struct limit_terms *terms, int64_t taken, uint64_t windows) {
    uint64_t paid;
    if (__builtin_mul_overflow(terms->rate, windows, &paid) || paid >= (uint64_t)taken) return 0;
    return taken - (int64_t)paid;
}

// A window is over strictly later than its length, and the next one opens with a request.
static void advance_fixed(const struct limit_terms *terms, uint64_t now,
                          struct limit_level *level) {
    uint64_t elapsed = since(now, level->time);
    if (elapsed <= terms->period) return;
    uint64_t windows = (elapsed - 1) / terms->period;
    level->tokens = carried(terms, level->tokens, windows);
    level->time += windows * terms->period;
    level->period = 0;
}

static void advance_sliding(const struct limit_terms *terms, uint64_t now,
                            struct limit_level *level) {
    uint64_t windows = since(now, level->time) / terms->period;
    if (windows == 0) return;
    int64_t last = carried(terms, level->tokens, windows - 1);
    level->tokens = carried(terms, level->tokens, windows);
    level->fraction = (uint64_t)(last - level->tokens);
    level->time += windows * terms->period;
    level->period = 0;
}

// The last window counts by the part of it that a window up to `now` still covers, rounded up.
static uint64_t weighted(const struct limit_terms *terms, const struct limit_level *level,
                         uint64_t now) {
    if (level->fraction == 0) return 0;
    uint64_t elapsed = since(now, level->time);
    uint64_t left = elapsed < terms->period ? terms->period - elapsed : 0;
    return (uint64_t)divided_up((wide)level->fraction * left, terms->period);
}

// Windows that must pass until `wanted` fits beside what they carry.
static uint64_t windows_until(const struct limit_terms *terms, int64_t taken, uint64_t wanted) {
    int64_t above = taken + (int64_t)wanted - (int64_t)terms->rate;
    return above <= 0 ? 0 : ((uint64_t)above - 1) / terms->rate + 1;
}

static uint64_t window_end(const struct limit_terms *terms, const struct limit_level *level,
                           uint64_t windows) {
    return saturated((wide)windows * terms->period + level->time);
}

static uint64_t fixed_ready(const struct limit_terms *terms, const struct limit_level *level,
                            uint64_t wanted) {
    uint64_t windows = windows_until(terms, level->tokens, wanted);
    return add_saturated(window_end(terms, level, windows), 1);
}

// The last window's weight falls below a bound at a time that can be told.
static uint64_t sliding_ready(const struct limit_terms *terms, const struct limit_level *level,
                              uint64_t wanted) {
    uint64_t windows = windows_until(terms, level->tokens, wanted);
    int64_t taken = carried(terms, level->tokens, windows);
    uint64_t last = level->fraction;
    if (windows > 0) last = (uint64_t)(carried(terms, level->tokens, windows - 1) - taken);
    uint64_t room = terms->rate - wanted - (uint64_t)taken;
    uint64_t start = window_end(terms, level, windows);
    if (room >= last) return start;
    return add_saturated(start, terms->period - (uint64_t)((wide)room * terms->period / last));
}

// ---- concurrent

static uint64_t part_of(const struct limit_terms *terms) {
    return (terms->period - 1) / LIMIT_LEASE_PARTS + 1;
}

static void advance_concurrent(const struct limit_terms *terms, uint64_t now,
                               struct limit_level *level) {
    uint64_t part = part_of(terms);
    uint64_t parts = since(now, level->time) / part;
    if (parts == 0) return;
    for (uint32_t i = LIMIT_EPOCHS; i-- > 0;)
        level->held[i] = i >= parts ? level->held[i - parts] : 0;
    level->time += parts * part;
}

static uint64_t held_in_all(const struct limit_level *level) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < LIMIT_EPOCHS; i++)
        sum += level->held[i];
    return sum;
}

static uint64_t concurrent_until(const struct limit_terms *terms, const struct limit_level *level) {
    uint32_t newest = 0;
    while (newest < LIMIT_EPOCHS && level->held[newest] == 0)
        newest++;
    return saturated((wide)(LIMIT_EPOCHS - newest) * part_of(terms) + level->time);
}

static void add_held(uint32_t *held, uint64_t cost) {
    uint64_t sum = add_saturated(*held, cost);
    *held = sum > UINT32_MAX ? UINT32_MAX : (uint32_t)sum;
}

static void give_back_held(const struct limit_terms *terms, struct limit_level *level,
                           uint64_t cost, uint64_t stamp) {
    if (stamp > level->time) return;
    uint64_t part = (level->time - stamp) / part_of(terms);
    if (part >= LIMIT_EPOCHS) return;
    level->held[part] -= cost < level->held[part] ? (uint32_t)cost : level->held[part];
}

// ---- all of them

struct limit_level limit_level_fresh(const struct limit_terms *terms, uint64_t now) {
    struct limit_level level = {.time = now};
    if (terms->algorithm != LIMIT_ALGORITHM_TOKEN_BUCKET) return level;
    level.tokens = (int64_t)terms->burst;
    level.period = terms->period;
    return level;
}

// What no sequence of takes leads to was written by somebody else.
static bool is_possible(const struct limit_terms *terms, const struct limit_level *level) {
    if (terms->algorithm == LIMIT_ALGORITHM_CONCURRENT) return true;
    if (level->tokens > LIMIT_DEBT) return false;
    switch (terms->algorithm) {
    case LIMIT_ALGORITHM_TOKEN_BUCKET:
        return level->tokens >= -LIMIT_DEBT && level->fraction < level->period;
    case LIMIT_ALGORITHM_SLIDING_WINDOW:
        return level->tokens >= 0 && level->fraction <= (uint64_t)LIMIT_DEBT;
    default: return level->tokens >= 0 && level->fraction == 0;
    }
}

// Nothing is missing.
static bool is_full(const struct limit_terms *terms, const struct limit_level *level) {
    switch (terms->algorithm) {
    case LIMIT_ALGORITHM_CONCURRENT: return held_in_all(level) == 0;
    case LIMIT_ALGORITHM_TOKEN_BUCKET: return level->tokens >= (int64_t)terms->burst;
    default: return level->tokens == 0 && level->fraction == 0;
    }
}

void limit_level_advance(const struct limit_terms *terms, uint64_t now, struct limit_level *level) {
    if (!is_possible(terms, level)) *level = limit_level_fresh(terms, now);
    switch (terms->algorithm) {
    case LIMIT_ALGORITHM_FIXED_WINDOW: advance_fixed(terms, now, level); break;
    case LIMIT_ALGORITHM_SLIDING_WINDOW: advance_sliding(terms, now, level); break;
    case LIMIT_ALGORITHM_CONCURRENT: advance_concurrent(terms, now, level); break;
    default: advance_bucket(terms, now, level); break;
    }
    if (now > level->time && is_full(terms, level)) level->time = now; // opens with the next take
}

// Tokens that are there; below 0 in debt.
static int64_t tokens_left(const struct limit_terms *terms, const struct limit_level *level,
                           uint64_t now) {
    int64_t rate = (int64_t)terms->rate;
    switch (terms->algorithm) {
    case LIMIT_ALGORITHM_FIXED_WINDOW: return rate - level->tokens;
    case LIMIT_ALGORITHM_SLIDING_WINDOW:
        return rate - level->tokens - (int64_t)weighted(terms, level, now);
    case LIMIT_ALGORITHM_CONCURRENT: return rate - (int64_t)held_in_all(level);
    default: return level->tokens;
    }
}

// Time before the stored one brings nothing, so it is waited for as well.
static uint64_t wait_for(const struct limit_terms *terms, const struct limit_level *level,
                         uint64_t now, uint64_t wanted) {
    uint64_t ready;
    switch (terms->algorithm) {
    case LIMIT_ALGORITHM_FIXED_WINDOW: ready = fixed_ready(terms, level, wanted); break;
    case LIMIT_ALGORITHM_SLIDING_WINDOW: ready = sliding_ready(terms, level, wanted); break;
    case LIMIT_ALGORITHM_CONCURRENT: return SECOND;
    default: ready = add_saturated(level->time, bucket_wait(terms, level, wanted)); break;
    }
    if (ready == UINT64_MAX) return UINT64_MAX;
    return ready > now ? ready - now : 1;
}

// A ban and missing tokens are waited for together.
static uint64_t retry_after(const struct limit_terms *terms, const struct limit_level *level,
                            uint64_t now, uint64_t wanted, bool missing) {
    uint64_t banned = since(level->ban, now);
    uint64_t wait = missing ? wait_for(terms, level, now, wanted) : 0;
    return wait > banned ? wait : banned;
}

static uint64_t reset_after(const struct limit_terms *terms, const struct limit_level *level,
                            uint64_t now, uint64_t cost) {
    struct limit_level after = *level;
    limit_level_take(terms, &after, cost);
    if (is_full(terms, &after)) return 0;
    uint64_t until = limit_level_until(terms, &after);
    return until == UINT64_MAX ? UINT64_MAX : since(until, now);
}

struct limit_verdict limit_level_judge(const struct limit_terms *terms,
                                       const struct limit_level *level, uint64_t now,
                                       uint64_t cost) {
    uint64_t wanted = cost == 0 ? 1 : cost;
    int64_t left = tokens_left(terms, level, now);
    struct limit_verdict verdict = {.remaining = left > 0 ? (uint64_t)left : 0};
    bool missing = wanted > verdict.remaining;
    if (wanted > limit_capacity(terms)) {
        verdict.retry_after = UINT64_MAX;
    } else if (missing || now < level->ban) {
        verdict.retry_after = retry_after(terms, level, now, wanted, missing);
    } else {
        verdict.allowed = true;
        verdict.remaining -= cost;
    }
    verdict.reset = reset_after(terms, level, now, verdict.allowed ? cost : 0);
    return verdict;
}

void limit_level_take(const struct limit_terms *terms, struct limit_level *level, uint64_t cost) {
    int64_t tokens = cost < (uint64_t)LIMIT_DEBT ? (int64_t)cost : LIMIT_DEBT;
    if (terms->algorithm == LIMIT_ALGORITHM_CONCURRENT) {
        add_held(&level->held[0], cost);
    } else if (terms->algorithm == LIMIT_ALGORITHM_TOKEN_BUCKET) {
        level->tokens = level->tokens - tokens < -LIMIT_DEBT ? -LIMIT_DEBT : level->tokens - tokens;
    } else {
        level->tokens = level->tokens + tokens > LIMIT_DEBT ? LIMIT_DEBT : level->tokens + tokens;
    }
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

void limit_level_refund(const struct limit_terms *terms, struct limit_level *level, uint64_t cost,
                        uint64_t stamp) {
    bool fixed = terms->algorithm == LIMIT_ALGORITHM_FIXED_WINDOW;
    if (terms->algorithm == LIMIT_ALGORITHM_CONCURRENT) {
        give_back_held(terms, level, cost, stamp);
    } else if (terms->algorithm == LIMIT_ALGORITHM_TOKEN_BUCKET) {
        gain(terms, cost, level->fraction, level);
    } else if (stamp == level->time) {
        level->tokens -= (int64_t)least(cost, (uint64_t)level->tokens);
    } else if (!fixed && stamp < level->time && level->time - stamp == terms->period) {
        level->fraction -= least(cost, level->fraction);
    }
}

uint64_t limit_level_until(const struct limit_terms *terms, const struct limit_level *level) {
    if (is_full(terms, level)) return level->time;
    if (terms->algorithm == LIMIT_ALGORITHM_CONCURRENT) return concurrent_until(terms, level);
    if (terms->algorithm == LIMIT_ALGORITHM_TOKEN_BUCKET)
        return add_saturated(level->time, bucket_wait(terms, level, terms->burst));
    uint64_t windows = windows_until(terms, level->tokens, terms->rate);
    if (terms->algorithm == LIMIT_ALGORITHM_SLIDING_WINDOW)
        return window_end(terms, level, windows + 1);
    return add_saturated(window_end(terms, level, windows), 1);
}
