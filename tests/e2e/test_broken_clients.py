"""Accuses contexts that never saw request headers, or lost their client: traps, leaks, mix-ups."""

import socket
import struct
import time

import pytest

from harness.client import Connection, ask
from harness.plugin import weir
from harness.upstream import answer
from harness.waiting import wait_for

RULES = """let who = request.headers["x-who"]
limiter all { 1000000 per 1s headers none }
rule a when request.path == "/no" { deny }
rule b { limit all }
rule c on response {
  set response.headers["x-who"] = who
  set response.headers["x-method"] = request.method
}"""

# Refused by Envoy's codec or connection manager before any filter saw headers.
MALFORMED = {
    "garbage": b"\x16\x03\x01\x02\x00garbage\r\n\r\n",
    "no version": b"GET /\r\n\r\n",
    "lower-case method": b"get / HTTP/1.1\r\nhost: a\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "HTTP/1.0": b"GET / HTTP/1.0\r\n\r\n",
    "NUL in a value": b"GET / HTTP/1.1\r\nhost: a\r\nx-a: a\0b\r\n\r\n",
    "length and chunks": b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 4\r\n"
    b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad length": b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n",
    "bad chunk": b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    "space in a name": b"GET / HTTP/1.1\r\nhost: a\r\nx a: 1\r\n\r\n",
    "fragment": b"GET /#x HTTP/1.1\r\nhost: a\r\n\r\n",
    "too many headers": b"GET / HTTP/1.1\r\nhost: a\r\n"
    + b"".join(b"x-%d: 1\r\n" % i for i in range(150)) + b"\r\n",
    "too big headers": b"GET / HTTP/1.1\r\nhost: a\r\nx-a: " + b"a" * 70000 + b"\r\n\r\n",
    "CONNECT": b"CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n",
    "asterisk": b"OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n",
    "bad HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff",
}


def reset(link):
    """Closes with RST."""
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.close()


def assert_serves(site):
    reply = ask(site.port, "/direct", headers=[("x-who", "well")])
    assert (reply.status, reply.header("x-who"), reply.header("x-method")) == (200, "well", "GET")


@pytest.fixture
def site(proxy):
    return proxy.serve(weir(RULES))


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_request_is_refused_and_survived(site, data):
    with Connection(site.port) as link:
        try:
            link.send(data)
            assert link.read().status >= 400
        except (OSError, EOFError):
            pass  # closed or reset without an answer
    assert_serves(site)


def test_bad_request_after_a_good_one_on_the_same_connection(site):
    with Connection(site.port) as link:
        assert link.ask("/direct").status == 200
        link.send(MALFORMED["lower-case method"])
        assert link.read().status == 400
    assert_serves(site)


@pytest.mark.parametrize("sent", [b"", b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nhost: a"])
def test_client_gone_before_the_end_of_its_headers(site, sent):
    for _ in range(20):
        link = socket.create_connection(("127.0.0.1", site.port), 5)
        link.sendall(sent)
        reset(link)
    assert_serves(site)


def test_client_gone_before_the_answer(site, proxy, upstream):
    upstream.reply = slow_for("/slow")
    for i in range(30):
        link = socket.create_connection(("127.0.0.1", site.port), 5)
        link.sendall(b"GET /slow HTTP/1.1\r\nhost: a\r\nx-who: gone\r\n\r\n")
        wait_for(lambda: len(upstream.requests) > i, "request at the upstream")
        reset(link)
    prefix = f"http.{site.name}.downstream_rq_active"
    wait_for(lambda: proxy.stats(prefix)[prefix] == 0, "end of the streams")
    assert_serves(site)


def slow_for(path):
    def reply(request):
        time.sleep(0.05 if request.path == path else 0)
        return answer()

    return reply


def test_client_gone_in_the_middle_of_its_body(site):
    for _ in range(20):
        link = socket.create_connection(("127.0.0.1", site.port), 5)
        link.sendall(b"POST /x HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\nsome")
        reset(link)
    assert_serves(site)


def test_upstream_gone_before_its_answer(site, upstream):
    def hang_up(request):
        raise OSError("hang up")

    upstream.reply = hang_up
    reply = ask(site.port, "/x", headers=[("x-who", "me")])
    assert (reply.status, reply.header("x-who")) == (503, "me")
    assert_serves(site)


def test_upstream_with_a_malformed_answer(site, upstream):
    upstream.reply = lambda request: b"HTTP/1.1 two hundred\r\n\r\n"
    assert ask(site.port, "/x").status == 502
    assert_serves(site)


def test_informational_answer_before_the_real_one(site, upstream):
    upstream.reply = lambda request: b"HTTP/1.1 100 Continue\r\n\r\n" + answer()
    reply = ask(site.port, "/x", headers=[("x-who", "me")])
    assert (reply.status, reply.header("x-who")) == (200, "me")


def test_answers_of_interleaved_streams_are_not_mixed(site):
    links = [Connection(site.port) for _ in range(20)]
    for round in range(3):
        for i, link in enumerate(links):
            link.send(f"GET /direct HTTP/1.1\r\nhost: a\r\nx-who: {i}-{round}\r\n".encode())
        for link in reversed(links):
            link.send(b"\r\n")
        seen = [link.read().header("x-who") for link in links]
        assert seen == [f"{i}-{round}" for i in range(20)]
    for link in links:
        link.link.close()


def test_many_header_lines_reach_the_rules(proxy, upstream):
    site = proxy.serve(weir('rule r { set request.headers["x-last"] = request.headers["x-89"] }'))
    ask(site.port, headers=[(f"x-{i}", str(i)) for i in range(90)])
    assert upstream.last.all("x-last") == ["89"]


def test_big_headers_reach_the_rules(proxy, upstream):
    rules = 'rule r when request.headers["x-b"].endsWith("z") { set request.headers["x-z"] = "y" }'
    site = proxy.serve(weir(rules))
    ask(site.port, headers=[("x-a", "a" * 30000), ("x-b", "b" * 20000 + "z")])
    assert upstream.last.all("x-z") == ["y"]
