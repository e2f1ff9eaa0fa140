// What `in` asks of a set of networks.
#ifndef WEIR_LIB_NETWORK_H
#define WEIR_LIB_NETWORK_H

#include "engine/lib/call.h"

// Whether an address, of type ip or as text, is in a set of type cidrs. FAILURE_ADDRESS for a text
// that is no address: it could be meant as any.
enum failure network_in(struct value address, struct value set, bool *out);

// Makes the set of a list of strings, as cidrs() does; on FAILURE_ADDRESS *bad is the index of the
// first entry that is neither a network nor an address.
enum failure network_make_set(struct arena *arena, struct value list, struct value *out,
                              uint32_t *bad);

#endif
