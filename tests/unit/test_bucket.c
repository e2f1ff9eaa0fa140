// The limiter's arithmetic against plain references: every short sequence in a small world, and
// large numbers in wide integers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "engine/limit/bucket.h"

#define HOUR (UINT64_C(3600) * 1000000000)

static const enum limit_algorithm BUCKET = LIMIT_ALGORITHM_TOKEN_BUCKET;
static const enum limit_algorithm WINDOW = LIMIT_ALGORITHM_FIXED_WINDOW;

static const slice absent = {NULL, 0};

static slice cell_of(const uint8_t *bytes) {
    return slice_from((const char *)bytes, LIMIT_CELL_BYTES);
}

static struct limit_terms terms_of(enum limit_algorithm algorithm, uint64_t rate, uint64_t period,
                                   uint64_t burst) {
    return (struct limit_terms){algorithm, rate, period, burst};
}

// The small world. Levels are counted in 1/period tokens, in one integer: exact and obvious.

enum { STEPS = 6, TIMES = 64, LEVELS = 32, START = 10 };

struct model {
    uint32_t units; // tokens times period
    uint32_t time;
};

struct world {
    struct limit_terms terms;
    uint64_t checked;
    // Each model state was met with these bytes: one state, one cell, so a state that was visited
    // at a depth stands for every sequence that leads to it.
    uint8_t cells[LEVELS][TIMES][LIMIT_CELL_BYTES];
    bool known[LEVELS][TIMES];
    bool visited[STEPS + 1][LEVELS][TIMES][TIMES];
};

static uint32_t capacity(const struct limit_terms *terms) {
    return (uint32_t)(terms->algorithm == WINDOW ? terms->rate : terms->burst);
}

static struct model model_at(const struct limit_terms *terms, struct model model, uint32_t now) {
    uint32_t full = capacity(terms) * (uint32_t)terms->period;
    if (now <= model.time) return model;
    if (terms->algorithm == WINDOW) {
        if (now - model.time > terms->period) model = (struct model){full, now};
        return model;
    }
    model.units += (now - model.time) * (uint32_t)terms->rate;
    if (model.units > full) model.units = full;
    model.time = now;
    return model;
}

static bool model_has(const struct limit_terms *terms, struct model model, uint32_t cost) {
    uint32_t wanted = cost == 0 ? 1 : cost;
    return model.units >= wanted * terms->period;
}

static void check_refusal(const struct limit_terms *terms, struct model before, uint32_t now,
                          uint32_t cost, uint64_t retry_after) {
    if ((cost == 0 ? 1 : cost) > capacity(terms)) {
        assert_true(retry_after == UINT64_MAX);
        return;
    }
    uint32_t wait = 1;
    while (!model_has(terms, model_at(terms, before, now + wait), cost))
        wait++;
    assert_int_equal(retry_after, wait);
}

static void explore(struct world *world, uint32_t depth, struct model model, const uint8_t *cell,
                    uint32_t now);

static void step(struct world *world, uint32_t depth, struct model model, const uint8_t *cell,
                 uint32_t now, uint32_t cost) {
    const struct limit_terms *terms = &world->terms;
    uint8_t out[LIMIT_CELL_BYTES];
    struct limit_verdict verdict = limit_take(terms, cell_of(cell), now, cost, out);
    struct model after = model_at(terms, model, now);
    bool allowed = model_has(terms, after, cost) && cost <= capacity(terms);
    if (allowed) after.units -= cost * (uint32_t)terms->period;
    assert_int_equal(verdict.allowed, allowed);
    assert_int_equal(verdict.remaining, after.units / terms->period);
    world->checked++;
    explore(world, depth - 1, after, out, now);
    if (allowed) {
        assert_int_equal(verdict.retry_after, 0);
        return;
    }
    check_refusal(terms, model, now, cost, verdict.retry_after);
    explore(world, depth - 1, model, cell, now); // the caller did not store
}

