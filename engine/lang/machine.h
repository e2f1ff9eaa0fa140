// What the machine can rely on: the kind that an expression's register is sure to have, and
// whether computing it can fail.
#ifndef WEIR_LANG_MACHINE_H
#define WEIR_LANG_MACHINE_H

#include "engine/lang/check.h"

// DYN where the kind is only known when it runs.
enum type machine_type(const struct check *check, const struct expr *expr);

// The kind of `x operator y`, DYN where it is only known when it runs; NONE where there is none.
enum type arith_type(enum operator operator, enum type x, enum type y);

#endif
