// What is counted of each rule: RULE_COUNTER(NAME, "suffix of its metric").
RULE_COUNTER(MATCHED, "matched") // its condition held
RULE_COUNTER(DENIED, "denied")   // it ended a request
RULE_COUNTER(SHADOW, "shadow")   // it would have
RULE_COUNTER(ERRORS, "errors")   // expressions that failed
