// Templates of paths and hosts whose parts have names.
#ifndef WEIR_MATCH_TEMPLATE_H
#define WEIR_MATCH_TEMPLATE_H

#include "engine/base/slice.h"

// Templates, after Envoy's URI templates (envoy.extensions.path.match.uri_template.v3): `*` is one
// or more bytes without separator, `**` any run, `{name}` and `{name=*}` capture the former,
// `{name=**}` the latter, `{name=a/*}` all that the braces enclose. At most one operator between
// two separators and one `**` in a template, but that may stand anywhere. Everything else is
// itself. Separators are kept: `/a/**` matches `/a/` and not `/a`.
enum template_kind {
    TEMPLATE_PATH, // separated by `/`, which it begins with
    TEMPLATE_HOST, // separated by `.`; no part is empty, letters match in either case
};

enum { TEMPLATE_NAMES = 16 }; // most captures of a template

struct template_capture {
    slice name;
    uint32_t start, end; // bytes of the text
};

// False for a malformed template: foreign or unclosed braces, a name that is no identifier or is
// given twice, too many names or operators.
bool template_valid(enum template_kind kind, slice template);

// Matches all of the text with a valid template in one pass. Captures are in the template's order.
bool template_match(enum template_kind kind, slice template, slice text,
                    struct template_capture captures[TEMPLATE_NAMES], uint32_t *count);

#endif
