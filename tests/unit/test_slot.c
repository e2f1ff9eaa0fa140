// Slots: stored entries are found again, foreign and torn bytes are not, and whatever is evicted,
// no key is ever admitted more than it would be alone.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "engine/limit/slot.h"
#include "tests/unit/limiting.h"

#define SECOND UINT64_C(1000000000)

static const enum limit_algorithm BUCKET = LIMIT_ALGORITHM_TOKEN_BUCKET;
static const enum limit_algorithm FIXED = LIMIT_ALGORITHM_FIXED_WINDOW;
static const enum limit_algorithm SLIDING = LIMIT_ALGORITHM_SLIDING_WINDOW;
static const enum limit_algorithm CONCURRENT = LIMIT_ALGORITHM_CONCURRENT;

enum { WAYS_MOST = LIMIT_WAYS, SLOT_BYTES = 72 + 64 * WAYS_MOST };

// Bytes of one slot, aligned as a store's are.
struct piece {
    _Alignas(8) char bytes[SLOT_BYTES];
};

static struct limit_slot *slot_in(struct piece *piece) {
    return (struct limit_slot *)(void *)piece->bytes;
}

static struct limit_shape shape_of(enum limit_algorithm algorithm, uint8_t ways) {
    return (struct limit_shape){(uint8_t)algorithm, ways, 0x1234, 99};
}

static struct limit_key key_of(uint64_t n) {
    return (struct limit_key){{n * UINT64_C(0x9e3779b97f4a7c15) + 1, n}};
}

static bool matches(const struct piece *piece, uint32_t length, struct limit_shape shape,
                    bool sealed) {
    return limit_slot_matches(slice_from(piece->bytes, length), &shape, sealed);
}

// As the engine does it. False: refused, nothing stored.

static bool take(struct limit_slot *slot, const struct limit_terms *terms, struct limit_key key,
                 uint64_t now, uint64_t cost, bool keep, struct limit_verdict *verdict) {
    struct limit_place place;
    limit_slot_find(slot, terms, &key, now, keep, &place);
    *verdict = (struct limit_verdict){false, 0, 0, 0};
    if (place.full) return false;
    *verdict = limit_level_judge(terms, &place.level, now, cost);
    if (!verdict->allowed) return false;
    limit_level_take(terms, &place.level, cost);
    limit_slot_put(slot, terms, &key, &place);
    return true;
}

static bool takes(struct limit_slot *slot, const struct limit_terms *terms, uint64_t key,
                  uint64_t now, uint64_t cost) {
    struct limit_verdict verdict;
    return take(slot, terms, key_of(key), now, cost, false, &verdict);
}

// False: there is no room.
static bool charge(struct limit_slot *slot, const struct limit_terms *terms, uint64_t key,
                   uint64_t now, uint64_t cost) {
    struct limit_place place;
    struct limit_key hash = key_of(key);
    limit_slot_find(slot, terms, &hash, now, false, &place);
    if (place.full) return false;
    limit_level_take(terms, &place.level, cost);
    limit_slot_put(slot, terms, &hash, &place);
    return true;
}

static bool ban(struct limit_slot *slot, const struct limit_terms *terms, uint64_t key,
                uint64_t now, uint64_t until) {
    struct limit_place place;
    struct limit_key hash = key_of(key);
    limit_slot_find(slot, terms, &hash, now, false, &place);
    if (place.full) return false;
    if (until > place.level.ban) place.level.ban = until;
    limit_slot_put(slot, terms, &hash, &place);
    return true;
}

static bool is_in(struct limit_slot *slot, uint64_t key) {
    struct limit_key hash = key_of(key);
    for (uint32_t i = 0; i < slot->ways; i++) {
        if (memcmp(&slot->entries[i].key, &hash, sizeof hash) == 0) return true;
    }
    return false;
}

static void test_an_empty_slot(void **state) {
    (void)state;
    for (uint8_t ways = 1; ways <= WAYS_MOST; ways++) {
        struct limit_shape shape = shape_of(BUCKET, ways);
        struct piece piece;
        memset(&piece, 0xa5, sizeof piece);
        uint32_t bytes = limit_slot_bytes(ways);
        assert_int_equal(bytes, 72 + 64 * ways);
        limit_slot_clear(slot_in(&piece), &shape);
        assert_true(matches(&piece, bytes, shape, false));
        limit_slot_seal(slot_in(&piece));
        assert_true(matches(&piece, bytes, shape, true));
        for (uint32_t i = bytes; i < sizeof piece; i++)
            assert_int_equal((uint8_t)piece.bytes[i], 0xa5);
    }
}

