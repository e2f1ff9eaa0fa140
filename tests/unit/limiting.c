#include "tests/unit/limiting.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { SECOND = 1000000000 };

struct plain plain_fresh(const struct limit_terms *terms, uint64_t now) {
    return (struct plain){
        .units = (number)terms->burst * terms->period, .period = terms->period, .start = now};
}

static number floored(number a, number b) {
    return a / b - (a % b < 0);
}

static void cap_units(struct plain *plain, const struct limit_terms *terms) {
    number full = (number)terms->burst * terms->period;
    if (plain->units > full) plain->units = full;
}

static void advance_bucket(struct plain *plain, const struct limit_terms *terms, uint64_t now) {
    number whole = floored(plain->units, plain->period);
    number rest = plain->units - whole * plain->period;
    plain->units = whole * terms->period + rest * terms->period / plain->period;
    plain->period = terms->period;
    cap_units(plain, terms);
    if (now <= plain->start) return;
    plain->units += (now - plain->start) * terms->rate;
    plain->start = now;
    cap_units(plain, terms);
}

// The next window pays `rate` of what is above it.
static void next_window(struct plain *plain, const struct limit_terms *terms) {
    plain->last = plain->taken < (number)terms->rate ? plain->taken : (number)terms->rate;
    plain->taken -= plain->last;
    plain->start += terms->period;
}

// A window that nothing was taken in is not open: it opens at `now`.
static void advance_fixed(struct plain *plain, const struct limit_terms *terms, uint64_t now) {
    while (plain->taken > 0 && now > plain->start + (number)terms->period)
        next_window(plain, terms);
    plain->last = 0;
    if (plain->taken == 0 && now > plain->start) plain->start = now;
}

static void advance_sliding(struct plain *plain, const struct limit_terms *terms, uint64_t now) {
    while (plain->taken + plain->last > 0 && now >= plain->start + (number)terms->period)
        next_window(plain, terms);
    if (plain->taken + plain->last == 0 && now > plain->start) plain->start = now;
}

static number part_of(const struct limit_terms *terms) {
    return ((number)terms->period + PLAIN_AGES - 2) / (PLAIN_AGES - 1);
}

static number held_in_all(const struct plain *plain) {
    number sum = 0;
    for (uint32_t i = 0; i < PLAIN_AGES; i++)
        sum += plain->held[i];
    return sum;
}

static void advance_parts(struct plain *plain, const struct limit_terms *terms, uint64_t now) {
    while (held_in_all(plain) > 0 && now >= plain->start + part_of(terms)) {
        for (uint32_t i = PLAIN_AGES; --i > 0;)
            plain->held[i] = plain->held[i - 1];
        plain->held[0] = 0;
        plain->start += part_of(terms);
    }
    if (held_in_all(plain) == 0 && now > plain->start) plain->start = now;
}

void plain_advance(struct plain *plain, const struct limit_terms *terms, uint64_t now) {
    switch (terms->algorithm) {
    case LIMIT_ALGORITHM_FIXED_WINDOW: advance_fixed(plain, terms, now); break;
    case LIMIT_ALGORITHM_SLIDING_WINDOW: advance_sliding(plain, terms, now); break;
    case LIMIT_ALGORITHM_CONCURRENT: advance_parts(plain, terms, now); break;
    default: advance_bucket(plain, terms, now); break;
    }
}

void plain_take(struct plain *plain, const struct limit_terms *terms, uint64_t cost) {
    plain->units -= (number)cost * terms->period;
    plain->taken += cost;
    plain->held[0] += cost;
}

static number less(number from, number cost) {
    return cost < from ? from - cost : 0;
}

void plain_refund(struct plain *plain, const struct limit_terms *terms, uint64_t cost,
                  uint64_t stamp) {
    number since = plain->start - stamp;
    if (terms->algorithm == LIMIT_ALGORITHM_CONCURRENT) {
        number age = since / part_of(terms);
        if (since >= 0 && age < PLAIN_AGES) plain->held[age] = less(plain->held[age], cost);
        return;
    }
    plain->units += (number)cost * terms->period;
    cap_units(plain, terms);
    if (since == 0) plain->taken = less(plain->taken, cost);
    if (since == (number)terms->period) plain->last = less(plain->last, cost);
}

