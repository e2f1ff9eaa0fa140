// Encodings against the vectors of RFC 4648 and RFC 3986, and what they refuse.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "tests/unit/bodies.h"

function_body encode_hex, encode_unhex, encode_base64, encode_base64_decode, encode_base64url,
    encode_base64url_decode, encode_url, encode_url_decode;

static const struct encode_case {
    function_body *body;
    const char *argument;
    const char *result; // NULL: refused
} cases[] = {
    {encode_hex, "", ""},
    {encode_hex, "\xff\x01z", "ff017a"},
    {encode_unhex, "", ""},
    {encode_unhex, "fF7a", "\xffz"},
    {encode_unhex, "f", NULL},
    {encode_unhex, "fg", NULL},
    {encode_unhex, "0x", NULL},
    {encode_unhex, "f ", NULL},
    // RFC 4648 section 10
    {encode_base64, "", ""},
    {encode_base64, "f", "Zg=="},
    {encode_base64, "fo", "Zm8="},
    {encode_base64, "foo", "Zm9v"},
    {encode_base64, "foob", "Zm9vYg=="},
    {encode_base64, "fooba", "Zm9vYmE="},
    {encode_base64, "foobar", "Zm9vYmFy"},
    {encode_base64, "\xfb\xff\xfe", "+//+"},
    {encode_base64_decode, "", ""},
    {encode_base64_decode, "Zg==", "f"},
    {encode_base64_decode, "Zg", "f"},
    {encode_base64_decode, "Zm8=", "fo"},
    {encode_base64_decode, "Zm8", "fo"},
    {encode_base64_decode, "Zm9vYmFy", "foobar"},
    {encode_base64_decode, "Zm9v\r\nYmFy\n", "foobar"},
    {encode_base64_decode, "+//+", "\xfb\xff\xfe"},
    {encode_base64_decode, "Zh==", "f"}, // bits left over
    {encode_base64_decode, "Z", NULL},
    {encode_base64_decode, "Zg=", NULL},
    {encode_base64_decode, "Zg===", NULL},
    {encode_base64_decode, "Zm9v=", NULL},
    {encode_base64_decode, "Zm9v====", NULL},
    {encode_base64_decode, "Zg==Zg==", NULL},
    {encode_base64_decode, "=", NULL},
    {encode_base64_decode, "-__-", NULL},
    {encode_base64_decode, "Zm 9v", NULL},
    {encode_base64url, "\xfb\xff\xfe", "-__-"},
    {encode_base64url, "f", "Zg"},
    {encode_base64url, "fo", "Zm8"},
    {encode_base64url_decode, "-__-", "\xfb\xff\xfe"},
    {encode_base64url_decode, "Zg", "f"},
    {encode_base64url_decode, "Zg==", "f"},
    {encode_base64url_decode, "+//+", NULL},
    {encode_url, "", ""},
    {encode_url, "AZaz09-._~", "AZaz09-._~"},
    {encode_url, " /?#+%&=", "%20%2F%3F%23%2B%25%26%3D"},
    {encode_url, "h\xc3\xa4", "h%C3%A4"},
    {encode_url_decode, "a%20b+c", "a b+c"},
    {encode_url_decode, "h%c3%A4", "h\xc3\xa4"},
    {encode_url_decode, "%2525", "%25"},
    {encode_url_decode, "%", NULL},
    {encode_url_decode, "%2", NULL},
    {encode_url_decode, "a%2g", NULL},
    {encode_url_decode, "%%20", NULL},
    {encode_url_decode, "%c3", NULL},       // half a character
    {encode_url_decode, "%ed%a0%80", NULL}, // a surrogate
    {encode_url_decode, "%c0%af", NULL},    // not the shortest form
};

static void test_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(cases); i++) {
        struct bodies bodies;
        struct value argument = bodies_string(cases[i].argument), result = value_null();
        bodies_open(&bodies, UINT32_MAX);
        enum failure failure = bodies_call(&bodies, cases[i].body, 1, &argument, &result);
        bool right = cases[i].result == NULL
                         ? failure == FAILURE_CONVERSION && result.kind == TYPE_NULL
                         : failure == FAILURE_NONE && slice_is(value_text(result), cases[i].result);
        if (!right) fail_msg("case %zu: `%s`", i, cases[i].argument);
        bodies_close(&bodies);
    }
}

static void test_kinds(void **state) {
    (void)state;
    struct bodies bodies;
    struct value argument = bodies_string("4142"), result;
    bodies_open(&bodies, UINT32_MAX);
    bodies_call(&bodies, encode_unhex, 1, &argument, &result);
    assert_int_equal(result.kind, TYPE_BYTES);
    bodies_call(&bodies, encode_base64_decode, 1, &argument, &result);
    assert_int_equal(result.kind, TYPE_BYTES);
    bodies_call(&bodies, encode_url_decode, 1, &argument, &result);
    assert_int_equal(result.kind, TYPE_STRING);
    bodies_close(&bodies);
}

// Every length up to 70 and back; every byte.
static void test_round_trip(void **state) {
    (void)state;
    static function_body *const pairs[][2] = {{encode_hex, encode_unhex},
                                              {encode_base64, encode_base64_decode},
                                              {encode_base64url, encode_base64url_decode}};
    for (size_t p = 0; p < LEN(pairs); p++) {
        for (uint32_t length = 0; length < 70; length++) {
            struct bodies bodies;
            char bytes[70];
            for (uint32_t i = 0; i < length; i++)
                bytes[i] = (char)(i * 37 + length * 11);
            struct value raw = value_bytes(slice_from(bytes, length)), text, back;
            bodies_open(&bodies, UINT32_MAX);
            assert_int_equal(bodies_call(&bodies, pairs[p][0], 1, &raw, &text), FAILURE_NONE);
            assert_int_equal(bodies_call(&bodies, pairs[p][1], 1, &text, &back), FAILURE_NONE);
            assert_true(slice_equal(value_text(raw), value_text(back)));
            bodies_close(&bodies);
        }
    }
}

static void test_limits(void **state) {
    (void)state;
    struct bodies bodies;
    struct value result = value_null();
    char *text = malloc(LIMIT_STRING);
    memset(text, 'a', LIMIT_STRING);
    struct value half = value_bytes(slice_from(text, LIMIT_STRING / 2));
    struct value over = value_bytes(slice_from(text, LIMIT_STRING / 2 + 1));
    bodies_open(&bodies, UINT32_MAX);
    assert_int_equal(bodies_call(&bodies, encode_hex, 1, &half, &result), FAILURE_NONE);
    assert_int_equal(result.length, LIMIT_STRING);
    assert_int_equal(bodies_call(&bodies, encode_hex, 1, &over, &result), FAILURE_TOO_LONG);
    bodies.call.steps = LIMIT_STRING / 128 - 1;
    assert_int_equal(bodies_call(&bodies, encode_hex, 1, &half, &result), FAILURE_STEPS);
    bodies_close(&bodies);
    bodies_open(&bodies, 0);
    assert_int_equal(bodies_call(&bodies, encode_url, 1, &half, &result), FAILURE_NO_MEMORY);
    bodies_close(&bodies);
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
