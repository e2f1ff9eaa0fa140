// Whose request it is: peers as Envoy writes them, and chains of forwarded addresses, of which each
// entry but the trusted ones is what an attacker wrote.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/lib/client.h"
#include "tools/heap.h"

static const struct peer_case {
    const char *text;
    const char *address; // "": none
    uint32_t port;
} peers[] = {
    {"10.0.0.7:50000", "10.0.0.7", 50000},
    {"10.0.0.7:0", "10.0.0.7", 0},
    {"10.0.0.7", "10.0.0.7", 0},
    {"[2001:db8::1]:443", "2001:db8::1", 443},
    {"[2001:db8::1]", "2001:db8::1", 0},
    {"2001:db8::1", "2001:db8::1", 0},
    {"[fe80::1%2]:50000", "fe80::1", 50000},
    {"[::ffff:10.0.0.7]:50000", "10.0.0.7", 50000},
    {"[::ffff:a00:7]:50000", "10.0.0.7", 50000},
    {"::ffff:10.0.0.7", "10.0.0.7", 0},
    {"[::1]:65535", "::1", 65535},
    {"", "", 0},
    {"@/run/proxy.sock", "", 0},
    {"/run/proxy.sock", "", 0},
    {"10.0.0.7:", "", 0},
    {"10.0.0.7:65536", "", 0},
    {"10.0.0.7:1234567", "", 0},
    {"10.0.0.7:x", "", 0},
    {"10.0.0.7:-1", "", 0},
    {":50000", "", 0},
    {"[", "", 0},
    {"[]", "", 0},
    {"]", "", 0},
    {"[10.0.0.7", "", 0},
    {"[2001:db8::1]443", "", 0},
    {"[2001:db8::1]:", "", 0},
    {"[2001:db8::1]x", "", 0},
    {"localhost:80", "", 0},
};

static void check_address(const char *of, struct address found, const char *address) {
    char text[CIDR_PRINTED];
    uint32_t length = 0;
    if (found.length > 0) length = cidr_print_address(found.bytes, found.length, text);
    if (slice_is(slice_from(text, length), address)) return;
    fail_msg("%s: %.*s instead of %s", of, (int)length, text, address);
}

static void test_peers(void **state) {
    (void)state;
    for (uint32_t i = 0; i < LEN(peers); i++) {
        struct address found = client_peer(slice_of(peers[i].text));
        check_address(peers[i].text, found, peers[i].address);
        if (peers[i].address[0] != '\0') assert_int_equal(found.port, peers[i].port);
    }
}

// The peer is 10.0.0.7 in all of them.
static const struct chain_case {
    uint32_t hops;
    const char *chain;
    const char *client; // NULL: the peer, for want of a good chain
} hop_cases[] = {
    {0, "192.0.2.1", "10.0.0.7"},
    {1, "192.0.2.1", "192.0.2.1"},
    {1, "198.51.100.1, 192.0.2.1", "192.0.2.1"},
    {1, "198.51.100.1,192.0.2.1", "192.0.2.1"},
    {1, "198.51.100.1\t,\t192.0.2.1 ", "192.0.2.1"},
    {1, "<script>, 192.0.2.1", "192.0.2.1"},
    {1, ",192.0.2.1", "192.0.2.1"},
    {1, "192.0.2.1:4711", "192.0.2.1"},
    {1, "2001:db8::9", "2001:db8::9"},
    {1, "[2001:db8::9]", "2001:db8::9"},
    {1, "[2001:db8::9]:4711", "2001:db8::9"},
    {1, "::ffff:192.0.2.1", "192.0.2.1"},
    {2, "198.51.100.1, 192.0.2.1", "198.51.100.1"},
    {2, "203.0.113.5, 198.51.100.1, 192.0.2.1", "198.51.100.1"},
    {3, "198.51.100.1, 192.0.2.1", NULL},
    {2, "192.0.2.1", NULL},
    {1, "", NULL},
    {1, " ", NULL},
    {1, ",", NULL},
    {1, "192.0.2.1,", NULL},
    {1, "192.0.2.1, unknown", NULL},
    {2, "198.51.100.1, unknown", NULL},
    {2, "198.51.100.1,, 192.0.2.1", NULL},
    {1, "192.0.2.1 198.51.100.1", NULL},
    {1, "192.0.2.1;198.51.100.1", NULL},
    {1, "fe80::1%eth0", NULL},
    {1, "[2001:db8::9", NULL},
    {1, "192.0.2.1:70000", NULL},
    {1, "192.0.2.01", NULL},
    {1, "192.0.2.1/32", NULL},
    {64, "192.0.2.1", NULL},
};

static void check_chain(const struct trust *trust, const char *peer, const char *chain,
                        const char *client) {
    bool trusted;
    struct address found =
        client_find(trust, client_peer(slice_of(peer)), slice_of(chain), &trusted);
    check_address(chain, found, client == NULL ? peer : client);
    if (trusted != (client != NULL)) fail_msg("%s: trusted is %d", chain, trusted);
}

