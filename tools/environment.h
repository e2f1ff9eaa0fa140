// Secrets for the tool: the variables of its own environment.
#ifndef WEIR_TOOLS_ENVIRONMENT_H
#define WEIR_TOOLS_ENVIRONMENT_H

#include "engine/base/slice.h"

// `self` is not used. The value lives as long as the process.
bool environment_find(void *self, slice name, slice *value);

#endif
