// The strict reader of JSON (RFC 8259): says whether a text is JSON that weir accepts, and where
// every value stands. Stricter than the RFC asks: no `\u0000`, no lone surrogate, no key twice in
// an object (`"a"` and `"\u0061"` are one key), no byte order mark, numbers within a double.
#ifndef WEIR_CONF_JSON_SCAN_H
#define WEIR_CONF_JSON_SCAN_H

#include "engine/base/diag.h"
#include "engine/conf/json_index.h"

// Indexes `text`, which is the text of `source` and must outlive the index. False when it was
// refused, with every duplicate key or the first other error reported, or when the arena refused
// (diagnostics->out_of_memory). At most LIMIT_CONFIG_TEXT bytes, LIMIT_CONFIG_VALUES values and
// LIMIT_NESTING levels.
bool json_scan(struct arena *arena, struct diagnostics *diagnostics, uint32_t source, slice text,
               struct json_index *out);

#endif
