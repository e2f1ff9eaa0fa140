// Blocks of limits: all are checked before any is charged, and what was charged is undone when a
// later one refuses after all. Services are asked last.
#ifndef WEIR_RUN_LIMITS_H
#define WEIR_RUN_LIMITS_H

#include "engine/run/limiter.h"

enum limits_outcome { LIMITS_ADMIT, LIMITS_REFUSE, LIMITS_WAIT };

// One more limiter in the block. With a failure it refuses.
void limits_add(struct run *run, struct limit_use *use, uint64_t cost, enum failure failure);

// Decides the block; run->refused is the use that refused, NULL when all admit. After LIMITS_WAIT
// run->question is to be answered, by run_resume, before this is called again.
enum failure limits_decide(struct run *run, enum limits_outcome *outcome);

#endif
