// Small programs written as instructions: the tables around them, the verifier's word on them, and
// a run of those that it accepts.
#ifndef WEIR_TESTS_VERIFYING_H
#define WEIR_TESTS_VERIFYING_H

#include "engine/run/verify.h"
#include "tests/unit/running.h"

// Operands that read a constant, and a header slot.
#define K(number) (uint16_t)(OPERAND_CONSTANT | (number))
#define H(number) (uint16_t)(OPERAND_SLOT | (number))

enum { CODE_MOST = 12, REGISTERS = 6 };

// Of every program; ITEMS holds ints, MIXED an int and a string.
enum constant { ONE, TEXT, TRUE, REAL, ITEMS, MIXED, EMPTY, ENTRIES, SOME, NOTHING, CONSTANTS };

// Call sites of every program: `startsWith`, `size` of a string or list, `math.abs` of an int or a
// double, the hour in a prepared time zone.
enum site { STARTS, ANY_SIZE, ANY_ABS, IN_ZONE, SITES };

// A program of one block; its code ends with the last instruction that is not all zeros.
struct row {
    const char *name;
    const char *why; // NULL: accepted; empty: refused, whatever the reason
    struct instruction code[CODE_MOST];
};

// With one header slot, rule, limiter and group, no lets and no handlers.
struct program verifying_program(const struct instruction *code, uint32_t count);

enum verify_outcome verifying_outcome(struct program *program, const char **why);

// Fails the test unless the verifier says so.
void verifying_assert(const char *name, struct program *program, const char *wanted);

// Each row as the block of that phase (PHASE_TOTAL: an expression); what is accepted must run to an
// end within 1000 steps.
void verifying_rows(const struct row *rows, uint32_t count, uint32_t phase);

// Runs what was accepted: the expression's value, or null after a phase.
struct value verifying_run(struct program *program, uint32_t phase);

#endif
