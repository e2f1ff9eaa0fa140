// Regular expressions: limits at and over them, refusals with their places, searches on every path
// with little memory, and the functions of rules. What patterns mean is compared with RE2's own
// answers in tests/regex.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "engine/base/text.h"
#include "engine/lib/call.h"
#include "engine/match/regex.h"
#include "engine/match/regex_program.h"

function_body regex_function_matches, regex_function_replace, regex_function_replace_some,
    regex_function_extract, regex_function_extract_all, regex_function_groups;
enum failure regex_prepare(struct arena *keep, struct value constant, struct value *out);

static uint32_t takes;     // blocks asked for
static uint32_t takes_max; // refuse those above

static void *counted_take(void *self, size_t bytes) {
    (void)self;
    takes++;
    return takes > takes_max ? NULL : malloc(bytes);
}

static void counted_give(void *self, void *block) {
    (void)self;
    free(block);
}

static const struct allocator counted = {counted_take, counted_give, NULL};

static struct arena fresh_arena(void) {
    struct arena arena;
    takes = 0;
    takes_max = UINT32_MAX;
    arena_init(&arena, &counted, 4096, SIZE_MAX);
    return arena;
}

static enum regex_problem compile(struct arena *arena, slice pattern, struct regex **out,
                                  uint32_t *at) {
    struct regex_error error;
    int64_t effort = INT64_MAX;
    bool good = regex_compile(arena, pattern, &effort, out, &error);
    assert_int_equal(good, error.problem == REGEX_NO_PROBLEM);
    *at = error.at;
    return error.problem;
}

static const struct refusal {
    const char *pattern;
    enum regex_problem problem;
    uint32_t at;
} refusals[] = {
    {"", REGEX_NO_PROBLEM, 0},
    {"a(b", REGEX_MISSING_PAREN, 1},
    {"a(b)", REGEX_NO_PROBLEM, 0},
    {"ab)", REGEX_UNEXPECTED_PAREN, 2},
    {"ab]", REGEX_NO_PROBLEM, 0},
    {"a[b", REGEX_MISSING_BRACKET, 1},
    {"[]", REGEX_MISSING_BRACKET, 0},
    {"[]]", REGEX_NO_PROBLEM, 0},
    {"[b-a]", REGEX_BAD_RANGE, 1},
    {"[a-b-c]", REGEX_NO_PROBLEM, 0},
    {"[[:alhpa:]]", REGEX_BAD_CLASS, 1},
    {"[[:d:]]", REGEX_BAD_CLASS, 1},
    {"[[:alpha:]]", REGEX_NO_PROBLEM, 0},
    {"\\p{Grek}", REGEX_BAD_CLASS, 0},
    {"\\p{Greek}", REGEX_NO_PROBLEM, 0},
    {"\\pX", REGEX_BAD_CLASS, 0},
    {"a\\", REGEX_TRAILING_BACKSLASH, 1},
    {"a\\q", REGEX_BAD_ESCAPE, 1},
    {"(a)\\1", REGEX_BAD_ESCAPE, 3},
    {"a\\_", REGEX_NO_PROBLEM, 0},
    {"\\x{110000}", REGEX_BAD_ESCAPE, 0},
    {"\\x{10FFFF}", REGEX_NO_PROBLEM, 0},
    {"a|*", REGEX_NOTHING_TO_REPEAT, 2},
    {"a**", REGEX_REPEATED_TWICE, 2},
    {"(a*)*", REGEX_NO_PROBLEM, 0},
    {"(?=a)", REGEX_BAD_GROUP, 0},
    {"(?i-)a", REGEX_BAD_GROUP, 0},
    {"(?i-s:a)", REGEX_NO_PROBLEM, 0},
    {"(?P<n>a)(?P<n>b)", REGEX_NAME_TWICE, 8},
    {"(?P<n m>a)", REGEX_BAD_NAME, 0},
    {"(?<n>a)(?P<m>b)", REGEX_NO_PROBLEM, 0},
    {"a\xff", REGEX_BAD_UTF8, 1},
    // LIMIT_REGEX_REPEAT
    {"a{1000}", REGEX_NO_PROBLEM, 0},
    {"a{1001}", REGEX_REPEAT_COUNT, 1},
    {"a{2,1}", REGEX_REPEAT_COUNT, 1},
    {"a{2,1", REGEX_NO_PROBLEM, 0},
    {"(a{100}){10}", REGEX_NO_PROBLEM, 0},
    {"(a{1000}){1000}", REGEX_REPEAT_COUNT, 9},
    {"((a{100}){10}b*){2}", REGEX_REPEAT_COUNT, 16},
};

