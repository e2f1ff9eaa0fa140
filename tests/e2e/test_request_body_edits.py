"""Accuses bodies of requests that rules replace, their trailers, and caps that are decided while a body streams."""

import pytest

from harness.client import Connection, ask, ask_h2, request_bytes
from harness.http2 import Http2
from harness.plugin import weir
from harness.waiting import wait_for

RULES = """
rule upper on request_body when request.clean_path.endsWith("/set") { set request.body = string(request.body).upperAscii() }
rule sum on request_body when request.clean_path.endsWith("/sum") {
  require request.trailers["x-sum"] == "1" else deny 400 body "no sum"
  set request.body = "summed"
}
rule show on response { set response.headers["x-sum"] = request.trailers["x-sum"] }
rule clear on request_body when request.clean_path == "/clear" { set request.body = "" }
rule large on request_body when request.clean_path == "/large" {
  set request.body = [1, 2, 3, 4, 5].map(i, request.headers["x-pad"]).join()
}
rule refuse on request_body when request.clean_path.endsWith("/set") && string(request.body).contains("MALLORY") { deny }
rule cap when request.clean_path.endsWith("/cap") { cap request.body at 100 }
rule tried shadow when request.clean_path == "/tried" { cap request.body at 100 }
rule own when request.clean_path == "/own" {
  cap request.body at 10 else { count over }
  cap request.body at 20 else deny 422 body "own" headers {"x-own": "1"}
}
rule both when request.clean_path == "/both" { cap request.body at 50 else deny 422 }
rule whole on request_body when request.clean_path == "/both" && request.body.size() > 20 { deny 423 }
rule tunnel on request_body when request.method == "CONNECT" { deny }
rule bad when request.clean_path == "/bad" { cap request.body at int(request.headers["x-most"]) }
"""


@pytest.fixture(scope="module")
def site(shared):
    manager = {"http_protocol_options": {"enable_trailers": True}}
    manager["upgrade_configs"] = [{"upgrade_type": "websocket"}, {"upgrade_type": "CONNECT"}]
    site = shared.running().serve(weir(RULES, {"namespace": "re"}), access_log=True, manager=manager)
    yield site
    shared.running().remove(site)


def head(path, *lines, method="POST"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "host: test.local", *lines, "", ""]).encode()


def in_chunks(path, body, size=7, trailers=b""):
    yield head(path, "transfer-encoding: chunked", "te: trailers")
    for at in range(0, len(body), size):
        piece = body[at : at + size]
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n" + trailers + b"\r\n"


def with_length(path, body):
    return [request_bytes(path, method="POST", body=body)]


def with_trailers(path, body):
    return in_chunks(path, body, trailers=b"x-t: 1\r\n")


def send(port, pieces):
    with Connection(port) as link:
        for piece in pieces:
            link.send(piece)
        return link.read()


@pytest.mark.parametrize("path", ["/set", "/h2/set"])
@pytest.mark.parametrize("way", [with_length, in_chunks, with_trailers])
def test_a_body_is_replaced(site, upstream, way, path):
    assert send(site.port, way(path, b"abcdefghij")).status == 200
    assert upstream.last.body == b"ABCDEFGHIJ" and upstream.last.all("content-length") in ([], ["10"])
    assert send(site.port, way(path, b"I am mallory")).status == 403  # it was edited before


def test_a_body_is_replaced_over_http2(site, upstream):
    for path in ("/set", "/h2/set"):
        assert ask_h2(site.port, path, method="POST", body=b"abc").status == 200
        assert upstream.last.body == b"ABC"
        with Http2(site.port) as link:
            assert link.ask(path, method="POST", body=b"abcd", trailers=[("x-t", "1")]).status == 200
        assert upstream.last.body == b"ABCD"


def test_what_was_said_of_the_old_body_goes(site, upstream):
    headers = [("digest", "x"), ("content-digest", "x"), ("repr-digest", "x"), ("content-md5", "x"), ("x-kept", "1")]
    ask(site.port, "/set", headers=headers, method="POST", body=b"abc")
    assert {name for name, _ in headers if upstream.last.all(name)} == {"x-kept"}
    ask(site.port, "/other", headers=headers, method="POST", body=b"abc")
    assert {name for name, _ in headers if upstream.last.all(name)} == {name for name, _ in headers}
    assert upstream.last.all("content-length") == ["3"]


