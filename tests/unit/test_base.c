// The base: slices, arenas, texts, UTF-8 and diagnostics.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/diag.h"
#include "engine/base/limits.h"
#include "engine/base/utf8.h"

// An allocator that counts, and refuses one block or all from one on.
struct counter {
    uint32_t takes;
    uint32_t held;
    uint32_t refuse_from; // number of the first refused block, from 1
    uint32_t refuse_to;
};

static void *counter_take(void *self, size_t bytes) {
    struct counter *counter = self;
    counter->takes++;
    if (counter->takes >= counter->refuse_from && counter->takes <= counter->refuse_to) return NULL;
    counter->held++;
    return malloc(bytes);
}

static void counter_give(void *self, void *block) {
    struct counter *counter = self;
    counter->held--;
    free(block);
}

static struct allocator counted_by(struct counter *counter) {
    *counter = (struct counter){.refuse_from = UINT32_MAX};
    return (struct allocator){counter_take, counter_give, counter};
}

static void expect_text(slice got, const char *wanted) {
    bool equal = slice_equal(got, slice_from(wanted, (uint32_t)strlen(wanted)));
    if (!equal) print_message("got:  %.*s\nwant: %s\n", (int)got.length, got.at, wanted);
    assert_true(equal);
}

// Slices

static void test_slice_parts(void **state) {
    (void)state;
    slice none = {NULL, 0};
    assert_true(slice_equal(none, slice_of("")));
    assert_true(slice_equal(slice_of(NULL), none));
    assert_true(slice_starts(none, none));
    assert_true(slice_ends(none, none));
    assert_true(slice_starts(slice_of("abc"), slice_of("ab")));
    assert_false(slice_starts(slice_of("ab"), slice_of("abc")));
    assert_false(slice_starts(slice_of("abc"), slice_of("b")));
    assert_true(slice_ends(slice_of("abc"), slice_of("bc")));
    assert_false(slice_ends(slice_of("bc"), slice_of("abc")));
    assert_false(slice_ends(slice_of("abc"), slice_of("b")));
    assert_true(slice_equal_folded(slice_of("X-Ab@"), slice_of("x-aB@")));
    assert_false(slice_equal_folded(slice_of("@"), slice_of("`")));
    assert_false(slice_equal_folded(slice_of("["), slice_of("{")));
    assert_false(slice_equal_folded(slice_of("ab"), slice_of("a")));
    assert_int_equal(slice_hash_folded(slice_of("X-Ab")), slice_hash_folded(slice_of("x-aB")));
    assert_int_not_equal(slice_hash_folded(slice_of("a")), slice_hash_folded(slice_of("b")));
    slice end = slice_from("ax", 1), other_end = slice_from("Ay", 1); // nothing behind counts
    assert_true(slice_equal_folded(end, other_end));
    assert_int_equal(slice_hash_folded(end), slice_hash_folded(other_end));
}

static void test_slice_compare(void **state) {
    (void)state;
    static const char *const order[] = {"", "A", "a", "ab", "abc", "b", "\x7f", "\xc3\xa9", "\xff"};
    for (uint32_t i = 0; i < LEN(order); i++) {
        for (uint32_t k = 0; k < LEN(order); k++) {
            int sign = slice_compare(slice_of(order[i]), slice_of(order[k]));
            assert_int_equal(sign < 0, i < k);
            assert_int_equal(sign > 0, i > k);
        }
    }
    assert_int_equal(slice_compare(slice_of(NULL), slice_of("")), 0);
}

static const char order_of_bytes[] =
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

static int64_t naive_find(slice text, slice needle) {
    for (uint32_t at = 0; at + needle.length <= text.length; at++) {
        if (slice_equal(slice_cut(text, at, at + needle.length), needle)) return at;
    }
    return -1;
}

// All texts of up to seven letters of two, and all needles of up to four.
static void test_slice_find(void **state) {
    (void)state;
    char text[8], needle[8];
    for (uint32_t n = 1; n < 256; n++) {
        uint32_t text_length = 0;
        for (uint32_t rest = n; rest > 1; rest >>= 1)
            text[text_length++] = "ab"[rest & 1];
        for (uint32_t k = 1; k < 32; k++) {
            uint32_t needle_length = 0;
            for (uint32_t rest = k; rest > 1; rest >>= 1)
                needle[needle_length++] = "ab"[rest & 1];
            slice in = slice_from(text, text_length), what = slice_from(needle, needle_length);
            assert_int_equal(slice_find(in, what), naive_find(in, what));
        }
    }
    assert_int_equal(slice_find(slice_of(NULL), slice_of(NULL)), 0);
    assert_int_equal(slice_find(slice_of(NULL), slice_of("a")), -1);
    assert_int_equal(slice_find(slice_from("a\0b", 3), slice_from("\0b", 2)), 1);
}