static void test_refusals(void **state) {
    (void)state;
    for (uint32_t i = 0; i < LEN(refusals); i++) {
        struct arena arena = fresh_arena();
        struct regex *regex;
        uint32_t at;
        enum regex_problem problem = compile(&arena, slice_of(refusals[i].pattern), &regex, &at);
        if (problem != refusals[i].problem || at != refusals[i].at)
            fail_msg("%s: %s at %u", refusals[i].pattern, regex_problem_words(problem), at);
        arena_free(&arena);
    }
}

// head, then `count` times middle, then as often tail.
static enum regex_problem compile_repeated(const char *head, const char *middle, const char *tail,
                                           uint32_t count) {
    struct arena arena = fresh_arena();
    struct text pattern;
    struct regex *regex;
    uint32_t at;
    text_init(&pattern, &arena);
    text_add_string(&pattern, head);
    for (uint32_t i = 0; i < count; i++)
        text_add_string(&pattern, middle);
    for (uint32_t i = 0; i < count; i++)
        text_add_string(&pattern, tail);
    enum regex_problem problem = compile(&arena, text_slice(&pattern), &regex, &at);
    arena_free(&arena);
    return problem;
}

static void test_limits(void **state) {
    (void)state;
    assert_int_equal(compile_repeated("", "(", ")", LIMIT_REGEX_GROUPS), REGEX_NO_PROBLEM);
    assert_int_equal(compile_repeated("", "(", ")", LIMIT_REGEX_GROUPS + 1), REGEX_TOO_MANY_GROUPS);
    assert_int_equal(compile_repeated("", "(?:", ")", LIMIT_REGEX_NESTING), REGEX_NO_PROBLEM);
    assert_int_equal(compile_repeated("", "(?:", ")", LIMIT_REGEX_NESTING + 1), REGEX_TOO_DEEP);
    // What fails, a byte for each, and the match.
    assert_int_equal(compile_repeated("", "a", "", LIMIT_REGEX_INSTRUCTIONS - 2), REGEX_NO_PROBLEM);
    assert_int_equal(compile_repeated("", "a", "", LIMIT_REGEX_INSTRUCTIONS - 1), REGEX_TOO_LARGE);
    assert_int_equal(compile_repeated("", "(?i)", "", LIMIT_REGEX_PATTERN / 4), REGEX_NO_PROBLEM);
    assert_int_equal(compile_repeated("a", "(?i)", "", LIMIT_REGEX_PATTERN / 4), REGEX_TOO_LONG);
    assert_int_equal(compile_repeated("", "[a-z]{1,1000}", "", 2000), REGEX_TOO_LARGE);
    assert_int_equal(compile_repeated("", "\\pL{50}", "", 4000), REGEX_TOO_LARGE);
    assert_int_equal(compile_repeated("", "[\\pL\\PN]", "", 3000), REGEX_TOO_LARGE);
    assert_int_equal(compile_repeated("", "((((|){10}){10}){10})", "", 200), REGEX_TOO_LARGE);
}

static void test_effort_of_compiling(void **state) {
    (void)state;
    static const char *const patterns[] = {"\\pL", "(?i)[a-z]", "(a{1,100}b){10}", "abcdefgh"};
    for (uint32_t i = 0; i < LEN(patterns); i++) {
        for (int64_t effort = 1; effort < 20000; effort *= 2) {
            struct arena arena = fresh_arena();
            struct regex *regex;
            struct regex_error error;
            int64_t left = effort;
            bool good = regex_compile(&arena, slice_of(patterns[i]), &left, &regex, &error);
            if (!good) assert_int_equal(error.problem, REGEX_TOO_COSTLY);
            assert_int_equal(good, left >= 0);
            arena_free(&arena);
        }
    }
}

// Refused at each block of memory in turn: an error, or the same answer.
static void test_refused_memory(void **state) {
    (void)state;
    const char *pattern = "(?i)(\\pL+|[^a-z]{2,30})(?P<name>x|yy|\\bz)*$";
    for (uint32_t max = 0; max < 100; max++) {
        struct arena arena = fresh_arena();
        struct regex *regex;
        uint32_t at;
        takes_max = max;
        enum regex_problem problem = compile(&arena, slice_of(pattern), &regex, &at);
        if (problem == REGEX_NO_PROBLEM) {
            struct regex_pool *pool = regex_pool_make(&arena, REGEX_POOL_BYTES);
            struct regex_work work = {.arena = &arena, .effort = 1000000};
            struct regex_span groups[3];
            enum regex_outcome outcome =
                regex_search(regex, pool, &work, slice_of("12 abcxyy"), 0, groups, 3);
            if (outcome != REGEX_REFUSED) {
                assert_int_equal(outcome, REGEX_YES);
                assert_int_equal(groups[1].end, 9);
            }
        } else {
            assert_int_equal(problem, REGEX_NO_MEMORY);
        }
        arena_free(&arena);
    }
}

