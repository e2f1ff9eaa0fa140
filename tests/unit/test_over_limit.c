// What is remembered of a service's refusals: exactly so long, for so many hits, for that key.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "engine/limit/over_limit.h"

static struct over_limit table;

static int empty(void **state) {
    (void)state;
    memset(&table, 0, sizeof table);
    return 0;
}

static struct over_limit_key key_of(uint64_t set, uint64_t other) {
    return (struct over_limit_key){{set, other}};
}

static bool holds(struct over_limit_key key, uint64_t hits, uint64_t now) {
    uint64_t until;
    return over_limit_holds(&table, key, hits, now, &until);
}

static void test_an_empty_table(void **state) {
    (void)state;
    assert_false(holds(key_of(0, 0), 1, 0));
    assert_false(holds(key_of(7, 9), 1, UINT64_MAX));
}

static void test_until_the_end(void **state) {
    (void)state;
    uint64_t until = 0;
    over_limit_add(&table, key_of(1, 2), 1, 100, 10);
    assert_true(over_limit_holds(&table, key_of(1, 2), 1, 10, &until));
    assert_int_equal(until, 100);
    assert_true(holds(key_of(1, 2), 1, 99));
    assert_false(holds(key_of(1, 2), 1, 100));
    assert_false(holds(key_of(1, 3), 1, 50));
    assert_false(holds(key_of(1 + OVER_LIMIT_SETS, 2), 1, 50));
}

static void test_what_has_ended_is_not_added(void **state) {
    (void)state;
    over_limit_add(&table, key_of(1, 2), 1, 10, 10);
    assert_false(holds(key_of(1, 2), 1, 9));
}

static void test_hits(void **state) {
    (void)state;
    over_limit_add(&table, key_of(1, 2), 5, 100, 0);
    assert_false(holds(key_of(1, 2), 4, 1));
    assert_true(holds(key_of(1, 2), 5, 1));
    assert_true(holds(key_of(1, 2), 6, 1));
    over_limit_add(&table, key_of(1, 2), 0, 100, 0); // the later word counts
    assert_true(holds(key_of(1, 2), 0, 1));
    assert_true(holds(key_of(1, 2), 1, 1));
}

static void test_a_full_set_forgets_what_ends_first(void **state) {
    (void)state;
    for (uint64_t i = 0; i < OVER_LIMIT_WAYS; i++)
        over_limit_add(&table, key_of(3, i), 1, 100 + i, 0);
    over_limit_add(&table, key_of(3, 99), 1, 500, 0);
    assert_false(holds(key_of(3, 0), 1, 1));
    for (uint64_t i = 1; i < OVER_LIMIT_WAYS; i++)
        assert_true(holds(key_of(3, i), 1, 1));
    assert_true(holds(key_of(3, 99), 1, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_an_empty_table, empty),
        cmocka_unit_test_setup(test_until_the_end, empty),
        cmocka_unit_test_setup(test_what_has_ended_is_not_added, empty),
        cmocka_unit_test_setup(test_hits, empty),
        cmocka_unit_test_setup(test_a_full_set_forgets_what_ends_first, empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
