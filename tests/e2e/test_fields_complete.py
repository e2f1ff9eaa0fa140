"""Accuses fields that are the same in no phase but their own, and rows of engine/tbl/fields.h that no test reads in a
real Envoy: a new row fails here until it has a case."""

import base64
import sys
import time

import pytest

from harness.client import ask
from harness.places import ROOT
from harness.plugin import weir

import test_fields
import test_fields_of_the_proxy as of_the_proxy
import test_request_body_edits
import test_response_bodies
from test_fields_of_the_proxy import kept, tag
from test_log_phase import Log, logging

sys.path.insert(0, str(ROOT / "tools"))
import reference  # noqa: E402

LOGIN = "Basic " + base64.b64encode(b"ada:se:cret").decode()
REQUEST = {
    "path": "/x/..//%61;p=1/b?q=c%20d&q=2&e=&f", "method": "POST", "host": "WWW.a.test.:8080", "body": b'{"a": 1}',
    "headers": [("x-a", "1"), ("X-A", "2"), ("x-empty", ""), ("cookie", "k=v; k=w"), ("cookie", 'l="m"'),
                ("authorization", LOGIN), ("user-agent", "u"), ("referer", "http://r/")],
}
# Of that request, in every phase; each as JSON has it.
OF_THE_REQUEST = {
    "request.headers": {'["x-A"]': "1,2", '["x-empty"]': "", '["none"]': "", '["cookie"]': 'k=v; k=w; l="m"'},
    "request.path": REQUEST["path"],
    "request.url_path": "/x/..//%61;p=1/b",
    "request.clean_path": "/a/b",
    "request.query": "q=c%20d&q=2&e=&f",
    "request.query_params": {'["q"]': "c d", '["e"]': "", '["Q"]': ""},
    "request.cookies": {'["k"]': "v", '["l"]': '"m"', '["none"]': ""},
    "request.suspicious": False,
    "request.host": "WWW.a.test.:8080",
    "request.host_name": "www.a.test",
    "request.port": 8080,
    "request.method": "POST",
    "request.scheme": "http",
    "request.useragent": "u",
    "request.referer": "http://r/",
    "request.basic.user": "ada",
    "request.basic.password": "se:cret",
    "request.bearer": "",
    "request.protocol": "HTTP/1.1",
    "request.size": 8,
    "client.prefix": "127.0.0.1",
    "client.trusted": True,
    "connection.mtls": False,
    "jwt": {"": {}},
    "peer.spiffe": {'["namespace"]': ""},
}
AS_TEXT = {"client.ip": "127.0.0.1", "peer.ip": "127.0.0.1"}
OF_THE_BODY = {"string(request.body)": '{"a": 1}', "request.json": {"": {"a": 1}}}
OF_THE_ANSWERS_BODY = {"string(response.body)": '{"b": [2]}', "response.json": {"": {"b": [2]}}}
OF_THE_RESPONSE = {
    "response.headers": {'["x-up"]': "1,2", '["X-UP"]': "1,2", '["none"]': ""},
    "response.code": 201,
    "response.is_local": False,
    "response.code_details": "via_upstream",
}
OF_THE_LIMIT = {
    "decision.rule": "asks", "decision.action": "deny", "decision.limiter": "one", "decision.remaining": 0,
    "limits.one.remaining": 0, "response.is_local": True, "response.code": 429,
}
# Where else a row has its case.
ELSEWHERE = {
    "request.trailers": test_request_body_edits.test_trailers,
    "response.trailers": test_response_bodies.test_trailers,
    "upstream_filter_state": of_the_proxy.test_what_other_filters_left,
    "request.headers_bytes": of_the_proxy.test_bytes_of_headers,
    "response.headers_bytes": of_the_proxy.test_bytes_of_headers,
    "upstream.sha256_peer_certificate_digest": of_the_proxy.test_tls_with_the_upstream,
}
TABLES = [test_fields.LOGGED, test_fields.TOLD_OTHERWISE, test_fields.KNOWN, of_the_proxy.METADATA, of_the_proxy.CONFIGURED,
          of_the_proxy.MEASURED, of_the_proxy.STATE, of_the_proxy.SECURE, OF_THE_REQUEST, AS_TEXT, OF_THE_RESPONSE,
          OF_THE_LIMIT, ELSEWHERE, {"request.body", "request.json", "response.body", "response.json", "limits", "now"}]


