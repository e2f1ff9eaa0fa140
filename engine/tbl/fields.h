// Fields: FIELD(NAME, "path", TYPE, phases, how, origin, header, "meaning").
// how: HEADERS (all of the message `origin`), PSEUDO (its header of that name), COMPUTED (from
// others, by run/fields.c), FETCHED (asked of the host when first used), ABSENT (not built yet).
// origin: the message that must be gathered, or NONE.
#define FROM_REQUEST                                                                               \
    (IN_REQUEST | IN_REQUEST_BODY | IN_RESPONSE | IN_RESPONSE_BODY | IN_LOG | IN_EXPECT)
#define FROM_RESPONSE (IN_RESPONSE | IN_RESPONSE_BODY | IN_LOG | IN_EXPECT)
FIELD(REQUEST_HEADERS, "request.headers", HEADERS, FROM_REQUEST, HEADERS, REQUEST, NULL,
      "the request's headers")
FIELD(REQUEST_PATH, "request.path", STRING, FROM_REQUEST, PSEUDO, REQUEST, ":path",
      "the path as received, with its query")
FIELD(REQUEST_URL_PATH, "request.url_path", STRING, FROM_REQUEST, COMPUTED, REQUEST, ":path",
      "the path as received, without its query")
FIELD(REQUEST_CLEAN_PATH, "request.clean_path", STRING, FROM_REQUEST, COMPUTED, REQUEST, ":path",
      "the path that a server would act on: the one to compare in rules that restrict")
FIELD(REQUEST_HOST, "request.host", STRING, FROM_REQUEST, PSEUDO, REQUEST, ":authority",
      "the host as received, with its port")
FIELD(REQUEST_METHOD, "request.method", STRING, FROM_REQUEST, PSEUDO, REQUEST, ":method",
      "the method")
FIELD(REQUEST_SCHEME, "request.scheme", STRING, FROM_REQUEST, PSEUDO, REQUEST, ":scheme",
      "the scheme")
FIELD(REQUEST_BODY, "request.body", BYTES, IN_REQUEST_BODY | IN_EXPECT, COMPUTED, REQUEST,
      NULL, "the whole body; fails where it is encoded")
FIELD(REQUEST_JSON, "request.json", DYN, IN_REQUEST_BODY | IN_EXPECT, COMPUTED, REQUEST,
      NULL, "the whole body as a value; fails where it is no JSON, or encoded")
FIELD(CLIENT_IP, "client.ip", IP, FROM_REQUEST, COMPUTED, NONE, NULL,
      "who the request comes from, as weir.trust says; fails where there is no address")
FIELD(CLIENT_PREFIX, "client.prefix", STRING, FROM_REQUEST, COMPUTED, NONE, NULL,
      "that IPv4 address, or the /64 network of that IPv6 one: what to count callers by")
FIELD(CLIENT_TRUSTED, "client.trusted", BOOL, FROM_REQUEST, COMPUTED, NONE, NULL,
      "false where weir.trust led nowhere, so that client.ip is only the peer's")
FIELD(PEER_IP, "peer.ip", IP, FROM_REQUEST, COMPUTED, NONE, NULL,
      "whom the proxy has the request from; fails where there is no address")
FIELD(SOURCE_ADDRESS, "source.address", STRING, FROM_REQUEST, FETCHED, NONE, NULL,
      "the peer as the proxy writes it, with its port")
FIELD(SOURCE_PORT, "source.port", INT, FROM_REQUEST, COMPUTED, NONE, NULL,
      "the port of source.address")
FIELD(RESPONSE_HEADERS, "response.headers", HEADERS, FROM_RESPONSE, HEADERS, RESPONSE, NULL,
      "the response's headers")
FIELD(RESPONSE_CODE, "response.code", INT, FROM_RESPONSE, COMPUTED, RESPONSE, ":status",
      "the response's status")
FIELD(DECISION_RULE, "decision.rule", STRING, FROM_RESPONSE, COMPUTED, NONE, NULL,
      "the rule that ended the request, or an empty string")
FIELD(DECISION_ACTION, "decision.action", STRING, FROM_RESPONSE, COMPUTED, NONE, NULL,
      "the action that ended the request, or an empty string")
