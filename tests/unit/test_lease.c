// Leases: each function by itself, and simulated workers in front of one shared slot, whose swaps
// are lost at random, against one bound for every interval.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "engine/limit/lease.h"
#include "tests/unit/limiting.h"

#define SECOND UINT64_C(1000000000)
#define HOUR (3600 * SECOND)

static const enum limit_algorithm BUCKET = LIMIT_ALGORITHM_TOKEN_BUCKET;

static const struct limit_terms thousand = {LIMIT_ALGORITHM_TOKEN_BUCKET, 1000, SECOND, 1000};
static const struct limit_key key_a = {{1, 2}}, key_b = {{2, 2}};

static struct limit_verdict yes(uint64_t remaining) {
    return (struct limit_verdict){true, remaining, 0, 7000};
}

static struct limit_verdict no(uint64_t remaining, uint64_t retry_after) {
    return (struct limit_verdict){false, remaining, retry_after, 7000};
}

static bool asks(const struct limit_lease *lease, uint64_t now, uint64_t cost,
                 struct limit_verdict *verdict) {
    return limit_lease_ask(lease, &key_a, &thousand, now, cost, verdict);
}

static void test_most(void **state) {
    (void)state;
    struct limit_terms terms = thousand;
    assert_int_equal(limit_lease_most(&terms), 15);
    terms.burst = 63;
    assert_int_equal(limit_lease_most(&terms), 0);
    terms.burst = LIMIT_RATE;
    assert_int_equal(limit_lease_most(&terms), LIMIT_RATE / 64);
    for (uint32_t algorithm = BUCKET + 1; algorithm < LIMIT_ALGORITHM_COUNT; algorithm++) {
        terms.algorithm = algorithm;
        assert_int_equal(limit_lease_most(&terms), 0);
    }
}

static void test_rows(void **state) {
    (void)state;
    struct limit_lease rows[2 * LIMIT_LEASE_WAYS] = {0};
    struct limit_key even = {{1, 2}}, odd = {{1, 3}}, other = {{7, 2}};
    for (uint32_t i = 0; i < LIMIT_LEASE_WAYS; i++)
        rows[i].until = i == 2 ? 5 : 9;
    assert_ptr_equal(limit_lease_row(rows, LEN(rows), &even), &rows[2]);
    assert_ptr_equal(limit_lease_row(rows, LEN(rows), &odd), &rows[LIMIT_LEASE_WAYS]);
    rows[3].key = even;
    assert_ptr_equal(limit_lease_row(rows, LEN(rows), &even), &rows[3]);
    assert_ptr_equal(limit_lease_row(rows, LEN(rows), &other), &rows[2]);
}

static void test_an_empty_row_answers_nothing(void **state) {
    (void)state;
    struct limit_lease lease = {.until = 0};
    struct limit_key none = {{0, 0}};
    struct limit_verdict verdict;
    assert_false(limit_lease_ask(&lease, &none, &thousand, 0, 1, &verdict));
    assert_int_equal(limit_lease_left(&lease, &none, &thousand), 0);
    assert_int_equal(limit_lease_ahead(&lease, &none, &thousand, 0, 1000), 0);
}

// Each visit within the time takes about twice as many ahead as the one before.
static void test_batches_grow(void **state) {
    (void)state;
    struct limit_lease lease = {.until = 0};
    static const uint64_t batches[] = {0, 1, 3, 7, 15, 15, 15};
    struct limit_verdict verdict = yes(900);
    for (uint64_t i = 0; i < LEN(batches); i++) {
        uint64_t now = 1000 + i * (LIMIT_LEASE_TIME - 1);
        uint64_t ahead = limit_lease_ahead(&lease, &key_a, &thousand, now, 900);
        assert_int_equal(ahead, batches[i]);
        limit_lease_visited(&lease, &key_a, &thousand, now, ahead, &verdict);
        assert_int_equal(limit_lease_left(&lease, &key_a, &thousand), ahead);
    }
    uint64_t now = lease.visited;
    assert_int_equal(limit_lease_ahead(&lease, &key_a, &thousand, now, 20), 10);
    assert_int_equal(limit_lease_ahead(&lease, &key_a, &thousand, now, 1), 0);
    assert_int_equal(limit_lease_ahead(&lease, &key_a, &thousand, now - 1, 900), 0);
    now += LIMIT_LEASE_TIME;
    assert_int_equal(limit_lease_ahead(&lease, &key_a, &thousand, now, 900), 0);
}

