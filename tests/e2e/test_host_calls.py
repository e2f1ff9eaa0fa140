"""Accuses the plugin's side of the ABI: calls that no rule needs, results out of range."""

import pytest

from harness import calls
from harness.client import Connection, ask
from harness.plugin import weir
from harness.proxy import Proxy
from harness.waiting import wait_for

PAIRS = "proxy_get_header_map_pairs"
REQUEST, RESPONSE = 0, 2


@pytest.fixture(scope="module")
def traced(recorder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("traced")
    with Proxy(folder, recorder, wasm_level="trace").start() as proxy:
        yield proxy


def trace(proxy, config, **sent):
    """What the log shows of one request, after a first one that may prepare things."""
    site = proxy.serve(config)
    with Connection(site.port) as link:
        traced_once(proxy, link, sent)
        text = traced_once(proxy, link, sent)
    proxy.remove(site)
    return text


def traced_once(proxy, link, sent):
    mark = proxy.log.mark()
    link.ask(**({"path": "/direct"} | sent))
    wait_for(lambda: calls.ended(proxy.log.since(mark)), "end of the stream")
    return proxy.log.since(mark)


@pytest.mark.parametrize("config", [None, "{}", weir("rule r when config.on { deny }", on=False)])
def test_a_program_that_reads_nothing_asks_nothing(traced, config):
    text = trace(traced, config)
    assert calls.reads(text) + calls.edits(text) == []


def test_a_constant_edit_asks_nothing(traced):
    text = trace(traced, weir('rule r on response { set response.headers["x-a"] = "1" }'))
    assert calls.reads(text) == []
    assert 1 <= len(calls.edits(text)) <= 2


def test_many_headers_of_the_request_are_one_pairs_call(traced):
    sum_of_headers = " + ".join(f'request.headers["x-{i}"]' for i in range(20))
    rule = f'rule r when {sum_of_headers} == "x" {{ deny }}'
    text = trace(traced, weir(rule), headers=[("x-1", "1"), ("x-1", "2")])
    assert calls.reads(text) == [PAIRS]
    assert calls.called(text, PAIRS, REQUEST) == 1


def test_fields_of_the_head_come_with_the_pairs(traced):
    rule = """rule r when request.path + request.method + request.host + request.scheme
      + request.clean_path + request.headers["x-a"] == "x" { deny }"""
    assert calls.reads(trace(traced, weir(rule))) == [PAIRS]


def test_response_headers_are_one_pairs_call(traced):
    rule = """rule r on response when response.code == 200
      && response.headers["x-a"] + response.headers["x-b"] == "x" {
      set response.headers["x-c"] = "c" }"""
    text = trace(traced, weir(rule))
    assert calls.reads(text) == [PAIRS]
    assert calls.called(text, PAIRS, RESPONSE) == 1


def test_request_headers_of_the_response_phase_are_asked_in_the_request_phase(traced):
    rule = 'rule r on response { set response.headers["x-c"] = request.headers["x-a"] }'
    text = trace(traced, weir(rule), headers=[("x-a", "1")])
    assert calls.reads(text) == [PAIRS]
    before_response = text[: text.index("[host->vm] proxy_on_response_headers")]
    assert calls.called(before_response, PAIRS, REQUEST) == 1


def test_a_denial_is_one_reply(traced):
    rule = 'rule r { set request.headers["x-a"] = "1" deny 403 body "no" headers {"x-b": "2"} }'
    text = trace(traced, weir(rule))
    assert calls.called(text, "proxy_send_local_response") == 1


def test_actions_returned_are_0_or_1(traced):
    rules = """rule a when request.path == "/no" { deny }
    rule b on response { set response.headers["x-a"] = "1" }"""
    site = traced.serve(weir(rules))
    mark = traced.log.mark()
    for path in ("/direct", "/no", "/down", "/x"):
        ask(site.port, path, method="POST", body=b"body")
    wait_for(lambda: calls.ended(traced.log.since(mark)) == 4, "end of the streams")
    text = traced.log.since(mark)
    for callback in ("request_headers", "request_body", "response_headers", "response_body"):
        assert set(calls.results(text, f"proxy_on_{callback}")) <= {"0", "1"}, callback
    assert set(calls.results(text, "proxy_on_request_headers")) != set()
    traced.remove(site)


BODY_RULE = """rule r on request_body
  when request.clean_path == "/x" && request.headers["x-a"] == "1" && request.json.a == 1 { deny }"""
BUFFER = "proxy_get_buffer_bytes"


def body_callbacks(text):
    """What the log shows from the first body callback on, up to the response."""
    start = text.index("[host->vm] proxy_on_request_body")
    return text[start : text.index("[host->vm] proxy_on_response_headers", start)]


def test_a_body_that_no_rule_can_apply_to_asks_nothing(traced):
    text = trace(traced, weir(BODY_RULE), path="/x", method="POST", body=b"x" * 100000)
    assert calls.reads(text) == [PAIRS]
    assert calls.HOST_CALL.findall(body_callbacks(text)) == []
    assert set(calls.results(text, "proxy_on_request_body")) == {"0"}


def test_a_body_that_is_waited_for_is_one_call(traced):
    text = trace(traced, weir(BODY_RULE), path="/x", method="POST", headers=[("x-a", "1")], body=b"{" + b" " * 60000)
    assert calls.called(text, PAIRS, REQUEST) == 1
    assert calls.called(text, BUFFER, 0) == 1
    assert set(calls.results(text, "proxy_on_request_body")) <= {"0", "1"}


def test_a_cap_over_a_length_that_is_told_asks_nothing_of_the_body(traced):
    rule = "rule r { cap request.body at 1000000 }"
    text = trace(traced, weir(rule), path="/x", method="POST", body=b"x" * 100000)
    assert calls.reads(text) == [PAIRS]
    assert calls.HOST_CALL.findall(body_callbacks(text)) == []
    assert set(calls.results(text, "proxy_on_request_body")) == {"0"}


def test_a_response_s_body_is_asked_for_where_a_rule_may_apply(traced):
    rule = """rule r on response_body when request.clean_path == "/x" && response.headers["x-a"] == "" {
      set response.body = "new" }"""
    text = trace(traced, weir(rule), path="/other")
    assert calls.called(text, BUFFER) == calls.called(text, "proxy_set_buffer_bytes") == 0
    text = trace(traced, weir(rule), path="/x")
    assert calls.called(text, BUFFER, 1) == calls.called(text, "proxy_set_buffer_bytes", 1) == 1
    assert set(calls.results(text, "proxy_on_response_body")) <= {"0", "1"}


def test_a_request_without_a_body_asks_for_none(traced):
    text = trace(traced, weir(BODY_RULE), path="/x", headers=[("x-a", "1")])
    assert calls.called(text, BUFFER) == 0


def test_a_program_without_body_rules_asks_nothing_in_body_callbacks(traced):
    text = trace(traced, weir("rule r when request.path == '/no' { deny }"), path="/x", method="POST", body=b"x")
    assert calls.HOST_CALL.findall(body_callbacks(text)) == []


@pytest.mark.parametrize(
    "rule, pairs",
    [
        ('rule r when client.prefix == "" || string(client.ip) == "" { deny }', 0),
        ('rule r when source.address == "" || source.port == 0 || !client.trusted { deny }', 0),
        ('rule r when client.prefix == "" { deny } rule s on response when peer.ip == ip("::1") { log info "x" }', 0),
        ('rule s on response when client.prefix == "" { log info "x" }', 0),
    ],
)
def test_an_address_is_asked_for_once(traced, rule, pairs):
    text = trace(traced, weir(rule))
    assert calls.called(text, "proxy_get_property") == 1
    assert calls.called(text, PAIRS) == pairs


def test_a_chain_comes_with_the_pairs(traced):
    text = trace(traced, weir('rule r when client.prefix == "" { deny }', {"trust": {"hops": 1}}))
    assert calls.reads(text) == [PAIRS, "proxy_get_property"]


def test_an_address_that_no_rule_needs_is_not_asked_for(traced):
    text = trace(traced, weir('rule r when request.path == "/no" && client.prefix == "" { deny }'))
    assert calls.called(text, "proxy_get_property") == 0


def test_nothing_is_sent_or_edited_when_a_stream_ends(traced):
    text = trace(traced, weir("rule r { deny }"))
    ended = text[text.index("[host->vm] proxy_on_delete") :]
    assert calls.edits(ended) == []
    assert calls.called(ended, "proxy_send_local_response") == 0


PROPERTY = "proxy_get_property"


@pytest.mark.parametrize(
    "rule, asked",
    [
        ("rule r when request.protocol == 'x' || request.protocol == 'y' || connection.mtls { deny }", [PROPERTY] * 2),
        ("rule r when connection.id == 0u { deny } rule s on response when connection.id == 0u { log warn 'x' }", [PROPERTY]),
        ("rule r when has(connection.tls_version) && connection.tls_version == 'x' { deny }", [PROPERTY]),
        ("rule s on response when upstream.port == 1 || upstream.port == 2 { log warn 'x' }", [PROPERTY]),
        ("rule s on response when response.is_local && response.code_details == '' { log warn 'x' }", [PROPERTY]),
        ("rule r when has(metadata.x) || has(jwt.sub) || jwt.?sub.hasValue() { deny }", [PROPERTY]),
        ("rule r when request.query_params.a == 'x' || request.cookies.a == 'x' || request.suspicious { deny }", [PAIRS]),
        ("rule r when request.bearer + request.basic.user + request.host_name == 'x' || request.port == 1 { deny }", [PAIRS]),
        ("rule r when request.id + request.useragent + request.referer + request.query == 'x' { deny }", [PAIRS]),
        ("rule r when request.path == '/no' && connection.mtls { deny }", [PAIRS]),
    ],
)
def test_fields_are_asked_for_once(traced, rule, asked):
    assert calls.reads(trace(traced, weir(rule))) == asked
