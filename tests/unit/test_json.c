// The strict reader of JSON, its index, the values behind it, and the writer.
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
#include "engine/lib/json.h"

// Blocks from malloc, until the count is used up.
struct failing {
    uint32_t left;
    uint32_t held;
};

static void *failing_take(void *self, size_t bytes) {
    struct failing *failing = self;
    if (failing->left == 0) return NULL;
    failing->left--;
    failing->held++;
    return malloc(bytes);
}

static void failing_give(void *self, void *block) {
    struct failing *failing = self;
    failing->held--;
    free(block);
}

struct bench {
    struct failing failing;
    struct allocator source;
    struct arena arena;
    struct diagnostics diagnostics;
    struct json_index index;
};

static void bench_open(struct bench *bench, uint32_t blocks, size_t block_bytes) {
    bench->failing = (struct failing){blocks, 0};
    bench->source = (struct allocator){failing_take, failing_give, &bench->failing};
    arena_init(&bench->arena, &bench->source, block_bytes, 256 << 20);
    diag_init(&bench->diagnostics, &bench->arena);
}

static void bench_close(struct bench *bench) {
    arena_free(&bench->arena);
    assert_int_equal(bench->failing.held, 0);
}

static bool bench_scan(struct bench *bench, slice text) {
    bench_open(bench, UINT32_MAX, 4096);
    uint32_t source = diag_source(&bench->diagnostics, slice_of("config"), text);
    return json_scan(&bench->arena, &bench->diagnostics, source, text, &bench->index);
}

static struct value bench_value(struct bench *bench) {
    struct value *values = NULL;
    assert_true(json_tree_values(&bench->arena, &bench->index, &values));
    return values[0];
}

static slice first_line(struct bench *bench) {
    if (bench->diagnostics.first == NULL) return slice_of("accepted");
    struct text out;
    text_init(&out, &bench->arena);
    diag_render(&bench->diagnostics, bench->diagnostics.first, &out);
    int64_t end = slice_find(text_slice(&out), slice_of("\n"));
    return slice_cut(text_slice(&out), 0, (uint32_t)end);
}

static void assert_text(slice got, const char *wanted) {
    if (slice_is(got, wanted)) return;
    print_error("got    `%.*s`\nwanted `%s`\n", (int)got.length, got.at, wanted);
    fail();
}

// A JSON text that holds NUL bytes is given with its length.
struct row {
    const char *text;
    const char *wanted; // json() of the value, or the first line of the error
    uint32_t length;    // 0: up to the NUL
};

static void assert_row(const struct row *row) {
    struct bench bench;
    struct text out;
    slice text = slice_of(row->text);
    if (row->length > 0) text.length = row->length;
    bool accepted = bench_scan(&bench, text);
    text_init(&out, &bench.arena);
    assert_true(accepted == (bench.diagnostics.count == 0));
    if (accepted) assert_true(json_write(&out, bench_value(&bench)));
    assert_text(accepted ? text_slice(&out) : first_line(&bench), row->wanted);
    bench_close(&bench);
}

