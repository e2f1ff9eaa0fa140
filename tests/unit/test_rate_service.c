// The rate-limit service's messages: what is sent, to the byte, and every kind of answer that must
// not be believed. The sanitizers watch while answers are cut, bent and made up.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/limit/rate_service.h"
#include "tools/heap.h"

#define SECOND UINT64_C(1000000000)
#define BYTES(text) slice_from(text, sizeof(text) - 1)

static struct arena arena;

static int set_up(void **state) {
    (void)state;
    arena_init(&arena, &heap, HEAP_BLOCK, SIZE_MAX);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    arena_free(&arena);
    return 0;
}

static struct rate_question question_of(const struct rate_entry *entries, uint32_t count) {
    return (struct rate_question){
        .domain = slice_of("d"), .entries = entries, .entry_count = count, .hits = 1};
}

static void assert_written(const struct rate_question *question, slice expected) {
    slice bytes;
    assert_true(rate_question_write(&arena, question, &bytes));
    assert_int_equal(bytes.length, expected.length);
    assert_memory_equal(bytes.at, expected.at, expected.length);
}

static void test_a_question_to_the_byte(void **state) {
    (void)state;
    const struct rate_entry entries[] = {{slice_of("k"), slice_of("v")},
                                         {slice_of("l"), slice_of("")}};
    struct rate_question question = question_of(entries, 2);
    assert_written(&question, BYTES("\x0a\x01"
                                    "d"
                                    "\x12\x0f"
                                    "\x0a\x06\x0a\x01k\x12\x01v"
                                    "\x0a\x05\x0a\x01l\x12\x00"
                                    "\x18\x01"));
}

static void test_hits_stand_where_the_service_heeds_them(void **state) {
    (void)state;
    struct rate_question question = question_of(NULL, 0);
    question.hits = 0; // of the descriptor, where 0 is not 1
    assert_written(&question, BYTES("\x0a\x01"
                                    "d\x12\x02\x1a\x00"));
    question.hits = UINT32_MAX;
    assert_written(&question, BYTES("\x0a\x01"
                                    "d\x12\x00\x18\xff\xff\xff\xff\x0f"));
    question.hits = UINT64_C(1) << 32; // of the descriptor, which has room for it
    assert_written(&question, BYTES("\x0a\x01"
                                    "d\x12\x08\x1a\x06\x08\x80\x80\x80\x80\x10"));
}

static void test_a_limit_of_the_rule(void **state) {
    (void)state;
    struct rate_question question = question_of(NULL, 0);
    rate_question_limit(&question, 300, 60 * SECOND);
    assert_written(&question, BYTES("\x0a\x01"
                                    "d\x12\x07\x12\x05\x08\xac\x02\x10\x02\x18\x01"));
}

static void test_periods_that_the_protocol_has(void **state) {
    (void)state;
    static const uint64_t seconds[] = {1, 60, 3600, 86400};
    struct rate_question question = question_of(NULL, 0);
    for (uint32_t i = 0; i < LEN(seconds); i++) {
        rate_question_limit(&question, UINT32_MAX, seconds[i] * SECOND);
        assert_true(question.has_limit);
        assert_int_equal(question.limit, UINT32_MAX);
        assert_int_equal(question.unit, i + 1);
        rate_question_limit(&question, 1, seconds[i] * SECOND + 1);
        assert_false(question.has_limit);
    }
    rate_question_limit(&question, UINT64_C(1) << 32, SECOND);
    assert_false(question.has_limit);
}

static void test_texts_that_are_not_utf8(void **state) {
    (void)state;
    const struct rate_entry entry = {slice_of("k"), BYTES("\xff"
                                                          "a\xc3")};
    struct rate_question question = question_of(&entry, 1);
    assert_written(&question, BYTES("\x0a\x01"
                                    "d\x12\x0e\x0a\x0c\x0a\x01k\x12\x07\xef\xbf\xbd"
                                    "a\xef\xbf\xbd\x18\x01"));
}

