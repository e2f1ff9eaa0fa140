// Clauses of rules and groups: CLAUSE(NAME, "word", built).
CLAUSE(ON, "on", true)
CLAUSE(WHEN, "when", true)
CLAUSE(SHADOW, "shadow", true)
CLAUSE(FIRST, "first", true)
CLAUSE(SAMPLE, "sample", true)
CLAUSE(ON_ERROR, "on_error", true)
