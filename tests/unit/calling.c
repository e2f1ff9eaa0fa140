// Arguments are copied so that each text and list ends where its block of memory does: the
// sanitizer sees a byte read too many.
#include "tests/unit/calling.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/base/number.h"
#include "engine/base/text.h"

enum { BLOCKS = 4096, ITEMS = 2048, STEPS = 1 << 30 };

static void *blocks[BLOCKS]; // of the arguments
static uint32_t block_count;

static char *exact_block(const void *from, size_t bytes) {
    assert_true(block_count < BLOCKS);
    char *block = malloc(bytes == 0 ? 1 : bytes);
    assert_non_null(block);
    if (bytes > 0) memcpy(block, from, bytes);
    blocks[block_count++] = block;
    return block + (bytes == 0 ? 1 : 0);
}

static void free_blocks(void) {
    while (block_count > 0)
        free(blocks[--block_count]);
}

struct reader {
    const char *at;
};

static bool take(struct reader *reader, const char *word) {
    size_t length = strlen(word);
    if (strncmp(reader->at, word, length) != 0) return false;
    reader->at += length;
    return true;
}

static void skip_blanks(struct reader *reader) {
    while (*reader->at == ' ' || *reader->at == ',' || *reader->at == ':')
        reader->at++;
}

static slice read_until(struct reader *reader, char end) {
    const char *start = reader->at;
    while (*reader->at != end && *reader->at != '\0')
        reader->at++;
    slice text = slice_from(start, (uint32_t)(reader->at - start));
    if (*reader->at == end) reader->at++;
    return text;
}

static struct value read_value(struct reader *reader);

static uint32_t read_values(struct reader *reader, char end, struct value *values) {
    uint32_t count = 0;
    for (skip_blanks(reader); *reader->at != end; skip_blanks(reader)) {
        assert_true(*reader->at != '\0');
        struct value value = read_value(reader);
        uint32_t times = 1;
        if (take(reader, "*")) times = (uint32_t)strtoul(reader->at, (char **)&reader->at, 10);
        assert_true(times <= ITEMS - count);
        while (times-- > 0)
            values[count++] = value;
    }
    if (end != '\0') reader->at++;
    return count;
}

static struct value read_whole(struct reader *reader, enum type kind, char end) {
    struct value *values = malloc(ITEMS * sizeof *values);
    assert_non_null(values);
    uint32_t count = read_values(reader, end, values);
    uint8_t depth = 0;
    for (uint32_t i = 0; i < count; i++)
        depth = values[i].depth > depth ? values[i].depth : depth;
    struct value whole = {.kind = (uint8_t)kind,
                          .depth = (uint8_t)(depth + 1),
                          .length = kind == TYPE_MAP ? count / 2 : count};
    whole.as.items = (const struct value *)(const void *)exact_block(values, count * sizeof whole);
    free(values);
    return whole;
}

static struct value read_text(struct reader *reader, enum type kind, char end) {
    slice text = read_until(reader, end);
    struct value value = {.kind = (uint8_t)kind, .length = text.length};
    value.as.text = exact_block(text.at, text.length);
    return value;
}

static struct value read_double(struct reader *reader) {
    return value_double(number_strtod(reader->at, (char **)&reader->at));
}

static struct value read_number(struct reader *reader) {
    struct reader digits = *reader;
    long long whole = strtoll(digits.at, (char **)&digits.at, 10);
    assert_true(digits.at > reader->at);
    if (*digits.at == '.' || *digits.at == 'e') return read_double(reader);
    unsigned long long natural = strtoull(reader->at, NULL, 10);
    *reader = digits;
    if (take(reader, "u")) return value_uint(natural);
    if (take(reader, "s")) return value_duration(whole * 1000000000);
    return value_int(whole);
}

static struct value read_stamp(struct reader *reader) {
    int64_t seconds = strtoll(reader->at, (char **)&reader->at, 10);
    bool half = take(reader, ".5");
    return value_timestamp(seconds, half ? 500000000 : 0);
}

static struct value read_value(struct reader *reader) {
    static const double nought = 0;
    if (take(reader, "null")) return value_null();
    if (take(reader, "true")) return value_bool(true);
    if (take(reader, "false")) return value_bool(false);
    if (take(reader, "nan")) return value_double(nought / nought);
    if (take(reader, "inf")) return value_double(1 / nought);
    if (take(reader, "-inf")) return value_double(-1 / nought);
    if (take(reader, "none")) return value_optional(NULL);
    if (take(reader, "some(")) return read_whole(reader, TYPE_OPTIONAL, ')');
    if (take(reader, "type(")) return read_text(reader, TYPE_TYPE, ')');
    if (take(reader, "ip")) return (struct value){.kind = TYPE_IP, .length = 4, .as.text = "abcd"};
    if (take(reader, "b'")) return read_text(reader, TYPE_BYTES, '\'');
    if (take(reader, "'")) return read_text(reader, TYPE_STRING, '\'');
    if (take(reader, "[")) return read_whole(reader, TYPE_LIST, ']');
    if (take(reader, "{")) return read_whole(reader, TYPE_MAP, '}');
    if (take(reader, "@")) return read_stamp(reader);
    return read_number(reader);
}

static void print_value(struct text *out, struct value value);

static void print_whole(struct text *out, struct value value, const char *start, char end) {
    bool map = value.kind == TYPE_MAP;
    text_add_string(out, start);
    for (uint32_t i = 0; i < value.length * (map ? 2 : 1); i++) {
        if (i > 0) text_add_string(out, map && i % 2 == 1 ? ": " : ", ");
        print_value(out, value.as.items[i]);
        assert_true(value.as.items[i].depth < value.depth);
    }
    text_add_char(out, end);
}

