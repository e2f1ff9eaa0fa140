// What an authority names, as strict as url_host().
#ifndef WEIR_LIB_PATTERN_H
#define WEIR_LIB_PATTERN_H

#include "engine/lib/call.h"

// The host of HOST[:PORT] in lower case, without brackets and trailing dot, IPv6 in canonical form;
// empty where it is malformed. *port: its digits, empty without any. FAILURE_NO_MEMORY or none.
enum failure pattern_host(struct arena *arena, slice authority, slice *host, slice *port);

#endif
