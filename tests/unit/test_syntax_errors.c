// What the grammar refuses, in what words and where; beside it what it accepts.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "tests/unit/parsing.h"

struct refusal {
    const char *text;
    const char *errors; // a line each; "" where the text is good
};

static void expect_errors_of(slice text, const char *wanted, enum parse_goal goal) {
    struct parsing parsing;
    parsing_begin(&parsing, UINT32_MAX, 64 << 10);
    parsing_run(&parsing, text, goal);
    slice got = parsing_errors(&parsing);
    if (!slice_is(got, wanted)) {
        print_message("text: %.*s\ngot:\n%.*s\nwant:\n%s\n", (int)text.length, text.at,
                      (int)got.length, got.at, wanted);
    }
    assert_true(slice_is(got, wanted));
    assert_int_equal(parsing.good, wanted[0] == '\0');
    parsing_end(&parsing);
}

static void expect_refusals(const struct refusal *refusals, uint32_t count, enum parse_goal goal) {
    for (uint32_t i = 0; i < count; i++) {
        expect_errors_of(slice_of(refusals[i].text), refusals[i].errors, goal);
    }
}

// The help of the only error.
static void expect_help(const char *text, const char *help) {
    struct parsing parsing;
    parsing_begin(&parsing, UINT32_MAX, 64 << 10);
    parsing_run(&parsing, slice_of(text), PARSE_RULES);
    assert_int_equal(parsing.diagnostics.count, 1);
    slice got = parsing.diagnostics.first->help;
    if (!slice_is(got, help)) print_message("%s\n%.*s\n", text, (int)got.length, got.at);
    assert_true(slice_is(got, help));
    parsing_end(&parsing);
}

// E01xx

static void test_bytes(void **state) {
    (void)state;
    static const char utf8[] = "1:10: E0101 the text is not valid UTF-8 here";
    static const char nul[] = "1:10: E0102 a NUL byte cannot stand in a rule text";
    expect_errors_of(slice_of("let a = '\xc3\xa9'\n// \xe2\x82\xac"), "", PARSE_RULES);
    expect_errors_of(slice_of("let a = '\xff'"), utf8, PARSE_RULES);
    expect_errors_of(slice_of("let a = '\xc3'"), utf8, PARSE_RULES);
    expect_errors_of(slice_of("let a = '\xed\xa0\x80'"), utf8, PARSE_RULES);
    expect_errors_of(slice_of("let a = '\xc0\x80'"), utf8, PARSE_RULES);
    expect_errors_of(slice_of("let a = 1\xff"), utf8, PARSE_RULES);
    expect_errors_of(slice_of("// abcdef\xff\nlet a = 1"), utf8, PARSE_RULES);
    expect_errors_of(slice_from("let a = '\0'", 11), nul, PARSE_RULES);
    expect_errors_of(slice_from("// abcdef\0\n", 11), nul, PARSE_RULES);
    expect_errors_of(slice_from("let a = 1\0", 10), nul, PARSE_RULES);
}

static void test_characters(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"a @", "1:3: E0103 the character `@` cannot stand here"},
        {"a\xe2\x82\xac", "1:2: E0103 the character `\xe2\x82\xac` cannot stand here"},
        {"'\xc3\xa9' \xc3\xa9", "1:5: E0103 the character `\xc3\xa9` cannot stand here"},
        {"a \x01", "1:3: E0103 the character `\x01` cannot stand here"},
        {"a & b", "1:3: E0103 the character `&` cannot stand here"},
        {"a.`b", "1:3: E0103 the character ``` cannot stand here"},
        {"a.``", "1:3: E0103 the character ``` cannot stand here"},
        {"a.`b\nc`", "1:3: E0103 the character ``` cannot stand here"},
        {"a \\", "1:3: E0103 the character `\\` cannot stand here"},
    };
    expect_refusals(refusals, LEN(refusals), PARSE_EXPRESSION);
    expect_help("let a = 1;", "statements need no end mark");
    expect_help("# x\nlet a = 1", "comments begin with `//`");
    expect_help("let a = b & c", "`&&` is the logical and");
    expect_help("let a = \xe2\x80\x9cx\xe2\x80\x9d", "strings stand in \"…\" or '…'");
}