static void test_effort_of_searching(void **state) {
    (void)state;
    struct arena arena = fresh_arena();
    struct regex *regex;
    uint32_t at;
    char text[5000];
    memset(text, 'a', sizeof(text));
    assert_int_equal(compile(&arena, slice_of("(a*)*[ab]{500}c"), &regex, &at), REGEX_NO_PROBLEM);
    text[4999] = 'b';
    struct regex_pool *pools[] = {regex_pool_make(&arena, 64 << 10), NULL};
    for (uint32_t i = 0; i < LEN(pools); i++) {
        text[10] = 'c';
        struct regex_work work = {.arena = &arena, .effort = 10000};
        slice all = {text, sizeof(text)};
        assert_int_equal(regex_matches(regex, pools[i], &work, all), REGEX_EXHAUSTED);
        work.effort = INT64_MAX;
        assert_int_equal(regex_matches(regex, pools[i], &work, all), REGEX_NO);
        text[3000] = 'c';
        assert_int_equal(regex_matches(regex, pools[i], &work, all), REGEX_YES);
        text[3000] = 'a';
    }
    arena_free(&arena);
}

// Many regexes in a pool that holds few of them.
static void test_shared_pool(void **state) {
    (void)state;
    struct arena arena = fresh_arena();
    struct regex_pool *pool = regex_pool_make(&arena, 8 << 10);
    struct regex_work work = {.arena = &arena, .effort = INT64_MAX};
    struct regex *regexes[100];
    for (uint32_t i = 0; i < LEN(regexes); i++) {
        struct text pattern;
        uint32_t at;
        text_init(&pattern, &arena);
        text_add_string(&pattern, "(x|y)[0-9]{2}-?");
        text_add_uint(&pattern, i);
        text_add_string(&pattern, "$|^(n[^x]*)*z");
        assert_int_equal(compile(&arena, text_slice(&pattern), &regexes[i], &at), REGEX_NO_PROBLEM);
    }
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < LEN(regexes); i++) {
            struct regex_span span;
            slice text = slice_of("abc x12-x y4711-y42");
            enum regex_outcome outcome = regex_search(regexes[i], pool, &work, text, 0, &span, 1);
            assert_int_equal(outcome, REGEX_NO);
            text = slice_of("abc y1157");
            outcome = regex_search(regexes[i], pool, &work, text, 0, &span, 1);
            assert_int_equal(outcome, i == 57 ? REGEX_YES : REGEX_NO);
            if (i == 57) assert_int_equal(span.start, 4);
        }
    }
    arena_free(&arena);
}

// Functions. A result is shown as text.

static void show(struct text *out, struct value value) {
    if (value.kind == TYPE_STRING) text_add(out, value_text(value));
    if (value.kind == TYPE_BOOL) text_add_string(out, value.as.boolean ? "true" : "false");
    if (value.kind == TYPE_OPTIONAL && value.length == 0) text_add_string(out, "none");
    if (value.kind == TYPE_OPTIONAL && value.length == 1) {
        text_add_string(out, "some ");
        assert_int_equal(value.depth, value.as.items[0].depth + 1);
        show(out, value.as.items[0]);
    }
    if (value.kind != TYPE_LIST && value.kind != TYPE_MAP) return;
    bool map = value.kind == TYPE_MAP;
    text_add_string(out, map ? "{" : "[");
    for (uint32_t i = 0; i < value.length; i++) {
        if (i > 0) text_add_string(out, ", ");
        show(out, value.as.items[map ? 2 * i : i]);
        if (map) text_add_string(out, ": ");
        if (map) show(out, value.as.items[2 * i + 1]);
    }
    text_add_string(out, map ? "}" : "]");
}

enum { ALL = INT32_MIN };