static void print_text(struct text *out, struct value value, const char *start, char end) {
    text_add_string(out, start);
    text_add(out, value_text(value));
    text_add_char(out, end);
}

// With a point, so that doubles differ from ints.
static void print_double(struct text *out, double number) {
    char digits[32];
    uint32_t length = number_print_double(number, digits);
    text_add(out, slice_from(digits, length));
    bool plain = memchr(digits, '.', length) == NULL && memchr(digits, 'n', length) == NULL &&
                 memchr(digits, 'e', length) == NULL;
    if (plain) text_add_string(out, ".0");
}

static void print_value(struct text *out, struct value value) {
    switch ((enum type)value.kind) {
    case TYPE_NULL: text_add_string(out, "null"); break;
    case TYPE_BOOL: text_add_string(out, value.as.boolean ? "true" : "false"); break;
    case TYPE_INT: text_add_int(out, value.as.integer); break;
    case TYPE_UINT:
        text_add_uint(out, value.as.natural);
        text_add_char(out, 'u');
        break;
    case TYPE_DOUBLE: print_double(out, value.as.real); break;
    case TYPE_STRING: print_text(out, value, "'", '\''); break;
    case TYPE_BYTES: print_text(out, value, "b'", '\''); break;
    case TYPE_TYPE: print_text(out, value, "type(", ')'); break;
    case TYPE_LIST: print_whole(out, value, "[", ']'); break;
    case TYPE_MAP: print_whole(out, value, "{", '}'); break;
    case TYPE_OPTIONAL:
        if (value.length > 0) print_whole(out, value, "some(", ')');
        if (value.length == 0) text_add_string(out, "none");
        break;
    case TYPE_DURATION:
        text_add_int(out, value.as.integer / 1000000000);
        text_add_char(out, 's');
        break;
    case TYPE_TIMESTAMP:
        text_add_char(out, '@');
        text_add_int(out, value.as.integer);
        if (value.length > 0) text_add_string(out, ".5");
        break;
    default: fail_msg("a value of kind %d", value.kind);
    }
}

static const char *failure_name(enum failure failure) {
    static const char *const names[FAILURE_TOTAL] = {
#define FAILURE(name, words) [FAILURE_##name] = #name,
#include "engine/tbl/failures.h"
#undef FAILURE
    };
    return names[failure];
}

static uint32_t takes_left; // blocks that the allocator gives before it refuses

static void *limited_take(void *self, size_t bytes) {
    (void)self;
    if (takes_left == 0) return NULL;
    takes_left--;
    return malloc(bytes);
}

static void limited_give(void *self, void *block) {
    (void)self;
    free(block);
}

static const struct allocator limited = {limited_take, limited_give, NULL};

static char untouched; // what *out points to before the call

struct trial {
    struct arena arena; // of the results
    struct text result; // what the call gave, or the name of its failure
    struct arena texts;
    int64_t steps; // taken
};

static void trial_run(struct trial *trial, function_body *body, const char *arguments,
                      uint32_t takes, int64_t steps) {
    static struct value values[ITEMS];
    takes_left = UINT32_MAX;
    arena_init(&trial->texts, &limited, 65536, SIZE_MAX);
    text_init(&trial->result, &trial->texts);
    struct reader reader = {arguments};
    uint32_t count = read_values(&reader, '\0', values);
    struct value *exact = (struct value *)(void *)exact_block(values, count * sizeof *values);
    arena_init(&trial->arena, &limited, 64, SIZE_MAX);
    takes_left = takes;
    struct call call = {.arena = &trial->arena, .steps = steps, .count = count};
    struct value out = {.kind = TYPE_ERROR, .as.text = &untouched};
    enum failure failure = body(&call, exact, &out);
    takes_left = UINT32_MAX;
    trial->steps = steps - call.steps;
    if (failure == FAILURE_NONE) {
        print_value(&trial->result, out);
    } else {
        assert_ptr_equal(out.as.text, &untouched);
        text_add_string(&trial->result, failure_name(failure));
    }
}

static void trial_end(struct trial *trial) {
    arena_free(&trial->arena);
    arena_free(&trial->texts);
    free_blocks();
}

// Whether the call gave what is wanted; `instead` may take its place.
static bool gives(function_body *body, const char *arguments, const char *wanted,
                  const char *instead, uint32_t takes, int64_t steps) {
    struct trial trial;
    trial_run(&trial, body, arguments, takes, steps);
    slice result = text_slice(&trial.result);
    bool same = slice_is(result, wanted);
    if (!same && !slice_is(result, instead)) {
        print_error("%s\n  gave %.*s\n  not %s\n", arguments, (int)result.length, result.at,
                    wanted);
        fail();
    }
    trial_end(&trial);
    return same;
}

void expect_call(function_body *body, const char *arguments, const char *wanted) {
    gives(body, arguments, wanted, wanted, UINT32_MAX, STEPS);
    for (uint32_t takes = 0; takes < 64; takes++) {
        if (gives(body, arguments, wanted, "NO_MEMORY", takes, STEPS)) break;
    }
    for (int64_t steps = 0; steps < 4096; steps = steps * 2 + 1) {
        if (gives(body, arguments, wanted, "STEPS", UINT32_MAX, steps)) break;
    }
}

int64_t count_steps(function_body *body, const char *arguments, int64_t most) {
    struct trial trial;
    trial_run(&trial, body, arguments, UINT32_MAX, most);
    int64_t steps = trial.steps;
    trial_end(&trial);
    return steps;
}
