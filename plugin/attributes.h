// Fields that the host is asked for, as values.
#ifndef WEIR_PLUGIN_ATTRIBUTES_H
#define WEIR_PLUGIN_ATTRIBUTES_H

#include "engine/engine.h"

// One call. False where the host has none, or one of another form than the field's type.
bool attribute_fetch(struct arena *arena, enum field field, struct value *out);

// What filters left under a name, with the stream or with the connection to the upstream.
bool attribute_state(struct arena *arena, bool upstream, slice name, slice *value);

#endif
