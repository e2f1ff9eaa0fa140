// Fields: FIELD(NAME, "path", TYPE, phases, how, origin, header, "meaning").
// how: HEADERS (all of the message `origin`), PARTS (names and values within its header), PSEUDO
// (its header of that name), COMPUTED (from others, by run/fields.c, once a stream), OWN (what the
// run knows, read anew each time), FETCHED (asked of the host when first used), MEASURED (the same
// in each phase: it changes), STATE (the host is asked for each name).
// origin: the message that must be gathered, or NONE.
#define FROM_REQUEST                                                                               \
    (IN_REQUEST | IN_REQUEST_BODY | IN_RESPONSE | IN_RESPONSE_BODY | IN_LOG | IN_EXPECT)
#define FROM_REQUEST_BODY (IN_REQUEST_BODY | IN_RESPONSE | IN_RESPONSE_BODY | IN_LOG | IN_EXPECT)
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
FIELD(REQUEST_BODY, "request.body", BYTES, IN_REQUEST_BODY | IN_EXPECT, OWN, REQUEST, NULL,
      "the whole body; fails where it is encoded")
FIELD(REQUEST_JSON, "request.json", DYN, IN_REQUEST_BODY | IN_EXPECT, COMPUTED, REQUEST, NULL,
      "the whole body as a value; fails where it is no JSON, or encoded")
FIELD(CLIENT_IP, "client.ip", IP, FROM_REQUEST, COMPUTED, NONE, NULL,
      "who the request comes from, as weir.trust says; fails where there is no address")
FIELD(CLIENT_PREFIX, "client.prefix", STRING, FROM_REQUEST, COMPUTED, NONE, NULL,
      "that IPv4 address, or the /64 network of that IPv6 one: what to count callers by")
FIELD(CLIENT_TRUSTED, "client.trusted", BOOL, FROM_REQUEST, COMPUTED, NONE, NULL,
      "false where weir.trust led nowhere, so that client.ip is only the peer's")
FIELD(PEER_IP, "peer.ip", IP, FROM_REQUEST, COMPUTED, NONE, NULL,
      "whom the proxy has the request from; fails where there is no address")
FIELD(SOURCE_ADDRESS, "source.address", STRING, FROM_REQUEST, COMPUTED, NONE, NULL,
      "the peer as the proxy writes it, with its port")
FIELD(SOURCE_PORT, "source.port", INT, FROM_REQUEST, COMPUTED, NONE, NULL,
      "the port of source.address")
FIELD(RESPONSE_HEADERS, "response.headers", HEADERS, FROM_RESPONSE, HEADERS, RESPONSE, NULL,
      "the response's headers")
FIELD(RESPONSE_CODE, "response.code", INT, FROM_RESPONSE, COMPUTED, RESPONSE, ":status",
      "the response's status")
FIELD(DECISION_RULE, "decision.rule", STRING, FROM_RESPONSE, OWN, NONE, NULL,
      "the rule that ended the request, or an empty string")
FIELD(DECISION_ACTION, "decision.action", STRING, FROM_RESPONSE, OWN, NONE, NULL,
      "the action that ended the request, or an empty string")
FIELD(DECISION_LIMITER, "decision.limiter", STRING, FROM_RESPONSE, OWN, NONE, NULL,
      "the limiter that refused the request, or an empty string")
FIELD(DECISION_REMAINING, "decision.remaining", INT, FROM_RESPONSE, OWN, NONE, NULL,
      "what that limiter had left; -1 where none refused")
FIELD(RESPONSE_BODY, "response.body", BYTES, IN_RESPONSE_BODY | IN_EXPECT, OWN, RESPONSE, NULL,
      "the whole body of the response; fails where it is encoded")
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
FIELD(REQUEST_QUERY, "request.query", STRING, FROM_REQUEST, COMPUTED, REQUEST, ":path",
      "the query as received, without its question mark")
FIELD(REQUEST_QUERY_PARAMS, "request.query_params", HEADERS, FROM_REQUEST, PARTS, REQUEST, ":path",
      "the query's parameters, decoded as browsers read a form")
FIELD(REQUEST_COOKIES, "request.cookies", HEADERS, FROM_REQUEST, PARTS, REQUEST, "cookie",
      "the cookies of all cookie lines, without blanks around names and values, neither decoded nor "
      "unquoted")
