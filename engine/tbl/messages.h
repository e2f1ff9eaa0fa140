// Messages whose headers rules can see: MESSAGE(NAME, "field", phase that brings it).
MESSAGE(REQUEST, "request.headers", IN_REQUEST)
MESSAGE(RESPONSE, "response.headers", IN_RESPONSE)
MESSAGE(REQUEST_TRAILERS, "request.trailers", IN_REQUEST_BODY)
MESSAGE(RESPONSE_TRAILERS, "response.trailers", IN_RESPONSE_BODY)
MESSAGE(FORWARDED, "forwarded.headers", IN_EXPECT) // test files: what the upstream received
// Not messages, but read like their headers: run/parts.c cuts them out of the request's.
MESSAGE(QUERY, "request.query_params", IN_REQUEST)
MESSAGE(COOKIES, "request.cookies", IN_REQUEST)
// The same, but the host is asked for each name: it lists none. These are the last.
MESSAGE(STATE, "filter_state", IN_REQUEST)
MESSAGE(UPSTREAM_STATE, "upstream_filter_state", IN_RESPONSE)