static void test_touching_numbers(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"403body", "1:1: E0104 `403body` is neither a number nor a name"},
        {"1h30", "1:1: E0104 `1h30` is neither a number nor a name"},
        {"2per", "1:1: E0104 `2per` is neither a number nor a name"},
        {"1_000", "1:1: E0104 `1_000` is neither a number nor a name"},
        {"0x", "1:1: E0104 `0x` is neither a number nor a name"},
        {"0X1", "1:1: E0104 `0X1` is neither a number nor a name"},
        {"0xg", "1:1: E0104 `0xg` is neither a number nor a name"},
        {"1uu", "1:1: E0104 `1uu` is neither a number nor a name"},
        {"1e", "1:1: E0104 `1e` is neither a number nor a name"},
        {"1e+5x", "1:1: E0104 `1e+5x` is neither a number nor a name"},
        {"1.5u", "1:1: E0104 `1.5u` is neither a number nor a name"},
        {".5s", "1:1: E0104 `.5s` is neither a number nor a name"},
        {"1e3s", "1:1: E0104 `1e3s` is neither a number nor a name"},
        {"1h 30m1", "1:4: E0104 `30m1` is neither a number nor a name"},
        {"5min", "1:1: E0104 `5min` is neither a number nor a name"},
        {"1.2.3.4", "1:1: E0104 `1.2.3.4` is neither a number nor a name"},
        {"1h1.5x", "1:1: E0104 `1h1.5x` is neither a number nor a name"},
        {"1.f", ""},
        {"0xe+5", ""},
        {"1.5.f", ""},
        {"1h30m.f", ""},
    };
    expect_refusals(refusals, LEN(refusals), PARSE_EXPRESSION);
}

static void test_unterminated_strings(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"'", "1:1: E0105 this string has no end"},
        {"'abc", "1:1: E0105 this string has no end"},
        {"\"abc", "1:1: E0105 this string has no end"},
        {"'abc\n'", "1:1: E0105 this string has no end"},
        {"'abc\r'", "1:1: E0105 this string has no end"},
        {"'abc\\", "1:1: E0105 this string has no end"},
        {"'abc\\'", "1:1: E0105 this string has no end"},
        {"'abc\\\n'", "1:1: E0105 this string has no end"},
        {"'''abc''", "1:1: E0105 this string has no end"},
        {"'''abc\\'''", "1:1: E0105 this string has no end"},
        {"\"\"\"abc\n\"\"", "1:1: E0105 this string has no end"},
        {"b'abc", "1:1: E0105 this string has no end"},
        {"r'abc\n'", "1:1: E0105 this string has no end"},
        {"br\"\"\"abc", "1:1: E0105 this string has no end"},
        {"r'\\'", ""},
        {"'''\n'''", ""},
        {"''''a'''", ""},
    };
    expect_refusals(refusals, LEN(refusals), PARSE_EXPRESSION);
}

static void test_escapes(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"'a\\q'", "1:3: E0106 `\\q` is not an escape of a string"},
        {"'\\\xc3\xa9'", "1:2: E0106 `\\\xc3\xa9` is not an escape of a string"},
        {"'\\x1'", "1:2: E0106 `\\x1` is not an escape of a string"},
        {"'\\x'", "1:2: E0106 `\\x` is not an escape of a string"},
        {"'\\xg1'", "1:2: E0106 `\\x` is not an escape of a string"},
        {"'\\u123'", "1:2: E0106 `\\u123` is not an escape of a string"},
        {"'\\ud800'", "1:2: E0106 `\\ud800` is not an escape of a string"},
        {"'\\udfff'", "1:2: E0106 `\\udfff` is not an escape of a string"},
        {"'\\U0000d800'", "1:2: E0106 `\\U0000d800` is not an escape of a string"},
        {"'\\U00110000'", "1:2: E0106 `\\U00110000` is not an escape of a string"},
        {"'\\U1234567'", "1:2: E0106 `\\U1234567` is not an escape of a string"},
        {"'\\400'", "1:2: E0106 `\\400` is not an escape of a string"},
        {"'\\18'", "1:2: E0106 `\\18` is not an escape of a string"},
        {"'\\8'", "1:2: E0106 `\\8` is not an escape of a string"},
        {"b'\\u0041'", "1:3: E0106 `\\u0041` is not an escape of a string"},
        {"b'\\U00000041'", "1:3: E0106 `\\U00000041` is not an escape of a string"},
        {"'''\\\n'''", "1:4: E0106 `\\\n` is not an escape of a string"},
        {"'\\q' + '\\z'", "1:2: E0106 `\\q` is not an escape of a string\n"
                          "1:9: E0106 `\\z` is not an escape of a string"},
        {"r'\\q'", ""},
        {"b'\\xff'", ""},
        {"'\\377\\U0010ffff'", ""},
    };
    expect_refusals(refusals, LEN(refusals), PARSE_EXPRESSION);
}