static void test_scan(void **state) {
    static const struct row rows[] = {
        // words
        {"null", "null", 0},
        {" \t\r\n true \n", "true", 0},
        {"false", "false", 0},
        {"", "config:1:1: error[E0701]: not JSON: the text ends here", 0},
        {"  ", "config:1:3: error[E0701]: not JSON: the text ends here", 0},
        {"nul", "config:1:1: error[E0701]: not JSON: no value starts like this", 0},
        {"True", "config:1:1: error[E0701]: not JSON: no value starts like this", 0},
        {"truex", "config:1:5: error[E0701]: not JSON: the value ends before this", 0},
        {"1 2", "config:1:3: error[E0701]: not JSON: the value ends before this", 0},
        {"{}\n{}", "config:2:1: error[E0701]: not JSON: the value ends before this", 0},
        {"1\0", "config:1:2: error[E0701]: not JSON: the value ends before this", 2},
        {"\0", "config:1:1: error[E0701]: not JSON: no value starts like this", 1},
        {"\xef\xbb\xbf{}",
         "config:1:1: error[E0701]: not JSON: a byte order mark cannot stand here", 0},
        {"'a'", "config:1:1: error[E0701]: not JSON: strings stand in double quotes", 0},
        {"// x\n1", "config:1:1: error[E0701]: not JSON: there are no comments", 0},
        {"[1, /* x */ 2]", "config:1:5: error[E0701]: not JSON: there are no comments", 0},
        {"\xff", "config:1:1: error[E0704]: the configuration is not valid UTF-8 here", 0},
        {"\xc2\xa0"
         "1",
         "config:1:1: error[E0701]: not JSON: no value starts like this", 0},
        // numbers
        {"0", "0", 0},
        {"-0", "-0", 0},
        {"-12.50e+2", "-1250", 0},
        {"1E400", "config:1:1: error[E0706]: the number `1E400` is too large for a double", 0},
        {"[1e-400]", "[0]", 0},
        {"[0, -1e999]", "config:1:5: error[E0706]: the number `-1e999` is too large for a double",
         0},
        {"01", "config:1:2: error[E0701]: not JSON: a number has no leading zero", 0},
        {"-", "config:1:2: error[E0701]: not JSON: a digit is missing here", 0},
        {"-a", "config:1:2: error[E0701]: not JSON: a digit is missing here", 0},
        {"1.", "config:1:3: error[E0701]: not JSON: a digit is missing here", 0},
        {"[1.]", "config:1:4: error[E0701]: not JSON: a digit is missing here", 0},
        {"1e", "config:1:3: error[E0701]: not JSON: a digit is missing here", 0},
        {"1e+", "config:1:4: error[E0701]: not JSON: a digit is missing here", 0},
        {".5", "config:1:1: error[E0701]: not JSON: no value starts like this", 0},
        {"+1", "config:1:1: error[E0701]: not JSON: a number has no leading `+`", 0},
        {"0x10", "config:1:2: error[E0701]: not JSON: the value ends before this", 0},
        {"NaN", "config:1:1: error[E0701]: not JSON: no value starts like this", 0},
        {"-Infinity", "config:1:2: error[E0701]: not JSON: a digit is missing here", 0},
        // strings
        {"\"\"", "\"\"", 0},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\"", 0},
        {"\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\\u001F\"", "\"Aé€😀\\u001f\"", 0},
        {"\"é€😀\x7f\"", "\"é€😀\x7f\"", 0},
        {"\"abc", "config:1:5: error[E0701]: not JSON: the text ends inside a string", 0},
        {"\"abc\\",
         "config:1:5: error[E0701]: not JSON: a backslash stands before one of \"\\/bfnrtu", 0},
        {"\"abc\\\"", "config:1:7: error[E0701]: not JSON: the text ends inside a string", 0},
        {"\"a\nb\"",
         "config:1:3: error[E0701]: not JSON: a control character in a string must be an escape",
         0},
        {"\"a\tb\"",
         "config:1:3: error[E0701]: not JSON: a control character in a string must be an escape",
         0},
        {"\"a\0b\"",
         "config:1:3: error[E0701]: not JSON: a control character in a string must be an escape",
         5},
        {"\"\\x41\"",
         "config:1:2: error[E0701]: not JSON: a backslash stands before one of \"\\/bfnrtu", 0},
        {"\"\\'\"",
         "config:1:2: error[E0701]: not JSON: a backslash stands before one of \"\\/bfnrtu", 0},
        {"\"\\u12\"",
         "config:1:2: error[E0701]: not JSON: a `u` escape has four hexadecimal digits", 0},
        {"\"\\u12g4\"",
         "config:1:2: error[E0701]: not JSON: a `u` escape has four hexadecimal digits", 0},
        {"\"\\u", "config:1:2: error[E0701]: not JSON: a `u` escape has four hexadecimal digits",
         0},
        {"\"\\ud83d\"", "config:1:2: error[E0701]: not JSON: half of a surrogate pair", 0},
        {"\"\\ud83d\\n12345\"", "config:1:2: error[E0701]: not JSON: half of a surrogate pair", 0},
        {"\"\\ud83d\\u0041\"", "config:1:2: error[E0701]: not JSON: half of a surrogate pair", 0},
        {"\"\\ud83d\\ud83d\"", "config:1:2: error[E0701]: not JSON: half of a surrogate pair", 0},
        {"\"\\ude00\\ud83d\"", "config:1:2: error[E0701]: not JSON: half of a surrogate pair", 0},
        {"\"\\ud83d\\ude0", "config:1:2: error[E0701]: not JSON: half of a surrogate pair", 0},
        {"\"\xc0\x80\"", "config:1:2: error[E0704]: the configuration is not valid UTF-8 here", 0},
        {"\"\xed\xa0\x80\"", "config:1:2: error[E0704]: the configuration is not valid UTF-8 here",
         0},
        {"{\"\xe2\x82\":1}", "config:1:3: error[E0704]: the configuration is not valid UTF-8 here",
         0},
        // lists
        {"[]", "[]", 0},
        {"[ ]", "[]", 0},
        {"[1 , [ ], [[2]] ]", "[1,[],[[2]]]", 0},
        {"[", "config:1:2: error[E0701]: not JSON: the text ends inside a list", 0},
        {"[1", "config:1:3: error[E0701]: not JSON: the text ends inside a list", 0},
        {"[1,", "config:1:4: error[E0701]: not JSON: the text ends here", 0},
        {"[1,]", "config:1:4: error[E0701]: not JSON: the comma before is one too many", 0},
        {"[,1]", "config:1:2: error[E0701]: not JSON: no value starts like this", 0},
        {"[1 2]", "config:1:4: error[E0701]: not JSON: `,` or `]` is missing here", 0},
        {"[1}", "config:1:3: error[E0701]: not JSON: `,` or `]` is missing here", 0},
        {"]", "config:1:1: error[E0701]: not JSON: no value starts like this", 0},
        // objects
        {"{}", "{}", 0},
        {"{\"b\" : 1, \"a\":{\"b\":[]}, \"\":null}", "{\"b\":1,\"a\":{\"b\":[]},\"\":null}", 0},
        {"{", "config:1:2: error[E0701]: not JSON: the text ends inside an object", 0},
        {"{\"a\"", "config:1:5: error[E0701]: not JSON: `:` is missing here", 0},
        {"{\"a\" 1}", "config:1:6: error[E0701]: not JSON: `:` is missing here", 0},
        {"{\"a\":", "config:1:6: error[E0701]: not JSON: the text ends here", 0},
        {"{\"a\":}", "config:1:6: error[E0701]: not JSON: no value starts like this", 0},
        {"{\"a\":1", "config:1:7: error[E0701]: not JSON: the text ends inside an object", 0},
        {"{\"a\":1]", "config:1:7: error[E0701]: not JSON: `,` or `}` is missing here", 0},
        {"{\"a\":1,}", "config:1:8: error[E0701]: not JSON: the comma before is one too many", 0},
        {"{\"a\":1,,}",
         "config:1:8: error[E0701]: not JSON: a key in double quotes is missing here", 0},
        {"{a:1}", "config:1:2: error[E0701]: not JSON: a key in double quotes is missing here", 0},
        {"{1:1}", "config:1:2: error[E0701]: not JSON: a key in double quotes is missing here", 0},
        // keys, by what their escapes mean
        {"{\"a\":1,\"A\":2,\"a \":3}", "{\"a\":1,\"A\":2,\"a \":3}", 0},
        {"{\"a\":{\"a\":1},\"b\":{\"a\":1}}", "{\"a\":{\"a\":1},\"b\":{\"a\":1}}", 0},
        {"{\"a\":1,\"a\":2}", "config:1:8: error[E0702]: the key `a` is given twice", 0},
        {"{\"a\":1,\"b\":2,\"\\u0061\":2}", "config:1:14: error[E0702]: the key `a` is given twice",
         0},
        {"{\"\\u00e9x\":1,\"é\\u0078\":2}",
         "config:1:14: error[E0702]: the key `éx` is given twice", 0},
        {"{\"\\/\":1,\"/\":2}", "config:1:9: error[E0702]: the key `/` is given twice", 0},
        {"{\"\\ud83d\\ude00\":1,\"😀\":2}",
         "config:1:19: error[E0702]: the key `😀` is given twice", 0},
        {"{\"\":1,\"\":2}", "config:1:7: error[E0702]: the key `` is given twice", 0},
        {"{\"\\\\u0061\":1,\"a\":2}", "{\"\\\\u0061\":1,\"a\":2}", 0},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        assert_row(&rows[i]);
}