static void explore(struct world *world, uint32_t depth, struct model model, const uint8_t *cell,
                    uint32_t now) {
    static const int32_t moves[] = {0, 1, 2, 3, 7, -2};
    assert_true(model.units < LEVELS && model.time < TIMES && now < TIMES);
    if (world->known[model.units][model.time]) {
        assert_memory_equal(world->cells[model.units][model.time], cell, LIMIT_CELL_BYTES);
    }
    world->known[model.units][model.time] = true;
    memcpy(world->cells[model.units][model.time], cell, LIMIT_CELL_BYTES);
    if (depth == 0 || world->visited[depth][model.units][model.time][now]) return;
    world->visited[depth][model.units][model.time][now] = true;
    for (uint32_t i = 0; i < LEN(moves); i++) {
        if (moves[i] < 0 && now < 2) continue;
        uint32_t then = now + (uint32_t)moves[i];
        for (uint32_t cost = 0; cost <= 3; cost++)
            step(world, depth, model, cell, then, cost);
    }
}

static void every_short_sequence(enum limit_algorithm algorithm) {
    static struct world world;
    uint64_t checked = 0;
    for (uint32_t n = 0; n < 3 * 5 * 4; n++) {
        memset(&world, 0, sizeof world);
        world.terms = terms_of(algorithm, n % 3 + 1, n / 3 % 5 + 1, n / 15 + 1);
        struct model model = {capacity(&world.terms) * (uint32_t)world.terms.period, START};
        uint8_t cell[LIMIT_CELL_BYTES];
        limit_fresh(&world.terms, START, cell);
        explore(&world, STEPS, model, cell, START);
        checked += world.checked;
    }
    assert_true(checked > 100000);
}

static void test_every_short_sequence_of_a_bucket(void **state) {
    (void)state;
    every_short_sequence(BUCKET);
}

static void test_every_short_sequence_of_a_window(void **state) {
    (void)state;
    every_short_sequence(WINDOW);
}

// The large world: the same reference in 128 bits.

struct large {
    unsigned __int128 units;
    uint64_t time;
};

static uint64_t large_wait(const struct limit_terms *terms, const struct large *large, uint64_t now,
                           uint64_t cost) {
    unsigned __int128 wait = now < large->time ? large->time - now : 0;
    if (terms->algorithm == WINDOW) {
        wait += (unsigned __int128)terms->period + 1 - (now > large->time ? now - large->time : 0);
    } else {
        wait += ((unsigned __int128)cost * terms->period - large->units + terms->rate - 1) /
                terms->rate;
    }
    return wait > UINT64_MAX ? UINT64_MAX : (uint64_t)wait;
}

static struct limit_verdict large_take(const struct limit_terms *terms, struct large *large,
                                       uint64_t now, uint64_t cost) {
    uint64_t most = terms->algorithm == WINDOW ? terms->rate : terms->burst;
    uint64_t wanted = cost == 0 ? 1 : cost;
    unsigned __int128 full = (unsigned __int128)most * terms->period;
    uint64_t passed = now > large->time ? now - large->time : 0;
    if (terms->algorithm == BUCKET && passed > 0) {
        large->units += (unsigned __int128)passed * terms->rate;
        if (large->units > full) large->units = full;
        large->time = now;
    } else if (passed > terms->period) {
        *large = (struct large){full, now};
    }
    struct limit_verdict verdict = {
        wanted <= most && large->units >= (unsigned __int128)wanted * terms->period, 0, 0};
    if (verdict.allowed) large->units -= (unsigned __int128)cost * terms->period;
    if (!verdict.allowed) {
        verdict.retry_after = wanted > most ? UINT64_MAX : large_wait(terms, large, now, wanted);
    }
    verdict.remaining = (uint64_t)(large->units / terms->period);
    return verdict;
}