static void fill(struct piece *piece, struct limit_shape shape, const struct limit_terms *terms) {
    limit_slot_clear(slot_in(piece), &shape);
    for (uint64_t key = 0; key < 12; key++)
        assert_true(takes(slot_in(piece), terms, key, 1000 + key * key, key + 1));
    limit_slot_seal(slot_in(piece));
}

static void test_foreign_bytes_do_not_match(void **state) {
    (void)state;
    struct limit_terms terms = {BUCKET, 100, SECOND, 100};
    struct limit_shape shape = shape_of(BUCKET, 8);
    struct piece piece, zeros = {{0}};
    fill(&piece, shape, &terms);
    for (uint32_t length = 0; length <= SLOT_BYTES; length++)
        assert_int_equal(matches(&piece, length, shape, true), length == SLOT_BYTES);
    assert_false(limit_slot_matches(slice_from(NULL, 0), &shape, true));
    assert_false(matches(&zeros, SLOT_BYTES, shape, false));
    const struct limit_shape others[] = {{(uint8_t)FIXED, 8, 0x1234, 99},
                                         {(uint8_t)BUCKET, 7, 0x1234, 99},
                                         {(uint8_t)BUCKET, 8, 0x1235, 99},
                                         {(uint8_t)BUCKET, 8, 0x1234, 98}};
    for (uint32_t i = 0; i < LEN(others); i++) {
        assert_false(matches(&piece, SLOT_BYTES, others[i], false));
        assert_false(matches(&piece, limit_slot_bytes(others[i].ways), others[i], false));
    }
}

static void test_torn_bytes_do_not_match(void **state) {
    (void)state;
    struct limit_terms terms = {BUCKET, 100, SECOND, 100};
    struct limit_shape shape = shape_of(BUCKET, 8);
    struct piece old, next, torn;
    fill(&old, shape, &terms);
    for (uint32_t i = 0; i < SLOT_BYTES * 255; i++) {
        torn = old;
        torn.bytes[i / 255] = (char)(torn.bytes[i / 255] ^ (char)(i % 255 + 1));
        assert_false(matches(&torn, SLOT_BYTES, shape, true));
    }
    next = old;
    assert_true(takes(slot_in(&next), &terms, 20, 5000, 3));
    limit_slot_seal(slot_in(&next));
    for (uint32_t i = 1; i < SLOT_BYTES; i++) { // half of one store, half of another
        torn = old;
        memcpy(torn.bytes, next.bytes, i);
        bool whole = memcmp(&torn, &old, sizeof old) == 0 || memcmp(&torn, &next, sizeof old) == 0;
        assert_int_equal(matches(&torn, SLOT_BYTES, shape, true), whole);
    }
}

static void test_entries_are_found_again(void **state) {
    (void)state;
    for (uint32_t algorithm = 0; algorithm < LIMIT_ALGORITHM_COUNT; algorithm++) {
        struct limit_terms terms = {algorithm, 100, SECOND, 100};
        struct limit_shape shape = shape_of(algorithm, 8);
        struct piece piece, before;
        limit_slot_clear(slot_in(&piece), &shape);
        for (uint64_t key = 0; key < 8; key++)
            assert_true(takes(slot_in(&piece), &terms, key, 1000, key + 1));
        before = piece;
        for (uint64_t key = 0; key < 8; key++) {
            struct limit_place place;
            struct limit_key hash = key_of(key);
            limit_slot_find(slot_in(&piece), &terms, &hash, 1000, false, &place);
            assert_false(place.evicts || place.full);
            uint64_t left = limit_level_judge(&terms, &place.level, 1000, 0).remaining;
            assert_int_equal(left, 100 - key - 1);
        }
        assert_memory_equal(&piece, &before, sizeof piece); // finding changes nothing
    }
}