FIELD(REQUEST_SUSPICIOUS, "request.suspicious", BOOL, FROM_REQUEST, COMPUTED, REQUEST, ":path",
      "whether servers may read the path in more than one way")
FIELD(REQUEST_HOST_NAME, "request.host_name", STRING, FROM_REQUEST, COMPUTED, REQUEST, ":authority",
      "the host in lower case without port, brackets and trailing dot; empty where "
      "it is malformed")
FIELD(REQUEST_PORT, "request.port", INT, FROM_REQUEST, COMPUTED, REQUEST, ":authority",
      "the host's port, or that of the scheme; 0 where the host is malformed")
FIELD(REQUEST_BASIC_USER, "request.basic.user", STRING, FROM_REQUEST, COMPUTED, REQUEST,
      "authorization",
      "the user of basic authentication; empty where there is none, or a "
      "malformed one")
FIELD(REQUEST_BASIC_PASSWORD, "request.basic.password", STRING, FROM_REQUEST, COMPUTED, REQUEST,
      "authorization", "the password beside it")
FIELD(REQUEST_BEARER, "request.bearer", STRING, FROM_REQUEST, COMPUTED, REQUEST, "authorization",
      "the bearer token; empty where there is none, or a malformed one")
FIELD(REQUEST_TRAILERS, "request.trailers", HEADERS, FROM_REQUEST_BODY, HEADERS, REQUEST_TRAILERS,
      NULL, "the trailers behind the request's body, as far as they have come")
FIELD(REQUEST_ID, "request.id", STRING, FROM_REQUEST, PSEUDO, REQUEST, "x-request-id",
      "the id that the proxy gave the request: its header x-request-id")
FIELD(REQUEST_REFERER, "request.referer", STRING, FROM_REQUEST, PSEUDO, REQUEST, "referer",
      "its header referer")
FIELD(REQUEST_USERAGENT, "request.useragent", STRING, FROM_REQUEST, PSEUDO, REQUEST, "user-agent",
      "its header user-agent")
FIELD(REQUEST_PROTOCOL, "request.protocol", STRING, FROM_REQUEST, FETCHED, NONE, NULL,
      "HTTP/1.0, HTTP/1.1, HTTP/2 or HTTP/3")
FIELD(REQUEST_TIME, "request.time", TIMESTAMP, FROM_REQUEST, FETCHED, NONE, NULL,
      "when the first byte of the request came")
FIELD(REQUEST_SIZE, "request.size", INT, FROM_REQUEST, MEASURED, NONE, NULL,
      "the body's bytes: what content-length says while the proxy has the headers, else what came "
      "so far")
FIELD(REQUEST_DURATION, "request.duration", DURATION, IN_LOG | IN_EXPECT, MEASURED, NONE, NULL,
      "from the first byte of the request to the last one of the response")
FIELD(REQUEST_TOTAL_SIZE, "request.total_size", INT, IN_LOG | IN_EXPECT, MEASURED, NONE, NULL,
      "the bytes of the request with its headers")
FIELD(RESPONSE_IS_LOCAL, "response.is_local", BOOL, FROM_RESPONSE, COMPUTED, NONE, NULL,
      "whether the proxy or a rule made the response, and not the upstream")
FIELD(RESPONSE_JSON, "response.json", DYN, IN_RESPONSE_BODY | IN_EXPECT, COMPUTED, RESPONSE, NULL,
      "the whole body of the response as a value; fails where it is no JSON, or encoded")
FIELD(RESPONSE_TRAILERS, "response.trailers", HEADERS, IN_RESPONSE_BODY | IN_LOG | IN_EXPECT,
      HEADERS, RESPONSE_TRAILERS, NULL, "the trailers behind the response's body")
FIELD(RESPONSE_CODE_DETAILS, "response.code_details", STRING, FROM_RESPONSE, MEASURED, NONE, NULL,
      "why the response has its status, in the proxy's words; `via_upstream` for an upstream's")
FIELD(RESPONSE_FLAGS, "response.flags", INT, FROM_RESPONSE, MEASURED, NONE, NULL,
      "the proxy's response flags, as bits")
FIELD(RESPONSE_GRPC_STATUS, "response.grpc_status", INT, FROM_RESPONSE, MEASURED, NONE, NULL,
      "the status of gRPC, or what the proxy makes of another response's status")
