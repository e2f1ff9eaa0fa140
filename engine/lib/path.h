// request.clean_path: the one spelling of a request's path that rules compare; and paths that have
// more than one.
#ifndef WEIR_LIB_PATH_H
#define WEIR_LIB_PATH_H

#include "engine/base/arena.h"

// The path a server would act on, from a request target (RFC 9112 section 3.2):
// - query and fragment cut; of an absolute form the path; `*` alone stays;
// - escapes of unreserved characters (RFC 3986 section 2.3) decoded once, other escapes in upper
//   case, malformed ones as they are; `%5C` and `%2F` stay escapes;
// - `\` is `/`, `;parameters` of a segment are cut, empty segments dropped, then dot segments
//   resolved (RFC 3986 section 5.2.4), never above the root. A trailing slash stays.
// Always begins with `/` (or is `*`); cleaning it again changes nothing. All other bytes stay.
// `out` is part of `path` where nothing but the query or the host had to go (and no escape is
// malformed), else of the arena. Linear time; false only when the arena refuses.
bool path_clean(struct arena *arena, slice path, slice *out);

// Whether servers may read a request target in more than one way. In the path: an escape that is
// malformed or escapes another one; an escaped slash, backslash, dot or control byte; a control
// byte; bytes or escapes that spell an overlong form of UTF-8. In the query, where forms escape
// nearly everything: NUL, overlong forms, and control bytes that no form sends.
bool path_suspicious(slice target);

#endif