static struct limit_lease holding(uint64_t tokens) {
    struct limit_lease lease = {.until = 0};
    struct limit_verdict verdict = yes(500 + tokens);
    limit_lease_visited(&lease, &key_a, &thousand, 1000, tokens, &verdict);
    return lease;
}

static void test_a_row_answers(void **state) {
    (void)state;
    struct limit_lease lease = holding(10);
    struct limit_verdict verdict;
    assert_true(asks(&lease, 1000, 4, &verdict));
    assert_true(verdict.allowed);
    assert_int_equal(verdict.remaining, 506);
    assert_int_equal(verdict.retry_after, 0);
    limit_lease_take(&lease, 4);
    assert_true(asks(&lease, 3000, 6, &verdict));
    assert_int_equal(verdict.remaining, 500);
    assert_int_equal(verdict.reset, 5000);
    assert_false(asks(&lease, 3000, 7, &verdict));
    limit_lease_take(&lease, 6);
    assert_false(asks(&lease, 3000, 1, &verdict));
    assert_false(asks(&lease, 3000, 0, &verdict)); // exactly when 1 would not be
    assert_false(limit_lease_give(&lease, &key_b, &thousand, 6));
    assert_false(limit_lease_give(&lease, &key_a, &thousand, 16));
    assert_true(limit_lease_give(&lease, &key_a, &thousand, 6));
    assert_true(asks(&lease, 3000, 0, &verdict));
    assert_int_equal(verdict.remaining, 506);
    assert_false(limit_lease_give(&lease, &key_a, &thousand, UINT64_MAX));
    assert_int_equal(limit_lease_left(&lease, &key_a, &thousand), 6);
}

static void test_a_row_answers_for_nothing_else(void **state) {
    (void)state;
    struct limit_lease lease = holding(10);
    struct limit_terms others[] = {thousand, thousand, thousand, thousand};
    others[0].rate++;
    others[1].period++;
    others[2].burst++;
    others[3].algorithm = LIMIT_ALGORITHM_FIXED_WINDOW;
    struct limit_verdict verdict;
    for (uint32_t i = 0; i < LEN(others); i++) {
        assert_false(limit_lease_ask(&lease, &key_a, &others[i], 1000, 1, &verdict));
        assert_int_equal(limit_lease_left(&lease, &key_a, &others[i]), 0);
        assert_int_equal(limit_lease_ahead(&lease, &key_a, &others[i], 1000, 900), 0);
    }
    assert_false(limit_lease_ask(&lease, &key_b, &thousand, 1000, 1, &verdict));
    assert_int_equal(limit_lease_left(&lease, &key_b, &thousand), 0);
    assert_false(asks(&lease, 999, 1, &verdict));
    assert_true(asks(&lease, 1000 + LIMIT_LEASE_TIME - 1, 1, &verdict));
    assert_false(asks(&lease, 1000 + LIMIT_LEASE_TIME, 1, &verdict));
    assert_int_equal(limit_lease_left(&lease, &key_a, &thousand), 10); // stale, but never lost
}

// While a row serves one key it is no other's; afterwards it is.
static void test_a_row_is_of_the_first_key(void **state) {
    (void)state;
    struct limit_lease lease = holding(10);
    struct limit_verdict verdict = yes(5), refusal = no(0, SECOND);
    uint64_t end = 1000 + LIMIT_LEASE_TIME;
    limit_lease_visited(&lease, &key_b, &thousand, end - 1, 0, &verdict);
    limit_lease_refused(&lease, &key_b, &thousand, end - 1, 1, SECOND, &refusal);
    assert_int_equal(limit_lease_left(&lease, &key_a, &thousand), 10);
    limit_lease_visited(&lease, &key_b, &thousand, end, 0, &verdict);
    assert_int_equal(limit_lease_left(&lease, &key_a, &thousand), 0);
    limit_lease_visited(&lease, &key_a, &thousand, end, 0, &verdict); // a row that holds nothing
    assert_false(limit_lease_ask(&lease, &key_b, &thousand, end, 1, &verdict));
}

