"""Accuses services that fail of slowing requests down: at the 95th percentile of 1,000 requests by no more than the
timeout and 5 ms, against the same run with the service up.
"""

import time

import pytest

from harness.client import Connection
from services.failures import drips, says
from services.rules import limited
from services.stub import after

pytestmark = pytest.mark.long

REQUESTS = 1000
TIMEOUT = 0.020
SLACK = 0.005


def latency(site, between=lambda i: None):
    """Seconds at the 95th percentile, and the statuses that came."""
    times, seen = [], set()
    with Connection(site.port) as link:
        for i in range(REQUESTS):
            between(i)
            began = time.monotonic()
            reply = link.ask("/direct", [("x-user", f"u{i}")])
            times.append(time.monotonic() - began)
            seen.add(reply.status)
    return sorted(times)[REQUESTS * 95 // 100], seen


def rules(cluster, on_error="allow"):
    return limited("1000000 per 1d", on_error, cluster=cluster, timeout="20ms")


def assert_bounded(site, up, between=lambda i: None):
    failed, seen = latency(site, between)
    assert seen == {200}
    assert failed <= up + TIMEOUT + SLACK, f"{failed * 1000:.1f} ms, {up * 1000:.1f} ms with the service up"


@pytest.fixture
def real(proxy, service_up):
    site = proxy.serve(rules("ratelimit"))
    return site, latency(site)[0]


@pytest.fixture
def stubbed(proxy, stub):
    site = proxy.serve(rules("stub"))
    return site, latency(site)[0]


def test_down(real, service_up):
    service_up.stop()
    assert_bounded(*real)


def test_standing_still(real, service_up):
    service_up.freeze()
    assert_bounded(*real)


BEHAVIOURS = {
    "slow": after(0.3),
    "silent": lambda call: None,
    "a trickle": drips,
    "garbage": says(b"\xff" * 20),
    "half-way": lambda call: (call.head(), call.hang_up()),
    "hang-up": lambda call: call.hang_up(),
}


@pytest.mark.parametrize("behave", BEHAVIOURS.values(), ids=BEHAVIOURS.keys())
def test_answering_wrongly(stubbed, stub, behave):
    stub.behave = behave
    assert_bounded(*stubbed)


def test_flapping(stubbed, stub):
    def flap(i):
        if i % 20 == 0:
            stub.stop() if i % 40 else stub.start()

    assert_bounded(*stubbed, flap)
