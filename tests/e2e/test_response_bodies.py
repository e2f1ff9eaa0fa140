"""Accuses response bodies: what is held, what rules see and replace, and every way in which a body ends or does not."""

import pytest

from harness.client import Connection, ask, request_bytes
from harness.http2 import Http2, ask_http2
from harness.plugin import weir
from harness.upstream import answer
from harness.waiting import wait_for

LIMIT = 100
RULES = """
group seen when request.clean_path.endsWith("/seen") {
  rule ada on response_body when response.json.user == "ada" { count ada }
  rule empty on response_body when response.body.size() == 0 { count empty }
  rule runs on response_body when response.body.size() == 0 { count runs }
}
rule long on response_body when request.clean_path == "/long" { set response.body = "never" }
rule never on response_body when request.clean_path == "/never" { set response.body = "never" }
group set when request.clean_path.endsWith("/set") {
  rule upper on response_body { set response.body = string(response.body).upperAscii() }
}
rule new on response_body when request.clean_path == "/new" { set response.body = "new" }
rule clear on response_body when request.clean_path == "/clear" { set response.body = "" }
rule large on response_body when request.clean_path == "/large" {
  set response.body = [1, 2, 3, 4, 5].map(i, request.headers["x-pad"]).join()
}
rule sum on response_body when request.clean_path.endsWith("/sum") && response.trailers["x-sum"] != "" {
  set response.body = "sum " + response.trailers["x-sum"]
}
rule stamp on response_body when response.is_local && request.clean_path != "/denied" { set response.body = "local" }
rule denied when request.clean_path == "/denied" { deny 403 body "denied by rule" }
rule say on response_body when request.clean_path == "/denied" { set response.body = string(response.body) + "!" }
rule instead on response when request.clean_path == "/instead" { deny 502 body "instead" }
rule late on response_body when request.clean_path == "/instead" { set response.body = "late" }
"""


@pytest.fixture(scope="module")
def site(shared):
    manager = {"http_protocol_options": {"enable_trailers": True}}
    manager["upgrade_configs"] = [{"upgrade_type": "websocket"}, {"upgrade_type": "CONNECT"}]
    site = shared.running().serve(weir(RULES, {"body_limit": LIMIT, "namespace": "rb"}), manager=manager)
    yield site
    shared.running().remove(site)


def chunked(body, size=7, trailers=b"", head=b""):
    """A reply in pieces."""
    yield b"HTTP/1.1 200 Told\r\n" + head + b"transfer-encoding: chunked\r\n\r\n"
    for at in range(0, len(body), size):
        piece = body[at : at + size]
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n" + trailers + b"\r\n"


def with_length(body):
    return answer(200, [("etag", '"1"')], body)


def in_chunks(body):
    return chunked(body, head=b'etag: "1"\r\n')


def by_bytes(body):
    return chunked(body, 1)


def with_trailers(body):
    return chunked(body, trailers=b"x-t: 1\r\n")


def until_the_end(body):
    yield b"HTTP/1.1 200 Told\r\nconnection: close\r\n\r\n" + body
    raise EOFError


WAYS = [with_length, in_chunks, by_bytes, with_trailers, until_the_end]
CLIENTS = [ask, ask_http2]


def counter(proxy, name):
    return proxy.stats(f"wasmcustom.weir.rb.{name}").get(f"wasmcustom.weir.rb.{name}", 0)


def counted(proxy, name, times):
    """Each name is counted by one test alone: counters are handed on once a second."""
    wait_for(lambda: counter(proxy, name) >= times, f"{name} to count {times}")
    assert counter(proxy, name) == times


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("way", WAYS)
def test_a_body_is_replaced(site, upstream, way, client):
    upstream.reply = lambda request: way(b"abcdefghij")
    reply = client(site.port, "/set")
    assert (reply.status, reply.body) == (200, b"ABCDEFGHIJ")
    assert reply.all("etag") == [] and reply.header("content-length") in (None, "10")


