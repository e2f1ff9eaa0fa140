// json(value): values as JSON text.
#ifndef WEIR_LIB_JSON_H
#define WEIR_LIB_JSON_H

#include "engine/base/text.h"
#include "engine/base/value.h"

// Appends the value as one line of JSON, as CEL's JSON mapping has it (CEL language definition,
// "JSON Data Conversion"): bytes as base64, durations as `1.5s`, keys of maps as strings; ints in
// full, doubles as number_print_double spells them. Strings are escaped where RFC 8259 demands it
// and no further; a byte of broken UTF-8 becomes U+FFFD.
// False when a value has no such form (a number that is not finite, a timestamp, an error, headers)
// or LIMIT_NESTING levels do not suffice; the text then ends somewhere inside. out->failed when the
// arena refused.
bool json_write(struct text *out, struct value value);

#endif
