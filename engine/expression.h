// One CEL expression by itself: declared names in, a value out; no rules, no message. What the
// conformance suite and the measurements use, and whoever wants CEL alone.
#ifndef WEIR_EXPRESSION_H
#define WEIR_EXPRESSION_H

#include "engine/base/diag.h"
#include "engine/run/run.h"

// A variable: its name may have dots ("x.y"); its type is spelled as in signatures:
// "map(string, list(int))", "dyn".
struct expression_variable {
    slice name;
    slice type;
};

struct expression_options {
    const struct expression_variable *variables;
    uint32_t variable_count;
    const slice
        *functions; // signatures of functions that are known to the checker but have no body
    uint32_t function_count;
    slice container; // namespace in which names are looked up first; empty for none
    bool unchecked;  // what is wrong with types or names fails when it runs, not now
    bool fields;     // weir's own fields (request.path …) are names, too
};

struct expression {
    struct program *program; // its entry is the expression's
    slice type;              // what the checker deduced: "list(int)"
};

// Parses, checks, folds, emits and verifies. False when the text is refused: the reasons are in
// `diagnostics`, which the caller has made; or when the arena refuses.
bool expression_compile(struct arena *arena, slice text, const struct expression_options *options,
                        struct diagnostics *diagnostics, struct expression *out);

// Makes a run ready; false when the arena refuses. Values made while it runs live in the arena.
bool expression_begin(const struct expression *expression, struct arena *arena, struct run *run);

// Gives the variables their values, in the order of their declaration and of their declared types,
// for all evaluations that follow.
void expression_bind(struct run *run, const struct value *inputs);

// Evaluates. Gives a value of kind ERROR when it fails. May be called again and again: nothing is
// kept in between but fields of a message, which live in the arena too.
struct value expression_evaluate(struct run *run);

#endif