@pytest.mark.parametrize("way", WAYS)
def test_bodies_from_an_upstream_of_http2(site, upstream, way):
    upstream.reply = lambda request: way(b"abcdefghij")
    assert ask(site.port, "/h2/set").body == b"ABCDEFGHIJ"


def test_a_body_goes_on_as_it_came(site, proxy, upstream):
    body = b'{"user": "ada"}'
    for way in WAYS:
        upstream.reply = lambda request: way(body)
        assert ask(site.port, "/seen").body == body
    upstream.reply = lambda request: with_length(body)
    reply = ask(site.port, "/seen")
    assert reply.header("etag") == '"1"' and reply.header("content-length") == "15"
    counted(proxy, "count.ada", 6)


@pytest.mark.parametrize("size", [LIMIT, LIMIT + 1])
@pytest.mark.parametrize("way", WAYS)
def test_the_limit(site, upstream, way, size):
    upstream.reply = lambda request: way(b"a" * size)
    body = ask(site.port, "/set").body
    assert body == (b"A" if size <= LIMIT else b"a") * size


def test_a_long_body_streams_through(site, proxy, upstream):
    body = b"x" * 3_000_000
    for way in (lambda body: answer(200, (), body), lambda body: chunked(body, 65536)):
        upstream.reply = lambda request: way(body)
        reply = ask(site.port, "/long")
        assert reply.status == 200 and reply.body == body
    counted(proxy, "long.errors", 2)


def test_other_bodies_are_not_held(site, upstream):
    upstream.reply = lambda request: [b"HTTP/1.1 200 Told\r\ntransfer-encoding: chunked\r\n\r\n5\r\nearly\r\n"]
    with Connection(site.port) as link:
        link.send(request_bytes("/other"))
        assert link.reader.head().startswith(b"HTTP/1.1 200")
        assert link.reader.until(b"early\r\n") == b"5\r\n"


def test_an_empty_body_runs_its_rules_once(site, proxy, upstream):
    replies = [
        answer(200, (), b""),
        b"HTTP/1.1 200 Told\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 Told\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx-t: 1\r\n\r\n",
    ]
    for reply in replies:
        upstream.reply = lambda request: reply
        assert ask(site.port, "/seen").body == b""
    counted(proxy, "count.empty", 3)
    counted(proxy, "count.runs", 3)


def test_a_body_may_become_empty_or_long(site, upstream):
    upstream.reply = lambda request: with_length(b"gone")
    for client in CLIENTS:
        assert client(site.port, "/clear").body == b""
        pad = "p" * 30000
        assert client(site.port, "/large", headers=[("x-pad", pad)]).body == pad.encode() * 5


def test_what_never_completes_is_over_the_limit(site, proxy, upstream):
    upstream.reply = lambda request: answer(200, [("etag", "x")], b"four")
    reply = ask(site.port, "/never", method="HEAD")
    assert (reply.header("content-length"), reply.header("etag")) == ("4", "x")
    for status in (204, 304):
        upstream.reply = lambda request: b"HTTP/1.1 %d Told\r\n\r\n" % status
        assert ask(site.port, "/never").status == status
    events = b"content-type: text/event-stream\r\n"
    upstream.reply = lambda request: chunked(b"data: 1\n\n", head=events)
    assert ask(site.port, "/never").body == b"data: 1\n\n"
    upstream.reply = lambda request: answer(200, [("content-type", "application/grpc")], b"grpc")
    headers = [("content-type", "application/grpc"), ("te", "trailers")]
    for client in CLIENTS:
        assert client(site.port, "/never", method="POST", headers=headers, body=b"grpc").body == b"grpc"
    counted(proxy, "never.errors", 6)
    assert counter(proxy, "never.matched") == 0


