// One decision of a limiter: read its state, take, swap; bounded retries.
#ifndef WEIR_RUN_LIMITER_H
#define WEIR_RUN_LIMITER_H

#include "engine/run/run.h"

enum limiter_answer {
    LIMITER_ADMITS,
    LIMITER_REFUSES,
    LIMITER_FAILS, // no state, or LIMIT_SWAPS lost races: `on_error`, which is deny
    LIMITER_WAITS, // the store answers later
};

enum limiter_answer limiter_ask(struct run *run, uint32_t limiter);

#endif
