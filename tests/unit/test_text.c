// The functions of the strings extension, format apart: what they take, what they refuse, and the
// ends of texts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "engine/lib/text.h"
#include "tests/unit/calling.h"

static const struct {
    function_body *body;
    const char *arguments;
    const char *wanted;
} rows[] = {
    {string_char_at, "'tacocat', 3", "'o'"},
    {string_char_at, "'tacocat', 7", "''"},
    {string_char_at, "'tacocat', 8", "INDEX_RANGE"},
    {string_char_at, "'tacocat', -1", "INDEX_RANGE"},
    {string_char_at, "'tacocat', 9223372036854775807", "INDEX_RANGE"},
    {string_char_at, "'tacocat', -9223372036854775808", "INDEX_RANGE"},
    {string_char_at, "'', 0", "''"},
    {string_char_at, "'', 1", "INDEX_RANGE"},
    {string_char_at, "'a😀é', 1", "'😀'"},
    {string_char_at, "'a😀é', 2", "'é'"},
    {string_char_at, "'a😀é', 3", "''"},
    {string_char_at, "'a\xc3', 1", "'\xc3'"}, // a broken byte is one
    {string_char_at, "'\xf0\x9f\x98', 2", "'\x98'"},
    {string_char_at, "'\xf0\x9f\x98', 4", "INDEX_RANGE"},

    {string_substring, "'tacocat', 4", "'cat'"},
    {string_substring, "'tacocat', 0", "'tacocat'"},
    {string_substring, "'tacocat', 7", "''"},
    {string_substring, "'tacocat', 8", "INDEX_RANGE"},
    {string_substring, "'tacocat', -1", "INDEX_RANGE"},
    {string_substring, "'', 0", "''"},
    {string_substring, "'ta©o😀αT', 2, 6", "'©o😀α'"},
    {string_substring, "'ta©o😀αT', 7, 7", "''"},
    {string_substring, "'ta©o😀αT', 7, 8", "INDEX_RANGE"},
    {string_substring, "'tacocat', 0, 4", "'taco'"},
    {string_substring, "'tacocat', 4, 4", "''"},
    {string_substring, "'tacocat', 4, 3", "INDEX_RANGE"},
    {string_substring, "'tacocat', 1, 50", "INDEX_RANGE"},
    {string_substring, "'tacocat', 49, 50", "INDEX_RANGE"},
    {string_substring, "'tacocat', -1, 3", "INDEX_RANGE"},
    {string_substring, "'tacocat', -9223372036854775808, 9223372036854775807", "INDEX_RANGE"},
    {string_substring, "'tacocat', 0, 9223372036854775807", "INDEX_RANGE"},
    {string_substring, "'0123456789é123456789', 9, 12", "'9é1'"},
    {string_substring, "'0123456789é123456789', 20", "''"},
    {string_substring, "'0123456789é123456789', 21", "INDEX_RANGE"},

    {string_index_of, "'tacocat', 'ac'", "1"},
    {string_index_of, "'tacocat', 'none'", "-1"},
    {string_index_of, "'tacocat', ''", "0"},
    {string_index_of, "'', ''", "0"},
    {string_index_of, "'', 'a'", "-1"},
    {string_index_of, "'a', 'ab'", "-1"},
    {string_index_of, "'ta©o😀αT', 'α'", "5"},
    {string_index_of, "'tacocat', 'a', 3", "5"},
    {string_index_of, "'tacocat', 'a', 7", "-1"},
    {string_index_of, "'tacocat', 'a', 8", "INDEX_RANGE"},
    {string_index_of, "'tacocat', 'a', 9223372036854775807", "INDEX_RANGE"},
    {string_index_of, "'tacocat', 'a', -1", "INDEX_RANGE"},
    {string_index_of, "'tacocat', '', 3", "3"},
    {string_index_of, "'tacocat', '', 7", "7"},
    {string_index_of, "'tacocat', '', 30", "7"},
    {string_index_of, "'tacocat', '', -1", "INDEX_RANGE"},
    {string_index_of, "'😀a😀a', 'a', 2", "3"},

    {string_last_index_of, "'tacocat', 'at'", "5"},
    {string_last_index_of, "'tacocat', 'a'", "5"},
    {string_last_index_of, "'tacocat', 'x'", "-1"},
    {string_last_index_of, "'tacocat', 'none'", "-1"},
    {string_last_index_of, "'tacocat', 'tacocat'", "0"},
    {string_last_index_of, "'tacocat', 'tacocats'", "-1"},
    {string_last_index_of, "'tacocat', ''", "7"},
    {string_last_index_of, "'', ''", "0"},
    {string_last_index_of, "'', '@@'", "-1"},
    {string_last_index_of, "'', '@'", "-1"},
    {string_last_index_of, "'bananananana', 'nana', 7", "6"},
    {string_last_index_of, "'tacocat', 'a', 3", "1"},
    {string_last_index_of, "'tacocat', 'a', 0", "-1"},
    {string_last_index_of, "'tacocat', 't', 0", "0"},
    {string_last_index_of, "'tacocat', 'at', 6", "5"},
    {string_last_index_of, "'tacocat', 'at', 7", "-1"},
    {string_last_index_of, "'tacocat', 'at', 8", "INDEX_RANGE"},
    {string_last_index_of, "'tacocat', 'a', -1", "INDEX_RANGE"},
    {string_last_index_of, "'tacocat', '', 3", "3"},
    {string_last_index_of, "'tacocat', '', 30", "7"},
    {string_last_index_of, "'ta😀o😀αT', '😀', 3", "2"},
    {string_last_index_of, "'ta😀o😀αT', '😀α'", "4"},

    {string_lower_ascii, "'TacoCÆt'", "'tacocÆt'"},
    {string_lower_ascii, "'@AZ[`az{'", "'@az[`az{'"},
    {string_lower_ascii, "''", "''"},
    {string_lower_ascii, "'ABCDEFGHIJKLMNOPQRSTUVWXYZ'", "'abcdefghijklmnopqrstuvwxyz'"},
    {string_lower_ascii, "'abcdefghijklmnopqrstuvwxyZ'", "'abcdefghijklmnopqrstuvwxyz'"},
    {string_lower_ascii, "'\xc1\xda\xe1\xfa A\x7f\x80'", "'\xc1\xda\xe1\xfa a\x7f\x80'"},
    {string_upper_ascii, "'tacocαt😀'", "'TACOCαT😀'"},
    {string_upper_ascii, "'@AZ[`az{'", "'@AZ[`AZ{'"},
    {string_upper_ascii, "''", "''"},
    {string_upper_ascii, "'abcdefghijklmnopqrstuvwxyz'", "'ABCDEFGHIJKLMNOPQRSTUVWXYZ'"},
    {string_upper_ascii, "'\xc1\xda\xe1\xfa a\x7f\x80'", "'\xc1\xda\xe1\xfa A\x7f\x80'"},

    {string_replace, "'{0} days {0} hours', '{0}', '2'", "'2 days 2 hours'"},
    {string_replace, "'{0} days {0} hours', '{0}', '2', 1", "'2 days {0} hours'"},
    {string_replace, "'{0} days {0} hours', '{0}', '2', 0", "'{0} days {0} hours'"},
    {string_replace, "'{0} days {0} hours', '{0}', '2', -7", "'2 days 2 hours'"},
    {string_replace, "'aaa', 'aa', 'b'", "'ba'"},
    {string_replace, "'aaa', 'a', ''", "''"},
    {string_replace, "'1 ©αT taco', 'αT', 'o©α'", "'1 ©o©α taco'"},
    {string_replace, "'a😀', '', '-'", "'-a-😀-'"},
    {string_replace, "'a😀', '', '-', 2", "'-a-😀'"},
    {string_replace, "'', '', '-'", "'-'"},
    {string_replace, "'', 'a', '-'", "''"},
    {string_replace, "'a', 'ab', '-'", "'a'"},
    {string_replace, "'/a/long/way/to/go', '/', ' - '", "' - a - long - way - to - go'"},

    {string_split, "'hello world', ' '", "['hello', 'world']"},
    {string_split, "' a ', ' '", "['', 'a', '']"},
    {string_split, "'a😀b😀c', '😀'", "['a', 'b', 'c']"},
    {string_split, "'', ','", "['']"},
    {string_split, "'', ''", "[]"},
    {string_split, "'', '', 3", "[]"},
    {string_split, "'a😀b', ''", "['a', '😀', 'b']"},
    {string_split, "'a😀b', '', 2", "['a', '😀b']"},
    {string_split, "'a😀b', '', 1", "['a😀b']"},
    {string_split, "'a😀b', '', 9", "['a', '😀', 'b']"},
    {string_split, "'a,b,c', ',', 0", "[]"},
    {string_split, "'1,2,3,4,5,6,7,8,9,0', ',', 8", "['1', '2', '3', '4', '5', '6', '7', '8,9,0']"},
    {string_split, "'ab', '', 2", "['a', 'b']"},
    {string_split, "'a,b,c', ',', 1", "['a,b,c']"},
    {string_split, "'a,b,c', ',', 2", "['a', 'b,c']"},
    {string_split, "'a,b,c', ',', 9223372036854775807", "['a', 'b', 'c']"},
    {string_split, "'a,b,c', ',', -9223372036854775808", "['a', 'b', 'c']"},

    {string_trim, "' \f\n\r\t\vtext  '", "'text'"},
    {string_trim, "'\xc2\x85\u00a0\u1680\u2000\u200atext\u2028\u2029\u202f\u205f\u3000'", "'text'"},
    {string_trim, "'\u180etext\u200b\u200c\u200d\u2060\ufeff'",
     "'\u180etext\u200b\u200c\u200d\u2060\ufeff'"},
    {string_trim, "'a b'", "'a b'"},
    {string_trim, "'   '", "''"},
    {string_trim, "''", "''"},
    {string_trim, "'\x85 \x80\x85'", "'\x85 \x80\x85'"}, // broken bytes are no white space

    {string_reverse, "'tacos'", "'socat'"},
    {string_reverse, "'a😀é'", "'é😀a'"},
    {string_reverse, "''", "''"},

    {string_join, "['x', 'y']", "'xy'"},
    {string_join, "['x', '', 'y'], '-'", "'x--y'"},
    {string_join, "['x'], '-'", "'x'"},
    {string_join, "[], '-'", "''"},
    {string_join, "[]", "''"},
    {string_join, "['x', 1]", "NO_OVERLOAD"},
    {string_join, "[b'x']", "NO_OVERLOAD"},

    {string_quote, "'first\nsecond'", "'\"first\\nsecond\"'"},
    {string_quote, "'\a\b\t\n\v\f\r\"\\'", "'\"\\a\\b\\t\\n\\v\\f\\r\\\"\\\\\"'"},
    {string_quote, "'\x01\x7f😀é'", "'\"\x01\x7f😀é\"'"},
    {string_quote, "''", "'\"\"'"},
    {string_quote, "'a\xff\xc3z'", "'\"a\ufffd\ufffdz\"'"},
};

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        expect_call(rows[i].body, rows[i].arguments, rows[i].wanted);
}

