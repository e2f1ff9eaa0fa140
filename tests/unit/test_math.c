// The functions of the math extension: each type, the ends of the ranges, and what they refuse.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/lib/math.h"
#include "tests/unit/calling.h"

static const struct {
    function_body *body;
    const char *arguments;
    const char *wanted;
} rows[] = {
    {math_greatest, "-5", "-5"},
    {math_greatest, "3, -3", "3"},
    {math_greatest, "-3, 3u", "3u"},
    {math_greatest, "5.4, 10, 3u, -5.0, 9223372036854775807", "9223372036854775807"},
    {math_greatest, "1, 1.0, 1u", "1"}, // of equal ones the first
    {math_greatest, "9223372036854775807, 9223372036854775808.0", "9223372036854775807"},
    {math_greatest, "-1, 18446744073709551615u, inf", "inf"},
    {math_greatest, "[5.4, 10u, 3u, -5.0, 3.5]", "10u"},
    {math_greatest, "[7]", "7"},
    {math_greatest, "nan", "nan"},
    {math_greatest, "[]", "ARGUMENT"},
    {math_greatest, "1, nan", "ARGUMENT"},
    {math_greatest, "[nan, 1]", "ARGUMENT"},
    {math_greatest, "'a'", "NO_OVERLOAD"},
    {math_greatest, "1, true", "NO_OVERLOAD"},
    {math_greatest, "['a', 'b']", "NO_OVERLOAD"},
    {math_greatest, "[1], 2", "NO_OVERLOAD"},
    {math_least, "-5.5", "-5.5"},
    {math_least, "1, -9223372036854775808", "-9223372036854775808"},
    {math_least, "1u, 1, 1.0", "1u"},
    {math_least, "5.4, 10, 3u, -5.0", "-5.0"},
    {math_least, "[18446744073709551615u, 1u, 5u]", "1u"},
    {math_least, "0.0, -0.0", "0.0"},
    {math_least, "[]", "ARGUMENT"},
    {math_least, "nan, 1u", "ARGUMENT"},
    {math_least, "null", "NO_OVERLOAD"},

    {math_ceil, "1.2", "2.0"},
    {math_ceil, "-1.2", "-1.0"},
    {math_ceil, "-0.5", "-0.0"},
    {math_ceil, "inf", "inf"},
    {math_ceil, "nan", "nan"},
    {math_floor, "1.2", "1.0"},
    {math_floor, "-1.2", "-2.0"},
    {math_floor, "1e300", "1e+300"},
    {math_trunc, "1.9", "1.0"},
    {math_trunc, "-1.9", "-1.0"},
    {math_trunc, "nan", "nan"},
    {math_round, "1.5", "2.0"},
    {math_round, "2.5", "3.0"},
    {math_round, "-1.5", "-2.0"},
    {math_round, "-1.4", "-1.0"},
    {math_round, "0.49999999999999994", "0.0"},
    {math_round, "-0.4", "-0.0"},
    {math_round, "4503599627370495.5", "4503599627370496.0"},
    {math_round, "9007199254740993.0", "9007199254740992.0"},
    {math_round, "-inf", "-inf"},
    {math_round, "nan", "nan"},

    {math_is_nan, "nan", "true"},
    {math_is_nan, "inf", "false"},
    {math_is_nan, "0.0", "false"},
    {math_is_inf, "inf", "true"},
    {math_is_inf, "-inf", "true"},
    {math_is_inf, "nan", "false"},
    {math_is_inf, "1.7976931348623157e308", "false"},
    {math_is_finite, "1.7976931348623157e308", "true"},
    {math_is_finite, "-inf", "false"},
    {math_is_finite, "nan", "false"},

    {math_abs, "-11", "11"},
    {math_abs, "-9223372036854775807", "9223372036854775807"},
    {math_abs, "-9223372036854775808", "OVERFLOW"},
    {math_abs, "1u", "1u"},
    {math_abs, "-11.5", "11.5"},
    {math_abs, "-0.0", "0.0"},
    {math_abs, "-inf", "inf"},
    {math_sign, "-9223372036854775808", "-1"},
    {math_sign, "0", "0"},
    {math_sign, "100", "1"},
    {math_sign, "0u", "0u"},
    {math_sign, "18446744073709551615u", "1u"},
    {math_sign, "-0.5", "-1.0"},
    {math_sign, "-0.0", "0.0"},
    {math_sign, "inf", "1.0"},
    {math_sign, "nan", "nan"},
    {math_sqrt, "81", "9.0"},
    {math_sqrt, "81u", "9.0"},
    {math_sqrt, "985.25", "31.388692231439016"},
    {math_sqrt, "18446744073709551615u", "4294967296.0"},
    {math_sqrt, "-15", "nan"},

    {math_bit_and, "4, -2", "4"},
    {math_bit_and, "1u, 3u", "1u"},
    {math_bit_or, "4, -2", "-2"},
    {math_bit_or, "1u, 4u", "5u"},
    {math_bit_xor, "4, -2", "-6"},
    {math_bit_xor, "1u, 3u", "2u"},
    {math_bit_not, "1", "-2"},
    {math_bit_not, "0u", "18446744073709551615u"},
    {math_shift_left, "1, 63", "-9223372036854775808"},
    {math_shift_left, "1, 64", "0"},
    {math_shift_left, "-1, 9223372036854775807", "0"},
    {math_shift_left, "3u, 63", "9223372036854775808u"},
    {math_shift_left, "1, -1", "ARGUMENT"},
    {math_shift_right, "-1024, 3", "2305843009213693824"},
    {math_shift_right, "-1, 0", "-1"},
    {math_shift_right, "-1024, 64", "0"},
    {math_shift_right, "18446744073709551615u, 63", "1u"},
    {math_shift_right, "1u, -9223372036854775808", "ARGUMENT"},
};

static void test_rows(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        expect_call(rows[i].body, rows[i].arguments, rows[i].wanted);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