static void test_long_texts(void **state) {
    (void)state;
    enum { PART = 64 << 10 };
    char *part = malloc(PART);
    assert_non_null(part);
    memset(part, 'x', PART);
    const struct rate_entry entries[] = {{slice_of("a"), slice_from(part, PART)},
                                         {slice_from(part, PART), slice_of("b")}};
    struct rate_question question = question_of(entries, 2);
    slice bytes;
    assert_true(rate_question_write(&arena, &question, &bytes));
    assert_int_equal(bytes.length, 2 * PART + 3 + 4 + 2 * (4 + 3 + 4) + 2);
    memset(part, '\xff', PART); // three bytes of each
    assert_true(rate_question_write(&arena, &question, &bytes));
    assert_true(bytes.length > 6 * PART);
    free(part);
}

static void test_every_refused_allocation(void **state) {
    (void)state;
    const struct rate_entry entry = {slice_of("\xff key"), slice_of("a value that takes room")};
    struct rate_question question = question_of(&entry, 1);
    slice bytes;
    bool written = false;
    for (size_t most = 0; !written; most += 8) {
        struct arena tight;
        arena_init(&tight, &heap, 8, most);
        written = rate_question_write(&tight, &question, &bytes);
        assert_true(written || tight.failed);
        arena_free(&tight);
    }
}

#define STATUS(bytes) "\x08\x01\x12" bytes

static void test_answers(void **state) {
    (void)state;
    struct rate_answer answer;
    assert_true(rate_answer_read(BYTES("\x08\x01"), 1, &answer)); // some services send no status
    assert_false(answer.over || answer.has_limit || answer.has_reset);
    assert_true(rate_answer_read(BYTES("\x08\x02"), 1, &answer));
    assert_true(answer.over);
    // OK, 3 an hour, 2 left, 10 s and 5 ns to go
    slice whole =
        BYTES("\x08\x01\x12\x10\x08\x01\x12\x04\x08\x03\x10\x03\x18\x02\x22\x04\x08\x0a\x10\x05");
    assert_true(rate_answer_read(whole, 1, &answer));
    assert_true(!answer.over && answer.has_limit && answer.has_reset);
    assert_int_equal(answer.limit, 3);
    assert_int_equal(answer.remaining, 2);
    assert_int_equal(answer.reset, 10 * SECOND + 5);
    // headers, metadata, a later field: skipped
    assert_true(rate_answer_read(BYTES("\x1a\x06\x0a\x01h\x12\x01v\x32\x00\x08\x02\x99\x06"
                                       "12345678"),
                                 1, &answer));
    assert_true(answer.over);
}

static void test_no_hits_are_refused_where_one_would_be(void **state) {
    (void)state;
    struct rate_answer answer;
    slice used_up = BYTES(STATUS("\x06\x08\x01\x12\x02\x08\x03"));
    assert_true(rate_answer_read(used_up, 0, &answer));
    assert_true(answer.over);
    assert_true(rate_answer_read(used_up, 1, &answer)); // it was the last one
    assert_false(answer.over);
    assert_true(rate_answer_read(BYTES(STATUS("\x02\x08\x01")), 0, &answer)); // no limit at all
    assert_false(answer.over);
}

static void test_resets(void **state) {
    (void)state;
    struct rate_answer answer;
    assert_true(rate_answer_read(BYTES(STATUS("\x02\x22\x00")), 1, &answer));
    assert_true(answer.has_reset && answer.reset == 0);
    slice year = BYTES(STATUS("\x0c\x22\x0a\x08\xff\xff\xff\xff\xff\xff\xff\xff\x7f"));
    assert_true(rate_answer_read(year, 1, &answer));
    assert_true(answer.reset == RATE_RESET_MOST);
}

