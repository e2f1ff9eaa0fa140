// At most one line a second of a kind, with the number of those left out.
#ifndef WEIR_RUN_QUIET_H
#define WEIR_RUN_QUIET_H

#include "engine/base/slice.h"

struct quiet {
    uint64_t last; // monotonic nanoseconds
    uint32_t left_out;
    bool spoken;
};

// Whether a line may be written now; *left_out then says how many were not since the last one.
bool quiet_admits(struct quiet *quiet, uint64_t now, uint32_t *left_out);

#endif
