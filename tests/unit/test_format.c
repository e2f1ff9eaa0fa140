// string.format: every clause with every type, accepted and refused; doubles rounded exactly.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "engine/lib/format.h"
#include "tests/unit/calling.h"

static const struct {
    const char *arguments;
    const char *wanted;
} rows[] = {
    {"'no clause', []", "'no clause'"},
    {"'', []", "''"},
    {"'no clause', [1]", "'no clause'"},
    {"'%%%s%%', ['text']", "'%text%'"},
    {"'%s, %d', ['a', 2, 3]", "'a, 2'"},
    {"'é😀%s', ['😀']", "'é😀😀'"},
    // malformed, or without a value
    {"'%', [1]", "FORMAT"},
    {"'%%%', [1]", "FORMAT"},
    {"'%a', [1]", "FORMAT"},
    {"'%E', [1.5]", "FORMAT"},
    {"'%é', [1]", "FORMAT"},
    {"'%d %d', [1]", "FORMAT"},
    {"'%s', []", "FORMAT"},
    {"'%.', [1.5]", "FORMAT"},
    {"'%.3', [1.5]", "FORMAT"},
    {"'%.f', [1.5]", "FORMAT"},
    {"'%.-1f', [1.5]", "FORMAT"},
    {"'%3f', [1.5]", "FORMAT"},
    {"'%.101f', [1.5]", "FORMAT"},
    {"'%.4294967297f', [1.5]", "FORMAT"},
    {"'%.3s %.0d', [1.5, 7]", "'1.5 7'"}, // read and not used
    {"'%.003f', [1.5]", "'1.500'"},
    // %s
    {"'%s %s %s', [null, true, false]", "'null true false'"},
    {"'%s %s', [-9223372036854775808, 18446744073709551615u]",
     "'-9223372036854775808 18446744073709551615'"},
    {"'%s %s %s %s', [1.0, -0.0, 1e21, 1e-7]", "'1 -0 1000000000000000000000 0.0000001'"},
    {"'%s %s %s', [nan, inf, -inf]", "'NaN Infinity -Infinity'"},
    {"'%s %s', [b'xyz', b'']", "'xyz '"},
    {"'%s', [b'a\xff\xfe\xc3z\x80']", "'a\ufffdz\ufffd'"},
    {"'%s', [type(google.protobuf.Duration)]", "'google.protobuf.Duration'"},
    {"'%s %s', [6347s, -1s]", "'6347s -1s'"},
    {"'%s', [@1675467080]", "'2023-02-03T23:31:20Z'"},
    {"'%s', [@1675467080.5]", "'2023-02-03T23:31:20.5Z'"},
    {"'%s %s', [[], {}]", "'[] {}'"},
    {"'%s', [['abc', 3.14, null, [9, 8], []]]", "'[abc, 3.14, null, [9, 8], []]'"},
    {"'%s', [{'b': b'x', 'a': 7200s, 'c': {2: 1.5, 1u: null}}]",
     "'{a: 7200s, b: x, c: {1: null, 2: 1.5}}'"},
    {"'%s', [{true: 42, 6: 'y', 'strKey': 'x', -1: []}]", "'{-1: [], 6: y, strKey: x, true: 42}'"},
    {"'%s', [{'1': 'a', 1: 'b'}]", "'{1: a, 1: b}'"},
    {"'%s', [none]", "FORMAT"},
    {"'%s', [some(1)]", "FORMAT"},
    {"'%s', [ip]", "FORMAT"},
    {"'%s', [[1, [ip]]]", "FORMAT"},
    {"'%s', [{'a': ip}]", "FORMAT"},
    // %d
    {"'%d %d %d', [-7, 7u, 3.25]", "'-7 7 3.25'"},
    {"'%d %d', [nan, -inf]", "'NaN -Infinity'"},
    {"'%d', ['1']", "FORMAT"},
    {"'%d', [null]", "FORMAT"},
    {"'%d', [true]", "FORMAT"},
    {"'%d', [6347s]", "FORMAT"},
    // %f
    {"'%f %f %f', [2.71828, -3, 7u]", "'2.718280 -3.000000 7.000000'"},
    {"'%.0f %.0f %.0f %.0f', [0.5, 1.5, 2.5, -0.5]", "'0 2 2 -0'"},
    {"'%.3f %.3f', [1.2345, 123.4999]", "'1.234 123.500'"},
    {"'%.1f %.1f', [0.25, 0.35]", "'0.2 0.3'"},
    {"'%.2f %.0f', [999.996, 9.5]", "'1000.00 10'"},
    {"'%.2f', [0.001]", "'0.00'"},
    {"'%.1f', [0.05]", "'0.1'"}, // a little above the half
    {"'%.5f', [1e22]", "'10000000000000000000000.00000'"},
    {"'%.0f', [18446744073709551615u]", "'18446744073709551616'"},
    {"'%f %f', [nan, inf]", "'NaN Infinity'"},
    {"'%f', ['1.5']", "FORMAT"},
    {"'%f', [null]", "FORMAT"},
    // %e
    {"'%e %e %e', [2.71828, 0.0, 7]", "'2.718280e+00 0.000000e+00 7.000000e+00'"},
    {"'%.6e', [1052.032911275]", "'1.052033e+03'"},
    {"'%.0e %.0e %.0e', [1.5, 2.5, 9.5]", "'2e+00 2e+00 1e+01'"},
    {"'%.2e %.1e', [-9.996, 1e-10]", "'-1.00e+01 1.0e-10'"},
    {"'%.3e %.3e', [1.7976931348623157e308, 5e-324]", "'1.798e+308 4.941e-324'"},
    {"'%e', [-inf]", "'-Infinity'"},
    {"'%e', [b'1']", "FORMAT"},
    // %x %X
    {"'%x %X %x', [30, 30u, 0]", "'1e 1E 0'"},
    {"'%x %x', [-30, -9223372036854775808]", "'-1e -8000000000000000'"},
    {"'%x %X %x', ['Jé', b'\xff\x0a', '']", "'4ac3a9 FF0A '"},
    {"'%x', [0.5]", "FORMAT"},
    {"'%X', [null]", "FORMAT"},
    {"'%x', [true]", "FORMAT"},
    // %o %b
    {"'%o %o %o', [11, 65535u, -8]", "'13 177777 -10'"},
    {"'%o', [true]", "FORMAT"},
    {"'%o', ['7']", "FORMAT"},
    {"'%b %b %b %b', [5, 64u, true, false]", "'101 1000000 1 0'"},
    {"'%b', [-9223372036854775808]",
     "'-1000000000000000000000000000000000000000000000000000000000000000'"},
    {"'%b', [1.0]", "FORMAT"},
    {"'%b', [null]", "FORMAT"},
    {"'%b', ['abc']", "FORMAT"},
};

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        expect_call(string_format, rows[i].arguments, rows[i].wanted);
}

