"""Accuses the plugin of host calls that a request need not cost: all of them are counted, for rule sets side by side.

Each row is a rule set, the request, and every host call of the whole stream by name. Host calls are what filters cost.
"""

from collections import Counter

import pytest

from harness import calls
from harness.client import Connection
from harness.plugin import weir
from harness.proxy import Proxy
from harness.waiting import wait_for

HEADERS = "proxy_get_header_map_pairs"
ATTRIBUTE = "proxy_get_property"
BODY = "proxy_get_buffer_bytes"
REPLY = "proxy_send_local_response"
SET, ADD, REMOVE = (f"proxy_{word}_header_map_value" for word in ("replace", "add", "remove"))
SHARED_GET, SHARED_SET = "proxy_get_shared_data", "proxy_set_shared_data"
CLOCK, CHANCE, LOG = "clock_time_get", "random_get", "proxy_log"

TEN = " || ".join(f'request.headers["x-{i}"] == "no"' for i in range(10))
TWENTY = "\n".join(f'rule r{i} when request.headers["x-{i}"] == "no" {{ deny }}' for i in range(20))
THOUSAND = "\n".join(
    f'rule r{i} when request.host == "h{i % 40}" && request.clean_path == "/p/{i}" {{ deny }}' for i in range(1000)
)
BODY_RULE = 'rule r on request_body when request.path == "/x" && request.json.a == 1 { deny }'

ROWS = [
    ("no rules", "", {}, {}),
    ("a rule that can never hold", "rule r when config.on { deny }", {}, {}),
    ("one header", 'rule r when request.headers["x-1"] == "no" { deny }', {}, {HEADERS: 1}),
    (
        "ten headers, method, path and host",
        f'rule r when {TEN} || request.method == "PUT" || request.path == "/no" || request.host == "no" {{ deny }}',
        {},
        {HEADERS: 1},
    ),
    ("twenty rules on one header each", TWENTY, {}, {HEADERS: 1}),
    ("a thousand rules on hosts and paths", THOUSAND, {}, {HEADERS: 1}),
    (
        "the header map as a whole, query and cookies",
        'rule r when request.headers.exists(n, n == "no") || request.query_params.a == "1" || request.cookies.b == "1" { deny }',
        {"path": "/direct?a=2"},
        {HEADERS: 1},
    ),
    ("only an attribute, asked twice", 'rule r when connection.mtls || !connection.mtls && connection.mtls { deny }', {}, {ATTRIBUTE: 1}),
    (
        "three attributes in two phases",
        'rule r when request.protocol == "x" || connection.mtls || connection.id == 0u { deny }'
        ' rule s on response when request.protocol == "x" || connection.mtls || connection.id == 0u { log warn "x" }',
        {},
        {ATTRIBUTE: 3},
    ),
    ("an attribute behind a header that is not there", 'rule r when "x-1" in request.headers && connection.mtls { deny }', {}, {HEADERS: 1}),
    ("the client's address, four ways", 'rule r when client.prefix == "" || client.ip != peer.ip || source.port == 0 { deny }', {}, {ATTRIBUTE: 1}),
    ("two constant headers on the response", 'rule r on response { add response.headers["x-a"] = "1" add response.headers["x-b"] = "2" }', {}, {ADD: 2}),
    (
        "the response by its status",
        'rule r on response when response.code == 503 { set response.headers["x-a"] = "1" }',
        {},
        {HEADERS: 1},
    ),
    (
        "request and response",
        'rule r when request.path == "/no" { deny } rule s on response when response.headers["x-a"] == "no" { log warn "x" }',
        {},
        {HEADERS: 2},
    ),
    ("a header set to what another has", 'rule r { set request.headers["x-b"] = request.headers["x-a"] }', {"headers": [("x-a", "1")]}, {HEADERS: 1, SET: 1}),
    ("a denial", "rule r { deny 403 body \"no\" }", {}, {REPLY: 1}),
    ("a let that three rules use", 'let p = request.path + "x"\n' + "\n".join(f'rule r{i} when p == "{i}" {{ deny }}' for i in range(3)), {}, {HEADERS: 1}),
    ("counts and a log line under the level", 'rule r { count seen count by_host by "x" log debug "x" }', {}, {}),
    ("the time, in three rules", "\n".join(f"rule r{i} when now < timestamp(0) {{ deny }}" for i in range(3)), {}, {CLOCK: 1}),
    ("a limiter of the worker", "limiter l { 1000000 per 1s  scope worker  headers none } rule r { limit l }", {}, {CLOCK: 1}),
    ("a limiter of the proxy", "limiter l { 3 per 1h  headers none } rule r { limit l else deny 429 }", {}, {CLOCK: 1, SHARED_GET: 1, SHARED_SET: 1}),
    ("a body rule that reads the body", BODY_RULE, {"method": "POST", "path": "/x", "body": b'{"a": 2}'}, {HEADERS: 1, BODY: 1}),
    ("a body rule that the headers rule out", BODY_RULE, {"method": "POST", "path": "/x?x", "body": b"{}"}, {HEADERS: 1}),
]


@pytest.fixture(scope="module")
def traced(recorder, tmp_path_factory):
    with Proxy(tmp_path_factory.mktemp("counted"), recorder, wasm_level="trace").start() as proxy:
        yield proxy


def count_calls(proxy, link, sent):
    mark = proxy.log.mark()
    link.ask(**({"path": "/direct"} | sent))
    wait_for(lambda: calls.ended(proxy.log.since(mark)), "end of the stream")
    return dict(Counter(name for name, _ in calls.HOST_CALL.findall(proxy.log.since(mark))))


@pytest.mark.parametrize("rules, sent, wanted", [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_host_calls_of_a_request(traced, rules, sent, wanted):
    site = traced.serve(weir(rules or None, on=False))
    with Connection(site.port) as link:
        count_calls(traced, link, sent)  # what only the first request needs
        found = count_calls(traced, link, sent)
    traced.remove(site)
    assert found == wanted
