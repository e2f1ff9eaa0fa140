// Bodies of a request and of its response: whether they can be had, their values, edits, and what
// their want does.
#ifndef WEIR_RUN_BODY_H
#define WEIR_RUN_BODY_H

#include "engine/run/run.h"

// The body of a refusal.
#define BODY_TOO_LARGE "request body too large"

// The whole body, as rules edited it or `original`. Fails where it is not there, or encoded.
enum failure body_bytes(const struct run *run, enum message_kind of, bool original,
                        struct value *out);
enum failure body_json(struct run *run, enum message_kind of, bool original, struct value *out);

// Replaces it for all rules behind. What is no string or bytes, and any value for a body that is
// encoded, empties it: an error, counted and logged here. Gives FAILURE_NO_MEMORY when the arena
// refuses.
enum failure body_set(struct run *run, enum message_kind of, struct value value);

// While a body gate runs: the rule that runs, which edits the body or does not, or a group's
// condition needs the body. Where it will not be had that is an error of theirs.
enum failure body_note_rule(struct run *run, bool edits);
void body_note_group(struct run *run, uint32_t group);

// Whether the request's body is longer than `most`; where nobody can tell yet the cap waits.
enum failure body_cap(struct run *run, uint32_t cap, int64_t most, bool *over);

#endif