// A key is both of its words, also where one of them is 0; no key at all is a key.
static void test_keys_are_whole(void **state) {
    (void)state;
    struct limit_terms terms = {BUCKET, 1, SECOND, 1};
    struct limit_shape shape = shape_of(BUCKET, 8);
    struct piece piece;
    limit_slot_clear(slot_in(&piece), &shape);
    const struct limit_key keys[] = {{{0, 0}}, {{1, 0}}, {{0, 1}}, {{1, 1}}};
    struct limit_verdict verdict;
    for (uint32_t i = 0; i < LEN(keys); i++)
        assert_true(take(slot_in(&piece), &terms, keys[i], 5, 1, false, &verdict));
    for (uint32_t i = 0; i < LEN(keys); i++)
        assert_false(take(slot_in(&piece), &terms, keys[i], 5, 1, false, &verdict));
}

static void test_what_goes_first(void **state) {
    (void)state;
    struct limit_terms terms = {BUCKET, 10, 10 * SECOND, 10};
    struct limit_shape shape = shape_of(BUCKET, 3);
    struct piece piece;
    struct limit_slot *slot = slot_in(&piece);
    limit_slot_clear(slot, &shape);
    takes(slot, &terms, 1, 0, 5); // fresh at 5 s
    takes(slot, &terms, 2, 0, 2); // at 2 s
    takes(slot, &terms, 3, 0, 3); // at 3 s
    ban(slot, &terms, 2, 0, 9 * SECOND);
    takes(slot, &terms, 4, SECOND, 1); // the third goes
    assert_true(is_in(slot, 1) && is_in(slot, 2) && is_in(slot, 4));
    takes(slot, &terms, 5, 6 * SECOND, 1); // expired: one of 1 and 4, nothing lost
    takes(slot, &terms, 6, 6 * SECOND, 10);
    assert_true(is_in(slot, 2) && is_in(slot, 5) && is_in(slot, 6));
    assert_int_equal(slot->floor.until, 3 * SECOND);
    assert_int_equal(slot->floor.ban, 0);
}

static void test_keep_refuses(void **state) {
    (void)state;
    struct limit_terms terms = {BUCKET, 1, SECOND, 2};
    struct limit_shape shape = shape_of(BUCKET, 2);
    struct piece piece, before;
    struct limit_slot *slot = slot_in(&piece);
    limit_slot_clear(slot, &shape);
    struct limit_verdict verdict;
    for (uint64_t key = 0; key < 2; key++)
        assert_true(take(slot, &terms, key_of(key), 0, 1, true, &verdict));
    before = piece;
    assert_false(take(slot, &terms, key_of(2), SECOND - 1, 1, true, &verdict));
    assert_memory_equal(&piece, &before, sizeof piece);
    assert_true(take(slot, &terms, key_of(1), SECOND - 1, 1, true, &verdict));
    assert_true(take(slot, &terms, key_of(2), SECOND, 1, true, &verdict)); // the first expired
    assert_false(is_in(slot, 0));
}

static void test_streams_are_never_dropped(void **state) {
    (void)state;
    struct limit_terms terms = {CONCURRENT, 2, 500, 1};
    struct limit_shape shape = shape_of(CONCURRENT, 2);
    struct piece piece;
    struct limit_slot *slot = slot_in(&piece);
    limit_slot_clear(slot, &shape);
    assert_true(takes(slot, &terms, 1, 1000, 1));
    assert_true(takes(slot, &terms, 2, 1050, 2));
    assert_false(takes(slot, &terms, 3, 1599, 1));
    assert_false(takes(slot, &terms, 2, 1599, 1));
    assert_true(takes(slot, &terms, 3, 1600, 1)); // the lease of the first is over
    assert_true(is_in(slot, 2) && is_in(slot, 3));
}

static void test_debts_and_bans_survive_eviction(void **state) {
    (void)state;
    for (uint32_t algorithm = BUCKET; algorithm <= SLIDING; algorithm++) {
        struct limit_terms terms = {algorithm, 10, 10 * SECOND, 10};
        struct limit_shape shape = shape_of(algorithm, 2);
        struct piece piece;
        struct limit_slot *slot = slot_in(&piece);
        limit_slot_clear(slot, &shape);
        charge(slot, &terms, 1, 0, 25);
        for (uint64_t key = 2; key < 6; key++)
            charge(slot, &terms, key, key, 100);
        assert_false(is_in(slot, 1));
        assert_false(takes(slot, &terms, 1, 15 * SECOND, 1));
        for (uint64_t key = 2; key < 6; key++)
            assert_false(takes(slot, &terms, key, 89 * SECOND, 1));

        limit_slot_clear(slot, &shape);
        ban(slot, &terms, 1, 0, 50 * SECOND);
        for (uint64_t key = 2; key < 6; key++)
            ban(slot, &terms, key, 0, 60 * SECOND);
        assert_false(is_in(slot, 1));
        assert_false(takes(slot, &terms, 1, 49 * SECOND, 1));
    }
}