static const struct function_case {
    function_body *body;
    const char *text;
    const char *pattern;
    const char *form; // NULL: none
    int32_t count;    // ALL: none
    const char *shown;
    enum failure failure;
} function_cases[] = {
    {regex_function_matches, "hubba", "ubb", NULL, ALL, "true", FAILURE_NONE},
    {regex_function_matches, "", "foo|bar", NULL, ALL, "false", FAILURE_NONE},
    {regex_function_matches, "cows", "", NULL, ALL, "true", FAILURE_NONE},
    {regex_function_matches, "", "", NULL, ALL, "true", FAILURE_NONE},
    {regex_function_matches, "grey", "gr(a|e)y", NULL, ALL, "true", FAILURE_NONE},
    {regex_function_matches,
     "ma\xc3\xb1"
     "ana",
     "a+\xc3\xb1+a+", NULL, ALL, "true", FAILURE_NONE},
    {regex_function_matches, "a", "(", NULL, ALL, "", FAILURE_REGEX},
    {regex_function_extract, "hello world", "hello(.*)", NULL, ALL, "some  world", FAILURE_NONE},
    {regex_function_extract, "item-A, item-B", "item-(\\w+)", NULL, ALL, "some A", FAILURE_NONE},
    {regex_function_extract, "HELLO", "hello", NULL, ALL, "none", FAILURE_NONE},
    {regex_function_extract, "ab", "a(x)?b", NULL, ALL, "none", FAILURE_NONE},
    {regex_function_extract, "ab", "a()b", NULL, ALL, "none", FAILURE_NONE},
    {regex_function_extract, "ab", "x*", NULL, ALL, "some ", FAILURE_NONE},
    {regex_function_extract, "a@b", "(.*)@([^.]*)", NULL, ALL, "", FAILURE_REGEX_GROUPS},
    {regex_function_extract_all, "id:123, id:456", "id:\\d+", NULL, ALL, "[id:123, id:456]",
     FAILURE_NONE},
    {regex_function_extract_all, "id:123, id:456", "assa", NULL, ALL, "[]", FAILURE_NONE},
    {regex_function_extract_all, "id:123, id:456", "id:(\\d+)", NULL, ALL, "[123, 456]",
     FAILURE_NONE},
    {regex_function_extract_all, "a1 b c2", "[a-z](\\d?)", NULL, ALL, "[1, 2]", FAILURE_NONE},
    {regex_function_extract_all, "baa\xc3\xa9", "a*", NULL, ALL, "[, aa, ]", FAILURE_NONE},
    {regex_function_extract_all, "abc", "^.", NULL, ALL, "[a]", FAILURE_NONE},
    {regex_function_extract_all, "ab cd", "\\b", NULL, ALL, "[, , , ]", FAILURE_NONE},
    {regex_function_extract_all, "a@b", "(.*)@([^.]*)", NULL, ALL, "", FAILURE_REGEX_GROUPS},
    {regex_function_groups, "/users/42", "/users/(?P<id>[0-9]+)", NULL, ALL,
     "some {0: /users/42, 1: 42, id: 42}", FAILURE_NONE},
    {regex_function_groups, "b", "(a)|(?<n>b)", NULL, ALL, "some {0: b, 2: b, n: b}", FAILURE_NONE},
    {regex_function_groups, "b", "(?<1>b)", NULL, ALL, "some {0: b, 1: b}", FAILURE_NONE},
    {regex_function_groups, "c", "(a)|(b)", NULL, ALL, "none", FAILURE_NONE},
    {regex_function_replace, "hello world hello", "hello", "hi", ALL, "hi world hi", FAILURE_NONE},
    {regex_function_replace, "foo bar", "(fo)o (ba)r", "\\2 \\1", ALL, "ba fo", FAILURE_NONE},
    {regex_function_replace, "foo bar", "(fo)o|(ba)r", "<\\2>\\\\", ALL, "<>\\ <ba>\\",
     FAILURE_NONE},
    {regex_function_replace, "abc", "b", "[\\0]", ALL, "a[b]c", FAILURE_NONE},
    {regex_function_replace, "abc", "x*", "-", ALL, "-a-b-c-", FAILURE_NONE},
    {regex_function_replace, "baaac", "a*", "x", ALL, "xbxcx", FAILURE_NONE},
    {regex_function_replace, "\xc3\xa9\xc3\xa9", "", ".", ALL, ".\xc3\xa9.\xc3\xa9.", FAILURE_NONE},
    {regex_function_replace, "", "", "x", ALL, "x", FAILURE_NONE},
    {regex_function_replace, "test", "x", "\\9", ALL, "test", FAILURE_NONE},
    {regex_function_replace, "test", "(.)", "\\2", ALL, "", FAILURE_REPLACEMENT},
    {regex_function_replace, "test", "t", "a\\", ALL, "", FAILURE_REPLACEMENT},
    {regex_function_replace, "test", "t", "\\a", ALL, "", FAILURE_REPLACEMENT},
    {regex_function_replace, "foo bar", "(", "$2", ALL, "", FAILURE_REGEX},
    {regex_function_replace_some, "banana", "a", "x", 0, "banana", FAILURE_NONE},
    {regex_function_replace_some, "banana", "a", "x", 1, "bxnana", FAILURE_NONE},
    {regex_function_replace_some, "banana", "a", "x", 2, "bxnxna", FAILURE_NONE},
    {regex_function_replace_some, "banana", "a", "x", 100, "bxnxnx", FAILURE_NONE},
    {regex_function_replace_some, "banana", "a", "x", -12, "bxnxnx", FAILURE_NONE},
};

