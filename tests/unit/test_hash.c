// Digests against the vectors of FIPS 180 and RFC 4231, SipHash against its authors' vectors, and
// the documented hashes of values, which must never change.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/lib/hash.h"
#include "tests/unit/bodies.h"

function_body hash_sha256, hash_hmac_sha256, hash_of, hash_pick, hash_random, hash_uuid;

static void assert_digest(struct value digest, const char *hex) {
    static const char digits[] = "0123456789abcdef";
    assert_int_equal(digest.kind, TYPE_BYTES);
    assert_int_equal(digest.length, 32);
    for (uint32_t i = 0; i < 32; i++) {
        uint8_t byte = (uint8_t)digest.as.text[i];
        assert_int_equal(digits[byte >> 4], hex[2 * i]);
        assert_int_equal(digits[byte & 15], hex[2 * i + 1]);
    }
}

static void test_sha256(void **state) {
    (void)state;
    struct bodies bodies;
    struct value digest, text = bodies_string("");
    char *million = malloc(1000000);
    memset(million, 'a', 1000000);
    bodies_open(&bodies, UINT32_MAX);
    bodies_call(&bodies, hash_sha256, 1, &text, &digest);
    assert_digest(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    text = value_string((slice){NULL, 0});
    bodies_call(&bodies, hash_sha256, 1, &text, &digest);
    assert_digest(digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    text = bodies_string("abc");
    bodies_call(&bodies, hash_sha256, 1, &text, &digest);
    assert_digest(digest, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    text = bodies_string("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq");
    bodies_call(&bodies, hash_sha256, 1, &text, &digest);
    assert_digest(digest, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    text = value_bytes(slice_from(million, 1000000));
    bodies_call(&bodies, hash_sha256, 1, &text, &digest);
    assert_digest(digest, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    bodies.call.steps = 10;
    assert_int_equal(bodies_call(&bodies, hash_sha256, 1, &text, &digest), FAILURE_STEPS);
    bodies_close(&bodies);
    free(million);
}

// A run of equal bytes, or a text.
static struct value made(const char *text, char byte, uint32_t length, char *room) {
    if (text != NULL) return bodies_string(text);
    memset(room, byte, length);
    return value_bytes(slice_from(room, length));
}

static void test_hmac(void **state) {
    (void)state;
    static const struct {
        const char *key;
        char key_byte;
        uint32_t key_length;
        const char *text;
        char byte;
        uint32_t length;
        const char *digest;
    } cases[] = {
        {NULL, 0x0b, 20, "Hi There", 0, 0,
         "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", 0, 0, "what do ya want for nothing?", 0, 0,
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {NULL, (char)0xaa, 20, NULL, (char)0xdd, 50,
         "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {NULL, (char)0xaa, 131, "Test Using Larger Than Block-Size Key - Hash Key First", 0, 0,
         "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {"", 0, 0, "", 0, 0, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
    };
    for (size_t i = 0; i < LEN(cases); i++) {
        struct bodies bodies;
        char rooms[2][256];
        struct value arguments[2] = {
            made(cases[i].key, cases[i].key_byte, cases[i].key_length, rooms[0]),
            made(cases[i].text, cases[i].byte, cases[i].length, rooms[1])};
        struct value digest;
        bodies_open(&bodies, UINT32_MAX);
        bodies_call(&bodies, hash_hmac_sha256, 2, arguments, &digest);
        assert_digest(digest, cases[i].digest);
        arguments[0].kind = TYPE_SECRET;
        bodies_call(&bodies, hash_hmac_sha256, 2, arguments, &digest);
        assert_digest(digest, cases[i].digest);
        bodies_close(&bodies);
    }
}

static void test_siphash(void **state) {
    (void)state;
    static const struct {
        uint32_t length;
        uint64_t hash;
    } cases[] = {
        {0, 0x726fdb47dd0e0e31},  {1, 0x74f839c593dc67fd},  {7, 0xab0200f58b01d137},
        {8, 0x93f5f5799a932462},  {15, 0xa129ca6149be45e5}, {16, 0x3f2acc7f57c29bdb},
        {63, 0x958a324ceb064572},
    };
    char key[16], text[64];
    for (uint32_t i = 0; i < 64; i++)
        text[i] = (char)i;
    memcpy(key, text, 16);
    for (size_t i = 0; i < LEN(cases); i++)
        assert_true(hash_siphash(key, slice_from(text, cases[i].length)) == cases[i].hash);
}

static int64_t hash_in(struct bodies *bodies, struct value value, const char *salt) {
    struct value arguments[2] = {value, bodies_string(salt == NULL ? "" : salt)}, hash;
    assert_int_equal(bodies_call(bodies, hash_of, salt == NULL ? 1 : 2, arguments, &hash),
                     FAILURE_NONE);
    assert_int_equal(hash.kind, TYPE_INT);
    assert_true(hash.as.integer >= 0);
    return hash.as.integer;
}

// Computed by another implementation of SipHash from the byte form in hash.h.
static void test_hash_forms(void **state) {
    (void)state;
    struct bodies bodies;
    bodies_open(&bodies, UINT32_MAX);
    struct value list[2] = {value_null(), value_bytes(slice_of("x"))};
    struct value map[4] = {bodies_string("a"), value_int(1), bodies_string("b"), value_bool(true)};
    struct value turned[4] = {map[2], map[3], map[0], map[1]};
    struct value whole = {.kind = TYPE_MAP, .depth = 1, .length = 2, .as.items = map};
    assert_int_equal(hash_in(&bodies, bodies_string(""), NULL), 5676400651451642657);
    assert_int_equal(hash_in(&bodies, bodies_string("a"), NULL), 7172140264220549102);
    assert_int_equal(hash_in(&bodies, bodies_string("a"), ""), 7172140264220549102);
    assert_int_equal(hash_in(&bodies, bodies_string("a"), "b"), 7749639300377623623);
    assert_int_equal(hash_in(&bodies, value_int(1), NULL), 4741187140754842411);
    assert_int_equal(hash_in(&bodies, value_uint(1), NULL), 4741187140754842411);
    assert_int_equal(hash_in(&bodies, value_double(1), NULL), 4741187140754842411);
    assert_int_equal(hash_in(&bodies, value_double(1.5), NULL), 8706224323897352702);
    assert_int_equal(hash_in(&bodies, value_uint(UINT64_C(1) << 63), NULL), 7371557090915617329);
    assert_int_equal(hash_in(&bodies, value_double(0x1p63), NULL), 7371557090915617329);
    assert_int_equal(hash_in(&bodies, whole, NULL), 2206664666332444503);
    whole.as.items = turned;
    assert_int_equal(hash_in(&bodies, whole, NULL), 2206664666332444503);
    struct value items = {.kind = TYPE_LIST, .depth = 1, .length = 2, .as.items = list};
    assert_int_equal(hash_in(&bodies, items, NULL), 1388068485902391734);
    bodies_close(&bodies);
}

static void test_hash_numbers(void **state) {
    (void)state;
    struct bodies bodies;
    bodies_open(&bodies, UINT32_MAX);
    static const int64_t ints[] = {0, -1, INT64_MIN, 1 << 30, INT64_C(1) << 53};
    for (size_t i = 0; i < LEN(ints); i++) {
        assert_int_equal(hash_in(&bodies, value_int(ints[i]), NULL),
                         hash_in(&bodies, value_double((double)ints[i]), NULL));
    }
    double nan = 0.0 / 0.0;
    assert_int_equal(hash_in(&bodies, value_double(-0.0), NULL),
                     hash_in(&bodies, value_int(0), NULL));
    assert_int_equal(hash_in(&bodies, value_double(nan), NULL),
                     hash_in(&bodies, value_double(-nan), NULL));
    hash_in(&bodies, value_double(1e300), NULL);
    hash_in(&bodies, value_double(-1e300), NULL);
    hash_in(&bodies, value_double(1e300 * 1e300), NULL);
    // types that are not equal hash differently
    assert_int_not_equal(hash_in(&bodies, bodies_string("1"), NULL),
                         hash_in(&bodies, value_int(1), NULL));
    assert_int_not_equal(hash_in(&bodies, bodies_string("1"), NULL),
                         hash_in(&bodies, value_bytes(slice_of("1")), NULL));
    bodies_close(&bodies);
}

static void test_hash_refusals(void **state) {
    (void)state;
    struct bodies bodies;
    struct value secret = bodies_string("a"), result;
    secret.kind = TYPE_SECRET;
    struct value list = {.kind = TYPE_LIST, .depth = 1, .length = 1, .as.items = &secret};
    bodies_open(&bodies, UINT32_MAX);
    assert_int_equal(bodies_call(&bodies, hash_of, 1, &secret, &result), FAILURE_NO_OVERLOAD);
    assert_int_equal(bodies_call(&bodies, hash_of, 1, &list, &result), FAILURE_NO_OVERLOAD);
    char text[65] = {0};
    struct value string = value_string(slice_from(text, 64));
    bodies.call.steps = 0;
    assert_int_equal(bodies_call(&bodies, hash_of, 1, &string, &result), FAILURE_STEPS);
    bodies_close(&bodies);
}

static enum failure pick(struct bodies *bodies, const struct value *entries, uint32_t count,
                         struct value key, struct value *out) {
    struct value arguments[2] = {
        {.kind = TYPE_MAP, .depth = 1, .length = count, .as.items = entries}, key};
    return bodies_call(bodies, hash_pick, 2, arguments, out);
}

static void test_pick(void **state) {
    (void)state;
    struct value entries[] = {bodies_string("b"),    value_int(20),      bodies_string("a"),
                              value_uint(5),         bodies_string("c"), value_double(75),
                              bodies_string("none"), value_int(0)};
    uint32_t counts[256] = {0};
    for (int64_t key = 0; key < 20000; key++) {
        struct bodies bodies;
        struct value picked;
        bodies_open(&bodies, UINT32_MAX);
        assert_int_equal(pick(&bodies, entries, 4, value_int(key), &picked), FAILURE_NONE);
        int64_t point = hash_in(&bodies, value_int(key), NULL) % 100;
        char name = picked.as.text[0];
        assert_true(name == (point < 5 ? 'a' : point < 25 ? 'b' : 'c'));
        counts[(uint8_t)name]++;
        bodies_close(&bodies);
    }
    assert_in_range(counts['a'], 900, 1100);
    assert_in_range(counts['b'], 3800, 4200);
    assert_in_range(counts['c'], 14700, 15300);
}

static void test_pick_refusals(void **state) {
    (void)state;
    static const struct {
        struct value weights[2];
        enum failure failure;
    } cases[] = {
        {{{.kind = TYPE_INT, .as.integer = 0}, {.kind = TYPE_INT, .as.integer = 0}},
         FAILURE_WEIGHTS},
        {{{.kind = TYPE_INT, .as.integer = -1}, {.kind = TYPE_INT, .as.integer = 5}},
         FAILURE_WEIGHTS},
        {{{.kind = TYPE_DOUBLE, .as.real = 0.5}, {.kind = TYPE_INT, .as.integer = 5}},
         FAILURE_WEIGHTS},
        {{{.kind = TYPE_DOUBLE, .as.real = 1e300}, {.kind = TYPE_INT, .as.integer = 5}},
         FAILURE_WEIGHTS},
        {{{.kind = TYPE_STRING}, {.kind = TYPE_INT, .as.integer = 5}}, FAILURE_WEIGHTS},
        {{{.kind = TYPE_INT, .as.integer = INT64_C(1) << 53}, {.kind = TYPE_INT}}, FAILURE_NONE},
        {{{.kind = TYPE_INT, .as.integer = INT64_C(1) << 53}, {.kind = TYPE_INT, .as.integer = 1}},
         FAILURE_WEIGHTS},
        {{{.kind = TYPE_UINT, .as.natural = UINT64_MAX}, {.kind = TYPE_INT, .as.integer = 2}},
         FAILURE_WEIGHTS},
    };
    struct bodies bodies;
    struct value picked;
    bodies_open(&bodies, UINT32_MAX);
    assert_int_equal(pick(&bodies, NULL, 0, value_int(1), &picked), FAILURE_WEIGHTS);
    for (size_t i = 0; i < LEN(cases); i++) {
        struct value entries[] = {bodies_string("x"), cases[i].weights[0], bodies_string("y"),
                                  cases[i].weights[1]};
        assert_int_equal(pick(&bodies, entries, 2, value_int(1), &picked), cases[i].failure);
    }
    bodies_close(&bodies);
    struct value one[] = {bodies_string("x"), value_int(1)};
    bodies_open(&bodies, 0);
    assert_int_equal(pick(&bodies, one, 1, value_int(1), &picked), FAILURE_NO_MEMORY);
    bodies_close(&bodies);
}

static uint64_t most(void *self) {
    (void)self;
    return UINT64_MAX;
}

static void test_chance(void **state) {
    (void)state;
    struct bodies bodies;
    struct value result;
    bodies_open(&bodies, UINT32_MAX);
    assert_int_equal(bodies_call(&bodies, hash_random, 0, NULL, &result), FAILURE_NONE);
    assert_true(result.kind == TYPE_DOUBLE && result.as.real == 0);
    bodies.chance = 0x0123456789abcdef;
    assert_int_equal(bodies_call(&bodies, hash_uuid, 0, NULL, &result), FAILURE_NONE);
    assert_true(slice_is(value_text(result), "fedcba98-7654-4321-8fdc-ba9876543210"));
    bodies.call.random = most;
    assert_int_equal(bodies_call(&bodies, hash_random, 0, NULL, &result), FAILURE_NONE);
    assert_true(result.as.real < 1 && result.as.real > 0.999999);
    assert_int_equal(bodies_call(&bodies, hash_uuid, 0, NULL, &result), FAILURE_NONE);
    assert_true(slice_is(value_text(result), "ffffffff-ffff-4fff-bfff-ffffffffffff"));
    bodies.call.random = NULL;
    assert_int_equal(bodies_call(&bodies, hash_random, 0, NULL, &result), FAILURE_NO_RANDOM);
    assert_int_equal(bodies_call(&bodies, hash_uuid, 0, NULL, &result), FAILURE_NO_RANDOM);
    bodies_close(&bodies);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),       cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_siphash),      cmocka_unit_test(test_hash_forms),
        cmocka_unit_test(test_hash_numbers), cmocka_unit_test(test_hash_refusals),
        cmocka_unit_test(test_pick),         cmocka_unit_test(test_pick_refusals),
        cmocka_unit_test(test_chance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
