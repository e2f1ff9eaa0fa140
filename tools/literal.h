// Values as CEL literals, for people: one line, long texts cut.
#ifndef WEIR_TOOLS_LITERAL_H
#define WEIR_TOOLS_LITERAL_H

#include "engine/testing.h"

// Headers are shown as a map of what `view` has of them.
void literal_write(struct text *out, struct value value, const struct testing_view *view);

#endif
