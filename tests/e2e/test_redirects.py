"""Accuses redirects: where clients are sent, and that nobody else decides it."""

import pytest

from harness.client import ask, ask_h2
from harness.plugin import weir


@pytest.mark.parametrize("client", [ask, ask_h2])
def test_a_redirect_by_parts(proxy, upstream, client):
    site = proxy.serve(weir('rule tls { redirect 301 scheme "https" }'))
    reply = client(site.port, "/a//b?c=d", host="a.test")
    assert (reply.status, reply.all("location")) == (301, ["https://a.test/a//b?c=d"])
    assert reply.body == b"" and not upstream.requests


def test_slashes_in_front_become_one(proxy):
    site = proxy.serve(weir('rule slash { redirect path request.url_path }'))
    for path in ("//evil.test/x", "/\\evil.test/x", "/\\/\\evil.test/x"):
        assert ask(site.port, path, host="a.test").all("location") == ["http://a.test/evil.test/x"]


def test_a_location_cannot_be_split(proxy):
    site = proxy.serve(weir('rule go { redirect to url_decode(request.url_path.substring(1)) }'))
    reply = ask(site.port, "/https:%2f%2fa.test%0d%0ax-evil:1")
    assert (reply.status, reply.all("location"), reply.all("x-evil")) == (403, [], [])


def test_a_redirect_in_the_response_s_place(proxy, upstream):
    site = proxy.serve(weir('rule lost on response when response.code == 404 { redirect to "/lost" }'))
    upstream.tell(status=404, headers=[("x-up", "1")], body=b"no")
    reply = ask(site.port, "/x")
    assert (reply.status, reply.all("location"), reply.all("x-up")) == (302, ["/lost"], [])
