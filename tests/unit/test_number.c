// Doubles and unsigned integers, to and from text. An argument of 10 makes ten times as many random
// literals.
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/number.h"

static uint32_t times = 1;

static void assert_text(slice got, const char *wanted) {
    if (slice_is(got, wanted)) return;
    print_error("got `%.*s`, wanted `%s`\n", (int)got.length, got.at, wanted);
    fail();
}

static slice printed(double number, char out[32]) {
    return slice_from(out, number_print_double(number, out));
}

static double from_bits(uint64_t bits) {
    double number;
    memcpy(&number, &bits, sizeof number);
    return number;
}

static uint64_t to_bits(double number) {
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    return bits;
}

static void test_print(void **state) {
    static const struct {
        double number;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {-1, "-1"},
        {10, "10"},
        {0.1, "0.1"},
        {0.3, "0.3"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {123.456, "123.456"},
        {-1234567.125, "-1234567.125"},
        {9007199254740991.0, "9007199254740991"},
        {9007199254740993.0, "9007199254740992"},
        {12345678901234567.0, "12345678901234568"},
        // where ECMAScript changes its form
        {1e20, "100000000000000000000"},
        {123456789012345680000.0, "123456789012345680000"},
        {1e21, "1e+21"},
        {1.5e21, "1.5e+21"},
        {0.000001, "0.000001"},
        {0.00000123, "0.00000123"},
        {0.0000001, "1e-7"},
        {1.5e-7, "1.5e-7"},
        // both ends of a mantissa's interval belong to it when it is even
        {1e23, "1e+23"},
        {9.5e-24, "9.5e-24"},
        {5e-324, "5e-324"},
        {2.2250738585072011e-308, "2.225073858507201e-308"},
        {2.2250738585072014e-308, "2.2250738585072014e-308"},
        {1.7976931348623157e308, "1.7976931348623157e+308"},
        // a power of two, whose lower gap is half as wide; the last has a tie of two 16-digit texts
        {9007199254740992.0, "9007199254740992"},
        {4503599627370496.0, "4503599627370496"},
        {1.1805916207174113e21, "1.1805916207174113e+21"},
        {5.6843418860808015e-14, "5.684341886080802e-14"},
    };
    (void)state;
    char out[32];
    for (size_t i = 0; i < LEN(rows); i++)
        assert_text(printed(rows[i].number, out), rows[i].text);
    assert_text(printed(from_bits(UINT64_C(0x7ff) << 52), out), "inf");
    assert_text(printed(from_bits(UINT64_C(0xfff) << 52), out), "-inf");
    assert_text(printed(from_bits(UINT64_C(0x7ff8) << 48), out), "nan");
    assert_text(printed(from_bits(UINT64_C(0xfff8) << 48), out), "nan");
}

static uint32_t significant_digits(slice text) {
    uint32_t count = 0, zeros = 0;
    for (uint32_t i = 0; i < text.length && text.at[i] != 'e'; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') continue;
        if (text.at[i] == '0' && count == 0) continue;
        zeros = text.at[i] == '0' ? zeros + 1 : 0;
        count++;
    }
    return count - zeros;
}

// The C library's %.*e with one digit less must give another double. (The nearest text of that
// length is the only candidate.)
static bool is_shortest(double number, slice text) {
    char shorter[64];
    uint32_t digits = significant_digits(text);
    if (digits < 2) return true;
    snprintf(shorter, sizeof shorter, "%.*e", (int)digits - 2, number);
    return to_bits(strtod(shorter, NULL)) != to_bits(number);
}

static void assert_round_trip(double number) {
    char out[32];
    double back = 0;
    slice text = printed(number, out);
    bool same = number_parse_double(text, &back) && to_bits(back) == to_bits(number);
    if (same && is_shortest(number, text)) return;
    print_error("%.17g was printed as %.*s\n", number, (int)text.length, text.at);
    fail();
}

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static bool is_finite(double number) {
    return number - number == 0;
}

static void test_round_trip_random(void **state) {
    (void)state;
    uint64_t seed = 88172645463325252u;
    for (uint32_t i = 0; i < 200000; i++) {
        uint64_t bits = next_random(&seed);
        if (i % 2 == 0) bits = (bits & ~(UINT64_C(0x7ff) << 52)) | (960 + bits % 128) << 52;
        if (is_finite(from_bits(bits))) assert_round_trip(from_bits(bits));
    }
}

static void test_round_trip_edges(void **state) {
    (void)state;
    for (uint64_t exponent = 0; exponent < 0x7ff; exponent++) {
        for (uint64_t near = 0; near < 3; near++) {
            assert_round_trip(from_bits((exponent << 52) + near));
            assert_round_trip(from_bits(((exponent + 1) << 52) - near - 1));
        }
    }
    for (uint32_t i = 0; i < 52; i++)
        assert_round_trip(from_bits(UINT64_C(1) << i));
}

static void test_parse(void **state) {
    static const struct {
        const char *text;
        bool accepted;
        double number;
    } rows[] = {
        {"0", true, 0},
        {"-0", true, -0.0},
        {"0e99999999999999999999", true, 0},
        {"1", true, 1},
        {"+1", true, 1},
        {"00012.500", true, 12.5},
        {".5", true, 0.5},
        {"5.", true, 5},
        {"1e3", true, 1000},
        {"1E+3", true, 1000},
        {"1e-3", true, 0.001},
        {"1.7976931348623157e308", true, 1.7976931348623157e308},
        {"1.7976931348623158e308", true, 1.7976931348623157e308},
        {"1.7976931348623159e308", false, 0},
        {"1e309", false, 0},
        {"-1e309", false, 0},
        {"1e99999999999999999999", false, 0},
        {"1e-99999999999999999999", true, 0},
        {"5e-324", true, 5e-324},
        {"2e-324", true, 0},
        {"9007199254740993", true, 9007199254740992.0},
        {"9007199254740993.0000000000000000000000000000001", true, 9007199254740994.0},
        {"", false, 0},
        {"-", false, 0},
        {".", false, 0},
        {"e5", false, 0},
        {"1e", false, 0},
        {"1e+", false, 0},
        {"1e5.", false, 0},
        {"1.2.3", false, 0},
        {" 1", false, 0},
        {"1 ", false, 0},
        {"1_000", false, 0},
        {"0x10", false, 0},
        {"inf", false, 0},
        {"nan", false, 0},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        double number = 0;
        bool accepted = number_parse_double(slice_of(rows[i].text), &number);
        if (accepted == rows[i].accepted && to_bits(number) == to_bits(rows[i].number)) continue;
        print_error("`%s`: %d, %.17g\n", rows[i].text, accepted, number);
        fail();
    }
}

// HEAD, then `count` zeros, then TAIL.
static void assert_long(const char *head, uint32_t count, const char *tail, double wanted) {
    size_t before = strlen(head), after = strlen(tail);
    char *text = malloc(before + count + after);
    memcpy(text, head, before);
    memset(text + before, '0', count);
    memcpy(text + before + count, tail, after);
    double number = -1;
    assert_true(number_parse_double(slice_from(text, (uint32_t)(before + count + after)), &number));
    assert_true(to_bits(number) == to_bits(wanted));
    free(text);
}

static void test_parse_long(void **state) {
    (void)state;
    assert_long("0.", 5000, "1", 0);
    assert_long("0.", 5000, "1e5001", 1);
    assert_long("1", 5000, "e-5000", 1);
    assert_long("", 100000, "7", 7);
    assert_long("0.1", 100000, "", 0.1);
    // half way between two doubles, and a digit far behind that decides
    assert_long("9007199254740993.", 2000, "", 9007199254740992.0);
    assert_long("9007199254740993.", 2000, "1", 9007199254740994.0);
    assert_long("9007199254740993", 2000, "e-2000", 9007199254740992.0);
    assert_long("9007199254740993", 2000, "1e-2001", 9007199254740994.0);
}

// What the C library reads, bit for bit and to the same end.
static void assert_as_strtod(const char *text) {
    char *end = NULL, *wanted_end = NULL;
    double wanted = strtod(text, &wanted_end);
    double got = number_strtod(text, &end);
    double parsed = 0;
    bool accepted = number_parse_double(slice_of(text), &parsed);
    bool same = to_bits(got) == to_bits(wanted) && end == wanted_end &&
                accepted == is_finite(wanted) &&
                to_bits(parsed) == (accepted ? to_bits(wanted) : 0);
    if (same) return;
    print_error("`%s`: wanted %a, got %a\n", text, wanted, got);
    fail();
}

// A finite double: of any exponent, of the common ones, subnormal, or among the largest.
static double random_double(uint64_t *seed) {
    static const struct {
        uint32_t first;
        uint32_t count;
    } exponents[] = {{0, 0x7ff}, {960, 128}, {0, 3}, {0x7fc, 3}};
    uint64_t bits = next_random(seed);
    uint64_t kind = next_random(seed) % LEN(exponents);
    uint64_t exponent = exponents[kind].first + next_random(seed) % exponents[kind].count;
    bits = (bits & ~(UINT64_C(0x7ff) << 52)) | exponent << 52;
    return from_bits(bits);
}

static void random_digits(uint64_t *seed, char *at, uint32_t count) {
    uint64_t bits = 0;
    for (uint32_t i = 0; i < count; i++, bits /= 10) {
        if (i % 16 == 0) bits = next_random(seed);
        at[i] = (char)('0' + bits % 10);
    }
}

static void test_strtod_printed(void **state) {
    (void)state;
    uint64_t seed = 2463534242u;
    char text[64];
    for (uint32_t i = 0; i < 100000 * times; i++) {
        double number = random_double(&seed);
        snprintf(text, sizeof text, i % 2 == 0 ? "%.17g" : "%.20e", number);
        assert_as_strtod(text);
    }
}

// Up to 40 digits with a point somewhere, and an exponent at which they are about to be a double.
static void test_strtod_written(void **state) {
    (void)state;
    uint64_t seed = 88172645463325252u;
    char text[80];
    for (uint32_t i = 0; i < 100000 * times; i++) {
        uint32_t count = 1 + (uint32_t)(next_random(&seed) % (i % 2 == 0 ? 18 : 40));
        uint32_t point = (uint32_t)(next_random(&seed) % (count + 1));
        random_digits(&seed, text, point);
        text[point] = '.';
        random_digits(&seed, text + point + 1, count - point);
        int range = i % 4 < 2 ? 25 : 340;
        int exponent = (int)(next_random(&seed) % (2 * (uint32_t)range)) - range;
        snprintf(text + count + 1, 16, "e%d", exponent);
        assert_as_strtod(text);
    }
}

// Where two doubles meet: every digit of the point half way, then one that decides far behind it.
// The point is written exactly, as the sum of two neighbours is one bit longer than they are.
static void assert_half_way(double lower) {
    static char text[1400];
    static const char *const tails[] = {"", "0", "000000000000000000001", "1"};
    double upper = from_bits(to_bits(lower) + 1);
    long double half = ((long double)lower + (long double)upper) / 2;
    snprintf(text, sizeof text, "%.*Lf", fabsl(half) < 1 ? 1090 : 60, half);
    size_t length = strlen(text);
    for (size_t i = 0; i < LEN(tails); i++) {
        memcpy(text + length, tails[i], strlen(tails[i]) + 1);
        assert_as_strtod(text);
    }
    // just below: the last digit that is not 0, less one, and nines
    while (text[length - 1] == '0')
        length--;
    if (text[length - 1] == '.') return;
    text[length - 1]--;
    memcpy(text + length, "9999999999", 11);
    assert_as_strtod(text);
}

static void test_strtod_half_way(void **state) {
    (void)state;
    uint64_t seed = 362436069;
    for (uint32_t i = 0; i < 1000 * times; i++)
        assert_half_way(random_double(&seed));
    for (uint64_t exponent = 0; exponent < 0x7fe; exponent++) {
        assert_half_way(from_bits(exponent << 52));
        assert_half_way(from_bits(((exponent + 1) << 52) - 1));
    }
}

static void test_strtod_long(void **state) {
    (void)state;
    uint64_t seed = 521288629;
    char text[900];
    for (uint32_t i = 0; i < 2000 * times; i++) {
        uint32_t count = 400 + (uint32_t)(next_random(&seed) % 401);
        random_digits(&seed, text, count);
        if (i % 2 == 0) memset(text + 20, '0', count - 21);
        int exponent = -(int)count + (int)(next_random(&seed) % 660) - 340;
        snprintf(text + count, 16, "e%d", exponent);
        assert_as_strtod(text);
    }
}

static void test_strtod_edges(void **state) {
    static const char *const texts[] = {
        "0",
        "-0",
        "0e999999999999",
        "1e5e5",
        "1e",
        "1e+",
        "1e-x",
        "1.5.5",
        "12ex",
        "-",
        "+",
        ".",
        "-.",
        "-.e5",
        "",
        "x",
        "5.e1",
        ".5e1",
        "1e400",
        "-1e400",
        "1e-400",
        "-1e-400",
        "1.7976931348623158079e308",
        "1.797693134862315807e308",
        "1.797693134862315808e308",
        "17976931348623158079e289",
        "2.4703282292062327208e-324",
        "2.4703282292062327209e-324",
        "2.47032822920623272e-324",
        "9.9e-325",
        "1e-324",
        "1e-323",
        "0.1e-323",
        "1e308",
        "1e309",
        "10e308",
        "0.1e309",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "1e22",
        "1e23",
        "999999999999999e22",
        "999999999999999e-22",
        "1000000000000000e22",
        "1e-22",
        "1e-23",
    };
    (void)state;
    for (size_t i = 0; i < LEN(texts); i++) {
        char *end = NULL, *wanted_end = NULL;
        double wanted = strtod(texts[i], &wanted_end);
        assert_true(to_bits(number_strtod(texts[i], &end)) == to_bits(wanted));
        assert_ptr_equal(end, wanted_end);
    }
}

static void test_parse_uint(void **state) {
    static const struct {
        const char *text;
        uint32_t base;
        bool accepted;
        uint64_t number;
    } rows[] = {
        {"0", 10, true, 0},
        {"007", 10, true, 7},
        {"18446744073709551615", 10, true, UINT64_MAX},
        {"18446744073709551616", 10, false, 0},
        {"99999999999999999999", 10, false, 0},
        {"ffffffffffffffff", 16, true, UINT64_MAX},
        {"10000000000000000", 16, false, 0},
        {"dEadBeef", 16, true, 0xdeadbeef},
        {"777", 8, true, 0777},
        {"8", 8, false, 0},
        {"101", 2, true, 5},
        {"2", 2, false, 0},
        {"", 10, false, 0},
        {"-1", 10, false, 0},
        {"+1", 10, false, 0},
        {"1a", 10, false, 0},
        {"g", 16, false, 0},
        {"0x1", 16, false, 0},
    };
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        uint64_t number = 0;
        bool accepted = number_parse_uint(slice_of(rows[i].text), rows[i].base, &number);
        if (accepted == rows[i].accepted && number == rows[i].number) continue;
        print_error("`%s`: %d, %llu\n", rows[i].text, accepted, (unsigned long long)number);
        fail();
    }
}

