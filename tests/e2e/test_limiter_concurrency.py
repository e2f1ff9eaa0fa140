"""Accuses limiters of streams at once: slots that are never given back, or given back twice."""

import select
import threading
import time

import pytest

from harness.client import Connection, ask, request_bytes
from harness.http2 import Http2
from harness.marks import marked, wait_served
from harness.plugin import weir
from harness.upstream import answer
from harness.waiting import wait_for

SLOTS = 3
MATCH = "when request.path == '/held'"


@pytest.fixture
def gate(upstream):
    """The upstream answers requests to /held when the gate is set."""
    event = threading.Event()

    def reply(request):
        if request.path == "/held":
            event.wait(20)
        return answer()

    upstream.reply = reply
    yield event
    event.set()


def limited(slots=SLOTS, options="", action="limit l", more=""):
    return f"limiter l {{ {slots} concurrent {options} headers none }} rule r {MATCH} {{ {action} }} {more} "


def held(upstream, count):
    wait_for(lambda: len(upstream.heads) >= count, f"{count} requests at the upstream")


def start(port, path="/held", **sent):
    """A request that is sent, and not waited for."""
    link = Connection(port)
    link.send(request_bytes(path, **sent))
    return link


def fill(upstream, site, slots=SLOTS):
    """Takes every slot; the connections."""
    links = [start(site.port) for _ in range(slots)]
    held(upstream, slots)
    return links


def is_full(site):
    return ask(site.port, "/held").status == 429


def readable(link):
    return bool(select.select([link], [], [], 0)[0])


def answers(link):
    """The streams of an HTTP/2 connection that have an answer by now."""
    while readable(link.link):
        link.more()
    return set(link.heads)


def free_slots(upstream, site, slots=SLOTS):
    """How many slots are free, taking them for a moment."""
    with Http2(site.port) as link:
        before = len(upstream.heads)
        streams = [link.begin("/held") for _ in range(slots + 2)]
        wait_for(lambda: len(upstream.heads) - before + len(answers(link)) >= slots + 2, "all decided")
        found = len(upstream.heads) - before
        for stream in streams:
            link.reset(stream)
        return found


def finds_a_slot(upstream, site, **sent):
    """Whether a new request gets a slot; if so it stays open."""
    before = len(upstream.heads)
    link = start(site.port, **sent)
    wait_for(lambda: len(upstream.heads) > before or readable(link.link), "decision")
    return len(upstream.heads) > before


def has_a_slot(upstream, link):
    """Whether a new stream of a connection gets a slot; if so it is reset."""
    before = len(upstream.heads)
    stream = link.begin("/held")
    wait_for(lambda: len(upstream.heads) > before or stream in answers(link), "decision")
    link.reset(stream)
    return len(upstream.heads) > before


def all_free(upstream, site, slots=SLOTS):
    wait_for(lambda: free_slots(upstream, site, slots) == slots, f"{slots} free slots", 5.0)
    assert free_slots(upstream, site, slots) == slots


@pytest.mark.parametrize("scope", ["proxy", "worker"])
def test_exactly_so_many_pass_at_once(proxy, upstream, gate, scope):
    site = proxy.serve(weir(limited(options=f"scope {scope}")))
    links = fill(upstream, site)
    assert [ask(site.port, "/held").status for _ in range(5)] == [429] * 5
    assert ask(site.port, "/other").status == 200
    gate.set()
    assert [link.read().status for link in links] == [200] * SLOTS
    gate.clear()
    again = fill(upstream, site)
    assert is_full(site)
    gate.set()
    assert [link.read().status for link in again] == [200] * SLOTS


def test_a_slot_is_back_before_the_client_has_its_answer(proxy, upstream):
    site = proxy.serve(weir("limiter l { 1 concurrent headers none } rule r { limit l }"))
    for path in ("/direct", "/x", "/down"):
        with Connection(site.port) as link:
            assert 429 not in {link.ask(path).status for _ in range(150)}
            if path == "/x":
                link.send(b"".join(request_bytes(path) for _ in range(20)))  # at once
                assert 429 not in {link.read().status for _ in range(20)}
        assert 429 not in {ask(site.port, path).status for _ in range(50)}


