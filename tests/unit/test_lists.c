// The functions of the lists and sets extensions, and those on maps: what they take and refuse, and
// that their work is charged.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "engine/lib/collections.h"
#include "engine/lib/lists.h"
#include "tests/unit/calling.h"

static const struct {
    function_body *body;
    const char *arguments;
    const char *wanted;
} rows[] = {
    {list_slice, "[1, 2, 3, 4], 1, 3", "[2, 3]"},
    {list_slice, "[1, 2, 3, 4], 0, 4", "[1, 2, 3, 4]"},
    {list_slice, "[1, 2], 2, 2", "[]"},
    {list_slice, "[], 0, 0", "[]"},
    {list_slice, "[[[1]], 2], 1, 2", "[2]"},
    {list_slice, "[1, 2], 1, 0", "INDEX_RANGE"},
    {list_slice, "[1, 2], 0, 3", "INDEX_RANGE"},
    {list_slice, "[1, 2], 3, 3", "INDEX_RANGE"},
    {list_slice, "[1, 2], -1, 1", "INDEX_RANGE"},
    {list_slice, "[1, 2], -9223372036854775808, 9223372036854775807", "INDEX_RANGE"},

    {list_flatten, "[[1, 2], [], [3]]", "[1, 2, 3]"},
    {list_flatten, "[1, [2, [3]], {'a': [4]}]", "[1, 2, [3], {'a': [4]}]"},
    {list_flatten, "[]", "[]"},
    {list_flatten, "[[], [[]]]", "[[]]"},
    {list_flatten, "[1, [2, [3, [4]]]], 2", "[1, 2, 3, [4]]"},
    {list_flatten, "[1, [2, [3, [4]]]], 0", "[1, [2, [3, [4]]]]"},
    {list_flatten, "[1, [2, [3, [4]]]], 9223372036854775807", "[1, 2, 3, 4]"},
    {list_flatten, "[1], -1", "ARGUMENT"},

    {list_distinct, "[1, 2, 2, 1, 3]", "[1, 2, 3]"},
    {list_distinct, "[1u, 1, 1.0, 2.0]", "[1u, 2.0]"},
    {list_distinct, "['a', b'a', 'a', null, null]", "['a', b'a', null]"},
    {list_distinct, "[[1, 2], [1, 2.0], [2, 1]]", "[[1, 2], [2, 1]]"},
    {list_distinct, "[{'a': 1, 'b': [2]}, {'b': [2], 'a': 1}, {'a': 1}]",
     "[{'a': 1, 'b': [2]}, {'a': 1}]"},
    {list_distinct, "[some([1]), some([1]), none, none]", "[some([1]), none]"},
    {list_distinct, "[nan, nan]", "[nan, nan]"},
    {list_distinct, "[]", "[]"},

    {list_sort, "[3, 1, 2]", "[1, 2, 3]"},
    {list_sort, "[18446744073709551615u, 0u]", "[0u, 18446744073709551615u]"},
    {list_sort, "[2.5, -inf, -0.5, inf]", "[-inf, -0.5, 2.5, inf]"},
    {list_sort, "[true, false, true]", "[false, true, true]"},
    {list_sort, "['b', '', 'ab', '😀', 'a', 'é']", "['', 'a', 'ab', 'b', 'é', '😀']"},
    {list_sort, "[b'b', b'\xff', b'']", "[b'', b'b', b'\xff']"},
    {list_sort, "[2s, -1s]", "[-1s, 2s]"},
    {list_sort, "[@5, @-5, @4.5]", "[@-5, @4.5, @5]"},
    {list_sort, "[]", "[]"},
    {list_sort, "[1]", "[1]"},
    {list_sort, "[1, 1u]", "NO_OVERLOAD"},
    {list_sort, "[1, 'a']", "NO_OVERLOAD"},
    {list_sort, "[[1]]", "NO_OVERLOAD"},
    {list_sort, "[null]", "NO_OVERLOAD"},
    {list_sort, "[{1: 1}, {1: 1}]", "NO_OVERLOAD"},
    {list_sort, "[1.0, nan]", "ARGUMENT"},

    {list_sort_by, "['foo', 'bar', 'baz'], [3, 1, 2]", "['bar', 'baz', 'foo']"},
    {list_sort_by, "[[1], null, 'x', 4], [1, 0, 1, 0]", "[null, 4, [1], 'x']"}, // stable
    {list_sort_by, "[], []", "[]"},
    {list_sort_by, "[1, 2], [1]", "ARGUMENT"},
    {list_sort_by, "[1, 2], [1, 2.0]", "NO_OVERLOAD"},
    {list_sort_by, "[1], [[1]]", "NO_OVERLOAD"},

    {list_range, "3", "[0, 1, 2]"},
    {list_range, "0", "[]"},
    {list_range, "-9223372036854775808", "[]"},
    {list_range, "9223372036854775807", "NO_MEMORY"},

    {list_reverse, "[1, 'a', [2]]", "[[2], 'a', 1]"},
    {list_reverse, "[]", "[]"},
    {list_first, "[1, 2]", "some(1)"},
    {list_first, "[[1], 2]", "some([1])"},
    {list_first, "[]", "none"},
    {list_last, "[1, 2]", "some(2)"},
    {list_last, "[]", "none"},

    {sets_contains, "[1, 2, 3], [3, 2.0, 2u]", "true"},
    {sets_contains, "[1, 2], [2, 4]", "false"},
    {sets_contains, "[], []", "true"},
    {sets_contains, "[], [1]", "false"},
    {sets_contains, "[[1], [2, 3]], [[2, 3.0]]", "true"},
    {sets_equivalent, "[1], [1, 1]", "true"},
    {sets_equivalent, "[1, 2, 3], [3u, 2.0, 1]", "true"},
    {sets_equivalent, "[1, 2], [1]", "false"},
    {sets_equivalent, "[1], [1, 2]", "false"},
    {sets_equivalent, "[], []", "true"},
    {sets_intersects, "[1], [1, 2]", "true"},
    {sets_intersects, "[1], [2]", "false"},
    {sets_intersects, "[1], []", "false"},
    {sets_intersects, "[], []", "false"},
    {sets_intersects, "[[1], [2, 3]], [[1, 2], [2, 3.0]]", "true"},

    {map_merge, "{'a': 1, 'b': 2}, {'b': 3, 'c': [4]}", "{'a': 1, 'b': 3, 'c': [4]}"},
    {map_merge, "{}, {'a': 1}", "{'a': 1}"},
    {map_merge, "{'a': 1}, {}", "{'a': 1}"},
    {map_merge, "{}, {}", "{}"},
    {map_merge, "{1: 'a', true: 'b'}, {1u: 'c', '1': 'd'}", "{1: 'c', true: 'b', '1': 'd'}"},
    {map_without, "{'a': 1, 'b': 2, 'c': 3}, ['c', 'x', 'a']", "{'b': 2}"},
    {map_without, "{1: 'a', 2: 'b'}, [2u]", "{1: 'a'}"},
    {map_without, "{'a': [1]}, []", "{'a': [1]}"},
    {map_without, "{}, ['a']", "{}"},
};

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        expect_call(rows[i].body, rows[i].arguments, rows[i].wanted);
}

