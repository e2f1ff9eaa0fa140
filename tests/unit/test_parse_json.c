// parse_json: what it accepts and makes, always compared with the reader of pluginConfig.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "engine/conf/json_scan.h"
#include "engine/conf/json_tree.h"
#include "tests/unit/bodies.h"

function_body parse_json;

static bool same(struct value x, struct value y) {
    if (x.kind != y.kind || x.depth != y.depth || x.length != y.length) return false;
    switch (x.kind) {
    case TYPE_BOOL: return x.as.boolean == y.as.boolean;
    case TYPE_DOUBLE: return memcmp(&x.as.real, &y.as.real, sizeof(double)) == 0;
    case TYPE_STRING: return slice_equal(value_text(x), value_text(y));
    case TYPE_LIST:
    case TYPE_MAP: break;
    default: return x.kind == TYPE_NULL;
    }
    for (uint32_t i = 0; i < x.length * (x.kind == TYPE_MAP ? 2 : 1); i++) {
        if (!same(x.as.items[i], y.as.items[i])) return false;
    }
    return true;
}

// Both accept the text and make the same of it, or both refuse; whether they accept.
static bool check(slice text) {
    struct bodies bodies, other;
    struct diagnostics diagnostics;
    struct json_index index;
    struct value argument = value_string(text), out = {.kind = TYPE_NONE}, *values;
    bodies_open(&bodies, UINT32_MAX);
    bodies_open(&other, UINT32_MAX);
    diag_init(&diagnostics, &other.arena);
    uint32_t source = diag_source(&diagnostics, slice_of("config"), text);
    bool accepted = json_scan(&other.arena, &diagnostics, source, text, &index);
    enum failure failure = bodies_call(&bodies, parse_json, 1, &argument, &out);
    bool agree = accepted == (failure == FAILURE_NONE);
    if (!accepted) agree = agree && out.kind == TYPE_NONE;
    if (agree && accepted) {
        assert_true(json_tree_values(&other.arena, &index, &values));
        agree = same(out, values[0]);
    }
    if (!agree) fail_msg("`%.*s`: %d", (int)text.length, text.at, (int)failure);
    bodies_close(&other);
    bodies_close(&bodies);
    return accepted;
}

static const char *const accepted[] = {
    "null",
    "true",
    " \t\r\n false \n",
    "0",
    "-0",
    "-0.0",
    "1e5",
    "1E+5",
    "1e-5",
    "0.1",
    "123456789012345678901234567890",
    "1.7976931348623157e308",
    "5e-324",
    "1e-999",
    "9007199254740993",
    "\"\"",
    "\"a\"",
    "\"h\xc3\xa4\"",
    "\"\x7f\"",
    "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
    "\"\\u0041\\u00e4\\u20AC\\ud83d\\ude00x\"",
    "\"\\uffff\\ufffe\\ud7ff\\ue000\"",
    "[]",
    "[ ]",
    "{}",
    "{ }",
    "[[],{},[[]]]",
    "[1,2,3]",
    "[1, [2, {\"a\": [3]}, \"x\"], null]",
    "{\"a\":1,\"b\":{\"c\":[]},\"\":2}",
    "{\"a\":{\"a\":{\"a\":1}}}",
    "{\"a\":1,\"A\":2}",
    "{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1,\"10\":1}",
    "[{\"a\":1},{\"a\":1}]",
    "[\",\",\"[\",\":\",\"{\",\"\\\"\",\"\\\\\"]",
};

static const char *const refused[] = {
    "",
    " ",
    "nul",
    "nulll",
    "True",
    "NaN",
    "Infinity",
    "-",
    "+1",
    "01",
    "-01",
    ".5",
    "1.",
    "1.e5",
    "1e",
    "1e+",
    "1e999",
    "-1e999",
    "0x10",
    "1 2",
    "1,",
    "[",
    "]",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[1 2]",
    "[1}",
    "{",
    "}",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{\"a\" 1}",
    "{\"a\":1]",
    "{a:1}",
    "{1:1}",
    "{\"a\":1 \"b\":2}",
    "{,}",
    "{\"a\"}",
    "{\"a\",\"b\"}",
    "[\"a\":1]",
    "[1:2]",
    "[[]",
    "[]]",
    "{}{}",
    "\"",
    "\"a",
    "\"\\\"",
    "\"\\",
    "\"\\x\"",
    "\"\\u\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"\\ud800x\"",
    "\"\\ud800\\n\"",
    "\"\\ud800\\u0041\"",
    "\"\\udc00\"",
    "\"\\udc00\\ud800\"",
    "\"\\ud800\\ud800\"",
    "\"\\ud83d\\ude0\"",
    "\"\n\"",
    "\"\t\"",
    "\"\x01\"",
    "\"\\\n\"",
    "\"\xff\"",
    "\"\xc3\"",
    "\"\xed\xa0\x80\"",
    "\"\xc0\xaf\"",
    "\xef\xbb\xbf{}",
    "\xff",
    "\f1",
    "\xc2\xa0 1",
    "'a'",
    "// x\n1",
    "/* x */ 1",
    "{\"a\":1,\"a\":1}",
    "{\"a\":1,\"\\u0061\":1}",
    "{\"b\":{\"a\":1,\"c\":1,\"a\":2}}",
    "{\"\":1,\"\":1}",
    "{\"1\":1,\"2\":1,\"3\":1,\"4\":1,\"5\":1,\"6\":1,\"7\":1,\"8\":1,\"9\":1,\"1\":1}",
};

static void test_texts(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(accepted); i++) {
        if (!check(slice_of(accepted[i]))) fail_msg("refused: `%s`", accepted[i]);
    }
    for (size_t i = 0; i < LEN(refused); i++) {
        if (check(slice_of(refused[i]))) fail_msg("accepted: `%s`", refused[i]);
    }
    assert_false(check(slice_from("1\0", 2)));
    assert_false(check(slice_from("\"\0\"", 3)));
    assert_false(check((slice){NULL, 0}));
}

