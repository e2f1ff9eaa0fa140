// Calls the functions of engine/lib/time.h by name, for test_time.py: a call per line of the input,
// `NAME ARGUMENT...` with tabs between them, and a line of output with its result, or `failed`.
// Values: `t SECONDS NANOSECONDS`, `d NANOSECONDS`, `i INT`, `f DOUBLE`, `s TEXT`, `z ZONE` (the
// text of a zone, prepared as a constant is).
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/lib/time.h"

enum { LINE = 1024, ARGUMENTS = 3 };

typedef enum failure helper(struct value x, struct value y, struct value *out);

static enum failure call_add(struct value x, struct value y, struct value *out) {
    return time_add(x, y.as.integer, out);
}

static enum failure call_subtract(struct value x, struct value y, struct value *out) {
    return time_subtract(x, y.as.integer, out);
}

static enum failure call_between(struct value x, struct value y, struct value *out) {
    int64_t nanoseconds;
    enum failure failure = time_between(x, y, &nanoseconds);
    if (failure == FAILURE_NONE) *out = value_duration(nanoseconds);
    return failure;
}

static enum failure call_order(struct value x, struct value y, struct value *out) {
    *out = value_int(time_order(x, y));
    return FAILURE_NONE;
}

static const struct {
    const char *name;
    function_body *body;
    helper *helper;
} rows[] = {
    {"timestamp", time_to_timestamp, NULL},
    {"duration", time_to_duration, NULL},
    {"string", time_to_string, NULL},
    {"int", time_to_int, NULL},
    {"getFullYear", time_get_year, NULL},
    {"getMonth", time_get_month, NULL},
    {"getDate", time_get_date, NULL},
    {"getDayOfMonth", time_get_day_of_month, NULL},
    {"getDayOfWeek", time_get_day_of_week, NULL},
    {"getDayOfYear", time_get_day_of_year, NULL},
    {"getHours", time_get_hours, NULL},
    {"getMinutes", time_get_minutes, NULL},
    {"getSeconds", time_get_seconds, NULL},
    {"getMilliseconds", time_get_milliseconds, NULL},
    {"ramp", time_ramp, NULL},
    {"add", NULL, call_add},
    {"subtract", NULL, call_subtract},
    {"between", NULL, call_between},
    {"order", NULL, call_order},
};

static void *take(void *self, size_t bytes) {
    (void)self;
    return malloc(bytes);
}

static void give(void *self, void *block) {
    (void)self;
    free(block);
}

static enum failure read_value(char *text, struct value *out) {
    char *end = text + 1 + (text[1] != '\0');
    *out = value_string(slice_of(end));
    if (text[0] == 's') return FAILURE_NONE;
    if (text[0] == 'z') return time_prepare_zone(NULL, *out, out);
    int64_t number = strtoll(end, &end, 10);
    *out = value_int(number);
    if (text[0] == 'd') *out = value_duration(number);
    if (text[0] == 't') *out = value_timestamp(number, (uint32_t)strtoul(end, NULL, 10));
    return FAILURE_NONE;
}

static void write_value(struct value value) {
    switch (value.kind) {
    case TYPE_TIMESTAMP:
        printf("t %" PRId64 " %" PRIu32 "\n", value.as.integer, value.length);
        break;
    case TYPE_DURATION: printf("d %" PRId64 "\n", value.as.integer); break;
    case TYPE_INT: printf("i %" PRId64 "\n", value.as.integer); break;
    case TYPE_DOUBLE: printf("f %.17g\n", value.as.real); break;
    default: printf("s %.*s\n", (int)value.length, value.as.text);
    }
}

static enum failure run(char *line, struct arena *arena, struct value *out) {
    struct value arguments[ARGUMENTS];
    struct call call = {.arena = arena, .steps = LINE};
    char *name = strtok(line, "\t"), *text;
    while (call.count < ARGUMENTS && (text = strtok(NULL, "\t")) != NULL) {
        enum failure failure = read_value(text, &arguments[call.count++]);
        if (failure != FAILURE_NONE) return failure;
    }
    for (size_t i = 0; name != NULL && i < LEN(rows); i++) {
        if (strcmp(rows[i].name, name) != 0) continue;
        if (rows[i].body != NULL) return rows[i].body(&call, arguments, out);
        return rows[i].helper(arguments[0], arguments[1], out);
    }
    return FAILURE_NO_OVERLOAD;
}

int main(void) {
    static const struct allocator heap = {take, give, NULL};
    char line[LINE];
    struct arena arena;
    arena_init(&arena, &heap, 4096, SIZE_MAX);
    while (fgets(line, sizeof line, stdin) != NULL) {
        struct value out;
        line[strcspn(line, "\n")] = '\0';
        if (run(line, &arena, &out) == FAILURE_NONE) {
            write_value(out);
        } else {
            printf("failed\n");
        }
        fflush(stdout);
        arena_reset(&arena);
    }
    arena_free(&arena);
    return 0;
}
