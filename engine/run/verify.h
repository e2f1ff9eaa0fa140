// The verifier: a program that it accepts cannot make the interpreter read or write outside its
// tables, use a value as another type, go back, or lack an end. Nothing runs that it has not seen.
#ifndef WEIR_RUN_VERIFY_H
#define WEIR_RUN_VERIFY_H

#include "engine/base/arena.h"
#include "engine/run/program.h"

enum verify_outcome { VERIFY_OK, VERIFY_REFUSED, VERIFY_NO_MEMORY };

// Checks all of the program and fills in what it finds on the way: the depth of lets. `scratch` is
// the caller's to reset. Where refused, *at is the instruction and *why the reason, for whoever
// works on the compiler: a refused program is a mistake of the compiler, never of the rules.
enum verify_outcome verify_program(struct program *program, struct arena *scratch, uint32_t *at,
                                   const char **why);

#endif
