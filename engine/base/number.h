// Numbers to and from text: doubles exactly, unsigned integers with their overflow seen.
#ifndef WEIR_BASE_NUMBER_H
#define WEIR_BASE_NUMBER_H

#include "engine/base/slice.h"

// Writes the shortest decimal that reads back as the same double, of those the nearest, spelled as
// ECMAScript's Number::toString spells it (`1`, `0.1`, `1e+21`, `1.5e-7`), and `inf`, `-inf`,
// `nan`, `-0`. Returns the number of bytes, at most 25; no NUL follows.
uint32_t number_print_double(double number, char out[32]);

// Room for every text of the three functions below.
enum { NUMBER_TEXT = 448, NUMBER_PRECISION = 100 };

// The same digits without an exponent, whatever its size: `1000000000000000000000`, `0.0000001`.
uint32_t number_print_plain(double number, char out[NUMBER_TEXT]);

// With `precision` digits behind the point, at most NUMBER_PRECISION, and no point for 0; rounded
// exactly, half to even. What is not finite is spelled as above.
uint32_t number_print_fixed(double number, uint32_t precision, char out[NUMBER_TEXT]);

// The same with one digit before the point, and an exponent of two digits or more: `1.50e+00`.
uint32_t number_print_exponent(double number, uint32_t precision, char out[NUMBER_TEXT]);

// Reads [+-] digits [. digits] [e [+-] digits] with a digit before or behind the point, of any
// length, rounded to nearest even. False when `digits` is anything else or not finite as a double.
// What a language allows less than this (JSON: `01`, `.5`, `+1`) its own scanner refuses.
bool number_parse_double(slice digits, double *out);

// What cJSON has in place of the C library's strtod: the longest such number that `text` starts
// with, infinite when it is none as a double. No blanks before it, no hexadecimal, no names. `end`
// is set behind it, to `text` when there is none.
double number_strtod(const char *text, char **end);

// Reads digits of a base from 2 to 16, in either case, without sign or prefix. False when there is
// none, one is foreign, or the number is above UINT64_MAX.
bool number_parse_uint(slice digits, uint32_t base, uint64_t *out);

#endif