static void test_ranges(void **state) {
    (void)state;
    static const char big[] =
        "1:1: E0107 the number `9223372036854775808` is outside what an int can hold";
    static const struct refusal refusals[] = {
        {"9223372036854775808", big},
        {"9223372036854775808 - 1", big},
        {"-9223372036854775808", ""},
        {"--9223372036854775808", ""},
        {"-9223372036854775809",
         "1:2: E0107 the number `9223372036854775809` is outside what an int can hold"},
        {"- 9223372036854775808",
         "1:3: E0107 the number `9223372036854775808` is outside what an int can hold"},
        {"-(9223372036854775808)",
         "1:2: E0107 the number `(9223372036854775808)` is outside what an int can hold"},
        {"a-9223372036854775808",
         "1:3: E0107 the number `9223372036854775808` is outside what an int can hold"},
        {"0x8000000000000000",
         "1:1: E0107 the number `0x8000000000000000` is outside what an int can hold"},
        {"18446744073709551615u", ""},
        {"18446744073709551616u",
         "1:1: E0107 the number `18446744073709551616u` is outside what a uint can hold"},
        {"0x10000000000000000u",
         "1:1: E0107 the number `0x10000000000000000u` is outside what a uint can hold"},
        {"1e308", ""},
        {"1e309", "1:1: E0107 the number `1e309` is outside what a double can hold"},
        {"106751d", ""},
        {"106752d", "1:1: E0107 the number `106752d` is outside what a duration can hold"},
        {"9223372036854775808ns",
         "1:1: E0107 the number `9223372036854775808ns` is outside what a duration can hold"},
        {"99999999999999999999s",
         "1:1: E0107 the number `99999999999999999999s` is outside what a duration can hold"},
    };
    expect_refusals(refusals, LEN(refusals), PARSE_EXPRESSION);
}

static void test_comments(void **state) {
    (void)state;
    static const char hidden[] =
        "1:1: E0108 a comment in a text without a line break hides everything behind it";
    static const struct refusal refusals[] = {
        {"// a rule a { deny }", hidden},
        {"//", hidden},
        {"let a = 1 // one", "1:11: E0108 a comment in a text without a line break hides "
                             "everything behind it"},
        {"rule a { // all } rule b {}", "1:10: E0108 a comment in a text without a line break "
                                        "hides everything behind it"},
        {"let a = 1 // one\n", ""},
        {"let a = '// one'", ""},
        {"// nothing\n", "1:1: E0109 this text holds no statement"},
        {"\n\n // a\n // b\n", "3:2: E0109 this text holds no statement"},
        {"\n", "1:1: E0109 this text holds no statement"},
        {"  ", "1:1: E0109 this text holds no statement"},
        {"", ""},
    };
    expect_refusals(refusals, LEN(refusals), PARSE_RULES);
    expect_refusals(refusals, LEN(refusals), PARSE_TESTS);
    expect_errors_of(slice_of("1 // one"), "", PARSE_EXPRESSION);
}

// E02xx