static struct value text_value(const char *text) {
    return value_string(slice_of(text));
}

// With a prepared pattern, or one that is only known now.
static void run_case(const struct function_case *one, bool prepared) {
    struct arena arena = fresh_arena();
    struct call call = {.arena = &arena, .steps = 100000};
    struct value arguments[4] = {text_value(one->text), text_value(one->pattern)};
    struct value result = value_null();
    enum failure failure = FAILURE_NONE;
    if (one->form != NULL) arguments[2] = text_value(one->form);
    if (one->count != ALL) arguments[3] = value_int(one->count);
    if (prepared) {
        call.pool = regex_pool_make(&arena, REGEX_POOL_BYTES);
        failure = regex_prepare(&arena, arguments[1], &arguments[1]);
    }
    if (failure == FAILURE_NONE) failure = one->body(&call, arguments, &result);
    struct text shown;
    text_init(&shown, &arena);
    show(&shown, result);
    if (failure != one->failure || !slice_is(text_slice(&shown), one->shown))
        fail_msg("/%s/ on %s: %.*s, %s", one->pattern, one->text, (int)shown.length, shown.at,
                 failure_words(failure));
    arena_free(&arena);
}

static void test_functions(void **state) {
    (void)state;
    for (uint32_t i = 0; i < LEN(function_cases); i++) {
        run_case(&function_cases[i], false);
        run_case(&function_cases[i], true);
    }
}

// Each takes steps for what it reads and makes, and stops when there are none.
static void test_steps(void **state) {
    (void)state;
    static char text[20000];
    memset(text, 'a', sizeof(text));
    for (uint32_t i = 0; i < LEN(function_cases); i++) {
        for (uint32_t prepared = 0; prepared < 2; prepared++) {
            struct arena arena = fresh_arena();
            struct call call = {.arena = &arena, .steps = prepared ? 20 : 100};
            struct value arguments[4] = {value_string((slice){text, sizeof(text)}),
                                         text_value(prepared ? "a[bc]" : "[\\pL\\pN]{100}")};
            struct value result = value_null();
            arguments[2] = text_value("bb");
            arguments[3] = value_int(1000);
            if (prepared) regex_prepare(&arena, arguments[1], &arguments[1]);
            enum failure failure = function_cases[i].body(&call, arguments, &result);
            assert_int_equal(failure, FAILURE_STEPS);
            arena_free(&arena);
        }
    }
}

static void test_long_result(void **state) {
    (void)state;
    static char text[20000];
    static char form[LIMIT_STRING / 20000 + 2];
    memset(text, 'a', sizeof(text));
    memset(form, 'b', sizeof(form));
    struct arena arena = fresh_arena();
    struct regex_pool *pool = regex_pool_make(&arena, REGEX_POOL_BYTES);
    struct call call = {.arena = &arena, .steps = 10000000, .pool = pool};
    struct value arguments[3] = {value_string((slice){text, sizeof(text)}), text_value("a"),
                                 value_string((slice){form, LIMIT_STRING / 20000})};
    struct value result;
    regex_prepare(&arena, arguments[1], &arguments[1]);
    assert_int_equal(regex_function_replace(&call, arguments, &result), FAILURE_NONE);
    assert_int_equal(result.length, LIMIT_STRING / 20000 * 20000);
    arguments[2].length++;
    assert_int_equal(regex_function_replace(&call, arguments, &result), FAILURE_TOO_LONG);
    arena_free(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_effort_of_compiling),
        cmocka_unit_test(test_refused_memory),
        cmocka_unit_test(test_effort_of_searching),
        cmocka_unit_test(test_shared_pool),
        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_steps),
        cmocka_unit_test(test_long_result),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
