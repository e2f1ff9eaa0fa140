// UTF-8 as RFC 3629 has it: shortest forms only, no surrogates, nothing above U+10FFFF.
#ifndef WEIR_BASE_UTF8_H
#define WEIR_BASE_UTF8_H

#include "engine/base/slice.h"

// The first code point of `text`: its length in bytes, or 0 where the bytes are malformed or
// `text` is empty.
uint32_t utf8_decode(slice text, uint32_t *point);

// Writes 1 to 4 bytes; `point` must be a scalar value (not a surrogate, at most U+10FFFF).
uint32_t utf8_encode(uint32_t point, char out[4]);

// Bytes before the first one that is not ASCII.
uint32_t utf8_ascii(slice text);

// Offset of the first malformed byte, or -1.
int64_t utf8_find_invalid(slice text);

// Code points of valid UTF-8; a malformed byte counts as one.
uint32_t utf8_count(slice text);

#endif