static void test_unexpected(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"x", "1:1: E0201 the name `x` cannot stand here"},
        {"let a = b c", "1:11: E0201 the name `c` cannot stand here"},
        {"let a = b 'c'", "1:11: E0201 a string cannot stand here"},
        {"let a = b b'c'", "1:11: E0201 a bytes literal cannot stand here"},
        {"let a = b 12", "1:11: E0201 the number `12` cannot stand here"},
        {"let a = b 1.5", "1:11: E0201 the number `1.5` cannot stand here"},
        {"let a = b 1h", "1:11: E0201 the duration `1h` cannot stand here"},
        {"let a = b `c`", "1:11: E0201 the name `c` cannot stand here"},
        {"let a = b ]", "1:11: E0201 `]` cannot stand here"},
        {"let a = {1: 2, : }", "1:16: E0201 `:` cannot stand here"},
        {"let a = {1: }", "1:13: E0201 `}` cannot stand here"},
        {"let a = f(b,)", "1:13: E0201 `)` cannot stand here"},
        {"let a = [,]", "1:10: E0201 `,` cannot stand here"},
        {"let a = b.true", "1:11: E0201 `true` cannot stand here"},
        {"let a = b.in", "1:11: E0201 `in` cannot stand here"},
        {"let a = B{c: 1}", "1:10: E0201 `{` cannot stand here"},
        {"let a = b = c", "1:11: E0201 `=` cannot stand here"},
        {"let a = 1 .. 2", "1:12: E0201 `.` cannot stand here"},
        {"rule a { rule }", "1:10: E0201 `rule` cannot stand here"},
        {"rule a { deny 403 404 }", "1:19: E0201 the number `404` cannot stand here"},
        {"rule a { respond }", "1:18: E0201 `}` cannot stand here"},
        {"rule a { redirect 302 }", "1:23: E0201 `}` cannot stand here"},
        {"rule a { limit b else }", "1:23: E0201 `}` cannot stand here"},
        {"rule a { else deny }", "1:10: E0201 `else` cannot stand here"},
        {"rule a { set a + b = c }", "1:16: E0201 `+` cannot stand here"},
        {"limiter a { 5 }", "1:15: E0201 `}` cannot stand here"},
        {"limiter a { }", "1:13: E0201 `}` cannot stand here"},
        {"service a { kind }", "1:18: E0201 `}` cannot stand here"},
        {"include x", "1:9: E0201 the name `x` cannot stand here"},
        {"}", "1:1: E0201 `}` cannot stand here"},
    };
    expect_refusals(refusals, LEN(refusals), PARSE_RULES);
    expect_help("rule a when b = c { deny }", "`==` compares");
    expect_help("let = 3", "");
    expect_help("let a = b.c + if", "`if` is a reserved word of CEL");
}

static void test_reserved_words(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"let if = 1", "1:5: E0312 `if` is a reserved word of CEL and cannot name a let"},
        {"let for = 1", "1:5: E0312 `for` is a reserved word of CEL and cannot name a let"},
        {"let let = 1", "1:5: E0312 `let` is a reserved word of CEL and cannot name a let"},
        {"rule else {}", "1:6: E0312 `else` is a reserved word of CEL and cannot name a rule"},
        {"group as {}", "1:7: E0312 `as` is a reserved word of CEL and cannot name a group"},
        {"limiter var { 1 per 1s }",
         "1:9: E0312 `var` is a reserved word of CEL and cannot name a limiter"},
        {"service void {}",
         "1:9: E0312 `void` is a reserved word of CEL and cannot name a service"},
        {"let a = while", "1:9: E0201 `while` cannot stand here"},
        {"let a = b.while", ""},
    };
    expect_refusals(refusals, LEN(refusals), PARSE_RULES);
}

static void test_ends(void **state) {
    (void)state;
    static const char message[] = "E0202 the text ends in the middle of a statement";
    static const char *const texts[] = {
        "let",
        "let a",
        "let a =",
        "let a = b +",
        "let a = f(",
        "let a = [1",
        "let a = {1:",
        "rule",
        "rule a",
        "rule a when b",
        "rule a {",
        "rule a { deny",
        "rule a { set b =",
        "limiter a { 5 per 1s",
        "limiter a { 5 per",
        "group a { rule b { }",
        "service a {",
        "rule a when { deny",
    };
    for (uint32_t i = 0; i < LEN(texts); i++) {
        struct parsing parsing;
        parsing_begin(&parsing, UINT32_MAX, 64 << 10);
        parsing_run(&parsing, slice_of(texts[i]), PARSE_RULES);
        slice errors = parsing_errors(&parsing);
        if (!slice_ends(errors, slice_of(message))) print_message("%s\n", texts[i]);
        assert_true(slice_ends(errors, slice_of(message)));
        assert_int_equal(parsing.diagnostics.count, 1);
        assert_int_equal(parsing.diagnostics.first->span.start, strlen(texts[i]));
        parsing_end(&parsing);
    }
}

