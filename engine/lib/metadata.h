// Metadata of Envoy as its host gives it: a message of protobuf.
#ifndef WEIR_LIB_METADATA_H
#define WEIR_LIB_METADATA_H

#include "engine/lib/call.h"

// Reads an envoy.config.core.v3.Metadata into {"filter_metadata": {NAME: {KEY: value}}}, values as
// those of JSON; what is typed otherwise is left out. No bytes: nothing in it. FAILURE_CONVERSION
// where it is malformed, FAILURE_TOO_DEEP, FAILURE_STEPS or FAILURE_NO_MEMORY.
enum failure metadata_read(struct call *call, slice message, struct value *out);

#endif
