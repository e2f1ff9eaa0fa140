"""Accuses weir.hold_headers: what the upstream sees of a request whose body rules have not run, with the proxy's flag
and without it."""

import subprocess
import textwrap

import pytest

from harness import places
from harness.client import Connection, ask, request_bytes
from harness.http2 import Http2
from harness.plugin import Plugin, weir
from harness.waiting import wait_for

RULES = """
group login when request.clean_path == "/login" {
  rule name on request_body {
    set request.headers["x-user"] = request.json.user
    remove request.headers["x-token"]
    default request.headers["x-by"] = "weir"
    add request.headers["x-size"] = string(request.body.size())
  }
  rule seen on request_body when request.headers["x-user"] == "mallory" { deny 403 body "not you" }
}
rule set on request_body when request.clean_path == "/set" { set request.body = "longer than it was" }
rule empty on request_body when request.clean_path == "/empty" { set request.headers["x-size"] = string(request.body.size()) }
rule sum on request_body when request.clean_path == "/sum" { set request.headers["x-sum"] = request.trailers["x-sum"] }
rule large on request_body when request.clean_path == "/large" { set request.headers["x-a"] = request.json.a }
rule strict on request_body when request.clean_path == "/strict" && request.json.a == 1.0 { deny }
rule cap when request.clean_path == "/cap" { cap request.body at 10 }
"""
CONFIG = weir(RULES, {"hold_headers": True, "body_limit": 100})
GOOD, BAD = b'{"user": "ada"}', b'{"user": "mallory"}'
MANAGER = {
    "http_protocol_options": {"enable_trailers": True},
    "upgrade_configs": [{"upgrade_type": "websocket"}],
}


def served(shared, **options):
    return shared.running().serve(Plugin(CONFIG, **options), access_log=True, manager=MANAGER)


@pytest.fixture(scope="module")
def site(shared):
    site = served(shared, holds_headers=True)
    yield site
    shared.running().remove(site)


def head(path, *lines, method="POST"):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "host: test.local", *lines, "", ""]).encode()


def in_chunks(path, body, *lines, trailers=b""):
    yield head(path, "transfer-encoding: chunked", *lines)
    for at in range(0, len(body), 7):
        piece = body[at : at + 7]
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
    yield b"0\r\n" + trailers + b"\r\n"


def with_length(path, body, *lines):
    return [head(path, f"content-length: {len(body)}", *lines), *(body[i : i + 1] for i in range(len(body)))]


def with_trailers(path, body, *lines):
    return in_chunks(path, body, *lines, trailers=b"x-t: 1\r\n")


WAYS = [with_length, in_chunks, with_trailers]


def send(port, pieces):
    with Connection(port) as link:
        for piece in pieces:
            link.send(piece)
        return link.read()


@pytest.mark.parametrize("way", WAYS)
def test_headers_are_edited_by_the_body(site, upstream, way):
    assert send(site.port, way("/login", GOOD, "x-token: t", "x-user: forged")).status == 200
    told = {name: upstream.last.all(name) for name in ("x-user", "x-token", "x-by", "x-size")}
    assert told == {"x-user": ["ada"], "x-token": [], "x-by": ["weir"], "x-size": ["15"]}
    assert upstream.last.body == GOOD


@pytest.mark.parametrize("way", WAYS)
def test_the_upstream_sees_nothing_of_a_denied_request(site, upstream, way):
    reply = send(site.port, way("/login", BAD))
    assert (reply.status, reply.body, upstream.heads) == (403, b"not you", [])


def test_a_value_that_fails_removes_the_header(site, upstream):
    assert send(site.port, with_length("/login", b"{}", "x-user: forged")).status == 200
    assert upstream.last.all("x-user") == []


def test_over_http2(site, upstream):
    with Http2(site.port) as link:
        assert link.ask("/login", method="POST", body=GOOD).status == 200
        assert upstream.last.all("x-user") == ["ada"]
        assert link.ask("/sum", method="POST", body=b"x", trailers=[("x-sum", "7")]).status == 200
        assert upstream.last.all("x-sum") == ["7"]
        assert link.ask("/sum", method="POST", trailers=[("x-sum", "8")]).status == 200
        assert upstream.last.all("x-sum") == ["8"]
        assert link.ask("/login", method="POST", body=BAD).status == 403


def test_bodies_of_no_bytes(site, upstream):
    for pieces in ([head("/empty", method="GET")], [head("/empty", "content-length: 0")], in_chunks("/empty", b"")):
        assert send(site.port, pieces).status == 200
        assert upstream.last.all("x-size") == ["0"]


def test_a_body_is_replaced(site, upstream):
    assert send(site.port, with_length("/set", b"short")).status == 200
    assert upstream.last.body == b"longer than it was"


