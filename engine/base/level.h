// Levels of the log, lowest first; the numbers are the host's.
#ifndef WEIR_BASE_LEVEL_H
#define WEIR_BASE_LEVEL_H

enum level {
#define LEVEL(name, text) LEVEL_##name,
#include "engine/tbl/levels.h"
#undef LEVEL
    LEVEL_TOTAL
};

#endif
