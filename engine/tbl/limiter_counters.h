// What is counted of each limiter: LIMITER_COUNTER(NAME, "suffix of its metric").
LIMITER_COUNTER(ALLOWED, "allowed")
LIMITER_COUNTER(LIMITED, "limited")
LIMITER_COUNTER(SHADOW, "shadow")             // would have been limited
LIMITER_COUNTER(EVICTED_LIVE, "evicted_live") // a key lost its place to another
LIMITER_COUNTER(CAS_RETRY, "cas_retry")       // another worker was first
LIMITER_COUNTER(ERRORS, "errors")             // on_error decided
