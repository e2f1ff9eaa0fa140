// Headers of one message as rules see them: joined values by slot, and edits.
#ifndef WEIR_RUN_MESSAGE_H
#define WEIR_RUN_MESSAGE_H

#include "engine/run/run.h"

// One edit of a loaded message, seen by everything that reads it later; lets go on seeing what was
// received. False when the arena refuses. A message that is not loaded is left alone.
bool message_edit(struct run *run, enum effect_kind edit, enum message_kind message, slice name,
                  slice value);

// Whether the program reads that header, as edited, out of a slot.
bool message_has_slot(const struct program *program, enum message_kind message, slice name);

// The joined value of `name` (any case) among the received or the edited lines.
bool message_find(const struct run *run, enum message_kind message, bool original, slice name,
                  slice *value, bool *out_of_memory);

// Of a value of type headers (its `length`): the values of the lines of that name; the names, each
// once and in lower case; names to joined values.
enum failure message_values(struct run *run, uint32_t headers, slice name, struct value *out);
enum failure message_names(struct run *run, uint32_t headers, struct value *out);
enum failure message_map(struct run *run, uint32_t headers, struct value *out);

#endif