// A copy in a block of its own, so that the sanitizer sees what is read behind it.
static slice alone(const char *at, uint32_t length) {
    char *copy = malloc(length > 0 ? length : 1);
    assert_non_null(copy);
    if (length > 0) memcpy(copy, at, length);
    return slice_from(copy, length);
}

// Texts and needles of every length, and periodic ones, for which the search changes its method.
static void test_slice_find_in_long_texts(void **state) {
    (void)state;
    char text[200];
    for (uint32_t i = 0; i < sizeof text; i++)
        text[i] = "aaaaaaab"[i * i % 61 % 8];
    for (uint32_t length = 0; length < sizeof text; length += 1 + length / 8) {
        slice in = alone(text + sizeof text - length, length);
        for (uint32_t n = 1; n < 40; n++) {
            char needle[40];
            memset(needle, 'a', sizeof needle);
            for (uint32_t odd = 0; odd < n; odd++) {
                needle[odd] = "ab"[(odd + n) % 2];
                slice what = slice_from(needle, n);
                assert_int_equal(slice_find(in, what), naive_find(in, what));
            }
            for (uint32_t from = 0; from + n <= length; from += 7) {
                slice what = slice_cut(in, from, from + n);
                assert_int_equal(slice_find(in, what), naive_find(in, what));
            }
        }
        free((void *)(uintptr_t)in.at);
    }
}

static void test_slice_find_in_periods(void **state) {
    (void)state;
    for (uint32_t period = 1; period < 9; period++) {
        char text[400], needle[48];
        for (uint32_t i = 0; i < sizeof text; i++)
            text[i] = i % period == 0 || i % 50 == 49 ? 'b' : 'a';
        for (uint32_t odd = 0; odd < sizeof needle; odd++) {
            memcpy(needle, text, sizeof needle);
            needle[odd] ^= 3;
            slice in = slice_from(text, sizeof text), what = slice_from(needle, sizeof needle);
            assert_int_equal(slice_find(in, what), naive_find(in, what));
            memcpy(text + 300, needle, sizeof needle);
            assert_int_equal(slice_find(in, what), naive_find(in, what));
        }
    }
}

static void test_slice_put(void **state) {
    (void)state;
    char to[120];
    for (uint32_t length = 0; length < 100; length++) {
        slice from = alone(order_of_bytes, length);
        memset(to, '#', sizeof to);
        assert_ptr_equal(slice_put(to, from), to + length);
        assert_true(slice_equal(slice_from(to, length), from));
        assert_int_equal(to[length], '#');
        free((void *)(uintptr_t)from.at);
    }
    assert_ptr_equal(slice_put(to, slice_of(NULL)), to);
}

// Arenas

static void test_arena_alignment(void **state) {
    (void)state;
    struct counter counter;
    struct allocator source = counted_by(&counter);
    struct arena arena;
    arena_init(&arena, &source, 256, 1 << 20);
    assert_int_equal(counter.takes, 0);
    for (size_t bytes = 0; bytes < 600; bytes++) {
        char *zeroed = arena_take(&arena, bytes);
        char *raw = arena_take_raw(&arena, bytes);
        assert_non_null(zeroed);
        assert_int_equal((uintptr_t)zeroed % 8, 0);
        assert_int_equal((uintptr_t)raw % 8, 0);
        for (size_t i = 0; i < bytes; i++)
            assert_int_equal(zeroed[i], 0);
        memset(zeroed, 0xff, bytes);
        memset(raw, 0xff, bytes);
    }
    arena_free(&arena);
    assert_int_equal(counter.held, 0);
    assert_int_equal(arena.held, 0);
}

static void test_arena_limit(void **state) {
    (void)state;
    struct counter counter;
    struct allocator source = counted_by(&counter);
    struct arena arena;
    arena_init(&arena, &source, 128, 1024);
    assert_null(arena_take(&arena, 1025));
    assert_true(arena.failed);
    assert_null(arena_take(&arena, 1024)); // no room for the block's header
    assert_null(arena_take_raw(&arena, SIZE_MAX));
    assert_null(arena_array(&arena, SIZE_MAX / 2, 4));
    assert_null(arena_array(&arena, SIZE_MAX, SIZE_MAX));
    assert_int_equal(counter.takes, 0);
    arena_reset(&arena);
    assert_false(arena.failed);
    while (arena_take(&arena, 40) != NULL)
        assert_true(arena.held <= 1024);
    assert_true(arena.held > 1024 - 128 && arena.held <= 1024);
    assert_true(arena.failed);
    assert_null(
        arena_copy(&arena, slice_of("a text that needs more than is left of the block")).at);
    arena_free(&arena);
    assert_false(arena.failed);
    assert_int_equal(counter.held, 0);
}

