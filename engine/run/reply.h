// Replies of phase response: the host does not call back for them, so that one reply must carry all
// that the phase does. They are begun and get their parts as all replies do (run/effects.h).
#ifndef WEIR_RUN_REPLY_H
#define WEIR_RUN_REPLY_H

#include "engine/run/run.h"

// The action that a reply is of.
const char *reply_word(const struct reply *reply);

// Whether a reply goes to the client already, of this phase or of the request's side: the first one
// stands.
bool reply_is_given(const struct run *run);

// The reply takes the response's place at the end of the phase, unless one is given. Gives
// FAILURE_NO_MEMORY when the arena refuses.
enum failure reply_instead(struct run *run);

// A header of the response with the name of the rule that replied, if one did
// (weir.decision_header).
void reply_tell(struct run *run);

// Behind all rules: the standing reply gets the edits of the response, and becomes the effect.
// Never fails: without memory it goes out as it is.
void reply_stand(struct run *run);

#endif
