// Base64 for whoever writes it.
#ifndef WEIR_LIB_ENCODE_H
#define WEIR_LIB_ENCODE_H

#include "engine/base/slice.h"

// Writes base64 with padding (RFC 4648 section 4), or for URLs without (section 5): at most four
// bytes for each three that have begun. The number of bytes written.
uint32_t encode_base64_into(char *text, slice bytes, bool url);

#endif
