"""Accuses replies of phase response: what they lack of headers, the upstream's bytes in them, replies to replies."""

import pytest

from harness.client import Connection, ask, ask_h2
from harness.plugin import weir
from harness.site import NO_ROUTE

HIDES = """limiter few { 1 per 1h  by request.headers["x-user"]  on_absent skip }
rule early on response { set response.headers["x-early"] = "1" }
rule hides on response when response.code == 500 { deny 404 body "nothing" headers {"x-own": "1", "set-cookie": ["a=1", "b=2"]} }
rule again on response when response.code == 500 { deny 410 }
rule counted on response when response.code == 401 { limit few }
rule refused when request.path == "/refused" { deny 403 }
rule never on response when response.code == 403 { deny 418 }
rule gone on response when response.code == 404 { respond 200 body "found" }
rule later on response { add response.headers["x-later"] = "1" }"""


@pytest.mark.parametrize("client", [ask, ask_h2])
def test_the_reply_replaces_the_response(proxy, upstream, client):
    site = proxy.serve(weir(HIDES))
    upstream.tell(status=500, headers=[("x-trace", "secret")], body=b"stack trace")
    reply = client(site.port, "/x")
    assert (reply.status, reply.body) == (404, b"nothing")
    assert reply.all("x-trace") == []
    assert reply.all("set-cookie") == ["a=1", "b=2"]
    assert [reply.all(name) for name in ("x-own", "x-early", "x-later")] == [["1"]] * 3
    assert reply.all("content-length") == ["7"]


def test_the_connection_goes_on(proxy, upstream):
    site = proxy.serve(weir(HIDES))
    upstream.tell(status=500, body=b"x" * 100_000)
    with Connection(site.port) as link:
        assert [link.ask("/x").status for _ in range(3)] == [404] * 3


def test_weirs_own_denial_is_not_answered_again(proxy):
    reply = ask(proxy.serve(weir(HIDES)).port, "/refused")
    assert (reply.status, reply.body) == (403, b"denied")
    assert reply.all("x-later") == ["1"]


def test_a_reply_of_the_proxy_is_answered_once(proxy):
    site = proxy.serve(weir(HIDES))
    reply = ask(site.port, "/x", host=NO_ROUTE)
    assert (reply.status, reply.body, reply.all("x-later")) == (200, b"found", ["1"])


def test_limits_of_the_response_tell_of_themselves(proxy, upstream):
    site = proxy.serve(weir(HIDES))
    upstream.tell(status=401, body=b"who?")
    first, second = (ask(site.port, "/x", headers=[("x-user", "a")]) for _ in range(2))
    assert (first.status, first.body, first.all("retry-after")) == (401, b"who?", [])
    assert (second.status, second.body) == (429, b"too many requests")
    assert len(second.all("retry-after")) == len(second.all("ratelimit")) == 1
    assert second.all("x-later") == ["1"]


def test_exempt_skip_first(proxy, upstream):
    site = proxy.serve(
        weir(
            """group kind first when request.path.startsWith("/k") {
                 rule a when request.path == "/k/a" { set request.headers["x-kind"] = "a" }
                 rule b { set request.headers["x-kind"] = "b" }
               }
               rule friends when request.headers["x-friend"] == "1" { exempt }
               group closed when request.path == "/closed" {
                 rule open when request.headers["x-open"] == "1" { skip }
                 rule no { deny }
               }"""
        )
    )
    ask(site.port, "/k/a")
    assert upstream.last.all("x-kind") == ["a"]
    assert ask(site.port, "/closed").status == 403
    for name in ("x-friend", "x-open"):
        assert ask(site.port, "/closed", headers=[(name, "1")]).status == 200
