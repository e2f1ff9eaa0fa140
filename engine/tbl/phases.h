// Phases in the order in which a stream passes them: PHASE(NAME, "word").
PHASE(REQUEST, "request")
PHASE(REQUEST_BODY, "request_body")
PHASE(RESPONSE, "response")
PHASE(RESPONSE_BODY, "response_body")
PHASE(LOG, "log")
