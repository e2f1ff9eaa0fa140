// The limiter's arithmetic against plain words: every sequence of six steps in a small world, and
// large numbers in wide integers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "tests/unit/limiting.h"

#define SECOND UINT64_C(1000000000)
#define HOUR (3600 * SECOND)

static const enum limit_algorithm BUCKET = LIMIT_ALGORITHM_TOKEN_BUCKET;
static const enum limit_algorithm FIXED = LIMIT_ALGORITHM_FIXED_WINDOW;
static const enum limit_algorithm SLIDING = LIMIT_ALGORITHM_SLIDING_WINDOW;
static const enum limit_algorithm CONCURRENT = LIMIT_ALGORITHM_CONCURRENT;

static struct limit_terms terms_of(enum limit_algorithm algorithm, uint64_t rate, uint64_t period,
                                   uint64_t burst) {
    return (struct limit_terms){algorithm, rate, period, burst};
}

// A level and what it is in plain words, side by side.

struct state {
    struct limit_level level;
    struct plain plain;
    uint64_t now;
    uint64_t stamp; // of the last request that was admitted
};

enum act { TAKE, CHARGE, REFUND, BAN };

static struct state fresh_state(const struct limit_terms *terms, uint64_t now) {
    return (struct state){limit_level_fresh(terms, now), plain_fresh(terms, now), now, now};
}

static void advance(struct state *state, const struct limit_terms *terms) {
    limit_level_advance(terms, state->now, &state->level);
    plain_advance(&state->plain, terms, state->now);
    assert_true(state->level.time == (uint64_t)state->plain.start);
}

// Worth a fresh one: it is a fresh one, to the last bit.
static void expect_until(const struct state *state, const struct limit_terms *terms) {
    uint64_t until = limit_level_until(terms, &state->level);
    uint64_t then = until > state->now ? until : state->now;
    if (until == UINT64_MAX) return;
    struct limit_level level = state->level;
    level.ban = 0;
    limit_level_advance(terms, then, &level);
    struct limit_level fresh = limit_level_fresh(terms, then);
    assert_memory_equal(&level, &fresh, sizeof level);
    assert_true(plain_is_full(&state->plain, terms, state->now) || until > state->now);
}

static void take(struct state *state, const struct limit_terms *terms, uint64_t cost) {
    struct state before = *state;
    advance(state, terms);
    struct limit_verdict verdict = limit_level_judge(terms, &state->level, state->now, cost);
    plain_expect(&verdict, &state->plain, terms, state->now, cost);
    if (!verdict.allowed) { // the caller does not store
        *state = before;
        return;
    }
    limit_level_take(terms, &state->level, cost);
    plain_take(&state->plain, terms, cost);
    state->stamp = state->level.time;
    expect_until(state, terms);
}

static void act(struct state *state, const struct limit_terms *terms, enum act what,
                uint64_t amount) {
    if (what == TAKE) {
        take(state, terms, amount);
        return;
    }
    advance(state, terms);
    if (what == CHARGE) {
        limit_level_take(terms, &state->level, amount);
        plain_take(&state->plain, terms, amount);
    } else if (what == REFUND) {
        limit_level_refund(terms, &state->level, amount, state->stamp);
        plain_refund(&state->plain, terms, amount, state->stamp);
    } else if (state->now + amount > state->level.ban) {
        state->level.ban = state->now + amount;
        state->plain.ban = (number)state->now + amount;
    }
    expect_until(state, terms);
}

// The small world. Nothing depends on when it is, only on how long ago things were: a state that
// was met before, at whatever time, stands for every sequence that leads to it.

enum { STEPS = 6, START = 20, STATES = 1 << 16, PLACES = 1 << 18, WORDS = 16, FOREVER = 1000 };

// What one may do in a world.
struct choice {
    const int32_t *moves; // of the clock, before each step; ends with FOREVER
    struct {
        enum act what;
        uint32_t amount;
    } acts[8];
    uint32_t acts_count;
    bool changes; // of the terms, at each step
};

