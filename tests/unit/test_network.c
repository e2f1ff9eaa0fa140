// Addresses, networks and sets of them: what Kubernetes' libraries accept and say, and sets against
// a walk over their entries.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/lib/network.h"
#include "engine/match/cidr.h"
#include "tests/unit/bodies.h"

function_body network_ip, network_is_ip, network_is_canonical, network_cidr, network_is_cidr,
    network_string, network_family, network_is_unspecified, network_is_loopback,
    network_is_link_multicast, network_is_link_unicast, network_is_global_unicast,
    network_contains_ip, network_contains_cidr, network_address, network_masked, network_is_mask,
    network_prefix_length, network_cidrs;

static const struct text_case {
    const char *text;
    const char *printed; // NULL: refused
} addresses[] = {
    {"0.0.0.0", "0.0.0.0"},
    {"127.0.0.1", "127.0.0.1"},
    {"255.255.255.255", "255.255.255.255"},
    {"", NULL},
    {"1", NULL},
    {"1.2.3", NULL},
    {"1.2.3.", NULL},
    {".1.2.3", NULL},
    {"1..2.3", NULL},
    {"1.2.3.4.5", NULL},
    {"1.2.3.4.", NULL},
    {"1.2.3.256", NULL},
    {"1.2.3.1000", NULL},
    {"1.2.3.99999999999", NULL},
    {"01.2.3.4", NULL},
    {"1.2.3.00", NULL},
    {"1.2.3.4 ", NULL},
    {" 1.2.3.4", NULL},
    {"1.2.3.+4", NULL},
    {"1.2.3.0x4", NULL},
    {"1.2.3.4/32", NULL},
    {"1.2.3.4:80", NULL},
    {"::", "::"},
    {"::1", "::1"},
    {"1::", "1::"},
    {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
    {"2001:DB8::ABCD", "2001:db8::abcd"},
    {"2001:db8::0:0:0:abcd", "2001:db8::abcd"},
    {"0001:0:0:2:0:0:0:3", "1:0:0:2::3"},
    {"1:0:0:2:0:0:3:4", "1::2:0:0:3:4"},
    {"1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"},
    {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"},
    {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"},
    {"1:2:3:4:5:6::", "1:2:3:4:5:6::"},
    {"::1.2.3.4", "::102:304"},
    {"64:ff9b::1.2.3.4", "64:ff9b::102:304"},
    {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
    {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {":", NULL},
    {":1", NULL},
    {"1:", NULL},
    {":::", NULL},
    {":::1", NULL},
    {"1:::2", NULL},
    {"1::2::3", NULL},
    {"::1:", NULL},
    {"1:2:3:4:5:6:7", NULL},
    {"1:2:3:4:5:6:7:8:9", NULL},
    {"1:2:3:4:5:6:7:8::", NULL},
    {"1:2:3:4::5:6:7:8", NULL},
    {"::12345", NULL},
    {"::g", NULL},
    {"::1%eth0", NULL},
    {"fe80::1%", NULL},
    {"[::1]", NULL},
    {"::ffff:1.2.3.4", NULL},
    {"::ffff:0:0", NULL},
    {"0:0:0:0:0:ffff:102:304", NULL},
    {"::1.2.3", NULL},
    {"::1.2.3.4.5", NULL},
    {"::1.2.3.4:5", NULL},
    {"1.2.3.4::", NULL},
    {"::01.2.3.4", NULL},
    {"1:2:3:4:5:6:7:1.2.3.4", NULL},
    {"::1 ", NULL},
};

static const struct text_case networks[] = {
    {"10.0.0.0/8", "10.0.0.0/8"},
    {"10.1.2.3/8", "10.1.2.3/8"},
    {"0.0.0.0/0", "0.0.0.0/0"},
    {"1.2.3.4/32", "1.2.3.4/32"},
    {"::/0", "::/0"},
    {"::1/128", "::1/128"},
    {"2001:DB8::/32", "2001:db8::/32"},
    {"1.2.3.4", NULL},
    {"1.2.3.4/", NULL},
    {"1.2.3.4/33", NULL},
    {"1.2.3.4/08", NULL},
    {"1.2.3.4/+8", NULL},
    {"1.2.3.4/-1", NULL},
    {"1.2.3.4/8 ", NULL},
    {"1.2.3.4/8/8", NULL},
    {"1.2.3.4/4294967304", NULL},
    {"1.2.3.4/255.0.0.0", NULL},
    {"::1/129", NULL},
    {"::ffff:1.2.3.4/96", NULL},
    {"fe80::1%eth0/64", NULL},
    {"/8", NULL},
    {"", NULL},
};

static void check_texts(const struct text_case *cases, size_t count, function_body *make,
                        function_body *test, enum type kind) {
    for (size_t i = 0; i < count; i++) {
        struct bodies bodies;
        struct value text = bodies_string(cases[i].text), made, is, printed;
        bodies_open(&bodies, UINT32_MAX);
        enum failure failure = bodies_call(&bodies, make, 1, &text, &made);
        assert_int_equal(bodies_call(&bodies, test, 1, &text, &is), FAILURE_NONE);
        bool right = cases[i].printed == NULL
                         ? failure == FAILURE_ADDRESS && !is.as.boolean
                         : failure == FAILURE_NONE && is.as.boolean && made.kind == kind;
        if (right && cases[i].printed != NULL) {
            assert_int_equal(bodies_call(&bodies, network_string, 1, &made, &printed),
                             FAILURE_NONE);
            right = slice_is(value_text(printed), cases[i].printed);
        }
        if (!right) fail_msg("`%s`", cases[i].text);
        bodies_close(&bodies);
    }
}

static void test_addresses(void **state) {
    (void)state;
    check_texts(addresses, LEN(addresses), network_ip, network_is_ip, TYPE_IP);
}

static void test_networks(void **state) {
    (void)state;
    check_texts(networks, LEN(networks), network_cidr, network_is_cidr, TYPE_CIDR);
}

static struct value made(struct bodies *bodies, const char *text) {
    struct value string = bodies_string(text), out;
    bool network = strchr(text, '/') != NULL;
    assert_int_equal(bodies_call(bodies, network ? network_cidr : network_ip, 1, &string, &out),
                     FAILURE_NONE);
    return out;
}

static void test_canonical(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool canonical;
    } cases[] = {{"127.0.0.1", true},
                 {"2001:db8::abcd", true},
                 {"2001:DB8::ABCD", false},
                 {"2001:db8::0:0:0:abcd", false},
                 {"::0", false}};
    struct bodies bodies;
    bodies_open(&bodies, UINT32_MAX);
    struct value text, out;
    for (size_t i = 0; i < LEN(cases); i++) {
        text = bodies_string(cases[i].text);
        assert_int_equal(bodies_call(&bodies, network_is_canonical, 1, &text, &out), FAILURE_NONE);
        assert_int_equal(out.as.boolean, cases[i].canonical);
    }
    text = bodies_string("127.0.0.1.0");
    assert_int_equal(bodies_call(&bodies, network_is_canonical, 1, &text, &out), FAILURE_ADDRESS);
    bodies_close(&bodies);
}

// Unspecified, loopback, link-local multicast, link-local unicast, global unicast.
static void test_kinds(void **state) {
    (void)state;
    static function_body *const bodies_of[] = {network_is_unspecified, network_is_loopback,
                                               network_is_link_multicast, network_is_link_unicast,
                                               network_is_global_unicast};
    static const struct {
        const char *ip;
        const char *kinds;
    } cases[] = {
        {"0.0.0.0", "u----"},
        {"0.0.0.1", "----g"},
        {"127.0.0.1", "-l---"},
        {"127.255.0.9", "-l---"},
        {"128.0.0.0", "----g"},
        {"224.0.0.1", "--m--"},
        {"224.0.1.1", "-----"},
        {"239.1.1.1", "-----"},
        {"240.0.0.1", "----g"},
        {"169.254.169.254", "---s-"},
        {"169.255.0.1", "----g"},
        {"192.168.0.1", "----g"},
        {"255.255.255.255", "-----"},
        {"255.255.255.254", "----g"},
        {"::", "u----"},
        {"::1", "-l---"},
        {"::2", "----g"},
        {"ff02::1", "--m--"},
        {"ff12::1", "--m--"},
        {"ff00::1", "-----"},
        {"ff05::1", "-----"},
        {"fd00::1", "----g"},
        {"fe80::1", "---s-"},
        {"febf::1", "---s-"},
        {"fec0::1", "----g"},
        {"fd80::1", "----g"},
        {"2001:db8::abcd", "----g"},
        {"1::", "----g"},
    };
    struct bodies bodies;
    bodies_open(&bodies, UINT32_MAX);
    for (size_t i = 0; i < LEN(cases); i++) {
        struct value ip = made(&bodies, cases[i].ip), is;
        for (size_t k = 0; k < LEN(bodies_of); k++) {
            bodies_call(&bodies, bodies_of[k], 1, &ip, &is);
            if (is.as.boolean != (cases[i].kinds[k] != '-')) fail_msg("%s %zu", cases[i].ip, k);
        }
        bodies_call(&bodies, network_family, 1, &ip, &is);
        assert_int_equal(is.as.integer, strchr(cases[i].ip, ':') ? 6 : 4);
    }
    bodies_close(&bodies);
}

static void test_contains(void **state) {
    (void)state;
    static const struct {
        const char *network, *other;
        bool contains;
    } cases[] = {
        {"192.168.0.0/24", "192.168.0.1", true},
        {"192.168.0.0/24", "192.168.1.1", false},
        {"192.168.0.77/24", "192.168.0.1", true},
        {"192.168.0.0/23", "192.168.1.255", true},
        {"192.168.0.0/23", "192.168.2.0", false},
        {"0.0.0.0/0", "255.255.255.255", true},
        {"0.0.0.0/0", "::1", false},
        {"::/0", "1.2.3.4", false},
        {"::/0", "ffff::", true},
        {"1.2.3.4/32", "1.2.3.4", true},
        {"1.2.3.4/32", "1.2.3.5", false},
        {"2001:db8::/32", "2001:db8::1", true},
        {"2001:db8::/32", "2001:dc8::1", false},
        {"2001:db8::/33", "2001:db8:8000::", false},
        {"192.168.0.0/16", "192.168.10.0/24", true},
        {"192.168.1.0/24", "192.168.2.0/24", false},
        {"192.168.0.0/24", "192.168.0.0/23", false},
        {"192.168.0.0/24", "192.168.0.0/24", true},
        {"192.168.0.0/24", "192.168.0.1/32", true},
        {"10.0.0.0/8", "::1/128", false},
        {"::/0", "10.0.0.0/8", false},
        {"2001:db8::/32", "2001:db8::/33", true},
        {"2001:db8::/32", "2001:db8::/31", false},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        struct bodies bodies;
        bodies_open(&bodies, UINT32_MAX);
        bool network = strchr(cases[i].other, '/') != NULL;
        function_body *body = network ? network_contains_cidr : network_contains_ip;
        struct value arguments[2] = {made(&bodies, cases[i].network),
                                     made(&bodies, cases[i].other)};
        struct value out;
        assert_int_equal(bodies_call(&bodies, body, 2, arguments, &out), FAILURE_NONE);
        assert_int_equal(out.as.boolean, cases[i].contains);
        arguments[1] = bodies_string(cases[i].other);
        assert_int_equal(bodies_call(&bodies, body, 2, arguments, &out), FAILURE_NONE);
        assert_int_equal(out.as.boolean, cases[i].contains);
        arguments[1] = bodies_string("not one");
        assert_int_equal(bodies_call(&bodies, body, 2, arguments, &out), FAILURE_ADDRESS);
        bodies_close(&bodies);
    }
}

static void test_parts(void **state) {
    (void)state;
    static const struct {
        const char *network, *address, *masked;
        int64_t prefix;
    } cases[] = {
        {"192.168.1.5/24", "192.168.1.5", "192.168.1.0/24", 24},
        {"192.168.1.0/24", "192.168.1.0", "192.168.1.0/24", 24},
        {"255.255.255.255/0", "255.255.255.255", "0.0.0.0/0", 0},
        {"255.255.255.255/1", "255.255.255.255", "128.0.0.0/1", 1},
        {"255.255.255.255/31", "255.255.255.255", "255.255.255.254/31", 31},
        {"255.255.255.255/32", "255.255.255.255", "255.255.255.255/32", 32},
        {"2001:db8:1::/32", "2001:db8:1::", "2001:db8::/32", 32},
        {"ffff:ffff::1/17", "ffff:ffff::1", "ffff:8000::/17", 17},
        {"::1/128", "::1", "::1/128", 128},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        struct bodies bodies;
        bodies_open(&bodies, UINT32_MAX);
        struct value network = made(&bodies, cases[i].network), out, text;
        bodies_call(&bodies, network_address, 1, &network, &out);
        assert_int_equal(out.kind, TYPE_IP);
        assert_true(slice_equal(value_text(out), value_text(made(&bodies, cases[i].address))));
        bodies_call(&bodies, network_masked, 1, &network, &out);
        assert_int_equal(out.kind, TYPE_CIDR);
        bodies_call(&bodies, network_string, 1, &out, &text);
        assert_true(slice_is(value_text(text), cases[i].masked));
        bodies_call(&bodies, network_is_mask, 1, &network, &out);
        assert_int_equal(out.as.boolean, strcmp(cases[i].network, cases[i].masked) == 0);
        bodies_call(&bodies, network_prefix_length, 1, &network, &out);
        assert_int_equal(out.as.integer, cases[i].prefix);
        bodies_close(&bodies);
    }
}

static struct value list_of(const char *const *texts, uint32_t count, struct value *items) {
    for (uint32_t i = 0; i < count; i++)
        items[i] = bodies_string(texts[i]);
    return (struct value){.kind = TYPE_LIST, .depth = 1, .length = count, .as.items = items};
}

static void test_set(void **state) {
    (void)state;
    static const char *const texts[] = {
        "10.0.0.0/8",    "10.1.0.0/16",  "192.168.1.7",   "192.168.1.7/32",
        "172.16.5.9/12", "10.0.0.0/8",   "2001:db8::/32", "2001:db8::1",
        "::1",           "1.2.3.128/25",
    };
    static const struct {
        const char *ip;
        bool holds;
    } cases[] = {
        {"10.0.0.0", true},
        {"10.255.255.255", true},
        {"9.255.255.255", false},
        {"11.0.0.0", false},
        {"192.168.1.7", true},
        {"192.168.1.6", false},
        {"192.168.1.8", false},
        {"172.16.0.0", true},
        {"172.31.255.255", true},
        {"172.32.0.0", false},
        {"1.2.3.127", false},
        {"1.2.3.128", true},
        {"0.0.0.0", false},
        {"255.255.255.255", false},
        {"::1", true},
        {"::", false},
        {"::2", false},
        {"2001:db8:ffff::", true},
        {"2001:db9::", false},
        {"2001:db7:ffff::", false},
        {"ffff::", false},
    };
    struct bodies bodies;
    struct value items[LEN(texts)], set, list = list_of(texts, LEN(texts), items);
    bodies_open(&bodies, UINT32_MAX);
    assert_int_equal(bodies_call(&bodies, network_cidrs, 1, &list, &set), FAILURE_NONE);
    assert_int_equal(set.kind, TYPE_CIDRS);
    for (size_t i = 0; i < LEN(cases); i++) {
        bool holds;
        assert_int_equal(network_in(bodies_string(cases[i].ip), set, &holds), FAILURE_NONE);
        if (holds != cases[i].holds) fail_msg("%s", cases[i].ip);
        assert_int_equal(network_in(made(&bodies, cases[i].ip), set, &holds), FAILURE_NONE);
        assert_int_equal(holds, cases[i].holds);
    }
    bool holds;
    assert_int_equal(network_in(bodies_string("10.0.0.1:80"), set, &holds), FAILURE_ADDRESS);
    assert_int_equal(network_in(bodies_string(""), set, &holds), FAILURE_ADDRESS);
    struct value same;
    assert_int_equal(bodies_call(&bodies, network_cidrs, 1, &set, &same), FAILURE_NONE);
    assert_ptr_equal(same.as.object, set.as.object);
    list.length = 0;
    assert_int_equal(bodies_call(&bodies, network_cidrs, 1, &list, &set), FAILURE_NONE);
    assert_int_equal(network_in(bodies_string("10.0.0.1"), set, &holds), FAILURE_NONE);
    assert_false(holds);
    bodies_close(&bodies);
}

static void test_set_refusals(void **state) {
    (void)state;
    static const struct {
        const char *texts[3];
        uint32_t bad;
    } cases[] = {
        {{"10.0.0.0/33", "::1", "::1"}, 0},
        {{"::1", "::1", ""}, 2},
        {{"::1", "example.com", "1"}, 1},
        {{"::1", "::ffff:1.2.3.4", "::1"}, 1},
    };
    struct bodies bodies;
    struct value items[3], set;
    uint32_t bad;
    bodies_open(&bodies, UINT32_MAX);
    for (size_t i = 0; i < LEN(cases); i++) {
        struct value list = list_of(cases[i].texts, 3, items);
        assert_int_equal(network_make_set(&bodies.arena, list, &set, &bad), FAILURE_ADDRESS);
        assert_int_equal(bad, cases[i].bad);
    }
    items[0] = value_int(1);
    struct value list = {.kind = TYPE_LIST, .depth = 1, .length = 1, .as.items = items};
    assert_int_equal(network_make_set(&bodies.arena, list, &set, &bad), FAILURE_ADDRESS);
    bodies_close(&bodies);
}

static void test_refused_memory(void **state) {
    (void)state;
    static const char *const texts[] = {"10.0.0.0/8", "::1", "10.0.0.0/9", "::2"};
    struct value items[LEN(texts)], set, list = list_of(texts, LEN(texts), items);
    for (uint32_t blocks = 0;; blocks++) {
        struct bodies bodies;
        bodies_open(&bodies, blocks);
        enum failure failure = bodies_call(&bodies, network_cidrs, 1, &list, &set);
        bodies_close(&bodies);
        if (failure == FAILURE_NONE) break;
        assert_int_equal(failure, FAILURE_NO_MEMORY);
        assert_true(blocks < 10);
    }
}

static uint32_t next_random(uint32_t *seed) {
    *seed = *seed * 1664525 + 1013904223;
    return *seed >> 8;
}

// Sets of random networks in a small space against a walk over all entries.
static void test_random_sets(void **state) {
    (void)state;
    enum { ENTRIES = 24 };
    uint32_t seed = 1;
    for (uint32_t round = 0; round < 2000; round++) {
        struct bodies bodies;
        char texts[ENTRIES][64];
        const char *pointers[ENTRIES];
        struct value items[ENTRIES], cidrs[ENTRIES], set;
        uint32_t count = 1 + next_random(&seed) % ENTRIES;
        bodies_open(&bodies, UINT32_MAX);
        for (uint32_t i = 0; i < count; i++) {
            uint32_t low = next_random(&seed) % 256;
            if (round % 2 == 0) {
                snprintf(texts[i], 64, "1.%u.3.%u/%u", low & 1, low, next_random(&seed) % 33);
            } else {
                snprintf(texts[i], 64, "1:%x::%x/%u", low & 1, low, next_random(&seed) % 129);
            }
            pointers[i] = texts[i];
            cidrs[i] = made(&bodies, texts[i]);
        }
        struct value list = list_of(pointers, count, items);
        assert_int_equal(bodies_call(&bodies, network_cidrs, 1, &list, &set), FAILURE_NONE);
        for (uint32_t i = 0; i < 512; i++) {
            char text[64];
            snprintf(text, 64, round % 2 == 0 ? "1.%u.3.%u" : "1:%x::%x", i >> 8, i & 255);
            struct value ip = made(&bodies, text), arguments[2] = {value_null(), ip}, out;
            bool wanted = false, got;
            for (uint32_t k = 0; k < count; k++) {
                arguments[0] = cidrs[k];
                bodies_call(&bodies, network_contains_ip, 2, arguments, &out);
                wanted = wanted || out.as.boolean;
            }
            assert_int_equal(network_in(ip, set, &got), FAILURE_NONE);
            assert_int_equal(got, wanted);
        }
        bodies_close(&bodies);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_canonical),
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_contains),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_set_refusals),
        cmocka_unit_test(test_refused_memory),
        cmocka_unit_test(test_random_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
