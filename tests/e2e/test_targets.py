"""Accuses edits beside headers: what the upstream gets of path, query, cookies, host and method, and the client's status."""

import socket
from pathlib import Path

import pytest

from harness.client import Connection, ask, ask_h2, request_bytes
from harness.http2 import ask_http2
from harness.plugin import weir
from harness.waiting import wait_for
from harness.wire import Reader, fields

RULES = """rule edits when request.headers["x-do"] == "all" {
  set request.url_path = "/n" + request.url_path
  set request.query_params["a"] = request.headers["x-value"]
  add request.query_params["b"] = ["1", "2"]
  default request.query_params["c"] = "new"
  remove request.query_params["utm_*"]
  set request.cookies["s"] = request.headers["x-value"]
  remove request.cookies["track"]
  set request.host = "other.test:81"
  set request.method = "PUT"
}
rule path when "x-path" in request.headers { set request.path = request.headers["x-path"] }
rule query when "x-query" in request.headers { set request.query = request.headers["x-query"] }
rule host when "x-host" in request.headers { set request.host = request.headers["x-host"] }
rule method when "x-method" in request.headers { set request.method = request.headers["x-method"] }
rule param when "x-param" in request.headers { set request.query_params["a"] = url_decode(request.headers["x-param"]) }
rule cookie when "x-cookie" in request.headers { set request.cookies["a"] = url_decode(request.headers["x-cookie"]) }
rule bare when request.headers["x-do"] == "bare" { remove request.query  remove request.cookies["*"] }
rule seen on response { set response.headers["x-seen"] = request.method + " " + request.host + request.path }
rule code on response when "x-code" in request.headers { set response.code = int(request.headers["x-code"]) }
rule told on response { set response.headers["x-told"] = string(response.code) }"""


@pytest.fixture
def site(proxy):
    return proxy.serve(weir(RULES), access_log=True)


def wait_for_errors(proxy, site, **counts):
    """Until each rule has counted so many."""
    prefix = f"wasmcustom.weir.{site.plugins[0].name}."

    def counted():
        stats = proxy.stats(prefix)
        return {rule: stats.get(f"{prefix}{rule}.errors", 0) for rule in counts}

    wait_for(lambda: counted() == counts, f"errors {counts}")


@pytest.mark.parametrize("client", [ask, ask_h2])
def test_every_target_at_once(site, upstream, client):
    lines = [("cookie", "x=1; s=old; track=2; s=older"), ("x-do", "all"), ("x-value", "v=w")]
    reply = client(site.port, "/p?utm_a=1&z=%zz&a=old&&a=older&utm_b", headers=lines, host="one.test")
    assert upstream.last.line == "PUT /n/p?z=%zz&a=v%3Dw&&b=1&b=2&c=new HTTP/1.1"
    assert upstream.last.all("host") == ["other.test:81"]
    assert upstream.last.all("cookie") == ["x=1; s=v=w"]
    assert reply.header("x-seen") == "PUT other.test:81/n/p?z=%zz&a=v%3Dw&&b=1&b=2&c=new"


def test_cookie_lines_become_one(site, upstream):
    lines = [("cookie", "x;;y=1"), ("cookie", " track=1 ; z=2"), ("x-do", "all"), ("x-value", "v")]
    ask(site.port, headers=lines)
    assert upstream.last.all("cookie") == ["x;;y=1; z=2; s=v"]


def test_what_no_rule_edits_keeps_its_bytes(site, upstream):
    ask(site.port, "/a//../b?c&&d=%zz&=", headers=[("cookie", "a;;b"), ("cookie", " c=1;")])
    assert upstream.last.line == "GET /a//../b?c&&d=%zz&= HTTP/1.1"
    assert upstream.last.all("cookie") == ["a;;b", "c=1;"]


def test_nothing_is_left_of_what_is_removed(site, upstream):
    for path in ("/a?b=c", "/a?", "/a"):
        ask(site.port, path, headers=[("cookie", "a=1"), ("cookie", "b"), ("x-do", "bare")])
        assert upstream.last.line == "GET /a HTTP/1.1" and upstream.last.all("cookie") == []


