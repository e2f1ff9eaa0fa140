// Token bucket and fixed window, exact to the nanosecond, and the bytes they are stored as.
#include "engine/limit/bucket.h"

#include "engine/base/limits.h"

enum { MAGIC = 0x6c726577, VERSION = 1 };
enum { AT_TOKENS = 8, AT_FRACTION = 16, AT_PERIOD = 24, AT_TIME = 32, AT_CHECK = 40 };

struct level {
    uint64_t tokens;
    uint64_t fraction; // 1/period tokens, below the terms' period
    uint64_t time;     // ns
};

struct algorithm_row {
    const char *name;
    bool built;
};

static const struct algorithm_row algorithms[LIMIT_ALGORITHM_COUNT] = {
#define ALGORITHM(name, text, built) [LIMIT_ALGORITHM_##name] = {text, built},
#include "engine/tbl/algorithms.h"
#undef ALGORITHM
};

const char *limit_algorithm_name(enum limit_algorithm algorithm) {
    return algorithms[algorithm].name;
}

bool limit_algorithm_built(enum limit_algorithm algorithm) {
    return algorithms[algorithm].built;
}

enum limit_algorithm limit_algorithm_find(slice name) {
    uint32_t row = 0;
    while (row < LIMIT_ALGORITHM_COUNT && !slice_is(name, algorithms[row].name))
        row++;
    return (enum limit_algorithm)row;
}

bool limit_terms_valid(const struct limit_terms *terms) {
    if ((uint32_t)terms->algorithm >= LIMIT_ALGORITHM_COUNT) return false;
    return algorithms[terms->algorithm].built && terms->rate - 1 < LIMIT_RATE &&
           terms->burst - 1 < LIMIT_RATE && terms->period - 1 < LIMIT_PERIOD;
}

// Written out so that compilers see one load and one store.
static uint64_t read_word(const uint8_t *at) {
    return (uint64_t)at[0] | (uint64_t)at[1] << 8 | (uint64_t)at[2] << 16 | (uint64_t)at[3] << 24 |
           (uint64_t)at[4] << 32 | (uint64_t)at[5] << 40 | (uint64_t)at[6] << 48 |
           (uint64_t)at[7] << 56;
}

static void write_word(uint8_t *at, uint64_t word) {
    at[0] = (uint8_t)word;
    at[1] = (uint8_t)(word >> 8);
    at[2] = (uint8_t)(word >> 16);
    at[3] = (uint8_t)(word >> 24);
    at[4] = (uint8_t)(word >> 32);
    at[5] = (uint8_t)(word >> 40);
    at[6] = (uint8_t)(word >> 48);
    at[7] = (uint8_t)(word >> 56);
}

static uint64_t head_word(enum limit_algorithm algorithm) {
    return (uint64_t)MAGIC | (uint64_t)VERSION << 32 | (uint64_t)algorithm << 40;
}

// Against torn and foreign bytes, not against forgers. Each step is one-to-one, so a change within
// one word never goes unseen.
static uint64_t check_word(const uint8_t *cell) {
    uint64_t check = 0;
    for (uint32_t at = 0; at < AT_CHECK; at += 8) {
        check = (check ^ read_word(cell + at)) * UINT64_C(0x9e3779b97f4a7c15);
        check ^= check >> 29;
    }
    return check;
}

static void write_cell(const struct limit_terms *terms, const struct level *level, uint8_t *out) {
    write_word(out, head_word(terms->algorithm));
    write_word(out + AT_TOKENS, level->tokens);
    write_word(out + AT_FRACTION, level->fraction);
    write_word(out + AT_PERIOD, terms->period);
    write_word(out + AT_TIME, level->time);
    write_word(out + AT_CHECK, check_word(out));
}

// A bucket holds its burst, a window its rate.
static uint64_t capacity_of(const struct limit_terms *terms) {
    return terms->algorithm == LIMIT_ALGORITHM_FIXED_WINDOW ? terms->rate : terms->burst;
}

static struct level full_level(const struct limit_terms *terms, uint64_t now) {
    return (struct level){.tokens = capacity_of(terms), .time = now};
}

static void cut_level(struct level *level, uint64_t capacity) {
    if (level->tokens < capacity) return;
    level->tokens = capacity;
    level->fraction = 0;
}

// The stored level in the units of `terms`; false where the bytes are no state of its algorithm.
static bool read_cell(const struct limit_terms *terms, slice cell, struct level *level) {
    if (cell.length != LIMIT_CELL_BYTES) return false;
    const uint8_t *at = (const uint8_t *)cell.at;
    if (read_word(at) != head_word(terms->algorithm)) return false;
    if (read_word(at + AT_CHECK) != check_word(at)) return false;
    uint64_t period = read_word(at + AT_PERIOD);
    level->tokens = read_word(at + AT_TOKENS);
    level->fraction = read_word(at + AT_FRACTION);
    level->time = read_word(at + AT_TIME);
    if (level->fraction >= period) return false;
    if (period != terms->period) {
        level->fraction = (uint64_t)((unsigned __int128)level->fraction * terms->period / period);
    }
    cut_level(level, capacity_of(terms));
    return true;
}

