// What a rule may put into a request's line, host and cookies: one gate for constants, when rules
// are compiled, and for what is made at run time.
#ifndef WEIR_LIB_PLACE_H
#define WEIR_LIB_PLACE_H

#include "engine/base/arena.h"

// Begins with `/`; only visible ASCII but `#`: what else there is stands in a path escaped (RFC
// 3986 section 3.3).
bool place_path_valid(slice path);

// The same without a query.
bool place_url_path_valid(slice path);

// Only visible ASCII but `#`; empty is valid.
bool place_query_valid(slice query);

// A host with its port, if it has one, as request.host_name reads it; false, too, when the arena
// refuses.
bool place_host_valid(struct arena *arena, slice host);

// A token that frames messages as most do: neither CONNECT, which begins a tunnel, nor HEAD, whose
// answer has no body. For a method that was one of these the same is asked: Envoy writes the body
// of GET's answer to a client that asked by HEAD, who reads it as the next answer.
bool place_method_valid(slice method);

// 200 to 599, and none that has no body whatever its headers say.
bool place_code_valid(int64_t code);

// Whether a response of this status may get another: those that may not are no responses, or have
// no body while their headers may tell of one.
bool place_code_changes(int64_t code);

// RFC 6265 section 4.1.1, but values as browsers send them: all but control bytes, `;` and blanks
// at an end.
bool place_cookie_name_valid(slice name);
bool place_cookie_value_valid(slice value);

// What is written as escapes anyway: all but control bytes that no form sends.
bool place_parameter_valid(slice text);

#endif
