// Edits of what a rule may change beside headers: parts of the request's line, its host, its
// cookies, the response's status. Each becomes an edit of the header that it stands in, one for
// each header however often its parts are edited.
#ifndef WEIR_RUN_PLACES_H
#define WEIR_RUN_PLACES_H

#include "engine/run/run.h"

struct place_edit {
    enum effect_kind kind; // EFFECT_HEADER_SET, _ADD, _REMOVE
    enum place place;
    slice name; // of a parameter or a cookie
    struct value value;
    bool pattern; // _REMOVE: of all names that match `name`
};

// Everything passes the gate of lib/place.h here. An error is counted and logged: the rule goes on.
// FAILURE_STEPS or FAILURE_NO_MEMORY, else none.
enum failure place_change(struct run *run, const struct place_edit *edit);

// Parameters and cookies that were edited are written into their headers; before anything looks at
// these, and behind all rules. False when the arena refuses.
bool places_settle(struct run *run);

// The request's header of that name has changed.
void places_forget(struct run *run, slice name);

#endif
