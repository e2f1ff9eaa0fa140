// Base64 for whoever writes or reads it.
#ifndef WEIR_LIB_ENCODE_H
#define WEIR_LIB_ENCODE_H

#include "engine/lib/call.h"

// Writes base64 with padding (RFC 4648 section 4), or for URLs without (section 5): at most four
// bytes for each three that have begun. The number of bytes written.
uint32_t encode_base64_into(char *text, slice bytes, bool url);

// The bytes that a text in that alphabet stands for; FAILURE_CONVERSION where it is malformed.
enum failure encode_read_base64(struct call *call, slice text, bool url, struct value *out);

#endif
