// Times weir on expressions: reads "NAME MILLISECONDS" lines, answers each with one line of fields
// between tabs: "ok", nanoseconds per evaluation, result, blocks that were taken from the allocator
// while timing; or "unsupported", reason.
#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "engine/expression.h"
#include "tools/files.h"
#include "tools/lines.h"

enum {
    BATCH_NANOSECONDS = 10000000,
    BATCHES_MOST = 4096,
    VARIABLES_MOST = 32,
    ORDER_MOST = 256,
    // Holds what one evaluation makes, so that no block is taken after the first one.
    STREAM_BLOCK = 64 << 10,
    OTHER_BLOCK = 64 << 10,
};

// Counts blocks; arenas take everything through it.
struct counting {
    struct allocator allocator;
    uint64_t taken;
};

static void *counting_take(void *self, size_t bytes) {
    ((struct counting *)self)->taken++;
    return malloc(bytes);
}

static void counting_give(void *self, void *block) {
    (void)self;
    free(block);
}

struct bench {
    struct counting counting;
    struct arena texts; // files and what is made of them
    slice expressions;
    struct lines headers; // of the request
    struct expression_variable variables[VARIABLES_MOST];
    struct value values[VARIABLES_MOST];
    uint32_t variable_count;
};

static _Noreturn void fail(const char *why, slice what) {
    fprintf(stderr, "weir_bench: %s: %.*s\n", why, (int)what.length, what.at);
    exit(1);
}

// Cuts what stands before the first `separator` off `text`.
static slice cut(slice *text, char separator) {
    const char *end = text->length == 0 ? NULL : memchr(text->at, separator, text->length);
    uint32_t length = end == NULL ? text->length : (uint32_t)(end - text->at);
    slice before = slice_cut(*text, 0, length);
    *text = slice_cut(*text, end == NULL ? length : length + 1, text->length);
    return before;
}

// The next line that is neither empty nor a comment.
static bool next_line(slice *text, slice *line) {
    while (text->length > 0) {
        *line = cut(text, '\n');
        if (line->length > 0 && line->at[0] != '#') return true;
    }
    return false;
}

static int64_t number(slice text) {
    char *end = NULL;
    int64_t result = strtoll(text.at, &end, 10);
    if (text.length == 0 || end != text.at + text.length) fail("not a number", text);
    return result;
}

static uint32_t count_words(slice text) {
    uint32_t count = 1;
    for (uint32_t i = 0; i < text.length; i++)
        count += text.at[i] == ' ';
    return count;
}

static struct value *take_values(struct bench *bench, uint32_t count) {
    struct value *values = arena_array(&bench->texts, count, sizeof *values);
    if (values == NULL) fail("out of memory", slice_of("inputs"));
    return values;
}

static struct value read_list(struct bench *bench, slice text) {
    uint32_t count = count_words(text);
    struct value *items = take_values(bench, count);
    for (uint32_t i = 0; i < count; i++)
        items[i] = value_string(cut(&text, ' '));
    return (struct value){.kind = TYPE_LIST, .depth = 1, .length = count, .as.items = items};
}

static struct value read_map(struct bench *bench, slice text) {
    uint32_t count = count_words(text);
    struct value *entries = take_values(bench, 2 * count);
    for (uint32_t i = 0; i < count; i++) {
        slice entry = cut(&text, ' ');
        entries[2 * i] = value_string(cut(&entry, '='));
        entries[2 * i + 1] = value_int(number(entry));
    }
    return (struct value){.kind = TYPE_MAP, .depth = 1, .length = count, .as.items = entries};
}

static void add_variable(struct bench *bench, slice name, const char *type, struct value value) {
    if (bench->variable_count == VARIABLES_MOST) fail("too many variables", name);
    bench->variables[bench->variable_count] =
        (struct expression_variable){.name = name, .type = slice_of(type)};
    bench->values[bench->variable_count++] = value;
}

static void read_input(struct bench *bench, slice line) {
    slice kind = cut(&line, ' '), name = cut(&line, ' ');
    if (slice_is(kind, "header")) {
        lines_add(&bench->headers, name, line);
    } else if (slice_is(kind, "int")) {
        add_variable(bench, name, "int", value_int(number(line)));
    } else if (slice_is(kind, "timestamp")) {
        add_variable(bench, name, "timestamp", value_timestamp(number(line), 0));
    } else if (slice_is(kind, "list")) {
        add_variable(bench, name, "list(string)", read_list(bench, line));
    } else if (slice_is(kind, "map")) {
        add_variable(bench, name, "map(string, int)", read_map(bench, line));
    } else {
        fail("unknown kind of input", kind);
    }
}

static slice read_file(struct files *files, const char *path) {
    const struct file *file = files_read(files, path);
    if (file == NULL) exit(1);
    return file->text;
}

static void bench_open(struct bench *bench, const char *expressions, const char *inputs) {
    bench->counting.allocator = (struct allocator){counting_take, counting_give, &bench->counting};
    arena_init(&bench->texts, &bench->counting.allocator, OTHER_BLOCK, SIZE_MAX);
    struct files files;
    files_init(&files, &bench->texts);
    bench->expressions = read_file(&files, expressions);
    lines_init(&bench->headers, &bench->texts);
    slice text = read_file(&files, inputs), line;
    while (next_line(&text, &line))
        read_input(bench, line);
    if (bench->headers.failed) fail("out of memory", slice_of("headers"));
}

static slice find_expression(const struct bench *bench, slice name) {
    slice text = bench->expressions, line;
    while (next_line(&text, &line)) {
        if (!slice_equal(cut(&line, ' '), name)) continue;
        while (line.length > 0 && line.at[0] == ' ')
            line = slice_cut(line, 1, line.length);
        return line;
    }
    fail("no such expression", name);
}

