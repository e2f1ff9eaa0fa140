// What clients are told of limits: RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-
// headers-10), or the X-RateLimit trio; retry-after (RFC 9110 section 10.2.3); quota-exceeded
// problems (the same draft, RFC 9457).
#ifndef WEIR_RUN_ADVICE_H
#define WEIR_RUN_ADVICE_H

#include "engine/run/limiter.h"

// The headers of every limiter that ran, onto the response. FAILURE_NO_MEMORY.
enum failure advice_headers(struct run *run);

// The body and the content type of a refusal that says nothing itself.
enum failure advice_body(struct run *run, struct reply *reply);

#endif
