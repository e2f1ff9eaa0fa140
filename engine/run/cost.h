// The most steps that a program may take, read off its verified code: a bound for every request, in
// terms of the sizes that requests have. What running really takes is counted by the interpreter.
//
// S, L and H count whatever exists anywhere while a phase runs, what the rules hold and what is
// made on the way included: S is the longest text (or bytes) in units of 64 bytes, rounded up; L
// the items of the largest list, or entries of the largest map, with those of all lists and maps
// inside it; H the header lines of a message. So text that is joined has an S of its own, and a
// result that is refused for its size counts as if it had been made.
#ifndef WEIR_RUN_COST_H
#define WEIR_RUN_COST_H

#include "engine/run/cost_terms.h"
#include "engine/run/program.h"

struct cost_table {
    const struct cost *rules; // condition and actions; also that of groups that end before the rule
    const struct cost *lets;  // a let is computed once a stream, for whoever asks first
    // With all lets that may be asked for; the last one: the expression's.
    struct cost phases[PHASE_TOTAL + 1];
    struct cost gates[BODY_TOTAL]; // program.body_gate
};

// Takes time in proportion to the code. False when the arena refuses.
bool cost_of_program(const struct program *program, struct arena *arena, struct cost_table *out);

#endif