static void test_scan_nul_escape(void **state) {
    (void)state;
    struct bench bench;
    assert_false(bench_scan(&bench, slice_of("{\"a\": \"x\\u0000\"}")));
    assert_int_equal(bench.diagnostics.first->error, ERROR_JSON_NUL);
    assert_int_equal(bench.diagnostics.first->span.start, 8);
    bench_close(&bench);
}

static void test_scan_reports_each_duplicate(void **state) {
    (void)state;
    struct bench bench;
    assert_false(bench_scan(&bench, slice_of("[{\"x\":1,\"x\":2,\"x\":3},{\"y\":1,\"y\":2}]")));
    assert_int_equal(bench.diagnostics.count, 3);
    const struct diagnostic *first = bench.diagnostics.first;
    assert_true(first->has_other);
    assert_int_equal(first->other.start, 2);
    assert_text(first->other_label, "first given here");
    bench_close(&bench);
}

// `count` times the one, then what is inside, then `count` times the other.
static char *nested(uint32_t count, const char *opening, const char *inside, const char *closing) {
    size_t open = strlen(opening), close = strlen(closing), middle = strlen(inside);
    char *text = malloc(count * (open + close) + middle + 1);
    char *at = text;
    for (uint32_t i = 0; i < count; i++, at += open)
        memcpy(at, opening, open);
    memcpy(at, inside, middle);
    at += middle;
    for (uint32_t i = 0; i < count; i++, at += close)
        memcpy(at, closing, close);
    *at = '\0';
    return text;
}

