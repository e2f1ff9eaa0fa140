// Options of a limiter: LIMITER_OPTION(NAME, "word", argument, built).
// argument: WORD (a bare name, perhaps called: cluster(x)), EXPRESSION, EXPRESSIONS.
LIMITER_OPTION(BURST, "burst", EXPRESSION, true)
LIMITER_OPTION(ALGORITHM, "algorithm", WORD, true)
LIMITER_OPTION(BY, "by", EXPRESSIONS, false)
LIMITER_OPTION(ON_ABSENT, "on_absent", WORD, false)
LIMITER_OPTION(SCOPE, "scope", WORD, true)
LIMITER_OPTION(MAX_KEYS, "max_keys", EXPRESSION, false)
LIMITER_OPTION(ON_FULL, "on_full", WORD, false)
LIMITER_OPTION(PENALTY, "penalty", EXPRESSION, false)
LIMITER_OPTION(LEASE, "lease", EXPRESSION, false)
LIMITER_OPTION(HEADERS, "headers", WORD, true)
LIMITER_OPTION(ANSWER, "answer", WORD, false)
LIMITER_OPTION(ON_ERROR, "on_error", WORD, false)
