"""Accuses denials and replies of rules: status, body, headers, gRPC, HEAD, details, order."""

import json

import pytest

from harness.client import Connection, ask, ask_h2
from harness.plugin import weir
from harness.waiting import wait_for

GRPC = [("content-type", "application/grpc"), ("te", "trailers")]


def reply_of(proxy, action, path="/x", **sent):
    return ask(proxy.serve(weir(f"rule r {{ {action} }}")).port, path, **sent)


def test_plain_deny_is_403_without_the_upstream(proxy, upstream):
    reply = reply_of(proxy, "deny")
    assert reply.line == "HTTP/1.1 403 Forbidden"
    assert not upstream.requests


@pytest.mark.parametrize("status", [200, 204, 299, 304, 400, 401, 404, 418, 429, 500, 503, 599])
def test_status_of_a_denial(proxy, status):
    assert reply_of(proxy, f'deny {status} headers {{"x-a": "1"}}').status == status


def test_body_and_headers_of_a_denial(proxy):
    reply = reply_of(proxy, 'deny 403 body "no, sorry" headers {"x-a": "1", "X-B": "2"}')
    assert reply.body == b"no, sorry"
    assert reply.header("content-length") == "9"
    assert reply.header("content-type") == "text/plain"
    assert (reply.header("x-a"), reply.header("x-b")) == ("1", "2")


def test_json_of_a_denial(proxy):
    reply = reply_of(proxy, 'deny 401 json {"error": "unknown", "n": 1, "l": [true, null]}')
    assert reply.status == 401
    assert reply.all("content-type") == ["application/json"]
    assert json.loads(reply.body) == {"error": "unknown", "n": 1, "l": [True, None]}
    assert reply.header("content-length") == str(len(reply.body))


def test_own_content_type_of_a_denial_stands_once(proxy):
    reply = reply_of(proxy, 'deny 403 body "<p>" headers {"content-type": "text/html"}')
    assert reply.all("content-type") == ["text/html"]


def test_respond_answers_without_the_upstream(proxy, upstream):
    reply = reply_of(proxy, 'respond 200 body "hello"')
    assert (reply.status, reply.body) == (200, b"hello")
    assert not upstream.requests


def test_status_from_an_expression(proxy):
    site = proxy.serve(weir('rule r { respond (config.code) body "x" }', code=418))
    assert ask(site.port).status == 418


@pytest.mark.parametrize("client", [ask, ask_h2])
def test_head_has_the_length_and_no_body(proxy, client):
    site = proxy.serve(weir('rule r { deny 403 body "twelve bytes" }'))
    reply = client(site.port, method="HEAD")
    assert (reply.status, reply.body) == (403, b"")
    assert reply.header("content-length") == "12"


@pytest.mark.parametrize("status", [204, 304])
def test_bodiless_status_sends_no_body(proxy, status):
    site = proxy.serve(weir(f'rule r {{ respond {status} body "never" }}'))
    reply = ask_h2(site.port)
    assert (reply.status, reply.body) == (status, b"")


def test_keepalive_connection_goes_on_after_a_denial(proxy):
    site = proxy.serve(weir('rule r when request.path == "/no" { deny 403 body "no" }'))
    with Connection(site.port) as link:
        paths = ["/no", "/direct", "/no", "/direct"]
        assert [link.ask(path).status for path in paths] == [403, 200, 403, 200]


def test_denial_of_a_request_with_a_body(proxy, upstream):
    reply = reply_of(proxy, "deny", method="POST", body=b"x" * 100000)
    assert reply.status == 403
    assert not upstream.requests


@pytest.mark.parametrize(
    "action, code",
    [
        ("deny", "7"),
        ("deny 401", "16"),
        ("deny 404", "12"),
        ("deny 429", "8"),
        ("deny 503", "14"),
        ("deny 403 grpc_status 5", "5"),
        ("deny 429 grpc_status 14", "14"),
    ],
)
@pytest.mark.parametrize("client", [ask, ask_h2])
def test_grpc_request_gets_200_and_its_status(proxy, client, action, code):
    site = proxy.serve(weir(f'rule r {{ {action} body "not you" }}'))
    reply = client(site.port, "/pkg.Service/Method", headers=GRPC, method="POST")
    assert reply.status == 200
    assert reply.header("grpc-status") == code
    assert reply.header("grpc-message") == "not you"
    assert reply.header("content-type").startswith("application/grpc")


