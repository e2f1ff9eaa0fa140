// Words that options of a limiter take: LIMITER_WORD(OPTION, NAME, "word"). The first of an option
// is what it is without being written, where anything is.
LIMITER_WORD(SCOPE, PROXY, "proxy")     // one count for all workers
LIMITER_WORD(SCOPE, WORKER, "worker")   // one for each
LIMITER_WORD(SCOPE, CLUSTER, "cluster") // a rate-limit service counts
LIMITER_WORD(ON_ABSENT, DENY, "deny")
LIMITER_WORD(ON_ABSENT, SKIP, "skip")
LIMITER_WORD(ON_FULL, COARSE, "coarse") // evicted keys go on where the floor of their slot is
LIMITER_WORD(ON_FULL, DENY, "deny")
LIMITER_WORD(HEADERS, DRAFT, "draft") // RateLimit and RateLimit-Policy of the IETF draft
LIMITER_WORD(HEADERS, X, "x")         // X-RateLimit-Limit, -Remaining, -Reset
LIMITER_WORD(HEADERS, NONE, "none")
LIMITER_WORD(ANSWER, TEXT, "text")
LIMITER_WORD(ANSWER, PROBLEM, "problem") // application/problem+json
LIMITER_WORD(ON_ERROR, DENY, "deny")
LIMITER_WORD(ON_ERROR, ALLOW, "allow")
LIMITER_WORD(ON_ERROR, LOCAL, "local") // the proxy counts while the service does not answer