FIELD(DECISION_LIMITER, "decision.limiter", STRING, FROM_RESPONSE, COMPUTED, NONE, NULL,
      "the limiter that refused the request, or an empty string")
FIELD(DECISION_REMAINING, "decision.remaining", INT, FROM_RESPONSE, COMPUTED, NONE, NULL,
      "what that limiter had left; -1 where none refused")
FIELD(RESPONSE_BODY, "response.body", BYTES, IN_EXPECT, FETCHED, NONE, NULL,
      "in test files: the body that the client received")
FIELD(FORWARDED_SENT, "forwarded.sent", BOOL, IN_EXPECT, FETCHED, NONE, NULL,
      "in test files: whether the upstream received the request")
FIELD(FORWARDED_METHOD, "forwarded.method", STRING, IN_EXPECT, FETCHED, NONE, NULL,
      "in test files: the method that the upstream received")
FIELD(FORWARDED_PATH, "forwarded.path", STRING, IN_EXPECT, FETCHED, NONE, NULL,
      "in test files: the path that the upstream received")
FIELD(FORWARDED_HEADERS, "forwarded.headers", HEADERS, IN_EXPECT, HEADERS, FORWARDED, NULL,
      "in test files: the headers that the upstream received")
FIELD(FORWARDED_BODY, "forwarded.body", BYTES, IN_EXPECT, FETCHED, NONE, NULL,
      "in test files: the body that the upstream received")
FIELD(METRICS, "metrics", MAP, IN_EXPECT, FETCHED, NONE, NULL,
      "in test files: the counters by name, without the namespace")
FIELD(LOGS, "logs", LIST, IN_EXPECT, FETCHED, NONE, NULL, "in test files: the lines logged so far")
FIELD(REQUEST_QUERY, "request.query", STRING, FROM_REQUEST, ABSENT, REQUEST, NULL, "the query")
FIELD(REQUEST_QUERY_PARAMS, "request.query_params", MAP, FROM_REQUEST, ABSENT, REQUEST, NULL, "")
FIELD(REQUEST_COOKIES, "request.cookies", MAP, FROM_REQUEST, ABSENT, REQUEST, NULL, "")
FIELD(REQUEST_SUSPICIOUS, "request.suspicious", BOOL, FROM_REQUEST, ABSENT, REQUEST, NULL, "")
FIELD(REQUEST_HOST_NAME, "request.host_name", STRING, FROM_REQUEST, ABSENT, REQUEST, NULL, "")
FIELD(REQUEST_PORT, "request.port", INT, FROM_REQUEST, ABSENT, REQUEST, NULL, "")
FIELD(REQUEST_BASIC_USER, "request.basic.user", STRING, FROM_REQUEST, ABSENT, REQUEST, NULL, "")
FIELD(REQUEST_BASIC_PASSWORD, "request.basic.password", STRING, FROM_REQUEST, ABSENT, REQUEST, NULL,
      "")
