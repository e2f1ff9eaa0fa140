"""Accuses limiters over whole streams in a real proxy: places that streams hold, what answers give back, bodies that
rules wait for, and what clients read."""

import contextlib
import json
import threading

from harness.client import Connection, ask, request_bytes
from harness.plugin import weir
from harness.upstream import answer
from harness.waiting import wait_for

INFLIGHT = """limiter inflight { 3 concurrent  by client.prefix  headers none }
rule slow when request.path == "/slow" { limit inflight else deny 503 body "busy" }"""
GUARD = """limiter guesses { 3 per 1h  by client.prefix, request.json.user  on_absent skip  headers none }
group login when request.method == "POST" && request.clean_path == "/login" {
  rule attempt on request_body { limit guesses else deny 429 }
  rule success on response when response.code < 400 { refund guesses }
}"""


def held(upstream):
    """The upstream's answers to /slow wait for the event."""
    go_on = threading.Event()
    upstream.reply = lambda request: (go_on.wait(10), answer())[1]
    return go_on


def open_streams(site, upstream, count, stack):
    """Links whose requests the upstream has."""
    links = []
    for _ in range(count):
        before = len(upstream.requests)
        link = stack.enter_context(Connection(site.port))
        link.send(request_bytes("/slow"))
        wait_for(lambda: len(upstream.requests) > before, "request at the upstream")
        links.append(link)
    return links


def test_places_are_held_by_streams_and_free_when_they_are_answered(proxy, upstream):
    site = proxy.serve(weir(INFLIGHT))
    go_on = held(upstream)
    with contextlib.ExitStack() as stack:
        links = open_streams(site, upstream, 3, stack)
        assert [ask(site.port, "/slow").status for _ in range(3)] == [503] * 3
        go_on.set()
        assert [link.read().status for link in links] == [200] * 3
    assert [ask(site.port, "/slow").status for _ in range(5)] == [200] * 5


def test_places_are_free_when_clients_go_away(proxy, upstream):
    site = proxy.serve(weir(INFLIGHT))
    for _ in range(4):
        go_on = held(upstream)
        with contextlib.ExitStack() as stack:
            open_streams(site, upstream, 3, stack)
            assert ask(site.port, "/slow").status == 503
        prefix = f"http.{site.name}.downstream_rq_active"
        wait_for(lambda: proxy.stats(prefix)[prefix] == 0, "end of the streams")
        go_on.set()
    upstream.reply = lambda request: answer()
    assert [ask(site.port, "/slow").status for _ in range(5)] == [200] * 5


def test_places_are_free_when_the_upstream_hangs_up(proxy, upstream):
    def hang_up(request):
        raise OSError("hang up")

    site = proxy.serve(weir(INFLIGHT))
    upstream.reply = hang_up
    assert {ask(site.port, "/slow").body != b"busy" for _ in range(8)} == {True}


def test_places_are_counted_over_workers(own_proxy, upstream):
    proxy = own_proxy(concurrency=4).start()
    site = proxy.serve(weir(INFLIGHT))
    go_on = held(upstream)
    with contextlib.ExitStack() as stack:
        links = open_streams(site, upstream, 3, stack)
        assert [ask(site.port, "/slow").status for _ in range(8)] == [503] * 8
        go_on.set()
        assert [link.read().status for link in links] == [200] * 3


def test_an_update_keeps_the_places_of_streams_in_flight(proxy, upstream):
    site = proxy.serve(weir(INFLIGHT), delivery="ecds")
    go_on = held(upstream)
    with contextlib.ExitStack() as stack:
        links = open_streams(site, upstream, 3, stack)
        proxy.update(site, weir(INFLIGHT.replace("busy", "still busy")))
        wait_for(lambda: ask(site.port, "/slow").body == b"still busy", "the new rules")
        go_on.set()
        assert [link.read().status for link in links] == [200] * 3
    assert ask(site.port, "/slow").status == 200


def login(site, user, status, upstream):
    upstream.tell(status)
    body = json.dumps({"user": user, "password": "x"}).encode()
    return ask(site.port, "/login", method="POST", body=body).status


def test_the_login_guard_locks_out_after_failures(proxy, upstream):
    site = proxy.serve(weir(GUARD))
    assert [login(site, "ada", 200, upstream) for _ in range(5)] == [200] * 5
    assert [login(site, "ada", 401, upstream) for _ in range(4)] == [401] * 3 + [429]
    seen = len(upstream.requests)
    assert login(site, "ada", 200, upstream) == 429 and len(upstream.requests) == seen
    assert login(site, "bob", 200, upstream) == 200


def test_a_charge_behind_the_answer_is_known_to_all_workers(own_proxy, upstream):
    proxy = own_proxy(concurrency=4).start()
    rules = """limiter bytes { 1000 per 1h  burst 1000  by client.prefix  headers none }
    rule ask { limit bytes cost 0 }
    rule weigh on response when decision.rule == "" { charge bytes cost int(response.headers["content-length"]) }"""
    site = proxy.serve(weir(rules))
    upstream.tell(body=b"x" * 400)
    assert [ask(site.port, "/file").status for _ in range(6)] == [200] * 3 + [429] * 3


def test_a_ban_is_known_to_all_workers(own_proxy):
    proxy = own_proxy(concurrency=4).start()
    rules = """limiter all { 1000 per 1s  by client.prefix }
    rule trap when request.path == "/direct/.env" { ban all for 1h }
    rule all { limit all }"""
    site = proxy.serve(weir(rules))
    assert [ask(site.port, "/direct").status for _ in range(4)] == [200] * 4
    ask(site.port, "/direct/.env")
    replies = [ask(site.port, "/direct") for _ in range(8)]
    assert [reply.status for reply in replies] == [429] * 8
    assert all(3590 <= int(reply.header("retry-after")) <= 3600 for reply in replies)


def test_what_clients_read(proxy, upstream):
    site = proxy.serve(weir("limiter api { 2 per 1h } rule r { limit api }"))
    upstream.tell(headers=[("ratelimit", "mine"), ("retry-after", "5")])
    reply = ask(site.port, "/x")
    assert reply.header("ratelimit-policy") == '"api";q=2;w=3600'
    assert reply.header("ratelimit") == '"api";r=1;t=1800' and reply.header("retry-after") == "5"
    ask(site.port, "/x")
    reply = ask(site.port, "/x")
    assert (reply.status, reply.body) == (429, b"too many requests")
    assert reply.header("ratelimit") == '"api";r=0;t=3600' and int(reply.header("retry-after")) in (1799, 1800)
    grpc = ask(site.port, "/x", method="POST", headers=[("content-type", "application/grpc")])
    assert (grpc.status, grpc.header("grpc-status")) == (200, "8")
