// Values of fields that are neither a header nor a message.
#ifndef WEIR_RUN_FIELDS_H
#define WEIR_RUN_FIELDS_H

#include "engine/run/run.h"

// The value of a field, of its row's type. A message that never came gives "" and 0.
enum failure field_value(struct run *run, enum field field, struct value *out);

#endif
