// What the body of a function gets beside its arguments, and the shape of all bodies.
#ifndef WEIR_LIB_CALL_H
#define WEIR_LIB_CALL_H

#include "engine/base/arena.h"
#include "engine/base/value.h"

struct regex_pool;

struct call {
    struct arena *arena; // of the request: results live there
    int64_t steps;       // left to the request; below 0 it is out of them
    uint32_t count;      // arguments
    void *self;          // for `random`
    uint64_t (*random)(void *self);
    struct regex_pool *pool; // where automata are built lazily; NULL: nowhere
};

// Arguments are of the types of the function's row (tbl/functions.h; `dyn` and type variables: of
// any type). A failing body leaves *out alone.
typedef enum failure function_body(struct call *call, const struct value *arguments,
                                   struct value *out);

// Takes the steps of walking over so many bytes (or items), one for each 64; false when the
// request has no more: the body then gives FAILURE_STEPS.
static inline bool call_charge(struct call *call, uint64_t bytes) {
    call->steps -= (int64_t)(bytes / 64);
    return call->steps >= 0;
}

#endif
