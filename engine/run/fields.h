// Values of fields but headers of constant names.
#ifndef WEIR_RUN_FIELDS_H
#define WEIR_RUN_FIELDS_H

#include "engine/run/run.h"

// The value of a field, of its row's type. A message that never came gives "" and 0. `original`:
// whatever rules have edited since.
enum failure field_value(struct run *run, enum field field, bool original, struct value *out);

// Whether the host has the field; of one that is made of others, whether it has a value.
enum failure field_found(struct run *run, enum field field, bool *found);

// A header of a message has changed: what was computed from it is computed anew.
void fields_forget(struct run *run, enum message_kind message, slice name);

// The body of a message has changed: the same.
void fields_forget_body(struct run *run, enum message_kind message);

// All that was computed of a message as it is now.
void fields_forget_all(struct run *run, enum message_kind message);

#endif