static void test_refusals_are_remembered(void **state) {
    (void)state;
    struct limit_lease lease = {.until = 0};
    struct limit_verdict verdict, refusal = no(2, 900);
    limit_lease_refused(&lease, &key_a, &thousand, 5000, 3, 1000, &refusal);
    assert_false(asks(&lease, 5000, 2, &verdict));
    assert_true(asks(&lease, 5100, 3, &verdict));
    assert_false(verdict.allowed);
    assert_int_equal(verdict.remaining, 2);
    assert_int_equal(verdict.retry_after, 800);
    assert_true(asks(&lease, 5899, 4, &verdict));
    assert_int_equal(verdict.retry_after, 1);
    assert_false(asks(&lease, 5900, 3, &verdict));
    assert_false(asks(&lease, 4999, 3, &verdict));

    refusal = no(2, UINT64_MAX);
    limit_lease_refused(&lease, &key_a, &thousand, 5000, 2000, 1000, &refusal);
    assert_true(asks(&lease, 5999, 2000, &verdict));
    assert_true(verdict.retry_after == UINT64_MAX);
    assert_false(asks(&lease, 6000, 2000, &verdict));

    refusal = no(0, 900);
    limit_lease_refused(&lease, &key_a, &thousand, 5000, 0, 1000, &refusal);
    assert_true(asks(&lease, 5000, 0, &verdict) && !verdict.allowed);
    assert_true(asks(&lease, 5000, 1, &verdict) && !verdict.allowed);
    limit_lease_refused(&lease, &key_a, &thousand, UINT64_MAX - 5, 1, 1000, &refusal);
    assert_true(asks(&lease, UINT64_MAX - 1, 1, &verdict) && !verdict.allowed);
}

// A larger cost was refused: the tokens in the row serve smaller ones, and are counted once.
static void test_a_refusal_keeps_the_tokens(void **state) {
    (void)state;
    struct limit_lease lease = holding(10);
    struct limit_verdict verdict, refusal = no(12, SECOND); // 2 in the bucket, 10 in the row
    limit_lease_refused(&lease, &key_a, &thousand, 2000, 20, SECOND, &refusal);
    assert_int_equal(limit_lease_left(&lease, &key_a, &thousand), 10);
    assert_true(asks(&lease, 2000, 4, &verdict));
    assert_true(verdict.allowed);
    assert_int_equal(verdict.remaining, 8);
    limit_lease_take(&lease, 4);
    assert_true(asks(&lease, 2000, 20, &verdict));
    assert_false(verdict.allowed);
    assert_int_equal(verdict.remaining, 8);
    assert_false(asks(&lease, 2000, 12, &verdict)); // nobody knows
}

// The simulation. Workers take turns at random; a call that visits the shared slot reads it in one
// turn and swaps in a later one, when another worker may have swapped or the host loses the swap.

enum { WORKERS = 4, KEYS = 48, SLOT_BYTES = 72 + 64 * LIMIT_WAYS };

struct call {
    bool waits; // for its swap
    uint32_t key;
    uint64_t now, cost;
    struct limit_key hash;
    uint64_t version;
    uint64_t ahead;
    struct limit_verdict verdict;
    _Alignas(8) char copy[SLOT_BYTES];
};

struct worker {
    struct limit_lease rows[LIMIT_LEASES];
    struct call call;
    uint64_t visited[KEYS]; // when a visit of the key was over
};

// What is asked of one run.
struct plan {
    uint32_t workers, keys, rows; // rows 0: no leases
    uint64_t costs;               // 1 to so many
    uint64_t step;                // ns between turns, at most twice so many
    uint64_t calls;
    bool jumps;   // of the clock
    bool refunds; // of some that rows let pass
    bool spread;  // each key has its own terms
};