def test_streams_of_one_connection_are_streams(proxy, upstream, gate):
    site = proxy.serve(weir(limited()))
    with Http2(site.port) as link:
        streams = [link.begin("/held") for _ in range(SLOTS + 2)]
        held(upstream, SLOTS)
        assert sorted(link.read(stream).status for stream in streams[SLOTS:]) == [429, 429]
        gate.set()
        assert [link.read(stream).status for stream in streams[:SLOTS]] == [200] * SLOTS
    gate.clear()
    all_free(upstream, site)


def test_keys_have_slots_of_their_own(proxy, upstream, gate):
    site = proxy.serve(weir(limited(1, 'by request.headers["x-user"]  on_absent deny')))
    links = [start(site.port, headers=[("x-user", user)]) for user in "abc"]
    held(upstream, 3)
    assert [ask(site.port, "/held", headers=[("x-user", user)]).status for user in "abc"] == [429] * 3
    links[1].link.close()
    wait_for(lambda: finds_a_slot(upstream, site, headers=[("x-user", "b")]), "a slot for b")
    gate.set()
    assert [links[i].read().status for i in (0, 2)] == [200, 200]


# However the stream ends


def test_clients_that_go_away(proxy, upstream, gate):
    site = proxy.serve(weir(limited()))
    for link in fill(upstream, site):
        link.link.close()
    all_free(upstream, site)


def test_streams_that_clients_reset(proxy, upstream, gate):
    site = proxy.serve(weir(limited()))
    with Http2(site.port) as link:
        for _ in range(3):
            upstream.heads.clear()
            streams = [link.begin("/held") for _ in range(SLOTS)]
            held(upstream, SLOTS)
            for stream in streams:
                link.reset(stream)
            wait_for(lambda: has_a_slot(upstream, link), "a free slot")
        all_free(upstream, site)


def test_streams_reset_before_their_body_ends(proxy, upstream, gate):
    body = "rule b on request_body when request.method == 'POST' && request.json.a == 1 { deny }"
    site = proxy.serve(weir(limited(more=body)))
    with Http2(site.port) as link:
        streams = [link.begin("/held", method="POST", body=b"{", ends=False) for _ in range(SLOTS)]
        held(upstream, SLOTS)
        assert is_full(site)
        for stream in streams:
            link.reset(stream)
        wait_for(lambda: has_a_slot(upstream, link), "a free slot")
    all_free(upstream, site)


