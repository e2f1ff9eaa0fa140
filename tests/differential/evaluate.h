// A tree-walking evaluator of CEL, written for the tests alone: no checker, no folding, no
// bytecode, nothing prepared. It is slow and plain, to be compared with what the engine does.
// Functions are the engine's own bodies, chosen here by the kinds of their arguments.
#ifndef WEIR_DIFFERENTIAL_EVALUATE_H
#define WEIR_DIFFERENTIAL_EVALUATE_H

#include "engine/lang/tree.h"
#include "engine/lib/functions.h"

enum evaluate_macro {
#define MACRO(name, text, form, least, most, signature, example, meaning) EVALUATE_##name,
#include "engine/tbl/macros.h"
#undef MACRO
    EVALUATE_MACROS
};

struct evaluate_input {
    slice name; // may have dots
    struct value value;
};

// One expression's evaluation; zero but for the first three.
struct evaluation {
    struct arena *arena; // results live there
    slice source;        // the text of the expression
    struct evaluate_input *inputs;
    uint32_t input_count;
    uint32_t steps; // nodes so far
    bool exhausted; // of nodes, memory or the functions' steps: the result says nothing
    struct call call;
    uint32_t macros[EVALUATE_MACROS];   // how often each gave a value
    uint32_t functions[FUNCTION_TOTAL]; // the same
};

// The value, or one of kind ERROR.
struct value evaluate_expression(struct evaluation *evaluation, const struct expr *expr);

#endif