// False for a result of a kind that is not compared.
static bool render(struct value value, struct text *out) {
    switch (value.kind) {
    case TYPE_BOOL: text_add_string(out, value.as.boolean ? "true" : "false"); return true;
    case TYPE_INT: text_add_int(out, value.as.integer); return true;
    case TYPE_STRING:
        text_add_char(out, '"');
        text_add(out, value_text(value));
        text_add_char(out, '"');
        return true;
    case TYPE_LIST: break;
    default: return false;
    }
    text_add_char(out, '[');
    for (uint32_t i = 0; i < value.length; i++) {
        if (i > 0) text_add_string(out, ", ");
        if (!render(value.as.items[i], out)) return false;
    }
    text_add_char(out, ']');
    return true;
}

// What one expression needs while it is timed.
struct subject {
    struct bench *bench;
    struct arena keep;   // its program
    struct arena stream; // the run
    struct arena words;  // of the answer
    struct expression expression;
    struct run run;
};

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int64_t run_batch(struct subject *subject, int64_t count) {
    struct arena_mark mark = arena_mark(&subject->stream);
    int64_t start = now();
    for (int64_t i = 0; i < count; i++) {
        expression_evaluate(&subject->run);
        arena_rewind(&subject->stream, mark);
    }
    return now() - start;
}

static int64_t next_count(int64_t count, int64_t took) {
    if (took * 10 < BATCH_NANOSECONDS) return count * 10;
    return count * BATCH_NANOSECONDS / took + count / 10 + 1;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// The median of batches of some milliseconds each, until the time is used up.
static double measure(struct subject *subject, int64_t nanoseconds) {
    double batches[BATCHES_MOST];
    size_t batch_count = 0;
    int64_t count = 1, spent = 0;
    while (spent < nanoseconds && batch_count < LEN(batches)) {
        int64_t took = run_batch(subject, count);
        if (took < BATCH_NANOSECONDS) {
            count = next_count(count, took);
            continue;
        }
        spent += took;
        batches[batch_count++] = (double)took / (double)count;
    }
    qsort(batches, batch_count, sizeof *batches, ascending);
    return batches[batch_count / 2];
}

// One line, whatever the text has.
static void print_unsupported(slice reason) {
    fputs("unsupported\t", stdout);
    for (uint32_t i = 0; i < reason.length; i++) {
        bool blank = reason.at[i] == '\n' || reason.at[i] == '\t';
        putchar(blank ? ' ' : reason.at[i]);
    }
    putchar('\n');
}

static bool compile(struct subject *subject, slice text) {
    struct expression_options options = {
        .variables = subject->bench->variables,
        .variable_count = subject->bench->variable_count,
        .fields = true,
    };
    struct diagnostics diagnostics;
    diag_init(&diagnostics, &subject->words);
    if (expression_compile(&subject->keep, text, &options, &diagnostics, &subject->expression)) {
        return true;
    }
    struct text reasons;
    text_init(&reasons, &subject->words);
    diag_render_all(&diagnostics, &reasons);
    print_unsupported(text_slice(&reasons));
    return false;
}

static bool begin(struct subject *subject) {
    const struct lines *headers = &subject->bench->headers;
    if (expression_begin(&subject->expression, &subject->stream, &subject->run) &&
        run_load(&subject->run, MESSAGE_REQUEST, headers->at, headers->count)) {
        expression_bind(&subject->run, subject->bench->values);
        return true;
    }
    print_unsupported(slice_of("out of memory"));
    return false;
}

// The result as text, made by an evaluation that is not timed.
static bool evaluate(struct subject *subject, struct text *result) {
    struct arena_mark mark = arena_mark(&subject->stream);
    struct value value = expression_evaluate(&subject->run);
    bool compared = render(value, result);
    if (value.kind == TYPE_ERROR) {
        print_unsupported(slice_of(failure_words((enum failure)value.as.integer)));
    } else if (!compared) {
        print_unsupported(slice_of("a result of this type is not compared"));
    }
    arena_rewind(&subject->stream, mark);
    return compared;
}

static void answer(struct subject *subject, slice text, int64_t milliseconds) {
    struct text result;
    text_init(&result, &subject->words);
    if (!compile(subject, text) || !begin(subject) || !evaluate(subject, &result)) return;
    uint64_t before = subject->bench->counting.taken;
    double nanoseconds = measure(subject, milliseconds * 1000000);
    uint64_t blocks = subject->bench->counting.taken - before;
    printf("ok\t%.2f\t%.*s\t%" PRIu64 "\n", nanoseconds, (int)result.length, result.at, blocks);
}

static void take_order(struct bench *bench, slice order) {
    const struct allocator *source = &bench->counting.allocator;
    slice text = find_expression(bench, cut(&order, ' '));
    struct subject subject = {.bench = bench};
    arena_init(&subject.keep, source, OTHER_BLOCK, SIZE_MAX);
    arena_init(&subject.words, source, OTHER_BLOCK, SIZE_MAX);
    arena_init(&subject.stream, source, STREAM_BLOCK, LIMIT_MEMORY_DEFAULT);
    answer(&subject, text, number(order));
    fflush(stdout);
    arena_free(&subject.stream);
    arena_free(&subject.words);
    arena_free(&subject.keep);
}

int main(int count, char **arguments) {
    if (count != 3) fail("usage", slice_of("weir_bench EXPRESSIONS INPUTS"));
    struct bench bench = {0};
    bench_open(&bench, arguments[1], arguments[2]);
    char order[ORDER_MOST];
    while (fgets(order, sizeof order, stdin) != NULL) {
        order[strcspn(order, "\n")] = '\0';
        take_order(&bench, slice_of(order));
    }
    arena_free(&bench.texts);
    return 0;
}