static void test_scan_depth(void **state) {
    static const struct {
        uint32_t count;
        const char *opening, *inside, *closing, *wanted;
    } rows[] = {
        {64, "[", "", "]", "accepted"},
        {65, "[", "", "]",
         "config:1:65: error[E0705]: the configuration is nested more than 64 levels deep"},
        {10000, "[", "", "]",
         "config:1:65: error[E0705]: the configuration is nested more than 64 levels deep"},
        {10000, "[", "", "",
         "config:1:65: error[E0705]: the configuration is nested more than 64 levels deep"},
        {64, "{\"a\":", "1", "}", "accepted"},
        {65, "{\"a\":", "1", "}",
         "config:1:321: error[E0705]: the configuration is nested more than 64 levels deep"},
        {32, "[{\"a\":", "[]", "}]",
         "config:1:193: error[E0705]: the configuration is nested more than 64 levels deep"},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct bench bench;
        char *text = nested(rows[i].count, rows[i].opening, rows[i].inside, rows[i].closing);
        bool accepted = bench_scan(&bench, slice_of(text));
        if (accepted) assert_int_equal(bench_value(&bench).depth, LIMIT_NESTING);
        assert_text(first_line(&bench), rows[i].wanted);
        bench_close(&bench);
        free(text);
    }
}

static void assert_scan_line(char *text, const char *wanted) {
    struct bench bench;
    if (bench_scan(&bench, slice_of(text))) bench_value(&bench);
    assert_text(first_line(&bench), wanted);
    bench_close(&bench);
    free(text);
}