enum { ROOM = 2 << 20 };

// The text between the quotes, so many times.
static void repeated(char *out, const char *before, const char *unit, uint32_t times,
                     const char *after) {
    size_t at = strlen(before), length = strlen(unit);
    memcpy(out, before, at);
    for (uint32_t i = 0; i < times; i++, at += length)
        memcpy(out + at, unit, length);
    memcpy(out + at, after, strlen(after) + 1);
}

static void test_a_result_of_the_greatest_length(void **state) {
    static char arguments[ROOM], wanted[ROOM];
    (void)state;
    repeated(arguments, "'", "a", LIMIT_STRING / 4, "', 'a', 'bcde'");
    repeated(wanted, "'", "bcde", LIMIT_STRING / 4, "'");
    expect_call(string_replace, arguments, wanted);
    repeated(arguments, "'", "a", LIMIT_STRING / 4 + 1, "', 'a', 'bcde'");
    expect_call(string_replace, arguments, "TOO_LONG");
    repeated(arguments, "['ab', '", "a", LIMIT_STRING - 2, "']");
    repeated(wanted, "'ab", "a", LIMIT_STRING - 2, "'");
    expect_call(string_join, arguments, wanted);
    repeated(arguments, "['ab', '", "a", LIMIT_STRING - 1, "']");
    expect_call(string_join, arguments, "TOO_LONG");
    repeated(arguments, "'", "\\", LIMIT_STRING / 2 - 1, "'");
    repeated(wanted, "'\"", "\\\\", LIMIT_STRING / 2 - 1, "\"'");
    expect_call(string_quote, arguments, wanted);
    repeated(arguments, "'", "\\", LIMIT_STRING / 2, "'");
    expect_call(string_quote, arguments, "TOO_LONG");
}