// A debt as deep as it gets, evicted and back: no level is so deep that it counts as impossible.
static void test_the_deepest_debts_survive_eviction(void **state) {
    (void)state;
    for (uint32_t algorithm = BUCKET; algorithm <= SLIDING; algorithm++) {
        struct limit_terms terms = {algorithm, LIMIT_RATE, SECOND, LIMIT_RATE};
        struct limit_shape shape = shape_of(algorithm, 1);
        struct piece piece;
        struct limit_slot *slot = slot_in(&piece);
        limit_slot_clear(slot, &shape);
        charge(slot, &terms, 1, 0, UINT64_MAX);
        charge(slot, &terms, 1, 1, UINT64_MAX);
        charge(slot, &terms, 1, SECOND + 1, UINT64_MAX); // a sliding window: one above the other
        ban(slot, &terms, 2, SECOND + 1, 5 * SECOND);
        ban(slot, &terms, 1, SECOND + 2, 5 * SECOND);
        ban(slot, &terms, 1, SECOND + 3, 5 * SECOND);
        for (uint64_t now = SECOND + 3; now < 100 * SECOND; now += SECOND)
            assert_false(takes(slot, &terms, 1, now, 1));
    }
}

// The floor: random worlds of one slot and more keys than it holds, each key with its own terms.
// Two plain limiters stand beside each key: `told` takes what the slot let pass, `alone` is asked
// the same and takes what it lets pass by itself.

enum { KEYS = 12, STEPS = 150 };

struct lone {
    struct limit_terms terms;
    struct plain told, alone;
    uint64_t taken, taken_alone;
    bool evicted; // or came when something had been
    uint64_t times[STEPS], costs[STEPS];
    uint32_t count;
};

struct world {
    struct piece piece;
    struct lone keys[KEYS];
    bool any_evicted;
    uint64_t now;
};

// Of all worlds together: what slots let pass, and what plain limiters would have.
struct tally {
    uint64_t kept, evicted, alone;
};

static void begin_world(struct world *world, uint64_t *seed, enum limit_algorithm algorithm) {
    *world = (struct world){.now = 1000000};
    struct limit_shape shape = shape_of(algorithm, (uint8_t)(random_next(seed) % 8 + 1));
    limit_slot_clear(slot_in(&world->piece), &shape);
    bool same = random_next(seed) % 2 == 0;
    for (uint32_t i = 0; i < KEYS; i++) {
        struct lone *key = &world->keys[i];
        key->terms = (struct limit_terms){algorithm, random_next(seed) % 9 + 1,
                                          random_next(seed) % 30 + 1, random_next(seed) % 9 + 1};
        if (same) key->terms = world->keys[0].terms;
        key->told = key->alone = plain_fresh(&key->terms, world->now);
    }
}

// Before a step of the key.
static void note_evictions(struct world *world, uint32_t n) {
    struct limit_slot *slot = slot_in(&world->piece);
    struct limit_key hash = key_of(n);
    struct limit_place place;
    limit_slot_find(slot, &world->keys[n].terms, &hash, world->now, false, &place);
    for (uint32_t i = 0; place.evicts && i < KEYS; i++) {
        struct limit_key other = key_of(i);
        if (memcmp(&place.entry->key, &other, sizeof other) == 0) world->keys[i].evicted = true;
    }
    world->any_evicted = world->any_evicted || place.evicts;
    if (world->any_evicted && !is_in(slot, n)) world->keys[n].evicted = true;
}

// Windows may stand elsewhere than alone, but no two lie on each other.
static void expect_windows(struct lone *key, uint64_t now, uint64_t cost) {
    uint64_t rate = key->terms.rate, period = key->terms.period, sum = 0;
    key->times[key->count] = now;
    key->costs[key->count++] = cost;
    for (uint32_t i = key->count; i-- > 0;) {
        sum += key->costs[i];
        assert_true(sum <= rate * ((now - key->times[i]) / period + 2));
    }
}

