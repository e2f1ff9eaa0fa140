// Parts of addresses that clients and upstreams are sent to: what may stand in them, and paths that
// no browser takes for another host (WHATWG URL, sections 4.1 and 4.4).
#ifndef WEIR_LIB_LOCATION_H
#define WEIR_LIB_LOCATION_H

#include "engine/base/text.h"

// `http` or `https`, in lower case.
bool location_scheme_valid(slice scheme);

// Letters, digits and `.-_:[]`, at least one: a host, with its port if it has one.
bool location_host_valid(slice host);

// Adds the path with one slash in front, whatever slashes and backslashes it begins with: browsers
// read two of either as the beginning of a host, and skip white space and control bytes.
void location_add_path(struct text *text, slice path);

// Whether it begins as such a path does.
bool location_is_path(slice address);

#endif