number plain_left(const struct plain *plain, const struct limit_terms *terms, uint64_t now) {
    number rate = terms->rate, period = terms->period;
    number passed = now > plain->start ? now - plain->start : 0;
    switch (terms->algorithm) {
    case LIMIT_ALGORITHM_FIXED_WINDOW: return rate - plain->taken;
    case LIMIT_ALGORITHM_SLIDING_WINDOW:
        return rate - plain->taken - (plain->last * (period - passed) + period - 1) / period;
    case LIMIT_ALGORITHM_CONCURRENT: return rate - held_in_all(plain);
    default: return floored(plain->units, plain->period);
    }
}

static uint64_t capacity(const struct limit_terms *terms) {
    return terms->algorithm == LIMIT_ALGORITHM_TOKEN_BUCKET ? terms->burst : terms->rate;
}

bool plain_passes(const struct plain *plain, const struct limit_terms *terms, uint64_t now,
                  uint64_t cost) {
    uint64_t wanted = cost == 0 ? 1 : cost;
    return now >= plain->ban && wanted <= capacity(terms) &&
           plain_left(plain, terms, now) >= wanted;
}

bool plain_is_full(const struct plain *plain, const struct limit_terms *terms, uint64_t now) {
    bool sliding = terms->algorithm == LIMIT_ALGORITHM_SLIDING_WINDOW;
    bool none_last = !sliding || plain->last == 0;
    return plain_left(plain, terms, now) == (number)capacity(terms) && none_last;
}

static bool passes_at(struct plain plain, const struct limit_terms *terms, number then,
                      uint64_t cost) {
    if (then > UINT64_MAX) then = UINT64_MAX;
    plain_advance(&plain, terms, (uint64_t)then);
    return plain_passes(&plain, terms, (uint64_t)then, cost);
}

static bool full_at(struct plain plain, const struct limit_terms *terms, number then) {
    plain_advance(&plain, terms, (uint64_t)then);
    return plain_is_full(&plain, terms, (uint64_t)then);
}

// The least wait: neither too early nor too late.
static void expect_wait(uint64_t wait, const struct plain *plain, const struct limit_terms *terms,
                        uint64_t now, uint64_t cost) {
    if (cost > capacity(terms)) {
        assert_true(wait == UINT64_MAX);
    } else if (wait == UINT64_MAX) {
        assert_false(passes_at(*plain, terms, UINT64_MAX - 1, cost));
    } else if (terms->algorithm == LIMIT_ALGORITHM_CONCURRENT) {
        number banned = now < plain->ban ? plain->ban - now : 0;
        assert_true(wait == (uint64_t)banned || (wait == SECOND && banned < SECOND));
    } else {
        assert_true(wait >= 1);
        assert_true(passes_at(*plain, terms, (number)now + wait, cost));
        assert_false(passes_at(*plain, terms, (number)now + wait - 1, cost));
    }
}

static void expect_reset(uint64_t reset, const struct plain *after, const struct limit_terms *terms,
                         uint64_t now) {
    if (reset == UINT64_MAX) {
        assert_false(full_at(*after, terms, UINT64_MAX - 1));
        return;
    }
    assert_true(full_at(*after, terms, (number)now + reset));
    if (reset > 0) assert_false(full_at(*after, terms, (number)now + reset - 1));
}

void plain_expect(const struct limit_verdict *verdict, const struct plain *plain,
                  const struct limit_terms *terms, uint64_t now, uint64_t cost) {
    struct plain after = *plain;
    bool passes = plain_passes(plain, terms, now, cost);
    if (passes) plain_take(&after, terms, cost);
    number left = plain_left(&after, terms, now);
    assert_int_equal(verdict->allowed, passes);
    assert_true(verdict->remaining == (left > 0 ? (uint64_t)left : 0));
    if (passes) assert_true(verdict->retry_after == 0);
    if (!passes) expect_wait(verdict->retry_after, plain, terms, now, cost);
    expect_reset(verdict->reset, &after, terms, now);
}

uint64_t random_next(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}