// The second place of an error: what is open, what stood there first.
static void test_other_places(void **state) {
    (void)state;
    static const struct refusal samples[] = {
        {"rule a { deny", "`{` opened here 7"},
        {"let a = f([1, 2", "`[` opened here 10"},
        {"let a = f(1, 2", "`(` opened here 9"},
        {"rule a {\n deny\nrule b { deny }", "`{` opened here 7"},
        {"rule a on log on log {}", "given here 7"},
        {"rule a { deny body b json c }", "given here 14"},
        {"limiter a { 5 per 1s by b by c }", "given here 21"},
    };
    for (uint32_t i = 0; i < LEN(samples); i++) {
        struct parsing parsing;
        parsing_begin(&parsing, UINT32_MAX, 64 << 10);
        parsing_run(&parsing, slice_of(samples[i].text), PARSE_RULES);
        assert_int_equal(parsing.diagnostics.count, 1);
        assert_true(parsing.diagnostics.first->has_other);
        text_add(&parsing.out, parsing.diagnostics.first->other_label);
        text_add_char(&parsing.out, ' ');
        text_add_uint(&parsing.out, parsing.diagnostics.first->other.start);
        assert_true(slice_is(text_slice(&parsing.out), samples[i].errors));
        parsing_end(&parsing);
    }
}

static void test_missing_conditions(void **state) {
    (void)state;
    static const char missing[] = "1:13: E0204 `when` has no condition";
    static const struct refusal refusals[] = {
        {"rule a when { deny }", missing},
        {"rule a when { deny 403 }", missing},
        {"rule a when { limit b else deny } rule c {}", missing},
        {"rule a when { set b.c = d }", missing},
        {"rule a when {}", missing},
        {"rule a when {} rule b {}", missing},
        {"rule a when { } rule b when c {}", missing},
        {"rule a when { deny } let b = =",
         "1:13: E0204 `when` has no condition\n1:30: E0201 `=` cannot stand here"},
        {"group a when { rule b when { deny } }",
         "1:14: E0204 `when` has no condition\n1:28: E0204 `when` has no condition"},
        {"rule a when { set b 1 deny }",
         "1:13: E0204 `when` has no condition\n1:21: E0201 the number `1` cannot stand here"},
        {"rule a when {b: c} {}", ""},
        {"rule a when {'deny': 403}.deny == 403 { deny }", ""},
        {"rule a sample when { deny }", ""},
        {"rule a when when { deny }", ""},
        {"rule when { deny }", ""},
    };
    expect_refusals(refusals, LEN(refusals), PARSE_RULES);
}

static void test_lists_of_actions(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"rule a { limit b deny }",
         "1:18: E0205 `deny` directly after `limit` would run for every request"},
        {"rule a { require b respond 200 }",
         "1:20: E0205 `respond` directly after `require` would run for every request"},
        {"rule a { limit b cost 2 redirect to c }",
         "1:25: E0205 `redirect` directly after `limit` would run for every request"},
        {"rule a { limit b deny skip }",
         "1:18: E0205 `deny` directly after `limit` would run for every request"},
        {"rule a { require b else { limit c deny } }",
         "1:35: E0205 `deny` directly after `limit` would run for every request"},
        {"rule a { limit b else deny deny }", ""},
        {"rule a { limit b skip }", ""},
        {"rule a { limit b reroute deny }", ""},
        {"rule a { deny skip }", "1:15: E0206 nothing runs after `deny`"},
        {"rule a { skip reroute log info 'x' }", "1:15: E0206 nothing runs after `skip`"},
        {"rule a { exempt set b = c }", "1:17: E0206 nothing runs after `exempt`"},
        {"rule a { respond 200 body 'x' reroute }", "1:31: E0206 nothing runs after `respond`"},
        {"rule a { redirect to b deny }", "1:24: E0206 nothing runs after `redirect`"},
        {"rule a { limit b else { deny skip } }", "1:30: E0206 nothing runs after `deny`"},
        {"rule a { reroute deny }", ""},
        {"rule a { require b else deny set c = d }", ""},
        {"rule a { limit b else { deny } skip }", ""},
    };
    expect_refusals(refusals, LEN(refusals), PARSE_RULES);
    expect_help("rule a { limit b deny }",
                "`limit … else deny …` runs it for what `limit` refuses");
}