FIELD(REQUEST_BEARER, "request.bearer", STRING, FROM_REQUEST, ABSENT, REQUEST, NULL, "")
FIELD(REQUEST_TRAILERS, "request.trailers", HEADERS, IN_REQUEST_BODY, ABSENT, NONE, NULL, "")
FIELD(REQUEST_ID, "request.id", STRING, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(REQUEST_PROTOCOL, "request.protocol", STRING, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(REQUEST_TIME, "request.time", TIMESTAMP, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(REQUEST_SIZE, "request.size", INT, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(REQUEST_REFERER, "request.referer", STRING, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(REQUEST_USERAGENT, "request.useragent", STRING, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(RESPONSE_IS_LOCAL, "response.is_local", BOOL, FROM_RESPONSE, ABSENT, NONE, NULL, "")
FIELD(RESPONSE_JSON, "response.json", DYN, IN_RESPONSE_BODY, ABSENT, NONE, NULL, "")
FIELD(RESPONSE_TRAILERS, "response.trailers", HEADERS, IN_RESPONSE_BODY, ABSENT, NONE, NULL, "")
FIELD(PEER_SPIFFE, "peer.spiffe", MAP, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(JWT, "jwt", DYN, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(NOW, "now", TIMESTAMP, FROM_REQUEST, COMPUTED, NONE, NULL,
      "the time of day; the same in one phase of one request")
// With the limiter's name behind it: `limits.NAME.remaining`.
FIELD(LIMITS, "limits", INT, FROM_REQUEST, COMPUTED, NONE, NULL,
      "what the limiter has left, as this request saw it last; -1 before its `limit` ran")
FIELD(DESTINATION_ADDRESS, "destination.address", STRING, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(DESTINATION_PORT, "destination.port", INT, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(CONNECTION_ID, "connection.id", UINT, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(CONNECTION_MTLS, "connection.mtls", BOOL, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(UPSTREAM_ADDRESS, "upstream.address", STRING, FROM_RESPONSE, ABSENT, NONE, NULL, "")
FIELD(METADATA, "metadata", DYN, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(FILTER_STATE, "filter_state", DYN, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(PLUGIN_NAME, "plugin_name", STRING, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(REQUEST_DURATION, "request.duration", DURATION, IN_LOG, ABSENT, NONE, NULL, "")
FIELD(REQUEST_TOTAL_SIZE, "request.total_size", INT, IN_LOG, ABSENT, NONE, NULL, "")
FIELD(RESPONSE_SIZE, "response.size", INT, FROM_RESPONSE, ABSENT, NONE, NULL, "")
FIELD(RESPONSE_TOTAL_SIZE, "response.total_size", INT, FROM_RESPONSE, ABSENT, NONE, NULL, "")
FIELD(RESPONSE_FLAGS, "response.flags", INT, FROM_RESPONSE, ABSENT, NONE, NULL, "")
FIELD(RESPONSE_CODE_DETAILS, "response.code_details", STRING, FROM_RESPONSE, ABSENT, NONE, NULL, "")
FIELD(RESPONSE_GRPC_STATUS, "response.grpc_status", INT, FROM_RESPONSE, ABSENT, NONE, NULL, "")
FIELD(RESPONSE_BACKEND_LATENCY, "response.backend_latency", DURATION, FROM_RESPONSE, ABSENT, NONE,
      NULL, "")
FIELD(CONNECTION_SERVER_NAME, "connection.requested_server_name", STRING, FROM_REQUEST, ABSENT,
      NONE, NULL, "")
FIELD(CONNECTION_TLS_VERSION, "connection.tls_version", STRING, FROM_REQUEST, ABSENT, NONE, NULL,
      "")
FIELD(CONNECTION_SUBJECT_PEER, "connection.subject_peer_certificate", STRING, FROM_REQUEST, ABSENT,
      NONE, NULL, "")
FIELD(CONNECTION_URI_SAN_PEER, "connection.uri_san_peer_certificate", STRING, FROM_REQUEST, ABSENT,
      NONE, NULL, "")
FIELD(UPSTREAM_PORT, "upstream.port", INT, FROM_RESPONSE, ABSENT, NONE, NULL, "")
FIELD(UPSTREAM_TLS_VERSION, "upstream.tls_version", STRING, FROM_RESPONSE, ABSENT, NONE, NULL, "")
FIELD(UPSTREAM_FAILURE_REASON, "upstream.transport_failure_reason", STRING, FROM_RESPONSE, ABSENT,
      NONE, NULL, "")
FIELD(UPSTREAM_ATTEMPTS, "upstream.request_attempt_count", INT, FROM_RESPONSE, ABSENT, NONE, NULL,
      "")
FIELD(XDS_CLUSTER_NAME, "xds.cluster_name", STRING, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(XDS_ROUTE_NAME, "xds.route_name", STRING, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(XDS_NODE, "xds.node", DYN, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(XDS_FILTER_CHAIN_NAME, "xds.filter_chain_name", STRING, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(NODE_ID, "node.id", STRING, FROM_REQUEST, ABSENT, NONE, NULL, "")
FIELD(NODE_METADATA, "node.metadata", DYN, FROM_REQUEST, ABSENT, NONE, NULL, "")
#undef FROM_REQUEST
#undef FROM_RESPONSE
