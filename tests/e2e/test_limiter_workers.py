"""Accuses limiters of counts that four workers lose, or give out twice, under many connections."""

import threading
import time

import pytest

from harness.client import ask
from harness.http2 import Http2
from harness.plugin import weir
from harness.proxy import Proxy
from harness.saturate import Saturation
from harness.upstream import answer
from harness.waiting import wait_for

WORKERS, USERS = 4, 20
ALGORITHMS = ["token_bucket", "fixed_window", "sliding_window"]
KEYED = "by request.headers['x-user'] on_absent deny"
LEASE_PART = 64


@pytest.fixture(scope="module")
def four(recorder, tmp_path_factory):
    with Proxy(tmp_path_factory.mktemp("four"), recorder, concurrency=WORKERS).start() as proxy:
        yield proxy
        assert proxy.healthy()


def limited(proxy, options, rate):
    return proxy.serve(weir(f"limiter l {{ {rate} {options} headers none }} rule r {{ limit l }}"))


def load(proxy, site, calls=5000, users=0):
    """How many of at least so many calls were admitted, and in how many seconds at most."""
    with Saturation(proxy, site, 60, users=users) as saturation:
        saturation.run(calls)
    final = wait_for(lambda: settled(saturation), "end of the load")
    assert final.calls >= calls
    return final.admitted, final.after - saturation.samples[0].before


def settled(saturation):
    before, after = saturation.samples[-1], saturation.sample()
    return after if after.calls == before.calls else None


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_one_key_is_exact(four, algorithm):
    site = limited(four, f"algorithm {algorithm}", "500 per 10h")
    assert load(four, site)[0] == 500
    assert ask(site.port, "/direct").status == 429


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_many_keys_are_exact(four, algorithm):
    site = limited(four, f"{KEYED} algorithm {algorithm}", "50 per 10h")
    assert load(four, site, users=USERS)[0] == 50 * USERS
    users = [[("x-user", f"u{i}")] for i in range(USERS)]
    assert {ask(site.port, "/direct", headers=user).status for user in users} == {429}


@pytest.mark.parametrize("options, users", [("", 0), (KEYED, 3)])
def test_leases_keep_to_the_burst_and_the_rate(four, options, users):
    rate, keys = 1280, users or 1
    site = limited(four, options, f"{rate} per 1s")
    admitted, most = load(four, site, 10000, users)
    lent = WORKERS * (rate // LEASE_PART)
    assert admitted <= keys * (rate + rate * most + lent)
    assert admitted >= keys * rate * 0.95, "the burst, for want of time to refill"


def test_a_lent_burst_is_never_exceeded(four):
    site = limited(four, "", "6400 per 1000h")
    assert 6400 - WORKERS * 100 <= load(four, site, 20000)[0] <= 6400
    found = [ask(site.port, "/direct").status for _ in range(500)]
    assert found[-1] == 429


def test_each_worker_has_a_table_of_its_own(four):
    site = limited(four, f"{KEYED} scope worker", "5 per 10h")
    admitted = load(four, site, users=USERS)[0]
    assert admitted % 5 == 0 and 5 * USERS <= admitted <= 5 * USERS * WORKERS


def test_slots_are_exact(four, recorder):
    recorder.reset()
    release = threading.Event()
    recorder.reply = lambda request: [answer()] if release.wait(20) else []
    site = limited(four, "", "10 concurrent")
    for _ in range(3):
        links = [Http2(site.port) for _ in range(20)]
        before = len(recorder.heads)
        streams = [(link, link.begin("/held")) for link in links for _ in range(3)]
        wait_for(lambda: len(recorder.heads) - before == 10, "ten streams")
        time.sleep(0.1)
        assert len(recorder.heads) - before == 10
        release.set()
        seen = [link.read(stream).status for link, stream in streams]
        assert (seen.count(200), seen.count(429)) == (10, 50)
        release.clear()
        for link in links:
            link.close()
    recorder.reset()


def test_slots_that_come_and_go_are_never_lost(four):
    site = limited(four, "", "8 concurrent")
    admitted = load(four, site)[0]
    assert admitted > 8
    assert [ask(site.port, "/direct").status for _ in range(20)] == [200] * 20
    prefix = f"wasmcustom.weir.{site.name}_0.limiter.l."
    time.sleep(1.1)
    assert not four.stats(prefix).get(prefix + "errors")


def test_every_call_is_counted_and_none_fails(four):
    site = limited(four, "", "63 per 1ms")
    load(four, site)
    time.sleep(1.1)
    prefix = f"wasmcustom.weir.{site.name}_0.limiter.l."
    found = four.stats(prefix)
    assert not found.get(prefix + "errors")
    assert found[prefix + "allowed"] == four.stats(f"http.{site.name}.downstream_rq_2xx").popitem()[1]
