// Options of a limiter: LIMITER_OPTION(NAME, "word", argument, algorithms).
// argument: WORD (one of tbl/limiter_words.h), SERVICE (a word, or called: cluster(x)), TOKENS (a
// count), TIME (a duration), KEYS (expressions), WHOLE (an int known when the rules are compiled).
// algorithms: bits of those that it has a meaning for.
#define BUCKETS (1u << LIMIT_ALGORITHM_TOKEN_BUCKET)
#define RATES                                                                                      \
    (BUCKETS | 1u << LIMIT_ALGORITHM_FIXED_WINDOW | 1u << LIMIT_ALGORITHM_SLIDING_WINDOW)
#define LEASES (1u << LIMIT_ALGORITHM_CONCURRENT)
LIMITER_OPTION(BURST, "burst", TOKENS, BUCKETS)
LIMITER_OPTION(ALGORITHM, "algorithm", WORD, RATES)
LIMITER_OPTION(BY, "by", KEYS, RATES | LEASES)
LIMITER_OPTION(ON_ABSENT, "on_absent", WORD, RATES | LEASES)
LIMITER_OPTION(SCOPE, "scope", SERVICE, RATES | LEASES)
LIMITER_OPTION(MAX_KEYS, "max_keys", WHOLE, RATES | LEASES)
LIMITER_OPTION(ON_FULL, "on_full", WORD, RATES | LEASES)
LIMITER_OPTION(PENALTY, "penalty", TIME, RATES | LEASES)
LIMITER_OPTION(LEASE, "lease", TIME, LEASES)
LIMITER_OPTION(HEADERS, "headers", WORD, RATES | LEASES)
LIMITER_OPTION(ANSWER, "answer", WORD, RATES | LEASES)
LIMITER_OPTION(ON_ERROR, "on_error", WORD, RATES | LEASES)
#undef BUCKETS
#undef RATES
#undef LEASES