FIELD(RESPONSE_SIZE, "response.size", INT, IN_LOG | IN_EXPECT, MEASURED, NONE, NULL,
      "the bytes of the response's body")
FIELD(RESPONSE_TOTAL_SIZE, "response.total_size", INT, IN_LOG | IN_EXPECT, MEASURED, NONE, NULL,
      "the bytes of the response with its headers")
FIELD(RESPONSE_BACKEND_LATENCY, "response.backend_latency", DURATION, IN_LOG | IN_EXPECT, MEASURED, NONE, NULL,
      "from the first byte sent to the upstream to the last one received from it")
FIELD(PEER_SPIFFE, "peer.spiffe", MAP, FROM_REQUEST, COMPUTED, NONE, NULL,
      "trust_domain, namespace and service_account of the peer's SPIFFE id; empty texts where it "
      "has none")
FIELD(JWT, "jwt", DYN, FROM_REQUEST, COMPUTED, NONE, NULL,
      "the claims of the token that the proxy verified, by weir.jwt; an empty map without one")
FIELD(NOW, "now", TIMESTAMP, FROM_REQUEST, OWN, NONE, NULL,
      "the time of day; the same in one phase of one request")
// With the limiter's name behind it: `limits.NAME.remaining`.
FIELD(LIMITS, "limits", INT, FROM_REQUEST, COMPUTED, NONE, NULL,
      "what the limiter has left, as this request saw it last; -1 before its `limit` ran")
FIELD(METADATA, "metadata", DYN, FROM_REQUEST, MEASURED, NONE, NULL,
      "what the proxy's filters know of the request: filter_metadata, by name of the filter")
FIELD(FILTER_STATE, "filter_state", HEADERS, FROM_REQUEST, STATE, STATE, NULL,
      "what filters left with the stream, by the name of the object, as text; `tag` leaves "
      "`wasm.NAME`, to be read from the next phase on")
FIELD(UPSTREAM_FILTER_STATE, "upstream_filter_state", HEADERS, FROM_RESPONSE, STATE, UPSTREAM_STATE,
      NULL, "the same of the connection to the upstream")
FIELD(DESTINATION_ADDRESS, "destination.address", STRING, FROM_REQUEST, FETCHED, NONE, NULL,
      "the address that the peer connected to, with its port")
FIELD(DESTINATION_PORT, "destination.port", INT, FROM_REQUEST, FETCHED, NONE, NULL, "its port")
FIELD(CONNECTION_ID, "connection.id", UINT, FROM_REQUEST, FETCHED, NONE, NULL,
      "the number of the peer's connection")
FIELD(CONNECTION_MTLS, "connection.mtls", BOOL, FROM_REQUEST, FETCHED, NONE, NULL,
      "whether the peer showed a certificate that was verified")
FIELD(CONNECTION_SERVER_NAME, "connection.requested_server_name", STRING, FROM_REQUEST, FETCHED,
      NONE, NULL, "the name that the peer asked for by TLS (SNI)")
FIELD(CONNECTION_TLS_VERSION, "connection.tls_version", STRING, FROM_REQUEST, FETCHED, NONE, NULL,
      "the version of TLS of the connection")
FIELD(CONNECTION_SUBJECT_LOCAL, "connection.subject_local_certificate", STRING, FROM_REQUEST,
      FETCHED, NONE, NULL, "the subject of the proxy's certificate")
FIELD(CONNECTION_SUBJECT_PEER, "connection.subject_peer_certificate", STRING, FROM_REQUEST, FETCHED,
      NONE, NULL, "the subject of the peer's certificate")
FIELD(CONNECTION_DNS_SAN_LOCAL, "connection.dns_san_local_certificate", STRING, FROM_REQUEST,
      FETCHED, NONE, NULL, "the first DNS name in the proxy's certificate")
FIELD(CONNECTION_DNS_SAN_PEER, "connection.dns_san_peer_certificate", STRING, FROM_REQUEST, FETCHED,
      NONE, NULL, "the first DNS name in the peer's certificate")
FIELD(CONNECTION_URI_SAN_LOCAL, "connection.uri_san_local_certificate", STRING, FROM_REQUEST,
      FETCHED, NONE, NULL, "the first URI in the proxy's certificate")