static void test_scan_text_limit(void **state) {
    (void)state;
    char *text = nested(LIMIT_CONFIG_TEXT - 2, "a", "", "");
    text[0] = text[LIMIT_CONFIG_TEXT - 3] = '"';
    assert_scan_line(text, "accepted");
    text = nested(LIMIT_CONFIG_TEXT, " ", "", "");
    text[0] = '1';
    assert_scan_line(text, "accepted");
    text = nested(LIMIT_CONFIG_TEXT + 1, " ", "", "");
    text[0] = '1';
    assert_scan_line(text, "config:1:4194305: error[E0711]: the configuration may have 4194304 "
                           "bytes");
}

// The list itself is a value too.
static void test_scan_value_limit(void **state) {
    (void)state;
    char *text = nested(LIMIT_CONFIG_VALUES - 1, ",0", "]", "");
    text[0] = '[';
    assert_scan_line(text, "accepted");
    text = nested(LIMIT_CONFIG_VALUES, ",0", "]", "");
    text[0] = '[';
    assert_scan_line(text, "config:1:400000: error[E0711]: the configuration may have 200000 "
                           "values");
    // commas and brackets of strings are no values
    text = nested(LIMIT_CONFIG_VALUES + 5, "[,{", "\"]", "");
    text[0] = '[';
    text[1] = '"';
    assert_scan_line(text, "accepted");
}

enum { KEY_BYTES = 12 }; // `"KKKKKKKK":0` and a comma

// Keys that are multiples of `factor`: in no order for a large odd one.
static char *many_keys(uint32_t count, uint32_t factor) {
    char *text = malloc((size_t)count * (KEY_BYTES + 1) + 2);
    char *at = text;
    *at++ = '{';
    for (uint32_t i = 0; i < count; i++) {
        char digits[16];
        snprintf(digits, sizeof digits, "\"%08x\":0,", i * factor);
        memcpy(at, digits, KEY_BYTES + 1);
        at += KEY_BYTES + 1;
    }
    at[-1] = '}';
    *at = '\0';
    return text;
}

static void test_scan_many_keys(void **state) {
    (void)state;
    uint32_t count = LIMIT_CONFIG_VALUES - 1;
    char *text = many_keys(count, 2654435761u);
    struct bench bench;
    assert_true(bench_scan(&bench, slice_of(text)));
    for (uint32_t i = 0; i < count; i++) {
        char key[16];
        snprintf(key, sizeof key, "%08x", i * 2654435761u);
        assert_int_equal(json_child(&bench.index, 0, slice_of(key)), i + 1);
    }
    bench_close(&bench);
    free(text);
    // all alike: each is reported, some are kept
    text = many_keys(count, 0);
    assert_false(bench_scan(&bench, slice_of(text)));
    assert_int_equal(bench.diagnostics.count, count - 1);
    assert_int_equal(bench.diagnostics.kept, LIMIT_DIAGNOSTICS);
    bench_close(&bench);
    free(text);
}

static void test_child(void **state) {
    (void)state;
    struct bench bench;
    slice text = slice_of("{\"b\":[1,{\"x\":2}],\"a\":3,\"\\u0063\\n\":4,\"\\\\u0064\":5,\"\":6}");
    assert_true(bench_scan(&bench, text));
    const struct json_index *index = &bench.index;
    assert_int_equal(index->count, 9);
    assert_int_equal(json_child(index, 0, slice_of("b")), 1);
    assert_int_equal(json_child(index, 0, slice_of("a")), 5);
    assert_int_equal(json_child(index, 0, slice_of("c\n")), 6);
    assert_int_equal(json_child(index, 0, slice_of("\\u0064")), 7);
    assert_int_equal(json_child(index, 0, slice_of("")), 8);
    assert_int_equal(json_child(index, 3, slice_of("x")), 4);
    assert_int_equal(json_child(index, 0, slice_of("x")), JSON_NONE);
    assert_int_equal(json_child(index, 0, slice_of("\\u0063\\n")), JSON_NONE);
    assert_int_equal(json_child(index, 0, slice_of("d")), JSON_NONE);
    assert_int_equal(json_child(index, 1, slice_of("x")), JSON_NONE);
    assert_int_equal(json_child(index, 5, slice_of("a")), JSON_NONE);
    assert_int_equal(index->nodes[1].next, 5);
    assert_int_equal(index->nodes[1].count, 2);
    assert_int_equal(index->nodes[1].key_start, 1);
    assert_int_equal(index->nodes[1].key_end, 4);
    bench_close(&bench);
}