// What is written to the room is in the piece that is then taken.
static void test_arena_room(void **state) {
    (void)state;
    struct counter counter;
    struct allocator source = counted_by(&counter);
    struct arena arena;
    size_t room;
    arena_init(&arena, &source, 203, 1024); // not a multiple of what pieces are rounded to
    arena_room(&arena, &room);
    assert_int_equal(room, 0);
    for (uint32_t i = 0; i < 40; i++) {
        assert_non_null(arena_take_raw(&arena, i % 9));
        char *at = arena_room(&arena, &room);
        memset(at, 'x', room);
        assert_ptr_equal(arena_take_raw(&arena, room), at);
        arena_reset(&arena);
    }
    assert_null(arena_raw_array(&arena, SIZE_MAX / 2, 4));
    assert_null(arena_raw_array(&arena, SIZE_MAX, SIZE_MAX));
    assert_non_null(arena_raw_array(&arena, 3, 8));
    arena_free(&arena);
    assert_int_equal(counter.held, 0);
}

static void test_arena_without_a_limit(void **state) {
    (void)state;
    struct counter counter;
    struct allocator source = counted_by(&counter);
    struct arena arena;
    arena_init(&arena, &source, 128, SIZE_MAX);
    for (size_t less = 0; less < 64; less++)
        assert_null(arena_take_raw(&arena, SIZE_MAX - less));
    assert_null(arena_array(&arena, SIZE_MAX, 1));
    assert_int_equal(counter.takes, 0);
    assert_non_null(arena_array(&arena, 0, 0));
    arena_free(&arena);
}

static void test_arena_reset_keeps_one_block(void **state) {
    (void)state;
    struct counter counter;
    struct allocator source = counted_by(&counter);
    struct arena arena;
    arena_init(&arena, &source, 256, 1 << 20);
    arena_reset(&arena);
    for (uint32_t life = 0; life < 5; life++) {
        for (uint32_t i = 0; i < 100; i++)
            assert_non_null(arena_take(&arena, 50));
        assert_non_null(arena_take(&arena, 5000));
        arena_reset(&arena);
        assert_int_equal(counter.held, 1);
        assert_int_equal(arena.held, 256);
    }
    uint32_t before = counter.takes;
    assert_non_null(arena_take(&arena, 200));
    arena_reset(&arena);
    assert_int_equal(counter.takes, before);
    arena_free(&arena);
    assert_non_null(arena_take(&arena, 5000)); // no ordinary block to keep
    arena_reset(&arena);
    assert_int_equal(counter.held, 0);
    assert_int_equal(arena.held, 0);
    assert_non_null(arena_take(&arena, 5));
    arena_free(&arena);
    assert_int_equal(counter.held, 0);
}

static void test_arena_copy(void **state) {
    (void)state;
    struct counter counter;
    struct allocator source = counted_by(&counter);
    struct arena arena;
    arena_init(&arena, &source, 256, 1 << 20);
    slice copy = arena_copy(&arena, slice_from("a\0b", 3));
    assert_true(slice_equal(copy, slice_from("a\0b", 3)));
    assert_int_equal(copy.at[3], 0);
    copy = arena_copy(&arena, slice_of("8 bytes."));
    memset(arena_take_raw(&arena, 8), 0xff, 8);
    assert_string_equal(copy.at, "8 bytes.");
    copy = arena_copy(&arena, slice_of(NULL));
    assert_non_null(copy.at);
    assert_int_equal(copy.length, 0);
    assert_int_equal(copy.at[0], 0);
    arena_free(&arena);
}

// Texts

struct bench {
    struct counter counter;
    struct allocator source;
    struct arena arena;
    struct text text;
};

static void bench_open(struct bench *bench) {
    bench->source = counted_by(&bench->counter);
    arena_init(&bench->arena, &bench->source, 512, 1 << 20);
    text_init(&bench->text, &bench->arena);
}

static void bench_close(struct bench *bench) {
    arena_free(&bench->arena);
    assert_int_equal(bench->counter.held, 0);
}

