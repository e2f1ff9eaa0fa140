// What a rule may put into a message's headers: names, values, and which headers are the proxy's.
#ifndef WEIR_LIB_HEADER_H
#define WEIR_LIB_HEADER_H

#include "engine/base/slice.h"

// A token of RFC 9110 section 5.6.2, 1 to LIMIT_HEADER_NAME bytes.
bool header_name_valid(slice name);

// Only bytes 0x20-0x7e, 0x80-0xff and TAB (RFC 9110 section 5.5), so no value can end its line.
// Empty is valid; the length (LIMIT_HEADER_VALUE) is for the caller to check.
bool header_value_valid(slice value);

// Whether a rule may name this header, in any case: for `remove` when `removing`, else for `set`,
// `add` and `default`; in a response when `response`, else in a request. See tbl/header_targets.h.
bool header_target_allowed(slice name, bool response, bool removing);

#endif
