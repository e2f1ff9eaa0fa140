#include "tests/unit/bodies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void *take(void *self, size_t bytes) {
    struct bodies *bodies = self;
    if (bodies->left == 0) return NULL;
    bodies->left--;
    bodies->held++;
    return malloc(bytes);
}

static void give(void *self, void *block) {
    struct bodies *bodies = self;
    bodies->held--;
    free(block);
}

static uint64_t next_chance(void *self) {
    struct bodies *bodies = self;
    return bodies->chance++;
}

void bodies_open(struct bodies *bodies, uint32_t blocks) {
    *bodies = (struct bodies){.left = blocks};
    bodies->source = (struct allocator){take, give, bodies};
    arena_init(&bodies->arena, &bodies->source, 64, SIZE_MAX);
    bodies->call = (struct call){
        .arena = &bodies->arena, .steps = INT64_MAX, .self = bodies, .random = next_chance};
}

void bodies_close(struct bodies *bodies) {
    arena_free(&bodies->arena);
    assert_int_equal(bodies->held, 0);
}

enum failure bodies_call(struct bodies *bodies, function_body *body, uint32_t count,
                         const struct value *arguments, struct value *out) {
    bodies->call.count = count;
    return body(&bodies->call, arguments, out);
}

struct value bodies_string(const char *text) {
    return value_string(slice_of(text));
}