static void test_nesting(void **state) {
    (void)state;
    char text[2 * (LIMIT_NESTING + 1) + 1];
    for (uint32_t levels = LIMIT_NESTING - 1; levels <= LIMIT_NESTING + 1; levels++) {
        memset(text, '[', levels);
        memset(text + levels, ']', levels);
        assert_int_equal(check(slice_from(text, 2 * levels)), levels <= LIMIT_NESTING);
    }
    struct bodies bodies;
    struct value deep = value_string(slice_from(text, LIMIT_NESTING + 1)), out;
    bodies_open(&bodies, UINT32_MAX);
    assert_int_equal(bodies_call(&bodies, parse_json, 1, &deep, &out), FAILURE_TOO_DEEP);
    bodies_close(&bodies);
}

static uint32_t next_random(uint32_t *seed) {
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

// Accepted texts with a byte or two changed, dropped or doubled.
static void test_damage(void **state) {
    (void)state;
    static const char bytes[] = "\"\\{}[]:,0-9.eEu adt\n\x01\xc3\xa4";
    uint32_t seed = 3, kept = 0;
    for (uint32_t round = 0; round < 60000; round++) {
        char text[256];
        const char *from = accepted[next_random(&seed) % LEN(accepted)];
        uint32_t length = (uint32_t)strlen(from);
        memcpy(text, from, length);
        for (uint32_t i = 0; i < 1 + round % 2 && length > 0; i++) {
            uint32_t at = next_random(&seed) % length;
            switch (next_random(&seed) % 3) {
            case 0: text[at] = bytes[next_random(&seed) % (sizeof bytes - 1)]; break;
            case 1: memmove(text + at, text + at + 1, --length - at); break;
            default: memmove(text + at + 1, text + at, length++ - at); break;
            }
        }
        kept += check(slice_from(text, length));
    }
    assert_in_range(kept, 3000, 50000);
}

// Objects with many keys, the last of which may be the first again.
static void test_many_keys(void **state) {
    (void)state;
    enum { KEYS = 20000 };
    char *text = malloc(KEYS * 16 + 2);
    for (uint32_t twice = 0; twice < 2; twice++) {
        uint32_t length = 0;
        text[length++] = '{';
        for (uint32_t i = 0; i < KEYS; i++) {
            uint32_t key = twice == 1 && i == KEYS - 1 ? 0 : i * 7919 % 65536;
            length += (uint32_t)snprintf(text + length, 16, "%s\"%u\":1", i > 0 ? "," : "", key);
        }
        text[length++] = '}';
        assert_int_equal(check(slice_from(text, length)), twice == 0);
    }
    free(text);
}

static void test_limits(void **state) {
    (void)state;
    struct value text = bodies_string("{\"a\":[1,\"\\n\"],\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,"
                                      "\"g\":1,\"h\":1,\"i\":1,\"long\":1}");
    for (uint32_t blocks = 0;; blocks++) {
        struct bodies bodies;
        struct value out;
        bodies_open(&bodies, blocks);
        enum failure failure = bodies_call(&bodies, parse_json, 1, &text, &out);
        bodies_close(&bodies);
        if (failure == FAILURE_NONE) break;
        assert_int_equal(failure, FAILURE_NO_MEMORY);
        assert_true(blocks < 10);
    }
    struct bodies bodies;
    struct value out;
    bodies_open(&bodies, UINT32_MAX);
    bodies.call.steps = 0;
    assert_int_equal(bodies_call(&bodies, parse_json, 1, &text, &out), FAILURE_STEPS);
    bodies_close(&bodies);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),  cmocka_unit_test(test_nesting),
        cmocka_unit_test(test_damage), cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