// The C library rounds exactly, half to even, as do the functions for a fixed precision.
static void assert_as_printf(double number, uint32_t precision) {
    char out[NUMBER_TEXT], wanted[NUMBER_TEXT];
    snprintf(wanted, sizeof wanted, "%.*f", (int)precision, number);
    assert_text(slice_from(out, number_print_fixed(number, precision, out)), wanted);
    snprintf(wanted, sizeof wanted, "%.*e", (int)precision, number);
    assert_text(slice_from(out, number_print_exponent(number, precision, out)), wanted);
}

static void test_print_with_precision(void **state) {
    static const double numbers[] = {
        0,       -0.0, 0.05,   0.5,    1.5,  2.5,  9.5,      99.5,      0.001,
        999.996, 1e21, 1e22,   1e23,   0.1,  -7,   5e-324,   2.5e-323,  2.2250738585072014e-308,
        0x1p-1,  1e-5, 0x1p53, 0x1p63, 1e15, 1e16, 123.4999, 1234567.5, 1.7976931348623157e308,
    };
    (void)state;
    for (size_t i = 0; i < LEN(numbers); i++) {
        for (uint32_t precision = 0; precision <= NUMBER_PRECISION; precision++) {
            assert_as_printf(numbers[i], precision);
            assert_as_printf(-numbers[i], precision);
        }
    }
    uint64_t seed = 11;
    for (uint32_t i = 0; i < 10000 * times; i++) {
        double eighths = (double)(next_random(&seed) % 2000001) / 8;
        assert_as_printf(random_double(&seed), (uint32_t)(next_random(&seed) % 101));
        assert_as_printf(eighths - 125000, (uint32_t)(next_random(&seed) % 3));
    }
}