static void test_the_greatest_precision(void **state) {
    (void)state;
    expect_call(string_format, "'%.100f', [0.1]",
                "'0.1000000000000000055511151231257827021181583404541015625"
                "000000000000000000000000000000000000000000000'");
    expect_call(string_format, "'%.100e', [0.5]",
                "'5.000000000000000000000000000000000000000000000000000000000000000"
                "0000000000000000000000000000000000000e-01'");
}

enum { ROOM = 2 << 20 };

static void expect_long(const char *form, uint32_t length, const char *rest, const char *wanted) {
    static char arguments[ROOM], text[ROOM];
    size_t at = strlen(form);
    memcpy(arguments, form, at);
    memset(arguments + at, 'a', length);
    memcpy(arguments + at + length, rest, strlen(rest) + 1);
    text[0] = '\'';
    memset(text + 1, 'a', LIMIT_STRING);
    memcpy(text + 1 + LIMIT_STRING, "'", 2);
    expect_call(string_format, arguments, wanted == NULL ? text : wanted);
}

static void test_the_greatest_length(void **state) {
    (void)state;
    expect_long("'%s', ['", LIMIT_STRING, "']", NULL);
    expect_long("'%s', ['", LIMIT_STRING + 1, "']", "TOO_LONG");
    expect_long("'", LIMIT_STRING, "', []", NULL);
    expect_long("'", LIMIT_STRING + 1, "', []", "TOO_LONG");
    expect_long("'%x', ['", LIMIT_STRING / 2 + 1, "']", "TOO_LONG");
    expect_long("'%s%s', ['b', '", LIMIT_STRING, "']", "TOO_LONG");
}

// Lists that hold one list many times grow like a power of their depth: the text's limit ends it.
static void test_shared_lists(void **state) {
    static const char *const whole = "'%s', [[[[[[[[]*99]*99]*99]*99]*99]*99]]";
    (void)state;
    expect_call(string_format, whole, "TOO_LONG");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_the_greatest_precision),
        cmocka_unit_test(test_the_greatest_length),
        cmocka_unit_test(test_shared_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