static void test_minify(void **state) {
    static const struct {
        const char *text, *whole, *without; // without `rules` and `weir`
    } rows[] = {
        {"{ }", "{}", "{}"},
        {" {\"rules\" : \"a b\" } ", "{\"rules\":\"a b\"}", "{}"},
        {"{\"b\": 1.50, \"weir\": {\"x\": [1, 2]},\n\t\"a\" : \"\\u0041 \\\" b\"}",
         "{\"b\":1.50,\"weir\":{\"x\":[1,2]},\"a\":\"\\u0041 \\\" b\"}",
         "{\"b\":1.50,\"a\":\"\\u0041 \\\" b\"}"},
        {"{\"we\\u0069r\": 1, \"c\\u0061\": [ 1e2 , -0.0 ], \"rules2\": null}",
         "{\"we\\u0069r\":1,\"c\\u0061\":[1e2,-0.0],\"rules2\":null}",
         "{\"c\\u0061\":[1e2,-0.0],\"rules2\":null}"},
        {"{\"a\": {\"rules\": 1}, \"n\": 12345678901234567890}",
         "{\"a\":{\"rules\":1},\"n\":12345678901234567890}",
         "{\"a\":{\"rules\":1},\"n\":12345678901234567890}"},
    };
    static const slice keys[] = {{"rules", 5}, {"weir", 4}};
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct bench bench;
        struct text whole, without;
        assert_true(bench_scan(&bench, slice_of(rows[i].text)));
        text_init(&whole, &bench.arena);
        text_init(&without, &bench.arena);
        json_minify(&whole, &bench.index, 0);
        json_minify_without(&without, &bench.index, 0, keys, LEN(keys));
        assert_text(text_slice(&whole), rows[i].whole);
        assert_text(text_slice(&without), rows[i].without);
        bench_close(&bench);
    }
}

static void test_tree(void **state) {
    (void)state;
    struct bench bench;
    struct value *values = NULL;
    assert_true(bench_scan(&bench, slice_of("{\"a\":[null,true,2.5],\"b\":{},\"c\":\"x\"}")));
    assert_true(json_tree_values(&bench.arena, &bench.index, &values));
    assert_int_equal(values[0].kind, TYPE_MAP);
    assert_int_equal(values[0].length, 3);
    assert_text(value_text(values[0].as.items[2]), "b");
    assert_int_equal(values[1].kind, TYPE_LIST);
    assert_ptr_equal(values[0].as.items[1].as.items, values[1].as.items);
    assert_int_equal(values[2].kind, TYPE_NULL);
    assert_true(values[3].as.boolean);
    assert_int_equal(values[4].kind, TYPE_DOUBLE);
    assert_true(values[4].as.real == 2.5);
    assert_int_equal(values[5].kind, TYPE_MAP);
    assert_int_equal(values[5].length, 0);
    assert_int_equal(values[0].depth, 2);
    assert_int_equal(values[0].as.items[1].depth, 1);
    assert_int_equal(values[5].depth, 1);
    assert_int_equal(values[6].depth, 0);
    assert_text(value_text(values[6]), "x");
    bench_close(&bench);
}