static void ask_alone(struct lone *key, uint64_t now, uint64_t cost) {
    plain_advance(&key->alone, &key->terms, now);
    if (!plain_passes(&key->alone, &key->terms, now, cost)) return;
    plain_take(&key->alone, &key->terms, cost);
    key->taken_alone += cost;
}

static void try_take(struct world *world, uint32_t n, uint64_t cost) {
    struct lone *key = &world->keys[n];
    struct plain *told = &key->told;
    struct plain before = *told;
    struct limit_verdict verdict;
    note_evictions(world, n);
    bool taken =
        take(slot_in(&world->piece), &key->terms, key_of(n), world->now, cost, false, &verdict);
    bool no_room = !taken && verdict.retry_after == 0;
    plain_advance(told, &key->terms, world->now);
    if (!key->evicted && !no_room) plain_expect(&verdict, told, &key->terms, world->now, cost);
    bool window = key->terms.algorithm == FIXED || key->terms.algorithm == SLIDING;
    if (taken && !window) assert_true(plain_passes(told, &key->terms, world->now, cost));
    if (taken && window) expect_windows(key, world->now, cost);
    ask_alone(key, world->now, cost);
    if (taken) plain_take(told, &key->terms, cost);
    if (!taken) *told = before;
    if (taken) key->taken += cost;
}

static void charge_both(struct world *world, uint32_t n, uint64_t cost) {
    struct lone *key = &world->keys[n];
    if (!charge(slot_in(&world->piece), &key->terms, n, world->now, cost)) return;
    plain_advance(&key->told, &key->terms, world->now);
    plain_advance(&key->alone, &key->terms, world->now);
    plain_take(&key->told, &key->terms, cost);
    plain_take(&key->alone, &key->terms, cost);
}

static void ban_both(struct world *world, uint32_t n, uint64_t time) {
    struct lone *key = &world->keys[n];
    number until = (number)world->now + time;
    if (!ban(slot_in(&world->piece), &key->terms, n, world->now, world->now + time)) return;
    plain_advance(&key->told, &key->terms, world->now);
    if (until > key->told.ban) key->told.ban = key->alone.ban = until;
}

static void one_step(struct world *world, uint64_t *seed, uint64_t costs) {
    uint32_t n = (uint32_t)(random_next(seed) % KEYS);
    uint64_t draw = random_next(seed) % 32, amount = random_next(seed) % 4;
    if (draw > 1) {
        try_take(world, n, costs == 1 ? 1 : amount);
        return;
    }
    note_evictions(world, n);
    if (draw == 0) charge_both(world, n, 2 * amount);
    if (draw == 1) ban_both(world, n, 3 * amount);
}

static void one_world(uint64_t *seed, enum limit_algorithm algorithm, struct tally *tally) {
    static struct world world;
    begin_world(&world, seed, algorithm);
    uint64_t pace = random_next(seed) % 6, costs = random_next(seed) % 2;
    for (uint32_t step = 0; step < STEPS; step++) {
        one_step(&world, seed, costs);
        world.now += random_next(seed) % (1 + pace);
        if (random_next(seed) % 64 == 0) world.now += random_next(seed) % 200;
    }
    for (uint32_t i = 0; i < KEYS; i++) {
        struct lone *key = &world.keys[i];
        if (!key->evicted) tally->kept += key->taken;
        if (!key->evicted) continue;
        // A window that stands elsewhere than alone may let a few pass now instead of later.
        uint64_t slack = algorithm == BUCKET ? 0 : key->terms.rate;
        if (costs == 1) assert_true(key->taken <= key->taken_alone + slack);
        tally->evicted += key->taken;
        tally->alone += key->taken_alone;
    }
}

static void no_key_gets_more_than_alone(enum limit_algorithm algorithm) {
    uint64_t seed = 362436069 + algorithm, worlds = getenv("WEIR_LONG") != NULL ? 500000 : 5000;
    struct tally tally = {0, 0, 0};
    for (uint64_t i = 0; i < worlds; i++)
        one_world(&seed, algorithm, &tally);
    assert_true(tally.kept > 10000 && tally.evicted <= tally.alone);
}

