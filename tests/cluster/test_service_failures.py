"""Accuses requests whose service gives no answer: let through or refused against on_error, late, hung, or left
behind. The proxy must go on whoever leaves first.
"""

import random
import socket
import struct
import threading
import time

import pytest

from harness.client import Connection, ask, ask_h2, request_bytes
from harness.load import Load, many
from harness.plugin import weir
from harness.waiting import wait_for
from services import http2, protocol
from services.failures import FAILURES
from services.rules import limited, limiter, rule, service, statuses
from services.stub import after

TIMEOUT = 0.05
RECOVERY = 2.0  # seconds
EXPECTED = {"allow": [200] * 5, "deny": [429] * 5, "local": [200] * 3 + [429] * 2}


def failing(cluster, on_error, timeout="50ms"):
    return limited(cluster=cluster, on_error=on_error, timeout=timeout)


def left(proxy, site):
    """Requests that the proxy still holds: of clients, and to services."""
    stats = proxy.stats("cluster.") | proxy.stats(f"http.{site.name}.")
    names = ("upstream_rq_active", "upstream_rq_pending_active", "downstream_rq_active")
    return {name: value for name, value in stats.items() if name.endswith(names) and value}


def reset(link):
    """Closes with RST."""
    link.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    link.close()


def wait_served(site, status=200, seconds=RECOVERY):
    """Until a key of its own is answered so."""
    wait_for(lambda: statuses(site, 1, f"u{random.random()}") == [status], "recovery", seconds)


# What on_error says


@pytest.mark.parametrize("on_error", EXPECTED)
@pytest.mark.parametrize("cluster, behave", FAILURES.values(), ids=FAILURES.keys())
def test_no_answer_is_on_error(proxy, stub, cluster, behave, on_error):
    site = proxy.serve(failing(cluster, on_error))
    if behave:
        stub.behave = behave
    began = time.monotonic()
    assert statuses(site, 5) == EXPECTED[on_error]
    assert time.monotonic() - began < 5 * (TIMEOUT + 0.2)
    wait_for(lambda: not left(proxy, site), "end of all calls")
    if cluster == "stub":
        stub.behave = lambda call: call.answer()
        wait_served(site)


def test_local_is_the_default_and_counts_each_key(proxy):
    site = proxy.serve(limited(cluster="nobody", on_error=None))
    assert statuses(site, 4, "a") == [200] * 3 + [429]
    assert statuses(site, 4, "b") == [200] * 3 + [429]


def test_over_limit_is_an_answer_even_with_allow(proxy, stub):
    stub.behave = lambda call: call.answer(code=protocol.OVER_LIMIT)
    assert statuses(proxy.serve(failing("stub", "allow")), 3) == [429] * 3


# The real service goes away, and comes back


@pytest.mark.parametrize("on_error", EXPECTED)
def test_the_service_ends_and_starts(proxy, service_up, on_error):
    site = proxy.serve(failing("ratelimit", on_error, "200ms"))
    assert statuses(site, 4, "x") == [200] * 3 + [429]
    service_up.stop()
    assert statuses(site, 5) == EXPECTED[on_error]
    service_up.start()
    wait_served(site)
    wait_for(lambda: statuses(site, 4, f"u{random.random()}") == [200] * 3 + [429], "its counts", RECOVERY)


@pytest.mark.parametrize("on_error", EXPECTED)
def test_the_service_stands_still_and_goes_on(proxy, service_up, on_error):
    site = proxy.serve(failing("ratelimit", on_error, "200ms"))
    assert statuses(site, 4, "x") == [200] * 3 + [429]
    service_up.freeze()
    began = time.monotonic()
    assert statuses(site, 5) == EXPECTED[on_error]
    assert time.monotonic() - began < 5 * 0.4
    service_up.thaw()
    wait_served(site)
    wait_for(lambda: statuses(site, 4, f"u{random.random()}") == [200] * 3 + [429], "its counts", RECOVERY)
    wait_for(lambda: not left(proxy, site), "end of all calls")


