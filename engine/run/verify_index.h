// The tables of indexes: what looking them up relies on.
#ifndef WEIR_RUN_VERIFY_INDEX_H
#define WEIR_RUN_VERIFY_INDEX_H

#include "engine/run/index.h"

// Whether every number in them is in range, chains come to an end, targets ascend, and fields are
// made of the headers whose edits are watched. Where targets lie in the code is not looked at.
bool verify_indexes(const struct program *program);

#endif