def test_every_row_has_a_case():
    read = set().union(*TABLES)
    rows = {row[1]: row for row in reference.rows("fields", "FIELD") if row[3] != "IN_EXPECT"}
    assert len(rows) > 90 and sorted(set(rows) - read) == []
    in_rows = {field for field in read if field in rows}
    assert sorted(read - in_rows - {"limits.one.remaining"}) == []


def expressions(table):
    """What rules read, and what it must be: `field[…]` each of its own."""
    made = {}
    for field, truth in table.items():
        parts = truth if isinstance(truth, dict) else {"": truth}
        made |= {field + part: value for part, value in parts.items()}
    return made


def rules(phase, table):
    """A tag for each: one alone has room for all that is in it."""
    names = {expression: f"{phase}_{i}" for i, expression in enumerate(table)}
    actions = [f"tag {name} = json({expression})" for expression, name in names.items()]
    return f"rule {phase} on {phase} {{ {'  '.join(actions)} }}", names


def texts(table):
    return {f"string({field})": truth for field, truth in table.items()}


@pytest.mark.parametrize("authorization, bearer", [(LOGIN, False), ("bearer a.b-c", True)])
def test_fields_of_a_request_are_the_same_in_every_phase(proxy, upstream, tmp_path, authorization, bearer):
    upstream.tell(status=201, headers=[("x-up", "1"), ("x-up", "2")], body=b'{"b": [2]}')
    request = expressions(OF_THE_REQUEST) | texts(AS_TEXT)
    if bearer:
        request |= {"request.basic.user": "", "request.basic.password": "", "request.bearer": "a.b-c"}
    response = expressions(OF_THE_RESPONSE)
    tables = {"request": request, "request_body": request | expressions(OF_THE_BODY), "response": request | response,
              "response_body": request | response | expressions(OF_THE_ANSWERS_BODY), "log": request | response}
    made = {phase: rules(phase, table) for phase, table in tables.items()}
    names = [name for _, each in made.values() for name in each.values()]
    log = Log(tmp_path / "log")
    site = proxy.serve(weir("\n".join(text for text, _ in made.values())), manager=logging(log.path, **{name: tag(name) for name in names}))
    headers = [(key, authorization if key == "authorization" else value) for key, value in REQUEST["headers"]]
    assert ask(site.port, **REQUEST | {"headers": headers}).status == 201
    told = log.next()
    for phase, table in tables.items():
        found = {expression: kept(told, name) for expression, name in made[phase][1].items()}
        assert found == table, phase


def test_what_a_limit_and_its_decision_say(proxy, tmp_path):
    text = "limiter one { 1 per 1h  headers none }\nrule asks when request.path == \"/x\" { limit one }\n"
    made = {phase: rules(phase, OF_THE_LIMIT) for phase in ("response", "log")}
    names = [name for _, each in made.values() for name in each.values()]
    log = Log(tmp_path / "log")
    site = proxy.serve(weir(text + "\n".join(each for each, _ in made.values())),
                       manager=logging(log.path, **{name: tag(name) for name in names}))
    nobody = {"decision.rule": "", "decision.action": "", "decision.limiter": "", "decision.remaining": -1}
    truths = [("/x", nobody | {"limits.one.remaining": 0}), ("/x", OF_THE_LIMIT), ("/direct", nobody | {"limits.one.remaining": -1})]
    for path, truth in truths:
        ask(site.port, path)
        told = log.next()
        for phase in made:
            found = {field: kept(told, name) for field, name in made[phase][1].items()}
            assert {field: found[field] for field in truth} == truth, (path, phase)


def test_the_time_of_each_phase(proxy, tmp_path):
    phases = ("request", "response", "log")
    text = "\n".join(f"rule {phase} on {phase} {{ tag {phase} = json([int(now), int(request.time)]) }}" for phase in phases)
    log, before = Log(tmp_path / "log"), int(time.time())
    site = proxy.serve(weir(text), manager=logging(log.path, **{phase: tag(phase) for phase in phases}))
    ask(site.port, "/direct")
    told = log.next()
    pairs = [kept(told, phase) for phase in phases]
    assert [now for now, _ in pairs] == sorted(now for now, _ in pairs) and len({came for _, came in pairs}) == 1
    assert all(before <= came <= now + 1 <= time.time() + 2 for now, came in pairs)
