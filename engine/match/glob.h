// Shell-like patterns over whole texts.
#ifndef WEIR_MATCH_GLOB_H
#define WEIR_MATCH_GLOB_H

#include "engine/base/arena.h"
#include "engine/base/value.h"

// `*` is any run without `/`, `**` any run, `?` one character but `/`, `[a-z]` one character of
// those (`[!a-z]` and `[^a-z]` one of the others, but never `/`), a backslash makes the next
// character stand for itself. Characters are code points; a byte of broken UTF-8 is one.
// False for a class that is empty, reversed or not closed, and for a backslash at the end.
bool glob_valid(slice pattern);

// Whether the pattern, which must be valid, matches all of the text. Takes steps of `*steps`, one
// for 64 bytes or states visited, at most length of pattern times length of text in all:
// FAILURE_STEPS where they run out. Memory is taken only for patterns with more than 60 bytes
// behind their first special character.
enum failure glob_match(struct arena *arena, int64_t *steps, slice pattern, slice text, bool *out);

#endif