def test_a_body_may_become_empty_or_long(site, upstream):
    pad = "p" * 30000
    for client in (ask, ask_h2):
        assert client(site.port, "/clear", method="POST", body=b"abc").status == 200
        assert upstream.last.body == b""
        assert client(site.port, "/large", headers=[("x-pad", pad)], method="POST", body=b"abc").status == 200
        assert upstream.last.body == pad.encode() * 5


def test_a_request_without_a_body_gets_none(site, upstream):
    for pieces in ([head("/set", method="GET")], [head("/set", "content-length: 0")]):
        assert send(site.port, pieces).status == 200
        assert upstream.last.body == b""
    reply = send(site.port, [head("/large", "transfer-encoding: chunked", "x-pad: abc"), b"0\r\n\r\n"])
    assert reply.status == 200 and upstream.last.body == b"abc" * 5  # an empty one is there


@pytest.mark.parametrize("path", ["/sum", "/h2/sum"])
def test_trailers(site, upstream, path):
    reply = send(site.port, in_chunks(path, b"body", trailers=b"x-sum: 1\r\n"))
    assert (reply.status, reply.header("x-sum")) == (200, "1")
    assert upstream.last.body == b"summed" and ("x-sum", "1") in upstream.last.trailers
    reply = send(site.port, in_chunks(path, b"body", trailers=b"x-sum: 2\r\n"))
    assert (reply.status, reply.body, reply.header("x-sum")) == (400, b"no sum", "2")
    assert send(site.port, in_chunks(path, b"body")).status == 400
    with Http2(site.port) as link:
        assert link.ask(path, method="POST", body=b"x", trailers=[("x-sum", "1")]).header("x-sum") == "1"
        assert upstream.last.body == b"summed"
        assert link.ask("/other", method="POST", body=b"x", trailers=[("x-sum", "7")]).header("x-sum") == "7"
        link.ask(path, method="POST", trailers=[("x-sum", "1")])  # no body, but trailers: there is none to replace
    assert upstream.last.body == b""


def test_a_length_over_the_cap_is_refused_before_the_upstream(site, upstream):
    reply = send(site.port, [head("/cap", "content-length: 101")])
    assert (reply.status, reply.body) == (413, b"request body too large")
    assert upstream.heads == []
    wait_for(lambda: "weir.deny:cap" in open(site.access_log).read(), "access log")
    assert ask_h2(site.port, "/cap", method="POST", body=b"x" * 100).status == 200


@pytest.mark.parametrize("size", [100, 101])
@pytest.mark.parametrize("path", ["/cap", "/h2/cap"])
@pytest.mark.parametrize("trailers", [b"", b"x-t: 1\r\n"])
def test_bytes_that_nobody_measured_are_counted(site, upstream, path, size, trailers):
    pieces = list(in_chunks(path, b"x" * size, trailers=trailers))
    reply = send(site.port, pieces if size <= 100 else pieces[:-1])
    assert reply.status == (200 if size <= 100 else 413)
    assert [len(request.body) for request in upstream.requests] == ([100] if size <= 100 else [])


@pytest.mark.parametrize("size", [100, 101])
def test_bytes_over_http2_are_counted(site, upstream, size):
    with Http2(site.port) as link:
        assert link.ask("/cap", method="POST", body=b"x" * size).status == (200 if size <= 100 else 413)
        stream = link.begin("/cap", method="POST", body=b"x" * 60, ends=False)
        link.state.send_data(stream, b"x" * (size - 60), end_stream=True)
        link.flush()
        assert link.read(stream).status == (200 if size <= 100 else 413)