MALFORMED = {
    "path": ["", "a", "/a b", "/a\tb", "/a#b", "*", "/\xfc", "http://other.test/", "/" + "a" * 8192],
    "host": ["", "a b", "a,b", "a/b", "u@a", "a:b"],
    "method": ["", "A B", "A\tHTTP/1.1", "CONNECT", "HEAD"],
}


def test_what_must_not_reach_a_request_line_leaves_it_as_it_was(proxy, site, upstream):
    with Connection(site.port) as link:
        for rule, values in MALFORMED.items():
            for value in values:
                assert link.ask("/x?y", headers=[(f"x-{rule}", value)]).status == 200
                assert upstream.last.line == "GET /x?y HTTP/1.1", (rule, value)
                assert upstream.last.all("host") == ["test.local"], (rule, value)
    wait_for_errors(proxy, site, **{rule: len(values) for rule, values in MALFORMED.items()})


def test_a_query_that_cannot_be_one_is_none(site, upstream):
    for value in ("a b", "a#b", "\xfc"):
        ask(site.port, "/x?y", headers=[("x-query", value)])
        assert upstream.last.line == "GET /x HTTP/1.1"


# A value, escaped; what the path becomes; what the cookies become.
VALUES = [
    ("a%0d%0ax: y", "/x?a=a%0D%0Ax%3A%20y&b=1", "b=1"),
    ("a%00", "/x?b=1", "b=1"),
    ("%1b[2J", "/x?b=1", "b=1"),
    ("a; b=2", "/x?a=a%3B%20b%3D2&b=1", "b=1"),
    ("%20a", "/x?a=%20a&b=1", "b=1"),
    ("", "/x?a=&b=1", "a=; b=1"),
    ("%c3%bc,%22", "/x?a=%C3%BC%2C%22&b=1", 'a=\xc3\xbc,"; b=1'),
]


def test_no_byte_of_a_value_ends_it(site, upstream):
    for value, path, cookie in VALUES:
        lines = [("cookie", "a=old; b=1"), ("x-param", value), ("x-cookie", value)]
        ask(site.port, "/x?a=old&b=1", headers=lines)
        assert (upstream.last.path, upstream.last.all("cookie")) == (path, [cookie])
        assert upstream.last.all("x") == []


def test_a_value_of_the_most_bytes(site, upstream):
    for size, arrives in ((8192, True), (8193, False)):
        ask(site.port, "/x?a=old", headers=[("x-param", "v" * size), ("cookie", "a=1"), ("x-cookie", "v" * size)])
        assert upstream.last.path == ("/x?a=" + "v" * size if arrives else "/x")
        assert upstream.last.all("cookie") == (["a=" + "v" * size] if arrives else [])


def test_head_stays_head(proxy, site, upstream):
    """The answer to GET has a body, which a client of HEAD would read as the next answer."""
    with Connection(site.port) as link:
        for _ in range(2):
            assert link.ask(method="HEAD", headers=[("x-method", "GET")]).status == 200
    assert [request.method for request in upstream.requests] == ["HEAD", "HEAD"]
    wait_for_errors(proxy, site, method=2)


@pytest.mark.parametrize("client", [ask, ask_http2])
def test_a_status_of_the_client(site, client):
    for code in (418, 503, 205, 200):
        reply = client(site.port, headers=[("x-code", str(code))])
        assert (reply.status, reply.body, reply.header("x-told")) == (code, b"upstream", str(code))


def test_no_status_that_breaks_the_reply(proxy, site):
    """With 204 and 304 Envoy still sends the body: the client reads it as the next answer."""
    codes = ["0", "99", "101", "199", "204", "304", "600", "1000", "-1", "abc"]
    with Connection(site.port) as link:
        for code in codes:
            reply = link.ask(headers=[("x-code", code)])
            assert (reply.status, reply.body, reply.header("x-told")) == (200, b"upstream", "200")
    wait_for_errors(proxy, site, code=len(codes))


