// The body of a request: whether it can be had, its values, and what its want does.
#ifndef WEIR_RUN_BODY_H
#define WEIR_RUN_BODY_H

#include "engine/run/run.h"

enum failure body_bytes(const struct run *run, struct value *out);
enum failure body_json(struct run *run, struct value *out);

// While the body gate runs: the rule that runs, or a group's condition, needs the body. Where it
// will not be had that is an error of theirs.
enum failure body_note_rule(struct run *run);
void body_note_group(struct run *run, uint32_t group);

#endif