static void test_twice(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"rule a when b when c {}", "1:15: E0207 `when` is given twice"},
        {"rule a on log shadow on log {}", "1:22: E0207 `on` is given twice"},
        {"group a first when b first {}", "1:22: E0207 `first` is given twice"},
        {"rule a sample 1 sample 2 by c {}", "1:17: E0207 `sample` is given twice"},
        {"rule a on_error skip on_error skip {}", "1:22: E0207 `on_error` is given twice"},
        {"rule a on log when b shadow sample c on_error skip {}", ""},
        {"limiter a { 1 per 1s by b burst 2 by c }", "1:35: E0208 option `by` is given twice"},
        {"service a { kind b kind b }", "1:20: E0208 option `kind` is given twice"},
        {"limiter a { 1 per 1s by b, b burst 2 }", ""},
        {"rule a { deny body b body c }", "1:22: E0213 `body` is given twice in this reply"},
        {"rule a { deny headers b details c headers d }",
         "1:35: E0213 `headers` is given twice in this reply"},
        {"rule a { redirect host b host c }", "1:26: E0213 `host` is given twice in this reply"},
        {"rule a { deny body b json c }", "1:22: E0214 a reply has `body` or `json`, not both"},
        {"rule a { deny json b body c }", "1:22: E0214 a reply has `body` or `json`, not both"},
        {"rule a { deny body b headers c details d grpc_status e }", ""},
        {"rule a first {}", "1:8: E0215 `first` belongs on a group"},
        {"group a first {}", ""},
        {"group a on log {}", "1:9: E0216 `on` belongs on a rule"},
        {"rule a on log {}", ""},
        {"rule a { redirect to b path c }",
         "1:24: E0217 `to` is the whole address, `path` a part of it: one or the other"},
        {"rule a { redirect path b to c }",
         "1:26: E0217 `to` is the whole address, `path` a part of it: one or the other"},
        {"rule a { redirect path b query c }", ""},
    };
    expect_refusals(refusals, LEN(refusals), PARSE_RULES);
}

static void test_items_of_tests(void **state) {
    (void)state;
    static const struct refusal in_rules[] = {
        {"test 'a' {}", "1:1: E0210 `test` belongs into a test file (NAME_test.weir)"},
        {"rule a {} config {}", "1:11: E0210 `config` belongs into a test file (NAME_test.weir)"},
        {"group a { test 'a' { wait 1s } }",
         "1:11: E0210 `test` belongs into a test file (NAME_test.weir)"},
    };
    static const struct refusal in_tests[] = {
        {"test 'a' {} config {}", ""},
        {"test 'a' { worker 0 send GET '/' }",
         "1:19: E0107 the number `0` is outside what a worker's number can hold"},
        {"test 'a' { send GET '/' body b body c }",
         "1:32: E0213 `body` is given twice in this reply"},
        {"test 'a' { send GET }", "1:21: E0201 `}` cannot stand here"},
        {"test 'a' { sned GET '/'\n expect\n wait 1s\n wait 1s 2s }",
         "1:12: E0201 the name `sned` cannot stand here\n"
         "3:7: E0201 the duration `1s` cannot stand here\n"
         "4:10: E0201 the duration `2s` cannot stand here"},
    };
    expect_refusals(in_rules, LEN(in_rules), PARSE_RULES);
    expect_refusals(in_tests, LEN(in_tests), PARSE_TESTS);
}

static void test_expressions(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"", "1:1: E0202 the text ends in the middle of a statement"},
        {"a b c d", "1:3: E0201 the name `b` cannot stand here"},
        {"a }", "1:3: E0201 `}` cannot stand here"},
        {"let a = 1", "1:1: E0201 `let` cannot stand here"},
        {"rule", ""},
    };
    expect_refusals(refusals, LEN(refusals), PARSE_EXPRESSION);
}

// Recovery

static void test_five_mistakes(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"rule a {\n"
         "  sett x = 1\n"
         "  deny 403\n"
         "}\n"
         "let = 3\n"
         "rule b when request.path == { deny }\n"
         "limiter d { 5 pre 1s  burst 3 }\n"
         "rule e { deny 403 headers {\"a\": } }\n"
         "rule f { deny }\n",
         "2:3: E0201 the name `sett` cannot stand here\n"
         "5:5: E0201 `=` cannot stand here\n"
         "6:36: E0201 `}` cannot stand here\n"
         "7:15: E0201 the name `pre` cannot stand here\n"
         "8:33: E0201 `}` cannot stand here"},
        {"rule a {\n"
         "  set request.headers[\"x\" = 1\n"
         "  add request.headers[\"y\"] 2\n"
         "  deny 403 body \"open\n"
         "  limit b deny\n"
         "  require f(a,, b) else deny\n"
         "}\n",
         "2:27: E0201 `=` cannot stand here\n"
         "3:28: E0201 the number `2` cannot stand here\n"
         "4:17: E0105 this string has no end\n"
         "5:11: E0205 `deny` directly after `limit` would run for every request\n"
         "6:15: E0201 `,` cannot stand here"},
        {"limiter a { 1 per 1s\n"
         "  burst =\n"
         "  by client.prefix\n"
         "  algorithm\n"
         "}\n"
         "service b { kind rls ] cluster 'x' }\n"
         "group c whne d {\n"
         "  rule e { deny 1h30 }\n"
         "  let f = @\n"
         "}\n",
         "2:9: E0201 `=` cannot stand here\n"
         "5:1: E0201 `}` cannot stand here\n"
         "6:22: E0201 `]` cannot stand here\n"
         "7:9: E0201 the name `whne` cannot stand here\n"
         "8:17: E0104 `1h30` is neither a number nor a name\n"
         "9:11: E0103 the character `@` cannot stand here"},
    };
    expect_refusals(refusals, LEN(refusals), PARSE_RULES);
}