static void write_nested(char *out, uint32_t levels) {
    memset(out, '[', levels);
    memset(out + levels, ']', levels);
    out[2 * levels] = '\0';
}

// The deepest lists there can be stay so deep, and no deeper.
static void test_the_greatest_depth(void **state) {
    char deepest[2 * LIMIT_NESTING + 1];
    (void)state;
    write_nested(deepest, LIMIT_NESTING);
    expect_call(list_reverse, deepest, deepest);
    expect_call(list_distinct, deepest, deepest);
    struct value item = {.kind = TYPE_LIST, .depth = LIMIT_NESTING}, out = value_null();
    assert_int_equal(items_list(&item, 1, &out), FAILURE_TOO_DEEP);
    assert_int_equal(out.kind, TYPE_NULL);
    item.depth = LIMIT_NESTING - 1;
    assert_int_equal(items_list(&item, 1, &out), FAILURE_NONE);
    assert_int_equal(out.depth, LIMIT_NESTING);
}

// The list of so many numbers of three digits, `step` apart.
static void write_numbers(char *out, uint32_t count, uint32_t step) {
    uint32_t number = 0;
    *out++ = '[';
    for (uint32_t i = 0; i < count; i++, number += step) {
        uint32_t digit = 100000;
        for (; digit > 0; digit /= 10)
            *out++ = (char)('0' + number / digit % 10);
        *out++ = ',';
    }
    memcpy(out, "]", 2);
}

enum { ENOUGH = 1 << 30 }; // steps

static void test_work_is_charged(void **state) {
    static char list[1 << 16];
    (void)state;
    write_numbers(list, 1000, 7);
    // half a million comparisons, four to a step
    assert_in_range(count_steps(list_distinct, list, ENOUGH), 125000, 126000);
    // ten passes over a thousand items at the most, and the items themselves
    assert_in_range(count_steps(list_sort, list, ENOUGH), 1000, 2800);
    assert_in_range(count_steps(list_range, "1000", ENOUGH), 250, 250);
    assert_in_range(count_steps(list_reverse, list, ENOUGH), 250, 250);
    // a text is walked over when it may be equal
    assert_in_range(
        count_steps(sets_contains, "['aaaaaaaaaaaaaaaa'*100], ['aaaaaaaaaaaaaaab'*10]", ENOUGH), 40,
        60);
}

// One list held many times, levels deep: what is in it is walked over each time that it is met.
static void test_shared_lists(void **state) {
    static const struct {
        function_body *body;
        const char *arguments;
    } calls[] = {
        {list_flatten, "[[[[[[[]*99]*99]*99]*99]*99]*99], 64"},
        {list_distinct, "[[[[[[[]*99]*99]*99]*99]*99]*2]"},
    };
    (void)state;
    for (size_t i = 0; i < LEN(calls); i++)
        assert_int_equal(count_steps(calls[i].body, calls[i].arguments, 10000), 10001);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_the_greatest_depth),
        cmocka_unit_test(test_work_is_charged),
        cmocka_unit_test(test_shared_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
