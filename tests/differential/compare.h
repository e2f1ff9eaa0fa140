// One expression, compiled and interpreted as the engine does it, beside the tests' own evaluator.
#ifndef WEIR_DIFFERENTIAL_COMPARE_H
#define WEIR_DIFFERENTIAL_COMPARE_H

#include "engine/expression.h"
#include "tests/differential/evaluate.h"
#include "tests/differential/generate.h"

// How the engine is asked.
enum compare_way {
    COMPARE_CHECKED,   // inputs have their types
    COMPARE_DYNAMIC,   // all are dyn, nothing is checked
    COMPARE_UNCHECKED, // inputs have their types, nothing is checked; only where CHECKED refused
    COMPARE_WAYS,
};

enum compare_verdict {
    COMPARE_AGREES,
    COMPARE_SKIPPED,  // out of steps or memory on one side
    COMPARE_DIFFERS,  // two values
    COMPARE_STRICT,   // as FAILS, of what the checker refuses
    COMPARE_FAILS,    // the engine fails, the evaluator gives a value
    COMPARE_SUCCEEDS, // the engine gives a value, the evaluator fails
    COMPARE_REFUSES,  // the engine refuses what is not checked and has a value
    COMPARE_BROKEN,   // the compiler's own code is refused by the verifier
    COMPARE_CHANGES,  // a second evaluation of the same program gives something else
    COMPARE_SHALLOW,  // the depth that a value carries is less than its depth
    COMPARE_VERDICTS,
};

extern const char *const compare_way_names[COMPARE_WAYS];
extern const char *const compare_verdict_names[COMPARE_VERDICTS];

struct compare_counts {
    uint64_t cases;
    uint64_t values;            // cases that have a value, by the evaluator
    uint64_t skipped;           // ways of cases
    uint64_t refused;           // by the checker
    uint64_t opcodes[OP_TOTAL]; // programs with that instruction that gave a value
    uint64_t macros[EVALUATE_MACROS];
    uint64_t functions[FUNCTION_TOTAL];
};

// What one way gave; values live until the next case.
struct compare_result {
    bool asked;
    bool refused;
    enum compare_verdict verdict;
    struct value value; // or ERROR
    slice message;      // of a refusal
};

struct compare {
    struct arena given;   // the case's types and inputs; the caller's
    struct arena opinion; // the evaluator's, and the tree that it walks
    struct arena kept[COMPARE_WAYS];
    struct arena request[COMPARE_WAYS]; // as small as a request's is in the proxy
    struct compare_counts *counts;      // or NULL
    bool parsed;
    struct evaluation evaluation;
    struct evaluate_input inputs[GENERATE_INPUTS];
    struct expr *tree;
    struct value value; // the evaluator's, or ERROR
    struct compare_result results[COMPARE_WAYS];
};

// False without memory.
bool compare_init(struct compare *compare, const struct allocator *heap);
void compare_free(struct compare *compare);

// The worst verdict over all ways; AGREES for what does not parse.
enum compare_verdict compare_case(struct compare *compare, slice text,
                                  const struct generated_input *inputs, uint32_t count);

// Equal in every bit, but that NaN is NaN.
bool compare_same(struct value x, struct value y);

#endif