struct simulation {
    struct plan plan;
    struct worker workers[WORKERS];
    _Alignas(8) char stored[SLOT_BYTES];
    uint64_t version;
    uint64_t now;
    struct limit_terms terms[KEYS];
    struct limit_shape shape;
    struct plain exact[KEYS]; // what a single limiter says, without leases
    number bound[KEYS];       // tokens / period that may still be admitted
    uint64_t bound_time[KEYS];
    uint64_t admitted[KEYS], refused[KEYS];
    uint64_t by_rows, lost;
    uint64_t seed;
};

static uint64_t draw(struct simulation *simulation, uint64_t below) {
    return random_next(&simulation->seed) % below;
}

static struct limit_slot *slot_at(char *bytes) {
    return (struct limit_slot *)(void *)bytes;
}

static struct limit_key hash_of(uint32_t key) {
    return (struct limit_key){{(key + 1) * UINT64_C(0x9e3779b97f4a7c15), key % 16}};
}

static number most_units(const struct simulation *simulation, uint32_t key) {
    const struct limit_terms *terms = &simulation->terms[key];
    uint64_t held = simulation->plan.rows == 0 ? 0 : limit_lease_most(terms);
    return ((number)terms->burst + simulation->plan.workers * held) * terms->period;
}

// A bucket of burst + workers * most: it is never overdrawn exactly when no interval, whichever
// its ends, saw more than that and what the rate brings. Time is the latest that the key has seen.
static void note_admitted(struct simulation *simulation, const struct call *call, int64_t cost) {
    uint32_t key = call->key;
    uint64_t now = call->now;
    const struct limit_terms *terms = &simulation->terms[key];
    number most = most_units(simulation, key), *bound = &simulation->bound[key];
    if (now > simulation->bound_time[key]) {
        *bound += (number)(now - simulation->bound_time[key]) * terms->rate;
        simulation->bound_time[key] = now;
    }
    if (*bound > most) *bound = most;
    *bound -= (number)cost * terms->period;
    if (*bound > most) *bound = most;
    assert_true(*bound >= 0);
    simulation->admitted[key] += (uint64_t)cost;
}

static struct limit_lease *row_of(struct simulation *simulation, struct worker *worker,
                                  const struct limit_key *hash) {
    if (simulation->plan.rows == 0) return NULL;
    return limit_lease_row(worker->rows, simulation->plan.rows, hash);
}

static bool answered_by_row(struct simulation *simulation, struct worker *worker) {
    struct call *call = &worker->call;
    const struct limit_terms *terms = &simulation->terms[call->key];
    struct limit_lease *row = row_of(simulation, worker, &call->hash);
    struct limit_verdict verdict;
    if (row == NULL || !limit_lease_ask(row, &call->hash, terms, call->now, call->cost, &verdict))
        return false;
    uint64_t since = call->now - worker->visited[call->key];
    assert_true(call->now >= worker->visited[call->key] && since < LIMIT_LEASE_TIME);
    simulation->by_rows++;
    if (!verdict.allowed) {
        assert_true(verdict.retry_after >= 1);
        simulation->refused[call->key]++;
        return true;
    }
    limit_lease_take(row, call->cost);
    note_admitted(simulation, call, (int64_t)call->cost);
    if (simulation->plan.refunds && draw(simulation, 4) == 0) {
        assert_true(limit_lease_give(row, &call->hash, terms, call->cost));
        note_admitted(simulation, call, -(int64_t)call->cost);
    }
    return true;
}

static void expect_exact(struct simulation *simulation, const struct call *call) {
    const struct limit_terms *terms = &simulation->terms[call->key];
    struct plain plain = simulation->exact[call->key];
    if (simulation->plan.rows != 0 || simulation->plan.keys > LIMIT_WAYS) return;
    plain_advance(&plain, terms, call->now);
    plain_expect(&call->verdict, &plain, terms, call->now, call->cost);
    if (!call->verdict.allowed) return;
    plain_take(&plain, terms, call->cost);
    simulation->exact[call->key] = plain;
}