// `gained` tokens and a fraction, or full where they reach the burst.
static void gain(const struct limit_terms *terms, uint64_t gained, uint64_t fraction,
                 struct level *level) {
    bool full = gained >= terms->burst - level->tokens;
    level->tokens = full ? terms->burst : level->tokens + gained;
    level->fraction = full ? 0 : fraction;
}

// `elapsed` times rate, in units of 1/period tokens, goes on top. Where that is beyond 64 bits the
// bucket is mostly full, which a product tells without a wide division.
static void refill(const struct limit_terms *terms, uint64_t elapsed, struct level *level) {
    uint64_t units;
    if (!__builtin_mul_overflow(elapsed, terms->rate, &units) &&
        !__builtin_add_overflow(units, level->fraction, &units)) {
        gain(terms, units / terms->period, units % terms->period, level);
        return;
    }
    unsigned __int128 sum = (unsigned __int128)elapsed * terms->rate + level->fraction;
    if (sum >= (unsigned __int128)(terms->burst - level->tokens) * terms->period) {
        gain(terms, terms->burst, 0, level);
        return;
    }
    gain(terms, (uint64_t)(sum / terms->period), (uint64_t)(sum % terms->period), level);
}

static void advance_bucket(const struct limit_terms *terms, uint64_t now, struct level *level) {
    if (now <= level->time) return;
    if (level->tokens < terms->burst) refill(terms, now - level->time, level);
    level->time = now;
}

static void advance_window(const struct limit_terms *terms, uint64_t now, struct level *level) {
    if (now <= level->time || now - level->time <= terms->period) return;
    *level = full_level(terms, now);
}

static uint64_t add_saturated(uint64_t a, uint64_t b) {
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

// ns of refill until `cost` tokens are there, rounded up.
static uint64_t bucket_wait(const struct limit_terms *terms, const struct level *level,
                            uint64_t cost) {
    uint64_t units;
    uint64_t missing = cost - level->tokens;
    if (!__builtin_mul_overflow(missing, terms->period, &units)) {
        return (units - level->fraction - 1) / terms->rate + 1;
    }
    unsigned __int128 wait =
        ((unsigned __int128)missing * terms->period - level->fraction - 1) / terms->rate + 1;
    return wait > UINT64_MAX ? UINT64_MAX : (uint64_t)wait;
}

// Time before the stored one brings nothing, so it is waited for as well.
static uint64_t wait_of(const struct limit_terms *terms, const struct level *level, uint64_t now,
                        uint64_t cost) {
    uint64_t behind = now < level->time ? level->time - now : 0;
    if (terms->algorithm == LIMIT_ALGORITHM_FIXED_WINDOW) {
        uint64_t passed = now > level->time ? now - level->time : 0;
        return add_saturated(behind, terms->period - passed + 1);
    }
    return add_saturated(behind, bucket_wait(terms, level, cost));
}

static struct limit_verdict judge(const struct limit_terms *terms, struct level *level,
                                  uint64_t now, uint64_t cost) {
    uint64_t wanted = cost == 0 ? 1 : cost;
    if (wanted > capacity_of(terms)) {
        return (struct limit_verdict){false, level->tokens, UINT64_MAX};
    }
    if (wanted > level->tokens) {
        return (struct limit_verdict){false, level->tokens, wait_of(terms, level, now, wanted)};
    }
    level->tokens -= cost;
    return (struct limit_verdict){true, level->tokens, 0};
}

void limit_fresh(const struct limit_terms *terms, uint64_t now, uint8_t out[LIMIT_CELL_BYTES]) {
    struct level level = full_level(terms, now);
    write_cell(terms, &level, out);
}

struct limit_verdict limit_take(const struct limit_terms *terms, slice cell, uint64_t now,
                                uint64_t cost, uint8_t out[LIMIT_CELL_BYTES]) {
    struct level level;
    if (!limit_terms_valid(terms)) {
        memset(out, 0, LIMIT_CELL_BYTES);
        return (struct limit_verdict){false, 0, UINT64_MAX};
    }
    if (!read_cell(terms, cell, &level)) level = full_level(terms, now);
    if (terms->algorithm == LIMIT_ALGORITHM_FIXED_WINDOW) {
        advance_window(terms, now, &level);
    } else {
        advance_bucket(terms, now, &level);
    }
    struct limit_verdict verdict = judge(terms, &level, now, cost);
    write_cell(terms, &level, out);
    return verdict;
}
