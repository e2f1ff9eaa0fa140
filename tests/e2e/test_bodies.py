"""Accuses request bodies: what is waited for, what rules see, what the upstream gets, what hangs."""

import socket
import struct

import pytest

from harness.client import Connection, ask, ask_h2, request_bytes
from harness.plugin import weir
from harness.waiting import wait_for

LIMIT = 100
RULES = """let user = request.json.user
group login when request.clean_path == "/login" {
  rule mallory on request_body when user == "mallory" { deny 403 body "not " + user }
  rule count on request_body when request.body.size() == 0 { respond 202 body "empty" }
}
rule notes on request_body when request.clean_path == "/notes" && request.json.level == "high" { log warn "high" }
rule show on response { set response.headers["x-by"] = decision.rule }
"""
GOOD, BAD = b'{"user": "ada"}', b'{"user": "mallory"}'


@pytest.fixture
def site(proxy):
    http = {"http_protocol_options": {"enable_trailers": True}}
    http["upgrade_configs"] = [{"upgrade_type": "websocket"}]
    return proxy.serve(weir(RULES, {"body_limit": LIMIT}), access_log=True, manager=http)


def head(path="/login", *lines, method="POST"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "host: test.local", *lines, "", ""]).encode()


def chunked(body, size, trailers=b""):
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    return [b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces] + [b"0\r\n" + trailers + b"\r\n"]


def send_pieces(port, pieces, method="POST"):
    """The reply to what is sent piece by piece."""
    with Connection(port) as link:
        for piece in pieces:
            link.send(piece)
        return link.read(method)


def with_length(body):
    return [request_bytes("/login", method="POST", body=body)]


def by_bytes(body):
    return [head("/login", f"content-length: {len(body)}"), *(body[i : i + 1] for i in range(len(body)))]


def in_chunks(body):
    return [head("/login", "transfer-encoding: chunked"), *chunked(body, 7)]


def in_chunks_of_a_byte(body):
    return [head("/login", "transfer-encoding: chunked"), *chunked(body, 1)]


def with_trailers(body):
    lines = ["transfer-encoding: chunked", "trailer: x-t", "te: trailers"]
    return [head("/login", *lines), *chunked(body, 7, b"x-t: 1\r\n")]


def at_once(body):
    return [b"".join(in_chunks(body))]


WAYS = [with_length, by_bytes, in_chunks, in_chunks_of_a_byte, with_trailers, at_once]


@pytest.mark.parametrize("way", WAYS)
def test_a_body_is_seen_whole_and_goes_on_unchanged(site, upstream, way):
    reply = send_pieces(site.port, way(GOOD))
    assert (reply.status, reply.body) == (200, b"upstream")
    assert upstream.last.body == GOOD
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_denial_stops_the_body(site, upstream, way):
    reply = send_pieces(site.port, way(BAD))
    assert (reply.status, reply.body) == (403, b"not mallory")
    assert reply.header("x-by") == "login.mallory"
    assert upstream.requests == []


@pytest.mark.parametrize(
    "lines, rest",
    [
        ([], b""),
        (["content-length: 0"], b""),
        (["transfer-encoding: chunked"], b"0\r\n\r\n"),
        (["transfer-encoding: chunked"], b"0\r\nx-t: 1\r\n\r\n"),
    ],
)
def test_an_empty_body_is_seen_once(site, lines, rest):
    reply = send_pieces(site.port, [head("/login", *lines), rest])
    assert reply.status == 403  # it is no JSON
    assert reply.header("x-by") == "login.mallory"


def test_a_body_over_http2(site, upstream):
    assert ask_h2(site.port, "/login", method="POST", body=GOOD).status == 200
    assert upstream.last.body == GOOD
    reply = ask_h2(site.port, "/login", method="POST", body=BAD)
    assert (reply.status, reply.body) == (403, b"not mallory")
    assert ask_h2(site.port, "/login", method="POST").status == 403


def padded(size):
    return b'{"user": "' + b"a" * (size - 12) + b'"}'


@pytest.mark.parametrize("way", WAYS)
def test_a_body_at_the_limit_passes(site, upstream, way):
    assert send_pieces(site.port, way(padded(LIMIT))).status == 200
    assert len(upstream.last.body) == LIMIT


def test_a_length_over_the_limit_is_refused_before_the_upstream(site, upstream):
    reply = send_pieces(site.port, [head("/login", f"content-length: {LIMIT + 1}")])
    assert (reply.status, reply.body) == (413, b"request body too large")
    assert reply.header("x-by") == "login.mallory"
    assert upstream.heads == []
    wait_for(lambda: "weir.body_limit:login.mallory" in open(site.access_log).read(), "access log")


