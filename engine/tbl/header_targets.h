// Headers that rules may not freely edit: HEADER_TARGET(form, name, message, set, remove). Include
// with HEADER_TARGET defined. Form: EXACT or PREFIX; message: ANY, or REQUEST where a response may
// carry the name freely; the last two say whether `set`, `add`, `default` and `remove` may name it.

// Pseudo-headers have targets of their own: request.path, request.method, request.host …
HEADER_TARGET(PREFIX, ":", ANY, false, false)

// Framing and the connection belong to the proxy (RFC 9110 sections 7.6.1, 6.6.2, 8.6; RFC 9113
// section 8.2.2; RFC 7540 section 3.2.1). proxy-authenticate and proxy-authorization are free: a
// gateway's own 407 needs them.
HEADER_TARGET(EXACT, "connection", ANY, false, false)
HEADER_TARGET(EXACT, "content-length", ANY, false, false)
HEADER_TARGET(EXACT, "host", ANY, false, false)
HEADER_TARGET(EXACT, "http2-settings", ANY, false, false)
HEADER_TARGET(EXACT, "keep-alive", ANY, false, false)
HEADER_TARGET(EXACT, "proxy-connection", ANY, false, false)
HEADER_TARGET(EXACT, "te", ANY, false, false)
HEADER_TARGET(EXACT, "trailer", ANY, false, false)
HEADER_TARGET(EXACT, "transfer-encoding", ANY, false, false)
HEADER_TARGET(EXACT, "upgrade", ANY, false, false)

// What Envoy and Istio vouch for to those behind them (Envoy's pages on header sanitizing and on the
// router): a rule may drop it, never make it up. Inputs of the router and of tracing (timeouts,
// retries, x-envoy-original-dst-host …) are free.
HEADER_TARGET(EXACT, "x-envoy-attempt-count", REQUEST, false, true)
HEADER_TARGET(EXACT, "x-envoy-external-address", REQUEST, false, true)
HEADER_TARGET(EXACT, "x-envoy-internal", REQUEST, false, true)
HEADER_TARGET(EXACT, "x-envoy-ip-tags", REQUEST, false, true)
HEADER_TARGET(EXACT, "x-envoy-is-timeout-retry", REQUEST, false, true)
HEADER_TARGET(EXACT, "x-envoy-original-host", REQUEST, false, true)
HEADER_TARGET(EXACT, "x-envoy-original-method", REQUEST, false, true)
HEADER_TARGET(EXACT, "x-envoy-original-path", REQUEST, false, true)
HEADER_TARGET(EXACT, "x-envoy-original-url", REQUEST, false, true)
HEADER_TARGET(EXACT, "x-forwarded-client-cert", REQUEST, false, true)
HEADER_TARGET(PREFIX, "x-envoy-downstream-service-", REQUEST, false, true)
HEADER_TARGET(PREFIX, "x-envoy-peer-", ANY, false, true)