// Reads the slot and judges. True: the call is over, as a refusal.
static bool refused_by_slot(struct simulation *simulation, struct worker *worker) {
    struct call *call = &worker->call;
    const struct limit_terms *terms = &simulation->terms[call->key];
    struct limit_lease *row = row_of(simulation, worker, &call->hash);
    memcpy(call->copy, simulation->stored, sizeof call->copy);
    call->version = simulation->version;
    assert_true(limit_slot_matches(slice_from(call->copy, SLOT_BYTES), &simulation->shape, true));
    struct limit_place place;
    limit_slot_find(slot_at(call->copy), terms, &call->hash, call->now, false, &place);
    uint64_t left = row == NULL ? 0 : limit_lease_left(row, &call->hash, terms);
    limit_level_refund(terms, &place.level, left, place.level.time);
    call->verdict = limit_level_judge(terms, &place.level, call->now, call->cost);
    call->waits = call->verdict.allowed;
    if (!call->verdict.allowed) {
        if (row != NULL)
            limit_lease_refused(row, &call->hash, terms, call->now, call->cost, LIMIT_LEASE_TIME,
                                &call->verdict);
        expect_exact(simulation, call);
        worker->visited[call->key] = call->now;
        simulation->refused[call->key]++;
        return true;
    }
    call->ahead = row == NULL ? 0
                              : limit_lease_ahead(row, &call->hash, terms, call->now,
                                                  call->verdict.remaining);
    limit_level_take(terms, &place.level, call->cost + call->ahead);
    limit_slot_put(slot_at(call->copy), terms, &call->hash, &place);
    limit_slot_seal(slot_at(call->copy));
    return false;
}

static void swap(struct simulation *simulation, struct worker *worker) {
    struct call *call = &worker->call;
    const struct limit_terms *terms = &simulation->terms[call->key];
    if (call->version != simulation->version || draw(simulation, 16) == 0) {
        simulation->lost++;
        refused_by_slot(simulation, worker);
        return;
    }
    memcpy(simulation->stored, call->copy, sizeof call->copy);
    simulation->version++;
    call->waits = false;
    expect_exact(simulation, call);
    worker->visited[call->key] = call->now;
    struct limit_lease *row = row_of(simulation, worker, &call->hash);
    if (row != NULL)
        limit_lease_visited(row, &call->hash, terms, call->now, call->ahead, &call->verdict);
    note_admitted(simulation, call, (int64_t)call->cost);
}

static void turn(struct simulation *simulation) {
    struct worker *worker = &simulation->workers[draw(simulation, simulation->plan.workers)];
    struct call *call = &worker->call;
    if (call->waits) {
        swap(simulation, worker);
        return;
    }
    call->key = (uint32_t)draw(simulation, simulation->plan.keys);
    call->hash = hash_of(call->key);
    call->now = simulation->now;
    call->cost = 1 + draw(simulation, simulation->plan.costs);
    if (!answered_by_row(simulation, worker)) refused_by_slot(simulation, worker);
}

static void move_clock(struct simulation *simulation) {
    simulation->now += draw(simulation, 2 * simulation->plan.step + 1);
    if (simulation->plan.jumps && draw(simulation, 2000) == 0) {
        bool back = draw(simulation, 2) == 0 && simulation->now > 2 * HOUR;
        simulation->now += back ? -HOUR : HOUR;
    }
}

static void begin(struct simulation *simulation, const struct plan *plan, uint64_t seed) {
    memset(simulation, 0, sizeof *simulation);
    simulation->plan = *plan;
    simulation->seed = seed * UINT64_C(0x9e3779b97f4a7c15);
    simulation->now = 10 * HOUR;
    simulation->shape = (struct limit_shape){BUCKET, LIMIT_WAYS, 7, 1};
    limit_slot_clear(slot_at(simulation->stored), &simulation->shape);
    limit_slot_seal(slot_at(simulation->stored));
    for (uint32_t key = 0; key < plan->keys; key++) {
        struct limit_terms *terms = &simulation->terms[key];
        *terms = thousand;
        if (plan->spread) terms->burst = 1 + draw(simulation, 2000);
        if (plan->spread) terms->rate = 1 + draw(simulation, 2000);
        simulation->exact[key] = plain_fresh(terms, simulation->now);
        simulation->bound[key] = most_units(simulation, key);
        simulation->bound_time[key] = simulation->now;
    }
}

