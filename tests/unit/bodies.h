// Calls the bodies of functions with an arena that counts what it takes and can be made to refuse.
#ifndef WEIR_TESTS_UNIT_BODIES_H
#define WEIR_TESTS_UNIT_BODIES_H

#include "engine/lib/call.h"

struct bodies {
    struct call call;
    struct arena arena;
    struct allocator source;
    uint32_t left; // blocks that it may still take
    uint32_t held;
    uint64_t chance; // what random() gives next, each time one more
};

// Blocks are small, so that most pieces are blocks of their own.
void bodies_open(struct bodies *bodies, uint32_t blocks);

// Fails the test when a block was not given back.
void bodies_close(struct bodies *bodies);

enum failure bodies_call(struct bodies *bodies, function_body *body, uint32_t count,
                         const struct value *arguments, struct value *out);

struct value bodies_string(const char *text);

#endif
