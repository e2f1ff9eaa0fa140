// Metadata of the host: a message that may be cut, broken or nested without end.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/limits.h"
#include "engine/lib/compare.h"
#include "engine/lib/metadata.h"

enum { MESSAGE_MOST = 4096 };

static void *take(void *self, size_t bytes) {
    (void)self;
    return malloc(bytes);
}

static void give(void *self, void *block) {
    (void)self;
    free(block);
}

static const struct allocator heap = {take, give, NULL};

static struct arena arena;
static struct call call;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, &heap, 4096, SIZE_MAX);
    call = (struct call){.arena = &arena, .steps = 100000};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static enum failure read(const char *bytes, uint32_t length, struct value *out) {
    return metadata_read(&call, slice_from(bytes, length), out);
}

// A filter whose struct has values of all kinds.
static const char sample[] = "\x0a\x4a\x0a\x01"
                             "f\x12\x45"
                             "\x0a\x08\x0a\x01s\x12\x03\x1a\x01x"
                             "\x0a\x0e\x0a\x01n\x12\x09\x11\0\0\0\0\0\0\x14\x40"
                             "\x0a\x07\x0a\x01t\x12\x02\x20\x01"
                             "\x0a\x07\x0a\x01z\x12\x02\x08\x00"
                             "\x0a\x17\x0a\x01l\x12\x12\x32\x10"
                             "\x0a\x09\x11\0\0\0\0\0\0\xf0\x3f"
                             "\x0a\x03\x2a\x01\x00";

static void test_nothing(void **state) {
    (void)state;
    struct value whole;
    assert_int_equal(read("", 0, &whole), FAILURE_NONE);
    const struct value *filters = map_find_name(whole, slice_of("filter_metadata"));
    assert_non_null(filters);
    assert_int_equal(filters->kind, TYPE_MAP);
    assert_int_equal(filters->length, 0);
}

static void test_kinds(void **state) {
    (void)state;
    struct value whole;
    static const char message[] = "\x0a\x2f\x0a\x01"
                                  "f\x12\x2a"
                                  "\x0a\x08\x0a\x01s\x12\x03\x1a\x01x"
                                  "\x0a\x0e\x0a\x01n\x12\x09\x11\0\0\0\0\0\0\x14\x40"
                                  "\x0a\x07\x0a\x01t\x12\x02\x20\x01"
                                  "\x0a\x05\x0a\x01z\x12\x00";
    assert_int_equal(read(message, sizeof message - 1, &whole), FAILURE_NONE);
    const struct value *filters = map_find_name(whole, slice_of("filter_metadata"));
    const struct value *filter = map_find_name(*filters, slice_of("f"));
    assert_non_null(filter);
    assert_int_equal(filter->length, 4);
    assert_true(slice_is(value_text(*map_find_name(*filter, slice_of("s"))), "x"));
    assert_true(map_find_name(*filter, slice_of("n"))->as.real == 5.0);
    assert_true(map_find_name(*filter, slice_of("t"))->as.boolean);
    assert_int_equal(map_find_name(*filter, slice_of("z"))->kind, TYPE_NULL);
    assert_int_equal(whole.depth, 3);
}

// Whatever the bytes are, reading ends, and reads nothing behind them.
static void test_cut_and_changed(void **state) {
    (void)state;
    for (uint32_t length = 0; length < sizeof sample; length++) {
        for (uint32_t at = 0; at <= length; at++) {
            for (uint32_t bit = 0; bit < 8; bit++) {
                struct value whole;
                char *copy = malloc(length + 1);
                memcpy(copy, sample, length);
                if (at < length) copy[at] = (char)(copy[at] ^ 1 << bit);
                read(copy, length, &whole);
                metadata_node(&call, slice_from(copy, length), &whole);
                metadata_locality(&call, slice_from(copy, length), &whole);
                free(copy);
                arena_reset(&arena);
                call.steps = 100000;
            }
        }
    }
}

// Structs within structs, from the inside out: {"f": {"": {"": … {} }}}.
static enum failure read_nested(uint32_t levels, struct value *whole) {
    static char message[MESSAGE_MOST];
    char *start = message + MESSAGE_MOST;
    uint32_t length = 0;
    for (uint32_t level = 0; level < levels; level++) {
        // Value.struct_value, then the entry's value, then the struct's entry.
        static const uint8_t tags[] = {0x2a, 0x12, 0x0a};
        for (uint32_t i = level == 0 ? 3 : 0; i < 3; i++) {
            if (length >= 128) *--start = (char)(length >> 7);
            *--start = (char)((length & 0x7f) | (length >= 128 ? 0x80 : 0));
            *--start = (char)tags[i];
            length += length >= 128 ? 3 : 2;
        }
    }
    static const uint8_t heads[] = {0x12, 0x0a};
    for (uint32_t i = 0; i < 2; i++) {
        if (length >= 128) *--start = (char)(length >> 7);
        *--start = (char)((length & 0x7f) | (length >= 128 ? 0x80 : 0));
        *--start = (char)heads[i];
        length += length >= 128 ? 3 : 2;
    }
    return read(start, length, whole);
}

