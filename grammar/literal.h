// What the tokens of literals are worth. Their shape was checked by the lexer.
#ifndef WEIR_GRAMMAR_LITERAL_H
#define WEIR_GRAMMAR_LITERAL_H

#include "engine/base/arena.h"

enum literal_result {
    LITERAL_OK,
    LITERAL_RANGE,  // more than the type can hold
    LITERAL_ESCAPE, // not an escape of CEL
    LITERAL_MEMORY, // the arena refused
};

// Digits in decimal, or in hexadecimal behind `0x`; without the `u` of a uint.
enum literal_result literal_natural(slice token, uint64_t *value);

// Nearest double; what rounds to infinity is out of range, as in CEL.
enum literal_result literal_double(slice token, double *value);

// Nanoseconds; fractions of one are cut off, as Go's time.ParseDuration does.
enum literal_result literal_duration(slice token, int64_t *nanoseconds);

// A string or bytes literal with prefix and quotes (CEL language definition, "String and Bytes
// Values"). Points into `token` where nothing had to be replaced. Line ends in it become \n, as
// in cel-go. At LITERAL_ESCAPE `value` is the escape.
enum literal_result literal_text(struct arena *arena, slice token, slice *value);

#endif