static void test_text_parts(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench);
    const slice arguments[10] = {slice_of("zero"), slice_of(""),
                                 slice_of("{0}"), [9] = slice_of("nine")};
    text_add_form(&bench.text, "{0} {1}{2} {9} {:} {a} {3 {} {", arguments);
    text_add_form(&bench.text, " plain", NULL);
    expect_text(text_slice(&bench.text), "zero {0} nine {:} {a} {3 {} { plain");
    text_init(&bench.text, &bench.arena);
    text_add_int(&bench.text, 0);
    text_add_char(&bench.text, ' ');
    text_add_int(&bench.text, INT64_MIN);
    text_add_char(&bench.text, ' ');
    text_add_int(&bench.text, INT64_MAX);
    text_add_string(&bench.text, " ");
    text_add_uint(&bench.text, UINT64_MAX);
    text_add(&bench.text, slice_of(NULL));
    text_add_string(&bench.text, NULL);
    expect_text(text_slice(&bench.text),
                "0 -9223372036854775808 9223372036854775807 18446744073709551615");
    bench_close(&bench);
}

static const struct escape_case {
    const char *raw;
    uint32_t most;
    const char *escaped;
} escape_cases[] = {
    {"", 100, ""},
    {"plain \xc3\xa9 \xf0\x9f\x98\x80", 100, "plain \xc3\xa9 \xf0\x9f\x98\x80"},
    {"a\nb\rc\td\\e", 100, "a\\nb\\rc\\td\\\\e"},
    {"\x1b[31m\x7f\x01", 100, "\\x1b[31m\\x7f\\x01"},
    {"\xc2\x80\xc2\x9f\xc2\xa0", 100, "\\xc2\\x80\\xc2\\x9f\xc2\xa0"}, // C1, then a space
    {"\xff\xc3(\xe2\x82", 100, "\\xff\\xc3(\\xe2\\x82"},
    {"\xed\xa0\x80\xc0\xaf", 100, "\\xed\\xa0\\x80\\xc0\\xaf"}, // surrogate, overlong
    {"\xf4\x90\x80\x80", 100, "\\xf4\\x90\\x80\\x80"},          // above U+10FFFF
    {"abc", 3, "abc"},
    {"abcd", 3, "abc…"},
    {"abc", 0, "…"},
    {"", 0, ""},
    {"ab\n", 3, "ab…"},
    {"ab\n", 4, "ab\\n"},
    {"ab\xc3\xa9", 3, "ab…"},
    {"ab\xc3\xa9", 4, "ab\xc3\xa9"},
    {"a\x01", 4, "a…"},
};

static void test_text_escaped(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench);
    for (uint32_t i = 0; i < LEN(escape_cases); i++) {
        text_init(&bench.text, &bench.arena);
        text_add_escaped(&bench.text, slice_of(escape_cases[i].raw), escape_cases[i].most);
        expect_text(text_slice(&bench.text), escape_cases[i].escaped);
    }
    text_init(&bench.text, &bench.arena);
    text_add_escaped(&bench.text, slice_from("a\0b", 3), 100);
    expect_text(text_slice(&bench.text), "a\\x00b");
    bench_close(&bench);
}

// Whatever the bytes, the line is valid UTF-8 without a control, and says what the bytes were.
static void test_text_escaped_every_pair(void **state) {
    (void)state;
    struct bench bench;
    bench_open(&bench);
    for (uint32_t pair = 0; pair < 65536; pair++) {
        const char raw[] = {(char)(pair >> 8), (char)pair};
        text_init(&bench.text, &bench.arena);
        text_add_escaped(&bench.text, slice_from(raw, 2), 8);
        slice line = text_slice(&bench.text);
        assert_int_equal(utf8_find_invalid(line), -1);
        for (uint32_t i = 0; i < line.length; i++) {
            assert_true((uint8_t)line.at[i] >= 0x20 && line.at[i] != 0x7f);
        }
        arena_reset(&bench.arena);
    }
    bench_close(&bench);
}

static void test_text_survives_refusals(void **state) {
    (void)state;
    for (uint32_t from = 1; from < 12; from++) {
        struct bench bench;
        bench_open(&bench);
        bench.counter.refuse_from = from;
        bench.counter.refuse_to = from; // later blocks could be had: the text stays failed
        for (uint32_t i = 0; i < 3000; i++) {
            slice before = text_slice(&bench.text);
            bool failed = bench.text.failed;
            text_add_uint(&bench.text, i);
            text_add_escaped(&bench.text, slice_of("\n"), 9);
            if (failed) assert_true(slice_equal(before, text_slice(&bench.text)));
        }
        assert_int_equal(bench.text.failed, bench.counter.takes >= from);
        bench_close(&bench);
    }
}

// UTF-8

