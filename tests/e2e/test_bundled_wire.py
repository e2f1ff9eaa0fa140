"""Accuses bundled rule sets of what only a real connection shows: how bodies, upgrades and schemes come."""

import pytest

from harness.client import Connection, ask, ask_h2
from harness.plugin import weir

WEBSOCKET = ("connection: upgrade", "upgrade: websocket")


def serve(proxy, name, **data):
    manager = {"upgrade_configs": [{"upgrade_type": "websocket"}]}
    return proxy.serve(weir(f'include "{name}.weir"', **data), manager=manager)


def status(site, method, *lines, body=b"", path="/", host="test.local"):
    """Of a request that is written byte for byte."""
    head = "\r\n".join([f"{method} {path} HTTP/1.1", f"host: {host}", *lines, "", ""]).encode()
    with Connection(site.port) as link:
        link.send(head + body)
        return int(link.reader.head().split()[1])


CHUNKED = ("transfer-encoding: chunked",)


@pytest.mark.parametrize(
    "unknown, lines, body, wanted",
    [
        (False, CHUNKED, b"3\r\nabc\r\n0\r\n\r\n", 411),
        (False, (), b"", 411),
        (False, ("content-length: 0",), b"", 200),
        (False, ("content-length: 3",), b"abc", 200),
        (False, ("content-length: 4",), b"abcd", 413),
        (False, ("content-length: 3", *CHUNKED), b"3\r\nabc\r\n0\r\n\r\n", 400),
        (True, CHUNKED, b"3\r\nabc\r\n0\r\n\r\n", 200),
        (True, CHUNKED, b"4\r\nabcd\r\n0\r\n\r\n", 413),
        (True, (), b"", 200),
    ],
)
def test_lengths_of_bodies(proxy, upstream, unknown, lines, body, wanted):
    site = serve(proxy, "request_limits", limits_body=3, limits_unknown_length=unknown)
    assert status(site, "POST", *lines, body=body) == wanted


def test_lengths_over_http2(proxy, upstream):
    site = serve(proxy, "request_limits", limits_body=3)
    assert ask_h2(site.port).status == 200
    assert ask_h2(site.port, method="DELETE").status == 200
    assert ask_h2(site.port, method="POST", body=b"abc").status == 200
    assert ask_h2(site.port, method="POST").status == 411


def test_a_page_of_another_site_opens_no_websocket(proxy, upstream):
    site = serve(proxy, "csrf")
    upstream.early = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    assert status(site, "GET", *WEBSOCKET, "origin: https://evil.example") == 403
    assert status(site, "GET", *WEBSOCKET, "origin: http://test.local") == 101


def test_graphql_over_a_websocket_cannot_be_read(proxy, upstream):
    site = serve(proxy, "graphql_guard", graphql_get=True)
    assert status(site, "GET", *WEBSOCKET, path="/graphql?query={a}") == 413
    assert upstream.heads == []


def test_https_behind_a_proxy_that_ended_it(proxy, upstream):
    site = serve(proxy, "redirects", redirect_https=True)
    reply = ask(site.port, "/a?b", host="a.example:8080")
    assert (reply.status, reply.all("location")) == (308, ["https://a.example/a?b"])
    assert ask(site.port, "/a?b", headers=[("x-forwarded-proto", "https")]).status == 200
