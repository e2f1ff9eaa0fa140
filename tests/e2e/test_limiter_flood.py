"""Accuses a flood of keys: of memory that grows with it, and of evictions that refill who was refused."""

import threading
import time
from pathlib import Path

import pytest

from harness.client import Connection, ask, request_bytes
from harness.plugin import weir
from harness.saturate import Saturation
from harness.upstream import answer
from harness.waiting import wait_for

SLACK = 2 << 20
SLOTS_ARE_WRITTEN = 3  # times as many keys as there are places: each slot has had one
SECONDS = 400  # that a load may take

# Each limiter decides by itself; the answer names those that refused.
LIMITERS = {
    "bucket": "5 per 1h",
    "fixed": "5 per 1h algorithm fixed_window",
    "sliding": "5 per 1h algorithm sliding_window",
    "kept": "5 per 1h on_full deny",
    "worker": "5 per 1h scope worker",
}
SHOW = "rule show on response { set response.headers['x-over'] = request.headers['x-over'] }"


def rules(names, keys):
    for name in names:
        key = f"by request.headers['x-user'] on_absent deny max_keys {keys}"
        yield f"limiter {name} {{ {LIMITERS[name]} {key} headers none }} "
        yield f"rule r_{name} {{ limit {name} else {{ add request.headers['x-over'] = '{name}' }} }} "
    yield SHOW


def refusers(site, user):
    """The limiters that refuse a request of the user."""
    reply = ask(site.port, "/direct", headers=[("x-user", user)])
    assert reply.status == 200
    return set(filter(None, reply.header("x-over").split(",")))


def pages(proxy):
    """Of the memories of the module's VMs: writable, and before a part of 1 GiB that is kept free."""
    rows = Path(f"/proc/{proxy.process.child.pid}/maps").read_text().splitlines()
    places = [(*(int(end, 16) for end in row.split()[0].split("-")), row.split()[1]) for row in rows]
    return sorted(
        (end - start) >> 16
        for (start, end, rights), (free, free_end, free_rights) in zip(places, places[1:])
        if rights == "rw-p" and free_rights == "---p" and free == end and free_end - free >= 1 << 30
    )


def flood(own_proxy, names, keys, count):
    """Keys that used all they may, and one that did not, amid so many others."""
    shared = set(names) - {"worker"}  # a request may meet another worker than the last
    proxy = own_proxy(concurrency=2).start()
    site = proxy.serve(weir("".join(rules(names, keys)), {"namespace": "flood"}))
    users = [f"ann{i}" for i in range(8)]
    for user in users:
        assert [refusers(site, user) for _ in range(5)] == [set()] * 5
        assert refusers(site, user) >= shared
    assert [refusers(site, "bob") for _ in range(2)] == [set()] * 2
    with Saturation(proxy, site, SECONDS, users=None) as load:
        load.run(keys * SLOTS_ARE_WRITTEN)
        memory, before = proxy.memory(), pages(proxy)
        assert before
        while load.sample().calls < count:
            for user in users:
                assert refusers(site, user) >= shared
            time.sleep(0.1)
    assert proxy.memory() - memory < SLACK
    assert pages(proxy) == before
    for user in users:
        assert refusers(site, user) >= shared
    bobs = [refusers(site, "bob") for _ in range(4)]
    if "kept" in shared:
        assert ["kept" in found for found in bobs] == [False] * 3 + [True], "its place was kept"
    assert bobs[3] >= shared, "five in all, no more"
    counted = proxy.stats("wasmcustom.weir.flood.limiter.")
    evicted = {name.split(".")[4] for name in counted if name.endswith("evicted_live")}
    assert evicted == set(names) - {"kept"}


def test_a_hundred_thousand_keys(own_proxy):
    flood(own_proxy, ["bucket", "kept"], 8000, 100_000)


def test_every_algorithm(own_proxy):
    flood(own_proxy, LIMITERS, 1500, 20_000)


@pytest.mark.long
def test_a_million_keys(own_proxy):
    flood(own_proxy, LIMITERS, 40_000, 1_000_000)


@pytest.mark.parametrize("scope", ["proxy", "worker"])
def test_places_of_open_streams_are_never_given_away(proxy, upstream, scope):
    """A key that finds none is refused, and no stream is forgotten."""
    release = threading.Event()
    upstream.reply = lambda request: [answer()] if release.wait(20) else []
    limiter = f"limiter l {{ 1 concurrent by request.path max_keys 8 scope {scope} }}"
    site = proxy.serve(weir(limiter + " rule r { limit l }"))
    links = [Connection(site.port) for _ in range(8)]
    for i, link in enumerate(links):
        link.send(request_bytes(f"/{i}"))
    wait_for(lambda: len(upstream.heads) == 8, "eight streams")
    for i in range(100):
        reply = ask(site.port, f"/new{i}")
        assert (reply.status, reply.header("retry-after")) == (429, "1")
    assert [ask(site.port, f"/{i}").status for i in range(8)] == [429] * 8
    release.set()
    assert [link.read().status for link in links] == [200] * 8
    assert [ask(site.port, f"/new{i}").status for i in range(20)] == [200] * 20