def test_details_are_in_the_access_log(proxy):
    rules = 'rule r when request.path == "/no" { deny 403 details "my details" }'
    site = proxy.serve(weir(rules), access_log=True)
    assert ask(site.port, "/no").status == 403
    assert ask(site.port, "/direct").status == 200
    lines = wait_for(lambda: access_lines(site, 2), "access log")
    assert lines == ["GET /no 403 my_details", "GET /direct 200 direct_response"]


def test_details_of_a_failed_condition_name_the_rule(proxy):
    rules = 'rule picky when int(request.headers["x-n"]) > 5 { deny }'
    site = proxy.serve(weir(rules), access_log=True)
    assert ask(site.port, "/direct", headers=[("x-n", "word")]).status == 403
    lines = wait_for(lambda: access_lines(site, 1), "access log")
    assert lines == ["GET /direct 403 weir.error:picky"]


def access_lines(site, count):
    with open(site.access_log) as stream:
        lines = stream.read().splitlines()
    return lines if len(lines) >= count else None


@pytest.mark.parametrize(
    "rule, status",
    [
        ('rule r when int(request.headers["x-n"]) > 5 { deny }', 403),
        ('rule r on_error skip when int(request.headers["x-n"]) > 5 { deny }', 200),
        ('rule r { require int(request.headers["x-n"]) < 5 }', 403),
        ('rule r when int(request.headers["x-n"]) > 5 { respond 418 }', 200),
        ('rule r on_error apply when int(request.headers["x-n"]) > 5 { respond 418 }', 418),
        ('group g when int(request.headers["x-n"]) > 5 { rule r { deny 410 } }', 410),
    ],
)
def test_an_error_never_opens_the_door(proxy, rule, status):
    site = proxy.serve(weir(rule))
    assert ask(site.port, "/direct", headers=[("x-n", "word")]).status == status
    assert ask(site.port, "/direct", headers=[("x-n", "1")]).status == 200


def test_failed_set_removes_a_spoofed_header(proxy, upstream):
    rules = 'rule r { set request.headers["x-id"] = string(int(request.headers["x-n"])) }'
    site = proxy.serve(weir(rules))
    ask(site.port, headers=[("x-id", "spoofed"), ("x-n", "word")])
    assert upstream.last.all("x-id") == []
    ask(site.port, headers=[("x-id", "spoofed"), ("x-n", "7")])
    assert upstream.last.all("x-id") == ["7"]


def test_nothing_runs_after_a_denial_but_the_response_rules(proxy, upstream):
    rules = """rule a when request.path == "/no" { deny 403 body "first" }
    rule b { deny 404 body "second" }
    rule c on response { add response.headers["x-seen"] = string(response.code) }"""
    site = proxy.serve(weir(rules))
    first, second = ask(site.port, "/no"), ask(site.port, "/else")
    assert (first.status, first.body, first.all("x-seen")) == (403, b"first", ["403"])
    assert (second.status, second.body, second.all("x-seen")) == (404, b"second", ["404"])
    assert not upstream.requests


def test_require_with_its_own_answer(proxy):
    rules = """rule r {
      require request.headers["x-key"] == "k" else deny 401 json {"error": "key"}
    }"""
    site = proxy.serve(weir(rules))
    assert ask(site.port, "/direct", headers=[("x-key", "k")]).status == 200
    assert ask(site.port, "/direct", headers=[("x-key", "K")]).status == 401
    assert json.loads(ask(site.port, "/direct").body) == {"error": "key"}


def test_config_echo_of_a_body_is_json(proxy):
    site = proxy.serve(weir("rule r { respond 200 json config }", b=1, a=[2, {"c": None}]))
    assert json.loads(ask(site.port).body) == {"b": 1, "a": [2, {"c": None}]}