// True when the whole way from text to text had memory enough.
static bool read_and_write(struct bench *bench, slice text) {
    struct value *values = NULL;
    struct text out;
    uint32_t source = diag_source(&bench->diagnostics, slice_of("config"), text);
    if (bench->diagnostics.out_of_memory) return false;
    if (!json_scan(&bench->arena, &bench->diagnostics, source, text, &bench->index)) {
        assert_true(bench->diagnostics.out_of_memory);
        return false;
    }
    if (!json_tree_values(&bench->arena, &bench->index, &values)) return false;
    text_init(&out, &bench->arena);
    assert_true(json_write(&out, values[0]));
    return !out.failed;
}

static void test_no_memory(void **state) {
    (void)state;
    slice text = slice_of("{\"a\":[1,2.5,\"a long enough string to need a block of its own\"],"
                          "\"b\":{\"c\":{\"d\":[[[null]]]}},\"e\":true}");
    bool done = false;
    for (uint32_t blocks = 0; !done; blocks++) {
        struct bench bench;
        bench_open(&bench, blocks, 32);
        done = read_and_write(&bench, text);
        assert_true(done == !bench.arena.failed);
        bench_close(&bench);
        assert_true(blocks < 1000);
    }
}

static void test_no_memory_for_errors(void **state) {
    static const char *const texts[] = {"{\"a\":1,\"a\":2,\"\\u0061\":3}", "[1e999]", "\"abc",
                                        "{\"a\":[1,}"};
    (void)state;
    for (size_t i = 0; i < LEN(texts); i++) {
        bool done = false;
        for (uint32_t blocks = 0; !done; blocks++) {
            struct bench bench;
            bench_open(&bench, blocks, 32);
            uint32_t source =
                diag_source(&bench.diagnostics, slice_of("config"), slice_of(texts[i]));
            done = !bench.diagnostics.out_of_memory;
            assert_false(done && json_scan(&bench.arena, &bench.diagnostics, source,
                                           slice_of(texts[i]), &bench.index));
            done = done && !bench.arena.failed;
            assert_true(bench.arena.failed == bench.diagnostics.out_of_memory);
            bench_close(&bench);
            assert_true(blocks < 1000);
        }
    }
}

static struct value typed(enum type type, int64_t integer) {
    return (struct value){.kind = (uint8_t)type, .as.integer = integer};
}

static struct value from_text(enum type type, const char *text, uint32_t length) {
    return (struct value){.kind = (uint8_t)type, .length = length, .as.text = text};
}

