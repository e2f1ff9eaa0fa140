// Metadata of Envoy as its host gives it: a message of protobuf.
#ifndef WEIR_LIB_METADATA_H
#define WEIR_LIB_METADATA_H

#include "engine/base/text.h"
#include "engine/lib/call.h"

// Reads an envoy.config.core.v3.Metadata into {"filter_metadata": {NAME: {KEY: value}}}, values as
// those of JSON; what is typed otherwise is left out. No bytes: nothing in it. FAILURE_CONVERSION
// where it is malformed, FAILURE_TOO_DEEP, FAILURE_STEPS or FAILURE_NO_MEMORY.
enum failure metadata_read(struct call *call, slice message, struct value *out);

// The same of an envoy.config.core.v3.Node: {"id", "cluster", "user_agent_name",
// "user_agent_version": texts, "locality": as below, "metadata": {KEY: value}}; and that metadata
// alone.
enum failure metadata_node(struct call *call, slice message, struct value *out);
enum failure metadata_of_node(struct call *call, slice message, struct value *out);

// Of an envoy.config.core.v3.Locality: {"region", "zone", "sub_zone": texts}.
enum failure metadata_locality(struct call *call, slice message, struct value *out);

// What these read of a node, as a message: most of one tells what its proxy was built with. False
// where it is malformed.
bool metadata_shorten_node(slice message, struct text *out);

#endif