static void test_hops(void **state) {
    (void)state;
    for (uint32_t i = 0; i < LEN(hop_cases); i++) {
        struct trust trust = {.hops = hop_cases[i].hops};
        check_chain(&trust, "10.0.0.7", hop_cases[i].chain, hop_cases[i].client);
    }
}

static const struct network_case {
    const char *peer;
    const char *chain;
    const char *client;
} network_cases[] = {
    {"192.0.2.1", "198.51.100.1", "192.0.2.1"}, // a stranger's chain is not looked at
    {"192.0.2.1", "<script>", "192.0.2.1"},
    {"10.0.0.7", "198.51.100.1", "198.51.100.1"},
    {"10.0.0.7", "203.0.113.5, 198.51.100.1", "198.51.100.1"},
    {"10.0.0.7", "203.0.113.5, 198.51.100.1, 10.9.9.9, fd00::1", "198.51.100.1"},
    {"fd00::2", "198.51.100.1, 10.1.1.1", "198.51.100.1"},
    {"10.0.0.7", "<script>, 198.51.100.1", "198.51.100.1"},
    {"10.0.0.7", "", NULL},
    {"10.0.0.7", "10.1.1.1", NULL}, // never the leftmost
    {"10.0.0.7", "10.1.1.1, 10.2.2.2", NULL},
    {"10.0.0.7", "198.51.100.1, unknown", NULL},
    {"10.0.0.7", "198.51.100.1, unknown, 10.2.2.2", NULL},
};

static void test_networks(void **state) {
    (void)state;
    struct value entries[] = {value_string(slice_of("10.0.0.0/8")),
                              value_string(slice_of("fd00::/8"))};
    struct value list = {
        .kind = TYPE_LIST, .depth = 1, .length = LEN(entries), .as.items = entries};
    struct arena arena;
    struct trust trust = {.hops = 0};
    arena_init(&arena, &heap, 4096, SIZE_MAX);
    assert_int_equal(cidr_set_build(&arena, list, &trust.networks, NULL), FAILURE_NONE);
    for (uint32_t i = 0; i < LEN(network_cases); i++) {
        const struct network_case *one = &network_cases[i];
        check_chain(&trust, one->peer, one->chain, one->client);
    }
    arena_free(&arena);
}

static void test_header(void **state) {
    (void)state;
    struct trust trust = {.header = slice_of("x-real-ip")};
    check_chain(&trust, "10.0.0.7", "192.0.2.1", "192.0.2.1");
    check_chain(&trust, "10.0.0.7", " 2001:db8::9 ", "2001:db8::9");
    check_chain(&trust, "10.0.0.7", "192.0.2.1:80", "192.0.2.1");
    check_chain(&trust, "10.0.0.7", "", NULL);
    check_chain(&trust, "10.0.0.7", "192.0.2.1, 192.0.2.2", NULL);
    check_chain(&trust, "10.0.0.7", "192.0.2.1,", NULL);
    check_chain(&trust, "10.0.0.7", "unknown", NULL);
}

static void test_a_peer_without_an_address(void **state) {
    (void)state;
    bool trusted;
    struct trust none = {.hops = 0}, one = {.hops = 1};
    struct address peer = client_peer(slice_of("@/run/proxy.sock"));
    assert_int_equal(client_find(&none, peer, slice_of("192.0.2.1"), &trusted).length, 0);
    assert_false(trusted);
    check_address("sock", client_find(&one, peer, slice_of("192.0.2.1"), &trusted), "192.0.2.1");
    assert_true(trusted);
}

static void test_header_names(void **state) {
    (void)state;
    struct trust none = {.hops = 0}, hops = {.hops = 2}, header = {.header = slice_of("x-real-ip")};
    assert_int_equal(client_header(&none).length, 0);
    assert_true(slice_is(client_header(&hops), "x-forwarded-for"));
    assert_true(slice_is(client_header(&header), "x-real-ip"));
}

static void test_prefixes(void **state) {
    static const char *const cases[][2] = {
        {"203.0.113.7", "203.0.113.7"},
        {"::ffff:203.0.113.7", "203.0.113.7"},
        {"2001:db8::1", "2001:db8::/64"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"::1", "::/64"},
        {"2001:db8:0:1::1", "2001:db8:0:1::/64"},
    };
    (void)state;
    for (uint32_t i = 0; i < LEN(cases); i++) {
        char text[CIDR_PRINTED];
        uint32_t length = client_prefix(client_peer(slice_of(cases[i][0])), text);
        if (slice_is(slice_from(text, length), cases[i][1])) continue;
        fail_msg("%s: %.*s", cases[i][0], (int)length, text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_peers),
        cmocka_unit_test(test_hops),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_a_peer_without_an_address),
        cmocka_unit_test(test_header_names),
        cmocka_unit_test(test_prefixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