// The rule of RFC 3629 by way of the table in its section 4.
static uint32_t naive_length(const uint8_t *at, uint32_t length) {
    static const struct {
        uint8_t low[4], high[4];
        uint32_t length;
    } rows[] = {
        {{0x00}, {0x7f}, 1},
        {{0xc2, 0x80}, {0xdf, 0xbf}, 2},
        {{0xe0, 0xa0, 0x80}, {0xe0, 0xbf, 0xbf}, 3},
        {{0xe1, 0x80, 0x80}, {0xec, 0xbf, 0xbf}, 3},
        {{0xed, 0x80, 0x80}, {0xed, 0x9f, 0xbf}, 3},
        {{0xee, 0x80, 0x80}, {0xef, 0xbf, 0xbf}, 3},
        {{0xf0, 0x90, 0x80, 0x80}, {0xf0, 0xbf, 0xbf, 0xbf}, 4},
        {{0xf1, 0x80, 0x80, 0x80}, {0xf3, 0xbf, 0xbf, 0xbf}, 4},
        {{0xf4, 0x80, 0x80, 0x80}, {0xf4, 0x8f, 0xbf, 0xbf}, 4},
    };
    for (uint32_t row = 0; row < LEN(rows); row++) {
        if (length < rows[row].length) continue;
        uint32_t i = 0;
        while (i < rows[row].length && at[i] >= rows[row].low[i] && at[i] <= rows[row].high[i])
            i++;
        if (i == rows[row].length) return i;
    }
    return 0;
}

static void check_decode(const uint8_t *at, uint32_t length) {
    slice text = slice_from((const char *)at, length);
    uint32_t point = 0;
    uint32_t bytes = utf8_decode(text, &point);
    if (bytes != naive_length(at, length)) {
        print_message("%02x %02x %02x %02x of %u\n", at[0], at[1], at[2], at[3], length);
        assert_int_equal(bytes, naive_length(at, length));
    }
    if (bytes == 0) return;
    char encoded[4];
    assert_int_equal(utf8_encode(point, encoded), bytes);
    assert_memory_equal(encoded, at, bytes);
}

