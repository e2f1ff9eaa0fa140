// Text of forms as browsers read it (WHATWG URL, "application/x-www-form-urlencoded parsing").
#ifndef WEIR_LIB_FORM_H
#define WEIR_LIB_FORM_H

#include "engine/base/arena.h"

// A `+` is a blank, an escape its byte, a malformed escape stays; bytes that are no UTF-8 become
// U+FFFD, one for each broken beginning of a code point. *out is `text` where it stays as it is.
// False only when the arena refuses.
bool form_decode(struct arena *arena, slice text, slice *out);

#endif
