// The functions of cel-go's strings extension, format apart. Positions count code points; a byte
// of broken UTF-8 counts as one.
#ifndef WEIR_LIB_TEXT_H
#define WEIR_LIB_TEXT_H

#include "engine/lib/call.h"

// FAILURE_INDEX_RANGE outside of the text in the three that take positions; the end itself is
// inside, and gives the empty string.
function_body string_char_at;
function_body string_substring;

// -1 when it is not there. An offset beyond the end fails, but for the empty text, which is then
// found at the end.
function_body string_index_of;

// The last one that starts at the offset or before it.
function_body string_last_index_of;

// Only ASCII letters change.
function_body string_lower_ascii;
function_body string_upper_ascii;

// From the left, all or at most so many (below 0: all). The empty text is found before each code
// point and at the end.
function_body string_replace;

// At most so many pieces, the rest in the last one (below 0: all); the empty separator splits
// between code points.
function_body string_split;

// Unicode white space at both ends.
function_body string_trim;

function_body string_reverse;

// A list of strings (FAILURE_NO_OVERLOAD), with or without a separator.
function_body string_join;

// As a literal of CEL in double quotes. Broken UTF-8 becomes U+FFFD.
function_body string_quote;

#endif
