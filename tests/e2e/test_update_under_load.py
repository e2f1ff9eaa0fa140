"""Accuses updates: a wrong, missing or mixed answer while good and bad configurations arrive."""

import threading

import pytest

from harness.client import Connection, request_bytes
from harness.load import Load
from harness.marks import BROKEN_RULES, MARK, NOT_JSON, UNKNOWN_SETTING
from harness.marks import marked, served, wait_served
from harness.proxy import Rejected
from harness.upstream import answer
from harness.waiting import wait_for

PUSHES = 60
CYCLE = [marked("A"), BROKEN_RULES, marked("B"), NOT_JSON, marked("A"), UNKNOWN_SETTING]


def shown(reply):
    return reply.status, reply.header(MARK), reply.body


@pytest.mark.parametrize("delivery", ["inline", "ecds"])
def test_every_answer_is_wholly_of_one_good_configuration(own_proxy, delivery):
    proxy = own_proxy(concurrency=2).start()
    site = proxy.serve(marked("A"), delivery=delivery)
    wait_served(site, "A")
    refused = 0
    with Load(site.port, show=shown) as load:
        for i in range(PUSHES):
            before = len(load.seen)
            try:
                proxy.update(site, CYCLE[i % len(CYCLE)])
            except Rejected:
                refused += 1
            wait_for_answers(load, before + 40)
    assert refused == PUSHES // 2
    good = {(200, name, b"direct") for name in "AB"}
    assert set(load.counts) == good, load.counts
    assert served(site) in ("A", "B")
    assert proxy.healthy()


def wait_for_answers(load, count):
    wait_for(lambda: len(load.seen) >= count, f"{count} answers")


@pytest.mark.parametrize("delivery", ["inline", "ecds"])
def test_a_stream_in_flight_ends_with_the_rules_it_began_with(proxy, upstream, delivery):
    site = proxy.serve(marked("old"), delivery=delivery)
    go_on = threading.Event()
    upstream.reply = lambda request: (go_on.wait(10), answer())[1]
    with Connection(site.port) as link:
        link.send(request_bytes("/slow"))
        wait_for(lambda: upstream.requests, "request at the upstream")
        proxy.update(site, marked("new"))
        wait_served(site, "new")
        go_on.set()
        assert link.read().header(MARK) == "old"
    assert served(site) == "new"


def test_hundred_updates_then_the_last_one_stands(own_proxy):
    proxy = own_proxy().start()
    site = proxy.serve(marked("first"), delivery="ecds")
    for i in range(100):
        proxy.update(site, marked(f"v{i}"))
    wait_served(site, "v99")
    before = proxy.memory()
    for i in range(100):
        proxy.update(site, marked(f"w{i}"))
    wait_served(site, "w99")
    assert proxy.memory() - before < 16 << 20
