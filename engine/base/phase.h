// Phases of a stream, as numbers and as bits.
#ifndef WEIR_BASE_PHASE_H
#define WEIR_BASE_PHASE_H

#include "engine/base/slice.h"

enum phase {
#define PHASE(name, word) PHASE_##name,
#include "engine/tbl/phases.h"
#undef PHASE
    PHASE_TOTAL
};

// Bits of sets of phases. IN_EXPECT is where test files look at an exchange that is over.
enum phase_bits {
#define PHASE(name, word) IN_##name = 1 << PHASE_##name,
#include "engine/tbl/phases.h"
#undef PHASE
    IN_EXPECT = 1 << PHASE_TOTAL,
    IN_ALL = (1 << (PHASE_TOTAL + 1)) - 1,
};

#endif