static void run(struct simulation *simulation, const struct plan *plan, uint64_t seed) {
    begin(simulation, plan, seed);
    uint64_t calls = getenv("WEIR_LONG") != NULL ? 20 * plan->calls : plan->calls;
    for (uint64_t i = 0; i < calls; i++) {
        turn(simulation);
        move_clock(simulation);
    }
}

static struct simulation simulation;

// Of what the bucket gives in the whole run, in thousandths.
static uint64_t yield_of(uint32_t key) {
    const struct limit_terms *terms = &simulation.terms[key];
    number passed = simulation.now - 10 * HOUR;
    number given = terms->burst + passed * terms->rate / terms->period;
    return (uint64_t)(simulation.admitted[key] * (number)1000 / given);
}

static void test_under_saturating_demand(void **state) {
    (void)state;
    for (uint32_t workers = 1; workers <= WORKERS; workers++) {
        struct plan plan = {workers, 4, LIMIT_LEASES, 1, 100000, 120000, false, false, false};
        run(&simulation, &plan, workers);
        for (uint32_t key = 0; key < plan.keys; key++)
            assert_in_range(yield_of(key), 990, 1010);
    }
}

// Below its rate nobody is refused, and most calls never see the slot.
static void test_rows_save_visits(void **state) {
    (void)state;
    for (uint32_t workers = 1; workers <= WORKERS; workers++) {
        struct plan plan = {workers, 1,     LIMIT_LEASES, 1,    2 * SECOND / 1000,
                            20000,   false, false,        false};
        run(&simulation, &plan, workers + 60);
        assert_int_equal(simulation.refused[0], 0);
        assert_true(simulation.by_rows > plan.calls / 3);
    }
}

static void test_without_leases_it_is_exact(void **state) {
    (void)state;
    for (uint32_t workers = 1; workers <= WORKERS; workers++) {
        struct plan plan = {workers, LIMIT_WAYS, 0, 3, 60000, 30000, true, false, true};
        run(&simulation, &plan, workers + 10);
        assert_true(simulation.lost > 500);
        plan.costs = 1;
        plan.jumps = false;
        run(&simulation, &plan, workers + 20);
    }
}

static void test_costs_refunds_and_clocks_that_jump(void **state) {
    (void)state;
    for (uint32_t workers = 1; workers <= WORKERS; workers++) {
        struct plan plan = {workers, LIMIT_WAYS, LIMIT_LEASES, 7, 60000, 60000, true, true, true};
        run(&simulation, &plan, workers + 30);
    }
}

static void test_keys_that_share_rows(void **state) {
    (void)state;
    for (uint32_t rows = LIMIT_LEASE_WAYS; rows <= 4 * LIMIT_LEASE_WAYS; rows *= 2) {
        struct plan plan = {WORKERS, LIMIT_WAYS, rows, 2, 50000, 30000, true, true, true};
        run(&simulation, &plan, rows + 40);
    }
}

static void test_keys_that_are_evicted(void **state) {
    (void)state;
    for (uint32_t workers = 1; workers <= WORKERS; workers++) {
        struct plan plan = {workers, KEYS, LIMIT_LEASE_WAYS, 3, 20000, 60000, false, true, true};
        run(&simulation, &plan, workers + 50);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_most),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_an_empty_row_answers_nothing),
        cmocka_unit_test(test_batches_grow),
        cmocka_unit_test(test_a_row_answers),
        cmocka_unit_test(test_a_row_answers_for_nothing_else),
        cmocka_unit_test(test_a_row_is_of_the_first_key),
        cmocka_unit_test(test_refusals_are_remembered),
        cmocka_unit_test(test_a_refusal_keeps_the_tokens),
        cmocka_unit_test(test_under_saturating_demand),
        cmocka_unit_test(test_rows_save_visits),
        cmocka_unit_test(test_without_leases_it_is_exact),
        cmocka_unit_test(test_costs_refunds_and_clocks_that_jump),
        cmocka_unit_test(test_keys_that_share_rows),
        cmocka_unit_test(test_keys_that_are_evicted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