static void test_print_plain(void **state) {
    static const struct {
        double number;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1.5, "1.5"},
        {-1e-7, "-0.0000001"},
        {1e21, "1000000000000000000000"},
        {1.2345e22, "12345000000000000000000"},
        {(double)INFINITY, "inf"},
    };
    char out[NUMBER_TEXT + 1];
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++)
        assert_text(slice_from(out, number_print_plain(rows[i].number, out)), rows[i].text);
    assert_int_equal(number_print_plain(-1.7976931348623157e308, out), 310);
    assert_int_equal(number_print_plain(-5e-324, out), 327);
    uint64_t seed = 12;
    for (uint32_t i = 0; i < 10000 * times; i++) {
        double number = random_double(&seed);
        uint32_t length = number_print_plain(number, out);
        out[length] = '\0';
        assert_null(memchr(out, 'e', length));
        assert_true(to_bits(strtod(out, NULL)) == to_bits(number));
    }
}

int main(int count, char **arguments) {
    if (count > 1) times = (uint32_t)strtoul(arguments[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_print),
        cmocka_unit_test(test_print_plain),
        cmocka_unit_test(test_print_with_precision),
        cmocka_unit_test(test_round_trip_random),
        cmocka_unit_test(test_round_trip_edges),
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_parse_long),
        cmocka_unit_test(test_strtod_printed),
        cmocka_unit_test(test_strtod_written),
        cmocka_unit_test(test_strtod_half_way),
        cmocka_unit_test(test_strtod_long),
        cmocka_unit_test(test_strtod_edges),
        cmocka_unit_test(test_parse_uint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