static void test_utf8_every_short_sequence(void **state) {
    (void)state;
    for (uint32_t n = 0; n < 1 << 24; n++) {
        const uint8_t at[4] = {(uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n};
        check_decode(at, 3);
        if ((n & 0xff) == 0) check_decode(at, 2);
        if ((n & 0xffff) == 0) check_decode(at, 1);
    }
}

// Four bytes: every lead and second byte, with the edges of the others.
static void test_utf8_long_sequences(void **state) {
    (void)state;
    static const uint8_t edges[] = {0x00, 0x7f, 0x80, 0x8f, 0x90, 0xbf, 0xc0, 0xff};
    for (uint32_t n = 0; n < 65536 * 64; n++) {
        const uint8_t at[4] = {(uint8_t)(n >> 14), (uint8_t)(n >> 6), edges[n >> 3 & 7],
                               edges[n & 7]};
        check_decode(at, 4);
    }
}

static void test_utf8_every_code_point(void **state) {
    (void)state;
    for (uint32_t point = 0; point <= 0x10ffff; point++) {
        if (point == 0xd800) point = 0xe000;
        char at[4];
        uint32_t decoded = UINT32_MAX;
        uint32_t length = utf8_encode(point, at);
        assert_int_equal(utf8_decode(slice_from(at, length), &decoded), length);
        assert_int_equal(decoded, point);
        assert_int_equal(utf8_decode(slice_from(at, length - 1), &decoded), 0);
    }
}

// Whatever stands before and behind.
static void test_utf8_within_ascii(void **state) {
    (void)state;
    static const char *const odd[] = {"\xc3\xa9", "\xff", "\x80", "\xf0\x9f\x98\x80", "\xe2\x82"};
    static const uint32_t points[] = {1, 1, 1, 1, 2};
    for (uint32_t i = 0; i < LEN(odd); i++) {
        uint32_t bytes = (uint32_t)strlen(odd[i]);
        for (uint32_t before = 0; before < 20; before++) {
            char text[64];
            memset(text, 'a', sizeof text);
            memcpy(text + before, odd[i], bytes);
            for (uint32_t behind = 0; behind < 20; behind++) {
                slice whole = slice_from(text, before + bytes + behind);
                assert_int_equal(utf8_ascii(whole), before);
                assert_int_equal(utf8_count(whole), before + points[i] + behind);
                bool valid = i == 0 || i == 3;
                assert_int_equal(utf8_find_invalid(whole), valid ? -1 : (int64_t)before);
            }
        }
        assert_int_equal(utf8_ascii(slice_of("twelve bytes")), 12);
    }
}

static void test_utf8_texts(void **state) {
    (void)state;
    uint32_t point;
    assert_int_equal(utf8_decode(slice_of(NULL), &point), 0);
    assert_int_equal(utf8_find_invalid(slice_of(NULL)), -1);
    assert_int_equal(utf8_find_invalid(slice_of("a\xc3\xa9\xe2\x82\xac")), -1);
    assert_int_equal(utf8_find_invalid(slice_of("a\xc3\xa9\xe2\x82")), 3);
    assert_int_equal(utf8_find_invalid(slice_of("\xff")), 0);
    assert_int_equal(utf8_count(slice_of(NULL)), 0);
    assert_int_equal(utf8_count(slice_of("a\xc3\xa9\xe2\x82\xac")), 3);
    assert_int_equal(utf8_count(slice_of("a\xff\xe2\x82z")), 5);
}

// Diagnostics

static const slice demo_name = {"demo.weir", 9};

static slice rendered(struct bench *bench, slice text, struct span span, const char *help) {
    struct diagnostics diagnostics;
    const slice arguments[] = {slice_of("x"), slice_of("why")};
    diag_init(&diagnostics, &bench->arena);
    span.source = diag_source(&diagnostics, demo_name, text);
    diag_report(&diagnostics, ERROR_UNKNOWN_NAME, &span, arguments);
    if (help != NULL) diag_help(&diagnostics, help, arguments);
    text_init(&bench->text, &bench->arena);
    diag_render_all(&diagnostics, &bench->text);
    return text_slice(&bench->text);
}

static void expect_rendered(const char *text, uint32_t start, uint32_t end, const char *wanted) {
    struct bench bench;
    bench_open(&bench);
    expect_text(rendered(&bench, slice_of(text), (struct span){start, end, 0}, NULL), wanted);
    bench_close(&bench);
}

#define UNKNOWN "error[E0301]: unknown name `x`\n"

static void test_diag_caret(void **state) {
    (void)state;
    expect_rendered("rule a\n  when x\n", 14, 15,
                    "demo.weir:2:8: " UNKNOWN "      when x\n           ^\n");
    expect_rendered("x", 0, 1, "demo.weir:1:1: " UNKNOWN "    x\n    ^\n");
    expect_rendered("ab xyz!", 3, 6, "demo.weir:1:4: " UNKNOWN "    ab xyz!\n       ^^^\n");
    // columns and carets count code points
    expect_rendered("\"\xc3\xa9\xf0\x9f\x98\x80\" x\xc3\xa9!", 9, 12,
                    "demo.weir:1:6: " UNKNOWN "    \"\xc3\xa9\xf0\x9f\x98\x80\" x\xc3\xa9!\n"
                    "         ^^\n");
    expect_rendered("\t\tx\r\ny", 2, 3, "demo.weir:1:3: " UNKNOWN "      x \n      ^\n");
    // a span over lines is marked on its first; an empty one gets one caret
    expect_rendered("a x\nb\n", 2, 5, "demo.weir:1:3: " UNKNOWN "    a x\n      ^\n");
    expect_rendered("abc", 1, 1, "demo.weir:1:2: " UNKNOWN "    abc\n     ^\n");
    expect_rendered("abc", 2, 1, "demo.weir:1:3: " UNKNOWN "    abc\n      ^\n");
}

static void test_diag_at_the_ends(void **state) {
    (void)state;
    expect_rendered("", 0, 0, "demo.weir:1:1: " UNKNOWN "    \n    ^\n");
    expect_rendered("ab", 2, 2, "demo.weir:1:3: " UNKNOWN "    ab\n      ^\n");
    expect_rendered("ab\n", 3, 3, "demo.weir:2:1: " UNKNOWN "    \n    ^\n");
    expect_rendered("ab\ncd", 2, 3, "demo.weir:1:3: " UNKNOWN "    ab\n      ^\n");
    expect_rendered("ab", 90, 95, "demo.weir:1:3: " UNKNOWN "    ab\n      ^\n");
    expect_rendered("ab", UINT32_MAX, UINT32_MAX, "demo.weir:1:3: " UNKNOWN "    ab\n      ^\n");
    expect_rendered("ab", 0, UINT32_MAX, "demo.weir:1:1: " UNKNOWN "    ab\n    ^^\n");
}

// What could move a terminal is blanked, column for column.
static void test_diag_source_line_is_harmless(void **state) {
    (void)state;
    expect_rendered("\x1b\x7f\xc2\x9b\xff\xe2\x82 x", 8, 9,
                    "demo.weir:1:8: " UNKNOWN "           x\n           ^\n");
}

// A long line is cut around the caret, between code points.
static void test_diag_long_lines(void **state) {
    (void)state;
    enum { HALF = 1000 };
    char text[2 * HALF + 1], wanted[700] = "demo.weir:1:501: " UNKNOWN "    ";
    for (uint32_t i = 0; i < HALF; i++)
        memcpy(text + 2 * i, "\xc3\xa9", 2);
    text[2 * HALF] = '\0';
    text[HALF] = 'x';
    text[HALF + 1] = 'x';
    for (uint32_t i = 0; i < 30; i++)
        strcat(wanted, "\xc3\xa9");
    strcat(wanted, "xx");
    for (uint32_t i = 0; i < 49; i++)
        strcat(wanted, "\xc3\xa9");
    strcat(wanted, "\n    ");
    for (uint32_t i = 0; i < 30; i++)
        strcat(wanted, " ");
    strcat(wanted, "^^\n");
    expect_rendered(text, HALF, HALF + 2, wanted);

    memset(text, '\x80', 2 * HALF); // broken throughout: still cut
    struct bench bench;
    bench_open(&bench);
    slice shown = rendered(&bench, slice_of(text), (struct span){HALF, HALF + 1, 0}, NULL);
    assert_true(shown.length < 400);
    bench_close(&bench);
}

static void test_diag_other_place_and_help(void **state) {
    (void)state;
    struct bench bench;
    struct diagnostics diagnostics;
    const slice arguments[] = {slice_of("rule"), slice_of("a\nb")};
    bench_open(&bench);
    diag_init(&diagnostics, &bench.arena);
    uint32_t first = diag_source(&diagnostics, slice_of("one.weir"), slice_of("rule a\n"));
    for (uint32_t i = 0; i < 20; i++)
        diag_source(&diagnostics, slice_of("more"), slice_of("x"));
    uint32_t second = diag_source(&diagnostics, slice_of("two.weir"), slice_of("\n rule a\n"));
    diag_report(&diagnostics, ERROR_DUPLICATE_NAME, &(struct span){7, 8, second}, arguments);
    diag_other(&diagnostics, &(struct span){5, 6, first}, "first defined here");
    diag_help(&diagnostics, "call it `{1}`", arguments);
    diag_report(&diagnostics, ERROR_NUL_BYTE, &(struct span){0, 1, first}, NULL);
    diag_render_all(&diagnostics, &bench.text);
    expect_text(text_slice(&bench.text),
                "one.weir:1:1: error[E0102]: a NUL byte cannot stand in a rule text\n"
                "    rule a\n"
                "    ^\n"
                "two.weir:2:7: error[E0304]: the rule `a\\nb` is defined twice\n"
                "     rule a\n"
                "          ^\n"
                "one.weir:1:6: first defined here\n"
                "    rule a\n"
                "         ^\n"
                "    help: call it `a\\nb`\n");
    bench_close(&bench);
}

static void test_diag_cap(void **state) {
    (void)state;
    struct bench bench;
    struct diagnostics diagnostics;
    bench_open(&bench);
    diag_init(&diagnostics, &bench.arena);
    diag_help(&diagnostics, "of nothing", NULL);
    diag_other(&diagnostics, &(struct span){0, 0, 0}, "of nothing");
    diag_source(&diagnostics, demo_name, slice_of("x"));
    for (uint32_t i = 0; i < LIMIT_DIAGNOSTICS + 7; i++) {
        diag_report(&diagnostics, ERROR_NUL_BYTE, &(struct span){0, 1, 0}, NULL);
        if (i >= LIMIT_DIAGNOSTICS) diag_help(&diagnostics, "over the cap", NULL);
    }
    assert_int_equal(diagnostics.count, LIMIT_DIAGNOSTICS + 7);
    assert_int_equal(diagnostics.kept, LIMIT_DIAGNOSTICS);
    diag_render_all(&diagnostics, &bench.text);
    slice all = text_slice(&bench.text);
    assert_true(slice_ends(all, slice_of("^\n7 more errors are left out\n")));
    assert_int_equal(slice_find(all, slice_of("help:")), -1);
    bench_close(&bench);
}

// Each allocation refused, once and from then on: nothing breaks, and the run says so.
static void test_diag_survives_refusals(void **state) {
    (void)state;
    for (uint32_t n = 2; n < 120; n++) {
        struct bench bench, other;
        struct diagnostics diagnostics;
        const slice arguments[] = {slice_of("a"), slice_of("b"), slice_of("c")};
        bench_open(&bench);
        bench_open(&other);
        bench.arena.block_bytes = 32; // nearly each piece is a block
        bench.counter.refuse_from = n / 2;
        bench.counter.refuse_to = n % 2 == 0 ? n / 2 : UINT32_MAX;
        diag_init(&diagnostics, &bench.arena);
        for (uint32_t i = 0; i < 12; i++) {
            uint32_t source = diag_source(&diagnostics, demo_name, slice_of("abc"));
            diag_report(&diagnostics, ERROR_DUPLICATE_NAME, &(struct span){1, 2, source},
                        arguments);
            diag_other(&diagnostics, &(struct span){0, 1, source}, "here");
            diag_help(&diagnostics, "try {1}", arguments);
        }
        assert_int_equal(diagnostics.out_of_memory, bench.counter.takes >= n / 2);
        diag_render_all(&diagnostics, &other.text);
        bench_close(&bench);
        bench_close(&other);
    }
}

static void test_diag_position(void **state) {
    (void)state;
    static const struct {
        uint32_t offset, line, column;
    } cases[] = {{0, 1, 1}, {1, 1, 2}, {3, 1, 3}, {4, 2, 1}, {5, 3, 1}, {6, 3, 2}, {99, 3, 2}};
    for (uint32_t i = 0; i < LEN(cases); i++) {
        uint32_t line, column;
        diag_position(slice_of("a\xc3\xa9\n\nb"), cases[i].offset, &line, &column);
        assert_int_equal(line, cases[i].line);
        assert_int_equal(column, cases[i].column);
    }
}

static void test_diag_nearest(void **state) {
    (void)state;
    static const char *const names[] = {"burst",   "by",    "algorithm", "on_absent", "on_error",
                                        "penalty", "lease", "headers",   "max_keys ", "max_keys"};
    static const char *const cases[][2] = {
        {"burst", "burst"},
        {"brust", "burst"},
        {"bust", "burst"},
        {"burts", "burst"},
        {"algoritm", "algorithm"},
        {"onabsent", "on_absent"},
        {"on_errors", "on_error"},
        {"max_key", "max_keys"},
        {"leese", "lease"},
        {"header", "headers"},
        {"xx", ""},
        {"b", ""},
        {"bx", ""},
        {"bxy", "by"},
        {"", ""},
        {"burstabc", ""},
        {"lxxse", "lease"},
        {"lxse", ""},
        {"algorithmalgorithmalgorithmalgorithmalgorithm", ""},
    };
    slice table[LEN(names)];
    for (uint32_t i = 0; i < LEN(names); i++)
        table[i] = slice_of(names[i]);
    for (uint32_t i = 0; i < LEN(cases); i++) {
        expect_text(diag_nearest(slice_of(cases[i][0]), table, LEN(table)), cases[i][1]);
    }
    assert_int_equal(diag_nearest(slice_of("burst"), NULL, 0).length, 0);
    char longest[41];
    memset(longest, 'n', sizeof longest);
    slice near = slice_from(longest, 40), over = slice_from(longest, 41);
    assert_int_equal(diag_nearest(slice_from(longest, 39), &near, 1).length, 40);
    assert_int_equal(diag_nearest(near, &near, 1).length, 40);
    assert_int_equal(diag_nearest(slice_from(longest, 40), &over, 1).length, 0);
    assert_int_equal(diag_nearest(over, &near, 1).length, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slice_parts),
        cmocka_unit_test(test_slice_compare),
        cmocka_unit_test(test_slice_find),
        cmocka_unit_test(test_slice_find_in_long_texts),
        cmocka_unit_test(test_slice_find_in_periods),
        cmocka_unit_test(test_slice_put),
        cmocka_unit_test(test_arena_alignment),
        cmocka_unit_test(test_arena_limit),
        cmocka_unit_test(test_arena_room),
        cmocka_unit_test(test_arena_without_a_limit),
        cmocka_unit_test(test_arena_reset_keeps_one_block),
        cmocka_unit_test(test_arena_copy),
        cmocka_unit_test(test_text_parts),
        cmocka_unit_test(test_text_escaped),
        cmocka_unit_test(test_text_escaped_every_pair),
        cmocka_unit_test(test_text_survives_refusals),
        cmocka_unit_test(test_utf8_every_short_sequence),
        cmocka_unit_test(test_utf8_long_sequences),
        cmocka_unit_test(test_utf8_every_code_point),
        cmocka_unit_test(test_utf8_within_ascii),
        cmocka_unit_test(test_utf8_texts),
        cmocka_unit_test(test_diag_caret),
        cmocka_unit_test(test_diag_at_the_ends),
        cmocka_unit_test(test_diag_source_line_is_harmless),
        cmocka_unit_test(test_diag_long_lines),
        cmocka_unit_test(test_diag_other_place_and_help),
        cmocka_unit_test(test_diag_cap),
        cmocka_unit_test(test_diag_survives_refusals),
        cmocka_unit_test(test_diag_position),
        cmocka_unit_test(test_diag_nearest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
