"""Accuses questions that are asked at the end of a request's body: lost bodies, held replies, upstreams that answer
before the service does.
"""

import time

import pytest

from harness.client import Connection, ask, ask_h2, request_bytes
from harness.plugin import Plugin, weir
from harness.upstream import answer
from services import protocol
from services.rules import limiter, service
from services.stub import after

BODY = b'{"user": "ada"}'
TRAILED = [
    b"POST /trailed HTTP/1.1\r\nhost: test.local\r\ntransfer-encoding: chunked\r\ntrailer: x-t\r\nte: trailers\r\n\r\n",
    b"f\r\n" + BODY + b"\r\n0\r\nx-t: 1\r\n\r\n",
]


def over(call):
    call.answer(code=protocol.OVER_LIMIT, status=protocol.OVER_LIMIT)


def rules(options="on_error deny", timeout="400ms", path="/"):
    by = "by request.json.user  on_absent deny"
    text = service("stub", timeout=timeout) + limiter(by=by, options="headers none  " + options)
    return weir(text + f'rule r on request_body when request.path == "{path}" {{ limit api else deny 429 body "later" }}')


def posted(site, **more):
    return ask(site.port, "/", method="POST", body=BODY, **more)


def test_the_body_reaches_the_upstream_behind_the_answer(proxy, stub, upstream):
    stub.behave = after(0.05)
    reply = posted(proxy.serve(rules()))
    assert reply.status == 200 and upstream.last.body == BODY
    assert stub.calls[-1].request.entries == [("limiter", "api"), ("key1", "ada")]


def test_http2(proxy, stub, upstream):
    stub.behave = after(0.05)
    site = proxy.serve(rules())
    assert ask_h2(site.port, "/", method="POST", body=BODY).status == 200
    assert upstream.last.body == BODY


def test_an_upstream_that_answers_before_it_has_the_body_gets_it(proxy, stub, upstream):
    """The service would take longer than the client waits: the limiter decides by itself."""
    stub.behave = after(20)
    upstream.early = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    upstream.reply = lambda request: b"2\r\nok\r\n0\r\n\r\n"
    reply = posted(proxy.serve(rules("on_error allow", timeout="15s")))
    assert (reply.status, reply.body) == (200, b"ok") and upstream.last.body == BODY


def test_a_refusal_ends_the_request(proxy, stub, upstream):
    stub.behave = after(0.05, over)
    reply = posted(proxy.serve(rules()))
    assert (reply.status, reply.body) == (429, b"later")
    assert not upstream.requests


def test_trailers(proxy, stub, upstream):
    stub.behave = after(0.05)
    http = {"http_protocol_options": {"enable_trailers": True}}
    site = proxy.serve(rules(path="/trailed"), manager=http)
    with Connection(site.port) as link:
        for piece in TRAILED:
            link.send(piece)
        assert link.read("POST").status == 200
    assert upstream.last.body == BODY and len(stub.calls) == 1


@pytest.mark.parametrize("on_error, status", [("deny", 429), ("allow", 200), ("local", 200)])
def test_no_answer_in_time(proxy, stub, upstream, on_error, status):
    stub.behave = after(1)
    assert posted(proxy.serve(rules(f"on_error {on_error}", "50ms"))).status == status


@pytest.mark.parametrize("on_error, status", [("deny", 429), ("allow", 200)])
def test_an_upstream_that_answers_first(proxy, stub, upstream, on_error, status):
    """Its reply does not wait for the service: on_error decides, and the question is taken back."""
    stub.behave = after(0.3)
    upstream.early = answer(200, body=b"early")
    site = proxy.serve(rules(f"on_error {on_error}", "2s"))
    with Connection(site.port) as link:
        link.send(request_bytes("/", method="POST", body=BODY))
        reply = link.read("POST")
    assert reply.status == status
    assert (reply.body == b"early") == (status == 200)
    upstream.early = b""
    stub.behave = after(0)
    assert posted(site).status == 200


PIECES = [b"4\r\n" + 4 * letter + b"\r\n" for letter in (b"a", b"b", b"c", b"d")] + [b"0\r\n\r\n"]
ASKS = service("stub") + limiter(options="headers none  on_error deny") + "rule l { limit api else deny 429 }\n"


@pytest.mark.parametrize(
    "more, settings, status, body",
    [
        ("", {}, 200, b"aaaabbbbccccdddd"),
        ("rule c { cap request.body at 16 }", {}, 200, b"aaaabbbbccccdddd"),
        ("rule c { cap request.body at 15 }", {}, 413, None),
        ("rule c { cap request.body at 3 }", {}, 413, None),
        ("rule b on request_body when request.body.size() == 16 { deny }", {}, 403, None),
        ("rule b on request_body when request.body.size() == 16 { deny }", {"hold_headers": True}, 403, None),
        ("rule b on request_body { set request.body = \"new\" }", {"hold_headers": True}, 200, b"new"),
        ("rule b on request_body { deny }", {"body_limit": 10}, 413, None),
        ("rule b on request_body on_error skip { deny }", {"body_limit": 10}, 200, b"aaaabbbbccccdddd"),
    ],
)
@pytest.mark.parametrize("pause", [0, 0.1])
def test_a_body_that_comes_while_a_service_is_asked(proxy, stub, upstream, more, settings, status, body, pause):
    """Where the proxy lets the plugin hold headers it calls for the body meanwhile."""
    stub.behave = after(0.25)
    site = proxy.serve(Plugin(weir(ASKS + more, settings), holds_headers=True))
    with Connection(site.port) as link:
        link.send(b"POST / HTTP/1.1\r\nhost: test.local\r\nx-user: a\r\ntransfer-encoding: chunked\r\n\r\n")
        for piece in PIECES[:-1] if status == 413 else PIECES:
            link.send(piece)
            time.sleep(pause)
        assert link.read().status == status
    assert [request.body for request in upstream.requests] == ([body] if body else [])


def test_a_refusal_before_the_body_has_come(proxy, stub, upstream):
    stub.behave = after(0.1, over)
    site = proxy.serve(Plugin(weir(ASKS), holds_headers=True))
    with Connection(site.port) as link:
        link.send(b"POST / HTTP/1.1\r\nhost: test.local\r\nx-user: a\r\ntransfer-encoding: chunked\r\n\r\n")
        for piece in PIECES[:-1]:
            link.send(piece)
        assert link.read().status == 429
    assert upstream.heads == []