// One mistake, one error, whatever it does to the brackets behind it.
static void test_no_cascades(void **state) {
    (void)state;
    static const struct refusal refusals[] = {
        {"rule a {\n  deny\nrule b { deny }\nrule c { deny }",
         "3:1: E0201 `rule` cannot stand here"},
        {"rule a when b\nrule c { deny }\nrule d { deny }", "2:1: E0201 `rule` cannot "
                                                            "stand here"},
        {"group a {\n rule b {\n  deny\n rule c { deny }\n}\nrule d {}",
         "4:2: E0201 `rule` cannot stand here"},
        {"rule a { limit b else {\n deny\nrule c { deny }", "3:1: E0201 `rule` cannot stand here"},
        {"rule a { deny }\n}\nrule b { deny }", "2:1: E0201 `}` cannot stand here"},
        {"rule a { deny 403 headers {'a': 'b' 'c': 'd'} }\nrule b { deny }",
         "1:37: E0201 a string cannot stand here"},
        {"rule a { deny 403 headers {'a': {'b': ]}} }\nrule b { deny }",
         "1:39: E0201 `]` cannot stand here"},
        {"rule a { set x = f(b { deny }\nrule c { deny }", "1:22: E0201 `{` cannot stand here"},
        {"rule a x y z { deny 403 }\nrule b { deny }", "1:8: E0201 the name `x` cannot stand here"},
        {"rule { deny 403 body 'x' }\nrule b { deny }", "1:6: E0201 `{` cannot stand here"},
        {"rule a { deny body { } } }\nrule b { deny }", "1:26: E0201 `}` cannot stand here"},
        {"limiter a { 5 per 1s\nrule b { deny }\nrule c { deny }",
         "2:8: E0201 `{` cannot stand here"},
        {"rule a { limit\n  require f(b) else deny }\nrule c { deny }",
         "2:11: E0201 the name `f` cannot stand here"},
        {"rule a { deny 403 404\n  set b = c }", "1:19: E0201 the number `404` cannot stand here"},
        {"let a = @#$%\nlet b = 1", "1:9: E0103 the character `@` cannot stand here"},
        {"rule a when b == 'x { deny }\nrule c { deny }", "1:18: E0105 this string has no end"},
    };
    expect_refusals(refusals, LEN(refusals), PARSE_RULES);
}

// Reports are counted beyond those that are kept.
static void test_many_errors(void **state) {
    (void)state;
    struct parsing parsing;
    struct text text;
    parsing_begin(&parsing, UINT32_MAX, 64 << 10);
    text_init(&text, &parsing.arena);
    for (uint32_t i = 0; i < 1000; i++)
        text_add_string(&text, "let = 1\n");
    parsing_run(&parsing, text_slice(&text), PARSE_RULES);
    assert_int_equal(parsing.diagnostics.count, 1000);
    assert_int_equal(parsing.diagnostics.kept, LIMIT_DIAGNOSTICS);
    parsing_end(&parsing);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_characters),
        cmocka_unit_test(test_touching_numbers),
        cmocka_unit_test(test_unterminated_strings),
        cmocka_unit_test(test_escapes),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_comments),
        cmocka_unit_test(test_unexpected),
        cmocka_unit_test(test_reserved_words),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_other_places),
        cmocka_unit_test(test_missing_conditions),
        cmocka_unit_test(test_lists_of_actions),
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_items_of_tests),
        cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_five_mistakes),
        cmocka_unit_test(test_no_cascades),
        cmocka_unit_test(test_many_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