@pytest.mark.parametrize("way", [in_chunks, in_chunks_of_a_byte])
def test_chunks_over_the_limit_are_refused(site, upstream, way):
    with Connection(site.port) as link:
        for piece in way(padded(LIMIT + 1))[:-1]:
            link.send(piece)
        reply = link.read()
    assert (reply.status, reply.body) == (413, b"request body too large")
    assert upstream.requests == []


@pytest.mark.parametrize("length", [True, False])
def test_a_body_over_the_limit_passes_rules_that_do_not_restrict(site, upstream, length):
    body = b"x" * 300000
    lines = f"content-length: {len(body)}" if length else "transfer-encoding: chunked"
    pieces = [body] if length else chunked(body, 50)
    assert send_pieces(site.port, [head("/notes", lines), *pieces]).status == 200
    assert upstream.last.body == body


def test_other_bodies_stream_through(site, upstream):
    """The upstream has the head and answers while the body has only begun."""
    upstream.early = b"HTTP/1.1 200 Told\r\ntransfer-encoding: chunked\r\n\r\n5\r\nearly\r\n"
    with Connection(site.port) as link:
        link.send(head("/other", "transfer-encoding: chunked") + b"3\r\nabc\r\n")
        assert link.reader.head().startswith(b"HTTP/1.1 200")
        assert link.reader.until(b"early\r\n") == b"5\r\n"


def test_the_upstream_has_the_head_of_a_denied_body(site, upstream):
    with Connection(site.port) as link:
        link.send(head("/login", f"content-length: {len(BAD)}"))
        wait_for(lambda: upstream.heads, "head at the upstream")
        link.send(BAD)
        assert link.read().status == 403
    assert upstream.requests == []


def test_a_denial_behind_an_early_response_ends_the_stream(site, proxy, upstream):
    upstream.early = b"HTTP/1.1 200 Told\r\ntransfer-encoding: chunked\r\n\r\n5\r\nearly\r\n"
    with Connection(site.port) as link:
        link.send(head("/login", f"content-length: {len(BAD)}"))
        assert link.reader.head().startswith(b"HTTP/1.1 200")
        link.send(BAD)
        with pytest.raises((EOFError, ConnectionError)):
            while True:
                link.reader.more()
    assert upstream.requests == []
    upstream.early = b""
    assert send_pieces(site.port, with_length(GOOD)).status == 200


def test_grpc_counts_as_over_the_limit(site, upstream):
    headers = [("content-type", "application/grpc+proto"), ("te", "trailers")]
    reply = ask(site.port, "/login", headers=headers, method="POST", body=GOOD)
    assert (reply.status, reply.header("grpc-status")) == (200, "8")
    assert upstream.heads == []
    for client in (ask, ask_h2):
        assert client(site.port, "/a.B/C", headers=headers, method="POST", body=GOOD).status == 200
        assert upstream.last.body == GOOD


def test_an_upgrade_counts_as_over_the_limit(site, upstream):
    upgrade = ["connection: upgrade", "upgrade: websocket"]
    assert send_pieces(site.port, [head("/login", *upgrade, method="GET")]).status == 413
    assert upstream.heads == []
    upstream.early = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    with Connection(site.port) as link:
        link.send(head("/socket", *upgrade, method="GET"))
        assert link.reader.head().startswith(b"HTTP/1.1 101")


def test_the_client_may_wait_to_be_told_to_go_on(site, upstream):
    for body, status in ((GOOD, 200), (BAD, 403)):
        with Connection(site.port) as link:
            link.send(head("/login", f"content-length: {len(body)}", "expect: 100-continue"))
            assert link.reader.head() == b"HTTP/1.1 100 Continue"
            link.send(body)
            assert link.read().status == status
    assert [request.body for request in upstream.requests] == [GOOD]


def test_clients_that_go_away(site, upstream):
    for _ in range(20):
        link = socket.create_connection(("127.0.0.1", site.port))
        link.sendall(head("/login", f"content-length: {len(BAD)}") + BAD[:5])
        link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        link.close()
    assert send_pieces(site.port, with_length(GOOD)).status == 200


def test_a_connection_goes_on_behind_bodies(site, upstream):
    with Connection(site.port) as link:
        for body, status in ((GOOD, 200), (BAD, 403), (GOOD, 200)):
            assert link.ask("/login", method="POST", body=body).status == status


def test_a_large_body_is_parsed_within_the_budgets(proxy, upstream):
    rules = "rule r on request_body when request.json[0] == 1 { deny 418 }"
    site = proxy.serve(weir(rules, {"body_limit": 60000, "memory": 8388608, "steps": 1000000}))
    body = b"[" + b"1," * 29000 + b"1]"
    assert ask(site.port, "/", method="POST", body=body).status == 418
    small = proxy.serve(weir(rules, {"body_limit": 60000}))
    reply = ask(small.port, "/", method="POST", body=body)
    assert reply.status == 503  # the values need more than the memory of a request
