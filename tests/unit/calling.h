// Calls bodies of functions with values written as text, and compares what they give as text.
#ifndef WEIR_TESTS_CALLING_H
#define WEIR_TESTS_CALLING_H

#include "engine/lib/call.h"

// Values, one after the other with commas between, every one printed as it is read:
//   null true -7 7u 1.5 nan inf 'text' b'bytes' [1, 'a'] {'k': 1} some(1) none
//   type(int), 15s (a duration), @0.5 (a timestamp, in seconds since 1970), ip (an address)
// Bytes of texts stand for themselves; there are no escapes. `*300` behind a value repeats it.
// wanted: a value, or the name of a failure. The call is then repeated with memory that runs out
// and with few steps: it must give the same, NO_MEMORY or STEPS.
void expect_call(function_body *body, const char *arguments, const char *wanted);

// The steps that the call takes when it has so many; more than those when they do not suffice.
int64_t count_steps(function_body *body, const char *arguments, int64_t most);

#endif