@pytest.mark.parametrize("on_error, seen", [("allow", {200}), ("deny", {200, 429}), ("local", {200})])
def test_the_service_flaps(own_proxy, stub, on_error, seen):
    proxy = own_proxy(concurrency=2)
    rules = service("stub", timeout="50ms")
    rules += limiter(rate="1000000 per 1d", by="", options=f"headers none  on_error {on_error}")
    site = proxy.serve(weir(rules + rule()))
    with Load(site.port, connections=8) as load:
        for _ in range(10):
            time.sleep(0.1)
            stub.stop()
            time.sleep(0.1)
            stub.start()
    assert set(load.counts) == seen
    wait_for(lambda: many(site.port, 20) == {200: 20}, "recovery", RECOVERY)
    wait_for(lambda: not left(proxy, site), "end of all calls")


# Somebody else goes away


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_clients_that_close_while_they_wait(proxy, stub, method):
    site = proxy.serve(limited(cluster="stub"))
    stub.behave = after(0.3)
    links = []
    for i in range(50):
        link = socket.create_connection(("127.0.0.1", site.port), 5)
        link.sendall(request_bytes("/direct", [("x-user", f"u{i}")], method, b"x" * 10 * (method == "POST")))
        links.append(link)
    wait_for(lambda: len(stub.calls) == 50, "all calls")
    for link in links:
        reset(link)
    wait_for(lambda: stub.reset_streams == 50, "end of all calls")
    time.sleep(0.4)  # the answers that nobody waits for
    assert not left(proxy, site)
    assert statuses(site, 1) == [200]


def h2_request(link, stream, user):
    head = [(":method", "GET"), (":scheme", "http"), (":path", "/direct"), (":authority", "a")]
    block = http2.header_block(head + [("x-user", user)])
    link.send(http2.HEADERS, http2.END_HEADERS | http2.END_STREAM, stream, block)


def test_streams_that_are_reset_while_they_wait(proxy, stub):
    """Half of the streams of one connection; the other half are answered."""
    site = proxy.serve(limited(cluster="stub"))
    stub.behave = after(0.3)
    with socket.create_connection(("127.0.0.1", site.port), 5) as connection:
        link = http2.Link(connection)
        link.send_raw(http2.PREFACE)
        link.greet()
        streams = range(1, 101, 2)
        for stream in streams:
            h2_request(link, stream, f"u{stream}")
        wait_for(lambda: len(stub.calls) == len(streams), "all calls")
        gone = set(streams[::2])
        for stream in gone:
            link.send(http2.RST_STREAM, 0, stream, struct.pack(">I", http2.CANCEL))
        answered = set()
        while len(answered) < len(streams) - len(gone):
            kind, flags, stream, _ = link.read()
            if kind in (http2.HEADERS, http2.DATA) and flags & http2.END_STREAM:
                answered.add(stream)
    assert answered == set(streams) - gone
    wait_for(lambda: stub.reset_streams == len(gone), "end of all calls")
    assert not left(proxy, site)


@pytest.mark.parametrize("delivery", ["inline", "ecds"])
def test_updates_while_calls_are_under_way(proxy, stub, delivery):
    site = proxy.serve(limited(cluster="stub"), delivery=delivery)
    stub.behave = after(0.5)
    with Connection(site.port) as link:
        link.send(request_bytes("/direct", [("x-user", "a")]))
        wait_for(lambda: stub.calls, "a call")
        proxy.update(site, limited("4 per 1d", cluster="stub"))
        assert link.read().status == 200
    stub.behave = lambda call: call.answer()
    wait_for(lambda: statuses(site, 1) and stub.calls[-1].request.limit[0] == 4, "the new rules")


