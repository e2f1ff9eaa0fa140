// How limiters count: ALGORITHM(NAME, text in rules, what a program may choose by `algorithm`).
// Include with ALGORITHM defined. The order is part of stored states: add at the end only.
ALGORITHM(TOKEN_BUCKET, "token_bucket", true)     // continuous refill up to the burst
ALGORITHM(FIXED_WINDOW, "fixed_window", true)     // opens with the first request after the last
ALGORITHM(SLIDING_WINDOW, "sliding_window", true) // the previous window weighted
ALGORITHM(CONCURRENT, "concurrent", false)        // slots given back when the stream ends