def test_a_response_without_a_body_keeps_its_status(proxy, site, upstream):
    """As a 200 a 304 would promise bytes that never come."""
    told = {204: "HTTP/1.1 204 Told", 304: "HTTP/1.1 304 Told\r\ncontent-length: 5"}
    with Connection(site.port) as link:
        for status, head in told.items():
            upstream.reply = lambda request, head=head: f"{head}\r\n\r\n".encode()
            assert [link.ask(headers=[("x-code", "200")]).status for _ in range(2)] == [status] * 2
    wait_for_errors(proxy, site, code=4)


def test_a_status_of_head_and_of_the_proxy_itself(site, upstream):
    assert ask(site.port, method="HEAD", headers=[("x-code", "404")]).status == 404
    reply = ask(site.port, "/down", headers=[("x-code", "500")])
    assert (reply.status, reply.header("x-told")) == (500, "500")
    assert ask(site.port, "/direct", headers=[("x-code", "500")]).body == b"direct"


def tunnels():
    """A manager that lets CONNECT through to the upstream, as it came."""
    upgrade = [{"upgrade_type": "CONNECT"}]
    route = {"match": {"connect_matcher": {}}, "route": {"cluster": "upstream", "upgrade_configs": upgrade}}
    hosts = [{"name": "all", "domains": ["*"], "routes": [route]}]
    return {"route_config": {"virtual_hosts": hosts}, "upgrade_configs": upgrade}


WITHOUT_A_PATH = """rule line {
  set request.path = "/x"
  set request.url_path = "/x"
  set request.query = "x"
  default request.query = "x"
  set request.query_params["x"] = "1"
  add request.query_params["x"] = "1"
  default request.query_params["x"] = "1"
  set request.method = "GET"
}
rule parts {
  remove request.query
  remove request.query_params["x"]
  remove request.query_params["*"]
  set request.cookies["x"] = "1"
  set request.host = "other.test:80"
}
rule code on response { set response.code = 403 }"""


def test_connect_has_no_path_and_gets_none(proxy, upstream):
    site = proxy.serve(weir(WITHOUT_A_PATH), manager=tunnels())
    with socket.create_connection(("127.0.0.1", site.port), 10) as link:
        link.sendall(request_bytes("a.test:80", method="CONNECT", host="a.test:80"))
        head = Reader(link).head()
    assert head.startswith(b"HTTP/1.1 200 ")
    seen = upstream.heads[-1]
    assert seen.startswith(b"CONNECT other.test:80 HTTP/1.1\r\n")
    assert ("cookie", "x=1") in fields(seen)
    wait_for_errors(proxy, site, line=8, parts=0, code=1)


def test_the_absolute_form_is_a_path_and_a_host(site, upstream):
    ask(site.port, "http://abs.test/p?a=1&utm_x", headers=[("x-do", "all"), ("x-value", "2")], method="POST")
    assert upstream.last.line == "PUT /n/p?a=2&b=1&b=2&c=new HTTP/1.1"
    assert upstream.last.all("host") == ["other.test:81"]


@pytest.mark.parametrize("head", [b"GET /x HTTP/1.1\r\nx-host: a.test\r\n\r\n", b"GET /x HTTP/1.0\r\nx-host: a.test\r\n\r\n"])
def test_a_request_without_a_host_is_refused_before_any_rule(proxy, upstream, head):
    site = proxy.serve(weir(RULES), manager={"http_protocol_options": {"accept_http_10": True}})
    with Connection(site.port) as link:
        link.send(head)
        assert link.read().status == 400 and not upstream.requests


def test_a_denied_request_goes_nowhere_as_it_was_edited(proxy, upstream):
    rules = 'rule a { set request.query_params["a"] = "1"  set request.cookies["a"] = "1" } rule b { deny }'
    assert ask(proxy.serve(weir(rules)).port).status == 403 and not upstream.requests


def test_the_log_of_the_proxy_tells_what_left(proxy, site, upstream):
    ask(site.port, "/p?q", headers=[("x-path", "/left?l=1"), ("x-method", "PATCH"), ("x-code", "418")])
    ask(site.port, "/next")
    log = Path(site.access_log)
    wait_for(lambda: log.exists() and log.read_text().count("\n") >= 2, "access log", 15.0)
    assert log.read_text().splitlines()[0] == "PATCH /left?l=1 418 via_upstream"