@pytest.mark.parametrize("path", ["/cap", "/h2/cap"])
def test_a_length_that_lies_passes_no_cap(site, upstream, path):
    """HTTP/1 ends the body where it said; HTTP/2 ends the stream."""
    with Http2(site.port) as link:
        stream = link.begin(path, method="POST", headers=[("content-length", "5")], body=b"x" * 200)
        with pytest.raises(EOFError):
            link.read(stream)
    with Connection(site.port) as link:
        link.send(head(path, "content-length: 5") + b"x" * 200)
        assert link.read().status == 200
    assert [request.body for request in upstream.requests] == [b"x" * 5]


def test_the_upstream_has_what_came_before(site, upstream):
    with Connection(site.port) as link:
        link.send(head("/cap", "transfer-encoding: chunked") + b"64\r\n" + b"x" * 100 + b"\r\n")
        wait_for(lambda: upstream.heads, "head at the upstream")
        link.send(b"1\r\nx\r\n")
        assert link.read().status == 413
    assert upstream.requests == []


def test_a_cap_holds_nothing(site, upstream):
    """The upstream answers while the body has only begun."""
    upstream.early = b"HTTP/1.1 200 Told\r\ntransfer-encoding: chunked\r\n\r\n5\r\nearly\r\n"
    with Connection(site.port) as link:
        link.send(head("/cap", "transfer-encoding: chunked") + b"3\r\nabc\r\n")
        assert link.reader.head().startswith(b"HTTP/1.1 200")
        assert link.reader.until(b"early\r\n") == b"5\r\n"
        with pytest.raises((EOFError, ConnectionError)):  # too late for another answer
            link.send(b"c8\r\n" + b"x" * 200 + b"\r\n")
            while True:
                link.reader.more()
    assert upstream.requests == []


def test_answers_of_one_s_own(site, upstream):
    reply = send(site.port, list(in_chunks("/own", b"x" * 21))[:-1])
    assert (reply.status, reply.body, reply.header("x-own")) == (422, b"own", "1")
    assert send(site.port, in_chunks("/own", b"x" * 20)).status == 200
    assert upstream.last.body == b"x" * 20


def test_a_cap_beside_rules_of_the_body(site, upstream):
    assert send(site.port, in_chunks("/both", b"x" * 20)).status == 200
    assert send(site.port, in_chunks("/both", b"x" * 21)).status == 423
    assert send(site.port, list(in_chunks("/both", b"x" * 51))[:-1]).status == 422
    assert [request.body for request in upstream.requests] == [b"x" * 20]


def test_in_shadow_a_cap_counts_only(site, proxy, upstream):
    name = "wasmcustom.weir.re.tried.shadow"
    before = proxy.stats(name).get(name, 0)
    for way in (with_length, in_chunks):
        assert send(site.port, way("/tried", b"x" * 300)).status == 200
        assert upstream.last.body == b"x" * 300
    wait_for(lambda: proxy.stats(name).get(name, 0) == before + 2, "the shadow count")


def test_a_cap_that_fails_refuses(site, upstream):
    assert send(site.port, [head("/bad")]).status == 413
    assert send(site.port, [head("/bad", "x-most: -1", method="GET")]).status == 413
    assert send(site.port, [head("/bad", "x-most: 1", method="GET")]).status == 200


def test_a_tunnel_is_over_the_limit(site, upstream):
    reply = send(site.port, [b"CONNECT test.local:80 HTTP/1.1\r\nhost: test.local:80\r\n\r\n"])
    assert (reply.status, reply.body) == (413, b"request body too large")
    assert upstream.heads == []


# A length that the request tells is none of what comes behind the upgrade.
@pytest.mark.parametrize("lines", [(), ("content-length: 0",), ("content-length: 3",)])
def test_an_upgraded_connection_is_capped(site, upstream, lines):
    upstream.early = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    with Connection(site.port) as link:
        link.send(head("/cap", "connection: upgrade", "upgrade: websocket", *lines, method="GET"))
        assert link.reader.head().startswith(b"HTTP/1.1 101")
        with pytest.raises((EOFError, ConnectionError)):
            link.send(b"x" * 101)
            while True:
                link.reader.more()
    upstream.early = b""
    assert ask(site.port, "/cap").status == 200