@pytest.mark.parametrize("length", [True, False])
def test_a_body_over_the_limit(site, upstream, length):
    body = b"x" * 300000
    lines = f"content-length: {len(body)}" if length else "transfer-encoding: chunked"
    pieces = [body] if length else [b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)]
    assert send(site.port, [head("/large", lines), *pieces]).status == 200
    assert upstream.last.body == body and upstream.last.all("x-a") == []
    seen = len(upstream.heads)
    pieces = [b"65\r\n" + b"x" * 101 + b"\r\n"]
    assert send(site.port, [head("/strict", "transfer-encoding: chunked"), *pieces]).status == 413
    assert len(upstream.heads) == seen


def test_others_are_not_held(site, upstream):
    upstream.early = b"HTTP/1.1 200 Told\r\ntransfer-encoding: chunked\r\n\r\n5\r\nearly\r\n"
    with Connection(site.port) as link:
        link.send(head("/other", "transfer-encoding: chunked") + b"3\r\nabc\r\n")
        assert link.reader.head().startswith(b"HTTP/1.1 200")
        assert link.reader.until(b"early\r\n") == b"5\r\n"
    upstream.early = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    with Connection(site.port) as link:
        link.send(head("/other", "connection: upgrade", "upgrade: websocket", method="GET"))
        assert link.reader.head().startswith(b"HTTP/1.1 101")


def test_a_cap_beside_it(site, upstream):
    assert send(site.port, in_chunks("/cap", b"x" * 10)).status == 200
    assert send(site.port, list(in_chunks("/cap", b"x" * 11))[:-1]).status == 413


def test_the_client_may_wait_to_be_told_to_go_on(site, upstream):
    with Connection(site.port) as link:
        link.send(head("/login", f"content-length: {len(GOOD)}", "expect: 100-continue"))
        assert link.reader.head() == b"HTTP/1.1 100 Continue"
        assert upstream.heads == []
        link.send(GOOD)
        assert link.read().status == 200


def test_clients_that_go_away(site, upstream):
    with Http2(site.port) as link:
        for _ in range(10):
            link.reset(link.begin("/login", method="POST", body=BAD[:5], ends=False))
        assert link.ask("/login", method="POST", body=GOOD).status == 200
    assert len(upstream.heads) == 1


def test_another_filter_may_hold_the_body_first(shared, upstream):
    first = Plugin(weir('rule r on request_body when request.body.size() == 0 { deny }'))
    site = shared.running().serve(first, Plugin(CONFIG, holds_headers=True), manager=MANAGER)
    assert send(site.port, with_length("/login", GOOD)).status == 200
    assert upstream.last.all("x-user") == ["ada"]
    assert send(site.port, in_chunks("/login", BAD)).status == 403
    shared.running().remove(site)


def test_what_is_deployed_on_istio_is_a_filter_of_envoy(tmp_path):
    """The filter of the resource in place of the one that `make demo` starts."""
    typed = (places.ROOT / "deploy/envoyfilter.yaml").read_text().split("        typed_config:\n")[1]
    typed = typed.replace("/etc/weir/weir.wasm", places.module())
    config = (places.ROOT / "deploy/envoy.yaml").read_text()
    before, rest = config.split("- name: weir\n            typed_config:\n")
    behind = rest[rest.index("          - name: envoy.filters.http.router") :]
    typed = textwrap.indent(textwrap.dedent(typed), " " * 14)
    file = tmp_path / "envoy.yaml"
    file.write_text(f"{before}- name: weir\n            typed_config:\n{typed}{behind}")
    command = [places.envoy(), "--mode", "validate", "-c", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def test_without_the_flag_requests_that_would_be_held_are_refused(shared, proxy, upstream):
    site = served(shared)
    mark = proxy.log.mark()
    with Connection(site.port) as first, Connection(site.port) as second, Http2(site.port) as third:
        first.send(request_bytes("/login", method="POST", body=GOOD))
        second.send(request_bytes("/login", method="POST", body=BAD))
        stream = third.begin("/login", method="POST", body=GOOD, ends=False)
        replies = [first.read(), second.read(), third.read(stream)]
    assert [(reply.status, reply.body) for reply in replies] == [(503, b"")] * 3
    assert upstream.heads == []
    wait_for(lambda: "weir.hold_headers" in open(site.access_log).read(), "access log")
    assert proxy.log.since(mark).count("weir.hold_headers needs allow_on_headers_stop_iteration") == 1
    for path in ("/other", "/empty"):
        assert ask(site.port, path).status == 200
    assert ask(site.port, "/other", method="POST", body=b"x" * 300000).status == 200
    with Connection(site.port) as link:  # nothing has come: it may still be on its way
        link.send(head("/login", f"content-length: {len(GOOD)}"))
    assert proxy.healthy()