struct world {
    struct limit_terms terms[4];
    uint32_t count;          // of states
    uint32_t places[PLACES]; // number of a state + 1
    uint64_t keys[STATES][WORDS];
    struct state states[STATES];
};

static void key_of(const struct state *state, uint64_t *key) {
    const struct plain *plain = &state->plain;
    const number numbers[] = {plain->units,
                              plain->period,
                              plain->taken,
                              plain->last,
                              plain->start - state->now,
                              plain->ban == 0 ? FOREVER : plain->ban - state->now,
                              (number)state->stamp - state->now};
    memset(key, 0, WORDS * sizeof *key);
    for (uint32_t i = 0; i < LEN(numbers); i++)
        key[i] = (uint64_t)numbers[i];
    for (uint32_t i = 0; i < PLAIN_AGES; i++)
        key[LEN(numbers)] = key[LEN(numbers)] * 256 + (uint64_t)plain->held[i];
    struct limit_level level = state->level;
    level.time -= state->now;
    if (level.ban > 0) level.ban -= state->now;
    memcpy(key + LEN(numbers) + 1, &level, sizeof level);
}

static void meet(struct world *world, const struct state *state) {
    uint64_t key[WORDS], hash = 0;
    key_of(state, key);
    for (uint32_t i = 0; i < WORDS; i++) {
        hash = (hash ^ key[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    uint32_t at = hash % PLACES;
    for (; world->places[at] != 0; at = (at + 1) % PLACES) {
        if (memcmp(world->keys[world->places[at] - 1], key, sizeof key) == 0) return;
    }
    assert_true(world->count < STATES);
    world->states[world->count] = *state;
    memcpy(world->keys[world->count++], key, sizeof key);
    world->places[at] = world->count;
}

static bool refunds(const struct choice *choice) {
    bool found = false;
    for (uint32_t i = 0; i < choice->acts_count; i++)
        found = found || choice->acts[i].what == REFUND;
    return found;
}

static void leave(struct world *world, const struct choice *choice, const struct state *from,
                  bool last) {
    uint32_t terms_count = choice->changes ? LEN(world->terms) : 1;
    bool stamped = refunds(choice);
    for (const int32_t *move = choice->moves; *move != FOREVER; move++) {
        for (uint32_t n = 0; n < choice->acts_count * terms_count; n++) {
            struct state to = *from;
            to.now += (uint64_t)*move;
            uint32_t i = n % choice->acts_count;
            act(&to, &world->terms[n / choice->acts_count], choice->acts[i].what,
                choice->acts[i].amount);
            if (!stamped) to.stamp = to.now;
            if (!last) meet(world, &to);
        }
    }
}

static uint32_t explore(struct world *world, const struct choice *choice) {
    memset(world->places, 0, sizeof world->places);
    world->count = 0;
    struct state start = fresh_state(&world->terms[0], START);
    meet(world, &start);
    uint32_t from = 0;
    for (uint32_t step = 1; step <= STEPS; step++) {
        uint32_t to = world->count;
        for (; from < to; from++)
            leave(world, choice, &world->states[from], step == STEPS);
    }
    return from;
}

static const int32_t all_moves[] = {0, 1, 2, 3, 7, -2, FOREVER};
static const int32_t few_moves[] = {0, 1, 5, -2, FOREVER};

static const struct choice takes = {
    all_moves, {{TAKE, 0}, {TAKE, 1}, {TAKE, 2}, {TAKE, 3}}, 4, false};
static const struct choice debts = {
    few_moves, {{TAKE, 0}, {TAKE, 2}, {CHARGE, 1}, {CHARGE, 3}}, 4, false};
static const struct choice backs = {
    few_moves, {{TAKE, 1}, {TAKE, 3}, {CHARGE, 2}, {REFUND, 1}, {REFUND, 2}}, 5, false};
static const struct choice bans = {
    few_moves, {{TAKE, 1}, {TAKE, 2}, {CHARGE, 3}, {BAN, 4}}, 4, false};
static const struct choice changes = {few_moves, {{TAKE, 0}, {TAKE, 2}, {CHARGE, 3}}, 3, true};

static void every_sequence(const struct choice *choice, enum limit_algorithm algorithm,
                           uint32_t bursts, uint32_t every) {
    static struct world world;
    uint64_t states = 0;
    for (uint32_t n = 0; n < 3 * 5 * bursts; n += every) {
        uint64_t rate = n % 3 + 1, period = n / 3 % 5 + 1, burst = n / 15 + 1;
        world.terms[0] = terms_of(algorithm, rate, period, burst);
        world.terms[1] = terms_of(algorithm, rate % 3 + 1, period, burst);
        world.terms[2] = terms_of(algorithm, rate, period % 5 + 2, burst);
        world.terms[3] = terms_of(algorithm, rate, period, burst % 4 + 1);
        states += explore(&world, choice);
    }
    assert_true(states > 2000);
}

// With WEIR_LONG all the worlds of each, otherwise every so many.
static void every_short_sequence(enum limit_algorithm algorithm, uint32_t bursts) {
    bool all = getenv("WEIR_LONG") != NULL;
    every_sequence(&takes, algorithm, bursts, 1);
    every_sequence(&debts, algorithm, bursts, all ? 1 : 7);
    every_sequence(&backs, algorithm, bursts, all ? 1 : 14);
    every_sequence(&bans, algorithm, bursts, all ? 1 : 14);
    every_sequence(&changes, algorithm, bursts, all ? 1 : 14);
}

static void test_every_short_sequence_of_a_bucket(void **state) {
    (void)state;
    every_short_sequence(BUCKET, 4);
}

static void test_every_short_sequence_of_a_fixed_window(void **state) {
    (void)state;
    every_short_sequence(FIXED, 1);
}

static void test_every_short_sequence_of_a_sliding_window(void **state) {
    (void)state;
    every_short_sequence(SLIDING, 1);
}

static void test_every_short_sequence_of_a_concurrent_one(void **state) {
    (void)state;
    every_short_sequence(CONCURRENT, 1);
}

// The large world: the same plain words about numbers of every size.

// Mostly near a power of two, or an end of [1, most].
static uint64_t random_number(uint64_t *seed, uint64_t most) {
    uint64_t draw = random_next(seed);
    uint64_t drawn = (UINT64_C(1) << (draw >> 8) % 64) + (draw >> 16) % 5 - 2;
    if (draw % 8 == 0) drawn = most - (draw >> 16) % 3;
    if (draw % 8 == 1) drawn = 1 + (draw >> 16) % 3;
    if (draw % 8 == 2) drawn = random_next(seed);
    return drawn > most ? drawn % most + 1 : drawn + (drawn == 0);
}

static struct limit_terms random_terms(uint64_t *seed, enum limit_algorithm algorithm) {
    uint64_t most = algorithm == CONCURRENT ? LIMIT_CONCURRENT : LIMIT_RATE;
    return terms_of(algorithm, random_number(seed, most), random_number(seed, LIMIT_PERIOD),
                    random_number(seed, LIMIT_RATE));
}

// A few windows at most, so that the plain words come to an end soon.
static uint64_t random_debt(uint64_t *seed, const struct limit_terms *terms) {
    if (terms->algorithm == BUCKET) return random_number(seed, UINT64_C(1) << 56);
    return random_number(seed, terms->algorithm == CONCURRENT ? 1 << 28 : 8 * terms->rate);
}

static void change_terms(uint64_t *seed, struct limit_terms *terms) {
    uint64_t draw = random_next(seed) % 16;
    if (draw == 0) terms->rate -= terms->rate / 4;
    if (draw == 1 && terms->rate < LIMIT_CONCURRENT / 2) terms->rate *= 2;
    if (draw == 2) terms->burst = random_number(seed, LIMIT_RATE);
    if (draw == 3) terms->period = random_number(seed, LIMIT_PERIOD);
}

static void one_large_step(uint64_t *seed, struct state *state, const struct limit_terms *terms) {
    uint64_t most = limit_capacity(terms), draw = random_next(seed) % 8;
    uint64_t cost = random_number(seed, draw < 4 ? most : UINT64_MAX);
    if (draw == 0) cost = most;
    if (draw < 6) act(state, terms, TAKE, cost);
    if (draw == 6) act(state, terms, CHARGE, random_debt(seed, terms));
    if (draw == 7) act(state, terms, REFUND, cost);
    if (draw == 4) act(state, terms, BAN, random_next(seed) % ((UINT64_MAX - state->now) | 1));
}

// Anywhere, forward, to where something comes back, or around one of those.
static void move_clock(uint64_t *seed, struct state *state, const struct limit_terms *terms) {
    uint64_t draw = random_next(seed) % 8;
    uint64_t until = limit_level_until(terms, &state->level);
    if (draw == 0) state->now = random_number(seed, UINT64_MAX);
    if (draw == 1) state->now += random_next(seed) % ((UINT64_MAX - state->now) | 1);
    if (draw == 2 && until > 0) state->now = until - 1;
    if (draw == 3) state->now = until;
    if (draw == 4 && terms->period <= UINT64_MAX - state->now) state->now += terms->period;
    if (draw == 5 && state->now > HOUR) state->now -= HOUR;
}

static void test_large_numbers(void **state) {
    (void)state;
    uint64_t seed = 88172645463325252u;
    uint32_t sequences = getenv("WEIR_LONG") != NULL ? 3000000 : 20000;
    for (uint32_t i = 0; i < sequences; i++) {
        struct limit_terms terms = random_terms(&seed, i % LIMIT_ALGORITHM_COUNT);
        struct state now = fresh_state(&terms, random_number(&seed, UINT64_MAX));
        for (uint32_t step = 0; step < 8; step++) {
            one_large_step(&seed, &now, &terms);
            move_clock(&seed, &now, &terms);
            change_terms(&seed, &terms);
        }
    }
}

static struct limit_verdict take_at(const struct limit_terms *terms, struct limit_level *level,
                                    uint64_t now, uint64_t cost) {
    struct limit_level copy = *level;
    limit_level_advance(terms, now, &copy);
    struct limit_verdict verdict = limit_level_judge(terms, &copy, now, cost);
    if (!verdict.allowed) return verdict;
    limit_level_take(terms, &copy, cost);
    *level = copy;
    return verdict;
}

static void expect_yes(const struct limit_terms *terms, struct limit_level *level, uint64_t now,
                       uint64_t cost, uint64_t remaining) {
    struct limit_verdict verdict = take_at(terms, level, now, cost);
    assert_true(verdict.allowed);
    assert_int_equal(verdict.retry_after, 0);
    assert_int_equal(verdict.remaining, remaining);
}

static void expect_no(const struct limit_terms *terms, struct limit_level *level, uint64_t now,
                      uint64_t cost, uint64_t remaining, uint64_t retry_after) {
    struct limit_verdict verdict = take_at(terms, level, now, cost);
    assert_false(verdict.allowed);
    assert_int_equal(verdict.retry_after, retry_after);
    assert_int_equal(verdict.remaining, remaining);
}

// Three a second, asked for at many moments between: each token comes at its own nanosecond.
static void test_no_drift(void **state) {
    (void)state;
    struct limit_terms terms = terms_of(BUCKET, 3, SECOND, 3);
    struct limit_level level = limit_level_fresh(&terms, 0);
    expect_yes(&terms, &level, 0, 3, 0);
    uint64_t now = 0;
    for (uint64_t token = 1; token <= 30000; token++) {
        uint64_t due = (token * SECOND + 2) / 3;
        for (; now < due; now += (due - now) / 2 + 1) {
            expect_no(&terms, &level, now, 1, 0, due - now);
            limit_level_advance(&terms, now, &level); // as a charge of 0 would store it
        }
        now = due;
        expect_yes(&terms, &level, now, 1, 0);
    }
}

static void test_edges_of_a_bucket(void **state) {
    (void)state;
    struct limit_terms slow = terms_of(BUCKET, 1, LIMIT_PERIOD, 2);
    struct limit_level level = limit_level_fresh(&slow, UINT64_MAX - 5);
    expect_yes(&slow, &level, UINT64_MAX - 5, 2, 0);
    expect_no(&slow, &level, UINT64_MAX, 1, 0, UINT64_MAX); // the clock never gets there
    expect_no(&slow, &level, 0, 1, 0, UINT64_MAX);
    level = limit_level_fresh(&slow, 0);
    expect_yes(&slow, &level, 0, 2, 0);
    expect_no(&slow, &level, LIMIT_PERIOD - 1, 1, 0, 1);
    expect_yes(&slow, &level, LIMIT_PERIOD, 1, 0);

    struct limit_terms fast = terms_of(BUCKET, LIMIT_RATE, 1, LIMIT_RATE);
    level = limit_level_fresh(&fast, 0);
    expect_yes(&fast, &level, 0, LIMIT_RATE, 0);
    expect_no(&fast, &level, 0, 0, 0, 1);
    expect_yes(&fast, &level, 1, LIMIT_RATE, 0);
    expect_yes(&fast, &level, UINT64_MAX, 0, LIMIT_RATE);
    expect_no(&fast, &level, UINT64_MAX, LIMIT_RATE + 1, LIMIT_RATE, UINT64_MAX);
    expect_no(&fast, &level, UINT64_MAX, UINT64_MAX, LIMIT_RATE, UINT64_MAX);
}

static void test_edges_of_windows(void **state) {
    (void)state;
    struct limit_terms terms = terms_of(FIXED, 2, 1000, 1);
    struct limit_level level = limit_level_fresh(&terms, 5000);
    expect_yes(&terms, &level, 5000, 1, 1);
    expect_yes(&terms, &level, 5500, 1, 0);
    expect_no(&terms, &level, 6000, 1, 0, 1);
    expect_yes(&terms, &level, 6001, 1, 1);
    expect_no(&terms, &level, 7001, 2, 1, 1);
    expect_no(&terms, &level, 9000, 3, 2, UINT64_MAX);
    expect_yes(&terms, &level, 9000, 0, 2); // opens none
    expect_yes(&terms, &level, 9500, 2, 0);
    expect_no(&terms, &level, 10001, 1, 0, 500);
    for (uint32_t algorithm = FIXED; algorithm <= SLIDING; algorithm++) {
        terms.algorithm = algorithm;
        level = limit_level_fresh(&terms, UINT64_MAX - 500);
        expect_yes(&terms, &level, UINT64_MAX - 500, 2, 0);
        expect_no(&terms, &level, UINT64_MAX, 1, 0, UINT64_MAX);
    }
}

// However much is charged: no overflow, no wrap to credit, and what is paid back is what it was.
static void test_debts_stop_far_from_overflow(void **state) {
    (void)state;
    for (uint32_t algorithm = 0; algorithm < LIMIT_ALGORITHM_COUNT; algorithm++) {
        struct limit_terms terms = terms_of(algorithm, 1, LIMIT_PERIOD, 1);
        struct limit_level level = limit_level_fresh(&terms, 0);
        for (uint32_t i = 0; i < 100; i++) {
            limit_level_take(&terms, &level, UINT64_MAX);
            limit_level_take(&terms, &level, UINT64_C(1) << 60);
            uint64_t now = i * (LIMIT_PERIOD / 20);
            limit_level_advance(&terms, now, &level);
            struct limit_verdict verdict = limit_level_judge(&terms, &level, now, 1);
            assert_false(verdict.allowed);
            assert_int_equal(verdict.remaining, 0);
            assert_true(verdict.reset > LIMIT_PERIOD / 2);
        }
        limit_level_refund(&terms, &level, UINT64_MAX, level.time);
        assert_true(limit_level_judge(&terms, &level, level.time, 1).remaining <= 1);
    }
}

static void test_a_clock_that_goes_back(void **state) {
    (void)state;
    for (uint32_t algorithm = BUCKET; algorithm <= SLIDING; algorithm++) {
        struct limit_terms terms = terms_of(algorithm, 1, 1000, 1);
        uint64_t later = 1000;
        if (algorithm == FIXED) later = 1001;
        if (algorithm == SLIDING) later = 2000;
        struct limit_level level = limit_level_fresh(&terms, 2 * HOUR);
        expect_yes(&terms, &level, 2 * HOUR, 1, 0);
        expect_no(&terms, &level, HOUR, 1, 0, HOUR + later);
        expect_no(&terms, &level, HOUR + later, 1, 0, HOUR);
        expect_no(&terms, &level, 2 * HOUR + later - 1, 1, 0, 1);
        expect_yes(&terms, &level, 2 * HOUR + later, 1, 0);
    }
}

static void test_changed_terms_keep_the_level(void **state) {
    (void)state;
    struct limit_terms old = terms_of(BUCKET, 10, 1000, 10);
    struct limit_terms more = terms_of(BUCKET, 10, 1000, 100);
    struct limit_terms fewer = terms_of(BUCKET, 1, 1000, 2);
    struct limit_terms longer = terms_of(BUCKET, 1, 60000, 10);
    struct limit_level start = limit_level_fresh(&old, 0), level;
    expect_yes(&old, &start, 0, 5, 5);
    level = start;
    expect_yes(&more, &level, 0, 1, 4); // no gift
    expect_yes(&more, &level, 1000, 0, 14);
    level = start;
    expect_yes(&fewer, &level, 0, 1, 1);
    expect_yes(&fewer, &level, 0, 1, 0);
    expect_no(&fewer, &level, 100, 1, 0, 900); // the new rate, at once
    level = start;
    expect_yes(&old, &level, 50, 5, 0);          // half a token stays …
    expect_no(&longer, &level, 50, 1, 0, 30000); // … half a token in the longer period
    expect_no(&old, &level, 50, 1, 0, 50);
}

// A stream that began within a part of the lease is forgotten a whole lease behind its end.
static void test_leases_of_streams(void **state) {
    (void)state;
    struct limit_terms terms = terms_of(CONCURRENT, 2, 500, 1);
    struct limit_level level = limit_level_fresh(&terms, 1000);
    expect_yes(&terms, &level, 1000, 1, 1);
    expect_yes(&terms, &level, 1099, 1, 0);
    expect_no(&terms, &level, 1599, 1, 0, SECOND);
    expect_yes(&terms, &level, 1600, 1, 1);
    limit_level_refund(&terms, &level, 1, 1000); // the first again, long forgotten
    expect_yes(&terms, &level, 1600, 1, 0);
    limit_level_refund(&terms, &level, 1, 1600);
    expect_yes(&terms, &level, 1650, 1, 0);
}

// Bytes that nobody could have stored: no fault, and nothing that lasts.
static void test_impossible_levels(void **state) {
    (void)state;
    uint64_t seed = 4711;
    for (uint32_t i = 0; i < 200000; i++) {
        struct limit_terms terms = random_terms(&seed, i % LIMIT_ALGORITHM_COUNT);
        uint64_t words[sizeof(struct limit_level) / 8];
        for (uint32_t word = 0; word < LEN(words); word++)
            words[word] = random_next(&seed) >> random_next(&seed) % 64;
        struct limit_level level;
        memcpy(&level, words, sizeof level);
        if (i % 8 < 4) level.period = terms.period;
        uint64_t now = random_number(&seed, UINT64_MAX), cost = random_number(&seed, UINT64_MAX);
        limit_level_advance(&terms, now, &level);
        struct limit_verdict verdict = limit_level_judge(&terms, &level, now, cost);
        assert_true(verdict.remaining <= limit_capacity(&terms));
        limit_level_take(&terms, &level, cost);
        limit_level_refund(&terms, &level, cost, random_number(&seed, UINT64_MAX));
        limit_level_judge(&terms, &level, now, 1);
        limit_level_until(&terms, &level);
    }
}

static void test_more_fraction_than_a_token_is_impossible(void **state) {
    (void)state;
    struct limit_terms terms = terms_of(BUCKET, 5, 1000, 5);
    struct limit_level level = {.tokens = 0, .fraction = 1000, .period = 1000, .time = 7};
    expect_yes(&terms, &level, 7, 1, 4);
    struct limit_level none = {.tokens = 0, .fraction = 3, .period = 0, .time = 7};
    expect_yes(&terms, &none, 7, 1, 4);
}

static void test_ranges_of_terms(void **state) {
    (void)state;
    const struct limit_terms valid[] = {{BUCKET, LIMIT_RATE, LIMIT_PERIOD, LIMIT_RATE},
                                        {FIXED, 1, 1, 1},
                                        {SLIDING, LIMIT_RATE, 1, 1},
                                        {CONCURRENT, LIMIT_CONCURRENT, LIMIT_PERIOD, 1}};
    const struct limit_terms invalid[] = {{BUCKET, 0, 1, 1},
                                          {BUCKET, 1, 0, 1},
                                          {BUCKET, 1, 1, 0},
                                          {BUCKET, LIMIT_RATE + 1, 1, 1},
                                          {BUCKET, 1, LIMIT_PERIOD + 1, 1},
                                          {BUCKET, 1, 1, LIMIT_RATE + 1},
                                          {FIXED, UINT64_MAX, UINT64_MAX, UINT64_MAX},
                                          {CONCURRENT, LIMIT_CONCURRENT + 1, 1, 1},
                                          {LIMIT_ALGORITHM_COUNT, 1, 1, 1}};
    for (uint32_t i = 0; i < LEN(valid); i++)
        assert_true(limit_terms_valid(&valid[i]));
    for (uint32_t i = 0; i < LEN(invalid); i++)
        assert_false(limit_terms_valid(&invalid[i]));
}

static void test_names(void **state) {
    (void)state;
    assert_string_equal(limit_algorithm_name(BUCKET), "token_bucket");
    assert_string_equal(limit_algorithm_name(FIXED), "fixed_window");
    assert_string_equal(limit_algorithm_name(SLIDING), "sliding_window");
    assert_string_equal(limit_algorithm_name(CONCURRENT), "concurrent");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_short_sequence_of_a_bucket),
        cmocka_unit_test(test_every_short_sequence_of_a_fixed_window),
        cmocka_unit_test(test_every_short_sequence_of_a_sliding_window),
        cmocka_unit_test(test_every_short_sequence_of_a_concurrent_one),
        cmocka_unit_test(test_large_numbers),
        cmocka_unit_test(test_no_drift),
        cmocka_unit_test(test_edges_of_a_bucket),
        cmocka_unit_test(test_edges_of_windows),
        cmocka_unit_test(test_debts_stop_far_from_overflow),
        cmocka_unit_test(test_a_clock_that_goes_back),
        cmocka_unit_test(test_changed_terms_keep_the_level),
        cmocka_unit_test(test_leases_of_streams),
        cmocka_unit_test(test_impossible_levels),
        cmocka_unit_test(test_more_fraction_than_a_token_is_impossible),
        cmocka_unit_test(test_ranges_of_terms),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
