// Optional values, for the instructions that make them.
#ifndef WEIR_LIB_OPTIONAL_H
#define WEIR_LIB_OPTIONAL_H

#include "engine/base/arena.h"
#include "engine/base/value.h"

// *out: an optional that holds the value; fails without memory or nested too deep.
enum failure optional_make(struct arena *arena, struct value held, struct value *out);

#endif
