// Clauses of rules and groups: CLAUSE(NAME, "word").
CLAUSE(ON, "on")
CLAUSE(WHEN, "when")
CLAUSE(SHADOW, "shadow")
CLAUSE(FIRST, "first")
CLAUSE(SAMPLE, "sample")
CLAUSE(ON_ERROR, "on_error")
