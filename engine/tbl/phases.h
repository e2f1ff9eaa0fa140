// Phases in the order in which a stream passes them: PHASE(NAME, "word", built).
PHASE(REQUEST, "request", true)
PHASE(REQUEST_BODY, "request_body", true)
PHASE(RESPONSE, "response", true)
PHASE(RESPONSE_BODY, "response_body", true)
PHASE(LOG, "log", true)
