// Compare-and-swap on the limiter's state. A swap that fails means that another one succeeded, so
// the retries are bounded by what others admit.
#include "engine/run/limiter.h"

static uint64_t run_now(struct run *run) {
    if (!run->has_now) run->now = run->host->clock(run->host->self);
    run->has_now = true;
    return run->now;
}

enum limiter_answer limiter_ask(struct run *run, uint32_t limiter) {
    const struct limiter_row *row = &run->program->limiters[limiter];
    const struct run_host *host = run->host;
    uint64_t now = run_now(run);
    for (uint32_t i = 0; i < LIMIT_SWAPS; i++) {
        slice state = {NULL, 0};
        uint32_t version = 0;
        enum store_answer got = host->counter_get(host->self, row, &state, &version);
        if (got == STORE_PENDING) return LIMITER_WAITS;
        if (got != STORE_OK) return LIMITER_FAILS;
        uint8_t next[LIMIT_CELL_BYTES];
        struct limit_verdict verdict = limit_take(&row->terms, state, now, 1, next);
        if (!verdict.allowed) return LIMITER_REFUSES;
        slice bytes = slice_from((const char *)next, sizeof next);
        enum store_answer put = host->counter_swap(host->self, row, bytes, version);
        if (put == STORE_OK) return LIMITER_ADMITS;
        if (put != STORE_CONFLICT) return LIMITER_FAILS;
    }
    return LIMITER_FAILS;
}
