// Headers that a limiter adds: LIMIT_HEADERS(NAME, "word", built).
LIMIT_HEADERS(DRAFT, "draft", false)
LIMIT_HEADERS(X, "x", false)
LIMIT_HEADERS(NONE, "none", true)
