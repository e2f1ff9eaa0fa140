// Where a redirect leads: the `location` of a reply that was begun.
#ifndef WEIR_RUN_REDIRECT_H
#define WEIR_RUN_REDIRECT_H

#include "engine/run/run.h"

enum redirect_part {
    REDIRECT_SCHEME,
    REDIRECT_HOST,
    REDIRECT_PATH,
    REDIRECT_QUERY,
    REDIRECT_PARTS
};

// Whether a redirect may have that status: 301, 302, 303, 307, 308.
bool redirect_status_valid(int64_t status);

// To that address; one that begins with a slash is a path of the same host. FAILURE_LOCATION where
// it is no header value, or empty.
enum failure redirect_to(struct run *run, slice address);

// To what the parts say, by enum redirect_part: a string each, or null where it is the request's
// own.
enum failure redirect_parts(struct run *run, const struct value *parts);

#endif