def test_a_listener_goes_while_calls_are_under_way(proxy, stub):
    site = proxy.serve(limited(cluster="stub", timeout="20s"))
    stub.behave = lambda call: None
    links = [Connection(site.port) for _ in range(10)]
    for i, link in enumerate(links):
        link.send(request_bytes("/direct", [("x-user", f"u{i}")]))
    wait_for(lambda: len(stub.calls) == 10, "all calls")
    proxy.remove(site)
    wait_for(lambda: stub.reset_streams == 10, "end of all calls", 5.0)  # a second is for draining
    assert proxy.healthy()


def test_the_proxy_ends_while_calls_are_under_way(make_proxy, upstream, stub):
    proxy = make_proxy()
    site = proxy.serve(limited(cluster="stub", timeout="20s"))
    stub.behave = lambda call: None
    links = [Connection(site.port) for _ in range(10)]
    for i, link in enumerate(links):
        link.send(request_bytes("/direct", [("x-user", f"u{i}")]))
    wait_for(lambda: len(stub.calls) == 10, "all calls")
    assert not proxy.log.traps()
    proxy.process.child.terminate()
    assert proxy.process.child.wait(10) == 0


def test_answers_reach_their_own_requests(proxy, stub):
    """Fifty at once, answered in another order: those of one half are over their limits."""
    site = proxy.serve(limited(cluster="stub"))

    def behave(call):
        time.sleep(random.random() / 5)
        refused = int(call.request.entries[1][1]) % 2
        call.answer(code=protocol.OVER_LIMIT if refused else protocol.OK)

    stub.behave = behave
    seen = {}

    def one(user):
        seen[user] = ask(site.port, "/direct", headers=[("x-user", str(user))]).status

    threads = [threading.Thread(target=one, args=(user,)) for user in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == {user: 429 if user % 2 else 200 for user in range(50)}


def test_late_answers_are_nobodys(proxy, stub):
    site = proxy.serve(limited(cluster="stub", on_error="allow", timeout="20ms"))
    stub.behave = after(0.1, lambda call: call.answer(code=protocol.OVER_LIMIT, reset=600))
    assert statuses(site, 20) == [200] * 20
    time.sleep(0.2)
    stub.behave = lambda call: call.answer()
    wait_served(site)
    assert statuses(site, 5) == [200] * 5


@pytest.mark.parametrize("asker", [ask, ask_h2])
def test_a_grpc_client_is_refused_in_its_own_words(proxy, asker):
    site = proxy.serve(failing("nobody", "deny"))
    headers = [("x-user", "a"), ("content-type", "application/grpc")]
    reply = asker(site.port, "/direct", headers=headers, method="POST")
    assert (reply.status, reply.header("grpc-status")) == (200, "8")


@pytest.mark.long
def test_failures_leave_no_memory_behind(own_proxy, stub):
    proxy = own_proxy()
    site = proxy.serve(limited("1000000 per 1d", "allow", cluster="stub", timeout="10ms"))
    behaviours = [behave for cluster, behave in FAILURES.values() if cluster == "stub"]

    def churn(count):
        for _ in range(count):
            for behave in behaviours:
                stub.behave = behave
                assert set(statuses(site, 10)) == {200}

    churn(2)
    before = proxy.memory()
    churn(20)
    assert proxy.memory() - before < 8 << 20
    wait_for(lambda: not left(proxy, site), "end of all calls")


def test_calls_leave_no_memory_behind(own_proxy, stub):
    proxy = own_proxy()
    site = proxy.serve(limited("1000000 per 1d", "allow", cluster="stub", timeout="20ms"))

    def churn(rounds):
        for i in range(rounds):
            stub.behave = [lambda call: call.answer(), lambda call: call.refuse(14)][i % 2]
            assert set(statuses(site, 200)) == {200}

    churn(5)
    before = proxy.memory()
    churn(10)
    assert proxy.memory() - before < 8 << 20
    assert not left(proxy, site)