def test_an_event_stream_is_not_held(site, upstream):
    begins = b"HTTP/1.1 200 Told\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n5\r\nearly\r\n"
    upstream.reply = lambda request: [begins]
    with Connection(site.port) as link:
        link.send(request_bytes("/set"))
        assert link.reader.head().startswith(b"HTTP/1.1 200")
        assert link.reader.until(b"early\r\n") == b"5\r\n"


def test_an_upgraded_connection_is_not_held(site, upstream):
    upstream.early = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nhello"
    with Connection(site.port) as link:
        link.send(request_bytes("/set", [("connection", "upgrade"), ("upgrade", "websocket")]))
        assert link.reader.head().startswith(b"HTTP/1.1 101")
        assert link.reader.exactly(5) == b"hello"


def test_early_hints_go_by(site, upstream):
    upstream.early = b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
    upstream.reply = lambda request: with_length(b"abc")
    assert ask(site.port, "/set").body == b"ABC"


@pytest.mark.parametrize("client", CLIENTS)
def test_the_proxy_s_own_replies(site, client):
    assert client(site.port, "/direct").body == b"local"
    reply = client(site.port, "/down")
    assert (reply.status, reply.body) == (503, b"local")
    assert client(site.port, "/", host="nowhere.test").status == 404


def test_replies_of_rules(site, upstream):
    for client in CLIENTS:
        reply = client(site.port, "/denied")
        assert (reply.status, reply.body) == (403, b"denied by rule!")
        reply = client(site.port, "/instead")
        assert (reply.status, reply.body) == (502, b"instead")  # what replaces a response is not read again


def test_an_encoded_body(site, upstream):
    upstream.reply = lambda request: answer(200, [("content-encoding", "gzip")], b"zipped")
    assert ask(site.port, "/seen").body == b"zipped"
    assert ask(site.port, "/new").body == b""  # what it would hide does not come through


@pytest.mark.parametrize("path", ["/sum", "/h2/sum"])
def test_trailers(site, upstream, path):
    upstream.reply = lambda request: chunked(b"body", trailers=b"x-sum: 42\r\n")
    reply = ask(site.port, path, headers=[("te", "trailers")])
    assert reply.body == b"sum 42" and reply.trailers == [("x-sum", "42")]
    with Http2(site.port) as link:
        reply = link.ask(path)
    assert reply.body == b"sum 42" and reply.trailers == [("x-sum", "42")]
    upstream.reply = lambda request: chunked(b"", trailers=b"x-sum: 42\r\n")
    assert ask(site.port, path, headers=[("te", "trailers")]).body in (b"", b"sum 42")
    upstream.reply = lambda request: chunked(b"body")
    assert ask(site.port, path).body == b"body"


def test_an_upstream_that_goes_away(site, upstream):
    def broken(request):
        yield b"HTTP/1.1 200 Told\r\ncontent-length: 50\r\n\r\nhalf"
        raise EOFError

    upstream.reply = broken
    for _ in range(2):
        with Connection(site.port) as link:
            link.send(request_bytes("/set"))
            with pytest.raises((EOFError, ConnectionError)):
                link.read()
    upstream.reply = lambda request: with_length(b"abc")
    assert ask(site.port, "/set").body == b"ABC"


def test_clients_that_go_away(site, upstream):
    upstream.reply = lambda request: [b"HTTP/1.1 200 Told\r\ncontent-length: 50\r\n\r\nhalf"]
    with Http2(site.port) as link:
        for _ in range(10):
            stream = link.begin("/set")
            while stream not in link.heads:
                link.more()
            link.reset(stream)
    upstream.reply = lambda request: with_length(b"abc")
    assert ask(site.port, "/set").body == b"ABC"


def test_a_connection_goes_on_behind_bodies(site, upstream):
    upstream.reply = lambda request: with_length(b"abc")
    with Connection(site.port) as link:
        for path, body in (("/set", b"ABC"), ("/other", b"abc"), ("/clear", b""), ("/set", b"ABC")):
            assert link.ask(path).body == body