static uint64_t random_next(uint64_t *seed) {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

// Mostly near a power of two, or an end of [1, most].
static uint64_t random_number(uint64_t *seed, uint64_t most) {
    uint64_t draw = random_next(seed);
    uint64_t number = (UINT64_C(1) << (draw >> 8) % 64) + (draw >> 16) % 5 - 2;
    if (draw % 8 == 0) number = most - (draw >> 16) % 3;
    if (draw % 8 == 1) number = 1 + (draw >> 16) % 3;
    if (draw % 8 == 2) number = random_next(seed);
    return number > most ? number % most + 1 : number + (number == 0);
}

static void one_large_sequence(uint64_t *seed) {
    struct limit_terms terms =
        terms_of(random_next(seed) % 4 == 0 ? WINDOW : BUCKET, random_number(seed, LIMIT_RATE),
                 random_number(seed, LIMIT_PERIOD), random_number(seed, LIMIT_RATE));
    uint64_t most = terms.algorithm == WINDOW ? terms.rate : terms.burst;
    uint64_t now = random_number(seed, UINT64_MAX);
    struct large large = {(unsigned __int128)most * terms.period, now};
    uint8_t cell[LIMIT_CELL_BYTES];
    limit_fresh(&terms, now, cell);
    for (uint32_t i = 0; i < 8; i++) {
        uint64_t cost = random_next(seed) % 2 == 0 ? most : random_number(seed, UINT64_MAX);
        if (random_next(seed) % 4 == 0) cost %= most + 1;
        struct limit_verdict verdict = limit_take(&terms, cell_of(cell), now, cost, cell);
        struct limit_verdict wanted = large_take(&terms, &large, now, cost);
        assert_int_equal(verdict.allowed, wanted.allowed);
        assert_true(verdict.remaining == wanted.remaining);
        assert_true(verdict.retry_after == wanted.retry_after);
        uint64_t draw = random_next(seed) % 4;
        if (draw == 0) now = random_number(seed, UINT64_MAX);
        if (draw == 1) now += random_number(seed, UINT64_MAX) % (UINT64_MAX - now + 1);
        if (draw == 2 && verdict.retry_after < UINT64_MAX - now) now += verdict.retry_after;
    }
}

static void test_large_numbers(void **state) {
    (void)state;
    uint64_t seed = 88172645463325252u;
    for (uint32_t i = 0; i < 300000; i++)
        one_large_sequence(&seed);
}

static void expect_take(const struct limit_terms *terms, uint8_t *cell, uint64_t now, uint64_t cost,
                        struct limit_verdict wanted) {
    struct limit_verdict verdict = limit_take(terms, cell_of(cell), now, cost, cell);
    assert_int_equal(verdict.allowed, wanted.allowed);
    assert_true(verdict.remaining == wanted.remaining);
    assert_true(verdict.retry_after == wanted.retry_after);
}

static struct limit_verdict yes(uint64_t remaining) {
    return (struct limit_verdict){true, remaining, 0};
}

static struct limit_verdict no(uint64_t remaining, uint64_t retry_after) {
    return (struct limit_verdict){false, remaining, retry_after};
}

// Three a second, asked for at many moments between: each token comes at its own nanosecond.
static void test_no_drift(void **state) {
    (void)state;
    struct limit_terms terms = terms_of(BUCKET, 3, 1000000000, 3);
    uint8_t cell[LIMIT_CELL_BYTES];
    limit_fresh(&terms, 0, cell);
    expect_take(&terms, cell, 0, 3, yes(0));
    uint64_t now = 0;
    for (uint64_t token = 1; token <= 30000; token++) {
        uint64_t due = (token * 1000000000 + 2) / 3;
        for (; now < due; now += (due - now) / 2 + 1) {
            expect_take(&terms, cell, now, 1, no(0, due - now));
        }
        now = due;
        expect_take(&terms, cell, now, 1, yes(0));
    }
}

static void test_edges(void **state) {
    (void)state;
    uint8_t cell[LIMIT_CELL_BYTES];
    struct limit_terms slow = terms_of(BUCKET, 1, LIMIT_PERIOD, 2);
    limit_fresh(&slow, UINT64_MAX - 5, cell);
    expect_take(&slow, cell, UINT64_MAX - 5, 2, yes(0));
    expect_take(&slow, cell, UINT64_MAX, 1, no(0, LIMIT_PERIOD - 5));
    expect_take(&slow, cell, 0, 1, no(0, UINT64_MAX)); // behind by all of it, and then a century
    limit_fresh(&slow, 0, cell);
    expect_take(&slow, cell, 0, 2, yes(0));
    expect_take(&slow, cell, LIMIT_PERIOD - 1, 1, no(0, 1));
    expect_take(&slow, cell, LIMIT_PERIOD, 1, yes(0));

    struct limit_terms fast = terms_of(BUCKET, LIMIT_RATE, 1, LIMIT_RATE);
    limit_fresh(&fast, 0, cell);
    expect_take(&fast, cell, 0, LIMIT_RATE, yes(0));
    expect_take(&fast, cell, 0, 0, no(0, 1));
    expect_take(&fast, cell, 1, LIMIT_RATE, yes(0));
    expect_take(&fast, cell, UINT64_MAX, 0, yes(LIMIT_RATE));
    expect_take(&fast, cell, UINT64_MAX, LIMIT_RATE + 1, no(LIMIT_RATE, UINT64_MAX));
    expect_take(&fast, cell, UINT64_MAX, UINT64_MAX, no(LIMIT_RATE, UINT64_MAX));

    struct limit_terms window = terms_of(WINDOW, 2, 1000, 1);
    limit_fresh(&window, UINT64_MAX - 500, cell);
    expect_take(&window, cell, UINT64_MAX - 500, 2, yes(0));
    expect_take(&window, cell, UINT64_MAX, 1, no(0, 501));
}

static void test_a_window_is_over_strictly_after_its_length(void **state) {
    (void)state;
    struct limit_terms terms = terms_of(WINDOW, 2, 1000, 1);
    uint8_t cell[LIMIT_CELL_BYTES];
    limit_fresh(&terms, 5000, cell);
    expect_take(&terms, cell, 5000, 1, yes(1));
    expect_take(&terms, cell, 5500, 1, yes(0));
    expect_take(&terms, cell, 6000, 1, no(0, 1));
    expect_take(&terms, cell, 6001, 1, yes(1));
    expect_take(&terms, cell, 7001, 2, no(1, 1));
    expect_take(&terms, cell, 9000, 3, no(2, UINT64_MAX));
}

static void test_a_clock_that_goes_back(void **state) {
    (void)state;
    const enum limit_algorithm both[] = {BUCKET, WINDOW};
    for (uint32_t i = 0; i < LEN(both); i++) {
        enum limit_algorithm algorithm = both[i];
        struct limit_terms terms = terms_of(algorithm, 1, 1000, 1);
        uint64_t later = algorithm == WINDOW ? 1001 : 1000;
        uint8_t cell[LIMIT_CELL_BYTES];
        limit_fresh(&terms, 2 * HOUR, cell);
        expect_take(&terms, cell, 2 * HOUR, 1, yes(0));
        expect_take(&terms, cell, HOUR, 1, no(0, HOUR + later));
        expect_take(&terms, cell, HOUR + later, 1, no(0, HOUR));
        expect_take(&terms, cell, 2 * HOUR + later - 1, 1, no(0, 1));
        expect_take(&terms, cell, 2 * HOUR + later, 1, yes(0));
    }
}

static void test_changed_terms_keep_the_level(void **state) {
    (void)state;
    struct limit_terms old = terms_of(BUCKET, 10, 1000, 10);
    struct limit_terms more = terms_of(BUCKET, 10, 1000, 100);
    struct limit_terms less = terms_of(BUCKET, 1, 1000, 2);
    struct limit_terms longer = terms_of(BUCKET, 1, 60000, 10);
    uint8_t start[LIMIT_CELL_BYTES], cell[LIMIT_CELL_BYTES];
    limit_fresh(&old, 0, start);
    expect_take(&old, start, 0, 5, yes(5));

    memcpy(cell, start, sizeof cell);
    expect_take(&more, cell, 0, 1, yes(4)); // no gift
    expect_take(&more, cell, 1000, 0, yes(14));
    memcpy(cell, start, sizeof cell);
    expect_take(&less, cell, 0, 1, yes(1));
    expect_take(&less, cell, 0, 1, yes(0));
    expect_take(&less, cell, 100, 1, no(0, 900)); // the new rate, at once
    memcpy(cell, start, sizeof cell);
    expect_take(&old, cell, 50, 5, yes(0));          // half a token stays …
    expect_take(&longer, cell, 50, 1, no(0, 30000)); // … half a token in the longer period
    expect_take(&old, cell, 50, 1, no(0, 50));

    struct limit_terms window = terms_of(WINDOW, 10, 1000, 1);
    struct limit_terms narrow = terms_of(WINDOW, 3, 500, 1);
    limit_fresh(&window, 0, cell);
    expect_take(&window, cell, 0, 2, yes(8));
    expect_take(&narrow, cell, 400, 1, yes(2));
    expect_take(&window, cell, 400, 1, yes(1));
    expect_take(&narrow, cell, 501, 0, yes(3));
}

static void test_a_changed_algorithm_starts_fresh(void **state) {
    (void)state;
    struct limit_terms bucket = terms_of(BUCKET, 5, 1000, 5);
    struct limit_terms window = terms_of(WINDOW, 5, 1000, 5);
    uint8_t cell[LIMIT_CELL_BYTES];
    limit_fresh(&bucket, 0, cell);
    expect_take(&bucket, cell, 0, 5, yes(0));
    expect_take(&window, cell, 0, 5, yes(0));
    expect_take(&bucket, cell, 0, 5, yes(0));
}

static void expect_fresh(const struct limit_terms *terms, slice cell) {
    uint8_t out[LIMIT_CELL_BYTES];
    assert_int_equal(limit_take(terms, cell, 100, 1, out).remaining, 4);
}

static void test_bytes_that_are_no_state_count_as_fresh(void **state) {
    (void)state;
    struct limit_terms terms = terms_of(BUCKET, 5, 1000, 5);
    uint8_t cell[LIMIT_CELL_BYTES + 1] = {0};
    expect_fresh(&terms, absent);
    expect_fresh(&terms, cell_of(cell));
    limit_fresh(&terms, 100, cell);
    expect_take(&terms, cell, 100, 5, yes(0));
    expect_take(&terms, cell, 100, 1, no(0, 200));
    for (uint32_t i = 0; i <= LIMIT_CELL_BYTES + 1; i++) {
        if (i != LIMIT_CELL_BYTES) expect_fresh(&terms, slice_from((const char *)cell, i));
    }
    for (uint32_t i = 0; i < LIMIT_CELL_BYTES * 255; i++) {
        uint8_t kept = cell[i / 255];
        cell[i / 255] = (uint8_t)(kept + i % 255 + 1);
        expect_fresh(&terms, cell_of(cell));
        cell[i / 255] = kept;
    }
    expect_take(&terms, cell, 100, 1, no(0, 200));
}

// Half of one store and half of another: workers that share no lock.
static void test_torn_states_count_as_fresh(void **state) {
    (void)state;
    struct limit_terms terms = terms_of(BUCKET, 5, 1000, 5);
    uint8_t old[LIMIT_CELL_BYTES], next[LIMIT_CELL_BYTES], torn[LIMIT_CELL_BYTES];
    limit_fresh(&terms, 90, old);
    expect_take(&terms, old, 91, 4, yes(1));
    limit_take(&terms, cell_of(old), 97, 1, next);
    for (uint32_t i = 1; i < LIMIT_CELL_BYTES; i++) {
        memcpy(torn, next, i);
        memcpy(torn + i, old + i, LIMIT_CELL_BYTES - i);
        bool whole = memcmp(torn, old, sizeof old) == 0 || memcmp(torn, next, sizeof next) == 0;
        if (!whole) expect_fresh(&terms, cell_of(torn));
    }
}

static void test_the_stored_form(void **state) {
    (void)state;
    struct limit_terms terms = terms_of(BUCKET, 1, 1000, 0x0102);
    static const uint8_t head[40] = {'w', 'e', 'r', 'l',         1,    0,        0,
                                     0,   2,   1,   [24] = 0xe8, 0x03, [32] = 5, 6};
    uint8_t cell[LIMIT_CELL_BYTES];
    limit_fresh(&terms, 0x0605, cell);
    assert_memory_equal(cell, head, sizeof head);
}

static void refuses_all(struct limit_terms terms) {
    static const uint8_t zeros[LIMIT_CELL_BYTES];
    uint8_t out[LIMIT_CELL_BYTES];
    assert_false(limit_terms_valid(&terms));
    struct limit_verdict verdict = limit_take(&terms, absent, 5, 0, out);
    assert_false(verdict.allowed);
    assert_int_equal(verdict.remaining, 0);
    assert_true(verdict.retry_after == UINT64_MAX);
    assert_memory_equal(out, zeros, sizeof out);
}

static void test_terms_out_of_range_refuse(void **state) {
    (void)state;
    struct limit_terms widest = terms_of(BUCKET, LIMIT_RATE, LIMIT_PERIOD, LIMIT_RATE);
    struct limit_terms least = terms_of(WINDOW, 1, 1, 1);
    assert_true(limit_terms_valid(&widest));
    assert_true(limit_terms_valid(&least));
    refuses_all(terms_of(BUCKET, 0, 1, 1));
    refuses_all(terms_of(BUCKET, 1, 0, 1));
    refuses_all(terms_of(BUCKET, 1, 1, 0));
    refuses_all(terms_of(BUCKET, LIMIT_RATE + 1, 1, 1));
    refuses_all(terms_of(BUCKET, 1, LIMIT_PERIOD + 1, 1));
    refuses_all(terms_of(BUCKET, 1, 1, LIMIT_RATE + 1));
    refuses_all(terms_of(WINDOW, UINT64_MAX, UINT64_MAX, UINT64_MAX));
    refuses_all(terms_of(LIMIT_ALGORITHM_SLIDING_WINDOW, 1, 1, 1));
    refuses_all(terms_of(LIMIT_ALGORITHM_CONCURRENT, 1, 1, 1));
    refuses_all(terms_of(LIMIT_ALGORITHM_COUNT, 1, 1, 1));
}

static void test_algorithms_by_name(void **state) {
    (void)state;
    assert_int_equal(limit_algorithm_find(slice_of("token_bucket")), BUCKET);
    assert_int_equal(limit_algorithm_find(slice_of("fixed_window")), WINDOW);
    assert_int_equal(limit_algorithm_find(slice_of("Token_bucket")), LIMIT_ALGORITHM_COUNT);
    assert_int_equal(limit_algorithm_find(absent), LIMIT_ALGORITHM_COUNT);
    assert_string_equal(limit_algorithm_name(WINDOW), "fixed_window");
    assert_true(limit_algorithm_built(BUCKET));
    assert_false(limit_algorithm_built(LIMIT_ALGORITHM_SLIDING_WINDOW));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_short_sequence_of_a_bucket),
        cmocka_unit_test(test_every_short_sequence_of_a_window),
        cmocka_unit_test(test_large_numbers),
        cmocka_unit_test(test_no_drift),
        cmocka_unit_test(test_edges),
        cmocka_unit_test(test_a_window_is_over_strictly_after_its_length),
        cmocka_unit_test(test_a_clock_that_goes_back),
        cmocka_unit_test(test_changed_terms_keep_the_level),
        cmocka_unit_test(test_a_changed_algorithm_starts_fresh),
        cmocka_unit_test(test_bytes_that_are_no_state_count_as_fresh),
        cmocka_unit_test(test_torn_states_count_as_fresh),
        cmocka_unit_test(test_the_stored_form),
        cmocka_unit_test(test_terms_out_of_range_refuse),
        cmocka_unit_test(test_algorithms_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