static const struct refused_case {
    const char *what;
    slice bytes;
} refused[] = {
    {"nothing", {"", 0}},
    {"no code", {"\x12\x00", 2}},
    {"unknown code", {"\x08\x00", 2}},
    {"a code to come", {"\x08\x03", 2}},
    {"a code beyond 32 bits", {"\x08\x81\x80\x80\x80\x10", 6}},
    {"a status of no code", {"\x08\x01\x12\x02\x08\x03", 6}},
    {"two statuses", {"\x08\x01\x12\x00\x12\x00", 6}},
    {"a code that is a text", {"\x0a\x01\x01", 3}},
    {"a status that is a number", {"\x08\x01\x10\x01", 4}},
    {"field 0", {"\x08\x01\x00\x01", 4}},
    {"a group", {"\x08\x01\x1b\x1c", 4}},
    {"a varint without end", {"\x08\x01\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 14}},
    {"a status over the end", {"\x08\x01\x12\x05\x08\x01", 6}},
    {"a skipped text over the end", {"\x08\x01\x1a\xff\xff\xff\xff\x0f", 8}},
    {"a reset in the past",
     {"\x08\x01\x12\x0d\x22\x0b\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 17}},
    {"a second of nanoseconds", {"\x08\x01\x12\x08\x22\x06\x10\x80\x94\xeb\xdc\x03", 12}},
    {"text", {"<html><body>503</body></html>", 29}},
    {"gRPC's own frame", {"\x00\x00\x00\x00\x02\x08\x01", 7}},
};

static void test_answers_that_are_none(void **state) {
    (void)state;
    struct rate_answer answer;
    for (size_t i = 0; i < LEN(refused); i++) {
        if (rate_answer_read(refused[i].bytes, 1, &answer)) fail_msg("%s", refused[i].what);
    }
}

static void test_an_answer_that_is_too_long(void **state) {
    (void)state;
    struct rate_answer answer;
    char *bytes = calloc(1, RATE_ANSWER_MOST + 1);
    assert_non_null(bytes);
    memcpy(bytes, "\x08\x01\x1a\xfa\x7f", 5); // headers to the end
    assert_true(rate_answer_read(slice_from(bytes, RATE_ANSWER_MOST - 1), 1, &answer));
    memcpy(bytes + 2, "\x1a\xfc\x7f", 3);
    assert_false(rate_answer_read(slice_from(bytes, RATE_ANSWER_MOST + 1), 1, &answer));
    free(bytes);
}

static uint64_t random_seed = UINT64_C(0x9e3779b97f4a7c15);

static uint32_t random_below(uint32_t most) {
    random_seed ^= random_seed << 13;
    random_seed ^= random_seed >> 7;
    random_seed ^= random_seed << 17;
    return (uint32_t)(random_seed % most);
}

// In a piece of its own size, so that a byte beyond it is seen.
static void read_exactly(const char *at, uint32_t length) {
    struct rate_answer answer;
    char *bytes = malloc(length == 0 ? 1 : length);
    assert_non_null(bytes);
    memcpy(bytes, at, length);
    bool believed = rate_answer_read(slice_from(bytes, length), random_below(2), &answer);
    assert_true(!believed || answer.reset <= RATE_RESET_MOST);
    free(bytes);
}

static void test_bent_answers(void **state) {
    (void)state;
    static const char good[] =
        "\x08\x02\x12\x14\x08\x02\x12\x08\x08\xac\x02\x10\x02\x1a\x01n\x18\x05"
        "\x22\x04\x08\x3b\x10\x07\x1a\x06\x0a\x01h\x12\x01v";
    enum { GOOD = sizeof good - 1, ROUNDS = 200000 };
    for (uint32_t length = 0; length <= GOOD; length++)
        read_exactly(good, length);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        char bent[GOOD];
        memcpy(bent, good, GOOD);
        for (uint32_t changes = 1 + random_below(4); changes > 0; changes--)
            bent[random_below(GOOD)] = (char)random_below(256);
        read_exactly(bent, 1 + random_below(GOOD));
    }
}

static void test_random_answers(void **state) {
    (void)state;
    enum { LENGTH = 64, ROUNDS = 100000 };
    for (uint32_t round = 0; round < ROUNDS; round++) {
        char bytes[LENGTH];
        for (uint32_t i = 0; i < LENGTH; i++)
            bytes[i] = (char)random_below(random_below(2) == 0 ? 0x30 : 256);
        read_exactly(bytes, random_below(LENGTH + 1));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_question_to_the_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hits_stand_where_the_service_heeds_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_limit_of_the_rule, set_up, tear_down),
        cmocka_unit_test(test_periods_that_the_protocol_has),
        cmocka_unit_test_setup_teardown(test_texts_that_are_not_utf8, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_texts, set_up, tear_down),
        cmocka_unit_test(test_every_refused_allocation),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_no_hits_are_refused_where_one_would_be),
        cmocka_unit_test(test_resets),
        cmocka_unit_test(test_answers_that_are_none),
        cmocka_unit_test(test_an_answer_that_is_too_long),
        cmocka_unit_test(test_bent_answers),
        cmocka_unit_test(test_random_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