FIELD(CONNECTION_URI_SAN_PEER, "connection.uri_san_peer_certificate", STRING, FROM_REQUEST, FETCHED,
      NONE, NULL, "the first URI in the peer's certificate")
FIELD(CONNECTION_SHA256_PEER, "connection.sha256_peer_certificate_digest", STRING, FROM_REQUEST,
      FETCHED, NONE, NULL, "the SHA-256 digest of the peer's certificate, in hex")
FIELD(CONNECTION_FAILURE_REASON, "connection.transport_failure_reason", STRING, FROM_REQUEST,
      MEASURED, NONE, NULL, "why TLS with the peer failed")
FIELD(CONNECTION_TERMINATION, "connection.termination_details", STRING, FROM_REQUEST, MEASURED,
      NONE, NULL, "why the proxy closed the peer's connection")
FIELD(UPSTREAM_ADDRESS, "upstream.address", STRING, FROM_RESPONSE, MEASURED, NONE, NULL,
      "the address of the upstream host, with its port")
FIELD(UPSTREAM_PORT, "upstream.port", INT, FROM_RESPONSE, MEASURED, NONE, NULL, "its port")
FIELD(UPSTREAM_LOCAL_ADDRESS, "upstream.local_address", STRING, FROM_RESPONSE, MEASURED, NONE, NULL,
      "the proxy's own address on that connection")
FIELD(UPSTREAM_TLS_VERSION, "upstream.tls_version", STRING, FROM_RESPONSE, MEASURED, NONE, NULL,
      "the version of TLS with the upstream")
FIELD(UPSTREAM_SUBJECT_LOCAL, "upstream.subject_local_certificate", STRING, FROM_RESPONSE, MEASURED,
      NONE, NULL, "the subject of the proxy's own certificate")
FIELD(UPSTREAM_SUBJECT_PEER, "upstream.subject_peer_certificate", STRING, FROM_RESPONSE, MEASURED,
      NONE, NULL, "the subject of the upstream's certificate")
FIELD(UPSTREAM_DNS_SAN_LOCAL, "upstream.dns_san_local_certificate", STRING, FROM_RESPONSE, MEASURED,
      NONE, NULL, "the first DNS name in the proxy's own certificate")
FIELD(UPSTREAM_DNS_SAN_PEER, "upstream.dns_san_peer_certificate", STRING, FROM_RESPONSE, MEASURED,
      NONE, NULL, "the first DNS name in the upstream's certificate")
FIELD(UPSTREAM_URI_SAN_LOCAL, "upstream.uri_san_local_certificate", STRING, FROM_RESPONSE, MEASURED,
      NONE, NULL, "the first URI in the proxy's own certificate")
FIELD(UPSTREAM_URI_SAN_PEER, "upstream.uri_san_peer_certificate", STRING, FROM_RESPONSE, MEASURED,
      NONE, NULL, "the first URI in the upstream's certificate")
FIELD(UPSTREAM_SHA256_PEER, "upstream.sha256_peer_certificate_digest", STRING, FROM_RESPONSE,
      MEASURED, NONE, NULL, "the SHA-256 digest of the upstream's certificate, in hex")
FIELD(UPSTREAM_FAILURE_REASON, "upstream.transport_failure_reason", STRING, FROM_RESPONSE, MEASURED,
      NONE, NULL, "why the connection to the upstream failed")
FIELD(UPSTREAM_ATTEMPTS, "upstream.request_attempt_count", UINT, FROM_RESPONSE, MEASURED, NONE,
      NULL, "how many times the request was sent to an upstream")
FIELD(XDS_CLUSTER_NAME, "xds.cluster_name", STRING, FROM_REQUEST, MEASURED, NONE, NULL,
      "the cluster that the route leads to")
FIELD(XDS_ROUTE_NAME, "xds.route_name", STRING, FROM_REQUEST, MEASURED, NONE, NULL,
      "the route's name")
FIELD(XDS_VIRTUAL_HOST_NAME, "xds.virtual_host_name", STRING, FROM_REQUEST, MEASURED, NONE, NULL,
      "the name of the route's virtual host")
FIELD(XDS_FILTER_CHAIN_NAME, "xds.filter_chain_name", STRING, FROM_REQUEST, FETCHED, NONE, NULL,
      "the name of the listener's filter chain")