static void test_no_key_of_a_bucket_gets_more_than_alone(void **state) {
    (void)state;
    no_key_gets_more_than_alone(BUCKET);
}

static void test_no_key_of_a_fixed_window_gets_more_than_alone(void **state) {
    (void)state;
    no_key_gets_more_than_alone(FIXED);
}

static void test_no_key_of_a_sliding_window_gets_more_than_alone(void **state) {
    (void)state;
    no_key_gets_more_than_alone(SLIDING);
}

static void test_no_key_of_concurrent_streams_gets_more_than_alone(void **state) {
    (void)state;
    no_key_gets_more_than_alone(CONCURRENT);
}

// The adversary: a million keys, each sending a few at once and never again, through 8192 slots,
// while one legitimate key in the midst of them sends at its rate.

enum { SLOTS = 8192, FLOOD = 1000000, LEGIT = FLOOD };

struct flood {
    struct piece *slots;
    struct limit_terms terms;
    uint64_t seed, now;
    uint64_t attackers, admitted; // of the legitimate key
    uint64_t sent;
};

static bool send(struct flood *flood, uint64_t key) {
    uint64_t at = (key * UINT64_C(0x9e3779b97f4a7c15)) >> 51;
    return takes(slot_in(&flood->slots[at % SLOTS]), &flood->terms, key, flood->now, 1);
}

static void begin_flood(struct flood *flood, struct limit_terms terms) {
    *flood = (struct flood){.terms = terms, .seed = 521288629, .now = SECOND};
    flood->slots = malloc(SLOTS * sizeof *flood->slots);
    assert_non_null(flood->slots);
    struct limit_shape shape = shape_of(terms.algorithm, LIMIT_WAYS);
    for (uint32_t i = 0; i < SLOTS; i++)
        limit_slot_clear(slot_in(&flood->slots[i]), &shape);
}

// One attacker: a few more than it may, at once. Behind it the legitimate one, when it is time.
static void one_of_the_flood(struct flood *flood, uint64_t key, uint64_t several, uint64_t pause) {
    uint64_t got = 0;
    for (uint64_t i = 0; i < several; i++)
        got += send(flood, key);
    assert_true(got <= limit_capacity(&flood->terms));
    flood->attackers += got;
    flood->now += pause;
    uint64_t due = flood->now / (flood->terms.period / flood->terms.rate);
    if (due <= flood->sent) return;
    flood->sent = due;
    flood->admitted += send(flood, LEGIT);
}

static uint64_t asked_in(const struct flood *flood) {
    uint64_t each = flood->terms.period / flood->terms.rate;
    return flood->now / each - SECOND / each + 1;
}

static void test_a_million_keys(void **state) {
    (void)state;
    for (uint32_t algorithm = BUCKET; algorithm <= SLIDING; algorithm++) {
        struct flood flood;
        begin_flood(&flood, (struct limit_terms){algorithm, 100, 60 * SECOND, 100});
        flood.sent = SECOND / (flood.terms.period / flood.terms.rate);
        for (uint64_t key = 0; key < FLOOD; key++)
            one_of_the_flood(&flood, key, 1, 600 * SECOND / FLOOD);
        uint64_t asked = asked_in(&flood) - 1;
        assert_true(flood.admitted * 100 >= asked * 95);
        free(flood.slots);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_empty_slot),
        cmocka_unit_test(test_foreign_bytes_do_not_match),
        cmocka_unit_test(test_torn_bytes_do_not_match),
        cmocka_unit_test(test_entries_are_found_again),
        cmocka_unit_test(test_keys_are_whole),
        cmocka_unit_test(test_what_goes_first),
        cmocka_unit_test(test_keep_refuses),
        cmocka_unit_test(test_streams_are_never_dropped),
        cmocka_unit_test(test_debts_and_bans_survive_eviction),
        cmocka_unit_test(test_the_deepest_debts_survive_eviction),
        cmocka_unit_test(test_no_key_of_a_bucket_gets_more_than_alone),
        cmocka_unit_test(test_no_key_of_a_fixed_window_gets_more_than_alone),
        cmocka_unit_test(test_no_key_of_a_sliding_window_gets_more_than_alone),
        cmocka_unit_test(test_no_key_of_concurrent_streams_gets_more_than_alone),
        cmocka_unit_test(test_a_million_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