// More than the room of a block holds.
static void test_many_pieces(void **state) {
    static char arguments[ROOM], wanted[ROOM];
    (void)state;
    repeated(arguments, "'", "a,", 900, "b', ','");
    repeated(wanted, "[", "'a', ", 900, "'b']");
    expect_call(string_split, arguments, wanted);
    repeated(arguments, "'", "a,", 900, "b', ',', '--'");
    repeated(wanted, "'", "a--", 900, "b'");
    expect_call(string_replace, arguments, wanted);
    repeated(arguments, "['", "a', 'long', '", 900, "b'], ', '");
    repeated(wanted, "'", "a, long, ", 900, "b'");
    expect_call(string_join, arguments, wanted);
}

static void *heap_take(void *self, size_t bytes) {
    (void)self;
    return malloc(bytes);
}

static void heap_give(void *self, void *block) {
    (void)self;
    free(block);
}

static void assert_text(struct value got, const char *wanted) {
    assert_int_equal(got.kind, TYPE_STRING);
    assert_true(slice_is(value_text(got), wanted));
}

// However much is left of the block that results are first written to.
static void test_every_room(void **state) {
    (void)state;
    enum { BLOCK = 512 };
    const struct allocator heap = {heap_take, heap_give, NULL};
    const struct value texts[] = {value_string(slice_of("one, two, three, four")),
                                  value_string(slice_of(", ")), value_string(slice_of(" and "))};
    for (size_t taken = 0; taken < BLOCK; taken++) {
        struct arena arena;
        arena_init(&arena, &heap, BLOCK, 1 << 20);
        assert_non_null(arena_take_raw(&arena, taken));
        struct call call = {.arena = &arena, .steps = 1000, .count = 2};
        struct value pieces[2] = {{0}, texts[2]}, joined, replaced;
        assert_int_equal(string_split(&call, texts, &pieces[0]), FAILURE_NONE);
        assert_int_equal(string_join(&call, pieces, &joined), FAILURE_NONE);
        call.count = 3;
        assert_int_equal(string_replace(&call, texts, &replaced), FAILURE_NONE);
        assert_int_equal(pieces[0].length, 4);
        assert_int_equal(pieces[0].depth, 1);
        assert_text(pieces[0].as.items[0], "one");
        assert_text(pieces[0].as.items[3], "four");
        assert_text(joined, "one and two and three and four");
        assert_text(replaced, "one and two and three and four");
        arena_free(&arena);
    }
}

// What would take the square of the length when every place were tried.
static void test_searches_are_linear(void **state) {
    static char arguments[ROOM], sought[ROOM];
    (void)state;
    repeated(sought, "', 'b", "a", 100000, "'");
    repeated(arguments, "'", "a", 200000, sought);
    expect_call(string_last_index_of, arguments, "-1");
    repeated(sought, "', '", "a", 100000, "b'");
    repeated(arguments, "'", "a", 200000, sought);
    expect_call(string_index_of, arguments, "-1");
    assert_in_range(count_steps(string_index_of, arguments, 1 << 30), 300000 / 64, 300000 / 32);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_a_result_of_the_greatest_length),
        cmocka_unit_test(test_many_pieces),
        cmocka_unit_test(test_every_room),
        cmocka_unit_test(test_searches_are_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
