"""Accuses limiters of asking the host more often than they must."""

import time

import pytest

from harness import calls
from harness.client import Connection
from harness.plugin import weir
from harness.proxy import Proxy
from harness.waiting import wait_for

COUNT = 20
GET, SET, CLOCK = "proxy_get_shared_data", "proxy_set_shared_data", "clock_time_get"
SPREAD = ["in a block", "in rules"]
USER = 'by request.headers["x-user"] on_absent deny'


@pytest.fixture(scope="module")
def traced(recorder, tmp_path_factory):
    folder = tmp_path_factory.mktemp("traced")
    with Proxy(folder, recorder, wasm_level="trace").start() as proxy:
        yield proxy


def many(options, spread, rate="1000 per 1h"):
    """Twenty limiters, asked one after another."""
    names = [f"l{i}" for i in range(COUNT)]
    limiters = "".join(f"limiter {name} {{ {rate} {options} headers none }} " for name in names)
    limits = [f"limit {name}" for name in names]
    if spread == "in a block":
        return limiters + f"rule r {{ {' '.join(limits)} }}"
    return limiters + " ".join(f"rule r{i} {{ {limit} }}" for i, limit in enumerate(limits))


def trace(proxy, link, status=200):
    mark = proxy.log.mark()
    assert link.ask("/direct", headers=[("x-user", "a")]).status == status
    wait_for(lambda: calls.ended(proxy.log.since(mark)), "end of the stream", pause=0.001)
    return proxy.log.since(mark)


def counted(text):
    return tuple(calls.called(text, name) for name in (CLOCK, GET, SET))


def traces(proxy, rules, before, count=1):
    """Clock calls, reads and writes of each of `count` requests after some others."""
    site = proxy.serve(weir(rules))
    with Connection(site.port) as link:
        for _ in range(before):
            link.ask("/direct", headers=[("x-user", "a")])
        found = [counted(trace(proxy, link)) for _ in range(count)]
    proxy.remove(site)
    return found


@pytest.mark.parametrize("spread", SPREAD)
@pytest.mark.parametrize("options", ["", "algorithm fixed_window", USER + " max_keys 800"])
def test_scope_worker_asks_only_for_the_time(traced, options, spread):
    found = traces(traced, many(options + " scope worker", spread), 1)
    assert found == [(1, 0, 0)]


@pytest.mark.parametrize("spread", SPREAD)
@pytest.mark.parametrize("options", ["burst 50", "algorithm fixed_window", "burst 50 " + USER])
def test_scope_proxy_reads_and_writes_once_each(traced, options, spread):
    found = traces(traced, many(options, spread), 1)
    assert found == [(1, COUNT, COUNT)]


@pytest.mark.parametrize("spread", SPREAD)
@pytest.mark.parametrize("options", ["", USER])
def test_what_was_taken_ahead_is_asked_of_nobody(traced, options, spread):
    rules = many("burst 6400 " + options, spread, "6400 per 1h")
    site = traced.serve(weir(rules))
    found = []
    with Connection(site.port) as link:
        for _ in range(40):
            found.append(counted(trace(traced, link)))
    traced.remove(site)
    assert all(clock <= 1 for clock, _, _ in found)
    assert all(reads in (0, COUNT) and writes == reads for _, reads, writes in found[1:])
    assert found.count((1, 0, 0)) > 5, found


def refused(proxy, link, seconds):
    """Clock calls, reads and writes of each refusal, for so long."""
    found, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        mark = proxy.log.mark()
        assert link.ask("/direct", headers=[("x-user", "a")]).status == 429
        found.append(mark)
    text = wait_for(lambda: ended(proxy, found), "end of the streams")
    return [counted(part) for part in text.split("[host->vm] proxy_on_context_create")[1:]]


def ended(proxy, marks):
    text = proxy.log.since(marks[0])
    return text if calls.ended(text) >= len(marks) else None


@pytest.mark.parametrize("options", ["", USER])
def test_a_refused_flood_asks_once_in_50_ms(traced, options):
    site = traced.serve(weir(f"limiter l {{ 128 per 1h {options} headers none }} rule r {{ limit l }}"))
    with Connection(site.port) as link:
        wait_for(lambda: link.ask("/direct", headers=[("x-user", "a")]).status == 429, "refusal")
        began = time.monotonic()
        found = refused(traced, link, 0.3)
        passed = time.monotonic() - began
    traced.remove(site)
    assert len(found) > 30
    assert all(clock <= 1 and writes == 0 for clock, _, writes in found)
    assert sum(reads for _, reads, _ in found) <= passed / 0.05 + 1


def test_a_refusal_of_a_small_limiter_writes_nothing(traced):
    site = traced.serve(weir("limiter l { 1 per 1h headers none } rule r { limit l }"))
    with Connection(site.port) as link:
        assert link.ask("/direct").status == 200
        assert counted(trace(traced, link, 429)) == (1, 1, 0)
    traced.remove(site)


def test_a_limiter_that_does_not_apply_asks_nothing(traced):
    rules = "limiter l { 1 per 1h } rule r when request.path == '/no' { limit l }"
    assert traces(traced, rules, 1) == [(0, 0, 0)]
    rules = "limiter l { 1 per 1h by request.headers['x-none'] on_absent skip } rule r { limit l }"
    assert traces(traced, rules, 1)[0][1:] == (0, 0)


def test_a_slot_of_concurrent_streams_is_two_visits(traced):
    rules = "limiter l { 5 concurrent headers none } rule r { limit l }"
    assert traces(traced, rules, 1) == [(2, 2, 2)]


def test_a_limiter_in_two_phases_asks_again_only_when_it_counts_again(traced):
    more = "rule s on response { refund l }"
    rules = "limiter l { 5 per 1h headers none } rule r { limit l } " + more
    assert traces(traced, rules, 1) == [(2, 2, 2)]
    rules = "limiter l { 5 per 1h headers none } rule r when request.path == '/no' { limit l } " + more
    assert traces(traced, rules, 1) == [(0, 0, 0)]


def test_headers_of_limits_ask_nothing_more(traced):
    rules = "limiter l { 5 per 1h } rule r { limit l }"
    assert traces(traced, rules, 1) == [(1, 1, 1)]


def test_the_seed_is_read_once(traced):
    rules = f"limiter l {{ 1000 per 1h burst 50 {USER} headers none }} rule r {{ limit l }}"
    assert traces(traced, rules, 1, 3) == [(1, 1, 1)] * 3
