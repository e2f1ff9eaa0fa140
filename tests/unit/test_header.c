// The header gate: which names, values and targets rules may use.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "engine/lib/header.h"

static slice byte_slice(const char *byte) {
    return slice_from(byte, 1);
}

static void test_every_byte_of_a_name(void **state) {
    (void)state;
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (int byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        char inside[] = {'x', c, 'x'};
        bool valid = byte != 0 && strchr(token, byte) != NULL;
        assert_int_equal(header_name_valid(byte_slice(&c)), valid);
        assert_int_equal(header_name_valid(slice_from(inside, 3)), valid);
    }
}

static void test_every_byte_of_a_value(void **state) {
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        char inside[] = {'x', c, 'x'};
        bool valid = byte == '\t' || (byte >= ' ' && byte != 0x7f);
        assert_int_equal(header_value_valid(byte_slice(&c)), valid);
        assert_int_equal(header_value_valid(slice_from(inside, 3)), valid);
    }
}

static void test_lengths(void **state) {
    (void)state;
    char long_name[LIMIT_HEADER_NAME + 1];
    memset(long_name, 'n', sizeof long_name);
    assert_true(header_name_valid(slice_from(long_name, LIMIT_HEADER_NAME)));
    assert_false(header_name_valid(slice_from(long_name, LIMIT_HEADER_NAME + 1)));
    assert_false(header_name_valid(slice_from(NULL, 0)));
    assert_true(header_value_valid(slice_from(NULL, 0)));
}

static void test_values_that_would_split_a_message(void **state) {
    (void)state;
    assert_true(header_value_valid(slice_of("a=b; path=/; \xc3\xa9")));
    assert_false(header_value_valid(slice_of("a\r\nset-cookie: x")));
    assert_false(header_value_valid(slice_of("a\nb")));
    assert_false(header_value_valid(slice_of("a\rb")));
    assert_false(header_value_valid(slice_of("a\r")));
    assert_false(header_value_valid(slice_from("a\0b", 3)));
}

enum { REQUEST_SET = 1, REQUEST_REMOVE = 2, RESPONSE_SET = 4, RESPONSE_REMOVE = 8 };
enum { FREE = 15, DROP = 2 | 8, DROP_REQUEST = 15 & ~REQUEST_SET, NEVER = 0 };

static const struct target_case {
    const char *name;
    int allowed;
} target_cases[] = {
    {"x-partner", FREE},
    {"X-Partner", FREE},
    {"authorization", FREE},
    {"cookie", FREE},
    {"set-cookie", FREE},
    {"content-type", FREE},
    {"location", FREE},
    {"server", FREE},
    {"x-request-id", FREE},
    {"x-forwarded-for", FREE},
    {"x-forwarded-proto", FREE},
    // proxy-authenticate answers for a gateway; neither is listed by RFC 9110 section 7.6.1
    {"proxy-authenticate", FREE},
    {"proxy-authorization", FREE},
    // inputs of Envoy's router
    {"x-envoy-upstream-rq-timeout-ms", FREE},
    {"x-envoy-upstream-rq-per-try-timeout-ms", FREE},
    {"x-envoy-max-retries", FREE},
    {"x-envoy-retry-on", FREE},
    {"x-envoy-retry-grpc-on", FREE},
    {"x-envoy-original-dst-host", FREE},
    {"x-envoy-decorator-operation", FREE},
    {"x-envoy-expected-rq-timeout-ms", FREE},
    {"x-envoy-force-trace", FREE},
    {"x-envoy-hedge-on-per-try-timeout", FREE},
    {"x-envoy-upstream-alt-stat-name", FREE},
    {"x-envoy-upstream-stream-duration-ms", FREE},
    // trust
    {"x-envoy-external-address", DROP_REQUEST},
    {"X-Envoy-External-Address", DROP_REQUEST},
    {"x-envoy-internal", DROP_REQUEST},
    {"x-envoy-ip-tags", DROP_REQUEST},
    {"x-envoy-original-path", DROP_REQUEST},
    {"x-envoy-original-host", DROP_REQUEST},
    {"x-envoy-original-url", DROP_REQUEST},
    {"x-envoy-original-method", DROP_REQUEST},
    {"x-envoy-attempt-count", DROP_REQUEST},
    {"x-envoy-is-timeout-retry", DROP_REQUEST},
    {"x-forwarded-client-cert", DROP_REQUEST},
    {"x-envoy-downstream-service-cluster", DROP_REQUEST},
    {"X-ENVOY-DOWNSTREAM-SERVICE-NODE", DROP_REQUEST},
    {"x-envoy-peer-metadata", DROP},
    {"x-envoy-peer-metadata-id", DROP},
    {"X-Envoy-Peer-Anything", DROP},
    // framing and the connection
    {"connection", NEVER},
    {"Connection", NEVER},
    {"keep-alive", NEVER},
    {"proxy-connection", NEVER},
    {"te", NEVER},
    {"TE", NEVER},
    {"trailer", NEVER},
    {"transfer-encoding", NEVER},
    {"Transfer-Encoding", NEVER},
    {"upgrade", NEVER},
    {"http2-settings", NEVER},
    {"HTTP2-Settings", NEVER},
    {"content-length", NEVER},
    {"host", NEVER},
    {"Host", NEVER},
    {":status", NEVER},
    {":path", NEVER},
    {":", NEVER},
    {":anything", NEVER},
    // neighbours of rows
    {"x-envoy-internal-", FREE},
    {"x-envoy-interna", FREE},
    {"x-envoy-peer", FREE},
    {"x-envoy-downstream-service", FREE},
    {"hosts", FREE},
    {"hos", FREE},
    {"upgrade-insecure-requests", FREE},
    {"content-lengt", FREE},
    {"connection_", FREE},
    {"a:", FREE},
    {"", FREE},
};

static int uses_allowed(slice name) {
    return (header_target_allowed(name, false, false) ? REQUEST_SET : 0) |
           (header_target_allowed(name, false, true) ? REQUEST_REMOVE : 0) |
           (header_target_allowed(name, true, false) ? RESPONSE_SET : 0) |
           (header_target_allowed(name, true, true) ? RESPONSE_REMOVE : 0);
}

static void test_targets(void **state) {
    (void)state;
    for (uint32_t i = 0; i < LEN(target_cases); i++) {
        int allowed = uses_allowed(slice_of(target_cases[i].name));
        if (allowed != target_cases[i].allowed) print_message("%s\n", target_cases[i].name);
        assert_int_equal(allowed, target_cases[i].allowed);
    }
    assert_int_equal(uses_allowed(slice_from(NULL, 0)), FREE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte_of_a_name),
        cmocka_unit_test(test_every_byte_of_a_value),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_values_that_would_split_a_message),
        cmocka_unit_test(test_targets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
