// Compiles and runs CEL expressions that come as lines on the standard input; one line of result
// each, flushed before the next one begins, so that a crash names its case.
//
//     case NUMBER                     begins a case
//     expression TEXT                 TEXT and the like: `x` and the bytes in hex
//     container TEXT
//     unchecked                       types and names are not looked at before it runs
//     check                           it is only compiled
//     variable TEXT TEXT [VALUE]      name, type; null without a value
//     function TEXT                   a signature
//     end                             runs it
//
// Results: `NUMBER type TEXT`, then ` value VALUE` or ` error TEXT` when it ran;
// `NUMBER refused LINE COLUMN TEXT` when the compiler refused, `NUMBER exhausted` when memory
// did, `NUMBER malformed` when the lines cannot be read.
//
// VALUE is in prefix form: n, b0 b1, i-5, u5, d and 16 hex digits, s y T and bytes in hex (string,
// bytes, type), g nanoseconds (duration), t seconds `.` nanoseconds (timestamp), o0, o1 VALUE,
// l COUNT VALUE…, m COUNT KEY VALUE….
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/base/limits.h"
#include "engine/expression.h"

enum {
    MOST = 16, // variables of a case, and functions
    CASE_MEMORY = 64 << 20,
};

struct test_case {
    unsigned long number;
    bool check;
    bool malformed;
    slice expression;
    struct expression_options options;
    struct expression_variable variables[MOST];
    struct value values[MOST];
    slice functions[MOST];
};

// What is left of a line, and where values that are read from it live.
struct reader {
    slice rest;
    struct arena *arena;
};

static slice next_word(struct reader *reader) {
    slice rest = reader->rest;
    uint32_t start = 0;
    while (start < rest.length && rest.at[start] == ' ') {
        start++;
    }
    uint32_t end = start;
    while (end < rest.length && rest.at[end] != ' ') {
        end++;
    }
    reader->rest = slice_cut(rest, end, rest.length);
    return slice_cut(rest, start, end);
}