@pytest.mark.parametrize("pieces", [[], [b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n", b"part"]])
def test_upstreams_that_break_off(proxy, upstream, pieces):
    breaks = threading.Event()

    def reply(request):
        yield from pieces
        breaks.wait(20)
        raise EOFError

    upstream.reply = reply
    site = proxy.serve(weir(limited()))
    links = fill(upstream, site)
    assert is_full(site)
    breaks.set()
    for link in links:
        if pieces:
            with pytest.raises(EOFError):
                link.read()
        else:
            assert link.read().status == 503
    breaks.clear()
    upstream.reply = lambda request: [answer()] if breaks.wait(20) else []
    all_free(upstream, site)
    breaks.set()


def test_upstreams_that_answer_too_late(proxy, upstream, gate):
    late = "rule t { set request.headers['x-envoy-upstream-rq-timeout-ms'] = '300' }"
    site = proxy.serve(weir(limited(more=late)))
    links = fill(upstream, site)
    assert is_full(site)
    assert [link.read().status for link in links] == [504] * SLOTS
    all_free(upstream, site)


@pytest.mark.parametrize("request_ends", [True, False])
def test_streams_that_are_idle_too_long(proxy, upstream, gate, request_ends):
    site = proxy.serve(weir(limited()), manager={"stream_idle_timeout": "0.4s"})
    with Http2(site.port) as link:
        streams = [link.begin("/held", ends=request_ends, method="POST") for _ in range(SLOTS)]
        held(upstream, SLOTS)
        assert is_full(site)
        for stream in streams:
            assert link.read(stream).status in (408, 504)
    all_free(upstream, site)


@pytest.mark.parametrize(
    "more",
    [
        "rule d when request.path == '/held' { deny 418 }",
        "rule d on request_body when request.path == '/held' { deny 418 }",
        "rule d when request.path == '/held' { respond 418 }",
        "limiter m { 1 per 1h } rule d when request.path == '/held' { limit m else respond 418 respond 418 }",
    ],
)
def test_answers_of_rules(proxy, upstream, more):
    site = proxy.serve(weir(limited(1, more=more)))
    assert [ask(site.port, "/held").status for _ in range(5)] == [418] * 5
    with Http2(site.port) as link:
        assert [link.ask("/held", method="POST", body=b"x").status for _ in range(5)] == [418] * 5
    assert not upstream.requests


def test_a_refusal_of_the_same_block_takes_no_slot(proxy, upstream, gate):
    more = "limiter m { 1 per 1h headers none }"
    action = "limit l else deny 410 limit m else deny 411"
    site = proxy.serve(weir(limited(1, action=action, more=more)))
    link = start(site.port)
    held(upstream, 1)
    assert [ask(site.port, "/held").status for _ in range(2)] == [410, 410]
    gate.set()
    assert link.read().status == 200
    assert [ask(site.port, "/held").status for _ in range(3)] == [411] * 3


def test_one_stream_holds_one_slot(proxy, upstream, gate):
    more = f"rule again {MATCH} {{ limit l }}"
    site = proxy.serve(weir(limited(1, more=more)))
    gate.set()
    assert [ask(site.port, "/held").status for _ in range(3)] == [200] * 3


def test_a_slot_given_back_early_is_given_back_once(proxy, upstream, gate):
    more = "rule early on response when request.path == '/held' { refund l }"
    site = proxy.serve(weir(limited(2, more=more)))
    links = fill(upstream, site, 2)
    assert is_full(site)
    gate.set()
    assert [link.read().status for link in links] == [200, 200]
    gate.clear()
    all_free(upstream, site, 2)


def test_upgraded_streams(proxy, upstream):
    """A WebSocket holds its slot until one side closes it."""
    closes = threading.Event()

    def reply(request):
        yield b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
        closes.wait(20)
        raise EOFError

    upstream.reply = reply
    site = proxy.serve(weir(limited(2)), manager={"upgrade_configs": [{"upgrade_type": "websocket"}]})
    upgrade = [("connection", "upgrade"), ("upgrade", "websocket")]

    def open_one():
        link = start(site.port, headers=upgrade)
        return link, link.reader.head().split(b" ")[1]

    (one, first), (two, second), (_, third) = open_one(), open_one(), open_one()
    assert [first, second, third] == [b"101", b"101", b"429"]
    one.link.close()
    link, _ = wait_for(lambda: (row := open_one())[1] == b"101" and row, "a free slot")
    assert open_one()[1] == b"429"
    closes.set()
    assert two.link.recv(10) == link.link.recv(10) == b""
    closes.clear()
    wait_for(lambda: open_one()[1] == b"101", "a free slot")
    closes.set()


def test_a_slot_is_free_when_its_lease_is_over(proxy, upstream, gate):
    site = proxy.serve(weir(limited(1, "lease 1s")))
    link = start(site.port)
    began = time.monotonic()
    held(upstream, 1)
    assert is_full(site)
    wait_for(lambda: finds_a_slot(upstream, site), "a free slot", 3.0, 0.02)
    assert 0.99 <= time.monotonic() - began <= 1.6
    gate.set()
    assert link.read().status == 200


# While configurations come and go


@pytest.mark.parametrize("scope", ["proxy", "worker"])
@pytest.mark.parametrize("delivery", ["inline", "ecds"])
def test_streams_that_outlive_their_configuration(proxy, upstream, gate, delivery, scope):
    options = f"scope {scope}"
    site = proxy.serve(marked("old", limited(options=options)), delivery=delivery)
    links = fill(upstream, site)
    proxy.update(site, marked("new", limited(options=options)))
    wait_served(site, "new")
    assert is_full(site)
    gate.set()
    for link in links:
        assert link.read().status == 200
    gate.clear()
    all_free(upstream, site)


def test_streams_that_a_drain_ends(proxy, upstream, gate):
    rules = limited()
    site = proxy.serve(marked("old", rules))
    links = fill(upstream, site)
    proxy.update(site, marked("new", rules))
    wait_served(site, "new")
    assert is_full(site)
    for link in links:  # the drain of the old listener closes them, without an answer
        with pytest.raises((EOFError, OSError)):
            link.read()
    all_free(upstream, site)


def test_a_changed_number_of_slots_counts_open_streams(proxy, upstream, gate):
    site = proxy.serve(marked("old", limited(3)), delivery="ecds")
    links = fill(upstream, site)
    proxy.update(site, marked("more", limited(5)))
    wait_served(site, "more")
    upstream.heads.clear()
    more = fill(upstream, site, 2)
    assert is_full(site)
    proxy.update(site, marked("less", limited(2)))
    wait_served(site, "less")
    gate.set()
    assert [link.read().status for link in links + more] == [200] * 5
    gate.clear()
    all_free(upstream, site, 2)


@pytest.mark.parametrize("scope", ["proxy", "worker"])
def test_streams_of_another_key_take_nothing_from_the_new_ones(proxy, upstream, gate, scope):
    """A changed key starts afresh: what the old streams hold is not given back to it."""
    old, new = (limited(2, f"by '{key}' + request.path  on_absent deny max_keys 8 scope {scope}") for key in "ab")
    site = proxy.serve(marked("old", old), delivery="ecds")
    links = fill(upstream, site, 2)
    proxy.update(site, marked("new", new))
    wait_served(site, "new")
    upstream.heads.clear()
    more = fill(upstream, site, 2)
    assert is_full(site)
    for link in links:
        link.link.close()
    ended = f"http.{site.name}.downstream_rq_active"
    wait_for(lambda: proxy.stats(ended).popitem()[1] == 2, "end of the old streams")
    assert is_full(site)
    gate.set()
    assert [link.read().status for link in more] == [200, 200]
    gate.clear()
    all_free(upstream, site, 2)


def test_a_stream_that_outlived_its_lease_gives_nothing_back(proxy, upstream, gate):
    site = proxy.serve(weir(limited(1, "lease 500ms")))
    late = fill(upstream, site, 1)
    time.sleep(0.65)
    links = fill(upstream, site, 2)[:1]
    late[0].link.close()
    active = f"http.{site.name}.downstream_rq_active"
    wait_for(lambda: proxy.stats(active).popitem()[1] < 3, "end of the late stream")
    assert is_full(site)
    gate.set()
    assert links[0].read().status == 200


def test_requests_that_use_their_memory_up(proxy):
    """Filled with small pieces, so that nothing is left to give the slot back with."""
    big = """let words = request.headers["x-a"].split(",")
    rule big when request.path == '/direct/big' {
      require words.map(x, words.map(y, x + y)).size() == 3 }"""
    rules = "limiter l { 1 concurrent headers none } rule r { limit l } "
    site = proxy.serve(weir(rules + big, {"memory": 65536}))
    for count in range(8, 40):
        piece = "x" * 60 + ","
        assert ask(site.port, "/direct/big", headers=[("x-a", piece * count)]).status in (403, 503)
        assert ask(site.port, "/direct").status == 200, count