static void test_depth(void **state) {
    (void)state;
    struct value whole;
    assert_int_equal(read_nested(LIMIT_NESTING - 2, &whole), FAILURE_NONE);
    assert_int_equal(whole.depth, LIMIT_NESTING);
    assert_int_equal(read_nested(LIMIT_NESTING - 1, &whole), FAILURE_TOO_DEEP);
    assert_int_equal(read_nested(LIMIT_NESTING + 100, &whole), FAILURE_TOO_DEEP);
}

// A node of all that is read, what is not, and an unknown field.
static const char node[] = "\x0a\x01i\x12\x01" // id, cluster
                           "c\x1a\x0a\x0a\x08\x0a\x01k\x12\x03\x1a\x01v"
                           "\x22\x09\x0a\x01r\x12\x01z\x1a\x01s"
                           "\x32\x01u\x3a\x01"
                           "1\x4a\x05\x0a\x03"
                           "ext\x88\x01\x07";

static slice text_at(struct value map, const char *name) {
    const struct value *found = map_find_name(map, slice_of(name));
    assert_non_null(found);
    assert_int_equal(found->kind, TYPE_STRING);
    return value_text(*found);
}

static void check_node(slice message) {
    struct value whole, metadata;
    assert_int_equal(metadata_node(&call, message, &whole), FAILURE_NONE);
    assert_int_equal(whole.length, 6);
    assert_true(slice_is(text_at(whole, "id"), "i") && slice_is(text_at(whole, "cluster"), "c"));
    assert_true(slice_is(text_at(whole, "user_agent_name"), "u"));
    assert_true(slice_is(text_at(whole, "user_agent_version"), "1"));
    struct value place = *map_find_name(whole, slice_of("locality"));
    assert_true(slice_is(text_at(place, "region"), "r") && slice_is(text_at(place, "zone"), "z"));
    assert_true(slice_is(text_at(place, "sub_zone"), "s"));
    assert_true(slice_is(text_at(*map_find_name(whole, slice_of("metadata")), "k"), "v"));
    assert_int_equal(metadata_of_node(&call, message, &metadata), FAILURE_NONE);
    assert_true(slice_is(text_at(metadata, "k"), "v"));
}

static void test_node(void **state) {
    (void)state;
    struct text text;
    slice whole = slice_from(node, sizeof node - 1);
    check_node(whole);
    text_init(&text, &arena);
    assert_true(metadata_shorten_node(whole, &text));
    assert_int_equal(text.length, whole.length - 7 - 3); // extensions, and the unknown field
    check_node(text_slice(&text));
}

static void test_no_node(void **state) {
    (void)state;
    struct value whole, metadata;
    slice nothing = {NULL, 0};
    assert_int_equal(metadata_node(&call, nothing, &whole), FAILURE_NONE);
    assert_int_equal(text_at(whole, "id").length, 0);
    assert_int_equal(metadata_of_node(&call, nothing, &metadata), FAILURE_NONE);
    assert_int_equal(metadata.kind, TYPE_MAP);
    assert_int_equal(metadata.length, 0);
    assert_int_equal(metadata_locality(&call, nothing, &whole), FAILURE_NONE);
    assert_int_equal(text_at(whole, "zone").length, 0);
}

// Fields of another kind than theirs, bytes that are no UTF-8, and a message that ends too early.
static void test_broken_node(void **state) {
    (void)state;
    struct value whole;
    assert_int_equal(metadata_node(&call, slice_from("\x08\x05", 2), &whole), FAILURE_NONE);
    assert_int_equal(text_at(whole, "id").length, 0);
    assert_int_equal(metadata_node(&call, slice_from("\x0a\x01\xff", 3), &whole),
                     FAILURE_CONVERSION);
    assert_int_equal(metadata_locality(&call, slice_from("\x12\x02z", 3), &whole),
                     FAILURE_CONVERSION);
    struct text text;
    text_init(&text, &arena);
    assert_false(metadata_shorten_node(slice_from("\x0a\x05xy", 4), &text));
    call.steps = 1;
    assert_int_equal(metadata_node(&call, slice_from(node, sizeof node - 1), &whole),
                     FAILURE_STEPS);
}

static void test_steps_and_memory(void **state) {
    (void)state;
    struct value whole;
    call.steps = 1;
    assert_int_equal(read(sample, sizeof sample - 1, &whole), FAILURE_STEPS);
    call.steps = 1000;
    arena.limit = 0;
    assert_int_equal(read("", 0, &whole), FAILURE_NO_MEMORY);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_kinds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_cut_and_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_depth, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_node, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_node, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_broken_node, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_steps_and_memory, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