// 16 when it is none.
static unsigned digit_of(char c) {
    if (c >= '0' && c <= '9') {
        return (unsigned)(c - '0');
    }
    return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

static bool read_hex(slice digits, struct arena *arena, slice *out) {
    char *bytes = digits.length % 2 == 0 ? arena_take(arena, digits.length / 2 + 1) : NULL;
    if (bytes == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < digits.length; i += 2) {
        unsigned high = digit_of(digits.at[i]);
        unsigned low = digit_of(digits.at[i + 1]);
        if (high > 15 || low > 15) {
            return false;
        }
        bytes[i / 2] = (char)(high << 4 | low);
    }
    *out = slice_from(bytes, digits.length / 2);
    return true;
}

static bool read_text(struct reader *reader, slice *out) {
    slice word = next_word(reader);
    return word.length > 0 && word.at[0] == 'x' &&
           read_hex(slice_cut(word, 1, word.length), reader->arena, out);
}

static bool read_bytes(slice digits, enum type kind, struct arena *arena, struct value *out) {
    slice text;
    if (!read_hex(digits, arena, &text)) {
        return false;
    }
    *out = (struct value){.kind = (uint8_t)kind, .length = text.length, .as.text = text.at};
    return true;
}

static struct value double_of_bits(uint64_t bits) {
    double real;
    memcpy(&real, &bits, sizeof real);
    return value_double(real);
}

static bool read_timestamp(const char *digits, struct value *out) {
    char *end;
    int64_t seconds = strtoll(digits, &end, 10);
    if (*end != '.') {
        return false;
    }
    *out = value_timestamp(seconds, (uint32_t)strtoul(end + 1, NULL, 10));
    return true;
}

// Values of one word; whoever reads the whole text has put a byte behind it that is no digit.
static bool read_scalar(slice word, struct arena *arena, struct value *out) {
    const char *digits = word.at + 1;
    slice rest = slice_cut(word, 1, word.length);
    switch (word.at[0]) {
    case 'n': *out = value_null(); return true;
    case 'b': *out = value_bool(*digits == '1'); return true;
    case 'i': *out = value_int(strtoll(digits, NULL, 10)); return true;
    case 'u': *out = value_uint(strtoull(digits, NULL, 10)); return true;
    case 'd': *out = double_of_bits(strtoull(digits, NULL, 16)); return true;
    case 'g': *out = value_duration(strtoll(digits, NULL, 10)); return true;
    case 't': return read_timestamp(digits, out);
    case 's': return read_bytes(rest, TYPE_STRING, arena, out);
    case 'y': return read_bytes(rest, TYPE_BYTES, arena, out);
    case 'T': return read_bytes(rest, TYPE_TYPE, arena, out);
    default: return false;
    }
}

static bool read_value(struct reader *reader, uint32_t depth, struct value *out);

// `count` items of `width` values each: a list, a map or an optional.
static bool read_items(struct reader *reader, enum type kind, uint32_t count, uint32_t depth,
                       struct value *out) {
    uint32_t total = kind == TYPE_MAP ? 2 * count : count;
    if (total > reader->rest.length || depth > LIMIT_NESTING) { // an item takes two bytes
        return false;
    }
    struct value *items = arena_array(reader->arena, total + 1, sizeof *items);
    uint8_t deepest = 0;
    for (uint32_t i = 0; items != NULL && i < total; i++) {
        if (!read_value(reader, depth + 1, &items[i])) {
            return false;
        }
        deepest = items[i].depth > deepest ? items[i].depth : deepest;
    }
    *out = (struct value){
        .kind = (uint8_t)kind, .depth = (uint8_t)(deepest + 1), .length = count, .as.items = items};
    return items != NULL;
}

static bool read_value(struct reader *reader, uint32_t depth, struct value *out) {
    slice word = next_word(reader);
    if (word.length == 0) {
        return false;
    }
    uint32_t count = (uint32_t)strtoul(word.at + 1, NULL, 10) & 0xffffff;
    switch (word.at[0]) {
    case 'l': return read_items(reader, TYPE_LIST, count, depth, out);
    case 'm': return read_items(reader, TYPE_MAP, count, depth, out);
    case 'o': return read_items(reader, TYPE_OPTIONAL, count & 1, depth, out);
    default: return read_scalar(word, reader->arena, out);
    }
}

static bool read_variable(struct reader *reader, struct test_case *test) {
    uint32_t index = test->options.variable_count++;
    if (index >= MOST || !read_text(reader, &test->variables[index].name) ||
        !read_text(reader, &test->variables[index].type)) {
        return false;
    }
    test->values[index] = value_null();
    return reader->rest.length == 0 || read_value(reader, 1, &test->values[index]);
}

static bool read_function(struct reader *reader, struct test_case *test) {
    uint32_t index = test->options.function_count++;
    return index < MOST && read_text(reader, &test->functions[index]);
}

static bool read_line(struct reader *reader, slice keyword, struct test_case *test) {
    if (slice_is(keyword, "expression")) {
        return read_text(reader, &test->expression);
    }
    if (slice_is(keyword, "container")) {
        return read_text(reader, &test->options.container);
    }
    if (slice_is(keyword, "variable")) {
        return read_variable(reader, test);
    }
    if (slice_is(keyword, "function")) {
        return read_function(reader, test);
    }
    test->options.unchecked |= slice_is(keyword, "unchecked");
    test->check |= slice_is(keyword, "check");
    return slice_is(keyword, "unchecked") || slice_is(keyword, "check");
}

static void print_hex(slice bytes) {
    for (uint32_t i = 0; i < bytes.length; i++) {
        printf("%02x", (unsigned char)bytes.at[i]);
    }
}

static void print_text(slice text) {
    putchar('x');
    print_hex(text);
}

static void print_bytes(char sign, struct value value) {
    putchar(sign);
    print_hex(value_text(value));
}

static void print_double(double real) {
    uint64_t bits;
    memcpy(&bits, &real, sizeof bits);
    printf("d%016" PRIx64, bits);
}

static void print_value(struct value value, uint32_t depth);

static void print_items(char sign, struct value value, uint32_t total, uint32_t depth) {
    printf("%c%" PRIu32, sign, value.length);
    for (uint32_t i = 0; i < total; i++) {
        putchar(' ');
        print_value(value.as.items[i], depth + 1);
    }
}

// Kinds without a form, and what is nested too deep, become a word that equals no value.
static void print_value(struct value value, uint32_t depth) {
    if (depth > LIMIT_NESTING + 1) { // the innermost is no list
        printf("?deeper");
        return;
    }
    switch (value.kind) {
    case TYPE_NULL: putchar('n'); break;
    case TYPE_BOOL: printf("b%d", value.as.boolean); break;
    case TYPE_INT: printf("i%" PRId64, value.as.integer); break;
    case TYPE_UINT: printf("u%" PRIu64, value.as.natural); break;
    case TYPE_DOUBLE: print_double(value.as.real); break;
    case TYPE_STRING: print_bytes('s', value); break;
    case TYPE_BYTES: print_bytes('y', value); break;
    case TYPE_TYPE: print_bytes('T', value); break;
    case TYPE_DURATION: printf("g%" PRId64, value.as.integer); break;
    case TYPE_TIMESTAMP: printf("t%" PRId64 ".%" PRIu32, value.as.integer, value.length); break;
    case TYPE_LIST: print_items('l', value, value.length, depth); break;
    case TYPE_MAP: print_items('m', value, 2 * value.length, depth); break;
    case TYPE_OPTIONAL: print_items('o', value, value.length, depth); break;
    default: printf("?%s", type_name((enum type)value.kind)); break;
    }
}

static void print_refusal(const struct diagnostics *diagnostics) {
    const struct diagnostic *first = diagnostics->first;
    if (first == NULL || diagnostics->out_of_memory) {
        printf("exhausted");
        return;
    }
    uint32_t line = 0;
    uint32_t column = 0;
    if (first->span.source < diagnostics->source_count) {
        diag_position(diagnostics->sources[first->span.source].text, first->span.start, &line,
                      &column);
    }
    printf("refused %" PRIu32 " %" PRIu32 " ", line, column);
    print_text(first->message);
}

static void evaluate(const struct expression *expression, const struct test_case *test,
                     struct arena *kept, struct arena *request) {
    struct run *run = arena_take(kept, sizeof *run);
    if (run == NULL || !expression_begin(expression, request, run)) {
        printf(" error ");
        print_text(slice_of("no memory to begin"));
        return;
    }
    expression_bind(run, test->values);
    struct value value = expression_evaluate(run);
    printf(value.kind == TYPE_ERROR ? " error " : " value ");
    if (value.kind == TYPE_ERROR) {
        print_text(slice_of(failure_words((enum failure)value.as.integer)));
    } else {
        print_value(value, 1);
    }
}

static void run_case(struct test_case *test, struct arena *kept, struct arena *request) {
    struct diagnostics diagnostics;
    diag_init(&diagnostics, kept);
    struct expression expression = {0};
    test->options.variables = test->variables;
    test->options.functions = test->functions;
    if (!expression_compile(kept, test->expression, &test->options, &diagnostics, &expression)) {
        print_refusal(&diagnostics);
        return;
    }
    printf("type ");
    print_text(expression.type);
    if (!test->check) {
        evaluate(&expression, test, kept, request);
    }
}

static void finish_case(struct test_case *test, struct arena *kept, struct arena *request) {
    printf("%lu ", test->number);
    if (test->malformed) {
        printf("malformed");
    } else {
        run_case(test, kept, request);
    }
    putchar('\n');
    fflush(stdout);
    arena_free(request);
    arena_free(kept);
}

static void take_line(slice line, struct test_case *test, struct arena *kept,
                      struct arena *request) {
    struct reader reader = {line, kept};
    slice keyword = next_word(&reader);
    if (slice_is(keyword, "case")) {
        *test = (struct test_case){.number = strtoul(keyword.at + keyword.length, NULL, 10)};
    } else if (slice_is(keyword, "end")) {
        finish_case(test, kept, request);
    } else if (!read_line(&reader, keyword, test)) {
        test->malformed = true;
    }
}

// The whole input, ending in a line break and a NUL; NULL when memory is out.
static char *read_input(size_t *length) {
    size_t capacity = 1 << 20;
    char *text = malloc(capacity);
    *length = 0;
    while (text != NULL) {
        *length += fread(text + *length, 1, capacity - *length - 2, stdin);
        if (*length < capacity - 2) {
            memcpy(text + *length, "\n", 2);
            return text;
        }
        capacity *= 2;
        char *larger = capacity <= UINT32_MAX / 2 ? realloc(text, capacity) : NULL;
        if (larger == NULL) {
            free(text);
        }
        text = larger;
    }
    return NULL;
}

static void *take_block(void *self, size_t bytes) {
    (void)self;
    return malloc(bytes);
}

static void give_block(void *self, void *block) {
    (void)self;
    free(block);
}

int main(void) {
    const struct allocator heap = {take_block, give_block, NULL};
    struct arena kept;    // the case and the program
    struct arena request; // as small as a request's is in the proxy
    arena_init(&kept, &heap, 64 << 10, CASE_MEMORY);
    arena_init(&request, &heap, 16 << 10, LIMIT_MEMORY_DEFAULT);
    size_t length;
    char *text = read_input(&length);
    struct test_case *test = calloc(1, sizeof *test);
    if (text == NULL || test == NULL) {
        return 1;
    }
    for (const char *line = text; line < text + length;) {
        const char *end = memchr(line, '\n', (size_t)(text + length + 1 - line));
        take_line(slice_from(line, (uint32_t)(end - line)), test, &kept, &request);
        line = end + 1;
    }
    arena_free(&request);
    arena_free(&kept);
    free(test);
    free(text);
    return 0;
}