FIELD(XDS_LISTENER_DIRECTION, "xds.listener_direction", INT, FROM_REQUEST, FETCHED, NONE, NULL,
      "0: not told, 1: inbound, 2: outbound")
FIELD(PLUGIN_NAME, "plugin_name", STRING, FROM_REQUEST, FETCHED, NONE, NULL, "this plugin's name")
FIELD(PLUGIN_ROOT_ID, "plugin_root_id", STRING, FROM_REQUEST, FETCHED, NONE, NULL, "its root id")
FIELD(PLUGIN_VM_ID, "plugin_vm_id", STRING, FROM_REQUEST, FETCHED, NONE, NULL, "the id of its VM")
FIELD(NODE_ID, "node.id", STRING, FROM_REQUEST, FETCHED, NONE, NULL, "the proxy's own id")
FIELD(NODE_CLUSTER, "node.cluster", STRING, FROM_REQUEST, FETCHED, NONE, NULL,
      "the cluster that the proxy itself belongs to")
FIELD(XDS_NODE, "xds.node", DYN, FROM_REQUEST, FETCHED, NONE, NULL,
      "the proxy's own node: a map of id, cluster, user_agent_name, user_agent_version, metadata and "
      "locality (of region, zone, sub_zone); texts that it does not have are empty")
FIELD(NODE_METADATA, "node.metadata", DYN, FROM_REQUEST, FETCHED, NONE, NULL,
      "its metadata, which Istio fills with labels, namespace and workload; an empty map without any")
FIELD(XDS_CLUSTER_METADATA, "xds.cluster_metadata", DYN, FROM_REQUEST, MEASURED, NONE, NULL,
      "the metadata of that cluster, in the form of `metadata`")
FIELD(XDS_ROUTE_METADATA, "xds.route_metadata", DYN, FROM_REQUEST, MEASURED, NONE, NULL,
      "the route's")
FIELD(XDS_VIRTUAL_HOST_METADATA, "xds.virtual_host_metadata", DYN, FROM_REQUEST, MEASURED, NONE,
      NULL, "that of the route's virtual host")
FIELD(XDS_LISTENER_METADATA, "xds.listener_metadata", DYN, FROM_REQUEST, FETCHED, NONE, NULL,
      "the listener's")
FIELD(XDS_UPSTREAM_HOST_METADATA, "xds.upstream_host_metadata", DYN, FROM_RESPONSE, MEASURED, NONE,
      NULL, "that of the upstream host")
FIELD(XDS_UPSTREAM_LOCALITY_METADATA, "xds.upstream_host_locality_metadata", DYN, FROM_RESPONSE,
      MEASURED, NONE, NULL, "that of the upstream host's locality")
FIELD(UPSTREAM_LOCALITY, "upstream.locality", DYN, FROM_RESPONSE, MEASURED, NONE, NULL,
      "region, zone and sub_zone of the upstream host: a map of texts, empty where it has none")
FIELD(UPSTREAM_ENDPOINTS, "upstream.num_endpoints", UINT, FROM_REQUEST, MEASURED, NONE, NULL,
      "how many hosts the cluster has that the route leads to")
FIELD(UPSTREAM_POOL_READY, "upstream.cx_pool_ready_duration", DURATION, FROM_RESPONSE, MEASURED,
      NONE, NULL, "how long the request waited for a connection to the upstream")
FIELD(CONNECTION_PEER_CERTIFICATE, "connection.peer_certificate", STRING, FROM_REQUEST, FETCHED,
      NONE, NULL, "the peer's certificate as PEM, which Envoy 1.36 does not tell")
FIELD(UPSTREAM_PEER_CERTIFICATE, "upstream.peer_certificate", STRING, FROM_RESPONSE, MEASURED, NONE,
      NULL, "the upstream's certificate, in the same form")
FIELD(REQUEST_HEADERS_BYTES, "request.headers_bytes", INT, FROM_REQUEST, OWN, REQUEST, NULL,
      "the bytes of all names and values of its headers, pseudo-headers among them")
FIELD(RESPONSE_HEADERS_BYTES, "response.headers_bytes", INT, FROM_RESPONSE, OWN, RESPONSE, NULL,
      "the same of the response")
#undef FROM_REQUEST
#undef FROM_REQUEST_BODY
#undef FROM_RESPONSE
