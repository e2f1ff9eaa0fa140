// Blocks of limits: all are checked before any is charged, and what was charged is undone when a
// later one refuses after all. Services are asked last.
#ifndef WEIR_RUN_LIMITS_H
#define WEIR_RUN_LIMITS_H

#include "engine/run/limiter.h"

enum limits_outcome { LIMITS_ADMIT, LIMITS_REFUSE, LIMITS_WAIT };

// An empty block: where a phase begins.
void limits_begin(struct run *run);

// One more limiter in the block, with its cost and with its terms as limiter_use has them. With a
// failure it refuses.
enum failure limits_add(struct run *run, uint32_t limiter, struct value cost, struct value terms);
enum failure limits_add_failed(struct run *run, uint32_t limiter, enum failure why);

// Decides the block; run->refused is the use that refused, NULL when all admit. After LIMITS_WAIT
// run->question is to be answered, by run_resume, before this is called again.
enum failure limits_decide(struct run *run, enum limits_outcome *outcome);

// OP_CHARGE, OP_REFUND, OP_BAN of limiter i.a.
enum failure limits_change(struct run *run, struct instruction i, struct value amount,
                           struct value terms);

// limits.NAME.remaining.
struct value limits_left(const struct run *run, uint32_t limiter);

#endif