static void test_write_scalars(void **state) {
    double infinite = strtod("inf", NULL);
    const struct {
        struct value value;
        const char *wanted; // NULL: it has no JSON form
    } rows[] = {
        {value_null(), "null"},
        {value_bool(true), "true"},
        {value_bool(false), "false"},
        {value_int(INT64_MIN), "-9223372036854775808"},
        {value_int(INT64_MAX), "9223372036854775807"},
        {typed(TYPE_UINT, -1), "18446744073709551615"},
        {value_double(1), "1"},
        {value_double(0.1), "0.1"},
        {value_double(-1e300), "-1e+300"},
        {value_double(infinite), NULL},
        {value_double(-infinite), NULL},
        {value_double(infinite - infinite), NULL},
        {value_string(slice_of("")), "\"\""},
        {value_string(slice_of("a\"b\\c/d")), "\"a\\\"b\\\\c/d\""},
        {value_string(slice_of("\b\f\n\r\t\x01\x1f\x7f")), "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\""},
        {from_text(TYPE_STRING, "a\0b", 3), "\"a\\u0000b\""},
        {value_string(slice_of("é€😀")), "\"é€😀\""},
        {value_string(slice_of("a\xff"
                               "b\xc3")),
         "\"a\xef\xbf\xbd"
         "b\xef\xbf\xbd\""},
        {value_string(slice_of("\xed\xa0\x80")), "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
        {from_text(TYPE_BYTES, "", 0), "\"\""},
        {from_text(TYPE_BYTES, "f", 1), "\"Zg==\""},
        {from_text(TYPE_BYTES, "fo", 2), "\"Zm8=\""},
        {from_text(TYPE_BYTES, "foo", 3), "\"Zm9v\""},
        {from_text(TYPE_BYTES, "foobar", 6), "\"Zm9vYmFy\""},
        {from_text(TYPE_BYTES, "\xfb\xff\0", 3), "\"+/8A\""},
        {typed(TYPE_DURATION, 0), "\"0s\""},
        {typed(TYPE_DURATION, 1500000000), "\"1.5s\""},
        {typed(TYPE_DURATION, -1), "\"-0.000000001s\""},
        {typed(TYPE_DURATION, 60000000000), "\"60s\""},
        {typed(TYPE_DURATION, INT64_MIN), "\"-9223372036.854775808s\""},
        {typed(TYPE_TIMESTAMP, 0), "\"1970-01-01T00:00:00Z\""},
        {typed(TYPE_TIMESTAMP, -62135596800), "\"0001-01-01T00:00:00Z\""},
        {typed(TYPE_ERROR, 0), NULL},
        {typed(TYPE_HEADERS, 0), NULL},
        {typed(TYPE_NONE, 0), NULL},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        struct bench bench;
        struct text out;
        bench_open(&bench, UINT32_MAX, 4096);
        text_init(&out, &bench.arena);
        assert_true(json_write(&out, rows[i].value) == (rows[i].wanted != NULL));
        if (rows[i].wanted != NULL) assert_text(text_slice(&out), rows[i].wanted);
        bench_close(&bench);
    }
}

static void test_write_maps(void **state) {
    const struct value one[] = {value_int(1)};
    const struct value entries[] = {
        value_string(slice_of("a\"")),
        {.kind = TYPE_LIST, .length = 1, .as.items = one},
        value_int(-5),
        {.kind = TYPE_LIST},
        typed(TYPE_UINT, 7),
        {.kind = TYPE_MAP},
        value_bool(true),
        value_null(),
        value_double(1),
        value_null(),
    };
    struct value map = {.kind = TYPE_MAP, .length = 4, .as.items = entries};
    (void)state;
    struct bench bench;
    struct text out;
    bench_open(&bench, UINT32_MAX, 4096);
    text_init(&out, &bench.arena);
    assert_true(json_write(&out, map));
    assert_text(text_slice(&out), "{\"a\\\"\":[1],\"-5\":[],\"7\":{},\"true\":null}");
    map.length = 5; // a double is no key
    assert_false(json_write(&out, map));
    bench_close(&bench);
}

static void test_write_depth(void **state) {
    (void)state;
    struct value lists[LIMIT_NESTING + 1];
    lists[0] = (struct value){.kind = TYPE_LIST};
    for (uint32_t i = 1; i < LEN(lists); i++) {
        lists[i] = (struct value){.kind = TYPE_LIST, .length = 1, .as.items = &lists[i - 1]};
    }
    struct bench bench;
    struct text out;
    bench_open(&bench, UINT32_MAX, 4096);
    text_init(&out, &bench.arena);
    assert_true(json_write(&out, lists[LIMIT_NESTING - 1]));
    assert_int_equal(out.length, 2 * LIMIT_NESTING);
    assert_false(json_write(&out, lists[LIMIT_NESTING]));
    bench_close(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan),
        cmocka_unit_test(test_scan_nul_escape),
        cmocka_unit_test(test_scan_reports_each_duplicate),
        cmocka_unit_test(test_scan_depth),
        cmocka_unit_test(test_scan_text_limit),
        cmocka_unit_test(test_scan_value_limit),
        cmocka_unit_test(test_scan_many_keys),
        cmocka_unit_test(test_child),
        cmocka_unit_test(test_minify),
        cmocka_unit_test(test_tree),
        cmocka_unit_test(test_no_memory),
        cmocka_unit_test(test_no_memory_for_errors),
        cmocka_unit_test(test_write_scalars),
        cmocka_unit_test(test_write_maps),
        cmocka_unit_test(test_write_depth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
